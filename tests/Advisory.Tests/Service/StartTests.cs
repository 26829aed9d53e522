using System.Text;
using Advisory.Tests.Host;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>The service as it is started, watched and stopped.</summary>
public sealed class StartTests
{
    [BashFact]
    public async Task Without_a_verb_it_serves_says_where_and_how_to_sign_in_and_stops_when_it_is_asked()
    {
        using var scratch = new ScratchFolder();
        using var program = RealProgram.Start([], ("ADVISORY_DATA", Path.Combine(scratch.Path, "data")), ("ADVISORY_LISTEN", "http://127.0.0.1:0"), ("ADVISORY_RULES", Repository.PathOf("rules", "ukraine")));
        var said = new StringBuilder();
        while (await program.StandardOutput.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            if (line.Contains("interface", StringComparison.Ordinal)) break;
        }

        var text = said.ToString();
        Assert.Contains("rule book   ukraine", text, StringComparison.Ordinal);
        Assert.Contains("ledger      ", text, StringComparison.Ordinal);
        var link = System.Text.RegularExpressions.Regex.Match(text, "http://127.0.0.1:[0-9]+/sign-in\\?token=[A-Za-z0-9_-]+").Value;
        using (var client = new HttpClient())
        {
            Assert.Contains("ready", await client.GetStringAsync(new Uri(new(link), "/health/ready")), StringComparison.Ordinal);
            Assert.Contains("<h1", await client.GetStringAsync(link), StringComparison.Ordinal);
        }

        RealProgram.Interrupt(program);
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode is 0 or 130, $"it ended with {program.ExitCode}");
    }

    [BashFact]
    public async Task A_full_disk_answers_503_what_ifs_go_on_and_every_decision_that_was_acknowledged_is_there()
    {
        using var scratch = new ScratchFolder();
        var data = Path.Combine(scratch.Path, "data");
        var key = System.Text.RegularExpressions.Regex.Match(RunProgram.With("keys", "add", "--role", "officer", "--name", "ada", "--data", data).Output, "adv_[A-Za-z0-9_-]+").Value;
        var auditor = System.Text.RegularExpressions.Regex.Match(RunProgram.With("keys", "add", "--role", "auditor", "--name", "ben", "--data", data).Output, "adv_[A-Za-z0-9_-]+").Value;
        // No file may grow beyond a megabyte: to the program that is a disk that is full.
        using var program = RealProgram.Start("trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"",
            ("DOTNET_EnableWriteXorExecute", "0"), // the run time maps its code twice by a file of 2 GiB
            ("ADVISORY_DATA", data), ("ADVISORY_LISTEN", "http://127.0.0.1:0"), ("ADVISORY_RULES", Repository.PathOf("tests", "Advisory.Tests", "Books", "launch")));
        string? address = null;
        while (address is null && await program.StandardOutput.ReadLineAsync() is { } line)
            if (System.Text.RegularExpressions.Regex.Match(line, "http://127.0.0.1:[0-9]+/openapi") is { Success: true } found)
                address = found.Value.Replace("/openapi", "", StringComparison.Ordinal);
        if (address is null) Assert.Fail(await program.StandardError.ReadToEndAsync());
        var drained = program.StandardOutput.ReadToEndAsync();
        using var client = new HttpClient { BaseAddress = new(address!) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);

        var acknowledged = new List<string>();
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 2_000 && refused is null; i++)
        {
            var answer = await client.PostAsync("/v1/decisions", new StringContent(RunningService.Good, Encoding.UTF8, "application/json"));
            if (answer.IsSuccessStatusCode) acknowledged.Add((string)JObject.Parse(await answer.Content.ReadAsStringAsync())["record"]!["id"]!);
            else refused = answer;
        }

        Assert.NotNull(refused);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("/problems/ledger-unavailable", (string?)JObject.Parse(await refused.Content.ReadAsStringAsync())["type"]);
        Assert.NotEmpty(acknowledged);
        using var whatIf = await client.PostAsync("/v1/evaluations", new StringContent(RunningService.Good, Encoding.UTF8, "application/json"));
        Assert.Equal(System.Net.HttpStatusCode.OK, whatIf.StatusCode);

        // Until there is no room in any of the ledger's files: then it is not writable however often it is read, and however long nobody writes.
        for (var failures = 0; failures < 6;)
        {
            var answer = await client.PostAsync("/v1/decisions", new StringContent(RunningService.Good, Encoding.UTF8, "application/json"));
            if (answer.IsSuccessStatusCode) acknowledged.Add((string)JObject.Parse(await answer.Content.ReadAsStringAsync())["record"]!["id"]!);
            failures = answer.IsSuccessStatusCode ? 0 : failures + 1;
        }

        client.DefaultRequestHeaders.Authorization = new("Bearer", auditor);
        foreach (var wait in new[] { 0, 0, 2_500, 0 })
        {
            await Task.Delay(wait); // so that the disk is asked
            using var read = await client.GetAsync("/v1/decisions/" + acknowledged[0]);
            Assert.Equal(System.Net.HttpStatusCode.OK, read.StatusCode);
            Assert.Contains("advisory_ledger_writable 0\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
            using var ready = await client.GetAsync("/health/ready");
            Assert.Equal((System.Net.HttpStatusCode.ServiceUnavailable, "not ready: the ledger cannot be used\n"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        }

        RealProgram.Interrupt(program);
        await program.WaitForExitAsync();
        await drained;

        using var log = Advisory.Host.Records.DecisionLog.Open(data, new() { ReadOnly = true });
        Assert.All(acknowledged, id => Assert.Equal(id, log.Get(id).Id));
        Assert.Empty(Advisory.Host.Records.LogCheck.Of(log).Faults);
    }

    [Fact]
    public async Task Traces_and_metrics_reach_a_collector_without_a_single_fact()
    {
        await using var collector = await Liar.Start(null, (_, text) => text);
        await using (var service = await RunningService.Start(options => options["otlp"] = collector.Url))
        {
            var facts = new JObject { ["asOf"] = "2026-01-24", ["subject"] = "a launch that nobody knows", ["facts"] = new JObject() };
            await service.Record(facts.ToString());
        }

        var traces = Sent("/v1/traces");
        foreach (var word in new[] { "advisory", "POST /v1/decisions", "record", "advisory.decision" }) Assert.Contains(word, traces, StringComparison.Ordinal);
        var metrics = Sent("/v1/metrics");
        foreach (var word in new[] { "advisory_decisions_total", "advisory_append_seconds", "advisory_requests_total" }) Assert.Contains(word, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("a launch that nobody knows", traces + metrics, StringComparison.Ordinal);

        string Sent(string path) => string.Concat(collector.Received.Where(one => one.Path == path).Select(one => Encoding.UTF8.GetString(one.Body)));
    }
}
