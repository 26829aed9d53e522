using System.Globalization;
using System.Text.RegularExpressions;

namespace Advisory.Tests.Laws;

/// <summary>An expression of the condition language, as section 6.3 of the normative README has it; parentheses leave nothing.</summary>
internal abstract record NaiveExpression
{
    /// <summary>6.7: a number with or without its sign, a text, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    internal sealed record Written(object? Value) : NaiveExpression;

    /// <summary>6.6: with a dot a fact or a reading, without one a parameter.</summary>
    internal sealed record Name(string Text) : NaiveExpression
    {
        public bool IsFact => Text.Contains('.', StringComparison.Ordinal);
    }

    internal sealed record Not(NaiveExpression Operand) : NaiveExpression;

    internal sealed record Binary(string Sign, NaiveExpression Left, NaiveExpression Right) : NaiveExpression;

    internal sealed record Choice(NaiveExpression If, NaiveExpression Then, NaiveExpression Else) : NaiveExpression;

    internal sealed record In(Name Fact, List<object?> Values) : NaiveExpression;

    internal sealed record Call(string Function, List<NaiveExpression> Arguments) : NaiveExpression
    {
        /// <summary>The list fact of <c>f.Contains("v")</c>; null for a function of 6.9.</summary>
        public string? SetOf => Function.EndsWith(".Contains", StringComparison.Ordinal) ? Function[..^".Contains".Length] : null;
    }

    public static NaiveExpression Parse(string text) => new NaiveParser(text).Whole();

    /// <summary>4.9: the facts and readings that it names, also by the parameters that it uses.</summary>
    public IEnumerable<string> FactsNamed(Dictionary<string, NaiveExpression> scope) => this switch
    {
        Name { IsFact: false } parameter => scope[parameter.Text].FactsNamed(scope),
        Name fact => [fact.Text],
        Call { SetOf: { } fact } => [fact],
        _ => Operands.SelectMany(operand => operand.FactsNamed(scope)),
    };

    private IEnumerable<NaiveExpression> Operands => this switch
    {
        Not not => [not.Operand],
        Binary binary => [binary.Left, binary.Right],
        Choice choice => [choice.If, choice.Then, choice.Else],
        In isIn => [isIn.Fact],
        Call call => call.Arguments,
        _ => [],
    };
}

/// <summary>6.1 to 6.3, one method for each production, for expressions that are valid.</summary>
internal sealed partial class NaiveParser(string text)
{
    private readonly List<string> words = [.. Word().Matches(text).Select(m => m.Value), ""];
    private int at;

    public NaiveExpression Whole()
    {
        var whole = Expression();
        return words[at].Length == 0 ? whole : throw new FormatException($"`{words[at]}` stands behind the end of `{text}`");
    }

    private NaiveExpression Expression()
    {
        var condition = Or();
        if (!Take("?")) return condition;
        var then = Expression();
        Need(":");
        return new NaiveExpression.Choice(condition, then, Expression());
    }

    private NaiveExpression Or() => LeftToRight(And, "||");

    private NaiveExpression And() => LeftToRight(Equality, "&&");

    private NaiveExpression Equality() => LeftToRight(Relation, "==", "!=");

    private NaiveExpression Relation()
    {
        var left = Sum();
        while (true)
        {
            if (Take("in"))
            {
                Need("(");
                left = new NaiveExpression.In((NaiveExpression.Name)left, Separated(Literal));
            }
            else if (TakeAny("<", "<=", ">", ">=") is { } sign)
            {
                left = new NaiveExpression.Binary(sign, left, Sum());
            }
            else
            {
                return left;
            }
        }
    }

    private NaiveExpression Sum() => LeftToRight(Product, "+", "-");

    private NaiveExpression Product() => LeftToRight(Unary, "*", "/");

    private NaiveExpression Unary()
    {
        if (Take("!")) return new NaiveExpression.Not(Unary());
        return words[at] == "-" ? new NaiveExpression.Written(Literal()) : Primary();
    }

    private NaiveExpression Primary()
    {
        if (Take("("))
        {
            var inner = Expression();
            Need(")");
            return inner;
        }
        if (Take("null")) return new NaiveExpression.Written(null);
        if (words[at] is "true" or "false" || words[at][0] is '"' or (>= '0' and <= '9')) return new NaiveExpression.Written(Literal());
        var name = words[at++];
        return Take("(") ? new NaiveExpression.Call(name, Separated(Expression)) : new NaiveExpression.Name(name);
    }

    private object? Literal()
    {
        if (Take("true")) return true;
        if (Take("false")) return false;
        var isNegative = Take("-");
        var word = words[at++];
        if (word[0] == '"') return word[1..^1];
        var number = decimal.Parse(word.TrimEnd('m', 'M'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return isNegative ? -number : number;
    }

    private NaiveExpression LeftToRight(Func<NaiveExpression> operand, params string[] signs)
    {
        var left = operand();
        while (TakeAny(signs) is { } sign) left = new NaiveExpression.Binary(sign, left, operand());
        return left;
    }

    /// <summary>One or more, separated by commas, up to the closing parenthesis.</summary>
    private List<T> Separated<T>(Func<T> one)
    {
        var all = new List<T> { one() };
        while (Take(",")) all.Add(one());
        Need(")");
        return all;
    }

    private string? TakeAny(params string[] signs) => Array.Find(signs, Take);

    private bool Take(string word)
    {
        if (words[at] != word) return false;
        at++;
        return true;
    }

    private void Need(string word)
    {
        if (!Take(word)) throw new FormatException($"`{word}` is missing before `{words[at]}` in `{text}`");
    }

    // The longer signs stand first, since the first that fits is taken.
    [GeneratedRegex("""[A-Za-z_][A-Za-z0-9_.]*|[0-9][A-Za-z0-9.]*|"[^"\\]*"|&&|\|\||==|!=|<=|>=|[<>!?:(),+*/-]""")]
    private static partial Regex Word();
}
