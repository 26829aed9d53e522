using System.Text;

namespace Advisory.Tests.Laws;

/// <summary>A damaged copy of a seed.</summary>
/// <param name="Number">Its number; the same number makes the same file for as long as the seeds do not change.</param>
/// <param name="Seed">The file that it is a copy of.</param>
/// <param name="Bytes">What it holds.</param>
/// <param name="How">What was done to it.</param>
internal sealed record HostileFile(long Number, HostileSeed Seed, byte[] Bytes, string How);

/// <summary>Makes hostile files, each from its number alone.</summary>
internal static class HostileFiles
{
    // A scenario has at most 256 KiB. Nobody writes a file of a book longer than this by hand; the time and memory bounds are for such files.
    private const int MaxLength = 300 << 10;

    public static HostileFile Make(long number)
    {
        var random = new Random(unchecked((int)(number * 2_654_435_761L >> 7)) ^ (int)number);
        var kind = random.Next(100);
        var seed = kind < 20 ? Any(random, HostileSeeds.OfBooks.Where(seed => seed.Spots.Expressions.Count > 0).ToList())
            : random.Next(2) == 0 ? Any(random, HostileSeeds.OfBooks) : Any(random, HostileSeeds.OfScenarios);
        var done = new List<string>();
        if (kind is >= 70 and < 95)
        {
            var bytes = Encoding.UTF8.GetBytes(seed.Text);
            for (var more = Repeats(random); more > 0; more--) bytes = DamageBytes(random, bytes, done);
            return new(number, seed, bytes, string.Join(", ", done));
        }

        var text = kind < 20 ? DamageExpressions(random, seed, done) : Damage(random, seed, done);
        var damaged = Encoding.UTF8.GetBytes(text);
        if (kind >= 95) damaged = DamageBytes(random, damaged, done);
        return new(number, seed, damaged, string.Join(", ", done));
    }

    // Mostly one fault, since the first often hides the others.
    private static int Repeats(Random random) => random.Next(4) switch { 0 => 2, 1 => random.Next(1, 6), _ => 1 };

    public static T Any<T>(Random random, IReadOnlyList<T> among) => among[random.Next(among.Count)];

    public static IEnumerable<T> Sample<T>(Random random, IReadOnlyList<T> among, int count) => Enumerable.Range(0, count).Select(_ => Any(random, among));

    // ---- values, names, white space ----

    private static string Damage(Random random, HostileSeed seed, List<string> done)
    {
        var edits = new List<(int Start, int End, string By)>();
        for (var more = Repeats(random); more > 0; more--) edits.Add(Edit(random, seed, done));
        return Apply(seed.Text, edits);
    }

