using System.Text;
using System.Text.Json;
using Advisory.Engine;
using Advisory.Engine.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// What is read is JSON as RFC 8259 has it and nothing else. System.Text.Json, which the engine does not use, is asked about every
/// document too: a second opinion on the tables below and on thousands of random texts.
/// </summary>
public sealed class StrictJsonTests
{
    private static readonly string[] Good =
    [
        // structure
        "[]", "{}", "[[]   ]", "[{}]", " [] ", "[\n]", "[[[[[[[[]]]]]]]]", "[null, 1, \"1\", {}]", "[1,null,null,null,2]", "[2] ", "[\"a\"]\n",
        "{\"a\":[]}", "{\"a\":\"b\"}", "{\"a\":\"b\",\"c\":\"d\"}", "{\"a\":\"b\",\"a\":\"c\"}", "{\"\":0}", "{\n\"a\": \"b\"\n}", "{\"x\":[{\"id\": \"x\"}], \"id\": \"y\"}",
        // a lone value, and literals
        "true", "false", "null", "42", "-0.1", "\"asd\"", "\"\"", "[true]", "[false]", "[null]", "[true,false,null]",
        // numbers
        "[0]", "[-0]", "[-1]", "[-123]", "[123]", "[ 4]", "[0.5]", "[-0.0]", "[123.456789]", "[0e1]", "[0e+1]", "[0E-1]", "[20e1]", "[1E22]", "[1E-2]", "[1E+2]",
        "[123e65]", "[123.456e78]", "[1e-2]", "[1e+2]", "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]", "[1.0e00007]",
        // strings
        "[\"a/*b*/c/*d//e\"]", "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"\\\\a\"]", "[\"\\u0000\"]",
        "[\"\\uFFFF\"]", "[\"\\u0022\"]", "[\"\\u002c\"]", "[\"π\"]", "[\"𝄞\"]", "[\" \"]", "[\"'\"]", "[\"\u2028\u2029\"]", "[\"\u007F\u0080\"]", "[\"\uFEFF\"]", "{\"foo\\u0000bar\": 42}",
        // white space
        "\t[\r\n1 ,\t2\n]\r\n ", "{ \"a\"\n:\r1\t}",
    ];

    private static readonly string[] Bad =
    [
        // structure
        "", " ", "\n", "[", "]", "{", "}", "[1", "[1,", "[\"\"", "[\"x\"", "[{}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"\": ", "[\"x\"]]", "[1]]", "{}}", "[][]", "[] {}", "1 2", "1]",
        "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[,]", "[ , \"\"]", "[1,]", "[1,,]", "[\"\",]", "[3[4]]", "[1:2]", "[1}", "{\"a\":1]", "[*]", "[x", "[<null>]", "<.>", "[1]x", "2@", "abc",
        "{[: \"x\"}", "{\"x\", null}", "{\"x\"::\"b\"}", "{\"a\":\"a\" 123}", "{\"a\" b}", "{:\"b\"}", "{1:1}", "{null:null}", "{\"id\":0,}", "{\"id\":0,,}", "{,}", "{\"a\":\"b\",,\"c\":\"d\"}", "{\"a\", \"b\"}", "{\"foo\" : \"bar\", \"a\"}",
        // what other readers of JSON forgive
        "{key: \"value\"}", "{'a':0}", "['single quote']", "{\"a\":\"b\"}//", "{\"a\":\"b\"}/**/", "{\"a\":/*comment*/\"b\"}", "/**/[]", "{\"a\":\"b\"}#", "[undefined]", "[new Date(0)]", "[\"a\" + \"b\"]", "(1)", "[1;2]", "{\"a\"=1}",
        // literals
        "[fals]", "[nul]", "[tru]", "[True]", "[TRUE]", "[Null]", "[truth]", "[true1]", "[truefalse]", "nullnull", "[NaN]", "[-NaN]", "[Infinity]", "[-Infinity]", "[Inf]", "[+Inf]",
        // numbers
        "[-]", "[+1]", "[++1]", "[- 1]", "[--1]", "[01]", "[-01]", "[012]", "[00]", "[1.]", "[-2.]", "[.1]", "[-.1]", "[.-1]", "[0.1.2]", "[-1.0.]", "[0.e1]", "[2.e3]", "[2.e+3]", "[9.e+]", "[0e]", "[0E]", "[0e+]", "[1.0e]", "[1.0e-]",
        "[1eE2]", "[1ea]", "[0e+-1]", "[1 000.0]", "[1_000]", "[1,5e]", "[1a]", "[-1x]", "[1+2]", "[0x1]", "[0x42]", "[1.5m]", "[１]", "[1e1.5]", "[1f]", "[1L]",
        // strings
        "\"", "\"asd", "[\"asd]", "[\"", "[\"\\", "[\"\\\"]", "[\"\\\\\\\"]", "[\"\\a\"]", "[\"\\x00\"]", "[\"\\\t\"]", "[\"\\'\"]", "[\"\\0\"]", "[\"\\u\"]", "[\"\\u00A\"]", "[\"\\u00AG\"]", "[\"\\uqqqq\"]", "[\"\\UA66D\"]", "[\"\\u 041\"]", "[\"\\u+041\"]",
        "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\\u0020\"asd\"]", "[\\n]", "[\"new\nline\"]", "[\"tab\there\"]", "[\"nul\0\"]", "[\"\u001F\"]", "[\"\r\"]", "\"\"x", "[é]",
        // white space
        "[\f]", "[\v1]", "\u00A0[]", "[\u2003]", "[1]\u0085", "\u2060[]", "\uFEFF[]", "[]\0", "\\u000A[]",
    ];

