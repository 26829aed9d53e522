using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>A book and a scenario on which a law is tried: as JSON, to change, and as the engine reads them.</summary>
internal sealed partial class Sample
{
    // Loading a book costs more than ten evaluations, so the laws share these; beside each book a law draws a scenario of its own.
    private static readonly ConcurrentDictionary<ulong, (IReadOnlyDictionary<string, JObject> Files, RuleBook Book)> Loaded = new();

    private Sample(IReadOnlyDictionary<string, JObject> files, RuleBook book, JObject said, Scenario scenario, ulong seed)
    {
        (Files, Book, Said, Scenario, Seed) = (files, book, said, scenario, seed);
    }

    /// <summary>The files of the book as objects; not to be changed.</summary>
    public IReadOnlyDictionary<string, JObject> Files { get; }

    public RuleBook Book { get; }

    /// <summary>The scenario as an object; not to be changed.</summary>
    public JObject Said { get; }

    public Scenario Scenario { get; }

    /// <summary>What else a law draws on this sample, it draws from here: the same for every smaller sample.</summary>
    public ulong Seed { get; }

    public Evaluation Evaluation => field ??= Evaluation.Of(Book, Scenario);

    public static Sample Of(ulong book, ulong scenario)
    {
        var (files, loaded) = Loaded.GetOrAdd(book, seed =>
        {
            var random = RandomBook.Of(seed);
            return (random.Json, Load(random.Json) ?? throw new InvalidOperationException($"the random book {seed} is refused"));
        });
        var said = RandomScenario.For(files, scenario);
        var read = Read(loaded, said) ?? throw new InvalidOperationException($"the scenario {scenario} of the random book {book} is refused");
        return new(files, loaded, said, read, scenario);
    }

    public static InputFile File(string name, JObject json, Formatting layout = Formatting.None) =>
        new(name, Encoding.UTF8.GetBytes(json.ToString(layout)));

    public static RuleBook? Load(IEnumerable<KeyValuePair<string, JObject>> files) =>
        RuleBook.Load(files.Select(file => File(file.Key, file.Value))).Value;

    public static Scenario? Read(RuleBook book, JObject said) => Scenario.Read(book, File("scenario.json", said)).Value;

    /// <summary>The same book on another scenario, which must be valid.</summary>
    public Sample With(JObject said) => new(Files, Book, said, Scenario.Read(Book, File("scenario.json", said)) switch
    {
        { Value: { } read } => read,
        var refused => throw new InvalidOperationException(string.Join('\n', refused.Problems) + "\n" + said.ToString(Formatting.None)),
    }, Seed);

    /// <summary>The same with a changed copy of the scenario.</summary>
    public Sample With(Action<JObject> change)
    {
        var said = (JObject)Said.DeepClone();
        change(said);
        return With(said);
    }

    /// <summary>A changed copy of the book, with the scenario read anew; null where either is refused.</summary>
    public Sample? WithBook(Action<Dictionary<string, JObject>> change, Action<JObject>? changeScenario = null)
    {
        var files = Files.ToDictionary(file => file.Key, file => (JObject)file.Value.DeepClone());
        change(files);
        var said = (JObject)Said.DeepClone();
        changeScenario?.Invoke(said);
        return Load(files) is { } book && Read(book, said) is { } scenario ? new(files, book, said, scenario, Seed) : null;
    }

    /// <summary>The facts of the vocabulary as the file declares them, in book order.</summary>
    public IEnumerable<JObject> Vocabulary => Files["vocabulary.json"]["facts"]!.Cast<JObject>();

    /// <summary>The readings as the file declares them.</summary>
    public IEnumerable<JObject> Readings => Files.TryGetValue("readings.json", out var file) ? file["readings"]!.Cast<JObject>() : [];

    /// <summary>The file of a question.</summary>
    public JObject File(RuleSet question) => Files[question.Id + ".json"];

    /// <summary>The rules of a question as their files have them, those that it injects too.</summary>
    public IEnumerable<JObject> Rules(RuleSet question) => Rules(Files, question.Id);

