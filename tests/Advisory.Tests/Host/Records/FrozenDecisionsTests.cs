using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Tests.Host.Records;

/// <summary>Decisions that earlier versions recorded, in <c>frozen/</c>: whatever changes, they verify, replay and are shown.</summary>
public sealed class FrozenDecisionsTests : IDisposable
{
    private static readonly string Frozen = Repository.PathOf("tests", "Advisory.Tests", "frozen");

    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(Frozen, "decisions-v*").Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Frozen_decisions_verify_replay_and_go_on(string name)
    {
        var data = Copy(name);
        using (var readOnly = DecisionLog.Open(data, new() { ReadOnly = true }))
        {
            Assert.Empty(LogCheck.Of(readOnly).Faults);
            FoundAs(readOnly);
        }

        using var log = DecisionLog.Open(data, new() { Creator = "tests" });
        var keys = (await File.ReadAllLinesAsync(Path.Combine(Frozen, name, "verifier-keys.txt"))).Select(VerifierKey.Parse).ToList();
        Assert.Equal(keys, log.Ledger.Keys.Select(key => key.Key));
        var found = LogCheck.Of(log);
        Assert.Empty(found.Faults);
        Assert.Empty(found.Remarks);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Frozen, name, "decisions.txt")), Said(log));

        var decisions = Decisions(log);
        Assert.All(decisions, decision => Assert.Equal((ReplayResult.Same, ""), (log.Replay(decision).Result, log.Replay(decision).Text)));
        for (var i = 0; i < log.Ledger.Size; i++) Assert.Null(Receipt.Parse(await File.ReadAllTextAsync(Path.Combine(Frozen, name, "receipts", FormattableString.Invariant($"{i}.tlog-proof")))).Verify(log.Ledger.Find(i)!.Bytes.Span, keys));

        // A key of then still stands for the decision of then.
        var first = decisions[0];
        var again = await log.Record(new(log.BookOf(first.Book.Digest), log.ScenarioOf(first)!, "tests") { Key = first.Key });
        Assert.Equal((first.Id, true), (again.Decision.Id, again.WasThere));
        await log.Record(new(Books.Launch, Books.Case(Books.Launch, "L05", "tests", "Advisory.Tests", "Books", "launch").Scenario, "tests") { Supersedes = decisions[^1].Id });
        Assert.Empty(LogCheck.Of(log).Faults);
        FoundAs(log);
    }

    /// <summary>Whatever can be asked of decisions, those are found of which it is true: the old ones by their labels, the new ones by their terms.</summary>
    private static void FoundAs(DecisionLog log)
    {
        var all = Decisions(log);
        all.Reverse();
        foreach (var outcome in all.SelectMany(d => d.Outcomes).Select(o => o.Outcome).Distinct()) Found(new() { Outcome = outcome }, d => d.Outcomes.Any(o => o.Outcome == outcome));
        foreach (var one in all.SelectMany(d => d.Outcomes).DistinctBy(o => (o.Question, o.Outcome, o.Mission)))
        {
            Found(new() { Question = one.Question, Outcome = one.Outcome }, d => d.Outcomes.Any(o => (o.Question, o.Outcome) == (one.Question, one.Outcome)));
            Found(new() { Question = one.Question, Outcome = one.Outcome, Mission = one.Mission }, d => d.Outcomes.Any(o => (o.Question, o.Outcome, o.Mission) == (one.Question, one.Outcome, one.Mission)));
        }

        foreach (var rule in all.SelectMany(d => d.Outcomes).SelectMany(o => o.Deciding).Distinct())
        {
            Found(new() { Rule = rule }, d => d.Outcomes.Any(o => o.Deciding.Contains(rule)));
            Found(new() { Rule = rule, Actor = "bo" }, d => d.Actor == "bo" && d.Outcomes.Any(o => o.Deciding.Contains(rule)));
        }

        Found(new() { Facts = [("launch.pad", "south"), ("cloud.freezing", "false")] }, d => log.ScenarioOf(d) is { } scenario && EntryLabels.States(scenario, "launch.pad", "south") && EntryLabels.States(scenario, "cloud.freezing", "false"));

        void Found(DecisionFilter filter, Func<Decision, bool> expected) => Assert.Equal(all.Where(expected).Select(d => d.Index), log.Search(filter, limit: 1_000).Items.Select(d => d.Index));
    }

    [Fact]
    public async Task The_decisions_of_this_version_are_frozen()
    {
        var target = Path.Combine(Frozen, FormattableString.Invariant($"decisions-v{RuleBook.Semantics}"));
        if (!Directory.Exists(target) && Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write") await Write(target);
        Assert.True(Directory.Exists(target), "run the tests once with ADVISORY_GOLDEN=write to freeze decisions under the new semantics");
    }

    private static async Task Write(string target)
    {
        var clock = new StandingClock();
        using (var log = DecisionLog.Open(target, new() { Creator = "freezer", Clock = clock, Origin = "frozen.example/decisions" }))
        {
            string? last = null;
            foreach (var name in Books.CaseNames("tests", "Advisory.Tests", "Books", "launch"))
            {
                clock.Advance(TimeSpan.FromMinutes(7));
                last = (await log.Record(new(Books.Launch, Books.Case(Books.Launch, name, "tests", "Advisory.Tests", "Books", "launch").Scenario, "ada é 😀") { Key = name, Supersedes = name == "L02" ? last : null })).Decision.Id;
            }

            var withdrawn = Decisions(log)[4].Id;
            await log.Withdraw(withdrawn, "a frozen reason", Decisions(log)[5].Id, "bo");
            await log.Issue(withdrawn, "<p>a frozen page</p>"u8.ToArray(), "nl", "bo");
            var input = Encoding.UTF8.GetBytes("""{"facts":{"no.such":1}}""");
            await log.Refuse(Books.Launch, input, Scenario.Read(Books.Launch, new("s.json", input)).Problems, "cy");
            await log.Ledger.RotateKey(new(clock.GetUtcNow(), "freezer", "a rotation"));
            await log.Record(new(Books.Launch, Books.Case(Books.Launch, "L03", "tests", "Advisory.Tests", "Books", "launch").Scenario, "bo") { ConfirmedBy = "cy", WhatIfs = [DecisionLog.DigestOf("x"u8)] });
            log.Ledger.Backup(Path.Combine(target, "backup.db"));
        }

        // The backup is the same ledger in one file, without a log beside it.
        foreach (var file in Directory.EnumerateFiles(target, "ledger.db*").Concat(Directory.EnumerateFiles(target, "*.lock"))) File.Delete(file);
        File.Move(Path.Combine(target, "backup.db"), Path.Combine(target, "ledger.db"));
        using (var log = DecisionLog.Open(target, new() { ReadOnly = true }))
        {
            await File.WriteAllTextAsync(Path.Combine(target, "decisions.txt"), Said(log));
            await File.WriteAllLinesAsync(Path.Combine(target, "verifier-keys.txt"), log.Ledger.Keys.Select(key => key.Key.ToString()));
            Directory.CreateDirectory(Path.Combine(target, "receipts"));
            for (var i = 0; i < log.Ledger.Size; i++) await File.WriteAllTextAsync(Path.Combine(target, "receipts", FormattableString.Invariant($"{i}.tlog-proof")), log.Ledger.Receipt(i).ToString());
        }
    }

    private static List<Decision> Decisions(DecisionLog log) => [.. log.Ledger.Entries().Select(LogEntry.Read).OfType<Decision>()];

    /// <summary>What each decision says and what has become of it, in a form that shows in a diff.</summary>
    private static string Said(DecisionLog log) => string.Concat(Decisions(log).Select(decision =>
        FormattableString.Invariant($"{decision.Index} {decision.Id} {LogEntry.Format(decision.Time)} {decision.Actor} {log.FateOf(decision).Standing} {decision.Input} {decision.Evaluation}\n")
        + string.Concat(decision.Outcomes.Select(o => $"  {o.Question} {o.Record ?? o.Mission} {o.Outcome} {o.Assumed} {string.Join(' ', o.Deciding)}".TrimEnd() + "\n"))));

    /// <summary>A copy to work in, with the permissions that a checkout does not keep.</summary>
    private string Copy(string name)
    {
        var target = Path.Combine(scratch.Path, "data");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Frozen, name), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(Path.Combine(Frozen, name), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            if (OperatingSystem.IsWindows()) continue;
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return target;
    }
}
