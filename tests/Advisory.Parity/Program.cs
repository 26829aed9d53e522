using System.Globalization;
using System.Text;
using Advisory.Engine;
using Advisory.Parity;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

const string Usage = "usage: dotnet run --project tests/Advisory.Parity -- [BOOK] [--count N] [--seed N]";

var (folder, count, seed) = ("rules/ukraine", 10_000, 1);
for (var i = 0; i < args.Length; i++)
{
    if (args[i] is "--count" or "--seed")
    {
        var value = i + 1 < args.Length ? args[i + 1] : "";
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return AtFault(Usage);
        if (args[i++] == "--count") count = number;
        else seed = number;
    }
    else if (i == 0 && !args[i].StartsWith('-'))
    {
        folder = args[i];
    }
    else
    {
        return AtFault(Usage);
    }
}

if (!Directory.Exists(folder)) return AtFault($"{folder}: there is no such folder; start at the root of the repository or name a rule book");
var files = Read(folder, "");
var loaded = RuleBook.Load(files);
if (loaded.Value is not { } book) return AtFault([.. loaded.Problems]);

var ruleFiles = book.Questions.Select(q => Encoding.UTF8.GetString(files.First(f => f.Name == q.Id + ".json").Content.Span)).ToList();
var workflows = ruleFiles.ConvertAll(JObject.Parse);
if (workflows.Find(w => w["WorkflowsToInject"] is JArray { Count: > 0 }) is { } injecting)
    return AtFault($"{injecting["WorkflowName"]}: a rule set with `WorkflowsToInject` is not compared");

TypedInputs types;
RulesEngineRunner runner;
try
{
    types = TypedInputs.Of(book);
}
catch (NotSupportedException fault)
{
    return AtFault(fault.Message);
}

try
{
    runner = new(ruleFiles);
}
catch (Exception fault)
{
    Console.WriteLine($"RulesEngine refuses the rule files: {fault.Message}");
    return 1; // a file that it does not load is a conflict with what the house promises
}

var comparison = new Comparison(book, types, runner.Give, runner.Ask, Console.Out);
Console.WriteLine($"{book.Name} {book.Version}, {book.Digest}");

foreach (var file in Directory.Exists(Path.Combine(folder, "cases")) ? Read(folder, "cases") : [])
{
    var read = Scenario.Read(book, file);
    if (read.Value is not { } scenario) return AtFault([.. read.Problems]);
    comparison.Compare(file.Name, Evaluation.Of(book, scenario));
}

var expressions = workflows.SelectMany(w => w.Descendants().OfType<JProperty>()).Where(p => p.Name == "Expression").Select(p => (string)p.Value!);
var scenarios = new RandomScenarios(book, expressions, seed);
for (var i = 1; i <= count; i++)
{
    var name = FormattableString.Invariant($"random scenario {i} of seed {seed}");
    var read = Scenario.Read(book, new(name, Encoding.UTF8.GetBytes(scenarios.Draw(i).ToString(Formatting.None))));
    if (read.Value is not { } scenario) return AtFault([.. read.Problems]); // what is drawn must fit the vocabulary
    comparison.Compare(name, Evaluation.Of(book, scenario));
    if (i % 1_000 == 0) Console.Error.WriteLine(FormattableString.Invariant($"{i:N0} of {count:N0}"));
}

return comparison.Summarise() ? 0 : 1;

static List<InputFile> Read(string folder, string below) =>
[
    .. Directory.EnumerateFiles(Path.Combine(folder, below), "*.json")
        .Order(StringComparer.Ordinal)
        .Select(path => new InputFile((below.Length == 0 ? "" : below + "/") + Path.GetFileName(path), File.ReadAllBytes(path), path)),
];

static int AtFault(params object[] problems)
{
    foreach (var problem in problems) Console.Error.WriteLine(problem);
    return 2;
}
