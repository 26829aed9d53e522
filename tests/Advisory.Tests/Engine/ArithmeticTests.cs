using System.Globalization;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>Numbers are decimals: what a person works out on paper is what comes out, and what cannot be worked out is unknown.</summary>
public sealed class ArithmeticTests
{
    [Theory]
    [InlineData("n.x + n.y", "0.1", "0.2", "0.3")]
    [InlineData("n.x + n.x + n.x", "0.1", null, "0.3")]
    [InlineData("n.x - n.y", "0.3", "0.1", "0.2")]
    [InlineData("n.x - n.y", "1", "2.5", "-1.5")]
    [InlineData("n.x * n.y", "1.1", "1.1", "1.21")]
    [InlineData("n.x * n.y", "-3", "0.5", "-1.5")]
    [InlineData("n.x * n.y", "-3", "0", "0")]
    [InlineData("n.x * 100", "4.35", null, "435")]
    [InlineData("n.x / n.y", "1", "4", "0.25")]
    [InlineData("n.x / n.y", "24", "2.4", "10")]
    [InlineData("n.x / n.y", "-7", "2", "-3.5")]
    [InlineData("n.x / n.y", "0", "7", "0")]
    [InlineData("n.x / n.y", "1.50", "1", "1.5")]
    [InlineData("n.x + -1", "0.5", null, "-0.5")]
    public void Sums_differences_products_and_quotients_are_exact(string derivation, string x, string? y, string expected) =>
        Assert.Equal(expected, Value(derivation, x, y));

    /// <summary>28 digits are kept, so a third times three falls short by one in the last place; it is rounded up only where asked.</summary>
    [Theory]
    [InlineData("n.x / 3", "1", "0.3333333333333333333333333333")]
    [InlineData("n.x / 3", "2", "0.6666666666666666666666666667")]
    [InlineData("n.x / 3 * 3", "1", "0.9999999999999999999999999999")]
    [InlineData("Math.Ceiling(n.x / 3 * 3)", "1", "1")]
    [InlineData("n.x * 3 / 3", "1", "1")]
    public void A_quotient_without_end_is_cut_at_28_digits(string derivation, string x, string expected) =>
        Assert.Equal(expected, Value(derivation, x, null));

    [Theory]
    [InlineData("n.x + n.y * 2", "16")]
    [InlineData("(n.x + n.y) * 2", "24")]
    [InlineData("n.x - n.y - 1", "3")]
    [InlineData("n.x - (n.y - 1)", "5")]
    [InlineData("n.x / n.y / 2", "1")]
    [InlineData("n.x / (n.y / 2)", "4")]
    [InlineData("n.x - n.y * n.y + 1", "-7")]
    [InlineData("n.x + 1 > n.y ? n.x : n.y", "8")]
    public void Products_bind_closer_than_sums_and_equals_read_from_the_left(string derivation, string expected) =>
        Assert.Equal(expected, Value(derivation, "8", "4"));

    [Theory]
    [InlineData("Math.Ceiling(n.x)", "1.0001", "2")]
    [InlineData("Math.Ceiling(n.x)", "2", "2")]
    [InlineData("Math.Ceiling(n.x)", "-1.9", "-1")]
    [InlineData("Math.Ceiling(n.x)", "-0.5", "0")]
    [InlineData("Math.Floor(n.x)", "1.9999", "1")]
    [InlineData("Math.Floor(n.x)", "2", "2")]
    [InlineData("Math.Floor(n.x)", "-1.1", "-2")]
    [InlineData("Math.Abs(n.x)", "-1.5", "1.5")]
    [InlineData("Math.Abs(n.x)", "1.5", "1.5")]
    [InlineData("Math.Round(n.x)", "0.5", "0")]
    [InlineData("Math.Round(n.x)", "1.5", "2")]
    [InlineData("Math.Round(n.x)", "2.5", "2")]
    [InlineData("Math.Round(n.x)", "2.5001", "3")]
    [InlineData("Math.Round(n.x)", "-0.5", "0")]
    [InlineData("Math.Round(n.x)", "-1.5", "-2")]
    [InlineData("Math.Round(n.x)", "-2.5", "-2")]
    [InlineData("Math.Min(n.x, 2)", "1.5", "1.5")]
    [InlineData("Math.Min(n.x, 2)", "2.5", "2")]
    [InlineData("Math.Max(n.x, 2)", "1.5", "2")]
    [InlineData("Math.Max(n.x, 2)", "2.5", "2.5")]
    [InlineData("Math.Max(0, Math.Floor(n.x * 50 / 100) - 3)", "5", "0")]
    public void Functions_round_towards_their_side_and_halves_to_even(string derivation, string x, string expected) =>
        Assert.Equal(expected, Value(derivation, x, null));

