using System.Globalization;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>One report of a fact as it stands in a form: texts, as typed.</summary>
internal sealed record ReportFields
{
    public static readonly string[] Names = ["source", "asOf", "validUntil", "by", "confidence", "note"];

    /// <summary>One text; of a list one for each item; empty for unknown.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>The other texts, by <see cref="Names"/>.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    public bool IsSensitive { get; init; }

    /// <summary>Of a list: that it is known to have no items, which is not the same as unknown.</summary>
    public bool IsNone { get; init; }

    /// <summary>What a form cannot show: probabilities, and items of a list with parts. Kept as it is.</summary>
    public JObject? Kept { get; init; }

    public string Text(string name) => Texts.GetValueOrDefault(name, "");

    public bool HasValue => Values.Count > 0 || IsNone || Kept is not null;

    public bool HasDetails => IsSensitive || Texts.Values.Any(text => text.Length > 0);
}

/// <summary>A fact in a form: what is typed for it, and what is wrong with that.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed partial class FactForm
{
    private FactForm(Fact fact, string field, IReadOnlyList<ReportFields> reports, IReadOnlyList<Problem> problems) =>
        (Fact, Field, Reports, Problems) = (fact, field, reports, problems);

    internal Fact Fact { get; }

    /// <summary>How its fields begin.</summary>
    internal string Field { get; }

    /// <summary>At least one, which is empty for a fact that nobody reports.</summary>
    internal IReadOnlyList<ReportFields> Reports { get; }

    internal IReadOnlyList<Problem> Problems { get; }

    internal bool IsKnown => Reports.Any(report => report.HasValue);

    /// <summary>From a scenario.</summary>
    internal static FactForm Of(Fact fact, string field, JToken? stated) => new(fact, field, Split(stated) is { Count: > 0 } reports ? [.. reports.Select(Fields)] : [new()], []);

    /// <summary>From what was sent; also gives the fact as a scenario states it, null while nobody reports it.</summary>
    /// <param name="book">Says what is wrong with it.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="field">How its fields begin.</param>
    /// <param name="form">What was sent.</param>
    /// <param name="before">What the scenario stated until now.</param>
    /// <param name="asOf">The day as of which the scenario is judged.</param>
    internal static (FactForm Form, JToken? Stated) Take(RuleBook book, Fact fact, string field, IFormCollection form, JToken? before, string? asOf)
    {
        var old = Split(before);
        var reports = new List<ReportFields>();
        var json = new JArray();
        for (var i = 0; i < 50 && form.ContainsKey($"{field}.{i.ToString(CultureInfo.InvariantCulture)}.there"); i++)
        {
            var report = Sent(fact, $"{field}.{i.ToString(CultureInfo.InvariantCulture)}", form, i < old.Count ? Fields(old[i]).Kept : null);
            if (!report.HasValue && !report.HasDetails) continue;
            reports.Add(report);
            json.Add(Json(fact, report));
        }

        JToken? stated = json.Count switch { 0 => null, 1 => Plain((JObject)json[0]), _ => new JObject { ["reports"] = json } };
        List<Problem> problems = stated is null ? [] : Faults(book, fact, stated, asOf);
        if (reports.Any(report => report.IsNone && report.Values.Count > 0)) problems.Add(new(fact.Name, 1, 1, "none-and-some", "items are filled in, and so is that there are none"));
        return (new(fact, field, reports.Count == 0 ? [new()] : reports, problems), stated);
    }

    private static ReportFields Sent(Fact fact, string at, IFormCollection form, JObject? kept)
    {
        var values = form[at + ".value"].OfType<string>().Select(text => text.Trim());
        if (fact.Type == FactType.List && fact.Values.IsEmpty) values = values.SelectMany(text => text.Split('\n', StringSplitOptions.TrimEntries));
        return new()
        {
            Values = [.. values.Where(text => text.Length > 0).Distinct()],
            Texts = ReportFields.Names.ToDictionary(name => name, name => form[$"{at}.{name}"].ToString().Trim(), StringComparer.Ordinal),
            IsNone = fact.Type == FactType.List && form.ContainsKey(at + ".none"),
            IsSensitive = form.ContainsKey(at + ".sensitive"),
            Kept = form.ContainsKey(at + ".drop") ? null : kept,
        };
    }

    /// <summary>The reports of a fact as a scenario states it.</summary>
    private static List<JToken> Split(JToken? stated) => stated switch
    {
        null => [],
        JObject whole when whole["reports"] is JArray several => [.. several],
        _ => [stated],
    };

    private static ReportFields Fields(JToken report)
    {
        var parts = report as JObject ?? new JObject { ["value"] = report.DeepClone() };
        var value = parts["value"];
        var kept = new JObject();
        if (parts["probability"] is { } probability) kept["probability"] = probability.DeepClone();
        if (value is JArray items && items.OfType<JObject>().Any()) kept["items"] = new JArray(items.OfType<JObject>());
        return new()
        {
            Values = value switch { null => [], JArray list => [.. list.Where(item => item is not JObject).Select(Text)], _ => [Text(value)] },
            Texts = ReportFields.Names.ToDictionary(name => name, name => (string?)parts[name] ?? "", StringComparer.Ordinal),
            IsNone = value is JArray { Count: 0 },
            IsSensitive = (bool?)parts["sensitive"] ?? false,
            Kept = kept.Count == 0 ? null : kept,
        };
    }

    private static string Text(JToken value) => value.Type switch
    {
        JTokenType.Boolean => (bool)value ? "true" : "false",
        JTokenType.Float => ((decimal)value).ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static JObject Json(Fact fact, ReportFields report)
    {
        var json = new JObject();
        var items = report.Kept?["items"] as JArray;
        if (report.Values.Count > 0 || report.IsNone || items is not null)
            json["value"] = fact.Type == FactType.List ? new JArray(report.Values.Cast<object>().Concat(items?.Select(item => item.DeepClone()) ?? [])) : Value(fact, report.Values[0]);
        if (report.Kept?["probability"] is { } probability) json["probability"] = probability.DeepClone();
        foreach (var name in ReportFields.Names)
            if (report.Text(name) is { Length: > 0 } text)
                json[name] = text;
        if (report.IsSensitive) json["sensitive"] = true;
        return json;
    }

    // What is no value of the fact stays as it was typed, and the engine says what is wrong with it.
    private static JToken Value(Fact fact, string text)
    {
        if (fact.Type == FactType.Boolean) return text switch { "true" => true, "false" => false, _ => text };
        if (!fact.IsNumber) return text;
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        plain = fact.Type == FactType.Integer && Thousands().IsMatch(plain) ? plain.Replace(".", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)
            : plain.Contains(',') && !plain.Contains('.') ? plain.Replace(',', '.') : plain;
        if (plain.Length > 16 || !decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return text;
        return decimal.Truncate(number) == number && number is > long.MinValue and < long.MaxValue ? (long)number : number.ToString("0.###############", CultureInfo.InvariantCulture);
    }

    private static JToken Plain(JObject only) => only.Count == 1 && only["value"] is { } bare ? bare : only;

    private static List<Problem> Faults(RuleBook book, Fact fact, JToken stated, string? asOf)
    {
        var (facts, records) = (new JObject(), (JObject?)null);
        if (book.Records.FirstOrDefault(kind => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal)) is { } kind)
        {
            var record = new JObject { [kind.Key] = "x" };
            record[fact.Name[(kind.Prefix.Length + 1)..]] = stated.DeepClone();
            records = new() { [kind.Name] = new JArray(record) };
        }
        else
        {
            facts[fact.Name] = stated.DeepClone();
        }

        var json = new JObject { ["facts"] = facts };
        if (records is not null) json["records"] = records;
        if (!string.IsNullOrEmpty(asOf)) json["asOf"] = asOf;
        var read = Scenario.Read(book, new(fact.Name, System.Text.Encoding.UTF8.GetBytes(json.ToString(Newtonsoft.Json.Formatting.None))));
        return [.. read.Problems.Where(problem => problem.Severity == Severity.Error)];
    }

    [GeneratedRegex(@"^-?\d{1,3}([.,]\d{3})+$")]
    private static partial Regex Thousands();
}
