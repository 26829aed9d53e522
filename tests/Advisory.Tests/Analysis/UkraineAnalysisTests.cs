using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Tests.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Analysis;

/// <summary>The analysis on the Ukraine book: every case, and some answers worked out by hand from the rules.</summary>
public sealed class UkraineAnalysisTests
{
    private static readonly RuleBook Book = Books.Ukraine;

    private static ScenarioAnalysis Case(string name, AnalysisOptions? options = null) => ScenarioAnalysis.Of(Book, Books.Case(Book, name, "rules", "ukraine").Scenario, options);

    [Fact]
    public void Where_a_settled_rule_decides_a_case_no_better_outcome_is_open()
    {
        var (settled, certain, exact, all) = (0, 0, 0, 0);
        foreach (var name in Books.CaseNames("rules", "ukraine").Where((_, i) => HeavyFactAttribute.Heavy || i % 6 == 0))
        {
            var read = Books.Case(Book, name, "rules", "ukraine");
            var analysis = ScenarioAnalysis.Of(Book, read.Scenario, new() { Basis = read.Scenario.Basis });
            foreach (var expected in read.Expect)
            {
                var subject = analysis.Subjects.Single(s => s.Question == expected.Question && (s.Record ?? s.Mission) == expected.Subject);
                var answer = analysis.Reachable(subject);
                Assert.Equal(expected.Outcome, answer.Outcome);
                all++;
                exact += answer.Exactness.Exact ? 1 : 0;
                Assert.NotEmpty(answer.Outcomes);
                var scale = Book.Question(subject.Question)!.Outcomes;
                var view = Altered.Find(analysis.Evaluation, subject)!.On(read.Scenario.Basis);
                if (scale.IndexOf(answer.Outcome) == 0) Assert.Equal(answer.Outcome, answer.Outcomes.Single().Outcome);
                if (view.Deciding.Any(f => f.Truth != Truth.Unknown))
                {
                    settled++;
                    Assert.All(answer.Outcomes, o => Assert.True(scale.IndexOf(o.Outcome) <= scale.IndexOf(answer.Outcome) && o.Outcome != RuleBook.NotAssessed, $"{name} {subject}: {o.Outcome} is better than {answer.Outcome}"));
                }

                if (view.Findings.All(f => f.Truth != Truth.Unknown || (!f.Strength.LeadsAnywhere && !f.Strength.IsDeciding)) && answer.Outcome != RuleBook.NotAssessed)
                {
                    certain++;
                    Assert.Contains(answer.Outcome, answer.Outcomes.Select(o => o.Outcome));
                }
            }
        }

        Assert.True(settled > all / 8 && certain > all / 20 && exact >= all * 99 / 100, $"{settled} settled and {certain} certain of {all}, {exact} exact");
    }

    [Fact]
    public void Answers_on_the_book_s_own_cases_pass_the_checker()
    {
        foreach (var name in Books.CaseNames("rules", "ukraine").Where((_, i) => HeavyFactAttribute.Heavy ? i % 10 == 0 : i % 60 == 0))
        {
            var read = Books.Case(Book, name, "rules", "ukraine");
            var analysis = ScenarioAnalysis.Of(Book, read.Scenario, new() { Basis = read.Scenario.Basis });
            var subject = analysis.Subjects.First(s => s.Question == read.Expect[0].Question && (s.Record ?? s.Mission) == read.Expect[0].Subject);
            const int limit = 60;
            CheckedAnswer[] all =
            [
                CertificateChecker.Check(Book, read.Scenario, analysis.Reachable(subject), limit), CertificateChecker.Check(Book, read.Scenario, analysis.Why(subject), limit: limit),
                CertificateChecker.Check(Book, read.Scenario, analysis.Change(subject), limit: limit), CertificateChecker.Check(Book, read.Scenario, analysis.Ask(subject), limit),
                CertificateChecker.Check(Book, read.Scenario, analysis.Margin(subject), limit: limit),
            ];
            Assert.All(all, check => Assert.True(check.Faults.IsEmpty, $"{name} {subject}: {string.Join('\n', check.Faults)}"));
        }
    }

