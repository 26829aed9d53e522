using System.Net;
using System.Text.RegularExpressions;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Service.Api;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Advisory.Tests.Service;

/// <summary>Who may do what: every endpoint with every role, and keys, sessions and links that are no good.</summary>
public sealed class AccessTests
{
    // Written out a second time on purpose: the table in the program is what this one tests.
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["POST /v1/decisions"] = "officer",
        ["POST /v1/evaluations"] = "officer author",
        ["GET /v1/what-ifs"] = "auditor",
        ["POST /v1/confirmations"] = "officer",
        ["GET /v1/decisions"] = "officer auditor",
        ["GET /v1/decisions/{id}"] = "officer auditor",
        ["GET /v1/decisions/{id}/trace"] = "officer auditor",
        ["GET /v1/decisions/{id}/entry"] = "officer auditor",
        ["GET /v1/decisions/{id}/proof"] = "officer auditor",
        ["GET /v1/decisions/{id}/history"] = "officer auditor",
        ["GET /v1/decisions/{id}/evaluation"] = "officer auditor",
        ["GET /v1/decisions/{id}/book"] = "officer auditor",
        ["GET /v1/decisions/{id}/advice"] = "officer auditor",
        ["GET /v1/decisions/{id}/prov"] = "officer auditor",
        ["GET /v1/decisions/{id}/replay"] = "officer auditor",
        ["POST /v1/decisions/{id}/withdrawal"] = "officer",
        ["GET /v1/decisions/{id}/explanations/{kind}"] = "officer auditor",
        ["GET /v1/decisions/{id}/comparison/{other}"] = "officer auditor",
        ["POST /v1/explanations/{kind}"] = "officer author",
        ["GET /v1/book"] = "officer author auditor",
        ["GET /v1/book/vocabulary"] = "officer author auditor",
        ["GET /v1/book/readings"] = "officer author auditor",
        ["GET /v1/book/statements"] = "officer author auditor",
        ["GET /v1/book/questions/{question}"] = "officer author auditor",
        ["GET /v1/book/cases"] = "officer author auditor",
        ["GET /v1/book/cases/{name}"] = "officer author auditor",
        ["GET /v1/book/content"] = "officer author auditor",
        ["GET /v1/book/problems"] = "author auditor operator",
        ["GET /v1/log/checkpoint"] = "auditor",
        ["GET /v1/log/keys"] = "auditor",
        ["GET /v1/log/entries"] = "auditor",
        ["GET /v1/log/export"] = "auditor",
        ["GET /v1/log/proof"] = "auditor",
        ["GET /v1/log/attachments/{digest}"] = "auditor",
        ["GET /v1/status"] = "operator auditor",
        ["GET /metrics"] = "operator auditor",
        ["GET /health/live"] = "everybody",
        ["GET /health/ready"] = "everybody",
    };

    [Fact]
    public async Task Every_endpoint_answers_the_roles_that_it_is_for_and_refuses_all_others()
    {
        await using var service = await RunningService.Start();
        var recorded = await service.Record();
        var id = (string)recorded["record"]!["id"]!;
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), OpenApi.Operations.Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));
        foreach (var operation in OpenApi.Operations)
        {
            var isFor = Expected[$"{operation.Method} {operation.Path}"].Split(' ');
            var path = operation.Path.Replace("{id}", id, StringComparison.Ordinal).Replace("{other}", id, StringComparison.Ordinal).Replace("{question}", service.Office.Book.Book.Questions[0].Id, StringComparison.Ordinal)
                .Replace("{name}", Path.GetFileNameWithoutExtension(service.Office.Book.Cases[0].Name), StringComparison.Ordinal).Replace("{digest}", (string)recorded["book"]!["digest"]!, StringComparison.Ordinal);
            if (operation.Path == "/v1/log/proof") path += "?from=1";
            if (operation.Path == "/v1/what-ifs") path += "?subject=a%20launch";
            var verdict = recorded["verdicts"]![0]!;
            path = path.Replace("{kind}", "why", StringComparison.Ordinal) + (operation.Path.EndsWith("{kind}", StringComparison.Ordinal) || operation.Path.EndsWith("{other}", StringComparison.Ordinal) ? $"?question={verdict["question"]}&mission={verdict["mission"]}" : "");
            foreach (var role in RunningService.EveryRole)
            {
                using var answer = await service.Send(new(operation.Method), path, operation.Method == "POST" ? "{}"u8.ToArray() : null, service.KeyOf(role));
                var isAllowed = isFor[0] == "everybody" || isFor.Contains(AccessFile.NamesOf(role).Single());
                var isRefused = answer.StatusCode == HttpStatusCode.Forbidden;
                Assert.True(isAllowed != isRefused, $"{operation.Method} {path} answers {role} with {answer.StatusCode}");
                if (isAllowed && operation.Method == "GET" && operation.Path != "/v1/book/readings") Assert.True(answer.IsSuccessStatusCode, $"{operation.Method} {path}: {answer.StatusCode}");
            }

            using var nobody = await service.Send(new(operation.Method), path, operation.Method == "POST" ? "{}"u8.ToArray() : null, null);
            Assert.Equal(isFor[0] != "everybody", nobody.StatusCode == HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task Every_route_says_whom_it_is_for_and_every_route_of_the_interface_is_described()
    {
        await using var service = await RunningService.Start();
        var routes = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.True(route.Metadata.GetMetadata<Asks>() is not null, route.RoutePattern.RawText));
        var described = OpenApi.Operations.Select(o => $"{o.Method} {o.Path}").ToHashSet(StringComparer.Ordinal);
        foreach (var route in routes.Where(r => r.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal)))
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
                Assert.Contains($"{method} {route.RoutePattern.RawText}", described);
    }

    [Fact]
    public async Task A_key_that_is_no_good_is_refused_whatever_is_wrong_with_it()
    {
        await using var service = await RunningService.Start();
        var good = service.KeyOf(Roles.Auditor);
        var revoked = service.AddKey("gone", Roles.Auditor);
        service.Office.Access.Revoke(revoked.Substring(4, 8));
        var expired = service.Office.Access.Add("late", Roles.Auditor, [], TimeSpan.FromTicks(-1)).Text;
        string[] bad = [revoked, expired, "", " ", "adv_", good[..^1], good + "x", good.ToUpperInvariant(), good.Replace("adv_", "", StringComparison.Ordinal), good[..13] + new string('A', 43), "' OR 1=1 --", new('a', 5_000)];
        foreach (var key in bad)
        {
            using var answer = await service.Send(HttpMethod.Get, "/v1/status", null, null, ("Authorization", "Bearer " + key));
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"`{key}`: {answer.StatusCode}");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }

        using var basic = await service.Send(HttpMethod.Get, "/v1/status", null, null, ("Authorization", "Basic " + good));
        Assert.Equal(HttpStatusCode.Unauthorized, basic.StatusCode);
        using var works = await service.Get("/v1/status", good);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);
    }

    [Fact]
    public async Task Keys_are_kept_as_their_digest_alone_in_a_file_of_the_owner()
    {
        await using var service = await RunningService.Start();
        var file = Path.Combine(service.Data, "access.json");
        var text = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain(service.KeyOf(Roles.Officer)[13..], text, StringComparison.Ordinal);
        Assert.Contains("officer", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_key_added_by_another_program_works_at_once_and_a_revoked_one_stops_at_once()
    {
        await using var service = await RunningService.Start();
        var other = new AccessFile(service.Data, TimeProvider.System);
        var (key, text) = other.Add("another", Roles.Auditor, [], TimeSpan.FromDays(1));
        using (var answer = await service.Get("/v1/status", text)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        other.Revoke(key.Id);
        using (var answer = await service.Get("/v1/status", text)) Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_link_opens_one_session_and_a_session_ends_with_its_key()
    {
        await using var service = await RunningService.Start();
        var token = service.Services.GetRequiredService<SignInLinks>().Create("local", Roles.Auditor);
        using var first = await service.Get("/sign-in?token=" + token, null);
        var set = first.Headers.GetValues("Set-Cookie").Single(header => header.StartsWith("advisory_session=", StringComparison.Ordinal));
        var cookie = Regex.Match(set, "^advisory_session=[^;]+").Value;
        Assert.Matches("(?i)httponly", set);
        Assert.Matches("(?i)samesite=strict", set);
        using (var answer = await service.Send(HttpMethod.Get, "/v1/status", null, null, ("Cookie", cookie))) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (var again = await service.Get("/sign-in?token=" + token, null)) Assert.DoesNotContain("advisory_session", again.ToString(), StringComparison.Ordinal);

        var session = service.Office.Access.SignIn(service.KeyOf(Roles.Officer), TimeSpan.FromHours(1))!;
        using (var answer = await service.Send(HttpMethod.Get, "/v1/decisions", null, null, ("Cookie", "advisory_session=" + session))) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (var change = await service.Send(HttpMethod.Post, "/v1/decisions", "{}"u8.ToArray(), null, ("Cookie", "advisory_session=" + session))) Assert.Equal(HttpStatusCode.Forbidden, change.StatusCode);
        service.Office.Access.Revoke(service.KeyOf(Roles.Officer).Substring(4, 8));
        using (var answer = await service.Send(HttpMethod.Get, "/v1/decisions", null, null, ("Cookie", "advisory_session=" + session))) Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_actor_is_who_authenticated_and_never_what_the_body_says()
    {
        await using var service = await RunningService.Start();
        var recorded = await service.Record("""{"title":"by the minister","facts":{}}""");
        Assert.Equal("officer", (string?)recorded["record"]!["actor"]);
        using var answer = await service.Post("/v1/decisions", """{"actor":"minister","facts":{}}""", service.KeyOf(Roles.Officer));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Fact]
    public async Task A_restricted_classification_is_for_those_with_a_clearance()
    {
        await using var service = await RunningService.Start(options => options["restricted"] = "SECRET");
        var cleared = service.AddKey("cleared", Roles.Officer, "secret");
        const string Secret = """{"classification":"Secret","facts":{}}""";
        using (var refused = await service.Post("/v1/decisions", Secret, service.KeyOf(Roles.Officer))) Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var id = (string)(await service.Record(Secret, cleared))["record"]!["id"]!;
        foreach (var path in new[] { "", "/trace", "/entry", "/proof", "/replay", "/advice", "/prov", "/history", "/evaluation", "/book" })
        {
            using var hidden = await service.Get($"/v1/decisions/{id}{path}", service.KeyOf(Roles.Officer));
            Assert.Equal(HttpStatusCode.Forbidden, hidden.StatusCode);
            using var shown = await service.Get($"/v1/decisions/{id}{path}", cleared);
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        }

        Assert.Empty((await RunningService.Json(await service.Get("/v1/decisions", service.KeyOf(Roles.Officer)), HttpStatusCode.OK))["decisions"]!);
        using var mirror = await service.Get("/v1/log/entries", service.KeyOf(Roles.Auditor));
        Assert.Equal(HttpStatusCode.Forbidden, mirror.StatusCode);
    }
}
