using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Microsoft.Playwright;

namespace Advisory.Browser;

/// <summary>How every page looks to people and to their aids, at two widths and in light and dark; and advice on paper.</summary>
[Collection("browser")]
public sealed partial class SightTests(Chrome chrome)
{
    // What is in a page is the same in light and dark, so in dark only its colours are looked at again.
    private static readonly (int Width, ColorScheme Scheme, string Rules)[] Looks =
        [(320, ColorScheme.Light, "null"), (1440, ColorScheme.Light, "null"), (1440, ColorScheme.Dark, "['color-contrast']"), (320, ColorScheme.Dark, "['color-contrast']")];

    [BrowserTheory]
    [InlineData("nl")]
    [InlineData("en")]
    public async Task Axe_finds_nothing_on_any_page_and_no_page_is_wider_than_its_window(string language)
    {
        await using var officer = await Officer.Open(chrome, language: language, roles: Roles.Officer | Roles.Author | Roles.Auditor | Roles.Operator);
        var (page, found) = (officer.Page, new List<string>());
        var axe = await Axe();
        foreach (var (name, path) in await Pages(officer))
        {
            await page.GotoAsync(path);
            await page.EvaluateAsync(axe);
            foreach (var (width, scheme, rules) in language == "nl" ? Looks : Looks.Skip(1).Take(2)) // Dutch words are the longer ones
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                var look = FormattableString.Invariant($"{name}, {width} px, {scheme}");
                var violations = await page.EvaluateAsync<string[]>($"async () => (await axe.run(document, {{ resultTypes: ['violations'], runOnly: {rules} ?? undefined }})).violations.map(v => `${{v.id}}: ${{v.nodes.length}} × ${{v.nodes[0].html.slice(0, 200)}} ${{v.nodes[0].failureSummary.replace(/\\s+/g, ' ')}}`)");
                found.AddRange(violations.Select(violation => $"{look}: {violation}"));
                var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if (over > 0) found.Add(FormattableString.Invariant($"{look}: {over} px wider than the window"));
                await Keep(page, FormattableString.Invariant($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}-{language}.png"));
            }
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
        officer.NothingWrong();
    }

    [BrowserFact]
    public async Task Advice_fits_one_A4_also_where_there_is_most_to_say()
    {
        var service = chrome.Service;
        var (book, cases) = (service.Office.Book.Book, service.Office.Book.Cases);
        var verdicts = new List<(InputFile File, Scenario Scenario, Verdict Verdict)>();
        foreach (var file in cases)
        {
            var scenario = Case.Read(book, file).Value!.Scenario;
            verdicts.AddRange(Evaluation.Of(book, scenario).Verdicts.Select(verdict => (file, scenario, verdict)));
        }

        // The most of each thing that takes room, since nobody can say beforehand which takes the most.
        Func<View, int>[] measures =
        [
            view => view.Deciding.Length, view => view.Conditions.Length, view => view.Warnings.Length, view => view.Waived.Length, view => view.RelyingOn.Items.Length,
            view => view.Deciding.Length + view.Conditions.Length + view.Warnings.Length + (3 * view.Waived.Length), view => view.Deciding.Sum(f => f.Rule.Title.Nl.Length),
            view => view.Deciding.IsEmpty && view.Outcome != RuleBook.NotAssessed ? view.Warnings.Length + view.Findings.Length : 0,
        ];
        var longest = measures.SelectMany(measure => verdicts.OrderByDescending(v => measure(v.Verdict.On(v.Scenario.Basis))).Take(3))
            .Concat(verdicts.OrderByDescending(v => v.Scenario.Facts.Length).Take(2)).DistinctBy(v => (v.File.Name, v.Verdict.Question, v.Verdict.Mission, v.Verdict.Record)).ToList();
        await using var officer = await Officer.Open(chrome, language: "nl");
        var tooLong = new List<string>();
        foreach (var (file, scenario, verdict) in longest)
        {
            var decision = await Record(scenario, officer.Name, "sheet " + file.Name);
            foreach (var (language, basis) in new[] { ("nl", "stated"), ("nl", "assumed"), ("en", "assumed") })
            {
                await officer.Go($"/decisions/{decision.Id}/advice?question={verdict.Question.Id}&mission={verdict.Mission}&record={verdict.Record}&basis={basis}&lang={language}");
                await officer.Page.EmulateMediaAsync(new() { Media = Media.Print }); // laid out for paper before it is printed
                await officer.Page.EvaluateAsync("() => document.fonts.ready.then(() => document.querySelector('.sheet').scrollHeight)");
                var pdf = Encoding.Latin1.GetString(await officer.Page.PdfAsync(new() { PreferCSSPageSize = true, PrintBackground = true }));
                var pages = PdfPage().Count(pdf);
                await officer.Page.EmulateMediaAsync(new() { Media = Media.Null });
                if (pages != 1) tooLong.Add(FormattableString.Invariant($"{file.Name}, {verdict.Question.Id} for {verdict.Record ?? verdict.Mission}, {basis}, {language}: {pages} pages"));
                await Keep(officer.Page, $"sheet-{Path.GetFileNameWithoutExtension(file.Name)}-{verdict.Question.Id}-{verdict.Record ?? verdict.Mission}-{basis}-{language}.png");
                Assert.Matches(@"/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]", pdf);
            }
        }

        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
        officer.NothingWrong();
    }

    private async Task<Decision> Record(Scenario scenario, string by, string key)
    {
        var office = chrome.Service.Office;
        office.Desk.Confirm(scenario.Digest, "somebody else");
        return (await office.Record(office.Book.Book, scenario, new(by, Roles.Officer, [], null), key, null, default)).Decision;
    }

    /// <summary>Every page there is, each with something on it.</summary>
    private async Task<List<(string Name, string Path)>> Pages(Officer officer)
    {
        var (book, cases) = (chrome.Service.Office.Book.Book, chrome.Service.Office.Book.Cases);
        var examples = cases.Select(file => Case.Read(book, file).Value!.Scenario).ToList();
        var first = await Record(examples.First(scenario => scenario.Facts.Length > 10 && scenario.Waivers.IsEmpty), officer.Name, "one " + officer.Name);
        var waived = await Record(examples.First(scenario => !scenario.Waivers.IsEmpty), officer.Name, "two " + officer.Name);
        await chrome.Service.Office.Ledger.Write((log, stop) => log.Withdraw(waived.Id, "A fact was wrong.", first.Id, officer.Name, stop), default);

        await officer.Go("/assess");
        await officer.Page.Locator("#case").SelectOptionAsync(cases.First(file => Case.Read(book, file).Value!.Scenario.Records.Length > 0).Name);
        await officer.Button("example.do").ClickAsync();
        await officer.Page.WaitForURLAsync(new Regex("/assess/[0-9a-f]{32}"));
        var draft = new Uri(officer.Page.Url).AbsolutePath;
        var (fact, number) = (book.Facts.First(f => f.Type == FactType.Enumeration && f.Role == FactRole.World && f.Values.Length is > 2 and <= 6), book.Facts.First(f => f.IsNumber && f.Role == FactRole.World));
        var about = $"?question={book.Questions[0].Id}&mission={book.Missions[0].Id}";
        return
        [
            ("home", "/"), ("assessments", "/assess"), ("about", draft), ("facts", $"{draft}?part=group/{fact.Group}"), ("figures", $"{draft}?part=group/{number.Group}"),
            ("records", $"{draft}?part=records/{book.Records[0].Name}"), ("waivers", draft + "?part=waivers"), ("readings", draft + "?part=readings"),
            ("question", $"{draft}?part={AddressOfFirstItem(book)}"), ("draft-why", draft + "/why"), ("record", draft + "/record"), ("what-if", $"{draft}/what-if?fact={fact.Name}"),
            ("what-if-number", $"{draft}/what-if?fact={number.Name}&f.{number.Name}.0.there=1&f.{number.Name}.0.value=-5"), ("compare", $"/compare?with={first.Id}&with={waived.Id}&with={draft[8..]}"),
            ("compare-carries", $"/compare?with={first.Id}&with={waived.Id}&question={book.Questions[0].Id}&mission={book.Missions[0].Id}"),
            ("decision", "/decisions/" + first.Id), ("decision-withdrawn", "/decisions/" + waived.Id), ("why", $"/decisions/{first.Id}/why{about}"), ("advice", $"/decisions/{first.Id}/advice{about}"),
            ("issue", $"/decisions/{first.Id}/issue{about}"), ("decisions", "/decisions"), ("force", "/force"), ("book", "/book"), ("book-exit", "/book?question=" + book.Questions[^1].Id),
            ("statements", "/book/statements"), ("book-problems", "/book/problems"), ("status", "/status"), ("sign-in", "/sign-in"), ("nothing-here", "/nothing-here"),
        ];
    }

    private static string AddressOfFirstItem(RuleBook book) => Host.Web.AssessPart.AddressOf(book.Questionnaires[0], book.Questionnaires[0].Items[0]);

    private static async Task<string> Axe()
    {
        using var reader = new StreamReader(typeof(SightTests).Assembly.GetManifestResourceStream("axe.min.js")!);
        return await reader.ReadToEndAsync();
    }

    /// <summary>A picture for looking at, where somebody asks for them.</summary>
    private static async Task Keep(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("ADVISORY_SHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
    }

    [GeneratedRegex(@"/Type\s*/Page[^s]")]
    private static partial Regex PdfPage();
}
