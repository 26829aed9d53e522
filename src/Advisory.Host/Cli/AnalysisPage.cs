using System.CommandLine;
using System.Text;
using Advisory.Engine;
using Advisory.Engine.Analysis;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary>Which exact questions <c>explain</c> is to answer.</summary>
internal sealed record AnalysisWishes
{
    /// <summary>What can be asked of a verdict without more words.</summary>
    public static readonly string[] Kinds = ["open", "why", "change", "ask", "margin"];

    public static AnalysisWishes Of(IReadOnlyList<string> kinds) => new()
    {
        Open = kinds.Contains("open"),
        Why = kinds.Contains("why"),
        Change = kinds.Contains("change"),
        Ask = kinds.Contains("ask"),
        Margin = kinds.Contains("margin"),
    };

    public bool Open { get; init; }

    public bool Why { get; init; }

    public bool Change { get; init; }

    public bool Ask { get; init; }

    public bool Margin { get; init; }

    /// <summary>A scenario to compare with.</summary>
    public string? Compare { get; init; }

    /// <summary>The folder of another rule book, under which the same scenario is compared.</summary>
    public string? CompareRules { get; init; }

    /// <summary>The outcomes that a change is to lead to; empty for any better one.</summary>
    public IReadOnlyList<string> Wanted { get; init; } = [];

    /// <summary>Facts that a change leaves as they are.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Whether changes of facts that neither we nor allies influence count too.</summary>
    public bool Anyone { get; init; }

    public bool Any => Open || Why || Change || Ask || Margin || Compare is not null || CompareRules is not null;
}

/// <summary>The options of <c>explain</c> for exact questions.</summary>
internal sealed class AnalysisOptionSet
{
    private readonly Option<bool> open = new("--open") { Description = "Which outcomes are still open while facts are unknown, and whether one is certain." };
    private readonly Option<bool> why = new("--why") { Description = "The smallest sets of facts that alone force the outcome, whatever all others are." };
    private readonly Option<bool> change = new("--change") { Description = "The smallest changes of facts that lead to a better outcome, to the nearest value that works." };
    private readonly Option<string[]> want = new("--want") { Description = "With --change, an outcome that will do.", HelpName = "OUTCOME" };
    private readonly Option<string[]> keep = new("--keep") { Description = "With --change, a fact that stays as it is.", HelpName = "FACT" };
    private readonly Option<bool> anyone = new("--anyone") { Description = "With --change, also facts that neither we nor allies influence." };
    private readonly Option<bool> ask = new("--ask") { Description = "What to find out first: the unknown facts that can still change the outcome, the best next question, and who can answer it." };
    private readonly Option<bool> margin = new("--margin") { Description = "How many changes of facts the outcome is away from a worse one, and on what it hangs." };
    private readonly Option<string?> compare = new("--compare") { Description = "What differs from another scenario, and which differences carry the other outcome.", HelpName = "FILE" };
    private readonly Option<string?> compareRules = new("--compare-rules") { Description = "What another rule book makes of the same scenario, and which rules carry the other outcome.", HelpName = "DIR" };

    public IEnumerable<Option> All => [open, why, change, want, keep, anyone, ask, margin, compare, compareRules];

    public AnalysisWishes Wishes(ParseResult parsed) => new()
    {
        Open = parsed.GetValue(open),
        Why = parsed.GetValue(why),
        Change = parsed.GetValue(change),
        Ask = parsed.GetValue(ask),
        Margin = parsed.GetValue(margin),
        Compare = parsed.GetValue(compare),
        CompareRules = parsed.GetValue(compareRules),
        Wanted = parsed.GetValue(want) ?? [],
        Keep = parsed.GetValue(keep) ?? [],
        Anyone = parsed.GetValue(anyone),
    };
}

/// <summary>Exact answers about verdicts, as text or as JSON.</summary>
internal sealed class AnalysisPage(RuleBook book, Scenario scenario, Basis basis, AnalysisWishes wishes, Language language, Terminal terminal)
{
    private readonly StringBuilder text = new();

    /// <summary>The answers as JSON, in the order in which they are asked of each verdict.</summary>
    public JArray Answers { get; } = [];

    /// <summary>The answers in sentences.</summary>
    public string Text => text.ToString();

    private string T(string en, string nl) => language == Language.Nl ? nl : en;

