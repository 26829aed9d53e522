using Advisory.Ledgers.Notes;

namespace Advisory.Ledgers;

/// <summary>Brings the newest checkpoint into the file outside the database, soon after each append but not oftener than it is worth.</summary>
/// <remarks>
/// A rename that survives a power cut costs more than the commit itself, so appends do not wait for it: the file may be one interval behind
/// the database, never ahead. A crash in between is mended by the next <see cref="Ledger.Open(string, LedgerOptions)"/>.
/// </remarks>
internal sealed class Publisher(CheckpointFile file, TimeSpan every, TimeSpan patience) : IDisposable
{
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim offered = new();
    private readonly ManualResetEventSlim stopped = new();
    private Thread? thread;
    private Checkpoint? newest;
    private LedgerException? fault;

    /// <summary>Call after COMMIT.</summary>
    public void Offer(Checkpoint checkpoint)
    {
        lock (gate)
        {
            newest = checkpoint;
            if (every > TimeSpan.Zero)
            {
                if (thread is null)
                {
                    thread = new(Run) { IsBackground = true, Name = "ledger checkpoint" };
                    thread.Start();
                }

                offered.Set();
                return;
            }
        }

        Publish();
    }

    /// <summary>Tries again what failed, before anything more is appended that the file would not know.</summary>
    /// <exception cref="LedgerNotWritableException">The file cannot be written.</exception>
    public void Mend()
    {
        if (Volatile.Read(ref fault) is null) return;
        Publish();
        if (Volatile.Read(ref fault) is { } still) throw still;
    }

    private void Run()
    {
        while (true)
        {
            WaitHandle.WaitAny([offered.WaitHandle, stopped.WaitHandle]);
            if (stopped.IsSet) return;
            offered.Reset();
            Publish();
            stopped.Wait(every);
        }
    }

    private void Publish()
    {
        Checkpoint? checkpoint;
        lock (gate) checkpoint = newest;
        try
        {
            if (checkpoint is not null) file.Publish(checkpoint, patience);
            Volatile.Write(ref fault, null);
        }
        catch (LedgerException error)
        {
            // Told to the next append; the entries themselves are safe.
            Volatile.Write(ref fault, error);
        }
    }

    public void Dispose()
    {
        stopped.Set();
        thread?.Join();
        Publish();
        offered.Dispose();
        stopped.Dispose();
    }
}
