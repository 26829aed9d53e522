using System.Text;
using Advisory.Engine.Expressions;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>An evaluation as JSON: canonical, as it is recorded and compared; and as a decision that people and programs read.</summary>
public static class EvaluationJson
{
    /// <summary>The pure evaluation in canonical form (RFC 8785): no text for people, no time, no machine; the same bytes everywhere.</summary>
    public static byte[] Canonical(Evaluation evaluation)
    {
        var trace = CompactTrace(evaluation);
        return CanonicalJson.Bytes(new JObject
        {
            ["schema"] = "advisory/evaluation/v1",
            ["semantics"] = RuleBook.Semantics,
            ["book"] = Book(evaluation.Book),
            ["input"] = evaluation.Scenario.Digest,
            ["scenario"] = evaluation.Scenario.ToJson(),
            ["verdicts"] = new JArray(evaluation.Verdicts.Select(v => Verdict(v, withTexts: false))),
            ["derived"] = Derived(evaluation, evaluation.Verdicts),
            ["trace"] = trace,
            ["traceDigest"] = CanonicalJson.Digest(CanonicalJson.Bytes(trace)),
        });
    }

    /// <summary>
    /// The compact trace: for each verdict one letter an expression node in book order, <c>t</c> true, <c>f</c> false, <c>u</c> unknown,
    /// <c>k</c> a known value; rules apart by a space. Under assumptions only where that differs.
    /// </summary>
    public static JArray CompactTrace(Evaluation evaluation) => new(evaluation.Verdicts.Select(verdict =>
    {
        var (stated, assumed) = (Letters(verdict.Stated), Letters(verdict.Assumed));
        var line = Subject(verdict);
        line["nodes"] = stated;
        if (assumed != stated) line["assumed"] = assumed;
        return line;
    }));

    /// <summary>The decision as the command line and the service print it, texts included.</summary>
    /// <param name="evaluation">What is printed.</param>
    /// <param name="verdicts">The verdicts to print; the facts are those of the whole evaluation.</param>
    /// <param name="basis">Which outcome a person sees first.</param>
    /// <param name="withTrace">Whether the full trace of these verdicts follows.</param>
    public static JObject Decision(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts, Basis basis, bool withTrace)
    {
        var json = new JObject
        {
            ["schema"] = "advisory/decision/v1",
            ["book"] = Book(evaluation.Book),
        };
        if (evaluation.Scenario.Title is { } title) json["title"] = title;
        if (evaluation.Scenario.Subject is { } subject) json["subject"] = subject;
        if (evaluation.Scenario.Classification is { } classification) json["classification"] = classification;
        if (evaluation.Scenario.AsOf is { } asOf) json["asOf"] = Dates.Format(asOf);
        json["basis"] = basis == Basis.Assumed ? "assumed" : "stated";
        json["semantics"] = RuleBook.Semantics;
        json["input"] = evaluation.Scenario.Digest;
        json["verdicts"] = new JArray(verdicts.Select(v => Verdict(v, withTexts: true)));
        json["facts"] = new JArray(evaluation.Facts.Select(Fact));
        json["readings"] = new JArray(evaluation.Readings.Select(r => new JObject { ["name"] = r.Reading.Name, ["option"] = r.Option, ["default"] = r.IsBooksOwn }));
        json["derived"] = Derived(evaluation, verdicts);
        json["notAssessed"] = new JArray(evaluation.Book.Gaps.Select(g => new JObject { ["id"] = g.Id, ["text"] = Local(g.Text) }));
        if (withTrace) json["trace"] = new JArray(Trace.Of(evaluation, verdicts, basis).Select(Traced));
        return json;
    }

    private static JObject Book(RuleBook book) => new() { ["name"] = book.Name, ["version"] = book.Version, ["digest"] = book.Digest, ["rules"] = book.RulesDigest };

    private static JObject Subject(Verdict verdict)
    {
        var json = new JObject { ["question"] = verdict.Question.Id, ["mission"] = verdict.Mission };
        if (verdict.Record is not null) json["record"] = verdict.Record;
        return json;
    }

    private static JObject Verdict(Verdict verdict, bool withTexts)
    {
        var json = Subject(verdict);
        View(verdict.Stated, json, withTexts);
        json["assumed"] = View(verdict.Assumed, [], withTexts);
        return json;
    }

