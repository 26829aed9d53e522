using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host.Records;

/// <summary>Decisions in the ledger: what is written, what is found, what is refused, what a replay says.</summary>
public sealed class DecisionLogTests : IDisposable
{
    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Scenario Launch(string name) => Books.Case(Books.Launch, name, "tests", "Advisory.Tests", "Books", "launch").Scenario;

    [Fact]
    public async Task A_decision_is_found_as_it_was_recorded_and_its_entry_is_what_the_forms_write()
    {
        using var log = folder.Open();
        var recorded = await log.Record(new(Books.Launch, Launch("L01"), "Ada Ær") { Key = "k", WhatIfs = [Launch("L02").Digest], ConfirmedBy = "Bo" });
        Assert.False(recorded.WasThere);
        Assert.Equal(2, recorded.Decision.Index); // after the ledger's own and the book's
        Assert.Equal('7', recorded.Decision.Id[14]);
        var entry = log.Ledger.Find(2)!;
        Assert.Null(recorded.Receipt.Verify(entry.Bytes.Span, log.Ledger.Keys.Select(key => key.Key)));
        var read = Assert.IsType<Decision>(LogEntry.Read(entry));
        Assert.Equal(Encoding.UTF8.GetString(entry.Bytes.Span), Encoding.UTF8.GetString(EntryJson.Write(read)));
        Assert.Equal(Launch("L01").Canonical.ToArray(), read.Scenario.ToArray());
        Assert.Equal(EvaluationJson.Canonical(Evaluation.Of(Books.Launch, Launch("L01"))), log.EvaluationOf(read));
        Assert.Equal(LogFolder.Start, read.Time);
        Assert.Equal(("Ada Ær", "k", "Bo", 1), (read.Actor, read.Key, read.ConfirmedBy, read.WhatIfs.Count));
        Assert.Equal(recorded.Evaluation.Verdicts.Select(v => (v.Question.Id, v.Mission, v.Record, v.Stated.Outcome)), read.Outcomes.Select(o => (o.Question, o.Mission, o.Record, o.Outcome)));

        // The members and their order are the canonical form's.
        var members = JObject.Load(new JsonTextReader(new StringReader(Encoding.UTF8.GetString(entry.Bytes.Span))) { DateParseHandling = DateParseHandling.None }).Properties().Select(p => p.Name).ToList();
        Assert.Equal(members.Order(StringComparer.Ordinal), members);
    }

