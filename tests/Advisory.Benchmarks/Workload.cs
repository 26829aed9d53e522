using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Benchmarks;

/// <summary>The books and scenarios that are measured; where they come from stands in <c>workload/README.md</c>.</summary>
internal static class Workload
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "workload");

    /// <summary>1,000 scenarios, all facts known.</summary>
    public static readonly byte[][] Complete = [.. File.ReadLines(Path.Combine(Folder, "scenarios.jsonl")).Select(Encoding.UTF8.GetBytes)];

    /// <summary>The same with one fact in ten left out, each by its place in the file, so that every run leaves out the same.</summary>
    public static readonly byte[][] Incomplete = [.. Complete.Select(WithoutOneInTen)];

    /// <summary>The outcome and the failed rules of each complete scenario, as other engines gave them.</summary>
    public static readonly (string Outcome, string[] Failed)[] Expected =
    [
        .. File.ReadLines(Path.Combine(Folder, "expected.jsonl")).Select(JObject.Parse).Select(e => ((string)e["outcome"]!, e["failed"]!.Values<string>().OfType<string>().ToArray())),
    ];

    /// <summary>The 40 rules, or that many: copies under other names with slightly other thresholds, so that no two are alike.</summary>
    public static InputFile[] Files(int rules)
    {
        var go = JObject.Parse(File.ReadAllText(Path.Combine(Folder, "book", "go.json")));
        var forty = (JArray)go["Rules"]!;
        go["Rules"] = new JArray(Enumerable.Range(0, rules).Select(i => Copy((JObject)forty[i % 40], i / 40)));
        return
        [
            .. new[] { "book.json", "vocabulary.json" }.Select(name => new InputFile(name, File.ReadAllBytes(Path.Combine(Folder, "book", name)))),
            new("go.json", Encoding.UTF8.GetBytes(go.ToString(Newtonsoft.Json.Formatting.None))),
        ];
    }

    public static RuleBook Book(int rules) => RuleBook.Load(Files(rules)).Value ?? throw new InvalidDataException("the workload's book does not load");

    public static InputFile[] UkraineFiles() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ukraine"), "*.json").Select(path => new InputFile(Path.GetFileName(path), File.ReadAllBytes(path)))];

    public static byte[][] UkraineScenarios() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "ukraine", "cases"), "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    public static Scenario[] Read(RuleBook book, IEnumerable<byte[]> scenarios) =>
        [.. scenarios.Select(bytes => Scenario.Read(book, new("scenario", bytes)).Value ?? throw new InvalidDataException("a scenario does not load"))];

    private static JObject Copy(JObject rule, int copy)
    {
        if (copy == 0) return rule;
        var other = (JObject)rule.DeepClone();
        other["RuleName"] = FormattableString.Invariant($"{rule["RuleName"]}-{copy}");
        // A threshold of three digits or more moves by up to 49; smaller ones would leave the range of their fact.
        other["Expression"] = System.Text.RegularExpressions.Regex.Replace(
            (string)rule["Expression"]!, @"(?<=[<>]= )\d{3,}", match => FormattableString.Invariant($"{int.Parse(match.Value, System.Globalization.CultureInfo.InvariantCulture) - copy % 50}"));
        return other;
    }

    private static byte[] WithoutOneInTen(byte[] scenario, int index)
    {
        var json = JObject.Parse(Encoding.UTF8.GetString(scenario));
        var facts = (JObject)json["facts"]!;
        foreach (var name in facts.Properties().Select((p, i) => (p.Name, i)).Where(p => (p.i * 7 + index) % 10 == 0).Select(p => p.Name).ToList()) facts.Remove(name);
        return Encoding.UTF8.GetBytes(json.ToString(Newtonsoft.Json.Formatting.None));
    }
}
