using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Tests.Ledgers;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Analysis;

/// <summary>Every kind of answer against all completions, or all states, of random rule sets that are tried one by one.</summary>
public sealed class BruteForceTests
{
    private static readonly int Sets = HeavyFactAttribute.Rounds(300, 2_000, "ADVISORY_ANALYSIS_SETS"); // 10,000 take ten minutes
    private static readonly int Larger = HeavyFactAttribute.Rounds(0, 20, "ADVISORY_ANALYSIS_LARGER"); // 200 take a quarter of an hour

    [Fact]
    public void Every_answer_agrees_with_trying_everything()
    {
        var seen = new Dictionary<string, int>();
        for (var seed = 0UL; seed < (ulong)Sets; seed++) Try(seed, SmallBook.Of(seed), seen);
        foreach (var kind in new[] { "unknown facts", "several outcomes", "nothing certain but known", "several reasons", "a reason with an unknown", "a change of two", "no change", "a margin of two", "several questions" })
            Assert.True(seen.GetValueOrDefault(kind) >= Sets / 60, $"{kind}: {seen.GetValueOrDefault(kind)} times only");
    }

    [HeavyFact]
    public void Every_answer_agrees_with_trying_everything_on_larger_rule_sets()
    {
        for (var seed = 0UL; seed < (ulong)Larger; seed++) Try(seed, SmallBook.Of(seed + 1_000_000, 1 << 11, 1 << 16), []);
    }

    private static void Try(ulong seed, SmallBook small, Dictionary<string, int> seen)
    {
        var subject = new Subject(SmallBook.Question, seed % 2 == 0 ? "first" : "second");
        var basis = seed % 3 == 0 ? Basis.Assumed : Basis.Stated;
        var table = new Table(small, small.Book, subject, basis);
        var analysis = ScenarioAnalysis.Of(small.Book, small.Scenario, new() { Basis = basis, VaryPlanningFigures = true, Influence = ["ours", "allies", "adversary", "none"], Budget = 5_000_000 });
        try
        {
            Reachable(table, analysis, seen);
            Why(table, analysis, seen);
            Change(table, analysis, seen);
            Margin(table, analysis, seen);
            Ask(table, analysis, seen);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {seed}, {subject}, {basis}\n{small.Scenario.ToJson()}\n{string.Join('\n', small.Book.Questions[0].Rules.Select(r => $"{r.Name} {r.Expression}"))}\n{string.Join('\n', small.Book.Facts.Select(f => $"{f.Name} {f.Derive}"))}", fault);
        }
    }

    private static void Saw(Dictionary<string, int> seen, string kind, bool happened)
    {
        if (happened) seen[kind] = seen.GetValueOrDefault(kind) + 1;
    }

    private static void Reachable(Table table, ScenarioAnalysis analysis, Dictionary<string, int> seen)
    {
        var answer = analysis.Reachable(table.Subject);
        Assert.True(answer.Exactness.Exact);
        Assert.Equal(table.Now, answer.Outcome);
        var open = Completions(table).Select(table.Outcome).ToHashSet();
        Saw(seen, "unknown facts", table.Present.Contains(0));
        Saw(seen, "several outcomes", open.Count > 1);
        Assert.Equal(open.Order(), answer.OnceKnown.Select(w => w.Outcome).Order());

        var written = CertificateChecker.WithNullTestsWritten(table.Small.Book, table.Small.Scenario, table.Subject, table.Basis);
        var frozen = new Table(table.Small, written, table.Subject, table.Basis);
        var present = Completions(table, frozen).Select(frozen.Outcome).ToHashSet();
        Assert.Equal(present.Order(), answer.Outcomes.Select(w => w.Outcome).Order());
        Assert.Equal(present.Count == 1 && open.SetEquals(present) ? present.Single() : null, answer.Certain);
        Saw(seen, "nothing certain but known", !present.SetEquals(open));
    }

    /// <summary>Indexes where every fact that is unknown or contested has a value and all others are as now.</summary>
    private static IEnumerable<int> Completions(Table table, Table? evaluated = null)
    {
        var evaluation = Evaluation.Of(table.Small.Book, table.Small.Scenario);
        var contested = evaluation.Facts.Where(f => f.State == FactState.Contested).Select(f => f.Fact).ToHashSet();
        return Enumerable.Range(0, table.Count).Where(at => (evaluated ?? table).Outcome(at) != Table.Contradiction && Enumerable.Range(0, table.Sizes.Length).All(i =>
            table.Present[i] == 0 || contested.Contains(table.Small.Facts[i].Fact) ? table.State(at, i) != 0 : table.State(at, i) == table.Present[i]));
    }

