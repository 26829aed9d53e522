using System.Collections.Immutable;
using Advisory.Engine.Evaluating;
using Advisory.Engine.Expressions;

namespace Advisory.Engine.Analysis;

/// <summary>What a verdict is about.</summary>
/// <param name="Question">The id of the question.</param>
/// <param name="Mission">The mission, or <c>any</c>.</param>
/// <param name="Record">The key of the record, or null.</param>
public sealed record Subject(string Question, string Mission, string? Record = null)
{
    /// <inheritdoc/>
    public override string ToString() => Record is null ? $"{Question} for {Mission}" : $"{Question} for {Record}";
}

/// <summary>What a null test sees while facts take other values.</summary>
internal enum NullTests
{
    /// <summary>What the evaluator sees: a fact that has a value is known.</summary>
    Evaluated,

    /// <summary>What it sees now, whatever value a fact takes.</summary>
    Present,
}

/// <summary>
/// The verdicts on one or more subjects as functions of facts: which outcome the evaluator gives for every state of the facts that are
/// free, the others being as they are now. Each function is one diagram, and all of them share one order of variables.
/// </summary>
internal sealed class Model
{
    /// <summary>A number with at most this many values enters a calculation value by value; one with more as a formula.</summary>
    public const int MaxValuesTried = 128;

    /// <summary>A formula that is rounded or cut off becomes runs of equal results, where there are at most this many.</summary>
    private const int MaxRunsAtOnce = 512;

    /// <summary>So does one that meets a formula over another fact.</summary>
    private const int MaxRuns = 6_000;

    private readonly RuleBook book;
    private readonly Scenario scenario;
    private readonly Basis basis;
    private readonly Func<Fact, string?, bool> isFree;
    private readonly NullTests nullTests;
    private readonly Dictionary<(int Slot, string? Record), FactVariable> variables = [];

    /// <param name="book">The book.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="basis">The basis.</param>
    /// <param name="subjects">The verdicts.</param>
    /// <param name="isFree">Whether a fact, of the record of that key, may be in another state than now.</param>
    /// <param name="nullTests">What null tests see.</param>
    /// <param name="budget">Nodes and runs.</param>
    /// <param name="sample">The values of a number to try; default for all of them.</param>
    /// <exception cref="NotExactException">The budget is used up, or a calculation cannot be treated.</exception>
    public Model(
        RuleBook book, Scenario scenario, Basis basis, IReadOnlyList<Subject> subjects, Func<Fact, string?, bool> isFree, NullTests nullTests,
        long budget, Func<Fact, ImmutableArray<decimal>>? sample = null)
    {
        (this.book, this.scenario, this.basis, this.isFree, this.nullTests) = (book, scenario, basis, isFree, nullTests);
        Diagrams = new(budget);
        var parts = subjects.Select(s => new SubjectPart(this, s)).ToList();
        var tellsHeld = parts.Any(p => p.StatesDerived);
        var order = parts.SelectMany(p => p.Order()).Distinct().ToList();
        foreach (var (slot, record) in order)
        {
            var fact = book.Facts[slot];
            var present = PresentFact.Of(scenario, RecordOf(record, fact), fact, basis);
            variables[(slot, record)] = new(fact, record, present, Asked(parts, slot), sample is null ? default : sample(fact), tellsHeld);
        }

        // A fact with very many values stands below the others, so that a calculation with it can become runs of values in place.
        Variables = [.. variables.Values.OrderBy(v => v.Fact.IsNumber && v.Values > MaxRuns ? v.Values : 0)];
        for (var i = 0; i < Variables.Length; i++) Variables[i].Level = i;
        Present = [.. Variables.Select(v => v.PresentIndex)];
        Outcomes = [.. parts.Select(p => p.Consistent(p.Outcome()))];
    }

    public Diagrams Diagrams { get; }

    /// <summary>Whether of some number only a sample of values is tried.</summary>
    public bool IsSampled => Variables.Any(v => v.IsSampled);

