namespace Advisory.Tests.Laws;

/// <summary>A source of numbers that a seed settles on every machine (SplitMix64: Steele, Lea, Flood, 2014).</summary>
internal sealed class Chance(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A whole number from 0 up to and not including <paramref name="count"/>.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int From(int least, int most) => least + Below(most - least + 1);

    /// <summary>True this many times in a hundred.</summary>
    public bool Percent(int times) => Below(100) < times;

    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>At least one of the items, in their order.</summary>
    public List<T> Some<T>(IReadOnlyList<T> items)
    {
        var one = Below(items.Count);
        return [.. items.Where((_, i) => i == one || Percent(40))];
    }

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var other = Below(i + 1);
            (list[i], list[other]) = (list[other], list[i]);
        }

        return list;
    }
}
