using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Advisory.Host.Cli;

/// <summary>A command line that works from the root of the repository, and what it does.</summary>
internal sealed record Example(string Line, string Does);

/// <summary>A verb of the program. Its help also has examples and what it ends with.</summary>
/// <param name="name">What is typed.</param>
/// <param name="description">What it does, in a sentence or two.</param>
/// <param name="done">When it ends with 0.</param>
/// <param name="found">When it ends with 1; null where it never does.</param>
/// <param name="examples">At least two; a test runs them.</param>
internal sealed class Verb(string name, string description, string done, string? found, params ImmutableArray<Example> examples) : Command(name, description)
{
    public ImmutableArray<Example> Examples { get; } = examples;

    /// <summary>The exit codes with their meaning here.</summary>
    public IEnumerable<(int Code, string Means)> Ends()
    {
        yield return (ExitCode.Done, done);
        if (found is not null) yield return (ExitCode.Found, found);
        yield return (ExitCode.Input, "the input or the command line is at fault; standard error says where");
        yield return (ExitCode.Machinery, "the machinery failed, and there is no outcome");
        yield return (ExitCode.Stopped, "stopped by Ctrl-C");
    }
}

/// <summary>What <c>--help</c> prints: what the parser knows, then examples and exit codes.</summary>
internal sealed class Help(HelpAction parsers, Terminal terminal) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public static void AddTo(RootCommand root, Terminal terminal)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Description = "Shows this.";
        root.Options.OfType<VersionOption>().Single().Description = "Prints the version.";
        foreach (var alias in option.Aliases.Where(alias => alias.StartsWith('/')).ToList()) option.Aliases.Remove(alias); // elsewhere these are paths
        var parsers = (HelpAction)option.Action!;
        parsers.MaxWidth = terminal.Width;
        option.Action = new Help(parsers, terminal);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = parsers.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        // Of a group of verbs, such as `log`, the first speaks for it.
        var verbs = command is Verb one ? [one] : command.Subcommands.Select(below => below as Verb ?? below.Subcommands.OfType<Verb>().First()).ToList();
        terminal.Output.WriteLine("Examples:");
        foreach (var example in verbs.Count == 1 ? verbs[0].Examples : verbs.Select(verb => verb.Examples[0]))
        {
            terminal.Output.WriteLine("  " + example.Line);
            foreach (var line in Paint.Wrap(example.Does, terminal.Width - 6)) terminal.Output.WriteLine("      " + line);
        }

        terminal.Output.WriteLine();
        if (verbs.Count != 1)
        {
            foreach (var line in Paint.Wrap("Each verb has its own --help. Text is as wide as the window, from 40 to 120 columns; 100 where it goes to a file or a pipe. Colours only in a window, and never where NO_COLOR is set or TERM is dumb.", terminal.Width))
                terminal.Output.WriteLine(line);
            return code;
        }

        terminal.Output.WriteLine("Exit codes:");
        foreach (var (number, means) in verbs[0].Ends())
        {
            var lead = FormattableString.Invariant($"  {number,-5}");
            foreach (var line in Paint.Wrap(means, terminal.Width - lead.Length))
            {
                terminal.Output.WriteLine(lead + line);
                lead = new(' ', lead.Length);
            }
        }

        return code;
    }
}
