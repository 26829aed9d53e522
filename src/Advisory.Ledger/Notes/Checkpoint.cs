using System.Globalization;
using Advisory.Ledgers.Tree;

namespace Advisory.Ledgers.Notes;

/// <summary>What the ledger was at one size, signed: C2SP tlog-checkpoint in a C2SP signed note.</summary>
/// <remarks>Whoever keeps one can later tell whether the ledger still begins with the entries that it had then.</remarks>
public sealed class Checkpoint
{
    private readonly SignedNote signed;

    private Checkpoint(string note, SignedNote signed, string origin, long size, Digest root) =>
        (Note, this.signed, Origin, Size, Root) = (note, signed, origin, size, root);

    /// <summary>The signed note, byte for byte as it was read or signed (UTF-8).</summary>
    public string Note { get; }

    /// <summary>Which ledger it is of; also the name of its keys.</summary>
    public string Origin { get; }

    /// <summary>In entries.</summary>
    public long Size { get; }

    /// <summary>The root of the Merkle tree over the first <see cref="Size"/> entries.</summary>
    public Digest Root { get; }

    /// <summary>The three lines that are signed.</summary>
    public string Text => signed.Text;

    /// <exception cref="LedgerFormatException">The note is no checkpoint.</exception>
    public static Checkpoint Parse(string note)
    {
        var signed = SignedNote.Parse(note);
        var lines = signed.Text.Split('\n')[..^1];
        if (lines.Length < 3 || lines.Any(line => line.Length == 0)) throw new LedgerFormatException("the checkpoint has not the three lines origin, size and root");
        if (!TryParseCount(lines[1], out var size)) throw new LedgerFormatException($"`{lines[1]}` is no size of a tree");
        if (!Digest.TryParseBase64(lines[2], out var root)) throw new LedgerFormatException($"`{lines[2]}` is no root hash (32 bytes in base64)");
        return new(note, signed, lines[0], size, root);
    }

    internal static Checkpoint Sign(string origin, long size, Digest root, params ReadOnlySpan<SigningKey> keys)
    {
        var signed = SignedNote.Sign(FormattableString.Invariant($"{origin}\n{size}\n{root.ToBase64()}\n"), keys);
        return new(signed.ToString(), signed, origin, size, root);
    }

    /// <summary>Checks the signatures against keys that the caller trusts.</summary>
    /// <returns>Null when one of the keys signed and none of their signatures is wrong.</returns>
    public Fault? Verify(params IEnumerable<VerifierKey> keys) =>
        signed.Check(keys.Where(key => key.Name == Origin)) is { } wrong ? new(null, FormattableString.Invariant($"checkpoint of size {Size}: {wrong}")) : null;

    /// <summary>Checks a checkpoint that the ledger stores: all keys in force at its size have signed it, and nobody else.</summary>
    internal Fault? VerifyStored(IEnumerable<LedgerKey> keys) =>
        signed.CheckAll(keys.Where(key => key.Key.Name == Origin && key.Signs(Size)).Select(key => key.Key)) is { } wrong ? new(null, FormattableString.Invariant($"checkpoint of size {Size}: {wrong}")) : null;

    /// <summary>Checks that the ledger under this checkpoint begins with the ledger under an older one.</summary>
    /// <param name="older">Of the same ledger, of the same size or smaller.</param>
    /// <param name="proof">What <see cref="Ledger.ConsistencyProof"/> gave for the two sizes.</param>
    /// <returns>Null when it does. The signatures are not looked at: see <see cref="Verify"/>.</returns>
    public Fault? VerifyContinues(Checkpoint older, IReadOnlyList<Digest> proof)
    {
        if (older.Origin != Origin) return new(null, $"the checkpoints are of two ledgers, `{older.Origin}` and `{Origin}`");
        if (older.Size > Size) return new(null, FormattableString.Invariant($"the checkpoint of size {Size} is older than that of size {older.Size}"));
        return MerkleTree.Continues(older.Size, older.Root, Size, Root, proof) ? null
            : new(null, FormattableString.Invariant($"the ledger of size {Size} does not begin with the ledger of size {older.Size}, or the proof is not theirs"));
    }

    /// <summary>ASCII digits without leading zeroes, below 2^63.</summary>
    internal static bool TryParseCount(string text, out long count) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count.ToString(CultureInfo.InvariantCulture) == text;
}
