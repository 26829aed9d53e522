using System.Collections.Immutable;
using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Tests.Laws;
using Advisory.Tests.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Analysis;

/// <summary>The checker passes what the analysis says, and catches what it does not say.</summary>
public sealed class CertificateTests
{
    private static readonly AnalysisOptions All = new() { VaryPlanningFigures = true, Influence = ["ours", "allies", "adversary", "none"] };

    private static readonly int Sets = HeavyFactAttribute.Rounds(40, 200, "ADVISORY_ANALYSIS_SETS");

    [Fact]
    public void Every_answer_on_a_random_rule_set_passes_the_checker()
    {
        var exhaustive = 0;
        for (var seed = 0UL; seed < (ulong)Sets; seed++)
        {
            var small = SmallBook.Of(seed + 50_000, 1, 200);
            var subject = new Subject(SmallBook.Question, "first");
            var analysis = ScenarioAnalysis.Of(small.Book, small.Scenario, All);
            CheckedAnswer[] all =
            [
                CertificateChecker.Check(small.Book, small.Scenario, analysis.Reachable(subject)),
                CertificateChecker.Check(small.Book, small.Scenario, analysis.Why(subject), All),
                CertificateChecker.Check(small.Book, small.Scenario, analysis.Change(subject), All),
                CertificateChecker.Check(small.Book, small.Scenario, analysis.Ask(subject)),
                CertificateChecker.Check(small.Book, small.Scenario, analysis.Margin(subject), All),
            ];
            Assert.All(all, check => Assert.True(check.Faults.IsEmpty, $"seed {seed}: {string.Join('\n', check.Faults)}\n{small.Scenario.ToJson()}\n{string.Join('\n', small.Book.Questions[0].Rules.Select(r => r.Expression))}"));
            exhaustive += all.Count(check => check.Exhaustive);
        }

        Assert.True(exhaustive > Sets * 3, $"{exhaustive} checks of {Sets * 5} tried everything");
    }

    [Fact]
    public void A_hundred_faults_planted_in_answers_are_all_caught()
    {
        var planted = new Dictionary<string, int>();
        for (var seed = 0UL; planted.Values.Sum() < 100 || planted.Count < 20; seed++)
        {
            Assert.True(seed < 400, string.Join(", ", planted));
            var small = SmallBook.Of(seed + 90_000, 1, 200);
            var (book, scenario, subject) = (small.Book, small.Scenario, new Subject(SmallBook.Question, "first"));
            var analysis = ScenarioAnalysis.Of(book, scenario, All);
            foreach (var (name, check) in Faults(analysis, subject, book, scenario, small, new(seed)))
            {
                if (planted.GetValueOrDefault(name) >= 8) continue;
                planted[name] = planted.GetValueOrDefault(name) + 1;
                Assert.True(!check().Faults.IsEmpty, $"{name} passed, seed {seed}\n{scenario.ToJson()}\n{string.Join('\n', book.Questions[0].Rules.Select(r => r.Expression))}");
            }
        }
    }

    [Fact]
    public void Comparisons_of_cases_pass_the_checker_and_what_is_planted_in_them_is_caught()
    {
        var book = Books.Ukraine;
        var cases = Books.Files("rules", "ukraine", "cases").Select(file => Scenario.Read(book, file).Value!).Where(s => s.Waivers.IsEmpty).ToList();
        var chance = new Random(5);
        var (carried, caught) = (0, 0);
        for (var round = 0; round < HeavyFactAttribute.Rounds(60, 600, "ADVISORY_COMPARISONS"); round++)
        {
            var (one, other) = (cases[chance.Next(cases.Count)], cases[chance.Next(cases.Count)]);
            // A case may be about some missions only.
            var there = Evaluation.Of(book, other).Verdicts.Select(v => (v.Question.Id, v.Mission, v.Record)).ToHashSet();
            var verdicts = Evaluation.Of(book, one).Verdicts.Where(v => there.Contains((v.Question.Id, v.Mission, v.Record))).ToList();
            if (verdicts.Count == 0) continue;
            var verdict = verdicts[chance.Next(verdicts.Count)];
            var answer = Comparison.Of(book, one, other, new(verdict.Question.Id, verdict.Mission, verdict.Record));
            var check = CertificateChecker.Check(book, one, other, answer);
            Assert.True(check.Faults.IsEmpty, $"{one.Title} and {other.Title}: {string.Join('\n', check.Faults)}");
            if (answer.Carries.IsEmpty) continue;
            carried++;
            var (first, spare) = (answer.Carries[0], answer.Differences.FirstOrDefault(d => !answer.Carries[0].Contains(d)));
            ComparisonAnswer[] planted =
            [
                answer with { One = answer.Other }, answer with { Other = answer.One }, answer with { Carries = [] }, answer with { Carries = [[.. first.Skip(1)], .. answer.Carries.Skip(1)] },
                .. spare is null ? (ComparisonAnswer[])[] : [answer with { Carries = [first.Add(spare), .. answer.Carries.Skip(1)] }],
            ];
            foreach (var lie in planted.Where(lie => lie.Exactness.Exact || !lie.Carries.IsEmpty))
            {
                Assert.True(!CertificateChecker.Check(book, one, other, lie).Faults.IsEmpty, $"passes: {lie.ToJson()}");
                caught++;
            }
        }

        Assert.True(carried > 10 && caught > 40, $"{carried} comparisons with another outcome, {caught} lies caught");
    }

