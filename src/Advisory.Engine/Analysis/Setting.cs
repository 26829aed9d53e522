using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Analysis;

/// <summary>A fact in a certain state.</summary>
/// <param name="Fact">The name of the fact.</param>
/// <param name="Record">The key of the record that it belongs to, or null.</param>
/// <param name="Value">The value as a scenario states it, or null for unknown.</param>
public sealed record Setting(string Fact, string? Record, JToken? Value)
{
    /// <inheritdoc/>
    public bool Equals(Setting? other) => other is not null && Fact == other.Fact && Record == other.Record && JToken.DeepEquals(Value, other.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Fact);

    internal JObject ToJson()
    {
        var json = new JObject { ["fact"] = Fact };
        if (Record is not null) json["record"] = Record;
        json["value"] = Value?.DeepClone() ?? JValue.CreateNull();
        return json;
    }
}

/// <summary>A scenario with some facts in another state: what a reader or a checker evaluates to see that an answer is right.</summary>
/// <remarks>
/// A value replaces all reports of the fact by one. Unknown leaves the fact out where that makes it unknown; where the book would then hold
/// a value ready, the scenario would derive it, or the record's fact would be the scenario's, it is reported twice, differently.
/// </remarks>
public static class SettingsJson
{
    /// <summary>The scenario's canonical form with facts in other states.</summary>
    public static JObject Apply(RuleBook book, Scenario scenario, IEnumerable<Setting> settings)
    {
        var json = scenario.ToJson();
        foreach (var setting in settings) Apply(book, scenario, json, setting);
        return json;
    }

    private static void Apply(RuleBook book, Scenario scenario, JObject json, Setting setting)
    {
        var fact = book.Fact(setting.Fact) ?? throw new ArgumentException($"no fact {setting.Fact}");
        var facts = (JObject)json["facts"]!;
        var name = fact.Name;
        if (setting.Record is { } key)
        {
            var kind = scenario.Records.First(r => r.Key == key && fact.Name.StartsWith(r.Kind.Prefix + ".", StringComparison.Ordinal)).Kind;
            facts = (JObject)json["records"]![kind.Name]!.First(r => (string)r[kind.Key]! == key);
            name = fact.Name[(kind.Prefix.Length + 1)..];
        }

        if (setting.Value is { } value)
        {
            facts[name] = value.DeepClone();
            return;
        }

        facts.Remove(name);
        var otherwiseKnown = fact.Role == FactRole.Derived || fact.Default is not null || fact.Assumption is not null || (setting.Record is not null && scenario.About(fact) is not null);
        if (otherwiseKnown) facts[name] = Disputed(fact);
    }

    /// <summary>Two reports that disagree; where the fact has one value only, a probability.</summary>
    private static JObject Disputed(Fact fact)
    {
        JArray values = fact switch
        {
            { IsNumber: true } => [Json.CanonicalJson.Number(fact.Min), Json.CanonicalJson.Number(fact.Min + fact.Step)],
            { Type: FactType.Boolean } => [false, true],
            { Type: FactType.Enumeration } => [fact.Values[0], fact.Values[1]],
            { Type: FactType.List } => [new JArray(), new JArray(fact.Values.IsEmpty ? "one" : fact.Values[0])],
            { Type: FactType.Date } => ["2000-01-01", "2000-01-02"],
            _ => ["one", "two"],
        };
        return new JObject { ["reports"] = new JArray(values.Select(v => new JObject { ["value"] = v })) };
    }
}
