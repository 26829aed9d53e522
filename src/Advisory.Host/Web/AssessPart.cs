using System.Globalization;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>What a part of an assessment is about.</summary>
internal enum PartKind
{
    About,
    Facts,
    Records,
    Waivers,
    Readings,
}

/// <summary>One row of a table of records, cell by cell as typed.</summary>
internal sealed record RecordRow(string Key, IReadOnlyList<FactForm> Cells, string Source);

/// <summary>One waiver as typed.</summary>
internal sealed record WaiverFields(string Rule, IReadOnlyList<string> Missions, string Reason, string Grounds, string By, string Until, IReadOnlyList<Problem> Problems);

/// <summary>One part of an assessment that is edited on a page of its own: a group of facts, the records of a kind, the waivers.</summary>
/// <remarks>A save changes this part of the scenario and no other, so two people can work on different parts at once. Public since components are.</remarks>
public sealed class AssessPart
{
    private AssessPart(string id, PartKind kind) => (Id, Kind) = (id, kind);

    internal string Id { get; }

    internal PartKind Kind { get; }

    internal Titled? Group { get; private init; }

    internal Questionnaire? Questionnaire { get; private init; }

    internal QuestionnaireItem? Item { get; private init; }

    internal RecordKind? Records { get; private init; }

    /// <summary>The facts of the part, or of one record.</summary>
    internal IReadOnlyList<Fact> Facts { get; private init; } = [];

    internal IReadOnlyList<FactForm> Forms { get; private set; } = [];

    internal IReadOnlyList<RecordRow> Rows { get; private set; } = [];

    internal IReadOnlyList<WaiverFields> Waivers { get; private set; } = [];

    /// <summary>Texts of <see cref="PartKind.About"/>, and the readings by name.</summary>
    internal Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyList<Problem> Problems { get; private set; } = [];

    internal bool HasProblems => Problems.Count > 0 || Forms.Any(form => form.Problems.Count > 0) || Rows.Any(row => row.Cells.Any(cell => cell.Problems.Count > 0)) || Waivers.Any(waiver => waiver.Problems.Count > 0);

    /// <summary>Of this part as it was when the page was made: whether somebody else saved it meanwhile.</summary>
    internal string Digest { get; set; } = "";

    internal string Next { get; private set; } = "record";

    internal static readonly string[] AboutTexts = ["title", "subject", "asOf", "basis", "classification"];

