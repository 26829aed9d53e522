using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests;

/// <summary>Why a value is not valid: where it stands (a JSON pointer) and the keyword that refuses it.</summary>
/// <remarks>The keyword is <c>false</c> for a schema that refuses everything.</remarks>
internal sealed record SchemaFault(string At, string Keyword, string Text)
{
    public override string ToString() => $"{(At.Length == 0 ? "/" : At)}: {Keyword}: {Text}";
}

/// <summary>What a schema says about the objects of one valid document, by JSON pointer: filled while it is validated.</summary>
internal sealed class SchemaShapes
{
    /// <summary>The members that an object may have, where a schema closes it.</summary>
    public Dictionary<string, HashSet<string>> Closed { get; } = new(StringComparer.Ordinal);

    /// <summary>Members that a closed object has by name but not in this form, such as the unit of a fact that is no number.</summary>
    public Dictionary<string, HashSet<string>> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>The schemas of all named members that the document has.</summary>
    public HashSet<JToken> Met { get; } = new(ReferenceEqualityComparer.Instance);

    public void Add(SchemaShapes other)
    {
        foreach (var (at, names) in other.Closed) Close(at, names);
        foreach (var (at, names) in other.Refused) Refuse(at, names);
        Met.UnionWith(other.Met);
    }

    public void Close(string at, IEnumerable<string> names)
    {
        if (Closed.TryGetValue(at, out var known)) known.IntersectWith(names);
        else Closed[at] = [.. names];
    }

    public void Refuse(string at, IEnumerable<string> names)
    {
        if (!Refused.TryGetValue(at, out var known)) Refused[at] = known = [];
        known.UnionWith(names);
    }
}

/// <summary>
/// JSON Schema, draft 7: the keywords that the schemas of a rule book use, and no other. A schema with any other keyword is refused, for
/// a keyword that is passed over checks nothing and looks as if it did.
/// </summary>
/// <remarks>Patterns are read as ECMAScript reads them: <c>$</c> is the end of the text, not also the place before a last line break.</remarks>
internal sealed class JsonSchema
{
    /// <summary>Keywords that can refuse a value, or lead to one that can.</summary>
    public static readonly ImmutableArray<string> Assertions =
    [
        "$ref", "type", "enum", "const", "pattern", "maxLength", "minimum", "maximum", "exclusiveMinimum", "required", "properties",
        "additionalProperties", "propertyNames", "minProperties", "maxProperties", "dependencies", "items", "minItems", "maxItems",
        "uniqueItems", "allOf", "anyOf", "not", "if", "then", "else",
    ];

    /// <summary>Keywords for people and editors; the last three are those of Visual Studio Code.</summary>
    public static readonly ImmutableArray<string> Annotations =
        ["$schema", "$id", "title", "description", "default", "examples", "definitions", "defaultSnippets", "enumDescriptions", "patternErrorMessage"];

    private readonly Dictionary<string, Regex> patterns = new(StringComparer.Ordinal);

    private JsonSchema(JObject root)
    {
        Root = root;
        Examine(root, "");
    }

    public JObject Root { get; }

    /// <summary>Every schema inside, with its JSON pointer; the root's is empty.</summary>
    public Dictionary<string, JToken> Parts { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a schema; throws where it is not one, or uses more than the known keywords.</summary>
    public static JsonSchema Parse(string text) =>
        ParseJson(text) is JObject root ? new(root) : throw new FormatException("a schema file is an object");

    /// <summary>JSON as it stands: dates stay text, and decimals decimals.</summary>
    public static JToken ParseJson(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Decimal,
        };
        var token = JToken.ReadFrom(reader, new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        return reader.Read() ? throw new FormatException("more than one JSON value") : token;
    }

    public List<SchemaFault> Faults(JToken value, SchemaShapes? shapes = null) => Faults(value, Root, shapes);

    /// <summary>Everything wrong with a value under one of <see cref="Parts"/>.</summary>
    public List<SchemaFault> Faults(JToken value, JToken part, SchemaShapes? shapes = null)
    {
        var faults = new List<SchemaFault>();
        Check(value, part, "", faults, shapes);
        return faults;
    }

    /// <summary>The schema that a schema stands for: the definition that it refers to, or itself.</summary>
    public JToken Resolve(JToken schema)
    {
        const string Prefix = "#/definitions/";
        if (schema is not JObject { } given || (string?)given["$ref"] is not { } name) return schema;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) throw new FormatException($"`{name}` is not a reference into this file");
        return Root["definitions"]?[name[Prefix.Length..]] ?? throw new FormatException($"`{name}` is not defined");
    }

