using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text;
using Advisory.Ledgers;
using SQLitePCL;

namespace Advisory.Benchmarks;

/// <summary>
/// The ledger's figures, measured as its callers meet them: many at once, on a real disk, beside a bare loop that commits one row to SQLite with
/// the same promises. Durations depend on the disk and on who else uses it, so what is compared is measured in turns in one run.
/// </summary>
/// <remarks><c>dotnet run -c Release --project tests/Advisory.Benchmarks -- ledger [ENTRIES] [FOLDER]</c>; a million entries by default.</remarks>
internal static class LedgerFigures
{
    private const int EntryBytes = 1_200;
    private const int Submitters = 32;
    private const int Rounds = 3;
    private const int Terms = 40;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public static void Run(string[] arguments)
    {
        var entries = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Directory.CreateDirectory(Path.Combine(arguments.Length > 1 ? arguments[1] : Path.GetTempPath(), "ledger-figures-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            Measure(entries, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(int entries, string folder)
    {
        Batteries_V2.Init();
        var (bare, one, many) = (new List<double>(), new List<double>(), new List<double>());
        var number = 0;
        using (var ledger = Open(Path.Combine(folder, "rates")))
        {
            using var loop = new BareLoop(Path.Combine(folder, "bare.db"));
            for (var round = 0; round < Rounds; round++)
            {
                bare.Add(Rate(() => loop.Commit(Entry(number++).Bytes.Span)));
                one.Add(Rate(() => ledger.Append(Entry(number++)).GetAwaiter().GetResult()));
                many.Add(RateOfMany(ledger, ref number));
            }
        }

        Say("one submitter", $"{Median(one):N0} entries/s; a bare loop of one-row commits {Median(bare):N0}/s; ratio {Median([.. one.Zip(bare, (a, b) => a / b)]):N2}");
        Say($"{Submitters} submitters", $"{Median(many):N0} entries/s");

        var data = Path.Combine(folder, "large");
        using (var ledger = Open(data))
        {
            var filling = Stopwatch.StartNew();
            for (var i = (int)ledger.Size; i < entries; i += 4_096)
                Task.WaitAll([.. ledger.AppendAll([.. Enumerable.Range(i, Math.Min(4_096, entries - i)).Select(TermedEntry)])]);
            Say("in batches", $"{entries / filling.Elapsed.TotalSeconds:N0} entries/s, from one caller");
        }

        using (var ledger = Ledger.Open(data, new() { ReadOnly = true }))
        {
            var verifying = Stopwatch.StartNew();
            var verification = ledger.Verify();
            if (verification.Faults.Count > 0) throw new InvalidOperationException(verification.Faults[0].ToString());
            Say("verify", $"{verification.Entries / verifying.Elapsed.TotalSeconds:N0} entries/s, of {verification.Entries:N0}");
            Proofs(ledger);
            Finding(ledger);
            Say("state", $"head of {BitOperations.PopCount((ulong)ledger.Size) * 32} bytes of edge and {Encoding.UTF8.GetByteCount(ledger.Checkpoint.Note)} of checkpoint; {new FileInfo(Path.Combine(data, "ledger.db")).Length / (double)ledger.Size:N0} bytes of file an entry");
        }
    }

    private static void Proofs(Ledger ledger)
    {
        const int Count = 20_000;
        var random = new Random(1);
        var indexes = Enumerable.Range(0, Count).Select(_ => random.NextInt64(ledger.Size)).ToArray();
        foreach (var index in indexes.AsSpan(0, 1_000)) ledger.Receipt(index);
        var times = new double[Count];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            ledger.Receipt(indexes[i]);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Count;
        Array.Sort(times);
        Say("a receipt", $"{times[Count / 2]:N3} ms, {times[Count * 99 / 100]:N3} ms at the 99th percentile; {allocated:N0} bytes of memory, {GC.GetTotalMemory(forceFullCollection: true) >> 20:N0} MiB in use after");
    }

    private static void Finding(Ledger ledger)
    {
        Say("find", $"{Of("common"):N2} ms for 50 entries with a term that every second one has; {Of("rare"):N0} ms for all {ledger.Find([], terms: [new("rare", "1")]).Count} with one that few have, which passes over all entries");

        double Of(string name) => Median([.. Enumerable.Range(0, 15).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            ledger.Find([], limit: 50, terms: [new(name, "1")]);
            return watch.Elapsed.TotalMilliseconds;
        })]);
    }

    private static double Rate(Action act)
    {
        var (count, watch) = (0, Stopwatch.StartNew());
        for (; watch.Elapsed < Turn; count++) act();
        return count / watch.Elapsed.TotalSeconds;
    }

    private static double RateOfMany(Ledger ledger, ref int number)
    {
        var (next, count, watch) = (number, 0, Stopwatch.StartNew());
        Task.WaitAll([.. Enumerable.Range(0, Submitters).Select(_ => Task.Run(async () =>
        {
            while (watch.Elapsed < Turn)
            {
                await ledger.Append(Entry(Interlocked.Increment(ref next))).ConfigureAwait(false);
                Interlocked.Increment(ref count);
            }
        }))]);
        number = next + 1;
        return count / watch.Elapsed.TotalSeconds;
    }

    private static Ledger Open(string folder) => Ledger.Open(folder, new() { Creation = new(DateTimeOffset.UnixEpoch, "benchmark", "figures"), Origin = "figures.example/ledger" });

    /// <summary>1,200 bytes that no two entries share, as decisions do not.</summary>
    private static NewEntry Entry(int i)
    {
        var lead = FormattableString.Invariant($"{{\"n\":{i},\"text\":\"");
        return new() { Bytes = Encoding.ASCII.GetBytes(lead + new string('x', EntryBytes - lead.Length - 2) + "\"}") };
    }

    /// <summary>With as many terms as a decision has: one of every second entry, one of every fifty-thousandth, and others.</summary>
    private static NewEntry TermedEntry(int i) => new()
    {
        Bytes = Entry(i).Bytes,
        Terms = [new("common", i % 2 == 0 ? "1" : "0"), new("rare", i % 50_000 == 7 ? "1" : "0"), .. Enumerable.Range(2, Terms - 2).Select(n => new Label("other", FormattableString.Invariant($"{n} {(i >> n) % 5}")))],
    };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Say(string what, FormattableString figure) => Console.WriteLine($"{what,-15} {FormattableString.Invariant(figure)}");

    /// <summary>What a commit of one row costs at least with the ledger's settings: write-ahead log, FULL.</summary>
    private sealed class BareLoop : IDisposable
    {
        private readonly sqlite3 connection;
        private readonly sqlite3_stmt insert;

        public BareLoop(string file)
        {
            Check(raw.sqlite3_open(file, out connection));
            Check(raw.sqlite3_exec(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT"));
            Check(raw.sqlite3_prepare_v2(connection, "INSERT INTO rows (bytes) VALUES (?1)", out insert));
        }

        public void Commit(ReadOnlySpan<byte> bytes)
        {
            Check(raw.sqlite3_bind_blob(insert, 1, bytes));
            if (raw.sqlite3_step(insert) != raw.SQLITE_DONE) throw new InvalidOperationException(raw.sqlite3_errmsg(connection).utf8_to_string());
            Check(raw.sqlite3_reset(insert));
        }

        public void Dispose()
        {
            raw.sqlite3_finalize(insert);
            raw.sqlite3_close_v2(connection);
        }

        private void Check(int code)
        {
            if (code != raw.SQLITE_OK) throw new InvalidOperationException(raw.sqlite3_errmsg(connection).utf8_to_string());
        }
    }
}
