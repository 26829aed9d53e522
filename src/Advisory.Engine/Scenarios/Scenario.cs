using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Advisory.Engine.Scenarios;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>Which of two outcomes a person sees first; it changes nothing else.</summary>
public enum Basis
{
    /// <summary>On the facts that somebody reports, and the planning figures.</summary>
    Stated,

    /// <summary>Also on the documents' assumptions, where nobody reports the fact.</summary>
    Assumed,
}

/// <summary>One report of a fact.</summary>
public sealed record Report
{
    /// <summary>The value as JSON, or null where the report only gives probabilities.</summary>
    public required JToken? Value { get; init; }

    /// <summary>Where it comes from.</summary>
    public string? Source { get; init; }

    /// <summary>The day on which it was so.</summary>
    public DateOnly? AsOf { get; init; }

    /// <summary>The last day on which it counts.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>Who entered it.</summary>
    public string? By { get; init; }

    /// <summary><c>low</c>, <c>medium</c> or <c>high</c>; how sure the source is, never a probability.</summary>
    public string? Confidence { get; init; }

    /// <summary>Anything else worth knowing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the value is to be disclosed with care.</summary>
    public bool Sensitive { get; init; }

    /// <summary>Probabilities by value, as given.</summary>
    public JToken? Probability { get; init; }

    /// <summary>Whether it was past its last day at the scenario's date.</summary>
    public bool IsExpired { get; internal init; }

    internal FactValue? Read { get; init; }

    internal JObject ToJson()
    {
        var json = new JObject();
        if (Value is not null) json["value"] = Value.DeepClone();
        if (Probability is not null) json["probability"] = Probability.DeepClone();
        if (Source is not null) json["source"] = Source;
        if (AsOf is { } asOf) json["asOf"] = Dates.Format(asOf);
        if (ValidUntil is { } until) json["validUntil"] = Dates.Format(until);
        if (By is not null) json["by"] = By;
        if (Confidence is not null) json["confidence"] = Confidence;
        if (Sensitive) json["sensitive"] = true;
        if (Note is not null) json["note"] = Note;
        return json;
    }
}

/// <summary>Where a fact stands in one evaluation.</summary>
public enum FactState
{
    /// <summary>Nobody reports it and nothing applies.</summary>
    Unknown,

    /// <summary>Reported, and no report in force disagrees.</summary>
    Stated,

    /// <summary>Worked out from other facts.</summary>
    Derived,

    /// <summary>A figure of the book, since the scenario states no other.</summary>
    Planning,

    /// <summary>The documents' assumption, under basis <see cref="Basis.Assumed"/> only.</summary>
    Assumed,

    /// <summary>Reports disagree with each other, or with what follows from other reports; unknown to the rules.</summary>
    Contested,

    /// <summary>Every report is past its last day; unknown to the rules.</summary>
    Expired,
}

/// <summary>What a scenario says about one fact.</summary>
public sealed class StatedFact
{
    internal StatedFact(Fact fact, ImmutableArray<Report> reports)
    {
        (Fact, Reports) = (fact, reports);
        var inForce = reports.Where(r => !r.IsExpired).ToList();
        var values = inForce.Select(r => r.Read).OfType<FactValue>().ToList();
        Value = values.Count > 0 && values.All(v => v.IsSameAs(values[0])) ? values[0] : null;
        State = inForce.Count == 0 ? FactState.Expired : Value is not null ? FactState.Stated : values.Count > 0 ? FactState.Contested : FactState.Unknown;
    }

    /// <summary>The fact.</summary>
    public Fact Fact { get; }

    /// <summary>Every report, in the order given.</summary>
    public ImmutableArray<Report> Reports { get; }

    /// <summary>Stated, contested, expired, or unknown where only probabilities are given.</summary>
    public FactState State { get; }

    internal FactValue? Value { get; }

    internal JToken ToJson()
    {
        if (Reports.Length != 1) return new JObject { ["reports"] = new JArray(Reports.Select(r => r.ToJson())) };
        var only = Reports[0].ToJson();
        return only.Count == 1 && Reports[0].Value is { } bare ? bare.DeepClone() : only;
    }
}

/// <summary>The value of a stated fact as the evaluator sees it; bits 0 for unknown.</summary>
internal readonly struct Given(StatedFact about)
{
    public readonly int Slot = about.Fact.Slot;
    public readonly bool IsDerived = about.Fact.Role == FactRole.Derived;
    public readonly ulong Bits = about.Value?.Bits ?? 0;
    public readonly Number Number = about.Value?.Number ?? default;
}

/// <summary>One record of a scenario's list, such as a contributing country.</summary>
public sealed record ScenarioRecord(RecordKind Kind, string Key, ImmutableArray<StatedFact> Facts);

