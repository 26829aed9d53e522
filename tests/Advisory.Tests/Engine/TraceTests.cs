using System.Globalization;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>A trace shows what each node of a rule came to and on what; the compact one is enough to rebuild it, and no other passes.</summary>
public sealed class TraceTests
{
    [Theory]
    [InlineData("S06", "opt3")] // a waived condition, a guard that is open
    [InlineData("S09", "deterrence")] // a fact derived from a reported one
    [InlineData("S29", "air_policing")] // two sources that contradict each other, and guards that set rules aside
    public void The_full_trace_of_a_case_reads_as_it_did(string name, string mission)
    {
        var evaluation = Evaluation.Of(Books.Ukraine, Books.Case(Books.Ukraine, name, "rules", "ukraine").Scenario);
        var verdict = evaluation.Verdict("preconditions", mission)!;
        foreach (var (language, extension) in new[] { (Language.En, "en.txt"), (Language.Nl, "nl.txt") }) Golden($"{name}.{mission}.{extension}", Text(evaluation, verdict, Basis.Stated, language));
        Golden($"{name}.{mission}.json", EvaluationJson.Decision(evaluation, [verdict], Basis.Stated, withTrace: true)["trace"]!.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n");
    }

    /// <summary>Compares with the file, or writes it where the environment has ADVISORY_GOLDEN=write.</summary>
    private static void Golden(string file, string actual)
    {
        var path = Repository.PathOf("tests", "Advisory.Tests", "Engine", "Golden", file);
        if (Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write") File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), file + " is missing; ADVISORY_GOLDEN=write makes it");
        var (expected, got) = (File.ReadAllText(path).Split('\n'), actual.Split('\n'));
        for (var i = 0; i < Math.Max(expected.Length, got.Length); i++)
            Assert.True(i < expected.Length && i < got.Length && expected[i] == got[i], $"{file}:{i + 1}: was `{expected.ElementAtOrDefault(i)}`, is `{got.ElementAtOrDefault(i)}`");
    }

    [Theory]
    [InlineData("p.a == true", "t")]
    [InlineData("p.b == true", "f")]
    [InlineData("p.c == true", "u")]
    [InlineData("!(p.a == true)", "tf")]
    [InlineData("p.a == true && p.b == true || p.c == true", "tffuu")]
    [InlineData("p.c == true ? p.a == true : p.b == true", "utfu")]
    [InlineData("n.x > 3", "t")]
    [InlineData("n.x > n.y", "kuu")]
    [InlineData("n.x + 1 == 6", "kkkkt")]
    [InlineData("n.x in (5, 6) && p.c != null", "tff")]
    [InlineData("true", "t")]
    public void The_compact_trace_has_one_letter_an_expression_node(string expression, string letters)
    {
        var book = new TinyBook().Missions("only").Boolean("p.a").Boolean("p.b").Boolean("p.c").Integer("n.x", 0, 9).Integer("n.y", 0, 9).Rule("R", "hard", expression).Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": { "p.a": true, "p.b": false, "n.x": 5 } }""");
        Assert.Equal(letters, (string?)EvaluationJson.CompactTrace(evaluation)[0]["nodes"]);
    }

    [Fact]
    public void The_compact_trace_of_assumptions_stands_beside_only_where_it_differs()
    {
        var book = new TinyBook().Missions("only")
            .Boolean("p.a", """{ "assumption": { "value": true, "statement": "S-1" } }""").Boolean("p.b")
            .Rule("R-1", "hard", "p.a == true && p.b == true").Rule("R-2", "hard", "p.b == true").Book();
        Assert.Equal(
            """[{"assumed":"ttt t","mission":"only","nodes":"utu t","question":"go"}]""",
            EvaluationJson.CompactTrace(TinyScenario.Evaluate(book, """{ "facts": { "p.b": true } }""")).ToString(Formatting.None));
        Assert.Equal(
            """[{"mission":"only","nodes":"fuf u","question":"go"}]""",
            EvaluationJson.CompactTrace(TinyScenario.Evaluate(book, """{ "facts": { "p.a": false } }""")).ToString(Formatting.None));
    }

    public static TheoryData<string> Cases => new(Books.CaseNames("rules", "ukraine"));

    /// <summary>
    /// The full trace shows <c>a &amp;&amp; b &amp;&amp; c</c> as one node with three below it, so its truths in the order of evaluation
    /// are the compact ones without the joints between.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void The_compact_trace_agrees_with_the_full_one(string name)
    {
        var evaluation = Evaluation.Of(Books.Ukraine, Books.Case(Books.Ukraine, name, "rules", "ukraine").Scenario);
        var compact = EvaluationJson.CompactTrace(evaluation);
        foreach (var (verdict, line) in evaluation.Verdicts.Zip(compact))
        {
            foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
            {
                var words = ((string)(basis == Basis.Assumed ? line["assumed"] ?? line["nodes"] : line["nodes"])!).Split(' ');
                var traced = Trace.Of(evaluation, [verdict], basis);
                Assert.Equal(words.Length, traced.Length);
                foreach (var (word, finding) in words.Zip(traced))
                {
                    Assert.Equal(finding.Finding.Rule.End - finding.Finding.Rule.Start, word.Length);
                    Assert.Equal(Letter(finding.Expression), word[^1]);
                    Assert.Equal(finding.Finding.Truth, finding.Expression.Truth);
                    var shown = InOrder(finding.Expression).ToList();
                    Assert.True(IsWithout(shown, word), $"{finding.Finding.Rule.Name}: {new string([.. shown])} against {word}");
                    if (!finding.Finding.Rule.Expression.Contains("&&", StringComparison.Ordinal) && !finding.Finding.Rule.Expression.Contains("||", StringComparison.Ordinal)) Assert.Equal(word, new string([.. shown]));
                }
            }
        }

        static IEnumerable<char> InOrder(TraceNode node) => node.Children.SelectMany(InOrder).Append(Letter(node));

        static char Letter(TraceNode node) => node.Truth switch { Truth.True => 't', Truth.False => 'f', null when node.Value is not null => 'k', _ => 'u' };

        static bool IsWithout(List<char> shown, string word)
        {
            var at = 0;
            foreach (var letter in word)
                if (at < shown.Count && shown[at] == letter) at++;
            return at == shown.Count;
        }
    }

    [Fact]
    public void A_trace_is_refused_where_a_single_mark_was_tampered_with()
    {
        var evaluation = Evaluation.Of(Books.Ukraine, Books.Case(Books.Ukraine, "S29", "rules", "ukraine").Scenario);
        var verdict = evaluation.Verdict("preconditions", "deterrence")!;
        var marks = verdict.Stated.Marks;
        var tampered = 0;
        foreach (var rule in verdict.Stated.Findings.Select(f => f.Rule))
        {
            for (var i = rule.Start; i < rule.End; i++)
            {
                var right = marks[i];
                foreach (var wrong in new sbyte[] { -1, 0, 1, 2 }.Where(mark => mark != right))
                {
                    marks[i] = wrong;
                    var refused = Assert.Throws<InvalidOperationException>(() => Trace.Of(evaluation, [verdict], Basis.Stated));
                    Assert.Equal($"the trace of {rule.Name} for deterrence is not that of this book and scenario", refused.Message);
                    Assert.NotEmpty(Trace.Of(evaluation, [verdict], Basis.Assumed));
                    tampered++;
                }

                marks[i] = right;
            }
        }

        Assert.True(tampered > 100, $"{tampered} marks");
        Assert.NotEmpty(Trace.Of(evaluation, [verdict], Basis.Stated));
    }

    [Fact]
    public void A_trace_is_refused_where_the_scenario_is_another()
    {
        var (first, second) = (Case("S01"), Case("S03"));
        var evaluation = Evaluation.Of(Books.Ukraine, first);
        var mixed = new Evaluation(Books.Ukraine, second, evaluation.Missions, evaluation.Verdicts);
        Assert.NotEmpty(Trace.Of(evaluation, evaluation.Verdicts, Basis.Stated));
        Assert.Throws<InvalidOperationException>(() => Trace.Of(mixed, mixed.Verdicts, Basis.Stated));

        static Scenario Case(string name) => Books.Case(Books.Ukraine, name, "rules", "ukraine").Scenario;
    }

    /// <summary>One rule over a fact of every state; on basis stated the assumption does not count.</summary>
    [Fact]
    public void A_fact_in_a_trace_shows_its_state_its_reports_and_their_sources()
    {
        var book = new TinyBook().Missions("only")
            .Boolean("f.stated").Boolean("f.bare").Boolean("f.contested").Boolean("f.expired").Boolean("f.likely").Boolean("f.unknown")
            .Boolean("f.assumed", """{ "assumption": { "value": true, "statement": "S-9" } }""")
            .Planning("f.planned", 3, 0, 10)
            .Integer("f.number", 0, 100)
            .DerivedInteger("f.derived", 0, 1_000, "f.number * f.planned")
            .Reading("reading.strict", "yes", "no")
            .Rule("R-1", "hard", "f.stated == true && f.bare == true && f.contested == true && f.expired == true && f.likely == true && f.unknown == true && f.assumed == true")
            .Rule("R-2", "warning", "f.derived > 20 || reading.strict == \"no\"").Book();
        var evaluation = TinyScenario.Evaluate(book, """
            { "asOf": "2026-01-24",
              "facts": {
                "f.stated": { "value": true, "source": "the embassy", "asOf": "2026-01-09", "validUntil": "2026-03-01", "by": "desk officer", "confidence": "high", "note": "by telephone" },
                "f.bare": true,
                "f.contested": { "reports": [ { "value": true, "source": "A" }, { "value": false, "source": "B", "confidence": "low" } ] },
                "f.expired": { "value": true, "source": "an old paper", "validUntil": "2026-01-23" },
                "f.likely": { "probability": { "true": 0.6, "false": 0.4 }, "source": "an estimate" },
                "f.number": 7 } }
            """);
        var verdict = evaluation.Verdict("go", "only")!;

        Assert.Equal(
            """
              R-1: unknown (hard) R-1
                f.stated == true && f.bare == true && f.contested == true && f.expired == true && f.likely == true && f.unknown == true && f.assumed == true -> unknown
                  f.stated == true -> true
                    f.stated = yes (stated), source: the embassy, as of 2026-01-09, valid until 2026-03-01, confidence high
                  f.bare == true -> true
                    f.bare = yes (stated)
                  f.contested == true -> unknown
                    f.contested = unknown (contested)
                      - yes, source: A
                      - no, source: B, confidence low
                  f.expired == true -> unknown
                    f.expired = unknown (expired), yes, source: an old paper, valid until 2026-01-23
                  f.likely == true -> unknown
                    f.likely = unknown (unknown), source: an estimate
                  f.unknown == true -> unknown
                    f.unknown = unknown (unknown)
                  f.assumed == true -> unknown
                    f.assumed = unknown (unknown)
                [S-1]
              R-2: met (warning) R-2
                f.derived > 20 || reading.strict == "no" -> true
                  f.derived > 20 -> true
                    f.derived = 21 units (derived)
                      f.number * f.planned = 21
                        f.number = 7
                          f.number = 7 units (stated)
                        f.planned = 3
                          f.planned = 3 units (planning figure, S-1)
                  reading.strict == "no" -> false
                    reading.strict = yes (reading)
                [S-1]

            """,
            Text(evaluation, verdict, Basis.Stated, Language.En));
        Assert.Contains("        f.assumed = yes (assumed, S-9)\n", Text(evaluation, verdict, Basis.Assumed, Language.En), StringComparison.Ordinal);
        Assert.Contains("        f.assumed = ja (aangenomen, S-9)\n", Text(evaluation, verdict, Basis.Assumed, Language.Nl), StringComparison.Ordinal);
        Assert.Contains("        f.contested = onbekend (omstreden)\n          - ja, bron: A\n          - nee, bron: B, zekerheid low\n", Text(evaluation, verdict, Basis.Stated, Language.Nl), StringComparison.Ordinal);

        var trace = (JArray)EvaluationJson.Decision(evaluation, [verdict], Basis.Stated, withTrace: true)["trace"]!;
        Assert.Equal(["stated", "stated", "contested", "expired", "unknown", "unknown", "unknown", "derived", "stated", "planning", "reading"], trace.SelectTokens("$..state").Select(state => (string)state!));
        Assert.Equal(
            """{"name":"f.contested","state":"contested","value":null,"reports":[{"value":true,"source":"A"},{"value":false,"source":"B","confidence":"low"}]}""",
            trace.SelectToken("$..facts[?(@.name == 'f.contested')]")!.ToString(Formatting.None));
        Assert.Equal(
            """{"name":"f.expired","state":"expired","value":null,"reports":[{"value":true,"source":"an old paper","validUntil":"2026-01-23"}]}""",
            trace.SelectToken("$..facts[?(@.name == 'f.expired')]")!.ToString(Formatting.None));
    }

    [Fact]
    public void A_stated_fact_that_its_derivation_contradicts_is_contested_and_shows_both()
    {
        var book = new TinyBook().Missions("only")
            .Integer("f.number", 0, 100)
            .DerivedInteger("f.twice", 0, 200, "f.number * 2")
            .Rule("R-1", "hard", "f.twice > 20").Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": { "f.number": 7, "f.twice": { "value": 30, "source": "a count" } } }""");
        Assert.Equal(
            """
              R-1: unknown (hard) R-1
                f.twice > 20 -> unknown
                  f.twice = unknown (contested)
                    - 30 units, source: a count
                    f.number * 2 = 14
                      f.number = 7
                        f.number = 7 units (stated)
                      2 = 2
                [S-1]

            """,
            Text(evaluation, evaluation.Verdict("go", "only")!, Basis.Stated, Language.En));
    }

