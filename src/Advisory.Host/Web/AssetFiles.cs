using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Advisory.Host.Service;
using Microsoft.Net.Http.Headers;

namespace Advisory.Host.Web;

/// <summary>The style sheet, the script and the icon, from the program itself.</summary>
internal static class AssetFiles
{
    private static readonly (string Name, string Type)[] Known =
        [("advisory.css", "text/css; charset=utf-8"), ("advisory.js", "text/javascript; charset=utf-8"), ("advisory.svg", "image/svg+xml")];

    private static readonly FrozenDictionary<string, Asset> Files = Known.ToFrozenDictionary(known => known.Name, known => new Asset(known.Name, known.Type), StringComparer.Ordinal);

    /// <summary>The address of a file; another one as soon as its content is another.</summary>
    public static string Address(string name) => $"/assets/{name}?v={Files[name].Tag}";

    /// <summary>The style sheet for a page that is kept apart from this program.</summary>
    public static string Styles { get; } = Encoding.UTF8.GetString(Files["advisory.css"].Bytes);

    /// <summary>What a policy calls that style sheet, so that it shows and no other does.</summary>
    public static string StylesInPolicy { get; } = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Files["advisory.css"].Bytes))}'";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/assets/{name}", Send).Open();

    private static Task Send(HttpContext context, string name)
    {
        if (!Files.TryGetValue(name, out var file)) throw ProblemException.NotFound("there is no such file");
        var coding = Packed.CodingFor(context);
        var tag = coding is null ? $"\"{file.Tag}\"" : $"\"{file.Tag}-{coding}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        context.Response.Headers.CacheControl = context.Request.Query["v"] == file.Tag ? "public, max-age=31536000, immutable" : "public, max-age=300";
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        if (coding is not null) context.Response.Headers.ContentEncoding = coding;
        return Reply.Bytes(context, 200, file.Type, coding switch { Packed.Brotli => file.Brotli.Value, Packed.Gzip => file.Gzip.Value, _ => file.Bytes });
    }

    /// <summary>A file, and its packed forms: made once, as small as they get.</summary>
    private sealed class Asset
    {
        public Asset(string name, string type)
        {
            using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream("web/" + name)!;
            Bytes = new byte[stream.Length];
            stream.ReadExactly(Bytes);
            (Type, Tag) = (type, Convert.ToHexStringLower(SHA256.HashData(Bytes))[..16]);
            Brotli = new(() => Packed.Pack(Packed.Brotli, Bytes, quality: 11));
            Gzip = new(() => Packed.Pack(Packed.Gzip, Bytes, quality: 11));
        }

        public byte[] Bytes { get; }

        public string Type { get; }

        public string Tag { get; }

        public Lazy<byte[]> Brotli { get; }

        public Lazy<byte[]> Gzip { get; }
    }
}
