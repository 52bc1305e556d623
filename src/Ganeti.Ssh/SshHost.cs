using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Ganeti.Remote;
using Renci.SshNet.Messages.Connection;

namespace Ganeti.Ssh;

/// <summary>A host reached by SSH: one connection at a time, opened when needed, shared by all callers.</summary>
internal sealed class SshHost : IRemoteHost
{
    private const int MaxRefusals = 3;
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(100);

    private readonly SshHost? _via;
    private readonly Func<ValueTask>? _leave;
    private readonly KeyRing _keys;
    private readonly SemaphoreSlim _sessions;
    private readonly object _gate = new();
    private SshConnection? _connection;
    private Attempt? _attempt;
    private bool _isDisposed;
    private int _lostPlaces;

    /// <param name="endpoint">Where and as whom.</param>
    /// <param name="via">The host through which it is reached, or null.</param>
    /// <param name="keys">The keys that were read.</param>
    /// <param name="leave">Says that this one needs that host no more, or null when nobody wants to know.</param>
    internal SshHost(RemoteEndpoint endpoint, SshHost? via, KeyRing keys, Func<ValueTask>? leave = null)
    {
        _leave = leave;
        Endpoint = endpoint;
        _via = via;
        _keys = keys;
        _sessions = new SemaphoreSlim(Math.Max(1, endpoint.MaxSessions));
    }

    public string Name => Endpoint.Host;

    public RemoteEndpoint Endpoint { get; }

    public bool IsConnected => _connection is { IsUp: true };

    public async Task<RemoteResult> RunAsync(RemoteCommand command, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var printed = new Collector();
        var program = await StartAsync(command, printed, cancellationToken);
        try
        {
            var input = SendInputAsync(program.Channel, command.StandardInput);
            await FinishAsync(program, command).WaitAsync(cancellationToken);
            await input.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            program.Terminate();
            throw;
        }

        var channel = program.Channel;
        var result = new RemoteResult
        {
            ExitStatus = channel.ExitSignal is null ? channel.ExitStatus : null,
            Signal = channel.ExitSignal,
            Output = printed.Output,
            Error = printed.Error,
            Duration = Stopwatch.GetElapsedTime(started),
        };
        return IsBySudo(command) && Sudo.Refusal(Endpoint, result) is { } refusal ? throw refusal : result;
    }

