using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;

namespace Advisory.Host.Web;

/// <summary>How a person with a browser gets a session: by the link that the program printed, or by showing an API key once.</summary>
internal sealed class SignIn(Pages pages, AccessFile access, SignInLinks links, Settings settings, TimeProvider clock, ILogger<SignIn> logger)
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
        Enter(context, access.Open(person.Name, person.Roles, [], settings.Session), "a link");
        return Task.CompletedTask;
    }

    private async Task Take(HttpContext context)
    {
        var form = await pages.Form(context);
        var (key, kept) = (form["key"].ToString().Trim(), KeptForm.Read(context.Request.Query["to"].ToString(), form["kept"].ToString()));
        if (access.SignIn(key, settings.Session) is not { } token) await Page(context, 401, "sign-in.bad-key", kept);
        else if (kept is null) Enter(context, token, "key " + AccessFile.IdOf(key));
        else await Resume(context, token, "key " + AccessFile.IdOf(key), kept);
    }

    private async Task Leave(HttpContext context)
    {
        await pages.Form(context);
        if (context.Features.Get<Caller>() is { Session: { } session } person)
        {
            access.Close(session);
            logger.SignedOut(person.Name, From(context));
        }

        context.Response.Cookies.Delete(Gate.SessionCookie, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
        Pages.SeeOther(context, "/sign-in");
    }

    private void Enter(HttpContext context, string token, string means)
    {
        var person = Keep(context, token, means);
        var to = context.Request.Query["to"].ToString();
        Pages.SeeOther(context, KeptForm.IsHere(to) && to != "/" ? to : person is null ? "/" : Visit.StartOf(person));
    }

    // The page that offers to send what was typed is one of the new session already, and so is its form.
    private Task Resume(HttpContext context, string token, string means, KeptForm kept)
    {
        context.Features.Set(Keep(context, token, means));
        context.Features.Set<Visit>(null);
        return pages.Show<KeptPage>(context, 200, ("Kept", kept), ("HasSignedIn", true));
    }

    /// <summary>Gives the browser its session in place of the one that it had, which ends; null where the key was revoked this very moment.</summary>
    private Caller? Keep(HttpContext context, string token, string means)
    {
        if (context.Features.Get<Caller>()?.Session is { } old) access.Close(old);
        context.Response.Cookies.Append(Gate.SessionCookie, token, new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            Expires = clock.GetUtcNow() + settings.Session,
        });
        var person = access.WithSession(token);
        if (person is not null) logger.SignedIn(person.Name, From(context), means);
        return person;
    }

    private static string From(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "nowhere";

    private Task Page(HttpContext context, int status, string? fault, KeptForm? kept = null) =>
        pages.Show<SignInPage>(context, status, ("Fault", fault), ("To", context.Request.Query["to"].ToString()), ("Kept", kept));
}
