using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>That the random books and scenarios are valid, and that they reach what there is to reach: a law is worth what it is tried on.</summary>
public sealed partial class ReachTests
{
    private const int Books = 250;

    /// <summary>What must occur, and in how many of a thousand books, scenarios or verdicts at least.</summary>
    private static readonly Dictionary<string, int> Least = new()
    {
        ["book: 1 kinds of record"] = 130,
        ["book: 1 missions"] = 130,
        ["book: 1 questions"] = 170,
        ["book: 2 kinds of record"] = 130,
        ["book: 2 missions"] = 120,
        ["book: 2 questions"] = 170,
        ["book: 3 missions"] = 130,
        ["book: 3 questions"] = 150,
        ["book: 4 missions"] = 110,
        ["book: GlobalParams"] = 280,
        ["book: LocalParams"] = 320,
        ["book: LocalParams of a nested rule"] = 100,
        ["book: When"] = 180,
        ["book: WorkflowsToInject"] = 130,
        ["book: boolean of role derived"] = 190,
        ["book: boolean of role planning"] = 20,
        ["book: boolean of role planning with default"] = 110,
        ["book: boolean of role world"] = 450,
        ["book: boolean of role world with assumption"] = 280,
        ["book: date of role world"] = 80,
        ["book: date of role world with assumption"] = 30,
        ["book: decimal of role derived"] = 120,
        ["book: decimal of role planning"] = 10,
        ["book: decimal of role planning with default"] = 70,
        ["book: decimal of role world"] = 130,
        ["book: decimal of role world with assumption"] = 60,
        ["book: derivation of a derived fact"] = 260,
        ["book: derivation with !("] = 90,
        ["book: derivation with !="] = 260,
        ["book: derivation with &&"] = 160,
        ["book: derivation with *"] = 250,
        ["book: derivation with +"] = 240,
        ["book: derivation with -"] = 220,
        ["book: derivation with .Contains("] = 40,
        ["book: derivation with /"] = 290,
        ["book: derivation with <"] = 220,
        ["book: derivation with <="] = 150,
        ["book: derivation with =="] = 250,
        ["book: derivation with >"] = 220,
        ["book: derivation with >="] = 150,
        ["book: derivation with ?"] = 350,
        ["book: derivation with Math.Abs"] = 50,
        ["book: derivation with Math.Ceiling"] = 60,
        ["book: derivation with Math.Floor"] = 60,
        ["book: derivation with Math.Max"] = 100,
        ["book: derivation with Math.Min"] = 80,
        ["book: derivation with Math.Round"] = 50,
        ["book: derivation with choice in choice"] = 240,
        ["book: derivation with fact compared with fact"] = 100,
        ["book: derivation with fraction"] = 190,
        ["book: derivation with in ("] = 210,
        ["book: derivation with line break"] = 50,
        ["book: derivation with mission.type"] = 90,
        ["book: derivation with negative number"] = 260,
        ["book: derivation with null branch"] = 290,
        ["book: derivation with null test"] = 80,
        ["book: derivation with reading."] = 120,
        ["book: derivation with unit."] = 170,
        ["book: derivation with written value first"] = 240,
        ["book: derivation with ||"] = 180,
        ["book: disabled rule"] = 150,
        ["book: enumeration of role derived"] = 180,
        ["book: enumeration of role planning"] = 20,
        ["book: enumeration of role planning with default"] = 120,
        ["book: enumeration of role world"] = 450,
        ["book: enumeration of role world with assumption"] = 180,
        ["book: fallback"] = 230,
        ["book: guard"] = 330,
        ["book: integer of role context"] = 140,
        ["book: integer of role derived"] = 350,
        ["book: integer of role planning"] = 20,
        ["book: integer of role planning with default"] = 100,
        ["book: integer of role world"] = 460,
        ["book: integer of role world with assumption"] = 290,
        ["book: labelled values"] = 340,
        ["book: list of declared values"] = 340,
        ["book: list of role world"] = 270,
        ["book: list of role world with assumption"] = 120,
        ["book: mission-free question"] = 180,
        ["book: mission.type is declared"] = 310,
        ["book: nested by And"] = 90,
        ["book: nested by AndAlso"] = 70,
        ["book: nested by Or"] = 80,
        ["book: nested by OrElse"] = 70,
        ["book: nested in nested"] = 90,
        ["book: open list"] = 110,
        ["book: percentage of role derived"] = 120,
        ["book: percentage of role planning"] = 11,
        ["book: percentage of role planning with default"] = 60,
        ["book: percentage of role world"] = 150,
        ["book: percentage of role world with assumption"] = 60,
        ["book: question about missions"] = 370,
        ["book: question about records"] = 150,
        ["book: requirement of strength end"] = 80,
        ["book: requirement of strength hard"] = 320,
        ["book: requirement of strength in_principle"] = 120,
        ["book: requirement of strength info"] = 120,
        ["book: requirement of strength note"] = 190,
        ["book: requirement of strength political_choice"] = 70,
        ["book: requirement of strength preference"] = 120,
        ["book: requirement of strength review"] = 70,
        ["book: requirement of strength warning"] = 200,
        ["book: requirement of strength willing"] = 150,
        ["book: requirement of strength withdraw"] = 70,
        ["book: rule for some missions"] = 430,
        ["book: rule with !("] = 330,
        ["book: rule with !="] = 460,
        ["book: rule with &&"] = 440,
        ["book: rule with *"] = 310,
        ["book: rule with +"] = 310,
        ["book: rule with -"] = 310,
        ["book: rule with .Contains("] = 140,
        ["book: rule with <"] = 440,
        ["book: rule with <="] = 370,
        ["book: rule with =="] = 450,
        ["book: rule with >"] = 440,
        ["book: rule with >="] = 360,
        ["book: rule with ?"] = 450,
        ["book: rule with choice in choice"] = 270,
        ["book: rule with fact compared with fact"] = 320,
        ["book: rule with fraction"] = 380,
        ["book: rule with g_Sum"] = 90,
        ["book: rule with g_holds"] = 160,
        ["book: rule with in ("] = 410,
        ["book: rule with line break"] = 140,
        ["book: rule with mission.type"] = 160,
        ["book: rule with negative number"] = 440,
        ["book: rule with null branch"] = 30,
        ["book: rule with null test"] = 230,
        ["book: rule with p_Sum"] = 100,
        ["book: rule with p_holds"] = 130,
        ["book: rule with reading."] = 250,
        ["book: rule with unit."] = 240,
        ["book: rule with written value first"] = 450,
        ["book: rule with ||"] = 440,
        ["book: signal of strength end"] = 80,
        ["book: signal of strength hard"] = 30,
        ["book: signal of strength in_principle"] = 30,
        ["book: signal of strength info"] = 100,
        ["book: signal of strength note"] = 110,
        ["book: signal of strength political_choice"] = 80,
        ["book: signal of strength preference"] = 100,
        ["book: signal of strength review"] = 60,
        ["book: signal of strength warning"] = 120,
        ["book: signal of strength willing"] = 30,
        ["book: signal of strength withdraw"] = 80,
        ["book: strength by reading"] = 260,
        ["book: text of role world"] = 420,
        ["book: waivable rule"] = 450,
        ["scenario: Assumed"] = 90,
        ["scenario: Stated"] = 400,
        ["scenario: contested by its derivation"] = 30,
        ["scenario: derived fact Contested"] = 50,
        ["scenario: derived fact Derived"] = 350,
        ["scenario: derived fact Expired"] = 8,
        ["scenario: derived fact Stated"] = 120,
        ["scenario: derived fact Unknown"] = 3,
        ["scenario: derived value"] = 250,
        ["scenario: derived value that differs between missions"] = 20,
        ["scenario: fact Assumed"] = 250,
        ["scenario: fact Contested"] = 130,
        ["scenario: fact Derived"] = 350,
        ["scenario: fact Expired"] = 90,
        ["scenario: fact Planning"] = 200,
        ["scenario: fact Stated"] = 430,
        ["scenario: fact Unknown"] = 330,
        ["scenario: fact of a record Contested"] = 20,
        ["scenario: fact of a record Expired"] = 20,
        ["scenario: fact of a record Stated"] = 190,
        ["scenario: fact of a record Unknown"] = 20,
        ["scenario: fault division by zero"] = 3,
        ["scenario: fault outside range"] = 8,
        ["scenario: fault overflow"] = 3,
        ["scenario: mission Contested"] = 1,
        ["scenario: mission Expired"] = 1,
        ["scenario: mission Stated"] = 30,
        ["scenario: mission Unknown"] = 2,
        ["scenario: probability alone"] = 70,
        ["scenario: probability beside a value"] = 30,
        ["scenario: reading set otherwise"] = 150,
        ["scenario: records"] = 150,
        ["scenario: two reports Contested"] = 120,
        ["scenario: two reports Stated"] = 230,
        ["scenario: two waivers of one rule"] = 20,
        ["scenario: waiver for all missions"] = 90,
        ["scenario: waiver for some missions"] = 90,
        ["scenario: with day"] = 370,
        ["scenario: without day"] = 120,
        ["truth: False"] = 110,
        ["truth: True"] = 160,
        ["truth: Unknown"] = 220,
        ["truth: end False"] = 7,
        ["truth: end True"] = 7,
        ["truth: end Unknown"] = 13,
        ["truth: hard False"] = 20,
        ["truth: hard True"] = 30,
        ["truth: hard Unknown"] = 40,
        ["truth: in_principle False"] = 6,
        ["truth: in_principle True"] = 9,
        ["truth: in_principle Unknown"] = 11,
        ["truth: info False"] = 9,
        ["truth: info True"] = 11,
        ["truth: info Unknown"] = 15,
        ["truth: note False"] = 15,
        ["truth: note True"] = 20,
        ["truth: note Unknown"] = 30,
        ["truth: political_choice False"] = 7,
        ["truth: political_choice True"] = 9,
        ["truth: political_choice Unknown"] = 14,
        ["truth: preference False"] = 10,
        ["truth: preference True"] = 13,
        ["truth: preference Unknown"] = 18,
        ["truth: review False"] = 6,
        ["truth: review True"] = 7,
        ["truth: review Unknown"] = 10,
        ["truth: warning False"] = 13,
        ["truth: warning True"] = 20,
        ["truth: warning Unknown"] = 30,
        ["truth: willing False"] = 7,
        ["truth: willing True"] = 10,
        ["truth: willing Unknown"] = 13,
        ["truth: withdraw False"] = 6,
        ["truth: withdraw True"] = 9,
        ["truth: withdraw Unknown"] = 14,
        ["verdict: a guard sets a rule aside"] = 80,
        ["verdict: assumed"] = 250,
        ["verdict: best"] = 30,
        ["verdict: better under assumptions"] = 7,
        ["verdict: between"] = 130,
        ["verdict: condition waived"] = 5,
        ["verdict: conditions"] = 30,
        ["verdict: deciding"] = 260,
        ["verdict: fallback"] = 30,
        ["verdict: fallback to another mission"] = 20,
        ["verdict: jointly"] = 2,
        ["verdict: not assessed"] = 190,
        ["verdict: open"] = 2,
        ["verdict: other without waivers"] = 7,
        ["verdict: relying on Assumption"] = 19,
        ["verdict: relying on Planning"] = 11,
        ["verdict: relying on Reading"] = 3,
        ["verdict: relying on Waiver"] = 9,
        ["verdict: set aside for an unknown fact"] = 20,
        ["verdict: several deciding"] = 70,
        ["verdict: stated"] = 250,
        ["verdict: waived"] = 40,
        ["verdict: waived and unknown"] = 30,
        ["verdict: warnings"] = 40,
        ["verdict: worse or not assessed under assumptions"] = 5,
        ["verdict: worst"] = 130,
    };

