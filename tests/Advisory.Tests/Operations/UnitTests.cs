using System.Globalization;
using System.Text.RegularExpressions;
using Advisory.Tests.Ledgers;

namespace Advisory.Tests.Operations;

/// <summary>The systemd units: they parse, start what is installed, and may do no more than the page says.</summary>
public sealed partial class UnitTests
{
    private static readonly string Folder = Repository.PathOf("ops", "systemd");

    private static readonly string[] Names = ["advisory.service", "advisory-backup.service", "advisory-verify.service"];

    public static TheoryData<string> Services => new(Names);

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_runs_as_its_own_user_and_may_do_nothing_that_it_does_not_need(string name)
    {
        var service = Unit.Read(Path.Combine(Folder, name))["Service"];
        Assert.Equal("advisory", service["User"].Single());
        foreach (var on in new[]
        {
            "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateUsers", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
            "ProtectControlGroups", "ProtectClock", "ProtectHostname", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
        }) Assert.Equal("yes", Assert.Single(service[on]));
        Assert.Equal(("strict", "", "0077", "native"), (service["ProtectSystem"].Single(), service["CapabilityBoundingSet"].Single(), service["UMask"].Single(), service["SystemCallArchitectures"].Single()));
        Assert.Equal(["@system-service", "~@privileged @resources", "sched_setaffinity"], service["SystemCallFilter"]); // without the last the run time does not start
        // The program is compiled while it runs; with this it ends with a fault of memory at once.
        Assert.False(service.ContainsKey("MemoryDenyWriteExecute"));
    }

    [Fact]
    public void What_units_start_is_what_is_installed()
    {
        foreach (var name in Names)
        {
            var service = Unit.Read(Path.Combine(Folder, name))["Service"];
            foreach (var command in service["ExecStart"].Concat(service.TryGetValue("ExecStartPre", out var before) ? before : []))
            {
                var words = command.Split(' ');
                Assert.StartsWith("/opt/advisory/current/", words[0], StringComparison.Ordinal);
                var inside = words[0]["/opt/advisory/current/".Length..];
                Assert.True(inside == "advisory" || File.Exists(Repository.PathOf(inside.Split('/'))), words[0]);
                if (inside != "advisory") continue;
                // The same command line, with the settings file that is installed.
                Assert.Equal("--config /etc/advisory/advisory.json", string.Join(' ', words[2..]));
                var (code, output, errors) = RunProgram.With("config", "--config", Repository.PathOf("ops", "advisory.json"));
                Assert.True(code == 0, errors);
                Assert.Contains("data = /var/lib/advisory/data\n", output, StringComparison.Ordinal);
                Assert.Contains("listen = http://127.0.0.1:5080\n", output, StringComparison.Ordinal);
            }
        }

        foreach (var timer in new[] { "advisory-backup", "advisory-verify" })
        {
            var unit = Unit.Read(Path.Combine(Folder, timer + ".timer"));
            Assert.True(File.Exists(Path.Combine(Folder, timer + ".service")));
            Assert.Equal("true", unit["Timer"]["Persistent"].Single());
            Assert.Single(unit["Timer"]["OnCalendar"]);
        }
    }

    [Fact]
    public void The_service_is_stopped_with_more_patience_than_it_takes_to_finish()
    {
        var service = Unit.Read(Path.Combine(Folder, "advisory.service"))["Service"];
        Assert.Equal("SIGTERM", service["KillSignal"].Single());
        Assert.True(int.Parse(service["TimeoutStopSec"].Single(), CultureInfo.InvariantCulture) > 20); // the service's own grace, in seconds
        Assert.Equal("2", service["RestartPreventExitStatus"].Single());
    }

    [SystemdFact]
    public void Systemd_itself_finds_nothing_wrong_with_the_units()
    {
        using var machine = new OperatorsMachine();
        var root = machine.PathOf("root");
        var (installed, said) = machine.Run("install.sh", "--root", root, "--from", machine.Published);
        Assert.True(installed == 0, said);
        foreach (var unit in Directory.EnumerateFiles(Path.Combine(root, "etc", "systemd", "system")))
        {
            // Units of the system itself are not in the scratch root, and are not what is asked about.
            var (_, output) = Programs.Run("systemd-analyze", "verify", "--man=no", "--generators=no", "--root=" + root, unit);
            var faults = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("advisory", StringComparison.Ordinal) && !OfTheSystem().IsMatch(line)).ToList();
            Assert.True(faults.Count == 0, string.Join('\n', faults));
        }

        // It would say so.
        var bad = machine.Write("root/etc/systemd/system/advisory-bad.service", "[Service]\nExecStart=/opt/advisory/current/nothing\nProtectSystem=sometimes\n");
        var (_, found) = Programs.Run("systemd-analyze", "verify", "--man=no", "--generators=no", "--root=" + root, bad);
        Assert.Contains("sometimes", found, StringComparison.Ordinal);
        Assert.Contains("/opt/advisory/current/nothing", found, StringComparison.Ordinal);
    }

    [SystemdFact]
    public void The_page_states_the_score_that_systemd_gives_each_service()
    {
        var page = File.ReadAllText(Repository.PathOf("ops", "README.md"));
        foreach (var name in Names)
        {
            var (_, output) = Programs.Run("systemd-analyze", "security", "--offline=true", "--no-pager", Path.Combine(Folder, name));
            var score = Exposure().Match(output).Groups[1].Value;
            Assert.NotEmpty(score);
            Assert.True(double.Parse(score, CultureInfo.InvariantCulture) <= 1.1, score);
            Assert.Contains($"| `{name}` | {score} |", page, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"Unit (sysinit|basic|shutdown|timers|network-online|multi-user)\.target not found|Unit system\.slice not found")]
    private static partial Regex OfTheSystem();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();
}

/// <summary>A unit file of systemd: sections, and in each the values of a name in their order.</summary>
internal static class Unit
{
    public static Dictionary<string, Dictionary<string, List<string>>> Read(string file)
    {
        var sections = new Dictionary<string, Dictionary<string, List<string>>>(StringComparer.Ordinal);
        Dictionary<string, List<string>>? section = null;
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0 && line[0] is not ('#' or ';')))
        {
            if (line[0] == '[')
            {
                Assert.EndsWith("]", line, StringComparison.Ordinal);
                sections.Add(line[1..^1], section = new(StringComparer.Ordinal));
                continue;
            }

            var at = line.IndexOf('=', StringComparison.Ordinal);
            Assert.True(section is not null && at > 0 && line[..at].All(char.IsAsciiLetterOrDigit), $"{file}: {line}");
            if (!section!.TryGetValue(line[..at], out var values)) section[line[..at]] = values = [];
            values.Add(line[(at + 1)..]);
        }

        return sections;
    }
}

/// <summary>A test that asks systemd itself.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemdFactAttribute : FactAttribute
{
    public SystemdFactAttribute()
    {
        if (!Present.Value) Skip = "there is no systemd-analyze with `security --offline` here; install systemd 250 or newer (`systemd` on Debian)";
    }

    private static readonly Lazy<bool> Present = new(() =>
    {
        try
        {
            return Regex.Match(Programs.Run("systemd-analyze", "--version").Output, @"systemd (\d+)") is { Success: true } found && int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) >= 250;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });
}
