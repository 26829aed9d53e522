using System.CommandLine;
using System.Globalization;
using Advisory.Host.Service.Access;

namespace Advisory.Host.Cli;

/// <summary><c>advisory keys</c>: who may use the service.</summary>
internal static class KeysCommand
{
    private const int DefaultDays = 90;

    public static Command Create(Terminal terminal)
    {
        var keys = new Command("keys", "API keys of the service: who may use it, as what, until when.");
        keys.Subcommands.Add(Add(terminal));
        keys.Subcommands.Add(List(terminal));
        keys.Subcommands.Add(Revoke(terminal));
        return keys;
    }

    private static Verb Add(Terminal terminal)
    {
        var data = DataOption();
        var name = new Option<string>("--name") { Description = "The person or program; decisions name it as their actor.", Required = true, HelpName = "NAME" };
        var role = new Option<string[]>("--role") { Description = "What it may do: officer, author, auditor or operator; more than one with several --role. An operator cannot be an officer.", Required = true, HelpName = "ROLE" };
        role.AcceptOnlyFromAmong([.. AccessFile.NamesOf((Roles)15)]);
        var clearance = new Option<string[]>("--clearance") { Description = "A restricted classification that it may read.", HelpName = "TEXT" };
        var days = new Option<int>("--days") { Description = "After how many days it expires.", DefaultValueFactory = _ => DefaultDays, HelpName = "DAYS" };
        var command = new Verb("add", "Makes a key and prints it, once: only its SHA-256 is kept.", "the key is printed", null,
            new("advisory keys add --role officer --name \"Ada\"", "For a policy officer."),
            new("advisory keys add --role auditor --name mirror --days 365", "For a program that mirrors the ledger."))
        { name, role, clearance, days, data };
        command.SetAction(parsed =>
        {
            var (who, roles) = (parsed.GetValue(name)!.Trim(), parsed.GetValue(role)!.Aggregate(Roles.None, (all, one) => all | Enum.Parse<Roles>(one, ignoreCase: true)));
            var fault = who.Length is 0 or > AccessFile.MaxName || who.Any(char.IsControl) ? $"--name is 1 to {AccessFile.MaxName} characters"
                : roles.HasFlag(Roles.Operator) && roles.HasFlag(Roles.Officer) ? "an operator cannot record decisions; make two keys for two people"
                : parsed.GetValue(days) is < 1 or > 3_650 ? "--days is 1 to 3650" : null;
            if (fault is not null)
            {
                terminal.Errors.WriteLine(fault);
                return ExitCode.Input;
            }

            Directory.CreateDirectory(parsed.GetValue(data)!);
            var (key, text) = new AccessFile(parsed.GetValue(data)!, terminal.Clock).Add(who, roles, parsed.GetValue(clearance) ?? [], TimeSpan.FromDays(parsed.GetValue(days)));
            terminal.Output.WriteLine(text);
            terminal.Errors.WriteLine($"key {key.Id} for {key.Name}, {string.Join(" and ", AccessFile.NamesOf(roles))}, until {Day(key.Expires)}; keep it: it cannot be shown again");
            return ExitCode.Done;
        });
        return command;
    }

    private static Verb List(Terminal terminal)
    {
        var data = DataOption();
        var command = new Verb("list", "Lists the keys, without the keys.", "listed", null,
            new("advisory keys list", "Who has a key, as what, until when."), new("advisory keys list --data data", "In another folder."))
        { data };
        command.SetAction(parsed =>
        {
            var all = Directory.Exists(parsed.GetValue(data)!) ? new AccessFile(parsed.GetValue(data)!, terminal.Clock).Keys : [];
            if (all.Count == 0) terminal.Errors.WriteLine("there are no keys; `advisory keys add --role officer --name NAME` makes one");
            foreach (var key in all)
            {
                var state = key.Revoked is { } revoked ? $"revoked {Day(revoked)}" : key.IsGood(terminal.Clock.GetUtcNow()) ? $"until {Day(key.Expires)}" : $"expired {Day(key.Expires)}";
                terminal.Output.WriteLine($"{key.Id}  {string.Join(',', AccessFile.NamesOf(key.Roles)),-16}  {state,-20}  {key.Name}{(key.Clearances.Count > 0 ? $" ({string.Join(", ", key.Clearances)})" : "")}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Verb Revoke(Terminal terminal)
    {
        var data = DataOption();
        var id = new Argument<string>("ID") { Description = "The eight digits that `advisory keys list` shows." };
        var command = new Verb("revoke", "Revokes a key; a running service refuses it from the next request on, and its sessions end.", "revoked", null,
            new("advisory keys revoke $(advisory keys list | head -c 8)", "The oldest key."), new("advisory keys revoke $(advisory keys list --data data | head -c 8) --data data", "In another folder."))
        { id, data };
        command.SetAction(parsed =>
        {
            if (Directory.Exists(parsed.GetValue(data)!) && new AccessFile(parsed.GetValue(data)!, terminal.Clock).Revoke(parsed.GetValue(id)!))
            {
                terminal.Output.WriteLine($"key {parsed.GetValue(id)} is revoked");
                return ExitCode.Done;
            }

            terminal.Errors.WriteLine($"there is no key `{parsed.GetValue(id)}`; `advisory keys list` lists them");
            return ExitCode.Input;
        });
        return command;
    }

    private static Option<string> DataOption() => new("--data") { Description = "The folder of the service's data.", DefaultValueFactory = _ => "data", HelpName = "DIR" };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
