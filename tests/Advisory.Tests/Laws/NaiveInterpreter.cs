using System.Text;

namespace Advisory.Tests.Laws;

using Json = Dictionary<string, object?>;
using Values = Dictionary<string, object?>;

/// <summary>
/// A second interpreter, written from the normative README (<c>src/Advisory.Engine/README.md</c>) alone and knowing nothing of the engine:
/// it walks trees and looks facts up by name. It takes a book and a scenario that are valid and gives the canonical evaluation (12.7).
/// Numbers in comments are sections of that README.
/// </summary>
/// <param name="book">The name and the bytes of each file, cases left out.</param>
internal sealed class NaiveInterpreter(IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> book)
{
    private const string NotAssessed = "NOT_ASSESSED";
    private const string MissionFact = "mission.type";

    private readonly NaiveBook book = new(book);

    /// <summary>10.1. The outcomes are null where it leads to none; the second is the one as if there were no waiver.</summary>
    private sealed record Finding(NaiveRule Rule, bool? Truth, string Strength, bool Applies, bool IsWaived, string? LeadsTo, string? WouldLeadTo, string Letters);

    /// <summary>The canonical evaluation of a scenario, as text.</summary>
    public string Evaluate(ReadOnlyMemory<byte> file)
    {
        var scenario = new NaiveScenario(book, (Json)NaiveJson.Read(file)!);
        var canonical = scenario.Canonical();
        var asked = scenario.Facts.GetValueOrDefault(MissionFact)?.Value is string one ? [one] : book.Missions; // 9.1
        var (verdicts, trace, missionsNamed) = (new List<object?>(), new List<object?>(), new HashSet<string>());
        foreach (var question in book.Questions)
        {
            foreach (var subject in SubjectsOf(question, scenario, asked))
            {
                missionsNamed.Add(subject.MissionNamed);
                var mark = new Json { ["question"] = question.Id, ["mission"] = subject.MissionNamed };
                if (subject.Key is not null) mark["record"] = subject.Key;

                var (lists, letters) = Verdict(question, subject, scenario, isAssumed: false);
                var (assumedLists, assumedLetters) = Verdict(question, subject, scenario, isAssumed: true);
                verdicts.Add(new Json(mark.Concat(lists)) { ["assumed"] = assumedLists });
                var traced = new Json(mark) { ["nodes"] = letters };
                if (assumedLetters != letters) traced["assumed"] = assumedLetters;
                trace.Add(traced);
            }
        }
        return NaiveJson.Canonical(new Json
        {
            ["schema"] = "advisory/evaluation/v1",
            ["semantics"] = 1m,
            ["book"] = book.Mark,
            ["input"] = NaiveJson.Digest(canonical),
            ["scenario"] = canonical,
            ["verdicts"] = verdicts,
            ["derived"] = Derived(scenario, asked, missionsNamed),
            ["trace"] = trace,
            ["traceDigest"] = NaiveJson.Digest(trace),
        });
    }

    // ---- The situation: section 8

    private Values Situation(NaiveSubject subject, NaiveScenario scenario, bool isAssumed)
    {
        if (scenario.Situations.TryGetValue((subject, isAssumed), out var known)) return known;
        return scenario.Situations[(subject, isAssumed)] = Situation(subject, scenario, isAssumed, Contested(subject, scenario), without: []);
    }

    /// <summary>8.1, in its order, with some facts taken away (11.3).</summary>
    private Values Situation(NaiveSubject subject, NaiveScenario scenario, bool isAssumed, HashSet<string> contested, HashSet<string> without, bool isHeldReady = true)
    {
        var values = new Values();
        foreach (var (name, option) in scenario.Options) values[name] = option;
        foreach (var fact in book.Facts)
        {
            var held = isHeldReady && !without.Contains(fact.Name) ? fact.Default ?? (isAssumed ? fact.Assumption : null) : null; // 8.4
            values[fact.Name] = scenario.Facts.TryGetValue(fact.Name, out var stated) ? stated.Value : held;
        }
        if (book.FactNamed.ContainsKey(MissionFact)) values[MissionFact] = subject.Mission ?? scenario.Facts.GetValueOrDefault(MissionFact)?.Value; // 8.5
        foreach (var (name, stated) in subject.Record) values[name] = stated.Value; // 8.6
        foreach (var name in contested) values[name] = null;
        foreach (var fact in book.Derived.Where(fact => !scenario.Says(fact.Name, subject))) values[fact.Name] = Derive(fact, values);
        return values;
    }

