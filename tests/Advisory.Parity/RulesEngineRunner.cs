using Newtonsoft.Json;
using RulesEngine.Models;

namespace Advisory.Parity;

/// <summary>Asks RulesEngine, one rule at a time; the only file that knows its types.</summary>
/// <remarks>
/// Every rule becomes a workflow of its own, with the global parameters of the file that it stands in, so that one answer is one call.
/// The engine is told to throw: where it turns a fault into a message instead, the message can stay on a compiled rule after the call that
/// it belongs to, and a later plain "no" would pass for an error.
/// </remarks>
internal sealed class RulesEngineRunner
{
    private readonly RulesEngine.RulesEngine engine;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private RuleParameter[] parameters = [];

    /// <summary>Loads the rule files as they are shipped, then each rule of theirs by itself.</summary>
    /// <param name="files">The JSON of each rule set, unchanged.</param>
    /// <exception cref="Exception">RulesEngine refuses a file.</exception>
    public RulesEngineRunner(IEnumerable<string> files)
    {
        var shipped = files.Select(json => JsonConvert.DeserializeObject<Workflow>(json)!).ToArray();
        _ = new RulesEngine.RulesEngine(shipped);

        var single = new List<Workflow>();
        foreach (var workflow in shipped)
        {
            foreach (var rule in workflow.Rules)
            {
                var name = Name(workflow.WorkflowName, rule.RuleName);
                names.Add(name);
                var alone = workflow.Rules.Where(other => ReferenceEquals(other, rule)).ToList();
                single.Add(new Workflow { WorkflowName = name, GlobalParams = workflow.GlobalParams, Rules = alone });
            }
        }

        var settings = new ReSettings
        {
            EnableExceptionAsErrorMessage = false,
            EnableFormattedErrorMessage = false, // else a rule's own `ErrorMessage` would stand where a fault stands
        };
        engine = new(single.ToArray(), reSettings: settings);
    }

    /// <summary>Sets the inputs of the questions that follow: one named parameter a root.</summary>
    public void Give(IEnumerable<KeyValuePair<string, object>> inputs) =>
        parameters = [.. inputs.Select(input => new RuleParameter(input.Key, input.Value))];

    /// <summary>What RulesEngine says of one rule on the inputs last given.</summary>
    public Answer Ask(string question, string rule)
    {
        var name = Name(question, rule);
        if (!names.Contains(name)) throw new InvalidOperationException($"RulesEngine read no rule {name}");

        List<RuleResultTree> results;
        try
        {
            results = engine.ExecuteAllRulesAsync(name, parameters).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception fault)
        {
            return Answer.Failed(fault.Message); // whatever it throws is its error; a rule that only ever errs is reported by itself
        }

        if (results is not [var result] || result.Rule.RuleName != rule) throw new InvalidOperationException($"RulesEngine did not answer {name}");
        if (result.IsSuccess) return Answer.True;
        return Fault(result) is { } message ? Answer.Failed(message) : Answer.False;
    }

    /// <summary>The message of a fault in a rule or in a rule nested in it, or null.</summary>
    private static string? Fault(RuleResultTree result) => string.IsNullOrEmpty(result.ExceptionMessage)
        ? result.ChildResults?.Select(Fault).FirstOrDefault(message => message is not null)
        : result.ExceptionMessage;

    private static string Name(string question, string rule) => question + "/" + rule;
}
