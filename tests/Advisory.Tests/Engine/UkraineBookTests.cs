using System.Text.RegularExpressions;
using Advisory.Engine;

namespace Advisory.Tests.Engine;

/// <summary>What must be true of the first rule book itself, beside its cases.</summary>
public sealed partial class UkraineBookTests
{
    private static readonly RuleBook Book = Books.Ukraine;

    [Fact]
    public void It_checks_without_a_warning()
    {
        Assert.Empty(BookCheck.Run(Book, new(2026, 11, 22)));
    }

    [Fact]
    public void It_has_the_rule_sets_facts_readings_and_statements_of_its_documents()
    {
        Assert.Equal(["preconditions", "feasibility", "contributors", "mandate-means", "command-enablers", "exit", "readiness", "boundaries"], Book.Questions.Select(q => q.Id));
        Assert.Equal(120, Book.Questions.Sum(q => q.Rules.Length));
        Assert.Equal(176, Book.Facts.Count(f => f.Role != FactRole.Reading));
        Assert.Equal(14, Book.Facts.Count(f => f.Role == FactRole.Reading));
        Assert.Equal(278, Book.Statements.Count);
        Assert.Equal(9, Book.Missions.Length);
    }

    [Fact]
    public void Assumptions_come_only_from_the_notes_own_assumptions()
    {
        var assumed = Book.Facts.Where(f => f.Assumption is not null).ToList();
        Assert.NotEmpty(assumed);
        Assert.All(assumed, f => Assert.StartsWith("N.AAN.", f.Assumption!.Statement, StringComparison.Ordinal));
    }

    [Fact]
    public void No_text_of_ours_calls_the_deployment_by_the_word_that_the_note_avoids()
    {
        var texts = Book.Questions.SelectMany(q => q.Rules).SelectMany(r => new[] { r.Title, r.Reason, r.Rationale, r.Room })
            .Concat(Book.Facts.SelectMany(f => new[] { f.Label, f.Help, f.Notes.Remark }))
            .Concat(Book.Missions.SelectMany(m => new[] { m.Title, m.Help }))
            .Concat(Book.Gaps.Select(g => g.Text)).OfType<LocalText>().ToList();
        Assert.True(texts.Count > 800);
        Assert.DoesNotContain(texts, t => t.Nl.Contains("vredesmacht", StringComparison.OrdinalIgnoreCase) || t.En.Contains("peace force", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Every_ambiguity_has_its_place_and_every_name_in_that_list_exists()
    {
        var rows = File.ReadAllLines(Repository.PathOf("rules", "ukraine", "README.md")).Where(line => line.StartsWith("| C-", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Range(1, 46).Select(n => FormattableString.Invariant($"C-{n:00}")), rows.Select(row => row[2..6]));
        var names = rows.SelectMany(row => Quoted().Matches(row).Select(m => m.Groups[1].Value)).ToList();
        var known = Book.Facts.Select(f => f.Name).Concat(Book.Gaps.Select(g => g.Id)).Concat(Book.Figures.Select(f => f.Id)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(names.Except(known).Except(["book.json"]));
        var rules = rows.SelectMany(row => RuleName().Matches(row.Split('|')[4]).Select(m => m.Value)).ToList();
        Assert.DoesNotContain(rules, r => Book.Rule(r) is null);
        var readings = Book.Facts.Where(f => f.Role == FactRole.Reading).Select(f => f.Name);
        Assert.Empty(readings.Except(names));
    }

    /// <summary>Each reading's other options change a truth or a strength somewhere: else it would be a choice without effect.</summary>
    [Fact]
    public void Every_option_of_every_reading_switches_something_in_some_case()
    {
        var cases = Books.CaseNames("rules", "ukraine").Select(name => Books.Case(Book, name, "rules", "ukraine")).ToList();
        var set = cases.SelectMany(c => c.Scenario.Readings.Select(r => (r.Reading.Name, r.Option))).ToHashSet();
        foreach (var reading in Book.Facts.Where(f => f.Role == FactRole.Reading))
        {
            foreach (var option in reading.Values.Where(v => v != (string)reading.Default!.Value!))
            {
                Assert.Contains((reading.Name, option), set);
                var switches = cases.Where(c => c.Scenario.Readings.Contains((reading, option))).Any(c => DiffersWithout(c.Scenario, reading));
                Assert.True(switches, $"{reading} = {option} changes nothing in any case");
            }
        }
    }

    private static bool DiffersWithout(Scenario scenario, Fact reading)
    {
        var json = scenario.ToJson();
        ((Newtonsoft.Json.Linq.JObject)json["readings"]!).Remove(reading.Name);
        var plain = Scenario.Read(Book, new("plain.json", System.Text.Encoding.UTF8.GetBytes(json.ToString()))).Value!;
        var (one, other) = (Evaluation.Of(Book, scenario), Evaluation.Of(Book, plain));
        return one.Verdicts.Zip(other.Verdicts).Any(pair => pair.First.Stated.Findings.Zip(pair.Second.Stated.Findings).Any(f => f.First.Truth != f.Second.Truth || f.First.Strength != f.Second.Strength));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b[A-Z]{1,2}(?:-[A-Z]{2})?-\d+[a-z]?\b")]
    private static partial Regex RuleName();
}
