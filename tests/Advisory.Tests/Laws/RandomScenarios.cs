using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>Scenarios that a seed settles, valid for the book whose files are given.</summary>
internal static class RandomScenario
{
    private const string Day = "2026-01-24";

    private static readonly string[] Keys = ["NL", "DE", "FR", "alpha"];

    /// <summary>The facts of a vocabulary as an expression names them.</summary>
    public static Nameable Nameable(JObject fact) => new(
        (string)fact["name"]!, (string)fact["type"]!, [.. (fact["values"] ?? new JArray()).Select(v => (string)v!)],
        (decimal?)fact["min"] ?? 0, (decimal?)fact["max"] ?? 0, (decimal?)fact["step"] ?? 1);

    /// <summary>A value that fits the fact.</summary>
    public static JToken Value(Nameable fact, Chance chance)
    {
        switch (fact.Type)
        {
            case "boolean":
                return chance.Percent(50);
            case "enumeration":
                return chance.Of(fact.Values);
            case "text":
                return chance.Of([.. RandomExpressions.Texts, "another", ""]);
            case "list":
                return new JArray(chance.Shuffled((fact.Values.Count > 0 ? fact.Values : ["one", "two"]).Where(_ => chance.Percent(50))));
            case "date":
                return chance.Of(["2024-02-29", "2026-01-01", "0001-01-01"]);
            default:
                var number = fact.Min + (fact.Step * chance.From(0, (int)Math.Min((fact.Max - fact.Min) / fact.Step, 1_000_000)));
                if (fact.Max - fact.Min > 1000 * fact.Step && chance.Percent(90)) number = chance.From(-6, 6); // where the comparisons are
                return Written(fact, number, chance.Percent(10));
        }
    }

    /// <summary>Every value that the fact can have, or null where there are too many to try.</summary>
    public static List<JToken>? Values(Nameable fact, int atMost)
    {
        switch (fact.Type)
        {
            case "boolean":
                return [false, true];
            case "enumeration":
                return [.. fact.Values.Select(v => (JToken)v)];
            case "text":
                return [.. RandomExpressions.Texts.Append("another").Select(v => (JToken)v)];
            case "list" when fact.Values.Count > 0:
                var sets = 1 << fact.Values.Count;
                return sets > atMost ? null : [.. Enumerable.Range(0, sets).Select(bits => (JToken)new JArray(fact.Values.Where((_, i) => (bits & (1 << i)) != 0)))];
            case "list":
                return [new JArray(), new JArray("one")];
            case "date":
                return ["2026-01-01"];
            default:
                var count = ((fact.Max - fact.Min) / fact.Step) + 1;
                return count > atMost ? null : [.. Enumerable.Range(0, (int)count).Select(i => Written(fact, fact.Min + (i * fact.Step), isText: false))];
        }
    }

    public static JObject For(IReadOnlyDictionary<string, JObject> book, ulong seed)
    {
        var chance = new Chance(seed);
        var scenario = new JObject();
        var hasDay = chance.Percent(75);
        if (chance.Percent(20)) scenario["title"] = "made up";
        if (hasDay) scenario["asOf"] = Day;
        if (chance.Percent(40)) scenario["basis"] = chance.Of(["stated", "assumed"]);
        if (chance.Percent(5)) scenario["classification"] = "open";
        if (chance.Percent(5)) scenario["subject"] = "subject";

        var vocabulary = book["vocabulary.json"]["facts"]!.Cast<JObject>().ToList();
        var density = chance.Of([5, 30, 60, 90, 100]);
        var facts = new JObject();
        foreach (var fact in vocabulary)
        {
            var (known, share) = (Nameable(fact), density);
            if (known.Name == "mission.type") share = 15;
            else if ((string?)fact["role"] == "derived") share = density / 4;
            else if ((string?)fact["role"] == "planning") share = density / 2;
            else if (known.Name.Split('.')[0] is "unit" or "post") share = density / 3;
            if (chance.Percent(share)) facts[known.Name] = Said(known, hasDay, chance);
        }

        scenario["facts"] = facts;
        var readings = Readings(book, chance);
        if (readings.Count > 0) scenario["readings"] = readings;
        if (book["book.json"]["records"] is JObject kinds && chance.Percent(90)) scenario["records"] = Records(kinds, vocabulary, density, hasDay, chance);
        if (hasDay && Waivers(book, readings, chance) is { Count: > 0 } waivers) scenario["waivers"] = waivers;
        return scenario;
    }

