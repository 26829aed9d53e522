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
    public ImmutableArray<FactUse> Facts => About.Uses;

    /// <summary>Every reading that a rule reads or the scenario sets.</summary>
    public ImmutableArray<ReadingUse> Readings => About.Readings;

    /// <summary>Every derived fact for every mission under evaluation.</summary>
    public ImmutableArray<DerivedValue> Derived => About.Derived;

    private FactsOf About => field ??= new(this);

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

    public FactsOf(Evaluation evaluation)
    {
        this.evaluation = evaluation;
        (book, scenario) = (evaluation.Book, evaluation.Scenario);
        var (stated, assumed) = (new Situation(book), new Situation(book));
        stated.Take(scenario, Applied.Planning);
        assumed.Take(scenario, Applied.Planning | Applied.Assumptions);
        var read = Read();
        Uses = UsesOf(stated, assumed, read);
        Readings = ReadingsOf(read);
        Derived = DerivedOf(stated, assumed);
    }

    public ImmutableArray<FactUse> Uses { get; }

    public ImmutableArray<ReadingUse> Readings { get; }

    public ImmutableArray<DerivedValue> Derived { get; }

    /// <summary>By slot, whether a rule in question reads the fact, or the condition of its question does.</summary>
    private bool[] Read()
    {
        var read = new bool[book.Facts.Length];
        foreach (var verdict in evaluation.Verdicts) Mark(verdict);
        foreach (var verdict in evaluation.Unasked) Mark(verdict);
        return read;

        void Mark(Verdict verdict)
        {
            foreach (var slot in verdict.Stated.Reads) read[slot] = true;
        }
    }

    private ImmutableArray<FactUse> UsesOf(Situation stated, Situation assumed, bool[] read)
    {
        var contested = Contested(stated);
        var uses = ImmutableArray.CreateBuilder<FactUse>();
        foreach (var fact in book.Facts)
        {
            if (fact.Role == FactRole.Reading) continue;
            if (scenario.About(fact) is { } about) uses.Add(Stated(about, null));
            else if (!read[fact.Slot]) continue;
            else if (stated.Ready(fact) is { } planned) uses.Add(new(fact, null, FactState.Planning, planned.Value, [], planned.Statement));
            else if (assumed.Ready(fact) is { } assumption) uses.Add(new(fact, null, FactState.Assumed, assumption.Value, [], assumption.Statement));
            else if (fact.Role == FactRole.Derived) uses.Add(new(fact, null, FactState.Derived, null, [], null));
            else if (ReferenceEquals(fact, book.MissionSlot)) continue; // set by the engine, each mission in turn
            else if (!book.Plan.OfRecords[fact.Slot]) uses.Add(new(fact, null, FactState.Unknown, null, [], null));
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
    private HashSet<(string? Record, int Slot)> Contested(Situation stated)
    {
        var contested = new HashSet<(string?, int)>();
        if (!stated.StatesDerived) return contested;
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

    private ImmutableArray<ReadingUse> ReadingsOf(bool[] read)
    {
        var uses = ImmutableArray.CreateBuilder<ReadingUse>();
        foreach (var reading in book.Plan.Readings)
        {
            var option = scenario.Readings.FirstOrDefault(r => ReferenceEquals(r.Reading, reading)).Option;
            if (option is not null || read[reading.Slot]) uses.Add(new(reading, option ?? (string)reading.Default!.Value!, option is null));
        }

        return uses.ToImmutable();
    }

    private ImmutableArray<DerivedValue> DerivedOf(Situation stated, Situation assumed)
    {
        var derived = ImmutableArray.CreateBuilder<DerivedValue>();
        if (book.Plan.Derived.IsEmpty) return derived.ToImmutable();
        stated.Turn(Situation.NoMission, null);
        assumed.Turn(Situation.NoMission, null);
        var withoutMission = evaluation.Missions.IsEmpty || book.Questions.Any(q => !q.PerMission) ? Values(RuleBook.AnyMission) : [];
        foreach (var mission in evaluation.Missions)
        {
            stated.TurnTo(mission);
            assumed.TurnTo(mission);
            derived.AddRange(Values(book.Missions[mission].Id));
        }

        derived.AddRange(withoutMission);
        return derived.ToImmutable();

        DerivedValue[] Values(string id) => [.. book.Plan.Derived.Select(fact => new DerivedValue(fact, id, Value(stated.Machine, fact), Value(assumed.Machine, fact)))];
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
