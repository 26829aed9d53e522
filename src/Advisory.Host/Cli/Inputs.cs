namespace Advisory.Host.Cli;

/// <summary>The files that a person names on the command line, and what to do about those that cannot be read.</summary>
internal static class Inputs
{
    private const string Standard = "-";

    /// <summary>What problems call a file.</summary>
    public static string NameOf(string file) => file == Standard ? "standard input" : file.Replace('\\', '/');

    /// <summary>The content of a file or of standard input; null after saying why not.</summary>
    public static Stream? Open(string file, Terminal terminal)
    {
        if (file == Standard) return terminal.Input();
        var name = NameOf(file);
        if (Directory.Exists(file))
        {
            terminal.Errors.WriteLine($"{name}: is a folder; name the files in it, such as {Path.Combine(name, "*.json").Replace('\\', '/')}");
            return null;
        }

        try
        {
            return File.OpenRead(file);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            var near = Nearest.To(Path.GetFileName(file), NamesBeside(file));
            terminal.Errors.WriteLine($"{name}: there is no such file{(near is null ? "" : $"; did you mean `{Path.Combine(Path.GetDirectoryName(name) ?? "", near).Replace('\\', '/')}`?")}");
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Errors.WriteLine($"{name}: cannot be read; {fault.Message}");
            return null;
        }
    }

    /// <summary>What to do about a text that is no scenario at all, or null.</summary>
    public static string? Advice(ReadOnlySpan<byte> content, bool asLines)
    {
        var text = content.Trim(" \t\r\n"u8);
        if (text.IsEmpty) return "nothing arrived; a scenario is an object such as { \"facts\": {} }";
        if (asLines) return text is [(byte)'{'] or [(byte)'['] ? "with --lines each scenario stands on one line; leave --lines out for a file that holds one" : null;
        return text[0] == '{' && text.IndexOf("}\n{"u8) > 0 || text.IndexOf("}\r\n{"u8) > 0 ? "for a file with one scenario a line, add --lines" : null;
    }

    private static IEnumerable<string> NamesBeside(string file)
    {
        var folder = Path.GetDirectoryName(file) is { Length: > 0 } named ? named : ".";
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Take(1_000).Select(path => Path.GetFileName(path)) : [];
    }
}
