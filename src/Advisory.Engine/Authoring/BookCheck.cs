using Advisory.Engine.Expressions;
using Advisory.Engine.Json;

namespace Advisory.Engine;

/// <summary>What is suspicious in a book that loads: nothing here keeps it from being used, and each is worth a look.</summary>
public static class BookCheck
{
    /// <summary>Everything suspicious, sorted by file and position.</summary>
    /// <param name="book">A book that loaded.</param>
    /// <param name="today">The day against which <c>ReviewBy</c> is held; the engine has no clock.</param>
    public static IReadOnlyList<Problem> Run(RuleBook book, DateOnly today)
    {
        var found = new List<Problem>();
        Facts(book, found);
        foreach (var question in book.Questions)
        {
            Coverage(book, question, found);
            foreach (var rule in question.Rules) Rule(book, question, rule, today, found);
        }

        Register(book, found);
        found.Sort(Problem.Compare);
        return [.. found.Distinct()];
    }

    /// <summary>Facts and readings that nothing reads, and readings that change nothing else.</summary>
    private static void Facts(RuleBook book, List<Problem> found)
    {
        var rules = book.Questions.SelectMany(q => q.Rules).ToList();
        var read = rules.SelectMany(r => r.Reads).Concat(rules.Select(r => r.StrengthReading?.Slot ?? -1))
            .Concat(book.Questions.SelectMany(q => q.WhenReads))
            .Concat(book.Derivations.InOrder.SelectMany(d => d.Reads))
            .ToHashSet();
        // Derived facts and planning figures are results that people look at; a world fact that nothing reads is a question asked in vain.
        foreach (var fact in book.Facts.Where(f => f.Role is FactRole.World or FactRole.Reading && !read.Contains(f.Slot) && f.Name != RuleBook.MissionFact))
        {
            var isKey = book.Records.Any(r => r.Prefix + "." + r.Key == fact.Name);
            if (fact.Role == FactRole.Reading) found.Add(fact.At.Problem("unused-reading", $"nothing reads `{fact}`, so it changes nothing"));
            else if (!isKey) found.Add(fact.At.Problem("unused-fact", $"no rule and no derivation reads `{fact}`", "give it the role `context`, or leave it out"));
        }

        foreach (var fact in book.Facts.Where(f => f.Role != FactRole.Reading && f.Values.Length > 0 && f.ValueLabels.IsEmpty))
            found.Add(fact.At.Problem("missing-label", $"the values of `{fact}` have no `valueLabels`"));
        foreach (var fact in book.Facts.Where(f => f.Role is not FactRole.Reading && f.Help is null))
            found.Add(fact.At.Problem("missing-help", $"`{fact}` has no `help` for whoever fills it in"));
    }

    /// <summary>A question and mission without a rule of a deciding strength never reaches its best outcome.</summary>
    private static void Coverage(RuleBook book, RuleSet question, List<Problem> found)
    {
        if (!question.PerMission)
        {
            if (!question.Rules.Any(Decides)) found.Add(question.At.Problem("no-deciding-rule", $"no rule of `{question}` has a deciding strength, so its outcome is never `{question.Outcomes[^1]}`"));
            return;
        }

        for (var i = 0; i < book.Missions.Length; i++)
        {
            var mission = book.Missions[i].Id;
            var decided = question.Rules.Any(r => Decides(r) && (r.MissionMask & (1UL << i)) != 0);
            if (!decided && !question.NotFor.Contains(mission))
                found.Add(question.At.Problem("no-deciding-rule", $"no rule of `{question}` with a deciding strength is about `{mission}`", "add one, or list the mission under `notFor`"));
            if (decided && question.NotFor.Contains(mission))
                found.Add(question.At.Problem("no-deciding-rule", $"`{question}` is said to be not for `{mission}`, but a rule with a deciding strength is about it"));
        }

        static bool Decides(Rule rule) => rule.StrengthByOption.Any(s => s.IsDeciding);
    }

