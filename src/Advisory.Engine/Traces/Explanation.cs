using System.Collections.Immutable;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;
using static Advisory.Engine.ExplanationWords;

namespace Advisory.Engine;

/// <summary>One sentence of an explanation: what it says as data, and the same for people.</summary>
/// <param name="Section">The part of the explanation that it belongs to.</param>
/// <param name="Kind">What it says, such as <c>verdict</c>, <c>deciding</c> or <c>saw</c>; README.md, "Explanation", has them all.</param>
/// <param name="Depth">0 for a sentence of its own; a sentence of depth n explains the last one before it of depth n - 1.</param>
/// <param name="Text">The sentence, made from the data and the book's labels alone.</param>
/// <param name="Data">The ids that it speaks of, and where in the trace they stand.</param>
public sealed record Sentence(string Section, string Kind, int Depth, LocalText Text, JObject Data);

/// <summary>Why one verdict came out as it did, in plain sentences: every deciding rule, what each saw, and what it all rests on.</summary>
/// <remarks>
/// A rendering, derived on reading and never recorded. What a rule <em>saw</em> are the facts that settle its truth and no others
/// (README.md, "Explanation"), so nothing is named that does not matter.
/// </remarks>
public sealed class Explanation
{
    private readonly Evaluation evaluation;
    private readonly RuleBook book;
    private readonly View view;
    private readonly Dictionary<Rule, TracedFinding> traced;
    private readonly ImmutableArray<Sentence>.Builder sentences = ImmutableArray.CreateBuilder<Sentence>();
    private readonly HashSet<Fact> named = [];
    private string section = "outcome";

    private Explanation(Evaluation evaluation, Verdict verdict, Basis basis)
    {
        (this.evaluation, book, Verdict, Basis, view) = (evaluation, evaluation.Book, verdict, basis, verdict.On(basis));
        traced = Trace.Of(evaluation, [verdict], basis).ToDictionary(t => t.Finding.Rule);
    }

    /// <summary>The verdict that is explained.</summary>
    public Verdict Verdict { get; }

    /// <summary>The basis on which it is explained.</summary>
    public Basis Basis { get; }

    /// <summary>The sentences in the order in which they are read.</summary>
    public ImmutableArray<Sentence> Sentences => sentences.ToImmutable();

    /// <summary>Explains one verdict of an evaluation on one basis.</summary>
    /// <exception cref="InvalidOperationException">The trace is not that of this evaluation; there is no explanation then.</exception>
    public static Explanation Of(Evaluation evaluation, Verdict verdict, Basis basis)
    {
        var explanation = new Explanation(evaluation, verdict, basis);
        explanation.Explain();
        return explanation;
    }

    /// <summary>What people call a section; empty for the first, which needs no heading.</summary>
    public static LocalText TitleOf(string section) => new(ExplanationWords.Section(section, Language.En), ExplanationWords.Section(section, Language.Nl));

    /// <summary>A date written out: 9 January 2026, 9 januari 2026.</summary>
    public static LocalText DateOf(DateOnly date) => new(Date(date, Language.En), Date(date, Language.Nl));

    /// <summary>A value by its label, with its unit.</summary>
    public static LocalText ValueOf(Fact fact, JToken? value) => new(Value(fact, value, Language.En), Value(fact, value, Language.Nl));

    /// <summary>Explanations of one evaluation in canonical form (RFC 8785): one list of sentences, each with its data and its texts.</summary>
    public static byte[] Canonical(Evaluation evaluation, IEnumerable<Explanation> explanations, Basis basis) => CanonicalJson.Bytes(new JObject
    {
        ["schema"] = "advisory/explanation/v1",
        ["book"] = new JObject { ["name"] = evaluation.Book.Name, ["version"] = evaluation.Book.Version, ["digest"] = evaluation.Book.Digest },
        ["input"] = evaluation.Scenario.Digest,
        ["basis"] = Name(basis),
        ["sentences"] = new JArray(explanations.SelectMany(explanation => explanation.Sentences.Select(sentence => new JObject(sentence.Data)
        {
            ["kind"] = sentence.Kind,
            ["section"] = sentence.Section,
            ["depth"] = sentence.Depth,
            ["text"] = Local(sentence.Text),
        }))),
    });

