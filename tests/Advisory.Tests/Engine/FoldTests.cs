using System.Collections.Immutable;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// The fold: the one rule by which findings become an outcome. Examples for each outcome and each list of a verdict first; then its laws,
/// tried on every list of findings up to a length.
/// </summary>
public sealed class FoldTests
{
    private static View Go(TinyBook book, string facts, string mission = "first") =>
        book.Evaluate($$"""{ "facts": {{facts}} }""").Verdict("go", mission)!.Stated;

    private static IEnumerable<string> Names(IEnumerable<Finding> findings) => findings.Select(f => f.Rule.Name);

    private static TinyBook Three() => new TinyBook()
        .Boolean("a.hard").Boolean("a.principle").Boolean("a.willing").Boolean("a.warning")
        .Rule("R-H", "hard", "a.hard == true")
        .Rule("R-P", "in_principle", "a.principle == true")
        .Rule("R-W", "willing", "a.willing == true")
        .Rule("R-V", "warning", "a.warning == true");

    // ---- examples: a scale from NO_GO to GO ----

    [Theory]
    [InlineData("true", "true", "true", "GO", "")]
    [InlineData("false", "true", "true", "NO_GO", "R-H")]
    [InlineData(null, "true", "true", "UNDETERMINED", "R-H")]
    [InlineData("true", "false", "true", "CONDITIONAL", "R-P")]
    [InlineData("true", null, "true", "CONDITIONAL", "R-P")]
    [InlineData("true", "true", "false", "NO_GO", "R-W")]
    [InlineData("true", "true", null, "CONDITIONAL", "R-W")]
    [InlineData("true", "false", null, "CONDITIONAL", "R-P R-W")]
    [InlineData("false", "false", "false", "NO_GO", "R-H R-W")] // the more severe alone decide
    [InlineData(null, "false", null, "UNDETERMINED", "R-H")]
    [InlineData(null, null, "false", "NO_GO", "R-W")]
    public void The_outcome_is_the_most_severe_one_that_any_rule_leads_to(
        string? hard, string? principle, string? willing, string outcome, string deciding)
    {
        var facts = new Dictionary<string, string?> { ["a.hard"] = hard, ["a.principle"] = principle, ["a.willing"] = willing, ["a.warning"] = "true" };
        var view = Go(Three(), "{" + string.Join(", ", facts.Where(f => f.Value is not null).Select(f => $"\"{f.Key}\": {f.Value}")) + "}");
        Assert.Equal(outcome, view.Outcome);
        Assert.Equal(deciding, string.Join(' ', Names(view.Deciding)));
    }

    [Fact]
    public void Nothing_decides_the_best_outcome() =>
        Assert.Empty(Go(Three(), """{ "a.hard": true, "a.principle": true, "a.willing": true, "a.warning": false }""").Deciding);

    // ---- not assessed ----

    [Fact]
    public void A_question_without_a_rule_for_the_mission_is_not_assessed()
    {
        var book = new TinyBook().Boolean("a.hard").Rule("R-H", "hard", "a.hard == true", """{ "Missions": ["first"] }""");
        Assert.Equal("NOT_ASSESSED", Go(book, """{ "a.hard": true }""", "second").Outcome);
        Assert.Equal("GO", Go(book, """{ "a.hard": true }""").Outcome);
    }

    [Theory]
    [InlineData("in_principle")]
    [InlineData("willing")]
    [InlineData("warning")]
    [InlineData("preference")]
    [InlineData("info")]
    [InlineData("note")]
    public void Rules_that_are_met_are_no_go_as_long_as_none_of_a_deciding_strength_applies(string strength) =>
        Assert.Equal("NOT_ASSESSED", Go(new TinyBook().Boolean("a.b").Rule("R", strength, "a.b == true"), """{ "a.b": true }""").Outcome);

    [Fact]
    public void A_hard_rule_that_its_guard_sets_aside_assesses_nothing()
    {
        var book = new TinyBook().Boolean("a.guard").Boolean("a.hard").Rule("R-H", "hard", "a.guard == true ? a.hard == true : true");
        Assert.Equal("NOT_ASSESSED", Go(book, """{ "a.guard": false, "a.hard": false }""").Outcome);
        Assert.Equal("GO", Go(book, """{ "a.guard": true, "a.hard": true }""").Outcome);
    }

