using System.Globalization;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>What more knowledge can and cannot do to a truth (README of the engine, 7 and 14.5 to 14.7).</summary>
/// <remarks>A completion gives every fact that is unknown or contested a value of its domain.</remarks>
public sealed partial class KnowledgeLaws
{
    private const int MostCompletions = 20;

    [Fact]
    public void A_settled_truth_stays_what_it_is_when_an_unknown_fact_becomes_known() => Law.Holds(tries: 200, atLeast: 900, sample =>
    {
        var chance = new Chance(sample.Seed);
        var settled = 0;
        foreach (var fact in chance.Shuffled(sample.Vocabulary).Take(4))
        {
            var name = (string)fact["name"]!;
            var role = (string?)fact["role"];
            var use = sample.Evaluation.Facts.FirstOrDefault(f => f.Fact.Name == name && f.Record is null);
            var isSilent = sample.Said["facts"]![name] is null;
            if (use is { State: FactState.Stated or FactState.Contested } || (isSilent && fact["default"] is not null)) continue;

            var learned = sample.With(said => said["facts"]![name] = RandomScenario.Value(RandomScenario.Nameable(fact), chance));
            var isContested = learned.ContestedDerived.Any();
            var after = learned.Verdicts.ToDictionary(a => a.About);
            foreach (var before in sample.Verdicts.Where(a => after.ContainsKey(a.About)))
            {
                // Under assumptions the fact had a value already; and so it may have where it follows from others.
                if (before.Basis == Basis.Assumed && isSilent && fact["assumption"] is not null) continue;
                if (role == "derived" && isSilent && (before.Verdict.Record is not null || Derived(sample, name, before) is not null)) continue;

                var free = sample.WithoutNullTests(before.Verdict.Question);
                foreach (var (was, now) in before.View.Findings.Zip(after[before.About].View.Findings))
                {
                    if (was.Truth == Truth.Unknown || !free.Contains(was.Rule.Name)) continue;
                    settled++;
                    Assert.True(
                        now.Truth == was.Truth || (isContested && now.Truth == Truth.Unknown),
                        $"{was.Rule} on {before.About} was {was.Truth}, and with {name} it is {now.Truth}");
                }
            }
        }

        return settled;
    });

    [Fact]
    public void A_settled_truth_is_the_truth_in_every_completion_of_what_is_unknown() => Law.Holds(tries: 100, atLeast: 3000, sample =>
    {
        var (known, open) = Opened(sample, new(sample.Seed));
        if (open.Count == 0) return 0;
        var settled = 0;
        var free = sample.Book.Questions.ToDictionary(q => q.Id, sample.WithoutNullTests);
        var present = known.Evaluation.Verdicts.SelectMany(v => v.Stated.Findings.Select(f => (v, f)))
            .Where(p => p.f.Truth != Truth.Unknown && free[p.v.Question.Id].Contains(p.f.Rule.Name)).ToList();
        foreach (var completion in Completions(known, open))
        {
            var truths = Truths(completion);
            foreach (var (verdict, finding) in present)
            {
                settled++;
                Assert.True(truths[(verdict.Question.Id, verdict.Mission, verdict.Record, finding.Rule.Name)] == finding.Truth,
                    $"{finding.Rule} on {verdict.Mission} is {finding.Truth}, and otherwise where {completion.Said["facts"]!.ToString(Newtonsoft.Json.Formatting.None)}");
            }
        }

        return settled;
    });

    [Fact]
    public void A_null_test_says_what_its_present_truth_says_in_its_place() => Law.Holds(tries: 150, atLeast: 100, sample =>
    {
        var known = sample.With(WithoutDerived);
        var mission = MissionOf(known);
        if (PresentTruths(known, mission) is not { } settled) return 0;
        var truths = Truths(settled);
        var present = Present(known, mission);
        foreach (var (verdict, finding) in present) Assert.Equal(finding.Truth, truths[(verdict.Question.Id, mission, null, finding.Rule.Name)]);
        return present.Count;
    });