    private static void Why(Table table, ScenarioAnalysis analysis, Dictionary<string, int> seen)
    {
        var answer = analysis.Why(table.Subject);
        var all = (1 << table.Sizes.Length) - 1;
        // A state with another outcome rules out every set whose facts are in it as they are now.
        var sufficient = Enumerable.Repeat(true, all + 1).ToArray();
        for (var at = 0; at < table.Count; at++)
            if (table.Outcome(at) != table.Now && table.Outcome(at) != Table.Contradiction)
                sufficient[Enumerable.Range(0, table.Sizes.Length).Where(i => table.State(at, i) == table.Present[i]).Sum(i => 1 << i)] = false;
        for (var mask = all; mask > 0; mask--)
            for (var i = 0; i < table.Sizes.Length && !sufficient[mask]; i++)
                if ((mask >> i & 1) != 0)
                    sufficient[mask & ~(1 << i)] = false;
        var minimal = Minimal(sufficient);
        Assert.True(answer.IsComplete);
        Assert.Equal(Names(table, minimal), answer.Reasons.Select(r => Joined(r.Facts.Select(f => f.Fact))).Order());
        Assert.Equal(answer.Reasons.Select(r => r.Facts.Length).Order(), answer.Reasons.Select(r => r.Facts.Length));
        Assert.Equal(Joined(Enumerable.Range(0, table.Sizes.Length).Where(i => minimal.All(m => (m >> i & 1) != 0)).Select(table.NameOf)), Joined(answer.Necessary.Select(f => f.Fact)));
        Assert.Equal(
            Joined(Enumerable.Range(0, table.Sizes.Length).Where(i => table.Present[i] != 0 && !table.IsHeld[i] && minimal.All(m => (m >> i & 1) == 0)).Select(table.NameOf)),
            Joined(answer.Irrelevant.Select(f => f.Fact).Where(f => !table.IsHeld[table.Small.Facts.FindIndex(x => x.Fact.Name == f)])));
        Saw(seen, "several reasons", minimal.Count > 1);
        Saw(seen, "a reason with an unknown", answer.Reasons.Any(r => r.Facts.Any(f => f.Value is null)));

        // Contrasts: sets whose states can undo the outcome; and each is witnessed.
        var contrasts = Minimal([.. Enumerable.Range(0, all + 1).Select(mask => !sufficient[all & ~mask])]);
        Assert.Equal(Names(table, contrasts), answer.Contrasts.Select(c => Joined(c.Facts.Select(f => f.Fact))).Order());
        foreach (var contrast in answer.Contrasts)
        {
            Assert.Equal(contrast.Outcome, table.Outcome(After(table, contrast.Facts)));
            Assert.NotEqual(table.Now, contrast.Outcome);
        }
    }

