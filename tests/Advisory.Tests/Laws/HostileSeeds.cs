using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>What reading a file came to.</summary>
/// <param name="Value">The book, scenario or case; null where it is refused.</param>
/// <param name="Problems">What is said of it.</param>
/// <param name="Use">Works with the value; may be run only where there is one.</param>
internal sealed record HostileReading(object? Value, IReadOnlyList<Problem> Problems, Action Use);

/// <summary>A file without a fault, and what it is read with; damaged copies of it are read in its place.</summary>
internal sealed class HostileSeed
{
    private readonly Func<InputFile, HostileReading> read;
    private readonly Lazy<JsonSpots> spots;

    public HostileSeed(string name, string text, IReadOnlyList<InputFile> others, Func<InputFile, HostileReading> read)
    {
        (Name, Text, Others, this.read) = (name, text, others, read);
        spots = new(() => new(text));
    }

    /// <summary>Its path, with the book's name in front.</summary>
    public string Name { get; }

    public string Text { get; }

    public JsonSpots Spots => spots.Value;

    public string FileName => Path.GetFileName(Name);

    /// <summary>The other files of its book, untouched.</summary>
    public IReadOnlyList<InputFile> Others { get; }

    public HostileReading Read(byte[] bytes) => read(new(FileName, bytes));
}

/// <summary>
/// The files that hostile ones are made from: every file of the shipped book, of the launch book and of the good book, with their cases
/// and scenarios, and one book that uses every part of the language.
/// </summary>
/// <remarks>
/// The shipped book is large. It is read in parts, each a book of its own: a few rules of one question, the facts that they rest on, the
/// readings and statements that these name. What no rule needs is dealt out over the parts, so that every entry is in some seed.
/// </remarks>
internal static partial class HostileSeeds
{
    private const int RulesInAPart = 6;

    private static readonly Lazy<List<HostileSeed>> LazyBooks = new(() => [.. Ukraine(), .. Launch(), .. Good(), .. Workshop()]);
    private static readonly Lazy<List<HostileSeed>> LazyScenarios = new(() => [.. Scenarios()]);

    public static List<HostileSeed> OfBooks => LazyBooks.Value;

    public static List<HostileSeed> OfScenarios => LazyScenarios.Value;

    /// <summary>The files of the shipped book as they are, each read with all the others.</summary>
    public static List<HostileSeed> OfTheWholeBook() => [.. FilesOf("ukraine", Books.Files("rules", "ukraine"))];

    /// <summary>The files of the good book, its scenario and its case; they reach every part of the readers and are small.</summary>
    public static List<HostileSeed> Small() =>
    [
        .. Good(),
        Seed("good/scenario.json", GoodText("scenario.json"), GoodBook.Value),
        Seed("good/case.json", GoodText("case.json"), GoodBook.Value),
    ];

    private static readonly Lazy<RuleBook> GoodBook = new(() => RuleBook.Load(GoodFiles()).Value!);

    private static readonly Lazy<RuleBook> WorkshopBook = new(() => RuleBook.Load(HostileWorkshop.Files()).Value!);

    private static IEnumerable<HostileSeed> Launch() => FilesOf("launch", Books.Files("tests", "Advisory.Tests", "Books", "launch"));

    private static IEnumerable<HostileSeed> Good() => FilesOf("good", GoodFiles());

    private static IEnumerable<HostileSeed> Workshop() => FilesOf("workshop", HostileWorkshop.Files());

    private static List<InputFile> GoodFiles() =>
        [.. new[] { "book.json", "readings.json", "sail.json", "statements.json", "vocabulary.json" }.Select(name => new InputFile(name, Encoding.UTF8.GetBytes(GoodText(name))))];

    private static string GoodText(string name) => File.ReadAllText(Repository.PathOf("tests", "Advisory.Tests", "Engine", "Problems", "good", name));

    private static IEnumerable<HostileSeed> FilesOf(string book, List<InputFile> files)
    {
        foreach (var file in files)
        {
            var others = files.Where(other => other.Name != file.Name).ToList();
            yield return new($"{book}/{file.Name}", Encoding.UTF8.GetString(file.Content.Span), others, damaged =>
            {
                var loaded = RuleBook.Load([damaged, .. others]);
                return new(loaded.Value, loaded.Problems, () => Use(loaded.Value!));
            });
        }
    }

