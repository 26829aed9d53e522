using System.Text.RegularExpressions;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web;
using Advisory.Tests.Service;
using Microsoft.Playwright;

namespace Advisory.Browser;

/// <summary>A person with a window, in one language; whatever goes wrong in the window is noted.</summary>
internal sealed class Officer : IAsyncDisposable
{
    private readonly RunningService service;
    private readonly List<string> wrongs = [];

    private Officer(RunningService service, string name, string language, IBrowserContext context, IPage page) =>
        (this.service, Name, Language, Context, Page) = (service, name, language, context, page);

    public string Name { get; }

    public string Language { get; }

    public IBrowserContext Context { get; }

    public IPage Page { get; private set; }

    /// <summary>A key of this person, for the sign-in page.</summary>
    public string Key => service.AddKey(Name, Roles.Officer);

    /// <summary>Opens a window; signed in unless <paramref name="roles"/> is none.</summary>
    public static async Task<Officer> Open(
        Chrome chrome, RunningService? service = null, string? name = null, string language = "en", bool withScript = true, Roles roles = Roles.Officer, int width = 1440)
    {
        service ??= chrome.Service;
        name ??= "officer " + Guid.NewGuid().ToString("N")[..8];
        var context = await chrome.Window.NewContextAsync(new()
        {
            BaseURL = service.Client.BaseAddress!.ToString(),
            JavaScriptEnabled = withScript,
            Locale = language == "nl" ? "nl-NL" : "en-GB",
            ViewportSize = new() { Width = width, Height = 900 },
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(15_000);
        var officer = new Officer(service, name, language, context, await context.NewPageAsync());
        officer.Watch(officer.Page);
        if (roles != Roles.None)
            await context.AddCookiesAsync([new() { Name = Gate.SessionCookie, Value = service.Office.Access.Open(name, roles, [], TimeSpan.FromHours(1)), Url = service.Client.BaseAddress.ToString(), HttpOnly = true }]);
        return officer;
    }

    /// <summary>Another window of the same person, in the same session.</summary>
    public async Task<IPage> Another()
    {
        var page = await Context.NewPageAsync();
        Watch(page);
        return page;
    }

    /// <summary>A text of the interface in the person's language.</summary>
    public string Say(string key, params object[] with) => Texts.In(Language == "nl" ? Engine.Language.Nl : Engine.Language.En)[key, with];

    public async Task Go(string path)
    {
        var answer = await Page.GotoAsync(path);
        Assert.True(answer!.Ok, $"{path}: {answer.Status}");
    }

    public ILocator Button(string key) => Page.GetByRole(AriaRole.Button, new() { Name = Say(key), Exact = true });

    public ILocator Link(string key) => Page.GetByRole(AriaRole.Link, new() { Name = Say(key), Exact = true });

    /// <summary>Begins an assessment from nothing; its address.</summary>
    public async Task<string> Begin()
    {
        await Go("/assess");
        await Button("assess.blank-do").ClickAsync();
        await Page.WaitForURLAsync(new Regex("/assess/[0-9a-f]{32}"));
        return new Uri(Page.Url).AbsolutePath;
    }

    /// <summary>Ends the session on the side of the service, as time does.</summary>
    public async Task LetSessionEnd()
    {
        var cookie = (await Context.CookiesAsync()).Single(cookie => cookie.Name == Gate.SessionCookie);
        service.Office.Access.Close(service.Office.Access.WithSession(cookie.Value)!.Session!);
    }

    /// <summary>That no script failed or was stopped, and that nothing asked for attention.</summary>
    public void NothingWrong() => Assert.True(wrongs.Count == 0, string.Join('\n', wrongs));

    public ValueTask DisposeAsync() => new(Context.CloseAsync());

    private void Watch(IPage page)
    {
        page.PageError += (_, fault) => wrongs.Add($"{page.Url}: {fault}");
        page.Console += (_, message) =>
        {
            // That a page answered 401, 409 or 422 is the browser's remark on what the test is about.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) wrongs.Add($"{page.Url}: {message.Text}");
        };
        page.Dialog += async (_, dialog) =>
        {
            if (dialog.Type != DialogType.BeforeUnload) wrongs.Add($"{page.Url}: {dialog.Type} {dialog.Message}");
            await dialog.AcceptAsync();
        };
    }
}
