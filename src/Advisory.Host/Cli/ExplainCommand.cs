using System.CommandLine;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory explain</c>: why each outcome, in plain sentences.</summary>
internal static class ExplainCommand
{
    internal sealed record Options(string Rules, string File, string? Question, string? Mission, Basis? Basis, Language Language, bool AsJson)
    {
        /// <summary>What is asked beyond the explanation itself; empty: that alone.</summary>
        public AnalysisWishes Analysis { get; init; } = new();
    }

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A scenario or case file; - reads standard input." };
        var rules = BookChoice.RulesOption();
        var question = BookChoice.QuestionOption(rules);
        var mission = BookChoice.MissionOption(rules);
        var basis = new Option<string?>("--basis") { Description = "Which outcome is explained: on stated facts, or under the documents' assumptions. Default: as the scenario says." };
        basis.AcceptOnlyFromAmong("stated", "assumed");
        var language = new Option<string>("--lang") { Description = "The language of the texts.", DefaultValueFactory = _ => "en" };
        language.AcceptOnlyFromAmong("en", "nl");
        var json = new Option<bool>("--json") { Description = "Every sentence with its data and its texts, as one canonical JSON object." };
        var command = new Verb("explain",
            "Says why the outcomes are what they are: the rules that decide, what each saw, and what it rests on. Missions with the same explanation stand together, "
            + "the worst outcome first. With --question and --mission, everything about one outcome.",
            "done, whatever the outcomes",
            null,
            new("advisory explain rules/ukraine/cases/S02.json", "Every question at a glance, with the reasons."),
            new("advisory explain rules/ukraine/cases/S02.json --question preconditions --mission deterrence", "Everything about one outcome, with its sources."),
            new("advisory explain rules/ukraine/cases/S02.json --mission opt3 --lang nl", "One mission in Dutch."),
            new("advisory explain rules/ukraine/cases/S02.json --question preconditions --mission deterrence --why --change --margin", "Which facts force the outcome, what would change it, and how firm it is; exact, not searched for."),
            new("advisory explain - --basis assumed --json < rules/ukraine/cases/S02.json", "Every sentence with its data, under the documents' assumptions."))
        { file, rules, question, mission, basis, language, json };
        var analysis = new AnalysisOptionSet();
        foreach (var option in analysis.All) command.Add(option);
        command.SetAction(parsed => Run(
            new(
                BookFolder.Locate(parsed.GetValue(rules)!),
                parsed.GetValue(file)!,
                parsed.GetValue(question),
                parsed.GetValue(mission),
                parsed.GetValue(basis) switch { "assumed" => Basis.Assumed, "stated" => Basis.Stated, _ => null },
                parsed.GetValue(language) == "nl" ? Language.Nl : Language.En,
                parsed.GetValue(json))
            { Analysis = analysis.Wishes(parsed) },
            terminal));
        return command;
    }

    public static int Run(Options options, Terminal terminal)
    {
        if (BookFolder.Book(options.Rules, terminal) is not { } book) return ExitCode.Input;
        if (!BookChoice.Knows(book, options.Question, options.Mission, terminal)) return ExitCode.Input;
        if (Inputs.Open(options.File, terminal) is not { } stream) return ExitCode.Input;

        ReadOnlyMemory<byte> content;
        // One byte more than is read, so that a longer file is known to be too long without reading all of it.
        using (stream) content = Lines.ReadAll(stream, Scenario.MaxBytes + 1, terminal.Stop);
        var scenario = Scenario.Read(book, new(Inputs.NameOf(options.File), content));
        foreach (var problem in scenario.Problems) terminal.Errors.WriteLine(problem);
        if (scenario.Value is null)
        {
            if (Inputs.Advice(content.Span, asLines: false) is { } advice) terminal.Errors.WriteLine(advice);
            return ExitCode.Input;
        }

        var evaluation = Evaluation.Of(book, scenario.Value);
        var verdicts = evaluation.Verdicts
            .Where(v => options.Question is null || v.Question.Id == options.Question)
            .Where(v => options.Mission is null || v.Mission == options.Mission)
            .ToList();
        if (verdicts.Count == 0)
        {
            var there = evaluation.Verdicts.GroupBy(v => v.Question.Id).Select(q => $"{q.Key}: {string.Join(", ", q.Select(v => v.Mission).Distinct())}");
            terminal.Errors.WriteLine($"{Inputs.NameOf(options.File)}: this scenario has no such verdict; it has {string.Join("; ", there)}");
            return ExitCode.Input;
        }

        var basis = options.Basis ?? scenario.Value.Basis;
        if (options.Analysis.Any) return Analyze(book, scenario.Value, basis, options, verdicts, terminal);
        var explanations = verdicts.Select(verdict => Explanation.Of(evaluation, verdict, basis)).ToList();
        if (options.AsJson)
        {
            terminal.Output.WriteLine(Encoding.UTF8.GetString(Explanation.Canonical(evaluation, explanations, basis)));
            return ExitCode.Done;
        }

        var text = new StringBuilder();
        var page = new ExplanationPage(evaluation, basis, options.Language, terminal.Width, text, terminal.HasColors);
        page.Write(explanations, isWhole: options.Question is not null && options.Mission is not null);
        terminal.Output.Write(text);
        return ExitCode.Done;
    }

    private static int Analyze(RuleBook book, Scenario scenario, Basis basis, Options options, List<Verdict> verdicts, Terminal terminal)
    {
        var page = new AnalysisPage(book, scenario, basis, options.Analysis, options.Language, terminal);
        var code = page.Answer(verdicts);
        if (code != ExitCode.Done) return code;
        if (options.AsJson) terminal.Output.WriteLine(new JObject { ["schema"] = "advisory/analysis/v1", ["input"] = scenario.Digest, ["answers"] = page.Answers }.ToString(Formatting.Indented).ReplaceLineEndings("\n"));
        else terminal.Output.Write(page.Text);
        return code;
    }
}

