using System.Buffers;
using System.IO.Compression;
using System.Text;
using Advisory.Ledgers.Entries;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Sqlite;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>How a ledger is opened.</summary>
public sealed class LedgerOptions
{
    /// <summary>The name of the ledger in its checkpoints and keys, such as <c>advisory.example.org/ledger</c>; fixed when it is made.</summary>
    /// <remarks>Null: on the first run a name by chance, later whatever the ledger is called. Else it must be the ledger's name.</remarks>
    public string? Origin { get; init; }

    /// <summary>Who makes the ledger where there is none yet. Null: a missing ledger is an error.</summary>
    public Act? Creation { get; init; }

    /// <summary>Neither writes nor asks for the private key.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How often at most the checkpoint outside the database is renewed; zero: before each append is acknowledged, which is slow.</summary>
    public TimeSpan PublishEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to wait for another program that writes to the same ledger.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Entries that nobody can change unseen: appended, hashed into a Merkle tree, under signed checkpoints.</summary>
/// <remarks>
/// It keeps bytes and knows nothing of what they mean. All members may be called from any thread; several processes may open one folder.
/// What is hashed and signed, in which order it is written, and what survives a crash is said in README.md, which is normative.
/// </remarks>
public sealed class Ledger : IDisposable
{
    private const string DatabaseName = "ledger.db";
    private const string CheckpointName = "checkpoint";
    private const string KeysName = "keys";
    private const string AttachmentPrefix = "sha256:";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly IStore store;
    private readonly CheckpointFile outside;
    private readonly KeyFiles keyFiles;
    private readonly Writer? writer;

    private Ledger(IStore store, CheckpointFile outside, KeyFiles keyFiles, string origin, Writer? writer) =>
        (this.store, this.outside, this.keyFiles, Origin, this.writer) = (store, outside, keyFiles, origin, writer);

    /// <summary>The ledger's name in checkpoints and keys.</summary>
    public string Origin { get; }

    /// <summary>Opens the ledger in a folder; makes it on the first run, if the options say who does.</summary>
    /// <exception cref="LedgerKeyException">A key is missing, wrong, or readable by others.</exception>
    /// <exception cref="LedgerRolledBackException">The ledger is shorter than the checkpoint kept outside it.</exception>
    /// <exception cref="LedgerForkedException">The ledger contradicts the checkpoint kept outside it.</exception>
    /// <exception cref="LedgerDamagedException">There is no ledger, or no whole one.</exception>
    /// <exception cref="LedgerVersionException">A newer version wrote it.</exception>
    public static Ledger Open(string directory, LedgerOptions options) => Open(directory, options, settings: new());

