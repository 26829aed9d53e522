namespace Advisory.Ledgers.Sqlite;

/// <summary>The tables. Migrations only go forward: a released one is never edited, a change is a new one at the end.</summary>
internal static class Schema
{
    /// <summary>In the file's header: <c>ADVL</c>. Tells a ledger from any other SQLite file.</summary>
    public const int ApplicationId = 0x4144564C;

    // The guards keep programs and people from changing what was appended by mistake; who means to can drop them, and is found by Verify().
    // INSERT OR REPLACE would delete without asking a delete trigger (unless recursive_triggers is on, which a connection may forget),
    // so inserts have guards of their own.
    private const string Version1 =
        """
        CREATE TABLE head (
          one INTEGER PRIMARY KEY CHECK (one = 1),
          size INTEGER NOT NULL,
          edge BLOB NOT NULL,
          checkpoint TEXT NOT NULL
        ) STRICT;
        CREATE TABLE entries (
          entry INTEGER PRIMARY KEY,
          leaf BLOB NOT NULL,
          bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE nodes (
          position INTEGER PRIMARY KEY,
          digest BLOB NOT NULL
        ) STRICT;
        CREATE TABLE checkpoints (
          size INTEGER PRIMARY KEY,
          note TEXT NOT NULL
        ) STRICT;
        CREATE TABLE keyring (
          entry INTEGER PRIMARY KEY
        ) STRICT;
        CREATE TABLE keys (
          key BLOB PRIMARY KEY,
          input BLOB NOT NULL,
          entry INTEGER NOT NULL,
          sum BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE attachments (
          digest BLOB NOT NULL UNIQUE,
          entry INTEGER NOT NULL,
          length INTEGER NOT NULL,
          packed BLOB NOT NULL
        ) STRICT;
        CREATE TABLE labels (
          entry INTEGER NOT NULL,
          name TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (entry, name, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX labels_by_value ON labels (name, value, entry);

        CREATE TRIGGER head_once BEFORE INSERT ON head WHEN EXISTS (SELECT 1 FROM head) BEGIN SELECT RAISE(ABORT, 'the head is there already'); END;
        CREATE TRIGGER head_grows BEFORE UPDATE ON head WHEN NEW.size <= OLD.size BEGIN SELECT RAISE(ABORT, 'the head only grows'); END;
        CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END;

        CREATE TRIGGER entries_grow BEFORE INSERT ON entries WHEN NEW.entry <> (SELECT coalesce(max(entry) + 1, 0) FROM entries)
          BEGIN SELECT RAISE(ABORT, 'an entry is only added at the end'); END;
        CREATE TRIGGER entries_fixed BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
        CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

        CREATE TRIGGER nodes_grow BEFORE INSERT ON nodes WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM nodes)
          BEGIN SELECT RAISE(ABORT, 'a node is only added at the end'); END;
        CREATE TRIGGER nodes_fixed BEFORE UPDATE ON nodes BEGIN SELECT RAISE(ABORT, 'a node is never changed'); END;
        CREATE TRIGGER nodes_stay BEFORE DELETE ON nodes BEGIN SELECT RAISE(ABORT, 'a node is never deleted'); END;

        CREATE TRIGGER checkpoints_grow BEFORE INSERT ON checkpoints WHEN NEW.size <= (SELECT max(size) FROM checkpoints)
          BEGIN SELECT RAISE(ABORT, 'a checkpoint is only added at the end'); END;
        CREATE TRIGGER checkpoints_fixed BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;
        CREATE TRIGGER checkpoints_stay BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;

        CREATE TRIGGER keyring_grows BEFORE INSERT ON keyring WHEN NEW.entry <= (SELECT max(entry) FROM keyring)
          BEGIN SELECT RAISE(ABORT, 'a verifier key is only added at the end'); END;
        CREATE TRIGGER keyring_fixed BEFORE UPDATE ON keyring BEGIN SELECT RAISE(ABORT, 'the keyring is never changed'); END;
        CREATE TRIGGER keyring_stays BEFORE DELETE ON keyring BEGIN SELECT RAISE(ABORT, 'the keyring is never deleted from'); END;

        CREATE TRIGGER keys_once BEFORE INSERT ON keys WHEN EXISTS (SELECT 1 FROM keys WHERE key = NEW.key)
          BEGIN SELECT RAISE(ABORT, 'the idempotency key is there already'); END;
        CREATE TRIGGER keys_fixed BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'an idempotency key is never changed'); END;
        CREATE TRIGGER keys_stay BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'an idempotency key is never deleted'); END;

        CREATE TRIGGER attachments_once BEFORE INSERT ON attachments WHEN EXISTS (SELECT 1 FROM attachments WHERE digest = NEW.digest OR rowid = NEW.rowid)
          BEGIN SELECT RAISE(ABORT, 'the attachment is there already'); END;
        CREATE TRIGGER attachments_fixed BEFORE UPDATE ON attachments BEGIN SELECT RAISE(ABORT, 'an attachment is never changed'); END;
        CREATE TRIGGER attachments_stay BEFORE DELETE ON attachments BEGIN SELECT RAISE(ABORT, 'an attachment is never deleted'); END;
        """;

    // A program of format 1 that had the file open all the while would go on appending entries without a row of terms; its next append fails.
    private const string Version2 =
        """
        CREATE TABLE terms (
          entry INTEGER PRIMARY KEY,
          hashes BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER head_termed BEFORE UPDATE ON head WHEN NOT EXISTS (SELECT 1 FROM terms WHERE entry = NEW.size - 1)
          BEGIN SELECT RAISE(ABORT, 'an entry is written with its terms'); END;
        """;

    private static readonly string[] Migrations = [Version1, Version2];

    /// <summary>The version that this program writes and the newest that it reads; stands in the header as <c>user_version</c>.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>Whether there is a table of terms: not in a file of format 1 that is only read. Another program may migrate it at any time.</summary>
    public static bool HasTerms(Connection connection) => connection.Number("PRAGMA user_version") >= 2;

    /// <summary>Makes an empty file a ledger, or an older ledger one of this version.</summary>
    /// <exception cref="LedgerVersionException">The file is of a newer version.</exception>
    /// <exception cref="LedgerDamagedException">The file is no ledger.</exception>
    public static void Bring(Connection connection, string file, bool readOnly)
    {
        if (Check(connection, file) is var version && (readOnly || version == Newest))
        {
            if (version == 0) throw new LedgerDamagedException($"there is no ledger in `{file}`");
            return;
        }

        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            // Again, now that nobody else can be at it.
            for (var next = Check(connection, file); next < Newest; next++) connection.Execute(Migrations[next]);
            connection.Execute(FormattableString.Invariant($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Newest}"));
            connection.Execute("COMMIT");
        }
        catch
        {
            if (connection.InTransaction) connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static int Check(Connection connection, string file)
    {
        var application = connection.Number("PRAGMA application_id");
        var version = (int)connection.Number("PRAGMA user_version");
        if (application == 0 && version == 0 && connection.Number("SELECT count(*) FROM sqlite_schema") == 0) return 0;
        if (application != ApplicationId) throw new LedgerDamagedException($"`{file}` is no ledger but a SQLite file of another program; is the folder right?");
        if (version > Newest)
            throw new LedgerVersionException(FormattableString.Invariant($"`{file}` is a ledger of format {version}, and this program knows formats up to {Newest}; use the newer version of this program that wrote it"));
        return version;
    }
}
