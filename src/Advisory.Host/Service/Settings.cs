using System.Globalization;
using System.Net;
using Advisory.Host.Cli;

namespace Advisory.Host.Service;

/// <summary>One thing that an operator can set.</summary>
/// <param name="Name">As an option <c>--name</c>, in the environment <c>ADVISORY_NAME</c> with underscores, in the file <c>"name"</c>.</param>
/// <param name="Default">Used where nobody sets it.</param>
/// <param name="Means">In a sentence.</param>
/// <param name="Fault">What is wrong with a value, or null.</param>
internal sealed record Setting(string Name, string Default, string Means, Func<string, string?> Fault)
{
    public string Variable => "ADVISORY_" + Name.ToUpperInvariant().Replace('-', '_');
}

/// <summary>A setting's value and who set it.</summary>
internal sealed record SettingValue(Setting Setting, string Value, string From);

/// <summary>How the service runs: from the command line, the environment, a file, or the defaults, in this order; checked as a whole before it starts.</summary>
internal sealed class Settings
{
    private static readonly Setting[] Known =
    [
        new("rules", BookFolder.Default, "the folder of the rule book", _ => null),
        new("data", "data", "the folder of ledger, keys and drafts; on a local disk", _ => null),
        new("listen", "http://127.0.0.1:5080", "addresses, apart by `;`; beyond this machine only with TLS", Addresses),
        new("tls-certificate", "", "a certificate with its chain (PEM) for https addresses", ReadableFile),
        new("tls-key", "", "its private key (PEM)", ReadableFile),
        new("behind-tls-proxy", "no", "`yes` where a proxy on the way in speaks TLS and nobody else reaches these addresses", YesOrNo),
        new("poll", "2", "seconds between looks at the rule book's folder, beside the events of the file system", value => Whole(value, 1, 3_600)),
        new("requests-per-minute", "60000", "of one caller; more are answered 429", value => Whole(value, 1, 100_000_000)),
        new("guests-per-minute", "120", "requests without a valid key or session from one address", value => Whole(value, 1, 1_000_000)),
        new("session-hours", "12", "after which a person signs in again", value => Whole(value, 1, 24 * 31)),
        new("restricted", "", "classifications, apart by `;`, that only people with a clearance of that name read", _ => null),
        new("log-format", "text", "`text` or `json`, on standard output", value => value is "text" or "json" ? null : "is `text` or `json`"),
        new("otlp", "", "address of an OpenTelemetry collector, such as http://127.0.0.1:4318", value => value.Length == 0 || IsHttp(value, out _) ? null : "is an http or https address"),
    ];

    private readonly Dictionary<string, SettingValue> values;

    private Settings(Dictionary<string, SettingValue> values) => this.values = values;

    public static IReadOnlyList<Setting> All => Known;

    public IEnumerable<SettingValue> Values => Known.Select(setting => values[setting.Name]);

    public string Rules => Text("rules");

    public string Data => Text("data");

    public IReadOnlyList<string> Listen => Split("listen");

    public string TlsCertificate => Text("tls-certificate");

    public string TlsKey => Text("tls-key");

    public bool IsBehindTlsProxy => Text("behind-tls-proxy") == "yes";

    public TimeSpan Poll => TimeSpan.FromSeconds(Number("poll"));

    public int RequestsPerMinute => Number("requests-per-minute");

    public int GuestsPerMinute => Number("guests-per-minute");

    public TimeSpan Session => TimeSpan.FromHours(Number("session-hours"));

    public IReadOnlyList<string> Restricted => Split("restricted");

    public bool LogsJson => Text("log-format") == "json";

    public string Otlp => Text("otlp");

    /// <summary>Whether every address is of this machine only.</summary>
    public bool IsLoopback => Listen.All(address => IsHttp(address, out var uri) && IsLocal(uri));

    /// <summary>Reads all settings, and every fault in them.</summary>
    /// <param name="options">From the command line, by name.</param>
    /// <param name="environment">Looks up a variable.</param>
    /// <param name="file">From the settings file, by name; with its path.</param>
    public static (Settings Settings, IReadOnlyList<string> Faults) Read(
        IReadOnlyDictionary<string, string> options, Func<string, string?> environment, (string Path, IReadOnlyDictionary<string, string> Values)? file)
    {
        var values = new Dictionary<string, SettingValue>(StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (var setting in Known)
        {
            var value = options.TryGetValue(setting.Name, out var option) ? new(setting, option, "--" + setting.Name)
                : environment(setting.Variable) is { } variable ? new(setting, variable, setting.Variable)
                : file is { } read && read.Values.TryGetValue(setting.Name, out var written) ? new(setting, written, read.Path)
                : new SettingValue(setting, setting.Default, "default");
            values[setting.Name] = value;
            if (setting.Fault(value.Value) is { } fault) faults.Add($"{setting.Name} ({value.From}) {fault}; it is `{value.Value}`");
        }

        if (file is { } source)
            foreach (var name in source.Values.Keys.Where(name => !values.ContainsKey(name)))
                faults.Add($"{source.Path} sets `{name}`, which is no setting{(Nearest.To(name, values.Keys) is { } near ? $"; did you mean `{near}`?" : "")}");
        var settings = new Settings(values);
        if (faults.Count == 0) faults.AddRange(settings.Together());
        return (settings, faults);
    }

    // What only two settings together can be wrong about.
    private IEnumerable<string> Together()
    {
        if (TlsCertificate.Length > 0 != TlsKey.Length > 0) yield return "tls-certificate and tls-key belong together; set both or neither";
        foreach (var address in Listen)
        {
            IsHttp(address, out var uri);
            if (uri.Scheme == "https" && TlsCertificate.Length == 0) yield return $"listen has {address}, and there is no certificate; set tls-certificate and tls-key";
            if (uri.Scheme == "http" && !IsLocal(uri) && !IsBehindTlsProxy)
            {
                yield return $"listen has {address}, which other machines reach without TLS: keys and decisions would travel in the clear; "
                    + "listen on https with a certificate, or put a proxy with TLS before it and set behind-tls-proxy to `yes`";
            }
        }
    }

    private string Text(string name) => values[name].Value;

    private int Number(string name) => int.Parse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture);

    private string[] Split(string name) => Text(name).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? Addresses(string value)
    {
        var addresses = value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0) return "names no address";
        return addresses.FirstOrDefault(address => !IsHttp(address, out var uri) || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0) is { } wrong
            ? $"has `{wrong}`, which is no address such as http://127.0.0.1:5080" : null;
    }

    private static bool IsHttp(string address, out Uri uri) => Uri.TryCreate(address, UriKind.Absolute, out uri!) && uri.Scheme is "http" or "https";

    private static bool IsLocal(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static string? ReadableFile(string value) => value.Length == 0 || File.Exists(value) ? null : "names a file that is not there";

    private static string? YesOrNo(string value) => value is "yes" or "no" ? null : "is `yes` or `no`";

    private static string? Whole(string value, int min, int max) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? null : FormattableString.Invariant($"is a whole number from {min} to {max}");
}
