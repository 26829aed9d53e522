using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>An entry that was looked at and waits to be written.</summary>
internal sealed class Pending(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    public Digest Leaf { get; } = MerkleTree.Leaf(bytes);

    public Digest? Key { get; init; }

    public Digest Input { get; init; }

    public IReadOnlyList<Label> Labels { get; init; } = [];

    /// <summary>Of its terms.</summary>
    public byte[] Terms { get; init; } = TermHashes.Of([]);

    /// <summary>Contents given with the entry; their <c>Entry</c> is not set yet.</summary>
    public IReadOnlyList<StoredAttachment> Brought { get; init; } = [];

    /// <summary>Contents that the entry names and that were not given: they must be stored.</summary>
    public IReadOnlyList<Digest> Named { get; init; } = [];

    /// <summary>The key that the entry brings into force.</summary>
    public SigningKey? NewKey { get; init; }

    /// <summary>The key that it says was in force before.</summary>
    public VerifierKey? OldKey { get; init; }

    /// <summary>Whether the checkpoint after it is kept for good.</summary>
    public bool IsOwn { get; init; }

    public CancellationToken Cancellation { get; init; }

    public TaskCompletionSource<Receipt> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Group commit: what waits is written in one transaction, under one signature.</summary>
/// <remarks>
/// There is no thread of its own. The first caller to come writes, on its own thread, so that a lone caller waits for the disk and for
/// nothing else; what arrives meanwhile is written next by a thread of the pool.
/// </remarks>
internal sealed class Writer : IDisposable
{
    private const int MaxBatch = 64;
    private const int MaxLately = 64;
    internal const int MaxWaiting = 4096;

    /// <summary>Of a batch after its first entry, packed.</summary>
    private const long MaxBatchBytes = 16 * 1024 * 1024;

    /// <summary>The first checkpoint past each multiple of this many entries is kept.</summary>
    internal const long KeepEvery = 1024;

    private readonly IStore store;
    private readonly KeyFiles keyFiles;
    private readonly Publisher publisher;
    private readonly Queue<Pending> waiting = [];
    private bool leading;
    private bool stopping;

    // Only the leader touches these.
    private Head head;
    private bool stale;
    private readonly HashSet<Digest> lately = []; // attachments that entries named and that were found: what is stored stays stored
    private SigningKey key;

    /// <param name="store">Not the writer's to dispose.</param>
    /// <param name="keyFiles">Where another process's new key is found.</param>
    /// <param name="publisher">The writer's to dispose.</param>
    /// <param name="head">As read from the store.</param>
    /// <param name="key">The key in force; the writer's to dispose.</param>
    public Writer(IStore store, KeyFiles keyFiles, Publisher publisher, Head head, SigningKey key) =>
        (this.store, this.keyFiles, this.publisher, this.head, this.key) = (store, keyFiles, publisher, head, key);

    public VerifierKey InForce => Volatile.Read(ref key).Verifier;

    /// <summary>Puts the entries in line, in order; whoever finds nobody writing writes.</summary>
    public void Append(params ReadOnlySpan<Pending> pendings)
    {
        bool lead;
        lock (waiting)
        {
            ObjectDisposedException.ThrowIf(stopping, typeof(Ledger));
            if (waiting.Count + pendings.Length > MaxWaiting)
                throw new LedgerNotWritableException(FormattableString.Invariant($"{waiting.Count} entries wait to be written already; try again"), isTransient: true);
            foreach (var pending in pendings) waiting.Enqueue(pending);
            lead = !leading;
            leading = true;
        }

        if (lead) LeadOn();
    }

    // The next batch comes behind what the pool has to do already: those requests come to the line meanwhile, and one signature and one flush
    // serve more of them.
    private void LeadOn()
    {
        Write(Take());
        if (!Idle()) ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.LeadOn(), this, preferLocal: false);
    }

    private bool Idle()
    {
        lock (waiting)
        {
            if (waiting.Count > 0) return false;
            leading = false;
            Monitor.PulseAll(waiting);
            return true;
        }
    }

    private List<Pending> Take()
    {
        var batch = new List<Pending>();
        var bytes = 0L;
        lock (waiting)
        {
            while (batch.Count < MaxBatch && waiting.TryPeek(out var next))
            {
                // A new key signs from the next size on, so its entry is the last under the old one: a batch of its own.
                if (batch.Count > 0 && (next.NewKey is not null || batch[0].NewKey is not null)) break;
                bytes += next.Bytes.Length + next.Brought.Sum(attachment => (long)attachment.Packed.Length);
                if (batch.Count > 0 && bytes > MaxBatchBytes) break;
                waiting.Dequeue();
                if (next.Cancellation.IsCancellationRequested) next.Done.TrySetCanceled(next.Cancellation);
                else batch.Add(next);
            }
        }

        return batch;
    }

    private void Write(List<Pending> batch)
    {
        if (batch.Count == 0) return;
        try
        {
            publisher.Mend();
            while (!TryWrite(batch)) Refresh();
        }
        catch (Exception error)
        {
            // Whatever it was, nobody was promised anything, and the next batch starts from what the store says.
            foreach (var pending in batch) pending.Done.TrySetException(error);
            stale = true;
        }
    }

    /// <summary>False when another process has appended since the head was read; then nothing was written and nobody was answered.</summary>
    private bool TryWrite(List<Pending> pendings)
    {
        if (stale) return false;
        var edge = new Edge(head.Size, head.Edge);
        var batch = new Batch();
        var nodes = new Dictionary<Node, Digest>();
        foreach (var (node, digest) in MerkleTree.Cover(0, head.Size).Zip(head.Edge)) nodes.Add(node, digest);

        var answers = new List<(Pending Pending, long? Index, LedgerException? Refused)>(pendings.Count);
        var keys = store.Read(new KeysOf([.. pendings.Where(pending => pending.Key is not null).Select(pending => pending.Key!.Value)])).DistinctBy(row => row.Key).ToDictionary(row => row.Key);
        var brought = new HashSet<Digest>();
        foreach (var pending in pendings)
        {
            if (pending.Key is { } id && keys.TryGetValue(id, out var earlier))
            {
                answers.Add((pending, earlier.Entry, earlier.Input == pending.Input ? null : new LedgerKeyReusedException(earlier.Entry)));
                continue;
            }

            if (Refusal(pending, brought) is { } refused)
            {
                answers.Add((pending, null, refused));
                continue;
            }

            var index = edge.Size;
            batch.Entries.Add(new(index, pending.Bytes, pending.Leaf));
            nodes.Add(new(0, index), pending.Leaf);
            edge.Append(pending.Leaf, (node, digest) =>
            {
                nodes.Add(node, digest);
                batch.Interior.Add(digest);
            });
            if (pending.Key is { } newId)
            {
                var stored = new StoredKey(newId, pending.Input, index);
                keys.Add(newId, stored);
                batch.Keys.Add(stored);
            }

            foreach (var label in pending.Labels) batch.Labels.Add(new(index, label.Name, label.Value));
            batch.Terms.Add(new(index, pending.Terms));
            foreach (var attachment in pending.Brought)
                if (brought.Add(attachment.Digest)) batch.Attachments.Add(attachment with { Entry = index });
            if (pending.NewKey is not null) batch.Keyring.Add(index);
            answers.Add((pending, index, null));
        }

        var next = head;
        Checkpoint? checkpoint = null;
        if (batch.Entries.Count > 0)
        {
            // The signature is in the transaction, so that entry and checkpoint are durable together; it leaves this method only after COMMIT.
            // It takes as long as writing the rows, so both are done at once.
            var (signer, newKey, size, root) = (key, pendings[0].NewKey, edge.Size, edge.Root);
            var signing = Task.Run(() => Checkpoint.Sign(signer.Verifier.Name, size, root, newKey is null || newKey == signer ? [signer] : [signer, newKey]));
            batch.Next = () => next = new(size, [.. edge.Subtrees], (checkpoint = signing.GetAwaiter().GetResult()).Note);
            batch.KeepsCheckpoint = head.Size / KeepEvery != size / KeepEvery || pendings.Any(pending => pending.IsOwn);
            if (!store.Append(head, batch)) return false;
        }

        // Durable from here: a crash before the next lines loses receipts, not entries; a retry by key gets its receipt.
        head = next;
        if (checkpoint is not null) publisher.Offer(checkpoint);
        if (batch.Keyring.Count > 0) TakeUp(pendings[0].NewKey!);
        checkpoint ??= Checkpoint.Parse(head.Checkpoint);
        foreach (var (pending, index, refused) in answers)
        {
            if (refused is not null)
            {
                pending.Done.TrySetException(refused);
                continue;
            }

            // An entry of this batch has all it needs here; an earlier one's proof is read.
            var at = index!.Value;
            var isNew = batch.Entries.Count > 0 && at >= batch.Entries[0].Index;
            pending.Done.TrySetResult(isNew
                ? new(at, nodes[new(0, at)], MerkleTree.Inclusion(at, head.Size, asked => [.. asked.Select(node => nodes[node])]), checkpoint)
                : Ledger.ReceiptOf(store, at, checkpoint));
        }

        return true;
    }

    private LedgerRefusedException? Refusal(Pending pending, HashSet<Digest> brought)
    {
        if (pending.NewKey is not null && pending.OldKey is null && head.Size > 0) return new("another program made the ledger at the same time; open it again");
        if (pending.OldKey is { } old && !old.Equals(key.Verifier)) return new("another program rotated the key at the same time; look at the last entries, and rotate again if it is still wanted");
        foreach (var digest in pending.Named)
            if (!brought.Contains(digest) && !IsStored(digest))
                return new($"the entry names the attachment `sha256:{digest}`, which is neither given with it nor stored; give its content");
        return null;
    }

    // Entry after entry names the same rule book.
    private bool IsStored(Digest digest)
    {
        if (lately.Contains(digest)) return true;
        if (!store.Read(new BringerOf(digest)).Any()) return false;
        if (lately.Count == MaxLately) lately.Clear();
        return lately.Add(digest);
    }

    /// <summary>Takes up what another process appended, if it continues what this one knows.</summary>
    private void Refresh()
    {
        var now = store.ReadHead();
        if (now.Size < head.Size)
            throw new LedgerRolledBackException(FormattableString.Invariant($"the ledger had {head.Size} entries a moment ago and has {now.Size} now: its file was exchanged; stop the program and look at the data folder"));
        if (KeyChain.RootAt(store, head.Size) != head.Root)
            throw new LedgerForkedException(FormattableString.Invariant($"another program rewrote the first {head.Size} entries of the ledger; nothing was appended; stop both programs and verify"));

        if (now.Size > 0 && KeyChain.Read(store, now).Chain.InForce is var inForce && !inForce.Equals(key.Verifier)) TakeUp(keyFiles.Load(inForce));
        lately.Clear();
        (head, stale) = (now, false);
    }

    private void TakeUp(SigningKey newKey)
    {
        if (newKey == key) return;
        var old = key;
        Volatile.Write(ref key, newKey);
        old.Dispose();
    }

    public void Dispose()
    {
        lock (waiting)
        {
            stopping = true;
            while (leading) Monitor.Wait(waiting);
        }

        publisher.Dispose();
        key.Dispose();
    }
}
