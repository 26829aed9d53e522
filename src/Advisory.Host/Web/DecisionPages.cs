using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Service.Api;
using Advisory.Host.Web.Components;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>The front page, and what is recorded: found, read, given out as advice, withdrawn.</summary>
internal sealed class DecisionPages(Pages pages, Drafts drafts)
{
    private const int PageSize = 20;
    private const int RecentDecisions = 5;

    private readonly Office office = pages.Office;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Home).Asks(Permission.ReadBook);
        routes.MapGet("/decisions", List).Asks(Permission.ReadDecisions);
        routes.MapGet("/decisions/{id}", (HttpContext context, string id) => Show(context, id, 200, null)).Asks(Permission.ReadDecisions);
        routes.MapPost("/decisions/{id}", Withdraw).Asks(Permission.Withdraw);
        routes.MapGet("/decisions/{id}/why", Why).Asks(Permission.ReadDecisions);
        routes.MapGet("/decisions/{id}/advice", Advice).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/advice", AdviceForPrograms).Asks(Permission.ReadDecisions);
        routes.MapGet("/decisions/{id}/issue", (HttpContext context, string id) => ShowIssue(context, id)).Asks(Permission.Record);
        routes.MapPost("/decisions/{id}/issue", Issue).Asks(Permission.Record);
        routes.MapGet("/decisions/{id}/receipt", Receipt).Asks(Permission.ReadDecisions);
        routes.MapGet("/decisions/{id}/scenario", ScenarioFile).Asks(Permission.ReadDecisions);
    }

    private Task Home(HttpContext context)
    {
        var visit = Visit.Of(context);
        var book = office.Book.Book;
        var draft = visit.May(Permission.Evaluate) ? drafts.Of(visit.Person.Name).FirstOrDefault(d => d.Recorded is null && office.MayRead(visit.Person, (string?)d.Scenario["classification"])) : null;
        var evaluation = draft?.Read(book).Value is { } scenario ? Evaluation.Of(book, scenario) : null;
        IReadOnlyList<Decision> recent = [];
        var isLogDown = false;
        try
        {
            if (visit.May(Permission.ReadDecisions))
                recent = [.. office.Log.Search(new(), limit: 4 * RecentDecisions, cancellation: context.RequestAborted).Items.Where(d => office.MayRead(visit.Person, d.Classification)).Take(RecentDecisions)];
        }
        catch (LogUnavailableException)
        {
            isLogDown = true; // the rest of the page needs no log
        }

        return pages.Show<HomePage>(context, 200, ("Book", book), ("Model", new HomeModel(draft, evaluation, Rows(recent), isLogDown, office.Library.Broken is not null)));
    }

    private Task List(HttpContext context)
    {
        var query = context.Request.Query;
        var book = office.Book.Book;
        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= 300 } text ? text : null;
        var filter = new DecisionFilter
        {
            Since = Day(Text("since")),
            Before = Day(Text("until"))?.AddDays(1),
            Actor = Text("actor"),
            Subject = Text("subject"),
            Question = Text("question"),
            Mission = Text("mission"),
            Outcome = Text("outcome"),
            Rule = Text("rule"),
            Facts = Text("fact") is { } fact && fact.Split('=', 2) is [var name, var value] ? [(name.Trim(), value.Trim())] : [],
            Withdrawn = Text("standing") switch { "withdrawn" => true, "in-force" => false, _ => null },
        };
        var cursor = long.TryParse(Text("before"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var before) ? before : long.MaxValue;
        var page = office.Log.Search(filter, cursor, PageSize, context.RequestAborted);
        var names = new[] { "subject", "mission", "question", "outcome", "actor", "rule", "fact", "since", "until", "standing" };
        return pages.Show<DecisionList>(context, 200, ("Book", book), ("Model", new DecisionListModel(
            Rows([.. page.Items.Where(d => office.MayRead(context.Caller(), d.Classification))]), names.ToDictionary(n => n, n => Text(n) ?? ""), page.Next)));

        static DateTimeOffset? Day(string? text) =>
            DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var day) ? day : null;
    }

    private List<DecisionRow> Rows(IReadOnlyList<Decision> decisions) => [.. decisions.Select(decision => new DecisionRow(decision, office.Log.FateOf(decision).Standing, (string?)Scenario(decision)["title"]))];

    private Task Show(HttpContext context, string id, int status, string? fault)
    {
        var decision = office.Read(id, context.Caller());
        return pages.Show<DecisionPage>(context, status, ("Model", Model(context, decision)), ("Fault", fault), ("Recorded", context.Request.Query["recorded"] == "yes"));
    }

    private DecisionModel Model(HttpContext context, Decision decision)
    {
        var log = office.Log;
        var replay = log.Replay(decision);
        // What does not come to the recorded bytes is not shown as if it did: only what the entry itself says then.
        var evaluation = replay.Result == ReplayResult.Same ? log.Evaluate(decision) : null;
        var previous = decision.Subject is null ? null : log.Search(new() { Subject = decision.Subject }, decision.Index, limit: 1, context.RequestAborted).Items
            .FirstOrDefault(older => office.MayRead(context.Caller(), older.Classification));
        return new(decision, log.FateOf(decision), replay, evaluation, previous, previous is null ? [] : Differences(Scenario(previous), Scenario(decision)), (string?)Scenario(decision)["title"], log.Ledger.Receipt(decision.Index).ToString());
    }

    private async Task Withdraw(HttpContext context, string id)
    {
        var form = await pages.Form(context);
        var person = context.Caller();
        var decision = office.Read(id, person);
        var reason = form["reason"].ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
        if (reason.Length is 0 or > 2_000)
        {
            await Show(context, id, 422, "withdraw.needs-reason");
            return;
        }

        if (office.Log.FateOf(decision).Withdrawals.Count == 0)
        {
            var instead = form["supersededBy"].ToString().Trim() is { Length: > 0 } other ? office.Read(other, person).Id : null;
            await office.Ledger.Write((log, stop) => log.Withdraw(decision.Id, reason, instead, person.Name, stop), context.RequestAborted);
        }

        Pages.SeeOther(context, "/decisions/" + decision.Id);
    }

    private Task Why(HttpContext context, string id)
    {
        var decision = office.Read(id, context.Caller());
        var evaluation = office.Evaluation(decision);
        var (verdict, basis) = Asked(context, evaluation);
        return pages.Show<WhyPage>(context, 200, ("Evaluation", evaluation), ("Verdict", verdict), ("Basis", basis), ("Path", $"/decisions/{decision.Id}/why"), ("Back", $"/decisions/{decision.Id}"),
            ("BackTitle", (string?)Scenario(decision)["title"] ?? decision.Subject ?? Visit.Of(context)["decision.untitled"]), ("Advice", $"/decisions/{decision.Id}/advice"));
    }

    /// <summary>The verdict that an address names: question, mission, and for a record its key; the first where it names none.</summary>
    internal static (Verdict Verdict, Basis Basis) Asked(HttpContext context, Evaluation evaluation)
    {
        var query = context.Request.Query;
        var (question, mission, record) = (query["question"].ToString(), query["mission"].ToString(), query["record"].ToString());
        var verdict = evaluation.Verdicts.FirstOrDefault(v => (question.Length == 0 || v.Question.Id == question) && (mission.Length == 0 || v.Mission == mission) && (record.Length == 0 || v.Record == record))
            ?? throw ProblemException.NotFound("there is no such question, mission or record here");
        return (verdict, query["basis"].ToString() switch { "assumed" => Basis.Assumed, "stated" => Basis.Stated, _ => evaluation.Scenario.Basis });
    }

    // ---- advice ----

    private async Task Advice(HttpContext context, string id)
    {
        var (decision, _, page) = await Sheet(context, id);
        Reply.Named(context, $"advice-{decision.Id}-{Visit.Of(context).Tag}.html", isShown: true);
        await Pages.AnswerAlone(context, page);
    }

    /// <summary>The very page that a person reads and gives out, for a program that keeps, prints or sends it.</summary>
    private Task AdviceForPrograms(HttpContext context, string id)
    {
        var ask = new Ask(context, "question", "mission", "record", "basis", "lang");
        _ = ask.Basis("basis");
        Visit.Of(context, ask.Language("lang"));
        return Advice(context, id);
    }

    /// <summary>The page of advice: of the same decision, verdict, language and program always the same bytes while the decision's standing is the same.</summary>
    private async Task<(Decision Decision, Verdict Verdict, byte[] Page)> Sheet(HttpContext context, string id)
    {
        var decision = office.Read(id, context.Caller());
        var evaluation = office.Evaluation(decision);
        var (verdict, basis) = Asked(context, evaluation);
        var receipt = office.Log.Ledger.Receipt(decision.Index);
        return (decision, verdict, await pages.Render<AdviceSheet>(context, ("Model", new AdviceModel(decision, office.Log.FateOf(decision), evaluation, verdict, basis, receipt.LeafHash.ToBase64()))));
    }

    private async Task ShowIssue(HttpContext context, string id)
    {
        var (decision, verdict, page) = await Sheet(context, id);
        await pages.Show<IssuePage>(context, 200, ("Model", new IssueModel(decision, office.Log.FateOf(decision).Issued, verdict, DecisionLog.DigestOf(page))), ("Book", office.Log.BookOf(decision.Book.Digest)));
    }

    private async Task Issue(HttpContext context, string id)
    {
        await pages.Form(context);
        var (decision, _, page) = await Sheet(context, id);
        var (language, digest) = (Visit.Of(context).Tag, DecisionLog.DigestOf(page));
        // The same page to the same effect: issued once.
        if (!office.Log.FateOf(decision).Issued.Any(issued => issued.Page == digest))
            await office.Ledger.Write((log, stop) => log.Issue(decision.Id, page, language, context.Caller().Name, stop), context.RequestAborted);
        Pages.SeeOther(context, context.Request.Path + context.Request.QueryString);
    }

    // ---- files ----

    private Task Receipt(HttpContext context, string id)
    {
        var decision = office.Read(id, context.Caller());
        Reply.Named(context, $"receipt-{decision.Id}.txt");
        return Reply.Text(context, 200, "text/plain; charset=utf-8", office.Log.ReceiptOf(decision.Index).ToString());
    }

    private Task ScenarioFile(HttpContext context, string id)
    {
        var decision = office.Read(id, context.Caller());
        Reply.Named(context, $"scenario-{decision.Id}.json");
        return Reply.Text(context, 200, "application/json", Scenario(decision).ToString(Newtonsoft.Json.Formatting.Indented) + "\n");
    }

    /// <summary>The scenario of a decision as it was stated.</summary>
    internal static JObject Scenario(Decision decision)
    {
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(Encoding.UTF8.GetString(decision.Scenario.Span))) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return JObject.Load(reader);
    }

    /// <summary>The facts that two scenarios do not state alike.</summary>
    private static List<(string Fact, JToken? Was, JToken? Is)> Differences(JObject was, JObject now)
    {
        var (before, after) = (was["facts"] as JObject ?? [], now["facts"] as JObject ?? []);
        return [.. before.Properties().Concat(after.Properties()).Select(p => p.Name).Distinct().Where(name => !JToken.DeepEquals(before[name], after[name])).Select(name => (name, before[name], after[name]))];
    }
}

