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
        var writer = new CanonicalWriter();
        writer.Open('{').Name("book").Open('{');
        writer.Name("digest").Text(evaluation.Book.Digest).Name("name").Text(evaluation.Book.Name);
        writer.Name("rules").Text(evaluation.Book.RulesDigest).Name("version").Text(evaluation.Book.Version).Close('}');
        writer.Name("derived").Open('[');
        foreach (var derived in DerivedFor(evaluation, evaluation.Verdicts)) Write(writer, derived);
        writer.Close(']').Name("input").Text(evaluation.Scenario.Digest);
        writer.Name("scenario").Raw(evaluation.Scenario.Canonical);
        writer.Name("schema").Text("advisory/evaluation/v1").Name("semantics").Number(RuleBook.Semantics);
        writer.Name("trace");
        var start = writer.Length;
        WriteTrace(writer, evaluation);
        var digest = CanonicalJson.Digest(writer.From(start));
        writer.Name("traceDigest").Text(digest).Name("verdicts").Open('[');
        foreach (var verdict in evaluation.Verdicts) Write(writer, verdict);
        return writer.Close(']').Close('}').ToArray();
    }

    /// <summary>
    /// The compact trace: for each verdict one letter an expression node in book order, <c>t</c> true, <c>f</c> false,
    /// <c>u</c> unknown, <c>k</c> a known value; rules apart by a space. Under assumptions only where that differs.
    /// </summary>
    public static JArray CompactTrace(Evaluation evaluation)
    {
        var writer = new CanonicalWriter();
        WriteTrace(writer, evaluation);
        return JArray.Parse(Encoding.UTF8.GetString(writer.From(0)));
    }

    private static void WriteTrace(CanonicalWriter writer, Evaluation evaluation)
    {
        writer.Open('[');
        foreach (var verdict in evaluation.Verdicts)
        {
            var stated = Letters(verdict.Stated);
            var assumed = ReferenceEquals(verdict.Assumed.Marks, verdict.Stated.Marks) ? stated : Letters(verdict.Assumed);
            writer.Open('{');
            if (assumed != stated) writer.Name("assumed").Text(assumed);
            writer.Name("mission").Text(verdict.Mission).Name("nodes").Text(stated).Name("question").Text(verdict.Question.Id);
            if (verdict.Record is not null) writer.Name("record").Text(verdict.Record);
            writer.Close('}');
        }

        writer.Close(']');
    }

    private static void Write(CanonicalWriter writer, DerivedValue derived)
    {
        writer.Open('{');
        if (derived.IsOtherUnderAssumptions) writer.Name("assumed").Value(derived.UnderAssumptions);
        writer.Name("mission").Text(derived.Mission).Name("name").Text(derived.Fact.Name).Name("value").Value(derived.Value).Close('}');
    }

    private static void Write(CanonicalWriter writer, Verdict verdict)
    {
        writer.Open('{').Name("assumed");
        Write(writer.Open('{'), verdict.Assumed, null);
        writer.Close('}');
        Write(writer, verdict.Stated, verdict);
        writer.Close('}');
    }

    /// <summary>The members of a view and, among them where their names stand, those that say what the verdict is about.</summary>
    private static void Write(CanonicalWriter writer, View view, Verdict? subject)
    {
        writer.Name("conditions").Open('[');
        foreach (var finding in view.Conditions) Write(writer, finding, isWaived: finding.Waiver is not null);
        writer.Close(']').Name("deciding").Open('[');
        foreach (var finding in view.Deciding) Write(writer, finding);
        writer.Close(']').Name("fallback").Open('[');
        foreach (var fallback in view.Fallback) writer.Open('{').Name("mission").Text(fallback.Mission).Name("outcome").Text(fallback.Outcome).Close('}');
        writer.Close(']');
        if (view.RelyingOn.Jointly) writer.Name("jointly").Value(true);
        if (subject is not null) writer.Name("mission").Text(subject.Mission);
        writer.Name("notAssessed").Open('[');
        foreach (var rule in view.NotAssessed) writer.Open('{').Name("rule").Text(rule.Name).Close('}');
        writer.Close(']').Name("open").Open('[');
        foreach (var rule in view.Open) writer.Open('{').Name("rule").Text(rule.Name).Close('}');
        writer.Close(']').Name("outcome").Text(view.Outcome);
        if (subject is not null) writer.Name("question").Text(subject.Question.Id);
        if (subject?.Record is { } record) writer.Name("record").Text(record);
        writer.Name("relyingOn").Open('[');
        foreach (var reliance in view.RelyingOn.Items)
        {
            if (reliance.Kind == RelianceKind.Assumption) writer.Text(reliance.Name);
            else writer.Open('{').Name("kind").Text(Kind(reliance)).Name("name").Text(reliance.Name).Close('}');
        }

        writer.Close(']').Name("waived").Open('[');
        foreach (var finding in view.Waived) Write(writer, finding);
        writer.Close(']').Name("warnings").Open('[');
        foreach (var finding in view.Warnings) writer.Open('{').Name("rule").Text(finding.Rule.Name).Name("strength").Text(finding.Strength.Token).Close('}');
        writer.Close(']').Name("withoutWaivers").Open('{').Name("outcome").Text(view.WithoutWaivers).Close('}');
    }

    private static void Write(CanonicalWriter writer, Finding finding, bool isWaived = false)
    {
        writer.Open('{').Name("rule").Text(finding.Rule.Name).Name("truth").Text(Truth(finding.Truth));
        if (isWaived) writer.Name("waived").Value(true);
        writer.Close('}');
    }

    private static string Kind(Reliance reliance) => reliance.Kind.ToString().ToLowerInvariant();

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
        json["verdicts"] = new JArray(verdicts.Select(v => Verdict(v)));
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

    private static JObject Verdict(Verdict verdict)
    {
        var json = Subject(verdict);
        View(verdict.Stated, json);
        json["assumed"] = View(verdict.Assumed, []);
        return json;
    }

    private static JObject View(View view, JObject json)
    {
        json["outcome"] = view.Outcome;
        json["deciding"] = new JArray(view.Deciding.Select(Deciding));
        json["conditions"] = new JArray(view.Conditions.Select(f => f.Waiver is null ? Finding(f) : With(Finding(f), "waived", true)));
        json["warnings"] = new JArray(view.Warnings.Select(f => new JObject { ["rule"] = f.Rule.Name, ["strength"] = f.Strength.Token }));
        json["notAssessed"] = new JArray(view.NotAssessed.Select(r => new JObject { ["rule"] = r.Name }));
        json["open"] = new JArray(view.Open.Select(r => new JObject { ["rule"] = r.Name }));
        json["waived"] = new JArray(view.Waived.Select(Finding));
        json["fallback"] = new JArray(view.Fallback.Select(f => new JObject { ["mission"] = f.Mission, ["outcome"] = f.Outcome }));
        json["relyingOn"] = new JArray(view.RelyingOn.Items.Select(r => r.Kind == RelianceKind.Assumption
            ? (JToken)r.Name
            : new JObject { ["kind"] = Kind(r), ["name"] = r.Name }));
        if (view.RelyingOn.Jointly) json["jointly"] = true;
        json["withoutWaivers"] = new JObject { ["outcome"] = view.WithoutWaivers };
        return json;
    }

    private static JObject Deciding(Finding finding)
    {
        var json = Finding(finding);
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

    private static JArray Derived(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts) => new(DerivedFor(evaluation, verdicts).Select(d =>
    {
        var json = new JObject { ["name"] = d.Fact.Name, ["mission"] = d.Mission, ["value"] = d.Value?.DeepClone() };
        if (d.IsOtherUnderAssumptions) json["assumed"] = d.UnderAssumptions?.DeepClone();
        return json;
    }));

    private static IEnumerable<DerivedValue> DerivedFor(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts)
    {
        var missions = verdicts.Select(v => v.Mission).ToHashSet(StringComparer.Ordinal);
        return evaluation.Derived.Where(d => missions.Contains(d.Mission));
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