    [Fact]
    public void A_fault_stands_at_the_node_where_it_arose()
    {
        var book = new TinyBook().Missions("only")
            .Integer("f.number", 0, 100)
            .DerivedInteger("f.share", 0, 100, "100 / f.number").DerivedInteger("f.rest", 0, 100, "f.number - 5")
            .Integer("f.huge", 0, 1, """{ "max": 999999999999999 }""")
            .Rule("R-1", "hard", "f.share > 20").Rule("R-2", "hard", "f.rest > 20").Rule("R-3", "hard", "f.huge * f.huge > 20").Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": { "f.number": 0, "f.huge": 999999999999999 } }""");
        var verdict = evaluation.Verdict("go", "only")!;
        var english = Text(evaluation, verdict, Basis.Stated, Language.En);
        Assert.Contains("      f.share = unknown (derived)\n        100 / f.number (division by zero)\n", english, StringComparison.Ordinal);
        Assert.Contains("      f.rest = unknown (derived)\n        f.number - 5 = -5 (outside range)\n", english, StringComparison.Ordinal);
        Assert.Contains("    f.huge * f.huge > 20 -> unknown\n      f.huge * f.huge (overflow)\n", english, StringComparison.Ordinal);

        var dutch = Text(evaluation, verdict, Basis.Stated, Language.Nl);
        Assert.All(["(deling door nul)", "(buiten het bereik)", "(getal te groot)"], words => Assert.Contains(words, dutch, StringComparison.Ordinal));

