using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>The three forms of a trace say one thing: compact letters, JSON, and text in either language (README of the engine, 12.6 and 12.8).</summary>
public sealed partial class TraceLaws
{
    [Theory]
    [InlineData("en")]
    [InlineData("nl")]
    public void The_text_of_a_trace_says_what_its_json_says(string name) => Law.Holds(tries: 40, atLeast: 5000, sample =>
    {
        var language = name == "nl" ? Language.Nl : Language.En;
        var lines = 0;
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
        {
            var traced = Trace.Of(sample.Evaluation, sample.Evaluation.Verdicts, basis);
            var json = (JArray)EvaluationJson.Decision(sample.Evaluation, sample.Evaluation.Verdicts, basis, withTrace: true)["trace"]!;
            Assert.Equal(traced.Length, json.Count);
            foreach (var i in Enumerable.Range(0, traced.Length).Where(i => (i + lines) % 5 == 0))
            {
                var (finding, one) = (traced[i], (JObject)json[i]);
                var text = new StringBuilder();
                TraceText.Write(finding, language, text);
                var reader = new TextOfTrace(text.ToString(), language, sample.Book);
                reader.Finding(one, finding.Finding.Rule);
                lines += reader.Count;
            }
        }

        return lines;
    });

    [Fact]
    public void The_letters_of_the_compact_trace_are_the_nodes_of_the_full_one_operands_first() => Law.Holds(tries: 150, atLeast: 13000, sample =>
    {
        var letters = 0;
        var compact = EvaluationJson.CompactTrace(sample.Evaluation);
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
        {
            var traced = Trace.Of(sample.Evaluation, sample.Evaluation.Verdicts, basis).ToLookup(t => t.Verdict, t => Letters(t.Expression));
            foreach (var (line, verdict) in compact.Zip(sample.Evaluation.Verdicts))
            {
                var expected = (string)((basis == Basis.Assumed ? line["assumed"] : null) ?? line["nodes"])!;
                Assert.Equal(expected, string.Join(' ', traced[verdict]));
                letters += expected.Length;
            }
        }

        return letters;
    });

    [Fact]
    public void From_the_canonical_bytes_the_book_rebuilds_the_same_bytes_and_the_same_full_trace() => Law.Holds(tries: 120, atLeast: 500, sample =>
    {
        var canonical = EvaluationJson.Canonical(sample.Evaluation);
        var recorded = JObject.Parse(Encoding.UTF8.GetString(canonical));
        Assert.Equal(sample.Book.Digest, (string)recorded["book"]!["digest"]!);

        var read = Scenario.Read(sample.Book, Sample.File("recorded.json", (JObject)recorded["scenario"]!));
        Assert.True(read.Value is not null, string.Join('\n', read.Problems));
        Assert.Equal((string)recorded["input"]!, read.Value.Digest);
        var again = Evaluation.Of(sample.Book, read.Value);
        Assert.Equal(canonical, EvaluationJson.Canonical(again));
        // But for the order of members, which says nothing: what was recorded has them sorted.
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
            Assert.True(JToken.DeepEquals(Full(sample.Evaluation, basis), Full(again, basis)), "the full trace is another one");
        return again.Verdicts.Sum(v => v.Stated.Findings.Length);

        static JToken Full(Evaluation evaluation, Basis basis) =>
            EvaluationJson.Decision(evaluation, evaluation.Verdicts, basis, withTrace: true)["trace"]!;
    });

    [Fact]
    public void Which_rules_a_guard_sets_aside_and_which_only_for_an_unknown_fact_follows_from_the_full_trace() => Law.Holds(tries: 200, atLeast: 300, sample =>
    {
        var guarded = 0;
        foreach (var basis in new[] { Basis.Stated, Basis.Assumed })
        {
            foreach (var (verdict, finding, root) in Trace.Of(sample.Evaluation, sample.Evaluation.Verdicts, basis))
            {
                var isChoice = finding.Rule.Expression != "" && root.Parameter is null && Outermost(Bare(root.Text)).Contains('?');
                var isGuarded = isChoice && !finding.Rule.IsSignal && root.Children is [_, _, { Parameter: null, Text: "true" }];
                Assert.Equal(isGuarded && root.Children[0].Truth == Truth.False, !finding.Applies);
                if (!isGuarded) continue;
                guarded++;
                var isListed = verdict.On(basis).NotAssessed.Contains(finding.Rule);
                var isAsked = verdict.Question.When is null || verdict.On(basis).Outcome != RuleBook.NotAssessed;
                if (isAsked && WithoutAsking(root.Children[0]) is { } guard) Assert.Equal(!finding.Applies && guard != Truth.False, isListed);
            }
        }

        return guarded;
    });

