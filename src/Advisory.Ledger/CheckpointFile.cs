using System.Text;
using Advisory.Ledgers.Notes;

namespace Advisory.Ledgers;

/// <summary>The last checkpoint, kept outside the database, so that a database put back to an earlier state is noticed.</summary>
internal sealed class CheckpointFile(string file)
{
    public string Path { get; } = file;

    /// <exception cref="LedgerDamagedException">There is a file, but no checkpoint in it.</exception>
    public Checkpoint? Read()
    {
        try
        {
            return File.Exists(Path) ? Checkpoint.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(Path))) : null;
        }
        catch (Exception error) when (error is LedgerFormatException or DecoderFallbackException)
        {
            throw new LedgerDamagedException($"`{Path}` holds no checkpoint ({error.Message}); put it back from a copy, or restore a backup of the ledger", error);
        }
    }

    /// <summary>Writes the checkpoint, durably, unless another process has written a newer one.</summary>
    public void Publish(Checkpoint checkpoint, TimeSpan patience, bool evenIfOlder = false)
    {
        using var turn = Files.Lock(Path + ".lock", patience);
        if (!evenIfOlder && Read() is { } there && there.Size >= checkpoint.Size) return;
        Files.Replace(Path, Encoding.UTF8.GetBytes(checkpoint.Note));
    }
}
