using System.Collections.Immutable;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Scenarios;

/// <summary>Reads scenarios and cases against a book; every fault is a problem, and a scenario with one is not evaluated.</summary>
internal sealed class ScenarioReader
{
    private const int MaxRecords = 500;
    private const int MaxReports = 50;
    private const int MaxWaivers = 200;
    private const int MaxTextLength = 4_000;

    private static readonly ImmutableArray<string> Confidences = ["low", "medium", "high"];

    private readonly RuleBook book;

    private ScenarioReader(RuleBook book) => this.book = book;

    public static Loaded<Scenario> Read(RuleBook book, InputFile file) => Loaded<Scenario>.From(problems =>
        Root(file, "scenario", problems) is not { } item ? null
        : item.At("scenario") is null ? new ScenarioReader(book).Situation(item)
        : Case(book, item)?.Scenario);

    public static Loaded<Case> ReadCase(RuleBook book, InputFile file) => Loaded<Case>.From(problems =>
        Root(file, "case", problems) is { } item ? Case(book, item) : null);

    private static JsonObject? Root(InputFile file, string what, List<Problem> problems) =>
        SourceFile.Open(file, Scenario.MaxBytes, problems) is { } source && JsonNode.Read(source) is { } root ? JsonObject.From(root, what) : null;

    private static Case? Case(RuleBook book, JsonObject item)
    {
        item.OptionalText("$schema");
        var name = item.Text("case") ?? "";
        var title = item.Optional("title") is { Kind: JsonKind.Object } local ? LocalText.Read(local, "title") : new(item.OptionalText("title") ?? name, item.OptionalText("title") ?? name);
        item.OptionalText("category");
        var scenario = item.Required("scenario") is { } node && JsonObject.From(node, "scenario") is { } inner ? new ScenarioReader(book).Situation(inner) : null;
        var read = scenario is null ? null : CaseReader.Read(book, item, name, title, scenario);
        item.NoOthers();
        return read;
    }

    private Scenario Situation(JsonObject item)
    {
        item.OptionalText("$schema");
        var asOf = item.OptionalDate("asOf");
        var basis = item.OptionalText("basis");
        if (basis is not (null or "stated" or "assumed")) item.At("basis")!.Problem("unknown-value", $"unknown basis `{JsonNode.Shorten(basis)}`", "`stated` or `assumed`");

        var readings = Readings(item);
        var scenario = new Scenario
        {
            Title = Short(item, "title"),
            AsOf = asOf,
            Basis = basis == "assumed" ? Basis.Assumed : Basis.Stated,
            Classification = Short(item, "classification"),
            Subject = Short(item, "subject"),
            Facts = Facts(item, asOf),
            Readings = readings,
            Records = Records(item, asOf),
            Waivers = Waivers(item, asOf, readings),
        };
        item.NoOthers();
        return scenario;
    }

    private ImmutableArray<StatedFact> Facts(JsonObject item, DateOnly? asOf)
    {
        if (item.Required("facts") is not { } node || JsonObject.From(node, "facts") is not { } all) return [];
        var facts = new List<StatedFact>(node.Members.Length);
        foreach (var member in all.All())
        {
            if (book.FactsByName.GetValueOrDefault(member.Name) is not { Role: not FactRole.Reading } fact)
            {
                node.Source.Add(member.Offset, "unknown-fact", $"unknown fact `{JsonNode.Shorten(member.Name)}`",
                    Suggestion.For(member.Name, book.Facts.Where(f => f.Role != FactRole.Reading).Select(f => f.Name))
                    ?? Alias(member.Name)
                    ?? (member.Name.StartsWith("reading.", StringComparison.Ordinal) ? "readings stand in `readings`" : null));
                continue;
            }

            if (Reports(fact, member.Value, asOf) is { } reports) facts.Add(new(fact, reports));
        }

        return InOrder(facts);
    }

    // A fact that stands twice is a problem already.
    private static ImmutableArray<StatedFact> InOrder(List<StatedFact> facts)
    {
        facts.Sort(static (one, other) => one.Fact.Slot.CompareTo(other.Fact.Slot));
        return [.. facts];
    }

    private string? Alias(string given) =>
        book.Facts.FirstOrDefault(f => f.Notes.Aliases.Contains(given, StringComparer.OrdinalIgnoreCase)) is { } fact ? $"did you mean `{fact}`?" : null;

    private static ImmutableArray<Report>? Reports(Fact fact, JsonNode node, DateOnly? asOf)
    {
        if (node.Kind != JsonKind.Object) return FactValue.Read(fact, node) is { } bare ? [new() { Value = bare.Json, Read = bare }] : null;
        if (JsonObject.From(node, fact.Name) is not { } item) return null;
        if (item.At("reports") is null) return Report(fact, item, node, asOf) is { } only ? [only] : null;

        var reports = new List<Report>();
        foreach (var report in item.List("reports"))
            if (JsonObject.From(report, "reports") is { } one && Report(fact, one, report, asOf) is { } read)
                reports.Add(read);
        if (item.List("reports") is { Length: 0 or > MaxReports } list) item.At("reports")!.Problem("too-many", FormattableString.Invariant($"`{fact}` has {list.Length} reports; from 1 to {MaxReports} are read"));
        item.NoOthers();
        return reports.Count == 0 ? null : [.. reports];
    }

