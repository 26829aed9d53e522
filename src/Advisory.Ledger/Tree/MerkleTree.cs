using System.Buffers;
using System.Numerics;

namespace Advisory.Ledgers.Tree;

/// <summary>A complete subtree: the leaves [<paramref name="Index"/> · 2^level, (index + 1) · 2^level). Level 0 is a leaf.</summary>
internal readonly record struct Node(int Level, long Index);

/// <summary>
/// The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162): leaf = SHA-256(0x00 ‖ bytes), node = SHA-256(0x01 ‖ left ‖ right),
/// empty tree = SHA-256 of nothing.
/// </summary>
/// <remarks>
/// INVARIANT: the digest of a complete subtree never changes once its last leaf is there. So each is stored once, and any proof for any
/// size, old or new, is put together from at most about 2·log2(size) of them.
/// </remarks>
internal static class MerkleTree
{
    /// <summary>The levels that a size of 63 bits can have; also the most digests that an <see cref="Edge"/> holds.</summary>
    public const int MaxLevels = 63;

    public static Digest EmptyRoot { get; } = Digest.Of([]);

    public static Digest Leaf(ReadOnlySpan<byte> bytes)
    {
        var prefixed = ArrayPool<byte>.Shared.Rent(bytes.Length + 1);
        prefixed[0] = 0;
        bytes.CopyTo(prefixed.AsSpan(1));
        var leaf = Digest.Of(prefixed.AsSpan(0, bytes.Length + 1));
        ArrayPool<byte>.Shared.Return(prefixed);
        return leaf;
    }

    public static Digest Parent(Digest left, Digest right)
    {
        Span<byte> both = stackalloc byte[1 + 2 * Digest.Length];
        both[0] = 1;
        left.Span.CopyTo(both[1..]);
        right.Span.CopyTo(both[(1 + Digest.Length)..]);
        return Digest.Of(both);
    }

    /// <summary>The root over adjacent complete subtrees, largest first: folded from the right, as the RFC's recursion does.</summary>
    public static Digest Fold(ReadOnlySpan<Digest> subtrees)
    {
        if (subtrees.IsEmpty) return EmptyRoot;
        var root = subtrees[^1];
        for (var i = subtrees.Length - 2; i >= 0; i--) root = Parent(subtrees[i], root);
        return root;
    }

    /// <summary>The complete subtrees that make up the leaves [start, end), largest first.</summary>
    /// <remarks><paramref name="start"/> is a multiple of the largest power of two that is not above end - start, as in every range of a proof.</remarks>
    public static List<Node> Cover(long start, long end)
    {
        var nodes = new List<Node>();
        while (start < end)
        {
            var level = BitOperations.Log2((ulong)(end - start));
            nodes.Add(new(level, start >> level));
            start += 1L << level;
        }

        return nodes;
    }

    /// <summary>The inclusion proof of leaf <paramref name="index"/> in the first <paramref name="size"/> leaves: RFC 6962, 2.1.1.</summary>
    /// <param name="index">Of the leaf, below <paramref name="size"/>.</param>
    /// <param name="size">Of the tree, in leaves.</param>
    /// <param name="digests">Gives the digests of the asked subtrees, in the order asked.</param>
    public static List<Digest> Inclusion(long index, long size, Func<IReadOnlyList<Node>, IReadOnlyList<Digest>> digests)
    {
        if (index < 0 || index >= size) throw new ArgumentOutOfRangeException(nameof(index), FormattableString.Invariant($"no entry {index} among {size}"));
        var ranges = new List<(long, long)>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + Split(end - start);
            ranges.Add(index < middle ? (middle, end) : (start, middle));
            (start, end) = index < middle ? (start, middle) : (middle, end);
        }

