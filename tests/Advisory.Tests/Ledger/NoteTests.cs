using System.Numerics;
using System.Security.Cryptography;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Tests.Ledgers;

public sealed class NoteTests
{
    /// <summary>RFC 8032, section 7.1: tests 1, 2 and 3, and 1024 cut to what it says of long messages.</summary>
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Ed25519_gives_the_published_signatures(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519.PrivateKey.From(Convert.FromHexString(seed));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey()));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))));
        Assert.True(Ed25519.Verify(key.PublicKey(), Convert.FromHexString(message), Convert.FromHexString(signature)));
    }

    [Fact]
    public void A_signature_with_any_bit_turned_over_is_refused()
    {
        using var key = Ed25519.PrivateKey.From(new byte[32]);
        var (message, publicKey) = ("message"u8.ToArray(), key.PublicKey());
        var signature = key.Sign(message);
        for (var bit = 0; bit < 8 * signature.Length; bit++) Assert.False(Ed25519.Verify(publicKey, message, Turned(signature, bit)), $"bit {bit} of the signature");
        for (var bit = 0; bit < 8 * message.Length; bit++) Assert.False(Ed25519.Verify(publicKey, Turned(message, bit), signature), $"bit {bit} of the message");
        for (var bit = 0; bit < 8 * publicKey.Length; bit++) Assert.False(Ed25519.Verify(Turned(publicKey, bit), message, signature), $"bit {bit} of the key");
        Assert.False(Ed25519.Verify(publicKey, message, signature.AsSpan(0, 63)));
        Assert.False(Ed25519.Verify(publicKey, message, [.. signature, 0]));
        Assert.False(Ed25519.Verify(publicKey, message, []));
        Assert.False(Ed25519.Verify([], message, signature));
    }

    /// <summary>S and S + L satisfy the same equation; RFC 8032 asks to refuse the second, or each note would have several signatures.</summary>
    [Fact]
    public void A_signature_has_no_second_form()
    {
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        using var key = Ed25519.PrivateKey.From(new byte[32]);
        var signature = key.Sign("message"u8);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        var second = new byte[32];
        Assert.True(s.TryWriteBytes(second, out _, isUnsigned: true));
        Assert.False(Ed25519.Verify(key.PublicKey(), "message"u8, [.. signature[..32], .. second]));
    }

    [Fact]
    public void A_missing_libcrypto_is_named_with_how_to_get_it()
    {
        var error = Assert.Throws<LedgerKeyException>(() => Ed25519.Load(["libnothing.so.9"]));
        Assert.StartsWith("OpenSSL's libcrypto, which signs and verifies checkpoints, was not found (looked for `libnothing.so.9`); install OpenSSL 3: `libssl3` on Debian", error.Message, StringComparison.Ordinal);
    }

    // The example of Go's golang.org/x/mod/sumdb/note, which every implementation of the format tests against.
    private const string PeterSeed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private const string PeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string PeterLine = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    [Fact]
    public void A_note_is_signed_and_verified_as_Go_does_it()
    {
        using var key = new SigningKey("PeterNeumann", Convert.FromBase64String(PeterSeed).AsSpan(1));
        Assert.Equal(PeterKey, key.Verifier.ToString());
        Assert.Equal(key.Verifier, VerifierKey.Parse(PeterKey));
        Assert.Equal(PeterText + "\n" + PeterLine, SignedNote.Sign(PeterText, key).ToString());
        var note = SignedNote.Parse(PeterText + "\n" + PeterLine);
        Assert.Equal(PeterText, note.Text);
        Assert.Null(note.Check([VerifierKey.Parse(PeterKey)]));
    }

    [Fact]
    public void A_note_counts_only_with_a_known_key_and_unknown_lines_do_no_harm()
    {
        using var other = new SigningKey("EnochRoot", new byte[32]);
        using var namesake = new SigningKey("PeterNeumann", new byte[32]);
        var peter = VerifierKey.Parse(PeterKey);
        var note = PeterText + "\n" + PeterLine;
        Assert.Equal("no signature of a known key (`EnochRoot+" + other.Verifier.IdText + "`); signed by `PeterNeumann+c74f20a3`", SignedNote.Parse(note).Check([other.Verifier]));
        Assert.NotNull(SignedNote.Parse(note).Check([namesake.Verifier]));
        Assert.NotNull(SignedNote.Parse(note).Check([]));

        var both = note + SignedNote.Sign(PeterText, other).ToString()[(PeterText.Length + 1)..];
        Assert.Null(SignedNote.Parse(both).Check([peter]));
        Assert.Null(SignedNote.Parse(both).Check([other.Verifier]));
        Assert.Null(SignedNote.Parse(both).Check([peter, other.Verifier]));

        // One good line does not save a note on which another known key's line is wrong.
        var forged = note + SignedNote.Sign("another text\n", other).ToString()["another text\n\n".Length..];
        Assert.Null(SignedNote.Parse(forged).Check([peter]));
        Assert.Equal("the signature of key `EnochRoot+" + other.Verifier.IdText + "` is not one over this text", SignedNote.Parse(forged).Check([peter, other.Verifier]));
    }

    [Theory]
    [InlineData("text\n", "the signed note has no empty line before its signatures, or does not end in a newline")]
    [InlineData("text\n\n" + PeterKey, "the signed note has no empty line before its signatures, or does not end in a newline")]
    [InlineData("text\n\n", "the signed note has no signature")]
    [InlineData("text\r\n\r\n— a AAAAAAA=\r\n", "the signed note holds a control character; was it saved with Windows line ends?")]
    [InlineData("text\n\n- a AAAAAAA=\n", "the signed note has a signature line that is none: `- a AAAAAAA=`")]
    [InlineData("text\n\n— a+b AAAAAAA=\n", "the signed note has a signature line that is none: `— a+b AAAAAAA=`")]
    [InlineData("text\n\n— a AAAAAAB=\n", "the signed note has a signature line that is none: `— a AAAAAAB=`")]
    [InlineData("text\n\n— a AAAA\n", "the signed note has a signature line that is none: `— a AAAA`")]
    [InlineData("text\n\n— a  AAAAAAA=\n", "the signed note has a signature line that is none: `— a  AAAAAAA=`")]
    public void A_malformed_note_is_refused(string note, string message) =>
        Assert.Equal(message, Assert.Throws<LedgerFormatException>(() => SignedNote.Parse(note)).Message);

    [Theory]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "the hash in verifier key `PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW` should be `c74f20a3`; was the key copied whole?")]
    [InlineData("PeterNeumann+c74f20a3", "`PeterNeumann+c74f20a3` is no verifier key; one reads `name+hash+base64` with an Ed25519 key")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "`Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW` is no verifier key; one reads `name+hash+base64` with an Ed25519 key")]
    [InlineData("PeterNeumann+c74f20a3+AhpcAA==", "`PeterNeumann+c74f20a3+AhpcAA==` is no verifier key; one reads `name+hash+base64` with an Ed25519 key")]
    public void A_malformed_verifier_key_is_refused(string key, string message) =>
        Assert.Equal(message, Assert.Throws<LedgerFormatException>(() => VerifierKey.Parse(key)).Message);

    [Fact]
    public void A_private_key_survives_its_file_and_no_other_pem_is_taken_for_one()
    {
        using var key = SigningKey.Generate("a.example/ledger");
        using var again = SigningKey.FromPem("a.example/ledger", key.ToPem());
        Assert.Equal(key.Verifier, again.Verifier);
        Assert.Equal(key.Sign("x"u8), again.Sign("x"u8));

        using var ecdsa = ECDsa.Create();
        foreach (var pem in new[] { "", "nothing", key.Verifier.ToPem(), ecdsa.ExportPkcs8PrivateKeyPem(), key.ToPem()[..60] })
            Assert.Throws<LedgerFormatException>(() => SigningKey.FromPem("a.example/ledger", pem));
    }

    [Fact]
    public void A_checkpoint_reads_as_the_specification_writes_it()
    {
        using var key = SigningKey.Generate("example.com/behind-the-sofa");
        var root = new Digest(Convert.FromBase64String("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="));
        var checkpoint = Checkpoint.Sign("example.com/behind-the-sofa", 20852163, root, key);
        Assert.Equal("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", checkpoint.Text);
        Assert.StartsWith(checkpoint.Text + "\n— example.com/behind-the-sofa ", checkpoint.Note, StringComparison.Ordinal);

        // The example of the specification itself; its key is not published.
        var published = Checkpoint.Parse(checkpoint.Text + "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n");
        Assert.Equal(("example.com/behind-the-sofa", 20852163L, root), (published.Origin, published.Size, published.Root));
        Assert.Null(checkpoint.Verify(key.Verifier));
        Assert.NotNull(published.Verify(key.Verifier));
    }

    [Theory]
    [InlineData("a\n1\n\n— a AAAAAAA=\n", "the checkpoint has not the three lines origin, size and root")]
    [InlineData("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n", "the checkpoint has not the three lines origin, size and root")]
    [InlineData("a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n", "`01` is no size of a tree")]
    [InlineData("a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n", "`-1` is no size of a tree")]
    [InlineData("a\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAA=\n", "`9223372036854775808` is no size of a tree")]
    [InlineData("a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n— a AAAAAAA=\n", "`CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=` is no root hash (32 bytes in base64)")]
    [InlineData("a\n1\nAAAA\n\n— a AAAAAAA=\n", "`AAAA` is no root hash (32 bytes in base64)")]
    public void A_malformed_checkpoint_is_refused(string note, string message) =>
        Assert.Equal(message, Assert.Throws<LedgerFormatException>(() => Checkpoint.Parse(note)).Message);

    [Fact]
    public void A_checkpoint_of_another_origin_does_not_verify_though_its_signer_is_known()
    {
        using var key = SigningKey.Generate("a.example/ledger");
        var note = SignedNote.Sign("b.example/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", key).ToString();
        Assert.NotNull(Checkpoint.Parse(note).Verify(key.Verifier));
    }

    /// <summary>What the README tells an auditor to do with a checkpoint and a verifier key, done here with the openssl program alone.</summary>
    [OpenSslFact]
    public void Openssl_alone_verifies_a_checkpoint()
    {
        using var folder = new ScratchFolder();
        using var key = SigningKey.Generate("a.example/ledger");
        var checkpoint = Checkpoint.Sign("a.example/ledger", 5, Digest.Of("root"u8), key);

        // sed '/^$/,$d' checkpoint > text; the last line's third word, without its first four bytes, is the signature.
        var text = folder.Write("text", checkpoint.Note[..(checkpoint.Note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
        var signature = Path.Combine(folder.Path, "signature");
        File.WriteAllBytes(signature, Convert.FromBase64String(checkpoint.Note.TrimEnd('\n').Split(' ')[^1])[4..]);
        // SubjectPublicKeyInfo is a fixed prefix before the last 32 of the 33 bytes of the verifier key's base64.
        var der = Path.Combine(folder.Path, "key.der");
        File.WriteAllBytes(der, [.. Convert.FromHexString("302a300506032b6570032100"), .. Convert.FromBase64String(key.Verifier.ToString().Split('+', 3)[2])[1..]]);
        var pem = folder.Write("key.pem", key.Verifier.ToPem());

        foreach (var keyFile in new[] { new[] { "-keyform", "DER", "-inkey", der }, ["-inkey", pem] })
        {
            var (code, output) = Programs.Run("openssl", ["pkeyutl", "-verify", "-pubin", .. keyFile, "-rawin", "-in", text, "-sigfile", signature]);
            Assert.True(code == 0 && output.Contains("Signature Verified Successfully", StringComparison.Ordinal), output);
        }

        folder.Write("text", checkpoint.Text.Replace("\n5\n", "\n6\n", StringComparison.Ordinal));
        Assert.NotEqual(0, Programs.Run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin", "-in", text, "-sigfile", signature).Code);

        // And it reads the private key's file.
        var (read, about) = Programs.Run("openssl", "pkey", "-noout", "-text", "-in", folder.Write("private.pem", key.ToPem()));
        Assert.True(read == 0 && about.Contains("ED25519 Private-Key", StringComparison.Ordinal), about);
    }

    private static byte[] Turned(byte[] bytes, int bit)
    {
        var turned = (byte[])bytes.Clone();
        turned[bit / 8] ^= (byte)(1 << (bit % 8));
        return turned;
    }
}
