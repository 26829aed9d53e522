using Advisory.Host.Service.Access;
using Advisory.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>The verbs of the command line against a service: what they print is what they print beside a ledger, and nothing is taken on trust.</summary>
public sealed class ServerVerbTests : IAsyncLifetime, IDisposable
{
    private static readonly string Book = Repository.PathOf("tests", "Advisory.Tests", "Books", "launch");

    private readonly ScratchFolder scratch = new();
    private RunningService service = null!;
    private string officer = "", auditor = "";

    public async Task InitializeAsync()
    {
        service = await RunningService.Start();
        officer = scratch.Write("officer", service.KeyOf(Roles.Officer) + "\n");
        auditor = scratch.Write("auditor", service.KeyOf(Roles.Auditor) + "\n");
    }

    public async Task DisposeAsync() => await service.DisposeAsync();

    public void Dispose() => scratch.Dispose();

    private static string Case(string name) => Path.Combine(Book, "cases", name + ".json");

    private string Url => service.Client.BaseAddress!.ToString();

    private (int Code, string Output, string Errors) As(string keyFile, params string[] arguments) => RunProgram.With([.. arguments, "--server", Url, "--key-file", keyFile]);

    private static (int Code, string Output, string Errors) Beside(string data, params string[] arguments) => RunProgram.With([.. arguments, "--data", data]);

    /// <summary>A line that stays the same, without what differs from one run to another: the receipts' newest checkpoint.</summary>
    private (int, string, string) Same(params string[] arguments)
    {
        var remote = As(auditor, arguments);
        Assert.Equal(Beside(service.Data, arguments), remote);
        return remote;
    }

    [Theory]
    [InlineData("--mission", "crewed")]
    [InlineData("--trace")]
    [InlineData("--lang", "nl")]
    [InlineData("--json")]
    public void A_what_if_prints_what_it_prints_without_a_service(params string[] options)
    {
        string[] arguments = ["evaluate", Case("L01"), .. options];
        var there = As(officer, arguments);
        Assert.Equal(RunProgram.With([.. arguments, "--rules", Book]), there);
        Assert.Equal(0, there.Code);
        Assert.Contains("\nadvisory_what_ifs_total 1\n", service.Office.Meters.Text(), StringComparison.Ordinal);
        Assert.Empty(service.Office.Log.Search(new()).Items);
    }

    [Fact]
    public void A_decision_is_recorded_there_and_shown_replayed_proved_and_withdrawn_from_here()
    {
        var receipt = Path.Combine(scratch.Path, "receipt.txt");
        var (code, output, errors) = As(officer, "evaluate", Case("L01"), "--record", "--key", "k", "--receipt", receipt);
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith(RunProgram.With("evaluate", Case("L01"), "--rules", Book).Output + "\nRecorded as ", output, StringComparison.Ordinal);
        var decision = Assert.Single(service.Office.Log.Search(new()).Items);
        Assert.Equal("officer", decision.Actor);
        Assert.Null(Receipt.Parse(File.ReadAllText(receipt)).Verify(service.Office.Log.Raw(decision.Index).Bytes.Span, service.Office.Log.Keys));

        Assert.Contains("Was recorded already", As(officer, "evaluate", Case("L01"), "--record", "--key", "k").Output, StringComparison.Ordinal);
        var other = As(officer, "evaluate", Case("L02"), "--record", "--key", "k");
        Assert.Equal(2, other.Code);
        Assert.Contains("key", other.Errors, StringComparison.Ordinal);
        Assert.Equal(0, As(officer, "evaluate", Case("L02"), "--record", "--supersedes", decision.Id[..13]).Code);

        Same("log", "list");
        Same("log", "list", "--json", "--limit", "1");
        Same("log", "show", decision.Id);
        Same("log", "show", decision.Id[..13], "--json");
        Same("log", "trace", decision.Id, "--lang", "nl");
        Same("log", "replay", decision.Id);
        Assert.Equal("2 the same, 0 differ, 0 not replayable here\n", Same("log", "replay", "--all").Item2);
        Same("log", "proof", decision.Id);
        Same("log", "checkpoint");
        Same("log", "checkpoint", "--keys");
        foreach (var format in new[] { "jsonl", "csv", "prov" }) Same("log", "export", "--format", format);

        var withdrawn = As(officer, "log", "withdraw", decision.Id, "--reason", "the report was retracted");
        Assert.Equal((0, ""), (withdrawn.Code, withdrawn.Errors));
        Assert.Contains($"withdrew {decision.Id}", withdrawn.Output, StringComparison.Ordinal);
        Assert.Contains("the report was retracted", Same("log", "show", decision.Id).Item2, StringComparison.Ordinal);
        Assert.Equal(2, As(officer, "log", "withdraw", decision.Id, "--reason", "again").Code);
    }