    public static string Apply(string text, IEnumerable<(int Start, int End, string By)> edits)
    {
        var result = new StringBuilder();
        var at = 0;
        foreach (var (start, end, by) in edits.OrderBy(edit => edit.Start).ThenBy(edit => edit.End))
        {
            if (start < at) continue; // inside what is gone
            result.Append(text, at, start - at).Append(by);
            at = end;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static (int, int, string) Edit(Random random, HostileSeed seed, List<string> done)
    {
        var (text, spots) = (seed.Text, seed.Spots);
        var kind = random.Next(10);
        done.Add(kind switch
        {
            0 => "an entry is missing",
            1 => "an entry stands twice",
            2 => "two values change places",
            3 or 4 => "another value",
            5 => "another name",
            6 => "look-alikes in a text",
            7 => "a value nests deeply",
            8 => "an entry more",
            _ => "white space",
        });
        switch (kind)
        {
            case 0:
                return Without(Any(random, spots.Entries));
            case 1:
                var twice = Any(random, spots.Entries);
                return (twice.End, twice.End, "," + string.Concat(Enumerable.Repeat("," + text[twice.From..twice.End], random.Next(20) == 0 ? 200 : 1))[1..]);
            case 2:
                var (one, other) = (Any(random, spots.All), Any(random, spots.All));
                return (one.Start, one.End, text[other.Start..other.End]);
            case 3 or 4:
                var spot = Any(random, random.Next(10) == 0 ? spots.All : spots.Entries);
                return (spot.Start, spot.End, HostileWords.Value(random));
            case 5:
                var member = Any(random, spots.Members);
                return (member.NameStart, member.NameEnd, $"\"{HostileWords.Alike(random, text[(member.NameStart + 1)..(member.NameEnd - 1)])}\"");
            case 6:
                var written = Any(random, spots.Texts);
                return (written.Start, written.End, $"\"{HostileWords.Alike(random, text[(written.Start + 1)..(written.End - 1)])}\"");
            case 7:
                var nested = Any(random, spots.All);
                var depth = Any(random, [1, 2, 20, 25, 30, 31, 32, 33, 1_000, 50_000]);
                var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
                return (nested.Start, nested.End, string.Concat(Enumerable.Repeat(open, depth)) + text[nested.Start..nested.End] + string.Concat(Enumerable.Repeat(close, random.Next(10) == 0 ? depth - 1 : depth)));
            case 8:
                var behind = Any(random, spots.Entries);
                var name = random.Next(2) == 0 ? HostileWords.Text(random) : $"\"{HostileWords.Alike(random, "facts")}\"";
                return (behind.End, behind.End, behind.NameStart >= 0 ? $",{name}:{HostileWords.Value(random)}" : "," + HostileWords.Value(random));
            default:
                var place = Any(random, spots.All);
                var where = Any(random, [place.Start, place.End, place.From]);
                return (where, where, HostileWords.Space(random));
        }
    }

    /// <summary>An entry and the comma that goes with it.</summary>
    public static (int Start, int End, string By) Without(JsonSpot spot)
    {
        var siblings = spot.Parent!.Children;
        var i = siblings.IndexOf(spot);
        return siblings.Count == 1 ? (spot.From, spot.End, "") : i == 0 ? (spot.From, siblings[1].From, "") : (siblings[i - 1].End, spot.End, "");
    }

    // ---- expressions ----

    private static string DamageExpressions(Random random, HostileSeed seed, List<string> done)
    {
        done.Add("an expression");
        var edits = new List<(int Start, int End, string By)>();
        for (var more = Repeats(random); more > 0; more--)
        {
            var spot = Any(random, seed.Spots.Expressions);
            var expression = seed.Text[(spot.Start + 1)..(spot.End - 1)].Replace("\\\"", "\"", StringComparison.Ordinal);
            var other = Any(random, seed.Spots.Expressions);
            var words = HostileWords.Of(seed.Text[(other.Start + 1)..(other.End - 1)].Replace("\\\"", "\"", StringComparison.Ordinal));
            var damaged = HostileWords.DamageExpression(random, expression, words);
            edits.Add((spot.Start, spot.End, HostileWords.Quote(damaged, random)));
        }

        return Apply(seed.Text, edits);
    }

    // ---- bytes ----

    private static readonly byte[][] Invalid =
    [
        [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], // overlong forms of `/`
        [0xED, 0xA0, 0x80], [0xED, 0xB0, 0x80], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], // halves of a pair, and both as CESU-8
        [0x80], [0xBF, 0xBF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x8C], // parts of letters
        [0xFF], [0xFE, 0xFF], [0xF5, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80],
    ];

    private static readonly byte[][] Odd =
    [
        [0], [0xEF, 0xBB, 0xBF], [0x7F], [0x1B, 0x5B, 0x32, 0x4A], [0x08], [0x0D], [0x0D, 0x0A], [0x0C], [0x0B], [0xC2, 0xA0], [0xC2, 0x85], [0xE2, 0x80, 0xA8],
        [0xE2, 0x80, 0xAE], [0xE2, 0x80, 0x8D], [0xEF, 0xBF, 0xBF], [0xF0, 0x9F, 0x8C, 0x8A], [0xF4, 0x8F, 0xBF, 0xBF],
    ];

    private static byte[] DamageBytes(Random random, byte[] bytes, List<string> done)
    {
        var at = random.Next(bytes.Length + 1);
        var length = Math.Min(bytes.Length - at, random.Next(1, 40));
        var kind = random.Next(14);
        done.Add(kind switch
        {
            0 => "cut short",
            1 => "random bytes",
            2 => "invalid UTF-8",
            3 => "odd characters",
            4 => "a byte-order mark",
            5 => "another encoding",
            6 => "bytes missing",
            7 => "bytes twice",
            8 => "bytes elsewhere",
            9 => "carriage returns",
            10 => "more behind the end",
            11 => "signs of JSON",
            12 => "a bit",
            _ => "long",
        });
        switch (kind)
        {
            case 0:
                return bytes[..at];
            case 1:
                var noise = new byte[length];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[(at + length)..]];
            case 2:
                return [.. bytes[..at], .. Any(random, Invalid), .. bytes[at..]];
            case 3:
                return [.. bytes[..at], .. Any(random, Odd), .. bytes[at..]];
            case 4:
                if (random.Next(2) == 0) at = 0;
                return [.. bytes[..at], 0xEF, 0xBB, 0xBF, .. bytes[at..]];
            case 5:
                Encoding[] encodings = [Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, Encoding.Latin1];
                var encoding = Any(random, encodings);
                return [.. random.Next(2) == 0 ? encoding.GetPreamble() : [], .. encoding.GetBytes(Encoding.UTF8.GetString(bytes))];
            case 6:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 7:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 8:
                var to = random.Next(at + 1);
                return [.. bytes[..to], .. bytes[at..(at + length)], .. bytes[to..at], .. bytes[(at + length)..]];
            case 9:
                return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).ReplaceLineEndings(Any(random, ["\r\n", "\r", "\n\r", "\u2028"])));
            case 10:
                return [.. bytes, .. Any(random, [[0], bytes, "}"u8.ToArray(), "\n"u8.ToArray(), " x"u8.ToArray(), "//"u8.ToArray()])];
            case 11:
                var signs = new byte[random.Next(1, 4)];
                for (var i = 0; i < signs.Length; i++) signs[i] = (byte)Any(random, "{}[]\":,\\0x.-+eE'/*#tfn ".ToCharArray());
                return [.. bytes[..at], .. signs, .. bytes[Math.Min(bytes.Length, at + random.Next(2))..]];
            case 12:
                if (at == bytes.Length) return [];
                var flipped = bytes.ToArray();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            default:
                var filler = Any(random, [" ", "\n", "[", "{\"\":", "\"", "\\u0041", "9", "0", "\u00e9", "\0", ",", "-"]);
                var much = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(filler, random.Next(MaxLength / 4, MaxLength) / Encoding.UTF8.GetByteCount(filler))));
                return [.. bytes[..at], .. much, .. bytes[at..]];
        }
    }
}
