using System.Text;
using Advisory.Engine;

namespace Advisory.Tests.Engine.Problems;

/// <summary>Bad files that no editor would save as they are, or that nobody would read to the end.</summary>
internal static class WrittenBadFiles
{
    public static IEnumerable<BadFile> All()
    {
        // Bytes.
        yield return Bytes("json/byte-order-mark", [0xEF, 0xBB, 0xBF, .. "{}"u8]);
        yield return Bytes("json/utf-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{}")]);
        yield return Bytes("json/latin-1", [.. "{\n  \"title\": \"caf"u8, 0xE9, .. "\",\n  \"facts\": {}\n}\n"u8]);
        yield return Bytes("json/invalid-utf-8-behind-wide-letters", [.. "{ \"title\": \"é€🌊"u8, 0xFF, .. "\" }"u8]);
        yield return Bytes("json/utf-8-cut-short", [.. "{ \"title\": \"5 "u8, 0xE2, 0x82]);
        yield return Bytes("json/surrogate-in-utf-8", [.. "{ \"title\": \""u8, 0xED, 0xA0, 0x80, .. "\" }"u8]);
        yield return Bytes("json/overlong-utf-8", [.. "{ \"title\": \""u8, 0xC0, 0xAF, .. "\" }"u8]);
        yield return Bytes("json/zero-byte", [.. "{ \"facts\": "u8, 0, .. "{} }"u8]);
        yield return Text("json/carriage-returns", "{\r\n  \"facts\": {\r\n    \"crew.redy\": true\r\n  }\r\n}\r\n");
        yield return Text("json/wide-letters-before-the-fault", "{ \"title\": \"é€🌊\", \"colour\": \"blue\", \"facts\": {} }");
        yield return Text("json/longer-than-256-kib", "{ \"facts\": {}" + new string(' ', 256 << 10) + "}");

        // Files that are not there, and one too many.
        yield return new("book/without-book", () => null, "book.json");
        yield return new("book/without-vocabulary", () => null, "vocabulary.json");
        yield return new("book/unknown-file", () => Encoding.UTF8.GetBytes(GoodBook.Text("sail.json")), "sial.json");

        // A workflow that another injects.
        var injecting = GoodBook.Text("sail.json").Replace("\"Rules\"", "\"WorkflowsToInject\": [\"tide\"], \"Rules\"", StringComparison.Ordinal);
        var beside = new InputFile("sail.json", Encoding.UTF8.GetBytes(injecting), "good/sail.json");
        var other = GoodBook.Text("sail.json").Replace("\"S-", "\"T-", StringComparison.Ordinal);
        yield return Injected("rules/injected-with-its-own-parameters", other.Replace("\"Rules\"", "\"GlobalParams\": [], \"Rules\"", StringComparison.Ordinal));
        yield return Injected("rules/injected-with-the-same-rules", GoodBook.Text("sail.json"));
        yield return Injected("rules/injected-with-an-unknown-member", other.Replace("\"Rules\"", "\"Globals\": [], \"Rules\"", StringComparison.Ordinal));
        yield return Injected("rules/injected-is-a-list", "[]");

        BadFile Injected(string name, string text) => new(name, () => Encoding.UTF8.GetBytes(text), "tide.json", beside);

        // One more than a bound.
        const string Ready = "crew.ready == true";
        const string Race = "{ \"id\": \"race\"";
        yield return Instead("book/65-missions", Race, () => string.Concat(Many(63, i => Titled($"m{i}") + ", ")) + Race);
        yield return Instead("readings/63-options", "\"readings\": [", () => "\"readings\": [" + Reading(List(Many(63, Option))) + ",");
        yield return Instead("vocabulary/63-values", "\"calm\"", () => "\"calm\", " + string.Join(", ", Many(60, i => $"\"v{i}\"")));
        yield return Instead("vocabulary/102-derivations-in-a-row", "\"facts\": [", () => "\"facts\": [" + string.Concat(Many(102, Derived).Select(fact => fact + ", ")));
        yield return Instead("expressions/4001-characters", Ready, () => Ready + new string(' ', 4001 - Ready.Length));
        yield return Instead("expressions/401-operators", Ready, () => "wind.force" + string.Concat(Many(400, _ => " + 1")) + " > 5");
        yield return Instead("expressions/63-texts", Ready, () => "boat.name in (" + string.Join(", ", Many(63, i => $"\\\"b{i}\\\"")) + ")");
        yield return Instead("rules/50001-nodes-in-parameters", "\"Expression\": \"crew.ready == true\"", () =>
            $"\"LocalParams\": {List(Many(8, Parameter))}, \"Operator\": \"And\", \"Rules\": {List(Many(100, i => $"{{ \"RuleName\": \"r{i}\", \"Expression\": \"p7\" }}"))}");
        yield return Scenario("scenario/201-errors", "", string.Join(",\n    ", Many(201, i => $"\"crew.redy{i}\": true")));
        yield return Scenario("scenario/501-records", Member("records", $"{{ \"boats\": {List(Many(501, i => $"{{ \"name\": \"b{i}\" }}"))} }}"));
        yield return Scenario("scenario/201-waivers", Member("waivers", List(Many(201, _ => Waiver))));
        yield return Scenario("scenario/51-reports", "", Member("crew.ready", $"{{ \"reports\": {List(Many(51, _ => "{ \"value\": true }"))} }}"));
        yield return Scenario("scenario/list-of-201", "", Member("crew.names", List(Many(201, i => $"\"n{i}\""))));
        yield return Scenario("scenario/list-with-a-text-of-501", "", Member("crew.names", $"[\"Ann\", \"{new string('x', 501)}\"]"));
        yield return Scenario("scenario/fact-of-501-characters", "", Member("log.note", $"\"{new string('x', 501)}\""));
        yield return Scenario("scenario/title-of-4001-characters", Member("title", $"\"{new string('x', 4001)}\""));
    }

    // Each rests on the next, and the last on a fact of the book.
    private static string Derived(int i) =>
        $"{{ \"name\": \"chain.c{i}\", \"type\": \"boolean\", \"role\": \"derived\", \"group\": \"crew\", \"label\": {ForPeople}, \"derive\": \"{(i == 101 ? "crew.ready" : $"chain.c{i + 1}")} == true\" }}";

    // Each names the former twice, so that a short rule has 510 nodes.
    private static string Parameter(int i) => $"{{ \"Name\": \"p{i}\", \"Expression\": \"{(i == 0 ? "crew.ready == true" : $"p{i - 1} && p{i - 1}")}\" }}";

    private const string ForPeople = "{ \"en\": \"T\", \"nl\": \"T\" }";

    private const string Waiver =
        "{ \"rule\": \"S-2\", \"missions\": \"all\", \"reason\": \"r\", \"grounds\": \"g\", \"by\": \"b\", \"until\": \"2026-07-02\" }";

    private static IEnumerable<string> Many(int count, Func<int, string> one) => Enumerable.Range(0, count).Select(one);

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    private static string Titled(string id) => $"{{ \"id\": \"{id}\", \"title\": {ForPeople} }}";

    private static string Reading(string options) =>
        $"{{ \"name\": \"reading.tides\", \"title\": {ForPeople}, \"why\": {ForPeople}, \"options\": {options}, \"default\": \"v0\" }}";

    private static string Option(int i) => $"{{ \"value\": \"v{i}\", \"label\": {ForPeople} }}";

    private static string Member(string name, string value) => $"\"{name}\": {value}";

    private static BadFile Bytes(string name, byte[] bytes) => new(name, () => bytes);

    private static BadFile Text(string name, string text) => Bytes(name, Encoding.UTF8.GetBytes(text));

    private static BadFile Scenario(string name, string members, string facts = "") =>
        Text(name, $"{{\n  \"asOf\": \"2026-07-01\",\n  {(members.Length > 0 ? members + ",\n  " : "")}\"facts\": {{ {facts} }}\n}}\n");

    /// <summary>The good file in whose place the bad one is read, with one text in it replaced.</summary>
    private static BadFile Instead(string name, string text, Func<string> by) => new(name, () =>
    {
        var folder = name[..name.IndexOf('/', StringComparison.Ordinal)];
        var good = GoodBook.Text(folder is "rules" or "expressions" ? "sail.json" : folder + ".json");
        Assert.Contains(text, good, StringComparison.Ordinal);
        var at = good.IndexOf(text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(good[..at] + by() + good[(at + text.Length)..]);
    });
}
