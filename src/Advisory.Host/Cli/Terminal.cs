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

    /// <summary>The width of the window, within reason; a fixed one where the output goes to a file or a pipe.</summary>
    public static int WindowWidth()
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
