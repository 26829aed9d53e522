using System.CommandLine;
using Advisory.Host.Records;
using Advisory.Ledgers;

namespace Advisory.Host.Cli;

/// <summary>The folder with the ledger, as verbs take it, and who acts on it.</summary>
internal static class DataFolder
{
    public static Option<string> Option() => new("--data") { Description = "The folder of the ledger.", DefaultValueFactory = _ => "data", HelpName = "DIR" };

    public static Option<string?> ByOption() => new("--by") { Description = "Who does it, as it is recorded. Default: the name that you are logged in with.", HelpName = "NAME" };

    public static string Actor(string? by) => by ?? (Environment.UserName is { Length: > 0 } name ? name : "unknown");

    /// <summary>Opens the log for one act, and says what stands in its way where that is the input's fault.</summary>
    /// <param name="folder">As it was given.</param>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="creator">Who makes the ledger where there is none; null: then there is nothing to do.</param>
    /// <param name="isReadOnly">Needs no key, and writes nothing.</param>
    /// <param name="act">What is done; gives the exit code.</param>
    public static int With(string folder, Terminal terminal, string? creator, bool isReadOnly, Func<DecisionLog, int> act) => Guard(terminal, () =>
    {
        if (creator is null && IsEmpty(folder))
        {
            terminal.Errors.WriteLine(None(folder));
            return ExitCode.Input;
        }

        using var log = DecisionLog.Open(folder, new() { Creator = creator, ReadOnly = isReadOnly, Clock = terminal.Clock });
        return act(log);
    });

    /// <summary>What a log refuses is the input's fault, and what it finds damaged was found; anything else is for the caller.</summary>
    public static int Guard(Terminal terminal, Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused) when (refused is RefusedException or LedgerRefusedException or LedgerKeyReusedException or LedgerFormatException)
        {
            terminal.Output.Flush();
            terminal.Errors.WriteLine(refused.Message);
            return ExitCode.Input;
        }
        catch (LogFormatException fault)
        {
            terminal.Output.Flush();
            terminal.Errors.WriteLine($"{fault.Fault}; `advisory log verify` says what else is wrong");
            return ExitCode.Found;
        }
    }

    /// <summary>Neither a ledger nor what is left of one.</summary>
    public static bool IsEmpty(string folder) => !File.Exists(Path.Combine(folder, "ledger.db")) && !File.Exists(Path.Combine(folder, "checkpoint")) && !Directory.Exists(Path.Combine(folder, "keys"));

    public static string None(string folder) => $"there is no ledger in `{folder}`; `advisory evaluate FILE --record` begins one, and --data DIR names another folder";
}
