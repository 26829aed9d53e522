using System.Collections.Immutable;

namespace Advisory.Engine.Expressions;

/// <summary>Expressions compiled into one array of instructions; immutable, shared by all threads.</summary>
internal sealed class Program(ImmutableArray<Instruction> code, ImmutableArray<NodeOrigin> origins, ImmutableArray<decimal> constants, int registers)
{
    /// <summary>The mark of a value node whose value is known; <see cref="Truth.Unknown"/> where it is not.</summary>
    public const sbyte KnownValue = 2;

    public ImmutableArray<Instruction> Code => code;

    public ImmutableArray<NodeOrigin> Origins => origins;

    public ImmutableArray<decimal> Constants => constants;

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
        ReadOnlySpan<ulong> bits = machine.Bits;
        ReadOnlySpan<decimal> numbers = machine.Numbers;
        var instructions = code.AsSpan();

        for (var i = start; i < end; i++)
        {
            ref readonly var at = ref instructions[i];
            sbyte mark;
            switch (at.Op)
            {
                case Op.Constant:
                    mark = (sbyte)at.A;
                    break;
                case Op.Test:
                    mark = bits[at.A] == 0 ? (sbyte)0 : (bits[at.A] & at.Mask) != 0 ? (sbyte)1 : (sbyte)-1;
                    break;
                case Op.IsKnown:
                    mark = bits[at.A] != 0 ? (sbyte)1 : askingMeansKnown ? (sbyte)-1 : (sbyte)0;
                    break;
                case Op.IsUnknown:
                    mark = bits[at.A] != 0 ? (sbyte)-1 : askingMeansKnown ? (sbyte)1 : (sbyte)0;
                    break;
                case >= Op.Less and <= Op.NotEqual:
                    mark = bits[at.A] == 0 ? (sbyte)0 : Mark(Holds(at.Op, numbers[at.A], constants[at.B]));
                    break;
                case Op.AmongNumbers:
                    mark = bits[at.A] == 0 ? (sbyte)0 : Mark(constants.AsSpan(at.B, at.C).Contains(numbers[at.A]));
                    break;
                case Op.SameValue:
                    mark = bits[at.A] == 0 || bits[at.B] == 0 ? (sbyte)0 : Mark(bits[at.A] == bits[at.B]);
                    break;
                case Op.OtherValue:
                    mark = bits[at.A] == 0 || bits[at.B] == 0 ? (sbyte)0 : Mark(bits[at.A] != bits[at.B]);
                    break;
                case Op.Compare:
                    mark = machine.TryNumber(at.A, out var left) && machine.TryNumber(at.B, out var right) ? Mark(Holds((Op)at.C, left, right)) : (sbyte)0;
                    break;
                case Op.Not:
                    mark = (sbyte)-marks[at.A];
                    break;
                case Op.And:
                    mark = Math.Min(marks[at.A], marks[at.B]);
                    break;
                case Op.Or:
                    mark = Math.Max(marks[at.A], marks[at.B]);
                    break;
                case Op.Choose:
                    mark = marks[at.A] switch
                    {
                        1 => marks[at.B],
                        -1 => marks[at.C],
                        _ => marks[at.B] == marks[at.C] ? marks[at.B] : (sbyte)0,
                    };
                    break;
                default:
                    mark = machine.Compute(at, marks, constants.AsSpan(), i) ? KnownValue : (sbyte)0;
                    break;
            }

            marks[i] = mark;
        }
    }

    private static sbyte Mark(bool holds) => holds ? (sbyte)1 : (sbyte)-1;

    private static bool Holds(Op comparison, decimal left, decimal right) => comparison switch
    {
        Op.Less => left < right,
        Op.LessOrEqual => left <= right,
        Op.Greater => left > right,
        Op.GreaterOrEqual => left >= right,
        Op.Equal => left == right,
        _ => left != right,
    };
}

