using System.Collections.Immutable;

namespace Advisory.Engine.Json;

/// <summary>
/// Reads the members of one object and remembers which were asked for: a member nobody asks for is a problem, because a misspelt
/// <c>Stregnth</c> must not be a silent default.
/// </summary>
internal sealed class JsonObject
{
    private readonly JsonNode node;
    private readonly List<string> known = new(12); // few, and asked about once
    private bool isDataInNames;

    private JsonObject(JsonNode node) => this.node = node;

    /// <summary>The object, or null with a problem where the value is another kind.</summary>
    public static JsonObject? From(JsonNode node, string what)
    {
        if (node.Kind == JsonKind.Object) return new(node);
        Wrong(node, what, "an object");
        return null;
    }

    public JsonNode? Optional(string name)
    {
        known.Add(name);
        return At(name);
    }

    /// <summary>The member's value, for a problem at its place; does not count as asking for it.</summary>
    public JsonNode? At(string name)
    {
        foreach (var member in node.Members)
            if (member.Name == name)
                return member.Value;
        return null;
    }

    public JsonNode? Required(string name)
    {
        var value = Optional(name);
        if (value is null) node.Source.Add(node.Offset, "missing-member", $"`{JsonNode.Shorten(name)}` is missing");
        return value;
    }

    public string? Text(string name) => AsText(Required(name), name);

    public string? OptionalText(string name) => AsText(Optional(name), name);

    public bool OptionalBoolean(string name, bool otherwise)
    {
        var value = Optional(name);
        if (value is null) return otherwise;
        if (value.Kind == JsonKind.Boolean) return value.Boolean;
        Wrong(value, name, "true or false");
        return otherwise;
    }

    public decimal? OptionalNumber(string name)
    {
        var value = Optional(name);
        if (value is null) return null;
        if (value.Kind == JsonKind.Number) return value.Number;
        Wrong(value, name, "a number");
        return null;
    }

    /// <summary>A number that counts something: whole, from 1 to a million; 0 with a problem where it is not.</summary>
    public static int AsCount(JsonNode value, string what)
    {
        if (value.Kind == JsonKind.Number && value.Number is >= 1 and <= 1_000_000 && decimal.Truncate(value.Number) == value.Number) return (int)value.Number;
        Wrong(value, what, "a whole number from 1");
        return 0;
    }

    public DateOnly? OptionalDate(string name)
    {
        var value = Optional(name);
        return value is null ? null : AsDate(value, name);
    }

    /// <summary>The items of a list; empty where the member is absent.</summary>
    public ImmutableArray<JsonNode> OptionalList(string name)
    {
        var value = Optional(name);
        if (value is null) return [];
        if (value.Kind == JsonKind.Array) return value.Items;
        Wrong(value, name, "a list");
        return [];
    }

    public ImmutableArray<JsonNode> List(string name) => Required(name) is null ? [] : OptionalList(name);

    public ImmutableArray<string> OptionalTexts(string name) =>
        [.. OptionalList(name).Select(item => AsText(item, name)).OfType<string>()];

    /// <summary>Every member, for objects whose names are data.</summary>
    public ImmutableArray<JsonMember> All()
    {
        isDataInNames = true;
        return node.Members;
    }

    /// <summary>A text for people in every language of the book, or null where the member is absent.</summary>
    public LocalText? OptionalLocal(string name)
    {
        var value = Optional(name);
        return value is null ? null : LocalText.Read(value, name);
    }

    public LocalText Local(string name) => Required(name) is { } value ? LocalText.Read(value, name) : LocalText.Missing;

    /// <summary>Reports every member that was never asked for, with the nearest that was.</summary>
    public void NoOthers()
    {
        if (isDataInNames) return;
        foreach (var member in node.Members)
        {
            if (known.Contains(member.Name)) continue;
            node.Source.Add(member.Offset, "unknown-member", $"unknown member `{JsonNode.Shorten(member.Name)}`", Suggestion.For(member.Name, known));
        }
    }

    public static string? AsText(JsonNode? value, string what)
    {
        if (value is null) return null;
        if (value.Kind == JsonKind.Text) return value.Text;
        Wrong(value, what, "text");
        return null;
    }

    public static DateOnly? AsDate(JsonNode value, string what)
    {
        if (value.Kind == JsonKind.Text && Dates.Parse(value.Text) is { } date) return date;
        Wrong(value, what, "a date such as \"2026-01-24\"");
        return null;
    }

    public static void Wrong(JsonNode value, string what, string expected, string? hint = null) =>
        value.Source.Add(value.Offset, "wrong-kind", $"`{JsonNode.Shorten(what)}` must be {expected}, not {value.KindName}", hint);
}

internal static class Dates
{
    /// <summary>A calendar date as ISO 8601 writes it, <c>2026-01-24</c>, and nothing else.</summary>
    public static DateOnly? Parse(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var date)
            ? date
            : null;

    public static string Format(DateOnly date) => date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
