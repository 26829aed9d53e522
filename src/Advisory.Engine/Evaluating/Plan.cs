using System.Collections.Immutable;
using Advisory.Engine.Expressions;

namespace Advisory.Engine.Evaluating;

/// <summary>What can be worked out about a book before any scenario is known: which rules are in question where, and what each rests on.</summary>
internal sealed class Plan
{
    public Plan(RuleBook book)
    {
        var missions = book.Missions.Length;
        Registers = book.Questions.Select(q => q.Program.Registers).Append(book.Derivations.Program.Registers).Max();
        OnMission = book.MissionSlot is { } fact ? [.. book.Derivations.InOrder.Where(d => d.ReadsDeeply.Contains(fact.Slot))] : [];
        AllMissions = [.. Enumerable.Range(0, missions)];
        FallbackMissions = [.. book.Questions.SelectMany(q => q.Rules).Select(r => r.Fallback).OfType<string>().Distinct().Select(book.IndexOfMission)];
        Assumable = [.. book.Facts.Where(f => f.Assumption is not null)];
        Derived = [.. book.Facts.Where(f => f.Role == FactRole.Derived)];
        Readings = [.. book.Facts.Where(f => f.Role == FactRole.Reading)];
        OfRecords = [.. book.Facts.Select(f => book.Records.Any(r => f.Name.StartsWith(r.Prefix + ".", StringComparison.Ordinal)))];
        Questions = [.. book.Questions.Select(question => new QuestionPlan(book, question, missions))];

        Ground = new(book.Facts.Length, 0);
        foreach (var ready in book.Facts)
        {
            if (ready.Role is not (FactRole.Reading or FactRole.Planning) || ready.Default is not { } value) continue;
            Ground.Set(ready.Slot, value.Bits, value.Number);
        }
    }

    public int Registers { get; }

    /// <summary>The facts of a scenario that says nothing: readings and planning figures at their defaults.</summary>
    public Machine Ground { get; }

    /// <summary>The derivations that come out differently from mission to mission, in order.</summary>
    public ImmutableArray<Derivation> OnMission { get; }

    public ImmutableArray<int> AllMissions { get; }

    /// <summary>The missions to which some signal points.</summary>
    public ImmutableArray<int> FallbackMissions { get; }

    /// <summary>The facts with an assumption.</summary>
    public ImmutableArray<Fact> Assumable { get; }

    /// <summary>The derived facts, in vocabulary order.</summary>
    public ImmutableArray<Fact> Derived { get; }

    /// <summary>The readings, in vocabulary order.</summary>
    public ImmutableArray<Fact> Readings { get; }

    /// <summary>By slot, whether the fact is one of records.</summary>
    public ImmutableArray<bool> OfRecords { get; }

    public ImmutableArray<QuestionPlan> Questions { get; }
}

/// <summary>The same for one question.</summary>
internal sealed class QuestionPlan
{
    private readonly ImmutableArray<ImmutableArray<Rule>> asked;
    private readonly ImmutableArray<ImmutableArray<Rule>> bound;
    private readonly ImmutableArray<ImmutableArray<int>> reads;
    private readonly ImmutableArray<int> readByAny;

    public QuestionPlan(RuleBook book, RuleSet question, int missions)
    {
        Question = question;
        var mission = book.MissionSlot?.Slot ?? -1;
        var deep = book.Derivations.InOrder.ToDictionary(d => d.Fact.Slot, d => d.ReadsDeeply);
        WhenIsBound = question.WhenReads.Any(slot => slot == mission || (deep.TryGetValue(slot, out var reads) && reads.Contains(mission)));
        asked = [.. Enumerable.Range(0, missions).Select(i => question.Rules.All(r => Concerns(r, i)) ? question.Rules : [.. question.Rules.Where(r => Concerns(r, i))])];
        bound = [.. asked.Select(rules => rules.Where(r => r.ReadsDeeply.Contains(mission)).ToImmutableArray())];
        reads = [.. asked.Select(Reads)];
        readByAny = Reads(question.Rules);
        AskingWhetherKnown = [.. question.Rules.Where(r => r.Guard >= 0 && question.Program.AsksForNull(r.Start, r.Guard + 1))];

        var resting = question.Rules.SelectMany(rule => rule.ReadsDeeply.Select(slot => (slot, rule))).ToLookup(pair => pair.slot, pair => pair.rule);
        Supports =
        [
            .. book.Facts.Where(f => (f.Role == FactRole.Reading || f.Default is not null || f.Assumption is not null) && resting.Contains(f.Slot))
                .Select(f => new Support(f, [.. resting[f.Slot]], [.. book.Derivations.InOrder.Where(d => d.ReadsDeeply.Contains(f.Slot))])),
        ];

        ImmutableArray<int> Reads(ImmutableArray<Rule> rules) => [.. rules.SelectMany(rule => rule.ReadsDeeply).Concat(question.WhenReads).Distinct().Order()];

        static bool Concerns(Rule rule, int mission) => (rule.MissionMask & (1UL << mission)) != 0;
    }

    public RuleSet Question { get; }

    /// <summary>Whether the condition of the question comes out differently from mission to mission.</summary>
    public bool WhenIsBound { get; }

    /// <summary>The planning figures, assumptions and readings that some rule rests on, in book order.</summary>
    public ImmutableArray<Support> Supports { get; }

    /// <summary>The rules, for whatever mission, whose guard asks whether a fact is known.</summary>
    public ImmutableArray<Rule> AskingWhetherKnown { get; }

    /// <summary>The rules in question for a mission, by its index; for -1, no mission, all of them.</summary>
    public ImmutableArray<Rule> Rules(int mission) => mission < 0 ? Question.Rules : asked[mission];

    /// <summary>The slots of the facts that these rules read, themselves or through derivations, and that the condition of the question does.</summary>
    public ImmutableArray<int> Reads(int mission) => mission < 0 ? readByAny : reads[mission];

    /// <summary>Those of them whose truth depends on which mission it is.</summary>
    public ImmutableArray<Rule> Bound(int mission) => bound[mission];
}

/// <summary>Something that the book holds ready or the scenario chooses, with all that rests on it: rules of one question, derivations in order.</summary>
internal sealed record Support(Fact Fact, ImmutableArray<Rule> Rules, ImmutableArray<Derivation> Derivations)
{
    public Reliance Reliance { get; } = new(
        Fact.Role switch
        {
            FactRole.Planning => RelianceKind.Planning,
            FactRole.Reading => RelianceKind.Reading,
            _ => RelianceKind.Assumption,
        },
        Fact.Name);
}
