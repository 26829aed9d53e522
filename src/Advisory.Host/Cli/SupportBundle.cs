using System.CommandLine;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Ledgers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory support-bundle</c>: what somebody needs who is to help, and nothing that was confided to the service.</summary>
/// <remarks>
/// Only counts, sizes, digests, places and codes go in. Texts that may quote a fact, a reason or a name stay out, so a problem is its code and
/// place, a fault its index, an API key its role; of settings only those are shown whose values cannot be about anybody.
/// </remarks>
internal static class SupportBundle
{
    private const int LastCheckpoints = 10;
    private const int MaxProblems = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create(Terminal terminal)
    {
        var (options, file) = ServeCommand.SettingOptions();
        var output = new Option<string?>("--out") { Description = "A new file; nothing is overwritten. Default: a name with the time, in this folder.", HelpName = "FILE.zip" };
        var quick = new Option<bool>("--quick") { Description = "Does not verify the ledger, which takes minutes where it is large." };
        var verb = new Verb("support-bundle",
            "Writes a file for those who are asked for help: version, settings, state, rule book, ledger, its last checkpoints and the machine. No fact, reason, name of a person, key or secret is in it.",
            "written; what it says about the ledger may be bad news",
            null,
            new("advisory support-bundle --out support.zip", "Of the service with the settings in force."),
            new("advisory support-bundle --data data --quick --out quick.zip", "Of the ledger in another folder, without verifying it."))
        { file, output, quick };
        foreach (var option in options.Values) verb.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            var (settings, _) = ServeCommand.Read(ServeCommand.Given(parsed, options), parsed.GetValue(file), terminal);
            if (settings is null) return ExitCode.Input;
            var now = terminal.Clock.GetUtcNow();
            var path = parsed.GetValue(output) ?? FormattableString.Invariant($"advisory-support-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.zip");
            var bundle = new JObject
            {
                ["schema"] = "advisory/support-bundle/v1",
                ["made"] = LogEntry.Format(now),
                ["program"] = Program(),
                ["settings"] = Of(settings),
                ["status"] = await Status(settings, stop),
                ["book"] = Book(settings.Rules),
                ["ledger"] = Ledger(settings.Data, !parsed.GetValue(quick), terminal, out var checkpoints),
                ["access"] = Access(settings.Data, now, terminal),
                ["machine"] = Machine(settings.Data),
            };
            return Write(path, bundle, checkpoints, terminal);
        });
        return verb;
    }

    private static int Write(string path, JObject bundle, string checkpoints, Terminal terminal)
    {
        FileStream stream;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            stream = new(path, options);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Errors.WriteLine(File.Exists(path) ? $"{Inputs.NameOf(path)}: is there already; nothing is overwritten" : $"{Inputs.NameOf(path)}: cannot be written; {fault.Message}");
            return ExitCode.Input;
        }

        using (stream)
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            Add("support.json", bundle.ToString(Formatting.Indented) + "\n");
            Add("checkpoints.txt", checkpoints);

            void Add(string name, string text)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                writer.Write(text.ReplaceLineEndings("\n"));
            }
        }

        terminal.Output.WriteLine($"wrote {Inputs.NameOf(path)}: support.json and checkpoints.txt; read them before you send them");
        return ExitCode.Done;
    }

    private static JObject Program() => new()
    {
        ["version"] = typeof(SupportBundle).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        ["semantics"] = RuleBook.Semantics,
        ["framework"] = RuntimeInformation.FrameworkDescription,
        ["runtime"] = RuntimeInformation.RuntimeIdentifier,
    };

    // Values of settings that are paths, addresses or lists may hold names or secrets; of those only whether and by what they are set.
    private static JArray Of(Settings settings) => new(settings.Values.Select(value => new JObject
    {
        ["name"] = value.Setting.Name,
        ["value"] = value.From == "default" || IsPlain(value) ? value.Value : value.Value.Length == 0 ? "" : "(set)",
        ["from"] = value.From == "default" || value.From == "--" + value.Setting.Name || value.From == value.Setting.Variable ? value.From : "file",
    }));

    private static bool IsPlain(SettingValue value) =>
        value.Setting.Fault(value.Value) is null && (value.Value is "yes" or "no" or "text" or "json" || value.Value.All(char.IsAsciiDigit));

    /// <summary>What the service says of itself, where one runs with these settings.</summary>
    private static async Task<JObject> Status(Settings settings, CancellationToken stop)
    {
        // The certificate is made out to another name than that of this machine; it must be the one in the settings.
        using var own = settings.TlsCertificate.Length > 0 && File.Exists(settings.TlsCertificate) ? X509CertificateLoader.LoadCertificateFromFile(settings.TlsCertificate) : null;
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => own is not null && shown is not null && own.RawDataMemory.Span.SequenceEqual(shown.GetRawCertData()) },
        };
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = 4 << 10 };
        var status = new JObject();
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            try
            {
                var address = new UriBuilder(settings.Listen.Count > 0 ? settings.Listen[0] : "") { Path = path };
                if (address.Host is "0.0.0.0" or "[::]") address.Host = "127.0.0.1";
                using var answer = await client.GetAsync(address.Uri, stop);
                status[path] = (int)answer.StatusCode;
            }
            catch (Exception fault) when (fault is HttpRequestException or UriFormatException or NotSupportedException || (fault is OperationCanceledException && !stop.IsCancellationRequested))
            {
                status[path] = "no answer";
            }
        }

        return status;
    }

    private static JObject Book(string folder)
    {
        using var unheard = new StringWriter(); // may quote the folder's path
        if (BookFolder.Load(BookFolder.Locate(folder), unheard) is not { } loaded) return new() { ["state"] = "there is no book that can be read" };
        var book = new JObject { ["state"] = loaded.Value is null ? "broken" : "good" };
        if (loaded.Value is { } good)
        {
            book["name"] = good.Name;
            book["version"] = good.Version;
            book["digest"] = good.Digest;
            book["rulesDigest"] = good.RulesDigest;
            book["questions"] = good.Questions.Length;
            book["rules"] = good.Questions.Sum(question => question.Rules.Length);
            book["facts"] = good.Facts.Length;
        }

        book["errors"] = loaded.Problems.Count(problem => problem.Severity == Severity.Error);
        book["problems"] = new JArray(loaded.Problems.Take(MaxProblems).Select(problem => new JObject
        {
            ["at"] = FormattableString.Invariant($"{Path.GetFileName(problem.File)}:{problem.Line}:{problem.Column}"),
            ["code"] = problem.Code,
            ["severity"] = problem.Severity.ToString().ToLowerInvariant(),
        }));
        return book;
    }

    private static JObject Ledger(string data, bool verifies, Terminal terminal, out string checkpoints)
    {
        checkpoints = "";
        var ledger = new JObject { ["files"] = FilesOf(data) };
        if (DataFolder.IsEmpty(data))
        {
            ledger["state"] = "none";
            return ledger;
        }

        try
        {
            using var log = DecisionLog.Open(data, new() { ReadOnly = true, Clock = terminal.Clock });
            ledger["state"] = "open";
            ledger["entries"] = log.Ledger.Size;
            ledger["checkpoint"] = log.Ledger.Checkpoint.Note;
            ledger["verifierKeys"] = new JArray(log.Ledger.Keys.Select(key => key.Key.ToString()));
            checkpoints = string.Join('\n', log.Ledger.Checkpoints().TakeLast(LastCheckpoints - 1).Append(log.Ledger.Checkpoint).Select(checkpoint => checkpoint.Note));
            if (!verifies) return ledger;
            var found = LogCheck.Of(log, cancellation: terminal.Stop);
            ledger["verification"] = new JObject
            {
                ["verified"] = found.Faults.Count == 0,
                ["entries"] = found.Ledger.Entries,
                ["decisions"] = found.Decisions,
                ["faults"] = found.Faults.Count,
                ["faultsAt"] = new JArray(found.Faults.Where(fault => fault.Index is not null).Select(fault => fault.Index)),
                ["remarks"] = found.Remarks.Count,
            };
        }
        catch (Exception fault) when (fault is LedgerException or IOException or UnauthorizedAccessException)
        {
            ledger["state"] = fault switch
            {
                LedgerRolledBackException => "rolled back",
                LedgerForkedException => "forked",
                LedgerDamagedException => "damaged",
                LedgerVersionException => "of a newer version",
                _ => "cannot be opened",
            };
        }

        return ledger;
    }

    // What is the program's own by name; a person's file beside them is only counted.
    private static JObject FilesOf(string data)
    {
        string[] own = ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock", "checkpoint", "checkpoint.lock", "access.json", "access.json.lock", "desk.jsonl"];
        var files = new JObject();
        if (!Directory.Exists(data)) return files;
        foreach (var file in new DirectoryInfo(data).EnumerateFiles().Where(file => own.Contains(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal))
            files[file.Name] = new JObject { ["bytes"] = file.Length, ["mode"] = Mode(file) };
        foreach (var name in new[] { "keys", "drafts", "form-keys" })
            if (new DirectoryInfo(Path.Combine(data, name)) is { Exists: true } folder)
                files[name + "/"] = new JObject { ["files"] = folder.EnumerateFiles().Count(), ["mode"] = Mode(folder) };
        files["others"] = new DirectoryInfo(data).EnumerateFileSystemInfos().Count(entry => !own.Contains(entry.Name) && entry.Name is not ("keys" or "drafts" or "form-keys"));
        return files;
    }

    private static string? Mode(FileSystemInfo entry) => OperatingSystem.IsWindows() ? null : Convert.ToString((int)entry.UnixFileMode, 8).PadLeft(4, '0');

    private static JObject Access(string data, DateTimeOffset now, Terminal terminal)
    {
        try
        {
            var keys = Directory.Exists(data) ? new AccessFile(data, terminal.Clock).Keys : [];
            return new()
            {
                ["keys"] = new JObject(keys.GroupBy(key => string.Join(',', AccessFile.NamesOf(key.Roles)) + (key.Revoked is not null ? ", revoked" : key.IsGood(now) ? "" : ", expired"))
                    .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new JProperty(group.Key, group.Count()))),
            };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
        {
            return new() { ["keys"] = "cannot be read" };
        }
    }

    private static JObject Machine(string data)
    {
        var machine = new JObject
        {
            ["system"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.OSArchitecture.ToString(),
            ["processors"] = Environment.ProcessorCount,
            ["memoryBytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(data));
            machine["dataDisk"] = new JObject { ["format"] = drive.DriveFormat, ["bytes"] = drive.TotalSize, ["freeBytes"] = drive.AvailableFreeSpace };
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            machine["dataDisk"] = "unknown";
        }

        return machine;
    }
}