    /// <summary>The free facts that may matter, in the order of the diagrams.</summary>
    public ImmutableArray<FactVariable> Variables { get; }

    /// <summary>The state of each of them now.</summary>
    public int[] Present { get; }

    /// <summary>For each subject its outcome, as an index into the question's outcomes; their number stands for NOT_ASSESSED.</summary>
    public ImmutableArray<int> Outcomes { get; }

    /// <summary>The code of states in which reports contradict each other that do not now: they are left out of every answer.</summary>
    public const int Contradiction = 1_000;

    /// <summary>The name of an outcome by its code.</summary>
    public static string NameOf(RuleSet question, int code) => code < question.Outcomes.Length ? question.Outcomes[code] : RuleBook.NotAssessed;

    /// <summary>The code of an outcome.</summary>
    public static int CodeOf(RuleSet question, string outcome) => question.Outcomes.IndexOf(outcome) is var at && at >= 0 ? at : question.Outcomes.Length;

    // Records of two kinds can have one key.
    private ScenarioRecord? RecordOf(string? key, Fact fact) => key is null ? null : scenario.Records.First(r => r.Key == key && fact.Name.StartsWith(r.Kind.Prefix + ".", StringComparison.Ordinal));

    private ulong Asked(List<SubjectPart> parts, int slot)
    {
        var bits = 0UL;
        foreach (var program in parts.Select(p => p.Program).Append(book.Derivations.Program).Distinct())
            foreach (var at in program.Code)
                if (at.Op == Op.Test && at.A == slot)
                    bits |= at.Mask;
        return bits & (Domain.OtherText - 1);
    }

    /// <summary>One verdict while it is compiled.</summary>
    private sealed class SubjectPart
    {
        private readonly Model model;
        private readonly RuleBook book;
        private readonly RuleSet question;
        private readonly QuestionPlan plan;
        private readonly int mission;
        private readonly string missionName;
        private readonly ScenarioRecord? record;
        private readonly Situation situation; // as it is now
        private readonly ulong[] readings;
        private readonly ImmutableArray<Rule> rules; // those that can make a difference
        private readonly Track main;
        private readonly Track reports; // what follows from reports alone (8.8)

        public SubjectPart(Model model, Subject subject)
        {
            (this.model, book) = (model, model.book);
            plan = book.Plan.Questions.FirstOrDefault(q => q.Question.Id == subject.Question) ?? throw new ArgumentException($"no question {subject.Question}");
            question = plan.Question;
            missionName = subject.Mission;
            mission = question.PerMission ? book.IndexOfMission(subject.Mission) : Situation.NoMission;
            record = subject.Record is null ? null : model.scenario.Records.First(r => ReferenceEquals(r.Kind, question.Each) && r.Key == subject.Record);
            situation = new(book);
            situation.Take(model.scenario, Applied.Planning | (model.basis == Basis.Assumed ? Applied.Assumptions : 0));
            situation.Turn(mission, record);
            readings = situation.Machine.Bits;
            rules = [.. plan.Rules(mission).Where(r => r.StrengthUnder(readings) is var s && (s.LeadsAnywhere || s.IsDeciding))];
            StatesDerived = ReadsDeeply().Any(slot => book.Facts[slot].Role == FactRole.Derived && IsStated(book.Facts[slot]));
            main = new(this, isReportsAlone: false);
            reports = new(this, isReportsAlone: true);
        }

        public Program Program => question.Program;

        public bool StatesDerived { get; }

        private IEnumerable<int> ReadsDeeply()
        {
            var deep = book.Derivations.InOrder.ToDictionary(d => d.Fact.Slot, d => d.ReadsDeeply);
            return question.WhenReads.SelectMany(slot => deep.TryGetValue(slot, out var more) ? more.Prepend(slot) : [slot])
                .Concat(rules.SelectMany(r => r.ReadsDeeply)).Distinct();
        }

        private bool IsStated(Fact fact) => situation.IsStated(fact);

