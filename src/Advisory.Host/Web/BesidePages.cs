using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Host.Records;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>Scenarios beside one another: what another value of a fact would do, and what sets two or three scenarios apart. Nothing is saved.</summary>
internal sealed class BesidePages(Pages pages, Drafts drafts, AssessPages assessments)
{
    private const int MostColumns = 3;
    private const int MostOptions = 50;

    private readonly Office office = pages.Office;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/assess/{id}/what-if", WhatIf).Asks(Permission.Evaluate);
        // Each scenario is asked for by its own permission: a draft by that to evaluate, a decision by that to read it.
        routes.MapGet("/compare", Compare).Asks(Permission.ReadBook);
    }

    // ---- what if ----

    private Task WhatIf(HttpContext context, string id)
    {
        var draft = assessments.Mine(context, id);
        var now = assessments.EvaluationOf(draft);
        var (visit, book, query) = (Visit.Of(context), now.Book, context.Request.Query);
        var asked = query["fact"].ToString();
        var fact = WhatIfModel.FactsOf(book).SelectMany(group => group.Facts).FirstOrDefault(fact => fact.Name == asked);
        if (fact is null) return pages.Show<WhatIfPage>(context, 200, ("Model", new WhatIfModel(draft, now, null, null, [])));

        var stated = (draft.Scenario["facts"] as JObject)?[fact.Name];
        var form = FactForm.Of(fact, "f." + fact.Name, null);
        List<JToken?> values = [];
        if (WhatIfModel.IsClosed(fact))
        {
            values = [.. (fact.Type == FactType.Boolean ? [true, false] : fact.Values.Select(value => (JToken)value)), null];
            values.RemoveAll(value => JToken.DeepEquals(value, stated is JObject report ? report["value"] : stated));
        }
        else if (query.ContainsKey($"f.{fact.Name}.0.there"))
        {
            (form, var typed) = FactForm.Take(book, fact, "f." + fact.Name, new FormCollection(query.ToDictionary(part => part.Key, part => part.Value)), null, (string?)draft.Scenario["asOf"]);
            if (form.Problems.Count == 0) values = [typed];
        }

        var columns = new List<SideColumn> { new(visit.Say("what-if.now", Now()), now.Scenario, now, $"/assess/{id}/why") };
        foreach (var value in values)
        {
            var json = (JObject)draft.Scenario.DeepClone();
            if (json["facts"] is not JObject facts) json["facts"] = facts = [];
            if (value is null) facts.Remove(fact.Name);
            else facts[fact.Name] = value.DeepClone();
            if ((draft with { Scenario = json }).Read(book).Value is { } scenario)
                columns.Add(new(visit.Say("what-if.then", visit.Value(fact, value)), scenario, office.WhatIf(book, scenario, context.Caller()), null));
        }

        return pages.Show<WhatIfPage>(context, 200, ("Model", new WhatIfModel(draft, now, fact, form, columns)));

        string Now()
        {
            var use = now.Facts.FirstOrDefault(use => use.Fact == fact && use.Record is null);
            return use is null ? visit["field.unknown"] : use.State is FactState.Stated or FactState.Planning or FactState.Derived ? visit.Value(fact, use.Value) : Words.For(use.State, visit.Language);
        }
    }

    // ---- comparison ----

    private Task Compare(HttpContext context)
    {
        var (visit, book, query) = (Visit.Of(context), office.Book.Book, context.Request.Query);
        var (columns, unread) = (new List<SideColumn>(), new List<string>());
        foreach (var id in query["with"].OfType<string>().Where(id => id.Length > 0).Distinct(StringComparer.Ordinal).Take(MostColumns))
        {
            var (title, bytes, why, recordedUnder) = Taken(context, id);
            if (Scenario.Read(book, new("scenario.json", bytes)).Value is { } scenario)
                columns.Add(new(title, scenario, Evaluation.Of(book, scenario), recordedUnder is null || recordedUnder == book.Digest ? why : null) { Id = id, IsOfAnotherBook = recordedUnder is not null && recordedUnder != book.Digest });
            else
                unread.Add(title);
        }

        var basis = columns.All(column => column.Scenario.Basis == Basis.Assumed) ? Basis.Assumed : Basis.Stated;
        var about = new Subject(query["question"].ToString(), query["mission"].ToString(), query["record"].ToString() is { Length: > 0 } record ? record : null);
        var answers = new List<ComparisonAnswer>();
        if (about.Question.Length > 0 && columns.Count > 1 && columns.All(column => column.On(about) is not null))
            answers.AddRange(columns.Skip(1).Select(column => Comparison.Of(book, columns[0].Scenario, column.Scenario, about, basis)));
        return pages.Show<ComparePage>(context, 200, ("Book", book), ("Model", new CompareModel(Options(visit), columns, unread, basis, answers)));
    }

    /// <summary>A draft or a decision that the person may read: its title, its scenario, where its outcomes are explained, and the book that a decision was recorded under.</summary>
    private (string Title, ReadOnlyMemory<byte> Scenario, string Why, string? Book) Taken(HttpContext context, string id)
    {
        var visit = Visit.Of(context);
        if (Drafts.IsId(id))
        {
            if (!visit.May(Permission.Evaluate)) throw visit.Refuse(403, "not-allowed");
            var draft = assessments.Mine(context, id);
            return (draft.Title ?? visit["draft.untitled"], draft.File, $"/assess/{id}/why", null);
        }

        if (!visit.May(Permission.ReadDecisions)) throw visit.Refuse(403, "not-allowed");
        var decision = office.Read(id, visit.Person);
        return (Named(visit, decision), decision.Scenario, $"/decisions/{decision.Id}/why", decision.Book.Digest);
    }

    private CompareOptions Options(Visit visit)
    {
        var mine = visit.May(Permission.Evaluate)
            ? drafts.Of(visit.Person.Name).Where(draft => draft.Recorded is null && office.MayRead(visit.Person, (string?)draft.Scenario["classification"])).Take(MostOptions).Select(draft => (draft.Id, draft.Title ?? visit["draft.untitled"]))
            : [];
        var recorded = visit.May(Permission.ReadDecisions)
            ? office.Log.Search(new(), limit: MostOptions).Items.Where(decision => office.MayRead(visit.Person, decision.Classification)).Select(decision => (decision.Id, Named(visit, decision)))
            : [];
        return new([.. mine], [.. recorded]);
    }

    // Decisions on one subject often have one title; the moment tells them apart.
    private static string Named(Visit visit, Decision decision) =>
        $"{(string?)DecisionPages.Scenario(decision)["title"] ?? decision.Subject ?? visit["decision.untitled"]} · {visit.Time(decision.Time)}";
}

