using System.Security.Cryptography;
using Advisory.Engine;
using Advisory.Host.Cli;

namespace Advisory.Host.Service;

/// <summary>A rule book in force.</summary>
/// <param name="Book">Compiled, immutable.</param>
/// <param name="Cases">Its own cases, by file name.</param>
/// <param name="Since">When it came into force here.</param>
internal sealed record BookInForce(RuleBook Book, IReadOnlyList<InputFile> Cases, DateTimeOffset Since);

/// <summary>A folder that holds no good book.</summary>
/// <param name="Problems">What is wrong, and where.</param>
/// <param name="Since">When it was first seen so.</param>
internal sealed record BrokenBook(IReadOnlyList<Problem> Problems, DateTimeOffset Since);

/// <summary>
/// The rule book in force, read again whenever its folder changes. A broken book never takes the place of a good one; each request asks once
/// and is answered wholly by the book that it got.
/// </summary>
/// <remarks>
/// Events of the file system say when to look, and since some changes raise none (a symbolic link that is swapped), so does a clock. A
/// folder is taken up when two readings in a row, a moment apart, gave the same bytes: nobody is in the middle of writing it.
/// </remarks>
internal sealed class BookLibrary(string folder, TimeSpan poll, TimeProvider clock, ILogger<BookLibrary> logger) : BackgroundService
{
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(150);

    private readonly SemaphoreSlim stirred = new(0, 1);
    private readonly Lock loading = new();
    private string seen = "";
    private volatile BookInForce? current;
    private volatile BrokenBook? broken;

    /// <summary>The book in force; null until there was a good one.</summary>
    public BookInForce? Current => current;

    /// <summary>What is wrong with what stands in the folder now; null where that is the book in force.</summary>
    public BrokenBook? Broken => broken;

    /// <summary>How often a new book came into force, the first included.</summary>
    public int Activations { get; private set; }

    /// <summary>Called with each book that comes into force, before any request gets it.</summary>
    public Func<RuleBook, Task> Activating { get; set; } = _ => Task.CompletedTask;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Look(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watcher = Watch();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await stirred.WaitAsync(poll, stoppingToken);
                await Look(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, EnableRaisingEvents = true };
            watcher.Changed += (_, _) => Stir();
            watcher.Created += (_, _) => Stir();
            watcher.Deleted += (_, _) => Stir();
            watcher.Renamed += (_, _) => Stir();
            watcher.Error += (_, _) => Stir();
            return watcher;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            logger.BookUnwatched(fault.Message, poll.TotalSeconds);
            return null;
        }
    }

    private void Stir()
    {
        lock (loading)
            if (stirred.CurrentCount == 0)
                stirred.Release();
    }

    /// <summary>Takes up what stands in the folder, if it changed and nobody is writing it.</summary>
    private async Task Look(CancellationToken cancellation)
    {
        if (Read() is not { } first || first.Hash == seen) return;
        await Task.Delay(current is null && broken is null ? TimeSpan.Zero : Settling, cancellation);
        if (Read() is not { } second || second.Hash != first.Hash)
        {
            Stir(); // still being written
            return;
        }

        seen = second.Hash;
        if (second.Files.Count == 0)
        {
            Refuse([new("book.json", 1, 1, "missing-file", $"there is no rule book in `{folder}`")]);
            return;
        }

        var loaded = RuleBook.Load(second.Files);
        if (loaded.Value is not { } book)
        {
            Refuse(loaded.Problems);
            return;
        }

        broken = null;
        var isSame = current?.Book.Digest == book.Digest;
        if (!isSame) await Activating(book);
        current = new(isSame ? current!.Book : book, second.Cases, isSame ? current!.Since : clock.GetUtcNow());
        if (isSame) return;
        Activations++;
        logger.BookInForce(book.Name, book.Version, book.Digest);
    }

    private void Refuse(IReadOnlyList<Problem> problems)
    {
        broken = new(problems, clock.GetUtcNow());
        var errors = problems.Where(p => p.Severity == Severity.Error).ToList();
        logger.BookRefused(folder, errors.Count, errors[0].ToString(), current is null ? "there is no book in force, and nothing is evaluated" : "the book before stays in force");
    }

    /// <summary>Everything in the folder, and its hash; null where it cannot be read now.</summary>
    private (IReadOnlyList<InputFile> Files, IReadOnlyList<InputFile> Cases, string Hash)? Read()
    {
        try
        {
            if (!File.Exists(Path.Combine(folder, "book.json"))) return ([], [], "none");
            var (files, cases) = (BookFolder.Files(folder), BookFolder.Cases(folder));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in files.Concat(cases))
            {
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{file.Name}\0{file.Content.Length}\0")));
                hash.AppendData(file.Content.Span);
            }

            return (files, cases, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            logger.BookUnreadable(fault.Message);
            return null;
        }
    }
}
