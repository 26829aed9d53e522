using System.Runtime.CompilerServices;
using Advisory.Engine;

namespace Advisory.Tests;

/// <summary>The files of this repository, found from where this source file stands, so that tests run from any folder.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Advisory.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run beside their sources");
    }
}

/// <summary>Books from folders, loaded once and shared: a book is immutable.</summary>
internal static class Books
{
    private static readonly Lazy<RuleBook> LazyUkraine = new(() => Load("rules", "ukraine"));
    private static readonly Lazy<RuleBook> LazyLaunch = new(() => Load("tests", "Advisory.Tests", "Books", "launch"));

    public static RuleBook Ukraine => LazyUkraine.Value;

    /// <summary>Another subject, a rocket launch: nothing in <c>src/</c> may know either.</summary>
    public static RuleBook Launch => LazyLaunch.Value;

    public static RuleBook Load(params string[] folder)
    {
        var loaded = RuleBook.Load(Files(folder));
        Assert.True(loaded.Value is not null, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }

    public static List<InputFile> Files(params string[] folder) =>
        [.. Directory.EnumerateFiles(Repository.PathOf(folder), "*.json").Order(StringComparer.Ordinal).Select(path => new InputFile(Path.GetFileName(path), File.ReadAllBytes(path)))];

    public static IEnumerable<string> CaseNames(params string[] folder) =>
        Directory.EnumerateFiles(Repository.PathOf([.. folder, "cases"]), "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToArray()!;

    public static Case Case(RuleBook book, string name, params string[] folder)
    {
        var read = Advisory.Engine.Case.Read(book, new(name + ".json", File.ReadAllBytes(Repository.PathOf([.. folder, "cases", name + ".json"]))));
        Assert.True(read.Value is not null, string.Join('\n', read.Problems));
        return read.Value;
    }
}
