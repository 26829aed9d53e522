using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Advisory.Engine;
using Advisory.Ledgers;

namespace Advisory.Tests.Ledgers;

/// <summary>What must hold of the ledger among the projects of this house.</summary>
public sealed class LedgerHouseRules
{
    private static readonly Assembly Library = typeof(Ledger).Assembly;

    [Fact]
    public void Engine_and_ledger_do_not_know_each_other()
    {
        Assert.DoesNotContain(Library.GetName().Name, typeof(RuleBook).Assembly.GetReferencedAssemblies().Select(a => a.Name));
        Assert.DoesNotContain(typeof(RuleBook).Assembly.GetName().Name, Library.GetReferencedAssemblies().Select(a => a.Name));
    }

    [Fact]
    public void The_ledger_knows_the_framework_and_SQLite_and_nothing_else()
    {
        var references = Library.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.All(references, name => Assert.StartsWith("SQLitePCLRaw.", name, StringComparison.Ordinal));
    }

    /// <summary>Times are the caller's: an entry must not hold one that nobody stated.</summary>
    [Fact]
    public void The_ledger_reads_no_clock()
    {
        string[] members =
        [
            "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
            "System.Environment.get_TickCount", "System.Environment.get_TickCount64", "System.TimeProvider.get_System", "System.Diagnostics.Stopwatch.GetTimestamp", "System.Diagnostics.Stopwatch.StartNew",
        ];
        using var file = new PEReader(File.OpenRead(Library.Location));
        var reader = file.GetMetadataReader();
        var used = reader.MemberReferences.Select(reader.GetMemberReference).Where(member => member.Parent.Kind == HandleKind.TypeReference).Select(member =>
        {
            var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}.{reader.GetString(member.Name)}";
        }).ToList();
        Assert.Contains("System.Security.Cryptography.SHA256.HashData", used); // the list is read at all
        Assert.DoesNotContain(used, members.Contains);
    }

    [Fact]
    public void Its_classes_are_sealed_and_it_has_one_interface_which_the_memory_store_implements_too()
    {
        var types = Library.GetTypes().Where(t => t.Namespace?.StartsWith("Advisory", StringComparison.Ordinal) == true && t.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null).ToList();
        Assert.Equal(["IStore"], types.Where(t => t.IsInterface).Select(t => t.Name));
        Assert.True(types.Single(t => t.IsInterface).IsAssignableFrom(typeof(MemoryStore)));
        Assert.DoesNotContain(types, t => t.IsClass && !t.IsAbstract && !t.IsSealed && !types.Any(other => other.BaseType == t));
    }
}
