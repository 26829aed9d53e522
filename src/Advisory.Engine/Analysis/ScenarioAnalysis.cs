using System.Collections.Immutable;
using Advisory.Engine.Evaluating;

namespace Advisory.Engine.Analysis;

/// <summary>
/// Exact questions about a verdict: what is still open, why it is so, what would change it, what to find out, how firm it is. What each
/// answer means is in this folder's README.
/// </summary>
/// <remarks>One thread at a time; cheap to make. Answers depend on book, scenario and options alone.</remarks>
public sealed class ScenarioAnalysis
{
    private readonly RuleBook book;
    private readonly Scenario scenario;
    private readonly AnalysisOptions options;
    private readonly Altered altered;

    private ScenarioAnalysis(RuleBook book, Scenario scenario, AnalysisOptions options)
    {
        (this.book, this.scenario, this.options) = (book, scenario, options);
        altered = new(book, scenario, options.Basis);
        Evaluation = Evaluation.Of(book, scenario);
    }

    /// <summary>Prepares the analysis of a scenario.</summary>
    public static ScenarioAnalysis Of(RuleBook book, Scenario scenario, AnalysisOptions? options = null) => new(book, scenario, options ?? new());

    /// <summary>The evaluation that is analysed.</summary>
    public Evaluation Evaluation { get; }

    /// <summary>Every verdict that can be asked about.</summary>
    public ImmutableArray<Subject> Subjects => [.. Evaluation.Verdicts.Select(v => new Subject(v.Question.Id, v.Mission, v.Record))];

    /// <summary>The outcomes that are still open.</summary>
    /// <exception cref="ArgumentException">There is no such verdict.</exception>
    public ReachableAnswer Reachable(Subject subject)
    {
        var question = QuestionOf(subject);
        var unknown = UnknownFacts(subject);
        return Answer([subject], unknown, NullTests.Present, (present, exactness) =>
        {
            var asksForNull = question.Program.AsksForNull(0, question.Program.Length) || book.Derivations.Program.AsksForNull(0, book.Derivations.Program.Length);
            var outcomes = Open(present, question);
            var onceKnown = asksForNull ? Open(Build([subject], unknown, NullTests.Evaluated, sampled: present.IsSampled), question) : outcomes;
            var certain = exactness.Exact && outcomes.Length == 1 && onceKnown.Length == 1 && outcomes[0].Outcome == onceKnown[0].Outcome ? outcomes[0].Outcome : null;
            return new ReachableAnswer(subject, options.Basis, OutcomeOf(subject), outcomes, onceKnown, certain, exactness);
        }, exactness => new(subject, options.Basis, OutcomeOf(subject), [], [], null, exactness));
    }

    /// <summary>The sets of facts each of which alone forces the outcome.</summary>
    /// <exception cref="ArgumentException">There is no such verdict.</exception>
    public WhyAnswer Why(Subject subject)
    {
        var question = QuestionOf(subject);
        var outcome = OutcomeOf(subject);
        var now = Model.CodeOf(question, outcome);
        return Answer([subject], MayVary, NullTests.Evaluated, (model, exactness) =>
        {
            var diagrams = model.Diagrams;
            var suffices = Selections.Suffices(model, Selections.Goal(model, model.Outcomes[0], code => code == now, whereContradicted: true));
            var families = new SetFamily(diagrams);
            var reasons = families.Minimal(suffices);
            var contrasts = families.Minimal(Selections.Dual(model, suffices));
            var matters = diagrams.Support(suffices).Select(level => model.Variables[level]).ToHashSet();
            var all = Enumerable.Repeat(1, model.Variables.Length).ToArray();
            var necessary = matters.Where(v => diagrams.Follow(suffices, [.. all.Select((one, level) => level == v.Level ? 0 : one)]).AsCode == 0).ToHashSet();
            var irrelevant = model.Variables.Where(v => v.IsKnown && !matters.Contains(v)).Select(Now)
                .Concat(scenario.Facts.Where(f => f.Value is not null && !model.Variables.Any(v => ReferenceEquals(v.Fact, f.Fact))).Select(f => new Setting(f.Fact.Name, null, f.Value!.Json)));
            return new WhyAnswer(
                subject, options.Basis, outcome,
                [.. families.Smallest(reasons, options.MaxSets).Select(set => new Reason([.. set.Select(level => Now(model.Variables[level]))]))],
                families.Count(reasons),
                [.. model.Variables.Where(necessary.Contains).Select(Now)],
                [.. irrelevant],
                [.. families.Smallest(contrasts, options.MaxSets).Select(set => Contrast(model, question, set, code => code != now, Unknowns.Last))],
                families.Count(contrasts),
                Standing(subject),
                exactness);
        }, exactness => new(subject, options.Basis, outcome, [], 0, [], [], [], 0, Standing(subject), exactness));
    }

