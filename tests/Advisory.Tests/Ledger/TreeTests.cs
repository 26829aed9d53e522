using System.Security.Cryptography;
using Advisory.Ledgers;
using Advisory.Ledgers.Tree;

namespace Advisory.Tests.Ledgers;

public sealed class TreeTests
{
    private const int MaxSize = 300;

    /// <summary>The leaves and roots of Certificate Transparency's reference implementation, which other logs test against too.</summary>
    private static readonly string[] ReferenceLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] ReferenceRoots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_the_reference_implementation()
    {
        var edge = new Edge();
        Assert.Equal(ReferenceRoots[0], edge.Root.ToString());
        for (var i = 0; i < ReferenceLeaves.Length; i++)
        {
            edge.Append(MerkleTree.Leaf(Convert.FromHexString(ReferenceLeaves[i])), (_, _) => { });
            Assert.Equal(ReferenceRoots[i + 1], edge.Root.ToString());
        }
    }

    [Fact]
    public void The_edge_gives_the_roots_of_the_definition_for_every_size()
    {
        var edge = new Edge();
        for (var size = 0; size <= MaxSize; size++)
        {
            Assert.Equal(ByDefinition(0, size), edge.Root);
            Assert.Equal(size, edge.Size);
            Assert.Equal(edge.Root, new Edge(size, edge.Subtrees).Root);
            Assert.True(edge.Subtrees.Count <= 9);
            edge.Append(Leaves[size], (_, _) => { });
        }
    }

    [Fact]
    public void Every_complete_subtree_is_told_once_with_its_digest()
    {
        Assert.All(Nodes, node => Assert.Equal(ByDefinition((int)(node.Key.Index << node.Key.Level), (int)((node.Key.Index + 1) << node.Key.Level)), node.Value));
        Assert.Equal(Enumerable.Range(0, 9).Sum(level => (MaxSize + 1) >> level), Nodes.Count);
    }

    [Fact]
    public void Inclusion_proofs_of_every_entry_at_every_size_verify_and_altered_ones_fail()
    {
        for (var size = 1; size <= MaxSize; size++)
        {
            var root = ByDefinition(0, size);
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.Inclusion(index, size, Stored);
                if (size < 40) Assert.Equal(PathByDefinition(index, 0, size), proof);
                Assert.True(MerkleTree.Includes(Leaves[index], index, size, proof, root));

                // Each way to alter in small trees, one of them in turn in larger ones.
                foreach (var (leaf, at, of, altered, end) in Altered(index, size, proof, root, all: size <= 20, turn: index + size))
                    Assert.False(MerkleTree.Includes(leaf, at, of, altered, end), $"{index} of {size}");
            }
        }
    }

    [Fact]
    public void Consistency_proofs_between_every_two_sizes_verify_and_altered_ones_fail()
    {
        var roots = Enumerable.Range(0, MaxSize + 1).Select(size => ByDefinition(0, size)).ToArray();
        for (var newer = 0; newer <= MaxSize; newer++)
        {
            for (var older = 0; older <= newer; older++)
            {
                var proof = MerkleTree.Consistency(older, newer, Stored);
                Assert.True(MerkleTree.Continues(older, roots[older], newer, roots[newer], proof));
                if (older == newer && older > 0) Assert.False(MerkleTree.Continues(older, Wrong(roots[older], older), newer, roots[newer], proof));
                if (older == 0 || older == newer) continue;

                Assert.False(MerkleTree.Continues(older, Wrong(roots[older], newer), newer, roots[newer], proof));
                Assert.False(MerkleTree.Continues(older, roots[older], newer, Wrong(roots[newer], older), proof));
                var turn = (older + newer) % proof.Count;
                for (var i = newer <= 40 ? 0 : turn; i < (newer <= 40 ? proof.Count : turn + 1); i++)
                    Assert.False(MerkleTree.Continues(older, roots[older], newer, roots[newer], [.. proof[..i], Wrong(proof[i], i), .. proof[(i + 1)..]]), $"{older} to {newer}, {i}");
                Assert.False(MerkleTree.Continues(older, roots[older], newer, roots[newer], proof[..^1]));
                Assert.False(MerkleTree.Continues(older, roots[older], newer, roots[newer], [.. proof, roots[older]]));
            }
        }
    }

    [Fact]
    public void Nothing_continues_into_a_smaller_tree_and_nothing_is_included_beyond_the_end()
    {
        Assert.False(MerkleTree.Continues(2, ByDefinition(0, 2), 1, ByDefinition(0, 1), []));
        Assert.False(MerkleTree.Continues(0, ByDefinition(0, 1), 5, ByDefinition(0, 5), []));
        Assert.False(MerkleTree.Includes(Leaves[0], 1, 1, [], Leaves[0]));
        Assert.False(MerkleTree.Includes(Leaves[0], -1, 1, [], Leaves[0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Inclusion(3, 3, Stored));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Consistency(4, 3, Stored));
    }

    [Fact]
    public void A_proof_at_a_million_entries_is_twenty_digests_and_asks_for_at_most_forty()
    {
        var asked = 0;
        var proof = MerkleTree.Inclusion(654_321, 1_000_000, nodes =>
        {
            asked += nodes.Count;
            return [.. nodes.Select(_ => default(Digest))];
        });
        Assert.Equal(20, proof.Count);
        Assert.InRange(asked, 20, 40);
    }

    private static IEnumerable<(Digest Leaf, long Index, long Size, IReadOnlyList<Digest> Proof, Digest Root)> Altered(int index, int size, List<Digest> proof, Digest root, bool all, int turn)
    {
        var ways = new List<Func<(Digest, long, long, IReadOnlyList<Digest>, Digest)>>
        {
            () => (Wrong(Leaves[index], turn), index, size, proof, root),
            () => (Leaves[index], index, size, proof, Wrong(root, turn)),
            () => (Leaves[index], size, size, proof, root),
            () => (Leaves[index], index, size, [.. proof, root], root),
        };
        if (size > 1) ways.Add(() => (Leaves[index], (index + 1) % size, size, proof, root));
        for (var i = 0; i < proof.Count; i++)
        {
            var at = i;
            ways.Add(() => (Leaves[index], index, size, [.. proof[..at], Wrong(proof[at], turn), .. proof[(at + 1)..]], root));
            ways.Add(() => (Leaves[index], index, size, [.. proof[..at], .. proof[(at + 1)..]], root));
        }

        return (all ? ways : [ways[turn % ways.Count]]).Select(way => way());
    }

    /// <summary>The digest with one bit turned over.</summary>
    private static Digest Wrong(Digest digest, int bit)
    {
        var bytes = digest.ToArray();
        bytes[bit / 8 % 32] ^= (byte)(1 << (bit % 8));
        return new(bytes);
    }

    private static readonly Digest[] Leaves = [.. Enumerable.Range(0, MaxSize + 1).Select(i => MerkleTree.Leaf(BitConverter.GetBytes(i)))];

    private static readonly Dictionary<Node, Digest> Nodes = AllNodes();

    private static Dictionary<Node, Digest> AllNodes()
    {
        var (edge, nodes) = (new Edge(), new Dictionary<Node, Digest>());
        for (var i = 0; i < Leaves.Length; i++)
        {
            nodes.Add(new(0, i), Leaves[i]);
            edge.Append(Leaves[i], nodes.Add);
        }

        return nodes;
    }

    private static List<Digest> Stored(IReadOnlyList<Node> nodes) => [.. nodes.Select(node => Nodes[node])];

    /// <summary>MTH of RFC 6962, word for word.</summary>
    private static Digest ByDefinition(int start, int end)
    {
        if (start == end) return new(SHA256.HashData([]));
        if (end - start == 1) return Leaves[start];
        var k = 1;
        while (k * 2 < end - start) k *= 2;
        return new(SHA256.HashData([1, .. ByDefinition(start, start + k).ToArray(), .. ByDefinition(start + k, end).ToArray()]));
    }

    /// <summary>PATH of RFC 6962, word for word.</summary>
    private static List<Digest> PathByDefinition(int m, int start, int end)
    {
        if (end - start == 1) return [];
        var k = 1;
        while (k * 2 < end - start) k *= 2;
        return m < k ? [.. PathByDefinition(m, start, start + k), ByDefinition(start + k, end)] : [.. PathByDefinition(m - k, start + k, end), ByDefinition(start, start + k)];
    }
}
