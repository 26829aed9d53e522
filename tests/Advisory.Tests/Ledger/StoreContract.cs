using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Sqlite;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;
using FsCheck;
using FsCheck.Fluent;

namespace Advisory.Tests.Ledgers;

/// <summary>What any store must do. A new store gets a class of four lines below and must pass all of it.</summary>
public abstract class StoreContract : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly List<IStore> opened = [];

    private protected abstract IStore OpenStore(string file);

    /// <summary>Whether a store opened again at the same place has what was there.</summary>
    private protected virtual bool IsDurable => true;

    private IStore Open(string name = "store")
    {
        var store = OpenStore(Path.Combine(folder.Path, name));
        opened.Add(store);
        return store;
    }

    public void Dispose()
    {
        opened.ForEach(store => store.Dispose());
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_empty_store_has_the_empty_head_and_no_rows()
    {
        var store = Open();
        Assert.True(store.ReadHead().Is(Head.Empty));
        Assert.Empty(store.ReadHead().Edge);
        Assert.Empty(Everything(store));
    }

    [Fact]
    public void What_was_appended_is_read_back()
    {
        var store = Open();
        var written = Fill(store, 1, 5, 1, 20);
        AssertSame(written, store);
    }

    [Fact]
    public void What_was_appended_is_there_when_the_store_is_opened_again()
    {
        if (!IsDurable) return;
        var written = Fill(Open(), 3, 4);
        opened[0].Dispose();
        AssertSame(written, Open());
    }

    [Fact]
    public void An_attachment_that_is_stored_already_is_passed_over()
    {
        var store = Open();
        Fill(store, 5);
        var before = store.Read(new AllAttachments()).ToList();
        var batch = Next(store, store.ReadHead(), 1);
        batch.Attachments.AddRange([before[0] with { Entry = 5, Packed = [1] }, new(Digest.Of([7]), 5, 1, [7])]);
        Assert.True(store.Append(store.ReadHead(), batch));
        Assert.Equal([.. before.Select(row => (row.Digest, row.Entry)), (Digest.Of([7]), 5)], store.Read(new AllAttachments()).Select(row => (row.Digest, row.Entry)));
        Assert.Equal(before[0].Packed, store.Read(new AttachmentOf(before[0].Digest)).Single().Packed);
    }

    [Fact]
    public void A_batch_for_another_head_writes_nothing()
    {
        var store = Open();
        Fill(store, 3);
        var head = store.ReadHead();
        var before = Everything(store);
        Assert.False(store.Append(Head.Empty, Next(store, head, 1)));
        Assert.False(store.Append(head with { Size = 2 }, Next(store, head, 1)));
        Assert.False(store.Append(head with { Checkpoint = "another" }, Next(store, head, 1)));
        Assert.Equal(before, Everything(store));
        Assert.True(store.Append(head, Next(store, head, 1)));
        Assert.False(store.Append(head, Next(store, head, 1)));
    }

    [Fact]
    public void A_batch_that_cannot_be_written_as_a_whole_is_not_written_at_all()
    {
        var store = Open();
        Fill(store, 3);
        var head = store.ReadHead();
        var before = Everything(store);

        var twice = Next(store, head, 2);
        twice.Keys.Add(store.Read(new AllKeys()).First());
        Assert.ThrowsAny<LedgerException>(() => store.Append(head, twice));

        var gap = Next(store, head, 1);
        gap.Entries[0] = gap.Entries[0] with { Index = 7 };
        Assert.ThrowsAny<LedgerException>(() => store.Append(head, gap));

        Assert.Equal(before, Everything(store));
        Assert.True(store.Append(head, Next(store, head, 2)));
    }

    [Fact]
    public void Ranges_of_entries_labels_and_terms_hold_their_start_and_not_their_end()
    {
        var store = Open();
        Fill(store, 10);
        Assert.Equal([3L, 4, 5], store.Read(new EntriesBetween(3, 6)).Select(entry => entry.Index));
        Assert.Equal([8L, 9], store.Read(new EntriesBetween(8, long.MaxValue)).Select(entry => entry.Index));
        Assert.Empty(store.Read(new EntriesBetween(6, 6)));
        Assert.Empty(store.Read(new EntriesBetween(10, 20)));
        Assert.Equal([4L, 5], store.Read(new LabelsBetween(4, 6)).Select(label => label.Entry).Distinct());
        Assert.Equal([4L, 5], store.Read(new TermsBetween(4, 6)).Select(row => row.Entry));
        var ofOne = store.Read(new LabelsBetween(4, 5)).ToList();
        Assert.Equal(ofOne.OrderBy(label => label.Name, StringComparer.Ordinal).ThenBy(label => label.Value, StringComparer.Ordinal), ofOne);
    }

    [Fact]
    public void Digests_come_in_the_order_asked_and_end_at_the_first_that_is_missing()
    {
        var store = Open();
        Fill(store, 3, 8);
        var nodes = AllNodes(11);
        var asked = nodes.Keys.Concat(nodes.Keys.Reverse()).ToList();
        Assert.Equal(asked.Select(node => nodes[node]), store.Read(new DigestsOf(asked)));
        Assert.Equal([nodes[new(1, 0)]], store.Read(new DigestsOf([new(1, 0), new(0, 11), new(0, 0)])));
        Assert.Empty(store.Read(new DigestsOf([new(2, 2)])));
        Assert.Equal(store.Read(new InteriorFrom(0)).Skip(4), store.Read(new InteriorFrom(4)));
    }

    [Fact]
    public void Filters_find_the_entries_that_all_of_them_fit_from_new_to_old()
    {
        var store = Open();
        Fill(store, 60);
        var labels = store.Read(new LabelsBetween(0, 60)).ToLookup(label => label.Entry);
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var filters = Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(4) switch
            {
                0 => new LabelFilter("third", Text(random.Next(4))),
                1 => new LabelFilter("parity", random.Next(2) == 0 ? "even" : "odd"),
                2 => new LabelFilter("time", Time(random.Next(60)), random.Next(2) == 0 ? null : Time(random.Next(60))),
                _ => new LabelFilter("word", null, "é"),
            }).ToList();
            var before = random.Next(3) == 0 ? random.Next(61) : long.MaxValue;
            var expected = Enumerable.Range(0, 60).Select(i => (long)i).Reverse().Where(index => index < before && filters.All(filter => labels[index].Any(label => label.Name == filter.Name
                && (filter.From is null || Compare(label.Value, filter.From) >= 0) && (filter.To is null || Compare(label.Value, filter.To) <= 0))));
            Assert.Equal(expected, store.Read(new EntriesWith(filters, [], before)));
        }

        static int Compare(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
    }

    /// <summary>The first entries are of format 1, and have their terms as labels.</summary>
    [Fact]
    public void Labels_and_terms_find_what_a_naive_reader_finds()
    {
        var words = Gen.SubListOf(["a", "b", "c", "d"]);
        var cases =
            from entries in Gen.NonEmptyListOf(words.SelectMany(_ => words, (labels, terms) => (Labels: labels, Terms: terms)))
            from old in Gen.Choose(0, 6)
            from labels in words
            from terms in words
            from isRange in ArbMap.Default.GeneratorFor<bool>()
            from before in Gen.Choose(0, 12)
            select (Entries: entries.ToList(), Old: old, Labels: labels.Take(2).ToList(), Terms: terms.Take(2).ToList(), IsRange: isRange, Before: before == 0 ? long.MaxValue : before);
        var (number, found) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(2026, 25), null)), Prop.ForAll(cases.ToArbitrary(), one =>
        {
            using var store = OpenStore(Path.Combine(folder.Path, Text(number++)));
            var stored = one.Entries.Select((entry, i) => i < one.Old ? entry.Labels.Union(entry.Terms).ToList() : entry.Labels.ToList()).ToList();
            foreach (var count in new[] { Math.Min(one.Old, one.Entries.Count), Math.Max(0, one.Entries.Count - one.Old) }.Where(count => count > 0))
            {
                var head = store.ReadHead();
                var batch = Next(store, head, count);
                batch.Labels.Clear();
                batch.Terms.Clear();
                for (var i = (int)head.Size; i < head.Size + count; i++)
                {
                    batch.Labels.AddRange(stored[i].Select(word => new StoredLabel(i, "word", word)));
                    if (i >= one.Old) batch.Terms.Add(new(i, TermHashes.Of(Labels(one.Entries[i].Terms))));
                }

                Assert.True(store.Append(head, batch));
            }

            var expected = Enumerable.Range(0, one.Entries.Count).Select(i => (long)i).Reverse().Where(i => i < one.Before
                && one.Labels.All(word => stored[(int)i].Exists(label => label == word || one.IsRange && string.CompareOrdinal(label, word) > 0))
                && one.Terms.All((i < one.Old ? stored[(int)i] : one.Entries[(int)i].Terms).Contains)).ToList();
            Assert.Equal(expected, store.Read(new EntriesWith([.. one.Labels.Select(word => new LabelFilter("word", word, one.IsRange ? null : word))], Labels(one.Terms), one.Before)));
            if (one.Terms.Count > 0) found += expected.Count;
        }));
        Assert.True(found > 100, $"{found} found by terms");

        static List<Label> Labels(IEnumerable<string> words) => [.. words.Select(word => new Label("word", word))];
    }

    [Fact]
    public void A_reader_sees_one_state_though_others_append_meanwhile()
    {
        var store = Open();
        Fill(store, 10);
        using var rows = store.Read(new EntriesBetween(0, long.MaxValue)).GetEnumerator();
        Assert.True(rows.MoveNext());
        Fill(store, 10);
        var seen = 1;
        while (rows.MoveNext()) seen++;
        Assert.Equal(10, seen);
        Assert.Equal(20, store.Read(new EntriesBetween(0, long.MaxValue)).Count());
    }

    [Fact]
    public async Task Of_writers_at_the_same_time_one_wins_each_head()
    {
        var store = Open();
        var won = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25; i++)
            {
                var head = store.ReadHead();
                if (store.Append(head, Next(store, head, 1 + i % 3, unique: true))) Interlocked.Add(ref won, 1 + i % 3);
            }
        })));
        Assert.Equal(won, store.ReadHead().Size);
        Assert.Equal(Enumerable.Range(0, won).Select(i => (long)i), store.Read(new EntriesBetween(0, long.MaxValue)).Select(entry => entry.Index));
        Assert.Equal(InteriorNodes.Count(won), store.Read(new InteriorFrom(0)).Count());
    }

    [Fact]
    public void A_backup_holds_what_was_there_and_nothing_that_came_later()
    {
        var store = Open();
        var written = Fill(store, 5, 6);
        var file = Path.Combine(folder.Path, "backup");
        store.Backup(file);
        Fill(store, 3);
        using var copy = SqliteStore.Open(file, new() { ReadOnly = true });
        Assert.Equal(written.Entries.Select(Show), copy.Read(new EntriesBetween(0, long.MaxValue)).Select(Show));
        Assert.Equal(written.Labels.Count, copy.Read(new LabelsBetween(0, long.MaxValue)).Count());
        Assert.Equal(written.Terms.Select(Show), copy.Read(new TermsBetween(0, long.MaxValue)).Select(Show));
        Assert.Equal(11, copy.ReadHead().Size);
    }

    [Fact]
    public void Every_subtree_has_the_position_in_which_appending_makes_it()
    {
        var position = 0L;
        var edge = new Edge();
        for (var size = 1; size <= 1_000; size++)
        {
            edge.Append(default, (node, _) => Assert.Equal(position++, InteriorNodes.Position(node)));
            Assert.Equal(position, InteriorNodes.Count(size));
        }
    }

    /// <summary>Appends batches of these sizes and gives all rows that were written.</summary>
    private static Batch Fill(IStore store, params int[] sizes)
    {
        var all = new Batch();
        foreach (var size in sizes)
        {
            var head = store.ReadHead();
            var batch = Next(store, head, size);
            Assert.True(store.Append(head, batch));
            all.Entries.AddRange(batch.Entries);
            all.Interior.AddRange(batch.Interior);
            all.Keys.AddRange(batch.Keys);
            all.Labels.AddRange(batch.Labels);
            all.Terms.AddRange(batch.Terms);
            all.Attachments.AddRange(batch.Attachments);
            all.Keyring.AddRange(batch.Keyring);
            all.Next = batch.Next;
        }

        return all;
    }

    private static Batch Next(IStore store, Head head, int count, bool unique = false)
    {
        _ = store;
        var batch = new Batch { KeepsCheckpoint = true };
        var edge = new Edge(head.Size, head.Edge);
        var salt = unique ? Guid.NewGuid().ToString() : "";
        for (var i = (int)head.Size; i < head.Size + count; i++)
        {
            var bytes = Bytes(i);
            batch.Entries.Add(new(i, bytes, MerkleTree.Leaf(bytes)));
            edge.Append(MerkleTree.Leaf(bytes), (_, digest) => batch.Interior.Add(digest));
            batch.Keys.Add(new(Digest.Of(Encoding.UTF8.GetBytes($"key {i}{salt}")), Digest.Of(Encoding.UTF8.GetBytes($"input {i}")), i));
            batch.Labels.AddRange([new(i, "time", Time(i)), new(i, "parity", i % 2 == 0 ? "even" : "odd"), new(i, "third", Text(i % 3)), new(i, "third", "3"), new(i, "word", i % 5 == 0 ? "é" : i % 5 == 1 ? "😀" : "")]);
            batch.Terms.Add(new(i, TermHashes.Of([.. Enumerable.Range(0, i % 6).Select(n => new Label("n", Text(n)))])));
            if (i % 4 == 0) batch.Attachments.Add(new(Digest.Of(bytes), i, 1000 + i, bytes));
            if (i % 7 == 0) batch.Keyring.Add(i);
        }

        batch.Next = () => new(edge.Size, [.. edge.Subtrees], $"checkpoint {edge.Size} é {salt}");
        return batch;
    }

    private static byte[] Bytes(int i) => Encoding.UTF8.GetBytes($"entry {i} {new string('x', i * 37 % 9_000)}");

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Time(int i) => $"2026-01-{1 + i / 24:00}T{i % 24:00}";

    private static Dictionary<Node, Digest> AllNodes(int size)
    {
        var (edge, nodes) = (new Edge(), new Dictionary<Node, Digest>());
        for (var i = 0; i < size; i++)
        {
            nodes.Add(new(0, i), MerkleTree.Leaf(Bytes(i)));
            edge.Append(MerkleTree.Leaf(Bytes(i)), nodes.Add);
        }

        return nodes;
    }

    private static void AssertSame(Batch written, IStore store)
    {
        var head = store.ReadHead();
        Assert.True(head.Is(written.Next()));
        Assert.Equal(written.Next().Edge, head.Edge);
        Assert.Equal(written.Next().Root, head.Root);
        Assert.Equal(written.Entries.Select(Show), store.Read(new EntriesBetween(0, long.MaxValue)).Select(Show));
        Assert.Equal(written.Interior, store.Read(new InteriorFrom(0)));
        Assert.Equal(written.Keys.OrderBy(k => k.Entry), store.Read(new AllKeys()).OrderBy(k => k.Entry));
        Assert.All(written.Keys, key => Assert.Equal([key], store.Read(new KeysOf([key.Key]))));
        Assert.Empty(store.Read(new KeysOf([default])));
        Assert.Equal(written.Labels.OrderBy(Show), store.Read(new LabelsBetween(0, long.MaxValue)).OrderBy(Show));
        Assert.Equal(written.Terms.Select(Show), store.Read(new TermsBetween(0, long.MaxValue)).Select(Show));
        Assert.Equal(written.Attachments.Select(Show), store.Read(new AllAttachments()).Select(Show));
        Assert.All(written.Attachments, row => Assert.Equal(Show(row), Show(store.Read(new AttachmentOf(row.Digest)).Single())));
        Assert.All(written.Attachments, row => Assert.Equal([row.Entry], store.Read(new BringerOf(row.Digest))));
        Assert.Empty(store.Read(new AttachmentOf(default)));
        Assert.Empty(store.Read(new BringerOf(default)));
        Assert.Equal(written.Keyring, store.Read(new Keyring()));
        Assert.Equal(new StoredCheckpoint(head.Size, head.Checkpoint), store.Read(new CheckpointsFrom(0)).Last());
        Assert.Equal([head.Size], store.Read(new CheckpointsFrom(head.Size)).Select(row => row.Size));
        Assert.Empty(store.Read(new Complaints()));
    }

    /// <summary>Every row of every kind, as text.</summary>
    private static List<string> Everything(IStore store) =>
    [
        .. store.Read(new EntriesBetween(long.MinValue, long.MaxValue)).Select(Show), .. store.Read(new InteriorFrom(0)).Select(digest => digest.ToString()), .. store.Read(new AllKeys()).Select(key => key.ToString()),
        .. store.Read(new LabelsBetween(long.MinValue, long.MaxValue)).Select(Show), .. store.Read(new TermsBetween(long.MinValue, long.MaxValue)).Select(Show), .. store.Read(new AllAttachments()).Select(Show), .. store.Read(new CheckpointsFrom(0)).Select(row => row.ToString()),
        .. store.Read(new Keyring()).Select(Text),
    ];

    private static string Show(StoredEntry entry) => $"{entry.Index} {entry.Leaf} {Convert.ToHexString(entry.Bytes)}";

    private static string Show(StoredLabel label) => $"{label.Entry} {label.Name} {label.Value}";

    private static string Show(StoredTerms row) => $"{row.Entry} {Convert.ToHexString(row.Hashes)}";

    private static string Show(StoredAttachment row) => $"{row.Digest} {row.Entry} {row.Length} {Convert.ToHexString(row.Packed)}";
}

public sealed class MemoryStoreTests : StoreContract
{
    private protected override IStore OpenStore(string file) => new MemoryStore();

    private protected override bool IsDurable => false;
}

public sealed class SqliteStoreTests : StoreContract
{
    private protected override IStore OpenStore(string file) => SqliteStore.Open(file);
}
