namespace Advisory.Engine.Analysis;

/// <summary>How a search for states treats unknown facts.</summary>
internal enum Unknowns
{
    /// <summary>They may stay unknown; none becomes it.</summary>
    Stay,

    /// <summary>Those that may change take a value.</summary>
    Never,

    /// <summary>A fact that may change may also become unknown, where no value does.</summary>
    Last,
}

/// <summary>What follows from choosing facts: from fixing them as they are, or from letting them change.</summary>
internal static class Selections
{
    /// <summary>
    /// For every set of facts whether fixing them at their present state makes a condition hold whatever state the others are in, unknown
    /// included. A diagram over the sets: index 1 says that a fact is in the set. It is monotone.
    /// </summary>
    public static int Suffices(Model model, int goal)
    {
        var diagrams = model.Diagrams;
        var memo = new Dictionary<int, int>();
        return At(goal);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return node;
            if (memo.TryGetValue(node, out var result)) return result;
            var level = diagrams.LevelOf(node);
            var isFixed = At(diagrams.Child(node, level, model.Present[level]));
            var isFree = isFixed;
            foreach (var child in diagrams.ChildrenOf(node)) isFree = diagrams.Least(isFree, At(child));
            return memo[node] = Choice(diagrams, level, isFree, isFixed);
        }
    }

    /// <summary>
    /// For every set of facts whether some change of theirs, to values that a report can give, makes a condition hold while the others stay
    /// as they are. Monotone too: a fact in the set may also stay as it is.
    /// </summary>
    public static int CanReach(Model model, int goal, Func<FactVariable, bool> mayChange)
    {
        var diagrams = model.Diagrams;
        var memo = new Dictionary<int, int>();
        return At(goal);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return node;
            if (memo.TryGetValue(node, out var result)) return result;
            var level = diagrams.LevelOf(node);
            var stays = At(diagrams.Child(node, level, model.Present[level]));
            var changes = stays;
            var variable = model.Variables[level];
            if (mayChange(variable))
                foreach (var (start, end, child) in Runs(diagrams, node))
                    if (HasValue(variable, start, end))
                        changes = diagrams.Greatest(changes, At(child));
            return memo[node] = Choice(diagrams, level, stays, changes);
        }
    }

    /// <summary>The same question the other way round: whether letting exactly these facts go can undo what fixing the others assures.</summary>
    public static int Dual(Model model, int suffices)
    {
        var diagrams = model.Diagrams;
        var memo = new Dictionary<int, int>();
        return At(suffices);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return diagrams.Code(1 - diagrams.At(node).AsCode);
            if (memo.TryGetValue(node, out var result)) return result;
            var level = diagrams.LevelOf(node);
            return memo[node] = Choice(diagrams, level, At(diagrams.Child(node, level, 1)), At(diagrams.Child(node, level, 0)));
        }
    }

    /// <summary>The same function where every fact has a value: a fact that is unknown is treated as one that has its first value.</summary>
    public static int WhereKnown(Model model, int function)
    {
        var diagrams = model.Diagrams;
        var memo = new Dictionary<int, int>();
        return At(function);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return node;
            if (memo.TryGetValue(node, out var result)) return result;
            var variable = model.Variables[diagrams.LevelOf(node)];
            var runs = new List<(int, int)>();
            foreach (var (start, end, child) in Runs(diagrams, node))
                if (HasValue(variable, start, end))
                    runs.Add((Math.Min(end, variable.Values + 1), At(child)));
            runs[^1] = (variable.Count, runs[^1].Item2);
            return memo[node] = diagrams.Runs(variable.Level, runs);
        }
    }

    /// <summary>
    /// The function where it is not a contradiction, continued over the contradictions so that it depends on no more facts than it must: where
    /// one child is nothing else, its neighbour stands in. Whether anything was continued.
    /// </summary>
    public static (int Function, bool IsContinued) Continued(Model model, int function)
    {
        var diagrams = model.Diagrams;
        var memo = new Dictionary<int, int>();
        var contradiction = diagrams.Code(Model.Contradiction);
        var result = At(function);
        return (result, result != function);

        int At(int node)
        {
            if (diagrams.IsLeaf(node)) return node;
            if (memo.TryGetValue(node, out var known)) return known;
            var runs = Runs(diagrams, node).Select(run => (run.End, Child: At(run.Child))).ToList();
            var other = runs.Where(r => r.Child != contradiction).Select(r => r.Child).DefaultIfEmpty(contradiction).First();
            return memo[node] = diagrams.Runs(diagrams.LevelOf(node), runs.Select(r => (r.End, r.Child == contradiction ? other : r.Child)));
        }
    }

    private static int Choice(Diagrams diagrams, int level, int without, int with) => diagrams.Make(level, [1, 2], [without, with]);

    /// <summary>Where an outcome diagram satisfies a condition: 1, else 0; a contradiction counts as told.</summary>
    public static int Goal(Model model, int outcome, Func<int, bool> isWanted, bool whereContradicted = false) =>
        model.Diagrams.Map(outcome, code => model.Diagrams.Code((code.AsCode == Model.Contradiction ? whereContradicted : isWanted(code.AsCode)) ? 1 : 0));

    /// <summary>The runs of a node: indexes [start, end) and where they lead.</summary>
    public static IEnumerable<(int Start, int End, int Child)> Runs(Diagrams diagrams, int node)
    {
        var (ends, children) = (diagrams.EndsOf(node), diagrams.ChildrenOf(node));
        for (var i = 0; i < ends.Length; i++) yield return (i == 0 ? 0 : ends[i - 1], ends[i], children[i]);
    }

    public static bool HasValue(FactVariable variable, int start, int end) => Math.Max(start, 1) < Math.Min(end, variable.Values + 1);

    /// <summary>
    /// The states of facts that may change under which a condition holds, or null: in the order of the variables each as near to the
    /// present state as the rest allows. With <see cref="Unknowns.Last"/> a fact may also become unknown, with <see cref="Unknowns.Never"/>
    /// none that may change is left so.
    /// </summary>
    public static List<(FactVariable Variable, int Index)>? Find(Model model, int node, Func<int, bool> isWanted, Func<FactVariable, bool> mayChange, Unknowns unknowns)
    {
        var diagrams = model.Diagrams;
        var dead = new HashSet<int>();
        var path = new List<(FactVariable, int)>();
        return At(node) ? path : null;

        bool At(int n)
        {
            if (diagrams.IsLeaf(n)) return diagrams.At(n).AsCode != Model.Contradiction && isWanted(diagrams.At(n).AsCode);
            if (dead.Contains(n)) return false;
            diagrams.Spend(1);
            var variable = model.Variables[diagrams.LevelOf(n)];
            var mayStay = unknowns != Unknowns.Never || variable.IsKnown || !mayChange(variable);
            if (mayStay && At(diagrams.Child(n, variable.Level, variable.PresentIndex))) return true;
            if (mayChange(variable))
            {
                foreach (var (index, child) in Nearest(diagrams, n, variable, unknowns == Unknowns.Last))
                {
                    path.Add((variable, index));
                    if (At(child)) return true;
                    path.RemoveAt(path.Count - 1);
                }
            }

            dead.Add(n);
            return false;
        }
    }

    private static List<(int Index, int Child)> Nearest(Diagrams diagrams, int node, FactVariable variable, bool mayBeUnknown)
    {
        var candidates = Runs(diagrams, node).Select(run => (Index: variable.Nearest(run.Start, run.End), run.Child)).Where(c => c.Index > 0)
            .OrderBy(c => variable.Distance(c.Index)).ThenBy(c => c.Index).ToList();
        if (mayBeUnknown && variable.PresentIndex != FactVariable.Unknown) candidates.Add((FactVariable.Unknown, diagrams.Child(node, variable.Level, FactVariable.Unknown)));
        return candidates;
    }
}