    private static IEnumerable<HostileSeed> Scenarios()
    {
        foreach (var (name, text) in CasesOf("rules", "ukraine")) yield return Seed("ukraine/" + name, text, Books.Ukraine);
        foreach (var (name, text) in CasesOf("tests", "Advisory.Tests", "Books", "launch")) yield return Seed("launch/" + name, text, Books.Launch);
        foreach (var seed in Small().Where(seed => seed.FileName is "scenario.json" or "case.json")) yield return seed;
        yield return Seed("workshop/scenario.json", HostileWorkshop.Scenario, WorkshopBook.Value);
        yield return Seed("ukraine/scenario.json", SampleOf(Books.Ukraine), Books.Ukraine);
        yield return Seed("launch/scenario.json", SampleOf(Books.Launch), Books.Launch);
    }

    private static IEnumerable<(string Name, string Text)> CasesOf(params string[] folder) =>
        Books.CaseNames(folder).Select(name => (name + ".json", File.ReadAllText(Repository.PathOf([.. folder, "cases", name + ".json"]))));

    private static HostileSeed Seed(string name, string text, RuleBook book) => new(name, text, [], damaged =>
    {
        if (!text.Contains("\"scenario\"", StringComparison.Ordinal))
        {
            var scenario = Scenario.Read(book, damaged);
            return new(scenario.Value, scenario.Problems, () => Use(book, scenario.Value!));
        }

        var read = Case.Read(book, damaged);
        return new(read.Value, read.Problems, () =>
        {
            Assert.NotNull(read.Value!.Differences(Use(book, read.Value.Scenario)).ToString());
            Assert.NotNull(Scenario.Read(book, damaged).Value);
        });
    });

    private static Evaluation Use(RuleBook book, Scenario scenario)
    {
        var evaluation = Evaluation.Of(book, scenario);
        Assert.NotEmpty(EvaluationJson.Canonical(evaluation));
        return evaluation;
    }

    private static void Use(RuleBook book)
    {
        Use(book, TinyScenario.Read(book, """{ "facts": {} }"""));
        Use(book, TinyScenario.Read(book, SampleOf(book)));
    }

    /// <summary>A scenario that states every fact of a book that rules read.</summary>
    private static string SampleOf(RuleBook book)
    {
        var facts = new JObject();
        foreach (var fact in book.Facts.Where(fact => fact.Role is FactRole.World or FactRole.Planning && fact.Name != RuleBook.MissionFact))
        {
            facts[fact.Name] = fact.Type switch
            {
                FactType.Boolean => true,
                FactType.Enumeration => fact.Values[0],
                FactType.List => new JArray(fact.Values.Take(2)),
                FactType.Date => "2026-01-24",
                FactType.Text => "x",
                FactType.Integer => (long)fact.Min,
                _ => fact.Max.ToString(System.Globalization.CultureInfo.InvariantCulture),
            };
        }

        return new JObject { ["facts"] = facts }.ToString(Formatting.Indented);
    }

    // ---- the shipped book in parts ----

    private static IEnumerable<HostileSeed> Ukraine()
    {
        var whole = Books.Files("rules", "ukraine").ToDictionary(file => file.Name, file => Parse(Encoding.UTF8.GetString(file.Content.Span)));
        var facts = whole["vocabulary.json"]["facts"]!.Cast<JObject>().ToDictionary(fact => (string)fact["name"]!);
        var parts = whole["book.json"]["questions"]!.Select(question => (string)question["id"]!)
            .SelectMany(question => whole[question + ".json"]["Rules"]!.Select(rule => (string)rule["RuleName"]!).Chunk(RulesInAPart).Select(rules => (Question: question, Rules: rules)))
            .Select(part => Part(whole, part.Question, part.Rules, facts)).ToList();

        var restOfFacts = Rest("vocabulary.json", "facts", "name");
        foreach (var (part, i) in parts.Select((part, i) => (part, i)))
        {
            var names = Closure(string.Join(' ', restOfFacts.Where((_, at) => at % parts.Count == i).Select(fact => (string)fact["name"]!)), facts);
            var there = part["vocabulary.json"]["facts"]!.Select(fact => (string)fact["name"]!).ToHashSet();
            foreach (var name in names.Except(there)) ((JArray)part["vocabulary.json"]["facts"]!).Add(facts[name].DeepClone());
            Readings(part, whole["readings.json"]);
            Register(part, whole["statements.json"]);
        }

        var restOfStatements = Rest("statements.json", "statements", "id");
        foreach (var (part, i) in parts.Select((part, i) => (part, i)))
        {
            foreach (var statement in restOfStatements.Where((_, at) => at % parts.Count == i)) ((JArray)part["statements.json"]["statements"]!).Add(statement.DeepClone());
            var files = part.Select(file => new InputFile(file.Key, Encoding.UTF8.GetBytes(file.Value.ToString(Formatting.Indented).ReplaceLineEndings("\n")))).ToList();
            foreach (var seed in FilesOf(FormattableString.Invariant($"ukraine-{i}"), files)) yield return seed;
        }

        List<JToken> Rest(string file, string list, string id)
        {
            var there = parts.Where(part => part.ContainsKey(file)).SelectMany(part => part[file][list]!).Select(item => (string)item[id]!).ToHashSet();
            return [.. whole[file][list]!.Where(item => !there.Contains((string)item[id]!))];
        }
    }

