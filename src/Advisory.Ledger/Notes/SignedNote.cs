using System.Buffers.Binary;
using System.Text;

namespace Advisory.Ledgers.Notes;

/// <summary>C2SP signed-note: text that ends in a newline, an empty line, and lines <c>— name base64(key id ‖ signature)</c>.</summary>
internal sealed class SignedNote
{
    /// <summary>In characters; far above any checkpoint, far below what would hurt.</summary>
    private const int MaxLength = 100_000;

    /// <summary>Witnesses may add lines of their own; a note of more than this is somebody's attempt to keep us busy.</summary>
    private const int MaxSignatures = 100;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<(string Name, uint KeyId, byte[] Signature)> signatures = [];

    private SignedNote(string text) => Text = text;

    /// <summary>What is signed: the final newline included, the empty line not.</summary>
    public string Text { get; }

    public static SignedNote Sign(string text, params ReadOnlySpan<SigningKey> keys)
    {
        var signed = new SignedNote(text);
        var bytes = Utf8.GetBytes(text);
        foreach (var key in keys) signed.signatures.Add((key.Verifier.Name, key.Verifier.Id, key.Sign(bytes)));
        return signed;
    }

    /// <summary>The whole note.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        Span<byte> id = stackalloc byte[4];
        foreach (var (name, keyId, signature) in signatures)
        {
            BinaryPrimitives.WriteUInt32BigEndian(id, keyId);
            note.Append("— ").Append(name).Append(' ').Append(Convert.ToBase64String([.. id, .. signature])).Append('\n');
        }

        return note.ToString();
    }

    /// <exception cref="LedgerFormatException">The note is not in the format.</exception>
    public static SignedNote Parse(string note)
    {
        if (note.Length > MaxLength) throw Malformed("is too long");
        if (note.Any(c => c < ' ' && c != '\n')) throw Malformed("holds a control character; was it saved with Windows line ends?");
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !note.EndsWith('\n')) throw Malformed("has no empty line before its signatures, or does not end in a newline");

        var signed = new SignedNote(note[..(end + 1)]);
        try
        {
            Utf8.GetByteCount(note);
        }
        catch (EncoderFallbackException)
        {
            throw Malformed("is not valid Unicode");
        }

        var lines = note[(end + 2)..].Split('\n')[..^1];
        if (lines.Length == 0) throw Malformed("has no signature");
        if (lines.Length > MaxSignatures) throw Malformed("has too many signatures");
        foreach (var line in lines)
        {
            var parts = line.Split(' ');
            if (parts.Length != 3 || parts[0] != "—" || !VerifierKey.IsName(parts[1]) || !Base64.TryRead(parts[2], out var bytes) || bytes.Length <= 4)
                throw Malformed($"has a signature line that is none: `{line}`");
            signed.signatures.Add((parts[1], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..]));
        }

        return signed;
    }

    /// <summary>Null when a given key signed the text and no given key's line is wrong; else what is the matter.</summary>
    /// <remarks>Lines of unknown keys are skipped, so that witnesses and rotated keys can sign beside ours.</remarks>
    public string? Check(IEnumerable<VerifierKey> keys)
    {
        var text = Utf8.GetBytes(Text);
        var known = keys.ToList();
        var verified = false;
        foreach (var (name, id, signature) in signatures)
        {
            if (known.Find(key => key.Name == name && key.Id == id) is not { } key) continue;
            if (!key.Verifies(text, signature)) return $"the signature of key `{name}+{key.IdText}` is not one over this text";
            verified = true;
        }

        return verified ? null
            : $"no signature of a known key ({string.Join(", ", known.Select(k => $"`{k.Name}+{k.IdText}`"))}); signed by {string.Join(", ", signatures.Select(s => FormattableString.Invariant($"`{s.Name}+{s.KeyId:x8}`")))}";
    }

    /// <summary>The stricter check for notes of our own: each given key signed, and there is no other line.</summary>
    public string? CheckAll(IEnumerable<VerifierKey> keys)
    {
        var known = keys.ToList();
        if (Check(known) is { } wrong) return wrong;
        return signatures.Count == known.Count && known.All(key => signatures.Exists(s => s.Name == key.Name && s.KeyId == key.Id)) ? null
            : $"signed by others than its keys ({string.Join(", ", known.Select(k => $"`{k.Name}+{k.IdText}`"))})";
    }

    private static LedgerFormatException Malformed(string what) => new("the signed note " + what);
}
