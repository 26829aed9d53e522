using Advisory.Engine;
using Newtonsoft.Json.Linq;
using System.Text;

namespace Advisory.Benchmarks;

/// <summary>Nothing is measured before every engine here gives the expected answers.</summary>
internal static class Agreement
{
    public static void Check()
    {
        var book = Workload.Book(40);
        var scenarios = Workload.Read(book, Workload.Complete);
        var failed = new List<string>();
        for (var i = 0; i < scenarios.Length; i++)
        {
            var view = Evaluation.Of(book, scenarios[i]).Verdicts[0].Stated;
            Equal(i, view.Outcome, view.Deciding.Concat(view.Warnings).Select(f => f.Rule.Name));
            var isGo = HandWritten.Read((JObject)JObject.Parse(Encoding.UTF8.GetString(Workload.Complete[i]))["facts"]!).Decide(failed);
            Equal(i, isGo ? "GO" : "NO_GO", failed);
        }
    }

    private static void Equal(int index, string outcome, IEnumerable<string> failed)
    {
        var expected = Workload.Expected[index];
        if (outcome != expected.Outcome || !failed.SequenceEqual(expected.Failed)) throw new InvalidDataException(FormattableString.Invariant($"scenario {index} has another answer"));
    }
}
