using System.Text.RegularExpressions;
using Advisory.Host.Service.Access;
using Advisory.Tests.Host;
using Advisory.Tests.Service;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Operations;

/// <summary>Alerts and dashboard ask for figures that exist, and lead to pages that exist.</summary>
public sealed partial class WatchTests
{
    private static readonly List<JToken> Alerts = [.. Yaml.Documents("ops", "watch", "alerts.yaml").Single()["groups"]!.SelectMany(group => group["rules"]!)];

    private static List<string> Asked => [.. Alerts.Select(alert => (string)alert["expr"]!)];

    private static List<string> Shown => [.. JObject.Parse(File.ReadAllText(Repository.PathOf("ops", "watch", "dashboard.json"))).SelectTokens("$.panels[*].targets[*].expr").Select(expression => (string)expression!)];

    /// <summary>Name, type and help of what backup.sh and verify.sh leave for the node exporter.</summary>
    private static Dictionary<string, (string Type, string Help)> OfScripts => File.ReadLines(Repository.PathOf("ops", "watch", "script-metrics.txt"))
        .Where(line => line[0] != '#').Select(line => line.Split(' ', 3)).ToDictionary(parts => parts[0], parts => (parts[1], parts[2]), StringComparer.Ordinal);

    [Ledgers.OpenSslFact]
    public async Task Every_figure_and_label_that_an_alert_or_the_dashboard_asks_for_exists()
    {
        using var scratch = new ScratchFolder();
        var labels = await OfService(scratch);
        foreach (var name in OfScripts.Keys) labels.Add(name, []);
        labels.Add("up", ["job"]); // Prometheus's own, for each place that it asks
        foreach (var expression in Asked.Concat(Shown))
        {
            var asked = Selector().Matches(expression).Select(match => (Name: Suffix().Replace(match.Groups[1].Value, ""), Matchers: match.Groups[2].Value)).ToList();
            Assert.NotEmpty(asked);
            foreach (var (name, matchers) in asked)
            {
                Assert.True(labels.ContainsKey(name), $"{name}, asked for in `{expression}`, is no figure");
                Assert.All(Label().Matches(matchers).Select(match => match.Groups[1].Value), label => Assert.True(labels[name].Contains(label), $"{name} has no label {label}, as `{expression}` asks"));
            }

            // What is summed by a label is one of a figure in the same expression.
            foreach (var by in By().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)))
                Assert.True(by == "le" || asked.Any(one => labels[one.Name].Contains(by)), $"nothing in `{expression}` has a label {by}");
        }
    }

    [Fact]
    public void Every_alert_leads_to_a_page_that_names_it()
    {
        Assert.NotEmpty(Alerts);
        Assert.Equal(Alerts.Count, Alerts.Select(alert => (string)alert["alert"]!).Distinct().Count());
        foreach (var alert in Alerts)
        {
            var name = (string)alert["alert"]!;
            var page = (string)alert["annotations"]!["runbook"]!;
            Assert.True(page.StartsWith("runbooks/", StringComparison.Ordinal) && File.Exists(Repository.PathOf(["ops", .. page.Split('/')])), $"{name}: there is no {page}");
            Assert.Contains($"`{name}`", File.ReadAllText(Repository.PathOf(["ops", .. page.Split('/')])), StringComparison.Ordinal);
            Assert.Contains((string?)alert["labels"]!["severity"], new[] { "page", "ticket" });
            Assert.NotEmpty((string)alert["annotations"]!["summary"]!);
        }
    }

    [Fact]
    public void Every_figure_that_a_script_leaves_is_looked_at()
    {
        var all = string.Join('\n', Asked.Concat(Shown));
        Assert.All(OfScripts.Keys, name => Assert.Contains(name, all, StringComparison.Ordinal));
    }

    [BashFact]
    public void The_scripts_leave_the_figures_of_the_list_and_no_others()
    {
        using var machine = new OperatorsMachine();
        machine.CopyFrozenLedger();
        Assert.Equal(0, machine.Run("backup.sh").Code);
        Assert.Equal(0, machine.Run("verify.sh").Code);
        var left = Directory.EnumerateFiles(machine.Metrics).SelectMany(file => ScriptFigures.Read(file).Keys).Order(StringComparer.Ordinal);
        Assert.Equal(OfScripts.Keys.Where(name => name != "advisory_verify_certificate_end_seconds").Order(StringComparer.Ordinal), left); // there is no proxy here
        var text = File.ReadAllText(Path.Combine(machine.Metrics, "backup.prom"));
        foreach (var (name, (type, help)) in OfScripts.Where(one => one.Key.StartsWith("advisory_backup_", StringComparison.Ordinal)))
            Assert.Contains($"# HELP {name} {help}\n# TYPE {name} {type}\n{name} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_is_tried_on_figures_in_the_file_beside_it()
    {
        // promtool runs that file; that it leaves no alert out is held here.
        var tried = Yaml.Documents("ops", "watch", "alerts.test.yaml").Single()["tests"]!.First()["alert_rule_test"]!.Select(test => (string)test["alertname"]!);
        Assert.Equal(Alerts.Select(alert => (string)alert["alert"]!), tried);
    }

    [Fact]
    public async Task A_ledger_that_was_put_back_shows_as_a_contradiction_until_the_next_start()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        Assert.Contains("advisory_ledger_contradicts_checkpoint 0\n", await Metrics(service), StringComparison.Ordinal);
        // The file outside says that there was more than there is.
        using (var machine = new OperatorsMachine())
        {
            machine.CopyFrozenLedger();
            service.Office.Ledger.Dispose();
            File.Copy(Path.Combine(machine.Data, "checkpoint"), Path.Combine(service.Data, "checkpoint"), overwrite: true);
        }

        await Metrics(service); // the first look finds it out
        var text = await Metrics(service);
        Assert.Contains("advisory_ledger_contradicts_checkpoint 1\n", text, StringComparison.Ordinal);
        Assert.Contains("advisory_ledger_writable 0\n", text, StringComparison.Ordinal);
    }

    /// <summary>Every figure of the service with its labels, after everything was done once that counts.</summary>
    private static async Task<Dictionary<string, HashSet<string>>> OfService(ScratchFolder scratch)
    {
        var (certificate, key) = (Path.Combine(scratch.Path, "tls.crt"), Path.Combine(scratch.Path, "tls.key"));
        Assert.Equal(0, Ledgers.Programs.Run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=a.example").Code);
        await using var service = await RunningService.Start(options => (options["tls-certificate"], options["tls-key"]) = (certificate, key));
        var recorded = await service.Record();
        await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Officer));
        await service.Post("/v1/evaluations", "{", service.KeyOf(Roles.Officer));
        await service.Get("/v1/decisions/" + (string)recorded["record"]!["id"]!, service.KeyOf(Roles.Auditor));
        var labels = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in (await Metrics(service)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) labels[line.Split(' ')[2]] = ["job"];
            if (line[0] == '#') continue;
            var name = Suffix().Replace(line.Split('{', ' ')[0], "");
            foreach (Match label in Label().Matches(line.Contains('{', StringComparison.Ordinal) ? line : "")) labels[name].Add(label.Groups[1].Value);
        }

        return labels;
    }

    private static async Task<string> Metrics(RunningService service)
    {
        using var answer = await service.Get("/metrics", service.KeyOf(Roles.Operator));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"\b(up|advisory_\w+)(?:\{([^}]*)\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(?<=advisory_\w+_seconds)_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"(\w+)\s*=~?""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b(?:by|without) \(([^)]*)\)")]
    private static partial Regex By();
}
