using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>A valid rule book that a seed settles, over the whole language and every way in which a verdict can come about.</summary>
/// <remarks>
/// <code>
/// var random = RandomBook.Of(17);
/// var book = RuleBook.Load(random.Files).Value!;
/// var scenario = Scenario.Read(book, new("scenario.json", random.Scenario(4))).Value!;
/// </code>
/// What it reaches, and how often, is asserted in <see cref="ReachTests"/>. Domains are small, so that most completions can be tried.
/// </remarks>
internal sealed class RandomBook
{
    private RandomBook(Dictionary<string, JObject> files)
    {
        Json = files;
        Files = [.. files.Select(file => new InputFile(file.Key, Bytes(file.Value)))];
    }

    /// <summary>The files as objects, by name; not to be changed.</summary>
    public IReadOnlyDictionary<string, JObject> Json { get; }

    /// <summary>The files as bytes.</summary>
    public IReadOnlyList<InputFile> Files { get; }

    public static RandomBook Of(ulong seed) => new(new Author(new(seed)).Write());

    /// <summary>A valid scenario for the book.</summary>
    public byte[] Scenario(ulong seed) => Bytes(RandomScenario.For(Json, seed));

    private static byte[] Bytes(JObject json) => Encoding.UTF8.GetBytes(json.ToString(Formatting.Indented));

    private sealed class Author(Chance chance)
    {
        private static readonly string[][] ValueSets = [["low", "mid", "high"], ["strict", "lenient"], ["none", "some", "most", "all of it"]];

        private static readonly string[] StrengthTokens =
            ["hard", "in_principle", "willing", "warning", "preference", "info", "note", "withdraw", "end", "political_choice", "review"];

        private readonly List<JObject> vocabulary = [];
        private readonly List<JObject> readings = [];
        private readonly List<Nameable> facts = []; // those that an expression may name
        private readonly List<(Nameable Fact, JToken Value)> held = []; // those for which the book holds a value ready
        private readonly List<string> kinds = [];
        private readonly Dictionary<string, JObject> files = [];
        private readonly bool hasNullTests = chance.Percent(50);
        private List<string> missions = [];

        public Dictionary<string, JObject> Write()
        {
            missions = [.. new[] { "north", "south", "east", "west" }.Take(chance.From(1, 4))];
            kinds.AddRange(chance.Of<string[]>([[], [], ["units"], ["units", "posts"]]));
            Facts();
            Readings();
            Derived();

            var questions = new JArray();
            var ids = new[] { "entry", "stay", "means" }.Take(chance.From(1, 3)).ToList();
            var scales = ids.ToDictionary(id => id, _ => Scale());
            var shared = ids.Count > 1 && chance.Percent(30) ? chance.Some(ids) : chance.Percent(10) ? [ids[0]] : [];
            var isInjected = shared.Count > 0 && Injected(shared, scales);
            foreach (var id in ids)
            {
                var each = kinds.Count > 0 && chance.Percent(40) ? chance.Of(kinds) : null;
                var perMission = each is null && chance.Percent(75);
                var question = new JObject { ["id"] = id, ["title"] = Local(id) };
                if (!perMission) question["perMission"] = false;
                questions.Add(question);
                files[id + ".json"] = RuleSet(id, each, scales[id], isInjected && shared.Contains(id));
            }

            var outcomes = scales.Values.SelectMany(s => s.Outcomes).Append(RuleBook.NotAssessed).Distinct();
            var book = new JObject
            {
                ["name"] = "random",
                ["version"] = "1.0.0",
                ["title"] = Local("random"),
                ["owner"] = "tests",
                ["documents"] = new JArray(),
                ["missions"] = new JArray(missions.Select(id => new JObject { ["id"] = id, ["title"] = Local(id) })),
                ["questions"] = questions,
                ["outcomes"] = new JObject(outcomes.Select(outcome => new JProperty(outcome, Local(outcome)))),
                ["groups"] = new JArray(new JObject { ["id"] = "facts", ["title"] = Local("facts") }),
                ["notAssessed"] = new JArray(),
            };
            if (kinds.Count > 0) book["records"] = new JObject(kinds.Select(kind => new JProperty(kind, Record(kind))));
            files["book.json"] = book;
            files["vocabulary.json"] = new JObject { ["facts"] = new JArray(chance.Shuffled(vocabulary)) };
            if (readings.Count > 0) files["readings.json"] = new JObject { ["readings"] = new JArray(readings) };
            return files;

            static JObject Record(string kind) => new() { ["prefix"] = kind[..^1], ["key"] = "name", ["title"] = Local(kind) };
        }

