using System.Text;
using System.Text.Unicode;

namespace Advisory.Engine.Json;

/// <summary>A place in a file that was read without errors, for what is found there later.</summary>
internal readonly record struct Place(SourceFile Source, int Offset)
{
    public Problem Problem(string code, string text, string? hint = null, Severity severity = Severity.Warning)
    {
        var (line, column) = Source.Position(Offset);
        return new(Source.Path, line, column, code, text, hint, severity);
    }
}

/// <summary>A file has more errors than anybody mends by one list; reading stops, and the last problem says so.</summary>
internal sealed class TooManyProblemsException : Exception;

/// <summary>A file's text with its positions, and the problems found in it.</summary>
internal sealed class SourceFile
{
    /// <summary>A file that is wrong all over costs no more than one that is wrong in this many places.</summary>
    public const int MaxProblems = 200;

    private readonly List<Problem> problems;
    private readonly int[] lineStarts;
    private int errors;
    private int warnings;

    private SourceFile(string path, string text, List<Problem> problems)
    {
        Path = path;
        Text = text;
        this.problems = problems;

        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\n')
                starts.Add(i + 1);
        lineStarts = [.. starts];
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The text of a file, or null with the problem added: too long, a byte-order mark, or not UTF-8.</summary>
    public static SourceFile? Open(InputFile file, int maxBytes, List<Problem> problems)
    {
        var path = file.Path ?? file.Name;
        var bytes = file.Content.Span;

        if (bytes.Length > maxBytes)
        {
            problems.Add(new(path, 1, 1, "too-long", FormattableString.Invariant($"{bytes.Length} bytes; at most {maxBytes} are read")));
            return null;
        }

        if (bytes.StartsWith("\uFEFF"u8))
        {
            problems.Add(new(path, 1, 1, "byte-order-mark", "the file starts with a byte-order mark", "save it as UTF-8 without one"));
            return null;
        }

        if (!Utf8.IsValid(bytes))
        {
            var good = 0;
            while (Rune.DecodeFromUtf8(bytes[good..], out _, out var length) == System.Buffers.OperationStatus.Done) good += length;
            var before = new SourceFile(path, Encoding.UTF8.GetString(bytes[..good]), problems);
            before.Add(good == 0 ? 0 : before.Text.Length, "invalid-utf8", FormattableString.Invariant($"byte 0x{bytes[good]:X2} is not valid UTF-8 here"));
            return null;
        }

        return new(path, Encoding.UTF8.GetString(bytes), problems);
    }

    /// <summary>One-based line and column of an offset into <see cref="Text"/>.</summary>
    public (int Line, int Column) Position(int offset)
    {
        var line = Array.BinarySearch(lineStarts, offset);
        if (line < 0) line = ~line - 1;
        return (line + 1, offset - lineStarts[line] + 1);
    }

    /// <exception cref="TooManyProblemsException">After <see cref="MaxProblems"/> errors; further warnings are left out.</exception>
    public void Add(int offset, string code, string text, string? hint = null, Severity severity = Severity.Error)
    {
        var (line, column) = Position(offset);
        if (severity == Severity.Warning && ++warnings > MaxProblems) return;
        if (severity == Severity.Error && ++errors > MaxProblems)
        {
            problems.Add(new(Path, line, column, "too-many", FormattableString.Invariant($"more than {MaxProblems} errors; the file is read no further than this"), "mend these, and the rest is shown"));
            throw new TooManyProblemsException();
        }

        problems.Add(new(Path, line, column, code, text, hint, severity));
    }

    /// <summary>
    /// The offset of the <paramref name="index"/>-th character of the JSON string that opens at <paramref name="start"/>:
    /// an escape such as <c>\"</c> is several characters in the file and one in the string.
    /// </summary>
    public int InsideString(int start, int index)
    {
        var at = start + 1;
        for (; index > 0 && at < Text.Length; index--) at += Text[at] != '\\' ? 1 : Text[at + 1] == 'u' ? 6 : 2;
        return at;
    }
}
