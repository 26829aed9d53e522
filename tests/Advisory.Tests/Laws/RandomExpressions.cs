using System.Globalization;

namespace Advisory.Tests.Laws;

/// <summary>A fact as an expression may name it.</summary>
internal sealed record Nameable(string Name, string Type, IReadOnlyList<string> Values, decimal Min = 0, decimal Max = 0, decimal Step = 1)
{
    public bool IsNumber => Type is "integer" or "decimal" or "percentage";
}

/// <summary>Expressions of the condition language that are valid over some facts (README of the engine, 6).</summary>
/// <param name="chance">Where the choices come from.</param>
/// <param name="facts">The facts that may be named.</param>
/// <param name="isDerivation">Whether the derivation dialect is meant.</param>
/// <param name="hasNullTests">Whether to ask here and there if a fact is unknown.</param>
internal sealed class RandomExpressions(Chance chance, IReadOnlyList<Nameable> facts, bool isDerivation, bool hasNullTests)
{
    /// <summary>Texts with which rules compare text facts, and which scenarios state.</summary>
    public static readonly string[] Texts = ["alpha", "beta two", "gämma"];

    // How tight a text holds together: a choice, ||, &&, ==, <, +, *, and what needs no parentheses anywhere.
    private const int Choice = 0, Or = 1, And = 2, Equality = 3, Relation = 4, Sum = 5, Product = 6, Primary = 7;

    private static readonly string[] Signs = ["==", "!=", "<", "<=", ">", ">="];

    private readonly List<Nameable> numbers = [.. facts.Where(f => f.IsNumber)];

    private readonly record struct Piece(string Text, int Level);

    /// <summary>Parameters in scope; what they stand for is valid where they are named.</summary>
    public List<(string Name, bool IsNumber)> Parameters { get; private init; } = [];

    /// <summary>The same with a scope of its own, which starts with the parameters of this one.</summary>
    public RandomExpressions Inner() => new(chance, facts, isDerivation, hasNullTests) { Parameters = [.. Parameters] };

    public string Condition(int depth) => Laid(Truth(depth).Text);

    /// <summary>A guarded requirement.</summary>
    public string Guarded(int depth)
    {
        var guard = hasNullTests && chance.Percent(50) ? new($"{chance.Of(facts).Name} != null && {At(Truth(0), Equality)}", And) : Truth(depth - 1);
        return Laid($"{At(guard, Or)} ? {At(Truth(depth - 1), Choice)} : true");
    }

    /// <summary>Whether one of two facts has the value named.</summary>
    public static string Either(Nameable one, string valueOfOne, Nameable other, string valueOfOther) =>
        $"{one.Name} == {valueOfOne} || {other.Name} == {valueOfOther}";

    public string Number(int depth) => Laid(Numeric(depth).Text);

    /// <summary>What a derived fact of this type may be worked out from.</summary>
    public string Derivation(Nameable derived, int depth) => Laid((derived.IsNumber ? Numeric(depth) : Discrete(derived, depth)).Text);

    /// <summary>The text of a piece where only one at least as tight may stand, in parentheses where it is not.</summary>
    private string At(Piece piece, int level) => piece.Level < level || chance.Percent(12) ? $"({piece.Text})" : piece.Text;

    private string Laid(string text) => chance.Below(12) switch
    {
        0 => text.Replace(" && ", "&&").Replace(" > ", ">").Replace(" * ", "*"),
        1 => text.Replace(" && ", "\n  && ").Replace(" ? ", "\r\n\t? "),
        _ => text,
    };

    private Piece Truth(int depth)
    {
        if (depth <= 0) return Leaf();
        switch (chance.Below(20))
        {
            case < 5:
                return new($"{At(Truth(depth - 1), And)} && {At(Truth(depth - 1), Equality)}", And);
            case < 10:
                return new($"{At(Truth(depth - 1), Or)} || {At(Truth(depth - 1), And)}", Or);
            case < 12:
                return new("!" + At(Truth(depth - 1), Primary), Primary);
            case < 15:
                return new($"{At(Truth(depth - 1), Or)} ? {At(Truth(depth - 1), Choice)} : {At(Truth(depth - 1), Choice)}", Choice);
            case 15 when hasNullTests:
                return new($"{chance.Of(facts).Name} {chance.Of(["==", "!="])} null {chance.Of(["&&", "||"])} {At(Truth(depth - 1), Equality)}", Or);
            default:
                return Leaf();
        }
    }

