using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>A full trace as text for people: one line a node, indented by depth; the same content as its JSON.</summary>
public static class TraceText
{
    /// <summary>Writes one finding: its rule, truth and strength, the expression tree, and every fact with its state and sources.</summary>
    public static void Write(TracedFinding traced, Language language, StringBuilder text)
    {
        var (finding, rule) = (traced.Finding, traced.Finding.Rule);
        text.Append("  ").Append(rule.Name).Append(": ").Append(Words.For(finding, language))
            .Append(" (").Append(Words.ForStrength(finding.Strength.Token, language)).Append(") ").Append(rule.Title.In(language)).Append('\n');
        if (finding.Waiver is { } waiver) text.Append("    ").Append(language == Language.Nl ? "ontheffing" : "waived").Append(": ").Append(waiver.Reason).Append(" (").Append(waiver.By).Append(")\n");
        Node(traced.Expression, 2, language, text);
        text.Append("    [").Append(string.Join(", ", rule.Statements)).Append("]\n");
    }

    private static void Node(TraceNode node, int depth, Language language, StringBuilder text)
    {
        Indent(depth, text);
        if (node.Parameter is not null) text.Append(node.Parameter).Append(": ");
        text.Append(node.Text.ReplaceLineEndings(" "));
        if (node.Truth is { } truth) text.Append(" -> ").Append(Words.For(truth, language));
        else if (node.Value is { } value) text.Append(" = ").Append(value.Type == JTokenType.String ? (string)value! : value.ToString(Formatting.None));
        if (node.Fault is { } fault) text.Append(" (").Append(Words.ForFault(fault, language)).Append(')');
        text.Append('\n');

        foreach (var fact in node.Facts) Fact(fact, depth + 1, language, text);
        foreach (var child in node.Children) Node(child, depth + 1, language, text);
    }

    private static void Fact(TraceFact fact, int depth, Language language, StringBuilder text)
    {
        Indent(depth, text);
        text.Append(fact.Fact.Name).Append(" = ").Append(fact.Fact.Show(fact.Value, language));
        var isMission = fact.Fact.Name == RuleBook.MissionFact && fact.State == FactState.Derived;
        text.Append(" (").Append((fact.Fact.Role == FactRole.Reading, isMission, language) switch
        {
            (true, _, Language.Nl) => "lezing",
            (true, _, _) => "reading",
            (_, true, Language.Nl) => "de missie in kwestie",
            (_, true, _) => "the mission in question",
            _ => Words.For(fact.State, language),
        });
        if (fact.Statement is not null) text.Append(", ").Append(fact.Statement);
        text.Append(')');
        if (fact.Reports is [var only] && fact.State != FactState.Contested)
        {
            Report(fact, only, language, text);
            text.Append('\n');
        }
        else
        {
            text.Append('\n');
            foreach (var report in fact.Reports)
            {
                Indent(depth + 1, text);
                text.Append("- ").Append(fact.Fact.Show(report.Value, language));
                Report(fact, report, language, text);
                text.Append('\n');
            }
        }

        if (fact.Derivation is { } derivation) Node(derivation, depth + 1, language, text);
    }

    private static void Report(TraceFact fact, Report report, Language language, StringBuilder text)
    {
        if (fact.State == FactState.Expired) text.Append(", ").Append(fact.Fact.Show(report.Value, language));
        if (report.Source is { } source) text.Append(language == Language.Nl ? ", bron: " : ", source: ").Append(source);
        if (report.AsOf is { } asOf) text.Append(language == Language.Nl ? ", per " : ", as of ").Append(Json.Dates.Format(asOf));
        if (report.ValidUntil is { } until) text.Append(language == Language.Nl ? ", geldig tot en met " : ", valid until ").Append(Json.Dates.Format(until));
        if (report.Confidence is { } confidence) text.Append(language == Language.Nl ? ", zekerheid " : ", confidence ").Append(confidence);
    }

    private static void Indent(int depth, StringBuilder text) => text.Append(' ', depth * 2);
}
