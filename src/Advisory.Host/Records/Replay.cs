using System.Text.Json;
using Advisory.Engine;
using Advisory.Ledgers;

namespace Advisory.Host.Records;

/// <summary>What a replay found.</summary>
internal enum ReplayResult
{
    /// <summary>Something differs from what was recorded.</summary>
    Differs,

    /// <summary>This program cannot evaluate it as it was: other semantics, or a book or scenario that it does not read.</summary>
    NotReplayableHere,

    /// <summary>The same bytes.</summary>
    Same,
}

/// <summary>A decision evaluated again under the book that the ledger keeps, held against what was recorded.</summary>
/// <param name="Decision">Which.</param>
/// <param name="Result">What was found.</param>
/// <param name="Text">What differs, or why it cannot be replayed; empty where it is the same.</param>
/// <param name="Pointer">The first node of the recorded evaluation that differs (RFC 6901), or null.</param>
internal sealed record Replay(Decision Decision, ReplayResult Result, string Text, string? Pointer)
{
    internal static Replay Of(Decisions log, Decision decision)
    {
        byte[] recorded;
        Evaluation evaluation;
        try
        {
            recorded = log.EvaluationOf(decision) ?? throw new RefusedException(Refusal.NotFound, $"its evaluation {decision.Evaluation} is missing");
            evaluation = log.Evaluate(decision);
        }
        catch (RefusedException refused)
        {
            return new(decision, refused.Refusal == Refusal.NotReplayableHere ? ReplayResult.NotReplayableHere : ReplayResult.Differs, refused.Message, null);
        }
        catch (LedgerDamagedException damaged)
        {
            return new(decision, ReplayResult.Differs, damaged.Message, null);
        }

        var replayed = EvaluationJson.Canonical(evaluation, out var traceDigest);
        if (!recorded.AsSpan().SequenceEqual(replayed)) return Compare(decision, evaluation.Book, recorded, replayed);

        // The entry repeats some of it; who wrote it could have written something else there.
        if (decision.Input != evaluation.Scenario.Digest) return new(decision, ReplayResult.Differs, "the entry names another input than its scenario has", null);
        if (decision.TraceDigest != traceDigest) return new(decision, ReplayResult.Differs, "the entry names another trace digest than its evaluation has", null);
        var outcomes = evaluation.Verdicts.Select(DecidedOutcome.Of).ToList();
        for (var i = 0; i < Math.Max(outcomes.Count, decision.Outcomes.Count); i++)
        {
            if (i < outcomes.Count && i < decision.Outcomes.Count && outcomes[i].Is(decision.Outcomes[i])) continue;
            var at = i < decision.Outcomes.Count ? decision.Outcomes[i] : outcomes[i];
            return new(decision, ReplayResult.Differs, $"the entry gives another outcome for {at.Question} / {at.Record ?? at.Mission} than its evaluation", null);
        }

        return new(decision, ReplayResult.Same, "", null);
    }

    private static Replay Compare(Decision decision, RuleBook book, byte[] recorded, byte[] replayed)
    {
        try
        {
            using var was = JsonDocument.Parse(recorded);
            using var now = JsonDocument.Parse(replayed);
            if (Difference(was.RootElement, now.RootElement, "") is not ({ } pointer, { } first, { } second)) return new(decision, ReplayResult.Differs, "the recorded evaluation is not in canonical form", "");
            var about = About(pointer, book, now.RootElement, first, second);
            return new(decision, ReplayResult.Differs, $"{pointer}{(about.Length > 0 ? $" ({about})" : "")} was {Short(first)}, and is {Short(second)}", pointer);
        }
        catch (JsonException)
        {
            return new(decision, ReplayResult.Differs, "the recorded evaluation is no JSON", "");
        }
    }