    /// <summary>8.7.</summary>
    private object? Derive(NaiveFact fact, Values values) => new NaiveMeaning(values, book.IsNumber).Of(fact.Derive!, []) switch
    {
        decimal number when number < fact.Min || number > fact.Max || (fact.Type == "integer" && number != decimal.Truncate(number)) => null,
        var value => value,
    };

    /// <summary>8.8.</summary>
    private HashSet<string> Contested(NaiveSubject subject, NaiveScenario scenario)
    {
        if (scenario.Contested.TryGetValue(subject, out var known)) return known;
        var contested = scenario.Contested[subject] = [];
        var reported = Reported();
        foreach (var fact in book.Derived.Where(fact => scenario.Says(fact.Name, subject)))
        {
            if (reported[fact.Name] is not { } stated) continue;
            var derived = Derive(fact, reported);
            if (stated.Equals(derived) || (derived is null && fact.IsNumber)) continue;
            if (!fact.IsNumber && new NaiveMeaning(reported, book.IsNumber).Possible(fact.Derive!, DomainOf(fact)).Contains(stated)) continue;
            contested.Add(fact.Name);
            reported = Reported();
        }
        return contested;

        Values Reported() => Situation(subject, scenario, isAssumed: false, contested, without: [], isHeldReady: false);
    }

    private static List<object?> DomainOf(NaiveFact fact) => fact.Type == "boolean" ? [true, false] : fact.Values;

    // ---- Evaluation, findings and the fold: sections 9 and 10

    /// <summary>9.3.</summary>
    private static List<NaiveSubject> SubjectsOf(NaiveQuestion question, NaiveScenario scenario, List<string> asked)
    {
        if (question.IsAboutMissions) return asked.ConvertAll(NaiveSubject.Of);
        return question.Each is null ? [NaiveSubject.Neither] : scenario.Records.GetValueOrDefault(question.Each, []);
    }

    /// <summary>9.4.</summary>
    private static List<NaiveRule> InQuestion(NaiveQuestion question, NaiveSubject subject) =>
        question.Rules.FindAll(rule => subject.Mission is null || rule.Missions.Contains(subject.Mission) || rule.Missions.Contains("any"));

    /// <summary>9.5.</summary>
    private bool IsAsked(NaiveQuestion question, Values values) => question.When is null || new NaiveMeaning(values, book.IsNumber).Of(question.When, []) is true;

    /// <summary>10.1 to 10.6.</summary>
    private Finding Judge(NaiveRule rule, NaiveQuestion question, NaiveSubject subject, NaiveScenario scenario, Values values)
    {
        var letters = new StringBuilder();
        var truth = TruthOf(rule.Body, new(values, book.IsNumber, letters));
        var strength = rule.Strength is Json byReading ? byReading.Text((string)values[byReading.Text("reading")]!) : (string)rule.Strength;
        var applies = rule.Guard is null || new NaiveMeaning(values, book.IsNumber).Of(rule.Guard, rule.Body.Scope) is not false;
        var isWaived = !rule.IsSignal && rule.IsWaivable && truth is not true && !IsDeciding(strength)
            && scenario.Waivers.Exists(waiver => waiver.Text("rule") == rule.Name && Covers(waiver, subject));
        var leadsTo = (string?)question.Strengths.Members(strength).Get(Word(truth));
        return new(rule, truth, strength, applies, isWaived, isWaived ? null : leadsTo, leadsTo, letters.ToString());
    }

    /// <summary>7.9.</summary>
    private static bool? TruthOf(NaiveBody body, NaiveMeaning meaning) => body.Expression is null
        ? meaning.Joined(body.IsAnd, body.Nested.ConvertAll(nested => TruthOf(nested, meaning)))
        : (bool?)meaning.Of(body.Expression, body.Scope);

