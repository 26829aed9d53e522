using System.Globalization;
using System.Text;
using Advisory.Ledgers;
using Newtonsoft.Json;

namespace Advisory.Host.Records;

/// <summary>What is recorded, in the forms that other programs read.</summary>
internal static class Exports
{
    /// <param name="log">What is written: as it is at the start.</param>
    /// <param name="format"><c>jsonl</c>, <c>prov</c> or <c>csv</c>.</param>
    /// <param name="text">For texts; over <paramref name="bytes"/>, or beside them.</param>
    /// <param name="bytes">For entries, which are bytes.</param>
    /// <param name="stop">Stops it.</param>
    public static void Write(DecisionLog log, string format, TextWriter text, Stream bytes, CancellationToken stop)
    {
        switch (format)
        {
            case "jsonl":
                LedgerExport.Write(log.Ledger, null, bytes, stop);
                break;
            case "prov":
                ProvExport.Write(log, text, stop);
                break;
            default:
                TableExport.Write(log, text, stop);
                break;
        }

        text.Flush();
    }
}

/// <summary>Decisions as provenance: W3C PROV-JSON, so that tools of that standard can draw and question their history.</summary>
/// <remarks>
/// Scenario, rule book, evaluation and decision are entities; evaluating and withdrawing are activities; people and this program are agents.
/// A decision that takes the place of another is derived from it as a revision; one that was withdrawn is invalidated by the withdrawal.
/// Written section by section, each in a pass over the ledger, so that the whole never stands in memory.
/// </remarks>
internal sealed class ProvExport
{
    private const string Person = "prov:Person";
    private const string Program = "prov:SoftwareAgent";

    private static readonly string[] Kinds = ["scenario", "book", "evaluation", "act", "agent"];

    private readonly DecisionLog log;
    private readonly Func<IEnumerable<LogEntry>> entries;
    private readonly JsonTextWriter writer;
    private readonly CancellationToken cancellation;
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private long relations;

    private ProvExport(DecisionLog log, Func<IEnumerable<LogEntry>> entries, JsonTextWriter writer, CancellationToken cancellation) =>
        (this.log, this.entries, this.writer, this.cancellation) = (log, entries, writer, cancellation);

    /// <summary>Of everything that is recorded now.</summary>
    public static void Write(DecisionLog log, TextWriter output, CancellationToken cancellation)
    {
        var size = log.Ledger.Size;
        Write(log, () => log.Ledger.Entries(0, size).Select(LogEntry.Read).OfType<LogEntry>(), output, cancellation);
    }

    /// <summary>Of these entries; those that they name should be among them (<see cref="DecisionLog.Related"/>).</summary>
    public static void Write(DecisionLog log, IReadOnlyList<LogEntry> entries, TextWriter output) => Write(log, () => entries, output, CancellationToken.None);

    private static void Write(DecisionLog log, Func<IEnumerable<LogEntry>> entries, TextWriter output, CancellationToken cancellation)
    {
        using var writer = new JsonTextWriter(output) { CloseOutput = false, Formatting = Formatting.Indented };
        new ProvExport(log, entries, writer, cancellation).Write();
        output.Write('\n');
    }

