using Advisory.Engine.Evaluating;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>Evaluates one subject on the scenario with some facts in other states.</summary>
internal sealed class Altered(RuleBook book, Scenario scenario, Basis basis)
{
    /// <summary>The scenario with facts in other states, read anew like any other.</summary>
    /// <exception cref="InvalidOperationException">A state does not fit its fact: an answer that names it is wrong.</exception>
    public Scenario With(IEnumerable<Setting> settings) => Read(SettingsJson.Apply(book, scenario, settings));

    /// <summary>The scenario with its canonical form changed.</summary>
    public Scenario With(Action<JObject> change)
    {
        var json = scenario.ToJson();
        change(json);
        return Read(json);
    }

    private Scenario Read(JObject json)
    {
        var bytes = Json.CanonicalJson.Bytes(json);
        return Scenario.Read(book, new("scenario.json", bytes)) is { Value: { } read } ? read : throw new InvalidOperationException("a state does not fit its fact");
    }

    public string Outcome(Subject subject, IEnumerable<Setting> settings) => Outcome(book, With(settings), subject, basis);

    public string Outcome(Subject subject, Action<JObject> change) => Outcome(book, With(change), subject, basis);

    public static string Outcome(RuleBook book, Scenario scenario, Subject subject, Basis basis) => Find(Evaluation.Of(book, scenario), subject)?.On(basis).Outcome
        ?? throw new ArgumentException($"no verdict on {subject}");

    /// <summary>
    /// The stated derived facts on which a verdict may rest and that are contested for it: a state in which there are more of them than now
    /// contradicts what is stated.
    /// </summary>
    public static IEnumerable<string> Contested(RuleBook book, Scenario scenario, Subject subject, Basis basis)
    {
        var question = book.Question(subject.Question)!;
        var record = subject.Record is null ? null : scenario.Records.First(r => r.Key == subject.Record && ReferenceEquals(r.Kind, question.Each));
        if (scenario.Facts.Concat(record?.Facts ?? []).All(f => f.Fact.Role != FactRole.Derived)) return [];
        var situation = new Situation(book);
        situation.Take(scenario, Applied.Planning | (basis == Basis.Assumed ? Applied.Assumptions : 0));
        situation.Turn(question.PerMission ? book.IndexOfMission(subject.Mission) : Situation.NoMission, record);
        var read = RestsOn(book, Find(Evaluation.Of(book, scenario), subject)!);
        return situation.Contested.Where(read.Contains).Select(slot => book.Facts[slot].Name);
    }

    /// <summary>The slots on which the outcome of a verdict may rest: through rules that lead somewhere or decide, and the condition of the question.</summary>
    public static HashSet<int> RestsOn(RuleBook book, Verdict verdict)
    {
        var slots = verdict.Stated.Findings.Where(f => f.Strength.LeadsAnywhere || f.Strength.IsDeciding).SelectMany(f => f.Rule.ReadsDeeply).Concat(verdict.Question.WhenReads).ToHashSet();
        foreach (var derivation in book.Derivations.InOrder.Where(d => verdict.Question.WhenReads.Contains(d.Fact.Slot))) slots.UnionWith(derivation.ReadsDeeply);
        return slots;
    }

    public static Verdict? Find(Evaluation evaluation, Subject subject) =>
        evaluation.Verdicts.FirstOrDefault(v => v.Question.Id == subject.Question && v.Mission == subject.Mission && v.Record == subject.Record);
}
