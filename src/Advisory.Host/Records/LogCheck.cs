using System.Runtime.InteropServices;
using System.Text.Json;
using Advisory.Ledgers;

namespace Advisory.Host.Records;

/// <summary>What a check of the whole log found.</summary>
/// <param name="Ledger">What the ledger itself found: leaves, roots, signatures, attachments.</param>
/// <param name="Faults">All that is wrong, in the ledger or between its entries, the first entry first; at most 100.</param>
/// <param name="Remarks">What is not wrong, and could not be checked by this version.</param>
/// <param name="Decisions">How many decisions were checked.</param>
internal sealed record LogVerification(Verification Ledger, IReadOnlyList<Fault> Faults, IReadOnlyList<string> Remarks, long Decisions);

/// <summary>Checks what the ledger cannot know: that entries are in the form of their kind, and bear each other out.</summary>
internal sealed class LogCheck
{
    private const int MaxFaults = 100;
    private const int Step = 1024;

    private static readonly string[] LedgersOwn = ["ledger-created", "key-rotated", "restored"];

    private readonly DecisionLog log;
    private readonly List<Fault> faults = [];
    private readonly List<string> remarks = [];
    private readonly Dictionary<Guid, long> decisions = [];
    private readonly HashSet<string> activated = new(StringComparer.Ordinal);
    private long wrong;

    private LogCheck(DecisionLog log) => this.log = log;

    /// <param name="log">What is checked.</param>
    /// <param name="progress">Told now and then how many entries are checked; twice up to the end, once by the ledger, once here.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    public static LogVerification Of(DecisionLog log, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var ledger = log.Ledger.Verify(progress, cancellation);
        var check = new LogCheck(log);
        try
        {
            check.Run(progress, cancellation);
        }
        catch (LedgerDamagedException damaged)
        {
            if (ledger.Faults.Count == 0) check.Wrong(null, damaged.Message);
        }

