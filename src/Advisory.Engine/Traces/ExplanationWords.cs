using System.Globalization;
using System.Text;
using Advisory.Engine.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Engine;

/// <summary>The phrases of an <see cref="Explanation"/>: what each sentence says around the labels and texts of the book.</summary>
internal static class ExplanationWords
{
    private static readonly string[] EnglishMonths = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private static readonly string[] DutchMonths = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"];
    private static readonly string[] EnglishCounts = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    private static readonly string[] DutchCounts = ["geen", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"];

    public static string T(Language language, string en, string nl) => language == Language.Nl ? nl : en;

    public static string Section(string section, Language language) => section switch
    {
        "deciding" => T(language, "Why", "Waarom"),
        "met" => T(language, "What it is based on", "Waar dit op berust"),
        "needed" => T(language, "What is still needed to settle this", "Wat nog nodig is om dit te beslissen"),
        "conditions" => T(language, "Also not in order, but not decisive here", "Ook nog niet in orde, maar hier niet doorslaggevend"),
        "waived" => T(language, "Waived", "Ontheven"),
        "warnings" => T(language, "Warnings and remarks", "Waarschuwingen en opmerkingen"),
        "unsettled" => T(language, "Left open by facts that are not known", "Opengebleven door feiten die niet bekend zijn"),
        "rests" => T(language, "How firm this is", "Hoe vast dit staat"),
        "beside" => T(language, "Read this beside it", "Lees dit erbij"),
        "gaps" => T(language, "What this book does not assess", "Wat dit boek niet beoordeelt"),
        _ => "",
    };

    // ---- numbers, dates, values ----

    /// <summary>A count as a word up to twelve, else in digits.</summary>
    public static string Count(int count, Language language)
    {
        var words = language == Language.Nl ? DutchCounts : EnglishCounts;
        return count < words.Length ? words[count] : Number(count, language);
    }

    /// <summary>A number with its thousands set apart: 1,234.5 and 1.234,5.</summary>
    public static string Number(JToken number, Language language)
    {
        var plain = Plain(number);
        var (separator, point) = language == Language.Nl ? ('.', ',') : (',', '.');
        var whole = plain.Split('.')[0];
        var text = new StringBuilder(plain.Replace('.', point));
        for (var at = whole.Length - 3; at > (whole[0] == '-' ? 1 : 0); at -= 3) text.Insert(at, separator);
        return text.ToString();
    }

    /// <summary>A number as a program writes it.</summary>
    public static string Plain(JToken number) => number.Type == JTokenType.Integer ? ((long)number).ToString(CultureInfo.InvariantCulture) : (string)number!;

    /// <summary>9 January 2026, 9 januari 2026.</summary>
    public static string Date(DateOnly date, Language language) =>
        FormattableString.Invariant($"{date.Day} {(language == Language.Nl ? DutchMonths : EnglishMonths)[date.Month - 1]} {date.Year}");

    /// <summary>A value by its label; numbers with their unit, dates written out.</summary>
    public static string Value(Fact fact, JToken? value, Language language)
    {
        if (value is JArray { Count: 0 }) return T(language, "none", "geen");
        if (fact.Type == FactType.Date && value is not null && Dates.Parse((string)value!) is { } date) return Date(date, language);
        var shown = fact.Show(value, language, withUnit: false);
        return fact.IsNumber && value is not null && Unit(fact.Unit, language) is { Length: > 0 } unit ? $"{shown} {unit}" : shown;
    }

    /// <summary>
    /// A unit as people write it. A book gives units one spelling for all languages, so in Dutch a word that is not a symbol is left
    /// out: the label says what is counted.
    /// </summary>
    private static string Unit(string? unit, Language language) => (unit, language) switch
    {
        (null or "x", _) => "",
        (_, Language.En) => unit,
        ("percent", _) => "procent",
        ("years", _) => "jaar",
        ("months", _) => "maanden",
        ("weeks", _) => "weken",
        ("days", _) => "dagen",
        ("hours", _) => "uur",
        ("minutes", _) => "minuten",
        ("seconds", _) => "seconden",
        _ => unit.Split('/').All(part => part.Length <= 3) ? unit : "",
    };

    /// <summary>A function of a derivation with its arguments filled in.</summary>
    public static string Function(string function, string[] arguments, Language language) => function switch
    {
        "Math.Ceiling" => arguments[0] + T(language, ", rounded up", ", naar boven afgerond"),
        "Math.Floor" => arguments[0] + T(language, ", rounded down", ", naar beneden afgerond"),
        "Math.Round" => arguments[0] + T(language, ", rounded", ", afgerond"),
        "Math.Abs" => arguments[0] + T(language, ", without its sign", ", zonder het teken"),
        "Math.Min" => T(language, "the least of ", "de laagste van ") + string.Join(T(language, " and ", " en "), arguments),
        _ => T(language, "the greatest of ", "de hoogste van ") + string.Join(T(language, " and ", " en "), arguments),
    };

    // ---- rules ----

    /// <summary>What a rule is, by its strength: a hard requirement, a ground for a review.</summary>
    public static string Noun(bool isSignal, string strength, bool isPlural, Language language)
    {
        return (isSignal, strength) switch
        {
            (false, "hard") => One("hard requirement", "harde eis") ?? T(language, "hard requirements", "harde eisen"),
            (false, "in_principle") => One("requirement that holds in principle", "eis die in beginsel geldt")
                ?? T(language, "requirements that hold in principle", "eisen die in beginsel gelden"),
            (false, "willing") => One("requirement of willingness", "eis van bereidheid") ?? T(language, "requirements of willingness", "eisen van bereidheid"),
            (true, "withdraw") => One("ground for withdrawal", "grond voor terugtrekking") ?? T(language, "grounds for withdrawal", "gronden voor terugtrekking"),
            (true, "end") => One("ground for ending it", "grond voor beëindiging") ?? T(language, "grounds for ending it", "gronden voor beëindiging"),
            (true, "political_choice") => One("ground for a political choice", "grond voor een politieke keuze")
                ?? T(language, "grounds for a political choice", "gronden voor een politieke keuze"),
            (true, "review") => One("ground for a review", "grond voor heroverweging") ?? T(language, "grounds for a review", "gronden voor heroverweging"),
            (true, "hard" or "in_principle" or "willing") => One("signal", "signaal") ?? T(language, "signals", "signalen"),
            _ => Words.ForStrength(strength, language),
        };

        string? One(string en, string nl) => isPlural ? null : T(language, en, nl);
    }

    /// <summary>How many findings of one kind there are, as a sentence without its end.</summary>
    public static string Tally(int count, bool isSignal, Truth truth, string strength, Language language)
    {
        var one = count == 1;
        var noun = $"{Count(count, language)} {Noun(isSignal, strength, !one, language)}";
        return (isSignal, truth) switch
        {
            (false, Truth.Unknown) => T(language, $"it is not known whether {noun} {(one ? "is" : "are")} met", $"van {noun} is niet bekend of eraan is voldaan"),
            (false, Truth.False) => T(language, $"{noun} {(one ? "is" : "are")} not met", $"aan {noun} is niet voldaan"),
            (false, _) => T(language, $"{noun} {(one ? "is" : "are")} met", $"aan {noun} is voldaan"),
            (true, Truth.Unknown) => T(language,
                $"it is not known whether {noun} {(one ? "is" : "are")} present",
                $"van {noun} is niet bekend of die zich {(one ? "voordoet" : "voordoen")}"),
            (true, Truth.True) => T(language, $"there {(one ? "is" : "are")} {noun}", $"er {(one ? "is" : "zijn")} {noun}"),
            (true, _) => T(language, $"{noun} {(one ? "is" : "are")} absent", $"{noun} {(one ? "doet" : "doen")} zich niet voor"),
        };
    }

    /// <summary>A rule by title, name and weight.</summary>
    public static string Named(Finding finding, Language language) =>
        $"{finding.Rule.Title.In(language)} ({finding.Rule.Name}, {Noun(finding.Rule.IsSignal, finding.Strength.Token, isPlural: false, language)})";

    /// <summary>Where a finding stands.</summary>
    public static string State(Finding finding, Language language) => (finding.Rule.IsSignal, finding.Truth) switch
    {
        (false, Truth.True) => T(language, "met", "voldaan"),
        (false, Truth.False) => T(language, "not met", "niet voldaan"),
        (false, _) => T(language, "not known whether it is met", "niet bekend of hieraan is voldaan"),
        (true, Truth.True) => T(language, "this is the case", "dit doet zich voor"),
        (true, Truth.False) => T(language, "this is not the case", "dit doet zich niet voor"),
        _ => T(language, "not known whether this is the case", "niet bekend of dit zich voordoet"),
    };

    // ---- facts ----

    /// <summary>A fact with its value and where that comes from.</summary>
    /// <param name="item">The fact.</param>
    /// <param name="isExplained">Whether it was explained before and only its value is said again.</param>
    /// <param name="isBooksReading">Of a reading, whether it is the book's own.</param>
    /// <param name="statement">How a statement is referred to.</param>
    /// <param name="language">In which language.</param>
    public static string Saw(Evidence item, bool isExplained, bool isBooksReading, Func<string, string> statement, Language language)
    {
        var (seen, fact, value) = (item.Fact, item.Fact.Fact, Value(item.Fact.Fact, item.Fact.Value, language));
        var label = fact.Label.In(language);
        var inForce = seen.Reports.Where(r => !r.IsExpired && r.Value is not null).ToList();
        if (fact.Role == FactRole.Reading)
            return $"{label}: {value}. " + (isBooksReading
                ? T(language, "This is how the book reads the documents.", "Zo leest het boek de documenten.")
                : T(language, "This is how the scenario reads the documents, unlike the book.", "Zo leest het scenario de documenten, anders dan het boek."));
        var unknown = T(language, "not known", "niet bekend");
        if (isExplained) return $"{label}: {(seen.Value is null ? unknown : value)} {T(language, "(see above).", "(zie hierboven).")}";
        switch (seen.State)
        {
            case FactState.Derived when seen.Value is not null && item.CalculationText is not null:
                return $"{label}: {value} ({T(language, "worked out as ", "berekend als ")}{item.CalculationText.In(language)}).";
            case FactState.Derived when seen.Value is not null:
                return fact.Name == RuleBook.MissionFact ? $"{label}: {value}." : $"{label}: {value} ({T(language, "follows from other facts", "volgt uit andere feiten")}).";
            case FactState.Derived when seen.Derivation is { } derivation && FaultIn(derivation) is { } fault:
                return $"{label}: {unknown}, {T(language, "because the calculation has no result", "want de berekening heeft geen uitkomst")} ({Words.ForFault(fault, language)}).";
            case FactState.Derived when item.From.Any(e => e.IsMissing):
                return $"{label}: {unknown}, {T(language, "because it depends on facts that are not known.", "want het hangt af van feiten die niet bekend zijn.")}";
            case FactState.Derived:
                return $"{label}: {unknown}. " + T(language,
                    "The book does not work it out for this case, and nobody reports it.",
                    "Het boek werkt dit voor dit geval niet uit, en niemand meldt het.");
            case FactState.Planning:
                return $"{label}: {value} ({T(language, "planning figure of the book", "planningsgetal van het boek")}{Cited(seen, statement)}).";
            case FactState.Assumed:
                return $"{label}: {value} ({T(language, "assumption of the documents, nobody reports it", "aanname van de documenten, niemand meldt dit")}{Cited(seen, statement)}).";
            case FactState.Contested when inForce.Select(r => r.Value!.ToString()).Distinct().Count() == 1:
                return $"{label}: {unknown}. {T(language, "It is reported as", "De melding zegt")} {Value(fact, inForce[0].Value, language)}{Provenance(inForce, language)}, "
                    + (item.Implied is null
                        ? T(language, "but other reports contradict that.", "maar andere meldingen spreken dat tegen.")
                        : T(language, "but other reports lead to: ", "maar andere meldingen leiden tot: ") + Value(fact, item.Implied, language) + ".");
            case FactState.Contested:
                return $"{label}: {unknown}, {T(language, "because reports contradict each other", "want meldingen spreken elkaar tegen")}: "
                    + string.Join("; ", inForce.Select(r => Value(fact, r.Value, language) + Provenance([r], language))) + ".";
            case FactState.Expired:
                return $"{label}: {T(language, "no longer known. It was reported as", "niet meer bekend. De melding was")} "
                    + string.Join("; ", seen.Reports.Select(r => Value(fact, r.Value, language) + Provenance([r], language))) + ".";
            case FactState.Stated:
                return $"{label}: {value}{Provenance(inForce, language)}.";
            default:
                if (seen.Reports.FirstOrDefault(r => r.Probability is JObject) is not { Probability: JObject chances })
                    return $"{label}: {unknown}, {T(language, "nobody reports it.", "niemand meldt dit.")}";
                var each = chances.Properties().Select(p => $"{Value(fact, fact.Type == FactType.Boolean ? p.Name == "true" : p.Name, language)} {Number(p.Value, language)}");
                return $"{label}: {unknown}, {T(language, "since only a chance is given", "want er is alleen een kans opgegeven")}: {string.Join(", ", each)}.";
        }
    }

    private static string Cited(TraceFact seen, Func<string, string> statement) => seen.Statement is { } id ? ", " + statement(id) : "";

    /// <summary>Where reports with one value come from, in brackets.</summary>
    private static string Provenance(List<Report> reports, Language language)
    {
        var sources = reports.Select(report => Provenance(report, language)).Where(text => text.Length > 0).ToList();
        if (sources.Count == 0) return T(language, " (no source given)", " (zonder bron)");
        var lead = reports.Count == 1 ? "" : T(language, $"{Count(reports.Count, language)} reports: ", $"{Count(reports.Count, language)} meldingen: ");
        return $" ({lead}{string.Join("; ", sources)})";
    }

    private static string Provenance(Report report, Language language)
    {
        var parts = new List<string>();
        if (report.Source is { } source) parts.Add(T(language, "source: ", "bron: ") + source);
        if (report.AsOf is { } asOf) parts.Add(T(language, "as of ", "per ") + Date(asOf, language));
        if (report.ValidUntil is { } until) parts.Add(T(language, "valid until ", "geldig tot en met ") + Date(until, language));
        if (report.By is { } by) parts.Add(T(language, "entered by ", "opgevoerd door ") + by);
        if (report.Confidence is { } confidence) parts.Add(Confidence(confidence, language));
        return string.Join(", ", parts);
    }

    private static string Confidence(string confidence, Language language) => confidence switch
    {
        "low" => T(language, "low confidence", "lage zekerheid"),
        "high" => T(language, "high confidence", "hoge zekerheid"),
        _ => T(language, "medium confidence", "gemiddelde zekerheid"),
    };

    private static string? FaultIn(TraceNode node) => node.Fault ?? node.Children.Select(FaultIn).FirstOrDefault(fault => fault is not null);

    /// <summary>A statement as it can be found in its document.</summary>
    public static string Reference(Statement? statement, string id, Language language) =>
        statement is null ? id : $"{statement.Section.In(language)}, {statement.Item} ({id})";
}