    private static Report? Report(Fact fact, JsonObject item, JsonNode node, DateOnly? asOf)
    {
        var value = item.Optional("value");
        var probability = item.Optional("probability");
        if (value is null && probability is null) node.Problem("missing-member", $"the report of `{fact}` has no `value`", "leave an unknown fact out");
        var read = value is null ? null : FactValue.Read(fact, value);
        var validUntil = item.OptionalDate("validUntil");
        if (validUntil is not null && asOf is null) item.At("validUntil")!.Problem("missing-member", "`validUntil` needs the scenario's `asOf`");
        var confidence = item.OptionalText("confidence");
        if (confidence is not null && !Confidences.Contains(confidence)) item.At("confidence")!.Problem("unknown-value", $"unknown confidence `{JsonNode.Shorten(confidence)}`", "one of " + string.Join(", ", Confidences));

        var report = new Report
        {
            Value = read?.Json,
            Read = read,
            Source = Short(item, "source"),
            AsOf = item.OptionalDate("asOf"),
            ValidUntil = validUntil,
            By = Short(item, "by"),
            Confidence = confidence,
            Note = Short(item, "note"),
            Sensitive = item.OptionalBoolean("sensitive", false),
            Probability = probability is null ? null : Probability(fact, probability),
            IsExpired = validUntil < asOf,
        };
        item.NoOthers();
        return value is not null && read is null ? null : report;
    }

    private static JObject? Probability(Fact fact, JsonNode node)
    {
        if (JsonObject.From(node, "probability") is not { } item) return null;
        var values = fact.Type == FactType.Boolean ? ["true", "false"] : fact.Values;
        if (values.IsEmpty || fact.Type == FactType.List) node.Problem("type", $"`{fact}` has no declared values to give probabilities for");
        var (json, sum) = (new JObject(), 0m);
        foreach (var member in item.All())
        {
            if (!values.Contains(member.Name)) node.Source.Add(member.Offset, "unknown-value", $"`{fact}` has no value `{JsonNode.Shorten(member.Name)}`", Suggestion.For(member.Name, values));
            // As text too, since that is how a fraction stands in canonical form.
            var number = member.Value.Kind == JsonKind.Text ? JsonNode.ParseNumber(member.Value.Text) : member.Value.Kind == JsonKind.Number ? member.Value.Number : null;
            if (number is not (>= 0 and <= 1)) member.Value.Problem("out-of-range", "a probability is a number from 0 to 1");
            sum += number ?? 0;
            json[member.Name] = CanonicalJson.Number(number ?? 0);
        }

        if (sum != 1) node.Problem("out-of-range", $"the probabilities of `{fact}` add up to {FactValue.Plain(sum)}, not 1");
        return json;
    }

    private ImmutableArray<(Fact, string)> Readings(JsonObject item)
    {
        if (item.Optional("readings") is not { } node || JsonObject.From(node, "readings") is not { } all) return [];
        var readings = new List<(Fact Fact, string Option)>();
        foreach (var member in all.All())
        {
            if (book.FactsByName.GetValueOrDefault(member.Name) is not { Role: FactRole.Reading } reading)
            {
                node.Source.Add(member.Offset, "unknown-reading", $"unknown reading `{JsonNode.Shorten(member.Name)}`", Suggestion.For(member.Name, book.Facts.Where(f => f.Role == FactRole.Reading).Select(f => f.Name)));
            }
            else if (FactValue.Read(reading, member.Value) is { } value && (string)value.Json! != (string)reading.Default!.Value!)
            {
                readings.Add((reading, (string)value.Json!));
            }
        }

        return [.. readings.OrderBy(r => r.Fact.Slot)];
    }

