using System.Diagnostics;
using System.Text;
using Advisory.Engine;
using Advisory.Engine.Analysis;
using BenchmarkDotNet.Attributes;
using Newtonsoft.Json.Linq;

namespace Advisory.Benchmarks;

/// <summary>Each kind of answer on the Ukraine book: one a call, over 1,000 random partial scenarios, questions and missions in turn.</summary>
public class AnalysisBenchmarks
{
    private readonly List<(ScenarioAnalysis Analysis, Subject Subject)> asked = [];
    private int next;

    [GlobalSetup]
    public void Setup() => asked.AddRange(AnalysisFigures.Ukraine(1_000));

    [Benchmark]
    public object Reachable() => Next().Reachable();

    [Benchmark]
    public object Why() => Next().Why();

    [Benchmark]
    public object Change() => Next().Change();

    [Benchmark]
    public object Ask() => Next().Ask();

    [Benchmark]
    public object Margin() => Next().Margin();

    private Call Next()
    {
        var (analysis, subject) = asked[next++ % asked.Count];
        return new(analysis, subject);
    }

    private readonly record struct Call(ScenarioAnalysis Analysis, Subject Subject)
    {
        public object Reachable() => Analysis.Reachable(Subject);

        public object Why() => Analysis.Why(Subject);

        public object Change() => Analysis.Change(Subject);

        public object Ask() => Analysis.Ask(Subject);

        public object Margin() => Analysis.Margin(Subject);
    }
}

/// <summary>The same as figures: median, 95th percentile, and the share that is exact; run with <c>--analysis</c>.</summary>
internal static class AnalysisFigures
{
    public static void Print()
    {
        var asked = Ukraine(1_000).ToList();
        Console.WriteLine("Ukraine book, 1,000 random partial scenarios, one question and mission each");
        Table(asked);
        Console.WriteLine("Ukraine book, nothing known, every question and mission");
        var nothing = ScenarioAnalysis.Of(Book, Read(Book, new JObject()));
        Table([.. nothing.Subjects.Select(subject => (nothing, subject))]);
        foreach (var conditions in new[] { 50, 100, 200 })
        {
            Console.WriteLine($"random rule sets of {conditions} conditions over 10 to 30 shared facts, half of them known");
            Table([.. Enumerable.Range(0, 100).Select(seed => Random(conditions, seed))]);
        }
    }

