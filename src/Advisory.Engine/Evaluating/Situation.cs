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
internal sealed class Situation
{
    private readonly RuleBook book;
    private readonly Scenario scenario;
    private readonly Applied applied;
    private readonly Machine ground; // without mission, record and derived values
    private readonly sbyte[] derivationMarks;
    private readonly StatedFact?[] stated;
    private readonly bool statesDerived;
    private HashSet<int> withdrawn = [];
    private HashSet<int> contested = [];
    private Situation? onReportsAlone;

    public Situation(RuleBook book, Scenario scenario, Applied applied)
    {
        (this.book, this.scenario, this.applied) = (book, scenario, applied);
        stated = new StatedFact?[book.Facts.Length];
        foreach (var fact in scenario.Facts) stated[fact.Fact.Slot] = fact;
        ground = new(book.Facts.Length, 0);
        Machine = new(book.Facts.Length, book.Registers);
        derivationMarks = new sbyte[book.Derivations.Program.Length];
        statesDerived = scenario.Facts.Any(f => f.Fact.Role == FactRole.Derived) || scenario.Records.Any(r => r.Facts.Any(f => f.Fact.Role == FactRole.Derived));

        foreach (var fact in book.Facts)
        {
            var slot = fact.Slot;
            if (fact.Role == FactRole.Reading) ground.Bits[slot] = fact.Default!.Bits;
            else if (stated[slot] is { } reports) Set(ground, slot, reports.Value);
            else if (Ready(fact) is { } ready) (ground.Bits[slot], ground.Numbers[slot]) = (ready.Bits, ready.Number);
        }

        foreach (var (reading, option) in scenario.Readings) ground.Bits[reading.Slot] = Machine.Known | reading.Domain!.Bit(option);
    }

    /// <summary>The facts as the rules read them now.</summary>
    public Machine Machine { get; }

    /// <summary>What arithmetic met in the derivations, as instructions of their program.</summary>
    public ImmutableArray<Fault> DerivationFaults { get; private set; } = [];

    /// <summary>Derived facts that the scenario states otherwise than its other reports imply, for the mission at hand.</summary>
    public IReadOnlySet<int> Contested => contested;

    /// <summary>The value that the book holds ready and that is applied to a fact without any report.</summary>
    public FactDefault? Ready(Fact fact) => stated[fact.Slot] is not null
        ? null
        : fact.Role == FactRole.Planning && applied.HasFlag(Applied.Planning) ? fact.Default
        : applied.HasFlag(Applied.Assumptions) ? fact.Assumption
        : null;

    /// <summary>Sets the facts for a mission, or for none, and for a record, or for none.</summary>
    /// <param name="mission">The mission under evaluation; null leaves the mission as the scenario states it.</param>
    /// <param name="record">The record whose own facts win over the scenario's.</param>
    /// <param name="without">Slots to take away: values held ready become unknown, readings the book's own.</param>
    public void Turn(string? mission, ScenarioRecord? record, HashSet<int>? without = null)
    {
        withdrawn = without ?? [];
        Machine.CopyFactsFrom(ground);
        if (mission is not null && book.MissionSlot is { } missionFact) Machine.Bits[missionFact.Slot] = Machine.Known | missionFact.Domain!.Bit(mission);
        if (record is not null)
            foreach (var fact in record.Facts)
                Set(Machine, fact.Fact.Slot, fact.Value);
        foreach (var slot in withdrawn.Where(slot => record is null || !record.Facts.Any(f => f.Fact.Slot == slot)))
            Machine.Bits[slot] = book.Facts[slot] is { Role: FactRole.Reading } reading ? reading.Default!.Bits : 0;

        contested = statesDerived && applied != Applied.Nothing ? ContestedBy(mission, record) : [];
        foreach (var slot in contested) Machine.Bits[slot] = 0;
        Derive(record);
    }

    /// <summary>Whether the scenario or the record at hand states the fact; then nothing is derived in its place.</summary>
    private bool IsStated(Fact fact, ScenarioRecord? record) => stated[fact.Slot] is not null || record is not null && record.Facts.Any(f => ReferenceEquals(f.Fact, fact));

    private void Derive(ScenarioRecord? record)
    {
        Machine.Faults.Clear();
        foreach (var derivation in book.Derivations.InOrder)
        {
            var fact = derivation.Fact;
            if (statesDerived && IsStated(fact, record)) continue;
            Compute(derivation, out Machine.Bits[fact.Slot], out Machine.Numbers[fact.Slot]);
        }

        DerivationFaults = Machine.Faults.Count == 0 ? [] : [.. Machine.Faults];
        Machine.Faults.Clear();
    }

    private void Compute(Derivation derivation, out ulong bits, out decimal number)
    {
        book.Derivations.Program.Run(Machine, derivationMarks, derivation.Start, derivation.End);
        bits = Machine.ValueOf(derivation.Register);
        number = 0;
        if (!derivation.Fact.IsNumber || !Machine.TryNumber(derivation.Register, out number)) return;

        // A value that the vocabulary rules out is not a value: unknown, and the trace says so.
        var fact = derivation.Fact;
        if (number >= fact.Min && number <= fact.Max && (fact.Type != FactType.Integer || decimal.Truncate(number) == number)) return;
        Machine.Faults.Add(new(derivation.End - 1, FaultKind.OutsideRange));
        bits = 0;
    }

    /// <summary>
    /// Stated derived facts that disagree with what follows from the other reports alone. A planning figure or an assumption never
    /// contests a report: it gives way to one.
    /// </summary>
    private HashSet<int> ContestedBy(string? mission, ScenarioRecord? record)
    {
        onReportsAlone ??= new(book, scenario, Applied.Nothing);
        onReportsAlone.Turn(mission, record, withdrawn);
        var found = new HashSet<int>();
        var machine = onReportsAlone.Machine;
        foreach (var derivation in book.Derivations.InOrder)
        {
            var slot = derivation.Fact.Slot;
            if (!IsStated(derivation.Fact, record) || machine.Bits[slot] == 0) continue;
            onReportsAlone.Compute(derivation, out var bits, out var number);
            var agrees = bits == 0
                ? derivation.Fact.IsNumber || (onReportsAlone.Possible(derivation) & machine.Bits[slot] & Domain.All) != 0
                : bits == machine.Bits[slot] && number == machine.Numbers[slot];
            if (agrees) continue;
            found.Add(slot);
            machine.Bits[slot] = 0; // what rests on it is unknown too
            onReportsAlone.Derive(record);
        }

        return found;
    }

    /// <summary>
    /// The values that a derivation without a settled value can still take: both branches of a choice whose condition is unknown. A
    /// stated value outside them is contradicted already, though the derivation itself is not settled yet. `null` says nothing.
    /// </summary>
    private ulong Possible(Derivation derivation)
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

    private static void Set(Machine machine, int slot, FactValue? value) => (machine.Bits[slot], machine.Numbers[slot]) = (value?.Bits ?? 0, value?.Number ?? 0);
}
