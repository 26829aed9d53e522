using System.Collections.Immutable;
using Advisory.Engine.Evaluating;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>The pure part of a decision: what follows from one book and one scenario, the same bytes on every machine.</summary>
public sealed class Evaluation
{
    private readonly ImmutableArray<int> missions;

    internal Evaluation(RuleBook book, Scenario scenario, ImmutableArray<int> missions, ImmutableArray<Verdict> verdicts)
    {
        (Book, Scenario, this.missions, Verdicts) = (book, scenario, missions, verdicts);
        ReadingBits = book.Plan.Ground.Bits;
        if (scenario.Readings.IsEmpty) return;
        ReadingBits = [.. ReadingBits];
        foreach (var (reading, option) in scenario.Readings) ReadingBits[reading.Slot] = Machine.Known | reading.Domain!.Bit(option);
    }

    /// <summary>Evaluates every rule of every question for every mission and record; nothing is skipped.</summary>
    /// <exception cref="InvalidOperationException">An invariant of the engine is broken; there is no outcome then.</exception>
    public static Evaluation Of(RuleBook book, Scenario scenario) => Evaluator.Evaluate(book, scenario);

    /// <summary>The book.</summary>
    public RuleBook Book { get; }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The verdicts: questions in book order, within each the missions or records in theirs.</summary>
    public ImmutableArray<Verdict> Verdicts { get; }

    /// <summary>Every fact that the scenario states or a rule reads, in vocabulary order.</summary>
    public ImmutableArray<FactUse> Facts => field.IsDefault ? field = new FactsOf(this).Uses() : field;

    /// <summary>Every reading that a rule reads or the scenario sets.</summary>
    public ImmutableArray<ReadingUse> Readings => field.IsDefault ? field = new FactsOf(this).Readings() : field;

    /// <summary>Every derived fact for every mission under evaluation.</summary>
    public ImmutableArray<DerivedValue> Derived => field.IsDefault ? field = new FactsOf(this).Derived() : field;

    /// <summary>The missions asked about, as indexes into those of the book.</summary>
    internal ImmutableArray<int> Missions => missions;

    /// <summary>Verdicts on missions that nobody asks about and that a fallback points to.</summary>
    internal ImmutableArray<Verdict> Unasked { get; set; } = [];

    /// <summary>The options of the readings in force, by slot.</summary>
    internal ulong[] ReadingBits { get; }

    /// <summary>The verdict on a question for a mission, or null.</summary>
    public Verdict? Verdict(string question, string mission) => Verdicts.FirstOrDefault(v => v.Question.Id == question && v.Mission == mission);

    internal string OutcomeOf(RuleSet question, string mission, Basis basis) =>
        Verdicts.Concat(Unasked).First(v => ReferenceEquals(v.Question, question) && v.Mission == mission).On(basis).Outcome;
}

/// <summary>What an evaluation says about facts beside verdicts: worked out again from book and scenario when somebody asks.</summary>
internal sealed class FactsOf
{
    private readonly Evaluation evaluation;
    private readonly RuleBook book;
    private readonly Scenario scenario;
    private readonly Situation stated;

    public FactsOf(Evaluation evaluation)
    {
        this.evaluation = evaluation;
        (book, scenario) = (evaluation.Book, evaluation.Scenario);
        stated = new(book);
        stated.Take(scenario, Applied.Planning);
    }

    /// <summary>By slot, whether a rule in question reads the fact, or the condition of its question does.</summary>
    private bool[] Read()
    {
        var read = new bool[book.Facts.Length];
        foreach (var verdict in evaluation.Verdicts.Concat(evaluation.Unasked))
        {
            foreach (var rule in verdict.Stated.Rules)
                foreach (var slot in rule.ReadsDeeply)
                    read[slot] = true;
            foreach (var slot in verdict.Question.WhenReads) read[slot] = true;
        }

        return read;
    }

    public ImmutableArray<FactUse> Uses()
    {
        var assumed = new Situation(book);
        assumed.Take(scenario, Applied.Planning | Applied.Assumptions);
        var contested = Contested();
        var read = Read();
        foreach (var about in scenario.Facts) read[about.Fact.Slot] = true;
        var uses = ImmutableArray.CreateBuilder<FactUse>();
        foreach (var fact in book.Facts.Where(f => read[f.Slot] && f.Role != FactRole.Reading))
        {
            if (scenario.About(fact) is { } about) uses.Add(Stated(about, null));
            else if (stated.Ready(fact) is { } planned) uses.Add(new(fact, null, FactState.Planning, planned.Value, [], planned.Statement));
            else if (assumed.Ready(fact) is { } assumption) uses.Add(new(fact, null, FactState.Assumed, assumption.Value, [], assumption.Statement));
            else if (fact.Role == FactRole.Derived) uses.Add(new(fact, null, FactState.Derived, null, [], null));
            else if (ReferenceEquals(fact, book.MissionSlot)) continue; // set by the engine, each mission in turn
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

    /// <summary>Stated derived facts that are contested for some mission or record; a record's own statement for that record only.</summary>
    private HashSet<(string? Record, int Slot)> Contested()
    {
        var contested = new HashSet<(string?, int)>();
        var missions = evaluation.Missions.Concat(evaluation.Unasked.Select(v => book.IndexOfMission(v.Mission)).Distinct()).Append(Situation.NoMission);
        foreach (var mission in missions) Turn(mission, null);
        foreach (var record in scenario.Records)
            if (book.Questions.Any(q => ReferenceEquals(q.Each, record.Kind)))
                Turn(Situation.NoMission, record);
        return contested;

        void Turn(int mission, ScenarioRecord? record)
        {
            stated.Turn(mission, record);
            foreach (var slot in stated.Contested) contested.Add((record is not null && record.Facts.Any(f => f.Fact.Slot == slot) ? record.Key : null, slot));
        }
    }

    public ImmutableArray<ReadingUse> Readings()
    {
        var read = Read();
        var set = scenario.Readings.ToDictionary(r => r.Reading, r => r.Option);
        return
        [
            .. book.Facts.Where(f => f.Role == FactRole.Reading && (read[f.Slot] || set.ContainsKey(f)))
                .Select(f => new ReadingUse(f, set.GetValueOrDefault(f) ?? (string)f.Default!.Value!, !set.ContainsKey(f))),
        ];
    }

    public ImmutableArray<DerivedValue> Derived()
    {
        var assumed = new Situation(book);
        assumed.Take(scenario, Applied.Planning | Applied.Assumptions);
        stated.Turn(Situation.NoMission, null);
        assumed.Turn(Situation.NoMission, null);
        var facts = book.Facts.Where(f => f.Role == FactRole.Derived).ToList();
        var withoutMission = evaluation.Missions.IsEmpty || book.Questions.Any(q => !q.PerMission) ? Values(RuleBook.AnyMission) : [];
        var derived = ImmutableArray.CreateBuilder<DerivedValue>();
        foreach (var mission in evaluation.Missions)
        {
            stated.TurnTo(mission);
            assumed.TurnTo(mission);
            derived.AddRange(Values(book.Missions[mission].Id));
        }

        derived.AddRange(withoutMission);
        return derived.ToImmutable();

        DerivedValue[] Values(string id) => [.. facts.Select(fact => new DerivedValue(fact, id, Value(stated.Machine, fact), Value(assumed.Machine, fact)))];
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
