using System.Text;
using System.Text.Encodings.Web;
using Advisory.Host.Service.Access;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service.Api;

/// <summary>One operation of the interface, as it is described.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Does">In a sentence.</param>
/// <param name="Permission">Whom it is for; null for everybody.</param>
/// <param name="Query">Its parameters: name and meaning.</param>
/// <param name="Answers">Its statuses with their meaning.</param>
internal sealed record Operation(string Method, string Path, string Does, Permission? Permission, (string Name, string Means)[] Query, (int Status, string Means)[] Answers)
{
    /// <summary>What the answer is written in.</summary>
    public string Type { get; init; } = "application/json";

    /// <summary>An example of what is sent; a test sends it.</summary>
    public string? Body { get; init; }

    /// <summary>An example of what comes back, as far as it is always the same; a test holds the answer against it.</summary>
    public string? Begins { get; init; }
}

/// <summary>The interface described in OpenAPI 3.1 and 3.0, and as a page to read.</summary>
internal static class OpenApi
{
    private const string ExampleScenario = """{"title":"Example","asOf":"2026-01-24","subject":"example","facts":{"us.commitment":"none","ru.consent":{"value":"refused","source":"public statement","asOf":"2026-01-09"}}}""";

    private static readonly (string, string)[] Narrow =
        [("question", "only this question"), ("mission", "only this mission"), ("basis", "`stated` or `assumed`: which outcome comes first"), ("trace", "`true`: every rule with its expression")];

    private static readonly (string, string)[] About =
    [
        ("question", "of which verdict; needed"), ("mission", "for which mission; `any` where there is none"), ("record", "for which record"), ("basis", "`stated` or `assumed`"),
        ("want", "with `change`: outcomes that will do, apart by commas"), ("keep", "with `change`: facts that stay as they are"), ("influence", "with `change`: whose facts may change: ours, allies, adversary, none"),
    ];

