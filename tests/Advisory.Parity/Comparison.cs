using System.Collections.Immutable;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Parity;

/// <summary>
/// The law: whenever Advisory's truth for a rule is true or false, RulesEngine gives the same answer or an error. Where Advisory says
/// unknown, RulesEngine's answer means nothing and is not asked for.
/// </summary>
internal sealed class Comparison
{
    private const int ConflictsShownPerRule = 3;

    private readonly TypedInputs types;
    private readonly Action<IReadOnlyList<KeyValuePair<string, object>>> give;
    private readonly Func<string, string, Answer> ask;
    private readonly TextWriter report;
    private readonly ImmutableArray<Tally> tallies;
    private readonly Dictionary<Rule, Tally> byRule;
    private int factSets;

    /// <param name="book">The rule book.</param>
    /// <param name="types">Its vocabulary as classes.</param>
    /// <param name="give">Sets the inputs of the answers that follow.</param>
    /// <param name="ask">The other engine's answer for a question and a rule.</param>
    /// <param name="report">Where conflicts and the summary are written.</param>
    public Comparison(
        RuleBook book,
        TypedInputs types,
        Action<IReadOnlyList<KeyValuePair<string, object>>> give,
        Func<string, string, Answer> ask,
        TextWriter report)
    {
        (this.types, this.give, this.ask, this.report) = (types, give, ask, report);
        tallies = [.. book.Questions.SelectMany(q => q.Rules).Select(rule => new Tally(rule))];
        byRule = tallies.ToDictionary(t => t.Rule);
    }

    /// <summary>Compares every rule for every mission and record, on facts as stated and, where those differ, under assumptions.</summary>
    /// <param name="name">What the report calls the scenario.</param>
    /// <param name="evaluation">Advisory's answers.</param>
    public void Compare(string name, Evaluation evaluation)
    {
        factSets++;
        foreach (var sameFacts in evaluation.Verdicts.GroupBy(v => (v.Mission, v.Record, Question: v.Record is null ? null : v.Question)))
        {
            var verdicts = sameFacts.ToList();
            var stated = SeenFacts.Of(evaluation, verdicts[0], Basis.Stated);
            Compare(name, verdicts, Basis.Stated, stated);
            var assumed = SeenFacts.Of(evaluation, verdicts[0], Basis.Assumed);
            if (!IsSame(stated, assumed)) Compare(name, verdicts, Basis.Assumed, assumed);
        }
    }

    private void Compare(string name, List<Verdict> verdicts, Basis basis, Dictionary<string, JToken> facts)
    {
        give(types.Fill(facts));
        foreach (var (verdict, finding) in verdicts.SelectMany(v => v.On(basis).Findings.Select(f => (v, f))))
        {
            var tally = byRule[finding.Rule];
            if (finding.Truth == Truth.Unknown)
            {
                tally.Unknowns++;
                continue;
            }

            var holds = finding.Truth == Truth.True;
            if (holds) tally.Trues++;
            else tally.Falses++;
            var answer = ask(verdict.Question.Id, finding.Rule.Name);
            if (answer.Holds == holds)
            {
                tally.Agreements++;
            }
            else if (answer.Holds is null)
            {
                tally.Errors++;
                tally.FirstError ??= answer.Error;
            }
            else if (++tally.Conflicts <= ConflictsShownPerRule)
            {
                Show(name, verdict, basis, finding, facts);
            }
        }
    }

    private void Show(string name, Verdict verdict, Basis basis, Finding finding, Dictionary<string, JToken> facts)
    {
        var (advisory, other) = finding.Truth == Truth.True ? ("true", "false") : ("false", "true");
        var subject = verdict.Record is { } record ? "record " + record : "mission " + verdict.Mission;
        report.WriteLine($"CONFLICT {finding.Rule} on {name}");
        report.WriteLine($"  question    {verdict.Question.Id}, {subject}, facts as {(basis == Basis.Assumed ? "assumed" : "stated")}");
        report.WriteLine($"  Advisory    {advisory}");
        report.WriteLine($"  RulesEngine {other}");
        if (finding.Rule.Expression.Length > 0) report.WriteLine($"  expression  {finding.Rule.Expression}");
        foreach (var fact in finding.Rule.Facts)
            report.WriteLine($"  fact        {fact} = {facts.GetValueOrDefault(fact)?.ToString(Formatting.None) ?? "unknown"}");
        report.WriteLine();
    }

    /// <summary>Writes the summary.</summary>
    /// <returns>
    /// Whether the law held and was put to the test: no conflict, and no rule with a known truth that RulesEngine never answered, for a
    /// file that only errs there would otherwise pass.
    /// </returns>
    public bool Summarise()
    {
        var conflicts = tallies.Where(t => t.Conflicts > 0).ToList();
        var mute = tallies.Where(t => t.Errors > 0 && t.Agreements + t.Conflicts == 0).ToList();
        var comparisons = tallies.Sum(t => t.Trues + t.Falses);

        Line("rules", tallies.Length);
        Line("fact sets", factSets);
        Line("comparisons", comparisons);
        Line("agreements", tallies.Sum(t => t.Agreements));
        Line("errors there", tallies.Sum(t => t.Errors));
        foreach (var tally in tallies.Where(t => t.Errors > 0)) Of(tally, tally.Errors, ", such as: " + tally.FirstError);
        Line("unknown here", tallies.Sum(t => t.Unknowns));
        Line("conflicts", tallies.Sum(t => t.Conflicts));
        foreach (var tally in conflicts) Of(tally, tally.Conflicts, "");
        Names("never known here, so never compared", tallies.Where(t => t.Trues + t.Falses == 0));
        Names("only ever true here", tallies.Where(t => t.Trues > 0 && t.Falses == 0));
        Names("only ever false here", tallies.Where(t => t.Falses > 0 && t.Trues == 0));
        Names("only ever an error there", mute);
        return conflicts.Count == 0 && mute.Count == 0 && comparisons > 0;

        void Line(string what, long count) => report.WriteLine(FormattableString.Invariant($"{what,-13}{count,13:N0}"));

        void Of(Tally tally, long count, string more) =>
            report.WriteLine(FormattableString.Invariant($"  {tally.Rule}: {count:N0} of {tally.Trues + tally.Falses:N0}{more}"));

        void Names(string what, IEnumerable<Tally> which)
        {
            var names = string.Join(", ", which.Select(t => t.Rule.Name));
            if (names.Length > 0) report.WriteLine($"{what}: {names}");
        }
    }

    private static bool IsSame(Dictionary<string, JToken> one, Dictionary<string, JToken> other) =>
        one.Count == other.Count && one.All(fact => other.TryGetValue(fact.Key, out var value) && JToken.DeepEquals(fact.Value, value));

    /// <summary>What came of one rule; trues and falses are Advisory's, and each of them was asked for there.</summary>
    private sealed class Tally(Rule rule)
    {
        public Rule Rule { get; } = rule;

        public long Trues { get; set; }

        public long Falses { get; set; }

        public long Unknowns { get; set; }

        public long Agreements { get; set; }

        public long Errors { get; set; }

        public long Conflicts { get; set; }

        public string? FirstError { get; set; }
    }
}