    private void Explain()
    {
        Outcome();
        if (view.Outcome == RuleBook.NotAssessed) WhyNotAssessed();
        else if (Verdict.IsBest(Basis)) Met();
        else Deciding();
        Conditions();
        Waived();
        Warnings();
        Unsettled();
        Rests();
        Beside();
        Gaps();
    }

    // ---- the outcome and the rules that lead to it ----

    private void Outcome()
    {
        var asked = view.Findings.Where(f => f.Applies && LeadsOnMisfortune(f)).ToList();
        var assumed = Basis == Basis.Stated ? 0 : AssumptionsRead();
        var data = new JObject
        {
            ["basis"] = Name(Basis),
            ["outcome"] = view.Outcome,
            ["assumptions"] = assumed,
            ["assessed"] = view.Findings.Count(f => f.Applies && f.Strength.IsDeciding),
        };
        if (Verdict.IsBest(Basis)) data["met"] = asked.Count(f => !f.Rule.IsSignal && f.Truth == Truth.True);
        var (notMet, unknown) = (OpenConditions.Count(c => c.Truth == Truth.False), OpenConditions.Count(c => c.Truth == Truth.Unknown));
        if (IsInPrinciple) (data["notMet"], data["unknown"]) = (notMet, unknown);
        Say("verdict", data, language =>
        {
            var under = assumed == 0 ? "" : T(language,
                $", under {Count(assumed, language)} {(assumed == 1 ? "assumption" : "assumptions")} of the documents",
                $", onder {Count(assumed, language)} {(assumed == 1 ? "aanname" : "aannames")} van de documenten");
            var waived = Verdict.IsBest(Basis) && !view.Waived.IsEmpty
                ? T(language, ", waived: ", ", ontheven: ") + string.Join(", ", view.Waived.Select(f => f.Rule.Name))
                : "";
            var open = IsInPrinciple && unknown > 0 ? ", open" : "";
            var summary = !IsInPrinciple ? Summary(asked, language)
                : $" {T(language, "Not met", "Niet voldaan")}: {Count(notMet, language)} {Noun(false, "in_principle", notMet != 1, language)}."
                    + $" {T(language, "Unknown", "Onbekend")}: {Count(unknown, language)}.";
            return $"{Verdict.Question.Title.In(language)}{under}: {Label(view.Outcome, language)}{open}{waived}.{summary}";
        });
        foreach (var reading in evaluation.Readings.Where(r => !r.IsBooksOwn))
        {
            Say("otherReading", new() { ["fact"] = reading.Reading.Name, ["value"] = reading.Option }, language =>
                T(language, "This is under another reading than the book's. ", "Dit is onder een andere lezing dan die van het boek. ")
                + $"{reading.Reading.Label.In(language)}: {Value(reading.Reading, reading.Option, language)}.");
        }
    }

    /// <summary>How many assumptions the rules in question rest on, met or not.</summary>
    private int AssumptionsRead()
    {
        var read = view.Findings.SelectMany(f => f.Rule.ReadsDeeply).ToHashSet();
        return evaluation.Facts.Count(f => f.State == FactState.Assumed && read.Contains(f.Fact.Slot));
    }

    private string Summary(List<Finding> asked, Language language)
    {
        if (view.Outcome == RuleBook.NotAssessed) return "";
        if (Verdict.IsBest(Basis)) return SummaryOfBest(asked, language);
        var tallies = view.Deciding.GroupBy(f => (f.Rule.IsSignal, f.Truth, f.Strength.Token))
            .Select(g => Tally(g.Count(), g.Key.IsSignal, g.Key.Truth, g.Key.Token, language));
        var sentence = string.Join(T(language, ", and ", ", en "), tallies);
        return $" {char.ToUpperInvariant(sentence[0])}{sentence[1..]}.";
    }

