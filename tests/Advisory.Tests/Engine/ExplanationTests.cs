using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine;

/// <summary>
/// An explanation is faithful: its sentences, read back as data, lead to the outcome again; what they name stands in the trace; and a
/// rule saw what settles its truth, no more and no less. The texts say what the data says, in both languages.
/// </summary>
public sealed class ExplanationTests
{
    private static readonly string[] UkraineFolder = ["rules", "ukraine"];
    private static readonly ConcurrentDictionary<string, JObject> Files = new(StringComparer.Ordinal);
    private static readonly string[] LaunchFolder = ["tests", "Advisory.Tests", "Books", "launch"];

    public static TheoryData<string, string> AllCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in Books.CaseNames(UkraineFolder)) cases.Add("ukraine", name);
            foreach (var name in Books.CaseNames(LaunchFolder)) cases.Add("launch", name);
            return cases;
        }
    }

    // ---- faithful: from the sentences alone to the outcome, and from each sentence to the trace ----

    [Theory]
    [MemberData(nameof(AllCases))]
    public void Sentences_lead_to_the_outcome_again_and_say_what_stands_in_the_trace_and_in_the_lists(string bookName, string name)
    {
        var (evaluation, questions, folder) = Evaluate(bookName, name);
        // Of the many cases that ask about one thing, that; of the others every verdict.
        List<Verdict> asked = bookName == "ukraine" && name[0] == 'U' ? [.. evaluation.Verdicts.Where(v => questions.Contains(v.Question.Id))] : [.. evaluation.Verdicts];
        foreach (var basis in Bases(evaluation))
        {
            var trace = EvaluationJson.Decision(evaluation, asked, basis, withTrace: true)["trace"]!.ToDictionary(t => (Subject(t), (string)t["rule"]!), t => t);
            var explained = Read(evaluation, asked, basis).ToLookup(Subject);
            foreach (var verdict in asked)
            {
                List<JObject> sentences = [.. explained[(verdict.Question.Id, verdict.Mission, verdict.Record)]];
                LeadToTheOutcome(verdict, basis, sentences, folder);
                AreAllThatThereIsToSay(evaluation, verdict, basis, sentences);
                foreach (var sentence in sentences) StandsInTheTrace(sentence, trace);
                foreach (var sentence in sentences) SaysItsData(evaluation.Book, sentence);
            }
        }
    }

    /// <summary>
    /// The fold once more, from the file of the question and the sentences: the worst outcome that a rule that is said leads to, else the
    /// best if a rule that could decide applied.
    /// </summary>
    private static void LeadToTheOutcome(Verdict verdict, Basis basis, List<JObject> sentences, string[] folder)
    {
        var said = Assert.Single(sentences, s => Kind(s) == "verdict");
        Assert.Equal(verdict.On(basis).Outcome, (string?)said["outcome"]);
        var question = Files.GetOrAdd(Repository.PathOf([.. folder, verdict.Question.Id + ".json"]), path => JObject.Parse(File.ReadAllText(path)));
        var outcomes = question["Outcomes"]!.Values<string>().ToList();
        var led = sentences.Where(s => Kind(s) is "deciding" or "condition" or "warning" or "open" or "met" or "absent")
            .Select(s => (Rule: (string)s["rule"]!, Outcome: (string?)question["Strengths"]![(string)s["strength"]!]?[(string)s["truth"]!]))
            .Where(s => s.Outcome is not null).ToList();
        var isAsked = !sentences.Any(s => Kind(s) is "notFor" or "notAsked" or "noDecidingRule");
        var outcome = !isAsked ? RuleBook.NotAssessed
            : led.Count > 0 ? led.MinBy(s => outcomes.IndexOf(s.Outcome)).Outcome
            : (int)said["assessed"]! > 0 ? outcomes[^1] : RuleBook.NotAssessed;
        Assert.Equal(verdict.On(basis).Outcome, outcome);
        Assert.Equal(verdict.On(basis).Deciding.Select(f => f.Rule.Name), led.Where(s => isAsked && s.Outcome == outcome).Select(s => s.Rule));
    }

    private static void AreAllThatThereIsToSay(Evaluation evaluation, Verdict verdict, Basis basis, List<JObject> sentences)
    {
        var view = verdict.On(basis);
        Assert.Equal(view.Deciding.Select(f => f.Rule.Name), Rules("deciding"));
        Assert.Equal(view.Conditions.Where(f => f.Waiver is null && !view.Deciding.Contains(f)).Select(f => f.Rule.Name), Rules("condition"));
        Assert.Equal(view.Waived.Select(f => f.Rule.Name), Rules("waiver"));
        Assert.Equal(view.Warnings.Select(f => f.Rule.Name), Rules("warning"));
        Assert.Equal(view.NotAssessed.Select(r => r.Name), Rules("notAssessed"));
        Assert.Equal(view.Open.Select(r => r.Name), Rules("open"));
        Assert.Equal(view.Fallback.Select(f => f.Mission), Said("fallback").Select(s => (string?)s["fallback"]).Distinct());
        Assert.Equal(view.RelyingOn.Items.Select(r => r.Name), Said("reliesOn").SelectMany(s => s["relyingOn"]!).Select(r => (string?)r["name"]));
        Assert.Equal(verdict.On(basis == Basis.Stated ? Basis.Assumed : Basis.Stated).Outcome, (string?)Assert.Single(Said("otherBasis"))["outcome"]);
        Assert.Equal(verdict.IsBest(basis) ? evaluation.Book.Gaps.Select(g => g.Id) : [], Said("gap").Select(s => (string?)s["gap"]));

        // An outcome never stands alone: every other question of the mission without its best outcome, and those of every mission.
        var beside = evaluation.Verdicts.Where(v => v != verdict && v.Record == verdict.Record && (v.Mission == verdict.Mission || v.Mission == RuleBook.AnyMission) && !v.IsBest(basis));
        Assert.Equal(beside.Select(v => (v.Question.Id, v.On(basis).Outcome)), Said("otherQuestions").SelectMany(s => s["questions"]!).Select(q => ((string)q["question"]!, (string)q["outcome"]!)));

        IEnumerable<JObject> Said(string kind) => sentences.Where(s => Kind(s) == kind);
        List<string?> Rules(string kind) => [.. Said(kind).Select(s => (string?)s["rule"])];
    }

    private static void StandsInTheTrace(JObject sentence, Dictionary<((string, string, string?), string), JToken> trace)
    {
        if (sentence["paths"] is not { } paths) return;
        var finding = trace[(Subject(sentence), (string)sentence["rule"]!)];
        foreach (var node in paths.Select(path => At(finding, (string)path!)))
        {
            if (Kind(sentence) == "saw")
            {
                Assert.Equal((string?)sentence["fact"], (string?)node["name"]);
                Assert.Equal((string?)sentence["state"], (string?)node["state"]);
                Assert.True(JToken.DeepEquals(sentence["value"], node["value"]), $"{sentence} is not {node}");
                Assert.True(JToken.DeepEquals(sentence["reports"] ?? new JArray(), node["reports"] ?? new JArray()), $"{sentence} is not {node}");
                Assert.Equal((string?)sentence["statements"]?[0]?["id"], (string?)node["statement"]);
            }
            else
            {
                Assert.Equal((string?)sentence["truth"], (string?)node["truth"]);
                Assert.Equal((string?)sentence["truth"], (string?)finding["truth"]);
                Assert.Equal((string?)sentence["strength"], (string?)finding["strength"]);
            }
        }
    }

    /// <summary>The text in both languages has the labels of what the data names, and no id of a fact.</summary>
    private static void SaysItsData(RuleBook book, JObject sentence)
    {
        foreach (var (language, code) in new[] { (Language.En, "en"), (Language.Nl, "nl") })
        {
            var text = (string)sentence["text"]![code]!;
            Assert.EndsWith(Kind(sentence) == "fallback" ? ")" : ".", text, StringComparison.Ordinal);
            Assert.DoesNotContain("  ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("..", text, StringComparison.Ordinal);
            Assert.DoesNotContain(text.Split(' ', '(', ')', ',', ';', ':'), word => book.Fact(word.TrimEnd('.')) is not null);
            if (sentence["rule"] is { } rule && Kind(sentence) is not ("saw" or "weight" or "basedOn")) Says((string)rule!);
            if (Kind(sentence) is "verdict" or "withoutWaivers" or "otherBasis" or "fallback") Says(book.OutcomeLabels[(string)sentence["outcome"]!].In(language));
            if (Kind(sentence) == "verdict") Says(book.Question((string)sentence["question"]!)!.Title.In(language));
            if (Kind(sentence) == "needed") Assert.All(sentence["facts"]!.Values<string>(), fact => Says(book.Fact(fact!)!.Label.In(language)));
            if (Kind(sentence) == "basedOn") Assert.All(sentence["statements"]!, statement => Says((string)statement["id"]!));
            if (sentence["fact"] is not { } id) continue;
            var fact = book.Fact((string)id!)!;
            Says(fact.Label.In(language));
            if (sentence["value"] is not { Type: not JTokenType.Null } value) Says(language == Language.Nl ? "bekend" : "known");
            else if (value is JArray { Count: 0 }) Says(language == Language.Nl ? "geen" : "none");
            else Says(fact.Show(value, language, withUnit: false));

            void Says(string part) => Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    // ---- what a rule saw: enough, and nothing to spare ----

    public static TheoryData<string, string> TellingCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in Books.CaseNames(UkraineFolder).Where(name => name[0] == 'S')) cases.Add("ukraine", name);
            foreach (var name in Books.CaseNames(LaunchFolder)) cases.Add("launch", name);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(TellingCases))]
    public void The_facts_that_a_rule_saw_settle_it_alone_and_none_of_them_can_be_missed(string bookName, string name)
    {
        var (evaluation, _, _) = Evaluate(bookName, name);
        foreach (var basis in Bases(evaluation))
        {
            foreach (var (verdict, sentences) in evaluation.Verdicts.Select(v => (v, ReadBack(evaluation, v, basis))))
            {
                var trace = EvaluationJson.Decision(evaluation, [verdict], basis, withTrace: true)["trace"]!.ToDictionary(t => (string)t["rule"]!, t => t["expression"]!.ToString());
                foreach (var said in sentences.Where(s => Kind(s) is "deciding" or "met" or "absent" or "waiver" && (string?)s["truth"] != "unknown"))
                {
                    var rule = (string)said["rule"]!;
                    var truth = (string)said["truth"]!;
                    var seen = Closure(sentences, rule);
                    Assert.Equal(truth, TruthWith(evaluation, verdict, basis, rule, seen));
                    // A reading is always known, a null test is settled by not knowing too, and a derived fact goes with what it follows from.
                    var tested = seen.Where(f => trace[rule].Contains(f + " != null", StringComparison.Ordinal) || trace[rule].Contains(f + " == null", StringComparison.Ordinal)).SelectMany(f => Below(sentences, f)).ToHashSet();
                    foreach (var fact in seen.Where(f => evaluation.Book.Fact(f)!.Role != FactRole.Reading && IsBase(sentences, f) && !tested.Contains(f)))
                        Assert.True(TruthWith(evaluation, verdict, basis, rule, [.. seen.Where(f => f != fact)]) == "unknown", $"{verdict.Question.Id} {verdict.Mission} {rule} is {truth} without {fact} too");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TellingCases))]
    public void The_facts_still_needed_are_unknown_and_each_can_help_to_settle_a_deciding_rule(string bookName, string name)
    {
        var (evaluation, _, _) = Evaluate(bookName, name);
        var chance = new Random(20260124);
        foreach (var verdict in evaluation.Verdicts.Where(v => v.Record is null && v.Stated.Deciding.Any(f => f.Truth == Truth.Unknown)).DistinctBy(v => v.Question))
        {
            var sentences = ReadBack(evaluation, verdict, Basis.Stated);
            var needed = sentences.Where(s => Kind(s) == "needed").SelectMany(s => s["facts"]!.Values<string>()).OfType<string>().ToList();
            Assert.NotEmpty(needed);
            if (needed.Any(fact => evaluation.Book.Fact(fact)!.Role == FactRole.Derived)) continue; // contradicted by what it follows from; no value settles that
            foreach (var fact in needed) Assert.Null(evaluation.Facts.FirstOrDefault(f => f.Fact.Name == fact && f.State is not FactState.Assumed)?.Value);
            var unknown = verdict.Stated.Deciding.Where(f => f.Truth == Truth.Unknown).Select(f => f.Rule.Name).ToList();
            var helped = new HashSet<string>(StringComparer.Ordinal);
            var settled = new HashSet<string>(StringComparer.Ordinal);
            for (var attempt = 0; attempt < 200 && (helped.Count < needed.Count || settled.Count < unknown.Count); attempt++)
            {
                var values = needed.ToDictionary(fact => fact, fact => Any(evaluation.Book.Fact(fact)!, chance));
                var with = Truths(evaluation, verdict, values);
                settled.UnionWith(unknown.Where(rule => with[rule] != Truth.Unknown));
                foreach (var fact in needed.Where(fact => !helped.Contains(fact)))
                {
                    var without = Truths(evaluation, verdict, values.Where(v => v.Key != fact).ToDictionary());
                    if (unknown.Any(rule => with[rule] != Truth.Unknown && without[rule] == Truth.Unknown)) helped.Add(fact);
                }
            }

            Assert.Equal(unknown.Order(), settled.Order());
            Assert.Equal(needed.Order(), helped.Order());
        }
    }

    [Theory]
    [InlineData("p.a == true && p.b == true && p.c == true", "p.b", "p.c")] // the false ones: one is enough, the other says so too
    [InlineData("p.a == false || p.b == true", "p.a p.b", "")]
    [InlineData("p.a == true && !(p.a == true)", "p.a", "")]
    [InlineData("p.a == true ? p.b == true : p.x == true", "p.a p.b", "")]
    [InlineData("p.x == true ? p.b == true : p.c == true", "p.b p.c", "")] // the same whichever way
    [InlineData("p.x != null && p.a == true", "p.x", "")]
    [InlineData("n.five > 7 && p.x == true", "n.five", "")]
    [InlineData("n.five + n.one > 7", "n.five n.one", "")]
    [InlineData("n.five >= 1 && n.five <= 4", "n.five", "")] // two comparisons of one fact are one sentence
    [InlineData("false", "", "")]
    public void A_rule_that_is_not_met_saw_what_makes_it_false(string expression, string seen, string spare)
    {
        var sentences = Tiny(expression);
        Assert.Equal("false", (string?)sentences.Single(s => Kind(s) == "deciding")["truth"]);
        Assert.Equal(seen, string.Join(' ', Saw(sentences).Where(s => s["spare"] is null).Select(s => (string?)s["fact"])));
        Assert.Equal(spare, string.Join(' ', Saw(sentences).Where(s => s["spare"] is not null).Select(s => (string?)s["fact"])));
    }

    [Theory]
    [InlineData("p.x == true && p.a == true", "p.x")]
    [InlineData("p.x == true && p.y == true", "p.x p.y")]
    [InlineData("p.x == true || p.b == true", "p.x")]
    [InlineData("p.a == true ? p.x == true : true", "p.a p.x")] // the guard that applied, and the requirement
    [InlineData("p.x == true ? p.b == true : true", "p.x")]
    [InlineData("p.x == true ? p.y == true : true", "p.x p.y")]
    [InlineData("n.five > n.unknown", "n.unknown")]
    public void A_rule_that_is_not_settled_saw_what_is_not_known(string expression, string seen)
    {
        var sentences = Tiny(expression);
        Assert.Equal("unknown", (string?)sentences.Single(s => Kind(s) == "deciding")["truth"]);
        Assert.Equal(seen, string.Join(' ', Saw(sentences).Select(s => (string?)s["fact"])));
        Assert.All(Saw(sentences), s => Assert.Equal(s["value"] is JValue { Type: JTokenType.Null }, s["missing"] is not null));
    }

    [Fact]
    public void A_derived_number_is_said_with_its_calculation_and_what_it_follows_from()
    {
        var sentences = Read(new TinyBook().Missions("only")
            .Integer("n.length", 0, 5000).Planning("n.step", 50, 1, 100)
            .Fact("n.posts", "integer", """{ "role": "derived", "derive": "Math.Ceiling(n.length / n.step) + 0", "unit": "posts", "min": 0, "max": 5000 }""")
            .Rule("R", "hard", "n.posts <= 20")
            .Evaluate("""{ "asOf": "2026-01-24", "facts": { "n.length": { "value": 1210, "source": "the map", "asOf": "2026-01-09" } } }"""));
        Assert.Equal(["n.posts", "n.length", "n.step"], Saw(sentences).Select(s => (string?)s["fact"]));
        Assert.Equal([1, 2, 2], Saw(sentences).Select(s => (int)s["depth"]!));
        Assert.Equal("Math.Ceiling(1210 / 50)", (string?)Saw(sentences)[0]["calculation"]);
        Assert.Equal(
            [
                "n.posts: 25 posts (worked out as 1,210 / 50, rounded up).",
                "n.length: 1,210 units (source: the map, as of 9 January 2026).",
                "n.step: 50 units (planning figure of the book, S-1).",
            ],
            Saw(sentences).Select(s => (string?)s["text"]!["en"]));
        Assert.Equal(
            [
                "n.posts: 25 (berekend als 1.210 / 50, naar boven afgerond).",
                "n.length: 1.210 (bron: the map, per 9 januari 2026).",
                "n.step: 50 (planningsgetal van het boek, S-1).",
            ],
            Saw(sentences).Select(s => (string?)s["text"]!["nl"]));
    }

    [Theory]
    [InlineData("""{ "value": true, "validUntil": "2026-01-01", "source": "A" }""", "p.x: no longer known. It was reported as yes (source: A, valid until 1 January 2026).", "p.x: niet meer bekend. De melding was ja (bron: A, geldig tot en met 1 januari 2026).")]
    [InlineData("""{ "reports": [{ "value": true, "source": "A" }, { "value": false }] }""", "p.x: not known, because reports contradict each other: yes (source: A); no (no source given).", "p.x: niet bekend, want meldingen spreken elkaar tegen: ja (bron: A); nee (zonder bron).")]
    [InlineData("""{ "probability": { "true": 0.25, "false": 0.75 } }""", "p.x: not known, since only a chance is given: yes 0.25, no 0.75.", "p.x: niet bekend, want er is alleen een kans opgegeven: ja 0,25, nee 0,75.")]
    [InlineData("""{ "reports": [{ "value": false, "source": "A", "by": "the desk" }, { "value": false, "confidence": "low" }] }""", "p.x: no (two reports: source: A, entered by the desk; low confidence).", "p.x: nee (twee meldingen: bron: A, opgevoerd door the desk; lage zekerheid).")]
    public void A_fact_says_where_it_comes_from_and_why_it_does_not_count(string report, string en, string nl)
    {
        var sentences = Read(new TinyBook().Missions("only").Boolean("p.x").Rule("R", "hard", "p.x == true").Evaluate($$"""{ "asOf": "2026-01-24", "facts": { "p.x": {{report}} } }"""));
        Assert.Equal((en, nl), ((string)Saw(sentences).Single()["text"]!["en"]!, (string)Saw(sentences).Single()["text"]!["nl"]!));
    }

    [Fact]
    public void A_stated_derived_fact_that_reports_contradict_is_said_with_both()
    {
        var sentences = Read(new TinyBook().Missions("only").Boolean("p.a").DerivedBoolean("p.d", "p.a == true").Rule("R", "hard", "p.d == true")
            .Evaluate("""{ "facts": { "p.a": false, "p.d": { "value": true, "source": "A" } } }"""));
        Assert.Equal(["p.d", "p.a"], Saw(sentences).Select(s => (string?)s["fact"]));
        Assert.Equal("p.d: not known. It is reported as yes (source: A), but other reports lead to: no.", (string?)Saw(sentences)[0]["text"]!["en"]);
    }

    [Fact]
    public void A_figure_that_the_book_does_not_give_says_in_which_case_it_does_not()
    {
        var sentences = Read(new TinyBook().Missions("only").Enumeration("p.kind", "one", "two").DerivedInteger("n.size", 0, 9, "p.kind == \"one\" ? 3 : null").Rule("R", "hard", "n.size > 2")
            .Evaluate("""{ "facts": { "p.kind": "two" } }"""));
        Assert.Equal(["n.size", "p.kind"], Saw(sentences).Select(s => (string?)s["fact"]));
        Assert.Equal("n.size: not known. The book does not work it out for this case, and nobody reports it.", (string?)Saw(sentences)[0]["text"]!["en"]);
        Assert.Equal(["n.size"], sentences.Where(s => Kind(s) == "needed").SelectMany(s => s["facts"]!.Values<string>()));
    }

    [Fact]
    public void A_question_that_is_not_asked_says_on_what_condition_it_is()
    {
        var sentences = Read(new TinyBook().Missions("only").Boolean("p.in_force").Boolean("p.a").Exit("exit", "p.in_force == true").Signal("X", "end", "p.a == true")
            .Evaluate("""{ "facts": { "p.in_force": false, "p.a": true } }"""));
        Assert.Equal(["verdict", "notAsked", "saw", "otherBasis"], sentences.Select(Kind));
        Assert.Equal("p.in_force == true", (string?)sentences[1]["when"]);
        Assert.Equal("p.in_force: nee (zonder bron).", (string?)sentences[2]["text"]!["nl"]);
    }

    [Fact]
    public void A_question_whose_rules_are_all_set_aside_says_which_and_why()
    {
        var sentences = Read(new TinyBook().Missions("only").Boolean("p.a").Boolean("p.b").Rule("R", "hard", "p.a == true ? p.b == true : true").Evaluate("""{ "facts": { "p.a": false } }"""));
        Assert.Equal(["verdict", "noDecidingRule", "setAside", "saw", "otherBasis"], sentences.Select(Kind));
        Assert.Equal("p.a", (string?)Saw(sentences).Single()["fact"]);
    }

    [Fact]
    public void Nested_rules_and_parameters_are_looked_into_like_any_expression()
    {
        var sentences = Read(new TinyBook().Missions("only").Boolean("p.a").Boolean("p.b").Boolean("p.c").Question("go", members: """{ "GlobalParams": [{ "Name": "both", "Expression": "p.a == true && p.b == true" }] }""")
            .Rule("R", "hard", null, members: """{ "Operator": "Or", "Rules": [{ "RuleName": "one", "Expression": "both" }, { "RuleName": "two", "Expression": "p.c == true" }] }""")
            .Evaluate("""{ "facts": { "p.a": true, "p.b": false, "p.c": false } }"""));
        Assert.Equal(["p.b", "p.c"], Saw(sentences).Select(s => (string?)s["fact"]));
    }

    // ---- texts ----

    [Theory]
    [InlineData("S02", "preconditions", "deterrence", null)] // not met, a fallback, other questions
    [InlineData("S06", "preconditions", "opt3", null)] // carried by a waiver
    [InlineData("S29", "preconditions", "opt1", null)] // sources that contradict each other
    [InlineData("S33", "feasibility", "opt1", null)] // numbers worked out from planning figures
    [InlineData("S40", "contributors", null, null)] // records
    [InlineData("S45", "exit", null, null)] // a mission in force
    [InlineData("S02", null, null, null)] // everything at a glance
    [InlineData("U224", "feasibility", null, "assumed")] // under the documents' assumptions
    public void An_explanation_reads_as_it_did(string name, string? question, string? mission, string? basis)
    {
        var file = Repository.PathOf("rules", "ukraine", "cases", name + ".json");
        foreach (var language in new[] { "en", "nl" })
        {
            List<string> arguments = ["explain", file, "--rules", Repository.PathOf("rules", "ukraine"), "--lang", language];
            if (question is not null) arguments.AddRange(["--question", question]);
            if (mission is not null) arguments.AddRange(["--mission", mission]);
            if (basis is not null) arguments.AddRange(["--basis", basis]);
            var (code, output, _) = RunProgram.With([.. arguments]);
            Assert.Equal(0, code);
            Golden($"explain-{string.Join('.', new[] { name, question, mission, language }.OfType<string>())}.txt", output);
        }
    }

    /// <summary>Compares with the file, or writes it where the environment has ADVISORY_GOLDEN=write.</summary>
    private static void Golden(string file, string actual)
    {
        var path = Repository.PathOf("tests", "Advisory.Tests", "Engine", "Golden", file);
        if (Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write") File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), file + " is missing; ADVISORY_GOLDEN=write makes it");
        var (expected, got) = (File.ReadAllText(path).Split('\n'), actual.Split('\n'));
        for (var i = 0; i < Math.Max(expected.Length, got.Length); i++)
            Assert.True(i < expected.Length && i < got.Length && expected[i] == got[i], $"{file}:{i + 1}: was `{expected.ElementAtOrDefault(i)}`, is `{got.ElementAtOrDefault(i)}`");
    }

    // ---- reading explanations back ----

    private static (Evaluation Evaluation, HashSet<string> Questions, string[] Folder) Evaluate(string bookName, string name)
    {
        var (book, folder) = bookName == "launch" ? (Books.Launch, LaunchFolder) : (Books.Ukraine, UkraineFolder);
        var read = Books.Case(book, name, folder);
        return (Evaluation.Of(book, read.Scenario), [.. read.Expect.Select(e => e.Question)], folder);
    }

    /// <summary>Both bases, or one where no assumption is applied and they are the same.</summary>
    private static Basis[] Bases(Evaluation evaluation) => evaluation.Facts.Any(f => f.State == FactState.Assumed) ? [Basis.Stated, Basis.Assumed] : [Basis.Stated];

    private static List<JObject> ReadBack(Evaluation evaluation, Verdict verdict, Basis basis) => Read(evaluation, [verdict], basis);

    private static List<JObject> Read(Evaluation evaluation) => Read(evaluation, [evaluation.Verdicts.Single()], Basis.Stated);

    private static List<JObject> Read(Evaluation evaluation, IEnumerable<Verdict> verdicts, Basis basis)
    {
        var json = JObject.Parse(Encoding.UTF8.GetString(Explanation.Canonical(evaluation, verdicts.Select(v => Explanation.Of(evaluation, v, basis)), basis)));
        Assert.Equal("advisory/explanation/v1", (string?)json["schema"]);
        return [.. json["sentences"]!.Cast<JObject>()];
    }

    private static List<JObject> Tiny(string expression) => Read(new TinyBook().Missions("only")
        .Boolean("p.a").Boolean("p.b").Boolean("p.c").Boolean("p.x").Boolean("p.y").Integer("n.one", 0, 9).Integer("n.five", 0, 9).Integer("n.unknown", 0, 9)
        .Rule("R", "hard", expression)
        .Evaluate("""{ "facts": { "p.a": true, "p.b": false, "p.c": false, "n.one": 1, "n.five": 5 } }"""));

    private static string Kind(JToken sentence) => (string)sentence["kind"]!;

    private static List<JObject> Saw(IEnumerable<JObject> sentences) => [.. sentences.Where(s => Kind(s) == "saw")];

    private static (string, string, string?) Subject(JToken json) => ((string)json["question"]!, (string)json["mission"]!, (string?)json["record"]);

    /// <summary>Follows a JSON pointer.</summary>
    private static JToken At(JToken json, string pointer)
    {
        foreach (var step in pointer.Split('/').Skip(1)) json = json is JArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)] : json[step]!;
        return json;
    }

    /// <summary>The facts that a rule saw, without the spare ones, and what the derived ones among them follow from.</summary>
    private static List<string> Closure(List<JObject> sentences, string rule) =>
        [.. Saw(sentences).Where(s => (string?)s["rule"] == rule && s["spare"] is null && (int)s["depth"]! == 1).SelectMany(s => Below(sentences, (string)s["fact"]!)).Distinct()];

    /// <summary>A fact and all that it follows from, as they are explained where the fact first appears.</summary>
    private static IEnumerable<string> Below(List<JObject> sentences, string fact)
    {
        var said = Saw(sentences);
        var at = said.FindIndex(s => (string?)s["fact"] == fact && s["again"] is null);
        var depth = (int)said[at]["depth"]!;
        return said.Skip(at + 1).TakeWhile(s => (int)s["depth"]! > depth).Where(s => (int)s["depth"]! == depth + 1).SelectMany(s => Below(sentences, (string)s["fact"]!)).Prepend(fact);
    }

    private static bool IsBase(List<JObject> sentences, string fact) => Saw(sentences).First(s => (string?)s["fact"] == fact) is var said && (string?)said["state"] is not "derived" && said["value"] is not JValue { Type: JTokenType.Null };

    /// <summary>The truth of a rule where only some facts are known: every other report is gone, every value held ready is out of date.</summary>
    private static string TruthWith(Evaluation evaluation, Verdict verdict, Basis basis, string rule, List<string> known)
    {
        var (book, scenario) = (evaluation.Book, evaluation.Scenario.ToJson());
        var facts = (JObject)scenario["facts"]!;
        var reported = facts.Properties().Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var property in facts.Properties().Where(p => !known.Contains(p.Name)).ToList()) property.Remove();
        scenario["asOf"] ??= "2026-01-24";
        foreach (var fact in book.Facts.Where(f => f.Role != FactRole.Reading && !known.Contains(f.Name) && (f.Default ?? f.Assumption) is not null || reported.Contains(f.Name) && !known.Contains(f.Name)))
            facts[fact.Name] = OutOfDate(fact);
        if (verdict.Mission != RuleBook.AnyMission && book.Fact(RuleBook.MissionFact) is not null) facts[RuleBook.MissionFact] = verdict.Mission;
        if (verdict.Record is { } key)
        {
            var kind = verdict.Question.Each!;
            var record = (JObject)scenario["records"]![kind.Name]!.First(r => (string?)r[kind.Key] == key);
            foreach (var property in record.Properties().Where(p => p.Name != kind.Key && !known.Contains($"{kind.Prefix}.{p.Name}")).ToList()) property.Value = OutOfDate(book.Fact($"{kind.Prefix}.{property.Name}")!);
        }

        var again = TinyScenario.Evaluate(book, scenario.ToString()).Verdicts.Single(v => v.Question == verdict.Question && v.Mission == verdict.Mission && v.Record == verdict.Record);
        return Words.For(again.On(basis).Findings.Single(f => f.Rule.Name == rule).Truth, Language.En);
    }

    private static JObject OutOfDate(Fact fact) => new() { ["value"] = Any(fact, new(1)), ["validUntil"] = "0001-01-01" };

    private static Dictionary<string, Truth> Truths(Evaluation evaluation, Verdict verdict, Dictionary<string, JToken> values)
    {
        var scenario = evaluation.Scenario.ToJson();
        foreach (var (fact, value) in values) scenario["facts"]![fact] = value;
        if (verdict.Mission != RuleBook.AnyMission) scenario["facts"]![RuleBook.MissionFact] = verdict.Mission;
        return TinyScenario.Evaluate(evaluation.Book, scenario.ToString()).Verdict(verdict.Question.Id, verdict.Mission)!.Stated.Findings.ToDictionary(f => f.Rule.Name, f => f.Truth);
    }

    /// <summary>Some value that the fact can have.</summary>
    private static JToken Any(Fact fact, Random chance) => fact.Type switch
    {
        FactType.Boolean => chance.Next(2) == 0,
        FactType.Enumeration => fact.Values[chance.Next(fact.Values.Length)],
        FactType.List => new JArray(fact.Values.Where(_ => chance.Next(2) == 0)),
        FactType.Text => "some text",
        FactType.Date => "2026-01-01",
        _ => fact.Min + fact.Step * chance.Next((int)Math.Min(1_000_000, (fact.Max - fact.Min) / fact.Step) + 1) is var number && fact.Type == FactType.Integer ? (long)number : number.ToString(CultureInfo.InvariantCulture),
    };
}
