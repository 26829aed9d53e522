using System.Collections.Immutable;
using System.Text;
using Advisory.Engine;
using Advisory.Engine.Analysis;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Analysis;

/// <summary>The outcome for every state of every fact, by evaluation alone: what the analysis must agree with.</summary>
internal sealed class Table
{
    /// <summary>Where reports contradict each other that do not now: no answer speaks of such states.</summary>
    public const string Contradiction = "a contradiction";

    private readonly string[] outcomes;
    private readonly int[] strides;

    public Table(SmallBook small, RuleBook book, Subject subject, Basis basis)
    {
        (Small, Subject, Basis) = (small, subject, basis);
        Sizes = [.. small.Facts.Select(f => f.States.Count)];
        strides = new int[Sizes.Length];
        var count = 1;
        for (var i = 0; i < Sizes.Length; i++)
        {
            strides[i] = count;
            count *= Sizes[i];
        }

        outcomes = new string[count];
        var contested = Altered.Contested(small.Book, small.Scenario, subject, basis).ToHashSet();
        var held = small.Facts.Select(f => f.Fact.Default?.Value ?? (basis == Basis.Assumed ? f.Fact.Assumption?.Value : null)).ToArray();
        Present = [.. small.Facts.Select((f, i) => small.Scenario.About(f.Fact) is { } about ? IndexOf(i, about.Value?.Json) : IndexOf(i, held[i]))];
        IsHeld = [.. small.Facts.Select((f, i) => small.Scenario.About(f.Fact) is null && held[i] is not null)];
        var stated = small.Facts.Select((f, i) => f.States.Select(value => Stated(small, book, f.Fact, value)).ToArray()).ToArray();
        for (var at = 0; at < count; at++)
        {
            var facts = ImmutableArray.CreateBuilder<StatedFact>();
            for (var i = 0; i < Sizes.Length; i++)
            {
                var state = at / strides[i] % Sizes[i];
                // As it is now, nothing need be said of a fact of which nothing is said.
                if (state == Present[i] && small.Scenario.About(small.Facts[i].Fact) is null) continue;
                if (stated[i][state] is { } about) facts.Add(about);
            }

            facts.Sort((a, b) => a.Fact.Slot - b.Fact.Slot);
            var scenario = new Scenario
            {
                AsOf = small.Scenario.AsOf,
                Facts = facts.ToImmutable(),
                Waivers = [.. small.Scenario.Waivers.Select(w => w with { Rule = book.Rule(w.Rule.Name)! })],
                Readings = [.. small.Scenario.Readings.Select(r => (book.Fact(r.Reading.Name)!, r.Option))],
            };
            outcomes[at] = Altered.Contested(book, scenario, subject, basis).Except(contested).Any() ? Contradiction : Altered.Outcome(book, scenario, subject, basis);
        }
    }

    public SmallBook Small { get; }

    public Subject Subject { get; }

    public Basis Basis { get; }

    public int[] Sizes { get; }

    /// <summary>The state of each fact now: 0 for unknown.</summary>
    public int[] Present { get; }

    public bool[] IsHeld { get; }

    public int Count => outcomes.Length;

    public string Now => outcomes[Index(Present)];

    public string Outcome(int at) => outcomes[at];

    public int State(int at, int fact) => at / strides[fact] % Sizes[fact];

    public int Index(int[] states) => states.Select((s, i) => s * strides[i]).Sum();

    public string NameOf(int fact) => Small.Facts[fact].Fact.Name;

    private int IndexOf(int fact, JToken? value) => Small.Facts[fact].States.FindIndex(s => value is null ? s is null : s is not null && JToken.DeepEquals(Sorted(s), Sorted(value)));

    private static JToken Sorted(JToken value) => value is JArray list ? new JArray(list.OrderBy(v => (string)v!, StringComparer.Ordinal)) : value.Type == JTokenType.Float ? new JValue(((decimal)value).ToString(System.Globalization.CultureInfo.InvariantCulture)) : value;

    private static StatedFact? Stated(SmallBook small, RuleBook book, Fact fact, JToken? value)
    {
        var given = value?.DeepClone() ?? new JObject { ["reports"] = new JArray(small.Facts.First(f => f.Fact == fact).States.Skip(1).Take(2).Select(v => new JObject { ["value"] = v })) };
        var json = new JObject { ["facts"] = new JObject { [fact.Name] = given } };
        var read = Scenario.Read(book, new("s", Encoding.UTF8.GetBytes(json.ToString())));
        return read.Value!.Facts.Single();
    }
}
