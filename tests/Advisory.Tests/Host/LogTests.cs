using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;
using Advisory.Tests.Host.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

/// <summary>Recording and the verbs of <c>advisory log</c>, as a person meets them, on real files.</summary>
public sealed class LogTests : IDisposable
{
    private static readonly string Book = Repository.PathOf("tests", "Advisory.Tests", "Books", "launch");

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Data => Path.Combine(folder.Path, "data");

    private static string Case(string name) => Path.Combine(Book, "cases", name + ".json");

    private (int Code, string Output, string Errors) Log(params string[] arguments) => RunProgram.With(["log", .. arguments, "--data", Data]);

    private (int Code, string Output, string Errors) Record(string name, params string[] arguments) => RunProgram.With(["evaluate", Case(name), "--record", "--by", "ada", "--rules", Book, "--data", Data, .. arguments]);

    private static JObject Json(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        return JObject.Load(reader);
    }

    // ---- recording ----

    [Fact]
    public void A_recorded_decision_is_printed_as_without_recording_and_then_its_id_entry_and_receipt()
    {
        var plain = RunProgram.With("evaluate", Case("L01"), "--rules", Book).Output;
        var (code, output, errors) = Record("L01");
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith(plain + "\nRecorded as ", output, StringComparison.Ordinal);
        Assert.Contains(" (entry 2) by ada, ", output, StringComparison.Ordinal);
        var receipt = Receipt.Parse(output[output.IndexOf("c2sp.org/tlog-proof@v1", StringComparison.Ordinal)..]);
        using var log = DecisionLog.Open(Data, new() { ReadOnly = true });
        Assert.Null(receipt.Verify(log.Ledger.Find(2)!.Bytes.Span, log.Ledger.Keys.Select(key => key.Key)));
        var dutch = Record("L01", "--lang", "nl").Output;
        Assert.Contains("\nVastgelegd als ", dutch, StringComparison.Ordinal);
        Assert.DoesNotContain("Receipt", dutch, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_decision_as_without_recording_and_record_and_receipt()
    {
        var plain = Json(RunProgram.With("evaluate", Case("L01"), "--rules", Book, "--json").Output);
        var json = Json(Record("L01", "--json", "--key", "k").Output);
        var again = Json(Record("L01", "--json", "--key", "k").Output);
        Assert.Equal((2, "ada", "k"), ((int)json["record"]!["index"]!, (string)json["record"]!["actor"]!, (string)json["record"]!["key"]!));
        Assert.Equal((string)json["record"]!["id"]!, (string)again["record"]!["id"]!);
        Assert.True((bool)again["record"]!["repeated"]!);
        Assert.Equal(2, Receipt.Parse((string)json["receipt"]!).Index);
        json.Remove("record");
        json.Remove("receipt");
        Assert.True(JToken.DeepEquals(plain, json));
    }

    [Fact]
    public void A_scenario_that_is_at_fault_is_recorded_as_refused_with_its_problems()
    {
        const string Scenario = """{"facts":{"no.such":"secret"}}""";
        var (code, output, errors) = RunProgram.With(Scenario, ["evaluate", "-", "--record", "--by", "ada", "--rules", Book, "--data", Data]);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("standard input:1:11: unknown fact `no.such`", errors, StringComparison.Ordinal);
        using var log = DecisionLog.Open(Data, new() { ReadOnly = true });
        var refused = Assert.IsType<SubmissionRefused>(log.Entry(1));
        Assert.Equal((DecisionLog.DigestOf(Encoding.UTF8.GetBytes(Scenario)), "ada", "unknown-fact", 11L), (refused.Input, refused.Actor, refused.Problems[0].Code, refused.Problems[0].Column));
        Assert.Empty(LogCheck.Of(log).Faults);
    }

    [Fact]
    public void A_scenario_that_is_too_large_to_record_is_a_problem_at_its_file_and_recorded_as_refused()
    {
        var facts = Books.Launch.Facts.Where(f => f.Type == FactType.Boolean && f.Role == FactRole.World).Select(f => new JProperty(f.Name, new JObject { ["value"] = true, ["source"] = new string('s', 3_900), ["note"] = new string('n', 3_900) }));
        var file = folder.Write("large.json", new JObject { ["facts"] = new JObject(facts) }.ToString());
        Assert.Equal(0, RunProgram.With("evaluate", file, "--rules", Book).Code);
        var (code, output, errors) = RunProgram.With("evaluate", file, "--record", "--rules", Book, "--data", Data);
        Assert.Equal((2, ""), (code, output));
        Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(file.Replace('\\', '/')) + ":1:1: the scenario takes [0-9]{5} bytes in canonical form, and an entry of the ledger has room for 5[0-9]{4} of it under this book; leave out facts", errors);
        Assert.Equal((0, "no decision fits\n"), (Log("list").Code, Log("list").Output));
        using var log = DecisionLog.Open(Data, new() { ReadOnly = true });
        Assert.Equal("too-large-to-record", Assert.IsType<SubmissionRefused>(log.Entry(1)).Problems.Single().Code);
    }

    [Fact]
    public void A_key_used_for_another_scenario_is_refused_and_says_where_it_was_used()
    {
        Record("L01", "--key", "k");
        var (code, output, errors) = Record("L02", "--key", "k");
        Assert.Equal((2, "", "the idempotency key was used before, for another input (entry 2); take a new key for a new request\n"), (code, output, errors));
    }

    [Theory]
    [InlineData("--key k", "--by, --key, --supersedes and --receipt are about a recorded decision; add --record\n")]
    [InlineData("--record --key k L02", "a key stands for one scenario; record one FILE at a time\n")]
    [InlineData("--record --supersedes 2 L02", "one decision supersedes another; record one scenario at a time\n")]
    [InlineData("--record --receipt r --lines", "--receipt is a file for one receipt; with --lines each receipt stands in its line\n")]
    [InlineData("--record --supersedes 2", "there is no entry 2; the ledger has entries 0 to 0\n")]
    [InlineData("--record --supersedes 019x", "`019x` is neither the id of a decision nor the beginning of one, nor the index of an entry\n")]
    [InlineData("--record --by \u0007", "`actor` must be a text of 1 to 200 characters without control characters\n")]
    public void Options_that_make_no_sense_together_are_answered_with_what_to_do(string options, string answer)
    {
        var (code, output, errors) = RunProgram.With(["evaluate", Case("L01"), "--rules", Book, "--data", Data, .. options.Split(' ').Select(word => word == "L02" ? Case("L02") : word)]);
        Assert.Equal((2, "", answer), (code, output, errors));
    }

    [Fact]
    public void Lines_are_recorded_in_order_each_with_its_receipt_and_a_batch_that_is_sent_again_is_there_already()
    {
        var names = Books.CaseNames("tests", "Advisory.Tests", "Books", "launch").ToList();
        var input = string.Join('\n', names.SelectMany(name => Enumerable.Repeat(JObject.Parse(File.ReadAllText(Case(name)))["scenario"]!.ToString(Formatting.None), 4)).Append("{\"facts\":{\"no.such\":1}}"));
        string[] arguments = ["evaluate", "-", "--lines", "--record", "--key", "batch", "--rules", Book, "--data", Data];
        var (code, output, errors) = RunProgram.With(input, arguments);
        Assert.Equal(2, code);
        var lines = output.TrimEnd('\n').Split('\n').Select(Json).ToList();
        Assert.Equal((names.Count * 4) + 1, lines.Count);
        Assert.Equal("unknown-fact", (string)lines[^1]["problems"]![0]!["code"]!);
        Assert.Contains("1 at fault", errors, StringComparison.Ordinal);
        Assert.All(lines[..^1], (line, i) => Assert.Equal((FormattableString.Invariant($"batch:{i + 1}"), i + 2), ((string)line["record"]!["key"]!, (int)line["record"]!["index"]!)));
        var again = RunProgram.With(input, arguments).Output.TrimEnd('\n').Split('\n').Select(Json).ToList();
        Assert.Equal(lines[..^1].Select(line => (string)line["record"]!["id"]!), again[..^1].Select(line => (string)line["record"]!["id"]!));
        Assert.Equal(0, Log("verify").Code);
    }

    [Fact]
    public void Nobody_sees_a_verdict_that_could_not_be_recorded()
    {
        Record("L01");
        foreach (var key in Directory.EnumerateFiles(Path.Combine(Data, "keys"))) File.Delete(key);
        var (code, output, errors) = Record("L01");
        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith("the machinery failed, and there is no outcome: ", errors, StringComparison.Ordinal);
    }

    // ---- reading ----

    [Theory]
    [InlineData("list")]
    [InlineData("show 2")]
    [InlineData("trace 2")]
    [InlineData("proof 2")]
    [InlineData("checkpoint")]
    [InlineData("verify")]
    [InlineData("replay --all")]
    [InlineData("withdraw 2 --reason r")]
    [InlineData("export --format csv")]
    [InlineData("backup b.db")]
    [InlineData("rotate-key --reason r")]
    public void Where_there_is_no_ledger_every_verb_says_how_one_begins_and_makes_none(string line)
    {
        var (code, output, errors) = Log(line.Split(' '));
        Assert.Equal((2, "", $"there is no ledger in `{Data}`; `advisory evaluate FILE --record` begins one, and --data DIR names another folder\n"), (code, output, errors));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public void A_list_has_every_question_of_each_decision_and_goes_on_where_it_was_cut_off()
    {
        foreach (var name in new[] { "L01", "L02", "L03" }) Record(name);
        var (code, output, errors) = Log("list", "--limit", "2");
        Assert.Equal((0, "there are more; go on with --before 3\n"), (code, errors));
        Assert.Equal(["4", "3"], output.Split('\n').Where(line => line.Length > 6 && char.IsDigit(line[5])).Select(line => line[..6].Trim()));
        Assert.All(Books.Launch.Questions.Where(question => question.Each is null), question => Assert.Contains(question.Title.En + ": ", output, StringComparison.Ordinal));
        Assert.Contains(Books.Launch.Questions[0].Title.Nl + ": ", Log("list", "--lang", "nl").Output, StringComparison.Ordinal);
        var rest = Json(Log("list", "--before", "3", "--json").Output);
        Assert.Equal(JTokenType.Null, rest["next"]!.Type);
        Assert.Equal([2], rest["decisions"]!.Select(d => (int)d["index"]!));
        Assert.Equal("in-force", (string)rest["decisions"]![0]!["standing"]!);

        Assert.Equal((0, "no decision fits\n"), (Log("list", "--actor", "nobody").Code, Log("list", "--actor", "nobody").Output));
        Assert.Equal(3, Json(Log("list", "--since", "2020-01-01", "--until", "2999-01-01", "--json").Output)["decisions"]!.Count());
        Assert.Empty(Json(Log("list", "--until", "2020-01-01", "--json").Output)["decisions"]!);
        Assert.Equal((2, "`--since yesterday` is neither a day such as 2026-01-24 nor a time in UTC such as 2026-01-24T10:00:00Z\n"), (Log("list", "--since", "yesterday").Code, Log("list", "--since", "yesterday").Errors));
        Assert.Equal((2, "`--fact x` is not of the form NAME=VALUE, such as a.fact=true\n"), (Log("list", "--fact", "x").Code, Log("list", "--fact", "x").Errors));
    }

    [Fact]
    public void A_decision_is_shown_from_the_ledger_alone_when_the_book_has_changed_or_is_gone()
    {
        var book = folder.Book("tests", "Advisory.Tests", "Books", "launch");
        var plain = RunProgram.With("evaluate", Case("L01"), "--rules", book).Output;
        RunProgram.With("evaluate", Case("L01"), "--record", "--rules", book, "--data", Data);
        Directory.Delete(book, recursive: true);
        var (code, output, errors) = Log("show", "2");
        Assert.Equal((0, ""), (code, errors));
        Assert.EndsWith("\n\n" + plain, output, StringComparison.Ordinal);
        Assert.Matches("^Decision [0-9a-f-]{36} \\(entry 2\\), in force\n  recorded by ", output);
        Assert.Matches("^Besluit [0-9a-f-]{36} \\(regel 2\\), van kracht\n  vastgelegd door ", Log("show", "2", "--lang", "nl").Output);
        var trace = Log("trace", "2", "--question", "weather");
        Assert.Equal((0, ""), (trace.Code, trace.Errors));
        Assert.Contains("weather / crewed: ", trace.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Json(Log("trace", "2", "--json").Output)["trace"]!);
        Assert.Equal((2, "the book has no question `wether`; did you mean `weather`?\n"), (Log("trace", "2", "--question", "wether").Code, Log("trace", "2", "--question", "wether").Errors));
        Assert.Equal((0, "1 the same, 0 differ, 0 not replayable here\n"), (Log("replay", "--all").Code, Log("replay", "2").Output));
    }

    [Fact]
    public void A_withdrawn_decision_says_so_in_lists_and_when_it_is_shown()
    {
        Record("L01");
        Record("L02", "--supersedes", "2");
        Assert.Contains(", superseded\n", Log("show", "2").Output, StringComparison.Ordinal);
        var (code, output, errors) = Log("withdraw", "2", "--reason", "the forecast was withdrawn", "--by", "bo", "--superseded-by", "3");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(4, Receipt.Parse(output[output.IndexOf("c2sp.org", StringComparison.Ordinal)..]).Index);
        var shown = Log("show", "2").Output;
        Assert.Contains("(entry 2), withdrawn\n", shown, StringComparison.Ordinal);
        Assert.Contains("(entry 4): the forecast was withdrawn\n", shown, StringComparison.Ordinal);
        Assert.Contains("  WITHDRAWN\n", Log("list").Output, StringComparison.Ordinal);
        Assert.Equal([2], Json(Log("list", "--withdrawn", "--json").Output)["decisions"]!.Select(d => (int)d["index"]!));
        var json = Json(Log("show", "2", "--json").Output);
        Assert.Equal(("withdrawn", "bo", 1), ((string)json["standing"]!, (string)json["withdrawals"]![0]!["actor"]!, json["successors"]!.Count()));
        Assert.Equal("advisory/decision/v1", (string)json["decision"]!["schema"]!);
        Assert.Equal("decision", (string)json["entry"]!["kind"]!);
        Assert.Equal((2, ""), (Log("withdraw", "2", "--reason", "again").Code, Log("withdraw", "2", "--reason", "again").Output));
        Assert.Contains("was withdrawn already, by bo at ", Log("withdraw", "2", "--reason", "again").Errors, StringComparison.Ordinal);
        Assert.Equal(0, Log("verify").Code);
    }

    // ---- proofs ----

    [Fact]
    public void A_receipt_is_checked_without_the_ledger_and_against_a_kept_checkpoint()
    {
        Record("L01");
        var (receipt, entry, kept, nowhere) = (Path.Combine(folder.Path, "r"), Path.Combine(folder.Path, "e"), Path.Combine(folder.Path, "c"), Path.Combine(folder.Path, "nowhere"));
        var proof = Log("proof", "2", "-o", receipt, "--entry", entry);
        Assert.Equal((0, "", $"wrote {receipt}\nwrote {entry}\n"), proof);
        File.WriteAllText(kept, Log("checkpoint").Output);
        var key = Log("checkpoint", "--keys").Output.Trim();
        string[] offline = ["log", "verify", "--receipt", receipt, "--data", nowhere];

        Assert.Equal((2, "", "name the ledger's verifier key with --key; `advisory log checkpoint --keys`, run where the ledger is, prints it\n"), RunProgram.With(offline));
        var good = RunProgram.With([.. offline, "--entry", entry, "--key", key, "--checkpoint", kept]);
        Assert.Equal((0, ""), (good.Code, good.Errors));
        Assert.StartsWith("the receipt is good: entry 2 stands in advisory/", good.Output, StringComparison.Ordinal);
        Assert.Contains("its bytes were not compared", RunProgram.With([.. offline, "--key", key]).Output, StringComparison.Ordinal);

        File.WriteAllText(entry, File.ReadAllText(entry).Replace("\"ada\"", "\"eve\"", StringComparison.Ordinal));
        Assert.Equal((1, "entry 2: the receipt is for other bytes than these\n", ""), RunProgram.With([.. offline, "--entry", entry, "--key", key]));
        Assert.Equal(2, RunProgram.With([.. offline, "--key", "no key"]).Code);
        Assert.Equal(2, RunProgram.With("log", "verify", "--receipt", nowhere, "--data", nowhere).Code);

        // A longer ledger, a checkpoint from before: told where the ledger is.
        Record("L02");
        Log("proof", "3", "-o", receipt);
        var apart = RunProgram.With([.. offline, "--key", key, "--checkpoint", kept]);
        Assert.Equal((2, ""), (apart.Code, apart.Output));
        Assert.Contains("only the ledger can tell", apart.Errors, StringComparison.Ordinal);
        Assert.Equal(0, RunProgram.With("log", "verify", "--receipt", receipt, "--data", Data, "--checkpoint", kept).Code);
        Assert.Equal(0, Log("verify", "--checkpoint", kept, "--key", key).Code);
    }

    [Fact]
    public void A_ledger_that_contradicts_a_kept_checkpoint_is_found()
    {
        Record("L01");
        var kept = folder.Write("kept", Log("checkpoint").Output);
        Directory.Delete(Data, recursive: true);
        Record("L02");
        var (code, output, _) = Log("verify", "--checkpoint", kept);
        Assert.Equal(1, code);
        Assert.Contains("checkpoint of size 3", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verifier_key_that_did_not_sign_is_said()
    {
        Record("L01");
        using var stranger = SigningKey.Generate(Log("checkpoint").Output.Split('\n')[0]);
        var (code, output, _) = Log("verify", "--key", stranger.Verifier.ToString());
        Assert.Equal(1, code);
        Assert.Contains("it is not signed by a key that you trust", output, StringComparison.Ordinal);
    }

    // ---- verify ----

    [Fact]
    public void A_changed_outcome_is_named_with_its_entry()
    {
        Record("L01");
        Record("L02");
        Assert.Equal(0, Log("verify").Code);
        Tampering.Rewrite(Data, 2, "\"outcome\":\"GO\"", "\"outcome\":\"NO_GO\"");
        var (code, output, errors) = Log("verify");
        Assert.Equal(1, code);
        Assert.StartsWith("entry 2: ", output, StringComparison.Ordinal);
        Assert.Matches("entry 2: it says `NO_GO` for [a-z]+ / [a-zA-Z_]+, and the evaluation attached `GO`\n", output);
        Assert.Contains("keep the ledger as it is, as evidence", errors, StringComparison.Ordinal);
        var json = Json(Log("verify", "--json").Output);
        Assert.Equal((false, 2), ((bool)json["verified"]!, (int)json["faults"]![0]!["index"]!));

        // What cannot be borne out is not shown as if it could.
        var shown = Log("show", "2");
        Assert.Equal(1, shown.Code);
        Assert.Contains("Only what the entry itself says: entry 2 does not come to what was recorded: the entry gives another outcome for ", shown.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(1, Log("trace", "2").Code);
    }

    [Fact]
    public void A_ledger_put_back_to_an_earlier_state_is_found_though_it_does_not_open()
    {
        Record("L01");
        Log("backup", Path.Combine(folder.Path, "b.db"));
        Record("L02");
        File.Delete(Path.Combine(Data, "ledger.db-wal"));
        File.Copy(Path.Combine(folder.Path, "b.db"), Path.Combine(Data, "ledger.db"), overwrite: true);
        var (code, output, _) = Log("verify");
        Assert.Equal(1, code);
        Assert.Contains("the ledger has 3 entries, but it had 4 when it signed the checkpoint", output, StringComparison.Ordinal);
        Assert.Equal(3, Log("list").Code);
    }

    // ---- keeping ----

    [Fact]
    public void A_backup_is_restored_and_a_loss_only_when_it_is_accepted_and_both_are_recorded()
    {
        Record("L01");
        var backup = Path.Combine(folder.Path, "b.db");
        Assert.StartsWith("3 entries in ", Log("backup", backup).Output, StringComparison.Ordinal);
        Assert.Equal(2, Log("backup", backup).Code);
        Record("L02");
        var refused = Log("restore", backup, "--reason", "a test");
        Assert.Equal((2, ""), (refused.Code, refused.Output));
        Assert.EndsWith("1 would be lost; look for a newer backup, or confirm the loss with --accept-loss\n", refused.Errors, StringComparison.Ordinal);
        var restored = Log("restore", backup, "--reason", "a test", "--by", "bo", "--accept-loss");
        Assert.Equal((0, "restored 3 entries, and recorded that as entry 3; run `advisory log verify` next\n", ""), restored);
        Assert.Equal(0, Log("verify").Code);
        Assert.Equal(0, Record("L03").Code);
        Assert.Equal(2, Log("restore", Path.Combine(folder.Path, "none.db"), "--reason", "a test").Code);
    }

    [Fact]
    public void A_new_key_signs_from_then_on_and_old_receipts_stay_good()
    {
        Record("L01");
        var (receipt, old) = (folder.Write("r", Log("proof", "2").Output), Log("checkpoint", "--keys").Output.Trim());
        var (code, output, _) = Log("rotate-key", "--reason", "a test", "--by", "bo");
        Assert.Equal(0, code);
        var keys = Log("checkpoint", "--keys").Output.TrimEnd('\n').Split('\n');
        Assert.Equal([old, output.Split('\n')[0]], keys);
        Assert.Equal(0, Record("L02").Code);
        Assert.Equal(0, Log("verify").Code);
        Assert.Equal(0, RunProgram.With("log", "verify", "--receipt", receipt, "--key", old, "--data", "nowhere").Code);
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("prov")]
    [InlineData("csv")]
    public void An_export_to_a_file_is_the_one_to_standard_output(string format)
    {
        Record("L01");
        var file = Path.Combine(folder.Path, "out");
        var (code, output, errors) = Log("export", "--format", format, "-o", file);
        Assert.Equal((0, ""), (code, output));
        Assert.StartsWith("wrote ", errors, StringComparison.Ordinal);
        Assert.Equal(Log("export", "--format", format).Output, File.ReadAllText(file));
        Assert.False(File.Exists(file + ".new"));
        Assert.Equal(2, Log("export", "--format", format, "-o", Path.Combine(folder.Path, "no", "folder")).Code);
    }

    [Fact]
    public void Ctrl_C_ends_long_acts_with_130()
    {
        Record("L01");
        foreach (var line in new[] { "verify", "replay --all", "export --format csv", "list" })
            Assert.Equal(130, RunProgram.With("", ["log", .. line.Split(' '), "--data", Data], stop: new(canceled: true)).Code);
    }
}
