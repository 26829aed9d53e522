using System.Collections.Concurrent;
using System.Reflection;
using Advisory.Engine;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Host.Records;

/// <summary>How the log is opened.</summary>
internal sealed record DecisionLogOptions
{
    /// <summary>Who makes the ledger where there is none yet; null: a missing ledger is an error.</summary>
    public string? Creator { get; init; }

    /// <summary>Neither writes nor asks for the private key.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The name of a new ledger in its checkpoints; see <see cref="LedgerOptions.Origin"/>.</summary>
    public string? Origin { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The version of this program, as decisions name it.</summary>
    public string Engine { get; init; } = typeof(DecisionLog).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

/// <summary>What is to be evaluated and recorded.</summary>
/// <param name="Book">The rule book in force.</param>
/// <param name="Scenario">Read against that book.</param>
/// <param name="Actor">Who asks: 1 to 200 characters.</param>
internal sealed record Submission(RuleBook Book, Scenario Scenario, string Actor)
{
    /// <summary>Idempotency key, 1 to 200 characters: a second submission of the same scenario with it gives the first decision.</summary>
    public string? Key { get; init; }

    /// <summary>The id of the decision that this one takes the place of.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Inputs of the what-ifs that were tried before: <c>sha256:…</c>, at most 50.</summary>
    public IReadOnlyList<string> WhatIfs { get; init; } = [];

    /// <summary>A second person, where the scenario waives rules.</summary>
    public string? ConfirmedBy { get; init; }
}

/// <summary>A recorded decision.</summary>
/// <param name="Decision">As it stands in the ledger.</param>
/// <param name="Receipt">The proof that it does.</param>
/// <param name="Evaluation">What it says, to be rendered; of the first decision, under its book, where the key was used before.</param>
/// <param name="WasThere">Whether the key was used before, and this is the decision that was recorded then.</param>
internal sealed record Recorded(Decision Decision, Receipt Receipt, Evaluation Evaluation, bool WasThere);

/// <summary>What has become of a decision. The zero value is the cautious one.</summary>
internal enum Standing
{
    /// <summary>Somebody withdrew it.</summary>
    Withdrawn,

    /// <summary>A later decision takes its place.</summary>
    Superseded,

    /// <summary>Neither.</summary>
    InForce,
}

/// <summary>A decision's standing and the entries that it follows from.</summary>
/// <param name="Standing">Withdrawn, also where it was superseded too.</param>
/// <param name="Withdrawals">In the order of the ledger; one at most, unless two programs withdrew it at the same instant.</param>
/// <param name="Successors">Later decisions that name it as superseded.</param>
/// <param name="Issued">Pages given out.</param>
internal sealed record Fate(Standing Standing, IReadOnlyList<DecisionWithdrawn> Withdrawals, IReadOnlyList<Decision> Successors, IReadOnlyList<AdviceIssued> Issued)
{
    /// <summary>From the entries about a decision, in the order of the ledger; others among them are passed over.</summary>
    public static Fate Of(string id, IReadOnlyCollection<LogEntry?> about)
    {
        var withdrawals = about.OfType<DecisionWithdrawn>().Where(w => w.Decision == id).ToList();
        var successors = about.OfType<Decision>().Where(d => d.Supersedes == id).ToList();
        return new(
            withdrawals.Count > 0 ? Standing.Withdrawn : successors.Count > 0 ? Standing.Superseded : Standing.InForce,
            withdrawals, successors, [.. about.OfType<AdviceIssued>().Where(issued => issued.Decision == id)]);
    }
}

/// <summary>Why the log does not do what was asked.</summary>
internal enum Refusal
{
    /// <summary>The request is at fault.</summary>
    Invalid,

    /// <summary>There is no such decision.</summary>
    NotFound,

    /// <summary>It contradicts what is recorded.</summary>
    Conflict,

    /// <summary>It was made by a program whose meaning of rules this one does not know.</summary>
    NotReplayableHere,
}

/// <summary>The log refuses a request; nothing was written. The message says why and what to do.</summary>
internal sealed class RefusedException(Refusal refusal, string message) : Exception(message)
{
    public Refusal Refusal { get; } = refusal;

    /// <summary>The fault of the scenario, where it is one.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>Decisions in a ledger: recorded, found, shown, withdrawn. All members may be called from any thread.</summary>
/// <remarks>
/// README.md beside this file says what entries hold. Evaluating and writing canonical bytes happen on the caller's thread without a lock;
/// nobody sees a verdict before its entry is durable.
/// </remarks>
internal sealed class DecisionLog : Decisions
{
    private const int MaxName = 200;
    private const int MaxReason = 2_000;
    private const int MaxWhatIfs = 50;

    private readonly DecisionLogOptions options;
    private readonly ConcurrentDictionary<string, string> announced = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim announcing = new(1, 1);
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<RuleBook, object> mostForOutcomes = [];

    private DecisionLog(Ledger ledger, DecisionLogOptions options) => (Ledger, this.options) = (ledger, options);

    /// <summary>The ledger underneath: checkpoints, proofs, verification, export.</summary>
    public Ledger Ledger { get; }

    /// <summary>Opens the log in a folder.</summary>
    /// <exception cref="LedgerException">As <see cref="Ledger.Open(string, LedgerOptions)"/>.</exception>
    /// <exception cref="RefusedException">The creator's name is none.</exception>
    public static DecisionLog Open(string folder, DecisionLogOptions options)
    {
        var creation = options.Creator is { } creator && !options.ReadOnly ? new Act(options.Clock.GetUtcNow(), Name("actor", creator), "first run") : null;
        return new(Ledger.Open(folder, new() { ReadOnly = options.ReadOnly, Creation = creation, Origin = options.Origin }), options);
    }

    public override void Dispose()
    {
        Ledger.Dispose();
        announcing.Dispose();
    }

    // ---- writing ----

    public override async Task<Recorded> Record(Submission submission, CancellationToken cancellation = default)
    {
        var (book, scenario) = (submission.Book, submission.Scenario);
        var decision = Blank(submission);
        if (TooLarge(decision, book, scenario) is { } problem) throw new RefusedException(Refusal.Invalid, problem.Text) { Problem = problem };
        if (submission.Supersedes is { } older && !IsRepeated(submission)) RequireSupersedable(older);
        await Announce(book, submission.Actor, cancellation).ConfigureAwait(false);

        var evaluation = Evaluation.Of(book, scenario);
        var canonical = EvaluationJson.Canonical(evaluation, out var traceDigest);
        decision = decision with { Outcomes = [.. evaluation.Verdicts.Select(DecidedOutcome.Of)], TraceDigest = traceDigest, Evaluation = DigestOf(canonical) };
        var bytes = EntryJson.Write(decision);
        var terms = EntryLabels.Terms(decision);
        EntryLabels.AddFacts(scenario, terms);
        var receipt = await Ledger.Append(
            new()
            {
                Bytes = bytes,
                Attachments = [canonical],
                Labels = EntryLabels.Of(decision),
                Terms = terms,
                Key = submission.Key is { } key ? DecisionKey(key) : null,
                Input = submission.Key is null ? null : AsDigest(decision.Input),
            },
            cancellation).ConfigureAwait(false);

        if (submission.Key is null || Ledgers.Entry.LeafHashOf(bytes) == receipt.LeafHash) return new(decision with { Index = receipt.Index }, receipt, evaluation, WasThere: false);
        var first = (Decision)Read(receipt.Index);
        return new(first, receipt, first.Book.Digest == book.Digest && first.Semantics == RuleBook.Semantics ? evaluation : Evaluate(first), WasThere: true);
    }

    /// <summary>What is wrong with a scenario that is too large for an entry, or null. It is told before evaluation, whatever the outcome would be.</summary>
    public Problem? TooLarge(Submission submission) => TooLarge(Blank(submission), submission.Book, submission.Scenario);

    /// <summary>Records that a submission was refused; the input itself is not kept.</summary>
    /// <param name="book">Against which it was read.</param>
    /// <param name="input">The bytes as they arrived.</param>
    /// <param name="problems">What was wrong; the first 20 are recorded.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public override Task<Receipt> Refuse(RuleBook book, ReadOnlyMemory<byte> input, IReadOnlyList<Problem> problems, string actor, CancellationToken cancellation = default)
    {
        var errors = problems.Where(problem => problem.Severity == Severity.Error).ToList();
        return Append(
            new SubmissionRefused
            {
                Actor = Name("actor", actor),
                Time = Now(),
                Input = DigestOf(input.Span),
                Length = input.Length,
                Book = BookName.Of(book),
                Problems = [.. errors.Take(SubmissionRefused.MaxProblems).Select(p => new RefusedProblem(p.File.Length > MaxName ? p.File[..MaxName] : p.File, p.Line, p.Column, p.Code, p.Text))],
                More = Math.Max(0, errors.Count - SubmissionRefused.MaxProblems),
            },
            cancellation);
    }

    public override async Task<(DecisionWithdrawn Withdrawal, Receipt Receipt)> Withdraw(string id, string reason, string? supersededBy, string actor, CancellationToken cancellation = default)
    {
        var decision = Find(id) ?? throw NoDecision(id);
        if (WithdrawalsOf(id) is [var before, ..]) throw WithdrawnBefore(before);
        if (supersededBy == id) throw new RefusedException(Refusal.Invalid, "a decision does not supersede itself; name another");
        if (supersededBy is not null && Find(supersededBy) is null) throw NoDecision(supersededBy);
        var withdrawal = new DecisionWithdrawn
        {
            Actor = Name("actor", actor),
            Time = Now(),
            Decision = id,
            Of = decision.Index,
            Leaf = Ledger.Find(decision.Index)!.LeafHash.ToBase64(),
            Reason = Text("reason", reason, MaxReason),
            SupersededBy = supersededBy,
        };
        try
        {
            // One withdrawal a decision, also when two people do it at once: the second key is the first one's.
            var bytes = EntryJson.Write(withdrawal);
            var receipt = await Ledger.Append(new() { Bytes = bytes, Labels = EntryLabels.Of(withdrawal), Key = "withdraw:" + id, Input = Digest.Of(bytes) }, cancellation).ConfigureAwait(false);
            return (withdrawal with { Index = receipt.Index }, receipt);
        }
        catch (LedgerKeyReusedException reused)
        {
            throw WithdrawnBefore((DecisionWithdrawn)Read(reused.Index));
        }
    }

    /// <summary>Records that a page with a decision's advice was given out.</summary>
    public Task<Receipt> Issue(string id, ReadOnlyMemory<byte> page, string language, string actor, CancellationToken cancellation = default)
    {
        if (Find(id) is null) throw NoDecision(id);
        return Append(new AdviceIssued { Actor = Name("actor", actor), Time = Now(), Decision = id, Page = DigestOf(page.Span), Language = Text("language", language, 35) }, cancellation);
    }

    /// <summary>Records that a book is in force from here on, unless it is already; its whole content goes into the ledger.</summary>
    /// <returns>The index of the entry that says so.</returns>
    public async Task<long> Activate(RuleBook book, string actor, CancellationToken cancellation = default)
    {
        var last = InForce(book.Name);
        if (last?.Book.Digest != book.Digest)
        {
            var activation = new BookActivated { Actor = Name("actor", actor), Time = Now(), Book = BookName.Of(book), Title = (book.Title.En, book.Title.Nl) };
            // Two programs that find the same book missing at the same time write one entry.
            var turn = FormattableString.Invariant($"book:{book.Digest} after {last?.Index ?? -1}");
            var receipt = await Ledger.Append(
                new() { Bytes = EntryJson.Write(activation), Attachments = [book.Content], Labels = EntryLabels.Of(activation), Key = turn, Input = AsDigest(book.Digest) },
                cancellation).ConfigureAwait(false);
            last = activation with { Index = receipt.Index };
        }

        Know(book);
        announced[book.Name] = book.Digest;
        return last.Index;
    }

    /// <summary>The last activation of a book of this name, or null.</summary>
    public BookActivated? InForce(string bookName) =>
        Ledger.Find([new("book", bookName), new("kind", BookActivated.KindName)]).Select(Read).OfType<BookActivated>().FirstOrDefault(activated => activated.Book.Name == bookName);

    // Looked up once in the life of a program for each book. Where two programs record under two versions of one book at the same time,
    // each version is announced, but not every turn; each decision names its own.
    private async ValueTask Announce(RuleBook book, string actor, CancellationToken cancellation)
    {
        if (announced.TryGetValue(book.Name, out var digest) && digest == book.Digest) return;
        await announcing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (announced.TryGetValue(book.Name, out digest) && digest == book.Digest) return;
            await Activate(book, actor, cancellation).ConfigureAwait(false);
        }
        finally
        {
            announcing.Release();
        }
    }

    private Task<Receipt> Append(LogEntry entry, CancellationToken cancellation) => Ledger.Append(new() { Bytes = EntryJson.Write(entry), Labels = EntryLabels.Of(entry) }, cancellation);

    /// <summary>The decision with all that is known before evaluation.</summary>
    private Decision Blank(Submission submission)
    {
        var scenario = submission.Scenario;
        if (submission.WhatIfs.Count > MaxWhatIfs || submission.WhatIfs.Any(input => !IsDigest(input))) throw new RefusedException(Refusal.Invalid, "what-ifs are at most 50 digests, each `sha256:` and 64 hexadecimal digits");
        // Entries have whole milliseconds, and an id holds those of its entry.
        var now = Now();
        return new()
        {
            Actor = Name("actor", submission.Actor),
            Time = now,
            Id = Guid.CreateVersion7(now).ToString(),
            Engine = options.Engine,
            Semantics = RuleBook.Semantics,
            Key = submission.Key is { } key ? Text("key", key, MaxName) : null,
            Book = BookName.Of(submission.Book),
            Input = scenario.Digest,
            Scenario = scenario.Canonical,
            Subject = scenario.Subject,
            Classification = scenario.Classification,
            AsOf = scenario.AsOf,
            Basis = scenario.Basis == Basis.Assumed ? "assumed" : "stated",
            Outcomes = [],
            TraceDigest = scenario.Digest, // as long as the one to come
            Evaluation = scenario.Digest,
            Supersedes = submission.Supersedes,
            WhatIfs = submission.WhatIfs,
            ConfirmedBy = submission.ConfirmedBy is { } second ? Name("confirmedBy", second) : null,
        };
    }

    private Problem? TooLarge(Decision blank, RuleBook book, Scenario scenario)
    {
        var beside = EntryJson.Write(blank).Length - scenario.Canonical.Length + (scenario.Records.IsEmpty
            ? (int)mostForOutcomes.GetValue(book, of => EntryJson.MostForOutcomes(of, scenario))
            : EntryJson.MostForOutcomes(book, scenario));
        var room = Math.Max(0, NewEntry.MaxBytes - beside);
        if (scenario.Canonical.Length <= room) return null;
        return new("scenario", 1, 1, "too-large-to-record",
            FormattableString.Invariant($"the scenario takes {scenario.Canonical.Length} bytes in canonical form, and an entry of the ledger has room for {room} of it under this book"),
            room == 0 ? "the book has too many rules and missions for any scenario to be recorded whole" : "leave out facts that no rule reads, or shorten notes and sources");
    }

    private bool IsRepeated(Submission submission) => submission.Key is { } key && Ledger.IndexOf(DecisionKey(key)) is not null;

    private void RequireSupersedable(string id)
    {
        if (Find(id) is null) throw NoDecision(id);
        if (SuccessorsOf(id) is [var successor, ..])
            throw new RefusedException(Refusal.Conflict, FormattableString.Invariant($"decision {id} was superseded already, by {successor.Id} (entry {successor.Index}); supersede that one"));
    }

    // ---- reading ----

    /// <summary>The decision with this id, or null.</summary>
    public Decision? Find(string id) => Ledger.Find([new LabelFilter("id", id)]).Select(Read).OfType<Decision>().FirstOrDefault(decision => decision.Id == id);

    public override Decision Get(string idOrIndex)
    {
        if (long.TryParse(idOrIndex, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) && (index == 0 || idOrIndex[0] != '0'))
        {
            return Entry(index) as Decision
                ?? throw new RefusedException(Refusal.NotFound, FormattableString.Invariant($"entry {index} is no decision; `advisory log list` lists them"));
        }

        var wanted = idOrIndex.ToLowerInvariant();
        if (wanted.Length is 0 or > 36 || !wanted.All(c => char.IsAsciiHexDigitLower(c) || c == '-'))
            throw new RefusedException(Refusal.Invalid, $"`{idOrIndex}` is neither the id of a decision nor the beginning of one, nor the index of an entry");
        var found = Ledger.Find([new("id", wanted, wanted + "g")], limit: 4).Select(Read).OfType<Decision>().Where(decision => decision.Id.StartsWith(wanted, StringComparison.Ordinal)).ToList();
        if (found.Count == 1) return found[0];
        if (found.Count == 0) throw NoDecision(idOrIndex);
        throw new RefusedException(Refusal.Invalid, FormattableString.Invariant(
            $"several decisions begin with `{idOrIndex}`, such as {string.Join(", ", found.Take(3).Select(decision => decision.Id))}; type more of it, or the index of the entry"));
    }

    /// <summary>An entry of this log; null where it is the ledger's own.</summary>
    /// <exception cref="RefusedException">There is no such entry.</exception>
    public LogEntry? Entry(long index) => LogEntry.Read(Raw(index));

    public override Page<Decision> Search(DecisionFilter filter, long before = long.MaxValue, int limit = 50, CancellationToken cancellation = default)
    {
        var found = new List<Decision>();
        foreach (var index in Candidates(filter, before))
        {
            cancellation.ThrowIfCancellationRequested();
            // Labels and terms lead to the entry; what it says is what counts.
            if (LogEntry.Read(Ledger.Find(index)!) is not Decision decision || !filter.Fits(decision, () => ScenarioOf(decision))) continue;
            if (filter.Withdrawn == false && WithdrawalsOf(decision.Id).Count > 0) continue;
            if (found.Count == limit) return new(found, found[^1].Index);
            found.Add(decision);
        }

        return new(found, null);
    }

    private IEnumerable<long> Candidates(DecisionFilter filter, long before)
    {
        // Withdrawals are few, and each names its decision.
        if (filter.Withdrawn == true)
        {
            foreach (var index in Ledger.Find([new LabelFilter("kind", DecisionWithdrawn.KindName)], limit: int.MaxValue).Select(Read).OfType<DecisionWithdrawn>().Select(w => w.Of).Where(of => of < before).Distinct().OrderDescending().ToList())
                yield return index;
            yield break;
        }

        const int Step = 256;
        var (labels, terms) = (filter.Labels(), filter.Terms());
        while (true)
        {
            var some = Ledger.Find(labels, before, Step, terms);
            foreach (var index in some) yield return index;
            if (some.Count < Step) yield break;
            before = some[^1];
        }
    }

    public override Fate FateOf(Decision decision) =>
        Fate.Of(decision.Id, [.. Ledger.Find([new LabelFilter("about", decision.Id)], limit: int.MaxValue).Reverse().Select(Read), .. SuccessorsOf(decision.Id)]);

    /// <summary>A decision with all that it is linked to: those that it took the place of and those that took its place, their withdrawals and their books; in the order of the ledger.</summary>
    public IReadOnlyList<LogEntry> Related(Decision decision)
    {
        var found = new SortedDictionary<long, LogEntry>();
        var open = new Stack<Decision>([decision]);
        while (open.TryPop(out var next))
        {
            if (!found.TryAdd(next.Index, next)) continue;
            if (InForce(next.Book.Name, next.Index, next.Book.Digest) is { } activation) found.TryAdd(activation.Index, activation);
            var fate = FateOf(next);
            foreach (var withdrawal in fate.Withdrawals) found.TryAdd(withdrawal.Index, withdrawal);
            foreach (var id in fate.Withdrawals.Select(w => w.SupersededBy).Append(next.Supersedes).OfType<string>())
                if (Find(id) is { } linked)
                    open.Push(linked);
            foreach (var successor in fate.Successors) open.Push(successor);
        }

        return [.. found.Values];
    }

    // The last activation of this very book before an entry.
    private BookActivated? InForce(string bookName, long before, string digest) =>
        Ledger.Find([new("book", bookName), new("kind", BookActivated.KindName)], before, int.MaxValue).Select(Read).OfType<BookActivated>().FirstOrDefault(activated => activated.Book.Digest == digest);

    private List<DecisionWithdrawn> WithdrawalsOf(string id) =>
        [.. Ledger.Find([new("about", id), new("kind", DecisionWithdrawn.KindName)]).Reverse().Select(Read).OfType<DecisionWithdrawn>().Where(w => w.Decision == id)];

    private List<Decision> SuccessorsOf(string id) => [.. Ledger.Find([new LabelFilter("supersedes", id)]).Reverse().Select(Read).OfType<Decision>().Where(d => d.Supersedes == id)];

    /// <summary>The book with this digest, compiled from the content that the ledger keeps.</summary>
    /// <exception cref="RefusedException">The ledger does not have it, or this program cannot read it.</exception>
    public RuleBook BookOf(string digest) => BookOf(digest, () => IsDigest(digest) ? Ledger.Attachment(AsDigest(digest)) : null);

    public override RuleBook BookOf(Decision decision) => BookOf(decision.Book.Digest);

    public override Entry Raw(long index) => Ledger.Find(index) ?? throw new RefusedException(Refusal.NotFound, FormattableString.Invariant($"there is no entry {index}; the ledger has entries 0 to {Ledger.Size - 1}"));

    public override void Export(string format, TextWriter text, Stream bytes, CancellationToken stop) => Exports.Write(this, format, text, bytes, stop);

    public override Receipt ReceiptOf(long index) => Ledger.Receipt(index);

    public override Checkpoint Checkpoint => Ledger.Checkpoint;

    public override IReadOnlyList<VerifierKey> Keys => [.. Ledger.Keys.Select(key => key.Key)];

    public override byte[]? EvaluationOf(Decision decision) => IsDigest(decision.Evaluation) ? Ledger.Attachment(AsDigest(decision.Evaluation)) : null;

    private LogEntry Read(long index) => LogEntry.Read(Ledger.Find(index)!) ?? throw new LogFormatException(index, "it is labelled as an entry of decisions, and is none");

    // ---- words ----

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(options.Clock.GetUtcNow().ToUnixTimeMilliseconds());

    private static string Name(string what, string text) => Text(what, text, MaxName);

    private static string Text(string what, string text, int max)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > max || text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')) || text.Where((c, i) => char.IsSurrogate(c) && !IsPaired(text, i)).Any())
            throw new RefusedException(Refusal.Invalid, FormattableString.Invariant($"`{what}` must be a text of 1 to {max} characters without control characters"));
        return text;
    }

    private static bool IsPaired(string text, int i) =>
        char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]);

    private static string DecisionKey(string key) => "decision:" + key;

    internal static string DigestOf(ReadOnlySpan<byte> bytes) => "sha256:" + Digest.Of(bytes);

    private static bool IsDigest(string text) => text.StartsWith("sha256:", StringComparison.Ordinal) && Digest.TryParse(text[7..], out _);

    internal static Digest AsDigest(string text) => Digest.TryParse(text[7..], out var digest) ? digest : throw new InvalidOperationException($"`{text}` is no digest");

    private static RefusedException NoDecision(string id) => new(Refusal.NotFound, $"there is no decision `{id}`; `advisory log list` lists them");

    private static RefusedException WithdrawnBefore(DecisionWithdrawn before) =>
        new(Refusal.Conflict, FormattableString.Invariant($"decision {before.Decision} was withdrawn already, by {before.Actor} at {LogEntry.Format(before.Time)} (entry {before.Index})"));
}
