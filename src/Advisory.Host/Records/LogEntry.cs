using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Advisory.Engine;
using Advisory.Ledgers;

namespace Advisory.Host.Records;

/// <summary>What an entry of the decision log says. README.md beside this file has every member; it is normative.</summary>
internal abstract record LogEntry
{
    public const string Schema = "advisory/ledger-entry/v1";

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The person or program that did it.</summary>
    public required string Actor { get; init; }

    /// <summary>When, in UTC, in whole milliseconds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where it stands in the ledger; -1 before it is appended.</summary>
    public long Index { get; init; } = -1;

    public abstract string Kind { get; }

    /// <summary>Reads an entry; null for one that is not of this log: the ledger's own, or of a kind that this version does not know.</summary>
    /// <exception cref="LogFormatException">It is of a kind of this log, and not in its form.</exception>
    public static LogEntry? Read(Entry entry)
    {
        using var json = JsonDocument.Parse(entry.Bytes);
        var root = json.RootElement;
        if (!root.TryGetProperty("schema", out var schema) || schema.ValueKind != JsonValueKind.String || !schema.ValueEquals(Schema)) return null;
        var at = new Members(root, entry.Index);
        return at.Text("kind") switch
        {
            Decision.KindName => Decision.Read(at),
            BookActivated.KindName => BookActivated.Read(at),
            DecisionWithdrawn.KindName => DecisionWithdrawn.Read(at),
            SubmissionRefused.KindName => SubmissionRefused.Read(at),
            AdviceIssued.KindName => AdviceIssued.Read(at),
            _ => null,
        };
    }

    public static string Format(DateTimeOffset time) => time.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>The members of one object of an entry; a member that is missing or of another kind is an error that names the entry.</summary>
    protected internal readonly record struct Members(JsonElement Json, long Index)
    {
        public string Text(string name) => OptionalText(name) ?? throw Wrong($"has no `{name}`");

        public string? OptionalText(string name) =>
            !Json.TryGetProperty(name, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw Wrong($"has a `{name}` that is no text");

        public long Number(string name) =>
            Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Wrong($"has no `{name}` that is a whole number");

        public DateTimeOffset Time() =>
            DateTimeOffset.TryParseExact(Text("time"), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw Wrong("has a `time` that is none in UTC with milliseconds");

        public Members Object(string name) =>
            Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new(value, Index) : throw Wrong($"has no object `{name}`");

        public IEnumerable<JsonElement> List(string name)
        {
            if (!Json.TryGetProperty(name, out var value)) return [];
            return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Wrong($"has a `{name}` that is no list");
        }

        public IReadOnlyList<string> Texts(string name)
        {
            var at = this;
            return [.. List(name).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw at.Wrong($"has a `{name}` that is no list of texts"))];
        }

        public ReadOnlyMemory<byte> Raw(string name) => Json.TryGetProperty(name, out var value) ? JsonMarshal.GetRawUtf8Value(value).ToArray() : throw Wrong($"has no `{name}`");

        public LogFormatException Wrong(string what) => new(Index, "it " + what);
    }
}

/// <summary>An entry is not in the form of its kind.</summary>
internal sealed class LogFormatException(long index, string what) : Exception(what)
{
    public Fault Fault => new(index, Message);
}

/// <summary>The rule book as entries name it.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Version">As its author gave it.</param>
/// <param name="Digest">SHA-256 of its whole content: <c>sha256:…</c>.</param>
/// <param name="Rules">The same without texts for people.</param>
internal sealed record BookName(string Name, string Version, string Digest, string Rules)
{
    public static BookName Of(RuleBook book) => new(book.Name, book.Version, book.Digest, book.RulesDigest);

