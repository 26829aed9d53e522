using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Advisory.Engine.Scenarios;
using Newtonsoft.Json;
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

    /// <summary>Whether there is nothing in it but a value.</summary>
    private bool IsBare => Value is not null && Probability is null && Source is null && AsOf is null && ValidUntil is null && By is null && Confidence is null && Note is null && !Sensitive;

    /// <summary>Its members, in the order in which people read them.</summary>
    internal void WriteTo(JsonWriter writer)
    {
        Token("value", Value);
        Token("probability", Probability);
        Text("source", Source);
        Text("asOf", AsOf is { } asOf ? Dates.Format(asOf) : null);
        Text("validUntil", ValidUntil is { } until ? Dates.Format(until) : null);
        Text("by", By);
        Text("confidence", Confidence);
        if (Sensitive)
        {
            writer.WritePropertyName("sensitive");
            writer.WriteValue(true);
        }

        Text("note", Note);

        void Token(string name, JToken? value)
        {
            if (value is null) return;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        void Text(string name, string? value)
        {
            if (value is null) return;
            writer.WritePropertyName(name);
            writer.WriteValue(value);
        }
    }

    internal JObject ToJson()
    {
        using var writer = new JTokenWriter();
        writer.WriteStartObject();
        WriteTo(writer);
        writer.WriteEndObject();
        return (JObject)writer.Token!;
    }

    /// <summary>The canonical form: the value alone where it is all there is.</summary>
    internal void WriteTo(CanonicalWriter writer, bool mayBeBare)
    {
        if (mayBeBare && IsBare)
        {
            writer.Value(Value);
            return;
        }

        writer.Open('{');
        if (AsOf is { } asOf) writer.Name("asOf").Text(Dates.Format(asOf));
        writer.Optional("by", By).Optional("confidence", Confidence).Optional("note", Note);
        if (Probability is not null) writer.Name("probability").Value(Probability);
        if (Sensitive) writer.Name("sensitive").Value(true);
        writer.Optional("source", Source);
        if (ValidUntil is { } until) writer.Name("validUntil").Text(Dates.Format(until));
        if (Value is not null) writer.Name("value").Value(Value);
        writer.Close('}');
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
        var (isExpired, isContested) = (true, false);
        foreach (var report in reports)
        {
            if (report.IsExpired) continue;
            isExpired = false;
            if (Value is null) Value = report.Read;
            else if (report.Read is { } other && !other.IsSameAs(Value)) isContested = true;
        }

        State = isExpired ? FactState.Expired : isContested ? FactState.Contested : Value is not null ? FactState.Stated : FactState.Unknown;
        if (isContested) Value = null;
    }

    /// <summary>The fact.</summary>
    public Fact Fact { get; }

    /// <summary>Every report, in the order given.</summary>
    public ImmutableArray<Report> Reports { get; }

    /// <summary>Stated, contested, expired, or unknown where only probabilities are given.</summary>
    public FactState State { get; }

    internal FactValue? Value { get; }

    internal void WriteTo(CanonicalWriter writer)
    {
        if (Reports is [var only])
        {
            only.WriteTo(writer, mayBeBare: true);
            return;
        }

        writer.Open('{').Name("reports").Open('[');
        foreach (var report in Reports) report.WriteTo(writer, mayBeBare: false);
        writer.Close(']').Close('}');
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

    /// <summary>SHA-256 of the canonical form.</summary>
    public string Digest => field ??= CanonicalJson.Digest(Canonical.Span);

    /// <summary>The canonical form as bytes (RFC 8785): normalised, without anything the reader does not know; read again against the same book it is the same scenario.</summary>
    public ReadOnlyMemory<byte> Canonical => canonical ??= Write();

    private byte[]? canonical;

    /// <summary>The canonical form as an object of the caller's own.</summary>
    public JObject ToJson() => CanonicalJson.Parse(Canonical.Span);

    private byte[] Write()
    {
        var writer = new CanonicalWriter().Open('{');
        if (AsOf is { } asOf) writer.Name("asOf").Text(Dates.Format(asOf));
        writer.Name("basis").Text(Basis == Basis.Assumed ? "assumed" : "stated").Optional("classification", Classification);
        writer.Name("facts").Open('{');
        foreach (var fact in ByName(Facts)) fact.WriteTo(writer.Name(fact.Fact.Name));
        writer.Close('}');
        if (!Readings.IsEmpty)
        {
            writer.Name("readings").Open('{');
            foreach (var (reading, option) in Readings.OrderBy(r => r.Reading.Name, StringComparer.Ordinal)) writer.Name(reading.Name).Text(option);
            writer.Close('}');
        }

        if (!Records.IsEmpty)
        {
            writer.Name("records").Open('{');
            foreach (var kind in Records.GroupBy(r => r.Kind).OrderBy(kind => kind.Key.Name, StringComparer.Ordinal))
            {
                writer.Name(kind.Key.Name).Open('[');
                foreach (var record in kind)
                {
                    writer.Open('{');
                    foreach (var fact in ByName(record.Facts)) fact.WriteTo(writer.Name(fact.Fact.Name[(kind.Key.Prefix.Length + 1)..]));
                    writer.Close('}');
                }

                writer.Close(']');
            }

            writer.Close('}');
        }

        writer.Optional("subject", Subject).Optional("title", Title);
        if (!Waivers.IsEmpty)
        {
            writer.Name("waivers").Open('[');
            foreach (var waiver in Waivers)
            {
                writer.Open('{').Name("by").Text(waiver.By).Name("grounds").Text(waiver.Grounds).Name("missions");
                if (waiver.Missions.IsEmpty)
                {
                    writer.Text("all");
                }
                else
                {
                    writer.Open('[');
                    foreach (var mission in waiver.Missions) writer.Text(mission);
                    writer.Close(']');
                }

                writer.Name("reason").Text(waiver.Reason).Name("rule").Text(waiver.Rule.Name).Name("until").Text(Dates.Format(waiver.Until)).Close('}');
            }

            writer.Close(']');
        }

        return writer.Close('}').Finish();

        static ImmutableArray<StatedFact> ByName(ImmutableArray<StatedFact> facts) => facts.Sort(static (one, other) => string.CompareOrdinal(one.Fact.Name, other.Fact.Name));
    }

    internal StatedFact? About(Fact fact)
    {
        foreach (var about in Facts)
            if (ReferenceEquals(about.Fact, fact))
                return about;
        return null;
    }
}
