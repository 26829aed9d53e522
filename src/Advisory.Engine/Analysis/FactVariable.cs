using System.Collections.Immutable;
using System.Numerics;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>
/// A fact as the diagrams see it: index 0 is unknown, then one index for each value that some rule could tell apart. Where the book holds a
/// value ready and it matters whether somebody reports it, one more index stands for that.
/// </summary>
internal sealed class FactVariable
{
    /// <summary>The index of an unknown fact.</summary>
    public const int Unknown = 0;

    private readonly ImmutableArray<string> texts;
    private readonly ImmutableArray<decimal> sample; // of a number: the values that are tried, where not all are
    private readonly int values;
    private readonly int heldAs;

    /// <param name="fact">The fact.</param>
    /// <param name="record">The key of the record that it belongs to, or null.</param>
    /// <param name="present">What is known of it now.</param>
    /// <param name="asked">For a list, the bits of the items that rules ask for.</param>
    /// <param name="sample">For a number, the only values to try; default for all.</param>
    /// <param name="tellsHeld">Whether a value held ready is told apart from the same value reported.</param>
    public FactVariable(Fact fact, string? record, PresentFact present, ulong asked, ImmutableArray<decimal> sample, bool tellsHeld)
    {
        (Fact, Record, this.sample) = (fact, record, sample);
        if (fact.IsNumber)
        {
            var count = sample.IsDefault ? ((fact.Max - fact.Min) / fact.Step) + 1 : sample.Length;
            values = count < int.MaxValue - 2 ? (int)count : throw new NotExactException("arithmetic", $"`{fact}` has more values than can be counted");
        }
        else if (fact.Type == FactType.List && fact.Domain is not null)
        {
            var count = BitOperations.PopCount(asked);
            if (count > 12) throw new NotExactException("budget", $"rules ask for {count} items of `{fact}`");
            texts = [.. fact.Values.Where((_, i) => (asked >> i & 1) != 0)];
            values = 1 << count;
        }
        else if (fact.Domain is null)
        {
            values = 1; // all that matters is whether it is known
        }
        else
        {
            texts = fact.Type == FactType.Text ? [.. fact.Domain.Values, Other(fact.Domain, present)] : fact.Domain.Values;
            values = texts.Length;
        }

        Asked = asked;
        Json = present.Json;
        HeldIndex = tellsHeld && present.IsHeld ? values + 1 : -1;
        Count = values + (HeldIndex < 0 ? 1 : 2);
        heldAs = present.IsKnown ? IndexOf(present) : Unknown;
        PresentIndex = HeldIndex >= 0 ? HeldIndex : heldAs;
    }

    public Fact Fact { get; }

    /// <summary>The key of the record that it belongs to, or null.</summary>
    public string? Record { get; }

    /// <summary>Its place in the order of variables; set once that is settled.</summary>
    public int Level { get; set; }

    /// <summary>How many indexes there are, that of unknown included.</summary>
    public int Count { get; }

    /// <summary>Indexes [1, this] are values.</summary>
    public int Values => values;

    public int PresentIndex { get; }

    /// <summary>Whether only some of its values are tried.</summary>
    public bool IsSampled => !sample.IsDefault && sample.Length < ((Fact.Max - Fact.Min) / Fact.Step) + 1;

    public bool IsKnown => PresentIndex != Unknown;

    private int HeldIndex { get; }

    private ulong Asked { get; }

    private JToken? Json { get; }

    /// <summary>The same value as the one at hand, as a report would give it.</summary>
    private int Reported(int index) => index == HeldIndex ? heldAs : index;

    /// <summary>What the evaluator holds for an index: 0 for unknown, else the bits.</summary>
    public ulong BitsAt(int index)
    {
        if (index == Unknown) return 0;
        index = Reported(index) - 1;
        if (Fact.IsNumber || Fact.Domain is null) return Machine.Known;
        if (Fact.Type == FactType.List) return Machine.Known | Spread((ulong)index);
        return Machine.Known | (Fact.Type == FactType.Text && index == texts.Length - 1 ? Domain.OtherText : 1UL << index);
    }

    public decimal NumberAt(int index)
    {
        index = Reported(index) - 1;
        return sample.IsDefault ? Fact.Min + (index * Fact.Step) : sample[index];
    }

    /// <summary>What reports alone say at an index: unknown where the value is only held ready.</summary>
    public int ReportedIndex(int index) => index == HeldIndex ? Unknown : index;

