using Advisory.Host.Service;

namespace Advisory.Tests.Service;

public sealed class DeskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("advisory-desk-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string File => Path.Combine(folder, "desk.jsonl");

    [Fact]
    public void What_was_tried_counted_and_confirmed_outlives_a_restart_and_the_shortening_of_the_notes()
    {
        using (var desk = new Desk(folder, TimeProvider.System))
        {
            desk.Confirm("sha256:waived", "bob");
            for (var i = 0; i < 20_100; i++) desk.Tried("ada", "a launch", Input(i % 60));
            desk.Tried("bob", "a launch", Input(7));
            desk.Tried("bob", "another", Input(1));
            desk.Decided("another");
        }

        Assert.InRange(System.IO.File.ReadAllLines(File).Length, 50, 1_000);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        using var again = new Desk(folder, TimeProvider.System);
        Assert.Equal([("ada", 20_100), ("bob", 1)], again.CountsOn("a launch"));
        Assert.Equal([("bob", 1)], again.CountsOn("another"));
        Assert.Equal([.. Enumerable.Range(11, 49).Select(Input), Input(7)], again.TriedOn("a launch"));
        Assert.Empty(again.TriedOn("another"));
        Assert.Equal("bob", again.ConfirmedBy("sha256:waived", "ada"));
    }

    [Fact]
    public void A_note_that_a_crash_cut_short_takes_neither_the_one_before_nor_the_one_after_with_it()
    {
        using (var desk = new Desk(folder, TimeProvider.System)) desk.Tried("ada", "a launch", Input(1));
        System.IO.File.AppendAllText(File, """{"whatIf":"sha256:cut""");
        using (var desk = new Desk(folder, TimeProvider.System)) desk.Tried("ada", "a launch", Input(2));
        using var again = new Desk(folder, TimeProvider.System);
        Assert.Equal([Input(1), Input(2)], again.TriedOn("a launch"));
    }

    [Fact]
    public void A_what_if_without_a_subject_leaves_no_note()
    {
        using (var desk = new Desk(folder, TimeProvider.System)) desk.Tried("ada", null, Input(1));
        Assert.Empty(System.IO.File.ReadAllLines(File));
    }

    private static string Input(int number) => FormattableString.Invariant($"sha256:{number:x64}");
}
