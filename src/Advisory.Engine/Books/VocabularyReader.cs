using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;

namespace Advisory.Engine.Books;

/// <summary>Reads the facts and readings of a book, and compiles the derivations in the order in which they rest on each other.</summary>
internal sealed class VocabularyReader(
    ImmutableArray<Mission> missions,
    ImmutableArray<Titled> groups,
    ImmutableArray<Titled> suppliers,
    ImmutableArray<Questionnaire> questionnaires)
{
    private static readonly ImmutableArray<string> Types = ["boolean", "enumeration", "integer", "decimal", "percentage", "text", "date", "list"];
    private static readonly ImmutableArray<string> Roles = ["world", "planning", "derived", "context"];
    private static readonly ImmutableArray<string> Influences = ["ours", "allies", "adversary", "none"];

    private const int MaxDerivationDepth = 100;

    private readonly HashSet<string> groupIds = [.. groups.Select(g => g.Id)];
    private readonly HashSet<string> supplierIds = [.. suppliers.Select(s => s.Id)];
    private readonly HashSet<int> itemNumbers = [.. questionnaires.SelectMany(q => q.Items).Select(i => i.Number)];
    private readonly List<(Fact Fact, JsonNode Expression)> derived = [];
    private readonly List<(JsonNode At, string Statement)> cited = [];

    public void Facts(JsonObject file, List<Fact> slots, Dictionary<string, Fact> facts)
    {
        foreach (var node in file.List("facts"))
        {
            if (JsonObject.From(node, "facts") is not { } item) continue;
            if (Fact(item, node, slots.Count) is not { } fact) continue;
            if (!facts.TryAdd(fact.Name, fact))
            {
                (item.At("name") ?? node).Problem("duplicate-id", $"the fact `{fact}` is declared twice");
                continue;
            }

            slots.Add(fact);
        }

        file.NoOthers();
        CheckMissionFact(file, facts);
    }

    private Fact? Fact(JsonObject item, JsonNode node, int slot)
    {
        var name = item.Text("name");
        if (name is null) return null;
        var at = item.At("name")!;
        if (!Names.IsFact(name)) at.Problem("name", $"`{JsonNode.Shorten(name)}` is not a name for a fact", "words of lower case letters, digits and `_`, joined by dots");
        else if (name.Split('.').FirstOrDefault(Compiler.ReservedNames.Contains) is { } reserved) at.Problem("reserved-name", $"`{reserved}` in `{name}` is a word that RulesEngine reads otherwise", "choose another word");
        else if (name.StartsWith("reading.", StringComparison.Ordinal)) at.Problem("reserved-name", "names under `reading.` belong to `readings.json`");

        var type = Word(item, "type", Types, "boolean") switch
        {
            "enumeration" => FactType.Enumeration,
            "integer" => FactType.Integer,
            "decimal" => FactType.Decimal,
            "percentage" => FactType.Percentage,
            "text" => FactType.Text,
            "date" => FactType.Date,
            "list" => FactType.List,
            _ => FactType.Boolean,
        };
        var role = Word(item, "role", Roles, "world") switch
        {
            "planning" => FactRole.Planning,
            "derived" => FactRole.Derived,
            "context" => FactRole.Context,
            _ => FactRole.World,
        };

        var values = Values(item);
        var labels = ValueLabels(item, values);
        if (type == FactType.Enumeration && values.Length < 2) node.Problem("missing-member", $"the enumeration `{name}` needs at least two `values`");
        if (values.Length > 0 && type is not (FactType.Enumeration or FactType.List)) item.At("values")!.Problem("unknown-member", $"`{name}` has no `values`: it is not an enumeration or a list");
        if (values.Length > Domain.MaxValues) item.At("values")!.Problem("too-many", FormattableString.Invariant($"`{name}` has {values.Length} values; at most {Domain.MaxValues}"));
        values = [.. values.Take(Domain.MaxValues)];
        var domain = type switch
        {
            FactType.Boolean => Domain.Boolean,
            FactType.Enumeration => new(values, isOpen: false),
            FactType.List when values.Length > 0 => new(values, isOpen: false),
            FactType.Text => new([], isOpen: true),
            _ => null,
        };

        var isNumber = type is FactType.Integer or FactType.Decimal or FactType.Percentage;
        var (min, max, step) = isNumber ? Range(item, node, name, type) : (0, 0, 1);
        var unit = item.OptionalText("unit");
        if (isNumber && unit is null) node.Problem("missing-member", $"the number `{name}` has no `unit`");
        if (!isNumber && unit is not null) item.At("unit")!.Problem("unknown-member", $"`{name}` is not a number and has no unit");

        var fact = new Fact(slot, name, type, role, domain)
        {
            At = at.Place,
            Values = values,
            ValueLabels = labels,
            Label = item.Local("label"),
            Help = item.OptionalLocal("help"),
            Unit = unit,
            Min = min,
            Max = max,
            Step = step,
            Group = Known(item, "group", groupIds, required: true) ?? "",
            Statements = Cite(item),
            Notes = new(
                Known(item, "suppliedBy", supplierIds, required: false),
                Word(item, "influence", Influences, "none"),
                item.OptionalBoolean("sensitive", false),
                [.. item.OptionalList("questionnaire").Select(Questionnaire).OfType<int>()],
                item.OptionalTexts("aliases"),
                item.OptionalLocal("remark")),
        };

        var complete = fact.With(Default(item, "default", fact), Default(item, "assumption", fact));
        if (complete.Default is not null && role != FactRole.Planning) item.At("default")!.Problem("unknown-member", $"only a planning figure has a `default`; `{name}` has role {role.ToString().ToLowerInvariant()}");
        if (complete.Assumption is not null && role is not (FactRole.World or FactRole.Context)) item.At("assumption")!.Problem("unknown-member", $"a fact of role {role.ToString().ToLowerInvariant()} has no `assumption`");
        if (complete.Assumption is { Statement: null }) item.At("assumption")!.Problem("missing-member", "an assumption names the `statement` that makes it");

        var derive = item.Optional("derive");
        if (derive is not null && JsonObject.AsText(derive, "derive") is { } expression)
        {
            complete.Derive = expression;
            if (role != FactRole.Derived) derive.Problem("unknown-member", $"only a derived fact has `derive`; `{name}` has role {role.ToString().ToLowerInvariant()}");
            else if (domain is null && !isNumber || type is FactType.List or FactType.Text) derive.Problem("type", $"a {type.ToString().ToLowerInvariant()} cannot be derived");
            else derived.Add((complete, derive));
        }
        else if (role == FactRole.Derived)
        {
            node.Problem("missing-member", $"the derived fact `{name}` has no `derive`");
        }

        item.NoOthers();
        return complete;
    }

    public void Readings(JsonObject file, List<Fact> slots, Dictionary<string, Fact> facts)
    {
        foreach (var node in file.List("readings"))
        {
            if (JsonObject.From(node, "readings") is not { } item || item.Text("name") is not { } name) continue;
            var at = item.At("name")!;
            if (!name.StartsWith("reading.", StringComparison.Ordinal) || !Names.IsFact(name)) at.Problem("name", $"`{JsonNode.Shorten(name)}` is not a name for a reading", "`reading.` and a word of lower case letters, digits and `_`");
            else if (name.Split('.').FirstOrDefault(Compiler.ReservedNames.Contains) is { } reserved) at.Problem("reserved-name", $"`{reserved}` in `{name}` is a word that RulesEngine reads otherwise", "choose another word");

            var options = new List<string>();
            var labels = ImmutableDictionary.CreateBuilder<string, LocalText>(StringComparer.Ordinal);
            foreach (var option in item.List("options"))
            {
                if (JsonObject.From(option, "options") is not { } choice || choice.Text("value") is not { } value) continue;
                if (value == "reading") option.Problem("reserved-name", "an option is not called `reading`, which a rule's `Strength` reads otherwise", "choose another word");
                if (labels.ContainsKey(value)) option.Problem("duplicate-value", $"the option `{JsonNode.Shorten(value)}` is listed twice");
                options.Add(value);
                labels[value] = choice.Local("label");
                choice.NoOthers();
            }

            if (options.Count > Domain.MaxValues) item.At("options")!.Problem("too-many", FormattableString.Invariant($"`{name}` has {options.Count} options; at most {Domain.MaxValues}"));
            options = [.. options.Take(Domain.MaxValues)];
            if (options.Count < 2) node.Problem("missing-member", $"the reading `{name}` needs at least two `options`");
            var fact = new Fact(slots.Count, name, FactType.Enumeration, FactRole.Reading, new(options, isOpen: false))
            {
                At = at.Place,
                Values = [.. options],
                ValueLabels = labels.ToImmutable(),
                Label = item.Local("title"),
                Help = item.Local("why"),
                Statements = Cite(item),
            };
            item.OptionalText("ambiguity");
            var complete = fact.With(item.Required("default") is { } chosen && FactValue.Read(fact, chosen) is { } read ? new(read.Json, null) { Bits = read.Bits } : null, null);
            item.NoOthers();
            if (facts.TryAdd(name, complete)) slots.Add(complete);
            else at.Problem("duplicate-id", $"the reading `{name}` is declared twice");
        }

        file.NoOthers();
    }

    /// <summary>Compiles the derivations, each before those that rest on it; facts that rest on themselves are problems.</summary>
    public Derivations Derive(Dictionary<string, Fact> facts)
    {
        var compiler = new Compiler(facts);
        var contexts = facts.Values.Where(f => f.Role == FactRole.Context).ToDictionary(f => f.Slot);
        var compiled = new Dictionary<int, Derivation>();
        foreach (var (fact, expression) in derived)
        {
            var start = compiler.Length;
            var (reads, register) = compiler.CompileDerivation(expression, fact);
            foreach (var slot in reads.Where(contexts.ContainsKey))
                expression.Problem("context-fact", $"`{contexts[slot]}` is only recorded beside a decision; no rule may rest on it");
            compiled[fact.Slot] = new(fact, start, compiler.Length, register, reads, []);
        }

        var ordered = ImmutableArray.CreateBuilder<Derivation>();
        var state = new Dictionary<int, bool>(); // false: on the way; true: placed
        var deep = new Dictionary<int, BitArray>(); // by slot, since sets of thousands would be made for thousands of facts
        var heights = new Dictionary<int, int>(); // by slot: how many derivations rest on each other below it
        var isTooLong = false;
        var slots = facts.Values.Select(f => f.Slot + 1).DefaultIfEmpty().Max();
        var bySlot = derived.DistinctBy(d => d.Fact.Slot).ToDictionary(d => d.Fact.Slot); // a fact declared twice is reported, and read once
        foreach (var (fact, expression) in derived) Place(fact, expression, 0);
        return new(compiler.Build(), ordered.ToImmutable());

        void Place(Fact fact, JsonNode expression, int depth)
        {
            if (depth > MaxDerivationDepth)
            {
                TooLong(expression);
                return;
            }

            if (state.TryGetValue(fact.Slot, out var placed))
            {
                if (!placed) expression.Problem("cycle", $"`{fact}` rests on itself");
                return;
            }

            state[fact.Slot] = false;
            var all = new BitArray(slots);
            var height = 0;
            foreach (var slot in compiled[fact.Slot].Reads)
            {
                all[slot] = true;
                if (!bySlot.TryGetValue(slot, out var other)) continue;
                Place(other.Fact, state.ContainsKey(slot) ? expression : other.Expression, depth + 1);
                if (!deep.TryGetValue(slot, out var theirs)) continue;
                all.Or(theirs);
                height = Math.Max(height, heights[slot] + 1);
            }

            if (height > MaxDerivationDepth) TooLong(expression); // also where each stands behind those that it rests on
            heights[fact.Slot] = height;

            state[fact.Slot] = true;
            deep[fact.Slot] = all;
            ordered.Add(compiled[fact.Slot] with { ReadsDeeply = [.. Enumerable.Range(0, slots).Where(slot => all[slot])] });
        }

        void TooLong(JsonNode expression)
        {
            if (!isTooLong) expression.Problem("expression-bound", FormattableString.Invariant($"more than {MaxDerivationDepth} derivations rest on each other in a row"));
            isTooLong = true;
        }
    }

    public void CheckStatements(FrozenDictionary<string, Statement> statements)
    {
        if (statements.Count == 0) return;
        foreach (var (at, statement) in cited)
            if (!statements.ContainsKey(statement))
                at.Problem("unknown-statement", $"unknown statement `{JsonNode.Shorten(statement)}`", Suggestion.For(statement, statements.Keys));
    }

    private void CheckMissionFact(JsonObject file, Dictionary<string, Fact> facts)
    {
        if (!facts.TryGetValue(RuleBook.MissionFact, out var fact)) return;
        if (fact.Type != FactType.Enumeration || fact.Role != FactRole.World || fact.Assumption is not null)
        {
            file.At("facts")!.Problem("mission-fact", $"`{RuleBook.MissionFact}` must be an enumeration of role world without an assumption, with the missions of `book.json` as its values");
            return;
        }

        var missing = missions.Select(m => m.Id).Except(fact.Values).ToList();
        var extra = fact.Values.Except(missions.Select(m => m.Id)).ToList();
        if (missing.Count + extra.Count > 0)
            file.At("facts")!.Problem("mission-fact", $"the values of `{RuleBook.MissionFact}` must be the missions of `book.json`", "differing: " + string.Join(", ", missing.Concat(extra).Select(JsonNode.Shorten)));
    }

    private static (decimal Min, decimal Max, decimal Step) Range(JsonObject item, JsonNode node, string name, FactType type)
    {
        var (min, max, step) = (item.OptionalNumber("min"), item.OptionalNumber("max"), item.OptionalNumber("step"));
        if (min is null || max is null) node.Problem("missing-member", $"the number `{name}` needs `min` and `max`");
        if (step is null && type != FactType.Integer) node.Problem("missing-member", $"the number `{name}` needs a `step`");
        var range = (Min: min ?? 0, Max: max ?? JsonNode.MaxMagnitude, Step: step ?? 1);
        if (range.Step <= 0 || range.Min > range.Max || (range.Max - range.Min) % range.Step != 0) At(range.Step <= 0 ? "step" : range.Min > range.Max ? "min" : "max").Problem("range", $"`{name}` must reach `max` from `min` in whole, positive steps");
        if (type == FactType.Integer && (range.Min % 1 != 0 || range.Step % 1 != 0)) At(range.Min % 1 != 0 ? "min" : "step").Problem("range", $"the whole number `{name}` must have whole `min` and `step`");
        return range.Step > 0 ? range : (range.Min, range.Max, 1);

        JsonNode At(string member) => item.At(member) ?? node;
    }

    private static ImmutableArray<string> Values(JsonObject item)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in item.OptionalList("values"))
            if (value.Kind == JsonKind.Text && !seen.Add(value.Text))
                value.Problem("duplicate-value", $"the value `{JsonNode.Shorten(value.Text)}` is listed twice");
        return item.OptionalTexts("values");
    }

    private static ImmutableDictionary<string, LocalText> ValueLabels(JsonObject item, ImmutableArray<string> values)
    {
        var labels = ImmutableDictionary.CreateBuilder<string, LocalText>(StringComparer.Ordinal);
        if (item.Optional("valueLabels") is not { } node || JsonObject.From(node, "valueLabels") is not { } all) return labels.ToImmutable();
        var known = values.ToHashSet(StringComparer.Ordinal);
        foreach (var label in all.All())
        {
            if (!known.Contains(label.Name)) node.Source.Add(label.Offset, "unknown-value", $"`{JsonNode.Shorten(label.Name)}` is not one of the values", Suggestion.For(label.Name, values));
            labels[label.Name] = LocalText.Read(label.Value, label.Name);
        }

        foreach (var value in values.Where(v => !labels.ContainsKey(v))) node.Problem("missing-member", $"the value `{JsonNode.Shorten(value)}` has no label");
        return labels.ToImmutable();
    }

    private FactDefault? Default(JsonObject item, string member, Fact fact)
    {
        if (item.Optional(member) is not { } node || JsonObject.From(node, member) is not { } given) return null;
        var value = given.Required("value");
        var statement = given.OptionalText("statement");
        if (statement is not null) cited.Add((given.At("statement")!, statement));
        given.NoOthers();
        if (fact.Type == FactType.Text) node.Problem("type", $"the text `{fact}` has no {member}");
        return value is not null && FactValue.Read(fact, value) is { } read ? new(read.Json, statement) { Bits = read.Bits, Number = read.Number } : null;
    }

    private ImmutableArray<string> Cite(JsonObject item)
    {
        foreach (var node in item.OptionalList("statements"))
            if (node.Kind == JsonKind.Text)
                cited.Add((node, node.Text));
        return item.OptionalTexts("statements");
    }

    private int? Questionnaire(JsonNode node)
    {
        if (node.Kind == JsonKind.Number && node.Number is >= 0 and <= int.MaxValue && decimal.Truncate(node.Number) == node.Number && itemNumbers.Contains((int)node.Number)) return (int)node.Number;
        node.Problem("unknown-value", "no questionnaire of `book.json` has this item");
        return null;
    }

    private static string? Known(JsonObject item, string member, HashSet<string> known, bool required)
    {
        var id = required ? item.Text(member) : item.OptionalText(member);
        if (id is not null && !known.Contains(id)) item.At(member)!.Problem("unknown-value", $"`{JsonNode.Shorten(id)}` is not in `book.json`", Suggestion.For(id, known));
        return id;
    }

    private static string Word(JsonObject item, string member, ImmutableArray<string> words, string otherwise)
    {
        var word = member == "type" ? item.Text(member) : item.OptionalText(member);
        if (word is null || words.Contains(word)) return word ?? otherwise;
        item.At(member)!.Problem("unknown-value", $"unknown {member} `{JsonNode.Shorten(word)}`", Suggestion.OneOf(word, words));
        return otherwise;
    }
}
