namespace Advisory.Ledgers;

/// <summary>What is to be appended.</summary>
public sealed class NewEntry
{
    /// <summary>In bytes.</summary>
    public const int MaxBytes = 60 * 1024;

    /// <summary>Of one attachment, in bytes, before compression.</summary>
    public const int MaxAttachmentBytes = 16 * 1024 * 1024;

    /// <summary>Of one entry.</summary>
    public const int MaxLabels = 512;

    /// <summary>Of one entry.</summary>
    public const int MaxTerms = 4_096;

    /// <summary>One JSON object in canonical form (RFC 8785), UTF-8, at most 60 KiB; hashed as it stands.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Idempotency key: a second append with the same key and <see cref="Input"/> gives the receipt of the first entry.</summary>
    /// <remarks>1 to 255 characters. Only its SHA-256 is stored.</remarks>
    public string? Key { get; init; }

    /// <summary>What the key stands for, such as the digest of the request; asked for where there is a key.</summary>
    public Digest? Input { get; init; }

    /// <summary>
    /// Contents that the entry names in its member <c>attachments</c>, a list at the top of <c>"sha256:…"</c> of each. Content that an earlier
    /// entry brought may be named without being given again.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments { get; init; } = [];

    /// <summary>For finding the entry again, by an index; not hashed. Each costs rows and pages of its own.</summary>
    public IReadOnlyList<Label> Labels { get; init; } = [];

    /// <summary>
    /// For finding the entry again, by passing over the entries from new to old; not hashed. They cost four bytes each, and finding by them takes
    /// the longer the more entries are passed over.
    /// </summary>
    public IReadOnlyList<Label> Terms { get; init; } = [];
}

/// <summary>A name and a value by which entries are found. An index beside the ledger: not hashed, not signed.</summary>
/// <param name="Name">1 to 64 of <c>a-z 0-9 . _ -</c>.</param>
/// <param name="Value">At most 256 bytes in UTF-8, without control characters; compared and ordered by its bytes.</param>
public sealed record Label(string Name, string Value);

/// <summary>Entries with a label of this name whose value lies between two values, both included, in the order of their UTF-8 bytes.</summary>
/// <param name="Name">Of the label.</param>
/// <param name="From">The least value; null for no bound.</param>
/// <param name="To">The greatest value; null for no bound.</param>
public sealed record LabelFilter(string Name, string? From, string? To)
{
    /// <summary>Exactly this value.</summary>
    public LabelFilter(string name, string value) : this(name, value, value) { }

    internal bool IsExact => From is not null && From == To;
}

/// <summary>An entry as it stands in the ledger.</summary>
/// <param name="Index">From zero.</param>
/// <param name="Bytes">As they were appended.</param>
/// <param name="LeafHash">SHA-256(0x00 ‖ bytes), as stored; <see cref="Ledger.Verify(IProgress{long}, CancellationToken)"/> checks that it is that.</param>
public sealed record Entry(long Index, ReadOnlyMemory<byte> Bytes, Digest LeafHash)
{
    /// <summary>SHA-256(0x00 ‖ bytes): the leaf hash that an entry of these bytes has (RFC 6962, 2.1).</summary>
    public static Digest LeafHashOf(ReadOnlySpan<byte> bytes) => Tree.MerkleTree.Leaf(bytes);
}

/// <summary>Who does something to the ledger itself, when and why; written into the entry about it.</summary>
/// <param name="Time">By the caller's clock: the ledger has none. Written in UTC with milliseconds.</param>
/// <param name="Actor">A person or a program.</param>
/// <param name="Reason">In a few words.</param>
public sealed record Act(DateTimeOffset Time, string Actor, string Reason);

/// <summary>A verifier key of the ledger and the checkpoints that it signs.</summary>
/// <param name="Key">The public key.</param>
/// <param name="From">The size of the first checkpoint that it signs.</param>
/// <param name="Until">The size of the last one, at which the next key signs too; null for the key in force.</param>
public sealed record LedgerKey(Notes.VerifierKey Key, long From, long? Until)
{
    internal bool Signs(long size) => size >= From && (Until is null || size <= Until);
}
