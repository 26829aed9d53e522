using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

public sealed class EvaluateTests
{
    private static readonly string Rules = Repository.PathOf("rules", "ukraine");
    private static readonly string S02 = Repository.PathOf("rules", "ukraine", "cases", "S02.json");

    [Fact]
    public void Every_mission_and_question_is_printed_and_a_go_never_stands_alone()
    {
        var (code, output, errors) = RunProgram.With("evaluate", S02, "--rules", Rules);
        Assert.Equal((0, ""), (code, errors));
        foreach (var mission in Books.Ukraine.Missions) Assert.Contains($"\n{mission.Title.En}\n", output, StringComparison.Ordinal);
        var go = output.Split('\n').Where(line => line.StartsWith("  Preconditions: GO", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, go.Count);
        Assert.All(go, line => Assert.Contains(" · Mandate and means: UNDETERMINED", line, StringComparison.Ordinal));
        Assert.Contains("This book does not assess", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Reasons_come_with_facts_their_sources_and_the_statements_behind_the_rules()
    {
        const string Scenario = """
            {"asOf":"2026-01-24","facts":{"us.commitment":{"value":"none","source":"press briefing","asOf":"2026-01-20","confidence":"high"},
             "ceasefire.status":{"reports":[{"value":"agreed","source":"A"},{"value":"none","source":"B"}]},
             "un.mandate":{"value":"granted","validUntil":"2026-01-01"}}}
            """;
        var (code, output, _) = RunProgram.With(Scenario, ["evaluate", "-", "--rules", Rules, "--question", "preconditions"]);
        Assert.Equal(0, code);
        Assert.Contains("us.commitment = No commitment (stated, source: press briefing, as of 2026-01-20, confidence", output, StringComparison.Ordinal);
        Assert.Contains("ceasefire.status = unknown (contested)\n    - Agreed, source: A\n", output, StringComparison.Ordinal);
        Assert.Contains("un.mandate = unknown (expired)\n    - Granted, valid until 2026-01-01, expired\n", output, StringComparison.Ordinal);
        Assert.Contains("  N.EXIT.1a (note, ", output, StringComparison.Ordinal);
        Assert.Contains("under the documents' assumptions: NO GO (P-US-1), relying on mission.flag", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dutch_output_has_no_English_words_of_ours()
    {
        var (_, output, _) = RunProgram.With("evaluate", S02, "--rules", Rules, "--lang", "nl", "--trace");
        string[] english = [" unknown", " not met", " fires", "warning:", "condition:", "stated)", "Facts\n", "Trace:", "may fall back", "as of ", " true", " false"];
        var prose = string.Join('\n', output.Split('\n').Where(line => !line.Contains(" -> ", StringComparison.Ordinal)));
        Assert.All(english, word => Assert.DoesNotContain(word, prose, StringComparison.Ordinal));
    }

    [Fact]
    public void Json_holds_what_the_contract_names()
    {
        var (code, output, _) = RunProgram.With("evaluate", S02, "--rules", Rules, "--json", "--trace");
        Assert.Equal(0, code);
        var json = JObject.Parse(output);
        Assert.Equal("advisory/decision/v1", (string)json["schema"]!);
        Assert.Equal("2026-01-24", (string)json["asOf"]!);
        Assert.StartsWith("sha256:", (string)json["book"]!["digest"]!, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", (string)json["input"]!, StringComparison.Ordinal);
        Assert.Equal(1, (int)json["semantics"]!);
        var deterrence = json["verdicts"]!.Single(v => (string)v["question"]! == "preconditions" && (string)v["mission"]! == "deterrence");
        Assert.Equal("NO_GO", (string)deterrence["outcome"]!);
        Assert.Equal("P-US-1", (string)deterrence["deciding"]![0]!["rule"]!);
        Assert.NotEmpty((string)deterrence["deciding"]![0]!["reason"]!["nl"]!);
        Assert.Equal("GO", (string)deterrence["fallback"]![0]!["outcome"]!);
        Assert.Equal("NO_GO", (string)deterrence["assumed"]!["outcome"]!);
        Assert.Empty(deterrence["assumed"]!["relyingOn"]!);
        Assert.Equal("NO_GO", (string)deterrence["withoutWaivers"]!["outcome"]!);
        Assert.All(["conditions", "warnings", "notAssessed", "open", "waived"], member => Assert.Equal(JTokenType.Array, deterrence[member]!.Type));
        Assert.Contains(json["facts"]!, f => (string)f["name"]! == "us.commitment" && (string)f["state"]! == "stated" && (string)f["value"]! == "none");
        Assert.Contains(json["trace"]!, t => (string)t["rule"]! == "P-US-1" && (string)t["truth"]! == "false" && (string)t["expression"]!["text"]! == "us.commitment == \"full\"");
    }

    [Fact]
    public void Lines_in_give_lines_out_in_the_same_order_and_a_bad_line_costs_only_itself()
    {
        const string Lines = """
            {"title":"one","facts":{"ru.consent":"refused"}}

            {"title":"two","facts":{"ru.consnet":"refused"}}
            {"title":"three","facts":{}}
            """;
        var (code, output, errors) = RunProgram.With(Lines, ["evaluate", "-", "--lines", "--rules", Rules, "--question", "preconditions"]);
        Assert.Equal(2, code);
        Assert.Equal(["one", null, "three"], output.TrimEnd('\n').Split('\n').Select(line => (string?)JObject.Parse(line)["title"]));
        Assert.StartsWith("standard input:3:25: unknown fact `ru.consnet`; did you mean `ru.consent`?\n3 scenarios, 1 at fault", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-verb", "", 2)]
    [InlineData("evaluate", "no-such-file.json", 2)]
    [InlineData("evaluate", "--question=nonsense", 2)]
    public void A_mistake_on_the_command_line_is_said_on_stderr_and_ends_with_2(string verb, string argument, int expected)
    {
        string[] arguments = argument.StartsWith("--", StringComparison.Ordinal) ? [verb, S02, argument, "--rules", Rules] : argument.Length == 0 ? [verb] : [verb, argument, "--rules", Rules];
        var (code, output, errors) = RunProgram.With(arguments);
        Assert.Equal((expected, ""), (code, output));
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void A_broken_book_is_refused_with_every_problem_and_no_verdict()
    {
        using var folder = new ScratchFolder();
        var book = folder.Book("rules", "ukraine");
        var file = Path.Combine(book, "preconditions.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("us.commitment == ", "us.comitment == ", StringComparison.Ordinal));
        var (code, output, errors) = RunProgram.With("evaluate", S02, "--rules", book);
        Assert.Equal((2, ""), (code, output));
        Assert.True(errors.Split('\n').Count(line => line.Contains("unknown fact `us.comitment`; did you mean `us.commitment`?", StringComparison.Ordinal)) > 3, errors);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_of_prose_is_wider_than_the_terminal(int width)
    {
        var (_, output, _) = RunProgram.With("", ["evaluate", S02, "--rules", Rules], width);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
    }

    [Fact]
    public void Ctrl_C_stops_between_scenarios_and_says_so()
    {
        var (code, _, errors) = RunProgram.With("{}", ["evaluate", "-", "--rules", Rules], stop: new(canceled: true));
        Assert.Equal((130, "stopped after 0 scenarios, 0 at fault\n"), (code, errors));
    }
}
