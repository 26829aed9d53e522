using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Tests.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>What a hostile reader tries on every address: other methods, odd headers, bodies that lie about their length, names that break out of a header.</summary>
public sealed class SurfaceTests
{
    /// <summary>Every route with its methods, what stands in braces filled in with what is there.</summary>
    private static async Task<List<(string Path, IReadOnlyList<string> Methods, string Pattern)>> Routes(RunningService service)
    {
        var recorded = await service.Record();
        var book = service.Office.Book;
        var (id, verdict) = ((string)recorded["record"]!["id"]!, recorded["verdicts"]![0]!);
        var routes = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (Pattern: route.RoutePattern.RawText!, route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)).ToList();
        return [.. routes.Select(route => (Filled(route.Pattern), route.HttpMethods, route.Pattern))];

        string Filled(string pattern) => (pattern.StartsWith("/assets", StringComparison.Ordinal) ? "/assets/advisory.css" : pattern)
            .Replace("{id}", id, StringComparison.Ordinal).Replace("{other}", id, StringComparison.Ordinal).Replace("{question}", book.Book.Questions[0].Id, StringComparison.Ordinal)
            .Replace("{name}", Path.GetFileNameWithoutExtension(book.Cases[0].Name), StringComparison.Ordinal).Replace("{digest}", book.Book.Digest, StringComparison.Ordinal).Replace("{kind}", "why", StringComparison.Ordinal)
            + (pattern == "/v1/log/proof" ? "?from=1" : pattern.EndsWith("{kind}", StringComparison.Ordinal) || pattern.EndsWith("{other}", StringComparison.Ordinal) ? $"?question={verdict["question"]}&mission={verdict["mission"]}" : "");
    }

    // ---- files ----

    [Fact]
    public async Task Whatever_a_browser_would_save_has_a_name_of_ours()
    {
        await using var service = await RunningService.Start();
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, methods, pattern) in await Routes(service))
        {
            if (!methods.Contains("GET")) continue;
            foreach (var role in new[] { Roles.Officer, Roles.Auditor })
            {
                using var answer = await service.Get(path, service.KeyOf(role));
                if (!answer.IsSuccessStatusCode) Assert.Null(answer.Content.Headers.ContentDisposition); // a problem is to be read
                else if (answer.Content.Headers.TryGetValues("Content-Disposition", out var values)) named[pattern] = Assert.Single(values);
            }
        }

        Assert.All(named, one => Assert.Matches("^(attachment|inline); filename=\"[A-Za-z0-9][A-Za-z0-9.-]*\\.(json|jsonl|txt|csv|html)\"$", one.Value));
        Assert.Equal(
            [
                "/decisions/{id}/advice", "/decisions/{id}/receipt", "/decisions/{id}/scenario", "/v1/book/cases/{name}", "/v1/book/content", "/v1/book/questions/{question}", "/v1/book/vocabulary",
                "/v1/decisions/{id}/advice", "/v1/decisions/{id}/book", "/v1/decisions/{id}/entry", "/v1/decisions/{id}/evaluation", "/v1/decisions/{id}/history", "/v1/decisions/{id}/proof", "/v1/decisions/{id}/prov",
                "/v1/log/attachments/{digest}", "/v1/log/checkpoint", "/v1/log/entries", "/v1/log/export", "/v1/log/keys",
            ],
            named.Keys.Where(pattern => pattern is not ("/v1/book/readings" or "/v1/book/statements")).Order(StringComparer.Ordinal));
        Assert.Equal(["/decisions/{id}/advice", "/v1/decisions/{id}/advice"], named.Where(one => one.Value.StartsWith("inline", StringComparison.Ordinal)).Select(one => one.Key).Order(StringComparer.Ordinal));
        foreach (var (format, name) in new[] { ("jsonl", "ledger.jsonl"), ("prov", "ledger.prov.json"), ("csv", "ledger.csv") })
        {
            using var export = await service.Get("/v1/log/export?format=" + format, service.KeyOf(Roles.Auditor));
            Assert.Equal($"attachment; filename=\"{name}\"", export.Content.Headers.GetValues("Content-Disposition").Single());
        }

        using var browser = await Browser.SignIn(service);
        await browser.Go("/assess");
        await browser.Submit("blank");
        await browser.Go(Regex.Match(browser.Path, "^/assess/[0-9a-f]{32}").Value + "/file");
        Assert.Matches("^attachment; filename=\"scenario-[0-9a-f]{8}\\.json\"$", browser.Answer.Content.Headers.GetValues("Content-Disposition").Single());
    }

    [Theory]
    [InlineData("a\"; filename=\"b.exe", "a---filename--b.exe")]
    [InlineData("a\r\nSet-Cookie: x=y", "a--Set-Cookie--x-y")]
    [InlineData("../../etc/passwd", "-..-etc-passwd")]
    [InlineData("ré\u202Egnp.json", "r--gnp.json")]
    [InlineData(".bashrc", "bashrc")]
    public void A_name_breaks_out_of_no_header_and_no_folder(string name, string expected)
    {
        var context = new DefaultHttpContext();
        Reply.Named(context, name);
        Assert.Equal($"attachment; filename=\"{expected}\"", context.Response.Headers.ContentDisposition.ToString());
    }
}
