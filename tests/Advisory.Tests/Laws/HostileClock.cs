using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Advisory.Tests.Laws;

/// <summary>How long this thread has worked, not counting the time in which others had the processor: a hang bound must not depend on who else is busy.</summary>
internal static class HostileClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    private static readonly bool IsLinux = OperatingSystem.IsLinux();

    /// <summary>Milliseconds of processor time of this thread; on other systems than Linux, of the wall clock.</summary>
    public static double Now => IsLinux && GetTime(ThreadCpuTime, out var time) == 0
        ? (time.Seconds * 1_000.0) + (time.Nanoseconds / 1_000_000.0)
        : Stopwatch.GetTimestamp() * 1_000.0 / Stopwatch.Frequency;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Timespec time);

    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
