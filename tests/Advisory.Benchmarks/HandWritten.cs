using Newtonsoft.Json.Linq;

namespace Advisory.Benchmarks;

/// <summary>
/// The 40 rules of the workload as a programmer would write them by hand, on complete facts: fields and operators, no trace, no unknown.
/// What every engine is measured against.
/// </summary>
internal sealed class HandWritten
{
    private enum UsCommitmentValue { Conditional, Given, None }

    private enum RussiaConsentValue { Given, Refused, Unknown }

    private enum CeasefireStatusValue { Announced, InForce, None, Signed }

    private enum UnMandateValue { Adopted, None, Requested }

    private enum UkraineRequestValue { Formal, Informal, None }

    private enum NatoPositionValue { Neutral, Opposed, Supportive }

    private enum EuFundingValue { Approved, None, Pledged }

    private enum ParliamentApprovalValue { Granted, None, Scheduled }

    private enum CoalitionLeadValue { France, Joint, None, Uk }

    private enum WeatherSeasonValue { Autumn, Spring, Summer, Winter }

    private UsCommitmentValue UsCommitment;
    private RussiaConsentValue RussiaConsent;
    private CeasefireStatusValue CeasefireStatus;
    private UnMandateValue UnMandate;
    private UkraineRequestValue UkraineRequest;
    private NatoPositionValue NatoPosition;
    private EuFundingValue EuFunding;
    private ParliamentApprovalValue ParliamentApproval;
    private CoalitionLeadValue CoalitionLead;
    private WeatherSeasonValue WeatherSeason;
    private bool RoeAgreed;
    private bool CommandAgreed;
    private bool SofaSigned;
    private bool AirCover;
    private bool IsrAvailable;
    private bool MedevacReady;
    private bool HotlineActive;
    private bool MonitorsDeployed;
    private bool MinefieldsSurveyed;
    private bool LogisticsHubReady;
    private bool LegalBasisConfirmed;
    private long TroopsAvailable;
    private long TroopsCommitted;
    private long RotationFactor;
    private long BrigadesDeployable;
    private long BrigadeSize;
    private long BudgetCostPerSoldierKeur;
    private long BudgetMeur;
    private long AirliftDailyTons;
    private long ViolationsLast30d;
    private long ReadinessDays;
    private long MissionMonths;
    private long LineSpacingKm;
    private long LineLengthKm;

