using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>What a waiver sets aside, what it leaves to be seen, and which waivers are refused.</summary>
public sealed class WaiverTests
{
    private static readonly RuleBook Ships = new TinyBook()
        .Boolean("sky.clear")
        .Integer("sea.ships", 0, 9)
        .Boolean("sea.calm")
        .Reading("reading.calm", "in_principle", "hard")
        .Rule("R-SKY", "hard", "sky.clear == true")
        .Rule("R-SHIPS", "in_principle", "sea.ships >= 2", """{ "Waivable": true }""")
        .Rule("R-CALM", """{ "reading": "reading.calm", "in_principle": "in_principle", "hard": "hard" }""", "sea.calm == true", """{ "Waivable": true }""")
        .Book();

    private static string Waiver(string rule, string missions = "\"all\"", string until = "2030-12-31") =>
        $$"""{ "rule": "{{rule}}", "missions": {{missions}}, "reason": "r", "grounds": "g", "by": "b", "until": "{{until}}" }""";

    private static string Scenario(string facts, string waivers, string readings = "{}") =>
        $$"""{ "asOf": "2030-05-17", "facts": {{facts}}, "readings": {{readings}}, "waivers": [{{waivers}}] }""";

    private static View View(Evaluation evaluation, string mission = "first") => evaluation.Verdict("go", mission)!.Stated;

    private static IEnumerable<string> Names(IEnumerable<Finding> findings) => findings.Select(f => f.Rule.Name);

    private const string OneShip = """{ "sky.clear": true, "sea.ships": 1, "sea.calm": true }""";
    private const string NoCount = """{ "sky.clear": true, "sea.calm": true }""";

