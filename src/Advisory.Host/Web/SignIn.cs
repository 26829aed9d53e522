using System.Text.Encodings.Web;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;

namespace Advisory.Host.Web;

/// <summary>How a person with a browser gets a session: by the link that the program printed, or by showing an API key once.</summary>
internal sealed class SignIn(AccessFile access, SignInLinks links, Settings settings, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", Show).Open();
        routes.MapPost("/sign-in", Take).Open();
        routes.MapPost("/sign-out", Leave).Open();
    }

    private Task Show(HttpContext context)
    {
        if (context.Request.Query["token"].ToString() is not { Length: > 0 } token) return Page(context, 200, null);
        if (links.Redeem(token) is not { } person)
            return Page(context, 401, "This link was used already, or is older than fifteen minutes. Sign in with a key, or start the service again for a new link.");
        Enter(context, access.Open(person.Name, person.Roles, [], settings.Session));
        return Task.CompletedTask;
    }

    private async Task Take(HttpContext context)
    {
        if (!context.Request.HasFormContentType) throw new ProblemException(415, "media-type", "a form is expected");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (access.SignIn(form["key"].ToString().Trim(), settings.Session) is { } token) Enter(context, token);
        else await Page(context, 401, "This key is not known here, has expired, or was revoked.");
    }

    private Task Leave(HttpContext context)
    {
        if (context.Features.Get<Caller>()?.Session is { } session) access.Close(session);
        context.Response.Cookies.Delete(Gate.SessionCookie);
        context.Response.Redirect("/sign-in");
        return Task.CompletedTask;
    }

    private void Enter(HttpContext context, string token)
    {
        context.Response.Cookies.Append(Gate.SessionCookie, token, new()
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps || settings.IsBehindTlsProxy, Path = "/", Expires = clock.GetUtcNow() + settings.Session,
        });
        // A page of this site only: what begins with two slashes leads elsewhere.
        var to = context.Request.Query["to"].ToString();
        context.Response.Redirect(to.StartsWith('/') && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\') ? to : "/");
    }

    private static Task Page(HttpContext context, int status, string? fault)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; style-src 'self'; frame-ancestors 'none'";
        var said = fault is null ? "" : $"<p role=\"alert\">{HtmlEncoder.Default.Encode(fault)}</p>";
        var to = context.Request.Query["to"].ToString();
        var action = "/sign-in" + (to.Length > 0 ? "?to=" + Uri.EscapeDataString(to) : "");
        return Reply.Text(context, status, "text/html; charset=utf-8", $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in · Advisory</title><link rel="stylesheet" href="/assets/advisory.css"></head>
            <body><main><h1>Sign in</h1>{said}
            <form method="post" action="{HtmlEncoder.Default.Encode(action)}"><p><label for="key">API key</label><br><input id="key" name="key" type="password" autocomplete="off" required size="60"></p><p><button>Sign in</button></p></form>
            </main></body></html>
            """);
    }
}