    public static TheoryData<string> GoodDocuments => new(Good);

    public static TheoryData<string> BadDocuments => new(Bad);

    [Theory]
    [MemberData(nameof(GoodDocuments))]
    public void A_document_of_RFC_8259_is_accepted(string json)
    {
        Assert.Null(JsonGrammar.Check(json, []));
        Assert.True(SecondOpinion(json));
    }

    [Theory]
    [MemberData(nameof(BadDocuments))]
    public void Anything_else_is_refused_at_a_place_inside_the_text(string json)
    {
        var fault = JsonGrammar.Check(json, []);
        Assert.NotNull(fault);
        Assert.InRange(fault.Value.Offset, 0, json.Length);
        Assert.NotEmpty(fault.Value.Text);
        Assert.False(SecondOpinion(json));
    }

    [Theory]
    [InlineData("[1,]", 2, "nothing stands behind this comma", "leave it out")]
    [InlineData("[1 2]", 3, "a comma or `]` was expected here")]
    [InlineData("{\"a\":1 \"b\":2}", 7, "a comma or `}` was expected here")]
    [InlineData("{\"a\":1,}", 6, "nothing stands behind this comma", "leave it out")]
    [InlineData("{a:1}", 1, "a member name in double quotes was expected here")]
    [InlineData("{\"a\" 1}", 5, "a colon was expected here")]
    [InlineData("[01]", 1, "a number does not start with a zero")]
    [InlineData("[-x]", 2, "a digit was expected here")]
    [InlineData("[1.]", 3, "a digit was expected here")]
    [InlineData("[\"\\q\"]", 2, "this is not an escape that JSON knows")]
    [InlineData("[\"\\u12G4\"]", 2, "four hexadecimal digits were expected after `\\u`")]
    [InlineData("[\"a\nb\"]", 3, "a control character in a string must be escaped")]
    [InlineData("[\"a", 3, "the string does not end")]
    [InlineData("[1", 2, "the file ends too early")]
    [InlineData("[] []", 3, "nothing more was expected here")]
    [InlineData("[NaN]", 1, "a value was expected here")]
    public void A_fault_is_shown_where_it_stands(string json, int offset, string text, string? hint = null) => Assert.Equal(new(offset, text, Hint: hint), JsonGrammar.Check(json, []));

    /// <summary>RFC 8259 leaves open what half of a pair means (section 8.2); it is no character, so it cannot be compared or written again.</summary>
    [Theory]
    [InlineData("\"\\ud800\"", 1)]
    [InlineData("\"\\uDFFF\"", 1)]
    [InlineData("\"a\\udc00b\"", 2)]
    [InlineData("\"\\ud800\\ud800\\udc00\"", 1)]
    [InlineData("\"\\ud800\\udc00\\udc00\"", 13)]
    [InlineData("\"\\ud800x\"", 1)]
    [InlineData("\"\\ud800\\n\"", 1)]
    [InlineData("\"\\ud800\\u0041\"", 1)]
    [InlineData("{\"\\ud800\":1}", 2)]
    public void Half_a_surrogate_pair_is_refused(string json, int offset)
    {
        Assert.Equal(new(offset, "half of a surrogate pair is not a character", "lone-surrogate"), JsonGrammar.Check(json, []));
        Assert.True(SecondOpinion(json));
    }