/// <summary>Explanations as text: those of one question that read the same stand together, the worst outcome first.</summary>
internal sealed class ExplanationPage(Evaluation evaluation, Basis basis, Language language, int width, StringBuilder text, bool hasColors)
{
    private readonly RuleBook book = evaluation.Book;

    private string T(string en, string nl) => language == Language.Nl ? nl : en;

    /// <param name="explanations">In the order of the verdicts.</param>
    /// <param name="isWhole">Whether everything is said; else the outcomes and what decides them.</param>
    public void Write(IReadOnlyList<Explanation> explanations, bool isWhole)
    {
        var start = text.Length;
        Header();
        foreach (var question in explanations.GroupBy(e => e.Verdict.Question))
        {
            text.Append('\n');
            Line(0, $"{question.Key.Title.In(language)}{(question.Key.Help is { } help ? ": " + help.In(language) : "")}");
            // Best outcome and not assessed last.
            var groups = question.GroupBy(e => string.Concat(Shown(e, isWhole).Select(s => s.Text.In(language) + "\n")))
                .OrderBy(g => Severity(g.First().Verdict));
            foreach (var group in groups)
            {
                text.Append('\n');
                Line(0, Subjects([.. group.Select(e => e.Verdict)]));
                Sentences(group.First(), isWhole);
            }
        }

        if (!isWhole) Foot(explanations);
        Paint.Finish(text, start);
    }

    private void Foot(IReadOnlyList<Explanation> explanations)
    {
        if (explanations.Any(e => e.Verdict.IsBest(basis)) && !book.Gaps.IsEmpty)
        {
            text.Append('\n');
            Line(0, Explanation.TitleOf("gaps").In(language));
            foreach (var gap in book.Gaps) Line(0, "- " + gap.Text.In(language), hang: 2);
        }

        text.Append('\n');
        Line(0, T(
            "Everything about one outcome, with sources and conditions: add --question Q --mission M.",
            "Alles over één uitkomst, met bronnen en voorwaarden: voeg --question Q --mission M toe."));
    }

    private int Severity(Verdict verdict)
    {
        var index = verdict.Question.Outcomes.IndexOf(verdict.On(basis).Outcome);
        return index < 0 ? verdict.Question.Outcomes.Length : index;
    }

    private string Subjects(List<Verdict> verdicts) => verdicts.Count > 1 && verdicts.Count == book.Missions.Length && verdicts[0].Record is null
        ? T("Every mission", "Elke missie")
        : string.Join("; ", verdicts.Select(Subject));

