using Advisory.Engine;
using Advisory.Ledgers;

namespace Advisory.Host.Records;

/// <summary>Which decisions are asked for; a member that is null asks for nothing. All must fit.</summary>
internal sealed record DecisionFilter
{
    /// <summary>Recorded at this instant or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Recorded before this instant.</summary>
    public DateTimeOffset? Before { get; init; }

    public string? Actor { get; init; }

    /// <summary>With <see cref="Mission"/> and <see cref="Outcome"/>: one verdict that has all that are given.</summary>
    public string? Question { get; init; }

    public string? Mission { get; init; }

    /// <summary>On stated facts.</summary>
    public string? Outcome { get; init; }

    /// <summary>A rule that decides some outcome of the question and mission asked for.</summary>
    public string? Rule { get; init; }

    /// <summary>Facts stated with these values; sensitive ones are not found.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>A book's name, or its digest with or without <c>sha256:</c>, also its beginning.</summary>
    public string? Book { get; init; }

    public string? Subject { get; init; }

    public string? Input { get; init; }

    /// <summary>Only those that were withdrawn, or only the others.</summary>
    public bool? Withdrawn { get; init; }

    /// <summary>The labels that lead to the decisions, the rarest first; what they and the terms cannot tell, the entry does.</summary>
    internal List<LabelFilter> Labels()
    {
        var labels = new List<LabelFilter>();
        if (Subject is not null) Exact(EntryLabels.Label("subject", Subject));
        if (Actor is not null) Exact(EntryLabels.Label("actor", Actor));
        if (Book is not null && !IsDigest(Book)) Exact(EntryLabels.Label("book", Book));
        // Only decisions have terms, and passing over all entries' terms is faster than along the decisions' labels.
        if (Terms().Count == 0) labels.Add(new("kind", Decision.KindName));
        if (Book is not null && IsDigest(Book)) labels.Add(new("book", Digest(Book), Digest(Book) + "g")); // g follows every hexadecimal digit
        if (Since is not null || Before is not null) labels.Add(new("time", Since is { } since ? LogEntry.Format(since) : null, Before is { } before ? LogEntry.Format(before) : null));
        return labels;

        void Exact(Label label) => labels.Add(new(label.Name, label.Value));
    }

    /// <summary>The terms that lead to the decisions among those with the labels, the rarest first.</summary>
    internal List<Label> Terms()
    {
        var terms = new List<Label>();
        if (Input is not null) terms.Add(EntryLabels.Label("input", Input));
        terms.AddRange(Facts.Select(fact => EntryLabels.Fact(fact.Name, fact.Value)));
        if (Rule is not null) terms.Add(EntryLabels.Label("rule", Rule));
        if (Outcome is not null && Question is not null && Mission is not null && Outcome != RuleBook.NotAssessed) terms.Add(EntryLabels.Verdict(Question, Outcome, Mission));
        else if (Outcome is not null) terms.Add(new("outcome", Outcome));
        return terms;
    }

    /// <summary>Whether the decision's own entry bears the filter out.</summary>
    /// <param name="decision">As it stands in the ledger.</param>
    /// <param name="scenario">Reads its scenario; asked for only where facts are.</param>
    internal bool Fits(Decision decision, Func<Scenario?> scenario)
    {
        if (decision.Time < Since || decision.Time >= Before) return false;
        if (Actor is not null && decision.Actor != Actor || Subject is not null && decision.Subject != Subject || Input is not null && decision.Input != Input) return false;
        if (Book is not null && decision.Book.Name != Book && !(IsDigest(Book) && decision.Book.Digest.StartsWith(Digest(Book), StringComparison.Ordinal))) return false;
        if ((Question ?? Mission ?? Outcome ?? Rule) is not null && !decision.Outcomes.Any(Has)) return false;
        return Facts.Count == 0 || scenario() is { } stated && Facts.All(fact => EntryLabels.States(stated, fact.Name, fact.Value));
    }

    private bool Has(DecidedOutcome outcome) =>
        (Question is null || outcome.Question == Question)
        && (Mission is null || outcome.Mission == Mission)
        && (Outcome is null || outcome.Outcome == Outcome)
        && (Rule is null || outcome.Deciding.Contains(Rule));

    // A book's name could be of hexadecimal digits too; eight of them are a digest.
    private static bool IsDigest(string book) => book.StartsWith("sha256:", StringComparison.Ordinal) || book.Length >= 8 && book.All(char.IsAsciiHexDigitLower);

    private static string Digest(string book) => book.StartsWith("sha256:", StringComparison.Ordinal) ? book : "sha256:" + book;
}

/// <summary>Some decisions, the newest first.</summary>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Next">Where the next page begins: only entries below this index; null where there is none.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, long? Next);
