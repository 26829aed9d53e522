using System.Globalization;
using System.Text;
using Advisory.Engine.Json;

namespace Advisory.Engine;

/// <summary>The one layout of a book file, so that a change shows as itself and not as white space.</summary>
/// <remarks>
/// Two spaces a level. An object or list stands on one line where it fits within <see cref="Width"/> columns and holds at most one
/// level of others; members keep the author's order. Only layout changes: the canonical form, and so the digest, stays the same.
/// </remarks>
public static class BookFormat
{
    /// <summary>The columns within which an object or list stays on one line.</summary>
    public const int Width = 150;

    private const int MaxFileBytes = 64 << 20;

    /// <summary>The file in its layout, or what keeps it from being read.</summary>
    public static Loaded<string> Layout(InputFile file) => Loaded<string>.From(problems =>
    {
        var node = SourceFile.Open(file, MaxFileBytes, problems) is { } source ? JsonNode.Read(source) : null;
        if (node is null || problems.Count > 0) return null;
        var text = new StringBuilder();
        Write(node, 0, text);
        return text.Append('\n').ToString();
    });

    private static void Write(JsonNode node, int indent, StringBuilder text)
    {
        if (node.Kind is not (JsonKind.Object or JsonKind.Array))
        {
            WriteFlat(node, text);
            return;
        }

        if (Depth(node) <= 2)
        {
            var start = text.Length;
            WriteFlat(node, text);
            if (text.Length - start + indent <= Width) return;
            text.Length = start;
        }

        var isObject = node.Kind == JsonKind.Object;
        text.Append(isObject ? '{' : '[');
        var count = isObject ? node.Members.Length : node.Items.Length;
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "\n" : ",\n").Append(' ', indent + 2);
            if (isObject) CanonicalJson.Quote(node.Members[i].Name, text).Append(": ");
            Write(isObject ? node.Members[i].Value : node.Items[i], indent + 2, text);
        }

        text.Append('\n').Append(' ', indent).Append(isObject ? '}' : ']');
    }

    /// <summary>0 for a plain value, else one more than the deepest value inside; counted no further than it matters.</summary>
    private static int Depth(JsonNode node) => node.Kind switch
    {
        JsonKind.Object => 1 + node.Members.Select(m => Depth(m.Value)).DefaultIfEmpty(0).Max(),
        JsonKind.Array => 1 + node.Items.Select(Depth).DefaultIfEmpty(0).Max(),
        _ => 0,
    };

    private static void WriteFlat(JsonNode node, StringBuilder text)
    {
        switch (node.Kind)
        {
            case JsonKind.Object when node.Members.IsEmpty:
                text.Append("{}");
                break;
            case JsonKind.Object:
                text.Append("{ ");
                for (var i = 0; i < node.Members.Length; i++)
                {
                    if (i > 0) text.Append(", ");
                    CanonicalJson.Quote(node.Members[i].Name, text).Append(": ");
                    WriteFlat(node.Members[i].Value, text);
                }

                text.Append(" }");
                break;
            case JsonKind.Array:
                text.Append('[');
                for (var i = 0; i < node.Items.Length; i++)
                {
                    if (i > 0) text.Append(", ");
                    WriteFlat(node.Items[i], text);
                }

                text.Append(']');
                break;
            case JsonKind.Text:
                CanonicalJson.Quote(node.Text, text);
                break;
            case JsonKind.Number:
                text.Append(node.Number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(node.Kind == JsonKind.Null ? "null" : node.Boolean ? "true" : "false");
                break;
        }
    }
}
