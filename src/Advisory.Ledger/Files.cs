using System.Runtime.InteropServices;

namespace Advisory.Ledgers;

/// <summary>What the ledger asks of the file system: private files, durable files, locks.</summary>
internal static partial class Files
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode Others = (UnixFileMode)0b111_111;

    /// <summary>Makes the folder with mode 0700 if it is missing.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerFolder);
    }

    /// <summary>Makes an empty file with mode 0600.</summary>
    /// <exception cref="LedgerRefusedException">It exists.</exception>
    /// <exception cref="LedgerNotWritableException">The folder cannot be written.</exception>
    public static void CreatePrivate(string file) => Guard(file, () =>
    {
        if (File.Exists(file)) throw new LedgerRefusedException($"`{file}` is there already; nothing is overwritten");
        using (new FileStream(file, Private(FileMode.CreateNew))) { }
    });

    /// <summary>Writes a file with mode 0600 so that after a crash it has either its old contents or the new, durably: temporary file, flush, rename, flush of the folder.</summary>
    public static void Replace(string file, ReadOnlySpan<byte> contents)
    {
        var bytes = contents.ToArray();
        Guard(file, () =>
        {
            var temporary = file + ".new";
            using (var stream = new FileStream(temporary, Private(FileMode.Create)))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, file);
        });
    }

    /// <summary>Renames within a folder, durably, over what is there.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Flushes a file that another library wrote, and its folder.</summary>
    public static void Flush(string file) => Guard(file, () =>
    {
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) stream.Flush(flushToDisk: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
    });

    /// <summary>Null when only the owner has any right on the file or folder; else the mode that it has.</summary>
    public static string? SharedMode(string path)
    {
        if (OperatingSystem.IsWindows()) return null; // access control lists there say who may read; the default keeps other users out of a profile
        var mode = File.GetUnixFileMode(path);
        return (mode & Others) == 0 ? null : Convert.ToString((int)mode & 0b111_111_111, 8).PadLeft(4, '0');
    }

    /// <summary>Waits for a lock that ends with the process at the latest; dispose it to let go.</summary>
    /// <exception cref="LedgerNotWritableException">Another holds it longer than one is patient.</exception>
    public static IDisposable Lock(string file, TimeSpan patience)
    {
        // Whole milliseconds, counted rather than measured: the ledger has no clock.
        for (var waited = 0; ; waited++)
        {
            if (TryLock(file) is { } held) return held;
            if (waited > patience.TotalMilliseconds) throw new LedgerNotWritableException($"another program has held `{file}` for too long; look what is writing to the ledger, then try again", isTransient: true);
            Thread.Sleep(1);
        }
    }

    /// <summary>The lock, or null where another holds it.</summary>
    public static IDisposable? TryLock(string file)
    {
        try
        {
            // FileShare.None is flock() on Unix: over processes, gone when the process is, and not for network file systems.
            return new FileStream(file, Private(FileMode.OpenOrCreate));
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(file, error);
        }
    }

    private static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerFile;
        return options;
    }

    private static void Guard(string file, Action act)
    {
        try
        {
            act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(file, error);
        }
    }

    private static LedgerNotWritableException NotWritable(string file, Exception error) =>
        new($"`{file}` cannot be written; look whether its disk has room, and whether the user who runs this program may write its folder ({error.Message})", isTransient: false, error);

    /// <summary>Makes a rename or a new file in the folder survive a power cut. Windows has no such call and needs none.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0) return; // a folder that we may write but not read; the rename is done all the same
        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
