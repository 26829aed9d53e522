using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;

namespace Advisory.Host.Web;

/// <summary>A problem as a page: what is the matter and where to go on.</summary>
internal static class ErrorPage
{
    public static async Task Write(HttpContext context, ProblemException problem)
    {
        var pages = context.RequestServices.GetRequiredService<Pages>();
        // Somebody who signed in anew in another window has a form of the old session here: what is in it is offered to be sent again.
        if (problem.Code == "stale-form" && context.Features.Get<Caller>() is not null && await KeptForm.Of(context) is { } kept) await pages.Show<KeptPage>(context, problem.Status, ("Kept", kept));
        else await pages.Show<FaultPage>(context, problem.Status, ("Status", problem.Status), ("Code", problem.Code), ("Detail", problem.Message), ("Problems", problem.Problems));
    }

    /// <summary>Asks for a key, and keeps what was typed until it is given; false where nothing was typed.</summary>
    public static async Task<bool> SignInAndKeep(HttpContext context)
    {
        if (await KeptForm.Of(context) is not { } kept) return false;
        await context.RequestServices.GetRequiredService<Pages>().Show<SignInPage>(context, StatusCodes.Status401Unauthorized, ("To", kept.Action), ("Kept", kept));
        return true;
    }
}