    private static void Rule(RuleBook book, RuleSet question, Rule rule, DateOnly today, List<Problem> found)
    {
        if (rule.Waivable && rule.StrengthByOption.All(s => s.IsDeciding)) found.Add(rule.At.Problem("waivable", $"`{rule}` is marked waivable, but a rule of strength `{rule.StrengthByOption[0].Token}` never is"));
        if (rule.Waivable && rule.IsSignal) found.Add(rule.At.Problem("waivable", $"`{rule}` is a signal, and only requirements are waived"));
        if (rule.ReviewBy is null) found.Add(rule.PropertiesAt.Problem("review", $"`{rule}` has no `ReviewBy`"));
        else if (rule.ReviewBy < today) found.Add(rule.PropertiesAt.Problem("review", $"`{rule}` was to be looked at again by {Dates.Format(rule.ReviewBy.Value)}"));
        if (rule.Owner is null) found.Add(rule.PropertiesAt.Problem("owner", $"`{rule}` has no `Owner`"));
        if (rule.Rationale is null) found.Add(rule.PropertiesAt.Problem("rationale", $"`{rule}` has no `Rationale`"));
        foreach (var name in rule.Facts.Where(f => !question.PerMission && f == RuleBook.MissionFact && question.Each is null))
            found.Add(rule.ExpressionAt.Problem("mission-free", $"`{question}` is not about a mission, so `{name}` is unknown here unless the scenario states it"));

        Thresholds(book, question, rule, found);
        if (rule.Expression.Trim() == "true" && rule.IsSignal && rule.StrengthByOption.All(s => !s.LeadsAnywhere)) return; // a standing remark, on purpose
        if (Values.Of(book, question, rule) is not { } values) return;
        var (truths, guards) = values.Reached();
        if (truths.Count == 1) found.Add(rule.ExpressionAt.Problem("constant", $"`{rule}` is always {(truths.Contains(Truth.True) ? "true" : "false")}, whatever the facts"));
        else if (rule.Guard >= 0 && guards.Count == 1) found.Add(rule.ExpressionAt.Problem("constant", $"the guard of `{rule}` is always {(guards.Contains(Truth.True) ? "true" : "false")}"));
    }

    /// <summary>A number compared with something that its declared range never reaches.</summary>
    private static void Thresholds(RuleBook book, RuleSet question, Rule rule, List<Problem> found)
    {
        for (var i = rule.Start; i < rule.End; i++)
        {
            var at = question.Program.Code[i];
            if (at.Op is not (>= Op.Less and <= Op.AmongNumbers)) continue;
            var fact = book.Facts[at.A];
            foreach (var constant in Constants(question, at))
                if (constant < fact.Min || constant > fact.Max)
                    found.Add(rule.ExpressionAt.Problem("out-of-range", $"`{fact}` is compared with {FactValue.Plain(constant)}, outside its range {FactValue.Plain(fact.Min)} to {FactValue.Plain(fact.Max)}"));
        }
    }

    /// <summary>The written numbers that an instruction compares with.</summary>
    private static IEnumerable<decimal> Constants(RuleSet question, Instruction at) =>
        Enumerable.Range(at.B, at.Op == Op.AmongNumbers ? at.C : 1).Select(i => question.Program.Constants[i]);

    /// <summary>Both directions between the register and what encodes it.</summary>
    private static void Register(RuleBook book, List<Problem> found)
    {
        if (book.Statements.Count == 0) return;
        var rules = book.Questions.SelectMany(q => q.Rules).ToLookup(r => r.Name);
        var citedByRules = book.Questions.SelectMany(q => q.Rules.SelectMany(r => r.Statements.Select(s => (s, r.Name)))).ToHashSet();
        var citedByFacts = book.Facts.SelectMany(f => f.Statements.Select(s => (s, f.Name))).ToHashSet();

        foreach (var statement in book.Statements.Values)
        {
            var id = statement.Id;
            foreach (var name in statement.Rules.Where(name => !citedByRules.Contains((id, name))))
                found.Add(statement.At.Problem("register", rules.Contains(name) ? $"`{id}` lists the rule `{name}`, which does not cite it" : $"`{id}` lists the rule `{name}`, which there is not", rules.Contains(name) ? null : Suggestion.For(name, book.RulesByName.Keys)));
            foreach (var name in statement.Facts.Where(name => !citedByFacts.Contains((id, name))))
                found.Add(statement.At.Problem("register", book.Fact(name) is null ? $"`{id}` lists the fact `{name}`, which there is not" : $"`{id}` lists the fact `{name}`, which does not cite it", book.Fact(name) is not null ? null : Suggestion.For(name, book.FactsByName.Keys)));

            var isEncoded = statement.Rules.Length + statement.Facts.Length > 0;
            if (!isEncoded && statement.Unencoded is null) found.Add(statement.At.Problem("register", $"nothing encodes `{id}`, and it does not say why", "list `rules` or `facts`, or give `none` a reason"));
            if (isEncoded && statement.Unencoded is not null) found.Add(statement.At.Problem("register", $"`{id}` is encoded and also says why it is not"));
            if (!IsSha256(statement.Sha256)) found.Add(statement.At.Problem("register", $"`{id}` has no SHA-256 of its source lines"));
        }

        foreach (var rule in book.Questions.SelectMany(q => q.Rules))
            foreach (var statement in rule.Statements.Where(s => book.Statements.TryGetValue(s, out var known) && !known.Rules.Contains(rule.Name)))
                found.Add(rule.PropertiesAt.Problem("register", $"`{rule}` cites `{statement}`, whose entry in the register does not list it"));
        foreach (var fact in book.Facts)
            foreach (var statement in fact.Statements.Where(s => book.Statements.TryGetValue(s, out var known) && !known.Facts.Contains(fact.Name)))
                found.Add(fact.At.Problem("register", $"`{fact}` cites `{statement}`, whose entry in the register does not list it"));
    }