        /// <summary>The key under which the record reports a fact, or null where the scenario does.</summary>
        private string? KeyOf(Fact fact) => record is not null && fact.Name.StartsWith(record.Kind.Prefix + ".", StringComparison.Ordinal) ? record.Key : null;

        /// <summary>The free facts, in the order in which the rules come to them.</summary>
        public List<(int Slot, string? Record)> Order()
        {
            var order = new List<(int, string?)>();
            var seen = new HashSet<int>();
            Visit(Program, 0, question.WhenEnd);
            foreach (var rule in rules) Visit(Program, rule.Start, rule.End);
            return order;

            void Visit(Program program, int start, int end)
            {
                for (var i = start; i < end; i++)
                {
                    var at = program.Code[i];
                    if (!ReadsSlot(at.Op)) continue;
                    VisitFact(at.A);
                    if (at.Op is Op.SameValue or Op.OtherValue) VisitFact(at.B);
                }
            }

            void VisitFact(int slot)
            {
                if (!seen.Add(slot)) return;
                var fact = book.Facts[slot];
                if (fact.Role == FactRole.Derived)
                {
                    var derivation = book.Derivations.InOrder.First(d => d.Fact.Slot == slot);
                    if (IsStated(fact)) Add(fact);
                    if (!IsStated(fact) || StatesDerived) Visit(book.Derivations.Program, derivation.Start, derivation.End);
                }
                else if (fact.Role != FactRole.Reading && !(mission >= 0 && ReferenceEquals(fact, book.MissionSlot)))
                {
                    Add(fact);
                }
            }

            void Add(Fact fact)
            {
                if (model.isFree(fact, KeyOf(fact)) && !(record is not null && fact.Name == record.Kind.Prefix + "." + record.Kind.Key)) order.Add((fact.Slot, KeyOf(fact)));
            }
        }

        private static bool ReadsSlot(Op op) => op is Op.Test or Op.IsKnown or Op.IsUnknown or (>= Op.Less and <= Op.NotEqual) or Op.AmongNumbers or Op.SameValue or Op.OtherValue or Op.LoadNumber or Op.LoadValue;

        /// <summary>The outcome as a diagram: the fold of 10.7, as the least code of what each rule leads to.</summary>
        public int Outcome()
        {
            var diagrams = model.Diagrams;
            var (best, none) = (question.Outcomes.Length - 1, question.Outcomes.Length);
            var outcome = diagrams.Code(none);
            var marks = new int[Program.Length];
            foreach (var rule in rules)
            {
                main.Run(Program, rule.Start, rule.End, marks);
                var strength = rule.StrengthUnder(readings);
                var undecided = diagrams.Code(strength.IsDeciding ? best : none);
                var isWaived = rule.Waivable && !rule.IsSignal && !strength.IsDeciding && model.scenario.Waivers.Any(w => w.Covers(rule, question.PerMission ? missionName : RuleBook.AnyMission));
                if (isWaived) continue; // unmet it leads nowhere, and met neither (3.11); it decides nothing
                var leads = diagrams.Map(marks[rule.Root], truth => strength.LeadsTo(truth.AsTruth) is var to && to >= 0 ? diagrams.Code(to) : undecided);
                if (rule.Guard >= 0 && strength.IsDeciding)
                {
                    // Set aside by its guard it decides nothing.
                    leads = diagrams.Zip(leads, marks[rule.Guard], (code, guard) => guard.AsTruth == Truth.False && code.AsCode == best ? diagrams.Code(none) : diagrams.Of(code));
                }

                outcome = diagrams.Least(outcome, leads);
            }

            if (question.WhenEnd == 0) return outcome;
            main.Run(Program, 0, question.WhenEnd, marks);
            return diagrams.Zip(outcome, marks[question.WhenEnd - 1], (code, asked) => asked.AsTruth == Truth.True ? diagrams.Of(code) : diagrams.Code(none));
        }