    private string Subject(Verdict verdict) =>
        verdict.Record ?? (verdict.Mission == RuleBook.AnyMission ? T("Whatever the mission", "Ongeacht de missie") : book.Missions.First(m => m.Id == verdict.Mission).Title.In(language));

    /// <summary>At a glance: the outcome, what decides it and what those rules saw themselves, waivers, what it rests on, other questions.</summary>
    private static List<Sentence> Shown(Explanation explanation, bool isWhole) => isWhole
        ? [.. explanation.Sentences]
        : [.. explanation.Sentences.Where(s => s.Kind switch
        {
            "verdict" or "deciding" or "needed" or "notFor" or "notAsked" or "noDecidingRule" or "waiver" or "withoutWaivers" or "reliesOn" => true,
            "saw" => s is { Depth: 1, Section: "deciding" } && !s.Data.ContainsKey("missing"),
            "otherBasis" => (string?)s.Data["outcome"] != explanation.Verdict.On(explanation.Basis).Outcome,
            "otherQuestions" => explanation.Verdict.IsBest(explanation.Basis),
            _ => false,
        })];

    private void Header()
    {
        Line(0, $"{book.Title.In(language)} {book.Version}");
        if (evaluation.Scenario.Title is { } title) Line(0, title);
        if (evaluation.Scenario.Classification is { } classification) Line(0, T("Classification: ", "Rubricering: ") + classification);
        if (evaluation.Scenario.AsOf is { } asOf) Line(0, T("As of ", "Peildatum ") + Explanation.DateOf(asOf).In(language));
        foreach (var reading in evaluation.Readings.Where(r => !r.IsBooksOwn))
        {
            Line(0, T("UNDER ANOTHER READING THAN THE BOOK'S: ", "ONDER EEN ANDERE LEZING DAN DIE VAN HET BOEK: ")
                + $"{reading.Reading.Label.In(language)}: {Explanation.ValueOf(reading.Reading, reading.Option).In(language)}");
        }

        if (basis != Basis.Assumed) return;
        var assumed = evaluation.Facts.Where(f => f.State == FactState.Assumed).ToList();
        Line(0, assumed.Count == 1
            ? T("UNDER 1 ASSUMPTION of the documents:", "ONDER 1 AANNAME van de documenten:")
            : FormattableString.Invariant($"{T("UNDER", "ONDER")} {assumed.Count} {T("ASSUMPTIONS of the documents:", "AANNAMES van de documenten:")}"));
        foreach (var fact in assumed) Line(0, $"- {fact.Fact.Label.In(language)}: {Explanation.ValueOf(fact.Fact, fact.Value).In(language)} ({fact.Statement})", hang: 2);
    }

    private void Sentences(Explanation explanation, bool isWhole)
    {
        var section = "";
        foreach (var sentence in Shown(explanation, isWhole))
        {
            if (sentence.Section != section && isWhole && Explanation.TitleOf(sentence.Section).In(language) is { Length: > 0 } title)
            {
                text.Append('\n');
                Line(0, title);
            }

            section = sentence.Section;
            var isLead = section == "outcome";
            var words = sentence.Kind == "verdict" ? Painted(explanation.Verdict, sentence.Text.In(language)) : sentence.Text.In(language);
            Line(isLead ? 0 : sentence.Depth * 2, (isLead ? "" : "- ") + words, isLead ? 0 : (sentence.Depth * 2) + 2);
        }
    }

    private string Painted(Verdict verdict, string sentence)
    {
        if (!hasColors) return sentence;
        var label = ": " + book.OutcomeLabels[verdict.On(basis).Outcome].In(language);
        var rank = verdict.Question.Outcomes.IndexOf(verdict.On(basis).Outcome);
        var tone = rank < 0 ? Tone.Faint : rank == 0 ? Tone.Worst : rank == verdict.Question.Outcomes.Length - 1 ? Tone.Best : Tone.Between;
        var at = sentence.IndexOf(label, StringComparison.Ordinal);
        return $"{sentence[..at]}: {Paint.Words(label[2..], tone)}{sentence[(at + label.Length)..]}";
    }

    private void Line(int indent, string paragraph, int hang = -1) => Paint.Paragraph(text, paragraph, width, new(' ', indent), hang);
}
