using System.Text;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers;

/// <summary>The proof, kept by a person in a file, that an entry stands in the ledger: C2SP tlog-proof.</summary>
/// <remarks>
/// It is checked with the entry's bytes and the ledger's verifier key alone. The leaf hash stands in the <c>extra</c> line, which tlog-proof
/// leaves to the application: nothing is taken from it that the proof and the entry do not bear out.
/// </remarks>
public sealed class Receipt
{
    private const string FirstLine = "c2sp.org/tlog-proof@v1";

    internal Receipt(long index, Digest leafHash, IReadOnlyList<Digest> proof, Checkpoint checkpoint) =>
        (Index, LeafHash, Proof, Checkpoint) = (index, leafHash, proof, checkpoint);

    /// <summary>Of the entry, from zero.</summary>
    public long Index { get; }

    /// <summary>SHA-256(0x00 ‖ the entry's bytes): RFC 6962, 2.1.</summary>
    public Digest LeafHash { get; }

    /// <summary>The inclusion proof, from the leaf's sibling up.</summary>
    public IReadOnlyList<Digest> Proof { get; }

    /// <summary>The signed checkpoint that covers the entry.</summary>
    public Checkpoint Checkpoint { get; }

    /// <exception cref="LedgerFormatException">The text is no receipt.</exception>
    public static Receipt Parse(string text)
    {
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split('\n');
        if (lines.Length < 3 || lines[0] != FirstLine) throw Malformed($"does not begin with the lines `{FirstLine}`, `extra …` and `index …`");
        if (!lines[1].StartsWith("extra ", StringComparison.Ordinal) || !Digest.TryParseBase64(lines[1][6..], out var leaf)) throw Malformed("has no leaf hash in its second line, `extra …`");
        if (!lines[2].StartsWith("index ", StringComparison.Ordinal) || !Checkpoint.TryParseCount(lines[2][6..], out var index)) throw Malformed("has no index in its third line, `index …`");
        if (lines.Length > 3 + MerkleTree.MaxLevels) throw Malformed("has more proof lines than a tree can need");
        var proof = new List<Digest>();
        foreach (var line in lines[3..])
            proof.Add(Digest.TryParseBase64(line, out var digest) ? digest : throw Malformed($"has a proof line that is no hash: `{line}`"));

        return new(index, leaf, proof, Checkpoint.Parse(text[(end + 2)..]));
    }

    /// <summary>The text of the file; UTF-8, lines end in a newline.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(FirstLine).Append("\nextra ").Append(LeafHash.ToBase64())
            .Append(FormattableString.Invariant($"\nindex {Index}\n"));
        foreach (var digest in Proof) text.Append(digest.ToBase64()).Append('\n');
        return text.Append('\n').Append(Checkpoint.Note).ToString();
    }

    /// <summary>Checks, without the ledger, that it contains these bytes as an entry.</summary>
    /// <param name="entry">The entry's bytes as they were appended.</param>
    /// <param name="keys">The ledger's verifier keys, got by a way that the caller trusts.</param>
    /// <returns>Null when the receipt is good; else what is wrong.</returns>
    public Fault? Verify(ReadOnlySpan<byte> entry, params IEnumerable<VerifierKey> keys)
    {
        if (MerkleTree.Leaf(entry) != LeafHash) return new(Index, "the receipt is for other bytes than these");
        return Verify(keys);
    }

    /// <summary>Checks all but the entry's bytes: that the ledger contains an entry with this leaf hash.</summary>
    /// <returns>Null when the receipt is good; else what is wrong.</returns>
    public Fault? Verify(params IEnumerable<VerifierKey> keys)
    {
        if (Index >= Checkpoint.Size) return new(Index, FormattableString.Invariant($"the receipt's checkpoint covers only {Checkpoint.Size} entries"));
        if (!MerkleTree.Includes(LeafHash, Index, Checkpoint.Size, Proof, Checkpoint.Root)) return new(Index, "the receipt's proof does not lead to the root of its checkpoint");
        return Checkpoint.Verify(keys) is { } fault ? new(Index, fault.Text) : null;
    }

    private static LedgerFormatException Malformed(string what) => new("the receipt " + what);
}
