using System.Runtime.InteropServices;

namespace Advisory.Tests.Ledgers;

/// <summary>
/// A layer between SQLite and the file system (a VFS) that keeps a log of what was written and flushed, so that a test can say what a disk
/// may hold after a power cut, and that fails on demand. 64-bit only, as the layouts of SQLite's structures are written down here.
/// </summary>
internal sealed class BrokenDisk : IDisposable
{
    public const int Full = 13; // SQLITE_FULL
    public const int WriteError = 778; // SQLITE_IOERR_WRITE
    public const int FlushError = 1034; // SQLITE_IOERR_FSYNC

    private const int OpenReadOnly = 1, OpenReadWrite = 2, OpenCreate = 4, OpenMainDatabase = 0x100;

    // struct sqlite3_vfs and sqlite3_io_methods of sqlite3.h, on a 64-bit machine.
    private const int VfsSize = 168, VfsName = 24, VfsOpen = 40, VfsDelete = 48;
    private const int MethodsSize = 152, MethodClose = 8, MethodWrite = 24, MethodTruncate = 32, MethodFlush = 40;

    private static int count;

    private readonly IntPtr original = sqlite3_vfs_find(IntPtr.Zero);
    private readonly IntPtr vfs = Marshal.AllocHGlobal(VfsSize);
    private readonly Dictionary<IntPtr, IntPtr> methods = [];
    private readonly Dictionary<IntPtr, (string Path, IntPtr Methods)> files = [];
    private readonly List<object> kept = []; // delegates that SQLite holds a pointer to
    private readonly List<Step> log = [];

    public BrokenDisk()
    {
        Name = FormattableString.Invariant($"broken-disk-{Interlocked.Increment(ref count)}");
        for (var i = 0; i < VfsSize; i += 8) Marshal.WriteInt64(vfs, i, Marshal.ReadInt64(original, i));
        Marshal.WriteIntPtr(vfs, VfsName, Marshal.StringToCoTaskMemUTF8(Name));
        Marshal.WriteIntPtr(vfs, VfsOpen, Pointer<OpenFile>(Open));
        Marshal.WriteIntPtr(vfs, VfsDelete, Pointer<DeleteFile>(Delete));
        Assert.Equal(0, sqlite3_vfs_register(vfs, 0));
    }

    /// <summary>To open connections with.</summary>
    public string Name { get; }

    /// <summary>One thing done to a file: bytes written at an offset, a length set, a flush, or a deletion.</summary>
    private sealed record Step(string Path, long Offset, byte[]? Bytes, long? Length, bool IsFlush, bool IsDeletion);

    /// <summary>How many steps the log has.</summary>
    public int Steps
    {
        get { lock (log) return log.Count; }
    }

    /// <summary>Asked before each write, flush and truncation with the kind and how many there were; a code other than 0 is what SQLite gets.</summary>
    public Func<string, int, int>? Fails { get; set; }

    private int operations;

    /// <summary>The database file opens as one without the right to write does.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Writes the files as a disk may hold them when the power goes after so many steps.</summary>
    /// <remarks>
    /// What was flushed is there. Of what was written later each piece is there, is not, or is there in some of its 512-byte sectors, in
    /// any combination: a disk may write in any order.
    /// </remarks>
    public void CutPower(int steps, Random random, string from, string to)
    {
        Dictionary<string, List<Step>> byFile;
        lock (log) byFile = log.Take(steps).GroupBy(step => step.Path).ToDictionary(group => group.Key, group => group.ToList());
        var mood = random.Next(4); // all is lost, all is kept, any mixture with and without torn pieces
        foreach (var (path, all) in byFile)
        {
            var disk = new MemoryStream();
            var flushed = all.FindLastIndex(step => step.IsFlush);
            var exists = false;
            for (var i = 0; i < all.Count; i++)
            {
                var step = all[i];
                if (step.IsDeletion) disk.SetLength(0);
                exists = !step.IsDeletion;
                if (i > flushed && !step.IsDeletion && (mood == 0 || (mood != 1 && random.Next(2) == 0))) continue;
                if (step.Length is { } length) disk.SetLength(length);
                if (step.Bytes is not { } bytes) continue;
                if (disk.Length < step.Offset) disk.SetLength(step.Offset);
                var torn = i > flushed && mood == 3;
                for (var at = 0; at < bytes.Length;)
                {
                    var end = torn ? Math.Min(bytes.Length, at + 512 - (int)((step.Offset + at) % 512)) : bytes.Length;
                    disk.Position = step.Offset + at;
                    if (!torn || random.Next(2) == 0) disk.Write(bytes, at, end - at);
                    at = end;
                }
            }

            if (!exists) continue;
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            File.WriteAllBytes(target, disk.ToArray());
        }
    }

