using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;
using Advisory.Ledgers.Sqlite;
using SQLitePCL;

namespace Advisory.Tests.Ledgers;

/// <summary>What a ledger asks of its folder before it works with it.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    private async Task<string> Some(int entries = 3)
    {
        var ledger = scratch.Open();
        for (var i = 0; i < entries; i++) await ledger.Append(Scratch.Entry(i));
        scratch.CloseAll();
        return Directory.EnumerateFiles(scratch.File("keys")).Single();
    }

    [UnixFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Keys_database_and_checkpoint_are_the_owners_alone()
    {
        var key = await Some();
        Assert.Equal("0700", Mode(scratch.Path));
        Assert.Equal("0700", Mode(scratch.File("keys")));
        foreach (var file in new[] { key, scratch.File("ledger.db"), scratch.File("checkpoint") }) Assert.Equal("0600", Mode(file));
        Assert.DoesNotContain("PRIVATE", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(scratch.File("ledger.db"))), StringComparison.Ordinal);

        static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8).PadLeft(4, '0');
    }

    [UnixTheory]
    [InlineData("deleted")]
    [InlineData("replaced by a copy")]
    [InlineData("moved")]
    public async Task Nothing_is_acknowledged_once_the_database_is_not_the_one_under_its_name(string what)
    {
        await Some();
        var ledger = scratch.Open();
        await ledger.Append(Scratch.Entry(10));
        var (database, other) = (scratch.File("ledger.db"), scratch.File("other.db"));
        if (what == "deleted") File.Delete(database);
        else if (what == "moved") File.Move(database, other);
        else
        {
            File.Copy(database, other);
            File.Move(other, database, overwrite: true);
        }

        var error = await Assert.ThrowsAsync<LedgerNotWritableException>(() => ledger.Append(Scratch.Entry(11)));
        Assert.Contains("deleted, moved or replaced", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task A_missing_key_is_named()
    {
        var key = await Some();
        File.Delete(key);
        var error = Assert.Throws<LedgerKeyException>(() => scratch.Open());
        Assert.Equal($"the key file `{key}` is missing, with which the ledger signs; put it back from where its copy is kept", error.Message);
    }

    [Fact]
    public async Task A_key_of_another_ledger_is_refused()
    {
        var key = await Some();
        using var other = SigningKey.Generate("a.example/ledger");
        await File.WriteAllTextAsync(key, other.ToPem());
        var error = Assert.Throws<LedgerKeyException>(() => scratch.Open());
        Assert.Equal($"the key file `{key}` holds another key (`{other.Verifier.IdText}`); put back the key of this ledger from where its copy is kept", error.Message);

        await File.WriteAllTextAsync(key, "no key at all");
        error = Assert.Throws<LedgerKeyException>(() => scratch.Open());
        Assert.Equal($"the key file `{key}` holds no Ed25519 private key in PEM (PKCS#8, not encrypted); put it back from where its copy is kept", error.Message);
    }

    [UnixFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_key_that_others_may_read_is_refused()
    {
        var key = await Some();
        File.SetUnixFileMode(key, (UnixFileMode)0b110_100_000);
        var error = Assert.Throws<LedgerKeyException>(() => scratch.Open());
        Assert.Equal($"others than its owner have rights on `{key}` (mode 0640), and who reads the key can sign in the ledger's name; run `chmod 0600 {key}`, and rotate the key if somebody may have read it", error.Message);

        File.SetUnixFileMode(key, (UnixFileMode)0b110_000_000);
        File.SetUnixFileMode(scratch.File("keys"), (UnixFileMode)0b111_000_001);
        error = Assert.Throws<LedgerKeyException>(() => scratch.Open());
        Assert.StartsWith($"others than its owner have rights on `{scratch.File("keys")}` (mode 0701)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_put_back_to_an_earlier_state_is_refused()
    {
        await Some();
        var earlier = scratch.Copy("earlier");
        await scratch.Open().Append(Scratch.Entry(9));
        scratch.CloseAll();
        File.Copy(Path.Combine(earlier, "ledger.db"), scratch.File("ledger.db"), overwrite: true);
        var error = Assert.Throws<LedgerRolledBackException>(() => scratch.Open());
        Assert.Equal(
            $"the ledger has 4 entries, but it had 5 when it signed the checkpoint in `{scratch.File("checkpoint")}`: it was put back to an earlier state, or its disk lost what it had confirmed; put back the newer database, or accept the loss with `restore`",
            error.Message);
        Assert.Throws<LedgerRolledBackException>(() => scratch.Open(new() { ReadOnly = true }));
    }

    [Fact]
    public async Task A_database_that_is_gone_is_no_reason_to_begin_a_new_one()
    {
        await Some();
        File.Delete(scratch.File("ledger.db"));
        const string Message = "the ledger's database is gone or empty, but it had 4 entries when it signed its last checkpoint; put the database back, or restore a backup";
        Assert.Equal(Message, Assert.Throws<LedgerRolledBackException>(() => scratch.Open()).Message);
        File.Delete(scratch.File("ledger.db"));
        Assert.Equal(Message, Assert.Throws<LedgerRolledBackException>(() => scratch.Open(new())).Message);
        await File.WriteAllBytesAsync(scratch.File("ledger.db"), []);
        Assert.Equal(Message, Assert.Throws<LedgerRolledBackException>(() => scratch.Open()).Message);
    }

    [Fact]
    public async Task Keys_without_a_ledger_are_no_reason_to_begin_a_new_one()
    {
        await Some();
        foreach (var file in new[] { "ledger.db", "checkpoint" }) File.Delete(scratch.File(file));
        Assert.Equal(
            $"there are keys in `{scratch.Path}` but no ledger: its database is gone; put it back or restore a backup, and begin a new ledger in an empty folder only",
            Assert.Throws<LedgerRolledBackException>(() => scratch.Open()).Message);

        // A crash while the ledger is made leaves an empty database.
        await File.WriteAllBytesAsync(scratch.File("ledger.db"), []);
        Assert.Equal(1, scratch.Open().Size);
    }

    [Fact]
    public async Task A_missing_checkpoint_file_is_refused_unless_only_the_first_entry_can_have_been_without()
    {
        await Some(0);
        File.Delete(scratch.File("checkpoint"));
        await scratch.Open().Append(Scratch.Entry(1));
        scratch.CloseAll();
        Assert.Equal(2, Checkpoint.Parse(await File.ReadAllTextAsync(scratch.File("checkpoint"))).Size);

        File.Delete(scratch.File("checkpoint"));
        var error = Assert.Throws<LedgerRolledBackException>(() => scratch.Open());
        Assert.Equal($"the checkpoint file `{scratch.File("checkpoint")}` is missing, so that nobody can tell whether the ledger's 2 entries are all; put the file back, or accept the ledger as it is with `restore`", error.Message);
    }

    [Fact]
    public async Task A_ledger_that_went_its_own_way_is_refused()
    {
        await Some();
        var copy = scratch.Copy("copy");
        await scratch.Open().Append(Scratch.Entry(10));
        scratch.CloseAll();
        using (var other = Ledger.Open(copy, new())) await other.Append(Scratch.Entry(11));
        File.Copy(Path.Combine(copy, "ledger.db"), scratch.File("ledger.db"), overwrite: true);
        var error = Assert.Throws<LedgerForkedException>(() => scratch.Open());
        Assert.Equal(
            $"the ledger's first 5 entries are not those under the checkpoint in `{scratch.File("checkpoint")}`: entries were rewritten, or it is a copy that went its own way; put back the right database, and keep this one as evidence",
            error.Message);
    }

    [Fact]
    public async Task A_checkpoint_of_another_ledger_or_of_nobody_is_refused()
    {
        await Some();
        var mine = await File.ReadAllTextAsync(scratch.File("checkpoint"));
        using var forger = SigningKey.Generate("a.example/ledger");
        var checkpoint = Checkpoint.Parse(mine);
        await File.WriteAllTextAsync(scratch.File("checkpoint"), Checkpoint.Sign("a.example/ledger", checkpoint.Size, checkpoint.Root, forger).Note);
        Assert.StartsWith($"the checkpoint file `{scratch.File("checkpoint")}` is not this ledger's: checkpoint of size 4: no signature of a known key", Assert.Throws<LedgerForkedException>(() => scratch.Open()).Message, StringComparison.Ordinal);

        using var another = SigningKey.Generate("b.example/ledger");
        await File.WriteAllTextAsync(scratch.File("checkpoint"), Checkpoint.Sign("b.example/ledger", 1, checkpoint.Root, another).Note);
        Assert.Equal($"the checkpoint file `{scratch.File("checkpoint")}` is of another ledger (`b.example/ledger`) than the database (`a.example/ledger`); put together what belongs together", Assert.Throws<LedgerForkedException>(() => scratch.Open()).Message);

        foreach (var broken in new[] { "", "nothing", mine[..^20], mine.Replace('\n', ' ') })
        {
            await File.WriteAllTextAsync(scratch.File("checkpoint"), broken);
            Assert.StartsWith($"`{scratch.File("checkpoint")}` holds no checkpoint (", Assert.Throws<LedgerDamagedException>(() => scratch.Open()).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The one state that a crash between COMMIT and the file outside leaves.</summary>
    [Fact]
    public async Task A_database_ahead_of_the_checkpoint_file_is_mended_on_opening()
    {
        await Some();
        var old = await File.ReadAllTextAsync(scratch.File("checkpoint"));
        await scratch.Open().Append(Scratch.Entry(9));
        scratch.CloseAll();
        var fresh = await File.ReadAllTextAsync(scratch.File("checkpoint"));
        await File.WriteAllTextAsync(scratch.File("checkpoint"), old);
        await File.WriteAllTextAsync(scratch.File("checkpoint.new"), "a write that was cut short");
        Assert.Equal(5, scratch.Open().Size);
        Assert.Equal(fresh, await File.ReadAllTextAsync(scratch.File("checkpoint")));
    }

    [Fact]
    public async Task A_key_file_that_no_entry_names_does_no_harm()
    {
        // A crash between the making of a new key and the entry about it.
        await Some();
        using var left = SigningKey.Generate("a.example/ledger");
        await File.WriteAllTextAsync(scratch.File($"keys/{left.Verifier.IdText}.pem"), left.ToPem());
        var ledger = scratch.Open();
        await ledger.Append(Scratch.Entry(9));
        Assert.Single(ledger.Keys);
    }

    [Fact]
    public async Task A_ledger_of_a_newer_version_is_refused()
    {
        await Some();
        Sql("PRAGMA user_version = 3");
        var error = Assert.Throws<LedgerVersionException>(() => scratch.Open());
        Assert.Equal($"`{scratch.File("ledger.db")}` is a ledger of format 3, and this program knows formats up to 2; use the newer version of this program that wrote it", error.Message);
        Assert.Throws<LedgerVersionException>(() => scratch.Open(new() { ReadOnly = true }));
    }

    [Fact]
    public async Task A_file_that_is_no_ledger_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(scratch.Path);
        Sql("CREATE TABLE anything (a)");
        var error = Assert.Throws<LedgerDamagedException>(() => scratch.Open());
        Assert.Equal($"`{scratch.File("ledger.db")}` is no ledger but a SQLite file of another program; is the folder right?", error.Message);

        await File.WriteAllTextAsync(scratch.File("ledger.db"), new string('x', 10_000));
        Assert.StartsWith($"`{scratch.File("ledger.db")}` is damaged or no ledger; ", Assert.Throws<LedgerDamagedException>(() => scratch.Open()).Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(scratch.File("ledger.db")));
    }

    /// <summary>Not against somebody who means it, but against a slip at the SQLite prompt or a program of ours gone wrong.</summary>
    [UnixFact]
    public async Task A_ledger_whose_folder_is_gone_closes_without_a_fault()
    {
        var folder = Directory.CreateTempSubdirectory("advisory-").FullName;
        var ledger = Ledger.Open(folder, new() { Creation = Scratch.Act });
        await ledger.Append(Scratch.Entry(1));
        Directory.Move(folder, folder + ".gone"); // at once, whatever is being written in it
        ledger.Dispose();
        Assert.False(Directory.Exists(folder));
        Directory.Delete(folder + ".gone", recursive: true);
    }

    [Theory]
    [InlineData("UPDATE entries SET bytes = x'7b7d'", "an entry is never changed")]
    [InlineData("DELETE FROM entries WHERE entry = 2", "an entry is never deleted")]
    [InlineData("INSERT OR REPLACE INTO entries SELECT 1, leaf, bytes FROM entries WHERE entry = 2", "an entry is only added at the end")]
    [InlineData("INSERT INTO entries VALUES (9, x'00', x'00')", "an entry is only added at the end")]
    [InlineData("UPDATE nodes SET digest = x'00'", "a node is never changed")]
    [InlineData("DELETE FROM nodes", "a node is never deleted")]
    [InlineData("INSERT OR REPLACE INTO nodes SELECT 0, digest FROM nodes WHERE position = 1", "a node is only added at the end")]
    [InlineData("UPDATE head SET size = 2", "the head only grows")]
    [InlineData("UPDATE head SET size = size + 1", "an entry is written with its terms")]
    [InlineData("DELETE FROM head", "the head is never deleted")]
    [InlineData("INSERT OR REPLACE INTO head SELECT * FROM head", "the head is there already")]
    [InlineData("UPDATE checkpoints SET note = ''", "a checkpoint is never changed")]
    [InlineData("DELETE FROM checkpoints", "a checkpoint is never deleted")]
    [InlineData("INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints", "a checkpoint is only added at the end")]
    [InlineData("UPDATE keyring SET entry = 7", "the keyring is never changed")]
    [InlineData("DELETE FROM keyring", "the keyring is never deleted from")]
    [InlineData("INSERT OR REPLACE INTO keyring SELECT * FROM keyring", "a verifier key is only added at the end")]
    [InlineData("UPDATE keys SET entry = 1", "an idempotency key is never changed")]
    [InlineData("DELETE FROM keys", "an idempotency key is never deleted")]
    [InlineData("INSERT OR REPLACE INTO keys SELECT key, input, 1, sum FROM keys", "the idempotency key is there already")]
    [InlineData("UPDATE attachments SET length = 1", "an attachment is never changed")]
    [InlineData("DELETE FROM attachments", "an attachment is never deleted")]
    [InlineData("INSERT OR REPLACE INTO attachments SELECT * FROM attachments", "the attachment is there already")]
    public async Task The_tables_refuse_to_change_what_was_appended(string sql, string message)
    {
        await Some();
        var content = "content"u8.ToArray();
        await scratch.Open().Append(new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["sha256:{{Digest.Of(content)}}"]}"""), Attachments = [content], Key = "key", Input = default(Digest) });
        scratch.CloseAll();
        var error = Assert.Throws<LedgerDamagedException>(() => Sql(sql));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(scratch.Open().Verify().Faults);
    }

    /// <summary>With a connection that has none of the ledger's settings.</summary>
    private void Sql(string sql)
    {
        using var connection = new Connection(scratch.File("ledger.db"), raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, null);
        connection.Execute(sql);
    }
}
