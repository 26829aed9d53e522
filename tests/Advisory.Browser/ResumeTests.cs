using System.Text.RegularExpressions;
using Advisory.Host.Web;
using Advisory.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Advisory.Browser;

/// <summary>What browsers and the world do in the middle of work: nothing typed is lost unseen, nothing is done twice.</summary>
[Collection("browser")]
public sealed class ResumeTests(Chrome chrome)
{
    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Back_and_reload_show_what_was_saved_and_send_nothing_again(bool withScript)
    {
        await using var officer = await Officer.Open(chrome, withScript: withScript);
        var page = officer.Page;
        var draft = await officer.Begin();
        await page.Locator("#title").FillAsync("Kept");
        await page.Locator("#subject").FillAsync(officer.Name);
        await officer.Button("draft.save").Last.ClickAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#title")).ToHaveValueAsync("Kept");
        await officer.Go(draft + "?part=waivers");
        await page.GoBackAsync();
        await Assertions.Expect(page.Locator("#title")).ToHaveValueAsync("Kept");

        await officer.Button("record.link").ClickAsync();
        await officer.Button("record.do").ClickAsync();
        await page.WaitForURLAsync(new Regex("/decisions/"));
        var decision = page.Url;
        await page.ReloadAsync();
        Assert.Equal(decision, page.Url);
        await page.GoBackAsync(); // to the form, which the service answers with the decision that it became
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/decisions/"));
        Assert.Single(chrome.Service.Office.Log.Search(new() { Subject = officer.Name }).Items);
        officer.NothingWrong();
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Buttons_pressed_twice_do_one_thing(bool withScript)
    {
        await using var officer = await Officer.Open(chrome, withScript: withScript);
        var page = officer.Page;
        await officer.Go("/assess");
        await officer.Button("assess.blank-do").DblClickAsync();
        await page.WaitForURLAsync(new Regex("/assess/[0-9a-f]{32}"));
        Assert.Single(chrome.Service.Services.GetRequiredService<Drafts>().Of(officer.Name));
        await page.Locator("#subject").FillAsync(officer.Name);
        await officer.Button("record.link").DblClickAsync();
        await page.WaitForURLAsync(new Regex("/record$"));
        await officer.Button("record.do").DblClickAsync();
        await page.WaitForURLAsync(new Regex("/decisions/"));
        var decision = Assert.Single(chrome.Service.Office.Log.Search(new() { Subject = officer.Name }).Items);
        await officer.Go($"/decisions/{decision.Id}/issue");
        await officer.Button("issue.do").DblClickAsync();
        await Assertions.Expect(page.GetByText(officer.Say("issue.done"))).ToBeVisibleAsync();
        Assert.Single(chrome.Service.Office.Log.FateOf(decision).Issued);
        await officer.Go("/decisions/" + decision.Id);
        await page.GetByText(officer.Say("withdraw.title"), new() { Exact = true }).ClickAsync();
        await page.GetByLabel(officer.Say("withdraw.reason")).FillAsync("Once.");
        await officer.Button("withdraw.do").DblClickAsync();
        await Assertions.Expect(page.Locator("div.note.bad")).ToContainTextAsync("Once.");
        Assert.Single(chrome.Service.Office.Log.FateOf(decision).Withdrawals);
        officer.NothingWrong();
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_typed_when_the_session_ended_is_sent_after_signing_in_again(bool withScript)
    {
        await using var officer = await Officer.Open(chrome, withScript: withScript);
        var page = officer.Page;
        var draft = await officer.Begin();
        await page.Locator("#title").FillAsync("Typed \"before\" <it> ended");
        await officer.LetSessionEnd();
        await officer.Button("draft.save").Last.ClickAsync();
        await Assertions.Expect(page.GetByText(officer.Say("sign-in.kept"))).ToBeVisibleAsync();
        await page.GetByLabel(officer.Say("sign-in.key")).FillAsync("adv_wrong");
        await officer.Button("sign-in.enter").ClickAsync(); // a slip costs nothing
        await page.GetByLabel(officer.Say("sign-in.key")).FillAsync(officer.Key);
        await officer.Button("sign-in.enter").ClickAsync();
        await officer.Button("kept.send").ClickAsync();
        await page.WaitForURLAsync(new Regex(Regex.Escape(draft)));
        await Assertions.Expect(page.Locator("#title")).ToHaveValueAsync("Typed \"before\" <it> ended");
        await officer.Go(draft);
        await Assertions.Expect(page.Locator("#title")).ToHaveValueAsync("Typed \"before\" <it> ended");
        officer.NothingWrong();
    }

    [BrowserFact]
    public async Task Two_windows_on_one_assessment_overwrite_nothing_unseen()
    {
        await using var officer = await Officer.Open(chrome);
        var (one, other) = (officer.Page, await officer.Another());
        var draft = await officer.Begin();
        await other.GotoAsync(draft);
        await one.Locator("#title").FillAsync("From the first");
        await officer.Button("draft.save").Last.ClickAsync();
        await Assertions.Expect(one.Locator("p.note.good")).ToBeVisibleAsync();
        await other.Locator("#title").FillAsync("From the second");
        var save = other.GetByRole(AriaRole.Button, new() { Name = officer.Say("draft.save"), Exact = true }).Last;
        await save.ClickAsync();
        await Assertions.Expect(other.GetByText(officer.Say("draft.changed-by-other"))).ToBeVisibleAsync();
        await Assertions.Expect(other.Locator("#title")).ToHaveValueAsync("From the second");
        await one.ReloadAsync();
        await Assertions.Expect(one.Locator("#title")).ToHaveValueAsync("From the first");
        await save.ClickAsync();
        await one.ReloadAsync();
        await Assertions.Expect(one.Locator("#title")).ToHaveValueAsync("From the second");
        officer.NothingWrong();
    }

    [BrowserFact]
    public async Task A_form_open_over_a_sign_in_in_another_window_is_sent_after_one_more_press()
    {
        await using var officer = await Officer.Open(chrome);
        var (page, other) = (officer.Page, await officer.Another());
        await officer.Begin();
        await page.Locator("#title").FillAsync("Typed in the old session");
        await other.GotoAsync("/sign-in");
        await other.GetByLabel(officer.Say("sign-in.key")).FillAsync(officer.Key);
        await other.GetByRole(AriaRole.Button, new() { Name = officer.Say("sign-in.enter") }).ClickAsync();
        await officer.Button("draft.save").Last.ClickAsync();
        await officer.Button("kept.send").ClickAsync();
        await Assertions.Expect(page.Locator("#title")).ToHaveValueAsync("Typed in the old session");
        officer.NothingWrong();
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_in_the_middle_of_typing_loses_nothing(bool withScript)
    {
        using var scratch = new ScratchFolder();
        var listen = "http://127.0.0.1:0";
        void Here(Dictionary<string, string> options) => (options["data"], options["listen"]) = (scratch.Path, listen);
        var service = await Chrome.Start(Here);
        try
        {
            listen = service.Client.BaseAddress!.ToString().TrimEnd('/');
            await using var officer = await Officer.Open(chrome, service, withScript: withScript);
            await officer.Begin();
            await officer.Page.Locator("#title").FillAsync("Typed before the restart");
            await service.DisposeAsync();
            service = await Chrome.Start(Here);
            await officer.Button("draft.save").Last.ClickAsync();
            await Assertions.Expect(officer.Page.Locator("p.note.good")).ToBeVisibleAsync();
            await Assertions.Expect(officer.Page.Locator("#title")).ToHaveValueAsync("Typed before the restart");
        }
        finally
        {
            await service.DisposeAsync();
        }
    }
}
