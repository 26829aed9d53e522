using System.Collections.Immutable;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>What to find out: which unknown facts settle an outcome, and in which order to ask.</summary>
internal sealed class Asking
{
    /// <summary>The best order is worked out by trying all, with at most this much work (nodes made).</summary>
    private const int MaxWork = 15_000;

    /// <summary>At most so many shortcuts to one outcome.</summary>
    private const int MaxShortcuts = 20;

    private readonly Model model;
    private readonly Scenario scenario;
    private readonly Diagrams diagrams;
    private readonly int completions; // the outcome over all completions
    private readonly int function; // the same, continued over contradictions
    private readonly Dictionary<int, (decimal Expected, int Worst)> cost = [];

    public Asking(Model model, Scenario scenario)
    {
        (this.model, this.scenario, diagrams) = (model, scenario, model.Diagrams);
        completions = Selections.WhereKnown(model, model.Outcomes[0]);
        (function, var isContinued) = Selections.Continued(model, completions);
        HasContradictions = isContinued && !diagrams.IsLeaf(function);
        Needed = [.. diagrams.Support(function).Select(level => model.Variables[level])];
    }

    /// <summary>
    /// The facts on which the outcome depends. Whoever leaves one out can meet answers to all others under which its two answers lead to
    /// two outcomes; so no smaller set, and no other minimal one, settles the outcome whatever the answers are.
    /// </summary>
    public ImmutableArray<FactVariable> Needed { get; }

    /// <summary>For each needed fact two completions that differ in it alone and lead to two outcomes.</summary>
    public IEnumerable<(int[] One, int[] Other)> Pairs()
    {
        foreach (var variable in Needed)
        {
            var answers = Ends(completions, variable.Level).Where(e => e <= variable.Values).Append(variable.Values + 1).Distinct().Select(e => e - 1).ToList();
            for (var i = 1; i < answers.Count; i++)
            {
                var (one, other) = (diagrams.Restrict(completions, variable.Level, answers[i - 1]), diagrams.Restrict(completions, variable.Level, answers[i]));
                var differ = diagrams.Zip(one, other, (a, b) => diagrams.Code(a == b || a.AsCode == Model.Contradiction || b.AsCode == Model.Contradiction ? 0 : 1));
                if (Selections.Find(model, differ, code => code == 1, _ => true, Unknowns.Never) is not { } states) continue;
                var indexes = model.Variables.Select(v => v.IsKnown ? v.PresentIndex : 1).ToArray();
                foreach (var (fact, index) in states) indexes[fact.Level] = index;
                indexes[variable.Level] = answers[i - 1];
                var changed = (int[])indexes.Clone();
                changed[variable.Level] = answers[i];
                yield return (indexes, changed);
                break;
            }
        }
    }

    /// <summary>Whether some completions were left out because they contradict what is stated, and the outcome depends on the others.</summary>
    public bool HasContradictions { get; }

    // ---- shortcuts ----

    /// <summary>For each outcome the fewest answers that settle it, whatever the other facts are.</summary>
    public IEnumerable<(int Code, List<(FactVariable Variable, int Index)> Answers)> Shortcuts()
    {
        var codes = new SortedSet<int>();
        diagrams.Map(function, code =>
        {
            codes.Add(code.AsCode);
            return diagrams.Of(code);
        });
        codes.Remove(Model.Contradiction);
        if (codes.Count == 1) yield break;
        foreach (var code in codes)
            foreach (var answers in Fewest(Implicants(code)))
                yield return (code, answers);
    }

