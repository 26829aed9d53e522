using System.Net;
using System.Security.Cryptography.X509Certificates;
using Advisory.Engine;
using Advisory.Host.Cli;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Advisory.Host.Service.Api;
using Advisory.Host.Web;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Advisory.Host.Service;

/// <summary>The service put together: settings in, a program that answers requests out.</summary>
internal static class Application
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(15);

    /// <summary>Builds it without starting it. The book is loaded and the ledger opened at the start.</summary>
    public static WebApplication Build(Settings settings, TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.Configuration.Sources.Clear(); // settings are read and checked by us, once
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Critical);
        if (settings.LogsJson) builder.Logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp, console.ColorBehavior) = (true, "HH:mm:ss ", true, Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, settings));
        builder.Services.Configure<HostOptions>(host => (host.ShutdownTimeout, host.ServicesStartConcurrently) = (Grace, false));

        Directory.CreateDirectory(settings.Data);
        if (settings.Otlp.Length > 0) builder.Services.AddSingleton(_ => new Telemetry(new(settings.Otlp.TrimEnd('/') + "/"), new DecisionLogOptions().Engine, ReportEvery));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(settings).AddSingleton(clock).AddSingleton<Meters>().AddSingleton<Office>().AddSingleton<SignInLinks>();
        Pages.Add(builder.Services, settings);
        builder.Services.AddSingleton<StatusApi>().AddSingleton<DecisionsApi>().AddSingleton<ExplanationsApi>().AddSingleton<BookApi>().AddSingleton<LogApi>();
        builder.Services.AddSingleton(_ => new AccessFile(settings.Data, clock)).AddSingleton(_ => new Desk(settings.Data, clock));
        builder.Services.AddSingleton(services => new LedgerGuard(
            () => DecisionLog.Open(settings.Data, new() { Creator = "advisory", Clock = clock }), settings.Data, clock, services.GetRequiredService<ILogger<LedgerGuard>>()));
        builder.Services.AddSingleton(services => new BookLibrary(BookFolder.Locate(settings.Rules), settings.Poll, clock, services.GetRequiredService<ILogger<BookLibrary>>())
        {
            Activating = book => Activate(book, services.GetRequiredService<LedgerGuard>(), services.GetRequiredService<ILogger<BookLibrary>>()),
        });
        builder.Services.AddHostedService(services => services.GetRequiredService<BookLibrary>());

        var application = builder.Build();
        application.UseRouting();
        application.UseMiddleware<Gate>();
        var services = application.Services;
        services.GetService<Telemetry>(); // made here, so that it hears from the start
        services.GetRequiredService<StatusApi>().Map(application);
        services.GetRequiredService<DecisionsApi>().Map(application);
        services.GetRequiredService<ExplanationsApi>().Map(application);
        services.GetRequiredService<BookApi>().Map(application);
        services.GetRequiredService<LogApi>().Map(application);
        OpenApi.Map(application);
        Pages.Map(application);
        return application;
    }

    // A book comes into force also while the ledger cannot be written: what-ifs need none, and no decision is recorded under a book that
    // the ledger does not hold.
    private static async Task Activate(RuleBook book, LedgerGuard ledger, ILogger logger)
    {
        try
        {
            await ledger.Write((log, stop) => log.Activate(book, "advisory", stop), CancellationToken.None);
        }
        catch (LogUnavailableException fault)
        {
            logger.BookUnrecorded(book.Digest, fault.Message);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Settings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Scenario.MaxBytes + 1; // one more than is read, so that the answer can say so
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestLineSize = 8 << 10;
        kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 1_000, gracePeriod: TimeSpan.FromSeconds(2));
        foreach (var address in settings.Listen.Select(address => new Uri(address)))
        {
            if (address.Host == "localhost") kestrel.ListenLocalhost(address.Port, Secure);
            else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)) kestrel.Listen(ip, address.Port, Secure);
            else kestrel.ListenAnyIP(address.Port, Secure);

            void Secure(ListenOptions listen)
            {
                if (address.Scheme == "https") listen.UseHttps(Certificate(settings));
            }
        }
    }

    private static HttpsConnectionAdapterOptions Certificate(Settings settings)
    {
        using var pem = X509Certificate2.CreateFromPemFile(settings.TlsCertificate, settings.TlsKey);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(settings.TlsCertificate);
        return new() { ServerCertificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null), ServerCertificateChain = chain };
    }
}
