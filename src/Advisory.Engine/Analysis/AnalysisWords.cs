using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>Answers as sentences, in English and in Dutch: facts by their labels, with where each comes from.</summary>
/// <remarks>A rendering of the answers' data, and nothing beside: what a sentence says stands in the JSON.</remarks>
public sealed class AnalysisWords(RuleBook book, Scenario scenario, Language language)
{
    /// <summary>How many sets are said; the rest is counted.</summary>
    public int MaxSets { get; init; } = 5;

    /// <summary>What is still open.</summary>
    public IEnumerable<string> Lines(ReachableAnswer answer)
    {
        if (answer.Certain is { } certain) yield return Say($"Certain: {Outcome(certain)}, whatever the unknown facts turn out to be.", $"Zeker: {Outcome(certain)}, hoe de onbekende feiten ook uitvallen.");
        else
        {
            foreach (var witness in answer.Outcomes) yield return Say($"Still open: {Outcome(witness.Outcome)}", $"Nog open: {Outcome(witness.Outcome)}") + If(witness.Facts);
            foreach (var witness in answer.OnceKnown.Where(w => answer.Outcomes.All(o => o.Outcome != w.Outcome)))
                yield return Say($"Open once the facts are known: {Outcome(witness.Outcome)}", $"Open zodra de feiten bekend zijn: {Outcome(witness.Outcome)}") + If(witness.Facts);
        }

        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    /// <summary>Why the outcome is what it is.</summary>
    public IEnumerable<string> Lines(WhyAnswer answer)
    {
        foreach (var reason in answer.Reasons.Take(MaxSets))
            yield return reason.Facts.IsEmpty
                ? Say($"{Outcome(answer.Outcome)} does not depend on any fact.", $"{Outcome(answer.Outcome)} hangt van geen enkel feit af.")
                : Say($"{Outcome(answer.Outcome)}, whatever else is the case, because ", $"{Outcome(answer.Outcome)}, wat er verder ook zij, omdat ") + Now(reason.Facts) + ".";
        if (answer.Count > MaxSets) yield return Say($"{answer.Count} such reasons in all.", $"In totaal {answer.Count} van zulke redenen.");
        if (!answer.Necessary.IsEmpty && answer.Reasons.Length > 1) yield return Say("In every reason: ", "In elke reden: ") + Labels(answer.Necessary.Select(f => f.Fact)) + ".";
        if (!answer.Irrelevant.IsEmpty) yield return Say("Makes no difference: ", "Maakt geen verschil: ") + Labels(answer.Irrelevant.Select(f => f.Fact)) + ".";
        if (!answer.Standing.IsEmpty) yield return Say("Taken as they stand: ", "Als gegeven genomen: ") + Joined(answer.Standing.Select(Stated)) + ".";
        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    /// <summary>What would change the outcome.</summary>
    public IEnumerable<string> Lines(ChangeAnswer answer)
    {
        if (answer.Targets.All(t => t.Wanted.IsEmpty)) yield return Say("There is no better outcome.", "Er is geen betere uitkomst.");
        else if (answer.Changes.IsEmpty && answer.IsComplete)
        {
            yield return Say("Nothing that may be changed here brings it about.", "Niets wat hier veranderd mag worden, brengt dit teweeg.");
            if (!answer.Kept.IsEmpty) yield return Say("Left as they are: ", "Gelaten zoals ze zijn: ") + Labels(answer.Kept) + ".";
        }

        foreach (var change in answer.Changes.Take(MaxSets))
            yield return Joined(change.Outcomes.Select(Outcome).Distinct()) + Say(" if ", " als ") + Joined(change.Facts.Select(Changed)) + ".";
        if (answer.Count > MaxSets) yield return Say($"{answer.Count} such changes in all.", $"In totaal {answer.Count} van zulke wijzigingen.");
        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    /// <summary>What to find out first.</summary>
    public IEnumerable<string> Lines(AskAnswer answer)
    {
        if (answer.Needed.IsEmpty && answer.Exactness.Exact) yield return Say("No unknown fact can change the outcome once all is known.", "Geen onbekend feit kan de uitkomst nog veranderen zodra alles bekend is.");
        foreach (var question in answer.Questions.Take(MaxSets))
        {
            var supplier = book.Suppliers.FirstOrDefault(s => s.Id == question.Supplier)?.Title.In(language);
            var (expected, atMost) = (Number(question.Expected), question.IsOptimal ? "" : Say("at most ", "hoogstens "));
            yield return Say($"Find out: {Label(question.Fact, question.Record)}", $"Zoek uit: {Label(question.Fact, question.Record)}")
                + (supplier is null ? "" : Say($", from {supplier}", $", bij {supplier}"))
                + Say($"; then {atMost}{expected} questions on average, {question.Worst} at worst", $"; dan gemiddeld {atMost}{expected} vragen, in het slechtste geval {question.Worst}")
                + (question.Rules.IsEmpty ? "." : Say(", for ", ", voor ") + string.Join(", ", question.Rules) + ".");
        }

        foreach (var shortcut in answer.Shortcuts.DistinctBy(s => s.Outcome)) yield return Say($"Shortest way to {Outcome(shortcut.Outcome)}", $"Kortste weg naar {Outcome(shortcut.Outcome)}") + If(shortcut.Facts);
        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    /// <summary>How firm the outcome is.</summary>
    public IEnumerable<string> Lines(MarginAnswer answer)
    {
        if (answer.Distance is { } distance)
            yield return distance == 1
                ? Say($"{Outcome(answer.Outcome)} is one changed fact away from a worse outcome.", $"{Outcome(answer.Outcome)} is één veranderd feit verwijderd van een slechtere uitkomst.")
                : Say($"{Outcome(answer.Outcome)} is {distance} changed facts away from a worse outcome.", $"{Outcome(answer.Outcome)} is {distance} veranderde feiten verwijderd van een slechtere uitkomst.");
        else if (answer.Exactness.Exact) yield return Say("No change of facts makes the outcome worse.", "Geen verandering van feiten maakt de uitkomst slechter.");
        foreach (var witness in answer.Nearest.Take(MaxSets)) yield return Outcome(witness.Outcome) + If(witness.Facts);
        if (answer.Count > MaxSets) yield return Say($"{answer.Count} such sets in all.", $"In totaal {answer.Count} van zulke verzamelingen.");
        if (!answer.Lost.IsEmpty) yield return Say("Worse as soon as it is no longer known: ", "Slechter zodra niet meer bekend: ") + Labels(answer.Lost.Select(l => l.Facts[0].Fact)) + ".";
        foreach (var dependence in answer.Dependences)
        {
            var name = dependence.Kind == RelianceKind.Waiver ? dependence.Name : Label(dependence.Name, null);
            var kind = (dependence.Kind, language) switch
            {
                (RelianceKind.Assumption, Language.Nl) => "de aanname",
                (RelianceKind.Planning, Language.Nl) => "het planningsgetal",
                (RelianceKind.Reading, Language.Nl) => "de lezing",
                (RelianceKind.Waiver, Language.Nl) => "de ontheffing van",
                (RelianceKind.Assumption, _) => "the assumption",
                (RelianceKind.Planning, _) => "the planning figure",
                (RelianceKind.Reading, _) => "the reading",
                _ => "the waiver of",
            };
            yield return dependence.Instead is { } instead
                ? Say($"{Outcome(dependence.Outcome)} with {kind} {name} at {Shown(dependence.Name, instead)}.", $"{Outcome(dependence.Outcome)} met {kind} {name} op {Shown(dependence.Name, instead)}.")
                : Say($"{Outcome(dependence.Outcome)} without {kind} {name}.", $"{Outcome(dependence.Outcome)} zonder {kind} {name}.");
        }

        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    /// <summary>What carries the difference.</summary>
    public IEnumerable<string> Lines(ComparisonAnswer answer)
    {
        yield return answer.One == answer.Other ? Say($"Both {Outcome(answer.One)}.", $"Beide {Outcome(answer.One)}.") : Say($"{Outcome(answer.One)}, then {Outcome(answer.Other)}.", $"{Outcome(answer.One)}, dan {Outcome(answer.Other)}.");
        foreach (var set in answer.Carries.Take(MaxSets))
            yield return Say("Carried by: ", "Gedragen door: ") + Joined(set.Select(d => d.Kind is "fact" or "reading" ? Label(d.Name, d.Record) : d.Name)) + ".";
        foreach (var line in Limits(answer.Exactness)) yield return line;
    }

    private IEnumerable<string> Limits(Exactness exactness)
    {
        if (exactness.Exact) yield break;
        yield return exactness.Code switch
        {
            "sampled" => Say("Not exact: of numbers with many values only some were tried, so something may be missing here.", "Niet exact: van getallen met veel waarden zijn er maar enkele beproefd; hier kan dus iets ontbreken."),
            "contradictions" => Say("Not exact: answers that contradict what is stated were left out; fewer questions may do.", "Niet exact: antwoorden die het opgegevene tegenspreken zijn weggelaten; minder vragen kunnen volstaan."),
            "notSupported" => Say("Not supported for these two.", "Niet mogelijk voor deze twee."),
            _ => Say("Not answered in full: the budget of work was used up.", "Niet volledig beantwoord: het werkbudget was op."),
        };
    }

    // ---- parts of sentences ----

    private string Say(string en, string nl) => language == Language.Nl ? nl : en;

    private string If(IEnumerable<Setting> facts) => facts.ToList() is { Count: > 0 } some ? Say(" if ", " als ") + Joined(some.Select(Stated)) + "." : ".";

    private string Stated(Setting setting) => setting.Value is null
        ? Say($"{Label(setting.Fact, setting.Record)} is not known", $"{Label(setting.Fact, setting.Record)} niet bekend is")
        : Say($"{Label(setting.Fact, setting.Record)} is {Shown(setting.Fact, setting.Value)}", $"{Label(setting.Fact, setting.Record)} {Shown(setting.Fact, setting.Value)} is");

    private string Now(IEnumerable<Setting> facts) => Joined(facts.Select(f => Stated(f) + Source(f)));

    private string Changed(FactChange change)
    {
        var works = change.Works.Length > 1 || change.Works is [var one] && !JToken.DeepEquals(one.From, one.To)
            ? Say("; also ", "; ook ") + string.Join(", ", change.Works.Where(w => !JToken.DeepEquals(w.From, change.To) || !JToken.DeepEquals(w.To, change.To)).Select(w => JToken.DeepEquals(w.From, w.To) ? Shown(change.Fact, w.From) : Shown(change.Fact, w.From) + " – " + Shown(change.Fact, w.To)))
            : "";
        return Say($"{Label(change.Fact, change.Record)} becomes {Shown(change.Fact, change.To)}", $"{Label(change.Fact, change.Record)} {Shown(change.Fact, change.To)} wordt")
            + Say($" (now {Shown(change.Fact, change.From)}{works})", $" (nu {Shown(change.Fact, change.From)}{works})");
    }

    /// <summary>Where a fact comes from: its sources, or that the book holds it ready.</summary>
    private string Source(Setting setting)
    {
        var fact = book.Fact(setting.Fact)!;
        var about = setting.Record is null ? scenario.About(fact) : scenario.Records.Where(r => r.Key == setting.Record).SelectMany(r => r.Facts).FirstOrDefault(f => ReferenceEquals(f.Fact, fact)) ?? scenario.About(fact);
        if (about is null) return setting.Value is null ? "" : " (" + Words.For(fact.Role == FactRole.Planning ? FactState.Planning : FactState.Assumed, language) + ")";
        var sources = about.Reports.Where(r => r.Source is not null).Select(r => r.Source + (r.AsOf is { } day ? ", " + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "")).Distinct().ToList();
        return sources.Count == 0 ? "" : " (" + string.Join("; ", sources) + ")";
    }

    private string Outcome(string outcome) => book.OutcomeLabels.GetValueOrDefault(outcome)?.In(language) ?? outcome;

    private string Label(string fact, string? record) => (book.Fact(fact)?.Label.In(language) ?? fact) + (record is null ? "" : Say($" of {record}", $" van {record}"));

    private string Labels(IEnumerable<string> facts) => Joined(facts.Distinct().Select(f => Label(f, null)));

    private string Shown(string fact, JToken? value) => book.Fact(fact) is { } declared ? declared.Show(value, language) : (string?)value ?? "";

    private string Number(decimal value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture).Replace('.', language == Language.Nl ? ',' : '.');

    private string Joined(IEnumerable<string> parts)
    {
        var all = parts.ToList();
        return all.Count < 2 ? string.Concat(all) : string.Join(", ", all[..^1]) + Say(" and ", " en ") + all[^1];
    }
}