    private static string SummaryOfBest(List<Finding> asked, Language language)
    {
        var requirements = asked.Where(f => !f.Rule.IsSignal).ToList();
        var grounds = asked.Where(f => f.Rule.IsSignal).ToList();
        var (waived, open) = (requirements.Count(f => f.Waiver is not null), grounds.Count(f => f.Truth == Truth.Unknown));
        var met = requirements.Count - waived;
        var (all, total) = (Count(requirements.Count, language), Count(grounds.Count, language));
        var text = (requirements.Count, waived) switch
        {
            (0, _) => "",
            (1, 0) => T(language, " The one requirement that applies is met.", " Aan de ene eis die geldt, is voldaan."),
            (1, _) => T(language, " The one requirement that applies is waived.", " Van de ene eis die geldt, is ontheffing verleend."),
            (_, 0) => T(language, $" All {all} requirements that apply are met.", $" Aan alle {all} eisen die gelden, is voldaan."),
            _ => T(language,
                $" Of the {all} requirements that apply, {Count(met, language)} {(met == 1 ? "is" : "are")} met and {Count(waived, language)} waived.",
                $" Van de {all} eisen die gelden, is aan {Count(met, language)} voldaan en van {Count(waived, language)} ontheffing verleend."),
        };
        return text + (grounds.Count, open) switch
        {
            (0, _) => "",
            (1, 0) => T(language, " The one ground for another outcome is absent.", " De ene grond voor een andere uitkomst doet zich niet voor."),
            (_, 0) => T(language, $" None of the {total} grounds for another outcome is present.", $" Geen van de {total} gronden voor een andere uitkomst doet zich voor."),
            _ => T(language,
                $" Of the {total} grounds for another outcome none is present, as far as is known; {Count(open, language)} cannot be judged.",
                $" Van de {total} gronden voor een andere uitkomst doet zich er voor zover bekend geen voor; "
                    + $"{Count(open, language)} {(open == 1 ? "is" : "zijn")} niet te beoordelen."),
        };
    }

    private void Deciding()
    {
        section = "deciding";
        var needed = new List<TraceFact>();
        foreach (var finding in view.Deciding)
        {
            RuleSaid("deciding", finding, language => $"{Named(finding, language)}: {State(finding, language)}." + ReasonOf(finding, language));
            var evidence = Evidence.For(traced[finding.Rule], withSpares: true);
            Saw(finding.Rule, evidence);
            StrengthByReading(finding);
            BasedOn(finding.Rule);
            needed.AddRange(evidence.SelectMany(e => e.Needed()));
        }

        Needed([.. needed.DistinctBy(f => f.Fact)]);
    }

    /// <summary>The facts that the deciding rules wait for, by who can supply them.</summary>
    private void Needed(List<TraceFact> needed)
    {
        section = "needed";
        // Of a stated fact that follows otherwise from other reports, it is open which report is wrong, so nobody is named.
        foreach (var supplied in needed.GroupBy(f => f.State == FactState.Contested && f.Derivation is not null ? null : f.Fact.Notes.SuppliedBy))
        {
            var supplier = book.Suppliers.FirstOrDefault(s => s.Id == supplied.Key);
            var data = new JObject { ["facts"] = new JArray(supplied.Select(f => f.Fact.Name)) };
            if (supplier is not null) data["suppliedBy"] = supplier.Id;
            Say("needed", data, language => T(language, "Still needed", "Nog nodig") + (supplier is null ? "" : $" ({supplier.Title.In(language)})")
                + $": {string.Join("; ", supplied.Select(f => f.Fact.Label.In(language) + Trouble(f, language)))}.");
        }

        static string Trouble(TraceFact fact, Language language) => fact.State switch
        {
            FactState.Contested => T(language, " (reports contradict each other)", " (meldingen spreken elkaar tegen)"),
            FactState.Expired => T(language, " (the last report is out of date)", " (de laatste melding is verlopen)"),
            _ => "",
        };
    }

    /// <summary>For the best outcome: every requirement that holds and every ground that is absent, each with what it saw.</summary>
    private void Met()
    {
        section = "met";
        foreach (var finding in view.Findings.Where(f => f.Applies && LeadsOnMisfortune(f) && f.Truth == (f.Rule.IsSignal ? Truth.False : Truth.True)))
        {
            RuleSaid(finding.Rule.IsSignal ? "absent" : "met", finding, language => $"{Named(finding, language)}: {State(finding, language)}.");
            Saw(finding.Rule, Evidence.For(traced[finding.Rule], withSpares: false));
            StrengthByReading(finding);
        }
    }

