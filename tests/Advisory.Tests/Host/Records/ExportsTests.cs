using System.Globalization;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host.Records;

/// <summary>What leaves the ledger for other programs: PROV-JSON by the rules of its submission to the W3C, CSV by RFC 4180.</summary>
public sealed partial class ExportsTests : IDisposable
{
    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Scenario Launch(string name) => Books.Case(Books.Launch, name, "tests", "Advisory.Tests", "Books", "launch").Scenario;

    private static async Task<(Decision First, Decision Second)> Fill(DecisionLog log)
    {
        var first = (await log.Record(new(Books.Launch, Launch("L01"), "=ada+1") { ConfirmedBy = "cy" })).Decision;
        var second = (await log.Record(new(Books.Launch, Launch("L02"), "bo \"the\" officer, two\nlines"[..21]) { Supersedes = first.Id })).Decision;
        await log.Record(new(Books.Launch, Launch("L01"), "bo"));
        await log.Withdraw(first.Id, "a test", second.Id, "bo");
        return (first, second);
    }

    [Fact]
    public async Task Provenance_is_PROV_JSON_in_which_every_name_is_declared_and_every_relation_leads_to_something()
    {
        using var log = folder.Open();
        var (first, second) = await Fill(log);
        using var text = new StringWriter();
        ProvExport.Write(log, text, default);
        using var reader = new JsonTextReader(new StringReader(text.ToString())) { DateParseHandling = DateParseHandling.None };
        var prov = JObject.Load(reader, new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        Assert.Empty(ProvRules.Faults(prov));

        Assert.Equal(3, prov["entity"]!.Children<JProperty>().Count(e => e.Name.StartsWith("decision:", StringComparison.Ordinal)));
        Assert.Equal(2, prov["entity"]!.Children<JProperty>().Count(e => e.Name.StartsWith("scenario:", StringComparison.Ordinal)));
        var revision = Assert.Single(prov["wasDerivedFrom"]!.Children<JProperty>(), r => r.Value["prov:type"] is not null).Value;
        Assert.Equal(("decision:" + second.Id, "decision:" + first.Id), ((string)revision["prov:generatedEntity"]!, (string)revision["prov:usedEntity"]!));
        Assert.Equal("decision:" + first.Id, (string)Assert.Single(prov["wasInvalidatedBy"]!.Children<JProperty>()).Value["prov:entity"]!);
        Assert.Equal(["=ada+1", "advisory 1.2.3", "bo", "bo \"the\" officer, two", "cy"], prov["agent"]!.Children<JProperty>().Select(a => (string)a.Value["prov:label"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_rules_of_PROV_JSON_find_what_is_wrong()
    {
        Assert.Contains("unknown section `things`", ProvRules.Faults(JObject.Parse("""{"things":{}}""")));
        Assert.Contains("`a:b` has an undeclared prefix", ProvRules.Faults(JObject.Parse("""{"entity":{"a:b":{}}}""")));
        Assert.Contains("`_:1` in `used` lacks `prov:activity`", ProvRules.Faults(JObject.Parse("""{"used":{"_:1":{}}}""")));
        Assert.Contains("`_:1` in `used` leads to no `prov:entity` `x:1`", ProvRules.Faults(JObject.Parse("""{"prefix":{"x":"urn:x:"},"used":{"_:1":{"prov:activity":"x:2","prov:entity":"x:1"}}}""")));
        Assert.Contains("`prov:startTime` is no xsd:dateTime: `now`", ProvRules.Faults(JObject.Parse("""{"prefix":{"x":"urn:x:"},"activity":{"x:1":{"prov:startTime":"now"}}}""")));
    }

    [Fact]
    public async Task A_table_has_a_row_for_each_outcome_and_reads_back()
    {
        using var log = folder.Open();
        var (first, _) = await Fill(log);
        using var text = new StringWriter();
        TableExport.Write(log, text, default);
        var rows = Rows(text.ToString());
        Assert.All(rows, row => Assert.Equal(rows[0].Count, row.Count));
        var decisions = log.Search(new()).Items.Reverse().ToList();
        Assert.Equal(decisions.SelectMany(d => d.Outcomes.Select(o => (d.Id, o.Question, o.Mission, o.Record ?? "", o.Outcome, string.Join(' ', o.Deciding)))), rows.Skip(1).Select(r => (r[1], r[12], r[13], r[14], r[15], r[17])));
        Assert.Equal(("'=ada+1", "withdrawn"), (rows[1][3], rows[1][4]));
        Assert.Equal("bo \"the\" officer, two", rows.First(r => r[4] == "in force")[3]);
        Assert.Equal(first.Index.ToString(CultureInfo.InvariantCulture), rows[1][0]);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("  =1+1", "'  =1+1")]
    [InlineData("\t1", "'\t1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\uFF1D1+1", "'\uFF1D1+1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("P-US-1", "P-US-1")]
    [InlineData("", "")]
    public void No_cell_is_a_formula(string text, string cell) => Assert.Equal(cell, TableExport.Cell(text));

    [Fact]
    public async Task Json_Lines_verify_without_the_ledger()
    {
        using var log = folder.Open();
        await Fill(log);
        using var bytes = new MemoryStream();
        LedgerExport.Write(log.Ledger, null, bytes);
        bytes.Position = 0;
        var verified = LedgerExport.Verify(bytes, log.Ledger.Keys.Select(key => key.Key));
        Assert.Empty(verified.Faults);
        Assert.True(verified.IsComplete);
    }

    /// <summary>RFC 4180, by a reader that knows nothing of the writer.</summary>
    private static List<List<string>> Rows(string text)
    {
        var rows = new List<List<string>> { new() };
        foreach (Match field in Field().Matches(text))
        {
            var value = field.Groups[1].Value;
            rows[^1].Add(value.StartsWith('"') ? value[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : value);
            if (field.Groups[2].Value == "\r\n" && field.Index + field.Length < text.Length) rows.Add([]);
        }

        return rows;
    }

    [GeneratedRegex("(\"(?:[^\"]|\"\")*\"|[^\",\r\n]*)(,|\r\n)")]
    private static partial Regex Field();
}

/// <summary>The rules of PROV-JSON (W3C Member Submission, 24 April 2013) and of the relations of PROV-DM that are used here.</summary>
internal static partial class ProvRules
{
    private static readonly Dictionary<string, (string Name, string Section, bool Required)[]> Relations = new()
    {
        ["wasGeneratedBy"] = [("prov:entity", "entity", true), ("prov:activity", "activity", false)],
        ["used"] = [("prov:activity", "activity", true), ("prov:entity", "entity", false)],
        ["wasInvalidatedBy"] = [("prov:entity", "entity", true), ("prov:activity", "activity", false)],
        ["wasAssociatedWith"] = [("prov:activity", "activity", true), ("prov:agent", "agent", false), ("prov:plan", "entity", false)],
        ["wasAttributedTo"] = [("prov:entity", "entity", true), ("prov:agent", "agent", true)],
        ["wasDerivedFrom"] = [("prov:generatedEntity", "entity", true), ("prov:usedEntity", "entity", true), ("prov:activity", "activity", false)],
    };

    public static List<string> Faults(JObject document)
    {
        var faults = new List<string>();
        var prefixes = ((document["prefix"] as JObject)?.Properties().Select(p => p.Name) ?? []).Append("prov").Append("xsd").Append("_").ToHashSet();
        foreach (var prefix in (document["prefix"] as JObject)?.Properties() ?? [])
            if (!Uri.TryCreate((string?)prefix.Value, UriKind.Absolute, out _)) faults.Add($"prefix `{prefix.Name}` is no address");
        foreach (var section in document.Properties().Where(s => s.Name != "prefix"))
        {
            if (section.Name is not ("entity" or "activity" or "agent") && !Relations.ContainsKey(section.Name))
            {
                faults.Add($"unknown section `{section.Name}`");
                continue;
            }

            foreach (var record in ((JObject)section.Value).Properties())
            {
                Qualified(record.Name);
                foreach (var attribute in ((JObject)record.Value).Properties())
                {
                    Qualified(attribute.Name);
                    foreach (var value in attribute.Value is JArray many ? many.AsEnumerable() : [attribute.Value]) Value(attribute.Name, value);
                }

                if (!Relations.TryGetValue(section.Name, out var ends)) continue;
                foreach (var (name, of, required) in ends)
                {
                    if ((string?)record.Value[name] is not { } target)
                    {
                        if (required) faults.Add($"`{record.Name}` in `{section.Name}` lacks `{name}`");
                    }
                    else if (document[of]?[target] is null)
                    {
                        faults.Add($"`{record.Name}` in `{section.Name}` leads to no `{name}` `{target}`");
                    }
                }
            }
        }

        return faults;

        void Qualified(string name)
        {
            if (!QualifiedName().IsMatch(name)) faults.Add($"`{name}` is no qualified name");
            else if (!prefixes.Contains(name.Split(':')[0])) faults.Add($"`{name}` has an undeclared prefix");
        }

        void Value(string name, JToken value)
        {
            if (name is ("prov:startTime" or "prov:endTime" or "prov:time") && !DateTime().IsMatch((string)value!)) faults.Add($"`{name}` is no xsd:dateTime: `{value}`");
            if (value is JObject typed)
            {
                if (typed["$"]?.Type != JTokenType.String || typed["type"]?.Type != JTokenType.String || typed.Count != 2) faults.Add($"a value of `{name}` is not {{\"$\", \"type\"}}");
                else if ((string)typed["type"]! == "xsd:QName") Qualified((string)typed["$"]!);
                else Qualified((string)typed["type"]!);
            }
            else if (value.Type is not (JTokenType.String or JTokenType.Integer or JTokenType.Float or JTokenType.Boolean))
            {
                faults.Add($"a value of `{name}` is neither text, number nor truth");
            }
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]*:[A-Za-z0-9_.-]+$")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex DateTime();
}
