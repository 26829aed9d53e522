using System.IO.Compression;
using Advisory.Host.Service;
using Microsoft.Net.Http.Headers;

namespace Advisory.Host.Web;

/// <summary>Sends text in the smallest form that the browser reads: Brotli, gzip, or as it is.</summary>
internal static class Packed
{
    public const string Brotli = "br";
    public const string Gzip = "gzip";

    // Below this a packet is a packet, however full.
    private const int LeastBytes = 1_000;

    public static Task Send(HttpContext context, int status, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        var coding = bytes.Length < LeastBytes ? null : CodingFor(context);
        if (coding is null) return Reply.Bytes(context, status, type, bytes);
        context.Response.Headers.ContentEncoding = coding;
        return Reply.Bytes(context, status, type, Pack(coding, bytes.Span, quality: 5));
    }

    /// <summary>The coding that the browser reads and that packs best, or null.</summary>
    public static string? CodingFor(HttpContext context)
    {
        var accepted = context.Request.GetTypedHeaders().AcceptEncoding.Where(coding => coding.Quality is not 0).Select(coding => coding.Value.Value).ToList();
        return accepted.Contains(Brotli, StringComparer.OrdinalIgnoreCase) ? Brotli : accepted.Contains(Gzip, StringComparer.OrdinalIgnoreCase) ? Gzip : null;
    }

    /// <param name="coding">One of the two.</param>
    /// <param name="bytes">What is packed.</param>
    /// <param name="quality">Of Brotli, up to 11; from 10 on it is worth its time only for what is packed once and sent often.</param>
    public static byte[] Pack(string coding, ReadOnlySpan<byte> bytes, int quality)
    {
        if (coding == Brotli)
        {
            var room = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
            if (!BrotliEncoder.TryCompress(bytes, room, out var written, quality, window: 22)) throw new InvalidOperationException("Brotli needs no more room than it says");
            return room[..written];
        }

        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return memory.ToArray();
    }
}
