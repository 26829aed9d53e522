namespace Advisory.Engine.Json;

/// <summary>
/// Strict JSON (RFC 8259), checked before Newtonsoft.Json reads it: that reader also accepts comments, single quotes, bare names,
/// trailing commas, NaN, hexadecimal and constructors, and reports where a token ends. This pass refuses those and notes where each
/// token starts; tokens come in the order in which the reader hands them out.
/// </summary>
/// <remarks>No recursion: the depth of the input is a counter, so no input can overflow the stack.</remarks>
internal sealed class JsonGrammar
{
    /// <summary>Where and why a text is not JSON as we read it.</summary>
    internal readonly record struct Fault(int Offset, string Text, string Code = "not-json", string? Hint = null);

    public const int MaxDepth = 32;

    // Longer literals are refused here, because the reader would build a big integer first.
    private const int MaxNumberLength = 100;

    private static readonly string[] Constants = ["true", "false", "null"];

    private readonly string text;
    private readonly List<int> tokens;
    private int at;

    private JsonGrammar(string text, List<int> tokens)
    {
        this.text = text;
        this.tokens = tokens;
    }

    /// <summary>Fills <paramref name="tokens"/> with the offset of every token, or returns the first fault.</summary>
    public static Fault? Check(string text, List<int> tokens) => new JsonGrammar(text, tokens).Document();

    private enum Expect { Value, FirstValueOrEnd, Key, FirstKeyOrEnd, CommaOrEnd }

    private Fault? Document()
    {
        Span<bool> isObject = stackalloc bool[MaxDepth];
        var depth = 0;
        var comma = -1;
        var expect = Expect.Value;

        while (true)
        {
            SkipSpace();
            if (at == text.Length) return new Fault(at, tokens.Count == 0 ? "the file is empty" : "the file ends too early");
            var c = text[at];
            if (IsComment()) return Comment();

            if (expect == Expect.CommaOrEnd)
            {
                var closing = isObject[depth - 1] ? '}' : ']';
                if (c == ',')
                {
                    comma = at++;
                    expect = isObject[depth - 1] ? Expect.Key : Expect.Value;
                    continue;
                }

                if (c != closing) return new Fault(at, $"a comma or `{closing}` was expected here", Hint: Strange());
                if (Close()) return Rest();
                continue;
            }

            if (expect == Expect.FirstKeyOrEnd && c == '}' || expect == Expect.FirstValueOrEnd && c == ']')
            {
                if (Close()) return Rest();
                continue;
            }

            if (expect == Expect.Key && c == '}' || expect == Expect.Value && c == ']' && depth > 0 && !isObject[depth - 1]) return new Fault(comma, "nothing stands behind this comma", Hint: "leave it out");
            tokens.Add(at);
            if (expect is Expect.Key or Expect.FirstKeyOrEnd)
            {
                if (c != '"') return new Fault(at, "a member name in double quotes was expected here", Hint: Strange());
                if (String() is { } fault) return fault;
                SkipSpace();
                if (at == text.Length || text[at] != ':') return new Fault(at, "a colon was expected here", Hint: Strange());
                at++;
                expect = Expect.Value;
                continue;
            }

            switch (c)
            {
                case '{' or '[':
                    if (depth == MaxDepth) return new Fault(at, FormattableString.Invariant($"more than {MaxDepth} levels deep"));
                    isObject[depth++] = c == '{';
                    expect = c == '{' ? Expect.FirstKeyOrEnd : Expect.FirstValueOrEnd;
                    at++;
                    continue;
                case '"':
                    if (String() is { } inString) return inString;
                    break;
                case '-' or >= '0' and <= '9':
                    if (Number() is { } inNumber) return inNumber;
                    break;
                default:
                    if (!(Word("true") || Word("false") || Word("null"))) return new Fault(at, "a value was expected here", Hint: c == '\'' ? "text stands in double quotes" : Lower() ?? Strange());
                    break;
            }

            if (depth == 0) return Rest();
            expect = Expect.CommaOrEnd;
        }

        bool Close()
        {
            tokens.Add(at++);
            expect = Expect.CommaOrEnd;
            return --depth == 0;
        }
    }

