using Advisory.Tests;
using Advisory.Tests.Service;
using Microsoft.Playwright;

namespace Advisory.Browser;

/// <summary>A test that drives a browser: of the heavy group, as <c>.ci/run</c> runs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!Chrome.IsAsked) Skip = Chrome.WhySkipped;
    }
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute()
    {
        if (!Chrome.IsAsked) Skip = Chrome.WhySkipped;
    }
}

/// <summary>One browser and one service with the shipped book, for all tests; each person in a test has a window and a name of their own.</summary>
public sealed class Chrome : IAsyncLifetime
{
    internal const string WhySkipped = "drives Chromium; set ADVISORY_TESTS=all to run it, with Debian's `chromium` installed";

    private IPlaywright? playwright;
    private RunningService? service;

    internal static bool IsAsked { get; } = Environment.GetEnvironmentVariable("ADVISORY_TESTS") == "all";

    internal IBrowser Window { get; private set; } = null!;

    internal RunningService Service => service!;

    internal static Task<RunningService> Start(Action<Dictionary<string, string>>? set = null) => RunningService.Start(options =>
    {
        options["rules"] = Repository.PathOf("rules", "ukraine");
        set?.Invoke(options);
    });

    public async Task InitializeAsync()
    {
        if (!IsAsked) return;
        var program = Environment.GetEnvironmentVariable("ADVISORY_CHROMIUM") ?? "/usr/bin/chromium";
        if (!File.Exists(program)) throw new InvalidOperationException($"there is no {program}, and ADVISORY_TESTS=all asks for it: `apt-get install chromium`, or name another in ADVISORY_CHROMIUM");
        service = await Start();
        playwright = await Playwright.CreateAsync();
        Window = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        if (Window is not null) await Window.CloseAsync();
        playwright?.Dispose();
        if (service is not null) await service.DisposeAsync();
    }
}

[CollectionDefinition("browser")]
public sealed class BrowserTests : ICollectionFixture<Chrome>;
