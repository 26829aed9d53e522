using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Evaluating;

/// <summary>Evaluates one scenario against one book. Used once, by one thread.</summary>
internal sealed class Evaluator(RuleBook book, Scenario scenario)
{
    private readonly Situation stated = new(book, scenario, Applied.Planning);
    private readonly Situation assumed = new(book, scenario, Applied.Planning | Applied.Assumptions);
    private readonly SortedSet<int> read = [];
    private readonly HashSet<(string? Record, int Slot)> contested = [];

    public Evaluation Evaluate()
    {
        var asked = Missions();
        var evaluated = asked.Concat(FallbackMissions(asked)).ToList();
        var drafts = new List<Draft>();
        var derived = ImmutableArray.CreateBuilder<DerivedValue>();

        foreach (var mission in evaluated)
        {
            Turn(mission, null);
            foreach (var question in book.Questions.Where(q => q.PerMission)) drafts.Add(Ask(question, mission, null));
            if (asked.Contains(mission)) AddDerived(derived, mission);
        }

        Turn(null, null);
        if (asked.Count == 0 || book.Questions.Any(q => !q.PerMission)) AddDerived(derived, RuleBook.AnyMission);
        foreach (var question in book.Questions.Where(q => !q.PerMission && q.Each is null)) drafts.Add(Ask(question, RuleBook.AnyMission, null));
        foreach (var question in book.Questions.Where(q => q.Each is not null))
        {
            foreach (var record in scenario.Records.Where(r => r.Kind == question.Each))
            {
                Turn(null, record);
                drafts.Add(Ask(question, RuleBook.AnyMission, record));
            }
        }

        var outcomes = drafts.Where(d => d.Record is null).ToDictionary(d => (d.Question, d.Mission), d => (d.Stated.Fold.Outcome, d.Assumed.Fold.Outcome));
        return new()
        {
            Book = book,
            Scenario = scenario,
            Verdicts = [.. book.Questions.SelectMany(q => drafts.Where(d => d.Question == q && (d.Mission == RuleBook.AnyMission || asked.Contains(d.Mission)))).Select(d => Verdict(d, outcomes))],
            Facts = Facts(),
            Readings = Readings(),
            Derived = derived.ToImmutable(),
        };
    }

    /// <summary>The missions under evaluation: the one that the scenario states, else all.</summary>
    private List<string> Missions() =>
        book.MissionSlot is { } fact && scenario.About(fact)?.Value is { } only ? [(string)only.Json!] : [.. book.Missions.Select(m => m.Id)];

    /// <summary>Missions that a signal may point to and that are not asked about: their outcome must still be known.</summary>
    private List<string> FallbackMissions(List<string> asked) =>
        asked.Count == book.Missions.Length ? [] : [.. book.Questions.SelectMany(q => q.Rules).Select(r => r.Fallback).OfType<string>().Distinct().Except(asked)];

    private void Turn(string? mission, ScenarioRecord? record)
    {
        stated.Turn(mission, record);
        assumed.Turn(mission, record);
        // A record's own statement is contested for that record only.
        contested.UnionWith(stated.Contested.Select(slot => (record is not null && record.Facts.Any(f => f.Fact.Slot == slot) ? record.Key : null, slot)));
    }

    private sealed record Draft(RuleSet Question, string Mission, ScenarioRecord? Record, Sheet Stated, Sheet Assumed);

    /// <summary>One question on one basis: every finding, and what they add up to.</summary>
    private sealed record Sheet(ImmutableArray<Finding> Findings, Fold Fold, string WithoutWaivers, bool IsAsked, sbyte[] Marks, Reliances RelyingOn, ImmutableArray<Rule> NotAssessed);

    private Draft Ask(RuleSet question, string mission, ScenarioRecord? record)
    {
        var missionBit = mission == RuleBook.AnyMission ? ulong.MaxValue : 1UL << IndexOf(mission);
        var rules = question.Rules.Where(rule => (rule.MissionMask & missionBit) != 0).ToList();
        foreach (var rule in rules) read.UnionWith(rule.ReadsDeeply);
        read.UnionWith(question.WhenReads);
        return new(question, mission, record, Sheet(stated, assumptions: false), Sheet(assumed, assumptions: true));

        Sheet Sheet(Situation situation, bool assumptions)
        {
            var marks = new sbyte[question.Program.Length];
            var findings = Findings(question, rules, mission, situation, marks);
            var isAsked = question.WhenEnd == 0 || marks[question.WhenEnd - 1] == (sbyte)Truth.True;
            var fold = isAsked ? Fold.Of(question.Outcomes, findings) : new(RuleBook.NotAssessed, []);
            var without = isAsked ? Fold.Of(question.Outcomes, findings, withWaivers: false).Outcome : RuleBook.NotAssessed;
            var notAssessed = isAsked ? NotAssessed(question, findings, situation) : [];
            var relyingOn = isAsked ? RelyingOn(question, rules, mission, record, findings, situation, assumptions) : Reliances.None;
            return new(findings, fold, without, isAsked, marks, relyingOn, notAssessed);
        }
    }

