using Ganeti.Remote;
using Ganeti.Ssh;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class JumpHostTests : IAsyncLifetime
{
    private readonly SshTransport _transport = new();
    private RealSshd _first = null!;
    private RealSshd _second = null!;
    private RealSshd _target = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await RealSshd.StartAsync();
        _second = await RealSshd.StartAsync();
        _target = await RealSshd.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sshd in (RealSshd?[])[_first, _second, _target])
        {
            await (sshd?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    [Fact]
    public async Task All_who_go_the_same_way_share_one_connection_to_each_jump_host()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ConnectAsync(Target)));

        var results = await Task.WhenAll(hosts.Select(host => host.RunAsync(new RemoteCommand("echo", "here"), Token)));

        Assert.All(results, result => Assert.Equal("here\n", result.OutputText));
        Assert.Equal((1, 1, 12), (Logins(_first), Logins(_second), Logins(_target)));
        await DisposeAsync(hosts);
        await Eventually.IsTrueAsync(() => Processes.OwnConnections(_first.Port) == 0);
    }

    [Fact]
    public async Task The_last_one_that_goes_closes_it_and_the_next_one_opens_it_anew()
    {
        await using var one = await ConnectAsync(Target);
        var two = await ConnectAsync(_target.Endpoint with { Jump = _first.Endpoint });
        await one.DisposeAsync();
        await one.DisposeAsync();

        Assert.Equal(0, (await two.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        Assert.Equal(1, Processes.OwnConnections(_first.Port));

        await two.DisposeAsync();
        await Eventually.IsTrueAsync(() => Processes.OwnConnections(_first.Port) == 0);
        await using var three = await ConnectAsync(Target);
        Assert.Equal((2, 2), (Logins(_first), Logins(_second)));
    }

    [Fact]
    public async Task Another_user_another_key_or_other_known_hosts_are_another_way()
    {
        await using var one = await ConnectAsync(_target.Endpoint with { Jump = _first.Endpoint });
        var known = _first.InFolder("known_hosts.2");
        File.Copy(_first.KnownHostsFile, known);
        await using var two = await ConnectAsync(_target.Endpoint with { Jump = _first.Endpoint with { KnownHostsFiles = [known] } });
        Assert.Equal(2, Logins(_first));

        File.WriteAllText(_first.InFolder("none"), string.Empty);
        var unknown = await Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(_target.Endpoint with { Jump = _first.Endpoint with { KnownHostsFiles = [_first.InFolder("none")] } }));
        Assert.Equal(GanetiError.HostKeyUnknown, unknown.Error);

        RealSshd.KeyGen("-t", "ed25519", "-f", _first.InFolder("stranger"));
        var stranger = await Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(_target.Endpoint with { Jump = _first.Endpoint with { IdentityFiles = [_first.InFolder("stranger")] } }));
        Assert.Equal(GanetiError.AuthenticationFailed, stranger.Error);
    }

    [Fact]
    public async Task A_jump_host_that_was_restarted_is_connected_to_once_for_all()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ConnectAsync(Target)));
        _first.Kill();
        await _first.StartAsync();
        await Eventually.IsTrueAsync(() => hosts.All(host => !host.IsConnected));

        var results = await Task.WhenAll(hosts.Select(host => host.RunAsync(new RemoteCommand("true"), Token)));

        Assert.All(results, result => Assert.Equal(0, result.ExitStatus));
        Assert.Equal((2, 2, 12), (Logins(_first), Logins(_second), Logins(_target)));
        await DisposeAsync(hosts);
    }

    [Fact]
    public async Task One_that_could_not_be_reached_is_tried_anew_by_the_next()
    {
        _second.Kill();
        var errors = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(Target))));
        Assert.All(errors, error => Assert.Equal(GanetiError.ConnectionRefused, error.Error));
        await Eventually.IsTrueAsync(() => Processes.OwnConnections(_first.Port) == 0);

        await _second.StartAsync();
        await using var host = await ConnectAsync(Target);

        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing_from_those_who_wait_for_the_same_jump_host()
    {
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<IRemoteHost> two;
        using (_first.Stall())
        {
            var one = ConnectAsync(Target, impatient.Token);
            two = ConnectAsync(Target);
            await Task.Delay(200, Token);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
            Assert.False(two.IsCompleted);
        }

        await using (var host = await two)
        {
            Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
            Assert.Equal((1, 1, 1), (Logins(_first), Logins(_second), Logins(_target)));
        }

        await Eventually.IsTrueAsync(() => Processes.OwnConnections(_first.Port) == 0);
    }

    private RemoteEndpoint Target => _target.Endpoint with { Jump = _second.Endpoint with { Jump = _first.Endpoint } };

    private Task<IRemoteHost> ConnectAsync(RemoteEndpoint endpoint, CancellationToken? token = null) => _transport.ConnectAsync(endpoint, null, token ?? Token);

    private static async Task DisposeAsync(IEnumerable<IRemoteHost> hosts)
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    private static int Logins(RealSshd sshd) => sshd.Log.Split("Accepted publickey").Length - 1;
}
