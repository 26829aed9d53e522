using Advisory.Engine;

namespace Advisory.Tests.Engine;

/// <summary>A rule set over records: judged once for each, on the record's own facts before the scenario's.</summary>
public sealed class RecordTests
{
    private static readonly RuleBook Stations = new TinyBook()
        .Text("station.name")
        .Boolean("station.locked")
        .Boolean("station.staffed", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .Integer("station.elevation", -90, 90)
        .Planning("station.least", 5, 0, 90)
        .DerivedBoolean("station.sees", "station.elevation >= station.least")
        .Records("stations", "station", "name")
        .Question("usable", members: """{ "Each": "stations" }""")
        .Rule("S-1", "hard", "station.locked == true")
        .Rule("S-2", "hard", "station.sees == true")
        .Rule("S-3", "in_principle", "station.staffed == true", """{ "Waivable": true }""")
        .Signal("S-4", "info", "station.name == \"Tarn\"")
        .Book();

    private static Evaluation Evaluate(string records, string facts = "{}", string more = "") =>
        TinyScenario.Evaluate(Stations, $$"""{ "asOf": "2030-05-17", "facts": {{facts}}, "records": { "stations": [{{records}}] }{{more}} }""");

    private static View View(Evaluation evaluation, string record) => evaluation.Verdicts.Single(v => v.Record == record).Stated;

    private static IEnumerable<string> Names(IEnumerable<Finding> findings) => findings.Select(f => f.Rule.Name);

    private const string Good = """{ "name": "Good", "locked": true, "elevation": 12, "staffed": true }""";

    [Fact]
    public void Each_record_gets_its_own_verdict_in_the_order_given()
    {
        var evaluation = Evaluate(Good + """, { "name": "Deaf", "locked": false, "elevation": 12, "staffed": true }, { "name": "Blank" }""");
        Assert.Equal([("Good", "GO"), ("Deaf", "NO_GO"), ("Blank", "UNDETERMINED")], evaluation.Verdicts.Select(v => (v.Record!, v.Stated.Outcome)));
        Assert.All(evaluation.Verdicts, v => Assert.Equal("any", v.Mission));
    }

    [Fact]
    public void Without_records_there_is_no_verdict() =>
        Assert.Empty(TinyScenario.Evaluate(Stations, """{ "facts": { "station.locked": true } }""").Verdicts);

    [Fact]
    public void A_record_is_known_by_its_key_which_rules_can_read()
    {
        var evaluation = Evaluate("""{ "name": "Tarn", "locked": true, "elevation": 12, "staffed": true },""" + Good);
        Assert.Equal(["S-4"], Names(View(evaluation, "Tarn").Warnings));
        Assert.Empty(View(evaluation, "Good").Warnings);
    }

    [Fact]
    public void A_records_own_fact_wins_over_the_scenarios()
    {
        var evaluation = Evaluate("""
            { "name": "A", "elevation": 12, "staffed": true },
            { "name": "B", "elevation": 12, "staffed": true, "locked": false }
            """, """{ "station.locked": true }""");
        Assert.Equal(("GO", "NO_GO"), (View(evaluation, "A").Outcome, View(evaluation, "B").Outcome));
    }

    [Fact]
    public void The_facts_of_one_record_are_not_those_of_the_next()
    {
        var evaluation = Evaluate(Good + """, { "name": "Next" }""");
        Assert.Equal(["S-1", "S-2"], Names(View(evaluation, "Next").Deciding));
    }

    [Theory]
    [InlineData("""{ "reports": [{ "value": true }, { "value": false }] }""")]
    [InlineData("""{ "value": true, "validUntil": "2030-05-16" }""")]
    [InlineData("""{ "probability": { "true": 0.5, "false": 0.5 } }""")]
    public void A_records_uncertain_report_wins_over_the_scenarios_certain_one(string locked)
    {
        var evaluation = Evaluate($$"""{ "name": "A", "elevation": 12, "staffed": true, "locked": {{locked}} }""", """{ "station.locked": true }""");
        Assert.Equal("UNDETERMINED", View(evaluation, "A").Outcome);
        Assert.Equal(["S-1"], Names(View(evaluation, "A").Deciding));
    }

    [Fact]
    public void Facts_are_derived_for_each_record_from_its_own()
    {
        var evaluation = Evaluate("""
            { "name": "Low", "locked": true, "elevation": 4, "staffed": true },
            { "name": "High", "locked": true, "elevation": 5, "staffed": true }
            """);
        Assert.Equal(("NO_GO", "GO"), (View(evaluation, "Low").Outcome, View(evaluation, "High").Outcome));
    }

    [Fact]
    public void What_a_record_states_itself_is_not_derived()
    {
        var evaluation = Evaluate("""{ "name": "A", "locked": true, "sees": true, "staffed": true }""");
        Assert.Equal("GO", View(evaluation, "A").Outcome);
    }

    [Fact]
    public void What_a_record_states_against_its_own_facts_is_contested()
    {
        var evaluation = Evaluate("""{ "name": "A", "locked": true, "sees": true, "elevation": 3, "least": 5, "staffed": true }""");
        Assert.Equal(["S-2"], Names(View(evaluation, "A").Deciding));
        Assert.Equal(FactState.Contested, evaluation.Facts.Single(f => f.Record == "A" && f.Fact.Name == "station.sees").State);
    }

    [Fact]
    public void A_planning_figure_holds_for_every_record_that_does_not_state_its_own()
    {
        var evaluation = Evaluate("""
            { "name": "A", "locked": true, "elevation": 4, "staffed": true },
            { "name": "B", "locked": true, "elevation": 4, "least": 3, "staffed": true }
            """);
        Assert.Equal(("NO_GO", "GO"), (View(evaluation, "A").Outcome, View(evaluation, "B").Outcome));
    }

    [Fact]
    public void An_assumption_holds_for_every_record_that_does_not_report_the_fact()
    {
        var evaluation = Evaluate("""
            { "name": "A", "locked": true, "elevation": 12 },
            { "name": "B", "locked": true, "elevation": 12, "staffed": false }
            """);
        Assert.Equal([("CONDITIONAL", "GO"), ("CONDITIONAL", "CONDITIONAL")], evaluation.Verdicts.Select(v => (v.Stated.Outcome, v.Assumed.Outcome)));
        Assert.Equal(["station.staffed"], evaluation.Verdicts[0].Assumed.RelyingOn.Items.Select(r => r.Name));
    }

    [Fact]
    public void A_verdict_on_a_record_does_not_rest_on_a_value_that_the_record_states_itself()
    {
        var verdict = Evaluate("""{ "name": "A", "locked": true, "elevation": 4, "least": 3, "staffed": true }""").Verdicts.Single();
        Assert.Equal(("GO", "GO"), (verdict.Stated.Outcome, verdict.Assumed.Outcome));
        Assert.Empty(verdict.Stated.RelyingOn.Items);
        Assert.Empty(verdict.Assumed.RelyingOn.Items);
    }

    [Fact]
    public void A_verdict_on_a_record_names_the_planning_figure_that_carries_it() =>
        Assert.Equal(["station.least"], View(Evaluate(Good), "Good").RelyingOn.Items.Select(r => r.Name));

    [Fact]
    public void A_records_facts_are_listed_under_its_key()
    {
        var evaluation = Evaluate(Good);
        var own = evaluation.Facts.Where(f => f.Record == "Good").ToList();
        Assert.Equal(["station.name", "station.locked", "station.staffed", "station.elevation"], own.Select(f => f.Fact.Name));
        Assert.All(own, f => Assert.Equal(FactState.Stated, f.State));
    }

    [Fact]
    public void A_records_fact_that_the_scenario_does_not_state_is_not_listed_as_unknown_beside_it()
    {
        var evaluation = Evaluate(Good);
        Assert.DoesNotContain(evaluation.Facts, f => f.Record is null && f.Fact.Name == "station.locked");
    }

    [Fact]
    public void The_mission_that_the_scenario_states_is_known_to_the_rules_for_records()
    {
        var book = new TinyBook().Text("station.name").Records("stations", "station", "name").Question("usable", members: """{ "Each": "stations" }""")
            .Rule("S-1", "hard", "mission.type == \"second\"").Book();
        const string Records = """ "records": { "stations": [{ "name": "A" }] } """;
        Assert.Equal("UNDETERMINED", View(TinyScenario.Evaluate(book, $$"""{ "facts": {}, {{Records}} }"""), "A").Outcome);
        Assert.Equal("GO", View(TinyScenario.Evaluate(book, $$"""{ "facts": { "mission.type": "second" }, {{Records}} }"""), "A").Outcome);
    }

    [Fact]
    public void Records_change_nothing_in_a_question_about_missions()
    {
        var book = new TinyBook().Text("station.name").Boolean("station.locked").Records("stations", "station", "name")
            .Rule("R-1", "hard", "station.locked == true").Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": {}, "records": { "stations": [{ "name": "A", "locked": true }] } }""");
        Assert.Equal("UNDETERMINED", evaluation.Verdict("go", "first")!.Stated.Outcome);
    }