/// <summary>One scenario in a row of several. Public since components are; what it holds is for this program.</summary>
public sealed class SideColumn
{
    internal SideColumn(string title, Scenario scenario, Evaluation evaluation, string? why) => (Title, Scenario, Evaluation, Why) = (title, scenario, evaluation, why);

    internal string Title { get; }

    internal Scenario Scenario { get; }

    internal Evaluation Evaluation { get; }

    /// <summary>Where its verdicts are explained, without the query; or null.</summary>
    internal string? Why { get; }

    internal string Id { get; init; } = "";

    /// <summary>Recorded under another book than the one it is judged by here.</summary>
    internal bool IsOfAnotherBook { get; init; }

    internal Verdict? On(Subject subject) => Evaluation.Verdicts.FirstOrDefault(verdict => verdict.Question.Id == subject.Question && verdict.Mission == subject.Mission && verdict.Record == subject.Record);
}

/// <summary>A fact with other values. Public since components are; what it holds is for this program.</summary>
public sealed class WhatIfModel
{
    // More columns than this are no table to read.
    private const int MostValues = 6;

    internal WhatIfModel(Draft draft, Evaluation now, Fact? fact, FactForm? form, IReadOnlyList<SideColumn> columns) => (Draft, Now, Fact, Form, Columns) = (draft, now, fact, form, columns);

