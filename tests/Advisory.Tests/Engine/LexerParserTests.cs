using System.Globalization;
using Advisory.Engine.Expressions;

namespace Advisory.Tests.Engine;

public sealed class LexerParserTests
{
    [Theory]
    // The loosest binds last: ? :, ||, &&, == !=, < <= > >= in, + -, * /, !
    [InlineData("a || b && c", "(a || (b && c))")]
    [InlineData("a && b || c", "((a && b) || c)")]
    [InlineData("a && b == c", "(a && (b == c))")]
    [InlineData("a == b && c != d", "((a == b) && (c != d))")]
    [InlineData("a < b == c >= d", "((a < b) == (c >= d))")]
    [InlineData("a == b < c", "(a == (b < c))")]
    [InlineData("a + b < c - d", "((a + b) < (c - d))")]
    [InlineData("a + b * c", "(a + (b * c))")]
    [InlineData("a * b + c", "((a * b) + c)")]
    [InlineData("a - b / c", "(a - (b / c))")]
    [InlineData("!a && b", "((!a) && b)")]
    [InlineData("!a == b", "((!a) == b)")]
    [InlineData("a == !b", "(a == (!b))")]
    [InlineData("a || b && c == d < e + f * !g", "(a || (b && (c == (d < (e + (f * (!g)))))))")]
    [InlineData("!a * b + c < d == e && f || g", "(((((((!a) * b) + c) < d) == e) && f) || g)")]
    // Equals bind from the left.
    [InlineData("a || b || c", "((a || b) || c)")]
    [InlineData("a && b && c", "((a && b) && c)")]
    [InlineData("a == b != c", "((a == b) != c)")]
    [InlineData("a < b <= c > d >= e", "((((a < b) <= c) > d) >= e)")]
    [InlineData("a - b - c", "((a - b) - c)")]
    [InlineData("a - b + c - d", "(((a - b) + c) - d)")]
    [InlineData("a / b / c * d", "(((a / b) / c) * d)")]
    [InlineData("!!a", "(!(!a))")]
    // A choice binds from the right.
    [InlineData("a ? b : c", "(a ? b : c)")]
    [InlineData("a ? b : c ? d : e", "(a ? b : (c ? d : e))")]
    [InlineData("a ? b ? c : d : e", "(a ? (b ? c : d) : e)")]
    [InlineData("a || b ? c && d : e || f", "((a || b) ? (c && d) : (e || f))")]
    [InlineData("a == b ? c : d == e", "((a == b) ? c : (d == e))")]
    [InlineData("(a ? b : c) ? d : e", "((a ? b : c) ? d : e)")]
    // `in` stands where < stands.
    [InlineData("a in (1, 2) && b", "((a in (1, 2)) && b)")]
    [InlineData("a in (\"x\") == true", "((a in (\"x\")) == true)")]
    [InlineData("a + 1 in (-2, 3.5m)", "((a + 1) in (-2, 3.5))")]
    [InlineData("!a in (true)", "((!a) in (true))")]
    [InlineData("a < b in (1)", "((a < b) in (1))")]
    [InlineData("a in (1) in (2)", "((a in (1)) in (2))")]
    // Brackets.
    [InlineData("(a || b) && c", "((a || b) && c)")]
    [InlineData("a - (b - c)", "(a - (b - c))")]
    [InlineData("!(a && b)", "(!(a && b))")]
    [InlineData("((((a))))", "a")]
    // Minus belongs to a written number only where no operand stands before it.
    [InlineData("-5 < a", "(-5 < a)")]
    [InlineData("a -5", "(a - 5)")]
    [InlineData("a-5", "(a - 5)")]
    [InlineData("a - -5", "(a - -5)")]
    [InlineData("a * -1.50m", "(a * -1.5)")]
    // Calls.
    [InlineData("a.b.Contains(\"x\") && c", "(a.b.Contains(\"x\") && c)")]
    [InlineData("Math.Min(a, b + c) * 2", "(Math.Min(a, (b + c)) * 2)")]
    [InlineData("f()", "f()")]
    [InlineData("f(a ? b : c, !d)", "f((a ? b : c), (!d))")]
    [InlineData("f(g(h(1)))", "f(g(h(1)))")]
    // Spaces.
    [InlineData("a&&b||!c", "((a && b) || (!c))")]
    [InlineData(" a\t<=\r\n1 ", "(a <= 1)")]
    [InlineData("a?b:c", "(a ? b : c)")]
    [InlineData("a<-1", "(a < -1)")]
    public void Brackets_show_how_an_expression_is_read(string expression, string read) =>
        Assert.Equal(read, Bracketed(Parser.Parse(expression)));

