using System.CommandLine;
using System.Text;
using Advisory.Ledgers;

namespace Advisory.Host.Cli;

/// <summary>The verbs of <c>advisory log</c> that copy the ledger, put it back, and change its key.</summary>
internal static class LogKeeping
{
    public static Verb Export(Terminal terminal)
    {
        var format = new Option<string>("--format") { Description = "Every entry with its proof as JSON Lines; the decisions' provenance as W3C PROV-JSON; or a row for each outcome as CSV.", Required = true };
        format.AcceptOnlyFromAmong("jsonl", "prov", "csv");
        var output = new Option<string?>("--output", "-o") { Description = "A file, instead of standard output; replaced only when it is whole.", HelpName = "FILE" };
        var place = new LogPlace();
        var verb = new Verb("export", "Writes what is recorded in a form that other programs read.",
            "done",
            null,
            new("advisory log export --format jsonl -o ledger.jsonl", "Everything, to be checked without the ledger."),
            new("advisory log export --format csv", "For a spreadsheet."),
            new("advisory log export --format prov", "For tools that know the W3C's provenance model."))
        { format, output, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: true, log =>
        {
            if (parsed.GetValue(output) is not { } file)
            {
                using var through = new TextStream(terminal.Output);
                log.Export(parsed.GetValue(format)!, terminal.Output, through, terminal.Stop);
                return ExitCode.Done;
            }

            var beside = file + ".new";
            try
            {
                using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 64 << 10))
                using (var text = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" })
                {
                    log.Export(parsed.GetValue(format)!, text, stream, terminal.Stop);
                    text.Flush();
                    stream.Flush(flushToDisk: true);
                }

                File.Move(beside, file, overwrite: true);
            }
            catch (Exception fault) when (fault is UnauthorizedAccessException or DirectoryNotFoundException)
            {
                terminal.Errors.WriteLine($"{Inputs.NameOf(file)}: cannot be written; {fault.Message}");
                return ExitCode.Input;
            }
            catch (OperationCanceledException)
            {
                File.Delete(beside);
                throw;
            }

            terminal.Errors.WriteLine(FormattableString.Invariant($"wrote {Inputs.NameOf(file)}, {new FileInfo(file).Length:N0} bytes"));
            return ExitCode.Done;
        }));
        return verb;
    }

    public static Verb Backup(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A new file; nothing is overwritten." };
        var data = DataFolder.Option();
        var verb = new Verb("backup", "Copies the ledger as it is now to one file, and verifies the copy. Others may record meanwhile. Private keys are not in it: keep copies of the folder keys apart.",
            "done",
            null,
            new("advisory log backup ledger-backup.db", "To a file that is then kept on another machine."),
            new("advisory log backup second-backup.db --data data", "Of the ledger in another folder."))
        { file, data };
        verb.SetAction(parsed => DataFolder.With(parsed.GetValue(data)!, terminal, null, isReadOnly: true, log =>
        {
            var checkpoint = log.Ledger.Backup(parsed.GetValue(file)!);
            terminal.Output.WriteLine(FormattableString.Invariant($"{checkpoint.Size:N0} entries in {Inputs.NameOf(parsed.GetValue(file)!)}, verified; root {checkpoint.Root.ToBase64()}"));
            return ExitCode.Done;
        }));
        return verb;
    }

    public static Verb Restore(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A file that `advisory log backup` wrote." };
        var reason = ReasonOption();
        var by = DataFolder.ByOption();
        var loss = new Option<bool>("--accept-loss") { Description = "Goes on though the backup lacks entries that the ledger had; how many is recorded." };
        var data = DataFolder.Option();
        var verb = new Verb("restore", "Puts a backup in place of the ledger, whose file is set aside under another name, and records that. Stop the service first. The keys must be in the folder.",
            "restored",
            null,
            new("advisory log restore ledger-backup.db --reason \"the disk failed\" --by ada --accept-loss", "Also where entries are lost that were recorded after the backup."),
            new("advisory log verify", "What to do next."))
        { file, reason, by, loss, data };
        verb.SetAction(parsed =>
        {
            var backup = parsed.GetValue(file)!;
            if (!File.Exists(backup))
            {
                terminal.Errors.WriteLine($"{Inputs.NameOf(backup)}: there is no such file");
                return ExitCode.Input;
            }

            try
            {
                var receipt = Ledger.Restore(backup, parsed.GetValue(data)!, Act(parsed.GetValue(reason)!, parsed.GetValue(by), terminal), parsed.GetValue(loss));
                terminal.Output.WriteLine(FormattableString.Invariant($"restored {receipt.Index:N0} entries, and recorded that as entry {receipt.Index}; run `advisory log verify` next"));
                return ExitCode.Done;
            }
            catch (LedgerException refused) when (refused is LedgerRolledBackException or LedgerForkedException)
            {
                terminal.Errors.WriteLine(refused.Message + " with --accept-loss");
                return ExitCode.Input;
            }
            catch (LedgerException refused) when (refused is LedgerRefusedException or LedgerDamagedException or LedgerVersionException)
            {
                terminal.Errors.WriteLine(refused.Message);
                return ExitCode.Input;
            }
        });
        return verb;
    }

    public static Verb RotateKey(Terminal terminal)
    {
        var reason = ReasonOption();
        var by = DataFolder.ByOption();
        var data = DataFolder.Option();
        var verb = new Verb("rotate-key", "Makes a new signing key; the old one signs the entry that names it, and nothing after. Give the new verifier key to those who check receipts.",
            "the new key is in force",
            null,
            new("advisory log rotate-key --reason \"yearly\" --by ada", "Prints the new verifier key."),
            new("advisory log checkpoint --keys", "All of them, from the first."))
        { reason, by, data };
        verb.SetAction(parsed => DataFolder.With(parsed.GetValue(data)!, terminal, null, isReadOnly: false, log =>
        {
            var receipt = log.Ledger.RotateKey(Act(parsed.GetValue(reason)!, parsed.GetValue(by), terminal)).GetAwaiter().GetResult();
            terminal.Output.WriteLine(FormattableString.Invariant($"{log.Ledger.Keys[^1].Key}\nis in force from entry {receipt.Index + 1} on; give it to those who check, and keep a copy of the folder keys"));
            return ExitCode.Done;
        }));
        return verb;
    }

    private static Option<string> ReasonOption() => new("--reason") { Description = "Why, in a few words, as it is recorded.", Required = true, HelpName = "TEXT" };

    private static Act Act(string reason, string? by, Terminal terminal) => new(terminal.Clock.GetUtcNow(), DataFolder.Actor(by), reason);

    /// <summary>UTF-8 bytes on their way to where text is written.</summary>
    private sealed class TextStream(TextWriter output) : Stream
    {
        private readonly Decoder decoder = Encoding.UTF8.GetDecoder();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var text = new char[Encoding.UTF8.GetMaxCharCount(buffer.Length)];
            output.Write(text.AsSpan(0, decoder.GetChars(buffer, text, flush: false)));
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => output.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
