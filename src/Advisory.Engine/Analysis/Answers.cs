using System.Collections.Immutable;
using System.Numerics;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>An outcome that can come about, and states of facts under which it does.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Facts">The states that differ from now; every other fact may be in any state it can be in.</param>
public sealed record Witness(string Outcome, ImmutableArray<Setting> Facts)
{
    internal JObject ToJson() => new() { ["outcome"] = Outcome, ["facts"] = AnswerJson.List(Facts) };
}

/// <summary>Which outcomes are still open while facts are unknown.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Outcome">The outcome now.</param>
/// <param name="Outcomes">
/// The outcomes over all completions, most severe first, null tests keeping their present truth; a witness is evaluated on the book with its
/// null tests written out.
/// </param>
/// <param name="OnceKnown">The outcomes once every fact is known and null tests see it; a witness is evaluated on the book itself.</param>
/// <param name="Certain">The one outcome, where both lists hold only that; else null.</param>
/// <param name="Exactness">Whether the lists are complete.</param>
public sealed record ReachableAnswer(
    Subject Subject, Basis Basis, string Outcome, ImmutableArray<Witness> Outcomes, ImmutableArray<Witness> OnceKnown, string? Certain, Exactness Exactness)
{
    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("reachable", Subject, Basis, Exactness, new()
    {
        ["outcome"] = Outcome,
        ["outcomes"] = new JArray(Outcomes.Select(w => w.ToJson())),
        ["onceKnown"] = new JArray(OnceKnown.Select(w => w.ToJson())),
        ["certain"] = Certain,
    });
}

/// <summary>A minimal set of facts that alone forces the outcome.</summary>
/// <param name="Facts">The facts as they are now; a value of null says that it matters that the fact is unknown.</param>
public sealed record Reason(ImmutableArray<Setting> Facts)
{
    internal JToken ToJson() => AnswerJson.List(Facts);
}

