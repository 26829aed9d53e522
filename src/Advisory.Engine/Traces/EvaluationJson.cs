using System.Text;
using Advisory.Engine.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>An evaluation as JSON: canonical, as it is recorded and compared; and as a decision that people and programs read.</summary>
public static class EvaluationJson
{
    /// <summary>The pure evaluation in canonical form (RFC 8785): no text for people, no time, no machine; the same bytes everywhere.</summary>
    public static byte[] Canonical(Evaluation evaluation) => Canonical(evaluation, out _);

    /// <summary>The same, and the digest of the compact trace in it.</summary>
    public static byte[] Canonical(Evaluation evaluation, out string traceDigest)
    {
        var writer = new CanonicalWriter();
        writer.Open('{').Name("book").Open('{');
        writer.Name("digest").Text(evaluation.Book.Digest).Name("name").Text(evaluation.Book.Name);
        writer.Name("rules").Text(evaluation.Book.RulesDigest).Name("version").Text(evaluation.Book.Version).Close('}');
        writer.Name("derived").Open('[');
        foreach (var derived in DerivedFor(evaluation, evaluation.Verdicts)) Write(writer, derived);
        writer.Close(']').Name("input").Text(evaluation.Scenario.Digest);
        writer.Name("scenario").Raw(evaluation.Scenario.Canonical.Span);
        writer.Name("schema").Text("advisory/evaluation/v1").Name("semantics").Number(RuleBook.Semantics);
        writer.Name("trace");
        var start = writer.Length;
        WriteTrace(writer, evaluation);
        traceDigest = CanonicalJson.Digest(writer.From(start));
        writer.Name("traceDigest").Text(traceDigest).Name("verdicts").Open('[');
        foreach (var verdict in evaluation.Verdicts) Write(writer, verdict);
        return writer.Close(']').Close('}').Finish();
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
            writer.Open('{');
            if (!HaveSameMarks(verdict.Assumed, verdict.Stated)) writer.Name("assumed").Ascii(Letters(verdict.Assumed));
            writer.Name("mission").Text(verdict.Mission).Name("nodes").Ascii(Letters(verdict.Stated)).Name("question").Text(verdict.Question.Id);
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

    /// <summary>The decision as the command line and the service print it, texts included.</summary>
    /// <param name="writer">Gets one JSON object.</param>
    /// <param name="evaluation">What is printed.</param>
    /// <param name="verdicts">The verdicts to print; the facts are those of the whole evaluation.</param>
    /// <param name="basis">Which outcome a person sees first.</param>
    /// <param name="withTrace">Whether the full trace of these verdicts follows.</param>
    /// <param name="further">Writes members of the caller's at the end of the object.</param>
    public static void WriteDecision(JsonWriter writer, Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts, Basis basis, bool withTrace, Action<JsonWriter>? further = null) =>
        new DecisionWriter(writer).Write(evaluation, verdicts, basis, withTrace, further);

    /// <summary>The same as an object.</summary>
    public static JObject Decision(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts, Basis basis, bool withTrace)
    {
        using var writer = new JTokenWriter();
        WriteDecision(writer, evaluation, verdicts, basis, withTrace);
        return (JObject)writer.Token!;
    }

    internal static string Kind(Reliance reliance) => reliance.Kind.ToString().ToLowerInvariant();

    internal static IEnumerable<DerivedValue> DerivedFor(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts)
    {
        var missions = verdicts.Select(v => v.Mission).ToHashSet(StringComparer.Ordinal);
        return evaluation.Derived.Where(d => missions.Contains(d.Mission));
    }

    internal static string Truth(Truth truth) => Words.For(truth, Language.En);

    private static bool HaveSameMarks(View view, View other)
    {
        if (ReferenceEquals(view.Marks, other.Marks)) return true;
        foreach (var rule in view.Rules.AsSpan())
            if (!view.Marks.AsSpan(rule.Start..rule.End).SequenceEqual(other.Marks.AsSpan(rule.Start..rule.End)))
                return false;
        return true;
    }

    private static byte[] Letters(View view)
    {
        var rules = view.Rules.AsSpan();
        var length = Math.Max(0, rules.Length - 1);
        foreach (var rule in rules) length += rule.End - rule.Start;
        var letters = new byte[length];
        var at = 0;
        foreach (var rule in rules)
        {
            if (at > 0) letters[at++] = (byte)' ';
            foreach (var mark in view.Marks.AsSpan(rule.Start..rule.End)) letters[at++] = "futk"u8[mark + 1];
        }

        return letters;
    }
}
