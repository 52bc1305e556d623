using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Ganeti.Benchmarks;

if (args is ["weight"])
{
    await Weight.TellAsync();
    return;
}

// In this very process: inside a lab's network there is no package registry to build a separate one with.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, ManualConfig
    .Create(DefaultConfig.Instance)
    .AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3)
        .WithIterationCount(15)
        .WithInvocationCount(1)
        .WithUnrollFactor(1)));
