using System.CommandLine;
using System.Text;
using Advisory.Host.Records;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;
using Newtonsoft.Json;

namespace Advisory.Host.Cli;

/// <summary>The verbs of <c>advisory log</c> with which somebody else can check: proofs, checkpoints, verification, replay.</summary>
internal static class LogChecks
{
    // ---- proof, checkpoint ----

    public static Verb Proof(Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "A decision's id, the beginning of it, or the index of any entry." };
        var output = new Option<string?>("--output", "-o") { Description = "A file for the receipt, instead of printing it.", HelpName = "FILE" };
        var entry = new Option<string?>("--entry") { Description = "A file for the entry's bytes, which the receipt is about.", HelpName = "FILE" };
        var place = new LogPlace();
        var verb = new Verb("proof", "Prints the receipt of an entry under the newest checkpoint: it proves, without the ledger, that the ledger has the entry.",
            "done",
            null,
            new("advisory log proof 2", "The receipt."),
            new("advisory log proof 2 -o decision.tlog-proof --entry decision.json", "Receipt and entry in files, for somebody else to check."))
        { id, output, entry, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: true, log =>
        {
            var given = parsed.GetValue(id)!;
            var index = given.Length < 16 && given.All(char.IsAsciiDigit) && (given == "0" || given[0] != '0') ? long.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : log.Get(given).Index;
            var stored = log.Raw(index); // says so where there is none
            var receipt = log.ReceiptOf(index).ToString();
            if (parsed.GetValue(entry) is { } bytes) File.WriteAllBytes(bytes, stored.Bytes.ToArray());
            if (parsed.GetValue(output) is { } file) Files.Replace(file, receipt);
            else terminal.Output.Write(receipt);
            foreach (var written in new[] { parsed.GetValue(output), parsed.GetValue(entry) }.OfType<string>()) terminal.Errors.WriteLine($"wrote {written}");
            return ExitCode.Done;
        }));
        return verb;
    }

    public static Verb Checkpoint(Terminal terminal)
    {
        var keys = new Option<bool>("--keys") { Description = "The verifier keys instead, one a line, the one in force last: whoever checks needs them, by another way than from the ledger." };
        var place = new LogPlace();
        var verb = new Verb("checkpoint", "Prints the newest signed checkpoint. Keep one where nobody with access to the ledger can reach it: with it anyone can tell later whether the ledger still begins with what it held then.",
            "done",
            null,
            new("advisory log checkpoint", "To be sent away every day."),
            new("advisory log checkpoint --keys", "The public keys with which receipts and checkpoints are checked."))
        { keys, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: true, log =>
        {
            if (parsed.GetValue(keys))
                foreach (var key in log.Keys) terminal.Output.WriteLine(key);
            else terminal.Output.Write(log.Checkpoint.Note);
            return ExitCode.Done;
        }));
        return verb;
    }

    // ---- verify ----

    public static Verb Verify(Terminal terminal)
    {
        var receipt = new Option<string?>("--receipt") { Description = "Checks this receipt instead of the ledger, without needing the ledger.", HelpName = "FILE" };
        var entry = new Option<string?>("--entry") { Description = "The entry's bytes, which the receipt must be about.", HelpName = "FILE" };
        var key = new Option<string[]>("--key") { Description = "A verifier key that you trust, from another way than the ledger; may stand there several times. Default: those of the ledger in --data, which proves less.", HelpName = "KEY" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "A checkpoint that you kept: the ledger, or the receipt, must not contradict it.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "What was found, as one JSON object." };
        var place = new LogPlace();
        var verb = new Verb("verify",
            "Checks everything that is stored: every leaf, root and signature, every attachment, every link between entries, and that each entry says what its evaluation says. "
            + "Names the first wrong entry and what is wrong with it. With --receipt, checks a receipt instead. With --server, checks here what the service gives out: every entry, the root and the signature.",
            "nothing is wrong",
            "something is wrong; it is named, the first entry first",
            new("advisory log verify", "The whole ledger."),
            new("advisory log checkpoint > kept.txt && advisory log verify --checkpoint kept.txt", "That the ledger still begins with what it held when a checkpoint was kept."),
            new("advisory log proof 2 -o r.txt --entry e.json && advisory log verify --receipt r.txt --entry e.json --key \"$(advisory log checkpoint --keys)\"", "A receipt, offline: needs the entry's bytes and a trusted key alone."))
        { receipt, entry, key, checkpoint, json, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed =>
        {
            var folder = parsed.GetValue(place.Data)!;
            if (place.IsServer(parsed) && parsed.GetValue(receipt) is null) return place.WithServer(parsed, terminal, log => VerifyService(log, parsed.GetValue(checkpoint), parsed.GetValue(key) ?? [], parsed.GetValue(json), terminal));
            if (parsed.GetValue(receipt) is { } file) return VerifyReceipt(file, parsed.GetValue(entry), parsed.GetValue(key) ?? [], parsed.GetValue(checkpoint), folder, terminal);
            if (parsed.GetValue(entry) is not null)
            {
                terminal.Errors.WriteLine("--entry is about a receipt; add --receipt FILE");
                return ExitCode.Input;
            }

            return VerifyLedger(folder, parsed.GetValue(checkpoint), parsed.GetValue(key) ?? [], parsed.GetValue(json), terminal);
        });
        return verb;
    }

    private static int VerifyService(ServiceLog log, string? checkpointFile, string[] keys, bool asJson, Terminal terminal)
    {
        var kept = checkpointFile is null ? null : Ledgers.Notes.Checkpoint.Parse(Read(checkpointFile));
        var trusted = keys.Select(VerifierKey.Parse).ToList();
        var progress = new Progress(terminal, true, "entry", "entries");
        ExportVerification found;
        try
        {
            found = log.Verify(trusted.Count > 0 ? trusted : log.Keys, kept, progress, terminal.Stop);
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            throw new StoppedException("stopped; nothing was found to be wrong up to here, which says nothing about the rest");
        }

        progress.Clear();
        if (asJson)
        {
            using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented }) Write(writer, found.Entries, null, found.Checkpoint?.Note, found.Faults, []);
            terminal.Output.WriteLine();
            return found.Faults.Count > 0 ? ExitCode.Found : ExitCode.Done;
        }

        foreach (var fault in found.Faults) terminal.Output.WriteLine(Paint.Harmless(fault.ToString()));
        if (found.Faults.Count > 0) return ExitCode.Found;
        terminal.Output.WriteLine(FormattableString.Invariant($"{found.Entries:N0} entries: every one stands under the service's signed checkpoint{(kept is null ? "" : ", which continues the one that was kept")}"));
        terminal.Output.WriteLine($"root {found.Checkpoint!.Root.ToBase64()} of {found.Checkpoint.Origin}");
        if (trusted.Count == 0) terminal.Output.WriteLine("the key was taken from the service itself; name one that you trust with --key");
        return ExitCode.Done;
    }

    private static int VerifyLedger(string folder, string? checkpointFile, string[] keys, bool asJson, Terminal terminal)
    {
        if (DataFolder.IsEmpty(folder))
        {
            terminal.Errors.WriteLine(DataFolder.None(folder));
            return ExitCode.Input;
        }

        try
        {
            var kept = checkpointFile is null ? null : Ledgers.Notes.Checkpoint.Parse(Read(checkpointFile));
            var trusted = keys.Select(VerifierKey.Parse).ToList();
            return Found(() => Whole(folder, kept, trusted, terminal), folder, asJson, terminal);
        }
        catch (Exception fault) when (fault is LedgerFormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            terminal.Errors.WriteLine(fault.Message);
            return ExitCode.Input;
        }
    }

    private static LogVerification Whole(string folder, Checkpoint? kept, List<VerifierKey> trusted, Terminal terminal)
    {
        using var log = DecisionLog.Open(folder, new() { ReadOnly = true, Clock = terminal.Clock });
        var progress = new Progress(terminal, true, "entry", "entries");
        LogVerification found;
        try
        {
            found = LogCheck.Of(log, progress, terminal.Stop);
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            throw new StoppedException("stopped; nothing was found to be wrong up to here, which says nothing about the rest");
        }

        progress.Clear();
        var faults = found.Faults.ToList();
        if (kept is not null && log.Ledger.Verify(kept) is { } contradicts) faults.Add(contradicts);
        if (trusted.Count > 0 && found.Ledger.Checkpoint?.Verify(trusted) is { } unsigned) faults.Add(new(null, unsigned.Text + ": it is not signed by a key that you trust"));
        return found with { Faults = faults };
    }

    private static int Found(Func<LogVerification> verify, string folder, bool asJson, Terminal terminal)
    {
        IReadOnlyList<Fault> faults;
        IReadOnlyList<string> remarks = [];
        LogVerification? found = null;
        try
        {
            found = verify();
            (faults, remarks) = (found.Faults, found.Remarks);
        }
        catch (LedgerException refused) when (refused is LedgerRolledBackException or LedgerForkedException or LedgerDamagedException)
        {
            // It does not even open; what can be checked of the file all the same says where it begins to be wrong.
            faults = [new(null, refused.Message), .. OfFile(folder)];
        }

        if (asJson)
        {
            using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented }) Write(writer, found?.Ledger.Entries, found?.Decisions, found?.Ledger.Checkpoint?.Note, faults, remarks);
            terminal.Output.WriteLine();
            return faults.Count > 0 ? ExitCode.Found : ExitCode.Done;
        }

        foreach (var fault in faults) terminal.Output.WriteLine(Paint.Harmless(fault.ToString()));
        foreach (var remark in remarks) terminal.Output.WriteLine(Paint.Harmless(remark));
        if (faults.Count > 0)
        {
            terminal.Output.Flush();
            terminal.Errors.WriteLine(FormattableString.Invariant($"{(faults.Count == 1 ? "1 fault" : $"{faults.Count} faults")}; keep the ledger as it is, as evidence, and restore a backup elsewhere"));
            return ExitCode.Found;
        }

        terminal.Output.WriteLine(FormattableString.Invariant($"{found!.Ledger.Entries:N0} entries, {found.Decisions:N0} of them decisions: every leaf, root, signature, attachment and link is right"));
        terminal.Output.WriteLine($"root {found.Ledger.Checkpoint!.Root.ToBase64()} of {found.Ledger.Checkpoint.Origin}");
        return ExitCode.Done;
    }

    private static IReadOnlyList<Fault> OfFile(string folder)
    {
        try
        {
            return Ledger.VerifyBackup(Path.Combine(folder, "ledger.db")).Faults;
        }
        catch (LedgerException)
        {
            return []; // not even that
        }
    }

    private static void Write(JsonTextWriter writer, long? entries, long? decisions, string? checkpoint, IReadOnlyList<Fault> faults, IReadOnlyList<string> remarks)
    {
        writer.WriteStartObject();
        Member("schema", "advisory/log-verification/v1");
        Member("verified", faults.Count == 0);
        Member("entries", entries);
        Member("decisions", decisions);
        Member("checkpoint", checkpoint);
        writer.WritePropertyName("faults");
        writer.WriteStartArray();
        foreach (var fault in faults)
        {
            writer.WriteStartObject();
            Member("index", fault.Index);
            Member("text", fault.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("remarks");
        writer.WriteStartArray();
        foreach (var remark in remarks) writer.WriteValue(remark);
        writer.WriteEndArray();
        writer.WriteEndObject();

        void Member(string name, object? value)
        {
            writer.WritePropertyName(name);
            writer.WriteValue(value);
        }
    }

    private static int VerifyReceipt(string receiptFile, string? entryFile, string[] keys, string? checkpointFile, string folder, Terminal terminal)
    {
        try
        {
            var receipt = Receipt.Parse(Read(receiptFile));
            var bytes = entryFile is null ? null : Bytes(entryFile);
            var kept = checkpointFile is null ? null : Ledgers.Notes.Checkpoint.Parse(Read(checkpointFile));
            var trusted = keys.Select(VerifierKey.Parse).ToList();
            var isTrusted = trusted.Count > 0;
            using var log = DataFolder.IsEmpty(folder) ? null : DecisionLog.Open(folder, new() { ReadOnly = true, Clock = terminal.Clock });
            if (!isTrusted)
            {
                if (log is null)
                {
                    terminal.Errors.WriteLine("name the ledger's verifier key with --key; `advisory log checkpoint --keys`, run where the ledger is, prints it");
                    return ExitCode.Input;
                }

                trusted.AddRange(log.Ledger.Keys.Select(key => key.Key));
            }

            var fault = bytes is null ? receipt.Verify(trusted) : receipt.Verify(bytes, trusted);
            fault ??= kept is null ? null : kept.Verify(trusted) ?? Agree(receipt.Checkpoint, kept, log?.Ledger);
            if (fault is not null)
            {
                terminal.Output.WriteLine(fault);
                return ExitCode.Found;
            }

            terminal.Output.WriteLine(FormattableString.Invariant($"the receipt is good: entry {receipt.Index} stands in {receipt.Checkpoint.Origin} of {receipt.Checkpoint.Size} entries"));
            if (bytes is null) terminal.Output.WriteLine("its bytes were not compared; name them with --entry FILE");
            if (!isTrusted) terminal.Output.WriteLine("the key was taken from the ledger itself; name one that you trust with --key");
            return ExitCode.Done;
        }
        catch (Exception fault) when (fault is LedgerFormatException or RefusedException or FileNotFoundException or DirectoryNotFoundException)
        {
            terminal.Errors.WriteLine(fault.Message);
            return ExitCode.Input;
        }
    }

    /// <summary>Whether two checkpoints can be of one history: told by their roots, or by the ledger where their sizes differ.</summary>
    private static Fault? Agree(Checkpoint receipt, Checkpoint kept, Ledger? ledger)
    {
        if (receipt.Origin != kept.Origin) return new(null, $"the receipt is of `{receipt.Origin}`, and the checkpoint of `{kept.Origin}`");
        if (receipt.Size == kept.Size) return receipt.Root == kept.Root ? null : new(null, FormattableString.Invariant($"the receipt and the checkpoint give two roots for {kept.Size} entries: the ledger has shown two histories"));
        if (ledger is not null) return ledger.Verify(receipt) ?? ledger.Verify(kept);
        throw new RefusedException(Refusal.Invalid, FormattableString.Invariant(
            $"the receipt's checkpoint covers {receipt.Size} entries and the other {kept.Size}; only the ledger can tell whether they are of one history: run this where it is, with --data DIR"));
    }

    // ---- replay ----

    public static Verb Replay(Terminal terminal)
    {
        var id = new Argument<string?>("ID") { Description = "A decision's id, the beginning of it, or the index of its entry.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every decision." };
        var place = new LogPlace();
        var verb = new Verb("replay",
            "Evaluates a recorded decision again, under the rule book that the ledger keeps, and compares it with what was recorded, byte for byte. Names the first node that differs, with its question, mission and rule.",
            "the same bytes",
            "something differs, or cannot be replayed by this version",
            new("advisory log replay 2", "One decision."),
            new("advisory log replay --all", "Every decision, such as after an update of the program."))
        { id, all, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed =>
        {
            var one = parsed.GetValue(id);
            if (one is null == !parsed.GetValue(all))
            {
                terminal.Errors.WriteLine("name one decision, or --all");
                return ExitCode.Input;
            }

            return place.With(parsed, terminal, null, isReadOnly: true, log => Replay(log, one is null ? All(log, terminal) : [log.Get(one)], terminal));
        });
        return verb;
    }

    // In the order of the ledger where it is here; a service gives the newest first.
    private static IEnumerable<Decision> All(Decisions log, Terminal terminal)
    {
        if (log is DecisionLog here) return here.Ledger.Entries().Select(LogEntry.Read).OfType<Decision>();
        return Pages();

        IEnumerable<Decision> Pages()
        {
            for (long? before = long.MaxValue; before is { } from;)
            {
                var page = log.Search(new(), from, 200, terminal.Stop);
                foreach (var decision in page.Items) yield return decision;
                before = page.Next;
            }
        }
    }

    private static int Replay(Decisions log, IEnumerable<Decision> decisions, Terminal terminal)
    {
        var progress = new Progress(terminal, true, "decision", "decisions");
        var (same, differing, elsewhere) = (0L, 0L, 0L);
        try
        {
            // On all processors where the ledger is here; told in order.
            foreach (var replay in decisions.AsParallel().AsOrdered().WithDegreeOfParallelism(log is DecisionLog ? Environment.ProcessorCount : 1).WithMergeOptions(ParallelMergeOptions.NotBuffered).WithCancellation(terminal.Stop).Select(log.Replay))
            {
                progress.Count(replay.Result != ReplayResult.Same);
                if (replay.Result == ReplayResult.Same) same++;
                else if (replay.Result == ReplayResult.Differs) differing++;
                else elsewhere++;
                if (replay.Result == ReplayResult.Same) continue;
                progress.Clear();
                terminal.Output.WriteLine(Paint.Harmless(FormattableString.Invariant($"entry {replay.Decision.Index}, {replay.Decision.Id}: {replay.Text}")));
            }
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            throw new StoppedException($"stopped after {progress}");
        }

        progress.Clear();
        terminal.Output.WriteLine(FormattableString.Invariant($"{same:N0} the same, {differing:N0} differ, {elsewhere:N0} not replayable here"));
        return differing + elsewhere == 0 ? ExitCode.Done : ExitCode.Found;
    }

    // ---- files ----

    private static byte[] Bytes(string file) => File.Exists(file) ? File.ReadAllBytes(file) : throw new FileNotFoundException($"{Inputs.NameOf(file)}: there is no such file");

    private static string Read(string file) => Encoding.UTF8.GetString(Bytes(file));
}
