using System.Globalization;
using System.Text;
using Advisory.Ledgers;
using Advisory.Ledgers.Notes;

namespace Advisory.Tests.Ledgers;

/// <summary>A ledger in a folder of its own, opened and closed at will.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly List<Ledger> opened = [];

    public static readonly Act Act = new(new(2026, 1, 24, 11, 0, 0, TimeSpan.FromHours(1)), "operator", "a test");

    public string Path => System.IO.Path.Combine(folder.Path, "data");

    public string Beside(string name) => System.IO.Path.Combine(folder.Path, name);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public Ledger Open(LedgerOptions? options = null)
    {
        var ledger = Ledger.Open(Path, options ?? new() { Creation = Act, Origin = "a.example/ledger" });
        opened.Add(ledger);
        return ledger;
    }

    public void CloseAll()
    {
        opened.ForEach(ledger => ledger.Dispose());
        opened.Clear();
    }

    /// <summary>The folder as it is now, under another name, as a cold copy would be.</summary>
    public string Copy(string name)
    {
        var target = Beside(name);
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
            if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(System.IO.Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return target;
    }

    public void Dispose()
    {
        CloseAll();
        folder.Dispose();
    }

    public static byte[] Json(long n, int length = 0) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"kind":"test","n":{{n}},"x":"{{new string('x', length)}}"}"""));

    public static NewEntry Entry(long n, string? key = null) => new() { Bytes = Json(n), Key = key, Input = key is null ? null : Digest.Of(Json(n)), Labels = [new("n", n.ToString(CultureInfo.InvariantCulture))] };
}

public sealed class LedgerTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task An_entry_comes_back_with_a_receipt_that_holds_without_the_ledger()
    {
        var ledger = scratch.Open();
        var receipt = await ledger.Append(Scratch.Entry(7));
        var key = Assert.Single(ledger.Keys).Key;
        scratch.CloseAll();

        var kept = Receipt.Parse(receipt.ToString());
        Assert.Null(kept.Verify(Scratch.Json(7), key));
        Assert.NotNull(kept.Verify(Scratch.Json(8), key));
        Assert.Equal((1, 2), (kept.Index, kept.Checkpoint.Size));
        Assert.Equal("a.example/ledger", kept.Checkpoint.Origin);
    }

    [Fact]
    public void The_first_entry_says_who_made_the_ledger_and_names_its_key()
    {
        var ledger = scratch.Open();
        var key = Assert.Single(ledger.Keys);
        Assert.Equal(new LedgerKey(key.Key, 1, null), key);
        Assert.Equal(
            $$"""{"actor":"operator","key":"{{key.Key}}","kind":"ledger-created","origin":"a.example/ledger","reason":"a test","schema":"advisory/ledger-entry/v1","time":"2026-01-24T10:00:00.000Z"}""",
            Encoding.UTF8.GetString(ledger.Find(0)!.Bytes.Span));
        Assert.Equal([new("actor", "operator"), new("kind", "ledger-created"), new("time", "2026-01-24T10:00:00.000Z")], ledger.Labels(0));
        Assert.Equal(1, ledger.Size);
        Assert.Null(ledger.Find(1));
        Assert.Null(ledger.Checkpoint.Verify(key.Key));
        Assert.Empty(ledger.Verify().Faults);
    }

    [Fact]
    public void A_ledger_is_made_only_by_somebody_who_says_so()
    {
        var error = Assert.Throws<LedgerDamagedException>(() => scratch.Open(new()));
        Assert.Equal($"there is no ledger in `{scratch.Path}`; is the folder right?", error.Message);
        Assert.False(Directory.Exists(scratch.Path));
    }

    [Fact]
    public void Without_an_origin_each_ledger_gets_a_name_of_its_own()
    {
        var first = scratch.Open(new() { Creation = Scratch.Act }).Origin;
        Assert.Matches("^advisory/[0-9a-f]{16}$", first);
        scratch.CloseAll();
        Assert.Equal(first, scratch.Open(new()).Origin);
        scratch.CloseAll();
        var error = Assert.Throws<LedgerRefusedException>(() => scratch.Open(new() { Origin = "b.example" }));
        Assert.Equal($"the ledger in `{scratch.Path}` is `{first}`, not `b.example`; is the folder right?", error.Message);
    }

    /// <summary>The whole ledger is verified after every step of a long, mixed life.</summary>
    [Fact]
    public async Task Whatever_is_done_the_ledger_verifies_and_says_what_was_put_in()
    {
        var random = new Random(17);
        var expected = new List<byte[]>();
        var receipts = new List<(byte[] Bytes, Receipt Receipt)>();
        var checkpoints = new List<Checkpoint>();
        var ledger = scratch.Open();
        expected.Add(ledger.Find(0)!.Bytes.ToArray());
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    scratch.CloseAll();
                    ledger = scratch.Open();
                    break;
                case 1:
                    await ledger.RotateKey(Scratch.Act with { Reason = $"step {step}" });
                    expected.Add(ledger.Find(ledger.Size - 1)!.Bytes.ToArray());
                    break;
                case 2:
                    var content = Encoding.UTF8.GetBytes($"content {step % 3}");
                    var bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["sha256:{{Digest.Of(content)}}"],"step":{{step}}}""");
                    await ledger.Append(new() { Bytes = bytes, Attachments = [content] });
                    expected.Add(bytes);
                    break;
                case 3:
                    await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes("not canonical") }));
                    break;
                default:
                    // Several at once; the order among them is the ledger's to choose.
                    var many = await Task.WhenAll(Enumerable.Range(0, random.Next(1, 12)).Select(async i => (Bytes: Scratch.Json(step * 100 + i, random.Next(3_000)), i)).Select(async entry =>
                        ((await entry).Bytes, Receipt: await ledger.Append(new() { Bytes = (await entry).Bytes, Key = $"{step} {(await entry).i}", Input = default(Digest) }))));
                    receipts.AddRange(many);
                    expected.AddRange(many.OrderBy(one => one.Receipt.Index).Select(one => one.Bytes));
                    break;
            }

            var verification = ledger.Verify();
            Assert.True(verification.Faults.Count == 0, $"step {step}: {string.Join("; ", verification.Faults)}");
            Assert.Equal(expected.Count, verification.Entries);
            Assert.Equal(expected, ledger.Entries().Select(entry => entry.Bytes.ToArray()));
            checkpoints.Add(ledger.Checkpoint);
        }

        var keys = ledger.Keys.Select(key => key.Key).ToList();
        Assert.True(keys.Count > 3);
        Assert.All(receipts, kept => Assert.Null(kept.Receipt.Verify(kept.Bytes, keys)));
        Assert.All(checkpoints, kept => Assert.Null(ledger.Verify(kept)));
        Assert.All(checkpoints, kept => Assert.Null(ledger.Checkpoint.VerifyContinues(kept, ledger.ConsistencyProof(kept.Size, ledger.Size))));
    }

    [Fact]
    public async Task A_retry_by_key_gets_the_receipt_of_the_first_entry_and_makes_no_second()
    {
        var ledger = scratch.Open();
        var first = await ledger.Append(Scratch.Entry(1, "key"));
        await ledger.Append(Scratch.Entry(2));
        // The input decides, not the bytes: those may hold the time of the attempt.
        var again = await ledger.Append(new() { Bytes = Scratch.Json(99), Key = "key", Input = Digest.Of(Scratch.Json(1)) });
        Assert.Equal((first.Index, first.LeafHash), (again.Index, again.LeafHash));
        Assert.Null(again.Verify(Scratch.Json(1), ledger.Keys.Select(key => key.Key)));
        Assert.Equal(3, ledger.Size);
        Assert.Equal(1, ledger.IndexOf("key"));
        Assert.Null(ledger.IndexOf("another"));

        var error = await Assert.ThrowsAsync<LedgerKeyReusedException>(() => ledger.Append(new() { Bytes = Scratch.Json(1), Key = "key", Input = Digest.Of(Scratch.Json(2)) }));
        Assert.Equal((1, "the idempotency key was used before, for another input (entry 1); take a new key for a new request"), (error.Index, error.Message));
        Assert.Equal(3, ledger.Size);
    }

    [Fact]
    public async Task Of_many_retries_at_the_same_time_one_becomes_an_entry()
    {
        var ledger = scratch.Open();
        var rounds = HeavyFactAttribute.Rounds(20, 1_000, "ADVISORY_LEDGER_RETRIES");
        for (var round = 0; round < rounds; round++)
        {
            var size = ledger.Size;
            var receipts = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => ledger.Append(new() { Bytes = Scratch.Json(i), Key = $"round {round}", Input = default(Digest) }))));
            Assert.Equal(size + 1, ledger.Size);
            Assert.All(receipts, receipt => Assert.Equal((size, receipts[0].LeafHash), (receipt.Index, receipt.LeafHash)));
        }

        Assert.Empty(ledger.Verify().Faults);
    }

    [Theory]
    [InlineData("""{"b":1,"a":2}""", "the entry is no canonical JSON (RFC 8785): the members are not in order (of UTF-16 code units) (at byte 7)")]
    [InlineData("[]", "the entry is no canonical JSON (RFC 8785): it is no JSON object")]
    [InlineData("", "the entry is no canonical JSON (RFC 8785): it is no JSON object")]
    [InlineData("""{"kind":"key-rotated","schema":"advisory/ledger-entry/v1"}""", "entries of kind `key-rotated` are written by the ledger alone")]
    [InlineData("""{"kind":"restored","schema":"advisory/ledger-entry/v1"}""", "entries of kind `restored` are written by the ledger alone")]
    [InlineData("""{"attachments":["sha256:00"]}""", "`sha256:00` in the entry's `attachments` is no digest; one reads `sha256:` and 64 small hexadecimal digits")]
    [InlineData("""{"attachments":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}""", "the entry names the attachment `sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`, which is neither given with it nor stored; give its content")]
    public async Task What_is_no_entry_is_refused_and_nothing_is_written(string bytes, string message)
    {
        var ledger = scratch.Open();
        Assert.Equal(message, (await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes(bytes) }))).Message);
        Assert.Equal(1, ledger.Size);
    }

    [Fact]
    public async Task An_entry_of_sixty_kibibytes_fits_and_one_of_a_byte_more_does_not()
    {
        var ledger = scratch.Open();
        var empty = Scratch.Json(1).Length;
        await ledger.Append(new() { Bytes = Scratch.Json(1, NewEntry.MaxBytes - empty) });
        var error = await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(new() { Bytes = Scratch.Json(1, NewEntry.MaxBytes - empty + 1) }));
        Assert.Equal("the entry has 61441 bytes; at most 61440 fit", error.Message);
        Assert.Equal(2, ledger.Size);
        Assert.Empty(ledger.Verify().Faults);
    }

    [Fact]
    public async Task Keys_labels_and_terms_that_do_not_fit_are_refused()
    {
        var ledger = scratch.Open();
        await Refused("an idempotency key needs the digest of its input", new() { Bytes = Scratch.Json(1), Key = "k" });
        await Refused("an idempotency key has 1 to 255 characters", new() { Bytes = Scratch.Json(1), Key = "", Input = default(Digest) });
        await Refused("an idempotency key has 1 to 255 characters", new() { Bytes = Scratch.Json(1), Key = new('k', 256), Input = default(Digest) });
        await Refused("`Actor` is no name of a label: 1 to 64 of a-z 0-9 . _ -", new() { Bytes = Scratch.Json(1), Labels = [new("Actor", "x")] });
        await Refused("the value of label `a` is longer than 256 bytes, or holds control characters", new() { Bytes = Scratch.Json(1), Labels = [new("a", new('é', 129))] });
        await Refused("the value of label `a` is longer than 256 bytes, or holds control characters", new() { Bytes = Scratch.Json(1), Labels = [new("a", "x\ny")] });
        await Refused("the value of label `a` is longer than 256 bytes, or holds control characters", new() { Bytes = Scratch.Json(1), Labels = [new("a", "x\uD800")] });
        await Refused("an entry has at most 512 labels, not 513", new() { Bytes = Scratch.Json(1), Labels = [.. Enumerable.Range(0, 513).Select(i => new Label("a", i.ToString(CultureInfo.InvariantCulture)))] });
        await Refused("`Actor` is no name of a term: 1 to 64 of a-z 0-9 . _ -", new() { Bytes = Scratch.Json(1), Terms = [new("Actor", "x")] });
        await Refused("the value of term `a` is longer than 256 bytes, or holds control characters", new() { Bytes = Scratch.Json(1), Terms = [new("a", new('x', 257))] });
        await Refused("the value of term `a` is longer than 256 bytes, or holds control characters", new() { Bytes = Scratch.Json(1), Terms = [new("a", "x\u0085y")] });
        await Refused("an entry has at most 4096 terms, not 4097", new() { Bytes = Scratch.Json(1), Terms = [.. Enumerable.Range(0, 4_097).Select(i => new Label("a", i.ToString(CultureInfo.InvariantCulture)))] });
        await ledger.Append(new() { Bytes = Scratch.Json(1), Labels = [new("a", "😀 fine"), new("a", "😀 fine"), new("a", "")] });
        Assert.Equal([new("a", ""), new("a", "😀 fine")], ledger.Labels(1));

        async Task Refused(string message, NewEntry entry) => Assert.Equal(message, (await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(entry))).Message);
    }

    [Fact]
    public async Task Of_many_entries_appended_at_once_each_stands_for_itself()
    {
        var ledger = scratch.Open();
        var content = "content"u8.ToArray();
        var name = $"sha256:{Digest.Of(content)}";
        var receipts = ledger.AppendAll(
        [
            Scratch.Entry(1, "a"), Scratch.Entry(2, "b"), Scratch.Entry(1, "a"), Scratch.Entry(9, "b"), Scratch.Entry(4),
            new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["{{name}}"],"n":1}"""), Attachments = [content] },
            new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["{{name}}"],"n":2}""") },
            new() { Bytes = Encoding.UTF8.GetBytes("""{"attachments":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}""") },
        ]);
        var indexes = await Task.WhenAll(new[] { 0, 1, 2, 4, 5, 6 }.Select(async i => (await receipts[i]).Index));
        Assert.Equal([1L, 2, 1, 3, 4, 5], indexes);
        await Assert.ThrowsAsync<LedgerKeyReusedException>(() => receipts[3]);
        await Assert.ThrowsAsync<LedgerRefusedException>(() => receipts[7]);
        Assert.Equal(6, ledger.Size);
        Assert.Single(receipts.Where(receipt => receipt.IsCompletedSuccessfully).Select(receipt => receipt.Result.Checkpoint.Note).Distinct());
        Assert.Empty(ledger.Verify().Faults);

        Assert.Throws<LedgerRefusedException>(() => ledger.AppendAll([Scratch.Entry(1), new() { Bytes = default }]));
        var tooMany = Assert.Throws<LedgerRefusedException>(() => ledger.AppendAll([.. Enumerable.Range(0, Writer.MaxWaiting + 1).Select(i => Scratch.Entry(i))]));
        Assert.Contains("4097 entries are more than the 4096", tooMany.Message, StringComparison.Ordinal);
        Assert.Equal(6, ledger.Size);
    }

    [Fact]
    public async Task Attachments_are_stored_once_and_read_back_by_their_digest()
    {
        var ledger = scratch.Open();
        var book = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a rule book, much of it the same; ", 10_000)));
        var name = $"sha256:{Digest.Of(book)}";
        await ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["{{name}}"],"n":1}"""), Attachments = [book] });
        await ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["{{name}}"],"n":2}"""), Attachments = [book] });
        await ledger.Append(new() { Bytes = Encoding.UTF8.GetBytes($$"""{"attachments":["{{name}}"],"n":3}""") });
        Assert.Equal(book, ledger.Attachment(Digest.Of(book)));
        Assert.Null(ledger.Attachment(default));
        Assert.Empty(ledger.Verify().Faults);
        scratch.CloseAll();
        Assert.True(new FileInfo(scratch.File("ledger.db")).Length < 150_000);

        ledger = scratch.Open();
        var error = await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(new() { Bytes = Scratch.Json(1), Attachments = [book] }));
        Assert.Equal($"the entry does not name its attachment; put `{name}` into the list `attachments` at its top", error.Message);
        var tooLarge = new byte[NewEntry.MaxAttachmentBytes + 1];
        error = await Assert.ThrowsAsync<LedgerRefusedException>(() => ledger.Append(new() { Bytes = Scratch.Json(1), Attachments = [tooLarge] }));
        Assert.Equal("an attachment has 16777217 bytes; at most 16777216 fit", error.Message);
    }

    [Fact]
    public async Task Entries_are_found_by_their_labels_page_by_page()
    {
        var ledger = scratch.Open();
        for (var i = 0; i < 25; i++)
            await ledger.Append(new() { Bytes = Scratch.Json(i), Labels = [new("actor", i % 2 == 0 ? "ada" : "ben"), new("time", $"2026-01-{i + 1:00}")] });
        LabelFilter[] filters = [new("actor", "ada"), new("time", "2026-01-05", "2026-01-20")];
        var page = ledger.Find(filters, limit: 5);
        Assert.Equal([19L, 17, 15, 13, 11], page);
        Assert.Equal([9L, 7, 5], ledger.Find(filters, before: page[^1]));
        Assert.Equal(26, ledger.Find([]).Count);
        Assert.Equal([2L, 1, 0], ledger.Find([], before: 3));
    }

    [Fact]
    public async Task Entries_are_found_by_their_terms_among_those_of_a_label_or_among_all()
    {
        var ledger = scratch.Open();
        for (var i = 0; i < 25; i++)
            await ledger.Append(new() { Bytes = Scratch.Json(i), Labels = [new("actor", i % 2 == 0 ? "ada" : "ben"), new("time", $"2026-01-{i + 1:00}")], Terms = [new("fifth", $"{i % 5}"), new("fifth", $"{i % 5}"), new("small", i < 15 ? "yes" : "")] });
        Label[] terms = [new("fifth", "2"), new("small", "yes")];
        Assert.Equal([13L, 8, 3], ledger.Find([], terms: terms));
        Assert.Equal([8L], ledger.Find([], before: 13, limit: 1, terms));
        Assert.Equal([13L, 3], ledger.Find([new LabelFilter("actor", "ada")], terms: terms));
        Assert.Equal([8L, 3], ledger.Find([new LabelFilter("time", null, "2026-01-12")], terms: terms));
        Assert.Empty(ledger.Find([], terms: [new("actor", "ada")]));
        Assert.Empty(ledger.Find([new LabelFilter("fifth", "2")]));

        Assert.True(ledger.TermsOf(3)!.Holds(new("fifth", "2")));
        Assert.False(ledger.TermsOf(3)!.Holds(new("fifth", "3")));
        Assert.False(ledger.TermsOf(0)!.Holds(new("", "")));
        Assert.Null(ledger.TermsOf(26));
        Assert.Empty(ledger.Verify().Faults);
    }

    [Fact]
    public void What_is_kept_of_terms_are_their_hashes_ascending_each_once_and_a_sum()
    {
        // From another implementation of CRC-32C (RFC 3720, 12.1) than this one.
        Assert.Equal("D0BA4B538D6269BC1F1AE2C8BE2217C1", Convert.ToHexString(TermHashes.Of([new("actor", "ada"), new("word", "é"), new("empty", ""), new("actor", "ada")])));
        Assert.Equal("00000000", Convert.ToHexString(TermHashes.Of([])));
    }

    [Fact]
    public async Task Terms_with_one_hash_find_each_others_entries()
    {
        var ledger = scratch.Open();
        await ledger.Append(new() { Bytes = Scratch.Json(1), Terms = [new("actor", "ada")] });
        Assert.Equal([1L], ledger.Find([], terms: [new("actor", "pfvefpmg")]));
        Assert.Empty(ledger.Find([], terms: [new("actor", "pfvefpmh")]));
    }

    [Fact]
    public async Task After_a_rotation_the_new_key_signs_and_the_old_checkpoints_stay_good()
    {
        var ledger = scratch.Open();
        await ledger.Append(Scratch.Entry(1));
        var before = ledger.Checkpoint;
        var receipt = await ledger.RotateKey(Scratch.Act with { Actor = "ada", Reason = "yearly" });
        var between = ledger.Checkpoint;
        await ledger.Append(Scratch.Entry(2));
        var after = ledger.Checkpoint;

        var keys = ledger.Keys;
        Assert.Equal([(1L, 3L), (3L, null)], keys.Select(key => (key.From, key.Until)));
        var (old, fresh) = (keys[0].Key, keys[1].Key);
        Assert.Equal(
            $$"""{"actor":"ada","key":"{{fresh}}","kind":"key-rotated","previous":"{{old}}","reason":"yearly","schema":"advisory/ledger-entry/v1","time":"2026-01-24T10:00:00.000Z"}""",
            Encoding.UTF8.GetString(ledger.Find(receipt.Index)!.Bytes.Span));
        Assert.Equal([true, true, false], new[] { before, between, after }.Select(checkpoint => checkpoint.Verify(old) is null));
        Assert.Equal([false, true, true], new[] { before, between, after }.Select(checkpoint => checkpoint.Verify(fresh) is null));
        Assert.Null(receipt.Verify(old));
        Assert.Null(receipt.Verify(fresh));
        Assert.Empty(ledger.Verify().Faults);
        Assert.All([before, between, after], checkpoint => Assert.Null(ledger.Verify(checkpoint)));

        // Who stole the old key cannot sign a state after its end with it.
        using var stolen = SigningKey.FromPem("a.example/ledger", await File.ReadAllTextAsync(scratch.File($"keys/{old.IdText}.pem")));
        Assert.NotNull(ledger.Verify(Checkpoint.Sign("a.example/ledger", after.Size, after.Root, stolen)));

        scratch.CloseAll();
        ledger = scratch.Open();
        await ledger.Append(Scratch.Entry(3));
        Assert.Null(ledger.Checkpoint.Verify(fresh));
    }

    [Fact]
    public async Task A_thousand_entries_keep_a_checkpoint_and_so_does_each_act_of_the_ledger_itself()
    {
        var ledger = scratch.Open();
        await Task.WhenAll(ledger.AppendAll([.. Enumerable.Range(0, 2_100).Select(i => Scratch.Entry(i))]));
        await ledger.RotateKey(Scratch.Act);
        var sizes = ledger.Checkpoints().Select(checkpoint => checkpoint.Size).ToList();
        Assert.Equal(1, sizes[0]);
        Assert.Equal(2_102, sizes[^1]);
        Assert.Contains(sizes, size => size is >= 1_024 and < 1_024 + 64);
        Assert.Contains(sizes, size => size is >= 2_048 and < 2_048 + 64);
        Assert.InRange(sizes.Count, 4, 5);
        Assert.Equal(sizes[2..], ledger.Checkpoints(sizes[2]).Select(checkpoint => checkpoint.Size));
        Assert.Empty(ledger.Verify().Faults);
        Assert.Equal(2_102, ledger.Verify().Entries);
    }

    [Fact]
    public async Task A_caller_who_gives_up_tears_nothing()
    {
        var ledger = scratch.Open();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.Append(Scratch.Entry(0), cancelled.Token));
        Assert.Equal(1, ledger.Size);

        var random = new Random(3);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 20)));
            try
            {
                await ledger.Append(Scratch.Entry(i, $"key {i}"), impatient.Token);
                return (i, Acknowledged: true);
            }
            catch (OperationCanceledException)
            {
                return (i, Acknowledged: false);
            }
        })));
        // What nobody waits for any more is written before this, or not at all.
        await ledger.Append(Scratch.Entry(1_000, "the last"));
        foreach (var (i, acknowledged) in outcomes)
        {
            var index = ledger.IndexOf($"key {i}");
            if (acknowledged) Assert.NotNull(index);
            if (index is not null) Assert.Equal(Scratch.Json(i), ledger.Find(index.Value)!.Bytes.ToArray());
            // To know, append again: the same entry, whether it was written or not.
            Assert.Equal(index ?? ledger.Size, (await ledger.Append(Scratch.Entry(i, $"key {i}"))).Index);
        }

        Assert.Equal(402, ledger.Size);
        Assert.Empty(ledger.Verify().Faults);
    }

    [Fact]
    public async Task A_closed_ledger_has_acknowledged_all_it_wrote_and_takes_no_more()
    {
        var ledger = scratch.Open();
        var appends = ledger.AppendAll([.. Enumerable.Range(0, 100).Select(i => Scratch.Entry(i))]);
        ledger.Dispose();
        Assert.All(appends, append => Assert.True(append.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.Append(Scratch.Entry(1)));
        Assert.Equal(101, Checkpoint.Parse(await File.ReadAllTextAsync(scratch.File("checkpoint"))).Size);
        Assert.Equal(101, scratch.Open().Size);
    }

    [Fact]
    public async Task Proofs_are_given_for_any_size_that_the_ledger_had()
    {
        var ledger = scratch.Open();
        var checkpoints = new List<Checkpoint> { ledger.Checkpoint };
        for (var i = 0; i < 20; i++) checkpoints.Add((await ledger.Append(Scratch.Entry(i))).Checkpoint);
        foreach (var newer in checkpoints)
        {
            foreach (var older in checkpoints.Where(older => older.Size <= newer.Size))
            {
                Assert.Null(newer.VerifyContinues(older, ledger.ConsistencyProof(older.Size, newer.Size)));
                Assert.Null(new Receipt(older.Size - 1, ledger.Find(older.Size - 1)!.LeafHash, ledger.InclusionProof(older.Size - 1, newer.Size), newer).Verify(ledger.Keys[0].Key));
            }
        }

        Assert.Equal("the ledger of size 21 does not begin with the ledger of size 3, or the proof is not theirs", checkpoints[20].VerifyContinues(checkpoints[2], ledger.ConsistencyProof(4, 21))?.Text);
        Assert.Equal("the checkpoint of size 3 is older than that of size 21", checkpoints[2].VerifyContinues(checkpoints[20], [])?.Text);
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.ConsistencyProof(1, 22));
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.InclusionProof(21, 21));
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Receipt(21));
    }

    [Fact]
    public async Task A_ledger_opened_to_be_read_needs_no_key_and_takes_no_entry()
    {
        await scratch.Open().Append(Scratch.Entry(1));
        Directory.Delete(scratch.File("keys"), recursive: true);
        var reader = scratch.Open(new() { ReadOnly = true });
        Assert.Equal(2, reader.Size);
        Assert.Empty(reader.Verify().Faults);
        Assert.Null(reader.Receipt(1).Verify(Scratch.Json(1), reader.Keys[0].Key));
        Assert.Equal("the ledger was opened to be read only", (await Assert.ThrowsAsync<LedgerRefusedException>(() => reader.Append(Scratch.Entry(2)))).Message);
    }

    [Fact]
    public async Task Two_programs_append_to_one_folder_and_neither_loses_anything()
    {
        var (one, two) = (scratch.Open(), scratch.Open());
        var receipts = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).Append(Scratch.Entry(i, $"key {i}")))));
        Assert.Equal(201, one.Size);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), receipts.Select(receipt => receipt.Index).Order());
        Assert.All(receipts, receipt => Assert.Null(two.Verify(receipt.Checkpoint)));
        // A key is known to both, whoever wrote it.
        Assert.Equal(receipts[0].Index, (await two.Append(Scratch.Entry(0, "key 0"))).Index);

        // And so is a new signing key.
        await one.RotateKey(Scratch.Act);
        var after = await two.Append(Scratch.Entry(1_000));
        Assert.Null(after.Checkpoint.Verify(one.Keys[1].Key));
        Assert.Empty(two.Verify().Faults);
        scratch.CloseAll();
        Assert.Equal(203, Checkpoint.Parse(await File.ReadAllTextAsync(scratch.File("checkpoint"))).Size);
        Assert.Empty(scratch.Open().Verify().Faults);
    }

    [Fact]
    public async Task Two_programs_that_make_a_ledger_at_the_same_time_make_one()
    {
        for (var round = 0; round < 5; round++)
        {
            using var fresh = new Scratch();
            var options = new LedgerOptions { Creation = Scratch.Act };
            var ledgers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Ledger.Open(fresh.Path, options))));
            Assert.Single(ledgers.Select(ledger => ledger.Origin).Distinct());
            Assert.Equal(1, ledgers[0].Size);
            await Task.WhenAll(ledgers.Select((ledger, i) => ledger.Append(Scratch.Entry(i))));
            Assert.Equal(5, ledgers[0].Size);
            Assert.Empty(ledgers[0].Verify().Faults);
            foreach (var ledger in ledgers) ledger.Dispose();
        }
    }
}
