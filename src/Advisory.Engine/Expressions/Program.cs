using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Advisory.Engine.Expressions;

/// <summary>Expressions compiled into one array of instructions; immutable, shared by all threads.</summary>
internal sealed class Program
{
    private readonly ImmutableArray<Instruction> code;
    private readonly ImmutableArray<NodeOrigin> origins;
    private readonly Numbers constants;
    private readonly int registers;
    private readonly int[] positions;
    private readonly int[] schedule; // where each of `scheduled` stands in `code`
    private readonly Instruction[] scheduled;

    public Program(ImmutableArray<Instruction> code, ImmutableArray<NodeOrigin> origins, Numbers constants, int registers)
    {
        (this.code, this.origins, this.constants, this.registers) = (code, origins, constants, registers);
        positions = [.. Enumerable.Range(0, code.Length)];
        schedule = Schedule();
        scheduled = [.. schedule.Select(i => code[i])];
    }

    /// <summary>The mark of a value node whose value is known; <see cref="Truth.Unknown"/> where it is not.</summary>
    public const sbyte KnownValue = 2;

    public ImmutableArray<Instruction> Code => code;

    public ImmutableArray<NodeOrigin> Origins => origins;

    public Numbers Constants => constants;

    public int Registers => registers;

    public int Length => code.Length;

    /// <summary>The instruction that fills a register; each is filled by one.</summary>
    public int WriterOf(int register) => Writers[register];

    /// <summary>Whether an instruction in the range asks if a fact is known.</summary>
    public bool AsksForNull(int start, int end)
    {
        foreach (ref readonly var at in code.AsSpan()[start..end])
            if (at.Op is Op.IsKnown or Op.IsUnknown)
                return true;
        return false;
    }

    /// <summary>
    /// The order in which all instructions run: operands before what they are joined into, and within that like after like, since a
    /// processor guesses the next instruction's kind from the last. That alone makes a large book a third faster.
    /// </summary>
    private int[] Schedule()
    {
        var depths = new int[code.Length];
        for (var i = 0; i < code.Length; i++)
            foreach (var operand in OperandsOf(i))
                depths[i] = Math.Max(depths[i], depths[operand] + 1);
        return [.. positions.OrderBy(i => depths[i]).ThenBy(i => code[i].Op)];
    }

    /// <summary>The instructions whose results an instruction joins, in the order in which they are written.</summary>
    public IEnumerable<int> OperandsOf(int index)
    {
        var at = code[index];
        return at.Op switch
        {
            Op.Not or Op.FromTruth => [at.A],
            Op.And or Op.Or => [at.A, at.B],
            Op.Choose => [at.A, at.B, at.C],
            Op.Compare or Op.Add or Op.Subtract or Op.Multiply or Op.Divide or Op.Minimum or Op.Maximum => [WriterOf(at.A), WriterOf(at.B)],
            Op.Ceiling or Op.Floor or Op.Absolute or Op.Round => [WriterOf(at.A)],
            Op.ChooseNumber or Op.ChooseValue => [at.A, WriterOf(at.B), WriterOf(at.C)],
            _ => [],
        };
    }

    private int[] Writers => field ??= MapWriters();

    private int[] MapWriters()
    {
        var writers = new int[registers];
        for (var i = 0; i < code.Length; i++)
            if (!code[i].IsTruth)
                writers[code[i].Target] = i;
        return writers;
    }

    /// <summary>
    /// Evaluates the instructions from <paramref name="start"/> up to <paramref name="end"/> on the facts of <paramref name="machine"/>
    /// and leaves every node's mark in <paramref name="marks"/>, which is the compact trace.
    /// </summary>
    /// <param name="machine">Facts and registers.</param>
    /// <param name="marks">One mark for each instruction of the whole program.</param>
    /// <param name="start">First instruction.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="askingMeansKnown">
    /// True for evaluation. False reads <c>x != null</c> as unknown where x is unknown: how we find out whether a guard is false only
    /// because a fact is missing.
    /// </param>
    public void Run(Machine machine, Span<sbyte> marks, int start, int end, bool askingMeansKnown = true)
    {
        Run(machine, marks, code.AsSpan()[start..end], positions.AsSpan(start..end), askingMeansKnown);
    }

