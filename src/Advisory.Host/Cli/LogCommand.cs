using System.CommandLine;
using System.Globalization;
using Advisory.Engine;
using Advisory.Host.Records;
using Newtonsoft.Json;

namespace Advisory.Host.Cli;

/// <summary><c>advisory log …</c>: what is recorded, for policy officers and auditors. Checking and keeping stand in files of their own.</summary>
internal static class LogCommand
{
    public static Command Create(Terminal terminal) => new("log", "Shows, proves, verifies, replays and keeps the decisions that were recorded.")
    {
        List(terminal),
        Show(terminal),
        Trace(terminal),
        LogChecks.Proof(terminal),
        LogChecks.Checkpoint(terminal),
        LogChecks.Verify(terminal),
        LogChecks.Replay(terminal),
        Withdraw(terminal),
        LogKeeping.Export(terminal),
        LogKeeping.Backup(terminal),
        LogKeeping.Restore(terminal),
        LogKeeping.RotateKey(terminal),
    };

    internal static Argument<string> IdArgument() => new("ID") { Description = "A decision's id, the beginning of it, or the index of its entry." };

    private static Option<string> LanguageOption()
    {
        var language = new Option<string>("--lang") { Description = "The language of the texts.", DefaultValueFactory = _ => "en" };
        language.AcceptOnlyFromAmong("en", "nl");
        return language;
    }

    private static Language LanguageOf(ParseResult parsed, Option<string> option) => parsed.GetValue(option) == "nl" ? Language.Nl : Language.En;

    // ---- list ----

