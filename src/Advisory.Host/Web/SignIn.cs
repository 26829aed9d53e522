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
        var kept = KeptForm.Read(context.Request.Query["to"].ToString(), form["kept"].ToString());
        if (access.SignIn(form["key"].ToString().Trim(), settings.Session) is not { } token) await Page(context, 401, "sign-in.bad-key", kept);
        else if (kept is null) Enter(context, token);
        else await Resume(context, token, kept);
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
        Keep(context, token);
        var to = context.Request.Query["to"].ToString();
        Pages.SeeOther(context, KeptForm.IsHere(to) && to != "/" ? to : access.WithSession(token) is { } person ? Visit.StartOf(person) : "/");
    }

    // The page that offers to send what was typed is one of the new session already, and so is its form.
    private Task Resume(HttpContext context, string token, KeptForm kept)
    {
        Keep(context, token);
        context.Features.Set(access.WithSession(token));
        context.Features.Set<Visit>(null);
        return pages.Show<KeptPage>(context, 200, ("Kept", kept), ("HasSignedIn", true));
    }

    private void Keep(HttpContext context, string token) => context.Response.Cookies.Append(Gate.SessionCookie, token, new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        Expires = clock.GetUtcNow() + settings.Session,
    });

    private Task Page(HttpContext context, int status, string? fault, KeptForm? kept = null) =>
        pages.Show<SignInPage>(context, status, ("Fault", fault), ("To", context.Request.Query["to"].ToString()), ("Kept", kept));
}
