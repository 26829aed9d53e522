using System.Globalization;
using System.Text;
using System.Text.Json;
using Advisory.Ledgers.Notes;

namespace Advisory.Ledgers.Entries;

/// <summary>The entries that the ledger writes about itself. Callers may not append entries of these kinds.</summary>
internal static class OwnEntry
{
    public const string Schema = "advisory/ledger-entry/v1";
    public const string Created = "ledger-created";
    public const string KeyRotated = "key-rotated";
    public const string Restored = "restored";

    public static bool IsOwn(CanonicalForm.Head head) => head is { Schema: Schema, Kind: Created or KeyRotated or Restored };

    public static NewEntry OfCreation(VerifierKey key, Act act) => Of(Created, act, ("key", key.ToString()), ("origin", key.Name));

    public static NewEntry OfRotation(VerifierKey old, VerifierKey key, Act act) => Of(KeyRotated, act, ("key", key.ToString()), ("previous", old.ToString()));

    /// <summary>The checkpoint of the backup, and the last one known before, of which entries may be lost now.</summary>
    public static NewEntry OfRestore(Checkpoint backup, Checkpoint? known, Act act) =>
        Of(Restored, act, ("backup", backup.Note), ("known", known?.Note), ("lost", Math.Max(0, (known?.Size ?? 0) - backup.Size)));

    /// <summary>The verifier key that an entry brings into force and the one it replaces; nulls where it brings none.</summary>
    public static (VerifierKey? Key, VerifierKey? Previous) KeyOf(ReadOnlySpan<byte> entry)
    {
        if (CanonicalForm.Problem(entry, out var head) is not null || head is not { Schema: Schema, Kind: Created or KeyRotated }) return default;
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(entry));
        try
        {
            return (Key("key"), Key("previous"));
        }
        catch (LedgerFormatException)
        {
            return default;
        }

        VerifierKey? Key(string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? VerifierKey.Parse(value.GetString()!) : null;
    }

    /// <summary>Quick: whether the bytes may be an entry that brings a key. The members of canonical JSON have one spelling only.</summary>
    public static bool MayBringKey(ReadOnlySpan<byte> entry) =>
        entry.IndexOf("\"kind\":\"key-rotated\""u8) >= 0 || entry.IndexOf("\"kind\":\"ledger-created\""u8) >= 0;

    private static NewEntry Of(string kind, Act act, params (string Name, object? Value)[] members)
    {
        var time = act.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        (string Name, object? Value)[] all = [("actor", act.Actor), ("kind", kind), ("reason", act.Reason), ("schema", Schema), ("time", time), .. members];
        var json = new StringBuilder("{");
        foreach (var (name, value) in all.OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            if (json.Length > 1) json.Append(',');
            json.Append('"').Append(name).Append("\":");
            switch (value)
            {
                case string text:
                    Quote(text, json);
                    break;
                case long number:
                    json.Append(number.ToString(CultureInfo.InvariantCulture));
                    break;
                default:
                    json.Append("null");
                    break;
            }
        }

        return new() { Bytes = Encoding.UTF8.GetBytes(json.Append('}').ToString()), Labels = [new("kind", kind), new("time", time), new("actor", act.Actor)] };
    }

    private static void Quote(string text, StringBuilder json)
    {
        json.Append('"');
        foreach (var c in text)
        {
            json = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}