/// <summary>Somebody's decision that a rule need not be met.</summary>
/// <param name="Rule">The rule; the book marks it waivable.</param>
/// <param name="Missions">The missions for which it holds; empty for all.</param>
/// <param name="Reason">Why.</param>
/// <param name="Grounds">On what authority or text.</param>
/// <param name="By">Who decided it.</param>
/// <param name="Until">The last day on which it holds.</param>
public sealed record Waiver(Rule Rule, ImmutableArray<string> Missions, string Reason, string Grounds, string By, DateOnly Until)
{
    internal bool Covers(Rule rule, string mission) => rule.Name == Rule.Name && (Missions.IsEmpty || mission == RuleBook.AnyMission || Missions.Contains(mission));
}

/// <summary>A situation to be judged: facts, each with its reports, checked against one book's vocabulary.</summary>
public sealed class Scenario
{
    /// <summary>The greatest scenario that is read, in bytes.</summary>
    public const int MaxBytes = 256 << 10;

    internal Scenario()
    {
    }

    /// <summary>Reads a scenario, or a case file's scenario, against a book.</summary>
    /// <returns>The scenario, or null and every problem with its place.</returns>
    public static Loaded<Scenario> Read(RuleBook book, InputFile file) => ScenarioReader.Read(book, file);

    /// <summary>What people call it.</summary>
    public string? Title { get; internal init; }

    /// <summary>The day as of which it is judged; required where a report or a waiver ends.</summary>
    public DateOnly? AsOf { get; internal init; }

    /// <summary>Which outcome is shown first.</summary>
    public Basis Basis { get; internal init; }

    /// <summary>Its protective marking, as given.</summary>
    public string? Classification { get; internal init; }

    /// <summary>What decision it belongs to; decisions on one subject form a history.</summary>
    public string? Subject { get; internal init; }

    /// <summary>The facts it says something about, in vocabulary order.</summary>
    public ImmutableArray<StatedFact> Facts
    {
        get;
        internal init
        {
            field = value;
            Given = [.. value.Select(f => new Given(f))];
        }
    } = [];

    /// <summary>The same for the evaluator, side by side in memory.</summary>
    internal ImmutableArray<Given> Given { get; private init; } = [];

    /// <summary>Its records, in the order given.</summary>
    public ImmutableArray<ScenarioRecord> Records { get; internal init; } = [];

    /// <summary>Its waivers, in the order given.</summary>
    public ImmutableArray<Waiver> Waivers { get; internal init; } = [];

    /// <summary>Readings that it sets otherwise than the book does.</summary>
    public ImmutableArray<(Fact Reading, string Option)> Readings { get; internal init; } = [];

    /// <summary>The canonical form as JSON: normalised, without anything the reader does not know.</summary>
    public JObject ToJson()
    {
        var json = new JObject();
        if (Title is not null) json["title"] = Title;
        if (AsOf is { } asOf) json["asOf"] = Dates.Format(asOf);
        json["basis"] = Basis == Basis.Assumed ? "assumed" : "stated";
        if (Classification is not null) json["classification"] = Classification;
        if (Subject is not null) json["subject"] = Subject;
        json["facts"] = new JObject(Facts.Select(f => new JProperty(f.Fact.Name, f.ToJson())));
        if (!Readings.IsEmpty) json["readings"] = new JObject(Readings.Select(r => new JProperty(r.Reading.Name, r.Option)));
        if (!Records.IsEmpty)
        {
            json["records"] = new JObject(Records.GroupBy(r => r.Kind).Select(kind => new JProperty(kind.Key.Name, new JArray(kind.Select(record =>
                new JObject(record.Facts.Select(f => new JProperty(f.Fact.Name[(kind.Key.Prefix.Length + 1)..], f.ToJson()))))))));
        }

        if (!Waivers.IsEmpty)
        {
            json["waivers"] = new JArray(Waivers.Select(w => new JObject
            {
                ["rule"] = w.Rule.Name,
                ["missions"] = w.Missions.IsEmpty ? "all" : new JArray(w.Missions),
                ["reason"] = w.Reason,
                ["grounds"] = w.Grounds,
                ["by"] = w.By,
                ["until"] = Dates.Format(w.Until),
            }));
        }

        return json;
    }

    /// <summary>SHA-256 of the canonical form.</summary>
    public string Digest => field ??= CanonicalJson.Digest(Canonical.Span);

    /// <summary>The canonical form as bytes (RFC 8785); read again against the same book it is the same scenario.</summary>
    public ReadOnlyMemory<byte> Canonical => canonical ??= CanonicalJson.Bytes(ToJson());

    private byte[]? canonical;

    internal StatedFact? About(Fact fact) => Facts.FirstOrDefault(f => ReferenceEquals(f.Fact, fact));
}
