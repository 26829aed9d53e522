using System.CommandLine;

namespace Advisory.Host.Cli;

/// <summary><c>advisory completion</c>: a script with which a shell completes verbs, options, questions and missions.</summary>
/// <remarks>
/// The scripts ask the program itself, by the parser's directive <c>[suggest:POSITION] "LINE"</c>, and offer files where it has nothing
/// to say. Options are offered behind a dash only, so that they do not stand in the way of files.
/// </remarks>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # advisory: completion for bash. Put this into ~/.bashrc:
            #   source <(advisory completion bash)
            _advisory() {
                local line=${COMP_LINE#*[[:space:]]} word=${COMP_WORDS[COMP_CWORD]} found
                local at=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
                COMPREPLY=()
                while IFS= read -r found; do
                    [[ $found == -* && $word != -* ]] && continue
                    [[ $found == "$word"* ]] && COMPREPLY+=("$found")
                done < <(advisory "[suggest:$at]" "$line" 2>/dev/null)
            }
            complete -o default -F _advisory advisory
            """,
        ["zsh"] = """
            # advisory: completion for zsh. Put this into ~/.zshrc, behind compinit:
            #   source <(advisory completion zsh)
            _advisory() {
                local line=${BUFFER#*[[:space:]]}
                local at=$((CURSOR - ${#BUFFER} + ${#line}))
                local -a found
                found=(${(f)"$(advisory "[suggest:$at]" "$line" 2>/dev/null)"})
                [[ $PREFIX == -* ]] || found=(${found:#-*})
                compadd -a found
                _files
            }
            compdef _advisory advisory
            """,
        ["fish"] = """
            # advisory: completion for fish. Put this into ~/.config/fish/config.fish:
            #   advisory completion fish | source
            function __advisory_found
                set -l line (commandline -cp | string replace -r '^\S+\s+' '')
                set -l found (advisory "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
                if string match -q -- '-*' (commandline -ct)
                    printf '%s\n' $found
                else
                    string match -v -- '-*' $found
                end
            end
            complete -c advisory -a '(__advisory_found)'
            """,
        ["pwsh"] = """
            # advisory: completion for PowerShell. Put this into $PROFILE:
            #   advisory completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName advisory -ScriptBlock {
                param($word, $commandLine, $cursor)
                $all = $commandLine.ToString()
                $line = $all -replace '^\S+\s+', ''
                $at = $cursor - $all.Length + $line.Length
                if ($at -gt $line.Length) { $line = $line.PadRight($at) }
                advisory "[suggest:$at]" "$line" 2>$null |
                    Where-Object { $_.StartsWith($word) -and ($word.StartsWith('-') -or -not $_.StartsWith('-')) } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell that reads the script." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Verb("completion", "Prints a script with which a shell completes verbs, options, and the questions and missions of the book in --rules.",
            "the script is printed",
            null,
            new("source <(advisory completion bash)", "Completes in this bash; put the line into ~/.bashrc for every one."),
            new("advisory completion fish", "The script for fish; its first lines say where it goes."))
        { shell };
        command.SetAction(parsed =>
        {
            terminal.Output.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return ExitCode.Done;
        });
        return command;
    }
}
