using Advisory.Engine;
using Advisory.Engine.Analysis;

namespace Advisory.Tests.Analysis;

/// <summary>What each answer says, on books small enough to follow by hand.</summary>
public sealed class AnalysisExamples
{
    private static readonly Subject Go = new("go", "first");

    private static (RuleBook Book, Scenario Scenario, ScenarioAnalysis Analysis) Of(TinyBook tiny, string facts, AnalysisOptions? options = null)
    {
        var book = tiny.Book();
        var scenario = TinyScenario.Read(book, facts);
        return (book, scenario, ScenarioAnalysis.Of(book, scenario, options));
    }

    private static TinyBook Launch => new TinyBook()
        .Boolean("sky.clear", """{ "influence": "none" }""")
        .Integer("wind.speed", 0, 100, """{ "influence": "none" }""")
        .Enumeration("range.state", "closed", "partly", "open")
        .Boolean("crew.ready", """{ "influence": "ours" }""")
        .Rule("R-1", "hard", "wind.speed <= 40 && sky.clear == true")
        .Rule("R-2", "in_principle", "crew.ready == true");

    private static string Sets(IEnumerable<Reason> reasons) => string.Join(" | ", reasons.Select(r => string.Join(" ", r.Facts.Select(f => f.Fact))));

    [Fact]
    public void One_fact_that_fails_a_hard_rule_is_reason_enough()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { "sky.clear": false, "wind.speed": 55, "crew.ready": true, "range.state": "open" } }""");
        var why = analysis.Why(Go);
        Assert.Equal("NO_GO", why.Outcome);
        Assert.Equal("sky.clear | wind.speed", Sets(why.Reasons).Replace("wind.speed | sky.clear", "sky.clear | wind.speed"));
        Assert.True(why.IsComplete);
        Assert.Empty(why.Necessary);
        Assert.Equal(["crew.ready", "range.state"], why.Irrelevant.Select(f => f.Fact));
    }

    [Fact]
    public void A_missing_fact_is_a_reason_for_what_follows_from_its_absence()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { "sky.clear": true, "crew.ready": true } }""");
        var why = analysis.Why(Go);
        Assert.Equal("UNDETERMINED", why.Outcome);
        var reason = Assert.Single(why.Reasons);
        Assert.Equal([("sky.clear", true), ("wind.speed", false)], reason.Facts.Select(f => (f.Fact, f.Value is not null)).OrderBy(f => f.Fact, StringComparer.Ordinal));
    }

    [Fact]
    public void A_change_names_the_nearest_number_that_works_and_all_others_that_do()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { "sky.clear": true, "wind.speed": 55, "crew.ready": true } }""", new() { Influence = ["none"] });
        var change = Assert.Single(analysis.Change(Go, "GO").Changes);
        var wind = Assert.Single(change.Facts);
        Assert.Equal((55, 40), ((int)wind.From!, (int)wind.To));
        Assert.Equal((0, 40), ((int)wind.Works.Single().From, (int)wind.Works.Single().To));
    }

    [Fact]
    public void A_locked_fact_is_not_changed_and_is_named_as_kept()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { "sky.clear": true, "wind.speed": 55, "crew.ready": false } }""", new() { Influence = ["none", "ours"], Keep = ["wind.speed"] });
        var answer = analysis.Change(Go, "GO");
        Assert.Empty(answer.Changes);
        Assert.True(answer.IsComplete);
        Assert.Contains("wind.speed", answer.Kept);
    }

    [Fact]
    public void Several_verdicts_change_at_once()
    {
        var tiny = Launch.Question("stay").Rule("S-1", "hard", "range.state in (\"partly\", \"open\")");
        var (_, _, analysis) = Of(tiny, """{ "facts": { "sky.clear": true, "wind.speed": 5, "crew.ready": false, "range.state": "closed" } }""", new() { Influence = ["none", "ours"] });
        var answer = analysis.Change([(Go, ["GO"]), (new("stay", "first"), null)]);
        var change = Assert.Single(answer.Changes);
        Assert.Equal(["crew.ready", "range.state"], change.Facts.Select(f => f.Fact).Order());
        Assert.Equal("GO GO", string.Join(' ', change.Outcomes));
        Assert.Equal(["open", "partly"], change.Facts.Single(f => f.Fact == "range.state").Works.Select(w => (string)w.From!).Order());
    }

    [Fact]
    public void Cheaper_changes_come_first_among_those_of_one_size()
    {
        var tiny = new TinyBook().Boolean("a.far", """{ "influence": "adversary" }""").Boolean("a.near", """{ "influence": "ours" }""").Rule("R-1", "hard", "a.far == true || a.near == true");
        var options = new AnalysisOptions { Influence = ["ours", "adversary"] };
        var (book, scenario, analysis) = Of(tiny, """{ "facts": { "a.far": false, "a.near": false } }""", options);
        Assert.Equal(["a.near", "a.far"], analysis.Change(Go).Changes.Select(c => c.Facts.Single().Fact));
        analysis = ScenarioAnalysis.Of(book, scenario, options with { Effort = System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("a.near", 9) });
        Assert.Equal(["a.far", "a.near"], analysis.Change(Go).Changes.Select(c => c.Facts.Single().Fact));
    }

    [Fact]
    public void Null_tests_keep_their_present_truth_in_what_is_open_and_see_the_facts_once_known()
    {
        var tiny = new TinyBook().Boolean("a.asked").Boolean("a.base").Rule("R-0", "hard", "a.base == true").Rule("R-1", "hard", "a.asked != null && a.asked == false ? false : true");
        var (_, _, analysis) = Of(tiny, """{ "facts": { "a.base": true } }""");
        var answer = analysis.Reachable(Go);
        Assert.Equal(["GO"], answer.Outcomes.Select(o => o.Outcome));
        Assert.Equal(["NO_GO", "GO"], answer.OnceKnown.Select(o => o.Outcome));
        Assert.Null(answer.Certain); // learning a fact can still undo it
    }

    [Fact]
    public void Writing_null_tests_out_makes_no_guard_of_what_is_none()
    {
        var tiny = new TinyBook().Enumeration("a.kind", "low", "high").Rule("R-1", "hard", "a.kind != \"low\" ? a.kind == null : a.kind == null");
        var (book, scenario, analysis) = Of(tiny, """{ "facts": {} }""");
        var answer = analysis.Reachable(Go);
        Assert.Equal("GO", Assert.Single(answer.Outcomes).Outcome); // a guard would set it aside for low, and nothing would be assessed
        Assert.Empty(CertificateChecker.Check(book, scenario, answer).Faults);
    }

    [Fact]
    public void An_outcome_is_certain_where_all_that_is_unknown_cannot_change_it()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { "wind.speed": 90 } }""");
        Assert.Equal("NO_GO", analysis.Reachable(Go).Certain);
    }

    [Fact]
    public void The_best_question_is_the_one_that_most_often_ends_the_asking()
    {
        var tiny = new TinyBook().Boolean("a.one", """{ "suppliedBy": "desk" }""").Boolean("a.two").Boolean("a.three")
            .Header("""{ "suppliers": [ { "id": "desk", "title": { "en": "desk", "nl": "bureau" } } ] }""")
            .Rule("R-1", "hard", "a.one == true && (a.two == true || a.three == true)");
        var (_, _, analysis) = Of(tiny, """{ "facts": {} }""");
        var answer = analysis.Ask(Go);
        Assert.Equal(["a.one", "a.two", "a.three"], answer.Needed.Select(n => n.Fact));
        var best = answer.Questions[0];
        Assert.Equal(("a.one", "desk", 1.75m, 3, 0.5m, true), (best.Fact, best.Supplier, best.Expected, best.Worst, best.Settles, best.IsOptimal));
        Assert.Equal("R-1", Assert.Single(best.Rules));
        Assert.Equal(["a.one"], answer.Shortcuts.Single(s => s.Outcome == "NO_GO").Facts.Select(f => f.Fact));
        Assert.Equal([2, 2], answer.Shortcuts.Where(s => s.Outcome == "GO").Select(s => s.Facts.Length));
    }

    [Fact]
    public void A_probability_in_the_scenario_weighs_the_answers()
    {
        var tiny = new TinyBook().Boolean("a.one").Boolean("a.two").Rule("R-1", "hard", "a.one == true && a.two == true");
        var (_, _, analysis) = Of(tiny, """{ "facts": { "a.two": { "probability": { "true": 0.1, "false": 0.9 } } } }""");
        var best = analysis.Ask(Go).Questions[0];
        Assert.Equal(("a.two", 1.1m, 0.9m), (best.Fact, best.Expected, best.Settles));
    }

    [Fact]
    public void The_margin_counts_changes_and_names_single_points_of_failure()
    {
        var tiny = new TinyBook().Boolean("a.one").Boolean("a.two").Boolean("a.three").Rule("R-1", "hard", "a.one == true || a.two == true").Rule("R-2", "in_principle", "a.three == true");
        var (_, _, analysis) = Of(tiny, """{ "facts": { "a.one": true, "a.two": true, "a.three": true } }""");
        var margin = analysis.Margin(Go);
        Assert.Equal(1, margin.Distance);
        Assert.Equal("a.three", margin.SinglePoints.Single().Facts.Single().Fact);
        var (_, _, without) = Of(tiny, """{ "facts": { "a.one": true, "a.two": true } }""");
        Assert.Equal("CONDITIONAL", without.Margin(Go).Outcome);
        Assert.Equal(2, without.Margin(Go).Distance);
    }

    [Fact]
    public void What_an_outcome_hangs_on_is_named_with_what_follows_without_it()
    {
        var tiny = new TinyBook().Planning("p.figure", 5, 0, 10).Boolean("a.one").Reading("reading.r", "strict", "lenient")
            .Rule("R-1", "hard", "p.figure >= 3").Rule("R-2", "in_principle", "a.one == true", """{ "Waivable": true }""")
            .Rule("R-3", """{ "reading": "reading.r", "strict": "warning", "lenient": "hard" }""", "a.one == true");
        var (_, _, analysis) = Of(tiny, """
            { "asOf": "2026-01-24", "facts": { "a.one": false },
              "waivers": [ { "rule": "R-2", "missions": "all", "reason": "r", "grounds": "g", "by": "b", "until": "2026-12-31" } ] }
            """);
        var found = analysis.Margin(Go).Dependences.Select(d => (d.Kind, d.Name, Instead: d.Instead?.ToString(), d.Outcome, d.IsWorse));
        Assert.Equal(
            [
                (RelianceKind.Planning, "p.figure", null, "UNDETERMINED", true), (RelianceKind.Planning, "p.figure", "2", "NO_GO", true),
                (RelianceKind.Reading, "reading.r", "lenient", "NO_GO", true), (RelianceKind.Waiver, "R-2", null, "CONDITIONAL", true),
            ],
            found);
    }

    [Fact]
    public void Arithmetic_over_facts_with_many_values_is_exact_where_its_thresholds_are_few()
    {
        var tiny = new TinyBook().Integer("a.length", 1, 5000).Integer("a.spacing", 80, 150).Integer("a.offered", 0, 2_000_000)
            .DerivedInteger("a.posts", 0, 5000, "Math.Ceiling(a.length / a.spacing)").Rule("R-1", "hard", "a.offered >= a.posts * 3");
        var (book, scenario, analysis) = Of(tiny, """{ "facts": { "a.length": 1200, "a.spacing": 100, "a.offered": 30 } }""", new() { Influence = ["none"] });
        var answer = analysis.Change(Go, "GO");
        Assert.True(answer.Exactness.Exact, answer.Exactness.Reason);
        Assert.Equal(["a.length 1000", "a.spacing 120", "a.offered 36"], answer.Changes.Select(c => $"{c.Facts.Single().Fact} {c.Facts.Single().To}").OrderBy(t => t.Contains("offered")).ThenBy(t => t.Contains("spacing")));
        Assert.Empty(CertificateChecker.Check(book, scenario, answer, new() { Influence = ["none"] }).Faults);
    }

    [Fact]
    public void A_budget_that_is_used_up_is_reported_and_nothing_is_claimed()
    {
        var (_, _, analysis) = Of(Launch, """{ "facts": { } }""", new() { Budget = 5, Influence = ["none"] });
        Exactness[] all = [analysis.Reachable(Go).Exactness, analysis.Why(Go).Exactness, analysis.Change(Go).Exactness, analysis.Ask(Go).Exactness, analysis.Margin(Go).Exactness];
        Assert.All(all, exactness => Assert.Equal((false, "budget"), (exactness.Exact, exactness.Code)));
        Assert.False(analysis.Why(Go).IsComplete || analysis.Change(Go).IsComplete);
        Assert.Null(analysis.Reachable(Go).Certain);
        Assert.False((bool)analysis.Why(Go).ToJson()["exact"]!);
    }

    [Fact]
    public void Two_facts_with_very_many_values_in_one_calculation_are_sampled_and_said_to_be()
    {
        var tiny = new TinyBook().Integer("a.one", 0, 1_000_000).Integer("a.two", 0, 1_000_000).Rule("R-1", "hard", "a.one * a.two >= 100");
        var (_, _, analysis) = Of(tiny, """{ "facts": { } }""");
        var answer = analysis.Reachable(Go);
        Assert.Equal((false, "sampled"), (answer.Exactness.Exact, answer.Exactness.Code));
        Assert.Equal(["NO_GO", "GO"], answer.Outcomes.Select(o => o.Outcome)); // each of them witnessed all the same
        Assert.Null(answer.Certain);
    }

    [Fact]
    public void A_question_about_records_varies_the_facts_of_the_record()
    {
        var tiny = new TinyBook().Records("units", "unit", "name").Text("unit.name").Boolean("unit.able", """{ "influence": "allies" }""").Boolean("a.base", """{ "influence": "ours" }""")
            .Question("means", perMission: false, members: """{ "Each": "units" }""").Rule("R-1", "hard", "unit.able == true && a.base == true");
        var (book, scenario, analysis) = Of(tiny, """{ "facts": { "a.base": true }, "records": { "units": [ { "name": "one", "able": false }, { "name": "two" } ] } }""");
        var change = analysis.Change(new Subject("means", "any", "one"));
        Assert.Equal(new Setting("unit.able", "one", true), Assert.Single(Assert.Single(change.Changes).Facts).Setting);
        Assert.Empty(CertificateChecker.Check(book, scenario, change).Faults);
        Assert.Equal("unit.able", analysis.Ask(new("means", "any", "two")).Needed.Single().Fact);
        Assert.Throws<ArgumentException>(() => analysis.Why(new("means", "any", "three")));
    }

    [Fact]
    public void Records_of_two_kinds_with_one_key_are_kept_apart()
    {
        var tiny = new TinyBook().Records("posts", "post", "name").Records("units", "unit", "name")
            .Text("post.name").Text("unit.name").Boolean("post.able").Boolean("unit.able", """{ "influence": "ours" }""")
            .Question("means", perMission: false, members: """{ "Each": "units" }""").Rule("R-1", "hard", "unit.able == true");
        var (_, _, analysis) = Of(tiny, """{ "facts": {}, "records": { "posts": [ { "name": "NL", "able": true } ], "units": [ { "name": "NL", "able": false } ] } }""");
        Assert.Equal(new Setting("unit.able", "NL", false), Assert.Single(analysis.Why(new("means", "any", "NL")).Reasons).Facts.Single());
    }

    [Fact]
    public void Of_two_scenarios_the_least_difference_that_carries_the_outcome_is_named()
    {
        var book = Launch.Book();
        var one = TinyScenario.Read(book, """{ "facts": { "sky.clear": true, "wind.speed": 10, "crew.ready": true, "range.state": "open" } }""");
        var other = TinyScenario.Read(book, """{ "facts": { "sky.clear": false, "wind.speed": 60, "crew.ready": false, "range.state": "closed" } }""");
        var answer = Comparison.Of(book, one, other, Go);
        Assert.Equal(("GO", "NO_GO", true), (answer.One, answer.Other, answer.Exactness.Exact));
        Assert.Equal(4, answer.Differences.Length);
        Assert.Equal("R-1 R-2", string.Join(' ', answer.Findings.Select(f => f.Name)));
        Assert.Equal(["sky.clear", "wind.speed"], answer.Carries.Select(set => set.Single().Name));
        Assert.Empty(Comparison.Of(book, one, one, Go).Differences);
    }

    [Fact]
    public void Of_two_books_the_rules_that_carry_the_outcome_are_named()
    {
        const string facts = """{ "facts": { "sky.clear": true, "wind.speed": 45, "crew.ready": true } }""";
        var (old, next) = (Launch.Book(), Launch.Rule("R-3", "in_principle", "wind.speed <= 50").Rule("R-4", "hard", "wind.speed <= 44").Book());
        var strict = new TinyBook().Boolean("sky.clear").Integer("wind.speed", 0, 100).Boolean("crew.ready").Rule("R-1", "hard", "wind.speed <= 50 && sky.clear == true").Rule("R-2", "in_principle", "crew.ready == true").Book();
        var answer = Comparison.Of(strict, TinyScenario.Read(strict, facts), next, TinyScenario.Read(next, facts), Go);
        Assert.Equal(("GO", "NO_GO"), (answer.One, answer.Other));
        Assert.Equal(["R-1", "R-4"], answer.Carries.Select(set => set.Single().Name));
        Assert.Equal("NO_GO", Comparison.Of(old, TinyScenario.Read(old, facts), next, TinyScenario.Read(next, facts), Go).One);
    }
}
