using System.Diagnostics;
using System.Globalization;
using System.Text;
using Advisory.Engine;
using Xunit.Abstractions;

namespace Advisory.Tests.Laws;

using Json = Dictionary<string, object?>;

/// <summary>The engine and an interpreter written from the normative README alone agree, byte for byte.</summary>
/// <remarks>
/// 1,000 random pairs of a book and a scenario by default, 20,000 with <c>ADVISORY_TESTS=all</c>, and with <c>ADVISORY_LAWS</c> that many
/// times 20,000; of everything else here in proportion. A million, with progress, takes about an hour:
/// <code>
/// ADVISORY_LAWS=50 dotnet test tests/Advisory.Tests -c Release --filter Both_say_the_same_of_random -- xUnit.ShowLiveOutput=true
/// </code>
/// Pair n is scenario n % 4 of book n / 4. The first difference ends it, and shows the seed, where the two differ, and all files.
/// </remarks>
public sealed class NaiveInterpreterTests(ITestOutputHelper output)
{
    private const int ScenariosABook = 4;

    private static readonly string[] UkraineFolder = ["rules", "ukraine"];
    private static readonly string[] LaunchFolder = ["tests", "Advisory.Tests", "Books", "launch"];

    private static readonly Lazy<NaiveInterpreter> Ukraine = new(() => Naive(Books.Files(UkraineFolder)));
    private static readonly Lazy<NaiveInterpreter> Launch = new(() => Naive(Books.Files(LaunchFolder)));

    // How many twentieths of the full number: one by default.
    private static readonly int Twentieths =
        int.TryParse(Environment.GetEnvironmentVariable("ADVISORY_LAWS"), CultureInfo.InvariantCulture, out var times) && times > 0 ? 20 * times
        : Environment.GetEnvironmentVariable("ADVISORY_TESTS") == "all" ? 20 : 1;

    public static TheoryData<string> UkraineCases => new(Books.CaseNames(UkraineFolder));

    public static TheoryData<string> LaunchCases => new(Books.CaseNames(LaunchFolder));

    public static TheoryData<string> Corners => new(NaiveCorners.All.Keys);

    [Theory]
    [MemberData(nameof(UkraineCases))]
    public void Both_say_the_same_of_each_case_of_the_Ukraine_book_on_both_bases(string name) => AgreeOnCase(Books.Ukraine, Ukraine.Value, UkraineFolder, name);

    [Theory]
    [MemberData(nameof(LaunchCases))]
    public void Both_say_the_same_of_each_case_of_the_launch_book_on_both_bases(string name) => AgreeOnCase(Books.Launch, Launch.Value, LaunchFolder, name);

    [Theory]
    [MemberData(nameof(Corners))]
    public void Both_say_the_same_in_each_corner_of_the_language(string name)
    {
        var (tiny, scenarios) = NaiveCorners.All[name];
        var (book, naive) = (tiny.Book(), Naive(tiny.Files()));
        Assert.All(scenarios, scenario => Assert.Null(Difference(book, naive, Encoding.UTF8.GetBytes(scenario))));
    }

    [Fact]
    public void Both_say_the_same_of_random_books_and_scenarios() => AgreeOnAll(1_000 * Twentieths / ScenariosABook, ScenariosABook, seed =>
    {
        var random = RandomBook.Of(seed);
        return FirstDifference(random.Files, [.. Enumerable.Range(0, ScenariosABook).Select(n => random.Scenario((ulong)n))]);
    });

    [Fact]
    public void Both_calculate_the_same_figures() => AgreeOnAll(60 * Twentieths, ScenariosABook, seed =>
    {
        var figures = new NaiveFigures(seed);
        return FirstDifference(figures.Files, [.. Enumerable.Range(0, ScenariosABook).Select(_ => figures.Scenario())]);
    });

    [Fact]
    public void Both_say_the_same_of_the_Ukraine_book_where_its_cases_are_mixed() => AgreeOnMixtures(15 * Twentieths, Books.Ukraine, Ukraine.Value, UkraineFolder);

    [Fact]
    public void Both_say_the_same_of_the_launch_book_where_its_cases_are_mixed() => AgreeOnMixtures(50 * Twentieths, Books.Launch, Launch.Value, LaunchFolder);

