using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>A disk that is full, read-only, or fails.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly Scratch scratch = new();
    private readonly BrokenDisk disk = new();

    public void Dispose()
    {
        scratch.Dispose();
        disk.Dispose();
    }

    private Ledger Open() => Ledger.Open(scratch.Path, new() { Creation = Scratch.Act, Origin = "a.example/ledger" }, new() { Vfs = disk.Name });

    [Fact]
    public async Task With_a_full_disk_nothing_is_acknowledged_and_with_room_again_it_goes_on()
    {
        using var ledger = Open();
        await ledger.Append(Scratch.Entry(1));
        disk.Fails = (kind, _) => kind == "write" ? BrokenDisk.Full : 0;
        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<LedgerNotWritableException>(() => ledger.Append(Scratch.Entry(2, "key")));
            Assert.StartsWith($"there is no room left for `{scratch.File("ledger.db")}`; make room on its disk, then append again (SQLite: ", error.Message, StringComparison.Ordinal);
            Assert.False(error.IsTransient);
            Assert.Equal(2, ledger.Size);
        }

        // Reading goes on meanwhile.
        Assert.Empty(ledger.Verify().Faults);
        disk.Fails = null;
        Assert.Equal(2, (await ledger.Append(Scratch.Entry(2, "key"))).Index);
        Assert.Empty(ledger.Verify().Faults);
    }

    /// <summary>Each write, flush and truncation of a stretch of work fails once, with each error that it can.</summary>
    [Fact]
    public async Task Wherever_the_disk_fails_once_no_entry_is_lost_doubled_or_torn()
    {
        var random = new Random(31);
        using var ledger = Open();
        var acknowledged = new List<(long Index, byte[] Bytes)>();
        var failures = 0;
        for (var round = 0; round < 120; round++)
        {
            var left = random.Next(1, 12);
            var code = random.Next(3) switch { 0 => BrokenDisk.Full, 1 => BrokenDisk.WriteError, _ => BrokenDisk.FlushError };
            disk.Fails = (kind, _) => (code == BrokenDisk.FlushError) == (kind == "flush") && Interlocked.Decrement(ref left) == 0 ? code : 0;
            var entries = Enumerable.Range(0, random.Next(1, 6)).Select(i => (Bytes: Scratch.Json(round * 10 + i, random.Next(20_000)), Key: $"{round} {i}")).ToList();
            await Task.WhenAll(entries.Select(async entry =>
            {
                // As a caller would: the same key until it gets through.
                while (true)
                {
                    try
                    {
                        var receipt = await ledger.Append(new() { Bytes = entry.Bytes, Key = entry.Key, Input = default(Digest) });
                        lock (acknowledged) acknowledged.Add((receipt.Index, entry.Bytes));
                        return;
                    }
                    catch (LedgerNotWritableException)
                    {
                        Interlocked.Increment(ref failures);
                    }
                }
            }));
        }

        disk.Fails = null;
        Assert.True(failures > 30, $"{failures} failures");
        Assert.Equal(acknowledged.Count + 1, ledger.Size);
        Assert.All(acknowledged, one => Assert.Equal(one.Bytes, ledger.Find(one.Index)!.Bytes.ToArray()));
        Assert.Empty(ledger.Verify().Faults);
        ledger.Dispose();
        Assert.Empty(scratch.Open().Verify().Faults);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_says_so_and_can_still_be_read()
    {
        Open().Dispose();
        disk.IsReadOnly = true;
        using var ledger = Open();
        var error = await Assert.ThrowsAsync<LedgerNotWritableException>(() => ledger.Append(Scratch.Entry(1)));
        Assert.StartsWith($"`{scratch.File("ledger.db")}` cannot be written; let the user who runs this program write the file and its folder (SQLite: ", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        Assert.Equal(1, ledger.Size);
        Assert.Empty(ledger.Verify().Faults);
    }

    [UnixFact]
    public async Task A_checkpoint_that_cannot_be_kept_outside_stops_the_next_append()
    {
        using var ledger = Ledger.Open(scratch.Path, new() { Creation = Scratch.Act, PublishEvery = TimeSpan.Zero });
        // A folder where the file should go: nothing can be renamed over it.
        File.Delete(scratch.File("checkpoint"));
        Directory.CreateDirectory(scratch.File("checkpoint"));
        await ledger.Append(Scratch.Entry(1));
        var error = await Assert.ThrowsAsync<LedgerNotWritableException>(() => ledger.Append(Scratch.Entry(2)));
        Assert.StartsWith($"`{scratch.File("checkpoint")}` cannot be written; ", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, ledger.Size);
        Directory.Delete(scratch.File("checkpoint"));
        await ledger.Append(Scratch.Entry(2));
        Assert.Equal(3, ledger.Size);
    }

    [Fact]
    public async Task Another_program_that_never_lets_go_is_a_passing_fault()
    {
        using var ledger = Ledger.Open(scratch.Path, new() { Creation = Scratch.Act, Patience = TimeSpan.FromMilliseconds(20) });
        using (Files.Lock(scratch.File("ledger.db.lock"), TimeSpan.Zero))
        {
            var error = await Assert.ThrowsAsync<LedgerNotWritableException>(() => ledger.Append(Scratch.Entry(1)));
            Assert.Equal($"another program has held `{scratch.File("ledger.db.lock")}` for too long; look what is writing to the ledger, then try again", error.Message);
            Assert.True(error.IsTransient);
        }

        await ledger.Append(Scratch.Entry(1));
        Assert.Equal(2, ledger.Size);
    }
}
