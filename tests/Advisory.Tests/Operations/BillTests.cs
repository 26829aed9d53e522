using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Operations;

/// <summary>Bill of materials and licences are those of the packages that are restored, and somebody decided on each.</summary>
public sealed class BillTests
{
    [Theory]
    [InlineData("bill-of-materials.json")]
    [InlineData("licences.md")]
    public void It_says_what_the_lock_files_say(string name)
    {
        var packages = BillOfMaterials.Packages();
        var expected = name.EndsWith(".json", StringComparison.Ordinal) ? BillOfMaterials.Json(packages) : BillOfMaterials.Page(packages);
        var file = Repository.PathOf("ops", name);
        if (Environment.GetEnvironmentVariable("ADVISORY_GOLDEN") == "write") File.WriteAllText(file, expected);
        Assert.Equal(expected, File.ReadAllText(file));
    }

    [Fact]
    public void What_is_shipped_is_under_a_licence_that_was_agreed_on()
    {
        var packages = BillOfMaterials.Packages();
        Assert.True(packages.Count(package => package.IsShipped) >= 9);
        Assert.All(packages.Where(package => package.IsShipped), package => Assert.Contains(package.License, BillOfMaterials.Agreed));
    }

    [Fact]
    public void Every_package_was_chosen_or_is_needed_by_one_that_was()
    {
        var packages = BillOfMaterials.Packages();
        Assert.All(packages, package => Assert.True(package.Why is not null || packages.Any(other => other.Needs.Contains(package.Name)), package.Name));
    }

    [Fact]
    public void The_bill_is_in_the_form_that_its_format_asks_for()
    {
        var bill = JObject.Parse(File.ReadAllText(Repository.PathOf("ops", "bill-of-materials.json")));
        Assert.Equal(("CycloneDX", "1.6"), ((string?)bill["bomFormat"], (string?)bill["specVersion"]));
        var references = bill["components"]!.Append(bill.SelectToken("metadata.component")!).Select(component => (string)component["bom-ref"]!).ToList();
        Assert.Equal(references.Count, references.Distinct().Count());
        Assert.Equal(references.Order(StringComparer.Ordinal), bill["dependencies"]!.Select(one => (string)one["ref"]!).Order(StringComparer.Ordinal));
        Assert.All(bill.SelectTokens("dependencies[*].dependsOn[*]"), needed => Assert.Contains((string)needed!, references));
        Assert.All(bill.SelectTokens("components[*].hashes[*].content"), hash => Assert.Matches("^[0-9a-f]{128}$", (string)hash!));
        Assert.All(bill["components"]!, component => Assert.Contains((string?)component["type"], new[] { "library", "framework" }));
    }
}
