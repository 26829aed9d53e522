namespace Advisory.Engine.Expressions;

/// <summary>A decimal number, as a whole number where it is one: most figures are, and a processor counts those itself.</summary>
internal readonly record struct Number
{
    /// <summary>In <see cref="Whole"/>: the number is in <see cref="Decimal"/>.</summary>
    public const long NotWhole = long.MinValue;

    /// <summary>Greatest magnitude held as a whole number; two of them add up without overflow.</summary>
    public const long MaxWhole = (1L << 62) - 1;

    public Number(decimal value)
    {
        Decimal = value;
        Whole = Math.Abs(value) <= MaxWhole && decimal.Truncate(value) == value ? (long)value : NotWhole;
    }

    /// <summary>The number, or <see cref="NotWhole"/>.</summary>
    public long Whole { get; }

    public decimal Decimal { get; }

    public static implicit operator Number(decimal value) => new(value);
}

/// <summary>Numbers by index, the whole ones apart, so that counting never touches a decimal.</summary>
/// <remarks>Every operation gives the very value that <see cref="decimal"/> gives, and overflows where that does.</remarks>
internal sealed class Numbers(int length)
{
    public readonly long[] Wholes = new long[length];
    private readonly decimal[] decimals = new decimal[length]; // valid where the whole is NotWhole
    private bool hasDecimals;

    public Numbers(IReadOnlyList<Number> numbers)
        : this(numbers.Count)
    {
        for (var i = 0; i < numbers.Count; i++) Set(i, numbers[i]);
    }

    public decimal this[int index] => Wholes[index] is var whole && whole != Number.NotWhole ? whole : decimals[index];

    public void Set(int index, in Number number)
    {
        Wholes[index] = number.Whole;
        if (number.Whole == Number.NotWhole) SetDecimal(index, number.Decimal);
    }

    public void Copy(int index, Numbers from, int other)
    {
        Wholes[index] = from.Wholes[other];
        if (Wholes[index] == Number.NotWhole) SetDecimal(index, from.decimals[other]);
    }

    private void SetDecimal(int index, decimal value)
    {
        decimals[index] = value;
        hasDecimals = true;
    }

    public void CopyFrom(Numbers other)
    {
        other.Wholes.CopyTo(Wholes, 0);
        if (!other.hasDecimals) return;
        other.decimals.CopyTo(decimals, 0);
        hasDecimals = true;
    }

    /// <summary>-1 where the number is less than the other, 0 where it is equal, 1 where it is greater.</summary>
    public int Order(int index, Numbers others, int other)
    {
        var (a, b) = (Wholes[index], others.Wholes[other]);
        if (a != Number.NotWhole && b != Number.NotWhole) return (a > b ? 1 : 0) - (a < b ? 1 : 0);
        return Math.Sign(decimal.Compare(this[index], others[other]));
    }

    /// <summary>Calculates <paramref name="target"/> from <paramref name="a"/> and, where the operation takes two numbers, <paramref name="b"/>.</summary>
    /// <exception cref="OverflowException">The result is beyond what a decimal holds.</exception>
    public void Calculate(Op operation, int target, int a, int b)
    {
        var (left, right) = (Wholes[a], Wholes[b]);
        if (left != Number.NotWhole && right != Number.NotWhole && OfWholes(operation, left, right, out var whole)) Wholes[target] = whole;
        else Set(target, OfDecimals(operation, this[a], this[b]));
    }

    private static bool OfWholes(Op operation, long left, long right, out long result)
    {
        switch (operation)
        {
            case Op.Add:
                result = left + right;
                break;
            case Op.Subtract:
                result = left - right;
                break;
            case Op.Multiply:
                if (Math.BigMul(left, right, out result) != result >> 63) return false;
                break;
            case Op.Divide:
                result = Math.DivRem(left, right, out var remainder);
                if (remainder != 0) return false;
                break;
            case Op.Minimum:
                result = Math.Min(left, right);
                break;
            case Op.Maximum:
                result = Math.Max(left, right);
                break;
            case Op.Absolute:
                result = Math.Abs(left);
                break;
            default:
                result = left; // a whole number is its own ceiling, floor and rounding
                break;
        }

        return result is >= -Number.MaxWhole and <= Number.MaxWhole;
    }

    private static decimal OfDecimals(Op operation, decimal left, decimal right) => operation switch
    {
        Op.Add => left + right,
        Op.Subtract => left - right,
        Op.Multiply => left * right,
        Op.Divide => left / right,
        Op.Minimum => Math.Min(left, right),
        Op.Maximum => Math.Max(left, right),
        Op.Ceiling => Math.Ceiling(left),
        Op.Floor => Math.Floor(left),
        Op.Absolute => Math.Abs(left),
        Op.Round => Math.Round(left, MidpointRounding.ToEven),
        _ => throw new InvalidOperationException($"no such arithmetic: {operation}"),
    };
}
