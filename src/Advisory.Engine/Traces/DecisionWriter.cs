using System.Collections.Immutable;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>Writes a decision as JSON, member by member, without a tree of it in between: with its trace it can be megabytes.</summary>
internal sealed class DecisionWriter(JsonWriter writer)
{
    public void Write(Evaluation evaluation, IReadOnlyCollection<Verdict> verdicts, Basis basis, bool withTrace, Action<JsonWriter>? further)
    {
        writer.WriteStartObject();
        Member("schema", "advisory/decision/v1");
        Write(evaluation.Book);
        Optional("title", evaluation.Scenario.Title);
        Optional("subject", evaluation.Scenario.Subject);
        Optional("classification", evaluation.Scenario.Classification);
        if (evaluation.Scenario.AsOf is { } asOf) Member("asOf", Json.Dates.Format(asOf));
        Member("basis", basis == Basis.Assumed ? "assumed" : "stated");
        Member("semantics", RuleBook.Semantics);
        Member("input", evaluation.Scenario.Digest);
        Begin("verdicts");
        foreach (var verdict in verdicts) Write(verdict);
        writer.WriteEndArray();
        Begin("facts");
        foreach (var use in evaluation.Facts) Write(use);
        writer.WriteEndArray();
        Begin("readings");
        foreach (var use in evaluation.Readings) Write(use);
        writer.WriteEndArray();
        Begin("derived");
        foreach (var derived in EvaluationJson.DerivedFor(evaluation, verdicts)) Write(derived);
        writer.WriteEndArray();
        Begin("notAssessed");
        foreach (var gap in evaluation.Book.Gaps) Write(gap);
        writer.WriteEndArray();
        if (withTrace)
        {
            Begin("trace");
            foreach (var traced in Trace.Of(evaluation, verdicts, basis)) Write(traced);
            writer.WriteEndArray();
        }

        further?.Invoke(writer);
        writer.WriteEndObject();
    }

    private void Write(RuleBook book)
    {
        writer.WritePropertyName("book");
        writer.WriteStartObject();
        Member("name", book.Name);
        Member("version", book.Version);
        Member("digest", book.Digest);
        Member("rules", book.RulesDigest);
        writer.WriteEndObject();
    }