    /// <summary>The smallest changes that lead to a better outcome.</summary>
    /// <param name="subject">The verdict.</param>
    /// <param name="wanted">The outcomes that will do; null for every less severe one, or where the question was not assessed for the best.</param>
    /// <exception cref="ArgumentException">There is no such verdict or outcome.</exception>
    public ChangeAnswer Change(Subject subject, params string[]? wanted) => Change([(subject, wanted is [] ? null : wanted)]);

    /// <summary>The smallest changes that bring several verdicts to wanted outcomes at once.</summary>
    /// <exception cref="ArgumentException">There is no such verdict or outcome.</exception>
    public ChangeAnswer Change(IReadOnlyList<(Subject Subject, string[]? Wanted)> targets)
    {
        ImmutableArray<ChangeTarget> all = [.. targets.Select(t => Target(t.Subject, t.Wanted))];
        return Answer([.. targets.Select(t => t.Subject)], MayChange, NullTests.Evaluated, (model, exactness) =>
        {
            var diagrams = model.Diagrams;
            var goal = diagrams.Code(1);
            for (var i = 0; i < all.Length; i++)
            {
                var (question, wanted) = (QuestionOf(all[i].Subject), all[i].Wanted);
                goal = diagrams.Least(goal, Selections.Goal(model, model.Outcomes[i], code => wanted.Contains(Model.NameOf(question, code))));
            }

            var families = new SetFamily(diagrams);
            var family = families.Minimal(Selections.CanReach(model, goal, _ => true));
            var changes = families.Smallest(family, options.MaxSets * 4).Select(set => Change(model, goal, all, set));
            return new ChangeAnswer(
                all, options.Basis, [.. changes.OrderBy(c => c.Facts.Length).ThenBy(c => c.Effort).Take(options.MaxSets)], families.Count(family), Kept(all), exactness);
        }, exactness => new(all, options.Basis, [], 0, Kept(all), exactness));
    }

    /// <summary>What to find out first.</summary>
    /// <exception cref="ArgumentException">There is no such verdict.</exception>
    public AskAnswer Ask(Subject subject)
    {
        var question = QuestionOf(subject);
        return Answer([subject], UnknownFacts(subject), NullTests.Evaluated, (model, exactness) =>
        {
            var asking = new Asking(model, scenario);
            if (asking.HasContradictions)
            {
                const string why = "some answers would contradict what is stated; those are left out, and fewer or other questions may do";
                exactness = new(false, exactness.Code ?? "contradictions", exactness.Reason ?? why);
            }

            return new AskAnswer(
                subject, options.Basis, OutcomeOf(subject), [.. asking.Needed.Select(v => new Setting(v.Fact.Name, v.Record, null))],
                [.. asking.Shortcuts().Select(s => new Witness(Model.NameOf(question, s.Code), [.. s.Answers.Select(a => At(a.Variable, a.Index))]))],
                [.. asking.Questions(v => Reads(subject, v))],
                [.. asking.Pairs().Select(p => (Completion(p.One), Completion(p.Other)))],
                exactness);

            Witness Completion(int[] indexes) => new(
                Model.NameOf(question, model.Diagrams.Follow(model.Outcomes[0], indexes).AsCode),
                [.. model.Variables.Where(v => indexes[v.Level] != v.PresentIndex).Select(v => At(v, indexes[v.Level]))]);
        }, exactness => new(subject, options.Basis, OutcomeOf(subject), [], [], [], [], exactness));
    }

