using BenchmarkDotNet.Attributes;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Benchmarks;

/// <summary>A thousand commands over one connection, eight at a time, against OpenSSH's own shared connection.</summary>
public class ThousandCommands
{
    private Sshd _sshd = null!;
    private IRemoteHost _host = null!;

    [GlobalSetup]
    public async Task StartAsync()
    {
        _sshd = new Sshd(1);
        _host = await new SshTransport().ConnectAsync(_sshd.Endpoint(0), null, CancellationToken.None);
        Sshd.Run("ssh", "-F", _sshd.Config, "-M", "-N", "-f", "n1");
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        Sshd.Run("ssh", "-F", _sshd.Config, "-O", "exit", "n1");
        _sshd.Dispose();
    }

    [Benchmark(Baseline = true, Description = "ssh with ControlMaster, xargs -P 8")]
    public void SharedSsh() => Sshd.Run("sh", "-c", "seq 1000 | xargs -P 8 -I{} ssh -F \"$1\" n1 true", "sh", _sshd.Config);

    [Benchmark(Description = "this module")]
    public Task OverThePool() => Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _host.RunAsync(new RemoteCommand("true"), CancellationToken.None)));
}
