using System.Runtime.CompilerServices;
using Advisory.Engine;
using Advisory.Host.Service;

namespace Advisory.Host.Web;

/// <summary>What the book's own cases show of its rules. Worked out once for a book and its cases.</summary>
/// <remarks>Public since components are; what it holds is for this program.</remarks>
public sealed class CaseCover
{
    private static readonly ConditionalWeakTable<BookInForce, Lazy<CaseCover>> Known = [];

    private readonly Dictionary<Rule, RuleCover> rules = [];

    private CaseCover(BookInForce inForce)
    {
        foreach (var file in inForce.Cases)
        {
            if (Case.Read(inForce.Book, file).Value is not { } read) continue;
            var evaluation = Evaluation.Of(inForce.Book, read.Scenario);
            var name = Path.GetFileNameWithoutExtension(file.Name);
            var seen = new Dictionary<Rule, (bool Speaks, HashSet<Truth> Truths)>();
            foreach (var view in evaluation.Verdicts.Select(verdict => verdict.On(read.Scenario.Basis)).Where(view => view.Outcome != RuleBook.NotAssessed))
            {
                var speaking = view.Deciding.Concat(view.Conditions).Concat(view.Warnings).Concat(view.Waived).Select(finding => finding.Rule).ToHashSet();
                foreach (var finding in view.Findings.Where(finding => finding.Applies))
                {
                    var (speaks, truths) = seen.TryGetValue(finding.Rule, out var known) ? known : (false, new HashSet<Truth>());
                    truths.Add(finding.Truth);
                    seen[finding.Rule] = (speaks || speaking.Contains(finding.Rule), truths);
                }
            }

            foreach (var (rule, (speaks, truths)) in seen)
            {
                if (!rules.TryGetValue(rule, out var cover)) rules.Add(rule, cover = new());
                if (truths.Contains(Truth.True)) cover.Held++;
                if (truths.Contains(Truth.False)) cover.NotHeld++;
                if (truths.Contains(Truth.Unknown)) cover.Unknown++;
                if (speaks) cover.Speaking.Add((name, read.Title));
            }
        }
    }

    internal static CaseCover Of(BookInForce inForce) => Known.GetValue(inForce, static book => new(() => new(book))).Value;

    internal RuleCover On(Rule rule) => rules.GetValueOrDefault(rule) ?? new();

    /// <summary>What the cases show of one rule: in how many it held, did not, or was unknown for some mission, and in which it counts for an outcome.</summary>
    internal sealed class RuleCover
    {
        public int Held { get; set; }

        public int NotHeld { get; set; }

        public int Unknown { get; set; }

        public List<(string Name, LocalText Title)> Speaking { get; } = [];
    }
}

/// <summary>The book's own cases by name and title. Public since components are; what it holds is for this program.</summary>
public sealed class CaseList
{
    private static readonly ConditionalWeakTable<BookInForce, CaseList> Known = [];

    private CaseList(BookInForce inForce) => Items = [.. inForce.Cases.Select(file => (file.Name, Case.Read(inForce.Book, file).Value?.Title))];

    internal IReadOnlyList<(string File, LocalText? Title)> Items { get; }

    internal static CaseList Of(BookInForce inForce) => Known.GetValue(inForce, static book => new(book));
}
