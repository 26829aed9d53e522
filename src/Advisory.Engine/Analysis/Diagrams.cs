namespace Advisory.Engine.Analysis;

/// <summary>What a path through a diagram ends in.</summary>
/// <param name="Kind">What the rest means.</param>
/// <param name="Word">A code, or the bits of a discrete value.</param>
/// <param name="Number">A number.</param>
/// <param name="Formula">A number that still depends on one fact with a great many values.</param>
internal readonly record struct Leaf(LeafKind Kind, ulong Word = 0, decimal Number = 0, Formula? Formula = null)
{
    /// <summary>An unknown value, of a number or any other fact.</summary>
    public static readonly Leaf None = new(LeafKind.None);

    public static Leaf Code(int code) => new(LeafKind.Code, (ulong)(long)code);

    public static Leaf Of(Truth truth) => Code((int)truth);

    public int AsCode => (int)(long)Word;

    public Truth AsTruth => (Truth)AsCode;
}

internal enum LeafKind : byte
{
    None,
    Code,
    Bits,
    Number,
    Formula,
}

/// <summary>Thrown where a budget is used up or a construct cannot be treated exactly; the facade turns it into an answer that says so.</summary>
internal sealed class NotExactException(string code, string reason) : Exception(reason)
{
    /// <summary><c>budget</c> or <c>arithmetic</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// Multi-valued decision diagrams with shared nodes, ordered and reduced. A node asks for the value of one variable, by its index, and
/// has one child for each run of consecutive indexes that lead to the same diagram: so a fact with millions of values costs what its
/// thresholds cost. Equal diagrams are one node: two functions are the same exactly if their numbers are.
/// </summary>
/// <remarks>
/// Kinds of diagram: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation (1986), with many values (Srinivasan, Kam,
/// Malik, Brayton, 1990) and intervals for edges (Strehl, Thiele, 1998). The budget counts nodes and runs that are made, not time: what is
/// answered is the same on every machine.
/// </remarks>
internal sealed class Diagrams(long budget)
{
    public const int LeafLevel = int.MaxValue;

    private readonly List<Node> nodes = [];
    private readonly Dictionary<Node, int> known = new(SameNode.Instance);
    private readonly Dictionary<Leaf, int> leaves = [];
    private readonly Dictionary<(int, int), int> least = [];
    private readonly Dictionary<(int, int), int> greatest = [];

    /// <summary>Nodes and runs that may still be made.</summary>
    public long Left { get; private set; } = budget;

    public int LevelOf(int node) => nodes[node].Level;

    public bool IsLeaf(int node) => nodes[node].Level == LeafLevel;

    public Leaf At(int leaf) => nodes[leaf].Leaf;

    /// <summary>Where each run ends (exclusive), in order; the last is the number of indexes.</summary>
    public int[] EndsOf(int node) => nodes[node].Ends;

    public int[] ChildrenOf(int node) => nodes[node].Children;

    public int Of(Leaf leaf)
    {
        if (leaves.TryGetValue(leaf, out var node)) return node;
        nodes.Add(new(LeafLevel, [], [], leaf));
        return leaves[leaf] = nodes.Count - 1;
    }

    public int Code(int code) => Of(Leaf.Code(code));

    public int Of(Truth truth) => Of(Leaf.Of(truth));

    /// <summary>The child that an index leads to; the node itself where it asks for a variable below.</summary>
    public int Child(int node, int level, int index)
    {
        var at = nodes[node];
        if (at.Level != level) return node;
        var run = Array.BinarySearch(at.Ends, index + 1);
        return at.Children[run >= 0 ? run : ~run];
    }

    /// <summary>What a full assignment leads to.</summary>
    public Leaf Follow(int node, ReadOnlySpan<int> indexes)
    {
        while (nodes[node].Level != LeafLevel) node = Child(node, nodes[node].Level, indexes[nodes[node].Level]);
        return nodes[node].Leaf;
    }

