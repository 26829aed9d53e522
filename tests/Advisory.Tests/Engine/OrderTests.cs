using System.Collections.Concurrent;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// In which order rules, facts, files, reports, records and waivers are written changes neither an outcome nor a set of rules. Tried on
/// every case of both books, with everything that has no meaning in its order turned around.
/// </summary>
public sealed class OrderTests
{
    private static readonly Dictionary<string, string[]> Folders = new()
    {
        ["ukraine"] = ["rules", "ukraine"],
        ["launch"] = ["tests", "Advisory.Tests", "Books", "launch"],
    };

    /// <summary>Ways to put the items of a list in another order; each is its own kind of trap.</summary>
    private static readonly Dictionary<string, Func<List<JToken>, IEnumerable<JToken>>> Orders = new()
    {
        ["reversed"] = items => items.AsEnumerable().Reverse(),
        ["halved"] = items => items.Skip(items.Count / 2).Concat(items.Take(items.Count / 2)),
        ["interleaved"] = items => items.Where((_, i) => i % 2 == 1).Concat(items.Where((_, i) => i % 2 == 0)),
    };

    /// <summary>
    /// The lists of a book whose order means nothing to an outcome. Not <c>Outcomes</c>, which is a scale; not <c>GlobalParams</c> and
    /// <c>LocalParams</c>, where a later one may name an earlier; and nested <c>Rules</c> come with those of the rule set.
    /// </summary>
    private static readonly string[] BookLists =
    [
        "Rules", "Missions", "Statements", "facts", "readings", "options", "values", "missions", "questions", "groups", "suppliers", "statements",
        "documents", "notAssessed",
    ];

    private static readonly string[] ScenarioLists = ["reports", "contributors", "stations", "waivers"];

    // Every order on the small book; on the large one the order that moves each item the furthest from its neighbours.
    public static TheoryData<string, string> Ways =>
        new() { { "launch", "reversed" }, { "launch", "halved" }, { "launch", "interleaved" }, { "ukraine", "interleaved" } };

    public static TheoryData<string> BookNames => new(Folders.Keys);

    private static RuleBook Original(string book) => book == "ukraine" ? Books.Ukraine : Books.Launch;

    private static List<InputFile> CaseFiles(string book) =>
    [
        .. Books.CaseNames(Folders[book]).Select(name => name + ".json")
            .Select(name => new InputFile(name, File.ReadAllBytes(Repository.PathOf([.. Folders[book], "cases", name])))),
    ];

