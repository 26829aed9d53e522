namespace Advisory.Host.Cli;

/// <summary>Splits a stream into lines of bytes, one at a time and each bounded: JSON Lines in constant memory.</summary>
internal static class Lines
{
    /// <summary>The lines without their ends; of a line longer than the bound only the bound and one byte, so that it shows as too long.</summary>
    /// <param name="stream">Where they come from; it may be slow, such as a person or another program.</param>
    /// <param name="maxBytes">The bound on a line, its end not counted.</param>
    /// <param name="waits">Called before each wait for more: what was worked out should be on its way by then.</param>
    /// <param name="stop">Ends a wait.</param>
    /// <exception cref="OperationCanceledException">Stopped while it waited.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(Stream stream, int maxBytes, Action waits, CancellationToken stop)
    {
        var chunk = new byte[64 << 10];
        var line = new MemoryStream();
        int length;
        while ((length = Read(stream, chunk, waits, stop)) > 0)
        {
            var start = 0;
            while (start < length)
            {
                var end = Array.IndexOf(chunk, (byte)'\n', start, length - start);
                var next = end < 0 ? length : end;
                line.Write(chunk, start, Math.Min(next - start, Math.Max(0, maxBytes + 1 - (int)line.Length)));
                start = next + 1;
                if (end >= 0) yield return Take();
            }
        }

        if (line.Length > 0) yield return Take();

        ReadOnlyMemory<byte> Take()
        {
            var bytes = line.ToArray().AsMemory();
            line.SetLength(0);
            if (line.Capacity > chunk.Length) line.Capacity = 0; // one long line must not be held for the rest
            return bytes.Length > 0 && bytes.Span[^1] == '\r' ? bytes[..^1] : bytes;
        }
    }

    /// <summary>Reads all that there is, up to a bound.</summary>
    /// <exception cref="OperationCanceledException">Stopped while it waited.</exception>
    public static ReadOnlyMemory<byte> ReadAll(Stream stream, int maxBytes, CancellationToken stop)
    {
        var bytes = new byte[maxBytes];
        var count = 0;
        for (int length; count < maxBytes && (length = Read(stream, bytes.AsMemory(count), () => { }, stop)) > 0;) count += length;
        return bytes.AsMemory(0, count);
    }

    // Standard input cannot be asked to give up a wait, so another thread waits, and is left behind where Ctrl-C comes first.
    private static int Read(Stream stream, Memory<byte> into, Action waits, CancellationToken stop)
    {
        if (stream is FileStream { CanSeek: true }) return stream.Read(into.Span);
        waits();
        var reading = Task.Run(() => stream.Read(into.Span), CancellationToken.None);
        Task.WaitAny([reading], stop);
        return reading.GetAwaiter().GetResult();
    }
}