    internal static BookName Read(LogEntry.Members at) => new(at.Text("name"), at.Text("version"), at.Text("digest"), at.Text("rules"));
}

/// <summary>One outcome of a decision with the rules that lead to it.</summary>
/// <param name="Question">Its id.</param>
/// <param name="Mission">Its id, or <c>any</c>.</param>
/// <param name="Record">The key of the record, where the question is asked of each.</param>
/// <param name="Outcome">On stated facts: the outcome that counts.</param>
/// <param name="Assumed">On the documents' assumptions too.</param>
/// <param name="Deciding">The rules that lead to the outcome on stated facts, in book order.</param>
internal sealed record DecidedOutcome(string Question, string Mission, string? Record, string Outcome, string Assumed, IReadOnlyList<string> Deciding)
{
    public static DecidedOutcome Of(Verdict verdict)
    {
        var deciding = verdict.Stated.Deciding;
        var rules = deciding.Length == 0 ? [] : new string[deciding.Length];
        for (var i = 0; i < rules.Length; i++) rules[i] = deciding[i].Rule.Name;
        return new(verdict.Question.Id, verdict.Mission, verdict.Record, verdict.Stated.Outcome, verdict.Assumed.Outcome, rules);
    }

    internal static DecidedOutcome Read(LogEntry.Members at) => new(at.Text("question"), at.Text("mission"), at.OptionalText("record"), at.Text("outcome"), at.Text("assumed"), at.Texts("deciding"));

    public bool Is(DecidedOutcome other) =>
        (Question, Mission, Record, Outcome, Assumed) == (other.Question, other.Mission, other.Record, other.Outcome, other.Assumed) && Deciding.SequenceEqual(other.Deciding);
}

/// <summary>A decision: what was asked, under which book, what came out, and who recorded it.</summary>
internal sealed record Decision : LogEntry
{
    public const string KindName = "decision";

    public override string Kind => KindName;

    /// <summary>UUID, version 7, of <see cref="LogEntry.Time"/>; lower case.</summary>
    public required string Id { get; init; }

    /// <summary>The version of the program that evaluated.</summary>
    public required string Engine { get; init; }

    /// <summary>The number of the meaning under which it was evaluated.</summary>
    public required long Semantics { get; init; }

    /// <summary>The caller's idempotency key.</summary>
    public string? Key { get; init; }

    public required BookName Book { get; init; }

    /// <summary>Digest of <see cref="Scenario"/>.</summary>
    public required string Input { get; init; }

    /// <summary>The whole scenario in canonical form.</summary>
    public required ReadOnlyMemory<byte> Scenario { get; init; }

    public string? Subject { get; init; }

    public string? Classification { get; init; }

    public DateOnly? AsOf { get; init; }

    /// <summary><c>stated</c> or <c>assumed</c>: which outcome the scenario wants shown first.</summary>
    public required string Basis { get; init; }

    public required IReadOnlyList<DecidedOutcome> Outcomes { get; init; }

    public required string TraceDigest { get; init; }

    /// <summary>Digest of the canonical evaluation, which is attached.</summary>
    public required string Evaluation { get; init; }

    /// <summary>The id of the decision that it takes the place of.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Inputs of the what-ifs that were tried before.</summary>
    public IReadOnlyList<string> WhatIfs { get; init; } = [];

    /// <summary>A second person, where the scenario waives rules.</summary>
    public string? ConfirmedBy { get; init; }

    internal static Decision Read(Members at) => new()
    {
        Index = at.Index,
        Actor = at.Text("actor"),
        Time = at.Time(),
        Id = at.Text("id"),
        Engine = at.Text("engine"),
        Semantics = at.Number("semantics"),
        Key = at.OptionalText("key"),
        Book = BookName.Read(at.Object("book")),
        Input = at.Text("input"),
        Scenario = at.Raw("scenario"),
        Subject = at.OptionalText("subject"),
        Classification = at.OptionalText("classification"),
        AsOf = at.OptionalText("asOf") is not { } day ? null : DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw at.Wrong("has an `asOf` that is no date"),
        Basis = at.Text("basis"),
        Outcomes = [.. at.List("outcomes").Select(item => DecidedOutcome.Read(new(item, at.Index)))],
        TraceDigest = at.Text("traceDigest"),
        Evaluation = at.Text("evaluation"),
        Supersedes = at.OptionalText("supersedes"),
        WhatIfs = at.Texts("whatIfs"),
        ConfirmedBy = at.OptionalText("confirmedBy"),
    };
}

/// <summary>A rule book came into force for what is recorded from here on; its content is attached.</summary>
internal sealed record BookActivated : LogEntry
{
    public const string KindName = "book-activated";