    /// <summary>Evaluates all instructions, as <see cref="Run(Machine, Span{sbyte}, int, int, bool)"/> does, in an order that suits a processor.</summary>
    public void RunAll(Machine machine, Span<sbyte> marks) => Run(machine, marks, scheduled, schedule, askingMeansKnown: true);

    private void Run(Machine machine, Span<sbyte> marks, ReadOnlySpan<Instruction> instructions, ReadOnlySpan<int> at, bool askingMeansKnown)
    {
        for (var next = 0; ; next++)
        {
            next = RunWholes(machine, marks, instructions, at, next, askingMeansKnown);
            if (next == instructions.Length) return;
            marks[at[next]] = (sbyte)RunOther(machine, marks, instructions[next], at[next]);
        }
    }

    /// <summary>
    /// Runs all that can be done on truths, on facts with few values and on whole numbers, up to the first instruction that asks for
    /// more; returns its index.
    /// </summary>
    /// <remarks>
    /// Most of the time of an evaluation is spent here. Nothing is called, and results are calculated rather than branched to: what the
    /// facts of the next scenario are, no processor can foresee.
    /// </remarks>
    private int RunWholes(Machine machine, Span<sbyte> marks, ReadOnlySpan<Instruction> instructions, ReadOnlySpan<int> positions, int start, bool askingMeansKnown)
    {
        var bits = machine.Bits;
        var wholes = machine.Numbers.Wholes;
        var registers = machine.RegisterNumbers.Wholes;
        var registerBits = machine.RegisterBits;
        var absent = askingMeansKnown ? -1 : 0;
        for (var i = start; i < instructions.Length; i++)
        {
            ref readonly var at = ref instructions[i];
            int mark;
            int a, b;
            long left, right, result;
            switch (at.Op)
            {
                case Op.Test:
                    mark = Mark(bits[at.A], (bits[at.A] & at.Mask) != 0);
                    break;
                case Op.And: // the lesser
                    (a, b) = (marks[at.A], marks[at.B]);
                    mark = b ^ ((a ^ b) & ((a - b) >> 31));
                    break;
                case Op.Or: // the greater
                    (a, b) = (marks[at.A], marks[at.B]);
                    mark = a ^ ((a ^ b) & ((a - b) >> 31));
                    break;
                case Op.Not:
                    mark = -marks[at.A];
                    break;
                case Op.Less:
                case Op.LessOrEqual:
                case Op.Greater:
                case Op.GreaterOrEqual:
                case Op.Equal:
                case Op.NotEqual:
                    (left, right) = (wholes[at.A], constants.Wholes[at.B]);
                    if (left == Number.NotWhole || right == Number.NotWhole) return i;
                    mark = Mark(bits[at.A], Holds(at.Op, left, right));
                    break;
                case Op.Compare:
                    (left, right) = (registers[at.A], registers[at.B]);
                    if (left == Number.NotWhole || right == Number.NotWhole) return i;
                    mark = Mark(registerBits[at.A] & registerBits[at.B], Holds((Op)at.C, left, right));
                    break;
                case Op.Number:
                    result = constants.Wholes[at.A];
                    if (result == Number.NotWhole) return i;
                    registers[at.Target] = result;
                    registerBits[at.Target] = Machine.Known;
                    mark = KnownValue;
                    break;
                case Op.LoadNumber:
                    result = wholes[at.A];
                    if (result == Number.NotWhole) return i;
                    registers[at.Target] = result;
                    registerBits[at.Target] = bits[at.A];
                    mark = (int)(bits[at.A] >> 63) * KnownValue;
                    break;
                case Op.Add:
                case Op.Subtract:
                case Op.Multiply:
                    (left, right) = (registers[at.A], registers[at.B]);
                    if (left == Number.NotWhole || right == Number.NotWhole) return i;
                    if (at.Op == Op.Multiply)
                    {
                        if (Math.BigMul(left, right, out result) != result >> 63) return i;
                    }
                    else
                    {
                        result = at.Op == Op.Add ? left + right : left - right;
                    }

                    if (result is < -Number.MaxWhole or > Number.MaxWhole) return i;
                    registers[at.Target] = result;
                    registerBits[at.Target] = registerBits[at.A] & registerBits[at.B];
                    mark = (int)(registerBits[at.Target] >> 63) * KnownValue;
                    break;
                case Op.Choose:
                    a = marks[at.A];
                    mark = a > 0 || (a == 0 && marks[at.B] == marks[at.C]) ? marks[at.B] : a < 0 ? marks[at.C] : 0;
                    break;
                case Op.ChooseNumber:
                    a = marks[at.A] switch { > 0 => at.B, < 0 => at.C, _ => -1 };
                    if (a < 0 || registers[a] == Number.NotWhole) return i;
                    registers[at.Target] = registers[a];
                    registerBits[at.Target] = registerBits[a];
                    mark = (int)(registerBits[a] >> 63) * KnownValue;
                    break;
                case Op.ChooseValue:
                    a = marks[at.A] switch { > 0 => at.B, < 0 => at.C, _ => -1 };
                    if (a < 0) return i;
                    registerBits[at.Target] = registerBits[a];
                    mark = (int)(registerBits[a] >> 63) * KnownValue;
                    break;
                case Op.Value:
                    registerBits[at.Target] = Machine.Known | at.Mask;
                    mark = KnownValue;
                    break;
                case Op.LoadValue:
                    registerBits[at.Target] = bits[at.A];
                    mark = (int)(bits[at.A] >> 63) * KnownValue;
                    break;
                case Op.FromTruth:
                    a = marks[at.A];
                    registerBits[at.Target] = a == 0 ? 0 : Machine.Known | Domain.BooleanBit(a > 0);
                    mark = a == 0 ? 0 : KnownValue;
                    break;
                case Op.NoFigure:
                    registerBits[at.Target] = 0;
                    mark = 0;
                    break;
                case Op.IsKnown:
                    mark = bits[at.A] != 0 ? 1 : absent;
                    break;
                case Op.IsUnknown:
                    mark = bits[at.A] != 0 ? -1 : -absent;
                    break;
                default:
                    return i;
            }

            marks[positions[i]] = (sbyte)mark;
        }

        return instructions.Length;
    }

