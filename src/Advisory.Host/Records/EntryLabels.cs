using System.Text;
using Advisory.Engine;
using Advisory.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Records;

/// <summary>The labels and terms by which entries are found again. They are no part of the ledger's proof: what is found is held against the entry.</summary>
internal static class EntryLabels
{
    private const int MaxValueBytes = 256;
    private const int MaxNameLength = 64;
    private const string FactPrefix = "fact.";

    /// <summary>The labels, which follow from the entry alone.</summary>
    public static List<Label> Of(LogEntry entry)
    {
        var labels = new List<Label> { new("kind", entry.Kind), new("time", LogEntry.Format(entry.Time)), Label("actor", entry.Actor) };
        switch (entry)
        {
            case Decision decision:
                labels.Add(new("id", decision.Id));
                Add(decision.Book);
                if (decision.Subject is { } subject) labels.Add(Label("subject", subject));
                if (decision.Supersedes is { } older) labels.Add(new("supersedes", older));
                break;
            case BookActivated activated:
                Add(activated.Book);
                break;
            case DecisionWithdrawn withdrawn:
                labels.Add(new("about", withdrawn.Decision));
                if (withdrawn.SupersededBy is { } successor) labels.Add(new("successor", successor));
                break;
            case SubmissionRefused refused:
                Add(refused.Book);
                labels.Add(new("input", refused.Input));
                break;
            case AdviceIssued issued:
                labels.Add(new("about", issued.Decision));
                break;
        }

        return labels;

        void Add(BookName book)
        {
            labels.Add(Label("book", book.Name));
            labels.Add(new("book", book.Digest));
        }
    }

    /// <summary>All terms but those of facts, each once; they follow from the entry alone. Only decisions have any.</summary>
    public static List<Label> Terms(LogEntry entry)
    {
        if (entry is not Decision decision) return [];
        var terms = new List<Label> { new("input", decision.Input) };
        foreach (var outcome in decision.Outcomes)
        {
            terms.Add(new("outcome", outcome.Outcome));
            if (outcome.Outcome != RuleBook.NotAssessed) terms.Add(Verdict(outcome.Question, outcome.Outcome, outcome.Mission));
        }

        terms.AddRange(decision.Outcomes.SelectMany(outcome => outcome.Deciding).Select(rule => Label("rule", rule)));
        return [.. terms.Distinct().Take(NewEntry.MaxTerms)];
    }

    /// <summary>Whether it is of a fact.</summary>
    public static bool IsFact(Label label) => label.Name.StartsWith(FactPrefix, StringComparison.Ordinal);

    /// <summary>The facts of a scenario that have one plain value and are not marked as sensitive, as far as there is room.</summary>
    public static void AddFacts(Scenario scenario, List<Label> terms)
    {
        foreach (var (name, value) in Facts(scenario))
        {
            if (terms.Count == NewEntry.MaxTerms) return;
            if (FactPrefix.Length + name.Length <= MaxNameLength) terms.Add(Fact(name, value));
        }
    }

    /// <summary>Whether the scenario states this value of a fact, for itself or for one of its records.</summary>
    public static bool States(Scenario scenario, string name, string value) => Facts(scenario).Any(fact => fact.Name == name && fact.Value == value);

    private static IEnumerable<(string Name, string Value)> Facts(Scenario scenario)
    {
        foreach (var fact in scenario.Facts.Concat(scenario.Records.SelectMany(record => record.Facts)))
        {
            if (fact.State != FactState.Stated || fact.Fact.Notes.Sensitive || fact.Reports.Any(report => report.Sensitive)) continue;
            if (fact.Reports.FirstOrDefault(report => report is { IsExpired: false, Value: not null }) is { Value: JValue value } && Plain(value) is { } text) yield return (fact.Fact.Name, text);
        }
    }

    private static string? Plain(JValue value) => value.Type switch
    {
        JTokenType.Boolean => (bool)value ? "true" : "false",
        JTokenType.Integer => FormattableString.Invariant($"{(long)value}"),
        JTokenType.String => (string)value!,
        _ => null,
    };

    public static Label Fact(string name, string value) => Label(FactPrefix + name, value);

    public static Label Verdict(string question, string outcome, string mission) => Label("verdict", $"{question}/{outcome}/{mission}");

    /// <summary>A label whose value is any text: what a label cannot hold is left out, and the entry has it whole.</summary>
    public static Label Label(string name, string value)
    {
        if (value.Length <= MaxValueBytes / 3 && !value.Any(c => char.IsControl(c) || char.IsSurrogate(c))) return new(name, value);
        var text = new StringBuilder();
        var bytes = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            if (Rune.IsControl(rune)) continue;
            if ((bytes += rune.Utf8SequenceLength) > MaxValueBytes) break;
            text.Append(rune.ToString());
        }

        return new(name, text.ToString());
    }
}