    /// <summary>The truth of a guard where to ask whether an unknown fact is known gives unknown; null where arithmetic rests on such a question.</summary>
    private static Truth? WithoutAsking(TraceNode node)
    {
        if (node.Children.IsEmpty) return Sample.NullTest().IsMatch(node.Text) && node.Facts[0].Value is null ? Truth.Unknown : node.Truth;
        if (node.Children[0].Truth is null) return Asks(node) ? null : node.Truth;
        var parts = node.Children.Select(WithoutAsking).ToList();
        if (parts.Contains(null)) return null;
        var truths = parts.ConvertAll(part => part!.Value);
        return Sign(node.Text) switch
        {
            "&&" => truths.Min(),
            "||" => truths.Max(),
            _ when truths.Count == 1 => (Truth)(-(sbyte)truths[0]),
            _ => truths[0] switch { Truth.True => truths[1], Truth.False => truths[2], _ => truths[1] == truths[2] ? truths[1] : Truth.Unknown },
        };

        static bool Asks(TraceNode node) => (node.Children.IsEmpty && Sample.NullTest().IsMatch(node.Text)) || node.Children.Any(Asks);
    }

    /// <summary>The letters of a node and of all that it joins.</summary>
    private static string Letters(TraceNode node)
    {
        var inside = node.Children.Select(Letters).ToList();
        if (node.Truth is not { } truth) return string.Concat(inside) + (node.Value is null ? 'u' : 'k');
        if (Sign(node.Text) is not { } sign) return string.Concat(inside) + Letter(truth);

        // `a && b && c` shows as one list of three, and counts as two joined with the third.
        var (letters, joined) = Joined(node.Text, sign, new(node.Children.Zip(inside)));
        Assert.Equal(truth, joined);
        return letters;
    }

    private static (string Letters, Truth Truth) Joined(string text, string sign, Queue<(TraceNode Node, string Letters)> parts)
    {
        // Nested rules stand there one after the other, and their joins behind them; in an expression each join stands behind its right side.
        var isNested = Nested().IsMatch(text);
        var (letters, joins, joined) = ("", "", default(Truth?));
        foreach (var part in Parts(text, sign))
        {
            var next = part is not null && Sign(part) == sign ? Joined(part, sign, parts) : Leaf(parts.Dequeue());
            letters += next.Letters;
            if (joined is { } left) (isNested ? ref joins : ref letters) += Letter(Join(left, next.Truth));
            joined = joined is { } before ? Join(before, next.Truth) : next.Truth;
        }

        return (letters + joins, joined!.Value);

        Truth Join(Truth left, Truth right) => (Truth)(sign == "&&" ? Math.Min((sbyte)left, (sbyte)right) : Math.Max((sbyte)left, (sbyte)right));

        static (string Letters, Truth Truth) Leaf((TraceNode Node, string Letters) part) => (part.Letters, part.Node.Truth!.Value);
    }

    private static char Letter(Truth truth) => truth switch { Truth.True => 't', Truth.False => 'f', _ => 'u' };

    /// <summary>The logical sign that joins an expression at its outermost level, or null.</summary>
    private static string? Sign(string text)
    {
        if (Nested().Match(text) is { Success: true } nested) return nested.Value.StartsWith("And", StringComparison.Ordinal) ? "&&" : "||";
        var outermost = Outermost(Bare(text));
        return outermost.Contains('?') ? null : new[] { "||", "&&" }.FirstOrDefault(sign => outermost.Contains(sign, StringComparison.Ordinal));
    }