    [Fact]
    public void Two_kinds_of_record_each_meet_their_own_question()
    {
        var book = new TinyBook()
            .Text("ship.name").Boolean("ship.here").Records("ships", "ship", "name")
            .Text("plane.name").Boolean("plane.here").Records("planes", "plane", "name")
            .Question("ships-go", members: """{ "Each": "ships" }""").Rule("A-1", "hard", "ship.here == true")
            .Question("planes-go", members: """{ "Each": "planes" }""").Rule("B-1", "hard", "plane.here == true").Book();
        var evaluation = TinyScenario.Evaluate(book, """
            { "facts": {}, "records": { "planes": [{ "name": "x", "here": true }], "ships": [{ "name": "x", "here": false }, { "name": "y", "here": true }] } }
            """);
        Assert.Equal(
            [("ships-go", "x", "NO_GO"), ("ships-go", "y", "GO"), ("planes-go", "x", "GO")],
            evaluation.Verdicts.Select(v => (v.Question.Id, v.Record!, v.Stated.Outcome)));
    }

    [Fact]
    public void A_waiver_holds_for_every_record()
    {
        var evaluation = Evaluate("""
            { "name": "A", "locked": true, "elevation": 12, "staffed": false },
            { "name": "B", "locked": true, "elevation": 12, "staffed": false }
            """, more: """
            , "waivers": [{ "rule": "S-3", "missions": "all", "reason": "r", "grounds": "g", "by": "b", "until": "2030-12-31" }]
            """);
        Assert.Equal(["GO", "GO"], evaluation.Verdicts.Select(v => v.Stated.Outcome));
        Assert.All(evaluation.Verdicts, v => Assert.Equal(["S-3"], Names(v.Stated.Waived)));
    }

    // ---- refused ----

    [Theory]
    [InlineData("""{ "stations": [{ "locked": true }] }""", "`name` is missing")]
    [InlineData("""{ "stations": [{ "name": "A" }, { "name": "A" }] }""", "`A` is listed twice")]
    [InlineData("""{ "stations": [{ "name": "A", "loked": true }] }""", "unknown fact `station.loked`; did you mean `locked`?")]
    [InlineData("""{ "stations": [{ "name": "A", "locked": "yes" }] }""", "`station.locked` must be true or false, not \"yes\"")]
    [InlineData("""{ "station": [{ "name": "A" }] }""", "unknown records `station`; did you mean `stations`?")]
    [InlineData("""{ "stations": { "name": "A" } }""", "`stations` must be a list, not an object")]
    public void A_record_that_the_book_does_not_know_is_a_problem(string records, string text)
    {
        var read = TinyScenario.Load(Stations, $$"""{ "facts": {}, "records": {{records}} }""");
        Assert.Null(read.Value);
        Assert.Equal(text, Assert.Single(read.Problems).ToString().Split(": ", 2)[1]);
    }
}
