using Advisory.Engine;

namespace Advisory.Host.Cli;

/// <summary>A rule book's folder on disk; the engine gets bytes and never sees a path.</summary>
internal static class BookFolder
{
    public const string Default = "rules/ukraine";

    /// <summary>The folder as given; where the default is not below the current folder, the copy that travels with the program.</summary>
    public static string Locate(string folder)
    {
        if (folder != Default || Directory.Exists(folder)) return folder;
        var shipped = Path.Combine(AppContext.BaseDirectory, "rules", "ukraine");
        return Directory.Exists(shipped) ? shipped : folder;
    }

    /// <summary>Loads the book; null after saying why there is none, and what to do.</summary>
    public static Loaded<RuleBook>? Load(string folder, TextWriter errors)
    {
        const string Advice = "name the folder of a rule book, or start one with `advisory new-book NAME`";
        var name = folder.Replace('\\', '/');
        if (File.Exists(folder))
        {
            errors.WriteLine($"{name}: is a file; {(Path.GetFileName(folder) == "book.json" ? "name the folder that it is in" : Advice)}");
            return null;
        }

        if (!Directory.Exists(folder))
        {
            var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } named ? named : ".";
            var near = Directory.Exists(above) ? Nearest.To(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), Directory.EnumerateDirectories(above).Select(path => Path.GetFileName(path))) : null;
            errors.WriteLine($"{name}: there is no such folder; {(near is null ? Advice : $"did you mean `{Path.Combine(above, near).Replace('\\', '/')}`?")}");
            return null;
        }

        try
        {
            if (File.Exists(Path.Combine(folder, "book.json"))) return RuleBook.Load(Files(folder));
            var inside = Directory.EnumerateDirectories(folder).FirstOrDefault(path => File.Exists(Path.Combine(path, "book.json")));
            errors.WriteLine($"{name}: is not a rule book, since it has no book.json; {(inside is null ? Advice : $"did you mean `{inside.Replace('\\', '/')}`?")}");
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{name}: the rule book cannot be read; {fault.Message}");
            return null;
        }
    }

    /// <summary>The book in a folder, for a verb that needs a good one; null after saying what is wrong.</summary>
    public static RuleBook? Book(string folder, Terminal terminal)
    {
        if (Load(folder, terminal.Errors) is not { } loaded) return null;
        foreach (var problem in loaded.Problems) terminal.Errors.WriteLine(problem);
        return loaded.Value;
    }

    /// <summary>The files of a book, by name.</summary>
    public static IReadOnlyList<InputFile> Files(string folder) => Files(folder, "");

    /// <summary>The files of the book's cases, by name.</summary>
    public static IReadOnlyList<InputFile> Cases(string folder) => Directory.Exists(Path.Combine(folder, "cases")) ? Files(folder, "cases") : [];

    private static List<InputFile> Files(string folder, string below) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(folder, below), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(path => new InputFile((below.Length == 0 ? "" : below + "/") + Path.GetFileName(path), File.ReadAllBytes(path), path.Replace('\\', '/'))),
    ];
}
