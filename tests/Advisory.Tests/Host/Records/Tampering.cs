using Advisory.Ledgers;
using Advisory.Ledgers.Sqlite;

namespace Advisory.Tests.Host.Records;

/// <summary>Somebody with the disk in hand: guards dropped, rows rewritten.</summary>
internal static class Tampering
{
    /// <summary>Runs SQL on a closed ledger, without its guards.</summary>
    public static void Sql(string data, string sql)
    {
        using var connection = new Connection(Path.Combine(data, "ledger.db"), SQLitePCL.raw.SQLITE_OPEN_READWRITE, null);
        var triggers = new List<string>();
        var list = connection.Prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
        while (list.Step()) triggers.Add(list.Text(0));
        list.Reset();
        foreach (var trigger in triggers) connection.Execute($"DROP TRIGGER {trigger}");
        connection.Execute(sql);
    }

    /// <summary>Rewrites the bytes of an entry, and its leaf hash so that it looks right by itself; the first two are needed whole for opening.</summary>
    public static void Rewrite(string data, long index, string was, string now, bool withLeaf = true)
    {
        using var connection = new Connection(Path.Combine(data, "ledger.db"), SQLitePCL.raw.SQLITE_OPEN_READWRITE, null);
        var read = connection.Prepare("SELECT bytes FROM entries WHERE entry = ?1").Bind(1, index);
        Assert.True(read.Step());
        var text = System.Text.Encoding.UTF8.GetString(read.Bytes(0));
        read.Reset();
        Assert.Contains(was, text, StringComparison.Ordinal);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text.Replace(was, now, StringComparison.Ordinal));
        connection.Execute("DROP TRIGGER IF EXISTS entries_fixed");
        connection.Prepare("UPDATE entries SET bytes = ?2, leaf = CASE ?4 WHEN 1 THEN ?3 ELSE leaf END WHERE entry = ?1")
            .Bind(1, index).Bind(2, bytes).Bind(3, Digest.Of([0, .. bytes]).Span).Bind(4, withLeaf ? 1L : 0L).Run();
    }
}