        /// <summary>The outcome, and apart from it the states in which a stated derived fact is contested that is not now.</summary>
        public int Consistent(int outcome)
        {
            var diagrams = model.Diagrams;
            if (!StatesDerived) return outcome;
            foreach (var slot in ReadsDeeply().Where(slot => book.Facts[slot] is { Role: FactRole.Derived } fact && IsStated(fact) && !situation.Contested.Contains(slot)))
                outcome = diagrams.Zip(outcome, reports.IsContested(slot), (code, contested) => contested.AsTruth == Truth.True ? diagrams.Code(Contradiction) : diagrams.Of(code));
            return outcome;
        }

        /// <summary>The value of every fact as a diagram: as rules see it, or as it follows from reports alone.</summary>
        private sealed class Track(SubjectPart part, bool isReportsAlone)
        {
            private readonly Dictionary<int, int> values = [];
            private readonly Dictionary<int, int> contestedBy = []; // by slot, where a stated derived fact is contested

            private Diagrams Diagrams => part.model.Diagrams;

            /// <summary>Evaluates instructions on diagrams; each mark is that of a truth, or the number of its register's diagram.</summary>
            public void Run(Program program, int start, int end, int[] marks)
            {
                var registers = new Dictionary<int, int>();
                var branches = Branches(program, start, end);
                var jumps = new Dictionary<int, int>();
                for (var i = start; i < end; i++)
                {
                    var at = program.Code[i];
                    var result = at.Op switch
                    {
                        Op.Constant => Diagrams.Of((Truth)at.A),
                        Op.Test => Test(at.A, at.Mask),
                        Op.IsKnown => Known(at.A, isKnown: true),
                        Op.IsUnknown => Known(at.A, isKnown: false),
                        >= Op.Less and <= Op.NotEqual => Compare(at.Op, at.A, program.Constants[at.B]),
                        Op.AmongNumbers => Among(at, program.Constants),
                        Op.SameValue => Same(at.A, at.B, isSame: true),
                        Op.OtherValue => Same(at.A, at.B, isSame: false),
                        Op.Compare => Compare((Op)at.C, registers[at.A], registers[at.B]),
                        Op.Not => Diagrams.Map(marks[at.A], truth => Diagrams.Code(-truth.AsCode)),
                        Op.And => Diagrams.Least(marks[at.A], marks[at.B]),
                        Op.Or => Diagrams.Greatest(marks[at.A], marks[at.B]),
                        Op.Choose => Diagrams.Choose(marks[at.A], marks[at.B], marks[at.C], (a, b) => a == b ? Diagrams.Of(a) : Diagrams.Of(Truth.Unknown)),
                        Op.Number => Number(program.Constants[at.A]),
                        Op.LoadNumber or Op.LoadValue => Value(at.A),
                        >= Op.Add and <= Op.Maximum => Calculate(at.Op, registers[at.A], registers[at.B]),
                        >= Op.Ceiling and <= Op.Round => Calculate(at.Op, registers[at.A], registers[at.A]),
                        Op.ChooseNumber => Diagrams.Choose(marks[at.A], registers.GetValueOrDefault(at.B), registers.GetValueOrDefault(at.C), CommonNumber),
                        Op.ChooseValue => Diagrams.Choose(marks[at.A], registers.GetValueOrDefault(at.B), registers.GetValueOrDefault(at.C), (a, b) => a == b ? Diagrams.Of(a) : Bits(0)),
                        Op.Value => Bits(Machine.Known | at.Mask),
                        Op.FromTruth => Diagrams.Map(marks[at.A], truth => Bits(truth.AsTruth == Truth.Unknown ? 0 : Machine.Known | Domain.BooleanBit(truth.AsTruth == Truth.True))),
                        Op.NoFigure => None,
                        _ => throw new InvalidOperationException($"no such instruction: {at.Op}"),
                    };
                    if (!at.IsTruth) registers[at.Target] = result;
                    marks[i] = result;

                    // Of a choice whose condition is settled for all states only the branch that it takes is compiled.
                    if (branches.TryGetValue(i, out var branch) && Settled(result) is { } taken)
                    {
                        if (taken) jumps[branch.Then] = branch.Else;
                        else i = branch.Then;
                    }

                    if (jumps.TryGetValue(i, out var over)) i = over;
                }
            }

