using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>
/// Files that are short to write and would be long to read: each ends at its bound, with a problem that names it, within the time and
/// memory of any other file. They run on a small stack, as a request's thread may have.
/// </summary>
public sealed class HostileBombTests
{
    private const int Stack = 3 << 19; // 1.5 MiB

    // ---- one expression ----

    public static TheoryData<string, string, string> Expressions => new()
    {
        { "25 brackets", Wrapped("(", "sky.clear == true", ")", 25), "more than 50 levels deep" },
        { "1,900 brackets", Wrapped("(", "sky.clear == true", ")", 1_900), "more than 50 levels deep" },
        { "brackets that never close", new string('(', 3_999), "more than 50 levels deep" },
        { "a million brackets", new string('(', 1_000_000), "1000000 characters; at most 4000" },
        { "3,000 nots", new string('!', 3_000) + "(sky.clear == true)", "more than 50 levels deep" },
        { "not and bracket in turn", Wrapped("!(", "sky.clear == true", ")", 1_000), "more than 50 levels deep" },
        { "401 operators", "sky.clear==true" + Many("&&sky.clear==true", 150) + Many("||sky.clear==true", 60), "more than 400 operators" },
        { "a long sum", "wind.speed" + Many("+1", 401) + " > 5", "more than 400 operators" },
        { "choices in choices", Many("sky.clear==true?true:", 60) + "false", "more than 50 levels deep" },
        { "choices in conditions of choices", Wrapped("(", "sky.clear == true", " ? true : false)", 60), "more than 50 levels deep" },
        { "calls in calls", Wrapped("Math.Abs(", "wind.speed", ")", 60) + " > 1", "more than 50 levels deep" },
        { "63 texts of one fact", $"ship.name in ({Series(63, i => $"\"t{i}\"")})", "more than 62 texts" },
        { "a text of 4,000 characters", $"ship.name == \"{new string('x', 4_000)}\"", "4015 characters; at most 4000" },
        { "white space", new string(' ', 5_000) + "sky.clear == true", "5017 characters; at most 4000" },
        { "a long number", $"wind.speed > {new string('9', 3_000)}", "more than 15 digits" },
        { "a long name", $"{new string('a', 3_000)}.b == true", "unknown fact `aaa" },
        { "many unknown facts", "a.b == true" + Many(" || a.b == true", 190), "unknown fact `a.b`" },
    };

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_bomb_ends_at_a_bound_that_is_named(string what, string expression, string bound)
    {
        var rule = Book().Rule("R-1", "hard", expression);
        Ends(what, rule.Files(), bound);
        if (expression.Contains("Math", StringComparison.Ordinal)) return;
        Ends(what, Book().DerivedBoolean("sky.odd", expression).Rule("R-1", "hard", "sky.clear == true").Files(), bound);
    }

    [Fact]
    public void An_expression_as_long_as_the_bounds_allow_works()
    {
        Works("24 brackets", Book().Rule("R-1", "hard", Wrapped("(", "sky.clear == true", ")", 24)).Files());
        Works("400 operators", Book().Rule("R-1", "hard", "wind.speed" + Many("+1", 399) + " > 5").Files());
        Works("1,900 numbers", Book().Rule("R-1", "hard", $"wind.speed in ({Series(900, i => FormattableString.Invariant($"{i}"))})").Files());
        Works("62 texts", Book().Rule("R-1", "hard", $"ship.name in ({Series(62, i => $"\"t{i}\"")})").Files());
    }

    // ---- parameters that name parameters ----

    public static TheoryData<string, string, string, string> Parameters => new()
    {
        { "conditions, each twice", "sky.clear == true", "{0} && {0}", "{0}" },
        { "conditions, each three times", "sky.clear == true", "{0} ? {0} : {0}", "{0}" },
        { "numbers, each twice", "wind.speed", "{0} + {0}", "{0} > 1" },
        { "numbers by a choice", "wind.speed", "sky.clear == true ? {0} : {0}", "{0} == {0}" },
        { "conditions that are compared", "sky.clear == true", "sky.clear == true ? {0} : {0}", "{0} == {0}" },
        { "names alone", "sky.clear == true", "{0}", "{0}" },
    };

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Parameters_that_grow_end_at_the_bound_on_nodes(string what, string first, string next, string rule)
    {
        // Far beyond what could be put in: 2 to the power of 60 nodes; and a row that is far deeper than a stack.
        foreach (var count in new[] { 60, 1_500 })
        {
            var members = LocalParams(count, i => i == 0 ? first : string.Format(System.Globalization.CultureInfo.InvariantCulture, next, $"p{i - 1}"));
            var last = string.Format(System.Globalization.CultureInfo.InvariantCulture, rule, $"p{count - 1}");
            if (what == "names alone" && count < 1_000) Works(what, Book().Rule("R-1", "hard", last, members: members).Files());
            else Ends(what, Book().Rule("R-1", "hard", last, members: members).Files(), what == "conditions that are compared" ? "is a condition" : "more than 1000 nodes");
        }
    }

    [Fact]
    public void Short_rules_that_name_long_parameters_end_at_the_bound_of_the_rule_set()
    {
        var members = JObject.Parse(LocalParams(8, i => i == 0 ? "sky.clear == true" : $"p{i - 1} && p{i - 1}"));
        members["Operator"] = "And";
        members["Rules"] = new JArray(Enumerable.Range(0, 5_000).Select(i => new JObject { ["RuleName"] = "r", ["Expression"] = "p7" }));
        Ends("5,000 nested rules", Book().Rule("R-1", "hard", null, members: members.ToString()).Files(), "more than 50000 nodes that stand in parameters");
    }

    // ---- many things that rest on each other ----

    [Fact]
    public void Derivations_that_rest_on_each_other_end_at_their_bounds()
    {
        var ring = Book();
        for (var i = 0; i < 400; i++) ring.DerivedBoolean($"ring.f{i}", string.Join(" && ", Enumerable.Range(0, 40).Select(j => $"ring.f{(i + (j * 7)) % 400} == true")));
        Ends("each rests on forty others", ring.Rule("R-1", "hard", "ring.f0 == true").Files(), "rests on itself");

        var row = Book();
        for (var i = 0; i < 500; i++) row.DerivedBoolean($"row.f{i}", i == 0 ? "sky.clear == true" : $"row.f{i - 1} == true");
        Ends("a long row", row.Rule("R-1", "hard", "row.f499 == true").Files(), "more than 100 derivations rest on each other");

        // Each fact of a layer rests on all of the layer before: every one has thousands below it.
        var layers = Book();
        for (var layer = 0; layer < 20; layer++)
        {
            for (var i = 0; i < 20; i++)
                layers.DerivedBoolean($"l{layer}.f{i}", layer == 0 ? "sky.clear == true" : string.Join(" || ", Enumerable.Range(0, 20).Select(j => $"l{layer - 1}.f{j} == true")));
        }

        Works("20 layers of 20", layers.Rule("R-1", "hard", "l19.f0 == true").Files());
    }

    [Fact]
    public void Workflows_that_inject_each_other_are_read_once()
    {
        var files = Book().Rule("R-1", "hard", "sky.clear == true").Files();
        var question = JObject.Parse(Encoding.UTF8.GetString(files.Single(file => file.Name == "go.json").Content.Span));
        question["WorkflowsToInject"] = new JArray(Enumerable.Repeat("w0", 10_000));
        var workflows = Enumerable.Range(0, 100).Select(i => new InputFile($"w{i}.json", Bytes(new JObject
        {
            ["WorkflowName"] = $"w{i}",
            ["WorkflowsToInject"] = new JArray(Enumerable.Range(0, 100).Select(j => $"w{(i + j + 1) % 100}")),
        })));
        Ends("a hundred workflows", [.. files.Where(file => file.Name != "go.json"), new("go.json", Bytes(question)), .. workflows], "is injected twice or injects itself");
    }

    // ---- files that are wrong all over, or long ----

    public static TheoryData<string, string, string, string> Repeated => new()
    {
        { "book.json", "questions", "a question asked often", "is listed twice" },
        { "book.json", "missions", "many missions", "a book has at most 64 missions" },
        { "book.json", "groups", "a group listed often", "is listed twice" },
        { "book.json", "documents", "many documents", "unknown member" },
        { "vocabulary.json", "facts", "many faulty facts", "is missing" },
        { "go.json", "Rules", "many faulty rules", "is missing" },
        { "go.json", "Outcomes", "an outcome listed often", "is listed twice" },
    };

    [Theory]
    [MemberData(nameof(Repeated))]
    public void A_list_that_is_wrong_all_over_costs_no_more_than_its_bound(string file, string list, string what, string problem)
    {
        var files = Book().Rule("R-1", "hard", "sky.clear == true").Files();
        var root = JObject.Parse(Encoding.UTF8.GetString(files.Single(other => other.Name == file).Content.Span));
        var item = what switch
        {
            "many missions" => null,
            "many documents" => JToken.Parse("""{ "id": "a", "titel": 1 }"""),
            "many faulty facts" => JToken.Parse("""{ "name": "a.b", "type": "enumeration" }"""),
            "many faulty rules" => JToken.Parse("""{ "RuleName": "x", "Expression": "sky.cleer == true" }"""),
            _ => root[list]![0],
        };
        root[list] = new JArray(Enumerable.Range(0, 3_000).Select(i => item?.DeepClone() ?? JToken.Parse($$"""{ "id": "m{{i}}", "title": { "en": "x", "nl": "x" } }""")));
        Ends(what, [.. files.Where(other => other.Name != file), new(file, Bytes(root))], problem);
    }

    [Fact]
    public void A_fact_with_very_many_values_ends_at_its_bound()
    {
        var labels = new JObject(Enumerable.Range(0, 5_000).Select(i => new JProperty($"v{i}", JToken.Parse("""{ "en": "x", "nl": "x" }"""))));
        var also = new JObject { ["values"] = new JArray(Enumerable.Range(0, 5_000).Select(i => $"v{i}")), ["valueLabels"] = labels };
        Ends("5,000 values", Book().Fact("sky.tint", "enumeration", also.ToString()).Rule("R-1", "hard", "sky.tint == \"v70\"").Files(), "5000 values; at most 62");
    }

    public static TheoryData<string, string, string> Scenarios => new()
    {
        { "20,000 unknown facts", $"{{\"facts\":{{{Series(20_000, i => $"\"a.f{i}\":1")}}}}}", "more than 200 errors" },
        { "one fact 10,000 times", $"{{\"facts\":{{{Series(10_000, _ => "\"sky.clear\":true")}}}}}", "more than 200 errors" },
        { "10,000 names that are nearly right", $"{{\"facts\":{{{Series(10_000, i => $"\"sky.cleer{i % 10}\":true")}}}}}", "more than 200 errors" },
        { "10,000 unknown members", $"{{\"facts\":{{}},{Series(10_000, i => $"\"fact{i}\":true")}}}", "more than 200 errors" },
        { "100,000 brackets", new string('[', 100_000), "more than 32 levels deep" },
        { "30,000 objects in each other", Many("{\"a\":", 30_000), "more than 32 levels deep" },
        { "200,000 digits", $"{{\"facts\":{{\"wind.speed\":{new string('1', 200_000)}}}}}", "a number of 200000 characters" },
        { "a text that does not end", "{\"title\":\"" + Many("\\u0041", 30_000), "the string does not end" },
        { "a title of 200,000 characters", $"{{\"title\":\"{new string('x', 200_000)}\",\"facts\":{{}}}}", "200000 characters; at most 4000" },
        { "a file of 300 KiB", new string(' ', 300 << 10), "at most 262144 are read" },
        { "100,000 line breaks", new string('\n', 100_000), "the file is empty" },
        { "20,000 items", $"{{\"facts\":{{\"crew.names\":[{Series(20_000, i => $"\"n{i}\"")}]}}}}", "20000 items; at most 200" },
        { "5,000 reports", $"{{\"facts\":{{\"sky.clear\":{{\"reports\":[{Series(5_000, _ => "{\"value\":true}")}]}}}}}}", "5000 reports" },
        { "5,000 reports that are wrong", $"{{\"facts\":{{\"sky.clear\":{{\"reports\":[{Series(5_000, _ => "{\"value\":5}")}]}}}}}}", "more than 200 errors" },
        { "5,000 records", $"{{\"facts\":{{}},\"records\":{{\"boats\":[{Series(5_000, i => $"{{\"name\":\"b{i}\"}}")}]}}}}", "5000 records; at most 500" },
        { "2,000 waivers", $"{{\"facts\":{{}},\"waivers\":[{Series(2_000, _ => "{\"rule\":\"R-1\",\"missions\":\"all\"}")}]}}", "2000 waivers; at most 200" },
        { "a waiver for 10,000 missions", $"{{\"facts\":{{}},\"waivers\":[{{\"rule\":\"R-1\",\"missions\":[{Series(10_000, _ => "\"frist\"")}]}}]}}", "more than 200 errors" },
        { "10,000 probabilities", $"{{\"facts\":{{\"sky.clear\":{{\"probability\":{{{Series(10_000, i => $"\"v{i}\":0")}}}}}}}}}", "more than 200 errors" },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_scenario_bomb_ends_at_a_bound_that_is_named(string what, string scenario, string bound)
    {
        var book = Book().Records("boats", "boat", "name").Text("boat.name").Rule("R-1", "hard", "sky.clear == true").Book();
        var (problems, _) = Read(what, [new("scenario.json", Encoding.UTF8.GetBytes(scenario))], files =>
        {
            var read = Scenario.Read(book, files[0]);
            return (read.Value is not null, read.Problems);
        });
        Assert.Contains(problems, problem => problem.Text.Contains(bound, StringComparison.Ordinal));
        Assert.True(problems.Count <= 201);
    }

    [Fact]
    public void A_case_that_expects_very_much_is_read_in_time()
    {
        var book = Books.Ukraine;
        var rules = string.Join(",", book.Question("preconditions")!.Rules.Select(rule => $"\"{rule.Name}\""));
        var lists = Series(6, i => $"\"{new[] { "deciding", "warnings", "waived", "conditions", "notAssessed", "open" }[i]}\":[{string.Join(",", Enumerable.Repeat(rules, 20))}]");
        var text = $$"""{ "case": "x", "scenario": { "facts": {} }, "expect": { "preconditions": { {{Series(book.Missions.Length, i => $"\"{book.Missions[i].Id}\": {{ \"outcome\": \"GO\", {lists} }}")}} } } }""";
        Assert.InRange(text.Length, 150_000, Scenario.MaxBytes);
        var (_, isRead) = Read("long lists of rules", [new("case.json", Encoding.UTF8.GetBytes(text))], files =>
        {
            var read = Case.Read(book, files[0]);
            return (read.Value is not null, read.Problems);
        });
        Assert.True(isRead);
    }

    // ---- how they are read ----

    // A bomb is a book as large as a book may be; what multiplies or nests would take minutes.
    private const double MaxMilliseconds = 1_000;

    private static TinyBook Book() => new TinyBook().Boolean("sky.clear").Integer("wind.speed", 0, 5_000).Text("ship.name").Fact("crew.names", "list");

    private static void Ends(string what, List<InputFile> files, string bound)
    {
        var (problems, isRead) = Read(what, files, Load);
        Assert.False(isRead, what);
        Assert.True(problems.Any(problem => problem.Text.Contains(bound, StringComparison.Ordinal)), $"{what}: `{bound}` is not said\n{string.Join('\n', problems.Take(5))}");
        Assert.True(problems.Count <= 201 * files.Count, $"{what}: {problems.Count} problems");
    }

    private static void Works(string what, List<InputFile> files)
    {
        var (problems, isRead) = Read(what, files, Load);
        Assert.True(isRead, $"{what}\n{string.Join('\n', problems.Take(5))}");
        TinyScenario.Evaluate(RuleBook.Load(files).Value!, """{ "facts": { "sky.clear": true } }""");
    }

    private static (bool, IReadOnlyList<Problem>) Load(List<InputFile> files)
    {
        var loaded = RuleBook.Load(files);
        return (loaded.Value is not null, loaded.Problems);
    }

    private static (IReadOnlyList<Problem> Problems, bool IsRead) Read(string what, List<InputFile> files, Func<List<InputFile>, (bool, IReadOnlyList<Problem>)> read)
    {
        IReadOnlyList<Problem> problems = [];
        var (isRead, milliseconds, bytes) = (false, double.MaxValue, 0L);
        var thread = new Thread(() =>
        {
            for (var tries = 0; tries < 8 && milliseconds > MaxMilliseconds; tries++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                milliseconds = Math.Min(milliseconds, HostileClock.Time(() => (isRead, problems) = read(files), MaxMilliseconds));
                bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }, Stack)
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromMinutes(2)), $"{what}: hangs");
        Assert.True(milliseconds <= MaxMilliseconds, FormattableString.Invariant($"{what}: took {milliseconds:F0} ms"));
        Assert.True(bytes <= HostileReader.MaxBytes, FormattableString.Invariant($"{what}: allocated {bytes >> 20} MiB"));
        Assert.All(problems, problem => Assert.True(problem is { Line: > 0, Column: > 0 }));
        return (problems, isRead);
    }

    private static string LocalParams(int count, Func<int, string> expression) => new JObject
    {
        ["LocalParams"] = new JArray(Enumerable.Range(0, count).Select(i => new JObject { ["Name"] = $"p{i}", ["Expression"] = expression(i) })),
    }.ToString();

    private static byte[] Bytes(JObject file) => Encoding.UTF8.GetBytes(file.ToString());

    private static string Many(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Wrapped(string open, string inner, string close, int count) => Many(open, count) + inner + Many(close, count);

    private static string Series(int count, Func<int, string> one) => string.Join(",", Enumerable.Range(0, count).Select(one));
}
