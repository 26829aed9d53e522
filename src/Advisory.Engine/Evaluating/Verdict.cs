using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Advisory.Engine.Evaluating;
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
    internal int LeadsTo(bool withWaivers = true) => withWaivers && Waiver is not null ? -1 : Strength.LeadsTo(Truth);
}

/// <summary>An outcome and the findings that lead to it: the one rule by which findings become a verdict.</summary>
/// <remarks>
/// The outcome is the most severe one that any finding leads to; else the best one, but only if a rule of a deciding strength applied;
/// otherwise the question was not assessed. It is a function of the <em>set</em> of findings: neither their order nor a repetition
/// changes it, and one more finding never improves it, except from not assessed. A rule that could not be evaluated arrives as unknown,
/// never as met, so no fault can turn into a go.
/// </remarks>
internal struct Fold()
{
    private int worst = int.MaxValue;
    private bool isDecided;

    public void Add(in Finding finding, bool withWaivers = true)
    {
        var rank = finding.LeadsTo(withWaivers);
        if (rank >= 0 && rank < worst) worst = rank;
        isDecided |= finding.Applies && finding.Strength.IsDeciding;
    }

    public readonly string Outcome(ImmutableArray<string> outcomes) => worst != int.MaxValue ? outcomes[worst] : isDecided ? outcomes[^1] : RuleBook.NotAssessed;

    /// <summary>Whether a finding, one of those added, is one that leads to the outcome.</summary>
    public readonly bool IsDecidedBy(in Finding finding) => finding.LeadsTo() == worst;
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

/// <summary>A verdict on one basis. The lists are in book order, and made when they are asked for.</summary>
public sealed class View
{
    private readonly Evaluation evaluation;
    private readonly QuestionPlan plan;
    private readonly int mission;

    internal View(Evaluation evaluation, QuestionPlan plan, int mission, Basis basis, sbyte[] marks)
    {
        (this.evaluation, this.plan, this.mission, Basis, Marks) = (evaluation, plan, mission, basis, marks);
        IsAsked = plan.Question.WhenEnd == 0 || marks[plan.Question.WhenEnd - 1] == (sbyte)Truth.True;
    }

    /// <summary>The outcome.</summary>
    public string Outcome => IsAsked ? Fold.Outcome(Outcomes) : RuleBook.NotAssessed;

    /// <summary>The findings that lead to it; empty for the best outcome.</summary>
    public ImmutableArray<Finding> Deciding => ListsOf.Deciding;

    /// <summary>Every in-principle requirement not met or unknown, whatever the outcome; waived ones carry their waiver.</summary>
    public ImmutableArray<Finding> Conditions => ListsOf.Conditions;

    /// <summary>Fired signals and unmet requirements that lead to no outcome.</summary>
    public ImmutableArray<Finding> Warnings => ListsOf.Warnings;

    /// <summary>Requirements that their guard sets aside only because a fact is unknown.</summary>
    public ImmutableArray<Rule> NotAssessed { get; internal set; } = [];

    /// <summary>Signals that would lead to an outcome and are unknown, where unknown leads to none.</summary>
    public ImmutableArray<Rule> Open => ListsOf.Open;

    /// <summary>The findings that a waiver sets aside.</summary>
    public ImmutableArray<Finding> Waived => ListsOf.Waived;

    /// <summary>The missions that fired signals point to.</summary>
    public ImmutableArray<Fallback> Fallback => field.IsDefault
        ? field = [.. ListsOf.Fallbacks.Select(rule => new Fallback(rule.Fallback!, OutcomeOf(rule.Fallback!))).Distinct()]
        : field;

    /// <summary>What carries the outcome: planning figures, readings and waivers; on basis assumed, assumptions.</summary>
    public Reliances RelyingOn { get; internal set; } = Reliances.None;

    /// <summary>The outcome as if there were no waiver.</summary>
    public string WithoutWaivers { get; internal set; } = RuleBook.NotAssessed;

    /// <summary>Every finding.</summary>
    public ImmutableArray<Finding> Findings => field.IsDefault ? field = FindingsOfRules() : field;

    internal Basis Basis { get; }

    internal RuleSet Question => plan.Question;

    internal ImmutableArray<string> Outcomes => plan.Question.Outcomes;

    /// <summary>The rules in question.</summary>
    internal ImmutableArray<Rule> Rules => plan.Rules(mission);

    /// <summary>The slots of the facts on which the verdict may rest.</summary>
    internal ImmutableArray<int> Reads => plan.Reads(mission);

    internal ImmutableArray<Support> Supports => plan.Supports;

    internal ImmutableArray<Rule> AskingWhetherKnown => plan.AskingWhetherKnown;

    /// <summary>Whether the condition of the question holds; else no rule matters, and only the trace shows them.</summary>
    internal bool IsAsked { get; }

