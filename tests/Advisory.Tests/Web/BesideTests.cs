using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;

namespace Advisory.Tests.Web;

/// <summary>Scenarios beside one another, the cases behind a rule, how the service is, and what happens to a form whose session has ended.</summary>
public sealed class BesideTests(SharedService shared) : IClassFixture<SharedService>
{
    private RunningService Service => shared.Service;

    private RuleBook Book => Service.Office.Book.Book;

    [Fact]
    public async Task What_if_shows_each_value_beside_how_it_is_and_saves_nothing()
    {
        using var browser = await Browser.SignIn(Service, "ida");
        var (draft, scenario) = await FromCase(browser, 0);
        var before = await browser.Go(draft + "/file");
        var fact = scenario.Facts.First(f => f.Fact.Type == FactType.Boolean && Book.Questions[0].Rules.Any(rule => rule.Facts.Contains(f.Fact.Name))).Fact;
        await browser.Go($"{draft}/what-if?fact={fact.Name}");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        var changed = scenario.ToJson();
        changed["facts"]![fact.Name] = !(bool)scenario.Facts.First(f => f.Fact == fact).Value!.Json;
        var turned = Turned(scenario, Scenario.Read(Book, new("x", Encoding.UTF8.GetBytes(changed.ToString()))).Value!);
        Assert.NotEmpty(turned);
        foreach (var verdict in turned) Assert.Matches($"<tr role=\"row\" class=\"differs-row\">\\s*<th[^>]*>{Regex.Escape(WebUtility.HtmlEncode(Book.Missions.First(m => m.Id == verdict.Mission).Title.En))}", browser.Html);
        Assert.Equal(before, await browser.Go(draft + "/file"));
    }

