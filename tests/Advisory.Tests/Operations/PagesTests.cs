using System.Text;
using System.Text.RegularExpressions;
using Advisory.Host.Service.Access;
using Advisory.Tests.Host;
using Advisory.Tests.Service;

namespace Advisory.Tests.Operations;

/// <summary>The pages for operators are true: their commands run, their links lead somewhere, and everybody finds a page in one step.</summary>
public sealed partial class PagesTests : IDisposable
{
    // What needs systemd, root, a cluster, a registry or somebody else's program cannot run in a test. Anything else must.
    private static readonly string[] Elsewhere =
    [
        "systemctl", "journalctl", "findmnt", "df", "du", "cp", "rm", "ls", "install", "openssl", "nginx", "podman", "kubectl", "dotnet", "ops/install.sh", "sudo ops/install.sh",
        "sudo -u advisory tar", "sudo -u advisory /opt/advisory/current/ops/restore-drill.sh", // both run in BackupTests
    ];

    private readonly OperatorsMachine machine = new();

    public static TheoryData<string> Pages => new(Directory.EnumerateFiles(Repository.PathOf("ops"), "*.md", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal));

    public void Dispose() => machine.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_command_of_a_page_that_can_run_here_runs(string page)
    {
        RunningService? service = null;
        try
        {
            foreach (var command in Commands(page))
            {
                if (command.StartsWith("curl ", StringComparison.Ordinal)) await Ask(service ??= await RunningService.Start(), command);
                else if (command.StartsWith("sudo -u advisory advisory ", StringComparison.Ordinal)) Run(command["sudo -u advisory advisory ".Length..]);
                else Assert.True(Elsewhere.Any(word => command == word || command.StartsWith(word + " ", StringComparison.Ordinal)), $"{page}: nobody knows whether `{command}` runs");
            }
        }
        finally
        {
            if (service is not null) await service.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_and_every_file_that_a_page_names_is_there(string page)
    {
        var path = Repository.PathOf(page.Split('/'));
        var text = File.ReadAllText(path);
        foreach (var link in Link().Matches(text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            var parts = link.Split('#');
            var target = parts[0].Length == 0 ? path : Path.Combine(Path.GetDirectoryName(path)!, parts[0]);
            Assert.True(Path.Exists(target), $"{page}: {link}");
            if (parts.Length > 1) Assert.Contains(parts[1], Heading().Matches(File.ReadAllText(target)).Select(match => match.Groups[1].Value.ToLowerInvariant().Replace(' ', '-')));
        }

        foreach (var file in Commands(page).SelectMany(command => command.Split(' ')).Where(word => word.StartsWith("ops/", StringComparison.Ordinal) || word.StartsWith("rules/", StringComparison.Ordinal) || word.StartsWith("src/", StringComparison.Ordinal)))
            Assert.True(Path.Exists(Repository.PathOf(file.Split('/'))), $"{page}: {file}");
    }

    [Theory]
    [InlineData("submit facts and read advice", "README.md")]
    [InlineData("write or change rules", "rules/README.md")]
    [InlineData("check what was recorded", "src/Advisory.Host/Records/README.md")]
    [InlineData("run the service", "ops/README.md")]
    public void Who_opens_the_readme_finds_the_page_in_one_step(string who, string page)
    {
        var row = File.ReadAllLines(Repository.PathOf("README.md")).Single(line => line.StartsWith("| " + who, StringComparison.Ordinal));
        Assert.True(page == "README.md" ? row.Contains("this page", StringComparison.Ordinal) : row.Contains($"]({page})", StringComparison.Ordinal), row);
    }

    [Fact]
    public void The_page_for_operators_names_every_runbook_and_says_of_each_alert_where_it_is_explained()
    {
        var page = File.ReadAllText(Repository.PathOf("ops", "README.md"));
        Assert.All(Directory.EnumerateFiles(Repository.PathOf("ops", "runbooks"), "*.md"), file => Assert.Contains($"(runbooks/{Path.GetFileName(file)})", page, StringComparison.Ordinal));
        foreach (var alert in Yaml.Documents("ops", "watch", "alerts.yaml").Single().SelectTokens("groups[*].rules[*]"))
            Assert.Contains(page.Split('\n'), line => line.Contains($"`{alert["alert"]}`", StringComparison.Ordinal) && line.Contains($"({alert["annotations"]!["runbook"]})", StringComparison.Ordinal));
    }

    /// <summary>Section, and its last requirement of level 1 or 2, in ASVS 5.0.0; in each they are numbered from 1, and those of level 3 come last.</summary>
    private const string Asvs = """
        1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4
        6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2
        11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3
        16.5:3 17.1:1 17.2:4 17.3:2
        """;

    [Fact]
    public void The_checklist_answers_every_requirement_once_and_what_it_names_is_there()
    {
        var text = File.ReadAllText(Repository.PathOf("ops", "asvs.md"));
        var rows = text.Split('\n').Where(line => Requirement().IsMatch(line)).Select(line => line.Split('|')).ToList();
        var asked = Asvs.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(section => section.Split(':'))
            .SelectMany(section => Enumerable.Range(1, int.Parse(section[1], System.Globalization.CultureInfo.InvariantCulture)).Select(number => FormattableString.Invariant($"{section[0]}.{number}"))).ToList();
        Assert.Equal(253, asked.Count);
        Assert.Equal(asked.Order(StringComparer.Ordinal), rows.SelectMany(row => row[1].Split(',', StringSplitOptions.TrimEntries)).Order(StringComparer.Ordinal));

        // A row says where it is shown, or that there is no such thing, or that it is not met or not ours to do.
        Assert.All(rows, row => Assert.True(row[3].Contains('`', StringComparison.Ordinal) || row[2].Contains("**Gap**", StringComparison.Ordinal) || row[2].Contains("*Operator*", StringComparison.Ordinal)
            || Absent().IsMatch(row[2]), string.Join('|', row)));
        foreach (var name in rows.SelectMany(row => Quoted().Matches(row[3])).Select(match => match.Groups[1].Value).Concat(Quoted().Matches(text).Select(match => match.Groups[1].Value).Where(name => name.EndsWith(".cs", StringComparison.Ordinal) || name.EndsWith(".md", StringComparison.Ordinal))))
            Assert.True(new[] { "", "tests/Advisory.Tests/", "src/Advisory.Host/", "ops/" }.Any(root => Path.Exists(Repository.PathOf((root + name).Split('/')))), name);
    }

    [BashFact]
    public async Task The_commands_of_the_readme_that_need_no_sdk_run()
    {
        // Those after `dotnet run` are compared with what they print, in Host/ReadmeTests.
        var commands = Commands("README.md").Concat(Commands("rules/README.md")).Where(command => !command.StartsWith("dotnet ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(commands);
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("rules"), "*.json", SearchOption.AllDirectories).Where(file => !file.Contains("/cases/", StringComparison.Ordinal) || file.EndsWith("S02.json", StringComparison.Ordinal)))
            machine.Write(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file));
        await using var service = await RunningService.Start(options => options["rules"] = machine.PathOf("rules/ukraine"));
        foreach (var command in commands)
        {
            if (command.StartsWith("curl ", StringComparison.Ordinal))
            {
                await Ask(service, command);
                continue;
            }

            Assert.StartsWith("advisory ", command, StringComparison.Ordinal);
            var (code, output, errors) = RealProgram.Bash(command, machine.PathOf("."));
            Assert.True(code == 0, $"{command}\n{output}{errors}");
        }
    }

    /// <summary>An `advisory` command in the places of this test instead of those of a machine.</summary>
    private void Run(string arguments)
    {
        if (!Directory.Exists(machine.Data))
        {
            machine.CopyFrozenLedger();
            File.Copy(Path.Combine(machine.Data, "checkpoint"), Path.Combine(machine.Checkpoints, "checkpoint-000000000037.txt"));
            Assert.Equal(0, RunProgram.With("log", "backup", Path.Combine(machine.Backups, "advisory-20260124T013000Z.db"), "--data", machine.Data).Code);
            machine.Write("advisory.json", $$"""{"data":"{{machine.Data}}","rules":"{{Repository.PathOf("rules", "ukraine")}}","listen":"http://127.0.0.1:1"}""");
            var (made, _, said) = RunProgram.With("keys", "add", "--role", "officer", "--name", "Ada", "--data", machine.Data);
            Assert.Equal(0, made);
            machine.Write("key-id", said.Split(' ')[1]);
        }

        var here = arguments
            .Replace("/var/lib/advisory/data", machine.Data, StringComparison.Ordinal).Replace("/var/backups/advisory", machine.Backups, StringComparison.Ordinal)
            .Replace("/srv/advisory-checkpoints", machine.Checkpoints, StringComparison.Ordinal).Replace("/etc/advisory/advisory.json", machine.PathOf("advisory.json"), StringComparison.Ordinal)
            .Replace("/etc/advisory/rules/ukraine", Repository.PathOf("rules", "ukraine"), StringComparison.Ordinal).Replace("/var/lib/advisory/", machine.PathOf("") + "/", StringComparison.Ordinal)
            .Replace("$KEY_ID", File.ReadAllText(machine.PathOf("key-id")), StringComparison.Ordinal);
        Assert.DoesNotContain("advisory/", here.Replace(machine.PathOf(""), "", StringComparison.Ordinal).Replace(Repository.Root, "", StringComparison.Ordinal), StringComparison.Ordinal); // every place was replaced
        var (code, output, errors) = RunProgram.With([.. Words().Matches(here).Select(match => match.Value.Trim('"'))]);
        Assert.True(code == 0, $"advisory {arguments}\n{output}{errors}");
        Assert.True(output.Length + errors.Length > 0, arguments);
    }

    /// <summary>What a `curl` command asks, asked of a running service.</summary>
    private static async Task Ask(RunningService service, string command)
    {
        var words = Words().Matches(command).Select(match => match.Value.Trim('"')).ToList();
        using var request = new HttpRequestMessage(HttpMethod.Get, "");
        for (var i = 1; i < words.Count; i++)
        {
            switch (words[i])
            {
                case "-H":
                    var header = words[++i].Split(": ", 2);
                    request.Headers.TryAddWithoutValidation(header[0], header[1].Replace("$OPERATOR_KEY", service.KeyOf(Roles.Operator), StringComparison.Ordinal)
                        .Replace("$AUDITOR_KEY", service.KeyOf(Roles.Auditor), StringComparison.Ordinal).Replace("$KEY", service.KeyOf(Roles.Officer), StringComparison.Ordinal));
                    break;
                case "--data-binary":
                    request.Method = HttpMethod.Post;
                    request.Content = new StringContent(File.ReadAllText(Repository.PathOf(words[++i].TrimStart('@').Split('/'))), Encoding.UTF8, "application/x-www-form-urlencoded"); // as curl sends it
                    break;
                default:
                    Assert.StartsWith("http://127.0.0.1:5080/", words[i], StringComparison.Ordinal);
                    request.RequestUri = new(words[i]["http://127.0.0.1:5080".Length..], UriKind.Relative);
                    break;
            }
        }

        using var answer = await service.Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{command}\n{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Lines of a page's consoles that somebody would type.</summary>
    private static List<string> Commands(string page) =>
        [.. Consoles().Matches(File.ReadAllText(Repository.PathOf(page.Split('/')))).SelectMany(block => block.Groups[1].Value.Split('\n')).Select(line => line.Trim()).Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..])];

    [GeneratedRegex(@"```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Consoles();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"""[^""]*""|\S+")]
    private static partial Regex Words();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\| \d+\.\d+\.\d+[ ,]")]
    private static partial Regex Requirement();

    [GeneratedRegex(@"^ (No|None|Neither|One organisation|XML is not|Only|Nobody) ?")]
    private static partial Regex Absent();
}
