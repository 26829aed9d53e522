using Advisory.Benchmarks;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

switch (args)
{
    case ["ledger", .. var rest]:
        LedgerFigures.Run(rest);
        return 0;
    case ["analysis"]:
        AnalysisFigures.Print();
        return 0;
    case ["load", .. var rest]:
        return await Load.Run(rest);
    case ["soak", .. var rest]:
        return await Load.Soak(rest);
    case ["echo", .. var rest]:
        return await Load.Echo(rest);
}

// In this process, since the library in its pinned version does not know how to build a project for this platform by itself.
var config = ManualConfig.CreateEmpty()
    .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddExporter(MarkdownExporter.GitHub);
Agreement.Check();
BenchmarkSwitcher.FromAssembly(typeof(Workload).Assembly).Run(args, config);
return 0;