    [Fact]
    public void A_rule_of_a_milder_strength_leads_to_its_outcome_also_where_no_deciding_rule_applies() =>
        Assert.Equal("CONDITIONAL", Go(new TinyBook().Boolean("a.b").Rule("R", "in_principle", "a.b == true"), """{ "a.b": false }""").Outcome);

    [Fact]
    public void A_guard_that_is_unknown_sets_nothing_aside()
    {
        var book = new TinyBook().Boolean("a.guard").Boolean("a.hard").Rule("R-H", "hard", "a.guard == true ? a.hard == true : true");
        Assert.Equal("UNDETERMINED", Go(book, """{ "a.hard": false }""").Outcome);
        Assert.Equal("GO", Go(book, """{ "a.hard": true }""").Outcome); // met whatever the guard
    }

    // ---- exit ----

    private static TinyBook Exit(string? when = null) => new TinyBook()
        .Boolean("a.withdraw").Boolean("a.end").Boolean("a.choice").Boolean("a.review").Boolean("a.warning").Boolean("mission.running")
        .Exit("exit", when)
        .Signal("X-W", "withdraw", "a.withdraw == true")
        .Signal("X-E", "end", "a.end == true")
        .Signal("X-P", "political_choice", "a.choice == true")
        .Signal("X-R", "review", "a.review == true")
        .Signal("X-V", "warning", "a.warning == true");

    private static View ExitView(TinyBook book, string facts) => book.Evaluate($$"""{ "facts": {{facts}} }""").Verdict("exit", "first")!.Stated;

    private static string ExitFacts(string withdraw, string end, string choice, string review)
    {
        var facts = new Dictionary<string, string> { ["a.withdraw"] = withdraw, ["a.end"] = end, ["a.choice"] = choice, ["a.review"] = review };
        return "{" + string.Join(", ", facts.Where(f => f.Value != "?").Select(f => $"\"{f.Key}\": {(f.Value == "t" ? "true" : "false")}")) + "}";
    }

    [Theory]
    [InlineData("f", "f", "f", "f", "CONTINUE", "", "")]
    [InlineData("f", "f", "f", "t", "REVIEW", "X-R", "")]
    [InlineData("f", "f", "f", "?", "CONTINUE", "", "X-R")]
    [InlineData("f", "f", "?", "t", "UNDETERMINED", "X-P", "")]
    [InlineData("f", "?", "?", "?", "UNDETERMINED", "X-E X-P", "X-R")]
    [InlineData("f", "f", "t", "t", "POLITICAL_CHOICE", "X-P", "")]
    [InlineData("f", "t", "t", "t", "END", "X-E", "")]
    [InlineData("?", "t", "t", "t", "END", "X-E", "")] // more severe than what is unknown
    [InlineData("t", "t", "t", "t", "WITHDRAW", "X-W", "")]
    [InlineData("t", "?", "?", "?", "WITHDRAW", "X-W", "X-R")]
    public void A_signal_leads_to_its_outcome_when_it_fires_and_a_review_trigger_stays_open_while_unknown(
        string withdraw, string end, string choice, string review, string outcome, string deciding, string open)
    {
        var view = ExitView(Exit(), ExitFacts(withdraw, end, choice, review));
        Assert.Equal((outcome, deciding, open), (view.Outcome, string.Join(' ', Names(view.Deciding)), string.Join(' ', view.Open.Select(r => r.Name))));
    }

    [Theory]
    [InlineData("""{ "mission.running": false, "a.withdraw": true }""")]
    [InlineData("""{ "a.withdraw": true }""")]
    public void A_question_whose_when_is_not_true_is_not_assessed_and_lists_nothing(string facts)
    {
        var view = ExitView(Exit("mission.running == true"), facts);
        Assert.Equal(("NOT_ASSESSED", "NOT_ASSESSED"), (view.Outcome, view.WithoutWaivers));
        Assert.Empty(view.Deciding);
        Assert.Empty(view.Open);
        Assert.Empty(view.Warnings);
    }

    [Fact]
    public void A_question_whose_when_is_true_is_assessed() =>
        Assert.Equal("WITHDRAW", ExitView(Exit("mission.running == true"), """{ "mission.running": true, "a.withdraw": true }""").Outcome);

