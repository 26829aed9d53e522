using System.Collections.Immutable;
using Advisory.Engine.Json;

namespace Advisory.Engine.Expressions;

/// <summary>
/// Reads an expression by recursive descent. Precedence, loosest first: <c>? :</c>, <c>||</c>, <c>&amp;&amp;</c>, <c>== !=</c>,
/// <c>&lt; &lt;= &gt; &gt;= in</c>, <c>+ -</c>, <c>* /</c>, <c>!</c>: as in C# and in the library whose rule format we keep.
/// </summary>
/// <remarks>
/// Bounded: <see cref="MaxLength"/> characters, <see cref="MaxDepth"/> levels, <see cref="MaxOperators"/> operators. A long chain
/// <c>a || b || c</c> is a deep tree without brackets, so the last bound also bounds the recursion of whoever walks the tree.
/// </remarks>
internal sealed class Parser
{
    public const int MaxLength = 4_000;
    public const int MaxDepth = 50;
    public const int MaxOperators = 400;

    private static readonly Dictionary<string, string> WordOperators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["and"] = "&&",
        ["or"] = "||",
        ["not"] = "!",
        ["eq"] = "==",
        ["ne"] = "!=",
        ["neq"] = "!=",
        ["lt"] = "<",
        ["le"] = "<=",
        ["gt"] = ">",
        ["ge"] = ">=",
    };

    private readonly List<Token> tokens;
    private int at;
    private int depth;
    private int operators;

    private Parser(List<Token> tokens) => this.tokens = tokens;

    private Token Current => tokens[at];

    // A node reaches from the first to the last of its words, brackets included: its text reads as the author wrote it.
    private int EndOfPrevious => tokens[at - 1].End;

    /// <exception cref="ExpressionException">With the index of the fault.</exception>
    public static Syntax Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new ExpressionException(MaxLength, "expression-bound", FormattableString.Invariant($"the expression has {text.Length} characters; at most {MaxLength} are read"));
        var parser = new Parser(Lexer.Read(text));
        if (parser.Current.Kind == TokenKind.End) throw new ExpressionException(0, "syntax", "the expression is empty");
        var expression = parser.Conditional();
        if (parser.Current.Kind != TokenKind.End) throw parser.Unexpected("an operator or the end");
        return expression;
    }

    private Syntax Conditional()
    {
        Deeper();
        var start = Current.Start;
        var condition = Binary(0);
        if (Take("?"))
        {
            var then = Conditional();
            if (!Take(":")) throw Unexpected("`:` and what holds otherwise");
            var otherwise = Conditional();
            condition = new Syntax.Conditional(condition, then, otherwise, start, EndOfPrevious);
        }

        depth--;
        return condition;
    }

    // Counted where an expression and where an operand begins, so a pair of brackets counts twice.
    private void Deeper()
    {
        if (++depth > MaxDepth)
            throw new ExpressionException(Current.Start, "expression-bound", FormattableString.Invariant($"the expression is more than {MaxDepth} levels deep"), "a pair of brackets counts as two levels");
    }

    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"]];

    private const int Relational = 3;

    private Syntax Binary(int level)
    {
        if (level == Levels.Length) return Unary();
        var start = Current.Start;
        var left = Binary(level + 1);
        while (true)
        {
            var word = Current;
            if (operators > MaxOperators)
                throw new ExpressionException(word.Start, "expression-bound", FormattableString.Invariant($"the expression has more than {MaxOperators} operators"));
            if (word.Kind == TokenKind.Symbol && Levels[level].Contains(word.Text))
            {
                at++;
                operators++;
                var right = Binary(level + 1);
                left = new Syntax.Binary(word.Text, left, right, word.Start, start, EndOfPrevious);
            }
            else if (level == Relational && word is { Kind: TokenKind.Name, Text: "in" })
            {
                at++;
                left = In(left, start);
            }
            else
            {
                return left;
            }
        }
    }

    private Syntax.In In(Syntax left, int start)
    {
        if (!Take("(")) throw Unexpected("`(` and the values");
        var values = ImmutableArray.CreateBuilder<Syntax>();
        do values.Add(Literal());
        while (Take(","));
        var end = Current.End;
        return Take(")") ? new(left, values.ToImmutable(), start, end) : throw Unexpected("`,` or `)`");
    }

    private Syntax Literal()
    {
        var start = Current.Start;
        var negative = Take("-");
        var word = Current;
        at++;
        return (word.Kind, negative) switch
        {
            (TokenKind.Number, _) => Number(word, negative, start),
            (TokenKind.Text, false) => new Syntax.Text(word.Text, word.Start, word.End),
            (TokenKind.Name, false) when word.Text is "true" or "false" => new Syntax.Boolean(word.Text == "true", word.Start, word.End),
            _ => throw Back("a value such as \"x\" or 5"),
        };

        ExpressionException Back(string expected)
        {
            at--;
            return Unexpected(expected);
        }
    }

    private Syntax Unary()
    {
        Deeper();
        var word = Current;
        Syntax result;
        if (Take("!"))
        {
            var operand = Unary();
            result = new Syntax.Not(operand, word.Start, EndOfPrevious);
        }
        else if (Take("-"))
        {
            if (Current.Kind != TokenKind.Number) throw new ExpressionException(word.Start, "syntax", "`-` stands between two numbers or before a written one", "write `0 - x`");
            result = Number(tokens[at++], negative: true, word.Start);
        }
        else
        {
            result = Primary();
        }

        depth--;
        return result;
    }

    private Syntax Primary()
    {
        var word = Current;
        switch (word.Kind)
        {
            case TokenKind.Number:
                at++;
                return Number(word, negative: false, word.Start);

            case TokenKind.Text:
                at++;
                return new Syntax.Text(word.Text, word.Start, word.End);

            case TokenKind.Symbol when word.Text == "(":
                at++;
                var inner = Conditional();
                if (!Take(")")) throw Unexpected("`)`");
                return inner;

            case TokenKind.Name:
                if (WordOperators.TryGetValue(word.Text, out var sign))
                    throw new ExpressionException(word.Start, "syntax", $"`{word.Text}` is not part of the language", $"write `{sign}`");
                at++;
                if (Take("(")) return Call(word);
                return word.Text switch
                {
                    "true" or "false" => new Syntax.Boolean(word.Text == "true", word.Start, word.End),
                    "null" => new Syntax.Null(word.Start, word.End),
                    _ => new Syntax.Name(word.Text, word.Start, word.End),
                };

            default:
                throw Unexpected("a fact or a value");
        }
    }

    private Syntax.Call Call(Token name)
    {
        var arguments = ImmutableArray.CreateBuilder<Syntax>();
        if (!(Current is { Kind: TokenKind.Symbol, Text: ")" }))
        {
            do arguments.Add(Conditional());
            while (Take(","));
        }

        var end = Current.End;
        return Take(")") ? new(name.Text, arguments.ToImmutable(), name.Start, end) : throw Unexpected("`,` or `)`");
    }

    private static Syntax.Number Number(Token word, bool negative, int start)
    {
        var text = word.Text;
        var isFraction = text.Contains('.', StringComparison.Ordinal);
        var marked = text.EndsWith('m') || text.EndsWith('M');
        var digits = marked ? text[..^1] : text;

        var wellFormed = digits.Length > 0 && digits[0] != '.' && digits[^1] != '.' && digits.All(c => char.IsAsciiDigit(c) || c == '.') && digits.Count(c => c == '.') <= 1;
        if (!wellFormed) throw new ExpressionException(word.Start, "syntax", $"`{JsonNode.Shorten(text)}` is not a number");
        if (JsonNode.ParseNumber(digits) is not { } value)
            throw new ExpressionException(word.Start, "number-range", $"the number `{JsonNode.Shorten(text)}` has more than 15 digits or is too large");
        return new(negative ? -value : value, isFraction && !marked, start, word.End);
    }

    private bool Take(string symbol)
    {
        if (Current.Kind != TokenKind.Symbol || Current.Text != symbol) return false;
        at++;
        return true;
    }

    private ExpressionException Unexpected(string expected)
    {
        var word = Current;
        if (word.Kind == TokenKind.End) return new(word.Start, "syntax", $"the expression ends too early; {expected} was expected");
        if (word.Kind == TokenKind.Name && WordOperators.TryGetValue(word.Text, out var sign))
            return new(word.Start, "syntax", $"`{word.Text}` is not part of the language", $"write `{sign}`");
        var shown = word.Kind == TokenKind.Text ? $"\"{JsonNode.Shorten(word.Text)}\"" : JsonNode.Shorten(word.Text);
        return new(word.Start, "syntax", $"{expected} was expected, not `{shown}`");
    }
}
