using System.CommandLine;
using Advisory.Host.Records;

namespace Advisory.Host.Cli;

/// <summary>Where a verb finds the decisions: in a ledger's folder, or behind a service; and who acts on them.</summary>
internal sealed class LogPlace
{
    /// <summary>The variable with the API key, so that it stands in no list of processes.</summary>
    public const string KeyVariable = "ADVISORY_KEY";

    /// <summary>What is said to somebody who names an actor to a service.</summary>
    public const string ByKey = "a service knows by the key who you are; leave --by out";

    public Option<string> Data { get; } = DataFolder.Option();

    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"A service instead of a folder, such as https://advisory.example. Its API key stands in {KeyVariable}, or in the file of --key-file.",
        HelpName = "URL",
    };

    public Option<string?> KeyFile { get; } = new("--key-file") { Description = "With --server, a file that holds the API key.", HelpName = "FILE" };

    /// <summary>Whether a service is meant.</summary>
    public bool IsServer(ParseResult parsed) => parsed.GetValue(Server) is not null;

    /// <summary>Opens the decisions for one act, and says what stands in its way where that is the input's fault.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="creator">Who makes the ledger where there is none; null: then there is nothing to do.</param>
    /// <param name="isReadOnly">Needs no signing key, and writes nothing.</param>
    /// <param name="act">What is done; gives the exit code.</param>
    public int With(ParseResult parsed, Terminal terminal, string? creator, bool isReadOnly, Func<Decisions, int> act) =>
        IsServer(parsed) ? WithServer(parsed, terminal, act) : DataFolder.With(parsed.GetValue(Data)!, terminal, creator, isReadOnly, act);

    /// <summary>The same for an act that only a service can do.</summary>
    public int WithServer(ParseResult parsed, Terminal terminal, Func<ServiceLog, int> act)
    {
        if (Fault(parsed, out var server, out var key) is { } fault)
        {
            terminal.Errors.WriteLine(fault);
            return ExitCode.Input;
        }

        return DataFolder.Guard(terminal, () =>
        {
            using var log = new ServiceLog(server, key);
            return act(log);
        });
    }

    private string? Fault(ParseResult parsed, out Uri server, out string key)
    {
        key = "";
        var address = parsed.GetValue(Server)!;
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out server!) || server.Scheme is not ("http" or "https") || server.UserInfo.Length > 0) return $"`--server {address}` is no address such as https://advisory.example";
        if (server.Scheme == "http" && !server.IsLoopback) return $"`--server {address}` would send the key in the clear; name an https address";
        if (parsed.GetResult(Data) is { Implicit: false }) return "--server and --data name two places; leave one out";
        var file = parsed.GetValue(KeyFile);
        if (file is not null && !File.Exists(file)) return $"{Inputs.NameOf(file)}: there is no such file";
        key = (file is null ? Environment.GetEnvironmentVariable(KeyVariable) : File.ReadAllText(file))?.Trim() ?? "";
        if (key.Length == 0) return $"a service wants an API key: put it in {KeyVariable}, or name its file with --key-file; `advisory keys add` makes one";
        return key.Any(c => c is <= ' ' or > '~') ? "the API key has characters that no key has" : null;
    }
}
