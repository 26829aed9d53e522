using System.Globalization;

namespace Advisory.Tests.Laws;

using Json = Dictionary<string, object?>;
using Values = Dictionary<string, object?>;

/// <summary>What the reports about one fact come to (8.2), null where that leaves it unknown, and their canonical form (12.5).</summary>
internal sealed record NaiveStated(object? Value, object? Canonical);

/// <summary>What a verdict is about: a mission, a record with what it states, or neither.</summary>
internal sealed record NaiveSubject(string? Mission, string? Key, Dictionary<string, NaiveStated> Record)
{
    private static readonly Dictionary<string, NaiveStated> NoRecord = [];

    public static readonly NaiveSubject Neither = new(null, null, NoRecord);

    public static NaiveSubject Of(string mission) => new(mission, null, NoRecord);

    /// <summary>How results name it.</summary>
    public string MissionNamed => Mission ?? "any";
}

/// <summary>A valid scenario: sections 5, 8.2, 8.3 and 12.5 of the normative README.</summary>
internal sealed class NaiveScenario
{
    private readonly NaiveBook book;
    private readonly Json raw;

    public NaiveScenario(NaiveBook book, Json raw)
        : this(book, raw, book.Readings.ToDictionary(reading => reading.Name, reading => (string?)raw.Members("readings").Get(reading.Name) ?? reading.Default))
    {
    }

    private NaiveScenario(NaiveBook book, Json raw, Dictionary<string, string> options)
    {
        (this.book, this.raw, Options) = (book, raw, options);
        Facts = raw.Members("facts").ToDictionary(fact => fact.Key, fact => Stated(fact.Key, fact.Value));
        Records = raw.Members("records").Keys.ToDictionary(kind => kind, kind => raw.Members("records").Objects(kind).Select(record => ReadRecord(kind, record)).ToList());
        Waivers = [.. raw.Objects("waivers")];
    }

    public Dictionary<string, NaiveStated> Facts { get; }

    /// <summary>8.3.</summary>
    public Dictionary<string, string> Options { get; }

    public Dictionary<string, List<NaiveSubject>> Records { get; }

    public List<Json> Waivers { get; }

    public IEnumerable<string> ReadingsSetOtherwise => book.Readings.Where(reading => Options[reading.Name] != reading.Default).Select(reading => reading.Name);

    // What the interpreter has worked out already: once a subject is all the speed that it needs.
    public Dictionary<NaiveSubject, HashSet<string>> Contested { get; } = [];

    public Dictionary<(NaiveSubject Subject, bool IsAssumed), Values> Situations { get; } = [];

    /// <summary>The same with some readings at the book's default; itself if they are.</summary>
    public NaiveScenario AtDefault(HashSet<string> names)
    {
        if (!ReadingsSetOtherwise.Any(names.Contains)) return this;
        return new(book, raw, book.Readings.ToDictionary(reading => reading.Name, reading => names.Contains(reading.Name) ? reading.Default : Options[reading.Name]));
    }

    public bool Says(string fact, NaiveSubject subject) => Facts.ContainsKey(fact) || subject.Record.ContainsKey(fact);

    /// <summary>4.5, with a list in its order and a number as a number.</summary>
    public static object? Value(NaiveFact fact, object? given) => given switch
    {
        string text when fact.IsNumber => Number(text),
        List<object?> items => items.OrderBy(item => item as string ?? NaiveJson.Canonical(item), StringComparer.Ordinal).ToList(),
        _ => given,
    };

    /// <summary>12.5.</summary>
    public Json Canonical()
    {
        var canonical = new Json { ["basis"] = raw.Get("basis") ?? "stated", ["facts"] = CanonicalFacts(Facts, "") };
        foreach (var name in new[] { "title", "asOf", "classification", "subject" })
        {
            if (raw.Get(name) is { } given) canonical[name] = given;
        }
        var otherwise = ReadingsSetOtherwise.ToDictionary(name => name, name => (object?)Options[name]);
        if (otherwise.Count > 0) canonical["readings"] = otherwise;
        var records = Records.Where(kind => kind.Value.Count > 0).ToDictionary(
            kind => kind.Key, kind => (object?)kind.Value.ConvertAll<object?>(record => CanonicalFacts(record.Record, book.Kind(kind.Key).Prefix)));
        if (records.Count > 0) canonical["records"] = records;
        if (Waivers.Count > 0) canonical["waivers"] = Waivers.ConvertAll<object?>(waiver => waiver);
        return canonical;
    }

    private static Json CanonicalFacts(Dictionary<string, NaiveStated> facts, string prefix) =>
        facts.ToDictionary(fact => fact.Key[prefix.Length..], fact => fact.Value.Canonical);

    private NaiveSubject ReadRecord(string kind, Json record)
    {
        var (prefix, key) = book.Kind(kind);
        return new(null, record.Text(key), record.ToDictionary(fact => prefix + fact.Key, fact => Stated(prefix + fact.Key, fact.Value)));
    }

    /// <summary>5.2 and 8.2.</summary>
    private NaiveStated Stated(string fact, object? given)
    {
        IEnumerable<Json> reported = given switch
        {
            Json several when several.ContainsKey("reports") => several.Objects("reports"),
            Json report => [report],
            _ => [new() { ["value"] = given }],
        };
        var reports = reported.Select(report => Report(book.FactNamed[fact], report)).ToList();

        object? canonical = reports is [{ Count: 1 } bare] && bare.TryGetValue("value", out var only) ? only
            : reports is [var single] ? single
            : new Json { ["reports"] = reports.ConvertAll<object?>(report => report) };

        // Dates in ISO 8601 are in the order of their texts.
        var values = reports.Where(report => report.Get("validUntil") is not string until || string.CompareOrdinal(until, raw.Text("asOf")) >= 0)
            .Where(report => report.ContainsKey("value")).Select(report => report["value"]).ToList();
        var areSame = values.Select(NaiveJson.Canonical).Distinct().Count() == 1;
        return new(areSame ? values[0] : null, NaiveJson.WithNumbersOfResults(canonical));
    }

    private static Json Report(NaiveFact fact, Json given)
    {
        var report = new Json(given);
        if (report.TryGetValue("value", out var value)) report["value"] = Value(fact, value);
        if (report.Get("probability") is Json probable)
            report["probability"] = probable.ToDictionary(p => p.Key, p => p.Value is string text ? Number(text) : p.Value);
        if (!report.Flag("sensitive", false)) report.Remove("sensitive");
        return report;
    }

    private static decimal Number(string text) =>
        decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
}
