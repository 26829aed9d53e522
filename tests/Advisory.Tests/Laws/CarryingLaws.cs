using System.Globalization;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>
/// What makes an outcome better on the same reports is named, and nothing else is (README of the engine, 8.4, 8.8, 10.5, 10.10, 11 and 14.8
/// to 14.11).
/// </summary>
public sealed class CarryingLaws
{
    [Fact]
    public void Without_its_waivers_a_scenario_has_the_outcome_that_says_so_and_it_is_never_better() => Law.Holds(tries: 400, atLeast: 130, sample =>
    {
        if (sample.Scenario.Waivers.IsEmpty) return 0;
        var waived = 0;
        var without = sample.With(said => said.Remove("waivers"));
        foreach (var (with, plain) in sample.Verdicts.Zip(without.Verdicts))
        {
            var (question, view) = (with.Verdict.Question, with.View);
            Assert.Equal(plain.View.Outcome, view.WithoutWaivers);
            Assert.Equal(plain.View.Outcome, plain.View.WithoutWaivers);
            Assert.Equal(plain.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)), view.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)));
            Assert.Empty(plain.View.Waived);
            if (view.Outcome != RuleBook.NotAssessed && view.WithoutWaivers != RuleBook.NotAssessed)
                Assert.True(question.Outcomes.IndexOf(view.WithoutWaivers) <= question.Outcomes.IndexOf(view.Outcome), "a waiver made an outcome worse");

            // What the waivers carry is named: on the stated facts one by one, and on either basis as waived.
            waived += view.Waived.Length;
            if (view.Outcome == view.WithoutWaivers) continue;
            var carrying = plain.View.Deciding.Select(f => f.Rule.Name).ToList();
            Assert.NotEmpty(carrying);
            Assert.Subset(view.Waived.Select(f => f.Rule.Name).ToHashSet(), carrying.ToHashSet());
            if (with.Basis == Basis.Stated) Assert.Subset(Named(view, RelianceKind.Waiver), carrying.ToHashSet());
        }

        return waived;
    });

    [Fact]
    public void What_carries_an_outcome_is_exactly_what_it_cannot_do_without() => Law.Holds(tries: 150, atLeast: 35, sample =>
    {
        var items = 0;
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
        {
            var held = basis == Basis.Stated ? "default" : "assumption";
            var names = sample.Vocabulary.Where(f => f[held] is not null).Select(f => (string)f["name"]!).Where(name => sample.Said["facts"]![name] is null).ToList();
            if (basis == Basis.Stated) names.AddRange(sample.Scenario.Readings.Select(r => r.Reading.Name));
            var singly = names.Select(name => (name, Loses(sample, [name], basis))).ToList();
            var together = Loses(sample, names, basis);
            foreach (var answer in sample.Verdicts.Where(a => a.Basis == basis))
            {
                var (question, view) = (answer.Verdict.Question, answer.View);
                if (question.When is not null && view.Outcome == RuleBook.NotAssessed) continue; // it may not have been asked
                items += view.RelyingOn.Items.Length;
                var waivers = view.Waived.Where(f => basis == Basis.Stated && sample.LeadsTo(question, f, withWaivers: false) >= 0).Select(f => f.Rule.Name);
                Assert.Equal(waivers, view.RelyingOn.Items.Where(i => i.Kind == RelianceKind.Waiver).Select(i => i.Name));
                var alone = singly.Where(s => s.Item2.Contains(answer.About)).Select(s => s.name).ToList();
                if (!view.RelyingOn.Jointly)
                {
                    Assert.Equal(alone, view.RelyingOn.Items.Where(i => i.Kind != RelianceKind.Waiver).Select(i => i.Name));
                    Assert.True(
                        !view.RelyingOn.Items.IsEmpty || !together.Contains(answer.About),
                        $"{answer.About} rests on {string.Join(", ", names)} together and names none");
                }
                else
                {
                    Assert.Empty(alone);
                    Assert.Empty(waivers);
                    Assert.True(view.RelyingOn.Items.Length > 1 && together.Contains(answer.About), $"{answer.About} rests on nothing jointly");
                    Assert.Subset(names.ToHashSet(), view.RelyingOn.Items.Select(i => i.Name).ToHashSet());
                }
            }
        }

        return items;
    });

    [Fact]
    public void Where_a_rule_leads_nowhere_under_assumptions_and_somewhere_without_an_assumption_is_named() => Law.Holds(tries: 300, atLeast: 20, sample =>
    {
        var better = 0;
        foreach (var verdict in sample.Evaluation.Verdicts)
        {
            if (verdict.Question.When is not null && verdict.Assumed.Outcome == RuleBook.NotAssessed) continue; // it may not have been asked
            var both = verdict.Stated.Findings.Zip(verdict.Assumed.Findings);
            if (!both.Any(f => sample.LeadsTo(verdict.Question, f.First) >= 0 && sample.LeadsTo(verdict.Question, f.Second) < 0)) continue;
            better++;
            Assert.NotEmpty(verdict.Assumed.RelyingOn.Items);
            Assert.All(verdict.Assumed.RelyingOn.Items, item => Assert.Equal(RelianceKind.Assumption, item.Kind));
        }

        return better;
    });

    [Fact]
    public void An_assumption_changes_nothing_on_the_stated_facts() => Law.Holds(tries: 100, atLeast: 130, sample =>
    {
        var assumptions = sample.Vocabulary.Count(f => f["assumption"] is not null);
        if (assumptions == 0) return 0;
        var without = sample.WithBook(files =>
        {
            foreach (var fact in files["vocabulary.json"]["facts"]!.Cast<JObject>()) fact.Remove("assumption");
        });
        foreach (var (with, plain) in sample.Verdicts.Zip(without!.Verdicts).Where(a => a.First.Basis == Basis.Stated))
        {
            Assert.Equal(Shown(with.View), Shown(plain.View));
            // Nor is there then any difference between the bases, but that what carries the outcome is named for one only.
            Assert.Equal(Shown(plain.View, withReliances: false), Shown(plain.Verdict.Assumed, withReliances: false));
        }

        return assumptions;
    });

    [Fact]
    public void A_planning_figure_never_stands_beside_a_report() => Law.Holds(tries: 150, atLeast: 30, sample =>
    {
        var reported = sample.Vocabulary.Where(f => f["default"] is not null).Select(f => (string)f["name"]!).Where(name => sample.Said["facts"]![name] is not null).ToList();
        if (reported.Count == 0) return 0;
        var without = sample.WithBook(files =>
        {
            foreach (var fact in files["vocabulary.json"]["facts"]!.Cast<JObject>().Where(f => reported.Contains((string)f["name"]!))) fact.Remove("default");
        });
        RuleLaws.AnswersAreTheSame(sample, without!);
        return reported.Count;
    });

    [Fact]
    public void What_the_book_holds_ready_never_contests_a_report() => Law.Holds(tries: 200, atLeast: 12, sample =>
    {
        var without = sample.WithBook(RemoveHeld);
        Assert.Equal(without!.ContestedDerived.Select(f => (f.Record, f.Fact.Name)), sample.ContestedDerived.Select(f => (f.Record, f.Fact.Name)));
        return sample.ContestedDerived.Count();
    });

    [Fact]
    public void A_stated_derived_fact_is_contested_exactly_where_the_other_reports_say_otherwise() => Law.Holds(tries: 200, atLeast: 60, sample =>
    {
        // On reports alone: a book that holds nothing ready, and no records, which have reports of their own.
        var alone = sample.WithBook(RemoveHeld, said => said.Remove("records"))!;
        var chance = new Chance(sample.Seed);
        var settled = 0;
        var derived = alone.Vocabulary.Where(f => f["derive"] is not null).ToDictionary(f => (string)f["name"]!);
        foreach (var (name, fact) in derived)
        {
            if (alone.Said["facts"]![name] is not null || RestsOnMission(name)) continue;
            var follows = alone.Evaluation.Derived.First(d => d.Fact.Name == name).Value;
            var nameable = RandomScenario.Nameable(fact);
            if (follows is null && !nameable.IsNumber) continue; // some values may be ruled out all the same
            var reported = follows is not null && chance.Percent(30) && Fits(fact, follows) ? follows.DeepClone() : RandomScenario.Value(nameable, chance);

            settled++;
            var said = (JObject)sample.Said.DeepClone();
            said.Remove("records");
            said["facts"]![name] = reported;
            var state = sample.With(said).Evaluation.Facts.First(f => f.Fact.Name == name).State;
            var isSame = follows is null || (nameable.IsNumber ? Number(follows) == Number(reported) : JToken.DeepEquals(follows, reported));
            Assert.Equal(isSame ? FactState.Stated : FactState.Contested, state);
        }

        return settled;

        bool RestsOnMission(string name) =>
            Sample.FactName().Matches((string)derived[name]["derive"]!).Select(n => n.Value)
                .Any(other => other == RuleBook.MissionFact || (derived.ContainsKey(other) && RestsOnMission(other)));

        static bool Fits(JObject fact, JToken value) => fact["step"] is null || (Number(value) - (decimal)fact["min"]!) % (decimal)fact["step"]! == 0;

        static decimal Number(JToken value) => decimal.Parse(value.ToString(), CultureInfo.InvariantCulture);
    });

    [Fact]
    public void An_outcome_for_a_mission_is_the_same_where_no_other_mission_is_asked_about() => Law.Holds(tries: 200, atLeast: 130, sample =>
    {
        if (sample.Book.Fact(RuleBook.MissionFact) is null || sample.Said["facts"]![RuleBook.MissionFact] is not null) return 0;
        var chance = new Chance(sample.Seed);
        var mission = chance.Of(sample.Book.Missions.Select(m => m.Id).ToList());
        var alone = sample.With(said => said["facts"]![RuleBook.MissionFact] = mission);
        Assert.All(alone.Evaluation.Verdicts, v => Assert.True(v.Mission == mission || v.Mission == RuleBook.AnyMission));
        // The fallbacks too: a mission that is not asked about still has its outcome.
        var verdicts = sample.Verdicts.Where(a => a.Verdict.Mission == mission).ToList();
        Assert.Equal(verdicts.Select(a => Shown(a.View)), alone.Verdicts.Where(a => a.Verdict.Mission == mission).Select(a => Shown(a.View)));
        return verdicts.Count;
    });

    [Fact]
    public void An_outcome_for_a_record_is_the_same_without_the_other_records() => Law.Holds(tries: 400, atLeast: 120, sample =>
    {
        if (sample.Said["records"] is not JObject records) return 0;
        var chance = new Chance(sample.Seed);
        var said = 0;
        foreach (var kind in records.Properties().Where(kind => kind.Value.Any()))
        {
            var at = chance.Below(kind.Value.Count());
            var key = (string)kind.Value[at]!["name"]!;
            var alone = sample.With(s => s["records"] = new JObject { [kind.Name] = new JArray(kind.Value[at]!.DeepClone()) });
            var (among, only) = (Of(sample), Of(alone));
            Assert.Equal(among.Select(a => Shown(a.View)), only.Select(a => Shown(a.View)));
            said += among.Count;

            List<Answer> Of(Sample from) => [.. from.Verdicts.Where(a => a.Verdict.Record == key && a.Verdict.Question.Each?.Name == kind.Name)];
        }

        return said;
    });

    [Fact]
    public void Sources_probabilities_confidence_notes_and_the_basis_asked_for_change_nothing() => Law.Holds(tries: 200, atLeast: 300, sample =>
    {
        var removed = 0;
        var bare = sample.With(said =>
        {
            foreach (var member in new[] { "title", "classification", "subject" }) said.Remove(member);
            said["basis"] = sample.Scenario.Basis == Basis.Stated ? "assumed" : "stated";
            foreach (var report in Sample.Members(said, "value").Select(p => (JObject)p.Parent!))
                foreach (var member in new[] { "source", "by", "note", "confidence", "sensitive", "asOf", "probability" })
                    if (report.Remove(member))
                        removed++;
        });
        RuleLaws.AnswersAreTheSame(sample, bare);
        return removed;
    });

    private static void RemoveHeld(Dictionary<string, JObject> files)
    {
        foreach (var fact in files["vocabulary.json"]["facts"]!.Cast<JObject>())
            foreach (var held in new[] { "default", "assumption" })
                fact.Remove(held);
    }

    /// <summary>
    /// The verdicts in which some rule leads to an outcome as soon as these facts are unknown and these readings the book's own, and led
    /// to none with them: tried by scenarios that say so, a fact by a report that has expired.
    /// </summary>
    private static HashSet<(string, string, string?, Basis)> Loses(Sample sample, List<string> names, Basis basis)
    {
        if (names.Count == 0) return [];
        var without = sample.With(said =>
        {
            if (said["asOf"] is null) said["asOf"] = "2026-01-24";
            foreach (var name in names)
            {
                if (IsReading(name)) ((JObject)said["readings"]!).Remove(name);
                else said["facts"]![name] = Expired(sample.Vocabulary.First(f => (string)f["name"]! == name));
            }

            // Under the book's own reading a rule may be of a deciding strength; then it is not waived.
            var rules = sample.Files.Values.SelectMany(file => (JArray?)file["Rules"] ?? []).ToDictionary(rule => (string)rule["RuleName"]!);
            foreach (var waiver in ((JArray?)said["waivers"] ?? []).ToList())
                if (RandomScenario.IsDeciding(sample.Files, rules[(string)waiver["rule"]!]["Properties"]!["Strength"]!, (JObject?)said["readings"] ?? []))
                    waiver.Remove();
        });
        var after = without.Verdicts.ToDictionary(a => a.About);
        return [.. sample.Verdicts.Where(a => a.Basis == basis && a.View.Findings.Zip(after[a.About].View.Findings)
            .Any(f => sample.LeadsTo(a.Verdict.Question, f.First) < 0 && sample.LeadsTo(a.Verdict.Question, f.Second) >= 0)).Select(a => a.About)];

        static JObject Expired(JObject fact) => new()
        {
            ["value"] = ((fact["default"] ?? fact["assumption"])!["value"])!.DeepClone(),
            ["validUntil"] = "2001-01-01",
        };
    }

    private static bool IsReading(string name) => name.StartsWith("reading.", StringComparison.Ordinal);

    private static HashSet<string> Named(View view, RelianceKind kind) => [.. view.RelyingOn.Items.Where(i => i.Kind == kind).Select(i => i.Name)];

    /// <summary>All that a view says.</summary>
    private static string Shown(View view, bool withReliances = true) => string.Join('\n',
    [
        view.Outcome + " " + view.WithoutWaivers,
        .. view.Findings.Select(f => $"{f.Rule} {f.Strength.Token} {f.Truth} {f.Applies} {f.Waiver?.Reason}"),
        .. view.Deciding.Select(f => "decides " + f.Rule),
        .. view.Conditions.Select(f => "condition " + f.Rule),
        .. view.Warnings.Select(f => "warns " + f.Rule),
        .. view.NotAssessed.Select(r => "set aside " + r), .. view.Open.Select(r => "open " + r), .. view.Waived.Select(f => "waived " + f.Rule),
        .. view.Fallback.Select(f => f.ToString()), .. withReliances ? view.RelyingOn.Items.Select(i => $"{i} {view.RelyingOn.Jointly}") : [],
    ]);
}
