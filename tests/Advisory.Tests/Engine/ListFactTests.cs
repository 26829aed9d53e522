using Advisory.Engine;

namespace Advisory.Tests.Engine;

public sealed class ListFactTests
{
    private static Loaded<Scenario> Read(string items) =>
        Scenario.Read(Books.Ukraine, new("s.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "facts": { "force.public_estimates": {{items}} } }""")));

    [Fact]
    public void An_item_may_have_named_parts_and_reads_back_from_its_canonical_form()
    {
        var scenario = Read("""[{ "source": "B", "low": 100000, "high": 150000 }, { "low": 40000.50, "source": "A" }, "a text"]""").Value!;
        Assert.Equal("""["a text",{"high":150000,"low":100000,"source":"B"},{"low":"40000.5","source":"A"}]""", scenario.ToJson()["facts"]!["force.public_estimates"]!.ToString(Newtonsoft.Json.Formatting.None));
        var again = Scenario.Read(Books.Ukraine, new("again.json", System.Text.Encoding.UTF8.GetBytes(scenario.ToJson().ToString()))).Value!;
        Assert.Equal(scenario.Digest, again.Digest);
        Assert.Equal(scenario.Digest, Read("""["a text", { "source": "A", "low": 40000.5 }, { "high": 150000, "low": 100000, "source": "B" }]""").Value!.Digest);
        var facts = Evaluation.Of(Books.Ukraine, scenario).Facts.Single(f => f.Fact.Name == "force.public_estimates");
        Assert.Equal("a text, source: B low: 100000 high: 150000, low: 40000.5 source: A", facts.Fact.Show(facts.Value, Language.En));
    }

    [Theory]
    [InlineData("""[{ "low": 1 }, { "low": 1 }]""", "duplicate-value")]
    [InlineData("""[{ "low": [1] }]""", "wrong-kind")]
    [InlineData("""[{ "low": null }]""", "wrong-kind")]
    [InlineData("[5]", "wrong-kind")]
    public void A_faulty_item_is_a_problem(string items, string code)
    {
        var read = Read(items);
        Assert.Null(read.Value);
        Assert.Equal(code, Assert.Single(read.Problems).Code);
    }
}