    public override string Kind => KindName;

    public required BookName Book { get; init; }

    public required (string En, string Nl) Title { get; init; }

    internal static BookActivated Read(Members at)
    {
        var book = at.Object("book");
        var title = book.Object("title");
        return new() { Index = at.Index, Actor = at.Text("actor"), Time = at.Time(), Book = BookName.Read(book), Title = (title.Text("en"), title.Text("nl")) };
    }
}

/// <summary>A decision does not stand any more. It stays in the ledger, as everything does.</summary>
internal sealed record DecisionWithdrawn : LogEntry
{
    public const string KindName = "decision-withdrawn";

    public override string Kind => KindName;

    /// <summary>The id of the decision.</summary>
    public required string Decision { get; init; }

    /// <summary>The index of its entry.</summary>
    public required long Of { get; init; }

    /// <summary>The leaf hash of its entry.</summary>
    public required string Leaf { get; init; }

    public required string Reason { get; init; }

    /// <summary>The id of the decision that stands instead.</summary>
    public string? SupersededBy { get; init; }

    internal static DecisionWithdrawn Read(Members at) => new()
    {
        Index = at.Index,
        Actor = at.Text("actor"),
        Time = at.Time(),
        Decision = at.Text("decision"),
        Of = at.Number("index"),
        Leaf = at.Text("leaf"),
        Reason = at.Text("reason"),
        SupersededBy = at.OptionalText("supersededBy"),
    };
}

/// <summary>A problem of a refused submission.</summary>
internal sealed record RefusedProblem(string File, long Line, long Column, string Code, string Text);

/// <summary>Somebody asked for a decision to be recorded, and the input was at fault. The input itself is not kept.</summary>
internal sealed record SubmissionRefused : LogEntry
{
    public const string KindName = "submission-refused";
    public const int MaxProblems = 20;

    public override string Kind => KindName;

    /// <summary>SHA-256 of the bytes that arrived.</summary>
    public required string Input { get; init; }

    /// <summary>How many bytes arrived.</summary>
    public required long Length { get; init; }

    /// <summary>The book against which it was read.</summary>
    public required BookName Book { get; init; }

    /// <summary>The first 20.</summary>
    public required IReadOnlyList<RefusedProblem> Problems { get; init; }

    /// <summary>How many more there were.</summary>
    public required long More { get; init; }

    internal static SubmissionRefused Read(Members at) => new()
    {
        Index = at.Index,
        Actor = at.Text("actor"),
        Time = at.Time(),
        Input = at.Object("input").Text("digest"),
        Length = at.Object("input").Number("length"),
        Book = BookName.Read(at.Object("book")),
        More = at.Number("more"),
        Problems = [.. at.List("problems").Select(item => new Members(item, at.Index)).Select(p => new RefusedProblem(p.Text("file"), p.Number("line"), p.Number("column"), p.Text("code"), p.Text("text")))],
    };
}

/// <summary>A page with the advice of a decision was given out.</summary>
internal sealed record AdviceIssued : LogEntry
{
    public const string KindName = "advice-issued";

    public override string Kind => KindName;

    /// <summary>The id of the decision.</summary>
    public required string Decision { get; init; }

    /// <summary>SHA-256 of the page as it was rendered.</summary>
    public required string Page { get; init; }

    /// <summary>Such as <c>nl</c>.</summary>
    public required string Language { get; init; }

    internal static AdviceIssued Read(Members at) => new() { Index = at.Index, Actor = at.Text("actor"), Time = at.Time(), Decision = at.Text("decision"), Page = at.Text("page"), Language = at.Text("language") };
}