    private static bool Covers(Json waiver, NaiveSubject subject) =>
        waiver["missions"] is "all" || subject.Mission is null || waiver.Texts("missions").Contains(subject.Mission);

    /// <summary>3.11.</summary>
    private static bool IsDeciding(string strength) => strength is "hard" or "withdraw" or "end" or "political_choice";

    private static string Word(bool? truth) => truth switch { true => "true", false => "false", null => "unknown" };

    /// <summary>10.7.</summary>
    private static (string Outcome, List<Finding> Deciding) Fold(NaiveQuestion question, List<Finding> findings, Func<Finding, string?> leadsTo)
    {
        var led = findings.FindAll(finding => leadsTo(finding) is not null);
        if (led.Count > 0)
        {
            var worst = question.Outcomes.First(outcome => led.Exists(finding => leadsTo(finding) == outcome));
            return (worst, led.FindAll(finding => leadsTo(finding) == worst));
        }
        return (findings.Exists(finding => finding.Applies && IsDeciding(finding.Strength)) ? question.Outcomes[^1] : NotAssessed, []);
    }

    // ---- A verdict: sections 10.8 to 12.7

    private (Json Lists, string Letters) Verdict(NaiveQuestion question, NaiveSubject subject, NaiveScenario scenario, bool isAssumed)
    {
        var values = Situation(subject, scenario, isAssumed);
        var all = InQuestion(question, subject).ConvertAll(rule => Judge(rule, question, subject, scenario, values));
        var findings = IsAsked(question, values) ? all : [];
        var (outcome, deciding) = Fold(question, findings, finding => finding.LeadsTo);
        var lists = new Json
        {
            ["outcome"] = outcome,
            ["deciding"] = Listed(deciding, WithTruth),
            ["conditions"] = Listed(findings.Where(finding => finding.Strength == "in_principle" && finding.Truth is not true), Condition),
            ["warnings"] = Listed(findings.Where(IsWarning), finding => new() { ["rule"] = finding.Rule.Name, ["strength"] = finding.Strength }),
            ["notAssessed"] = Listed(findings.Where(finding => !finding.Applies && MayApply(finding.Rule, values)), OnlyName),
            ["open"] = Listed(findings.Where(finding => IsOpen(finding, question)), OnlyName),
            ["waived"] = Listed(findings.Where(finding => finding.IsWaived), WithTruth),
            ["fallback"] = Fallback(question, findings, scenario, isAssumed),
            ["withoutWaivers"] = new Json { ["outcome"] = Fold(question, findings, finding => finding.WouldLeadTo).Outcome },
        };
        AddRelyingOn(lists, question, subject, scenario, isAssumed, findings);
        return (lists, string.Join(' ', all.Select(finding => finding.Letters)));
    }

    private static List<object?> Listed(IEnumerable<Finding> findings, Func<Finding, Json> shown) => [.. findings.Select(shown)];

    private static Json WithTruth(Finding finding) => new() { ["rule"] = finding.Rule.Name, ["truth"] = Word(finding.Truth) };

    private static Json OnlyName(Finding finding) => new() { ["rule"] = finding.Rule.Name };

    private static Json Condition(Finding finding) => finding.IsWaived ? new(WithTruth(finding)) { ["waived"] = true } : WithTruth(finding);

    private static bool IsWarning(Finding finding) =>
        finding.Strength is "warning" or "preference" or "info" && finding.Rule.FallbackTo is null && finding is { LeadsTo: null, IsWaived: false }
        && finding.Truth == finding.Rule.IsSignal;

    /// <summary>10.8, <c>notAssessed</c>: whether the guard could turn out not to be false, once the unknown facts that it tests are known.</summary>
    private bool MayApply(NaiveRule rule, Values values) =>
        new NaiveMeaning(values, book.IsNumber, isNullTestBlind: true).Of(rule.Guard!, rule.Body.Scope) is not false;

    private static bool IsOpen(Finding finding, NaiveQuestion question)
    {
        var leads = question.Strengths.Members(finding.Strength);
        return finding.Rule.IsSignal && finding.Truth is null && leads.ContainsKey("true") && !leads.ContainsKey("unknown");
    }

