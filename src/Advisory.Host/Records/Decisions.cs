using System.Collections.Concurrent;
using Advisory.Engine;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Host.Records;

/// <summary>Recorded decisions, wherever they are kept: in a ledger here (<see cref="DecisionLog"/>) or behind a service.</summary>
/// <remarks>What is kept elsewhere is not believed: every decision is evaluated again here, under its own book, before it is shown.</remarks>
internal abstract class Decisions : IDisposable
{
    private readonly ConcurrentDictionary<string, RuleBook> books = new(StringComparer.Ordinal);

    /// <summary>The newest signed checkpoint.</summary>
    public abstract Checkpoint Checkpoint { get; }

    /// <summary>The verifier keys of the ledger, the one in force last.</summary>
    public abstract IReadOnlyList<VerifierKey> Keys { get; }

    public abstract void Dispose();

    /// <summary>Evaluates a scenario and records the decision; returns when it is durable.</summary>
    /// <exception cref="RefusedException">The scenario is too large to record, or the decision that it supersedes is not there or has a successor.</exception>
    /// <exception cref="LedgerKeyReusedException">The key was used before for another scenario.</exception>
    public abstract Task<Recorded> Record(Submission submission, CancellationToken cancellation = default);

    /// <summary>Records that a submission was refused; the input itself is not kept.</summary>
    /// <param name="book">Against which it was read.</param>
    /// <param name="input">The bytes as they arrived.</param>
    /// <param name="problems">What was wrong.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public abstract Task Refuse(RuleBook book, ReadOnlyMemory<byte> input, IReadOnlyList<Problem> problems, string actor, CancellationToken cancellation = default);

    /// <summary>Withdraws a decision. It stays in the ledger, and from now on says that it was withdrawn.</summary>
    /// <param name="id">Of the decision.</param>
    /// <param name="reason">For people; 1 to 2,000 characters.</param>
    /// <param name="supersededBy">The id of the decision that stands instead, recorded already; or null.</param>
    /// <param name="actor">Who withdraws.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="RefusedException">There is no such decision, or it was withdrawn before.</exception>
    public abstract Task<(DecisionWithdrawn Withdrawal, Receipt Receipt)> Withdraw(string id, string reason, string? supersededBy, string actor, CancellationToken cancellation = default);

    /// <summary>The decision that a person means: an id, its beginning, or the index of its entry.</summary>
    /// <exception cref="RefusedException">There is none, or there are several; the message lists them.</exception>
    public abstract Decision Get(string idOrIndex);

    /// <summary>Decisions that a filter fits, the newest first.</summary>
    /// <param name="filter">What is asked for.</param>
    /// <param name="before">Only entries below this index: <see cref="Page{T}.Next"/> of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    public abstract Page<Decision> Search(DecisionFilter filter, long before = long.MaxValue, int limit = 50, CancellationToken cancellation = default);

    /// <summary>What has become of a decision.</summary>
    public abstract Fate FateOf(Decision decision);

    /// <summary>An entry as it is stored.</summary>
    /// <exception cref="RefusedException">There is no such entry.</exception>
    public abstract Entry Raw(long index);

    /// <summary>The proof that the ledger has an entry, under the newest checkpoint.</summary>
    public abstract Receipt ReceiptOf(long index);

    /// <summary>Writes what is recorded in a form that other programs read.</summary>
    /// <param name="format"><c>jsonl</c>, <c>prov</c> or <c>csv</c>.</param>
    /// <param name="text">For texts; over <paramref name="bytes"/>, or beside them.</param>
    /// <param name="bytes">For what is bytes already.</param>
    /// <param name="stop">Stops it.</param>
    public abstract void Export(string format, TextWriter text, Stream bytes, CancellationToken stop);

    /// <summary>The canonical evaluation as it was recorded; null where the ledger does not have it.</summary>
    /// <exception cref="LedgerDamagedException">What is stored is not that content.</exception>
    public abstract byte[]? EvaluationOf(Decision decision);

    /// <summary>The book of a decision, compiled from the content that the ledger keeps.</summary>
    /// <exception cref="RefusedException">It is not there, or this program cannot read it.</exception>
    public abstract RuleBook BookOf(Decision decision);

    /// <summary>The scenario of a decision under its book; null where this version does not read it.</summary>
    public Scenario? ScenarioOf(Decision decision) => Scenario.Read(BookOf(decision), Inline(decision)).Value;

    /// <summary>The decision evaluated again under its book, to be rendered. Whether it comes to the same is for <see cref="Replay"/> to say.</summary>
    /// <exception cref="RefusedException">Its semantics are not those of this program, or its book or scenario is not read.</exception>
    public Evaluation Evaluate(Decision decision)
    {
        if (decision.Semantics != RuleBook.Semantics)
        {
            throw new RefusedException(Refusal.NotReplayableHere, FormattableString.Invariant(
                $"entry {decision.Index} was made under semantics {decision.Semantics}, and this program has {RuleBook.Semantics}: not replayable here; use advisory {decision.Engine}"));
        }

        var book = BookOf(decision);
        var scenario = Scenario.Read(book, Inline(decision));
        return scenario.Value is { } read ? Evaluation.Of(book, read)
            : throw new RefusedException(Refusal.NotReplayableHere, $"this version does not read the scenario of the decision: {scenario.Problems[0]}");
    }

    /// <summary>Evaluates a decision again and compares it with what was recorded, byte for byte.</summary>
    public Replay Replay(Decision decision) => Records.Replay.Of(this, decision);

    protected void Know(RuleBook book) => books.TryAdd(book.Digest, book);

    protected RuleBook BookOf(string digest, Func<byte[]?> content)
    {
        if (books.TryGetValue(digest, out var known)) return known;
        if (content() is not { } bytes) throw new RefusedException(Refusal.NotFound, $"the ledger does not have the rule book {digest}");
        var loaded = RuleBook.Load(bytes);
        if (loaded.Value is not { } book) throw new RefusedException(Refusal.NotReplayableHere, $"this version does not read the rule book {digest}: {loaded.Problems.First(problem => problem.Severity == Severity.Error)}");
        return books.GetOrAdd(digest, book);
    }

    private static InputFile Inline(Decision decision) => new(FormattableString.Invariant($"entry {decision.Index}"), decision.Scenario);
}
