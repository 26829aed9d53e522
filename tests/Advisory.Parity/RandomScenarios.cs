using System.Globalization;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Parity;

/// <summary>Scenarios drawn by chance from a vocabulary, always the same from the same seed and number.</summary>
/// <remarks>
/// Every fourth states each fact that can be reported. In the others a fact is stated with a likelihood of their own, and here and there
/// it is contested, expired, only probable, or a derived fact that disagrees with its derivation. Numbers lie half of the time at or
/// beside a number that the book's expressions name, because that is where answers change.
/// </remarks>
internal sealed partial class RandomScenarios
{
    private const string AsOf = "2026-01-24";
    private const string DayBefore = "2026-01-23";

    private readonly RuleBook book;
    private readonly int seed;
    private readonly decimal[] numbers;
    private readonly string[] texts;

    /// <param name="book">The vocabulary.</param>
    /// <param name="expressions">Every expression of the rules and parameters.</param>
    /// <param name="seed">Any number.</param>
    public RandomScenarios(RuleBook book, IEnumerable<string> expressions, int seed)
    {
        (this.book, this.seed) = (book, seed);
        var all = expressions.Concat(book.Facts.Select(f => f.Derive).OfType<string>()).ToList();
        var written = all.SelectMany(e => WrittenNumber().Matches(e)).Select(m => decimal.Parse(m.Value, CultureInfo.InvariantCulture));
        numbers = [.. written.Append(0).Distinct().Order()];
        var quoted = all.SelectMany(e => WrittenText().Matches(e)).Select(m => m.Groups[1].Value);
        texts = [.. quoted.Append("another text").Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The scenario of a number, as the JSON that Advisory reads.</summary>
    public JObject Draw(int number)
    {
        // The generator behind a seed never changes in .NET; each number has its own, so that one scenario can be drawn again alone.
        var chance = new Random(unchecked((seed * 1_000_003) + number));
        var isComplete = number % 4 == 0;
        var density = isComplete ? 1 : chance.NextDouble();

        var facts = new JObject();
        foreach (var fact in book.Facts.Where(f => f.Role != FactRole.Reading))
        {
            var likelihood = fact.Name == RuleBook.MissionFact ? 0.125 : fact.Role == FactRole.Derived ? isComplete ? 0 : density / 4 : density;
            if (chance.NextDouble() < likelihood) facts[fact.Name] = Stated(fact, chance, isComplete);
        }

        var scenario = new JObject { ["asOf"] = AsOf, ["facts"] = facts };
        var readings = new JObject();
        foreach (var reading in book.Facts.Where(f => f.Role == FactRole.Reading))
            if (chance.Next(2) == 0)
                readings[reading.Name] = Value(reading, chance);
        if (readings.Count > 0) scenario["readings"] = readings;

        var records = new JObject();
        foreach (var kind in book.Records) records[kind.Name] = Records(kind, chance, isComplete, density);
        if (records.Count > 0) scenario["records"] = records;
        return scenario;
    }

    private JArray Records(RecordKind kind, Random chance, bool isComplete, double density)
    {
        var rows = new JArray();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = chance.Next(4); i > 0; i--)
        {
            var row = new JObject();
            foreach (var fact in book.Facts.Where(f => f.Name.StartsWith(kind.Prefix + ".", StringComparison.Ordinal)))
            {
                var member = fact.Name[(kind.Prefix.Length + 1)..];
                if (member == kind.Key) row[member] = Value(fact, chance);
                else if (chance.NextDouble() < density && fact.Role != FactRole.Derived) row[member] = Stated(fact, chance, isComplete);
            }

            if (keys.Add((string)row[kind.Key]!)) rows.Add(row);
        }

        return rows;
    }

    private JToken Stated(Fact fact, Random chance, bool isComplete)
    {
        var value = Value(fact, chance);
        return isComplete ? value : chance.Next(20) switch
        {
            0 => new JObject { ["reports"] = new JArray(Report(value), Report(Value(fact, chance))) },
            1 => new JObject { ["value"] = value, ["validUntil"] = DayBefore },
            2 when fact.Type == FactType.Boolean => Even("true", "false"),
            2 when fact.Type == FactType.Enumeration => Even(fact.Values[0], fact.Values[1]),
            _ => value,
        };

        static JObject Report(JToken value) => new() { ["value"] = value };

        static JObject Even(string one, string other) => new() { ["probability"] = new JObject { [one] = 0.5, [other] = 0.5 } };
    }

    private JToken Value(Fact fact, Random chance)
    {
        switch (fact.Type)
        {
            case FactType.Boolean:
                return chance.Next(2) == 0;
            case FactType.Enumeration:
                return fact.Values[chance.Next(fact.Values.Length)];
            case FactType.List:
                return new JArray((fact.Values.IsEmpty ? [.. texts] : fact.Values).Where(_ => chance.Next(2) == 0).Take(20));
            case FactType.Text:
                return texts[chance.Next(texts.Length)];
            case FactType.Date:
                return AsOf;
        }

        var steps = (fact.Max - fact.Min) / fact.Step;
        var step = chance.Next(2) == 0
            ? Math.Floor((decimal)chance.NextDouble() * (steps + 1))
            : Math.Floor((numbers[chance.Next(numbers.Length)] - fact.Min) / fact.Step) + chance.Next(-1, 2);
        var number = fact.Min + (Math.Clamp(step, 0, steps) * fact.Step);
        return fact.Type == FactType.Integer ? (long)number : number.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(?<![\w.])[0-9]+(\.[0-9]+)?")]
    private static partial Regex WrittenNumber();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex WrittenText();
}