    [Fact]
    public void Where_null_tests_keep_their_present_truth_every_settled_truth_is_that_of_every_completion() => Law.Holds(tries: 80, atLeast: 600, sample =>
    {
        var (known, open) = Opened(sample, new(sample.Seed));
        var mission = MissionOf(known);
        if (open.Count == 0 || PresentTruths(known, mission) is not { } settled) return 0;
        var kept = 0;
        var present = Present(known, mission).Where(p => p.Finding.Truth != Truth.Unknown).ToList();
        foreach (var completion in Completions(settled, open))
        {
            var truths = Truths(completion);
            foreach (var (verdict, finding) in present)
            {
                kept++;
                Assert.Equal(finding.Truth, truths[(verdict.Question.Id, mission, null, finding.Rule.Name)]);
            }
        }

        return kept;
    });

    [Fact]
    public void Every_unknown_goes_back_to_an_unknown_fact_a_figure_that_is_not_there_or_a_fault() => Law.Holds(tries: 150, atLeast: 4000, sample =>
    {
        var unknown = 0;
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
            foreach (var traced in Trace.Of(sample.Evaluation, sample.Evaluation.Verdicts, basis))
                Walk(traced.Expression);
        return unknown;

        void Walk(TraceNode node)
        {
            if (node.Truth == Truth.Unknown)
            {
                unknown++;
                Assert.False(node.Children.IsEmpty && Sample.NullTest().IsMatch(node.Text), $"`{node.Text}` is unknown");
                Assert.True(HasCause(node), $"`{node.Text}` is unknown for no reason");
            }

            foreach (var child in node.Children) Walk(child);
            foreach (var derivation in node.Facts.Select(f => f.Derivation).OfType<TraceNode>()) Walk(derivation);
        }

        static bool HasCause(TraceNode node) =>
            node.Fault is not null || node.Text == "null"
            || node.Facts.Any(f => f.Value is null && (f.State == FactState.Contested || f.Derivation is null || f.Derivation.Fault is not null || HasCause(f.Derivation)))
            || node.Children.Any(child => child.Truth is null or Truth.Unknown && child.Value is null && HasCause(child));
    });

    [Fact]
    public void A_derived_value_is_one_that_the_vocabulary_allows() => Law.Holds(tries: 300, atLeast: 500, sample =>
    {
        var values = 0;
        foreach (var (fact, value) in sample.Evaluation.Derived.SelectMany(d => new[] { (d.Fact, d.Value), (d.Fact, d.UnderAssumptions) }))
        {
            if (value is null) continue;
            values++;
            if (fact.Type == FactType.Enumeration) Assert.Contains((string)value!, fact.Values);
            if (!fact.IsNumber) continue;
            var number = decimal.Parse(value.ToString(), CultureInfo.InvariantCulture);
            Assert.InRange(number, fact.Min, fact.Max);
            if (fact.Type == FactType.Integer) Assert.Equal(decimal.Truncate(number), number);
        }

        return values;
    });

    /// <summary>
    /// The sample with all facts known but a few, whose completions can be counted out; and those few with their values. Derived facts
    /// are not stated, so that none is contested.
    /// </summary>
    private static (Sample Known, List<(string Name, List<JToken> Values)> Open) Opened(Sample sample, Chance chance)
    {
        var open = new List<(string Name, List<JToken> Values)>();
        var known = sample.With(said =>
        {
            var facts = (JObject)said["facts"]!;
            var few = 1;
            foreach (var fact in chance.Shuffled(sample.Vocabulary))
            {
                var (name, nameable) = ((string)fact["name"]!, RandomScenario.Nameable(fact));
                if ((string?)fact["role"] is "derived" or "context" || name == RuleBook.MissionFact) continue;
                if (RandomScenario.Values(nameable, MostCompletions) is { } values && few * values.Count <= MostCompletions && chance.Percent(50))
                {
                    few *= values.Count;
                    open.Add((name, values));
                    var isHeld = fact["default"] is not null;
                    if (values.Count > 1 && (isHeld || chance.Percent(30))) facts[name] = Contested(values, chance);
                    else if (isHeld) open.RemoveAt(open.Count - 1);
                    else facts.Remove(name);
                }
                else if (sample.Evaluation.Facts.FirstOrDefault(f => f.Fact.Name == name && f.Record is null)?.State is not (FactState.Stated or FactState.Planning))
                {
                    facts[name] = RandomScenario.Value(nameable, chance);
                }
            }

            WithoutDerived(said);
        });
        return (known, open);
    }