    private static IEnumerable<(string Name, Func<CheckedAnswer> Check)> Faults(ScenarioAnalysis analysis, Subject subject, RuleBook book, Scenario scenario, SmallBook small, Chance chance)
    {
        var why = analysis.Why(subject);
        CheckedAnswer Why(WhyAnswer faulty) => CertificateChecker.Check(book, scenario, faulty, All);
        if (why.Reasons.FirstOrDefault(r => r.Facts.Length > 0) is { } reason)
        {
            yield return ("a fact dropped from a reason", () => Why(why with { Reasons = why.Reasons.Replace(reason, new(reason.Facts.RemoveAt(0))) }));
            yield return ("a reason dropped", () => Why(why with { Reasons = why.Reasons.Remove(reason), Count = why.Count - 1 }));
            yield return ("another value in a reason", () => Why(why with { Reasons = why.Reasons.Replace(reason, new(reason.Facts.SetItem(0, reason.Facts[0] with { Value = Another(small, reason.Facts[0]) }))) }));
            yield return ("a contrast dropped", () => Why(why with { Contrasts = why.Contrasts.RemoveAt(0), ContrastCount = why.ContrastCount - 1 }));
            yield return ("another outcome explained", () => Why(why with { Outcome = book.Questions[0].Outcomes.First(o => o != why.Outcome) }));
            if (small.Facts.Select(f => f.Fact.Name).Except(reason.Facts.Select(f => f.Fact)).FirstOrDefault() is { } stranger)
            {
                var present = PresentFact.Of(scenario, null, book.Fact(stranger)!, Basis.Stated);
                yield return ("a fact too many in a reason", () => Why(why with { Reasons = why.Reasons.Replace(reason, new(reason.Facts.Add(new(stranger, null, present.Json)))) }));
            }

            if (!why.Necessary.IsEmpty)
            {
                yield return ("a necessary fact withheld", () => Why(why with { Necessary = why.Necessary.RemoveAt(0) }));
                yield return ("a necessary fact called irrelevant", () => Why(why with { Irrelevant = why.Irrelevant.Add(why.Necessary[0]) }));
            }
        }

        if (why.Contrasts.FirstOrDefault() is { } contrast)
            yield return ("a contrast that changes nothing", () => Why(why with { Contrasts = why.Contrasts.Replace(contrast, contrast with { Outcome = why.Outcome }) }));

        var change = analysis.Change(subject);
        CheckedAnswer Change(ChangeAnswer faulty) => CertificateChecker.Check(book, scenario, faulty, All);
        if (change.Changes.FirstOrDefault(c => c.Facts.Length > 0) is { } first)
        {
            yield return ("a change dropped", () => Change(change with { Changes = change.Changes.Remove(first), Count = change.Count - 1 }));
            yield return ("another outcome of a change", () => Change(change with { Changes = change.Changes.Replace(first, first with { Outcomes = [change.Targets[0].Outcome] }) }));
            var fact = first.Facts[0];
            if (first.Facts.Length > 1) yield return ("a fact dropped from a change", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.RemoveAt(0) }) }));
            var fails = small.Facts.First(f => f.Fact.Name == fact.Fact).States.Skip(1).FirstOrDefault(v => !fact.Works.Any(w => JToken.DeepEquals(w.From, v) || JToken.DeepEquals(w.To, v)) && !book.Fact(fact.Fact)!.IsNumber);
            if (fails is not null && book.Fact(fact.Fact)!.Type != FactType.List)
            {
                yield return ("a value that does not work", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.SetItem(0, fact with { To = fails }) }) }));
                yield return ("a value said to work that does not", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.SetItem(0, fact with { Works = fact.Works.Add(new(fails, fails)) }) }) }));
            }

            yield return ("a value outside the domain", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.SetItem(0, fact with { To = new JObject() }) }) }));
            yield return ("a change from another value", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.SetItem(0, fact with { From = fact.To }) }) }));
            yield return ("a change of a locked fact", () => CertificateChecker.Check(book, scenario, change, All with { Keep = [fact.Fact] }));
            if (small.Facts.Select(f => f.Fact.Name).Except(first.Facts.Select(f => f.Fact)).FirstOrDefault() is { } stranger)
            {
                var more = new FactChange(stranger, null, PresentFact.Of(scenario, null, book.Fact(stranger)!, Basis.Stated).Json, small.Facts.First(f => f.Fact.Name == stranger).States[1]!, [], "none", 4);
                yield return ("a fact too many in a change", () => Change(change with { Changes = change.Changes.Replace(first, first with { Facts = first.Facts.Add(more) }) }));
            }
        }

        var reachable = analysis.Reachable(subject);
        CheckedAnswer Reachable(ReachableAnswer faulty) => CertificateChecker.Check(book, scenario, faulty);
        if (reachable.Outcomes.Length > 1)
        {
            yield return ("an open outcome withheld", () => Reachable(reachable with { Outcomes = reachable.Outcomes.RemoveAt(0) }));
            yield return ("a witness that leads elsewhere", () => Reachable(reachable with { Outcomes = reachable.Outcomes.SetItem(0, reachable.Outcomes[0] with { Facts = reachable.Outcomes[1].Facts }) }));
            yield return ("certain, wrongly", () => Reachable(reachable with { Certain = reachable.Outcomes[0].Outcome }));
        }

        if (reachable.Certain is not null) yield return ("an outcome that cannot be", () => Reachable(reachable with { Outcomes = [.. reachable.Outcomes, new(book.Questions[0].Outcomes.First(o => o != reachable.Certain), [])] }));

        var ask = analysis.Ask(subject);
        CheckedAnswer Ask(AskAnswer faulty) => CertificateChecker.Check(book, scenario, faulty);
        if (!ask.Needed.IsEmpty)
        {
            yield return ("a needed fact withheld", () => Ask(ask with { Needed = ask.Needed.RemoveAt(0), Pairs = ask.Pairs.RemoveAt(0), Questions = ask.Questions.RemoveAll(q => q.Fact == ask.Needed[0].Fact) }));
            yield return ("a fact asked for nothing", () => Ask(ask with { Needed = ask.Needed.Add(new(small.Facts[chance.Below(small.Facts.Count)].Fact.Name, null, null)), Pairs = ask.Pairs.Add(ask.Pairs[0]) }));
            if (ask.Shortcuts.FirstOrDefault(s => s.Facts.Length > 0) is { } shortcut)
                yield return ("a shortcut elsewhere", () => Ask(ask with { Shortcuts = ask.Shortcuts.Replace(shortcut, shortcut with { Outcome = book.Questions[0].Outcomes.First(o => o != shortcut.Outcome) }) }));
        }

        var margin = analysis.Margin(subject);
        CheckedAnswer Margin(MarginAnswer faulty) => CertificateChecker.Check(book, scenario, faulty, All);
        if (margin.Distance is { } distance)
        {
            yield return ("a margin too wide", () => Margin(margin with { Distance = distance + 1 }));
            yield return ("a margin withheld", () => Margin(margin with { Distance = null, Nearest = [], Count = 0 }));
            yield return ("a single point withheld", () => Margin(margin with { Nearest = margin.Nearest.RemoveAt(0), Count = margin.Count - 1 }));
        }

        if (!margin.Lost.IsEmpty) yield return ("a loss withheld", () => Margin(margin with { Lost = margin.Lost.RemoveAt(0) }));
        if (!margin.Dependences.IsEmpty) yield return ("a dependence called steady", () => Margin(margin with { Dependences = margin.Dependences.RemoveAt(0), Steady = margin.Steady.Add(new(margin.Dependences[0].Kind, margin.Dependences[0].Name)) }));
    }

    private static JToken? Another(SmallBook small, Setting setting) =>
        small.Facts.First(f => f.Fact.Name == setting.Fact).States.First(s => s is null ? setting.Value is not null : setting.Value is null || s.ToString() != setting.Value.ToString());
}
