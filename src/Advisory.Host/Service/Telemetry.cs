using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Advisory.Host.Service;

/// <summary>Traces and metrics sent to a collector by OpenTelemetry's protocol (OTLP over HTTP), where an operator names one.</summary>
/// <remarks>
/// A span for each request, named by its route, and below it one for evaluating and one for recording. Spans and metrics hold routes,
/// statuses, outcomes and ids, never a fact's value, a reason or a source. A collector that is away is not waited for.
/// </remarks>
internal sealed class Telemetry : IDisposable
{
    private static readonly ActivitySource Source = new("Advisory");

    private readonly TracerProvider traces;
    private readonly MeterProvider metrics;

    /// <param name="collector">Its root, such as <c>http://127.0.0.1:4318</c>.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="every">Between two reports of the metrics.</param>
    public Telemetry(Uri collector, string version, TimeSpan every)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("advisory", serviceVersion: version);
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Source.Name).AddSource("Microsoft.AspNetCore")
            .AddOtlpExporter(exporter => To("v1/traces", exporter)).Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters.Name).AddMeter("Microsoft.AspNetCore.Hosting").AddMeter("System.Runtime")
            .AddOtlpExporter((exporter, reader) =>
            {
                To("v1/metrics", exporter);
                reader.PeriodicExportingMetricReaderOptions = new() { ExportIntervalMilliseconds = (int)every.TotalMilliseconds };
            }).Build();

        void To(string path, OtlpExporterOptions exporter) => (exporter.Protocol, exporter.Endpoint, exporter.TimeoutMilliseconds) = (OtlpExportProtocol.HttpProtobuf, new(collector, path), 5_000);
    }

    /// <summary>A step of a request; null, at no cost, where nobody listens.</summary>
    public static Activity? Step(string name) => Source.StartActivity(name);

    /// <summary>Sends what is still here.</summary>
    public void Dispose()
    {
        traces.Dispose();
        metrics.Dispose();
    }
}
