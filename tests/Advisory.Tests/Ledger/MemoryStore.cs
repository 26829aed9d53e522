using Advisory.Ledgers;
using Advisory.Ledgers.Sqlite;
using Advisory.Ledgers.Storage;

namespace Advisory.Tests.Ledgers;

/// <summary>The store's meaning without files: it passes the same contract, and shows that the interface has nothing of SQLite in it.</summary>
internal sealed class MemoryStore : IStore
{
    public sealed record State(
        Head Head, IReadOnlyList<StoredEntry> Entries, IReadOnlyList<Digest> Interior, IReadOnlyList<StoredKey> Keys, IReadOnlyList<StoredLabel> Labels,
        IReadOnlyList<StoredTerms> Terms, IReadOnlyList<StoredAttachment> Attachments, IReadOnlyList<StoredCheckpoint> Checkpoints, IReadOnlyList<long> Keyring);

    private readonly Lock writing = new();
    private State state = new(Head.Empty, [], [], [], [], [], [], [], []);

    /// <summary>A store in which something is otherwise than it was written.</summary>
    public MemoryStore But(Func<State, State> change) => new() { state = change(state) };

    public State Now => state;

    public Head ReadHead() => state.Head;

    public bool Append(Head expected, Batch batch)
    {
        lock (writing)
        {
            var s = state;
            if (!s.Head.Is(expected)) return false;
            if (batch.Entries.Where((entry, i) => entry.Index != s.Head.Size + i).Any()) throw new LedgerDamagedException("an entry is only added at the end");
            if (batch.Keys.Select(k => k.Key).Concat(s.Keys.Select(k => k.Key)).GroupBy(k => k).Any(g => g.Count() > 1)) throw new LedgerDamagedException("the idempotency key is there already");
            var next = batch.Next();
            state = new(
                next, [.. s.Entries, .. batch.Entries], [.. s.Interior, .. batch.Interior], [.. s.Keys, .. batch.Keys], [.. s.Labels, .. batch.Labels],
                [.. s.Terms, .. batch.Terms], [.. s.Attachments, .. batch.Attachments.ExceptBy(s.Attachments.Select(row => row.Digest), row => row.Digest)], batch.KeepsCheckpoint ? [.. s.Checkpoints, new(next.Size, next.Checkpoint)] : s.Checkpoints, [.. s.Keyring, .. batch.Keyring]);
            return true;
        }
    }

    public IEnumerable<T> Read<T>(Query<T> query)
    {
        var s = state;
        return (IEnumerable<T>)(object)(query switch
        {
            EntriesBetween q => s.Entries.Where(entry => entry.Index >= q.From && entry.Index < q.To),
            DigestsOf q => q.Nodes.Select(node => node.Level == 0
                ? node.Index < s.Entries.Count ? s.Entries[(int)node.Index].Leaf : (Digest?)null
                : InteriorNodes.Position(node) < s.Interior.Count ? s.Interior[(int)InteriorNodes.Position(node)] : null).TakeWhile(digest => digest is not null).Select(digest => digest!.Value),
            InteriorFrom q => s.Interior.Skip((int)q.Position),
            KeysOf q => s.Keys.Where(row => q.Keys.Contains(row.Key)),
            AllKeys => s.Keys,
            LabelsBetween q => s.Labels.Where(row => row.Entry >= q.From && row.Entry < q.To).OrderBy(row => row.Entry).ThenBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Value, Utf8Order),
            TermsBetween q => s.Terms.Where(row => row.Entry >= q.From && row.Entry < q.To),
            EntriesWith q => s.Entries.Select(entry => entry.Index).Where(index => index < q.Before && q.Filters.All(filter => s.Labels.Any(row => row.Entry == index && row.Name == filter.Name
                && (filter.From is null || Utf8Order.Compare(row.Value, filter.From) >= 0) && (filter.To is null || Utf8Order.Compare(row.Value, filter.To) <= 0)))
                && q.Terms.All(term => s.Terms.SingleOrDefault(row => row.Entry == index) is { } held ? new TermHashes(held.Hashes).Holds(term) : s.Labels.Contains(new(index, term.Name, term.Value)))).OrderDescending(),
            AttachmentOf q => s.Attachments.Where(row => row.Digest == q.Digest),
            AllAttachments => s.Attachments,
            BringerOf q => s.Attachments.Where(row => row.Digest == q.Digest).Select(row => row.Entry),
            CheckpointsFrom q => s.Checkpoints.Where(row => row.Size >= q.Size),
            Keyring => s.Keyring,
            Complaints => Array.Empty<string>(),
            _ => throw new ArgumentOutOfRangeException(nameof(query)),
        });
    }

    public void Backup(string file)
    {
        using var copy = SqliteStore.Open(file);
        var s = state;
        if (s.Head.Size == 0) return;
        var batch = new Batch { Next = () => s.Head };
        batch.Entries.AddRange(s.Entries);
        batch.Interior.AddRange(s.Interior);
        batch.Keys.AddRange(s.Keys);
        batch.Labels.AddRange(s.Labels);
        batch.Terms.AddRange(s.Terms);
        batch.Attachments.AddRange(s.Attachments);
        batch.Keyring.AddRange(s.Keyring);
        copy.Append(Head.Empty, batch);
    }

    public void Dispose() { }

    private static readonly Comparer<string> Utf8Order = Comparer<string>.Create((a, b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)));
}
