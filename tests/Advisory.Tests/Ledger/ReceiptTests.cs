using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Tree;

namespace Advisory.Tests.Ledgers;

public sealed class ReceiptTests
{
    private static readonly SigningKey Key = new("a.example/ledger", new byte[32]);
    private static readonly byte[][] Entries = [.. Enumerable.Range(0, 5).Select(i => Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""))];

    private static Receipt Of(int index)
    {
        var (edge, nodes) = (new Edge(), new Dictionary<Node, Digest>());
        for (var i = 0; i < Entries.Length; i++)
        {
            nodes.Add(new(0, i), MerkleTree.Leaf(Entries[i]));
            edge.Append(MerkleTree.Leaf(Entries[i]), nodes.Add);
        }

        return new(index, MerkleTree.Leaf(Entries[index]), MerkleTree.Inclusion(index, 5, asked => [.. asked.Select(node => nodes[node])]), Checkpoint.Sign("a.example/ledger", 5, edge.Root, Key));
    }

    /// <summary>The format is normative: a receipt kept in a file must read the same for ever.</summary>
    [Fact]
    public void The_text_is_a_C2SP_proof_to_the_byte()
    {
        const string Text =
            """
            c2sp.org/tlog-proof@v1
            extra +12T5s+QvJRwzZ6p2eEjSJk9s+hUqyt2YONZR2cEX2w=
            index 1
            +UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY=
            EmBS23eYJA5jpYSHo70DmnfWBaaiGPlHC1gu0eSQESE=
            Z8vzSda05Mr0MKlnUcpTIhRBTC+Mn3xWervD5S8t85E=

            a.example/ledger
            5
            h9UMXqS06cZqY1DcnPgMhWQabcLU6G++7tynUvpM20w=

            — a.example/ledger k+XL8A3hiUZtznDaHvOKkvZOwJkm1fZxPnHHsIelhHQcTkiYEnR+QzjotkP3v7mYgclPpLt2Sl62dSJISM+8WN7VGAQ=

            """;
        Assert.Equal(Text, Of(1).ToString());
        Assert.Equal(Text, Receipt.Parse(Text).ToString());
    }

    [Fact]
    public void A_receipt_is_good_for_its_own_entry_and_no_other()
    {
        for (var i = 0; i < Entries.Length; i++)
        {
            var receipt = Receipt.Parse(Of(i).ToString());
            Assert.Equal(i, receipt.Index);
            Assert.Null(receipt.Verify(Key.Verifier));
            for (var other = 0; other < Entries.Length; other++)
                Assert.Equal(other == i ? null : "the receipt is for other bytes than these", receipt.Verify(Entries[other], Key.Verifier)?.Text);
        }
    }

    [Fact]
    public void Every_changed_bit_of_a_receipt_is_noticed()
    {
        var text = Encoding.UTF8.GetBytes(Of(3).ToString());
        for (var bit = 0; bit < 8 * text.Length; bit++)
        {
            var changed = (byte[])text.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(Refused(changed), $"bit {bit % 8} of byte {bit / 8}: {Encoding.UTF8.GetString(changed)}");
        }

        static bool Refused(byte[] text)
        {
            try
            {
                return Receipt.Parse(new UTF8Encoding(false, true).GetString(text)).Verify(Entries[3], Key.Verifier) is not null;
            }
            catch (Exception error) when (error is LedgerFormatException or DecoderFallbackException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void A_receipt_under_another_key_is_refused_with_both_keys_named()
    {
        using var other = new SigningKey("a.example/ledger", [.. Enumerable.Repeat((byte)1, 32)]);
        Assert.Equal(
            $"entry 2: checkpoint of size 5: no signature of a known key (`a.example/ledger+{other.Verifier.IdText}`); signed by `a.example/ledger+{Key.Verifier.IdText}`",
            Of(2).Verify(Entries[2], other.Verifier)?.ToString());
        Assert.NotNull(Of(2).Verify(Entries[2]));
    }

    [Fact]
    public void A_proof_to_another_root_or_of_an_entry_beyond_the_checkpoint_is_refused()
    {
        var good = Of(2);
        Assert.Equal("the receipt's proof does not lead to the root of its checkpoint", new Receipt(3, good.LeafHash, good.Proof, good.Checkpoint).Verify(Key.Verifier)?.Text);
        Assert.Equal("the receipt's proof does not lead to the root of its checkpoint", new Receipt(2, good.LeafHash, [.. good.Proof.Skip(1)], good.Checkpoint).Verify(Key.Verifier)?.Text);
        Assert.Equal("the receipt's checkpoint covers only 5 entries", new Receipt(5, good.LeafHash, good.Proof, good.Checkpoint).Verify(Key.Verifier)?.Text);
    }

    [Theory]
    [InlineData("", "the receipt does not begin with the lines `c2sp.org/tlog-proof@v1`, `extra …` and `index …`")]
    [InlineData("c2sp.org/tlog-proof@v2\nextra AA==\nindex 0\n\n", "the receipt does not begin with the lines `c2sp.org/tlog-proof@v1`, `extra …` and `index …`")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n\n", "the receipt has no leaf hash in its second line, `extra …`")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nindex 00\n\n", "the receipt has no index in its third line, `index …`")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nindex 0\nAAAA\n\n", "the receipt has a proof line that is no hash: `AAAA`")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nindex 0\n\n", "the signed note has no empty line before its signatures, or does not end in a newline")]
    public void A_malformed_receipt_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<LedgerFormatException>(() => Receipt.Parse(text)).Message);
}
