using System.Diagnostics;
using Ganeti.Tests.Cluster;
using Ganeti.Tests.Engine;
using Ganeti.Tests.Hosting;

namespace Ganeti.Tests.Storage;

/// <summary>A client of its own that is killed at a random moment of its work.</summary>
/// <param name="engine">Another, connected to the same cluster.</param>
/// <param name="seed">Of the moments.</param>
internal sealed class KilledClient(PowerShellEngine engine, int seed = 20261126)
{
    private readonly Random _random = new(seed);
    private int _killed;

    /// <summary>Runs a command and kills it at any moment from when it has its lease on; whether it came to its end before.</summary>
    internal async Task<bool> RunAsync(string command, TimeSpan within)
    {
        // What a killed one had on its way may have come after.
        EndLeases();
        var start = new ProcessStartInfo(ConsoleProgram.Path, ["-NonInteractive", "-Command", $"Connect-GntCluster g1; {command}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var client = Process.Start(start)!;
        var written = client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        // One that waits for another's jobs has no lease.
        for (var since = Stopwatch.GetTimestamp(); !client.HasExited && engine.Run("Get-GntHistory -UnderWay").Output.Count == 0 && Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1);)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        await Task.WhenAny(client.WaitForExitAsync(TestContext.Current.CancellationToken), Task.Delay(within * _random.NextDouble(), TestContext.Current.CancellationToken));
        var hasEnded = client.HasExited;
        client.Kill();
        _killed += hasEnded ? 0 : 1;
        TestContext.Current.TestOutputHelper?.WriteLine($"{_killed} killed, {DateTime.UtcNow:HH:mm:ss}{(hasEnded ? ", this one came to its end" : string.Empty)}");
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(!hasEnded || client.ExitCode == 0, $"{command}: {await written}{await errors}");
        return hasEnded;
    }

    /// <summary>Ends the leases of those that were killed, for which the next one would have to wait.</summary>
    internal static void EndLeases() => Lab.Exec("g1", "sh", "-c", "rm -f /run/ganeti-powershell/lease/*");
}