/// <summary>Why the outcome is what it is: which facts force it.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Outcome">The outcome now.</param>
/// <param name="Reasons">The minimal sufficient sets, smallest first: with these facts as they are, the outcome is the same whatever the state of all others, known or unknown.</param>
/// <param name="Count">How many there are in all.</param>
/// <param name="Necessary">The facts that are in all of them.</param>
/// <param name="Irrelevant">The facts, stated or asked for, that are in none.</param>
/// <param name="Contrasts">
/// The certificate: the minimal sets of facts without which the outcome is not assured, each with states under which it is another. Reasons
/// and contrasts are each other's minimal hitting sets.
/// </param>
/// <param name="ContrastCount">How many contrasts there are in all.</param>
/// <param name="Standing">The planning figures of the book that were taken as they stand.</param>
/// <param name="Exactness">Whether all this is exactly so.</param>
public sealed record WhyAnswer(
    Subject Subject, Basis Basis, string Outcome, ImmutableArray<Reason> Reasons, BigInteger Count, ImmutableArray<Setting> Necessary,
    ImmutableArray<Setting> Irrelevant, ImmutableArray<Witness> Contrasts, BigInteger ContrastCount, ImmutableArray<Setting> Standing, Exactness Exactness)
{
    /// <summary>Whether <see cref="Reasons"/> are all.</summary>
    public bool IsComplete => Exactness.Exact && Count == Reasons.Length;

    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("why", Subject, Basis, Exactness, new()
    {
        ["outcome"] = Outcome,
        ["reasons"] = new JArray(Reasons.Select(r => r.ToJson())),
        ["count"] = Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["complete"] = IsComplete,
        ["necessary"] = AnswerJson.List(Necessary),
        ["irrelevant"] = AnswerJson.List(Irrelevant),
        ["standing"] = AnswerJson.List(Standing),
        ["certificate"] = new JObject
        {
            ["contrasts"] = new JArray(Contrasts.Select(c => c.ToJson())),
            ["count"] = ContrastCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    });
}

/// <summary>A verdict that is to come out otherwise.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Outcome">The outcome now.</param>
/// <param name="Wanted">The outcomes that will do.</param>
public sealed record ChangeTarget(Subject Subject, string Outcome, ImmutableArray<string> Wanted)
{
    internal JObject ToJson()
    {
        var json = AnswerJson.Of(Subject);
        json["outcome"] = Outcome;
        json["wanted"] = new JArray(Wanted);
        return json;
    }
}

/// <summary>Values that do as well, from the first to the last; one value twice where values have no order.</summary>
public sealed record ValueRange(JToken From, JToken To)
{
    internal JToken ToJson() => JToken.DeepEquals(From, To) ? From.DeepClone() : new JObject { ["from"] = From.DeepClone(), ["to"] = To.DeepClone() };
}

/// <summary>One fact in a change.</summary>
/// <param name="Fact">Its name.</param>
/// <param name="Record">The key of the record that it belongs to, or null.</param>
/// <param name="From">The value now, or null while unknown.</param>
/// <param name="To">The value to change to: the nearest that works.</param>
/// <param name="Works">All values that work while the other facts of the change are as it says.</param>
/// <param name="Influence">Who can change it.</param>
/// <param name="Effort">What that costs.</param>
public sealed record FactChange(string Fact, string? Record, JToken? From, JToken To, ImmutableArray<ValueRange> Works, string Influence, int Effort)
{
    internal Setting Setting => new(Fact, Record, To);

    internal JObject ToJson()
    {
        var json = new JObject { ["fact"] = Fact };
        if (Record is not null) json["record"] = Record;
        json["from"] = From?.DeepClone() ?? JValue.CreateNull();
        json["to"] = To.DeepClone();
        json["works"] = new JArray(Works.Select(w => w.ToJson()));
        json["influence"] = Influence;
        json["effort"] = Effort;
        return json;
    }
}

/// <summary>A minimal set of facts whose change brings about what is wanted.</summary>
/// <param name="Facts">The facts.</param>
/// <param name="Outcomes">The outcome of each target after it.</param>
public sealed record Change(ImmutableArray<FactChange> Facts, ImmutableArray<string> Outcomes)
{
    /// <summary>The efforts added up.</summary>
    public int Effort => Facts.Sum(f => f.Effort);

    internal JObject ToJson() => new() { ["facts"] = new JArray(Facts.Select(f => f.ToJson())), ["outcomes"] = new JArray(Outcomes), ["effort"] = Effort };
}

/// <summary>What would change the outcome.</summary>
/// <param name="Targets">The verdicts that are to change together.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Changes">The minimal sets of facts to change, by number of facts, then by effort; the empty set where nothing need change.</param>
/// <param name="Count">How many there are in all.</param>
/// <param name="Kept">Facts on which the outcomes depend and that were left as they are, by a lock or because nobody asked may change them.</param>
/// <param name="Exactness">Whether all this is exactly so.</param>
public sealed record ChangeAnswer(
    ImmutableArray<ChangeTarget> Targets, Basis Basis, ImmutableArray<Change> Changes, BigInteger Count, ImmutableArray<string> Kept, Exactness Exactness)
{
    /// <summary>Whether <see cref="Changes"/> are all; with none, that nothing among the facts that may change can bring it about.</summary>
    public bool IsComplete => Exactness.Exact && Count == Changes.Length;

    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("change", null, Basis, Exactness, new()
    {
        ["targets"] = new JArray(Targets.Select(t => t.ToJson())),
        ["changes"] = new JArray(Changes.Select(c => c.ToJson())),
        ["count"] = Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["complete"] = IsComplete,
        ["kept"] = new JArray(Kept),
    });
}

/// <summary>An unknown fact to find out.</summary>
/// <param name="Fact">Its name.</param>
/// <param name="Record">The key of the record that it belongs to, or null.</param>
/// <param name="Supplier">The id of who can supply it, or null.</param>
/// <param name="Rules">The rules in question that read it and are not settled.</param>
/// <param name="Expected">How many questions more there are on average, this one included, every value being as likely as any other unless the scenario gives probabilities.</param>
/// <param name="Worst">How many there are at worst, this one included.</param>
/// <param name="IsOptimal">Whether the two are those of the best order of questions; else of a good one.</param>
/// <param name="Settles">How likely it is that this answer alone settles the outcome.</param>
public sealed record QuestionToAsk(string Fact, string? Record, string? Supplier, ImmutableArray<string> Rules, decimal Expected, int Worst, bool IsOptimal, decimal Settles)
{
    internal JObject ToJson()
    {
        var json = new JObject { ["fact"] = Fact };
        if (Record is not null) json["record"] = Record;
        json["supplier"] = Supplier;
        json["rules"] = new JArray(Rules);
        json["expected"] = AnswerJson.Rounded(Expected);
        json["worst"] = Worst;
        json["optimal"] = IsOptimal;
        json["settles"] = AnswerJson.Rounded(Settles);
        return json;
    }
}

/// <summary>What to find out first.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Outcome">The outcome now.</param>
/// <param name="Needed">The smallest set of unknown facts whose answers settle the outcome, whatever they are; it is the only minimal one.</param>
/// <param name="Shortcuts">For each outcome that is open the smallest sets of answers that settle it.</param>
/// <param name="Questions">The facts of <paramref name="Needed"/>, the best to ask first.</param>
/// <param name="Pairs">The certificate: for each needed fact two completions that differ in it alone and lead to two outcomes.</param>
/// <param name="Exactness">Whether all this is exactly so.</param>
public sealed record AskAnswer(
    Subject Subject, Basis Basis, string Outcome, ImmutableArray<Setting> Needed, ImmutableArray<Witness> Shortcuts, ImmutableArray<QuestionToAsk> Questions,
    ImmutableArray<(Witness One, Witness Other)> Pairs, Exactness Exactness)
{
    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("ask", Subject, Basis, Exactness, new()
    {
        ["outcome"] = Outcome,
        ["needed"] = new JArray(Needed.Select(n => AnswerJson.Name(n))),
        ["shortcuts"] = new JArray(Shortcuts.Select(s => s.ToJson())),
        ["questions"] = new JArray(Questions.Select(q => q.ToJson())),
        ["certificate"] = new JObject { ["pairs"] = new JArray(Pairs.Select(p => new JArray(p.One.ToJson(), p.Other.ToJson()))) },
    });
}

/// <summary>Something that the book or the scenario chooses, taken otherwise.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name of the fact, reading or rule.</param>
/// <param name="Instead">The value put in its place; null where it is taken away.</param>
/// <param name="Outcome">The outcome then.</param>
/// <param name="IsWorse">Whether that is more severe than now.</param>
public sealed record Dependence(RelianceKind Kind, string Name, JToken? Instead, string Outcome, bool IsWorse)
{
    internal JObject ToJson() => new()
    {
        ["kind"] = Kind.ToString().ToLowerInvariant(),
        ["name"] = Name,
        ["instead"] = Instead?.DeepClone() ?? JValue.CreateNull(),
        ["outcome"] = Outcome,
        ["worse"] = IsWorse,
    };
}

/// <summary>How far the outcome is from a worse one.</summary>
/// <param name="Subject">The verdict.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Outcome">The outcome now.</param>
/// <param name="Distance">The least number of facts that must change for a worse outcome; null where no change makes it worse.</param>
/// <param name="Nearest">The sets of that many changes, each with the worse outcome.</param>
/// <param name="Count">How many such sets there are.</param>
/// <param name="Lost">Facts that alone make it worse by becoming unknown.</param>
/// <param name="Dependences">Assumptions, planning figures, readings and waivers without which the outcome is another.</param>
/// <param name="Steady">Those that were tried and do not matter.</param>
/// <param name="Exactness">Whether all this is exactly so.</param>
public sealed record MarginAnswer(
    Subject Subject, Basis Basis, string Outcome, int? Distance, ImmutableArray<Witness> Nearest, BigInteger Count, ImmutableArray<Witness> Lost,
    ImmutableArray<Dependence> Dependences, ImmutableArray<Reliance> Steady, Exactness Exactness)
{
    /// <summary>The facts each of which alone can make the outcome worse by taking another value.</summary>
    public ImmutableArray<Witness> SinglePoints => Distance == 1 ? Nearest : [];

    /// <summary>The answer as JSON.</summary>
    public JObject ToJson() => AnswerJson.Head("margin", Subject, Basis, Exactness, new()
    {
        ["outcome"] = Outcome,
        ["distance"] = Distance,
        ["nearest"] = new JArray(Nearest.Select(n => n.ToJson())),
        ["count"] = Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["lost"] = new JArray(Lost.Select(l => l.ToJson())),
        ["dependences"] = new JArray(Dependences.Select(d => d.ToJson())),
        ["steady"] = new JArray(Steady.Select(s => new JObject { ["kind"] = s.Kind.ToString().ToLowerInvariant(), ["name"] = s.Name })),
    });
}

internal static class AnswerJson
{
    public static JObject Head(string kind, Subject? subject, Basis basis, Exactness exactness, JObject body)
    {
        var json = new JObject { ["schema"] = "advisory/analysis/v1", ["kind"] = kind };
        if (subject is not null) json.Merge(Of(subject));
        json["basis"] = basis == Basis.Assumed ? "assumed" : "stated";
        json["exact"] = exactness.Exact;
        if (!exactness.Exact) json["inexact"] = new JObject { ["code"] = exactness.Code, ["reason"] = exactness.Reason };
        json.Merge(body, new() { MergeNullValueHandling = MergeNullValueHandling.Merge });
        return json;
    }

    public static JObject Of(Subject subject)
    {
        var json = new JObject { ["question"] = subject.Question, ["mission"] = subject.Mission };
        if (subject.Record is not null) json["record"] = subject.Record;
        return json;
    }

    public static JObject Name(Setting setting)
    {
        var json = setting.ToJson();
        json.Remove("value");
        return json;
    }

    public static JArray List(IEnumerable<Setting> settings) => new(settings.Select(s => s.ToJson()));

    public static JToken Rounded(decimal value) => Json.CanonicalJson.Number(Math.Round(value, 6));
}
