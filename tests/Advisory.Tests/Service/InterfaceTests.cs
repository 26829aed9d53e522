using System.Net;
using System.Text;
using Advisory.Engine;
using Advisory.Host.Service.Access;
using Advisory.Host.Service.Api;
using Advisory.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>What the interface promises to its callers, over real HTTP.</summary>
public sealed class InterfaceTests
{
    private static string WithWaiver => File.ReadAllText(Repository.PathOf("tests", "Advisory.Tests", "Books", "launch", "cases", "L07.json"));

    [Fact]
    public async Task A_recorded_decision_is_the_command_lines_decision_with_a_record_and_a_receipt_that_verifies()
    {
        await using var service = await RunningService.Start();
        using var answer = await service.Post("/v1/decisions?trace=true", RunningService.Good, service.KeyOf(Roles.Officer));
        var decision = await RunningService.Json(answer, HttpStatusCode.Created);
        var id = (string)decision["record"]!["id"]!;
        Assert.Equal("/v1/decisions/" + id, answer.Headers.Location!.ToString());

        var book = Books.Launch;
        var evaluation = Evaluation.Of(book, Scenario.Read(book, new("body", Encoding.UTF8.GetBytes(RunningService.Good))).Value!);
        var expected = EvaluationJson.Decision(evaluation, evaluation.Verdicts, Basis.Stated, withTrace: true);
        foreach (var member in expected.Properties()) Assert.True(JToken.DeepEquals(member.Value, decision[member.Name]), member.Name);

        var entry = await (await service.Get($"/v1/decisions/{id}/entry", service.KeyOf(Roles.Auditor))).Content.ReadAsByteArrayAsync();
        Assert.Null(Receipt.Parse((string)decision["receipt"]!).Verify(entry, service.Office.Log.Ledger.Keys.Select(key => key.Key)));
        var proof = await (await service.Get($"/v1/decisions/{id}/proof", service.KeyOf(Roles.Auditor))).Content.ReadAsStringAsync();
        Assert.Null(Receipt.Parse(proof).Verify(entry, service.Office.Log.Ledger.Keys.Select(key => key.Key)));
        var replay = await RunningService.Json(await service.Get($"/v1/decisions/{id}/replay", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.Equal("same", (string?)replay["result"]);
        var shown = await RunningService.Json(await service.Get($"/v1/decisions/{id}/trace", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.True(JToken.DeepEquals(expected["trace"], shown["trace"]));
        Assert.Equal("in-force", (string?)shown["standing"]);
    }

    [Fact]
    public async Task A_decision_has_its_provenance_with_all_that_it_is_linked_to_and_nothing_else()
    {
        await using var service = await RunningService.Start();
        var first = (string)(await service.Record())["record"]!["id"]!;
        var second = (string)(await RunningService.Json(await service.Post("/v1/decisions?supersedes=" + first, RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.Created))["record"]!["id"]!;
        await RunningService.Json(await service.Post($"/v1/decisions/{second}/withdrawal", """{"reason":"The facts were of another week."}""", service.KeyOf(Roles.Officer)), HttpStatusCode.Created);
        await service.Record();
        foreach (var id in new[] { first, second })
        {
            var prov = await RunningService.Json(await service.Get($"/v1/decisions/{id}/prov", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
            Assert.Empty(Host.Records.ProvRules.Faults(prov));
            Assert.Equal([$"decision:{first}", $"decision:{second}"], prov["entity"]!.Children<JProperty>().Select(e => e.Name).Where(name => name.StartsWith("decision:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            Assert.Single(prov["wasInvalidatedBy"]!);
        }
    }

    [Fact]
    public async Task Two_decisions_are_compared_where_scenario_or_book_is_the_same()
    {
        await using var service = await RunningService.Start();
        async Task<string> Decided(string facts) => (string)(await service.Record($$"""{"asOf":"2026-01-24","facts":{{facts}}}"""))["record"]!["id"]!;
        var (one, other) = (await Decided("""{"cloud.freezing":true}"""), await Decided("""{"cloud.freezing":false}"""));
        var answer = await RunningService.Json(await service.Get($"/v1/decisions/{one}/comparison/{other}?question=weather&mission=crewed", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.Equal("cloud.freezing", (string?)Assert.Single(answer["differences"]!)["name"]);
        using var nowhere = await service.Get($"/v1/decisions/{one}/comparison/{other}?question=weather&mission=submarine", service.KeyOf(Roles.Auditor));
        Assert.Equal(HttpStatusCode.BadRequest, nowhere.StatusCode);
    }

    [Fact]
    public async Task The_same_key_gives_the_first_decision_and_with_another_input_a_conflict()
    {
        await using var service = await RunningService.Start();
        var first = await service.Record(headers: ("Idempotency-Key", "k"));
        var again = await RunningService.Json(await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", "k")), HttpStatusCode.OK);
        Assert.Equal(first["record"]!["id"], again["record"]!["id"]);
        Assert.True((bool)again["record"]!["repeated"]!);
        var conflict = await RunningService.Json(await service.Post("/v1/decisions", """{"facts":{}}""", service.KeyOf(Roles.Officer), ("Idempotency-Key", "k")), HttpStatusCode.Conflict);
        Assert.Equal("/problems/key-reused", (string?)conflict["type"]);

        // Thirty-two at once: one decision.
        var many = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", "many"))));
        var ids = await Task.WhenAll(many.Select(async one => (string?)JObject.Parse(await one.Content.ReadAsStringAsync())["record"]!["id"]));
        Assert.Single(ids.Distinct());
        Assert.Single(many, one => one.StatusCode == HttpStatusCode.Created);
    }

    [Fact]
    public async Task What_ifs_are_never_decisions_and_stand_in_the_next_decision_on_their_subject()
    {
        await using var service = await RunningService.Start();
        var inputs = new List<string>();
        foreach (var wind in new[] { 10, 20, 30 })
        {
            var tried = await RunningService.Json(await service.Post("/v1/evaluations", $$"""{"subject":"a launch","facts":{"wind.mean_km_h":{{wind}} } }""", service.KeyOf(Roles.Officer)), HttpStatusCode.OK);
            Assert.Null(tried["record"]);
            inputs.Add((string)tried["input"]!);
        }

        await service.Post("/v1/evaluations", """{"subject":"another","facts":{}}""", service.KeyOf(Roles.Officer));
        await service.Post("/v1/evaluations", """{"subject":"a launch","facts":{"wind.mean_km_h":30} }""", service.KeyOf(Roles.Author));
        var shown = await RunningService.Json(await service.Get("/v1/what-ifs?subject=a%20launch", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.Equal("""[{"actor":"officer","count":3},{"actor":"author","count":1}]""", shown["tried"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(inputs, shown["pending"]!.Values<string>());
        using (var nameless = await service.Get("/v1/what-ifs", service.KeyOf(Roles.Auditor))) Assert.Equal(HttpStatusCode.BadRequest, nameless.StatusCode);
        Assert.Empty((await RunningService.Json(await service.Get("/v1/decisions", service.KeyOf(Roles.Officer)), HttpStatusCode.OK))["decisions"]!);
        var decision = await service.Record();
        Assert.Equal(inputs, decision["record"]!["whatIfs"]!.Values<string>());
        Assert.Null((await service.Record())["record"]!["whatIfs"]);
    }

    [Fact]
    public async Task A_waiver_needs_another_officer_who_stands_behind_it()
    {
        await using var service = await RunningService.Start();
        var colleague = service.AddKey("colleague", Roles.Officer);
        async Task Refused() => Assert.Equal("/problems/waiver-unconfirmed", (string?)(await RunningService.Json(await service.Post("/v1/decisions", WithWaiver, service.KeyOf(Roles.Officer)), HttpStatusCode.Conflict))["type"]);

        await Refused();
        await RunningService.Json(await service.Post("/v1/confirmations", WithWaiver, service.KeyOf(Roles.Officer)), HttpStatusCode.Created);
        await Refused(); // nobody confirms for themselves
        await RunningService.Json(await service.Post("/v1/confirmations", WithWaiver.Replace("cutter", "cruiser", StringComparison.Ordinal), colleague), HttpStatusCode.Created);
        await Refused(); // it was another scenario
        await RunningService.Json(await service.Post("/v1/confirmations", WithWaiver, colleague), HttpStatusCode.Created);
        var decision = await service.Record(WithWaiver);
        Assert.Equal("colleague", (string?)decision["record"]!["confirmedBy"]);
        Assert.Equal(0, service.Office.Log.Ledger.Entries().Count(entry => Encoding.UTF8.GetString(entry.Bytes.Span).Contains("cruiser", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_batch_is_answered_line_by_line_in_order_with_the_problems_of_lines_at_fault()
    {
        await using var service = await RunningService.Start();
        var body = RunningService.Good + "\n\n{\"facts\":{\"wind.mean\":1}}\nnot json\n" + RunningService.Good;
        using var answer = await service.Post("/v1/evaluations", body, service.KeyOf(Roles.Author), ("Content-Type", "application/jsonl"));
        var lines = (await answer.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(JObject.Parse).ToList();
        Assert.Equal(4, lines.Count);
        Assert.Equal(lines[0].ToString(), lines[3].ToString());
        Assert.Equal((3, 4), ((int)lines[1]["problems"]![0]!["line"]!, (int)lines[2]["problems"]![0]!["line"]!));

        using var tooLong = await service.Post("/v1/evaluations", new string(' ', 600_000), service.KeyOf(Roles.Author), ("Content-Type", "application/jsonl"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLong.StatusCode);
    }

    [Fact]
    public async Task History_is_found_by_filters_and_read_page_by_page()
    {
        await using var service = await RunningService.Start();
        for (var i = 0; i < 7; i++) await service.Record($$"""{"subject":"s{{i % 2}}","facts":{"wind.mean_km_h":{{i}} } }""");
        async Task<JObject> Find(string query) => await RunningService.Json(await service.Get("/v1/decisions?" + query, service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);

        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = await Find("limit=3" + cursor);
            seen.AddRange(page["decisions"]!.Select(d => (string)d["record"]?["id"]! ?? (string)d["id"]!));
            if (page["cursor"] is not { } next) break;
            cursor = "&cursor=" + (long)next;
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(3, (await Find("subject=s1"))["decisions"]!.Count());
        Assert.Single((await Find("fact=wind.mean_km_h%3D4"))["decisions"]!);
        Assert.Empty((await Find("since=2100-01-01"))["decisions"]!);
        foreach (var bad in new[] { "limit=0", "limit=x", "since=yesterday", "fact=x", "cursor=-1", "nonsense=1", "subject=a&subject=b", "withdrawn=perhaps" })
            using (var answer = await service.Get("/v1/decisions?" + bad, service.KeyOf(Roles.Auditor)))
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, bad);
    }

    [Fact]
    public async Task A_withdrawn_decision_says_so_wherever_it_is_read()
    {
        await using var service = await RunningService.Start();
        var id = (string)(await service.Record())["record"]!["id"]!;
        var successor = await RunningService.Json(await service.Post($"/v1/decisions?supersedes={id}", """{"subject":"a launch","facts":{}}""", service.KeyOf(Roles.Officer)), HttpStatusCode.Created);
        Assert.Equal("superseded", (string?)(await RunningService.Json(await service.Get("/v1/decisions/" + id, service.KeyOf(Roles.Auditor)), HttpStatusCode.OK))["standing"]);
        await RunningService.Json(await service.Post($"/v1/decisions/{id}/withdrawal", """{"reason":"another week"}""", service.KeyOf(Roles.Officer)), HttpStatusCode.Created);
        await RunningService.Json(await service.Post($"/v1/decisions/{id}/withdrawal", """{"reason":"again"}""", service.KeyOf(Roles.Officer)), HttpStatusCode.Conflict);
        var shown = await RunningService.Json(await service.Get("/v1/decisions/" + id, service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.Equal(("withdrawn", "another week", (string?)successor["record"]!["id"]), ((string?)shown["standing"], (string?)shown["withdrawn"]!["reason"], (string?)shown["supersededBy"]));
        foreach (var bad in new[] { "", "[]", "{}", """{"reason":1}""", """{"reason":""}""", """{"reason":"x","more":"y"}""" })
            using (var answer = await service.Post($"/v1/decisions/{(string)successor["record"]!["id"]!}/withdrawal", bad, service.KeyOf(Roles.Officer)))
                Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, $"{bad}: {answer.StatusCode}");
    }

    [Fact]
    public async Task A_mirror_rebuilds_the_root_from_the_entries_that_it_reads()
    {
        await using var service = await RunningService.Start();
        for (var i = 0; i < 5; i++) await service.Record();
        var lines = (await (await service.Get("/v1/log/entries?from=0", service.KeyOf(Roles.Auditor))).Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');
        var mirror = new Advisory.Ledgers.Tree.Edge();
        foreach (var (line, i) in lines.Select((line, i) => (line, i)))
        {
            var lead = FormattableString.Invariant($"{{\"index\":{i},\"entry\":");
            Assert.StartsWith(lead, line, StringComparison.Ordinal);
            mirror.Append(Advisory.Ledgers.Tree.MerkleTree.Leaf(Encoding.UTF8.GetBytes(line[lead.Length..^1])), (_, _) => { });
        }

        var checkpoint = Advisory.Ledgers.Notes.Checkpoint.Parse(await (await service.Get("/v1/log/checkpoint", service.KeyOf(Roles.Auditor))).Content.ReadAsStringAsync());
        Assert.Equal((lines.Length, mirror.Root), (checkpoint.Size, checkpoint.Root));
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_protect_and_the_version()
    {
        await using var service = await RunningService.Start();
        foreach (var path in new[] { "/v1/book", "/health/live", "/nothing", "/v1/status" })
        {
            using var answer = await service.Get(path, service.KeyOf(Roles.Author));
            foreach (var header in new[] { "API-Version", "X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control" })
                Assert.True(answer.Headers.Contains(header), $"{path} has no {header}");
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Examples_of_the_description_are_answered_as_it_says()
    {
        await using var service = await RunningService.Start(options => options["rules"] = Repository.PathOf("rules", "ukraine"));
        var id = (string)(await service.Record("""{"facts":{}}"""))["record"]!["id"]!;
        foreach (var operation in OpenApi.Operations.Where(o => o.Body is not null))
        {
            using var answer = await service.Post(operation.Path.Replace("{id}", id, StringComparison.Ordinal).Replace("{kind}", "why?question=preconditions&mission=opt1", StringComparison.Ordinal), operation.Body!, service.KeyOf(Roles.Officer));
            Assert.True(operation.Answers.Any(a => a.Status == (int)answer.StatusCode), $"{operation.Path} answers {answer.StatusCode}");
            if (operation.Path != "/v1/confirmations") Assert.True(answer.IsSuccessStatusCode, $"{operation.Path} answers {answer.StatusCode}");
        }

        foreach (var operation in OpenApi.Operations.Where(o => o.Begins is not null))
        {
            using var answer = await service.Get(operation.Path.Replace("{id}", id, StringComparison.Ordinal), service.KeyOf(Roles.Officer));
            Assert.StartsWith(operation.Begins!, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(operation.Type, answer.Content.Headers.ContentType!.MediaType);
        }

        foreach (var (path, version) in new[] { ("/openapi/v1.json", "3.1.0"), ("/openapi/v1-3.0.json", "3.0.3") })
        {
            var document = await RunningService.Json(await service.Get(path, null), HttpStatusCode.OK);
            Assert.Equal(version, (string?)document["openapi"]);
            Assert.Equal(OpenApi.Operations.Length, document["paths"]!.Children<JProperty>().Sum(p => p.Value.Count()));
            Assert.StartsWith("<!DOCTYPE html>", (string?)document["paths"]!["/v1/decisions/{id}/advice"]!["get"]!["responses"]!["200"]!["content"]!["text/html"]!["example"], StringComparison.Ordinal);
            foreach (var reference in document.SelectTokens("$..$ref").Select(token => (string)token!)) Assert.NotNull(document.SelectToken(reference[2..].Replace('/', '.')));
        }
    }

    [Fact]
    public async Task Explanations_of_a_decision_and_of_the_same_scenario_are_the_engines_answers()
    {
        await using var service = await RunningService.Start();
        var recorded = await service.Record();
        var verdict = recorded["verdicts"]![0]!;
        var about = $"question={verdict["question"]}&mission={verdict["mission"]}";
        var analysis = Advisory.Engine.Analysis.ScenarioAnalysis.Of(Books.Launch, Scenario.Read(Books.Launch, new("body", Encoding.UTF8.GetBytes(RunningService.Good))).Value!);
        var subject = new Advisory.Engine.Analysis.Subject((string)verdict["question"]!, (string)verdict["mission"]!);
        foreach (var (kind, expected) in new[] { ("reachable", analysis.Reachable(subject).ToJson()), ("why", analysis.Why(subject).ToJson()), ("ask", analysis.Ask(subject).ToJson()), ("margin", analysis.Margin(subject).ToJson()) })
        {
            var ofDecision = await RunningService.Json(await service.Get($"/v1/decisions/{(string)recorded["record"]!["id"]!}/explanations/{kind}?{about}", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
            var ofScenario = await RunningService.Json(await service.Post($"/v1/explanations/{kind}?{about}", RunningService.Good, service.KeyOf(Roles.Author)), HttpStatusCode.OK);
            Assert.Equal(expected.ToString(), ofDecision.ToString());
            Assert.Equal(expected.ToString(), ofScenario.ToString());
        }

        foreach (var bad in new[] { "why", "why?question=none&mission=none", $"why?{about}&keep=nothing.here", $"change?{about}&want=PERHAPS", $"change?{about}&influence=fate", $"why?{about}&more=1" })
            using (var answer = await service.Post("/v1/explanations/" + bad, RunningService.Good, service.KeyOf(Roles.Author)))
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{bad}: {answer.StatusCode}");
        using var nothing = await service.Post("/v1/explanations/fortune?" + about, RunningService.Good, service.KeyOf(Roles.Author));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_what_happened_and_hold_no_fact()
    {
        await using var service = await RunningService.Start();
        await service.Record("""{"subject":"whispered","facts":{"wind.mean_km_h":17}}""");
        await service.Post("/v1/decisions", "{", service.KeyOf(Roles.Officer));
        var text = await (await service.Get("/metrics", service.KeyOf(Roles.Operator))).Content.ReadAsStringAsync();
        Assert.Contains("advisory_decisions_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("advisory_refusals_total{problem=\"bad-scenario\",status=\"422\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("advisory_book_in_force 1\n", text, StringComparison.Ordinal);
        Assert.Contains("advisory_ledger_entries 4\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("whispered", text, StringComparison.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n').Where(line => line[0] != '#')) Assert.Matches("^[a-z_]+(\\{[^{}]*\\})? -?[0-9.eE+-]+$", line);
    }
}
