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
    private readonly Func<DecisionLog> open;
    private readonly ILogger<LedgerGuard> logger;
    private readonly ResiliencePipeline pipeline;
    private readonly Lock gate = new();
    private DecisionLog? log;
    private string? fault;

    public LedgerGuard(Func<DecisionLog> open, TimeProvider clock, ILogger<LedgerGuard> logger)
    {
        (this.open, this.logger) = (open, logger);
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

    /// <summary>Why the log could not be used when it was last tried; null while it works.</summary>
    public string? Fault
    {
        get
        {
            lock (gate) return fault;
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
                    throw Unavailable(error);
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
                        throw Unavailable(error);
                    }
                },
                cancellation);
            lock (gate) fault = null;
            return result;
        }
        catch (BrokenCircuitException)
        {
            throw new LogUnavailableException(Fault ?? "the ledger failed several times in a row, and is tried again in a moment");
        }
        catch (TimeoutRejectedException error)
        {
            throw Unavailable(error, "the ledger did not answer in time; the entry may have been written: send it again with the same Idempotency-Key");
        }
        catch (LedgerException error) when (error.IsTransient)
        {
            throw Unavailable(error);
        }
    }

    public void Dispose() => Close();

    private DecisionLog Opened()
    {
        var opened = open();
        if (fault is not null) logger.LedgerWorks();
        fault = null;
        return opened;
    }

    private LogUnavailableException Unavailable(Exception error, string? text = null)
    {
        lock (gate)
        {
            var message = text ?? error.Message;
            if (fault != message) logger.LedgerFails(message);
            WasContradicted |= error is LedgerRolledBackException or LedgerForkedException;
            fault = message;
            return new(message, error);
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