    [Theory]
    [InlineData("n.x + n.y")]
    [InlineData("n.x - n.y")]
    [InlineData("n.x * n.y")]
    [InlineData("n.x / n.y")]
    [InlineData("Math.Min(n.x, n.y)")]
    [InlineData("Math.Max(n.x, n.y)")]
    [InlineData("Math.Ceiling(n.x) + Math.Floor(n.y)")]
    [InlineData("Math.Round(n.x) + Math.Abs(n.y)")]
    public void An_unknown_operand_leaves_the_result_unknown_without_a_fault(string derivation)
    {
        // Zero is the tempting case: nought times something unknown is not called nought.
        Assert.All([("0", null), (null, "0"), (null, null), ("1", null), (null, "1")], ((string? X, string? Y) given) =>
        {
            var evaluation = Evaluate(derivation, given.X, given.Y);
            Assert.Null(Value(evaluation));
            Assert.Empty(Faults(evaluation));
        });
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-1", null)]
    [InlineData(null, null)]
    public void A_null_branch_is_no_figure_and_no_fault(string? x, string? expected)
    {
        var evaluation = Evaluate("n.x > 0 ? n.x : null", x, null);
        Assert.Equal(expected, Value(evaluation));
        Assert.Empty(Faults(evaluation));
    }

    [Theory]
    [InlineData("n.x / n.y", "1", "0", "division by zero")]
    [InlineData("n.x / n.y", "0", "0", "division by zero")]
    [InlineData("n.x / (n.y - 2)", "1", "2", "division by zero")]
    [InlineData("n.huge * n.huge", null, null, "overflow")]
    [InlineData("n.huge * n.huge * 0", null, null, "overflow")]
    [InlineData("n.huge + 1", null, null, "outside range")]
    [InlineData("0 - n.huge - n.x", "1", null, "outside range")]
    public void What_cannot_be_worked_out_is_unknown_and_the_trace_says_why(string derivation, string? x, string? y, string fault)
    {
        var evaluation = Evaluate(derivation, x, y);
        Assert.Null(Value(evaluation));
        Assert.Equal([fault], Faults(evaluation).Distinct());
        Assert.Equal(Truth.Unknown, evaluation.Verdict("go", "only")!.Stated.Findings[0].Truth);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("10", 10)]
    [InlineData("11", null)]
    [InlineData("-1", null)]
    [InlineData("2.5", null)]
    public void A_derived_whole_number_stays_whole_and_in_its_range(string x, int? expected)
    {
        var evaluation = TinyScenario.Evaluate(
            Vocabulary().DerivedInteger("r.value", 0, 10, "n.x * 1").Rule("R", "hard", "r.value >= 0").Book(),
            Facts(x, null));
        Assert.Equal(expected, (int?)evaluation.Derived.Single().Value);
        Assert.Equal(expected is null ? ["outside range"] : [], Faults(evaluation));
        Assert.Equal(expected is null ? Truth.Unknown : Truth.True, evaluation.Verdict("go", "only")!.Stated.Findings[0].Truth);
    }

    [Fact]
    public void What_rests_on_a_fault_is_unknown_too_and_shows_it_at_its_origin()
    {
        var book = Vocabulary()
            .DerivedInteger("r.first", -100, 100, "n.x / n.y")
            .DerivedInteger("r.second", -100, 100, "r.first + 1")
            .Rule("R-1", "hard", "r.second > 0").Rule("R-2", "hard", "!(r.second > 0)").Rule("R-3", "hard", "r.second > 0 || r.second <= 0").Book();
        var evaluation = TinyScenario.Evaluate(book, Facts("1", "0"));
        Assert.All(evaluation.Verdict("go", "only")!.Stated.Findings, finding => Assert.Equal(Truth.Unknown, finding.Truth));
        Assert.Equal("UNDETERMINED", evaluation.Verdict("go", "only")!.Stated.Outcome);

        var decision = EvaluationJson.Decision(evaluation, evaluation.Verdicts, Basis.Stated, withTrace: true);
        var faulty = decision["trace"]!.SelectTokens("$..[?(@.fault)]").Select(node => (string)node["text"]!).Distinct();
        Assert.Equal(["n.x / n.y"], faulty);
    }

    [Theory]
    [InlineData("n.y == 0 ? 0 : n.x / n.y", "5", "0", "0")]
    [InlineData("n.y == 0 ? 0 : n.x / n.y", "5", "2", "2.5")]
    [InlineData("n.y != null ? n.x / n.y : n.x", "5", null, "5")]
    public void A_fault_in_the_branch_not_taken_does_no_harm(string derivation, string x, string? y, string expected) =>
        Assert.Equal(expected, Value(derivation, x, y));

    [Theory]
    [InlineData("n.x + n.y == 0.3m", Truth.True)]
    [InlineData("n.x + n.y != 0.3m", Truth.False)]
    [InlineData("n.x * 10 == 1", Truth.True)]
    [InlineData("n.x * 3 <= 0.3m", Truth.True)]
    [InlineData("n.y - n.x == n.x", Truth.True)]
    [InlineData("n.x in (0.1m, 5)", Truth.True)]
    [InlineData("n.x == 0.10m", Truth.True)]
    [InlineData("n.huge * n.huge > 1", Truth.Unknown)]
    [InlineData("!(n.huge * n.huge > 1)", Truth.Unknown)]
    public void A_rule_compares_exactly(string expression, Truth expected)
    {
        var evaluation = TinyScenario.Evaluate(Vocabulary().Rule("R", "hard", expression).Book(), Facts("0.1", "0.2"));
        Assert.Equal(expected, evaluation.Verdict("go", "only")!.Stated.Findings[0].Truth);
        Assert.Equal(expected == Truth.Unknown ? ["overflow"] : [], Faults(evaluation));
    }

    /// <summary>
    /// The note's options over a line of some length, brigades and soldiers from the smallest to the largest estimate; the pool at a
    /// rotation of three and of four; whether each fits into the 41 brigades that half of a pool of 82 gives. <c>-</c> is no figure.
    /// </summary>
    private static readonly string[] Options =
    [
        //      variant      line posts brigades  soldiers       pool x3   pool x4  soldiers x3      soldiers x4      fits x3 x4
        "opt1   eur_plus     1200 24     8 10     32000  40000   24 30     32 40     96000 120000   128000 160000   t t   t t",
        "opt1   ua_supported 1200 12     4  5     16000  20000   12 15     16 20     48000  60000    64000  80000   t t   t t",
        "opt2   eur_plus     1200 24     8 10     32000  40000   24 30     32 40     96000 120000   128000 160000   t t   t t",
        "opt2   ua_supported 1200 12     4  5     16000  20000   12 15     16 20     48000  60000    64000  80000   t t   t t",
        "opt3   eur_plus     1200 24    24 24     96000  96000   72 72     96 96    288000 288000   384000 384000   f f   f f",
        "opt3   ua_supported 1200 12    12 12     48000  48000   36 36     48 48    144000 144000   192000 192000   t t   f f",
        "opt4   eur_plus     1200  -     4  4     16000  16000   12 12     16 16     48000  48000    64000  64000   t t   t t",
        "opt4   ua_supported 1200  -     -  -         -      -    -  -      -  -         -      -        -      -   u u   u u",
        "opt1   eur_plus     1000 20     7  9     28000  36000   21 27     28 36     84000 108000   112000 144000   t t   t t",
        "opt1   ua_supported 1000 10     4  5     16000  20000   12 15     16 20     48000  60000    64000  80000   t t   t t",
        "opt2   eur_plus     1000 20     7  9     28000  36000   21 27     28 36     84000 108000   112000 144000   t t   t t",
        "opt2   ua_supported 1000 10     4  5     16000  20000   12 15     16 20     48000  60000    64000  80000   t t   t t",
        "opt3   eur_plus     1000 20    20 20     80000  80000   60 60     80 80    240000 240000   320000 320000   f f   f f",
        "opt3   ua_supported 1000 10    10 10     40000  40000   30 30     40 40    120000 120000   160000 160000   t t   t t",
        "opt4   eur_plus     1000  -     4  4     16000  16000   12 12     16 16     48000  48000    64000  64000   t t   t t",
        // One kilometre more is one post more; from 24 to 25 posts also one brigade, by the smallest and by the largest estimate.
        "opt1   eur_plus     1201 25     9 11     36000  44000   27 33     36 44    108000 132000   144000 176000   t t   t f",
        "opt1   ua_supported 1201 13     5  6     20000  24000   15 18     20 24     60000  72000    80000  96000   t t   t t",
        "opt2   eur_plus     1201 25     9 11     36000  44000   27 33     36 44    108000 132000   144000 176000   t t   t f",
        "opt3   eur_plus     1201 25    25 25    100000 100000   75 75    100 100   300000 300000   400000 400000   f f   f f",
        "opt3   ua_supported 1201 13    13 13     52000  52000   39 39     52 52    156000 156000   208000 208000   t t   f f",
        "opt4   eur_plus     1201  -     4  4     16000  16000   12 12     16 16     48000  48000    64000  64000   t t   t t",
        "opt3   eur_plus       50  1     1  1      4000   4000    3  3      4  4     12000  12000    16000  16000   t t   t t",
        "opt3   eur_plus       51  2     2  2      8000   8000    6  6      8  8     24000  24000    32000  32000   t t   t t",
        "opt1   ua_supported    1  1     1  1      4000   4000    3  3      4  4     12000  12000    16000  16000   t t   t t",
        "opt1   eur_plus        - -      -  -         -      -    -  -      -  -         -      -        -      -   u u   u u",
        "opt1   -            1200 -      -  -         -      -    -  -      -  -         -      -        -      -   u u   u u",
        "opt4   eur_plus        -  -     4  4     16000  16000   12 12     16 16     48000  48000    64000  64000   t t   t t",
    ];

    public static TheoryData<string> OptionRows => new(Options);

    [Theory]
    [MemberData(nameof(OptionRows))]
    public void The_Ukraine_book_derives_the_force_of_every_option_and_variant(string row)
    {
        var cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (mission, variant, line) = (cells[0], cells[1], cells[2]);
        var pool = new Dictionary<string, (string[] Brigades, string[] Soldiers, string[] Fits)>
        {
            ["3"] = (cells[8..10], cells[12..14], cells[16..18]),
            ["4"] = (cells[10..12], cells[14..16], cells[18..20]),
            ["-"] = ([cells[8], cells[11]], [cells[12], cells[15]], [cells[16], cells[19]]), // unknown: three at the least, four at the most
        };

        foreach (var (rotation, needed) in pool)
        {
            var facts = new JObject();
            if (line != "-") facts["ceasefire.line_length_km"] = int.Parse(line, CultureInfo.InvariantCulture);
            if (variant != "-") facts["mission.variant"] = variant;
            if (rotation != "-") facts["force.rotation_factor"] = int.Parse(rotation, CultureInfo.InvariantCulture);
            var evaluation = TinyScenario.Evaluate(Books.Ukraine, new JObject { ["facts"] = facts }.ToString());

            Assert.Equal([cells[3]], Derived("force.posts"));
            Assert.Equal(cells[4..6], Derived("force.required_brigades_min", "force.required_brigades_max"));
            Assert.Equal(cells[6..8], Derived("force.required_soldiers_min", "force.required_soldiers_max"));
            Assert.Equal(needed.Brigades, Derived("force.required_pool_brigades_min", "force.required_pool_brigades_max"));
            Assert.Equal(needed.Soldiers, Derived("force.required_pool_soldiers_min", "force.required_pool_soldiers_max"));
            Assert.Equal(["41"], Derived("force.deployable_brigades"));

            // F-1: the smallest pool fits into what can be deployed; F-2: the largest does.
            var findings = evaluation.Verdict("feasibility", mission)!.Stated.Findings;
            Assert.Equal(needed.Fits, new[] { "F-1", "F-2" }.Select(rule => findings.Single(f => f.Rule.Name == rule).Truth switch { Truth.True => "t", Truth.False => "f", _ => "u" }));

            string[] Derived(params string[] names) =>
                [.. names.Select(name => evaluation.Derived.Single(d => d.Mission == mission && d.Fact.Name == name).Value?.ToString(Formatting.None) ?? "-")];
        }
    }

    [Fact]
    public void The_table_has_every_option_and_variant_at_both_lengths_of_the_note()
    {
        var rows = Options.Select(row => string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3])).ToHashSet();
        Assert.Superset(
            (from option in new[] { "opt1", "opt2", "opt3" } from variant in new[] { "eur_plus", "ua_supported" } from km in new[] { 1000, 1200 } select FormattableString.Invariant($"{option} {variant} {km}"))
            .Append("opt4 eur_plus 1000").Append("opt4 eur_plus 1200").ToHashSet(),
            rows);
    }

    private static TinyBook Vocabulary() => new TinyBook()
        .Missions("only")
        .Decimal("n.x", -1_000, 1_000, 0.0001m)
        .Decimal("n.y", -1_000, 1_000, 0.0001m)
        .Integer("n.huge", 0, 1, """{ "max": 999999999999999 }""");

    private static Evaluation Evaluate(string derivation, string? x, string? y)
    {
        var value = new JObject { ["role"] = "derived", ["derive"] = derivation, ["unit"] = "units", ["min"] = -999_999_999_999_999, ["max"] = 999_999_999_999_999, ["step"] = 1 };
        return TinyScenario.Evaluate(Vocabulary().Fact("r.value", "decimal", value.ToString()).Rule("R", "hard", "r.value > 0").Book(), Facts(x, y));
    }

    private static string Facts(string? x, string? y) =>
        "{ \"facts\": { \"n.huge\": 999999999999999" + (x is null ? "" : ", \"n.x\": " + x) + (y is null ? "" : ", \"n.y\": " + y) + " } }";

    private static string? Value(string derivation, string? x, string? y) => Value(Evaluate(derivation, x, y));

    private static string? Value(Evaluation evaluation) => evaluation.Derived.Single().Value?.ToString(Formatting.None).Trim('"');

    private static IEnumerable<string> Faults(Evaluation evaluation) =>
        EvaluationJson.Decision(evaluation, evaluation.Verdicts, Basis.Stated, withTrace: true)["trace"]!.SelectTokens("$..fault").Select(fault => (string)fault!);
}
