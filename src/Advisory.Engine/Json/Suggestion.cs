namespace Advisory.Engine.Json;

/// <summary>The hint "did you mean": the nearest known name, if it is near enough to be a slip of the finger.</summary>
internal static class Suggestion
{
    public static string? For(string given, IEnumerable<string> known) => Nearest(given, known) is { } name ? $"did you mean `{name}`?" : null;

    public static string? Nearest(string given, IEnumerable<string> known)
    {
        // A long name cannot be a slip for one of ours, and the distance is quadratic.
        if (given.Length is 0 or > 100) return null;
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

    /// <summary>Optimal string alignment distance without regard to case, or more than <paramref name="limit"/>.</summary>
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit) return limit + 1;
        var rows = new int[3][];
        for (var i = 0; i < 3; i++) rows[i] = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) rows[0][j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            var (row, above, twoAbove) = (rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3]);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
            }
        }

        return rows[a.Length % 3][b.Length];

        static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
    }
}
