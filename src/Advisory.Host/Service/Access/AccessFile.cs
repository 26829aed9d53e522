using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service.Access;

/// <summary>An API key as it is kept: without the key.</summary>
/// <param name="Id">Eight hexadecimal digits, also at the front of the key.</param>
/// <param name="Name">The person or program; the actor of what is done with it.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Clearances">Restricted classifications that it may read.</param>
/// <param name="Sha256">Of the whole key, in hexadecimal digits.</param>
/// <param name="Created">When.</param>
/// <param name="Expires">From when on it is refused.</param>
/// <param name="Revoked">When it was revoked, or null.</param>
internal sealed record ApiKey(
    string Id, string Name, Roles Roles, IReadOnlyList<string> Clearances, string Sha256, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset? Revoked)
{
    public bool IsGood(DateTimeOffset now) => Revoked is null && now < Expires;
}

/// <summary>A browser that has signed in.</summary>
/// <param name="Sha256">Of the token in its cookie.</param>
/// <param name="Name">The person.</param>
/// <param name="Roles">What the person may do.</param>
/// <param name="Clearances">Restricted classifications that the person may read.</param>
/// <param name="Expires">From when on it is refused.</param>
/// <param name="Key">The id of the key that it was opened with; null for a sign-in link. It ends with the key.</param>
internal sealed record Session(string Sha256, string Name, Roles Roles, IReadOnlyList<string> Clearances, DateTimeOffset Expires, string? Key);

/// <summary>
/// Keys and sessions in one file, <c>access.json</c>, which only the owner reads; replaced as a whole. The program that serves sees at once
/// what the one that adds or revokes a key writes.
/// </summary>
internal sealed class AccessFile
{
    public const int MaxName = 100;

    private const string Prefix = "adv_";
    private const int SecretBytes = 32;
    private const int SecretLength = 43; // in base64url, without padding

    private readonly string path;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private (DateTime Written, long Length) seen;
    private Dictionary<string, ApiKey> keys = new(StringComparer.Ordinal);
    private Dictionary<string, Session> sessions = new(StringComparer.Ordinal);

    public AccessFile(string data, TimeProvider clock)
    {
        (path, this.clock) = (Path.Combine(data, "access.json"), clock);
        lock (gate) Refresh();
    }

