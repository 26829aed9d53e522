using System.Globalization;
using System.Text;
using Advisory.Engine.Json;

namespace Advisory.Engine;

/// <summary>How much a problem matters: an error keeps a book or a scenario from being used, a warning does not.</summary>
public enum Severity
{
    /// <summary>Nothing may be evaluated with the file as it is.</summary>
    Error,

    /// <summary>Usable, but suspicious.</summary>
    Warning,
}

/// <summary>A fault in a user's file, with the place where a person will mend it.</summary>
/// <param name="File">The file's name as the caller gave it.</param>
/// <param name="Line">One-based line.</param>
/// <param name="Column">One-based column, in UTF-16 code units as editors count them.</param>
/// <param name="Code">A stable word for the kind of fault, for filters and scripts, such as <c>unknown-fact</c>.</param>
/// <param name="Text">What is wrong: lower case, no full stop, the user's input in backticks.</param>
/// <param name="Hint">What to do about it, where we know; without a full stop.</param>
/// <param name="Severity">Error unless said otherwise.</param>
public sealed record Problem(
    string File, int Line, int Column, string Code, string Text, string? Hint = null, Severity Severity = Severity.Error)
{
    /// <summary>What is wrong: lower case, no full stop, the user's input in backticks, nothing that cannot be seen.</summary>
    public string Text { get; init; } = Printable(Text);

    /// <summary>What to do about it, where we know; without a full stop.</summary>
    public string? Hint { get; init; } = Hint is null ? null : Printable(Hint);

    /// <summary><c>file:line:column: text; hint</c>, with <c>warning: </c> before the text of a warning.</summary>
    public override string ToString()
    {
        var kind = Severity == Severity.Warning ? "warning: " : "";
        var hint = Hint is null ? "" : "; " + Hint;
        return FormattableString.Invariant($"{Printable(File)}:{Line}:{Column}: {kind}{Text}{hint}");
    }

    private const int MaxLength = 400;

    // A name in a hostile file must not break the line, speak to the terminal, turn the direction of the text, hide in it or fill the screen.
    private static string Printable(string text)
    {
        if (text.Length > MaxLength) text = text[..(MaxLength - 3)] + "...";
        StringBuilder? shown = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            var category = CharUnicodeInfo.GetUnicodeCategory(text, i);
            var length = isPair ? 2 : 1;
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate)
                (shown ??= new StringBuilder(text, 0, i, text.Length)).Append('\uFFFD');
            else shown?.Append(text, i, length);
            i += length - 1;
        }

        return shown?.ToString() ?? text;
    }

    /// <summary>By file, then position, then text: the order in which people read them.</summary>
    public static IComparer<Problem> ByPlace { get; } = Comparer<Problem>.Create(Compare);

    internal static int Compare(Problem a, Problem b)
    {
        var byFile = string.CompareOrdinal(a.File, b.File);
        if (byFile != 0) return byFile;
        var byLine = a.Line.CompareTo(b.Line);
        if (byLine != 0) return byLine;
        var byColumn = a.Column.CompareTo(b.Column);
        return byColumn != 0 ? byColumn : string.CompareOrdinal(a.Text, b.Text);
    }
}

/// <summary>A file as bytes; the engine never opens one itself.</summary>
/// <param name="Name">Its name within the book, such as <c>vocabulary.json</c> or <c>cases/S01.json</c>; the key in digests.</param>
/// <param name="Content">The bytes as they stand on disk or arrived.</param>
/// <param name="Path">What problems call it, where that differs from <paramref name="Name"/>.</param>
public readonly record struct InputFile(string Name, ReadOnlyMemory<byte> Content, string? Path = null);

/// <summary>Either a value or every reason why there is none.</summary>
/// <remarks>Warnings may stand beside a value; an error never does.</remarks>
public sealed class Loaded<T> where T : class
{
    /// <summary>Reads something and collects its problems; a file with too many is read no further.</summary>
    internal static Loaded<T> From(Func<List<Problem>, T?> read)
    {
        var problems = new List<Problem>();
        try
        {
            return new(read(problems), problems);
        }
        catch (TooManyProblemsException)
        {
            return new(null, problems);
        }
    }

    /// <summary>Each problem once, in order; the value only where none of them is an error.</summary>
    internal Loaded(T? value, IEnumerable<Problem> problems)
    {
        Problems = [.. problems.Distinct().Order(Problem.ByPlace)];
        Value = Problems.Any(p => p.Severity == Severity.Error) ? null : value;
    }

    /// <summary>The value, or null when at least one problem is an error.</summary>
    public T? Value { get; }

    /// <summary>Everything found, sorted by file and position.</summary>
    public IReadOnlyList<Problem> Problems { get; }
}
