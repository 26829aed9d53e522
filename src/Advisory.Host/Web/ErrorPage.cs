using Advisory.Host.Service;
using Advisory.Host.Web.Components;

namespace Advisory.Host.Web;

/// <summary>A problem as a page: what is the matter and where to go on.</summary>
internal static class ErrorPage
{
    public static Task Write(HttpContext context, ProblemException problem) => context.RequestServices.GetRequiredService<Pages>().Show<FaultPage>(
        context, problem.Status, ("Status", problem.Status), ("Detail", problem.Message), ("Problems", problem.Problems));
}
