using System.Text.RegularExpressions;
using Advisory.Engine;

namespace Advisory.Tests.Engine.Problems;

/// <summary>
/// Every way in which a file can be wrong has its exact message. A bad file stands in for one file of the good book; what is said of
/// it stands beside it in <c>NAME.expected.txt</c>, one line a problem.
/// </summary>
/// <remarks><c>ADVISORY_GOLDEN=write</c> rewrites the expected files; read the difference by eye, each position and each word.</remarks>
public sealed partial class ProblemTests
{
    private static readonly bool IsWriting = Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write";

    // 100,001 rules take many seconds to read.
    private const string Unsaid = "{} rules; at most {}";

    public static TheoryData<string> Names => new(BadFile.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_bad_file_has_exactly_these_problems(string name)
    {
        var problems = BadFile.All[name].Problems;
        var found = string.Concat(problems.Select(problem => problem + "\n"));
        var path = Path.Combine(BadFile.Folder, "bad", name + ".expected.txt");
        if (IsWriting) File.WriteAllText(path, found);

        Assert.NotEmpty(problems);
        Assert.True(File.Exists(path), $"{path} is missing; ADVISORY_GOLDEN=write makes it");
        Assert.Equal(File.ReadAllText(path), found);
    }

    [Fact]
    public void The_good_book_its_scenario_and_its_case_have_no_problem()
    {
        Assert.Empty(GoodBook.Load().Problems);
        Assert.Empty(Scenario.Read(GoodBook.Book, GoodBook.File("scenario.json")).Problems);
        Assert.Empty(Case.Read(GoodBook.Book, GoodBook.File("case.json")).Problems);
    }

    [Fact]
    public void A_file_is_refused_for_an_error_and_for_nothing_else()
    {
        foreach (var (name, bad) in BadFile.All.Where(bad => !bad.Key.StartsWith("check/", StringComparison.Ordinal)))
            Assert.True(bad.IsRefused == bad.Problems.Any(problem => problem.Severity == Severity.Error), name);
    }

    [Fact]
    public void Every_expected_file_belongs_to_a_bad_file()
    {
        const string Ending = ".expected.txt";
        var folder = Path.Combine(BadFile.Folder, "bad");
        var expected = Directory.EnumerateFiles(folder, "*" + Ending, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')[..^Ending.Length]);

        Assert.Empty(expected.Except(BadFile.All.Keys));
    }

    [Fact]
    public void Every_code_in_the_engine_is_produced_by_a_bad_file()
    {
        var codes = EngineSource.Codes();
        var produced = BadFile.All.Values.SelectMany(bad => bad.Problems).Select(problem => problem.Code).ToHashSet();

        Assert.NotEmpty(codes);
        Assert.Equal("", string.Join('\n', codes.Except(produced)));
        Assert.Equal("", string.Join('\n', produced.Except(codes)));
    }

    [Fact]
    public void Every_sentence_in_the_engine_is_said_of_a_bad_file()
    {
        var said = string.Join('\n', BadFile.All.Values.SelectMany(bad => bad.Problems));
        var unsaid = EngineSource.Sentences().Where(sentence => !sentence.IsFoundIn(said) && sentence.Text != Unsaid);

        Assert.Equal("", string.Join('\n', unsaid.Select(sentence => $"{sentence.File}: {sentence.Text}")));
    }

    [Fact]
    public void Every_problem_is_one_line_in_house_style()
    {
        foreach (var (name, bad) in BadFile.All)
        {
            foreach (var problem in bad.Problems)
            {
                foreach (var part in new[] { problem.Text, problem.Hint ?? "none" })
                {
                    Assert.True(part.Length is > 0 and <= 400, $"{name}: {part}: too short or too long to read");
                    Assert.False(char.IsAsciiLetterUpper(part[0]), $"{name}: {part}: starts with a capital");
                    Assert.False(part[^1] is '.' or ' ' or '!', $"{name}: {part}: ends in a full stop or a space");
                    Assert.False(part.Any(char.IsControl), $"{name}: {part}: is more than one line");
                    Assert.True(part.Count(c => c == '`') % 2 == 0, $"{name}: {part}: a backtick is not closed");
                    Assert.False(HostWord().IsMatch(InBackticks().Replace(part, "")), $"{name}: {part}: speaks of the program, not of the file");
                }
            }
        }
    }

    [Fact]
    public void A_problem_that_names_a_name_points_at_it()
    {
        var places = 0;
        foreach (var (name, bad) in BadFile.All)
        {
            foreach (var problem in bad.Problems.Where(problem => problem.File == $"bad/{name}.json"))
            {
                if (problem.Code is not ("unknown-fact" or "unknown-name" or "unknown-function" or "unknown-member" or "unknown-rule")) continue;
                if (UnknownName().Match(problem.Text) is not { Success: true } match) continue;
                var named = match.Groups[1].Value + match.Groups[2].Value;
                var place = bad.Lines[problem.Line - 1][(problem.Column - 1)..].TrimStart('"');

                // A record's member is a fact without its first word.
                var member = named[(named.IndexOf('.', StringComparison.Ordinal) + 1)..];
                var isThere = place.StartsWith(named, StringComparison.Ordinal) || place.StartsWith(member, StringComparison.Ordinal);
                Assert.True(isThere, $"{name}: {problem}: points at {place}");
                places++;
            }
        }

        Assert.True(places > 40, "too few problems name a name for this to mean anything");
    }

    [GeneratedRegex("`[^`]*`|\"[^\"]*\"")]
    private static partial Regex InBackticks();

    [GeneratedRegex(@"\b(null reference|exception|int|bool|enum|array|token|parser|JSON path|JToken|Newtonsoft|System)\b", RegexOptions.IgnoreCase)]
    private static partial Regex HostWord();

    [GeneratedRegex("^unknown (?:fact|name|member|rule) `([^`]+)`$|^`([^`]+)` is not part of the language$")]
    private static partial Regex UnknownName();
}
