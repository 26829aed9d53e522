using System.Numerics;

namespace Advisory.Tests.Laws;

/// <summary>
/// 7.7 of the normative README with whole numbers of any size: the exact result as a fraction, then rounded once. System.Decimal holds
/// the results and is never asked to calculate, since it is what is to be checked.
/// </summary>
internal static class NaiveArithmetic
{
    private static readonly BigInteger Largest = BigInteger.Pow(2, 96) - 1;

    /// <summary>Null where the result does not fit or there is none.</summary>
    public static decimal? Calculate(string sign, decimal left, decimal right)
    {
        var ((a, b), (c, d)) = (Fraction(left), Fraction(right));
        return sign switch
        {
            "+" => Nearest(a * d + c * b, b * d),
            "-" => Nearest(a * d - c * b, b * d),
            "*" => Nearest(a * c, b * d),
            "/" => c.IsZero ? null : Nearest(a * d * c.Sign, b * BigInteger.Abs(c)),
            _ => throw new InvalidOperationException($"`{sign}` is no sign of arithmetic"),
        };
    }

    public static decimal? Call(string function, List<decimal> arguments) => function switch
    {
        "Math.Ceiling" => -Floor(-arguments[0]),
        "Math.Floor" => Floor(arguments[0]),
        "Math.Abs" => arguments[0] < 0 ? -arguments[0] : arguments[0],
        "Math.Round" => Round(arguments[0]),
        "Math.Min" => arguments.Min(),
        "Math.Max" => arguments.Max(),
        _ => throw new InvalidOperationException($"`{function}` is no function"),
    };

    private static decimal Floor(decimal number)
    {
        var (n, scale) = Fraction(number);
        return (decimal)FloorOf(n, scale);
    }

    private static decimal Round(decimal number)
    {
        var (n, scale) = Fraction(number);
        return (decimal)NearestWhole(n, scale);
    }

    private static (BigInteger N, BigInteger PowerOfTen) Fraction(decimal number)
    {
        var bits = decimal.GetBits(number);
        return (new(new decimal(bits[0], bits[1], bits[2], number < 0, 0)), BigInteger.Pow(10, number.Scale));
    }

    private static decimal? Nearest(BigInteger numerator, BigInteger denominator)
    {
        for (var digits = 28; digits >= 0; digits--)
        {
            var n = NearestWhole(numerator * BigInteger.Pow(10, digits), denominator);
            if (BigInteger.Abs(n) > Largest) continue;
            var bits = decimal.GetBits((decimal)BigInteger.Abs(n));
            return n.IsZero ? 0 : new decimal(bits[0], bits[1], bits[2], n.Sign < 0, (byte)digits);
        }
        return null;
    }

    /// <summary>The nearest whole number, a tie the even one; the denominator is above 0.</summary>
    private static BigInteger NearestWhole(BigInteger numerator, BigInteger denominator)
    {
        var below = FloorOf(numerator, denominator);
        var twiceTheRest = 2 * (numerator - below * denominator);
        return twiceTheRest > denominator || (twiceTheRest == denominator && !below.IsEven) ? below + 1 : below;
    }

    private static BigInteger FloorOf(BigInteger numerator, BigInteger denominator)
    {
        var towardsZero = BigInteger.DivRem(numerator, denominator, out var rest);
        return rest.Sign < 0 ? towardsZero - 1 : towardsZero;
    }
}
