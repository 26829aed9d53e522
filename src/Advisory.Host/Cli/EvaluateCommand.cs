using System.CommandLine;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;

namespace Advisory.Host.Cli;

/// <summary><c>advisory evaluate</c>: verdicts for scenarios and cases.</summary>
internal static class EvaluateCommand
{
    internal sealed record Options(
        string Rules, string[] Files, string? Question, string? Mission, Basis? Basis, Language Language, bool AsJson, bool AsLines, bool WithTrace);

    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE") { Description = "Scenario or case files; - reads standard input.", Arity = ArgumentArity.OneOrMore };
        var rules = BookChoice.RulesOption();
        var question = new Option<string?>("--question") { Description = "Only this question, such as preconditions.", HelpName = "Q" };
        var mission = new Option<string?>("--mission") { Description = "Only this mission, such as deterrence.", HelpName = "M" };
        var basis = new Option<string?>("--basis") { Description = "Which outcome comes first: on stated facts, or under the documents' assumptions. Default: as the scenario says." };
        basis.AcceptOnlyFromAmong("stated", "assumed");
        var language = new Option<string>("--lang") { Description = "The language of the texts.", DefaultValueFactory = _ => "en" };
        language.AcceptOnlyFromAmong("en", "nl");
        var json = new Option<bool>("--json") { Description = "One JSON object for each scenario." };
        var lines = new Option<bool>("--lines") { Description = "JSON Lines in and out: one scenario a line, one decision a line, in the same order." };
        var trace = new Option<bool>("--trace") { Description = "Every rule with its expression, each part's truth and the facts that it read." };

        var command = new Command("evaluate", "Gives the verdicts on scenarios, with every reason.") { files, rules, question, mission, basis, language, json, lines, trace };
        command.SetAction(parsed => Run(
            new(
                BookFolder.Locate(parsed.GetValue(rules)!),
                parsed.GetValue(files)!,
                parsed.GetValue(question),
                parsed.GetValue(mission),
                parsed.GetValue(basis) switch { "assumed" => Basis.Assumed, "stated" => Basis.Stated, _ => null },
                parsed.GetValue(language) == "nl" ? Language.Nl : Language.En,
                parsed.GetValue(json),
                parsed.GetValue(lines),
                parsed.GetValue(trace)),
            terminal));
        return command;
    }

    public static int Run(Options options, Terminal terminal)
    {
        if (BookFolder.Load(options.Rules, terminal.Errors) is not { } loaded) return ExitCode.Input;
        foreach (var problem in loaded.Problems) terminal.Errors.WriteLine(problem);
        if (loaded.Value is not { } book) return ExitCode.Input;
        if (!Knows(book, options, terminal)) return ExitCode.Input;

        var code = ExitCode.Done;
        var isFirst = true;
        foreach (var file in options.Files)
        {
            foreach (var input in Inputs(file, options.AsLines, terminal))
            {
                terminal.Stop.ThrowIfCancellationRequested();
                if (input is not { } scenarioFile)
                {
                    code = ExitCode.Input;
                    continue;
                }

                var scenario = Scenario.Read(book, scenarioFile);
                foreach (var problem in scenario.Problems) terminal.Errors.WriteLine(problem);
                if (scenario.Value is null)
                {
                    code = ExitCode.Input;
                    continue;
                }

                if (!isFirst && !options.AsJson && !options.AsLines) terminal.Output.WriteLine();
                isFirst = false;
                Print(Evaluation.Of(book, scenario.Value), options, terminal);
            }
        }

        return code;
    }

    private static bool Knows(RuleBook book, Options options, Terminal terminal)
    {
        if (options.Question is { } question && book.Question(question) is null)
            terminal.Errors.WriteLine($"the book has no question `{question}`; it has {string.Join(", ", book.Questions.Select(q => q.Id))}");
        else if (options.Mission is { } mission && mission != RuleBook.AnyMission && !book.Missions.Any(m => m.Id == mission))
            terminal.Errors.WriteLine($"the book has no mission `{mission}`; it has {string.Join(", ", book.Missions.Select(m => m.Id))}");
        else
            return true;
        return false;
    }

    /// <summary>The scenarios in a file: the whole of it, or one a line; null for one that cannot be read, after saying why.</summary>
    private static IEnumerable<InputFile?> Inputs(string file, bool asLines, Terminal terminal)
    {
        var name = file == "-" ? "standard input" : file.Replace('\\', '/');
        if (!asLines)
        {
            yield return ReadAll(file, name, terminal);
            yield break;
        }

        if (Open(file, name, terminal) is not { } stream)
        {
            yield return null;
            yield break;
        }

        using (stream)
        {
            var number = 0;
            foreach (var line in Lines.Of(stream, Scenario.MaxBytes))
            {
                number++;
                if (line.Length > 0) yield return new(name, line, FormattableString.Invariant($"{name}[{number}]"));
            }
        }
    }

    private static InputFile? ReadAll(string file, string name, Terminal terminal)
    {
        if (Open(file, name, terminal) is not { } stream) return null;
        using (stream)
        {
            // One byte more than is read, so that a longer file is known to be too long without reading all of it.
            var bytes = new byte[Scenario.MaxBytes + 1];
            return new(name, bytes.AsMemory(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
    }

    private static Stream? Open(string file, string name, Terminal terminal)
    {
        try
        {
            return file == "-" ? terminal.Input() : File.OpenRead(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Errors.WriteLine($"{name}: cannot be read; {(fault is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : fault.Message)}");
            return null;
        }
    }

    private static void Print(Evaluation evaluation, Options options, Terminal terminal)
    {
        var basis = options.Basis ?? evaluation.Scenario.Basis;
        var verdicts = evaluation.Verdicts
            .Where(v => options.Question is null || v.Question.Id == options.Question)
            .Where(v => options.Mission is null || v.Mission == options.Mission)
            .ToList();
        if (options.AsJson || options.AsLines)
        {
            var json = EvaluationJson.Decision(evaluation, verdicts, basis, options.WithTrace);
            terminal.Output.WriteLine(json.ToString(options.AsLines ? Formatting.None : Formatting.Indented).ReplaceLineEndings("\n"));
            return;
        }

        var text = new StringBuilder();
        new DecisionText(evaluation, basis, options.Language, terminal.Width, text).Write(verdicts, options.WithTrace);
        terminal.Output.Write(text);
    }
}
