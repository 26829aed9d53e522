using System.Collections.Immutable;
using Advisory.Engine.Json;
using Advisory.Engine.Scenarios;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>What a case expects of one question for one mission or record; lists are compared as sets, null ones not at all.</summary>
public sealed record Expectation(string Question, string Subject, string Outcome)
{
    /// <summary>The rules that decide.</summary>
    public ImmutableArray<string>? Deciding { get; init; }

    /// <summary>The rules that warn.</summary>
    public ImmutableArray<string>? Warnings { get; init; }

    /// <summary>The rules that are waived and not met.</summary>
    public ImmutableArray<string>? Waived { get; init; }

    /// <summary>The in-principle rules not met or unknown.</summary>
    public ImmutableArray<string>? Conditions { get; init; }

    /// <summary>The requirements set aside only because a fact is unknown.</summary>
    public ImmutableArray<string>? NotAssessed { get; init; }

    /// <summary>The unknown review triggers.</summary>
    public ImmutableArray<string>? Open { get; init; }

    /// <summary>The assumptions that carry the outcome, for a case on basis assumed.</summary>
    public ImmutableArray<string>? RelyingOn { get; init; }
}

/// <summary>A scenario with the outcomes that its author expects: the book's own tests.</summary>
public sealed class Case
{
    internal Case()
    {
    }

    /// <summary>Reads a case file against a book.</summary>
    public static Loaded<Case> Read(RuleBook book, InputFile file) => ScenarioReader.ReadCase(book, file);

    /// <summary>Its short name, such as <c>S01</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about.</summary>
    public required LocalText Title { get; init; }

    /// <summary>The situation.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>What is expected.</summary>
    public required ImmutableArray<Expectation> Expect { get; init; }

    /// <summary>The mission that each named mission falls back to.</summary>
    public required ImmutableDictionary<string, string> ExpectFallback { get; init; }

    /// <summary>The derived values by mission and fact.</summary>
    public required ImmutableArray<(string Mission, Fact Fact, JToken Value)> ExpectDerived { get; init; }

    /// <summary>Everything in which an evaluation differs from what is expected, one sentence each; empty when the case holds.</summary>
    public ImmutableArray<string> Differences(Evaluation evaluation)
    {
        var differences = ImmutableArray.CreateBuilder<string>();
        foreach (var expected in Expect)
        {
            var verdict = evaluation.Verdicts.FirstOrDefault(v => v.Question.Id == expected.Question && (v.Record ?? v.Mission) == expected.Subject);
            if (verdict is null)
            {
                differences.Add($"{expected.Question} {expected.Subject}: expected {expected.Outcome}, and there is no verdict");
                continue;
            }

            var view = Scenario.Basis == Basis.Assumed ? verdict.Assumed : verdict.Stated;
            if (view.Outcome != expected.Outcome) differences.Add($"{expected.Question} {expected.Subject}: expected {expected.Outcome}, got {view.Outcome}");
            Compare("deciding", expected.Deciding, view.Deciding.Select(f => f.Rule.Name));
            Compare("warnings", expected.Warnings, view.Warnings.Select(f => f.Rule.Name));
            Compare("waived", expected.Waived, view.Waived.Select(f => f.Rule.Name));
            Compare("conditions", expected.Conditions, view.Conditions.Select(f => f.Rule.Name));
            Compare("notAssessed", expected.NotAssessed, view.NotAssessed.Select(r => r.Name));
            Compare("open", expected.Open, view.Open.Select(r => r.Name));
            Compare("relyingOn", expected.RelyingOn, view.RelyingOn.Items.Select(r => r.Name));

            void Compare(string what, ImmutableArray<string>? wanted, IEnumerable<string> got)
            {
                if (wanted is not { } names) return;
                var (missing, extra) = (names.Except(got).ToList(), got.Except(names).ToList());
                if (missing.Count > 0) differences.Add($"{expected.Question} {expected.Subject}: {what} lacks {string.Join(", ", missing)}");
                if (extra.Count > 0) differences.Add($"{expected.Question} {expected.Subject}: {what} also has {string.Join(", ", extra)}");
            }
        }

        foreach (var (mission, fallback) in ExpectFallback)
            if (!evaluation.Verdicts.Any(v => v.Mission == mission && (Scenario.Basis == Basis.Assumed ? v.Assumed : v.Stated).Fallback.Any(f => f.Mission == fallback)))
                differences.Add($"{mission}: expected a fallback to {fallback}");
        foreach (var (mission, fact, value) in ExpectDerived)
        {
            var derived = evaluation.Derived.FirstOrDefault(d => d.Mission == mission && ReferenceEquals(d.Fact, fact));
            var got = Scenario.Basis == Basis.Assumed ? derived?.UnderAssumptions : derived?.Value;
            if (!JToken.DeepEquals(got ?? JValue.CreateNull(), value)) differences.Add($"{mission}: expected {fact} = {value.ToString(Formatting.None)}, got {got?.ToString(Formatting.None) ?? "unknown"}");
        }

        return differences.ToImmutable();
    }
}

