namespace Advisory.Host.Cli;

/// <summary>How far a long act has come: on standard error, at most twice a second, and only where a person watches.</summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="isShown">Whether this act shows progress at all.</param>
/// <param name="one">What is counted.</param>
/// <param name="many">The same, of several.</param>
internal sealed class Progress(Terminal terminal, bool isShown, string one = "scenario", string many = "scenarios") : IProgress<long>
{
    private const string ClearLine = "\r\u001b[K";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly long started = terminal.Clock.GetTimestamp();
    private long shown = terminal.Clock.GetTimestamp();
    private bool isOnScreen;

    public long Scenarios { get; private set; }

    public long AtFault { get; private set; }

    public void Count(bool isAtFault)
    {
        Scenarios++;
        if (isAtFault) AtFault++;
        Show();
    }

    /// <summary>So many are done, counted by somebody else.</summary>
    public void Report(long value)
    {
        Scenarios = value;
        Show();
    }

    private void Show()
    {
        if (!isShown || !terminal.IsWatched || terminal.Clock.GetElapsedTime(shown) < Pause) return;
        shown = terminal.Clock.GetTimestamp();
        terminal.Errors.Write((isOnScreen ? ClearLine : "") + this);
        isOnScreen = true;
    }

    /// <summary>A line on standard error that does not run into the progress.</summary>
    public void Say(string line)
    {
        Clear();
        terminal.Errors.WriteLine(line);
    }

    public void Clear()
    {
        if (isOnScreen) terminal.Errors.Write(ClearLine);
        isOnScreen = false;
    }

    /// <summary>Such as <c>12,345 scenarios, 3 at fault; 2,300 a second</c>.</summary>
    public override string ToString()
    {
        var seconds = terminal.Clock.GetElapsedTime(started).TotalSeconds;
        var pace = seconds < 1 ? "" : FormattableString.Invariant($"; {Scenarios / seconds:N0} a second");
        return FormattableString.Invariant($"{Scenarios:N0} {(Scenarios == 1 ? one : many)}, {AtFault:N0} at fault{pace}");
    }
}
