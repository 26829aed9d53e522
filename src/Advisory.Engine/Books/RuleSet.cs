using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;

namespace Advisory.Engine;

/// <summary>How much a rule weighs; what follows from it, the rule set's <c>Strengths</c> alone says.</summary>
/// <param name="Token">One of the words of <see cref="Strength.Tokens"/>.</param>
public sealed record Strength(string Token)
{
    /// <summary>The words that a rule set may use.</summary>
    public static readonly ImmutableArray<string> Tokens =
        ["hard", "in_principle", "willing", "warning", "preference", "info", "note", "withdraw", "end", "political_choice", "review"];

    /// <summary>Index into the rule set's outcomes when a rule of this strength is false, or -1.</summary>
    internal int OnFalse { get; init; } = -1;

    internal int OnUnknown { get; init; } = -1;

    internal int OnTrue { get; init; } = -1;

    /// <summary>The best outcome needs at least one applicable rule of a deciding strength.</summary>
    internal bool IsDeciding { get; } = Token is "hard" or "withdraw" or "end" or "political_choice";

    /// <summary>Listed among the conditions while it is not met.</summary>
    internal bool IsCondition { get; } = Token is "in_principle";

    /// <summary>Listed among the warnings when it fires or is not met.</summary>
    internal bool IsWarning { get; } = Token is "warning" or "preference" or "info";

    internal int LeadsTo(Truth truth) => truth == Truth.True ? OnTrue : truth == Truth.False ? OnFalse : OnUnknown;

    internal bool LeadsAnywhere => OnFalse >= 0 || OnUnknown >= 0 || OnTrue >= 0;
}

/// <summary>One rule of a rule set.</summary>
public sealed class Rule
{
    internal Place At { get; init; }

    internal Place ExpressionAt { get; init; }

    internal Place PropertiesAt { get; init; }

    /// <summary>Its name, such as <c>P-US-1</c>; unique in the book.</summary>
    public required string Name { get; init; }

    /// <summary>What must hold, or what the signal says, in one line.</summary>
    public required LocalText Title { get; init; }

    /// <summary>What is the case when the requirement is not met or the signal fires.</summary>
    public required LocalText Reason { get; init; }

    /// <summary>Why the documents lead to this rule, and to this strength.</summary>
    public LocalText? Rationale { get; init; }

    /// <summary>What the documents leave open here.</summary>
    public LocalText? Room { get; init; }

    /// <summary>The expression as written; empty for a rule that joins nested rules.</summary>
    public required string Expression { get; init; }

    /// <summary>The statements of the documents behind it.</summary>
    public required ImmutableArray<string> Statements { get; init; }

    /// <summary>Whether a waiver may set it aside.</summary>
    public required bool Waivable { get; init; }

    /// <summary>Who answers for the rule.</summary>
    public required string? Owner { get; init; }

    /// <summary>When it must be looked at again.</summary>
    public required DateOnly? ReviewBy { get; init; }

    /// <summary>Whether it fires when its expression holds; else its expression is a requirement.</summary>
    public bool IsSignal => Event is not null;

    /// <summary>The <c>SuccessEvent</c> of a signal: its strength, or <c>fallback:</c> and a mission.</summary>
    public string? Event { get; init; }

    /// <summary>The mission that a <c>fallback:</c> signal points to.</summary>
    public string? Fallback { get; init; }

    /// <summary>The missions that it is about; empty for every mission.</summary>
    public required ImmutableArray<string> Missions { get; init; }

    /// <summary>The facts that its expression names, in vocabulary order.</summary>
    public required ImmutableArray<string> Facts { get; init; }

    // Bit i: mission i of the book; all bits for every mission.
    internal ulong MissionMask { get; init; }

    // The strength, or one for each option of a reading.
    internal ImmutableArray<Strength> StrengthByOption { get; init; } = [];

    internal Fact? StrengthReading { get; init; }

    // Instructions [Start, End) of the rule set's program; the last is the rule's truth.
    internal int Start { get; init; }

    internal int End { get; init; }

    // For a guarded requirement the instruction of the guard's truth, else -1.
    internal int Guard { get; init; }

    // Slots named in the expression, and all that those rest on through derivations.
    internal ImmutableArray<int> Reads { get; init; } = [];

    internal ImmutableArray<int> ReadsDeeply { get; init; } = [];

    internal int Root => End - 1;

    /// <summary>The strength under the readings in force.</summary>
    internal Strength StrengthUnder(ReadOnlySpan<ulong> bits) =>
        StrengthReading is null ? StrengthByOption[0] : StrengthByOption[System.Numerics.BitOperations.TrailingZeroCount(bits[StrengthReading.Slot])];

    internal Strength StrengthUnder(string option) => StrengthByOption[StrengthReading!.Values.IndexOf(option)];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A question of the book: a rule set with its scale of outcomes.</summary>
public sealed class RuleSet
{
    internal int Index { get; init; }

    internal Place At { get; init; }

    /// <summary>Its id: the name of the workflow and of its file without <c>.json</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What people call the question.</summary>
    public required LocalText Title { get; init; }

    /// <summary>What the question asks, in a sentence or two.</summary>
    public required LocalText? Help { get; init; }

