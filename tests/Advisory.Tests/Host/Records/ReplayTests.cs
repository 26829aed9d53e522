using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Tests.Ledgers;

namespace Advisory.Tests.Host.Records;

/// <summary>Replays: the same bytes from the ledger alone, and a difference named by its node and rule.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Scenario Launch(string name) => Books.Case(Books.Launch, name, "tests", "Advisory.Tests", "Books", "launch").Scenario;

    /// <summary>All 230 in the heavy group, every eighth in the default run.</summary>
    [Fact]
    public async Task Every_case_of_the_Ukraine_book_is_recorded_verified_and_replayed()
    {
        var names = Books.CaseNames("rules", "ukraine").Where((_, i) => HeavyFactAttribute.Heavy || i % 8 == 0).ToList();
        using (var log = folder.Open())
        {
            await Task.WhenAll(names.Select(name => Task.Run(() => log.Record(new(Books.Ukraine, Books.Case(Books.Ukraine, name, "rules", "ukraine").Scenario, "ada") { Key = name }))));
        }

        using (var log = folder.Open(readOnly: true))
        {
            var found = LogCheck.Of(log);
            Assert.Empty(found.Faults);
            Assert.Equal(names.Count, found.Decisions);
            Assert.All(log.Ledger.Entries().Select(LogEntry.Read).OfType<Decision>(), decision => Assert.Equal((ReplayResult.Same, ""), (log.Replay(decision).Result, log.Replay(decision).Text)));
        }
    }

    [Fact]
    public async Task A_book_from_the_ledger_decides_as_the_one_from_its_folder()
    {
        using (var log = folder.Open()) await log.Record(new(Books.Launch, Launch("L01"), "ada"));
        using var again = folder.Open(readOnly: true);
        var book = again.BookOf(Books.Launch.Digest);
        Assert.NotSame(Books.Launch, book);
        Assert.All(Books.CaseNames("tests", "Advisory.Tests", "Books", "launch"), name =>
            Assert.Equal(EvaluationJson.Canonical(Evaluation.Of(Books.Launch, Launch(name))), EvaluationJson.Canonical(Evaluation.Of(book, Scenario.Read(book, new("s", Launch(name).Canonical)).Value!))));
    }

    [Theory]
    [InlineData("\"outcome\":\"GO\",\"question\":\"weather\"", "\"outcome\":\"NO_GO\",\"question\":\"weather\"", "^/verdicts/[0-9]+/outcome \\(weather / [a-z]+\\) was `\"NO_GO\"`, and is `\"GO\"`$")]
    [InlineData("\"semantics\":1", "\"semantics\":7", "^/semantics was `7`, and is `1`$")]
    [InlineData("\"conditions\":[],", "", "^/verdicts/0/assumed/conditions \\(weather / crewed\\) was absent, and is `\\[\\]`$")]
    [InlineData("\"schema\":", " \"schema\":", "^the recorded evaluation is not in canonical form$")]
    [InlineData("\"schema\":", "schema:", "^the recorded evaluation is no JSON$")]
    public async Task The_first_node_that_differs_is_named(string was, string now, string expected)
    {
        var replay = await Forged(Launch("L01"), text => ReplaceFirst(text, was, now));
        Assert.Equal(ReplayResult.Differs, replay.Result);
        Assert.Matches(expected, replay.Text);
    }

    [Fact]
    public async Task A_trace_that_differs_is_named_by_its_rule_and_so_is_a_finding()
    {
        var rules = Books.Launch.Questions[0].Rules.Where(rule => rule.Missions.IsEmpty || rule.Missions.Contains("crewed")).ToList();
        var replay = await Forged(Launch("L01"), text =>
        {
            var at = text.IndexOf("\"nodes\":\"", StringComparison.Ordinal) + 9;
            var end = text.IndexOf('"', at);
            var words = text[at..end].Split(' ');
            words[1] = (words[1][0] == 't' ? 'f' : 't') + words[1][1..];
            return text[..at] + string.Join(' ', words) + text[end..];
        });
        Assert.StartsWith($"/trace/0/nodes (weather / crewed, rule {rules[1].Name}) was ", replay.Text, StringComparison.Ordinal);
        Assert.Equal("/trace/0/nodes", replay.Pointer);

        var scenario = Books.CaseNames("tests", "Advisory.Tests", "Books", "launch").Select(Launch).First(s => Evaluation.Of(Books.Launch, s).Verdicts.Any(v => !v.Stated.Deciding.IsEmpty && v.Stated.Deciding[0].Truth == Truth.False));
        var verdict = Evaluation.Of(Books.Launch, scenario).Verdicts.First(v => !v.Stated.Deciding.IsEmpty && v.Stated.Deciding[0].Truth == Truth.False);
        var rule = verdict.Stated.Deciding[0].Rule.Name;
        replay = await Forged(scenario, text => text.Replace($"{{\"rule\":\"{rule}\",\"truth\":\"false\"}}", $"{{\"rule\":\"{rule}\",\"truth\":\"unknown\"}}", StringComparison.Ordinal));
        Assert.Contains($", rule {rule}) was ", replay.Text, StringComparison.Ordinal);
        Assert.EndsWith("/truth", replay.Pointer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_semantics_are_not_replayable_here_and_never_called_the_same()
    {
        using var log = folder.Open();
        var decision = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        var replay = log.Replay(decision with { Semantics = 2, Engine = "9.0.0" });
        Assert.Equal((ReplayResult.NotReplayableHere, "entry 2 was made under semantics 2, and this program has 1: not replayable here; use advisory 9.0.0"), (replay.Result, replay.Text));
    }

    [Fact]
    public async Task An_entry_that_says_otherwise_than_its_evaluation_differs()
    {
        using var log = folder.Open();
        var decision = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        Check(decision with { Input = "sha256:" + new string('0', 64) }, "the entry names another input than its scenario has");
        Check(decision with { TraceDigest = "" }, "the entry names another trace digest than its evaluation has");
        Check(decision with { Outcomes = [.. decision.Outcomes.Skip(1)] }, "the entry gives another outcome for weather / ");
        Check(decision with { Evaluation = "sha256:" + new string('0', 64) }, "its evaluation sha256:0000");
        Check(decision with { Book = decision.Book with { Digest = "sha256:" + new string('0', 64) } }, "the ledger does not have the rule book sha256:0000");

        void Check(Decision forged, string text)
        {
            var replay = log.Replay(forged);
            Assert.Equal(ReplayResult.Differs, replay.Result);
            Assert.StartsWith(text, replay.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>A decision whose attached evaluation was forged by somebody who could also sign it.</summary>
    private async Task<Replay> Forged(Scenario scenario, Func<string, string> change)
    {
        using var log = folder.Open();
        var decision = (await log.Record(new(Books.Launch, scenario, "ada"))).Decision;
        var text = Encoding.UTF8.GetString(log.EvaluationOf(decision)!);
        var content = Encoding.UTF8.GetBytes(change(text));
        Assert.NotEqual(text, Encoding.UTF8.GetString(content));
        var forged = decision with { Evaluation = DecisionLog.DigestOf(content), Id = Guid.CreateVersion7(decision.Time).ToString() };
        var index = (await log.Ledger.Append(new() { Bytes = EntryJson.Write(forged), Labels = EntryLabels.Of(forged), Terms = EntryLabels.Terms(forged), Attachments = [content] })).Index;
        return log.Replay((Decision)log.Entry(index)!);
    }

    private static string ReplaceFirst(string text, string was, string now)
    {
        var at = text.IndexOf(was, StringComparison.Ordinal);
        return text[..at] + now + text[(at + was.Length)..];
    }
}
