using System.Collections.Concurrent;
using System.Security.Cryptography;
using Advisory.Ledgers.Storage;
using Advisory.Ledgers.Tree;
using SQLitePCL;

namespace Advisory.Ledgers.Sqlite;

/// <summary>How a SQLite store is opened; the defaults are the only settings that keep the ledger's promises.</summary>
internal sealed record SqliteSettings
{
    public bool ReadOnly { get; init; }

    /// <summary>FULL flushes the write-ahead log at each commit. With NORMAL a power cut takes back what was acknowledged: see PowerCutTests.</summary>
    public string Synchronous { get; init; } = "FULL";

    public string? Vfs { get; init; }

    /// <summary>How long to wait for another program that writes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>The ledger in one SQLite file, in write-ahead-log mode.</summary>
/// <remarks>
/// One writer at a time, over all processes, by a lock on the file <c>….lock</c> beside the database. BEGIN IMMEDIATE alone would order the
/// transactions; but after COMMIT SQLite copies the log back into the database without any lock of ours, and up to SQLite 3.51.2 two
/// processes that write and copy back at the same instant could damage the file. Readers never copy back.
/// </remarks>
internal sealed class SqliteStore : IStore
{
    private readonly string file;
    private readonly SqliteSettings settings;
    private readonly Connection writer;
    private readonly Lock writing = new();
    private readonly ConcurrentBag<Connection> readers = [];
    private bool disposed;

    private SqliteStore(string file, SqliteSettings settings, Connection writer) => (this.file, this.settings, this.writer) = (file, settings, writer);

