namespace Advisory.Tests.Laws;

/// <summary>Books for what random ones hardly reach: each has a name, and scenarios that look into the corner.</summary>
internal static class NaiveCorners
{
    private static readonly string[] Words = [.. Enumerable.Range(1, 64).Select(n => FormattableString.Invariant($"w{n}"))];

    public static readonly Dictionary<string, (TinyBook Book, string[] Scenarios)> All = new()
    {
        ["parameters that stand for numbers"] = (
            new TinyBook().Integer("w.n", 0, 9)
                .Rule("R-1", "hard", "p > 5 && 5 < p && w.n == c && c == w.n && c == p && p != c && c < p && c > 3", members: """
                    { "LocalParams": [{ "Name": "p", "Expression": "w.n" }, { "Name": "c", "Expression": "5" }, { "Name": "unused", "Expression": "no.such > thing" }] }
                    """),
            ["""{ "facts": { "w.n": 7 } }""", """{ "facts": {} }"""]),

        ["guards"] = (
            new TinyBook().Boolean("w.flag").Enumeration("w.kind", "low", "high")
                .Question("go", members: """{ "GlobalParams": [{ "Name": "yes", "Expression": "true" }, { "Name": "unset", "Expression": "w.flag != null && w.flag == false" }] }""")
                .Rule("R-1", "hard", "w.flag == true ? w.kind == \"low\" : (true)")
                .Rule("R-2", "hard", "w.flag == true ? w.kind == \"low\" : yes")
                .Rule("R-3", "warning", "(w.flag == true ? w.kind == \"low\" : true)")
                .Rule("R-4", "hard", "p", members: """{ "LocalParams": [{ "Name": "p", "Expression": "w.flag != null ? w.kind == \"low\" : true" }] }""")
                .Rule("R-5", "hard", "null != w.flag ? w.kind == \"low\" : true")
                .Rule("R-6", "hard", "unset ? w.kind == \"low\" : true")
                .Rule("R-7", "hard", "false ? w.kind == \"low\" : true")
                .Rule("R-8", "hard", "w.flag == null && w.kind != null ? w.kind == \"low\" : true")
                .Signal("R-9", "warning", "w.flag == true ? w.kind == \"low\" : true"),
            ["""{ "facts": {} }""", """{ "facts": { "w.flag": false } }""", """{ "facts": { "w.flag": true } }""", """{ "facts": { "w.kind": "high" } }"""]),

        ["nested rules"] = (
            new TinyBook().Boolean("w.flag")
                .Rule("R-1", "hard", null, members: """{ "Operator": "Or", "Rules": [{ "RuleName": "x", "Expression": "w.flag == true" }] }""")
                .Rule("R-2", "hard", null, members: """
                    {
                      "Operator": "AndAlso",
                      "Rules": [
                        {
                          "RuleName": "x", "Operator": "OrElse", "LocalParams": [{ "Name": "p", "Expression": "w.flag == true" }],
                          "Rules": [{ "RuleName": "y", "Expression": "p" }, { "RuleName": "y", "Expression": "!p" }, { "RuleName": "z", "Expression": "false" }]
                        },
                        { "RuleName": "x", "LocalParams": [{ "Name": "p", "Expression": "w.flag == false" }], "Expression": "p" }
                      ]
                    }
                    """),
            ["""{ "facts": {} }""", """{ "facts": { "w.flag": false } }""", """{ "facts": { "w.flag": true } }"""]),

        ["lists"] = (
            new TinyBook().Fact("w.any", "list").List("w.some", "x", "y", "z").Rule("R-1", "hard", "w.any != null && w.some.Contains(\"x\")"),
            [
                """{ "facts": { "w.any": ["b", { "who": "x", "n": 1.5, "ok": true }, "a", { "n": 2.0, "a": "é" }, "{\"a\"", "😀", "ｚ", ""], "w.some": ["z", "x"] } }""",
                """{ "facts": { "w.any": { "reports": [{ "value": [{ "a": 1, "b": 2 }, "x"] }, { "value": ["x", { "b": 2.0, "a": 1 }] }] }, "w.some": [] } }""",
                """{ "facts": { "w.any": { "reports": [{ "value": [] }, { "value": ["x"] }] } } }""",
            ]),

        ["ways to write a number"] = (
            new TinyBook().Decimal("w.d", -10, 10, 0.0001m).Decimal("w.tiny", -1, 1, 0.000000000000001m).Rule("R-1", "hard", "w.d + w.tiny > 00.50m"),
            [.. new[] { "5.0", "5e0", "0.5e1", "-0", "-0.0", "50E-1", "0.000050e5", "0e999", "0e-999", "1e+1", "1e-4", "5." + new string('0', 98), "\".5\"", "\"-.50\"", "\"-0\"", "\"007\"" }
                .Select(number => $$"""{ "facts": { "w.d": {{number}}, "w.tiny": { "reports": [{ "value": 1.5e-14 }, { "value": "0.000000000000015" }] } } }""")]),

        ["probabilities"] = (
            new TinyBook().Boolean("w.flag").Enumeration("w.kind", "low", "😀", "ｚ").Rule("R-1", "hard", "w.flag != null || w.kind != null"),
            [
                """{ "facts": { "w.flag": { "probability": { "true": 1e-15, "false": 0.999999999999999 } }, "w.kind": { "probability": { "😀": 0.5, "ｚ": 0.5, "low": 0 } } } }""",
                """{ "facts": { "w.flag": { "value": true, "probability": { "true": 1.0 } }, "w.kind": { "reports": [{ "probability": { "low": 1 } }, { "value": "low", "sensitive": false }] } } }""",
            ]),

        ["texts"] = (
            new TinyBook().Text("w.text").Enumeration("w.lang", "en", "nl").Fact("w.labelled", "enumeration", """
                    { "values": ["en", "nl"], "valueLabels": { "en": { "en": "English", "nl": "Engels" }, "nl": { "en": "Dutch", "nl": "Nederlands" } } }
                    """).Records("en", "x", "name").Text("x.name").Records("nl", "y", "name").Text("y.name").Rule("R-1", "hard", "w.lang == w.labelled && w.text != \"<é>\""),
            [
                """{ "title": "\u0001\u001f\b\f\n\r\t\"\\\/\u007f\u2028\ud83d\ude00<>&'", "subject": "", "facts": { "w.text": "<\u00e9>", "w.lang": "en" }, "records": { "nl": [{ "name": "q" }], "en": [] } }""",
                """{ "classification": "x", "facts": { "w.text": { "value": "", "source": "", "note": "é", "sensitive": true } } }""",
            ]),

        ["no missions"] = (
            new TinyBook().Missions().Boolean("w.flag").DerivedBoolean("d.flag", "!(w.flag == true)")
                .Question("go").Rule("R-1", "hard", "d.flag == true").Question("stay", perMission: false).Rule("R-2", "hard", "w.flag == true"),
            ["""{ "facts": {} }""", """{ "facts": { "w.flag": true, "d.flag": true } }"""]),

        ["no missions and no other questions"] = (
            new TinyBook().Missions().Boolean("w.flag").DerivedBoolean("d.flag", "!(w.flag == true)").Rule("R-1", "hard", "d.flag == true"),
            ["""{ "facts": { "w.flag": true } }"""]),

        ["a record that has a mission"] = (
            new TinyBook().Records("trips", "mission", "name").Text("mission.name").Boolean("w.flag")
                .Question("go").Rule("R-1", "hard", "mission.type == \"first\"")
                .Question("trip", members: """{ "Each": "trips" }""").Rule("R-2", "hard", "mission.type == \"first\"").Rule("R-3", "hard", "w.flag == true", """{ "Missions": ["second"] }"""),
            [
                """{ "facts": { "mission.type": "first", "w.flag": true }, "records": { "trips": [{ "name": "x", "type": "second" }, { "name": "y" }] } }""",
                """{ "facts": {}, "records": { "trips": [{ "name": "x", "type": { "reports": [{ "value": "first" }, { "value": "second" }] } }, { "name": "y", "type": "first" }] } }""",
            ]),

        ["two kinds of record with one prefix"] = (
            new TinyBook().Records("ones", "x", "name").Records("others", "x", "name").Text("x.name").Boolean("x.flag").DerivedBoolean("x.no", "x.flag == false")
                .Question("go", members: """{ "Each": "ones" }""").Rule("R-1", "hard", "x.no == true").Question("stay", members: """{ "Each": "others" }""").Rule("R-2", "hard", "x.no == true"),
            ["""{ "facts": { "x.flag": true }, "records": { "ones": [{ "name": "1" }, { "name": "2", "flag": { "probability": { "true": 1 } } }], "others": [{ "name": "1", "no": true, "flag": true }] } }"""]),

        ["a question that has another's rules"] = (
            new TinyBook().Boolean("w.flag").Boolean("w.other")
                .Question("go", members: """{ "WorkflowsToInject": ["stay"] }""").Rule("R-1", "hard", "w.flag == true", """{ "Missions": ["first"] }""")
                .Question("stay", perMission: false).Rule("R-2", "in_principle", "w.other == true", """{ "Waivable": true }""").Rule("R-3", "hard", "true", members: """{ "Enabled": false }"""),
            [
                """{ "facts": { "w.flag": true } }""",
                """
                {
                  "asOf": "2026-01-01", "facts": { "w.flag": true },
                  "waivers": [
                    { "rule": "R-2", "missions": ["second", "second"], "reason": " r ", "grounds": "g", "by": "b", "until": "2026-01-01" },
                    { "rule": "R-2", "missions": "all", "reason": "r", "grounds": "g", "by": "b", "until": "9999-12-31" }
                  ]
                }
                """,
            ]),

        ["fallbacks"] = (
            new TinyBook().Boolean("w.flag")
                .Rule("R-1", "hard", "mission.type == \"first\" || w.flag == null").Signal("S-1", "warning", "w.flag == true", """{ "Missions": ["first"] }""", "fallback:first")
                .Signal("S-2", "info", "w.flag == true", @event: "fallback:second").Signal("S-3", "info", "w.flag != null", @event: "fallback:second")
                .Question("stay", perMission: false).Signal("S-4", "warning", "w.flag == true", @event: "fallback:second")
                .Question("end", members: """{ "When": "mission.type == \"second\"" }""").Signal("S-5", "warning", "w.flag == true", @event: "fallback:first"),
            ["""{ "facts": { "w.flag": true } }""", """{ "facts": { "w.flag": true, "mission.type": "first" } }""", """{ "facts": { "w.flag": false, "mission.type": "second" } }"""]),

        ["values that a derivation can still take"] = (
            new TinyBook().Boolean("w.flag").Enumeration("w.kind", "low", "mid", "high")
                .DerivedBoolean("d.truth", "w.kind == \"low\" ? null : w.flag == true ? true : w.kind == \"mid\"")
                .Fact("d.kind", "enumeration", """{ "values": ["low", "mid", "high"], "role": "derived", "derive": "w.flag == true ? w.kind : d.truth == true ? \"mid\" : null" }""")
                .Rule("R-1", "hard", "d.truth == true").Rule("R-2", "hard", "d.kind == \"low\""),
            [
                .. from known in new[] { "", "\"w.flag\": true", "\"w.flag\": false", "\"w.kind\": \"low\"", "\"w.kind\": \"high\"", "\"w.kind\": \"mid\", \"w.flag\": true" }
                   from stated in new[] { "", "\"d.truth\": false", "\"d.truth\": true, \"d.kind\": \"low\"", "\"d.kind\": \"mid\"", "\"d.kind\": \"high\"" }
                   select $$"""{ "facts": { {{string.Join(", ", new[] { known, stated }.Where(part => part.Length > 0))}} } }""",
            ]),

        ["contested facts on which others rest"] = (
            new TinyBook().Boolean("w.flag").DerivedBoolean("d.first", "w.flag == true").DerivedBoolean("d.second", "d.first == true")
                .DerivedInteger("d.count", 0, 9, "d.second == true ? 1 : 2").DerivedBoolean("d.third", "d.second == true && d.count == 1").Rule("R-1", "hard", "d.third == true || d.count != null"),
            [
                """{ "facts": { "w.flag": false, "d.first": true, "d.third": false } }""",
                """{ "facts": { "w.flag": false, "d.first": true, "d.count": 2 } }""",
                """{ "facts": { "w.flag": false, "d.first": true, "d.second": true, "d.third": false } }""",
                """{ "facts": { "w.flag": true, "d.second": false, "d.count": 1, "d.third": true } }""",
                """{ "facts": { "d.first": { "reports": [{ "value": true }, { "value": false }] }, "d.second": true, "d.count": 2 } }""",
            ]),

        ["a reading whose other options contest a report"] = (
            new TinyBook().Reading("reading.way", "worked_out", "declared").Boolean("w.flag").DerivedBoolean("d.truth", "reading.way == \"declared\" ? null : w.flag == true")
                .Rule("R-1", "hard", "d.truth == true"),
            [
                """{ "facts": { "w.flag": false, "d.truth": true }, "readings": { "reading.way": "declared" } }""",
                """{ "facts": { "w.flag": false, "d.truth": true }, "readings": { "reading.way": "worked_out" } }""",
            ]),

        ["figures that carry an outcome only together"] = (
            new TinyBook().Planning("plan.a", 5, 0, 9).Planning("plan.b", 5, 0, 9).Integer("w.n", 0, 9, """{ "assumption": { "value": 3, "statement": "S-1" } }""")
                .Reading("reading.how", "strict", "lenient")
                .Rule("R-1", "hard", "plan.a > 4 || plan.b > 4 || reading.how == \"lenient\"")
                .Rule("R-2", """{ "reading": "reading.how", "strict": "hard", "lenient": "warning" }""", "w.n + plan.a > 9"),
            ["""{ "facts": {} }""", """{ "facts": {}, "readings": { "reading.how": "lenient" } }""", """{ "facts": { "w.n": 1, "plan.b": 2 }, "readings": { "reading.how": "lenient" } }"""]),

        ["as many values as there may be"] = (
            new TinyBook().Enumeration("w.kind", Words[..62]).Enumeration("w.same", Words[..62]).List("w.list", Words[..62]).Text("w.text")
                .Rule("R-1", "hard", $"w.kind in ({Quoted(Words[30..62])}) && w.kind != w.same")
                .Rule("R-2", "hard", "w.list.Contains(\"w1\") && !w.list.Contains(\"w62\") || w.list.Contains(\"w61\")")
                .Rule("R-3", "hard", $"!(w.text in ({Quoted(Words[..61])})) && w.text != \"w62\""),
            [
                .. from value in new[] { "w1", "w61", "w62" }
                   from other in new[] { "w62", "w63", "" }
                   let same = other == "w62" ? "w62" : "w2"
                   select $$"""{ "facts": { "w.kind": "{{value}}", "w.same": "{{same}}", "w.list": ["w62", "w30", "{{(value == "w62" ? "w3" : value)}}"], "w.text": "{{other}}" } }""",
                """{ "facts": { "w.list": [] } }""",
            ]),

        ["as many missions as mission.type may name"] = (
            new TinyBook().Missions(Words[..62]).Boolean("w.flag").Rule("R-1", "hard", "w.flag == true", """{ "Missions": ["w1", "w61", "w62"] }""")
                .Rule("R-2", "in_principle", "mission.type in (\"w2\", \"w60\")", """{ "Waivable": true }""").Signal("S-1", "info", "w.flag == true", """{ "Missions": ["w62"] }""", "fallback:w61")
                .Question("stay", perMission: false).Rule("R-3", "hard", "mission.type == \"w62\"", """{ "Missions": ["w62"] }"""),
            [
                """{ "facts": { "w.flag": true } }""",
                """{ "asOf": "2026-01-01", "facts": { "mission.type": "w62" }, "waivers": [{ "rule": "R-2", "missions": ["w62"], "reason": "r", "grounds": "g", "by": "b", "until": "2026-01-01" }] }""",
            ]),

        ["expressions as long as they may be"] = (
            Enumerable.Range(0, 99).Aggregate(
                new TinyBook().Integer("w.n", -1000, 1000).Boolean("w.flag").DerivedInteger("d.n0", -100_000, 100_000, "w.n"),
                (book, n) => book.DerivedInteger(FormattableString.Invariant($"d.n{n + 1}"), -100_000, 100_000, FormattableString.Invariant($"d.n{n} + 1")))
                .Rule("R-1", "hard", "w.n" + string.Concat(Enumerable.Repeat(" - w.n + w.n", 199)) + " > 4")
                .Rule("R-2", "hard", new string('(', 24) + "d.n99 > 100" + new string(')', 24))
                .Rule("R-3", "hard", "w.flag == true" + string.Concat(Enumerable.Repeat(" || w.n == 7 && w.flag == null", 99))),
            ["""{ "facts": { "w.n": 7, "w.flag": false } }""", """{ "facts": { "w.n": 5, "d.n50": 55 } }""", """{ "facts": { "w.n": 5, "d.n50": 54, "d.n60": 1 } }""", """{ "facts": {} }"""]),
    };

    private static string Quoted(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"\"{word}\""));
}
