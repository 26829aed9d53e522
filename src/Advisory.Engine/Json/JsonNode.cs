using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Newtonsoft.Json;

namespace Advisory.Engine.Json;

internal enum JsonKind { Null, Boolean, Number, Text, Array, Object }

internal readonly record struct JsonMember(string Name, int Offset, JsonNode Value);

/// <summary>A JSON value that knows where it stands in its file.</summary>
internal sealed class JsonNode
{
    /// <summary>The largest magnitude of a number: with at most 15 significant digits it survives every double on its way.</summary>
    public const decimal MaxMagnitude = 999_999_999_999_999m;

    private const int MaxSignificantDigits = 15;
    private const int ManyMembers = 8;

    public required SourceFile Source { get; init; }

    public required JsonKind Kind { get; init; }

    /// <summary>Where its first character stands in <see cref="SourceFile.Text"/>.</summary>
    public required int Offset { get; init; }

    public string Text { get; init; } = "";

    public bool Boolean { get; init; }

    /// <summary>The number without trailing zeros; 0 where it was refused.</summary>
    public decimal Number { get; init; }

    public ImmutableArray<JsonNode> Items { get; init; } = [];

    public ImmutableArray<JsonMember> Members { get; init; } = [];

    public Place Place => new(Source, Offset);

    /// <summary>What a person calls this kind of value.</summary>
    public string KindName => Kind switch
    {
        JsonKind.Null => "null",
        JsonKind.Boolean => "true or false",
        JsonKind.Number => "a number",
        JsonKind.Text => "text",
        JsonKind.Array => "a list",
        _ => "an object",
    };

    /// <summary>Adds a problem at this value.</summary>
    public void Problem(string code, string text, string? hint = null) => Source.Add(Offset, code, text, hint);

    /// <summary>Reads a whole file, or adds its problems: grammar, duplicate names, numbers that are too long.</summary>
    /// <returns>Null where the text is not JSON; else the value, with every further problem added.</returns>
    public static JsonNode? Read(SourceFile source)
    {
        var tokens = new List<int>(source.Text.Length / 8);
        if (JsonGrammar.Check(source.Text, tokens) is { } fault)
        {
            source.Add(fault.Offset, fault.Code, fault.Text, fault.Hint);
            return null;
        }

        using var reader = new JsonTextReader(new StringReader(source.Text))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Double, // the value is taken from the text; see ReadNumber
            MaxDepth = JsonGrammar.MaxDepth + 1,
            Culture = CultureInfo.InvariantCulture,
        };

        var token = -1;
        var members = new List<JsonMember>(); // of the objects that are open, the innermost last
        Next();
        return Value();

        void Next()
        {
            reader.Read();
            token++;
        }

        // Recursive, but the grammar has already refused more than MaxDepth levels.
        JsonNode Value()
        {
            var offset = tokens[token];
            switch (reader.TokenType)
            {
                case JsonToken.StartObject:
                    var first = members.Count;
                    HashSet<string>? names = null;
                    for (Next(); reader.TokenType != JsonToken.EndObject; Next())
                    {
                        var (name, at) = ((string)reader.Value!, tokens[token]);
                        if (IsThere(name)) source.Add(at, "duplicate-name", $"`{Shorten(name)}` appears twice in this object");
                        Next();
                        var value = Value();
                        members.Add(new(name, at, value));
                    }

                    var own = CollectionsMarshal.AsSpan(members)[first..].ToImmutableArray();
                    members.RemoveRange(first, own.Length);
                    return new() { Source = source, Kind = JsonKind.Object, Offset = offset, Members = own };

                    // The names of a small object are looked through; of a large one they are kept apart.
                    bool IsThere(string name)
                    {
                        var before = CollectionsMarshal.AsSpan(members)[first..];
                        if (before.Length >= ManyMembers)
                        {
                            if (names is null)
                            {
                                names = new(2 * ManyMembers, StringComparer.Ordinal);
                                foreach (var member in before) names.Add(member.Name);
                            }

                            return !names.Add(name);
                        }

                        foreach (var member in before)
                            if (member.Name == name)
                                return true;
                        return false;
                    }

                case JsonToken.StartArray:
                    var items = ImmutableArray.CreateBuilder<JsonNode>();
                    for (Next(); reader.TokenType != JsonToken.EndArray; Next()) items.Add(Value());
                    return new() { Source = source, Kind = JsonKind.Array, Offset = offset, Items = items.ToImmutable() };

                case JsonToken.String:
                    var text = (string)reader.Value!;
                    return new() { Source = source, Kind = JsonKind.Text, Offset = offset, Text = text };

                case JsonToken.Boolean:
                    return new() { Source = source, Kind = JsonKind.Boolean, Offset = offset, Boolean = (bool)reader.Value! };

                case JsonToken.Null:
                    return new() { Source = source, Kind = JsonKind.Null, Offset = offset };

                default:
                    return new() { Source = source, Kind = JsonKind.Number, Offset = offset, Number = ReadNumber(offset) };
            }
        }

        decimal ReadNumber(int offset)
        {
            var end = offset;
            while (end < source.Text.Length && (char.IsAsciiDigit(source.Text[end]) || source.Text[end] is '-' or '+' or '.' or 'e' or 'E')) end++;
            var literal = source.Text.AsSpan(offset..end);
            if (ParseNumber(literal) is { } number) return number;
            source.Add(offset, "number-range", $"the number `{Shorten(literal.ToString())}` has more than {MaxSignificantDigits} digits or is too large or too small");
            return 0;
        }
    }

    /// <summary>The exact decimal of a JSON number, or null beyond 15 significant digits, <see cref="MaxMagnitude"/> or 15 decimals.</summary>
    internal static decimal? ParseNumber(ReadOnlySpan<char> literal)
    {
        if (!decimal.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return null;

        // decimal.Parse rounds silently beyond 28 digits: what it read must be the literal itself.
        var mantissa = literal.TrimStart('-');
        var exponent = mantissa.IndexOfAny('e', 'E');
        if (exponent >= 0) mantissa = mantissa[..exponent];
        var significant = 0;
        var zeros = 0;
        foreach (var c in mantissa)
        {
            if (c == '.') continue;
            if (c == '0') { zeros += significant > 0 ? 1 : 0; continue; }
            significant += zeros + 1;
            zeros = 0;
        }

        if (significant > MaxSignificantDigits || Math.Abs(number) > MaxMagnitude) return null;
        if (number == 0) return significant == 0 ? 0m : null;

        if (number.Scale > 0) number /= 1.0000000000000000000000000000m; // drops trailing zeros
        return number.Scale <= MaxSignificantDigits ? number : null;
    }

    /// <summary>A name or literal of the user's, short enough to show.</summary>
    internal static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[56]) ? 56 : 57), "...");
}
