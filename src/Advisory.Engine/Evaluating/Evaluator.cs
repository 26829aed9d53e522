using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Advisory.Engine.Evaluating;

/// <summary>
/// Evaluates scenarios against one book, one at a time, on memory of its own that it keeps from one to the next. A truth that does not
/// depend on the mission is worked out once for all missions.
/// </summary>
internal sealed class Evaluator
{
    private readonly RuleBook book;
    private readonly Plan plan;
    private readonly Situation stated;
    private readonly Situation assumed;
    private readonly sbyte[][] statedMarks; // of the rules that no mission changes
    private readonly sbyte[][] assumedMarks;
    private readonly sbyte[] scratch;
    private readonly List<Support> candidates = [];
    private Evaluation evaluation = null!;
    private Scenario scenario = null!;
    private bool isAssuming;

    private Evaluator(RuleBook book)
    {
        (this.book, plan) = (book, book.Plan);
        var contest = new Contest(book);
        (stated, assumed) = (new(book, contest), new(book, contest));
        (statedMarks, assumedMarks) = (new sbyte[book.Questions.Length][], new sbyte[book.Questions.Length][]);
        scratch = new sbyte[book.Questions.Select(q => q.Program.Length).DefaultIfEmpty().Max()];
    }

    public static Evaluation Evaluate(RuleBook book, Scenario scenario)
    {
        // One that threw is not put back.
        if (!book.SpareEvaluators.TryTake(out var evaluator)) evaluator = new(book);
        var evaluation = evaluator.Evaluate(scenario);
        book.SpareEvaluators.Add(evaluator);
        return evaluation;
    }

    private Evaluation Evaluate(Scenario given)
    {
        scenario = given;
        var missions = book.MissionSlot is { } fact && scenario.About(fact)?.Value is { } only ? [book.IndexOfMission((string)only.Json!)] : plan.AllMissions;
        var verdicts = new Verdict[Count(missions.Length)];
        evaluation = new(book, scenario, missions, ImmutableCollectionsMarshal.AsImmutableArray(verdicts));
        TakeUp();
        for (var i = 0; i < missions.Length; i++) Ask(missions[i], verdicts.AsSpan(), i, missions.Length);
        AskWithoutMission(verdicts, missions.Length);
        if (missions.Length < book.Missions.Length) evaluation.Unasked = Unasked(missions);
        return evaluation;
    }

    private int Count(int missions)
    {
        var count = 0;
        foreach (var question in book.Questions) count += CountOf(question, missions);
        return count;
    }

    private int CountOf(RuleSet question, int missions)
    {
        if (question.PerMission) return missions;
        if (question.Each is null) return 1;
        var count = 0;
        foreach (var record in scenario.Records.AsSpan()) count += ReferenceEquals(record.Kind, question.Each) ? 1 : 0;
        return count;
    }

    /// <summary>Sets the facts without a mission, and works out every rule on them: final for the rules that no mission changes.</summary>
    private void TakeUp()
    {
        stated.Take(scenario, Applied.Planning);
        isAssuming = false;
        foreach (var fact in plan.Assumable) isAssuming |= !stated.IsStated(fact);
        Begin(stated, statedMarks);
        if (!isAssuming) return;
        assumed.Take(scenario, Applied.Planning | Applied.Assumptions);
        Begin(assumed, assumedMarks);

        void Begin(Situation situation, sbyte[][] marks)
        {
            situation.Turn(Situation.NoMission, null);
            for (var i = 0; i < marks.Length; i++)
                if (book.Questions[i].Each is null)
                    marks[i] = RunAll(book.Questions[i], situation);
        }
    }

    private static sbyte[] RunAll(RuleSet question, Situation situation)
    {
        var marks = new sbyte[question.Program.Length];
        question.Program.RunAll(situation.Machine, marks);
        return marks;
    }

    /// <summary>Asks every question about missions for one of them.</summary>
    private void Ask(int mission, Span<Verdict> verdicts, int position, int missions)
    {
        stated.TurnTo(mission);
        if (isAssuming) assumed.TurnTo(mission);
        foreach (var question in plan.Questions)
        {
            if (question.Question.PerMission) verdicts[position] = Verdict(question, mission, null);
            position += CountOf(question.Question, missions);
        }
    }

    private void AskWithoutMission(Span<Verdict> verdicts, int missions)
    {
        var position = 0;
        foreach (var question in plan.Questions)
        {
            if (question.Question.PerMission)
            {
                position += missions;
                continue;
            }

            foreach (var record in question.Question.Each is null ? NoRecord : scenario.Records)
            {
                if (!ReferenceEquals(record?.Kind, question.Question.Each)) continue;
                stated.Turn(Situation.NoMission, record);
                if (isAssuming) assumed.Turn(Situation.NoMission, record);
                verdicts[position++] = Verdict(question, Situation.NoMission, record);
            }
        }
    }

    private static readonly ImmutableArray<ScenarioRecord> NoRecord = [null!];

    /// <summary>Missions that a signal may point to and that are not asked about: their outcome must still be known.</summary>
    private ImmutableArray<Verdict> Unasked(ImmutableArray<int> asked)
    {
        var verdicts = ImmutableArray.CreateBuilder<Verdict>();
        foreach (var mission in plan.FallbackMissions.Except(asked))
        {
            stated.Turn(mission, null);
            if (isAssuming) assumed.Turn(mission, null);
            verdicts.AddRange(plan.Questions.Where(q => q.Question.PerMission).Select(q => Verdict(q, mission, null)));
        }

        return verdicts.ToImmutable();
    }