    [Fact]
    public void Review_triggers_alone_assess_nothing()
    {
        var book = new TinyBook().Boolean("a.review").Exit("exit").Signal("X-R", "review", "a.review == true");
        Assert.Equal("NOT_ASSESSED", ExitView(book, """{ "a.review": false }""").Outcome);
        Assert.Equal("REVIEW", ExitView(book, """{ "a.review": true }""").Outcome);
    }

    // ---- the lists of a verdict ----

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    [InlineData(null, 1)]
    public void Conditions_list_every_in_principle_rule_not_met_or_unknown_whatever_the_outcome(string? principle, int count)
    {
        var facts = principle is null ? """{ "a.hard": false }""" : $$"""{ "a.hard": false, "a.principle": {{principle}} }""";
        var view = Go(Three(), facts);
        Assert.Equal("NO_GO", view.Outcome);
        Assert.Equal(count, view.Conditions.Length);
    }

    [Fact]
    public void Warnings_are_fired_signals_and_unmet_requirements_that_lead_nowhere_never_notes_or_unknowns()
    {
        var book = new TinyBook().Boolean("a.hard").Boolean("a.yes").Boolean("a.no").Boolean("a.unknown").Rule("R-H", "hard", "a.hard == true");
        foreach (var strength in new[] { "warning", "preference", "info", "note" })
        {
            book.Rule("R-" + strength, strength, "a.no == true")
                .Rule("R-met-" + strength, strength, "a.yes == true")
                .Rule("R-unknown-" + strength, strength, "a.unknown == true")
                .Signal("S-" + strength, strength, "a.yes == true")
                .Signal("S-silent-" + strength, strength, "a.no == true")
                .Signal("S-unknown-" + strength, strength, "a.unknown == true");
        }

        var view = Go(book, """{ "a.hard": true, "a.yes": true, "a.no": false }""");
        Assert.Equal("GO", view.Outcome);
        Assert.Equal(["R-warning", "S-warning", "R-preference", "S-preference", "R-info", "S-info"], Names(view.Warnings));
    }

    [Fact]
    public void A_guarded_warning_whose_guard_is_false_does_not_warn()
    {
        var book = new TinyBook().Boolean("a.hard").Boolean("a.guard").Rule("R-H", "hard", "a.hard == true")
            .Rule("R-V", "warning", "a.guard == true ? a.hard == false : true");
        Assert.Empty(Go(book, """{ "a.hard": true, "a.guard": false }""").Warnings);
        Assert.Equal(["R-V"], Names(Go(book, """{ "a.hard": true, "a.guard": true }""").Warnings));
    }

    [Theory]
    [InlineData("""{ }""", true)] // the guard is false only because a.guard is unknown
    [InlineData("""{ "a.guard": false }""", false)] // the guard is false because of what is known
    [InlineData("""{ "a.guard": true, "a.hard": true }""", false)] // the guard is true
    public void A_requirement_set_aside_only_because_a_fact_is_unknown_is_listed(string facts, bool listed)
    {
        var book = new TinyBook().Boolean("a.guard").Boolean("a.hard")
            .Rule("R-H", "hard", "a.guard != null && a.guard == true ? a.hard == true : true");
        Assert.Equal(listed ? ["R-H"] : [], Go(book, facts).NotAssessed.Select(r => r.Name));
    }

    [Fact]
    public void A_guard_with_a_second_reason_to_be_false_is_not_listed_for_the_unknown_one()
    {
        var book = new TinyBook().Boolean("a.guard").Boolean("a.other").Boolean("a.hard")
            .Rule("R-H", "hard", "a.guard != null && a.guard == true && a.other == true ? a.hard == true : true");
        Assert.Empty(Go(book, """{ "a.other": false }""").NotAssessed);
        Assert.Single(Go(book, """{ "a.other": true }""").NotAssessed);
    }

    // ---- fallback ----

    private static TinyBook WithFallback() => new TinyBook()
        .Boolean("a.first").Boolean("a.second")
        .Rule("R-1", "hard", "a.first == true", """{ "Missions": ["first"] }""")
        .Rule("R-2", "hard", "a.second == true", """{ "Missions": ["second"] }""")
        .Signal("F-1", "info", "a.first == false", """{ "Missions": ["first"] }""", "fallback:second");

