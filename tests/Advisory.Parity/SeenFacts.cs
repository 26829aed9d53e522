using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Parity;

/// <summary>The facts as the rules of one verdict saw them on one basis: known ones only; contested and expired ones are unknown.</summary>
internal static class SeenFacts
{
    /// <summary>Values as JSON by the name of the fact: the same for all questions about one mission, and each record has its own.</summary>
    /// <remarks>
    /// Put together from what an evaluation publishes, not from what a rule says it read: a rule that reads the wrong fact then shows as a
    /// conflict. Facts that no rule reads and the scenario does not state are left out.
    /// </remarks>
    public static Dictionary<string, JToken> Of(Evaluation evaluation, Verdict verdict, Basis basis)
    {
        var seen = new Dictionary<string, JToken>(StringComparer.Ordinal);
        foreach (var use in evaluation.Facts.Where(f => f.Record is null && f.Fact.Role != FactRole.Derived))
            if (use.State is FactState.Stated or FactState.Planning || (use.State == FactState.Assumed && basis == Basis.Assumed))
                Set(use.Fact.Name, use.Value);
        foreach (var reading in evaluation.Readings) Set(reading.Reading.Name, reading.Option);
        var book = evaluation.Book;
        if (verdict.Mission != RuleBook.AnyMission && book.Fact(RuleBook.MissionFact) is not null) Set(RuleBook.MissionFact, verdict.Mission);

        if (verdict.Record is null)
        {
            SetDerived(evaluation);
            return seen;
        }

        var record = evaluation.Scenario.Records.First(r => r.Kind == verdict.Question.Each && r.Key == verdict.Record);
        foreach (var own in record.Facts)
            Set(own.Fact.Name, own.State == FactState.Stated ? own.Reports.First(r => !r.IsExpired && r.Value is not null).Value : null);
        if (verdict.Question.Rules.SelectMany(r => r.Facts).Any(name => book.Fact(name)!.Role == FactRole.Derived))
            SetDerived(LaidOver(evaluation, record));
        return seen;

        void SetDerived(Evaluation from)
        {
            foreach (var derived in from.Derived.Where(d => d.Mission == verdict.Mission))
                Set(derived.Fact.Name, basis == Basis.Assumed ? derived.UnderAssumptions : derived.Value);
        }

        void Set(string name, JToken? value)
        {
            if (value is null or { Type: JTokenType.Null }) seen.Remove(name);
            else seen[name] = value;
        }
    }

    /// <summary>
    /// The evaluation of the scenario with one record's own facts in the place of the scenario's: an evaluation publishes derived values by
    /// mission and not by record, and these are the record's.
    /// </summary>
    private static Evaluation LaidOver(Evaluation evaluation, ScenarioRecord record)
    {
        var json = evaluation.Scenario.ToJson();
        var index = evaluation.Scenario.Records.Where(r => r.Kind == record.Kind).ToList().IndexOf(record);
        var row = json["records"]![record.Kind.Name]![index]!;
        foreach (var member in row.Children<JProperty>()) json["facts"]![record.Kind.Prefix + "." + member.Name] = member.Value;
        json.Remove("records");
        json.Remove("waivers"); // they change no truth
        // A probability is no value to a rule; in the form in which a scenario writes itself, only whole ones can be read again.
        foreach (var probability in json.Descendants().OfType<JProperty>().Where(p => p.Name == "probability").ToList())
            probability.Value = new JObject { [((JObject)probability.Value).Properties().First().Name] = 1 };
        var read = Scenario.Read(evaluation.Book, new("record", Encoding.UTF8.GetBytes(json.ToString(Formatting.None))));
        return Evaluation.Of(evaluation.Book, read.Value ?? throw new InvalidOperationException(read.Problems[0].ToString()));
    }
}
