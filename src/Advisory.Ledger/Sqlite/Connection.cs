using System.Globalization;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Advisory.Ledgers.Sqlite;

/// <summary>A connection to a SQLite file, with its prepared statements. Not for two threads at once.</summary>
internal sealed partial class Connection : IDisposable
{
    private readonly Dictionary<string, Statement> statements = [];
    private readonly string file;

    static Connection() => Batteries_V2.Init();

    /// <param name="file">Path of the database.</param>
    /// <param name="flags">SQLITE_OPEN_…</param>
    /// <param name="vfs">The layer between SQLite and the disk; null for the platform's. Tests cut the power there.</param>
    public Connection(string file, int flags, string? vfs)
    {
        this.file = file;
        // sqlite3_open_v2 gives a handle even when it fails, to ask it for the error.
        var code = raw.sqlite3_open_v2(file, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, vfs);
        Handle = handle;
        if (code == raw.SQLITE_OK) return;
        var error = Error(code);
        handle?.manual_close_v2();
        throw error;
    }

    public sqlite3 Handle { get; }

    /// <summary>Runs statements that give no rows, or whose rows do not matter.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>A statement ready for its parameters, prepared at its first use.</summary>
    public Statement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v2(Handle, sql, out var handle));
            statements.Add(sql, statement = new(this, handle));
        }

        statement.Reset();
        return statement;
    }

    public long Number(string sql) => Prepare(sql).Single(row => row.Int64(0));

    public string Text(string sql) => Prepare(sql).Single(row => row.Text(0));

    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Whether the file under its name is another one by now, or none: deleted, moved or replaced while it is open.</summary>
    public bool HasMoved()
    {
        const int FileControlHasMoved = 20; // SQLITE_FCNTL_HAS_MOVED, which no storage layer but the platform's need know
        var hasMoved = 0;
        return FileControl(Handle, "main", FileControlHasMoved, ref hasMoved) == raw.SQLITE_OK && hasMoved != 0;
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(sqlite3 handle, string database, int operation, ref int argument);

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)) throw Error(code);
    }

    /// <summary>SQLite's codes in the ledger's words.</summary>
    public LedgerException Error(int code)
    {
        var extended = Handle is null ? code : raw.sqlite3_extended_errcode(Handle);
        var text = Handle is null ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(Handle).utf8_to_string();
        var details = string.Create(CultureInfo.InvariantCulture, $"SQLite: {text}, code {extended}");
        return (code & 0xFF) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new LedgerNotWritableException($"another program holds `{file}`; try again ({details})", isTransient: true),
            raw.SQLITE_FULL => new LedgerNotWritableException($"there is no room left for `{file}`; make room on its disk, then append again ({details})", isTransient: false),
            raw.SQLITE_READONLY or raw.SQLITE_PERM => new LedgerNotWritableException($"`{file}` cannot be written; let the user who runs this program write the file and its folder ({details})", isTransient: false),
            raw.SQLITE_CANTOPEN => new LedgerNotWritableException($"`{file}` cannot be opened; look whether its folder is there, and may be written by the user who runs this program ({details})", isTransient: false),
            raw.SQLITE_IOERR => new LedgerNotWritableException($"the disk of `{file}` reports an error; look at the system's log before anything else ({details})", isTransient: false),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new LedgerDamagedException($"`{file}` is damaged or no ledger; set it aside, look at the disk, and restore a backup ({details})"),
            _ => new LedgerDamagedException($"`{file}` does not behave as a ledger; verify it ({details})"),
        };
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values) statement.Dispose();
        Handle.manual_close_v2();
    }
}

/// <summary>A prepared statement; parameters and columns count from 1 and from 0, as in SQLite.</summary>
internal sealed class Statement(Connection connection, sqlite3_stmt handle) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        connection.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string value)
    {
        connection.Check(raw.sqlite3_bind_text(handle, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        connection.Check(raw.sqlite3_bind_blob(handle, parameter, value));
        return this;
    }

    /// <summary>Whether there is a row.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            var error = connection.Error(code);
            raw.sqlite3_reset(handle);
            throw error;
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs to the end; for statements that give no rows.</summary>
    public void Run()
    {
        while (Step()) { }
        Reset();
    }

    public T Single<T>(Func<Statement, T> read)
    {
        var value = Step() ? read(this) : throw new LedgerDamagedException("the store gave no row where there must be one");
        Reset();
        return value;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    /// <exception cref="LedgerDamagedException">The column holds no text, which only a damaged file has.</exception>
    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? throw new LedgerDamagedException("a stored text is missing; verify the ledger, or restore a backup");

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    /// <exception cref="LedgerDamagedException">The column does not hold 32 bytes.</exception>
    public Digest Digest(int column) => Bytes(column) is { Length: Ledgers.Digest.Length } bytes ? new(bytes) : throw new LedgerDamagedException("a stored digest has not 32 bytes; verify the ledger, or restore a backup");

    /// <summary>Ready to run again; the parameters keep their values.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public void Dispose() => handle.manual_close();
}
