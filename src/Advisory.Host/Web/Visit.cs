using System.Globalization;
using System.Security.Claims;
using Advisory.Engine;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Microsoft.AspNetCore.Antiforgery;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>One request for a page: who asks, in which language, and the words for the answer.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed class Visit
{
    private const string LanguageCookie = "advisory_lang";

    private readonly HttpContext context;
    private readonly Texts texts;
    private AntiforgeryTokenSet? tokens;

    private Visit(HttpContext context, Language language, Caller? caller)
    {
        (this.context, Language, Caller) = (context, language, caller);
        texts = Texts.In(language);
    }

    internal Language Language { get; }

    /// <summary>Null on the pages that anybody may see.</summary>
    internal Caller? Caller { get; }

    internal string Tag => Language == Language.Nl ? "nl" : "en";

    internal Caller Person => Caller ?? throw new InvalidOperationException("a page without a caller asks for one");

    internal static Visit Of(HttpContext context) => context.Features.Get<Visit>() ?? Of(context, LanguageOf(context));

    /// <summary>The same for a program: in the language that it asked for, whatever the person's browser prefers.</summary>
    internal static Visit Of(HttpContext context, Language language)
    {
        var caller = context.Features.Get<Caller>();
        // A token of a form is good for one session only.
        if (caller is not null) context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, caller.Session ?? caller.Name)], "advisory"));
        var visit = new Visit(context, language, caller);
        context.Features.Set(visit);
        return visit;
    }

    internal bool May(Permission permission) => Caller?.Roles.Has(permission) == true;

    /// <summary>Where a person begins: the overview, or for those who only run the service how it is.</summary>
    internal static string StartOf(Caller person) => person.Roles.Has(Permission.ReadBook) ? "/" : "/status";

    internal string Start => Caller is { } person ? StartOf(person) : "/";

    /// <summary>A refusal in the person's own language; its text is that of its code.</summary>
    internal ProblemException Refuse(int status, string code) => new(status, code, texts["refusal." + code]);

    // ---- words ----

    internal string this[string key] => texts[key];

    internal string Say(string key, params object[] with) => texts[key, with];

    internal string? Find(string key) => texts.Find(key);

    internal string In(LocalText text) => text.In(Language);

    internal string Date(DateOnly date) => Explanation.DateOf(date).In(Language);

    internal string Time(DateTimeOffset time) =>
        $"{Date(DateOnly.FromDateTime(time.UtcDateTime))}, {time.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)} UTC";

    internal string Value(Fact fact, JToken? value) => Explanation.ValueOf(fact, value).In(Language);

    internal string Number(decimal number)
    {
        var text = number.ToString("#,0.###", CultureInfo.InvariantCulture);
        return Language == Language.Nl ? text.Replace(',', ' ').Replace('.', ',').Replace(' ', '.') : text;
    }

    internal string Outcome(RuleBook book, string outcome) => book.OutcomeLabels.TryGetValue(outcome, out var label) ? In(label) : outcome;

    internal string Mission(RuleBook book, string mission) =>
        book.Missions.FirstOrDefault(m => m.Id == mission) is { } known ? In(known.Title) : mission == RuleBook.AnyMission ? this["any-mission"] : mission;

    internal string Question(RuleBook book, string question) => book.Question(question) is { } known ? In(known.Title) : question;

    // ---- addresses and forms ----

    internal string Path => context.Request.Path + context.Request.QueryString;

    /// <summary>This page in the other language.</summary>
    internal string InOtherLanguage
    {
        get
        {
            var query = context.Request.Query.Where(part => part.Key is not ("lang" or "token")).SelectMany(part => part.Value, (part, value) => Part(part.Key, value ?? ""));
            return context.Request.Path + "?" + string.Join('&', query.Append("lang=" + (Language == Language.Nl ? "en" : "nl")));
        }
    }

    internal static string Address(string path, params (string Name, string? Value)[] query)
    {
        var parts = query.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => Part(part.Name, part.Value!)).ToList();
        return parts.Count == 0 ? path : path + "?" + string.Join('&', parts);
    }

    internal (string Name, string Value) FormToken
    {
        get
        {
            tokens ??= context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
            return (tokens.FormFieldName, tokens.RequestToken!);
        }
    }

    private static string Part(string name, string value) => Uri.EscapeDataString(name) + "=" + Uri.EscapeDataString(value);

    private static Language LanguageOf(HttpContext context)
    {
        if (context.Request.Query["lang"].ToString() is ("nl" or "en") and var asked)
        {
            context.Response.Cookies.Append(LanguageCookie, asked, new() { SameSite = SameSiteMode.Strict, HttpOnly = true, Secure = context.Request.IsHttps, Path = "/", MaxAge = TimeSpan.FromDays(365) });
            return Named(asked);
        }

        if (context.Request.Cookies[LanguageCookie] is ("nl" or "en") and var kept) return Named(kept);
        foreach (var accepted in context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(a => a.Quality ?? 1))
        {
            if (accepted.Value.StartsWith("nl", StringComparison.OrdinalIgnoreCase)) return Language.Nl;
            if (accepted.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) return Language.En;
        }

        return Language.En;

        static Language Named(string tag) => tag == "nl" ? Language.Nl : Language.En;
    }
}
