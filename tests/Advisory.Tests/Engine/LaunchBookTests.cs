using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>The engine on a subject that nothing in <c>src/</c> knows of. What the book is for: <c>Books/README.md</c>.</summary>
public sealed class LaunchBookTests
{
    private static readonly string[] Folder = ["tests", "Advisory.Tests", "Books", "launch"];

    public static TheoryData<string> Names => new(Books.CaseNames(Folder));

    private static IEnumerable<Case> Cases => Books.CaseNames(Folder).Select(name => Books.Case(Books.Launch, name, Folder));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_case_ends_as_its_author_expects(string name)
    {
        var read = Books.Case(Books.Launch, name, Folder);
        Assert.Equal(name, read.Name);
        Assert.NotEmpty(read.Expect);
        Assert.Empty(read.Differences(Evaluation.Of(Books.Launch, read.Scenario)));
    }

    [Fact]
    public void The_book_loads_without_a_single_problem() => Assert.Empty(RuleBook.Load(Books.Files(Folder)).Problems);

    [Fact]
    public void Every_outcome_of_every_scale_is_reached_by_some_case()
    {
        var reached = Cases.SelectMany(c => c.Expect).Select(e => (e.Question, e.Outcome)).ToHashSet();
        var scales = Books.Launch.Questions.SelectMany(q => q.Outcomes.Select(outcome => (q.Id, outcome))).ToList();
        Assert.Empty(scales.Except(reached));
    }

    [Fact]
    public void Every_rule_decides_or_warns_or_is_listed_in_some_case_except_the_note()
    {
        var named = Cases.SelectMany(c => c.Expect)
            .SelectMany(e => new[] { e.Deciding, e.Warnings, e.Conditions, e.NotAssessed, e.Open, e.Waived }).SelectMany(rules => rules ?? []).ToHashSet();
        // W-SP-2 shows as a fallback, W-GS-3 is a note: neither is listed by name in a verdict.
        Assert.Equal(["W-SP-2", "W-GS-3"], Books.Launch.Questions.SelectMany(q => q.Rules).Select(r => r.Name).Where(r => !named.Contains(r)));
    }

    [Fact]
    public void A_verdict_is_given_for_each_mission_and_each_record_and_once_where_there_is_neither()
    {
        var evaluation = TinyScenario.Evaluate(Books.Launch, """{ "facts": {}, "records": { "stations": [{ "name": "Tarn" }, { "name": "Holm" }] } }""");
        Assert.Equal(
            [
                ("weather", "crewed", null), ("weather", "cargo", null), ("weather", "suborbital", null),
                ("range", "any", null),
                ("stations", "any", "Tarn"), ("stations", "any", "Holm"),
                ("abort", "crewed", null), ("abort", "cargo", null), ("abort", "suborbital", null),
            ],
            evaluation.Verdicts.Select(v => (v.Question.Id, v.Mission, v.Record)));
    }

    [Fact]
    public void The_figures_that_the_document_states_are_those_that_the_book_derives()
    {
        foreach (var row in Books.Launch.Figures.SelectMany(table => table.Rows))
        {
            var facts = new JObject(row.Where.Select(fact => new JProperty(fact.Key, fact.Value)));
            var derived = TinyScenario.Evaluate(Books.Launch, new JObject { ["facts"] = facts }.ToString()).Derived;
            Assert.All(row.States, stated => Assert.Equal(stated.Value, derived.Single(d => d.Mission == row.Mission && d.Fact.Name == stated.Key).Value));
        }
    }

    [Fact]
    public void Every_registered_statement_is_cited_by_what_encodes_it_and_the_other_way_round()
    {
        var book = Books.Launch;
        var byRules = book.Questions.SelectMany(q => q.Rules).SelectMany(rule => rule.Statements.Select(id => (id, rule.Name))).ToHashSet();
        var byFacts = book.Facts.SelectMany(fact => fact.Statements.Select(id => (id, fact.Name))).ToHashSet();
        Assert.Equal(byRules, book.Statements.Values.SelectMany(s => s.Rules.Select(rule => (s.Id, rule))).ToHashSet());
        Assert.Equal(byFacts, book.Statements.Values.SelectMany(s => s.Facts.Select(fact => (s.Id, fact))).ToHashSet());
        Assert.All(book.Statements.Values, s => Assert.Equal(s.Rules.IsEmpty && s.Facts.IsEmpty, s.Unencoded is not null));
    }

    [Fact]
    public void Every_statement_bears_the_hash_of_its_lines_in_the_document()
    {
        var document = File.ReadAllText(Repository.PathOf([.. Folder, "criteria.md"])).Split('\n');
        Assert.All(Books.Launch.Statements.Values, statement =>
        {
            var lines = string.Join(' ', document[(statement.Lines[0] - 1)..statement.Lines[^1]]).Normalize(NormalizationForm.FormC);
            var folded = Regex.Replace(lines, @"\s+", " ").Trim();
            Assert.Equal(statement.Sha256, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folded))));
        });
    }

    [Fact]
    public void Dutch_and_English_texts_are_both_there_and_differ_where_they_are_sentences()
    {
        var reasons = Books.Launch.Questions.SelectMany(q => q.Rules).Select(r => r.Reason).ToList();
        Assert.All(reasons, text => Assert.NotEqual(text.En, text.Nl));
        Assert.All(Books.Launch.Statements.Values, s => Assert.NotEqual(s.Text.En, s.Text.Nl));
    }

    [Fact]
    public void Evaluating_the_same_case_again_gives_the_same_bytes()
    {
        Assert.All(Cases.Zip(Cases), same =>
            Assert.Equal(
                EvaluationJson.Canonical(Evaluation.Of(Books.Launch, same.First.Scenario)),
                EvaluationJson.Canonical(Evaluation.Of(Books.Launch, same.Second.Scenario))));
    }

    [Fact]
    public void The_canonical_form_of_a_scenario_reads_back_as_the_same_scenario()
    {
        Assert.All(Cases, one => Assert.Equal(one.Scenario.Digest, TinyScenario.Read(Books.Launch, one.Scenario.ToJson().ToString()).Digest));
    }

    [Fact]
    public void The_full_trace_of_every_case_is_rebuilt_from_the_compact_one()
    {
        Assert.All(Cases, one =>
        {
            var evaluation = Evaluation.Of(Books.Launch, one.Scenario);
            foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
                Assert.Equal(evaluation.Verdicts.Sum(v => v.On(basis).Findings.Length), Trace.Of(evaluation, evaluation.Verdicts, basis).Length);
        });
    }
}
