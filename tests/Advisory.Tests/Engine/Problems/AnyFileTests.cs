using System.Text;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Engine.Problems;

/// <summary>The bad files are those we thought of. Whatever else stands in a file, it is read or it has problems, and nothing is thrown.</summary>
public sealed class AnyFileTests
{
    public static TheoryData<string> Names =>
        new("book.json", "readings.json", "sail.json", "statements.json", "vocabulary.json", "scenario.json", "case.json");

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_value_may_stand_where_another_should(string name)
    {
        string[] values = ["null", "true", "5", "-1", "0.5", "999999999999999", "\"\"", "\"x\"", "\"a.b == 1\"", "[]", "[null]", "[\"x\"]", "{}", "{ \"x\": 1 }"];
        Try(name, root =>
            from path in root.DescendantsAndSelf().Where(token => token is not JProperty).Select(token => token.Path).ToList()
            from value in values
            select (Func<JToken>)(() =>
            {
                var copy = root.DeepClone();
                var place = copy.SelectToken(path)!;
                if (place.Parent is null) return JToken.Parse(value);
                place.Replace(JToken.Parse(value));
                return copy;
            }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_member_may_be_missing_or_misspelt_and_any_item_listed_twice(string name)
    {
        Try(name, root =>
            from path in root.Descendants().Where(token => token is not JProperty).Select(token => token.Path).ToList()
            from change in new Action<JToken>[]
            {
                token => (token.Parent is JProperty member ? member : token).Remove(),
                token => { if (token.Parent is JProperty member) member.Replace(new JProperty(member.Name + "x", token)); },
                token => { if (token.Parent is JArray) token.AddAfterSelf(token.DeepClone()); },
            }
            select (Func<JToken>)(() =>
            {
                var copy = root.DeepClone();
                change(copy.SelectToken(path)!);
                return copy;
            }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_byte_may_be_damaged(string name)
    {
        var good = Encoding.UTF8.GetBytes(GoodBook.Text(name));
        var random = new Random(20260127);
        for (var i = 0; i < 300; i++)
        {
            var bytes = good.ToList();
            for (var faults = random.Next(1, 4); faults > 0; faults--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes[at] = (byte)"{}[]\":,\\0x."[random.Next(11)]; break;
                    case 2: bytes.RemoveAt(at); break;
                    default: bytes.Insert(at, bytes[random.Next(bytes.Count)]); break;
                }
            }

            ReadOrRefuse(name, [.. bytes]);
        }
    }

    private static void Try(string name, Func<JContainer, IEnumerable<Func<JToken>>> changes)
    {
        var tried = 0;
        foreach (var changed in changes((JContainer)JToken.Parse(GoodBook.Text(name))))
        {
            ReadOrRefuse(name, Encoding.UTF8.GetBytes(changed().ToString(Formatting.None)));
            tried++;
        }

        Assert.True(tried > 20, "too little was tried");
    }

    private static void ReadOrRefuse(string name, byte[] bytes)
    {
        var file = new InputFile(name, bytes);
        var fault = Record.Exception(() =>
        {
            var (isRead, problems) = name switch
            {
                "scenario.json" => Outcome(Scenario.Read(GoodBook.Book, file)),
                "case.json" => Outcome(Case.Read(GoodBook.Book, file)),
                _ => Outcome(GoodBook.Load(file)),
            };
            Assert.Equal(isRead, problems.All(problem => problem.Severity != Severity.Error));
            Assert.All(problems, problem => Assert.True(problem is { Line: > 0, Column: > 0 } && problem.Text.Length > 0));
        });
        Assert.True(fault is null, $"{fault?.GetType().Name}: {fault?.Message}\n{Encoding.UTF8.GetString(bytes)}");
    }

    private static (bool, IReadOnlyList<Problem>) Outcome<T>(Loaded<T> loaded) where T : class => (loaded.Value is not null, loaded.Problems);
}