            private bool? Settled(int truth) => Diagrams.IsLeaf(truth) && Diagrams.At(truth).AsTruth is var settled && settled != Truth.Unknown ? settled == Truth.True : null;

            /// <summary>By the last instruction of each choice's condition, the last ones of its branches, which stand behind it in that order.</summary>
            private static Dictionary<int, (int Then, int Else)> Branches(Program program, int start, int end)
            {
                var branches = new Dictionary<int, (int, int)>();
                for (var i = start; i < end; i++)
                {
                    var at = program.Code[i];
                    if (at.Op == Op.Choose) branches[at.A] = (at.B, at.C);
                    else if (at.Op is Op.ChooseNumber or Op.ChooseValue) branches[at.A] = (program.WriterOf(at.B), program.WriterOf(at.C));
                }

                return branches;
            }

            private int None => Diagrams.Of(Leaf.None);

            private int Bits(ulong bits) => bits == 0 ? None : Diagrams.Of(new Leaf(LeafKind.Bits, bits));

            private int Number(decimal number) => Diagrams.Of(new Leaf(LeafKind.Number, Number: number));

            // ---- facts ----

            private int Value(int slot)
            {
                if (values.TryGetValue(slot, out var value)) return value;
                var fact = part.book.Facts[slot];
                value = fact.Role != FactRole.Derived ? Reported(fact)
                    : !part.IsStated(fact) ? Derived(fact, out _)
                    : isReportsAlone ? Uncontested(fact)
                    : part.reports.Value(slot);
                return values[slot] = value;
            }

            /// <summary>What the scenario, the record or the book itself gives for a fact.</summary>
            private int Reported(Fact fact)
            {
                if (fact.Role == FactRole.Reading || (part.mission >= 0 && ReferenceEquals(fact, part.book.MissionSlot))) return Bits(part.readings[fact.Slot]);
                if (Variable(fact) is { } variable) return Of(variable);
                var now = PresentFact.Of(part.model.scenario, part.record, fact, part.model.basis);
                if (!now.IsKnown || (isReportsAlone && now.IsHeld)) return None;
                return fact.IsNumber ? Number(now.Number) : Bits(now.Bits);
            }

            private FactVariable? Variable(Fact fact) => part.model.variables.GetValueOrDefault((fact.Slot, part.KeyOf(fact)));

            private int Of(FactVariable variable)
            {
                if (variable.Fact.IsNumber && variable.Values > MaxValuesTried)
                {
                    var formula = Diagrams.Of(new Leaf(LeafKind.Formula, Formula: Formula.Of(variable)));
                    return isReportsAlone ? Diagrams.Runs(variable.Level, [(variable.Values + 1, formula), (variable.Count, None)]) : formula;
                }

                return Diagrams.Runs(variable.Level, Enumerable.Range(0, variable.Count).Select(index => (index + 1, At(index))));

                int At(int index)
                {
                    if (isReportsAlone) index = variable.ReportedIndex(index);
                    return index == FactVariable.Unknown ? None : variable.Fact.IsNumber ? Number(variable.NumberAt(index)) : Bits(variable.BitsAt(index));
                }
            }

            /// <summary>A derived fact that nobody states (8.7).</summary>
            private int Derived(Fact fact, out int[] marks)
            {
                var program = part.book.Derivations.Program;
                var derivation = part.book.Derivations.InOrder.First(d => d.Fact.Slot == fact.Slot);
                marks = new int[program.Length];
                Run(program, derivation.Start, derivation.End, marks);
                var value = marks[program.WriterOf(derivation.Register)];
                return fact.IsNumber ? Diagrams.Map(value, leaf => InRange(fact, leaf)) : value;
            }

