using System.Collections.Immutable;

namespace Advisory.Engine.Analysis;

/// <summary>What an analysis may vary, and how much work it may do.</summary>
public sealed record AnalysisOptions
{
    /// <summary>The basis whose outcomes are analysed.</summary>
    public Basis Basis { get; init; } = Basis.Stated;

    /// <summary>How many sets an answer lists at most.</summary>
    public int MaxSets { get; init; } = 1_000;

    /// <summary>How many nodes and runs of diagrams may be made for one answer: some tenths of a second.</summary>
    public long Budget { get; init; } = 400_000;

    /// <summary>Facts that a change must leave as they are, by name.</summary>
    public ImmutableHashSet<string> Keep { get; init; } = [];

    /// <summary>Who may be asked to change facts: the vocabulary's words for influence.</summary>
    public ImmutableHashSet<string> Influence { get; init; } = ["ours", "allies"];

    /// <summary>What a change of a fact costs, by name; else by who can change it: ours 1, allies 2, adversary 3, none 4.</summary>
    public ImmutableDictionary<string, int> Effort { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Whether reasons also range over planning figures that the book holds ready; else they stand.</summary>
    public bool VaryPlanningFigures { get; init; }

    internal int EffortOf(Fact fact) => Effort.TryGetValue(fact.Name, out var effort) ? effort : fact.Notes.Influence switch
    {
        "ours" => 1,
        "allies" => 2,
        "adversary" => 3,
        _ => 4,
    };
}

/// <summary>Whether an answer is exact, and if not, why not.</summary>
/// <param name="Exact">All that the answer says is exactly so.</param>
/// <param name="Code">Where it is not: <c>sampled</c>, <c>budget</c> or <c>notSupported</c>.</param>
/// <param name="Reason">The same in a sentence.</param>
public sealed record Exactness(bool Exact, string? Code, string? Reason)
{
    internal static readonly Exactness Full = new(true, null, null);
}
