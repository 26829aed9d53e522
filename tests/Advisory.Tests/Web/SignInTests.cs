using System.Net;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;
using Microsoft.Extensions.DependencyInjection;

namespace Advisory.Tests.Web;

/// <summary>Coming and going: what the log says of it, and what is left of the session before.</summary>
public sealed class SignInTests
{
    private const int SignedIn = 40, SignedOut = 41, Refused = 31;

    [Fact]
    public async Task Who_signs_in_and_out_stands_in_the_log_with_the_address_and_without_key_link_or_token()
    {
        await using var service = await RunningService.Start();
        using var heard = HeardLog.Of(service.Services);
        var key = service.AddKey("ada", Roles.Officer);
        using var browser = Browser.Guest(service);
        await browser.Go("/sign-in");
        await browser.Submit("sign-in", ("key", key));
        var session = Session(browser);
        await browser.Submit("/sign-out");
        var link = service.Services.GetRequiredService<SignInLinks>().Create("local", Roles.Auditor);
        await browser.Go("/sign-in?token=" + link);
        await browser.Go("/sign-in?token=" + link);

        Assert.Equal(
            [$"ada signed in from 127.0.0.1 with key {key.Substring(4, 8)}", "ada signed out from 127.0.0.1", "local signed in from 127.0.0.1 with a link", "local was refused GET /sign-in (401)"],
            await heard.Texts(4, SignedIn, SignedOut, Refused));
        Assert.Equal(("ada", "127.0.0.1"), (heard.Events.First(one => one.Number == SignedIn).Parts["Name"], heard.Events.First(one => one.Number == SignedIn).Parts["Address"]));
        var all = string.Join('\n', heard.Events.Select(one => one.Text + string.Join(' ', one.Parts.Values)));
        foreach (var secret in new[] { key[13..], link, session, Session(browser) }) Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_out_without_a_session_is_nobody_who_left()
    {
        await using var service = await RunningService.Start();
        using var heard = HeardLog.Of(service.Services);
        using var browser = await Browser.SignIn(service);
        var (action, fields) = browser.Form("/sign-out");
        await browser.Post(action, fields);
        await browser.Post(action, fields);
        Assert.Single(heard.Events, one => one.Number == SignedOut);
    }

    [Fact]
    public async Task A_session_that_was_there_before_the_sign_in_ends_with_it_and_one_that_was_planted_never_begins()
    {
        await using var service = await RunningService.Start();
        using var browser = await Browser.SignIn(service, "ada");
        var first = Session(browser);
        await browser.Go("/sign-in");
        await browser.Submit("sign-in", ("key", service.AddKey("ben", Roles.Officer)));
        Assert.NotEqual(first, Session(browser));
        Assert.Null(service.Office.Access.WithSession(first));
        Assert.Equal("ben", service.Office.Access.WithSession(Session(browser))!.Name);

        using var planted = Browser.Guest(service);
        var theirs = new string('A', 43);
        planted.Cookies.Add(service.Client.BaseAddress!, new Cookie(Gate.SessionCookie, theirs));
        await planted.Go("/sign-in");
        await planted.Submit("sign-in", ("key", service.KeyOf(Roles.Officer)));
        Assert.NotEqual(theirs, Session(planted));
        Assert.Null(service.Office.Access.WithSession(theirs));
    }

    [Theory]
    [InlineData("no", false)]
    [InlineData("yes", true)]
    public async Task Every_cookie_is_for_this_site_and_no_script_and_behind_TLS_for_nothing_else(string isBehindProxy, bool isSecure)
    {
        await using var service = await RunningService.Start(options => options["behind-tls-proxy"] = isBehindProxy);
        var link = service.Services.GetRequiredService<SignInLinks>().Create("local", Roles.Auditor);
        using var session = await service.Get("/sign-in?token=" + link, null);
        using var page = await service.Get("/sign-in?lang=nl", null);
        var cookies = session.Headers.GetValues("Set-Cookie").Concat(page.Headers.GetValues("Set-Cookie")).ToList();
        Assert.Equal(["advisory_form", "advisory_lang", "advisory_session"], cookies.Select(cookie => cookie.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.All(cookies, cookie =>
        {
            var flags = cookie.Split(';').Skip(1).Select(flag => flag.Trim().ToLowerInvariant()).ToList();
            Assert.Contains("httponly", flags);
            Assert.Contains("samesite=strict", flags);
            Assert.Contains("path=/", flags);
            Assert.Equal(isSecure, flags.Contains("secure"));
            Assert.DoesNotContain(flags, flag => flag.StartsWith("domain", StringComparison.Ordinal));
        });
    }

    private static string Session(Browser browser) => browser.Cookies.GetAllCookies().Single(cookie => cookie.Name == Gate.SessionCookie).Value;
}
