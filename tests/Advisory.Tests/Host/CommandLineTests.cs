using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Advisory.Host.Cli;
using Advisory.Tests.Service;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

/// <summary>The command line as a person and a script meet it: help, completion, colours, width, streams, Ctrl-C, and what to do next.</summary>
public sealed partial class CommandLineTests
{
    private static readonly string Rules = Repository.PathOf("rules", "ukraine");
    private static readonly string S02 = Repository.PathOf("rules", "ukraine", "cases", "S02.json");
    private static readonly bool RunsAll = Environment.GetEnvironmentVariable("ADVISORY_TESTS") == "all";

    // ---- help ----

    public static TheoryData<string> VerbNames => new(Verbs().Select(NameOf));

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Help_of_a_verb_says_what_it_takes_what_it_ends_with_and_how_it_is_used(string name)
    {
        var verb = Verbs().Single(verb => NameOf(verb) == name);
        var (code, output, errors) = RunProgram.With([.. name.Split(' '), "--help"]);
        Assert.Equal((0, ""), (code, errors));
        Assert.True(verb.Examples.Length >= 2, "fewer than two examples");
        Assert.All(verb.Examples, example => Assert.Contains($"\n  {example.Line}\n      ", output, StringComparison.Ordinal));
        foreach (var (number, _) in verb.Ends()) Assert.Contains(FormattableString.Invariant($"\n  {number}"), output, StringComparison.Ordinal);
        foreach (var described in verb.Options.Cast<Symbol>().Concat(verb.Arguments).Append(verb))
        {
            Assert.True(described.Description is { Length: > 5 } and [.., '.'], $"{described.Name} is not described in a sentence");
            Assert.Contains(described.Name, output, StringComparison.Ordinal);
        }

        Assert.All(verb.Options.OfType<Option<string>>().Where(option => option.HasDefaultValue), _ => Assert.Contains("[default: ", output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(120)]
    public void Help_keeps_to_the_width_of_the_window(int width)
    {
        var (_, output, _) = RunProgram.With("", ["--help"], width);
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= width || line.Contains("advisory", StringComparison.Ordinal), line));
    }

    [Fact]
    public void The_first_help_names_every_verb_with_an_example()
    {
        var (code, output, errors) = RunProgram.With("--help");
        Assert.Equal((0, ""), (code, errors));
        var spoken = Verbs().GroupBy(verb => NameOf(verb).Split(' ')[0]).Select(group => group.First());
        Assert.All(spoken, verb => Assert.Contains("\n  " + verb.Examples[0].Line + "\n", output, StringComparison.Ordinal));
        Assert.Contains("NO_COLOR", output, StringComparison.Ordinal);
    }

    [BashFact]
    public async Task Every_example_of_every_help_runs_from_the_root_of_the_repository()
    {
        await using var service = await RunningService.Start(options => options["rules"] = Repository.PathOf("rules", "ukraine"));
        using var folder = new ScratchFolder();
        CopyRules(folder.Path);
        var examples = Verbs().SelectMany(verb => verb.Examples).Select(example => example.Line).ToList();
        var officer = folder.Write("officer", service.KeyOf(Advisory.Host.Service.Access.Roles.Officer));
        foreach (var example in examples)
        {
            var line = example;
            // One that runs until Ctrl-C gets one.
            var isEndless = line.Contains("--watch", StringComparison.Ordinal) || line.StartsWith("advisory serve", StringComparison.Ordinal);
            // One that asks a service asks this one.
            line = line.Replace("--server http://127.0.0.1:5080", $"--server {service.Client.BaseAddress} --key-file {officer}", StringComparison.Ordinal);
            var (code, output, errors) = RealProgram.Bash(isEndless ? line.Replace("advisory ", "timeout -s INT 8 env --default-signal=INT \"$ADVISORY\" ", StringComparison.Ordinal) : line, folder.Path);
            Assert.True(isEndless ? code is 130 or 124 : code == 0, $"{line}\nends with {code}\n{errors}");
            Assert.True(output.Length + errors.Length > 0 || line.StartsWith("source", StringComparison.Ordinal), $"{line}\nprints nothing");
        }
    }

