using System.CommandLine;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory check</c>: everything wrong or suspicious in a rule book.</summary>
internal static class CheckCommand
{
    internal sealed record Options(string Book, string? Documents, bool AsJson, bool IsStrict, bool Watches);

    public static Command Create(Terminal terminal)
    {
        var book = new BookChoice();
        var documents = new Option<string?>("--documents") { Description = "A folder with the documents' texts: names every statement, rule and fact that an edited sentence touches.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "The problems as one JSON object." };
        var strict = new Option<bool>("--strict") { Description = "A warning fails the check too." };
        var watch = new Option<bool>("--watch") { Description = "Checks and tests again whenever a file is saved, until Ctrl-C." };
        var command = new Verb("check", "Names everything wrong or suspicious in a rule book, one line a problem.",
            "nothing is wrong; warnings do not count without --strict",
            "there is an error, or with --strict a warning",
            new("advisory check", "The shipped book."),
            new("advisory check rules/ukraine --strict --json", "For a script or a pipeline: a warning counts too."),
            new("advisory check rules/ukraine --watch", "Checks and tests again at every save, until Ctrl-C."))
        { documents, json, strict, watch };
        book.AddTo(command);
        command.SetAction(parsed => Run(new(book.In(parsed), parsed.GetValue(documents), parsed.GetValue(json), parsed.GetValue(strict), parsed.GetValue(watch)), terminal));
        return command;
    }

    public static int Run(Options options, Terminal terminal)
    {
        if (options.Watches) return Watch(options, terminal);
        return Once(options, terminal);
    }

    private static int Once(Options options, Terminal terminal)
    {
        if (BookFolder.Load(options.Book, terminal.Errors) is not { } loaded) return ExitCode.Input;
        var problems = loaded.Problems.ToList();
        var cases = BookFolder.Cases(options.Book);
        if (loaded.Value is { } book)
        {
            problems.AddRange(BookCheck.Run(book, Today()));
            problems.AddRange(cases.SelectMany(file => Case.Read(book, file).Problems));
            if (options.Documents is { } folder)
            {
                if (!Directory.Exists(folder))
                {
                    terminal.Errors.WriteLine($"{folder}: there is no such folder");
                    return ExitCode.Input;
                }

                problems.AddRange(DocumentCheck.Run(book, [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), File.ReadAllText(path)))]));
            }
        }

        problems.Sort(Problem.ByPlace);
        var errors = problems.Count(p => p.Severity == Severity.Error);
        if (options.AsJson)
        {
            terminal.Output.WriteLine(new JObject
            {
                ["errors"] = errors,
                ["warnings"] = problems.Count - errors,
                ["problems"] = new JArray(problems.Select(Json)),
            }.ToString(Formatting.Indented).ReplaceLineEndings("\n"));
        }
        else
        {
            foreach (var problem in problems) terminal.Output.WriteLine(problem);
            terminal.Output.WriteLine(loaded.Value is { } good
                ? FormattableString.Invariant($"{options.Book}: {Count(good.Questions.Length, "question")}, {Count(good.Questions.Sum(q => q.Rules.Length), "rule")}, {Count(good.Facts.Count(f => f.Role != FactRole.Reading), "fact")}, {Count(good.Facts.Count(f => f.Role == FactRole.Reading), "reading")}, {Count(good.Statements.Count, "statement")}, {Count(cases.Count, "case")}: {Count(errors, "error")}, {Count(problems.Count - errors, "warning")}")
                : FormattableString.Invariant($"{options.Book}: {Count(errors, "error")}, {Count(problems.Count - errors, "warning")}; mend the errors, and the rest is checked"));
        }

        return errors > 0 || (options.IsStrict && problems.Count > 0) ? ExitCode.Found : ExitCode.Done;
    }

    /// <summary>Looks at the files ten times a second rather than waiting for events, which network folders and containers do not send.</summary>
    private static int Watch(Options options, Terminal terminal)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        var times = 0;
        string? seen = null;
        while (!terminal.Stop.IsCancellationRequested)
        {
            var now = Snapshot(options.Book);
            if (now != seen)
            {
                // A save may still be under way: wait until two looks agree.
                terminal.Stop.WaitHandle.WaitOne(pause / 2);
                if (Snapshot(options.Book) != now) continue;
                seen = now;
                times++;
                if (Once(options, terminal) == ExitCode.Done || !options.AsJson) TestCommand.Run(new(options.Book, [], options.AsJson, null, ShowsCoverage: false, Updates: false), terminal);
                terminal.Output.Flush();
            }

            terminal.Stop.WaitHandle.WaitOne(pause);
        }

        throw new StoppedException($"stopped watching {options.Book} after {Count(times, "check")}");
    }

    private static string Snapshot(string folder)
    {
        try
        {
            return string.Join('\n', new DirectoryInfo(folder).EnumerateFiles("*.json", SearchOption.AllDirectories)
                .OrderBy(f => f.FullName, StringComparer.Ordinal)
                .Select(f => FormattableString.Invariant($"{f.FullName} {f.Length} {f.LastWriteTimeUtc.Ticks}")));
        }
        catch (IOException)
        {
            return ""; // a file vanished between listing and looking; the next look decides
        }
    }

    internal static JObject Json(Problem problem) => new()
    {
        ["severity"] = problem.Severity == Severity.Error ? "error" : "warning",
        ["code"] = problem.Code,
        ["file"] = problem.File,
        ["line"] = problem.Line,
        ["column"] = problem.Column,
        ["text"] = problem.Text,
        ["hint"] = problem.Hint,
    };

    internal static string Count(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    // The Host is the one place with a clock; the engine is told the day.
    private static DateOnly Today() => DateOnly.FromDateTime(DateTime.UtcNow);
}
