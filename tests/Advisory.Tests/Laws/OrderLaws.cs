using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>What stands where changes nothing that is said (README of the engine, 3.3, 4.7, 12.3, 12.5 and 14.1).</summary>
public sealed class OrderLaws
{
    /// <summary>The lists of a scenario.</summary>
    private static readonly string[] Lists = ["reports", "waivers", "units", "posts"];

    [Fact]
    public void The_order_of_rules_facts_readings_questions_and_missions_changes_nothing_that_is_said() => Law.Holds(tries: 120, atLeast: 500, sample =>
    {
        var chance = new Chance(sample.Seed);
        var other = sample.WithBook(files =>
        {
            var lists = new[] { ("vocabulary.json", "facts"), ("readings.json", "readings"), ("book.json", "questions"), ("book.json", "missions") };
            foreach (var (name, list) in lists)
                if (files.TryGetValue(name, out var file))
                    Shuffle((JArray)file[list]!, chance);
            foreach (var file in files.Values.Where(file => file["Rules"] is not null))
            {
                Shuffle((JArray)file["Rules"]!, chance);
                foreach (var missions in file.SelectTokens("$.Rules[*].Properties.Missions").Cast<JArray>().ToList()) Shuffle(missions, chance);
            }
        });
        Assert.Equal(Unordered(sample.Evaluation), Unordered(other!.Evaluation));
        return sample.Evaluation.Verdicts.Sum(v => v.Stated.Findings.Length);
    });

    [Fact]
    public void The_order_of_nested_rules_changes_no_truth() => Law.Holds(tries: 150, atLeast: 40, sample =>
    {
        var turned = 0;
        var other = sample.WithBook(files =>
        {
            foreach (var rule in Sample.AllRules(files).Where(rule => rule["Operator"] is not null))
            {
                rule["Rules"] = new JArray(rule["Rules"]!.Reverse());
                turned++;
            }
        });
        if (turned == 0) return 0;
        RuleLaws.AnswersAreTheSame(sample, other!);
        return turned;
    });

    [Fact]
    public void The_order_of_reports_records_and_waivers_changes_nothing_that_is_said() => Law.Holds(tries: 250, atLeast: 300, sample =>
    {
        var chance = new Chance(sample.Seed);
        var other = sample.With(said =>
        {
            foreach (var list in Sample.Members(said, Lists)) Shuffle((JArray)list.Value, chance);
        });
        Assert.Equal(Unordered(sample.Evaluation), Unordered(other.Evaluation));
        return Sample.Members(sample.Said, Lists).Count;
    });

    [Fact]
    public void The_order_of_files_and_of_members_does_not_even_change_a_canonical_byte() => Law.Holds(tries: 100, atLeast: 100, sample =>
    {
        var chance = new Chance(sample.Seed);
        var book = Sample.Load(chance.Shuffled(sample.Files).Select(file => KeyValuePair.Create(file.Key, (JObject)Turned(file.Value, chance))));
        var scenario = Sample.Read(book!, (JObject)Turned(sample.Said, chance));
        Assert.Equal(EvaluationJson.Canonical(sample.Evaluation), EvaluationJson.Canonical(Evaluation.Of(book!, scenario!)));
        return 1;
    });

    [Fact]
    public void What_is_evaluated_before_beside_or_in_between_changes_no_byte() => Law.Holds(tries: 60, atLeast: 150, sample =>
    {
        var others = Enumerable.Range(1, 3).Select(i => Sample.Read(sample.Book, RandomScenario.For(sample.Files, sample.Seed + (ulong)i))!).ToList();
        Scenario[] all = [sample.Scenario, .. others, sample.Scenario];
        var fresh = Sample.Load(sample.Files)!;
        var expected = Said(Evaluation.Of(fresh, Sample.Read(fresh, sample.Said)!));

        // The lists of an evaluation are made when they are asked for: here after the last of them all.
        var evaluations = all.Select(scenario => Evaluation.Of(sample.Book, scenario)).ToList();
        evaluations.AddRange(all.AsParallel().WithDegreeOfParallelism(4).Select(scenario => Evaluation.Of(sample.Book, scenario)).ToList());
        foreach (var evaluation in evaluations.Where(e => ReferenceEquals(e.Scenario, sample.Scenario))) Assert.Equal(expected, Said(evaluation));
        return others.Count;

        static string Said(Evaluation evaluation) => string.Concat(
            new[] { Basis.Stated, Basis.Assumed }.Select(basis => EvaluationJson.Decision(evaluation, evaluation.Verdicts, basis, withTrace: true).ToString(Formatting.None)));
    });

    private static JToken Turned(JToken token, Chance chance) => token switch
    {
        JObject json => new JObject(chance.Shuffled(json.Properties()).Select(p => new JProperty(p.Name, Turned(p.Value, chance)))),
        // What a parameter names stands before it, and nothing else here rests on being read first.
        JArray list => new JArray(list.Select(item => Turned(item, chance))),
        _ => token,
    };

    private static void Shuffle(JArray list, Chance chance) => list.ReplaceAll(chance.Shuffled(list.ToList()));

    /// <summary>All that an evaluation says, as lines without an order.</summary>
    private static List<string> Unordered(Evaluation evaluation)
    {
        var canonical = JObject.Parse(System.Text.Encoding.UTF8.GetString(EvaluationJson.Canonical(evaluation)));
        var lines = canonical["verdicts"]!.Concat(canonical["derived"]!).Select(said => Sorted(said).ToString(Formatting.None)).ToList();
        lines.AddRange(Sample.Of(evaluation).SelectMany(a =>
            a.View.Findings.Select(f => $"{a.About} {f.Rule} {f.Strength.Token} {f.Truth} {f.Applies} {f.Waiver is not null}")));
        lines.AddRange(evaluation.Facts.Select(f => $"{f.Record} {f.Fact} {f.State} {f.Value?.ToString(Formatting.None)} {f.Reports.Length}"));
        lines.Sort(StringComparer.Ordinal);
        return lines;

        static JToken Sorted(JToken token) => token switch
        {
            JObject json => new JObject(json.Properties().Select(p => new JProperty(p.Name, Sorted(p.Value)))),
            JArray list => new JArray(list.Select(Sorted).OrderBy(item => item.ToString(Formatting.None), StringComparer.Ordinal)),
            _ => token,
        };
    }
}
