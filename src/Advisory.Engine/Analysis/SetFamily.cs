using System.Numerics;

namespace Advisory.Engine.Analysis;

/// <summary>
/// Families of sets of variables as zero-suppressed diagrams (S. Minato, 1993): the minimal sets of a monotone condition can be a million
/// and still take a thousand nodes.
/// </summary>
internal sealed class SetFamily(Diagrams diagrams)
{
    /// <summary>No set at all.</summary>
    public const int Nothing = 0;

    /// <summary>Only the empty set.</summary>
    public const int OnlyEmpty = 1;

    private readonly List<(int Level, int Without, int With)> nodes = [(int.MaxValue, 0, 0), (int.MaxValue, 0, 0)];
    private readonly Dictionary<(int, int, int), int> known = [];
    private readonly Dictionary<int, int> minimal = [];
    private readonly Dictionary<(int, int), int> failing = [];
    private readonly Dictionary<int, BigInteger> counts = [];
    private readonly Dictionary<int, (int Least, int Most)> sizes = [];

    /// <summary>The minimal sets that satisfy a monotone condition: a diagram in which index 1 of a variable says that it is in the set.</summary>
    public int Minimal(int condition)
    {
        if (diagrams.IsLeaf(condition)) return diagrams.At(condition).AsCode > 0 ? OnlyEmpty : Nothing;
        if (minimal.TryGetValue(condition, out var family)) return family;
        var level = diagrams.LevelOf(condition);
        var without = diagrams.Child(condition, level, 0);
        return minimal[condition] = Make(level, Minimal(without), Failing(Minimal(diagrams.Child(condition, level, 1)), without));
    }

    /// <summary>The sets of a family that do not satisfy a monotone condition.</summary>
    private int Failing(int family, int condition)
    {
        if (family == Nothing) return Nothing;
        if (diagrams.IsLeaf(condition)) return diagrams.At(condition).AsCode > 0 ? Nothing : family;
        if (failing.TryGetValue((family, condition), out var result)) return result;
        var (level, without, with) = nodes[family];
        var asked = diagrams.LevelOf(condition);
        result = level < asked ? Make(level, Failing(without, condition), Failing(with, condition))
            : asked < level ? Failing(family, diagrams.Child(condition, asked, 0))
            : Make(level, Failing(without, diagrams.Child(condition, level, 0)), Failing(with, diagrams.Child(condition, level, 1)));
        return failing[(family, condition)] = result;
    }

    private int Make(int level, int without, int with)
    {
        if (with == Nothing) return without;
        if (known.TryGetValue((level, without, with), out var node)) return node;
        diagrams.Spend(1);
        nodes.Add((level, without, with));
        return known[(level, without, with)] = nodes.Count - 1;
    }

    public BigInteger Count(int family)
    {
        if (family <= OnlyEmpty) return family;
        if (counts.TryGetValue(family, out var count)) return count;
        return counts[family] = Count(nodes[family].Without) + Count(nodes[family].With);
    }

    /// <summary>The number of members of the smallest and of the largest set; only of a family with a set.</summary>
    private (int Least, int Most) Sizes(int family)
    {
        if (family == OnlyEmpty) return (0, 0);
        if (sizes.TryGetValue(family, out var size)) return size;
        var (_, without, with) = nodes[family];
        var (least, most) = Sizes(with);
        (least, most) = (least + 1, most + 1);
        if (without != Nothing)
        {
            var others = Sizes(without);
            (least, most) = (Math.Min(least, others.Least), Math.Max(most, others.Most));
        }

        return sizes[family] = (least, most);
    }

    /// <summary>The sets of the least size, at most so many, and how many there are.</summary>
    public (List<List<int>> Sets, BigInteger Count) OfLeastSize(int family, int atMost)
    {
        if (family == Nothing) return ([], 0);
        var least = Sizes(family).Least;
        return ([.. Smallest(family, atMost).Where(set => set.Count == least)], CountOf(family, least, []));
    }

    private BigInteger CountOf(int family, int size, Dictionary<(int, int), BigInteger> memo)
    {
        if (family == Nothing || size < 0) return 0;
        if (family == OnlyEmpty) return size == 0 ? 1 : 0;
        if (memo.TryGetValue((family, size), out var count)) return count;
        return memo[(family, size)] = CountOf(nodes[family].Without, size, memo) + CountOf(nodes[family].With, size - 1, memo);
    }

    /// <summary>The sets, smallest first, and those of one size in the order of the variables; at most so many.</summary>
    public List<List<int>> Smallest(int family, int atMost)
    {
        var sets = new List<List<int>>();
        if (family == Nothing) return sets;
        var (least, most) = Sizes(family);
        for (var size = least; size <= most && sets.Count < atMost; size++) Collect(family, size, []);
        return sets;

        void Collect(int at, int size, List<int> chosen)
        {
            if (at == Nothing || sets.Count >= atMost) return;
            var (low, high) = Sizes(at);
            if (size < low || size > high) return;
            if (at == OnlyEmpty)
            {
                sets.Add([.. chosen]);
                return;
            }

            chosen.Add(nodes[at].Level);
            Collect(nodes[at].With, size - 1, chosen);
            chosen.RemoveAt(chosen.Count - 1);
            Collect(nodes[at].Without, size, chosen);
        }
    }
}
