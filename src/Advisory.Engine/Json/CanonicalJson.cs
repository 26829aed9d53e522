using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Json;

/// <summary>
/// RFC 8785 (JSON Canonicalization Scheme) for the values we write: no space, members sorted by UTF-16 code units, the shortest
/// escapes, UTF-8.
/// </summary>
/// <remarks>
/// Numbers are decimals of at most 15 significant digits below 10^15, for which the ECMAScript form that the RFC asks for is the
/// plain decimal, except below 10^-6, where ECMAScript switches to an exponent; both are written here without a detour over double.
/// </remarks>
internal static class CanonicalJson
{
    public static byte[] Bytes(JToken value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static byte[] Bytes(JsonNode value, bool withoutTexts = false)
    {
        var text = new StringBuilder();
        Write(value, text, withoutTexts);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>What was written in canonical form; texts stay texts, also those that look like dates.</summary>
    public static JObject Parse(ReadOnlySpan<byte> canonical)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(canonical))) { DateParseHandling = DateParseHandling.None };
        return JObject.Load(reader);
    }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A number in results: an integer as a JSON number, any other decimal as text, since readers turn fractions into doubles.</summary>
    public static JToken Number(decimal value)
    {
        var plain = value.Scale == 0 ? value : value / 1.0000000000000000000000000000m;
        return plain.Scale == 0 && Math.Abs(plain) <= JsonNode.MaxMagnitude
            ? new JValue((long)plain)
            : new JValue(plain.ToString(CultureInfo.InvariantCulture));
    }

    private static void Write(JToken value, StringBuilder text)
    {
        switch (value.Type)
        {
            case JTokenType.Object:
                text.Append('{');
                var first = true;
                foreach (var member in ((JObject)value).Properties().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    if (!first) text.Append(',');
                    first = false;
                    Quote(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text);
                }

                text.Append('}');
                break;
            case JTokenType.Array:
                text.Append('[');
                for (var i = 0; i < ((JArray)value).Count; i++)
                {
                    if (i > 0) text.Append(',');
                    Write(value[i]!, text);
                }

                text.Append(']');
                break;
            case JTokenType.String:
                Quote((string)value!, text);
                break;
            case JTokenType.Integer:
                WriteNumber((long)value, text);
                break;
            case JTokenType.Boolean:
                text.Append((bool)value ? "true" : "false");
                break;
            case JTokenType.Null:
                text.Append("null");
                break;
            default:
                throw new InvalidOperationException("a canonical form holds no " + value.Type);
        }
    }

    private static void Write(JsonNode value, StringBuilder text, bool withoutTexts)
    {
        switch (value.Kind)
        {
            case JsonKind.Object:
                text.Append('{');
                var first = true;
                foreach (var member in value.Members.OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    if (withoutTexts && LocalText.Looks(member.Value)) continue;
                    if (!first) text.Append(',');
                    first = false;
                    Quote(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text, withoutTexts);
                }

                text.Append('}');
                break;
            case JsonKind.Array:
                text.Append('[');
                for (var i = 0; i < value.Items.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    Write(value.Items[i], text, withoutTexts);
                }

                text.Append(']');
                break;
            case JsonKind.Text:
                Quote(value.Text, text);
                break;
            case JsonKind.Number:
                WriteNumber(value.Number, text);
                break;
            case JsonKind.Boolean:
                text.Append(value.Boolean ? "true" : "false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void WriteNumber(decimal value, StringBuilder text)
    {
        var magnitude = Math.Abs(value);
        if (magnitude is 0 or >= 0.000001m)
        {
            text.Append(value.ToString(CultureInfo.InvariantCulture));
            return;
        }

        // ECMAScript Number::toString below 10^-6: one digit, the rest behind a point, a negative exponent.
        var exponent = 0;
        while (magnitude < 1) { magnitude *= 10; exponent++; }
        if (value < 0) text.Append('-');
        text.Append((magnitude / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)).Append("e-").Append(exponent.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A JSON string with only the escapes that JSON asks for, in their shortest form.</summary>
    public static StringBuilder Quote(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)); break;
                default: text.Append(c); break;
            }
        }

        return text.Append('"');
    }
}
