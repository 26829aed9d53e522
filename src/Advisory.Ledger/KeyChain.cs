using Advisory.Ledgers.Entries;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>The keys that have signed this ledger, each named by an entry under the key before it.</summary>
internal sealed class KeyChain
{
    private readonly List<LedgerKey> keys;

    private KeyChain(List<LedgerKey> keys) => this.keys = keys;

    public IReadOnlyList<LedgerKey> Keys => keys;

    public VerifierKey InForce => keys[^1].Key;

    public string Origin => keys[0].Key.Name;

    public IEnumerable<VerifierKey> For(long size) => keys.Where(key => key.Signs(size)).Select(key => key.Key);

    /// <summary>The chain that entries say, one call an entry in order.</summary>
    /// <returns>Null, or why the entry does not continue the chain.</returns>
    public static string? Add(List<LedgerKey> keys, long index, (VerifierKey? Key, VerifierKey? Previous) brought)
    {
        if (brought.Key is not { } key) return "it names no verifier key";
        if (keys.Count == 0)
        {
            if (index != 0 || brought.Previous is not null) return "the first key of the ledger is not in its first entry";
            keys.Add(new(key, 1, null));
            return null;
        }

        if (brought.Previous is null || !brought.Previous.Equals(keys[^1].Key)) return "it replaces another key than the one in force";
        if (key.Name != keys[0].Key.Name) return "its key has another name than the ledger";
        keys[^1] = keys[^1] with { Until = index + 1 };
        keys.Add(new(key, index + 1, null));
        return null;
    }

    /// <summary>Reads the chain, each entry checked against the root of the head, and the head against the chain.</summary>
    /// <exception cref="LedgerDamagedException">An entry, the tree or the head's checkpoint does not fit the others.</exception>
    public static (KeyChain Chain, Checkpoint Checkpoint) Read(IStore store, Head head)
    {
        Checkpoint checkpoint;
        try
        {
            checkpoint = Checkpoint.Parse(head.Checkpoint);
        }
        catch (LedgerFormatException error)
        {
            throw Damaged($"its last checkpoint cannot be read: {error.Message}");
        }

        if (System.Numerics.BitOperations.PopCount((ulong)head.Size) != head.Edge.Count || checkpoint.Size != head.Size || checkpoint.Root != head.Root) throw Damaged("its head and its last checkpoint differ");

        var keys = new List<LedgerKey>();
        // Another process may have appended since the head was read; what follows the head is not looked at.
        foreach (var index in store.Read(new Keyring()).TakeWhile(index => index < head.Size).ToList())
        {
            var bytes = store.Read(new EntriesBetween(index, index + 1)).SingleOrDefault()?.Bytes ?? throw Damaged(FormattableString.Invariant($"entry {index} is missing"));
            var proof = MerkleTree.Inclusion(index, head.Size, nodes => Digests(store, nodes));
            if (!MerkleTree.Includes(MerkleTree.Leaf(bytes), index, head.Size, proof, head.Root)) throw Damaged(FormattableString.Invariant($"entry {index}, which brings a key, is not the one that was signed"));
            if (Add(keys, index, OwnEntry.KeyOf(bytes)) is { } wrong) throw Damaged(FormattableString.Invariant($"entry {index}: {wrong}"));
        }

        if (keys.Count == 0) throw Damaged("no entry names its key");
        var chain = new KeyChain(keys);
        if (checkpoint.Verify(chain.For(head.Size)) is { } fault) throw Damaged(fault.Text);
        return (chain, checkpoint);

        static LedgerDamagedException Damaged(string what) => new($"the ledger is damaged: {what}; verify it, then restore a backup");
    }

    /// <summary>The root that the ledger had at an earlier size, from the subtrees that it still has.</summary>
    public static Digest RootAt(IStore store, long size) => MerkleTree.Fold(Digests(store, MerkleTree.Cover(0, size)).ToArray());

    public static IReadOnlyList<Digest> Digests(IStore store, IReadOnlyList<Node> nodes)
    {
        var digests = store.Read(new DigestsOf(nodes)).ToList();
        return digests.Count == nodes.Count ? digests
            : throw new LedgerDamagedException(FormattableString.Invariant($"the ledger is damaged: node {nodes[digests.Count].Index} of level {nodes[digests.Count].Level} of its tree is missing; verify it, then restore a backup"));
    }
}
