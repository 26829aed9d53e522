using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Advisory.Tests;

/// <summary>What a service writes into its log while a test listens: the number and the text of each event, and its parts by name.</summary>
internal sealed class HeardLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(int Number, string Text, IReadOnlyDictionary<string, string?> Parts)> events = new();

    public IReadOnlyList<(int Number, string Text, IReadOnlyDictionary<string, string?> Parts)> Events => [.. events];

    /// <summary>What events of these numbers say, once there are so many: some are told after the caller has the answer.</summary>
    public async Task<IReadOnlyList<string>> Texts(int count, params int[] numbers)
    {
        for (var tries = 0; ; tries++)
        {
            var texts = Events.Where(one => numbers.Contains(one.Number)).Select(one => one.Text).ToList();
            if (texts.Count >= count || tries == 400) return texts;
            await Task.Delay(25);
        }
    }

    public static HeardLog Of(IServiceProvider services)
    {
        var heard = new HeardLog();
        services.GetRequiredService<ILoggerFactory>().AddProvider(heard);
        return heard;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose() { }

    private sealed class Logger(HeardLog heard) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => heard.events.Enqueue((eventId.Id, formatter(state, exception),
            (state as IEnumerable<KeyValuePair<string, object?>> ?? []).ToDictionary(part => part.Key, part => part.Value?.ToString(), StringComparer.Ordinal)));
    }
}
