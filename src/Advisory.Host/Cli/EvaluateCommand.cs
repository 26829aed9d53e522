using System.CommandLine;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory evaluate</c>: verdicts for scenarios and cases.</summary>
internal static class EvaluateCommand
{
    internal sealed record Options(
        string Rules, string[] Files, string? Question, string? Mission, Basis? Basis, Language Language, bool AsJson, bool AsLines, bool WithTrace)
    {
        /// <summary>Null: nothing is recorded.</summary>
        public Recording.Options? Recording { get; init; }

        /// <summary>Exact answers that follow each decision.</summary>
        public AnalysisWishes Explain { get; init; } = new();

        /// <summary>Runs an act against a service, whose rule book decides; null: here.</summary>
        public Func<Func<ServiceLog, int>, int>? AtServer { get; init; }
    }

    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE") { Description = "Scenario or case files; - reads standard input.", Arity = ArgumentArity.OneOrMore };
        var rules = BookChoice.RulesOption();
        var question = BookChoice.QuestionOption(rules);
        var mission = BookChoice.MissionOption(rules);
        var basis = new Option<string?>("--basis") { Description = "Which outcome comes first: on stated facts, or under the documents' assumptions. Default: as the scenario says." };
        basis.AcceptOnlyFromAmong("stated", "assumed");
        var language = new Option<string>("--lang") { Description = "The language of the texts.", DefaultValueFactory = _ => "en" };
        language.AcceptOnlyFromAmong("en", "nl");
        var json = new Option<bool>("--json") { Description = "One JSON object for each scenario." };
        var lines = new Option<bool>("--lines")
        {
            Description = "JSON Lines in and out, of any number: one scenario a line, one decision a line, in the same order; for a line that is at fault its problems. "
                + "A line has at most 256 KiB, and empty ones are passed over.",
        };
        var explain = new Option<string[]>("--explain") { Description = "Exact answers behind each decision: what is still open, why, what would change it, what to find out first, and the margin. May stand there several times.", HelpName = "KIND" };
        explain.AcceptOnlyFromAmong(AnalysisWishes.Kinds);
        var trace = new Option<bool>("--trace") { Description = "Every rule with its expression, each part's truth and the facts that it read." };

        var record = new Option<bool>("--record") { Description = "Records each decision in the ledger before its verdicts are shown, and gives a receipt; a scenario that is at fault is recorded as refused." };
        var place = new LogPlace();
        var by = DataFolder.ByOption();
        var key = new Option<string?>("--key")
        {
            Description = "With --record, a key of your choice: sent again with it, the same scenario gives the decision that is there, and another one is refused. With --lines the key of line n is K:n.",
            HelpName = "K",
        };
        var supersedes = new Option<string?>("--supersedes") { Description = "With --record, the decision that this one takes the place of: its id, the beginning of it, or the index of its entry.", HelpName = "ID" };
        var receipt = new Option<string?>("--receipt") { Description = "With --record, a file for the receipt, instead of printing it.", HelpName = "FILE" };

