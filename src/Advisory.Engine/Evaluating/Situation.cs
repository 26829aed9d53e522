using System.Collections.Immutable;
using Advisory.Engine.Expressions;

namespace Advisory.Engine.Evaluating;

/// <summary>What is applied beside the reports of a scenario.</summary>
[Flags]
internal enum Applied
{
    Nothing = 0,
    Planning = 1,
    Assumptions = 2,
}

/// <summary>
/// The facts of one scenario as a rule sees them: for one basis and one mission or record. Stated values first; then planning figures
/// and assumptions where nobody reports the fact; then derivations, in order, where nobody states the result.
/// </summary>
/// <param name="book">The book.</param>
/// <param name="contest">Finds contested facts; one may serve several situations of the same scenario.</param>
internal sealed class Situation(RuleBook book, Contest contest)
{
    /// <summary>No mission: the mission stays as the scenario states it.</summary>
    public const int NoMission = -1;

    private readonly Machine ground = new(book.Facts.Length, 0); // without mission, record and derived values
    private readonly Machine turned = new(book.Facts.Length, 0); // as last turned, to come back to
    private readonly sbyte[] derivationMarks = new sbyte[book.Derivations.Program.Length];
    private readonly bool[] isStated = new bool[book.Facts.Length];
    private readonly List<int> contested = [];
    private Scenario scenario = null!;
    private Applied applied;
    private bool statesDerived;
    private bool isTurnedBack; // whether `turned` is up to date
    private bool isTurnedAnew; // whether a reading was taken away that may have contested other facts
    private int mission;
    private ScenarioRecord? record;

    public Situation(RuleBook book) : this(book, new(book))
    {
    }

    /// <summary>The facts as the rules read them now.</summary>
    public Machine Machine { get; } = new(book.Facts.Length, book.Plan.Registers);

    /// <summary>Derived facts that the scenario states otherwise than its other reports imply, for the mission or record at hand.</summary>
    public IReadOnlyList<int> Contested => contested;

    /// <summary>Whether the scenario states a derived fact itself, which alone can be contested by the others.</summary>
    public bool StatesDerived => statesDerived;

    /// <summary>Takes up a scenario; <see cref="Turn"/> comes next.</summary>
    public void Take(Scenario scenario, Applied applied)
    {
        (this.scenario, this.applied, record) = (scenario, applied, null);
        Machine.Faults.Clear();
        Array.Clear(isStated);
        statesDerived = false;
        ground.CopyFactsFrom(book.Plan.Ground);
        foreach (ref readonly var given in scenario.Given.AsSpan())
        {
            ground.Set(given.Slot, given.Bits, given.Number);
            isStated[given.Slot] = true;
            statesDerived |= given.IsDerived;
        }

        foreach (var (reading, option) in scenario.Readings) ground.Bits[reading.Slot] = Machine.Known | reading.Domain!.Bit(option);
        foreach (var other in scenario.Records.AsSpan()) statesDerived |= other.Facts.Any(f => f.Fact.Role == FactRole.Derived);

        if (applied.HasFlag(Applied.Assumptions))
            foreach (var fact in book.Plan.Assumable)
                if (Ready(fact) is { } assumed)
                    ground.Set(fact.Slot, assumed.Bits, assumed.Number);
        if (!applied.HasFlag(Applied.Planning))
            foreach (var fact in book.Facts)
                if (fact.Role == FactRole.Planning && !isStated[fact.Slot])
                    ground.Bits[fact.Slot] = 0;
    }

    /// <summary>Whether the scenario, or the record at hand, says anything about the fact; then nothing is held ready or derived in its place.</summary>
    public bool IsStated(Fact fact) => isStated[fact.Slot] || StatedByRecord(fact);

    /// <summary>The value that the book holds ready and that is applied to a fact about which the scenario says nothing.</summary>
    public FactDefault? Ready(Fact fact) => isStated[fact.Slot]
        ? null
        : fact.Role == FactRole.Planning && applied.HasFlag(Applied.Planning) ? fact.Default
        : applied.HasFlag(Applied.Assumptions) ? fact.Assumption
        : null;

