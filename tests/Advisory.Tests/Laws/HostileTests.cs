using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Advisory.Engine;
using Xunit.Abstractions;

namespace Advisory.Tests.Laws;

/// <summary>
/// Whatever stands in a file, it is read or it has a problem with a place: never an exception, a hang (100 ms a file) or more than 64 MiB.
/// </summary>
/// <remarks>
/// 1,500 files in a plain run; 20,000 with <c>ADVISORY_TESTS=all</c>, as in <c>.ci/run</c>; a million with
/// <code>
/// ADVISORY_TESTS=all ADVISORY_LAWS=50 dotnet test tests/Advisory.Tests -c Release --filter FullyQualifiedName~HostileTests
/// </code>
/// A failing file is named by its number; <c>ADVISORY_HOSTILE=number</c> reads that one alone.
/// </remarks>
public sealed class HostileTests(ITestOutputHelper output)
{
    private static readonly bool RunsAll = Environment.GetEnvironmentVariable("ADVISORY_TESTS") == "all";

    private static readonly int Times =
        int.TryParse(Environment.GetEnvironmentVariable("ADVISORY_LAWS"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? Math.Clamp(times, 1, 1_000) : 1;

    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(1);

    public static TheoryData<string> FilesOfTheShippedBook => new(HostileSeeds.OfTheWholeBook().Select(seed => seed.FileName));

    public static TheoryData<string> SmallFiles => new(HostileSeeds.Small().Select(seed => seed.Name));

    [Fact]
    public void The_seeds_have_no_fault()
    {
        foreach (var seed in HostileSeeds.OfBooks.Concat(HostileSeeds.OfScenarios))
        {
            var result = HostileReader.Try(seed, Encoding.UTF8.GetBytes(seed.Text));
            Assert.True(result.Fault is null && result.Problems.Count == 0, $"{seed.Name}: {result.Fault} {string.Join('\n', result.Problems)}");
        }

        var shipped = HostileSeeds.OfTheWholeBook().Select(seed => seed.FileName);
        Assert.Empty(shipped.Except(HostileSeeds.OfBooks.Select(seed => seed.FileName)));
    }

    [Fact]
    public void A_hostile_file_has_problems_with_places_or_it_works()
    {
        if (long.TryParse(Environment.GetEnvironmentVariable("ADVISORY_HOSTILE"), NumberStyles.None, CultureInfo.InvariantCulture, out var only))
        {
            var file = HostileFiles.Make(only);
            var result = HostileReader.Try(file.Seed, file.Bytes);
            output.WriteLine($"{file.Seed.Name}: {file.How}\n{result.Fault}\n{string.Join('\n', result.Problems)}\n\n{Encoding.UTF8.GetString(file.Bytes)}");
            Assert.True(result.Fault is null, result.Fault);
            return;
        }

        Run((RunsAll ? 20_000L : 1_500L) * Times);
    }

    [Theory]
    [MemberData(nameof(SmallFiles))]
    public void Any_entry_may_be_missing_misspelt_or_stand_twice_and_any_value_may_stand_where_another_should(string name)
    {
        var seed = HostileSeeds.Small().Single(seed => seed.Name == name);
        var random = new Random(20260127);
        var (tried, faults) = (0, new List<string>());
        foreach (var spot in seed.Spots.All)
        {
            foreach (var value in RunsAll ? HostileWords.Values : HostileFiles.Sample(random, HostileWords.Values, 6)) Try(spot.Start, spot.End, value);
            if (spot.Parent is null) continue;
            Try(spot.End, spot.End, "," + seed.Text[spot.From..spot.End]);
            var (from, to, _) = HostileFiles.Without(spot);
            Try(from, to, "");
            if (spot.NameStart >= 0) Try(spot.NameEnd - 1, spot.NameEnd - 1, "x");
        }

        Assert.True(tried > 100, "too little was tried");
        Assert.True(faults.Count == 0, string.Join("\n\n", faults.Take(10)));

        void Try(int start, int end, string by)
        {
            tried++;
            var result = HostileReader.Try(seed, Encoding.UTF8.GetBytes(HostileFiles.Apply(seed.Text, [(start, end, by)])));
            if (result.Fault is { } fault) faults.Add($"{fault}\n{name}, offset {start}: {by}");
        }
    }

    [Theory]
    [InlineData("\u0441rew.ready", "U+0441")] // a Cyrillic c
    [InlineData("crew\u200d.ready", "U+200D")]
    [InlineData("crew.\u202eready", "U+202E")]
    [InlineData("\ufeffcrew.ready", "U+FEFF")]
    [InlineData("crew\uff0eready", "U+FF0E")]
    [InlineData("crew.read\u0443\u0301", "U+0443")]
    public void A_name_that_looks_like_another_is_refused_and_what_differs_is_named(string name, string character)
    {
        var seed = HostileSeeds.Small().Single(seed => seed.FileName == "scenario.json");
        var reading = seed.Read(Encoding.UTF8.GetBytes($"{{ \"facts\": {{ \"{name}\": true }} }}"));
        var problem = Assert.Single(reading.Problems);
        Assert.Contains($"did you mean `crew.ready`? character", problem.Hint, StringComparison.Ordinal);
        Assert.EndsWith(character, problem.Hint, StringComparison.Ordinal);
        Assert.Equal((1, 14), (problem.Line, problem.Column));
    }

    [Fact]
    public void A_long_name_is_cut_between_characters_and_never_within_one()
    {
        var seed = HostileSeeds.Small().Single(seed => seed.FileName == "scenario.json");
        for (var more = 0; more < 4; more++)
        {
            var name = new string('x', more) + string.Concat(Enumerable.Repeat("\U0001F30A", 40));
            var result = HostileReader.Try(seed, Encoding.UTF8.GetBytes($"{{ \"facts\": {{ \"{name}\": true }} }}"));
            Assert.Null(result.Fault);
            Assert.Contains("...`", Assert.Single(result.Problems).Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(FilesOfTheShippedBook))]
    public void A_damaged_file_of_the_shipped_book_takes_no_longer_than_its_bound(string name)
    {
        var seed = HostileSeeds.OfTheWholeBook().Single(seed => seed.FileName == name);
        var good = Encoding.UTF8.GetBytes(seed.Text);
        HostileReader.Try(seed, good, allowance: 10_000);
        var usual = HostileReader.Try(seed, good, allowance: 10_000).Milliseconds;
        var random = new Random(name.Length + name[0]);
        for (var more = RunsAll ? 20 : 2; more > 0; more--)
        {
            var spot = HostileFiles.Any(random, seed.Spots.Entries);
            var by = HostileWords.Value(random);
            var result = HostileReader.Try(seed, Encoding.UTF8.GetBytes(HostileFiles.Apply(seed.Text, [(spot.Start, spot.End, by)])), usual * 2);
            Assert.True(result.Fault is null, $"{result.Fault}\n{name}, offset {spot.Start}: {Short(by)}");
        }
    }

    private void Run(long count)
    {
        var (next, worst, most, refused, codes) = (0L, 0.0, 0L, 0L, new ConcurrentDictionary<string, long>());
        var faults = new ConcurrentQueue<string>();
        var slots = new (long Number, long Since)[Math.Clamp(count / 2_000, 1, Environment.ProcessorCount)];
        var began = Stopwatch.GetTimestamp();
        var threads = slots.Select((_, slot) => new Thread(() => Work(slot)) { IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        while (threads.Any(thread => !thread.Join(TimeSpan.FromSeconds(1))))
        {
            foreach (var (number, since) in slots)
                Assert.True(since == 0 || Stopwatch.GetElapsedTime(since) < Hang, $"hangs: {Describe(HostileFiles.Make(number))}");
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(FormattableString.Invariant(
            $"{count} files in {seconds:F1} s, {count / seconds:F0} a second; {100 * refused / count} % refused with {codes.Count} kinds of problem; longest {worst:F1} ms, most {most / 1048576.0:F1} MiB"));
        Assert.True(faults.IsEmpty, $"{faults.Count} faults\n\n{string.Join("\n\n", faults.Take(10))}");

        // Else too little was tried for this to mean anything.
        Assert.InRange(refused, count / 3, count * 98 / 100);
        Assert.True(codes.Count >= 30, $"only {codes.Count} kinds of problem: {string.Join(' ', codes.Keys.Order(StringComparer.Ordinal))}");

        void Work(int slot)
        {
            for (var number = Interlocked.Increment(ref next); number <= count; number = Interlocked.Increment(ref next))
            {
                slots[slot] = (number, Stopwatch.GetTimestamp());
                var file = HostileFiles.Make(number);
                var result = HostileReader.Try(file.Seed, file.Bytes);
                if (result.Fault is not null) faults.Enqueue($"{result.Fault}\n{Describe(file)}");
                foreach (var code in result.Problems.Select(problem => problem.Code).Distinct()) codes.AddOrUpdate(code, 1, (_, seen) => seen + 1);
                lock (codes)
                {
                    if (result.Problems.Any(problem => problem.Severity == Severity.Error)) refused++;
                    if (result.Fault is null) worst = Math.Max(worst, result.Milliseconds);
                    most = Math.Max(most, result.Bytes);
                }
            }

            slots[slot] = default;
        }
    }

    private static string Describe(HostileFile file) => $"number {file.Number}, {file.Seed.Name}: {file.How}, {file.Bytes.Length} bytes";

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