    public static readonly Operation[] Operations =
    [
        new("POST", "/v1/decisions", "Evaluates a scenario and records the decision; the answer comes when it is durable.", Permission.Record,
            [("basis", "`stated` or `assumed`: which outcome comes first"), ("supersedes", "the id of the decision that this one takes the place of"), ("trace", "`true`: every rule with its expression")],
            [(201, "recorded: the decision with its record and receipt"), (200, "was recorded before with the same Idempotency-Key"), (400, "the Idempotency-Key is empty or stands there twice"), (409, "the key was used for another input, or a waiver lacks a second person"), (422, "the scenario is at fault; every problem with its place"), (503, "no book, or the ledger cannot be written: nothing was recorded")]) { Body = ExampleScenario },
        new("POST", "/v1/evaluations", "Evaluates without recording (what-if). With content type application/jsonl: one scenario a line, one answer a line, as they are known.", Permission.Evaluate,
            Narrow, [(200, "the decision, as if it were recorded"), (422, "the scenario is at fault; every problem with its place"), (503, "no book")]) { Body = ExampleScenario },
        new("GET", "/v1/what-ifs", "Who tried how many what-ifs on a subject, and the inputs that will stand in the next decision on it.", Permission.ReadLog, [("subject", "as the scenarios name it; required")], [(200, "counts by actor, and inputs"), (400, "no subject is named")]),
        new("POST", "/v1/confirmations", "A second person stands behind the waivers in a scenario, for a day.", Permission.Confirm, [], [(201, "confirmed"), (422, "the scenario is at fault, or waives nothing")]) { Body = ExampleScenario },
        new("GET", "/v1/decisions", "Recorded decisions, the newest first.", Permission.ReadDecisions,
            [("since", "a day or an instant in UTC"), ("before", "the same"), ("actor", "who recorded"), ("question", ""), ("mission", ""), ("outcome", "on stated facts"), ("rule", "that decides"), ("fact", "NAME=VALUE; may stand several times"), ("book", "name or digest"), ("subject", ""), ("withdrawn", "`true` or `false`"), ("limit", "1 to 200"), ("cursor", "of the page before")],
            [(200, "some decisions, and a cursor where there are more")]),
        new("GET", "/v1/decisions/{id}", "A decision, rendered from what was recorded; only if it still comes to the same bytes.", Permission.ReadDecisions, Narrow, [(200, "the decision with its record and standing"), (404, "there is none")]),
        new("GET", "/v1/decisions/{id}/trace", "The same with every rule, its expression, each part's truth and the facts that it read.", Permission.ReadDecisions, Narrow[..3], [(200, "the decision with its trace")]),
        new("GET", "/v1/decisions/{id}/entry", "The entry, byte for byte as it is hashed.", Permission.ReadDecisions, [], [(200, "the entry")]),
        new("GET", "/v1/decisions/{id}/history", "The entry and those about it (withdrawals, successors, pages given out), byte for byte, as JSON Lines.", Permission.ReadDecisions, [], [(200, "entries with their indexes, the decision first")]) { Type = "application/jsonl" },
        new("GET", "/v1/decisions/{id}/evaluation", "The canonical evaluation as it was recorded; its SHA-256 stands in the entry.", Permission.ReadDecisions, [], [(200, "the evaluation"), (404, "the ledger does not have it")]),
        new("GET", "/v1/decisions/{id}/book", "The rule book under which it was decided, whole and in canonical form; its SHA-256 stands in the entry.", Permission.ReadDecisions, [], [(200, "the content")]),
        new("GET", "/v1/decisions/{id}/prov", "The decision and all that it is linked to as W3C PROV-JSON.", Permission.ReadDecisions, [], [(200, "provenance"), (403, "a linked decision is classified beyond your clearances")]),
        new("GET", "/v1/decisions/{id}/advice", "The page of advice on one verdict, with its styles in it, to be kept, printed or sent: byte for byte the page whose digest is recorded when advice is given out.", Permission.ReadDecisions,
            [("question", "of which verdict; the first by default"), ("mission", "for which mission"), ("record", "for which record"), ("basis", "`stated` or `assumed`: which outcome comes first"), ("lang", "`en` or `nl`; `en` by default")],
            [(200, "the page"), (400, "there is no such language or basis"), (403, "it is classified beyond your clearances"), (404, "there is no such decision or verdict")]) { Type = "text/html", Begins = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" },
        new("GET", "/v1/decisions/{id}/proof", "A receipt under the newest checkpoint (C2SP tlog-proof).", Permission.ReadDecisions, [], [(200, "the receipt")]) { Type = "text/plain" },
        new("GET", "/v1/decisions/{id}/replay", "Evaluates it again under its own book and compares, byte for byte.", Permission.Replay, [], [(200, "`same`, `differs` with the first node, or `not-replayable-here`")]),
        new("GET", "/v1/decisions/{id}/explanations/{kind}", "Exact answers about one verdict: `reachable`, `why`, `change`, `ask` or `margin`.", Permission.ReadDecisions, About, [(200, "the answer with its certificate, and whether it is exact"), (400, "there is no such verdict, fact or outcome")]),
        new("GET", "/v1/decisions/{id}/comparison/{other}", "What differs between two decisions, and which differences carry the other outcome: two scenarios under one book, or one under two.", Permission.ReadDecisions, About[..4], [(200, "the answer, and whether it is exact"), (400, "there is no such verdict"), (409, "they differ in scenario and in book")]),
        new("POST", "/v1/explanations/{kind}", "The same about a scenario that is not recorded.", Permission.Evaluate, About, [(200, "the answer with its certificate, and whether it is exact"), (422, "the scenario is at fault")]) { Body = ExampleScenario },
        new("POST", "/v1/decisions/{id}/withdrawal", "Withdraws a decision; it stays in the ledger.", Permission.Withdraw, [], [(201, "withdrawn, with a receipt"), (409, "it was withdrawn before")]) { Body = """{"reason":"The facts were of another week."}""" },
        new("GET", "/v1/book", "The rule book in force: missions, questions, outcomes, and what it does not assess.", Permission.ReadBook, [], [(200, "the book"), (503, "there is none")]),
        new("GET", "/v1/book/vocabulary", "Every fact: type, values, labels, help.", Permission.ReadBook, [], [(200, "the file")]),
        new("GET", "/v1/book/readings", "The choices of interpretation.", Permission.ReadBook, [], [(200, "the file")]),
        new("GET", "/v1/book/statements", "The register of the documents' statements.", Permission.ReadBook, [], [(200, "the file")]),
        new("GET", "/v1/book/questions/{question}", "The rules of a question.", Permission.ReadBook, [], [(200, "the file"), (404, "there is no such question")]),
        new("GET", "/v1/book/cases", "The names of the book's cases.", Permission.ReadBook, [], [(200, "names")]),
        new("GET", "/v1/book/cases/{name}", "One case.", Permission.ReadBook, [], [(200, "the file"), (404, "there is no such case")]),
        new("GET", "/v1/book/content", "The whole book in canonical form; its SHA-256 is the book's digest.", Permission.ReadBook, [], [(200, "the content")]),
        new("GET", "/v1/book/problems", "What is wrong with a book that is not taken up.", Permission.ReadBookProblems, [], [(200, "problems with their places; none where all is well")]),
        new("GET", "/v1/log/checkpoint", "The newest signed checkpoint (C2SP).", Permission.ReadLog, [], [(200, "a signed note")]) { Type = "text/plain" },
        new("GET", "/v1/log/keys", "The ledger's verifier keys, one a line, the first first.", Permission.ReadLog, [], [(200, "keys")]) { Type = "text/plain" },
        new("GET", "/v1/log/entries", "Entries for mirrors, as JSON Lines.", Permission.ReadLog, [("from", "the first index"), ("limit", "1 to 1000")], [(200, "entries")]) { Type = "application/jsonl" },
        new("GET", "/v1/log/export", "Everything that is recorded: entries with proofs as JSON Lines, provenance as PROV-JSON, or a row for each outcome as CSV.", Permission.ReadLog, [("format", "`jsonl`, `prov` or `csv`")], [(200, "the export")]) { Type = "application/jsonl" },
        new("GET", "/v1/log/proof", "The proof that one state continues another (RFC 6962).", Permission.ReadLog, [("from", "the size that you have"), ("to", "the size to come to; the newest by default")], [(200, "hashes")]),
        new("GET", "/v1/log/attachments/{digest}", "A rule book or an evaluation that an entry names.", Permission.ReadLog, [], [(200, "the content"), (404, "there is none")]),
        new("GET", "/v1/status", "How the service is: book, ledger, since when.", Permission.ReadStatus, [], [(200, "the status")]),
        new("GET", "/metrics", "Figures in the text format of Prometheus.", Permission.ReadStatus, [], [(200, "figures")]) { Type = "text/plain" },
        new("GET", "/health/live", "Whether the process answers.", null, [], [(200, "live")]) { Type = "text/plain" },
        new("GET", "/health/ready", "Whether it can evaluate and record.", null, [], [(200, "ready"), (503, "why not")]) { Type = "text/plain" },
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", context => Reply.Text(context, 200, "application/json", Document("3.1.0").ToString())).Open();
        routes.MapGet("/openapi/v1-3.0.json", context => Reply.Text(context, 200, "application/json", Document("3.0.3").ToString())).Open();
        routes.MapGet("/openapi", Page).Open();
    }

    /// <summary>The description; the two versions differ here in their number alone, since neither null types nor lists of types are used.</summary>
    public static JObject Document(string version)
    {
        var paths = new JObject();
        foreach (var path in Operations.GroupBy(operation => operation.Path))
            paths[path.Key] = new JObject(path.Select(operation => new JProperty(operation.Method.ToLowerInvariant(), Describe(operation))));
        return new()
        {
            ["openapi"] = version,
            ["info"] = new JObject
            {
                ["title"] = "Advisory",
                ["version"] = Gate.ApiVersion,
                ["license"] = new JObject { ["name"] = "EUPL-1.2" },
                ["description"] = "Verdicts on scenarios under a rule book, recorded in a ledger that nobody can change unseen. Errors are problem details (RFC 9457) with every problem's place. Bodies have at most 256 KiB and 32 levels.",
            },
            ["servers"] = new JArray(new JObject { ["url"] = "/" }),
            ["paths"] = paths,
            ["components"] = new JObject
            {
                ["securitySchemes"] = new JObject { ["key"] = new JObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key: advisory keys add" } },
                ["schemas"] = new JObject
                {
                    ["Problem"] = Parse("""{"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"problems":{"type":"array","items":{"type":"object","properties":{"file":{"type":"string"},"line":{"type":"integer"},"column":{"type":"integer"},"code":{"type":"string"},"text":{"type":"string"}}}}}}"""),
                    ["Scenario"] = Parse("""{"type":"object","required":["facts"],"description":"Facts with their sources; the schema rules/schema/scenario.schema.json has every member.","properties":{"title":{"type":"string"},"asOf":{"type":"string","format":"date"},"basis":{"type":"string","enum":["stated","assumed"]},"classification":{"type":"string"},"subject":{"type":"string"},"facts":{"type":"object"},"readings":{"type":"object"},"records":{"type":"object"},"waivers":{"type":"array","items":{"type":"object"}}}}"""),
                },
            },
        };
    }

    private static JObject Describe(Operation operation)
    {
        var json = new JObject { ["summary"] = operation.Does, ["operationId"] = Id(operation) };
        if (operation.Permission is { } permission)
        {
            json["description"] = $"For {string.Join(" or ", AccessFile.NamesOf(Rights.For(permission)))}.";
            json["security"] = new JArray(new JObject { ["key"] = new JArray() });
        }

        var parameters = new JArray(operation.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => Parameter(part.Trim('{', '}'), "path", "", isRequired: true)));
        foreach (var (name, means) in operation.Query) parameters.Add(Parameter(name, "query", means, isRequired: false));
        if (operation.Path == "/v1/decisions" && operation.Method == "POST") parameters.Add(Parameter("Idempotency-Key", "header", "the same key with the same input gives the first decision", isRequired: false));
        if (parameters.Count > 0) json["parameters"] = parameters;
        if (operation.Body is { } body)
        {
            json["requestBody"] = new JObject
            {
                ["required"] = true,
                ["content"] = new JObject { ["application/json"] = new JObject { ["schema"] = body == ExampleScenario ? new JObject { ["$ref"] = "#/components/schemas/Scenario" } : new JObject { ["type"] = "object" }, ["example"] = Parse(body) } },
            };
        }

        var responses = new JObject();
        foreach (var (status, means) in operation.Answers)
        {
            var isProblem = status >= 400 && operation.Permission is not null;
            var content = new JObject { ["schema"] = isProblem ? new JObject { ["$ref"] = "#/components/schemas/Problem" } : new JObject { ["type"] = operation.Type == "application/json" ? "object" : "string" } };
            if (!isProblem && operation.Begins is { } begins) content["example"] = begins + "…";
            responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new JObject
            {
                ["description"] = means,
                ["headers"] = new JObject { ["API-Version"] = new JObject { ["schema"] = new JObject { ["type"] = "string" } } },
                ["content"] = new JObject { [isProblem ? "application/problem+json" : operation.Type] = content },
            };
        }

        json["responses"] = responses;
        return json;
    }

    private static JObject Parameter(string name, string place, string means, bool isRequired) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = isRequired,
        ["description"] = means,
        ["schema"] = new JObject { ["type"] = "string" },
    };