    private Fault? Rest()
    {
        SkipSpace();
        return at == text.Length ? null : IsComment() ? Comment() : new Fault(at, "nothing more was expected here", Hint: Strange());
    }

    private bool IsComment() => text[at] == '/' && at + 1 < text.Length && text[at + 1] is '/' or '*';

    private Fault Comment() => new(at, "a comment is not part of JSON", Hint: "leave it out");

    // What cannot be seen, or looks like a sign of JSON, is named.
    private string? Strange() => at < text.Length && text[at] is < ' ' or > '~' and not (>= '\uD800' and <= '\uDFFF') ? FormattableString.Invariant($"this is the character U+{(int)text[at]:X4}") : null;

    private string? Lower()
    {
        var end = at;
        while (end < text.Length && char.IsAsciiLetter(text[end])) end++;
        return Constants.FirstOrDefault(word => text.AsSpan(at, end - at).Equals(word, StringComparison.OrdinalIgnoreCase)) is { } word ? $"write `{word}`" : null;
    }

    private void SkipSpace()
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n') at++;
    }

    private bool Word(string word)
    {
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) return false;
        if (at + word.Length < text.Length && char.IsAsciiLetterOrDigit(text[at + word.Length])) return false;
        at += word.Length;
        return true;
    }

    private Fault? String()
    {
        for (at++; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    at++;
                    return null;
                case < ' ':
                    return new Fault(at, "a control character in a string must be escaped");
                case '\\':
                    at++;
                    if (at == text.Length) break;
                    if (text[at] == 'u')
                    {
                        for (var i = 1; i <= 4; i++)
                            if (at + i >= text.Length || !char.IsAsciiHexDigit(text[at + i]))
                                return new Fault(at - 1, "four hexadecimal digits were expected after `\\u`");
                        if (Surrogate() is { } half) return half;
                        at += 4;
                    }
                    else if (!"\"\\/bfnrt".Contains(text[at], StringComparison.Ordinal))
                    {
                        return new Fault(at - 1, "this is not an escape that JSON knows");
                    }

                    break;
            }
        }

        return new Fault(text.Length, "the string does not end");
    }

    // Newtonsoft.Json would read half of a pair as U+FFFD, silently; `at` stands on the `u` of an escape.
    private Fault? Surrogate()
    {
        var unit = Convert.ToInt32(text.Substring(at + 1, 4), 16);
        if (unit is < 0xD800 or > 0xDFFF) return null;
        var next = at + 10 < text.Length && text[at + 5] == '\\' && text[at + 6] == 'u' ? text.Substring(at + 7, 4) : "";
        var isPair = unit < 0xDC00 && next.Length == 4 && next.All(char.IsAsciiHexDigit) && Convert.ToInt32(next, 16) is >= 0xDC00 and <= 0xDFFF;
        if (!isPair) return new Fault(at - 1, "half of a surrogate pair is not a character", "lone-surrogate");
        at += 6; // the second half is checked with the first
        return null;
    }

    private Fault? Number()
    {
        var start = at;
        if (text[at] == '-') at++;
        if (Digits() is var whole && whole == 0) return new Fault(at, "a digit was expected here");
        if (whole > 1 && text[at - whole] == '0') return new Fault(start, "a number does not start with a zero");
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (Digits() == 0) return new Fault(at, "a digit was expected here");
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-') at++;
            if (Digits() == 0) return new Fault(at, "a digit was expected here");
        }

        return at - start > MaxNumberLength ? new Fault(start, FormattableString.Invariant($"a number of {at - start} characters; at most {MaxNumberLength} are read")) : null;
    }

    private int Digits()
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at - start;
    }
}