            private int InRange(Fact fact, Leaf leaf)
            {
                if (leaf.Kind == LeafKind.Number) return fact.IsInRange(leaf.Number) ? Diagrams.Of(leaf) : None;
                if (leaf.Formula is not { } formula) return None;
                var inside = Diagrams.Runs(formula.Variable.Level, Runs(formula.Variable, (start, end) =>
                {
                    if (formula.Over(start, end) is not { } over) return -1;
                    if (over.IsUnsettled) return null;
                    if (end == start + 1) return fact.IsInRange(over.Least) ? 1 : -1;
                    if (over.Greatest < fact.Min || over.Least > fact.Max) return -1;
                    return over.Least >= fact.Min && over.Greatest <= fact.Max && (fact.Type != FactType.Integer || formula.IsWhole) ? 1 : null;
                }));
                return Diagrams.Map(inside, code => code.AsTruth == Truth.True ? Diagrams.Of(leaf) : None);
            }

            /// <summary>A derived fact that is stated: unknown where it disagrees with what follows from the other reports (8.8).</summary>
            private int Uncontested(Fact fact)
            {
                var own = Reported(fact);
                var derived = Derived(fact, out var marks);
                int contested;
                if (fact.IsNumber)
                {
                    contested = Compare(Op.NotEqual, derived, own);
                }
                else
                {
                    var possible = Possible(part.book.Derivations.InOrder.First(d => d.Fact.Slot == fact.Slot).End - 1, marks);
                    var settled = Diagrams.Zip(derived, own, (d, o) => Diagrams.Of(d.Kind == LeafKind.None || o.Kind == LeafKind.None ? Truth.Unknown : d == o ? Truth.False : Truth.True));
                    var ruledOut = Diagrams.Zip(possible, own, (p, o) => Diagrams.Of(o.Kind != LeafKind.None && (p.Word & o.Word & Domain.All) == 0 ? Truth.True : Truth.False));
                    contested = Diagrams.Zip(settled, ruledOut, (s, r) => Diagrams.Of(s.AsTruth == Truth.Unknown ? r : s));
                }

                contestedBy[fact.Slot] = contested;
                return Diagrams.Zip(contested, own, (c, o) => c.AsTruth == Truth.True ? None : Diagrams.Of(o));
            }

            /// <summary>Where a stated derived fact is contested.</summary>
            public int IsContested(int slot)
            {
                Value(slot);
                return contestedBy[slot];
            }

            /// <summary>The values that a derivation can still take, as bits.</summary>
            private int Possible(int index, int[] marks)
            {
                var program = part.book.Derivations.Program;
                var at = program.Code[index];
                return at.Op switch
                {
                    Op.Value => Bits(at.Mask),
                    Op.LoadValue => Diagrams.Map(marks[index], leaf => leaf.Kind == LeafKind.None ? Bits(Domain.All) : Diagrams.Of(leaf)),
                    Op.FromTruth => Diagrams.Map(marks[at.A], truth => Bits(truth.AsTruth == Truth.Unknown ? Domain.All : Domain.BooleanBit(truth.AsTruth == Truth.True))),
                    Op.ChooseValue when Settled(marks[at.A]) is { } taken => Possible(program.WriterOf(taken ? at.B : at.C), marks),
                    Op.ChooseValue => Diagrams.Choose(marks[at.A], Possible(program.WriterOf(at.B), marks), Possible(program.WriterOf(at.C), marks), (a, b) => Bits(a.Word | b.Word)),
                    _ => Bits(Domain.All),
                };
            }

            // ---- conditions ----

            private int Test(int slot, ulong mask) =>
                Diagrams.Map(Value(slot), leaf => Diagrams.Of(leaf.Kind == LeafKind.None ? Truth.Unknown : (leaf.Word & mask) != 0 ? Truth.True : Truth.False));

            private int Same(int slot, int other, bool isSame) => Diagrams.Zip(Value(slot), Value(other), (a, b) =>
                Diagrams.Of(a.Kind == LeafKind.None || b.Kind == LeafKind.None ? Truth.Unknown : a == b == isSame ? Truth.True : Truth.False));

