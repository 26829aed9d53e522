using System.Buffers;
using System.Text;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine.Json;

/// <summary>
/// Writes canonical JSON (RFC 8785) straight into UTF-8, for forms whose members are known: the caller gives them in the order of their
/// names, which a test holds against <see cref="CanonicalJson"/>.
/// </summary>
internal sealed class CanonicalWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new(4 << 10);
    private readonly StringBuilder quoted = new();
    private bool follows; // whether the next value needs a comma before it

    public int Length => buffer.WrittenCount;

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    public ReadOnlySpan<byte> From(int start) => buffer.WrittenSpan[start..];

    public CanonicalWriter Open(char bracket)
    {
        Begin();
        Put((byte)bracket);
        follows = false;
        return this;
    }

    public CanonicalWriter Close(char bracket)
    {
        Put((byte)bracket);
        follows = true;
        return this;
    }

    /// <summary>The name of a member: plain ASCII without anything to escape.</summary>
    public CanonicalWriter Name(string name)
    {
        Begin();
        Put((byte)'"');
        Encoding.UTF8.GetBytes(name, buffer);
        Put((byte)'"');
        Put((byte)':');
        follows = false;
        return this;
    }

    public CanonicalWriter Text(string text)
    {
        Begin();
        quoted.Clear();
        CanonicalJson.Quote(text, quoted);
        foreach (var chunk in quoted.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, buffer);
        follows = true;
        return this;
    }

    public CanonicalWriter Number(long number)
    {
        Begin();
        number.TryFormat(buffer.GetSpan(20), out var written, provider: System.Globalization.CultureInfo.InvariantCulture);
        buffer.Advance(written);
        follows = true;
        return this;
    }

    public CanonicalWriter Value(JToken? value) => value switch
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
        Begin();
        buffer.Write(canonical);
        follows = true;
        return this;
    }

    private void Begin()
    {
        if (follows) Put((byte)',');
        follows = false;
    }

    private void Put(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }
}
