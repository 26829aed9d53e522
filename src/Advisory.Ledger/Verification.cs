using Advisory.Ledgers.Entries;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>What a check of the whole ledger found.</summary>
public sealed class Verification
{
    /// <summary>A ledger in which more is wrong is not described any better by a longer list.</summary>
    internal const int MaxFaults = 100;

    /// <summary>Between two reports of progress, in entries.</summary>
    private const long Step = 8192;

    private readonly SortedDictionary<(long, int), Fault> faults = [];

    private Verification() { }

    /// <summary>How many entries were checked.</summary>
    public long Entries { get; private set; }

    /// <summary>The checkpoint that the ledger ends with, where it has one that can be read.</summary>
    public Checkpoint? Checkpoint { get; private set; }

    /// <summary>What is wrong, the first entry first; empty for a whole ledger. At most 100 are listed.</summary>
    public IReadOnlyList<Fault> Faults => [.. faults.Values];

    /// <param name="store">What is checked.</param>
    /// <param name="outside">Reads the checkpoint kept outside the database; null for a backup, which has none.</param>
    /// <param name="progress">Told now and then how many entries are checked.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    internal static Verification Of(IStore store, Func<Checkpoint?>? outside, IProgress<long>? progress, CancellationToken cancellation)
    {
        var verification = new Verification();
        Checkpoint? known = null;
        try
        {
            // Before the head is read: an append in between is in the database then.
            known = outside?.Invoke();
            if (outside is not null && known is null) verification.Wrong(null, "the checkpoint outside the database is missing");
        }
        catch (LedgerDamagedException error)
        {
            verification.Wrong(null, error.Message);
        }

        try
        {
            verification.Run(store, known, progress, cancellation);
        }
        catch (LedgerDamagedException error)
        {
            // The store could not even read on: a finding like any other.
            verification.Wrong(verification.Entries, error.Message);
        }

        return verification;
    }

    private void Wrong(long? index, string text)
    {
        if (faults.Count < MaxFaults) faults.Add((index ?? long.MaxValue, faults.Count), new(index, text));
    }

    // Every link is checked by itself: bytes to leaf, children to parent, edge to root, root to signature. Where one is wrong the stored
    // digest is used to go on, so that one changed byte is one finding and not a cascade up to the root. If all hold, the whole holds.
    private void Run(IStore store, Checkpoint? outside, IProgress<long>? progress, CancellationToken cancellation)
    {
        var head = store.ReadHead();
        var edge = new Edge();
        var keys = new List<LedgerKey>();
        var kept = new List<Checkpoint>();
        var keyring = new HashSet<long>(store.Read(new Keyring()));

        using (var interior = store.Read(new InteriorFrom(0)).GetEnumerator())
        using (var checkpoints = store.Read(new CheckpointsFrom(0)).TakeWhile(row => row.Size <= head.Size).GetEnumerator())
        {
            var keptNext = checkpoints.MoveNext();
            foreach (var entry in store.Read(new EntriesBetween(0, head.Size)))
            {
                if (Entries % Step == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(Entries);
                }

                if (entry.Index != Entries)
                {
                    Wrong(Entries, FormattableString.Invariant($"it is missing; the next entry is {entry.Index}"));
                    return;
                }

                if (MerkleTree.Leaf(entry.Bytes) != entry.Leaf) Wrong(entry.Index, "its bytes do not have the leaf hash that is stored with it");
                edge.Append(entry.Leaf, (node, digest) =>
                {
                    if (!interior.MoveNext()) Wrong(entry.Index, FormattableString.Invariant($"node {node.Index} of level {node.Level} of the tree, which it completes, is missing"));
                    else if (interior.Current != digest) Wrong(entry.Index, FormattableString.Invariant($"node {node.Index} of level {node.Level} of the tree, which it completes, is not the hash of the two below it"));
                });
                CheckMeaning(store, entry, keys, keyring);
                Entries++;

                while (keptNext && checkpoints.Current.Size <= edge.Size)
                {
                    CheckKept(checkpoints.Current, edge, kept);
                    keptNext = checkpoints.MoveNext();
                }
            }
        }

        if (Entries != head.Size) Wrong(Entries, FormattableString.Invariant($"it is missing; the ledger should have {head.Size} entries"));
        foreach (var index in keyring) Wrong(index, "it should bring a verifier key, and does not");
        CheckHead(head, edge, keys);
        foreach (var checkpoint in kept.Append(outside).OfType<Checkpoint>().Where(checkpoint => checkpoint.Size <= head.Size))
            if (checkpoint.VerifyStored(keys) is { } fault) Wrong(checkpoint.Size - 1, fault.Text);
        if (outside is not null && outside.Size <= head.Size && Entries == head.Size && KeyChain.RootAt(store, outside.Size) != outside.Root)
            Wrong(null, FormattableString.Invariant($"the first {outside.Size} entries are not those under the checkpoint kept outside the database"));
        if (outside is not null && outside.Size > store.ReadHead().Size)
            Wrong(head.Size, FormattableString.Invariant($"it is missing; the checkpoint kept outside the database covers {outside.Size} entries"));
        CheckBeside(store, head, cancellation);
        progress?.Report(Entries);
    }

