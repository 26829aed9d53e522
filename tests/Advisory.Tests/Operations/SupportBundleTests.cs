using System.IO.Compression;
using System.Net;
using System.Text;
using Advisory.Host.Service.Access;
using Advisory.Tests.Service;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Operations;

/// <summary><c>advisory support-bundle</c>: enough to help with, and nothing that was confided.</summary>
public sealed class SupportBundleTests : IDisposable
{
    private readonly OperatorsMachine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public async Task No_fact_reason_name_key_or_secret_is_in_it()
    {
        var secrets = new List<string> { "whispered", "Persephone", "granite", "umbra", "hunter2", "orchard", "basalt" };
        await using var service = await RunningService.Start(options =>
        {
            (options["restricted"], options["otlp"]) = ("umbra", "http://persephone:hunter2@127.0.0.1:4318/");
        });
        var officer = service.AddKey("Persephone Granite", Roles.Officer, "umbra");
        secrets.Add(officer);
        var scenario = """
            {"title":"whispered title","asOf":"2026-01-24","subject":"orchard","classification":"umbra",
             "facts":{"launch.pad":{"value":"granite","source":"Persephone whispered it","by":"Persephone","note":"basalt"}}}
            """;
        var id = (string)(await RunningService.Json(await service.Post("/v1/decisions", scenario, officer), HttpStatusCode.Created))["record"]!["id"]!;
        await RunningService.Json(await service.Post("/v1/evaluations", scenario, officer), HttpStatusCode.OK);
        await service.Post("/v1/decisions", """{"facts":{"orchard.basalt":"whispered"}}""", officer); // refused, and recorded as such
        await service.Post($"/v1/decisions/{id}/withdrawal", """{"reason":"whispered reason"}""", officer);
        Directory.CreateDirectory(Path.Combine(service.Data, "drafts"));
        File.WriteAllText(Path.Combine(service.Data, "drafts", "orchard.json"), scenario);
        File.WriteAllText(Path.Combine(service.Data, "basalt.txt"), "a person's own");
        File.WriteAllText(Path.Combine(service.Rules, "range.json"), """{"WorkflowName":"range","Rules":[{"RuleName":"granite","Expression":"whispered == \"basalt\""}]}""");
        secrets.AddRange(Directory.EnumerateFiles(Path.Combine(service.Data, "keys")).SelectMany(File.ReadLines).Where(line => line[0] != '-'));
        secrets.AddRange(JObject.Parse(File.ReadAllText(Path.Combine(service.Data, "access.json"))).SelectTokens("$..sha256").Select(hash => (string)hash!));
        secrets.Add(machine.PathOf("")); // paths name people: home folders

        var file = machine.PathOf("bundle.zip");
        var settings = machine.Write("settings.json", new JObject
        {
            ["data"] = service.Data,
            ["rules"] = service.Rules,
            ["restricted"] = "umbra",
            ["otlp"] = "http://persephone:hunter2@127.0.0.1:4318/",
            ["listen"] = service.Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["log-format"] = "json",
        }.ToString());
        var (code, output, errors) = RunProgram.With("support-bundle", "--config", settings, "--out", file);
        Assert.True(code == 0, output + errors);

        var parts = Parts(file);
        foreach (var secret in secrets)
            Assert.All(parts, part => Assert.DoesNotContain(secret, part.Value, StringComparison.OrdinalIgnoreCase));

        var bundle = Json(parts);
        Assert.Equal("broken", (string?)bundle.SelectToken("book.state"));
        Assert.True((bool)bundle.SelectToken("ledger.verification.verified")!);
        Assert.Equal(1, (int)bundle.SelectToken("ledger.verification.decisions")!);
        Assert.Equal(200, (int)bundle["status"]!["/health/live"]!);
        Assert.Equal(2, (int)bundle.SelectToken("access.keys.officer")!);
        Assert.Equal("json", (string?)bundle["settings"]!.Single(setting => (string?)setting["name"] == "log-format")["value"]);
        Assert.Equal("(set)", (string?)bundle["settings"]!.Single(setting => (string?)setting["name"] == "otlp")["value"]);
        Assert.Equal(1, (int)bundle.SelectToken("ledger.files.others")!);
        Assert.Equal(1, (int)bundle.SelectToken("ledger.files['drafts/'].files")!);
        Assert.Contains("range.json:", (string)bundle.SelectToken("book.problems[0].at")!, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void It_says_what_the_program_the_book_and_the_ledger_are()
    {
        machine.CopyFrozenLedger();
        var bundle = Make("--rules", Repository.PathOf("tests", "Advisory.Tests", "Books", "launch"), "--listen", "http://127.0.0.1:1");
        var checkpoint = File.ReadAllText(Path.Combine(machine.Data, "checkpoint"));
        Assert.Equal(("good", Books.Launch.Digest), ((string?)bundle.SelectToken("book.state"), (string?)bundle.SelectToken("book.digest")));
        Assert.Equal(("open", 37, checkpoint), ((string?)bundle.SelectToken("ledger.state"), (int)bundle.SelectToken("ledger.entries")!, (string?)bundle.SelectToken("ledger.checkpoint")));
        Assert.Equal((true, 37, 31, 0), ((bool)bundle.SelectToken("ledger.verification.verified")!, (int)bundle.SelectToken("ledger.verification.entries")!, (int)bundle.SelectToken("ledger.verification.decisions")!, (int)bundle.SelectToken("ledger.verification.faults")!));
        Assert.Equal("no answer", (string?)bundle["status"]!["/health/ready"]);
        Assert.EndsWith(checkpoint, Parts(machine.PathOf("bundle.zip"))["checkpoints.txt"], StringComparison.Ordinal);
        Assert.True((long)bundle.SelectToken("machine.dataDisk.freeBytes")! > 0);
    }

    [Fact]
    public void A_ledger_that_was_changed_is_said_to_be_and_where()
    {
        machine.CopyFrozenLedger();
        var database = Path.Combine(machine.Data, "ledger.db");
        var bytes = File.ReadAllBytes(database);
        bytes[bytes.AsSpan().LastIndexOf("\"kind\":\"decision\""u8) + 9] ^= 1;
        File.WriteAllBytes(database, bytes);
        var bundle = Make();
        Assert.False((bool)bundle.SelectToken("ledger.verification.verified")!);
        Assert.NotEmpty(bundle.SelectToken("ledger.verification.faultsAt")!);
    }

    [Fact]
    public void A_ledger_that_does_not_open_and_one_that_is_not_there_are_told_apart()
    {
        machine.CopyFrozenLedger();
        File.Delete(Path.Combine(machine.Data, "ledger.db"));
        Assert.Equal("rolled back", (string?)Make().SelectToken("ledger.state"));
        File.Delete(machine.PathOf("bundle.zip"));
        Directory.Delete(machine.Data, recursive: true);
        Assert.Equal("none", (string?)Make().SelectToken("ledger.state"));
    }

    [Fact]
    public void In_a_hurry_the_ledger_is_not_verified()
    {
        machine.CopyFrozenLedger();
        var bundle = Make("--quick");
        Assert.Equal(37, (int)bundle.SelectToken("ledger.entries")!);
        Assert.Null(bundle.SelectToken("ledger.verification"));
    }

    [Fact]
    public void It_overwrites_nothing()
    {
        machine.CopyFrozenLedger();
        var file = machine.Write("bundle.zip", "somebody's own");
        var (code, _, errors) = RunProgram.With("support-bundle", "--data", machine.Data, "--out", file);
        Assert.Equal(2, code);
        Assert.Contains("is there already; nothing is overwritten", errors, StringComparison.Ordinal);
        Assert.Equal("somebody's own", File.ReadAllText(file));
    }

    private JObject Make(params string[] also)
    {
        var (code, output, errors) = RunProgram.With(["support-bundle", "--data", machine.Data, "--out", machine.PathOf("bundle.zip"), .. also.Contains("--listen") ? also : [.. also, "--listen", "http://127.0.0.1:1"]]);
        Assert.True(code == 0, output + errors);
        return Json(Parts(machine.PathOf("bundle.zip")));
    }

    private static JObject Json(Dictionary<string, string> parts)
    {
        using var reader = new JsonTextReader(new StringReader(parts["support.json"])) { DateParseHandling = DateParseHandling.None };
        return JObject.Load(reader);
    }

    private static Dictionary<string, string> Parts(string file)
    {
        using var zip = ZipFile.OpenRead(file);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        }, StringComparer.Ordinal);
    }
}