    private static void Change(Table table, ScenarioAnalysis analysis, Dictionary<string, int> seen)
    {
        var answer = analysis.Change(table.Subject);
        var wanted = answer.Targets[0].Wanted;
        var all = (1 << table.Sizes.Length) - 1;
        var reached = new bool[all + 1];
        foreach (var at in Enumerable.Range(0, table.Count).Where(at => wanted.Contains(table.Outcome(at))))
        {
            if (Changed(table, at) is { } mask) reached[mask] = true;
        }

        for (var mask = 0; mask <= all; mask++)
            for (var i = 0; i < table.Sizes.Length; i++)
                if ((mask >> i & 1) == 0 && reached[mask])
                    reached[mask | (1 << i)] = true;
        var minimal = Minimal(reached);
        Assert.True(answer.IsComplete);
        Assert.Equal(Names(table, minimal), answer.Changes.Select(c => Joined(c.Facts.Select(f => f.Fact))).Order());
        foreach (var change in answer.Changes)
        {
            var at = After(table, change.Facts.Select(f => f.Setting));
            Assert.Equal(table.Outcome(at), change.Outcomes.Single());
            Assert.Contains(table.Outcome(at), wanted);
            foreach (var fact in change.Facts)
            {
                // The other values that work, and none nearer where one fact alone changes.
                var index = table.Small.Facts.FindIndex(f => f.Fact.Name == fact.Fact);
                var works = table.Small.Facts[index].States.Where((_, s) => s != 0 && wanted.Contains(table.Outcome(at + ((s - table.State(at, index)) * Stride(table, index))))).Select(v => v!).ToList();
                var said = table.Small.Facts[index].States.Skip(1).Where(v => fact.Works.Any(w => Within(w, v!))).Select(v => v!).ToList();
                // Items of a list that no rule asks for stay as they are, and texts that no rule names are one, so not all that works is named.
                if (table.Small.Facts[index].Fact.Type is FactType.List or FactType.Text) Assert.Subset(works.Select(v => v.ToString()).ToHashSet(), said.Select(v => v.ToString()).ToHashSet());
                else Assert.Equal(works.Select(v => v.ToString()), said.Select(v => v.ToString()));
                if (change.Facts.Length == 1 && fact.From is not null && table.Small.Facts[index].Fact.IsNumber)
                    Assert.Equal(works.Min(v => Math.Abs((decimal)v - (decimal)fact.From)), Math.Abs((decimal)fact.To - (decimal)fact.From));
            }
        }

        Saw(seen, "a change of two", answer.Changes.Any(c => c.Facts.Length > 1));
        Saw(seen, "no change", wanted.Length > 0 && answer.Changes.IsEmpty);
    }

    private static int Stride(Table table, int fact)
    {
        var one = (int[])table.Present.Clone();
        one[fact] = 1;
        var zero = (int[])table.Present.Clone();
        zero[fact] = 0;
        return table.Index(one) - table.Index(zero);
    }

    private static bool Within(ValueRange range, JToken value) => range.From.Type is JTokenType.Boolean or JTokenType.Array || (range.From.Type == JTokenType.String && !decimal.TryParse((string)range.From!, out _))
        ? JToken.DeepEquals(range.From, value)
        : (decimal)value >= (decimal)range.From && (decimal)value <= (decimal)range.To;

    /// <summary>Which facts differ from now, or null where one became unknown.</summary>
    private static int? Changed(Table table, int at)
    {
        var mask = 0;
        for (var i = 0; i < table.Sizes.Length; i++)
        {
            if (table.State(at, i) == table.Present[i]) continue;
            if (table.State(at, i) == 0) return null;
            mask |= 1 << i;
        }

        return mask;
    }

    private static void Margin(Table table, ScenarioAnalysis analysis, Dictionary<string, int> seen)
    {
        var answer = analysis.Margin(table.Subject);
        var scale = table.Small.Book.Questions[0].Outcomes;
        bool IsWorse(string outcome) => scale.Contains(table.Now) && scale.Contains(outcome) && scale.IndexOf(outcome) < scale.IndexOf(table.Now);
        var worse = Enumerable.Range(0, table.Count).Where(at => IsWorse(table.Outcome(at))).Select(at => Changed(table, at)).OfType<int>().Distinct().ToList();
        int? distance = worse.Count == 0 ? null : worse.Min(m => System.Numerics.BitOperations.PopCount((uint)m));
        Assert.Equal(distance, answer.Distance);
        Assert.Equal(Names(table, [.. worse.Where(m => System.Numerics.BitOperations.PopCount((uint)m) == distance)]), answer.Nearest.Select(n => Joined(n.Facts.Select(f => f.Fact))).Order());
        Assert.All(answer.Nearest.Concat(answer.Lost), witness => Assert.True(IsWorse(witness.Outcome) && witness.Outcome == table.Outcome(After(table, witness.Facts))));
        var lost = Enumerable.Range(0, table.Sizes.Length).Where(i => table.Present[i] != 0 && IsWorse(table.Outcome(table.Index([.. table.Present.Select((s, j) => j == i ? 0 : s)]))));
        Assert.Equal(Joined(lost.Select(table.NameOf)), Joined(answer.Lost.Select(l => l.Facts.Single().Fact)));
        Saw(seen, "a margin of two", distance == 2);
    }

