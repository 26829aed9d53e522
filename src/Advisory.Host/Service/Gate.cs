using System.Diagnostics;
using System.Threading.RateLimiting;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Advisory.Ledgers;

namespace Advisory.Host.Service;

/// <summary>What an endpoint asks of its caller.</summary>
/// <param name="Permission">Null for what anybody may see.</param>
internal sealed record Asks(Permission? Permission);

/// <summary>
/// The way in: every request passes here, in this order: headers of the answer, the form of the path, who calls, how often, whether the
/// caller may, the act itself, and faults turned into problems. Denied unless an endpoint says whom it is for.
/// </summary>
internal sealed class Gate(RequestDelegate next, AccessFile access, Settings settings, Meters meters, ILogger<Gate> logger) : IDisposable
{
    public const string SessionCookie = "advisory_session";
    public const string ApiVersion = "1.0.0";

    private readonly PartitionedRateLimiter<(string Who, int PerMinute)> limiter = PartitionedRateLimiter.Create<(string Who, int PerMinute), string>(caller =>
        RateLimitPartition.GetTokenBucketLimiter(caller.Who, _ => new()
        {
            TokenLimit = caller.PerMinute,
            TokensPerPeriod = Math.Max(1, caller.PerMinute / 60),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        }));

    public async Task InvokeAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        // What the proxy took off: cookies and forms must know that it was there.
        if (settings.IsBehindTlsProxy) context.Request.Scheme = "https";
        Headers(context);
        try
        {
            Enter(context);
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody waits for the answer any more
        }
        catch (Exception fault)
        {
            var problem = ProblemOf(fault);
            if (problem.Status >= 500) logger.Failed(fault, context.Request.Method, context.Request.Path.ToUriComponent(), problem.Message);
            meters.Refusals.Add(1, new("problem", problem.Code), new("status", problem.Status));
            if (context.Response.HasStarted) context.Abort(); // what is cut short must not look whole
            else await Answer(context, problem);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            if (context.Response.StatusCode is 401 or 403)
                logger.Refused(context.Features.Get<Caller>()?.Name ?? "guest " + context.Connection.RemoteIpAddress, context.Request.Method, context.Request.Path.ToUriComponent(), context.Response.StatusCode);
            if (Activity.Current is { IsAllDataRequested: true } span)
            {
                span.DisplayName = $"{context.Request.Method} {route}";
                span.SetTag("http.route", route).SetTag("http.request.method", context.Request.Method).SetTag("http.response.status_code", context.Response.StatusCode);
            }

            meters.Requests.Add(1, new("endpoint", route), new("method", context.Request.Method), new("status", context.Response.StatusCode));
            meters.RequestSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("endpoint", route));
        }
    }

    public void Dispose() => limiter.Dispose();

    private static async Task Answer(HttpContext context, ProblemException problem)
    {
        var headers = context.Response.Headers.ToList();
        context.Response.Clear();
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        context.Response.Headers.ContentLength = null;
        context.Response.Headers.Remove("Content-Disposition"); // a problem is to be read
        if (problem.Status == 401) context.Response.Headers.WWWAuthenticate = "Bearer";
        if (problem.Status == 401 && IsPage(context))
        {
            if (await Web.ErrorPage.SignInAndKeep(context)) return;
            context.Response.Redirect("/sign-in?to=" + Uri.EscapeDataString(context.Request.Path + context.Request.QueryString));
            return;
        }

        if (IsPage(context)) await Web.ErrorPage.Write(context, problem);
        else await Reply.Problem(context, problem);
    }

    /// <summary>A person with a browser, who is led to the sign-in page and reads sentences.</summary>
    private static bool IsPage(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/v1") && !context.Request.Path.StartsWithSegments("/openapi")
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    private static void Headers(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["API-Version"] = ApiVersion;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        if (Activity.Current is { } trace) headers["traceparent"] = trace.Id;
    }

    private void Enter(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path.Length > 1 && path.EndsWith('/')) throw ProblemException.NotFound($"addresses have no slash at the end; try {path.TrimEnd('/')}");
        if (path.Contains('\\') || path.Contains("//") || path.Any(char.IsControl)) throw new ProblemException(400, "bad-path", "the address holds characters that no address here has");

        var caller = Authenticate(context, out var hasCredentials);
        var key = caller is null ? "guest " + context.Connection.RemoteIpAddress : "caller " + caller.Name;
        using (var lease = limiter.AttemptAcquire((key, caller is null ? settings.GuestsPerMinute : settings.RequestsPerMinute)))
            if (!lease.IsAcquired && !(HttpMethods.IsGet(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<Asks>() is { Permission: null }))
                throw new ProblemException(429, "too-many-requests", "more requests than one caller may make in a minute; wait a little") { RetryAfter = 1 };

        if (context.GetEndpoint() is not { } endpoint) throw ProblemException.NotFound("there is nothing at this address");
        if (endpoint is not RouteEndpoint)
        {
            _ = endpoint.RequestDelegate?.Invoke(context); // writes into `Allow` what is answered; nothing waits in it
            throw new ProblemException(405, "method", $"{context.Request.Method} is not answered at this address");
        }

        var asks = endpoint.Metadata.GetMetadata<Asks>() ?? new Asks(Permission.Nothing);
        if (asks.Permission is not { } permission) return;
        if (caller is null)
            throw new ProblemException(401, "not-signed-in", hasCredentials ? "the key or session is not known here, has expired, or was revoked" : "send an API key as `Authorization: Bearer adv_…`, or sign in");
        if (!caller.Roles.Has(permission))
            throw new ProblemException(403, "not-allowed", $"this is for {string.Join(" or ", AccessFile.NamesOf(Rights.For(permission)))}; you are {string.Join(" and ", AccessFile.NamesOf(caller.Roles))}");
        if (caller.Session is not null && context.Request.Path.StartsWithSegments("/v1") && context.Request.Method is not ("GET" or "HEAD"))
            throw new ProblemException(403, "key-required", "what changes something through this interface asks for an API key, not a browser's session");
    }

    private Caller? Authenticate(HttpContext context, out bool hasCredentials)
    {
        Caller? caller = null;
        hasCredentials = false;
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length > 0)
        {
            hasCredentials = true;
            caller = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? access.WithKey(header[7..].Trim()) : null;
        }
        else if (context.Request.Cookies.TryGetValue(SessionCookie, out var token))
        {
            hasCredentials = true;
            caller = access.WithSession(token);
        }

        if (caller is not null) context.Features.Set(caller);
        return caller;
    }

    private static ProblemException ProblemOf(Exception fault) => fault switch
    {
        ProblemException problem => problem,
        BadHttpRequestException bad => new(bad.StatusCode, "bad-request", bad.Message),
        RefusedException { Refusal: Refusal.NotFound } refused => new(404, "not-found", refused.Message),
        RefusedException { Refusal: Refusal.Conflict } refused => new(409, "conflict", refused.Message),
        RefusedException { Refusal: Refusal.NotReplayableHere } refused => new(409, "not-replayable-here", refused.Message),
        RefusedException refused => new(422, "refused", refused.Message) { Problems = refused.Problem is { } problem ? [problem] : [] },
        LedgerKeyReusedException reused => new(409, "key-reused", reused.Message),
        LedgerRefusedException refused => new(422, "refused", refused.Message),
        LogUnavailableException unavailable => new(503, "ledger-unavailable", unavailable.Message) { RetryAfter = 5 },
        LedgerException broken => new(503, "ledger-unavailable", broken.Message) { RetryAfter = 5 },
        _ => new(500, "failed", "something in the service failed; there is no outcome, and nothing was recorded"),
    };
}
