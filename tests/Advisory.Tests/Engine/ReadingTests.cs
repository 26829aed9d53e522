using Advisory.Engine;

namespace Advisory.Tests.Engine;

/// <summary>Choices of interpretation: what they switch, when they are shown, when an outcome rests on one.</summary>
public sealed class ReadingTests
{
    /// <summary>One reading switches a strength, one an expression, one a derivation; one is read by nothing.</summary>
    private static readonly RuleBook Book = new TinyBook()
        .Boolean("sky.clear")
        .Boolean("cloud.thick")
        .Boolean("cloud.smoke")
        .Integer("lightning.distance", 0, 100)
        .DerivedInteger("lightning.radius", 0, 100, "reading.mile == \"nautical\" ? 18 : 16")
        .Reading("reading.cloud", "rule", "guideline", "advice")
        .Reading("reading.smoke", "cloud", "not_cloud")
        .Reading("reading.mile", "nautical", "statute")
        .Reading("reading.idle", "one", "other")
        .Rule("R-SKY", "hard", "sky.clear == true")
        .Rule("R-CLOUD", """{ "reading": "reading.cloud", "rule": "hard", "guideline": "in_principle", "advice": "warning" }""", "cloud.thick == false")
        .Rule("R-SMOKE", "hard", "reading.smoke == \"cloud\" ? cloud.smoke == false : true")
        .Rule("R-LIGHT", "hard", "lightning.distance > lightning.radius")
        .Book();

    private static Evaluation Evaluate(string facts, string readings) => TinyScenario.Evaluate(Book, $$"""{ "facts": {{facts}}, "readings": {{readings}} }""");

    private static View View(Evaluation evaluation) => evaluation.Verdict("go", "first")!.Stated;

    private static IEnumerable<string> Names(IEnumerable<Finding> findings) => findings.Select(f => f.Rule.Name);

    private static string Facts(bool thick = false, bool smoke = false, int distance = 50) =>
        $$"""{ "sky.clear": true, "cloud.thick": {{(thick ? "true" : "false")}}, "cloud.smoke": {{(smoke ? "true" : "false")}}, "lightning.distance": {{distance}} }""";

    [Theory]
    [InlineData("{}", "NO_GO")]
    [InlineData("""{ "reading.cloud": "rule" }""", "NO_GO")]
    [InlineData("""{ "reading.cloud": "guideline" }""", "CONDITIONAL")]
    [InlineData("""{ "reading.cloud": "advice" }""", "GO")]
    public void A_reading_switches_how_much_a_rule_weighs(string readings, string outcome)
    {
        var view = View(Evaluate(Facts(thick: true), readings));
        Assert.Equal(outcome, view.Outcome);
        Assert.Equal(outcome == "GO" ? [] : ["R-CLOUD"], Names(view.Deciding));
        Assert.Equal(outcome == "GO" ? ["R-CLOUD"] : [], Names(view.Warnings));
        Assert.Equal(outcome == "CONDITIONAL" ? ["R-CLOUD"] : [], Names(view.Conditions));
    }

    [Theory]
    [InlineData("{}", "NO_GO", true)]
    [InlineData("""{ "reading.smoke": "not_cloud" }""", "GO", false)]
    public void A_reading_switches_an_expression(string readings, string outcome, bool applies)
    {
        var view = View(Evaluate(Facts(smoke: true), readings));
        Assert.Equal(outcome, view.Outcome);
        Assert.Equal(applies, view.Findings.Single(f => f.Rule.Name == "R-SMOKE").Applies);
        Assert.Empty(view.NotAssessed);
    }

    [Theory]
    [InlineData("{}", "NO_GO", 18)]
    [InlineData("""{ "reading.mile": "statute" }""", "GO", 16)]
    public void A_reading_switches_a_derivation(string readings, string outcome, int radius)
    {
        var evaluation = Evaluate(Facts(distance: 17), readings);
        Assert.Equal(outcome, View(evaluation).Outcome);
        Assert.All(evaluation.Derived, d => Assert.Equal(radius, (int)d.Value!));
    }

    [Fact]
    public void A_reading_is_always_known()
    {
        var view = View(Evaluate("""{ "sky.clear": true, "cloud.thick": false, "lightning.distance": 50 }""", """{ "reading.smoke": "not_cloud" }"""));
        Assert.Equal("GO", view.Outcome);
    }