    private static JToken Said(Nameable fact, bool hasDay, Chance chance)
    {
        var roll = chance.Below(100);
        var value = Value(fact, chance);
        if (roll < 60) return value;
        if (roll < 74) return Report(value);
        if (roll < 80) return new JObject { ["reports"] = new JArray(Report(value), Report(value.DeepClone())) };
        if (roll < 86) return new JObject { ["reports"] = new JArray(Report(value), Report(Value(fact, chance))) };
        if (roll < 90 && hasDay) return new JObject { ["reports"] = new JArray(Report(value), Expired(Report(Value(fact, chance)))) };
        if (roll < 95 && hasDay) return Expired(Report(value));
        if (fact.Type is not ("boolean" or "enumeration")) return Report(value);
        var probable = Report(null);
        probable["probability"] = fact.Type == "boolean"
            ? new JObject { ["true"] = 0.25, ["false"] = 0.75 }
            : new JObject { [fact.Values[0]] = "0.5", [fact.Values[^1]] = 0.5 };
        if (chance.Percent(30)) probable["value"] = value;
        return probable;

        JObject Report(JToken? stated)
        {
            var report = new JObject();
            if (stated is not null) report["value"] = stated;
            if (chance.Percent(60)) report["source"] = chance.Of(["a paper", "een bron"]);
            if (chance.Percent(20)) report["asOf"] = "2026-01-02";
            if (chance.Percent(20)) report["by"] = "desk";
            if (chance.Percent(20)) report["confidence"] = chance.Of(["low", "medium", "high"]);
            if (chance.Percent(10)) report["sensitive"] = chance.Percent(50);
            if (chance.Percent(10)) report["note"] = "a note";
            if (hasDay && chance.Percent(20)) report["validUntil"] = chance.Of([Day, "2026-12-31"]);
            return report;
        }

        static JObject Expired(JObject report)
        {
            report["validUntil"] = "2026-01-23";
            return report;
        }
    }

    private static JObject Readings(IReadOnlyDictionary<string, JObject> book, Chance chance)
    {
        var set = new JObject();
        if (book.TryGetValue("readings.json", out var file))
            foreach (var reading in file["readings"]!.Where(_ => chance.Percent(40)))
                set[(string)reading["name"]!] = chance.Of(reading["options"]!.ToList())["value"]!.DeepClone();
        return set;
    }

    private static JObject Records(JObject kinds, List<JObject> vocabulary, int density, bool hasDay, Chance chance)
    {
        var records = new JObject();
        foreach (var kind in kinds.Properties())
        {
            var (prefix, key) = ((string)kind.Value["prefix"]! + ".", (string)kind.Value["key"]!);
            records[kind.Name] = new JArray(chance.Shuffled(Keys).Take(chance.From(0, 3)).Select(name =>
            {
                var record = new JObject { [key] = name };
                foreach (var fact in vocabulary.Where(f => ((string)f["name"]!).StartsWith(prefix, StringComparison.Ordinal) && (string)f["name"]! != prefix + key))
                    if (chance.Percent((string?)fact["role"] == "derived" ? density / 4 : density))
                        record[((string)fact["name"]!)[prefix.Length..]] = Said(Nameable(fact), hasDay, chance);
                return record;
            }));
        }

        return records;
    }

    private static JArray Waivers(IReadOnlyDictionary<string, JObject> book, JObject readings, Chance chance)
    {
        var missions = book["book.json"]["missions"]!.Select(m => (string)m["id"]!).ToList();
        var waivers = new JArray();
        var rules = book.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => (JArray?)file.Value["Rules"] ?? []);
        foreach (var rule in rules)
        {
            var properties = rule["Properties"]!;
            if ((bool?)rule["Enabled"] == false || rule["SuccessEvent"] is not null || !(bool)properties["Waivable"]!) continue;
            if (IsDeciding(book, properties["Strength"]!, readings)) continue;
            for (var i = 0; i < 2; i++)
            {
                if (!chance.Percent(i == 0 ? 50 : 10)) break;
                waivers.Add(new JObject
                {
                    ["rule"] = rule["RuleName"]!.DeepClone(),
                    ["missions"] = chance.Percent(50) ? "all" : new JArray(chance.Some(missions)),
                    ["reason"] = FormattableString.Invariant($"reason {i}"),
                    ["grounds"] = "a decree",
                    ["by"] = "the minister",
                    ["until"] = chance.Of([Day, "2026-12-31"]),
                });
            }
        }

        return waivers;
    }

    /// <summary>Whether a rule decides under the options that the scenario sets.</summary>
    public static bool IsDeciding(IReadOnlyDictionary<string, JObject> book, JToken strength, JObject readings)
    {
        if (strength is JObject byOption)
        {
            var name = (string)byOption["reading"]!;
            var reading = book["readings.json"]["readings"]!.First(r => (string)r["name"]! == name);
            strength = byOption[(string)(readings[name] ?? reading["default"])!]!;
        }

        return (string)strength! is "hard" or "withdraw" or "end" or "political_choice";
    }

    private static JToken Written(Nameable fact, decimal number, bool isText)
    {
        if (fact.Type == "integer" || number == decimal.Truncate(number)) return (long)number;
        return isText ? number.ToString(CultureInfo.InvariantCulture) : number;
    }
}
