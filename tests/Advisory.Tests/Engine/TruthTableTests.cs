using System.Collections.Immutable;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// Every operator of the condition language, as tables over all values of its operands, unknown included. Each line of a table is
/// evaluated by rules or derivations of a real book. Cells: <c>t</c> true, <c>f</c> false, <c>u</c> unknown; else the value itself.
/// </summary>
/// <remarks>In the heads, <c>a</c>, <c>b</c> and <c>c</c> are parameters: <c>p.a == true</c>, and so on.</remarks>
public sealed class TruthTableTests
{
    [Fact]
    public void Not_unknown_is_unknown() => Rules("""
        a | !a | !!a | !(a && !a)
        t | f  | t   | t
        f | t  | f   | t
        u | u  | u   | u
        """);

    [Fact]
    public void And_is_the_least_of_both_and_or_the_greatest() => Rules("""
        a b | a && b | a || b | !(a && b) | !a || !b | !(a || b) | !a && !b
        t t | t      | t      | f         | f        | f         | f
        t f | f      | t      | t         | t        | f         | f
        t u | u      | t      | u         | u        | f         | f
        f t | f      | t      | t         | t        | f         | f
        f f | f      | f      | t         | t        | t         | t
        f u | f      | u      | t         | t        | u         | u
        u t | u      | t      | u         | u        | f         | f
        u f | f      | u      | t         | t        | u         | u
        u u | u      | u      | u         | u        | u         | u
        """);

    [Fact]
    public void A_written_truth_decides_or_leaves_the_other_side_as_it_is() => Rules("""
        a | a && true | a && false | a || true | a || false | true ? a : false | false ? true : a
        t | t         | f          | t         | t          | t                | t
        f | f         | f          | t         | f          | f                | f
        u | u         | f          | t         | u          | u                | u
        """);

    /// <summary>And binds closer than or, not closer than both, a choice loosest; a choice in a choice reads from the right.</summary>
    [Fact]
    public void Operators_bind_as_in_CSharp() => Rules("""
        a b c | a || b && c | (a || b) && c | !a && b | !(a && b) | a ? b : c ? a : b | a || b ? c : a
        t t t | t           | t             | f       | f         | t                 | t
        t t f | t           | f             | f       | f         | t                 | f
        t t u | t           | u             | f       | f         | t                 | u
        t f t | t           | t             | f       | t         | f                 | t
        t f f | t           | f             | f       | t         | f                 | f
        t f u | t           | u             | f       | t         | f                 | u
        t u t | t           | t             | f       | u         | u                 | t
        t u f | t           | f             | f       | u         | u                 | f
        t u u | t           | u             | f       | u         | u                 | u
        f t t | t           | t             | t       | t         | f                 | t
        f t f | f           | f             | t       | t         | t                 | f
        f t u | u           | u             | t       | t         | u                 | u
        f f t | f           | f             | f       | t         | f                 | f
        f f f | f           | f             | f       | t         | f                 | f
        f f u | f           | f             | f       | t         | f                 | f
        f u t | u           | u             | u       | t         | f                 | u
        f u f | f           | f             | u       | t         | u                 | f
        f u u | u           | u             | u       | t         | u                 | u
        u t t | t           | t             | u       | u         | u                 | t
        u t f | u           | f             | u       | u         | t                 | f
        u t u | u           | u             | u       | u         | u                 | u
        u f t | u           | u             | f       | t         | u                 | u
        u f f | u           | f             | f       | t         | f                 | u
        u f u | u           | u             | f       | t         | u                 | u
        u u t | u           | u             | u       | u         | u                 | u
        u u f | u           | f             | u       | u         | u                 | u
        u u u | u           | u             | u       | u         | u                 | u
        """);

    [Fact]
    public void A_choice_on_an_unknown_is_what_both_branches_agree_on() => Rules("""
        a b c | a ? b : c
        t t t | t
        t t f | t
        t t u | t
        t f t | f
        t f f | f
        t f u | f
        t u t | u
        t u f | u
        t u u | u
        f t t | t
        f t f | f
        f t u | u
        f f t | t
        f f f | f
        f f u | u
        f u t | t
        f u f | f
        f u u | u
        u t t | t
        u t f | u
        u t u | u
        u f t | u
        u f f | f
        u f u | u
        u u t | u
        u u f | u
        u u u | u
        """);

    [Fact]
    public void A_guarded_requirement_holds_where_the_guard_is_false_or_the_requirement_true() => Rules("""
        a b | a ? b : true
        t t | t
        t f | f
        t u | u
        f t | t
        f f | t
        f u | t
        u t | t
        u f | u
        u u | u
        """);

