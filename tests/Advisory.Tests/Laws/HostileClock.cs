using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Advisory.Tests.Laws;

/// <summary>
/// How long this thread has worked, not counting the time in which others had the processor, nor how slow they make it by sharing its
/// caches: a hang bound must not depend on the machine or on who else is busy.
/// </summary>
internal static class HostileClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    private static readonly bool IsLinux = OperatingSystem.IsLinux();

    private const int Steps = 4_000_000;
    private const double CalmMilliseconds = 12; // what so many steps take where nobody else is busy, unoptimized

    /// <summary>Milliseconds that an act takes on a calm machine: where it seems to exceed a bound, known work is timed beside it.</summary>
    public static double Time(Action act, double bound)
    {
        var start = Now;
        act();
        var taken = Now - start;
        return taken <= bound ? taken : taken / Math.Max(1, Pace());
    }

    private static double Pace()
    {
        var start = Now;
        var state = 88172645463325252UL;
        for (var i = 0; i < Steps; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }

        GC.KeepAlive(state);
        return (Now - start) / CalmMilliseconds;
    }

    /// <summary>Milliseconds of processor time of this thread; on other systems than Linux, of the wall clock.</summary>
    private static double Now => IsLinux && GetTime(ThreadCpuTime, out var time) == 0
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
