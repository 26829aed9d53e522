namespace Advisory.Tests.Laws;

using Json = Dictionary<string, object?>;
using Scope = Dictionary<string, NaiveExpression>;

/// <summary>A fact of the vocabulary (4.1). A value held ready (4.4) is null where there is none.</summary>
internal sealed record NaiveFact(string Name, string Type, decimal Min, decimal Max, List<object?> Values, object? Default, object? Assumption, NaiveExpression? Derive)
{
    public bool IsNumber => Type is "integer" or "decimal" or "percentage";
}

/// <summary>A rule or a nested rule (3.10, 3.13): an expression, or nested rules that are joined. The scope holds every parameter that it can name.</summary>
internal sealed record NaiveBody(NaiveExpression? Expression, bool IsAnd, List<NaiveBody> Nested, Scope Scope)
{
    public IEnumerable<string> Names => Expression?.FactsNamed(Scope) ?? Nested.SelectMany(nested => nested.Names);
}

/// <summary>A rule (3.10). Its strength is a token, or an object with the name of a reading and a token for each of its options.</summary>
internal sealed record NaiveRule(
    string Name, NaiveBody Body, object Strength, List<string> Missions, bool IsWaivable, string? SuccessEvent, HashSet<string> RestsOn)
{
    public bool IsSignal => SuccessEvent is not null;

    public string? FallbackTo => SuccessEvent?.StartsWith("fallback:", StringComparison.Ordinal) == true ? SuccessEvent["fallback:".Length..] : null;

    /// <summary>10.2.</summary>
    public NaiveExpression? Guard => !IsSignal && Body.Expression is NaiveExpression.Choice { Else: NaiveExpression.Written { Value: true } } choice ? choice.If : null;
}

internal sealed record NaiveQuestion(
    string Id, bool IsAboutMissions, string? Each, List<string> Outcomes, Json Strengths, NaiveExpression? When, List<NaiveRule> Rules);

/// <summary>A valid rule book: sections 3 and 4 of the normative README, as far as they affect a verdict.</summary>
internal sealed class NaiveBook
{
    private readonly Json files;
    private readonly Json header;

    /// <param name="book">The name and the bytes of each file, cases left out.</param>
    public NaiveBook(IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> book)
    {
        files = book.ToDictionary(file => file.Name, file => NaiveJson.Read(file.Content));
        header = files.Members("book.json");
        Missions = [.. header.Objects("missions").Select(mission => mission.Text("id"))];
        Readings = [.. files.Members("readings.json").Objects("readings").Select(reading => (reading.Text("name"), reading.Text("default")))];
        Facts = [.. files.Members("vocabulary.json").Objects("facts").Select(ReadFact)];
        FactNamed = Facts.ToDictionary(fact => fact.Name);
        foreach (var fact in Facts) PutInOrder(fact);
        Questions = [.. header.Objects("questions").Select(ReadQuestion)];
        Mark = new()
        {
            ["name"] = header["name"],
            ["version"] = header["version"],
            ["digest"] = NaiveJson.Digest(files),
            ["rules"] = NaiveJson.Digest(WithoutTextsForPeople(files)),
        };
    }

    public List<string> Missions { get; }

    public List<(string Name, string Default)> Readings { get; }

    public List<NaiveFact> Facts { get; }

    public Dictionary<string, NaiveFact> FactNamed { get; }

    /// <summary>4.7: the derived facts, each behind those that it rests on.</summary>
    public List<NaiveFact> Derived { get; } = [];

    public List<NaiveQuestion> Questions { get; }

    /// <summary>12.7, <c>book</c>.</summary>
    public Json Mark { get; }

    /// <summary>3.5: the prefix of a kind of record, with its dot, and the fact that names one.</summary>
    public (string Prefix, string Key) Kind(string kind)
    {
        var declared = header.Members("records").Members(kind);
        return (declared.Text("prefix") + ".", declared.Text("key"));
    }