    /// <summary>Sets the facts for a mission, by its index, or for none, and for a record, or for none.</summary>
    /// <param name="mission">The mission under evaluation; <see cref="NoMission"/> leaves it as the scenario states it.</param>
    /// <param name="record">The record whose own facts win over the scenario's.</param>
    public void Turn(int mission, ScenarioRecord? record) => TurnWithout([], mission, record);

    /// <summary>The same without some of what the book holds ready, and with some readings set back to the book's own.</summary>
    public void TurnWithout(ReadOnlySpan<Support> without, int mission, ScenarioRecord? record)
    {
        (this.mission, this.record) = (mission, record);
        Machine.CopyFactsFrom(ground);
        (isTurnedBack, isTurnedAnew) = (false, false);
        if (mission >= 0 && book.MissionSlot is { } fact) Machine.Bits[fact.Slot] = MissionBits(fact, mission);
        if (record is not null)
            foreach (var about in record.Facts)
                Set(Machine, about);
        foreach (var support in without) Remove(support.Fact);

        contested.Clear();
        if (statesDerived && applied != Applied.Nothing) contested.AddRange(contest.Of(scenario, mission, record, without));
        foreach (var slot in contested) Machine.Bits[slot] = 0;
        Derive(book.Derivations.InOrder);
    }

    /// <summary>
    /// The same as <see cref="Turn"/> for a mission without a record, from a turn without a record: only what depends on the mission is
    /// worked out anew.
    /// </summary>
    public void TurnTo(int mission)
    {
        if (statesDerived && applied != Applied.Nothing && !contested.SequenceEqual(contest.Of(scenario, mission, null, [])))
        {
            Turn(mission, null);
            return;
        }

        this.mission = mission;
        isTurnedBack = false;
        if (book.MissionSlot is not { } fact) return;
        Machine.Bits[fact.Slot] = MissionBits(fact, mission);
        Derive(book.Plan.OnMission);
    }

    /// <summary>Takes away what the book holds ready, or sets a reading back to the book's own; a record's own report stays.</summary>
    public void TakeAway(ReadOnlySpan<Support> supports)
    {
        if (statesDerived && AnyReading(supports))
        {
            TurnWithout(supports, mission, record); // another reading can contest another fact
            isTurnedAnew = true;
            return;
        }

        if (!isTurnedBack) turned.CopyFactsFrom(Machine);
        isTurnedBack = true;
        foreach (var support in supports) Remove(support.Fact);
        Derive(supports.Length == 1 ? supports[0].Derivations : book.Derivations.InOrder);
    }

    /// <summary>Puts back what was taken away.</summary>
    public void PutBack()
    {
        if (isTurnedAnew) Turn(mission, record);
        else Machine.CopyFactsFrom(turned);
    }

    private static bool AnyReading(ReadOnlySpan<Support> supports)
    {
        foreach (var support in supports)
            if (support.Fact.Role == FactRole.Reading)
                return true;
        return false;
    }

    private void Remove(Fact fact)
    {
        if (!StatedByRecord(fact)) Machine.Bits[fact.Slot] = fact.Role == FactRole.Reading ? fact.Default!.Bits : 0;
    }

    private ulong MissionBits(Fact fact, int mission) => Machine.Known | fact.Domain!.Bit(book.Missions[mission].Id);

    private bool StatedByRecord(Fact fact)
    {
        if (record is null) return false;
        foreach (var about in record.Facts)
            if (ReferenceEquals(about.Fact, fact))
                return true;
        return false;
    }

    /// <summary>Works out derived facts about which nothing is stated, each after those that it rests on.</summary>
    public void Derive(ImmutableArray<Derivation> derivations)
    {
        foreach (var derivation in derivations)
        {
            var slot = derivation.Fact.Slot;
            if (statesDerived && IsStated(derivation.Fact)) continue;
            Machine.Keep(slot, derivation.Register, Compute(derivation));
        }
    }

