using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>What a check of an export found.</summary>
/// <param name="Entries">How many entries were checked.</param>
/// <param name="IsComplete">Whether they are all the entries under the checkpoint, in order, each once.</param>
/// <param name="Checkpoint">The checkpoint of the export; null where it cannot be read.</param>
/// <param name="Faults">What is wrong, in the order of lines; at most 100.</param>
public sealed record ExportVerification(long Entries, bool IsComplete, Checkpoint? Checkpoint, IReadOnlyList<Fault> Faults);

/// <summary>Entries as JSON Lines, each with its inclusion proof under one checkpoint, to be checked without the ledger.</summary>
/// <remarks>
/// First line <c>{"checkpoint":…,"keys":[…],"schema":"advisory/ledger-export/v1"}</c>, then <c>{"entry":…,"index":…,"proof":[…]}</c> for each
/// entry, whose bytes stand there as they were appended. The keys are for convenience: a check uses those that the reader trusts.
/// </remarks>
public static class LedgerExport
{
    private const string Schema = "advisory/ledger-export/v1";

    /// <summary>Writes entries and their proofs under the newest checkpoint.</summary>
    /// <param name="ledger">Others may append to it meanwhile.</param>
    /// <param name="indexes">Which entries; null for all.</param>
    /// <param name="output">UTF-8; not closed.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>, in the middle of the output.</param>
    /// <returns>The checkpoint that the proofs lead to.</returns>
    public static Checkpoint Write(Ledger ledger, IEnumerable<long>? indexes, Stream output, CancellationToken cancellation = default)
    {
        var checkpoint = ledger.Checkpoint;
        output.Write(Encoding.UTF8.GetBytes($$"""{"checkpoint":{{Quoted(checkpoint.Note)}},"keys":[{{string.Join(',', ledger.Keys.Select(key => Quoted(key.Key.ToString())))}}],"schema":"{{Schema}}"}""" + "\n"));
        var entries = indexes is null ? ledger.Entries(0, checkpoint.Size) : indexes.Select(index => ledger.Find(index) ?? throw new ArgumentOutOfRangeException(nameof(indexes), FormattableString.Invariant($"there is no entry {index}")));
        foreach (var entry in entries)
        {
            cancellation.ThrowIfCancellationRequested();
            output.Write("{\"entry\":"u8);
            output.Write(entry.Bytes.Span);
            var proof = ledger.InclusionProof(entry.Index, checkpoint.Size).Select(digest => $"\"{digest.ToBase64()}\"");
            output.Write(Encoding.ASCII.GetBytes(FormattableString.Invariant($",\"index\":{entry.Index},\"proof\":[{string.Join(',', proof)}]}}\n")));
        }

        return checkpoint;
    }

    /// <summary>Checks an export: the checkpoint's signature, and that each entry stands under it at its index.</summary>
    /// <param name="input">What <see cref="Write"/> wrote, or a selection of its lines after the first.</param>
    /// <param name="keys">The ledger's verifier keys, got by a way that the caller trusts.</param>
    /// <param name="progress">Told now and then how many entries are checked.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>.</param>
    public static ExportVerification Verify(Stream input, IEnumerable<VerifierKey> keys, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        using var lines = new StreamReader(input, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var faults = new List<Fault>();
        Checkpoint checkpoint;
        try
        {
            checkpoint = ReadHeader(lines.ReadLine() ?? "");
        }
        catch (Exception error) when (error is LedgerFormatException or JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return new(0, false, null, [new(null, $"line 1 is not the first line of an export with a checkpoint ({error.Message})")]);
        }

        if (checkpoint.Verify(keys) is { } unsigned) faults.Add(unsigned);
        var (entries, isComplete) = (0L, true);
        try
        {
            for (string? line; (line = lines.ReadLine()) is not null; entries++)
            {
                if (entries % 1024 == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(entries);
                }

                if (Check(Encoding.UTF8.GetBytes(line), checkpoint, out var index) is { } wrong && faults.Count < Verification.MaxFaults) faults.Add(new(index, FormattableString.Invariant($"{wrong} (line {entries + 2})")));
                isComplete &= index == entries;
            }
        }
        catch (DecoderFallbackException)
        {
            faults.Add(new(null, FormattableString.Invariant($"what follows line {entries + 1} is not valid UTF-8")));
        }

        progress?.Report(entries);
        return new(entries, isComplete && entries == checkpoint.Size, checkpoint, faults);
    }

    private static Checkpoint ReadHeader(string line)
    {
        using var header = JsonDocument.Parse(line);
        if (header.RootElement.GetProperty("schema"u8).GetString() != Schema) throw new LedgerFormatException($"its schema is not `{Schema}`");
        return Checkpoint.Parse(header.RootElement.GetProperty("checkpoint"u8).GetString() ?? "");
    }

    /// <summary>What is wrong with a line, or null. The entry's bytes are taken as they stand in it.</summary>
    private static string? Check(ReadOnlySpan<byte> line, Checkpoint checkpoint, out long? index)
    {
        index = null;
        var proof = new List<Digest>();
        ReadOnlySpan<byte> entry = default;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "entry":
                        var start = (int)reader.TokenStartIndex;
                        reader.Skip();
                        entry = line[start..(int)reader.BytesConsumed];
                        break;
                    case "index":
                        index = reader.GetInt64();
                        break;
                    case "proof":
                        while (reader.Read() && reader.TokenType == JsonTokenType.String)
                            proof.Add(Digest.TryParseBase64(reader.GetString()!, out var digest) ? digest : throw new JsonException());
                        break;
                    default:
                        return $"the line has a member `{name}` that an export does not have";
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return "the line is not one of an export";
        }

        if (index is not { } at || entry.IsEmpty) return "the line has no entry or no index";
        return MerkleTree.Includes(MerkleTree.Leaf(entry), at, checkpoint.Size, proof, checkpoint.Root) ? null : "its bytes and proof do not lead to the root of the checkpoint";
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, QuotedAsTheyAre);

    private static readonly JsonSerializerOptions QuotedAsTheyAre = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