    // ---- completion ----

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Each_shell_gets_a_script_that_asks_the_program(string shell)
    {
        var (code, output, errors) = RunProgram.With("completion", shell);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
        Assert.Contains("advisory completion " + shell, output, StringComparison.Ordinal);
    }

    [BashFact]
    public void Bash_completes_verbs_options_questions_missions_and_cases()
    {
        const string Try = """
            source <(advisory completion bash)
            try() {
                COMP_LINE=$1 COMP_POINT=${#1}
                read -ra COMP_WORDS <<< "$1"
                [[ $1 == *' ' ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _advisory
                echo "$1=${COMPREPLY[*]}"
            }
            """;
        (string Line, string Found)[] expected =
        [
            ("advisory ev", "evaluate"),
            ("advisory evaluate --qu", "--question"),
            ("advisory evaluate x --question p", "preconditions"),
            ("advisory evaluate --rules tests/Advisory.Tests/Books/launch x --question ", "abort range stations weather"),
            ("advisory evaluate x --mission opt", "opt1 opt2 opt3 opt4"),
            ("advisory evaluate x --lang ", "en nl"),
            ("advisory evaluate rul", ""), // bash goes on with files
            ("advisory test --case S0", string.Join(' ', Books.CaseNames("rules", "ukraine").Where(name => name.StartsWith("S0", StringComparison.Ordinal)))),
            ("advisory completion z", "zsh"),
        ];
        var (code, output, errors) = RealProgram.Bash(Try + string.Concat(expected.Select(line => $"\ntry '{line.Line}'")), Repository.Root);
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(expected.Select(line => $"{line.Line}={line.Found}"), output.TrimEnd('\n').Split('\n'));
    }

    // ---- colours and width ----

