using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Host.Service.Access;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service.Api;

/// <summary>Exact answers about one verdict: of a recorded decision, or of a scenario that is only tried.</summary>
internal sealed class ExplanationsApi(Office office)
{
    private static readonly string[] Kinds = ["reachable", "why", "change", "ask", "margin"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/decisions/{id}/explanations/{kind}", OfDecision).Asks(Permission.ReadDecisions);
        routes.MapGet("/v1/decisions/{id}/comparison/{other}", Compared).Asks(Permission.ReadDecisions);
        routes.MapPost("/v1/explanations/{kind}", OfScenario).Asks(Permission.Evaluate);
    }

    private Task OfDecision(HttpContext context, string id, string kind)
    {
        var ask = Parameters(context);
        var evaluation = office.Evaluation(office.Read(id, context.Caller()));
        return Answer(context, evaluation.Book, evaluation.Scenario, kind, ask);
    }

    /// <summary>Two decisions under one book; or two of the same input under two.</summary>
    private Task Compared(HttpContext context, string id, string other)
    {
        var ask = new Ask(context, "question", "mission", "record", "basis");
        var (one, two) = (office.Evaluation(office.Read(id, context.Caller())), office.Evaluation(office.Read(other, context.Caller())));
        var (subject, basis) = (SubjectOf(ask), ask.Basis("basis") ?? one.Scenario.Basis);
        foreach (var evaluation in new[] { one, two })
            if (evaluation.Verdicts.All(v => new Subject(v.Question.Id, v.Mission, v.Record) != subject)) throw Ask.Wrong($"one of them has no verdict on {Ask.Short(subject.ToString())}");
        if (one.Book.Digest != two.Book.Digest && one.Scenario.Digest != two.Scenario.Digest)
            throw new ProblemException(409, "not-comparable", "they differ in their scenario and in their rule book, so that nothing can be said of either; compare two under one book, or the same scenario under two");
        var answer = one.Book.Digest == two.Book.Digest
            ? Comparison.Of(one.Book, one.Scenario, two.Scenario, subject, basis)
            : Comparison.Of(one.Book, one.Scenario, two.Book, two.Scenario, subject, basis);
        return Reply.Json(context, 200, json => answer.ToJson().WriteTo(json));
    }

    private async Task OfScenario(HttpContext context, string kind)
    {
        var ask = Parameters(context);
        var caller = context.Caller();
        var body = await Body.Read(context, Scenario.MaxBytes);
        var (book, scenario) = await office.Scenario(body, caller, isToBeRecorded: false, context.RequestAborted);
        office.WhatIf(book, scenario, caller);
        await Answer(context, book, scenario, kind, ask);
    }

    private static Ask Parameters(HttpContext context) => new(context, "question", "mission", "record", "basis", "want", "keep", "influence");

    private static Task Answer(HttpContext context, RuleBook book, Scenario scenario, string kind, Ask ask)
    {
        if (!Kinds.Contains(kind)) throw ProblemException.NotFound($"there is no explanation `{Ask.Short(kind)}`; there are {string.Join(", ", Kinds)}");
        var keep = List(ask, "keep");
        if (keep.FirstOrDefault(name => book.Fact(name) is null) is { } stranger) throw Ask.Wrong($"the book has no fact `{Ask.Short(stranger)}`");
        var influence = List(ask, "influence");
        if (influence.FirstOrDefault(word => word is not ("ours" or "allies" or "adversary" or "none")) is { } other) throw Ask.Wrong($"influence is of ours, allies, adversary or none, not `{Ask.Short(other)}`");
        var options = new AnalysisOptions { Basis = ask.Basis("basis") ?? scenario.Basis, Keep = [.. keep] };
        if (influence.Length > 0) options = options with { Influence = [.. influence] };
        var subject = SubjectOf(ask);
        var analysis = ScenarioAnalysis.Of(book, scenario, options);
        if (!analysis.Subjects.Contains(subject)) throw Ask.Wrong($"there is no verdict on {Ask.Short(subject.ToString())} here");
        var wanted = List(ask, "want");
        if (wanted.FirstOrDefault(outcome => !book.Question(subject.Question)!.Outcomes.Contains(outcome)) is { } strange) throw Ask.Wrong($"`{Ask.Short(strange)}` is no outcome of {subject.Question}");
        JObject answer = kind switch
        {
            "reachable" => analysis.Reachable(subject).ToJson(),
            "why" => analysis.Why(subject).ToJson(),
            "change" => analysis.Change(subject, wanted).ToJson(),
            "ask" => analysis.Ask(subject).ToJson(),
            _ => analysis.Margin(subject).ToJson(),
        };
        return Reply.Json(context, 200, json => answer.WriteTo(json));
    }

    private static Subject SubjectOf(Ask ask) => new(
        ask.Text("question") ?? throw Ask.Wrong("say of which verdict: `question`, and `mission` or `record`"), ask.Text("mission") ?? RuleBook.AnyMission, ask.Text("record"));

    private static string[] List(Ask ask, string name) => ask.Text(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
