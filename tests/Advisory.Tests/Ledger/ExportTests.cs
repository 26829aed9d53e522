using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Tests.Ledgers;

public sealed class ExportTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    private async Task<Ledger> Some()
    {
        var ledger = scratch.Open();
        await Task.WhenAll(ledger.AppendAll([.. Enumerable.Range(0, 12).Select(i => new NewEntry { Bytes = Encoding.UTF8.GetBytes($$"""{"n":{{i}},"text":"é \" \\ 😀 {{i}}"}""") })]));
        await ledger.RotateKey(Scratch.Act);
        return ledger;
    }

    private static string Export(Ledger ledger, params long[]? indexes)
    {
        using var output = new MemoryStream();
        LedgerExport.Write(ledger, indexes, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static ExportVerification Verify(string export, params IEnumerable<VerifierKey> keys)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(export));
        return LedgerExport.Verify(input, keys);
    }

    [Fact]
    public async Task An_export_is_checked_without_the_ledger()
    {
        var ledger = await Some();
        var export = Export(ledger, indexes: null);
        var key = ledger.Keys[0].Key;
        scratch.CloseAll();
        var verification = Verify(export, key);
        Assert.Empty(verification.Faults);
        Assert.True(verification.IsComplete);
        Assert.Equal((14, 14), (verification.Entries, verification.Checkpoint!.Size));

        // The bytes stand in the lines as they were appended.
        Assert.StartsWith("""{"entry":{"n":0,"text":"é \" \\ 😀 0"},"index":1,"proof":[""", export.Split('\n')[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selection_is_good_but_not_complete()
    {
        var ledger = await Some();
        var verification = Verify(Export(ledger, 7, 3), ledger.Keys[1].Key);
        Assert.Empty(verification.Faults);
        Assert.False(verification.IsComplete);
        Assert.Equal(2, verification.Entries);
        Assert.Throws<ArgumentOutOfRangeException>(() => Export(ledger, 14));
        var lines = Export(ledger, indexes: null).Split('\n');
        Assert.False(Verify(string.Join('\n', lines[..^2]) + "\n", ledger.Keys[1].Key).IsComplete);
        Assert.False(Verify(string.Join('\n', [lines[0], lines[2], lines[1], .. lines[3..]]), ledger.Keys[1].Key).IsComplete);
    }

    [Fact]
    public async Task Whatever_is_changed_in_an_export_is_found_with_its_line()
    {
        var ledger = await Some();
        var export = Export(ledger, indexes: null);
        var key = ledger.Keys[0].Key;
        using var stranger = SigningKey.Generate(ledger.Origin);

        Assert.Equal("entry 4: its bytes and proof do not lead to the root of the checkpoint (line 6)", Fault(export.Replace("\"n\":3,", "\"n\":4,", StringComparison.Ordinal)));
        Assert.Equal("entry 5: its bytes and proof do not lead to the root of the checkpoint (line 6)", Fault(export.Replace("\"index\":4,", "\"index\":5,", StringComparison.Ordinal)));
        Assert.Equal("entry 4: its bytes and proof do not lead to the root of the checkpoint (line 6)", Fault(export.Replace("{\"n\":3,", "{ \"n\":3,", StringComparison.Ordinal)));
        Assert.Equal("entry 4: the line has a member `note` that an export does not have (line 6)", Fault(export.Replace("\"index\":4,", "\"index\":4,\"note\":1,", StringComparison.Ordinal)));
        Assert.Equal("the line is not one of an export (line 6)", Fault(export.Replace("\"index\":4,", "\"index\":x,", StringComparison.Ordinal)));
        Assert.Equal("the line has no entry or no index (line 6)", Fault(export.Replace(",\"index\":4", "", StringComparison.Ordinal)));
        Assert.StartsWith("checkpoint of size 15: the signature of key ", Fault(export.Replace("\\n14\\n", "\\n15\\n", StringComparison.Ordinal))!, StringComparison.Ordinal);
        Assert.StartsWith("checkpoint of size 14: no signature of a known key", Verify(export, stranger.Verifier).Faults[0].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("line 1 is not the first line of an export with a checkpoint (", Fault("")!, StringComparison.Ordinal);
        Assert.StartsWith("line 1 is not the first line of an export with a checkpoint (", Fault(export[10..])!, StringComparison.Ordinal);
        Assert.StartsWith("line 1 is not the first line of an export with a checkpoint (", Fault(export.Replace("export/v1", "export/v2", StringComparison.Ordinal))!, StringComparison.Ordinal);

        string? Fault(string changed) => Verify(changed, key).Faults.Select(fault => fault.ToString()).FirstOrDefault();
    }
}
