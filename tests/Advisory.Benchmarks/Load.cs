using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace Advisory.Benchmarks;

/// <summary>
/// The service under load, beside an endpoint that sends as many bytes and does nothing else: both as processes of their own, the same
/// caller, one after the other. <c>load [SECONDS] [BOOK]</c>.
/// </summary>
internal static class Load
{
    private const int Connections = 32;
    private const double WarmUp = 10; // seconds, until the run time has compiled what is hot for the last time
    private const string Service = "http://127.0.0.1:5190", Echoing = "http://127.0.0.1:5191";

    public static async Task<int> Run(string[] arguments)
    {
        var seconds = arguments.Length > 0 ? double.Parse(arguments[0], CultureInfo.InvariantCulture) : 5;
        var folder = Directory.CreateTempSubdirectory("advisory-load-").FullName;
        try
        {
            foreach (var (name, rules, scenarios) in Books(folder).Where(book => arguments.Length < 2 || book.Name.Contains(arguments[1], StringComparison.OrdinalIgnoreCase))) await Measure(name, rules, scenarios, Path.Combine(folder, "data-" + name), seconds);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What-ifs on forty rules, one hundred thousand after the other, and the memory of the service after each. <c>soak [REQUESTS]</c>.</summary>
    public static async Task<int> Soak(string[] arguments)
    {
        var requests = arguments.Length > 0 ? long.Parse(arguments[0], CultureInfo.InvariantCulture) : 2_000_000;
        var folder = Directory.CreateTempSubdirectory("advisory-soak-").FullName;
        try
        {
            var (_, rules, scenarios) = Books(folder).First();
            var (service, client) = await Serve(rules, Path.Combine(folder, "data"));
            using (service)
            using (client)
            {
                try
                {
                    for (var done = 0L; done < requests;)
                    {
                        var (count, rate, _, _) = await Burst(client, Service + "/v1/evaluations", scenarios, double.PositiveInfinity, Math.Min(100_000, requests - done));
                        done += count;
                        using var running = Process.GetProcessById(service.Id);
                        Console.WriteLine(FormattableString.Invariant($"{done,9} what-ifs   {rate,6:F0}/s   {running.WorkingSet64 >> 20} MiB"));
                    }
                }
                finally
                {
                    service.Kill();
                }
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Answers every POST with as many bytes as its path asks for. <c>echo PORT</c>.</summary>
    public static async Task<int> Echo(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var answer = new byte[256 << 10];
        Array.Fill(answer, (byte)'x');
        application.Urls.Add("http://127.0.0.1:" + arguments[0]);
        application.MapPost("/{bytes:int}", async (HttpContext context) =>
        {
            var buffer = new byte[4 << 10];
            while (await context.Request.Body.ReadAsync(buffer) > 0) { }
            var length = int.Parse((string)context.Request.RouteValues["bytes"]!, CultureInfo.InvariantCulture);
            context.Response.ContentLength = length;
            await context.Response.Body.WriteAsync(answer.AsMemory(0, length));
        });
        await application.RunAsync();
        return 0;
    }

    private static IEnumerable<(string Name, string Rules, byte[][] Scenarios)> Books(string folder)
    {
        var forty = Path.Combine(folder, "forty");
        Directory.CreateDirectory(forty);
        foreach (var file in Workload.Files(40)) File.WriteAllBytes(Path.Combine(forty, file.Name), file.Content.ToArray());
        yield return ("forty rules", forty, Workload.Complete);
        // A case is what the service takes too, but what is recorded, and sent, is its scenario without waivers, which ask for a second person.
        yield return ("Ukraine", Path.Combine(AppContext.BaseDirectory, "ukraine"),
            [.. Workload.UkraineScenarios().Select(bytes => (JObject)(JObject.Parse(Encoding.UTF8.GetString(bytes))["scenario"] ?? JObject.Parse(Encoding.UTF8.GetString(bytes)))).Where(s => s["waivers"] is null).Select(s => Encoding.UTF8.GetBytes(s.ToString(Newtonsoft.Json.Formatting.None)))]);
    }

    private static async Task Measure(string name, string rules, byte[][] scenarios, string data, double seconds)
    {
        using var echo = Start(typeof(Load).Assembly.Location, "echo", "5191");
        var (service, client) = await Serve(rules, data);
        try
        {
            var length = (await (await client.PostAsync(Service + "/v1/evaluations", Body(scenarios[0]))).Content.ReadAsByteArrayAsync()).Length;
            Console.WriteLine(FormattableString.Invariant($"{name}: scenarios of {scenarios.Average(s => s.Length):F0} bytes, answers of about {length} bytes, {Connections} connections, {seconds} s each"));
            foreach (var (what, address) in new[] { ("echo", $"{Echoing}/{length}"), ("what-if", Service + "/v1/evaluations"), ("durable decision", Service + "/v1/decisions") })
            {
                await Burst(client, address, scenarios, WarmUp);
                var (_, rate, p50, p99) = await Burst(client, address, scenarios, seconds);
                Console.WriteLine(FormattableString.Invariant($"  {what,-17} {rate,8:F0}/s   p50 {p50,6:F1} ms   p99 {p99,6:F1} ms"));
            }

            using var running = Process.GetProcessById(service.Id);
            Console.WriteLine(FormattableString.Invariant($"  memory of the service afterwards: {running.WorkingSet64 >> 20} MiB"));
        }
        finally
        {
            service.Kill();
            echo.Kill();
            service.Dispose();
            client.Dispose();
        }
    }

    private static async Task<(Process Service, HttpClient Client)> Serve(string rules, string data)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "advisory.dll");
        var key = Output(program, "keys", "add", "--role", "officer", "--name", "load", "--data", data).Trim();
        var service = Start(program, "serve", "--rules", rules, "--data", data, "--listen", Service, "--requests-per-minute", "100000000");
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await Ready(client, Service + "/health/ready");
        return (service, client);
    }

    /// <summary>Until the time is over or so many are done.</summary>
    private static async Task<(long Count, double Rate, double P50, double P99)> Burst(HttpClient client, string address, byte[][] scenarios, double seconds, long most = long.MaxValue)
    {
        var start = Stopwatch.GetTimestamp();
        var next = 0L;
        var latencies = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && Interlocked.Increment(ref next) is var turn && turn <= most)
            {
                var before = Stopwatch.GetTimestamp();
                using var answer = await client.PostAsync(address, Body(scenarios[turn % scenarios.Length]));
                await answer.Content.CopyToAsync(Stream.Null);
                if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{address} answers {answer.StatusCode}");
                mine.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            }

            return mine;
        })));
        var all = latencies.SelectMany(one => one).Order().ToList();
        return (all.Count, all.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    private static async Task Ready(HttpClient client, string address)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                if ((await client.GetAsync(address)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("the service did not become ready");
    }

    private static ByteArrayContent Body(byte[] bytes) => new(bytes) { Headers = { ContentType = new("application/json") } };

    private static Process Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static string Output(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
