using System.Text;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Advisory.Host.Service.Api;

/// <summary>The ledger for mirrors: checkpoints, entries as they stand, and proofs that one state continues another.</summary>
internal sealed class LogApi(Office office)
{
    private const int MaxEntries = 1_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/log/checkpoint", Checkpoint).Asks(Permission.ReadLog);
        routes.MapGet("/v1/log/keys", Keys).Asks(Permission.ReadLog);
        routes.MapGet("/v1/log/entries", Entries).Asks(Permission.ReadLog);
        routes.MapGet("/v1/log/export", Export).Asks(Permission.ReadLog);
        routes.MapGet("/v1/log/proof", Proof).Asks(Permission.ReadLog);
        routes.MapGet("/v1/log/attachments/{digest}", Attachment).Asks(Permission.ReadLog);
    }

    private Task Checkpoint(HttpContext context)
    {
        _ = new Ask(context);
        var checkpoint = office.Log.Ledger.Checkpoint;
        Reply.Named(context, FormattableString.Invariant($"checkpoint-{checkpoint.Size}.txt"));
        return Reply.Text(context, 200, "text/plain; charset=utf-8", checkpoint.Note);
    }

    private Task Keys(HttpContext context)
    {
        _ = new Ask(context);
        Reply.Named(context, "keys.txt");
        return Reply.Text(context, 200, "text/plain; charset=utf-8", string.Concat(office.Log.Ledger.Keys.Select(key => key.Key + "\n")));
    }

    private async Task Entries(HttpContext context)
    {
        var ask = new Ask(context, "from", "limit");
        var (from, limit) = (ask.Number("from", 0, long.MaxValue) ?? 0, ask.Number("limit", 1, MaxEntries) ?? MaxEntries);
        var entries = office.Log.Ledger.Entries(from, from + limit).ToList();
        RequireAllReadable(entries, context.Caller());
        Reply.Named(context, FormattableString.Invariant($"entries-from-{from}.jsonl"));
        context.Response.ContentType = "application/jsonl";
        foreach (var entry in entries)
        {
            EntryLine.Write(context.Response.BodyWriter, entry);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    private void RequireAllReadable(IEnumerable<Ledgers.Entry> entries, Caller caller)
    {
        if (entries.FirstOrDefault(entry => LogEntry.Read(entry) is Decision decision && !office.MayRead(caller, decision.Classification)) is { } hidden)
            throw new ProblemException(403, "restricted", FormattableString.Invariant($"entry {hidden.Index} is classified beyond your clearances; a mirror needs them all"));
    }

    /// <summary>Everything that is recorded now, as <c>advisory log export</c> writes it.</summary>
    private async Task Export(HttpContext context)
    {
        var format = new Ask(context, "format").Text("format") ?? "jsonl";
        if (format is not ("jsonl" or "prov" or "csv")) throw Ask.Wrong($"`format` is jsonl, prov or csv, not `{Ask.Short(format)}`");
        var log = office.Log;
        if (office.Settings.Restricted.Count > 0) RequireAllReadable(log.Ledger.Entries(0, log.Ledger.Size), context.Caller());
        Reply.Named(context, format switch { "jsonl" => "ledger.jsonl", "prov" => "ledger.prov.json", _ => "ledger.csv" });
        context.Response.ContentType = format switch { "jsonl" => "application/jsonl", "prov" => "application/json", _ => "text/csv; charset=utf-8" };
        // It is written as it is read from the ledger, by a thread of its own.
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        await Task.Run(() =>
        {
            using var bytes = new BufferedStream(context.Response.Body, 64 << 10);
            using var text = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4 << 10, leaveOpen: true) { NewLine = "\n" };
            log.Export(format, text, bytes, context.RequestAborted);
        });
    }

    /// <summary>The hashes that lead from the root at one size to that at another (RFC 6962, 2.1.2).</summary>
    private Task Proof(HttpContext context)
    {
        var ask = new Ask(context, "from", "to");
        var ledger = office.Log.Ledger;
        var to = ask.Number("to", 1, ledger.Size) ?? ledger.Size;
        var from = ask.Number("from", 1, to) ?? throw Ask.Wrong("`from` is the size of the state that you have");
        var proof = ledger.ConsistencyProof(from, to);
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/consistency-proof/v1");
            json.Member("from", from);
            json.Member("to", to);
            json.WritePropertyName("proof");
            json.WriteStartArray();
            foreach (var digest in proof) json.WriteValue(digest.ToBase64());
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private Task Attachment(HttpContext context, string digest)
    {
        _ = new Ask(context);
        if (!digest.StartsWith("sha256:", StringComparison.Ordinal) || !Ledgers.Digest.TryParse(digest[7..], out var parsed)) throw Ask.Wrong("a digest is `sha256:` and 64 hexadecimal digits");
        var content = office.Log.Ledger.Attachment(parsed) ?? throw ProblemException.NotFound($"the ledger has no attachment {digest}");
        Reply.Named(context, $"{parsed}.json");
        return Reply.Bytes(context, 200, "application/json", content);
    }
}
