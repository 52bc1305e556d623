using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

[Trait("Kind", "server")]
public sealed class SshPipeTests : IAsyncLifetime
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
    public async Task Many_round_trips_come_back_in_order()
    {
        await using var pipe = await _host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        var started = Stopwatch.GetTimestamp();

        for (var i = 0; i < 2000; i++)
        {
            var sent = Encoding.ASCII.GetBytes($"request {i}");
            await pipe.WriteAsync(sent, Token);
            Assert.Equal(sent, await ReadAsync(pipe, sent.Length));
        }

        var each = Stopwatch.GetElapsedTime(started) / 2000;
        TestContext.Current.SendDiagnosticMessage("a round trip took {0:0.000} ms", each.TotalMilliseconds);
        Assert.Null(pipe.ExitStatus);
    }

    [Fact]
    public async Task A_mebibyte_each_way_arrives_unchanged()
    {
        await using var pipe = await _host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        var bytes = RandomNumberGenerator.GetBytes(1024 * 1024);

        var reading = ReadAsync(pipe, bytes.Length);
        await pipe.WriteAsync(bytes, Token);

        Assert.True((await reading).AsSpan().SequenceEqual(bytes));
    }

    [Fact]
    public async Task After_the_program_has_ended_there_is_nothing_more_to_read_and_its_exit_status_is_known()
    {
        await using var pipe = await _host.OpenPipeAsync(RemoteCommand.Script("printf last; printf why >&2; exit 3"), Token);

        Assert.Equal("last", Encoding.ASCII.GetString(await ReadAsync(pipe, 4)));
        Assert.Equal(0, await pipe.ReadAsync(new byte[10], Token));
        Assert.Equal((3, "why"), (pipe.ExitStatus, pipe.ErrorText));
    }

    [Fact]
    public async Task Writing_to_a_program_that_has_ended_says_how_it_ended()
    {
        await using var pipe = await _host.OpenPipeAsync(RemoteCommand.Script("echo 'no such socket' >&2; exit 1"), Token);
        Assert.Equal(0, await pipe.ReadAsync(new byte[10], Token));

        var error = await Assert.ThrowsAsync<RemoteException>(() => pipe.WriteAsync(new byte[1], Token));

        Assert.Equal((GanetiError.RemoteCommandFailed, 1), (error.Error, error.ExitStatus));
        Assert.Contains("no such socket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using var pipe = await _host.OpenPipeAsync(new RemoteCommand("cat"), Token);
        for (var i = 0; i < 50; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var reading = pipe.ReadAsync(new byte[10], cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            await pipe.WriteAsync(new[] { (byte)i }, Token);

            Assert.Equal([(byte)i], await ReadAsync(pipe, 1));
        }
    }

    [Fact]
    public async Task Only_the_last_64_KiB_of_standard_error_are_kept()
    {
        await using var pipe = await _host.OpenPipeAsync(RemoteCommand.Script("seq 1 100000 >&2"), Token);
        Assert.Equal(0, await pipe.ReadAsync(new byte[10], Token));

        Assert.Equal(64 * 1024, pipe.ErrorText.Length);
        Assert.EndsWith("\n99999\n100000\n", pipe.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_pipe_ends_its_program()
    {
        var mark = $"86{RandomNumberGenerator.GetInt32(10000, 99999)}";
        var pipe = await _host.OpenPipeAsync(new RemoteCommand("sleep", mark), Token);
        await Eventually.IsTrueAsync(() => Processes.Running("sleep", mark));

        await pipe.DisposeAsync();

        await Eventually.IsTrueAsync(() => !Processes.Running("sleep", mark));
    }

    private static async Task<byte[]> ReadAsync(IRemotePipe pipe, int length)
    {
        var bytes = new byte[length];
        for (var count = 0; count < length;)
        {
            var read = await pipe.ReadAsync(bytes.AsMemory(count), Token);
            Assert.NotEqual(0, read);
            count += read;
        }

        return bytes;
    }
}
