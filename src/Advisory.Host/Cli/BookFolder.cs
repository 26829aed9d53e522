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

    /// <summary>Loads the book; a folder that is not there or cannot be read is a problem like any other.</summary>
    public static Loaded<RuleBook>? Load(string folder, TextWriter errors)
    {
        try
        {
            return RuleBook.Load(Files(folder, ""));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{folder}: the rule book cannot be read; {fault.Message}");
            return null;
        }
    }

    /// <summary>The files of the book's cases, by name.</summary>
    public static IReadOnlyList<InputFile> Cases(string folder) => Directory.Exists(Path.Combine(folder, "cases")) ? Files(folder, "cases") : [];

    private static List<InputFile> Files(string folder, string below) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(folder, below), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(path => new InputFile((below.Length == 0 ? "" : below + "/") + Path.GetFileName(path), File.ReadAllBytes(path), path.Replace('\\', '/'))),
    ];
}