    /// <summary>The parts of a book in order, by id; the items of questionnaires are not among them.</summary>
    internal static List<AssessPart> All(RuleBook book)
    {
        var parts = new List<AssessPart> { new("about", PartKind.About) };
        foreach (var group in book.Groups)
        {
            var facts = book.Facts.Where(fact => fact.Group == group.Id && IsAsked(book, fact)).ToList();
            if (facts.Count > 0) parts.Add(new("group/" + group.Id, PartKind.Facts) { Group = group, Facts = facts });
        }

        parts.AddRange(book.Records.Select(kind => new AssessPart("records/" + kind.Name, PartKind.Records)
        {
            Records = kind,
            Facts = [.. book.Facts.Where(fact => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal))],
        }));
        parts.Add(new("waivers", PartKind.Waivers));
        parts.Add(new("readings", PartKind.Readings) { Facts = [.. book.Facts.Where(fact => fact.Role == FactRole.Reading)] });
        for (var i = 0; i + 1 < parts.Count; i++) parts[i].Next = parts[i + 1].Id;
        return parts;
    }

    /// <summary>A part as the scenario has it; the first where there is none of this id.</summary>
    internal static AssessPart Of(RuleBook book, JObject scenario, string id)
    {
        var part = Blank(book, id);
        part.Digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(part.In(scenario).ToString(Formatting.None))))[..16];
        switch (part.Kind)
        {
            case PartKind.About:
                foreach (var name in AboutTexts) part.Texts[name] = (string?)scenario[name] ?? "";
                break;
            case PartKind.Facts:
                part.Forms = [.. part.Facts.Select(fact => FactForm.Of(fact, "f." + fact.Name, scenario["facts"]?[fact.Name]))];
                break;
            case PartKind.Records:
                var rows = (scenario["records"]?[part.Records!.Name] as JArray ?? []).OfType<JObject>().ToList();
                part.Rows = [.. rows.Select((row, i) => new RecordRow((string?)row[part.Records!.Key] ?? "", [.. part.Facts.Select(fact => FactForm.Of(fact, Cell(i, fact), row[part.Member(fact)]))], ""))];
                break;
            case PartKind.Waivers:
                part.Waivers = [.. (scenario["waivers"] as JArray ?? []).OfType<JObject>().Select(waiver => new WaiverFields(
                    Text(waiver, "rule"), waiver["missions"] is JArray some ? [.. some.Select(mission => (string)mission!)] : [], Text(waiver, "reason"), Text(waiver, "grounds"), Text(waiver, "by"), Text(waiver, "until"), []))];
                break;
            default:
                foreach (var reading in part.Facts) part.Texts[reading.Name] = (string?)scenario["readings"]?[reading.Name] ?? "";
                break;
        }

        return part;

        static string Text(JObject json, string name) => (string?)json[name] ?? "";
    }

    /// <summary>A part as it was sent, with what is wrong with it; and the scenario with that part in it.</summary>
    internal static (AssessPart Part, JObject Scenario) Take(RuleBook book, JObject scenario, string id, IFormCollection form)
    {
        var part = Blank(book, id);
        scenario = (JObject)scenario.DeepClone();
        var asOf = (string?)scenario["asOf"];
        switch (part.Kind)
        {
            case PartKind.About:
                foreach (var name in AboutTexts)
                {
                    part.Texts[name] = form[name].ToString().Trim();
                    if (part.Texts[name].Length > 0) scenario[name] = part.Texts[name];
                    else scenario.Remove(name);
                }

                part.Problems = Faults(book, new JObject(AboutTexts.Where(name => scenario[name] is not null).Select(name => new JProperty(name, scenario[name]!))) { ["facts"] = new JObject() });
                break;
            case PartKind.Facts:
                if (scenario["facts"] is not JObject facts) scenario["facts"] = facts = new();
                part.Forms = [.. part.Facts.Select(fact =>
                {
                    var (taken, stated) = FactForm.Take(book, fact, "f." + fact.Name, form, facts[fact.Name], asOf);
                    if (stated is null) facts.Remove(fact.Name);
                    else facts[fact.Name] = stated;
                    return taken;
                })];
                break;
            case PartKind.Records:
                part.TakeRecords(book, scenario, form, asOf);
                break;
            case PartKind.Waivers:
                part.TakeWaivers(book, scenario, form, asOf);
                break;
            default:
                var readings = new JObject();
                foreach (var reading in part.Facts)
                    if ((part.Texts[reading.Name] = form["reading." + reading.Name].ToString()).Length > 0)
                        readings[reading.Name] = part.Texts[reading.Name];
                if (readings.Count > 0) scenario["readings"] = readings;
                else scenario.Remove("readings");
                part.Problems = Faults(book, new() { ["facts"] = new JObject(), ["readings"] = readings });
                break;
        }

        return (part, scenario);
    }

    /// <summary>How many of its facts somebody reports.</summary>
    internal int Known(JObject scenario) => Kind switch
    {
        PartKind.Facts => Facts.Count(fact => scenario["facts"]?[fact.Name] is not null),
        PartKind.Records => (scenario["records"]?[Records!.Name] as JArray)?.Count ?? 0,
        PartKind.Waivers => (scenario["waivers"] as JArray)?.Count ?? 0,
        PartKind.Readings => (scenario["readings"] as JObject)?.Count ?? 0,
        _ => 0,
    };

    internal static string Cell(int row, Fact fact) => $"r.{row.ToString(CultureInfo.InvariantCulture)}.{fact.Name}";

    /// <summary>The part under which a fact is entered.</summary>
    internal static string Holding(RuleBook book, Fact fact) =>
        book.Records.FirstOrDefault(kind => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal)) is { } kind ? "records/" + kind.Name : "group/" + fact.Group;

    private string Member(Fact fact) => fact.Name[(Records!.Prefix.Length + 1)..];

    private void TakeRecords(RuleBook book, JObject scenario, IFormCollection form, string? asOf)
    {
        var (rows, json) = (new List<RecordRow>(), new JArray());
        var before = (scenario["records"]?[Records!.Name] as JArray ?? []).OfType<JObject>().ToList();
        for (var i = 0; i < 500 && form.ContainsKey(FormattableString.Invariant($"r.{i}.there")); i++)
        {
            var key = form[FormattableString.Invariant($"r.{i}.key")].ToString().Trim();
            if (key.Length == 0) continue;
            var (old, source) = (i < before.Count ? before[i] : [], form[FormattableString.Invariant($"r.{i}.source")].ToString().Trim());
            var (record, cells) = (new JObject { [Records!.Key] = key }, new List<FactForm>());
            foreach (var fact in Facts.Where(fact => Member(fact) != Records.Key))
            {
                var was = old[Member(fact)];
                var (cell, stated) = FactForm.Take(book, fact, Cell(i, fact), form, was, asOf);
                // A table has room for values; what else was reported of one stays with it as long as the value does.
                if (was is JObject && stated is not null && (was["reports"] is not null || JToken.DeepEquals(was["value"], stated))) stated = was.DeepClone();
                else if (stated is not null and not JObject && source.Length > 0 && !JToken.DeepEquals(was, stated)) stated = new JObject { ["value"] = stated, ["source"] = source };
                cells.Add(cell);
                if (stated is not null) record[Member(fact)] = stated;
            }

            rows.Add(new(key, cells, source));
            json.Add(record);
        }

        Rows = rows;
        if (scenario["records"] is not JObject records) scenario["records"] = records = new();
        if (json.Count > 0) records[Records!.Name] = json;
        else records.Remove(Records!.Name);
        if (records.Count == 0) scenario.Remove("records");
        if (rows.GroupBy(row => row.Key, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            Problems = [new(Records.Name, 1, 1, "duplicate-id", $"`{twice.Key}` is listed twice")];
    }

    private void TakeWaivers(RuleBook book, JObject scenario, IFormCollection form, string? asOf)
    {
        var (waivers, json) = (new List<WaiverFields>(), new JArray());
        for (var i = 0; i < 200 && form.ContainsKey(FormattableString.Invariant($"w.{i}.rule")); i++)
        {
            var rule = form[FormattableString.Invariant($"w.{i}.rule")].ToString();
            if (rule.Length == 0) continue;
            var missions = form[FormattableString.Invariant($"w.{i}.missions")].OfType<string>().ToList();
            var one = new JObject { ["rule"] = rule, ["missions"] = missions.Count == 0 ? "all" : new JArray(missions) };
            foreach (var name in (string[])["reason", "grounds", "by", "until"])
                one[name] = form[FormattableString.Invariant($"w.{i}.{name}")].ToString().Trim();
            var alone = new JObject { ["facts"] = new JObject(), ["waivers"] = new JArray(one.DeepClone()) };
            if (asOf is not null) alone["asOf"] = asOf;
            if (scenario["readings"] is { } readings) alone["readings"] = readings.DeepClone();
            waivers.Add(new(rule, missions, (string)one["reason"]!, (string)one["grounds"]!, (string)one["by"]!, (string)one["until"]!, Faults(book, alone)));
            json.Add(one);
        }

        Waivers = waivers;
        if (json.Count > 0) scenario["waivers"] = json;
        else scenario.Remove("waivers");
    }

    private static List<Problem> Faults(RuleBook book, JObject scenario) =>
        [.. Scenario.Read(book, new("scenario", Encoding.UTF8.GetBytes(scenario.ToString(Formatting.None)))).Problems.Where(problem => problem.Severity == Severity.Error)];

    /// <summary>What the scenario says about this part.</summary>
    private JToken In(JObject scenario) => Kind switch
    {
        PartKind.About => new JObject(AboutTexts.Select(name => new JProperty(name, (string?)scenario[name]))),
        PartKind.Facts => new JArray(Facts.Select(fact => scenario["facts"]?[fact.Name]?.DeepClone() ?? JValue.CreateNull())),
        PartKind.Records => scenario["records"]?[Records!.Name] ?? new JArray(),
        PartKind.Waivers => scenario["waivers"] ?? new JArray(),
        _ => scenario["readings"] ?? new JObject(),
    };

    private static AssessPart Blank(RuleBook book, string id)
    {
        foreach (var questionnaire in book.Questionnaires)
        {
            var items = questionnaire.Items;
            for (var i = 0; i < items.Length; i++)
            {
                if (id != AddressOf(questionnaire, items[i])) continue;
                return new(id, PartKind.Facts)
                {
                    Questionnaire = questionnaire,
                    Item = items[i],
                    Facts = [.. book.Facts.Where(fact => fact.Notes.Questionnaire.Contains(items[i].Number) && IsAsked(book, fact))],
                    Next = i + 1 < items.Length ? AddressOf(questionnaire, items[i + 1]) : "about",
                };
            }
        }

        var all = All(book);
        return all.FirstOrDefault(part => part.Id == id) ?? all[0];
    }

    internal static string AddressOf(Questionnaire questionnaire, QuestionnaireItem item) => FormattableString.Invariant($"questions/{questionnaire.Id}/{item.Number}");

    private static bool IsAsked(RuleBook book, Fact fact) =>
        fact.Role != FactRole.Reading && !book.Records.Any(kind => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal));
}

