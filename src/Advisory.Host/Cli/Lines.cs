namespace Advisory.Host.Cli;

/// <summary>Splits a stream into lines of bytes, one at a time and each bounded: JSON Lines in constant memory.</summary>
internal static class Lines
{
    /// <summary>The lines without their ends; of a line longer than the bound only the bound and one byte, so that it shows as too long.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(Stream stream, int maxBytes)
    {
        var chunk = new byte[64 << 10];
        var line = new MemoryStream();
        int length;
        while ((length = stream.Read(chunk)) > 0)
        {
            var start = 0;
            while (start < length)
            {
                var end = Array.IndexOf(chunk, (byte)'\n', start, length - start);
                var stop = end < 0 ? length : end;
                line.Write(chunk, start, Math.Min(stop - start, Math.Max(0, maxBytes + 1 - (int)line.Length)));
                start = stop + 1;
                if (end >= 0) yield return Take();
            }
        }

        if (line.Length > 0) yield return Take();

        ReadOnlyMemory<byte> Take()
        {
            var bytes = line.ToArray().AsMemory();
            line.SetLength(0);
            return bytes.Length > 0 && bytes.Span[^1] == '\r' ? bytes[..^1] : bytes;
        }
    }
}