    private readonly Dictionary<string, int> seen = [];
    private int scenarios;
    private int verdicts;
    private int truths;

    [Fact]
    public void Random_books_and_scenarios_are_valid_and_reach_every_construct_state_strength_and_outcome()
    {
        for (var seed = 0UL; seed < Books; seed++)
        {
            var random = RandomBook.Of(seed);
            var loaded = RuleBook.Load(random.Files);
            Assert.True(loaded.Problems.Count == 0, FormattableString.Invariant($"the book of seed {seed}: {string.Join('\n', loaded.Problems)}"));
            Count("book", BookFeatures(random.Json).Distinct());
            for (var i = 0UL; i < 8; i++)
            {
                var read = Scenario.Read(loaded.Value!, new("scenario.json", random.Scenario((seed << 8) + i)));
                Assert.True(read.Value is not null, FormattableString.Invariant($"scenario {i} of the book of seed {seed}: {string.Join('\n', read.Problems)}"));
                Assert.Empty(read.Problems);
                var evaluation = Evaluation.Of(loaded.Value!, read.Value);
                scenarios++;
                Count("scenario", ScenarioFeatures(evaluation).Concat(i == 0 ? Faults(evaluation) : []).Distinct());
                foreach (var said in Sample.Of(evaluation))
                {
                    verdicts++;
                    Count("verdict", VerdictFeatures(said).Distinct());
                    foreach (var finding in said.View.Findings)
                    {
                        truths++;
                        Count("truth", [finding.Truth.ToString(), finding.Strength.Token + " " + finding.Truth]);
                    }
                }
            }
        }

        var rare = Least.Where(least => Share(least.Key) < least.Value)
            .Select(least => FormattableString.Invariant($"{least.Key}: {Share(least.Key)} in a thousand, not {least.Value}"));
        Assert.Empty(rare);
    }

