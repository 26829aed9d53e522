using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Advisory.Engine;
using Advisory.Host.Service;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>An assessment that somebody works on, before it is recorded.</summary>
/// <param name="Id">32 hexadecimal digits that nobody guesses: whoever has the address of a shared one may open it.</param>
/// <param name="Owner">Who began it.</param>
/// <param name="IsShared">Whether signed-in colleagues with the address may open and change it.</param>
/// <param name="Key">Under which it is recorded, once: a second press of the button gives the same decision.</param>
/// <param name="Scenario">As in a scenario file.</param>
/// <param name="Changed">When it was last saved.</param>
/// <param name="Recorded">The id of the decision that it became, or null.</param>
/// <param name="Supersedes">The id of the decision that it is to take the place of, or null.</param>
/// <param name="Previous">The scenario before it was last changed, to show what that changed; or null.</param>
internal sealed record Draft(string Id, string Owner, bool IsShared, string Key, JObject Scenario, DateTimeOffset Changed, string? Recorded, string? Supersedes, JObject? Previous)
{
    public string? Title => (string?)Scenario["title"];

    /// <summary>With another scenario. What was not recorded under the old key is another submission, so the key is another too.</summary>
    public Draft With(JObject scenario) => this with { Scenario = scenario, Previous = Scenario, Key = Drafts.Random() };

    /// <summary>The scenario as a file, laid out for people.</summary>
    public byte[] File => Encoding.UTF8.GetBytes(Scenario.ToString(Formatting.Indented) + "\n");

    public Loaded<Scenario> Read(RuleBook book) => Engine.Scenario.Read(book, new("scenario.json", File));
}

/// <summary>Drafts as files in the data folder, one each, replaced as a whole: a crash leaves the one before.</summary>
/// <remarks>Those that became decisions are kept apart, so that old forms still find their decision and nobody reads them all to list the others.</remarks>
internal sealed class Drafts
{
    private const int MaxOfOnePerson = 200;

    private readonly string folder;
    private readonly string done;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();

    public Drafts(string data, TimeProvider clock)
    {
        (folder, done, this.clock) = (Path.Combine(data, "drafts"), Path.Combine(data, "drafts", "recorded"), clock);
        foreach (var made in new[] { Directory.CreateDirectory(folder), Directory.CreateDirectory(done) })
            if (!OperatingSystem.IsWindows()) made.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    }

    /// <summary>Begins one; the scenario is taken as it stands.</summary>
    /// <param name="owner">Who begins it.</param>
    /// <param name="scenario">What it begins with.</param>
    /// <param name="supersedes">The id of the decision that it is to take the place of, or null.</param>
    /// <param name="id">Made when the form was: a second press of the button finds the draft of the first. Null, or not free, for any.</param>
    /// <exception cref="ProblemException">The person has too many.</exception>
    public Draft Begin(string owner, JObject scenario, string? supersedes = null, string? id = null)
    {
        scenario.Remove("$schema");
        lock (gate)
        {
            if (id is null || !IsId(id)) id = Random();
            if (Find(id) is { } there)
            {
                if (there.Owner == owner && there.Supersedes == supersedes && JToken.DeepEquals(there.Scenario, scenario)) return there;
                id = Random();
            }

            if (Of(owner).Count() >= MaxOfOnePerson) throw new ProblemException(409, "too-many-drafts", FormattableString.Invariant($"you have {MaxOfOnePerson} assessments that are not recorded; delete some first"));
            return Save(new(id, owner, false, Random(), scenario, default, null, supersedes, null));
        }
    }

    /// <summary>Changes a draft as it stands now; two people at once change it one after the other.</summary>
    public Draft Change(string id, Func<Draft, Draft> change)
    {
        lock (gate) return Save(change(Find(id) ?? throw Gone()));
    }

    public void Delete(string id)
    {
        lock (gate) File.Delete(PathOf(folder, id));
    }

    /// <summary>The draft, for its owner or, where it is shared, for a colleague.</summary>
    /// <exception cref="ProblemException">There is none for this person; whether there is one at all is not told.</exception>
    public Draft Get(string id, string person) => IsId(id) && Find(id) is { } draft && (draft.Owner == person || draft.IsShared) ? draft : throw Gone();

    /// <summary>A person's own drafts that are not recorded, the last changed first.</summary>
    public IEnumerable<Draft> Of(string owner) =>
        Directory.EnumerateFiles(folder, "*.json").Select(path => Find(Path.GetFileNameWithoutExtension(path))).OfType<Draft>().Where(draft => draft.Owner == owner && draft.Recorded is null).OrderByDescending(draft => draft.Changed);

    private Draft Save(Draft draft)
    {
        draft = draft with { Changed = clock.GetUtcNow() };
        var json = new JObject
        {
            ["owner"] = draft.Owner,
            ["shared"] = draft.IsShared,
            ["key"] = draft.Key,
            ["changed"] = draft.Changed.ToString("O", CultureInfo.InvariantCulture),
            ["recorded"] = draft.Recorded,
            ["supersedes"] = draft.Supersedes,
            ["scenario"] = draft.Scenario,
            ["previous"] = draft.Previous,
        };
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (gate)
        {
            var path = PathOf(draft.Recorded is null ? folder : done, draft.Id);
            using (var stream = new FileStream(path + ".new", options))
            {
                stream.Write(Encoding.UTF8.GetBytes(json.ToString(Formatting.None)));
                stream.Flush(flushToDisk: true);
            }

            File.Move(path + ".new", path, overwrite: true);
            if (draft.Recorded is not null) File.Delete(PathOf(folder, draft.Id));
        }

        return draft;
    }

    // One that is recorded first: a crash between its two steps leaves the other file behind.
    private Draft? Find(string id) => Read(PathOf(done, id), id) ?? Read(PathOf(folder, id), id);

    private static Draft? Read(string path, string id)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var reader = new JsonTextReader(new StringReader(File.ReadAllText(path))) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
            var json = JObject.Load(reader);
            return new(id, (string)json["owner"]!, (bool)json["shared"]!, (string)json["key"]!, (JObject)json["scenario"]!,
                DateTimeOffset.Parse((string)json["changed"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), (string?)json["recorded"], (string?)json["supersedes"], json["previous"] as JObject);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static string PathOf(string folder, string id) => Path.Combine(folder, id + ".json");

    internal static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether a text has the form of a draft's id; a decision's has dashes.</summary>
    public static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);

    private static ProblemException Gone() => ProblemException.NotFound("there is no such assessment, or it is not shared with you");
}
