using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service.Api;

/// <summary>The rule book in force, as its files say it, and what is wrong with one that is not taken up.</summary>
internal sealed class BookApi(Office office)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/book", Show).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/vocabulary", context => File(context, "vocabulary.json")).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/readings", context => File(context, "readings.json")).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/statements", context => File(context, "statements.json")).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/questions/{question}", Question).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/cases", Cases).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/cases/{name}", OneCase).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/content", Content).Asks(Permission.ReadBook);
        routes.MapGet("/v1/book/problems", Problems).Asks(Permission.ReadBookProblems);
    }

    private Task Show(HttpContext context)
    {
        _ = new Ask(context);
        var (book, _, since) = office.Book;
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/book/v1");
            json.Member("name", book.Name);
            json.Member("version", book.Version);
            json.Member("digest", book.Digest);
            json.Member("rules", book.RulesDigest);
            json.Member("since", LogEntry.Format(since));
            Local(json, "title", book.Title);
            if (book.Description is { } description) Local(json, "description", description);
            json.Member("owner", book.Owner);
            List(json, "documents", book.Documents, document =>
            {
                json.Member("id", document.Id);
                Local(json, "title", document.Title);
            });
            List(json, "missions", book.Missions, mission =>
            {
                json.Member("id", mission.Id);
                Local(json, "title", mission.Title);
            });
            List(json, "questions", book.Questions, question =>
            {
                json.Member("id", question.Id);
                Local(json, "title", question.Title);
                List(json, "outcomes", question.Outcomes, outcome =>
                {
                    json.Member("outcome", outcome);
                    Local(json, "label", book.OutcomeLabels[outcome]);
                });
                json.Member("rules", question.Rules.Length);
            });
            List(json, "notAssessed", book.Gaps, gap =>
            {
                json.Member("id", gap.Id);
                Local(json, "text", gap.Text);
            });
            json.WriteEndObject();
        });
    }

    private Task Question(HttpContext context, string question)
    {
        if (office.Book.Book.Question(question) is null) throw ProblemException.NotFound($"the book has no question `{Ask.Short(question)}`");
        return File(context, question + ".json");
    }

    private Task Cases(HttpContext context)
    {
        _ = new Ask(context);
        var cases = office.Book.Cases;
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/cases/v1");
            json.WritePropertyName("cases");
            json.WriteStartArray();
            foreach (var file in cases) json.WriteValue(NameOf(file));
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private Task OneCase(HttpContext context, string name)
    {
        _ = new Ask(context);
        foreach (var file in office.Book.Cases)
        {
            if (NameOf(file) != name) continue;
            Reply.Named(context, name + ".json");
            return Reply.Bytes(context, 200, "application/json", file.Content);
        }

        throw ProblemException.NotFound($"the book has no case `{Ask.Short(name)}`");
    }

    private Task Content(HttpContext context)
    {
        _ = new Ask(context);
        var book = office.Book.Book;
        Reply.Named(context, $"book-{book.Name}-{book.Version}.json");
        return Reply.Bytes(context, 200, "application/json", book.Content);
    }

    private Task Problems(HttpContext context)
    {
        _ = new Ask(context);
        var broken = office.Library.Broken;
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/book-problems/v1");
            json.Member("inForce", office.Library.Current?.Book.Digest);
            json.Member("refused", broken is not null);
            if (broken is not null) json.Member("since", LogEntry.Format(broken.Since));
            json.WritePropertyName("problems");
            Reply.Problems(json, broken?.Problems ?? []);
            json.WriteEndObject();
        });
    }

    /// <summary>One file of the book as it is compiled, in canonical form.</summary>
    private Task File(HttpContext context, string name)
    {
        _ = new Ask(context);
        var book = office.Book.Book;
        using var content = System.Text.Json.JsonDocument.Parse(book.Content);
        if (!content.RootElement.TryGetProperty(name, out var file)) throw ProblemException.NotFound($"the book has no {name}");
        var bytes = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(file).ToArray();
        if (IsKnown(context, book)) return Task.CompletedTask;
        Reply.Named(context, name);
        return Reply.Bytes(context, 200, "application/json", bytes);
    }

    /// <summary>Tags the answer with the book, and has nothing sent to whoever has it under that tag already.</summary>
    private static bool IsKnown(HttpContext context, RuleBook book)
    {
        var tag = $"\"{book.Digest}\"";
        context.Response.Headers.ETag = tag;
        if (!context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag == tag)) return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static string NameOf(InputFile file) => Path.GetFileNameWithoutExtension(file.Name);

    private static void Local(JsonWriter json, string name, LocalText text)
    {
        json.WritePropertyName(name);
        new JObject { ["en"] = text.En, ["nl"] = text.Nl }.WriteTo(json);
    }

    private static void List<T>(JsonWriter json, string name, IEnumerable<T> items, Action<T> members)
    {
        json.WritePropertyName(name);
        json.WriteStartArray();
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
