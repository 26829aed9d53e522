using System.Collections.Immutable;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Web;

/// <summary>Texts that would run a script, end a tag, hide or fool the eye, were they not encoded where they stand.</summary>
internal static class HarmfulTexts
{
    private static readonly string[] Seeds =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)' autofocus='", "</textarea><script>alert(1)</script>", "</title><svg onload=alert(1)>",
        "javascript:alert(1)", "{{7*7}}${7*7}@(7*7)", "<!--<script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "</option></select><script>alert(1)</script>", "\u202Ehidden<b>", "é ☃ 中 <i>",
        "\" onmouseover=\"alert(1)", "<svg><script href=data:,alert(1) /></svg>", "<iframe src=javascript:alert(1)>", "<a href=\"javascript:alert(1)\">x</a>", "<img src=x:x onerror=alert(1)//", "--><script>alert(1)</script>",
        "]]><script>alert(1)</script>", "<style>@import'data:,*{x:expression(alert(1))}'</style>", "<base href=//elsewhere.example/>", "<form action=//elsewhere.example><button>x</button>", "<meta http-equiv=refresh content='0;url=//elsewhere.example'>",
        "\\\"><script>alert(1)</script>", "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<math><mtext></p><script>alert(1)</script>", "%3Cscript%3Ealert(1)%3C/script%3E", "\u003cscript\u003ealert(1)", "<scr\u0000ipt>",
        "&#60;script&#62;alert(1)", "<link rel=stylesheet href=//elsewhere.example/x.css>", "<object data=//elsewhere.example>", "<template><script>alert(1)</script></template>", "${alert(1)}", "';alert(1);//", "`-alert(1)-`", "</script><script>alert(1)</script>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<marquee onstart=alert(1)>", "\u2066<u>\u2069",
    ];

    /// <summary>Five hundred, each another, the plain ones first. None has a character that JSON or a line of text does not take.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        .. ((Func<string, string>[])[
            seed => seed, seed => "x" + seed, seed => seed + "\"", seed => "'" + seed, seed => seed.ToUpperInvariant() + "1", seed => ">" + seed, seed => seed + seed, seed => "a " + seed + " b", seed => "</p>" + seed, seed => "\">" + seed,
            seed => seed.Replace(' ', '/') + "2", seed => "=" + seed, seed => seed + "<!--",
        ]).SelectMany(dress => Seeds.Select(seed => dress(seed.Replace("\0", "", StringComparison.Ordinal)))).Distinct(StringComparer.Ordinal).Take(500),
    ];

    /// <summary>A scenario with a text in every place that takes one.</summary>
    public static JObject Everywhere(RuleBook book, string harm)
    {
        JObject Report(JToken value) => new() { ["value"] = value, ["source"] = harm, ["asOf"] = "2026-01-02", ["by"] = harm, ["note"] = harm };
        var facts = new JObject();
        foreach (var fact in book.Facts.Where(fact => fact.Role == FactRole.World && fact.Name != RuleBook.MissionFact && !book.Records.Any(kind => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal))).Take(12).Concat(book.Facts.Where(IsFree).Take(6)))
            facts[fact.Name] = IsFree(fact) ? Report(fact.Type == FactType.List ? new JArray(harm) : harm) : new JObject { ["reports"] = new JArray(Report(Any(fact)), Report(Any(fact))) };
        return new()
        {
            ["title"] = harm,
            ["subject"] = harm,
            ["classification"] = harm,
            ["asOf"] = "2026-01-24",
            ["facts"] = facts,
            ["records"] = new JObject(book.Records.Select(kind => new JProperty(kind.Name, new JArray(new JObject { [kind.Key] = harm })))),
        };

        bool IsFree(Fact fact) => fact.Role is FactRole.World or FactRole.Context && (fact.Type == FactType.Text || (fact.Type == FactType.List && fact.Values.IsEmpty)) && !book.Records.Any(kind => fact.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal));
    }

    private static JToken Any(Fact fact) => fact.Type switch
    {
        FactType.Boolean => true,
        FactType.Enumeration => fact.Values[0],
        FactType.List => new JArray(fact.Values[0]),
        FactType.Date => "2026-01-01",
        FactType.Text => "x",
        _ => decimal.Truncate(fact.Min) == fact.Min ? (long)fact.Min : fact.Min.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