    /// <summary>10.9.</summary>
    private List<object?> Fallback(NaiveQuestion question, List<Finding> findings, NaiveScenario scenario, bool isAssumed)
    {
        var pointedAt = findings.Where(finding => finding.Truth is true).Select(finding => finding.Rule.FallbackTo).OfType<string>().Distinct();
        return [.. pointedAt.Select(mission => new Json { ["mission"] = mission, ["outcome"] = OutcomeOf(mission, question, scenario, isAssumed) })];
    }

    private string OutcomeOf(string mission, NaiveQuestion question, NaiveScenario scenario, bool isAssumed)
    {
        var subject = NaiveSubject.Of(mission);
        var values = Situation(subject, scenario, isAssumed);
        if (!question.IsAboutMissions || !IsAsked(question, values)) return NotAssessed;
        return Fold(question, InQuestion(question, subject).ConvertAll(rule => Judge(rule, question, subject, scenario, values)), finding => finding.LeadsTo).Outcome;
    }

    /// <summary>Section 11. Where the question is not asked, there are no findings.</summary>
    private void AddRelyingOn(Json lists, NaiveQuestion question, NaiveSubject subject, NaiveScenario scenario, bool isAssumed, List<Finding> before)
    {
        var held = book.Facts.Where(fact => (isAssumed ? fact.Assumption : fact.Default) is not null).Select(fact => fact.Name).Where(name => !scenario.Facts.ContainsKey(name));
        var candidates = held.Concat(isAssumed ? [] : scenario.ReadingsSetOtherwise)
            .Where(name => before.Exists(finding => finding.Rule.RestsOn.Contains(name))).ToList();
        var items = candidates.FindAll(candidate => Matters([candidate]));
        var waivers = isAssumed ? [] : before.FindAll(finding => finding.IsWaived && finding.WouldLeadTo is not null);
        if (items.Count == 0 && waivers.Count == 0 && candidates.Count >= 2 && Matters([.. candidates]))
        {
            items = candidates;
            lists["jointly"] = true;
        }
        var kinds = items.ConvertAll(name => (Kind: book.FactNamed.ContainsKey(name) ? "planning" : "reading", Name: name))
            .Concat(waivers.Select(finding => (Kind: "waiver", finding.Rule.Name)));
        lists["relyingOn"] = kinds.Select(item => isAssumed ? (object)item.Name : new Json { ["kind"] = item.Kind, ["name"] = item.Name }).ToList<object?>();

        // 11.3
        bool Matters(HashSet<string> taken)
        {
            var mayChange = before.FindAll(finding => finding.LeadsTo is null && finding.Rule.RestsOn.Overlaps(taken));
            if (mayChange.Count == 0) return false;

            // 11.3: contested facts are found anew, for the readings as they are now.
            var less = scenario.AtDefault(taken);
            var values = Situation(subject, less, isAssumed, Contested(subject, less), without: taken);
            return mayChange.Exists(finding => Judge(finding.Rule, question, subject, less, values).LeadsTo is not null);
        }
    }

    /// <summary>12.7, <c>derived</c>.</summary>
    private List<object?> Derived(NaiveScenario scenario, List<string> asked, HashSet<string> missionsNamed)
    {
        var subjects = asked.ConvertAll(NaiveSubject.Of);
        if (asked.Count == 0 || book.Questions.Exists(question => !question.IsAboutMissions)) subjects.Add(NaiveSubject.Neither);
        var all = new List<object?>();
        foreach (var subject in subjects.Where(subject => missionsNamed.Contains(subject.MissionNamed)))
        {
            var (stated, assumed) = (Situation(subject, scenario, isAssumed: false), Situation(subject, scenario, isAssumed: true));
            foreach (var name in book.Facts.Where(fact => fact.Derive is not null).Select(fact => fact.Name))
            {
                var one = new Json { ["name"] = name, ["mission"] = subject.MissionNamed, ["value"] = NaiveJson.WithNumbersOfResults(stated[name]) };
                if (!Equals(stated[name], assumed[name])) one["assumed"] = NaiveJson.WithNumbersOfResults(assumed[name]);
                all.Add(one);
            }
        }
        return all;
    }
}
