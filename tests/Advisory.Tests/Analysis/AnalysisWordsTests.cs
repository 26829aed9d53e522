using Advisory.Engine;
using Advisory.Engine.Analysis;

namespace Advisory.Tests.Analysis;

/// <summary>Answers as sentences.</summary>
public sealed class AnalysisWordsTests
{
    private static readonly Subject Go = new("go", "first");

    private static readonly RuleBook Book = new TinyBook()
        .Boolean("sky.clear", """{ "label": { "en": "clear sky", "nl": "heldere hemel" }, "influence": "none", "suppliedBy": "desk" }""")
        .Integer("wind.speed", 0, 100, """{ "label": { "en": "wind", "nl": "wind" }, "unit": "knots" }""")
        .Header("""{ "suppliers": [ { "id": "desk", "title": { "en": "the weather desk", "nl": "de weerkamer" } } ] }""")
        .Rule("R-1", "hard", "wind.speed <= 40 && sky.clear == true").Book();

    private static (ScenarioAnalysis Analysis, AnalysisWords En, AnalysisWords Nl) Of(string facts)
    {
        var scenario = TinyScenario.Read(Book, facts);
        return (ScenarioAnalysis.Of(Book, scenario, new() { Influence = ["none"] }), new(Book, scenario, Language.En), new(Book, scenario, Language.Nl));
    }

    [Fact]
    public void A_reason_names_facts_by_label_with_their_sources()
    {
        var (analysis, en, nl) = Of("""{ "facts": { "sky.clear": true, "wind.speed": { "value": 55, "source": "mast 2", "asOf": "2026-01-24" } } }""");
        Assert.Equal(["NO_GO, whatever else is the case, because wind is 55 knots (mast 2, 2026-01-24).", "Makes no difference: clear sky."], en.Lines(analysis.Why(Go)));
        Assert.Equal(["NO_GO, wat er verder ook zij, omdat wind 55 knots is (mast 2, 2026-01-24).", "Maakt geen verschil: heldere hemel."], nl.Lines(analysis.Why(Go)));
    }

    [Fact]
    public void A_change_says_the_nearest_value_the_present_one_and_what_else_works()
    {
        var (analysis, en, nl) = Of("""{ "facts": { "sky.clear": true, "wind.speed": 55 } }""");
        Assert.Equal(["GO if wind becomes 40 knots (now 55 knots; also 0 knots – 40 knots)."], en.Lines(analysis.Change(Go, "GO")));
        Assert.Equal(["GO als wind 40 knots wordt (nu 55 knots; ook 0 knots – 40 knots)."], nl.Lines(analysis.Change(Go, "GO")));
    }

    [Fact]
    public void What_is_open_certain_asked_and_at_risk_is_said_in_both_languages()
    {
        var (analysis, en, nl) = Of("""{ "facts": { "wind.speed": 10 } }""");
        Assert.Equal(["Still open: NO_GO if clear sky is no.", "Still open: GO if clear sky is yes."], en.Lines(analysis.Reachable(Go)));
        Assert.Equal("Find out: clear sky, from the weather desk; then 1 questions on average, 1 at worst, for R-1.", en.Lines(analysis.Ask(Go)).First());
        Assert.Equal("Zoek uit: heldere hemel, bij de weerkamer; dan gemiddeld 1 vragen, in het slechtste geval 1, voor R-1.", nl.Lines(analysis.Ask(Go)).First());
        Assert.Contains("één veranderd feit", nl.Lines(analysis.Margin(Go)).First(), StringComparison.Ordinal);
        var (certain, words, _) = Of("""{ "facts": { "wind.speed": 90 } }""");
        Assert.Equal(["Certain: NO_GO, whatever the unknown facts turn out to be."], words.Lines(certain.Reachable(Go)));
    }

    [Fact]
    public void An_answer_that_is_not_exact_says_so_last()
    {
        var scenario = TinyScenario.Read(Book, """{ "facts": {} }""");
        var answer = ScenarioAnalysis.Of(Book, scenario, new() { Budget = 3 }).Why(Go);
        Assert.StartsWith("Not answered in full", new AnalysisWords(Book, scenario, Language.En).Lines(answer).Last(), StringComparison.Ordinal);
        Assert.StartsWith("Niet volledig", new AnalysisWords(Book, scenario, Language.Nl).Lines(answer).Last(), StringComparison.Ordinal);
    }
}
