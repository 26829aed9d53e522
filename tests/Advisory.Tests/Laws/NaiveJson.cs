using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Advisory.Tests.Laws;

/// <summary>
/// JSON as plain objects: <c>Dictionary&lt;string, object?&gt;</c>, <c>List&lt;object?&gt;</c>, text, decimal, bool and null. Written from
/// sections 2 and 12 of the normative README, for files that are valid.
/// </summary>
internal static class NaiveJson
{
    private const decimal LargestWhole = 999_999_999_999_999;

    public static object? Read(ReadOnlyMemory<byte> file)
    {
        using var document = JsonDocument.Parse(file);
        return Plain(document.RootElement);
    }

    /// <summary>12.1.</summary>
    public static string Canonical(object? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    /// <summary>12.3: the digest of a canonical form.</summary>
    public static string Digest(object? node) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(node))));

    /// <summary>12.2: the same with every number that is not whole, or too large, as a text.</summary>
    public static object? WithNumbersOfResults(object? node) => node switch
    {
        Dictionary<string, object?> members => members.ToDictionary(m => m.Key, m => WithNumbersOfResults(m.Value)),
        List<object?> items => items.ConvertAll(WithNumbersOfResults),
        decimal number when number != decimal.Truncate(number) || Math.Abs(number) > LargestWhole => PlainDecimal(number),
        _ => node,
    };

    /// <summary>Where two canonical forms first differ, as a path and the two values; null if they are the same.</summary>
    public static string? FirstDifference(string expected, string actual)
    {
        if (expected == actual) return null;
        var (one, other) = (Read(Encoding.UTF8.GetBytes(expected)), Read(Encoding.UTF8.GetBytes(actual)));
        return FirstDifference("$", one, other) ?? "the same values, written differently";
    }

    private static string? FirstDifference(string path, object? one, object? other)
    {
        if (Canonical(one) == Canonical(other)) return null;
        if (one is Dictionary<string, object?> members && other is Dictionary<string, object?> others)
        {
            foreach (var name in members.Keys.Union(others.Keys).Order(StringComparer.Ordinal))
            {
                var (isExpected, isThere) = (members.TryGetValue(name, out var expected), others.TryGetValue(name, out var actual));
                if (!isExpected) return $"{path}.{name} should not be there; it is {Canonical(actual)}";
                if (!isThere) return $"{path}.{name} is missing; it should be {Canonical(expected)}";
                if (FirstDifference($"{path}.{name}", expected, actual) is { } difference) return difference;
            }
        }
        if (one is List<object?> items && other is List<object?> otherItems && items.Count == otherItems.Count)
        {
            return items.Zip(otherItems).Select((pair, at) => FirstDifference($"{path}[{at}]", pair.First, pair.Second)).First(d => d is not null);
        }
        return $"{path} should be {Canonical(one)}; it is {Canonical(other)}";
    }

    private static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(m => m.Name, m => Plain(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => decimal.Parse(element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture),
        JsonValueKind.Null => null,
        var kind => kind == JsonValueKind.True,
    };

    private static void Write(object? node, StringBuilder text)
    {
        switch (node)
        {
            case Dictionary<string, object?> members:
                WriteAll('{', members.OrderBy(m => m.Key, StringComparer.Ordinal), '}', text, member =>
                {
                    Write(member.Key, text);
                    text.Append(':');
                    Write(member.Value, text);
                });
                break;
            case List<object?> items:
                WriteAll('[', items, ']', text, item => Write(item, text));
                break;
            case string words:
                text.Append('"');
                foreach (var c in words) text.Append(Escaped(c));
                text.Append('"');
                break;
            case decimal number:
                text.Append(Number(number));
                break;
            case bool truth:
                text.Append(truth ? "true" : "false");
                break;
            case null:
                text.Append("null");
                break;
            default:
                throw new InvalidOperationException($"{node.GetType()} has no place in JSON");
        }
    }

    private static void WriteAll<T>(char open, IEnumerable<T> items, char close, StringBuilder text, Action<T> write)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) text.Append(',');
            isFirst = false;
            write(item);
        }
        text.Append(close);
    }

    private static string Escaped(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\b' => @"\b",
        '\f' => @"\f",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => c.ToString(),
    };

    private static string Number(decimal number)
    {
        if (number == 0 || Math.Abs(number) >= 0.000001m) return PlainDecimal(number);
        var exponent = 0;
        for (; Math.Abs(number) < 1; exponent++) number *= 10;
        return string.Create(CultureInfo.InvariantCulture, $"{PlainDecimal(number)}e-{exponent}");
    }

    private static string PlainDecimal(decimal number) =>
        number == 0 ? "0" : number.ToString("0.############################", CultureInfo.InvariantCulture);
}

/// <summary>Members of plain objects by name.</summary>
internal static class NaiveMembers
{
    public static object? Get(this Dictionary<string, object?> members, string name) => members.GetValueOrDefault(name);

    public static string Text(this Dictionary<string, object?> members, string name) => (string)members[name]!;

    public static bool Flag(this Dictionary<string, object?> members, string name, bool otherwise) => members.Get(name) as bool? ?? otherwise;

    public static Dictionary<string, object?> Members(this Dictionary<string, object?> members, string name) =>
        members.Get(name) as Dictionary<string, object?> ?? [];

    public static List<object?> List(this Dictionary<string, object?> members, string name) => members.Get(name) as List<object?> ?? [];

    public static IEnumerable<Dictionary<string, object?>> Objects(this Dictionary<string, object?> members, string name) =>
        members.List(name).Cast<Dictionary<string, object?>>();

    public static IEnumerable<string> Texts(this Dictionary<string, object?> members, string name) => members.List(name).Cast<string>();
}