    private void CheckMeaning(IStore store, StoredEntry entry, List<LedgerKey> keys, HashSet<long> keyring)
    {
        if (OwnEntry.MayBringKey(entry.Bytes) && OwnEntry.KeyOf(entry.Bytes) is { Key: not null } brought)
        {
            if (KeyChain.Add(keys, entry.Index, brought) is { } wrong) Wrong(entry.Index, wrong);
            if (!keyring.Remove(entry.Index)) Wrong(entry.Index, "it brings a verifier key that the keyring does not list");
        }

        if (entry.Bytes.AsSpan().IndexOf("\"attachments\":["u8) < 0 || CanonicalForm.Problem(entry.Bytes, out var head) is not null) return;
        foreach (var text in head.Attachments ?? [])
            if (!text.StartsWith("sha256:", StringComparison.Ordinal) || !Digest.TryParse(text[7..], out var digest) || !store.Read(new BringerOf(digest)).Any(bringer => bringer <= entry.Index))
                Wrong(entry.Index, $"its attachment `{text}` is missing");
    }

    private void CheckKept(StoredCheckpoint row, Edge edge, List<Checkpoint> kept)
    {
        try
        {
            var checkpoint = Checkpoint.Parse(row.Note);
            if (checkpoint.Size != row.Size || row.Size != edge.Size || checkpoint.Root != edge.Root) Wrong(row.Size - 1, FormattableString.Invariant($"the checkpoint kept for size {row.Size} has another root than the entries"));
            kept.Add(checkpoint);
        }
        catch (LedgerFormatException error)
        {
            Wrong(row.Size - 1, FormattableString.Invariant($"the checkpoint kept for size {row.Size} cannot be read: {error.Message}"));
        }
    }

    private void CheckHead(Head head, Edge edge, List<LedgerKey> keys)
    {
        if (head.Size == 0)
        {
            Wrong(null, "the ledger has no entry, not even the one that makes it");
            return;
        }

        if (Entries == head.Size && !head.Edge.SequenceEqual(edge.Subtrees)) Wrong(null, "the stored edge of the tree is not that of its entries");
        if (keys.Count == 0) Wrong(0, "it should make the ledger and name its key, and does not");
        try
        {
            var checkpoint = Checkpoint = Checkpoint.Parse(head.Checkpoint);
            if (checkpoint.Size != head.Size || (Entries == head.Size && checkpoint.Root != edge.Root)) Wrong(null, "the last checkpoint has another size or root than the entries");
            if (keys.Count > 0 && checkpoint.VerifyStored(keys) is { } fault) Wrong(null, fault.Text);
        }
        catch (LedgerFormatException error)
        {
            Wrong(null, "the last checkpoint cannot be read: " + error.Message);
        }
    }

    /// <summary>What stands beside the tree: attachments, idempotency keys, labels, terms, the store's own order, rows beyond the end.</summary>
    private void CheckBeside(IStore store, Head head, CancellationToken cancellation)
    {
        foreach (var row in store.Read(new AllAttachments()))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Ledger.Unpack(row) is null) Wrong(row.Entry, $"its attachment `sha256:{row.Digest}` is damaged");
        }

        var size = 0L;
        foreach (var row in store.Read(new AllKeys()))
            if (row.Entry < 0 || (row.Entry >= size && row.Entry >= (size = store.ReadHead().Size))) Wrong(null, FormattableString.Invariant($"an idempotency key belongs to entry {row.Entry}, which is not there"));

        // From the first row on every entry has one.
        long? next = null;
        foreach (var row in store.Read(new TermsBetween(0, head.Size)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (next is not null && row.Entry != next) Wrong(next, "its terms are missing, so that it is not found by them");
            if (!TermHashes.IsWhole(row.Hashes)) Wrong(row.Entry, "its terms are damaged, so that it may not be found by them");
            next = row.Entry + 1;
        }

        if (next is not null && next != head.Size) Wrong(next, "its terms are missing, so that it is not found by them");

        foreach (var complaint in store.Read(new Complaints())) Wrong(null, "the store: " + complaint);

        // Rows of an append that came after the head was read are no strays, so only a head that still stands tells.
        var strays = new List<string>();
        if (store.Read(new EntriesBetween(head.Size, long.MaxValue)).Any() || store.Read(new EntriesBetween(long.MinValue, 0)).Any()) strays.Add("entries");
        if (store.Read(new InteriorFrom(InteriorNodes.Count(head.Size))).Any()) strays.Add("nodes of the tree");
        if (store.Read(new CheckpointsFrom(head.Size + 1)).Any()) strays.Add("checkpoints");
        if (store.Read(new LabelsBetween(head.Size, long.MaxValue)).Any() || store.Read(new LabelsBetween(long.MinValue, 0)).Any()) strays.Add("labels");
        if (store.Read(new TermsBetween(head.Size, long.MaxValue)).Any() || store.Read(new TermsBetween(long.MinValue, 0)).Any()) strays.Add("terms");
        if (strays.Count > 0 && store.ReadHead().Is(head)) Wrong(null, FormattableString.Invariant($"there are {string.Join(", ", strays)} that belong to no entry below {head.Size}"));
    }
}
