using System.Diagnostics;

namespace Advisory.Tests.Operations;

/// <summary>The scripts of <c>ops/</c>, run as an operator's machine would, in a folder of their own, with the real program.</summary>
internal sealed class OperatorsMachine : IDisposable
{
    private static readonly string Dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private readonly ScratchFolder scratch = new();

    public OperatorsMachine()
    {
        foreach (var folder in new[] { Backups, Checkpoints, Metrics }) Directory.CreateDirectory(folder);
        // A published program: what is started, and the rule book that comes with it.
        Program = Executable("published/advisory", $"exec \"{Dotnet}\" \"{Path.Combine(AppContext.BaseDirectory, "advisory.dll")}\" \"$@\"");
        foreach (var file in new[] { "book.json", "cases/S02.json" }) scratch.Write("published/rules/ukraine/" + file, File.ReadAllText(Repository.PathOf(["rules", "ukraine", .. file.Split('/')])));
        Settings = new(StringComparer.Ordinal)
        {
            ["ADVISORY_PROGRAM"] = Program,
            ["ADVISORY_DATA"] = Data,
            ["ADVISORY_BACKUPS"] = Backups,
            ["ADVISORY_CHECKPOINTS"] = Checkpoints,
            ["ADVISORY_METRICS"] = Metrics,
            ["ADVISORY_VERIFIER_KEYS"] = "",
        };
    }

    public string Program { get; }

    public string Published => PathOf("published");

    public string Data => PathOf("data");

    public string Backups => PathOf("backups");

    public string Checkpoints => PathOf("checkpoints");

    public string Metrics => PathOf("metrics");

    /// <summary>What operations.env would set.</summary>
    public Dictionary<string, string> Settings { get; }

    public IEnumerable<string> AllBackups => Directory.EnumerateFiles(Backups, "advisory-*.db").Order(StringComparer.Ordinal);

    public IEnumerable<string> AllKept => Directory.EnumerateFiles(Checkpoints).Order(StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(scratch.Path, name);

    public string Write(string name, string text) => scratch.Write(name, text);

    public string Executable(string name, string line)
    {
        var file = scratch.Write(name, $"#!/bin/sh\n{line}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    public (int Code, string Output) Run(string script, params string[] arguments) => Start(Path.IsPathRooted(script) ? script : Repository.PathOf("ops", script), arguments);

    /// <summary>A ledger of an earlier version with 37 entries, as a folder that may be written.</summary>
    public void CopyFrozenLedger(string? to = null)
    {
        foreach (var name in new[] { "ledger.db", "checkpoint" }) Copy(name);
        foreach (var key in Directory.EnumerateFiles(Repository.PathOf("tests", "Advisory.Tests", "frozen", "decisions-v1", "keys"))) Copy("keys/" + Path.GetFileName(key));

        void Copy(string name)
        {
            var target = Path.Combine(to ?? Data, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Repository.PathOf(["tests", "Advisory.Tests", "frozen", "decisions-v1", .. name.Split('/')]), target);
            if (OperatingSystem.IsWindows()) return;
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(Path.GetDirectoryName(target)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => scratch.Dispose();

    private (int Code, string Output) Start(string script, string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = scratch.Path };
        foreach (var (name, value) in Settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
