using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Sqlite;
using Advisory.Ledgers.Storage;

namespace Advisory.Tests.Ledgers;

/// <summary>Changed bits, in what is stored and in the file that stores it.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    /// <summary>Every bit in the heavy group; every seventh, which is each place in turn over the bytes, in the default run.</summary>
    [Fact]
    public async Task Every_changed_bit_of_entries_tree_checkpoints_attachments_and_terms_is_found()
    {
        var store = await SmallLedger();
        Assert.Empty(Verify(store).Faults);
        var s = store.Now;
        var bits = 0;

        for (var i = 0; i < s.Entries.Count; i++)
        {
            foreach (var bytes in Turned(s.Entries[i].Bytes)) Found(t => t with { Entries = With(t.Entries, i, t.Entries[i] with { Bytes = bytes }) }, i);
            foreach (var leaf in Turned(s.Entries[i].Leaf.ToArray())) Found(t => t with { Entries = With(t.Entries, i, t.Entries[i] with { Leaf = new(leaf) }) }, i);
        }

        for (var i = 0; i < s.Interior.Count; i++)
            foreach (var node in Turned(s.Interior[i].ToArray())) Found(t => t with { Interior = With(t.Interior, i, new(node)) });
        for (var i = 0; i < s.Head.Edge.Count; i++)
            foreach (var node in Turned(s.Head.Edge[i].ToArray())) Found(t => t with { Head = t.Head with { Edge = With(t.Head.Edge, i, new(node)) } });
        foreach (var note in Turned(Encoding.UTF8.GetBytes(s.Head.Checkpoint))) Found(t => t with { Head = t.Head with { Checkpoint = Encoding.UTF8.GetString(note) } });
        for (var i = 0; i < s.Checkpoints.Count; i++)
            foreach (var note in Turned(Encoding.UTF8.GetBytes(s.Checkpoints[i].Note))) Found(t => t with { Checkpoints = With(t.Checkpoints, i, t.Checkpoints[i] with { Note = Encoding.UTF8.GetString(note) }) });
        for (var i = 0; i < s.Attachments.Count; i++)
        {
            foreach (var packed in Turned(s.Attachments[i].Packed)) Harmless(t => t with { Attachments = With(t.Attachments, i, t.Attachments[i] with { Packed = packed }) });
            foreach (var digest in Turned(s.Attachments[i].Digest.ToArray())) Found(t => t with { Attachments = With(t.Attachments, i, t.Attachments[i] with { Digest = new(digest) }) });
        }

        foreach (var hashes in Turned(TermHashes.Of([new("a", "b"), new("c", "d")]))) Found(t => t with { Terms = With(t.Terms, 4, new(4, hashes)) });
        for (var bit = 0; bit < 63; bit++)
        {
            var turned = 1L << bit;
            Found(t => t with { Head = t.Head with { Size = t.Head.Size ^ turned } });
            Found(t => t with { Keyring = With(t.Keyring, 1, t.Keyring[1] ^ turned) });
        }

        Assert.True(bits > (HeavyFactAttribute.Heavy ? 10_000 : 1_500), $"{bits} bits");

        void Found(Func<MemoryStore.State, MemoryStore.State> change, int? index = null)
        {
            bits++;
            var faults = Verify(store.But(change)).Faults;
            Assert.True(faults.Count > 0, $"bit {bits}");
            if (index is not null) Assert.Equal(index, faults[0].Index);
        }

        // A packed form has bits that do not matter, such as padding at its end; then the content is the same.
        void Harmless(Func<MemoryStore.State, MemoryStore.State> change)
        {
            bits++;
            var changed = store.But(change);
            if (Verify(changed).Faults.Count == 0) Assert.Equal(s.Attachments.Select(Ledger.Unpack), changed.Now.Attachments.Select(Ledger.Unpack));
        }
    }

    [Fact]
    public async Task Entries_left_out_put_in_or_exchanged_are_found_at_the_first_wrong_index()
    {
        var store = await SmallLedger();
        Assert.Equal("entry 2: its bytes do not have the leaf hash that is stored with it", First(t => t with { Entries = With(t.Entries, 2, t.Entries[2] with { Bytes = t.Entries[1].Bytes }) }));
        Assert.Equal("entry 3: node 1 of level 1 of the tree, which it completes, is not the hash of the two below it", First(t => t with { Entries = With(t.Entries, 2, t.Entries[1] with { Index = 2 }) }));
        Assert.Equal("entry 3: it is missing; the next entry is 4", First(t => t with { Entries = [.. t.Entries.Where(entry => entry.Index != 3)] }));
        Assert.Equal("entry 5: it is missing; the ledger should have 6 entries", First(t => t with { Entries = [.. t.Entries.Take(5)] }));
        Assert.Equal("there are entries that belong to no entry below 6", First(t => t with { Entries = [.. t.Entries, t.Entries[5] with { Index = 6 }] }));
        Assert.Equal("entry 5: node 2 of level 1 of the tree, which it completes, is missing", First(t => t with { Interior = [.. t.Interior.Take(3)] }));
        Assert.Equal("there are nodes of the tree that belong to no entry below 6", First(t => t with { Interior = [.. t.Interior, default] }));
        Assert.Equal("there are labels that belong to no entry below 6", First(t => t with { Labels = [.. t.Labels, new(6, "a", "b")] }));
        Assert.Equal("there are terms that belong to no entry below 6", First(t => t with { Terms = [.. t.Terms, new(6, TermHashes.Of([]))] }));
        Assert.Equal("entry 2: its terms are missing, so that it is not found by them", First(t => t with { Terms = [.. t.Terms.Where(row => row.Entry != 2)] }));
        Assert.Equal("entry 5: its terms are missing, so that it is not found by them", First(t => t with { Terms = [.. t.Terms.Take(5)] }));
        foreach (var damaged in new byte[][] { [], [0, 0, 0], [0, 0, 0, 1], [.. TermHashes.Of([new("a", "b")]), 0] })
            Assert.Equal("entry 4: its terms are damaged, so that it may not be found by them", First(t => t with { Terms = With(t.Terms, 4, new(4, damaged)) }));
        Assert.Equal("an idempotency key belongs to entry 6, which is not there", First(t => t with { Keys = [.. t.Keys, new(default, default, 6)] }));
        Assert.Matches("^entry 2: its attachment `sha256:[0-9a-f]{64}` is missing$", First(t => t with { Attachments = [] }));
        Assert.Equal("entry 3: it brings a verifier key that the keyring does not list", First(t => t with { Keyring = [0] }));
        Assert.Equal("entry 4: it should bring a verifier key, and does not", First(t => t with { Keyring = [0, 3, 4] }));
        Assert.Matches("^entry 3: checkpoint of size 4: no signature of a known key", First(t => t with { Checkpoints = [t.Checkpoints[0], new(4, t.Checkpoints[1].Note[..t.Checkpoints[1].Note.IndexOf('—', StringComparison.Ordinal)] + "— a.example/ledger AAAAAAA=\n")] }));

        // Whoever holds the disk but not the key cannot make the rest fit.
        Assert.Equal("the last checkpoint has another size or root than the entries", First(t => t with
        {
            Head = t.Head with { Size = 5, Edge = [t.Interior[2], t.Entries[4].Leaf] },
            Entries = [.. t.Entries.Take(5)],
            Interior = [.. t.Interior.Take(3)],
            Labels = [],
        }));

        string First(Func<MemoryStore.State, MemoryStore.State> change) => Verify(store.But(change)).Faults[0].ToString();
    }

    [Fact]
    public async Task The_checkpoint_outside_is_verified_with_the_rest()
    {
        var ledger = scratch.Open();
        await ledger.Append(Scratch.Entry(1));
        var outside = ledger.Checkpoint;
        using var store = SqliteStore.Open(scratch.File("ledger.db"), new() { ReadOnly = true });
        Assert.Empty(Verification.Of(store, () => outside, null, default).Faults);
        Assert.Equal("the checkpoint outside the database is missing", Verification.Of(store, () => null, null, default).Faults.Single().ToString());
        await File.WriteAllTextAsync(scratch.File("checkpoint"), "nothing");
        Assert.StartsWith($"`{scratch.File("checkpoint")}` holds no checkpoint (", ledger.Verify().Faults.Single().ToString(), StringComparison.Ordinal);

        using var another = new Scratch();
        var fork = another.Open();
        await fork.Append(Scratch.Entry(2));
        var faults = Verification.Of(store, () => fork.Checkpoint, null, default).Faults.Select(fault => fault.ToString()).ToList();
        Assert.Contains("the first 2 entries are not those under the checkpoint kept outside the database", faults);
        await fork.Append(Scratch.Entry(3));
        Assert.Equal("entry 2: it is missing; the checkpoint kept outside the database covers 3 entries", Verification.Of(store, () => fork.Checkpoint, null, default).Faults.Single().ToString());
    }

    /// <summary>ADVISORY_LEDGER_BITS sets how many.</summary>
    [Fact]
    public async Task A_changed_bit_of_the_file_is_found_or_changes_nothing_that_is_read()
    {
        var (file, whole) = await SmallFile();
        var original = await File.ReadAllBytesAsync(file);
        var random = new Random(23);
        var found = 0;
        var rounds = HeavyFactAttribute.Rounds(150, 2_000, "ADVISORY_LEDGER_BITS");
        for (var round = 0; round < rounds; round++)
        {
            var changed = (byte[])original.Clone();
            var bit = random.Next(8 * original.Length);
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (FoundOr(changed, whole, $"bit {bit % 8} of byte {bit / 8}")) found++;
        }

        Assert.True(found > rounds / 4, $"{found} of {rounds} found");
    }

    [Fact]
    public async Task A_damaged_page_of_the_file_is_found_or_changes_nothing_that_is_read()
    {
        var (file, whole) = await SmallFile();
        var original = await File.ReadAllBytesAsync(file);
        var random = new Random(29);
        for (var page = 0; page < original.Length / 4096; page++)
        {
            var zeroed = (byte[])original.Clone();
            Array.Clear(zeroed, page * 4096, 4096);
            var noise = (byte[])original.Clone();
            random.NextBytes(noise.AsSpan(page * 4096, 4096));
            var stale = (byte[])original.Clone();
            original.AsSpan((page + 1) % (original.Length / 4096) * 4096, 4096).CopyTo(stale.AsSpan(page * 4096));
            foreach (var changed in new[] { zeroed, noise, stale, original[..(page * 4096)] }) FoundOr(changed, whole, $"page {page}");
        }
    }

    /// <summary>True when the damage was found; else everything must read as it was.</summary>
    private bool FoundOr(byte[] changed, List<string> whole, string where)
    {
        var copy = scratch.Beside("changed.db");
        File.WriteAllBytes(copy, changed);
        try
        {
            using (var store = SqliteStore.Open(copy, new() { ReadOnly = true }))
            {
                if (Verification.Of(store, null, null, default).Faults.Count > 0) return true;
                Assert.True(whole.SequenceEqual(Everything(store)), where + " was not found");
                return false;
            }
        }
        catch (LedgerException)
        {
            return true;
        }
        finally
        {
            foreach (var beside in Directory.EnumerateFiles(Path.GetDirectoryName(copy)!, "changed.db*")) File.Delete(beside);
        }
    }

    /// <summary>A file of some dozen pages with something of everything, and all that can be read from it.</summary>
    private async Task<(string File, List<string> Whole)> SmallFile()
    {
        var ledger = scratch.Open();
        for (var i = 0; i < 12; i++) await ledger.Append(Scratch.Entry(i, $"key {i}"));
        await ledger.Append(WithAttachment());
        await ledger.RotateKey(Scratch.Act);
        for (var i = 0; i < 5; i++) await ledger.Append(new() { Bytes = Scratch.Json(i, 3_000), Labels = [new("long", new('x', i * 50))], Terms = [.. Enumerable.Range(0, 40).Select(n => new Label("n", FormattableString.Invariant($"{i} {n}")))] });
        ledger.Backup(scratch.Beside("small.db"));
        using var store = SqliteStore.Open(scratch.Beside("small.db"), new() { ReadOnly = true });
        return (scratch.Beside("small.db"), Everything(store));
    }

    private static List<string> Everything(SqliteStore store) =>
    [
        store.ReadHead().Checkpoint, .. store.Read(new EntriesBetween(0, long.MaxValue)).Select(row => $"{row.Index} {row.Leaf} {Convert.ToHexString(row.Bytes)}"), .. store.Read(new InteriorFrom(0)).Select(digest => digest.ToString()),
        .. store.Read(new AllKeys()).Select(row => row.ToString()), .. store.Read(new AllKeys()).Select(row => store.Read(new KeysOf([row.Key])).Single().ToString()),
        .. store.Read(new LabelsBetween(0, long.MaxValue)).Select(row => row.ToString()),
        .. store.Read(new LabelsBetween(0, long.MaxValue)).Select(row => string.Join(',', store.Read(new EntriesWith([new(row.Name, row.Value)], [], long.MaxValue)))),
        .. store.Read(new TermsBetween(0, long.MaxValue)).Select(row => $"{row.Entry} {Convert.ToHexString(row.Hashes)}"),
        .. store.Read(new AllAttachments()).Select(row => $"{row.Digest} {row.Entry} {Convert.ToHexString(Ledger.Unpack(row)!)}"), .. store.Read(new CheckpointsFrom(0)).Select(row => row.ToString()),
    ];

    private async Task<MemoryStore> SmallLedger()
    {
        var store = new MemoryStore();
        Directory.CreateDirectory(scratch.Path);
        var ledger = Ledger.Open(store, scratch.Path, new() { Creation = Scratch.Act, Origin = "a.example/ledger" });
        await ledger.Append(Scratch.Entry(1, "key"));
        await ledger.Append(WithAttachment());
        await ledger.RotateKey(Scratch.Act);
        await ledger.Append(Scratch.Entry(2));
        await ledger.Append(Scratch.Entry(3));
        ledger.Dispose();
        return store;
    }

    private static NewEntry WithAttachment()
    {
        var content = Encoding.UTF8.GetBytes("""{"rules":["one","two","one","two"]}""");
        return new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["sha256:{{Digest.Of(content)}}"]}"""), Attachments = [content] };
    }

    private static Verification Verify(MemoryStore store) => Verification.Of(store, null, null, default);

    private static IEnumerable<byte[]> Turned(byte[] bytes)
    {
        for (var bit = 0; bit < 8 * bytes.Length; bit += HeavyFactAttribute.Heavy ? 1 : 7)
        {
            var turned = (byte[])bytes.Clone();
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return turned;
        }
    }

    private static T[] With<T>(IReadOnlyList<T> list, int index, T item)
    {
        T[] changed = [.. list];
        changed[index] = item;
        return changed;
    }
}