        private void Facts()
        {
            if (chance.Percent(85))
            {
                var values = chance.Shuffled(missions);
                if (values.Count > 1) Declare(new("mission.type", "enumeration", values), also: []);
            }

            for (var i = 0; i < chance.From(1, 3); i++) World(new($"w.flag_{i}", "boolean", []));
            for (var i = 0; i < chance.From(0, 3); i++) World(new($"w.kind_{i}", "enumeration", chance.Of(ValueSets)));
            for (var i = 0; i < chance.From(1, 3); i++) World(Whole($"w.count_{i}"));
            for (var i = 0; i < chance.From(0, 2); i++) World(Fraction($"w.share_{i}"));
            for (var i = 0; i < chance.From(0, 2); i++) World(new($"w.note_{i}", "text", []));
            for (var i = 0; i < chance.From(0, 2); i++) World(new($"w.tags_{i}", "list", i == 1 ? [] : chance.Of(ValueSets)));
            if (chance.Percent(25)) World(new("w.day", "date", []));
            // Two steps up its square no longer fits into a decimal.
            if (chance.Percent(25)) World(new("w.vast", "integer", [], 0, 999_999_999_999_999, 333_333_333_333_333));

            for (var i = 0; i < chance.From(0, 3); i++)
            {
                var fact = chance.Below(4) switch
                {
                    0 => new($"plan.choice_{i}", "enumeration", chance.Of(ValueSets)),
                    1 => new($"plan.set_{i}", "boolean", []),
                    2 => Fraction($"plan.rate_{i}"),
                    _ => Whole($"plan.size_{i}"),
                };
                Declare(fact, chance.Percent(85) ? new() { ["role"] = "planning", ["default"] = Held(fact) } : new() { ["role"] = "planning" });
            }

            if (chance.Percent(30)) Declare(Whole("c.logged"), new() { ["role"] = "context" }, isNameable: false);
            foreach (var prefix in kinds.Select(kind => kind[..^1]))
            {
                Declare(new(prefix + ".name", "text", []), []);
                World(new(prefix + ".ready", "boolean", []));
                World(Whole(prefix + ".size"));
                if (chance.Percent(40)) World(new(prefix + ".kind", "enumeration", chance.Of(ValueSets)));
            }
        }

        private void Derived()
        {
            var depth = chance.From(0, 6);
            for (var i = 0; i < depth; i++)
            {
                var name = kinds.Count > 0 && chance.Percent(20) ? $"unit.sum_{i}" : $"d.sum_{i}";
                Nameable fact = chance.Below(6) switch
                {
                    0 => new(name, "boolean", []),
                    1 => new(name, "enumeration", chance.Of(ValueSets)),
                    2 => new(name, chance.Of(["decimal", "percentage"]), [], -10, 10, 0.25m),
                    3 => new(name, "integer", [], -4, 4),
                    _ => new(name, "integer", [], -100_000, 100_000),
                };
                var expressions = new RandomExpressions(chance, facts, isDerivation: true, hasNullTests && chance.Percent(50));
                Declare(fact, new() { ["role"] = "derived", ["derive"] = expressions.Derivation(fact, chance.From(1, 3)) });
            }
        }

        private void Readings()
        {
            foreach (var word in new[] { "scope", "weight", "count" }.Take(chance.From(0, 3)))
            {
                var options = chance.Of(ValueSets);
                readings.Add(new()
                {
                    ["name"] = "reading." + word,
                    ["title"] = Local(word),
                    ["why"] = Local("why " + word),
                    ["default"] = chance.Of(options),
                    ["options"] = new JArray(options.Select(option => new JObject { ["value"] = option, ["label"] = Local(option) })),
                });
                facts.Add(new("reading." + word, "enumeration", options));
            }
        }

        private Nameable Whole(string name) => chance.Below(3) switch
        {
            0 => new(name, "integer", [], -2, 2),
            1 => new(name, "integer", [], 0, 6, 2),
            _ => new(name, "integer", [], 0, 3000, 1000),
        };

        private Nameable Fraction(string name) => chance.Percent(50) ? new(name, "decimal", [], -1, 1.5m, 0.5m) : new(name, "percentage", [], 0, 100, 12.5m);

        private void World(Nameable fact) =>
            Declare(fact, fact.Type != "text" && chance.Percent(30) ? new() { ["assumption"] = Held(fact) } : []);

        private JObject Held(Nameable fact)
        {
            held.Add((fact, RandomScenario.Value(fact, chance)));
            return new() { ["value"] = held[^1].Value, ["statement"] = "S-2" };
        }