    private void WhyNotAssessed()
    {
        section = "deciding";
        if (Verdict.Question.NotFor.Contains(Verdict.Mission))
        {
            Say("notFor", [], language => T(language, "The book does not ask this question about this mission.", "Het boek stelt deze vraag niet over deze missie."));
            return;
        }

        if (Verdict.Question.When is { } when && !IsAsked())
        {
            Say("notAsked", new() { ["when"] = when }, language => T(language,
                "The book asks this question only under a condition, and it is not established that this condition holds.",
                "Het boek stelt deze vraag alleen onder een voorwaarde, en het staat niet vast dat daaraan is voldaan."));
            foreach (var slot in Verdict.Question.WhenReads) Fact(null, Evidence.Of(Met(book.Facts[slot])), 1);
            return;
        }

        var setAside = view.Findings.Where(f => !f.Applies && f.Strength.IsDeciding).ToList();
        Say("noDecidingRule", new() { ["setAside"] = setAside.Count }, language => setAside.Count == 0
            ? T(language, "The book has no rule that could decide this question for this mission.", "Het boek heeft voor deze missie geen regel die deze vraag kan beslissen.")
            : T(language, "None of the rules that could decide this question applies here.", "Geen van de regels die deze vraag kunnen beslissen, geldt hier."));
        foreach (var finding in setAside)
        {
            RuleSaid("setAside", finding, language => $"{Named(finding, language)}: {T(language, "does not apply.", "niet van toepassing.")}");
            Saw(finding.Rule, Evidence.ForGuard(traced[finding.Rule]));
        }
    }

    /// <summary>Whether the question is asked at all (README.md, 9.5): if it were, a finding that counts would have given an outcome.</summary>
    private bool IsAsked() => view.Outcome != RuleBook.NotAssessed || !view.Findings.Any(f => f.LeadsTo() >= 0 || f.Applies && f.Strength.IsDeciding);

    // ---- what else there is to know ----

    private void Conditions()
    {
        section = "conditions";
        foreach (var finding in OpenConditions.Where(c => !view.Deciding.Contains(c)))
            RuleSaid("condition", finding, language => $"{Named(finding, language)}: {State(finding, language)}." + ReasonOf(finding, language));
    }

    private void Waived()
    {
        section = "waived";
        foreach (var finding in view.Waived)
        {
            var waiver = finding.Waiver!;
            var data = About(finding);
            data["waiver"] = new JObject { ["reason"] = waiver.Reason, ["grounds"] = waiver.Grounds, ["by"] = waiver.By, ["until"] = Dates.Format(waiver.Until) };
            Say("waiver", data, language => $"{Named(finding, language)}: {State(finding, language)}, {T(language, "but waived", "maar er is ontheffing verleend")}. "
                + T(language, $"Reason: {Bare(waiver.Reason)}. Grounds: {Bare(waiver.Grounds)}. Decided by {waiver.By}, until {Date(waiver.Until, language)}.",
                    $"Reden: {Bare(waiver.Reason)}. Gronden: {Bare(waiver.Grounds)}. Besloten door {waiver.By}, tot en met {Date(waiver.Until, language)}."));
            Saw(finding.Rule, Evidence.For(traced[finding.Rule], withSpares: false));
            StrengthByReading(finding);
        }

        if (view.Waived.IsEmpty) return;
        Say("withoutWaivers", new() { ["outcome"] = view.WithoutWaivers }, language => view.WithoutWaivers == view.Outcome
            ? T(language, $"Without waivers the outcome is the same: {Label(view.Outcome, language)}.", $"Zonder ontheffingen is de uitkomst dezelfde: {Label(view.Outcome, language)}.")
            : T(language, $"Without waivers the outcome would be {Label(view.WithoutWaivers, language)}.", $"Zonder ontheffingen zou de uitkomst {Label(view.WithoutWaivers, language)} zijn."));
    }

    private void Warnings()
    {
        section = "warnings";
        foreach (var finding in view.Warnings)
            RuleSaid("warning", finding, language => $"{Named(finding, language)}. {finding.Rule.Reason.In(language)}");
        foreach (var fallback in view.Fallback)
        {
            foreach (var finding in view.Findings.Where(f => f.Rule.Fallback == fallback.Mission && f.Truth == Truth.True))
            {
                var data = About(finding);
                (data["fallback"], data["outcome"]) = (fallback.Mission, fallback.Outcome);
                Say("fallback", data, language => T(language, "A fallback is possible: ", "Er is een terugvaloptie: ")
                    + book.Missions.First(m => m.Id == fallback.Mission).Title.In(language)
                    + $" ({Verdict.Question.Title.In(language)}: {Label(fallback.Outcome, language)}). {finding.Rule.Reason.In(language)} ({finding.Rule.Name})");
                Saw(finding.Rule, Evidence.For(traced[finding.Rule], withSpares: false));
            }
        }
    }