    [Fact]
    public void With_everything_in_place_deterrence_is_one_change_from_no_go_and_every_precondition_is_needed()
    {
        var subject = new Subject("preconditions", "deterrence");
        var why = Case("S01").Why(subject);
        Assert.Equal("GO", why.Outcome);
        var reason = Assert.Single(why.Reasons);
        // One fact for each of P-US-1, P-US-6, P-US-7, P-RU-1 and -2, P-CF-1, P-UN-1, P-LB-1, P-UN-2, P-FL-1 and -2.
        Assert.Equal(
            ["ceasefire.status", "mission.flag", "mission.posture", "mission.un_led", "ru.consent", "un.mandate", "us.commitment", "us.escalation_dominance"],
            reason.Facts.Select(f => f.Fact).Order(StringComparer.Ordinal));
        Assert.Equal(reason.Facts.Length, why.Necessary.Length);

        var margin = Case("S01").Margin(subject);
        Assert.Equal(1, margin.Distance);
        Assert.Contains(margin.SinglePoints, p => p.Facts.Single() == new Setting("ru.consent", null, "refused") || p.Facts.Single().Fact == "ru.consent" && p.Outcome == "NO_GO");
    }

    [Fact]
    public void A_fact_alone_forces_no_go_without_american_commitment()
    {
        var facts = JObject.Parse("""{ "facts": { "us.commitment": "none", "ru.consent": "given", "ceasefire.status": "agreed" } }""");
        var scenario = Scenario.Read(Book, new("scenario.json", System.Text.Encoding.UTF8.GetBytes(facts.ToString()))).Value!;
        var analysis = ScenarioAnalysis.Of(Book, scenario);
        var why = analysis.Why(new("preconditions", "deterrence"));
        Assert.Equal(["us.commitment"], Assert.Single(why.Reasons).Facts.Select(f => f.Fact));
        Assert.Equal("NO_GO", analysis.Reachable(new("preconditions", "deterrence")).Certain);

        // Full commitment is the least that lifts the no-go; what else is open then is open.
        var change = analysis.Change(new("preconditions", "deterrence"), "UNDETERMINED", "CONDITIONAL", "GO");
        Assert.Equal("us.commitment", Assert.Single(change.Changes[0].Facts).Fact);
        Assert.Equal("full", change.Changes[0].Facts[0].To);
    }

    [Fact]
    public void Option_1_needs_a_shorter_line_or_more_to_deploy_and_the_figures_follow_from_the_rule()
    {
        // 1200 km at 100 km a post: 12 posts, 4 brigades, at rotation 3 a pool of 12; 82 brigades at 50 percent less 30 reserved leave 11.
        var facts = JObject.Parse("""
            { "facts": { "ceasefire.line_length_km": 1200, "mission.variant": "ua_supported", "ua.backup.available": true, "force.battalions_per_brigade": 3, "force.rotation_factor": 3,
                         "force.reserved_for_collective_defence_brigades": 30, "us.baltic_withdrawal": false } }
            """);
        var scenario = Scenario.Read(Book, new("scenario.json", System.Text.Encoding.UTF8.GetBytes(facts.ToString()))).Value!;
        var options = new AnalysisOptions { Influence = ["ours", "allies", "adversary", "none"] };
        var analysis = ScenarioAnalysis.Of(Book, scenario, options);
        var subject = new Subject("feasibility", "opt1");
        Assert.Equal("INFEASIBLE", analysis.Why(subject).Outcome);
        var answer = analysis.Change(subject, "FEASIBLE");
        // Eight numbers at once are more than the budget holds, which the answer says; the changes of one fact are the nearest all the same.
        Assert.Equal((false, "sampled"), (answer.Exactness.Exact, answer.Exactness.Code));
        var single = answer.Changes.Where(c => c.Facts.Length == 1).ToDictionary(c => c.Facts[0].Fact, c => (decimal)c.Facts[0].To);
        Assert.Equal(29, single["force.reserved_for_collective_defence_brigades"]); // 41 less 29 is 12
        Assert.Equal(900, single["ceasefire.line_length_km"]); // 9 posts, 3 brigades, a pool of 9
        Assert.Equal(4, single["force.battalions_per_brigade"]); // 12 posts in 3 brigades
        Assert.Equal(84, single["force.pool_brigades"]); // half of 84 is 42, less 30 is 12
        Assert.Equal(51.3m, single["force.deployable_percent"]); // 82 at 51.3 percent is 42.07
    }
}
