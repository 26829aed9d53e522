using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Service;

/// <summary>
/// What happens around decisions before they are recorded: the what-ifs that people try on a subject, and a second person's confirmation of
/// the waivers in a scenario. Kept beside the ledger, line by line, so that a restart forgets neither.
/// </summary>
internal sealed class Desk : IDisposable
{
    /// <summary>A confirmation is for a decision about to be recorded, not for ever.</summary>
    public static readonly TimeSpan ConfirmationLifetime = TimeSpan.FromHours(24);

    private const int MaxWhatIfs = 50;
    private const int MaxLines = 20_000;

    private readonly string path;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<string>> whatIfs = new(StringComparer.Ordinal); // by subject, the newest last
    private readonly Dictionary<(string Actor, string Subject), int> counts = [];
    private readonly Dictionary<string, (string By, DateTimeOffset At)> confirmations = new(StringComparer.Ordinal); // by input
    private StreamWriter file;
    private int lines;

    public Desk(string data, TimeProvider clock)
    {
        (path, this.clock) = (Path.Combine(data, "desk.jsonl"), clock);
        if (File.Exists(path))
            foreach (var line in File.ReadLines(path))
            {
                lines++;
                if (Note.Parse(line) is { } known) Take(known);
            }

        file = Open(path, FileMode.Append);
        if (IsCutShort()) file.Write('\n');
    }

    /// <summary>Notes a what-if; one without a subject belongs to no decision to come.</summary>
    public void Tried(string actor, string? subject, string input)
    {
        if (subject is { Length: > 0 }) Keep(new("whatIf", input, actor, subject, clock.GetUtcNow()));
    }

    /// <summary>The inputs tried on a subject since its last decision, at most the last fifty.</summary>
    public IReadOnlyList<string> TriedOn(string? subject)
    {
        lock (gate) return subject is not null && whatIfs.TryGetValue(subject, out var inputs) ? [.. inputs] : [];
    }

    /// <summary>How many what-ifs each person tried on a subject, in all; whoever tried most comes first.</summary>
    public IReadOnlyList<(string Actor, int Count)> CountsOn(string subject)
    {
        lock (gate)
            return [.. counts.Where(count => count.Key.Subject == subject).Select(count => (count.Key.Actor, count.Value)).OrderByDescending(count => count.Value).ThenBy(count => count.Actor, StringComparer.Ordinal)];
    }

    /// <summary>Notes that a decision on a subject was recorded: its what-ifs are in the ledger now.</summary>
    public void Decided(string? subject)
    {
        if (subject is not null) Keep(new("decided", subject, null, null, clock.GetUtcNow()));
    }

    /// <summary>A second person stands behind the waivers of a scenario.</summary>
    public void Confirm(string input, string by) => Keep(new("confirmed", input, by, null, clock.GetUtcNow()));

    /// <summary>Who confirmed the waivers of a scenario, within the last day and other than the person who records it; or null.</summary>
    public string? ConfirmedBy(string input, string actor)
    {
        lock (gate)
            return confirmations.TryGetValue(input, out var confirmed) && confirmed.By != actor && clock.GetUtcNow() - confirmed.At < ConfirmationLifetime ? confirmed.By : null;
    }

    public void Dispose() => file.Dispose();

    private void Keep(in Note note)
    {
        lock (gate)
        {
            Take(note);
            note.Write(file);
            file.Flush();
            if (++lines > MaxLines) Shorten();
        }
    }

    // What is written anew has no actor: it was counted before.
    private void Count(string? actor, string subject, int times)
    {
        if (actor is { Length: > 0 }) counts[(actor, subject)] = counts.GetValueOrDefault((actor, subject)) + times;
    }

    private void Take(in Note note)
    {
        switch (note.Kind)
        {
            case "whatIf":
                if (note.Subject is not { Length: > 0 } subject) return; // of an earlier version
                Count(note.Actor, subject, 1);
                if (!whatIfs.TryGetValue(subject, out var inputs)) whatIfs.Add(subject, inputs = []);
                inputs.Remove(note.About);
                inputs.Add(note.About);
                if (inputs.Count > MaxWhatIfs) inputs.RemoveAt(0);
                break;
            case "counted":
                Count(note.Actor, note.About, note.Times);
                break;
            case "decided":
                whatIfs.Remove(note.About);
                break;
            case "confirmed":
                confirmations[note.About] = (note.Actor ?? "", note.At);
                break;
        }
    }

    // Only what still matters is written again.
    private void Shorten()
    {
        file.Dispose();
        using (var fresh = Open(path + ".new", FileMode.Create))
        {
            foreach (var ((actor, subject), count) in counts) new Note("counted", subject, actor, null, clock.GetUtcNow(), count).Write(fresh);
            foreach (var (subject, inputs) in whatIfs)
                foreach (var input in inputs)
                    new Note("whatIf", input, "", subject, clock.GetUtcNow()).Write(fresh);
            foreach (var (input, (by, at)) in confirmations.Where(c => clock.GetUtcNow() - c.Value.At < ConfirmationLifetime))
                new Note("confirmed", input, by, null, at).Write(fresh);
            fresh.Flush();
            ((FileStream)fresh.BaseStream).Flush(flushToDisk: true); // it takes the place of what is on the disk
        }

        File.Move(path + ".new", path, overwrite: true);
        lines = 0;
        file = Open(path, FileMode.Append);
    }

    // A line that a crash left without its end would take the next note with it.
    private bool IsCutShort()
    {
        using var read = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (read.Length == 0) return false;
        read.Seek(-1, SeekOrigin.End);
        return read.ReadByte() != '\n';
    }

    // For the owner alone: it tells who tried what.
    private static StreamWriter Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options);
    }

    /// <summary>A line of the file: an object whose first member says what happened to what.</summary>
    private readonly record struct Note(string Kind, string About, string? Actor, string? Subject, DateTimeOffset At, int Times = 1)
    {
        private static readonly string[] Kinds = ["whatIf", "counted", "decided", "confirmed"];

        public void Write(TextWriter text)
        {
            using (var json = new JsonTextWriter(text) { CloseOutput = false })
            {
                json.WriteStartObject();
                json.Member(Kind, About);
                if (Actor is not null) json.Member("actor", Actor);
                if (Subject is not null) json.Member("subject", Subject);
                if (Times != 1) json.Member("times", Times);
                json.Member("at", At.ToString("O", CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }

            text.Write('\n');
        }

        /// <summary>Null for a line that a crash cut short, or that a later version wrote.</summary>
        public static Note? Parse(string line)
        {
            try
            {
                using var reader = new JsonTextReader(new StringReader(line)) { DateParseHandling = DateParseHandling.None };
                var json = JObject.Load(reader);
                return Kinds.FirstOrDefault(json.ContainsKey) is { } kind
                    ? new(kind, (string)json[kind]!, (string?)json["actor"], (string?)json["subject"], DateTimeOffset.Parse((string)json["at"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), (int?)json["times"] ?? 1)
                    : null;
            }
            catch (Exception fault) when (fault is JsonException or FormatException or ArgumentException or InvalidCastException)
            {
                return null;
            }
        }
    }
}
