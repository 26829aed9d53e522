using Advisory.Host.Records;
using Advisory.Tests.Ledgers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Host;

/// <summary>The real program, ended without warning while it records. ADVISORY_RECORD_KILLS sets the rounds.</summary>
public sealed class RecordKillTests : IDisposable
{
    private static readonly string Book = Repository.PathOf("tests", "Advisory.Tests", "Books", "launch");

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_killed_while_it_records_loses_no_decision_that_it_had_shown_and_goes_on_where_it_was()
    {
        var data = Path.Combine(folder.Path, "data");
        var random = new Random(7);
        var scenarios = Books.CaseNames("tests", "Advisory.Tests", "Books", "launch")
            .Select(name => JObject.Parse(File.ReadAllText(Path.Combine(Book, "cases", name + ".json")))["scenario"]!.ToString(Formatting.None)).ToList();
        var rounds = HeavyFactAttribute.Rounds(3, 40, "ADVISORY_RECORD_KILLS");
        var shown = new Dictionary<string, (string Id, long Index)>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            var batch = FormattableString.Invariant($"batch-{round / 2}"); // every second round sends the one before again
            var file = folder.Write(batch + ".jsonl", string.Concat(Enumerable.Range(0, 3_000).Select(i => scenarios[i % scenarios.Count] + "\n")));
            using (var program = RealProgram.Start(["evaluate", file, "--lines", "--record", "--by", "ada", "--key", batch, "--rules", Book, "--data", data]))
            {
                var errors = program.StandardError.ReadToEndAsync();
                // Some while it starts, most while it writes.
                var wanted = round == 0 ? 0 : random.Next(1, 200);
                var lines = new List<string>();
                while (lines.Count < wanted && await program.StandardOutput.ReadLineAsync() is { } line) lines.Add(line);
                if (lines.Count != wanted) Assert.Fail(await errors);
                if (wanted == 0) await Task.Delay(random.Next(0, 600));
                program.Kill();
                // What it printed before it died was acknowledged too; a line cut short was not.
                lines.AddRange((await program.StandardOutput.ReadToEndAsync()).Split('\n')[..^1]);
                await program.WaitForExitAsync();
                foreach (var record in lines.Select(line => (JObject)JObject.Parse(line)["record"]!))
                {
                    var (key, id, index) = ((string)record["key"]!, (string)record["id"]!, (long)record["index"]!);
                    if (shown.TryGetValue(key, out var before)) Assert.Equal(before, (id, index)); // sent again: the same decision
                    shown[key] = (id, index);
                }
            }

            if (!File.Exists(Path.Combine(data, "ledger.db"))) continue;
            using var log = DecisionLog.Open(data, new() { Creator = "tests" });
            Assert.Empty(LogCheck.Of(log).Faults);
            foreach (var (key, (id, index)) in shown)
            {
                var decision = Assert.IsType<Decision>(log.Entry(index));
                Assert.Equal((id, key), (decision.Id, decision.Key));
            }

            var keys = log.Ledger.Entries().Select(LogEntry.Read).OfType<Decision>().Select(decision => decision.Key).ToList();
            Assert.Equal(keys.Distinct(), keys);
        }

        Assert.NotEmpty(shown);
    }
}