    [Theory]
    [InlineData("true", "GO")]
    [InlineData("false", "NO_GO")]
    public void A_fallback_shows_the_other_missions_own_outcome(string second, string outcome)
    {
        var view = Go(WithFallback(), $$"""{ "a.first": false, "a.second": {{second}} }""");
        Assert.Equal(new("second", outcome), Assert.Single(view.Fallback));
    }

    [Fact]
    public void A_fallback_shows_the_other_missions_own_outcome_also_where_that_mission_is_not_asked_about()
    {
        var evaluation = WithFallback().Evaluate("""{ "facts": { "mission.type": "first", "a.first": false, "a.second": true } }""");
        Assert.Equal(new("second", "GO"), Assert.Single(evaluation.Verdict("go", "first")!.Stated.Fallback));
        Assert.Null(evaluation.Verdict("go", "second"));
    }

    [Fact]
    public void A_fallback_under_assumptions_shows_the_outcome_under_assumptions()
    {
        var book = new TinyBook().Boolean("a.first").Boolean("a.second", """{ "assumption": { "value": true, "statement": "S-1" } }""")
            .Rule("R-1", "hard", "a.first == true", """{ "Missions": ["first"] }""")
            .Rule("R-2", "hard", "a.second == true", """{ "Missions": ["second"] }""")
            .Signal("F-1", "info", "a.first == false", """{ "Missions": ["first"] }""", "fallback:second");
        var verdict = book.Evaluate("""{ "facts": { "a.first": false } }""").Verdict("go", "first")!;
        Assert.Equal(("UNDETERMINED", "GO"), (verdict.Stated.Fallback.Single().Outcome, verdict.Assumed.Fallback.Single().Outcome));
    }

    [Theory]
    [InlineData("""{ "a.first": true }""")]
    [InlineData("""{ }""")]
    public void A_fallback_is_offered_only_when_its_signal_fires(string facts) => Assert.Empty(Go(WithFallback(), facts).Fallback);

    [Fact]
    public void A_fallback_is_no_warning() => Assert.Empty(Go(WithFallback(), """{ "a.first": false }""").Warnings);

    [Fact]
    public void Two_signals_that_point_to_one_mission_offer_it_once()
    {
        var book = WithFallback().Signal("F-2", "note", "a.second == true", """{ "Missions": ["first"] }""", "fallback:second");
        var view = Go(book, """{ "a.first": false, "a.second": true }""");
        Assert.Single(view.Fallback);
    }

    // ---- what an outcome rests on ----

    private static IEnumerable<string> RelyingOn(TinyBook book, string facts, Basis basis) =>
        book.Evaluate($$"""{ "facts": {{facts}} }""").Verdict("go", "first")!.On(basis).RelyingOn.Items.Select(r => r.Name);

