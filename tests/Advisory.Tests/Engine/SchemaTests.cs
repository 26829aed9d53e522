using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// The schemas of <c>rules/schema</c> say what the engine's readers do. Their examples together are one small book about a ferry, with a
/// scenario and a case, that has every member of every schema; most tests change something in it and ask both.
/// </summary>
public sealed class SchemaTests
{
    private static readonly string[] Names = ["book", "case", "readings", "ruleset", "scenario", "statements", "vocabulary"];

    private static readonly Dictionary<string, JsonSchema> Schemas =
        Names.ToDictionary(name => name, name => JsonSchema.Parse(File.ReadAllText(Repository.PathOf("rules", "schema", name + ".v1.json"))));

    // The files of the example book, and the two that are read against it.
    private static readonly Dictionary<string, (string Schema, JToken Content)> Documents = Names
        .SelectMany(name => Schemas[name].Root["examples"]!.Select(example => (Schema: name, Content: example)))
        .ToDictionary(d => d.Schema == "ruleset" ? (string)d.Content["WorkflowName"]! : d.Schema);

    private static readonly Dictionary<string, byte[]> Unchanged = Documents.ToDictionary(d => d.Key, d => Bytes(d.Value.Content));

    private static readonly Lazy<RuleBook> Ferry = new(() =>
    {
        var loaded = RuleBook.Load(BookFiles("book", Documents["book"].Content));
        Assert.True(loaded.Value is not null, string.Join('\n', loaded.Problems));
        return loaded.Value;
    });

    public static TheoryData<string> SchemaNames => [.. Names];

