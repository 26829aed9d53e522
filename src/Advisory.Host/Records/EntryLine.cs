using System.Buffers;
using System.Text.Json;
using Advisory.Ledgers;

namespace Advisory.Host.Records;

/// <summary>An entry as a line of JSON Lines, <c>{"index":…,"entry":…}</c>: the entry byte for byte as it is hashed.</summary>
internal static class EntryLine
{
    public static void Write(IBufferWriter<byte> lines, Entry entry)
    {
        lines.Write("{\"index\":"u8);
        System.Buffers.Text.Utf8Formatter.TryFormat(entry.Index, lines.GetSpan(20), out var digits);
        lines.Advance(digits);
        lines.Write(",\"entry\":"u8);
        lines.Write(entry.Bytes.Span);
        lines.Write("}\n"u8);
    }

    /// <summary>The entry, with the leaf hash that its bytes have; null where the line is none.</summary>
    public static Entry? Read(byte[] line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!(reader.Read() && reader.Read() && reader.ValueTextEquals("index") && reader.Read())) return null;
            var index = reader.GetInt64();
            if (!(reader.Read() && reader.ValueTextEquals("entry") && reader.Read())) return null;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var bytes = line[start..(int)reader.BytesConsumed];
            return new(index, bytes, Entry.LeafHashOf(bytes));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
