using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

/// <summary><c>advisory explain</c> as a person meets it.</summary>
public sealed class ExplainTests
{
    private static readonly string Rules = Repository.PathOf("rules", "ukraine");
    private static readonly string S02 = Repository.PathOf("rules", "ukraine", "cases", "S02.json");

    [Fact]
    public void Evaluate_gives_the_same_answers_behind_its_decision_as_text_as_JSON_and_when_it_records()
    {
        string[] about = ["--rules", Repository.PathOf("rules", "ukraine"), "--question", "preconditions", "--mission", "deterrence"];
        var scenario = Repository.PathOf("rules", "ukraine", "cases", "S02.json");
        string[] asked = ["--explain", "why", "--explain", "margin"];
        var alone = RunProgram.With(["explain", scenario, .. about, "--why", "--margin"]).Output;
        Assert.Equal((0, RunProgram.With(["evaluate", scenario, .. about]).Output + "\n" + alone, ""), RunProgram.With(["evaluate", scenario, .. about, .. asked]));
        var answers = JObject.Parse(RunProgram.With(["explain", scenario, .. about, "--why", "--margin", "--json"]).Output)["answers"]!;
        Assert.True(JToken.DeepEquals(answers, JObject.Parse(RunProgram.With(["evaluate", scenario, .. about, .. asked, "--json"]).Output)["explanations"]));
        using var scratch = new ScratchFolder();
        Assert.True(JToken.DeepEquals(answers, JObject.Parse(RunProgram.With(["evaluate", scenario, .. about, .. asked, "--json", "--record", "--by", "ada", "--data", Path.Combine(scratch.Path, "data")]).Output)["explanations"]));
        Assert.Equal(2, RunProgram.With(["evaluate", scenario, .. about, "--explain", "everything"]).Code);
    }