    private static Dictionary<string, JObject> Part(Dictionary<string, JObject> whole, string question, string[] rules, Dictionary<string, JObject> facts)
    {
        var part = new[] { "book.json", "vocabulary.json", question + ".json" }.ToDictionary(name => name, name => (JObject)whole[name].DeepClone());
        Keep(part[question + ".json"], "Rules", rule => rules.Contains((string)rule["RuleName"]!));
        var needed = Closure(part[question + ".json"].ToString(), facts);
        Keep(part["vocabulary.json"], "facts", fact => needed.Contains((string)fact["name"]!));
        Keep(part["book.json"], "questions", asked => (string)asked["id"]! == question);
        foreach (var table in part["book.json"]["figures"]!.Cast<JObject>().ToList())
        {
            Keep(table, "rows", row => row["where"]!.Concat(row["states"]!).All(member => needed.Contains(((JProperty)member).Name)));
            if (!table["rows"]!.Any()) table.Remove();
        }

        return part;
    }

    /// <summary>Adds the readings that the part names.</summary>
    private static void Readings(Dictionary<string, JObject> part, JObject whole)
    {
        var texts = string.Concat(part.Values.Select(file => file.ToString()));
        var readings = (JObject)whole.DeepClone();
        Keep(readings, "readings", reading => texts.Contains((string)reading["name"]!, StringComparison.Ordinal));
        if (readings["readings"]!.Any()) part["readings.json"] = readings;
    }

    /// <summary>Adds the statements that the part names.</summary>
    private static void Register(Dictionary<string, JObject> part, JObject whole)
    {
        var texts = part.Values.SelectMany(file => file.DescendantsAndSelf()).OfType<JValue>().Select(value => value.Value as string).ToHashSet();
        var register = (JObject)whole.DeepClone();
        Keep(register, "statements", statement => texts.Contains((string)statement["id"]!));
        part["statements.json"] = register;
    }

    private static void Keep(JObject file, string list, Func<JToken, bool> isKept)
    {
        foreach (var item in file[list]!.Where(item => !isKept(item)).ToList()) item.Remove();
    }

    /// <summary>The facts that a text names, and all that these rest on; the mission and the facts of records always.</summary>
    private static HashSet<string> Closure(string text, Dictionary<string, JObject> facts)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>(FactName().Matches(text).Select(match => match.Value)
            .Append(RuleBook.MissionFact).Concat(facts.Keys.Where(name => name.StartsWith("contributor.", StringComparison.Ordinal))));
        while (open.TryPop(out var name))
        {
            if (!facts.TryGetValue(name, out var fact) || !found.Add(name)) continue;
            foreach (Match match in FactName().Matches((string?)fact["derive"] ?? "")) open.Push(match.Value);
        }

        return found;
    }

    private static JObject Parse(string text) =>
        JsonConvert.DeserializeObject<JObject>(text, new JsonSerializerSettings { DateParseHandling = DateParseHandling.None })!;

    [GeneratedRegex(@"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")]
    private static partial Regex FactName();
}