    private static void Table(List<(ScenarioAnalysis Analysis, Subject Subject)> asked)
    {
        (string Name, Func<ScenarioAnalysis, Subject, Exactness> Ask)[] kinds =
        [
            ("reachable", (a, s) => a.Reachable(s).Exactness), ("why", (a, s) => a.Why(s).Exactness), ("change", (a, s) => a.Change(s).Exactness),
            ("ask", (a, s) => a.Ask(s).Exactness), ("margin", (a, s) => a.Margin(s).Exactness),
        ];
        foreach (var (name, ask) in kinds)
        {
            foreach (var (analysis, subject) in asked.Take(30)) ask(analysis, subject);
            var times = new List<double>();
            var exact = 0;
            foreach (var (analysis, subject) in asked)
            {
                var watch = Stopwatch.StartNew();
                exact += ask(analysis, subject).Exact ? 1 : 0;
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            Console.WriteLine(FormattableString.Invariant($"{name,-10} median {times[times.Count / 2],8:F2} ms   95 % {times[times.Count * 95 / 100],8:F2} ms   most {times[^1],8:F1} ms   exact {exact}/{times.Count}"));
        }
    }

    private static readonly RuleBook Book = RuleBook.Load(Directory.EnumerateFiles(Path.Combine(Root(), "rules", "ukraine"), "*.json").Select(p => new InputFile(Path.GetFileName(p), File.ReadAllBytes(p)))).Value!;

    /// <summary>Scenarios of the book's cases with a third of the facts left out and others drawn, each with one verdict to ask about.</summary>
    public static IEnumerable<(ScenarioAnalysis Analysis, Subject Subject)> Ukraine(int count)
    {
        var cases = Directory.EnumerateFiles(Path.Combine(Root(), "rules", "ukraine", "cases"), "*.json").Order(StringComparer.Ordinal).Select(p => (JObject)JObject.Parse(File.ReadAllText(p))["scenario"]!).ToList();
        var drawn = Book.Facts.Where(f => f.Role == FactRole.World && f.Type is FactType.Boolean or FactType.Enumeration or FactType.Integer && f.Name != RuleBook.MissionFact && Book.Records.All(r => !f.Name.StartsWith(r.Prefix + ".", StringComparison.Ordinal))).ToList();
        for (var (seed, given) = (0, 0); given < count; seed++)
        {
            var random = new Random(seed);
            var scenario = (JObject)cases[random.Next(cases.Count)].DeepClone();
            var facts = (JObject)scenario["facts"]!;
            foreach (var fact in facts.Properties().Where(_ => random.Next(100) < 30).ToList()) fact.Remove();
            foreach (var fact in drawn.Where(f => f.Role == FactRole.World && facts[f.Name] is null && random.Next(100) < 40))
                facts[fact.Name] = fact.Type switch
                {
                    FactType.Boolean => random.Next(100) < 60,
                    FactType.Enumeration => fact.Values[random.Next(fact.Values.Length)],
                    _ => (long)fact.Min + random.Next((int)Math.Min(fact.Max - fact.Min, random.Next(100) < 70 ? 60 : 100_000)),
                };
            if (Scenario.Read(Book, new("scenario.json", Encoding.UTF8.GetBytes(scenario.ToString()))).Value is not { } read) continue;
            var analysis = ScenarioAnalysis.Of(Book, read, new() { Basis = read.Basis });
            given++;
            yield return (analysis, analysis.Subjects[random.Next(analysis.Subjects.Length)]);
        }
    }

    /// <summary>A rule set like a policy's: rules that join a few conditions over shared facts, half of which are known.</summary>
    private static (ScenarioAnalysis Analysis, Subject Subject) Random(int conditions, int seed)
    {
        var random = new Random(seed);
        var count = random.Next(10, 31);
        var facts = Enumerable.Range(0, count).Select(i => (Name: $"f.fact_{i}", Kind: random.Next(10) switch { < 6 => "boolean", < 9 => "enumeration", _ => "integer" })).ToList();
        var rules = new JArray();
        for (var left = conditions; left > 0;)
        {
            var size = Math.Min(left, random.Next(1, 6));
            left -= size;
            var parts = Enumerable.Range(0, size).Select(_ => Condition()).ToList();
            var text = parts[0];
            for (var i = 1; i < size; i++) text = $"({text} {(random.Next(2) == 0 ? "&&" : "||")} {parts[i]})";
            if (random.Next(4) == 0) text = $"{Condition()} ? {text} : true";
            rules.Add(new JObject
            {
                ["RuleName"] = $"R-{rules.Count}",
                ["Expression"] = text,
                ["Properties"] = new JObject { ["Strength"] = random.Next(2) == 0 ? "hard" : "in_principle", ["Missions"] = new JArray("any"), ["Statements"] = new JArray("S"), ["Title"] = Text(), ["Reason"] = Text() },
            });
        }

        var files = new Dictionary<string, JObject>
        {
            ["book.json"] = new()
            {
                ["name"] = "random", ["version"] = "1", ["title"] = Text(), ["owner"] = "o", ["documents"] = new JArray(), ["notAssessed"] = new JArray(),
                ["missions"] = new JArray(new JObject { ["id"] = "first", ["title"] = Text() }),
                ["questions"] = new JArray(new JObject { ["id"] = "go", ["title"] = Text() }),
                ["groups"] = new JArray(new JObject { ["id"] = "g", ["title"] = Text() }),
                ["outcomes"] = new JObject(new[] { "NO_GO", "UNDETERMINED", "CONDITIONAL", "GO", "NOT_ASSESSED" }.Select(o => new JProperty(o, Text()))),
            },
            ["vocabulary.json"] = new()
            {
                ["facts"] = new JArray(facts.Select(f =>
                {
                    var json = new JObject { ["name"] = f.Name, ["type"] = f.Kind, ["group"] = "g", ["label"] = Text(), ["influence"] = "ours" };
                    if (f.Kind == "enumeration") json["values"] = new JArray("a", "b", "c");
                    if (f.Kind == "integer") json.Merge(JObject.Parse("""{ "unit": "u", "min": 0, "max": 1000, "step": 1 }"""));
                    return json;
                })),
            },
            ["go.json"] = new()
            {
                ["WorkflowName"] = "go", ["Outcomes"] = new JArray("NO_GO", "UNDETERMINED", "CONDITIONAL", "GO"), ["Rules"] = rules,
                ["Strengths"] = JObject.Parse("""{ "hard": { "false": "NO_GO", "unknown": "UNDETERMINED" }, "in_principle": { "false": "CONDITIONAL", "unknown": "CONDITIONAL" } }"""),
            },
        };
        var book = RuleBook.Load(files.Select(f => new InputFile(f.Key, Encoding.UTF8.GetBytes(f.Value.ToString())))).Value!;
        var known = new JObject(facts.Where(_ => random.Next(2) == 0).Select(f => new JProperty(f.Name, f.Kind switch { "boolean" => random.Next(2) == 0, "enumeration" => new JValue("abc"[random.Next(3)].ToString()), _ => (JToken)random.Next(1001) })));
        return (ScenarioAnalysis.Of(book, Read(book, known)), new("go", "first"));

        string Condition()
        {
            var (name, kind) = facts[random.Next(count)];
            return kind switch
            {
                "boolean" => $"{name} == {(random.Next(2) == 0 ? "true" : "false")}",
                "enumeration" => random.Next(2) == 0 ? $"{name} == \"{"abc"[random.Next(3)]}\"" : $"{name} in (\"a\", \"{"bc"[random.Next(2)]}\")",
                _ => $"{name} {(random.Next(2) == 0 ? ">=" : "<")} {random.Next(1, 1000)}",
            };
        }

        static JObject Text() => new() { ["en"] = "t", ["nl"] = "t" };
    }

    private static Scenario Read(RuleBook book, JObject facts) => Scenario.Read(book, new("scenario.json", Encoding.UTF8.GetBytes(new JObject { ["facts"] = facts }.ToString()))).Value!;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Advisory.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
