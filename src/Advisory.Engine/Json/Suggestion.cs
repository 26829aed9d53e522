namespace Advisory.Engine.Json;

/// <summary>The hint "did you mean": the nearest known name, if it is near enough to be a slip of the finger.</summary>
internal static class Suggestion
{
    public static string? For(string given, IEnumerable<string> known) => Nearest(given, known) is { } name ? $"did you mean `{JsonNode.Shorten(name)}`?{Strange(given)}" : null;

    /// <summary>The nearest known name, else the first dozen of them; null where there is none.</summary>
    public static string? OneOf(string given, IReadOnlyCollection<string> known, string quote = "") =>
        For(given, known)
        ?? (known.Count == 0 ? null : "one of " + string.Join(", ", known.Take(MaxListed).Select(name => quote + JsonNode.Shorten(name) + quote)) + (known.Count > MaxListed ? ", …" : ""));

    public static string? Nearest(string given, IEnumerable<string> known)
    {
        // A long name cannot be a slip for one of ours, and the distance is quadratic.
        if (given.Length is 0 or > MaxLength) return null;
        var limit = Math.Max(1, given.Length / 3);
        string? best = null;
        foreach (var name in known)
        {
            var distance = Distance(given, name, limit);
            if (distance > limit || (distance == limit && best is not null)) continue;
            limit = distance;
            best = name;
            if (distance == 0) break;
        }

        return best;
    }

    private const int MaxLength = 100;
    private const int MaxListed = 12;

    // Two names can look the same: a letter of another alphabet, a sign that has no width.
    private static string Strange(string given)
    {
        var at = given.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        return at < 0 ? "" : FormattableString.Invariant($" character {at + 1} of what stands here is U+{(char.IsSurrogatePair(given, at) ? char.ConvertToUtf32(given, at) : given[at]):X4}");
    }

    /// <summary>Optimal string alignment distance without regard to case, or more than <paramref name="limit"/>.</summary>
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit) return limit + 1;
        var width = b.Length + 1; // at most MaxLength, a third of it more, and one
        Span<int> rows = stackalloc int[3 * width];
        for (var j = 0; j < width; j++) rows[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            var row = rows.Slice(i % 3 * width, width);
            var above = rows.Slice((i + 2) % 3 * width, width);
            var twoAbove = rows.Slice((i + 1) % 3 * width, width);
            row[0] = i;
            var least = i;
            for (var j = 1; j < width; j++)
            {
                var same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
                least = Math.Min(least, row[j]);
            }

            // A later row is never less than this one, but for an exchange, which reaches two rows up.
            if (least > limit + 1) return limit + 1;
        }

        return rows[(a.Length % 3 * width) + b.Length];

        static bool Same(char x, char y) => x == y || char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
    }
}
