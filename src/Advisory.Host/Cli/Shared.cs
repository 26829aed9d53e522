using System.CommandLine;

namespace Advisory.Host.Cli;

/// <summary>Arguments that several verbs have.</summary>
internal static class Shared
{
    public static Argument<string> BookArgument() => new("BOOK") { Description = "The folder of the rule book.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => BookFolder.Default };
}
