using System.Text;
using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Operations;

/// <summary>A package as a lock file pins it, and what its own description says of its licence.</summary>
/// <param name="Name">As its author writes it.</param>
/// <param name="Version">The one that is restored.</param>
/// <param name="Hash">SHA-512 of the package's content, as the lock file has it, in hexadecimal digits.</param>
/// <param name="License">An SPDX expression.</param>
/// <param name="Needs">Names of the packages that it needs.</param>
/// <param name="IsShipped">Part of the published program; else for tests alone.</param>
/// <param name="Why">For what we chose it; null where another package needs it.</param>
internal sealed record Package(string Name, string Version, string Hash, string License, IReadOnlyList<string> Needs, bool IsShipped, string? Why);

/// <summary>
/// What the program is made of, from the lock files and the descriptions of the restored packages: as CycloneDX 1.6, and as a page. No clock, no
/// machine: the same packages give the same bytes.
/// </summary>
internal static class BillOfMaterials
{
    // Every package that a project names itself. One without a reason here is one that nobody decided on.
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["Newtonsoft.Json"] = "reads rule files, scenarios and settings, writes JSON; asked for by the owner (decision 4)",
        ["Polly"] = "timeout, retry and breaker where the ledger's disk fails for a while; asked for by the owner",
        ["System.CommandLine"] = "parses the command line: help, errors and completion that we would otherwise write ourselves",
        ["SQLitePCLRaw.bundle_e_sqlite3"] = "the ledger's store: SQLite itself, called without an ADO.NET layer between",
        ["OpenTelemetry"] = "carries figures and traces to a collector, where one is set",
        ["OpenTelemetry.Exporter.OpenTelemetryProtocol"] = "the protocol of collectors",
        ["Microsoft.NET.Test.Sdk"] = "runs the tests",
        ["xunit"] = "the tests; asked for by the owner",
        ["xunit.runner.visualstudio"] = "lets `dotnet test` find them",
        ["FsCheck"] = "laws, tried on random books and scenarios",
        ["FSharp.Core"] = "the run time of FsCheck",
        ["Microsoft.Playwright"] = "drives a real browser in tests/Advisory.Browser",
        ["YamlDotNet"] = "reads alerts and manifests as a real parser does",
    };

    // Where a package names a file or an address instead of an expression: what stands there, as read for this version.
    private static readonly Dictionary<string, string> Read = new(StringComparer.Ordinal)
    {
        ["SourceGear.sqlite3"] = "LicenseRef-SQLite-Public-Domain",
        ["xunit.abstractions"] = "Apache-2.0",
        ["xunit.extensibility.core"] = "Apache-2.0",
        ["xunit.extensibility.execution"] = "Apache-2.0",
    };

    /// <summary>Licences under which this may be shipped together with a program under the EUPL; another one is for somebody to decide.</summary>
    public static readonly IReadOnlySet<string> Agreed = new HashSet<string>(StringComparer.Ordinal) { "MIT", "BSD-3-Clause", "Apache-2.0", "LicenseRef-SQLite-Public-Domain" };

    public static List<Package> Packages()
    {
        var direct = Direct("src/Advisory.Engine", "src/Advisory.Ledger", "src/Advisory.Host", "tests/Advisory.Tests", "tests/Advisory.Browser");
        var shipped = Locked("src/Advisory.Host");
        // The web host brings some packages with its framework, and only the lock file of the tests says who needs them there.
        var all = shipped.Concat(Locked("tests/Advisory.Tests")).Concat(Locked("tests/Advisory.Browser")).GroupBy(package => package.Name, package => package.Pin);
        return
        [
            .. all.OrderBy(package => package.Key, StringComparer.OrdinalIgnoreCase).Select(package =>
            {
                var (name, pin) = (package.Key, package.First());
                var version = (string)pin["resolved"]!;
                var needs = package.SelectMany(one => ((JObject?)one["dependencies"])?.Properties() ?? []).Select(needed => needed.Name).Distinct().Order(StringComparer.OrdinalIgnoreCase);
                return new Package(name, version, Convert.ToHexStringLower(Convert.FromBase64String((string)pin["contentHash"]!)), LicenseOf(name, version), [.. needs],
                    shipped.Any(one => one.Name == name), direct.Contains(name) ? Reasons[name] : null);
            }),
        ];
    }

    public static string Json(IReadOnlyList<Package> packages)
    {
        var version = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
        var framework = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        var own = new JObject { ["type"] = "application", ["bom-ref"] = "advisory", ["name"] = "Advisory", ["version"] = version, ["licenses"] = Licenses("EUPL-1.2") };
        var runtime = new JObject
        {
            ["type"] = "framework",
            ["bom-ref"] = "dotnet",
            ["name"] = "Microsoft.AspNetCore.App.Runtime and Microsoft.NETCore.App.Runtime",
            ["version"] = framework,
            ["description"] = "In the self-contained program; the patch is that of the SDK that publishes it.",
            ["scope"] = "required",
            ["licenses"] = Licenses("MIT"),
        };
        var components = packages.Select(package => new JObject
        {
            ["type"] = "library",
            ["bom-ref"] = Reference(package),
            ["name"] = package.Name,
            ["version"] = package.Version,
            ["scope"] = package.IsShipped ? "required" : "excluded",
            ["hashes"] = new JArray(new JObject { ["alg"] = "SHA-512", ["content"] = package.Hash }),
            ["licenses"] = Licenses(package.License),
            ["purl"] = Reference(package),
        });
        var dependencies = packages.Select(package => new JObject { ["ref"] = Reference(package), ["dependsOn"] = new JArray(packages.Where(other => package.Needs.Contains(other.Name) && (other.IsShipped || !package.IsShipped)).Select(Reference)) })
            .Prepend(new JObject { ["ref"] = "dotnet" })
            .Prepend(new JObject { ["ref"] = "advisory", ["dependsOn"] = new JArray(packages.Where(package => package.Why is not null && package.IsShipped).Select(Reference).Prepend("dotnet")) });
        return new JObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JObject { ["component"] = own },
            ["components"] = new JArray(components.Prepend(runtime)),
            ["dependencies"] = new JArray(dependencies),
        }.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n";
    }

    public static string Page(IReadOnlyList<Package> packages)
    {
        var page = new StringBuilder("""
            # What Advisory is made of, and under which licences

            Written from the lock files and the packages' own descriptions by `Operations/BillTests.cs` (`ADVISORY_GOLDEN=write` rewrites it); the same as
            [`bill-of-materials.json`](bill-of-materials.json), in CycloneDX 1.6. Advisory itself: EUPL-1.2, proposed.

            The published program also holds the .NET runtime and ASP.NET Core (MIT, Microsoft), of the patch of the SDK that publishes it. It calls `libcrypto` of the
            machine's OpenSSL (Apache-2.0), which is not shipped. The pages ship no font and no script but our own.


            """.ReplaceLineEndings("\n"));
        foreach (var (title, isShipped) in new[] { ("In the program", true), ("For tests alone, not shipped", false) })
        {
            page.Append("## ").Append(title).Append("\n\n| package | version | licence | why |\n| --- | --- | --- | --- |\n");
            foreach (var package in packages.Where(package => package.IsShipped == isShipped))
            {
                var why = package.Why ?? "needed by " + string.Join(", ", packages.Where(other => other.Needs.Contains(package.Name)).Select(other => other.Name));
                page.Append("| ").Append(package.Name).Append(" | ").Append(package.Version).Append(" | ").Append(package.License).Append(" | ").Append(why).Append(" |\n");
            }

            page.Append('\n');
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Reference(Package package) => $"pkg:nuget/{package.Name}@{package.Version}";

    // CycloneDX takes SPDX's own names as `id`; a name of ours is one.
    private static JArray Licenses(string license) =>
        new(new JObject { ["license"] = license.StartsWith("LicenseRef-", StringComparison.Ordinal) ? new JObject { ["name"] = license["LicenseRef-".Length..].Replace('-', ' ') } : new JObject { ["id"] = license } });

    private static List<(string Name, JObject Pin)> Locked(string project)
    {
        var file = JObject.Parse(File.ReadAllText(Repository.PathOf([.. project.Split('/'), "packages.lock.json"])));
        return [.. ((JObject)file["dependencies"]!.First!.First!).Properties().Where(pin => (string?)pin.Value["type"] != "Project").Select(pin => (pin.Name, (JObject)pin.Value))];
    }

    private static HashSet<string> Direct(params string[] projects) =>
        [.. projects.SelectMany(project => XDocument.Load(Directory.EnumerateFiles(Repository.PathOf(project.Split('/')), "*.csproj").Single()).Descendants("PackageReference").Select(reference => (string)reference.Attribute("Include")!))];

    private static string LicenseOf(string name, string version)
    {
        if (Read.TryGetValue(name, out var read)) return read;
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var id = name.ToLowerInvariant();
        var metadata = XDocument.Load(Path.Combine(folder, id, version.ToLowerInvariant(), id + ".nuspec")).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        var license = metadata.Elements().SingleOrDefault(element => element.Name.LocalName == "license");
        return license?.Attribute("type")?.Value == "expression" ? license.Value : throw new InvalidDataException($"{name} {version} names no licence by expression; read what it names, and write that into {nameof(BillOfMaterials)}");
    }
}
