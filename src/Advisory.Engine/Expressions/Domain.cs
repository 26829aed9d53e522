using System.Collections.Immutable;
using Advisory.Engine.Json;

namespace Advisory.Engine.Expressions;

/// <summary>The values a discrete fact can take, each with its bit in a word.</summary>
/// <remarks>
/// An enumeration and a list have the values that the vocabulary declares. A text fact has the texts that the book's expressions
/// compare it with; every other text is one further value, <see cref="OtherText"/>, because no rule can tell those apart.
/// </remarks>
internal sealed class Domain
{
    /// <summary>Bit 63 says known, bit 62 is <see cref="OtherText"/>.</summary>
    public const int MaxValues = 62;

    public const ulong OtherText = 1UL << 62;

    public const ulong All = ~Machine.Known;

    public static readonly Domain Boolean = new(["false", "true"], isOpen: false);

    private readonly List<string> values;
    private readonly bool isOpen;

    public Domain(IEnumerable<string> values, bool isOpen)
    {
        this.values = [.. values];
        this.isOpen = isOpen;
    }

    public ImmutableArray<string> Values => [.. values];

    public static ulong BooleanBit(bool value) => value ? 2UL : 1UL;

    /// <summary>The bit of a value: 0 where a closed domain does not have it, <see cref="OtherText"/> where an open one does not.</summary>
    public ulong Bit(string value)
    {
        var index = values.IndexOf(value);
        return index >= 0 ? 1UL << index : isOpen ? OtherText : 0;
    }

    /// <summary>The bit of a text in an expression, which an open domain learns while the book loads; 0 when it is full or closed.</summary>
    public ulong BitForExpression(string value)
    {
        if (isOpen && !values.Contains(value) && values.Count < MaxValues) values.Add(value);
        var index = values.IndexOf(value);
        return index >= 0 ? 1UL << index : 0;
    }

    public bool IsSameAs(Domain other) => !isOpen && !other.isOpen && values.SequenceEqual(other.values);

    /// <summary>The hint for a value that is not in the domain.</summary>
    public string? Hint(string given) => Suggestion.OneOf(given, values, quote: "`");

    /// <summary>The declared values that a word of bits holds, in declared order.</summary>
    public IEnumerable<string> ValuesOf(ulong bits) => values.Where((_, i) => (bits & (1UL << i)) != 0);
}