    private int Open(IntPtr self, IntPtr name, IntPtr file, int flags, IntPtr outFlags)
    {
        if (IsReadOnly && (flags & OpenMainDatabase) != 0) flags = (flags & ~(OpenReadWrite | OpenCreate)) | OpenReadOnly;
        var code = Original<OpenFile>(original, VfsOpen)(original, name, file, flags, outFlags);
        if (code != 0) return code;
        var path = name == IntPtr.Zero ? "" : Marshal.PtrToStringUTF8(name)!;
        var theirs = Marshal.ReadIntPtr(file);
        lock (files)
        {
            if (!methods.TryGetValue(theirs, out var ours))
            {
                ours = Marshal.AllocHGlobal(MethodsSize);
                for (var i = 0; i < MethodsSize; i += 8) Marshal.WriteInt64(ours, i, Marshal.ReadInt64(theirs, i));
                Marshal.WriteIntPtr(ours, MethodClose, Pointer<CloseFile>(Close));
                Marshal.WriteIntPtr(ours, MethodWrite, Pointer<WriteFile>(Write));
                Marshal.WriteIntPtr(ours, MethodTruncate, Pointer<TruncateFile>(Truncate));
                Marshal.WriteIntPtr(ours, MethodFlush, Pointer<FlushFile>(Flush));
                methods.Add(theirs, ours);
            }

            files[file] = (path, theirs);
            Marshal.WriteIntPtr(file, ours);
        }

        return 0;
    }

    private int Delete(IntPtr self, IntPtr name, int flush)
    {
        Add(new(Marshal.PtrToStringUTF8(name)!, 0, null, null, false, true));
        return Original<DeleteFile>(original, VfsDelete)(original, name, flush);
    }

    private int Close(IntPtr file)
    {
        var theirs = Of(file).Methods;
        lock (files) files.Remove(file);
        return Original<CloseFile>(theirs, MethodClose)(file);
    }

    private int Write(IntPtr file, IntPtr bytes, int length, long offset)
    {
        if (Failure("write") is var code && code != 0) return code;
        var (path, theirs) = Of(file);
        var copy = new byte[length];
        Marshal.Copy(bytes, copy, 0, length);
        Add(new(path, offset, copy, null, false, false));
        return Original<WriteFile>(theirs, MethodWrite)(file, bytes, length, offset);
    }

    private int Truncate(IntPtr file, long length)
    {
        if (Failure("truncate") is var code && code != 0) return code;
        var (path, theirs) = Of(file);
        Add(new(path, 0, null, length, false, false));
        return Original<TruncateFile>(theirs, MethodTruncate)(file, length);
    }

    /// <summary>Not passed on: the log says what is flushed, and a test need not wait for a disk.</summary>
    private int Flush(IntPtr file, int flags)
    {
        if (Failure("flush") is var code && code != 0) return code;
        Add(new(Of(file).Path, 0, null, null, true, false));
        return 0;
    }

    private int Failure(string kind) => Fails?.Invoke(kind, Interlocked.Increment(ref operations)) ?? 0;

    private (string Path, IntPtr Methods) Of(IntPtr file)
    {
        lock (files) return files[file];
    }

    private void Add(Step step)
    {
        lock (log) log.Add(step);
    }

    public void Dispose()
    {
        Assert.Equal(0, sqlite3_vfs_unregister(vfs));
        GC.KeepAlive(kept);
    }

    private IntPtr Pointer<T>(T method) where T : Delegate
    {
        kept.Add(method);
        return Marshal.GetFunctionPointerForDelegate(method);
    }

    private static T Original<T>(IntPtr table, int offset) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(Marshal.ReadIntPtr(table, offset));

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int OpenFile(IntPtr vfs, IntPtr name, IntPtr file, int flags, IntPtr outFlags);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int DeleteFile(IntPtr vfs, IntPtr name, int flush);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int CloseFile(IntPtr file);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int WriteFile(IntPtr file, IntPtr bytes, int length, long offset);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TruncateFile(IntPtr file, long length);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int FlushFile(IntPtr file, int flags);

    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    private static extern IntPtr sqlite3_vfs_find(IntPtr name);

    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    private static extern int sqlite3_vfs_register(IntPtr vfs, int makeDefault);

    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    private static extern int sqlite3_vfs_unregister(IntPtr vfs);
}