    internal Fold Fold { get; set; }

    /// <summary>The compact trace: one mark an instruction of the rule set's program; only those of the rules in question mean something.</summary>
    internal sbyte[] Marks { get; }

    internal bool IsInQuestion(Rule rule) => mission < 0 || (rule.MissionMask & (1UL << mission)) != 0;

    internal Finding Finding(Rule rule) => Finding(rule, Marks, evaluation.ReadingBits);

    /// <summary>What the rule would say with other marks and under other readings.</summary>
    internal Finding Finding(Rule rule, ReadOnlySpan<sbyte> marks, ReadOnlySpan<ulong> readings)
    {
        var truth = (Truth)marks[rule.Root];
        var applies = rule.Guard < 0 || marks[rule.Guard] != (sbyte)Truth.False;
        var strength = rule.StrengthUnder(readings);
        return new(rule, truth, strength, applies, evaluation.Scenario.Waivers.IsEmpty ? null : WaiverOf(rule, truth, strength));
    }

    /// <summary>The same on the documents' assumptions, where there is none to apply: nothing can rest on one.</summary>
    internal View WhereNothingIsAssumed() => ReferenceEquals(RelyingOn, Reliances.None)
        ? this
        : new(evaluation, plan, mission, Basis.Assumed, Marks) { Fold = Fold, NotAssessed = NotAssessed, WithoutWaivers = WithoutWaivers };

    private ImmutableArray<Finding> FindingsOfRules()
    {
        var rules = Rules.AsSpan();
        var findings = new Finding[rules.Length];
        for (var i = 0; i < rules.Length; i++) findings[i] = Finding(rules[i]);
        return ImmutableCollectionsMarshal.AsImmutableArray(findings);
    }

    private Waiver? WaiverOf(Rule rule, Truth truth, Strength strength)
    {
        if (!rule.Waivable || rule.IsSignal || truth == Truth.True || strength.IsDeciding) return null;
        var name = mission < 0 ? RuleBook.AnyMission : evaluation.Book.Missions[mission].Id;
        return evaluation.Scenario.Waivers.FirstOrDefault(w => w.Covers(rule, name));
    }

    private Lists ListsOf => field ??= IsAsked ? new(Fold, Findings) : Lists.Empty;

    private string OutcomeOf(string other) => mission < 0 ? RuleBook.NotAssessed : evaluation.OutcomeOf(Question, other, Basis);
}

/// <summary>The lists of a view, sorted out in one pass.</summary>
internal sealed class Lists
{
    public static readonly Lists Empty = new(new(), []);

    public Lists(Fold fold, ImmutableArray<Finding> findings)
    {
        List<Finding>? deciding = null, conditions = null, warnings = null, waived = null;
        List<Rule>? open = null, fallbacks = null;
        foreach (ref readonly var finding in findings.AsSpan())
        {
            var (rule, truth, strength) = (finding.Rule, finding.Truth, finding.Strength);
            if (fold.IsDecidedBy(finding)) (deciding ??= []).Add(finding);
            if (strength.IsCondition && truth != Truth.True) (conditions ??= []).Add(finding);
            if (strength.IsWarning && rule.Fallback is null && finding.LeadsTo() < 0 && finding.Waiver is null && truth == (rule.IsSignal ? Truth.True : Truth.False)) (warnings ??= []).Add(finding);
            if (rule.IsSignal && truth == Truth.Unknown && strength is { OnTrue: >= 0, OnUnknown: < 0 }) (open ??= []).Add(rule);
            if (finding.Waiver is not null) (waived ??= []).Add(finding);
            if (rule.Fallback is not null && truth == Truth.True) (fallbacks ??= []).Add(rule);
        }

        (Deciding, Conditions, Warnings, Open, Waived, Fallbacks) = (Of(deciding), Of(conditions), Of(warnings), Of(open), Of(waived), Of(fallbacks));

        static ImmutableArray<T> Of<T>(List<T>? list) => list is null ? [] : [.. list];
    }

    public ImmutableArray<Finding> Deciding { get; }

    public ImmutableArray<Finding> Conditions { get; }

    public ImmutableArray<Finding> Warnings { get; }

    public ImmutableArray<Rule> Open { get; }

    public ImmutableArray<Finding> Waived { get; }

    /// <summary>Fired signals that point to another mission.</summary>
    public ImmutableArray<Rule> Fallbacks { get; }
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
public sealed record DerivedValue(Fact Fact, string Mission, JToken? Value, JToken? UnderAssumptions)
{
    internal bool IsOtherUnderAssumptions => !JToken.DeepEquals(Value ?? JValue.CreateNull(), UnderAssumptions ?? JValue.CreateNull());
}

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
