namespace Advisory.Host.Service;

/// <summary>Everything that the service writes into its log, with a number for each kind. No fact values at information level and above.</summary>
internal static partial class Events
{
    [LoggerMessage(1, LogLevel.Information, "rule book {Name} {Version} ({Digest}) is in force")]
    public static partial void BookInForce(this ILogger logger, string name, string version, string digest);

    [LoggerMessage(2, LogLevel.Error, "the rule book in {Folder} is not taken up: {Errors} errors, the first {Problem}; {State}")]
    public static partial void BookRefused(this ILogger logger, string folder, int errors, string problem, string state);

    [LoggerMessage(3, LogLevel.Warning, "the folder of the rule book cannot be read: {Reason}")]
    public static partial void BookUnreadable(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "the folder of the rule book raises no events ({Reason}); it is looked at every {Seconds} s")]
    public static partial void BookUnwatched(this ILogger logger, string reason, double seconds);

    [LoggerMessage(5, LogLevel.Error, "that rule book {Digest} is in force is not in the ledger yet: {Reason}")]
    public static partial void BookUnrecorded(this ILogger logger, string digest, string reason);

    [LoggerMessage(10, LogLevel.Error, "the ledger cannot be used: {Reason}")]
    public static partial void LedgerFails(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Information, "the ledger works again")]
    public static partial void LedgerWorks(this ILogger logger);

    [LoggerMessage(20, LogLevel.Information, "decision {Id} (entry {Index}) recorded by {Actor}")]
    public static partial void Recorded(this ILogger logger, string id, long index, string actor);

    [LoggerMessage(21, LogLevel.Information, "decision {Id} read by {Actor}")]
    public static partial void Read(this ILogger logger, string id, string actor);

    [LoggerMessage(30, LogLevel.Error, "{Method} {Path} failed: {Reason}")]
    public static partial void Failed(this ILogger logger, Exception fault, string method, string path, string reason);

    [LoggerMessage(31, LogLevel.Information, "{Who} was refused {Method} {Path} ({Status})")]
    public static partial void Refused(this ILogger logger, string who, string method, string path, int status);

    [LoggerMessage(40, LogLevel.Information, "{Name} signed in from {Address} with {Means}")]
    public static partial void SignedIn(this ILogger logger, string name, string address, string means);

    [LoggerMessage(41, LogLevel.Information, "{Name} signed out from {Address}")]
    public static partial void SignedOut(this ILogger logger, string name, string address);
}
