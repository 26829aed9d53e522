using System.CommandLine;
using Advisory.Engine;

namespace Advisory.Host.Cli;

/// <summary>What a command ends with; the numbers are part of the contract.</summary>
internal static class ExitCode
{
    /// <summary>Done, whatever the outcome of a verdict.</summary>
    public const int Done = 0;

    /// <summary>Something was found: a failing case, an error in a book.</summary>
    public const int Found = 1;

    /// <summary>The input or the command line is at fault.</summary>
    public const int Input = 2;

    /// <summary>The machinery failed.</summary>
    public const int Machinery = 3;
}

/// <summary>The verbs of <c>advisory</c>, and the one place that turns exceptions into exit codes.</summary>
internal static class CommandLine
{
    public static int Run(string[] arguments, Terminal terminal)
    {
        try
        {
            var parsed = Root(terminal).Parse(arguments);
            if (parsed.Errors.Count > 0)
            {
                foreach (var error in parsed.Errors) terminal.Errors.WriteLine(error.Message);
                terminal.Errors.WriteLine($"try `advisory {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help`");
                return ExitCode.Input;
            }

            var code = parsed.Invoke(new() { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = terminal.Errors });
            terminal.Output.Flush();
            return code;
        }
        catch (OperationCanceledException)
        {
            terminal.Output.Flush();
            terminal.Errors.WriteLine("stopped");
            return ExitCode.Machinery;
        }
        catch (IOException) when (terminal.Output is not StringWriter && OutputIsClosed(terminal))
        {
            return ExitCode.Done; // the reader of a pipe, such as `head`, has seen enough
        }
        catch (Exception fault)
        {
            terminal.Errors.WriteLine($"the machinery failed, and there is no outcome: {fault.Message}");
            return ExitCode.Machinery;
        }
    }

    private static bool OutputIsClosed(Terminal terminal)
    {
        try
        {
            terminal.Output.Flush();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("Advisory answers one kind of question: may we go, given what we know?");
        root.Subcommands.Add(EvaluateCommand.Create(terminal));
        root.Subcommands.Add(CheckCommand.Create(terminal));
        root.Subcommands.Add(TestCommand.Create(terminal));
        root.Subcommands.Add(FormatCommand.Create(terminal));
        root.Subcommands.Add(NewBookCommand.Create(terminal));
        root.SetAction(_ => Introduction(terminal));
        return root;
    }

    /// <summary>Until the service exists, a run without a verb shows what the program does on one of the book's own cases.</summary>
    private static int Introduction(Terminal terminal)
    {
        const string Example = "S02.json";
        var folder = BookFolder.Locate(BookFolder.Default);
        var example = Path.Combine(folder, "cases", Example);
        if (!File.Exists(example))
        {
            terminal.Errors.WriteLine($"there is no rule book at `{folder}`; name one with `advisory evaluate FILE --rules DIR`");
            return ExitCode.Input;
        }

        var code = EvaluateCommand.Run(new(folder, [example], null, null, null, Language.En, AsJson: false, AsLines: false, WithTrace: false), terminal);
        terminal.Output.WriteLine($"""

            This was `advisory evaluate {example.Replace('\\', '/')}`. What else there is:
              advisory evaluate FILE --trace       every rule, with its expression and the facts that it read
              advisory evaluate FILE --lang nl     the same in Dutch
              advisory evaluate FILE --json        the decision as JSON
              advisory evaluate --help             all options
              advisory check | test | format       for rule authors, on a rule book
              advisory new-book NAME               starts a rule book from another document
            """);
        return code;
    }
}