    [Fact]
    public async Task What_if_says_what_is_wrong_with_a_number_and_works_with_a_good_one()
    {
        using var browser = await Browser.SignIn(Service, "ivo");
        var (draft, _) = await FromCase(browser, 0);
        var fact = Book.Facts.First(f => f.IsNumber && f.Role == FactRole.World);
        await browser.Go($"{draft}/what-if?fact={fact.Name}&f.{fact.Name}.0.there=1&f.{fact.Name}.0.value=-999999999");
        Assert.Contains("role=\"alert\"", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("beside-table", browser.Html, StringComparison.Ordinal);
        await browser.Go($"{draft}/what-if?fact={fact.Name}&f.{fact.Name}.0.there=1&f.{fact.Name}.0.value={fact.Max.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        Assert.Contains("role=\"status\"", browser.Html, StringComparison.Ordinal);
        await browser.Go($"{draft}/what-if?fact=no.such.fact");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_comparison_names_what_makes_the_difference()
    {
        using var browser = await Browser.SignIn(Service, "cor");
        var (draft, scenario) = await FromCase(browser, 0);
        var fact = scenario.Facts.First(f => f.Fact.Type == FactType.Boolean && Book.Questions[0].Rules.Any(rule => rule.Facts.Contains(f.Fact.Name))).Fact;
        var changed = scenario.ToJson();
        changed["facts"]![fact.Name] = !(bool)scenario.Facts.First(f => f.Fact == fact).Value!.Json;
        var other = Scenario.Read(Book, new("x", Encoding.UTF8.GetBytes(changed.ToString()))).Value!;
        await browser.Go("/assess");
        await browser.Upload("import", "file", "other.json", other.Canonical.ToArray());
        var second = Regex.Match(browser.Path, "[0-9a-f]{32}").Value;
        await browser.Go($"/compare?with={draft[8..]}&with={second}");
        Assert.Contains(WebUtility.HtmlEncode(Book.Fact(fact.Name)!.Label.En), browser.Html, StringComparison.Ordinal);
        var verdict = Turned(scenario, other)[0];
        await browser.Go($"/compare?with={draft[8..]}&with={second}&question={verdict.Question.Id}&mission={verdict.Mission}");
        Assert.Contains(Book.Fact(fact.Name)!.Label.En, Regex.Match(browser.Html, "id=\"carries\".*?</section>", RegexOptions.Singleline).Value, StringComparison.Ordinal);

        using var ben = await Browser.SignIn(Service, "somebody else");
        await ben.Go($"/compare?with={draft[8..]}");
        Assert.Equal(HttpStatusCode.NotFound, ben.Status);
    }

    [Fact]
    public async Task The_book_names_the_cases_in_which_a_rule_counts()
    {
        using var browser = await Browser.SignIn(Service, "bea");
        var deciding = Case.Read(Book, Service.Office.Book.Cases[0]).Value!.Expect.First(expected => expected.Deciding is { IsEmpty: false });
        await browser.Go("/book?question=" + deciding.Question);
        var article = Regex.Match(browser.Html, $"<article[^>]* id=\"{Regex.Escape(deciding.Deciding!.Value[0])}\".*?</article>", RegexOptions.Singleline).Value;
        Assert.Contains(Path.GetFileNameWithoutExtension(Service.Office.Book.Cases[0].Name), article, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operators_begin_at_how_the_service_is_and_see_where_a_book_is_wrong()
    {
        await using var service = await RunningService.Start();
        using var browser = await Browser.SignIn(service, "olga", roles: Roles.Operator);
        Assert.Equal("/status", browser.Path);
        Assert.Contains("Works", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/assess\"", browser.Html, StringComparison.Ordinal);
        var file = Path.Combine(service.Rules, "vocabulary.json");
        await File.WriteAllTextAsync(file, "{\n  \"facts\": 1\n}\n");
        for (var tries = 0; tries < 100 && service.Office.Library.Broken is null; tries++) await Task.Delay(50);
        await browser.Go("/status");
        Assert.Contains("vocabulary.json:2:12", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Works, with the book before", browser.Text, StringComparison.Ordinal);
        await browser.Go("/");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("href=\"/status\"", browser.Html, StringComparison.Ordinal);

        using var author = await Browser.SignIn(service, "arne", roles: Roles.Author);
        await author.Go("/book/problems");
        Assert.Contains("vocabulary.json:2:12", author.Text, StringComparison.Ordinal);
        using var officer = await Browser.SignIn(service, "otto");
        await officer.Go("/status");
        Assert.Equal(HttpStatusCode.Forbidden, officer.Status);
    }

    [Fact]
    public async Task Pages_and_assets_are_packed_for_browsers_that_say_so_and_small()
    {
        using var browser = await Browser.SignIn(Service, "pia");
        var (draft, _) = await FromCase(browser, 0);
        var cookie = browser.Cookies.GetAllCookies().First(c => c.Name == Gate.SessionCookie);
        var asset = Regex.Match(browser.Html, "/assets/advisory.css[^\"]*").Value;
        foreach (var path in new[] { "/", "/assess", draft, draft + "?part=group/" + Book.Groups[0].Id, draft + "/why", draft + "/record", "/book", "/book/statements", "/force", asset })
        {
            using var plain = await Service.Send(HttpMethod.Get, path, null, null, ("Cookie", $"{cookie.Name}={cookie.Value}"));
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            foreach (var coding in new[] { "br", "gzip" })
            {
                using var packed = await Service.Send(HttpMethod.Get, path, null, null, ("Cookie", $"{cookie.Name}={cookie.Value}"), ("Accept-Encoding", coding));
                Assert.Equal(coding, Assert.Single(packed.Content.Headers.ContentEncoding));
                Assert.Contains("Accept-Encoding", packed.Headers.Vary);
                await using var stream = await packed.Content.ReadAsStreamAsync();
                using var bytes = new MemoryStream();
                await stream.CopyToAsync(bytes);
                Assert.InRange(bytes.Length, 100, 100_000);
                bytes.Position = 0;
                await using Stream unpacked = coding == "br" ? new System.IO.Compression.BrotliStream(bytes, System.IO.Compression.CompressionMode.Decompress) : new System.IO.Compression.GZipStream(bytes, System.IO.Compression.CompressionMode.Decompress);
                using var reader = new StreamReader(unpacked);
                Assert.Equal(Same(await plain.Content.ReadAsStringAsync()), Same(await reader.ReadToEndAsync()));
            }
        }

        // What is drawn by lot for each answer is not the same in two.
        static string Same(string html) => Regex.Replace(html, "name=\"(_form|id)\" value=\"[^\"]*\"", "");
    }

    [Fact]
    public async Task A_form_of_a_session_that_ended_is_kept_over_the_sign_in_unless_it_comes_from_elsewhere()
    {
        using var browser = await Browser.SignIn(Service, "kim");
        var (draft, _) = await FromCase(browser, 0);
        await browser.Go(draft);
        var (action, fields) = browser.Form("save", ("title", "Kept over the sign-in"));
        var session = browser.Cookies.GetAllCookies().First(c => c.Name == Gate.SessionCookie);
        Service.Office.Access.Close(Service.Office.Access.WithSession(session.Value)!.Session!);

        foreach (var site in new[] { "cross-site", "same-site", "none", "" })
        {
            browser.Site = site;
            await browser.Post(action, fields);
            Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
            Assert.DoesNotContain("Kept over the sign-in", browser.Html, StringComparison.Ordinal);
        }

        browser.Site = "same-origin";
        await browser.Post(action, fields);
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        await browser.Submit("sign-in", ("key", Service.AddKey("kim", Roles.Officer)));
        Assert.Contains("has not been saved yet", browser.Text, StringComparison.Ordinal);
        await browser.Submit(draft);
        await browser.Go(draft);
        Assert.Contains("value=\"Kept over the sign-in\"", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_to_begin_sent_twice_begins_one_assessment_and_two_forms_begin_two()
    {
        using var browser = await Browser.SignIn(Service, "tom");
        await browser.Go("/assess");
        var (action, fields) = browser.Form("blank");
        await browser.Post(action, fields);
        var first = browser.Path;
        await browser.Post(action, fields);
        Assert.Equal(first, browser.Path);
        await browser.Submit("save", ("title", "Begun"));
        await browser.Post(action, fields); // what was worked on since is not what this form begins
        Assert.NotEqual(first, browser.Path.Split('?')[0]);
        await browser.Go("/assess");
        await browser.Submit("blank");
        await browser.Go("/assess");
        Assert.Equal(3, Regex.Count(browser.Html, "<a class=\"strong\" href=\"/assess/"));
    }

    [Fact]
    public async Task Faults_are_said_in_Dutch_to_who_reads_Dutch_with_the_English_marked_as_such()
    {
        using var browser = await Browser.SignIn(Service, "nel", "nl");
        await browser.Go("/assess");
        await browser.Upload("import", "file", "mine.json", "{ \"facts\": { \"no.such.fact\": true } }"u8.ToArray());
        Assert.Contains("Het regelboek kent dit feit niet.", browser.Text, StringComparison.Ordinal);
        Assert.Matches("lang=\"en\"[^>]*>\\(unknown fact", browser.Html);
        await browser.Go("/no-such-page");
        Assert.Contains("Op dit adres is niets", browser.Text, StringComparison.Ordinal);
        Assert.Matches("lang=\"en\"[^>]*>There is nothing", browser.Html);
    }

    private List<Verdict> Turned(Scenario one, Scenario other)
    {
        var (first, second) = (Evaluation.Of(Book, one), Evaluation.Of(Book, other));
        return [.. first.Verdicts.Where(v => v.Record is null && v.Mission != RuleBook.AnyMission && second.Verdict(v.Question.Id, v.Mission)!.On(other.Basis).Outcome != v.On(one.Basis).Outcome)];
    }

    private async Task<(string Draft, Scenario Scenario)> FromCase(Browser browser, int number)
    {
        await browser.Go("/assess");
        await browser.Submit("case", ("case", Service.Office.Book.Cases[number].Name));
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        var file = await browser.Go(draft + "/file");
        await browser.Go(draft);
        return (draft, Scenario.Read(Book, new("case", Encoding.UTF8.GetBytes(file))).Value!);
    }
}