    /// <summary>The sets of answers that settle an outcome, as a diagram: index 0 of a fact says that it is not asked, index i that it has value i.</summary>
    private int Implicants(int code)
    {
        var memo = new Dictionary<int, int>();
        return At(function);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return diagrams.Code(diagrams.At(node).AsCode == code ? 1 : 0);
            if (memo.TryGetValue(node, out var result)) return result;
            var variable = model.Variables[diagrams.LevelOf(node)];
            var whatever = diagrams.Code(1);
            var runs = new List<(int, int)> { (1, 0) };
            foreach (var (_, end, child) in Selections.Runs(diagrams, node))
            {
                var settles = At(child);
                whatever = diagrams.Least(whatever, settles);
                runs.Add((end, settles));
            }

            runs[0] = (1, whatever);
            return memo[node] = diagrams.Runs(variable.Level, runs);
        }
    }

    private List<List<(FactVariable Variable, int Index)>> Fewest(int implicants)
    {
        var least = new Dictionary<int, int>();
        var found = new List<List<(FactVariable, int)>>();
        if (Least(implicants) < int.MaxValue / 2) Collect(implicants, Least(implicants), []);
        return found;

        int Least(int node)
        {
            if (diagrams.IsLeaf(node)) return diagrams.At(node).AsCode == 1 ? 0 : int.MaxValue / 2;
            if (least.TryGetValue(node, out var count)) return count;
            return least[node] = Selections.Runs(diagrams, node).Min(run => Least(run.Child) + (run.Start == 0 ? 0 : 1));
        }

        void Collect(int node, int left, List<(FactVariable, int)> chosen)
        {
            if (found.Count >= MaxShortcuts || Least(node) > left) return;
            if (diagrams.IsLeaf(node))
            {
                found.Add([.. chosen]);
                return;
            }

            var variable = model.Variables[diagrams.LevelOf(node)];
            foreach (var (start, end, child) in Selections.Runs(diagrams, node))
            {
                // A run that starts with "not asked" leads there without a question, and then its values need none either.
                if (start == 0)
                {
                    Collect(child, left, chosen);
                    continue;
                }

                chosen.Add((variable, variable.Nearest(start, end) is var near && near > 0 ? near : start));
                Collect(child, left - 1, chosen);
                chosen.RemoveAt(chosen.Count - 1);
            }
        }
    }

    // ---- the order of questions ----

    public IEnumerable<QuestionToAsk> Questions(Func<FactVariable, ImmutableArray<string>> rules)
    {
        var start = diagrams.Left;
        var isOptimal = Needed.Length <= 16 && Cost(function, start - MaxWork) is not null;
        var questions = new List<QuestionToAsk>();
        foreach (var variable in Needed)
        {
            var (expected, worst, settles) = (1m, 0, 0m);
            foreach (var (weight, rest) in Answers(function, variable))
            {
                // Else at most all that is left is asked.
                var (more, most) = isOptimal ? Cost(rest, 0)!.Value : (diagrams.Support(rest).Count, diagrams.Support(rest).Count);
                expected += weight * more;
                worst = Math.Max(worst, most);
                if (diagrams.IsLeaf(rest)) settles += weight;
            }

            questions.Add(new(variable.Fact.Name, variable.Record, variable.Fact.Notes.SuppliedBy, rules(variable), expected, worst + 1, isOptimal, settles));
        }

        return questions.OrderBy(q => q.Expected).ThenBy(q => q.Worst).ThenByDescending(q => q.Settles);
    }

    /// <summary>
    /// The least number of further questions, on average and at worst, each under its own best order; null where the work goes below what may
    /// be left of the budget.
    /// </summary>
    private (decimal Expected, int Worst)? Cost(int node, long mayBeLeft)
    {
        if (diagrams.IsLeaf(node)) return (0, 0);
        if (cost.TryGetValue(node, out var known)) return known;
        var best = (Expected: decimal.MaxValue, Worst: int.MaxValue);
        foreach (var level in diagrams.Support(node))
        {
            var (expected, worst) = (1m, 0);
            foreach (var (weight, rest) in Answers(node, model.Variables[level]))
            {
                if (diagrams.Left < mayBeLeft || Cost(rest, mayBeLeft) is not { } more) return null;
                expected += weight * more.Expected;
                worst = Math.Max(worst, more.Worst);
            }

            best = (Math.Min(best.Expected, expected), Math.Min(best.Worst, worst + 1));
        }

        return cost[node] = best;
    }

    /// <summary>The answers to one question that lead on differently: how likely each is, and what is left then.</summary>
    private IEnumerable<(decimal Weight, int Left)> Answers(int node, FactVariable variable)
    {
        var weights = Weights(variable);
        var start = 0;
        foreach (var end in Ends(node, variable.Level).Where(e => e <= variable.Values + 1).Append(variable.Values + 1).Distinct())
        {
            var first = Math.Max(start, 1);
            start = end;
            if (end <= first) continue;
            diagrams.Spend(1);
            var weight = weights is null ? (decimal)(end - first) / variable.Values : Enumerable.Range(first, end - first).Sum(i => weights[i]);
            yield return (weight, diagrams.Restrict(node, variable.Level, first));
        }
    }

    private SortedSet<int> Ends(int node, int level)
    {
        var ends = new SortedSet<int>();
        var seen = new HashSet<int>();
        var open = new Stack<int>([node]);
        while (open.TryPop(out var n))
        {
            if (diagrams.LevelOf(n) > level || !seen.Add(n)) continue;
            if (diagrams.LevelOf(n) == level) ends.UnionWith(diagrams.EndsOf(n));
            else foreach (var child in diagrams.ChildrenOf(n)) open.Push(child);
        }

        return ends;
    }

    /// <summary>The scenario's probabilities of a fact's values by index, or null where it gives none.</summary>
    private decimal[]? Weights(FactVariable variable)
    {
        if (variable.Fact.Type is not (FactType.Boolean or FactType.Enumeration)) return null;
        var about = variable.Record is null
            ? scenario.About(variable.Fact)
            : scenario.Records.Where(r => r.Key == variable.Record).SelectMany(r => r.Facts).FirstOrDefault(f => ReferenceEquals(f.Fact, variable.Fact));
        if (about?.Reports.Where(r => !r.IsExpired && r.Probability is not null).Select(r => (JObject)r.Probability!).ToList() is not [var given]) return null;
        return [.. Enumerable.Range(0, variable.Count).Select(i => variable.ValueAt(i) is { } value && given[Name(value)] is { } likely ? (decimal)likely : 0m)];

        static string Name(JToken value) => value.Type == JTokenType.Boolean ? (bool)value ? "true" : "false" : (string)value!;
    }
}
