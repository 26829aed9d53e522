using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>What the ledger's README tells people to do with other people's tools.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [OpenSslFact]
    public async Task The_script_of_the_README_checks_a_receipt_with_openssl_and_a_shell()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("src", "Advisory.Ledger", "README.md"));
        var start = readme.IndexOf("```bash\n", StringComparison.Ordinal) + "```bash\n".Length;
        var script = scratch.Beside("check");
        await File.WriteAllTextAsync(script, readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)]);

        var ledger = scratch.Open();
        await Task.WhenAll(ledger.AppendAll([.. Enumerable.Range(0, 12).Select(i => Scratch.Entry(i))]));
        await ledger.RotateKey(Scratch.Act);
        var (entry, receipt) = (scratch.Beside("entry.json"), scratch.Beside("receipt.tlog-proof"));
        foreach (var index in new[] { 0, 6, 12, 13 })
        {
            await File.WriteAllBytesAsync(entry, ledger.Find(index)!.Bytes.ToArray());
            await File.WriteAllTextAsync(receipt, ledger.Receipt(index).ToString());
            // Both keys signed the checkpoint of a rotation.
            foreach (var key in ledger.Keys)
            {
                var (code, output) = Check(key.Key.ToString());
                Assert.True(code == 0 && output.EndsWith($"entry {index} stands in a.example/ledger of 14 entries\n", StringComparison.Ordinal), output);
            }
        }

        var good = ledger.Keys[0].Key.ToString();
        await File.WriteAllBytesAsync(entry, ledger.Find(5)!.Bytes.ToArray());
        Assert.Equal(1, Check(good).Code);
        await File.WriteAllBytesAsync(entry, ledger.Find(13)!.Bytes.ToArray());
        Assert.Equal(0, Check(good).Code);
        await File.WriteAllTextAsync(receipt, ledger.Receipt(13).ToString().Replace("\n14\n", "\n15\n", StringComparison.Ordinal));
        Assert.NotEqual(0, Check(good).Code);
        using var stranger = Advisory.Ledgers.Notes.SigningKey.Generate("a.example/ledger");
        await File.WriteAllTextAsync(receipt, ledger.Receipt(13).ToString());
        Assert.Equal((1, "not signed by this key\n"), Check(stranger.Verifier.ToString()));

        (int Code, string Output) Check(string key) => Programs.Run("bash", script, receipt, entry, key);
    }

    [Fact]
    public async Task The_receipt_in_the_README_is_one()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("src", "Advisory.Ledger", "README.md"));
        var start = readme.IndexOf("c2sp.org/tlog-proof@v1\n", StringComparison.Ordinal);
        var receipt = Receipt.Parse(readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)]);
        using var key = new Advisory.Ledgers.Notes.SigningKey("a.example/ledger", new byte[32]);
        Assert.Null(receipt.Verify("""{"n":1}"""u8, key.Verifier));
    }
}
