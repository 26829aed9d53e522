using System.Text;
using Advisory.Host.Cli;
using Microsoft.Win32.SafeHandles;

// Streams are opened here and nowhere else: UTF-8 without a byte-order mark, lines end in \n on every system.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var output = new StreamWriter(StandardOutput(), utf8, 16 << 10) { NewLine = "\n" };
using var errors = new StreamWriter(Console.OpenStandardError(), utf8) { NewLine = "\n", AutoFlush = true };
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    // The first asks; whoever presses again does not want to wait.
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

// Not disposed: a second flush into a pipe that nobody reads any more would fail, and everything has been flushed.
return CommandLine.Run(args, Terminal.OfConsole(output, errors, stop.Token));

// The console's own stream passes over a pipe that is closed, and an act of hours would go on for nobody. For a file that stream is the
// right one: it moves the position that the next program of the same shell command goes on from.
static Stream StandardOutput()
{
    if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return Console.OpenStandardOutput();
    var direct = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    return direct.CanSeek ? Console.OpenStandardOutput() : direct;
}