    /// <summary>The node with these runs; neighbours that lead to the same diagram become one run.</summary>
    /// <remarks>A child may ask for the same variable (a <see cref="Formula"/> that was compared): of its runs those within the own run stay.</remarks>
    public int Make(int level, List<int> ends, List<int> children)
    {
        var (newEnds, newChildren) = (new List<int>(ends.Count), new List<int>(ends.Count));
        var start = 0;
        for (var i = 0; i < ends.Count; i++)
        {
            var child = children[i];
            if (nodes[child].Level < level) return MakeBelow(nodes[child].Level, level, ends, children);
            if (nodes[child].Level == level)
            {
                var inner = nodes[child];
                for (var j = 0; j < inner.Ends.Length; j++)
                {
                    var innerStart = j == 0 ? 0 : inner.Ends[j - 1];
                    if (inner.Ends[j] > start && innerStart < ends[i]) Add(Math.Min(inner.Ends[j], ends[i]), inner.Children[j]);
                }
            }
            else
            {
                Add(ends[i], child);
            }

            start = ends[i];
        }

        if (newChildren.Count == 1) return newChildren[0];
        var node = new Node(level, [.. newEnds], [.. newChildren], default);
        if (known.TryGetValue(node, out var same)) return same;
        Spend(newEnds.Count);
        nodes.Add(node);
        return known[node] = nodes.Count - 1;

        void Add(int end, int child)
        {
            if (newChildren.Count > 0 && newChildren[^1] == child)
            {
                newEnds[^1] = end;
                return;
            }

            newEnds.Add(end);
            newChildren.Add(child);
        }
    }

    /// <summary>The node with these runs where a child asks for a variable that stands above: that one is asked first.</summary>
    private int MakeBelow(int above, int level, List<int> ends, List<int> children)
    {
        foreach (var child in children) above = Math.Min(above, nodes[child].Level);
        var split = new SortedSet<int>(children.Where(c => nodes[c].Level == above).SelectMany(c => nodes[c].Ends));
        Spend(split.Count);
        var made = new List<int>(split.Count);
        foreach (var end in split) made.Add(Make(level, ends, [.. children.Select(c => Child(c, above, end - 1))]));
        return Make(above, [.. split], made);
    }

    public void Spend(int count)
    {
        Left -= count;
        if (Left < 0) throw new NotExactException("budget", "the budget of nodes is used up");
    }

    /// <summary>The lesser of two codes everywhere: `and` of truths, and the more severe of two outcomes.</summary>
    public int Least(int a, int b) => Join(a, b, least, lesser: true);

    public int Greatest(int a, int b) => Join(a, b, greatest, lesser: false);

    private int Join(int a, int b, Dictionary<(int, int), int> memo, bool lesser)
    {
        if (a == b) return a;
        var (level, other) = (nodes[a].Level, nodes[b].Level);
        if (level == LeafLevel && other == LeafLevel) return nodes[a].Leaf.AsCode < nodes[b].Leaf.AsCode == lesser ? a : b;
        if (a > b) (a, b) = (b, a);
        if (memo.TryGetValue((a, b), out var result)) return result;
        return memo[(a, b)] = Merge(a, b, (x, y) => Join(x, y, memo, lesser));
    }

    /// <summary>Applies a function to every leaf.</summary>
    public int Map(int node, Func<Leaf, int> leafwise) => Map(node, leafwise, []);

    private int Map(int node, Func<Leaf, int> leafwise, Dictionary<int, int> memo)
    {
        if (memo.TryGetValue(node, out var result)) return result;
        var at = nodes[node];
        result = at.Level == LeafLevel ? leafwise(at.Leaf) : Rebuild(at, child => Map(child, leafwise, memo));
        return memo[node] = result;
    }

    private int Rebuild(Node at, Func<int, int> change)
    {
        Spend(1);
        var (ends, children) = (new List<int>(at.Ends), new List<int>(at.Children.Length));
        foreach (var child in at.Children) children.Add(change(child));
        return Make(at.Level, ends, children);
    }

    /// <summary>Applies a function to every pair of leaves; the function gives a diagram over variables below both, or over the last one.</summary>
    public int Zip(int a, int b, Func<Leaf, Leaf, int> leafwise)
    {
        var memo = new Dictionary<(int, int), int>();
        return At(a, b);

        int At(int x, int y)
        {
            if (memo.TryGetValue((x, y), out var result)) return result;
            result = IsLeaf(x) && IsLeaf(y) ? leafwise(nodes[x].Leaf, nodes[y].Leaf) : Merge(x, y, At);
            return memo[(x, y)] = result;
        }
    }