    private void Count(string kind, IEnumerable<string> features)
    {
        foreach (var feature in features) seen[kind + ": " + feature] = seen.GetValueOrDefault(kind + ": " + feature) + 1;
    }

    /// <summary>In how many of a thousand it occurred.</summary>
    private int Share(string feature)
    {
        var of = feature.Split(':')[0] switch { "book" => Books, "scenario" => scenarios, "verdict" => verdicts, _ => truths };
        return (int)(1000L * seen.GetValueOrDefault(feature) / of);
    }

    private static IEnumerable<string> BookFeatures(IReadOnlyDictionary<string, JObject> files)
    {
        var book = files["book.json"];
        yield return FormattableString.Invariant($"{book["missions"]!.Count()} missions");
        yield return FormattableString.Invariant($"{book["questions"]!.Count()} questions");
        if (book["records"] is { } kinds) yield return FormattableString.Invariant($"{kinds.Count()} kinds of record");
        foreach (var fact in files["vocabulary.json"]["facts"]!.Cast<JObject>())
        {
            var role = (string?)fact["role"] ?? "world";
            yield return $"{fact["type"]} of role {role}{(fact["default"] is null ? "" : " with default")}{(fact["assumption"] is null ? "" : " with assumption")}";
            if ((string?)fact["type"] == "list") yield return fact["values"] is null ? "open list" : "list of declared values";
            if (fact["valueLabels"] is not null) yield return "labelled values";
            if ((string?)fact["name"] == RuleBook.MissionFact) yield return "mission.type is declared";
            if (fact["derive"] is { } derive)
            {
                foreach (var construct in Constructs((string)derive!)) yield return "derivation with " + construct;
                if (Name().Matches((string)derive!).Any(n => n.Value.Contains(".sum_", StringComparison.Ordinal))) yield return "derivation of a derived fact";
            }
        }

        foreach (var question in book["questions"]!)
        {
            var (id, file) = ((string)question["id"]!, files[question["id"] + ".json"]);
            var isPerMission = (bool?)question["perMission"] != false;
            yield return file["Each"] is not null ? "question about records" : isPerMission ? "question about missions" : "mission-free question";
            foreach (var member in new[] { "When", "GlobalParams", "WorkflowsToInject" })
                if (file[member] is not null)
                    yield return member;
            foreach (var rule in Sample.Rules(files, id))
            {
                foreach (var strength in Strengths(rule)) yield return (rule["SuccessEvent"] is null ? "requirement of strength " : "signal of strength ") + strength;
                if (rule["Properties"]!["Strength"] is JObject) yield return "strength by reading";
                if (((string?)rule["SuccessEvent"])?.StartsWith("fallback:", StringComparison.Ordinal) == true) yield return "fallback";
                if ((bool?)rule["Enabled"] == false) yield return "disabled rule";
                if ((bool)rule["Properties"]!["Waivable"]!) yield return "waivable rule";
                if ((string?)rule["Properties"]!["Missions"]![0] != "any") yield return "rule for some missions";
                if (rule["LocalParams"] is not null) yield return "LocalParams";
                if (rule["Operator"] is { } op) yield return "nested by " + op;
                if (rule.SelectTokens("$.Rules[*].Operator").Any()) yield return "nested in nested";
                if (rule.SelectTokens("$..Rules[*].LocalParams").Any()) yield return "LocalParams of a nested rule";
                if (rule["SuccessEvent"] is null && ((string?)rule["Expression"])?.EndsWith(": true", StringComparison.Ordinal) == true) yield return "guard";
                foreach (var expression in rule.Descendants().OfType<JProperty>().Where(p => p.Name == "Expression"))
                    foreach (var construct in Constructs((string)expression.Value!))
                        yield return "rule with " + construct;
            }
        }

        static IEnumerable<string> Strengths(JObject rule) => rule["Properties"]!["Strength"] is JObject byOption
            ? byOption.Properties().Where(p => p.Name != "reading").Select(p => (string)p.Value!)
            : [(string)rule["Properties"]!["Strength"]!];
    }

