using System.Text;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class IdleTests : IAsyncLifetime
{
    private RealSshd _sshd = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sshd = await RealSshd.StartAsync();

    public ValueTask DisposeAsync() => _sshd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_connection_that_nobody_uses_is_closed_and_the_next_command_opens_another()
    {
        await using var host = await ConnectAsync(0.3);
        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        Assert.True(host.IsConnected);

        await Eventually.IsTrueAsync(() => !host.IsConnected && Processes.OwnConnections(_sshd.Port) == 0);

        Assert.Equal("here\n", (await host.RunAsync(new RemoteCommand("echo", "here"), Token)).OutputText);
        await Eventually.IsTrueAsync(() => !host.IsConnected);
        Assert.Equal(2, Logins(_sshd));
    }

    [Fact]
    public async Task Without_a_limit_it_stays_open()
    {
        await using var host = await _sshd.ConnectAsync();

        await Task.Delay(1000, Token);

        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task One_that_a_security_key_was_touched_for_stays_open()
    {
        using var token = new SecurityKey();
        token.Touch();
        await File.WriteAllTextAsync(_sshd.InFolder("authorized_keys"), token.PublicLine + "\n", Token);
        await using var host = await _sshd.ConnectAsync(endpoint => endpoint with { IdentityFiles = [], IdentityAgent = token.Socket, Prompt = new Answers(), IdleTime = TimeSpan.FromSeconds(0.2) });

        await Task.Delay(1000, Token);

        Assert.True(host.IsConnected);
        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        Assert.Equal(1, Logins(_sshd));
    }

    [Fact]
    public async Task What_is_in_use_stays_open_however_quiet_it_is()
    {
        await using var host = await ConnectAsync(0.2);
        await using var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("sleep", "1"), Token)).ExitStatus);
        await Task.Delay(700, Token);

        await pipe.WriteAsync("still here"u8.ToArray(), Token);
        var buffer = new byte[64];
        Assert.Equal("still here", Encoding.UTF8.GetString(buffer, 0, await pipe.ReadAsync(buffer, Token)));
        Assert.Equal(1, Logins(_sshd));
    }

    [Fact]
    public async Task A_host_that_others_are_reached_through_is_in_use()
    {
        await using var node = await RealSshd.StartAsync();
        var transport = new Ganeti.Ssh.SshTransport();
        await using var master = await transport.ConnectAsync(_sshd.Endpoint with { IdleTime = TimeSpan.FromSeconds(0.2) }, null, Token);
        await using var behind = await transport.ConnectAsync(node.Endpoint, master, Token);

        await Task.Delay(1000, Token);

        Assert.True(behind.IsConnected);
        Assert.Equal((1, 1), (Logins(_sshd), Logins(node)));
    }

    [Fact]
    public async Task Whoever_comes_just_when_it_is_closed_notices_nothing()
    {
        await using var host = await ConnectAsync(0.05);
        for (var i = 0; i < 60; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(40 + (i % 20)), Token);
            Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        }

        // Both were seen: some that were closed before, some that were not.
        Assert.InRange(Logins(_sshd), 2, 60);
    }

    private Task<IRemoteHost> ConnectAsync(double seconds) => _sshd.ConnectAsync(endpoint => endpoint with { IdleTime = TimeSpan.FromSeconds(seconds) });

    private static int Logins(RealSshd sshd) => sshd.Log.Split("Accepted publickey").Length - 1;
}
