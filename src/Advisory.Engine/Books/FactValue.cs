using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>A value that fits its fact's declaration: for the evaluator as bits or a number, for people and digests as JSON.</summary>
internal sealed record FactValue(ulong Bits, Number Number, JToken Json)
{
    private const int MaxTextLength = 500;
    private const int MaxListLength = 200;

    /// <summary>The value, or null with the problem added at its place.</summary>
    public static FactValue? Read(Fact fact, JsonNode node)
    {
        switch (fact.Type, node.Kind)
        {
            case (FactType.Boolean, JsonKind.Boolean):
                return new(Machine.Known | Domain.BooleanBit(node.Boolean), 0, node.Boolean);

            case (FactType.Enumeration, JsonKind.Text):
                return Declared(fact, node) is { } bit ? new(Machine.Known | bit, 0, node.Text) : null;

            case (FactType.Text, JsonKind.Text):
                if (!IsShort(fact, node)) return null;
                return new(Machine.Known | (fact.Domain?.Bit(node.Text) ?? Domain.OtherText), 0, node.Text);

            case (FactType.Date, JsonKind.Text) when Dates.Parse(node.Text) is not null:
                return new(Machine.Known, 0, node.Text);

            case (FactType.List, JsonKind.Array):
                return List(fact, node);

            case (FactType.Integer or FactType.Decimal or FactType.Percentage, JsonKind.Number):
                return OfNumber(fact, node, node.Number);

            // Fractions may come as text, since many writers of JSON turn them into binary fractions.
            case (FactType.Decimal or FactType.Percentage, JsonKind.Text) when IsPlainDecimal(node.Text) && JsonNode.ParseNumber(node.Text) is { } number:
                return OfNumber(fact, node, number);

            default:
                node.Source.Add(node.Offset, "wrong-kind", $"`{fact}` must be {Expected(fact)}, not {Shown(node)}",
                    node.Kind == JsonKind.Null ? "leave the fact out if it is unknown"
                    : fact.Type == FactType.Boolean && node is { Kind: JsonKind.Text, Text: "true" or "false" } ? $"write {node.Text} without quotes" : null);
                return null;
        }
    }

    public bool IsSameAs(FactValue other) => JToken.DeepEquals(Json, other.Json);

    private static FactValue? OfNumber(Fact fact, JsonNode node, decimal number)
    {
        if (fact.Type == FactType.Integer && decimal.Truncate(number) != number)
        {
            node.Source.Add(node.Offset, "wrong-kind", $"`{fact}` must be a whole number, not {Plain(number)}");
            return null;
        }

        if (number < fact.Min || number > fact.Max)
        {
            node.Source.Add(node.Offset, "out-of-range", $"`{fact}` is {Plain(number)}, outside {Plain(fact.Min)} to {Plain(fact.Max)}{(fact.Unit is { } unit ? " " + unit : "")}");
            return null;
        }

        if ((number - fact.Min) % fact.Step != 0)
        {
            node.Source.Add(node.Offset, "out-of-range", $"`{fact}` is {Plain(number)}, which is not a multiple of {Plain(fact.Step)} from {Plain(fact.Min)}");
            return null;
        }

        return new(Machine.Known, number, CanonicalJson.Number(number));
    }

    private static FactValue? List(Fact fact, JsonNode node)
    {
        if (node.Items.Length > MaxListLength)
        {
            node.Source.Add(node.Offset, "too-long", FormattableString.Invariant($"`{fact}` has {node.Items.Length} items; at most {MaxListLength} are read"));
            return null;
        }

        var bits = Machine.Known;
        var items = new SortedDictionary<string, JToken>(StringComparer.Ordinal); // a set: sorted, each once
        var good = true;
        foreach (var item in node.Items)
        {
            if (fact.Domain is null && item.Kind == JsonKind.Object)
            {
                good &= Note(fact, item, items);
            }
            else if (item.Kind != JsonKind.Text)
            {
                item.Source.Add(item.Offset, "wrong-kind", $"an item of `{fact}` must be text, not {item.KindName}");
                good = false;
            }
            else if (!items.TryAdd(item.Text, item.Text))
            {
                item.Source.Add(item.Offset, "duplicate-value", $"`{JsonNode.Shorten(item.Text)}` is listed twice");
                good = false;
            }
            else if (fact.Domain is null)
            {
                good &= IsShort(fact, item);
            }
            else if (Declared(fact, item) is { } bit)
            {
                bits |= bit;
            }
            else
            {
                good = false;
            }
        }

        return good ? new(bits, 0, new JArray(items.Values)) : null;
    }

    /// <summary>An item with named parts, such as who named which number; recorded, and never looked into by a rule.</summary>
    private static bool Note(Fact fact, JsonNode item, SortedDictionary<string, JToken> items)
    {
        var json = new JObject();
        foreach (var part in item.Members.DistinctBy(m => m.Name))
        {
            switch (part.Value.Kind)
            {
                case JsonKind.Text when IsShort(fact, part.Value):
                    json[part.Name] = part.Value.Text;
                    break;
                case JsonKind.Number:
                    json[part.Name] = CanonicalJson.Number(part.Value.Number);
                    break;
                case JsonKind.Boolean:
                    json[part.Name] = part.Value.Boolean;
                    break;
                case JsonKind.Text:
                    return false;
                default:
                    part.Value.Problem("wrong-kind", $"a part of an item of `{fact}` must be text, a number, or true or false, not {part.Value.KindName}");
                    return false;
            }
        }

        if (items.TryAdd(System.Text.Encoding.UTF8.GetString(CanonicalJson.Bytes(json)), json)) return true;
        item.Problem("duplicate-value", $"an item of `{fact}` is listed twice");
        return false;
    }

    private static ulong? Declared(Fact fact, JsonNode node)
    {
        var bit = fact.Domain!.Bit(node.Text);
        if (bit != 0) return bit;
        node.Source.Add(node.Offset, "unknown-value", $"`{fact}` has no value `{JsonNode.Shorten(node.Text)}`", fact.Domain.Hint(node.Text));
        return null;
    }

    private static bool IsShort(Fact fact, JsonNode node)
    {
        if (node.Text.Length <= MaxTextLength) return true;
        node.Source.Add(node.Offset, "too-long", FormattableString.Invariant($"a text of `{fact}` has {node.Text.Length} characters; at most {MaxTextLength} are read"));
        return false;
    }

    private static bool IsPlainDecimal(string text) => text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-') && char.IsAsciiDigit(text[^1]);

    private static string Expected(Fact fact) => fact.Type switch
    {
        FactType.Boolean => "true or false",
        FactType.Enumeration => "one of its values, as text",
        FactType.Text => "text",
        FactType.Date => "a date such as \"2026-01-24\"",
        FactType.List => "a list of texts",
        FactType.Integer => "a whole number",
        _ => "a number",
    };

    private static string Shown(JsonNode node) => node.Kind == JsonKind.Text ? $"\"{JsonNode.Shorten(node.Text)}\"" : node.KindName;

    internal static string Plain(decimal number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