    /// <summary>How far the outcome is from a worse one, and what it hangs on.</summary>
    /// <exception cref="ArgumentException">There is no such verdict.</exception>
    public MarginAnswer Margin(Subject subject)
    {
        var question = QuestionOf(subject);
        var outcome = OutcomeOf(subject);
        var now = Model.CodeOf(question, outcome);
        bool IsWorse(int code) => now < question.Outcomes.Length && code < now;
        var (dependences, steady) = new Dependences(book, scenario, options, altered).Of(subject, outcome, IsWorse);
        return Answer([subject], MayVary, NullTests.Evaluated, (model, exactness) =>
        {
            var families = new SetFamily(model.Diagrams);
            var goal = Selections.Goal(model, model.Outcomes[0], IsWorse);
            var family = families.Minimal(Selections.CanReach(model, goal, _ => true));
            var (nearest, count) = families.OfLeastSize(family, options.MaxSets);
            var lost = model.Variables.Where(v => v.IsKnown).Select(v => (v, Code: model.Diagrams.Follow(model.Outcomes[0], With(model.Present, v.Level, FactVariable.Unknown)).AsCode));
            return new MarginAnswer(
                subject, options.Basis, outcome, nearest.Count == 0 ? null : nearest[0].Count,
                [.. nearest.Select(set => Contrast(model, question, set, IsWorse, Unknowns.Stay))],
                count,
                [.. lost.Where(l => IsWorse(l.Code)).Select(l => new Witness(Model.NameOf(question, l.Code), [At(l.v, FactVariable.Unknown)]))],
                dependences, steady, exactness);
        }, exactness => new(subject, options.Basis, outcome, null, [], 0, [], dependences, steady, exactness));
    }

    // ---- models ----

    /// <summary>Works an answer out exactly; else on a sample of values, and says so; else says that it could not.</summary>
    private TAnswer Answer<TAnswer>(
        IReadOnlyList<Subject> subjects, Func<Fact, string?, bool> isFree, NullTests nullTests, Func<Model, Exactness, TAnswer> exact, Func<Exactness, TAnswer> none)
    {
        try
        {
            return exact(Build(subjects, isFree, nullTests, sampled: false), Exactness.Full);
        }
        catch (NotExactException first)
        {
            try
            {
                return exact(Build(subjects, isFree, nullTests, sampled: true), new(false, "sampled", first.Message + "; of facts with many values only some were tried"));
            }
            catch (NotExactException second)
            {
                return none(new(false, "budget", second.Message));
            }
        }
    }

    private Model Build(IReadOnlyList<Subject> subjects, Func<Fact, string?, bool> isFree, NullTests nullTests, bool sampled) =>
        new(book, scenario, options.Basis, subjects, isFree, nullTests, options.Budget, sampled ? fact => Sample(fact, subjects, nullTests) : null);

    /// <summary>
    /// Values of a number to try where not all can be: the ends, the present and held ones, those that rules name and their neighbours, those at
    /// which an outcome turns while all else is as now, and some between. So a change of one fact is still to the nearest value.
    /// </summary>
    private ImmutableArray<decimal> Sample(Fact fact, IReadOnlyList<Subject> subjects, NullTests nullTests)
    {
        const int between = 12;
        var count = ((fact.Max - fact.Min) / fact.Step) + 1;
        if (count <= 2 * between) return default;
        var named = book.Questions.Select(q => q.Program).Append(book.Derivations.Program).SelectMany(program => program.Code
            .Where(at => at.A == fact.Slot && at.Op is >= Expressions.Op.Less and <= Expressions.Op.NotEqual).Select(at => program.Constants[at.B]));
        var present = scenario.Records.SelectMany(r => r.Facts).Concat(scenario.Facts).Where(f => ReferenceEquals(f.Fact, fact) && f.Value is not null).Select(f => f.Value!.Number.Decimal);
        var held = new[] { fact.Default, fact.Assumption }.OfType<FactDefault>().Select(d => d.Number.Decimal);
        return
        [
            .. named.SelectMany(n => new[] { n - fact.Step, n, n + fact.Step }).Concat(present).Concat(held).Concat(Turns())
                .Concat(Enumerable.Range(0, between + 1).Select(i => fact.Min + (Math.Floor((count - 1) * i / between) * fact.Step)))
                .Where(n => n >= fact.Min && n <= fact.Max && (n - fact.Min) % fact.Step == 0).Distinct().Order(),
        ];

        IEnumerable<decimal> Turns()
        {
            var alone = new Model(book, scenario, options.Basis, subjects, (other, _) => ReferenceEquals(other, fact), nullTests, options.Budget);
            foreach (var outcome in alone.Outcomes.Where(o => !alone.Diagrams.IsLeaf(o)))
            {
                var variable = alone.Variables[alone.Diagrams.LevelOf(outcome)];
                foreach (var (start, end, _) in Selections.Runs(alone.Diagrams, outcome).Where(run => Selections.HasValue(variable, run.Start, run.End)).Take(40))
                {
                    yield return variable.NumberAt(Math.Max(start, 1));
                    yield return variable.NumberAt(Math.Min(end - 1, variable.Values));
                }
            }
        }
    }

