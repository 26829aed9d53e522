using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Advisory.Ledgers;

/// <summary>A SHA-256 digest: 32 bytes, compared and printed as such.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>In bytes.</summary>
    public const int Length = 32;

    // Held as four words so that it compares and hashes fast; the bytes are those of memory, whatever the machine's byte order.
    private readonly ulong a, b, c, d;

    /// <summary>A digest from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length) throw new ArgumentException(FormattableString.Invariant($"a digest has 32 bytes, not {bytes.Length}"), nameof(bytes));
        this = MemoryMarshal.Read<Digest>(bytes);
    }

    /// <summary>SHA-256 of some bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes, hash);
        return new(hash);
    }

    /// <summary>The 32 bytes, without a copy.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => MemoryMarshal.AsBytes(new ReadOnlySpan<Digest>(in this));

    /// <summary>The 32 bytes, copied.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Standard base64, as notes and proofs write it.</summary>
    public string ToBase64() => Convert.ToBase64String(Span);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    /// <summary>Reads the 64 lower-case hexadecimal digits of <see cref="ToString"/>.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is not { Length: 2 * Length } || text.Any(c => !char.IsAsciiHexDigitLower(c))) return false;
        digest = new(Convert.FromHexString(text));
        return true;
    }

    /// <summary>Reads the form of <see cref="ToBase64"/>, and no other spelling of the same bytes.</summary>
    internal static bool TryParseBase64(string text, out Digest digest)
    {
        digest = default;
        if (!Base64.TryRead(text, out var bytes) || bytes.Length != Length) return false;
        digest = new(bytes);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Digest other) => a == other.a && b == other.b && c == other.c && d == other.d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => a.GetHashCode();

    /// <summary>Whether all 32 bytes are the same.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether any byte differs.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}

/// <summary>Base64 of RFC 4648, section 4, in its one spelling: no space, full padding, no stray bits.</summary>
/// <remarks>Convert.FromBase64String takes spaces and stray bits, so two texts would carry one signature.</remarks>
internal static class Base64
{
    public static bool TryRead(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return false;
        bytes = bytes[..length];
        return Convert.ToBase64String(bytes) == text;
    }
}
