using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests;

/// <summary>
/// Builds the files of a minimal valid book from a few facts and rules, for tests that need no more. Everything that a book must have
/// and that the test does not mention is filled in; a test that wants a faulty book names the fault with <c>also</c>, <c>properties</c>,
/// <c>members</c> or <see cref="File"/>.
/// </summary>
/// <remarks>
/// <code>
/// var book = new TinyBook()
///     .Boolean("sky.clear")
///     .Integer("wind.speed", 0, 50)
///     .Rule("R-1", "hard", "sky.clear == true")
///     .Signal("W-1", "warning", "wind.speed > 20", properties: """{ "Missions": ["first"] }""")
///     .Book();
/// var verdict = TinyScenario.Evaluate(book, """{ "facts": { "sky.clear": true } }""").Verdict("go", "first")!;
/// </code>
/// The missions are <c>first</c> and <c>second</c>, and <c>mission.type</c> is declared where there are two or more. Rules go to the
/// question named last; where none is named, to <c>go</c>, with the scale NO_GO, UNDETERMINED, CONDITIONAL, GO. Titles, reasons, groups,
/// outcome labels and the cited statement <c>S-1</c> are made up; there is no register of statements.
/// </remarks>
internal sealed class TinyBook
{
    private readonly List<JObject> facts = [];
    private readonly List<JObject> readings = [];
    private readonly List<JObject> questions = [];
    private readonly List<JObject> ruleSets = [];
    private readonly Dictionary<string, string> replaced = [];
    private readonly JObject records = [];
    private string[] missions = ["first", "second"];
    private string? header;

    /// <summary>The missions instead of <c>first</c> and <c>second</c>.</summary>
    public TinyBook Missions(params string[] ids)
    {
        missions = ids;
        return this;
    }

    /// <summary>A fact of any type; <paramref name="also"/> is an object whose members win over the made-up ones.</summary>
    public TinyBook Fact(string name, string type, string? also = null)
    {
        facts.Add(With(new() { ["name"] = name, ["type"] = type, ["role"] = "world", ["group"] = "facts", ["label"] = Local(name) }, also));
        return this;
    }

    public TinyBook Boolean(string name, string? also = null) => Fact(name, "boolean", also);

    public TinyBook Text(string name, string? also = null) => Fact(name, "text", also);

    public TinyBook Enumeration(string name, params string[] values) =>
        Fact(name, "enumeration", new JObject { ["values"] = new JArray(values) }.ToString());

    public TinyBook List(string name, params string[] values) =>
        Fact(name, "list", new JObject { ["values"] = new JArray(values) }.ToString());

    /// <summary>A whole number of <c>units</c>.</summary>
    public TinyBook Integer(string name, int min, int max, string? also = null) =>
        Fact(name, "integer", With(new() { ["unit"] = "units", ["min"] = min, ["max"] = max, ["step"] = 1 }, also).ToString());

    /// <summary>A decimal number of <c>units</c>.</summary>
    public TinyBook Decimal(string name, decimal min, decimal max, decimal step, string? also = null) =>
        Fact(name, "decimal", With(new() { ["unit"] = "units", ["min"] = min, ["max"] = max, ["step"] = step }, also).ToString());

    /// <summary>A whole number that the book itself supplies.</summary>
    public TinyBook Planning(string name, int value, int min, int max) =>
        Integer(name, min, max, $$"""{ "role": "planning", "default": { "value": {{value}}, "statement": "S-1" } }""");

    /// <summary>A truth that follows from other facts.</summary>
    public TinyBook DerivedBoolean(string name, string derive) => Boolean(name, Derive(derive).ToString());

    /// <summary>A whole number that follows from other facts.</summary>
    public TinyBook DerivedInteger(string name, int min, int max, string derive) => Integer(name, min, max, Derive(derive).ToString());

    /// <summary>A reading; the first option is the book's own.</summary>
    public TinyBook Reading(string name, params string[] options)
    {
        readings.Add(new()
        {
            ["name"] = name,
            ["title"] = Local(name),
            ["why"] = Local("why " + name),
            ["default"] = options[0],
            ["options"] = new JArray(options.Select(option => new JObject { ["value"] = option, ["label"] = Local(option) })),
        });
        return this;
    }

