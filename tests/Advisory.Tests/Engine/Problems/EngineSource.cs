using System.Text;
using System.Text.RegularExpressions;

namespace Advisory.Tests.Engine.Problems;

/// <summary>What the engine can say of a file, read from its own source, so that a new message without a bad file is noticed.</summary>
internal static partial class EngineSource
{
    /// <summary>The folders that make problems.</summary>
    private static readonly string[] Folders = ["Json", "Expressions", "Books", "Scenarios", "Authoring"];

    /// <summary>The codes of all problems: the text that stands where a problem or a fault of an expression is made.</summary>
    public static SortedSet<string> Codes() =>
        new(
            from line in Lines()
            from match in CodeAtItsCall().Matches(line.Text)
            from code in match.Groups["code"].Captures
            select code.Value,
            StringComparer.Ordinal);

    /// <summary>Every text of at least two words: messages and hints, with holes where values are filled in.</summary>
    public static IEnumerable<Sentence> Sentences()
    {
        foreach (var (file, number, text) in Lines())
        {
            if (NotAProblem().IsMatch(text)) continue;
            foreach (var sentence in Literals(text).Where(literal => TwoWords().IsMatch(literal)))
                yield return new(file, number, sentence);
        }
    }

    private static IEnumerable<(string File, int Number, string Text)> Lines() =>
        from folder in Folders
        from path in Directory.EnumerateFiles(Repository.PathOf("src", "Advisory.Engine", folder), "*.cs").Order(StringComparer.Ordinal)
        from line in File.ReadLines(path).Select((text, i) => (Path.GetFileName(path), i + 1, text))
        where !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal)
        select line;

    /// <summary>The texts in double quotes on a line; what stands in the braces of an interpolated one becomes <c>{}</c>.</summary>
    private static List<string> Literals(string line)
    {
        var literals = new List<string>();
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '\'' && at + 2 < line.Length)
            {
                at += line[at + 1] == '\\' ? 3 : 2; // a character, such as '"'
            }
            else if (line[at] == '"')
            {
                var text = new StringBuilder();
                var isInterpolated = at > 0 && line[at - 1] == '$';
                for (at++; at < line.Length && line[at] != '"'; at++)
                {
                    if (isInterpolated && line[at] == '{')
                    {
                        var start = at;
                        for (var depth = 0; at < line.Length; at++)
                        {
                            if (line[at] == '{') depth++;
                            if (line[at] == '}' && --depth == 0) break;
                        }

                        literals.AddRange(Literals(line[(start + 1)..at]));
                        text.Append("{}");
                    }
                    else
                    {
                        if (line[at] == '\\') at++;
                        text.Append(line[at]);
                    }
                }

                literals.Add(text.ToString());
            }
        }

        return literals;
    }

    // What makes a problem, what else it is given, perhaps a question, and one code or two.
    [GeneratedRegex(
        @"\b(?:(?:Problem|Add|Report|ExpressionException)\((?:[^"";]*, )?|new\((?:at|word\.Start), )"
        + @"(?:[^"",;]*\? )?""(?<code>[a-z][a-z0-9-]*)""(?: : ""(?<code>[a-z][a-z0-9-]*)"")?,"
        + @"|\bCode = ""(?<code>[a-z-]+)""|\bFault\([^;]*, ""(?<code>[a-z-]+)""\)")]
    private static partial Regex CodeAtItsCall();

    // Broken invariants, and what a case says of an evaluation.
    [GeneratedRegex("InvalidOperationException|differences\\.Add")]
    private static partial Regex NotAProblem();

    [GeneratedRegex("[a-z`,]+ [a-z`{]+")]
    private static partial Regex TwoWords();

    /// <summary>A message or a hint, or a part of one.</summary>
    internal sealed record Sentence(string File, int Line, string Text)
    {
        public bool IsFoundIn(string said) => Regex.IsMatch(said, string.Join(".*", Text.Split("{}").Select(Regex.Escape)));
    }
}