    private void Unsettled()
    {
        section = "unsettled";
        foreach (var rule in view.NotAssessed)
        {
            var finding = traced[rule].Finding;
            RuleSaid("notAssessed", finding, language => $"{Named(finding, language)}: " + T(language,
                "not assessed, since it is not known whether it applies.",
                "niet beoordeeld, want het is niet bekend of deze eis geldt."));
            Saw(rule, Evidence.ForGuard(traced[rule]));
        }

        foreach (var rule in view.Open)
        {
            var finding = traced[rule].Finding;
            RuleSaid("open", finding, language => $"{Named(finding, language)}: {State(finding, language)}.");
            Saw(rule, Evidence.For(traced[rule], withSpares: false));
        }

        // Reports that contradict each other or are out of date show even where they decide nothing.
        if (!IsAsked()) return;
        var read = view.Findings.SelectMany(f => f.Rule.ReadsDeeply).ToHashSet();
        foreach (var use in evaluation.Facts.Where(f => f.State is FactState.Contested or FactState.Expired && (f.Record is null || f.Record == Verdict.Record)))
            if (read.Contains(use.Fact.Slot) && !named.Contains(use.Fact))
                Fact(null, Evidence.Of(Met(use.Fact)), 0);
    }

    private void Rests()
    {
        section = "rests";
        var relying = view.RelyingOn;
        if (!relying.Items.IsEmpty)
        {
            Say("reliesOn", Relied(view), language => (relying.Items.Length, relying.Jointly) switch
            {
                (1, _) => T(language, "If this falls away", "Valt dit weg"),
                (_, true) => T(language, "If all of these fall away together", "Vallen deze alle samen weg"),
                _ => T(language, "If any one of these falls away", "Valt een van deze weg"),
            } + T(language, ", at least one more rule stands in the way: ", ", dan staat ten minste nog één regel in de weg: ") + Relied(relying, language));
        }

        var otherBasis = Basis == Basis.Stated ? Basis.Assumed : Basis.Stated;
        var other = Verdict.On(otherBasis);
        var isSame = other.Outcome == view.Outcome;
        // What carries the difference are assumptions, whichever basis comes first; under assumptions they stand above already.
        var carrying = isSame || Basis == Basis.Assumed ? Reliances.None : other.RelyingOn;
        var data = Relied(other);
        (data["basis"], data["outcome"], data["deciding"]) = (Name(otherBasis), other.Outcome, new JArray(other.Deciding.Select(f => f.Rule.Name)));
        Say("otherBasis", data, language =>
        {
            var (label, lead) = (Label(other.Outcome, language), Lead(language));
            if (isSame) return T(language, $"{lead} the outcome is the same: {label}.", $"{lead} is de uitkomst dezelfde: {label}.");
            var text = T(language, $"{lead} the outcome is {label}.", $"{lead} is de uitkomst {label}.");
            if (!other.Deciding.IsEmpty)
            {
                text += T(language, " Decisive then: ", " Doorslaggevend is dan: ")
                    + string.Join("; ", other.Deciding.Select(f => $"{f.Rule.Title.In(language)} ({f.Rule.Name}), {State(f, language)}")) + ".";
            }

            if (carrying.Items.IsEmpty) return text;
            return text + (carrying.Jointly
                ? T(language, " Together these carry the difference: ", " Samen dragen deze het verschil: ")
                : T(language, " What carries the difference: ", " Het verschil berust op: ")) + Relied(carrying, language);
        });

        string Lead(Language language) => otherBasis == Basis.Assumed
            ? T(language, "With the documents' assumptions", "Met de aannames van de documenten")
            : T(language, "Without the documents' assumptions", "Zonder de aannames van de documenten");
    }

    private void Beside()
    {
        section = "beside";
        var others = evaluation.Verdicts
            .Where(v => v != Verdict && v.Record == Verdict.Record && (v.Mission == Verdict.Mission || v.Mission == RuleBook.AnyMission) && !v.IsBest(Basis))
            .ToList();
        if (others.Count == 0) return;
        var questions = new JArray(others.Select(v => new JObject { ["question"] = v.Question.Id, ["mission"] = v.Mission, ["outcome"] = v.On(Basis).Outcome }));
        Say("otherQuestions", new() { ["questions"] = questions }, language => T(language, "Other questions without a favourable answer: ", "Andere vragen zonder gunstig antwoord: ")
            + string.Join("; ", others.Select(v => $"{v.Question.Title.In(language)}: {Label(v.On(Basis).Outcome, language)}")) + ".");
    }