    [Fact]
    public void Words_know_where_they_start_and_end()
    {
        const string Text = "us.c4isr <=\t1.5m&&b in(\"x y\")";
        var words = Lexer.Read(Text);

        Assert.Equal(
            [
                "Name us.c4isr 0-8", "Symbol <= 9-11", "Number 1.5m 12-16", "Symbol && 16-18", "Name b 18-19",
                "Name in 20-22", "Symbol ( 22-23", "Text x y 23-28", "Symbol ) 28-29", "End  29-29",
            ],
            words.Select(word => FormattableString.Invariant($"{word.Kind} {word.Text} {word.Start}-{word.End}")));
    }

    [Theory]
    [InlineData("1.5", true)]
    [InlineData("1.5m", false)]
    [InlineData("1.5M", false)]
    [InlineData("15", false)]
    [InlineData("-0.5", true)]
    public void Only_a_fraction_without_m_is_bare(string number, bool isBare) =>
        Assert.Equal(isBare, Assert.IsType<Syntax.Number>(Parser.Parse(number)).IsBareFraction);

    [Fact]
    public void Full_brackets_change_nothing()
    {
        var random = new Random(20260124);
        for (var i = 0; i < 2_000; i++)
        {
            var text = RandomExpression(random, 1 + random.Next(12));
            var read = Bracketed(Parser.Parse(text));
            Assert.Equal(read, Bracketed(Parser.Parse(read)));
        }
    }