    /// <summary>Answers all that is wished for; gives the exit code, after saying what is wrong with the wishes.</summary>
    public int Answer(IReadOnlyList<Verdict> verdicts)
    {
        if (wishes.Keep.FirstOrDefault(name => book.Fact(name) is null) is { } stranger)
        {
            terminal.Errors.WriteLine($"the book has no fact `{stranger}`{(Nearest.To(stranger, book.Facts.Select(fact => fact.Name)) is { } near ? $"; did you mean `{near}`?" : "")}");
            return ExitCode.Input;
        }

        var known = verdicts.SelectMany(verdict => verdict.Question.Outcomes).ToHashSet(StringComparer.Ordinal);
        if (wishes.Wanted.FirstOrDefault(outcome => !known.Contains(outcome)) is { } unknown)
        {
            terminal.Errors.WriteLine($"`{unknown}` is no outcome of these questions; they have {string.Join(", ", known.Order(StringComparer.Ordinal))}");
            return ExitCode.Input;
        }

        Scenario? other = null;
        if (wishes.Compare is { } file && (other = Read(file)) is null) return ExitCode.Input;

        Evaluation? elsewhere = null;
        if (wishes.CompareRules is { } folder && (elsewhere = Under(folder)) is null) return ExitCode.Input;

        var analysis = ScenarioAnalysis.Of(book, scenario, new()
        {
            Basis = basis,
            Keep = [.. wishes.Keep],
            Influence = wishes.Anyone ? ["ours", "allies", "adversary", "none"] : ["ours", "allies"],
        });
        var words = new AnalysisWords(book, scenario, language);
        foreach (var verdict in verdicts)
        {
            terminal.Stop.ThrowIfCancellationRequested();
            var subject = new Subject(verdict.Question.Id, verdict.Mission, verdict.Record);
            Head(verdict);
            if (wishes.Open && analysis.Reachable(subject) is var reachable) Say(T("Still open", "Nog open"), words.Lines(reachable), reachable.ToJson());
            if (wishes.Why && analysis.Why(subject) is var why) Say(T("What forces it", "Wat het afdwingt"), words.Lines(why), why.ToJson());
            if (wishes.Change && analysis.Change(subject, [.. wishes.Wanted.Where(outcome => verdict.Question.Outcomes.Contains(outcome))]) is var change) Say(T("What would change it", "Wat het zou veranderen"), words.Lines(change), change.ToJson());
            if (wishes.Ask && analysis.Ask(subject) is var ask) Say(T("What to find out first", "Wat eerst uit te zoeken"), words.Lines(ask), ask.ToJson());
            if (wishes.Margin && analysis.Margin(subject) is var margin) Say(T("How firm it is", "Hoe vast het staat"), words.Lines(margin), margin.ToJson());
            if (other is not null && Comparison.Of(book, scenario, other, subject, basis) is var comparison) Say(T("Compared", "Vergeleken"), words.Lines(comparison), comparison.ToJson());
            if (elsewhere is not { } there) continue;
            if (there.Verdicts.Any(v => v.Question.Id == subject.Question && v.Mission == subject.Mission && v.Record == subject.Record))
            {
                var underOther = Comparison.Of(book, scenario, there.Book, there.Scenario, subject, basis);
                Say(T("Under the other rule book", "Onder het andere regelboek"), words.Lines(underOther), underOther.ToJson());
            }
        }

        Paint.Finish(text, 0);
        return ExitCode.Done;
    }

    /// <summary>The same scenario under another rule book.</summary>
    private Evaluation? Under(string folder)
    {
        if (BookFolder.Book(BookFolder.Locate(folder), terminal) is not { } other) return null;
        var read = Scenario.Read(other, new("the scenario under the other rule book", scenario.Canonical));
        foreach (var problem in read.Problems) terminal.Errors.WriteLine(problem);
        return read.Value is { } same ? Evaluation.Of(other, same) : null;
    }

    private Scenario? Read(string file)
    {
        if (Inputs.Open(file, terminal) is not { } stream) return null;
        using (stream)
        {
            var read = Scenario.Read(book, new(Inputs.NameOf(file), Lines.ReadAll(stream, Scenario.MaxBytes + 1, terminal.Stop)));
            foreach (var problem in read.Problems) terminal.Errors.WriteLine(problem);
            return read.Value;
        }
    }

    private void Head(Verdict verdict)
    {
        var who = verdict.Record ?? book.Missions.FirstOrDefault(mission => mission.Id == verdict.Mission)?.Title.In(language) ?? T("any mission", "elke missie");
        if (text.Length > 0) text.Append('\n');
        text.Append(who).Append(", ").Append(verdict.Question.Title.In(language)).Append(": ").Append(book.OutcomeLabels[verdict.On(basis).Outcome].In(language)).Append('\n');
    }

    private void Say(string title, IEnumerable<string> lines, JObject answer)
    {
        Answers.Add(answer);
        text.Append("  ").Append(title).Append('\n');
        foreach (var line in lines) Paint.Paragraph(text, line, terminal.Width, "    - ");
    }
}
