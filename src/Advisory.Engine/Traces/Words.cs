namespace Advisory.Engine;

/// <summary>The engine's own words for people; everything else that people read comes from the book.</summary>
public static class Words
{
    /// <summary>A truth.</summary>
    public static string For(Truth truth, Language language) => (truth, language) switch
    {
        (Truth.True, Language.Nl) => "waar",
        (Truth.False, Language.Nl) => "onwaar",
        (_, Language.Nl) => "onbekend",
        (Truth.True, _) => "true",
        (Truth.False, _) => "false",
        _ => "unknown",
    };

    /// <summary>A truth as a requirement or a signal shows it.</summary>
    public static string For(Finding finding, Language language)
    {
        if (!finding.Applies) return language == Language.Nl ? "niet van toepassing" : "not applicable";
        return (finding.Rule.IsSignal, finding.Truth, language) switch
        {
            (_, Truth.Unknown, Language.Nl) => "onbekend",
            (_, Truth.Unknown, _) => "unknown",
            (false, Truth.True, Language.Nl) => "voldaan",
            (false, Truth.True, _) => "met",
            (false, _, Language.Nl) => "niet voldaan",
            (false, _, _) => "not met",
            (true, Truth.True, Language.Nl) => "gaat af",
            (true, Truth.True, _) => "fires",
            (true, _, Language.Nl) => "gaat niet af",
            _ => "does not fire",
        };
    }

    /// <summary>Where a fact stands.</summary>
    public static string For(FactState state, Language language) => (state, language) switch
    {
        (FactState.Stated, Language.Nl) => "opgegeven",
        (FactState.Derived, Language.Nl) => "afgeleid",
        (FactState.Planning, Language.Nl) => "planningsgetal",
        (FactState.Assumed, Language.Nl) => "aangenomen",
        (FactState.Contested, Language.Nl) => "omstreden",
        (FactState.Expired, Language.Nl) => "verlopen",
        (_, Language.Nl) => "onbekend",
        (FactState.Stated, _) => "stated",
        (FactState.Derived, _) => "derived",
        (FactState.Planning, _) => "planning figure",
        (FactState.Assumed, _) => "assumed",
        (FactState.Contested, _) => "contested",
        (FactState.Expired, _) => "expired",
        _ => "unknown",
    };

    /// <summary>A strength.</summary>
    public static string ForStrength(string token, Language language) => (token, language) switch
    {
        ("hard", Language.Nl) => "hard",
        ("in_principle", Language.Nl) => "in beginsel",
        ("willing", Language.Nl) => "bereidheid",
        ("warning", Language.Nl) => "waarschuwing",
        ("preference", Language.Nl) => "voorkeur",
        ("info", Language.Nl) => "ter informatie",
        ("note", Language.Nl) => "aantekening",
        ("withdraw", Language.Nl) => "terugtrekken",
        ("end", Language.Nl) => "beëindigen",
        ("political_choice", Language.Nl) => "politieke keuze",
        ("review", Language.Nl) => "heroverwegen",
        ("in_principle", _) => "in principle",
        ("willing", _) => "willingness",
        ("info", _) => "information",
        ("political_choice", _) => "political choice",
        _ => token,
    };

    /// <summary>Why arithmetic gave no value.</summary>
    public static string ForFault(string fault, Language language) => (fault, language) switch
    {
        ("division by zero", Language.Nl) => "deling door nul",
        ("overflow", Language.Nl) => "getal te groot",
        ("outside range", Language.Nl) => "buiten het bereik",
        _ => fault,
    };
}
