using System.Collections.Immutable;
using System.Globalization;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>What kind of value a fact has.</summary>
public enum FactType
{
    /// <summary>Free text; rules can only ask whether it equals a written text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>One of the declared values.</summary>
    Enumeration,

    /// <summary>A set of texts; of declared values where the vocabulary declares them.</summary>
    List,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A decimal number.</summary>
    Decimal,

    /// <summary>A decimal number of hundredths.</summary>
    Percentage,

    /// <summary>A calendar date; no rule reads one.</summary>
    Date,
}

/// <summary>Where a fact's value comes from.</summary>
public enum FactRole
{
    /// <summary>Somebody reports it about the world.</summary>
    World,

    /// <summary>A figure that the book applies unless the scenario states another.</summary>
    Planning,

    /// <summary>The engine works it out from other facts, unless the scenario states it.</summary>
    Derived,

    /// <summary>Recorded beside a decision; no rule reads it.</summary>
    Context,

    /// <summary>A choice of interpretation; always known, set by the book's author.</summary>
    Reading,
}

/// <summary>One fact of a book's vocabulary, or one of its readings.</summary>
public sealed class Fact
{
    internal Fact(int slot, string name, FactType type, FactRole role, Domain? domain)
    {
        (Slot, Name, Type, Role, Domain) = (slot, name, type, role, domain);
    }

    internal int Slot { get; }

    internal Domain? Domain { get; }

    internal Place At { get; init; }

    /// <summary>Dotted lower snake_case, such as <c>us.commitment</c>.</summary>
    public string Name { get; }

    /// <summary>The kind of value.</summary>
    public FactType Type { get; }

    /// <summary>Where the value comes from.</summary>
    public FactRole Role { get; }

    /// <summary>Declared values of an enumeration, a list or a reading; empty otherwise.</summary>
    public ImmutableArray<string> Values { get; internal init; } = [];

    /// <summary>What people call each declared value.</summary>
    public ImmutableDictionary<string, LocalText> ValueLabels { get; internal init; } = ImmutableDictionary<string, LocalText>.Empty;

    /// <summary>What people call the fact.</summary>
    public LocalText Label { get; internal init; } = LocalText.Missing;

    /// <summary>What is asked, for whoever fills it in.</summary>
    public LocalText? Help { get; internal init; }

    /// <summary>The unit of a number, such as <c>km</c>.</summary>
    public string? Unit { get; internal init; }

    /// <summary>Least value of a number.</summary>
    public decimal Min { get; internal init; }

    /// <summary>Greatest value of a number.</summary>
    public decimal Max { get; internal init; }

    /// <summary>Distance between neighbouring values of a number, counted from <see cref="Min"/>.</summary>
    public decimal Step { get; internal init; } = 1;

    /// <summary>The group under which people look for it.</summary>
    public string Group { get; internal init; } = "";

    /// <summary>The planning figure's value, or the reading's default.</summary>
    public FactDefault? Default { get; private set; }

    /// <summary>The value that the documents themselves assume, applied under assumptions only.</summary>
    public FactDefault? Assumption { get; private set; }

    /// <summary>The expression that works out a derived fact, as written.</summary>
    public string? Derive { get; internal set; }

    /// <summary>The statements of the documents behind it.</summary>
    public ImmutableArray<string> Statements { get; internal init; } = [];

    /// <summary>Everything else the vocabulary says, for people and their tools; never read by the evaluator.</summary>
    public FactNotes Notes { get; internal init; } = FactNotes.None;

    /// <summary>Whether the value is a number.</summary>
    public bool IsNumber => Type is FactType.Integer or FactType.Decimal or FactType.Percentage;

    /// <summary>Whether a number is one that the fact can have; <see cref="Step"/> does not matter.</summary>
    internal bool IsInRange(decimal number) => number >= Min && number <= Max && (Type != FactType.Integer || decimal.Truncate(number) == number);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The same fact with the values that the book holds ready; they can only be read once its type is known.</summary>
    internal Fact With(FactDefault? planned, FactDefault? assumed)
    {
        (Default, Assumption) = (planned, assumed);
        return this;
    }

    /// <summary>What people call a value: its label, else the value as it stands; numbers with their thousands set apart and their unit.</summary>
    public string Show(JToken? value, Language language, bool withUnit = true) => value switch
    {
        null or { Type: JTokenType.Null } => language == Language.Nl ? "onbekend" : "unknown",
        { Type: JTokenType.Boolean } => ((bool)value, language) switch
        {
            (true, Language.Nl) => "ja",
            (true, _) => "yes",
            (false, Language.Nl) => "nee",
            _ => "no",
        },
        { Type: JTokenType.Array } => string.Join(", ", value.Select(item => Show(item, language))),
        JObject parts => string.Join(" ", parts.Properties().Select(p => $"{p.Name}: {(p.Value.Type == JTokenType.String ? (string)p.Value! : p.Value.ToString(Newtonsoft.Json.Formatting.None))}")),
        _ when IsNumber => Grouped(value, language) + (withUnit && Unit is { } unit ? " " + unit : ""),
        _ => ValueLabels.GetValueOrDefault((string)value!)?.In(language) ?? (string)value!,
    };

    private static string Grouped(JToken value, Language language)
    {
        var plain = value.Type == JTokenType.Integer ? ((long)value).ToString(CultureInfo.InvariantCulture) : (string)value!;
        var (separator, point) = language == Language.Nl ? ('.', ',') : (',', '.');
        var whole = plain.Split('.')[0];
        var grouped = new System.Text.StringBuilder(plain.Replace('.', point));
        for (var at = whole.Length - 3; at > (whole[0] == '-' ? 1 : 0); at -= 3) grouped.Insert(at, separator);
        return grouped.ToString();
    }
}

/// <summary>A value that the book holds ready for a fact, and the statement that it comes from.</summary>
public sealed record FactDefault(JToken Value, string? Statement)
{
    internal ulong Bits { get; init; }

    internal Number Number { get; init; }
}

/// <summary>What the vocabulary says about a fact beside what the evaluator needs.</summary>
/// <param name="SuppliedBy">The id of who can supply it.</param>
/// <param name="Influence">Who can change it in the world: <c>ours</c>, <c>allies</c>, <c>adversary</c> or <c>none</c>.</param>
/// <param name="Sensitive">Whether its value is disclosed only where the scenario's classification allows.</param>
/// <param name="Questionnaire">The items of the book's questionnaires that ask for it.</param>
/// <param name="Aliases">Other words under which people look for it.</param>
/// <param name="Remark">What else whoever fills it in must know.</param>
public sealed record FactNotes(
    string? SuppliedBy, string Influence, bool Sensitive, ImmutableArray<int> Questionnaire, ImmutableArray<string> Aliases, LocalText? Remark)
{
    internal static readonly FactNotes None = new(null, "none", false, [], [], null);
}