        /// <summary>A condition that two values held ready meet, each alone: what rests on them jointly.</summary>
        private string? Either()
        {
            var written = held.Where(h => h.Fact.Type is "boolean" or "enumeration" or "integer").ToList();
            if (written.Count < 2) return null;
            var (one, other) = (chance.Of(written), chance.Of(written));
            return RandomExpressions.Either(one.Fact, one.Value.ToString(Formatting.None), other.Fact, other.Value.ToString(Formatting.None));
        }

        private void Declare(Nameable fact, JObject also, bool isNameable = true)
        {
            var json = new JObject { ["name"] = fact.Name, ["type"] = fact.Type, ["group"] = "facts", ["label"] = Local(fact.Name) };
            if (fact.Values.Count > 0) json["values"] = new JArray(fact.Values);
            if (fact.Values.Count > 0 && chance.Percent(30)) json["valueLabels"] = new JObject(fact.Values.Select(v => new JProperty(v, Local("label of " + v))));
            if (fact.IsNumber) (json["unit"], json["min"], json["max"], json["step"]) = ("units", fact.Min, fact.Max, fact.Step);
            json.Merge(also);
            vocabulary.Add(json);
            if (isNameable) facts.Add(fact);
        }

        /// <summary>A scale of outcomes, and what follows from each strength.</summary>
        private sealed record Scales(List<string> Outcomes, JObject Strengths)
        {
            public IEnumerable<string> For(bool signal) =>
                Strengths.Properties().Where(s => ((JObject)s.Value)[signal ? "false" : "true"] is null).Select(s => s.Name);
        }

        private Scales Scale()
        {
            if (chance.Percent(25))
                return new(["NO_GO", "UNDETERMINED", "CONDITIONAL", "GO"], JObject.Parse("""
                    {
                      "hard": { "false": "NO_GO", "unknown": "UNDETERMINED" }, "in_principle": { "false": "CONDITIONAL", "unknown": "CONDITIONAL" },
                      "willing": { "false": "NO_GO", "unknown": "CONDITIONAL" }, "warning": {}, "preference": {}, "info": {}, "note": {}
                    }
                    """));
            if (chance.Percent(20))
                return new(["WITHDRAW", "END", "POLITICAL_CHOICE", "UNDETERMINED", "REVIEW", "CONTINUE"], JObject.Parse("""
                    {
                      "withdraw": { "true": "WITHDRAW", "unknown": "UNDETERMINED" }, "end": { "true": "END", "unknown": "UNDETERMINED" },
                      "political_choice": { "true": "POLITICAL_CHOICE", "unknown": "UNDETERMINED" }, "review": { "true": "REVIEW" }, "warning": {}, "note": {}
                    }
                    """));

            List<string> outcomes = [.. chance.Some(["STOP", "WAIT", "CHECK", "HOLD", "PART"]), "FREE"];
            var strengths = new JObject();
            foreach (var token in chance.Some(StrengthTokens).Concat(chance.Percent(80) ? ["hard"] : []).Distinct())
            {
                var (decides, fires) = (IsDeciding(token), chance.Percent(token is "hard" or "in_principle" or "willing" ? 15 : 50));
                JObject leads = [];
                switch (chance.Below(10))
                {
                    case < 3 when !decides:
                        break; // leads nowhere
                    case 3 when !decides:
                        leads["unknown"] = Worse();
                        break;
                    case 4 when token == "review":
                        leads["true"] = Worse();
                        break;
                    default:
                        leads[fires ? "true" : "false"] = Worse();
                        leads["unknown"] = Worse();
                        break;
                }

                strengths[token] = leads;
            }

            return new(outcomes, strengths);

            string Worse() => outcomes[chance.Below(outcomes.Count - 1)];
        }

        /// <summary>Rules in files of their own, which every named question has too.</summary>
        private bool Injected(List<string> questions, Dictionary<string, Scales> scales)
        {
            var (required, firing) = (Common(signal: false), Common(signal: true));
            if (required.Count + firing.Count == 0) return false;
            var names = chance.Percent(30) ? new[] { "shared", "deeper" } : ["shared"];
            foreach (var name in names)
            {
                // They see the parameters of whichever question they stand in, so they name none but their own.
                var expressions = new RandomExpressions(chance, facts, isDerivation: false, hasNullTests);
                var rules = Enumerable.Range(1, chance.From(1, 2)).Select(i => Rule($"{name}-{i}", required, firing, expressions));
                files[name + ".json"] = new JObject { ["WorkflowName"] = name, ["Rules"] = new JArray(rules) };
            }

            if (names.Length > 1) files["shared.json"]["WorkflowsToInject"] = new JArray("deeper");
            return true;

            List<string> Common(bool signal) => [.. questions.Select(id => scales[id].For(signal)).Aggregate((some, others) => some.Intersect(others))];
        }

