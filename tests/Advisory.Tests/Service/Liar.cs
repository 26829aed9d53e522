using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Advisory.Tests.Service;

/// <summary>Stands between a caller and a service, and changes what the service answers; or listens alone, and keeps what it is sent.</summary>
internal sealed class Liar : IAsyncDisposable
{
    private readonly WebApplication application;

    private Liar(WebApplication application) => this.application = application;

    public string Url => application.Urls.First();

    /// <summary>What arrived, by path, where nobody stands behind.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<(string Path, byte[] Body)> Received { get; } = [];

    public static async Task<Liar> Start(Uri? behind, Func<string, string, string> change)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var liar = new Liar(application);
        var client = behind is null ? null : new HttpClient { BaseAddress = behind };
        application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (client is null)
            {
                liar.Received.Enqueue((context.Request.Path, body.ToArray()));
                return;
            }

            using var request = new HttpRequestMessage(new(context.Request.Method), context.Request.Path + context.Request.QueryString);
            if (body.Length > 0) request.Content = new ByteArrayContent(body.ToArray()) { Headers = { ContentType = new("application/json") } };
            request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
            using var answer = await client.SendAsync(request);
            context.Response.StatusCode = (int)answer.StatusCode;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(change(context.Request.Path, await answer.Content.ReadAsStringAsync())));
        });
        await application.StartAsync();
        return liar;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
