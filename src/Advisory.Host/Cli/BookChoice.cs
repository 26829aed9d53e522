using System.CommandLine;
using System.CommandLine.Completions;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary>The rule book that a verb works on: its one argument, or <c>--rules</c>, or the book that is shipped.</summary>
internal sealed class BookChoice
{
    private readonly Argument<string?> argument = new("BOOK") { Description = "The folder of the rule book, instead of --rules.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> option = RulesOption();

    public static Option<string> RulesOption() => new("--rules") { Description = "The folder of the rule book.", DefaultValueFactory = _ => BookFolder.Default, HelpName = "DIR" };

    /// <summary>One question of the book that <paramref name="rules"/> names; completed from that book.</summary>
    public static Option<string?> QuestionOption(Option<string> rules)
    {
        var option = new Option<string?>("--question") { Description = "Only this question, such as preconditions.", HelpName = "Q" };
        option.CompletionSources.Add(context => Ids(context, rules, "questions"));
        return option;
    }

    /// <summary>One mission of the book that <paramref name="rules"/> names; completed from that book.</summary>
    public static Option<string?> MissionOption(Option<string> rules)
    {
        var option = new Option<string?>("--mission") { Description = "Only this mission, such as deterrence; any for questions that are not about missions.", HelpName = "M" };
        option.CompletionSources.Add(context => [.. Ids(context, rules, "missions"), RuleBook.AnyMission]);
        return option;
    }

    /// <summary>Whether the book has the question and the mission that a person asks about; says what there is where it has not.</summary>
    public static bool Knows(RuleBook book, string? question, string? mission, Terminal terminal)
    {
        if (question is not null && book.Question(question) is null) return Says("question", question, [.. book.Questions.Select(q => q.Id)]);
        if (mission is not null && mission != RuleBook.AnyMission && !book.Missions.Any(m => m.Id == mission)) return Says("mission", mission, [.. book.Missions.Select(m => m.Id)]);
        return true;

        bool Says(string what, string given, IReadOnlyList<string> known)
        {
            var near = Nearest.To(given, known);
            terminal.Errors.WriteLine($"the book has no {what} `{given}`; {(near is null ? "it has " + string.Join(", ", known) : $"did you mean `{near}`?")}");
            return false;
        }
    }

    public void AddTo(Command command)
    {
        command.Arguments.Add(argument);
        command.Options.Add(option);
    }

    public string In(ParseResult parsed) => BookFolder.Locate(parsed.GetValue(argument) ?? parsed.GetValue(option)!);

    // Read from book.json alone: a completion must be quick, and works in a book that has faults elsewhere.
    private static IEnumerable<string> Ids(CompletionContext context, Option<string> rules, string list)
    {
        var path = Path.Combine(BookFolder.Locate(context.ParseResult.GetValue(rules) ?? BookFolder.Default), "book.json");
        try
        {
            var items = JObject.Parse(File.ReadAllText(path))[list] as JArray ?? [];
            return [.. items.OfType<JObject>().Select(item => item["id"]).OfType<JValue>().Select(id => id.Value).OfType<string>()];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or Newtonsoft.Json.JsonException)
        {
            return []; // nothing to offer; the verb itself will say what is wrong with the book
        }
    }
}