    private static InputFile Turned(InputFile file, string[] lists, Func<List<JToken>, IEnumerable<JToken>> order, bool members = false)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(file.Content.Span)))
        {
            FloatParseHandling = FloatParseHandling.Decimal,
            DateParseHandling = DateParseHandling.None,
        };
        return file with { Content = Encoding.UTF8.GetBytes(Turn(JToken.Load(reader), null).ToString(Formatting.None)) };

        JToken Turn(JToken token, string? name) => token switch
        {
            JArray list when lists.Contains(name) => new JArray(order([.. list.Select(item => Turn(item, null))])),
            JArray list => new JArray(list.Select(item => Turn(item, null))),
            JObject item => new JObject(Members(item).Select(member => new JProperty(member.Name, Turn(member.Value, member.Name)))),
            _ => token,
        };

        IEnumerable<JProperty> Members(JObject item) => members ? order([.. item.Properties()]).Cast<JProperty>() : item.Properties();
    }

    /// <summary>What the book as it stands says on each of its cases; worked out once.</summary>
    private static readonly ConcurrentDictionary<string, IReadOnlyList<(InputFile File, List<string> Said)>> Saying = new();

    private static IReadOnlyList<(InputFile File, List<string> Said)> OnEachCase(string book) =>
        Saying.GetOrAdd(book, _ => [.. CaseFiles(book).Select(file => (file, Said(Evaluate(Original(book), file))))]);

    private static RuleBook Loaded(IEnumerable<InputFile> files)
    {
        var loaded = RuleBook.Load(files);
        Assert.True(loaded.Value is not null, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }

    private static Scenario Read(RuleBook book, InputFile file)
    {
        var read = Scenario.Read(book, file);
        Assert.True(read.Value is not null, string.Join('\n', read.Problems));
        return read.Value;
    }

    private static Evaluation Evaluate(RuleBook book, InputFile file) => Evaluation.Of(book, Read(book, file));

    /// <summary>All that an evaluation says, as lines without an order: a sorted set.</summary>
    private static List<string> Said(Evaluation evaluation)
    {
        var lines = new List<string>();
        foreach (var verdict in evaluation.Verdicts)
        {
            foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
            {
                var (view, subject) = (verdict.On(basis), $"{verdict.Question.Id} {verdict.Mission} {verdict.Record} {basis}");
                lines.Add($"{subject}: {view.Outcome}, without waivers {view.WithoutWaivers}, jointly {view.RelyingOn.Jointly}");
                lines.AddRange(view.Findings.Select(f => $"{subject}: {f.Rule.Name} {f.Strength.Token} {f.Truth} {f.Applies} {f.Waiver?.Reason}"));
                lines.AddRange(view.Deciding.Select(f => $"{subject}: {f.Rule.Name} decides"));
                lines.AddRange(view.Conditions.Select(f => $"{subject}: {f.Rule.Name} is a condition"));
                lines.AddRange(view.Warnings.Select(f => $"{subject}: {f.Rule.Name} warns"));
                lines.AddRange(view.Waived.Select(f => $"{subject}: {f.Rule.Name} is waived"));
                lines.AddRange(view.NotAssessed.Select(r => $"{subject}: {r.Name} is not assessed"));
                lines.AddRange(view.Open.Select(r => $"{subject}: {r.Name} is open"));
                lines.AddRange(view.Fallback.Select(f => $"{subject}: falls back to {f.Mission}, {f.Outcome}"));
                lines.AddRange(view.RelyingOn.Items.Select(r => $"{subject}: rests on {r.Kind} {r.Name}"));
            }
        }

        lines.AddRange(evaluation.Facts.Select(f => $"{f.Record} {f.Fact.Name} is {f.State}: {Json(f.Value)}, {f.Reports.Length} reports, {f.Statement}"));
        lines.AddRange(evaluation.Readings.Select(r => $"{r.Reading.Name} is {r.Option}, {r.IsBooksOwn}"));
        lines.AddRange(evaluation.Derived.Select(d => $"{d.Mission} {d.Fact.Name} follows: {Json(d.Value)}, {Json(d.UnderAssumptions)}"));
        lines.Sort(StringComparer.Ordinal);
        return lines;

        static string? Json(JToken? value) => value?.ToString(Formatting.None);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_order_in_which_a_book_is_written_changes_nothing_that_is_said(string name, string order)
    {
        var original = Original(name);
        var turned = Loaded(Books.Files(Folders[name]).Select(file => Turned(file, BookLists, Orders[order])));
        Assert.NotEqual(original.Digest, turned.Digest); // it is another book, and says the same

        foreach (var (file, said) in OnEachCase(name)) Assert.Equal(said, Said(Evaluate(turned, file)));
    }

    [Theory]
    [MemberData(nameof(BookNames))]
    public void The_order_in_which_a_scenario_is_written_changes_nothing_that_is_said(string name)
    {
        foreach (var (file, said) in OnEachCase(name))
            Assert.Equal(said, Said(Evaluate(Original(name), Turned(file, ScenarioLists, Orders["reversed"], members: true))));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_order_of_members_and_files_does_not_even_change_the_digest(string name, string order)
    {
        var files = Books.Files(Folders[name]).Select(file => Turned(file, [], Orders[order], members: true)).Reverse();
        var turned = Loaded(files);
        Assert.Equal((Original(name).Digest, Original(name).RulesDigest), (turned.Digest, turned.RulesDigest));
    }

    [Theory]
    [MemberData(nameof(BookNames))]
    public void The_order_of_a_scenarios_members_and_facts_does_not_even_change_its_digest(string name)
    {
        var book = Original(name);
        foreach (var file in CaseFiles(name))
            Assert.Equal(Read(book, file).Digest, Read(book, Turned(file, [], Orders["reversed"], members: true)).Digest);
    }

    [Fact]
    public void A_fact_may_be_derived_from_one_that_the_vocabulary_declares_later()
    {
        var book = new TinyBook()
            .DerivedInteger("a.last", 0, 1000, "a.middle + 1")
            .DerivedInteger("a.middle", 0, 1000, "a.start * 2")
            .Integer("a.start", 0, 100)
            .Rule("R-1", "hard", "a.last == 21");
        Assert.Equal("GO", book.Evaluate("""{ "facts": { "a.start": 10 } }""").Verdict("go", "first")!.Stated.Outcome);
    }

    [Fact]
    public void Rules_stand_in_a_verdict_in_the_order_of_the_book()
    {
        var book = new TinyBook().Boolean("a.b").Rule("R-2", "hard", "a.b == true").Rule("R-1", "hard", "a.b == true")
            .Rule("R-3", "hard", "a.b == true");
        Assert.Equal(["R-2", "R-1", "R-3"], book.Evaluate("""{ "facts": { "a.b": false } }""").Verdict("go", "first")!.Stated.Deciding.Select(f => f.Rule.Name));
    }
}
