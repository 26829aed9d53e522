using System.Globalization;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>
/// A book of derived figures that a seed settles, with scenarios: long chains of arithmetic over numbers as large, as small and as long as
/// they may be, so that results are rounded at every digit and run over. Derived numbers show with all their digits.
/// </summary>
internal sealed class NaiveFigures
{
    private const decimal Vast = 999_999_999_999_999;

    private static readonly (string Name, decimal Most, decimal Step)[] Stated =
        [("f.vast", Vast, 1), ("f.tiny", 1, 0.000000000000001m), ("f.cents", 9_999_999_999.99m, 0.01m), ("f.small", 100, 0.25m)];

    private readonly Chance chance;
    private readonly List<string> names = [.. Stated.Select(fact => fact.Name)];

    public NaiveFigures(ulong seed)
    {
        chance = new(seed);
        var book = new TinyBook().Rule("R-1", "hard", "f.vast == f.tiny");
        foreach (var (name, most, step) in Stated) book.Decimal(name, -most, most, step);
        for (var i = 0; i < 12; i++)
        {
            var derive = new JObject { ["role"] = "derived", ["derive"] = Number(chance.From(1, 4)) };
            book.Decimal($"d.figure_{i}", -Vast, Vast, 1, derive.ToString());
            names.Add($"d.figure_{i}");
        }
        Files = book.Files();
    }

    public List<InputFile> Files { get; }

    /// <summary>The next scenario.</summary>
    public byte[] Scenario()
    {
        var known = Stated.Where(_ => chance.Percent(90)).Select(fact => new JProperty(fact.Name, Value(fact.Most, fact.Step)));
        return Encoding.UTF8.GetBytes(new JObject { ["facts"] = new JObject(known) }.ToString());
    }

    private decimal Value(decimal most, decimal step) => chance.Below(6) switch
    {
        0 => most,
        1 => step * chance.From(-10, 10),
        2 => 0,
        _ => step * decimal.Truncate(most / step * chance.From(-1_000_000, 1_000_000) / 1_000_000),
    };

    private string Number(int depth)
    {
        if (depth == 0) return chance.Of(names);
        return chance.Below(12) switch
        {
            < 3 => $"({Number(depth - 1)} / {Operand(depth - 1)})",
            < 5 => $"({Number(depth - 1)} * {Operand(depth - 1)})",
            5 => $"({Number(depth - 1)} + {Operand(depth - 1)})",
            6 => $"({Number(depth - 1)} - {Operand(depth - 1)})",
            7 => $"{Number(depth - 1)} {chance.Of(["+", "-", "*", "/"])} {Number(0)} {chance.Of(["+", "-", "*", "/"])} {Number(0)}",
            8 => $"Math.{chance.Of(["Ceiling", "Floor", "Abs", "Round"])}({Operand(depth - 1)})",
            9 => $"Math.{chance.Of(["Min", "Max"])}({Operand(depth - 1)}, {Number(depth - 1)})",
            10 => $"({Number(0)} {chance.Of(["<", "<=", "==", "!="])} {Operand(0)} ? {Number(depth - 1)} : {Operand(0)})",
            _ => Number(0),
        };
    }

    // Two written numbers must not stand on both sides of a sign, so one stands on the right only.
    private string Operand(int depth) => chance.Percent(70) ? Number(depth) : chance.Below(5) switch
    {
        0 => chance.Of(["3", "7", "0007", "2.50", "10m", "-1", "0"]),
        1 => "0." + new string('3', chance.From(1, 15)),
        2 => "0." + new string('0', chance.From(0, 14)) + chance.From(1, 9).ToString(CultureInfo.InvariantCulture),
        3 => new string('9', chance.From(1, 15)),
        _ => FormattableString.Invariant($"{chance.From(0, 99_999)}.{chance.From(1, 99_999):00000}m"),
    };
}
