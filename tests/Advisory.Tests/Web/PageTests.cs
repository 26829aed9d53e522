using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Service.Access;
using Advisory.Host.Web;
using Advisory.Tests.Service;

namespace Advisory.Tests.Web;

/// <summary>What holds for every page: its words, its policy, its forms.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task Every_page_forbids_what_is_not_ours_and_has_nothing_that_its_policy_would_stop()
    {
        await using var service = await JourneyTests.Start();
        using var browser = await Browser.SignIn(service, "ada", "nl");
        await browser.Go("/assess");
        await browser.Submit("case", ("case", service.Office.Book.Cases[0].Name));
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        await browser.Go("/assess");
        await browser.Submit("blank");
        await browser.Go(Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value + "/record");
        await browser.Submit("record");
        var decision = browser.Path.Split('?')[0];
        string[] pages =
        [
            "/", "/assess", draft, draft + "?part=waivers", draft + "?part=readings", draft + "?part=records/contributors", draft + "/why", draft + "/what-if", draft + "/record", "/compare?with=" + draft[8..], decision, decision + "/why", decision + "/advice", decision + "/issue",
            "/decisions", "/book", "/book/statements", "/force", "/sign-in", "/no-such-page",
        ];
        foreach (var page in pages)
        {
            await browser.Go(page);
            Assert.True(browser.Status == (page == "/no-such-page" ? HttpStatusCode.NotFound : HttpStatusCode.OK), $"{page}: {browser.Status}");
            var policy = Assert.Single(browser.Answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?![^>]*\\ssrc=\"/assets/)", browser.Html);
            Assert.DoesNotMatch("\\sstyle=\"|\\son[a-z]+=\"", browser.Html);
            var styles = Regex.Matches(browser.Html, "<style>(.*?)</style>", RegexOptions.Singleline).Select(match => match.Groups[1].Value).ToList();
            Assert.Equal(page.EndsWith("/advice", StringComparison.Ordinal) ? 1 : 0, styles.Count);
            foreach (var style in styles) Assert.Contains($"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'", policy, StringComparison.Ordinal);
            if (styles.Count > 0) Assert.DoesNotMatch("<(link|script|img|iframe)\\b|url\\(|@import", browser.Html);
            Assert.DoesNotMatch("(src|href|action)=\"(https?:)?//", browser.Html);
            Assert.Contains("<html lang=\"nl\">", browser.Html, StringComparison.Ordinal);
            Assert.Single(Regex.Matches(browser.Html, "<h1[ >]"));
            Assert.True(browser.Html.Length < 200_000, $"{page} has {browser.Html.Length} characters");
            AssertLabelled(page, browser.Html);
            var ids = Regex.Matches(browser.Html, "\\sid=\"([^\"]+)\"").Select(id => id.Groups[1].Value).ToList();
            Assert.Equal(ids.Distinct(), ids);
        }
    }

    private static void AssertLabelled(string page, string html)
    {
        foreach (Match control in Regex.Matches(html, "<(input|select|textarea)\\b[^>]*>"))
        {
            if (control.Value.Contains("type=\"hidden\"", StringComparison.Ordinal) || control.Value.Contains("aria-label", StringComparison.Ordinal)) continue;
            var id = Regex.Match(control.Value, "\\sid=\"([^\"]+)\"").Groups[1].Value;
            var isInLabel = html.LastIndexOf("<label", control.Index, StringComparison.Ordinal) > html.LastIndexOf("</label>", control.Index, StringComparison.Ordinal);
            Assert.True(isInLabel || (id.Length > 0 && html.Contains($"for=\"{id}\"", StringComparison.Ordinal)), $"{page}: nothing names {control.Value}");
        }
    }

    [Fact]
    public async Task A_form_from_elsewhere_changes_nothing()
    {
        await using var service = await JourneyTests.Start();
        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        var before = await browser.Go(draft + "/file");
        foreach (var path in new[] { "/assess", draft, draft + "/record", "/decisions/0", "/decisions/0/issue", "/sign-out", "/sign-in" })
        {
            await browser.Post(path, ("do", "save"), ("title", "Theirs"), ("reason", "Theirs"), ("key", service.KeyOf(Roles.Officer)));
            Assert.True(browser.Status == HttpStatusCode.BadRequest, $"{path}: {browser.Status}");
        }

        Assert.Equal(before, await browser.Go(draft + "/file"));
    }

    [Fact]
    public async Task A_form_of_one_session_is_no_good_in_another()
    {
        await using var service = await JourneyTests.Start();
        using var ada = await Browser.SignIn(service, "ada");
        using var ben = await Browser.SignIn(service, "ben");
        await ada.Go("/assess");
        var (action, fields) = ada.Form("blank");
        await ben.Go("/assess");
        await ben.Post(action, fields);
        Assert.Equal(HttpStatusCode.BadRequest, ben.Status);
    }

    [Fact]
    public async Task Drafts_and_open_forms_outlive_a_restart()
    {
        using var scratch = new ScratchFolder();
        void Here(Dictionary<string, string> options) => (options["rules"], options["data"]) = (Repository.PathOf("rules", "ukraine"), scratch.Path);
        string action, draft;
        (string Name, string Value)[] fields;
        List<Cookie> cookies;
        await using (var service = await RunningService.Start(Here))
        {
            using var browser = await Browser.SignIn(service);
            await browser.Go("/assess");
            await browser.Submit("blank");
            draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
            (action, fields) = browser.Form("save", ("title", "Typed before the restart"));
            cookies = [.. browser.Cookies.GetAllCookies().Cast<Cookie>()];
        }

        await using (var service = await RunningService.Start(Here))
        {
            using var browser = Browser.Guest(service);
            foreach (var cookie in cookies) browser.Cookies.Add(cookie);
            await browser.Post(action, fields);
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            await browser.Go(draft);
            Assert.Contains("Typed before the restart", browser.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Somebody_elses_assessment_is_not_there()
    {
        await using var service = await JourneyTests.Start();
        using var ada = await Browser.SignIn(service, "ada");
        using var ben = await Browser.SignIn(service, "ben");
        await ada.Go("/assess");
        await ada.Submit("blank");
        var draft = Regex.Match(ada.Path, "^/assess/[0-9a-f]{32}").Value;
        foreach (var path in new[] { draft, draft + "/file", draft + "/record", draft + "/why", "/assess/../access", "/assess/00000000000000000000000000000000" })
        {
            await ben.Go(path);
            Assert.True(ben.Status == HttpStatusCode.NotFound, $"{path}: {ben.Status}");
        }
    }

    [Fact]
    public async Task The_language_follows_the_address_then_the_cookie_then_the_browser()
    {
        await using var service = await JourneyTests.Start();
        using var browser = Browser.Guest(service, "fr,nl;q=0.8,en;q=0.5");
        Assert.Contains("<html lang=\"nl\">", await browser.Go("/sign-in"), StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", await browser.Go("/sign-in?lang=en"), StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", await browser.Go("/sign-in"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_in_leads_back_to_where_one_was_and_never_elsewhere()
    {
        await using var service = await JourneyTests.Start();
        using var browser = Browser.Guest(service);
        await browser.Go("/decisions?subject=winter");
        Assert.StartsWith("/sign-in?to=", browser.Path, StringComparison.Ordinal);
        await browser.Submit("sign-in", ("key", service.KeyOf(Roles.Officer)));
        Assert.Equal("/decisions?subject=winter", browser.Path);
        await browser.Go("/sign-in?to=" + Uri.EscapeDataString("//elsewhere.example/"));
        await browser.Submit("sign-in", ("key", service.KeyOf(Roles.Officer)));
        Assert.Equal("/", browser.Path);
    }

    [Fact]
    public async Task Assets_are_kept_by_browsers_until_they_change()
    {
        await using var service = await JourneyTests.Start();
        using var browser = Browser.Guest(service);
        await browser.Go("/sign-in");
        foreach (var address in Regex.Matches(browser.Html, "\"(/assets/[^\"]+)\"").Select(match => match.Groups[1].Value))
        {
            using var answer = await service.Send(HttpMethod.Get, address, null, null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            using var again = await service.Send(HttpMethod.Get, address, null, null, ("If-None-Match", answer.Headers.ETag!.Tag));
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        }
    }

    // ---- words ----

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_gaps()
    {
        var (english, dutch) = (Texts.In(Language.En), Texts.In(Language.Nl));
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), dutch.Keys.Order(StringComparer.Ordinal));
        foreach (var key in english.Keys)
        {
            Assert.Equal(Gaps(english[key]), Gaps(dutch[key]));
            Assert.False(string.IsNullOrWhiteSpace(dutch[key]), key);
        }

        static List<string> Gaps(string text) => [.. Regex.Matches(text, "\\{\\d\\}").Select(gap => gap.Value).Distinct().Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Every_text_that_pages_name_is_there_and_every_text_is_named()
    {
        var sources = Directory.EnumerateFiles(Repository.PathOf("src", "Advisory.Host", "Web"), "*.*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is ".cs" or ".razor").Select(File.ReadAllText).ToList();
        var keys = Texts.In(Language.En).Keys.ToHashSet(StringComparer.Ordinal);
        var named = sources.SelectMany(source => Regex.Matches(source, "(?:[Vv]isit(?:\\.Of\\(context\\))?|\\bthis)(?:\\.Say\\(|\\[)\"([a-z.A-Z-]+)\"(?! \\+)").Select(match => match.Groups[1].Value)).ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Where(key => !keys.Contains(key)).Distinct());
        var all = string.Concat(sources);
        var begun = Regex.Matches(all, "\"([a-z-]+\\.)\" \\+|\\$\"([a-z-]+\\.)\\{").Select(match => match.Groups[1].Value + match.Groups[2].Value).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(keys, key => !all.Contains($"\"{key}\"", StringComparison.Ordinal) && !begun.Any(beginning => key.StartsWith(beginning, StringComparison.Ordinal)));
    }
}