    /// <summary>The missions that the question is not about, so that it is not assessed for them on purpose.</summary>
    public required ImmutableArray<string> NotFor { get; init; }

    /// <summary>Whether it is asked for each mission; else once, for mission <c>any</c>.</summary>
    public required bool PerMission { get; init; }

    /// <summary>The kind of records that it runs once for, or null.</summary>
    public required RecordKind? Each { get; init; }

    /// <summary>The outcomes, most severe first; the last is the best.</summary>
    public required ImmutableArray<string> Outcomes { get; init; }

    /// <summary>What follows from a rule of each strength.</summary>
    public required ImmutableArray<Strength> Strengths { get; init; }

    /// <summary>The rules in book order.</summary>
    public required ImmutableArray<Rule> Rules { get; init; }

    /// <summary>The condition under which the question is asked at all, as written, or null.</summary>
    public required string? When { get; init; }

    internal Program Program { get; init; } = null!;

    // Instructions [0, WhenEnd) of the program; 0 without a condition.
    internal int WhenEnd { get; init; }

    internal ImmutableArray<int> WhenReads { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>A kind of record that a scenario may list, such as contributing countries.</summary>
/// <param name="Name">The member of the scenario's <c>records</c>.</param>
/// <param name="Prefix">The first part of the names of a record's facts.</param>
/// <param name="Key">The member that names a record; unique within the list.</param>
/// <param name="Title">What people call such records.</param>
public sealed record RecordKind(string Name, string Prefix, string Key, LocalText Title);

/// <summary>A kind of mission about which the book's questions are asked.</summary>
public sealed record Mission(string Id, LocalText Title, LocalText? Help);

/// <summary>One sentence of the documents, in our words.</summary>
/// <param name="Id">Such as <c>N.EXIT.1a</c>.</param>
/// <param name="Document">The id of the document in the book.</param>
/// <param name="Section">The heading under which it stands.</param>
/// <param name="Item">Where in the section.</param>
/// <param name="Text">What it says, paraphrased.</param>
public sealed record Statement(string Id, string Document, LocalText Section, string Item, LocalText Text)
{
    internal Place At { get; init; }

    /// <summary>What kind of sentence it is, such as <c>hard_precondition</c> or <c>assumption</c>.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>First and last line of the document's text that it paraphrases, one-based.</summary>
    public ImmutableArray<int> Lines { get; internal init; } = [];

    /// <summary>SHA-256, in hexadecimal, over those lines in Unicode form NFC with white space folded to one space.</summary>
    public string Sha256 { get; internal init; } = "";

    /// <summary>The rules that encode it; each cites it in turn.</summary>
    public ImmutableArray<string> Rules { get; internal init; } = [];

    /// <summary>The facts and readings that encode it; each cites it in turn.</summary>
    public ImmutableArray<string> Facts { get; internal init; } = [];

    /// <summary>Why nothing encodes it, or null.</summary>
    public Unencoded? Unencoded { get; internal init; }
}

/// <summary>Why no rule and no fact encodes a statement.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Why">The same in a sentence.</param>
public sealed record Unencoded(string Reason, LocalText Why)
{
    /// <summary>Background; fixes a term; no declared fact can measure it; could be encoded and was not.</summary>
    public static readonly ImmutableArray<string> Reasons = ["context", "definition", "not_encodable", "declined"];
}

/// <summary>An id with what people call it: a group of facts, somebody who can supply one.</summary>
public sealed record Titled(string Id, LocalText Title);

/// <summary>A list of questions from outside that leads to the same facts by another route.</summary>
public sealed record Questionnaire(string Id, LocalText Title, ImmutableArray<QuestionnaireItem> Items);

/// <summary>One question of a <see cref="Questionnaire"/>.</summary>
public sealed record QuestionnaireItem(int Number, LocalText Title, ImmutableArray<string> Statements);

/// <summary>Figures that the documents state themselves, to stand beside the derived ones.</summary>
public sealed record FigureTable(string Id, LocalText Title, LocalText? Remark, ImmutableArray<FigureRow> Rows);

/// <summary>What the documents state for one mission where some facts have the values of <paramref name="Where"/>.</summary>
public sealed record FigureRow(
    string Mission,
    ImmutableDictionary<string, Newtonsoft.Json.Linq.JToken> Where,
    ImmutableDictionary<string, Newtonsoft.Json.Linq.JToken> States,
    ImmutableArray<string> Statements,
    LocalText? Remark);

/// <summary>A document that the book encodes.</summary>
public sealed record SourceDocument(string Id, LocalText Title)
{
    /// <summary>What kind of document it is, such as <c>policy note</c>.</summary>
    public string? Kind { get; internal init; }

    /// <summary>Its language, as an IETF tag such as <c>nl</c>.</summary>
    public string? Language { get; internal init; }

    /// <summary>Its date, where it bears one.</summary>
    public DateOnly? Date { get; internal init; }

    /// <summary>What else a reader must know of it.</summary>
    public LocalText? Remark { get; internal init; }
}

/// <summary>Something that the book does not assess, shown wherever its best outcomes are.</summary>
public sealed record Gap(string Id, LocalText Text, ImmutableArray<string> Statements);