    private static string Id(Operation operation) =>
        operation.Method.ToLowerInvariant() + string.Concat(operation.Path.Split('/', '-', '{', '}').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static JObject Parse(string json)
    {
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(json)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return JObject.Load(reader);
    }

    private static Task Page(HttpContext context)
    {
        var html = new StringBuilder("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Interface · Advisory</title><link rel="stylesheet" href="/assets/advisory.css"></head>
            <body><main class="interface"><h1>The interface of Advisory</h1>
            <p>Described in <a href="/openapi/v1.json">OpenAPI 3.1</a> and <a href="/openapi/v1-3.0.json">3.0</a>. Send an API key as <code>Authorization: Bearer adv_…</code>. Errors are problem details (RFC 9457) with every problem's place.</p>

            """);
        foreach (var operation in Operations)
        {
            html.Append("<section><h2><code>").Append(operation.Method).Append(' ').Append(Encode(operation.Path)).Append("</code></h2><p>").Append(Code(operation.Does)).Append("</p>");
            html.Append("<p>For ").Append(operation.Permission is { } permission ? string.Join(" or ", AccessFile.NamesOf(Rights.For(permission))) : "everybody").Append(".</p>");
            if (operation.Query.Length > 0)
            {
                html.Append("<dl>");
                foreach (var (name, means) in operation.Query) html.Append("<dt><code>").Append(Encode(name)).Append("</code></dt><dd>").Append(means.Length > 0 ? Code(means) : "as the book calls it").Append("</dd>");
                html.Append("</dl>");
            }

            if (operation.Body is { } body) html.Append("<pre><code>").Append(Encode(body)).Append("</code></pre>");
            html.Append("<ul>");
            foreach (var (status, means) in operation.Answers) html.Append("<li><strong>").Append(status).Append("</strong> ").Append(Code(means)).Append("</li>");
            html.Append("</ul></section>\n");
        }

        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";
        return Reply.Text(context, 200, "text/html; charset=utf-8", html.Append("</main></body></html>\n").ToString());

        static string Encode(string text) => HtmlEncoder.Default.Encode(text);

        // `word` in a sentence is code.
        static string Code(string text) => string.Concat(text.Split('`').Select((part, i) => i % 2 == 0 ? Encode(part) : $"<code>{Encode(part)}</code>"));
    }
}