    public static TheoryData<string> DocumentNames => [.. Documents.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> ShippedFiles =>
        [.. Directory.EnumerateFiles(Repository.PathOf("rules"), "*.json", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("rules/schema/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void Every_shipped_file_names_its_schema_and_is_valid_under_it(string file)
    {
        var content = JsonSchema.ParseJson(File.ReadAllText(Repository.PathOf(file)));

        var named = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, (string)content["$schema"]!));
        var kind = Path.GetFileName(file) is var name && file.Contains("/cases/", StringComparison.Ordinal) ? "case"
            : name is "book.json" or "vocabulary.json" or "readings.json" or "statements.json" ? name[..^".json".Length]
            : "ruleset";

        Assert.Equal(Repository.PathOf("rules", "schema", kind + ".v1.json"), named);
        Assert.Empty(Schemas[kind].Faults(content));
    }

    [Theory]
    [MemberData(nameof(ShippedFiles))]
    public void An_editor_that_goes_by_file_names_picks_the_schema_that_the_file_itself_names(string file)
    {
        var settings = JsonSchema.ParseJson(File.ReadAllText(Repository.PathOf(".vscode", "settings.json")));
        var own = (string)JsonSchema.ParseJson(File.ReadAllText(Repository.PathOf(file)))["$schema"]!;

        // A file belongs to an association when the last of its patterns that fits is not one that excludes (`!`).
        var picked = settings["json.schemas"]!
            .Where(a => a["fileMatch"]!.Select(p => (string)p!).LastOrDefault(p => Fits(p.TrimStart('!'))) is { } last && last[0] != '!')
            .Select(a => (string)a["url"]!);

        Assert.Equal(["./rules/schema/" + own.Split('/')[^1]], picked);

        bool Fits(string pattern) => Regex.IsMatch("/" + file, "^" + Regex.Escape(pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal) + "\\z");
    }

    [Theory]
    [MemberData(nameof(SchemaNames))]
    public void A_schema_has_the_head_and_the_layout_of_its_kind(string name)
    {
        var file = Repository.PathOf("rules", "schema", name + ".v1.json");
        var root = Schemas[name].Root;

        Assert.Equal("http://json-schema.org/draft-07/schema#", (string?)root["$schema"]);
        Assert.Equal($"https://advisory.example/schema/{name}.v1.json", (string?)root["$id"]);
        Assert.NotEmpty((string)root["title"]!);
        Assert.Equal(File.ReadAllText(file), BookFormat.Layout(new(Path.GetFileName(file), File.ReadAllBytes(file))).Value);
    }

    [Theory]
    [MemberData(nameof(SchemaNames))]
    public void Every_member_is_described_once_where_an_editor_shows_it(string name)
    {
        var schema = Schemas[name];
        foreach (var (at, part) in schema.Parts.Where(p => IsMember(p.Key) && p.Value is JObject))
        {
            // Beside a reference the definition has no description: the editor would show that one and not the member's own.
            var descriptions = new[] { part, schema.Resolve(part) }.Distinct().Select(p => (string?)p["description"]).OfType<string>().ToList();
            Assert.True(descriptions.Count == 1, $"{at}: {descriptions.Count} descriptions");
            Assert.All(descriptions, d => Assert.Matches("^[A-Z`].*[.?]\\z", d));
        }

        foreach (var (at, part) in schema.Parts.Where(p => p.Value is JObject part && part.ContainsKey("enumDescriptions")))
            Assert.True(part["enum"]!.Count() == part["enumDescriptions"]!.Count(), at);
    }

    [Fact]
    public void Schemas_use_each_supported_keyword_and_every_definition_and_mean_the_same_by_its_name()
    {
        var used = Schemas.Values.SelectMany(s => s.Parts.Values).OfType<JObject>().SelectMany(part => part.Properties()).Select(p => p.Name);
        Assert.Equal(JsonSchema.Assertions.Concat(JsonSchema.Annotations).Order(StringComparer.Ordinal), used.Distinct().Order(StringComparer.Ordinal));

        foreach (var (name, schema) in Schemas)
        {
            var references = schema.Parts.Values.OfType<JObject>().Select(part => (string?)part["$ref"]).OfType<string>().ToHashSet();
            Assert.Equal(((JObject)schema.Root["definitions"]!).Properties().Select(d => "#/definitions/" + d.Name).Except(references), []);
            foreach (var (other, theirs) in Schemas)
                foreach (var (definition, part) in (JObject)schema.Root["definitions"]!)
                    if (theirs.Root["definitions"]![definition] is { } same)
                        Assert.True(JToken.DeepEquals(part, same), $"`{definition}` of {name} and {other} differ");
        }

        // A case holds a scenario, and files do not refer to each other.
        var (scenario, inCase) = (Schemas["scenario"].Root, (JObject)Schemas["case"].Root["definitions"]!["scenario"]!);
        foreach (var (keyword, says) in inCase) Assert.True(JToken.DeepEquals(says, scenario[keyword]), keyword);
    }

    [Theory]
    [MemberData(nameof(SchemaNames))]
    public void Every_example_default_and_snippet_is_valid_where_it_stands(string name)
    {
        var schema = Schemas[name];
        foreach (var (at, part) in schema.Parts.Where(p => p.Value is JObject))
        {
            foreach (var example in part["examples"] ?? new JArray()) Valid(example, part, at);
            if (part["default"] is { } otherwise) Valid(otherwise, part, at);
            foreach (var snippet in part["defaultSnippets"] ?? new JArray())
            {
                Assert.Equal(["label", "description", "body"], ((JObject)snippet).Properties().Select(p => p.Name));
                Valid(Typed(snippet["body"]!), part, $"{at} {snippet["label"]}");
            }
        }

        void Valid(JToken value, JToken part, string where)
        {
            var faults = schema.Faults(value, part);
            Assert.True(faults.Count == 0, $"{where}: {string.Join('\n', faults)}");
        }
    }

    [Theory]
    [InlineData("ruleset", "/definitions/rule")]
    [InlineData("vocabulary", "/definitions/aFact")]
    [InlineData("case", "")]
    public void A_new_rule_a_new_fact_and_a_new_case_come_from_a_snippet(string name, string at) =>
        Assert.NotEmpty(Schemas[name].Parts[at]["defaultSnippets"]!);

    [Fact]
    public void The_examples_together_are_a_book_and_its_case_holds()
    {
        var (file, content) = ("case.json", Bytes(Documents["case"].Content));
        var read = Case.Read(Ferry.Value, new(file, content));

        Assert.Empty(read.Problems);
        Assert.Empty(read.Value!.Differences(Evaluation.Of(Ferry.Value, read.Value.Scenario)));
        Assert.Empty(Problems("scenario", Documents["scenario"].Content));
        Assert.All(Problems("book", Documents["book"].Content), p => Assert.Equal(("error-message", Severity.Warning), (p.Code, p.Severity)));
    }

    [Theory]
    [MemberData(nameof(SchemaNames))]
    public void The_examples_have_every_member_that_the_schema_names(string name)
    {
        var (schema, shapes) = (Schemas[name], new SchemaShapes());
        foreach (var (_, content) in Documents.Values.Where(d => d.Schema == name)) Assert.Empty(schema.Faults(content, shapes));

        Assert.Equal([], schema.Parts.Where(p => IsMember(p.Key) && p.Value is JObject && !shapes.Met.Contains(p.Value)).Select(p => p.Key));
    }

    /// <summary>
    /// Every word that stands in the source of the readers or names a member in some schema is put into every object of the example
    /// book: the engine calls it unknown exactly where the schema does.
    /// </summary>
    [Theory]
    [MemberData(nameof(DocumentNames))]
    public void The_schema_names_exactly_the_members_that_the_reader_asks_for(string document)
    {
        var (name, content) = Documents[document];
        var shapes = new SchemaShapes();
        Assert.Empty(Schemas[name].Faults(content, shapes));
        var compared = 0;

        foreach (var (at, named) in shapes.Closed.Where(c => !IsTakenOnTrust(document, c.Key)).DistinctBy(c => Kind(c.Key, shapes)))
        {
            // A few at a time, since a file that is wrong all over is not read to its end.
            foreach (var added in Words.Except(Members(content, at)).Where(word => !ChangesTheKind(at, word, named)).Chunk(100)) Compare(at, named, added);
        }

        Assert.True(compared > 100);

        void Compare(string at, HashSet<string> named, string[] added)
        {
            var with = content.DeepClone();
            foreach (var word in added) ((JObject)JsonPointer.At(with, at))[word] = JValue.CreateNull();

            var lines = with.ToString(Formatting.Indented).ReplaceLineEndings("\n").Split('\n');
            var problems = Problems(document, with).Where(p => p.File == document + ".json" && p.Severity == Severity.Error)
                .ToLookup(p => lines[p.Line - 1].Trim().TrimEnd(','));
            foreach (var word in added)
            {
                var found = problems[$"\"{word}\": null"].ToList();
                var isUnknown = found.Any(p => p.Code is "unknown-member" or "unknown-strength" or "not-supported");
                var isRefused = shapes.Refused.GetValueOrDefault(at)?.Contains(word) == true;
                if (!named.Contains(word)) Assert.True(isUnknown, $"{at}: the schema does not name `{word}`, and the engine reads it");
                else if (isRefused) Assert.True(found.Count > 0, $"{at}: the schema refuses `{word}`, and the engine reads it");
                else Assert.False(isUnknown, $"{at}: the schema names `{word}`, and the engine does not know it");
                compared++;
            }
        }

        // The engine does not look inside; see `kind`, `language`, `date` and `remark` of a document.
        static bool IsTakenOnTrust(string document, string at) => document == "book" && at == "/documents/0/remark";

        // These two say what kind of object it is, so that with them it is another: `A_report_with_reports_...` below.
        static bool ChangesTheKind(string at, string word, HashSet<string> named) =>
            word == "scenario" && at.Length == 0 || word == "reports" && named.Contains("probability");
    }

    [Fact]
    public void A_report_with_reports_is_neither_a_report_nor_a_list_of_them()
    {
        var both = JsonPointer.With(Documents["scenario"].Content, "/facts/weather.visibility/value", "fog");

        Assert.Equal(["anyOf"], Schemas["scenario"].Faults(both).Select(f => f.Keyword));
        Assert.Equal(["unknown-member"], Problems("scenario", both).Select(p => p.Code));
    }

    [Theory]
    [MemberData(nameof(DocumentNames))]
    public void What_the_schema_requires_the_reader_misses_and_nothing_else(string document)
    {
        var (name, content) = Documents[document];
        var shapes = new SchemaShapes();
        Assert.Empty(Schemas[name].Faults(content, shapes));

        var members = shapes.Closed.SelectMany(c => Members(content, c.Key).Where(c.Value.Contains).Select(member => (At: c.Key, Name: member)));
        foreach (var (at, member) in members.DistinctBy(m => m.Name is "en" or "nl" ? m.Name : Kind(m.At, shapes) + " " + m.Name))
        {
            var without = JsonPointer.With(content, $"{at}/{member}", null);
            var isRefused = Schemas[name].Faults(without).Count > 0;
            var problems = Problems(document, without).Where(p => p.Severity == Severity.Error).ToList();
            if (isRefused) Assert.True(problems.Count > 0, $"{at}: the schema requires `{member}`, and the engine does not");
            else Assert.DoesNotContain(problems, p => p.Code == "missing-member" && p.File == document + ".json" && !FollowsFromTheStrengths(member));
        }

        // Whether a rule needs an event depends on what its rule set says of its strength.
        static bool FollowsFromTheStrengths(string member) => member == "SuccessEvent";
    }

    /// <summary>A change to an example, the keyword of the schema that refuses it, and whether the engine does not look at this itself.</summary>
    public static TheoryData<string, string, string?, string, bool> Mistakes => new()
    {
        { "book", "/colour", "\"red\"", "additionalProperties", false },
        { "book", "/missions/0/titel", "{}", "additionalProperties", false },
        { "book", "/version", "1.0", "type", false },
        { "book", "/questions/0/perMission", "\"yes\"", "type", false },
        { "book", "/missions", "{}", "type", false },
        { "book", "/owner", null, "required", false },
        { "book", "/title/nl", null, "required", false },
        { "book", "/outcomes/NOT_ASSESSED", null, "required", false },
        { "book", "/records/crew/key", null, "required", false },
        { "book", "/name", "\"The Ferry\"", "pattern", false },
        { "book", "/name", "\"ferry\\n\"", "pattern", false },
        { "book", "/missions/1/id", "\"night-crossing\"", "pattern", false },
        { "book", "/missions/1/id", "\"any\"", "not", false },
        { "book", "/questions/1/id", "\"vocabulary\"", "not", false },
        { "book", "/title/en", "\" \"", "pattern", false },
        { "book", "/figures/0/rows/0/where/Ferry.Seats", "200", "pattern", false },
        { "book", "/documents/0/date", "\"January 2026\"", "pattern", true },
        { "book", "/documents/0/language", "5", "type", true },
        { "book", "/questionnaires/0/items/0/number", "1.5", "type", false },
        { "book", "/questionnaires/0/items/0/number", "99999999999", "maximum", false },

        { "vocabulary", "/facts/1/colour", "\"red\"", "additionalProperties", false },
        { "vocabulary", "/facts/1/aliases", "\"wind\"", "type", false },
        { "vocabulary", "/facts/1/min", "\"0\"", "type", false },
        { "vocabulary", "/facts/1/label", null, "required", false },
        { "vocabulary", "/facts/1/unit", null, "required", false },
        { "vocabulary", "/facts/1/max", null, "required", false },
        { "vocabulary", "/facts/7/step", null, "required", false },
        { "vocabulary", "/facts/2/values", null, "required", false },
        { "vocabulary", "/facts/6/derive", null, "required", false },
        { "vocabulary", "/facts/2/assumption/statement", null, "required", false },
        { "vocabulary", "/facts/1/type", "\"number\"", "enum", false },
        { "vocabulary", "/facts/1/role", "\"reading\"", "enum", false },
        { "vocabulary", "/facts/1/influence", "\"enemy\"", "enum", false },
        { "vocabulary", "/facts/6/type", "\"list\"", "enum", false },
        { "vocabulary", "/facts/1/name", "\"wind\"", "pattern", false },
        { "vocabulary", "/facts/1/name", "\"weather.Wind\"", "pattern", false },
        { "vocabulary", "/facts/1/name", "\"reading.wind\"", "pattern", false },
        { "vocabulary", "/facts/1/step", "0", "exclusiveMinimum", false },
        { "vocabulary", "/facts/1/step", "0.5", "type", false },
        { "vocabulary", "/facts/2/values", "[\"good\"]", "minItems", false },
        { "vocabulary", "/facts/10/values", "[\"raft\", \"raft\"]", "uniqueItems", false },
        { "vocabulary", "/facts/3/values", "[\"yes\", \"no\"]", "maxItems", false },
        { "vocabulary", "/facts/3/valueLabels", "{ \"yes\": { \"en\": \"Yes\", \"nl\": \"Ja\" } }", "maxProperties", false },
        { "vocabulary", "/facts/3/unit", "\"km\"", "false", false },
        { "vocabulary", "/facts/3/default", "{ \"value\": true }", "false", false },
        { "vocabulary", "/facts/3/derive", "\"ferry.lights == true\"", "false", false },
        { "vocabulary", "/facts/12/assumption", "{ \"value\": \"Jansen\", \"statement\": \"M.1\" }", "false", false },
        { "vocabulary", "/facts/4/assumption", "{ \"value\": 100, \"statement\": \"M.3\" }", "false", false },

        { "readings", "/colour", "\"red\"", "additionalProperties", false },
        { "readings", "/readings/0/options/0/text", "\"Mean\"", "additionalProperties", false },
        { "readings", "/readings/0/default", "1", "type", false },
        { "readings", "/readings/0/why", null, "required", false },
        { "readings", "/readings/0/options/1/label", null, "required", false },
        { "readings", "/readings/0/name", "\"wind_limit\"", "pattern", false },
        { "readings", "/readings/0/name", "\"reading.Wind\"", "pattern", false },
        { "readings", "/readings/0/options/1", null, "minItems", false },

        { "statements", "/colour", "\"red\"", "additionalProperties", false },
        { "statements", "/statements/0/lines2", "[1]", "additionalProperties", false },
        { "statements", "/statements/0/rules", "\"S-WIND\"", "type", false },
        { "statements", "/statements/0/section", "\"Sailing\"", "type", false },
        { "statements", "/statements/0/document", null, "required", false },
        { "statements", "/statements/0/sha256", null, "required", false },
        { "statements", "/statements/3/none/why", null, "required", false },
        { "statements", "/statements/3/none/reason", "\"boring\"", "enum", false },
        { "statements", "/statements/0/text/en", "\"\"", "pattern", false },
        { "statements", "/statements/0/sha256", "\"ABC\"", "pattern", true },
        { "statements", "/statements/0/lines/0", "\"2\"", "type", false },
        { "statements", "/statements/0/lines/0", "0", "minimum", false },
        { "statements", "/statements/0/lines/1", null, "minItems", true },

        { "sailing", "/colour", "\"red\"", "additionalProperties", false },
        { "sailing", "/Rules/0/Properties/Stregnth", "\"hard\"", "additionalProperties", false },
        { "sailing", "/Rules/0/Actions", "{}", "additionalProperties", false },
        { "sailing", "/Rules/3/Rules/0/SuccessEvent", "\"warning\"", "additionalProperties", false },
        { "sailing", "/Strengths/soft", "{}", "additionalProperties", false },
        { "sailing", "/Strengths/hard/maybe", "\"GO\"", "additionalProperties", false },
        { "sailing", "/Outcomes", "\"GO\"", "type", false },
        { "sailing", "/When", "true", "type", false },
        { "sailing", "/Rules/0/Expression", "true", "type", false },
        { "sailing", "/WorkflowName", null, "required", false },
        { "sailing", "/Strengths", null, "dependencies", false },
        { "sailing", "/Outcomes", null, "dependencies", false },
        { "sailing", "/Rules/0/RuleName", null, "required", false },
        { "sailing", "/Rules/0/Expression", null, "required", false },
        { "sailing", "/Rules/0/Properties/Statements", null, "required", false },
        { "sailing", "/Rules/1/Properties/Strength", "\"soft\"", "anyOf", false },
        { "sailing", "/Rules/0/Properties/Strength/gust", "\"soft\"", "anyOf", false },
        { "sailing", "/Rules/3/Operator", "\"Xor\"", "enum", false },
        { "sailing", "/Rules/1/RuleExpressionType", "\"Lambda\"", "enum", false },
        { "sailing", "/RuleExpressionType", "1", "const", false },
        { "sailing", "/Rules/0/RuleName", "\"wind is low\"", "pattern", false },
        { "sailing", "/GlobalParams/0/Name", "\"weather.strong\"", "pattern", false },
        { "sailing", "/Rules/0/Properties/Missions/0", "\"All\"", "pattern", false },
        { "sailing", "/Rules/2/Properties/ReviewBy", "\"2027-13-01\"", "pattern", false },
        { "sailing", "/Rules/4/SuccessEvent", "\"fallback\"", "anyOf", false },
        { "sailing", "/Rules/3/Expression", "\"ferry.lights == true\"", "false", false },
        { "sailing", "/Rules/3/Rules", "[]", "minItems", false },
        { "sailing", "/Rules/0/Rules", "[{ \"RuleName\": \"X\", \"Expression\": \"ferry.lights == true\" }]", "maxItems", false },
        { "sailing", "/Outcomes/0", "\"NOT_ASSESSED\"", "not", false },
        { "sailing", "/Outcomes/1", "\"NO_GO\"", "uniqueItems", false },
        { "weather", "/Rules", "[]", "anyOf", false },

        { "scenario", "/colour", "\"red\"", "additionalProperties", false },
        { "scenario", "/waivers/0/colour", "\"red\"", "additionalProperties", false },
        { "scenario", "/facts/weather.wind_kn/colour", "\"red\"", "anyOf", false },
        { "scenario", "/facts/weather.wind_kn", "null", "anyOf", false },
        { "scenario", "/facts/weather.wind_kn/sensitive", "\"no\"", "anyOf", false },
        { "scenario", "/facts/weather.wind_kn/value", null, "anyOf", false },
        { "scenario", "/facts/weather.visibility/reports", "[]", "anyOf", false },
        { "scenario", "/facts/ferry.lights/probability/true", "1.5", "anyOf", false },
        { "scenario", "/facts/ferry.equipment", "[\"raft\", \"raft\"]", "anyOf", false },
        { "scenario", "/facts", "[]", "type", false },
        { "scenario", "/title", "{ \"en\": \"Fog\", \"nl\": \"Mist\" }", "type", false },
        { "scenario", "/facts", null, "required", false },
        { "scenario", "/asOf", null, "required", false },
        { "scenario", "/waivers/0/grounds", null, "required", false },
        { "scenario", "/basis", "\"derived\"", "enum", false },
        { "scenario", "/facts/weather.wind_kn/confidence", "\"certain\"", "anyOf", false },
        { "scenario", "/asOf", "\"1 May 2026\"", "pattern", false },
        { "scenario", "/facts/Wind", "25", "pattern", false },
        { "scenario", "/facts/reading.wind_limit", "\"gust\"", "pattern", false },
        { "scenario", "/records/crew/0/Licensed", "true", "pattern", false },
        { "scenario", "/waivers/0/reason", "\"\"", "pattern", false },
        { "scenario", "/waivers/0/missions", "\"any\"", "anyOf", false },

        { "case", "/colour", "\"red\"", "additionalProperties", false },
        { "case", "/scenario/colour", "\"red\"", "additionalProperties", false },
        { "case", "/expect/sailing/day/waivd", "[]", "additionalProperties", false },
        { "case", "/category", "1", "type", false },
        { "case", "/expect/sailing/day/deciding", "\"W-FOG\"", "type", false },
        { "case", "/room", "1", "anyOf", false },
        { "case", "/title/en", null, "anyOf", false },
        { "case", "/case", null, "required", false },
        { "case", "/scenario", null, "required", false },
        { "case", "/expect/sailing/day/outcome", null, "required", false },
        { "case", "/scenario/basis", "\"derived\"", "enum", false },
        { "case", "/scenario/waivers/0/until", "\"soon\"", "pattern", false },
        { "case", "/expectFallback/night", "\"By day\"", "pattern", false },
        { "case", "/expectDerived/day/ferry.seats_free", "{}", "anyOf", false },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_by_the_schema_and_by_the_engine(string document, string at, string? value, string keyword, bool isTakenOnTrust)
    {
        var (name, content) = Documents[document];
        var changed = JsonPointer.With(content, at, value is null ? null : JsonSchema.ParseJson(value));

        Assert.Contains(keyword, Schemas[name].Faults(changed).Select(f => f.Keyword));
        if (!isTakenOnTrust) Assert.Contains(Problems(document, changed), p => p.Severity == Severity.Error);
    }

    [Fact]
    public void Every_schema_refuses_five_mistakes_and_more()
    {
        foreach (var name in Names)
            Assert.True(Mistakes.Select(m => Documents[(string)m[0]].Schema).Count(schema => schema == name) >= 8, name);
    }

    /// <summary>The words that the engine itself offers when it meets another one are those of the schema.</summary>
    [Theory]
    [InlineData("vocabulary", "/facts/1/type", "/definitions/aFact/properties/type")]
    [InlineData("vocabulary", "/facts/1/role", "/definitions/aFact/properties/role")]
    [InlineData("vocabulary", "/facts/1/influence", "/definitions/aFact/properties/influence")]
    [InlineData("statements", "/statements/3/none/reason", "/definitions/unencoded/properties/reason")]
    [InlineData("sailing", "/Rules/3/Operator", "/definitions/rule/properties/Operator")]
    [InlineData("sailing", "/Rules/3/Rules/1/Operator", "/definitions/nestedRule/properties/Operator")]
    [InlineData("scenario", "/basis", "/properties/basis")]
    [InlineData("scenario", "/facts/weather.wind_kn/confidence", "/definitions/report/properties/confidence")]
    public void An_enumeration_holds_the_words_that_the_engine_offers(string document, string at, string part)
    {
        const string Unheard = "zzzzzzzzzzzz";
        var problems = Problems(document, JsonPointer.With(Documents[document].Content, at, Unheard));
        var hints = problems.Where(p => p.Text.Contains(Unheard, StringComparison.Ordinal)).Select(p => p.Hint!);
        var offered = Regex.Matches(Assert.Single(hints), "[A-Za-z_]+").Select(m => m.Value).Except(["one", "of", "or"]);

        Assert.Equal(Schemas[Documents[document].Schema].Parts[part]["enum"]!.Select(w => (string)w!), offered);
    }

    [Fact]
    public void Strengths_types_roles_and_reasons_are_those_of_the_engine()
    {
        Assert.Equal(Strength.Tokens, Enum("ruleset", "/definitions/strength"));
        Assert.Equal(Strength.Tokens, ((JObject)Schemas["ruleset"].Parts["/properties/Strengths"]["properties"]!).Properties().Select(p => p.Name));
        Assert.Equal(Unencoded.Reasons, Enum("statements", "/definitions/unencoded/properties/reason"));
        Assert.Equal(Words<FactType>(), Enum("vocabulary", "/definitions/aFact/properties/type").Order(StringComparer.Ordinal));
        Assert.Equal(Words<FactRole>().Except(["reading"]), Enum("vocabulary", "/definitions/aFact/properties/role").Order(StringComparer.Ordinal));
        Assert.Equal(Words<Basis>(), Enum("scenario", "/properties/basis").Order(StringComparer.Ordinal));

        static IEnumerable<string> Enum(string name, string at) => Schemas[name].Parts[at]["enum"]!.Select(word => (string)word!);
        static IEnumerable<string> Words<T>() where T : struct, System.Enum =>
            System.Enum.GetNames<T>().Select(w => w.ToLowerInvariant()).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{ "minLength": 1 }""")]
    [InlineData("""{ "properties": { "a": { "format": "date" } } }""")]
    [InlineData("""{ "anyOf": [{ "oneOf": [] }] }""")]
    [InlineData("""{ "$ref": "#/definitions/missing" }""")]
    [InlineData("""{ "$ref": "other.json#/definitions/text" }""")]
    [InlineData("""{ "definitions": { "a": {} }, "$ref": "#/definitions/a", "type": "string" }""")]
    [InlineData("""{ "type": "text" }""")]
    [InlineData("""{ "items": [1] }""")]
    public void A_schema_that_would_check_nothing_unseen_is_refused(string schema) =>
        Assert.Throws<FormatException>(() => JsonSchema.Parse(schema));

    /// <summary>A schema, a value that it allows and one that it refuses, one for each keyword.</summary>
    [Theory]
    [InlineData("""{ "type": "integer" }""", "3.0", "3.5")]
    [InlineData("""{ "type": ["null", "boolean"] }""", "null", "0")]
    [InlineData("""{ "enum": ["a", 0] }""", "0.0", "\"b\"")]
    [InlineData("""{ "const": 0 }""", "0", "false")]
    [InlineData("""{ "pattern": "^a$" }""", "\"a\"", "\"a\\n\"")]
    [InlineData("""{ "maxLength": 1 }""", "\"\ud83d\ude00\"", "\"ab\"")]
    [InlineData("""{ "minimum": 1, "maximum": 2 }""", "1", "2.1")]
    [InlineData("""{ "exclusiveMinimum": 0 }""", "0.1", "0")]
    [InlineData("""{ "required": ["a"] }""", """{ "a": null }""", "{}")]
    [InlineData("""{ "properties": { "a": { "type": "string" } } }""", """{ "b": 1 }""", """{ "a": 1 }""")]
    [InlineData("""{ "properties": { "a": false } }""", "{}", """{ "a": 1 }""")]
    [InlineData("""{ "properties": { "a": {} }, "additionalProperties": false }""", """{ "a": 1 }""", """{ "A": 1 }""")]
    [InlineData("""{ "additionalProperties": { "type": "string" } }""", """{ "a": "" }""", """{ "a": 1 }""")]
    [InlineData("""{ "propertyNames": { "pattern": "^a" } }""", """{ "ab": 1 }""", """{ "b": 1 }""")]
    [InlineData("""{ "minProperties": 1, "maxProperties": 1 }""", """{ "a": 1 }""", """{ "a": 1, "b": 1 }""")]
    [InlineData("""{ "dependencies": { "a": ["b"] } }""", """{ "b": 1 }""", """{ "a": 1 }""")]
    [InlineData("""{ "items": { "type": "string" }, "minItems": 1, "maxItems": 2 }""", "[\"a\"]", "[1]")]
    [InlineData("""{ "minItems": 2 }""", "[1, 1]", "[1]")]
    [InlineData("""{ "maxItems": 0 }""", "[]", "[1]")]
    [InlineData("""{ "uniqueItems": true }""", "[[1], [2]]", "[[1], [1]]")]
    [InlineData("""{ "allOf": [{ "minimum": 1 }, { "maximum": 2 }] }""", "2", "3")]
    [InlineData("""{ "anyOf": [{ "maximum": 1 }, { "minimum": 2 }] }""", "2", "1.5")]
    [InlineData("""{ "not": { "const": "any" } }""", "\"day\"", "\"any\"")]
    [InlineData("""{ "if": { "type": "string" }, "then": { "const": "a" }, "else": { "const": 1 } }""", "\"a\"", "\"1\"")]
    [InlineData("""{ "if": { "type": "string" }, "then": { "const": "a" }, "else": { "const": 1 } }""", "1", "2")]
    [InlineData("""{ "definitions": { "a": { "items": { "$ref": "#/definitions/a" }, "type": "array" } }, "items": { "$ref": "#/definitions/a" } }""", "[[[]]]", "[[1]]")]
    public void A_keyword_refuses_what_it_must_and_nothing_else(string schema, string allowed, string refused)
    {
        var parsed = JsonSchema.Parse(schema);

        Assert.Empty(parsed.Faults(JsonSchema.ParseJson(allowed)));
        Assert.NotEmpty(parsed.Faults(JsonSchema.ParseJson(refused)));
    }

    /// <summary>
    /// What kind of object stands at a place. One of each is enough for the slower tests: of the facts, one for each set of members that
    /// its type and role rule out; of the titles of all rules, one.
    /// </summary>
    private static string Kind(string at, SchemaShapes shapes)
    {
        var place = Regex.Replace(at, "/[0-9]+(?=/|$)", "/*");
        return place + " " + string.Join(' ', shapes.Closed[at]) + " " + string.Join(' ', shapes.Refused.GetValueOrDefault(at) ?? []);
    }

    /// <summary>Every name of a member in the schemas, and every single word in quotes in the source of the engine's readers.</summary>
    private static readonly Lazy<List<string>> LazyWords = new(() =>
    {
        var named = Schemas.Values.SelectMany(s => s.Parts.Values).OfType<JObject>()
            .SelectMany(part => part["properties"] is JObject members ? members.Properties() : []).Select(p => p.Name);
        var written = new[] { "Books", "Scenarios", "Json" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf("src", "Advisory.Engine", folder), "*.cs"))
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), "\"([$A-Za-z][A-Za-z0-9_]*)\"")).Select(m => m.Groups[1].Value);
        return [.. named.Concat(written).Append("made_up").Distinct().Order(StringComparer.Ordinal)];
    });

    private static List<string> Words => LazyWords.Value;

    /// <summary>Whether a part of a schema describes a member; what a condition says of one is no description.</summary>
    private static bool IsMember(string part) =>
        part.Split('/') is [.., "properties", _] steps && !steps.Intersect(["allOf", "anyOf", "if", "then", "else"]).Any();

    private static IEnumerable<string> Members(JToken content, string at) => ((JObject)JsonPointer.At(content, at)).Properties().Select(p => p.Name);

    /// <summary>The problems of the example book, scenario or case with one of its files changed.</summary>
    private static IReadOnlyList<Problem> Problems(string document, JToken content) => document switch
    {
        "scenario" => Scenario.Read(Ferry.Value, new("scenario.json", Bytes(content))).Problems,
        "case" => Case.Read(Ferry.Value, new("case.json", Bytes(content))).Problems,
        _ => RuleBook.Load(BookFiles(document, content)).Problems,
    };

    private static IEnumerable<InputFile> BookFiles(string document, JToken content) =>
        Documents.Keys.Where(file => file is not ("scenario" or "case"))
            .Select(file => new InputFile(file + ".json", file == document ? Bytes(content) : Unchanged[file]));

    private static byte[] Bytes(JToken content) => Encoding.UTF8.GetBytes(content.ToString(Formatting.Indented).ReplaceLineEndings("\n"));

    /// <summary>What a snippet leaves behind when every placeholder is passed over: its default, or the first of its choices.</summary>
    private static JToken Typed(JToken body) => body switch
    {
        JObject members => new JObject(members.Properties().Select(p => new JProperty(Filled(p.Name), Typed(p.Value)))),
        JArray items => new JArray(items.Select(Typed)),
        { Type: JTokenType.String } when (string)body! is ['^', ..] and var raw => JsonSchema.ParseJson(Filled(raw[1..])),
        { Type: JTokenType.String } => Filled((string)body!),
        _ => body,
    };

    private static string Filled(string text)
    {
        var filled = Regex.Replace(text, @"\$\{\d+(?::([^}]*)|\|([^,|]*)(?:,[^|]*)?\|)\}", m => m.Groups[1].Value + m.Groups[2].Value);
        Assert.DoesNotContain('$', filled);
        return filled;
    }
}