        var faults = ledger.Faults.Concat(check.faults).OrderBy(fault => fault.Index ?? long.MaxValue).Take(MaxFaults).ToList();
        return new(ledger, faults, check.remarks, check.decisions.Count);
    }

    private void Wrong(long? index, string text)
    {
        if (wrong++ < MaxFaults) faults.Add(new(index, text));
    }

    private void Run(IProgress<long>? progress, CancellationToken cancellation)
    {
        var count = 0L;
        foreach (var entry in log.Ledger.Entries())
        {
            if (count++ % Step == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(count - 1);
            }

            try
            {
                Check(entry);
            }
            catch (LogFormatException fault)
            {
                Wrong(entry.Index, fault.Message);
            }
            catch (JsonException)
            {
                Wrong(entry.Index, "it is no JSON");
            }
        }

        progress?.Report(count);
    }

    private void Check(Entry stored)
    {
        if (LogEntry.Read(stored) is not { } entry)
        {
            Foreign(stored);
            return;
        }

        if (!EntryJson.Write(entry).AsSpan().SequenceEqual(stored.Bytes.Span)) Wrong(entry.Index, $"it is not in the form of a `{entry.Kind}`: a member too many, or one that says other than its fellow");
        switch (entry)
        {
            case Decision decision:
                Check(decision);
                break;
            case BookActivated activation:
                Check(activation);
                break;
            case DecisionWithdrawn withdrawn:
                Check(withdrawn);
                break;
            case AdviceIssued issued:
                Known(issued.Index, issued.Decision, "the decision");
                break;
        }

        CheckLabels(entry);
    }

    // Labels lead to entries and to withdrawals, terms to decisions. The terms of facts depend on the book; see README.md.
    private void CheckLabels(LogEntry entry)
    {
        var labels = log.Ledger.Labels(entry.Index);
        var expected = EntryLabels.Of(entry);
        var terms = EntryLabels.Terms(entry);
        if (log.Ledger.TermsOf(entry.Index) is { } held)
        {
            if (terms.Find(term => !held.Holds(term)) is { } lacking) Wrong(entry.Index, $"its term `{lacking.Name}={lacking.Value}` is missing, so that it is not found by it");
        }
        else
        {
            // Of format 1: terms, and those of facts, were the last of its labels.
            expected.AddRange(terms.Take(NewEntry.MaxLabels - expected.Count));
            labels = [.. labels.Where(label => !EntryLabels.IsFact(label))];
        }

        if (expected.Except(labels).FirstOrDefault() is { } missing) Wrong(entry.Index, $"its label `{missing.Name}={missing.Value}` is missing, so that it is not found by it");
        if (labels.Except(expected).FirstOrDefault() is { } strange) Wrong(entry.Index, $"it has a label `{strange.Name}={strange.Value}` that does not follow from it");
    }

    private void Foreign(Entry stored)
    {
        using var json = JsonDocument.Parse(stored.Bytes);
        var kind = json.RootElement.TryGetProperty("kind", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
        var isOurs = json.RootElement.TryGetProperty("schema", out var schema) && schema.ValueKind == JsonValueKind.String && schema.ValueEquals(LogEntry.Schema);
        if (isOurs && LedgersOwn.Contains(kind) || remarks.Count >= MaxFaults) return;
        remarks.Add(FormattableString.Invariant($"entry {stored.Index}: its kind `{kind}` is not known to this version; only its place in the ledger was checked"));
    }

    private void Check(Decision decision)
    {
        if (!Guid.TryParseExact(decision.Id, "D", out var id) || decision.Id[14] != '7' || id.ToString() != decision.Id) Wrong(decision.Index, $"its id `{decision.Id}` is no UUID of version 7");
        else if (!decisions.TryAdd(id, decision.Index)) Wrong(decision.Index, FormattableString.Invariant($"its id `{decision.Id}` is that of entry {decisions[id]}"));
        else if (Convert.ToInt64(decision.Id[..8] + decision.Id[9..13], 16) != decision.Time.ToUnixTimeMilliseconds()) Wrong(decision.Index, "its id was made at another time than it says");

        if (!activated.Contains(decision.Book.Digest)) Wrong(decision.Index, $"its rule book {decision.Book.Digest} was not activated before it");
        if (decision.Supersedes is { } older) Known(decision.Index, older, "the decision that it supersedes,");
        if (DecisionLog.DigestOf(decision.Scenario.Span) != decision.Input) Wrong(decision.Index, "its `input` is not the digest of its scenario");
        try
        {
            if (log.EvaluationOf(decision) is not { } evaluation) Wrong(decision.Index, $"its evaluation {decision.Evaluation} is missing");
            else if (Disagreement(decision, evaluation) is { } text) Wrong(decision.Index, text);
        }
        catch (LedgerDamagedException)
        {
            // The ledger's own check names it.
        }
    }

    private void Check(BookActivated activation)
    {
        activated.Add(activation.Book.Digest);
        try
        {
            var book = log.BookOf(activation.Book.Digest);
            if (BookName.Of(book) != activation.Book || (book.Title.En, book.Title.Nl) != activation.Title) Wrong(activation.Index, "the rule book that is attached has another name, version, title or rules digest");
        }
        catch (RefusedException refused) when (refused.Refusal == Refusal.NotReplayableHere)
        {
            if (remarks.Count < MaxFaults) remarks.Add(FormattableString.Invariant($"entry {activation.Index}: {refused.Message}"));
        }
        catch (RefusedException refused)
        {
            Wrong(activation.Index, refused.Message);
        }
        catch (LedgerDamagedException)
        {
            // The ledger's own check names it.
        }
    }

    private void Check(DecisionWithdrawn withdrawn)
    {
        if (Known(withdrawn.Index, withdrawn.Decision, "the decision"))
        {
            if (decisions[Guid.Parse(withdrawn.Decision)] != withdrawn.Of) Wrong(withdrawn.Index, FormattableString.Invariant($"the decision that it withdraws is not entry {withdrawn.Of}"));
            else if (log.Ledger.Find(withdrawn.Of)!.LeafHash.ToBase64() != withdrawn.Leaf) Wrong(withdrawn.Index, FormattableString.Invariant($"entry {withdrawn.Of}, which it withdraws, has another leaf hash than it says"));
        }

        if (withdrawn.SupersededBy is { } successor) Known(withdrawn.Index, successor, "the decision that stands instead,");
    }

    private bool Known(long index, string id, string what)
    {
        if (Guid.TryParseExact(id, "D", out var known) && decisions.ContainsKey(known)) return true;
        Wrong(index, $"{what} `{id}`, is not before it");
        return false;
    }

    /// <summary>What the entry says otherwise than the evaluation that is attached to it, or null.</summary>
    internal static string? Disagreement(Decision decision, byte[] evaluation)
    {
        try
        {
            using var json = JsonDocument.Parse(evaluation);
            var at = new LogEntry.Members(json.RootElement, decision.Index);
            if (at.Text("schema") != "advisory/evaluation/v1") return "what is attached is no evaluation";
            if (at.Text("input") != decision.Input) return "its `input` is not that of the evaluation attached";
            if (!JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("scenario")).SequenceEqual(decision.Scenario.Span)) return "its scenario is not that of the evaluation attached";
            if (BookName.Read(at.Object("book")) != decision.Book) return "its rule book is not that of the evaluation attached";
            if (at.Number("semantics") != decision.Semantics) return "its semantics are not those of the evaluation attached";
            if (at.Text("traceDigest") != decision.TraceDigest) return "its trace digest is not that of the evaluation attached";
            if (DecisionLog.DigestOf(JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("trace"))) != decision.TraceDigest) return "the trace in the evaluation attached does not have its digest";
            var verdicts = at.List("verdicts").Select(item => Outcome(new(item, decision.Index))).ToList();
            if (verdicts.Count != decision.Outcomes.Count) return FormattableString.Invariant($"it gives {decision.Outcomes.Count} outcomes, and the evaluation attached {verdicts.Count}");
            for (var i = 0; i < verdicts.Count; i++)
            {
                var (said, was) = (decision.Outcomes[i], verdicts[i]);
                if (said.Is(was)) continue;
                var what = said.Outcome != was.Outcome ? $"`{said.Outcome}` for {said.Question} / {said.Record ?? said.Mission}, and the evaluation attached `{was.Outcome}`"
                    : $"something else about {was.Question} / {was.Record ?? was.Mission} than the evaluation attached";
                return "it says " + what;
            }

            return null;
        }
        catch (Exception fault) when (fault is JsonException or LogFormatException or KeyNotFoundException or InvalidOperationException)
        {
            return "the evaluation attached is not in its form";
        }
    }

    private static DecidedOutcome Outcome(LogEntry.Members at) => new(
        at.Text("question"), at.Text("mission"), at.OptionalText("record"), at.Text("outcome"), at.Object("assumed").Text("outcome"),
        [.. at.List("deciding").Select(item => item.GetProperty("rule").GetString()!)]);
}
