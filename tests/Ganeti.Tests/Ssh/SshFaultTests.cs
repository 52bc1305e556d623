using System.Security.Cryptography;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class SshFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private RealSshd _sshd = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sshd = await RealSshd.StartAsync();

    public ValueTask DisposeAsync() => _sshd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_server_that_dies_in_mid_command_loses_the_connection_and_says_that_the_outcome_is_unknown()
    {
        await using var host = await _sshd.ConnectAsync();
        await using var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        var running = host.RunAsync(new RemoteCommand("sleep", "600"), Token);
        await Task.Delay(200, Token);

        _sshd.Kill();

        var error = await Assert.ThrowsAsync<RemoteException>(() => running.WaitAsync(Moment, Token));
        Assert.Equal(GanetiError.ConnectionLost, error.Error);
        Assert.Contains("not known", error.Message, StringComparison.Ordinal);
        Assert.Equal(GanetiError.ConnectionLost, (await Assert.ThrowsAsync<RemoteException>(() => pipe.ReadAsync(new byte[1], Token))).Error);
        Assert.Equal(GanetiError.ConnectionLost, (await Assert.ThrowsAsync<RemoteException>(() => pipe.WriteAsync(new byte[1], Token))).Error);
        Assert.False(host.IsConnected);
    }

    [Fact]
    public async Task After_a_restart_of_the_server_the_next_command_works()
    {
        await using var host = await _sshd.ConnectAsync();
        _sshd.Kill();
        Assert.Equal(GanetiError.ConnectionRefused, (await Assert.ThrowsAsync<RemoteException>(() => host.RunAsync(new RemoteCommand("true"), Token))).Error);

        await _sshd.StartAsync();

        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        Assert.True(host.IsConnected);
    }

    [Fact]
    public async Task Commands_sent_at_once_after_a_drop_share_one_new_connection()
    {
        await using var host = await _sshd.ConnectAsync();
        _sshd.Kill();
        await _sshd.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.RunAsync(RemoteCommand.Script("echo $SSH_CONNECTION"), Token)));

        Assert.Single(results.Select(result => result.OutputText).Distinct());
    }

    [Fact]
    public async Task On_a_stalled_connection_a_cancelled_command_returns_at_once()
    {
        await using var host = await _sshd.ConnectAsync();
        using (_sshd.Stall())
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            cancel.CancelAfter(200);

            // More than the link takes, so that the sending itself is stuck.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                host.RunAsync(new RemoteCommand("cat") { StandardInput = new byte[64 * 1024 * 1024] }, cancel.Token).WaitAsync(Moment, Token));
        }
    }

    [Fact]
    public async Task On_a_stalled_connection_a_write_that_is_cancelled_and_the_end_of_everything_take_a_moment_only()
    {
        var host = await _sshd.ConnectAsync();
        var pipe = await host.OpenPipeAsync(new RemoteCommand("sleep", "600"), Token);
        using (_sshd.Stall())
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            cancel.CancelAfter(300);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipe.WriteAsync(new byte[64 * 1024 * 1024], cancel.Token).WaitAsync(Moment, Token));

            await pipe.DisposeAsync().AsTask().WaitAsync(Moment, Token);
            await host.DisposeAsync().AsTask().WaitAsync(Moment, Token);

            Assert.Equal(0, Processes.OwnConnections(_sshd.Port));
        }
    }

    [Fact]
    public async Task A_stalled_connection_is_noticed_while_a_command_runs_and_the_next_command_reconnects()
    {
        await using var host = await _sshd.ConnectAsync(e => e with { KeepAliveInterval = TimeSpan.FromMilliseconds(300) });
        var running = host.RunAsync(new RemoteCommand("sleep", "600"), Token);
        await Task.Delay(200, Token);
        using (_sshd.StallConnections())
        {
            var error = await Assert.ThrowsAsync<RemoteException>(() => running.WaitAsync(TimeSpan.FromSeconds(10), Token));

            Assert.Equal(GanetiError.ConnectionLost, error.Error);
            Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        }
    }

    [Fact]
    public async Task A_connection_that_stalled_while_idle_is_noticed_before_the_next_command_is_sent()
    {
        await using var host = await _sshd.ConnectAsync(e => e with { KeepAliveInterval = TimeSpan.FromMilliseconds(300) });
        await host.RunAsync(new RemoteCommand("true"), Token);
        using (_sshd.StallConnections())
        {
            await Task.Delay(500, Token);

            Assert.Equal(0, (await host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
        }
    }

    [Fact]
    public async Task A_quiet_command_is_not_taken_for_a_dead_connection()
    {
        await using var host = await _sshd.ConnectAsync(e => e with { KeepAliveInterval = TimeSpan.FromMilliseconds(200) });

        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("sleep", "2"), Token)).ExitStatus);
    }

    [Fact]
    public async Task A_server_that_asks_for_signs_of_life_gets_them()
    {
        await using var sshd = await RealSshd.StartAsync("ClientAliveInterval 1\nClientAliveCountMax 1");
        await using var host = await sshd.ConnectAsync(e => e with { KeepAliveInterval = TimeSpan.Zero });

        Assert.Equal(0, (await host.RunAsync(new RemoteCommand("sleep", "4"), Token)).ExitStatus);
    }

    [Fact]
    public async Task What_a_cancelled_script_has_detached_goes_on()
    {
        await using var host = await _sshd.ConnectAsync();
        var mark = $"88{RandomNumberGenerator.GetInt32(10000, 99999)}";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = host.RunAsync(RemoteCommand.Script("setsid sleep $1 </dev/null >/dev/null 2>&1 & sleep 1$1", mark), cancel.Token);
        await Eventually.IsTrueAsync(() => Processes.Running("sleep", mark) && Processes.Running("sleep", $"1{mark}"));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", $"1{mark}"));
        Assert.True(Processes.Running("sleep", mark));
        RealSshd.RunTool("pkill", "-xf", $"sleep {mark}");
    }

    [Fact]
    public async Task A_host_in_use_that_is_disposed_leaves_no_thread_no_connection_and_no_place_to_go_on()
    {
        var threads = Processes.OwnThreads("SSH");
        var hosts = new List<IRemoteHost>();
        var running = new List<Task>();
        for (var i = 0; i < 5; i++)
        {
            var host = await _sshd.ConnectAsync();
            hosts.Add(host);
            running.Add(host.RunAsync(new RemoteCommand("sleep", "600"), Token));
            var pipe = await host.OpenPipeAsync(new RemoteCommand("cat"), Token);
            running.Add(pipe.ReadAsync(new byte[1], Token));
        }

        Assert.Equal(5, Processes.OwnConnections(_sshd.Port));
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask())).WaitAsync(Moment, Token);

        Assert.Equal(0, Processes.OwnConnections(_sshd.Port));
        foreach (var task in running)
        {
            Assert.Equal(GanetiError.ConnectionLost, (await Assert.ThrowsAsync<RemoteException>(() => task.WaitAsync(Moment, Token))).Error);
        }

        Assert.Equal(GanetiError.NotConnected, (await Assert.ThrowsAsync<RemoteException>(() => hosts[0].RunAsync(new RemoteCommand("true"), Token))).Error);
        // Other tests' come and go.
        await Eventually.IsTrueAsync(() => Processes.OwnThreads("SSH") <= threads);
    }

    [Fact]
    public async Task Many_connections_one_after_the_other_leave_no_thread_behind()
    {
        await using (await _sshd.ConnectAsync())
        {
        }

        var before = Directory.GetDirectories("/proc/self/task").Length;
        for (var i = 0; i < 40; i++)
        {
            await using var host = await _sshd.ConnectAsync();
        }

        await Eventually.IsTrueAsync(() => Directory.GetDirectories("/proc/self/task").Length <= before + 12);
        Assert.Equal(0, Processes.OwnConnections(_sshd.Port));
    }
}