    [Fact]
    public async Task A_recorded_decision_is_printed_with_every_member_that_the_interface_answers_and_no_other()
    {
        var colleague = service.AddKey("colleague", Roles.Officer);
        var scenario = JObject.Parse(File.ReadAllText(Case("L07")))["scenario"]!.ToString();
        var older = (string)(await service.Record())["record"]!["id"]!;
        await service.Post("/v1/confirmations", scenario, colleague);
        await service.Post("/v1/evaluations", scenario, service.KeyOf(Roles.Officer));
        using var first = await service.Post("/v1/decisions?trace=true&supersedes=" + older, scenario, service.KeyOf(Roles.Officer), ("Idempotency-Key", "k"));
        var recorded = await RunningService.Json(first, System.Net.HttpStatusCode.Created);
        using var again = await service.Post("/v1/decisions?trace=true&supersedes=" + older, scenario, service.KeyOf(Roles.Officer), ("Idempotency-Key", "k"));
        var answered = await RunningService.Json(again, System.Net.HttpStatusCode.OK);
        var (code, output, errors) = As(officer, "evaluate", Case("L07"), "--record", "--json", "--trace", "--key", "k", "--supersedes", older);
        Assert.Equal((0, ""), (code, errors));
        var printed = JObject.Parse(output);
        Assert.Equal(answered.Properties().Select(member => member.Name).Order(StringComparer.Ordinal), printed.Properties().Select(member => member.Name).Order(StringComparer.Ordinal));
        foreach (var member in answered.Properties()) Assert.True(JToken.DeepEquals(member.Value, Dateless(output)[member.Name]), $"{member.Name}: {member.Value} and {printed[member.Name]}");
        Assert.Equal(["actor", "confirmedBy", "engine", "id", "index", "key", "leaf", "repeated", "supersedes", "time"], ((JObject)answered["record"]!).Properties().Select(member => member.Name).Where(name => name != "whatIfs").Order(StringComparer.Ordinal));
        ((JObject)answered["record"]!).Remove("repeated");
        Assert.True(JToken.DeepEquals(recorded["record"], answered["record"]));

        static JObject Dateless(string text)
        {
            using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(text)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
            return JObject.Load(reader);
        }
    }

    [Fact]
    public async Task An_auditor_verifies_every_entry_here_and_that_the_service_continues_a_kept_checkpoint()
    {
        await service.Record();
        var kept = scratch.Write("kept", As(auditor, "log", "checkpoint").Output);
        var key = As(auditor, "log", "checkpoint", "--keys").Output.Trim();
        await service.Record();
        var (code, output, errors) = As(auditor, "log", "verify", "--checkpoint", kept, "--key", key);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("4 entries: every one stands under the service's signed checkpoint, which continues the one that was kept", output, StringComparison.Ordinal);
        Assert.True((bool)JObject.Parse(As(auditor, "log", "verify", "--json").Output)["verified"]!);

        using var elsewhere = new ScratchFolder();
        var data = Path.Combine(elsewhere.Path, "data");
        for (var i = 0; i < 2; i++) RunProgram.With("evaluate", Case("L01"), "--record", "--rules", Book, "--data", data, "--by", "eve");
        var foreign = elsewhere.Write("foreign", RunProgram.With("log", "checkpoint", "--data", data).Output);
        Assert.Equal(1, As(auditor, "log", "verify", "--checkpoint", foreign).Code);
        Assert.Equal(1, As(auditor, "log", "verify", "--key", RunProgram.With("log", "checkpoint", "--keys", "--data", data).Output.Trim()).Code);
    }