        var trace = EvaluationJson.Decision(evaluation, [verdict], Basis.Stated, withTrace: true)["trace"]!;
        Assert.Equal(["division by zero", "outside range", "overflow"], trace.SelectTokens("$..fault").Select(fault => (string)fault!));
    }

    /// <summary>Also those whose value no rule names, or whose values the vocabulary does not declare.</summary>
    [Theory]
    [InlineData("text", "f.one == \"x\"", "\"another text\"", null)]
    [InlineData("list", "f.one.Contains(\"x\")", "[]", """{ "values": ["x", "y"] }""")]
    [InlineData("list", "f.one.Contains(\"x\")", "[\"x\",\"y\"]", """{ "values": ["x", "y"] }""")]
    [InlineData("list", "f.one != null", "[\"a\"]", null)]
    [InlineData("date", "f.one != null", "\"2026-01-24\"", null)]
    public void A_stated_value_of_any_type_is_shown_as_it_was_given(string type, string expression, string value, string? also)
    {
        var evaluation = TinyScenario.Evaluate(new TinyBook().Missions("only").Fact("f.one", type, also).Rule("R", "hard", expression).Book(), "{\"facts\":{\"f.one\":" + value + "}}");
        var fact = Trace.Of(evaluation, evaluation.Verdicts, Basis.Stated).Single().Expression.Facts.Single();
        Assert.Equal(FactState.Stated, fact.State);
        Assert.Equal(value, fact.Value!.ToString(Formatting.None));
    }

    [Fact]
    public void Every_node_shows_its_own_value_also_where_derivations_stand_between()
    {
        var evaluation = TinyScenario.Evaluate(
            new TinyBook().Missions("only").Integer("a.x", -100, 100).Integer("a.y", -100, 100)
                .DerivedInteger("d.x", -1_000, 1_000, "a.x * 2 + 1").DerivedInteger("d.y", -1_000, 1_000, "a.y * 3 + d.x")
                .Rule("R-1", "hard", "d.x <= d.y").Rule("R-2", "hard", "a.x + d.x + d.y > 5").Book(),
            """{ "facts": { "a.x": -5, "a.y": 11 } }""");
        var traced = Trace.Of(evaluation, evaluation.Verdicts, Basis.Stated);
        Assert.Equal([("d.x", -9), ("d.y", 24)], Children(traced[0].Expression));
        Assert.Equal([("a.x + d.x + d.y", 10), ("5", 5)], Children(traced[1].Expression));
        Assert.Equal([("a.x + d.x", -14), ("d.y", 24)], Children(traced[1].Expression.Children[0]));
        Assert.Equal([("a.y * 3", 33), ("d.x", -9)], Children(traced[0].Expression.Children[1].Facts.Single().Derivation!));

        static IEnumerable<(string Text, int Value)> Children(TraceNode node) => node.Children.Select(child => (child.Text, (int)child.Value!));
    }

    [Fact]
    public void The_culture_of_the_machine_does_not_reach_the_text_of_a_trace()
    {
        var evaluation = TinyScenario.Evaluate(
            new TinyBook().Missions("only").Integer("a.x", -100, 100).Decimal("a.y", -100, 100, 0.5m).Rule("R", "hard", "a.x + 1 < a.y").Book(),
            """{ "facts": { "a.x": -5, "a.y": -2.5 } }""");
        var before = CultureInfo.CurrentCulture;
        try
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (culture.NumberFormat.NegativeSign, culture.NumberFormat.NumberDecimalSeparator) = ("~", ",");
            CultureInfo.CurrentCulture = culture;
            Assert.Equal(
                """
                  R: met (hard) R
                    a.x + 1 < a.y -> true
                      a.x + 1 = -4
                        a.x = -5
                          a.x = -5 units (stated)
                        1 = 1
                      a.y = -2.5
                        a.y = -2.5 units (stated)
                    [S-1]

                """,
                Text(evaluation, evaluation.Verdict("go", "only")!, Basis.Stated, Language.En));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_parameter_shows_its_name_and_what_it_came_to()
    {
        var book = new TinyBook().Missions("only").Boolean("p.a").Boolean("p.b")
            .Question("go", members: """{ "GlobalParams": [ { "Name": "both", "Expression": "p.a == true && p.b == true" } ] }""")
            .Rule("R-1", "hard", "!both").Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": { "p.a": true, "p.b": true } }""");
        Assert.Equal(
            """
              R-1: not met (hard) R-1
                !both -> false
                  both: p.a == true && p.b == true -> true
                    p.a == true -> true
                      p.a = yes (stated)
                    p.b == true -> true
                      p.b = yes (stated)
                [S-1]

            """,
            Text(evaluation, evaluation.Verdict("go", "only")!, Basis.Stated, Language.En));
    }

    private static string Text(Evaluation evaluation, Verdict verdict, Basis basis, Language language)
    {
        var text = new StringBuilder();
        foreach (var traced in Trace.Of(evaluation, [verdict], basis)) TraceText.Write(traced, language, text);
        return text.ToString();
    }
}
