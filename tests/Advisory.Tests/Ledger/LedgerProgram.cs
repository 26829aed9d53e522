using System.Diagnostics;
using System.Globalization;
using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>A process that appends to a ledger, for tests that kill it: <c>dotnet Advisory.Tests.dll append FOLDER NAME COUNT</c>.</summary>
/// <remarks>After each acknowledged append it prints the entry's index and its key, and nothing before.</remarks>
internal static class LedgerProgram
{
    private const int Submitters = 4;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["append", var folder, var name, var count]) return 2;
        using var ledger = Ledger.Open(folder, new() { Creation = Scratch.Act, Origin = "a.example/ledger" });
        var last = int.Parse(count, CultureInfo.InvariantCulture);
        var next = -1;
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        await Task.WhenAll(Enumerable.Range(0, Submitters).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < last)
            {
                var receipt = await ledger.Append(Entry(name, i));
                lock (output) output.WriteLine(FormattableString.Invariant($"{receipt.Index} {i}"));
            }
        })));
        return 0;
    }

    public static NewEntry Entry(string name, int i)
    {
        // Of many lengths: from one page of the database to several.
        var bytes = Scratch.Json(i, i * 997 % 9_000);
        var label = new Label("n", i.ToString(CultureInfo.InvariantCulture));
        return new() { Bytes = bytes, Key = FormattableString.Invariant($"{name} {i}"), Input = Digest.Of(bytes), Labels = [label], Terms = [label] };
    }

    public static Process Start(string folder, string name, int count) => Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(LedgerProgram).Assembly.Location, "append", folder, name, count.ToString(CultureInfo.InvariantCulture)])
    { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