    [Theory]
    [InlineData("And", "a && b")]
    [InlineData("AndAlso", "a && b")]
    [InlineData("Or", "a || b")]
    [InlineData("OrElse", "a || b")]
    public void Nested_rules_join_as_their_operator_does(string operation, string same)
    {
        var nested = new JObject
        {
            ["Operator"] = operation,
            ["Rules"] = new JArray(new[] { "a", "b" }.Select(e => new JObject { ["RuleName"] = e, ["Expression"] = e })),
        };
        var book = Vocabulary().Rule("nested", "note", null, members: nested.ToString()).Rule("flat", "note", same).Book();
        foreach (var (a, b) in from a in "tfu" from b in "tfu" select (a, b))
        {
            var findings = Findings(book, Scenario(book, ["a", "b"], [$"{a}", $"{b}"]));
            Assert.Equal(findings[1].Truth, findings[0].Truth);
        }
    }

    [Fact]
    public void A_boolean_compares_with_a_written_truth_or_another_boolean() => Rules("""
        p.a p.b | p.a == true | p.a == false | p.a != true | p.a != false | true == p.a | p.a in (true) | p.a in (true, false) | p.a == p.b | p.a != p.b
        t   t   | t           | f            | f           | t            | t           | t             | t                    | t          | f
        t   f   | t           | f            | f           | t            | t           | t             | t                    | f          | t
        t   u   | t           | f            | f           | t            | t           | t             | t                    | u          | u
        f   t   | f           | t            | t           | f            | f           | f             | t                    | f          | t
        f   f   | f           | t            | t           | f            | f           | f             | t                    | t          | f
        f   u   | f           | t            | t           | f            | f           | f             | t                    | u          | u
        u   t   | u           | u            | u           | u            | u           | u             | u                    | u          | u
        u   f   | u           | u            | u           | u            | u           | u             | u                    | u          | u
        u   u   | u           | u            | u           | u            | u           | u             | u                    | u          | u
        """);

    /// <summary>Being among all of its values is still unknown: nobody has said that the fact has a value at all.</summary>
    [Fact]
    public void An_enumeration_compares_with_its_values_and_with_one_of_the_same_values() => Rules("""
        e.one e.two | e.one == "x" | e.one != "x" | "x" == e.one | e.one in ("x", "y") | e.one in ("x", "y", "z") | e.one == e.two | e.one != e.two
        x     x     | t            | f            | t            | t                   | t                        | t              | f
        x     y     | t            | f            | t            | t                   | t                        | f              | t
        x     z     | t            | f            | t            | t                   | t                        | f              | t
        x     u     | t            | f            | t            | t                   | t                        | u              | u
        y     x     | f            | t            | f            | t                   | t                        | f              | t
        y     y     | f            | t            | f            | t                   | t                        | t              | f
        y     z     | f            | t            | f            | t                   | t                        | f              | t
        y     u     | f            | t            | f            | t                   | t                        | u              | u
        z     x     | f            | t            | f            | f                   | t                        | f              | t
        z     y     | f            | t            | f            | f                   | t                        | f              | t
        z     z     | f            | t            | f            | f                   | t                        | t              | f
        z     u     | f            | t            | f            | f                   | t                        | u              | u
        u     x     | u            | u            | u            | u                   | u                        | u              | u
        u     y     | u            | u            | u            | u                   | u                        | u              | u
        u     z     | u            | u            | u            | u                   | u                        | u              | u
        u     u     | u            | u            | u            | u                   | u                        | u              | u
        """);

    /// <summary><c>other</c> is a text that no rule of the book names; <c>X</c> shows that letters keep their case.</summary>
    [Fact]
    public void A_text_compares_with_written_texts_letter_by_letter() => Rules("""
        t.one | t.one == "x" | t.one != "x" | t.one in ("x", "y") | t.one == ""
        x     | t            | f            | t                   | f
        y     | f            | t            | t                   | f
        X     | f            | t            | f                   | f
        other | f            | t            | f                   | f
        u     | u            | u            | u                   | u
        """);