    private static bool IsSha256(string text) => text.Length == 64 && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    /// <summary>
    /// The situations that a rule can tell apart, on its own: for each fact that it reads every value that one of its comparisons treats
    /// differently, derived facts as if they were free.
    /// </summary>
    private sealed class Values
    {
        private const int MaxSituations = 50_000;

        private readonly RuleSet question;
        private readonly Rule rule;
        private readonly Machine machine;
        private readonly List<(Fact Fact, List<(ulong Bits, Number Number)> Values)> axes = [];

        private Values(RuleBook book, RuleSet question, Rule rule)
        {
            (this.question, this.rule) = (question, rule);
            machine = new(book.Facts.Length, question.Program.Registers);
        }

        /// <summary>Null where the rule calculates, so that no finite list of values is exact, or where there are too many.</summary>
        public static Values? Of(RuleBook book, RuleSet question, Rule rule)
        {
            var values = new Values(book, question, rule);
            var situations = 1L;
            foreach (var slot in rule.Reads)
            {
                if (values.Axis(book.Facts[slot]) is not { } axis) return null;
                situations *= axis.Count;
                if (situations > MaxSituations) return null;
                values.axes.Add((book.Facts[slot], axis));
            }

            return values;
        }

        private List<(ulong, Number)>? Axis(Fact fact)
        {
            var code = question.Program.Code.AsSpan()[rule.Start..rule.End].ToArray();
            var about = code.Where(i => i.A == fact.Slot && i.Op is >= Op.Test and <= Op.AmongNumbers).ToList();
            if (code.Any(i => i.Op is Op.SameValue or Op.OtherValue or Op.Compare && !about.Contains(i))) return null;

            var axis = new List<(ulong, Number)>();
            if (about.Any(i => i.Op is Op.IsKnown or Op.IsUnknown)) axis.Add((0, 0));
            if (fact.IsNumber)
            {
                var thresholds = about.Where(i => i.Op is >= Op.Less and <= Op.AmongNumbers)
                    .SelectMany(i => Constants(question, i))
                    .SelectMany(c => new[] { c - fact.Step, c, c + fact.Step });
                axis.AddRange(thresholds.Append(fact.Min).Append(fact.Max).Where(n => n >= fact.Min && n <= fact.Max).Distinct().Select(n => (Machine.Known, (Number)n)));
            }
            else if (fact.Type == FactType.List)
            {
                var masks = about.Where(i => i.Op == Op.Test).Select(i => i.Mask).Distinct().ToList();
                if (masks.Count > 10) return null;
                for (var chosen = 0; chosen < 1 << masks.Count; chosen++)
                    axis.Add((masks.Where((_, i) => (chosen & (1 << i)) != 0).Aggregate(Machine.Known, (bits, mask) => bits | mask), 0));
            }
            else
            {
                var names = fact.Name == RuleBook.MissionFact && question.PerMission && !rule.Missions.IsEmpty ? rule.Missions : fact.Domain!.Values;
                axis.AddRange(names.Select(name => (Machine.Known | fact.Domain!.Bit(name), (Number)0)));
                if (fact.Type == FactType.Text) axis.Add((Machine.Known | Domain.OtherText, 0));
            }

            return axis;
        }

        /// <summary>The settled truths that the rule, and its guard, take over all these situations.</summary>
        public (HashSet<Truth> Truths, HashSet<Truth> Guards) Reached()
        {
            var (truths, guards) = (new HashSet<Truth>(), new HashSet<Truth>());
            var marks = new sbyte[question.Program.Length];
            var at = new int[axes.Count];
            while (true)
            {
                for (var i = 0; i < axes.Count; i++) machine.Set(axes[i].Fact.Slot, axes[i].Values[at[i]].Bits, axes[i].Values[at[i]].Number);
                question.Program.Run(machine, marks, rule.Start, rule.End);
                if (marks[rule.Root] != 0) truths.Add((Truth)marks[rule.Root]);
                if (rule.Guard >= 0 && marks[rule.Guard] != 0) guards.Add((Truth)marks[rule.Guard]);

                var next = 0;
                while (next < axes.Count && ++at[next] == axes[next].Values.Count) at[next++] = 0;
                if (next == axes.Count) return (truths, guards);
            }
        }
    }
}