    private static Verb List(Terminal terminal)
    {
        var since = new Option<string?>("--since") { Description = "Recorded on this day or later, in UTC; or at this time, such as 2026-01-24T10:00:00Z.", HelpName = "TIME" };
        var until = new Option<string?>("--until") { Description = "Recorded on this day or earlier, in UTC; or before this time.", HelpName = "TIME" };
        var actor = new Option<string?>("--actor") { Description = "Recorded by this person or program.", HelpName = "NAME" };
        var question = new Option<string?>("--question") { Description = "With a verdict on this question.", HelpName = "Q" };
        var mission = new Option<string?>("--mission") { Description = "With a verdict on this mission; any for questions that are not about missions.", HelpName = "M" };
        var outcome = new Option<string?>("--outcome") { Description = "With this outcome on stated facts, such as NO_GO, of the question and mission asked for.", HelpName = "O" };
        var rule = new Option<string?>("--rule") { Description = "Where this rule decides, in the question and mission asked for.", HelpName = "RULE" };
        var fact = new Option<string[]>("--fact") { Description = "Where this fact is stated with this value; may stand there several times. Facts marked as sensitive are not found.", HelpName = "NAME=VALUE" };
        var book = new Option<string?>("--book") { Description = "Under this book: its name, or its digest or the first eight digits of it.", HelpName = "BOOK" };
        var subject = new Option<string?>("--subject") { Description = "About this subject.", HelpName = "TEXT" };
        var withdrawn = new Option<bool>("--withdrawn") { Description = "Only decisions that were withdrawn." };
        var limit = new Option<int>("--limit") { Description = "At most so many, from 1 to 1000.", DefaultValueFactory = _ => 20, HelpName = "N" };
        limit.Validators.Add(result =>
        {
            if (!result.Tokens.All(token => int.TryParse(token.Value, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 1000)) result.AddError("a number from 1 to 1000");
        });
        var before = new Option<long?>("--before") { Description = "Only entries before this index; a list that was cut off says which.", HelpName = "INDEX" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var language = LanguageOption();
        var place = new LogPlace();
        var verb = new Verb("list", "Lists decisions, the newest first, each with all its outcomes.",
            "done, also where there is no such decision",
            null,
            new("advisory log list", "The last twenty."),
            new("advisory log list --since 2026-01-01 --question preconditions --outcome NO_GO --json", "Every decision of a period with a NO GO on one question, for a program."),
            new("advisory log list --fact us.commitment=none --actor ada", "By what was stated, and who recorded it."))
        { since, until, actor, question, mission, outcome, rule, fact, book, subject, withdrawn, limit, before, json, language, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed =>
        {
            if (Time(parsed.GetValue(since), endOfDay: false, "--since", terminal) is not { } from || Time(parsed.GetValue(until), endOfDay: true, "--until", terminal) is not { } to) return ExitCode.Input;
            var facts = new List<(string, string)>();
            foreach (var given in parsed.GetValue(fact) ?? [])
            {
                if (given.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
                {
                    facts.Add((given[..at], given[(at + 1)..]));
                    continue;
                }

                terminal.Errors.WriteLine($"`--fact {given}` is not of the form NAME=VALUE, such as a.fact=true");
                return ExitCode.Input;
            }

            var filter = new DecisionFilter
            {
                Since = from.Value,
                Before = to.Value,
                Actor = parsed.GetValue(actor),
                Question = parsed.GetValue(question),
                Mission = parsed.GetValue(mission),
                Outcome = parsed.GetValue(outcome),
                Rule = parsed.GetValue(rule),
                Facts = facts,
                Book = parsed.GetValue(book),
                Subject = parsed.GetValue(subject),
                Withdrawn = parsed.GetValue(withdrawn) ? true : null,
            };
            return place.With(parsed, terminal, null, isReadOnly: true, log =>
            {
                var page = log.Search(filter, parsed.GetValue(before) ?? long.MaxValue, parsed.GetValue(limit), terminal.Stop);
                var text = new LogText(log, LanguageOf(parsed, language), terminal);
                if (parsed.GetValue(json)) text.ListJson(page);
                else text.List(page);
                return ExitCode.Done;
            });
        });
        return verb;
    }

    /// <summary>An instant, wrapped so that null means a fault that was said; a day that ends is the beginning of the next.</summary>
    private static Wrapped? Time(string? given, bool endOfDay, string option, Terminal terminal)
    {
        if (given is null) return new(null);
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
            return new(new DateTimeOffset((endOfDay ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        string[] forms = ["yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"];
        if (DateTimeOffset.TryParseExact(given, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return new(time);
        terminal.Errors.WriteLine($"`{option} {given}` is neither a day such as 2026-01-24 nor a time in UTC such as 2026-01-24T10:00:00Z");
        return null;
    }

    private readonly record struct Wrapped(DateTimeOffset? Value);

    // ---- show, trace ----

    private static Verb Show(Terminal terminal)
    {
        var id = IdArgument();
        var json = new Option<bool>("--json") { Description = "The entry as it stands, what has become of it, and the decision with its texts, as one JSON object." };
        var language = LanguageOption();
        var place = new LogPlace();
        var verb = new Verb("show", "Shows a decision: who recorded it, what has become of it, and its verdicts as they were. They are worked out again from the ledger, and shown only if they come to what was recorded.",
            "done",
            "the decision does not come to what was recorded, and only what the entry says is shown",
            new("advisory log show 2", "By the index of its entry."),
            new("advisory log show 2 --lang nl", "In Dutch."),
            new("advisory log show 2 --json", "For a program."))
        { id, json, language, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: true, log =>
        {
            var decision = log.Get(parsed.GetValue(id)!);
            var text = new LogText(log, LanguageOf(parsed, language), terminal);
            return parsed.GetValue(json) ? text.ShowJson(decision) : text.Show(decision);
        }));
        return verb;
    }

    private static Verb Trace(Terminal terminal)
    {
        var id = IdArgument();
        var question = new Option<string?>("--question") { Description = "Only this question.", HelpName = "Q" };
        var mission = new Option<string?>("--mission") { Description = "Only this mission; any for questions that are not about missions.", HelpName = "M" };
        var basis = new Option<string?>("--basis") { Description = "On stated facts, or under the documents' assumptions. Default: as the scenario says." };
        basis.AcceptOnlyFromAmong("stated", "assumed");
        var json = new Option<bool>("--json") { Description = "One JSON object, with an expression tree for each rule." };
        var language = LanguageOption();
        var place = new LogPlace();
        var verb = new Verb("trace", "Shows every rule of a recorded decision with its expression, the truth of each part and the facts that it read, from the rule book that the ledger keeps.",
            "done",
            "the decision does not come to what was recorded, so there is no trace to show",
            new("advisory log trace 2 --question preconditions --mission deterrence", "The rules behind one verdict."),
            new("advisory log trace 2 --json", "Every rule of every verdict, for a program."))
        { id, question, mission, basis, json, language, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: true, log =>
        {
            var decision = log.Get(parsed.GetValue(id)!);
            var (evaluation, fault) = LogText.Replayed(log, decision);
            if (evaluation is null)
            {
                terminal.Errors.WriteLine(fault);
                return ExitCode.Found;
            }

            if (!BookChoice.Knows(evaluation.Book, parsed.GetValue(question), parsed.GetValue(mission), terminal)) return ExitCode.Input;
            var verdicts = evaluation.Verdicts.Where(v => (parsed.GetValue(question) ?? v.Question.Id) == v.Question.Id && (parsed.GetValue(mission) ?? v.Mission) == v.Mission).ToList();
            var on = parsed.GetValue(basis) switch { "assumed" => Basis.Assumed, "stated" => Basis.Stated, _ => evaluation.Scenario.Basis };
            if (parsed.GetValue(json))
            {
                using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false, Formatting = Formatting.Indented }) EvaluationJson.WriteDecision(writer, evaluation, verdicts, on, withTrace: true);
                terminal.Output.WriteLine();
                return ExitCode.Done;
            }

            new LogText(log, LanguageOf(parsed, language), terminal).Trace(decision, evaluation, verdicts, on);
            return ExitCode.Done;
        }));
        return verb;
    }

    // ---- withdraw ----

    private static Verb Withdraw(Terminal terminal)
    {
        var id = IdArgument();
        var reason = new Option<string>("--reason") { Description = "Why, for people: up to 2,000 characters.", Required = true, HelpName = "TEXT" };
        var by = DataFolder.ByOption();
        var successor = new Option<string?>("--superseded-by") { Description = "The decision that stands instead, recorded already.", HelpName = "ID" };
        var place = new LogPlace();
        var verb = new Verb("withdraw", "Records that a decision does not stand any more. It stays in the ledger, as everything does, and says so from now on.",
            "withdrawn",
            null,
            new("advisory log withdraw 2 --reason \"the report was retracted\" --by ada", "With the reason, which others will read."),
            new("advisory log list --withdrawn", "What was withdrawn."))
        { id, reason, successor, by, place.Data, place.Server, place.KeyFile };
        verb.SetAction(parsed => place.With(parsed, terminal, null, isReadOnly: false, log =>
        {
            if (place.IsServer(parsed) && parsed.GetValue(by) is not null) throw new RefusedException(Refusal.Invalid, LogPlace.ByKey);
            var decision = log.Get(parsed.GetValue(id)!);
            var instead = parsed.GetValue(successor) is { } other ? log.Get(other).Id : null;
            var (withdrawal, receipt) = log.Withdraw(decision.Id, parsed.GetValue(reason)!, instead, DataFolder.Actor(parsed.GetValue(by)), terminal.Stop).GetAwaiter().GetResult();
            terminal.Output.WriteLine(FormattableString.Invariant($"withdrew {decision.Id} (entry {decision.Index}) by entry {withdrawal.Index}\nReceipt, to be kept:\n\n{receipt}").TrimEnd('\n'));
            return ExitCode.Done;
        }));
        return verb;
    }
}
