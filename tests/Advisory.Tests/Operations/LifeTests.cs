using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Advisory.Host.Records;
using Advisory.Host.Service.Access;
using Advisory.Ledgers.Sqlite;
using Advisory.Tests.Host;
using Advisory.Tests.Ledgers;
using Advisory.Tests.Service;

namespace Advisory.Tests.Operations;

/// <summary>Start, stop, upgrade: the real program as the unit runs it, and ledgers of other versions.</summary>
public sealed class LifeTests : IDisposable
{
    private static readonly string Rules = Repository.PathOf("tests", "Advisory.Tests", "Books", "launch");

    private readonly OperatorsMachine machine = new();

    public void Dispose() => machine.Dispose();

    [InterruptFact]
    public async Task Told_to_stop_it_ends_with_0_and_after_the_next_start_everything_acknowledged_is_there()
    {
        var (made, key, _) = RunProgram.With("keys", "add", "--role", "officer", "--name", "ada", "--data", machine.Data);
        Assert.Equal(0, made);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Trim());
        var acknowledged = 0;
        for (var round = 0; round < 2; round++)
        {
            using var program = RealProgram.Start(["serve", "--rules", Rules, "--data", machine.Data, "--listen", "http://127.0.0.1:0"]);
            try
            {
                var line = "";
                while (!line.StartsWith("Advisory listens on ", StringComparison.Ordinal)) line = await program.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await program.StandardError.ReadToEndAsync());
                var address = line.Split(' ')[^1];
                Assert.Equal("ready\n", await client.GetStringAsync(address + "/health/ready"));
                for (var i = 0; i < 3; i++)
                {
                    using var answer = await client.PostAsync(address + "/v1/decisions", new StringContent(RunningService.Good, Encoding.UTF8, "application/json"));
                    Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                    acknowledged++;
                }

                Assert.Equal(0, Programs.Run("kill", "-TERM", program.Id.ToString(CultureInfo.InvariantCulture)).Code);
                await program.WaitForExitAsync();
                Assert.Equal(0, program.ExitCode);
            }
            finally
            {
                if (!program.HasExited) program.Kill();
            }

            Assert.False(File.Exists(Path.Combine(machine.Data, "ledger.db-wal"))); // closed in order, not cut off
        }

        using var log = DecisionLog.Open(machine.Data, new() { ReadOnly = true });
        Assert.Equal(acknowledged, LogCheck.Of(log).Decisions);
        Assert.Empty(LogCheck.Of(log).Faults);
    }

    [BashFact]
    public void Wrong_settings_end_it_with_2_before_anything_is_opened_as_the_unit_counts_on()
    {
        var settings = machine.Write("advisory.json", $$"""{"data":"{{machine.Data}}","listen":"http://0.0.0.0:5080","polll":"2"}""");
        foreach (var verb in new[] { "config", "serve" })
        {
            var (code, _, errors) = RealProgram.Bash($"advisory {verb} --config {settings}", machine.PathOf("."));
            Assert.Equal(2, code);
            Assert.Contains("sets `polll`, which is no setting", errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(machine.Data));
    }

    [Fact]
    public async Task A_ledger_of_an_earlier_version_is_taken_over_and_its_decisions_replay_the_same()
    {
        machine.CopyFrozenLedger();
        await using (var service = await RunningService.Start(options => options["data"] = machine.Data))
        {
            var recorded = await service.Record();
            Assert.True((long)recorded["record"]!["index"]! >= 37);
        }

        var (code, output, errors) = RunProgram.With("log", "verify", "--data", machine.Data, "--checkpoint", Repository.PathOf("tests", "Advisory.Tests", "frozen", "decisions-v1", "checkpoint"));
        Assert.True(code == 0, output + errors);
        (code, output, errors) = RunProgram.With("log", "replay", "--all", "--data", machine.Data);
        Assert.True(code == 0, output + errors);
        Assert.Equal("32 the same, 0 differ, 0 not replayable here\n", output);
    }

    [Fact]
    public async Task An_older_program_refuses_a_newer_database_says_so_and_changes_nothing()
    {
        machine.CopyFrozenLedger();
        var database = Path.Combine(machine.Data, "ledger.db");
        const int PlaceOfUserVersion = 60; // in the header of an SQLite file
        var bytes = File.ReadAllBytes(database);
        var newest = Schema.Newest;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(PlaceOfUserVersion), newest + 1);
        File.WriteAllBytes(database, bytes);

        await using (var service = await RunningService.Start(options => options["data"] = machine.Data))
        {
            using var ready = await service.Get("/health/ready", null);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready: the ledger cannot be used\n"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
            var refused = await RunningService.Json(await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.ServiceUnavailable);
            Assert.Contains("use the newer version of this program that wrote it", (string)refused["detail"]!, StringComparison.Ordinal);
            await RunningService.Json(await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.OK);
        }

        var (code, _, errors) = RunProgram.With("log", "rotate-key", "--reason", "x", "--by", "ada", "--data", machine.Data);
        Assert.NotEqual(0, code);
        Assert.Contains(FormattableString.Invariant($"is a ledger of format {newest + 1}, and this program knows formats up to {newest}"), errors, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(database));
    }
}
