using System.Collections.Immutable;

namespace Advisory.Engine.Expressions;

/// <summary>An expression as written; <paramref name="Start"/> and <paramref name="End"/> are indexes into its text.</summary>
internal abstract record Syntax(int Start, int End)
{
    public sealed record Number(decimal Value, bool IsBareFraction, int Start, int End) : Syntax(Start, End);

    public sealed record Text(string Value, int Start, int End) : Syntax(Start, End);

    public sealed record Boolean(bool Value, int Start, int End) : Syntax(Start, End);

    public sealed record Null(int Start, int End) : Syntax(Start, End);

    public sealed record Name(string Value, int Start, int End) : Syntax(Start, End);

    public sealed record Not(Syntax Operand, int Start, int End) : Syntax(Start, End);

    public sealed record Binary(string Operator, Syntax Left, Syntax Right, int OperatorAt, int Start, int End) : Syntax(Start, End);

    public sealed record In(Syntax Left, ImmutableArray<Syntax> Values, int Start, int End) : Syntax(Start, End);

    public sealed record Conditional(Syntax Condition, Syntax Then, Syntax Else, int Start, int End) : Syntax(Start, End);

    /// <summary><c>list.Contains("x")</c> or <c>Math.Floor(x)</c>; the name as written, with its dots.</summary>
    public sealed record Call(string Function, ImmutableArray<Syntax> Arguments, int Start, int End) : Syntax(Start, End);
}
