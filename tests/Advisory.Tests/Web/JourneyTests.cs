using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;

namespace Advisory.Tests.Web;

/// <summary>What officers do with the pages, from nothing to a decision that is withdrawn, in a browser without scripts.</summary>
public sealed class JourneyTests
{
    internal static Task<RunningService> Start() => RunningService.Start(options => options["rules"] = Repository.PathOf("rules", "ukraine"));

    [Theory]
    [InlineData("en", "Save and go on", "Advice - not a decision", "Withdrawn")]
    [InlineData("nl", "Opslaan en verder", "Advies - geen besluit", "Ingetrokken")]
    public async Task An_officer_assesses_records_reads_gives_advice_and_withdraws(string language, string save, string label, string withdrawn)
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service, "ada", language);
        await browser.Go("/assess");
        await browser.Submit("blank");
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        Assert.Contains(save, browser.Text, StringComparison.Ordinal);
        await browser.Submit("save", ("title", "A quiet winter"), ("subject", "winter"), ("asOf", "2026-01-24"));

        var book = service.Office.Book.Book;
        var fact = book.Facts.First(f => f.Type == FactType.Enumeration && f.Role == FactRole.World && f.Name != RuleBook.MissionFact && book.Questions[0].Rules.Any(rule => rule.Facts.Contains(f.Name)));
        await browser.Go($"{draft}?part=group/{fact.Group}");
        await browser.Submit("save", ($"f.{fact.Name}.0.value", fact.Values[0]), ($"f.{fact.Name}.0.source", "a cable"), ($"f.{fact.Name}.0.asOf", "2026-01-20"));
        Assert.True(browser.Status == HttpStatusCode.OK, Regex.Match(browser.Html, "id=\"faults\".*?</div>", RegexOptions.Singleline).Value + Regex.Match(browser.Html, "class=\"error\".*?</p>", RegexOptions.Singleline).Value);
        Assert.Contains($"name=\"f.{fact.Name}.0.source\" value=\"a cable\"", browser.Html, StringComparison.Ordinal);

        await browser.Go(draft + "/record");
        Assert.Contains("A quiet winter", browser.Text, StringComparison.Ordinal);
        await browser.Submit("record");
        var decision = Regex.Match(browser.Path, "^/decisions/[0-9a-f-]{36}").Value;
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("a cable", browser.Text, StringComparison.Ordinal);
        foreach (var mission in book.Missions) Assert.Contains(language == "nl" ? mission.Title.Nl : mission.Title.En, browser.Text, StringComparison.Ordinal);

        var about = $"?question={book.Questions[0].Id}&mission={book.Missions[0].Id}";
        await browser.Go(decision + "/why" + about);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.Go(decision + "/advice" + about);
        Assert.Contains(label, browser.Text, StringComparison.Ordinal);
        var verdict = Evaluation.Of(book, service.Office.Log.ScenarioOf(service.Office.Log.Get(decision[11..]))!).Verdicts[0];
        Assert.NotEmpty(verdict.Stated.Deciding);
        Assert.All(verdict.Stated.Deciding, finding => Assert.Contains($"#rule-{finding.Rule.Name}\"", browser.Html, StringComparison.Ordinal));

        await browser.Go(decision);
        await browser.Submit("withdraw", ("reason", "The cable was false."));
        Assert.Contains(withdrawn, browser.Text, StringComparison.Ordinal);
        Assert.Contains("The cable was false.", browser.Text, StringComparison.Ordinal);
        await browser.Go(decision + "/advice" + about);
        Assert.Contains(withdrawn, browser.Text, StringComparison.Ordinal);
        await browser.Go("/decisions?subject=winter");
        Assert.Contains(withdrawn, browser.Text, StringComparison.Ordinal);
        await browser.Go("/");
        Assert.Contains("A quiet winter", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pressing_record_twice_gives_one_decision()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        await browser.Go(draft + "/record");
        var (action, fields) = browser.Form("record");
        using var other = Browser.Guest(service);
        foreach (Cookie cookie in browser.Cookies.GetAllCookies()) other.Cookies.Add(cookie);
        await Task.WhenAll(browser.Post(action, fields), other.Post(action, fields));
        Assert.StartsWith("/decisions/", browser.Path, StringComparison.Ordinal);
        Assert.Equal(browser.Path.Split('?')[0], other.Path.Split('?')[0]);
        Assert.Single(service.Office.Log.Search(new()).Items);
    }

    [Fact]
    public async Task A_waiver_waits_for_a_second_person_who_has_the_shared_address()
    {
        await using var service = await Start();
        using var ada = await Browser.SignIn(service, "ada");
        using var ben = await Browser.SignIn(service, "ben");
        await ada.Go("/assess");
        await ada.Submit("blank");
        var draft = Regex.Match(ada.Path, "^/assess/[0-9a-f]{32}").Value;
        var rule = service.Office.Book.Book.Questions.SelectMany(question => question.Rules).First(rule => rule.Waivable).Name;
        await ada.Go(draft + "?part=waivers");
        await ada.Submit("save", ("w.0.rule", rule), ("w.0.reason", "It must be."), ("w.0.grounds", "A letter"), ("w.0.by", "The minister"), ("w.0.until", "2099-12-31"));
        Assert.Equal(HttpStatusCode.OK, ada.Status);
        await ada.Go(draft + "/record");
        Assert.DoesNotContain("value=\"record\"", ada.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"confirm\"", ada.Html, StringComparison.Ordinal);
        await ben.Go(draft + "/record");
        Assert.Equal(HttpStatusCode.NotFound, ben.Status);

        await ada.Go(draft);
        await ada.Submit("share");
        await ben.Go(draft + "/record");
        await ben.Submit("confirm");
        await ada.Go(draft + "/record");
        Assert.Contains("ben stands behind these waivers", ada.Text, StringComparison.Ordinal);
        await ada.Submit("record");
        Assert.Equal("ben", Assert.Single(service.Office.Log.Search(new()).Items).ConfirmedBy);
    }

    [Fact]
    public async Task Two_people_who_change_one_part_at_once_lose_nothing_unseen()
    {
        await using var service = await Start();
        using var ada = await Browser.SignIn(service, "ada");
        using var ben = await Browser.SignIn(service, "ben");
        await ada.Go("/assess");
        await ada.Submit("blank");
        await ada.Submit("share");
        var draft = Regex.Match(ada.Path, "^/assess/[0-9a-f]{32}").Value;
        await ada.Go(draft);
        await ben.Go(draft);
        await ada.Submit("save", ("title", "From Ada"));
        await ben.Submit("save", ("title", "From Ben"));
        Assert.Equal(HttpStatusCode.Conflict, ben.Status);
        Assert.Contains("value=\"From Ben\"", ben.Html, StringComparison.Ordinal);
        await ada.Go(draft);
        Assert.Contains("value=\"From Ada\"", ada.Html, StringComparison.Ordinal);
        await ben.Submit("save");
        Assert.Equal(HttpStatusCode.OK, ben.Status);
        await ada.Go(draft);
        Assert.Contains("value=\"From Ben\"", ada.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_save_sent_twice_is_no_change_by_somebody_else()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        var (action, fields) = browser.Form("save", ("title", "Once"));
        await browser.Post(action, fields);
        await browser.Post(action, fields);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("value=\"Once\"", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_stays_in_the_form_and_out_of_the_assessment()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        var fact = service.Office.Book.Book.Facts.First(f => f.IsNumber && f.Role == FactRole.World);
        await browser.Go($"{draft}?part=group/{fact.Group}");
        await browser.Submit("save", ($"f.{fact.Name}.0.value", "a great many"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.Contains("value=\"a great many\"", browser.Html, StringComparison.Ordinal);
        await browser.Go(draft + "/file");
        Assert.DoesNotContain(fact.Name, browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_file_comes_in_and_goes_out_the_same_and_its_mistakes_have_their_place()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        var bad = "{\n  \"facts\": {\n    \"no.such.fact\": true\n  }\n}\n";
        await browser.Upload("import", "file", "mine.json", Encoding.UTF8.GetBytes(bad));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.Contains("mine.json:3:5", browser.Text, StringComparison.Ordinal);
        Assert.Contains("\"no.such.fact\": true", browser.Text, StringComparison.Ordinal);

        var book = service.Office.Book.Book;
        // Those that say what a form could lose: reports that differ, sources, chances, an empty list, records, waivers.
        var telling = Ledgers.HeavyFactAttribute.Heavy ? "" : "S06 S29 S40 U103 U135 U182 U242 U255 U256 U266";
        foreach (var file in service.Office.Book.Cases.Where(file => telling.Length == 0 || telling.Contains(Path.GetFileNameWithoutExtension(file.Name), StringComparison.Ordinal)))
        {
            var scenario = Scenario.Read(book, file).Value!;
            await browser.Go("/assess");
            await browser.Upload("import", "file", "case.json", scenario.Canonical.ToArray());
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            var draft = browser.Path;
            // Through every part as it stands in the form, without a change.
            foreach (Match part in Regex.Matches(browser.Html, "href=\"(/assess/[0-9a-f]{32}\\?part=[^\"]+)\""))
            {
                await browser.Go(WebUtility.HtmlDecode(part.Groups[1].Value));
                await browser.Submit("save");
                Assert.True(browser.Status == HttpStatusCode.OK, $"{file.Name}, {part.Groups[1].Value}: {browser.Status}");
            }

            await browser.Go(draft + "/file");
            Assert.True(scenario.Digest == Scenario.Read(book, new("out", Encoding.UTF8.GetBytes(browser.Html))).Value!.Digest, $"{file.Name} comes out as {browser.Html}");
            await browser.Go(draft);
            await browser.Submit("delete");
        }
    }

    [Fact]
    public async Task A_preview_shows_what_would_turn_and_saves_nothing()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        var book = service.Office.Book.Book;
        await browser.Go("/assess");
        await browser.Submit("case", ("case", service.Office.Book.Cases[0].Name));
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        var before = await browser.Go(draft + "/file");
        var scenario = Scenario.Read(book, new("before", Encoding.UTF8.GetBytes(before))).Value!;
        var stated = scenario.Facts.First(f => f.Fact.Type == FactType.Boolean && book.Questions[0].Rules.Any(rule => rule.Facts.Contains(f.Fact.Name)));
        await browser.Go($"{draft}?part=group/{stated.Fact.Group}");
        var (action, fields) = browser.Form("save", ($"f.{stated.Fact.Name}.0.value", ""));
        await browser.Post(action, [.. fields.Where(field => field.Name != "do"), ("do", "preview")]);
        Assert.Contains("id=\"outcomes\"", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", browser.Html, StringComparison.Ordinal);
        Assert.Equal(before, await browser.Go(draft + "/file"));
    }

    [Fact]
    public async Task Advice_given_out_is_recorded_with_the_digest_of_the_very_page()
    {
        await using var service = await Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        await browser.Go(Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value + "/record");
        await browser.Submit("record");
        var decision = browser.Path.Split('?')[0];
        var book = service.Office.Book.Book;
        var about = $"?question={book.Questions[0].Id}&mission={book.Missions[1].Id}";
        var page = await browser.Go(decision + "/advice" + about);
        Assert.Equal(page, await browser.Go(decision + "/advice" + about));
        var policy = browser.Answer.Headers.GetValues("Content-Security-Policy").Single();
        await browser.Go(decision + "/issue" + about);
        await browser.Submit("/issue");
        await browser.Go(decision + "/issue" + about);
        Assert.DoesNotContain("<form method=\"post\" action=\"/decisions", browser.Html, StringComparison.Ordinal);
        var issued = Assert.Single(service.Office.Log.FateOf(service.Office.Log.Get(decision[11..])).Issued);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(page))), issued.Page);

        // A program reads the same bytes, whatever language its own headers prefer, and gets no cookie with them.
        using var answer = await service.Send(HttpMethod.Get, $"/v1{decision}/advice{about}", null, service.KeyOf(Roles.Auditor), ("Accept-Language", "nl"), ("Cookie", "advisory_lang=nl"));
        Assert.Equal(page, await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(policy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        using var dutch = await service.Get($"/v1{decision}/advice{about}&lang=nl", service.KeyOf(Roles.Auditor));
        Assert.Contains("<html lang=\"nl\">", await dutch.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var bad in new[] { "&lang=fr", "&lang=en&lang=nl", "&basis=hoped", "&more=1" })
            using (var refused = await service.Get($"/v1{decision}/advice{about}{bad}", service.KeyOf(Roles.Auditor)))
                Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, $"{bad}: {refused.StatusCode}");
        using var nowhere = await service.Get($"/v1{decision}/advice?question=none", service.KeyOf(Roles.Auditor));
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (nowhere.StatusCode, nowhere.Content.Headers.ContentType!.MediaType));
    }
}
