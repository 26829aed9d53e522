using System.Collections.Immutable;
using Advisory.Engine.Evaluating;

namespace Advisory.Engine;

/// <summary>The pure part of a decision: what follows from one book and one scenario, the same bytes on every machine.</summary>
public sealed class Evaluation
{
    internal Evaluation()
    {
    }

    /// <summary>Evaluates every rule of every question for every mission and record; nothing is skipped.</summary>
    /// <exception cref="InvalidOperationException">An invariant of the engine is broken; there is no outcome then.</exception>
    public static Evaluation Of(RuleBook book, Scenario scenario) => new Evaluator(book, scenario).Evaluate();

    /// <summary>The book.</summary>
    public required RuleBook Book { get; init; }

    /// <summary>The scenario.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The verdicts: questions in book order, within each the missions or records in theirs.</summary>
    public required ImmutableArray<Verdict> Verdicts { get; init; }

    /// <summary>Every fact that the scenario states or a rule reads, in vocabulary order.</summary>
    public required ImmutableArray<FactUse> Facts { get; init; }

    /// <summary>Every reading that a rule reads or the scenario sets.</summary>
    public required ImmutableArray<ReadingUse> Readings { get; init; }

    /// <summary>Every derived fact for every mission under evaluation.</summary>
    public required ImmutableArray<DerivedValue> Derived { get; init; }

    /// <summary>The verdict on a question for a mission, or null.</summary>
    public Verdict? Verdict(string question, string mission) => Verdicts.FirstOrDefault(v => v.Question.Id == question && v.Mission == mission);
}
