using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>Power cuts, simulated: what was not flushed is lost, kept in part, or torn. ADVISORY_LEDGER_POWER_CUTS sets their number.</summary>
public sealed class PowerCutTests
{
    [Fact]
    public async Task A_power_cut_takes_back_nothing_that_was_acknowledged()
    {
        var (cuts, lost, unopened) = await Cut("FULL", HeavyFactAttribute.Rounds(60, 1_500, "ADVISORY_LEDGER_POWER_CUTS"));
        Assert.True(cuts >= 60);
        Assert.Equal(0, lost);
        Assert.Equal(0, unopened);
    }

    /// <summary>The control: if this passed with NORMAL, the test above would show nothing.</summary>
    [Fact]
    public async Task With_synchronous_NORMAL_power_cuts_do_take_back_what_was_acknowledged()
    {
        var (_, lost, unopened) = await Cut("NORMAL", 60);
        Assert.True(lost > 0);
        // And the ledger says so by itself, since the checkpoint outside the database knows more.
        Assert.Equal(lost, unopened);
    }

    /// <summary>How many cuts there were, how many lost an acknowledged entry, and after how many the ledger refused to open.</summary>
    private static async Task<(int Cuts, int Lost, int Unopened)> Cut(string synchronous, int cuts)
    {
        using var folder = new ScratchFolder();
        var work = Path.Combine(folder.Path, "work");
        using var disk = new BrokenDisk();
        var random = new Random(11);

        // One life with many appends, alone and together, small and large, and several copies of the log back into the database.
        var acknowledged = new List<(int Steps, Receipt Receipt, byte[] Bytes)>();
        var start = 0;
        using (var ledger = Ledger.Open(work, new() { Creation = Scratch.Act, Origin = "a.example/ledger", PublishEvery = TimeSpan.FromHours(1) }, new() { Synchronous = synchronous, Vfs = disk.Name }))
        {
            acknowledged.Add((start = disk.Steps, ledger.Receipt(0), ledger.Find(0)!.Bytes.ToArray()));
            for (var i = 0; i < 150; i++)
            {
                var entries = Enumerable.Range(0, random.Next(4) == 0 ? random.Next(2, 6) : 1).Select(k => Scratch.Json(i * 10 + k, random.Next(40_000))).ToList();
                var receipts = await Task.WhenAll(entries.Select((bytes, k) => ledger.Append(new() { Bytes = bytes, Key = $"{i} {k}", Input = default(Digest) })));
                var steps = disk.Steps;
                acknowledged.AddRange(receipts.Zip(entries).Select(pair => (steps, pair.First, pair.Second)));
            }
        }

        var keys = Path.Combine(work, "keys");
        var (lost, unopened) = (0, 0);
        for (var cut = 0; cut < cuts; cut++)
        {
            var steps = random.Next(start, acknowledged[^1].Steps + 1);
            var after = Path.Combine(folder.Path, FormattableString.Invariant($"cut {cut}"));
            Directory.CreateDirectory(after);
            disk.CutPower(steps, random, work, after);
            var promised = acknowledged.Where(one => one.Steps <= steps).ToList();

            // Outside the database stands the last checkpoint that was handed out, as if it had been published just before the cut.
            await File.WriteAllTextAsync(Path.Combine(after, "checkpoint"), promised[^1].Receipt.Checkpoint.Note);
            Link(keys, Path.Combine(after, "keys"));
            try
            {
                using var ledger = Ledger.Open(after, new());
                Assert.Empty(ledger.Verify().Faults);
                Assert.All(promised, one => Assert.True(ledger.Find(one.Receipt.Index)?.Bytes.Span.SequenceEqual(one.Bytes) == true));
                // It goes on from there.
                await ledger.Append(Scratch.Entry(cut));
                Assert.Empty(ledger.Verify().Faults);
            }
            catch (LedgerRolledBackException)
            {
                unopened++;
            }

            // Looked at without the ledger's own checks.
            using (var store = Advisory.Ledgers.Sqlite.SqliteStore.Open(Path.Combine(after, "ledger.db")))
                if (store.ReadHead().Size < promised[^1].Receipt.Checkpoint.Size) lost++;
            Directory.Delete(after, recursive: true);
        }

        return (cuts, lost, unopened);
    }

    private static void Link(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
