using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Records;

/// <summary>What stands beside a decision's verdicts once it is recorded, as JSON: one shape for the command line and the HTTP interface.</summary>
internal static class RecordJson
{
    /// <summary>Writes the members <c>record</c> and <c>receipt</c> of a decision that was recorded now, or before with the same key.</summary>
    public static void Write(JsonWriter json, Recorded recorded)
    {
        var record = Of(recorded.Decision);
        record["leaf"] = recorded.Receipt.LeafHash.ToBase64();
        if (recorded.WasThere) record["repeated"] = true;
        json.WritePropertyName("record");
        record.WriteTo(json);
        json.WritePropertyName("receipt");
        json.WriteValue(recorded.Receipt.ToString());
    }

    /// <summary>The record of a decision.</summary>
    public static JObject Of(Decision decision)
    {
        var record = Brief(decision);
        if (decision.Key is { } key) record["key"] = key;
        if (decision.WhatIfs.Count > 0) record["whatIfs"] = new JArray(decision.WhatIfs);
        return record;
    }

    /// <summary>Of it what stands in a list.</summary>
    public static JObject Brief(Decision decision)
    {
        var record = new JObject
        {
            ["id"] = decision.Id,
            ["index"] = decision.Index,
            ["actor"] = decision.Actor,
            ["time"] = LogEntry.Format(decision.Time),
            ["engine"] = decision.Engine,
        };
        if (decision.Supersedes is { } older) record["supersedes"] = older;
        if (decision.ConfirmedBy is { } second) record["confirmedBy"] = second;
        return record;
    }

    public static string WordOf(Standing standing) => standing switch { Standing.InForce => "in-force", Standing.Superseded => "superseded", _ => "withdrawn" };
}