    /// <summary>Works out the value of a derived fact into its register; the word of bits, 0 where it has no value.</summary>
    public ulong Compute(Derivation derivation)
    {
        book.Derivations.Program.Run(Machine, derivationMarks, derivation.Start, derivation.End);
        if (!derivation.Fact.IsNumber || !Machine.TryNumber(derivation.Register, out var number)) return Machine.ValueOf(derivation.Register);
        return derivation.Fact.IsInRange(number) ? Machine.Known : 0; // a value that the vocabulary rules out is not a value
    }

    /// <summary>
    /// The values that a derivation without a settled value can still take: both branches of a choice whose condition is unknown. A
    /// stated value outside them is contradicted already, though the derivation itself is not settled yet. `null` says nothing.
    /// </summary>
    public ulong Possible(Derivation derivation)
    {
        var program = book.Derivations.Program;
        return Of(derivation.End - 1);

        // A derivation has at most a thousand nodes, so neither has this recursion.
        ulong Of(int index)
        {
            var at = program.Code[index];
            return at.Op switch
            {
                Op.Value => at.Mask,
                Op.LoadValue when Machine.Bits[at.A] != 0 => Machine.Bits[at.A],
                Op.FromTruth when derivationMarks[at.A] != 0 => Domain.BooleanBit(derivationMarks[at.A] > 0),
                Op.ChooseValue => derivationMarks[at.A] switch
                {
                    1 => Of(program.WriterOf(at.B)),
                    -1 => Of(program.WriterOf(at.C)),
                    _ => Of(program.WriterOf(at.B)) | Of(program.WriterOf(at.C)),
                },
                _ => Domain.All,
            };
        }
    }

    private static void Set(Machine machine, StatedFact about) => machine.Set(about.Fact.Slot, about.Value?.Bits ?? 0, about.Value?.Number ?? default);
}

/// <summary>
/// Which derived facts a scenario states otherwise than its other reports imply. A planning figure or an assumption never contests a
/// report, it gives way to one; so the answer is the same whichever of them are applied.
/// </summary>
internal sealed class Contest(RuleBook book)
{
    private readonly List<int> slots = [];
    private Situation? reports; // the scenario's reports alone
    private Scenario? scenario;
    private int mission;
    private ScenarioRecord? record;
    private bool isOnOwnReadings; // whether `slots` is the answer for the readings as the scenario sets them

    /// <summary>The slots of the contested facts, in the order of the derivations; good until the next call.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="mission">The mission under evaluation, or <see cref="Situation.NoMission"/>.</param>
    /// <param name="record">The record whose own facts win over the scenario's.</param>
    /// <param name="without">Readings among these are set back to the book's own.</param>
    public List<int> Of(Scenario scenario, int mission, ScenarioRecord? record, ReadOnlySpan<Support> without)
    {
        var isOwn = without.IsEmpty;
        var isSame = isOwn && isOnOwnReadings && ReferenceEquals(this.scenario, scenario) && ReferenceEquals(this.record, record);
        if (isSame && this.mission == mission) return slots;

        reports ??= new(book, this);
        if (!ReferenceEquals(this.scenario, scenario)) reports.Take(scenario, Applied.Nothing);
        if (isSame && record is null && mission >= 0 && slots.Count == 0) reports.TurnTo(mission);
        else reports.TurnWithout(without, mission, record);
        (this.scenario, this.mission, this.record, isOnOwnReadings) = (scenario, mission, record, isOwn);
        Find(reports);
        return slots;
    }

    private void Find(Situation reports)
    {
        slots.Clear();
        var machine = reports.Machine;
        foreach (var derivation in book.Derivations.InOrder)
        {
            var slot = derivation.Fact.Slot;
            if (!reports.IsStated(derivation.Fact) || machine.Bits[slot] == 0) continue;
            var bits = reports.Compute(derivation);
            var agrees = bits == 0
                ? derivation.Fact.IsNumber || (reports.Possible(derivation) & machine.Bits[slot] & Domain.All) != 0
                : bits == machine.Bits[slot] && (!derivation.Fact.IsNumber || machine.NumberOf(derivation.Register) == machine.Numbers[slot]);
            if (agrees) continue;
            slots.Add(slot);
            machine.Bits[slot] = 0; // what rests on it is unknown too
            reports.Derive(book.Derivations.InOrder);
        }
    }
}