    private Piece Leaf()
    {
        var roll = chance.Below(100);
        if (isDerivation && roll > 93 && facts.FirstOrDefault(f => f.Name == "mission.type") is { } mission) return About(mission)!.Value;
        if (roll < 3) return new(chance.Of(["true", "false"]), Primary);
        if (roll < 15 && Parameters.Where(p => !p.IsNumber).ToList() is { Count: > 0 } conditions) return new(chance.Of(conditions).Name, Primary);
        if (roll < 24 && hasNullTests)
            return new(chance.Percent(80) ? $"{chance.Of(facts).Name} {chance.Of(["==", "!="])} null" : $"null != {chance.Of(facts).Name}", Equality);
        if (roll < 55 && numbers.Count > 0) return Comparison();
        for (var i = 0; i < 20; i++)
            if (About(chance.Of(facts)) is { } leaf)
                return leaf;
        return new("true", Primary);
    }

    /// <summary>A condition about one fact, or none where only a null test would do.</summary>
    private Piece? About(Nameable fact)
    {
        var sign = chance.Of(["==", "!="]);
        switch (fact.Type)
        {
            case "boolean":
                var others = facts.Where(f => f.Type == "boolean" && f.Name != fact.Name).ToList();
                return chance.Below(6) switch
                {
                    0 when others.Count > 0 => new($"{fact.Name} {sign} {chance.Of(others).Name}", Equality),
                    1 => new($"{fact.Name} in ({chance.Of(["true", "false", "false, true"])})", Relation),
                    2 => new($"{chance.Of(["true", "false"])} {sign} {fact.Name}", Equality),
                    _ => new($"{fact.Name} {sign} {chance.Of(["true", "false"])}", Equality),
                };

            case "enumeration":
                var same = facts.Where(f => f.Type == "enumeration" && f.Name != fact.Name && f.Values.SequenceEqual(fact.Values)).ToList();
                return chance.Below(6) switch
                {
                    0 or 1 when same.Count > 0 => new($"{fact.Name} {sign} {chance.Of(same).Name}", Equality),
                    2 => new($"\"{chance.Of(fact.Values)}\" {sign} {fact.Name}", Equality),
                    3 => new($"{fact.Name} in ({string.Join(", ", chance.Some(fact.Values).Select(v => $"\"{v}\""))})", Relation),
                    _ => new($"{fact.Name} {sign} \"{chance.Of(fact.Values)}\"", Equality),
                };

            case "text":
                return chance.Percent(70)
                    ? new($"{fact.Name} {sign} \"{chance.Of(Texts)}\"", Equality)
                    : new($"{fact.Name} in ({string.Join(",", chance.Some(Texts).Select(v => $"\"{v}\""))})", Relation);

            case "list" when fact.Values.Count > 0:
                return new($"{fact.Name}.Contains(\"{chance.Of(fact.Values)}\")", Primary);

            case "integer" or "decimal" or "percentage":
                return Comparison();

            default:
                return null;
        }
    }

    private Piece Comparison()
    {
        var sign = chance.Of(Signs);
        var level = sign is "==" or "!=" ? Equality : Relation;
        var fact = chance.Of(numbers);
        switch (chance.Below(8))
        {
            case 0:
                var values = Enumerable.Range(0, 3).Select(_ => Near(fact)).DistinctBy(v => decimal.Parse(v.TrimEnd('m'), CultureInfo.InvariantCulture));
                return new($"{fact.Name} in ({string.Join(", ", values)})", Relation);
            case 1:
                return new($"{Near(fact)} {sign} {fact.Name}", level);
            case 2 or 3:
                var (left, right) = (Numeric(chance.Below(3)), Numeric(chance.Below(2)));
                if (IsWritten(left) && IsWritten(right)) left = new(fact.Name, Primary);
                return new($"{At(left, level + 1)} {sign} {At(right, level + 1)}", level);
            case 4 when Parameters.Where(p => p.IsNumber).ToList() is { Count: > 0 } known:
                return new($"{chance.Of(known).Name} {sign} {Near(fact)}", level);
            default:
                return new($"{fact.Name} {sign} {Near(fact)}", level);
        }
    }

    private Piece Numeric(int depth)
    {
        if (numbers.Count == 0) return new(chance.Of(["1", "2"]), Primary);
        if (chance.Percent(6) && numbers.Find(f => f.Max > 1e14m) is { } vast) return new($"{vast.Name} * {vast.Name}", Product);
        if (depth <= 0)
        {
            var roll = chance.Below(100);
            if (roll < 25) return new(Near(chance.Of(numbers)), Primary);
            var isParameter = roll < 40 && Parameters.Exists(p => p.IsNumber);
            return new(isParameter ? chance.Of([.. Parameters.Where(p => p.IsNumber)]).Name : chance.Of(numbers).Name, Primary);
        }

        switch (chance.Below(isDerivation ? 16 : 9))
        {
            case < 2:
                return Joined("+", Sum);
            case < 4:
                return Joined("-", Sum);
            case < 6:
                return Joined("*", Product);
            case 6:
                return new($"{At(Truth(depth - 1), Or)} ? {At(Numeric(depth - 1), Choice)} : {At(Numeric(depth - 1), Choice)}", Choice);
            case < 9:
                return new(chance.Of(numbers).Name, Primary);
            case < 12:
                return Joined("/", Product);
            case 12:
                return new($"Math.{chance.Of(["Ceiling", "Floor", "Abs", "Round"])}({Numeric(depth - 1).Text})", Primary);
            case 13:
                return new($"Math.{chance.Of(["Min", "Max"])}({Numeric(depth - 1).Text}, {Numeric(depth - 1).Text})", Primary);
            case 14:
                return new($"{At(Truth(depth - 1), Or)} ? null : {At(Numeric(depth - 1), Choice)}", Choice);
            default:
                return new($"{At(Truth(depth - 1), Or)} ? {At(Numeric(depth - 1), Choice)} : null", Choice);
        }

        // Never two written numbers: that is refused.
        Piece Joined(string sign, int level)
        {
            var (left, right) = (Numeric(depth - 1), Numeric(depth - 1));
            if (IsWritten(left)) left = new(chance.Of(numbers).Name, Primary);
            return new($"{At(left, level)} {sign} {At(right, level + 1)}", level);
        }
    }

    private Piece Discrete(Nameable derived, int depth)
    {
        if (depth > 0 && chance.Percent(70))
            return new($"{At(Truth(depth - 1), Or)} ? {At(Discrete(derived, depth - 1), Choice)} : {At(Discrete(derived, depth - 1), Choice)}", Choice);
        if (chance.Percent(15)) return new("null", Primary);
        if (derived.Type == "boolean") return Truth(depth);
        var same = facts.Where(f => f.Type == "enumeration" && f.Values.SequenceEqual(derived.Values)).ToList();
        return same.Count > 0 && chance.Percent(40) ? new(chance.Of(same).Name, Primary) : new($"\"{chance.Of(derived.Values)}\"", Primary);
    }

    /// <summary>A written number among, beside or beyond the values of a fact.</summary>
    private string Near(Nameable fact)
    {
        var steps = (int)Math.Min((fact.Max - fact.Min) / fact.Step, 20);
        var number = chance.Below(10) switch
        {
            0 => fact.Min - fact.Step,
            1 => fact.Max,
            2 when fact.Step < 10_000 => fact.Min + (fact.Step / 2),
            3 => 0,
            _ => fact.Min + (fact.Step * chance.From(0, steps)),
        };
        var text = (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
        var isFraction = text.Contains('.');
        if (isFraction && !isDerivation || chance.Percent(4)) text += "m";
        return text;
    }

    private static bool IsWritten(Piece piece)
    {
        var text = piece.Text.Trim('(', ')', ' ', '-');
        return text.Length > 0 && char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiDigit(c) || c is '.' or 'm');
    }
}
