using System.Globalization;
using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Tests.Ledgers;

/// <summary>Ledgers that earlier versions wrote, in <c>frozen/</c>: whatever changes, they are read and verified.</summary>
public sealed class FrozenLedgerTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Frozen => [.. Directory.EnumerateDirectories(Repository.PathOf("tests", "Advisory.Tests", "frozen"), "ledger-v*").Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Frozen))]
    public async Task A_frozen_ledger_verifies_and_goes_on(string name)
    {
        var frozen = Repository.PathOf("tests", "Advisory.Tests", "frozen", name);
        using (var ledger = Ledger.Open(Copy(frozen), new() { PublishEvery = TimeSpan.Zero }))
        {
            var keys = (await File.ReadAllLinesAsync(Path.Combine(frozen, "verifier-keys.txt"))).Select(VerifierKey.Parse).ToList();
            Assert.Equal(keys, ledger.Keys.Select(key => key.Key));
            var verification = ledger.Verify();
            Assert.Empty(verification.Faults);
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(frozen, "entries.txt")), Entries(ledger));
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(frozen, "checkpoint")), ledger.Checkpoint.Note);

            for (var i = 0; i < ledger.Size; i++)
            {
                var text = await File.ReadAllTextAsync(Path.Combine(frozen, "receipts", FormattableString.Invariant($"{i}.tlog-proof")));
                Assert.Equal(text, ledger.Receipt(i).ToString());
                Assert.Null(Receipt.Parse(text).Verify(ledger.Find(i)!.Bytes.Span, keys));
            }

            using (var export = File.OpenRead(Path.Combine(frozen, "export.jsonl")))
            {
                var exported = LedgerExport.Verify(export, keys);
                Assert.Empty(exported.Faults);
                Assert.True(exported.IsComplete);
            }

            var entry = (await ledger.Append(Scratch.Entry(1_000))).Index;
            Assert.Equal(verification.Entries, entry);
            await ledger.RotateKey(Scratch.Act);
            Assert.Empty(ledger.Verify().Faults);
        }
    }

    /// <summary>Format 1 kept as labels what are terms now, and had no table for them.</summary>
    [Fact]
    public async Task The_entries_of_format_1_are_found_by_terms_before_and_after_it_was_taken_further()
    {
        var copy = Copy(Repository.PathOf("tests", "Advisory.Tests", "frozen", "ledger-v1"));
        using var reader = Ledger.Open(copy, new() { ReadOnly = true });
        Assert.Equal([8L], reader.Find([], terms: [new("n", "10")]));
        Assert.Equal([5L], reader.Find([new LabelFilter("actor", "ada é 😀")], terms: [new("n", "4")]));
        Assert.Null(reader.TermsOf(8));
        Assert.Empty(reader.Verify().Faults);

        using var ledger = Ledger.Open(copy, new());
        Assert.Null(ledger.TermsOf(8));
        Assert.Empty(ledger.Verify().Faults);
        var fresh = (await ledger.Append(new() { Bytes = Scratch.Json(1), Labels = [new("n", "11")], Terms = [new("n", "10")] })).Index;
        var last = (await ledger.Append(Scratch.Entry(10))).Index;
        foreach (var either in new[] { ledger, reader })
        {
            Assert.Equal([fresh, 8], either.Find([], terms: [new("n", "10")]));
            Assert.Equal([8L], either.Find([], before: fresh, terms: [new("n", "10")]));
            Assert.Equal([9L], either.Find([], terms: [new("n", "11")]));
            Assert.Equal([last, 8], either.Find([new LabelFilter("n", "10")]));
            Assert.Empty(either.Verify().Faults);
        }
    }

    [Fact]
    public void A_backup_of_format_1_is_restored_and_goes_on()
    {
        var copy = Copy(Repository.PathOf("tests", "Advisory.Tests", "frozen", "ledger-v1"));
        var backup = Path.Combine(folder.Path, "backup.db");
        File.Copy(Path.Combine(copy, "ledger.db"), backup);
        var restored = Ledger.Restore(backup, copy, Scratch.Act).Index;
        using var ledger = Ledger.Open(copy, new() { ReadOnly = true });
        Assert.Empty(ledger.Verify().Faults);
        Assert.Null(ledger.TermsOf(restored - 1));
        Assert.NotNull(ledger.TermsOf(restored));
        Assert.Equal([8L], ledger.Find([], terms: [new("n", "10")]));
    }

    [Fact]
    public async Task The_ledger_of_this_version_is_frozen()
    {
        var target = Repository.PathOf("tests", "Advisory.Tests", "frozen", FormattableString.Invariant($"ledger-v{Advisory.Ledgers.Sqlite.Schema.Newest}"));
        if (!Directory.Exists(target) && Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write") await Write(target);
        Assert.True(Directory.Exists(target), "run the tests once with ADVISORY_GOLDEN=write to freeze a ledger of the new format");
    }

    private static async Task Write(string target)
    {
        using (var ledger = Ledger.Open(target, new() { Creation = Scratch.Act, Origin = "frozen.example/ledger" }))
        {
            var content = Encoding.UTF8.GetBytes("""{"a content":"that an entry names"}""");
            for (var i = 0; i < 5; i++) await ledger.Append(new() { Bytes = Scratch.Json(i, i * 300), Key = $"key {i}", Input = Digest.Of(Scratch.Json(i)), Labels = [new("actor", "ada é 😀"), new("n", i.ToString(CultureInfo.InvariantCulture))], Terms = [new("parity", i % 2 == 0 ? "even" : "odd"), new("word", "é")] });
            await ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["sha256:{{Digest.Of(content)}}"],"é":"ü"}"""), Attachments = [content] });
            await ledger.RotateKey(Scratch.Act with { Reason = "a rotation" });
            await Task.WhenAll(ledger.AppendAll([.. Enumerable.Range(10, 20).Select(i => Scratch.Entry(i))]));
            ledger.Backup(Path.Combine(target, "backup.db"));
        }

        // The backup is the same ledger in one file, without a log beside it.
        foreach (var file in Directory.EnumerateFiles(target, "ledger.db*").Concat(Directory.EnumerateFiles(target, "*.lock"))) File.Delete(file);
        File.Move(Path.Combine(target, "backup.db"), Path.Combine(target, "ledger.db"));
        using (var ledger = Ledger.Open(target, new() { ReadOnly = true }))
        {
            await File.WriteAllTextAsync(Path.Combine(target, "entries.txt"), Entries(ledger));
            await File.WriteAllLinesAsync(Path.Combine(target, "verifier-keys.txt"), ledger.Keys.Select(key => key.Key.ToString()));
            Directory.CreateDirectory(Path.Combine(target, "receipts"));
            for (var i = 0; i < ledger.Size; i++) await File.WriteAllTextAsync(Path.Combine(target, "receipts", FormattableString.Invariant($"{i}.tlog-proof")), ledger.Receipt(i).ToString());
            using var export = File.Create(Path.Combine(target, "export.jsonl"));
            LedgerExport.Write(ledger, null, export);
        }
    }

    private static string Entries(Ledger ledger) => string.Concat(ledger.Entries().Select(entry => string.Join(
        ' ', ledger.Labels(entry.Index).Select(label => $"{label.Name}={label.Value}").Prepend(FormattableString.Invariant($"{entry.Index} {entry.LeafHash}")).Concat(ledger.TermsOf(entry.Index) is { } terms ? [$"({terms})"] : [])) + "\n"));

    /// <summary>A copy to work in, with the permissions that a checkout does not keep.</summary>
    private string Copy(string frozen)
    {
        var target = Path.Combine(folder.Path, "copy");
        foreach (var file in Directory.EnumerateFiles(frozen, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(frozen, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            if (OperatingSystem.IsWindows()) continue;
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return target;
    }
}
