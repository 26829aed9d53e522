using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Advisory.Ledgers.Notes;

/// <summary>A public key that verifies signed notes, in the form <c>name+hash+base64</c> of C2SP signed-note and Go's sumdb/note.</summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    private const byte Ed25519Type = 0x01;

    // SubjectPublicKeyInfo of RFC 8410 up to the 32 bytes of the key.
    private static readonly byte[] SpkiPrefix = Convert.FromHexString("302a300506032b6570032100");

    private readonly byte[] publicKey;

    internal VerifierKey(string name, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name)) throw new LedgerFormatException($"`{name}` is no name of a key; it must not be empty nor hold a space or a plus");
        (Name, this.publicKey, Id) = (name, publicKey.ToArray(), KeyId(name, publicKey));
    }

    /// <summary>The name in signature lines; the ledger's origin.</summary>
    public string Name { get; }

    /// <summary>The first four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key): tells keys of one name apart, proves nothing.</summary>
    public uint Id { get; }

    /// <summary><see cref="Id"/> as eight hexadecimal digits; the name of the key's file.</summary>
    public string IdText => Id.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>name+hash+base64(0x01 ‖ public key)</c>.</summary>
    /// <exception cref="LedgerFormatException">It is not in that form, or the hash is not that of the key.</exception>
    public static VerifierKey Parse(string text)
    {
        // The base64 may hold a plus too, the name and the hash may not.
        var parts = text.Trim().Split('+', 3);
        if (parts.Length < 3 || !IsName(parts[0]) || !Base64.TryRead(parts[2], out var bytes) || bytes.Length != 1 + Ed25519.KeyLength || bytes[0] != Ed25519Type)
            throw new LedgerFormatException($"`{text}` is no verifier key; one reads `name+hash+base64` with an Ed25519 key");
        var key = new VerifierKey(parts[0], bytes.AsSpan(1));
        return key.IdText == parts[1] ? key : throw new LedgerFormatException($"the hash in verifier key `{text}` should be `{key.IdText}`; was the key copied whole?");
    }

    /// <summary><c>name+hash+base64</c>.</summary>
    public override string ToString() => $"{Name}+{IdText}+{Convert.ToBase64String([Ed25519Type, .. publicKey])}";

    /// <summary>The key as SubjectPublicKeyInfo in PEM, for <c>openssl pkeyutl -verify -pubin</c>.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", [.. SpkiPrefix, .. publicKey]) + "\n";

    internal bool Verifies(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => Ed25519.Verify(publicKey, text, signature);

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) => other is not null && Name == other.Name && publicKey.AsSpan().SequenceEqual(other.publicKey);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Id;

    internal static bool IsName(string name) => name.Length is > 0 and <= 200 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c) || c == '+');

    private static uint KeyId(string name, ReadOnlySpan<byte> publicKey) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519Type, .. publicKey]));
}

/// <summary>The private half of a <see cref="VerifierKey"/>.</summary>
internal sealed class SigningKey : IDisposable
{
    // PrivateKeyInfo (PKCS#8) of RFC 8410 up to the 32 bytes of the seed.
    private static readonly byte[] Pkcs8Prefix = Convert.FromHexString("302e020100300506032b657004220420");

    private readonly byte[] seed;
    private readonly Ed25519.PrivateKey key;

    internal SigningKey(string name, ReadOnlySpan<byte> seed)
    {
        this.seed = seed.ToArray();
        key = Ed25519.PrivateKey.From(seed);
        Verifier = new(name, key.PublicKey());
    }

    public VerifierKey Verifier { get; }

    public static SigningKey Generate(string name) => new(name, RandomNumberGenerator.GetBytes(Ed25519.KeyLength));

    /// <exception cref="LedgerFormatException">No Ed25519 private key in unencrypted PKCS#8.</exception>
    public static SigningKey FromPem(string name, string pem)
    {
        if (PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == "PRIVATE KEY"
            && Base64.TryRead(string.Concat(pem[fields.Base64Data].Where(c => !char.IsWhiteSpace(c))), out var der)
            && der.Length == Pkcs8Prefix.Length + Ed25519.KeyLength && der.AsSpan().StartsWith(Pkcs8Prefix))
            return new(name, der.AsSpan(Pkcs8Prefix.Length));
        throw new LedgerFormatException("no Ed25519 private key in PEM (PKCS#8, not encrypted)");
    }

    public string ToPem() => PemEncoding.WriteString("PRIVATE KEY", [.. Pkcs8Prefix, .. seed]) + "\n";

    public byte[] Sign(ReadOnlySpan<byte> text) => key.Sign(text);

    public void Dispose()
    {
        key.Dispose();
        CryptographicOperations.ZeroMemory(seed);
    }
}
