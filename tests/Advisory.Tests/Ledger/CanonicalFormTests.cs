using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Advisory.Ledgers.Entries;

namespace Advisory.Tests.Ledgers;

/// <summary>RFC 8785 as the ledger checks it, with the numbers that our own scenarios do not allow.</summary>
public sealed class CanonicalFormTests
{
    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}""")]
    // The RFC's own examples, sections 3.2.2 and 3.2.3.
    [InlineData("""{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""")]
    [InlineData("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    [InlineData("{\"\\n\":\"Newline\",\"\\r\":\"Carriage Return\",\"1\":\"One\",\"</script>\":\"Browser Challenge\",\"\u0080\":\"Control\u007f\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😂\":\"Smiley\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    [InlineData("{\"peach\":\"sorting order\",\"péché\":\"is wrong according to French\",\"pêche\":\"but canonicalization MUST\",\"sin\":\"ignore locale\"}")]
    [InlineData("{\"Unnormalized Unicode\":\"A\u030A\"}")]
    [InlineData("""{"n":[0,-1,999999999999999,-999999999999999,9007199254740992,1e+21,100000000000000000000,0.000001,1e-7,5e-324,1.7976931348623157e+308]}""")]
    public void Published_canonical_forms_are_taken(string json) => Assert.Null(Problem(json));

    [Theory]
    [InlineData("", "it is no JSON object")]
    [InlineData("[]", "it is no JSON object")]
    [InlineData("\"text\"", "it is no JSON object")]
    [InlineData(" {}", "it is no JSON object")]
    [InlineData("{} ", "something follows the object (at byte 2)")]
    [InlineData("{}\n", "something follows the object (at byte 2)")]
    [InlineData("{", "the object is not complete (at byte 1)")]
    [InlineData("{\"a\":1", "the object is not complete (at byte 6)")]
    [InlineData("{\"a\"", "the object is not complete (at byte 4)")]
    [InlineData("{\"a", "the object is not complete (at byte 3)")]
    [InlineData("{\"a\":[1,", "the object is not complete (at byte 8)")]
    [InlineData("{\"a\": 1}", "a JSON value expected (at byte 5)")]
    [InlineData("{\"a\" :1}", "`:` expected; canonical JSON has no spaces (at byte 4)")]
    [InlineData("{\"a\":1,}", "`\"` expected; canonical JSON has no spaces (at byte 7)")]
    [InlineData("{\"a\":[1 ,2]}", "`,` expected; canonical JSON has no spaces (at byte 7)")]
    [InlineData("{\"b\":1,\"a\":2}", "the members are not in order (of UTF-16 code units) (at byte 7)")]
    [InlineData("{\"a\":1,\"a\":2}", "a member stands twice (at byte 7)")]
    [InlineData("{\"\uFB33\":1,\"😀\":2}", "the members are not in order (of UTF-16 code units) (at byte 9)")]
    [InlineData("{\"a\":\"\\/\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\\u0041\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\\u000A\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\\u000a\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\\u001F\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\\ud800\"}", "an escape that canonical JSON does not use (at byte 6)")]
    [InlineData("{\"a\":\"\n\"}", "a control character stands in a text (at byte 6)")]
    [InlineData("{\"a\":tru}", "a JSON value expected (at byte 5)")]
    [InlineData("{\"a\":NaN}", "a JSON value expected (at byte 5)")]
    [InlineData("{\"a\":01}", "`01` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":-0}", "`-0` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":1.0}", "`1.0` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":1E5}", "`1E5` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":1e21}", "`1e21` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":+1}", "`+1` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":.5}", "`.5` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":-}", "`-` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":1e999}", "`1e999` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":9007199254740993}", "`9007199254740993` is not the canonical form of a number (at byte 5)")]
    [InlineData("{\"a\":1000000000000000000000}", "`1000000000000000000000` is not the canonical form of a number (at byte 5)")]
    public void Anything_else_is_refused_with_its_place(string json, string problem) => Assert.Equal(problem, Problem(json));

    [Fact]
    public void Invalid_UTF_8_and_deep_nesting_are_refused()
    {
        Assert.Equal("it is not valid UTF-8", CanonicalForm.Problem([(byte)'{', 0xC3, (byte)'}'], out _));
        Assert.Equal("it is not valid UTF-8", CanonicalForm.Problem([(byte)'{', (byte)'"', 0xED, 0xA0, 0x80, (byte)'"', (byte)':', (byte)'1', (byte)'}'], out _));
        Assert.Null(Problem("{\"a\":" + new string('[', 63) + new string(']', 63) + "}"));
        Assert.Equal("it is nested too deeply (at byte 68)", Problem("{\"a\":" + new string('[', 100_000)));
    }

    [Fact]
    public void Schema_and_kind_are_those_at_the_top()
    {
        Assert.Null(CanonicalForm.Problem("""{"a":{"kind":"inner"},"kind":"o\"uter","schema":"s/v1","z":[{"kind":"x"}]}"""u8, out var head));
        Assert.Equal(new CanonicalForm.Head("s/v1", "o\"uter", null), head);
        Assert.Null(CanonicalForm.Problem("""{"kind":1,"schema":{"kind":"x"}}"""u8, out head));
        Assert.Equal(default, head);
        Assert.Null(CanonicalForm.Problem("""{"a":{"attachments":["no"]},"attachments":["one",2,["no"],{"attachments":"no"},"tw\no"]}"""u8, out head));
        Assert.Equal(["one", "tw\no"], head.Attachments);
    }

    [Fact]
    public void The_first_hundred_thousand_numbers_of_the_published_corpus_are_written_to_the_byte() =>
        Assert.Equal("22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7", Corpus(100_000));

    [HeavyFact]
    public void The_first_million_numbers_of_the_published_corpus_are_written_to_the_byte() =>
        Assert.Equal("49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16", Corpus(1_000_000));

    /// <summary>SHA-256 of the first lines <c>bits,number</c>; how the numbers come about is published with the digests.</summary>
    private static string Corpus(int lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var bits in Numbers().Take(lines))
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{bits:x},{EcmaScriptNumber.Write(BitConverter.UInt64BitsToDouble(bits))}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Chosen edge cases, the 2,000 smallest normal numbers, then the finite doubles in a chain of SHA-256 that begins with 32 zeros.</summary>
    private static IEnumerable<ulong> Numbers()
    {
        foreach (var line in File.ReadLines(Repository.PathOf("tests", "Advisory.Tests", "Ledger", "es6-numbers.txt")))
            yield return ulong.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        for (var i = 0UL; i < 2_000; i++) yield return 0x0010000000000000 + i;
        for (var block = SHA256.HashData(new byte[32]); ; block = SHA256.HashData(block))
        {
            for (var i = 0; i < 32; i += 8)
            {
                var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(i));
                var value = BitConverter.UInt64BitsToDouble(bits);
                if (value != 0 && double.IsFinite(value)) yield return bits;
            }
        }
    }

    private static string? Problem(string json) => CanonicalForm.Problem(Encoding.UTF8.GetBytes(json), out _);
}