    private RuleSet QuestionOf(Subject subject) => Altered.Find(Evaluation, subject)?.Question ?? throw new ArgumentException($"no verdict on {subject}");

    private string OutcomeOf(Subject subject) => Altered.Find(Evaluation, subject)!.On(options.Basis).Outcome;

    private ScenarioRecord? RecordOf(Subject subject) => subject.Record is null ? null : scenario.Records.First(r => r.Key == subject.Record && ReferenceEquals(r.Kind, QuestionOf(subject).Each));

    /// <summary>The facts that are unknown or contested for a verdict.</summary>
    private Func<Fact, string?, bool> UnknownFacts(Subject subject)
    {
        var record = RecordOf(subject);
        var situation = new Situation(book);
        situation.Take(scenario, Applied.Planning | (options.Basis == Basis.Assumed ? Applied.Assumptions : 0));
        situation.Turn(QuestionOf(subject).PerMission ? book.IndexOfMission(subject.Mission) : Situation.NoMission, record);
        var contested = situation.Contested.ToHashSet();
        return (fact, _) => contested.Contains(fact.Slot) || !PresentFact.Of(scenario, record, fact, options.Basis).IsKnown;
    }

    /// <summary>Facts about the world and the plan; not the figures that the book holds ready, which stand unless somebody asks.</summary>
    private bool MayVary(Fact fact, string? key) => options.VaryPlanningFigures || fact.Role != FactRole.Planning || fact.Default is null || scenario.About(fact) is not null;

    private bool MayChange(Fact fact, string? key) => options.Influence.Contains(fact.Notes.Influence) && !options.Keep.Contains(fact.Name);

    private ImmutableArray<Setting> Standing(Subject subject) =>
    [
        .. ReadBy(subject).Where(f => !MayVary(f, null)).Select(f => new Setting(f.Name, null, f.Default!.Value)),
    ];

    private ImmutableArray<string> Kept(IEnumerable<ChangeTarget> targets) =>
        [.. targets.SelectMany(t => ReadBy(t.Subject)).Distinct().Where(f => f.Role is FactRole.World or FactRole.Planning && !MayChange(f, null)).OrderBy(f => f.Slot).Select(f => f.Name)];

    private IEnumerable<Fact> ReadBy(Subject subject)
    {
        var view = Altered.Find(Evaluation, subject)!.Stated;
        var mission = QuestionOf(subject).PerMission ? book.MissionSlot : null;
        return view.Rules.SelectMany(r => r.ReadsDeeply).Concat(QuestionOf(subject).WhenReads).Distinct().Order().Select(slot => book.Facts[slot]).Where(f => !ReferenceEquals(f, mission));
    }

    /// <summary>The rules in question that read a fact and have no settled truth now.</summary>
    private ImmutableArray<string> Reads(Subject subject, FactVariable variable)
    {
        var view = Altered.Find(Evaluation, subject)!.On(options.Basis);
        return [.. view.Rules.Where(r => r.ReadsDeeply.Contains(variable.Fact.Slot) && view.Marks[r.Root] == 0).Select(r => r.Name)];
    }

    // ---- parts of answers ----

    private static Setting Now(FactVariable variable) => At(variable, variable.PresentIndex);

    private static Setting At(FactVariable variable, int index) => new(variable.Fact.Name, variable.Record, variable.ValueAt(index));

    private static int[] With(int[] indexes, int level, int index)
    {
        var changed = (int[])indexes.Clone();
        changed[level] = index;
        return changed;
    }

