namespace Advisory.Host.Cli;

/// <summary>The known word that a person most likely meant.</summary>
internal static class Nearest
{
    /// <summary>A word that differs in at most a third of its letters, or null.</summary>
    public static string? To(string given, IEnumerable<string> known) =>
        given.Length is 0 or > 60 ? null
        : known.Select(word => (Word: word, Distance: Distance(given, word)))
            .Where(near => near.Distance <= Math.Max(1, given.Length / 3))
            .OrderBy(near => near.Distance).ThenBy(near => near.Word, StringComparer.Ordinal)
            .Select(near => near.Word).FirstOrDefault();

    // Letters to change, add, leave out or exchange with their neighbour, without regard to case.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + (Same(i - 1, j - 1) ? 0 : 1));
                if (i > 1 && j > 1 && Same(i - 1, j - 2) && Same(i - 2, j - 1)) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];

        bool Same(int i, int j) => char.ToLowerInvariant(a[i]) == char.ToLowerInvariant(b[j]);
    }
}