    private void Write(Verdict verdict)
    {
        writer.WriteStartObject();
        Subject(verdict);
        View(verdict.Stated);
        writer.WritePropertyName("assumed");
        writer.WriteStartObject();
        View(verdict.Assumed);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Subject(Verdict verdict)
    {
        Member("question", verdict.Question.Id);
        Member("mission", verdict.Mission);
        Optional("record", verdict.Record);
    }

    private void View(View view)
    {
        Member("outcome", view.Outcome);
        Begin("deciding");
        foreach (var finding in view.Deciding) Deciding(finding);
        writer.WriteEndArray();
        Begin("conditions");
        foreach (var finding in view.Conditions) Finding(finding, isWaived: finding.Waiver is not null);
        writer.WriteEndArray();
        Begin("warnings");
        foreach (var finding in view.Warnings) Pair("rule", finding.Rule.Name, "strength", finding.Strength.Token);
        writer.WriteEndArray();
        Begin("notAssessed");
        foreach (var rule in view.NotAssessed) Named(rule);
        writer.WriteEndArray();
        Begin("open");
        foreach (var rule in view.Open) Named(rule);
        writer.WriteEndArray();
        Begin("waived");
        foreach (var finding in view.Waived) Finding(finding);
        writer.WriteEndArray();
        Begin("fallback");
        foreach (var fallback in view.Fallback) Pair("mission", fallback.Mission, "outcome", fallback.Outcome);
        writer.WriteEndArray();
        Begin("relyingOn");
        foreach (var reliance in view.RelyingOn.Items) Write(reliance);
        writer.WriteEndArray();
        if (view.RelyingOn.Jointly) Member("jointly", true);
        writer.WritePropertyName("withoutWaivers");
        writer.WriteStartObject();
        Member("outcome", view.WithoutWaivers);
        writer.WriteEndObject();
    }

    private void Write(Reliance reliance)
    {
        if (reliance.Kind == RelianceKind.Assumption) writer.WriteValue(reliance.Name);
        else Pair("kind", EvaluationJson.Kind(reliance), "name", reliance.Name);
    }

    private void Named(Rule rule)
    {
        writer.WriteStartObject();
        Member("rule", rule.Name);
        writer.WriteEndObject();
    }

    private void Finding(Finding finding, bool isWaived = false)
    {
        writer.WriteStartObject();
        Member("rule", finding.Rule.Name);
        Member("truth", EvaluationJson.Truth(finding.Truth));
        if (isWaived) Member("waived", true);
        writer.WriteEndObject();
    }

    private void Deciding(Finding finding)
    {
        writer.WriteStartObject();
        Member("rule", finding.Rule.Name);
        Member("truth", EvaluationJson.Truth(finding.Truth));
        Local("title", finding.Rule.Title);
        Local("reason", finding.Rule.Reason);
        Begin("statements");
        foreach (var statement in finding.Rule.Statements) writer.WriteValue(statement);
        writer.WriteEndArray();
        Begin("facts");
        foreach (var fact in finding.Rule.Facts) writer.WriteValue(fact);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Write(FactUse use)
    {
        writer.WriteStartObject();
        Member("name", use.Fact.Name);
        Optional("record", use.Record);
        Member("state", State(use.State));
        Value("value", use.Value);
        Optional("statement", use.Statement);
        Reports(use.Reports, isWithExpiry: true);
        writer.WriteEndObject();
    }

    private void Reports(ImmutableArray<Report> reports, bool isWithExpiry)
    {
        Begin("reports");
        foreach (var report in reports)
        {
            writer.WriteStartObject();
            report.WriteTo(writer);
            if (isWithExpiry && report.IsExpired) Member("expired", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Write(ReadingUse use)
    {
        writer.WriteStartObject();
        Member("name", use.Reading.Name);
        Member("option", use.Option);
        Member("default", use.IsBooksOwn);
        writer.WriteEndObject();
    }

    private void Write(DerivedValue derived)
    {
        writer.WriteStartObject();
        Member("name", derived.Fact.Name);
        Member("mission", derived.Mission);
        Value("value", derived.Value);
        if (derived.IsOtherUnderAssumptions) Value("assumed", derived.UnderAssumptions);
        writer.WriteEndObject();
    }

    private void Write(Gap gap)
    {
        writer.WriteStartObject();
        Member("id", gap.Id);
        Local("text", gap.Text);
        writer.WriteEndObject();
    }

    private void Write(TracedFinding traced)
    {
        writer.WriteStartObject();
        Subject(traced.Verdict);
        Member("rule", traced.Finding.Rule.Name);
        Member("strength", traced.Finding.Strength.Token);
        Member("truth", EvaluationJson.Truth(traced.Finding.Truth));
        if (!traced.Finding.Applies) Member("applies", false);
        if (traced.Finding.Waiver is not null) Member("waived", true);
        writer.WritePropertyName("expression");
        Write(traced.Expression);
        writer.WriteEndObject();
    }

    private void Write(TraceNode node)
    {
        writer.WriteStartObject();
        Member("text", node.Text);
        Optional("parameter", node.Parameter);
        if (node.Truth is { } truth) Member("truth", EvaluationJson.Truth(truth));
        else Value("value", node.Value);
        Optional("fault", node.Fault);
        if (!node.Facts.IsEmpty)
        {
            Begin("facts");
            foreach (var fact in node.Facts) Write(fact);
            writer.WriteEndArray();
        }

        if (!node.Children.IsEmpty)
        {
            Begin("nodes");
            foreach (var child in node.Children) Write(child);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void Write(TraceFact fact)
    {
        writer.WriteStartObject();
        Member("name", fact.Fact.Name);
        Member("state", fact.Fact.Role == FactRole.Reading ? "reading" : State(fact.State));
        Value("value", fact.Value);
        Optional("statement", fact.Statement);
        if (!fact.Reports.IsEmpty) Reports(fact.Reports, isWithExpiry: false);
        if (fact.Derivation is { } derivation)
        {
            writer.WritePropertyName("derivation");
            Write(derivation);
        }

        writer.WriteEndObject();
    }

    private static string State(FactState state) => state switch
    {
        FactState.Unknown => "unknown",
        FactState.Stated => "stated",
        FactState.Derived => "derived",
        FactState.Planning => "planning",
        FactState.Assumed => "assumed",
        FactState.Contested => "contested",
        FactState.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    // ---- the forms that recur ----

    private void Member(string name, string value)
    {
        writer.WritePropertyName(name);
        writer.WriteValue(value);
    }

    private void Member(string name, bool value)
    {
        writer.WritePropertyName(name);
        writer.WriteValue(value);
    }

    private void Member(string name, int value)
    {
        writer.WritePropertyName(name);
        writer.WriteValue(value);
    }

    private void Optional(string name, string? value)
    {
        if (value is not null) Member(name, value);
    }

    private void Value(string name, JToken? value)
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNull();
        else value.WriteTo(writer);
    }

    private void Local(string name, LocalText text)
    {
        writer.WritePropertyName(name);
        Pair("en", text.En, "nl", text.Nl);
    }

    private void Pair(string name, string value, string other, string otherValue)
    {
        writer.WriteStartObject();
        Member(name, value);
        Member(other, otherValue);
        writer.WriteEndObject();
    }

    private void Begin(string list)
    {
        writer.WritePropertyName(list);
        writer.WriteStartArray();
    }
}
