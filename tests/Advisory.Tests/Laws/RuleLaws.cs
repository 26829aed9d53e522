using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>What one rule more, one twice, or one written otherwise does to an outcome (README of the engine, 6.6, 7.9, 10 and 14.1 to 14.4).</summary>
public sealed partial class RuleLaws
{
    [Fact]
    public void One_rule_more_never_makes_an_outcome_better_and_changes_no_other_rule() => Law.Holds(tries: 150, atLeast: 400, more =>
    {
        var chance = new Chance(more.Seed);
        var file = chance.Of([.. more.Files.Where(f => f.Value["Rules"] is not null).Select(f => f.Key).Order(StringComparer.Ordinal)]);
        var at = chance.Below(more.Files[file]["Rules"]!.Count());
        var name = (string)more.Files[file]["Rules"]![at]!["RuleName"]!;
        var fewer = more.WithBook(files => files[file]["Rules"]![at]!.Remove(), said => RemoveWaivers(said, name));
        if (fewer is null) return 0; // the only rule of a question

        foreach (var (before, after) in fewer.Verdicts.Zip(more.Verdicts))
        {
            Assert.Equal(before.About, after.About);
            var outcomes = before.Verdict.Question.Outcomes;
            IsNoBetter(outcomes, before.View.Outcome, after.View.Outcome);
            IsNoBetter(outcomes, before.View.WithoutWaivers, after.View.WithoutWaivers);
            Assert.Equal(
                before.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Strength.Token, f.Applies, f.Waiver?.Reason)),
                after.View.Findings.Where(f => f.Rule.Name != name).Select(f => (f.Rule.Name, f.Truth, f.Strength.Token, f.Applies, f.Waiver?.Reason)));
        }

        return fewer.Verdicts.Count();