    private void Write()
    {
        writer.WriteStartObject();
        Section("prefix", () =>
        {
            Member("prov", "http://www.w3.org/ns/prov#");
            Member("xsd", "http://www.w3.org/2001/XMLSchema#");
            Member("advisory", "urn:advisory:term:");
            Member("decision", "urn:uuid:");
            foreach (var kind in Kinds) Member(kind, $"urn:advisory:{kind}:");
        });
        Section("entity", () => Each(Entities));
        Section("activity", () => Each(Activities));
        Section("agent", () => Each(Agents));
        Section("used", () => Each(entry =>
        {
            if (entry is not Decision decision) return;
            Relation("prov:activity", Act(decision), "prov:entity", ScenarioOf(decision));
            Relation("prov:activity", Act(decision), "prov:entity", BookOf(decision.Book));
        }));
        Section("wasGeneratedBy", () => Each(entry =>
        {
            if (entry is not Decision decision) return;
            Relation("prov:entity", EvaluationOf(decision), "prov:activity", Act(decision), decision.Time);
            Relation("prov:entity", "decision:" + decision.Id, "prov:activity", Act(decision), decision.Time);
        }));
        Section("wasAssociatedWith", () => Each(entry =>
        {
            if (entry is not (Decision or DecisionWithdrawn)) return;
            Relation("prov:activity", Act(entry), "prov:agent", Agent(entry.Actor));
            if (entry is Decision { ConfirmedBy: { } second }) Relation("prov:activity", Act(entry), "prov:agent", Agent(second));
            if (entry is Decision decision) Relation("prov:activity", Act(entry), "prov:agent", Engine(decision));
        }));
        Section("wasDerivedFrom", () => Each(entry =>
        {
            if (entry is Decision decision)
            {
                Relation("prov:generatedEntity", "decision:" + decision.Id, "prov:usedEntity", EvaluationOf(decision));
                if (decision.Supersedes is { } older) Revision(decision.Id, older);
            }

            if (entry is DecisionWithdrawn { SupersededBy: { } successor } withdrawn && log.Find(successor)?.Supersedes != withdrawn.Decision) Revision(successor, withdrawn.Decision);
        }));
        Section("wasInvalidatedBy", () => Each(entry =>
        {
            if (entry is DecisionWithdrawn withdrawn) Relation("prov:entity", "decision:" + withdrawn.Decision, "prov:activity", Act(withdrawn), withdrawn.Time);
        }));
        writer.WriteEndObject();
    }

    private void Entities(LogEntry entry)
    {
        if (entry is BookActivated activated)
        {
            Once(BookOf(activated.Book), () =>
            {
                Member("prov:type", Name("advisory:RuleBook"));
                Member("prov:label", activated.Title.En);
                Member("advisory:name", activated.Book.Name);
                Member("advisory:version", activated.Book.Version);
                Member("advisory:digest", activated.Book.Digest);
            });
        }

        if (entry is not Decision decision) return;
        Once(ScenarioOf(decision), () =>
        {
            Member("prov:type", Name("advisory:Scenario"));
            Member("advisory:digest", decision.Input);
            if (decision.Subject is { } subject) Member("advisory:subject", subject);
            if (decision.Classification is { } classification) Member("advisory:classification", classification);
            if (decision.AsOf is { } asOf) Member("advisory:asOf", (asOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "xsd:date"));
        });
        Once(EvaluationOf(decision), () =>
        {
            Member("prov:type", Name("advisory:Evaluation"));
            Member("advisory:digest", decision.Evaluation);
            Member("advisory:traceDigest", decision.TraceDigest);
            Member("advisory:semantics", (decision.Semantics.ToString(CultureInfo.InvariantCulture), "xsd:integer"));
        });
        Once("decision:" + decision.Id, () =>
        {
            Member("prov:type", Name("advisory:Decision"));
            Member("advisory:entry", (decision.Index.ToString(CultureInfo.InvariantCulture), "xsd:integer"));
            writer.WritePropertyName("advisory:outcome");
            writer.WriteStartArray();
            foreach (var outcome in decision.Outcomes) writer.WriteValue($"{outcome.Question} / {outcome.Record ?? outcome.Mission}: {outcome.Outcome}");
            writer.WriteEndArray();
        });
    }

    private void Activities(LogEntry entry)
    {
        if (entry is not (Decision or DecisionWithdrawn)) return;
        Once(Act(entry), () =>
        {
            Member("prov:type", Name(entry is Decision ? "advisory:Evaluating" : "advisory:Withdrawing"));
            Member("prov:startTime", LogEntry.Format(entry.Time));
            Member("prov:endTime", LogEntry.Format(entry.Time));
            if (entry is DecisionWithdrawn withdrawn) Member("advisory:reason", withdrawn.Reason);
        });
    }

    private void Agents(LogEntry entry)
    {
        if (entry is not (Decision or DecisionWithdrawn)) return;
        Once(Agent(entry.Actor), () => Describe(Person, entry.Actor));
        if (entry is not Decision decision) return;
        if (decision.ConfirmedBy is { } second) Once(Agent(second), () => Describe(Person, second));
        Once(Engine(decision), () => Describe(Program, "advisory " + decision.Engine));

        void Describe(string type, string name)
        {
            Member("prov:type", Name(type));
            Member("prov:label", name);
        }
    }