    /// <summary>The outcomes over all completions: every unknown fact has one of its values.</summary>
    private static ImmutableArray<Witness> Open(Model model, RuleSet question)
    {
        var found = new SortedSet<int>();
        var seen = new HashSet<int>();
        Visit(model.Outcomes[0]);
        return [.. found.Select(code => new Witness(Model.NameOf(question, code), [.. Selections.Find(model, model.Outcomes[0], c => c == code, _ => true, Unknowns.Never)!.Select(s => At(s.Variable, s.Index))]))];

        void Visit(int node)
        {
            if (!seen.Add(node)) return;
            if (model.Diagrams.IsLeaf(node) && model.Diagrams.At(node).AsCode != Model.Contradiction) found.Add(model.Diagrams.At(node).AsCode);
            foreach (var (start, end, child) in Selections.Runs(model.Diagrams, node))
                if (Selections.HasValue(model.Variables[model.Diagrams.LevelOf(node)], start, end))
                    Visit(child);
        }
    }

    /// <summary>States of the facts of a set under which the outcome is one of the wanted.</summary>
    private static Witness Contrast(Model model, RuleSet question, List<int> set, Func<int, bool> isWanted, Unknowns unknowns)
    {
        var states = Selections.Find(model, model.Outcomes[0], isWanted, v => set.Contains(v.Level), unknowns) ?? throw new InvalidOperationException("a set that can change the outcome does not");
        var indexes = (int[])model.Present.Clone();
        foreach (var (variable, index) in states) indexes[variable.Level] = index;
        return new(Model.NameOf(question, model.Diagrams.Follow(model.Outcomes[0], indexes).AsCode), [.. states.Select(s => At(s.Variable, s.Index))]);
    }

    private ChangeTarget Target(Subject subject, string[]? wanted)
    {
        var (question, outcome) = (QuestionOf(subject), OutcomeOf(subject));
        if (wanted?.FirstOrDefault(w => w != RuleBook.NotAssessed && !question.Outcomes.Contains(w)) is { } stranger) throw new ArgumentException($"{question} has no outcome {stranger}");
        var now = Model.CodeOf(question, outcome);
        return new(subject, outcome, wanted is not null ? [.. wanted] : now < question.Outcomes.Length ? question.Outcomes[(now + 1)..] : [question.Outcomes[^1]]);
    }

    private Change Change(Model model, int goal, ImmutableArray<ChangeTarget> targets, List<int> set)
    {
        var states = Selections.Find(model, goal, code => code == 1, v => set.Contains(v.Level), Unknowns.Stay) ?? throw new InvalidOperationException("a set that can reach the goal does not");
        var indexes = (int[])model.Present.Clone();
        foreach (var (variable, index) in states) indexes[variable.Level] = index;
        return new(
            [.. states.Select(s => new FactChange(
                s.Variable.Fact.Name, s.Variable.Record, s.Variable.ValueAt(s.Variable.PresentIndex), s.Variable.ValueAt(s.Index)!, Works(model, goal, indexes, s.Variable),
                s.Variable.Fact.Notes.Influence, options.EffortOf(s.Variable.Fact)))],
            [.. targets.Select((t, i) => Model.NameOf(QuestionOf(t.Subject), model.Diagrams.Follow(model.Outcomes[i], indexes).AsCode))]);
    }

    /// <summary>The values of one fact that reach the goal while all others are as given.</summary>
    private static ImmutableArray<ValueRange> Works(Model model, int goal, int[] indexes, FactVariable variable)
    {
        var diagrams = model.Diagrams;
        var node = goal;
        while (!diagrams.IsLeaf(node) && diagrams.LevelOf(node) < variable.Level) node = diagrams.Child(node, diagrams.LevelOf(node), indexes[diagrams.LevelOf(node)]);
        var works = ImmutableArray.CreateBuilder<ValueRange>();
        var isAsked = !diagrams.IsLeaf(node) && diagrams.LevelOf(node) == variable.Level;
        foreach (var (start, end, child) in isAsked ? Selections.Runs(diagrams, node) : [(0, variable.Count, node)])
        {
            if (diagrams.Follow(child, indexes).AsCode != 1) continue;
            var (first, last) = (Math.Max(start, 1), Math.Min(end - 1, variable.Values));
            if (first > last) continue;
            if (variable.Fact.IsNumber) works.Add(new(variable.ValueAt(first)!, variable.ValueAt(last)!));
            else works.AddRange(Enumerable.Range(first, last - first + 1).Select(i => new ValueRange(variable.ValueAt(i)!, variable.ValueAt(i)!)));
        }

        return works.ToImmutable();
    }
}
