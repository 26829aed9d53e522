using System.Text;
using Advisory.Engine;
using BenchmarkDotNet.Attributes;
using Newtonsoft.Json.Linq;

namespace Advisory.Benchmarks;

/// <summary>40 rules beside the same rules by hand: what a decision costs once its scenario is read.</summary>
public class FortyRules
{
    private readonly List<string> failed = [];
    private HandWritten[] byHand = [];
    private RuleBook book = null!;
    private Scenario[] complete = [];
    private Scenario[] incomplete = [];
    private int next;

    [GlobalSetup]
    public void Setup()
    {
        book = Workload.Book(40);
        complete = Workload.Read(book, Workload.Complete);
        incomplete = Workload.Read(book, Workload.Incomplete);
        byHand = [.. Workload.Complete.Select(bytes => HandWritten.Read((JObject)JObject.Parse(Encoding.UTF8.GetString(bytes))["facts"]!))];
    }

    [Benchmark(Baseline = true, Description = "by hand: outcome, failed rules")]
    public bool ByHand() => byHand[next++ % 1_000].Decide(failed);

    [Benchmark(Description = "outcome, compact trace")]
    public string Outcome() => Evaluation.Of(book, complete[next++ % 1_000]).Verdicts[0].Stated.Outcome;

    [Benchmark(Description = "outcome, compact trace, failed rules")]
    public int Failed() => Count(Evaluation.Of(book, complete[next++ % 1_000]));

    [Benchmark(Description = "the same, one fact in ten unknown")]
    public int Incomplete() => Count(Evaluation.Of(book, incomplete[next++ % 1_000]));

    [Benchmark(Description = "scenario bytes to evaluation bytes")]
    public byte[] Bytes() => EvaluationJson.Canonical(Evaluation.Of(book, Scenario.Read(book, new("scenario", Workload.Complete[next++ % 1_000])).Value!));

    private static int Count(Evaluation evaluation)
    {
        var view = evaluation.Verdicts[0].Stated;
        return view.Deciding.Length + view.Warnings.Length;
    }
}

/// <summary>How the cost grows with the number of rules.</summary>
public class Growth
{
    private InputFile[] files = [];
    private RuleBook book = null!;
    private Scenario[] complete = [];
    private int next;

    [Params(40, 400, 4_000, 40_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        files = Workload.Files(Rules);
        book = Workload.Book(Rules);
        complete = Workload.Read(book, Workload.Complete.Take(100));
    }

    [Benchmark(Description = "outcome, compact trace")]
    public string Outcome() => Evaluation.Of(book, complete[next++ % 100]).Verdicts[0].Stated.Outcome;

    [Benchmark(Description = "outcome, compact trace, failed rules")]
    public int Failed()
    {
        var view = Evaluation.Of(book, complete[next++ % 100]).Verdicts[0].Stated;
        return view.Deciding.Length + view.Warnings.Length;
    }

    [Benchmark(Description = "load the book")]
    public object Load() => RuleBook.Load(files);
}

/// <summary>The Ukraine book: every question and mission, on stated facts, under assumptions and without waivers; over all its cases in turn.</summary>
public class Ukraine
{
    private InputFile[] files = [];
    private RuleBook book = null!;
    private byte[][] bytes = [];
    private Scenario[] scenarios = [];
    private int next;

    [GlobalSetup]
    public void Setup()
    {
        files = Workload.UkraineFiles();
        book = RuleBook.Load(files).Value!;
        bytes = Workload.UkraineScenarios();
        scenarios = Workload.Read(book, bytes);
    }

    [Benchmark(Description = "all outcomes")]
    public object Evaluate() => Evaluation.Of(book, scenarios[next++ % scenarios.Length]);

    [Benchmark(Description = "canonical evaluation")]
    public byte[] Canonical() => EvaluationJson.Canonical(Evaluation.Of(book, scenarios[next++ % scenarios.Length]));

    [Benchmark(Description = "decision with full trace as JSON")]
    public int Decision()
    {
        var evaluation = Evaluation.Of(book, scenarios[next++ % scenarios.Length]);
        using var text = new StringWriter();
        using (var json = new Newtonsoft.Json.JsonTextWriter(text)) EvaluationJson.WriteDecision(json, evaluation, evaluation.Verdicts, Basis.Stated, withTrace: true);
        return text.GetStringBuilder().Length;
    }

    [Benchmark(Description = "read a scenario")]
    public object Read() => Scenario.Read(book, new("scenario", bytes[next++ % bytes.Length]));

    [Benchmark(Description = "load the book")]
    public object Load() => RuleBook.Load(files);
}
