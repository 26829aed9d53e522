using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary>
/// A decision as text: the missions and questions at a glance, then each mission with the reasons for each outcome, then the facts and
/// statements behind them. A rule is explained where it first appears.
/// </summary>
internal sealed class DecisionText(Evaluation evaluation, Basis basis, Language language, int width, StringBuilder text, bool hasColors = false)
{
    private readonly RuleBook book = evaluation.Book;
    private readonly SortedSet<string> statements = new(StringComparer.Ordinal);
    private readonly HashSet<string> facts = new(StringComparer.Ordinal);
    private readonly HashSet<(Rule, Truth)> explained = [];

    private string T(string en, string nl) => language == Language.Nl ? nl : en;

    public void Write(IReadOnlyList<Verdict> verdicts, bool withTrace)
    {
        var start = text.Length;
        Header();
        Overview(verdicts);
        Records(verdicts);
        Figures(verdicts);
        foreach (var mission in verdicts.GroupBy(v => (v.Mission, v.Record))) Subject(mission.Key.Mission, mission.Key.Record, [.. mission]);
        Facts();
        Statements();
        if (verdicts.Any(v => v.IsBest(basis))) Gaps();
        if (withTrace) Traces(verdicts);
        Paint.Finish(text, start);
    }

    private void Header()
    {
        Line(0, $"{book.Title.In(language)} {book.Version} ({book.Digest[..19]}…)");
        if (evaluation.Scenario.Title is { } title) Line(0, title);
        if (evaluation.Scenario.Classification is { } classification) Line(0, T("classification: ", "rubricering: ") + classification);
        if (evaluation.Scenario.AsOf is { } asOf) Line(0, T("as of ", "peildatum ") + Iso(asOf));
        foreach (var reading in evaluation.Readings.Where(r => !r.IsBooksOwn))
            Line(0, $"{T("UNDER ANOTHER READING THAN THE BOOK'S", "ONDER EEN ANDERE LEZING DAN DIE VAN HET BOEK")}: {reading.Reading.Label.In(language)} = {reading.Reading.ValueLabels[reading.Option].In(language)}");
        if (basis == Basis.Assumed)
        {
            var assumed = evaluation.Facts.Where(f => f.State == FactState.Assumed).ToList();
            Line(0, assumed.Count == 1 ? T("UNDER 1 ASSUMPTION of the documents:", "ONDER 1 AANNAME van de documenten:") : FormattableString.Invariant($"{T("UNDER", "ONDER")} {assumed.Count} {T("ASSUMPTIONS of the documents:", "AANNAMES van de documenten:")}"));
            foreach (var fact in assumed) Line(2, $"{fact.Fact.Label.In(language)} ({fact.Fact.Name}) = {fact.Fact.Show(fact.Value, language)} [{fact.Statement}]");
        }
    }

    /// <summary>Every mission and question at a glance, as wide as the names ask; left out where it shows one verdict.</summary>
    private void Overview(IReadOnlyList<Verdict> verdicts)
    {
        var perMission = verdicts.Where(v => v.Question.PerMission).ToList();
        var questions = perMission.Select(v => v.Question).Distinct().ToList();
        var missions = perMission.Select(v => v.Mission).Distinct().ToList();
        if (missions.Count < 2) return;

        var rows = new List<List<string>> { new(questions.Select(q => q.Title.In(language)).Prepend("")) };
        rows.AddRange(missions.Select(mission => perMission.Where(v => v.Mission == mission).Select(v => Label(v, v.On(basis).Outcome)).Prepend(mission).ToList()));
        text.Append('\n');
        Table(rows);
    }

    /// <summary>The records of a list, such as contributing countries, each with its outcome and the rules behind it.</summary>
    private void Records(IReadOnlyList<Verdict> verdicts)
    {
        foreach (var question in verdicts.Where(v => v.Record is not null).GroupBy(v => v.Question))
        {
            var rows = new List<List<string>> { new() { question.Key.Each!.Title.In(language), question.Key.Title.In(language), T("because of", "vanwege"), T("also", "ook") } };
            rows.AddRange(question.Select(v => (Verdict: v, View: v.On(basis))).Select(r => new List<string>
            {
                r.Verdict.Record!,
                Label(r.Verdict, r.View.Outcome),
                string.Join(" ", r.View.Deciding.Select(f => f.Rule.Name)),
                string.Join(" ", r.View.Warnings.Select(f => f.Rule.Name)),
            }));
            text.Append('\n');
            Table(rows);
        }
    }

    /// <summary>The derived numbers for each mission that has any, and under each what the documents themselves state for that situation.</summary>
    private void Figures(IReadOnlyList<Verdict> verdicts)
    {
        var asked = verdicts.Select(v => v.Mission).ToHashSet(StringComparer.Ordinal);
        var known = evaluation.Derived
            .Where(d => d.Fact.IsNumber && asked.Contains(d.Mission) && d.Mission != RuleBook.AnyMission && On(d) is not null)
            .ToDictionary(d => (d.Fact, d.Mission), d => On(d)!);
        var missions = book.Missions.Select(m => m.Id).Where(m => known.Keys.Any(k => k.Mission == m && book.Figures.Any(t => t.Rows.Any(r => r.Mission == m)))).ToList();
        if (missions.Count == 0) return;

        var rows = new List<List<string>> { new(missions.Prepend(T("figures", "getallen"))) };
        var differs = false;
        foreach (var fact in known.Keys.Select(k => k.Fact).Distinct().OrderBy(f => book.Facts.IndexOf(f)))
        {
            rows.Add([.. missions.Select(m => known.TryGetValue((fact, m), out var value) ? Plain(fact, value) : "-").Prepend(fact.Label.In(language) + (fact.Unit is { } unit ? $" ({unit})" : ""))]);
            var stated = missions.Select(m => Documented(m, fact)).ToList();
            if (stated.All(v => v is null)) continue;
            rows.Add([.. stated.Zip(missions, (value, m) => value is null ? "" : Plain(fact, value) + (Same(fact, m, value) ? "" : T(" differs", " wijkt af"))).Prepend(T("  in the document", "  in het document"))]);
            differs |= stated.Zip(missions).Any(pair => pair.First is not null && !Same(fact, pair.Second, pair.First));
        }

        text.Append('\n');
        Table(rows);
        var elsewhere = book.Figures.SelectMany(t => t.Rows).SelectMany(r => r.Where).Where(w => !JToken.DeepEquals(ValueOf(w.Key), w.Value) && book.Fact(w.Key)!.IsNumber)
            .Select(w => $"{book.Fact(w.Key)!.Label.In(language)} {book.Fact(w.Key)!.Show(w.Value, language)}").Distinct().ToList();
        if (differs && elsewhere.Count > 0) Line(2, $"{T("The document's figures are for", "De getallen van het document gelden voor")}: {string.Join(", ", elsewhere)}.");
        else if (differs) Line(2, T("Where a figure differs, the scenario states other figures than the document uses.", "Waar een getal afwijkt, geeft het scenario andere getallen op dan het document gebruikt."));
        foreach (var table in book.Figures.Where(t => t.Remark is not null)) Line(2, table.Remark!.In(language));

        bool Same(Fact fact, string mission, JToken value) => known.TryGetValue((fact, mission), out var derived) && JToken.DeepEquals(derived, value);
        string Plain(Fact fact, JToken value) => fact.Show(value, language, withUnit: false);
    }

    private JToken? On(DerivedValue derived) => basis == Basis.Stated ? derived.Value : derived.UnderAssumptions;

    /// <summary>
    /// What the documents state for a derived fact of a mission in a variant like this one; numbers that they state it for may differ here,
    /// which is said beside the table.
    /// </summary>
    private JToken? Documented(string mission, Fact fact) =>
        book.Figures.SelectMany(t => t.Rows)
            .Where(row => row.Mission == mission && row.Where.All(w => book.Fact(w.Key)!.IsNumber || JToken.DeepEquals(ValueOf(w.Key), w.Value)))
            .Select(row => row.States.GetValueOrDefault(fact.Name))
            .FirstOrDefault(v => v is not null);

    private JToken? ValueOf(string fact) =>
        evaluation.Facts.FirstOrDefault(f => f.Record is null && f.Fact.Name == fact && (f.State != FactState.Assumed || basis == Basis.Assumed))?.Value;

    /// <summary>
    /// Columns two spaces apart, each as wide as its longest cell; where that is wider than the page the widest columns wrap. A list where
    /// even single words are too wide.
    /// </summary>
    private void Table(List<List<string>> rows)
    {
        var columns = Enumerable.Range(0, rows[0].Count).ToList();
        var widths = columns.Select(i => Math.Max(LongestWord(rows[0][i]), rows.Skip(1).Max(row => Paint.Width(row[i])))).ToList();
        var least = columns.Select(i => rows.Max(row => LongestWord(row[i]))).ToList();
        while (widths.Sum() + (2 * widths.Count) > width)
        {
            var shrinkable = columns.Where(i => widths[i] > least[i]).ToList();
            if (shrinkable.Count == 0)
            {
                List(rows);
                return;
            }

            widths[shrinkable.MaxBy(i => widths[i])]--;
        }

        foreach (var row in rows)
        {
            var cells = columns.Select(i => Paint.Wrap(row[i], widths[i])).ToList();
            for (var line = 0; line < cells.Max(cell => cell.Length); line++)
                text.Append(string.Concat(columns.Select(i => "  " + Paint.Pad(cells[i].ElementAtOrDefault(line) ?? "", widths[i]))).TrimEnd()).Append('\n');
        }

        static int LongestWord(string cell) => cell.Split([' ', '\t', '\r', '\n']).Max(Paint.Width);
    }

    /// <summary>The same as a table, for a window in which not even single words fit beside each other.</summary>
    private void List(List<List<string>> rows)
    {
        foreach (var row in rows.Skip(1))
        {
            Line(2, row[0]);
            for (var i = 1; i < row.Count; i++)
                if (row[i].Length > 0)
                    Line(4, $"{rows[0][i]}: {row[i]}", hang: 6);
        }
    }

    private void Subject(string mission, string? record, IReadOnlyList<Verdict> verdicts)
    {
        text.Append('\n');
        Line(0, record ?? (mission == RuleBook.AnyMission ? T("Whatever the mission", "Ongeacht de missie") : book.Missions.First(m => m.Id == mission).Title.In(language)));

        // GO never stands alone: the first line names every question of this mission that is not at its best.
        var open = evaluation.Verdicts.Where(v => v.Mission == mission && v.Record == record && !v.IsBest(basis)).ToList();
        foreach (var verdict in verdicts)
        {
            var beside = verdict.IsBest(basis) ? open.Where(o => o.Question != verdict.Question).Select(o => $" · {o.Question.Title.In(language)}: {Label(o, o.On(basis).Outcome)}") : [];
            Line(2, $"{verdict.Question.Title.In(language)}: {Headline(verdict, basis)}{string.Concat(beside)}");
            Reasons(verdict, verdict.On(basis));
            OtherBasis(verdict);
        }
    }

    private void Reasons(Verdict verdict, View view)
    {
        foreach (var finding in view.Deciding) Rule(finding);
        foreach (var finding in view.Conditions.Where(c => c.Waiver is null && !view.Deciding.Contains(c)))
            Rule(finding, T("condition", "voorwaarde"));
        foreach (var finding in view.Waived)
        {
            Rule(finding, T("waived", "ontheven"));
            Line(6, $"{finding.Waiver!.Reason} ({finding.Waiver.Grounds}; {finding.Waiver.By}; {T("until", "tot en met")} {Iso(finding.Waiver.Until)})");
        }

        if (!view.Waived.IsEmpty) Line(4, $"{T("without waivers", "zonder ontheffingen")}: {Label(verdict, view.WithoutWaivers)}");
        foreach (var finding in view.Warnings) Rule(finding, Words.ForStrength(finding.Strength.Token, language));
        foreach (var rule in view.NotAssessed) Aside(rule, T("not assessed, a fact is unknown", "niet beoordeeld, een feit is onbekend"));
        foreach (var rule in view.Open) Aside(rule, T("open", "open"));
        foreach (var fallback in view.Fallback)
            Line(4, $"{T("may fall back to", "terugval mogelijk op")} {book.Missions.First(m => m.Id == fallback.Mission).Title.In(language)} ({verdict.Question.Title.In(language)}: {Label(verdict, fallback.Outcome)})");
        if (!view.RelyingOn.Items.IsEmpty)
            Line(4, $"{(view.RelyingOn.Jointly ? T("rests jointly on", "rust gezamenlijk op") : T("rests on", "rust op"))}: {string.Join(", ", view.RelyingOn.Items.Select(Reliance))}");
    }

    /// <summary>The outcome on the other basis, in one line; under assumptions each that carries it is named.</summary>
    private void OtherBasis(Verdict verdict)
    {
        if (basis == Basis.Assumed)
        {
            if (verdict.Stated.Outcome != verdict.Assumed.Outcome) Line(4, $"{T("on stated facts alone", "alleen op opgegeven feiten")}: {Headline(verdict, Basis.Stated)}");
            return;
        }

        var assumed = verdict.Assumed;
        if (assumed.Outcome == verdict.Stated.Outcome && assumed.RelyingOn.Items.IsEmpty) return;
        var carried = assumed.RelyingOn.Items.IsEmpty ? "" : $", {T("relying on", "steunend op")} {string.Join(", ", assumed.RelyingOn.Items.Select(Reliance))}";
        var deciding = assumed.Deciding.IsEmpty ? "" : $" ({string.Join(", ", assumed.Deciding.Select(f => f.Rule.Name))})";
        Line(4, $"{T("under the documents' assumptions", "onder de aannames van de documenten")}: {Label(verdict, assumed.Outcome)}{deciding}{carried}");
    }

    private string Reliance(Reliance item) => item.Kind switch
    {
        RelianceKind.Waiver => $"{T("the waiver of", "de ontheffing van")} {item.Name}",
        RelianceKind.Planning => $"{T("the planning figure", "het planningsgetal")} {item.Name}",
        RelianceKind.Reading => $"{T("the reading", "de lezing")} {item.Name}",
        _ => item.Name,
    };

    private void Rule(Finding finding, string? prefix = null)
    {
        var rule = finding.Rule;
        facts.UnionWith(rule.Facts.Where(f => f != RuleBook.MissionFact));
        if (!explained.Add((rule, finding.Truth)))
        {
            Line(4, $"{(prefix is null ? "" : prefix + ": ")}{rule.Name} {Words.For(finding, language)}. {rule.Title.In(language)}.", hang: 6);
            return;
        }

        var said = finding.Truth == Truth.Unknown
            ? $"{rule.Title.In(language)}. {T("Not known", "Niet bekend")}: {string.Join(", ", UnknownFacts(rule))}."
            : rule.Reason.In(language);
        var lead = prefix is null ? "" : prefix + ": ";
        Line(4, $"{lead}{rule.Name} {Words.For(finding, language)}. {said}", hang: 6);
        statements.UnionWith(rule.Statements);
        Line(6, $"[{string.Join(", ", rule.Statements)}]");
    }

    private void Aside(Rule rule, string why)
    {
        facts.UnionWith(rule.Facts.Where(f => f != RuleBook.MissionFact));
        Line(4, $"{why}: {rule.Name} {rule.Title.In(language)}", hang: 6);
    }

    /// <summary>The facts of a rule that the evaluation did not know, by their labels.</summary>
    private IEnumerable<string> UnknownFacts(Rule rule)
    {
        var read = rule.Facts.Where(name => name != RuleBook.MissionFact && book.Fact(name)!.Role != FactRole.Reading).ToList();
        var unknown = read.Where(name => evaluation.Facts.Any(f => f.Fact.Name == name && IsUnknown(f))).ToList();
        return (unknown.Count == 0 ? read : unknown).Select(name => $"{book.Fact(name)!.Label.In(language)} ({name})");
    }

    private bool IsUnknown(FactUse use) => use.State switch
    {
        FactState.Unknown or FactState.Contested or FactState.Expired => true,
        FactState.Assumed => basis == Basis.Stated,
        FactState.Derived => evaluation.Derived.Any(d => d.Fact == use.Fact && (basis == Basis.Stated ? d.Value : d.UnderAssumptions) is null),
        _ => false,
    };

    private string Headline(Verdict verdict, Basis on)
    {
        var view = verdict.On(on);
        var label = Label(verdict, view.Outcome);
        var conditions = view.Conditions.Where(c => c.Waiver is null).ToList();
        var unknown = conditions.Count(c => c.Truth == Truth.Unknown);
        if (!view.Deciding.IsEmpty && view.Deciding.All(f => f.Strength.Token == "in_principle"))
        {
            if (unknown > 0) label += T(", open", ", open");
            label += FormattableString.Invariant($" ({conditions.Count - unknown} {T("not met", "niet voldaan")}, {unknown} {T("unknown", "onbekend")})");
        }

        if (view.Outcome == verdict.Question.Outcomes[^1] && !view.Waived.IsEmpty) label += $", {T("waived", "ontheven")}: {string.Join(", ", view.Waived.Select(w => w.Rule.Name))}";
        return label;
    }

    private string Label(Verdict verdict, string outcome)
    {
        var label = book.OutcomeLabels[outcome].In(language);
        if (!hasColors) return label;
        var rank = verdict.Question.Outcomes.IndexOf(outcome);
        return Paint.Words(label, rank < 0 ? Tone.Faint : rank == 0 ? Tone.Worst : rank == verdict.Question.Outcomes.Length - 1 ? Tone.Best : Tone.Between);
    }

    private void Facts()
    {
        var shown = evaluation.Facts.Where(f => facts.Contains(f.Fact.Name) || f.State is FactState.Contested or FactState.Expired || !f.Reports.IsEmpty).ToList();
        if (shown.Count == 0) return;
        text.Append('\n');
        Line(0, T("Facts", "Feiten"));
        foreach (var use in shown)
        {
            var name = use.Record is null ? use.Fact.Name : $"{use.Record}: {use.Fact.Name}";
            var assumption = use.State == FactState.Assumed && basis == Basis.Stated ? T(", counts only under assumptions", ", telt alleen onder aannames") : "";
            var statement = use.Statement is null ? "" : $", {use.Statement}";
            var value = use.State == FactState.Derived ? DerivedValues(use.Fact) : use.Fact.Show(use.Value, language);
            var only = use.Reports is [var single] && use.State == FactState.Stated ? Provenance(single) : "";
            Line(2, $"{name} = {value} ({Words.For(use.State, language)}{statement}{assumption}{only})", hang: 6);
            if (only.Length > 0 || use.State is FactState.Stated && use.Reports.Length == 1) continue;
            foreach (var report in use.Reports)
                Line(4, $"- {use.Fact.Show(report.Value, language)}{Provenance(report)}{(report.IsExpired ? T(", expired", ", verlopen") : "")}", hang: 6);
        }
    }

    private string DerivedValues(Fact fact)
    {
        var values = evaluation.Derived.Where(d => d.Fact == fact).Select(d => (d.Mission, Value: fact.Show(basis == Basis.Stated ? d.Value : d.UnderAssumptions, language))).ToList();
        return values.Select(v => v.Value).Distinct().Count() == 1 ? values[0].Value : string.Join(", ", values.Select(v => $"{v.Mission}: {v.Value}"));
    }

    private string Provenance(Report report)
    {
        var parts = new List<string>();
        if (report.Source is { } source) parts.Add(T("source: ", "bron: ") + source);
        if (report.AsOf is { } asOf) parts.Add(T("as of ", "per ") + Iso(asOf));
        if (report.ValidUntil is { } until) parts.Add(T("valid until ", "geldig tot en met ") + Iso(until));
        if (report.By is { } by) parts.Add(T("entered by ", "opgevoerd door ") + by);
        if (report.Confidence is { } confidence) parts.Add(T("confidence ", "zekerheid ") + confidence);
        return parts.Count == 0 ? "" : ", " + string.Join(", ", parts);
    }

    private void Statements()
    {
        var cited = statements.Select(id => book.Statements.GetValueOrDefault(id)).OfType<Statement>().ToList();
        if (cited.Count == 0) return;
        text.Append('\n');
        Line(0, T("Statements of the documents behind these rules, in our words", "Uitspraken van de documenten achter deze regels, in onze woorden"));
        foreach (var statement in cited)
            Line(2, $"{statement.Id} ({book.Documents.First(d => d.Id == statement.Document).Id}, {statement.Section.In(language)}, {statement.Item}) {statement.Text.In(language)}", hang: 6);
    }

    private void Gaps()
    {
        if (book.Gaps.IsEmpty) return;
        text.Append('\n');
        Line(0, T("This book does not assess", "Dit boek beoordeelt niet"));
        foreach (var gap in book.Gaps) Line(2, "- " + gap.Text.In(language), hang: 4);
    }

    private void Traces(IReadOnlyList<Verdict> verdicts)
    {
        text.Append('\n');
        Line(0, T("Trace: every rule, on the basis shown above", "Spoor: elke regel, op de grondslag hierboven"));
        Verdict? current = null;
        foreach (var traced in Trace.Of(evaluation, verdicts, basis))
        {
            if (traced.Verdict != current)
            {
                current = traced.Verdict;
                text.Append('\n');
                Line(0, $"{current.Question.Id} / {current.Record ?? current.Mission}: {Label(current, current.On(basis).Outcome)}");
            }

            TraceText.Write(traced, language, text);
        }
    }

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private void Line(int indent, string paragraph, int hang = -1) => Paint.Paragraph(text, paragraph, width, new(' ', indent), hang);
}
