using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Newtonsoft.Json;

namespace Advisory.Host.Cli;

/// <summary>Recorded decisions for people, in their language, and for programs.</summary>
internal sealed class LogText(Decisions log, Language language, Terminal terminal)
{
    private string T(string en, string nl) => language == Language.Nl ? nl : en;

    /// <summary>The evaluation behind a decision, if it comes to what was recorded; else why it cannot be shown.</summary>
    public static (Evaluation? Evaluation, string Fault) Replayed(Decisions log, Decision decision)
    {
        var replay = log.Replay(decision);
        return replay.Result switch
        {
            ReplayResult.Same => (log.Evaluate(decision), ""),
            ReplayResult.Differs => (null, FormattableString.Invariant($"entry {decision.Index} does not come to what was recorded: {replay.Text}")),
            _ => (null, replay.Text),
        };
    }

    // ---- list ----

    /// <summary>Two lines or more for each: who and when, then every question with its outcomes, so that no good outcome stands alone.</summary>
    public void List(Page<Decision> page)
    {
        var text = new StringBuilder();
        foreach (var decision in page.Items)
        {
            var fate = log.FateOf(decision);
            var standing = fate.Standing == Standing.InForce ? "" : "  " + Word(fate.Standing).ToUpperInvariant();
            text.Append(FormattableString.Invariant($"{decision.Index,6}  {LogEntry.Format(decision.Time)[..19]}Z  {decision.Id}  {decision.Actor}{standing}\n"));
            var about = new[] { $"{decision.Book.Name} {decision.Book.Version}", decision.Subject, decision.Classification }.OfType<string>();
            Line(8, string.Join(" · ", about), text);
            Line(8, string.Join(" · ", decision.Outcomes.GroupBy(o => o.Question).Select(question =>
                $"{TitleOf(decision, question.Key)}: {string.Join(", ", question.GroupBy(o => o.Outcome).Select(group => FormattableString.Invariant($"{group.Count()} {LabelOf(decision, group.Key)}")))}")), text);
        }

        if (page.Items.Count == 0) text.Append(T("no decision fits", "geen besluit voldoet")).Append('\n');
        Paint.Finish(text, 0);
        terminal.Output.Write(text);
        if (page.Next is { } next) terminal.Errors.WriteLine(FormattableString.Invariant($"{T("there are more; go on with", "er zijn er meer; ga verder met")} --before {next}"));
    }

    public void ListJson(Page<Decision> page)
    {
        using var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented };
        writer.WriteStartObject();
        Member(writer, "schema", "advisory/log-list/v1");
        writer.WritePropertyName("decisions");
        writer.WriteStartArray();
        foreach (var decision in page.Items)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("index");
            writer.WriteValue(decision.Index);
            Member(writer, "id", decision.Id);
            Member(writer, "time", LogEntry.Format(decision.Time));
            Member(writer, "actor", decision.Actor);
            Member(writer, "standing", RecordJson.WordOf(log.FateOf(decision).Standing));
            if (decision.Subject is { } subject) Member(writer, "subject", subject);
            if (decision.Classification is { } classification) Member(writer, "classification", classification);
            writer.WritePropertyName("book");
            writer.WriteStartObject();
            Member(writer, "name", decision.Book.Name);
            Member(writer, "version", decision.Book.Version);
            Member(writer, "digest", decision.Book.Digest);
            writer.WriteEndObject();
            Member(writer, "input", decision.Input);
            writer.WritePropertyName("outcomes");
            writer.WriteStartArray();
            foreach (var outcome in decision.Outcomes)
            {
                writer.WriteStartObject();
                Member(writer, "question", outcome.Question);
                Member(writer, "mission", outcome.Mission);
                if (outcome.Record is { } record) Member(writer, "record", record);
                Member(writer, "outcome", outcome.Outcome);
                Member(writer, "assumed", outcome.Assumed);
                writer.WritePropertyName("deciding");
                writer.WriteStartArray();
                foreach (var rule in outcome.Deciding) writer.WriteValue(rule);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("next");
        writer.WriteValue(page.Next);
        writer.WriteEndObject();
        writer.Flush();
        terminal.Output.WriteLine();
    }

    // ---- show ----

    public int Show(Decision decision)
    {
        var (evaluation, fault) = Replayed(log, decision);
        var text = new StringBuilder();
        Head(decision, text);
        text.Append('\n');
        if (evaluation is null)
        {
            Line(0, T("Only what the entry itself says: ", "Alleen wat de regel zelf zegt: ") + fault, text);
            foreach (var outcome in decision.Outcomes)
                Line(2, $"{outcome.Question} / {outcome.Record ?? outcome.Mission}: {outcome.Outcome}{(outcome.Deciding.Count > 0 ? $" ({string.Join(", ", outcome.Deciding)})" : "")}", text);
        }

        Paint.Finish(text, 0);
        if (evaluation is not null) new DecisionText(evaluation, evaluation.Scenario.Basis, language, terminal.Width, text, terminal.HasColors).Write(evaluation.Verdicts, withTrace: false);
        terminal.Output.Write(text);
        return evaluation is null ? ExitCode.Found : ExitCode.Done;
    }

