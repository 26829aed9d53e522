using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Advisory.Engine;
using Advisory.Engine.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// RFC 8785. The vectors are those of the RFC and of its author's test suite that lie within our numbers: at most 15 significant
/// digits, magnitude below 10^15, at most 15 decimals.
/// </summary>
public sealed class CanonicalJsonTests
{
    // Section 3.2.2, without the three numbers that a double cannot hold or that we refuse.
    [Theory]
    [InlineData(
        """{ "numbers": [ 4.50, 2e-3 ], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [ null, true, false ] }""",
        """{"literals":[null,true,false],"numbers":[4.5,0.002],"string":"€$\u000f\nA'B\"\\\\\"/"}""")]
    // Section 3.2.3: sorted by UTF-16 code units, so that the emoji (D83D DE00) stands before the dalet (FB33).
    [InlineData(
        """{ "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }""",
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    // arrays.json
    [InlineData(
        """[ 56, { "d": true, "10": null, "1": [ ] } ]""",
        """[56,{"1":[],"10":null,"d":true}]""")]
    // french.json: no collation of any language
    [InlineData(
        """{ "peach": "sorting order", "péché": "is wrong according to French", "pêche": "but canonicalization MUST", "sin": "ignore locale" }""",
        """{"peach":"sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}""")]
    // structures.json
    [InlineData(
        """{ "1": { "f": { "f": "hi", "F": 5 }, "\n": 56.0 }, "10": { }, "": "empty", "a": { }, "111": [ { "e": "yes", "E": "no" } ], "A": { } }""",
        """{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}""")]
    // unicode.json: not normalised
    [InlineData("""{ "Unnormalized Unicode": "A\u030a" }""", "{\"Unnormalized Unicode\":\"A\u030A\"}")]
    // weird.json
    [InlineData(
        """{ "\u20ac": "Euro Sign", "\r": "Carriage Return", "\u000a": "Newline", "1": "One", "\u0080": "Control\u007f", "\ud83d\ude02": "Smiley", "\u00f6": "Latin Small Letter O With Diaeresis", "\ufb33": "Hebrew Letter Dalet With Dagesh", "</script>": "Browser Challenge" }""",
        "{\"\\n\":\"Newline\",\"\\r\":\"Carriage Return\",\"1\":\"One\",\"</script>\":\"Browser Challenge\",\"\u0080\":\"Control\u007f\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😂\":\"Smiley\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    [InlineData(
        """ "\u0000\u0001\u0008\u0009\u000A\u000B\u000C\u000D\u001F\u0020\u007F\u2028\u2029" """,
        "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \u007F\u2028\u2029\"")]
    public void The_published_vectors_hold(string json, string canonical)
    {
        Assert.Equal(canonical, Canonical(json));
        Assert.Equal(canonical, Canonical(canonical));

        // Results have a writer of their own; it meets no fractions, which are text there.
        var token = Parse(canonical);
        if (token.SelectTokens("$..*").All(t => t.Type != JTokenType.Float)) Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Bytes(token)));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("0.000", "0")]
    [InlineData("10", "10")]
    [InlineData("1E2", "100")]
    [InlineData("1e+2", "100")]
    [InlineData("100e-2", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1.50", "1.5")]
    [InlineData("15e-1", "1.5")]
    [InlineData("-1.50", "-1.5")]
    [InlineData("0.1", "0.1")]
    [InlineData("1e-6", "0.000001")]
    [InlineData("0.0000015", "0.0000015")]
    [InlineData("0.00000099", "9.9e-7")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("-1e-7", "-1e-7")]
    [InlineData("0.00000012300", "1.23e-7")]
    [InlineData("123e-15", "1.23e-13")]
    [InlineData("0.000000000000001", "1e-15")]
    [InlineData("999999999999999", "999999999999999")]
    [InlineData("-999999999999999", "-999999999999999")]
    [InlineData("99999999999999.9", "99999999999999.9")]
    [InlineData("0.999999999999999", "0.999999999999999")]
    [InlineData("1e14", "100000000000000")]
    [InlineData("100000000000000000000e-10", "10000000000")]
    public void Numbers_are_written_as_ECMAScript_writes_them(string number, string canonical) => Assert.Equal(canonical, Canonical(number));

    [Theory]
    [InlineData("1e15")]
    [InlineData("1000000000000000")]
    [InlineData("1234567890123456")]
    [InlineData("0.1234567890123456")]
    [InlineData("1.000000000000001")]
    [InlineData("1e-16")]
    [InlineData("1e-400")]
    [InlineData("1e400")]
    [InlineData("333333333.33333329")]
    [InlineData("0.00000000000000000000000000000000000000000000000000000000001")]
    public void A_number_outside_our_range_is_a_problem_and_never_rounded(string number)
    {
        var problems = new List<Problem>();
        Assert.NotNull(JsonNode.Read(SourceFile.Open(new("x", Encoding.UTF8.GetBytes(number)), 1_000, problems)!));
        Assert.Equal("number-range", Assert.Single(problems).Code);
    }

    /// <summary>The form must be that of the shortest digits of the double, though no double is ever made.</summary>
    [Fact]
    public void A_thousand_random_numbers_are_written_as_their_doubles_are()
    {
        var random = new Random(8785);
        for (var i = 0; i < 1_000; i++)
        {
            var digits = random.NextInt64(1, (long)Math.Pow(10, random.Next(1, 16)));
            var number = FormattableString.Invariant($"{(i % 2 == 0 ? "-" : "")}{digits}e-{random.Next(0, 16)}");
            Assert.Equal(EcmaScript(double.Parse(number, CultureInfo.InvariantCulture)), Canonical(number));
        }
    }

    /// <summary>Number::toString of ECMA-262 for finite doubles below 10^21, from the shortest digits that .NET gives.</summary>
    private static string EcmaScript(double value)
    {
        var shortest = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        for (var precision = 0; precision < 17; precision++)
        {
            var candidate = Math.Abs(value).ToString("E" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (double.Parse(candidate, CultureInfo.InvariantCulture) != Math.Abs(value)) continue;
            shortest = candidate;
            break;
        }

        var parts = shortest.Split('E');
        var (digits, n) = (parts[0].Replace(".", "", StringComparison.Ordinal), int.Parse(parts[1], CultureInfo.InvariantCulture) + 1);
        var k = digits.Length;
        var text = n > 0 && k <= n ? digits + new string('0', n - k)
            : n > 0 ? digits[..n] + "." + digits[n..]
            : n > -6 ? "0." + new string('0', -n) + digits
            : FormattableString.Invariant($"{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e-{1 - n}");
        return (value < 0 ? "-" : "") + text;
    }

    private const string Situation = """{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24"}""";

    public static TheoryData<string> SameSituation =>
    [
        "\n{\t\"asOf\" : \"2026-01-24\",\r\n \"facts\" : { \"p.a\" :true , \"n.x\": 1.50, \"n.y\":-3.0, \"t.one\":\"a b\",\"l.one\" :[ \"x\" , \"y\" ] } }\n",
        """{"facts":{"n.x":15e-1,"n.y":-30E-1,"t.one":"\u0061\u0020b","l.one":["\u0079","x"],"p\u002ea":true},"asOf":"2026-01-24"}""",
        """{"facts":{"n.x":"1.50","n.y":{"value":-3},"t.one":{"value":"a b","sensitive":false},"l.one":{"reports":[{"value":["y","x"]}]},"p.a":true},"asOf":"2026-01-24"}""",
        """{"$schema":"scenario.v1.json","basis":"stated","readings":{"reading.r":"one"},"records":{},"waivers":[],"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24"}""",
    ];

    [Theory]
    [MemberData(nameof(SameSituation))]
    public void One_situation_written_in_many_ways_has_one_digest_and_one_evaluation(string json)
    {
        var (first, again) = (TinyScenario.Read(Tiny, Situation), TinyScenario.Read(Tiny, json));
        Assert.Equal(first.Digest, again.Digest);
        Assert.Equal(EvaluationJson.Canonical(Evaluation.Of(Tiny, first)), EvaluationJson.Canonical(Evaluation.Of(Tiny, again)));
    }

    [Theory]
    [InlineData("""{"facts":{"n.x":1.4,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a  b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x"],"p.a":true},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":false},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"]},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":{"value":true,"source":"somebody"}},"asOf":"2026-01-24"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-25"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24","basis":"assumed"}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24","readings":{"reading.r":"two"}}""")]
    [InlineData("""{"facts":{"n.x":1.5,"n.y":-3,"t.one":"a b","l.one":["x","y"],"p.a":true},"asOf":"2026-01-24","title":"t"}""")]
    public void Another_situation_has_another_digest(string json) =>
        Assert.NotEqual(TinyScenario.Read(Tiny, Situation).Digest, TinyScenario.Read(Tiny, json).Digest);

    [Fact]
    public void The_digest_of_a_scenario_is_the_hash_of_its_canonical_form()
    {
        const string Canonical = """{"asOf":"2026-01-24","basis":"stated","facts":{"l.one":["x","y"],"n.x":"1.5","n.y":-3,"p.a":true,"t.one":"a b"}}""";
        var scenario = TinyScenario.Read(Tiny, Situation);
        Assert.Equal(Canonical, Encoding.UTF8.GetString(CanonicalJson.Bytes(scenario.ToJson())));
        Assert.Equal(Sha256(Encoding.UTF8.GetBytes(Canonical)), scenario.Digest);
    }

    /// <summary>A comma in numbers, a minus sign that is none, letters that lose their dots, another calendar.</summary>
    public static TheoryData<string> Cultures => ["strange", "tr-TR", "nl-NL", "fa-IR", "th-TH", "sv-SE"];

    [Theory]
    [MemberData(nameof(Cultures))]
    public void The_culture_of_the_machine_changes_no_byte(string name)
    {
        var before = CultureInfo.CurrentCulture;
        var expected = InInvariantCulture.Value;
        try
        {
            CultureInfo.CurrentCulture = Culture(name);
            Assert.Equal(expected, Everything());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static readonly Lazy<List<string>> InInvariantCulture = new(() =>
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            return Everything();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    });

    private static List<string> Everything()
    {
        var book = TinyFiles().Book();
        var tiny = TinyScenario.Evaluate(book, Situation);
        var ukraine = RuleBook.Load(Books.Files("rules", "ukraine")).Value!;
        var evaluation = Evaluation.Of(ukraine, Books.Case(ukraine, "S34", "rules", "ukraine").Scenario);
        var refused = TinyScenario.Load(book, """{"facts":{"n.x":-1000.5,"n.y":1.5,"P.A":true,"reading.R":1},"asOf":"24-01-2026"}""").Problems;
        return
        [
            book.Digest, book.RulesDigest, ukraine.Digest, ukraine.RulesDigest, tiny.Scenario.Digest,
            Encoding.UTF8.GetString(EvaluationJson.Canonical(tiny)),
            Encoding.UTF8.GetString(EvaluationJson.Canonical(evaluation)),
            EvaluationJson.Decision(tiny, tiny.Verdicts, Basis.Stated, withTrace: true).ToString(Formatting.None),
            EvaluationJson.Decision(evaluation, evaluation.Verdicts, Basis.Assumed, withTrace: false).ToString(Formatting.None),
            .. refused.Select(p => p.ToString()),
        ];
    }

    /// <summary>The named culture; where the machine has none by that name, one as strange as we can make it.</summary>
    private static CultureInfo Culture(string name)
    {
        var known = CultureInfo.GetCultures(CultureTypes.AllCultures).FirstOrDefault(c => c.Name == name);
        var culture = (CultureInfo)(known ?? CultureInfo.InvariantCulture).Clone();
        if (known is not null) return culture;
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "~";
        culture.DateTimeFormat.DateSeparator = "!";
        return culture;
    }

    [Fact]
    public void The_digest_of_the_Ukraine_book_is_over_its_own_files_and_no_other()
    {
        string[] names =
        [
            "book.json", "boundaries.json", "command-enablers.json", "contributors.json", "exit.json", "feasibility.json", "mandate-means.json",
            "preconditions.json", "readiness.json", "readings.json", "statements.json", "vocabulary.json",
        ];
        var files = names.Select(name => "\"" + name + "\":" + Independent(Parse(File.ReadAllText(Repository.PathOf("rules", "ukraine", name)))));
        Assert.Equal(Sha256(Encoding.UTF8.GetBytes("{" + string.Join(',', files) + "}")), Books.Ukraine.Digest);

        var cases = Books.CaseNames("rules", "ukraine").Select(name => new InputFile("cases/" + name + ".json", File.ReadAllBytes(Repository.PathOf("rules", "ukraine", "cases", name + ".json"))));
        Assert.Equal(Books.Ukraine.Digest, RuleBook.Load(Books.Files("rules", "ukraine").Concat(cases)).Value!.Digest);
    }

    [Theory]
    [InlineData("rules/ukraine")]
    [InlineData("tests/Advisory.Tests/Books/launch")]
    public void A_book_loads_again_from_its_content_and_says_the_same(string name)
    {
        var folder = name.Split('/');
        var book = Books.Load(folder);
        var again = RuleBook.Load(book.Content).Value!;

        Assert.Equal((book.Digest, book.RulesDigest), (again.Digest, again.RulesDigest));
        Assert.Equal(Sha256(book.Content.ToArray()), book.Digest);
        Assert.Equal(book.Content.ToArray(), again.Content.ToArray());
        foreach (var one in Books.CaseNames(folder).Take(20))
            Assert.Equal(Canonical(book, one), Canonical(again, one));

        byte[] Canonical(RuleBook from, string one) => EvaluationJson.Canonical(Evaluation.Of(from, Books.Case(from, one, folder).Scenario));
    }

    [Theory]
    [InlineData("[]", "the book has no `book.json`")]
    [InlineData("{}", "the book has no `book.json`")]
    [InlineData("{\"book.json\":{}", "end")]
    public void Content_that_is_no_book_is_a_problem(string content, string says)
    {
        var loaded = RuleBook.Load(Encoding.UTF8.GetBytes(content));

        Assert.Null(loaded.Value);
        Assert.Contains(loaded.Problems, problem => problem.Text.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Neither_the_order_of_files_and_members_nor_their_layout_changes_a_books_digests()
    {
        var files = Books.Files("rules", "ukraine");
        files.Reverse();
        for (var i = 0; i < files.Count; i++)
            files[i] = new(files[i].Name, Encoding.UTF8.GetBytes(Backwards(Parse(Encoding.UTF8.GetString(files[i].Content.Span))).ToString(Formatting.None)), "elsewhere/" + files[i].Name);
        var book = RuleBook.Load(files).Value!;
        Assert.Equal(Books.Ukraine.Digest, book.Digest);
        Assert.Equal(Books.Ukraine.RulesDigest, book.RulesDigest);

        static JToken Backwards(JToken token) => token switch
        {
            JObject members => new JObject(members.Properties().Reverse().Select(p => new JProperty(p.Name, Backwards(p.Value)))),
            JArray items => new JArray(items.Select(Backwards)),
            _ => token,
        };
    }

    /// <summary>Every single value of a small book is changed in turn; most changes make another book that can be used.</summary>
    [Fact]
    public void Any_change_of_a_member_changes_the_digest_and_only_texts_for_people_leave_the_rules_digest()
    {
        var (texts, rules) = (0, 0);
        foreach (var (file, path) in TinyFiles().Files().SelectMany(file => Leaves(file).Select(path => (file, path))))
        {
            var files = TinyFiles().Files();
            var changed = Parse(Encoding.UTF8.GetString(file.Content.Span));
            var leaf = changed.SelectToken(path)!;
            leaf.Replace(leaf.Type switch
            {
                JTokenType.Integer => new JValue((long)leaf + 1),
                JTokenType.Boolean => new JValue(!(bool)leaf),
                JTokenType.String => new JValue((string)leaf! + "2"),
                _ => new JValue("2"),
            });
            files[files.FindIndex(f => f.Name == file.Name)] = file with { Content = Encoding.UTF8.GetBytes(changed.ToString()) };
            if (RuleBook.Load(files).Value is not { } book) continue;

            Assert.True(Tiny.Digest != book.Digest, file.Name + " " + path);
            var isForPeople = path.EndsWith(".en", StringComparison.Ordinal) || path.EndsWith(".nl", StringComparison.Ordinal);
            Assert.True(isForPeople == (Tiny.RulesDigest == book.RulesDigest), file.Name + " " + path);
            if (isForPeople) texts++;
            else rules++;
        }

        Assert.True(texts >= 50, $"{texts} texts");
        Assert.True(rules >= 15, $"{rules} other values");

        static IEnumerable<string> Leaves(InputFile file) =>
            ((JContainer)Parse(Encoding.UTF8.GetString(file.Content.Span))).DescendantsAndSelf().OfType<JValue>().Select(value => value.Path);
    }

    private static readonly RuleBook Tiny = TinyFiles().Book();

    private static TinyBook TinyFiles() => new TinyBook()
        .Decimal("n.x", -100, 100, 0.1m).Integer("n.y", -100, 100).Text("t.one").List("l.one", "x", "y").Boolean("p.a")
        .Decimal("r.sum", -1_000, 1_000, 0.1m, """{ "role": "derived", "derive": "n.x * n.y / 2.5" }""")
        .Planning("plan.days", 30, 0, 365)
        .Reading("reading.r", "one", "two")
        .Rule("R-1", "hard", "p.a == true && r.sum < 0 || plan.days > 20")
        .Rule("R-2", """{ "reading": "reading.r", "one": "hard", "two": "warning" }""", "l.one.Contains(\"x\")", """{ "ReviewBy": "2027-01-01", "Owner": "somebody" }""")
        .Signal("S-1", "info", "t.one == \"a b\"");

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Bytes(ReadNode(json)));

    private static JsonNode ReadNode(string json)
    {
        var problems = new List<Problem>();
        var node = JsonNode.Read(SourceFile.Open(new("x", Encoding.UTF8.GetBytes(json)), 10_000, problems)!);
        Assert.Empty(problems);
        return node!;
    }

    private static JToken Parse(string json)
    {
        using var reader = new JsonTextReader(new StringReader(json)) { FloatParseHandling = FloatParseHandling.Decimal, DateParseHandling = DateParseHandling.None };
        return JToken.ReadFrom(reader);
    }

    /// <summary>A second writer of the canonical form, by another road: Newtonsoft escapes texts and formats numbers.</summary>
    private static string Independent(JToken token) => token switch
    {
        JObject members => "{" + string.Join(',', members.Properties().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => JsonConvert.ToString(p.Name) + ":" + Independent(p.Value))) + "}",
        JArray items => "[" + string.Join(',', items.Select(Independent)) + "]",
        { Type: JTokenType.Float } => ((decimal)token).ToString("0.###############", CultureInfo.InvariantCulture),
        _ => token.ToString(Formatting.None),
    };

    private static string Sha256(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