    [Fact]
    public void A_number_compares_with_a_written_number_from_either_side() => Rules("""
        n.one | n.one < 2 | n.one <= 2 | n.one > 2 | n.one >= 2 | n.one == 2 | n.one != 2 | n.one in (1, 3) | 2 < n.one | 2 <= n.one | 2 > n.one | 2 >= n.one | n.one == 2.0m
        1     | t         | t          | f         | f          | f          | t          | t               | f         | f          | t         | t          | f
        2     | f         | t          | f         | t          | t          | f          | f               | f         | t          | f         | t          | t
        3     | f         | f          | t         | t          | f          | t          | t               | t         | t          | f         | f          | f
        u     | u         | u          | u         | u          | u          | u          | u               | u         | u          | u         | u          | u
        """);

    [Fact]
    public void Two_numbers_compare_only_where_both_are_known() => Rules("""
        n.one n.two | n.one < n.two | n.one <= n.two | n.one > n.two | n.one >= n.two | n.one == n.two | n.one != n.two | n.one - n.two == 0
        1     1     | f             | t              | f             | t              | t              | f              | t
        1     2     | t             | t              | f             | f              | f              | t              | f
        1     u     | u             | u              | u             | u              | u              | u              | u
        2     1     | f             | f              | t             | t              | f              | t              | f
        2     2     | f             | t              | f             | t              | t              | f              | t
        2     u     | u             | u              | u             | u              | u              | u              | u
        u     1     | u             | u              | u             | u              | u              | u              | u
        u     2     | u             | u              | u             | u              | u              | u              | u
        u     u     | u             | u              | u             | u              | u              | u              | u
        """);

    [Fact]
    public void A_list_contains_a_value_or_does_not_or_is_unknown() => Rules("""
        l.one | l.one.Contains("x") | l.one.Contains("y") | !l.one.Contains("x") | l.one.Contains("x") && l.one.Contains("y")
        []    | f                   | f                   | t                    | f
        [x]   | t                   | f                   | f                    | f
        [y]   | f                   | t                   | t                    | f
        [x,y] | t                   | t                   | f                    | t
        u     | u                   | u                   | u                    | u
        """);

    [Fact]
    public void Asking_whether_a_fact_is_known_is_never_unknown()
    {
        Rules("""
            p.a | p.a == null | p.a != null | null == p.a | null != p.a | p.a != null && p.a == true | p.a == null || p.a == true
            t   | f           | t           | f           | t           | t                          | t
            f   | f           | t           | f           | t           | f                          | f
            u   | t           | f           | t           | f           | f                          | t
            """);
        Rules("""
            e.one | e.one == null | e.one != null | e.one != null && e.one == "x" | e.one != null ? e.one == "x" : true
            x     | f             | t             | t                             | t
            y     | f             | t             | f                             | f
            z     | f             | t             | f                             | f
            u     | t             | f             | f                             | t
            """);
        Rules("""
            t.one | t.one == null | t.one != null | t.one != null && t.one == "x"
            x     | f             | t             | t
            other | f             | t             | f
            u     | t             | f             | f
            """);
        Rules("""
            n.one | n.one == null | n.one != null | n.one != null && n.one > 0
            0     | f             | t             | f
            1     | f             | t             | t
            u     | t             | f             | f
            """);
        Rules("""
            l.one | l.one == null | l.one != null | l.one != null && l.one.Contains("x")
            []    | f             | t             | f
            [x]   | f             | t             | t
            u     | t             | f             | f
            """);
    }

