using System.Collections.Frozen;

namespace Advisory.Host.Service.Access;

/// <summary>What a person is to this service; a key or a session has one or more.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Submits facts, records decisions, confirms a colleague's waivers, gives out advice.</summary>
    Officer = 1,

    /// <summary>Writes rules.</summary>
    Author = 2,

    /// <summary>Reads everything that is recorded, verifies and replays it.</summary>
    Auditor = 4,

    /// <summary>Runs the service; never records.</summary>
    Operator = 8,
}

/// <summary>What an endpoint asks for.</summary>
internal enum Permission
{
    /// <summary>Nobody has it: an endpoint that forgot to say what it asks for.</summary>
    Nothing,

    Evaluate,
    Record,
    Confirm,
    Withdraw,
    ReadDecisions,
    ReadBook,
    ReadBookProblems,
    ReadLog,
    Replay,
    ReadStatus,
}

/// <summary>Who may do what. The one table; a test holds every endpoint and role against it.</summary>
internal static class Rights
{
    private static readonly FrozenDictionary<Permission, Roles> Table = new Dictionary<Permission, Roles>
    {
        [Permission.Nothing] = Roles.None,
        [Permission.Evaluate] = Roles.Officer | Roles.Author,
        [Permission.Record] = Roles.Officer,
        [Permission.Confirm] = Roles.Officer,
        [Permission.Withdraw] = Roles.Officer,
        [Permission.ReadDecisions] = Roles.Officer | Roles.Auditor,
        [Permission.ReadBook] = Roles.Officer | Roles.Author | Roles.Auditor,
        [Permission.ReadBookProblems] = Roles.Author | Roles.Auditor | Roles.Operator,
        [Permission.ReadLog] = Roles.Auditor,
        [Permission.Replay] = Roles.Auditor | Roles.Officer,
        [Permission.ReadStatus] = Roles.Operator | Roles.Auditor,
    }.ToFrozenDictionary();

    public static Roles For(Permission permission) => Table[permission];

    public static bool Has(this Roles roles, Permission permission) => (roles & Table[permission]) != 0;
}

/// <summary>Who a request is from: who authenticated, never what the request says of itself.</summary>
/// <param name="Name">As decisions name the person.</param>
/// <param name="Roles">Never empty.</param>
/// <param name="Clearances">The restricted classifications that the person may read.</param>
/// <param name="Session">The digest of the session, for a browser; null for a key.</param>
internal sealed record Caller(string Name, Roles Roles, IReadOnlyList<string> Clearances, string? Session);
