using System.Net;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;

namespace Advisory.Tests.Operations;

/// <summary>The service as it is installed: plain HTTP on this machine, behind a proxy that speaks TLS.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task Behind_a_proxy_a_person_signs_in_and_records_and_every_cookie_is_for_TLS_alone()
    {
        await using var service = await RunningService.Start(options => options["behind-tls-proxy"] = "yes");
        using var page = await service.Send(HttpMethod.Get, "/sign-in", null, null, ("Accept", "text/html"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var token = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(), "name=\"_form\" value=\"([^\"]+)\"").Groups[1].Value;
        var cookies = page.Headers.GetValues("Set-Cookie").ToList();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([new("_form", WebUtility.HtmlDecode(token)), new("key", service.AddKey("ada", Roles.Officer))]),
        };
        request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => cookie.Split(';')[0])));
        using var signed = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.SeeOther, signed.StatusCode);
        Assert.All(cookies.Concat(signed.Headers.GetValues("Set-Cookie")), cookie => Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("max-age=", signed.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }
}
