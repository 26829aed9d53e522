using System.Collections.Frozen;
using System.Globalization;
using Advisory.Engine;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Web;

/// <summary>The words of the interface: one file for each language; what the book says comes from the book.</summary>
internal sealed class Texts
{
    private static readonly Texts English = new("en");
    private static readonly Texts Dutch = new("nl");

    private readonly FrozenDictionary<string, string> texts;

    private Texts(string language)
    {
        using var stream = typeof(Texts).Assembly.GetManifestResourceStream($"web/{language}.json")!;
        using var reader = new JsonTextReader(new StreamReader(stream));
        texts = JObject.Load(reader, new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error })
            .Properties().ToFrozenDictionary(text => text.Name, text => (string)text.Value!, StringComparer.Ordinal);
    }

    public static Texts In(Language language) => language == Language.Nl ? Dutch : English;

    public IEnumerable<string> Keys => texts.Keys;

    /// <summary>The text of a key, with what it leaves open filled in.</summary>
    /// <exception cref="KeyNotFoundException">There is none; a test looks for that.</exception>
    public string this[string key, params object[] with] => with.Length == 0 ? texts[key] : string.Format(CultureInfo.InvariantCulture, texts[key], with);

    /// <summary>The text of a key, or null.</summary>
    public string? Find(string key) => texts.GetValueOrDefault(key);
}
