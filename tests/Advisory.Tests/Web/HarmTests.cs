using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Tests.Ledgers;
using Advisory.Tests.Service;

namespace Advisory.Tests.Web;

/// <summary>One service with the shipped book, for tests that leave nothing behind that another would trip over.</summary>
public sealed class SharedService : IAsyncLifetime
{
    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await JourneyTests.Start();

    public async Task DisposeAsync() => await Service.DisposeAsync();
}

/// <summary>Text that means harm: over HTTP it is text wherever it stands.</summary>
public sealed class HarmTests(SharedService shared) : IClassFixture<SharedService>
{
    public static TheoryData<string> First => [.. HarmfulTexts.All.Take(12)];

    [Theory]
    [MemberData(nameof(First))]
    public async Task Text_that_means_harm_is_text_in_every_field_of_every_form(string harm)
    {
        var service = shared.Service;
        using var browser = await Browser.SignIn(service, harm);
        var book = service.Office.Book.Book;
        await browser.Go("/assess");
        await browser.Submit("blank");
        var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
        await browser.Submit("save", ("title", harm), ("subject", harm), ("classification", harm));
        AssertHarmless(browser, harm, isThere: true);
        foreach (Match part in Regex.Matches(browser.Html, "href=\"(/assess/[0-9a-f]{32}\\?part=[^\"]+)\""))
        {
            await browser.Go(WebUtility.HtmlDecode(part.Groups[1].Value));
            var (action, fields) = browser.Form("save");
            await browser.Post(action, [.. fields.Select(field =>
                field.Name is "_form" or "was" or "do" || field.Name.EndsWith(".there", StringComparison.Ordinal) || Regex.IsMatch(field.Name, "\\.(asOf|validUntil|until|rule|missions|confidence|sensitive)$|^(asOf|basis|reading\\..*)$") ? field
                : field.Name.EndsWith(".value", StringComparison.Ordinal) && book.Facts.FirstOrDefault(f => field.Name.Contains($".{f.Name}.", StringComparison.Ordinal)) is not { Type: FactType.Text or FactType.List } ? field
                : (field.Name, harm))]);
            Assert.True(browser.Status is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity, $"{action}: {browser.Status}");
            AssertHarmless(browser, harm, isThere: true);
        }

        await browser.Go(draft + "/what-if");
        AssertHarmless(browser, harm, isThere: true);
        await browser.Go("/compare?with=" + draft[8..]);
        AssertHarmless(browser, harm, isThere: true);
        await browser.Go(draft + "/record");
        await AssertHarmlessFromHereOn(browser, harm, isEveryPage: true);
    }

    [HeavyFact]
    public async Task Five_hundred_texts_that_mean_harm_are_text_on_every_page()
    {
        Assert.Equal(500, HarmfulTexts.All.Length);
        await Task.WhenAll(HarmfulTexts.All.Chunk(250).Select(Submit));

        // One file with the text in every place that takes one, then every page that shows it.
        async Task Submit(string[] texts)
        {
            var book = shared.Service.Office.Book.Book;
            using var browser = await Browser.SignIn(shared.Service);
            foreach (var harm in texts)
            {
                await browser.Go("/assess");
                await browser.Upload("import", "file", "scenario.json", Encoding.UTF8.GetBytes(HarmfulTexts.Everywhere(book, harm).ToString()));
                Assert.True(browser.Status == HttpStatusCode.OK, $"{harm}: {browser.Text}");
                AssertHarmless(browser, harm, isThere: true);
                var draft = Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value;
                await browser.Go($"{draft}?part=records/{book.Records[0].Name}");
                AssertHarmless(browser, harm, isThere: true);
                await browser.Go($"{draft}?part=group/{book.Groups[0].Id}");
                await browser.Submit("save");
                AssertHarmless(browser, harm, isThere: true);
                await browser.Go(draft + "/record");
                await AssertHarmlessFromHereOn(browser, harm, isEveryPage: false);
            }
        }
    }

    /// <summary>From the page that asks whether to record, to the last page that shows the decision.</summary>
    /// <param name="browser">On that page.</param>
    /// <param name="harm">The text.</param>
    /// <param name="isEveryPage">Whether all pages are looked at that show or repeat it; else those that show most of it.</param>
    private static async Task AssertHarmlessFromHereOn(Browser browser, string harm, bool isEveryPage)
    {
        AssertHarmless(browser, harm, isThere: true);
        await browser.Submit("record");
        Assert.StartsWith("/decisions/", browser.Path, StringComparison.Ordinal);
        AssertHarmless(browser, harm, isThere: true);
        var decision = browser.Path.Split('?')[0];
        await browser.Submit("withdraw", ("reason", harm));
        AssertHarmless(browser, harm, isThere: true);
        var repeated = Uri.EscapeDataString(harm);
        string[] most = ["/", decision + "/advice", "/decisions?subject=" + repeated, "/book/statements?search=" + repeated, "/sign-in?to=/" + repeated];
        string[] others = ["/decisions", decision + "/why", decision + "/issue", "/compare?with=" + decision[11..], "/force?f.x.0.value=" + repeated, "/no-page?" + repeated];
        foreach (var path in isEveryPage ? most.Concat(others) : most)
        {
            await browser.Go(path);
            AssertHarmless(browser, harm, isThere: false);
        }
    }

    private static void AssertHarmless(Browser browser, string harm, bool isThere)
    {
        // A browser reads quotes in text as text, so only what would end the text or the attribute counts.
        if (harm.Contains('<')) Assert.DoesNotContain(harm, browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", browser.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("<[a-z]+\\b[^>\"]*(\"[^\"]*\"[^>\"]*)*\\son[a-z]+=", browser.Html);
        Assert.DoesNotMatch("(?i)(href|src|action)=\"\\s*javascript:", browser.Html);
        if (isThere) Assert.Contains(Regex.Replace(harm.Trim(), "\\s+", " "), Regex.Replace(WebUtility.HtmlDecode(browser.Html), "\\s+", " "), StringComparison.Ordinal);
    }
}
