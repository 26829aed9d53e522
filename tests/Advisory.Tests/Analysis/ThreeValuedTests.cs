using Advisory.Engine;
using Advisory.Engine.Analysis;

namespace Advisory.Tests.Analysis;

/// <summary>
/// Three-valued logic as the OMG's decision model test kit has it (conjunction, disjunction, negation: cases 0064 to 0066; ternary logic:
/// 0106, 0107), written as truth tables of our own: every diagram follows them, unknown standing for null.
/// </summary>
public sealed class ThreeValuedTests
{
    // Left, right, and, or; t true, f false, u unknown.
    private static readonly string[] Tables = ["ttt t", "tff t", "tuu t", "ftf t", "fff f", "fuf u", "utu t", "uff u", "uuu u"];

    [Fact]
    public void Conjunction_disjunction_and_negation_follow_the_tables_in_every_diagram()
    {
        var book = new TinyBook().Boolean("a.left").Boolean("a.right")
            .Question("and").Rule("R-1", "hard", "a.left == true && a.right == true")
            .Question("or").Rule("R-2", "hard", "a.left == true || a.right == true")
            .Question("not").Rule("R-3", "hard", "!(a.left == true)")
            .Question("both").Rule("R-4", "hard", "!(!(a.left == true) || !(a.right == true))")
            .Question("choice").Rule("R-5", "hard", "a.left == true ? a.right == true : a.right == true").Book();
        var scenario = TinyScenario.Read(book, """{ "facts": {} }""");
        foreach (var table in Tables)
        {
            Assert.Equal(table[2], Outcome("and", table));
            Assert.Equal(table[4], Outcome("or", table));
            Assert.Equal(table[0] switch { 't' => 'f', 'f' => 't', _ => 'u' }, Outcome("not", table));
            Assert.Equal(table[2], Outcome("both", table)); // De Morgan
            Assert.Equal(table[1], Outcome("choice", table)); // two like branches settle an unknown choice
        }

        char Outcome(string question, string table)
        {
            var model = new Model(book, scenario, Basis.Stated, [new(question, "first")], (_, _) => true, NullTests.Evaluated, 10_000);
            var states = model.Variables.Select(v => table[v.Fact.Name == "a.left" ? 0 : 1] switch { 't' => 2, 'f' => 1, _ => 0 }).ToArray();
            return Model.NameOf(book.Question(question)!, model.Diagrams.Follow(model.Outcomes[0], states).AsCode) switch { "GO" => 't', "NO_GO" => 'f', _ => 'u' };
        }
    }

    [Theory]
    [InlineData("a.left == true && a.right == true", "f", "NO_GO")]
    [InlineData("a.left == true || a.right == true", "t", "GO")]
    public void One_operand_that_settles_is_the_whole_reason(string expression, string left, string outcome)
    {
        var book = new TinyBook().Boolean("a.left").Boolean("a.right").Rule("R-1", "hard", expression).Book();
        var analysis = ScenarioAnalysis.Of(book, TinyScenario.Read(book, $$"""{ "facts": { "a.left": {{(left == "t" ? "true" : "false")}} } }"""));
        var why = analysis.Why(new("go", "first"));
        Assert.Equal(outcome, why.Outcome);
        Assert.Equal("a.left", Assert.Single(Assert.Single(why.Reasons).Facts).Fact);
        Assert.Equal(outcome, analysis.Reachable(new("go", "first")).Certain);
    }

    [Fact]
    public void A_tautology_is_open_to_one_outcome_only_though_the_evaluator_cannot_tell()
    {
        var book = new TinyBook().Boolean("a.left").Rule("R-1", "hard", "a.left == true || a.left == false").Book();
        var answer = ScenarioAnalysis.Of(book, TinyScenario.Read(book, """{ "facts": {} }""")).Reachable(new("go", "first"));
        Assert.Equal(("UNDETERMINED", "GO"), (answer.Outcome, answer.Certain));
    }
}