/// <summary>The facts under evaluation, and the registers of a running program. One thread at a time.</summary>
internal sealed class Machine(int slots, int registers)
{
    /// <summary>Set in <see cref="Bits"/> of every known fact; the rest says which value a discrete fact has.</summary>
    public const ulong Known = 1UL << 63;

    private readonly ulong[] registerBits = new ulong[registers];
    private readonly decimal[] registerNumbers = new decimal[registers];

    /// <summary>One word a fact: 0 is unknown; else <see cref="Known"/> and one bit for the value, or several for a list.</summary>
    public ulong[] Bits { get; } = new ulong[slots];

    public decimal[] Numbers { get; } = new decimal[slots];

    /// <summary>What arithmetic met since this was last cleared.</summary>
    public List<Fault> Faults { get; } = [];

    public bool TryNumber(int register, out decimal number)
    {
        number = registerNumbers[register];
        return registerBits[register] != 0;
    }

    public ulong ValueOf(int register) => registerBits[register];

    public void CopyFactsFrom(Machine other)
    {
        other.Bits.CopyTo(Bits, 0);
        other.Numbers.CopyTo(Numbers, 0);
    }

    /// <summary>Computes a value node into its register; false where it is unknown.</summary>
    internal bool Compute(in Instruction at, ReadOnlySpan<sbyte> marks, ReadOnlySpan<decimal> constants, int index)
    {
        ref var bits = ref registerBits[at.Target];
        ref var number = ref registerNumbers[at.Target];
        bits = 0;

        switch (at.Op)
        {
            case Op.Number:
                number = constants[at.A];
                bits = Known;
                break;
            case Op.LoadNumber:
                number = Numbers[at.A];
                bits = Bits[at.A];
                break;
            case Op.Value:
                bits = Known | at.Mask;
                break;
            case Op.LoadValue:
                bits = Bits[at.A];
                break;
            case Op.FromTruth:
                bits = marks[at.A] == 0 ? 0 : Known | Domain.BooleanBit(marks[at.A] > 0);
                break;
            case Op.ChooseValue:
                bits = marks[at.A] switch
                {
                    1 => registerBits[at.B],
                    -1 => registerBits[at.C],
                    _ => registerBits[at.B] == registerBits[at.C] ? registerBits[at.B] : 0,
                };
                break;
            case Op.ChooseNumber:
                var (then, otherwise) = (at.B, at.C);
                var chosen = marks[at.A] switch
                {
                    1 => then,
                    -1 => otherwise,
                    _ => registerNumbers[then] == registerNumbers[otherwise] && registerBits[otherwise] != 0 ? then : -1,
                };
                if (chosen >= 0) (bits, number) = (registerBits[chosen], registerNumbers[chosen]);
                break;
            case Op.NoFigure:
                break;
            default:
                if (!TryNumber(at.A, out var a)) return false;
                var b = 0m;
                if (at.Op <= Op.Maximum && !TryNumber(at.B, out b)) return false;
                if (at.Op == Op.Divide && b == 0)
                {
                    Faults.Add(new(index, FaultKind.DivisionByZero));
                    return false;
                }

                try
                {
                    number = at.Op switch
                    {
                        Op.Add => a + b,
                        Op.Subtract => a - b,
                        Op.Multiply => a * b,
                        Op.Divide => a / b,
                        Op.Minimum => Math.Min(a, b),
                        Op.Maximum => Math.Max(a, b),
                        Op.Ceiling => Math.Ceiling(a),
                        Op.Floor => Math.Floor(a),
                        Op.Absolute => Math.Abs(a),
                        Op.Round => Math.Round(a, MidpointRounding.ToEven),
                        _ => throw new InvalidOperationException($"no such value instruction: {at.Op}"),
                    };
                }
                catch (OverflowException)
                {
                    Faults.Add(new(index, FaultKind.Overflow));
                    return false;
                }

                bits = Known;
                break;
        }

        return bits != 0;
    }
}
