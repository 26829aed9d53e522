using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;

namespace Advisory.Host.Web;

/// <summary>How a person with a browser gets a session: by the link that the program printed, or by showing an API key once.</summary>
internal sealed class SignIn(Pages pages, AccessFile access, SignInLinks links, Settings settings, TimeProvider clock)
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
        if (links.Redeem(token) is not { } person) return Page(context, 401, "sign-in.used-link");
        Enter(context, access.Open(person.Name, person.Roles, [], settings.Session));
        return Task.CompletedTask;
    }

    private async Task Take(HttpContext context)
    {
        var form = await pages.Form(context);
        if (access.SignIn(form["key"].ToString().Trim(), settings.Session) is { } token) Enter(context, token);
        else await Page(context, 401, "sign-in.bad-key");
    }

    private async Task Leave(HttpContext context)
    {
        await pages.Form(context);
        if (context.Features.Get<Caller>()?.Session is { } session) access.Close(session);
        context.Response.Cookies.Delete(Gate.SessionCookie);
        Pages.SeeOther(context, "/sign-in");
    }

    private void Enter(HttpContext context, string token)
    {
        context.Response.Cookies.Append(Gate.SessionCookie, token, new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps || settings.IsBehindTlsProxy,
            Path = "/",
            Expires = clock.GetUtcNow() + settings.Session,
        });
        // A page of this site only: what begins with two slashes leads elsewhere.
        var to = context.Request.Query["to"].ToString();
        Pages.SeeOther(context, to.StartsWith('/') && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\') && !to.Any(char.IsControl) ? to : "/");
    }

    private Task Page(HttpContext context, int status, string? fault) =>
        pages.Show<SignInPage>(context, status, ("Fault", fault), ("To", context.Request.Query["to"].ToString()));
}
