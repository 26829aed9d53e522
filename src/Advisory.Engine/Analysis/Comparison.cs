using System.Collections.Immutable;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>Something that differs between two evaluations.</summary>
/// <param name="Kind"><c>fact</c>, <c>reading</c>, <c>waiver</c>, <c>asOf</c>, <c>rule</c> or <c>when</c>.</param>
/// <param name="Name">The fact, reading or rule.</param>
/// <param name="Record">The key of the record that a fact belongs to, or null.</param>
/// <param name="One">As it stands in the first; null where it does not.</param>
/// <param name="Other">As it stands in the second.</param>
public sealed record Difference(string Kind, string Name, string? Record, JToken? One, JToken? Other)
{
    internal JObject ToJson()
    {
        var json = new JObject { ["kind"] = Kind, ["name"] = Name };
        if (Record is not null) json["record"] = Record;
        json["one"] = One?.DeepClone() ?? JValue.CreateNull();
        json["other"] = Other?.DeepClone() ?? JValue.CreateNull();
        return json;
    }
}

/// <summary>What differs between two evaluations of one verdict, and what of it carries the difference in outcome.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Basis">The basis.</param>
/// <param name="One">The outcome in the first.</param>
/// <param name="Other">The outcome in the second.</param>
/// <param name="Differences">All that differs in what is given: between scenarios facts, readings, waivers and the day; between books nothing.</param>
/// <param name="Findings">The rules whose truth, strength, application or waiver differs, as <c>truth strength</c>; null where a book has no such rule.</param>
/// <param name="Carries">The minimal sets of differences that turn the first outcome into the second, all else as in the first; smallest first.</param>
/// <param name="Exactness">Whether these are all of them; else larger sets were not tried.</param>
public sealed record ComparisonAnswer(
    Subject Subject, Basis Basis, string One, string Other, ImmutableArray<Difference> Differences, ImmutableArray<Difference> Findings,
    ImmutableArray<ImmutableArray<Difference>> Carries, Exactness Exactness)
{
    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("comparison", Subject, Basis, Exactness, new()
    {
        ["one"] = One,
        ["other"] = Other,
        ["differences"] = new JArray(Differences.Select(d => d.ToJson())),
        ["findings"] = new JArray(Findings.Select(d => d.ToJson())),
        ["carries"] = new JArray(Carries.Select(set => new JArray(set.Select(d => d.ToJson())))),
    });
}

/// <summary>Compares two scenarios under one book, or one scenario under two books, by evaluation alone.</summary>
public static class Comparison
{
    /// <summary>At most so many mixtures of the two are evaluated.</summary>
    private const int MaxMixtures = 3_000;

    /// <summary>Two scenarios under one book.</summary>
    /// <exception cref="ArgumentException">One of them has no such verdict.</exception>
    public static ComparisonAnswer Of(RuleBook book, Scenario one, Scenario other, Subject subject, Basis basis = Basis.Stated)
    {
        var (first, second) = (Find(book, one, subject), Find(book, other, subject));
        var (left, right) = (one.ToJson(), other.ToJson());
        var differences = Differ(first.Question, left, right, subject);
        var rests = Altered.RestsOn(book, first).Concat(Altered.RestsOn(book, second)).ToHashSet();
        var rules = first.Stated.Rules.Concat(second.Stated.Rules).ToHashSet();
        // A difference on which the verdict does not rest cannot carry it; the day can, through reports that end.
        var candidates = differences.Where(d => d.Kind switch
        {
            "fact" => rests.Contains(book.Fact(d.Name)!.Slot),
            "reading" => rests.Contains(book.Fact(d.Name)!.Slot) || rules.Any(r => r.StrengthReading?.Name == d.Name),
            "waiver" => rules.Any(r => r.Name == d.Name),
            _ => true,
        }).ToList();
        var wanted = second.On(basis).Outcome;
        var (carries, exactness) = Smallest(candidates, first.On(basis).Outcome == wanted, set =>
        {
            var mixed = (JObject)left.DeepClone();
            foreach (var difference in set) Take(first.Question, mixed, difference, subject);
            var read = Scenario.Read(book, new("scenario.json", Json.CanonicalJson.Bytes(mixed)));
            return read.Value is { } mixture && Altered.Outcome(book, mixture, subject, basis) == wanted;
        });
        return new(subject, basis, first.On(basis).Outcome, wanted, [.. differences], Findings(first.On(basis), second.On(basis)), carries, exactness);
    }

    /// <summary>One scenario under two books, read by each of them.</summary>
    /// <exception cref="ArgumentException">One of them has no such verdict.</exception>
    public static ComparisonAnswer Of(RuleBook book, Scenario scenario, RuleBook otherBook, Scenario sameScenario, Subject subject, Basis basis = Basis.Stated)
    {
        var (first, second) = (Find(book, scenario, subject).On(basis), Find(otherBook, sameScenario, subject).On(basis));
        var findings = Findings(first, second);
        if (!first.Outcomes.SequenceEqual(second.Outcomes))
            return new(subject, basis, first.Outcome, second.Outcome, [], findings, [], new(false, "notSupported", "the two books do not have the same outcomes for the question"));
        var (left, right) = (ByName(first), ByName(second));
        var (carries, exactness) = Smallest([.. findings], first.Outcome == second.Outcome, set =>
        {
            var fold = new Fold();
            var isAsked = (set.Any(d => d.Kind == "when") ? second : first).IsAsked;
            foreach (var name in left.Keys.Union(right.Keys))
                if ((set.Any(d => d.Name == name) ? right : left).TryGetValue(name, out var finding))
                    fold.Add(finding);
            return (isAsked ? fold.Outcome(first.Outcomes) : RuleBook.NotAssessed) == second.Outcome;
        });
        return new(subject, basis, first.Outcome, second.Outcome, [], findings, carries, exactness);
    }