    private ImmutableArray<Finding> Findings(RuleSet question, List<Rule> rules, string mission, Situation situation, sbyte[] marks)
    {
        var machine = situation.Machine;
        if (question.WhenEnd > 0) question.Program.Run(machine, marks, 0, question.WhenEnd);
        var findings = ImmutableArray.CreateBuilder<Finding>(rules.Count);
        foreach (var rule in rules)
        {
            question.Program.Run(machine, marks, rule.Start, rule.End);
            var truth = (Truth)marks[rule.Root];
            var applies = rule.Guard < 0 || marks[rule.Guard] != (sbyte)Truth.False;
            var strength = rule.StrengthUnder(machine.Bits);
            var isOpen = rule.Waivable && !rule.IsSignal && truth != Truth.True && !strength.IsDeciding;
            var waiver = isOpen ? scenario.Waivers.FirstOrDefault(w => w.Covers(rule, mission)) : null;
            findings.Add(new(rule, truth, strength, applies, waiver));
        }

        return findings.MoveToImmutable();
    }

    /// <summary>
    /// Requirements whose guard is false only because a fact is unknown: with <c>x != null</c> read as unknown where x is, the guard
    /// would not be false.
    /// </summary>
    private static ImmutableArray<Rule> NotAssessed(RuleSet question, ImmutableArray<Finding> findings, Situation situation)
    {
        sbyte[]? scratch = null;
        var rules = ImmutableArray.CreateBuilder<Rule>();
        foreach (var finding in findings.Where(f => !f.Applies))
        {
            scratch ??= new sbyte[question.Program.Length];
            question.Program.Run(situation.Machine, scratch, finding.Rule.Start, finding.Rule.Guard + 1, askingMeansKnown: false);
            if (scratch[finding.Rule.Guard] != (sbyte)Truth.False) rules.Add(finding.Rule);
        }

        return rules.ToImmutable();
    }

    /// <summary>
    /// What carries the outcome: something that, taken away alone, makes a rule lead to an outcome that led to none. Where nothing does
    /// alone, all that were read are taken away together.
    /// </summary>
    private Reliances RelyingOn(RuleSet question, List<Rule> rules, string mission, ScenarioRecord? record, ImmutableArray<Finding> findings, Situation situation, bool assumptions)
    {
        var carrying = ImmutableArray.CreateBuilder<Reliance>();
        var candidates = Candidates(rules, situation, assumptions);
        foreach (var fact in candidates)
            if (Matters([fact.Slot]))
                carrying.Add(new(Kind(fact), fact.Name));
        if (!assumptions)
            foreach (var finding in findings.Where(f => f.Waiver is not null && f.LeadsTo(withWaivers: false) >= 0))
                carrying.Add(new(RelianceKind.Waiver, finding.Rule.Name));
        var jointly = carrying.Count == 0 && candidates.Count > 1 && Matters([.. candidates.Select(f => f.Slot)]);
        if (jointly) carrying.AddRange(candidates.Select(f => new Reliance(Kind(f), f.Name)));
        if (candidates.Count > 0) situation.Turn(mission == RuleBook.AnyMission ? null : mission, record);
        return carrying.Count == 0 ? Reliances.None : new(carrying.ToImmutable(), jointly);

        bool Matters(HashSet<int> slots)
        {
            situation.Turn(mission == RuleBook.AnyMission ? null : mission, record, slots);
            var touched = rules.Where(rule => rule.ReadsDeeply.Any(slots.Contains)).ToList();
            var after = Findings(question, touched, mission, situation, new sbyte[question.Program.Length]);
            return after.Any(f => f.LeadsTo() >= 0 && findings.First(before => ReferenceEquals(before.Rule, f.Rule)).LeadsTo() < 0);
        }

        static RelianceKind Kind(Fact fact) => fact.Role switch
        {
            FactRole.Planning => RelianceKind.Planning,
            FactRole.Reading => RelianceKind.Reading,
            _ => RelianceKind.Assumption,
        };
    }

    /// <summary>Assumptions on basis assumed; else planning figures and readings set otherwise; those that the rules in question read.</summary>
    private List<Fact> Candidates(List<Rule> rules, Situation situation, bool assumptions)
    {
        var applied = assumptions
            ? book.Facts.Where(f => f.Assumption is not null && situation.Ready(f) is not null)
            : book.Facts.Where(f => f.Role == FactRole.Planning && situation.Ready(f) is not null).Concat(scenario.Readings.Select(r => r.Reading));
        return [.. applied.Where(f => rules.Any(r => r.ReadsDeeply.Contains(f.Slot)))];
    }