        // Outside of the scale there is only NOT_ASSESSED: one more rule may lead out of it to any outcome, and never into it.
        static void IsNoBetter(IReadOnlyList<string> outcomes, string fewer, string more)
        {
            if (fewer == RuleBook.NotAssessed) return;
            Assert.Contains(more, outcomes);
            Assert.True(outcomes.ToList().IndexOf(more) <= outcomes.ToList().IndexOf(fewer), $"with one rule more {fewer} became {more}");
        }
    });

    [Fact]
    public void A_rule_that_stands_there_twice_counts_once() => Law.Holds(tries: 120, atLeast: 400, once =>
    {
        const string Copy = "copy-of-";
        var chance = new Chance(once.Seed);
        var file = chance.Of([.. once.Files.Where(f => f.Value["Rules"] is not null).Select(f => f.Key).Order(StringComparer.Ordinal)]);
        var rule = chance.Of(once.Files[file]["Rules"]!.ToList());
        var twice = once.WithBook(
            files => ((JArray)files[file]["Rules"]!).Insert(chance.Below(files[file]["Rules"]!.Count() + 1), Named(rule, Copy + rule["RuleName"])),
            said =>
            {
                foreach (var waiver in ((JArray?)said["waivers"] ?? []).Where(w => (string)w["rule"]! == (string)rule["RuleName"]!).ToList())
                {
                    var other = (JObject)waiver.DeepClone();
                    other["rule"] = Copy + rule["RuleName"];
                    ((JArray)said["waivers"]!).Add(other);
                }
            });
        Assert.NotNull(twice);

        foreach (var (one, two) in once.Verdicts.Zip(twice.Verdicts))
        {
            Assert.Equal(one.About, two.About);
            Assert.Equal((one.View.Outcome, one.View.WithoutWaivers), (two.View.Outcome, two.View.WithoutWaivers));
            Assert.Equal(one.View.RelyingOn.Jointly, two.View.RelyingOn.Jointly);
            foreach (var (list, other) in Lists(one.View).Zip(Lists(two.View)))
                Assert.Equal(list.ToHashSet(), other.Select(name => name.Replace(Copy, "", StringComparison.Ordinal)).ToHashSet());
        }

        return once.Verdicts.Count();

        static IEnumerable<IEnumerable<string>> Lists(View view) =>
        [
            Names(view.Deciding), Names(view.Conditions), Names(view.Warnings), Names(view.Waived), view.NotAssessed.Select(r => r.Name), view.Open.Select(r => r.Name),
            view.Fallback.Select(f => f.Mission + " " + f.Outcome), view.RelyingOn.Items.Select(i => i.Kind + " " + i.Name),
        ];

        static JObject Named(JToken rule, string name)
        {
            var copy = (JObject)rule.DeepClone();
            copy["RuleName"] = name;
            return copy;
        }
    });

    [Fact]
    public void A_disabled_rule_says_what_no_rule_says() => Law.Holds(tries: 150, atLeast: 20, sample =>
    {
        var disabled = 0;
        var without = sample.WithBook(files =>
        {
            foreach (var rule in Sample.AllRules(files).Where(rule => (bool?)rule["Enabled"] == false).ToList())
            {
                disabled++;
                rule.Remove();
            }
        });
        if (disabled == 0 || without is null) return 0;
        AnswersAreTheSame(sample, without);
        return disabled;
    });

    [Fact]
    public void A_parameter_says_what_its_expression_says_in_its_place_and_an_operator_what_its_sign_says() => Law.Holds(tries: 150, atLeast: 200, sample =>
    {
        var changed = 0;
        var written = sample.WithBook(files =>
        {
            foreach (var file in files.Values.Where(file => file["Rules"] is not null))
            {
                // Rules of a file that is injected name no parameter of the question.
                var globals = InScope(file["GlobalParams"], []);
                file.Remove("GlobalParams");
                foreach (var rule in file["Rules"]!.Cast<JObject>())
                {
                    if (rule["Operator"] is null && rule["LocalParams"] is null && globals.Count == 0) continue;
                    var expression = PutIn(rule, globals);
                    // A guard is one only where the rule itself has it, so what would make one here is kept from it.
                    var isGuarded = rule["Operator"] is null && rule["SuccessEvent"] is null && !OneName().IsMatch((string)rule["Expression"]!);
                    rule["Expression"] = isGuarded ? expression : $"({expression}) && true";
                    changed++;
                    foreach (var member in new[] { "Operator", "Rules", "LocalParams" }) rule.Remove(member);
                }
            }
        });
        // A parameter may stand for a written number, and two of those are not compared in one expression.
        if (changed == 0 || written is null) return 0;

        foreach (var (said, inPlace) in sample.Verdicts.Zip(written.Verdicts))
            Assert.Equal(
                said.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)),
                inPlace.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)));
        Assert.Equal(Verdicts(sample), Verdicts(written));
        return changed;

        static Dictionary<string, string> InScope(JToken? parameters, Dictionary<string, string> outer)
        {
            var scope = new Dictionary<string, string>(outer);
            foreach (var parameter in parameters ?? new JArray())
                scope[(string)parameter["Name"]!] = $"({Replaced((string)parameter["Expression"]!, scope)})";
            return scope;
        }

        static string PutIn(JObject rule, Dictionary<string, string> outer)
        {
            var scope = InScope(rule["LocalParams"], outer);
            if (rule["Operator"] is not { } joined) return Replaced((string)rule["Expression"]!, scope);
            var sign = ((string)joined!).StartsWith("And", StringComparison.Ordinal) ? " && " : " || ";
            return string.Join(sign, rule["Rules"]!.Select(nested => $"({PutIn((JObject)nested, scope)})"));
        }

        static string Replaced(string expression, Dictionary<string, string> scope) =>
            Undotted().Replace(expression, name => scope.GetValueOrDefault(name.Value, name.Value));
    });

    /// <summary>
    /// Ways to write a condition E, beside any other condition C, that mean the same in Kleene's logic. None puts `: true` at the end, where it
    /// would make a guard.
    /// </summary>
    private static readonly string[] SameTruth =
    [
        "!(!(E))", "(E) && (E)", "(E) || (E)", "true && (E)", "(E) && true", "false || (E)", "(E) || false", "(E) && ((E) || (C))", "(E) || ((C) && (E))",
        "!(!(E) || false)", "((C) ? (E) : (E)) && true", "(true ? (E) : (C)) && true", "(false ? (C) : (E)) && true", "((E) ? true : false) && true",
        "!((E) ? false : true)", "(E) || (false && (C))", "((C) || true) && (E)", "!((C) ? !(E) : !(E))",
    ];

    /// <summary>The same for a number, and for what else may be derived.</summary>
    private static readonly string[] SameNumber =
        ["(E) + 0", "(E) * 1 / 1", "Math.Max((E), (E))", "Math.Min((E), (E))", "(C) ? (E) : (E)", "(C) ? (E) : 0 + (E)"];

    private static readonly string[] SameValue = ["(C) ? (E) : (E)", "true ? (E) : null"];

    [Fact]
    public void What_is_written_in_another_way_says_the_same() => Law.Holds(tries: 200, atLeast: 600, sample =>
    {
        var chance = new Chance(sample.Seed);
        var changed = 0;
        var known = sample.Vocabulary.Where(f => (string?)f["role"] is not ("derived" or "context")).Select(RandomScenario.Nameable).ToList();
        var other = sample.WithBook(files =>
        {
            foreach (var rule in Sample.AllRules(files).SelectMany(rule => rule["Rules"]?.Cast<JObject>() ?? [rule]))
                if (rule["Expression"] is JValue { Value: string expression } at && !IsGuarded(expression))
                    at.Value = Otherwise(SameTruth, expression, isDerivation: false);
            foreach (var fact in files["vocabulary.json"]["facts"]!.Cast<JObject>())
            {
                if ((string?)fact["derive"] is not { } derivation || chance.Percent(20)) continue;
                var ways = RandomScenario.Nameable(fact).IsNumber && !Literal().IsMatch(derivation) ? SameNumber : SameValue;
                fact["derive"] = Otherwise(ways, derivation, isDerivation: true);
            }
        });
        if (other is null) return 0; // written twice it may be longer than an expression can be

        foreach (var (one, two) in sample.Verdicts.Zip(other.Verdicts))
        {
            Assert.Equal(one.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)), two.View.Findings.Select(f => (f.Rule.Name, f.Truth, f.Applies)));
            Assert.Equal((one.View.Outcome, one.View.WithoutWaivers), (two.View.Outcome, two.View.WithoutWaivers));
        }

        Assert.Equal(Derived(sample), Derived(other));
        return changed;

        static bool IsGuarded(string expression) => expression.TrimEnd(' ', ')').EndsWith(": true", StringComparison.Ordinal);

        static IEnumerable<string> Derived(Sample from) => from.Evaluation.Derived.Select(d => $"{d.Fact} {d.Mission} {d.Value} {d.UnderAssumptions}");

        string Otherwise(string[] ways, string expression, bool isDerivation)
        {
            changed++;
            var condition = new RandomExpressions(chance, known, isDerivation, hasNullTests: true).Condition(1);
            return Placeholder().Replace(chance.Of(ways), name => name.Value == "C" ? condition : expression);
        }
    });

    [Fact]
    public void An_outcome_and_its_lists_are_what_the_fold_makes_of_the_findings() => Law.Holds(tries: 300, atLeast: 900, sample =>
    {
        var said = 0;
        foreach (var answer in sample.Verdicts)
        {
            var (question, view) = (answer.Verdict.Question, answer.View);
            var rules = sample.Rules(question).ToDictionary(rule => (string)rule["RuleName"]!);
            foreach (var finding in view.Findings) IsOfItsRule(sample, answer, finding, rules[finding.Rule.Name]);

            // A question that is not asked has no lists; from outside it looks like one that nothing assesses.
            if (question.When is not null && view is { Outcome: RuleBook.NotAssessed, WithoutWaivers: RuleBook.NotAssessed }) continue;
            said++;
            var (outcome, deciding) = Fold(sample, question, view.Findings, withWaivers: true);
            Assert.Equal(outcome, view.Outcome);
            Assert.Equal(deciding, Names(view.Deciding));
            Assert.Equal(Fold(sample, question, view.Findings, withWaivers: false).Outcome, view.WithoutWaivers);
            Assert.Equal(Names(view.Findings.Where(f => f.Strength.Token == "in_principle" && f.Truth != Truth.True)), Names(view.Conditions));
            Assert.Equal(Names(view.Findings.Where(f => f.Waiver is not null)), Names(view.Waived));
            Assert.Equal(
                Names(view.Findings.Where(f => f.Strength.Token is "warning" or "preference" or "info" && f.Waiver is null && sample.LeadsTo(question, f) < 0
                    && (Event(f) is null ? f.Truth == Truth.False : f.Truth == Truth.True && Fallback(f) is null))),
                Names(view.Warnings));
            Assert.Equal(
                Names(view.Findings.Where(f => Event(f) is not null && f.Truth == Truth.Unknown && Leads(f)["true"] is not null && Leads(f)["unknown"] is null)),
                view.Open.Select(r => r.Name));
            Assert.All(view.NotAssessed, rule => Assert.Contains(view.Findings, f => f.Rule == rule && !f.Applies));
            Assert.Equal(view.Findings.Where(f => f.Truth == Truth.True).Select(Fallback).OfType<string>().Distinct(), view.Fallback.Select(f => f.Mission));
            foreach (var fallback in view.Fallback)
            {
                var other = question.PerMission ? sample.Evaluation.Verdict(question.Id, fallback.Mission) : null;
                if (other is not null) Assert.Equal(other.On(answer.Basis).Outcome, fallback.Outcome);
                else if (!question.PerMission) Assert.Equal(RuleBook.NotAssessed, fallback.Outcome);
            }

            string? Event(Finding finding) => (string?)rules[finding.Rule.Name]["SuccessEvent"];

            string? Fallback(Finding finding) => Event(finding)?.Split(':') is ["fallback", var mission] ? mission : null;

            JToken Leads(Finding finding) => sample.File(question)["Strengths"]![finding.Strength.Token]!;
        }

        return said;
    });

    /// <summary>The outcome and the rules that decide it, by section 10.7 as it is written.</summary>
    private static (string Outcome, List<string> Deciding) Fold(Sample sample, RuleSet question, IReadOnlyCollection<Finding> findings, bool withWaivers)
    {
        var led = findings.Where(f => sample.LeadsTo(question, f, withWaivers) >= 0).ToList();
        if (led.Count > 0)
        {
            var worst = led.Min(f => sample.LeadsTo(question, f, withWaivers));
            return (question.Outcomes[worst], Names(led.Where(f => sample.LeadsTo(question, f, withWaivers) == worst)));
        }

        return (findings.Any(f => f.Applies && IsDeciding(f.Strength.Token)) ? question.Outcomes[^1] : RuleBook.NotAssessed, []);
    }

    /// <summary>Strength, applying and waiver by 10.2 to 10.5, from the rule's file and the scenario alone.</summary>
    private static void IsOfItsRule(Sample sample, Answer answer, Finding finding, JObject rule)
    {
        var properties = rule["Properties"]!;
        var token = properties["Strength"]!;
        if (token is JObject byOption)
        {
            var reading = sample.Readings.First(r => (string)r["name"]! == (string)byOption["reading"]!);
            token = byOption[(string)(sample.Said["readings"]?[(string)reading["name"]!] ?? reading["default"])!]!;
        }

        Assert.Equal((string)token!, finding.Strength.Token);
        var isRequirement = rule["SuccessEvent"] is null;
        if (!finding.Applies) Assert.True(finding.Truth == Truth.True && isRequirement && rule["Operator"] is null, $"{finding.Rule} does not apply");
        var mission = answer.Verdict.Mission;
        var waiver = sample.Said["waivers"]?.FirstOrDefault(w =>
            (string)w["rule"]! == finding.Rule.Name && (w["missions"] is not JArray missions || mission == RuleBook.AnyMission || missions.Any(m => (string)m! == mission)));
        var isOpen = isRequirement && (bool)properties["Waivable"]! && finding.Truth != Truth.True && !IsDeciding((string)token!);
        Assert.Equal(isOpen ? (string?)waiver?["reason"] : null, finding.Waiver?.Reason);
    }

    private static bool IsDeciding(string token) => token is "hard" or "withdraw" or "end" or "political_choice";

    private static List<string> Names(IEnumerable<Finding> findings) => [.. findings.Select(f => f.Rule.Name)];

    /// <summary>All that is said of verdicts and derived facts, without the names of book and scenario.</summary>
    internal static string Verdicts(Sample sample)
    {
        var canonical = JObject.Parse(System.Text.Encoding.UTF8.GetString(EvaluationJson.Canonical(sample.Evaluation)));
        return canonical["verdicts"]!.ToString() + canonical["derived"];
    }

    internal static void AnswersAreTheSame(Sample one, Sample other) => Assert.Equal(Verdicts(one), Verdicts(other));

    private static void RemoveWaivers(JObject said, string rule)
    {
        foreach (var waiver in ((JArray?)said["waivers"] ?? []).Where(w => (string)w["rule"]! == rule).ToList()) waiver.Remove();
    }

    [GeneratedRegex(@"(?<![\w.""])[A-Za-z_][A-Za-z0-9_]*(?![\w.""(])")]
    private static partial Regex Undotted();

    [GeneratedRegex(@"^[\s(]*[A-Za-z_0-9]+[\s)]*$")]
    private static partial Regex OneName();

    // A written number alone, to which no other may be added.
    [GeneratedRegex(@"^[(\s-]*[0-9.mM]+[\s)]*$")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b[CE]\b")]
    private static partial Regex Placeholder();
}