    private static void Ask(Table table, ScenarioAnalysis analysis, Dictionary<string, int> seen)
    {
        var answer = analysis.Ask(table.Subject);
        Saw(seen, "contradictory answers", !answer.Exactness.Exact);
        if (!answer.Exactness.Exact) return;
        var completions = Completions(table).ToList();
        var free = Enumerable.Range(0, table.Sizes.Length).Where(i => completions.Select(at => table.State(at, i)).Distinct().Count() > 1).ToList();
        // A fact is needed exactly if two completions that differ in nothing else lead to two outcomes.
        var needed = free.Where(i => completions.GroupBy(at => at - (table.State(at, i) * Stride(table, i))).Any(g => g.Select(table.Outcome).Distinct().Count() > 1)).ToList();
        Assert.Equal(Joined(needed.Select(table.NameOf)), Joined(answer.Needed.Select(n => n.Fact)));
        Saw(seen, "several questions", needed.Count > 1);

        // The fewest answers that settle each outcome.
        var open = completions.Select(table.Outcome).Distinct().ToList();
        var isSmall = (long)completions.Count << free.Count <= 1 << 18;
        foreach (var outcome in open.Count == 1 || !isSmall ? [] : open)
        {
            var fewest = int.MaxValue;
            for (var mask = 0; mask < 1 << free.Count; mask++)
            {
                var size = System.Numerics.BitOperations.PopCount((uint)mask);
                if (size < fewest && completions.GroupBy(at => string.Join(',', free.Where((_, j) => (mask >> j & 1) != 0).Select(i => table.State(at, i)))).Any(g => g.All(at => table.Outcome(at) == outcome))) fewest = size;
            }

            var shortcuts = answer.Shortcuts.Where(s => s.Outcome == outcome).ToList();
            Assert.NotEmpty(shortcuts);
            foreach (var shortcut in shortcuts)
            {
                Assert.Equal(fewest, shortcut.Facts.Length);
                var states = shortcut.Facts.Select(f => (Index: table.Small.Facts.FindIndex(x => x.Fact.Name == f.Fact), f.Value)).ToList();
                Assert.All(completions.Where(at => states.All(s => table.Small.Facts[s.Index].States[table.State(at, s.Index)]!.ToString() == s.Value!.ToString())), at => Assert.Equal(outcome, table.Outcome(at)));
            }
        }

        // Asking in the best order. Texts that no rule names are one value, so they do not weigh as they do here.
        if (needed.Any(i => table.Small.Facts[i].Fact.Type == FactType.Text)) return;
        foreach (var question in answer.Questions.Where(q => q.IsOptimal && completions.Count <= 1 << 10 && needed.Count <= 7))
        {
            var index = table.Small.Facts.FindIndex(f => f.Fact.Name == question.Fact);
            var (expected, worst) = Cost(completions, index);
            Assert.Equal((double)expected, (double)question.Expected, 9);
            Assert.Equal(worst, question.Worst);
        }

        (decimal, int) Cost(List<int> left, int asked)
        {
            var groups = left.GroupBy(at => table.State(at, asked)).Select(g => g.ToList()).ToList();
            var (expected, worst) = (1m, 0);
            foreach (var group in groups)
            {
                if (group.Select(table.Outcome).Distinct().Count() == 1) continue;
                var choices = needed.Where(i => group.Select(at => table.State(at, i)).Distinct().Count() > 1).Select(i => Cost(group, i)).ToList();
                expected += choices.Min(c => c.Item1) / groups.Count;
                worst = Math.Max(worst, choices.Min(c => c.Item2));
            }

            return (expected, worst + 1);
        }
    }

    private static int After(Table table, IEnumerable<Setting> settings)
    {
        var states = (int[])table.Present.Clone();
        foreach (var setting in settings)
        {
            var fact = table.Small.Facts.FindIndex(f => f.Fact.Name == setting.Fact);
            states[fact] = table.Small.Facts[fact].States.FindIndex(s => (s?.ToString() ?? "") == (setting.Value?.ToString() ?? ""));
            Assert.True(states[fact] >= 0, setting.ToString());
        }

        return table.Index(states);
    }

    private static List<int> Minimal(bool[] monotone) =>
        [.. Enumerable.Range(0, monotone.Length).Where(mask => monotone[mask] && Enumerable.Range(0, 31).All(i => (mask >> i & 1) == 0 || !monotone[mask & ~(1 << i)]))];

    private static IEnumerable<string> Names(Table table, List<int> masks) => masks.Select(mask => Joined(Enumerable.Range(0, table.Sizes.Length).Where(i => (mask >> i & 1) != 0).Select(table.NameOf))).Order();

    private static string Joined(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));
}