    [Fact]
    public async Task A_book_is_announced_with_its_whole_content_before_its_first_decision_and_not_again()
    {
        using (var log = folder.Open())
        {
            await log.Record(new(Books.Launch, Launch("L01"), "ada"));
            await log.Record(new(Books.Launch, Launch("L02"), "ada"));
        }

        using (var log = folder.Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => log.Record(new(Books.Launch, Launch("L03"), "bo")))));
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => log.Record(new(Books.Ukraine, Books.Case(Books.Ukraine, "S02", "rules", "ukraine").Scenario, "bo")))));
            var entries = log.Ledger.Entries().Select(LogEntry.Read).ToList();
            Assert.Equal([1], entries.OfType<BookActivated>().Where(b => b.Book.Name == "launch").Select(b => b.Index));
            Assert.Single(entries.OfType<BookActivated>(), b => b.Book.Name == "ukraine");
            Assert.Equal(Books.Launch.Content.ToArray(), log.Ledger.Attachment(DecisionLog.AsDigest(Books.Launch.Digest)));
        }

        using (var log = folder.Open()) Assert.Equal(Books.Launch.Digest, log.BookOf(Books.Launch.Digest).Digest);
    }

    [Fact]
    public async Task A_key_that_is_used_again_gives_the_first_decision_and_for_another_scenario_an_error()
    {
        using var log = folder.Open();
        var first = await log.Record(new(Books.Launch, Launch("L01"), "ada") { Key = "k" });
        var again = await log.Record(new(Books.Launch, Launch("L01"), "bo") { Key = "k" });
        Assert.True(again.WasThere);
        Assert.Equal((first.Decision.Id, "ada", 3), (again.Decision.Id, again.Decision.Actor, (int)log.Ledger.Size));
        var reused = await Assert.ThrowsAsync<LedgerKeyReusedException>(() => log.Record(new(Books.Launch, Launch("L02"), "ada") { Key = "k" }));
        Assert.Equal(first.Decision.Index, reused.Index);
        var other = await log.Record(new(Books.Launch, Launch("L01"), "ada"));
        Assert.NotEqual(first.Decision.Id, other.Decision.Id);
    }

    [Fact]
    public async Task A_key_stands_for_the_scenario_whatever_book_is_in_force_and_gives_the_first_books_verdicts()
    {
        var renamed = Renamed(Books.Files("tests", "Advisory.Tests", "Books", "launch"), "launch", "2.0.0");
        using var log = folder.Open();
        var first = await log.Record(new(Books.Launch, Launch("L01"), "ada") { Key = "k" });
        var again = await log.Record(new(renamed, Books.Case(renamed, "L01", "tests", "Advisory.Tests", "Books", "launch").Scenario, "ada") { Key = "k" });
        Assert.True(again.WasThere);
        Assert.Equal((first.Decision.Id, Books.Launch.Digest), (again.Decision.Id, again.Evaluation.Book.Digest));
        Assert.Equal(renamed.Digest, log.InForce("launch")!.Book.Digest);
    }

    [Fact]
    public async Task A_scenario_that_no_entry_holds_is_refused_before_evaluation_with_its_size_and_the_bound()
    {
        using var log = folder.Open();
        var most = Room(Launch("L01").Canonical.Length, log);
        var fits = Stuffed(most);
        Assert.Equal(most, fits.Canonical.Length);
        Assert.Null(log.TooLarge(new(Books.Launch, fits, "ada")));
        await log.Record(new(Books.Launch, fits, "ada"));
        Assert.InRange(log.Ledger.Find(2)!.Bytes.Length, most, NewEntry.MaxBytes);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => log.Record(new(Books.Launch, Stuffed(most + 1), "ada")));
        Assert.Equal(FormattableString.Invariant($"the scenario takes {most + 1} bytes in canonical form, and an entry of the ledger has room for {most} of it under this book"), refused.Message);
        Assert.Equal(("too-large-to-record", Refusal.Invalid), (refused.Problem!.Code, refused.Refusal));
        Assert.Equal(3, log.Ledger.Size);
    }

    private static int Room(int _, DecisionLog log)
    {
        var problem = log.TooLarge(new(Books.Launch, Stuffed(61_000), "ada"))!;
        return int.Parse(problem.Text.Split("room for ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A scenario of so many canonical bytes, most of them in notes.</summary>
    private static Scenario Stuffed(int bytes)
    {
        var facts = Books.Launch.Facts.Where(f => f.Type == FactType.Boolean && f.Role == FactRole.World).Select(f => f.Name).ToList();
        var lengths = new Dictionary<(string Fact, string Member), int>();
        var missing = bytes - Read().Canonical.Length;
        foreach (var place in facts.SelectMany(fact => new[] { (fact, "note"), (fact, "source") }))
        {
            // `"note":"…",` takes so many bytes beside its text.
            var beside = place.Item2.Length + 6;
            if (missing == 0) break;
            var length = Math.Min(3_900, missing - beside);
            if (missing - beside - length is > 0 and < 20) length -= 20;
            lengths[place] = length;
            missing -= length + beside;
        }

        return Read();

        Scenario Read()
        {
            var json = new JObject
            {
                ["facts"] = new JObject(facts.Select(f => new JProperty(f, new JObject(
                lengths.Where(l => l.Key.Fact == f).Select(l => new JProperty(l.Key.Member, new string('x', l.Value))).Append(new("value", true)).Append(new("by", "b"))))))
            };
            var read = Scenario.Read(Books.Launch, new("s", Encoding.UTF8.GetBytes(json.ToString(Formatting.None))));
            Assert.True(read.Value is not null, string.Join('\n', read.Problems));
            return read.Value;
        }
    }

    [Fact]
    public void No_entry_is_larger_than_the_bound_that_its_book_gives()
    {
        foreach (var (book, path) in new[] { (Books.Launch, new[] { "tests", "Advisory.Tests", "Books", "launch" }), (Books.Ukraine, ["rules", "ukraine"]) })
        {
            Assert.All(Books.CaseNames(path).Take(40), name =>
            {
                var scenario = Books.Case(book, name, path).Scenario;
                var outcomes = Evaluation.Of(book, scenario).Verdicts.Select(DecidedOutcome.Of).ToList();
                var blank = new Decision { Actor = "a", Time = default, Id = "", Engine = "", Semantics = 1, Book = BookName.Of(book), Input = "", Scenario = scenario.Canonical, Basis = "stated", Outcomes = [], TraceDigest = "", Evaluation = "" };
                Assert.InRange(EntryJson.Write(blank with { Outcomes = outcomes }).Length - EntryJson.Write(blank).Length, 1, EntryJson.MostForOutcomes(book, scenario));
            });
        }
    }

    [Fact]
    public async Task Withdrawn_and_superseding_decisions_name_each_other_both_ways()
    {
        using var log = folder.Open();
        var first = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        var second = (await log.Record(new(Books.Launch, Launch("L02"), "ada") { Supersedes = first.Id })).Decision;
        Assert.Equal((Standing.Superseded, second.Id), (log.FateOf(first).Standing, log.FateOf(first).Successors.Single().Id));
        var (withdrawal, receipt) = await log.Withdraw(first.Id, "the forecast was of another day", second.Id, "bo");
        Assert.Equal((Standing.Withdrawn, "bo"), (log.FateOf(first).Standing, log.FateOf(first).Withdrawals.Single().Actor));
        Assert.Equal((first.Index, log.Ledger.Find(first.Index)!.LeafHash.ToBase64(), second.Id), (withdrawal.Of, withdrawal.Leaf, withdrawal.SupersededBy));
        Assert.Equal(receipt.Index, withdrawal.Index);
        Assert.Equal(Standing.InForce, log.FateOf(second).Standing);

        Assert.Equal(Refusal.Conflict, (await Assert.ThrowsAsync<RefusedException>(() => log.Withdraw(first.Id, "again", null, "cy"))).Refusal);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => log.Withdraw("0190", "no such", null, "cy"))).Refusal);
        Assert.Equal(Refusal.Invalid, (await Assert.ThrowsAsync<RefusedException>(() => log.Withdraw(second.Id, "itself", second.Id, "cy"))).Refusal);
        var forked = await Assert.ThrowsAsync<RefusedException>(() => log.Record(new(Books.Launch, Launch("L03"), "ada") { Supersedes = first.Id }));
        Assert.Contains($"was superseded already, by {second.Id} (entry 3); supersede that one", forked.Message, StringComparison.Ordinal);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => log.Record(new(Books.Launch, Launch("L03"), "ada") { Supersedes = "0190" }))).Refusal);
    }

    [Fact]
    public async Task Two_who_withdraw_one_decision_at_once_make_one_withdrawal()
    {
        using var log = folder.Open();
        for (var round = 0; round < 20; round++)
        {
            var id = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision.Id;
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
            {
                try
                {
                    await log.Withdraw(id, FormattableString.Invariant($"reason {i}"), null, "bo");
                    return 1;
                }
                catch (RefusedException refused) when (refused.Refusal == Refusal.Conflict)
                {
                    return 0;
                }
            })));
            Assert.Equal(1, answers.Sum());
            Assert.Single(log.FateOf(log.Find(id)!).Withdrawals);
        }
    }

    [Fact]
    public async Task A_refused_submission_leaves_its_digest_and_its_problems_and_not_its_content()
    {
        using var log = folder.Open();
        var input = Encoding.UTF8.GetBytes("{\"facts\":{" + string.Join(',', Enumerable.Range(0, 30).Select(i => $"\"no.such.{i}\":\"secret-{i}\"")) + "}}");
        var problems = Scenario.Read(Books.Launch, new("s.json", input)).Problems;
        await log.Refuse(Books.Launch, input, problems, "ada");
        var refused = Assert.IsType<SubmissionRefused>(log.Entry(1));
        Assert.Equal((DecisionLog.DigestOf(input), input.Length, 20, 10), (refused.Input, refused.Length, refused.Problems.Count, refused.More));
        Assert.Equal(problems.Take(20).Select(p => (p.File, (long)p.Line, (long)p.Column, p.Code, p.Text)), refused.Problems.Select(p => (p.File, p.Line, p.Column, p.Code, p.Text)));
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(log.Ledger.Find(1)!.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issued_page_is_known_by_its_digest()
    {
        using var log = folder.Open();
        var id = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision.Id;
        await log.Issue(id, "<p>no go</p>"u8.ToArray(), "nl", "bo");
        var issued = Assert.Single(log.FateOf(log.Find(id)!).Issued);
        Assert.Equal((DecisionLog.DigestOf("<p>no go</p>"u8), "nl", "bo", 3), (issued.Page, issued.Language, issued.Actor, (int)issued.Index));
        Assert.Equal(Encoding.UTF8.GetString(log.Ledger.Find(3)!.Bytes.Span), Encoding.UTF8.GetString(EntryJson.Write(issued)));
    }

    [Fact]
    public async Task Decisions_are_found_by_what_they_say()
    {
        using var log = folder.Open();
        var all = new List<Decision>();
        foreach (var name in Books.CaseNames("tests", "Advisory.Tests", "Books", "launch"))
        {
            all.Add((await log.Record(new(Books.Launch, Launch(name), all.Count % 2 == 0 ? "ada" : "bo"))).Decision);
            folder.Clock.Advance(TimeSpan.FromHours(1));
        }

        all.Reverse();
        await log.Withdraw(all[3].Id, "wrong", null, "ada");
        await log.Withdraw(all[7].Id, "wrong", null, "ada");
        Check(new(), _ => true);
        Check(new() { Actor = "bo" }, d => d.Actor == "bo");
        Check(new() { Since = LogFolder.Start.AddHours(5), Before = LogFolder.Start.AddHours(9) }, d => d.Time >= LogFolder.Start.AddHours(5) && d.Time < LogFolder.Start.AddHours(9));
        foreach (var outcome in all.SelectMany(d => d.Outcomes).DistinctBy(o => (o.Question, o.Mission, o.Outcome)))
        {
            Check(new() { Question = outcome.Question, Mission = outcome.Mission, Outcome = outcome.Outcome }, d => d.Outcomes.Any(o => (o.Question, o.Mission, o.Outcome) == (outcome.Question, outcome.Mission, outcome.Outcome)));
            Check(new() { Question = outcome.Question, Outcome = outcome.Outcome }, d => d.Outcomes.Any(o => (o.Question, o.Outcome) == (outcome.Question, outcome.Outcome)));
            Check(new() { Mission = outcome.Mission, Outcome = outcome.Outcome }, d => d.Outcomes.Any(o => (o.Mission, o.Outcome) == (outcome.Mission, outcome.Outcome)));
            Check(new() { Outcome = outcome.Outcome }, d => d.Outcomes.Any(o => o.Outcome == outcome.Outcome));
        }

        foreach (var rule in all.SelectMany(d => d.Outcomes).SelectMany(o => o.Deciding).Distinct()) Check(new() { Rule = rule }, d => d.Outcomes.Any(o => o.Deciding.Contains(rule)));
        Check(new() { Book = "launch" }, _ => true);
        Check(new() { Book = Books.Launch.Digest[7..19] }, _ => true);
        Check(new() { Book = "ukraine" }, _ => false);
        Check(new() { Withdrawn = true }, d => d.Id == all[3].Id || d.Id == all[7].Id);
        Check(new() { Withdrawn = false, Actor = "bo" }, d => d.Id != all[3].Id && d.Id != all[7].Id && d.Actor == "bo");
        Check(new() { Input = all[4].Input }, d => d.Input == all[4].Input);
        var stated = Launch("L01").Facts.First(f => f.Reports[0].Value!.Type == JTokenType.Boolean);
        var value = (bool)stated.Reports[0].Value! ? "true" : "false";
        Check(new() { Facts = [(stated.Fact.Name, value)] }, d => EntryLabels.States(log.ScenarioOf(d)!, stated.Fact.Name, value));

        void Check(DecisionFilter filter, Func<Decision, bool> expected)
        {
            var found = new List<string>();
            for (long? before = long.MaxValue; before is { } from;)
            {
                var page = log.Search(filter, from, 7);
                Assert.True(page.Items.Count <= 7);
                found.AddRange(page.Items.Select(d => d.Id));
                before = page.Next;
            }

            Assert.Equal(all.Where(expected).Select(d => d.Id), found);
        }
    }

    [Fact]
    public async Task A_sensitive_fact_is_no_term()
    {
        using var log = folder.Open();
        var fact = Launch("L01").Facts.First(f => f.Reports[0].Value!.Type == JTokenType.Boolean).Fact.Name;
        var text = "{\"facts\":{\"" + fact + "\":{\"value\":true,\"source\":\"s\",\"sensitive\":true}}}";
        var scenario = Scenario.Read(Books.Launch, new("s", Encoding.UTF8.GetBytes(text))).Value!;
        var decision = (await log.Record(new(Books.Launch, scenario, "ada"))).Decision;
        Assert.False(log.Ledger.TermsOf(decision.Index)!.Holds(EntryLabels.Fact(fact, "true")));
        Assert.Empty(log.Search(new() { Facts = [(fact, "true")] }).Items);
    }

    [Fact]
    public async Task What_is_found_by_a_hash_is_held_against_the_decision()
    {
        using var log = folder.Open();
        var decision = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        // `aqogcnan` has been made to have the hash of `south`, which is what the decision states.
        Assert.Equal([decision.Index], log.Ledger.Find([], terms: [EntryLabels.Fact("launch.pad", "aqogcnan")]));
        Assert.Empty(log.Search(new() { Facts = [("launch.pad", "aqogcnan")] }).Items);
        Assert.Equal(decision.Id, Assert.Single(log.Search(new() { Facts = [("launch.pad", "south")] }).Items).Id);
    }

    [Fact]
    public async Task A_decision_is_meant_by_its_id_its_beginning_or_its_index()
    {
        using var log = folder.Open();
        var first = (await log.Record(new(Books.Launch, Launch("L01"), "ada"))).Decision;
        var second = (await log.Record(new(Books.Launch, Launch("L02"), "ada"))).Decision;
        Assert.Equal(first.Id, log.Get(first.Id.ToUpperInvariant()).Id);
        Assert.Equal(first.Id, log.Get("2").Id);
        var common = Enumerable.Range(0, 36).First(i => first.Id[i] != second.Id[i]);
        Assert.Equal(second.Id, log.Get(second.Id[..(common + 1)]).Id);
        Assert.Contains("several decisions begin with", Assert.Throws<RefusedException>(() => log.Get(first.Id[..8])).Message, StringComparison.Ordinal);
        Assert.Contains("entry 1 is no decision", Assert.Throws<RefusedException>(() => log.Get("1")).Message, StringComparison.Ordinal);
        Assert.Contains("there is no entry 4; the ledger has entries 0 to 3", Assert.Throws<RefusedException>(() => log.Get("4")).Message, StringComparison.Ordinal);
        Assert.Equal(Refusal.NotFound, Assert.Throws<RefusedException>(() => log.Get("ffff")).Refusal);
        Assert.Equal(Refusal.Invalid, Assert.Throws<RefusedException>(() => log.Get("no id")).Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\u0007")]
    public async Task An_actor_is_a_text_that_people_can_read(string actor)
    {
        using var log = folder.Open();
        Assert.Equal(Refusal.Invalid, (await Assert.ThrowsAsync<RefusedException>(() => log.Record(new(Books.Launch, Launch("L01"), actor)))).Refusal);
        Assert.Equal(1, log.Ledger.Size);
    }

    [Fact]
    public async Task Every_decision_replays_byte_for_byte_from_the_ledger_alone()
    {
        using (var log = folder.Open())
            foreach (var name in Books.CaseNames("tests", "Advisory.Tests", "Books", "launch")) await log.Record(new(Books.Launch, Launch(name), "ada"));
        using (var log = folder.Open(readOnly: true))
            Assert.All(log.Search(new(), limit: 100).Items, decision => Assert.Equal((ReplayResult.Same, ""), (log.Replay(decision).Result, log.Replay(decision).Text)));
    }

    private static RuleBook Renamed(List<InputFile> files, string name, string version)
    {
        var book = files.FindIndex(file => file.Name == "book.json");
        var json = JObject.Parse(Encoding.UTF8.GetString(files[book].Content.Span));
        (json["name"], json["version"]) = (name, version);
        files[book] = files[book] with { Content = Encoding.UTF8.GetBytes(json.ToString()) };
        return RuleBook.Load(files).Value!;
    }
}
