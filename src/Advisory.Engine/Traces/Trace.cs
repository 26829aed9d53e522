using System.Collections.Immutable;
using Advisory.Engine.Evaluating;
using Advisory.Engine.Expressions;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>One node of an expression with what it came to.</summary>
/// <param name="Text">As the author wrote it.</param>
/// <param name="Parameter">The local or global parameter whose expression it is, or null.</param>
/// <param name="Truth">Its truth; null for a node that has a value.</param>
/// <param name="Value">Its value; null for a truth and while unknown.</param>
/// <param name="Fault">Why arithmetic gave no value: <c>division by zero</c>, <c>overflow</c>, <c>outside range</c>; or null.</param>
/// <param name="Facts">The facts that it reads itself.</param>
/// <param name="Children">The nodes that it joins.</param>
public sealed record TraceNode(
    string Text, string? Parameter, Truth? Truth, JToken? Value, string? Fault, ImmutableArray<TraceFact> Facts, ImmutableArray<TraceNode> Children);

/// <summary>A fact as a node read it.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Value">The value that the rule saw, or null for unknown.</param>
/// <param name="Reports">Every report of it.</param>
/// <param name="Statement">The statement behind an assumption or a planning figure.</param>
/// <param name="Derivation">How a derived fact was worked out, or null.</param>
public sealed record TraceFact(Fact Fact, FactState State, JToken? Value, ImmutableArray<Report> Reports, string? Statement, TraceNode? Derivation);

/// <summary>A finding with its whole expression.</summary>
public sealed record TracedFinding(Verdict Verdict, Finding Finding, TraceNode Expression);

/// <summary>The full trace of an evaluation, rebuilt from the compact one on reading.</summary>
/// <remarks>
/// A rule is run again on the same book and scenario for the values between; its marks must be those that the evaluation recorded,
/// else an invariant is broken and nothing is shown.
/// </remarks>
public sealed class Trace
{
    private readonly Evaluation evaluation;
    private readonly RuleBook book;
    private readonly Basis basis;
    private readonly Situation situation;
    private readonly Dictionary<Rule, TraceNode> common = []; // of rules that no mission changes
    private readonly Dictionary<Fact, TraceNode?> derivations = []; // for the mission or record at hand

    private Trace(Evaluation evaluation, Basis basis)
    {
        this.evaluation = evaluation;
        this.basis = basis;
        book = evaluation.Book;
        situation = new(book);
        situation.Take(evaluation.Scenario, basis == Basis.Assumed ? Applied.Planning | Applied.Assumptions : Applied.Planning);
    }

    /// <summary>Every finding of some verdicts of one evaluation, each with its expression tree.</summary>
    /// <exception cref="InvalidOperationException">The recorded marks are not those of this book and scenario.</exception>
    public static ImmutableArray<TracedFinding> Of(Evaluation evaluation, IEnumerable<Verdict> verdicts, Basis basis)
    {
        var trace = new Trace(evaluation, basis);
        return [.. verdicts.SelectMany(trace.Findings)];
    }

    private IEnumerable<TracedFinding> Findings(Verdict verdict)
    {
        var record = verdict.Record is null ? null : evaluation.Scenario.Records.First(r => r.Kind == verdict.Question.Each && r.Key == verdict.Record);
        situation.Turn(verdict.Mission == RuleBook.AnyMission ? Situation.NoMission : book.IndexOfMission(verdict.Mission), record);
        derivations.Clear();
        var view = verdict.On(basis);
        var program = verdict.Question.Program;
        var marks = new sbyte[program.Length];
        foreach (var finding in view.Findings)
        {
            var rule = finding.Rule;
            situation.Machine.Faults.Clear();
            program.Run(situation.Machine, marks, rule.Start, rule.End);
            if (!marks.AsSpan(rule.Start..rule.End).SequenceEqual(view.Marks.AsSpan(rule.Start..rule.End)))
                throw new InvalidOperationException($"the trace of {rule.Name} for {verdict.Mission} is not that of this book and scenario");
            yield return new(verdict, finding, Expression(new(program, situation.Machine, marks, [.. situation.Machine.Faults], record), rule));
        }
    }

    private sealed record Run(Program Program, Machine Machine, sbyte[] Marks, ImmutableArray<Fault> Faults, ScenarioRecord? Record);

    private TraceNode Expression(Run run, Rule rule)
    {
        if (common.TryGetValue(rule, out var known)) return known;
        var node = Node(run, rule.Root, null);
        if (run.Record is null && (book.MissionSlot is not { } mission || !rule.ReadsDeeply.Contains(mission.Slot))) common.Add(rule, node);
        return node;
    }

