using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Service.Access;
using Microsoft.Playwright;

namespace Advisory.Browser;

/// <summary>What officers do, from signing in to a decision that is withdrawn, as they see it.</summary>
[Collection("browser")]
public sealed class JourneyTests(Chrome chrome)
{
    [BrowserTheory]
    [InlineData("nl", true)]
    [InlineData("nl", false)]
    [InlineData("en", true)]
    [InlineData("en", false)]
    public async Task An_officer_signs_in_assesses_records_reads_why_gives_advice_and_withdraws(string language, bool withScript)
    {
        await using var officer = await Officer.Open(chrome, language: language, withScript: withScript, roles: Roles.None);
        var (page, book) = (officer.Page, chrome.Service.Office.Book.Book);
        string In(Engine.LocalText text) => language == "nl" ? text.Nl : text.En;
        var title = $"Winter {language} {withScript}";

        await officer.Go("/assess");
        await page.GetByLabel(officer.Say("sign-in.key")).FillAsync(officer.Key);
        await officer.Button("sign-in.enter").ClickAsync();
        await officer.Button("assess.blank-do").ClickAsync();

        // What it is about, then the first group with a fact of two or three values that the first question reads.
        await page.GetByLabel(officer.Say("about.title"), new() { Exact = true }).FillAsync(title);
        await page.GetByLabel(officer.Say("about.subject"), new() { Exact = true }).FillAsync(title);
        await officer.Button("draft.save-next").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
        var fact = book.Facts.First(f => f.Type == FactType.Enumeration && f.Role == FactRole.World && f.Values.Length is > 1 and <= 6 && f.Name != RuleBook.MissionFact && book.Questions[0].Rules.Any(rule => rule.Facts.Contains(f.Name)));
        var draft = new Uri(page.Url).AbsolutePath;
        await officer.Go($"{draft}?part=group/{fact.Group}#fact-{fact.Name}");
        var field = page.Locator($"[id='fact-{fact.Name}']");
        await Assertions.Expect(field.GetByLabel(officer.Say("field.unknown"), new() { Exact = true }).First).ToBeCheckedAsync();
        await field.Locator($"input[type=radio][value='{fact.Values[0]}']").CheckAsync();
        if (withScript) await Assertions.Expect(page.Locator("#outcomes .turned")).Not.ToBeEmptyAsync(); // before anything is saved
        await field.GetByText(officer.Say("field.source-add")).First.ClickAsync();
        await field.GetByLabel(officer.Say("field.source"), new() { Exact = true }).First.FillAsync("a cable");
        await officer.Button("draft.save").Last.ClickAsync();
        await Assertions.Expect(page.Locator("p.note.good")).ToBeVisibleAsync();
        await Assertions.Expect(field.Locator($"input[type=radio][value='{fact.Values[0]}']").First).ToBeCheckedAsync();

        // What if it were otherwise, beside how it is; nothing is saved by looking.
        await field.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^" + Regex.Escape(officer.Say("what-if.link"))) }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(officer.Say("what-if.title"));
        await Assertions.Expect(page.Locator("main section h2")).ToHaveTextAsync(In(fact.Label));
        await Assertions.Expect(page.Locator("main section p[role=status]")).ToBeVisibleAsync();
        await officer.Go(draft);

        // Why, and back.
        await page.Locator(".matrix a.cell").First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(In(book.Questions[0].Title));
        await page.Locator(".crumb a").First.ClickAsync();

        await officer.Button("record.link").ClickAsync();
        await officer.Button("record.do").ClickAsync();
        await page.WaitForURLAsync(new Regex("/decisions/.*recorded=yes"));
        var decision = new Uri(page.Url).AbsolutePath;
        var receipt = await page.RunAndWaitForDownloadAsync(() => officer.Link("decision.receipt-get").First.ClickAsync());
        Assert.NotEqual(0, new FileInfo(await receipt.PathAsync()).Length);

        await page.Locator(".matrix a.cell").First.ClickAsync();
        await officer.Link("advice.link").ClickAsync();
        await Assertions.Expect(page.Locator(".sheet .label")).ToHaveTextAsync(officer.Say("advice.label"));
        await page.Locator(".sheet .rules a").First.ClickAsync(); // a line leads to its place in the trace
        await Assertions.Expect(page.Locator("details.rule[open]").First).ToBeVisibleAsync();
        await officer.Link("advice.link").ClickAsync();
        await officer.Link("issue.title").ClickAsync();
        await officer.Button("issue.do").ClickAsync();
        await Assertions.Expect(page.GetByText(officer.Say("issue.done"))).ToBeVisibleAsync();

        await officer.Go(decision);
        await page.GetByText(officer.Say("withdraw.title"), new() { Exact = true }).ClickAsync();
        await page.GetByLabel(officer.Say("withdraw.reason")).FillAsync("The cable was false.");
        await officer.Button("withdraw.do").ClickAsync();
        await Assertions.Expect(page.Locator("div.note.bad")).ToContainTextAsync("The cable was false.");

        await officer.Go("/decisions");
        await page.GetByLabel(officer.Say("about.subject"), new() { Exact = true }).FillAsync(title);
        await officer.Button("list.search").ClickAsync();
        await Assertions.Expect(page.Locator("ul.decisions > li")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("ul.decisions .tag")).ToHaveTextAsync(officer.Say("standing.Withdrawn"));
        officer.NothingWrong();
    }

    [BrowserFact]
    public async Task The_whole_way_to_a_saved_fact_is_there_for_the_keyboard_alone()
    {
        await using var officer = await Officer.Open(chrome);
        var page = officer.Page;
        await officer.Go("/assess");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Press("Tab", page.Locator("button[value=blank]"));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(new Regex("/assess/[0-9a-f]{32}"));
        await Press("Tab", page.Locator("#title"));
        await page.Keyboard.TypeAsync("By hand");
        await page.Keyboard.PressAsync("Enter"); // saves, from any field
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("By hand");
        officer.NothingWrong();

        async Task Press(string key, ILocator until)
        {
            for (var i = 0; i < 80; i++)
            {
                if (await until.EvaluateAsync<bool>("element => element === document.activeElement")) return;
                await page.Keyboard.PressAsync(key);
            }

            Assert.Fail($"{until} was not reached");
        }
    }
}
