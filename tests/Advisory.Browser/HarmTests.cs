using System.Text;
using System.Text.RegularExpressions;
using Advisory.Tests.Web;

namespace Advisory.Browser;

/// <summary>Text that means harm, in every field that takes text: it is text, and no script runs.</summary>
[Collection("browser")]
public sealed class HarmTests(Chrome chrome)
{
    [BrowserFact]
    public async Task Twenty_five_texts_that_mean_harm_are_text_on_every_page()
    {
        await using var officer = await Officer.Open(chrome, name: HarmfulTexts.All[0]);
        var (page, book) = (officer.Page, chrome.Service.Office.Book.Book);
        Assert.True(HarmfulTexts.All.Length >= 25);
        foreach (var harm in HarmfulTexts.All.Take(25))
        {
            await officer.Go("/assess");
            await page.Locator("input[type=file]").SetInputFilesAsync(new Microsoft.Playwright.FilePayload
            {
                Name = "scenario.json",
                MimeType = "application/json",
                Buffer = Encoding.UTF8.GetBytes(HarmfulTexts.Everywhere(book, harm).ToString()),
            });
            await officer.Button("import.do").ClickAsync();
            await page.WaitForURLAsync(new Regex("/assess/[0-9a-f]{32}"));
            var draft = new Uri(page.Url).AbsolutePath;
            Assert.Equal(harm, await page.Locator("#title").InputValueAsync());
            await page.Locator("#title").FillAsync(harm + " "); // the preview comes, too
            await page.Locator("#outcomes .turned").WaitForAsync();
            await officer.Go($"{draft}?part=group/{book.Groups[0].Id}");
            await officer.Go(draft + "/record");
            await officer.Button("record.do").ClickAsync();
            await page.WaitForURLAsync(new Regex("/decisions/.*recorded=yes"));
            var decision = new Uri(page.Url).AbsolutePath;
            Assert.Equal(Plain(harm), Plain(await page.Locator("h1").InnerTextAsync()));
            await officer.Go(decision + "/advice");
            await officer.Go("/decisions?subject=" + Uri.EscapeDataString(harm));
        }

        officer.NothingWrong();
    }

    private static string Plain(string text) => Regex.Replace(text, "\\s+", " ").Trim();
}
