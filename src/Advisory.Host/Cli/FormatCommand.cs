using System.CommandLine;
using System.Text;
using Advisory.Engine;

namespace Advisory.Host.Cli;

/// <summary><c>advisory format</c>: the one layout of every file of a book.</summary>
internal static class FormatCommand
{
    public static Command Create(Terminal terminal)
    {
        var book = new BookChoice();
        var check = new Option<bool>("--check") { Description = "Changes nothing; names the files that are laid out otherwise." };
        var command = new Verb("format", "Lays out every file of a rule book in the same way; keeps its digest.",
            "every file is laid out",
            "with --check: a file is laid out otherwise",
            new("advisory format rules/ukraine", "Lays out the book's files, its cases too."),
            new("advisory format rules/ukraine --check", "Names the files that are laid out otherwise, and changes nothing."))
        { check };
        book.AddTo(command);
        command.SetAction(parsed => Run(book.In(parsed), parsed.GetValue(check), terminal));
        return command;
    }

    public static int Run(string folder, bool onlyChecks, Terminal terminal)
    {
        if (!Directory.Exists(folder))
        {
            terminal.Errors.WriteLine($"{folder}: there is no such folder");
            return ExitCode.Input;
        }

        var (code, changed, files) = (ExitCode.Done, 0, 0);
        foreach (var path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            terminal.Stop.ThrowIfCancellationRequested();
            var name = path.Replace('\\', '/');
            var bytes = File.ReadAllBytes(path);
            var laidOut = BookFormat.Layout(new(name, bytes));
            foreach (var problem in laidOut.Problems) terminal.Errors.WriteLine(problem);
            if (laidOut.Value is not { } text)
            {
                code = ExitCode.Input;
                continue;
            }

            files++;
            if (Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes)) continue;
            changed++;
            terminal.Output.WriteLine(onlyChecks ? $"{name} is laid out otherwise" : $"{name} laid out anew");
            if (!onlyChecks) Files.Replace(path, text);
        }

        terminal.Output.WriteLine(FormattableString.Invariant($"{folder}: {files} files, {changed} {(onlyChecks ? "to lay out anew" : "laid out anew")}"));
        return code != ExitCode.Done ? code : onlyChecks && changed > 0 ? ExitCode.Found : ExitCode.Done;
    }
}