    private static Verdict Find(RuleBook book, Scenario scenario, Subject subject) => Altered.Find(Evaluation.Of(book, scenario), subject) ?? throw new ArgumentException($"no verdict on {subject}");

    private static Dictionary<string, Finding> ByName(View view) => view.Findings.ToDictionary(f => f.Rule.Name, StringComparer.Ordinal);

    private static ImmutableArray<Difference> Findings(View one, View other)
    {
        var (left, right) = (ByName(one), ByName(other));
        var differences = left.Keys.Union(right.Keys).Select(name => new Difference("rule", name, null, Shown(left, name), Shown(right, name)));
        if (one.IsAsked != other.IsAsked) differences = differences.Prepend(new("when", one.Question.Id, null, one.IsAsked, other.IsAsked));
        return [.. differences.Where(d => !JToken.DeepEquals(d.One, d.Other))];

        static JToken? Shown(Dictionary<string, Finding> findings, string name) => findings.TryGetValue(name, out var finding)
            ? new JObject
            {
                ["truth"] = Words.For(finding.Truth, Language.En),
                ["strength"] = finding.Strength.Token,
                ["applies"] = finding.Applies,
                ["waived"] = finding.Waiver is not null,
            }
            : null;
    }

    private static List<Difference> Differ(RuleSet question, JObject one, JObject other, Subject subject)
    {
        var differences = new List<Difference>();
        if (!JToken.DeepEquals(one["asOf"], other["asOf"])) differences.Add(new("asOf", "asOf", null, one["asOf"], other["asOf"]));
        Members("fact", (JObject)one["facts"]!, (JObject)other["facts"]!, name => name, null);
        Members("reading", one["readings"] as JObject ?? [], other["readings"] as JObject ?? [], name => name, null);
        Members("waiver", Waivers(one), Waivers(other), name => name, null);
        if (Record(question, one, subject) is { } left && Record(question, other, subject) is { } right) Members("fact", left, right, name => question.Each!.Prefix + "." + name, subject.Record);
        return differences;

        void Members(string kind, JObject left, JObject right, Func<string, string> named, string? record)
        {
            foreach (var name in left.Properties().Concat(right.Properties()).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal))
                if (!JToken.DeepEquals(left[name], right[name]))
                    differences.Add(new(kind, named(name), record, left[name], right[name]));
        }
    }

    private static JObject Waivers(JObject scenario) => new((scenario["waivers"] as JArray ?? []).GroupBy(w => (string)w["rule"]!).Select(g => new JProperty(g.Key, new JArray(g))));

    private static JObject? Record(RuleSet question, JObject scenario, Subject subject) =>
        subject.Record is null ? null : (JObject?)scenario["records"]?[question.Each!.Name]?.FirstOrDefault(r => (string)r[question.Each.Key]! == subject.Record);

    /// <summary>Puts one difference in as it stands in the other scenario.</summary>
    private static void Take(RuleSet question, JObject mixed, Difference difference, Subject subject)
    {
        switch (difference.Kind)
        {
            case "asOf":
                Set(mixed, "asOf");
                break;
            case "reading":
                if (mixed["readings"] is not JObject readings) mixed["readings"] = readings = [];
                Set(readings, difference.Name);
                break;
            case "waiver":
                var waivers = (mixed["waivers"] as JArray ?? []).Where(w => (string)w["rule"]! != difference.Name).Concat(difference.Other as JArray ?? []);
                mixed["waivers"] = new JArray(waivers);
                break;
            case "fact" when difference.Record is not null:
                Set(Record(question, mixed, subject)!, difference.Name[(question.Each!.Prefix.Length + 1)..]);
                break;
            default:
                Set((JObject)mixed["facts"]!, difference.Name);
                break;
        }

        void Set(JObject into, string name)
        {
            if (difference.Other is { } value) into[name] = value.DeepClone();
            else into.Remove(name);
        }
    }

    /// <summary>The minimal sets that satisfy a condition, by trying all of one size after another.</summary>
    private static (ImmutableArray<ImmutableArray<Difference>> Sets, Exactness Exactness) Smallest(List<Difference> all, bool isNothingNeeded, Func<List<Difference>, bool> satisfies)
    {
        if (isNothingNeeded) return ([], Exactness.Full);
        var found = new List<List<int>>();
        var left = MaxMixtures;
        for (var size = 1; size <= all.Count; size++)
            foreach (var set in Choose(size, 0, []))
            {
                if (found.Any(f => f.All(set.Contains))) continue;
                if (left-- == 0) return (Named(), new(false, "budget", $"sets of {size} differences and more were not all tried"));
                if (satisfies([.. set.Select(i => all[i])])) found.Add([.. set]);
            }

        return (Named(), Exactness.Full);

        ImmutableArray<ImmutableArray<Difference>> Named() => [.. found.Select(set => set.Select(i => all[i]).ToImmutableArray())];

        IEnumerable<List<int>> Choose(int size, int from, List<int> chosen)
        {
            if (size == 0)
            {
                yield return chosen;
                yield break;
            }

            for (var i = from; i <= all.Count - size; i++)
            {
                chosen.Add(i);
                foreach (var set in Choose(size - 1, i + 1, chosen)) yield return set;
                chosen.RemoveAt(chosen.Count - 1);
            }
        }
    }
}