    private static TinyBook Assuming(string expression, string strength = "hard") => new TinyBook()
        .Boolean("a.one", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .Boolean("a.two", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .Boolean("a.idle", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .Rule("R-1", strength, expression);

    [Fact]
    public void An_assumption_without_which_a_rule_is_no_longer_met_carries_the_outcome() =>
        Assert.Equal(["a.one", "a.two"], RelyingOn(Assuming("a.one == true && a.two == true"), "{}", Basis.Assumed));

    [Fact]
    public void An_assumption_that_a_report_has_replaced_carries_nothing() =>
        Assert.Equal(["a.two"], RelyingOn(Assuming("a.one == true && a.two == true"), """{ "a.one": true }""", Basis.Assumed));

    [Fact]
    public void Assumptions_of_which_either_is_enough_carry_the_outcome_jointly()
    {
        var view = Assuming("a.one == true || a.two == true").Evaluate("""{ "facts": {} }""").Verdict("go", "first")!.Assumed;
        Assert.Equal(["a.one", "a.two"], view.RelyingOn.Items.Select(r => r.Name));
        Assert.True(view.RelyingOn.Jointly);
    }

    [Fact]
    public void Assumptions_that_carry_singly_are_not_joined_by_those_that_do_not()
    {
        var book = Assuming("a.one == true || a.two == true")
            .Boolean("a.three", """{ "assumption": { "value": true, "statement": "S-1" } }""")
            .Rule("R-2", "hard", "a.three == true");
        var view = book.Evaluate("""{ "facts": {} }""").Verdict("go", "first")!.Assumed;
        Assert.Equal(["a.three"], view.RelyingOn.Items.Select(r => r.Name));
        Assert.False(view.RelyingOn.Jointly);
    }

    [Fact]
    public void An_assumption_that_no_rule_of_the_question_reads_carries_nothing() =>
        Assert.DoesNotContain("a.idle", RelyingOn(Assuming("a.one == true || a.two == true"), "{}", Basis.Assumed));

    [Theory]
    [InlineData("warning")]
    [InlineData("note")]
    public void An_assumption_that_only_a_rule_without_outcome_needs_carries_nothing(string strength) =>
        Assert.Empty(RelyingOn(Assuming("a.one == true", strength), "{}", Basis.Assumed));

    [Fact]
    public void Assumptions_carry_nothing_on_the_stated_facts() =>
        Assert.Empty(RelyingOn(Assuming("a.one == true && a.two == true"), "{}", Basis.Stated));

    [Fact]
    public void An_assumption_carries_through_a_derived_fact()
    {
        var book = Assuming("a.both == true").DerivedBoolean("a.both", "a.one == true && a.two == true");
        Assert.Equal(["a.one", "a.two"], RelyingOn(book, "{}", Basis.Assumed));
    }

    [Fact]
    public void A_planning_figure_carries_the_stated_outcome_singly_or_jointly()
    {
        var single = new TinyBook().Planning("p.one", 3, 0, 9).Rule("R-1", "hard", "p.one > 2");
        Assert.Equal(["p.one"], RelyingOn(single, "{}", Basis.Stated));
        Assert.Empty(RelyingOn(single, """{ "p.one": 3 }""", Basis.Stated));

        var joint = new TinyBook().Planning("p.one", 3, 0, 9).Planning("p.two", 3, 0, 9).Rule("R-1", "hard", "p.one > 2 || p.two > 2")
            .Evaluate("""{ "facts": {} }""");
        var view = joint.Verdict("go", "first")!.Stated;
        Assert.Equal(["p.one", "p.two"], view.RelyingOn.Items.Select(r => r.Name));
        Assert.True(view.RelyingOn.Jointly);
        Assert.All(view.RelyingOn.Items, r => Assert.Equal(RelianceKind.Planning, r.Kind));
    }

    [Fact]
    public void A_planning_figure_that_keeps_a_signal_silent_carries_the_outcome()
    {
        var book = new TinyBook().Planning("p.one", 3, 0, 9).Exit("exit").Signal("X-1", "withdraw", "p.one > 5");
        var view = book.Evaluate("""{ "facts": {} }""").Verdict("exit", "first")!.Stated;
        Assert.Equal("CONTINUE", view.Outcome);
        Assert.Equal("p.one", Assert.Single(view.RelyingOn.Items).Name);
    }

    [Fact]
    public void Without_waivers_the_outcome_is_folded_once_more_without_them()
    {
        var book = Three().Rule("R-Q", "in_principle", "a.principle == true", """{ "Waivable": true }""").Book();

        var met = Waived("true");
        Assert.Equal(("GO", "GO"), (met.Outcome, met.WithoutWaivers));

        var unmet = Waived("false");
        Assert.Equal(("CONDITIONAL", "CONDITIONAL"), (unmet.Outcome, unmet.WithoutWaivers));
        Assert.Equal(["R-P"], Names(unmet.Deciding)); // not the one that is waived

        View Waived(string principle) => TinyScenario.Evaluate(book, $$"""
            { "asOf": "2030-05-17", "facts": { "a.hard": true, "a.willing": true, "a.principle": {{principle}} },
              "waivers": [{ "rule": "R-Q", "missions": "all", "reason": "r", "grounds": "g", "by": "b", "until": "2030-12-31" }] }
            """).Verdict("go", "first")!.Stated;
    }

    private static readonly string[] LaunchFolder = ["tests", "Advisory.Tests", "Books", "launch"];

    /// <summary>The launch book without the value that it holds ready for one fact.</summary>
    private static RuleBook LaunchWithout(string member, string fact)
    {
        var files = Books.Files(LaunchFolder).Select(file =>
        {
            if (file.Name != "vocabulary.json") return file;
            var vocabulary = JObject.Parse(Encoding.UTF8.GetString(file.Content.Span));
            vocabulary["facts"]!.Cast<JObject>().Single(f => (string?)f["name"] == fact).Remove(member);
            return file with { Content = Encoding.UTF8.GetBytes(vocabulary.ToString()) };
        });
        return Assert.IsType<RuleBook>(RuleBook.Load(files).Value);
    }

    /// <summary>The definition of what carries an outcome, by another way: take the value out of the book and evaluate again.</summary>
    [Theory]
    [InlineData("assumption", Basis.Assumed)]
    [InlineData("default", Basis.Stated)]
    public void What_carries_an_outcome_singly_is_what_the_book_cannot_do_without(string member, Basis basis)
    {
        var ready = Books.Launch.Facts.Where(f => f.Role != FactRole.Reading && (member == "default" ? f.Default : f.Assumption) is not null).ToList();
        var without = ready.ToDictionary(f => f.Name, f => LaunchWithout(member, f.Name));
        foreach (var name in Books.CaseNames(LaunchFolder))
        {
            var others = without.ToDictionary(w => w.Key, w => Evaluation.Of(w.Value, Books.Case(w.Value, name, LaunchFolder).Scenario));
            foreach (var verdict in Evaluation.Of(Books.Launch, Books.Case(Books.Launch, name, LaunchFolder).Scenario).Verdicts)
            {
                var view = verdict.On(basis);
                if (view.Outcome == RuleBook.NotAssessed || view.RelyingOn.Jointly) continue;
                var carrying = others.Where(other => Breaks(Same(other.Value, verdict).On(basis), view)).Select(other => other.Key);
                var named = view.RelyingOn.Items.Where(r => r.Kind is RelianceKind.Assumption or RelianceKind.Planning).Select(r => r.Name);
                Assert.Equal(carrying.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
            }
        }

        static Verdict Same(Evaluation other, Verdict verdict) =>
            other.Verdicts.Single(v => (v.Question.Id, v.Mission, v.Record) == (verdict.Question.Id, verdict.Mission, verdict.Record));

        static bool Breaks(View after, View before) =>
            after.Findings.Zip(before.Findings).Any(f => f.First.LeadsTo() >= 0 && f.Second.LeadsTo() < 0);
    }

    [Fact]
    public void Under_assumptions_the_outcome_is_that_of_a_scenario_that_states_them()
    {
        foreach (var name in Books.CaseNames(LaunchFolder))
        {
            var given = Books.Case(Books.Launch, name, LaunchFolder).Scenario;
            var stating = given.ToJson();
            foreach (var fact in Books.Launch.Facts.Where(f => f.Assumption is not null && stating["facts"]![f.Name] is null))
                stating["facts"]![fact.Name] = fact.Assumption!.Value.DeepClone();

            Assert.Equal(
                Evaluation.Of(Books.Launch, given).Verdicts.Select(v => v.Assumed.Outcome),
                TinyScenario.Evaluate(Books.Launch, stating.ToString()).Verdicts.Select(v => v.Stated.Outcome));
        }
    }

    // ---- laws ----

    private sealed record Folded(string Outcome, ImmutableArray<Finding> Deciding);

    /// <summary>A scale, and every finding that can stand on it: each strength with each truth, set aside by a guard, or waived.</summary>
    private sealed record Space(ImmutableArray<string> Outcomes, ImmutableArray<Finding> Findings)
    {
        // NOT_ASSESSED is not on the scale: the least severe of all.
        public int Severity(string outcome) => outcome == RuleBook.NotAssessed ? Outcomes.Length : Outcomes.IndexOf(outcome);

        public Folded Of(params IReadOnlyCollection<Finding> findings) => Of(withWaivers: true, findings);

        public Folded Of(bool withWaivers, IReadOnlyCollection<Finding> findings)
        {
            var fold = new Fold();
            foreach (var finding in findings) fold.Add(finding, withWaivers);
            return new(fold.Outcome(Outcomes), [.. findings.Where(f => fold.IsDecidedBy(f))]);
        }

        /// <summary>Every list of findings of a length, in every order and with every repetition.</summary>
        public IEnumerable<ImmutableArray<Finding>> Lists(int length) => length == 0
            ? [[]]
            : Lists(length - 1).SelectMany(shorter => Findings.Select(shorter.Add));
    }

    private static readonly Space Decide = SpaceOf(new TinyBook().Question("go"), "go");
    private static readonly Space Leave = SpaceOf(new TinyBook().Exit("exit"), "exit");

    private static Space SpaceOf(TinyBook book, string question)
    {
        var tokens = book.Boolean("a.b").Rule("R", "note", "a.b == true").Book().Question(question)!.Strengths.Select(s => s.Token);
        foreach (var token in tokens)
        {
            if (question == "exit" && token is "withdraw" or "end" or "political_choice" or "review") book.Signal("R-" + token, token, "a.b == true");
            else book.Rule("R-" + token, token, "a.b == true", """{ "Waivable": true }""");
        }

        var set = book.Book().Question(question)!;
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var rule in set.Rules.Where(r => r.Name != "R"))
        {
            var strength = rule.StrengthByOption[0];
            var waiver = new Waiver(rule, [], "r", "g", "b", new(2030, 12, 31));
            foreach (var truth in new[] { Truth.False, Truth.Unknown, Truth.True }) findings.Add(new(rule, truth, strength, Applies: true, null));
            if (!rule.IsSignal) findings.Add(new(rule, Truth.True, strength, Applies: false, null));
            if (rule.IsSignal || strength.IsDeciding) continue;
            foreach (var truth in new[] { Truth.False, Truth.Unknown }) findings.Add(new(rule, truth, strength, Applies: true, waiver));
        }

        return new(set.Outcomes, findings.ToImmutable());
    }

    public static TheoryData<string> Spaces => new("go", "exit");

    private static Space Named(string name) => name == "go" ? Decide : Leave;

    /// <summary>Collects what breaks a law, so that a failure shows the first few and not thousands.</summary>
    private static void Holds(IEnumerable<string?> counterexamples) => Assert.Empty(counterexamples.OfType<string>().Take(3));

    private static string Show(IEnumerable<Finding> findings) =>
        string.Join(", ", findings.Select(f => $"{f.Rule.Name} {f.Truth}{(f.Applies ? "" : " (set aside)")}{(f.Waiver is null ? "" : " (waived)")}"));

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Every_outcome_of_the_scale_can_be_reached(string name)
    {
        var space = Named(name);
        Assert.Equal(
            space.Outcomes.Append(RuleBook.NotAssessed).Order(StringComparer.Ordinal),
            space.Lists(1).Select(list => space.Of(list).Outcome).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void No_findings_at_all_assess_nothing(string name) => Assert.Equal(RuleBook.NotAssessed, Named(name).Of().Outcome);

    [Theory]
    [MemberData(nameof(Spaces))]
    public void The_order_of_the_findings_does_not_matter(string name)
    {
        var space = Named(name);
        var canonical = space.Findings.Select((finding, index) => (finding, index)).ToDictionary(f => f.finding, f => f.index);
        Holds(space.Lists(3).Select(list =>
        {
            var (given, sorted) = (space.Of(list), space.Of([.. list.OrderBy(f => canonical[f])]));
            return given.Outcome == sorted.Outcome && given.Deciding.ToHashSet().SetEquals(sorted.Deciding) ? null : Show(list);
        }));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void A_finding_that_is_repeated_does_not_matter(string name)
    {
        var space = Named(name);
        Holds(space.Lists(2).SelectMany(list => list.Select(again =>
        {
            var (once, twice) = (space.Of(list), space.Of([.. list, again]));
            return once.Outcome == twice.Outcome && once.Deciding.ToHashSet().SetEquals(twice.Deciding) ? null : Show(list);
        })));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void One_more_finding_never_improves_the_outcome_except_from_not_assessed(string name)
    {
        var space = Named(name);
        Holds(space.Lists(2).SelectMany(list => space.Findings.Select(more =>
        {
            var (before, after) = (space.Of(list).Outcome, space.Of([.. list, more]).Outcome);
            return before == RuleBook.NotAssessed || space.Severity(after) <= space.Severity(before) ? null : Show([.. list, more]);
        })));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void From_not_assessed_one_more_finding_never_leads_back_to_not_assessed_unless_it_assesses_nothing_itself(string name)
    {
        var space = Named(name);
        Holds(space.Lists(2).Where(list => space.Of(list).Outcome == RuleBook.NotAssessed).SelectMany(list => space.Findings.Select(more =>
            space.Of([.. list, more]).Outcome == space.Of(more).Outcome ? null : Show([.. list, more]))));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Two_lists_together_come_to_the_more_severe_of_the_two(string name)
    {
        var space = Named(name);
        var shorter = space.Lists(0).Concat(space.Lists(1)).Select(list => (list, severity: space.Severity(space.Of(list).Outcome))).ToList();
        var longer = space.Lists(2).Select(list => (list, severity: space.Severity(space.Of(list).Outcome)));
        Holds(longer.SelectMany(a => shorter.Select(b =>
            space.Severity(space.Of([.. a.list, .. b.list]).Outcome) == Math.Min(a.severity, b.severity) ? null : Show([.. a.list, .. b.list]))));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Deciding_are_exactly_the_findings_that_alone_lead_to_the_outcome(string name)
    {
        var space = Named(name);
        Holds(space.Lists(3).Select(list =>
        {
            var fold = space.Of(list);
            var isBest = fold.Outcome == RuleBook.NotAssessed || fold.Outcome == space.Outcomes[^1];
            var alone = isBest ? [] : list.Where(f => space.Of(f).Outcome == fold.Outcome).ToList();
            return fold.Deciding.SequenceEqual(alone) ? null : Show(list);
        }));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void A_waiver_never_makes_an_outcome_more_severe(string name)
    {
        var space = Named(name);
        Holds(space.Lists(2).Select(list =>
            space.Severity(space.Of(list).Outcome) >= space.Severity(space.Of(withWaivers: false, list).Outcome) ? null : Show(list)));
    }

    [Fact]
    public void The_best_outcome_needs_a_deciding_rule_that_applies_and_nothing_that_leads_elsewhere()
    {
        foreach (var space in new[] { Decide, Leave })
        {
            Holds(space.Lists(2).Select(list =>
            {
                var isBest = space.Of(list).Outcome == space.Outcomes[^1];
                var isClear = list.Any(f => f.Applies && f.Strength.IsDeciding) && list.All(f => f.LeadsTo() < 0);
                return isBest == isClear ? null : Show(list);
            }));
        }
    }

    [Fact]
    public void An_unknown_finding_of_a_hard_rule_is_never_a_go()
    {
        var unknown = Decide.Findings.Single(f => f is { Strength.Token: "hard", Truth: Truth.Unknown });
        Holds(Decide.Lists(2).Select(list => Decide.Of([.. list, unknown]).Outcome is "NO_GO" or "UNDETERMINED" ? null : Show(list)));
    }

    /// <summary>
    /// What is a go while a fact is unknown stays a go when it becomes known, in an expression without null tests: unknown only ever
    /// covers what may still be true or false. Tried on every scenario of three facts and every rule over them.
    /// </summary>
    [Theory]
    [InlineData("a.x == true && (a.y == true || a.z == false)")]
    [InlineData("a.x == true || !(a.y == true && a.z == true)")]
    [InlineData("a.x == true ? a.y == true : a.z == true")]
    [InlineData("a.x == true ? a.y == true : true")]
    [InlineData("!(a.x == true ? a.y == true : a.z == true) || a.x == false")]
    public void What_is_settled_without_a_fact_is_not_unsettled_by_it(string expression)
    {
        var book = new TinyBook().Missions("only").Boolean("a.x").Boolean("a.y").Boolean("a.z").Rule("R-0", "hard", "true")
            .Rule("R-1", "hard", expression).Book();
        var values = new[] { "true", "false", null };
        var outcomes = (from x in values from y in values from z in values select (x, y, z)).ToDictionary(v => v, v => Outcome(v.x, v.y, v.z));

        foreach (var ((x, y, z), outcome) in outcomes.Where(o => o.Value != "UNDETERMINED"))
        {
            var completions = outcomes.Where(o => (x is null || o.Key.x == x) && (y is null || o.Key.y == y) && (z is null || o.Key.z == z));
            Assert.All(completions, completion => Assert.Equal(outcome, completion.Value));
        }

        string Outcome(string? x, string? y, string? z)
        {
            var facts = new[] { ("a.x", x), ("a.y", y), ("a.z", z) }.Where(f => f.Item2 is not null).Select(f => $"\"{f.Item1}\": {f.Item2}");
            return TinyScenario.Evaluate(book, $$"""{ "facts": { {{string.Join(", ", facts)}} } }""").Verdict("go", "only")!.Stated.Outcome;
        }
    }
}