    private void Gaps()
    {
        section = "gaps";
        if (!Verdict.IsBest(Basis)) return;
        foreach (var gap in book.Gaps) Say("gap", new() { ["gap"] = gap.Id, ["statements"] = new JArray(gap.Statements) }, language => gap.Text.In(language));
    }

    // ---- rules and facts ----

    private void RuleSaid(string kind, Finding finding, Func<Language, string> text) => Say(kind, About(finding), text);

    private JObject About(Finding finding)
    {
        var data = new JObject
        {
            ["rule"] = finding.Rule.Name,
            ["truth"] = Words.For(finding.Truth, Language.En),
            ["strength"] = finding.Strength.Token,
            ["statements"] = new JArray(finding.Rule.Statements.Select(Cited)),
            ["paths"] = new JArray("/expression"),
        };
        if (!finding.Applies) data["applies"] = false;
        return data;
    }

    /// <summary>The book's reason says what is so once a requirement is known not to be met or a signal fires; of an unknown it would say too much.</summary>
    private static string ReasonOf(Finding finding, Language language) => finding.Truth == Truth.Unknown ? "" : " " + finding.Rule.Reason.In(language);

    private void Saw(Rule rule, ImmutableArray<Evidence> evidence)
    {
        foreach (var item in evidence) Fact(rule, item, 1);
    }

    /// <summary>A fact, and beneath a derived one what it follows from; once explained it is only named.</summary>
    private void Fact(Rule? rule, Evidence item, int depth)
    {
        var fact = item.Fact;
        // What takes a clause to explain is explained once; a plain report is said again, since it is as short.
        var isExplained = !named.Add(fact.Fact) && fact.Fact.Role != FactRole.Reading && fact.State is not (FactState.Stated or FactState.Unknown);
        var reading = evaluation.Readings.FirstOrDefault(r => r.Reading == fact.Fact);
        var data = new JObject
        {
            ["fact"] = fact.Fact.Name,
            ["state"] = fact.Fact.Role == FactRole.Reading ? "reading" : fact.State.ToString().ToLowerInvariant(),
            ["value"] = fact.Value?.DeepClone(),
        };
        if (rule is not null) (data["rule"], data["paths"]) = (rule.Name, new JArray(item.Paths));
        if (fact.Fact.Unit is { } unit && fact.Value is not null) data["unit"] = unit;
        if (item.IsSpare) data["spare"] = true;
        if (item.IsMissing) data["missing"] = true;
        if (isExplained) data["again"] = true;
        if (fact.Statement is { } statement) data["statements"] = new JArray(Cited(statement));
        if (!fact.Reports.IsEmpty) data["reports"] = new JArray(fact.Reports.Select(r => r.ToJson()));
        if (item.Calculation is { } calculation) data["calculation"] = calculation;
        if (item.Implied is { } implied) data["implied"] = implied.DeepClone();
        Say("saw", data, language => (item.IsSpare ? T(language, "Also: ", "Ook: ") : "")
            + ExplanationWords.Saw(item, isExplained, reading?.IsBooksOwn ?? true, id => Reference(book.Statements.GetValueOrDefault(id), id, language), language), depth);
        if (isExplained) return;
        foreach (var inner in item.From) Fact(rule, inner, depth + 1);
    }

    /// <summary>A fact that no node of the trace speaks of, as the evaluation has it.</summary>
    private TraceFact Met(Fact fact)
    {
        var nothing = new TraceFact(fact, FactState.Unknown, null, [], null, null);
        if (fact.Role == FactRole.Reading) return nothing with { State = FactState.Stated, Value = evaluation.Readings.First(r => r.Reading == fact).Option };
        var uses = evaluation.Facts.Where(f => f.Fact == fact).ToList();
        if ((uses.Find(f => f.Record == Verdict.Record) ?? uses.Find(f => f.Record is null)) is not { } use) return nothing;
        if (use.State == FactState.Derived)
        {
            var derived = evaluation.Derived.FirstOrDefault(d => d.Fact == fact && d.Mission == Verdict.Mission);
            return nothing with { State = FactState.Derived, Value = Basis == Basis.Stated ? derived?.Value : derived?.UnderAssumptions };
        }

        return use.State == FactState.Assumed && Basis == Basis.Stated ? nothing : new(fact, use.State, use.Value, use.Reports, use.Statement, null);
    }

