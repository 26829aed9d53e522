using System.Text.Encodings.Web;
using Advisory.Host.Service;

namespace Advisory.Host.Web;

/// <summary>A problem as a page: what is the matter and where to go on.</summary>
internal static class ErrorPage
{
    public static Task Write(HttpContext context, ProblemException problem)
    {
        var text = HtmlEncoder.Default.Encode(problem.Message);
        return Reply.Text(context, problem.Status, "text/html; charset=utf-8",
            $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Advisory</title><h1>{problem.Status}</h1><p>{text}</p><p><a href=\"/\">Advisory</a></p></html>");
    }
}
