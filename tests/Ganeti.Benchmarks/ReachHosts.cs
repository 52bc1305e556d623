using BenchmarkDotNet.Attributes;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Benchmarks;

/// <summary>A command on several hosts at once, from nothing and over connections that are open, against what a user would type instead.</summary>
public class ReachHosts
{
    private static readonly RemoteCommand True = new("true");

    private Sshd _sshd = null!;
    private IRemoteHost[] _open = [];

    [Params(1, 8, 32)]
    public int Hosts { get; set; }

    [GlobalSetup]
    public async Task StartAsync()
    {
        _sshd = new Sshd(Hosts);
        _open = await ConnectAsync();
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await Task.WhenAll(_open.Select(host => host.DisposeAsync().AsTask()));
        _sshd.Dispose();
    }

    [Benchmark(Baseline = true, Description = "ssh to each, at once")]
    public Task Ssh() => Task.WhenAll(Enumerable.Range(1, Hosts).Select(host => Task.Factory.StartNew(
        () => Sshd.Run("ssh", "-F", _sshd.Config, $"n{host}", "true"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    [Benchmark(Description = "clush")]
    public void Clush() => Sshd.Run("clush", "-q", "-o", $"-F {_sshd.Config}", "-f", "64", "-w", $"n[1-{Hosts}]", "true");

    [Benchmark(Description = "this module, cold")]
    public async Task Cold()
    {
        var hosts = await ConnectAsync();
        await Task.WhenAll(hosts.Select(host => host.RunAsync(True, CancellationToken.None)));
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
    }

    [Benchmark(Description = "this module, warm")]
    public Task Warm() => Task.WhenAll(_open.Select(host => host.RunAsync(True, CancellationToken.None)));

    private async Task<IRemoteHost[]> ConnectAsync()
    {
        var transport = new SshTransport();
        return await Task.WhenAll(Enumerable.Range(0, Hosts).Select(host => transport.ConnectAsync(_sshd.Endpoint(host), null, CancellationToken.None)));
    }
}
