using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>What somebody typed into a form that could not be taken because the session had ended: it goes to the sign-in page and back, and is not lost.</summary>
/// <remarks>
/// Only a form that the browser says is from a page of ours is kept, and it is sent again by the person's own hand: otherwise a page elsewhere
/// could have its fields carried over a sign-in. Public since components are.
/// </remarks>
public sealed class KeptForm
{
    private KeptForm(string action, IReadOnlyList<(string Name, string Value)> fields) => (Action, Fields) = (action, fields);

    /// <summary>Where it is sent to: an address of this site.</summary>
    internal string Action { get; }

    internal IReadOnlyList<(string Name, string Value)> Fields { get; }

    /// <summary>The form of a request that was refused; null where there is none to keep.</summary>
    internal static async Task<KeptForm?> Of(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method) || !request.HasFormContentType || request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) || !IsOurs(request)) return null;
        var form = await Pages.Fields(context);
        return new(request.Path + request.QueryString, [.. form.Where(field => field.Key != "_form").SelectMany(field => field.Value, (field, value) => (field.Key, value ?? ""))]);
    }

    /// <summary>As it comes back from the sign-in page; null where it does not.</summary>
    internal static KeptForm? Read(string action, string text)
    {
        if (text.Length == 0 || !IsHere(action)) return null;
        try
        {
            using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None }; // a time is kept as it was typed
            var fields = JArray.Load(reader).Select(field => field is JArray { Count: 2 } pair && pair.All(part => part.Type == JTokenType.String) ? ((string)pair[0]!, (string)pair[1]!) : default).ToList();
            return fields.Contains(default) ? null : new(action, fields);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal string Text => new JArray(Fields.Select(one => new JArray(one.Name, one.Value))).ToString(Formatting.None);

    /// <summary>Whether an address is one of this site: what begins with two slashes leads elsewhere.</summary>
    /// <remarks>Nor does one hold what an address never holds unescaped: it goes into a header.</remarks>
    internal static bool IsHere(string address) => address.StartsWith('/') && !address.StartsWith("//", StringComparison.Ordinal) && !address.Contains('\\') && address.All(c => c is > ' ' and < '\x7f');

    // Browsers say where a request comes from, and no page can make them say otherwise.
    private static bool IsOurs(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "" => Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin) && origin.Authority == request.Host.Value,
        var site => site == "same-origin",
    };
}
