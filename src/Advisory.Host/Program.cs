using System.Text;
using Advisory.Host.Cli;

// Streams are opened here and nowhere else: UTF-8 without a byte-order mark, lines end in \n on every system.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using var output = new StreamWriter(Console.OpenStandardOutput(), utf8, 16 << 10) { NewLine = "\n" };
using var errors = new StreamWriter(Console.OpenStandardError(), utf8) { NewLine = "\n", AutoFlush = true };
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

return CommandLine.Run(args, new(Console.OpenStandardInput, output, errors, Terminal.WindowWidth(), stop.Token));