    [Fact]
    public void Depth_and_length_of_numbers_are_bounded()
    {
        Assert.Null(JsonGrammar.Check(Nested(32), []));
        Assert.Equal(new(32, "more than 32 levels deep"), JsonGrammar.Check(Nested(33), []));
        Assert.Equal(new(32, "more than 32 levels deep"), JsonGrammar.Check(new('[', 1_000_000), []));
        Assert.Null(JsonGrammar.Check("1" + new string('0', 99), []));
        Assert.Equal(new(0, "a number of 101 characters; at most 100 are read"), JsonGrammar.Check("1" + new string('0', 100), []));

        static string Nested(int levels) => new string('[', levels) + new string(']', levels);
    }

    /// <summary>The positions of problems rest on this: the reader hands out tokens in the order in which the grammar noted them.</summary>
    [Theory]
    [MemberData(nameof(GoodDocuments))]
    public void Every_token_of_the_reader_has_its_offset(string json)
    {
        var offsets = new List<int>();
        Assert.Null(JsonGrammar.Check(json, offsets));

        using var reader = new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None };
        var kinds = new List<JsonToken>();
        while (reader.Read()) kinds.Add(reader.TokenType);
        Assert.Equal(kinds, offsets.Zip(kinds, (offset, kind) => Kind(json[offset], kind)));

        var bytes = Encoding.UTF8.GetBytes(json);
        var other = new Utf8JsonReader(bytes);
        var starts = new List<int>();
        while (other.Read()) starts.Add(Encoding.UTF8.GetCharCount(bytes.AsSpan(0, (int)other.TokenStartIndex)));
        Assert.Equal(starts, offsets);