            private int Known(int slot, bool isKnown)
            {
                var (known, unknown) = isKnown ? (1, -1) : (-1, 1);
                if (part.model.nullTests == NullTests.Present) return Diagrams.Code(part.situation.Machine.Bits[slot] != 0 ? known : unknown);
                return Diagrams.Map(Value(slot), leaf => leaf.Formula is not { } formula
                    ? Diagrams.Code(leaf.Kind == LeafKind.None ? unknown : known)
                    : Diagrams.Runs(formula.Variable.Level, Runs(
                        formula.Variable, (start, end) => formula.Over(start, end) is not { } over ? unknown : over.IsUnsettled ? null : known, whereUnknown: unknown)));
            }

            private int Compare(Op comparison, int slot, decimal constant)
            {
                var fact = part.book.Facts[slot];
                return fact.Role == FactRole.Derived || Variable(fact) is not { } variable ? Compare(comparison, Value(slot), Number(constant)) : Compare(comparison, variable, constant);
            }

            private int Compare(Op comparison, FactVariable variable, decimal constant)
            {
                var (below, upTo) = (variable.CountBelow(constant, orEqual: false), variable.CountBelow(constant, orEqual: true));
                var runs = new List<(int, int)> { (1, Diagrams.Of(Truth.Unknown)), (below + 1, Holds(-1)), (upTo + 1, Holds(0)), (variable.Values + 1, Holds(1)) };
                for (var held = variable.Values + 1; held < variable.Count; held++)
                    runs.Add((held + 1, isReportsAlone ? Diagrams.Of(Truth.Unknown) : Holds(decimal.Compare(variable.NumberAt(held), constant))));
                return Diagrams.Runs(variable.Level, runs);

                int Holds(int order) => Diagrams.Of(Satisfies(comparison, order) ? Truth.True : Truth.False);
            }

            private int Among(Instruction at, Numbers constants)
            {
                var among = Compare(Op.Equal, at.A, constants[at.B]);
                for (var i = 1; i < at.C; i++) among = Diagrams.Greatest(among, Compare(Op.Equal, at.A, constants[at.B + i]));
                return among;
            }

            private static Op Mirrored(Op comparison) => comparison switch
            {
                Op.Less => Op.Greater,
                Op.LessOrEqual => Op.GreaterOrEqual,
                Op.Greater => Op.Less,
                Op.GreaterOrEqual => Op.LessOrEqual,
                _ => comparison,
            };

            private static bool Satisfies(Op comparison, int order) => comparison switch
            {
                Op.Less => order < 0,
                Op.LessOrEqual => order <= 0,
                Op.Greater => order > 0,
                Op.GreaterOrEqual => order >= 0,
                Op.Equal => order == 0,
                _ => order != 0,
            };

            // ---- numbers ----

            private int Compare(Op comparison, int left, int right) => Diagrams.Zip(left, right, (a, b) =>
            {
                if (a.Kind == LeafKind.None || b.Kind == LeafKind.None) return Diagrams.Of(Truth.Unknown);
                if (a.Kind == LeafKind.Number && b.Kind == LeafKind.Number) return Diagrams.Of(Satisfies(comparison, decimal.Compare(a.Number, b.Number)) ? Truth.True : Truth.False);
                if (Apart(a, b) is var (x, y)) return Compare(comparison, x, y);
                var (variable, one, other) = Together(a, b);
                if (one.Operation == Op.LoadNumber && b.Kind == LeafKind.Number) return Compare(comparison, variable, b.Number);
                if (other.Operation == Op.LoadNumber && a.Kind == LeafKind.Number) return Compare(Mirrored(comparison), variable, a.Number);
                return Diagrams.Runs(variable.Level, Runs(variable, (start, end) => Interval.Compare(comparison, one.Over(start, end), other.Over(start, end))));
            });

