using System.Collections.Immutable;
using Advisory.Engine.Json;

namespace Advisory.Engine.Expressions;

/// <summary>Where an expression stands; a rule compares, only a derivation calculates freely.</summary>
internal enum Dialect { Rule, Derivation }

/// <summary>A local or global parameter of a rule file: an expression under an undotted name, read wherever it is named.</summary>
/// <remarks>Whether it is a number is settled here, once: asking its syntax anew at each use takes exponential time where parameters name parameters.</remarks>
internal sealed record Parameter(string Name, ExpressionText Text, JsonNode Node, Syntax Syntax, IReadOnlyDictionary<string, Parameter> Scope, bool IsNumeric);

/// <summary>
/// Checks expressions against the vocabulary and compiles them into one <see cref="Program"/>. Every fault becomes a problem at its
/// place; a faulty expression compiles to unknown, so that the rest of the file is checked too.
/// </summary>
internal sealed class Compiler(IReadOnlyDictionary<string, Fact> facts)
{
    /// <summary>After its parameters are put in, one expression has at most this many nodes.</summary>
    public const int MaxNodes = 1_000;

    /// <summary>And all expressions of a rule set together have at most this many nodes that stand in parameters: short files must not make long programs.</summary>
    public const int MaxNodesInParameters = 50_000;