    internal static Ledger Open(string directory, LedgerOptions options, SqliteSettings settings)
    {
        if (!options.ReadOnly && options.Creation is not null) Files.CreateFolder(directory);
        var database = Path.Combine(directory, DatabaseName);
        if (!File.Exists(database))
        {
            if (new CheckpointFile(Path.Combine(directory, CheckpointName)).Read() is { } known) throw Lost(known);
            if (options.Creation is null) throw new LedgerDamagedException($"there is no ledger in `{directory}`; is the folder right?");
            // The database is made before the first key, so a key without a database had one.
            if (new KeyFiles(Path.Combine(directory, KeysName)).Any())
                throw new LedgerRolledBackException($"there are keys in `{directory}` but no ledger: its database is gone; put it back or restore a backup, and begin a new ledger in an empty folder only");
        }

        var store = SqliteStore.Open(database, settings with { ReadOnly = options.ReadOnly, Patience = options.Patience });
        try
        {
            return Open(store, directory, options);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Opens a ledger on any store; it is disposed with the ledger, unless opening fails.</summary>
    internal static Ledger Open(IStore store, string directory, LedgerOptions options, bool restoring = false)
    {
        var outside = new CheckpointFile(Path.Combine(directory, CheckpointName));
        var keyFiles = new KeyFiles(Path.Combine(directory, KeysName));

        // The file outside first: what is appended between the two reads is in the database then, never only in the file.
        var known = restoring ? null : outside.Read();
        var head = store.ReadHead();
        if (head.Size == 0)
        {
            if (known is not null) throw Lost(known);
            if (options.ReadOnly || options.Creation is null) throw new LedgerDamagedException($"there is no ledger in `{directory}`; is the folder right?");
            try
            {
                return Create(store, outside, keyFiles, options);
            }
            catch (LedgerRefusedException) when (store.ReadHead().Size > 0)
            {
                return Open(store, directory, options); // another process was first
            }
        }

        var (chain, checkpoint) = KeyChain.Read(store, head);
        if (options.Origin is { } origin && origin != chain.Origin) throw new LedgerRefusedException($"the ledger in `{directory}` is `{chain.Origin}`, not `{origin}`; is the folder right?");
        if (!restoring) Compare(store, head, chain, known, outside.Path);
        if (options.ReadOnly) return new(store, outside, keyFiles, chain.Origin, null);

        var key = keyFiles.Load(chain.InForce);
        // The database may be ahead of the file after a crash; it is consistent, so the file catches up.
        if (!restoring) outside.Publish(checkpoint, options.Patience);
        return new(store, outside, keyFiles, chain.Origin, new(store, keyFiles, new(outside, options.PublishEvery, options.Patience), head, key));
    }

    private static Ledger Create(IStore store, CheckpointFile outside, KeyFiles keyFiles, LedgerOptions options)
    {
        var origin = options.Origin ?? "advisory/" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        if (!VerifierKey.IsName(origin)) throw new LedgerRefusedException($"`{origin}` is no origin of a ledger; it must not hold a space or a plus");
        var key = keyFiles.Create(origin);
        // The key's file is durable before the first signature by it is.
        var ledger = new Ledger(store, outside, keyFiles, origin, new(store, keyFiles, new(outside, options.PublishEvery, options.Patience), Head.Empty, key));
        try
        {
            var receipt = ledger.AppendOwn(OwnEntry.OfCreation(key.Verifier, options.Creation!), newKey: key).GetAwaiter().GetResult();
            // Before anything else is appended: from two entries on a missing checkpoint file is a finding.
            outside.Publish(receipt.Checkpoint, options.Patience);
            return ledger;
        }
        catch
        {
            ledger.writer!.Dispose();
            throw;
        }
    }

    /// <summary>Holds the ledger against the checkpoint that it last left outside.</summary>
    private static void Compare(IStore store, Head head, KeyChain chain, Checkpoint? known, string file)
    {
        if (known is null)
        {
            // A crash right after the first entry leaves no file; nothing else does.
            if (head.Size <= 1) return;
            throw new LedgerRolledBackException(FormattableString.Invariant(
                $"the checkpoint file `{file}` is missing, so that nobody can tell whether the ledger's {head.Size} entries are all; put the file back, or accept the ledger as it is with `restore`"));
        }

        if (known.Origin != chain.Origin) throw new LedgerForkedException($"the checkpoint file `{file}` is of another ledger (`{known.Origin}`) than the database (`{chain.Origin}`); put together what belongs together");
        if (known.Size > head.Size)
            throw new LedgerRolledBackException(FormattableString.Invariant(
                $"the ledger has {head.Size} entries, but it had {known.Size} when it signed the checkpoint in `{file}`: it was put back to an earlier state, or its disk lost what it had confirmed; put back the newer database, or accept the loss with `restore`"));
        if (known.Verify(chain.For(known.Size)) is { } fault) throw new LedgerForkedException($"the checkpoint file `{file}` is not this ledger's: {fault.Text}; put back the right file, or accept the ledger as it is with `restore`");
        if (KeyChain.RootAt(store, known.Size) != known.Root)
            throw new LedgerForkedException(FormattableString.Invariant(
                $"the ledger's first {known.Size} entries are not those under the checkpoint in `{file}`: entries were rewritten, or it is a copy that went its own way; put back the right database, and keep this one as evidence"));
    }

    private static LedgerRolledBackException Lost(Checkpoint known) => new(FormattableString.Invariant(
        $"the ledger's database is gone or empty, but it had {known.Size} entries when it signed its last checkpoint; put the database back, or restore a backup"));

    /// <summary>Appends one entry; returns when it is on disk and under a signed checkpoint.</summary>
    /// <param name="entry">Its bytes are hashed as they stand.</param>
    /// <param name="cancellation">
    /// Stops the waiting. An entry that is being written then may be written all the same: append it again with the same key to know.
    /// </param>
    /// <returns>Its receipt. For a key that was used before with the same input, that of the first entry under the checkpoint of now.</returns>
    /// <exception cref="LedgerRefusedException">The entry is too large, not canonical, or does not fit its attachments.</exception>
    /// <exception cref="LedgerKeyReusedException">The key was used before for another input.</exception>
    /// <exception cref="LedgerNotWritableException">Disk full, read-only, an error of the disk, or too much waits already.</exception>
    /// <exception cref="LedgerForkedException">Another program rewrote the ledger; nothing was appended.</exception>
    public Task<Receipt> Append(NewEntry entry, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var pending = Prepare(entry, cancellation);
        Writable.Append(pending);
        return pending.Done.Task.WaitAsync(cancellation);
    }

    /// <summary>Appends entries in this order, many in one transaction; each stands for itself, and another's fault is not its own.</summary>
    /// <remarks>For one caller who has many entries: one by one each would wait for the disk. At most 4,096 at once.</remarks>
    /// <returns>What <see cref="Append(NewEntry, CancellationToken)"/> gives for each. An entry that is refused as such is refused at once, and no entry is written then.</returns>
    public IReadOnlyList<Task<Receipt>> AppendAll(IReadOnlyList<NewEntry> entries, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (entries.Count > Writer.MaxWaiting) throw new LedgerRefusedException(FormattableString.Invariant($"{entries.Count} entries are more than the {Writer.MaxWaiting} that can be appended at once; give fewer"));
        var pendings = entries.Select(entry => Prepare(entry, cancellation)).ToArray();
        Writable.Append(pendings);
        return [.. pendings.Select(pending => pending.Done.Task.WaitAsync(cancellation))];
    }

    /// <summary>Makes a new key, has the old one sign the entry that names it, and signs with the new one from then on.</summary>
    /// <remarks>The old key's file stays: it verifies nothing, but a restore of a backup from before needs it. Its checkpoints stay good up to this entry.</remarks>
    /// <returns>The receipt of the entry <c>key-rotated</c>, under a checkpoint that both keys signed.</returns>
    public async Task<Receipt> RotateKey(Act act)
    {
        var old = Writable.InForce;
        // Durable before the ledger depends on it; a crash in between leaves a file that nothing refers to.
        var key = keyFiles.Create(Origin);
        try
        {
            return await AppendOwn(OwnEntry.OfRotation(old, key.Verifier, act), key, old).ConfigureAwait(false);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>How many entries there are.</summary>
    public long Size => store.ReadHead().Size;

    /// <summary>The newest signed checkpoint.</summary>
    public Checkpoint Checkpoint => Checkpoint.Parse(store.ReadHead().Checkpoint);

    /// <summary>The verifier keys of the ledger, from the first to the one in force.</summary>
    public IReadOnlyList<LedgerKey> Keys => KeyChain.Read(store, store.ReadHead()).Chain.Keys;

    /// <summary>The kept checkpoints from a size on: at least one each 1,024 entries, and each with which a key begins or ends.</summary>
    public IEnumerable<Checkpoint> Checkpoints(long fromSize = 0) => store.Read(new CheckpointsFrom(fromSize)).Select(row => Checkpoint.Parse(row.Note));

    /// <summary>An entry, or null where there is none yet.</summary>
    public Entry? Find(long index) => Entries(index, index + 1).SingleOrDefault();

    /// <summary>The entries [from, to) that there are, in order, read as they are asked for.</summary>
    public IEnumerable<Entry> Entries(long from = 0, long to = long.MaxValue) => store.Read(new EntriesBetween(from, to)).Select(row => new Entry(row.Index, row.Bytes, row.Leaf));

    /// <summary>The indexes of entries that all filters fit and that have all terms, from new to old.</summary>
    /// <param name="filters">None: all entries.</param>
    /// <param name="before">Only entries before this index: the last index of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="terms">
    /// Asked of the entries of the first exact filter, else of all entries, the newest first. Rarely an entry is given that lacks one, for another
    /// with the same hash: hold what is found against the entry.
    /// </param>
    public IReadOnlyList<long> Find(IReadOnlyList<LabelFilter> filters, long before = long.MaxValue, int limit = 100, IReadOnlyList<Label>? terms = null) =>
        [.. store.Read(new EntriesWith(filters, terms ?? [], before)).Take(limit)];

    /// <summary>The labels of an entry, by name and value.</summary>
    public IReadOnlyList<Label> Labels(long index) => [.. store.Read(new LabelsBetween(index, index + 1)).Select(row => new Label(row.Name, row.Value))];

    /// <summary>What is kept of an entry's terms; null where there is no entry, and for entries that format 1 wrote, which have their terms as labels.</summary>
    public TermHashes? TermsOf(long index) => store.Read(new TermsBetween(index, index + 1)).SingleOrDefault() is { } row ? new(row.Hashes) : null;

    /// <summary>The index of the entry that was appended with this idempotency key, or null.</summary>
    public long? IndexOf(string key) => store.Read(new KeysOf([KeyDigest(key)])).SingleOrDefault()?.Entry;

    /// <summary>The attachment with this SHA-256, or null; checked against the digest.</summary>
    /// <exception cref="LedgerDamagedException">What is stored is not that content.</exception>
    public byte[]? Attachment(Digest digest)
    {
        if (store.Read(new AttachmentOf(digest)).SingleOrDefault() is not { } row) return null;
        return Unpack(row) ?? throw new LedgerDamagedException($"the attachment `sha256:{digest}` is damaged; restore a backup");
    }

    /// <summary>The receipt of an entry under the newest checkpoint.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    public Receipt Receipt(long index) => ReceiptOf(store, index, Checkpoint);

    /// <summary>The inclusion proof of an entry in the ledger as it was at a size: RFC 6962, 2.1.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry, or the ledger is not that large.</exception>
    public IReadOnlyList<Digest> InclusionProof(long index, long size)
    {
        RequireSize(size);
        return MerkleTree.Inclusion(index, size, nodes => KeyChain.Digests(store, nodes));
    }

    /// <summary>The proof that the ledger of one size begins with that of a smaller one: RFC 6962, 2.1.2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ledger is not that large.</exception>
    public IReadOnlyList<Digest> ConsistencyProof(long older, long newer)
    {
        RequireSize(newer);
        return MerkleTree.Consistency(older, newer, nodes => KeyChain.Digests(store, nodes));
    }

    /// <summary>Checks that the ledger still begins with what a checkpoint, kept by anybody, covers.</summary>
    /// <returns>Null when it does.</returns>
    public Fault? Verify(Checkpoint checkpoint)
    {
        var head = store.ReadHead();
        if (checkpoint.Verify(KeyChain.Read(store, head).Chain.For(checkpoint.Size)) is { } fault) return fault;
        if (checkpoint.Size > head.Size) return new(null, FormattableString.Invariant($"the ledger has {head.Size} entries, fewer than the {checkpoint.Size} under the checkpoint: entries are missing"));
        return KeyChain.RootAt(store, checkpoint.Size) == checkpoint.Root ? null
            : new(null, FormattableString.Invariant($"the ledger's first {checkpoint.Size} entries are not those under the checkpoint: entries were rewritten"));
    }

    /// <summary>Checks everything that is stored: every entry, node, checkpoint, key, attachment, idempotency key, label and row of terms.</summary>
    /// <param name="progress">Told now and then how many entries are checked.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    public Verification Verify(IProgress<long>? progress = null, CancellationToken cancellation = default) => Verification.Of(store, outside.Read, progress, cancellation);

    private Pending Prepare(NewEntry entry, CancellationToken cancellation)
    {
        if (entry.Bytes.Length > NewEntry.MaxBytes) throw new LedgerRefusedException(FormattableString.Invariant($"the entry has {entry.Bytes.Length} bytes; at most {NewEntry.MaxBytes} fit"));
        if (CanonicalForm.Problem(entry.Bytes.Span, out var head) is { } problem) throw new LedgerRefusedException($"the entry is no canonical JSON (RFC 8785): {problem}");
        if (OwnEntry.IsOwn(head)) throw new LedgerRefusedException($"entries of kind `{head.Kind}` are written by the ledger alone");
        if (entry.Key is { Length: 0 or > 255 }) throw new LedgerRefusedException("an idempotency key has 1 to 255 characters");
        if (entry.Key is not null && entry.Input is null) throw new LedgerRefusedException("an idempotency key needs the digest of its input");

        var named = Named(head);
        var brought = entry.Attachments.Select(content => Pack(content, named)).ToList();
        return new(entry.Bytes.ToArray())
        {
            Key = entry.Key is null ? null : KeyDigest(entry.Key),
            Input = entry.Input ?? default,
            Labels = [.. Checked(entry.Labels, NewEntry.MaxLabels, "label").Distinct()],
            Terms = TermHashes.Of(Checked(entry.Terms, NewEntry.MaxTerms, "term")),
            Brought = brought,
            Named = [.. named.Except(brought.Select(attachment => attachment.Digest))],
            Cancellation = cancellation,
        };
    }

    private Task<Receipt> AppendOwn(NewEntry entry, SigningKey? newKey = null, VerifierKey? oldKey = null)
    {
        var pending = new Pending(entry.Bytes.ToArray()) { Labels = Checked(entry.Labels, NewEntry.MaxLabels, "label"), NewKey = newKey, OldKey = oldKey, IsOwn = true };
        Writable.Append(pending);
        return pending.Done.Task;
    }

    private static HashSet<Digest> Named(CanonicalForm.Head head)
    {
        var named = new HashSet<Digest>();
        foreach (var text in head.Attachments ?? [])
        {
            if (!text.StartsWith(AttachmentPrefix, StringComparison.Ordinal) || !Digest.TryParse(text[AttachmentPrefix.Length..], out var digest))
                throw new LedgerRefusedException($"`{text}` in the entry's `attachments` is no digest; one reads `sha256:` and 64 small hexadecimal digits");
            named.Add(digest);
        }

        return named;
    }

    private StoredAttachment Pack(ReadOnlyMemory<byte> content, HashSet<Digest> named)
    {
        if (content.Length > NewEntry.MaxAttachmentBytes)
            throw new LedgerRefusedException(FormattableString.Invariant($"an attachment has {content.Length} bytes; at most {NewEntry.MaxAttachmentBytes} fit"));
        var digest = Digest.Of(content.Span);
        if (!named.Contains(digest)) throw new LedgerRefusedException($"the entry does not name its attachment; put `sha256:{digest}` into the list `attachments` at its top");

        // Stored already: no need to pack it again. It cannot be gone by the time it is written.
        if (store.Read(new BringerOf(digest)).Any()) return new(digest, 0, content.Length, []);
        // Quality 1 packs an evaluation five times as fast as 5, into a third more: decisions wait for this.
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        if (!BrotliEncoder.TryCompress(content.Span, packed, out var length, quality: 1, window: 22)) throw new InvalidOperationException("an attachment could not be packed");
        return new(digest, 0, content.Length, packed[..length]);
    }

    /// <summary>The content, or null where the row does not hold it.</summary>
    internal static byte[]? Unpack(StoredAttachment row)
    {
        if (row.Length is < 0 or > NewEntry.MaxAttachmentBytes) return null;
        var content = new byte[row.Length];
        return BrotliDecoder.TryDecompress(row.Packed, content, out var length) && length == row.Length && Digest.Of(content) == row.Digest ? content : null;
    }

    private static IReadOnlyList<Label> Checked(IReadOnlyList<Label> labels, int most, string what)
    {
        if (labels.Count > most) throw new LedgerRefusedException(FormattableString.Invariant($"an entry has at most {most} {what}s, not {labels.Count}"));
        foreach (var (name, value) in labels)
        {
            if (name.Length is 0 or > 64 || name.AsSpan().ContainsAnyExcept(NameCharacters)) throw new LedgerRefusedException($"`{name}` is no name of a {what}: 1 to 64 of a-z 0-9 . _ -");
            if (value.Length > 256 || Encoding.UTF8.GetByteCount(value) > 256 || value.AsSpan().ContainsAnyInRange('\u0000', '\u001F') || value.AsSpan().ContainsAnyInRange('\u007F', '\u009F') || !IsUnicode(value))
                throw new LedgerRefusedException($"the value of {what} `{name}` is longer than 256 bytes, or holds control characters");
        }

        return labels;

        static bool IsUnicode(string text) => !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || !text.Where((c, i) =>
            char.IsHighSurrogate(c) ? i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]) : char.IsLowSurrogate(c) && (i == 0 || !char.IsHighSurrogate(text[i - 1]))).Any();
    }

    private static Digest KeyDigest(string key) => Digest.Of(Encoding.UTF8.GetBytes(key));

    internal static Receipt ReceiptOf(IStore store, long index, Checkpoint checkpoint)
    {
        var proof = MerkleTree.Inclusion(index, checkpoint.Size, nodes => KeyChain.Digests(store, nodes));
        return new(index, KeyChain.Digests(store, [new Node(0, index)])[0], proof, checkpoint);
    }

    private void RequireSize(long size)
    {
        if (size < 0 || size > Size) throw new ArgumentOutOfRangeException(nameof(size), FormattableString.Invariant($"the ledger has {Size} entries, not {size}"));
    }

    private Writer Writable => writer ?? throw new LedgerRefusedException("the ledger was opened to be read only");

    /// <summary>Writes a copy of the ledger as it is now to a new file, and verifies the copy. Others may append meanwhile. Keys are not in it.</summary>
    /// <returns>The checkpoint that the copy ends with.</returns>
    /// <exception cref="LedgerRefusedException">The file exists.</exception>
    /// <exception cref="LedgerDamagedException">The copy does not verify: the ledger itself is damaged, or the disk of the copy is.</exception>
    public Checkpoint Backup(string file)
    {
        if (File.Exists(file)) throw new LedgerRefusedException($"`{file}` is there already; nothing is overwritten");
        var unverified = file + ".unverified";
        File.Delete(unverified);
        store.Backup(unverified);
        var verification = VerifyBackup(unverified);
        if (verification.Faults.Count > 0) throw new LedgerDamagedException($"the copy `{unverified}` does not verify: {verification.Faults[0]}");
        Files.Rename(unverified, file);
        return verification.Checkpoint!;
    }

    /// <summary>Checks everything in a backup, or in any ledger file that nobody has open.</summary>
    public static Verification VerifyBackup(string file, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        using var copy = SqliteStore.Open(file, new() { ReadOnly = true });
        return Verification.Of(copy, null, progress, cancellation);
    }

    /// <summary>
    /// Puts a backup in place of the ledger in a folder, whose database is kept under another name, and records that as an entry. Nobody else
    /// may have the ledger open. The key in force at the end of the backup must be in the folder.
    /// </summary>
    /// <param name="backup">A file that <see cref="Backup"/> wrote.</param>
    /// <param name="directory">The ledger's folder; it may lack everything but the keys.</param>
    /// <param name="act">Goes into the entry <c>restored</c>.</param>
    /// <param name="acceptLoss">Go on though the backup is shorter than the last known checkpoint, or contradicts it.</param>
    /// <returns>The receipt of the entry <c>restored</c>.</returns>
    /// <exception cref="LedgerRolledBackException">The backup is shorter than the last known checkpoint.</exception>
    /// <exception cref="LedgerForkedException">The backup contradicts the last known checkpoint.</exception>
    public static Receipt Restore(string backup, string directory, Act act, bool acceptLoss = false)
    {
        var verification = VerifyBackup(backup);
        if (verification.Faults.Count > 0) throw new LedgerDamagedException($"the backup `{backup}` does not verify: {verification.Faults[0]}; take another");

        var database = Path.Combine(directory, DatabaseName);
        var known = new CheckpointFile(Path.Combine(directory, CheckpointName)).Read();
        Checkpoint last;
        using (var source = SqliteStore.Open(backup, new() { ReadOnly = true }))
        {
            var head = source.ReadHead();
            (var chain, last) = KeyChain.Read(source, head);
            if (known is not null && known.Origin != last.Origin) throw new LedgerRefusedException($"the backup is of `{last.Origin}`, and the folder `{directory}` of `{known.Origin}`; is the folder right?");
            if (known is not null && !acceptLoss)
            {
                if (known.Size > head.Size)
                    throw new LedgerRolledBackException(FormattableString.Invariant(
                        $"the backup has {head.Size} entries, and the ledger had {known.Size} when it signed its last checkpoint: {known.Size - head.Size} would be lost; look for a newer backup, or confirm the loss"));
                if (KeyChain.RootAt(source, known.Size) != known.Root)
                    throw new LedgerForkedException(FormattableString.Invariant($"the backup's first {known.Size} entries are not those under the ledger's last checkpoint; look for another backup, or confirm that its entries replace the others"));
            }

            // Before anything is moved: without the key the restored ledger could not be opened.
            new KeyFiles(Path.Combine(directory, KeysName)).Load(chain.InForce).Dispose();
            var fresh = database + ".restoring";
            File.Delete(fresh);
            source.Backup(fresh);
            SetAside(database);
            Files.Rename(fresh, database);
        }

        // Durable from here. A crash before the entry leaves the backup in place without it; if the backup is shorter, opening refuses it
        // until the restore is done again.
        var outside = new CheckpointFile(Path.Combine(directory, CheckpointName));
        var options = new LedgerOptions();
        var store = SqliteStore.Open(database);
        try
        {
            using var ledger = Open(store, directory, options, restoring: true);
            var receipt = ledger.AppendOwn(OwnEntry.OfRestore(last, known, act)).GetAwaiter().GetResult();
            outside.Publish(receipt.Checkpoint, options.Patience, evenIfOlder: true);
            return receipt;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Nothing is deleted: the database and what belongs to it get the first free name <c>ledger.db.replaced-n</c>.</summary>
    private static void SetAside(string database)
    {
        if (!File.Exists(database)) return;
        var number = 1;
        while (File.Exists(FormattableString.Invariant($"{database}.replaced-{number}"))) number++;
        foreach (var part in new[] { "-wal", "-shm", "" })
            if (File.Exists(database + part)) Files.Rename(database + part, FormattableString.Invariant($"{database}.replaced-{number}{part}"));
    }

    /// <summary>Waits for what is being appended and brings the last checkpoint into the file outside.</summary>
    public void Dispose()
    {
        writer?.Dispose();
        store.Dispose();
    }
}