    /// <summary>Opens the file; makes it where it is missing, unless read-only.</summary>
    public static SqliteStore Open(string file, SqliteSettings? settings = null)
    {
        settings ??= new();
        if (settings.ReadOnly && !File.Exists(file)) throw new LedgerDamagedException($"there is no ledger in `{file}`");
        if (!settings.ReadOnly && settings.Vfs is null && !File.Exists(file))
        {
            try
            {
                Files.CreatePrivate(file);
            }
            catch (LedgerException) when (File.Exists(file))
            {
                // Another program that makes the same ledger was first.
            }
        }

        var connection = Connect(file, settings, writes: !settings.ReadOnly);
        try
        {
            using (settings.ReadOnly ? null : Files.Lock(LockFile(file), settings.Patience))
            {
                Schema.Bring(connection, file, settings.ReadOnly);
                if (!settings.ReadOnly && connection.Text("PRAGMA journal_mode = WAL") != "wal") throw new LedgerNotWritableException($"the disk of `{file}` does not allow a write-ahead log; keep the ledger on a local disk", isTransient: false);
            }

            return new(file, settings, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Head ReadHead() => Read(new HeadOf()).SingleOrDefault() ?? Head.Empty;

    public bool Append(Head expected, Batch batch)
    {
        lock (writing)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var turn = Files.Lock(LockFile(file), settings.Patience);
            writer.Prepare("BEGIN IMMEDIATE").Run();
            try
            {
                var head = Heads(writer).SingleOrDefault() ?? Head.Empty;
                if (!head.Is(expected))
                {
                    writer.Execute("ROLLBACK");
                    return false;
                }

                RequireInPlace();
                Insert(head, batch);
                writer.Prepare("COMMIT").Run();
                RequireInPlace(); // nobody is told of an entry that nobody could find again
                return true;
            }
            catch
            {
                // SQLite has rolled back by itself after some errors, such as a full disk, and not after others.
                if (writer.InTransaction) writer.Execute("ROLLBACK");
                throw;
            }
        }
    }

    private void RequireInPlace()
    {
        if (writer.HasMoved())
            throw new LedgerNotWritableException($"`{file}` was deleted, moved or replaced while this program had it open; put it back, or start the program again", isTransient: false);
    }

    private void Insert(Head head, Batch batch)
    {
        var entries = writer.Prepare("INSERT INTO entries (entry, leaf, bytes) VALUES (?1, ?2, ?3)");
        foreach (var entry in batch.Entries) Run(entries.Bind(1, entry.Index).Bind(2, entry.Leaf.Span).Bind(3, entry.Bytes));

        var nodes = writer.Prepare("INSERT INTO nodes (position, digest) VALUES (?1, ?2)");
        var position = InteriorNodes.Count(head.Size);
        foreach (var digest in batch.Interior) Run(nodes.Bind(1, position++).Bind(2, digest.Span));

        var keys = writer.Prepare("INSERT INTO keys (key, input, entry, sum) VALUES (?1, ?2, ?3, ?4)");
        foreach (var key in batch.Keys) Run(keys.Bind(1, key.Key.Span).Bind(2, key.Input.Span).Bind(3, key.Entry).Bind(4, Sum(key)));

        var labels = writer.Prepare("INSERT INTO labels (entry, name, value) VALUES (?1, ?2, ?3)");
        foreach (var label in batch.Labels) Run(labels.Bind(1, label.Entry).Bind(2, label.Name).Bind(3, label.Value));

        var terms = writer.Prepare("INSERT INTO terms (entry, hashes) VALUES (?1, ?2)");
        foreach (var row in batch.Terms) Run(terms.Bind(1, row.Entry).Bind(2, row.Hashes));

        var attachments = writer.Prepare("INSERT INTO attachments (digest, entry, length, packed) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM attachments WHERE digest = ?1)");
        foreach (var attachment in batch.Attachments) Run(attachments.Bind(1, attachment.Digest.Span).Bind(2, attachment.Entry).Bind(3, attachment.Length).Bind(4, attachment.Packed));

        var keyring = writer.Prepare("INSERT INTO keyring (entry) VALUES (?1)");
        foreach (var entry in batch.Keyring) Run(keyring.Bind(1, entry));

        var next = batch.Next();
        if (batch.KeepsCheckpoint) Run(writer.Prepare("INSERT INTO checkpoints (size, note) VALUES (?1, ?2)").Bind(1, next.Size).Bind(2, next.Checkpoint));

        var edge = new byte[next.Edge.Count * Digest.Length];
        for (var i = 0; i < next.Edge.Count; i++) next.Edge[i].Span.CopyTo(edge.AsSpan(i * Digest.Length));
        Run(writer.Prepare(head.Size == 0
            ? "INSERT INTO head (one, size, edge, checkpoint) VALUES (1, ?1, ?2, ?3)"
            : "UPDATE head SET size = ?1, edge = ?2, checkpoint = ?3").Bind(1, next.Size).Bind(2, edge).Bind(3, next.Checkpoint));

        static void Run(Statement statement) => statement.Run();
    }

    public IEnumerable<T> Read<T>(Query<T> query) => (IEnumerable<T>)(object)(query switch
    {
        HeadOf => Rows(Heads),
        EntriesBetween q => Rows(c => Select(c.Prepare("SELECT entry, leaf, bytes FROM entries WHERE entry >= ?1 AND entry < ?2 ORDER BY entry").Bind(1, q.From).Bind(2, q.To),
            row => new StoredEntry(row.Int64(0), row.Bytes(2).ToArray(), row.Digest(1)))),
        DigestsOf q => Rows(c => InOneState(c, Digests(c, q.Nodes))),
        InteriorFrom q => Rows(c => Select(c.Prepare("SELECT digest FROM nodes WHERE position >= ?1 ORDER BY position").Bind(1, q.Position), row => row.Digest(0))),
        KeysOf q => Rows(c => InOneState(c, q.Keys.SelectMany(key => Select(c.Prepare("SELECT key, input, entry, sum FROM keys WHERE key = ?1").Bind(1, key.Span), Key)))),
        AllKeys => Rows(c => Select(c.Prepare("SELECT key, input, entry, sum FROM keys"), Key)),
        LabelsBetween q => Rows(c => Select(c.Prepare("SELECT entry, name, value FROM labels WHERE entry >= ?1 AND entry < ?2 ORDER BY entry, name, value").Bind(1, q.From).Bind(2, q.To),
            row => new StoredLabel(row.Int64(0), row.Text(1), row.Text(2)))),
        TermsBetween q => Rows(c => InOneState(c, Terms(c, q))),
        EntriesWith { Terms: [] } q => Rows(c => Labelled(c, q.Filters, q.Before)),
        EntriesWith q => Rows(c => InOneState(c, Termed(c, q))),
        AttachmentOf q => Rows(c => Select(c.Prepare("SELECT digest, entry, length, packed FROM attachments WHERE digest = ?1").Bind(1, q.Digest.Span), Attachment)),
        AllAttachments => Rows(c => Select(c.Prepare("SELECT digest, entry, length, packed FROM attachments ORDER BY rowid"), Attachment)),
        BringerOf q => Rows(c => Select(c.Prepare("SELECT entry FROM attachments WHERE digest = ?1").Bind(1, q.Digest.Span), row => row.Int64(0))),
        CheckpointsFrom q => Rows(c => Select(c.Prepare("SELECT size, note FROM checkpoints WHERE size >= ?1 ORDER BY size").Bind(1, q.Size), row => new StoredCheckpoint(row.Int64(0), row.Text(1)))),
        Keyring => Rows(c => Select(c.Prepare("SELECT entry FROM keyring ORDER BY entry"), row => row.Int64(0))),
        Complaints => Rows(c => Select(c.Prepare("PRAGMA integrity_check(20)"), row => row.Text(0)).Where(text => text != "ok")),
        _ => throw new ArgumentOutOfRangeException(nameof(query)),
    });

    public void Backup(string file)
    {
        Files.CreatePrivate(file);
        using (var copy = new Connection(file, raw.SQLITE_OPEN_READWRITE, null))
        {
            var source = Rent();
            try
            {
                // All pages in one step: one read transaction, so one state, while writers go on.
                var backup = raw.sqlite3_backup_init(copy.Handle, "main", source.Handle, "main");
                var code = raw.sqlite3_backup_step(backup, -1);
                raw.sqlite3_backup_finish(backup);
                copy.Check(code);
            }
            finally
            {
                readers.Add(source);
            }

            // A lone file, readable from a disk that cannot be written.
            copy.Execute("PRAGMA journal_mode = DELETE");
        }

        Files.Flush(file);
    }

    public void Dispose()
    {
        lock (writing)
        {
            if (disposed) return;
            disposed = true;
            while (readers.TryTake(out var reader)) reader.Dispose();

            // Closing the last connection copies the log back, which is writing; where the folder is gone there is nothing to wait for.
            using var turn = settings.ReadOnly || !File.Exists(LockFile(file)) ? null : Files.TryLock(LockFile(file));
            writer.Dispose();
        }
    }

    private static string LockFile(string file) => file + ".lock";

    private static Connection Connect(string file, SqliteSettings settings, bool writes)
    {
        var connection = new Connection(file, settings.ReadOnly ? raw.SQLITE_OPEN_READONLY : writes ? raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE : raw.SQLITE_OPEN_READWRITE, settings.Vfs);
        try
        {
            connection.Check(raw.sqlite3_busy_timeout(connection.Handle, (int)settings.Patience.TotalMilliseconds));
            connection.Execute(FormattableString.Invariant($"PRAGMA synchronous = {settings.Synchronous}; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"));
            if (!writes) connection.Execute("PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed record HeadOf : Query<Head>;

    private Connection Rent() => readers.TryTake(out var reader) ? reader : Connect(file, settings, writes: false);

    /// <summary>Rows from a connection of their own, given back when the reader stops.</summary>
    private IEnumerable<T> Rows<T>(Func<Connection, IEnumerable<T>> select)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var connection = Rent();
        try
        {
            foreach (var row in select(connection)) yield return row;
        }
        finally
        {
            if (disposed) connection.Dispose();
            else readers.Add(connection);
        }
    }

    private static IEnumerable<T> Select<T>(Statement statement, Func<Statement, T> read)
    {
        try
        {
            while (statement.Step()) yield return read(statement);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Several statements in one read transaction: one state, and one lock for all instead of one for each.</summary>
    private static IEnumerable<T> InOneState<T>(Connection connection, IEnumerable<T> rows)
    {
        connection.Prepare("BEGIN").Run();
        try
        {
            foreach (var row in rows) yield return row;
        }
        finally
        {
            if (connection.InTransaction) connection.Prepare("ROLLBACK").Run();
        }
    }

    private static IEnumerable<Head> Heads(Connection connection) => Select(connection.Prepare("SELECT size, edge, checkpoint FROM head"), row =>
    {
        var edge = row.Bytes(1);
        if (edge.Length % Digest.Length != 0) throw new LedgerDamagedException("the stored edge of the tree is cut short; verify the ledger, or restore a backup");
        var digests = new Digest[edge.Length / Digest.Length];
        for (var i = 0; i < digests.Length; i++) digests[i] = new(edge.Slice(i * Digest.Length, Digest.Length));
        return new Head(row.Int64(0), digests, row.Text(2));
    });

    private static IEnumerable<Digest> Digests(Connection connection, IReadOnlyList<Node> nodes)
    {
        foreach (var node in nodes)
        {
            var statement = node.Level == 0
                ? connection.Prepare("SELECT leaf FROM entries WHERE entry = ?1").Bind(1, node.Index)
                : connection.Prepare("SELECT digest FROM nodes WHERE position = ?1").Bind(1, InteriorNodes.Position(node));
            if (!statement.Step()) yield break;
            var digest = statement.Digest(0);
            statement.Reset();
            yield return digest;
        }
    }

    private static StoredAttachment Attachment(Statement row) => new(row.Digest(0), row.Int64(1), (int)row.Int64(2), row.Bytes(3).ToArray());

    private static StoredKey Key(Statement row)
    {
        var key = new StoredKey(row.Digest(0), row.Digest(1), row.Int64(2));
        return row.Bytes(3).SequenceEqual(Sum(key)) ? key : throw new LedgerDamagedException(FormattableString.Invariant($"the idempotency key of entry {key.Entry} is damaged; restore a backup"));
    }

    /// <summary>Keys are not under the tree, and a key that silently became another would let a retry make a second entry; so each row has a sum.</summary>
    private static byte[] Sum(StoredKey key)
    {
        Span<byte> row = stackalloc byte[2 * Digest.Length + 8];
        key.Key.Span.CopyTo(row);
        key.Input.Span.CopyTo(row[Digest.Length..]);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(row[(2 * Digest.Length)..], key.Entry);
        return SHA256.HashData(row)[..8];
    }

    private static IEnumerable<StoredTerms> Terms(Connection connection, TermsBetween query)
    {
        if (!Schema.HasTerms(connection)) yield break;
        var rows = connection.Prepare("SELECT entry, hashes FROM terms WHERE entry >= ?1 AND entry < ?2 ORDER BY entry").Bind(1, query.From).Bind(2, query.To);
        foreach (var row in Select(rows, row => new StoredTerms(row.Int64(0), row.Bytes(1).ToArray()))) yield return row;
    }

    /// <summary>
    /// Passes over the rows of terms, of the entries of the first exact filter if there is one; the other filters are asked of what is left. Then
    /// finds the entries before the first row, whose terms are labels.
    /// </summary>
    private static IEnumerable<long> Termed(Connection connection, EntriesWith query)
    {
        var first = long.MaxValue;
        if (Schema.HasTerms(connection))
        {
            first = connection.Number("SELECT coalesce(min(entry), 9223372036854775807) FROM terms");
            var driver = query.Filters.FirstOrDefault(filter => filter.IsExact);
            var rows = driver is null
                ? connection.Prepare("SELECT entry, hashes FROM terms WHERE entry < ?1 ORDER BY entry DESC").Bind(1, query.Before)
                : connection.Prepare("SELECT t.entry, t.hashes FROM labels l INDEXED BY labels_by_value CROSS JOIN terms t ON t.entry = l.entry WHERE l.name = ?2 AND l.value = ?3 AND l.entry < ?1 ORDER BY l.entry DESC")
                    .Bind(1, query.Before).Bind(2, driver.Name).Bind(3, driver.From!);
            var others = query.Filters.Where(filter => filter != driver).ToList();
            var hashes = query.Terms.Select(TermHashes.Hash).ToArray();
            foreach (var holder in Select(rows, row => TermHashes.Holds(row.Bytes(1), hashes) ? row.Int64(0) : (long?)null))
                if (holder is { } entry && others.TrueForAll(filter => Fits(connection, entry, filter))) yield return entry;
        }

        foreach (var entry in Labelled(connection, [.. query.Filters, .. query.Terms.Select(term => new LabelFilter(term.Name, term.Value))], Math.Min(query.Before, first))) yield return entry;
    }

    private static bool Fits(Connection connection, long entry, LabelFilter filter) =>
        Select(connection.Prepare("SELECT 1 FROM labels WHERE entry = ?1 AND name = ?2 AND value >= ?3 AND value <= ?4").Bind(1, entry).Bind(2, filter.Name).Bind(3, filter.From ?? "").Bind(4, filter.To ?? MaxText), _ => true).Any();

    /// <summary>Driven by the first exact filter, along the index and so in order; the others are asked entry by entry.</summary>
    private static IEnumerable<long> Labelled(Connection connection, IReadOnlyList<LabelFilter> all, long before)
    {
        if (all.Count == 0)
            return Select(connection.Prepare("SELECT entry FROM entries WHERE entry < ?1 ORDER BY entry DESC").Bind(1, before), row => row.Int64(0));

        var filters = all.OrderBy(filter => !filter.IsExact).ToList();
        var sql = filters[0].IsExact
            ? "SELECT l0.entry FROM labels l0 INDEXED BY labels_by_value WHERE l0.name = ?2 AND l0.value = ?3 AND l0.entry < ?1"
            : "SELECT DISTINCT l0.entry FROM labels l0 INDEXED BY labels_by_value WHERE l0.name = ?2 AND l0.value >= ?3 AND l0.value <= ?4 AND l0.entry < ?1";
        for (var i = 1; i < filters.Count; i++)
            sql += FormattableString.Invariant($" AND EXISTS (SELECT 1 FROM labels l{i} WHERE l{i}.entry = l0.entry AND l{i}.name = ?{2 + 3 * i} AND l{i}.value >= ?{3 + 3 * i} AND l{i}.value <= ?{4 + 3 * i})");
        var statement = connection.Prepare(sql + " ORDER BY l0.entry DESC").Bind(1, before);
        for (var i = 0; i < filters.Count; i++)
        {
            statement.Bind(2 + 3 * i, filters[i].Name).Bind(3 + 3 * i, filters[i].From ?? "");
            if (i > 0 || !filters[0].IsExact) statement.Bind(4 + 3 * i, filters[i].To ?? MaxText);
        }

        return Select(statement, row => row.Int64(0));
    }

    // Above every text that is valid Unicode.
    private const string MaxText = "\U0010FFFF\U0010FFFF";
}
