using System.Collections.Immutable;
using Advisory.Engine.Json;

namespace Advisory.Engine;

/// <summary>A language in which the service speaks to people.</summary>
public enum Language
{
    /// <summary>English.</summary>
    En,

    /// <summary>Dutch.</summary>
    Nl,
}

/// <summary>A text for people, in English and in Dutch.</summary>
public sealed record LocalText(string En, string Nl)
{
    internal static readonly LocalText Missing = new("", "");

    internal static readonly ImmutableArray<string> Languages = ["en", "nl"];

    /// <summary>The text in one language.</summary>
    public string In(Language language) => language == Language.Nl ? Nl : En;

    internal static LocalText Read(JsonNode node, string what)
    {
        if (node.Kind != JsonKind.Object)
        {
            JsonObject.Wrong(node, what, "a text in two languages", "write { \"en\": …, \"nl\": … }");
            return Missing;
        }

        if (JsonObject.From(node, what) is not { } texts) return Missing;
        var (en, nl) = (texts.Text("en"), texts.Text("nl"));
        if (en is not null && string.IsNullOrWhiteSpace(en) || nl is not null && string.IsNullOrWhiteSpace(nl))
            node.Source.Add(node.Offset, "empty-text", $"`{what}` is empty in one of its languages");
        texts.NoOthers();
        return new(en ?? "", nl ?? "");
    }

    /// <summary>Whether an object holds nothing but texts for people, by the names of its members.</summary>
    internal static bool Looks(JsonNode node) =>
        node.Kind == JsonKind.Object && node.Members.Length > 0 && node.Members.All(member => Languages.Contains(member.Name));
}