    private void Examine(JToken schema, string at)
    {
        Parts.Add(at, schema);
        if (schema is JValue { Value: bool }) return;
        if (schema is not JObject keywords) throw new FormatException($"{at} is not a schema");
        foreach (var (keyword, value) in keywords)
        {
            var inside = $"{at}/{keyword}";
            if (!Assertions.Contains(keyword) && !Annotations.Contains(keyword))
                throw new FormatException($"{inside}: this keyword is not supported");
            switch (keyword)
            {
                case "$ref":
                    // Draft 7 passes over everything beside a reference, so nothing there may be meant to check.
                    Resolve(schema);
                    if (keywords.Properties().FirstOrDefault(p => p.Name != "$ref" && !Annotations.Contains(p.Name)) is { } beside)
                        throw new FormatException($"{at}: `{beside.Name}` beside a reference checks nothing");
                    break;
                case "properties" or "definitions":
                    foreach (var (name, part) in Object(value, inside)) Examine(part!, $"{inside}/{Escape(name)}");
                    break;
                case "items" or "additionalProperties" or "propertyNames" or "not" or "if" or "then" or "else":
                    Examine(value!, inside);
                    break;
                case "allOf" or "anyOf":
                    if (value is not JArray { Count: > 0 } parts) throw new FormatException($"{inside} is not a list of schemas");
                    for (var i = 0; i < parts.Count; i++) Examine(parts[i], FormattableString.Invariant($"{inside}/{i}"));
                    break;
                case "dependencies":
                    foreach (var (name, needs) in Object(value, inside))
                        if (needs is not JArray || needs.Any(n => n.Type != JTokenType.String))
                            throw new FormatException($"{inside}/{name} is not a list of names");
                    break;
                case "pattern":
                    var pattern = (string)value!;
                    var strict = pattern.EndsWith('$') ? pattern[..^1] + "\\z" : pattern;
                    patterns[pattern] = new(strict, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
                    break;
                case "type" when Words(value!).Except(["null", "boolean", "number", "integer", "string", "array", "object"]).Any():
                    throw new FormatException($"{inside} is not a type");
            }
        }

        static JObject Object(JToken? value, string at) => value as JObject ?? throw new FormatException($"{at} is not an object");
    }

    private void Check(JToken value, JToken schema, string at, List<SchemaFault> faults, SchemaShapes? shapes)
    {
        if (schema is JValue { Value: bool isAllowed })
        {
            if (!isAllowed) Fault("false", "nothing is allowed here");
            return;
        }

        foreach (var (keyword, given) in (JObject)schema)
        {
            var says = given!;
            switch (keyword)
            {
                case "$ref":
                    Check(value, Resolve(schema), at, faults, shapes);
                    return;
                case "type" when !Words(says).Any(word => Is(value, word)):
                    Fault(keyword, $"{value.Type} is not {string.Join(" or ", Words(says))}");
                    break;
                case "enum" when !says.Any(known => Same(known, value)):
                    Fault(keyword, $"{Shown(value)} is not one of {Shown(says)}");
                    break;
                case "const" when !Same(says, value):
                    Fault(keyword, $"{Shown(value)} is not {Shown(says)}");
                    break;
                case "pattern" when value.Type == JTokenType.String && !patterns[(string)says!].IsMatch((string)value!):
                    Fault(keyword, $"{Shown(value)} does not match {says}");
                    break;
                case "maxLength" when value.Type == JTokenType.String && ((string)value!).EnumerateRunes().Count() > (int)says:
                    Fault(keyword, $"longer than {says}");
                    break;
                case "minimum" when Number(value) < Number(says):
                case "maximum" when Number(value) > Number(says):
                case "exclusiveMinimum" when Number(value) <= Number(says):
                    Fault(keyword, $"{Shown(value)} is beyond {Shown(says)}");
                    break;
                case "minItems" when value is JArray items && items.Count < (int)says:
                case "maxItems" when value is JArray list && list.Count > (int)says:
                    Fault(keyword, $"{((JArray)value).Count} items");
                    break;
                case "uniqueItems" when (bool)says && value is JArray items && items.Distinct(JToken.EqualityComparer).Count() < items.Count:
                    Fault(keyword, "an item stands here twice");
                    break;
                case "items" when value is JArray items:
                    for (var i = 0; i < items.Count; i++) Check(items[i], says, FormattableString.Invariant($"{at}/{i}"), faults, shapes);
                    break;
                case "minProperties" when value is JObject members && members.Count < (int)says:
                case "maxProperties" when value is JObject all && all.Count > (int)says:
                    Fault(keyword, $"{((JObject)value).Count} members");
                    break;
                case "required" when value is JObject members:
                    foreach (var name in says.Select(n => (string)n!))
                        if (!members.ContainsKey(name))
                            Fault(keyword, $"`{name}` is missing");
                    break;
                case "dependencies" when value is JObject members:
                    foreach (var (name, needs) in (JObject)says)
                        foreach (var need in needs!.Select(n => (string)n!).Where(n => members.ContainsKey(name) && !members.ContainsKey(n)))
                            Fault(keyword, $"`{name}` needs `{need}`");
                    break;
                case "properties" when value is JObject members:
                    shapes?.Refuse(at, ((JObject)says).Properties().Where(p => p.Value is JValue { Value: false }).Select(p => p.Name));
                    foreach (var (name, part) in (JObject)says)
                    {
                        if (members[name] is not { } member) continue;
                        shapes?.Met.Add(part!);
                        Check(member, part!, $"{at}/{Escape(name)}", faults, shapes);
                    }

                    break;
                case "additionalProperties" when value is JObject members:
                    var named = schema["properties"] as JObject ?? [];
                    if (says is JValue { Value: false }) shapes?.Close(at, named.Properties().Select(p => p.Name));
                    foreach (var (name, member) in members)
                    {
                        if (named.ContainsKey(name)) continue;
                        if (says is JValue { Value: false }) faults.Add(new($"{at}/{Escape(name)}", keyword, "there is no such member"));
                        else Check(member!, says, $"{at}/{Escape(name)}", faults, shapes);
                    }

                    break;
                case "propertyNames" when value is JObject members:
                    foreach (var (name, _) in members) Check(name, says, $"{at}/{Escape(name)}", faults, null);
                    break;
                case "allOf":
                    foreach (var part in says) Check(value, part, at, faults, shapes);
                    break;
                case "anyOf":
                    var refusals = new List<SchemaFault>();
                    var holds = false;
                    foreach (var part in says)
                    {
                        var inside = new SchemaShapes();
                        var found = Faults(value, part, inside, at);
                        holds |= found.Count == 0;
                        if (found.Count == 0) shapes?.Add(inside);
                        else refusals.Add(found[0]);
                    }

                    if (!holds) Fault(keyword, string.Join("; or ", refusals));
                    break;
                case "not" when Faults(value, says, null, at).Count == 0:
                    Fault(keyword, $"{Shown(value)} is what it must not be");
                    break;
                case "if":
                    var then = schema[Faults(value, says, null, at).Count == 0 ? "then" : "else"];
                    if (then is not null) Check(value, then, at, faults, shapes);
                    break;
            }
        }

        void Fault(string keyword, string text) => faults.Add(new(at, keyword, text));
    }

    private List<SchemaFault> Faults(JToken value, JToken part, SchemaShapes? shapes, string at)
    {
        var faults = new List<SchemaFault>();
        Check(value, part, at, faults, shapes);
        return faults;
    }

    private static bool Is(JToken value, string word) => (word, value.Type) switch
    {
        ("null", JTokenType.Null) or ("boolean", JTokenType.Boolean) or ("string", JTokenType.String) => true,
        ("array", JTokenType.Array) or ("object", JTokenType.Object) or ("number" or "integer", JTokenType.Integer) => true,
        ("number", JTokenType.Float) => true,
        ("integer", JTokenType.Float) => decimal.Truncate((decimal)value) == (decimal)value,
        _ => false,
    };

    private static bool Same(JToken one, JToken other) =>
        Number(one) is { } a && Number(other) is { } b ? a == b : JToken.DeepEquals(one, other);

    private static decimal? Number(JToken value) => value.Type is JTokenType.Integer or JTokenType.Float ? (decimal)value : null;

    private static IEnumerable<string> Words(JToken says) => says is JArray many ? many.Select(word => (string)word!) : [(string)says!];

    private static string Shown(JToken value) => value.ToString(Formatting.None);

    internal static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

/// <summary>Places in JSON documents, as JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    public static JToken At(JToken root, string pointer) =>
        Find(root, pointer) ?? throw new ArgumentException($"there is nothing at {pointer}", nameof(pointer));

    /// <summary>A copy of the document in which one member or item is set, or taken away where <paramref name="value"/> is null.</summary>
    public static JToken With(JToken root, string pointer, JToken? value)
    {
        var copy = root.DeepClone();
        var last = pointer.LastIndexOf('/');
        var (parent, name) = (At(copy, pointer[..last]), Unescape(pointer[(last + 1)..]));
        if (value is null) _ = At(copy, pointer); // there must be something to take away
        if (parent is JObject members && value is not null) members[name] = value;
        else if (parent is JObject without) without.Remove(name);
        else if (value is not null) parent[int.Parse(name, CultureInfo.InvariantCulture)] = value;
        else ((JArray)parent).RemoveAt(int.Parse(name, CultureInfo.InvariantCulture));
        return copy;
    }

    private static JToken? Find(JToken root, string pointer)
    {
        var found = root;
        foreach (var step in pointer.Split('/').Skip(1).Select(Unescape))
            found = found is JArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)] : found?[step];
        return found;
    }

    private static string Unescape(string step) => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