    private static IEnumerable<string> Constructs(string expression)
    {
        string[] parts =
        [
            "&&", "||", "!(", "?", "==", "!=", "<", "<=", ">", ">=", " + ", " - ", " * ", " / ", " in (", ".Contains(", "Math.Ceiling", "Math.Floor",
            "Math.Abs", "Math.Round", "Math.Min", "Math.Max", "\n", "mission.type", "reading.", "unit.", "g_holds", "g_Sum", "p_holds", "p_Sum",
        ];
        foreach (var sign in parts)
            if (expression.Contains(sign, StringComparison.Ordinal))
                yield return sign.Trim() is { Length: > 0 } shown ? shown : "line break";
        if (expression.Count(c => c == '?') > 1) yield return "choice in choice";
        if (NullTest().IsMatch(expression)) yield return "null test";
        if (NullBranch().IsMatch(expression)) yield return "null branch";
        if (FactWithFact().IsMatch(expression)) yield return "fact compared with fact";
        if (WrittenFirst().IsMatch(expression)) yield return "written value first";
        if (Fraction().IsMatch(expression)) yield return "fraction";
        if (Negative().IsMatch(expression)) yield return "negative number";
    }

    private static IEnumerable<string> ScenarioFeatures(Evaluation evaluation)
    {
        var scenario = evaluation.Scenario;
        yield return scenario.Basis.ToString();
        yield return scenario.AsOf is null ? "without day" : "with day";
        foreach (var use in evaluation.Facts)
        {
            yield return $"{(use.Record is null ? "fact" : "fact of a record")} {use.State}";
            if (use.Fact.Role == FactRole.Derived) yield return "derived fact " + use.State;
            if (use.Fact.Role == FactRole.Derived && use is { State: FactState.Contested, Reports.Length: 1 }) yield return "contested by its derivation";
            if (use.Fact.Name == RuleBook.MissionFact) yield return "mission " + use.State;
            if (use.Reports.Any(r => r.Probability is not null && r.Value is null)) yield return "probability alone";
            if (use.Reports.Any(r => r.Probability is not null && r.Value is not null)) yield return "probability beside a value";
            if (use.Reports.Length > 1) yield return "two reports " + use.State;
        }

        if (scenario.Records.Length > 1) yield return "records";
        if (scenario.Readings.Length > 0) yield return "reading set otherwise";
        if (scenario.Waivers.Any(w => w.Missions.IsEmpty)) yield return "waiver for all missions";
        if (scenario.Waivers.Any(w => !w.Missions.IsEmpty)) yield return "waiver for some missions";
        if (scenario.Waivers.GroupBy(w => w.Rule.Name).Any(g => g.Count() > 1)) yield return "two waivers of one rule";
        if (evaluation.Derived.Any(d => d.Value is not null)) yield return "derived value";
        if (evaluation.Derived.GroupBy(d => d.Fact.Name).Any(g => g.Select(d => d.Value?.ToString()).Distinct().Count() > 1))
            yield return "derived value that differs between missions";
    }