        ranges.Reverse();
        return Digests(ranges, digests);
    }

    /// <summary>The consistency proof from <paramref name="older"/> to <paramref name="newer"/> leaves: RFC 6962, 2.1.2.</summary>
    /// <remarks>Empty when the sizes are equal or the older tree is empty: there is nothing to prove.</remarks>
    public static List<Digest> Consistency(long older, long newer, Func<IReadOnlyList<Node>, IReadOnlyList<Digest>> digests)
    {
        if (older < 0 || older > newer) throw new ArgumentOutOfRangeException(nameof(older), FormattableString.Invariant($"no proof from size {older} to {newer}"));
        var ranges = new List<(long, long)>();
        if (older > 0 && older < newer)
        {
            var (start, end, whole) = (0L, newer, true);
            while (older != end)
            {
                var middle = start + Split(end - start);
                ranges.Add(older <= middle ? (middle, end) : (start, middle));
                (start, end, whole) = older <= middle ? (start, middle, whole) : (middle, end, false);
            }

            // The older root itself is known to whoever checks, unless it is only the right part of the older tree.
            if (!whole) ranges.Add((start, end));
            ranges.Reverse();
        }

        return Digests(ranges, digests);
    }

    /// <summary>Checks an inclusion proof: RFC 9162, 2.1.3.2.</summary>
    public static bool Includes(Digest leaf, long index, long size, IReadOnlyList<Digest> proof, Digest root)
    {
        if (index < 0 || index >= size) return false;
        var (fn, sn, digest) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                digest = Parent(sibling, digest);
                while ((fn & 1) == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                digest = Parent(digest, sibling);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && digest == root;
    }

    /// <summary>Checks that a tree of <paramref name="newer"/> leaves begins with a tree of <paramref name="older"/> leaves: RFC 9162, 2.1.4.2.</summary>
    public static bool Continues(long older, Digest olderRoot, long newer, Digest newerRoot, IReadOnlyList<Digest> proof)
    {
        if (older < 0 || older > newer) return false;
        if (older == newer) return proof.Count == 0 && olderRoot == newerRoot;
        if (older == 0) return proof.Count == 0 && olderRoot == EmptyRoot;
        if (proof.Count == 0) return false;

        var path = BitOperations.IsPow2(older) ? [olderRoot, .. proof] : proof;
        var (fn, sn) = (older - 1, newer - 1);
        while ((fn & 1) == 1) (fn, sn) = (fn >> 1, sn >> 1);
        var (fromOlder, fromNewer) = (path[0], path[0]);
        for (var i = 1; i < path.Count; i++)
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                fromOlder = Parent(path[i], fromOlder);
                fromNewer = Parent(path[i], fromNewer);
                while ((fn & 1) == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                fromNewer = Parent(fromNewer, path[i]);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && fromOlder == olderRoot && fromNewer == newerRoot;
    }

    /// <summary>The largest power of two below <paramref name="count"/>, which is at least 2.</summary>
    private static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private static List<Digest> Digests(List<(long Start, long End)> ranges, Func<IReadOnlyList<Node>, IReadOnlyList<Digest>> digests)
    {
        var covers = ranges.ConvertAll(range => Cover(range.Start, range.End));
        var found = digests(covers.SelectMany(nodes => nodes).ToList());
        var (proof, at) = (new List<Digest>(covers.Count), 0);
        Span<Digest> cover = stackalloc Digest[MaxLevels];
        foreach (var nodes in covers)
        {
            for (var i = 0; i < nodes.Count; i++) cover[i] = found[at++];
            proof.Add(Fold(cover[..nodes.Count]));
        }

        return proof;
    }
}

/// <summary>The right edge of a growing tree: the digests of the complete subtrees that cover it, at most one a level.</summary>
/// <remarks>All that an append needs of the entries before it: 32 bytes for each 1 in the binary size, at most 2 kB.</remarks>
internal sealed class Edge
{
    private readonly List<Digest> subtrees;

    public Edge() : this(0, []) { }

    /// <exception cref="ArgumentException">There are not as many digests as the size has subtrees.</exception>
    public Edge(long size, IReadOnlyList<Digest> subtrees)
    {
        if (size < 0 || BitOperations.PopCount((ulong)size) != subtrees.Count) throw new ArgumentException(FormattableString.Invariant($"{subtrees.Count} subtrees do not cover {size} leaves"), nameof(subtrees));
        (Size, this.subtrees) = (size, [.. subtrees]);
    }

    /// <summary>In leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Largest first.</summary>
    public IReadOnlyList<Digest> Subtrees => subtrees;

    public Digest Root => MerkleTree.Fold(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(subtrees));

    public Edge Clone() => new(Size, subtrees);

    /// <summary>Adds a leaf and tells each subtree above level 0 that it completes, from small to large.</summary>
    public void Append(Digest leaf, Action<Node, Digest> completed)
    {
        var digest = leaf;
        for (var level = 0; (Size >> level & 1) == 1; level++)
        {
            digest = MerkleTree.Parent(subtrees[^1], digest);
            subtrees.RemoveAt(subtrees.Count - 1);
            completed(new(level + 1, Size >> (level + 1)), digest);
        }

        subtrees.Add(digest);
        Size++;
    }
}
