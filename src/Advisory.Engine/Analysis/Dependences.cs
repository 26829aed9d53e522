using System.Collections.Immutable;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>
/// Whether an outcome hangs on what nobody reports: each planning figure and assumption taken away and put at the nearest value that makes a
/// difference, each reading at each other option, each waiver left out. All but the nearest values are found by evaluation alone.
/// </summary>
internal sealed class Dependences(RuleBook book, Scenario scenario, AnalysisOptions options, Altered altered)
{
    public (ImmutableArray<Dependence> Found, ImmutableArray<Reliance> Steady) Of(Subject subject, string outcome, Func<int, bool> isWorse)
    {
        var verdict = Altered.Find(Evaluation.Of(book, scenario), subject)!;
        var question = verdict.Question;
        var read = verdict.Stated.Rules.SelectMany(r => r.ReadsDeeply).Concat(question.WhenReads).Concat(verdict.Stated.Rules.Select(r => r.StrengthReading?.Slot ?? -1)).ToHashSet();
        foreach (var derivation in book.Derivations.InOrder.Where(d => question.WhenReads.Contains(d.Fact.Slot))) read.UnionWith(derivation.ReadsDeeply);
        var found = ImmutableArray.CreateBuilder<Dependence>();
        var steady = ImmutableArray.CreateBuilder<Reliance>();
        foreach (var fact in book.Facts.Where(f => read.Contains(f.Slot)))
        {
            var before = found.Count;
            RelianceKind kind;
            if (fact.Role == FactRole.Reading)
            {
                kind = RelianceKind.Reading;
                var option = scenario.Readings.FirstOrDefault(r => ReferenceEquals(r.Reading, fact)).Option ?? (string)fact.Default!.Value!;
                foreach (var other in fact.Values.Where(o => o != option)) Try(kind, fact.Name, other, altered.Outcome(subject, json => SetReading(json, fact, other)));
            }
            else if (PresentFact.Of(scenario, RecordWith(verdict, fact), fact, options.Basis).IsHeld)
            {
                kind = fact.Role == FactRole.Planning ? RelianceKind.Planning : RelianceKind.Assumption;
                Try(kind, fact.Name, null, altered.Outcome(subject, [new(fact.Name, null, null)]));
                if (Nearest(subject, fact, question, outcome) is { } nearest) Try(kind, fact.Name, nearest, altered.Outcome(subject, [new(fact.Name, null, nearest)]));
            }
            else
            {
                continue;
            }

            if (found.Count == before) steady.Add(new(kind, fact.Name));
        }

        foreach (var rule in scenario.Waivers.Select(w => w.Rule).Distinct().Where(verdict.Stated.Rules.Contains))
        {
            var before = found.Count;
            Try(RelianceKind.Waiver, rule.Name, null, altered.Outcome(subject, json => RemoveWaivers(json, name => name == rule.Name)));
            if (found.Count == before) steady.Add(new(RelianceKind.Waiver, rule.Name));
        }

        return (found.ToImmutable(), steady.ToImmutable());

        void Try(RelianceKind kind, string name, JToken? instead, string then)
        {
            if (then != outcome) found.Add(new(kind, name, instead, then, isWorse(Model.CodeOf(question, then))));
        }
    }

    private ScenarioRecord? RecordWith(Verdict verdict, Fact fact) => verdict.Record is null
        ? null
        : scenario.Records.FirstOrDefault(r => r.Key == verdict.Record && ReferenceEquals(r.Kind, verdict.Question.Each) && r.Facts.Any(f => ReferenceEquals(f.Fact, fact)));

    /// <summary>The value nearest to the one held ready under which the outcome is another, all else as it is.</summary>
    private JToken? Nearest(Subject subject, Fact fact, RuleSet question, string outcome)
    {
        var model = new Model(book, scenario, options.Basis, [subject], (f, _) => ReferenceEquals(f, fact), NullTests.Evaluated, options.Budget);
        var now = Model.CodeOf(question, outcome);
        return Selections.Find(model, model.Outcomes[0], code => code != now, _ => true, Unknowns.Stay) is [var (variable, index)] ? variable.ValueAt(index) : null;
    }

    /// <summary>Sets a reading, and drops the waivers that its other option could forbid (5.6).</summary>
    private void SetReading(JObject json, Fact reading, string option)
    {
        if (json["readings"] is not JObject readings) json["readings"] = readings = [];
        readings[reading.Name] = option;
        RemoveWaivers(json, name => book.Rule(name)!.StrengthReading == reading && book.Rule(name)!.StrengthUnder(option).IsDeciding);
    }

    private static void RemoveWaivers(JObject json, Func<string, bool> isMeant)
    {
        foreach (var waiver in (json["waivers"] as JArray ?? []).Where(w => isMeant((string)w["rule"]!)).ToList()) waiver.Remove();
    }
}