    [Theory]
    [InlineData(false, null, "xterm-256color", true)]
    [InlineData(false, "", "xterm", true)]
    [InlineData(false, null, null, true)]
    [InlineData(true, null, "xterm", false)]
    [InlineData(false, "1", "xterm", false)]
    [InlineData(false, null, "dumb", false)]
    public void Colours_are_for_windows_whose_owner_wants_them(bool isRedirected, string? noColor, string? term, bool allowed)
    {
        Assert.Equal(allowed, Terminal.AllowsColors(isRedirected, name => name switch { "NO_COLOR" => noColor, "TERM" => term, _ => null }));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void Colours_change_nothing_but_colours(int width)
    {
        var plain = Evaluate(S02, width, hasColors: false);
        var coloured = Evaluate(S02, width, hasColors: true);
        Assert.DoesNotContain('\u001b', plain);
        Assert.Contains("\u001b[31mNO\u001b[0m \u001b[31mGO\u001b[0m", coloured, StringComparison.Ordinal);
        Assert.Contains("\u001b[32mGO\u001b[0m", coloured, StringComparison.Ordinal);
        Assert.Equal(plain, Escape().Replace(coloured, ""));
    }

    [Fact]
    public void In_a_narrow_window_a_wide_table_becomes_a_list()
    {
        var narrow = Evaluate(S02, 40, hasColors: false);
        Assert.Contains("\n  deterrence\n    Preconditions: NO GO\n    Feasibility: NOT ASSESSED\n", narrow, StringComparison.Ordinal);
        var wide = Evaluate(S02, 120, hasColors: false);
        Assert.Contains("\n  deterrence    NO GO  ", wide, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_scenario_holds_never_speaks_to_the_terminal()
    {
        const string Scenario = """{"title":"\u001b[2Jcleared\u0007\u202e","facts":{"us.commitment":{"value":"none","source":"a\nb\u009b31m"}}}""";
        var output = RunProgram.With(Scenario, ["evaluate", "-", "--rules", Rules, "--trace"]).Output;
        Assert.Contains("\n\uFFFD[2Jcleared\uFFFD\uFFFD\n", output, StringComparison.Ordinal);
        Assert.Contains("source: a b\uFFFD31m", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n');
    }

    // ---- what to do next ----

    [Theory]
    [InlineData("evalute", "`evalute` is not a verb; did you mean `evaluate`?\ntry `advisory --help`\n")]
    [InlineData("frobnicate", "`frobnicate` is not a verb; the verbs are ")]
    [InlineData("evaluate S02 --qestion x", "`--qestion` is not an option of `advisory evaluate`; did you mean `--question`?\ntry `advisory evaluate --help`\n")]
    [InlineData("evaluate S02 --lang de", "`--lang` has no value `de`; one of en, nl\n")]
    [InlineData("evaluate S02 --lang", "`--lang` needs a value; one of en, nl\n")]
    [InlineData("evaluate S02 --lang en --lang nl", "`--lang` stands there 2 times; once is enough\n")]
    [InlineData("evaluate", "a FILE is missing: ")]
    [InlineData("check RULES more", "`more` is more than `advisory check` takes\n")]
    [InlineData("log", "`advisory log` needs a verb: list, show, trace, ")]
    [InlineData("log shwo", "`shwo` is not a verb of `advisory log`; did you mean `show`?\ntry `advisory log --help`\n")]
    [InlineData("log list --limt 3", "`--limt` is not an option of `advisory log list`; did you mean `--limit`?\n")]
    [InlineData("log list --limit 0", "`--limit` has no value `0`")]
    [InlineData("completion basj", "`basj` is not a SHELL; one of bash, fish, pwsh, zsh\n")]
    [InlineData("evaluate S02 --rules RULES --question preconditons", "the book has no question `preconditons`; did you mean `preconditions`?\n")]
    [InlineData("evaluate S02 --rules RULES --mission peace", "the book has no mission `peace`; it has deterrence, ")]
    [InlineData("evaluate RULES/cases --rules RULES", "cases: is a folder; name the files in it, such as ")]
    [InlineData("evaluate RULES/cases/S2.json --rules RULES", "S2.json: there is no such file; did you mean `RULES/cases/S02.json`?\n")]
    [InlineData("evaluate no-such-file-at-all.json --rules RULES", "no-such-file-at-all.json: there is no such file\n")]
    [InlineData("check RULES/../ukrane", "ukrane: there is no such folder; did you mean `")]
    [InlineData("check RULES/../nowhere-at-all", "nowhere-at-all: there is no such folder; name the folder of a rule book, or start one with `advisory new-book NAME`\n")]
    [InlineData("check RULES/..", ": is not a rule book, since it has no book.json; did you mean `")]
    [InlineData("check RULES/cases", "cases: is not a rule book, since it has no book.json; name the folder of a rule book")]
    [InlineData("check RULES/book.json", "book.json: is a file; name the folder that it is in\n")]
    [InlineData("test RULES --case S2", "has no case `S2`; did you mean `S02`?\n")]
    public void A_mistake_is_answered_with_what_to_do_next(string line, string answer)
    {
        var (code, output, errors) = RunProgram.With([.. line.Split(' ').Select(word => word == "S02" ? S02 : word.Replace("RULES", Rules, StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(answer.Replace("RULES", Rules.Replace('\\', '/'), StringComparison.Ordinal), errors.Replace('\\', '/'), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "standard input:1:1: the file is empty\nnothing arrived; a scenario is an object such as { \"facts\": {} }\n")]
    [InlineData("{\"facts\":{}}\n{\"facts\":{}}\n", "standard input:2:1: nothing more was expected here\nfor a file with one scenario a line, add --lines\n")]
    public void Input_of_another_shape_is_answered_with_what_to_do_next(string input, string answer)
    {
        Assert.Equal((2, "", answer), RunProgram.With(input, ["evaluate", "-", "--rules", Rules]));
    }

    // ---- lines ----

    [Fact]
    public void A_bad_line_has_its_place_and_its_problems_and_the_others_their_decisions()
    {
        var input = string.Join('\n', """{"title":"one","facts":{}}""", "", """{"title":"two","facts":{"ru.consnet":1}}""", "{\"title\":\"three\",\"facts\":{}}\r", "{", """{"title":"six","facts":{}}""");
        var (code, output, errors) = RunProgram.With(input, ["evaluate", "-", "--lines", "--rules", Rules, "--question", "exit"]);
        Assert.Equal(2, code);
        var lines = output.TrimEnd('\n').Split('\n').Select(JObject.Parse).ToList();
        Assert.Equal(["one", null, "three", null, "six"], lines.Select(line => (string?)line["title"]));
        Assert.Equal([3, 5], lines.Where(line => line["problems"] is not null).Select(line => (int)line["line"]!));
        Assert.Equal("unknown-fact", (string)lines[1]["problems"]![0]!["code"]!);
        Assert.Equal(3, (int)lines[1]["problems"]![0]!["line"]!);
        Assert.Equal(
            "standard input:3:25: unknown fact `ru.consnet`; did you mean `ru.consent`?\n"
            + "standard input:5:2: the file ends too early\n5 scenarios, 2 at fault\n",
            Pace().Replace(errors, ""));
    }

    [Fact]
    public void A_scenario_over_several_lines_is_told_from_one_on_each_line()
    {
        var errors = RunProgram.With("{\n  \"facts\": {}\n}\n", ["evaluate", "-", "--lines", "--rules", Rules]).Errors;
        Assert.Contains("with --lines each scenario stands on one line; leave --lines out for a file that holds one\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_named_and_costs_only_itself()
    {
        var (code, output, errors) = RunProgram.With(
            $"{{\"facts\":{{}}}}\n{new string(' ', 262_144)}{{\"facts\":{{}}}}\n{{\"facts\":{{}}}}", ["evaluate", "-", "--lines", "--rules", Rules, "--question", "exit"]);
        Assert.Equal((2, 3), (code, output.Count(c => c == '\n')));
        Assert.StartsWith("standard input:2:1: the line is longer than 262144 bytes, and is not read\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_is_on_its_way_before_the_next_question_is_waited_for()
    {
        using var input = new Conversation();
        using var output = new StringWriter();
        using var buffer = new BufferedWriter(output);
        input.Says("{\"facts\":{}}\n");
        input.Waits(() => Assert.Single(output.ToString().TrimEnd('\n').Split('\n')));
        input.Says("{\"facts\":{}}\n");
        input.Waits(() => Assert.Equal(2, output.ToString().TrimEnd('\n').Split('\n').Length));
        Assert.Equal(0, CommandLine.Run(["evaluate", "-", "--lines", "--rules", Rules, "--question", "exit"], new(() => input, buffer, TextWriter.Null, 100, default)));
        Assert.Equal(2, input.Waited);
    }

    [Fact]
    public void Progress_is_shown_at_most_twice_a_second_and_only_to_a_person()
    {
        var input = string.Concat(Enumerable.Repeat("{\"facts\":{}}\n", 30));
        Assert.Matches("^30 scenarios, 0 at fault.*\n$", Progress(isWatched: false));

        // Each look at this clock takes a tenth of a second, and there are some for each scenario: between three and five seconds.
        var watched = Progress(isWatched: true);
        Assert.InRange(watched.Split("\r\u001b[K").Length - 1, 3, 10);
        Assert.StartsWith("5 scenarios, 0 at fault", watched, StringComparison.Ordinal);
        Assert.Matches("\r\u001b\\[K30 scenarios, 0 at fault; [0-9]+ a second\n$", watched);

        string Progress(bool isWatched)
        {
            using var errors = new StringWriter { NewLine = "\n" };
            var clock = new SteppingClock();
            var terminal = new Terminal(() => new MemoryStream(Encoding.UTF8.GetBytes(input)), TextWriter.Null, errors, 100, default) { IsWatched = isWatched, Clock = clock };
            Assert.Equal(0, CommandLine.Run(["evaluate", "-", "--lines", "--rules", Rules, "--question", "exit"], terminal));
            return errors.ToString();
        }
    }

    [Fact]
    public void Lines_without_end_need_no_more_memory_than_a_few()
    {
        using var folder = new ScratchFolder();
        RunProgram.With("new-book", "harbour", "--into", folder.Path);
        var one = JObject.Parse(File.ReadAllText(Directory.EnumerateFiles(Path.Combine(folder.Path, "harbour", "cases")).First()))["scenario"]!.ToString(Newtonsoft.Json.Formatting.None);
        var count = RunsAll ? 20_000 : 8_000;
        var file = folder.Write("many.jsonl", string.Concat(Enumerable.Repeat(one + "\n", count)));

        // The answers alone are longer than the memory that there is.
        const int HeapLimit = 16 << 20;
        var (code, lines, length, errors) = RealProgram.Count(["evaluate", file, "--lines", "--rules", Path.Combine(folder.Path, "harbour")], HeapLimit);
        Assert.Equal((0, count), (code, lines));
        Assert.True(length > HeapLimit, $"only {length} characters");
        Assert.StartsWith(FormattableString.Invariant($"{count:N0} scenarios, 0 at fault"), errors, StringComparison.Ordinal);
    }

    [BashFact]
    public void A_reader_that_has_seen_enough_ends_the_program_quietly()
    {
        var (code, output, errors) = RealProgram.Bash(
            "for i in {1..200}; do echo '{\"facts\":{}}'; done | advisory evaluate - --lines 2> >(cat >&2) | head -n 1 | cut -c 1-10; echo ${PIPESTATUS[1]}", Repository.Root);
        Assert.Equal((0, "{\"schema\":\n0\n", ""), (code, output, errors));
    }

    // ---- Ctrl-C ----

    [InterruptFact]
    public async Task Ctrl_C_ends_a_stream_with_whole_lines_and_says_how_far_it_came()
    {
        using var program = RealProgram.Start(["evaluate", "-", "--lines", "--rules", Rules, "--question", "exit"]);
        var output = program.StandardOutput.ReadToEndAsync();
        var errors = program.StandardError.ReadToEndAsync();
        for (var i = 0; i < 200; i++) await program.StandardInput.WriteLineAsync("{\"facts\":{}}");
        await program.StandardInput.FlushAsync();
        await Task.Delay(TimeSpan.FromSeconds(2)); // it works, or it waits for more: neither keeps it
        RealProgram.Interrupt(program);
        await program.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);

        var lines = (await output).Split('\n');
        Assert.Equal(130, program.ExitCode);
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], line => JObject.Parse(line));
        Assert.Matches("^stopped(?: after [0-9]+ scenarios?, 0 at fault.*)?\n$", await errors);
    }

    [InterruptFact]
    public async Task Ctrl_C_ends_a_test_of_many_cases_and_a_watch()
    {
        foreach (var arguments in new string[][] { ["test", Rules], ["check", Rules, "--watch"] })
        {
            using var program = RealProgram.Start(arguments);
            var output = program.StandardOutput.ReadToEndAsync();
            var errors = program.StandardError.ReadToEndAsync();
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            if (!program.HasExited) RealProgram.Interrupt(program);
            await program.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
            await output;

            // A quick machine may have tested every case by then.
            if (program.ExitCode == 0 && arguments[0] == "test") continue;
            Assert.Equal(130, program.ExitCode);
            Assert.Matches("^stopped( after [0-9]+ of [0-9]+ cases, 0 failing| watching .* after [0-9]+ checks?)?\n$", await errors);
        }
    }

    // ---- how they are run ----

    private static List<Verb> Verbs() =>
        [.. CommandLine.Root(new(() => Stream.Null, TextWriter.Null, TextWriter.Null, 100, default)).Subcommands.SelectMany(command => command is Verb verb ? [verb] : command.Subcommands.Cast<Verb>())];

    private static string NameOf(Verb verb) => verb.Parents.OfType<Command>().First() is RootCommand ? verb.Name : $"{verb.Parents.OfType<Command>().First().Name} {verb.Name}";

    private static string Evaluate(string file, int width, bool hasColors)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, CommandLine.Run(["evaluate", file, "--rules", Rules], new(() => Stream.Null, output, TextWriter.Null, width, default) { HasColors = hasColors }));
        return output.ToString();
    }

    private static void CopyRules(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("rules"), "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex("\u001b\\[[0-9]+m")]
    private static partial Regex Escape();

    [GeneratedRegex("; [0-9,]+ a second")]
    private static partial Regex Pace();

    /// <summary>A clock that goes on by a tenth of a second at each look.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long looks;

        public override long TimestampFrequency => 10;

        public override long GetTimestamp() => ++looks;
    }

    /// <summary>Holds what is written until it is flushed.</summary>
    private sealed class BufferedWriter(TextWriter inner) : StringWriter
    {
        public override void Flush()
        {
            inner.Write(GetStringBuilder().ToString());
            GetStringBuilder().Clear();
        }
    }

    /// <summary>Standard input that looks around before it says the next thing.</summary>
    private sealed class Conversation : MemoryStream
    {
        private readonly Queue<(byte[]? Says, Action? Looks)> script = [];

        public int Waited { get; private set; }

        public void Says(string text) => script.Enqueue((Encoding.UTF8.GetBytes(text), null));

        public void Waits(Action looks) => script.Enqueue((null, looks));

        public override int Read(Span<byte> buffer)
        {
            while (script.TryDequeue(out var next))
            {
                if (next.Says is { } said)
                {
                    said.CopyTo(buffer);
                    return said.Length;
                }

                next.Looks!();
                Waited++;
            }

            return 0;
        }
    }
}

/// <summary>The program as a process of its own.</summary>
internal static class RealProgram
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "advisory.dll");
    private static readonly string Dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>Runs a script in which <c>advisory</c> is the program, and <c>$ADVISORY</c> a command that runs it.</summary>
    public static (int Code, string Output, string Errors) Bash(string script, string folder)
    {
        using var scratch = new ScratchFolder();
        var command = scratch.Write("advisory", $"#!/bin/sh\nexec \"{Dotnet}\" \"{Program}\" \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        var start = new ProcessStartInfo("bash", ["-c", $"set -o pipefail; advisory() {{ \"$ADVISORY\" \"$@\"; }}; {script}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["ADVISORY"] = command;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Starts the program; Ctrl-C reaches it even where the tests themselves were started to ignore it.</summary>
    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Dotnet, Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Starts the program without a verb behind a line of bash that ends in <c>exec "$0" "$@"</c>.</summary>
    public static Process Start(string script, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "bash", "-c", script, Dotnet, Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static void Interrupt(Process process)
    {
        const int Interrupt = 2;
        Assert.Equal(0, Kill(process.Id, Interrupt));
    }

    /// <summary>Runs the program with a bound on its heap; counts the lines and characters that it prints.</summary>
    public static (int Code, int Lines, long Length, string Errors) Count(string[] arguments, long heapLimit)
    {
        var start = new ProcessStartInfo(Dotnet, [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = FormattableString.Invariant($"0x{heapLimit:x}");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var (lines, length) = (0, 0L);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines++;
            length += line.Length;
        }

        process.WaitForExit();
        return (process.ExitCode, lines, length, errors.Result);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

/// <summary>A test that needs bash.</summary>
internal sealed class BashFactAttribute : FactAttribute
{
    public BashFactAttribute()
    {
        if (!File.Exists("/bin/bash") && !File.Exists("/usr/bin/bash")) Skip = "there is no bash here; install bash, or run the tests on Linux";
    }
}

/// <summary>A test that sends Ctrl-C to another process.</summary>
internal sealed class InterruptFactAttribute : FactAttribute
{
    public InterruptFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/env")) Skip = "needs GNU env and signals; run the tests on Linux";
    }
}
