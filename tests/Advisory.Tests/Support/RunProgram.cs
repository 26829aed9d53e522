using Advisory.Host.Cli;

namespace Advisory.Tests;

/// <summary>Runs the program in this process, as a person would from the root of the repository.</summary>
internal static class RunProgram
{
    public static (int Code, string Output, string Errors) With(params string[] arguments) => With("", arguments);

    public static (int Code, string Output, string Errors) With(string input, string[] arguments, int width = 100, CancellationToken stop = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var code = CommandLine.Run(arguments, new(() => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input)), output, errors, width, stop));
        return (code, output.ToString(), errors.ToString());
    }
}

/// <summary>A folder that is gone when the test is over.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("advisory-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A copy of a rule book of the repository, to break.</summary>
    public string Book(params string[] folder)
    {
        var source = Repository.PathOf(folder);
        var target = System.IO.Path.Combine(Path, folder[^1]);
        foreach (var file in Directory.EnumerateFiles(source, "*.json", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