    private void Head(Decision decision, StringBuilder text)
    {
        var fate = log.FateOf(decision);
        Line(0, FormattableString.Invariant($"{T("Decision", "Besluit")} {decision.Id} ({T("entry", "regel")} {decision.Index}), {Word(fate.Standing)}"), text);
        foreach (var withdrawal in fate.Withdrawals)
        {
            Line(2, FormattableString.Invariant($"{T("withdrawn by", "ingetrokken door")} {withdrawal.Actor}, {LogEntry.Format(withdrawal.Time)} ({T("entry", "regel")} {withdrawal.Index}): {withdrawal.Reason}"), text);
            if (withdrawal.SupersededBy is { } instead) Line(2, $"{T("in its place stands", "in plaats daarvan geldt")} {instead}", text);
        }

        foreach (var successor in fate.Successors) Line(2, FormattableString.Invariant($"{T("superseded by", "vervangen door")} {successor.Id} ({T("entry", "regel")} {successor.Index}), {successor.Actor}, {LogEntry.Format(successor.Time)}"), text);
        if (decision.Supersedes is { } older) Line(2, $"{T("supersedes", "vervangt")} {older}", text);
        Line(2, $"{T("recorded by", "vastgelegd door")} {decision.Actor}, {LogEntry.Format(decision.Time)}, {T("with", "met")} advisory {decision.Engine}{(decision.Key is { } key ? $", {T("key", "sleutel")} {key}" : "")}", text);
        if (decision.ConfirmedBy is { } second) Line(2, $"{T("confirmed by", "bevestigd door")} {second}", text);
        Line(2, FormattableString.Invariant($"{T("rule book", "regelboek")} {decision.Book.Name} {decision.Book.Version}, {decision.Book.Digest}; {T("semantics", "semantiek")} {decision.Semantics}"), text);
        Line(2, $"{T("input", "invoer")} {decision.Input}", text);
        Line(2, $"{T("trace", "spoor")} {decision.TraceDigest}", text);
        foreach (var whatIf in decision.WhatIfs) Line(2, $"{T("what-if tried before", "eerder beproefd")}: {whatIf}", text);
        foreach (var issued in fate.Issued) Line(2, $"{T("advice given out by", "advies uitgegeven door")} {issued.Actor}, {LogEntry.Format(issued.Time)} ({issued.Language}), {issued.Page}", text);
    }

    public int ShowJson(Decision decision)
    {
        var (evaluation, fault) = Replayed(log, decision);
        var fate = log.FateOf(decision);
        var entry = log.Raw(decision.Index);
        using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented })
        {
            writer.WriteStartObject();
            Member(writer, "schema", "advisory/log-decision/v1");
            writer.WritePropertyName("index");
            writer.WriteValue(decision.Index);
            Member(writer, "leaf", entry.LeafHash.ToBase64());
            Member(writer, "standing", RecordJson.WordOf(fate.Standing));
            Raw("entry", [decision.Index], isList: false);
            Raw("withdrawals", fate.Withdrawals.Select(w => w.Index), isList: true);
            writer.WritePropertyName("successors");
            writer.WriteStartArray();
            foreach (var successor in fate.Successors) writer.WriteValue(successor.Id);
            writer.WriteEndArray();
            Raw("issued", fate.Issued.Select(issued => issued.Index), isList: true);
            if (evaluation is null) Member(writer, "fault", fault);
            writer.WritePropertyName("decision");
            if (evaluation is null) writer.WriteNull();
            else EvaluationJson.WriteDecision(writer, evaluation, evaluation.Verdicts, evaluation.Scenario.Basis, withTrace: false);
            writer.WriteEndObject();

            void Raw(string name, IEnumerable<long> indexes, bool isList)
            {
                writer.WritePropertyName(name);
                if (isList) writer.WriteStartArray();
                foreach (var index in indexes) writer.WriteRawValue(Encoding.UTF8.GetString(log.Raw(index).Bytes.Span));
                if (isList) writer.WriteEndArray();
            }
        }

        terminal.Output.WriteLine();
        return evaluation is null ? ExitCode.Found : ExitCode.Done;
    }

    // ---- trace ----

    public void Trace(Decision decision, Evaluation evaluation, IReadOnlyList<Verdict> verdicts, Basis basis)
    {
        var text = new StringBuilder();
        Head(decision, text);
        Line(0, basis == Basis.Stated ? T("On stated facts", "Op opgegeven feiten") : T("Under the documents' assumptions", "Onder de aannames van de documenten"), text);
        Verdict? current = null;
        foreach (var traced in Advisory.Engine.Trace.Of(evaluation, verdicts, basis))
        {
            if (traced.Verdict != current)
            {
                current = traced.Verdict;
                text.Append('\n');
                Line(0, $"{current.Question.Id} / {current.Record ?? current.Mission}: {evaluation.Book.OutcomeLabels[current.On(basis).Outcome].In(language)}", text);
            }

            TraceText.Write(traced, language, text);
        }

        Paint.Finish(text, 0);
        terminal.Output.Write(text);
    }

    // ---- words ----

    private string Word(Standing standing) => standing switch
    {
        Standing.InForce => T("in force", "van kracht"),
        Standing.Superseded => T("superseded", "vervangen"),
        _ => T("withdrawn", "ingetrokken"),
    };

    private string TitleOf(Decision decision, string question) => BookOf(decision)?.Question(question)?.Title.In(language) ?? question;

    private string LabelOf(Decision decision, string outcome) => BookOf(decision)?.OutcomeLabels.GetValueOrDefault(outcome)?.In(language) ?? outcome;

    private RuleBook? BookOf(Decision decision)
    {
        try
        {
            return log.BookOf(decision);
        }
        catch (RefusedException)
        {
            return null; // the entry's own words do as well
        }
    }

    private static void Member(JsonTextWriter writer, string name, string value)
    {
        writer.WritePropertyName(name);
        writer.WriteValue(value);
    }

    private void Line(int indent, string paragraph, StringBuilder text) => Paint.Paragraph(text, paragraph, terminal.Width, new(' ', indent));
}
