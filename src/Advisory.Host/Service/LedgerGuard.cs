using Advisory.Host.Records;
using Advisory.Ledgers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Advisory.Host.Service;

/// <summary>The log cannot be used now; the message says why. What needs no log still works.</summary>
internal sealed class LogUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The decision log as the service uses it: opened again after it failed, given up on after a while, and left alone for some seconds when it
/// failed several times in a row, so that a broken disk is not asked by every request.
/// </summary>
internal sealed class LedgerGuard : IDisposable
{
    // More than an entry takes with its labels and what the database writes beside it.
    private const int Room = 1 << 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Func<DecisionLog> open;
    private readonly string data;
    private readonly TimeProvider clock;
    private readonly ILogger<LedgerGuard> logger;
    private readonly ResiliencePipeline pipeline;
    private readonly Lock gate = new();
    private DecisionLog? log;
    private string? unopened; // why it could not be opened when that was last tried
    private string? unwritten; // why a write failed, until one succeeds or the disk is found to take one again
    private long looked; // when a write last failed or the disk was last asked

    /// <param name="open">Opens the log.</param>
    /// <param name="data">The folder that the ledger is in.</param>
    /// <param name="clock">For waiting.</param>
    /// <param name="logger">Is told when the ledger fails and when it works again.</param>
    public LedgerGuard(Func<DecisionLog> open, string data, TimeProvider clock, ILogger<LedgerGuard> logger)
    {
        (this.open, this.data, this.clock, this.logger) = (open, data, clock, logger);
        pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // Half of at least four tries in ten seconds; then two seconds of rest.
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(2),
                ShouldHandle = new PredicateBuilder().Handle<LogUnavailableException>().Handle<TimeoutRejectedException>(),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .AddRetry(new RetryStrategyOptions
            {
                // Only what the ledger calls transient, such as another program in the middle of a write; each append has its own key.
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(50),
                BackoffType = DelayBackoffType.Exponential,
                ShouldHandle = new PredicateBuilder().Handle<LedgerException>(error => error.IsTransient),
            })
            .Build();
    }

    /// <summary>Why the log cannot be used; null while it can be read and written.</summary>
    /// <remarks>
    /// A full disk can be read, so that reading works does not end a failed write. What ends it is a write that succeeds; and where nobody
    /// writes, since whoever would is sent elsewhere, the disk is asked, at most every two seconds, by whoever looks here.
    /// </remarks>
    public string? Fault
    {
        get
        {
            long asked;
            lock (gate)
            {
                if (unwritten is null || clock.GetElapsedTime(looked) < LookEvery) return unwritten ?? unopened;
                looked = asked = clock.GetTimestamp();
            }

            var takesMore = TakesMore();
            lock (gate)
            {
                if (takesMore && looked == asked) WriteWorks();
                return unwritten ?? unopened;
            }
        }
    }

    /// <summary>Whether the ledger was, since the start, ever found shorter than what it had signed, or another.</summary>
    public bool WasContradicted { get; private set; }

    /// <summary>The log, opened if need be, for reading.</summary>
    /// <exception cref="LogUnavailableException">It cannot be opened.</exception>
    public DecisionLog Log
    {
        get
        {
            lock (gate)
            {
                try
                {
                    return log ??= Opened();
                }
                catch (Exception error) when (error is LedgerException or IOException or UnauthorizedAccessException)
                {
                    var unavailable = Unavailable(error, error.Message, unopened);
                    unopened = error.Message;
                    throw unavailable;
                }
            }
        }
    }

    /// <summary>Does something that writes; what fails here was not acknowledged to anybody.</summary>
    /// <exception cref="LogUnavailableException">The ledger cannot be written.</exception>
    public async Task<T> Write<T>(Func<DecisionLog, CancellationToken, Task<T>> act, CancellationToken cancellation)
    {
        try
        {
            var result = await pipeline.ExecuteAsync(
                async stop =>
                {
                    try
                    {
                        return await act(Log, stop);
                    }
                    catch (LedgerException error) when (error is not (LedgerRefusedException or LedgerKeyReusedException) && !error.IsTransient)
                    {
                        Close();
                        throw Unwritten(error, error.Message);
                    }
                },
                cancellation);
            lock (gate) WriteWorks();
            return result;
        }
        catch (BrokenCircuitException)
        {
            lock (gate) throw new LogUnavailableException(unwritten ?? unopened ?? "the ledger failed several times in a row, and is tried again in a moment");
        }
        catch (TimeoutRejectedException error)
        {
            throw Unwritten(error, "the ledger did not answer in time; the entry may have been written: send it again with the same Idempotency-Key");
        }
        catch (LedgerException error) when (error.IsTransient)
        {
            throw Unwritten(error, error.Message);
        }
    }

    public void Dispose() => Close();

    private DecisionLog Opened()
    {
        var opened = open();
        if (unopened is not null && unwritten is null) logger.LedgerWorks();
        unopened = null;
        return opened;
    }

    private LogUnavailableException Unwritten(Exception error, string text)
    {
        lock (gate)
        {
            var unavailable = Unavailable(error, text, unwritten);
            (unwritten, looked) = (text, clock.GetTimestamp());
            return unavailable;
        }
    }

    private void WriteWorks()
    {
        if (unwritten is not null) logger.LedgerWorks();
        unwritten = null;
    }

    private LogUnavailableException Unavailable(Exception error, string text, string? before)
    {
        if (before != text) logger.LedgerFails(text);
        WasContradicted |= error is LedgerRolledBackException or LedgerForkedException;
        return new(text, error);
    }

    /// <summary>Whether the disk takes what the ledger would write next: a file longer than each of the ledger's, its last part written and flushed.</summary>
    /// <remarks>
    /// The part before is a hole, which takes no room: its length is for limits on the length of a file. The ledger's own files are not opened,
    /// since closing one of them would let go of the locks that this process holds on it.
    /// </remarks>
    private bool TakesMore()
    {
        try
        {
            var files = new DirectoryInfo(data).GetFiles("ledger.db*");
            if (files.Any(file => file.IsReadOnly)) return false;
            using var probe = new FileStream(Path.Combine(data, "probe"), FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
            probe.Position = files.Select(file => file.Length).Append(0).Max();
            var bytes = new byte[Room];
            Random.Shared.NextBytes(bytes); // some file systems keep no room for zeros
            probe.Write(bytes);
            probe.Flush(flushToDisk: true);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return false; // the last is what .NET makes of a file that may not be that long (EFBIG)
        }
    }

    // The next use opens it anew, and finds out what is the matter.
    private void Close()
    {
        lock (gate)
        {
            log?.Dispose();
            log = null;
        }
    }
}