    private TraceNode Node(Run run, int index, Op? within)
    {
        var at = run.Program.Code[index];
        if (at.Op == Op.FromTruth) return Node(run, at.A, within); // a derived truth value is the truth itself
        var origin = run.Program.Origins[index];
        var children = ImmutableArray.CreateBuilder<TraceNode>();
        foreach (var child in run.Program.OperandsOf(index))
        {
            var node = Node(run, child, at.Op);
            var isSameChain = at.Op is Op.And or Op.Or && run.Program.Code[child].Op == at.Op && ReferenceEquals(run.Program.Origins[child].Expression, origin.Expression);
            if (isSameChain) children.AddRange(node.Children); // `a && b && c` reads as one list of three
            else children.Add(node);
        }

        var mark = run.Marks[index];
        return new(
            origin.Text,
            origin.Expression.Parameter is { } name && (within is null || IsWhole(origin)) ? name : null,
            at.IsTruth ? (Truth)mark : null,
            at.IsTruth || mark == 0 ? null : ValueOf(run.Machine, at),
            run.Faults.Where(f => f.Instruction == index).Select(f => Describe(f.Kind)).FirstOrDefault(),
            [.. Slots(at).Select(slot => Fact(book.Facts[slot], run.Record))],
            children.ToImmutable());
    }

    private static bool IsWhole(NodeOrigin origin) => origin.Text == origin.Expression.Text.Trim();

    private static JToken? ValueOf(Machine machine, in Instruction at)
    {
        if (machine.TryNumber(at.Target, out var number) && at.Op is not (Op.Value or Op.LoadValue or Op.FromTruth or Op.ChooseValue)) return Json.CanonicalJson.Number(number);
        return null; // a discrete value shows in the fact that it becomes
    }

    private TraceFact Fact(Fact fact, ScenarioRecord? record)
    {
        var about = record?.Facts.FirstOrDefault(f => ReferenceEquals(f.Fact, fact)) ?? evaluation.Scenario.About(fact);
        if (about is not null)
        {
            // The value as stated: of a text the rules only know whether it is one of those that they name.
            var isContested = situation.Contested.Contains(fact.Slot);
            return new(fact, isContested ? FactState.Contested : about.State, isContested ? null : about.Value?.Json, about.Reports, null, isContested ? Derivation(fact, record) : null);
        }

        if (fact.Role == FactRole.Reading) return new(fact, FactState.Stated, FactsOf.Value(situation.Machine, fact), [], null, null);
        if (fact.Name == RuleBook.MissionFact && FactsOf.Value(situation.Machine, fact) is { } mission) return new(fact, FactState.Derived, mission, [], null, null);
        if (fact.Role == FactRole.Derived) return new(fact, FactState.Derived, FactsOf.Value(situation.Machine, fact), [], null, Derivation(fact, record));
        if (situation.Ready(fact) is not { } ready) return new(fact, FactState.Unknown, null, [], null, null);
        return new(fact, fact.Role == FactRole.Planning ? FactState.Planning : FactState.Assumed, ready.Value, [], ready.Statement, null);
    }

    private TraceNode? Derivation(Fact fact, ScenarioRecord? record)
    {
        if (!derivations.TryGetValue(fact, out var node)) derivations.Add(fact, node = Derive(fact, record));
        return node;
    }

    private TraceNode? Derive(Fact fact, ScenarioRecord? record)
    {
        if (book.Derivations.InOrder.FirstOrDefault(d => ReferenceEquals(d.Fact, fact)) is not { } derivation) return null;
        // On registers of its own: those of the rule that reads the fact still hold the rule's values.
        var program = book.Derivations.Program;
        var machine = new Machine(book.Facts.Length, program.Registers);
        machine.CopyFactsFrom(situation.Machine);
        var marks = new sbyte[program.Length];
        program.Run(machine, marks, derivation.Start, derivation.End);
        if (fact.IsNumber && machine.TryNumber(derivation.Register, out var number) && !fact.IsInRange(number)) machine.Faults.Add(new(derivation.End - 1, FaultKind.OutsideRange));
        return Node(new(program, machine, marks, [.. machine.Faults], record), derivation.End - 1, null);
    }

    private static IEnumerable<int> Slots(Instruction at) => at.Op switch
    {
        Op.SameValue or Op.OtherValue => [at.A, at.B],
        Op.LoadNumber or Op.LoadValue or (>= Op.Test and <= Op.AmongNumbers) => [at.A],
        _ => [],
    };

    private static string Describe(FaultKind kind) => kind switch
    {
        FaultKind.DivisionByZero => "division by zero",
        FaultKind.Overflow => "overflow",
        _ => "outside range",
    };
}
