using System.Text;
using System.Xml.Linq;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

/// <summary>The rule author's verbs, on copies of the shipped book.</summary>
public sealed class AuthoringTests
{
    private static readonly string Ukraine = Repository.PathOf("rules", "ukraine");

    [Fact]
    public void The_shipped_book_checks_strictly_and_its_cases_hold()
    {
        var (code, output, errors) = RunProgram.With("check", Ukraine, "--strict");
        Assert.Equal((0, ""), (code, errors));
        Assert.EndsWith("0 errors, 0 warnings\n", output, StringComparison.Ordinal);
        Assert.Equal(0, RunProgram.With("test", Ukraine).Code);
        Assert.Equal(0, RunProgram.With("format", Ukraine, "--check").Code);
    }

    [Fact]
    public void Check_names_an_error_with_its_place_and_ends_with_1()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        Edit(Path.Combine(book, "exit.json"), "peace.settlement == true", "peace.setlement == true");
        var (code, output, _) = RunProgram.With("check", book);
        Assert.Equal(1, code);
        Assert.Matches(@"exit\.json:\d+:\d+: unknown fact `peace\.setlement`; did you mean `peace\.settlement`\?\n", output);
        var json = JObject.Parse(RunProgram.With("check", book, "--json").Output);
        Assert.True((int)json["errors"]! > 0);
        Assert.Equal("unknown-fact", (string)json["problems"]![0]!["code"]!);
    }

    [Fact]
    public void A_warning_fails_the_check_only_when_it_is_strict()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        Edit(Path.Combine(book, "boundaries.json"), "\"ReviewBy\": \"2027-01-01\"", "\"ReviewBy\": \"2020-01-01\"");
        var (code, output, _) = RunProgram.With("check", book);
        Assert.Equal(0, code);
        Assert.Contains("warning: `B-1` was to be looked at again by 2020-01-01", output, StringComparison.Ordinal);
        Assert.Equal(1, RunProgram.With("check", book, "--strict").Code);
    }

    [Fact]
    public void An_edited_sentence_touches_its_statement_rules_and_facts_and_moved_lines_touch_nothing()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("tests", "Advisory.Tests", "Books", "launch");
        var text = File.ReadAllText(Repository.PathOf("tests", "Advisory.Tests", "Books", "launch", "criteria.md"));
        folder.Write("documents/criteria.md", "A line in front.\n\n" + text);
        var (code, moved, _) = RunProgram.With("check", book, "--documents", Path.Combine(folder.Path, "documents"));
        Assert.True(code == 0, moved);

        var line = text.Split('\n').First(l => l.Contains("lightning", StringComparison.OrdinalIgnoreCase) && !l.StartsWith('#'));
        folder.Write("documents/criteria.md", text.Replace(line, line + " Or so.", StringComparison.Ordinal));
        var (edited, output, _) = RunProgram.With("check", book, "--documents", Path.Combine(folder.Path, "documents"));
        Assert.Equal(1, edited);
        Assert.Contains("touched: rule ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_case_shows_what_differs_and_the_trace_of_it()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        Edit(Path.Combine(book, "cases", "S04.json"), "\"NO_GO\"", "\"GO\"");
        var report = Path.Combine(folder.Path, "report.xml");
        var (code, output, _) = RunProgram.With("test", book, "--case", "S04", "--junit", report);
        Assert.Equal(1, code);
        Assert.Contains("preconditions deterrence: expected GO, got NO_GO", output, StringComparison.Ordinal);
        Assert.Contains("ceasefire.status in (\"agreed\", \"in_force\") -> false", output, StringComparison.Ordinal);
        Assert.Equal("1", XDocument.Load(report).Descendants("testsuite").Single().Attribute("failures")!.Value);
        Assert.False((bool)JObject.Parse(RunProgram.With("test", book, "--case", "S04", "--json").Output)["cases"]![0]!["holds"]!);
    }

    [Fact]
    public void Update_writes_only_the_cases_that_are_named_and_shows_every_change()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        var file = Path.Combine(book, "cases", "S04.json");
        var before = File.ReadAllText(file);
        Edit(file, "\"NO_GO\"", "\"GO\"");
        Assert.Equal(2, RunProgram.With("test", book, "--update").Code);
        var (code, output, _) = RunProgram.With("test", book, "--update", "--case", "S04");
        Assert.Equal(0, code);
        Assert.Contains("S04 preconditions deterrence outcome: \"GO\" -> \"NO_GO\"", output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(file));
    }

    [Fact]
    public void Format_is_idempotent_and_keeps_the_digest()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        foreach (var file in Directory.EnumerateFiles(book, "*.json", SearchOption.AllDirectories))
            File.WriteAllText(file, JToken.Parse(File.ReadAllText(file)).ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(1, RunProgram.With("format", book, "--check").Code);
        var crushed = Digest(book);
        Assert.Equal(0, RunProgram.With("format", book).Code);
        Assert.Equal(0, RunProgram.With("format", book, "--check").Code);
        Assert.Equal(Books.Ukraine.Digest, crushed);
        Assert.Equal(Books.Ukraine.Digest, Digest(book));
    }

    [Fact]
    public void Format_leaves_a_file_alone_that_it_cannot_read()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("broken.json", "{ \"a\": 1, \"a\": 2 }");
        Assert.Equal(2, RunProgram.With("format", folder.Path).Code);
        Assert.Equal("{ \"a\": 1, \"a\": 2 }", File.ReadAllText(file));
    }

    [Fact]
    public void A_new_book_checks_tests_and_is_laid_out_as_it_should()
    {
        using var folder = new ScratchFolder();
        Assert.Equal(0, RunProgram.With("new-book", "harbour", "--into", folder.Path).Code);
        var book = Path.Combine(folder.Path, "harbour");
        var (code, output, _) = RunProgram.With("check", book, "--strict");
        Assert.True(code == 0, output);
        Assert.Equal(0, RunProgram.With("test", book).Code);
        Assert.Equal(0, RunProgram.With("format", book, "--check").Code);
        Assert.Equal(2, RunProgram.With("new-book", "harbour", "--into", folder.Path).Code);
        Assert.Equal(2, RunProgram.With("new-book", "../harbour", "--into", folder.Path).Code);
    }

    [Fact]
    public async Task Watch_checks_and_tests_again_when_a_file_is_saved()
    {
        using var folder = new ScratchFolder();
        using var stop = new CancellationTokenSource();
        RunProgram.With("new-book", "harbour", "--into", folder.Path);
        var book = Path.Combine(folder.Path, "harbour");
        using var text = new StringWriter();
        var output = TextWriter.Synchronized(text);
        var watching = Task.Run(() => Advisory.Host.Cli.CommandLine.Run(["check", book, "--watch"], new(() => Stream.Null, output, TextWriter.Null, 100, stop.Token)));
        await Until(() => Says("3 cases, 0 failing"));
        Edit(Path.Combine(book, "go.json"), "permission.state == ", "permission.sate == ");
        await Until(() => Says("unknown fact `permission.sate`"));
        await stop.CancelAsync();
        Assert.Equal(130, await watching);

        bool Says(string text)
        {
            lock (output) return text.ToString().Contains(text, StringComparison.Ordinal);
        }

        static async Task Until(Func<bool> condition)
        {
            // Generous, because machines that test are busy; a person waits well under a second.
            for (var i = 0; i < 600 && !condition(); i++) await Task.Delay(50);
            Assert.True(condition());
        }
    }

    private static string Digest(string folder) =>
        RuleBook.Load(Directory.EnumerateFiles(folder, "*.json").Select(path => new InputFile(Path.GetFileName(path), File.ReadAllBytes(path)))).Value!.Digest;

    private static void Edit(string file, string from, string to)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(from, text.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal), new UTF8Encoding(false));
    }
}
