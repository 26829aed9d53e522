using System.Globalization;
using Advisory.Engine;
using Advisory.Engine.Json;

namespace Advisory.Host.Records;

/// <summary>Entries of the decision log as canonical bytes: what the ledger hashes. The members stand in the order of their names.</summary>
internal static class EntryJson
{
    public static byte[] Write(LogEntry entry)
    {
        var writer = new CanonicalWriter();
        writer.Open('{').Name("actor").Text(entry.Actor);
        switch (entry)
        {
            case Decision decision:
                Write(writer, decision);
                break;
            case BookActivated activated:
                Attachments(writer, activated.Book.Digest);
                writer.Name("book").Open('{').Name("digest").Text(activated.Book.Digest).Name("name").Text(activated.Book.Name).Name("rules").Text(activated.Book.Rules);
                writer.Name("title").Open('{').Name("en").Text(activated.Title.En).Name("nl").Text(activated.Title.Nl).Close('}');
                writer.Name("version").Text(activated.Book.Version).Close('}');
                Kind(writer, activated);
                break;
            case DecisionWithdrawn withdrawn:
                writer.Name("decision").Text(withdrawn.Decision).Name("index").Number(withdrawn.Of).Name("kind").Text(withdrawn.Kind);
                writer.Name("leaf").Text(withdrawn.Leaf).Name("reason").Text(withdrawn.Reason).Name("schema").Text(LogEntry.Schema);
                writer.Optional("supersededBy", withdrawn.SupersededBy);
                break;
            case SubmissionRefused refused:
                Book(writer, refused.Book);
                writer.Name("input").Open('{').Name("digest").Text(refused.Input).Name("length").Number(refused.Length).Close('}');
                writer.Name("kind").Text(refused.Kind).Name("more").Number(refused.More).Name("problems").Open('[');
                foreach (var problem in refused.Problems)
                {
                    writer.Open('{').Name("code").Text(problem.Code).Name("column").Number(problem.Column).Name("file").Text(problem.File);
                    writer.Name("line").Number(problem.Line).Name("text").Text(problem.Text).Close('}');
                }

                writer.Close(']').Name("schema").Text(LogEntry.Schema);
                break;
            case AdviceIssued issued:
                writer.Name("decision").Text(issued.Decision).Name("kind").Text(issued.Kind).Name("language").Text(issued.Language);
                writer.Name("page").Text(issued.Page).Name("schema").Text(LogEntry.Schema);
                break;
            default:
                throw new InvalidOperationException($"no form for an entry of kind {entry.Kind}");
        }

        writer.Name("time").Text(LogEntry.Format(entry.Time));
        if (entry is Decision { TraceDigest: var trace, WhatIfs: var whatIfs })
        {
            writer.Name("traceDigest").Text(trace);
            if (whatIfs.Count > 0) Texts(writer.Name("whatIfs"), whatIfs);
        }

        return writer.Close('}').Finish();
    }

    private static void Write(CanonicalWriter writer, Decision decision)
    {
        if (decision.AsOf is { } asOf) writer.Name("asOf").Text(asOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Attachments(writer, decision.Evaluation, decision.Book.Digest);
        writer.Name("basis").Text(decision.Basis);
        Book(writer, decision.Book);
        writer.Optional("classification", decision.Classification);
        writer.Optional("confirmedBy", decision.ConfirmedBy);
        writer.Name("engine").Text(decision.Engine).Name("evaluation").Text(decision.Evaluation).Name("id").Text(decision.Id).Name("input").Text(decision.Input);
        writer.Optional("key", decision.Key);
        writer.Name("kind").Text(decision.Kind).Name("outcomes");
        Write(writer, decision.Outcomes);
        writer.Name("scenario").Raw(decision.Scenario.Span).Name("schema").Text(LogEntry.Schema).Name("semantics").Number(decision.Semantics);
        writer.Optional("subject", decision.Subject);
        writer.Optional("supersedes", decision.Supersedes);
    }

    private static void Write(CanonicalWriter writer, IReadOnlyList<DecidedOutcome> outcomes)
    {
        writer.Open('[');
        foreach (var outcome in outcomes)
        {
            writer.Open('{').Name("assumed").Text(outcome.Assumed);
            Texts(writer.Name("deciding"), outcome.Deciding);
            writer.Name("mission").Text(outcome.Mission).Name("outcome").Text(outcome.Outcome).Name("question").Text(outcome.Question);
            writer.Optional("record", outcome.Record);
            writer.Close('}');
        }

        writer.Close(']');
    }

    /// <summary>The most bytes that the outcomes of a scenario can take under a book: every rule deciding everywhere, the longest outcomes.</summary>
    public static int MostForOutcomes(RuleBook book, Scenario scenario)
    {
        var most = new CanonicalWriter();
        Write(most,
        [
            .. from question in book.Questions
               let longest = question.Outcomes.Append(RuleBook.NotAssessed).MaxBy(outcome => outcome.Length)!
               from subject in Subjects(question)
               let rules = question.Rules.Where(rule => rule.Missions.IsEmpty || subject.Mission == RuleBook.AnyMission || rule.Missions.Contains(subject.Mission)).Select(rule => rule.Name)
               select new DecidedOutcome(question.Id, subject.Mission, subject.Record, longest, longest, [.. rules]),
        ]);
        return most.Length;

        IEnumerable<(string Mission, string? Record)> Subjects(RuleSet question) =>
            question.Each is { } each ? scenario.Records.Where(record => ReferenceEquals(record.Kind, each)).Select(record => (RuleBook.AnyMission, (string?)record.Key))
            : question.PerMission ? book.Missions.Select(mission => (mission.Id, (string?)null))
            : [(RuleBook.AnyMission, null)];
    }

    private static void Kind(CanonicalWriter writer, LogEntry entry) => writer.Name("kind").Text(entry.Kind).Name("schema").Text(LogEntry.Schema);

    private static void Book(CanonicalWriter writer, BookName book) =>
        writer.Name("book").Open('{').Name("digest").Text(book.Digest).Name("name").Text(book.Name).Name("rules").Text(book.Rules).Name("version").Text(book.Version).Close('}');

    private static void Attachments(CanonicalWriter writer, params IReadOnlyList<string> digests) => Texts(writer.Name("attachments"), digests);

    private static void Texts(CanonicalWriter writer, IReadOnlyList<string> texts)
    {
        writer.Open('[');
        foreach (var text in texts) writer.Text(text);
        writer.Close(']');
    }
}
