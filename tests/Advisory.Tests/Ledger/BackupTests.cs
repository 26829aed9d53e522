using System.Text;
using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

public sealed class BackupTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    private async Task<Ledger> Some(int entries)
    {
        var ledger = scratch.Open();
        for (var i = 0; i < entries; i++) await ledger.Append(Scratch.Entry(i, $"key {i}"));
        return ledger;
    }

    [Fact]
    public async Task A_backup_of_a_ledger_at_work_is_a_whole_ledger()
    {
        var ledger = await Some(50);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await ledger.Append(Scratch.Entry(1_000 + i));
        });
        for (var i = 0; i < 5; i++)
        {
            var file = scratch.Beside($"backup-{i}.db");
            var checkpoint = ledger.Backup(file);
            var verification = Ledger.VerifyBackup(file);
            Assert.Empty(verification.Faults);
            Assert.Equal(checkpoint.Note, verification.Checkpoint!.Note);
            Assert.Null(ledger.Verify(checkpoint));
            Assert.False(File.Exists(file + ".unverified"));
        }

        await stop.CancelAsync();
        await writing;
        Assert.Equal($"`{scratch.Beside("backup-0.db")}` is there already; nothing is overwritten", Assert.Throws<LedgerRefusedException>(() => ledger.Backup(scratch.Beside("backup-0.db"))).Message);
    }

    [Fact]
    public async Task A_backup_of_a_damaged_ledger_is_not_called_one()
    {
        var ledger = await Some(3);
        using (var connection = new Advisory.Ledgers.Sqlite.Connection(scratch.File("ledger.db"), SQLitePCL.raw.SQLITE_OPEN_READWRITE, null))
            connection.Execute("DROP TRIGGER entries_fixed; UPDATE entries SET bytes = x'7b7d' WHERE entry = 2");
        var error = Assert.Throws<LedgerDamagedException>(() => ledger.Backup(scratch.Beside("backup.db")));
        Assert.Equal($"the copy `{scratch.Beside("backup.db")}.unverified` does not verify: entry 2: its bytes do not have the leaf hash that is stored with it", error.Message);
        Assert.False(File.Exists(scratch.Beside("backup.db")));
    }

    [Fact]
    public async Task A_ledger_whose_database_is_lost_comes_back_from_its_backup_and_says_so()
    {
        var ledger = await Some(5);
        var checkpoint = ledger.Backup(scratch.Beside("backup.db"));
        scratch.CloseAll();
        File.Delete(scratch.File("ledger.db"));

        var receipt = Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act with { Reason = "disk died" });
        ledger = scratch.Open();
        Assert.Equal(7, ledger.Size);
        Assert.Equal(6, receipt.Index);
        Assert.Null(ledger.Verify(checkpoint));
        Assert.Equal(
            $$"""{"actor":"operator","backup":{{Json(checkpoint.Note)}},"kind":"restored","known":{{Json(checkpoint.Note)}},"lost":0,"reason":"disk died","schema":"advisory/ledger-entry/v1","time":"2026-01-24T10:00:00.000Z"}""",
            Encoding.UTF8.GetString(ledger.Find(6)!.Bytes.Span));
        Assert.Equal([6L], ledger.Find([new("kind", "restored")]));
        Assert.Empty(ledger.Verify().Faults);
        Assert.Equal(3, (await ledger.Append(Scratch.Entry(2, "key 2"))).Index);
    }

    [Fact]
    public async Task A_backup_shorter_than_the_last_known_checkpoint_is_restored_only_when_the_loss_is_confirmed()
    {
        var ledger = await Some(5);
        ledger.Backup(scratch.Beside("backup.db"));
        await ledger.Append(Scratch.Entry(10));
        await ledger.Append(Scratch.Entry(11));
        var known = ledger.Checkpoint;
        scratch.CloseAll();
        var before = Directory.EnumerateFiles(scratch.Path, "*", SearchOption.AllDirectories).Order().ToList();

        var error = Assert.Throws<LedgerRolledBackException>(() => Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act));
        Assert.Equal("the backup has 6 entries, and the ledger had 8 when it signed its last checkpoint: 2 would be lost; look for a newer backup, or confirm the loss", error.Message);
        Assert.Equal(before, Directory.EnumerateFiles(scratch.Path, "*", SearchOption.AllDirectories).Order());

        Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act, acceptLoss: true);
        ledger = scratch.Open();
        Assert.Equal(7, ledger.Size);
        Assert.Contains($"\"known\":{Json(known.Note)},\"lost\":2,", Encoding.UTF8.GetString(ledger.Find(6)!.Bytes.Span), StringComparison.Ordinal);
        Assert.Empty(ledger.Verify().Faults);

        // Whoever kept the old checkpoint is told, and the old database is there still.
        Assert.Equal("the ledger has 7 entries, fewer than the 8 under the checkpoint: entries are missing", ledger.Verify(known)!.Text);
        Assert.Equal(8, Ledger.VerifyBackup(scratch.File("ledger.db.replaced-1")).Entries);
    }

    [Fact]
    public async Task A_backup_that_contradicts_the_last_known_checkpoint_is_refused()
    {
        await Some(2);
        scratch.CloseAll();
        var copy = scratch.Copy("copy");
        using (var other = Ledger.Open(copy, new()))
        {
            for (var i = 0; i < 3; i++) await other.Append(Scratch.Entry(100 + i));
            other.Backup(scratch.Beside("backup.db"));
        }

        await scratch.Open().Append(Scratch.Entry(3));
        scratch.CloseAll();
        var error = Assert.Throws<LedgerForkedException>(() => Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act));
        Assert.Equal("the backup's first 4 entries are not those under the ledger's last checkpoint; look for another backup, or confirm that its entries replace the others", error.Message);

        Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act, acceptLoss: true);
        Assert.Equal(7, scratch.Open().Size);
    }

    [Fact]
    public async Task A_restore_that_cannot_end_well_does_not_begin()
    {
        var ledger = await Some(2);
        ledger.Backup(scratch.Beside("backup.db"));
        await ledger.RotateKey(Scratch.Act);
        var key = ledger.Keys[0].Key.IdText;
        scratch.CloseAll();

        // The backup is from before the rotation and needs the old key.
        File.Move(scratch.File($"keys/{key}.pem"), scratch.Beside("kept.pem"));
        Assert.Throws<LedgerKeyException>(() => Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act, acceptLoss: true));
        Assert.Equal(4, scratch.Open().Size);
        scratch.CloseAll();
        File.Move(scratch.Beside("kept.pem"), scratch.File($"keys/{key}.pem"));
        Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act, acceptLoss: true);
        Assert.Equal(4, scratch.Open().Size);
        scratch.CloseAll();

        await File.WriteAllTextAsync(scratch.Beside("broken.db"), "no ledger");
        Assert.Throws<LedgerDamagedException>(() => Ledger.Restore(scratch.Beside("broken.db"), scratch.Path, Scratch.Act));

        using var other = new Scratch();
        using (var theirs = other.Open(new() { Creation = Scratch.Act, Origin = "b.example" })) theirs.Backup(scratch.Beside("theirs.db"));
        Assert.Equal($"the backup is of `b.example`, and the folder `{scratch.Path}` of `a.example/ledger`; is the folder right?", Assert.Throws<LedgerRefusedException>(() => Ledger.Restore(scratch.Beside("theirs.db"), scratch.Path, Scratch.Act)).Message);
    }

    /// <summary>A crash after the backup is in place and before the entry about it.</summary>
    [Fact]
    public async Task A_restore_cut_short_is_done_again()
    {
        var ledger = await Some(3);
        ledger.Backup(scratch.Beside("backup.db"));
        await ledger.Append(Scratch.Entry(4));
        scratch.CloseAll();
        File.Copy(scratch.Beside("backup.db"), scratch.File("ledger.db"), overwrite: true);
        Assert.Throws<LedgerRolledBackException>(() => scratch.Open());
        Ledger.Restore(scratch.Beside("backup.db"), scratch.Path, Scratch.Act, acceptLoss: true);
        Assert.Equal(5, scratch.Open().Size);
        Assert.Empty(scratch.Open().Verify().Faults);
    }

    private static string Json(string text) => "\"" + text.Replace("\n", "\\n", StringComparison.Ordinal) + "\"";
}