    private static bool Holds(Op comparison, long left, long right) => Holds(comparison, (left > right ? 1 : 0) - (left < right ? 1 : 0));

    private int RunOther(Machine machine, ReadOnlySpan<sbyte> marks, in Instruction at, int index)
    {
        var bits = machine.Bits;
        switch (at.Op)
        {
            case Op.Less:
            case Op.LessOrEqual:
            case Op.Greater:
            case Op.GreaterOrEqual:
            case Op.Equal:
            case Op.NotEqual:
                return Mark(bits[at.A], Holds(at.Op, machine.Numbers.Order(at.A, constants, at.B)));
            case Op.Compare:
                return machine.AreKnown(at.A, at.B) ? Mark(Machine.Known, Holds((Op)at.C, machine.Order(at.A, at.B))) : 0;
            case Op.LoadNumber:
                return machine.Load(at.Target, bits[at.A], machine.Numbers, at.A);
            case Op.Number:
                return machine.Load(at.Target, Machine.Known, constants, at.A);
            case Op.Add:
            case Op.Subtract:
            case Op.Multiply:
            case Op.Divide:
            case Op.Minimum:
            case Op.Maximum:
                return machine.AreKnown(at.A, at.B) ? machine.Calculate(at, index) : machine.Forget(at.Target);
            case Op.AmongNumbers:
                return Mark(bits[at.A], IsAmong(machine.Numbers, at));
            case Op.SameValue:
                return Mark(bits[at.A] & bits[at.B], bits[at.A] == bits[at.B]);
            case Op.OtherValue:
                return Mark(bits[at.A] & bits[at.B], bits[at.A] != bits[at.B]);
            case Op.Constant:
                return at.A;
            case Op.Ceiling:
            case Op.Floor:
            case Op.Absolute:
            case Op.Round:
                return machine.AreKnown(at.A, at.A) ? machine.Calculate(at, index) : machine.Forget(at.Target);
            case Op.ChooseNumber:
            case Op.ChooseValue:
                return machine.Choose(at, marks[at.A]);
            default:
                throw new InvalidOperationException($"no such instruction: {at.Op}");
        }
    }