    /// <summary>What the sign joins at the outermost level; null for a nested rule, whose text stands elsewhere.</summary>
    private static IEnumerable<string?> Parts(string text, string sign)
    {
        if (Nested().Match(text) is { Success: true }) return text.Split(", ").Select(_ => (string?)null);
        var bare = Bare(text);
        var outermost = Outermost(bare);
        var parts = new List<string?>();
        var start = 0;
        for (var at = outermost.IndexOf(sign, StringComparison.Ordinal); at >= 0; at = outermost.IndexOf(sign, start, StringComparison.Ordinal))
        {
            parts.Add(bare[start..at]);
            start = at + sign.Length;
        }

        return [.. parts, bare[start..]];
    }

    /// <summary>The text without parentheses that go around all of it.</summary>
    private static string Bare(string text)
    {
        text = text.Trim();
        while (text.StartsWith('(') && Outermost(text).All(c => c == ' ')) text = text[1..^1].Trim();
        return text;
    }

    /// <summary>The text with blanks for all that stands in parentheses or quotes.</summary>
    private static string Outermost(string text)
    {
        var (depth, isText, outermost) = (0, false, new StringBuilder(text));
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') isText = !isText;
            if (text[i] == '(' && !isText) depth++;
            if (depth > 0 || isText || text[i] == '"') outermost[i] = ' ';
            if (text[i] == ')' && !isText) depth--;
        }