    /// <summary>A kind of record; its facts are declared as <c>prefix.name</c>, the key's too.</summary>
    public TinyBook Records(string name, string prefix, string key)
    {
        records[name] = new JObject { ["prefix"] = prefix, ["key"] = key, ["title"] = Local(name) };
        return this;
    }

    /// <summary>A question with the scale NO_GO, UNDETERMINED, CONDITIONAL, GO; the rules that follow are its own.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="perMission">Whether it is asked for each mission.</param>
    /// <param name="members">An object with further members of the file, such as <c>Each</c>, <c>When</c> or <c>GlobalParams</c>.</param>
    public TinyBook Question(string id, bool perMission = true, string? members = null) => Ask(id, perMission, new()
    {
        ["WorkflowName"] = id,
        ["Outcomes"] = new JArray("NO_GO", "UNDETERMINED", "CONDITIONAL", "GO"),
        ["Strengths"] = JObject.Parse("""
            {
              "hard": { "false": "NO_GO", "unknown": "UNDETERMINED" },
              "in_principle": { "false": "CONDITIONAL", "unknown": "CONDITIONAL" },
              "willing": { "false": "NO_GO", "unknown": "CONDITIONAL" },
              "warning": {}, "preference": {}, "info": {}, "note": {}
            }
            """),
    }, members);

    /// <summary>A question with the scale WITHDRAW, END, POLITICAL_CHOICE, UNDETERMINED, REVIEW, CONTINUE, for signals.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="when">The condition under which it is asked at all, or null for always.</param>
    public TinyBook Exit(string id, string? when = null) => Ask(id, true, new()
    {
        ["WorkflowName"] = id,
        ["Outcomes"] = new JArray("WITHDRAW", "END", "POLITICAL_CHOICE", "UNDETERMINED", "REVIEW", "CONTINUE"),
        ["Strengths"] = JObject.Parse("""
            {
              "withdraw": { "true": "WITHDRAW", "unknown": "UNDETERMINED" },
              "end": { "true": "END", "unknown": "UNDETERMINED" },
              "political_choice": { "true": "POLITICAL_CHOICE", "unknown": "UNDETERMINED" },
              "review": { "true": "REVIEW" },
              "warning": {}, "preference": {}, "info": {}, "note": {}
            }
            """),
    }, when is null ? null : new JObject { ["When"] = when }.ToString());

    /// <summary>A requirement of the question named last.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="strength">A word, or an object such as <c>{ "reading": "reading.x", "a": "hard", "b": "warning" }</c>.</param>
    /// <param name="expression">What must hold; null where <paramref name="members"/> has an <c>Operator</c>.</param>
    /// <param name="properties">An object whose members win in <c>Properties</c>, such as <c>Missions</c> or <c>Waivable</c>.</param>
    /// <param name="members">An object with further members of the rule, such as <c>LocalParams</c> or <c>SuccessEvent</c>.</param>
    public TinyBook Rule(string name, string strength, string? expression, string? properties = null, string? members = null)
    {
        if (ruleSets.Count == 0) Question("go");
        var rule = new JObject { ["RuleName"] = name };
        if (expression is not null) rule["Expression"] = expression;
        With(rule, members);
        rule["Properties"] = With(new()
        {
            ["Strength"] = strength.StartsWith('{') ? JObject.Parse(strength) : strength,
            ["Missions"] = new JArray("any"),
            ["Statements"] = new JArray("S-1"),
            ["Title"] = Local(name),
            ["Reason"] = Local("reason of " + name),
        }, properties);
        ((JArray)ruleSets[^1]["Rules"]!).Add(rule);
        return this;
    }

    /// <summary>A signal of the question named last; its event is its strength unless <paramref name="event"/> says otherwise.</summary>
    public TinyBook Signal(string name, string strength, string expression, string? properties = null, string? @event = null) =>
        Rule(name, strength, expression, properties, new JObject { ["SuccessEvent"] = @event ?? strength }.ToString());

    /// <summary>An object whose members win in <c>book.json</c>.</summary>
    public TinyBook Header(string also)
    {
        header = also;
        return this;
    }

    /// <summary>One file as this text instead of what the builder would write; or a file more.</summary>
    public TinyBook File(string name, string text)
    {
        replaced[name] = text;
        return this;
    }