    /// <summary>The first node, in the order of the recorded text, at which two values differ; a member or item that one lacks counts as undefined.</summary>
    private static (string Pointer, JsonElement? Was, JsonElement? Now)? Difference(JsonElement was, JsonElement now, string pointer)
    {
        if (was.ValueKind == JsonValueKind.Object && now.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in was.EnumerateObject().Select(member => member.Name).Union(now.EnumerateObject().Select(member => member.Name)).Order(StringComparer.Ordinal))
            {
                var below = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
                var (isIn, isOut) = (was.TryGetProperty(name, out var a), now.TryGetProperty(name, out var b));
                if (!isIn || !isOut) return (below, isIn ? a : default(JsonElement), isOut ? b : default(JsonElement));
                if (Difference(a, b, below) is { } found) return found;
            }

            return null;
        }

        if (was.ValueKind == JsonValueKind.Array && now.ValueKind == JsonValueKind.Array)
        {
            for (var i = 0; i < Math.Max(was.GetArrayLength(), now.GetArrayLength()); i++)
            {
                var below = FormattableString.Invariant($"{pointer}/{i}");
                if (i >= was.GetArrayLength() || i >= now.GetArrayLength()) return (below, i < was.GetArrayLength() ? was[i] : default(JsonElement), i < now.GetArrayLength() ? now[i] : default(JsonElement));
                if (Difference(was[i], now[i], below) is { } found) return found;
            }

            return null;
        }

        return was.GetRawText() == now.GetRawText() ? null : (pointer, was, now);
    }

    /// <summary>Which question, mission and rule a node of an evaluation is about, in words.</summary>
    private static string About(string pointer, RuleBook book, JsonElement replayed, JsonElement? was, JsonElement? now)
    {
        if (pointer.Split('/') is not [_, "verdicts" or "trace", var number, .. var below] || !int.TryParse(number, System.Globalization.CultureInfo.InvariantCulture, out var index)) return "";
        var list = replayed.GetProperty(pointer.Split('/')[1]);
        if (index >= list.GetArrayLength()) return "";
        var item = list[index];
        var question = item.GetProperty("question").GetString()!;
        var mission = item.GetProperty("mission").GetString()!;
        var words = $"{question} / {(item.TryGetProperty("record", out var record) ? record.GetString() : mission)}";
        if (below is [.., "nodes" or "assumed"] && was is { ValueKind: JsonValueKind.String } && now is { ValueKind: JsonValueKind.String } && book.Question(question) is { } set)
        {
            // One word of letters a rule, in book order, of the rules that are in question for this mission.
            var (before, after) = (was.Value.GetString()!.Split(' '), now.Value.GetString()!.Split(' '));
            var rules = set.Rules.Where(rule => rule.Missions.IsEmpty || mission == RuleBook.AnyMission || rule.Missions.Contains(mission)).ToList();
            var at = Enumerable.Range(0, Math.Min(before.Length, after.Length)).FirstOrDefault(i => before[i] != after[i], -1);
            if (at >= 0 && after.Length == rules.Count) words += ", rule " + rules[at].Name;
        }
        else if (Rule(item, below) is { } rule)
        {
            words += ", rule " + rule;
        }

        return words;
    }

    /// <summary>The rule of the finding that a path below a verdict leads into, or null.</summary>
    private static string? Rule(JsonElement verdict, IEnumerable<string> path)
    {
        var (node, rule) = (verdict, (string?)null);
        foreach (var step in path)
        {
            if (node.ValueKind == JsonValueKind.Array && int.TryParse(step, System.Globalization.CultureInfo.InvariantCulture, out var i) && i < node.GetArrayLength()) node = node[i];
            else if (node.ValueKind == JsonValueKind.Object && node.TryGetProperty(step, out var next)) node = next;
            else break;
            if (node.ValueKind == JsonValueKind.Object && node.TryGetProperty("rule", out var named)) rule = named.GetString();
        }

        return rule;
    }

    private static string Short(JsonElement? value)
    {
        if (value is not { ValueKind: not JsonValueKind.Undefined } there) return "absent";
        var text = there.GetRawText();
        return "`" + (text.Length > 80 ? text[..77] + "..." : text) + "`";
    }
}