    public IReadOnlyList<ApiKey> Keys
    {
        get
        {
            lock (gate)
            {
                Refresh();
                return [.. keys.Values.OrderBy(key => key.Created).ThenBy(key => key.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Makes a key; the text is not kept, and cannot be shown again.</summary>
    public (ApiKey Key, string Text) Add(string name, Roles roles, IReadOnlyList<string> clearances, TimeSpan lifetime)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var text = Prefix + id + "_" + Secret();
        var now = clock.GetUtcNow();
        var key = new ApiKey(id, name, roles, clearances, Hash(text), now, now + lifetime, null);
        Change(() => keys.Add(id, key));
        return (key, text);
    }

    /// <summary>Revokes a key and ends its sessions; false where there is none with this id.</summary>
    public bool Revoke(string id)
    {
        var isThere = false;
        Change(() =>
        {
            if (!keys.TryGetValue(id, out var key)) return;
            isThere = true;
            keys[id] = key with { Revoked = key.Revoked ?? clock.GetUtcNow() };
            foreach (var session in sessions.Values.Where(s => s.Key == id).ToList()) sessions.Remove(session.Sha256);
        });
        return isThere;
    }

    /// <summary>The caller with this key, or null: unknown, expired, revoked, or not in the form of a key.</summary>
    public Caller? WithKey(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length != Prefix.Length + 9 + SecretLength || text[Prefix.Length + 8] != '_') return null;
        var hash = Hash(text);
        lock (gate)
        {
            Refresh();
            return keys.TryGetValue(IdOf(text), out var key) && key.IsGood(clock.GetUtcNow()) && IsSame(key.Sha256, hash)
                ? new(key.Name, key.Roles, key.Clearances, null) : null;
        }
    }

    /// <summary>The part of a good key that names it and is no secret.</summary>
    public static string IdOf(string keyText) => keyText.Substring(Prefix.Length, 8);

    /// <summary>Opens a session for a person who showed a good key; null where it is not.</summary>
    public string? SignIn(string keyText, TimeSpan lifetime) =>
        WithKey(keyText) is { } caller ? Open(caller.Name, caller.Roles, caller.Clearances, lifetime, IdOf(keyText)) : null;

    /// <summary>Opens a session; the token goes into a cookie and is not kept.</summary>
    public string Open(string name, Roles roles, IReadOnlyList<string> clearances, TimeSpan lifetime, string? key = null)
    {
        var token = Secret();
        var now = clock.GetUtcNow();
        Change(() =>
        {
            foreach (var old in sessions.Values.Where(s => s.Expires <= now).ToList()) sessions.Remove(old.Sha256);
            sessions.Add(Hash(token), new(Hash(token), name, roles, clearances, now + lifetime, key));
        });
        return token;
    }

    public Caller? WithSession(string token)
    {
        var hash = Hash(token);
        lock (gate)
        {
            Refresh();
            if (!sessions.TryGetValue(hash, out var session) || session.Expires <= clock.GetUtcNow()) return null;
            if (session.Key is { } id && !(keys.TryGetValue(id, out var key) && key.IsGood(clock.GetUtcNow()))) return null;
            return new(session.Name, session.Roles, session.Clearances, hash);
        }
    }

    public void Close(string sessionHash) => Change(() => sessions.Remove(sessionHash));

    private static string Secret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsSame(string hash, string other) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(other));

    private void Change(Action change)
    {
        lock (gate)
        {
            using var turn = Turn();
            Refresh();
            change();
            Write();
        }
    }

    // One writer at a time, over all programs.
    private FileStream Turn()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new(path + ".lock", PrivateFile(FileMode.OpenOrCreate));
            }
            catch (IOException) when (tries < 100)
            {
                Thread.Sleep(50);
            }
        }
    }

    private void Refresh()
    {
        var file = new FileInfo(path);
        var now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (now == seen) return;
        if (!file.Exists)
        {
            (keys, sessions, seen) = ([], [], now);
            return;
        }

        if (!OperatingSystem.IsWindows() && (file.UnixFileMode & (UnixFileMode)0b111_111) != 0)
            throw new InvalidDataException($"`{path}` can be read by others than its owner; run `chmod 600` on it");
        using var reader = new JsonTextReader(new StringReader(File.ReadAllText(path))) { DateParseHandling = DateParseHandling.None };
        var json = JObject.Load(reader);
        keys = json["keys"]!.Select(key => new ApiKey(
            Text(key, "id"), Text(key, "name"), Role(key), Clearances(key), Text(key, "sha256"), Time(key, "created")!.Value, Time(key, "expires")!.Value, Time(key, "revoked"))).ToDictionary(key => key.Id, StringComparer.Ordinal);
        sessions = json["sessions"]!.Select(s => new Session(Text(s, "sha256"), Text(s, "name"), Role(s), Clearances(s), Time(s, "expires")!.Value, (string?)s["key"])).ToDictionary(s => s.Sha256, StringComparer.Ordinal);
        seen = now;

        static string Text(JToken json, string name) => (string)json[name]!;
        static Roles Role(JToken json) => json["roles"]!.Aggregate(Roles.None, (roles, role) => roles | Enum.Parse<Roles>((string)role!, ignoreCase: true));
        static string[] Clearances(JToken json) => [.. json["clearances"]!.Select(clearance => (string)clearance!)];
        static DateTimeOffset? Time(JToken json, string name) => json[name] is { } time ? DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;
    }

    private void Write()
    {
        var json = new JObject
        {
            ["keys"] = new JArray(keys.Values.Select(key =>
            {
                var one = new JObject
                {
                    ["id"] = key.Id,
                    ["name"] = key.Name,
                    ["roles"] = Names(key.Roles),
                    ["clearances"] = new JArray(key.Clearances),
                    ["sha256"] = key.Sha256,
                    ["created"] = key.Created.ToString("O", CultureInfo.InvariantCulture),
                    ["expires"] = key.Expires.ToString("O", CultureInfo.InvariantCulture),
                };
                if (key.Revoked is { } revoked) one["revoked"] = revoked.ToString("O", CultureInfo.InvariantCulture);
                return one;
            })),
            ["sessions"] = new JArray(sessions.Values.Select(session =>
            {
                var one = new JObject
                {
                    ["sha256"] = session.Sha256,
                    ["name"] = session.Name,
                    ["roles"] = Names(session.Roles),
                    ["clearances"] = new JArray(session.Clearances),
                    ["expires"] = session.Expires.ToString("O", CultureInfo.InvariantCulture),
                };
                if (session.Key is { } key) one["key"] = key;
                return one;
            })),
        };
        using (var stream = new FileStream(path + ".new", PrivateFile(FileMode.Create)))
        {
            stream.Write(Encoding.UTF8.GetBytes(json.ToString(Formatting.Indented)));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
        var file = new FileInfo(path);
        seen = (file.LastWriteTimeUtc, file.Length);
    }

    private static JArray Names(Roles roles) => new(NamesOf(roles));

    public static IEnumerable<string> NamesOf(Roles roles) => Enum.GetValues<Roles>().Where(role => role != Roles.None && roles.HasFlag(role)).Select(role => role.ToString().ToLowerInvariant());

    private static FileStreamOptions PrivateFile(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
