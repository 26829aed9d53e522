using System.Diagnostics;
using Advisory.Engine;
using Advisory.Host.Cli;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service.Api;

/// <summary>Evaluating, recording, finding and reading decisions.</summary>
internal sealed class DecisionsApi(Office office)
{
    private const string Lines = "application/jsonl";
    private const int MaxBatchBytes = 64 << 20;
    private const int PageSize = 50;
    private const int MaxPageSize = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/decisions", Record).Asks(Permission.Record);
        routes.MapPost("/v1/evaluations", WhatIf).Asks(Permission.Evaluate);
        routes.MapGet("/v1/what-ifs", ShowWhatIfs).Asks(Permission.ReadLog);
        routes.MapPost("/v1/confirmations", Confirm).Asks(Permission.Confirm);
        routes.MapGet("/v1/decisions", Search).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}", Show).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/trace", ShowTrace).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/entry", ShowEntry).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/history", ShowHistory).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/evaluation", ShowEvaluation).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/book", ShowBook).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/prov", ShowProv).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/proof", ShowProof).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/replay", Replay).Asks(Permission.Replay);
        routes.MapPost("/v1/decisions/{id}/withdrawal", Withdraw).Asks(Permission.Withdraw);
    }

    private async Task Record(HttpContext context)
    {
        var ask = new Ask(context, "basis", "supersedes", "trace");
        var caller = context.Caller();
        var key = ask.Key();
        var body = await Body.Read(context, Scenario.MaxBytes);
        var start = Stopwatch.GetTimestamp();
        var (book, scenario) = await office.Scenario(body, caller, isToBeRecorded: true, context.RequestAborted);
        var recorded = await office.Record(book, scenario, caller, key, ask.Text("supersedes"), context.RequestAborted);
        office.Meters.AppendSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);

        context.Response.Headers.Location = "/v1/decisions/" + recorded.Decision.Id;
        await Reply.Json(context, recorded.WasThere ? 200 : 201, json => Write(json, recorded, ask.Basis("basis"), ask.Flag("trace")));
    }

    private async Task WhatIf(HttpContext context)
    {
        var ask = new Ask(context, "question", "mission", "basis", "trace");
        var caller = context.Caller();
        if (MediaType(context) is Lines or "application/x-ndjson")
        {
            await Batch(context, ask, caller);
            return;
        }

        var body = await Body.Read(context, Scenario.MaxBytes);
        var start = Stopwatch.GetTimestamp();
        var (book, scenario) = await office.Scenario(body, caller, isToBeRecorded: false, context.RequestAborted);
        var evaluation = office.WhatIf(book, scenario, caller);
        office.Meters.EvaluationSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        await Reply.Json(context, 200, json => EvaluationJson.WriteDecision(json, evaluation, Asked(evaluation, ask), ask.Basis("basis") ?? scenario.Basis, ask.Flag("trace")));
    }

    /// <summary>One scenario a line, one answer a line, in order, each as soon as it is known; a line at fault is answered with its problems.</summary>
    private async Task Batch(HttpContext context, Ask ask, Caller caller)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBatchBytes;
        var book = office.Book;
        var (basis, trace) = (ask.Basis("basis"), ask.Flag("trace"));
        context.Response.ContentType = Lines;
        var number = 0;
        await foreach (var line in BodyLines(context))
        {
            number++;
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            (IReadOnlyList<Problem> Problems, Scenario? Scenario) read = line.Length > Scenario.MaxBytes
                ? ((IReadOnlyList<Problem>)[new("body", number, 1, "too-long", FormattableString.Invariant($"the line is longer than {Scenario.MaxBytes} bytes"))], (Scenario?)null)
                : Read(book.Book, line, number);
            if (read.Scenario is { } scenario)
            {
                var evaluation = office.WhatIf(book.Book, scenario, caller);
                await Reply.JsonLine(context, json => EvaluationJson.WriteDecision(json, evaluation, Asked(evaluation, ask), basis ?? scenario.Basis, trace));
            }
            else
            {
                var at = number;
                await Reply.JsonLine(context, json => new JObject { ["line"] = at, ["problems"] = new JArray(read.Problems.Select(CheckCommand.Json)) }.WriteTo(json));
            }
        }
    }

    private static (IReadOnlyList<Problem> Problems, Scenario? Scenario) Read(RuleBook book, ReadOnlyMemory<byte> line, int number)
    {
        var read = Scenario.Read(book, new("body", line));
        return ([.. read.Problems.Select(problem => problem with { Line = problem.Line + number - 1 })], read.Value);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> BodyLines(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await Next();
            var buffer = result.Buffer;
            while (System.Buffers.BuffersExtensions.PositionOf(buffer, (byte)'\n') is { } end)
            {
                yield return System.Buffers.BuffersExtensions.ToArray(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (buffer.Length > Scenario.MaxBytes * 2) throw new ProblemException(413, "too-large", FormattableString.Invariant($"a line is longer than {Scenario.MaxBytes} bytes"));
            if (result.IsCompleted)
            {
                if (buffer.Length > 0) yield return System.Buffers.BuffersExtensions.ToArray(buffer);
                reader.AdvanceTo(buffer.End);
                yield break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }

        async ValueTask<System.IO.Pipelines.ReadResult> Next()
        {
            try
            {
                return await reader.ReadAsync(context.RequestAborted);
            }
            catch (IOException fault)
            {
                throw Body.Broken(fault);
            }
        }
    }

    /// <summary>Of one subject only, which the caller must know: its name may be more than the caller is to see.</summary>
    private Task ShowWhatIfs(HttpContext context)
    {
        var subject = new Ask(context, "subject").Text("subject") ?? throw Ask.Wrong("`subject` says what the what-ifs were about");
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/what-ifs/v1");
            json.Member("subject", subject);
            json.WritePropertyName("tried");
            json.WriteStartArray();
            foreach (var (actor, count) in office.Desk.CountsOn(subject))
            {
                json.WriteStartObject();
                json.Member("actor", actor);
                json.Member("count", count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("pending");
            json.WriteStartArray();
            foreach (var input in office.Desk.TriedOn(subject)) json.WriteValue(input);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private async Task Confirm(HttpContext context)
    {
        _ = new Ask(context);
        var caller = context.Caller();
        var body = await Body.Read(context, Scenario.MaxBytes);
        var (_, scenario) = await office.Scenario(body, caller, isToBeRecorded: false, context.RequestAborted);
        if (scenario.Waivers.IsEmpty) throw new ProblemException(422, "nothing-to-confirm", "the scenario waives no rule, and needs no second person");
        office.Desk.Confirm(scenario.Digest, caller.Name);
        await Reply.Json(context, 201, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/confirmation/v1");
            json.Member("input", scenario.Digest);
            json.Member("by", caller.Name);
            json.Member("until", LogEntry.Format(office.Clock.GetUtcNow() + Desk.ConfirmationLifetime));
            json.WriteEndObject();
        });
    }

    private async Task Search(HttpContext context)
    {
        var ask = new Ask(context, "since", "before", "actor", "question", "mission", "outcome", "rule", "fact", "book", "subject", "withdrawn", "limit", "cursor");
        var filter = new DecisionFilter
        {
            Since = ask.Time("since"),
            Before = ask.Time("before"),
            Actor = ask.Text("actor"),
            Question = ask.Text("question"),
            Mission = ask.Text("mission"),
            Outcome = ask.Text("outcome"),
            Rule = ask.Text("rule"),
            Book = ask.Text("book"),
            Subject = ask.Text("subject"),
            Withdrawn = ask.Text("withdrawn") is null ? null : ask.Flag("withdrawn"),
            Facts = [.. ask.Texts("fact").Select(fact => fact.Split('=', 2) is [var name, var value] ? (name, value) : throw Ask.Wrong("`fact` is NAME=VALUE"))],
        };
        var caller = context.Caller();
        var page = office.Log.Search(filter, ask.Number("cursor", 0, long.MaxValue) ?? long.MaxValue, (int)(ask.Number("limit", 1, MaxPageSize) ?? PageSize), context.RequestAborted);
        await Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/decisions/v1");
            json.WritePropertyName("decisions");
            json.WriteStartArray();
            foreach (var decision in page.Items.Where(decision => office.MayRead(caller, decision.Classification))) Summary(json, decision);
            json.WriteEndArray();
            if (page.Next is { } next) json.Member("cursor", next);
            json.WriteEndObject();
        });
    }

    private void Summary(JsonWriter json, Decision decision)
    {
        json.WriteStartObject();
        foreach (var member in RecordJson.Brief(decision).Properties()) member.WriteTo(json);
        json.WritePropertyName("book");
        json.WriteStartObject();
        json.Member("name", decision.Book.Name);
        json.Member("version", decision.Book.Version);
        json.Member("digest", decision.Book.Digest);
        json.WriteEndObject();
        json.Member("input", decision.Input);
        if (decision.Subject is { } subject) json.Member("subject", subject);
        if (decision.Classification is { } classification) json.Member("classification", classification);
        if (decision.AsOf is { } asOf) json.Member("asOf", asOf.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        json.Member("standing", RecordJson.WordOf(office.Log.FateOf(decision).Standing));
        json.WritePropertyName("outcomes");
        json.WriteStartArray();
        foreach (var outcome in decision.Outcomes)
        {
            json.WriteStartObject();
            json.Member("question", outcome.Question);
            json.Member("mission", outcome.Mission);
            if (outcome.Record is { } record) json.Member("record", record);
            json.Member("outcome", outcome.Outcome);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private Task Show(HttpContext context, string id)
    {
        var ask = new Ask(context, "question", "mission", "basis", "trace");
        return Shown(context, id, ask, ask.Flag("trace"));
    }

    private Task ShowTrace(HttpContext context, string id) => Shown(context, id, new(context, "question", "mission", "basis"), withTrace: true);

    private Task Shown(HttpContext context, string id, Ask ask, bool withTrace)
    {
        var decision = office.Read(id, context.Caller());
        var evaluation = office.Evaluation(decision);
        return Reply.Json(context, 200, json => EvaluationJson.WriteDecision(json, evaluation, Asked(evaluation, ask), ask.Basis("basis") ?? evaluation.Scenario.Basis, withTrace, further =>
        {
            further.WritePropertyName("record");
            RecordJson.Of(decision).WriteTo(further);
            Standing(further, office.Log.FateOf(decision));
        }));
    }

    private Task ShowEntry(HttpContext context, string id)
    {
        _ = new Ask(context);
        var decision = office.Read(id, context.Caller());
        Reply.Named(context, $"entry-{decision.Id}.json");
        return Reply.Bytes(context, 200, "application/json", office.Log.Raw(decision.Index).Bytes);
    }

    /// <summary>The entry and those about it, with their indexes: what somebody needs to work the decision out for himself.</summary>
    private Task ShowHistory(HttpContext context, string id)
    {
        _ = new Ask(context);
        var decision = office.Read(id, context.Caller());
        var fate = office.Log.FateOf(decision);
        var lines = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var index in new[] { decision.Index }.Concat(fate.Withdrawals.Select(w => w.Index)).Concat(fate.Successors.Where(s => office.MayRead(context.Caller(), s.Classification)).Select(s => s.Index)).Concat(fate.Issued.Select(i => i.Index)))
            EntryLine.Write(lines, office.Log.Raw(index));
        Reply.Named(context, $"history-{decision.Id}.jsonl");
        return Reply.Bytes(context, 200, Lines, lines.WrittenMemory);
    }

    private Task ShowEvaluation(HttpContext context, string id)
    {
        _ = new Ask(context);
        var decision = office.Read(id, context.Caller());
        var evaluation = office.Log.EvaluationOf(decision) ?? throw ProblemException.NotFound($"the ledger does not have the evaluation {decision.Evaluation}");
        Reply.Named(context, $"evaluation-{decision.Id}.json");
        return Reply.Bytes(context, 200, "application/json", evaluation);
    }

    private Task ShowBook(HttpContext context, string id)
    {
        _ = new Ask(context);
        var book = office.Log.BookOf(office.Read(id, context.Caller()));
        Reply.Named(context, $"book-{book.Name}-{book.Version}.json");
        return Reply.Bytes(context, 200, "application/json", book.Content);
    }

    private Task ShowProv(HttpContext context, string id)
    {
        _ = new Ask(context);
        var (caller, decision) = (context.Caller(), office.Read(id, context.Caller()));
        var related = office.Log.Related(decision);
        if (related.OfType<Decision>().FirstOrDefault(other => !office.MayRead(caller, other.Classification)) is { } hidden) throw Office.Restricted(hidden.Classification!);
        using var text = new StringWriter();
        ProvExport.Write(office.Log, related, text);
        Reply.Named(context, $"decision-{decision.Id}.prov.json");
        return Reply.Text(context, 200, "application/json", text.ToString());
    }

    private Task ShowProof(HttpContext context, string id)
    {
        _ = new Ask(context);
        var decision = office.Read(id, context.Caller());
        Reply.Named(context, $"receipt-{decision.Id}.txt");
        return Reply.Text(context, 200, "text/plain; charset=utf-8", office.Log.ReceiptOf(decision.Index).ToString());
    }

    private Task Replay(HttpContext context, string id)
    {
        _ = new Ask(context);
        var replay = office.Log.Replay(office.Read(id, context.Caller()));
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/replay/v1");
            json.Member("id", replay.Decision.Id);
            json.Member("result", replay.Result switch { ReplayResult.Same => "same", ReplayResult.Differs => "differs", _ => "not-replayable-here" });
            if (replay.Text.Length > 0) json.Member("detail", replay.Text);
            if (replay.Pointer is { } pointer) json.Member("pointer", pointer);
            json.WriteEndObject();
        });
    }

    private async Task Withdraw(HttpContext context, string id)
    {
        _ = new Ask(context);
        var caller = context.Caller();
        var decision = office.Read(id, caller);
        var body = await Body.Read(context, Scenario.MaxBytes);
        var (reason, supersededBy) = ReasonIn(body);
        var (withdrawal, receipt) = await office.Ledger.Write((log, stop) => log.Withdraw(decision.Id, reason, supersededBy, caller.Name, stop), context.RequestAborted);
        await Reply.Json(context, 201, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/withdrawal/v1");
            json.Member("decision", withdrawal.Decision);
            json.Member("index", withdrawal.Index);
            json.Member("actor", withdrawal.Actor);
            json.Member("time", LogEntry.Format(withdrawal.Time));
            json.Member("reason", withdrawal.Reason);
            if (withdrawal.SupersededBy is { } other) json.Member("supersededBy", other);
            json.Member("receipt", receipt.ToString());
            json.WriteEndObject();
        });
    }

    private static (string Reason, string? SupersededBy) ReasonIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = System.Text.Json.JsonDocument.Parse(body, new() { MaxDepth = 4, AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.ValueKind == System.Text.Json.JsonValueKind.Object && root.EnumerateObject().All(member => member.Name is "reason" or "supersededBy" && member.Value.ValueKind == System.Text.Json.JsonValueKind.String)
                && root.TryGetProperty("reason", out var reason))
                return (reason.GetString()!, root.TryGetProperty("supersededBy", out var other) ? other.GetString() : null);
        }
        catch (Exception fault) when (fault is System.Text.Json.JsonException or InvalidOperationException)
        {
            // Said below.
        }

        throw new ProblemException(422, "bad-withdrawal", "the body is an object with `reason`, a text, and if another decision takes the place, `supersededBy`, its id");
    }

    // ---- shapes ----

    private static void Write(JsonWriter json, Recorded recorded, Basis? basis, bool withTrace)
    {
        var evaluation = recorded.Evaluation;
        EvaluationJson.WriteDecision(json, evaluation, evaluation.Verdicts, basis ?? evaluation.Scenario.Basis, withTrace, further => RecordJson.Write(further, recorded));
    }

    private static void Standing(JsonWriter json, Fate fate)
    {
        json.Member("standing", RecordJson.WordOf(fate.Standing));
        if (fate.Withdrawals is [var withdrawal, ..])
        {
            json.WritePropertyName("withdrawn");
            json.WriteStartObject();
            json.Member("actor", withdrawal.Actor);
            json.Member("time", LogEntry.Format(withdrawal.Time));
            json.Member("reason", withdrawal.Reason);
            if (withdrawal.SupersededBy is { } other) json.Member("supersededBy", other);
            json.WriteEndObject();
        }

        if (fate.Successors is [var successor, ..]) json.Member("supersededBy", successor.Id);
    }

    private static List<Verdict> Asked(Evaluation evaluation, Ask ask)
    {
        var (question, mission) = (ask.Text("question"), ask.Text("mission"));
        if (question is not null && evaluation.Book.Question(question) is null) throw Ask.Wrong($"the book has no question `{Ask.Short(question)}`");
        if (mission is not null && mission != RuleBook.AnyMission && evaluation.Book.Missions.All(m => m.Id != mission)) throw Ask.Wrong($"the book has no mission `{Ask.Short(mission)}`");
        return [.. evaluation.Verdicts.Where(v => (question is null || v.Question.Id == question) && (mission is null || v.Mission == mission))];
    }

    private static string MediaType(HttpContext context) => (context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
}
