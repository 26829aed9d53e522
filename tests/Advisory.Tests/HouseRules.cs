using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Advisory.Engine;

namespace Advisory.Tests;

/// <summary>What must hold for the whole house, whatever is built next.</summary>
public sealed partial class HouseRules
{
    private static readonly Assembly Engine = typeof(RuleBook).Assembly;
    private static readonly Assembly Host = typeof(Advisory.Host.Cli.CommandLine).Assembly;

    [Fact]
    public void The_engine_knows_the_framework_and_Newtonsoft_Json_and_nothing_else()
    {
        var references = Engine.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["Newtonsoft.Json"], references);
    }

    [Fact]
    public void The_engine_touches_no_file_clock_network_culture_environment_or_chance()
    {
        string[] types =
        [
            "System.IO.File", "System.IO.Directory", "System.IO.FileStream", "System.IO.FileInfo", "System.IO.Path", "System.IO.StreamReader", "System.Console",
            "System.Environment", "System.Random", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.TimeProvider", "System.TimeZoneInfo",
            "System.Threading.Thread", "System.Threading.Timer", "System.Security.Cryptography.RandomNumberGenerator", "System.AppContext",
        ];
        string[] members =
        [
            "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
            "System.Guid.NewGuid", "System.Globalization.CultureInfo.get_CurrentCulture", "System.Globalization.CultureInfo.get_CurrentUICulture",
            "System.String.ToLower", "System.String.ToUpper", "System.StringComparer.get_CurrentCulture",
        ];
        // An iterator's compiled form asks for the thread's number; it does not reach a result.
        var used = MembersUsedBy(Engine).Where(member => member != "System.Environment.get_CurrentManagedThreadId").ToList();
        Assert.Contains("System.Globalization.CultureInfo.get_InvariantCulture", used); // the list is read at all
        Assert.DoesNotContain(used, member => member.StartsWith("System.Net.", StringComparison.Ordinal) || members.Contains(member) || types.Any(type => member.StartsWith(type + ".", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_in_the_engine_knows_Ukraine()
    {
        var book = Books.Ukraine;
        var words = book.Facts.Select(f => f.Name).Where(name => name != RuleBook.MissionFact)
            .Concat(book.Missions.Select(m => m.Id)).Concat(book.Questions.Select(q => q.Id)).Concat(book.Questions.SelectMany(q => q.Rules).Select(r => r.Name))
            .Concat(book.Questions.SelectMany(q => q.Outcomes)).Concat(book.Statements.Keys).Append(book.Name)
            .ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(TextsIn(Engine), words.Contains);
    }

    [Fact]
    public void The_host_names_the_Ukraine_book_only_as_the_default_folder()
    {
        var book = Books.Ukraine;
        var words = book.Facts.Select(f => f.Name).Where(name => name != RuleBook.MissionFact)
            .Concat(book.Questions.SelectMany(q => q.Rules).Select(r => r.Name)).Concat(book.Questions.SelectMany(q => q.Outcomes)).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(TextsIn(Host), words.Contains);
    }

    [Fact]
    public void Classes_are_sealed_and_no_interface_waits_for_a_second_implementation()
    {
        var types = Engine.GetTypes().Concat(Host.GetTypes()).Where(t => t.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null && t.Namespace?.StartsWith("Advisory", StringComparison.Ordinal) == true).ToList();
        Assert.DoesNotContain(types, i => i.IsInterface && types.Count(t => t.IsClass && i.IsAssignableFrom(t)) < 2);
        // The compiler makes a class of _Imports.razor too, which nobody can seal.
        Assert.DoesNotContain(types, t => t.IsClass && !t.IsAbstract && !t.IsSealed && t.Name != "_Imports" && !types.Any(other => other.BaseType == t));
    }

    [Fact]
    public void The_zero_of_every_enumeration_is_the_cautious_one()
    {
        Assert.Equal(Truth.Unknown, default);
        Assert.Equal(FactState.Unknown, default);
        Assert.Equal(Basis.Stated, default);
        Assert.Equal(Severity.Error, default);
        Assert.Equal(TruthsReached.None, default);
    }

    [Fact]
    public void No_version_of_a_package_floats()
    {
        var versions = File.ReadAllText(Repository.PathOf("Directory.Packages.props"));
        Assert.NotEmpty(Version().Matches(versions));
        Assert.All(Version().Matches(versions).Select(m => m.Groups[1].Value), version => Assert.Matches(@"^\d+\.\d+\.\d+$", version));
    }

    [GeneratedRegex("<PackageVersion [^>]*Version=\"([^\"]*)\"")]
    private static partial Regex Version();

    /// <summary>Every member of another assembly that an assembly calls or reads, as Namespace.Type.Member.</summary>
    private static IEnumerable<string> MembersUsedBy(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference) continue;
            var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
            yield return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}.{reader.GetString(member.Name)}";
        }
    }

    /// <summary>Every text that stands in an assembly's code.</summary>
    private static List<string> TextsIn(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var texts = new List<string>();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = reader.GetNextHandle(handle)) texts.Add(reader.GetUserString(handle));
        Assert.NotEmpty(texts);
        return texts;
    }
}
