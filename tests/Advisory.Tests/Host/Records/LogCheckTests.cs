using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;

namespace Advisory.Tests.Host.Records;

/// <summary>What a check of the log finds that the ledger under it cannot know.</summary>
public sealed class LogCheckTests : IDisposable
{
    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Scenario Launch(string name) => Books.Case(Books.Launch, name, "tests", "Advisory.Tests", "Books", "launch").Scenario;

    private async Task Fill()
    {
        using var log = folder.Open();
        var first = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        var second = (await log.Record(new(Books.Launch, Launch("L02"), "ada") { Supersedes = first.Id })).Decision;
        await log.Withdraw(first.Id, "a test", second.Id, "bo");
        await log.Issue(second.Id, "page"u8.ToArray(), "en", "bo");
        await log.Refuse(Books.Launch, "x"u8.ToArray(), Scenario.Read(Books.Launch, new("s", "x"u8.ToArray())).Problems, "cy");
    }

    private List<string> Faults()
    {
        using var log = folder.Open(readOnly: true);
        return [.. LogCheck.Of(log).Faults.Select(fault => fault.ToString())];
    }

    [Fact]
    public async Task A_whole_log_has_no_fault()
    {
        await Fill();
        using var log = folder.Open(readOnly: true);
        var found = LogCheck.Of(log);
        Assert.Empty(found.Faults);
        Assert.Empty(found.Remarks);
        Assert.Equal((7, 2), (found.Ledger.Entries, found.Decisions));
    }

