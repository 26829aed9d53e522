using System.Text;
using Advisory.Engine;
using Advisory.Tests.Laws;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Analysis;

/// <summary>A random rule set over so few facts that every state of all of them can be tried, and a scenario for it; a seed settles both.</summary>
/// <remarks>
/// Facts of every type, derived facts, planning figures, assumptions, readings that choose strengths, guards, signals, null tests, waivers,
/// two missions, sometimes a stated derived fact. Expressions are those of <see cref="RandomExpressions"/>.
/// </remarks>
internal sealed class SmallBook
{
    public const string Question = "go";

    private SmallBook(RuleBook book, Scenario scenario, List<(Fact Fact, List<JToken?> States)> facts, int completions)
    {
        (Book, Scenario, Facts, Completions) = (book, scenario, facts, completions);
    }

    public RuleBook Book { get; }

    public Scenario Scenario { get; }

    /// <summary>The facts that a scenario may state, each with unknown (null) and all its values.</summary>
    public List<(Fact Fact, List<JToken?> States)> Facts { get; }

    /// <summary>How many combinations of values all facts have.</summary>
    public int Completions { get; }

    public static SmallBook Of(ulong seed, int minCompletions = 1, int maxCompletions = 1 << 10)
    {
        for (var attempt = 0UL; ; attempt++)
            if (Try(new((seed * 1_000) + attempt)) is { } small && small.Completions <= maxCompletions && small.Completions >= minCompletions)
                return small;
    }

    private static SmallBook? Try(Chance chance)
    {
        var nameables = new List<Nameable>();
        var book = new TinyBook();
        var hasNullTests = chance.Percent(50);
        for (var i = 0; i < chance.From(1, 4); i++) Add(new($"w.flag_{i}", "boolean", []), "boolean", null, i == 0 && chance.Percent(40) ? "true" : null);
        for (var i = 0; i < chance.From(0, 2); i++) Add(new($"w.kind_{i}", "enumeration", ["low", "mid", "high"]), "enumeration", """{ "values": ["low", "mid", "high"] }""", null);
        for (var i = 0; i < chance.From(0, 2); i++) Add(new($"w.count_{i}", "integer", [], 0, 4), "integer", """{ "unit": "units", "min": 0, "max": 4, "step": 1 }""", i == 1 && chance.Percent(50) ? "3" : null);
        if (chance.Percent(20)) Add(new("w.share", "decimal", [], 0, 1, 0.5m), "decimal", """{ "unit": "units", "min": 0, "max": 1, "step": 0.5 }""", null);
        if (chance.Percent(20)) Add(new("w.tags", "list", ["one", "two"]), "list", """{ "values": ["one", "two"] }""", null);
        if (chance.Percent(30))
        {
            book.Planning("w.planned", chance.From(0, 3), 0, 3);
            nameables.Add(new("w.planned", "integer", [], 0, 3));
        }

        if (chance.Percent(15)) Add(new("w.note", "text", []), "text", null, null);
        if (nameables.Count == 0) return null;
        var given = nameables.ToList();
        if (chance.Percent(40))
        {
            book.DerivedBoolean("d.truth", new RandomExpressions(chance, given, isDerivation: true, hasNullTests).Derivation(new("d.truth", "boolean", []), 2));
            nameables.Add(new("d.truth", "boolean", []));
        }

        if (chance.Percent(40) && given.Any(g => g.IsNumber))
        {
            book.DerivedInteger("d.sum", -2, 8, new RandomExpressions(chance, given, isDerivation: true, hasNullTests).Derivation(new("d.sum", "integer", [], -2, 8), 2));
            nameables.Add(new("d.sum", "integer", [], -2, 8));
        }

        var strengths = new[] { "hard", "hard", "in_principle", "willing", "warning" };
        if (chance.Percent(30)) book.Reading("reading.r", "strict", "lenient");
        book.Question(Question, members: chance.Percent(10) ? new JObject { ["When"] = Expression(1) }.ToString() : null);
        var rules = chance.From(1, 6);
        var waivable = new List<string>();
        for (var i = 0; i < rules; i++)
        {
            var missions = chance.Percent(80) ? "any" : chance.Of(["first", "second"]);
            var isWaivable = chance.Percent(30);
            var strength = chance.Of(strengths);
            if (chance.Percent(20) && book.Load().Value?.Facts.Any(f => f.Name == "reading.r") == true) strength = """{ "reading": "reading.r", "strict": "hard", "lenient": "in_principle" }""";
            else if (isWaivable && strength is "in_principle" or "willing") waivable.Add($"R-{i}");
            var expression = chance.Percent(30) ? new RandomExpressions(chance, nameables, isDerivation: false, hasNullTests).Guarded(2) : Expression(chance.From(1, 2));
            book.Rule($"R-{i}", strength, expression, new JObject { ["Missions"] = new JArray(missions), ["Waivable"] = isWaivable }.ToString());
        }

        if (book.Load().Value is not { } loaded) return null;
        var facts = new List<(Fact, List<JToken?>)>();
        var completions = 1;
        var statesDerived = chance.Percent(10) && loaded.Facts.All(f => f.Role == FactRole.Reading || f is { Default: null, Assumption: null });
        var scenario = new JObject();
        foreach (var nameable in nameables)
        {
            var isDerived = nameable.Name.StartsWith("d.", StringComparison.Ordinal);
            if (isDerived && !statesDerived) continue;
            var values = RandomScenario.Values(nameable, 64)!;
            if (!isDerived || chance.Percent(100)) facts.Add((loaded.Fact(nameable.Name)!, [null, .. values]));
            completions *= values.Count;
            if (chance.Percent(isDerived ? 100 : 60)) scenario[nameable.Name] = chance.Of(values);
        }

        var json = new JObject { ["facts"] = scenario, ["asOf"] = "2026-01-24" };
        if (loaded.Fact("reading.r") is not null && chance.Percent(30)) json["readings"] = new JObject { ["reading.r"] = "lenient" };
        if (waivable.Count > 0 && chance.Percent(50))
            json["waivers"] = new JArray(new JObject { ["rule"] = chance.Of(waivable), ["missions"] = "all", ["reason"] = "r", ["grounds"] = "g", ["by"] = "b", ["until"] = "2026-12-31" });
        return Scenario.Read(loaded, new("scenario.json", Encoding.UTF8.GetBytes(json.ToString()))).Value is { } read ? new(loaded, read, facts, completions) : null;

        string Expression(int depth) => new RandomExpressions(chance, nameables, isDerivation: false, hasNullTests).Condition(depth);

        void Add(Nameable nameable, string type, string? also, string? assumed)
        {
            var members = also is null ? [] : JObject.Parse(also);
            if (assumed is not null) members["assumption"] = new JObject { ["value"] = JToken.Parse(assumed), ["statement"] = "S-1" };
            book.Fact(nameable.Name, type, members.ToString());
            nameables.Add(nameable);
        }
    }
}
