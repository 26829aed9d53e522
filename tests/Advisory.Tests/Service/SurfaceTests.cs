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

    [Fact]
    public async Task A_method_that_an_address_does_not_answer_is_405_names_those_that_it_does_and_changes_nothing()
    {
        await using var service = await RunningService.Start();
        var routes = await Routes(service);
        var size = service.Office.Log.Ledger.Size;
        foreach (var path in routes.GroupBy(route => route.Path))
        {
            var answered = path.SelectMany(route => route.Methods).ToHashSet(StringComparer.Ordinal);
            foreach (var method in new[] { "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "GET", "POST", "PROPFIND" }.Where(method => !answered.Contains(method)))
            {
                using var answer = await service.Send(new(method), path.Key, null, service.KeyOf(Roles.Officer), ("Origin", "https://elsewhere.example"), ("Access-Control-Request-Method", "POST"), ("X-HTTP-Method-Override", "POST"));
                Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed, $"{method} {path.Key}: {answer.StatusCode}");
                Assert.Equal(answered.Order(StringComparer.Ordinal), answer.Content.Headers.Allow.Order(StringComparer.Ordinal));
                Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
                if (method == "HEAD") Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
            }
        }

        Assert.Equal(size, service.Office.Log.Ledger.Size);
    }

    [Fact]
    public async Task No_answer_but_an_asset_is_kept_by_anybody_and_every_one_bears_its_policy()
    {
        await using var service = await RunningService.Start();
        foreach (var (path, methods, pattern) in await Routes(service))
        {
            if (!methods.Contains("GET")) continue;
            foreach (var key in new[] { service.KeyOf(Roles.Auditor), null })
            {
                using var answer = await service.Send(HttpMethod.Get, path, null, key, ("Accept", "text/html"));
                Assert.True((int)answer.StatusCode < 500, $"{path}: {answer.StatusCode}");
                Assert.Equal((!pattern.StartsWith("/assets", StringComparison.Ordinal), pattern.StartsWith("/assets", StringComparison.Ordinal)), (answer.Headers.CacheControl!.NoStore, answer.Headers.CacheControl.Public));
                Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
                if (answer.Content.Headers.ContentType is { } type && type.MediaType!.StartsWith("text/", StringComparison.Ordinal)) Assert.Equal("utf-8", type.CharSet);
            }
        }
    }

    [Fact]
    public async Task Every_form_of_the_pages_without_its_token_is_refused()
    {
        await using var service = await RunningService.Start();
        using var browser = await Browser.SignIn(service);
        var paths = (await Routes(service)).Where(route => route.Methods.Contains("POST") && !route.Path.StartsWith("/v1", StringComparison.Ordinal)).Select(route => route.Path).ToList();
        Assert.True(paths.Count > 5);
        foreach (var path in paths)
            foreach (var site in new[] { "", "cross-site" })
            {
                browser.Site = site;
                await browser.Post(path, ("do", "save"), ("reason", "Theirs"), ("key", service.KeyOf(Roles.Officer)));
                Assert.True(browser.Status == HttpStatusCode.BadRequest, $"{path}: {browser.Status}");
            }
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

    // ---- headers ----

    [Theory]
    [InlineData("/é")]
    [InlineData("/decisions\r\nSet-Cookie: a=b")]
    [InlineData("/a b")]
    [InlineData("//elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("https://elsewhere.example")]
    [InlineData("javascript:alert(1)")]
    public async Task What_comes_back_after_the_sign_in_is_an_address_of_this_site_or_the_first_page(string to)
    {
        await using var service = await RunningService.Start();
        using var browser = Browser.Guest(service);
        await browser.Go("/sign-in?to=" + Uri.EscapeDataString(to));
        await browser.Submit("sign-in", ("key", service.KeyOf(Roles.Officer)));
        Assert.Equal((HttpStatusCode.OK, "/"), (browser.Status, browser.Path));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[[{},[]]]")]
    [InlineData("[[\"a\"]]")]
    [InlineData("{}")]
    [InlineData("[[\"a\",null]]")]
    [InlineData("[[[[[[[")]
    public async Task A_kept_form_that_is_none_is_passed_over(string kept)
    {
        await using var service = await RunningService.Start();
        using var browser = Browser.Guest(service);
        await browser.Go("/sign-in?to=/assess");
        await browser.Submit("sign-in", ("key", service.KeyOf(Roles.Officer)), ("kept", kept));
        Assert.Equal((HttpStatusCode.OK, "/assess"), (browser.Status, browser.Path));
    }

    [Fact]
    public void What_was_typed_comes_back_from_the_sign_in_as_it_was_typed()
    {
        const string Text = """[["a","2026-01-24T10:00:00+05:30"],["b","\u2028</script>"]]""";
        var kept = Advisory.Host.Web.KeptForm.Read("/assess", Text)!;
        Assert.Equal([("a", "2026-01-24T10:00:00+05:30"), ("b", "\u2028</script>")], kept.Fields);
    }

    [Theory]
    [InlineData(400, "")]
    [InlineData(400, "one", "two")]
    [InlineData(422, "k\u0001")]
    [InlineData(201, "a,b; \"c\" é")]
    public async Task An_idempotency_key_stands_there_once_and_is_a_text(int status, params string[] keys)
    {
        await using var service = await RunningService.Start();
        var size = service.Office.Log.Ledger.Size;
        var head = string.Concat(keys.Select(key => $"Idempotency-Key: {key}\r\n"));
        var answer = await Raw(service, $"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.KeyOf(Roles.Officer)}\r\n{head}Content-Length: {RunningService.Good.Length}\r\nConnection: close\r\n\r\n{RunningService.Good}");
        Assert.StartsWith(FormattableString.Invariant($"HTTP/1.1 {status} "), answer, StringComparison.Ordinal);
        Assert.Equal(status == 201 ? size + 1 : size, service.Office.Log.Ledger.Size);
    }

    [Fact]
    public async Task An_idempotency_key_is_as_long_as_it_may_be_and_no_longer()
    {
        await using var service = await RunningService.Start();
        using var fits = await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", new('k', 200)));
        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
        using var tooLong = await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", new('k', 201)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, tooLong.StatusCode);
    }

    [Fact]
    public async Task Conditions_and_ranges_never_cut_an_answer_short_or_let_a_stale_one_pass()
    {
        await using var service = await RunningService.Start();
        var id = (string)(await service.Record())["record"]!["id"]!;
        var key = service.KeyOf(Roles.Auditor);
        foreach (var path in new[] { "/v1/book", "/v1/book/vocabulary", $"/v1/decisions/{id}", $"/v1/decisions/{id}/entry", $"/decisions/{id}/advice", "/v1/log/export", "/assets/advisory.css" })
        {
            var whole = await (await service.Get(path, key)).Content.ReadAsByteArrayAsync();
            foreach (var (name, value) in new[] { ("Range", "bytes=0-3"), ("Range", "bytes=5-2,99999999999999999999-"), ("If-Range", "\"x\""), ("If-Modified-Since", "Tue, 19 Jan 2038 03:14:07 GMT"), ("If-Match", "\"no\""), ("If-None-Match", "\"no\""), ("If-None-Match", "\u0022") })
            {
                using var answer = await service.Send(HttpMethod.Get, path, null, key, (name, value));
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} with {name}: {answer.StatusCode}");
                Assert.Equal(whole, await answer.Content.ReadAsByteArrayAsync());
            }
        }

        using var first = await service.Get("/v1/book/vocabulary", key);
        using var again = await service.Send(HttpMethod.Get, "/v1/book/vocabulary", null, key, ("If-None-Match", first.Headers.ETag!.Tag));
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.StatusCode, (await again.Content.ReadAsByteArrayAsync()).Length));
        using var nobody = await service.Send(HttpMethod.Get, "/v1/book/vocabulary", null, null, ("If-None-Match", first.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task Headers_that_are_many_long_double_or_false_open_nothing()
    {
        await using var service = await RunningService.Start();
        var (good, none) = (service.KeyOf(Roles.Auditor), "adv_00000000_" + new string('A', 43));
        async Task Is(int status, string head) => Assert.StartsWith(FormattableString.Invariant($"HTTP/1.1 {status} "), await Raw(service, $"GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n"), StringComparison.Ordinal);

        await Is(200, $"Authorization: Bearer {good}\r\n");
        await Is(431, string.Concat(Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"X-{i}: y\r\n"))));
        await Is(431, $"X: {new string('y', 20_000)}\r\n");
        await Is(401, $"Authorization: Bearer {none}\r\nAuthorization: Bearer {good}\r\n");
        await Is(401, $"Authorization: Bearer {none},Bearer {good}\r\n");
        await Is(401, $"Authorization: Bearer {none}\r\nCookie: advisory_session={service.Office.Access.SignIn(good, TimeSpan.FromHours(1))}\r\n");
        await Is(401, $"Cookie: advisory_session={new string('A', 10_000)}\r\n");
        await Is(401, "X-Forwarded-User: auditor\r\nX-Original-URL: /health/live\r\nX-Rewrite-URL: /health/live\r\nForwarded: for=127.0.0.1\r\n");
        await Is(400, "Host: y\r\n");
        await Is(400, $"Authorization : Bearer {good}\r\n");
        await Is(400, $"X: a\0b\r\nAuthorization: Bearer {good}\r\n");
    }

    [Fact]
    public async Task A_parameter_that_is_repeated_or_unknown_is_never_passed_over_by_the_interface_and_fails_no_page()
    {
        await using var service = await RunningService.Start();
        foreach (var (path, methods, _) in await Routes(service))
        {
            if (!methods.Contains("GET")) continue;
            foreach (var twist in new[] { "lang=en&lang=nl", "question=a&question=b", "x%00=%0d%0a", "=", "&&&", new string('q', 2_000) + "=" + new string('v', 2_000) })
            {
                using var answer = await service.Get(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + twist, service.KeyOf(Roles.Auditor));
                Assert.True((int)answer.StatusCode < 500, $"{path}?{twist}: {answer.StatusCode}");
                if (path.StartsWith("/v1", StringComparison.Ordinal) && twist is not ("&&&" or "=") && answer.StatusCode != HttpStatusCode.Forbidden) Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{path}?{twist}: {answer.StatusCode}");
            }
        }
    }

    // ---- bodies ----

    [Theory]
    [InlineData("Content-Length: 10\r\nContent-Length: 20", "{\"facts\":{}}")]
    [InlineData("Content-Length: -1", "{\"facts\":{}}")]
    [InlineData("Content-Length: 1e1", "{\"facts\":{}}")]
    [InlineData("Content-Length: 99999999999999999999", "{\"facts\":{}}")]
    [InlineData("Transfer-Encoding: chunked", "zz\r\n{\"facts\":{}}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "ffffffffffffffff\r\n{\"facts\":{}}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "5\r\n{\"facts\":{}}\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", "b\r\n{\"facts\":{}}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip", "{\"facts\":{}}")]
    [InlineData("Transfer-Encoding: chunked, identity", "{\"facts\":{}}")]
    public async Task A_body_that_lies_about_its_length_is_refused_and_nothing_is_recorded(string length, string body)
    {
        await using var service = await RunningService.Start();
        await service.Record();
        var size = service.Office.Log.Ledger.Size;
        var form = await Raw(service, $"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n{length}\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 (4[0-9][0-9]|501) ", form);
        var batch = await Raw(service, $"POST /v1/evaluations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.KeyOf(Roles.Officer)}\r\nContent-Type: application/jsonl\r\nConnection: close\r\n{length}\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 (4[0-9][0-9]|501) ", batch);

        // What follows the body must not be taken for a request of its own.
        var answer = await Raw(service, $"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.KeyOf(Roles.Officer)}\r\nContent-Type: application/json\r\n{length}\r\n\r\n{body}GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (4[0-9][0-9]|501) ", answer);
        Assert.DoesNotContain("\r\nlive\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(service.Office.Log.Ledger.Entries(size, service.Office.Log.Ledger.Size), entry => Encoding.UTF8.GetString(entry.Bytes.Span).Contains("\"kind\":\"decision\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_that_stands_twice_in_a_body_is_a_problem_wherever_one_is_read()
    {
        await using var service = await RunningService.Start();
        var id = (string)(await service.Record())["record"]!["id"]!;
        foreach (var (path, body) in new[]
        {
            ("/v1/decisions", """{"facts":{},"facts":{}}"""), ("/v1/evaluations", """{"subject":"a","subject":"b","facts":{}}"""), ("/v1/confirmations", """{"facts":{},"facts":{}}"""), ("/v1/explanations/why?question=weather", """{"facts":{},"facts":{}}"""),
            ($"/v1/decisions/{id}/withdrawal", """{"reason":"shown to one","reason":"kept by another"}"""), ($"/v1/decisions/{id}/withdrawal", """{"reason":"a","re\u0061son":"b"}"""),
        })
            using (var answer = await service.Post(path, body, service.KeyOf(Roles.Officer)))
                Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, $"{path}: {answer.StatusCode}");
    }

    // ---- the log ----

    [Fact]
    public async Task Nobody_writes_lines_of_their_own_into_the_log()
    {
        await using var service = await RunningService.Start();
        using var heard = HeardLog.Of(service.Services);
        foreach (var path in new[] { "/v1/status/%0a%0dINFO%20forged", "/v1/decisions/%E2%80%A8forged", "/v1/decisions/%1b%5b2J", "/decisions?x=%0aforged", "/v1/decisions/%C2%85forged", "/v1/decisions/\u202Eforged" })
            foreach (var key in new[] { null, service.KeyOf(Roles.Operator), service.KeyOf(Roles.Auditor) })
                (await service.Get(path, key)).Dispose();
        Assert.NotEmpty(heard.Events);
        Assert.All(heard.Events, one => Assert.Matches("^[\\x20-\\x7e]*$", one.Text));
    }

    /// <summary>Sends bytes as they are; what comes back until the connection is closed.</summary>
    private static async Task<string> Raw(RunningService service, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // It was cut off; what came before counts.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