    private static Verdict Verdict(Draft draft, Dictionary<(RuleSet, string), (string Stated, string Assumed)> outcomes) => new()
    {
        Question = draft.Question,
        Mission = draft.Mission,
        Record = draft.Record?.Key,
        Stated = View(draft.Question, draft.Stated, mission => outcomes[(draft.Question, mission)].Stated),
        Assumed = View(draft.Question, draft.Assumed, mission => outcomes[(draft.Question, mission)].Assumed),
    };

    private static View View(RuleSet question, Sheet sheet, Func<string, string> outcomeOf)
    {
        var findings = sheet.IsAsked ? sheet.Findings : [];
        return new()
        {
            Outcome = sheet.Fold.Outcome,
            Deciding = sheet.Fold.Deciding,
            Conditions = [.. findings.Where(f => f.Strength.Token == "in_principle" && f.Truth != Truth.True)],
            Warnings = [.. findings.Where(f => f.Strength.IsWarning && f.Rule.Fallback is null && f.LeadsTo() < 0 && f.Waiver is null && f.Truth == (f.Rule.IsSignal ? Truth.True : Truth.False))],
            NotAssessed = sheet.NotAssessed,
            Open = [.. findings.Where(f => f.Rule.IsSignal && f.Truth == Truth.Unknown && f.Strength is { OnTrue: >= 0, OnUnknown: < 0 }).Select(f => f.Rule)],
            Waived = [.. findings.Where(f => f.Waiver is not null)],
            Fallback = [.. findings.Where(f => f.Rule.Fallback is not null && f.Truth == Truth.True).Select(f => new Fallback(f.Rule.Fallback!, question.PerMission ? outcomeOf(f.Rule.Fallback!) : RuleBook.NotAssessed)).Distinct()],
            RelyingOn = sheet.RelyingOn,
            WithoutWaivers = sheet.WithoutWaivers,
            Findings = sheet.Findings,
            Marks = sheet.Marks,
        };
    }

    private void AddDerived(ImmutableArray<DerivedValue>.Builder derived, string mission)
    {
        foreach (var fact in book.Derivations.InOrder.Select(d => d.Fact).OrderBy(f => f.Slot))
            derived.Add(new(fact, mission, Value(stated.Machine, fact), Value(assumed.Machine, fact)));
    }

    private ImmutableArray<FactUse> Facts()
    {
        read.UnionWith(scenario.Facts.Select(f => f.Fact.Slot));
        var uses = ImmutableArray.CreateBuilder<FactUse>();
        foreach (var fact in read.Select(slot => book.Facts[slot]).Where(f => f.Role != FactRole.Reading))
        {
            if (scenario.About(fact) is { } about) uses.Add(Stated(about, null));
            else if (stated.Ready(fact) is { } planned) uses.Add(new(fact, null, FactState.Planning, planned.Value, [], planned.Statement));
            else if (assumed.Ready(fact) is { } assumption) uses.Add(new(fact, null, FactState.Assumed, assumption.Value, [], assumption.Statement));
            else if (fact.Role == FactRole.Derived) uses.Add(new(fact, null, FactState.Derived, null, [], null));
            else if (fact.Name == RuleBook.MissionFact) continue; // set by the engine, each mission in turn
            else if (!book.Records.Any(r => fact.Name.StartsWith(r.Prefix + ".", StringComparison.Ordinal))) uses.Add(new(fact, null, FactState.Unknown, null, [], null));
        }

        foreach (var record in scenario.Records) uses.AddRange(record.Facts.Select(f => Stated(f, record.Key)));
        return uses.ToImmutable();

        FactUse Stated(StatedFact about, string? record)
        {
            var state = contested.Contains((record, about.Fact.Slot)) ? FactState.Contested : about.State;
            return new(about.Fact, record, state, state == FactState.Stated ? about.Value!.Json : null, about.Reports, null);
        }
    }

    private ImmutableArray<ReadingUse> Readings()
    {
        var set = scenario.Readings.ToDictionary(r => r.Reading, r => r.Option);
        return
        [
            .. book.Facts.Where(f => f.Role == FactRole.Reading && (read.Contains(f.Slot) || set.ContainsKey(f)))
                .Select(f => new ReadingUse(f, set.GetValueOrDefault(f) ?? (string)f.Default!.Value!, !set.ContainsKey(f))),
        ];
    }

    private int IndexOf(string mission)
    {
        for (var i = 0; i < book.Missions.Length; i++)
            if (book.Missions[i].Id == mission)
                return i;
        throw new InvalidOperationException($"no mission {mission}");
    }

    /// <summary>The value of a number, a boolean or an enumeration as JSON, or null while it is unknown.</summary>
    internal static JToken? Value(Machine machine, Fact fact)
    {
        var bits = machine.Bits[fact.Slot];
        if (bits == 0) return null;
        if (fact.IsNumber) return CanonicalJson.Number(machine.Numbers[fact.Slot]);
        if (fact.Type == FactType.Boolean) return (bits & Domain.BooleanBit(true)) != 0;
        return fact.Domain!.ValuesOf(bits).Single();
    }
}