    [Theory]
    [InlineData(OneShip, Truth.False)]
    [InlineData(NoCount, Truth.Unknown)]
    public void A_waived_rule_no_longer_leads_to_an_outcome_and_still_shows_its_truth(string facts, Truth truth)
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario(facts, Waiver("R-SHIPS"))));

        Assert.Equal("GO", view.Outcome);
        Assert.Empty(view.Deciding);
        var waived = Assert.Single(view.Waived);
        Assert.Equal(("R-SHIPS", truth, "r", "g", "b"), (waived.Rule.Name, waived.Truth, waived.Waiver!.Reason, waived.Waiver.Grounds, waived.Waiver.By));
        Assert.Equal(waived, Assert.Single(view.Conditions));
    }

    [Fact]
    public void The_outcome_without_waivers_stands_beside_it()
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario(OneShip, Waiver("R-SHIPS"))));
        Assert.Equal(("GO", "CONDITIONAL"), (view.Outcome, view.WithoutWaivers));
    }

    [Fact]
    public void A_waiver_that_carries_the_outcome_is_named()
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario(OneShip, Waiver("R-SHIPS"))));
        Assert.Equal(new(RelianceKind.Waiver, "R-SHIPS"), Assert.Single(view.RelyingOn.Items));
        Assert.False(view.RelyingOn.Jointly);
    }

    [Fact]
    public void A_waiver_counts_under_assumptions_too()
    {
        var assumed = TinyScenario.Evaluate(Ships, Scenario(OneShip, Waiver("R-SHIPS"))).Verdict("go", "first")!.Assumed;
        Assert.Equal(("GO", "CONDITIONAL", 1), (assumed.Outcome, assumed.WithoutWaivers, assumed.Waived.Length));
    }

    [Fact]
    public void A_waiver_of_a_rule_that_is_met_waives_nothing()
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario("""{ "sky.clear": true, "sea.ships": 2, "sea.calm": true }""", Waiver("R-SHIPS"))));
        Assert.Empty(view.Waived);
        Assert.Empty(view.Conditions);
        Assert.Empty(view.RelyingOn.Items);
        Assert.Equal(("GO", "GO"), (view.Outcome, view.WithoutWaivers));
    }

    [Fact]
    public void A_waiver_for_one_mission_leaves_the_others_as_they_are()
    {
        var evaluation = TinyScenario.Evaluate(Ships, Scenario(OneShip, Waiver("R-SHIPS", """["second"]""")));
        Assert.Equal(("CONDITIONAL", "GO"), (View(evaluation).Outcome, View(evaluation, "second").Outcome));
        Assert.Empty(View(evaluation).Waived);
        Assert.Null(Assert.Single(View(evaluation).Conditions).Waiver);
    }

    [Fact]
    public void A_waiver_leaves_a_rule_that_it_does_not_name_as_it_is()
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario("""{ "sky.clear": true, "sea.ships": 1, "sea.calm": false }""", Waiver("R-SHIPS"))));
        Assert.Equal("CONDITIONAL", view.Outcome);
        Assert.Equal(["R-CALM"], Names(view.Deciding));
        Assert.Equal(["R-SHIPS", "R-CALM"], Names(view.Conditions));
        Assert.Equal(["R-SHIPS"], Names(view.Waived));
    }

    [Fact]
    public void A_waiver_does_not_stand_in_for_a_hard_rule()
    {
        var view = View(TinyScenario.Evaluate(Ships, Scenario("""{ "sky.clear": false, "sea.ships": 1, "sea.calm": true }""", Waiver("R-SHIPS"))));
        Assert.Equal(("NO_GO", "NO_GO"), (view.Outcome, view.WithoutWaivers));
        Assert.Equal(["R-SKY"], Names(view.Deciding));
    }

    [Fact]
    public void A_question_where_no_deciding_rule_applies_stays_not_assessed_under_a_waiver()
    {
        var evaluation = new TinyBook().Boolean("sea.calm").Rule("R-1", "in_principle", "sea.calm == true", """{ "Waivable": true }""")
            .Evaluate(Scenario("""{ "sea.calm": false }""", Waiver("R-1")));
        Assert.Equal(("NOT_ASSESSED", "CONDITIONAL"), (View(evaluation).Outcome, View(evaluation).WithoutWaivers));
    }

    [Theory]
    [InlineData("warning")]
    [InlineData("preference")]
    [InlineData("info")]
    public void A_waived_rule_does_not_warn(string strength)
    {
        var book = new TinyBook().Boolean("sky.clear").Boolean("sea.calm").Rule("R-SKY", "hard", "sky.clear == true")
            .Rule("R-1", strength, "sea.calm == true", """{ "Waivable": true }""").Book();
        const string Rough = """{ "sky.clear": true, "sea.calm": false }""";
        Assert.Equal(["R-1"], Names(View(TinyScenario.Evaluate(book, Scenario(Rough, ""))).Warnings));

        var waived = View(TinyScenario.Evaluate(book, Scenario(Rough, Waiver("R-1"))));
        Assert.Empty(waived.Warnings);
        Assert.Equal(["R-1"], Names(waived.Waived));
    }

    [Fact]
    public void A_waiver_of_a_rule_that_leads_nowhere_carries_nothing()
    {
        var evaluation = new TinyBook().Boolean("sky.clear").Boolean("sea.calm").Rule("R-SKY", "hard", "sky.clear == true")
            .Rule("R-1", "warning", "sea.calm == true", """{ "Waivable": true }""")
            .Evaluate(Scenario("""{ "sky.clear": true, "sea.calm": false }""", Waiver("R-1")));
        Assert.Empty(View(evaluation).RelyingOn.Items);
    }

    [Fact]
    public void In_a_question_without_missions_a_waiver_holds_whatever_missions_it_names()
    {
        var evaluation = new TinyBook().Boolean("sky.clear").Boolean("sea.calm").Question("go", perMission: false)
            .Rule("R-SKY", "hard", "sky.clear == true").Rule("R-1", "in_principle", "sea.calm == true", """{ "Waivable": true }""")
            .Evaluate(Scenario("""{ "sky.clear": true, "sea.calm": false }""", Waiver("R-1", """["first"]""")));
        Assert.Equal("GO", View(evaluation, "any").Outcome);
    }

    [Fact]
    public void Two_waivers_of_one_rule_for_different_missions_each_hold_for_their_own()
    {
        var evaluation = TinyScenario.Evaluate(Ships,
            Scenario(OneShip, Waiver("R-SHIPS", """["second"]""") + "," + Waiver("R-SHIPS", """["first"]""")));
        Assert.Equal("first", Assert.Single(Assert.Single(View(evaluation).Waived).Waiver!.Missions));
        Assert.Equal("second", Assert.Single(Assert.Single(View(evaluation, "second").Waived).Waiver!.Missions));
    }

    // ---- refused ----

    private static string Problem(string waiver, string readings = "{}") =>
        Assert.Single(TinyScenario.Load(Ships, Scenario(OneShip, waiver, readings)).Problems).ToString().Split(": ", 2)[1];

    [Fact]
    public void Only_a_rule_that_the_book_marks_waivable_is_waived() =>
        Assert.Equal("the rule `R-SKY` cannot be waived", Problem(Waiver("R-SKY")));

    [Fact]
    public void A_waiver_of_a_rule_that_does_not_exist_is_a_problem() =>
        Assert.Equal("unknown rule `R-SHIP`; did you mean `R-SHIPS`?", Problem(Waiver("R-SHIP")));

    [Theory]
    [InlineData("2030-05-16", false)]
    [InlineData("2030-05-17", true)] // the last day counts
    [InlineData("2030-05-18", true)]
    public void A_waiver_holds_up_to_and_including_its_last_day(string until, bool holds)
    {
        var read = TinyScenario.Load(Ships, Scenario(OneShip, Waiver("R-SHIPS", until: until)));
        Assert.Equal(holds, read.Value is not null);
        if (!holds) Assert.Equal("expired-waiver", Assert.Single(read.Problems).Code);
    }

    [Fact]
    public void A_waiver_without_a_day_of_judgement_is_a_problem()
    {
        var read = TinyScenario.Load(Ships, $$"""{ "facts": {}, "waivers": [{{Waiver("R-SHIPS")}}] }""");
        Assert.Equal("a waiver needs the scenario's `asOf`", Assert.Single(read.Problems).Text);
    }

    [Theory]
    [InlineData("[]", "a waiver is for at least one mission")]
    [InlineData("[\"frist\"]", "unknown mission `frist`")]
    [InlineData("\"first\"", "`missions` must be `all` or a list of missions, not text")]
    public void A_waiver_names_all_missions_or_some_that_exist(string missions, string text) =>
        Assert.Equal(text, Problem(Waiver("R-SHIPS", missions)).Split("; ")[0]);

    [Theory]
    [InlineData("reason")]
    [InlineData("grounds")]
    [InlineData("by")]
    [InlineData("until")]
    [InlineData("missions")]
    [InlineData("rule")]
    public void A_waiver_says_what_why_on_what_grounds_by_whom_and_until_when(string left)
    {
        var waiver = JObject.Parse(Waiver("R-SHIPS"));
        waiver.Remove(left);
        Assert.Equal($"`{left}` is missing", Problem(waiver.ToString(Formatting.None)));
    }

    [Theory]
    [InlineData("reason", "")]
    [InlineData("grounds", " ")]
    [InlineData("by", "\t")]
    public void A_waiver_with_an_empty_text_is_a_problem(string member, string empty)
    {
        var waiver = JObject.Parse(Waiver("R-SHIPS"));
        waiver[member] = empty;
        Assert.Equal($"`{member}` of a waiver is empty", Problem(waiver.ToString(Formatting.None)));
    }

    [Fact]
    public void A_rule_that_is_hard_under_the_reading_in_force_cannot_be_waived()
    {
        Assert.NotNull(TinyScenario.Load(Ships, Scenario(OneShip, Waiver("R-CALM"))).Value);
        Assert.Equal(
            "the rule `R-CALM` is hard under `reading.calm` = `hard`, so it cannot be waived",
            Problem(Waiver("R-CALM"), """{ "reading.calm": "hard" }"""));
    }

    [Fact]
    public void A_hard_rule_is_never_waived_not_even_one_that_is_marked_waivable()
    {
        var book = new TinyBook().Boolean("sky.clear").Rule("R-1", "hard", "sky.clear == true", """{ "Waivable": true }""").Book();
        var scenario = TinyScenario.Load(book, Scenario("""{ "sky.clear": false }""", Waiver("R-1"))).Value;
        Assert.True(scenario is null || View(Evaluation.Of(book, scenario)) is { Outcome: "NO_GO", Waived: [] });
    }
}
