using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Advisory.Host.Service;

/// <summary>What the service counts and measures, as instruments of .NET (so that OpenTelemetry can carry them) and as Prometheus text.</summary>
internal sealed class Meters : IDisposable
{
    public const string Name = "Advisory";

    private static readonly double[] Seconds = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

    [ThreadStatic]
    private static StringBuilder? labelText;

    private readonly Meter meter = new(Name);
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> series = [];
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, double>> gauges = [];
    private readonly Lock observing = new();

    public Meters()
    {
        Requests = meter.CreateCounter<long>("advisory_requests_total", description: "Requests by endpoint and status.");
        RequestSeconds = meter.CreateHistogram<double>("advisory_request_seconds", "s", "Time from the request's headers to the end of the answer.");
        Outcomes = meter.CreateCounter<long>("advisory_decisions_outcomes_total", description: "Recorded outcomes on stated facts, by question and mission.");
        Decisions = meter.CreateCounter<long>("advisory_decisions_total", description: "Recorded decisions.");
        WhatIfs = meter.CreateCounter<long>("advisory_what_ifs_total", description: "Evaluations that were not recorded.");
        EvaluationSeconds = meter.CreateHistogram<double>("advisory_evaluation_seconds", "s", "Reading and evaluating a scenario.");
        AppendSeconds = meter.CreateHistogram<double>("advisory_append_seconds", "s", "Evaluating and recording a decision, until it is durable.");
        Refusals = meter.CreateCounter<long>("advisory_refusals_total", description: "Requests refused, by the kind of problem.");
        Reads = meter.CreateCounter<long>("advisory_reads_total", description: "Decisions read by people and programs.");
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (ReferenceEquals(instrument.Meter, meter)) to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    public Counter<long> Requests { get; }

    public Histogram<double> RequestSeconds { get; }

    public Counter<long> Outcomes { get; }

    public Counter<long> Decisions { get; }

    public Counter<long> WhatIfs { get; }

    public Histogram<double> EvaluationSeconds { get; }

    public Histogram<double> AppendSeconds { get; }

    public Counter<long> Refusals { get; }

    public Counter<long> Reads { get; }

    /// <summary>A figure that is asked for when somebody looks.</summary>
    public void Observe(string name, string description, Func<double> value) => meter.CreateObservableGauge(name, value, description: description);

    /// <summary>Everything in the text format of Prometheus, version 0.0.4.</summary>
    public string Text()
    {
        lock (observing)
        {
            gauges.Clear();
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (instrument, values) in series.OrderBy(one => one.Key.Name, StringComparer.Ordinal)) Write(text, instrument, values);
            foreach (var (instrument, values) in gauges.OrderBy(one => one.Key.Name, StringComparer.Ordinal))
            {
                Head(text, instrument, "gauge");
                foreach (var (labels, value) in values) text.Append(instrument.Name).Append(Braces(labels, null)).Append(' ').Append(Number(value)).Append('\n');
            }

            return text.ToString();
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        meter.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        if (instrument.IsObservable) gauges.GetOrAdd(instrument, _ => [])[labels] = value;
        else series.GetOrAdd(instrument, _ => []).GetOrAdd(labels, _ => new()).Add(value);
    }

    private static void Write(StringBuilder text, Instrument instrument, ConcurrentDictionary<string, Series> values)
    {
        var isHistogram = instrument is Histogram<double>;
        Head(text, instrument, isHistogram ? "histogram" : "counter");
        foreach (var (labels, one) in values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            var (count, sum, buckets) = one.Read();
            if (!isHistogram)
            {
                text.Append(instrument.Name).Append(Braces(labels, null)).Append(' ').Append(Number(sum)).Append('\n');
                continue;
            }

            for (var i = 0; i <= Seconds.Length; i++)
                text.Append(instrument.Name).Append("_bucket").Append(Braces(labels, i < Seconds.Length ? Number(Seconds[i]) : "+Inf")).Append(' ').Append(buckets[i].ToString(CultureInfo.InvariantCulture)).Append('\n');
            text.Append(instrument.Name).Append("_sum").Append(Braces(labels, null)).Append(' ').Append(Number(sum)).Append('\n');
            text.Append(instrument.Name).Append("_count").Append(Braces(labels, null)).Append(' ').Append(count.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private static void Head(StringBuilder text, Instrument instrument, string type) =>
        text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(instrument.Description).Append('\n').Append("# TYPE ").Append(instrument.Name).Append(' ').Append(type).Append('\n');

    private static string Braces(string labels, string? bucket)
    {
        var all = bucket is null ? labels : labels.Length == 0 ? $"le=\"{bucket}\"" : $"{labels},le=\"{bucket}\"";
        return all.Length == 0 ? "" : "{" + all + "}";
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = labelText ??= new();
        text.Clear();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"");
            if (value is int number) text.Append(CultureInfo.InvariantCulture, $"{number}");
            else Escape(text, Convert.ToString(value, CultureInfo.InvariantCulture)!);
            text.Append('"');
        }

        return text.ToString();
    }

    private static void Escape(StringBuilder text, string value)
    {
        if (!value.AsSpan().ContainsAny('\\', '"', '\n')) text.Append(value);
        else text.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Series
    {
        private readonly Lock gate = new();
        private readonly long[] buckets = new long[Seconds.Length + 1];
        private long count;
        private double sum;

        public void Add(double value)
        {
            lock (gate)
            {
                count++;
                sum += value;
                for (var i = Seconds.Length; i >= 0 && (i == Seconds.Length || value <= Seconds[i]); i--) buckets[i]++;
            }
        }

        public (long Count, double Sum, long[] Buckets) Read()
        {
            lock (gate) return (count, sum, [.. buckets]);
        }
    }
}
