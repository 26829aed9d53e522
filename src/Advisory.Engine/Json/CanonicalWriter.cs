using System.Buffers;
using System.Text;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Json;

/// <summary>
/// Writes canonical JSON (RFC 8785) straight into UTF-8, for forms whose members are known: the caller gives them in the order of their
/// names, which a test holds against <see cref="CanonicalJson"/>.
/// </summary>
public sealed class CanonicalWriter
{
    // Characters that stand for themselves in a string, and for one byte.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', 0x7F - ' ').Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    private StringBuilder? quoted;
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(4 << 10);
    private bool follows; // whether the next value needs a comma before it

    /// <summary>How much is written, in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>What is written; nothing more can be.</summary>
    public byte[] Finish()
    {
        var written = bytes.AsSpan(0, Length).ToArray();
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        return written;
    }

    internal ReadOnlySpan<byte> From(int start) => bytes.AsSpan(start..Length);

    /// <summary>Begins an object with <c>{</c> or a list with <c>[</c>.</summary>
    public CanonicalWriter Open(char bracket)
    {
        Begin(1);
        Put((byte)bracket);
        follows = false;
        return this;
    }

    /// <summary>Ends an object with <c>}</c> or a list with <c>]</c>.</summary>
    public CanonicalWriter Close(char bracket)
    {
        Reserve(1);
        Put((byte)bracket);
        follows = true;
        return this;
    }

    /// <summary>The name of a member: plain ASCII without anything to escape.</summary>
    public CanonicalWriter Name(string name)
    {
        Quote(name);
        Put((byte)':');
        follows = false;
        return this;
    }

    /// <summary>A member that is a text, if there is one.</summary>
    public CanonicalWriter Optional(string name, string? text) => text is null ? this : Name(name).Text(text);

    /// <summary>A text as a value.</summary>
    public CanonicalWriter Text(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            Quote(text);
            return this;
        }

        (quoted ??= new()).Clear();
        CanonicalJson.Quote(text, quoted);
        Begin(quoted.Length * 3); // UTF-8 takes at most three bytes for a UTF-16 code unit
        foreach (var chunk in quoted.GetChunks()) Length += Encoding.UTF8.GetBytes(chunk.Span, bytes.AsSpan(Length));
        return this;
    }

    /// <summary>Text of plain ASCII without anything to escape.</summary>
    public CanonicalWriter Ascii(ReadOnlySpan<byte> text)
    {
        Begin(text.Length + 2);
        Put((byte)'"');
        Put(text);
        Put((byte)'"');
        return this;
    }

    /// <summary>A whole number of at most 15 digits.</summary>
    public CanonicalWriter Number(long number)
    {
        Begin(20);
        number.TryFormat(bytes.AsSpan(Length), out var written, provider: System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
        return this;
    }

    internal CanonicalWriter Value(JToken? value) => value switch
    {
        null or { Type: JTokenType.Null } => Raw("null"u8),
        { Type: JTokenType.Boolean } => Raw((bool)value ? "true"u8 : "false"u8),
        { Type: JTokenType.Integer } => Number((long)value),
        { Type: JTokenType.String } => Text((string)value!),
        _ => Raw(CanonicalJson.Bytes(value)),
    };

    /// <summary>A value that is canonical already.</summary>
    public CanonicalWriter Raw(ReadOnlySpan<byte> canonical)
    {
        Begin(canonical.Length);
        Put(canonical);
        return this;
    }

    // The name's closing colon has room too.
    private void Quote(string plain)
    {
        Begin(plain.Length + 3);
        Put((byte)'"');
        Length += Encoding.ASCII.GetBytes(plain, bytes.AsSpan(Length));
        Put((byte)'"');
    }

    /// <summary>Begins a value that takes at most so many bytes, behind the comma that it may need.</summary>
    private void Begin(int length)
    {
        Reserve(length + 1);
        if (follows) Put((byte)',');
        follows = true;
    }

    private void Reserve(int length)
    {
        if (bytes.Length - Length >= length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, Length + length));
        bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }

    private void Put(byte value) => bytes[Length++] = value;

    private void Put(ReadOnlySpan<byte> values)
    {
        values.CopyTo(bytes.AsSpan(Length));
        Length += values.Length;
    }
}
