using System.Collections.Concurrent;
using System.Globalization;
using Advisory.Host.Records;
using Advisory.Tests.Host;
using Advisory.Tests.Service;

namespace Advisory.Tests.Operations;

/// <summary>Backup, restore and nightly verification as scripts do them: what is promised to those who lose a disk.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly OperatorsMachine machine = new();

    public void Dispose() => machine.Dispose();

    [BashFact]
    public async Task A_backup_made_under_load_restores_every_entry_that_was_acknowledged_before_it_began()
    {
        await using var service = await RunningService.Start();
        machine.Settings["ADVISORY_DATA"] = service.Data;
        var acknowledged = new ConcurrentQueue<(string Id, long Index)>();
        using var enough = new CancellationTokenSource();
        var officers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var record = (await service.Record())["record"]!;
                acknowledged.Enqueue(((string)record["id"]!, (long)record["index"]!));
            }
        })).ToList();
        while (acknowledged.Count < 40 && !officers.Any(officer => officer.IsFaulted)) await Task.Delay(5);

        var before = acknowledged.ToList();
        var (code, output) = machine.Run("backup.sh");
        var after = acknowledged.Count;
        await enough.CancelAsync();
        await Task.WhenAll(officers);
        Assert.True(code == 0, output);
        Assert.True(after > before.Count, "nobody recorded anything while the backup was made");

        // The disk is lost. What is left: the backup, and the keys from the escrow.
        var restored = machine.PathOf("restored");
        CopyKeys(service.Data, restored);
        var (restoring, said, errors) = RunProgram.With("log", "restore", machine.AllBackups.Single(), "--data", restored, "--reason", "the disk failed", "--by", "tests");
        Assert.True(restoring == 0, said + errors);
        using var log = DecisionLog.Open(restored, new() { ReadOnly = true });
        Assert.Empty(LogCheck.Of(log).Faults);
        Assert.All(before, one => Assert.Equal(one.Id, Assert.IsType<Decision>(log.Entry(one.Index)).Id));
        // Others at the end may be missing, and the checkpoint that was kept elsewhere says up to where the ledger had come at least.
        Assert.True(Size(machine.AllKept.Single()) >= before.Max(one => one.Index) + 1);
    }

    [BashFact]
    public void The_drill_restores_the_newest_backup_with_keys_from_the_escrow_and_leaves_nothing_behind()
    {
        machine.CopyFrozenLedger();
        Assert.Equal(0, machine.Run("backup.sh").Code);
        var temporary = Directory.CreateDirectory(machine.PathOf("tmp")).FullName;
        machine.Settings["TMPDIR"] = temporary;
        var (code, output) = machine.Run("restore-drill.sh", Path.Combine(machine.Data, "keys"));
        Assert.True(code == 0, output);
        Assert.Contains("31 the same, 0 differ, 0 not replayable here", output, StringComparison.Ordinal);
        Assert.Contains($"the drill is good: 37 entries from {machine.AllBackups.Single()}, held against {machine.AllKept.Single()}", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
        Assert.Equal(37, Size(Path.Combine(machine.Data, "checkpoint"))); // the service's own ledger has no entry about it
    }

    [BashFact]
    public void The_drill_fails_on_a_backup_in_which_one_byte_is_another()
    {
        machine.CopyFrozenLedger();
        Assert.Equal(0, machine.Run("backup.sh").Code);
        Flip(machine.AllBackups.Single());
        var (code, output) = machine.Run("restore-drill.sh", Path.Combine(machine.Data, "keys"));
        Assert.Equal(1, code);
        Assert.Contains("is not the file that was backed up", output, StringComparison.Ordinal);
    }

    [BashFact]
    public void The_drill_fails_without_the_key_in_force()
    {
        machine.CopyFrozenLedger();
        Assert.Equal(0, machine.Run("backup.sh").Code);
        var (code, output) = machine.Run("restore-drill.sh", Directory.CreateDirectory(machine.PathOf("empty")).FullName);
        Assert.Equal((1, true), (code, output.Contains("there is no key in", StringComparison.Ordinal)));
    }

    [BashFact]
    public void A_damaged_ledger_gives_no_backup_and_leaves_the_good_ones()
    {
        machine.CopyFrozenLedger();
        Assert.Equal(0, machine.Run("backup.sh").Code);
        var good = machine.AllBackups.ToList();
        Flip(Path.Combine(machine.Data, "ledger.db"));
        var (code, output) = machine.Run("backup.sh");
        Assert.NotEqual(0, code);
        Assert.Equal(good, machine.AllBackups);
        Assert.Equal("0", Figures("backup")["advisory_backup_success"]);
        Assert.Equal("37", Figures("backup")["advisory_backup_entries"]); // of the last good one
        Assert.DoesNotContain("backup " + machine.Backups, output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(machine.Backups)); // no half of one
    }

    [BashFact]
    public void Only_so_many_backups_are_kept_the_newest_and_each_with_what_belongs_to_it()
    {
        machine.CopyFrozenLedger();
        machine.Settings["ADVISORY_KEEP"] = "2";
        foreach (var old in new[] { "advisory-20250101T000000Z", "advisory-20250102T000000Z" })
            foreach (var part in new[] { ".db", ".checkpoint", ".sha256", ".state.tar.gz" })
                machine.Write("backups/" + old + part, "old");
        machine.Write("backups/notes.db", "somebody's own");
        Assert.Equal(0, machine.Run("backup.sh").Code);
        var names = Directory.EnumerateFiles(machine.Backups).Select(Path.GetFileName).Where(name => name![0] != '.').Order(StringComparer.Ordinal).ToList();
        Assert.Equal(9, names.Count); // two sets of four, and the stranger
        Assert.DoesNotContain(names, name => name!.Contains("20250101", StringComparison.Ordinal));
        Assert.Contains("notes.db", names);
    }

    [BashFact]
    public void A_backup_has_no_signing_key_and_has_what_else_the_service_keeps()
    {
        machine.CopyFrozenLedger();
        Assert.Equal(0, RunProgram.With("keys", "add", "--role", "officer", "--name", "Ada", "--data", machine.Data).Code);
        machine.Write("data/drafts/one.json", "{}");
        Assert.Equal(0, machine.Run("backup.sh").Code);
        var set = Path.ChangeExtension(machine.AllBackups.Single(), null);
        var (_, inside) = Ledgers.Programs.Run("tar", "-tzf", set + ".state.tar.gz");
        Assert.Equal(["access.json", "drafts/", "drafts/one.json"], inside.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        foreach (var key in Directory.EnumerateFiles(Path.Combine(machine.Data, "keys")))
        {
            var secret = string.Concat(File.ReadLines(key).Where(line => line[0] != '-'));
            var raw = Convert.FromBase64String(secret)[^32..];
            Assert.All(Directory.EnumerateFiles(machine.Backups), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(raw)));
        }

        Assert.All(Directory.EnumerateFiles(machine.Backups), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(file)));
    }

    [BashFact]
    public void A_backup_whose_checkpoint_is_kept_nowhere_else_is_a_failure_that_says_so()
    {
        machine.CopyFrozenLedger();
        machine.Settings["ADVISORY_CHECKPOINTS"] = machine.PathOf("not mounted");
        var (code, output) = machine.Run("backup.sh");
        Assert.Equal(1, code);
        Assert.Contains("checkpoints are not kept elsewhere: there is no folder", output, StringComparison.Ordinal);
        Assert.Equal("0", Figures("backup")["advisory_backup_success"]);
        Assert.Single(machine.AllBackups); // it is there all the same
    }

    [BashFact]
    public void A_good_ledger_verifies_and_its_checkpoint_is_kept_once()
    {
        machine.CopyFrozenLedger();
        machine.Settings["ADVISORY_PUBLISH"] = machine.Executable("publish", "echo \"sent $1\"");
        machine.Settings["ADVISORY_VERIFIER_KEYS"] = Repository.PathOf("tests", "Advisory.Tests", "frozen", "decisions-v1", "verifier-keys.txt");
        var (code, output) = machine.Run("verify.sh");
        Assert.True(code == 0, output);
        var kept = machine.AllKept.Single();
        Assert.Equal("checkpoint-000000000037.txt", Path.GetFileName(kept));
        Assert.Equal(File.ReadAllText(Path.Combine(machine.Data, "checkpoint")), File.ReadAllText(kept));
        Assert.Contains("sent " + kept, output, StringComparison.Ordinal);
        Assert.Equal(("1", "37"), (Figures("verify")["advisory_verify_success"], Figures("verify")["advisory_verify_entries"]));

        var (again, said) = machine.Run("verify.sh");
        Assert.True(again == 0, said);
        Assert.Contains("it continues " + kept, said, StringComparison.Ordinal);
        Assert.DoesNotContain("sent", said, StringComparison.Ordinal);
        Assert.Single(machine.AllKept);
    }

    [BashFact]
    public void A_whole_folder_put_back_to_an_earlier_state_is_found_by_the_checkpoint_that_was_kept_elsewhere()
    {
        machine.CopyFrozenLedger(machine.PathOf("earlier"));
        machine.CopyFrozenLedger();
        Assert.Equal(0, RunProgram.With("log", "rotate-key", "--reason", "yearly", "--by", "ada", "--data", machine.Data).Code);
        Assert.Equal(0, machine.Run("verify.sh").Code);
        Directory.Delete(machine.Data, recursive: true);
        Directory.Move(machine.PathOf("earlier"), machine.Data);

        Assert.Equal(0, RunProgram.With("log", "verify", "--data", machine.Data).Code); // by itself it looks whole
        var (code, output) = machine.Run("verify.sh");
        Assert.Equal(1, code);
        Assert.Contains("verification failed", output, StringComparison.Ordinal);
        Assert.Equal("0", Figures("verify")["advisory_verify_success"]);
        Assert.Equal("checkpoint-000000000038.txt", Path.GetFileName(machine.AllKept.Single())); // the other history is not kept beside it
    }

    [BashFact]
    public void A_database_put_back_under_its_checkpoint_fails_the_verification()
    {
        machine.CopyFrozenLedger();
        var older = File.ReadAllBytes(Path.Combine(machine.Data, "ledger.db"));
        Assert.Equal(0, RunProgram.With("log", "rotate-key", "--reason", "yearly", "--by", "ada", "--data", machine.Data).Code);
        File.WriteAllBytes(Path.Combine(machine.Data, "ledger.db"), older);
        var (code, output) = machine.Run("verify.sh");
        Assert.Equal(1, code);
        Assert.Contains("the ledger does not even open; see runbooks/rollback-detected.md", output, StringComparison.Ordinal);
        Assert.Equal("0", Figures("verify")["advisory_verify_success"]);
        Assert.Empty(machine.AllKept);
    }

    [BashFact]
    public void A_ledger_signed_by_a_key_that_is_not_trusted_fails_the_verification()
    {
        machine.CopyFrozenLedger();
        machine.Settings["ADVISORY_VERIFIER_KEYS"] = Repository.PathOf("tests", "Advisory.Tests", "frozen", "ledger-v1", "verifier-keys.txt");
        var (code, output) = machine.Run("verify.sh");
        Assert.Equal(1, code);
        Assert.Contains("not signed by a key that you trust", output, StringComparison.Ordinal);
    }

    [Ledgers.OpenSslFact]
    public void The_end_of_the_proxys_certificate_is_a_figure()
    {
        machine.CopyFrozenLedger();
        var certificate = machine.PathOf("proxy.crt");
        Assert.Equal(0, Ledgers.Programs.Run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", machine.PathOf("proxy.key"), "-out", certificate, "-days", "30", "-subj", "/CN=a.example").Code);
        machine.Settings["ADVISORY_CERTIFICATE"] = certificate;
        Assert.Equal(0, machine.Run("verify.sh").Code);
        using var read = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(certificate);
        Assert.Equal(new DateTimeOffset(read.NotAfter).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Figures("verify")["advisory_verify_certificate_end_seconds"]);
    }

    /// <summary>What a script left for the node exporter.</summary>
    private Dictionary<string, string> Figures(string script) => ScriptFigures.Read(Path.Combine(machine.Metrics, script + ".prom"));

    private static long Size(string checkpoint) => long.Parse(File.ReadLines(checkpoint).ElementAt(1), CultureInfo.InvariantCulture);

    private static UnixFileMode Mode(string file) => OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file);

    private static void CopyKeys(string from, string to)
    {
        var keys = Directory.CreateDirectory(Path.Combine(to, "keys")).FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var key in Directory.EnumerateFiles(Path.Combine(from, "keys"))) File.Copy(key, Path.Combine(keys, Path.GetFileName(key)));
    }

    /// <summary>One bit, within the bytes of an entry.</summary>
    private static void Flip(string database)
    {
        var bytes = File.ReadAllBytes(database);
        var at = bytes.AsSpan().LastIndexOf("\"kind\":\"decision\""u8);
        Assert.True(at > 0);
        bytes[at + 9] ^= 1;
        File.WriteAllBytes(database, bytes);
    }
}

/// <summary>Figures in the text format of Prometheus, without labels.</summary>
internal static class ScriptFigures
{
    public static Dictionary<string, string> Read(string file) =>
        File.ReadLines(file).Where(line => line[0] != '#').Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