            private int Calculate(Op operation, int left, int right)
            {
                var isUnary = operation is >= Op.Ceiling and <= Op.Round;
                var hasFewResults = isUnary || operation is Op.Minimum or Op.Maximum;
                var numbers = new Numbers(3);
                return isUnary ? Diagrams.Map(left, a => Result(a, a)) : Diagrams.Zip(left, right, Result);

                int Result(Leaf a, Leaf b)
                {
                    if (a.Kind == LeafKind.None || b.Kind == LeafKind.None) return None;
                    if (a.Kind == LeafKind.Formula || b.Kind == LeafKind.Formula)
                    {
                        if (!isUnary && Apart(a, b) is var (one, other)) return Diagrams.Zip(one, other, Result);
                        var (variable, x, y) = Together(a, b);
                        var formula = new Formula(variable, operation, x, isUnary ? null : y, 0);
                        return (hasFewResults ? Expand(formula, MaxRunsAtOnce) : null) ?? Diagrams.Of(new Leaf(LeafKind.Formula, Formula: formula));
                    }

                    if (operation == Op.Divide && b.Number == 0) return None;
                    numbers.Set(0, a.Number);
                    numbers.Set(1, b.Number);
                    try
                    {
                        numbers.Calculate(operation, 2, 0, 1);
                    }
                    catch (OverflowException)
                    {
                        return None; // 7.8: a fault, and unknown
                    }

                    return Number(numbers[2]);
                }
            }

            private int CommonNumber(Leaf a, Leaf b)
            {
                if (a == b) return Diagrams.Of(a);
                if (a.Kind != LeafKind.Formula && b.Kind != LeafKind.Formula) return None;
                return Diagrams.Map(Compare(Op.Equal, Diagrams.Of(a), Diagrams.Of(b)), truth => truth.AsTruth == Truth.True ? Diagrams.Of(a) : None);
            }

            private static (FactVariable Variable, Formula Left, Formula Right) Together(Leaf a, Leaf b)
            {
                var variable = (a.Formula ?? b.Formula)!.Variable;
                return (variable, a.Formula ?? Formula.Of(variable, a.Number), b.Formula ?? Formula.Of(variable, b.Number));
            }

            /// <summary>Two formulas over different facts: one of them as runs of equal results, that over the fact with fewer values if it has not too many.</summary>
            private (int Left, int Right)? Apart(Leaf a, Leaf b)
            {
                if (a.Formula is not { } x || b.Formula is not { } y || x.Variable == y.Variable) return null;
                var isLeftFirst = x.Variable.Values <= y.Variable.Values;
                if ((isLeftFirst ? Expand(x, MaxRuns) : null) is { } left) return (left, Diagrams.Of(b));
                if (Expand(y, MaxRuns) is { } right) return (Diagrams.Of(a), right);
                if ((isLeftFirst ? null : Expand(x, MaxRuns)) is { } late) return (late, Diagrams.Of(b));
                throw new NotExactException("arithmetic", $"a calculation joins `{x.Variable}` and `{y.Variable}`, which both have very many values");
            }

            /// <summary>The results of a formula as runs of equal ones, or null where there are too many.</summary>
            private int? Expand(Formula formula, int atMost)
            {
                var variable = formula.Variable;
                var (runs, count) = (new List<(int End, int Result)>(), 0);
                foreach (var (end, result) in Formula.Runs(variable, Diagrams, whereUnknown: None, (start, end) =>
                    formula.Over(start, end) is not { } over ? None : over.IsUnsettled || over.Least != over.Greatest ? null : Number(over.Least)))
                {
                    // What splitting an interval set apart may still be one run.
                    if (runs.Count == 0 || runs[^1].Result != result) count++;
                    if (count > atMost) return null;
                    runs.Add((end, result));
                }

                return Diagrams.Runs(variable.Level, runs);
            }

            private IEnumerable<(int End, int Child)> Runs(FactVariable variable, Func<int, int, int?> over, int whereUnknown = 0) =>
                Formula.Runs(variable, Diagrams, whereUnknown, over).Select(run => (run.End, Diagrams.Code(run.Code)));
        }
    }
}
