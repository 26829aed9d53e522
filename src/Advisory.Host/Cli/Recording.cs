using System.Text;
using Advisory.Engine;
using Advisory.Host.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary>What <c>evaluate --record</c> does beside evaluating: each decision is in the ledger before its verdicts are shown.</summary>
internal sealed class Recording
{
    /// <summary>Lines that wait for the disk together; what is behind them waits to be read.</summary>
    private const int MaxUnderWay = 64;

    private readonly Decisions log;
    private readonly EvaluateCommand.Options evaluate;
    private readonly Options options;
    private readonly Terminal terminal;
    private readonly string actor;
    private readonly string? supersedes;
    private readonly Queue<Action<Progress>> underWay = [];

    public Recording(Decisions log, EvaluateCommand.Options evaluate, Terminal terminal)
    {
        (this.log, this.evaluate, options, this.terminal) = (log, evaluate, evaluate.Recording!, terminal);
        actor = DataFolder.Actor(options.By);
        supersedes = options.Supersedes is { } older ? log.Get(older).Id : null;
    }

    /// <param name="IsWanted">Whether <c>--record</c> stands there.</param>
    /// <param name="Data">The ledger's folder.</param>
    /// <param name="By">Who records; null for the login name.</param>
    /// <param name="Key">Idempotency key; of line n in JSON Lines it is the key, a colon and n.</param>
    /// <param name="Supersedes">An id, its beginning or an index.</param>
    /// <param name="Receipt">A file for the receipt.</param>
    internal sealed record Options(bool IsWanted, string Data, string? By, string? Key, string? Supersedes, string? Receipt)
    {
        /// <summary>What is wrong with the options together, or null.</summary>
        public string? Fault(EvaluateCommand.Options with)
        {
            var isOne = with.Files.Length == 1 && !with.AsLines;
            if (!IsWanted) return "--by, --key, --supersedes and --receipt are about a recorded decision; add --record";
            if (with.AtServer is not null && By is not null) return LogPlace.ByKey;
            if (with.Files.Length > 1 && Key is not null) return "a key stands for one scenario; record one FILE at a time";
            if (!isOne && Supersedes is not null) return "one decision supersedes another; record one scenario at a time";
            if (!isOne && Receipt is not null) return $"--receipt is a file for one receipt; {(with.AsLines ? "with --lines each receipt stands in its line" : "record one FILE at a time")}";
            return null;
        }
    }

    /// <summary>Records that there is no decision, and why.</summary>
    public void Refuse(RuleBook book, ReadOnlyMemory<byte> input, IReadOnlyList<Problem> problems) => log.Refuse(book, input, problems, actor, terminal.Stop).GetAwaiter().GetResult();

    /// <summary>Evaluates, records and prints one scenario; false after saying that it is too large to be recorded.</summary>
    public bool Whole(RuleBook book, Scenario scenario, InputFile file)
    {
        Recorded recorded;
        try
        {
            recorded = Record(book, scenario, options.Key).GetAwaiter().GetResult();
        }
        catch (RefusedException refused) when (refused.Problem is { } problem)
        {
            problem = problem with { File = file.Path ?? file.Name };
            terminal.Errors.WriteLine(problem);
            Refuse(book, file.Content, [problem]);
            return false;
        }

        // The decision stands, whatever becomes of the file.
        var unwritten = options.Receipt is { } path ? Write(recorded, path) : null;
        if (evaluate.AsJson)
        {
            terminal.Output.WriteLine(Json(recorded).ToString(Formatting.Indented).ReplaceLineEndings("\n"));
        }
        else
        {
            EvaluateCommand.Print(recorded.Evaluation, evaluate, terminal);
            Print(recorded);
        }

        return unwritten is null ? true : throw new IOException(unwritten);
    }

    /// <summary>Evaluates a line here, and has it recorded while the next ones are evaluated; what is printed keeps the order.</summary>
    public void Line(RuleBook book, Scenario? scenario, IReadOnlyList<Problem> problems, ReadOnlyMemory<byte> line, string name, int number, Progress progress)
    {
        if (underWay.Count >= MaxUnderWay) underWay.Dequeue()(progress);
        if (scenario is null)
        {
            underWay.Enqueue(progress => RefuseLine(problems, progress));
            return;
        }

        var recording = Record(book, scenario, options.Key is { } key ? FormattableString.Invariant($"{key}:{number}") : null);
        underWay.Enqueue(progress =>
        {
            try
            {
                Write(Json(recording.GetAwaiter().GetResult()));
                progress.Count(isAtFault: false);
            }
            catch (RefusedException refused) when (refused.Problem is { } problem)
            {
                problem = problem with { File = name, Line = number };
                progress.Say(problem.ToString());
                RefuseLine([problem], progress);
            }
        });

        void RefuseLine(IReadOnlyList<Problem> faults, Progress progress)
        {
            Refuse(book, line, faults);
            Write(EvaluateCommand.AtFault(name, number, faults));
            progress.Count(isAtFault: true);
        }

        void Write(JObject json)
        {
            using (var writer = new JsonTextWriter(terminal.Output) { CloseOutput = false }) json.WriteTo(writer);
            terminal.Output.WriteLine();
        }
    }

    /// <summary>Waits for the lines under way, and prints them.</summary>
    public void Finish(Progress progress)
    {
        while (underWay.TryDequeue(out var next)) next(progress);
    }

    private Task<Recorded> Record(RuleBook book, Scenario scenario, string? key) => log.Record(new(book, scenario, actor) { Key = key, Supersedes = supersedes }, terminal.Stop);

    private static string? Write(Recorded recorded, string path)
    {
        try
        {
            Files.Replace(path, recorded.Receipt.ToString());
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return FormattableString.Invariant($"the decision is recorded as entry {recorded.Decision.Index}, but its receipt could not be written ({fault.Message}); get it with `advisory log proof {recorded.Decision.Index}`");
        }
    }

    private void Print(Recorded recorded)
    {
        var (decision, isDutch) = (recorded.Decision, evaluate.Language == Language.Nl);
        var text = new StringBuilder("\n");
        var lead = (isDutch, recorded.WasThere) switch
        {
            (true, true) => "Was met deze sleutel al vastgelegd",
            (true, false) => "Vastgelegd",
            (false, true) => "Was recorded already, with this key,",
            _ => "Recorded",
        };
        text.Append(isDutch
            ? FormattableString.Invariant($"{lead} als {decision.Id} (regel {decision.Index}) door {decision.Actor}, {LogEntry.Format(decision.Time)}\n")
            : FormattableString.Invariant($"{lead} as {decision.Id} (entry {decision.Index}) by {decision.Actor}, {LogEntry.Format(decision.Time)}\n"));
        if (options.Receipt is { } kept) text.Append(isDutch ? "Bewijs: " : "Receipt: ").Append(kept).Append('\n');
        else text.Append(isDutch ? "Bewijs, om te bewaren:\n\n" : "Receipt, to be kept:\n\n").Append(recorded.Receipt);
        Paint.Finish(text, 0);
        terminal.Output.Write(text);
    }

    /// <summary>The decision as it is printed without recording, and in it the record and the receipt.</summary>
    private JObject Json(Recorded recorded)
    {
        using var json = new JTokenWriter();
        EvaluateCommand.WriteDecision(json, recorded.Evaluation, evaluate, terminal, further => RecordJson.Write(further, recorded));
        return (JObject)json.Token!;
    }
}
