using System.Globalization;
using System.Text;
using Advisory.Engine;
using Advisory.Engine.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Process = System.Diagnostics.Process;

namespace Advisory.Tests.Laws;

/// <summary>The same book and scenario give the same bytes, however laid out and wherever evaluated (README of the engine, 1.1, 12).</summary>
public sealed class FormLaws
{
    [Fact]
    public void The_layout_of_the_files_does_not_change_a_canonical_byte() => Law.Holds(tries: 40, atLeast: 40, sample =>
    {
        var canonical = EvaluationJson.Canonical(sample.Evaluation);
        Func<JObject, string>[] layouts =
        [
            json => json.ToString(Formatting.Indented).ReplaceLineEndings("\n"),
            json => json.ToString(Formatting.Indented).ReplaceLineEndings("\r\n"),
            json => "\t\r\n " + Escaped(json) + "\n\n",
        ];
        foreach (var layout in layouts)
        {
            var loaded = RuleBook.Load(sample.Files.Select(file => new InputFile(file.Key, Encoding.UTF8.GetBytes(layout(file.Value)))));
            Assert.Empty(loaded.Problems);
            var scenario = Scenario.Read(loaded.Value!, new("other.json", Encoding.UTF8.GetBytes(layout(sample.Said))));
            Assert.Equal(canonical, EvaluationJson.Canonical(Evaluation.Of(loaded.Value!, scenario.Value!)));
        }

        return 1;

        // Every character that may be written as an escape is.
        static string Escaped(JObject json) =>
            JsonConvert.SerializeObject(json, new JsonSerializerSettings { StringEscapeHandling = StringEscapeHandling.EscapeNonAscii });
    });