    private static JObject View(View view, JObject json, bool withTexts)
    {
        json["outcome"] = view.Outcome;
        json["deciding"] = new JArray(view.Deciding.Select(f => Deciding(f, withTexts)));
        json["conditions"] = new JArray(view.Conditions.Select(f => f.Waiver is null ? Finding(f) : With(Finding(f), "waived", true)));
        json["warnings"] = new JArray(view.Warnings.Select(f => new JObject { ["rule"] = f.Rule.Name, ["strength"] = f.Strength.Token }));
        json["notAssessed"] = new JArray(view.NotAssessed.Select(r => new JObject { ["rule"] = r.Name }));
        json["open"] = new JArray(view.Open.Select(r => new JObject { ["rule"] = r.Name }));
        json["waived"] = new JArray(view.Waived.Select(Finding));
        json["fallback"] = new JArray(view.Fallback.Select(f => new JObject { ["mission"] = f.Mission, ["outcome"] = f.Outcome }));
        json["relyingOn"] = new JArray(view.RelyingOn.Items.Select(r => r.Kind == RelianceKind.Assumption
            ? (JToken)r.Name
            : new JObject { ["kind"] = r.Kind.ToString().ToLowerInvariant(), ["name"] = r.Name }));
        if (view.RelyingOn.Jointly) json["jointly"] = true;
        json["withoutWaivers"] = new JObject { ["outcome"] = view.WithoutWaivers };
        return json;
    }

    private static JObject Deciding(Finding finding, bool withTexts)
    {
        var json = Finding(finding);
        if (!withTexts) return json;
        json["title"] = Local(finding.Rule.Title);
        json["reason"] = Local(finding.Rule.Reason);
        json["statements"] = new JArray(finding.Rule.Statements);
        json["facts"] = new JArray(finding.Rule.Facts);
        return json;
    }

    private static JObject Finding(Finding finding) => new() { ["rule"] = finding.Rule.Name, ["truth"] = Truth(finding.Truth) };

    private static JObject With(JObject json, string name, JToken value)
    {
        json[name] = value;
        return json;
    }

    private static JObject Fact(FactUse use)
    {
        var json = new JObject { ["name"] = use.Fact.Name };
        if (use.Record is not null) json["record"] = use.Record;
        json["state"] = State(use.State);
        json["value"] = use.Value?.DeepClone();
        if (use.Statement is not null) json["statement"] = use.Statement;
        json["reports"] = new JArray(use.Reports.Select(r => r.IsExpired ? With((JObject)r.ToJson(), "expired", true) : r.ToJson()));
        return json;
    }

    private static JArray Derived(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts)
    {
        var missions = verdicts.Select(v => v.Mission).ToHashSet(StringComparer.Ordinal);
        return new(evaluation.Derived.Where(d => missions.Contains(d.Mission)).Select(d =>
        {
            var json = new JObject { ["name"] = d.Fact.Name, ["mission"] = d.Mission, ["value"] = d.Value?.DeepClone() };
            if (!JToken.DeepEquals(d.Value ?? JValue.CreateNull(), d.UnderAssumptions ?? JValue.CreateNull())) json["assumed"] = d.UnderAssumptions?.DeepClone();
            return json;
        }));
    }

    private static JObject Traced(TracedFinding traced)
    {
        var json = Subject(traced.Verdict);
        json["rule"] = traced.Finding.Rule.Name;
        json["strength"] = traced.Finding.Strength.Token;
        json["truth"] = Truth(traced.Finding.Truth);
        if (!traced.Finding.Applies) json["applies"] = false;
        if (traced.Finding.Waiver is not null) json["waived"] = true;
        json["expression"] = Node(traced.Expression);
        return json;
    }

    private static JObject Node(TraceNode node)
    {
        var json = new JObject { ["text"] = node.Text };
        if (node.Parameter is not null) json["parameter"] = node.Parameter;
        if (node.Truth is { } truth) json["truth"] = Truth(truth);
        else json["value"] = node.Value?.DeepClone();
        if (node.Fault is not null) json["fault"] = node.Fault;
        if (!node.Facts.IsEmpty) json["facts"] = new JArray(node.Facts.Select(TraceFact));
        if (!node.Children.IsEmpty) json["nodes"] = new JArray(node.Children.Select(Node));
        return json;
    }

    private static JObject TraceFact(TraceFact fact)
    {
        var json = new JObject
        {
            ["name"] = fact.Fact.Name,
            ["state"] = fact.Fact.Role == FactRole.Reading ? "reading" : State(fact.State),
            ["value"] = fact.Value?.DeepClone(),
        };
        if (fact.Statement is not null) json["statement"] = fact.Statement;
        if (!fact.Reports.IsEmpty) json["reports"] = new JArray(fact.Reports.Select(r => r.ToJson()));
        if (fact.Derivation is { } derivation) json["derivation"] = Node(derivation);
        return json;
    }

    private static JObject Local(LocalText text) => new() { ["en"] = text.En, ["nl"] = text.Nl };

    private static string Truth(Truth truth) => Words.For(truth, Language.En);

    private static string State(FactState state) => state.ToString().ToLowerInvariant();

    private static string Letters(View view)
    {
        var text = new StringBuilder();
        foreach (var rule in view.Findings.Select(f => f.Rule))
        {
            if (text.Length > 0) text.Append(' ');
            foreach (var mark in view.Marks.AsSpan(rule.Start..rule.End)) text.Append(mark switch { Program.KnownValue => 'k', 1 => 't', -1 => 'f', _ => 'u' });
        }

        return text.ToString();
    }
}
