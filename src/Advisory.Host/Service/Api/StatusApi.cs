using System.Security.Cryptography.X509Certificates;
using Advisory.Engine;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Newtonsoft.Json;

namespace Advisory.Host.Service.Api;

/// <summary>How the service is: for load balancers, dashboards and operators.</summary>
internal sealed class StatusApi
{
    private readonly Office office;
    private readonly DateTimeOffset started;

    public StatusApi(Office office)
    {
        (this.office, started) = (office, office.Clock.GetUtcNow());
        office.Meters.Observe("advisory_book_in_force", "1 while a rule book is in force.", () => office.Library.Current is null ? 0 : 1);
        office.Meters.Observe("advisory_book_refused", "1 while the folder holds a book that is not taken up.", () => office.Library.Broken is null ? 0 : 1);
        office.Meters.Observe("advisory_book_activations", "How often a book came into force since the start.", () => office.Library.Activations);
        office.Meters.Observe("advisory_ledger_writable", "0 while the ledger cannot be used: it cannot be opened, or the last write failed and the disk still takes none.", () => office.Ledger.Fault is null ? 1 : 0);
        office.Meters.Observe("advisory_ledger_contradicts_checkpoint", "1 once the ledger was found shorter than what it had signed, or another, until the next start.", () => office.Ledger.WasContradicted ? 1 : 0);
        office.Meters.Observe("advisory_ledger_entries", "Entries in the ledger; -1 while it cannot be read.", () => Size() ?? -1);
        office.Meters.Observe("advisory_memory_bytes", "Memory that the process holds.", () => Environment.WorkingSet);
        office.Meters.Observe("advisory_data_free_bytes", "Room on the disk of the data folder.", Free);
        if (office.Settings.TlsCertificate.Length == 0) return;
        // Of the certificate that was loaded at the start: one that was renewed on disk is served only after a restart.
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(office.Settings.TlsCertificate);
        var end = new DateTimeOffset(certificate.NotAfter).ToUnixTimeSeconds();
        office.Meters.Observe("advisory_certificate_end_seconds", "When the certificate that is served ends, in seconds since 1970.", () => end);
    }

    private static string Version => new DecisionLogOptions().Engine;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", context => Reply.Text(context, 200, "text/plain; charset=utf-8", "live\n")).Open();
        routes.MapGet("/health/ready", Ready).Open();
        routes.MapGet("/v1/status", Show).Asks(Permission.ReadStatus);
        routes.MapGet("/metrics", context => Reply.Text(context, 200, "text/plain; version=0.0.4; charset=utf-8", office.Meters.Text())).Asks(Permission.ReadStatus);
    }

    private Task Ready(HttpContext context)
    {
        var why = office.Library.Current is null ? "no rule book is in force" : Size() is null || office.Ledger.Fault is not null ? "the ledger cannot be used" : null;
        return Reply.Text(context, why is null ? 200 : 503, "text/plain; charset=utf-8", (why is null ? "ready" : "not ready: " + why) + "\n");
    }

    private Task Show(HttpContext context)
    {
        _ = new Ask(context);
        var (current, broken) = (office.Library.Current, office.Library.Broken);
        return Reply.Json(context, 200, json =>
        {
            json.WriteStartObject();
            json.Member("schema", "advisory/status/v1");
            json.Member("version", Version);
            json.Member("semantics", RuleBook.Semantics);
            json.Member("started", LogEntry.Format(started));
            json.Member("now", LogEntry.Format(office.Clock.GetUtcNow()));
            json.WritePropertyName("book");
            json.WriteStartObject();
            json.Member("inForce", current is not null);
            if (current is not null)
            {
                json.Member("name", current.Book.Name);
                json.Member("version", current.Book.Version);
                json.Member("digest", current.Book.Digest);
                json.Member("since", LogEntry.Format(current.Since));
            }

            json.Member("refused", broken is not null);
            if (broken is not null)
            {
                json.Member("refusedSince", LogEntry.Format(broken.Since));
                json.Member("errors", broken.Problems.Count(problem => problem.Severity == Severity.Error));
                json.Member("first", broken.Problems.FirstOrDefault(problem => problem.Severity == Severity.Error)?.ToString());
            }

            json.WriteEndObject();
            Ledger(json);
            json.WriteEndObject();
        });
    }

    private void Ledger(JsonWriter json)
    {
        json.WritePropertyName("ledger");
        json.WriteStartObject();
        var size = Size();
        json.Member("usable", size is not null && office.Ledger.Fault is null);
        if (office.Ledger.Fault is { } fault) json.Member("fault", fault);
        if (size is { } entries)
        {
            json.Member("entries", entries);
            json.Member("origin", office.Log.Ledger.Origin);
        }

        json.WriteEndObject();
    }

    private long? Size()
    {
        try
        {
            return office.Log.Ledger.Size;
        }
        catch (Exception fault) when (fault is LogUnavailableException or Ledgers.LedgerException)
        {
            return null;
        }
    }

    private double Free()
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(office.Settings.Data)).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