    /// <summary>Takes every statement of a derived fact away, those of records too.</summary>
    private static void WithoutDerived(JObject said)
    {
        foreach (var derived in said.Descendants().OfType<JProperty>().Where(p => p.Name.Contains("sum_", StringComparison.Ordinal)).ToList())
            derived.Remove();
    }

    private static string MissionOf(Sample sample)
    {
        var missions = sample.Evaluation.Verdicts.Where(v => v.Record is null).Select(v => v.Mission).ToList();
        return missions.Count == 0 ? RuleBook.AnyMission : new Chance(sample.Seed).Of(missions);
    }

    /// <summary>What the rules say for a mission, outside of records, on the stated facts.</summary>
    private static List<(Verdict Verdict, Finding Finding)> Present(Sample sample, string mission) =>
        [.. sample.Evaluation.Verdicts.Where(v => v.Mission == mission && v.Record is null).SelectMany(v => v.Stated.Findings.Select(f => (v, f)))];

    /// <summary>The sample with each null test replaced by its present truth for a mission; null where there is none.</summary>
    private static Sample? PresentTruths(Sample sample, string mission)
    {
        var tests = 0;
        var settled = sample.WithBook(files =>
        {
            foreach (var expression in files.Values.SelectMany(file => Sample.Members(file, "Expression", "derive", "When")))
                expression.Value = FactNullTest().Replace((string)expression.Value!, test =>
                {
                    tests++;
                    return IsKnown(sample, test.Groups["fact"].Value, mission) == (test.Groups["sign"].Value == "!=") ? "true" : "false";
                });
        });
        return tests == 0 ? null : settled;
    }

    private static JObject Contested(List<JToken> values, Chance chance)
    {
        var two = chance.Shuffled(values);
        return new() { ["reports"] = new JArray(new JObject { ["value"] = two[0] }, new JObject { ["value"] = two[1] }) };
    }

    private static IEnumerable<Sample> Completions(Sample known, List<(string Name, List<JToken> Values)> open)
    {
        var count = open.Aggregate(1, (product, fact) => product * fact.Values.Count);
        for (var i = 0; i < count; i++)
        {
            var rest = i;
            yield return known.With(said =>
            {
                foreach (var (name, values) in open)
                {
                    said["facts"]![name] = values[rest % values.Count].DeepClone();
                    rest /= values.Count;
                }
            });
        }
    }

    private static Dictionary<(string Question, string Mission, string? Record, string Rule), Truth> Truths(Sample sample) =>
        sample.Evaluation.Verdicts.SelectMany(v => v.Stated.Findings.Select(f => ((v.Question.Id, v.Mission, v.Record, f.Rule.Name), f.Truth))).ToDictionary();

    /// <summary>Whether a fact has a value for a mission on the stated facts, outside of records.</summary>
    private static bool IsKnown(Sample sample, string name, string mission)
    {
        if (name.StartsWith("reading.", StringComparison.Ordinal)) return true;
        if (name == RuleBook.MissionFact && mission != RuleBook.AnyMission) return true;
        var fact = sample.Vocabulary.First(f => (string)f["name"]! == name);
        if (sample.Said["facts"]![name] is not null)
            return sample.Evaluation.Facts.First(f => f.Fact.Name == name && f.Record is null).State == FactState.Stated;
        if ((string?)fact["role"] == "derived") return sample.Evaluation.Derived.First(d => d.Fact.Name == name && d.Mission == mission).Value is not null;
        return fact["default"] is not null;
    }

    private static JToken? Derived(Sample sample, string name, Answer answer)
    {
        var derived = sample.Evaluation.Derived.First(d => d.Fact.Name == name && d.Mission == answer.Verdict.Mission);
        return answer.Basis == Basis.Assumed ? derived.UnderAssumptions : derived.Value;
    }

    [GeneratedRegex(@"(?<fact>[a-z_][a-z0-9_]*(\.[a-z0-9_]+)+)\s*(?<sign>[!=]=)\s*null|null\s*(?<sign>[!=]=)\s*(?<fact>[a-z_][a-z0-9_]*(\.[a-z0-9_]+)+)")]
    private static partial Regex FactNullTest();
}