    [Theory]
    [InlineData(2, "\"outcome\":\"GO\"", "\"outcome\":\"NO_GO\"", "it says `NO_GO` for ")]
    [InlineData(2, "\"assumed\":\"GO\"", "\"assumed\":\"NO_GO\"", "it says something else about ")]
    [InlineData(2, "\"basis\":\"stated\",\"book\"", "\"basis\":\"stated\",\"besides\":1,\"book\"", "it is not in the form of a `decision`")]
    [InlineData(2, "\"name\":\"launch\"", "\"name\":\"lunch\"", "its rule book is not that of the evaluation attached")]
    [InlineData(2, "\"actor\":\"ada\"", "\"actor\":\"eve\"", "its label `actor=eve` is missing")]
    [InlineData(2, "\"outcome\":\"GO\"", "\"outcome\":\"NO_GO\"", "its term `outcome=NO_GO` is missing")]
    [InlineData(2, "10:00:00.123Z", "11:00:00.123Z", "its id was made at another time than it says")]
    [InlineData(2, "\"semantics\":1", "\"semantics\":2", "its semantics are not those of the evaluation attached")]
    [InlineData(2, "\"kind\":\"decision\"", "\"kind\":\"d\"", "its bytes do not have the leaf hash")]
    [InlineData(1, "\"version\":\"1.0.0\"", "\"version\":\"1.0.1\"", "the rule book that is attached has another name, version, title or rules digest")]
    [InlineData(4, "\"index\":2", "\"index\":3", "the decision that it withdraws is not entry 3")]
    [InlineData(4, "\"reason\":\"a test\"", "\"reason\":1", "it has a `reason` that is no text")]
    [InlineData(5, "\"language\":\"en\",", "", "it has no `language`")]
    public async Task A_rewritten_entry_is_named_with_what_is_wrong(long index, string was, string now, string expected)
    {
        await Fill();
        Tampering.Rewrite(folder.Path, index, was, now, withLeaf: index > 1 && !expected.Contains("leaf hash", StringComparison.Ordinal));
        var faults = Faults();
        Assert.Contains(faults, fault => fault.StartsWith(FormattableString.Invariant($"entry {index}: {expected}"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scenario_that_was_changed_has_another_digest_than_its_input()
    {
        await Fill();
        Tampering.Rewrite(folder.Path, 2, "\"scenario\":{", "\"scenario\":{\"a\":1,");
        Assert.Contains("entry 2: its `input` is not the digest of its scenario", Faults());
        Assert.Contains("entry 2: its scenario is not that of the evaluation attached", Faults());
    }

    [Fact]
    public async Task Links_that_lead_nowhere_are_named()
    {
        await Fill();
        string first, second;
        using (var log = folder.Open(readOnly: true)) (first, second) = (log.Get("2").Id, log.Get("3").Id);
        var nobody = Guid.CreateVersion7(LogFolder.Start).ToString();
        Tampering.Rewrite(folder.Path, 3, $"\"supersedes\":\"{first}\"", $"\"supersedes\":\"{nobody}\"");
        Tampering.Rewrite(folder.Path, 4, $"\"supersededBy\":\"{second}\"", $"\"supersededBy\":\"{nobody}\"");
        var faults = Faults();
        Assert.Contains($"entry 3: the decision that it supersedes, `{nobody}`, is not before it", faults);
        Assert.Contains($"entry 4: the decision that stands instead, `{nobody}`, is not before it", faults);
    }

    [Fact]
    public async Task A_decision_whose_book_was_not_activated_before_it_is_named()
    {
        await Fill();
        Tampering.Rewrite(folder.Path, 1, "\"kind\":\"book-activated\"", "\"kind\":\"book-deactivated\"", withLeaf: false);
        var faults = Faults();
        Assert.Contains($"entry 2: its rule book {Books.Launch.Digest} was not activated before it", faults);
        using var log = folder.Open(readOnly: true);
        Assert.Equal(["entry 1: its kind `book-deactivated` is not known to this version; only its place in the ledger was checked"], LogCheck.Of(log).Remarks);
    }

    [Fact]
    public async Task Attachments_that_are_exchanged_or_gone_are_named()
    {
        await Fill();
        Decision first, second;
        using (var log = folder.Open(readOnly: true)) (first, second) = (log.Get("2"), log.Get("3"));
        Tampering.Sql(folder.Path, FormattableString.Invariant(
            $"UPDATE attachments SET length = (SELECT length FROM attachments WHERE digest = x'{second.Evaluation[7..]}'), packed = (SELECT packed FROM attachments WHERE digest = x'{second.Evaluation[7..]}') WHERE digest = x'{first.Evaluation[7..]}'"));
        Assert.Contains($"entry 2: its attachment `{first.Evaluation}` is damaged", Faults());

        Tampering.Sql(folder.Path, $"DELETE FROM attachments WHERE digest = x'{first.Evaluation[7..]}'");
        Assert.Contains($"entry 2: its attachment `{first.Evaluation}` is missing", Faults());
        Assert.Contains($"entry 2: its evaluation {first.Evaluation} is missing", Faults());
    }

    [Fact]
    public async Task A_label_that_was_taken_away_or_put_in_is_named_since_it_hides_or_feigns_a_withdrawal()
    {
        await Fill();
        string first, second;
        using (var log = folder.Open(readOnly: true)) (first, second) = (log.Get("2").Id, log.Get("3").Id);
        Tampering.Sql(folder.Path, $"DELETE FROM labels WHERE entry = 4 AND name = 'about'; INSERT INTO labels VALUES (4, 'about', '{second}')");
        Assert.Contains($"entry 4: its label `about={first}` is missing, so that it is not found by it", Faults());
        Assert.Contains($"entry 4: it has a label `about={second}` that does not follow from it", Faults());

        // What the entry says counts: nobody is shown as withdrawn by a label alone.
        using (var log = folder.Open(readOnly: true)) Assert.Equal(Standing.InForce, log.FateOf(log.Get("3")).Standing);
    }

    [Fact]
    public async Task A_term_that_was_taken_away_or_a_label_in_its_place_is_named()
    {
        await Fill();
        string input;
        using (var log = folder.Open(readOnly: true)) input = log.Get("2").Input;
        Tampering.Sql(folder.Path, $"UPDATE terms SET hashes = x'{Convert.ToHexString(TermHashes.Of([new("input", input), new("outcome", "GO")]))}' WHERE entry = 2; INSERT INTO labels VALUES (3, 'fact.launch.pad', 'south'), (3, 'outcome', 'GO')");
        var faults = Faults();
        Assert.Contains("entry 2: its term `verdict=weather/GO/crewed` is missing, so that it is not found by it", faults);
        Assert.Contains("entry 3: it has a label `fact.launch.pad=south` that does not follow from it", faults);

        // Without a row of terms a decision is as one of format 1, whose terms are labels.
        Tampering.Sql(folder.Path, "DELETE FROM labels WHERE entry = 3 AND name IN ('outcome', 'fact.launch.pad'); DELETE FROM terms");
        Assert.Contains($"entry 2: its label `input={input}` is missing, so that it is not found by it", Faults());
    }

    /// <summary>Somebody with the key in hand appends entries that look right by themselves: hashes hold, and what they say does not.</summary>
    [Fact]
    public async Task Entries_that_only_somebody_with_the_key_could_write_are_found_by_what_they_say()
    {
        await Fill();
        using var log = folder.Open();
        var first = log.Get("2");
        var book = first.Book.Digest;
        await Append(first with { Id = Guid.CreateVersion7(first.Time).ToString(), TraceDigest = "sha256:" + new string('0', 64) }, first.Evaluation, book);
        await Append(first with { Time = first.Time }, first.Evaluation, book); // the same id again
        Assert.Equal(
            [
                "entry 7: its trace digest is not that of the evaluation attached",
                FormattableString.Invariant($"entry 8: its id `{first.Id}` is that of entry 2"),
            ],
            LogCheck.Of(log).Faults.Select(fault => fault.ToString()));

        Task<Receipt> Append(Decision decision, params string[] _) => log.Ledger.Append(new() { Bytes = EntryJson.Write(decision), Labels = EntryLabels.Of(decision), Terms = EntryLabels.Terms(decision) });
    }

    [Fact]
    public async Task An_entry_of_somebody_else_is_left_alone_and_said_to_be()
    {
        await Fill();
        using var log = folder.Open();
        await log.Ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes("{\"a\":1}") });
        var found = LogCheck.Of(log);
        Assert.Empty(found.Faults);
        Assert.Equal(["entry 7: its kind `` is not known to this version; only its place in the ledger was checked"], found.Remarks);
    }
}
