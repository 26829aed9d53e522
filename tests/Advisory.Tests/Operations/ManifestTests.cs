using System.Net;
using System.Text.RegularExpressions;
using Advisory.Tests.Service;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Operations;

/// <summary>Containers and Kubernetes: what the files say of each other, of this repository and of the service is so.</summary>
public sealed partial class ManifestTests
{
    private static readonly List<JObject> Objects = [.. Directory.EnumerateFiles(Repository.PathOf("ops", "kubernetes"), "*.yaml").Order(StringComparer.Ordinal)
        .Where(file => Path.GetFileName(file) != "kustomization.yaml").SelectMany(file => Yaml.Documents(file)).Cast<JObject>()];

    /// <summary>Every pod that is started, by the name of what starts it.</summary>
    private static List<(string Name, JObject Labels, JObject Spec)> Pods =>
    [
        .. Objects.Select(o => (Name: (string)o["metadata"]!["name"]!, Template: o.SelectToken("spec.jobTemplate.spec.template") ?? (o["kind"]!.Value<string>() is "StatefulSet" or "Job" ? o.SelectToken("spec.template") : null)))
            .Where(one => one.Template is not null).Select(one => (one.Name, (JObject)one.Template!["metadata"]!["labels"]!, (JObject)one.Template["spec"]!)),
    ];

