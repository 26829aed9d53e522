using System.CommandLine;
using Advisory.Host.Service;
using Advisory.Host.Service.Access;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Advisory.Host.Cli;

/// <summary><c>advisory serve</c>, <c>advisory config</c>: the service and its settings.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        var (options, file) = SettingOptions();
        var command = new Verb("serve", "Runs the service: HTTP interface and pages, over the embedded ledger and a rule book that is read again when it changes.",
            "stopped, and all that was accepted is finished",
            null,
            new("advisory serve", "On http://127.0.0.1:5080, for this machine only; prints a link to sign in with."),
            new("advisory serve --rules rules/ukraine --data data --listen http://127.0.0.1:8080", "With another address."))
        { file };
        foreach (var option in options.Values) command.Add(option);
        command.SetAction((parsed, stop) => Run(Given(parsed, options), parsed.GetValue(file), terminal, stop));
        return command;
    }

    public static Command CreateConfig(Terminal terminal)
    {
        var (options, file) = SettingOptions();
        var command = new Verb("config", "Prints every setting of the service with its value and where it comes from; secrets are files, and only named.",
            "all settings are good",
            null,
            new("advisory config", "The settings in force."),
            new("advisory config --listen http://127.0.0.1:8080", "What other settings would come to."))
        { file };
        foreach (var option in options.Values) command.Add(option);
        command.SetAction(parsed =>
        {
            var (settings, faults) = Read(Given(parsed, options), parsed.GetValue(file), terminal);
            if (settings is null) return ExitCode.Input;
            foreach (var value in settings.Values)
            {
                terminal.Output.WriteLine($"{value.Setting.Name} = {value.Value}");
                terminal.Output.WriteLine($"    {value.Setting.Means}; from {value.From}, also as {value.Setting.Variable}");
            }

            return faults ? ExitCode.Input : ExitCode.Done;
        });
        return command;
    }

    /// <summary>Runs until it is told to stop.</summary>
    public static async Task<int> Run(IReadOnlyDictionary<string, string> options, string? file, Terminal terminal, CancellationToken stop)
    {
        var (settings, faults) = Read(options, file, terminal);
        if (settings is null || faults) return ExitCode.Input;
        await using var application = Application.Build(settings, terminal.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, terminal.Stop);
        try
        {
            await application.StartAsync(both.Token);
        }
        catch (IOException fault) when (fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            terminal.Errors.WriteLine($"{string.Join(", ", settings.Listen)} is in use already, perhaps by another advisory; stop that one, or name another address with --listen");
            return ExitCode.Input;
        }

        Introduce(application, settings, terminal);
        await application.WaitForShutdownAsync(both.Token);
        return ExitCode.Done;
    }

    private static void Introduce(WebApplication application, Settings settings, Terminal terminal)
    {
        var office = application.Services.GetRequiredService<Office>();
        var address = application.Urls.FirstOrDefault() ?? settings.Listen[0];
        terminal.Output.WriteLine($"Advisory listens on {string.Join(" and ", application.Urls)}");
        terminal.Output.WriteLine(office.Library.Current is { } current
            ? $"  rule book   {current.Book.Name} {current.Book.Version} ({current.Book.Digest[..19]}…), from {settings.Rules}"
            : $"  rule book   none: see what is wrong with `advisory check {settings.Rules}`; it is taken up as soon as it is mended");
        terminal.Output.WriteLine(office.Ledger.Fault is { } fault ? $"  ledger      cannot be used: {fault}" : $"  ledger      {Path.Combine(settings.Data, "ledger.db")}, {office.Log.Ledger.Size} entries");
        if (settings.IsLoopback && office.Access.Keys.Count == 0)
        {
            var token = application.Services.GetRequiredService<SignInLinks>().Create("local", Roles.Officer | Roles.Author | Roles.Auditor);
            terminal.Output.WriteLine($"  sign in     {address}/sign-in?token={token}");
            terminal.Output.WriteLine("              (once, within 15 minutes; keys for people and programs: advisory keys add --help)");
        }
        else
        {
            terminal.Output.WriteLine($"  sign in     {address}/sign-in, with a key (advisory keys add --help)");
        }

        terminal.Output.WriteLine($"  interface   {address}/openapi");
        terminal.Output.Flush();
    }

    internal static (Settings? Settings, bool AreFaulty) Read(IReadOnlyDictionary<string, string> options, string? file, Terminal terminal)
    {
        (string, IReadOnlyDictionary<string, string>)? written = null;
        if (file is not null)
        {
            if (Written(file, terminal) is not { } values) return (null, true);
            written = (file, values);
        }

        var (settings, faults) = Settings.Read(options, Environment.GetEnvironmentVariable, written);
        foreach (var fault in faults) terminal.Errors.WriteLine(fault);
        return (settings, faults.Count > 0);
    }

    private static Dictionary<string, string>? Written(string file, Terminal terminal)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(File.ReadAllText(file))) { DateParseHandling = DateParseHandling.None };
            var json = JObject.Load(reader, new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error, CommentHandling = CommentHandling.Load });
            return json.Properties().ToDictionary(member => member.Name, member => member.Value.Type is JTokenType.String or JTokenType.Integer ? (string)member.Value! : throw new JsonReaderException($"`{member.Name}` is neither text nor a whole number"), StringComparer.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            terminal.Errors.WriteLine($"{file}: is no settings file; {fault.Message}");
            return null;
        }
    }

    internal static (Dictionary<string, Option<string?>> Options, Option<string?> File) SettingOptions() =>
    (
        Settings.All.ToDictionary(setting => setting.Name, setting => new Option<string?>("--" + setting.Name)
        {
            Description = $"{char.ToUpperInvariant(setting.Means[0])}{setting.Means[1..]}. {(setting.Default.Length > 0 ? $"Default: {setting.Default}." : "")}".TrimEnd(),
            HelpName = "VALUE",
        }, StringComparer.Ordinal),
        new("--config") { Description = "A file with settings: a JSON object of names as here, without the dashes. What the command line or the environment says wins.", HelpName = "FILE" }
    );

    internal static Dictionary<string, string> Given(ParseResult parsed, Dictionary<string, Option<string?>> options) =>
        options.Select(option => (option.Key, Value: parsed.GetValue(option.Value))).Where(given => given.Value is not null).ToDictionary(given => given.Key, given => given.Value!, StringComparer.Ordinal);
}
