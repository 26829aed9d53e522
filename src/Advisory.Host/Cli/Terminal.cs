namespace Advisory.Host.Cli;

/// <summary>Where a command reads and writes; tests hand in their own.</summary>
/// <param name="Input">Opens standard input; only <c>-</c> reads it.</param>
/// <param name="Output">Results.</param>
/// <param name="Errors">Problems, progress and hints.</param>
/// <param name="Width">Columns at which text is wrapped.</param>
/// <param name="Stop">Cancelled by Ctrl-C.</param>
internal sealed record Terminal(Func<Stream> Input, TextWriter Output, TextWriter Errors, int Width, CancellationToken Stop)
{
    private const int Narrowest = 40;
    private const int Widest = 120;
    private const int Redirected = 100;

    /// <summary>Whether results may have colours.</summary>
    public bool HasColors { get; init; }

    /// <summary>Whether a person watches standard error, and progress is worth a line there.</summary>
    public bool IsWatched { get; init; }

    /// <summary>Times the progress.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The console that the program was started in.</summary>
    public static Terminal OfConsole(TextWriter output, TextWriter errors, CancellationToken stop) =>
        new(Console.OpenStandardInput, output, errors, WindowWidth(), stop)
        {
            HasColors = AllowsColors(Console.IsOutputRedirected, Environment.GetEnvironmentVariable),
            IsWatched = !Console.IsErrorRedirected,
        };

    /// <summary>Colours only in a window, and never where the environment asks for none (no-color.org) or the window knows none.</summary>
    public static bool AllowsColors(bool isRedirected, Func<string, string?> environment) =>
        !isRedirected && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";

    /// <summary>The width of the window, within reason; a fixed one where the output goes to a file or a pipe.</summary>
    private static int WindowWidth()
    {
        if (Console.IsOutputRedirected) return Redirected;
        try
        {
            return Math.Clamp(Console.WindowWidth - 1, Narrowest, Widest);
        }
        catch (IOException)
        {
            return Redirected;
        }
    }
}
