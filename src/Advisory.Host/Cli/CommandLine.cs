using System.CommandLine;
using System.CommandLine.Parsing;

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

    /// <summary>Stopped by Ctrl-C, as shells number it.</summary>
    public const int Stopped = 130;
}

/// <summary>Ctrl-C came; the message says how far the act had come.</summary>
internal sealed class StoppedException(string howFar) : OperationCanceledException(howFar);

/// <summary>The verbs of <c>advisory</c>, and the one place that turns exceptions into exit codes.</summary>
internal static class CommandLine
{
    public static int Run(string[] arguments, Terminal terminal)
    {
        try
        {
            var root = Root(terminal);
            var parsed = root.Parse(arguments);
            var faults = CommandLineFaults.Of(parsed);
            if (faults.Count > 0)
            {
                foreach (var fault in faults) terminal.Errors.WriteLine(fault);
                terminal.Errors.WriteLine($"try `advisory{CommandLineFaults.Path(parsed.CommandResult.Command)} --help`");
                return ExitCode.Input;
            }

            var code = parsed.Invoke(new() { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = terminal.Errors });
            terminal.Output.Flush();
            return code;
        }
        catch (OperationCanceledException stopped)
        {
            Say(terminal, stopped is StoppedException ? stopped.Message : "stopped");
            return ExitCode.Stopped;
        }
        catch (IOException fault) when (IsClosedPipe(fault))
        {
            return ExitCode.Done; // the reader of a pipe, such as `head`, has seen enough
        }
        catch (Exception fault)
        {
            Say(terminal, $"the machinery failed, and there is no outcome: {fault.Message}");
            return ExitCode.Machinery;
        }
    }

    private static void Say(Terminal terminal, string text)
    {
        try
        {
            terminal.Output.Flush(); // what was worked out first
            terminal.Errors.WriteLine(text);
        }
        catch (IOException)
        {
            // Nobody listens any more; the exit code still says it.
        }
    }

    // EPIPE on Linux and macOS; ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    private static bool IsClosedPipe(IOException fault) => fault.HResult is 32 or unchecked((int)0x8007006D) or unchecked((int)0x800700E8);

    internal static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("Advisory answers one kind of question: may we go, given what we know?");
        root.Subcommands.Add(EvaluateCommand.Create(terminal));
        root.Subcommands.Add(ExplainCommand.Create(terminal));
        root.Subcommands.Add(CheckCommand.Create(terminal));
        root.Subcommands.Add(TestCommand.Create(terminal));
        root.Subcommands.Add(FormatCommand.Create(terminal));
        root.Subcommands.Add(NewBookCommand.Create(terminal));
        root.Subcommands.Add(LogCommand.Create(terminal));
        root.Subcommands.Add(ServeCommand.Create(terminal));
        root.Subcommands.Add(KeysCommand.Create(terminal));
        root.Subcommands.Add(ServeCommand.CreateConfig(terminal));
        root.Subcommands.Add(SupportBundle.Create(terminal));
        root.Subcommands.Add(CompletionCommand.Create(terminal));
        root.SetAction((_, stop) => ServeCommand.Run(new Dictionary<string, string>(), null, terminal, stop));
        Help.AddTo(root, terminal);
        return root;
    }
}

/// <summary>What is wrong with a command line, and what to do about it, in the words of this house.</summary>
internal static class CommandLineFaults
{
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        // Asking for help is never a fault, and completion is asked for half a line.
        if (parsed.Action is Help || parsed.Tokens.Any(token => token.Type == TokenType.Directive)) return [];
        var command = parsed.CommandResult.Command;
        var strangers = parsed.UnmatchedTokens
            .Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(IsOption))
            .Distinct().ToList();
        if (strangers.Count > 0) return [.. strangers.Select(word => Stranger(word, command))];
        return [.. parsed.Errors.Select(Say).Distinct()];
    }

    /// <summary>How the command is called, behind <c>advisory</c>, such as <c> log list</c>.</summary>
    public static string Path(Command command) => command is RootCommand ? "" : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } above ? Path(above) : "")} {command.Name}";

    // What is behind `--` is a file, whatever it looks like; the parser has taken that away.
    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2 && !File.Exists(word);

    private static string Stranger(string word, Command command)
    {
        var options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options)).Select(option => option.Name);
        var isOption = word.StartsWith('-') && word.Length > 1;
        var near = Nearest.To(word.Split('=')[0], isOption ? options : command.Subcommands.Select(verb => verb.Name));
        var what = isOption ? $"`{word}` is not an option of `advisory{Path(command)}`"
            : command.Subcommands.Count > 0 ? $"`{word}` is not a verb{(command is RootCommand ? "" : $" of `advisory{Path(command)}`")}"
            : $"`{word}` is more than `advisory{Path(command)}` takes";
        var all = command.Subcommands.Count > 0 && !isOption ? "; the verbs are " + string.Join(", ", command.Subcommands.Select(verb => verb.Name)) : "";
        return what + (near is null ? all : $"; did you mean `{near}`?");
    }

    private static string Say(ParseError error)
    {
        switch (error.SymbolResult)
        {
            case OptionResult { Tokens.Count: 0 } option:
                return $"`{option.Option.Name}` needs a value{Values(option.Option)}";
            case OptionResult { Tokens: [var only] } option:
                return $"`{option.Option.Name}` has no value `{only.Value}`{Values(option.Option)}";
            case OptionResult option:
                return $"`{option.Option.Name}` stands there {option.IdentifierTokenCount} times; once is enough";
            case ArgumentResult { Tokens: [.., var last] } argument:
                return $"`{last.Value}` is not a {argument.Argument.Name}{Values(argument.Argument)}";
            case ArgumentResult argument:
                return $"a {argument.Argument.Name} is missing: {argument.Argument.Description}";
            case CommandResult { Command: { Subcommands.Count: > 0 } group }:
                return $"`advisory{Path(group)}` needs a verb: {string.Join(", ", group.Subcommands.Select(verb => verb.Name))}";
            default:
                return error.Message;
        }

        static string Values(Symbol symbol)
        {
            var values = symbol.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label).ToList();
            return values.Count == 0 ? "" : "; one of " + string.Join(", ", values);
        }
    }
}