    [Fact]
    public void The_canonical_forms_are_those_of_RFC_8785_and_read_back_as_the_same_scenario()
    {
        Law.Holds(tries: 100, atLeast: 100, sample => Holds(sample.Book, sample.Scenario));
        foreach (var name in Books.CaseNames("rules", "ukraine")) Holds(Books.Ukraine, Books.Case(Books.Ukraine, name, "rules", "ukraine").Scenario);

        // The writer is told the members in their order; the other way sorts whatever it gets.
        static int Holds(RuleBook book, Scenario scenario)
        {
            Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Bytes(scenario.ToJson())), Encoding.UTF8.GetString(scenario.Canonical.Span));
            Assert.Equal(scenario.Digest, Scenario.Read(book, new("again.json", scenario.Canonical)).Value!.Digest);
            var evaluation = EvaluationJson.Canonical(Evaluation.Of(book, scenario));
            Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Bytes(CanonicalJson.Parse(evaluation))), Encoding.UTF8.GetString(evaluation));
            return 1;
        }
    }

    [Fact]
    public void A_formatted_book_has_the_same_digests_and_formatting_it_again_changes_nothing() => Law.Holds(tries: 100, atLeast: 300, sample =>
    {
        var formatted = new List<InputFile>();
        foreach (var (name, json) in sample.Files)
        {
            var once = Laid(Sample.File(name, json));
            Assert.Equal(once, Laid(Sample.File(name, json, Formatting.Indented)));
            Assert.Equal(once, Laid(new(name, Encoding.UTF8.GetBytes(once))));
            Assert.EndsWith("\n", once, StringComparison.Ordinal);
            formatted.Add(new(name, Encoding.UTF8.GetBytes(once)));
        }

        var book = RuleBook.Load(formatted).Value!;
        Assert.Equal((sample.Book.Digest, sample.Book.RulesDigest), (book.Digest, book.RulesDigest));
        return formatted.Count;

        static string Laid(InputFile file)
        {
            var laid = BookFormat.Layout(file);
            Assert.True(laid.Value is not null, string.Join('\n', laid.Problems));
            return laid.Value;
        }
    });

    [Fact]
    public void Other_wording_changes_the_digest_of_the_book_and_neither_its_rules_nor_what_is_said() => Law.Holds(tries: 60, atLeast: 60, sample =>
    {
        var other = sample.WithBook(files =>
        {
            foreach (var text in files.Values.SelectMany(file => Sample.Members(file, "nl"))) text.Value = "anders: " + text.Value;
        });
        Assert.NotEqual(sample.Book.Digest, other!.Book.Digest);
        Assert.Equal(sample.Book.RulesDigest, other.Book.RulesDigest);
        RuleLaws.AnswersAreTheSame(sample, other);
        return 1;
    });

    public static TheoryData<string> Cultures => new("nl-NL", "tr-TR", "ar-SA", "none of this earth");

    [Theory]
    [MemberData(nameof(Cultures))]
    public void The_culture_of_the_machine_reaches_no_byte_and_no_text(string name)
    {
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            Law.Holds(tries: 15, atLeast: 15, sample =>
            {
                (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
                var expected = Said(Sample.Load(sample.Files)!, sample.Said);
                CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Culture(name);
                Assert.Equal(expected, Said(Sample.Load(sample.Files)!, sample.Said));
                return 1;
            });
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }

        static string Said(RuleBook book, JObject scenario)
        {
            var evaluation = Evaluation.Of(book, Sample.Read(book, scenario)!);
            var text = new StringBuilder(Encoding.UTF8.GetString(EvaluationJson.Canonical(evaluation)));
            foreach (var language in new[] { Language.En, Language.Nl })
                foreach (var traced in Trace.Of(evaluation, evaluation.Verdicts, Basis.Stated).Take(5))
                    TraceText.Write(traced, language, text);
            var decision = EvaluationJson.Decision(evaluation, evaluation.Verdicts, Basis.Assumed, withTrace: false);
            return text.Append(decision.ToString(Formatting.None)).ToString();
        }

        static CultureInfo Culture(string name)
        {
            try
            {
                if (!name.Contains(' ')) return new(name);
            }
            catch (CultureNotFoundException)
            {
                // A machine without culture data has only the invariant one; the culture below is made of it and stands everywhere.
            }

            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat = new() { NegativeSign = "~", NumberDecimalSeparator = "@", NumberGroupSeparator = "^", NumberGroupSizes = [1] };
            culture.DateTimeFormat = new() { ShortDatePattern = "d.M.yy", DateSeparator = "!" };
            return culture;
        }
    }

    public static TheoryData<string, string> Places => new() { { "Pacific/Kiritimati", "tr_TR.UTF-8" }, { "America/St_Johns", "ar_SA.UTF-8" } };

    [Theory]
    [MemberData(nameof(Places))]
    public void The_program_prints_the_same_bytes_in_every_time_zone(string zone, string language)
    {
        using var scratch = new ScratchFolder();
        var random = RandomBook.Of(7);
        foreach (var file in random.Files) scratch.Write(Path.Combine("book", file.Name), Encoding.UTF8.GetString(file.Content.Span));
        var scenarios = Enumerable.Range(0, 60).Select(seed => JObject.Parse(Encoding.UTF8.GetString(random.Scenario((ulong)seed))).ToString(Formatting.None));
        var lines = scratch.Write("scenarios.jsonl", string.Join('\n', scenarios) + "\n");
        string[] arguments = ["evaluate", lines, "--rules", Path.Combine(scratch.Path, "book"), "--lines", "--json", "--trace"];
        var here = RunProgram.With(arguments);
        Assert.Equal(0, here.Code);
        Assert.Equal(60, here.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "advisory.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        (start.Environment["TZ"], start.Environment["LANG"], start.Environment["LC_ALL"]) = (zone, language, language);
        using var elsewhere = Process.Start(start)!;
        elsewhere.ErrorDataReceived += (_, _) => { }; // read, so that it never waits for us
        elsewhere.BeginErrorReadLine();
        var output = elsewhere.StandardOutput.ReadToEnd();
        elsewhere.WaitForExit();
        Assert.Equal(0, elsewhere.ExitCode);
        Assert.Equal(here.Output, output);
    }
}
