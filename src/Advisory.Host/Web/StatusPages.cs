using Advisory.Host.Records;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;
using Advisory.Ledgers;

namespace Advisory.Host.Web;

/// <summary>How the service is, for those who run it and those who audit it; and what is wrong with a book that is not taken up, for its author.</summary>
internal sealed class StatusPages(Pages pages)
{
    private const int LastEvents = 20;

    private readonly Office office = pages.Office;
    private readonly DateTimeOffset started = pages.Office.Clock.GetUtcNow();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", Status).Asks(Permission.ReadStatus);
        routes.MapGet("/book/problems", Problems).Asks(Permission.ReadBookProblems);
    }

    private Task Status(HttpContext context)
    {
        var version = new DecisionLogOptions().Engine;
        return pages.Show<StatusPage>(context, 200, ("Model", new StatusModel(version, started, office.Clock.GetUtcNow(), office.Library.Current, office.Library.Broken, Ledger(), office.Settings)));
    }

    private Task Problems(HttpContext context) => pages.Show<BookProblemsPage>(context, 200, ("Model", new BookProblemsModel(office.Library.Current, office.Library.Broken)));

    // What an entry says is for those who may read it; that there is one, of which kind and when, is for whoever runs the service.
    private LedgerStatus Ledger()
    {
        try
        {
            var ledger = office.Log.Ledger;
            var size = ledger.Size;
            var events = ledger.Entries(Math.Max(0, size - LastEvents), size).Select(entry => (entry.Index, LogEntry.Read(entry))).Reverse().ToList();
            return new(office.Ledger.Fault, size, ledger.Origin, ledger.Checkpoint.Note, events);
        }
        catch (Exception fault) when (fault is LogUnavailableException or LedgerException)
        {
            return new(fault.Message, null, null, null, []);
        }
    }
}

/// <summary>How the ledger is. Public since components are; what it holds is for this program.</summary>
public sealed class LedgerStatus
{
    internal LedgerStatus(string? fault, long? size, string? origin, string? checkpoint, IReadOnlyList<(long Index, LogEntry? Entry)> events) =>
        (Fault, Size, Origin, Checkpoint, Events) = (fault, size, origin, checkpoint, events);

    /// <summary>Why it could not be used when it was last tried; null while it works.</summary>
    internal string? Fault { get; }

    internal long? Size { get; }

    internal string? Origin { get; }

    internal string? Checkpoint { get; }

    /// <summary>The last entries, the newest first; null for one of the ledger's own.</summary>
    internal IReadOnlyList<(long Index, LogEntry? Entry)> Events { get; }
}

/// <summary>How the service is. Public since components are; what it holds is for this program.</summary>
public sealed class StatusModel
{
    internal StatusModel(string version, DateTimeOffset started, DateTimeOffset now, BookInForce? current, BrokenBook? broken, LedgerStatus ledger, Settings settings) =>
        (Version, Started, Now, Current, Broken, Ledger, Settings) = (version, started, now, current, broken, ledger, settings);

    internal string Version { get; }

    internal DateTimeOffset Started { get; }

    internal DateTimeOffset Now { get; }

    internal BookInForce? Current { get; }

    internal BrokenBook? Broken { get; }

    internal LedgerStatus Ledger { get; }

    internal Settings Settings { get; }
}

/// <summary>What stands in the book's folder. Public since components are; what it holds is for this program.</summary>
public sealed class BookProblemsModel
{
    internal BookProblemsModel(BookInForce? current, BrokenBook? broken) => (Current, Broken) = (current, broken);

    internal BookInForce? Current { get; }

    internal BrokenBook? Broken { get; }
}
