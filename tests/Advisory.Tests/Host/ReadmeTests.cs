using System.Text.RegularExpressions;

namespace Advisory.Tests.Host;

/// <summary>The documents are true: commands in them run, and print what the documents say they print.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string, string, string> Transcripts
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var file in new[] { "README.md", "rules/README.md", "rules/ukraine/README.md" })
                foreach (Match block in Block().Matches(File.ReadAllText(Repository.PathOf(file.Split('/')))))
                    data.Add(file, block.Groups[1].Value.Trim(), block.Groups[2].Value);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void A_command_in_a_document_prints_what_the_document_says(string file, string command, string expected)
    {
        Assert.NotEmpty(file);
        var arguments = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var before = Directory.GetCurrentDirectory();
        var (_, output, errors) = RunProgram.With([.. arguments.Select(InRepository)]);
        Assert.Equal(before, Directory.GetCurrentDirectory());
        var printed = (errors + output).Replace(Repository.Root.Replace('\\', '/') + "/", "", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        var lines = expected.TrimEnd('\n').Split('\n');
        if (lines[^1] == "…") (lines, printed) = (lines[..^1], printed[..Math.Min(printed.Length, lines.Length - 1)]);
        Assert.Equal(lines, printed);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("rules/README.md")]
    [InlineData("rules/ukraine/README.md")]
    [InlineData("src/Advisory.Engine/README.md")]
    public void Every_link_of_a_document_leads_somewhere(string file)
    {
        var path = Repository.PathOf(file.Split('/'));
        var links = Link().Matches(File.ReadAllText(path)).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal) && !l.StartsWith('#')).ToList();
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, link.Split('#')[0])), link));
    }

    // A path in a document is written from the root of the repository; the tests may run elsewhere.
    private static string InRepository(string argument) =>
        argument.Contains('/', StringComparison.Ordinal) && Path.Exists(Repository.PathOf(argument.Split('/'))) ? Repository.PathOf(argument.Split('/')) : argument;

    [GeneratedRegex(@"```console\n\$ dotnet run --project src/Advisory\.Host -- ([^\n]*)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