    public static IEnumerable<JObject> Rules(IReadOnlyDictionary<string, JObject> files, string workflow) =>
        ((JArray?)files[workflow + ".json"]["Rules"] ?? []).Cast<JObject>()
            .Concat(((JArray?)files[workflow + ".json"]["WorkflowsToInject"] ?? []).SelectMany(other => Rules(files, (string)other!)));

    /// <summary>The names of the rules of a question that no null test bears on, in derivations neither.</summary>
    public HashSet<string> WithoutNullTests(RuleSet question)
    {
        var derivations = Vocabulary.Where(f => f["derive"] is not null).ToDictionary(f => (string)f["name"]!, f => (string)f["derive"]!);
        var globals = ((JArray?)File(question)["GlobalParams"] ?? []).Select(p => (string)p["Expression"]!).ToList();
        return [.. Rules(question).Where(rule => !Expressions(rule).Concat(globals).Any(Tests)).Select(rule => (string)rule["RuleName"]!)];

        bool Tests(string expression) =>
            NullTest().IsMatch(expression)
            || FactName().Matches(expression).Any(name => derivations.TryGetValue(name.Value, out var derivation) && Tests(derivation));
    }

    /// <summary>The rules in all files, questions' own and injected ones.</summary>
    public static IEnumerable<JObject> AllRules(IReadOnlyDictionary<string, JObject> files) =>
        files.Values.SelectMany(file => (JArray?)file["Rules"] ?? []).Cast<JObject>();

    /// <summary>Every member of these names, however deep it stands; a list, so that they may be changed or removed.</summary>
    public static List<JProperty> Members(JContainer json, params string[] names) =>
        [.. json.Descendants().OfType<JProperty>().Where(p => names.Contains(p.Name))];

    /// <summary>Every expression in a rule or a file, those of its parameters and nested rules too.</summary>
    public static IEnumerable<string> Expressions(JObject json) => Members(json, "Expression", "derive", "When").Select(p => (string)p.Value!);

    /// <summary>The rank of the outcome that a finding leads to by the file of its question, or -1 (README of the engine, 10.6).</summary>
    public int LeadsTo(RuleSet question, Finding finding, bool withWaivers = true)
    {
        if (withWaivers && finding.Waiver is not null) return -1;
        var leads = File(question)["Strengths"]![finding.Strength.Token]![finding.Truth.ToString().ToLowerInvariant()];
        return leads is null ? -1 : question.Outcomes.IndexOf((string)leads!);
    }

    /// <summary>The derived facts that reports contradict, for whatever subject.</summary>
    public IEnumerable<FactUse> ContestedDerived => Evaluation.Facts.Where(f => f is { State: FactState.Contested, Fact.Role: FactRole.Derived });

    /// <summary>Every verdict on either basis.</summary>
    public IEnumerable<Answer> Verdicts => Of(Evaluation);

    public static IEnumerable<Answer> Of(Evaluation evaluation) =>
        evaluation.Verdicts.SelectMany(v => new[] { new Answer(v, Basis.Stated), new Answer(v, Basis.Assumed) });

    /// <summary>The book and the scenario, with what seldom matters left out; a failing law prints this.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("\n");
        foreach (var (name, json) in Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var shown = (JObject)json.DeepClone();
            string[] noise =
                ["title", "label", "Title", "Reason", "owner", "version", "documents", "groups", "notAssessed", "outcomes", "Statements", "group", "why"];
            foreach (var member in Members(shown, noise)) member.Remove();
            text.Append(name).Append(": ").Append(shown.ToString(Formatting.None)).Append('\n');
        }

        return text.Append("scenario: ").Append(Said.ToString(Formatting.None)).Append('\n').ToString();
    }

    [GeneratedRegex(@"[!=]=\s*null|null\s*[!=]=")]
    public static partial Regex NullTest();

    [GeneratedRegex(@"[a-z_][a-z0-9_]*(\.[a-z0-9_]+)+")]
    public static partial Regex FactName();
}

/// <summary>A verdict on one basis.</summary>
internal readonly record struct Answer(Verdict Verdict, Basis Basis)
{
    public View View => Verdict.On(Basis);

    /// <summary>What it is about; the same in another evaluation of the same question and subject.</summary>
    public (string Question, string Mission, string? Record, Basis Basis) About => (Verdict.Question.Id, Verdict.Mission, Verdict.Record, Basis);
}