    [Fact]
    public void A_number_chosen_by_an_unknown_is_the_common_one_or_unknown()
    {
        const string Table = """
            p.a n.one n.two | {0}
            t   1     1     | 1
            t   1     2     | 1
            t   1     u     | 1
            t   2     1     | 2
            t   2     2     | 2
            t   2     u     | 2
            t   u     1     | u
            t   u     2     | u
            t   u     u     | u
            f   1     1     | 1
            f   1     2     | 2
            f   1     u     | u
            f   2     1     | 1
            f   2     2     | 2
            f   2     u     | u
            f   u     1     | 1
            f   u     2     | 2
            f   u     u     | u
            u   1     1     | 1
            u   1     2     | u
            u   1     u     | u
            u   2     1     | u
            u   2     2     | 2
            u   2     u     | u
            u   u     1     | u
            u   u     2     | u
            u   u     u     | u
            """;
        Derivations("integer", Table.Replace("{0}", "p.a == true ? n.one : n.two", StringComparison.Ordinal));

        // The same in a rule, where a number may be chosen but not calculated further.
        Rules(Table.Replace("{0}", "(a ? n.one : n.two) == 1", StringComparison.Ordinal).Replace("| 1", "| t", StringComparison.Ordinal).Replace("| 2", "| f", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_chosen_by_an_unknown_is_the_common_one_or_unknown()
    {
        Derivations("enumeration", """
            p.a e.one e.two | p.a == true ? e.one : e.two
            t   x     x     | x
            t   x     y     | x
            t   x     u     | x
            t   y     x     | y
            t   y     y     | y
            t   y     u     | y
            t   u     x     | u
            t   u     y     | u
            t   u     u     | u
            f   x     x     | x
            f   x     y     | y
            f   x     u     | u
            f   y     x     | x
            f   y     y     | y
            f   y     u     | u
            f   u     x     | x
            f   u     y     | y
            f   u     u     | u
            u   x     x     | x
            u   x     y     | u
            u   x     u     | u
            u   y     x     | u
            u   y     y     | y
            u   y     u     | u
            u   u     x     | u
            u   u     y     | u
            u   u     u     | u
            """);
        Derivations("enumeration", """
            p.a p.b | p.a == true ? "x" : p.b == true ? "x" : "y" | p.a == true ? "x" : null | p.a == true ? "z" : "z"
            t   t   | x                                           | x                        | z
            t   f   | x                                           | x                        | z
            t   u   | x                                           | x                        | z
            f   t   | x                                           | u                        | z
            f   f   | y                                           | u                        | z
            f   u   | u                                           | u                        | z
            u   t   | x                                           | u                        | z
            u   f   | u                                           | u                        | z
            u   u   | u                                           | u                        | z
            """);
    }

    [Fact]
    public void A_derived_boolean_is_the_truth_of_its_condition() => Derivations("boolean", """
        p.a p.b | p.a == true | p.a == true && p.b == true | p.a == true ? p.b == true : false | p.a == true ? true : null | p.a != null
        t   t   | t           | t                          | t                                 | t                        | t
        t   f   | t           | f                          | f                                 | t                        | t
        t   u   | t           | u                          | u                                 | t                        | t
        f   t   | f           | f                          | f                                 | u                        | t
        f   f   | f           | f                          | f                                 | u                        | t
        f   u   | f           | f                          | f                                 | u                        | t
        u   t   | u           | u                          | u                                 | u                        | f
        u   f   | u           | f                          | f                                 | u                        | f
        u   u   | u           | u                          | u                                 | u                        | f
        """);

    /// <summary>The values of these facts have the same names; they are not the same kind of value.</summary>
    [Theory]
    [InlineData("e.one == l.same")]
    [InlineData("l.same == e.one")]
    [InlineData("l.same == l.same")]
    [InlineData("p.a == e.words")]
    [InlineData("e.words == p.a")]
    [InlineData("e.one == e.words")]
    [InlineData("t.one == t.one")]
    [InlineData("t.one == e.one")]
    public void Only_two_booleans_or_two_enumerations_of_the_same_values_compare(string expression)
    {
        var loaded = Vocabulary().Enumeration("e.words", "false", "true").List("l.same", "x", "y", "z").Rule("R", "note", expression).Load();
        Assert.Null(loaded.Value);
        Assert.Equal("type", Assert.Single(loaded.Problems).Code);
    }

    [Theory]
    [InlineData("l.same")]
    [InlineData("p.a")]
    [InlineData("t.one")]
    [InlineData("n.one")]
    [InlineData("e.words")]
    [InlineData("p.a == true")]
    [InlineData("p.a == true ? p.b : \"x\"")]
    public void An_enumeration_follows_only_from_values_of_its_own(string derivation)
    {
        var derived = new JObject { ["values"] = new JArray("x", "y", "z"), ["role"] = "derived", ["derive"] = derivation };
        var loaded = Vocabulary().Enumeration("e.words", "false", "true").List("l.same", "x", "y", "z").Fact("r.e", "enumeration", derived.ToString()).Rule("R", "note", "r.e == \"x\"").Load();
        Assert.Null(loaded.Value);
        Assert.Equal("type", Assert.Single(loaded.Problems).Code);
    }

    private static TinyBook Vocabulary() => new TinyBook()
        .Missions("only")
        .Boolean("p.a").Boolean("p.b").Boolean("p.c")
        .Enumeration("e.one", "x", "y", "z").Enumeration("e.two", "x", "y", "z")
        .Text("t.one")
        .Integer("n.one", 0, 9).Integer("n.two", 0, 9)
        .List("l.one", "x", "y")
        .Question("go", members: """
            { "GlobalParams": [ { "Name": "a", "Expression": "p.a == true" }, { "Name": "b", "Expression": "p.b == true" }, { "Name": "c", "Expression": "p.c == true" } ] }
            """);

    /// <summary>Checks a table whose right side has conditions; each becomes a rule.</summary>
    private static void Rules(string text)
    {
        var table = Table.Of(text);
        var vocabulary = Vocabulary();
        for (var i = 0; i < table.Expressions.Length; i++) vocabulary.Rule($"R-{i}", "note", table.Expressions[i]);
        var book = vocabulary.Book();
        table.Check(cells => [.. Findings(book, Scenario(book, table.Facts, cells)).Select(f => f.Truth switch { Truth.True => "t", Truth.False => "f", _ => "u" })]);
    }

    /// <summary>Checks a table whose right side has derivations of facts of one type.</summary>
    private static void Derivations(string type, string text)
    {
        var table = Table.Of(text);
        var vocabulary = Vocabulary();
        for (var i = 0; i < table.Expressions.Length; i++)
        {
            var fact = new JObject { ["role"] = "derived", ["derive"] = table.Expressions[i] };
            if (type == "enumeration") fact["values"] = new JArray("x", "y", "z");
            if (type == "integer") (fact["unit"], fact["min"], fact["max"]) = ("units", 0, 9);
            vocabulary.Fact($"r.v{i}", type, fact.ToString());
        }

        var book = vocabulary.Rule("R", "note", "a").Book();
        table.Check(cells =>
        [
            .. Evaluation.Of(book, Scenario(book, table.Facts, cells)).Derived.Select(d => d.Value switch
            {
                null => "u",
                { Type: JTokenType.Boolean } truth => (bool)truth ? "t" : "f",
                var value => value.ToString(Newtonsoft.Json.Formatting.None).Trim('"'),
            }),
        ]);
    }

    private static ImmutableArray<Finding> Findings(RuleBook book, Scenario scenario) => Evaluation.Of(book, scenario).Verdict("go", "only")!.Stated.Findings;

    private static Scenario Scenario(RuleBook book, string[] facts, string[] cells)
    {
        var stated = new JObject();
        foreach (var (name, cell) in facts.Zip(cells))
        {
            var fact = name.Length == 1 ? "p." + name : name;
            if (cell == "u") continue;
            stated[fact] = book.Fact(fact)!.Type switch
            {
                FactType.Boolean => cell == "t",
                FactType.Integer => int.Parse(cell, System.Globalization.CultureInfo.InvariantCulture),
                FactType.List => new JArray(cell.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries)),
                _ => cell,
            };
        }

        return TinyScenario.Read(book, new JObject { ["facts"] = stated }.ToString());
    }

    private sealed record Table(string[] Facts, string[] Expressions, (string[] Cells, string[] Results)[] Rows)
    {
        public static Table Of(string text)
        {
            var lines = text.Split('\n').Select(line => line.Split(" | ", StringSplitOptions.TrimEntries)).ToArray();
            return new(Words(lines[0][0]), lines[0][1..], [.. lines[1..].Select(line => (Words(line[0]), line[1..]))]);
        }

        public void Check(Func<string[], string[]> evaluate)
        {
            IsExhaustive();
            IsMonotone();
            Assert.All(Rows, row => Assert.Equal(row.Results, evaluate(row.Cells)));
        }

        /// <summary>Every combination of the values in the columns stands in the table once, and every column has unknown.</summary>
        private void IsExhaustive()
        {
            var columns = Facts.Select((_, i) => Rows.Select(row => row.Cells[i]).Distinct().ToArray()).ToArray();
            Assert.All(columns, values => Assert.Contains("u", values));
            Assert.Equal(columns.Aggregate(1, (product, values) => product * values.Length), Rows.Select(row => string.Join(' ', row.Cells)).Distinct().Count());
            Assert.Equal(Rows.Length, Rows.Select(row => string.Join(' ', row.Cells)).Distinct().Count());
        }

        /// <summary>Learning a fact never changes a known result, unless the expression asks whether the fact is known.</summary>
        private void IsMonotone()
        {
            foreach (var (less, more) in from less in Rows from more in Rows select (less, more))
            {
                if (less.Cells.Where((cell, i) => cell != "u" && cell != more.Cells[i]).Any()) continue;
                for (var i = 0; i < Expressions.Length; i++)
                    if (!Expressions[i].Contains("= null", StringComparison.Ordinal) && !Expressions[i].Contains("null ", StringComparison.Ordinal))
                        Assert.True(less.Results[i] == "u" || less.Results[i] == more.Results[i], $"{Expressions[i]}: {string.Join(' ', less.Cells)} against {string.Join(' ', more.Cells)}");
            }
        }

        private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
