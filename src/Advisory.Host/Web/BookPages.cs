using Advisory.Engine;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Advisory.Host.Web.Components;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>The rule book for reading: its rules, the register of the documents' statements, and its figures.</summary>
internal sealed class BookPages(Pages pages, Drafts drafts)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/book", Rules).Asks(Permission.ReadBook);
        routes.MapGet("/book/statements", Statements).Asks(Permission.ReadBook);
        routes.MapGet("/force", Figures).Asks(Permission.ReadBook);
    }

    private Task Rules(HttpContext context)
    {
        var inForce = pages.Office.Book;
        var asked = context.Request.Query["question"].ToString();
        return pages.Show<BookPage>(context, 200, ("Book", inForce.Book), ("Question", inForce.Book.Question(asked) ?? inForce.Book.Questions[0]), ("Cases", CaseCover.Of(inForce)));
    }

    private Task Statements(HttpContext context)
    {
        var query = context.Request.Query;
        return pages.Show<StatementsPage>(context, 200, ("Book", pages.Office.Book.Book), ("Search", query["search"].ToString().Trim()), ("Document", query["document"].ToString()), ("Encoded", query["encoded"].ToString()),
            ("Page", int.TryParse(query["page"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var page) ? page : 1));
    }

    /// <summary>The derived figures of each mission beside those that the documents state, for values of facts that the page asks for.</summary>
    private Task Figures(HttpContext context)
    {
        var book = pages.Office.Book.Book;
        var visit = Visit.Of(context);
        var inputs = Inputs(book);
        var facts = new JObject();
        var draft = visit.May(Permission.Evaluate) && context.Request.Query["draft"] == "yes" ? drafts.Of(visit.Person.Name).FirstOrDefault(d => d.Recorded is null) : null;
        var forms = inputs.Select(fact =>
        {
            var given = context.Request.Query.ContainsKey("f." + fact.Name + ".0.there")
                ? FactForm.Take(book, fact, "f." + fact.Name, new FormCollection(context.Request.Query.ToDictionary(part => part.Key, part => part.Value)), null, null)
                : (Form: FactForm.Of(fact, "f." + fact.Name, draft?.Scenario["facts"]?[fact.Name] ?? Preset(book, fact)), Stated: draft?.Scenario["facts"]?[fact.Name] ?? Preset(book, fact));
            if (given.Stated is not null && given.Form.Problems.Count == 0) facts[fact.Name] = given.Stated.DeepClone();
            return given.Form;
        }).ToList();
        var json = new JObject { ["asOf"] = "2000-01-01", ["facts"] = facts };
        var scenario = Scenario.Read(book, new("figures", System.Text.Encoding.UTF8.GetBytes(json.ToString(Newtonsoft.Json.Formatting.None)))).Value;
        return pages.Show<ForcePage>(context, 200, ("Book", book), ("Model", new FigureModel(forms, scenario is null ? null : Evaluation.Of(book, scenario))));
    }

    /// <summary>What derived numbers rest on: the facts that their expressions name, and those that the documents' figures stand under.</summary>
    private static List<Fact> Inputs(RuleBook book)
    {
        var derived = book.Facts.Where(fact => fact.Derive is not null && fact.IsNumber).ToList();
        var under = book.Figures.SelectMany(table => table.Rows).SelectMany(row => row.Where.Keys).ToHashSet(StringComparer.Ordinal);
        return [.. book.Facts.Where(fact => fact.Derive is null && fact.Role is FactRole.World or FactRole.Planning && fact.Name != RuleBook.MissionFact
            && (under.Contains(fact.Name) || derived.Any(d => Names(d.Derive!, fact.Name))))];
    }

    /// <summary>The names of all facts on which rules rest: those in their expressions, and those in the derivations of these.</summary>
    internal static HashSet<string> RestsOn(RuleBook book, IEnumerable<Rule> rules)
    {
        var found = rules.SelectMany(rule => rule.Facts).ToHashSet(StringComparer.Ordinal);
        var open = new Queue<string>(found);
        while (open.TryDequeue(out var name))
            if (book.Fact(name)?.Derive is { } expression)
                foreach (var fact in book.Facts.Where(fact => Names(expression, fact.Name) && found.Add(fact.Name)))
                    open.Enqueue(fact.Name);
        return found;
    }

    private static bool Names(string expression, string fact)
    {
        for (var at = expression.IndexOf(fact, StringComparison.Ordinal); at >= 0; at = expression.IndexOf(fact, at + 1, StringComparison.Ordinal))
            if ((at == 0 || !IsName(expression[at - 1])) && (at + fact.Length == expression.Length || !IsName(expression[at + fact.Length])))
                return true;
        return false;

        static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';
    }

    /// <summary>The values under which the documents state their first figures, so that the page opens on something to compare with.</summary>
    private static JToken? Preset(RuleBook book, Fact fact) => book.Figures.SelectMany(table => table.Rows).FirstOrDefault()?.Where.GetValueOrDefault(fact.Name);
}

/// <summary>The figures of the book. Public since components are; what it holds is for this program.</summary>
public sealed class FigureModel
{
    internal FigureModel(IReadOnlyList<FactForm> inputs, Evaluation? evaluation) => (Inputs, Evaluation) = (inputs, evaluation);

    internal IReadOnlyList<FactForm> Inputs { get; }

    internal Evaluation? Evaluation { get; }
}