        return outermost.ToString();
    }

    [GeneratedRegex("^(AndAlso|And|OrElse|Or): ")]
    private static partial Regex Nested();

    /// <summary>The text of one traced finding, read line by line beside the JSON of the same.</summary>
    private sealed class TextOfTrace(string text, Language language, RuleBook book)
    {
        private static readonly Dictionary<string, (string En, string Nl)> States = new()
        {
            ["stated"] = ("stated", "opgegeven"),
            ["derived"] = ("derived", "afgeleid"),
            ["planning"] = ("planning figure", "planningsgetal"),
            ["assumed"] = ("assumed", "aangenomen"),
            ["contested"] = ("contested", "omstreden"),
            ["expired"] = ("expired", "verlopen"),
            ["unknown"] = ("unknown", "onbekend"),
            ["reading"] = ("reading", "lezing"),
        };

        private static readonly Dictionary<string, (string En, string Nl)> Truths = new()
        {
            ["true"] = ("true", "waar"),
            ["false"] = ("false", "onwaar"),
            ["unknown"] = ("unknown", "onbekend"),
        };

        private static readonly Dictionary<string, (string En, string Nl)> Faults = new()
        {
            ["division by zero"] = ("division by zero", "deling door nul"),
            ["overflow"] = ("overflow", "getal te groot"),
            ["outside range"] = ("outside range", "buiten het bereik"),
        };

        private readonly string[] lines = text.TrimEnd('\n').Split('\n');
        private int at;

        public int Count => lines.Length;

        public void Finding(JObject json, Rule rule)
        {
            var head = Line(1);
            var word = (json["applies"] is null, rule.IsSignal, (string)json["truth"]!) switch
            {
                (false, _, _) => In(("not applicable", "niet van toepassing")),
                (_, _, "unknown") => In(("unknown", "onbekend")),
                (_, false, "true") => In(("met", "voldaan")),
                (_, false, _) => In(("not met", "niet voldaan")),
                (_, true, "true") => In(("fires", "gaat af")),
                _ => In(("does not fire", "gaat niet af")),
            };
            Assert.StartsWith($"{json["rule"]}: {word} (", head, StringComparison.Ordinal);
            if (json["waived"] is not null) Assert.StartsWith(In(("waived: ", "ontheffing: ")), Line(2), StringComparison.Ordinal);
            Node((JObject)json["expression"]!, 2);
            Assert.StartsWith("[", Line(2), StringComparison.Ordinal);
            Assert.Equal(lines.Length, at);
        }

        private void Node(JObject node, int depth)
        {
            var match = NodeLine().Match(Line(depth));
            var shown = (node["parameter"] is { } name ? name + ": " : "") + ((string)node["text"]!).ReplaceLineEndings(" ");
            Assert.Equal(shown, match.Groups["text"].Value);
            Assert.Equal(node["truth"] is { } truth ? In(Truths[(string)truth!]) : "", match.Groups["truth"].Value);
            Assert.Equal(node["value"] is { Type: not JTokenType.Null } value ? Plain(value) : "", match.Groups["value"].Value);
            Assert.Equal(node["fault"] is { } fault ? In(Faults[(string)fault!]) : "", match.Groups["fault"].Value);
            foreach (var fact in node["facts"] ?? new JArray()) Fact((JObject)fact, depth + 1);
            foreach (var child in node["nodes"] ?? new JArray()) Node((JObject)child, depth + 1);
        }

        private void Fact(JObject json, int depth)
        {
            var fact = book.Fact((string)json["name"]!)!;
            var match = FactLine().Match(Line(depth));
            Assert.Equal(fact.Name, match.Groups["name"].Value);
            Assert.Equal(Shown(fact, json["value"]), match.Groups["value"].Value);
            var state = (string)json["state"]!;
            var isMission = fact.Name == RuleBook.MissionFact && state == "derived";
            Assert.Equal(In(isMission ? ("the mission in question", "de missie in kwestie") : States[state]), match.Groups["state"].Value);
            Assert.Equal((string?)json["statement"] ?? "", match.Groups["statement"].Value);

            var reports = ((JArray?)json["reports"] ?? []).Cast<JObject>().ToList();
            if (reports.Count == 1 && state != "contested") Assert.Equal(Expired(reports[0]) + Source(reports[0]), match.Groups["report"].Value);
            else foreach (var report in reports) Assert.Equal("- " + Shown(fact, report["value"]) + Expired(report) + Source(report), Line(depth + 1));
            if (json["derivation"] is JObject derivation) Node(derivation, depth + 1);

            string Expired(JObject report) => state == "expired" ? ", " + Shown(fact, report["value"]) : "";
        }

        private string Source(JObject report)
        {
            (string Member, (string En, string Nl) Words)[] shown =
            [
                ("source", (", source: ", ", bron: ")),
                ("asOf", (", as of ", ", per ")),
                ("validUntil", (", valid until ", ", geldig tot en met ")),
                ("confidence", (", confidence ", ", zekerheid ")),
            ];
            var text = "";
            foreach (var (member, words) in shown)
                if (report[member] is { } value)
                    text += In(words) + value;
            return text;
        }

        /// <summary>A value as people read it.</summary>
        private string Shown(Fact fact, JToken? value)
        {
            if (value is null or { Type: JTokenType.Null }) return In(("unknown", "onbekend"));
            if (value.Type == JTokenType.Boolean) return (bool)value ? In(("yes", "ja")) : In(("no", "nee"));
            if (value is JArray list) return string.Join(", ", list.Select(item => Shown(fact, item)));
            if (!fact.IsNumber) return fact.ValueLabels.TryGetValue((string)value!, out var label) ? label.In(language) : (string)value!;
            var digits = new NumberFormatInfo { NumberGroupSeparator = In((",", ".")), NumberDecimalSeparator = In((".", ",")) };
            return decimal.Parse(Plain(value), CultureInfo.InvariantCulture).ToString("#,##0.############################", digits) + " " + fact.Unit;
        }

        private static string Plain(JToken value) => value.Type == JTokenType.String ? (string)value! : value.ToString(Formatting.None);

        private string In((string En, string Nl) words) => language == Language.Nl ? words.Nl : words.En;

        /// <summary>The next line, which must stand at this depth.</summary>
        private string Line(int depth)
        {
            Assert.True(at < lines.Length, $"the text ends before the JSON does:\n{string.Join('\n', lines)}");
            var line = lines[at++];
            Assert.Equal(depth * 2, line.Length - line.TrimStart(' ').Length);
            return line.TrimStart(' ');
        }
    }

    private const string FaultWords = "division by zero|overflow|outside range|deling door nul|getal te groot|buiten het bereik";

    [GeneratedRegex(@"^(?<text>.*?)( -> (?<truth>true|false|unknown|waar|onwaar|onbekend)| = (?<value>-?[0-9.]+))?( \((?<fault>" + FaultWords + @")\))?$")]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"^(?<name>[a-z0-9_.]+) = (?<value>.*?) \((?<state>[a-z ]+)(, (?<statement>S-[0-9]))?\)(?<report>.*)$")]
    private static partial Regex FactLine();
}
