using System.Globalization;
using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>Real processes, ended without warning. ADVISORY_LEDGER_KILLS sets the rounds.</summary>
public sealed class KillTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_process_killed_at_any_moment_loses_no_acknowledged_entry_and_tears_none()
    {
        var random = new Random(9);
        var rounds = HeavyFactAttribute.Rounds(10, 100, "ADVISORY_LEDGER_KILLS");
        var killed = 0;
        for (var round = 0; round < rounds; round++)
        {
            // Some while they start, most while they write.
            var lines = random.Next(0, 60);
            var acknowledged = new List<(long Index, int Number)>();
            var name = FormattableString.Invariant($"round {round}");
            using (var process = LedgerProgram.Start(scratch.Path, name, 1_000_000))
            {
                var errors = process.StandardError.ReadToEndAsync();
                while (acknowledged.Count < lines && await process.StandardOutput.ReadLineAsync() is { } line) acknowledged.Add(Parse(line));
                Assert.True(acknowledged.Count == lines, await (process.HasExited ? errors : Task.FromResult("")));
                if (lines == 0) await Task.Delay(random.Next(0, 400));
                else SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(0, 3_000)));
                process.Kill();
                // What it had printed before it died was acknowledged too; a line cut short was not.
                var rest = await process.StandardOutput.ReadToEndAsync();
                acknowledged.AddRange(rest.Split('\n')[..^1].Select(Parse));
                await process.WaitForExitAsync();
                if (acknowledged.Count > 0) killed++;
            }

            var ledger = scratch.Open();
            var verification = ledger.Verify();
            Assert.True(verification.Faults.Count == 0, $"round {round}: {string.Join("; ", verification.Faults)}");
            foreach (var (index, number) in acknowledged)
            {
                var entry = LedgerProgram.Entry(name, number);
                Assert.True(ledger.Find(index)?.Bytes.Span.SequenceEqual(entry.Bytes.Span) == true, $"round {round}: entry {index} is lost");
                Assert.Equal(index, ledger.IndexOf(entry.Key!));
                Assert.Equal([index], ledger.Find(entry.Labels.Select(label => new LabelFilter(label.Name, label.Value)).ToList(), terms: entry.Terms).Where(found => found == index));
            }

            // Life goes on: the retry of one that may or may not have got through.
            await ledger.Append(LedgerProgram.Entry(name, acknowledged.Count == 0 ? 0 : acknowledged.Max(one => one.Number) + 1));
            scratch.CloseAll();
        }

        Assert.True(killed > 0, "no process was killed while it wrote");
    }

    [Fact]
    public async Task Two_processes_append_to_one_folder()
    {
        scratch.Open();
        scratch.CloseAll();
        var outputs = await Task.WhenAll(new[] { "one", "two" }.Select(async name =>
        {
            using var process = LedgerProgram.Start(scratch.Path, name, 100);
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await errors);
            return (name, Lines: output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList());
        }));
        var ledger = scratch.Open();
        Assert.Equal(201, ledger.Size);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), outputs.SelectMany(output => output.Lines).Select(line => line.Index).Order());
        foreach (var (name, lines) in outputs)
            Assert.All(lines, line => Assert.Equal(LedgerProgram.Entry(name, line.Number).Bytes.ToArray(), ledger.Find(line.Index)!.Bytes.ToArray()));
        Assert.Empty(ledger.Verify().Faults);
    }

    private static (long Index, int Number) Parse(string line)
    {
        var parts = line.Split(' ');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
