using System.Globalization;
using Newtonsoft.Json.Linq;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Advisory.Tests.Operations;

/// <summary>YAML files as JSON, by a real parser: a key that stands twice, a tab, or a bad indent is an error.</summary>
internal static class Yaml
{
    public static List<JToken> Documents(params string[] path)
    {
        using var reader = new StreamReader(Repository.PathOf(path));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => Json(document.RootNode))];
    }

    private static JToken Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JObject(map.Children.Select(pair => new JProperty(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode list => new JArray(list.Children.Select(Json)),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw new FormatException($"{node.Start}: what is this"),
    };

    // Plain scalars as YAML 1.2 reads them; what is quoted is text.
    private static JValue Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)) return new(text);
        if (text is "" or "~" or "null") return JValue.CreateNull();
        if (text is "true" or "false") return new(text == "true");
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new(number) : new(text);
    }
}