/// <summary>A book, and a scenario for it, that use every part of the file format and of the language.</summary>
internal static class HostileWorkshop
{
    public const string Scenario = """
        {
          "title": "A scenario", "asOf": "2026-01-24", "basis": "assumed", "classification": "open", "subject": "x-1",
          "facts": {
            "sky.clear": true,
            "wind.speed": { "value": 12, "source": "A", "asOf": "2026-01-09", "validUntil": "2026-03-01", "by": "B", "confidence": "high", "sensitive": true, "note": "C" },
            "sky.colour": { "reports": [{ "value": "red", "source": "A" }, { "value": "blue", "source": "B", "validUntil": "2026-01-01" }] },
            "sky.dark": { "probability": { "true": 0.25, "false": "0.75" }, "source": "D" },
            "crew.names": ["Ann", { "name": "Bob", "number": 5, "present": true }],
            "crew.skills": ["cook", "sail"],
            "ship.name": "Anna",
            "ship.built": "1999-12-31",
            "load.share": "12.5",
            "fuel.mass": 1e2
          },
          "readings": { "reading.storm": "calm" },
          "records": { "boats": [{ "name": "a", "fast": true }, { "name": "b", "length": { "reports": [{ "value": 5 }, { "value": 6 }] } }] },
          "waivers": [{ "rule": "R-3", "missions": ["first"], "reason": "r", "grounds": "g", "by": "b", "until": "2026-12-31" }]
        }
        """;

    public static List<InputFile> Files() => new TinyBook()
        .Boolean("sky.clear").Boolean("sky.dark").Enumeration("sky.colour", "red", "blue", "grey").Enumeration("sea.colour", "red", "blue", "grey")
        .Integer("wind.speed", 0, 50).Decimal("fuel.mass", 0, 1000, 0.5m)
        .Fact("load.share", "percentage", """{ "unit": "%", "min": 0, "max": 100, "step": 0.5 }""")
        .Text("ship.name").Fact("ship.built", "date").Fact("crew.names", "list").List("crew.skills", "cook", "sail", "row")
        .Planning("crew.least", 3, 1, 9)
        .Boolean("port.open", """{ "assumption": { "value": true, "statement": "S-1" } }""")
        .DerivedBoolean("sky.calm", "wind.speed < 5 && sky.dark != true")
        .DerivedInteger("fuel.tanks", 0, 100, "fuel.mass == null ? null : Math.Min(50, Math.Ceiling(fuel.mass / 20.5) + Math.Abs(0 - crew.least))")
        .Enumeration("boat.kind", "big", "small").Text("boat.name").Boolean("boat.fast").Integer("boat.length", 1, 99)
        .Records("boats", "boat", "name")
        .Reading("reading.storm", "storm", "calm")
        .Question("go", members: """{ "GlobalParams": [{ "Name": "calm", "Expression": "wind.speed <= 4" }, { "Name": "twice", "Expression": "wind.speed * 2 + fuel.tanks" }] }""")
        .Rule("R-1", "hard", "sky.clear == true && (calm || sky.colour in (\"red\", \"blue\")) ? !(sky.dark == true) : sky.colour == sea.colour")
        .Rule("R-2", """{ "reading": "reading.storm", "storm": "hard", "calm": "warning" }""", "twice - 2.5m < 40 || crew.skills.Contains(\"cook\") && ship.name != \"Anna\"",
            members: """{ "LocalParams": [{ "Name": "p", "Expression": "twice > 3" }, { "Name": "q", "Expression": "p && p" }] }""")
        .Rule("R-3", "in_principle", "ship.built != null && load.share >= 12.5m ? reading.storm == \"calm\" : true", """{ "Waivable": true, "Missions": ["first", "second"] }""")
        .Rule("R-4", "hard", null, members: """
            { "Operator": "And", "Rules": [
              { "RuleName": "a", "Expression": "mission.type in (\"first\")" },
              { "RuleName": "b", "Operator": "Or", "LocalParams": [{ "Name": "z", "Expression": "port.open == true" }], "Rules": [
                { "RuleName": "c", "Expression": "z" }, { "RuleName": "d", "Expression": "sky.calm == true" }] }] }
            """)
        .Exit("leave", "sky.clear != null")
        .Signal("E-1", "withdraw", "wind.speed > 45").Signal("E-2", "review", "sky.dark == true").Signal("E-3", "note", "crew.least > 5", @event: "fallback:second")
        .Question("boats", perMission: false, """{ "Each": "boats" }""")
        .Rule("B-1", "hard", "boat.fast == true || boat.length >= 10")
        .Files();
}
