using System.Globalization;
using System.Text;

namespace Advisory.Tests.Laws;

/// <summary>What a hostile hand writes: values, names that look like others, white space, expressions.</summary>
internal static class HostileWords
{
    public static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "0.5", "5", "1e999", "-1e999", "1e-999", "1e-15", "1e-16", "1e99999999999", "0e99999999999", "1E5", "1.0e+2", "1e2147483648",
        "9007199254740993", "-9007199254740993", "9223372036854775808", "999999999999999", "1000000000000000", "999999999999999.9", "0.000000000000001", "0.1234567890123456",
        "123456789012345.5", "79228162514264337593543950336", "1.00000000000000000000000000000000", "00", "01", "+1", ".5", "1.", "-", "1e", "0x10", "1_000", "NaN", "Infinity",
        "-Infinity", "undefined", "nul", "True", "nulls", "truefalse", "'x'", "x", "", ",", ":", "/**/", "new Date(0)",
        "\"\"", "\" \"", "\"x\"", "\"null\"", "\"true\"", "\"1e999\"", "\"-0\"", "\"2026-02-30\"", "\"0001-01-01\"", "\"9999-12-31\"", "\"2026-01-24T00:00:00Z\"", "\"a.b\"", "\"a.b == 1\"",
        "\"any\"", "\"all\"", "\"reading\"", "\"../book\"", "\"book\"", "\"vocabulary\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83c\\udf0a\"", "\"\\u202e\"", "\"\\ufffe\"",
        "\"\\uD800x\"", "\"\\u12\"", "\"\\x41\"", "\"\\\"", "\"\t\"", "\"\u0007\"", "\"é\"", "\"🌊\"", "\"\u2028\"", "\"\u200d\"",
        "[]", "{}", "[[]]", "[{}]", "[null]", "[\"x\"]", "[\"x\",\"x\"]", "[1,1]", "[0,]", "[,]", "{\"\":0}", "{\"x\":1}", "{\"x\":1,\"x\":2}", "{\"x\":1,}", "{x:1}", "{\"en\":\"a\",\"nl\":\"b\"}",
        "{\"value\":null}", "{\"value\":{\"value\":1}}", "{\"reports\":[]}", "{\"probability\":{}}", "{\"probability\":{\"true\":1}}", "{\"reading\":\"x\"}", "{\"$ref\":\"#\"}", "{\"$type\":\"x\"}", "{\"__proto__\":{}}",
    ];

    /// <summary>A value, valid JSON or not; one in twelve is long.</summary>
    public static string Value(Random random) => random.Next(12) > 0 ? HostileFiles.Any(random, Values) : random.Next(16) switch
    {
        0 => new('9', HostileFiles.Any(random, [15, 16, 29, 99, 100, 101, 310, 5_000, 200_000])),
        1 => "0." + new string('0', HostileFiles.Any(random, [14, 27, 28, 90, 5_000])) + "1",
        2 => "1" + new string('0', HostileFiles.Any(random, [14, 15, 28, 29, 98])) + ".0",
        3 => $"\"{new string('x', HostileFiles.Any(random, [63, 64, 65, 100, 101, 500, 501, 4_000, 4_001, 200_000]))}\"",
        4 => $"\"{Many("\\u0041", 20_000)}\"",
        5 => $"\"{Many("🌊", HostileFiles.Any(random, [28, 29, 30, 31, 20_000]))}\"",
        6 => $"\"{Many("\\ud83c\\udf0a", 5_000)}\"",
        7 => $"[{Many("0,", HostileFiles.Any(random, [61, 62, 200, 5_000, 40_000]))}0]",
        8 => $"[{Series(HostileFiles.Any(random, [62, 63, 200, 201, 5_000]), i => $"\"v{i}\"")}]",
        9 => $"{{{Series(HostileFiles.Any(random, [62, 500, 10_000]), i => $"\"m{i}\":{i}")}}}",
        10 => $"{{{Series(5_000, i => $"\"a.f{i}\":true")}}}",
        11 => $"[{Series(3_000, i => $"{{\"id\":\"i{i}\"}}")}]",
        12 => $"[{Many("{},", 20_000)}{{}}]",
        13 => $"[{Many("[],", 20_000)}[]]",
        14 => $"[{Many("\"x\",", 30_000)}\"x\"]",
        _ => $"\"{Many("(", 2_000)}\"",
    };

    /// <summary>A text with its quotes.</summary>
    public static string Text(Random random)
    {
        var value = HostileFiles.Any(random, Values);
        return value.StartsWith('"') && value.EndsWith('"') && value.Length > 1 ? value : $"\"{Quote(value, random).Trim('"')}\"";
    }

    public static string Space(Random random) => HostileFiles.Any(random,
    [
        " ", "\t", "\r", "\n", "\r\n", "\f", "\v", "\0", "\u00a0", "\u2028", "\ufeff", "\u200b", "\u202e", "\u0085", "/* x */", "// x\n", "# x\n", "<!-- -->", ",", ",,", ":", "\"", "\\", "\u001b[2J",
    ]);

    // Each letter and sign, and one that looks like it: Cyrillic, Armenian, Greek, full width.
    private const string Plain = "aceopxysijdhluvn._-\"=( ";
    private const string Alikes = "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0455\u0456\u0458\u0501\u04bb1\u03c5\u03bd\u0578\u2024\uff3f\u2010\u201d\uff1d\uff08\u00a0";

    private static char LookAlike(char c, char otherwise) => Plain.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? Alikes[at] : otherwise;

    /// <summary>A name that looks much like another; it goes between quotes as it is.</summary>
    public static string Alike(Random random, string name)
    {
        if (name.Length == 0) return HostileFiles.Any(random, [" ", "\\u0000", "x"]);
        var at = random.Next(name.Length);
        var letter = name[at];
        if (letter == '\\' || at > 0 && name[at - 1] == '\\') return name + "\u200b";
        switch (random.Next(16))
        {
            case 0: return name[..at] + name[(at + 1)..];
            case 1: return name[..at] + letter + name[at..];
            case 2: return string.Concat(name.Select(c => LookAlike(c, c)));
            case 3: return string.Concat(name.Select(c => c is > ' ' and <= '~' && c is not ('\\' or '"') ? ((char)(c + 0xFEE0)).ToString() : c.ToString()));
            case 4: return name[..at] + HostileFiles.Any(random, ["\u200d", "\u200b", "\u2060", "\u00ad", "\ufeff", "\u034f", "\u180e"]) + name[at..];
            case 5: return name[..at] + HostileFiles.Any(random, ["\u202e", "\u2066", "\u200f", "\u061c"]) + name[at..];
            case 6: return name.ToUpperInvariant();
            case 7: return HostileFiles.Any(random, [" " + name, name + " ", name + "\\u0000", name + "\\n", "\\t" + name]);
            case 8: return name[..at] + $"\\u{(int)letter:x4}" + name[(at + 1)..]; // says the same
            case 9: return name[..at] + letter + "\u0301" + name[(at + 1)..];
            case 10: return string.Concat(Enumerable.Repeat(name, HostileFiles.Any(random, [2, 10, 1_000])));
            case 11: return HostileFiles.Any(random, ["__proto__", "$schema", "$ref", "constructor", "toString", "`", "``x", "%s%n", "<b>", "\\u001b[2J", "a\\u2028b", "\\u0007", "{0}"]);
            case 12: return name.Normalize(NormalizationForm.FormD) + "\u0308";
            case 13: return char.ConvertFromUtf32(0x1D400 + random.Next(50)) + name[1..];
            case 14: return name + HostileFiles.Any(random, ["\\ud800", "\\udfff", "\\ud83c\\u0041"]);
            default: return name[..at] + LookAlike(letter, '\u0131') + name[(at + 1)..];
        }
    }

    // ---- expressions ----

    private static readonly string[] Words =
    [
        "&&", "||", "==", "!=", "<", "<=", ">", ">=", "!", "?", ":", "(", ")", ",", "+", "-", "*", "/", "in", "true", "false", "null", "0", "1", "2.5", "2.5m", "5M", "\"\"", "\"x\"", "mission.type",
        "mission.type.x", "a.b", "a", "_", "a..b", ".a", "a.", "Math.Min", "Math.Max(1, 2)", "Math.Round", "Math.Pow", "x.Contains", "Contains(\"x\")", "sky.clear", "wind.speed", "not", "and", "or", "eq",
        "??", "? ?", "=", "===", "=>", "=<", "<>", "%", "&", "|", "^", "~", "'x'", "\"x", "\\", "\\\"", "x => x", "new", "it", "typeof(x)", "[0]", "{", "}", ";", "@", "#", "$", "1e5", "0x1F", "1.2.3", "5mm", ".5",
        "5.", "9007199254740993", "999999999999999", "1000000000000000", "0.1234567890123456", "-5", "--5", "- -5", "\u0430.b", "\uff1d\uff1d", "\u2260", "\u2264", "\u00a0", "\u200d", "\u201cx\u201d", "\0", "\n", "\t",
        "🌊", "\ufeff", "/* x */", "// x",
    ];

    /// <summary>An expression cut into its words, roughly.</summary>
    public static List<string> Of(string expression)
    {
        var words = new List<string>();
        for (var at = 0; at < expression.Length;)
        {
            var start = at;
            if (char.IsLetterOrDigit(expression[at]))
                while (at < expression.Length && (char.IsLetterOrDigit(expression[at]) || expression[at] is '_' or '.')) at++;
            else if (expression[at] == '"')
                at = expression.IndexOf('"', at + 1) is var close && close < 0 ? expression.Length : close + 1;
            else
                at += at + 1 < expression.Length && expression[at] is '=' or '!' or '<' or '>' or '&' or '|' && expression[at + 1] is '=' or '&' or '|' ? 2 : 1;
            words.Add(expression[start..Math.Min(at, expression.Length)]);
        }

        return words;
    }

    public static string DamageExpression(Random random, string expression, List<string> others)
    {
        if (random.Next(5) == 0) return Bomb(random, expression);
        var words = Of(expression);
        for (var more = random.Next(1, 4); more > 0 && words.Count > 0; more--)
        {
            var at = random.Next(words.Count);
            switch (random.Next(9))
            {
                case 0: words.RemoveAt(at); break;
                case 1: words.Insert(at, words[at]); break;
                case 2: words[at] = HostileFiles.Any(random, Words); break;
                case 3: words.Insert(at, HostileFiles.Any(random, Words)); break;
                case 4 when others.Count > 0: words[at] = HostileFiles.Any(random, others); break;
                case 5:
                    var with = random.Next(words.Count);
                    (words[at], words[with]) = (words[with], words[at]);
                    break;
                case 6: words[at] = Alike(random, words[at].Replace("\"", "", StringComparison.Ordinal)); break;
                case 7: words.RemoveRange(at, random.Next(words.Count - at)); break;
                default: words.InsertRange(at, others); break;
            }
        }

        return string.Concat(words);
    }

    private static string Bomb(Random random, string expression)
    {
        var count = HostileFiles.Any(random, [1, 2, 23, 24, 25, 26, 48, 49, 50, 51, 399, 400, 401, 900, 3_000, 60_000]);
        return random.Next(12) switch
        {
            0 => Many("(", count) + expression + Many(")", count),
            1 => Many("!", count) + "(" + expression + ")",
            2 => expression + Many(" && " + expression, count),
            3 => Many("sky.clear == true ? ", count) + "true" + Many(" : false", count),
            4 => Many("true ? true : ", count) + expression,
            5 => "wind.speed" + Many(" + 1", count) + " > 5",
            6 => "wind.speed in (" + Series(count, i => i.ToString(CultureInfo.InvariantCulture)) + ")",
            7 => "ship.name in (" + Series(count, i => $"\"t{i}\"") + ")",
            8 => "ship.name == \"" + new string('x', count) + "\"",
            9 => Many("Math.Abs(", count) + "wind.speed" + Many(")", count) + " > 1",
            10 => Many("-", count) + "5 < wind.speed",
            _ => new string(' ', count) + expression,
        };
    }

    /// <summary>A JSON string with its quotes; now and then with escapes where none are needed, which moves columns.</summary>
    public static string Quote(string text, Random random)
    {
        var escapes = random.Next(4) == 0;
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c < ' ' || escapes && random.Next(8) == 0) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static string Many(string text, int count) => new StringBuilder().Insert(0, text, Math.Min(count, 300_000 / text.Length)).ToString();

    private static string Series(int count, Func<int, string> one) => string.Join(",", Enumerable.Range(0, count).Select(one));
}
