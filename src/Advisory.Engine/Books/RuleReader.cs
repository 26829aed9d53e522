using System.Collections.Frozen;
using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;

namespace Advisory.Engine.Books;

/// <summary>Reads a rule set, which is a RulesEngine workflow with our members beside its own, and compiles it.</summary>
internal sealed class RuleReader(
    Dictionary<string, Fact> facts,
    ImmutableArray<Fact> slots,
    Derivations derivations,
    ImmutableArray<Mission> missions,
    FrozenDictionary<string, Statement> statements,
    SortedDictionary<string, JsonNode> files)
{
    private const int MaxRules = 100_000;
    private const int MaxNestedRules = 10;

    private static readonly FrozenDictionary<string, Op> Operators = new Dictionary<string, Op>
    {
        ["And"] = Op.And,
        ["AndAlso"] = Op.And,
        ["Or"] = Op.Or,
        ["OrElse"] = Op.Or,
    }.ToFrozenDictionary();

    private static readonly ImmutableArray<string> WorkflowMembers = ["$schema", "WorkflowName", "RuleExpressionType", "Outcomes", "Strengths", "When", "Each", "GlobalParams", "Rules", "WorkflowsToInject"];

    private readonly Dictionary<string, JsonNode> ruleNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> seenInSet = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ImmutableArray<int>> deep = derivations.InOrder.ToDictionary(d => d.Fact.Slot, d => d.ReadsDeeply);

    private readonly HashSet<string> roots = new(facts.Keys.Select(name => name.Split('.')[0]), StringComparer.OrdinalIgnoreCase);

    /// <summary>Files that other rule sets inject, and that therefore need not be questions themselves.</summary>
    public HashSet<string> Injected { get; } = new(StringComparer.Ordinal);

    public RuleSet? Read(string id, int index, LocalText title, LocalText? help, bool perMission, ImmutableArray<string> notFor, ImmutableArray<RecordKind> records, JsonNode question)
    {
        if (!Names.IsFileName(id) || id is "book" or "vocabulary" or "readings" or "statements")
        {
            question.Problem("name", $"`{JsonNode.Shorten(id)}` is not a name for a question", "lower case letters, digits, `-` and `_`");
            return null;
        }

        if (!files.TryGetValue(id + ".json", out var node))
        {
            question.Problem("missing-file", $"the question `{id}` has no file `{id}.json`");
            return null;
        }

        if (JsonObject.From(node, id) is not { } file) return null;
        file.OptionalText("$schema");
        if (file.Text("WorkflowName") is { } workflow && workflow != id) file.At("WorkflowName")!.Problem("name", $"the workflow is called `{JsonNode.Shorten(workflow)}`, the file and the question `{id}`");
        if (file.Optional("RuleExpressionType") is { } expressionType && !(expressionType.Kind == JsonKind.Number && expressionType.Number == 0)) expressionType.Problem("unknown-value", "`RuleExpressionType` of a workflow is the number 0");

        var outcomes = file.OptionalTexts("Outcomes");
        if (outcomes.Length < 2) node.Problem("missing-member", "`Outcomes` lists at least two outcomes, most severe first");
        foreach (var twice in file.OptionalList("Outcomes").Where(node => node.Kind == JsonKind.Text).GroupBy(node => node.Text).SelectMany(same => same.Skip(1))) twice.Problem("duplicate-value", $"the outcome `{JsonNode.Shorten(twice.Text)}` is listed twice");
        if (outcomes.Contains(RuleBook.NotAssessed)) file.At("Outcomes")!.Problem("reserved-name", $"`{RuleBook.NotAssessed}` is the engine's own outcome");
        var strengths = Strengths(file, outcomes);

        var each = file.OptionalText("Each");
        var kind = each is null ? null : records.FirstOrDefault(r => r.Name == each);
        if (each is not null && kind is null) file.At("Each")!.Problem("unknown-value", $"`book.json` declares no records `{JsonNode.Shorten(each)}`", Suggestion.For(each, records.Select(r => r.Name)));

        seenInSet.Clear();
        var compiler = new Compiler(facts);
        ImmutableArray<int> whenReads = [];
        string? when = null;
        if (file.Optional("When") is { Kind: JsonKind.Text } condition)
        {
            when = condition.Text;
            whenReads = compiler.CompileRule(condition, Compiler.NoParameters, out _);
            RefuseContext(whenReads, condition);
        }
        else if (file.Optional("When") is { } wrong)
        {
            JsonObject.Wrong(wrong, "When", "text");
        }

        var whenEnd = compiler.Length;
        var globals = Parameters(file, "GlobalParams", compiler, Compiler.NoParameters);
        var rules = ImmutableArray.CreateBuilder<Rule>();
        foreach (var rule in RuleNodes(file, id + ".json", []))
            if (Rule(rule, compiler, globals, strengths, isOwn: ReferenceEquals(rule.Source, node.Source)) is { } read)
                rules.Add(read);
        file.NoOthers();
        if (rules.Count > MaxRules) node.Problem("too-many", FormattableString.Invariant($"{rules.Count} rules; at most {MaxRules}"));

        return new()
        {
            Index = index,
            At = question.Place,
            NotFor = notFor,
            Id = id,
            Title = title,
            Help = help,
            PerMission = perMission && kind is null,
            Each = kind,
            Outcomes = outcomes,
            Strengths = strengths,
            Rules = rules.ToImmutable(),
            When = when,
            WhenEnd = whenEnd,
            WhenReads = whenReads,
            Program = compiler.Build(),
        };
    }

    private static ImmutableArray<Strength> Strengths(JsonObject file, ImmutableArray<string> outcomes)
    {
        if (file.Required("Strengths") is not { } node || JsonObject.From(node, "Strengths") is not { } all) return [];
        var strengths = ImmutableArray.CreateBuilder<Strength>();
        foreach (var member in all.All())
        {
            if (!Strength.Tokens.Contains(member.Name))
            {
                node.Source.Add(member.Offset, "unknown-strength", $"unknown strength `{JsonNode.Shorten(member.Name)}`", Suggestion.OneOf(member.Name, Strength.Tokens));
                continue;
            }

            if (JsonObject.From(member.Value, member.Name) is not { } leads) continue;
            var strength = new Strength(member.Name) { OnFalse = Outcome(leads, "false"), OnUnknown = Outcome(leads, "unknown"), OnTrue = Outcome(leads, "true") };
            strengths.Add(strength);
            leads.NoOthers();

            // An unknown must not pass where a no does not: only an unknown review trigger is left open, and listed so.
            if (strength.OnUnknown < 0 && (strength.OnFalse >= 0 || (strength.OnTrue >= 0 && strength.Token != "review")))
                member.Value.Problem("unknown-passes", $"an unknown rule of strength `{strength.Token}` would lead to the best outcome", "say what follows from `unknown`");
            if (strength.IsDeciding && strength is { OnFalse: < 0, OnTrue: < 0 })
                member.Value.Problem("unknown-passes", $"a rule of strength `{strength.Token}` decides, so it must lead somewhere", "say what follows from `false`, or for a signal from `true`");
        }

        return strengths.ToImmutable();

        int Outcome(JsonObject leads, string truth)
        {
            if (leads.OptionalText(truth) is not { } outcome) return -1;
            var rank = outcomes.IndexOf(outcome);
            if (rank < 0) leads.At(truth)!.Problem("unknown-outcome", $"`{JsonNode.Shorten(outcome)}` is not among the outcomes", Suggestion.For(outcome, outcomes));
            if (rank == outcomes.Length - 1) leads.At(truth)!.Problem("unknown-outcome", $"no rule leads to the best outcome `{JsonNode.Shorten(outcome)}`; it is what remains");
            return rank;
        }
    }

    /// <summary>The rules of a workflow, and behind them those of the workflows that it injects; resolved here, once.</summary>
    private List<JsonNode> RuleNodes(JsonObject file, string name, HashSet<string> seen)
    {
        if (seen.Count > 0 && file.At("GlobalParams") is { } parameters) parameters.Problem("injected-parameters", "the parameters of an injected workflow do not come with it", "move them into the rules as `LocalParams`");
        seen.Add(name);
        var rules = new List<JsonNode>(file.OptionalList("Rules"));
        foreach (var injected in file.OptionalList("WorkflowsToInject"))
        {
            if (JsonObject.AsText(injected, "WorkflowsToInject") is not { } workflow) continue;
            if (!files.TryGetValue(workflow + ".json", out var node)) injected.Problem("missing-file", $"there is no workflow `{JsonNode.Shorten(workflow)}`", Suggestion.For(workflow, files.Keys.Select(Names.WithoutEnding)));
            else if (seen.Contains(workflow + ".json")) injected.Problem("cycle", $"the workflow `{JsonNode.Shorten(workflow)}` is injected twice or injects itself");
            else if (JsonObject.From(node, workflow) is { } other)
            {
                Injected.Add(workflow + ".json");
                rules.AddRange(RuleNodes(other, workflow + ".json", seen));
                foreach (var member in WorkflowMembers) other.Optional(member);
                other.NoOthers();
            }
        }

        if (rules.Count == 0) file.At("WorkflowName")?.Problem("missing-member", "the workflow has no rules");
        return rules;
    }

    private Rule? Rule(JsonNode node, Compiler compiler, ImmutableDictionary<string, Parameter> globals, ImmutableArray<Strength> strengths, bool isOwn)
    {
        if (JsonObject.From(node, "Rules") is not { } item || item.Text("RuleName") is not { } name) return null;
        if (!seenInSet.Add(name) || (isOwn && !ruleNames.TryAdd(name, node))) item.At("RuleName")!.Problem("duplicate-id", $"the rule `{JsonNode.Shorten(name)}` is defined twice");
        if (!IsRuleName(name)) item.At("RuleName")!.Problem("name", $"`{JsonNode.Shorten(name)}` is not a name for a rule", "letters, digits, `-`, `_` and `.`, at most 64");

        var signal = item.OptionalText("SuccessEvent");
        var start = compiler.Length;
        var reads = new SortedSet<int>();
        var guarded = false;
        Expression(item, node, compiler, globals, reads, ref guarded, depth: 0);
        var end = compiler.Length;
        var isEnabled = item.OptionalBoolean("Enabled", true);

        if (item.Required("Properties") is not { } propertiesNode || JsonObject.From(propertiesNode, "Properties") is not { } properties)
        {
            item.NoOthers();
            return null;
        }

        item.NoOthers();
        var (byOption, reading) = StrengthOf(properties, strengths);
        var fallback = Event(item, signal, byOption);
        var (about, mask) = MissionsOf(properties);
        var cited = properties.OptionalTexts("Statements");
        if (cited.Length == 0) propertiesNode.Problem("missing-member", $"`{JsonNode.Shorten(name)}` names no `Statements`");
        if (statements.Count > 0)
        {
            foreach (var statement in properties.OptionalList("Statements"))
                if (statement.Kind == JsonKind.Text && !statements.ContainsKey(statement.Text))
                    statement.Problem("unknown-statement", $"unknown statement `{JsonNode.Shorten(statement.Text)}`", Suggestion.For(statement.Text, statements.Keys));
        }

        RefuseContext(reads, item.At("Expression") ?? node);

        var rule = new Rule
        {
            At = item.At("RuleName")!.Place,
            ExpressionAt = (item.At("Expression") ?? node).Place,
            PropertiesAt = propertiesNode.Place,
            Name = name,
            Title = properties.Local("Title"),
            Reason = properties.Local("Reason"),
            Rationale = properties.OptionalLocal("Rationale"),
            Room = properties.OptionalLocal("Room"),
            Expression = item.At("Expression") is { Kind: JsonKind.Text } text && item.At("Operator") is null ? text.Text : "",
            Statements = cited,
            Waivable = properties.OptionalBoolean("Waivable", false),
            Owner = properties.OptionalText("Owner"),
            ReviewBy = properties.OptionalDate("ReviewBy"),
            Event = signal,
            Fallback = fallback,
            Missions = about,
            MissionMask = mask,
            StrengthByOption = byOption,
            StrengthReading = reading,
            Facts = [.. reads.Select(slot => slots[slot].Name)],
            Start = start,
            End = end,
            Guard = guarded && signal is null ? compiler.ConditionOf(end - 1) : -1,
            Reads = [.. reads],
            ReadsDeeply = [.. reads.Concat(reads.SelectMany(slot => deep.GetValueOrDefault(slot, []))).Concat(reading is null ? [] : [reading.Slot]).Distinct().Order()],
        };
        properties.NoOthers();
        return isEnabled ? rule : null;
    }

    /// <summary>Compiles a rule's own expression, or those of its nested rules joined by its operator.</summary>
    private void Expression(JsonObject rule, JsonNode node, Compiler compiler, ImmutableDictionary<string, Parameter> outer, SortedSet<int> reads, ref bool guarded, int depth)
    {
        var scope = Parameters(rule, "LocalParams", compiler, outer);
        if (rule.Optional("RuleExpressionType") is { } type && !(type is { Kind: JsonKind.Text, Text: "LambdaExpression" } or { Kind: JsonKind.Number, Number: 0 })) type.Problem("unknown-value", "`RuleExpressionType` is \"LambdaExpression\"");
        if (rule.Optional("Actions") is { } actions) actions.Problem("not-supported", "a rule here states what holds and does nothing, so it has no `Actions`");
        if (rule.Optional("ErrorMessage") is { } message)
        {
            if (message.Kind != JsonKind.Text) JsonObject.Wrong(message, "ErrorMessage", "text");
            else message.Source.Add(message.Offset, "error-message", "`ErrorMessage` is one language and shows only some failures", "write `Reason`", Severity.Warning);
        }


        var own = rule.Optional("Expression");
        var operation = rule.OptionalText("Operator");
        var children = rule.OptionalList("Rules");
        if (operation is null && children.Length == 0)
        {
            if (rule.Required("Expression") is not { } expression) return;
            if (expression.Kind != JsonKind.Text)
            {
                JsonObject.Wrong(expression, "Expression", "text");
                return;
            }

            reads.UnionWith(compiler.CompileRule(expression, scope, out var syntax));
            guarded = depth == 0 && syntax is Syntax.Conditional { Else: Syntax.Boolean { Value: true } };
            return;
        }

        if (operation is null)
        {
            rule.At("Rules")!.Problem("missing-member", "nested `Rules` need an `Operator`", "`And` or `Or`");
            return;
        }

        if (!Operators.TryGetValue(operation, out var op))
        {
            rule.At("Operator")!.Problem("unknown-value", $"unknown operator `{JsonNode.Shorten(operation)}`", "one of And, AndAlso, Or, OrElse");
            return;
        }

        if (children.Length == 0 || depth == MaxNestedRules)
        {
            node.Problem("nested-rules", children.Length == 0 ? "an `Operator` needs nested `Rules`" : FormattableString.Invariant($"rules nest more than {MaxNestedRules} levels deep"));
            return;
        }

        own?.Problem("nested-rules", "a rule with an `Operator` has no `Expression` of its own");
        var roots = new List<int>();
        foreach (var child in children)
        {
            if (JsonObject.From(child, "Rules") is not { } nested) continue;
            nested.Text("RuleName");
            var inner = false;
            Expression(nested, child, compiler, scope, reads, ref inner, depth + 1);
            nested.NoOthers();
            roots.Add(compiler.Length - 1);
        }

        if (roots.Count > 0) compiler.Combine(op, roots, new(operation + ": " + string.Join(", ", children.Select(c => JsonObject.From(c, "Rules")?.At("RuleName")?.Text ?? "?")), null));
    }

    private ImmutableDictionary<string, Parameter> Parameters(JsonObject item, string member, Compiler compiler, ImmutableDictionary<string, Parameter> outer)
    {
        var scope = outer;
        var list = item.OptionalList(member);
        foreach (var node in list)
        {
            if (JsonObject.From(node, member) is not { } parameter) continue;
            var (name, expression) = (parameter.Text("Name"), parameter.Required("Expression"));
            parameter.NoOthers();
            if (name is null || expression is null) continue;
            if (expression.Kind != JsonKind.Text)
            {
                JsonObject.Wrong(expression, "Expression", "text");
                continue;
            }

            var at = parameter.At("Name")!;
            if (!IsParameterName(name)) at.Problem("name", $"`{JsonNode.Shorten(name)}` is not a name for a parameter", "letters, digits and `_`, without a dot");
            else if (roots.Contains(name)) at.Problem("reserved-name", $"`{name}` is the first word of a fact, and RulesEngine does not tell the two apart", "choose another word");
            else if (Compiler.ReservedNames.Contains(name)) at.Problem("reserved-name", $"`{name}` is a word that RulesEngine reads otherwise", "choose another word");
            if (scope.ContainsKey(name)) at.Problem("duplicate-id", $"the parameter `{JsonNode.Shorten(name)}` is defined twice");
            if (Compiler.Parse(expression) is { } syntax) scope = scope.SetItem(name, new(name, new(expression.Text, name), expression, syntax, scope, compiler.IsNumeric(syntax, scope)));
        }

        return scope;
    }

    private (ImmutableArray<Strength> ByOption, Fact? Reading) StrengthOf(JsonObject properties, ImmutableArray<Strength> strengths)
    {
        if (properties.Required("Strength") is not { } node) return ([new("note")], null);
        if (node.Kind == JsonKind.Text) return ([One(node)], null);
        if (JsonObject.From(node, "Strength") is not { } byReading) return ([new("note")], null);

        if (byReading.Text("reading") is not { } name) return ([new("note")], null);
        if (!facts.TryGetValue(name, out var reading) || reading.Role != FactRole.Reading)
        {
            byReading.At("reading")!.Problem("unknown-reading", $"unknown reading `{JsonNode.Shorten(name)}`", Suggestion.For(name, facts.Values.Where(f => f.Role == FactRole.Reading).Select(f => f.Name)));
            return ([new("note")], null);
        }

        if (reading.Values.IsEmpty) return ([new("note")], null);
        var options = reading.Values.Select(option => byReading.Required(option) is { } token ? One(token) : new("note")).ToImmutableArray();
        byReading.NoOthers();
        return (options, reading);

        Strength One(JsonNode token)
        {
            if (JsonObject.AsText(token, "Strength") is not { } word) return new("note");
            if (strengths.FirstOrDefault(s => s.Token == word) is { } strength) return strength;
            token.Problem("unknown-strength", $"the rule set declares no strength `{JsonNode.Shorten(word)}`", Suggestion.OneOf(word, [.. strengths.Select(s => s.Token)]));
            return new("note");
        }
    }

    /// <summary>A signal says its strength once more, or the mission it falls back to.</summary>
    private string? Event(JsonObject item, string? signal, ImmutableArray<Strength> strengths)
    {
        const string Prefix = "fallback:";
        if (signal is null)
        {
            // A requirement that leads somewhere only when true would be a signal without its event.
            if (strengths.Any(s => s is { OnFalse: < 0, OnUnknown: < 0, OnTrue: >= 0 } or { OnTrue: >= 0 }))
                item.At("RuleName")?.Problem("missing-member", $"a rule of strength `{strengths[0].Token}` fires, so it needs a `SuccessEvent`", $"\"SuccessEvent\": \"{strengths[0].Token}\"");
            return null;
        }

        var at = item.At("SuccessEvent")!;
        if (strengths.Any(s => s.OnFalse >= 0)) at.Problem("signal-strength", $"a signal cannot have strength `{strengths.First(s => s.OnFalse >= 0).Token}`, which asks for something", "leave `SuccessEvent` out, or choose another strength");
        if (signal.StartsWith(Prefix, StringComparison.Ordinal))
        {
            var mission = signal[Prefix.Length..];
            if (missions.Any(m => m.Id == mission)) return mission;
            at.Problem("unknown-mission", $"unknown mission `{JsonNode.Shorten(mission)}`", Suggestion.For(mission, missions.Select(m => m.Id)));
            return null;
        }

        if (!strengths.Any(s => s.Token == signal)) at.Problem("signal-strength", $"the event `{JsonNode.Shorten(signal)}` is neither the strength `{strengths[0].Token}` nor `fallback:` and a mission");
        return null;
    }

    private (ImmutableArray<string> Missions, ulong Mask) MissionsOf(JsonObject properties)
    {
        var mask = 0UL;
        if (properties.Required("Missions") is null) return ([], ulong.MaxValue);
        var nodes = properties.OptionalList("Missions");
        foreach (var node in nodes)
        {
            if (JsonObject.AsText(node, "Missions") is not { } id) continue;
            var index = missions.Select(m => m.Id).ToList().IndexOf(id);
            if (id == RuleBook.AnyMission) mask = ulong.MaxValue;
            else if (index >= 0) mask |= 1UL << index;
            else node.Problem("unknown-mission", $"unknown mission `{JsonNode.Shorten(id)}`", Suggestion.For(id, missions.Select(m => m.Id).Append(RuleBook.AnyMission)));
        }

        if (nodes.Length == 0) properties.At("Missions")!.Problem("missing-member", "`Missions` is empty", "list missions, or `any`");
        return (mask == ulong.MaxValue ? [] : [.. nodes.Select(n => n.Text)], mask);
    }

    private void RefuseContext(IEnumerable<int> reads, JsonNode at)
    {
        foreach (var slot in reads.Where(slot => slots[slot].Role == FactRole.Context))
            at.Problem("context-fact", $"`{slots[slot]}` is only recorded beside a decision; no rule may rest on it");
    }

    private static bool IsRuleName(string name) => name.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsParameterName(string name) => name.Length is > 0 and <= 64 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