        var command = new Verb("evaluate", "Gives the verdicts on scenarios, with every reason.",
            "done, whatever the verdicts",
            null,
            new("advisory evaluate rules/ukraine/cases/S02.json", "Every mission and question at a glance, then each with its reasons."),
            new("advisory evaluate rules/ukraine/cases/S02.json --question preconditions --mission deterrence --trace", "One verdict, with every rule that it rests on."),
            new("advisory evaluate rules/ukraine/cases/S02.json --question preconditions --mission deterrence --explain why --explain change", "One verdict, the facts that force it, and what would change it."),
            new("advisory evaluate rules/ukraine/cases/S02.json rules/ukraine/cases/S04.json --lang nl --basis assumed", "Two scenarios in Dutch, under the documents' assumptions."),
            new("advisory evaluate - --json < rules/ukraine/cases/S02.json", "The decision as JSON, from standard input."),
            new("tr -d '\\n' < rules/ukraine/cases/S02.json | advisory evaluate - --lines", "One scenario a line, one decision a line."),
            new("advisory evaluate rules/ukraine/cases/S02.json --mission deterrence --record --by ada --key 2026-017", "Records the decision in the ledger in the folder data, and prints the receipt."),
            new("advisory evaluate rules/ukraine/cases/S02.json --server http://127.0.0.1:5080 --record", "Records it at a service, under the service's rule book, and works the verdicts out here too."))
        { files, rules, question, mission, basis, language, json, lines, trace, explain, record, by, key, supersedes, receipt, place.Data, place.Server, place.KeyFile };
        command.SetAction(parsed =>
        {
            if (place.IsServer(parsed) && parsed.GetResult(rules) is { Implicit: false })
            {
                terminal.Errors.WriteLine("the service's rule book decides; leave --rules or --server out");
                return ExitCode.Input;
            }

            return Run(new(
                BookFolder.Locate(parsed.GetValue(rules)!),
                parsed.GetValue(files)!,
                parsed.GetValue(question),
                parsed.GetValue(mission),
                parsed.GetValue(basis) switch { "assumed" => Basis.Assumed, "stated" => Basis.Stated, _ => null },
                parsed.GetValue(language) == "nl" ? Language.Nl : Language.En,
                parsed.GetValue(json),
                parsed.GetValue(lines),
                parsed.GetValue(trace))
            {
                Recording = parsed.GetValue(record) || (parsed.GetValue(by) ?? parsed.GetValue(key) ?? parsed.GetValue(supersedes) ?? parsed.GetValue(receipt)) is not null
                    ? new(parsed.GetValue(record), parsed.GetValue(place.Data)!, parsed.GetValue(by), parsed.GetValue(key), parsed.GetValue(supersedes), parsed.GetValue(receipt))
                    : null,
                Explain = AnalysisWishes.Of(parsed.GetValue(explain) ?? []),
                AtServer = place.IsServer(parsed) ? act => place.WithServer(parsed, terminal, act) : null,
            }, terminal);
        });
        return command;
    }

    public static int Run(Options options, Terminal terminal)
    {
        if (options.Recording?.Fault(options) is { } fault)
        {
            terminal.Errors.WriteLine(fault);
            return ExitCode.Input;
        }

        if (options.AtServer is { } atServer)
        {
            return atServer(log =>
            {
                var book = log.Book();
                if (!BookChoice.Knows(book, options.Question, options.Mission, terminal)) return ExitCode.Input;
                return Run(book, scenario => log.WhatIf(book, scenario, terminal.Stop), options, terminal, options.Recording is null ? null : new(log, options, terminal));
            });
        }

        if (BookFolder.Book(options.Rules, terminal) is not { } book) return ExitCode.Input;
        if (!BookChoice.Knows(book, options.Question, options.Mission, terminal)) return ExitCode.Input;
        Func<Scenario, Evaluation> evaluate = scenario => Evaluation.Of(book, scenario);
        if (options.Recording is not { } recording) return Run(book, evaluate, options, terminal, null);
        return DataFolder.With(recording.Data, terminal, DataFolder.Actor(recording.By), isReadOnly: false, log => Run(book, evaluate, options, terminal, new(log, options, terminal)));
    }

    private static int Run(RuleBook book, Func<Scenario, Evaluation> evaluate, Options options, Terminal terminal, Recording? recording)
    {
        var code = ExitCode.Done;
        var progress = new Progress(terminal, options.AsLines);
        try
        {
            foreach (var file in options.Files)
            {
                if (Inputs.Open(file, terminal) is not { } stream)
                {
                    code = ExitCode.Input;
                    continue;
                }

                using (stream)
                {
                    var name = Inputs.NameOf(file);
                    if (options.AsLines) EvaluateLines(book, evaluate, stream, name, options, terminal, progress, recording);
                    else EvaluateWhole(book, evaluate, new(name, Lines.ReadAll(stream, Scenario.MaxBytes + 1, terminal.Stop)), options, terminal, progress, recording);
                }
            }
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            throw new StoppedException($"stopped after {progress}");
        }

        if (options.AsLines) progress.Say(progress.ToString());
        return progress.AtFault > 0 ? ExitCode.Input : code;
    }

    private static void EvaluateWhole(RuleBook book, Func<Scenario, Evaluation> evaluate, InputFile file, Options options, Terminal terminal, Progress progress, Recording? recording)
    {
        terminal.Stop.ThrowIfCancellationRequested();
        var scenario = Scenario.Read(book, file);
        foreach (var problem in scenario.Problems) terminal.Errors.WriteLine(problem);
        if (scenario.Value is not null)
        {
            if (progress.Scenarios > progress.AtFault && !options.AsJson) terminal.Output.WriteLine();
            if (recording is null) Print(evaluate(scenario.Value), options, terminal);
            else if (!recording.Whole(book, scenario.Value, file))
            {
                progress.Count(isAtFault: true);
                return;
            }
        }
        else if (Inputs.Advice(file.Content.Span, asLines: false) is { } advice)
        {
            terminal.Errors.WriteLine(advice);
        }

        if (scenario.Value is null) recording?.Refuse(book, file.Content, scenario.Problems);
        progress.Count(scenario.Value is null);
    }

    private static void EvaluateLines(RuleBook book, Func<Scenario, Evaluation> evaluate, Stream stream, string name, Options options, Terminal terminal, Progress progress, Recording? recording)
    {
        var number = 0;
        foreach (var line in Lines.Of(stream, Scenario.MaxBytes, Waits, terminal.Stop))
        {
            terminal.Stop.ThrowIfCancellationRequested();
            number++;
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            var (scenario, problems) = Read(book, line, name, number);
            foreach (var problem in problems) progress.Say(problem.ToString());
            if (scenario is null && progress.AtFault == 0 && Inputs.Advice(line.Span, asLines: true) is { } advice) progress.Say(advice);
            if (recording is not null)
            {
                recording.Line(book, scenario, problems, line, name, number, progress);
                continue;
            }

            using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false })
            {
                if (scenario is not null) WriteDecision(writer, evaluate(scenario), options, terminal);
                else AtFault(name, number, problems).WriteTo(writer);
            }

            terminal.Output.WriteLine();
            progress.Count(isAtFault: scenario is null);
        }

        recording?.Finish(progress);

        void Waits()
        {
            recording?.Finish(progress);
            terminal.Output.Flush();
        }
    }

    internal static JObject AtFault(string name, int number, IEnumerable<Problem> problems) =>
        new() { ["file"] = name, ["line"] = number, ["problems"] = new JArray(problems.Select(CheckCommand.Json)) };

    // The engine reads a line as a file of one line.
    private static (Scenario?, IReadOnlyList<Problem>) Read(RuleBook book, ReadOnlyMemory<byte> line, string name, int number)
    {
        if (line.Length > Scenario.MaxBytes)
            return (null, [new(name, number, 1, "too-long", FormattableString.Invariant($"the line is longer than {Scenario.MaxBytes} bytes, and is not read"))]);
        var read = Scenario.Read(book, new(name, line));
        return (read.Value, [.. read.Problems.Select(problem => problem with { Line = problem.Line + number - 1 })]);
    }

    /// <summary>A decision as it is asked for, and behind it the answers that are; then what else is to stand there.</summary>
    internal static void WriteDecision(JsonWriter writer, Evaluation evaluation, Options options, Terminal terminal, Action<JsonWriter>? further = null) =>
        EvaluationJson.WriteDecision(writer, evaluation, Asked(evaluation, options), options.Basis ?? evaluation.Scenario.Basis, options.WithTrace, json =>
        {
            if (Explained(evaluation, options, terminal) is { } page)
            {
                json.WritePropertyName("explanations");
                page.Answers.WriteTo(json);
            }

            further?.Invoke(json);
        });

    /// <summary>The exact answers that are asked for; null where none are.</summary>
    internal static AnalysisPage? Explained(Evaluation evaluation, Options options, Terminal terminal)
    {
        if (!options.Explain.Any) return null;
        var page = new AnalysisPage(evaluation.Book, evaluation.Scenario, options.Basis ?? evaluation.Scenario.Basis, options.Explain, options.Language, terminal);
        page.Answer(Asked(evaluation, options));
        return page;
    }

    internal static List<Verdict> Asked(Evaluation evaluation, Options options) =>
    [
        .. evaluation.Verdicts
            .Where(v => options.Question is null || v.Question.Id == options.Question)
            .Where(v => options.Mission is null || v.Mission == options.Mission),
    ];

    internal static void Print(Evaluation evaluation, Options options, Terminal terminal)
    {
        if (options.AsJson)
        {
            using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented }) WriteDecision(writer, evaluation, options, terminal);
            terminal.Output.WriteLine();
            return;
        }

        var text = new StringBuilder();
        new DecisionText(evaluation, options.Basis ?? evaluation.Scenario.Basis, options.Language, terminal.Width, text, terminal.HasColors).Write(Asked(evaluation, options), options.WithTrace);
        terminal.Output.Write(text);
        if (Explained(evaluation, options, terminal) is { } page) terminal.Output.Write("\n" + page.Text);
    }
}
