using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;

namespace Advisory.Tests.Web;

/// <summary>A person with a browser in which no script runs: follows links, fills in forms as they stand, keeps cookies.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient client;

    private Browser(Uri address, string language)
    {
        client = new(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = true, AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>The page at hand.</summary>
    public string Html { get; private set; } = "";

    public string Path { get; private set; } = "/";

    public HttpStatusCode Status { get; private set; }

    /// <summary>What the browser says of where a form comes from: <c>same-origin</c> and the like; empty for one that says nothing.</summary>
    public string Site { get; set; } = "";

    public HttpResponseMessage Answer { get; private set; } = new();

    public static Browser Guest(RunningService service, string language = "en") => new(service.Client.BaseAddress!, language);

    public static async Task<Browser> SignIn(RunningService service, string name = "ada", string language = "en", Roles roles = Roles.Officer, params string[] clearances)
    {
        var browser = Guest(service, language);
        await browser.Go("/sign-in");
        await browser.Submit("sign-in", ("key", service.AddKey(name, roles, clearances)));
        return browser;
    }

    public Task<string> Go(string path) => Take(client.GetAsync(path));

    public Task<string> Post(string path, params (string Name, string Value)[] fields) =>
        Send(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Sends a form of the page with what stands in it; fields given here take the place of those of the same name.</summary>
    /// <param name="button">The value of the button, or a part of the form's address.</param>
    /// <param name="fields">What the person types or chooses.</param>
    public Task<string> Submit(string button, params (string Name, string Value)[] fields)
    {
        var (action, all) = Form(button, fields);
        return Post(action, all);
    }

    public Task<string> Upload(string button, string name, string file, byte[] content)
    {
        var (action, fields) = Form(button);
        var parts = new MultipartFormDataContent();
        foreach (var (field, value) in fields.Where(field => field.Name != name)) parts.Add(new StringContent(value), field);
        parts.Add(new ByteArrayContent(content), name, file);
        return Send(action, parts);
    }

    /// <summary>A form's address and everything that a browser would send with it.</summary>
    public (string Action, (string Name, string Value)[] Fields) Form(string button, params (string Name, string Value)[] typed)
    {
        var form = Regex.Matches(Html, "<form\\b[^>]*>.*?</form>", RegexOptions.Singleline).Select(match => match.Value)
            .FirstOrDefault(form => form.Contains($"name=\"do\" value=\"{button}\"", StringComparison.Ordinal) || Attribute(form, "action")?.Contains(button, StringComparison.Ordinal) == true)
            ?? throw new InvalidOperationException($"{Path} has no form for {button}");
        var fields = new List<(string Name, string Value)>();
        foreach (Match tag in Regex.Matches(form, "<(input|select|textarea)\\b[^>]*>(?:(?<=<select[^>]*>)(?<options>.*?)</select>|(?<=<textarea[^>]*>)(?<text>.*?)</textarea>)?", RegexOptions.Singleline))
        {
            if (Attribute(tag.Value, "name") is not { } name) continue;
            switch (tag.Groups[1].Value, Attribute(tag.Value, "type"))
            {
                case ("select", _):
                    var options = Regex.Matches(tag.Groups["options"].Value, "<option\\b[^>]*>").Select(option => option.Value).ToList();
                    if ((options.FirstOrDefault(option => option.Contains(" selected", StringComparison.Ordinal)) ?? options.FirstOrDefault()) is { } chosen) fields.Add((name, Attribute(chosen, "value") ?? ""));
                    break;
                case ("textarea", _):
                    var text = WebUtility.HtmlDecode(tag.Groups["text"].Value);
                    fields.Add((name, text.StartsWith('\n') ? text[1..] : text));
                    break;
                case (_, "radio" or "checkbox"):
                    if (Regex.IsMatch(tag.Value, "\\schecked\\b")) fields.Add((name, Attribute(tag.Value, "value") ?? "on"));
                    break;
                default:
                    fields.Add((name, Attribute(tag.Value, "value") ?? ""));
                    break;
            }
        }

        fields.RemoveAll(field => typed.Any(t => t.Name == field.Name));
        fields.AddRange(typed);
        if (form.Contains($"name=\"do\" value=\"{button}\"", StringComparison.Ordinal)) fields.Add(("do", button));
        return (Attribute(form, "action")!, [.. fields]);
    }

    /// <summary>What people read on the page, without its tags.</summary>
    public string Text => WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(Html, "<[^>]+>", " "), "\\s+", " "));

    public void Dispose()
    {
        Answer.Dispose();
        client.Dispose();
    }

    private async Task<string> Send(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (Site.Length > 0) request.Headers.Add("Sec-Fetch-Site", Site);
        return await Take(client.SendAsync(request));
    }

    private async Task<string> Take(Task<HttpResponseMessage> sent)
    {
        Answer = await sent;
        (Status, Path) = (Answer.StatusCode, Answer.RequestMessage!.RequestUri!.PathAndQuery);
        return Html = Encoding.UTF8.GetString(await Answer.Content.ReadAsByteArrayAsync());
    }

    private static string? Attribute(string tag, string name) => Regex.Match(tag, $"\\s{name}(?:=\"([^\"]*)\"|(?=[\\s>/]))") is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : null;
}
