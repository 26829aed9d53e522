using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary>Decisions behind a service, over its HTTP interface with an API key.</summary>
/// <remarks>
/// The service is asked for what it keeps, not for what that means: verdicts are worked out here from the entry and the book, and held
/// against what the service says. Not for use by several threads.
/// </remarks>
internal sealed class ServiceLog : Decisions
{
    private const int PageSize = 200;

    private readonly HttpClient http;
    private readonly Dictionary<long, Entry> entries = [];
    private readonly Dictionary<string, Fate> fates = new(StringComparer.Ordinal);

    /// <param name="server">The root of the service, such as <c>https://advisory.example/</c>.</param>
    /// <param name="key">An API key.</param>
    public ServiceLog(Uri server, string key)
    {
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) }) { BaseAddress = server, Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    public override Checkpoint Checkpoint => Checkpoint.Parse(Text("v1/log/checkpoint"));

    public override IReadOnlyList<VerifierKey> Keys => [.. Text("v1/log/keys").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(VerifierKey.Parse)];

    public override void Dispose() => http.Dispose();

    /// <summary>The rule book in force at the service, compiled here from its content.</summary>
    public RuleBook Book()
    {
        var loaded = RuleBook.Load(Bytes("v1/book/content"));
        if (loaded.Value is not { } book) throw new RefusedException(Refusal.NotReplayableHere, $"this version does not read the service's rule book: {loaded.Problems.First(problem => problem.Severity == Severity.Error)}");
        Know(book);
        return book;
    }

    /// <summary>What the service says to a scenario, without recording it; worked out here too, and refused where the two differ.</summary>
    public Evaluation WhatIf(RuleBook book, Scenario scenario, CancellationToken cancellation)
    {
        var evaluation = Evaluation.Of(book, scenario);
        var said = Json(Send(HttpMethod.Post, "v1/evaluations", scenario.Canonical, null, cancellation));
        RequireBook(book, (string?)said["book"]?["digest"]);
        return JToken.DeepEquals(said, Parse(EvaluationJson.Decision(evaluation, evaluation.Verdicts, scenario.Basis, withTrace: false).ToString(Formatting.None))) ? evaluation : throw Otherwise("");
    }

    public override Task<Recorded> Record(Submission submission, CancellationToken cancellation = default)
    {
        var address = submission.Supersedes is { } older ? "v1/decisions?supersedes=" + older : "v1/decisions";
        var said = Json(Send(HttpMethod.Post, address, submission.Scenario.Canonical, submission.Key, cancellation));
        var (record, receipt) = (said["record"]!, Receipt.Parse((string)said["receipt"]!));
        var decision = Get((string)record["id"]!);
        if (receipt.Index != decision.Index || receipt.LeafHash != Raw(decision.Index).LeafHash) throw new RefusedException(Refusal.Conflict, $"the service recorded {decision.Id}, and its receipt is of another entry");
        if (decision.Input != submission.Scenario.Digest) throw new RefusedException(Refusal.Conflict, $"the service recorded {decision.Id} with another scenario than it was sent");
        var replay = Replay(decision);
        if (replay.Result != ReplayResult.Same) throw Otherwise($" (recorded as {decision.Id}): {replay.Text}");
        return Task.FromResult(new Recorded(decision, receipt, Evaluate(decision), (bool?)record["repeated"] ?? false));
    }

    /// <summary>Sends what is at fault, so that the service records the refusal itself.</summary>
    public override Task Refuse(RuleBook book, ReadOnlyMemory<byte> input, IReadOnlyList<Problem> problems, string actor, CancellationToken cancellation = default)
    {
        using var answer = Ask(HttpMethod.Post, "v1/decisions", input, null, cancellation);
        if (answer.IsSuccessStatusCode) throw new RefusedException(Refusal.Conflict, "the service recorded a decision on a scenario that is at fault under the book that it had a moment ago; `advisory log list` shows it");
        return answer.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge ? Task.CompletedTask : throw Fault(answer);
    }

    public override Task<(DecisionWithdrawn Withdrawal, Receipt Receipt)> Withdraw(string id, string reason, string? supersededBy, string actor, CancellationToken cancellation = default)
    {
        var body = new JObject { ["reason"] = reason };
        if (supersededBy is not null) body["supersededBy"] = supersededBy;
        var said = Json(Send(HttpMethod.Post, $"v1/decisions/{id}/withdrawal", Encoding.UTF8.GetBytes(body.ToString(Formatting.None)), null, cancellation));
        fates.Remove(id);
        var withdrawal = FateOf(Get(id)).Withdrawals.Single(w => w.Index == (long)said["index"]!);
        return Task.FromResult((withdrawal, Receipt.Parse((string)said["receipt"]!)));
    }

    public override Decision Get(string idOrIndex)
    {
        var about = Lines($"v1/decisions/{Uri.EscapeDataString(idOrIndex)}/history").ToList();
        foreach (var entry in about) entries[entry.Index] = entry;
        var read = about.Select(LogEntry.Read).ToList();
        var decision = read is [Decision first, ..] ? first : throw new RefusedException(Refusal.NotFound, $"the service says nothing of `{idOrIndex}`");
        fates[decision.Id] = Fate.Of(decision.Id, read);
        return decision;
    }

    public override Page<Decision> Search(DecisionFilter filter, long before = long.MaxValue, int limit = 50, CancellationToken cancellation = default)
    {
        var found = new List<Decision>();
        long? next = before == long.MaxValue ? null : before;
        do
        {
            var page = Json(Send(HttpMethod.Get, "v1/decisions?" + Query(filter, next, Math.Min(PageSize, limit - found.Count)), null, null, cancellation));
            found.AddRange(page["decisions"]!.Select(summary => Get((string)summary["id"]!)));
            next = (long?)page["cursor"];
        }
        while (next is not null && found.Count < limit);
        return new(found, next);
    }

    public override Fate FateOf(Decision decision)
    {
        if (!fates.ContainsKey(decision.Id)) Get(decision.Id);
        return fates[decision.Id];
    }

    public override Entry Raw(long index)
    {
        if (!entries.ContainsKey(index)) Get(index.ToString(CultureInfo.InvariantCulture));
        return entries[index];
    }

    public override Receipt ReceiptOf(long index) => Receipt.Parse(Text(FormattableString.Invariant($"v1/decisions/{index}/proof")));

    public override byte[]? EvaluationOf(Decision decision) => Content($"v1/decisions/{decision.Id}/evaluation", decision.Evaluation);

    public override RuleBook BookOf(Decision decision) => BookOf(decision.Book.Digest, () => Content($"v1/decisions/{decision.Id}/book", decision.Book.Digest));

    public override void Export(string format, TextWriter text, Stream bytes, CancellationToken stop)
    {
        using var answer = Ask(HttpMethod.Get, "v1/log/export?format=" + format, null, null, stop);
        if (!answer.IsSuccessStatusCode) throw Fault(answer);
        using var content = answer.Content.ReadAsStream(stop);
        var buffer = new byte[64 << 10];
        for (int read; (read = content.Read(buffer)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            bytes.Write(buffer, 0, read);
        }
    }

    /// <summary>Checks every entry that the service gives out, under its newest checkpoint; and that it continues one that was kept.</summary>
    /// <param name="keys">Verifier keys that the caller trusts.</param>
    /// <param name="kept">A checkpoint from before, or null.</param>
    /// <param name="progress">Told how many entries are checked.</param>
    /// <param name="cancellation">Stops it.</param>
    public ExportVerification Verify(IReadOnlyList<VerifierKey> keys, Checkpoint? kept, IProgress<long> progress, CancellationToken cancellation)
    {
        using var answer = Ask(HttpMethod.Get, "v1/log/export?format=jsonl", null, null, cancellation);
        if (!answer.IsSuccessStatusCode) throw Fault(answer);
        using var content = answer.Content.ReadAsStream(cancellation);
        var found = LedgerExport.Verify(content, keys, progress, cancellation);
        var faults = found.Faults.ToList();
        if (faults.Count == 0 && !found.IsComplete) faults.Add(new(null, FormattableString.Invariant($"the service gave {found.Entries} of the {found.Checkpoint!.Size} entries that its checkpoint covers")));
        if (kept is not null && found.Checkpoint is { } newest)
        {
            if ((kept.Verify(keys) ?? Continues(newest, kept)) is { } fault) faults.Add(fault);
        }

        return found with { Faults = faults };
    }

    private Fault? Continues(Checkpoint newest, Checkpoint kept)
    {
        if (newest.Size < kept.Size) return new(null, FormattableString.Invariant($"the service has {newest.Size} entries, and the checkpoint that was kept covers {kept.Size}: it was rolled back"));
        if (kept.Size == 0) return null;
        var proof = Json(Send(HttpMethod.Get, FormattableString.Invariant($"v1/log/proof?from={kept.Size}&to={newest.Size}"), null))["proof"]!;
        try
        {
            return newest.VerifyContinues(kept, [.. proof.Select(digest => new Digest(Convert.FromBase64String((string)digest!)))]);
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            return new(null, "the service's proof that it continues the checkpoint that was kept is none");
        }
    }

    // ---- requests ----

    private static string Query(DecisionFilter filter, long? cursor, int limit)
    {
        var parts = new List<string> { FormattableString.Invariant($"limit={limit}") };
        Add("cursor", cursor?.ToString(CultureInfo.InvariantCulture));
        Add("since", filter.Since is { } since ? LogEntry.Format(since) : null);
        Add("before", filter.Before is { } before ? LogEntry.Format(before) : null);
        Add("actor", filter.Actor);
        Add("question", filter.Question);
        Add("mission", filter.Mission);
        Add("outcome", filter.Outcome);
        Add("rule", filter.Rule);
        Add("book", filter.Book);
        Add("subject", filter.Subject);
        Add("withdrawn", filter.Withdrawn is { } withdrawn ? withdrawn ? "true" : "false" : null);
        foreach (var (name, value) in filter.Facts) Add("fact", $"{name}={value}");
        return string.Join('&', parts);

        void Add(string name, string? value)
        {
            if (value is not null) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    private byte[] Bytes(string address) => Send(HttpMethod.Get, address, null);

    private string Text(string address) => Encoding.UTF8.GetString(Bytes(address));

    private byte[] Content(string address, string digest)
    {
        var content = Bytes(address);
        return DecisionLog.DigestOf(content) == digest ? content : throw new RefusedException(Refusal.Conflict, $"the service gave something else for {digest}");
    }

    private IEnumerable<Entry> Lines(string address)
    {
        foreach (var line in Text(address).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = Encoding.UTF8.GetBytes(line);
            yield return EntryLine.Read(bytes) ?? throw new IOException($"{http.BaseAddress}{address} answered with something else than entries");
        }
    }

    private byte[] Send(HttpMethod method, string address, ReadOnlyMemory<byte>? body, string? key = null, CancellationToken cancellation = default)
    {
        using var answer = Ask(method, address, body, key, cancellation);
        if (!answer.IsSuccessStatusCode) throw Fault(answer);
        using var memory = new MemoryStream();
        using var content = answer.Content.ReadAsStream(cancellation);
        content.CopyTo(memory);
        return memory.ToArray();
    }

    private HttpResponseMessage Ask(HttpMethod method, string address, ReadOnlyMemory<byte>? body, string? key, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        if (body is { } bytes) request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        try
        {
            return http.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException fault)
        {
            throw new IOException($"the service at {http.BaseAddress} cannot be reached: {fault.Message}", fault);
        }
    }

    private Exception Fault(HttpResponseMessage answer)
    {
        using var content = answer.Content.ReadAsStream();
        using var reader = new StreamReader(content, Encoding.UTF8);
        var (detail, problems) = ($"it answered {(int)answer.StatusCode}", (IReadOnlyList<Problem>)[]);
        try
        {
            var json = Parse(reader.ReadToEnd());
            detail = (string?)json["detail"] ?? detail;
            problems = [.. (json["problems"] as JArray ?? []).Select(p => new Problem((string?)p["file"] ?? "", (int?)p["line"] ?? 1, (int?)p["column"] ?? 1, (string?)p["code"] ?? "", (string?)p["text"] ?? "", (string?)p["hint"]))];
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            // Then the status alone tells.
        }

        if (problems.Count > 0) detail += string.Concat(problems.Select(problem => "\n" + problem));
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new RefusedException(Refusal.Invalid, $"the service at {http.BaseAddress} does not know this key, or it has ended: {detail}"),
            >= HttpStatusCode.InternalServerError => new IOException($"the service at {http.BaseAddress}: {detail}"),
            HttpStatusCode.NotFound => new RefusedException(Refusal.NotFound, detail),
            HttpStatusCode.Conflict => new RefusedException(Refusal.Conflict, detail),
            _ => new RefusedException(Refusal.Invalid, detail),
        };
    }

    private JObject Json(byte[] content)
    {
        try
        {
            return Parse(Encoding.UTF8.GetString(content));
        }
        catch (JsonException)
        {
            throw new IOException($"the service at {http.BaseAddress} answered with something else than JSON; is it an Advisory?");
        }
    }

    private static JObject Parse(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        return JObject.Load(reader);
    }

    private static void RequireBook(RuleBook book, string? digest)
    {
        if (digest != book.Digest) throw new RefusedException(Refusal.Conflict, "the service took up another rule book meanwhile; run this again");
    }

    private static RefusedException Otherwise(string what) =>
        new(Refusal.Conflict, $"the service's evaluation is not the one that this program works out from the same scenario and rule book{what}; rely on neither until it is known why");
}
