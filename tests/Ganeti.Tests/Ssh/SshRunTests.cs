using System.Security.Cryptography;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class SshRunTests : IAsyncLifetime
{
    private RealSshd _sshd = null!;
    private IRemoteHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sshd = await RealSshd.StartAsync();
        _host = await _sshd.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_sshd is not null)
        {
            await (_host?.DisposeAsync() ?? ValueTask.CompletedTask);
            await _sshd.DisposeAsync();
        }
    }

    [Fact]
    public async Task Output_error_and_exit_status_are_kept_apart()
    {
        var result = await _host.RunAsync(RemoteCommand.Script("printf out; printf err >&2; exit 7"), Token);

        Assert.Equal(("out", "err", 7, null), (result.OutputText, result.ErrorText, result.ExitStatus, result.Signal));
    }

    [Fact]
    public async Task A_program_killed_by_a_signal_has_the_signals_name_and_no_exit_status()
    {
        var result = await _host.RunAsync(RemoteCommand.Script("kill -USR1 $$"), Token);

        Assert.Equal((null, "USR1"), (result.ExitStatus, result.Signal));
    }

    [Fact]
    public async Task An_empty_input_is_at_its_end_at_once()
    {
        var result = await _host.RunAsync(new RemoteCommand("cat"), Token);

        Assert.Equal((0, 0), (result.ExitStatus, result.Output.Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024 * 1024)]
    [InlineData(8 * 1024 * 1024)]
    public async Task Bytes_of_input_and_output_arrive_unchanged(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);

        var result = await _host.RunAsync(new RemoteCommand("cat") { StandardInput = bytes }, Token);

        Assert.Equal(0, result.ExitStatus);
        Assert.True(result.Output.Span.SequenceEqual(bytes));
    }

    [Fact]
    public async Task A_program_that_ends_without_reading_its_input_is_no_error()
    {
        var result = await _host.RunAsync(new RemoteCommand("true") { StandardInput = new byte[16 * 1024 * 1024] }, Token);

        Assert.Equal(0, result.ExitStatus);
    }

    [Fact]
    public async Task Twenty_commands_at_once_share_the_servers_ten_sessions()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            _host.RunAsync(RemoteCommand.Script("sleep 0.1; echo $1", $"{i}"), Token)));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}\n"), results.Select(result => result.OutputText));
    }

    [Fact]
    public async Task A_server_that_allows_fewer_sessions_than_we_do_is_not_asked_for_more()
    {
        await using var sshd = await RealSshd.StartAsync("MaxSessions 2");
        await using var host = await sshd.ConnectAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            host.RunAsync(RemoteCommand.Script("sleep 0.05; echo $1", $"{i}"), Token)));

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i}\n"), results.Select(result => result.OutputText));
    }

    [Fact]
    public async Task New_keys_in_the_middle_of_the_data_are_not_noticed()
    {
        await using var sshd = await RealSshd.StartAsync("RekeyLimit 512K");
        await using var host = await sshd.ConnectAsync();
        var bytes = RandomNumberGenerator.GetBytes(1024 * 1024);

        var result = await host.RunAsync(new RemoteCommand("cat") { StandardInput = bytes }, Token);

        Assert.True(result.Output.Span.SequenceEqual(bytes));
    }

    [Fact]
    public async Task A_nul_in_an_argument_is_a_mistake_of_the_caller() =>
        Assert.Equal(GanetiError.ParameterInvalid, (await Assert.ThrowsAsync<GanetiException>(() => _host.RunAsync(new RemoteCommand("echo", "a\0b"), Token))).Error);

    [Fact]
    public async Task A_program_that_does_not_exist_has_the_shells_status()
    {
        var result = await _host.RunAsync(new RemoteCommand("no-such-program"), Token);

        Assert.Equal(127, result.ExitStatus);
    }

    [Fact]
    public async Task A_cancelled_command_returns_at_once_and_is_ended_on_the_host()
    {
        var mark = $"87{RandomNumberGenerator.GetInt32(10000, 99999)}";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = _host.RunAsync(new RemoteCommand("sleep", mark), cancel.Token);
        await Eventually.IsTrueAsync(() => Processes.Running("sleep", mark));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(5), Token));
        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", mark));
        Assert.Equal(0, (await _host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
    }

    [Fact]
    public async Task Commands_cancelled_in_any_moment_leave_no_place_taken()
    {
        for (var i = 0; i < 60; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            cancel.CancelAfter(TimeSpan.FromMilliseconds(i / 4.0));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _host.RunAsync(new RemoteCommand("sleep", "600"), cancel.Token));
        }

        Assert.Equal(0, (await _host.RunAsync(new RemoteCommand("true"), Token)).ExitStatus);
    }
}