    private ImmutableArray<ScenarioRecord> Records(JsonObject item, DateOnly? asOf)
    {
        if (item.Optional("records") is not { } node || JsonObject.From(node, "records") is not { } all) return [];
        var records = ImmutableArray.CreateBuilder<ScenarioRecord>();
        foreach (var member in all.All())
        {
            if (book.Records.FirstOrDefault(r => r.Name == member.Name) is not { } kind)
            {
                node.Source.Add(member.Offset, "unknown-member", $"unknown records `{JsonNode.Shorten(member.Name)}`", Suggestion.For(member.Name, book.Records.Select(r => r.Name)));
                continue;
            }

            if (member.Value.Kind != JsonKind.Array)
            {
                JsonObject.Wrong(member.Value, member.Name, "a list");
                continue;
            }

            if (member.Value.Items.Length > MaxRecords) member.Value.Problem("too-many", FormattableString.Invariant($"{member.Value.Items.Length} records; at most {MaxRecords} are read"));
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var row in member.Value.Items.Take(MaxRecords))
            {
                if (JsonObject.From(row, member.Name) is not { } record) continue;
                var key = record.Text(kind.Key);
                if (key is not null && !keys.Add(key)) record.At(kind.Key)!.Problem("duplicate-id", $"`{JsonNode.Shorten(key)}` is listed twice");

                var facts = new List<StatedFact>();
                foreach (var fact in record.All())
                {
                    var name = kind.Prefix + "." + fact.Name;
                    if (book.FactsByName.GetValueOrDefault(name) is not { } known)
                    {
                        row.Source.Add(fact.Offset, "unknown-fact", $"unknown fact `{JsonNode.Shorten(name)}`",
                            Suggestion.For(fact.Name, book.Facts.Where(f => f.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal)).Select(f => f.Name[(kind.Prefix.Length + 1)..])));
                    }
                    else if (Reports(known, fact.Value, asOf) is { } reports)
                    {
                        facts.Add(new(known, reports));
                    }
                }

                records.Add(new(kind, key ?? "", InOrder(facts)));
            }
        }

        return records.ToImmutable();
    }

    private ImmutableArray<Waiver> Waivers(JsonObject item, DateOnly? asOf, ImmutableArray<(Fact Reading, string Option)> readings)
    {
        var waivers = ImmutableArray.CreateBuilder<Waiver>();
        var nodes = item.OptionalList("waivers");
        if (nodes.Length > MaxWaivers) item.At("waivers")!.Problem("too-many", FormattableString.Invariant($"{nodes.Length} waivers; at most {MaxWaivers} are read"));
        foreach (var node in nodes.Take(MaxWaivers))
        {
            if (JsonObject.From(node, "waivers") is not { } given) continue;
            var name = given.Text("rule");
            var rule = name is null ? null : book.Rule(name);
            if (name is not null && rule is null) given.At("rule")!.Problem("unknown-rule", $"unknown rule `{JsonNode.Shorten(name)}`", Suggestion.For(name, book.RulesByName.Keys));
            if (rule is not null && (!rule.Waivable || rule.IsSignal || rule.StrengthByOption.All(s => s.IsDeciding))) given.At("rule")!.Problem("not-waivable", $"the rule `{rule}` cannot be waived");
            else if (rule?.StrengthReading is { } decides && rule.StrengthUnder(OptionOf(decides)).IsDeciding) given.At("rule")!.Problem("not-waivable", $"the rule `{rule}` is hard under `{decides}` = `{OptionOf(decides)}`, so it cannot be waived");

            var missions = Missions(given);
            var (reason, grounds, by) = (Given(given, "reason"), Given(given, "grounds"), Given(given, "by"));
            var until = given.Required("until") is null ? null : given.OptionalDate("until");
            if (until is not null && asOf is null) given.At("until")!.Problem("missing-member", "a waiver needs the scenario's `asOf`");
            if (until < asOf) given.At("until")!.Problem("expired-waiver", $"the waiver of `{JsonNode.Shorten(name ?? "")}` ended on {Dates.Format(until.Value)}, before {Dates.Format(asOf.Value)}");
            given.NoOthers();
            if (rule is not null && until is not null) waivers.Add(new(rule, missions, reason, grounds, by, until.Value));
        }

        return waivers.ToImmutable();

        string OptionOf(Fact reading) => readings.FirstOrDefault(r => ReferenceEquals(r.Reading, reading)).Option ?? (string)reading.Default!.Value!;

        ImmutableArray<string> Missions(JsonObject given)
        {
            if (given.Required("missions") is not { } node || node is { Kind: JsonKind.Text, Text: "all" }) return [];
            if (node.Kind != JsonKind.Array)
            {
                JsonObject.Wrong(node, "missions", "`all` or a list of missions");
                return [];
            }

            foreach (var mission in node.Items.Where(i => i.Kind != JsonKind.Text || !book.Missions.Any(m => m.Id == i.Text)))
                mission.Problem("unknown-mission", $"unknown mission `{JsonNode.Shorten(mission.Text)}`", Suggestion.For(mission.Text, book.Missions.Select(m => m.Id)));
            if (node.Items.Length == 0) node.Problem("missing-member", "a waiver is for at least one mission", "list missions, or write \"all\"");
            return [.. node.Items.Select(i => i.Text)];
        }

        static string Given(JsonObject given, string member)
        {
            given.Required(member);
            var text = Short(given, member);
            if (text is not null && string.IsNullOrWhiteSpace(text)) given.At(member)!.Problem("empty-text", $"`{member}` of a waiver is empty");
            return text ?? "";
        }
    }

    private static string? Short(JsonObject item, string member)
    {
        var text = item.OptionalText(member);
        if (text is null || text.Length <= MaxTextLength) return text;
        item.At(member)!.Problem("too-long", FormattableString.Invariant($"`{member}` has {text.Length} characters; at most {MaxTextLength} are read"));
        return null;
    }
}
