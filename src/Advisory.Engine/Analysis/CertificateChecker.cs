using System.Collections.Immutable;
using System.Text;
using Advisory.Engine.Evaluating;
using Advisory.Engine.Expressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>What a check of an answer found.</summary>
/// <param name="Faults">What is wrong with the answer; empty where nothing was found.</param>
/// <param name="Evaluations">How many scenarios were evaluated.</param>
/// <param name="Exhaustive">Whether what the answer claims of all states was tried on all of them; else on some.</param>
public sealed record CheckedAnswer(ImmutableArray<string> Faults, int Evaluations, bool Exhaustive);

/// <summary>
/// Checks answers by evaluating scenarios and by comparing sets, with no diagram: it shares nothing with the analysis but the record types
/// and the way in which states are written into a scenario.
/// </summary>
/// <remarks>
/// That something can happen is checked by its witness. That something holds of all states is checked on all of them up to a limit, beyond it
/// on some: every fact at every value one at a time, and two at a time while the limit lasts. That a list of reasons is complete is checked by
/// duality: the minimal hitting sets of the contrasts, each of which is witnessed, must be exactly the reasons.
/// </remarks>
public sealed class CertificateChecker
{
    private readonly RuleBook book;
    private readonly Scenario scenario;
    private readonly AnalysisOptions options;
    private readonly int limit;
    /// <summary>Instead of an outcome, where reports contradict each other that do not now: such states are left out of every answer.</summary>
    private const string Contradiction = "a contradiction";

    private readonly List<string> faults = [];
    private int evaluations;
    private bool isExhaustive = true;

    private CertificateChecker(RuleBook book, Scenario scenario, AnalysisOptions? options, int limit)
    {
        (this.book, this.scenario, this.options, this.limit) = (book, scenario, options ?? new(), limit);
    }

    /// <summary>Checks an answer about open outcomes.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario scenario, ReachableAnswer answer, int limit = 2_000) =>
        new CertificateChecker(book, scenario, new() { Basis = answer.Basis }, limit).Run(checker => checker.Reachable(answer));

    /// <summary>Checks an answer about reasons.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario scenario, WhyAnswer answer, AnalysisOptions? options = null, int limit = 2_000) =>
        new CertificateChecker(book, scenario, (options ?? new()) with { Basis = answer.Basis }, limit).Run(checker => checker.Why(answer));

    /// <summary>Checks an answer about changes; the options are those under which it was given.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario scenario, ChangeAnswer answer, AnalysisOptions? options = null, int limit = 2_000) =>
        new CertificateChecker(book, scenario, (options ?? new()) with { Basis = answer.Basis }, limit).Run(checker => checker.Change(answer));

    /// <summary>Checks an answer about questions.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario scenario, AskAnswer answer, int limit = 2_000) =>
        new CertificateChecker(book, scenario, new() { Basis = answer.Basis }, limit).Run(checker => checker.Ask(answer));

    /// <summary>Checks an answer about the margin.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario scenario, MarginAnswer answer, AnalysisOptions? options = null, int limit = 2_000) =>
        new CertificateChecker(book, scenario, (options ?? new()) with { Basis = answer.Basis }, limit).Run(checker => checker.Margin(answer));

    /// <summary>Checks a comparison of two scenarios under one book: both outcomes, that each set of differences carries, and that no part of it does.</summary>
    public static CheckedAnswer Check(RuleBook book, Scenario one, Scenario other, ComparisonAnswer answer) =>
        new CertificateChecker(book, one, new() { Basis = answer.Basis }, 0).Run(checker => checker.Compare(other, answer));

