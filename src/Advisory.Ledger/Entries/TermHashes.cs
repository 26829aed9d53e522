using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Advisory.Ledgers;

/// <summary>A hash of each term of an entry: shows surely that the entry lacks a term, and all but surely that it has one.</summary>
/// <remarks>
/// One row of an entry in place of one row a term, so that writing it costs next to nothing and finding passes over the entries: a signature
/// file (C. Faloutsos, S. Christodoulakis, ACM Transactions on Office Information Systems 2(4), 1984). Its form is in README.md, section 5.
/// </remarks>
public sealed class TermHashes
{
    private const int SumLength = sizeof(uint);

    private readonly byte[] stored;

    internal TermHashes(byte[] stored) => this.stored = stored;

    /// <summary>Whether the entry has this term; of four thousand million terms that it lacks, about one is taken for each that it has.</summary>
    public bool Holds(Label term) => Holds(stored, [Hash(term)]);

    /// <summary>As it is stored, in hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(stored);

    /// <summary>The hashes of the terms, distinct and ascending, and the CRC-32C of them all.</summary>
    internal static byte[] Of(IReadOnlyList<Label> terms)
    {
        Span<uint> hashes = terms.Count <= 256 ? stackalloc uint[terms.Count] : new uint[terms.Count];
        for (var i = 0; i < terms.Count; i++) hashes[i] = Hash(terms[i]);
        hashes.Sort();
        var distinct = 0;
        foreach (var hash in hashes)
            if (distinct == 0 || hashes[distinct - 1] != hash) hashes[distinct++] = hash;

        var stored = new byte[distinct * sizeof(uint) + SumLength];
        for (var i = 0; i < distinct; i++) BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(i * sizeof(uint)), hashes[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(^SumLength..), Crc(stored.AsSpan(..^SumLength)));
        return stored;
    }

    /// <summary>Whether it is as <see cref="Of"/> made it, for all that can be seen.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> stored) =>
        stored.Length >= SumLength && stored.Length % sizeof(uint) == 0 && Crc(stored[..^SumLength]) == BinaryPrimitives.ReadUInt32LittleEndian(stored[^SumLength..]);

    /// <summary>Whether all of these hashes are in it.</summary>
    internal static bool Holds(ReadOnlySpan<byte> stored, ReadOnlySpan<uint> hashes)
    {
        var held = MemoryMarshal.Cast<byte, uint>(stored[..Math.Max(0, stored.Length - SumLength)]);
        foreach (var hash in hashes)
            if (!held.Contains(BitConverter.IsLittleEndian ? hash : BinaryPrimitives.ReverseEndianness(hash))) return false;
        return true;
    }

    /// <summary>The CRC-32C of <c>name=value</c> in UTF-8.</summary>
    internal static uint Hash(Label term)
    {
        var length = Encoding.UTF8.GetMaxByteCount(term.Name.Length) + 1 + Encoding.UTF8.GetMaxByteCount(term.Value.Length);
        Span<byte> text = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        var end = Encoding.UTF8.GetBytes(term.Name, text);
        text[end++] = (byte)'=';
        end += Encoding.UTF8.GetBytes(term.Value, text[end..]);
        return Crc(text[..end]);
    }

    /// <summary>CRC-32C as in RFC 3720, 12.1; of <c>123456789</c> it is E3069283.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