    /// <summary>The files, indented by two spaces, each ending in a newline.</summary>
    public List<InputFile> Files()
    {
        if (ruleSets.Count == 0) Question("go");
        var files = new Dictionary<string, string>
        {
            ["book.json"] = Write(BookFile()),
            ["vocabulary.json"] = Write(new() { ["facts"] = new JArray(missions.Length > 1 ? facts.Prepend(MissionFact()) : facts) }),
        };
        if (readings.Count > 0) files["readings.json"] = Write(new() { ["readings"] = new JArray(readings) });
        foreach (var ruleSet in ruleSets) files[ruleSet["WorkflowName"] + ".json"] = Write(ruleSet);
        foreach (var (name, text) in replaced) files[name] = text;
        return [.. files.Select(file => new InputFile(file.Key, Encoding.UTF8.GetBytes(file.Value)))];
    }

    /// <summary>The book or its problems.</summary>
    public Loaded<RuleBook> Load() => RuleBook.Load(Files());

    /// <summary>The book; the test fails where there is any error.</summary>
    public RuleBook Book()
    {
        var loaded = Load();
        Assert.True(loaded.Value is not null, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }

    /// <summary>Evaluates a scenario, given as JSON, against the book.</summary>
    public Evaluation Evaluate(string scenario) => TinyScenario.Evaluate(Book(), scenario);

    private TinyBook Ask(string id, bool perMission, JObject ruleSet, string? members)
    {
        var question = new JObject { ["id"] = id, ["title"] = Local(id) };
        if (!perMission) question["perMission"] = false;
        questions.Add(question);
        With(ruleSet, members);
        ruleSet["Rules"] = new JArray();
        ruleSets.Add(ruleSet);
        return this;
    }

    private JObject BookFile()
    {
        var outcomes = ruleSets.SelectMany(set => set["Outcomes"]!.Values<string>()).Append(RuleBook.NotAssessed).Distinct();
        var book = new JObject
        {
            ["name"] = "tiny",
            ["version"] = "1.0.0",
            ["title"] = Local("tiny"),
            ["owner"] = "tests",
            ["documents"] = new JArray(new JObject { ["id"] = "paper", ["title"] = Local("paper") }),
            ["missions"] = new JArray(missions.Select(id => new JObject { ["id"] = id, ["title"] = Local(id) })),
            ["questions"] = new JArray(questions),
            ["outcomes"] = new JObject(outcomes.Select(outcome => new JProperty(outcome!, Local(outcome!)))),
            ["groups"] = new JArray(new JObject { ["id"] = "facts", ["title"] = Local("facts") }),
            ["notAssessed"] = new JArray(),
        };
        if (records.Count > 0) book["records"] = records;
        return With(book, header);
    }

    private JObject MissionFact() => new()
    {
        ["name"] = RuleBook.MissionFact,
        ["type"] = "enumeration",
        ["role"] = "world",
        ["values"] = new JArray(missions),
        ["group"] = "facts",
        ["label"] = Local(RuleBook.MissionFact),
    };

    private static JObject Derive(string derive) => new() { ["role"] = "derived", ["derive"] = derive };

    private static JObject Local(string text) => new() { ["en"] = text, ["nl"] = text };

    private static JObject With(JObject members, string? also)
    {
        if (also is null) return members;
        foreach (var (name, value) in JObject.Parse(also)) members[name] = value;
        return members;
    }

    private static string Write(JObject file) => file.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n";
}

/// <summary>Scenarios from strings.</summary>
internal static class TinyScenario
{
    /// <summary>The scenario or its problems, which call the file <c>scenario.json</c>.</summary>
    public static Loaded<Scenario> Load(RuleBook book, string json) =>
        Scenario.Read(book, new("scenario.json", Encoding.UTF8.GetBytes(json)));

    /// <summary>The scenario; the test fails where there is any error.</summary>
    public static Scenario Read(RuleBook book, string json)
    {
        var read = Load(book, json);
        Assert.True(read.Value is not null, string.Join('\n', read.Problems));
        return read.Value;
    }

    /// <summary>Reads a scenario and evaluates it.</summary>
    public static Evaluation Evaluate(RuleBook book, string json) => Evaluation.Of(book, Read(book, json));
}
