using System.Collections.Immutable;
using Advisory.Engine.Expressions;

namespace Advisory.Engine;

/// <summary>Which truths a node of an expression took.</summary>
[Flags]
public enum TruthsReached
{
    /// <summary>None: no case evaluated it.</summary>
    None = 0,

    /// <summary>It held in some case.</summary>
    True = 1,

    /// <summary>It did not hold in some case.</summary>
    False = 2,

    /// <summary>It was unknown in some case.</summary>
    Unknown = 4,

    /// <summary>All three.</summary>
    All = True | False | Unknown,
}

/// <summary>One node of a rule and the truths that cases reached; the first is the rule itself.</summary>
public sealed record NodeCoverage(string Text, TruthsReached Reached);

/// <summary>A rule and its nodes; the rule's own truth is the last in evaluation order and stands first here.</summary>
public sealed record RuleCoverage(RuleSet Question, Rule Rule, ImmutableArray<NodeCoverage> Nodes)
{
    /// <summary>What the rule itself reached.</summary>
    public TruthsReached Reached => Nodes[0].Reached;
}

/// <summary>What a set of cases exercises: which truth values each rule and each node of its expression took.</summary>
public sealed class Coverage(RuleBook book)
{
    private readonly byte[][] reached = [.. book.Questions.Select(q => new byte[q.Program.Length])];

    /// <summary>Adds one evaluation, on the basis that its scenario asks for.</summary>
    public void Add(Evaluation evaluation)
    {
        foreach (var verdict in evaluation.Verdicts)
        {
            var view = verdict.On(evaluation.Scenario.Basis);
            var into = reached[verdict.Question.Index];
            foreach (var rule in view.Findings.Select(f => f.Rule))
                for (var i = rule.Start; i < rule.End; i++)
                    if (verdict.Question.Program.Code[i].IsTruth)
                        into[i] |= (byte)(view.Marks[i] switch { 1 => TruthsReached.True, -1 => TruthsReached.False, _ => TruthsReached.Unknown });
        }
    }

    /// <summary>Every rule in book order, with its nodes.</summary>
    public IEnumerable<RuleCoverage> Rules() =>
        from question in book.Questions
        from rule in question.Rules
        select new RuleCoverage(question, rule, [.. Enumerable.Range(rule.Start, rule.End - rule.Start).Reverse()
            .Where(i => question.Program.Code[i].IsTruth && question.Program.Code[i].Op != Op.Constant || i == rule.Root)
            .Select(i => new NodeCoverage(question.Program.Origins[i].Text, (TruthsReached)reached[question.Index][i]))]);
}
