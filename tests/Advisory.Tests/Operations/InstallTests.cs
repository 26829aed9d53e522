using Advisory.Tests.Host;

namespace Advisory.Tests.Operations;

/// <summary>install.sh on a scratch root: what it lays, that it may be run again, and what an upgrade leaves alone.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly OperatorsMachine machine = new();

    private string Root => machine.PathOf("root");

    public void Dispose() => machine.Dispose();

    [BashFact]
    public void It_lays_program_settings_rule_book_units_and_directories_for_their_owners_alone()
    {
        Install();
        var tree = Tree();
        var program = Directory.EnumerateDirectories(In("opt/advisory")).Single(folder => Path.GetFileName(folder) != "current");
        Assert.Matches(@"^\d+\.\d+\.\d+-[0-9a-f]{12}$", Path.GetFileName(program));
        Assert.Equal(Path.GetFileName(program), new FileInfo(In("opt/advisory/current")).LinkTarget);
        Assert.Equal("/opt/advisory/current/advisory", new FileInfo(In("usr/local/bin/advisory")).LinkTarget);
        foreach (var file in new[]
        {
            "etc/advisory/advisory.json", "etc/advisory/operations.env", "etc/advisory/rules/ukraine/book.json", "etc/sysusers.d/advisory.conf", "etc/tmpfiles.d/advisory.conf",
            "etc/systemd/system/advisory.service", "etc/systemd/system/advisory-backup.timer", "etc/systemd/system/advisory-verify.timer",
        }) Assert.Contains(file, tree.Keys);
        Assert.Equal("0700", tree["var/lib/advisory"].Mode);
        Assert.Equal("0700", tree["var/backups/advisory"].Mode);
        Assert.Equal("0750", tree["etc/advisory"].Mode);
        Assert.Equal("0640", tree["etc/advisory/advisory.json"].Mode);
        Assert.All(tree.Where(entry => entry.Key.StartsWith("opt/", StringComparison.Ordinal) && entry.Value.Mode != "link"), entry => Assert.Contains(entry.Value.Mode, new[] { "0755", "0644" }));
    }

    [BashFact]
    public void Installed_again_it_changes_nothing()
    {
        Install();
        var before = Tree();
        var output = Install();
        Assert.Equal(before, Tree());
        Assert.DoesNotContain("to go back", output, StringComparison.Ordinal);
    }

    [BashFact]
    public void An_upgrade_swaps_the_program_keeps_the_former_one_and_leaves_settings_rule_book_and_data_alone()
    {
        Install();
        var former = new FileInfo(In("opt/advisory/current")).LinkTarget!;
        File.WriteAllText(In("etc/advisory/advisory.json"), "{}");
        File.WriteAllText(In("etc/advisory/rules/ukraine/book.json"), "the author's");
        File.WriteAllText(In("var/lib/advisory/ledger.db"), "the ledger");
        File.WriteAllText(In("etc/systemd/system/advisory.service"), "old");
        machine.Write("published/rules/ukraine/book.json", "of the new version");

        var output = Install();
        var current = new FileInfo(In("opt/advisory/current")).LinkTarget!;
        Assert.NotEqual(former, current);
        Assert.True(Directory.Exists(In("opt/advisory/" + former)));
        Assert.Equal("of the new version", File.ReadAllText(In("opt/advisory/" + current + "/rules/ukraine/book.json")));
        Assert.Contains($"to go back: ln -sfn {former} {In("opt/advisory/current")} && systemctl restart advisory", output, StringComparison.Ordinal);
        Assert.Equal(("{}", "the author's", "the ledger"), (File.ReadAllText(In("etc/advisory/advisory.json")), File.ReadAllText(In("etc/advisory/rules/ukraine/book.json")), File.ReadAllText(In("var/lib/advisory/ledger.db"))));
        Assert.Equal(File.ReadAllText(Repository.PathOf("ops", "systemd", "advisory.service")), File.ReadAllText(In("etc/systemd/system/advisory.service")));
    }

    [BashFact]
    public void A_dry_run_writes_nothing_and_names_every_file_that_it_would_lay()
    {
        var (code, output) = machine.Run("install.sh", "--root", Root, "--from", machine.Published, "--dry-run");
        Assert.True(code == 0, output);
        Assert.False(Directory.Exists(Root));
        var steps = output.Split('\n').Where(line => line.StartsWith("+ ", StringComparison.Ordinal)).ToList();
        Install();
        var laid = Tree().Keys.Where(path => File.Exists(In(path)) && !path.StartsWith("opt/", StringComparison.Ordinal) && !path.StartsWith("etc/advisory/rules/ukraine/", StringComparison.Ordinal)).ToList();
        Assert.True(laid.Count > 8);
        Assert.All(laid.Append("opt/advisory/current").Append("etc/advisory/rules/ukraine").Append("var/lib/advisory"), path => Assert.Contains(steps, step => step.Split(' ').Contains(In(path))));
    }

    [BashFact]
    public void Uninstalling_takes_the_program_and_the_units_and_leaves_what_is_the_owners()
    {
        Install();
        File.WriteAllText(In("var/lib/advisory/ledger.db"), "the ledger");
        var (code, output) = machine.Run("install.sh", "--uninstall", "--root", Root);
        Assert.True(code == 0, output);
        Assert.Contains("signing keys", output, StringComparison.Ordinal);
        var left = Tree().Keys.Where(path => File.Exists(In(path)) || new FileInfo(In(path)).LinkTarget is not null).ToList();
        Assert.All(left, path => Assert.True(path.StartsWith("etc/advisory/", StringComparison.Ordinal) || path.StartsWith("var/lib/advisory/", StringComparison.Ordinal), path));
        Assert.Contains("var/lib/advisory/ledger.db", left);
        Assert.Contains("etc/advisory/advisory.json", left);
    }

    [BashFact]
    public void The_installed_scripts_work_from_where_they_are_installed()
    {
        Install();
        machine.CopyFrozenLedger();
        foreach (var script in new[] { "backup.sh", "verify.sh" })
        {
            var (code, output) = machine.Run(In("opt/advisory/current/ops/" + script));
            Assert.True(code == 0, output);
        }

        Assert.Equal("1", ScriptFigures.Read(Path.Combine(machine.Metrics, "backup.prom"))["advisory_backup_success"]);
    }

    [BashFact]
    public void A_folder_without_a_program_and_an_unknown_option_are_refused_before_anything_is_written()
    {
        var (code, output) = machine.Run("install.sh", "--root", Root, "--from", machine.Backups);
        Assert.Equal((2, true), (code, output.Contains("dotnet publish src/Advisory.Host", StringComparison.Ordinal)));
        (code, output) = machine.Run("install.sh", "--rot", Root);
        Assert.Equal((2, true), (code, output.Contains("`--rot` is not an option", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(Root));
    }

    private string In(string path) => Path.Combine(Root, path);

    private string Install()
    {
        var (code, output) = machine.Run("install.sh", "--root", Root, "--from", machine.Published);
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>Everything below the root: its mode, and what it holds or where it leads.</summary>
    private SortedDictionary<string, (string Mode, string Content)> Tree()
    {
        var tree = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var entry in new DirectoryInfo(Root).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var mode = OperatingSystem.IsWindows() ? "" : Convert.ToString((int)entry.UnixFileMode, 8).PadLeft(4, '0');
            tree[Path.GetRelativePath(Root, entry.FullName)] = entry.LinkTarget is { } target ? ("link", target) : entry is FileInfo file ? (mode, File.ReadAllText(file.FullName)) : (mode, "");
        }

        return tree;
    }
}