    [Fact]
    public async Task Random_text_is_read_or_refused_with_a_place_in_it()
    {
        const string Letters =
            "abzAZ_09.\"\"''  \t\n()()!&|=<>?:,+-*/%\\;{}[]@#$`~^é€“\u00a0\u0000\u200b\ud83d\ude00mMinContainstruefalsenull";
        var random = new Random(20260125);
        await Within(() =>
        {
            for (var i = 0; i < 20_000; i++) ReadOrRefuse(string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letter())));
        });

        char Letter() => random.Next(20) == 0 ? (char)random.Next(0x10000) : Letters[random.Next(Letters.Length)];
    }

    [Fact]
    public async Task Random_words_are_read_or_refused_with_a_place_in_them()
    {
        string[] words =
        [
            "a.b", "a.b", "c", "in", "in (", "Math.Min(", "a.b.Contains(", "\"x\"", "\"",
            "1", "2.5", "2.5m", "1.2.3", "99999999999999999999",
            "true", "false", "null", "and", "not", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "?", ":",
            "(", ")", ")", ",", "+", "-", "*", "/", "=", "<>", "%", "??", "'",
        ];
        var random = new Random(20260126);
        var read = 0;
        await Within(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var chosen = Enumerable.Range(0, random.Next(14)).Select(_ => words[random.Next(words.Length)]);
                if (ReadOrRefuse(string.Join(random.Next(4) == 0 ? "" : " ", chosen))) read++;
            }
        });

        Assert.True(read > 100, FormattableString.Invariant($"only {read} were read, so little was tried but refusing"));
    }

    [Fact]
    public async Task The_longest_and_deepest_texts_are_read_or_refused_too()
    {
        string[] parts =
        [
            "(", ")", "!", "-", "+", "\"", "a", ".", "1", "?", ":", ",", " ", "=", "a?", "a?a:", "?a:", "a?(", "a||", "a.b&&", "a==",
            "f(", "(a+", "!(", "1+1*", "a in (", "a in (1,", "\"x\"", "\"\"",
        ];
        await Within(() =>
        {
            foreach (var part in parts)
            {
                var many = string.Concat(Enumerable.Repeat(part, 1 + (Parser.MaxLength / part.Length)));
                ReadOrRefuse(many[..Parser.MaxLength]);
                ReadOrRefuse(many);
                ReadOrRefuse(many[..(Parser.MaxLength - 1)] + "a");
            }
        });
    }

    [Fact]
    public void Exactly_the_greatest_length_depth_and_number_of_operators_are_read()
    {
        Parser.Parse("a" + new string(' ', Parser.MaxLength - 1));
        Parser.Parse(new string('!', Parser.MaxDepth - 2) + "a");
        Parser.Parse("a" + string.Concat(Enumerable.Repeat("+1", Parser.MaxOperators)));

        Assert.Equal("expression-bound", CodeOf("a" + new string(' ', Parser.MaxLength)));
        Assert.Equal("expression-bound", CodeOf(new string('!', Parser.MaxDepth - 1) + "a"));
        Assert.Equal("expression-bound", CodeOf("a" + string.Concat(Enumerable.Repeat("+1", Parser.MaxOperators + 1))));

        static string CodeOf(string text) => Assert.Throws<ExpressionException>(() => Parser.Parse(text)).Code;
    }

    /// <summary>True where the text is read; any exception but the one for faults fails the test.</summary>
    private static bool ReadOrRefuse(string text)
    {
        try
        {
            Parser.Parse(text);
            return true;
        }
        catch (ExpressionException fault)
        {
            Assert.InRange(fault.Index, 0, text.Length);
            Assert.Contains(fault.Code, new[] { "syntax", "number-range", "expression-bound" });
            Assert.NotEmpty(fault.Message);
            return false;
        }
    }

    // Generous: it takes less than a second, and what must not happen is that it takes hours.
    private static Task Within(Action act) => Task.Run(act).WaitAsync(TimeSpan.FromMinutes(2));

    private static string RandomExpression(Random random, int operands)
    {
        string[] signs = ["||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"];
        string[] atoms = ["a", "b.c", "!d", "1", "-2.5m", "true", "null", "\"x\"", "f(a, b)", "e.Contains(\"x\")", "(a ? b : c)"];
        var text = atoms[random.Next(atoms.Length)];
        for (var i = 1; i < operands; i++) text += " " + signs[random.Next(signs.Length)] + " " + atoms[random.Next(atoms.Length)];
        if (random.Next(6) == 0) text += " in (1, \"x\", true)";
        return random.Next(6) == 0 ? text + " ? " + text + " : " + text : text;
    }

    private static string Bracketed(Syntax syntax) => syntax switch
    {
        Syntax.Number number => number.Value.ToString(CultureInfo.InvariantCulture),
        Syntax.Text text => $"\"{text.Value}\"",
        Syntax.Boolean boolean => boolean.Value ? "true" : "false",
        Syntax.Null => "null",
        Syntax.Name name => name.Value,
        Syntax.Not not => $"(!{Bracketed(not.Operand)})",
        Syntax.Binary binary => $"({Bracketed(binary.Left)} {binary.Operator} {Bracketed(binary.Right)})",
        Syntax.In among => $"({Bracketed(among.Left)} in ({string.Join(", ", among.Values.Select(Bracketed))}))",
        Syntax.Conditional choice => $"({Bracketed(choice.Condition)} ? {Bracketed(choice.Then)} : {Bracketed(choice.Else)})",
        Syntax.Call call => $"{call.Function}({string.Join(", ", call.Arguments.Select(Bracketed))})",
        _ => throw new InvalidOperationException("a kind of syntax without brackets"),
    };
}
