using System.Diagnostics;

namespace Advisory.Tests.Ledgers;

/// <summary>A test of the heavy group: run with ADVISORY_TESTS=all, as <c>.ci/run</c> does.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HeavyFactAttribute : FactAttribute
{
    public HeavyFactAttribute()
    {
        if (!Heavy) Skip = "heavy; set ADVISORY_TESTS=all to run it";
    }

    public static bool Heavy { get; } = Environment.GetEnvironmentVariable("ADVISORY_TESTS") == "all";

    /// <summary>How often to repeat: few in the default run, many in the heavy group, as many as one likes by a variable.</summary>
    public static int Rounds(int few, int many, string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var rounds) ? rounds : Heavy ? many : few;
}

/// <summary>A test that needs the openssl program.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenSslFactAttribute : FactAttribute
{
    public OpenSslFactAttribute()
    {
        if (!Present.Value) Skip = "there is no openssl program; install OpenSSL 3 (`openssl` on Debian, `brew install openssl@3`) and put it on the PATH";
    }

    private static readonly Lazy<bool> Present = new(() =>
    {
        try
        {
            return Programs.Run("openssl", "version").Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });
}

/// <summary>A test of Unix permissions or of its tools.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs a Unix system";
    }
}

/// <summary>The same with data.</summary>
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs a Unix system";
    }
}

/// <summary>Runs other programs.</summary>
internal static class Programs
{
    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
