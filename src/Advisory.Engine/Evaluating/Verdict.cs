using System.Collections.Immutable;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>What one rule says about one mission on one basis.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Truth">Whether its expression holds.</param>
/// <param name="Strength">How much it weighs under the readings in force.</param>
/// <param name="Applies">False where a guard sets the requirement aside.</param>
/// <param name="Waiver">The waiver that sets it aside, where it is not met; it still shows its truth.</param>
public readonly record struct Finding(Rule Rule, Truth Truth, Strength Strength, bool Applies, Waiver? Waiver)
{
    /// <summary>The outcome that the finding leads to: an index into the scale, or -1 for none.</summary>
    internal int LeadsTo(bool withWaivers = true) => withWaivers && Waiver is not null
        ? -1
        : Truth switch
        {
            Truth.True => Strength.OnTrue,
            Truth.False => Strength.OnFalse,
            _ => Strength.OnUnknown,
        };
}

/// <summary>An outcome and the findings that lead to it: the one rule by which findings become a verdict.</summary>
/// <remarks>
/// The outcome is the most severe one that any finding leads to; else the best one, but only if a rule of a deciding strength applied;
/// otherwise the question was not assessed. It is a function of the <em>set</em> of findings: neither their order nor a repetition
/// changes it, and one more finding never improves it, except from not assessed. A rule that could not be evaluated arrives as unknown,
/// never as met, so no fault can turn into a go.
/// </remarks>
internal readonly record struct Fold(string Outcome, ImmutableArray<Finding> Deciding)
{
    public static Fold Of(ImmutableArray<string> outcomes, IReadOnlyCollection<Finding> findings, bool withWaivers = true)
    {
        var worst = int.MaxValue;
        var decided = false;
        foreach (var finding in findings)
        {
            var rank = finding.LeadsTo(withWaivers);
            if (rank >= 0 && rank < worst) worst = rank;
            decided |= finding.Applies && finding.Strength.IsDeciding;
        }

        if (worst != int.MaxValue) return new(outcomes[worst], [.. findings.Where(f => f.LeadsTo(withWaivers) == worst)]);
        return new(decided ? outcomes[^1] : RuleBook.NotAssessed, []);
    }
}

/// <summary>Another mission that a signal points to, with that mission's own outcome on the same question.</summary>
public sealed record Fallback(string Mission, string Outcome);

/// <summary>What kind of choice an outcome can rest on.</summary>
public enum RelianceKind
{
    /// <summary>An assumption of the documents.</summary>
    Assumption,

    /// <summary>A planning figure of the book.</summary>
    Planning,

    /// <summary>A reading that the scenario sets otherwise than the book.</summary>
    Reading,

    /// <summary>A waiver.</summary>
    Waiver,
}

/// <summary>One thing that an outcome rests on: the name of a fact, a reading or a rule.</summary>
public sealed record Reliance(RelianceKind Kind, string Name);

/// <summary>What carries an outcome.</summary>
/// <param name="Items">Those that carry it; each alone, unless <paramref name="Jointly"/>.</param>
/// <param name="Jointly">True where no single one carries it but all that were read together do.</param>
public sealed record Reliances(ImmutableArray<Reliance> Items, bool Jointly)
{
    internal static readonly Reliances None = new([], false);
}

/// <summary>A verdict on one basis.</summary>
public sealed record View
{
    /// <summary>The outcome.</summary>
    public required string Outcome { get; init; }

    /// <summary>The findings that lead to it; empty for the best outcome.</summary>
    public required ImmutableArray<Finding> Deciding { get; init; }

    /// <summary>Every in-principle requirement not met or unknown, whatever the outcome; waived ones carry their waiver.</summary>
    public required ImmutableArray<Finding> Conditions { get; init; }

    /// <summary>Fired signals and unmet requirements that lead to no outcome.</summary>
    public required ImmutableArray<Finding> Warnings { get; init; }

    /// <summary>Requirements that their guard sets aside only because a fact is unknown.</summary>
    public required ImmutableArray<Rule> NotAssessed { get; init; }

    /// <summary>Signals that would lead to an outcome and are unknown, where unknown leads to none.</summary>
    public required ImmutableArray<Rule> Open { get; init; }

    /// <summary>The findings that a waiver sets aside.</summary>
    public required ImmutableArray<Finding> Waived { get; init; }

    /// <summary>The missions that fired signals point to.</summary>
    public required ImmutableArray<Fallback> Fallback { get; init; }

    /// <summary>What carries the outcome: planning figures, readings and waivers; on basis assumed, assumptions.</summary>
    public required Reliances RelyingOn { get; init; }

    /// <summary>The outcome as if there were no waiver.</summary>
    public required string WithoutWaivers { get; init; }

    /// <summary>Every finding, in book order.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    // The compact trace: one mark an instruction of the rule set's program; only the ranges of the rules in question are filled.
    internal sbyte[] Marks { get; init; } = [];
}

/// <summary>The answer to one question for one mission, or for one record.</summary>
public sealed class Verdict
{
    /// <summary>The question.</summary>
    public required RuleSet Question { get; init; }

    /// <summary>The mission, or <c>any</c>.</summary>
    public required string Mission { get; init; }

    /// <summary>The key of the record, or null.</summary>
    public required string? Record { get; init; }

    /// <summary>On the facts as stated.</summary>
    public required View Stated { get; init; }

    /// <summary>Also on the documents' assumptions.</summary>
    public required View Assumed { get; init; }

    /// <summary>On one of the two bases.</summary>
    public View On(Basis basis) => basis == Basis.Assumed ? Assumed : Stated;

    /// <summary>Whether the outcome is the best of the question's scale.</summary>
    public bool IsBest(Basis basis) => On(basis).Outcome == Question.Outcomes[^1];
}

/// <summary>A derived fact's value for one mission, on the facts as stated.</summary>
public sealed record DerivedValue(Fact Fact, string Mission, JToken? Value, JToken? UnderAssumptions);

/// <summary>A fact as the evaluation met it.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Record">The key of the record that it belongs to, or null.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Value">The value; null while unknown, and for a derived fact, whose values stand by mission in <see cref="Evaluation.Derived"/>.</param>
/// <param name="Reports">Every report, also of a contested or expired fact.</param>
/// <param name="Statement">The statement behind an assumption or a planning figure.</param>
public sealed record FactUse(Fact Fact, string? Record, FactState State, JToken? Value, ImmutableArray<Report> Reports, string? Statement);

/// <summary>The option of a reading under which the scenario was evaluated.</summary>
public sealed record ReadingUse(Fact Reading, string Option, bool IsBooksOwn);