    public async Task<IRemotePipe> OpenPipeAsync(RemoteCommand command, CancellationToken cancellationToken)
    {
        var pipe = new SshPipe(Endpoint, command);
        var program = await StartAsync(command, pipe, cancellationToken);
        pipe.Attach(program);
        try
        {
            await ThrowUnlessStartedAsync(program, command).WaitAsync(cancellationToken);
            return pipe;
        }
        catch (OperationCanceledException)
        {
            program.Terminate();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        SshConnection? connection;
        Attempt? attempt;
        bool wasDisposed;
        lock (_gate)
        {
            wasDisposed = _isDisposed;
            _isDisposed = true;
            connection = _connection;
            attempt = _attempt;
        }

        attempt?.Cancel();

        if (connection is not null)
        {
            await connection.CloseAsync();
        }

        if (_leave is not null && !wasDisposed)
        {
            await _leave();
        }
    }

    /// <summary>Opens the connection unless it is open.</summary>
    internal async Task ConnectAsync(CancellationToken cancellationToken) => await ConnectedAsync(cancellationToken);

    /// <summary>A socket that this host connects to a port it can reach.</summary>
    internal Task<Socket> OpenTunnelAsync(string host, int port, CancellationToken cancellationToken) =>
        SshTunnel.OpenAsync(sink => OpenAsync(new TunnelChannel(host, port), sink, cancellationToken), cancellationToken);

    private static async Task SendInputAsync(SshChannel channel, ReadOnlyMemory<byte> input)
    {
        try
        {
            await channel.WriteAsync(input, CancellationToken.None);
            channel.SendEnd();
        }
        catch (IOException)
        {
            // The program ended without reading all of it: its exit status tells the tale.
        }
    }

    private async Task<RunningProgram> StartAsync(RemoteCommand command, IChannelSink sink, CancellationToken cancellationToken)
    {
        var mark = Guid.NewGuid().ToString("N");
        var sudo = IsBySudo(command);
        var exec = new ExecRequest(ShellQuote.CommandLine(command.Argv, sudo, mark));
        var channel = await OpenAsync(new SessionChannel(), new AfterMark(Encoding.ASCII.GetBytes(mark), sink), cancellationToken);
        return new RunningProgram(channel, mark, sudo, channel.RequestAsync(exec));
    }

    private bool IsBySudo(RemoteCommand command) => Endpoint.Sudo && !command.AsLogin;

    private async Task ThrowUnlessStartedAsync(RunningProgram program, RemoteCommand command)
    {
        if (await program.Started)
        {
            return;
        }

        if (program.Channel.Closed.IsFaulted)
        {
            await ThrowIfLostAsync(program, command);
        }

        program.Channel.Close();
        throw Errors.ExecRefused(Endpoint, command);
    }

    private async Task ThrowIfLostAsync(RunningProgram program, RemoteCommand command)
    {
        try
        {
            await program.Channel.Closed;
        }
        catch (ConnectionEndedException e)
        {
            throw Errors.LostWhileRunning(Endpoint, command, e);
        }
    }

    private async Task FinishAsync(RunningProgram program, RemoteCommand command)
    {
        await ThrowUnlessStartedAsync(program, command);
        await ThrowIfLostAsync(program, command);
        if (program.Channel is { ExitStatus: null, ExitSignal: null })
        {
            throw Errors.NoExitStatus(Endpoint, command);
        }
    }

    /// <summary>Opens a channel; when the connection turns out to have dropped meanwhile, once more on a new one.</summary>
    private async Task<SshChannel> OpenAsync(ChannelOpenInfo info, IChannelSink sink, CancellationToken cancellationToken)
    {
        var isSession = info is SessionChannel;
        var refusals = 0;
        for (var hasRetried = false; ;)
        {
            if (isSession)
            {
                await _sessions.WaitAsync(cancellationToken);
            }

            Task? occupied = null;
            try
            {
                var (connection, isNew) = await ConnectedAsync(cancellationToken);
                var hadSessions = connection.HasSessions;
                var channel = connection.OpenChannel(info, sink);
                occupied = channel.Closed;
                try
                {
                    await channel.Opened.WaitAsync(cancellationToken);
                    return channel;
                }
                catch (OperationCanceledException)
                {
                    channel.Close();
                    throw;
                }
                catch (ConnectionEndedException) when (!isNew && !hasRetried)
                {
                    hasRetried = true;
                }
                catch (ConnectionEndedException e)
                {
                    throw Errors.LostBeforeRunning(Endpoint, e);
                }
                catch (ChannelRefusedException) when (isSession && (hadSessions || connection.HasSessions || refusals++ < MaxRefusals))
                {
                    // The server allows fewer sessions than we do, or has not yet noticed the end of an earlier one.
                    occupied = LosesPlace(hadSessions, connection) ? connection.Ended : Task.Delay(RefusalPause, CancellationToken.None);
                }
                catch (ChannelRefusedException e)
                {
                    throw info is TunnelChannel tunnel ? Errors.TunnelRefused(Endpoint, tunnel, e) : Errors.SessionRefused(Endpoint, e);
                }
            }
            finally
            {
                if (isSession)
                {
                    _ = (occupied ?? Task.CompletedTask).ContinueWith(
                        _ => _sessions.Release(),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default);
                }
            }
        }
    }

    /// <summary>
    /// Whether one place less is used for as long as the connection lives: only while another session ran, and never the last place.
    /// </summary>
    private bool LosesPlace(bool hadSessions, SshConnection connection)
    {
        if (!hadSessions || Interlocked.Increment(ref _lostPlaces) >= Endpoint.MaxSessions)
        {
            if (hadSessions)
            {
                Interlocked.Decrement(ref _lostPlaces);
            }

            return false;
        }

        _ = connection.Ended.ContinueWith(_ => Interlocked.Decrement(ref _lostPlaces), TaskScheduler.Default);
        return true;
    }

    /// <summary>A connection that is known to live, and whether it was made for this call.</summary>
    private async Task<(SshConnection Connection, bool IsNew)> ConnectedAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsUp: true } open && await IsAliveAsync(open).WaitAsync(cancellationToken))
        {
            return (open, false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        Attempt attempt;
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw Errors.Closed(Endpoint);
            }

            if (_connection is { IsUp: true } reopened)
            {
                return (reopened, true);
            }

            attempt = _attempt ??= new Attempt(Endpoint.ConnectTimeout, OpenConnectionAsync);
            attempt.Callers++;
        }

        try
        {
            return (await attempt.Connection.WaitAsync(cancellationToken), true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Not this caller's wish: the host was disposed.
            throw Errors.Closed(Endpoint);
        }
        finally
        {
            bool isOver;
            lock (_gate)
            {
                isOver = --attempt.Callers == 0 || attempt.Connection.IsCompleted;
                _attempt = isOver && _attempt == attempt ? null : _attempt;
            }

            if (isOver)
            {
                attempt.Cancel();
            }
        }
    }

    /// <summary>Whether a connection that has long been silent still answers.</summary>
    private Task<bool> IsAliveAsync(SshConnection connection) =>
        Endpoint.KeepAliveInterval <= TimeSpan.Zero || connection.Quiet <= Endpoint.KeepAliveInterval
            ? Task.FromResult(true)
            : connection.IsAliveAsync();

    private async Task<SshConnection> OpenConnectionAsync(Attempt attempt)
    {
        var connection = await Handshake.ConnectAsync(Endpoint, _via, _keys, attempt.Limit);
        lock (_gate)
        {
            if (!_isDisposed && !attempt.IsCanceled)
            {
                return _connection = connection;
            }
        }

        await connection.CloseAsync();
        throw new OperationCanceledException();
    }

    /// <summary>One try to connect, shared by all who need the connection; it ends when the last of them has given up.</summary>
    private sealed class Attempt
    {
        private volatile bool _isCanceled;

        internal Attempt(TimeSpan timeout, Func<Attempt, Task<SshConnection>> open)
        {
            Limit = new ConnectLimit(timeout);
            Connection = Task.Run(() => open(this));
            _ = Connection.ContinueWith(
                task =>
                {
                    _ = task.Exception;
                    Limit.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        internal ConnectLimit Limit { get; }

        internal Task<SshConnection> Connection { get; }

        internal int Callers { get; set; }

        internal bool IsCanceled => _isCanceled;

        internal void Cancel()
        {
            _isCanceled = true;
            Limit.Cancel();
        }
    }
}