    private void StrengthByReading(Finding finding)
    {
        if (finding.Rule.StrengthReading is not { } reading) return;
        var use = evaluation.Readings.First(r => r.Reading == reading);
        named.Add(reading);
        var data = new JObject { ["fact"] = reading.Name, ["state"] = "reading", ["value"] = use.Option, ["rule"] = finding.Rule.Name, ["strength"] = finding.Strength.Token };
        Say("weight", data, language => T(language, "How much this weighs depends on a reading. ", "Hoe zwaar dit weegt, hangt af van een lezing. ")
            + ExplanationWords.Saw(Evidence.Of(new(reading, FactState.Stated, use.Option, [], null, null)), false, use.IsBooksOwn, id => id, language), 1);
    }

    private void BasedOn(Rule rule)
    {
        var data = new JObject { ["rule"] = rule.Name, ["statements"] = new JArray(rule.Statements.Select(Cited)) };
        Say("basedOn", data, language => T(language, "Based on ", "Gebaseerd op ") + string.Join("; ", rule.Statements
            .Select(id => (Id: id, Statement: book.Statements.GetValueOrDefault(id)))
            .GroupBy(s => s.Statement?.Document)
            .Select(g => (g.Key is null ? "" : book.Documents.First(d => d.Id == g.Key).Title.In(language) + ": ")
                + string.Join("; ", g.Select(s => Reference(s.Statement, s.Id, language))))) + ".", 1);
    }

    private JToken Cited(string id)
    {
        var json = new JObject { ["id"] = id };
        if (book.Statements.GetValueOrDefault(id) is not { } statement) return json;
        (json["document"], json["section"], json["item"]) = (statement.Document, Local(statement.Section), statement.Item);
        return json;
    }

    private static JObject Relied(View on)
    {
        var items = on.RelyingOn.Items.Select(r => new JObject { ["kind"] = r.Kind.ToString().ToLowerInvariant(), ["name"] = r.Name });
        var data = new JObject { ["relyingOn"] = new JArray(items) };
        if (on.RelyingOn.Jointly) data["jointly"] = true;
        return data;
    }

    private string Relied(Reliances on, Language language) => string.Join("; ", on.Items.Select(item => Reliance(item, language))) + ".";

    private string Reliance(Reliance item, Language language)
    {
        if (item.Kind == RelianceKind.Waiver) return T(language, "the waiver of ", "de ontheffing van ") + $"{item.Name} ({book.Rule(item.Name)!.Title.In(language)})";
        var fact = book.Fact(item.Name)!;
        var value = item.Kind switch
        {
            RelianceKind.Planning => fact.Default?.Value,
            RelianceKind.Reading => evaluation.Readings.First(r => r.Reading == fact).Option,
            _ => fact.Assumption?.Value,
        };
        var kind = item.Kind switch
        {
            RelianceKind.Planning => T(language, "the planning figure ", "het planningsgetal "),
            RelianceKind.Reading => T(language, "the reading ", "de lezing "),
            _ => T(language, "the assumption ", "de aanname "),
        };
        return $"{kind}{fact.Label.In(language)} ({Value(fact, value, language)})";
    }

    // ---- small things ----

    private bool IsInPrinciple => !view.Deciding.IsEmpty && view.Deciding.All(f => f.Strength.Token == "in_principle");

    private IEnumerable<Finding> OpenConditions => view.Conditions.Where(c => c.Waiver is null);

    /// <summary>Whether the rule could have led to another outcome: a requirement not met, a signal that fires.</summary>
    private static bool LeadsOnMisfortune(Finding finding) => (finding.Rule.IsSignal ? finding.Strength.OnTrue : finding.Strength.OnFalse) >= 0;

    private string Label(string outcome, Language language) => book.OutcomeLabels[outcome].In(language);

    private static string Bare(string text) => text.TrimEnd().TrimEnd('.');

    private static string Name(Basis basis) => basis == Basis.Assumed ? "assumed" : "stated";

    private static JObject Local(LocalText text) => new() { ["en"] = text.En, ["nl"] = text.Nl };

    private void Say(string kind, JObject data, Func<Language, string> text, int depth = 0)
    {
        (data["question"], data["mission"]) = (Verdict.Question.Id, Verdict.Mission);
        if (Verdict.Record is not null) data["record"] = Verdict.Record;
        sentences.Add(new(section, kind, depth, new(text(Language.En), text(Language.Nl)), data));
    }
}
