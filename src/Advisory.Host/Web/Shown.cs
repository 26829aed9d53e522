using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>How verdicts look: a word, a sign and a colour, never a colour alone.</summary>
internal static class Shown
{
    /// <summary>
    /// The class that gives a verdict its sign and colour: <c>good</c> for the best outcome of its scale, <c>bad</c> for the most severe,
    /// <c>open</c> where only unknown facts lead to it, <c>part</c> for what lies between, <c>none</c> where it was not assessed.
    /// </summary>
    public static string Tone(Verdict verdict, Basis basis)
    {
        var view = verdict.On(basis);
        if (view.Outcome == RuleBook.NotAssessed) return "none";
        if (verdict.IsBest(basis)) return "good";
        if (view.Outcome == verdict.Question.Outcomes[0]) return "bad";
        return view.Deciding.All(finding => finding.Truth == Truth.Unknown) ? "open" : "part";
    }

    /// <summary>The outcome with what it must not be read without: open conditions, and what is waived.</summary>
    public static string Label(Visit visit, RuleBook book, Verdict verdict, Basis basis)
    {
        var view = verdict.On(basis);
        var label = visit.Outcome(book, view.Outcome);
        var conditions = view.Conditions.Where(condition => condition.Waiver is null).ToList();
        var unknown = conditions.Count(condition => condition.Truth == Truth.Unknown);
        if (!view.Deciding.IsEmpty && view.Deciding.All(finding => finding.Strength.Token == "in_principle"))
            label = visit.Say(unknown > 0 ? "outcome.counts-open" : "outcome.counts", label, conditions.Count - unknown, unknown);
        if (verdict.IsBest(basis) && !view.Waived.IsEmpty) label = visit.Say("outcome.waived", label, string.Join(", ", view.Waived.Select(finding => finding.Rule.Name)));
        return label;
    }

    /// <summary>The verdicts of the same mission or record on other questions that are not at their best: a good outcome never stands without them.</summary>
    public static IEnumerable<Verdict> Beside(Evaluation evaluation, Verdict verdict, Basis basis) => evaluation.Verdicts.Where(other =>
        other.Question != verdict.Question && other.Mission == verdict.Mission && other.Record == verdict.Record && !other.IsBest(basis) && other.On(basis).Outcome != RuleBook.NotAssessed);

    /// <summary>A report's source, dates and the rest in one line.</summary>
    public static string Provenance(Visit visit, Report report)
    {
        var parts = new List<string>();
        if (report.Source is { } source) parts.Add(source);
        if (report.AsOf is { } asOf) parts.Add(visit.Say("report.as-of", visit.Date(asOf)));
        if (report.ValidUntil is { } until) parts.Add(visit.Say(report.IsExpired ? "report.expired" : "report.until", visit.Date(until)));
        if (report.By is { } by) parts.Add(visit.Say("report.by", by));
        if (report.Confidence is { } confidence && visit.Find("confidence." + confidence) is { } word) parts.Add(word);
        return parts.Count == 0 ? visit["report.no-source"] : string.Join(" · ", parts);
    }

    /// <summary>What a scenario says of a fact: its value, or the values of all its reports.</summary>
    public static string Stated(Visit visit, Fact? fact, JToken? stated)
    {
        if (stated is null) return visit["field.unknown"];
        var values = stated is not JObject whole ? [stated] : whole["reports"] is JArray several ? several.Select(report => report is JObject one ? one["value"] : report).ToList() : [whole["value"]];
        return string.Join(" / ", values.Select(value => value is null ? visit["field.unknown"] : fact is null ? value.ToString() : visit.Value(fact, value)));
    }

    /// <summary>The facts that unsettled verdicts wait for, those that most wait for first.</summary>
    public static List<(Fact Fact, int Verdicts)> Missing(Evaluation evaluation)
    {
        var waiting = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var verdict in evaluation.Verdicts.Where(verdict => verdict.Record is null && verdict.Stated.Deciding.Any(finding => finding.Truth == Truth.Unknown)))
        {
            foreach (var fact in Explanation.Of(evaluation, verdict, Basis.Stated).Sentences.Where(sentence => sentence.Kind == "needed").SelectMany(sentence => (JArray)sentence.Data["facts"]!).Select(fact => (string)fact!).Distinct())
                waiting[fact] = waiting.GetValueOrDefault(fact) + 1;
        }

        return [.. waiting.Select(pair => (evaluation.Book.Fact(pair.Key)!, pair.Value)).OrderByDescending(pair => pair.Value)];
    }
}