    [Fact]
    public async Task A_service_that_changes_what_it_recorded_is_found_out()
    {
        // Between the two stands somebody who gives other outcomes in every answer that is an entry or a decision.
        Assert.Equal(0, As(officer, "evaluate", Case("L01"), "--record").Code);
        var outcome = Assert.Single(service.Office.Log.Search(new()).Items).Outcomes[0];
        var other = service.Office.Book.Book.Question(outcome.Question)!.Outcomes.First(o => o != outcome.Outcome);
        await using var liar = await Liar.Start(service.Client.BaseAddress!, (path, text) => path.EndsWith("/content", StringComparison.Ordinal) ? text : text.Replace($"\"{outcome.Outcome}\"", $"\"{other}\"", StringComparison.Ordinal));
        string[] Through(params string[] arguments) => [.. arguments, "--server", liar.Url, "--key-file", auditor];
        var shown = RunProgram.With(Through("log", "show", "2"));
        Assert.NotEqual(0, shown.Code);
        Assert.Equal(1, RunProgram.With(Through("log", "verify")).Code);
        var asked = RunProgram.With(["evaluate", Case("L01"), "--server", liar.Url, "--key-file", officer]);
        Assert.NotEqual(0, asked.Code);
        Assert.Equal("", asked.Output);
        Assert.Contains("is not the one that this program works out", asked.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_a_scenario_have_their_places_and_the_refusal_is_recorded_there()
    {
        var bad = scratch.Write("bad.json", "{\n  \"facts\": {\n    \"no.such.fact\": true\n  }\n}\n");
        var (code, output, errors) = As(officer, "evaluate", bad, "--record");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("bad.json:3:5", errors, StringComparison.Ordinal);
        Assert.Contains(service.Office.Log.Ledger.Entries(), entry => System.Text.Encoding.UTF8.GetString(entry.Bytes.Span).Contains("\"kind\":\"submission-refused\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_key_may_not_do_and_what_cannot_be_reached_is_said_in_a_sentence()
    {
        var wrong = scratch.Write("wrong", "adv_00000000_" + new string('A', 43));
        Assert.Contains("does not know this key", As(wrong, "log", "list").Errors, StringComparison.Ordinal);
        Assert.Contains("auditor", As(officer, "log", "verify").Errors, StringComparison.Ordinal);
        Assert.Contains("officer", As(auditor, "evaluate", Case("L01"), "--record").Errors, StringComparison.Ordinal);
        Assert.Contains("leave --by out", As(officer, "evaluate", Case("L01"), "--record", "--by", "eve").Errors, StringComparison.Ordinal);
        Assert.Contains("leave --rules or --server out", As(officer, "evaluate", Case("L01"), "--rules", Book).Errors, StringComparison.Ordinal);
        Assert.Contains("in the clear", RunProgram.With("log", "list", "--server", "http://advisory.example", "--key-file", officer).Errors, StringComparison.Ordinal);
        Assert.Contains("is no address", RunProgram.With("log", "list", "--server", "advisory", "--key-file", officer).Errors, StringComparison.Ordinal);
        Assert.Contains("leave one out", As(officer, "log", "list", "--data", "data").Errors, StringComparison.Ordinal);
        var away = RunProgram.With("log", "list", "--server", "http://127.0.0.1:9", "--key-file", officer);
        Assert.Equal(3, away.Code);
        Assert.Contains("cannot be reached", away.Errors, StringComparison.Ordinal);
    }
}