internal static class CaseReader
{
    public static Case Read(RuleBook book, JsonObject item, string name, LocalText title, Scenario scenario)
    {
        var expect = ImmutableArray.CreateBuilder<Expectation>();
        if (item.Optional("expect") is { } node && JsonObject.From(node, "expect") is { } questions)
        {
            foreach (var question in questions.All())
            {
                if (book.Question(question.Name) is not { } set) node.Source.Add(question.Offset, "unknown-question", $"unknown question `{JsonNode.Shorten(question.Name)}`", Suggestion.For(question.Name, book.Questions.Select(q => q.Id)));
                else if (JsonObject.From(question.Value, question.Name) is { } subjects)
                    foreach (var subject in subjects.All())
                        if (JsonObject.From(subject.Value, subject.Name) is { } expected)
                            expect.Add(Expect(book, set, subject, expected, question.Value, scenario));
            }
        }

        var read = new Case
        {
            Name = name,
            Title = title,
            Scenario = scenario,
            Expect = expect.ToImmutable(),
            ExpectFallback = Fallbacks(book, item),
            ExpectDerived = Derived(book, item),
        };
        item.OptionalTexts("statements");
        if (item.Optional("room") is { Kind: not JsonKind.Text } room) LocalText.Read(room, "room");
        item.OptionalLocal("why");
        return read;
    }

    private static Expectation Expect(RuleBook book, RuleSet set, JsonMember subject, JsonObject expected, JsonNode at, Scenario scenario)
    {
        var known = set.Each is { } kind
            ? scenario.Records.Where(r => r.Kind == kind).Select(r => r.Key)
            : set.PerMission ? book.Missions.Select(m => m.Id) : [RuleBook.AnyMission];
        if (!known.Contains(subject.Name)) at.Source.Add(subject.Offset, "unknown-mission", $"`{set.Id}` gives no verdict on `{JsonNode.Shorten(subject.Name)}`", Suggestion.For(subject.Name, known));

        var outcome = expected.Text("outcome") ?? "";
        var outcomes = set.Outcomes.Append(RuleBook.NotAssessed).ToList();
        if (outcome.Length > 0 && !outcomes.Contains(outcome)) expected.At("outcome")!.Problem("unknown-outcome", $"`{set.Id}` has no outcome `{JsonNode.Shorten(outcome)}`", Suggestion.OneOf(outcome, outcomes));
        var result = new Expectation(set.Id, subject.Name, outcome)
        {
            Deciding = Rules("deciding"),
            Warnings = Rules("warnings"),
            Waived = Rules("waived"),
            Conditions = Rules("conditions"),
            NotAssessed = Rules("notAssessed"),
            Open = Rules("open"),
            RelyingOn = Names("relyingOn", book.FactsByName.Keys.Concat(book.RulesByName.Keys), "fact"),
        };
        expected.NoOthers();
        return result;

        ImmutableArray<string>? Rules(string member) => Names(member, set.Rules.Select(r => r.Name), "rule");

        ImmutableArray<string>? Names(string member, IEnumerable<string> names, string what)
        {
            if (expected.Optional(member) is null) return null;
            foreach (var node in expected.OptionalList(member))
                if (node.Kind == JsonKind.Text && !names.Contains(node.Text))
                    node.Problem("unknown-" + what, $"unknown {what} `{JsonNode.Shorten(node.Text)}`", Suggestion.For(node.Text, names));
            return expected.OptionalTexts(member);
        }
    }

    private static ImmutableDictionary<string, string> Fallbacks(RuleBook book, JsonObject item)
    {
        var fallbacks = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (item.Optional("expectFallback") is not { } node || JsonObject.From(node, "expectFallback") is not { } all) return fallbacks.ToImmutable();
        foreach (var member in all.All())
        {
            var to = JsonObject.AsText(member.Value, member.Name) ?? "";
            foreach (var (mission, offset) in new[] { (member.Name, member.Offset), (to, member.Value.Offset) })
                if (!book.Missions.Any(m => m.Id == mission))
                    node.Source.Add(offset, "unknown-mission", $"unknown mission `{JsonNode.Shorten(mission)}`", Suggestion.For(mission, book.Missions.Select(m => m.Id)));
            fallbacks[member.Name] = to;
        }

        return fallbacks.ToImmutable();
    }

    private static ImmutableArray<(string, Fact, JToken)> Derived(RuleBook book, JsonObject item)
    {
        var derived = ImmutableArray.CreateBuilder<(string, Fact, JToken)>();
        if (item.Optional("expectDerived") is not { } node || JsonObject.From(node, "expectDerived") is not { } all) return [];
        foreach (var mission in all.All())
        {
            if (mission.Name != RuleBook.AnyMission && !book.Missions.Any(m => m.Id == mission.Name)) node.Source.Add(mission.Offset, "unknown-mission", $"unknown mission `{JsonNode.Shorten(mission.Name)}`", Suggestion.For(mission.Name, book.Missions.Select(m => m.Id)));
            if (JsonObject.From(mission.Value, mission.Name) is not { } values) continue;
            foreach (var value in values.All())
            {
                if (book.Fact(value.Name) is not { Role: FactRole.Derived } fact) node.Source.Add(value.Offset, "unknown-fact", $"`{JsonNode.Shorten(value.Name)}` is not a derived fact", Suggestion.For(value.Name, book.Facts.Where(f => f.Role == FactRole.Derived).Select(f => f.Name)));
                else if (value.Value.Kind == JsonKind.Null) derived.Add((mission.Name, fact, JValue.CreateNull()));
                else if (FactValue.Read(fact, value.Value) is { } read) derived.Add((mission.Name, fact, read.Json));
            }
        }

        return derived.ToImmutable();
    }
}