        // By the first character alone a name cannot be told from a text, nor a whole number from another.
        static JsonToken Kind(char first, JsonToken expected) => first switch
        {
            '{' => JsonToken.StartObject,
            '}' => JsonToken.EndObject,
            '[' => JsonToken.StartArray,
            ']' => JsonToken.EndArray,
            '"' => expected == JsonToken.PropertyName ? expected : JsonToken.String,
            't' or 'f' => JsonToken.Boolean,
            'n' => JsonToken.Null,
            _ => expected == JsonToken.Float ? expected : JsonToken.Integer,
        };
    }

    [Fact]
    public void On_twenty_thousand_mutated_documents_the_grammar_and_the_second_opinion_agree()
    {
        var random = new Random(8259);
        var accepted = 0;
        var short_ = Good.Where(json => json.Length < 70).ToArray(); // longer numbers are beyond our bound, not beyond the grammar
        for (var i = 0; i < 20_000; i++)
        {
            var json = Mutated(random, short_[random.Next(short_.Length)]);
            var fault = JsonGrammar.Check(json, []);
            var isGood = fault is null or { Code: "lone-surrogate" };
            Assert.True(isGood == SecondOpinion(json) || fault is { Code: "lone-surrogate" }, json);
            if (isGood) accepted++;
        }

        Assert.InRange(accepted, 1_000, 19_000);
    }

    [Theory]
    [InlineData("{\"facts\":{}}\uE000", 13, "invalid-utf8")]
    [InlineData("\uFEFF{\"facts\":{}}", 1, "byte-order-mark")]
    [InlineData("{\"facts\":{},\"facts\":{}}", 13, "duplicate-name")]
    [InlineData("{\"facts\":{\"p.a\":true,\"p\\u002ea\":true}}", 22, "duplicate-name")]
    [InlineData("{\"facts\":{\"n.x\":1.0000000000000001}}", 17, "number-range")]
    [InlineData("[]", 1, "wrong-kind")]
    public void What_is_JSON_and_still_not_a_scenario_is_a_problem_at_its_place(string json, int column, string code)
    {
        // The private-use character stands for a byte that is not UTF-8.
        var bytes = json.SelectMany(c => c == '\uE000' ? [(byte)0xFF] : Encoding.UTF8.GetBytes([c])).ToArray();
        var read = Scenario.Read(Book, new("s.json", bytes));
        Assert.Null(read.Value);
        Assert.Contains(read.Problems, p => (p.Line, p.Column, p.Code) == (1, column, code));
    }

    [Fact]
    public void Ten_thousand_random_byte_strings_are_problems_and_never_exceptions()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(0, 60)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
                for (var j = 0; j < bytes.Length; j++) bytes[j] = (byte)"{}[]:,\"\\ue+-.0123456789 truefalsenull\n"[bytes[j] % 37];
            IsValueOrProblem(Scenario.Read(Book, new("s.json", bytes)), [new("s.json", bytes)]);
            List<InputFile> files = [.. BookFiles];
            files[i % files.Count] = files[i % files.Count] with { Content = bytes };
            if (i % 40 == 0) IsValueOrProblem(RuleBook.Load(files), files);
        }
    }

    [Fact]
    public void Nine_thousand_mutated_scenarios_are_read_or_are_problems()
    {
        var random = new Random(2);
        var read = 0;
        string[] good = [ScenarioText, .. new[] { "S06", "S29", "S40" }.Select(name => File.ReadAllText(Repository.PathOf("rules", "ukraine", "cases", name + ".json")))];
        for (var i = 0; i < 9_000; i++)
        {
            var which = i % 8 < good.Length ? i % 8 : 0; // half of them the small book's
            var text = i % 3 == 0 ? Mutated(random, good[which]) : Replaced(random, good[which]);
            var file = new InputFile("s.json", Encoding.UTF8.GetBytes(text));
            var loaded = Scenario.Read(which == 0 ? Book : Books.Ukraine, file);
            IsValueOrProblem(loaded, [file]);
            if (loaded.Value is null) continue;

            // What is read can also be evaluated.
            read++;
            if (which == 0) Assert.NotEmpty(Evaluation.Of(Book, loaded.Value).Verdicts);
        }

        Assert.InRange(read, 100, 8_900);
    }

    [Fact]
    public void A_thousand_mutated_books_are_loaded_or_are_problems()
    {
        var random = new Random(3);
        var loadedBooks = 0;
        for (var i = 0; i < 1_000; i++)
        {
            List<InputFile> files = [.. BookFiles];
            var which = random.Next(files.Count);
            var good = Encoding.UTF8.GetString(files[which].Content.Span);
            files[which] = files[which] with { Content = Encoding.UTF8.GetBytes(i % 4 == 0 ? Mutated(random, good) : Replaced(random, good)) };
            var loaded = RuleBook.Load(files);
            IsValueOrProblem(loaded, files);
            if (loaded.Value is not null) loadedBooks++;
        }

        Assert.InRange(loadedBooks, 30, 970);
    }

    /// <summary>Faults that no mutation is sure to meet.</summary>
    [Fact]
    public void Odd_files_are_problems_and_never_exceptions()
    {
        Refused("unknown-file", [.. BookFiles, File("a", "{}")]);
        Refused("unknown-file", [.. BookFiles, File("", "{}")]);
        Refused("missing-file", [File("", "{}")]);
        Refused("missing-file", []);

        const string Reading = """{ "name": "reading.r", "title": { "en": "t", "nl": "t" }, "why": { "en": "t", "nl": "t" }, "default": "o0", "options": [{0}] }""";
        var without = Reading.Replace("{0}", "", StringComparison.Ordinal);
        Refused("missing-member", new TinyBook().Boolean("p.a").Signal("S", """{ "reading": "reading.r" }""", "p.a == true", @event: "warning").File("readings.json", $$"""{ "readings": [{{without}}] }""").Files());
        var options = Enumerable.Range(0, 63).Select(i => FormattableString.Invariant($$"""{ "value": "o{{i}}", "label": { "en": "l", "nl": "l" } }"""));
        var many = Reading.Replace("{0}", string.Join(',', options), StringComparison.Ordinal);
        Refused("too-many", new TinyBook().Boolean("p.a").Rule("R", "hard", "reading.r == \"o62\"").File("readings.json", $$"""{ "readings": [{{many}}] }""").Files());

        static void Refused(string code, List<InputFile> files)
        {
            var loaded = RuleBook.Load(files);
            Assert.Null(loaded.Value);
            Assert.Contains(loaded.Problems, p => p.Code == code);
        }

        static InputFile File(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));
    }

    private static void IsValueOrProblem<T>(Loaded<T> loaded, IReadOnlyCollection<InputFile> files) where T : class
    {
        Assert.Equal(loaded.Value is null, loaded.Problems.Any(p => p.Severity == Severity.Error));
        foreach (var problem in loaded.Problems)
        {
            var file = files.FirstOrDefault(f => f.Name == problem.File);
            var lines = Encoding.UTF8.GetString(file.Content.Span).Split('\n'); // of a file that is missing: one empty line
            Assert.InRange(problem.Line, 1, lines.Length);
            Assert.InRange(problem.Column, 1, lines[problem.Line - 1].Length + 1);
            Assert.NotEmpty(problem.Text);
        }
    }

    private static bool SecondOpinion(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json), new() { MaxDepth = JsonGrammar.MaxDepth });
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static readonly string[] Snippets =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\n", "-", "+", ".", "e", "0", "1", "9", "00", "1e5", "-1", "999999999999999", "1e400", "true", "false", "null", "tru",
        " ", "\n", "\t", "\r", "\f", "\u00A0", "é", "\0", "\"a\"", "\"en\":", "{}", "[]", "//", "/*", "'", "NaN",
    ];

    /// <summary>One to three small changes anywhere in the text: something out, something twice, something in.</summary>
    private static string Mutated(Random random, string text)
    {
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 6), text.Length - at);
            text = random.Next(3) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                _ => text.Insert(at, Snippets[random.Next(Snippets.Length)]),
            };
        }

        return text;
    }

    private static readonly Func<JToken>[] Values =
    [
        JValue.CreateNull, () => true, () => false, () => 0, () => -1, () => 1, () => 999_999_999_999_999, () => -999_999_999_999_999, () => long.MaxValue, () => 0.1m, () => 1e-15m, () => "", () => "x", () => "any",
        () => "p.a", () => "p.a == true", () => "n.x", () => "reading.r", () => "2026-01-01", () => "2026-02-30", () => new string('(', 5_000), () => "\uFFFD", () => new JObject(), () => new JArray(), () => new JArray(1, 1),
        () => new JObject { ["en"] = "x", ["nl"] = "x" }, () => new JObject { ["value"] = 1 }, () => new JArray(new JArray(new JObject())),
    ];

    /// <summary>Still JSON: one to three values become others, move elsewhere, or go.</summary>
    private static string Replaced(Random random, string text)
    {
        var root = JToken.Parse(text);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var all = ((JContainer)root).Descendants().Where(t => t is not JProperty).ToList();
            if (all.Count == 0) break;
            var at = all[random.Next(all.Count)];
            switch (random.Next(4))
            {
                case 0 when at.Parent is JProperty member:
                    member.Remove();
                    break;
                case 0:
                    at.Remove();
                    break;
                case 1:
                    at.Replace(all[random.Next(all.Count)].DeepClone());
                    break;
                default:
                    at.Replace(Values[random.Next(Values.Length)]());
                    break;
            }
        }

        return root.ToString();
    }

    private const string ScenarioText = """
        { "title": "t", "asOf": "2026-01-24", "basis": "stated", "classification": "c", "subject": "s",
          "facts": { "p.a": true, "e.one": { "value": "x", "source": "A", "asOf": "2026-01-09", "validUntil": "2026-03-01", "by": "b", "confidence": "high", "sensitive": true, "note": "n" },
                     "p.b": { "probability": { "true": 0.6, "false": 0.4 } }, "l.one": ["x"], "t.one": "abc",
                     "n.x": { "reports": [ { "value": 1, "source": "A" }, { "value": 2, "source": "B" } ] }, "n.y": "2.5" },
          "records": { "people": [ { "name": "one", "age": 3 }, { "name": "two", "willing": { "value": false, "source": "C" } } ] },
          "readings": { "reading.r": "two" },
          "waivers": [ { "rule": "R-2", "missions": ["first"], "reason": "r", "grounds": "g", "by": "b", "until": "2026-12-31" } ] }
        """;

    /// <summary>A small book with every member that a book can have.</summary>
    private static readonly List<InputFile> BookFiles = new TinyBook()
        .Boolean("p.a", """{ "assumption": { "value": true, "statement": "S-1" }, "help": { "en": "h", "nl": "h" }, "influence": "ours", "sensitive": true, "aliases": ["a"], "suppliedBy": "desk", "questionnaire": [1] }""")
        .Boolean("p.b")
        .Fact("e.one", "enumeration", """{ "values": ["x", "y"], "valueLabels": { "x": { "en": "X", "nl": "X" }, "y": { "en": "Y", "nl": "Y" } } }""")
        .Text("t.one").List("l.one", "x", "y").Fact("d.one", "date").Fact("l.open", "list")
        .Integer("n.x", -10, 10).Decimal("n.y", -10, 10, 0.5m).Planning("n.plan", 3, 0, 10)
        .DerivedInteger("r.n", -100, 100, "p.a == true ? n.x * 2 - Math.Floor(n.y / 2) : null").DerivedBoolean("r.b", "n.x > 0 && p.b == true")
        .Fact("r.e", "enumeration", """{ "values": ["x", "y"], "role": "derived", "derive": "p.b == true ? e.one : \"x\"" }""")
        .Text("person.name").Integer("person.age", 0, 100).Boolean("person.willing")
        .Records("people", "person", "name")
        .Reading("reading.r", "one", "two")
        .Question("go", members: """{ "GlobalParams": [ { "Name": "both", "Expression": "p.a == true && p.b == true" } ] }""")
        .Rule("R-1", "hard", "both || (r.n > 3 && t.one in (\"abc\", \"d\"))", """{ "Owner": "o", "ReviewBy": "2027-01-01", "Rationale": { "en": "x", "nl": "x" }, "Room": { "en": "x", "nl": "x" } }""")
        .Rule("R-2", "in_principle", "n.x != null ? n.x >= 1 : true", """{ "Waivable": true, "Missions": ["first"] }""", """{ "LocalParams": [ { "Name": "far", "Expression": "n.x > 5" } ] }""")
        .Rule("R-3", """{ "reading": "reading.r", "one": "hard", "two": "warning" }""", "l.one.Contains(\"x\") && !(e.one == \"y\")")
        .Rule("R-4", "warning", null, members: """{ "Operator": "And", "Rules": [ { "RuleName": "a", "Expression": "r.b == true" }, { "RuleName": "b", "Expression": "r.e != \"x\"" } ] }""")
        .Signal("S-1", "info", "mission.type == \"first\"")
        .Signal("S-2", "info", "n.plan > 2", @event: "fallback:second")
        .Exit("leave", "p.a == true").Signal("S-3", "review", "n.y + 0.5m > 1")
        .Question("each", members: """{ "Each": "people" }""").Rule("R-5", "willing", "person.willing == true && person.age >= 18")
        .Header("""
            { "description": { "en": "d", "nl": "d" }, "suppliers": [ { "id": "desk", "title": { "en": "d", "nl": "d" } } ],
              "questionnaires": [ { "id": "q", "title": { "en": "q", "nl": "q" }, "items": [ { "number": 1, "title": { "en": "i", "nl": "i" }, "statements": ["S-1"] } ] } ],
              "figures": [ { "id": "f", "title": { "en": "f", "nl": "f" }, "rows": [ { "mission": "first", "where": { "n.x": 1 }, "states": { "r.n": 2 }, "statements": ["S-1"], "remark": { "en": "r", "nl": "r" } } ] } ],
              "notAssessed": [ { "id": "g", "text": { "en": "g", "nl": "g" }, "statements": ["S-1"] } ] }
            """)
        .File("statements.json", """
            { "statements": [
              { "id": "S-1", "document": "paper", "section": { "en": "s", "nl": "s" }, "item": "1", "text": { "en": "t", "nl": "t" }, "kind": "context", "lines": [1, 2], "sha256": "00", "rules": ["R-1"], "facts": ["p.a"] },
              { "id": "S-2", "document": "paper", "section": { "en": "s", "nl": "s" }, "item": "2", "text": { "en": "t", "nl": "t" }, "kind": "context", "lines": [3], "sha256": "00", "none": { "reason": "context", "why": { "en": "w", "nl": "w" } } } ] }
            """)
        .Files();

    private static readonly RuleBook Book = Loaded();

    private static RuleBook Loaded()
    {
        var loaded = RuleBook.Load(BookFiles);
        Assert.True(loaded.Value is not null, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }
}