    /// <summary>By a truth, the one, the other, or where it is unknown what <paramref name="otherwise"/> makes of the two; of two alike, the same.</summary>
    public int Choose(int condition, int then, int @else, Func<Leaf, Leaf, int> otherwise)
    {
        var memo = new Dictionary<(int, int, int), int>();
        return At(condition, then, @else);

        int At(int c, int a, int b)
        {
            if (IsLeaf(c) && nodes[c].Leaf.AsTruth != Truth.Unknown) return nodes[c].Leaf.AsTruth == Truth.True ? a : b;
            if (a == b) return a;
            if (memo.TryGetValue((c, a, b), out var result)) return result;
            if (IsLeaf(c)) return memo[(c, a, b)] = Zip(a, b, otherwise);
            Spend(1);
            var level = Math.Min(nodes[c].Level, Math.Min(nodes[a].Level, nodes[b].Level));
            var (ends, children) = (new List<int>(), new List<int>());
            var (i, j, k) = (0, 0, 0);
            var count = new[] { c, a, b }.Where(n => nodes[n].Level == level).Max(n => nodes[n].Ends[^1]);
            for (var start = 0; start < count;)
            {
                var end = Math.Min(EndOf(c, level, i, count), Math.Min(EndOf(a, level, j, count), EndOf(b, level, k, count)));
                ends.Add(end);
                children.Add(At(ChildAt(c, level, i), ChildAt(a, level, j), ChildAt(b, level, k)));
                if (EndOf(c, level, i, count) == end) i++;
                if (EndOf(a, level, j, count) == end) j++;
                if (EndOf(b, level, k, count) == end) k++;
                start = end;
            }

            return memo[(c, a, b)] = Make(level, ends, children);
        }
    }

    private int EndOf(int node, int level, int run, int count) => nodes[node].Level == level ? nodes[node].Ends[run] : count;

    private int ChildAt(int node, int level, int run) => nodes[node].Level == level ? nodes[node].Children[run] : node;

    private int Merge(int a, int b, Func<int, int, int> joined)
    {
        Spend(1);
        var (left, right) = (nodes[a], nodes[b]);
        if (left.Level < right.Level) return Rebuild(left, child => joined(child, b));
        if (right.Level < left.Level) return Rebuild(right, child => joined(a, child));
        var (ends, children) = (new List<int>(left.Ends.Length + right.Ends.Length), new List<int>());
        for (int i = 0, j = 0; i < left.Ends.Length;)
        {
            var end = Math.Min(left.Ends[i], right.Ends[j]);
            ends.Add(end);
            children.Add(joined(left.Children[i], right.Children[j]));
            if (left.Ends[i] == end) i++;
            if (right.Ends[j] == end) j++;
        }

        return Make(left.Level, ends, children);
    }

    /// <summary>A node over one variable from a function of its index that is given by runs.</summary>
    public int Runs(int level, IEnumerable<(int End, int Child)> runs)
    {
        var (ends, children) = (new List<int>(), new List<int>());
        foreach (var (end, child) in runs)
        {
            if (end == (ends.Count == 0 ? 0 : ends[^1])) continue; // an empty run
            ends.Add(end);
            children.Add(child);
        }

        return Make(level, ends, children);
    }

    /// <summary>Puts a value in for one variable.</summary>
    public int Restrict(int node, int variable, int index)
    {
        var memo = new Dictionary<int, int>();
        return At(node);

        int At(int n)
        {
            var at = nodes[n];
            if (at.Level > variable) return n;
            if (at.Level == variable) return Child(n, variable, index);
            if (memo.TryGetValue(n, out var result)) return result;
            return memo[n] = Rebuild(at, At);
        }
    }

    /// <summary>The variables that the diagram depends on: a set of levels.</summary>
    public IReadOnlyList<int> Support(int node)
    {
        var found = new SortedSet<int>();
        var seen = new HashSet<int>();
        var open = new Stack<int>([node]);
        while (open.TryPop(out var n))
        {
            if (IsLeaf(n) || !seen.Add(n)) continue;
            found.Add(nodes[n].Level);
            foreach (var child in nodes[n].Children) open.Push(child);
        }

        return [.. found];
    }

    /// <summary>A node as content: the key under which it is shared.</summary>
    private readonly record struct Node(int Level, int[] Ends, int[] Children, Leaf Leaf);

    private sealed class SameNode : IEqualityComparer<Node>
    {
        public static readonly SameNode Instance = new();

        public bool Equals(Node a, Node b) => a.Level == b.Level && a.Ends.AsSpan().SequenceEqual(b.Ends) && a.Children.AsSpan().SequenceEqual(b.Children);

        public int GetHashCode(Node node)
        {
            // Not System.HashCode, whose seed differs from run to run: only speed depends on it, but speed should repeat too.
            unchecked
            {
                var hash = ((uint)node.Level * 0x9E3779B1u) ^ (uint)node.Ends.Length;
                for (var i = 0; i < node.Ends.Length; i++) hash = (((hash ^ (uint)node.Ends[i]) * 0x85EBCA6Bu) ^ (uint)node.Children[i]) * 0xC2B2AE35u;
                return (int)(hash ^ (hash >> 15));
            }
        }
    }
}
