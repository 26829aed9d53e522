using System.CommandLine;
using System.Text;
using Advisory.Engine;

namespace Advisory.Host.Cli;

/// <summary><c>advisory new-book</c>: lays the files of a small book that checks and tests without complaint, to grow from.</summary>
internal static class NewBookCommand
{
    private const string Templates = "new-book/";

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The name of the book: lower case letters, digits, - and _." };
        var into = new Option<string>("--into") { Description = "The folder in which the book's folder is made.", DefaultValueFactory = _ => "rules", HelpName = "DIR" };
        var command = new Verb("new-book", "Starts a rule book: a small one that checks and tests, to grow from.",
            "the files are written; their names are printed",
            null,
            new("advisory new-book harbour", "Writes rules/harbour."),
            new("advisory new-book harbour --into books", "Writes books/harbour."))
        { name, into };
        command.SetAction(parsed => Run(parsed.GetValue(name)!, parsed.GetValue(into)!, terminal));
        return command;
    }

    public static int Run(string name, string into, Terminal terminal)
    {
        if (!RuleBook.IsName(name))
        {
            terminal.Errors.WriteLine($"`{name}` is not a name for a book; use lower case letters, digits, `-`, `_` and `.`");
            return ExitCode.Input;
        }

        var folder = Path.Combine(into, name);
        if (Directory.Exists(folder) || File.Exists(folder))
        {
            terminal.Errors.WriteLine($"{folder}: is there already; nothing was changed");
            return ExitCode.Input;
        }

        var program = typeof(NewBookCommand).Assembly;
        var inAYear = DateOnly.FromDateTime(DateTime.UtcNow).AddYears(1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var resource in program.GetManifestResourceNames().Select(r => (Name: r, Path: r.Replace('\\', '/'))).Where(r => r.Path.StartsWith(Templates, StringComparison.Ordinal)).OrderBy(r => r.Path, StringComparer.Ordinal))
        {
            using var reader = new StreamReader(program.GetManifestResourceStream(resource.Name)!, Encoding.UTF8);
            var text = reader.ReadToEnd().Replace("NAME", name, StringComparison.Ordinal).Replace("REVIEW-BY", inAYear, StringComparison.Ordinal);
            var path = Path.Combine(folder, resource.Path[Templates.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Files.Replace(path, text);
            terminal.Output.WriteLine(path.Replace('\\', '/'));
        }

        terminal.Output.WriteLine($"""

            Next: put your missions and questions into book.json, your facts into vocabulary.json, your rules into go.json, then
              advisory check {folder.Replace('\\', '/')}
              advisory test {folder.Replace('\\', '/')}
            """);
        return ExitCode.Done;
    }
}
