using System.Security.Cryptography;
using Advisory.Host.Service;

namespace Advisory.Host.Web;

/// <summary>The style sheet, the script and the icon, from the program itself.</summary>
internal static class AssetFiles
{
    private static readonly (string Name, string Type)[] Known =
        [("advisory.css", "text/css; charset=utf-8"), ("advisory.js", "text/javascript; charset=utf-8"), ("advisory.svg", "image/svg+xml")];

    private static readonly Dictionary<string, (byte[] Bytes, string Type, string Tag)> Files = Known.ToDictionary(known => known.Name, known =>
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream("web/" + known.Name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (bytes, known.Type, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    });

    /// <summary>The address of a file; another one as soon as its content is another.</summary>
    public static string Address(string name) => $"/assets/{name}?v={Files[name].Tag}";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/assets/{name}", Send).Open();

    private static Task Send(HttpContext context, string name)
    {
        if (!Files.TryGetValue(name, out var file)) throw ProblemException.NotFound("there is no such file");
        var tag = $"\"{file.Tag}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = context.Request.Query["v"] == file.Tag ? "public, max-age=31536000, immutable" : "public, max-age=300";
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return Reply.Bytes(context, 200, file.Type, file.Bytes);
    }
}
