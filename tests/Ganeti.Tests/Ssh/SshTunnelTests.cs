using System.Security.Cryptography;
using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class SshTunnelTests : IAsyncLifetime
{
    private readonly SshTransport _transport = new();
    private RealSshd _master = null!;
    private RealSshd _node = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _master = await RealSshd.StartAsync();
        _node = await RealSshd.StartAsync();
        _node.WriteKnownHosts("h4.example.org");
    }

    public async ValueTask DisposeAsync()
    {
        await (_master?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task A_node_is_reached_through_the_master_and_known_by_its_own_name()
    {
        await using var master = await ConnectAsync(_master.Endpoint);
        await using var node = await ConnectAsync(Node, master);

        Assert.Equal($"{_node.Port}\n", (await node.RunAsync(RemoteCommand.Script("echo ${SSH_CONNECTION##* }"), Token)).OutputText);
        Assert.Equal(GanetiError.HostKeyUnknown, (await FailsAsync(Node with { HostKeyAlias = "h5.example.org" }, master)).Error);
    }

    [Fact]
    public async Task A_tunnel_carries_any_bytes_both_ways()
    {
        await using var master = await ConnectAsync(_master.Endpoint);
        await using var node = await ConnectAsync(Node, master);
        var bytes = RandomNumberGenerator.GetBytes(4 * 1024 * 1024);

        var result = await node.RunAsync(new RemoteCommand("cat") { StandardInput = bytes }, Token);

        Assert.True(result.Output.Span.SequenceEqual(bytes));
    }

    [Fact]
    public async Task Twenty_nodes_at_once_go_through_one_connection()
    {
        await using var master = await ConnectAsync(_master.Endpoint);

        var nodes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ConnectAsync(Node, master)));
        var results = await Task.WhenAll(nodes.Select(node => node.RunAsync(new RemoteCommand("echo", "here"), Token)));

        Assert.All(results, result => Assert.Equal("here\n", result.OutputText));
        Assert.Equal(1, Processes.OwnConnections(_master.Port));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task When_the_masters_connection_dropped_the_tunnel_is_made_anew()
    {
        await using var master = await ConnectAsync(_master.Endpoint);
        await using var node = await ConnectAsync(Node, master);
        _master.Kill();
        await _master.StartAsync();
        await Eventually.IsTrueAsync(() => !node.IsConnected);

        Assert.Equal(0, (await node.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        Assert.True(master.IsConnected);
    }

    [Fact]
    public async Task When_the_node_dies_its_connection_is_lost_and_the_masters_is_not()
    {
        await using var master = await ConnectAsync(_master.Endpoint);
        await using var node = await ConnectAsync(Node, master);
        var running = node.RunAsync(new RemoteCommand("sleep", "600"), Token);
        await Task.Delay(200, Token);

        _node.Kill();

        Assert.Equal(GanetiError.ConnectionLost, (await Assert.ThrowsAsync<RemoteException>(() => running.WaitAsync(TimeSpan.FromSeconds(10), Token))).Error);
        Assert.Equal(0, (await master.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
    }

    [Fact]
    public async Task A_node_whose_sshd_is_down_refuses_the_connection()
    {
        await using var master = await ConnectAsync(_master.Endpoint);

        var error = await FailsAsync(Node with { Port = RealSshd.FreePort() }, master);

        Assert.Equal(GanetiError.ConnectionRefused, error.Error);
        Assert.Contains("seen from 127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_the_master_does_not_know_is_not_found()
    {
        await using var master = await ConnectAsync(_master.Endpoint);

        var error = await FailsAsync(Node with { Host = "no-such-node.invalid" }, master);

        Assert.Equal(GanetiError.HostNotFound, error.Error);
        Assert.Contains("no-such-node.invalid", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AllowTcpForwarding no")]
    [InlineData("DisableForwarding yes")]
    [InlineData("PermitOpen none")]
    public async Task A_master_that_forwards_nothing_says_what_must_be_changed(string setting)
    {
        await using var sshd = await RealSshd.StartAsync(setting);
        await using var master = await ConnectAsync(sshd.Endpoint);

        var error = await FailsAsync(Node, master);

        Assert.Equal(GanetiError.ForwardingRefused, error.Error);
        Assert.Contains("AllowTcpForwarding", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposed_nodes_leave_no_socket_and_a_disposed_master_ends_its_tunnels()
    {
        var master = await ConnectAsync(_master.Endpoint);
        await using var first = await ConnectAsync(Node, master);
        var before = Processes.OwnSockets();
        var second = await ConnectAsync(Node, master);

        await second.DisposeAsync();
        await Eventually.IsTrueAsync(() => Processes.OwnSockets() <= before);

        await master.DisposeAsync();
        await Eventually.IsTrueAsync(() => !first.IsConnected);
        Assert.Equal(GanetiError.NotConnected, (await Assert.ThrowsAsync<RemoteException>(() => first.RunAsync(new RemoteCommand("true"), Token))).Error);
    }

    private RemoteEndpoint Node => _node.Endpoint with { HostKeyAlias = "h4.example.org" };

    private Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, IRemoteHost? via = null) => _transport.ConnectAsync(endpoint, via, Token);

    private Task<RemoteException> FailsAsync(RemoteEndpoint endpoint, IRemoteHost via) =>
        Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(endpoint, via));
}
