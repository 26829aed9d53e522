using System.Buffers;
using System.Text;
using Advisory.Host.Service;
using FsCheck.Fluent;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

public sealed class Utf8WriterTests
{
    [Theory]
    [InlineData("""{"a":[],"b":{},"c":[1,-2,9223372036854775807,true,false,null,"x"],"d":{"e":[{"f":[[]]}]}}""")]
    [InlineData("""{"decimal":1.50,"large":123456789012345.0,"small":-0.000001,"exponent":1e-7}""")]
    [InlineData("\"one value, no object\"")]
    [InlineData("[]")]
    public void What_is_written_is_what_a_text_writer_writes(string json) => Same(Read(json));

    [Theory]
    [InlineData("geïnformeerd, een „no-go”, 日本語, <b>&amp;'+", "\"geïnformeerd, een „no-go”, 日本語, <b>&amp;'+\"")]
    [InlineData("a \"quote\", a \\ and a / ", "\"a \\\"quote\\\", a \\\\ and a / \"")]
    [InlineData("\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\"")]
    public void Only_what_must_be_is_escaped(string text, string written) => Assert.Equal(written, Written(new JValue(text)));

    [Fact]
    public void Any_text_comes_back() => FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(new FsCheck.Replay(new FsCheck.Rnd(2026, 25), null)), Prop.ForAll<string?>(drawn =>
    {
        var text = new string([.. (drawn ?? "").Where(c => !char.IsSurrogate(c))]) + "😀"; // whole characters, as every text that was read
        return (string?)Read(Written(new JObject { [text] = text }))[text] == text;
    }));

    [Fact]
    public void Every_kind_of_value_is_written()
    {
        var id = new Guid("0198a1b2-0000-7000-8000-000000000001");
        var written = Written(json =>
        {
            json.WriteStartArray();
            json.WriteValue((byte)1);
            json.WriteValue((sbyte)-1);
            json.WriteValue((short)-2);
            json.WriteValue((ushort)2);
            json.WriteValue(3u);
            json.WriteValue(ulong.MaxValue);
            json.WriteValue(1.5f);
            json.WriteValue(0.1);
            json.WriteValue(2.50m);
            json.WriteValue('c');
            json.WriteValue(id);
            json.WriteValue(TimeSpan.FromMinutes(90));
            json.WriteValue(new DateTimeOffset(2026, 1, 24, 12, 0, 0, TimeSpan.Zero));
            json.WriteValue(new DateTime(2026, 1, 24, 12, 0, 0, DateTimeKind.Utc));
            json.WriteValue(new byte[] { 1, 2, 3 });
            json.WriteValue(new Uri("https://example.org/a?b=c"));
            json.WriteValue((int?)null);
            json.WriteRawValue("""{"raw":1}""");
            json.WriteValue((object)7L);
            json.WriteEndArray();
        });
        Assert.Equal(
            """[1,-1,-2,2,3,18446744073709551615,1.5,0.1,2.50,"c","0198a1b2-0000-7000-8000-000000000001","01:30:00","2026-01-24T12:00:00.0000000+00:00","2026-01-24T12:00:00.0000000Z","AQID","https://example.org/a?b=c",null,{"raw":1},7]""",
            written);
    }

    [Fact]
    public void What_JSON_does_not_have_is_refused()
    {
        Assert.Throws<NotSupportedException>(() => Written(json => json.WriteComment("x")));
        Assert.Throws<NotSupportedException>(() => Written(json => json.WriteUndefined()));
        Assert.Throws<NotSupportedException>(() => Written(json => json.WriteStartConstructor("Date")));
        Assert.Throws<JsonWriterException>(() => Written(json => json.WriteEndObject()));
    }

    private static void Same(JToken token) => Assert.Equal(token.ToString(Formatting.None), Written(token));

    private static string Written(JToken token) => Written(json => token.WriteTo(json));

    private static string Written(Action<JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8Writer(bytes)) write(json);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static JToken Read(string json)
    {
        using var reader = new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        return JToken.Load(reader);
    }
}
