using System.Net;
using System.Net.Sockets;
using System.Text;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Newtonsoft.Json.Linq;

namespace Advisory.Tests.Service;

/// <summary>What fails around the service, and what its callers then see: never a go, never an acknowledged decision that is lost.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Without_a_book_nothing_is_evaluated_until_there_is_a_good_one()
    {
        await using var service = await RunningService.Start(withoutBook: true);
        foreach (var path in new[] { "/v1/decisions", "/v1/evaluations" })
            Assert.Equal("/problems/no-book", (string?)(await RunningService.Json(await service.Post(path, RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.ServiceUnavailable))["type"]);
        using (var ready = await service.Get("/health/ready", null)) Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using (var live = await service.Get("/health/live", null)) Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        CopyBook(service.Rules);
        await Until(async () => (await service.Get("/health/ready", null)).IsSuccessStatusCode);
        await service.Record();
    }

    [Theory]
    [InlineData("{", "half a file")]
    [InlineData("{\"facts\":[]}", "no facts")]
    [InlineData(null, "deleted")]
    public async Task A_broken_book_never_takes_the_place_of_a_good_one(string? content, string what)
    {
        await using var service = await RunningService.Start();
        var (file, digest) = (Path.Combine(service.Rules, "vocabulary.json"), service.Office.Book.Book.Digest);
        var good = await File.ReadAllBytesAsync(file);
        if (content is null) File.Delete(file);
        else await File.WriteAllTextAsync(file, content);
        await Until(() => Task.FromResult(service.Office.Library.Broken is not null));

        Assert.True(service.Office.Book.Book.Digest == digest, what);
        await service.Record();
        var problems = await RunningService.Json(await service.Get("/v1/book/problems", service.KeyOf(Roles.Author)), HttpStatusCode.OK);
        Assert.True((bool)problems["refused"]! && problems["problems"]!.Any());
        Assert.All(problems["problems"]!, problem => Assert.True((int)problem["line"]! > 0 && (int)problem["column"]! > 0));
        Assert.True((bool)(await RunningService.Json(await service.Get("/v1/status", service.KeyOf(Roles.Operator)), HttpStatusCode.OK))["book"]!["refused"]!);

        await File.WriteAllBytesAsync(file, good);
        await Until(() => Task.FromResult(service.Office.Library.Broken is null));
        Assert.Equal(digest, service.Office.Book.Book.Digest);
    }

    [Fact]
    public async Task A_new_book_comes_into_force_by_an_entry_and_decisions_before_it_still_replay()
    {
        await using var service = await RunningService.Start();
        var before = (string)(await service.Record())["record"]!["id"]!;
        var entries = service.Office.Log.Ledger.Size;
        NewVersion(service.Rules, "9.9.9");
        await Until(() => Task.FromResult(service.Office.Book.Book.Version == "9.9.9"));

        Assert.Equal(entries + 1, service.Office.Log.Ledger.Size);
        Assert.Contains("\"kind\":\"book-activated\"", Encoding.UTF8.GetString(service.Office.Log.Ledger.Find(entries)!.Bytes.Span), StringComparison.Ordinal);
        Assert.Equal("9.9.9", (string?)(await service.Record())["book"]!["version"]);
        Assert.Equal("same", (string?)(await RunningService.Json(await service.Get($"/v1/decisions/{before}/replay", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK))["result"]);
    }

    [LinkFact]
    public async Task A_folder_that_is_swapped_by_a_symbolic_link_is_seen()
    {
        using var scratch = new ScratchFolder();
        var (first, second, link) = (Path.Combine(scratch.Path, "1"), Path.Combine(scratch.Path, "2"), Path.Combine(scratch.Path, "book"));
        CopyBook(first);
        CopyBook(second);
        NewVersion(second, "2.0.0");
        Directory.CreateSymbolicLink(link, first);
        await using var service = await RunningService.Start(options => options["rules"] = link);
        Directory.CreateSymbolicLink(link + ".new", second);
        Assert.Equal(0, Ledgers.Programs.Run("mv", "-T", link + ".new", link).Code);
        await Until(() => Task.FromResult(service.Office.Book.Book.Version == "2.0.0"));
    }

    [Fact]
    public async Task Reloads_under_load_tear_no_book_and_fail_no_request()
    {
        var reloads = Ledgers.HeavyFactAttribute.Rounds(8, 200, "ADVISORY_RELOADS");
        await using var service = await RunningService.Start();
        var known = new HashSet<(string Version, string Digest)> { (service.Office.Book.Book.Version, service.Office.Book.Book.Digest) };
        using var stop = new CancellationTokenSource();
        var asked = 0;
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<(string, string), int>();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var decision = await RunningService.Json(await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Author)), HttpStatusCode.OK);
                seen.AddOrUpdate(((string)decision["book"]!["version"]!, (string)decision["book"]!["digest"]!), 1, (_, n) => n + 1);
                Interlocked.Increment(ref asked);
            }
        })).ToList();
        for (var i = 1; i <= reloads; i++)
        {
            var version = FormattableString.Invariant($"1.0.{i}");
            NewVersion(service.Rules, version);
            await Until(() => Task.FromResult(service.Office.Book.Book.Version == version));
            known.Add((version, service.Office.Book.Book.Digest));
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.True(asked > 0);
        Assert.Subset(known, seen.Keys.ToHashSet());
    }

    [LinkFact]
    public async Task A_ledger_that_is_deleted_under_the_service_answers_503_and_what_ifs_go_on()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        foreach (var file in Directory.GetFiles(service.Data, "ledger.db*")) File.Delete(file);

        for (var i = 0; i < 3; i++)
        {
            var problem = await RunningService.Json(await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.ServiceUnavailable);
            Assert.Equal("/problems/ledger-unavailable", (string?)problem["type"]);
        }

        await RunningService.Json(await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.OK);
        using var ready = await service.Get("/health/ready", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.False((bool)(await RunningService.Json(await service.Get("/v1/status", service.KeyOf(Roles.Operator)), HttpStatusCode.OK))["ledger"]!["usable"]!);
    }

    [LinkFact]
    public async Task A_data_folder_that_is_gone_answers_503_and_is_no_fault_of_the_service()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        Directory.Move(service.Data, service.Data + ".gone");
        for (var i = 0; i < 3; i++)
        {
            // Keys are kept there too: nobody is let in, and nothing is answered as if it were recorded.
            using var answer = await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer));
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, answer.StatusCode.ToString());
        }

        using var live = await service.Get("/health/live", null);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task A_ledger_that_another_program_holds_answers_503_and_works_again_when_it_lets_go()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        using (new FileStream(Path.Combine(service.Data, "ledger.db.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            using var answer = await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", "held"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            await RunningService.Json(await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.OK);
            using var ready = await service.Get("/health/ready", null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        // Nobody writes: the disk itself is asked whether it takes one, and nothing stays behind.
        await Until(async () => (await service.Get("/health/ready", null)).IsSuccessStatusCode);
        Assert.False(File.Exists(Path.Combine(service.Data, "probe")));
        await Until(async () => (await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", "held"))).IsSuccessStatusCode);
        Assert.Empty(service.Office.Log.Ledger.Verify().Faults);
    }

    [Fact]
    public async Task A_ledger_that_is_damaged_before_the_start_is_named_and_nothing_is_recorded_over_it()
    {
        await using var service = await RunningService.Start(prepare: data =>
        {
            for (var i = 0; i < 2; i++) RunProgram.With("evaluate", Path.Combine(Repository.PathOf("tests", "Advisory.Tests", "Books", "launch"), "cases", "L01.json"), "--record", "--by", "ada", "--rules", Repository.PathOf("tests", "Advisory.Tests", "Books", "launch"), "--data", data);
            using var file = new FileStream(Path.Combine(data, "ledger.db"), FileMode.Open, FileAccess.ReadWrite);
            file.Position = 4_096;
            file.Write(new byte[file.Length - file.Position]);
        });
        var problem = await RunningService.Json(await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.ServiceUnavailable);
        Assert.Equal("/problems/ledger-unavailable", (string?)problem["type"]);
        Assert.NotEmpty((string)problem["detail"]!);
        await RunningService.Json(await service.Post("/v1/evaluations", RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.OK);
        using var ready = await service.Get("/health/ready", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_changes_no_order_and_opens_nothing_that_has_ended()
    {
        var clock = new ShiftedClock();
        await using var service = await RunningService.Start(clock: clock);
        var first = (string)(await service.Record())["record"]!["id"]!;
        var short1 = service.Office.Access.Add("brief", Roles.Officer, [], TimeSpan.FromMinutes(1)).Text;
        clock.Shift = TimeSpan.FromHours(-1);
        var second = await service.Record();
        Assert.Equal(3, (int)second["record"]!["index"]!);
        var page = await RunningService.Json(await service.Get("/v1/decisions", service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
        Assert.Equal([(string)second["record"]!["id"]!, first], page["decisions"]!.Select(decision => (string)decision["id"]!));
        Assert.Empty(Advisory.Host.Records.LogCheck.Of(service.Office.Log).Faults);

        clock.Shift = TimeSpan.FromHours(1);
        using var ended = await service.Post("/v1/evaluations", RunningService.Good, short1);
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
    }

    [Fact]
    public async Task A_fault_in_the_engine_is_500_with_no_outcome_and_nothing_recorded()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        var size = service.Office.Log.Ledger.Size;
        // No input is known that does this; so an invariant of the book is broken from outside.
        const System.Reflection.BindingFlags Hidden = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;
        var plan = typeof(Advisory.Engine.RuleBook).GetProperty("Plan", Hidden)!.GetValue(service.Office.Book.Book)!;
        var questions = plan.GetType().GetField("<Questions>k__BackingField", Hidden)!;
        questions.SetValue(plan, Activator.CreateInstance(questions.FieldType));
        foreach (var path in new[] { "/v1/decisions", "/v1/evaluations" })
        {
            var problem = await RunningService.Json(await service.Post(path, RunningService.Good, service.KeyOf(Roles.Officer)), HttpStatusCode.InternalServerError);
            Assert.Equal("/problems/failed", (string?)problem["type"]);
            Assert.DoesNotContain("GO", problem.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(size, service.Office.Log.Ledger.Size);
    }

    [Fact]
    public async Task A_request_that_is_given_up_leaves_a_whole_decision_or_none_and_its_key_tells_which()
    {
        await using var service = await RunningService.Start();
        await service.Record();
        var random = new Random(11);
        var keys = Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"given-up-{i}")).ToList();
        foreach (var key in keys)
        {
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(0, 12)));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/decisions") { Content = new StringContent(RunningService.Good, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", service.KeyOf(Roles.Officer));
            request.Headers.Add("Idempotency-Key", key);
            try
            {
                using var answer = await service.Client.SendAsync(request, giveUp.Token);
            }
            catch (OperationCanceledException)
            {
                // As intended.
            }
        }

        var ids = new List<string>();
        foreach (var key in keys)
        {
            using var answer = await service.Post("/v1/decisions", RunningService.Good, service.KeyOf(Roles.Officer), ("Idempotency-Key", key));
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{key}: {answer.StatusCode}");
            ids.Add((string)JObject.Parse(await answer.Content.ReadAsStringAsync())["record"]!["id"]!);
        }

        Assert.Equal(keys.Count, ids.Distinct().Count());
        Assert.Equal(keys.Count + 1, service.Office.Log.Search(new(), limit: 200).Items.Count);
        Assert.Empty(service.Office.Log.Ledger.Verify().Faults);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_drafted_confirmations_too()
    {
        using var scratch = new ScratchFolder();
        var data = Path.Combine(scratch.Path, "kept");
        string id, key;
        await using (var service = await RunningService.Start(options => options["data"] = data))
        {
            id = (string)(await service.Record())["record"]!["id"]!;
            service.Office.Desk.Confirm("sha256:1", "ada");
            key = service.KeyOf(Roles.Auditor);
        }

        await using var again = await RunningService.Start(options => options["data"] = data);
        Assert.Equal("in-force", (string?)(await RunningService.Json(await again.Get("/v1/decisions/" + id, key), HttpStatusCode.OK))["standing"]);
        Assert.Equal("ada", again.Office.Desk.ConfirmedBy("sha256:1", "ben"));
    }

    [Fact]
    public async Task Bodies_that_are_too_large_too_deep_too_slow_or_no_json_are_refused_within_their_bounds()
    {
        await using var service = await RunningService.Start();
        var key = service.KeyOf(Roles.Officer);
        async Task Is(HttpStatusCode status, byte[] body) => Assert.Equal(status, (await service.Send(HttpMethod.Post, "/v1/evaluations", body, key)).StatusCode);

        await Is(HttpStatusCode.RequestEntityTooLarge, new byte[(256 << 10) + 1]);
        await Is(HttpStatusCode.UnprocessableEntity, Encoding.UTF8.GetBytes(new string('[', 33) + new string(']', 33)));
        await Is(HttpStatusCode.UnprocessableEntity, [0xff, 0xfe, 0x7b]);
        await Is(HttpStatusCode.UnprocessableEntity, []);

        // Half a body, and then nothing: answered or cut off long before anybody would call it a hang.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        var head = $"POST /v1/evaluations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{\"facts\":";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1_000];
        var read = await client.GetStream().ReadAsync(buffer, limit.Token);
        Assert.True(read == 0 || Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 408", StringComparison.Ordinal), Encoding.ASCII.GetString(buffer, 0, read));
    }

    [Fact]
    public async Task Headers_that_do_not_come_to_an_end_are_cut_off_and_others_are_served_meanwhile()
    {
        await using var service = await RunningService.Start();
        var slow = Enumerable.Range(0, 50).Select(_ => new TcpClient()).ToList();
        foreach (var client in slow)
        {
            await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync("GET /v1/book HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());
        }

        await service.Record();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var client in slow)
        {
            var buffer = new byte[1_000];
            var read = await client.GetStream().ReadAsync(buffer, limit.Token);
            Assert.True(read == 0 || Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 408", StringComparison.Ordinal), Encoding.ASCII.GetString(buffer, 0, read));
            client.Dispose();
        }
    }

    [Fact]
    public async Task Tricks_with_paths_lead_nowhere()
    {
        await using var service = await RunningService.Start();
        string[] tricks =
        [
            "/v1/book/questions/..%2f..%2fbook", "/v1/book/questions/..%5c..%5cbook", "/v1/book/cases/..%2f..%2fbook", "/v1/book/cases/%2e%2e%2fbook", "/v1/book/cases/C:%5cx", "/v1/decisions/..%2f..%2fetc%2fpasswd",
            "/v1/decisions/%00", "/v1/decisions/1%20OR%201=1", "/v1/log/attachments/sha256:..%2f", "/v1//book", "/v1/book/", "/v1/decisions/99999999", "/v1/decisions/99999999/advice", "/v1/decisions/..%2f1/advice", "/v1/decisions/1/advice/", "/v1/decisions/1/../advice", "/v1/decisions/0", "/v1/book/questions/go.json", "/assets/..%2f..%2fappsettings.json", "/v1/decisions/" + new string('a', 4_000),
        ];
        foreach (var path in tricks)
            using (var answer = await service.Get(path, service.KeyOf(Roles.Auditor)))
                Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity, $"{path}: {answer.StatusCode}");
    }

    [Fact]
    public async Task Mutated_bodies_are_problems_and_never_faults_of_the_service()
    {
        var rounds = Ledgers.HeavyFactAttribute.Rounds(400, 20_000, "ADVISORY_BODIES");
        await using var service = await RunningService.Start(options => options["requests-per-minute"] = "100000000");
        var seeds = Directory.GetFiles(Path.Combine(service.Rules, "cases")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        await Parallel.ForAsync(0, rounds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (round, stop) =>
        {
            var random = new Random(round);
            var body = Mutated(seeds[random.Next(seeds.Count)], random);
            using var answer = await service.Send(HttpMethod.Post, "/v1/evaluations", body, service.KeyOf(Roles.Author));
            var status = (int)answer.StatusCode;
            Assert.True(status is 200 or 422, $"{status} to {Encoding.Latin1.GetString(body)}");
            if (status == 422) Assert.All(JObject.Parse(await answer.Content.ReadAsStringAsync(stop))["problems"]!, problem => Assert.True((int)problem["line"]! > 0 && (int)problem["column"]! > 0));
        });
    }

    [Fact]
    public async Task Hostile_text_comes_back_as_the_text_that_it_is()
    {
        await using var service = await RunningService.Start();
        foreach (var text in new[] { "<script>alert(1)</script>", "\"; DROP TABLE entries; --", "a\nlevel=error msg=\"forged\"", "=cmd|' /C calc'!A0", "\u202Egnp.exe", "{{7*7}} ${jndi:ldap://x}", new string('é', 3_999) })
        {
            var body = new JObject { ["title"] = text, ["subject"] = text, ["facts"] = new JObject { ["cloud.freezing"] = new JObject { ["value"] = false, ["source"] = text, ["note"] = text } } };
            var decision = await service.Record(body.ToString());
            var shown = await RunningService.Json(await service.Get("/v1/decisions/" + (string)decision["record"]!["id"]!, service.KeyOf(Roles.Auditor)), HttpStatusCode.OK);
            Assert.Equal((text, text), ((string?)shown["title"], (string?)shown["facts"]!.First(f => (string?)f["name"] == "cloud.freezing")["reports"]![0]!["source"]));
        }
    }

    [Fact]
    public async Task A_caller_who_asks_too_often_is_asked_to_wait()
    {
        await using var service = await RunningService.Start(options => options["requests-per-minute"] = "60");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => service.Get("/v1/book/cases", service.KeyOf(Roles.Author))));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null);
        using var other = await service.Get("/v1/book/cases", service.KeyOf(Roles.Auditor));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Who_guesses_at_the_sign_in_page_is_asked_to_wait_and_the_page_itself_still_shows()
    {
        await using var service = await RunningService.Start(options => options["guests-per-minute"] = "60");
        var guesses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => service.Post("/sign-in", "key=adv_00000000_x", null, ("Content-Type", "application/x-www-form-urlencoded"))));
        Assert.Contains(guesses, answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.DoesNotContain(guesses, answer => answer.IsSuccessStatusCode);
        using var page = await service.Get("/sign-in", null);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("listen", "http://0.0.0.0:5080", "without TLS")]
    [InlineData("listen", "https://127.0.0.1:5080", "there is no certificate")]
    [InlineData("listen", "nonsense", "no address")]
    [InlineData("poll", "0", "a whole number from 1")]
    [InlineData("behind-tls-proxy", "maybe", "`yes` or `no`")]
    [InlineData("tls-certificate", "/nowhere.pem", "not there")]
    [InlineData("log-format", "xml", "`text` or `json`")]
    public void A_setting_that_is_no_good_is_refused_at_start_with_the_reason(string name, string value, string says)
    {
        var (_, faults) = Settings.Read(new Dictionary<string, string> { [name] = value }, _ => null, null);
        Assert.Contains(faults, fault => fault.Contains(name, StringComparison.Ordinal) && fault.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_come_from_the_command_line_then_the_environment_then_the_file_and_all_faults_at_once()
    {
        var file = ("a.json", (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["poll"] = "7", ["data"] = "from-file", ["rules"] = "r", ["rulse"] = "x" });
        var (settings, faults) = Settings.Read(new Dictionary<string, string> { ["poll"] = "9" }, name => name == "ADVISORY_DATA" ? "from-environment" : null, file);
        Assert.Equal((TimeSpan.FromSeconds(9), "from-environment", "r"), (settings.Poll, settings.Data, settings.Rules));
        Assert.Contains(faults, fault => fault.Contains("did you mean `rules`", StringComparison.Ordinal));
        var (_, several) = Settings.Read(new Dictionary<string, string> { ["poll"] = "x", ["session-hours"] = "0" }, _ => null, null);
        Assert.Equal(2, several.Count);
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = (byte[])seed.Clone();
        switch (random.Next(5))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var i = 0; i < 1 + random.Next(4); i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2:
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], .. "{\"a\":[1e999,\"\\ud800\",-0,null]}"u8, .. bytes[at..]];
            case 3:
                var (from, to) = (random.Next(bytes.Length), random.Next(bytes.Length));
                return [.. bytes[..Math.Min(from, to)], .. bytes[Math.Max(from, to)..]];
            default:
                return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"", random.Next(2) == 0 ? "'" : "\"\"", StringComparison.Ordinal));
        }
    }

    private static void CopyBook(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Books.Files("tests", "Advisory.Tests", "Books", "launch")) File.WriteAllBytes(Path.Combine(folder, file.Name), file.Content.ToArray());
    }

    /// <summary>As careful writers do: a whole new file, renamed over the old.</summary>
    private static void NewVersion(string folder, string version)
    {
        var path = Path.Combine(folder, "book.json");
        var book = JObject.Parse(File.ReadAllText(path));
        book["version"] = version;
        File.WriteAllText(path + ".new", book.ToString());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 1_200; tries++)
        {
            if (await holds()) return;
            await Task.Delay(25);
        }

        Assert.Fail("it did not come to that within half a minute");
    }
}

/// <summary>The clock of this machine, set forward or back.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

/// <summary>Needs files that can be deleted while they are open, and symbolic links.</summary>
internal sealed class LinkFactAttribute : FactAttribute
{
    public LinkFactAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs a Unix system";
    }
}