    [Fact]
    public void Another_rule_book_is_compared_on_the_same_scenario()
    {
        using var scratch = new ScratchFolder();
        var other = scratch.Book("rules", "ukraine");
        var file = Path.Combine(other, "preconditions.json");
        var rules = JObject.Parse(File.ReadAllText(file));
        rules["Rules"]![0]!["Properties"]!["Strength"] = "in_principle";
        File.WriteAllText(file, rules.ToString());
        var scenario = Repository.PathOf("rules", "ukraine", "cases", "S02.json");
        string[] arguments = ["explain", scenario, "--rules", Repository.PathOf("rules", "ukraine"), "--question", "preconditions", "--mission", "deterrence", "--compare-rules"];
        var (code, output, errors) = RunProgram.With([.. arguments, other]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("Under the other rule book", output, StringComparison.Ordinal);
        var answer = JObject.Parse(RunProgram.With([.. arguments, other, "--json"]).Output)["answers"]!.Single();
        Assert.Equal((string)rules["Rules"]![0]!["RuleName"]!, (string)Assert.Single(answer["findings"]!)["name"]!);
        Assert.Equal(2, RunProgram.With([.. arguments, "no-such-book"]).Code);
    }

    [Fact]
    public void Missions_with_one_explanation_stand_together_and_the_worst_outcome_comes_first()
    {
        var (code, output, errors) = RunProgram.With("explain", S02, "--rules", Rules, "--question", "preconditions");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("\nOption 2: area-based deployment, light; Option 4: information-driven counter-concentration\nPreconditions: CONDITIONAL.", output, StringComparison.Ordinal);
        var outcomes = output.Split('\n').Where(line => line.StartsWith("Preconditions: ", StringComparison.Ordinal)).Skip(1).Select(line => line["Preconditions: ".Length..].Split('.')[0]).Distinct();
        Assert.Equal(["NO GO", "CONDITIONAL", "GO"], outcomes);
    }

    [Fact]
    public void A_go_never_stands_alone()
    {
        var (_, output, _) = RunProgram.With("explain", S02, "--rules", Rules);
        var groups = output.Split("\n\n").Where(group => group.Contains("\nPreconditions: GO", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, groups.Count);
        Assert.All(groups, group => Assert.Contains("Other questions without a favourable answer: ", group, StringComparison.Ordinal));
        Assert.Contains("\nWhat this book does not assess\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_question_and_mission_give_everything_with_its_sources()
    {
        var (code, output, _) = RunProgram.With("explain", S02, "--rules", Rules, "--question", "preconditions", "--mission", "deterrence");
        Assert.Equal(0, code);
        string[] expected = ["\nWhy\n", "P-US-1", "N.EXIT.1a", "\nAlso not in order, but not decisive here\n", "P-US-6", "A fallback is possible: Symbolic mission", "\nHow firm this is\n", "\nRead this beside it\n"];
        Assert.All(expected, text => Assert.Contains(text, output, StringComparison.Ordinal));
        Assert.DoesNotContain("--question Q", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_assumptions_each_of_them_heads_the_page()
    {
        var (_, output, _) = RunProgram.With("{ \"facts\": {} }", ["explain", "-", "--rules", Rules, "--basis", "assumed", "--question", "preconditions", "--mission", "opt1"]);
        Assert.Contains("ASSUMPTIONS of the documents:\n- Flag under which the mission takes place: Coalition of countries (N.AAN.O1.1)\n", output, StringComparison.Ordinal);
        Assert.Contains("Without the documents' assumptions the outcome is", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_reading_than_the_books_heads_the_page()
    {
        var (_, output, _) = RunProgram.With("""{ "facts": {}, "readings": { "reading.un_mandate": "hard" } }""", ["explain", "-", "--rules", Rules, "--question", "preconditions", "--mission", "opt1"]);
        Assert.Contains("\nUNDER ANOTHER READING THAN THE BOOK'S: Weight of the UN mandate: Hard, no go without a UN mandate\n", output, StringComparison.Ordinal);
        Assert.Contains("\nThis is under another reading than the book's. Weight of the UN mandate: Hard", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dutch_output_has_no_English_words_of_ours()
    {
        string[] english = [" not ", " known", "Based on", "Also:", " requirement", "Still needed", "outcome", "source:", "worked out", "above", " rule ", " is met", "waived"];
        foreach (var arguments in new[] { new[] { "explain", S02 }, ["explain", S02, "--question", "feasibility", "--mission", "opt3"] })
        {
            var (_, output, _) = RunProgram.With([.. arguments, "--rules", Rules, "--lang", "nl"]);
            Assert.All(english, word => Assert.DoesNotContain(word, output, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Json_is_one_canonical_line_of_sentences_with_data_and_texts()
    {
        var (code, output, _) = RunProgram.With("explain", S02, "--rules", Rules, "--json", "--mission", "deterrence");
        Assert.Equal(0, code);
        Assert.Equal(output.Length - 1, output.IndexOf('\n', StringComparison.Ordinal));
        Assert.StartsWith("{\"basis\":\"stated\",\"book\":{", output, StringComparison.Ordinal);
        var json = JObject.Parse(output);
        Assert.Equal("advisory/explanation/v1", (string?)json["schema"]);
        var deciding = json["sentences"]!.First(s => (string?)s["kind"] == "deciding");
        Assert.Equal(("preconditions", "deterrence", "P-US-1", "false", "hard"), ((string?)deciding["question"], (string?)deciding["mission"], (string?)deciding["rule"], (string?)deciding["truth"], (string?)deciding["strength"]));
        Assert.Equal("N.EXIT.1a", (string?)deciding["statements"]![0]!["id"]);
        Assert.NotEmpty((string)deciding["text"]!["nl"]!);
    }

    [Theory]
    [InlineData("the book has no question `nonsense`; it has preconditions, ", "--question", "nonsense")]
    [InlineData("the book has no mission `nonsense`; it has deterrence, ", "--mission", "nonsense")]
    [InlineData("S02.json: this scenario has no such verdict; it has preconditions: deterrence, ", "--question", "boundaries", "--mission", "opt1")]
    public void What_is_not_there_is_said_with_what_there_is(string expected, params string[] options)
    {
        var (code, output, errors) = RunProgram.With(["explain", S02, "--rules", Rules, .. options]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_or_not_right_is_said_on_stderr_with_its_place()
    {
        Assert.Equal((2, "", "no-such.json: there is no such file\n"), RunProgram.With("explain", "no-such.json", "--rules", Rules));
        var (code, output, errors) = RunProgram.With("""{ "facts": { "ru.consnet": "refused" } }""", ["explain", "-", "--rules", Rules]);
        Assert.Equal((2, "", "standard input:1:14: unknown fact `ru.consnet`; did you mean `ru.consent`?\n"), (code, output, errors));
    }

    [Fact]
    public void Help_shows_examples()
    {
        var (code, output, _) = RunProgram.With("explain", "--help");
        Assert.Equal(0, code);
        Assert.Contains("  advisory explain rules/ukraine/cases/S02.json --question preconditions --mission deterrence\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_window_outcomes_have_colours_and_what_a_scenario_holds_cannot_speak_to_it()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var scenario = """{ "facts": { "ru.consent": { "value": "refused", "source": "a \u001b[31mred\u001b[0m source" } } }"""u8.ToArray();
        var terminal = new Advisory.Host.Cli.Terminal(() => new MemoryStream(scenario), output, errors, 100, default) { HasColors = true };
        Assert.Equal(0, Advisory.Host.Cli.CommandLine.Run(["explain", "-", "--rules", Rules, "--question", "preconditions", "--mission", "opt1"], terminal));
        Assert.Contains("Preconditions: \u001b[31mNO\u001b[0m \u001b[31mGO\u001b[0m. One hard requirement is not met.", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("(source: a \uFFFD[31mred\uFFFD[0m source)", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var (_, output, _) = RunProgram.With("", ["explain", S02, "--rules", Rules, "--question", "feasibility"], width);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
    }
}
