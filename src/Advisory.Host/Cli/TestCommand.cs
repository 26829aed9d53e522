using System.CommandLine;
using System.Text;
using System.Xml.Linq;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory test</c>: runs a book's cases and says which rules and conditions they exercise.</summary>
internal static class TestCommand
{
    internal sealed record Options(string Book, string[] Cases, bool AsJson, string? JUnit, bool ShowsCoverage, bool Updates);

    private sealed record Result(InputFile File, Case? Case, Evaluation? Evaluation, IReadOnlyList<string> Differences)
    {
        public string Name => Case?.Name ?? Path.GetFileNameWithoutExtension(File.Name);

        public bool Holds => Case is not null && Differences.Count == 0;
    }

    public static Command Create(Terminal terminal)
    {
        var book = new BookChoice();
        var only = new Option<string[]>("--case") { Description = "Only these cases.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "Results and coverage as one JSON object." };
        var junit = new Option<string?>("--junit") { Description = "Also writes the results as JUnit XML.", HelpName = "FILE" };
        var coverage = new Option<bool>("--coverage") { Description = "Every rule and every part of its expression with the truths that no case reached." };
        var update = new Option<bool>("--update") { Description = "Writes what was got as what is expected, for cases named with --case; shows every change." };
        only.CompletionSources.Add(context => BookFolder.Cases(book.In(context.ParseResult)).Select(NameOf));
        var command = new Verb("test", "Runs the cases of a rule book; says which rules and conditions they exercise.",
            "every case holds",
            "a case fails; it is shown with what differs and with its trace",
            new("advisory test", "All cases of the shipped book."),
            new("advisory test rules/ukraine --case S02 S04 --coverage", "Two cases, and what they do not reach."),
            new("advisory test rules/ukraine --case S02 --update", "Writes what was got as what is expected, and shows each change."))
        { only, json, junit, coverage, update };
        book.AddTo(command);
        command.SetAction(parsed => Run(new(book.In(parsed), parsed.GetValue(only) ?? [], parsed.GetValue(json), parsed.GetValue(junit), parsed.GetValue(coverage), parsed.GetValue(update)), terminal));
        return command;
    }

    public static int Run(Options options, Terminal terminal)
    {
        if (options.Updates && options.Cases.Length == 0)
        {
            terminal.Errors.WriteLine("--update changes what is expected, so it asks for the cases by name: --case NAME");
            return ExitCode.Input;
        }

        if (BookFolder.Load(options.Book, terminal.Errors) is not { } loaded) return ExitCode.Input;
        if (loaded.Value is not { } book)
        {
            foreach (var problem in loaded.Problems) terminal.Errors.WriteLine(problem);
            return ExitCode.Input;
        }

        var files = BookFolder.Cases(options.Book);
        var unknown = options.Cases.Where(name => !files.Any(f => NameOf(f) == name)).ToList();
        if (unknown.Count > 0)
        {
            foreach (var name in unknown)
                terminal.Errors.WriteLine($"{options.Book} has no case `{name}`; {(Nearest.To(name, files.Select(NameOf)) is { } near ? $"did you mean `{near}`?" : $"its cases are the files in {options.Book}/cases")}");
            return ExitCode.Input;
        }

        var asked = files.Where(f => options.Cases.Length == 0 || options.Cases.Contains(NameOf(f))).ToList();
        var results = new List<Result>();
        foreach (var file in asked)
        {
            if (terminal.Stop.IsCancellationRequested) throw new StoppedException(FormattableString.Invariant($"stopped after {results.Count} of {asked.Count} cases, {results.Count(r => !r.Holds)} failing"));
            results.Add(Try(book, file));
        }

        if (options.Updates) return Update(options, results, terminal);

        var coverage = new Coverage(book);
        foreach (var result in results)
            if (result.Evaluation is not null)
                coverage.Add(result.Evaluation);
        var failed = results.Count(r => !r.Holds);
        if (options.JUnit is { } path) File.WriteAllText(path, JUnit(book, results), new UTF8Encoding(false));
        if (options.AsJson) terminal.Output.WriteLine(Json(results, coverage).ToString(Formatting.Indented).ReplaceLineEndings("\n"));
        else Print(results, coverage, options, terminal);
        return failed > 0 ? ExitCode.Found : ExitCode.Done;
    }

    private static string NameOf(InputFile file) => Path.GetFileNameWithoutExtension(file.Name);

    private static Result Try(RuleBook book, InputFile file)
    {
        var read = Case.Read(book, file);
        if (read.Value is not { } one) return new(file, null, null, [.. read.Problems.Select(p => p.ToString())]);
        var evaluation = Evaluation.Of(book, one.Scenario);
        return new(file, one, evaluation, one.Differences(evaluation));
    }

    private static void Print(List<Result> results, Coverage coverage, Options options, Terminal terminal)
    {
        var output = terminal.Output;
        foreach (var result in results.Where(r => !r.Holds))
        {
            output.WriteLine(Paint.Harmless($"{result.Name} fails{(result.Case is null ? "" : ": " + result.Case.Title.En)}"));
            foreach (var difference in result.Differences) output.WriteLine("  " + Paint.Harmless(difference));
            output.Write(TraceOfDifference(result));
        }

        var rules = coverage.Rules().ToList();
        var nodes = rules.SelectMany(r => r.Nodes).ToList();
        var failed = results.Count(r => !r.Holds);
        output.WriteLine(FormattableString.Invariant($"{options.Book}: {CheckCommand.Count(results.Count, "case")}, {failed} failing"));
        output.WriteLine(FormattableString.Invariant($"rules reached true: {rules.Count(r => r.Reached.HasFlag(TruthsReached.True))}, false: {rules.Count(r => r.Reached.HasFlag(TruthsReached.False))}, unknown: {rules.Count(r => r.Reached.HasFlag(TruthsReached.Unknown))}, of {rules.Count}"));
        output.WriteLine(FormattableString.Invariant($"conditions reached both true and false: {nodes.Count(n => n.Reached.HasFlag(TruthsReached.True | TruthsReached.False))} of {nodes.Count}"));
        if (!options.ShowsCoverage)
        {
            if (rules.Any(r => r.Reached != TruthsReached.All)) output.WriteLine("--coverage names what no case reached");
            return;
        }

        foreach (var rule in rules)
        {
            foreach (var node in rule.Nodes.Where(n => n.Reached != TruthsReached.All))
                output.WriteLine($"  {rule.Rule.Name} never {Missing(node.Reached)}: {node.Text}");
        }
    }

    private static string Missing(TruthsReached reached) => string.Join(", ",
        new[] { TruthsReached.True, TruthsReached.False, TruthsReached.Unknown }.Where(t => !reached.HasFlag(t)).Select(t => t.ToString().ToLowerInvariant()));

    /// <summary>The rules of the first verdict that differs: those expected and those that decided instead.</summary>
    private static string TraceOfDifference(Result result)
    {
        if (result.Case is not { } one || result.Evaluation is not { } evaluation) return "";
        var basis = one.Scenario.Basis;
        var text = new StringBuilder();
        foreach (var expected in one.Expect)
        {
            if (evaluation.Verdicts.FirstOrDefault(v => v.Question.Id == expected.Question && (v.Record ?? v.Mission) == expected.Subject) is not { } verdict) continue;
            var view = verdict.On(basis);
            var got = view.Deciding.Select(f => f.Rule.Name).ToList();
            var wanted = expected.Deciding ?? [];
            if (view.Outcome == expected.Outcome && !wanted.Except(got).Any() && (expected.Deciding is null || !got.Except(wanted).Any())) continue;
            var names = wanted.Concat(got).ToHashSet();
            foreach (var traced in Trace.Of(evaluation, [verdict], basis).Where(t => names.Contains(t.Finding.Rule.Name))) TraceText.Write(traced, Language.En, text);
            break;
        }

        return text.ToString();
    }

    private static JObject Json(List<Result> results, Coverage coverage) => new()
    {
        ["cases"] = new JArray(results.Select(r => new JObject
        {
            ["case"] = r.Name,
            ["holds"] = r.Holds,
            ["differences"] = new JArray(r.Differences),
        })),
        ["coverage"] = new JArray(coverage.Rules().Select(r => new JObject
        {
            ["question"] = r.Question.Id,
            ["rule"] = r.Rule.Name,
            ["reached"] = Letters(r.Reached),
            ["nodes"] = new JArray(r.Nodes.Select(n => new JObject { ["text"] = n.Text, ["reached"] = Letters(n.Reached) })),
        })),
    };

    private static JArray Letters(TruthsReached reached) => new(
        new[] { TruthsReached.True, TruthsReached.False, TruthsReached.Unknown }.Where(t => reached.HasFlag(t)).Select(t => t.ToString().ToLowerInvariant()));

    private static string JUnit(RuleBook book, List<Result> results) => new XDocument(
        new XElement("testsuites", new XElement("testsuite",
            new XAttribute("name", book.Name),
            new XAttribute("tests", results.Count),
            new XAttribute("failures", results.Count(r => !r.Holds)),
            results.Select(r => new XElement("testcase",
                new XAttribute("classname", book.Name),
                new XAttribute("name", r.Name),
                r.Holds ? null : new XElement("failure", new XAttribute("message", Clean(r.Differences[0])), Clean(string.Join('\n', r.Differences))))))))
        .ToString() + "\n";

    // XML 1.0 cannot hold most control characters, not even escaped.
    private static string Clean(string text) => string.Concat(text.Select(c => System.Xml.XmlConvert.IsXmlChar(c) ? c : '\uFFFD'));

    /// <summary>Writes the outcome and lists that were got over those expected, member by member as the author has them, and shows each change.</summary>
    private static int Update(Options options, List<Result> results, Terminal terminal)
    {
        foreach (var result in results)
        {
            if (result.Case is not { } one)
            {
                foreach (var problem in result.Differences) terminal.Errors.WriteLine(problem);
                return ExitCode.Input;
            }

            if (result.Holds)
            {
                terminal.Output.WriteLine($"{result.Name} holds; nothing to change");
                continue;
            }

            var path = Path.Combine(options.Book, "cases", result.Name + ".json");
            var json = JsonConvert.DeserializeObject<JObject>(File.ReadAllText(path), new JsonSerializerSettings { DateParseHandling = DateParseHandling.None })!;
            foreach (var expected in one.Expect)
            {
                if (result.Evaluation!.Verdicts.FirstOrDefault(v => v.Question.Id == expected.Question && (v.Record ?? v.Mission) == expected.Subject) is not { } verdict) continue;
                var view = verdict.On(one.Scenario.Basis);
                var target = (JObject)json["expect"]![expected.Question]![expected.Subject]!;
                Set(target, "outcome", view.Outcome);
                Set(target, "deciding", new JArray(view.Deciding.Select(f => f.Rule.Name)));
                Set(target, "warnings", new JArray(view.Warnings.Select(f => f.Rule.Name)));
                Set(target, "waived", new JArray(view.Waived.Select(f => f.Rule.Name)));
                Set(target, "conditions", new JArray(view.Conditions.Select(f => f.Rule.Name)));
                Set(target, "notAssessed", new JArray(view.NotAssessed.Select(r => r.Name)));
                Set(target, "open", new JArray(view.Open.Select(r => r.Name)));
                Set(target, "relyingOn", new JArray(view.RelyingOn.Items.Select(r => r.Name)));

                void Set(JObject at, string member, JToken value)
                {
                    if (at[member] is not { } before || JToken.DeepEquals(before, value)) return;
                    terminal.Output.WriteLine($"{result.Name} {expected.Question} {expected.Subject} {member}: {before.ToString(Formatting.None)} -> {value.ToString(Formatting.None)}");
                    at[member] = value;
                }
            }

            Files.Replace(path, BookFormat.Layout(new(path, Encoding.UTF8.GetBytes(json.ToString()))).Value!);
            terminal.Output.WriteLine($"{result.Name}: look at `why`, and at every change above, before you keep this");
        }

        return ExitCode.Done;
    }
}