    internal Draft Draft { get; }

    internal Evaluation Now { get; }

    internal Fact? Fact { get; }

    internal FactForm? Form { get; }

    /// <summary>The first as it is.</summary>
    internal IReadOnlyList<SideColumn> Columns { get; }

    /// <summary>The facts that somebody can report, group by group.</summary>
    internal static IEnumerable<(Titled Group, List<Fact> Facts)> FactsOf(RuleBook book) => AssessPart.All(book).Where(part => part.Group is not null)
        .Select(part => (part.Group!, part.Facts.Where(fact => fact.Role is FactRole.World or FactRole.Planning or FactRole.Derived && fact.Name != RuleBook.MissionFact).ToList())).Where(group => group.Item2.Count > 0);

    /// <summary>Whether all its values fit beside one another, so that none needs to be chosen.</summary>
    internal static bool IsClosed(Fact fact) => fact.Type == FactType.Boolean || (fact.Type == FactType.Enumeration && fact.Values.Length <= MostValues);
}

/// <summary>What there is to compare. Public since components are; what it holds is for this program.</summary>
public sealed class CompareOptions
{
    internal CompareOptions(IReadOnlyList<(string Id, string Title)> drafts, IReadOnlyList<(string Id, string Title)> decisions) => (Drafts, Decisions) = (drafts, decisions);

    internal IReadOnlyList<(string Id, string Title)> Drafts { get; }

    internal IReadOnlyList<(string Id, string Title)> Decisions { get; }
}

/// <summary>Two or three scenarios. Public since components are; what it holds is for this program.</summary>
public sealed class CompareModel
{
    internal CompareModel(CompareOptions options, IReadOnlyList<SideColumn> columns, IReadOnlyList<string> unread, Basis basis, IReadOnlyList<ComparisonAnswer> answers) =>
        (Options, Columns, Unread, Basis, Answers) = (options, columns, unread, basis, answers);

    internal CompareOptions Options { get; }

    internal IReadOnlyList<SideColumn> Columns { get; }

    /// <summary>Titles of those that the book in force cannot read.</summary>
    internal IReadOnlyList<string> Unread { get; }

    internal Basis Basis { get; }

    /// <summary>What makes the difference on the verdict that was asked about, of each but the first.</summary>
    internal IReadOnlyList<ComparisonAnswer> Answers { get; }

    /// <summary>What is given that is not the same in all: facts, readings, waivers, the day, and records as a whole.</summary>
    internal List<(string Kind, string Name, List<JToken?> Values)> Differences()
    {
        var all = Columns.Select(column => column.Scenario.ToJson()).ToList();
        var rows = new List<(string Kind, string Name, List<JToken?> Values)>();
        Add("asOf", "asOf", json => json["asOf"]);
        foreach (var name in Names("facts")) Add("fact", name, json => json["facts"]?[name]);
        foreach (var name in Names("readings")) Add("reading", name, json => json["readings"]?[name]);
        Add("waivers", "waivers", json => json["waivers"] is JArray { Count: > 0 } waivers ? string.Join(", ", waivers.Select(waiver => (string)waiver["rule"]!)) : null);
        foreach (var name in Names("records")) Add("records", name, json => json["records"]?[name]);
        return rows;

        IEnumerable<string> Names(string member) => all.SelectMany(json => (json[member] as JObject ?? []).Properties()).Select(property => property.Name).Distinct().Order(StringComparer.Ordinal);

        void Add(string kind, string name, Func<JObject, JToken?> of)
        {
            var values = all.Select(of).ToList();
            if (values.Any(value => !JToken.DeepEquals(value, values[0]))) rows.Add((kind, name, values));
        }
    }
}
