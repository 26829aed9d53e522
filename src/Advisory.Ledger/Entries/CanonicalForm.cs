using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Advisory.Ledgers.Entries;

/// <summary>Whether bytes are one JSON object in the canonical form of RFC 8785, so that an entry has one spelling only.</summary>
/// <remarks>
/// A check, not a writer: the ledger hashes what it is given. Two entries that mean the same would otherwise have two hashes, and a reader
/// with another notion of duplicate members, big numbers or lone surrogates would read another entry than the one that was signed.
/// </remarks>
internal ref struct CanonicalForm
{
    /// <summary>Of nesting; the recursion's bound.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> bytes;
    private int at;

    private CanonicalForm(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    /// <summary>
    /// What the ledger reads in an entry: the members <c>schema</c> and <c>kind</c> at the top where they are texts, and the texts in the
    /// list <c>attachments</c> at the top.
    /// </summary>
    public readonly record struct Head(string? Schema, string? Kind, IReadOnlyList<string>? Attachments);

    /// <summary>Null when the bytes are canonical; else what is wrong, with its place in bytes.</summary>
    public static string? Problem(ReadOnlySpan<byte> bytes, out Head head)
    {
        head = default;
        if (!Utf8.IsValid(bytes)) return "it is not valid UTF-8";
        if (bytes.IsEmpty || bytes[0] != '{') return "it is no JSON object";
        var form = new CanonicalForm(bytes);
        try
        {
            head = form.Object(1);
            if (form.at < bytes.Length) throw form.Wrong("something follows the object");
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    private readonly FormatException Wrong(string what) => new(FormattableString.Invariant($"{what} (at byte {at})"));

    private readonly byte Next => at < bytes.Length ? bytes[at] : throw Wrong("the object is not complete");

    private void Skip(char expected)
    {
        if (Next != expected) throw Wrong($"`{expected}` expected; canonical JSON has no spaces");
        at++;
    }

    private void Value(int depth)
    {
        switch (Next)
        {
            case (byte)'{':
                Object(depth + 1);
                break;
            case (byte)'[':
                Array(depth + 1);
                break;
            case (byte)'"':
                Text();
                break;
            case (byte)'t':
                Word("true"u8);
                break;
            case (byte)'f':
                Word("false"u8);
                break;
            case (byte)'n':
                Word("null"u8);
                break;
            default:
                Number();
                break;
        }
    }

    private Head Object(int depth)
    {
        if (depth > MaxDepth) throw Wrong("it is nested too deeply");
        var head = default(Head);
        Skip('{');
        if (Next == '}')
        {
            at++;
            return head;
        }

        ReadOnlySpan<byte> last = default;
        for (var first = true; ; first = false)
        {
            var start = at;
            var name = Text();
            if (!first && !Sorted(last, name))
            {
                at = start;
                throw Wrong(last.SequenceEqual(name) ? "a member stands twice" : "the members are not in order (of UTF-16 code units)");
            }

            last = name;
            Skip(':');
            var value = at;
            Value(depth);
            if (depth == 1 && bytes[value] == '[' && name.SequenceEqual("attachments"u8)) head = head with { Attachments = Texts(bytes[value..at]) };
            if (depth == 1 && bytes[value] == '"')
            {
                if (name.SequenceEqual("schema"u8)) head = head with { Schema = Decode(bytes[(value + 1)..(at - 1)]) };
                if (name.SequenceEqual("kind"u8)) head = head with { Kind = Decode(bytes[(value + 1)..(at - 1)]) };
            }

            if (Next == '}')
            {
                at++;
                return head;
            }

            Skip(',');
        }
    }

    private void Array(int depth)
    {
        if (depth > MaxDepth) throw Wrong("it is nested too deeply");
        Skip('[');
        if (Next == ']')
        {
            at++;
            return;
        }

        while (true)
        {
            Value(depth);
            if (Next == ']')
            {
                at++;
                return;
            }

            Skip(',');
        }
    }

    private void Word(ReadOnlySpan<byte> word)
    {
        if (!bytes[at..].StartsWith(word)) throw Wrong("a JSON value expected");
        at += word.Length;
    }

    /// <summary>A string; its contents between the quotes, escapes as they stand.</summary>
    private ReadOnlySpan<byte> Text()
    {
        Skip('"');
        var start = at;
        while (true)
        {
            at += PlainText.Length(bytes[at..]);
            var c = Next;
            if (c == '"') return bytes[start..at++];
            if (c != '\\') throw Wrong("a control character stands in a text");
            Escape();
        }
    }

    private void Escape()
    {
        var rest = bytes[at..];
        if (rest.Length > 1 && "\"\\bfnrt"u8.Contains(rest[1]))
        {
            at += 2;
            return;
        }

        // Only the controls that have no short form are written \u00xx, with small digits.
        if (rest.StartsWith("\\u00"u8) && rest.Length >= 6 && rest[4] is (byte)'0' or (byte)'1'
            && (char.IsAsciiDigit((char)rest[5]) || rest[5] is >= (byte)'a' and <= (byte)'f'))
        {
            var code = (rest[4] - '0') * 16 + (rest[5] <= '9' ? rest[5] - '0' : rest[5] - 'a' + 10);
            if (code is not (8 or 9 or 10 or 12 or 13))
            {
                at += 6;
                return;
            }
        }

        throw Wrong("an escape that canonical JSON does not use");
    }

    private void Number()
    {
        var rest = bytes[at..];
        var length = rest.IndexOfAnyExcept(PlainText.NumberParts);
        var text = length < 0 ? rest : rest[..length];
        if (text.IsEmpty) throw Wrong("a JSON value expected");

        // Up to 15 digits an integer is exact and its own canonical form: the usual case, without a double.
        var digits = text[0] == '-' ? text[1..] : text;
        var plain = digits.Length is > 0 and <= 15 && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && (digits[0] != '0' || text.Length == 1);
        if (!plain)
        {
            if (!Utf8Parser.TryParse(text, out double value, out var used) || used != text.Length || !double.IsFinite(value)
                || !Ascii.Equals(text, EcmaScriptNumber.Write(value)))
                throw Wrong($"`{Encoding.UTF8.GetString(text)}` is not the canonical form of a number");
        }

        at += text.Length;
    }

    /// <summary>The texts in a list that is known to be canonical.</summary>
    private static List<string> Texts(ReadOnlySpan<byte> list)
    {
        var texts = new List<string>();
        var reader = new Utf8JsonReader(list);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == 1) texts.Add(reader.GetString()!);
        return texts;
    }

    private static bool Sorted(ReadOnlySpan<byte> name, ReadOnlySpan<byte> next)
    {
        // Below U+0080 and without escapes the order of bytes is that of UTF-16.
        if (Ascii.IsValid(name) && Ascii.IsValid(next) && !name.Contains((byte)'\\') && !next.Contains((byte)'\\')) return name.SequenceCompareTo(next) < 0;
        return string.CompareOrdinal(Decode(name), Decode(next)) < 0;
    }

    private static string Decode(ReadOnlySpan<byte> text)
    {
        var decoded = Encoding.UTF8.GetString(text);
        if (!decoded.Contains('\\', StringComparison.Ordinal)) return decoded;
        var plain = new StringBuilder();
        for (var i = 0; i < decoded.Length; i++)
        {
            if (decoded[i] != '\\')
            {
                plain.Append(decoded[i]);
                continue;
            }

            i++;
            plain.Append(decoded[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)int.Parse(decoded.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var c => c,
            });
            if (decoded[i] == 'u') i += 4;
        }

        return plain.ToString();
    }
}

/// <summary>Runs of bytes that need no closer look.</summary>
internal static class PlainText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    /// <summary>What a JSON number may be made of.</summary>
    public static readonly SearchValues<byte> NumberParts = SearchValues.Create("0123456789+-.eE"u8);

    /// <summary>How many bytes come before a quote, a backslash or a control character.</summary>
    public static int Length(ReadOnlySpan<byte> text) => text.IndexOfAny(Special) is >= 0 and var index ? index : text.Length;
}

/// <summary>Number::toString of ECMA-262, which RFC 8785 prescribes for JSON numbers.</summary>
internal static class EcmaScriptNumber
{
    /// <param name="value">Finite.</param>
    public static string Write(double value)
    {
        if (value == 0) return "0";

        // "E16" would give 17 digits; the round-trip form gives the shortest that read back as the same double, which is what ECMAScript asks for.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var n = (point < 0 ? mantissa.Length : point) + exponent;
        n -= digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');

        // value = 0.digits · 10^n; the four shapes of the standard.
        var k = digits.Length;
        var form = n > 0 && n <= 21 ? k <= n ? digits + new string('0', n - k) : digits[..n] + "." + digits[n..]
            : n > -6 && n <= 0 ? "0." + new string('0', -n) + digits
            : FormattableString.Invariant($"{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e{(n > 0 ? "+" : "-")}{Math.Abs(n - 1)}");
        return value < 0 ? "-" + form : form;
    }
}