/// <summary>What the front page shows. Public since components are; what it holds is for this program.</summary>
public sealed class HomeModel
{
    internal HomeModel(Draft? draft, Evaluation? evaluation, IReadOnlyList<DecisionRow> recent, bool isLogDown, bool isBookBroken) =>
        (Draft, Evaluation, Recent, IsLogDown, IsBookBroken) = (draft, evaluation, recent, isLogDown, isBookBroken);

    internal Draft? Draft { get; }

    internal Evaluation? Evaluation { get; }

    internal IReadOnlyList<DecisionRow> Recent { get; }

    internal bool IsLogDown { get; }

    internal bool IsBookBroken { get; }
}

/// <summary>A decision in a list. Public since components are; what it holds is for this program.</summary>
public sealed class DecisionRow
{
    internal DecisionRow(Decision decision, Standing standing, string? title) => (Decision, Standing, Title) = (decision, standing, title);

    internal Decision Decision { get; }

    internal Standing Standing { get; }

    internal string? Title { get; }
}

/// <summary>A page of the list of decisions. Public since components are; what it holds is for this program.</summary>
public sealed class DecisionListModel
{
    internal DecisionListModel(IReadOnlyList<DecisionRow> rows, IReadOnlyDictionary<string, string> asked, long? next) => (Rows, Asked, Next) = (rows, asked, next);

