using System.CommandLine;

namespace Advisory.Host.Cli;

/// <summary>The rule book that a verb works on: its one argument, or <c>--rules</c>, or the book that is shipped.</summary>
internal sealed class BookChoice
{
    private readonly Argument<string?> argument = new("BOOK") { Description = "The folder of the rule book.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> option = RulesOption();

    public static Option<string> RulesOption() => new("--rules") { Description = "The folder of the rule book.", DefaultValueFactory = _ => BookFolder.Default, HelpName = "DIR" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(argument);
        command.Options.Add(option);
    }

    public string In(ParseResult parsed) => BookFolder.Locate(parsed.GetValue(argument) ?? parsed.GetValue(option)!);
}