    public static HandWritten Read(JObject facts) => new()
    {
        UsCommitment = Enum.Parse<UsCommitmentValue>(((string)facts["us.commitment"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        RussiaConsent = Enum.Parse<RussiaConsentValue>(((string)facts["russia.consent"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        CeasefireStatus = Enum.Parse<CeasefireStatusValue>(((string)facts["ceasefire.status"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        UnMandate = Enum.Parse<UnMandateValue>(((string)facts["un.mandate"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        UkraineRequest = Enum.Parse<UkraineRequestValue>(((string)facts["ukraine.request"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        NatoPosition = Enum.Parse<NatoPositionValue>(((string)facts["nato.position"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        EuFunding = Enum.Parse<EuFundingValue>(((string)facts["eu.funding"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        ParliamentApproval = Enum.Parse<ParliamentApprovalValue>(((string)facts["parliament.approval"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        CoalitionLead = Enum.Parse<CoalitionLeadValue>(((string)facts["coalition.lead"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        WeatherSeason = Enum.Parse<WeatherSeasonValue>(((string)facts["weather.season"]!).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        RoeAgreed = (bool)facts["roe.agreed"]!,
        CommandAgreed = (bool)facts["command.agreed"]!,
        SofaSigned = (bool)facts["sofa.signed"]!,
        AirCover = (bool)facts["air.cover"]!,
        IsrAvailable = (bool)facts["isr.available"]!,
        MedevacReady = (bool)facts["medevac.ready"]!,
        HotlineActive = (bool)facts["hotline.active"]!,
        MonitorsDeployed = (bool)facts["monitors.deployed"]!,
        MinefieldsSurveyed = (bool)facts["minefields.surveyed"]!,
        LogisticsHubReady = (bool)facts["logistics.hub_ready"]!,
        LegalBasisConfirmed = (bool)facts["legal.basis_confirmed"]!,
        TroopsAvailable = (long)facts["troops.available"]!,
        TroopsCommitted = (long)facts["troops.committed"]!,
        RotationFactor = (long)facts["rotation.factor"]!,
        BrigadesDeployable = (long)facts["brigades.deployable"]!,
        BrigadeSize = (long)facts["brigade.size"]!,
        BudgetCostPerSoldierKeur = (long)facts["budget.cost_per_soldier_keur"]!,
        BudgetMeur = (long)facts["budget.meur"]!,
        AirliftDailyTons = (long)facts["airlift.daily_tons"]!,
        ViolationsLast30d = (long)facts["violations.last30d"]!,
        ReadinessDays = (long)facts["readiness.days"]!,
        MissionMonths = (long)facts["mission.months"]!,
        LineSpacingKm = (long)facts["line.spacing_km"]!,
        LineLengthKm = (long)facts["line.length_km"]!,
    };

    /// <summary>Fills in the names of the failed rules; true for a go.</summary>
    public bool Decide(List<string> failed)
    {
        failed.Clear();
        if (!(UsCommitment == UsCommitmentValue.Given || (UsCommitment == UsCommitmentValue.Conditional && NatoPosition == NatoPositionValue.Supportive))) failed.Add("R01");
        if (!(RussiaConsent != RussiaConsentValue.Refused)) failed.Add("R02");
        if (!(CeasefireStatus is CeasefireStatusValue.Signed or CeasefireStatusValue.InForce)) failed.Add("R03");
        if (!(UnMandate == UnMandateValue.Adopted || (UnMandate == UnMandateValue.Requested && UkraineRequest == UkraineRequestValue.Formal && RussiaConsent == RussiaConsentValue.Given))) failed.Add("R04");
        if (!(UkraineRequest == UkraineRequestValue.Formal)) failed.Add("R05");
        if (!(NatoPosition != NatoPositionValue.Opposed)) failed.Add("R06");
        if (!(EuFunding is EuFundingValue.Pledged or EuFundingValue.Approved)) failed.Add("R07");
        if (!(ParliamentApproval == ParliamentApprovalValue.Granted)) failed.Add("R08");
        if (!(CoalitionLead != CoalitionLeadValue.None)) failed.Add("R09");
        if (!(RoeAgreed && CommandAgreed)) failed.Add("R10");
        if (!(SofaSigned)) failed.Add("R11");
        if (!(AirCover || UsCommitment == UsCommitmentValue.Given)) failed.Add("R12");
        if (!(IsrAvailable)) failed.Add("R13");
        if (!(MedevacReady && LogisticsHubReady)) failed.Add("R14");
        if (!(HotlineActive || MonitorsDeployed)) failed.Add("R15");
        if (!(MinefieldsSurveyed)) failed.Add("R16");
        if (!(LegalBasisConfirmed)) failed.Add("R17");
        if (!((decimal)LineLengthKm / LineSpacingKm * BrigadeSize * RotationFactor <= TroopsAvailable - TroopsCommitted)) failed.Add("R18");
        if (!(BrigadesDeployable >= 3)) failed.Add("R19");
        if (!((BudgetMeur * 1000) >= ((TroopsAvailable - TroopsCommitted) * BudgetCostPerSoldierKeur))) failed.Add("R20");
        if (!(AirliftDailyTons >= 200 && ReadinessDays <= 60)) failed.Add("R21");
        if (!(ViolationsLast30d <= 10 || (ViolationsLast30d <= 30 && MonitorsDeployed))) failed.Add("R22");
        if (!(MissionMonths >= 6 && MissionMonths <= 36)) failed.Add("R23");
        if (!(RotationFactor >= 3)) failed.Add("R24");
        if (!(!(WeatherSeason == WeatherSeasonValue.Winter && !LogisticsHubReady))) failed.Add("R25");
        if (!(TroopsAvailable >= 10000)) failed.Add("R26");
        if (!((TroopsCommitted * 2) <= TroopsAvailable)) failed.Add("R27");
        if (!(CeasefireStatus == CeasefireStatusValue.InForce || MonitorsDeployed || HotlineActive)) failed.Add("R28");
        if (!(CoalitionLead is CoalitionLeadValue.Uk or CoalitionLeadValue.France or CoalitionLeadValue.Joint && ParliamentApproval != ParliamentApprovalValue.None)) failed.Add("R29");
        if (!((BrigadesDeployable * BrigadeSize) <= TroopsAvailable)) failed.Add("R30");
        if (!(UsCommitment != UsCommitmentValue.None || (AirCover && IsrAvailable && AirliftDailyTons >= 400))) failed.Add("R31");
        if (!(RussiaConsent != RussiaConsentValue.Unknown || (RoeAgreed && AirCover))) failed.Add("R32");
        if (!(LineSpacingKm <= 25 || IsrAvailable)) failed.Add("R33");
        if (!(LineLengthKm <= 1200)) failed.Add("R34");
        var go = failed.Count == 0;
        if (!(EuFunding == EuFundingValue.Approved)) failed.Add("R35");
        if (!(WeatherSeason is WeatherSeasonValue.Spring or WeatherSeasonValue.Summer or WeatherSeasonValue.Autumn)) failed.Add("R36");
        if (!(MissionMonths <= 24)) failed.Add("R37");
        if (!(ViolationsLast30d <= 5)) failed.Add("R38");
        if (!(BudgetMeur >= 1000 && BudgetCostPerSoldierKeur <= 300)) failed.Add("R39");
        if (!(NatoPosition == NatoPositionValue.Supportive || CoalitionLead == CoalitionLeadValue.Joint)) failed.Add("R40");
        return go;
    }
}