    [Fact]
    public void A_reading_that_turns_the_only_deciding_rule_into_advice_leaves_nothing_to_assess()
    {
        var book = new TinyBook().Boolean("cloud.thick").Reading("reading.cloud", "rule", "advice")
            .Rule("R-1", """{ "reading": "reading.cloud", "rule": "hard", "advice": "warning" }""", "cloud.thick == false").Book();
        Assert.Equal("GO", Outcome("rule"));
        Assert.Equal("NOT_ASSESSED", Outcome("advice"));

        string Outcome(string option) =>
            View(TinyScenario.Evaluate(book, $$"""{ "facts": { "cloud.thick": false }, "readings": { "reading.cloud": "{{option}}" } }""")).Outcome;
    }

    // ---- what is shown ----

    [Fact]
    public void The_readings_that_a_rule_reads_are_shown_with_the_option_in_force()
    {
        var evaluation = Evaluate(Facts(), """{ "reading.mile": "statute" }""");
        Assert.Equal(
            [("reading.cloud", "rule", true), ("reading.smoke", "cloud", true), ("reading.mile", "statute", false)],
            evaluation.Readings.Select(r => (r.Reading.Name, r.Option, r.IsBooksOwn)));
    }

    [Fact]
    public void A_reading_that_the_scenario_sets_is_shown_also_where_no_rule_reads_it()
    {
        var evaluation = Evaluate(Facts(), """{ "reading.idle": "other" }""");
        Assert.Contains(evaluation.Readings, r => r is { Reading.Name: "reading.idle", Option: "other", IsBooksOwn: false });
    }

    [Fact]
    public void A_reading_is_no_fact_among_facts() =>
        Assert.DoesNotContain(Evaluate(Facts(), """{ "reading.mile": "statute" }""").Facts, f => f.Fact.Role == FactRole.Reading);

    [Fact]
    public void Setting_the_books_own_option_is_setting_nothing()
    {
        var (silent, spoken) = (Evaluate(Facts(), "{}"), Evaluate(Facts(), """{ "reading.mile": "nautical" }"""));
        Assert.Equal(silent.Scenario.Digest, spoken.Scenario.Digest);
        Assert.All(spoken.Readings, r => Assert.True(r.IsBooksOwn));
    }

    [Fact]
    public void A_scenario_with_another_reading_is_another_scenario() =>
        Assert.NotEqual(Evaluate(Facts(), "{}").Scenario.Digest, Evaluate(Facts(), """{ "reading.mile": "statute" }""").Scenario.Digest);

    // ---- what an outcome rests on ----

    [Theory]
    [InlineData("""{ "reading.mile": "statute" }""", false, false, 17, "reading.mile")] // through a derivation
    [InlineData("""{ "reading.smoke": "not_cloud" }""", false, true, 50, "reading.smoke")] // through an expression
    [InlineData("""{ "reading.cloud": "advice" }""", true, false, 50, "reading.cloud")] // through a strength
    public void An_outcome_that_a_reading_carries_names_it(string readings, bool thick, bool smoke, int distance, string carrying)
    {
        var view = View(Evaluate(Facts(thick, smoke, distance), readings));
        Assert.Equal("GO", view.Outcome);
        Assert.Equal(new(RelianceKind.Reading, carrying), Assert.Single(view.RelyingOn.Items));
        Assert.False(view.RelyingOn.Jointly);
    }

    [Fact]
    public void A_reading_without_which_every_rule_is_met_all_the_same_carries_nothing() =>
        Assert.Empty(View(Evaluate(Facts(), """{ "reading.mile": "statute", "reading.cloud": "advice" }""")).RelyingOn.Items);

    [Fact]
    public void The_books_own_readings_are_not_named_as_what_an_outcome_rests_on() =>
        Assert.Empty(View(Evaluate(Facts(), "{}")).RelyingOn.Items);

    // ---- refused ----

    [Theory]
    [InlineData("""{ "facts": {}, "readings": { "reading.miles": "statute" } }""", "unknown reading `reading.miles`; did you mean `reading.mile`?")]
    [InlineData("""{ "facts": {}, "readings": { "reading.mile": "roman" } }""", "`reading.mile` has no value `roman`; one of `nautical`, `statute`")]
    [InlineData("""{ "facts": {}, "readings": { "sky.clear": true } }""", "unknown reading `sky.clear`")]
    [InlineData("""{ "facts": { "reading.mile": "statute" } }""", "unknown fact `reading.mile`; readings stand in `readings`")]
    public void A_reading_that_the_book_does_not_leave_open_is_a_problem(string scenario, string text) =>
        Assert.Equal(text, Assert.Single(TinyScenario.Load(Book, scenario).Problems).ToString().Split(": ", 2)[1]);
}
