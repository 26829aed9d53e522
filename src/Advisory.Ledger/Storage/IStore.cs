using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers.Storage;

/// <summary>Where the ledger is kept. All that a store must do; what it means is decided above it.</summary>
/// <remarks>
/// INVARIANT: everything that belongs to entries [0, head size) is there and never changes, except labels and terms. Nothing else is there.
/// INVARIANT: from the first entry that has a row of terms on, every entry has one; those before it are of format 1, which kept terms as labels.
/// A store is used from several threads. <c>StoreContract</c> in the tests says the rest, and any store must pass it.
/// </remarks>
internal interface IStore : IDisposable
{
    /// <summary>The state after the last append; <see cref="Head.Empty"/> before the first.</summary>
    Head ReadHead();

    /// <summary>Writes the batch as a whole, durably, if the head is still <paramref name="expected"/>.</summary>
    /// <returns>False: the head has moved, and nothing was written.</returns>
    /// <exception cref="LedgerNotWritableException">Nothing was written that <see cref="ReadHead"/> shows; after an error of the disk it may turn up later.</exception>
    bool Append(Head expected, Batch batch);

    /// <summary>The rows asked for, from one consistent state, a few at a time.</summary>
    IEnumerable<T> Read<T>(Query<T> query);

    /// <summary>Writes a copy of one consistent state to a new file, which <see cref="Sqlite.SqliteStore"/> can open; durable on return.</summary>
    void Backup(string file);
}

/// <summary>What an append starts from.</summary>
/// <param name="Size">In entries.</param>
/// <param name="Edge">The tree's right edge (<see cref="Tree.Edge"/>), largest subtree first.</param>
/// <param name="Checkpoint">The signed note for this size; empty for size 0.</param>
internal sealed record Head(long Size, IReadOnlyList<Digest> Edge, string Checkpoint)
{
    public static Head Empty { get; } = new(0, [], "");

    public Digest Root => new Edge(Size, Edge).Root;

    public bool Is(Head other) => Size == other.Size && Checkpoint == other.Checkpoint;
}

/// <summary>One append: rows to add, and the head that follows.</summary>
internal sealed class Batch
{
    /// <summary>The head that follows. Ask for it last: it waits for the signature, which is made while the rows are written.</summary>
    public Func<Head> Next { get; set; } = () => Head.Empty;

    /// <summary>With the indexes that follow the expected head.</summary>
    public List<StoredEntry> Entries { get; } = [];

    /// <summary>The digests of the subtrees above level 0 that the entries complete, in the order of <see cref="InteriorNodes"/>.</summary>
    public List<Digest> Interior { get; } = [];

    public List<StoredKey> Keys { get; } = [];

    public List<StoredLabel> Labels { get; } = [];

    /// <summary>One row of each entry.</summary>
    public List<StoredTerms> Terms { get; } = [];

    /// <summary>Those that are stored already are passed over.</summary>
    public List<StoredAttachment> Attachments { get; } = [];

    /// <summary>Whether the head's checkpoint is also kept beside the head, where the next append does not replace it.</summary>
    public bool KeepsCheckpoint { get; set; }

    /// <summary>The indexes of entries that bring a verifier key into force.</summary>
    public List<long> Keyring { get; } = [];
}

/// <summary>The one number of a complete subtree above level 0: how many were completed before it.</summary>
/// <remarks>
/// Leaf by leaf, from small to large: the order in which appending makes them and verifying needs them, so that a store keeps them as
/// a list that only grows at its end.
/// </remarks>
internal static class InteriorNodes
{
    /// <summary>How many there are in a tree of so many leaves.</summary>
    public static long Count(long size) => size - System.Numerics.BitOperations.PopCount((ulong)size);

    public static long Position(Node node) => Count(((node.Index + 1) << node.Level) - 1) + node.Level - 1;
}

internal sealed record StoredEntry(long Index, byte[] Bytes, Digest Leaf);

internal sealed record StoredKey(Digest Key, Digest Input, long Entry);

internal sealed record StoredLabel(long Entry, string Name, string Value);

/// <param name="Entry">Whose terms they are.</param>
/// <param name="Hashes">As <see cref="TermHashes.Of"/> makes them.</param>
internal sealed record StoredTerms(long Entry, byte[] Hashes);

/// <param name="Digest">SHA-256 of the content.</param>
/// <param name="Entry">The first that brought it.</param>
/// <param name="Length">Of the content, in bytes.</param>
/// <param name="Packed">The content, Brotli-compressed.</param>
internal sealed record StoredAttachment(Digest Digest, long Entry, int Length, byte[] Packed);

internal sealed record StoredCheckpoint(long Size, string Note);

/// <summary>A question to the store, answered by rows of one type.</summary>
internal abstract record Query<T>;

/// <summary>Entries [from, to) in order.</summary>
internal sealed record EntriesBetween(long From, long To) : Query<StoredEntry>;

/// <summary>The digests of these complete subtrees, leaves included, in the order asked; one that is missing ends the answer.</summary>
internal sealed record DigestsOf(IReadOnlyList<Node> Nodes) : Query<Digest>;

/// <summary>The subtrees above level 0 in order of position, from a position on.</summary>
internal sealed record InteriorFrom(long Position) : Query<Digest>;

/// <summary>The rows of those of these idempotency keys that there are.</summary>
internal sealed record KeysOf(IReadOnlyList<Digest> Keys) : Query<StoredKey>;

/// <summary>The rows of all idempotency keys.</summary>
internal sealed record AllKeys : Query<StoredKey>;

/// <summary>The labels of entries [from, to), by entry, name and value.</summary>
internal sealed record LabelsBetween(long From, long To) : Query<StoredLabel>;

/// <summary>The rows of terms of the entries [from, to), in order; entries of format 1 have none.</summary>
internal sealed record TermsBetween(long From, long To) : Query<StoredTerms>;

/// <summary>
/// The indexes below <paramref name="Before"/> of entries that all filters fit and whose row holds all terms, from new to old. An entry
/// without a row has a term if it has that label.
/// </summary>
internal sealed record EntriesWith(IReadOnlyList<LabelFilter> Filters, IReadOnlyList<Label> Terms, long Before) : Query<long>;

/// <summary>The attachment with a digest, if there is one.</summary>
internal sealed record AttachmentOf(Digest Digest) : Query<StoredAttachment>;

/// <summary>All attachments.</summary>
internal sealed record AllAttachments : Query<StoredAttachment>;

/// <summary>Whether an attachment is there, without its content: the index of the entry that brought it.</summary>
internal sealed record BringerOf(Digest Digest) : Query<long>;

/// <summary>The kept checkpoints of at least a size, by size.</summary>
internal sealed record CheckpointsFrom(long Size) : Query<StoredCheckpoint>;

/// <summary>The indexes of the entries that bring verifier keys into force, in order.</summary>
internal sealed record Keyring : Query<long>;

/// <summary>What the store itself finds wrong with its files, in words.</summary>
internal sealed record Complaints : Query<string>;