    [Fact]
    public void Every_yaml_file_parses_and_no_document_in_it_is_empty()
    {
        var files = Directory.EnumerateFiles(Repository.PathOf("ops"), "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".yaml" or ".yml").ToList();
        Assert.True(files.Count >= 9);
        Assert.All(files, file => Assert.All(Yaml.Documents(file), document => Assert.NotEmpty(document)));
    }

    [Fact]
    public void Every_object_is_in_the_namespace_and_named_by_the_kustomization_or_for_the_restore()
    {
        Assert.All(Objects, o => Assert.True(o["apiVersion"] is not null && o["kind"] is not null && (string?)o["kind"] == "Namespace" != ((string?)o["metadata"]!["namespace"] == "advisory"), o.ToString()));
        Assert.Equal(Objects.Count, Objects.Select(o => (o["kind"], o["metadata"]!["name"])).Distinct().Count());
        var resources = Yaml.Documents("ops", "kubernetes", "kustomization.yaml").Single()["resources"]!.Select(name => (string)name!).Order(StringComparer.Ordinal);
        Assert.Equal(["advisory.yaml", "jobs.yaml", "namespace.yaml"], resources);
    }

    [Fact]
    public void One_replica_writes_one_volume_and_never_two_at_once()
    {
        var set = Objects.Single(o => (string?)o["kind"] == "StatefulSet");
        Assert.Equal(1, (int)set.SelectToken("spec.replicas")!);
        Assert.Equal(["ReadWriteOnce"], set.SelectToken("spec.volumeClaimTemplates[0].spec.accessModes")!.Select(mode => (string)mode!));
        var claim = $"{set.SelectToken("spec.volumeClaimTemplates[0].metadata.name")}-{set.SelectToken("metadata.name")}-0";
        // The nightly jobs use the volume of that replica, on its node.
        foreach (var pod in Pods.Where(pod => pod.Name is "advisory-backup" or "advisory-verify" or "advisory-restore"))
            Assert.Contains(claim, pod.Spec.SelectTokens("volumes[*].persistentVolumeClaim.claimName").Select(name => (string?)name));
        Assert.All(Objects.Where(o => (string?)o["kind"] == "CronJob"), job => Assert.Equal("Forbid", (string?)job.SelectToken("spec.concurrencyPolicy")));
        var selector = set.SelectToken("spec.selector.matchLabels");
        foreach (var affinity in Objects.SelectMany(o => o.SelectTokens("$..podAffinity.requiredDuringSchedulingIgnoredDuringExecution[*].labelSelector.matchLabels")).Append(Objects.Single(o => (string?)o["kind"] == "Service").SelectToken("spec.selector")).Append(Objects.Single(o => (string?)o["kind"] == "NetworkPolicy").SelectToken("spec.podSelector.matchLabels")).Append(set.SelectToken("spec.template.metadata.labels")))
            Assert.True(JToken.DeepEquals(selector, affinity));
        // Nobody else carries the label by which the service is found.
        Assert.All(Pods.Where(pod => pod.Name != "advisory"), pod => Assert.False(JToken.DeepEquals(pod.Labels, selector)));
    }

    [Fact]
    public void Every_pod_runs_as_nobody_with_a_root_that_is_read_only_and_mounts_what_it_declares()
    {
        Assert.Equal(4, Pods.Count);
        foreach (var (name, _, spec) in Pods)
        {
            Assert.Equal((true, 10001, "OnRootMismatch", "RuntimeDefault", false), ((bool)spec.SelectToken("securityContext.runAsNonRoot")!, (int)spec.SelectToken("securityContext.runAsUser")!,
                (string?)spec.SelectToken("securityContext.fsGroupChangePolicy"), (string?)spec.SelectToken("securityContext.seccompProfile.type"), (bool)spec["automountServiceAccountToken"]!));
            var declared = spec["volumes"]!.Select(volume => (string)volume["name"]!).Concat(name == "advisory" ? ["ledger"] : []).Order(StringComparer.Ordinal);
            var container = Assert.Single(spec["containers"]!);
            Assert.Equal(declared, container["volumeMounts"]!.Select(mount => (string)mount["name"]!).Order(StringComparer.Ordinal));
            Assert.Equal((true, false, "ALL"), ((bool)container.SelectToken("securityContext.readOnlyRootFilesystem")!, (bool)container.SelectToken("securityContext.allowPrivilegeEscalation")!, (string?)container.SelectToken("securityContext.capabilities.drop[0]")));
            Assert.NotNull(container.SelectToken("resources.limits.memory"));
            // Settings of the scripts are those that they read.
            var script = File.ReadAllText(Repository.PathOf("ops", "common.sh"));
            Assert.All(container.SelectTokens("env[*].name").Select(variable => (string)variable!).Where(variable => variable != "TMPDIR"), variable => Assert.Contains("${" + variable, script, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Probes_ask_for_addresses_that_the_service_answers_without_a_key()
    {
        var container = Pods.Single(pod => pod.Name == "advisory").Spec["containers"]!.Single();
        await using var service = await RunningService.Start();
        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            Assert.Equal("http", (string?)container.SelectToken(probe + ".httpGet.port"));
            using var answer = await service.Get((string)container.SelectToken(probe + ".httpGet.path")!, key: null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public void The_command_lines_of_image_and_pod_are_good_settings()
    {
        var pod = Pods.Single(pod => pod.Name == "advisory").Spec["containers"]!.Single();
        var image = JArray.Parse(Regex.Match(File.ReadAllText(Repository.PathOf("ops", "container", "Containerfile")), @"^CMD (\[.*\])$", RegexOptions.Multiline).Groups[1].Value);
        foreach (var arguments in new[] { pod["args"]!, image })
        {
            var words = arguments.Select(word => (string)word!).ToList();
            Assert.Equal("serve", words[0]);
            var (code, output, errors) = RunProgram.With(["config", .. words[1..]]);
            Assert.True(code == 0, errors);
            Assert.Contains("listen = http://0.0.0.0:5080\n", output, StringComparison.Ordinal);
            Assert.Contains("data = /var/lib/advisory/data\n", output, StringComparison.Ordinal);
        }

        Assert.Equal(5080, (int)pod.SelectToken("ports[0].containerPort")!);
        Assert.Equal(5080, (int)Objects.Single(o => (string?)o["kind"] == "NetworkPolicy").SelectToken("spec.ingress[0].ports[0].port")!);
        Assert.Empty(Objects.Single(o => (string?)o["kind"] == "NetworkPolicy").SelectToken("spec.egress")!);
    }

    [Fact]
    public void The_book_fits_into_a_config_map()
    {
        const int MaxBytes = 1 << 20;
        var book = new DirectoryInfo(Repository.PathOf("rules", "ukraine")).EnumerateFiles().Sum(file => file.Length);
        Assert.InRange(book, 1, MaxBytes - 100_000);
        Assert.Contains(Pods.Single(pod => pod.Name == "advisory").Spec.SelectTokens("volumes[*].configMap.name"), name => (string?)name == "advisory-book");
    }

    [Fact]
    public void Every_container_of_the_compose_file_is_confined_and_mounts_files_that_are_here_or_are_secrets()
    {
        var compose = (JObject)Yaml.Documents("ops", "container", "compose.yaml").Single();
        var services = (JObject)compose["services"]!;
        Assert.Equal(["advisory", "grafana", "prometheus", "proxy"], services.Properties().Select(service => service.Name).Order(StringComparer.Ordinal));
        foreach (var service in services.Properties())
        {
            Assert.True((bool)service.Value["read_only"]!, service.Name);
            Assert.Matches(@":v?\d+\.\d+", (string)service.Value["image"]!);
            foreach (var mount in service.Value["volumes"]!.Select(volume => ((string)volume!).Split(':')))
            {
                if (mount[0][0] != '.') Assert.Contains(mount[0], ((JObject)compose["volumes"]!).Properties().Select(volume => volume.Name));
                else if (!mount[0].StartsWith("./secrets/", StringComparison.Ordinal)) Assert.True(Path.Exists(Path.Combine(Repository.PathOf("ops", "container"), mount[0])), mount[0]);
                else Assert.Contains(Path.GetFileName(mount[0]), File.ReadAllText(Repository.PathOf("ops", "container", "compose.yaml")).Split("name: advisory")[0], StringComparison.Ordinal);
                if (mount[0][0] == '.') Assert.Equal("ro", mount[^1]);
            }
        }

        // The service is reached through the proxy alone, and reaches nothing outside.
        Assert.Equal(["inside"], services["advisory"]!["networks"]!.Select(network => (string)network!));
        Assert.Null(services["advisory"]!["ports"]);
        Assert.True((bool)compose["networks"]!["inside"]!["internal"]!);
        // What Prometheus reads stands where its settings say.
        var prometheus = Yaml.Documents("ops", "container", "prometheus.yml").Single();
        var mounts = services["prometheus"]!["volumes"]!.Select(volume => ((string)volume!).Split(':')[1]).ToList();
        Assert.Contains((string?)prometheus.SelectToken("rule_files[0]"), mounts);
        Assert.Contains((string?)prometheus.SelectToken("scrape_configs[0].authorization.credentials_file"), mounts);
        Assert.Equal(("advisory", "advisory:5080"), ((string?)prometheus.SelectToken("scrape_configs[0].job_name"), (string?)prometheus.SelectToken("scrape_configs[0].static_configs[0].targets[0]")));
        var source = Yaml.Documents("ops", "container", "grafana", "datasources", "prometheus.yaml").Single();
        var dashboard = JObject.Parse(File.ReadAllText(Repository.PathOf("ops", "watch", "dashboard.json")));
        Assert.All(dashboard.SelectTokens("$..datasource.uid"), uid => Assert.Equal((string?)source.SelectToken("datasources[0].uid"), (string?)uid));
    }

    [Fact]
    public void The_image_is_made_of_files_that_are_here_and_runs_as_nobody()
    {
        var lines = File.ReadAllLines(Repository.PathOf("ops", "container", "Containerfile"));
        foreach (var copy in lines.Where(line => line.StartsWith("COPY ops/", StringComparison.Ordinal)).Select(line => line.Split(' ')))
            Assert.All(copy[1..^1], file => Assert.True(File.Exists(Repository.PathOf(file.Split('/'))), file));
        Assert.Contains("USER 10001:10001", lines);
        // The same publication as on a machine.
        var publish = Publish().Match(string.Join('\n', lines)).Value;
        Assert.NotEmpty(publish);
        Assert.Contains(publish, File.ReadAllText(Repository.PathOf("ops", "install.sh")), StringComparison.Ordinal);
        Assert.Contains(publish, File.ReadAllText(Repository.PathOf("ops", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxies_let_through_as_much_as_a_form_may_hold_and_keep_figures_inside()
    {
        const int MaxFormBytes = 2 * (256 << 10);
        var nginx = File.ReadAllText(Repository.PathOf("ops", "proxy", "nginx.conf"));
        var caddy = File.ReadAllText(Repository.PathOf("ops", "proxy", "Caddyfile"));
        Assert.True(int.Parse(Regex.Match(nginx, @"client_max_body_size (\d+)k;").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) * 1024 > MaxFormBytes);
        Assert.True(int.Parse(Regex.Match(caddy, @"max_size (\d+)KB").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) * 1000 > MaxFormBytes);
        Assert.Contains("location = /metrics { return 404; }", nginx, StringComparison.Ordinal);
        Assert.Contains("respond /metrics 404", caddy, StringComparison.Ordinal);
        // Cookies and addresses that the service writes are those of the name that was asked for.
        Assert.Contains("proxy_set_header Host $host;", nginx, StringComparison.Ordinal);
        Assert.DoesNotContain("TLSv1.1", nginx, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"dotnet publish src/Advisory\.Host .*?publish\.lock\.json")]
    private static partial Regex Publish();
}
