using System.Collections.Concurrent;
using System.Text;
using Advisory.Engine;

namespace Advisory.Tests.Engine.Problems;

/// <summary>A small book that reaches every part of the readers, with a scenario and a case.</summary>
internal static class GoodBook
{
    private static readonly string[] Names = ["book.json", "readings.json", "sail.json", "statements.json", "vocabulary.json"];
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);
    private static readonly DateOnly Today = new(2026, 7, 1);
    private static readonly Lazy<RuleBook> LazyBook =
        new(() => Load().Value ?? throw new InvalidOperationException("the good book has problems"));

    public static RuleBook Book => LazyBook.Value;

    /// <summary>What is suspicious in the book, with one of its files replaced.</summary>
    public static IEnumerable<Problem> Check(params IReadOnlyCollection<InputFile> others)
    {
        var loaded = Load(others);
        if (loaded.Value is not { } book) return loaded.Problems;
        return [.. loaded.Problems, .. BookCheck.Run(book, Today), .. DocumentCheck.Run(book, [("guide.md", Text("guide.md"))])];
    }

    public static string Text(string name) =>
        Texts.GetOrAdd(name, _ => System.IO.File.ReadAllText(Path.Combine(BadFile.Folder, "good", name)));

    public static InputFile File(string name) => new(name, Encoding.UTF8.GetBytes(Text(name)), "good/" + name);

    /// <summary>The book, with some of its files replaced, or with others beside them.</summary>
    public static Loaded<RuleBook> Load(params IReadOnlyCollection<InputFile> others) => RuleBook.Load(With(others));

    /// <summary>The book without one of its files.</summary>
    public static Loaded<RuleBook> LoadWithout(string name) => RuleBook.Load(With([]).Where(file => file.Name != name));

    private static IEnumerable<InputFile> With(IReadOnlyCollection<InputFile> others) =>
        Names.Where(name => !others.Any(other => other.Name == name)).Select(File).Concat(others);
}

/// <summary>A file that is wrong, and the file of the good book in whose place it is read; read when first asked about.</summary>
internal sealed class BadFile
{
    private static readonly Lazy<SortedDictionary<string, BadFile>> LazyAll = new(FindAll);

    private readonly Lazy<byte[]?> content;
    private readonly Lazy<(bool IsRefused, IReadOnlyList<Problem> Problems)> result;

    /// <param name="name">Its folder and its fault, such as <c>rules/duplicate-rule</c>.</param>
    /// <param name="content">Its bytes, or null where the file is left out of the book.</param>
    /// <param name="inPlaceOf">The file in whose place it is read, where its folder does not say so.</param>
    /// <param name="beside">Another file of the book without which it would not be read.</param>
    public BadFile(string name, Func<byte[]?> content, string? inPlaceOf = null, InputFile? beside = null)
    {
        Name = name;
        this.content = new(content);
        result = new(() => Read(inPlaceOf ?? UsualPlace(name), beside is { } other ? [other] : []));
    }

    public static string Folder { get; } = Repository.PathOf("tests", "Advisory.Tests", "Engine", "Problems");

    /// <summary>Those that stand in <c>bad/</c> and those of <see cref="WrittenBadFiles"/>, by name.</summary>
    public static SortedDictionary<string, BadFile> All => LazyAll.Value;

    public string Name { get; }

    public string[] Lines => Encoding.UTF8.GetString(content.Value ?? []).Split('\n');

    public IReadOnlyList<Problem> Problems => result.Value.Problems;

    /// <summary>Whether there is no book, scenario or case.</summary>
    public bool IsRefused => result.Value.IsRefused;

    private (bool, IReadOnlyList<Problem>) Read(string inPlaceOf, InputFile[] beside)
    {
        if (content.Value is not { } bytes) return Outcome(GoodBook.LoadWithout(inPlaceOf));
        var file = new InputFile(inPlaceOf, bytes, $"bad/{Name}.json");
        return inPlaceOf switch
        {
            "scenario.json" => Outcome(Scenario.Read(GoodBook.Book, file)),
            "case.json" => Outcome(Case.Read(GoodBook.Book, file)),
            _ when Name.StartsWith("check/", StringComparison.Ordinal) => (false, [.. GoodBook.Check(file).Except(GoodBook.Check())]),
            _ => Outcome(GoodBook.Load([file, .. beside])),
        };
    }

    private static (bool, IReadOnlyList<Problem>) Outcome<T>(Loaded<T> loaded) where T : class => (loaded.Value is null, loaded.Problems);

    private static string UsualPlace(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var (folder, fault) = (name[..slash], name[(slash + 1)..]);
        return folder switch
        {
            "json" => "scenario.json",
            "rules" => "sail.json",
            "expressions" => fault.StartsWith("derivation-", StringComparison.Ordinal) ? "vocabulary.json" : "sail.json",
            "check" => fault[..fault.IndexOf('-', StringComparison.Ordinal)] + ".json",
            _ => folder + ".json",
        };
    }

    private static SortedDictionary<string, BadFile> FindAll()
    {
        var all = new SortedDictionary<string, BadFile>(StringComparer.Ordinal);
        var folder = Path.Combine(Folder, "bad");
        foreach (var path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/')[..^".json".Length];
            all.Add(name, new(name, () => File.ReadAllBytes(path)));
        }

        foreach (var bad in WrittenBadFiles.All()) all.Add(bad.Name, bad);
        return all;
    }
}