    private static string ScenarioOf(Decision decision) => "scenario:" + decision.Input[7..];

    private static string EvaluationOf(Decision decision) => "evaluation:" + decision.Evaluation[7..];

    private static string BookOf(BookName book) => "book:" + book.Digest[7..];

    private static string Act(LogEntry entry) => FormattableString.Invariant($"act:{entry.Index}");

    // A name of a person is any text, and the last part of an identifier is not.
    private static string Agent(string name) => "agent:" + Digest.Of(Encoding.UTF8.GetBytes(name)).ToString()[..16];

    private static string Engine(Decision decision) => Agent("advisory " + decision.Engine);

    private void Each(Action<LogEntry> write)
    {
        written.Clear();
        foreach (var entry in entries())
        {
            cancellation.ThrowIfCancellationRequested();
            write(entry);
        }
    }

    private void Section(string name, Action members)
    {
        writer.WritePropertyName(name);
        writer.WriteStartObject();
        members();
        writer.WriteEndObject();
    }

    private void Once(string id, Action members)
    {
        if (written.Add(id)) Section(id, members);
    }

    private void Relation(string from, string one, string to, string other, DateTimeOffset? time = null) => Section(FormattableString.Invariant($"_:r{++relations}"), () =>
    {
        Member(from, one);
        Member(to, other);
        if (time is { } at) Member("prov:time", LogEntry.Format(at));
    });

    private void Revision(string newer, string older) => Section(FormattableString.Invariant($"_:r{++relations}"), () =>
    {
        Member("prov:generatedEntity", "decision:" + newer);
        Member("prov:usedEntity", "decision:" + older);
        Member("prov:type", Name("prov:Revision"));
    });

    private static (string, string) Name(string name) => (name, "xsd:QName");

    private void Member(string name, string value)
    {
        writer.WritePropertyName(name);
        writer.WriteValue(value);
    }

    private void Member(string name, (string Value, string Type) typed) => Section(name, () =>
    {
        Member("$", typed.Value);
        Member("type", typed.Type);
    });
}

/// <summary>A row for each outcome of each decision, for spreadsheets: RFC 4180, UTF-8, lines end in CR LF.</summary>
internal static class TableExport
{
    private static readonly string[] Columns =
        ["entry", "id", "time", "actor", "standing", "book", "version", "digest", "input", "subject", "classification", "asOf", "question", "mission", "record", "outcome", "assumed", "deciding"];

    public static void Write(DecisionLog log, TextWriter output, CancellationToken cancellation)
    {
        var size = log.Ledger.Size;
        Row(output, Columns);
        foreach (var entry in log.Ledger.Entries(0, size))
        {
            cancellation.ThrowIfCancellationRequested();
            if (LogEntry.Read(entry) is not Decision decision) continue;
            var standing = log.FateOf(decision).Standing switch { Standing.InForce => "in force", Standing.Superseded => "superseded", _ => "withdrawn" };
            foreach (var outcome in decision.Outcomes)
            {
                Row(output, decision.Index.ToString(CultureInfo.InvariantCulture), decision.Id, LogEntry.Format(decision.Time), decision.Actor, standing,
                    decision.Book.Name, decision.Book.Version, decision.Book.Digest, decision.Input, decision.Subject ?? "", decision.Classification ?? "",
                    decision.AsOf?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
                    outcome.Question, outcome.Mission, outcome.Record ?? "", outcome.Outcome, outcome.Assumed, string.Join(' ', outcome.Deciding));
            }
        }
    }

    private static void Row(TextWriter output, params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) output.Write(',');
            output.Write(Cell(cells[i]));
        }

        output.Write("\r\n");
    }

    /// <summary>A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe, which they take for the sign of a text.</summary>
    internal static string Cell(string text)
    {
        if (BeginsFormula(text)) text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    // Also behind spaces, which some leave out, and in the wide forms that some take for the narrow ones.
    private static bool BeginsFormula(string text) =>
        text is ['\t' or '\r' or '\n', ..] || text.TrimStart() is ['=' or '+' or '-' or '@' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20', ..];
}
