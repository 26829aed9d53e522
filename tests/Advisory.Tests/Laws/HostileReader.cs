using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Advisory.Engine;

namespace Advisory.Tests.Laws;

/// <summary>What came of one hostile file.</summary>
/// <param name="Fault">What the engine did that it must not do, or null.</param>
/// <param name="Problems">What it said of the file.</param>
/// <param name="Milliseconds">How long the processor worked on it: the least of a few tries, since a first try also compiles.</param>
/// <param name="Bytes">How much memory reading allocated, whether or not it was held at once.</param>
internal sealed record HostileResult(string? Fault, IReadOnlyList<Problem> Problems, double Milliseconds, long Bytes);

/// <summary>Reads a hostile file and looks for anything but a positioned problem or a value that works.</summary>
internal static partial class HostileReader
{
    public const double MaxMilliseconds = 100;
    public const long MaxBytes = 64 << 20;

    private const int MaxTries = 8;
    private const int MaxSentence = 600;

    /// <param name="seed">The file in whose place it is read.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="allowance">How many milliseconds beyond the bound the other files of the book may take.</param>
    public static HostileResult Try(HostileSeed seed, byte[] bytes, double allowance = 0)
    {
        HostileReading? reading = null;
        var (milliseconds, allocated) = (double.MaxValue, 0L);
        try
        {
            for (var tries = 0; tries < MaxTries && milliseconds > MaxMilliseconds + allowance; tries++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                milliseconds = Math.Min(milliseconds, HostileClock.Time(() => reading = seed.Read(bytes), MaxMilliseconds + allowance));
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            var fault = milliseconds > MaxMilliseconds + allowance ? FormattableString.Invariant($"took {milliseconds:F0} ms") : Fault(seed, bytes, reading!);
            if (allocated > MaxBytes) fault ??= FormattableString.Invariant($"allocated {allocated >> 20} MiB");
            if (fault is null && reading!.Value is not null) reading.Use();
            return new(fault, reading!.Problems, milliseconds, allocated);
        }
        catch (Exception fault)
        {
            return new($"{(reading is null ? "reading" : "use")}: {fault}", [], milliseconds, allocated);
        }
    }

    private static string? Fault(HostileSeed seed, byte[] bytes, HostileReading reading)
    {
        var errors = reading.Problems.Count(problem => problem.Severity == Severity.Error);
        if (reading.Value is null != errors > 0) return $"{errors} errors, and {(reading.Value is null ? "no" : "a")} value";
        if (reading.Value is not null && !IsJson(bytes)) return "is not JSON, and is read";

        string[]? lines = null;
        foreach (var problem in reading.Problems)
        {
            if (problem.File != seed.FileName)
            {
                if (!seed.Others.Any(other => other.Name == problem.File)) return $"a problem in a file that there is not: {problem}";
                var other = Encoding.UTF8.GetString(seed.Others.First(other => other.Name == problem.File).Content.Span).Split('\n');
                if (!IsInside(problem, other)) return $"a place outside the file: {problem}";
            }
            else if (!IsInside(problem, lines ??= Encoding.UTF8.GetString(bytes).Split('\n')))
            {
                return $"a place outside the file: {problem}";
            }

            if (problem.Code.Length == 0 || problem.Text.Length == 0) return "a problem that says nothing";
            foreach (var said in new[] { problem.Text, problem.Hint ?? "", problem.ToString() })
            {
                if (said.Length > MaxSentence) return $"a message of {said.Length} characters: {said[..200]}";
                if (said.EnumerateRunes().FirstOrDefault(rune => !IsPrintable(rune)) is var odd && odd != default) return FormattableString.Invariant($"U+{odd.Value:X4} in a message: {said}");
                if (HasLoneSurrogate(said)) return $"half a character in a message: {said}";
                if (OfThePrograms().IsMatch(Quoted().Replace(said, ""))) return $"a message that speaks of the program: {said}";
            }
        }

        return null;
    }

    private static bool IsInside(Problem problem, string[] lines) =>
        problem.Line >= 1 && problem.Line <= lines.Length && problem.Column >= 1 && problem.Column <= lines[problem.Line - 1].Length + 1;

    /// <summary>Whether another reader of JSON accepts a text: UTF-8, no mark in front, no name twice, at most 32 deep.</summary>
    private static bool IsJson(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes)) return false;
        try
        {
            using var document = JsonDocument.Parse(bytes, new() { AllowDuplicateProperties = false, MaxDepth = 32 });
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))) return true;
            i++;
        }

        return false;
    }

    // What the user wrote stands in backticks or in double quotes.
    [GeneratedRegex("`[^`]*`|\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(System|Newtonsoft|Advisory)\.[A-Z]|Exception|Object reference|\b(JToken|JObject|JArray|JValue|Nullable|ImmutableArray|Int32|Int64|Boolean|String|Char|Decimal)\b|Parameter '|Sequence contains|[Ii]ndex was")]
    private static partial Regex OfThePrograms();
}
