using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>The service itself, on a free port of this machine, with a data folder and a copy of a rule book of its own.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    public const string Good = """{"asOf":"2026-01-24","subject":"a launch","facts":{}}""";

    private readonly ScratchFolder scratch;
    private readonly WebApplication application;
    private readonly Dictionary<Roles, string> keys = [];

    private RunningService(ScratchFolder scratch, WebApplication application, string rules) => (this.scratch, this.application, Rules) = (scratch, application, rules);

    public static readonly Roles[] EveryRole = [Roles.Officer, Roles.Author, Roles.Auditor, Roles.Operator];

    public HttpClient Client { get; private set; } = null!;

    public string Rules { get; }

    public string Data => Path.Combine(scratch.Path, "data");

    public Office Office => application.Services.GetRequiredService<Office>();

    public IServiceProvider Services => application.Services;

    public static async Task<RunningService> Start(Action<Dictionary<string, string>>? set = null, bool withoutBook = false, TimeProvider? clock = null, Action<string>? prepare = null)
    {
        var scratch = new ScratchFolder();
        var rules = withoutBook ? Path.Combine(scratch.Path, "launch") : scratch.Book("tests", "Advisory.Tests", "Books", "launch");
        Directory.CreateDirectory(rules);
        var options = new Dictionary<string, string>(StringComparer.Ordinal) { ["rules"] = rules, ["data"] = Path.Combine(scratch.Path, "data"), ["listen"] = "http://127.0.0.1:0", ["poll"] = "1" };
        set?.Invoke(options);
        prepare?.Invoke(options["data"]);
        var (settings, faults) = Settings.Read(options, _ => null, null);
        Assert.Empty(faults);
        var service = new RunningService(scratch, Application.Build(settings, clock ?? TimeProvider.System), rules);
        await service.application.StartAsync();
        service.Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(service.application.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
        foreach (var role in EveryRole) service.keys[role] = service.AddKey(role.ToString().ToLowerInvariant(), role);
        return service;
    }

    public string AddKey(string name, Roles roles, params string[] clearances) => Office.Access.Add(name, roles, clearances, TimeSpan.FromDays(1)).Text;

    public string KeyOf(Roles role) => keys[role];

    public Task<HttpResponseMessage> Get(string path, string? key) => Send(HttpMethod.Get, path, null, key);

    public Task<HttpResponseMessage> Post(string path, string body, string? key, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), key, headers);

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[]? body, string? key, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type") request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Records the good scenario; the decision as JSON.</summary>
    public async Task<JObject> Record(string scenario = Good, string? key = null, params (string Name, string Value)[] headers)
    {
        var answer = await Post("/v1/decisions", scenario, key ?? KeyOf(Roles.Officer), headers);
        return await Json(answer, HttpStatusCode.Created);
    }

    public static async Task<JObject> Json(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode}: {text[..Math.Min(text.Length, 600)]}");
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        return JObject.Load(reader);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await application.StopAsync();
        await application.DisposeAsync();
        scratch.Dispose();
    }
}