    public bool IsNumber(string fact) => FactNamed.TryGetValue(fact, out var declared) && declared.IsNumber;

    /// <summary>12.4.</summary>
    private static object? WithoutTextsForPeople(object? node) => node switch
    {
        Json members => members.Where(m => m.Value is not Json { Count: > 0 } value || value.Keys.Any(key => key is not ("en" or "nl")))
            .ToDictionary(m => m.Key, m => WithoutTextsForPeople(m.Value)),
        List<object?> items => items.ConvertAll(WithoutTextsForPeople),
        _ => node,
    };

    private static NaiveFact ReadFact(Json fact)
    {
        var read = new NaiveFact(
            fact.Text("name"), fact.Text("type"), fact.Get("min") as decimal? ?? 0, fact.Get("max") as decimal? ?? 0, fact.List("values"),
            null, null, fact.Get("derive") is string derive ? NaiveExpression.Parse(derive) : null);
        return read with { Default = Held("default"), Assumption = Held("assumption") };

        object? Held(string member) => fact.Get(member) is Json held ? NaiveScenario.Value(read, held["value"]) : null;
    }

    private void PutInOrder(NaiveFact fact)
    {
        if (fact.Derive is null || Derived.Contains(fact)) return;
        foreach (var name in fact.Derive.FactsNamed([]))
        {
            if (FactNamed.TryGetValue(name, out var other)) PutInOrder(other);
        }
        Derived.Add(fact);
    }

    private NaiveQuestion ReadQuestion(Json declared)
    {
        var id = declared.Text("id");
        var file = files.Members(id + ".json");
        var each = (string?)file.Get("Each");
        var scope = With([], file.Objects("GlobalParams"));
        return new(
            id, each is null && declared.Flag("perMission", true), each, [.. file.Texts("Outcomes")], file.Members("Strengths"),
            file.Get("When") is string when ? NaiveExpression.Parse(when) : null,
            [.. RulesOf(file).Where(rule => rule.Flag("Enabled", true)).Select(rule => ReadRule(rule, scope))]);
    }

    /// <summary>3.9.</summary>
    private IEnumerable<Json> RulesOf(Json file) =>
        file.Objects("Rules").Concat(file.Texts("WorkflowsToInject").SelectMany(name => RulesOf(files.Members(name + ".json"))));

    private NaiveRule ReadRule(Json rule, Scope outer)
    {
        var properties = rule.Members("Properties");
        var body = ReadBody(rule, outer);
        var restsOn = new HashSet<string>();
        foreach (var name in body.Names) AddWithDerivation(name, restsOn);
        if (properties["Strength"] is Json byReading) restsOn.Add(byReading.Text("reading"));
        return new(
            rule.Text("RuleName"), body, properties["Strength"]!, [.. properties.Texts("Missions")], properties.Flag("Waivable", false),
            (string?)rule.Get("SuccessEvent"), restsOn);
    }

    private static NaiveBody ReadBody(Json rule, Scope outer)
    {
        var scope = With(outer, rule.Objects("LocalParams"));
        return rule.Get("Operator") is string name
            ? new(null, name is "And" or "AndAlso", [.. rule.Objects("Rules").Select(nested => ReadBody(nested, scope))], scope)
            : new(NaiveExpression.Parse(rule.Text("Expression")), false, [], scope);
    }

    /// <summary>3.12: nothing that stands for something already is declared again, so that one dictionary does.</summary>
    private static Scope With(Scope outer, IEnumerable<Json> parameters)
    {
        var scope = new Scope(outer);
        foreach (var parameter in parameters) scope.Add(parameter.Text("Name"), NaiveExpression.Parse(parameter.Text("Expression")));
        return scope;
    }

    private void AddWithDerivation(string name, HashSet<string> all)
    {
        if (!all.Add(name) || !FactNamed.TryGetValue(name, out var fact) || fact.Derive is null) return;
        foreach (var named in fact.Derive.FactsNamed([])) AddWithDerivation(named, all);
    }
}