    internal IReadOnlyList<DecisionRow> Rows { get; }

    internal IReadOnlyDictionary<string, string> Asked { get; }

    internal long? Next { get; }
}

/// <summary>A decision with all that is known of it. Public since components are; what it holds is for this program.</summary>
public sealed class DecisionModel
{
    internal DecisionModel(
        Decision decision, Fate fate, Replay replay, Evaluation? evaluation, Decision? previous, IReadOnlyList<(string Fact, JToken? Was, JToken? Is)> differences, string? title, string receipt) =>
        (Decision, Fate, Replay, Evaluation, Previous, Differences, Title, Receipt) = (decision, fate, replay, evaluation, previous, differences, title, receipt);

    internal Decision Decision { get; }

    internal Fate Fate { get; }

    internal Replay Replay { get; }

    /// <summary>Null where the replay did not come to the same.</summary>
    internal Evaluation? Evaluation { get; }

    /// <summary>The decision on the same subject before it.</summary>
    internal Decision? Previous { get; }

    internal IReadOnlyList<(string Fact, JToken? Was, JToken? Is)> Differences { get; }

    internal string? Title { get; }

    internal string Receipt { get; }
}

/// <summary>What a page of advice is made from. Public since components are; what it holds is for this program.</summary>
public sealed class AdviceModel
{
    internal AdviceModel(Decision decision, Fate fate, Evaluation evaluation, Verdict verdict, Basis basis, string leaf) =>
        (Decision, Fate, Evaluation, Verdict, Basis, Leaf) = (decision, fate, evaluation, verdict, basis, leaf);

    internal Decision Decision { get; }

    internal Fate Fate { get; }

    internal Evaluation Evaluation { get; }

    internal Verdict Verdict { get; }

    internal Basis Basis { get; }

    internal string Leaf { get; }
}

/// <summary>Advice about to be given out. Public since components are; what it holds is for this program.</summary>
public sealed class IssueModel
{
    internal IssueModel(Decision decision, IReadOnlyList<AdviceIssued> issued, Verdict verdict, string digest) => (Decision, Issued, Verdict, Digest) = (decision, issued, verdict, digest);

    internal Decision Decision { get; }

    internal IReadOnlyList<AdviceIssued> Issued { get; }

    internal Verdict Verdict { get; }

    internal string Digest { get; }
}
