using System.Text;
using Advisory.Engine;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>Working on an assessment: facts in, outcomes beside them, until it is recorded as a decision.</summary>
internal sealed class AssessPages(Pages pages, Drafts drafts)
{
    private readonly Office office = pages.Office;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/assess", context => List(context, 200, [])).Asks(Permission.Evaluate);
        routes.MapPost("/assess", Begin).Asks(Permission.Evaluate);
        routes.MapGet("/assess/{id}", Show).Asks(Permission.Evaluate);
        routes.MapPost("/assess/{id}", Save).Asks(Permission.Evaluate);
        routes.MapGet("/assess/{id}/file", Export).Asks(Permission.Evaluate);
        routes.MapGet("/assess/{id}/why", Why).Asks(Permission.Evaluate);
        routes.MapGet("/assess/{id}/record", ShowRecord).Asks(Permission.Record);
        routes.MapPost("/assess/{id}/record", Record).Asks(Permission.Record);
    }

    // ---- the list ----

    private Task List(HttpContext context, int status, IReadOnlyList<Problem> problems, string? file = null)
    {
        var person = context.Caller().Name;
        return pages.Show<AssessList>(context, status, ("Cases", CaseList.Of(office.Book)), ("Drafts", (DraftList)new([.. drafts.Of(person)])), ("Problems", problems), ("File", file));
    }

    private async Task Begin(HttpContext context)
    {
        var form = await pages.Form(context);
        var person = context.Caller();
        var (book, cases, _) = office.Book;
        switch (form["do"].ToString())
        {
            case "import":
                if (form.Files["file"] is not { Length: > 0 } sent)
                {
                    await List(context, 422, [new(Visit.Of(context)["import.none"], 1, 1, "no-file", Visit.Of(context)["import.choose"])]);
                    return;
                }

                using (var memory = new MemoryStream())
                {
                    await sent.CopyToAsync(memory, context.RequestAborted);
                    await Take(new(Path.GetFileName(sent.FileName), memory.ToArray()), null, null);
                }

                break;
            case "case" when cases.FirstOrDefault(file => file.Name == form["case"]) is { Name: not null } example:
                await Take(example, TitleOf(example), null);
                break;
            case "copy":
                var decision = office.Read(form["decision"].ToString(), person);
                await Take(new("scenario.json", decision.Scenario), null, form["supersede"] == "yes" ? decision.Id : null);
                break;
            default:
                Open(drafts.Begin(person.Name, new() { ["asOf"] = Today(), ["basis"] = "stated", ["facts"] = new JObject() }, id: form["id"]));
                break;
        }

        async Task Take(InputFile file, string? title, string? supersedes)
        {
            var read = Scenario.Read(book, file);
            if (read.Value is not { } scenario)
            {
                await List(context, 422, read.Problems, Encoding.UTF8.GetString(file.Content.Span));
                return;
            }

            if (!office.MayRead(person, scenario.Classification)) throw Visit.Of(context).Refuse(403, "restricted");
            var json = scenario.ToJson();
            if (title is not null) json["title"] ??= title;
            Open(drafts.Begin(person.Name, json, supersedes, form["id"]));
        }

        void Open(Draft draft) => Pages.SeeOther(context, "/assess/" + draft.Id);

        string? TitleOf(InputFile file)
        {
            try
            {
                var given = JObject.Parse(Encoding.UTF8.GetString(file.Content.Span))["title"];
                return given is JObject texts ? (string?)texts[Visit.Of(context).Tag] : (string?)given;
            }
            catch (JsonException)
            {
                return null; // the reader says what is wrong with it
            }
        }
    }

    private string Today() => office.Clock.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    // ---- one part of one assessment ----

    private Task Show(HttpContext context, string id)
    {
        var draft = Mine(context, id);
        if (draft.Recorded is { } decision)
        {
            Pages.SeeOther(context, "/decisions/" + decision);
            return Task.CompletedTask;
        }

        var book = office.Book.Book;
        var part = AssessPart.Of(book, draft.Scenario, context.Request.Query["part"].ToString());
        return pages.Show<AssessPage>(context, 200, ("Model", Model(context, draft, book, part)), ("Saved", context.Request.Query["saved"] == "yes"));
    }

    private async Task Save(HttpContext context, string id)
    {
        var form = await pages.Form(context);
        var draft = Mine(context, id);
        if (draft.Recorded is { } decision)
        {
            Pages.SeeOther(context, "/decisions/" + decision);
            return;
        }

        var (book, person, act) = (office.Book.Book, context.Caller(), form["do"].ToString());
        if (act is "share" or "unshare" or "delete")
        {
            if (draft.Owner != person.Name) throw Visit.Of(context).Refuse(403, "not-yours");
            if (act == "delete") drafts.Delete(id);
            else drafts.Change(id, old => old with { IsShared = act == "share" });
            Pages.SeeOther(context, act == "delete" ? "/assess" : $"/assess/{id}?saved=yes");
            return;
        }

        var asked = context.Request.Query["part"].ToString();
        if (act == "preview")
        {
            var sent = AssessPart.Take(book, draft.Scenario, asked, form);
            var preview = Model(context, draft with { Scenario = sent.Scenario, Previous = draft.Scenario }, book, sent.Part);
            await Pages.Answer(context, 200, await pages.Render<Outcomes>(context, ("Model", preview), ("IsPreview", true)));
            return;
        }

        (AssessPart Part, JObject Scenario)? taken = null;
        var isChangedByOther = false;
        draft = drafts.Change(id, old =>
        {
            taken = AssessPart.Take(book, old.Scenario, asked, form);
            if (JToken.DeepEquals(taken.Value.Scenario, old.Scenario)) return old; // also a button pressed twice: what the second press says is so already
            isChangedByOther = form["was"] != AssessPart.Of(book, old.Scenario, asked).Digest;
            return isChangedByOther || taken.Value.Part.HasProblems ? old : old.With(taken.Value.Scenario);
        });
        var part = taken!.Value.Part;
        if (isChangedByOther || part.HasProblems)
        {
            // What was typed stays on the page; pressing again saves it over the colleague's.
            part.Digest = AssessPart.Of(book, draft.Scenario, asked).Digest;
            await pages.Show<AssessPage>(context, isChangedByOther ? 409 : 422, ("Model", Model(context, draft, book, part)), ("ChangedByOther", isChangedByOther));
            return;
        }

        if (draft.Read(book).Value is { } scenario) office.WhatIf(book, scenario, person); // whoever sees an outcome has tried it
        var next = act switch { "next" => part.Next, _ when act.StartsWith("go:", StringComparison.Ordinal) => act[3..], _ => part.Id };
        Pages.SeeOther(context, next == "record" ? $"/assess/{id}/record" : Visit.Address($"/assess/{id}", ("part", next), ("saved", "yes")));
    }

    private static AssessModel Model(HttpContext context, Draft draft, RuleBook book, AssessPart part)
    {
        var read = draft.Read(book);
        var before = draft.Previous is null ? null : (draft with { Scenario = draft.Previous }).Read(book).Value;
        return new(draft, book, part, read.Problems, read.Value is { } scenario ? Evaluation.Of(book, scenario) : null, before is null ? null : Evaluation.Of(book, before), draft.Owner == context.Caller().Name);
    }

    /// <summary>A draft that the person may open.</summary>
    /// <exception cref="ProblemException">There is none, or it is classified beyond the person.</exception>
    internal Draft Mine(HttpContext context, string id)
    {
        var draft = drafts.Get(id, context.Caller().Name);
        return office.MayRead(context.Caller(), (string?)draft.Scenario["classification"]) ? draft : throw Visit.Of(context).Refuse(403, "restricted");
    }

    private Task Export(HttpContext context, string id)
    {
        var draft = Mine(context, id);
        Reply.Named(context, $"scenario-{id[..8]}.json");
        return Reply.Bytes(context, 200, "application/json", draft.File);
    }

    private Task Why(HttpContext context, string id)
    {
        var draft = Mine(context, id);
        var evaluation = EvaluationOf(draft);
        var (verdict, basis) = DecisionPages.Asked(context, evaluation);
        return pages.Show<WhyPage>(context, 200, ("Evaluation", evaluation), ("Verdict", verdict), ("Basis", basis), ("Path", $"/assess/{id}/why"), ("Back", $"/assess/{id}"), ("BackTitle", draft.Title ?? Visit.Of(context)["draft.untitled"]), ("Drafted", true));
    }

    // ---- recording ----

    private Task ShowRecord(HttpContext context, string id)
    {
        var draft = Mine(context, id);
        if (draft.Recorded is null) return pages.Show<RecordPage>(context, 200, ("Model", Recording(context, draft)));
        Pages.SeeOther(context, "/decisions/" + draft.Recorded);
        return Task.CompletedTask;
    }

    private RecordModel Recording(HttpContext context, Draft draft)
    {
        var evaluation = EvaluationOf(draft);
        var person = context.Caller().Name;
        return new(draft, evaluation, office.Desk.ConfirmedBy(evaluation.Scenario.Digest, person), draft.Owner == person, office.Desk.TriedOn(evaluation.Scenario.Subject).Count);
    }

    private async Task Record(HttpContext context, string id)
    {
        var form = await pages.Form(context);
        var draft = Mine(context, id);
        var person = context.Caller();
        if (draft.Recorded is { } already)
        {
            Pages.SeeOther(context, "/decisions/" + already);
            return;
        }

        var (book, scenario) = await office.Scenario(draft.File, person, isToBeRecorded: true, context.RequestAborted);
        if (form["input"] != scenario.Digest) throw Visit.Of(context).Refuse(409, "changed-meanwhile");
        if (form["do"] == "confirm")
        {
            if (!scenario.Waivers.IsEmpty) office.Desk.Confirm(scenario.Digest, person.Name);
            Pages.SeeOther(context, $"/assess/{id}/record");
            return;
        }

        var recorded = await office.Record(book, scenario, person, draft.Key, draft.Supersedes, context.RequestAborted);
        drafts.Change(id, old => old with { Recorded = recorded.Decision.Id });
        Pages.SeeOther(context, $"/decisions/{recorded.Decision.Id}?recorded=yes");
    }

    /// <exception cref="ProblemException">The scenario is at fault.</exception>
    internal Evaluation EvaluationOf(Draft draft)
    {
        var read = draft.Read(office.Book.Book);
        return read.Value is { } scenario ? Evaluation.Of(office.Book.Book, scenario)
            : throw new ProblemException(422, "bad-scenario", "the assessment is at fault, and nothing was evaluated") { Problems = read.Problems };
    }
}