    private bool IsAmong(Numbers numbers, in Instruction at)
    {
        for (var i = 0; i < at.C; i++)
            if (numbers.Order(at.A, constants, at.B + i) == 0)
                return true;
        return false;
    }

    /// <summary>Unknown where the word of a fact does not say known; else true or false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Mark(ulong word, bool holds) => (int)(word >> 63) * (2 * Unsafe.BitCast<bool, byte>(holds) - 1);

    // By the order of Op: less -1, equal 0, greater 1 as bits 0, 1, 2.
    private static bool Holds(Op comparison, int order) => (HoldsWhen[comparison - Op.Less] >> (order + 1) & 1) != 0;

    private static ReadOnlySpan<byte> HoldsWhen => [0b001, 0b011, 0b100, 0b110, 0b010, 0b101];
}

/// <summary>The facts under evaluation, and the registers of a running program. One thread at a time.</summary>
internal sealed class Machine(int slots, int registers)
{
    /// <summary>Set in <see cref="Bits"/> of every known fact; the rest says which value a discrete fact has.</summary>
    public const ulong Known = 1UL << 63;

    internal readonly ulong[] RegisterBits = new ulong[registers];
    internal readonly Numbers RegisterNumbers = new(registers);

    /// <summary>One word a fact: 0 is unknown; else <see cref="Known"/> and one bit for the value, or several for a list.</summary>
    public ulong[] Bits { get; } = new ulong[slots];

    public Numbers Numbers { get; } = new(slots);

    /// <summary>What arithmetic met since this was last cleared.</summary>
    public List<Fault> Faults { get; } = [];

    public bool TryNumber(int register, out decimal number)
    {
        number = RegisterNumbers[register];
        return RegisterBits[register] != 0;
    }

    public bool AreKnown(int register, int other) => (RegisterBits[register] & RegisterBits[other]) != 0;

    public int Order(int register, int other) => RegisterNumbers.Order(register, RegisterNumbers, other);

    public ulong ValueOf(int register) => RegisterBits[register];

    public decimal NumberOf(int register) => RegisterNumbers[register];

    /// <summary>Sets a fact.</summary>
    public void Set(int slot, ulong bits, in Number number)
    {
        Bits[slot] = bits;
        Numbers.Set(slot, number);
    }

    /// <summary>Sets a fact to the number of a register, or to discrete bits.</summary>
    public void Keep(int slot, int register, ulong bits)
    {
        Bits[slot] = bits;
        Numbers.Copy(slot, RegisterNumbers, register);
    }

    public void CopyFactsFrom(Machine other)
    {
        other.Bits.CopyTo(Bits, 0);
        Numbers.CopyFrom(other.Numbers);
    }

    // ---- value nodes: each fills its register and gives its mark ----

    internal int Load(int register, ulong bits, Numbers numbers, int index)
    {
        RegisterNumbers.Copy(register, numbers, index);
        return Load(register, bits);
    }

    internal int Load(int register, ulong bits)
    {
        RegisterBits[register] = bits;
        return bits != 0 ? Program.KnownValue : 0;
    }

    internal int Forget(int register) => Load(register, 0);

    /// <summary>One of two registers; where the condition is unknown, their common value if they have one.</summary>
    internal int Choose(in Instruction at, sbyte condition)
    {
        if (condition != 0) return Copy(at.Target, condition > 0 ? at.B : at.C);
        var areSame = RegisterBits[at.B] == RegisterBits[at.C] && (at.Op == Op.ChooseValue || Order(at.B, at.C) == 0);
        return areSame ? Copy(at.Target, at.B) : Forget(at.Target);
    }

    private int Copy(int target, int register) => Load(target, RegisterBits[register], RegisterNumbers, register);

    /// <summary>Arithmetic on registers that are known.</summary>
    internal int Calculate(in Instruction at, int index)
    {
        if (at.Op == Op.Divide && RegisterNumbers[at.B] == 0)
        {
            Faults.Add(new(index, FaultKind.DivisionByZero));
            return Forget(at.Target);
        }

        try
        {
            RegisterNumbers.Calculate(at.Op, at.Target, at.A, at.B);
            return Load(at.Target, Known);
        }
        catch (OverflowException)
        {
            Faults.Add(new(index, FaultKind.Overflow));
            return Forget(at.Target);
        }
    }
}