    private Verdict Verdict(QuestionPlan question, int mission, ScenarioRecord? record)
    {
        var index = question.Question.Index;
        var onStated = View(question, mission, record, stated, statedMarks[index], Basis.Stated);
        return new()
        {
            Question = question.Question,
            Mission = mission < 0 ? RuleBook.AnyMission : book.Missions[mission].Id,
            Record = record?.Key,
            Stated = onStated,
            Assumed = isAssuming ? View(question, mission, record, assumed, assumedMarks[index], Basis.Assumed) : onStated.WhereNothingIsAssumed(),
        };
    }

    private View View(QuestionPlan question, int mission, ScenarioRecord? record, Situation situation, sbyte[] common, Basis basis)
    {
        var set = question.Question;
        var marks = common;
        if (record is not null)
        {
            marks = RunAll(set, situation);
        }
        else if (mission >= 0 && (question.WhenIsBound || !question.Bound(mission).IsEmpty))
        {
            marks = (sbyte[])common.Clone();
            if (question.WhenIsBound) set.Program.Run(situation.Machine, marks, 0, set.WhenEnd);
            foreach (var rule in question.Bound(mission)) set.Program.Run(situation.Machine, marks, rule.Start, rule.End);
        }

        var view = new View(evaluation, question, mission, basis, marks);
        if (!view.IsAsked) return view;
        Fold(view);
        view.NotAssessed = NotAssessed(view, situation);
        view.RelyingOn = RelyingOn(view, situation);
        return view;
    }

    private void Fold(View view)
    {
        Fold withWaivers = new(), without = new();
        foreach (var rule in view.Rules.AsSpan())
        {
            var finding = view.Finding(rule);
            withWaivers.Add(finding);
            if (!scenario.Waivers.IsEmpty) without.Add(finding, withWaivers: false);
        }

        view.Fold = withWaivers;
        view.WithoutWaivers = (scenario.Waivers.IsEmpty ? withWaivers : without).Outcome(view.Outcomes);
    }

    /// <summary>
    /// Requirements whose guard is false only because a fact is unknown: with <c>x != null</c> read as unknown where x is, the guard
    /// would not be false.
    /// </summary>
    private ImmutableArray<Rule> NotAssessed(View view, Situation situation)
    {
        ImmutableArray<Rule>.Builder? rules = null;
        var program = view.Question.Program;
        foreach (var rule in view.AskingWhetherKnown.AsSpan())
        {
            if (!view.IsInQuestion(rule) || view.Marks[rule.Guard] != (sbyte)Truth.False) continue;
            program.Run(situation.Machine, scratch, rule.Start, rule.Guard + 1, askingMeansKnown: false);
            if (scratch[rule.Guard] != (sbyte)Truth.False) (rules ??= ImmutableArray.CreateBuilder<Rule>()).Add(rule);
        }

        return rules?.ToImmutable() ?? [];
    }

    /// <summary>
    /// What carries the outcome: something that, taken away alone, makes a rule lead to an outcome that led to none. Where nothing does
    /// alone, all that were read are taken away together.
    /// </summary>
    private Reliances RelyingOn(View view, Situation situation)
    {
        ImmutableArray<Reliance>.Builder? carrying = null;
        candidates.Clear();
        foreach (var support in view.Supports)
        {
            if (!IsApplied(support.Fact, situation, view.Basis) || !IsRead(support, view)) continue;
            candidates.Add(support);
            if (Matters([support])) Carries(support.Reliance);
        }

        if (view.Basis == Basis.Stated && !scenario.Waivers.IsEmpty)
            foreach (var waived in view.Waived)
                if (waived.LeadsTo(withWaivers: false) >= 0)
                    Carries(new(RelianceKind.Waiver, waived.Rule.Name));

        var jointly = carrying is null && candidates.Count > 1 && Matters(CollectionsMarshal.AsSpan(candidates));
        if (jointly)
            foreach (var support in candidates)
                Carries(support.Reliance);
        return carrying is null ? Reliances.None : new(carrying.ToImmutable(), jointly);

        void Carries(Reliance reliance) => (carrying ??= ImmutableArray.CreateBuilder<Reliance>()).Add(reliance);

        bool Matters(ReadOnlySpan<Support> supports)
        {
            var isAway = false;
            var matters = false;
            foreach (var support in supports)
            {
                foreach (var rule in support.Rules.AsSpan())
                {
                    if (matters || !view.IsInQuestion(rule) || view.Finding(rule).LeadsTo() >= 0) continue;
                    if (!isAway) situation.TakeAway(supports);
                    isAway = true;
                    view.Question.Program.Run(situation.Machine, scratch, rule.Start, rule.End);
                    matters = view.Finding(rule, scratch, situation.Machine.Bits).LeadsTo() >= 0;
                }
            }

            if (isAway) situation.PutBack();
            return matters;
        }
    }

    private static bool IsRead(Support support, View view)
    {
        foreach (var rule in support.Rules.AsSpan())
            if (view.IsInQuestion(rule))
                return true;
        return false;
    }

    /// <summary>Assumptions on basis assumed; else planning figures and readings set otherwise.</summary>
    private bool IsApplied(Fact fact, Situation situation, Basis basis)
    {
        if (basis == Basis.Assumed) return fact.Assumption is not null && situation.Ready(fact) is not null;
        if (fact.Role != FactRole.Reading) return fact.Role == FactRole.Planning && situation.Ready(fact) is not null;
        foreach (var (reading, _) in scenario.Readings)
            if (ReferenceEquals(reading, fact))
                return true;
        return false;
    }
}
