using Advisory.Host.Records;

namespace Advisory.Tests.Host.Records;

/// <summary>A data folder that is gone when the test is over, and a clock that stands until it is moved.</summary>
internal sealed class LogFolder : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 24, 10, 0, 0, 123, TimeSpan.Zero);

    private readonly ScratchFolder scratch = new();

    public StandingClock Clock { get; } = new();

    public string Path => System.IO.Path.Combine(scratch.Path, "data");

    public DecisionLog Open(bool readOnly = false) => DecisionLog.Open(Path, new() { Creator = "tests", Clock = Clock, ReadOnly = readOnly, Origin = readOnly ? null : "a.example/ledger", Engine = "1.2.3" });

    public void Dispose() => scratch.Dispose();
}

internal sealed class StandingClock : TimeProvider
{
    private DateTimeOffset now = LogFolder.Start;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan time) => now += time;
}