    private void AgreeOnAll(int seeds, int pairsASeed, Func<ulong, string?> differenceOf)
    {
        var (clock, done, first) = (Stopwatch.StartNew(), 0, (string?)null);
        Parallel.For(0, seeds, new() { MaxDegreeOfParallelism = Twentieths > 1 ? 2 : 1 }, (seed, loop) =>
        {
            if (differenceOf((ulong)seed) is { } difference)
            {
                Interlocked.CompareExchange(ref first, $"seed {seed}: {difference}", null);
                loop.Stop();
            }
            var now = Interlocked.Add(ref done, pairsASeed);
            if (now % 10_000 == 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now} of {seeds * pairsASeed} agree, {clock.Elapsed.TotalSeconds:0} s"));
        });
        Assert.True(first is null, first);
        Assert.Equal(seeds * pairsASeed, done);
    }

    private void AgreeOnMixtures(int mixtures, RuleBook book, NaiveInterpreter naive, string[] folder)
    {
        var cases = Books.CaseNames(folder).Select(name => CaseScenario(folder, name)).ToList();
        AgreeOnAll(mixtures, 1, seed =>
        {
            var scenario = Bytes(Mixture(cases, new(seed)));
            return Difference(book, naive, scenario) is { } difference ? $"{difference}\n{Encoding.UTF8.GetString(scenario)}" : null;
        });
    }

    /// <summary>Each fact and each reading as some case has it, or not at all; records of one case, waivers of none.</summary>
    private static Json Mixture(List<Json> cases, Chance chance)
    {
        var share = chance.Of([10, 40, 70, 95]);
        return new()
        {
            ["asOf"] = "2026-01-24",
            ["facts"] = Mixed("facts", fact => fact == "mission.type" ? 15 : share),
            ["readings"] = Mixed("readings", _ => 40),
            ["records"] = chance.Of(cases).Members("records"),
        };

        Json Mixed(string members, Func<string, int> percent) => cases.SelectMany(one => one.Members(members).Keys).Distinct().Order(StringComparer.Ordinal)
            .Where(name => chance.Percent(percent(name)))
            .ToDictionary(name => name, name => chance.Of(cases.FindAll(one => one.Members(members).ContainsKey(name))).Members(members)[name]);
    }

    private static Json CaseScenario(string[] folder, string name) =>
        ((Json)NaiveJson.Read(File.ReadAllBytes(Repository.PathOf([.. folder, "cases", name + ".json"])))!).Members("scenario");

    private static void AgreeOnCase(RuleBook book, NaiveInterpreter naive, string[] folder, string name)
    {
        // Every evaluation has both bases; which of them the scenario asks to see first is tried by the heavy runs only.
        var scenario = CaseScenario(folder, name);
        Assert.Null(Difference(book, naive, Bytes(scenario)));
        if (Twentieths == 1) return;
        foreach (var basis in new[] { "stated", "assumed" }) Assert.Null(Difference(book, naive, Bytes(new Json(scenario) { ["basis"] = basis })));
    }

    /// <summary>Where the two differ on a book, with all that it takes to try again; null if they agree.</summary>
    private static string? FirstDifference(IReadOnlyList<InputFile> files, IEnumerable<byte[]> scenarios)
    {
        var loaded = RuleBook.Load(files);
        if (loaded.Value is null) return $"the book is refused: {string.Join('\n', loaded.Problems)}\n{Shown(files)}";
        var naive = Naive(files);
        foreach (var scenario in scenarios)
        {
            if (Difference(loaded.Value, naive, scenario) is { } difference) return $"{difference}\n{Shown([.. files, new("scenario.json", scenario)])}";
        }
        return null;
    }

    private static string? Difference(RuleBook book, NaiveInterpreter naive, byte[] scenario)
    {
        var read = Scenario.Read(book, new("scenario.json", scenario));
        if (read.Value is null) return "the scenario is refused: " + string.Join('\n', read.Problems);
        return NaiveJson.FirstDifference(naive.Evaluate(scenario), Encoding.UTF8.GetString(EvaluationJson.Canonical(Evaluation.Of(book, read.Value))));
    }

    private static NaiveInterpreter Naive(IEnumerable<InputFile> files) => new(files.Select(file => (file.Name, file.Content)));

    private static byte[] Bytes(Json json) => Encoding.UTF8.GetBytes(NaiveJson.Canonical(json));

    private static string Shown(IEnumerable<InputFile> files) => string.Concat(files.Select(file => $"--- {file.Name}\n{Encoding.UTF8.GetString(file.Content.Span)}\n"));
}