    private CheckedAnswer Run(Action<CertificateChecker> check)
    {
        try
        {
            check(this);
        }
        catch (StateRefusedException refused)
        {
            faults.Add(refused.Message);
        }

        return new([.. faults], evaluations, isExhaustive);
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds) faults.Add(otherwise);
    }

    // ---- answers ----

    private void Compare(Scenario other, ComparisonAnswer answer)
    {
        var (left, right) = (JObject.Parse(Encoding.UTF8.GetString(scenario.Canonical.Span)), JObject.Parse(Encoding.UTF8.GetString(other.Canonical.Span)));
        Require(Mixed(left, right, []) == answer.One, "the first outcome is another");
        Require(Mixed(right, right, []) == answer.Other, "the second outcome is another");
        foreach (var difference in answer.Differences)
        {
            var mixed = (JObject)left.DeepClone();
            Put(mixed, right, difference, answer.Subject);
            Require(!JToken.DeepEquals(mixed, left), $"{difference.Name} does not differ");
        }

        Require(answer.One != answer.Other || answer.Carries.IsEmpty, "outcomes that are the same are carried by nothing");
        Require(answer.One == answer.Other || !answer.Exactness.Exact || !answer.Carries.IsEmpty, "nothing is said to carry the other outcome");
        foreach (var set in answer.Carries)
        {
            Require(set.All(answer.Differences.Contains), "a set holds what does not differ");
            Require(Mixed(left, right, set) == answer.Other, $"{Named(set)} does not lead to {answer.Other}");
            foreach (var spared in set) Require(Mixed(left, right, [.. set.Where(d => d != spared)]) != answer.Other, $"{Named(set)} does without {spared.Name}");
        }

        string Mixed(JObject from, JObject into, IEnumerable<Difference> differences)
        {
            var mixed = (JObject)from.DeepClone();
            foreach (var difference in differences) Put(mixed, into, difference, answer.Subject);
            evaluations++;
            var read = Scenario.Read(book, new("mixed", Encoding.UTF8.GetBytes(mixed.ToString(Formatting.None))));
            return read.Value is { } whole && Altered.Find(Evaluation.Of(book, whole), answer.Subject) is { } verdict ? verdict.On(answer.Basis).Outcome : "no verdict";
        }

        static string Named(IEnumerable<Difference> set) => string.Join(", ", set.Select(d => d.Name));
    }

    // What the other scenario itself says there; the answer's own words are not used.
    private void Put(JObject mixed, JObject other, Difference difference, Subject subject)
    {
        if (difference.Kind == "waiver")
        {
            mixed["waivers"] = new JArray(Waivers(mixed).Where(w => (string?)w["rule"] != difference.Name).Concat(Waivers(other).Where(w => (string?)w["rule"] == difference.Name)));
            return;
        }

        var (holder, source, name) = difference.Kind switch
        {
            "asOf" => (mixed, other, "asOf"),
            "reading" => (Member(mixed, "readings"), Member(other, "readings"), difference.Name),
            _ when difference.Record is null => (Member(mixed, "facts"), Member(other, "facts"), difference.Name),
            _ => (Row(mixed), Row(other), difference.Name[(book.Question(subject.Question)!.Each!.Prefix.Length + 1)..]),
        };
        if (source[name] is { } value) holder[name] = value.DeepClone();
        else holder.Remove(name);

        static IEnumerable<JToken> Waivers(JObject of) => of["waivers"] as JArray ?? [];

        static JObject Member(JObject of, string member)
        {
            if (of[member] is not JObject there) of[member] = there = [];
            return there;
        }

        JObject Row(JObject of)
        {
            var kind = book.Question(subject.Question)!.Each!;
            return (JObject)of["records"]![kind.Name]!.First(row => (string?)row[kind.Key] == difference.Record);
        }
    }

    private void Reachable(ReachableAnswer answer)
    {
        var subject = answer.Subject;
        Require(Evaluate(subject, []) == answer.Outcome, "the outcome now is another");
        var written = WithNullTestsWritten(book, scenario, subject, answer.Basis);
        foreach (var witness in answer.Outcomes) Require(Evaluate(subject, witness.Facts, written) == witness.Outcome, $"the witness does not lead to {witness.Outcome}");
        foreach (var witness in answer.OnceKnown) Require(Evaluate(subject, witness.Facts) == witness.Outcome, $"the witness does not lead to {witness.Outcome} once known");
        RequireCompletions(answer.Outcomes);
        RequireCompletions(answer.OnceKnown);
        Require(answer.Outcomes.Select(w => w.Outcome).Distinct().Count() == answer.Outcomes.Length, "an outcome is listed twice");
        var both = answer.Outcomes.Concat(answer.OnceKnown).Select(w => w.Outcome).Distinct().ToList();
        Require(answer.Certain == (answer.Exactness.Exact && both is [var only] ? only : null), "what is called certain does not follow from the lists");
        if (!answer.Exactness.Exact) return;
        foreach (var states in Completions(subject))
        {
            var then = Evaluate(subject, states);
            Require(then == Contradiction || answer.OnceKnown.Any(w => w.Outcome == then), $"{then} is open once known and not listed");
            var present = Evaluate(subject, states, written);
            Require(present == Contradiction || answer.Outcomes.Any(w => w.Outcome == present), $"{present} is open and not listed");
            if (faults.Count > 0) return;
        }

        // A completion changes nothing that is known.
        void RequireCompletions(ImmutableArray<Witness> witnesses)
        {
            var unknown = Unknown(subject).ToHashSet();
            Require(witnesses.SelectMany(w => w.Facts).All(f => f.Value is not null && unknown.Contains((f.Fact, f.Record))), "a witness changes a fact that is known");
        }
    }

    private void Why(WhyAnswer answer)
    {
        var subject = answer.Subject;
        Require(Evaluate(subject, []) == answer.Outcome, "the outcome now is another");
        foreach (var fact in answer.Reasons.SelectMany(r => r.Facts).Concat(answer.Necessary).Concat(answer.Irrelevant).Distinct())
            Require(SameValue(Present(fact.Fact, fact.Record), fact.Value), $"{fact.Fact} is not {fact.Value?.ToString() ?? "unknown"} now");
        foreach (var contrast in answer.Contrasts)
        {
            Require(contrast.Outcome != answer.Outcome, "a contrast does not change the outcome");
            Require(contrast.Facts.All(f => !SameValue(Present(f.Fact, f.Record), f.Value) || f.Value is not null && IsHeld(f)), "a contrast names a fact that stays as it is");
            Require(Evaluate(subject, contrast.Facts) == contrast.Outcome, $"a contrast does not lead to {contrast.Outcome}");
        }

        var reasons = answer.Reasons.Select(r => Keys(r.Facts)).ToList();
        var contrasts = answer.Contrasts.Select(c => Keys(c.Facts)).ToList();
        foreach (var reason in reasons)
            Require(contrasts.All(c => c.Overlaps(reason)), $"a reason can be undone with its facts as they are: {string.Join(", ", reason)}");
        Require(answer.Reasons.Select(r => r.Facts.Length).SequenceEqual(answer.Reasons.Select(r => r.Facts.Length).Order()), "the reasons do not come smallest first");
        Require(answer.Count >= answer.Reasons.Length && answer.ContrastCount >= answer.Contrasts.Length, "fewer are counted than listed");
        if (!answer.Exactness.Exact) return;
        if (answer.IsComplete && answer.ContrastCount == answer.Contrasts.Length)
        {
            if (HittingSets(contrasts) is { } dual)
            {
                Require(dual.Count == reasons.Count && dual.All(d => reasons.Any(d.SetEquals)), "the reasons are not the minimal hitting sets of the contrasts");
                Require(Keys(answer.Necessary).SetEquals(contrasts.Where(c => c.Count == 1).SelectMany(c => c)), "the necessary facts are others");
            }
            else
            {
                isExhaustive = false;
            }

            Require(!Keys(answer.Irrelevant).Overlaps(reasons.SelectMany(r => r)), "a fact that is called irrelevant is in a reason");
        }

        // That the rest does not matter.
        foreach (var reason in answer.Reasons.Take(20))
        {
            var kept = Keys(reason.Facts);
            foreach (var states in Ranging(Domains(subject).Where(d => !kept.Contains(d.Key) && MayVary(d.Fact)).ToList(), withUnknown: true))
            {
                var then = Evaluate(subject, states);
                Require(then == answer.Outcome || then == Contradiction, $"{string.Join(", ", kept)} does not force the outcome: {then} with {string.Join(", ", states)}");
                if (faults.Count > 0) return;
            }
        }
    }

    private void Change(ChangeAnswer answer)
    {
        var targets = answer.Targets;
        foreach (var target in targets) Require(Evaluate(target.Subject, []) == target.Outcome, "the outcome now is another");
        bool Reaches(IReadOnlyList<Setting> states) => targets.All(t => t.Wanted.Contains(Evaluate(t.Subject, states)));
        var subjects = targets.Select(t => t.Subject).ToList();
        foreach (var change in answer.Changes)
        {
            var states = change.Facts.Select(f => f.Setting).ToList();
            for (var i = 0; i < targets.Length; i++)
            {
                Require(Evaluate(targets[i].Subject, states) == change.Outcomes[i], "a change leads to another outcome");
                Require(targets[i].Wanted.Contains(change.Outcomes[i]), "a change does not lead to a wanted outcome");
            }

            foreach (var fact in change.Facts)
            {
                var declared = book.Fact(fact.Fact)!;
                Require(MayChange(declared), $"{fact.Fact} may not be changed");
                Require(SameValue(Present(fact.Fact, fact.Record), fact.From), $"{fact.Fact} is not {fact.From?.ToString() ?? "unknown"} now");
                Require(fact.Influence == declared.Notes.Influence && fact.Effort == options.EffortOf(declared), $"the effort for {fact.Fact} is another");
                var others = states.Where(s => s != fact.Setting).ToList();
                foreach (var value in fact.Works.SelectMany(w => new[] { w.From, w.To })) Require(Reaches([.. others, fact.Setting with { Value = value }]), $"{fact.Fact} at {value} does not work");
                if (change.Facts.Length == 1 && declared.IsNumber && fact.From is not null)
                {
                    var (from, to) = (Number(fact.From), Number(fact.To));
                    var nearer = to + (declared.Step * Math.Sign(from - to));
                    Require(nearer == from || !Reaches([fact.Setting with { Value = Json.CanonicalJson.Number(nearer) }]), $"{fact.Fact} works nearer than {to}");
                }
            }

            // No part of it suffices, at any value.
            for (var mask = 0; mask < (1 << Math.Min(states.Count, 10)) - 1 && answer.Exactness.Exact; mask++)
            {
                var part = Keys(states.Where((_, i) => (mask >> i & 1) != 0));
                foreach (var less in Ranging(subjects.SelectMany(Domains).DistinctBy(d => d.Key).Where(d => part.Contains(d.Key)).ToList(), withUnknown: false))
                    if (Reaches(less))
                    {
                        faults.Add($"a part of a change suffices: {string.Join(", ", less)}");
                        return;
                    }
            }
        }

        var keys = answer.Changes.Select(c => Keys(c.Facts.Select(f => f.Setting))).ToList();
        Require(keys.Count == keys.DistinctBy(k => string.Join(' ', k.Order())).Count(), "a change is listed twice");
        Require(!keys.Any(k => keys.Any(other => other.IsProperSubsetOf(k))), "a change contains another");
        var order = answer.Changes.Select(c => (c.Facts.Length, c.Effort)).ToList();
        Require(order.SequenceEqual(order.Order()), "the changes do not come by number of facts and effort");
        Require(answer.Count >= answer.Changes.Length, "fewer are counted than listed");
        if (!answer.IsComplete) return;
        foreach (var states in Ranging(subjects.SelectMany(Domains).DistinctBy(d => d.Key).Where(d => MayChange(d.Fact)).ToList(), withUnknown: false))
        {
            var key = Keys(states);
            if (keys.Any(k => k.IsSubsetOf(key)) || !Reaches(states)) continue;
            faults.Add($"a change is missing: {string.Join(", ", states)}");
            return;
        }
    }

    private void Ask(AskAnswer answer)
    {
        var subject = answer.Subject;
        Require(Evaluate(subject, []) == answer.Outcome, "the outcome now is another");
        Require((answer.Needed.Length == answer.Pairs.Length || !answer.Exactness.Exact) && answer.Needed.Length == answer.Questions.Length, "a needed fact has no certificate or no question");
        for (var i = 0; i < answer.Pairs.Length && answer.Exactness.Exact; i++)
        {
            var (one, other) = answer.Pairs[i];
            var differ = one.Facts.Except(other.Facts).Concat(other.Facts.Except(one.Facts)).Select(f => (f.Fact, f.Record)).Distinct().ToList();
            Require(differ is [var only] && only == (answer.Needed[i].Fact, answer.Needed[i].Record), $"the pair for {answer.Needed[i].Fact} differs in something else");
            Require(one.Outcome != other.Outcome, $"the pair for {answer.Needed[i].Fact} leads to one outcome");
            Require(Evaluate(subject, one.Facts) == one.Outcome && Evaluate(subject, other.Facts) == other.Outcome, $"the pair for {answer.Needed[i].Fact} leads elsewhere");
        }

        Require(Keys(answer.Questions.Select(q => new Setting(q.Fact, q.Record, null))).SetEquals(Keys(answer.Needed)), "other facts are asked than are needed");
        var asked = answer.Questions.Select(q => (q.Expected, q.Worst)).ToList();
        Require(asked.SequenceEqual(asked.OrderBy(q => q.Expected).ThenBy(q => q.Worst)), "the questions do not come best first");
        foreach (var question in answer.Questions)
        {
            Require(question.Supplier == book.Fact(question.Fact)!.Notes.SuppliedBy, $"{question.Fact} is supplied by another");
            var most = answer.Needed.Length;
            Require(question.Expected >= 1 && question.Worst >= 1 && question.Expected <= most && question.Worst <= most && question.Settles is >= 0 and <= 1, $"the figures for {question.Fact} cannot be");
        }

        if (!answer.Exactness.Exact) return;
        var unknown = Unknown(subject).ToHashSet();
        var needed = Keys(answer.Needed);
        var met = new Dictionary<string, string>(); // answers to the needed questions → outcome
        foreach (var states in Completions(subject))
        {
            var then = Evaluate(subject, states);
            if (then == Contradiction) continue;
            var answers = string.Join(", ", states.Where(s => needed.Contains(Key(s.Fact, s.Record))));
            if (!met.TryAdd(answers, then) && met[answers] != then)
            {
                faults.Add($"what is asked does not settle the outcome: {met[answers]} or {then} with {answers}");
                return;
            }

            foreach (var shortcut in answer.Shortcuts)
                if (shortcut.Facts.All(f => states.Contains(f)) && shortcut.Outcome != then)
                {
                    faults.Add($"a shortcut to {shortcut.Outcome} leads to {then}");
                    return;
                }
        }

        foreach (var shortcut in answer.Shortcuts) Require(Keys(shortcut.Facts).IsSubsetOf(needed) && unknown.IsSupersetOf(shortcut.Facts.Select(f => (f.Fact, f.Record))), "a shortcut asks for more than is needed");
    }

    private void Margin(MarginAnswer answer)
    {
        var (subject, question) = (answer.Subject, book.Question(answer.Subject.Question)!);
        Require(Evaluate(subject, []) == answer.Outcome, "the outcome now is another");
        var now = question.Outcomes.IndexOf(answer.Outcome);
        bool IsWorse(string outcome) => now >= 0 && question.Outcomes.IndexOf(outcome) is var at && at >= 0 && at < now;
        foreach (var witness in answer.Nearest.Concat(answer.Lost))
        {
            Require(IsWorse(witness.Outcome), $"{witness.Outcome} is not worse");
            Require(Evaluate(subject, witness.Facts) == witness.Outcome, $"a change does not lead to {witness.Outcome}");
        }

        Require(answer.Nearest.All(n => n.Facts.Length == answer.Distance && n.Facts.All(f => f.Value is not null)), "a nearest set has another size");
        Require(answer.Lost.All(l => l.Facts is [{ Value: null }]), "what is lost is not one fact");
        Require(answer.Count >= answer.Nearest.Length && answer.Distance is null == answer.Nearest.IsEmpty, "distance and sets do not fit");
        foreach (var dependence in answer.Dependences)
        {
            Require(dependence.Outcome != answer.Outcome && dependence.IsWorse == IsWorse(dependence.Outcome), $"{dependence.Name} makes no difference, or not that");
            Require(Without(subject, dependence.Kind, dependence.Name, dependence.Instead) == dependence.Outcome, $"{dependence.Name} taken otherwise leads elsewhere");
        }

        foreach (var steady in answer.Steady)
            foreach (var instead in steady.Kind switch
            {
                RelianceKind.Reading => book.Fact(steady.Name)!.Values.Select(v => (JToken?)v),
                RelianceKind.Waiver => [null],
                _ => Values(book.Fact(steady.Name)!, null).Values.Append(null),
            })
                Require(Without(subject, steady.Kind, steady.Name, instead) == answer.Outcome, $"the outcome hangs on {steady.Name}");
        if (!answer.Exactness.Exact) return;
        var domains = Domains(subject).Where(d => MayVary(d.Fact)).ToList();
        var listed = answer.Nearest.Select(n => Keys(n.Facts)).ToList();
        foreach (var states in Ranging(domains, withUnknown: false, ofAtMost: answer.Distance ?? int.MaxValue))
        {
            if (!IsWorse(Evaluate(subject, states))) continue;
            Require(answer.Distance is not null && states.Count >= answer.Distance, $"fewer changes make it worse: {string.Join(", ", states)}");
            Require(states.Count != answer.Distance || answer.Count > answer.Nearest.Length || listed.Any(Keys(states).SetEquals), $"a nearest set is missing: {string.Join(", ", states)}");
            if (faults.Count > 0) return;
        }

        foreach (var domain in domains.Where(d => Present(d.Fact.Name, d.Record) is not null))
        {
            var then = Evaluate(subject, [new(domain.Fact.Name, domain.Record, null)]);
            Require(IsWorse(then) == answer.Lost.Any(l => l.Facts[0].Fact == domain.Fact.Name && l.Facts[0].Record == domain.Record), $"the loss of {domain.Fact.Name} is told wrongly");
        }
    }

    // ---- evaluation ----

    private string Evaluate(Subject subject, IEnumerable<Setting> states, RuleBook? by = null) => EvaluateJson(subject, SettingsJson.Apply(book, scenario, states), by);

    private string EvaluateJson(Subject subject, JObject json, RuleBook? by = null)
    {
        evaluations++;
        var read = Scenario.Read(by ?? book, new("scenario.json", Json.CanonicalJson.Bytes(json)));
        if (read.Value is not { } changed) throw new StateRefusedException("the scenario of the answer is refused: " + read.Problems[0]);
        if (Altered.Contested(by ?? book, changed, subject, options.Basis).Except(Altered.Contested(book, scenario, subject, options.Basis)).Any()) return Contradiction;
        return Altered.Outcome(by ?? book, changed, subject, options.Basis);
    }

    private string Without(Subject subject, RelianceKind kind, string name, JToken? instead)
    {
        var json = scenario.ToJson();
        switch (kind)
        {
            case RelianceKind.Reading:
                if (json["readings"] is not JObject readings) json["readings"] = readings = [];
                readings[name] = instead;
                // Waivers that the option forbids go with it.
                foreach (var waiver in (json["waivers"] as JArray ?? []).ToList())
                    if (book.Rule((string)waiver["rule"]!) is { StrengthReading: { } on } rule && on.Name == name && rule.StrengthUnder((string)instead!).IsDeciding)
                        waiver.Remove();
                return EvaluateJson(subject, json);
            case RelianceKind.Waiver:
                foreach (var waiver in (json["waivers"] as JArray ?? []).Where(w => (string)w["rule"]! == name).ToList()) waiver.Remove();
                return EvaluateJson(subject, json);
            default:
                return Evaluate(subject, [new(name, null, instead)]);
        }
    }

    /// <summary>
    /// The book with every null test replaced by the truth that it has now for one verdict: on it a completion is evaluated with null tests
    /// that keep their present truth.
    /// </summary>
    public static RuleBook WithNullTestsWritten(RuleBook book, Scenario scenario, Subject subject, Basis basis)
    {
        var question = book.Question(subject.Question) ?? throw new ArgumentException($"no question {subject.Question}");
        var situation = new Situation(book);
        situation.Take(scenario, Applied.Planning | (basis == Basis.Assumed ? Applied.Assumptions : 0));
        var record = subject.Record is null ? null : scenario.Records.First(r => r.Key == subject.Record && ReferenceEquals(r.Kind, question.Each));
        situation.Turn(question.PerMission ? book.IndexOfMission(subject.Mission) : Situation.NoMission, record);
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(book.Content.Span))) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        var files = JObject.Load(reader);
        foreach (var text in files.Descendants().OfType<JProperty>().Where(p => p.Name is "Expression" or "derive" or "When" && p.Value.Type == JTokenType.String).ToList())
            text.Value = Written((string)text.Value!);
        var loaded = RuleBook.Load(files.Properties().Select(f => new InputFile(f.Name, Encoding.UTF8.GetBytes(f.Value.ToString(Formatting.None)))));
        return loaded.Value ?? throw new InvalidOperationException("the book without null tests is refused: " + loaded.Problems[0]);

        string Written(string expression)
        {
            var tokens = Lexer.Read(expression);
            var (text, from) = (new StringBuilder(), 0);
            for (var i = 0; i + 2 < tokens.Count; i++)
            {
                if (tokens[i + 1].Text is not ("==" or "!=") || tokens[i + 1].Kind != TokenKind.Symbol) continue;
                var (left, right) = (tokens[i], tokens[i + 2]);
                var fact = IsNull(right) ? left : IsNull(left) ? right : default;
                if (fact.Kind != TokenKind.Name || book.Fact(fact.Text) is not { } tested) continue;
                var isKnown = situation.Machine.Bits[tested.Slot] != 0;
                // Not `true`, which behind a colon would make a guard of what is none (README of the engine, 10.2).
                text.Append(expression, from, left.Start - from).Append(isKnown == (tokens[i + 1].Text == "!=") ? "!false" : "false");
                from = right.End;
            }

            return text.Append(expression, from, expression.Length - from).ToString();
        }

        static bool IsNull(Token token) => token is { Kind: TokenKind.Name, Text: "null" };
    }

    // ---- facts ----

    /// <summary>The values of a fact that are tried, and whether these are all.</summary>
    private sealed record Tried(Fact Fact, string? Record, List<JToken> Values, bool AreAll)
    {
        public string Key => CertificateChecker.Key(Fact.Name, Record);
    }

    /// <summary>The facts on which a verdict may rest, with values to try.</summary>
    private List<Tried> Domains(Subject subject)
    {
        var verdict = Altered.Find(Evaluation.Of(book, scenario), subject) ?? throw new StateRefusedException($"no verdict on {subject}");
        var record = subject.Record is null ? null : scenario.Records.First(r => r.Key == subject.Record && ReferenceEquals(r.Kind, verdict.Question.Each));
        var slots = Altered.RestsOn(book, verdict);
        return
        [
            .. slots.Order().Select(slot => book.Facts[slot])
                .Where(f => f.Role != FactRole.Reading && !(verdict.Question.PerMission && f.Name == RuleBook.MissionFact))
                .Where(f => f.Role != FactRole.Derived || (record?.Facts.Any(r => ReferenceEquals(r.Fact, f)) ?? false) || scenario.About(f) is not null)
                .Where(f => record is null || f.Name != record.Kind.Prefix + "." + record.Kind.Key)
                .Select(f => Values(f, record is not null && f.Name.StartsWith(record.Kind.Prefix + ".", StringComparison.Ordinal) ? record.Key : null)),
        ];
    }

    private Tried Values(Fact fact, string? record)
    {
        const int most = 40;
        switch (fact.Type)
        {
            case FactType.Boolean:
                return new(fact, record, [false, true], true);
            case FactType.Enumeration:
                return new(fact, record, [.. fact.Values.Select(v => (JToken)v)], true);
            case FactType.Text:
                return new(fact, record, [.. (fact.Domain?.Values ?? []).Append("some other text").Select(v => (JToken)v)], true);
            case FactType.Date:
                return new(fact, record, ["2001-01-01"], true);
            case FactType.List when fact.Values.Length is > 0 and <= 5:
                return new(fact, record, [.. Enumerable.Range(0, 1 << fact.Values.Length).Select(bits => new JArray(fact.Values.Where((_, i) => (bits >> i & 1) != 0)))], true);
            case FactType.List:
                return new(fact, record, [new JArray(), .. fact.Values.Select(v => new JArray(v))], fact.Values.IsEmpty);
        }

        var count = ((fact.Max - fact.Min) / fact.Step) + 1;
        if (count <= most) return new(fact, record, [.. Enumerable.Range(0, (int)count).Select(i => Json.CanonicalJson.Number(fact.Min + (i * fact.Step)))], true);
        var named = book.Questions.Select(q => q.Program).Append(book.Derivations.Program)
            .SelectMany(p => p.Code.Where(at => at.A == fact.Slot && at.Op is >= Op.Less and <= Op.NotEqual).Select(at => p.Constants[at.B]));
        var values = named.SelectMany(n => new[] { n - fact.Step, n, n + fact.Step }).Concat(Enumerable.Range(0, 9).Select(i => fact.Min + (Math.Floor((count - 1) * i / 8) * fact.Step)));
        return new(fact, record, [.. values.Where(n => n >= fact.Min && n <= fact.Max && (n - fact.Min) % fact.Step == 0).Distinct().Order().Select(Json.CanonicalJson.Number)], false);
    }

    private JToken? Present(string name, string? record) => Now(name, record) is { IsKnown: true } present ? present.Json : null;

    private bool IsHeld(Setting setting) => Now(setting.Fact, setting.Record).IsHeld;

    private PresentFact Now(string name, string? record)
    {
        if (book.Fact(name) is not { } fact) throw new StateRefusedException($"there is no fact {name}");
        var at = record is null
            ? null
            : scenario.Records.FirstOrDefault(r => r.Key == record && name.StartsWith(r.Kind.Prefix + ".", StringComparison.Ordinal)) ?? throw new StateRefusedException($"there is no record {record}");
        return PresentFact.Of(scenario, at, fact, options.Basis);
    }

    private IEnumerable<(string Fact, string? Record)> Unknown(Subject subject)
    {
        var contested = Evaluation.Of(book, scenario).Facts.Where(f => f.State == FactState.Contested).Select(f => f.Fact).ToHashSet();
        return Domains(subject).Where(d => contested.Contains(d.Fact) || Present(d.Fact.Name, d.Record) is null).Select(d => (d.Fact.Name, d.Record));
    }

    private bool MayVary(Fact fact) => options.VaryPlanningFigures || fact.Role != FactRole.Planning || fact.Default is null || scenario.About(fact) is not null;

    private bool MayChange(Fact fact) => options.Influence.Contains(fact.Notes.Influence) && !options.Keep.Contains(fact.Name);

    // ---- states ----

    /// <summary>Every unknown fact at every value, all combinations where they are few.</summary>
    private IEnumerable<List<Setting>> Completions(Subject subject)
    {
        var unknown = Unknown(subject).ToHashSet();
        var domains = Domains(subject).Where(d => unknown.Contains((d.Fact.Name, d.Record))).ToList();
        if (domains.Aggregate(1.0, (product, d) => product * d.Values.Count) <= limit)
        {
            isExhaustive &= domains.All(d => d.AreAll);
            foreach (var states in Product(domains, 0, [])) yield return states;
            yield break;
        }

        // All at a like place of their values, and from there one at a time elsewhere.
        isExhaustive = false;
        var tried = 0;
        for (var place = 0; place < 3; place++)
        {
            List<Setting> middle = [.. domains.Select((d, i) => At(d, (place * (i + 1)) % d.Values.Count))];
            yield return middle;
            for (var i = 0; i < domains.Count; i++)
                for (var j = 0; j < domains[i].Values.Count && tried < limit; j++, tried++)
                    yield return [.. middle.Select((m, k) => k == i ? At(domains[i], j) : m)];
        }
    }

    private static Setting At(Tried domain, int index) => new(domain.Fact.Name, domain.Record, domain.Values[index]);

    private static IEnumerable<List<Setting>> Product(List<Tried> domains, int from, List<Setting> chosen)
    {
        if (from == domains.Count)
        {
            yield return [.. chosen];
            yield break;
        }

        for (var i = 0; i < domains[from].Values.Count; i++)
        {
            chosen.Add(At(domains[from], i));
            foreach (var states in Product(domains, from + 1, chosen)) yield return states;
            chosen.RemoveAt(chosen.Count - 1);
        }
    }

    /// <summary>Changes of some of these facts: all of them where they are few, else one, then two at a time, while the limit lasts.</summary>
    private IEnumerable<List<Setting>> Ranging(List<Tried> domains, bool withUnknown, int ofAtMost = int.MaxValue)
    {
        var choices = domains.Select(d => d.Values.Select(v => new Setting(d.Fact.Name, d.Record, v)).Concat(withUnknown ? [new Setting(d.Fact.Name, d.Record, null)] : [])
            .Where(s => !SameValue(s.Value, Present(s.Fact, s.Record))).ToList()).ToList();
        var all = choices.Aggregate(1.0, (product, c) => product * (c.Count + 1));
        var size = all <= limit ? domains.Count : 2;
        isExhaustive &= all <= limit && domains.All(d => d.AreAll);
        var left = limit;
        for (var count = 0; count <= Math.Min(size, ofAtMost); count++)
            foreach (var states in Choose(count, 0, []))
            {
                if (left-- <= 0 && all > limit) yield break;
                yield return states;
            }

        IEnumerable<List<Setting>> Choose(int count, int from, List<Setting> chosen)
        {
            if (count == 0)
            {
                yield return [.. chosen];
                yield break;
            }

            for (var i = from; i <= choices.Count - count; i++)
                foreach (var choice in choices[i])
                {
                    chosen.Add(choice);
                    foreach (var states in Choose(count - 1, i + 1, chosen)) yield return states;
                    chosen.RemoveAt(chosen.Count - 1);
                }
        }
    }

    // ---- sets ----

    /// <summary>The minimal sets that meet every one of some sets (C. Berge, Hypergraphs, 1989); null where there are too many.</summary>
    private static List<HashSet<string>>? HittingSets(List<HashSet<string>> sets)
    {
        const int most = 20_000;
        List<HashSet<string>> hitting = [[]];
        foreach (var set in sets.OrderBy(s => s.Count))
        {
            var kept = hitting.Where(h => h.Overlaps(set)).ToList();
            var more = new List<HashSet<string>>();
            foreach (var short_ in hitting.Where(h => !h.Overlaps(set)))
                foreach (var element in set)
                {
                    HashSet<string> longer = [.. short_, element];
                    if (!kept.Any(k => k.IsSubsetOf(longer))) more.Add(longer);
                }

            hitting = [.. kept, .. more];
            if (hitting.Count > most) return null;
        }

        return hitting;
    }

    private static HashSet<string> Keys(IEnumerable<Setting> settings) => [.. settings.Select(s => Key(s.Fact, s.Record))];

    private static string Key(string fact, string? record) => record is null ? fact : fact + " of " + record;

    private static bool SameValue(JToken? one, JToken? other) => one is null || other is null ? one is null && other is null : JToken.DeepEquals(one, other);

    private static decimal Number(JToken value) => value.Type == JTokenType.String ? decimal.Parse((string)value!, System.Globalization.CultureInfo.InvariantCulture) : (decimal)value;
}

/// <summary>A state in an answer that no scenario can hold.</summary>
internal sealed class StateRefusedException(string message) : Exception(message);
