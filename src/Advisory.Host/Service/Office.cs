using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;

namespace Advisory.Host.Service;

/// <summary>What the API and the pages do, once: the book in force, the log, the desk, and the rules of recording.</summary>
internal sealed class Office(BookLibrary library, LedgerGuard ledger, Desk desk, AccessFile access, Settings settings, Meters meters, TimeProvider clock, ILogger<Office> logger)
{
    public BookLibrary Library { get; } = library;

    public LedgerGuard Ledger { get; } = ledger;

    public Desk Desk { get; } = desk;

    public AccessFile Access { get; } = access;

    public Settings Settings { get; } = settings;

    public Meters Meters { get; } = meters;

    public TimeProvider Clock { get; } = clock;

    public DecisionLog Log => Ledger.Log;

    /// <summary>The book in force; a request asks once, and is answered by that book alone.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public BookInForce Book => Library.Current
        ?? throw new ProblemException(503, "no-book", "there is no rule book in force, and nothing is evaluated; its author finds what is wrong at /v1/book/problems") { RetryAfter = 5 };

    /// <summary>Reads a scenario against the book in force.</summary>
    /// <exception cref="ProblemException">It is at fault; every problem is named, and where it was to be recorded, the refusal is.</exception>
    public async Task<(RuleBook Book, Scenario Scenario)> Scenario(ReadOnlyMemory<byte> body, Caller caller, bool isToBeRecorded, CancellationToken cancellation)
    {
        var book = Book.Book;
        var read = Engine.Scenario.Read(book, new("body", body));
        if (read.Value is { } scenario)
        {
            if (!MayRead(caller, scenario.Classification)) throw Restricted(scenario.Classification!);
            return (book, scenario);
        }

        if (isToBeRecorded) await Ledger.Write((log, stop) => log.Refuse(book, body, read.Problems, caller.Name, stop), cancellation);
        throw new ProblemException(422, "bad-scenario", "the scenario is at fault, and nothing was evaluated") { Problems = read.Problems };
    }

    /// <summary>Evaluates without recording; the input is noted for the next decision on the subject.</summary>
    public Evaluation WhatIf(RuleBook book, Scenario scenario, Caller caller)
    {
        using var step = Telemetry.Step("evaluate");
        var evaluation = Engine.Evaluation.Of(book, scenario);
        Desk.Tried(caller.Name, scenario.Subject, scenario.Digest);
        Meters.WhatIfs.Add(1);
        return evaluation;
    }

    /// <summary>Records a decision; a scenario with waivers needs a second person's confirmation first.</summary>
    public async Task<Recorded> Record(RuleBook book, Scenario scenario, Caller caller, string? key, string? supersedes, CancellationToken cancellation)
    {
        var second = scenario.Waivers.IsEmpty ? null : Desk.ConfirmedBy(scenario.Digest, caller.Name)
            ?? throw new ProblemException(409, "waiver-unconfirmed", "the scenario waives rules, and nobody but you stands behind that; have another officer send the same scenario to /v1/confirmations, then send it again");
        var older = supersedes is null ? null : Read(supersedes, caller).Id;
        var tried = Desk.TriedOn(scenario.Subject);
        using var step = Telemetry.Step("record");
        var recorded = await Ledger.Write(
            (log, stop) => log.Record(new(book, scenario, caller.Name) { Key = key, Supersedes = older, WhatIfs = tried, ConfirmedBy = second }, stop), cancellation);
        step?.SetTag("advisory.decision", recorded.Decision.Id).SetTag("advisory.entry", recorded.Decision.Index);
        if (recorded.WasThere) return recorded;
        Desk.Decided(scenario.Subject);
        Meters.Decisions.Add(1);
        foreach (var outcome in recorded.Decision.Outcomes)
            Meters.Outcomes.Add(1, new("question", outcome.Question), new("mission", outcome.Mission), new("outcome", outcome.Outcome));
        logger.Recorded(recorded.Decision.Id, recorded.Decision.Index, caller.Name);
        return recorded;
    }

    /// <summary>A decision for somebody who may read it; that it was read is logged.</summary>
    public Decision Read(string id, Caller caller)
    {
        var decision = Log.Get(id);
        if (!MayRead(caller, decision.Classification)) throw Restricted(decision.Classification!);
        Meters.Reads.Add(1);
        logger.Read(decision.Id, caller.Name);
        return decision;
    }

    /// <summary>The evaluation behind a decision, once it has come to the very bytes that were recorded.</summary>
    /// <exception cref="ProblemException">It does not, and nothing is shown as if it did.</exception>
    public Evaluation Evaluation(Decision decision)
    {
        var replay = Log.Replay(decision);
        return replay.Result switch
        {
            ReplayResult.Same => Log.Evaluate(decision),
            ReplayResult.NotReplayableHere => throw new ProblemException(409, "not-replayable-here", replay.Text),
            _ => throw new ProblemException(500, "replay-differs", "the decision does not come to what was recorded: " + replay.Text),
        };
    }

    /// <summary>Whether a classification is open to a caller: a restricted one is only to those with a clearance of its name.</summary>
    public bool MayRead(Caller caller, string? classification) =>
        classification is null || !Settings.Restricted.Contains(classification, StringComparer.OrdinalIgnoreCase) || caller.Clearances.Contains(classification, StringComparer.OrdinalIgnoreCase);

    public static ProblemException Restricted(string classification) => new(403, "restricted", $"this is classified {classification}, and you have no clearance for that");
}

/// <summary>Short ways around a request.</summary>
internal static class Requests
{
    /// <summary>Whom an endpoint is for.</summary>
    public static IEndpointConventionBuilder Asks(this IEndpointConventionBuilder endpoint, Permission permission) => endpoint.WithMetadata(new Asks(permission));

    /// <summary>An endpoint for everybody.</summary>
    public static IEndpointConventionBuilder Open(this IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(new Asks(null));

    /// <summary>Who the request is from; the gate let nobody else through.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? throw new InvalidOperationException("an endpoint without a caller asks for one");
}
