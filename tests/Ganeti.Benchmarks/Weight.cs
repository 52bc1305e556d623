using System.Diagnostics;
using System.Globalization;
using Ganeti.Ssh;

namespace Ganeti.Benchmarks;

/// <summary>What an open connection weighs: bytes, threads and handles of this process, and the resident memory of an <c>ssh</c>.</summary>
internal static class Weight
{
    private const int Connections = 32;

    internal static async Task TellAsync()
    {
        using var sshd = new Sshd(Connections);
        var transport = new SshTransport();
        // What is made once is not a connection's.
        await (await transport.ConnectAsync(sshd.Endpoint(0), null, CancellationToken.None)).DisposeAsync();

        var before = Now();
        var hosts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(host => transport.ConnectAsync(sshd.Endpoint(host), null, CancellationToken.None)));
        var after = Now();
        using var ssh = Process.Start(new ProcessStartInfo("ssh", ["-F", sshd.Config, "-N", "n1"]))!;
        await Task.Delay(1000);
        ssh.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a connection: {(after.Managed - before.Managed) / Connections / 1024} KiB managed, {(after.Resident - before.Resident) / Connections / 1024} KiB resident, {(double)(after.Threads - before.Threads) / Connections:0.0} threads, {(double)(after.Handles - before.Handles) / Connections:0.0} handles; an ssh: {ssh.WorkingSet64 / 1024} KiB resident"));
        ssh.Kill();
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
    }

    private static (long Managed, long Resident, int Threads, int Handles) Now() =>
        (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet, Directory.GetDirectories("/proc/self/task").Length, Directory.GetFiles("/proc/self/fd").Length);
}