    /// <summary>The value at an index as a scenario states it; null for unknown.</summary>
    public JToken? ValueAt(int index)
    {
        if (index == Unknown) return null;
        if (index == PresentIndex && Json is not null) return Json;
        index = Reported(index) - 1;
        if (Fact.IsNumber) return CanonicalJson.Number(NumberAt(index + 1));
        switch (Fact.Type)
        {
            case FactType.Boolean:
                return index == 1;
            case FactType.Date:
                return Json ?? "2000-01-01";
            case FactType.List:
                // Items that no rule asks for stay as they are.
                var kept = (Json as JArray ?? []).Where(item => item.Type != JTokenType.String || !texts.Contains((string)item!)).Select(item => item.DeepClone());
                if (Fact.Domain is null) return new JArray(kept);
                var items = new SortedSet<string>(kept.Select(item => (string)item!), StringComparer.Ordinal);
                for (var i = 0; i < texts.Length; i++)
                    if ((index >> i & 1) != 0)
                        items.Add(texts[i]);
                return new JArray(items);
            default:
                return texts[index];
        }
    }

    /// <summary>How far a value is from the present one: for numbers the difference, for lists the items, else 0 or 1.</summary>
    public decimal Distance(int index)
    {
        if (index == PresentIndex) return 0;
        if (PresentIndex == Unknown || index == Unknown) return index; // nothing to be near to: the first declared value
        if (Fact.IsNumber) return Math.Abs(NumberAt(index) - NumberAt(PresentIndex));
        return Fact.Type == FactType.List ? BitOperations.PopCount((ulong)((Reported(index) - 1) ^ (Reported(PresentIndex) - 1))) : index;
    }

    /// <summary>Of a run of indexes [start, end) the value nearest to the present one, or -1 if it holds no value to change to.</summary>
    public int Nearest(int start, int end)
    {
        (start, end) = (Math.Max(start, 1), Math.Min(end, values + 1));
        if (start >= end) return -1;
        if (Fact.IsNumber)
        {
            if (PresentIndex == Unknown) return start;
            var near = Math.Clamp(Reported(PresentIndex), start, end - 1);
            if (near != PresentIndex) return near;
            return near + 1 < end ? near + 1 : near - 1 >= start ? near - 1 : -1;
        }

        var best = -1;
        for (var i = start; i < end; i++)
            if (i != PresentIndex && (best < 0 || Distance(i) < Distance(best)))
                best = i;
        return best;
    }

    /// <summary>The index of a number, or -1 where it is none of the fact's values.</summary>
    public int IndexOf(decimal number)
    {
        if (!sample.IsDefault) return sample.IndexOf(number) + 1 is var at && at > 0 ? at : -1;
        if (number < Fact.Min || number > Fact.Max || (number - Fact.Min) % Fact.Step != 0) return -1;
        return (int)((number - Fact.Min) / Fact.Step) + 1;
    }

    /// <summary>How many of the values are less than a number, or with <paramref name="orEqual"/> at most it.</summary>
    public int CountBelow(decimal number, bool orEqual)
    {
        var (low, high) = (0, values); // values at indexes [1, low] are below
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var value = NumberAt(middle + 1);
            if (value < number || (orEqual && value == number)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private int IndexOf(PresentFact present)
    {
        if (Fact.IsNumber) return IndexOf(present.Number);
        if (Fact.Domain is null) return 1;
        if (Fact.Type == FactType.List) return (int)Gather(present.Bits) + 1;
        var bits = present.Bits & Domain.All;
        return bits == Domain.OtherText ? texts.Length : BitOperations.TrailingZeroCount(bits) + 1;
    }

    private ulong Spread(ulong packed)
    {
        var bits = 0UL;
        for (int i = 0, j = 0; i < 62; i++)
            if ((Asked >> i & 1) != 0 && (packed >> j++ & 1) != 0)
                bits |= 1UL << i;
        return bits;
    }

    private ulong Gather(ulong bits)
    {
        var packed = 0UL;
        for (int i = 0, j = 0; i < 62; i++)
            if ((Asked >> i & 1) != 0)
                packed |= (bits >> i & 1) << j++;
        return packed;
    }

    private static string Other(Domain domain, PresentFact present)
    {
        if (present.Json is { Type: JTokenType.String } text && !domain.Values.Contains((string)text!)) return (string)text!;
        var other = "another";
        while (domain.Values.Contains(other)) other += " one";
        return other;
    }

    public override string ToString() => Record is null ? Fact.Name : $"{Fact.Name} of {Record}";
}

/// <summary>What is known of a fact now, before anything is derived.</summary>
internal readonly record struct PresentFact(bool IsKnown, ulong Bits, decimal Number, JToken? Json, bool IsHeld)
{
    /// <summary>By the record, else the scenario, else what the book holds ready on the basis.</summary>
    public static PresentFact Of(Scenario scenario, ScenarioRecord? record, Fact fact, Basis basis)
    {
        var about = record?.Facts.FirstOrDefault(f => ReferenceEquals(f.Fact, fact)) ?? scenario.About(fact);
        if (about is not null) return about.Value is { } value ? new(true, value.Bits, value.Number.Decimal, value.Json, false) : new(false, 0, 0, null, false);
        var held = fact.Role is FactRole.Planning or FactRole.Reading ? fact.Default : basis == Basis.Assumed ? fact.Assumption : null;
        return held is null ? default : new(true, held.Bits, held.Number.Decimal, held.Value, true);
    }
}
