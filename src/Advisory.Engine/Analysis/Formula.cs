using Advisory.Engine.Expressions;

namespace Advisory.Engine.Analysis;

/// <summary>
/// A calculation over one fact with so many values that they are not tried one by one. Compared with another number it becomes runs of
/// values: an interval of values is split until every part of it compares alike.
/// </summary>
/// <remarks>Two formulas are equal if they are written alike; that only costs sharing. Arithmetic is that of the evaluator.</remarks>
internal sealed record Formula(FactVariable Variable, Op Operation, Formula? Left, Formula? Right, decimal Constant)
{
    /// <summary>The fact itself.</summary>
    public static Formula Of(FactVariable variable) => new(variable, Op.LoadNumber, null, null, 0);

    /// <summary>A number in a formula over a fact.</summary>
    public static Formula Of(FactVariable variable, decimal constant) => new(variable, Op.Number, null, null, constant);

    /// <summary>
    /// How a function of a fact's values falls into runs. <paramref name="over"/> gives the code for the indexes [start, end), or null where
    /// it is not the same for all of them; for one index it always gives one.
    /// </summary>
    public static IEnumerable<(int End, int Code)> Runs(FactVariable variable, Diagrams diagrams, int whereUnknown, Func<int, int, int?> over)
    {
        yield return (FactVariable.Unknown + 1, whereUnknown);
        var open = new Stack<(int Start, int End)>();
        for (var held = variable.Values + 1; held < variable.Count; held++) open.Push((held, held + 1));
        open.Push((1, variable.Values + 1));
        while (open.TryPop(out var run))
        {
            diagrams.Spend(1);
            if (over(run.Start, run.End) is { } code)
            {
                yield return (run.End, code);
                continue;
            }

            if (run.End == run.Start + 1) throw new InvalidOperationException("one value of a fact compares in two ways");
            var middle = run.Start + ((run.End - run.Start) / 2);
            open.Push((middle, run.End));
            open.Push((run.Start, middle));
        }
    }

    /// <summary>Whether every result is a whole number.</summary>
    public bool IsWhole => Operation switch
    {
        Op.LoadNumber => decimal.IsInteger(Variable.Fact.Min) && decimal.IsInteger(Variable.Fact.Step),
        Op.Number => decimal.IsInteger(Constant),
        Op.Ceiling or Op.Floor or Op.Round => true,
        Op.Divide => false,
        _ => Left!.IsWhole && (Right?.IsWhole ?? true),
    };

    /// <summary>The least and the greatest result over a run of values; null where every value gives none.</summary>
    public Interval? Over(int start, int end)
    {
        switch (Operation)
        {
            case Op.Number:
                return new(Constant, Constant);
            case Op.LoadNumber:
                return new(Variable.NumberAt(start), Variable.NumberAt(end - 1));
        }

        if (Left!.Over(start, end) is not { } a) return null;
        Interval? right = Right is null ? a : Right.Over(start, end);
        if (right is not { } b) return null;
        var isOne = end == start + 1;
        if (a.IsUnsettled || b.IsUnsettled) return Interval.Unsettled;
        try
        {
            return Operation switch
            {
                Op.Add => new(a.Least + b.Least, a.Greatest + b.Greatest),
                Op.Subtract => new(a.Least - b.Greatest, a.Greatest - b.Least),
                Op.Multiply => Interval.Around(a.Least * b.Least, a.Least * b.Greatest, a.Greatest * b.Least, a.Greatest * b.Greatest),
                Op.Divide when b.Least == 0 && b.Greatest == 0 => null,
                Op.Divide when b.Least <= 0 && b.Greatest >= 0 => Interval.Unsettled,
                Op.Divide => Interval.Around(a.Least / b.Least, a.Least / b.Greatest, a.Greatest / b.Least, a.Greatest / b.Greatest),
                Op.Minimum => new(Math.Min(a.Least, b.Least), Math.Min(a.Greatest, b.Greatest)),
                Op.Maximum => new(Math.Max(a.Least, b.Least), Math.Max(a.Greatest, b.Greatest)),
                Op.Ceiling => new(Math.Ceiling(a.Least), Math.Ceiling(a.Greatest)),
                Op.Floor => new(Math.Floor(a.Least), Math.Floor(a.Greatest)),
                Op.Round => new(Math.Round(a.Least, MidpointRounding.ToEven), Math.Round(a.Greatest, MidpointRounding.ToEven)),
                Op.Absolute => a.Least >= 0 ? a : a.Greatest <= 0 ? new(-a.Greatest, -a.Least) : new(0, Math.Max(-a.Least, a.Greatest)),
                _ => throw new InvalidOperationException($"no such arithmetic: {Operation}"),
            };
        }
        catch (OverflowException)
        {
            // For one value that is a fault, and its result unknown; for several, some may still fit.
            return isOne ? null : Interval.Unsettled;
        }
    }
}

/// <summary>Between which numbers a result lies; unsettled where it may also be unknown.</summary>
internal readonly record struct Interval(decimal Least, decimal Greatest, bool IsUnsettled = false)
{
    public static readonly Interval Unsettled = new(0, 0, true);

    public static Interval Around(decimal a, decimal b, decimal c, decimal d) =>
        new(Math.Min(Math.Min(a, b), Math.Min(c, d)), Math.Max(Math.Max(a, b), Math.Max(c, d)));

    /// <summary>How a comparison comes out for every pair of numbers; null where not all agree.</summary>
    public static int? Compare(Op comparison, Interval? left, Interval? right)
    {
        if (left is not { } a || right is not { } b) return (int)Truth.Unknown;
        if (a.IsUnsettled || b.IsUnsettled) return null;
        bool? less = a.Greatest < b.Least ? true : a.Least >= b.Greatest ? false : null;
        bool? greater = a.Least > b.Greatest ? true : a.Greatest <= b.Least ? false : null;
        bool? equal = a.Least == a.Greatest && b == a ? true : a.Greatest < b.Least || a.Least > b.Greatest ? false : null;
        var holds = comparison switch
        {
            Op.Less => less,
            Op.LessOrEqual => !greater,
            Op.Greater => greater,
            Op.GreaterOrEqual => !less,
            Op.Equal => equal,
            _ => !equal,
        };
        return holds is { } settled ? settled ? 1 : -1 : null;
    }
}
