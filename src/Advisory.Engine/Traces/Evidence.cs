using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>A fact on which a truth or a value in a trace rests, and what the fact rests on in turn.</summary>
/// <param name="Fact">The fact as the node read it.</param>
/// <param name="Paths">JSON pointers to it in the traced finding, one for each node that counts: <c>/expression/nodes/0/facts/0</c>.</param>
/// <param name="IsMissing">Whether the truth is open because this is not known.</param>
/// <param name="IsSpare">Whether the truth is settled without it too, though it would also settle it.</param>
/// <param name="Calculation">For a derived number, the calculation with its numbers filled in, in the derivation's own signs; else null.</param>
/// <param name="CalculationText">The same for people.</param>
/// <param name="Implied">For a stated fact that reports contradict, the value that follows from those; null where they leave it open.</param>
/// <param name="From">For a derived fact, what it rests on.</param>
internal sealed record Evidence(
    TraceFact Fact, ImmutableArray<string> Paths, bool IsMissing, bool IsSpare,
    string? Calculation, LocalText? CalculationText, JToken? Implied, ImmutableArray<Evidence> From)
{
    /// <summary>A fact that no node of a trace reads.</summary>
    public static Evidence Of(TraceFact fact) => new(fact, [], false, false, null, null, null, []);

    /// <summary>What made the truth of a finding.</summary>
    /// <remarks>
    /// Of a settled truth: facts that settle it whatever all others are, so few that none can be missed; after them, spare, those that
    /// would settle it as well. Of an open truth: the facts that are not known and that leave it open, after those that make a guard
    /// apply. The mission is given where the question is about one, and never named. A null test sees a fact like any other
    /// comparison: only with the fact at hand does it say anything.
    /// </remarks>
    public static ImmutableArray<Evidence> For(TracedFinding traced, bool withSpares)
    {
        var root = Read(traced.Expression, traced);
        if (traced.Finding.Truth != Truth.Unknown) return Settled(root, withSpares);
        var guard = traced.Finding.Rule.Guard >= 0 && root.Parts[0].Mark() != 0 ? Settled(root.Parts[0], withSpares: false) : [];
        return [.. guard, .. Open(root)];
    }

    /// <summary>Why a guard sets a requirement aside.</summary>
    public static ImmutableArray<Evidence> ForGuard(TracedFinding traced) => Settled(Read(traced.Expression, traced).Parts[0], withSpares: false);

    /// <summary>The facts that somebody must find out before the truth can be settled: at the end of each derivation.</summary>
    public IEnumerable<TraceFact> Needed() => !IsMissing ? [] : From.Any(e => e.IsMissing) ? From.SelectMany(e => e.Needed()) : [Fact];

    private static Part Read(TraceNode expression, TracedFinding traced)
    {
        var root = new Part(expression, "/expression", traced.Verdict.Mission != RuleBook.AnyMission);
        if (root.Mark() != (sbyte)traced.Finding.Truth) throw new InvalidOperationException($"the trace of {traced.Finding.Rule} does not add up to its truth");
        return root;
    }

    private static ImmutableArray<Evidence> Settled(Part root, bool withSpares)
    {
        var wanted = root.Mark();
        var leaves = root.Leaves().Where(leaf => !leaf.Facts.IsEmpty).ToList();
        var facts = leaves.SelectMany(leaf => leaf.Facts).Select(f => f.Fact).DistinctBy(f => f.Fact).ToList();
        var enough = Least(last: null);
        var kept = leaves.Where(leaf => leaf.Facts.All(f => enough.Contains(f.Fact.Fact))).ToHashSet();
        foreach (var leaf in kept.ToList())
        {
            kept.Remove(leaf);
            if (root.Mark(kept.Contains) != wanted) kept.Add(leaf);
        }

        var others = facts.Where(f => withSpares && f.Value is not null && f.Fact.Role != FactRole.Reading && !enough.Contains(f.Fact));
        return
        [
            .. facts.Where(f => enough.Contains(f.Fact)).Select(f => Item(kept, f, root.OfMission)),
            .. others.Where(f => Least(last: f.Fact).Contains(f.Fact)).Select(f => Item(leaves, f, root.OfMission) with { IsSpare = true }),
        ];

        // Tries to do without each fact in turn, the least telling ones first. What is left settles the truth, and nothing of it can be
        // missed: a fact more never unsettles what is settled (README.md, 14.6).
        HashSet<Fact> Least(Fact? last)
        {
            var left = facts.Select(f => f.Fact).ToHashSet();
            foreach (var fact in facts.Reverse<TraceFact>().OrderBy(f => f.Fact == last ? int.MaxValue : Telling(f)))
            {
                left.Remove(fact.Fact);
                if (root.Mark(leaf => leaf.Facts.All(f => left.Contains(f.Fact.Fact))) != wanted) left.Add(fact.Fact);
            }

            return left;
        }

        static int Telling(TraceFact fact) => fact switch
        {
            { Value: null } => 0,
            { Fact.Role: FactRole.Reading } => 1,
            { State: FactState.Planning } => 2,
            { State: FactState.Assumed } => 3,
            { State: FactState.Derived } => 4,
            _ => 5,
        };
    }

    private static ImmutableArray<Evidence> Open(Part root)
    {
        var leaves = new List<Part>();
        var choices = new List<Part>();
        Collect(root);
        var missing = leaves.SelectMany(leaf => leaf.Facts).Select(f => f.Fact).Where(f => f.Value is null).DistinctBy(f => f.Fact)
            .Select(f => Item(leaves, f, root.OfMission) with { IsMissing = true }).ToImmutableArray();
        // Nothing is missing, and still there is no value: the derivation gives none here. Then what leads there is what counts.
        return missing.IsEmpty ? [.. choices.SelectMany(choice => Settled(choice, withSpares: false)).DistinctBy(e => e.Fact.Fact)] : missing;

        void Collect(Part part)
        {
            if (part.Mark() != 0) return;
            if (part.Parts.IsEmpty) leaves.Add(part);
            if (part.Shape != Shape.Choice)
            {
                foreach (var inner in part.Parts) Collect(inner);
                return;
            }

            var condition = part.Parts[0].Mark();
            if (condition != 0) choices.Add(part.Parts[0]);
            Collect(part.Parts[0]);
            if (condition >= 0) Collect(part.Parts[1]);
            if (condition <= 0) Collect(part.Parts[2]);
        }
    }

    private static Evidence Item(IEnumerable<Part> leaves, TraceFact fact, bool ofMission)
    {
        var paths = leaves.SelectMany(leaf => leaf.Facts).Where(f => f.Fact.Fact == fact.Fact).Select(f => f.Path).Order(StringComparer.Ordinal).ToImmutableArray();
        if (fact.Derivation is null) return Of(fact) with { Paths = paths };
        var derivation = new Part(fact.Derivation, paths[0] + "/derivation", ofMission);
        var isKnown = derivation.Mark() != 0;
        var calculated = fact.Fact.IsNumber && isKnown && derivation.Leaves().Any(leaf => !leaf.Facts.IsEmpty);
        return new(
            fact, paths, false, false,
            calculated ? derivation.Calculation(null) : null,
            calculated && derivation.Calculation(Language.En) is { } en ? new(en, derivation.Calculation(Language.Nl)!) : null,
            fact.State == FactState.Contested ? derivation.Value() : null,
            isKnown ? Settled(derivation, withSpares: false) : Open(derivation));
    }

    private enum Shape
    {
        Leaf, // reads facts or is written
        Joined, // a comparison or calculation of values
        Not,
        All,
        Any,
        Choice,
    }

    /// <summary>A node of a trace with what joins the nodes below it, so that it can be worked out again from fewer facts.</summary>
    private sealed class Part
    {
        private readonly TraceNode node;
        private readonly Syntax? syntax;

        public Part(TraceNode node, string path, bool ofMission)
        {
            this.node = node;
            OfMission = ofMission;
            Parts = [.. node.Children.Select((child, i) => new Part(child, FormattableString.Invariant($"{path}/nodes/{i}"), ofMission))];
            var facts = node.Facts.Select((fact, i) => (Fact: fact, FormattableString.Invariant($"{path}/facts/{i}")));
            Facts = [.. facts.Where(f => !ofMission || f.Fact.Fact.Name != RuleBook.MissionFact)]; // the mission is given
            if (Parts.IsEmpty) return;

            // Nested rules have no expression of their own: their node says `And: …` or `Or: …`, which no expression can.
            var joint = node.Text.Split(':')[0];
            if (joint is "And" or "AndAlso" or "Or" or "OrElse")
            {
                Shape = joint[0] == 'A' ? Shape.All : Shape.Any;
                return;
            }

            syntax = Parser.Parse(node.Text);
            Shape = syntax switch
            {
                Syntax.Not => Shape.Not,
                Syntax.Binary { Operator: "&&" } => Shape.All,
                Syntax.Binary { Operator: "||" } => Shape.Any,
                Syntax.Conditional => Shape.Choice,
                _ => Shape.Joined,
            };
        }

        public Shape Shape { get; }

        public bool OfMission { get; }

        public ImmutableArray<Part> Parts { get; }

        public ImmutableArray<(TraceFact Fact, string Path)> Facts { get; }

        public IEnumerable<Part> Leaves() => Parts.IsEmpty ? [this] : Parts.SelectMany(part => part.Leaves());

        /// <summary>What it comes to where only some leaves are looked at: 1 true or a known value, -1 false, 0 unknown.</summary>
        public sbyte Mark(Func<Part, bool>? isSeen = null)
        {
            var mark = Shape switch
            {
                Shape.Leaf => !Facts.IsEmpty && isSeen?.Invoke(this) == false ? (sbyte)0 : node.Truth is { } truth ? (sbyte)truth : Known(Value() is not null),
                Shape.Joined => Parts.Any(part => part.Mark(isSeen) == 0) ? (sbyte)0 : node.Truth is { } truth ? (sbyte)truth : Known(node.Value is not null),
                Shape.Not => (sbyte)-Parts[0].Mark(isSeen),
                Shape.All => Parts.Min(part => part.Mark(isSeen)),
                Shape.Any => Parts.Max(part => part.Mark(isSeen)),
                _ => Parts[0].Mark(isSeen) switch
                {
                    1 => Parts[1].Mark(isSeen),
                    -1 => Parts[2].Mark(isSeen),
                    _ => Common(Parts[1].Mark(isSeen), Parts[2].Mark(isSeen)),
                },
            };
            return node.Truth is null ? Known(mark != 0) : mark;

            static sbyte Known(bool isKnown) => isKnown ? (sbyte)1 : (sbyte)0;
            sbyte Common(sbyte left, sbyte right)
            {
                if (node.Truth is not null) return left == right ? left : (sbyte)0;
                return Known(left != 0 && right != 0 && JToken.DeepEquals(Parts[1].Value(), Parts[2].Value()));
            }
        }

        /// <summary>The value that the trace gives it; a discrete value shows only in its leaves.</summary>
        public JToken? Value()
        {
            if (node.Truth is { } truth) return truth == Truth.Unknown ? null : (JToken)(truth == Truth.True);
            if (node.Value is not null || Shape == Shape.Joined) return node.Value;
            if (Shape == Shape.Choice) return Taken()?.Value();
            if (node.Facts is [var fact]) return fact.Value;
            return node.Text.Trim() is ['"', .. var text, '"'] ? (JToken)text : null; // a written text, or `null`
        }

        private Part? Taken() => Parts[0].Mark() switch
        {
            1 => Parts[1],
            -1 => Parts[2],
            _ => Mark() == 0 ? null : Parts[1],
        };

        /// <summary>The calculation that gave the value, with its numbers; null where there was nothing to calculate.</summary>
        /// <param name="language">For people in this language; null for a program, as the derivation writes it.</param>
        public string? Calculation(Language? language) => Written(language) is { Weight: < Number } written ? written.Text : null;

        private const int Words = 0, Sum = 1, Product = 2, Number = 3;

        /// <summary>As text, and how tightly it binds: what binds less than its surroundings stands in brackets.</summary>
        private (string Text, int Weight) Written(Language? language)
        {
            if (Shape == Shape.Choice) return Taken()!.Written(language);
            if (Shape == Shape.Leaf) return (language is { } of ? ExplanationWords.Number(Value()!, of) : ExplanationWords.Plain(Value()!), Number);
            if (syntax is Syntax.Binary { Operator: var sign })
            {
                // Nothing added or taken away is not worth a word.
                var isZero = Parts.Select(part => part.Value() is JValue { Value: 0L or 0 }).ToList();
                if (sign is "+" or "-" && isZero[1]) return Parts[0].Written(language);
                if (sign is "+" && isZero[0]) return Parts[1].Written(language);
                var weight = sign is "+" or "-" ? Sum : Product;
                return ($"{Within(0, weight)} {(language is not null && sign == "*" ? "×" : sign)} {Within(1, weight + 1)}", weight);
            }

            var function = ((Syntax.Call)syntax!).Function;
            if (language is not { } people) return ($"{function}({string.Join(", ", Parts.Select(part => part.Written(null).Text))})", Product);
            return (ExplanationWords.Function(function, [.. Parts.Select(part => part.Written(people).Text)], people), Words);

            string Within(int part, int least)
            {
                var (text, weight) = Parts[part].Written(language);
                return weight < least ? $"({text})" : text;
            }
        }
    }
}
