using System.Globalization;
using System.Text;

namespace Advisory.Host.Cli;

/// <summary>How an outcome is coloured.</summary>
internal enum Tone
{
    /// <summary>Not assessed.</summary>
    Faint,

    /// <summary>Between the worst and the best.</summary>
    Between,

    /// <summary>The most severe outcome of its scale.</summary>
    Worst,

    /// <summary>The best outcome of its scale.</summary>
    Best,
}

/// <summary>Colours in text that is still to be laid out: marks without width, which become escape codes at the end.</summary>
internal static class Paint
{
    // Noncharacters, which no text for people holds.
    private const char End = '\uFDD0';
    private const char First = '\uFDD1';

    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    private static readonly string[] Codes = ["\u001b[2m", "\u001b[33m", "\u001b[31m", "\u001b[32m"];

    /// <summary>The words of a text, each marked by itself, so that a line break or a column between them stays plain.</summary>
    public static string Words(string text, Tone tone) => string.Join(' ', text.Split(' ').Select(word => $"{(char)(First + (int)tone)}{word}{End}"));

    /// <summary>The columns that a text takes.</summary>
    public static int Width(string text) => text.Count(c => !IsMark(c));

    public static string Pad(string text, int width) => text + new string(' ', Math.Max(0, width - Width(text)));

    /// <summary>One paragraph, wrapped at the width; a word that is longer than a line stays whole.</summary>
    /// <param name="text">Written to.</param>
    /// <param name="paragraph">Blanks of any kind in it are single spaces.</param>
    /// <param name="width">In columns.</param>
    /// <param name="lead">What stands before the first word.</param>
    /// <param name="hang">The indent of further lines; as wide as the lead where it is not given.</param>
    public static void Paragraph(StringBuilder text, string paragraph, int width, string lead = "", int hang = -1)
    {
        if (hang < 0) hang = lead.Length;
        var (column, isFirst) = (lead.Length, true);
        foreach (var word in paragraph.Split(Blanks, StringSplitOptions.RemoveEmptyEntries))
        {
            if (isFirst)
            {
                text.Append(lead);
            }
            else if (column + 1 + Width(word) > width)
            {
                text.Append('\n').Append(' ', hang);
                column = hang;
            }
            else
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += Width(word);
            isFirst = false;
        }

        text.Append('\n');
    }

    /// <summary>The lines of a paragraph that is wrapped at a width; one empty line of an empty paragraph.</summary>
    public static string[] Wrap(string paragraph, int width)
    {
        var text = new StringBuilder();
        Paragraph(text, paragraph, width);
        return text.ToString(0, text.Length - 1).Split('\n');
    }

    /// <summary>Turns the marks into escape codes, and makes the rest harmless: what a scenario holds must not speak to the terminal.</summary>
    public static void Finish(StringBuilder text, int start)
    {
        var written = text.ToString(start, text.Length - start);
        text.Length = start;
        foreach (var c in written)
        {
            if (c == End) text.Append("\u001b[0m");
            else if (IsMark(c)) text.Append(Codes[c - First]);
            else text.Append(c == '\n' || !IsHarmful(c) ? c : '\uFFFD');
        }
    }

    /// <summary>A text of the user's on a line of its own.</summary>
    public static string Harmless(string text) => text.Any(IsHarmful) ? string.Concat(text.Select(c => IsHarmful(c) ? '\uFFFD' : c)) : text;

    private static bool IsMark(char c) => c is >= End and <= (char)(First + 3);

    // Control characters, and those that turn the direction of the text; joiners belong to some scripts.
    private static bool IsHarmful(char c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