    /// <summary>Names that the library whose file format we keep reads as something else; in any case of letters.</summary>
    public static readonly ImmutableHashSet<string> ReservedNames = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "true", "false", "null", "it", "parent", "root", "new", "iif", "isnull", "np", "is", "as", "cast", "and", "or", "not", "mod", "eq", "equal", "ne",
        "notequal", "neq", "lt", "lessthan", "le", "lessthanequal", "gt", "greaterthan", "ge", "greaterthanequal", "in", "xor", "shl", "shr",
        "andalso", "orelse", "object", "boolean", "bool", "char", "string", "sbyte", "byte", "int16", "short", "ushort", "int32", "int", "uint", "int64",
        "long", "ulong", "single", "float", "double", "decimal", "datetime", "datetimeoffset", "timespan", "guid", "math", "convert", "uri", "enum");

    private readonly ImmutableArray<Instruction>.Builder code = ImmutableArray.CreateBuilder<Instruction>();
    private readonly ImmutableArray<NodeOrigin>.Builder origins = ImmutableArray.CreateBuilder<NodeOrigin>();
    private readonly List<Number> constants = [];
    private int registers;

    // Of the expression being compiled.
    private JsonNode node = null!;
    private ExpressionText text = null!;
    private Dialect dialect;
    private IReadOnlyDictionary<string, Parameter> scope = NoParameters;
    private HashSet<int> reads = [];
    private int entered;
    private int inside;

    // Of all expressions so far.
    private int enteredInside;

    public static readonly ImmutableDictionary<string, Parameter> NoParameters = ImmutableDictionary.Create<string, Parameter>(StringComparer.Ordinal);

    public int Length => code.Count;

    public Program Build() => new(code.ToImmutable(), origins.ToImmutable(), new(constants), registers);

    /// <summary>Compiles a rule's expression; returns the slots of the facts that it reads.</summary>
    public ImmutableArray<int> CompileRule(JsonNode expression, IReadOnlyDictionary<string, Parameter> parameters, out Syntax? syntax)
    {
        Begin(expression, Dialect.Rule, parameters);
        syntax = Parse(expression);
        if (syntax is null) Unknown(0, 0);
        else Truth(syntax);
        return [.. reads.Order()];
    }

    /// <summary>Compiles the combination of nested rules: each child leaves one node, all are joined by one operator.</summary>
    public void Combine(Op operation, IReadOnlyList<int> children, ExpressionText label)
    {
        var joined = children[0];
        for (var i = 1; i < children.Count; i++) joined = Add(operation, new(label, 0, label.Text.Length), joined, children[i]);
    }

    /// <summary>The condition of the choice that instruction <paramref name="root"/> makes, or -1.</summary>
    public int ConditionOf(int root) => root >= 0 && code[root].Op == Op.Choose ? code[root].A : -1;

    /// <summary>Compiles a derivation of <paramref name="fact"/>; returns the slots that it reads and the register of its value.</summary>
    public (ImmutableArray<int> Reads, int Register) CompileDerivation(JsonNode expression, Fact fact)
    {
        Begin(expression, Dialect.Derivation, NoParameters);
        var register = -1;
        if (Parse(expression) is { } syntax) register = fact.IsNumber ? Number(syntax) : Value(syntax, fact.Domain!);
        if (register < 0) register = EmitValue(Op.NoFigure, 0, expression.Text.Length);
        return ([.. reads.Order()], register);
    }

    /// <summary>Parses the expression of a parameter, or reports why not.</summary>
    public static Syntax? Parse(JsonNode expression)
    {
        try
        {
            return Parser.Parse(expression.Text);
        }
        catch (ExpressionException fault)
        {
            Report(expression, fault.Index, fault.Code, fault.Message, fault.Hint);
            return null;
        }
    }

    private void Begin(JsonNode expression, Dialect dialect, IReadOnlyDictionary<string, Parameter> parameters)
    {
        node = expression;
        text = new(expression.Text, null);
        this.dialect = dialect;
        scope = parameters;
        reads = [];
        entered = 0;
    }

    private static void Report(JsonNode node, int index, string code, string message, string? hint = null) =>
        node.Source.Add(node.Source.InsideString(node.Offset, index), code, message, hint);

    private void Report(Syntax at, string code, string message, string? hint = null) => Report(node, at.Start, code, message, hint);

    // ---- truths: each returns the index of its instruction ----

    private int Truth(Syntax syntax)
    {
        if (Bound(syntax) is { } stopped) return stopped;
        switch (syntax)
        {
            case Syntax.Not not:
                return Emit(Op.Not, syntax, Truth(not.Operand));

            case Syntax.Binary { Operator: "&&" or "||" } both:
                var left = Truth(both.Left);
                var right = Truth(both.Right);
                return Emit(both.Operator == "&&" ? Op.And : Op.Or, syntax, left, right);

            case Syntax.Conditional choice:
                var condition = Truth(choice.Condition);
                var then = Truth(choice.Then);
                var otherwise = Truth(choice.Else);
                return Emit(Op.Choose, syntax, condition, then, otherwise);

            case Syntax.Name name when scope.TryGetValue(name.Value, out var parameter):
                return Inside(parameter, Truth);

            default:
                return Condition(syntax);
        }
    }

    // Apart from Truth, which recurses a thousand deep where parameters name parameters and so must not need much stack.
    private int Condition(Syntax syntax)
    {
        switch (syntax)
        {
            case Syntax.Boolean constant:
                return Emit(Op.Constant, syntax, constant.Value ? 1 : -1);

            case Syntax.Binary { Operator: "==" or "!=" or "<" or "<=" or ">" or ">=" } comparison:
                return Comparison(comparison);

            case Syntax.In among:
                return Among(among);

            case Syntax.Call { Function: var function } call when function.EndsWith(".Contains", StringComparison.Ordinal):
                return Contains(call, function[..^".Contains".Length]);

            case Syntax.Name name when Find(name) is { } fact:
                if (fact.Type == FactType.Boolean) Report(syntax, "type", $"`{fact}` is not compared with anything", $"write `{fact} == true`");
                else Report(syntax, "type", $"`{fact}` is {Describe(fact)}, not a condition", "compare it with a value");
                return Unknown(syntax);

            case Syntax.Name:
                return Unknown(syntax);

            case Syntax.Call call:
                if (!IsKnownFunction(call)) return Unknown(syntax);
                break;
        }

        Report(syntax, "type", "a condition was expected here, not " + Describe(syntax));
        return Unknown(syntax);
    }

    private int Comparison(Syntax.Binary comparison)
    {
        var (left, right, sign) = (comparison.Left, comparison.Right, comparison.Operator);

        // A written value on the left reads the same with the sides exchanged.
        if (IsWritten(left) && !IsWritten(right)) (left, right, sign) = (right, left, Mirror(sign));

        if (right is Syntax.Null) return NullTest(comparison, left, sign);
        if (IsWritten(left))
        {
            Report(comparison, "constant", "this compares two written values, so no fact matters");
            return Unknown(comparison);
        }

        if (comparison is { Operator: not ("==" or "!="), Left: Syntax.Binary { Operator: "<" or "<=" or ">" or ">=" } first })
        {
            Report(node, comparison.OperatorAt, "type", "comparisons do not chain", $"write `{Written(first)} && {Written(first.Right)} {comparison.Operator} {Written(comparison.Right)}`");
            return Unknown(comparison);
        }

        var isNumeric = IsNumeric(left, scope) || IsNumeric(right, scope);
        if (isNumeric) return NumberComparison(comparison, left, right, sign);

        if (left is not Syntax.Name name)
        {
            Report(left, "type", "a fact was expected here, not " + Describe(left),
                left is Syntax.Conditional or Syntax.Binary or Syntax.Not ? "a condition is not compared; write it, or `!( … )`" : null);
            return Unknown(comparison);
        }

        if (scope.ContainsKey(name.Value))
        {
            Report(left, "type", $"the parameter `{name.Value}` is a condition and is not compared with anything");
            return Unknown(comparison);
        }

        if (Find(name) is not { } fact)
        {
            if (right is Syntax.Name other && !scope.ContainsKey(other.Value)) Find(other);
            return Unknown(comparison);
        }

        if (sign is not ("==" or "!="))
        {
            Report(node, comparison.OperatorAt, "type", $"`{fact}` is {Describe(fact)}, which has no order", "only numbers compare with `" + sign + "`");
            return Unknown(comparison);
        }

        if (fact.Domain is null || fact.Type == FactType.List)
        {
            Report(left, "type", $"`{fact}` is {Describe(fact)}, which is not compared with `{sign}`", fact.Type == FactType.List ? $"write `{fact}.Contains(\"…\")`" : null);
            return Unknown(comparison);
        }

        if (right is Syntax.Name second && !scope.ContainsKey(second.Value))
        {
            if (Find(second) is not { } otherFact) return Unknown(comparison);
            if (otherFact.Type == fact.Type && fact.Type != FactType.Text && otherFact.Domain!.IsSameAs(fact.Domain)) return Emit(sign == "==" ? Op.SameValue : Op.OtherValue, comparison, fact.Slot, otherFact.Slot);
            Report(right, "type", $"`{fact}` and `{otherFact}` do not have the same values");
            return Unknown(comparison);
        }

        if (LiteralBit(fact, right) is not { } bit) return Unknown(comparison);
        return Emit(Op.Test, comparison, fact.Slot, mask: sign == "==" ? bit : Domain.All & ~bit);
    }

    private int NullTest(Syntax comparison, Syntax left, string sign)
    {
        if (left is not Syntax.Name name || scope.ContainsKey(name.Value) || sign is not ("==" or "!="))
        {
            Report(comparison, "type", "only a fact is compared with `null`, by `==` or `!=`");
            return Unknown(comparison);
        }

        return Find(name) is { } fact ? Emit(sign == "==" ? Op.IsUnknown : Op.IsKnown, comparison, fact.Slot) : Unknown(comparison);
    }

    private int NumberComparison(Syntax.Binary comparison, Syntax left, Syntax right, string sign)
    {
        var operation = sign switch
        {
            "<" => Op.Less,
            "<=" => Op.LessOrEqual,
            ">" => Op.Greater,
            ">=" => Op.GreaterOrEqual,
            "==" => Op.Equal,
            _ => Op.NotEqual,
        };

        if (left is Syntax.Name name && !scope.ContainsKey(name.Value) && right is Syntax.Number written)
        {
            if (Find(name) is not { IsNumber: true } fact) return NotANumber(left, comparison);
            CheckNotation(written);
            return Emit(operation, comparison, fact.Slot, Constant(written.Value));
        }

        var (a, b) = (Number(left), Number(right));
        return a < 0 || b < 0 ? Unknown(comparison) : Emit(Op.Compare, comparison, a, b, (int)operation);
    }

    private int Among(Syntax.In among)
    {
        if (among.Left is not Syntax.Name name || scope.ContainsKey(name.Value))
        {
            Report(among.Left, "type", "a fact was expected before `in`, not " + Describe(among.Left));
            return Unknown(among);
        }

        if (Find(name) is not { } fact) return Unknown(among);
        if (fact.IsNumber)
        {
            var first = constants.Count;
            var seen = new HashSet<decimal>();
            foreach (var value in among.Values)
            {
                if (value is Syntax.Number number)
                {
                    CheckNotation(number);
                    if (!seen.Add(number.Value)) Report(value, "duplicate-value", "this value is listed twice");
                    constants.Add(number.Value);
                }
                else
                {
                    Report(value, "type", $"`{fact}` is a number, not {Describe(value)}");
                }
            }

            return Emit(Op.AmongNumbers, among, fact.Slot, first, constants.Count - first);
        }

        if (fact.Domain is null || fact.Type == FactType.List)
        {
            Report(among.Left, "type", $"`{fact}` is {Describe(fact)}, which is not looked up with `in`");
            return Unknown(among);
        }

        var mask = 0UL;
        foreach (var value in among.Values)
        {
            if (LiteralBit(fact, value) is not { } bit) continue;
            if ((mask & bit) != 0) Report(value, "duplicate-value", "this value is listed twice");
            mask |= bit;
        }

        return Emit(Op.Test, among, fact.Slot, mask: mask);
    }

    private int Contains(Syntax.Call call, string list)
    {
        if (Find(new Syntax.Name(list, call.Start, call.Start + list.Length)) is not { } fact) return Unknown(call);
        if (fact.Type != FactType.List || fact.Domain is null)
        {
            Report(call, "type", fact.Type == FactType.List
                ? $"the list `{fact}` has no declared values, so rules cannot look into it"
                : $"`{fact}` is {Describe(fact)}, not a list");
            return Unknown(call);
        }

        if (call.Arguments is not [var value])
        {
            Report(call, "type", "`Contains` takes one text, such as `Contains(\"x\")`");
            return Unknown(call);
        }

        return LiteralBit(fact, value) is { } bit ? Emit(Op.Test, call, fact.Slot, mask: bit) : Unknown(call);
    }

    // ---- numbers: each returns its register, or -1 after a problem ----

    private int Number(Syntax syntax)
    {
        if (Bound(syntax) is not null) return -1;
        switch (syntax)
        {
            case Syntax.Number written:
                CheckNotation(written);
                return EmitValue(Op.Number, syntax, Constant(written.Value));

            case Syntax.Name name when scope.TryGetValue(name.Value, out var parameter):
                return Inside(parameter, Number);

            case Syntax.Name name:
                if (Find(name) is not { } fact) return -1;
                if (fact.IsNumber) return EmitValue(Op.LoadNumber, syntax, fact.Slot);
                Report(syntax, "type", $"`{fact}` is {Describe(fact)}, not a number");
                return -1;

            case Syntax.Null when dialect == Dialect.Derivation:
                return EmitValue(Op.NoFigure, syntax);

            case Syntax.Conditional choice:
                var condition = Truth(choice.Condition);
                var (then, otherwise) = (Number(choice.Then), Number(choice.Else));
                return then < 0 || otherwise < 0 ? -1 : EmitValue(Op.ChooseNumber, syntax, condition, then, otherwise);

            case Syntax.Binary { Operator: "+" or "-" or "*" or "/" } sum:
                if (sum.Left is Syntax.Number && sum.Right is Syntax.Number)
                {
                    Report(syntax, "constant", "this calculates with written numbers only", "write the result");
                    return -1;
                }

                if (sum.Operator == "/" && dialect == Dialect.Rule)
                {
                    Report(node, sum.OperatorAt, "derivation-only", "`/` is part of derivations only", "declare a derived fact in the vocabulary and compare that");
                    return -1;
                }

                var (left, right) = (Number(sum.Left), Number(sum.Right));
                return left < 0 || right < 0 ? -1 : EmitValue(sum.Operator switch { "+" => Op.Add, "-" => Op.Subtract, "*" => Op.Multiply, _ => Op.Divide }, syntax, left, right);

            case Syntax.Call call:
                return Function(call);
        }

        Report(syntax, "type", "a number was expected here, not " + Describe(syntax));
        return -1;
    }

    private static readonly Dictionary<string, (Op Op, int Arguments)> Functions = new(StringComparer.Ordinal)
    {
        ["Math.Ceiling"] = (Op.Ceiling, 1),
        ["Math.Floor"] = (Op.Floor, 1),
        ["Math.Abs"] = (Op.Absolute, 1),
        ["Math.Round"] = (Op.Round, 1),
        ["Math.Min"] = (Op.Minimum, 2),
        ["Math.Max"] = (Op.Maximum, 2),
    };

    private int Function(Syntax.Call call)
    {
        if (!IsKnownFunction(call)) return -1;
        var (operation, count) = Functions[call.Function];
        if (dialect == Dialect.Rule)
        {
            Report(call, "derivation-only", $"`{call.Function}` is part of derivations only", "declare a derived fact in the vocabulary and compare that");
            return -1;
        }

        if (call.Arguments.Length != count)
        {
            Report(call, "type", FormattableString.Invariant($"`{call.Function}` takes {count} number{(count == 1 ? "" : "s")}, not {call.Arguments.Length}"));
            return -1;
        }

        var a = Number(call.Arguments[0]);
        var b = count == 2 ? Number(call.Arguments[1]) : 0;
        return a < 0 || b < 0 ? -1 : EmitValue(operation, call, a, b);
    }

    private bool IsKnownFunction(Syntax.Call call)
    {
        if (Functions.ContainsKey(call.Function)) return true;
        Report(call, "unknown-function", $"`{JsonNode.Shorten(call.Function)}` is not part of the language",
            Suggestion.For(call.Function, Functions.Keys) ?? "the calls are `list.Contains(\"x\")` and, in derivations, " + string.Join(", ", Functions.Keys));
        return false;
    }

    // ---- discrete values of a derivation ----

    private int Value(Syntax syntax, Domain domain)
    {
        if (Bound(syntax) is not null) return -1;
        switch (syntax)
        {
            case Syntax.Null:
                return EmitValue(Op.NoFigure, syntax);

            case Syntax.Conditional choice:
                var condition = Truth(choice.Condition);
                var (then, otherwise) = (Value(choice.Then, domain), Value(choice.Else, domain));
                return then < 0 || otherwise < 0 ? -1 : EmitValue(Op.ChooseValue, syntax, condition, then, otherwise);

            case Syntax.Text text when !ReferenceEquals(domain, Domain.Boolean):
                var bit = domain.Bit(text.Value);
                if (bit != 0) return EmitValue(Op.Value, syntax, mask: bit);
                Report(syntax, "unknown-value", $"unknown value \"{JsonNode.Shorten(text.Value)}\"", domain.Hint(text.Value));
                return -1;

            case Syntax.Name name when !ReferenceEquals(domain, Domain.Boolean):
                if (Find(name) is not { } fact) return -1;
                if (fact.Type == FactType.Enumeration && fact.Domain!.IsSameAs(domain)) return EmitValue(Op.LoadValue, syntax, fact.Slot);
                Report(syntax, "type", $"`{fact}` is {Describe(fact)}, not an enumeration with the values of the fact that is derived");
                return -1;

            default:
                if (ReferenceEquals(domain, Domain.Boolean)) return EmitValue(Op.FromTruth, syntax, Truth(syntax));
                Report(syntax, "type", "a text in double quotes was expected here, not " + Describe(syntax));
                return -1;
        }
    }

    // ---- names, values, types ----

    private Fact? Find(Syntax.Name name)
    {
        if (facts.TryGetValue(name.Value, out var fact))
        {
            reads.Add(fact.Slot);
            return fact;
        }

        var isUndotted = !name.Value.Contains('.', StringComparison.Ordinal);
        Report(name, isUndotted ? "unknown-name" : "unknown-fact",
            isUndotted ? $"unknown name `{JsonNode.Shorten(name.Value)}`" : $"unknown fact `{JsonNode.Shorten(name.Value)}`",
            Suggestion.For(name.Value, isUndotted ? scope.Keys.Concat(facts.Keys) : facts.Keys)
            ?? (ReservedNames.Contains(name.Value) ? $"`{name.Value}` is not part of the language" : null));
        return null;
    }

    private ulong? LiteralBit(Fact fact, Syntax value)
    {
        switch (value, fact.Type)
        {
            case (Syntax.Boolean boolean, FactType.Boolean):
                return Domain.BooleanBit(boolean.Value);
            case (Syntax.Text written, FactType.Enumeration or FactType.Text or FactType.List):
                var bit = fact.Domain!.BitForExpression(written.Value);
                if (bit != 0) return bit;
                if (fact.Type == FactType.Text) Report(value, "expression-bound", FormattableString.Invariant($"`{fact}` is compared with more than {Domain.MaxValues} texts"));
                else Report(value, "unknown-value", $"`{fact}` has no value \"{JsonNode.Shorten(written.Value)}\"", fact.Domain.Hint(written.Value));
                return null;
            case (Syntax.Text written, FactType.Boolean) when written.Value is "true" or "false":
                Report(value, "type", $"`{fact}` is true or false, not text", $"write {written.Value} without quotes");
                return null;
            default:
                Report(value, "type", $"`{fact}` is {Describe(fact)}, not {Describe(value)}");
                return null;
        }
    }

    private int NotANumber(Syntax left, Syntax comparison)
    {
        if (left is Syntax.Name name && facts.TryGetValue(name.Value, out var fact)) Report(left, "type", $"`{fact}` is {Describe(fact)}, not a number");
        return Unknown(comparison);
    }

    private void CheckNotation(Syntax.Number number)
    {
        if (number.IsBareFraction && dialect == Dialect.Rule)
            Report(number, "number-notation", "a fraction in a rule ends in `m`", $"write `{text.Text[number.Start..number.End]}m`");
    }

    private static bool IsWritten(Syntax syntax) => syntax is Syntax.Number or Syntax.Text or Syntax.Boolean or Syntax.Null;

    /// <summary>Whether an expression, if it has no fault, is a number.</summary>
    public bool IsNumeric(Syntax syntax, IReadOnlyDictionary<string, Parameter> parameters) => syntax switch
    {
        Syntax.Number or Syntax.Binary { Operator: "+" or "-" or "*" or "/" } => true,
        Syntax.Call call => Functions.ContainsKey(call.Function),
        Syntax.Name name => parameters.TryGetValue(name.Value, out var parameter) ? parameter.IsNumeric : facts.TryGetValue(name.Value, out var fact) && fact.IsNumber,
        Syntax.Conditional choice => IsNumeric(choice.Then, parameters) || IsNumeric(choice.Else, parameters),
        _ => false,
    };

    private static string Mirror(string sign) => sign switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => sign,
    };

    private string Written(Syntax syntax) => JsonNode.Shorten(text.Text[syntax.Start..syntax.End]);

    private static string Describe(Fact fact) => fact.Type switch
    {
        FactType.Boolean => "true or false",
        FactType.Enumeration => "an enumeration",
        FactType.List => "a list",
        FactType.Text => "text",
        FactType.Date => "a date",
        _ => "a number",
    };

    private static string Describe(Syntax syntax) => syntax switch
    {
        Syntax.Number => "a number",
        Syntax.Text written => $"\"{JsonNode.Shorten(written.Value)}\"",
        Syntax.Boolean boolean => boolean.Value ? "`true`" : "`false`",
        Syntax.Null => "`null`",
        Syntax.Name name => $"`{JsonNode.Shorten(name.Value)}`",
        Syntax.Binary { Operator: "+" or "-" or "*" or "/" } => "a calculation",
        Syntax.Call => "a call",
        _ => "a condition",
    };

    // ---- emission ----

    /// <summary>Compiles a parameter where it is named: its own text, its own scope, marked in the trace with its name.</summary>
    private int Inside(Parameter parameter, Func<Syntax, int> compile)
    {
        var (outerNode, outerText, outerScope) = (node, text, scope);
        (node, text, scope) = (parameter.Node, parameter.Text, parameter.Scope);
        inside++;
        var result = compile(parameter.Syntax);
        inside--;
        (node, text, scope) = (outerNode, outerText, outerScope);
        return result;
    }

    // Parameters that name parameters grow exponentially: the count of nodes entered is the bound.
    private int? Bound(Syntax syntax)
    {
        if (inside > 0 && ++enteredInside > MaxNodesInParameters)
        {
            if (enteredInside == MaxNodesInParameters + 1)
                Report(syntax, "expression-bound", FormattableString.Invariant($"up to here the rule set has more than {MaxNodesInParameters} nodes that stand in parameters"), "declare a derived fact in the vocabulary and compare that");
            return Unknown(syntax);
        }

        if (++entered <= MaxNodes) return null;
        if (entered == MaxNodes + 1)
            Report(syntax, "expression-bound", FormattableString.Invariant($"with its parameters put in, the expression has more than {MaxNodes} nodes"));
        return Unknown(syntax);
    }

    private int Constant(decimal value)
    {
        constants.Add(value);
        return constants.Count - 1;
    }

    private int Unknown(Syntax syntax) => Unknown(syntax.Start, syntax.End);

    private int Unknown(int start, int end) => Add(Op.Constant, new(text, start, end));

    private int Emit(Op operation, Syntax syntax, int a = 0, int b = 0, int c = 0, ulong mask = 0) =>
        Add(operation, new(text, syntax.Start, syntax.End), a, b, c, mask);

    private int Add(Op operation, NodeOrigin origin, int a = 0, int b = 0, int c = 0, ulong mask = 0, int target = 0)
    {
        code.Add(new(operation, a, b, c, target, mask));
        origins.Add(origin);
        return code.Count - 1;
    }

    private int EmitValue(Op operation, Syntax syntax, int a = 0, int b = 0, int c = 0, ulong mask = 0)
    {
        Add(operation, new(text, syntax.Start, syntax.End), a, b, c, mask, registers);
        return registers++;
    }

    private int EmitValue(Op operation, int start, int end)
    {
        Add(operation, new(text, start, end), target: registers);
        return registers++;
    }
}
