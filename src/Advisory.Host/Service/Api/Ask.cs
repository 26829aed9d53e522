using System.Globalization;
using Advisory.Engine;

namespace Advisory.Host.Service.Api;

/// <summary>Reads what the address of a request asks for; what it does not know is a problem, never passed over.</summary>
internal sealed class Ask
{
    private readonly HttpContext context;

    /// <param name="context">The request.</param>
    /// <param name="known">The parameters that the endpoint takes.</param>
    public Ask(HttpContext context, params string[] known)
    {
        this.context = context;
        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw Wrong($"there is no parameter `{Short(name)}` here{(known.Length == 0 ? "" : "; there are " + string.Join(", ", known))}");
            if (values.Count > 1 && name != "fact") throw Wrong($"the parameter `{name}` stands there {values.Count.ToString(CultureInfo.InvariantCulture)} times; once is enough");
            if (values.Any(value => value is null || value.Length > 300 || value.Any(char.IsControl))) throw Wrong($"the parameter `{name}` is too long or holds control characters");
        }
    }

    public string? Text(string name) => context.Request.Query.TryGetValue(name, out var values) && values[0]!.Length > 0 ? values[0] : null;

    public IEnumerable<string> Texts(string name) => context.Request.Query[name].OfType<string>();

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw Wrong($"`{name}` is true or false, not `{Short(other)}`"),
    };

    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number : throw Wrong(FormattableString.Invariant($"`{name}` is a whole number from {min} to {max}, not `{Short(text)}`"));
    }

    /// <summary>The idempotency key in the request's headers, or null; one that stands there empty or twice is none that could be kept to.</summary>
    public string? Key()
    {
        var sent = context.Request.Headers["Idempotency-Key"];
        if (sent.Count == 0) return null;
        return sent is [{ Length: > 0 } key] ? key : throw Wrong("the header `Idempotency-Key` is empty or stands there several times");
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : throw Wrong($"`{name}` is a day such as 2026-01-24 or an instant in UTC such as 2026-01-24T10:00:00Z, not `{Short(text)}`");
    }

    public Basis? Basis(string name) => Text(name) switch
    {
        null => null,
        "stated" => Engine.Basis.Stated,
        "assumed" => Engine.Basis.Assumed,
        var other => throw Wrong($"`{name}` is stated or assumed, not `{Short(other)}`"),
    };

    /// <summary>English where nothing is asked for, as on the command line.</summary>
    public Language Language(string name) => Text(name) switch
    {
        null or "en" => Engine.Language.En,
        "nl" => Engine.Language.Nl,
        var other => throw Wrong($"`{name}` is en or nl, not `{Short(other)}`"),
    };

    public static ProblemException Wrong(string detail) => new(400, "bad-parameter", detail);

    public static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