        private JObject RuleSet(string id, string? each, Scales scale, bool injects)
        {
            var json = new JObject { ["WorkflowName"] = id, ["Outcomes"] = new JArray(scale.Outcomes), ["Strengths"] = scale.Strengths };
            if (each is not null) json["Each"] = each;
            if (chance.Percent(20)) json["When"] = new RandomExpressions(chance, facts, isDerivation: false, hasNullTests).Condition(chance.Below(3));
            var expressions = new RandomExpressions(chance, facts, isDerivation: false, hasNullTests);
            if (chance.Percent(35)) json["GlobalParams"] = Parameters("g", expressions);
            var (required, firing) = (scale.For(signal: false).ToList(), scale.For(signal: true).ToList());
            if (injects)
            {
                json["WorkflowsToInject"] = new JArray("shared");
                if (chance.Percent(20)) return json;
            }

            var initial = char.ToUpperInvariant(id[0]);
            json["Rules"] = new JArray(Enumerable.Range(1, chance.From(1, 5)).Select(i => Rule($"{initial}-{i}", required, firing, expressions)));
            return json;
        }

        /// <summary>One to three parameters, in scope of the expressions from here on.</summary>
        private JArray Parameters(string prefix, RandomExpressions expressions)
        {
            var list = new JArray();
            for (var i = 0; i < chance.From(1, 3); i++)
            {
                var isNumber = chance.Percent(35);
                var name = $"{prefix}_{(isNumber ? "Sum" : "holds")}{expressions.Parameters.Count}";
                var expression = isNumber ? expressions.Number(chance.Below(3)) : expressions.Condition(chance.Below(3));
                list.Add(new JObject { ["Name"] = name, ["Expression"] = expression });
                expressions.Parameters.Add((name, isNumber));
            }

            return list;
        }

        private JObject Rule(string name, List<string> required, List<string> firing, RandomExpressions expressions)
        {
            var isSignal = required.Count == 0 || (firing.Count > 0 && chance.Percent(30));
            var tokens = isSignal ? firing : required;
            if (chance.Percent(30) && tokens.Where(IsDeciding).ToList() is { Count: > 0 } deciding) tokens = deciding;
            var rule = new JObject { ["RuleName"] = name };
            var inner = expressions.Inner();
            if (chance.Percent(20)) rule["LocalParams"] = Parameters("p", inner);
            if (chance.Percent(12)) Nested(rule, inner, chance.From(1, 3));
            else if (!isSignal && chance.Percent(10) && Either() is { } either) rule["Expression"] = either;
            else rule["Expression"] = !isSignal && chance.Percent(30) ? inner.Guarded(chance.From(1, 3)) : inner.Condition(chance.From(0, 3));

            JToken strength = chance.Of(tokens);
            if (readings.Count > 0 && chance.Percent(25))
            {
                var reading = chance.Of(readings);
                strength = new JObject { ["reading"] = reading["name"]!.DeepClone() };
                foreach (var option in reading["options"]!) strength[(string)option["value"]!] = chance.Of(tokens);
            }

            if (isSignal)
            {
                var can = strength is JObject byOption
                    ? byOption.Properties().Where(p => p.Name != "reading").Select(p => (string)p.Value!)
                    : [(string)strength!];
                rule["SuccessEvent"] = chance.Percent(35) ? "fallback:" + chance.Of(missions) : chance.Of(can.ToList());
            }

            if (chance.Percent(6)) rule["Enabled"] = false;
            rule["Properties"] = new JObject
            {
                ["Strength"] = strength,
                ["Missions"] = chance.Percent(60) ? new JArray("any") : new JArray(chance.Some(missions)),
                ["Statements"] = new JArray("S-1"),
                ["Waivable"] = chance.Percent(50),
                ["Title"] = Local(name),
                ["Reason"] = Local("reason of " + name),
            };
            return rule;
        }

        private void Nested(JObject rule, RandomExpressions expressions, int levels)
        {
            rule["Operator"] = chance.Of(["And", "AndAlso", "Or", "OrElse"]);
            var rules = new JArray();
            for (var i = 0; i < chance.From(1, 3); i++)
            {
                var (nested, inner) = (new JObject { ["RuleName"] = $"part {i}" }, expressions.Inner());
                if (chance.Percent(15)) nested["LocalParams"] = Parameters("n", inner);
                if (levels > 1 && chance.Percent(30)) Nested(nested, inner, levels - 1);
                else nested["Expression"] = inner.Condition(chance.Below(3));
                rules.Add(nested);
            }

            rule["Rules"] = rules;
        }

        private static bool IsDeciding(string token) => token is "hard" or "withdraw" or "end" or "political_choice";

        private static JObject Local(string text) => new() { ["en"] = text, ["nl"] = "nl: " + text };
    }
}
