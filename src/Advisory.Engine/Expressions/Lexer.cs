namespace Advisory.Engine.Expressions;

internal enum TokenKind { End, Name, Number, Text, Symbol }

/// <summary>A word of an expression. <paramref name="Text"/> is the decoded text of a string, else the word as written.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string Text);

/// <summary>A fault in an expression, at an index into its text.</summary>
internal sealed class ExpressionException(int index, string code, string message, string? hint = null) : Exception(message)
{
    public int Index { get; } = index;

    public string Code { get; } = code;

    public string? Hint { get; } = hint;
}

internal static class Lexer
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "(", ")", ",", "+", "-", "*", "/"];

    /// <summary>The words of <paramref name="text"/>, closed by one of kind <see cref="TokenKind.End"/>.</summary>
    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n') at++;
            if (at == text.Length)
            {
                tokens.Add(new(TokenKind.End, at, at, ""));
                return tokens;
            }

            var start = at;
            var c = text[at];
            if (char.IsAsciiLetter(c) || c == '_')
            {
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.')) at++;
                tokens.Add(new(TokenKind.Name, start, at, text[start..at]));
            }
            else if (char.IsAsciiDigit(c))
            {
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.')) at++;
                tokens.Add(new(TokenKind.Number, start, at, text[start..at]));
            }
            else if (c == '"')
            {
                var close = at + 1;
                while (close < text.Length && text[close] != '"')
                {
                    if (text[close] == '\\') throw new ExpressionException(close, "syntax", "text in an expression has no escapes");
                    close++;
                }

                if (close == text.Length) throw new ExpressionException(start, "syntax", "the text does not end", "close it with a double quote");
                at = close + 1;
                tokens.Add(new(TokenKind.Text, start, at, text[(start + 1)..close]));
            }
            else if (Symbol(text, start) is { } found)
            {
                at += found.Length;
                tokens.Add(new(TokenKind.Symbol, start, at, found));
            }
            else
            {
                throw Stranger(text, start);
            }
        }
    }

    // Signs of other languages; some would read as two of ours, and none can stand in an expression.
    private static readonly (string Sign, string Hint)[] Foreign =
        [("<>", "write `!=`"), ("===", "write `==`"), ("!==", "write `!=`"), ("=>", "write `>=`"), ("=<", "write `<=`"), ("??", "ask `fact != null`")];

    private static string? Symbol(string text, int at)
    {
        foreach (var (sign, hint) in Foreign)
            if (Stands(sign))
                throw new ExpressionException(at, "syntax", $"`{sign}` is not part of the language", hint);
        foreach (var symbol in Symbols)
            if (Stands(symbol))
                return symbol;
        return null;

        bool Stands(string sign) => string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0;
    }

    private static ExpressionException Stranger(string text, int at) => text[at] switch
    {
        '\'' => new(at, "syntax", "text stands in double quotes, not single ones", "write \"…\""),
        '=' => new(at, "syntax", "`=` is not part of the language", "write `==`"),
        '&' => new(at, "syntax", "`&` is not part of the language", "write `&&`"),
        '|' => new(at, "syntax", "`|` is not part of the language", "write `||`"),
        '%' => new(at, "syntax", "`%` is not part of the language"),
        var c when char.IsSurrogate(c) => new(at, "syntax", "this character is not part of the language"),
        var c => new(at, "syntax", FormattableString.Invariant($"`{(char.IsControl(c) ? ' ' : c)}` (U+{(int)c:X4}) is not part of the language"),
            c > 127 ? "names and signs are plain ASCII" : null),
    };
}
