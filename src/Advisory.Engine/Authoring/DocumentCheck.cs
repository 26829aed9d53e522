using System.Security.Cryptography;
using System.Text;

namespace Advisory.Engine;

/// <summary>
/// Compares the register with the documents as they are now: a statement stands if its source lines, in Unicode form NFC with white
/// space folded to one space, have the recorded SHA-256, wherever in the document they stand.
/// </summary>
public static class DocumentCheck
{
    /// <summary>Every statement whose source lines are no longer there, with the rules and facts that rest on it.</summary>
    /// <param name="book">The book with its register.</param>
    /// <param name="files">The texts, under any names; for each document of the book the one that holds most of its statements is taken.</param>
    public static IReadOnlyList<Problem> Run(RuleBook book, IReadOnlyCollection<(string Name, string Text)> files)
    {
        var found = new List<Problem>();
        var texts = files.Select(f => (f.Name, Index: new LineIndex(f.Text))).ToList();
        foreach (var document in book.Documents)
        {
            var statements = book.Statements.Values.Where(s => s.Document == document.Id && s.Lines.Length == 2).OrderBy(s => s.At.Offset).ToList();
            if (statements.Count == 0) continue;
            var best = texts.Select(t => (t.Name, t.Index, Held: statements.Count(t.Index.Holds))).OrderByDescending(t => t.Held).FirstOrDefault();
            if (best.Held == 0)
            {
                found.Add(statements[0].At.Problem("document", $"no file holds the document `{document.Id}`", severity: Severity.Error));
                continue;
            }

            foreach (var statement in statements.Where(s => !best.Index.Holds(s)))
            {
                var touched = statement.Rules.Select(r => $"rule {r}").Concat(statement.Facts.Select(f => $"fact {f}")).DefaultIfEmpty("no rule or fact");
                found.Add(statement.At.Problem("document", FormattableString.Invariant($"`{statement.Id}` is not in `{best.Name}` as it was; lines {statement.Lines[0]}-{statement.Lines[1]} of the text it was taken from"),
                    "touched: " + string.Join(", ", touched), Severity.Error));
            }
        }

        found.Sort(Problem.Compare);
        return found;
    }

    /// <summary>The digest of a passage: lines joined, NFC, white space folded to one space.</summary>
    public static string Digest(IEnumerable<string> lines)
    {
        var folded = string.Join(' ', string.Join('\n', lines).Normalize(NormalizationForm.FormC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folded)));
    }

    /// <summary>The digests of all passages of a text, by their number of lines.</summary>
    private sealed class LineIndex(string text)
    {
        private readonly string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        private readonly Dictionary<int, HashSet<string>> byLength = [];

        public bool Holds(Statement statement)
        {
            var length = statement.Lines[1] - statement.Lines[0] + 1;
            if (!byLength.TryGetValue(length, out var digests))
                byLength[length] = digests = [.. Enumerable.Range(0, Math.Max(0, lines.Length - length + 1)).Select(start => Digest(lines.AsSpan(start, length).ToArray()))];
            return digests.Contains(statement.Sha256);
        }
    }
}
