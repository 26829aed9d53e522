using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>Where a fact stands: stated, derived, planning figure, assumed, contested, expired or unknown; and what rules make of it.</summary>
public sealed class FactStateTests
{
    /// <summary>One hard rule on <c>sky.clear</c>, for which the documents assume true.</summary>
    private static readonly RuleBook Sky = new TinyBook()
        .Boolean("sky.clear", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .Rule("R-1", "hard", "sky.clear == true")
        .Book();

    /// <summary>A total that follows from a stated count and a planning figure.</summary>
    private static readonly RuleBook Crates = new TinyBook()
        .Integer("crate.count", 0, 100)
        .Planning("crate.weight", 5, 0, 50)
        .DerivedInteger("crate.total", 0, 1000, "crate.count * crate.weight")
        .DerivedBoolean("crate.heavy", "crate.total > 100")
        .Rule("R-1", "hard", "crate.total <= 100")
        .Rule("R-2", "note", "crate.heavy == false")
        .Book();

    private static FactUse Use(Evaluation evaluation, string fact) => evaluation.Facts.Single(f => f.Fact.Name == fact);

    private static JToken? Derived(Evaluation evaluation, string fact, string mission = "first") =>
        evaluation.Derived.Single(d => d.Fact.Name == fact && d.Mission == mission).Value;

    private static string Outcome(Evaluation evaluation, string mission = "first", Basis basis = Basis.Stated) =>
        evaluation.Verdict("go", mission)!.On(basis).Outcome;

    // ---- stated ----

    [Fact]
    public void A_bare_value_and_a_report_with_a_source_state_the_same_fact()
    {
        var bare = TinyScenario.Evaluate(Sky, """{ "facts": { "sky.clear": false } }""");
        var sourced = TinyScenario.Evaluate(Sky, """{ "facts": { "sky.clear": { "value": false, "source": "a window" } } }""");

        Assert.Equal((FactState.Stated, FactState.Stated), (Use(bare, "sky.clear").State, Use(sourced, "sky.clear").State));
        Assert.Equal(("NO_GO", "NO_GO"), (Outcome(bare), Outcome(sourced)));
        Assert.Equal("a window", Use(sourced, "sky.clear").Reports.Single().Source);
    }

    [Fact]
    public void Reports_that_agree_state_the_fact()
    {
        var evaluation = TinyScenario.Evaluate(Sky,
            """{ "facts": { "sky.clear": { "reports": [{ "value": true, "source": "a" }, { "value": true, "source": "b" }] } } }""");
        Assert.Equal(FactState.Stated, Use(evaluation, "sky.clear").State);
        Assert.Equal(2, Use(evaluation, "sky.clear").Reports.Length);
        Assert.Equal("GO", Outcome(evaluation));
    }

    [Theory]
    [InlineData("2.5", "2.50")]
    [InlineData("2.5", "\"2.5\"")]
    [InlineData("\"2.50\"", "2.5")]
    [InlineData("2", "2.0")]
    [InlineData("2", "2e0")]
    public void The_same_number_written_otherwise_is_no_disagreement(string one, string other)
    {
        var book = new TinyBook().Decimal("wind.speed", 0, 100, 0.1m).Rule("R-1", "hard", "wind.speed < 10").Book();
        var evaluation = TinyScenario.Evaluate(book,
            $$"""{ "facts": { "wind.speed": { "reports": [{ "value": {{one}} }, { "value": {{other}} }] } } }""");
        Assert.Equal(FactState.Stated, Use(evaluation, "wind.speed").State);
    }

    [Fact]
    public void A_list_in_another_order_is_no_disagreement()
    {
        var book = new TinyBook().List("cloud.kinds", "anvil", "cumulus").Rule("R-1", "hard", "cloud.kinds.Contains(\"anvil\")").Book();
        var evaluation = TinyScenario.Evaluate(book,
            """{ "facts": { "cloud.kinds": { "reports": [{ "value": ["anvil", "cumulus"] }, { "value": ["cumulus", "anvil"] }] } } }""");
        Assert.Equal(FactState.Stated, Use(evaluation, "cloud.kinds").State);
        Assert.Equal("GO", Outcome(evaluation));
    }

    [Fact]
    public void An_empty_list_is_known_to_hold_nothing_and_an_absent_one_is_unknown()
    {
        var book = new TinyBook().List("cloud.kinds", "anvil", "cumulus").Rule("R-1", "hard", "!cloud.kinds.Contains(\"anvil\")").Book();
        Assert.Equal("GO", Outcome(TinyScenario.Evaluate(book, """{ "facts": { "cloud.kinds": [] } }""")));
        Assert.Equal("UNDETERMINED", Outcome(TinyScenario.Evaluate(book, """{ "facts": {} }""")));
    }

    [Fact]
    public void A_text_that_no_rule_names_is_known_to_be_another()
    {
        var book = new TinyBook().Text("launch.pad").Rule("R-1", "hard", "launch.pad != \"north\"").Book();
        Assert.Equal("GO", Outcome(TinyScenario.Evaluate(book, """{ "facts": { "launch.pad": "south" } }""")));
        Assert.Equal("NO_GO", Outcome(TinyScenario.Evaluate(book, """{ "facts": { "launch.pad": "north" } }""")));
        Assert.Equal("UNDETERMINED", Outcome(TinyScenario.Evaluate(book, """{ "facts": {} }""")));
    }

    [Fact]
    public void A_missing_fact_is_unknown_never_false()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """{ "facts": {} }""");
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
        Assert.Equal(Truth.Unknown, evaluation.Verdict("go", "first")!.Stated.Findings.Single().Truth);
    }

    [Fact]
    public void A_fact_that_no_rule_reads_and_nobody_states_is_not_listed()
    {
        var book = new TinyBook().Boolean("sky.clear").Boolean("sky.blue").Rule("R-1", "hard", "sky.clear == true").Book();
        Assert.Equal(["sky.clear"], TinyScenario.Evaluate(book, """{ "facts": {} }""").Facts.Select(f => f.Fact.Name));
        Assert.Equal(["sky.clear", "sky.blue"], TinyScenario.Evaluate(book, """{ "facts": { "sky.blue": true } }""").Facts.Select(f => f.Fact.Name));
    }

    [Fact]
    public void A_context_fact_is_recorded_beside_the_decision_and_changes_nothing()
    {
        var book = new TinyBook().Boolean("sky.clear").Fact("forecast.issued", "date", """{ "role": "context" }""")
            .Rule("R-1", "hard", "sky.clear == true").Book();
        var evaluation = TinyScenario.Evaluate(book, """{ "facts": { "sky.clear": true, "forecast.issued": "2030-05-17" } }""");
        Assert.Equal((FactState.Stated, "2030-05-17"), (Use(evaluation, "forecast.issued").State, (string)Use(evaluation, "forecast.issued").Value!));
        Assert.Equal("GO", Outcome(evaluation));
    }

    // ---- derived ----

    [Fact]
    public void A_derived_fact_follows_from_others_and_says_so()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 20 } }""");
        Assert.Equal(FactState.Derived, Use(evaluation, "crate.total").State);
        Assert.Equal(100, (int)Derived(evaluation, "crate.total")!);
        Assert.Equal("GO", Outcome(evaluation));
    }

    [Fact]
    public void A_derived_fact_is_unknown_as_long_as_something_that_it_needs_is()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": {} }""");
        Assert.Null(Derived(evaluation, "crate.total"));
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
    }

    [Fact]
    public void A_derived_fact_is_stated_where_somebody_states_it()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.total": 120 } }""");
        Assert.Equal((FactState.Stated, 120), (Use(evaluation, "crate.total").State, (int)Use(evaluation, "crate.total").Value!));
        Assert.True((bool)Derived(evaluation, "crate.heavy")!);
        Assert.Equal("NO_GO", Outcome(evaluation));
    }

    [Fact]
    public void A_derived_fact_can_differ_from_mission_to_mission()
    {
        var evaluation = new TinyBook().DerivedInteger("wind.limit", 0, 100, "mission.type == \"first\" ? 45 : 54").Integer("wind.speed", 0, 100)
            .Rule("R-1", "hard", "wind.speed <= wind.limit")
            .Evaluate("""{ "facts": { "wind.speed": 50 } }""");
        Assert.Equal((45, 54), ((int)Derived(evaluation, "wind.limit")!, (int)Derived(evaluation, "wind.limit", "second")!));
        Assert.Equal(("NO_GO", "GO"), (Outcome(evaluation), Outcome(evaluation, "second")));
    }

    [Theory]
    [InlineData("crate.count / crate.parts", 3)] // 10 / 3 is no whole number
    [InlineData("crate.count / crate.parts", 0)] // division by zero
    [InlineData("crate.count * crate.parts", 11)] // 110 is above the maximum
    [InlineData("crate.count - crate.parts", 11)] // -1 is below the minimum
    public void Arithmetic_that_gives_no_value_of_the_vocabulary_gives_unknown(string derive, int parts)
    {
        var evaluation = new TinyBook().Integer("crate.count", 0, 100).Integer("crate.parts", 0, 100).DerivedInteger("crate.share", 0, 100, derive)
            .Rule("R-1", "hard", "crate.share >= 0")
            .Evaluate($$"""{ "facts": { "crate.count": 10, "crate.parts": {{parts}} } }""");
        Assert.Null(Derived(evaluation, "crate.share"));
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
    }

    [Fact]
    public void A_null_branch_says_that_there_is_no_figure()
    {
        var evaluation = new TinyBook().DerivedInteger("wind.limit", 0, 100, "mission.type == \"first\" ? 45 : null")
            .Rule("R-1", "hard", "wind.limit == 45").Evaluate("""{ "facts": {} }""");
        Assert.Equal(("GO", "UNDETERMINED"), (Outcome(evaluation), Outcome(evaluation, "second")));
        Assert.Null(Derived(evaluation, "wind.limit", "second"));
    }

    // ---- planning figures ----

    [Fact]
    public void A_planning_figure_applies_on_the_stated_facts_and_is_shown_with_its_statement()
    {
        var use = Use(TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 20 } }"""), "crate.weight");
        Assert.Equal((FactState.Planning, 5, "S-1"), (use.State, (int)use.Value!, use.Statement));
    }

    [Fact]
    public void A_stated_value_replaces_the_planning_figure()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 20, "crate.weight": 6 } }""");
        Assert.Equal((FactState.Stated, 6), (Use(evaluation, "crate.weight").State, (int)Use(evaluation, "crate.weight").Value!));
        Assert.Null(Use(evaluation, "crate.weight").Statement);
        Assert.Equal("NO_GO", Outcome(evaluation));
    }

    [Theory]
    [InlineData("""{ "reports": [{ "value": 5 }, { "value": 6 }] }""", FactState.Contested)]
    [InlineData("""{ "value": 5, "validUntil": "2030-05-16" }""", FactState.Expired)]
    public void A_planning_figure_does_not_stand_in_for_reports_that_say_nothing_certain(string reports, FactState state)
    {
        var evaluation = TinyScenario.Evaluate(Crates, $$"""{ "asOf": "2030-05-17", "facts": { "crate.count": 20, "crate.weight": {{reports}} } }""");
        Assert.Equal(state, Use(evaluation, "crate.weight").State);
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
    }

    // ---- assumptions ----

    [Fact]
    public void An_assumption_fills_a_fact_without_any_report_under_assumptions_only()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """{ "facts": {} }""");
        Assert.Equal((FactState.Assumed, "S-1"), (Use(evaluation, "sky.clear").State, Use(evaluation, "sky.clear").Statement));
        Assert.Equal(("UNDETERMINED", "GO"), (Outcome(evaluation), Outcome(evaluation, basis: Basis.Assumed)));
    }

    [Theory]
    [InlineData("stated")]
    [InlineData("assumed")]
    public void The_basis_changes_neither_of_the_two_outcomes(string basis)
    {
        var evaluation = TinyScenario.Evaluate(Sky, $$"""{ "basis": "{{basis}}", "facts": {} }""");
        Assert.Equal(("UNDETERMINED", "GO"), (Outcome(evaluation), Outcome(evaluation, basis: Basis.Assumed)));
    }

    [Theory]
    [InlineData("""false""", FactState.Stated, "NO_GO")]
    [InlineData("""{ "reports": [{ "value": true }, { "value": false }] }""", FactState.Contested, "UNDETERMINED")]
    [InlineData("""{ "value": true, "validUntil": "2030-05-16" }""", FactState.Expired, "UNDETERMINED")]
    [InlineData("""{ "probability": { "true": 0.9, "false": 0.1 } }""", FactState.Unknown, "UNDETERMINED")]
    public void An_assumption_never_overrides_a_report_not_even_one_that_says_nothing_certain(string report, FactState state, string outcome)
    {
        var evaluation = TinyScenario.Evaluate(Sky, $$"""{ "asOf": "2030-05-17", "facts": { "sky.clear": {{report}} } }""");
        Assert.Equal(state, Use(evaluation, "sky.clear").State);
        Assert.Equal((outcome, outcome), (Outcome(evaluation), Outcome(evaluation, basis: Basis.Assumed)));
    }

    [Fact]
    public void A_derived_fact_shows_what_it_is_with_and_without_assumptions()
    {
        var evaluation = new TinyBook().Integer("crate.count", 0, 100, """{ "assumption": { "value": 7, "statement": "S-1" } }""")
            .DerivedInteger("crate.pairs", 0, 100, "crate.count * 2").Rule("R-1", "hard", "crate.pairs > 0")
            .Evaluate("""{ "facts": {} }""");
        var pairs = evaluation.Derived.Single(d => d.Mission == "first");
        Assert.Null(pairs.Value);
        Assert.Equal(14, (int)pairs.UnderAssumptions!);
    }

    // ---- contested ----

    [Fact]
    public void Reports_that_disagree_leave_the_fact_unknown_and_are_all_shown()
    {
        var evaluation = TinyScenario.Evaluate(Sky,
            """{ "facts": { "sky.clear": { "reports": [{ "value": true, "source": "a" }, { "value": false, "source": "b" }, { "value": true, "source": "c" }] } } }""");
        var use = Use(evaluation, "sky.clear");
        Assert.Equal(FactState.Contested, use.State);
        Assert.Null(use.Value);
        Assert.Equal(["a", "b", "c"], use.Reports.Select(r => r.Source));
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
    }

    [Fact]
    public void A_stated_value_that_does_not_follow_from_the_other_stated_facts_is_contested()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 10, "crate.weight": 5, "crate.total": 60 } }""");
        var use = Use(evaluation, "crate.total");
        Assert.Equal(FactState.Contested, use.State);
        Assert.Null(use.Value);
        Assert.Equal(60, (int)use.Reports.Single().Value!);
        Assert.Equal("UNDETERMINED", Outcome(evaluation));
    }

    [Fact]
    public void What_rests_on_a_contested_fact_is_unknown_too()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 10, "crate.weight": 5, "crate.total": 60 } }""");
        Assert.Null(Derived(evaluation, "crate.heavy"));
    }

    [Fact]
    public void A_stated_value_that_follows_from_the_other_stated_facts_is_stated()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 10, "crate.weight": 5, "crate.total": 50 } }""");
        Assert.Equal((FactState.Stated, "GO"), (Use(evaluation, "crate.total").State, Outcome(evaluation)));
    }

    [Fact]
    public void A_planning_figure_contests_no_report()
    {
        var evaluation = TinyScenario.Evaluate(Crates, """{ "facts": { "crate.count": 10, "crate.total": 60 } }""");
        Assert.Equal((FactState.Stated, "GO"), (Use(evaluation, "crate.total").State, Outcome(evaluation)));
    }

    [Fact]
    public void An_assumption_contests_no_report()
    {
        var evaluation = new TinyBook().Integer("crate.count", 0, 100, """{ "assumption": { "value": 7, "statement": "S-1" } }""")
            .DerivedInteger("crate.pairs", 0, 200, "crate.count * 2").Rule("R-1", "hard", "crate.pairs == 20")
            .Evaluate("""{ "facts": { "crate.pairs": 20 } }""");
        Assert.Equal(FactState.Stated, Use(evaluation, "crate.pairs").State);
        Assert.Equal(("GO", "GO"), (Outcome(evaluation), Outcome(evaluation, basis: Basis.Assumed)));
    }

    [Fact]
    public void A_value_that_differs_for_one_mission_only_is_contested_for_that_mission_only()
    {
        var evaluation = new TinyBook().DerivedInteger("wind.limit", 0, 100, "mission.type == \"first\" ? 45 : 54")
            .Rule("R-1", "hard", "wind.limit == 45")
            .Evaluate("""{ "facts": { "wind.limit": 45 } }""");
        Assert.Equal(("GO", "UNDETERMINED"), (Outcome(evaluation), Outcome(evaluation, "second")));
        Assert.Equal(FactState.Contested, Use(evaluation, "wind.limit").State);
    }

    // ---- expired ----

    [Theory]
    [InlineData("2030-05-16", FactState.Expired, "UNDETERMINED")]
    [InlineData("2030-05-17", FactState.Stated, "GO")] // the last day counts
    [InlineData("2030-05-18", FactState.Stated, "GO")]
    public void A_report_counts_up_to_and_including_its_last_day(string validUntil, FactState state, string outcome)
    {
        var evaluation = TinyScenario.Evaluate(Sky,
            $$"""{ "asOf": "2030-05-17", "facts": { "sky.clear": { "value": true, "validUntil": "{{validUntil}}" } } }""");
        Assert.Equal((state, outcome), (Use(evaluation, "sky.clear").State, Outcome(evaluation)));
        Assert.Equal(state == FactState.Expired, Use(evaluation, "sky.clear").Reports.Single().IsExpired);
    }

    [Fact]
    public void An_expired_report_neither_contests_nor_supports_the_others()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """
            { "asOf": "2030-05-17", "facts": { "sky.clear": { "reports": [{ "value": false, "validUntil": "2030-05-01" }, { "value": true }] } } }
            """);
        Assert.Equal((FactState.Stated, true), (Use(evaluation, "sky.clear").State, (bool)Use(evaluation, "sky.clear").Value!));
        Assert.Equal([true, false], Use(evaluation, "sky.clear").Reports.Select(r => r.IsExpired));
        Assert.Equal("GO", Outcome(evaluation));
    }

    [Fact]
    public void Reports_that_have_all_expired_leave_the_fact_expired_also_where_they_disagreed()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """
            { "asOf": "2030-05-17",
              "facts": { "sky.clear": { "reports": [{ "value": false, "validUntil": "2030-05-01" }, { "value": true, "validUntil": "2030-05-02" }] } } }
            """);
        Assert.Equal((FactState.Expired, "UNDETERMINED"), (Use(evaluation, "sky.clear").State, Outcome(evaluation)));
    }

    [Fact]
    public void A_last_day_without_a_day_of_judgement_is_a_problem()
    {
        var problem = Assert.Single(TinyScenario.Load(Sky, """{ "facts": { "sky.clear": { "value": true, "validUntil": "2030-05-01" } } }""").Problems);
        Assert.Equal("scenario.json:1:58: `validUntil` needs the scenario's `asOf`", problem.ToString());
    }

    // ---- probabilities ----

    [Fact]
    public void A_probability_alone_leaves_the_fact_unknown_and_is_shown()
    {
        var evaluation = TinyScenario.Evaluate(Sky,
            """{ "facts": { "sky.clear": { "probability": { "true": 1, "false": 0 }, "source": "a model" } } }""");
        Assert.Equal((FactState.Unknown, "UNDETERMINED"), (Use(evaluation, "sky.clear").State, Outcome(evaluation)));
        Assert.NotNull(Use(evaluation, "sky.clear").Reports.Single().Probability);
    }

    [Fact]
    public void A_probability_beside_a_value_does_not_contest_it()
    {
        var evaluation = TinyScenario.Evaluate(Sky,
            """{ "facts": { "sky.clear": { "reports": [{ "value": true }, { "probability": { "true": 0.1, "false": 0.9 } }] } } }""");
        Assert.Equal((FactState.Stated, "GO"), (Use(evaluation, "sky.clear").State, Outcome(evaluation)));
    }

    [Fact]
    public void A_scenario_with_a_probability_reads_back_from_its_canonical_form()
    {
        var scenario = TinyScenario.Read(Sky, """{ "facts": { "sky.clear": { "probability": { "true": 0.6, "false": 0.4 }, "source": "a model" } } }""");
        Assert.Equal(scenario.Digest, TinyScenario.Read(Sky, scenario.ToJson().ToString()).Digest);
    }

    // ---- null tests ----

    [Theory]
    [InlineData("""{ }""", "NO_GO")]
    [InlineData("""{ "sky.clear": false }""", "GO")]
    [InlineData("""{ "sky.clear": { "reports": [{ "value": true }, { "value": false }] } }""", "NO_GO")]
    [InlineData("""{ "sky.clear": { "value": true, "validUntil": "2030-05-16" } }""", "NO_GO")]
    [InlineData("""{ "sky.clear": { "probability": { "true": 0.5, "false": 0.5 } } }""", "NO_GO")]
    public void A_null_test_asks_whether_the_fact_is_unknown_for_whatever_reason(string facts, string outcome)
    {
        var book = new TinyBook().Boolean("sky.clear").Rule("R-1", "hard", "sky.clear != null").Rule("R-2", "hard", "!(sky.clear == null)").Book();
        var evaluation = TinyScenario.Evaluate(book, $$"""{ "asOf": "2030-05-17", "facts": {{facts}} }""");
        Assert.Equal(outcome, Outcome(evaluation));
        Assert.Equal(outcome == "GO" ? 0 : 2, evaluation.Verdict("go", "first")!.Stated.Deciding.Length);
    }

    // ---- the mission ----

    [Fact]
    public void Every_mission_is_evaluated_where_the_scenario_states_none()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """{ "facts": { "sky.clear": true } }""");
        Assert.Equal(["first", "second"], evaluation.Verdicts.Select(v => v.Mission));
    }

    [Fact]
    public void Only_the_mission_that_the_scenario_states_is_evaluated()
    {
        var evaluation = TinyScenario.Evaluate(Sky, """{ "facts": { "sky.clear": true, "mission.type": "second" } }""");
        Assert.Equal(["second"], evaluation.Verdicts.Select(v => v.Mission));
        Assert.Equal(FactState.Stated, Use(evaluation, "mission.type").State);
    }

    [Theory]
    [InlineData("""{ "reports": [{ "value": "first" }, { "value": "second" }] }""")]
    [InlineData("""{ "value": "second", "validUntil": "2030-05-16" }""")]
    public void A_mission_that_is_contested_or_expired_narrows_nothing(string mission)
    {
        var evaluation = TinyScenario.Evaluate(Sky, $$"""{ "asOf": "2030-05-17", "facts": { "sky.clear": true, "mission.type": {{mission}} } }""");
        Assert.Equal(["first", "second"], evaluation.Verdicts.Select(v => v.Mission));
    }

    [Fact]
    public void Rules_read_the_mission_under_evaluation()
    {
        var evaluation = new TinyBook().Boolean("sky.clear").Rule("R-1", "hard", "mission.type == \"second\" || sky.clear == true")
            .Evaluate("""{ "facts": { "sky.clear": false } }""");
        Assert.Equal(("NO_GO", "GO"), (Outcome(evaluation), Outcome(evaluation, "second")));
    }

    [Fact]
    public void A_question_without_missions_knows_the_mission_only_where_the_scenario_states_it()
    {
        var book = new TinyBook().Question("go", perMission: false).Rule("R-1", "hard", "mission.type == \"second\"").Book();
        Assert.Equal("UNDETERMINED", Outcome(TinyScenario.Evaluate(book, """{ "facts": {} }"""), "any"));
        Assert.Equal("GO", Outcome(TinyScenario.Evaluate(book, """{ "facts": { "mission.type": "second" } }"""), "any"));
        Assert.Equal("NO_GO", Outcome(TinyScenario.Evaluate(book, """{ "facts": { "mission.type": "first" } }"""), "any"));
    }
}
