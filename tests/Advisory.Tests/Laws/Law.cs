using FsCheck;
using FsCheck.Fluent;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Laws;

/// <summary>Tries a law on random books and scenarios; one that fails is shown on the smallest sample that still fails.</summary>
internal static class Law
{
    /// <summary>How many different books the laws share; each is tried with many scenarios.</summary>
    private const int Books = 120;

    // More tries for a night or a release: ADVISORY_LAWS=20 tries each law twenty times as often, on twenty times as many books.
    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("ADVISORY_LAWS"), out var times) && times > 0 ? times : 1;

    /// <summary>Random samples, the same ones in every run.</summary>
    private static Arbitrary<Sample> Samples =>
        Arb.From(
            Gen.Choose(0, (Books * Times) - 1).SelectMany(_ => Gen.Choose(0, int.MaxValue - 1), (book, scenario) => Sample.Of((ulong)book, (ulong)scenario)),
            Smaller);

    /// <summary>Tries a law.</summary>
    /// <param name="tries">How many samples.</param>
    /// <param name="atLeast">How often in all it must have had something to say, or it was not tried at all.</param>
    /// <param name="law">Throws where it does not hold; gives how often it had something to say about the sample.</param>
    public static void Holds(int tries, int atLeast, Func<Sample, int> law)
    {
        var said = 0L;
        var configuration = Config.QuickThrowOnFailure.WithMaxTest(tries * Times).WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(2026, 25), null));
        Check.One(configuration, Prop.ForAll(Samples, new Action<Sample>(sample => said += law(sample))));
        Assert.True(said >= (long)atLeast * Times, FormattableString.Invariant($"the law had something to say {said} times only"));
    }

    /// <summary>Samples with one thing less, the largest things first; all of them valid.</summary>
    private static IEnumerable<Sample> Smaller(Sample sample)
    {
        foreach (var member in new[] { "records", "waivers", "readings", "title", "classification", "subject", "basis", "asOf" })
            if (sample.Said[member] is not null && Without(said => said.Remove(member)) is { } less)
                yield return less;
        foreach (var fact in ((JObject)sample.Said["facts"]!).Properties())
            if (Without(said => ((JObject)said["facts"]!).Remove(fact.Name)) is { } less)
                yield return less;
        foreach (var list in new[] { "waivers", "records.units", "records.posts" })
            for (var i = 0; i < ((JArray?)sample.Said.SelectToken(list) ?? []).Count; i++)
            {
                var at = i;
                if (Without(said => said.SelectToken(list)![at]!.Remove()) is { } less) yield return less;
            }

        foreach (var change in BookChanges(sample))
            if (sample.WithBook(change) is { } less)
                yield return less;

        Sample? Without(Action<JObject> change) => sample.WithBook(_ => { }, change);
    }

    private static IEnumerable<Action<Dictionary<string, JObject>>> BookChanges(Sample sample)
    {
        var questions = sample.Files["book.json"]["questions"]!;
        for (var i = 0; i < questions.Count(); i++)
        {
            var at = i;
            yield return files =>
            {
                files.Remove((string)files["book.json"]["questions"]![at]!["id"]! + ".json");
                files["book.json"]["questions"]![at]!.Remove();
            };
        }

        foreach (var (name, file) in sample.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            foreach (var member in new[] { "When", "GlobalParams", "WorkflowsToInject", "records" })
                if (file[member] is not null)
                    yield return files => files[name].Remove(member);
            if (name is "shared.json" or "deeper.json" or "readings.json") yield return files => files.Remove(name);
            foreach (var list in new[] { "Rules", "facts", "readings", "missions" })
                for (var i = 0; i < ((JArray?)file[list] ?? []).Count; i++)
                {
                    var at = i;
                    yield return files => files[name][list]![at]!.Remove();
                }

            foreach (var path in Sample.Members(file, "LocalParams", "assumption", "default", "valueLabels").Select(p => p.Path))
                yield return files => files[name].SelectToken(path)!.Parent!.Remove();
            foreach (var path in Sample.Members(file, "Missions").Where(p => (string?)p.Value[0] != "any").Select(p => p.Path))
                yield return files => files[name].SelectToken(path)!.Replace(new JArray("any"));
            foreach (var expression in Sample.Members(file, "Expression", "derive", "When"))
                foreach (var simpler in Simpler((string)expression.Value!))
                {
                    var path = expression.Path;
                    yield return files => files[name].SelectToken(path)!.Replace(simpler);
                }
        }
    }

    /// <summary>Parts of an expression; those that are no expression of the kind that is asked for, loading the book refuses.</summary>
    private static IEnumerable<string> Simpler(string expression)
    {
        var trimmed = expression.Trim();
        var parts = new List<string> { "true", "1" };
        var (depth, start, isText) = (0, 0, false);
        for (var i = 0; i < trimmed.Length; i++)
        {
            if (trimmed[i] == '"') isText = !isText;
            if (isText) continue;
            if (trimmed[i] == '(') depth++;
            else if (trimmed[i] == ')') depth--;
            if (depth == 0 && trimmed[i] is '&' or '|' or '?' or ':' or '+' or '-' or '*' or '/' or '!')
            {
                parts.Add(trimmed[start..i].Trim());
                parts.Add(trimmed[(i + 1)..].Trim().TrimStart('&', '|'));
                start = i + 1;
            }
        }

        parts.Add(trimmed[start..].Trim());
        var open = trimmed.IndexOf('(');
        if (open >= 0 && trimmed.EndsWith(')')) parts.Add(trimmed[(open + 1)..^1]);
        return parts.Where(part => part.Length > 0 && part.Length < trimmed.Length).Distinct();
    }
}