/// <summary>An assessment as a page shows it.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed class AssessModel
{
    internal AssessModel(Draft draft, RuleBook book, AssessPart part, IReadOnlyList<Problem> problems, Evaluation? evaluation, Evaluation? before, bool isOwn) =>
        (Draft, Book, Part, Problems, Evaluation, Before, IsOwn) = (draft, book, part, problems, evaluation, before, isOwn);

    internal Draft Draft { get; }

    internal RuleBook Book { get; }

    internal AssessPart Part { get; }

    internal IReadOnlyList<Problem> Problems { get; }

    /// <summary>Null while the scenario is at fault.</summary>
    internal Evaluation? Evaluation { get; }

    /// <summary>Of the scenario before the last change.</summary>
    internal Evaluation? Before { get; }

    internal bool IsOwn { get; }

    /// <summary>The verdicts that the last change turned.</summary>
    internal IEnumerable<(Verdict Was, Verdict Is)> Turned
    {
        get
        {
            if (Evaluation is null || Before is null) yield break;
            foreach (var now in Evaluation.Verdicts)
            {
                if (Before.Verdicts.FirstOrDefault(old => old.Question.Id == now.Question.Id && old.Mission == now.Mission && old.Record == now.Record) is { } was
                    && was.On(Before.Scenario.Basis).Outcome != now.On(Evaluation.Scenario.Basis).Outcome)
                    yield return (was, now);
            }
        }
    }
}

/// <summary>An assessment about to be recorded.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed class RecordModel
{
    internal RecordModel(Draft draft, Evaluation evaluation, string? confirmedBy, bool isOwn, int tried) =>
        (Draft, Evaluation, ConfirmedBy, IsOwn, Tried) = (draft, evaluation, confirmedBy, isOwn, tried);

    internal Draft Draft { get; }

    internal Evaluation Evaluation { get; }

    internal string? ConfirmedBy { get; }

    internal bool IsOwn { get; }

    internal int Tried { get; }
}

/// <summary>Somebody's drafts.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed class DraftList
{
    internal DraftList(IReadOnlyList<Draft> items) => Items = items;

    internal IReadOnlyList<Draft> Items { get; }
}