    /// <summary>Why arithmetic failed; tried on every eighth scenario, since the full trace is long.</summary>
    private static IEnumerable<string> Faults(Evaluation evaluation)
    {
        return Trace.Of(evaluation, evaluation.Verdicts, Basis.Assumed).SelectMany(t => Of(t.Expression)).Select(fault => "fault " + fault);

        static IEnumerable<string> Of(TraceNode node) =>
            (node.Fault is null ? Enumerable.Empty<string>() : [node.Fault])
                .Concat(node.Children.SelectMany(Of))
                .Concat(node.Facts.Select(f => f.Derivation).OfType<TraceNode>().SelectMany(Of));
    }

    private static IEnumerable<string> VerdictFeatures(Answer said)
    {
        var (view, outcomes) = (said.View, said.Verdict.Question.Outcomes);
        yield return said.Basis == Basis.Assumed ? "assumed" : "stated";
        yield return view.Outcome == RuleBook.NotAssessed ? "not assessed"
            : view.Outcome == outcomes[^1] ? "best"
            : view.Outcome == outcomes[0] ? "worst"
            : "between";
        if (!view.Deciding.IsEmpty) yield return "deciding";
        if (view.Deciding.Length > 1) yield return "several deciding";
        if (!view.Conditions.IsEmpty) yield return "conditions";
        if (view.Conditions.Any(f => f.Waiver is not null)) yield return "condition waived";
        if (!view.Warnings.IsEmpty) yield return "warnings";
        if (!view.NotAssessed.IsEmpty) yield return "set aside for an unknown fact";
        if (!view.Open.IsEmpty) yield return "open";
        if (!view.Waived.IsEmpty) yield return "waived";
        if (view.Waived.Any(f => f.Truth == Truth.Unknown)) yield return "waived and unknown";
        if (!view.Fallback.IsEmpty) yield return "fallback";
        if (view.Fallback.Any(f => f.Mission != said.Verdict.Mission)) yield return "fallback to another mission";
        if (view.WithoutWaivers != view.Outcome) yield return "other without waivers";
        if (view.RelyingOn.Jointly) yield return "jointly";
        foreach (var item in view.RelyingOn.Items) yield return "relying on " + item.Kind;
        if (view.Findings.Any(f => !f.Applies)) yield return "a guard sets a rule aside";
        if (said is { Basis: Basis.Assumed, Verdict: var verdict } && verdict.Assumed.Outcome != verdict.Stated.Outcome)
            yield return outcomes.IndexOf(verdict.Assumed.Outcome) > outcomes.IndexOf(verdict.Stated.Outcome)
                ? "better under assumptions"
                : "worse or not assessed under assumptions";
    }

    [GeneratedRegex(@"[a-z_]+(\.[a-z0-9_]+)+")]
    private static partial Regex Name();

    [GeneratedRegex(@"[!=]= *null|null *[!=]=")]
    private static partial Regex NullTest();

    [GeneratedRegex(@"[?:] *\(?null")]
    private static partial Regex NullBranch();

    [GeneratedRegex(@"\.[a-z0-9_]+ *[!=]= *[a-z]+\.")]
    private static partial Regex FactWithFact();

    [GeneratedRegex(@"(true|false|""|[0-9]m?) ?([!=]=|[<>]=?) ?[a-z]+\.")]
    private static partial Regex WrittenFirst();

    [GeneratedRegex(@"[0-9]\.[0-9]")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"[(=<>+*/,?:-] *-[0-9]")]
    private static partial Regex Negative();
}
