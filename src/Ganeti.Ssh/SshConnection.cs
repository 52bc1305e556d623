using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Ganeti.Remote;
using Renci.SshNet;
using Renci.SshNet.Messages;
using Renci.SshNet.Messages.Connection;

namespace Ganeti.Ssh;

/// <summary>The connection is gone; what ended it is the inner exception.</summary>
internal sealed class ConnectionEndedException(string message, Exception? cause) : Exception(message, cause);

/// <summary>One connection that is logged in, with its channels, its watch over the other side's life, and its end.</summary>
internal sealed class SshConnection
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(500);

    private readonly Session _session;
    private readonly Socket _socket;
    private readonly TimeSpan _aliveInterval;
    private readonly ConcurrentDictionary<uint, SshChannel> _channels = new();
    private readonly Channel<Message> _outbox =
        Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });

    private readonly TaskCompletionSource<ConnectionEndedException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private readonly Task _sending;
    private Task _teardown = Task.CompletedTask;
    private TaskCompletionSource? _sign;
    private Task? _watch;
    private volatile ConnectionEndedException? _cause;
    private uint _lastNumber;
    private long _lastHeard = Environment.TickCount64;
    private long _lastUsed = Environment.TickCount64;

    private SshConnection(Session session, Socket socket, TimeSpan aliveInterval)
    {
        _session = session;
        _socket = socket;
        _aliveInterval = aliveInterval;
        Terminator = new Terminator(this);
        session.ChannelOpenConfirmationReceived += (_, e) => Find(e.Message)?.OnOpened(e.Message);
        session.ChannelOpenFailureReceived += (_, e) => Remove(e.Message)?.OnRefused(e.Message);
        session.ChannelWindowAdjustReceived += (_, e) => Find(e.Message)?.OnRoom(e.Message.BytesToAdd);
        session.ChannelDataReceived += (_, e) => Find(e.Message)?.OnOutput(e.Message.Data.AsSpan(e.Message.Offset, e.Message.Size));
        session.ChannelExtendedDataReceived += (_, e) => Find(e.Message)?.OnError(e.Message.Data);
        session.ChannelEofReceived += (_, e) => Find(e.Message)?.OnEof();
        session.ChannelCloseReceived += (_, e) => Remove(e.Message)?.OnClosed();
        session.ChannelRequestReceived += (_, e) => Find(e.Message)?.OnRequest(e.Message);
        session.ChannelSuccessReceived += (_, e) => Find(e.Message)?.OnAnswer(granted: true);
        session.ChannelFailureReceived += (_, e) => Find(e.Message)?.OnAnswer(granted: false);
        session.RequestSuccessReceived += (_, _) => OnSignOfLife();
        session.RequestFailureReceived += (_, _) => OnSignOfLife();
        session.ErrorOccured += (_, e) => End("The connection was lost", e.Exception, isAlive: false);
        session.Disconnected += (_, _) => End("The server closed the connection", null, isAlive: false);
        _sending = Task.Run(SendAllAsync);
        if (!session.IsConnected)
        {
            End("The connection was lost", null, isAlive: false);
        }
    }

    /// <summary>Whether it can take new channels, as far as is known.</summary>
    internal bool IsUp => _cause is null;

    /// <summary>How long nothing has been heard from the other side.</summary>
    internal TimeSpan Quiet => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastHeard));

    /// <summary>Completes when the connection has ended, with the cause.</summary>
    internal Task<ConnectionEndedException> Ended => _ended.Task;

    /// <summary>Ends programs that were started on this connection.</summary>
    internal Terminator Terminator { get; }

    /// <summary>Whether any program is running in one of its channels.</summary>
    internal bool HasSessions => _channels.Values.Any(channel => channel.IsSession);

    /// <summary>Exchanges keys and logs in over a socket, which it owns from then on.</summary>
    /// <param name="info">The algorithms, the ways to log in.</param>
    /// <param name="socket">The connected socket.</param>
    /// <param name="onHostKey">Looks at the server's key; what it returns is why the key is refused.</param>
    /// <param name="aliveInterval">How often the other side's life is checked.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    internal static async Task<SshConnection> OpenAsync(
        ConnectionInfo info, Socket socket, Func<byte[], RemoteException?> onHostKey, TimeSpan aliveInterval, CancellationToken cancellationToken)
    {
        var session = SshNet.CreateSession(info, socket);
        RemoteException? refusal = null;
        session.HostKeyReceived += (_, e) =>
        {
            try
            {
                refusal = onHostKey(e.HostKey);
                e.CanTrust = refusal is null;
            }
            catch (Exception)
            {
                e.CanTrust = false;
                throw;
            }
        };

        var done = new TaskCompletionSource<SshConnection>(TaskCreationOptions.RunContinuationsAsynchronously);

        // SSH.NET blocks through the whole handshake: a thread of its own, so that twenty of them do not starve the pool.
        var handshake = new Thread(() =>
        {
            try
            {
                session.Connect();
                if (!session.IsConnected)
                {
                    throw new ConnectionEndedException("The server hung up during the handshake", null);
                }

                done.SetResult(new SshConnection(session, socket, aliveInterval));
            }
            catch (Exception e)
            {
                Quietly(session.Dispose);
                Quietly(socket.Dispose);
                done.SetException(refusal ?? e);
            }
        })
        {
            IsBackground = true,
            Name = "SSH handshake",
        };
        handshake.Start();

        try
        {
            return await done.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Without its socket the handshake ends by itself; nobody waits for it.
            socket.Dispose();
            _ = done.Task.ContinueWith(
                static t =>
                {
                    if (t.IsCompletedSuccessfully)
                    {
                        _ = t.Result.CloseAsync();
                    }

                    _ = t.Exception;
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Starts to open a channel.</summary>
    internal SshChannel OpenChannel(ChannelOpenInfo info, IChannelSink sink)
    {
        var channel = new SshChannel(this, Interlocked.Increment(ref _lastNumber), info is SessionChannel, sink);
        ConnectionEndedException? cause;
        lock (_gate)
        {
            cause = _cause;
            if (cause is null)
            {
                _channels[channel.Number] = channel;
            }
        }

        if (cause is not null)
        {
            channel.End(cause);
            return channel;
        }

        channel.Open(info);
        Watch();
        return channel;
    }

    /// <summary>Closes the connection as soon as it has had no channel for a time.</summary>
    internal void CloseWhenIdle(TimeSpan time) => _ = CloseWhenIdleAsync(time);

    /// <summary>Queues a message; never blocks.</summary>
    internal void Send(Message message) => _outbox.Writer.TryWrite(message);

    /// <summary>Asks the other side for a sign of life; false when none came within the interval, and the connection is ended.</summary>
    internal async Task<bool> IsAliveAsync()
    {
        Task sign;
        lock (_gate)
        {
            if (_sign is null)
            {
                _sign = new(TaskCreationOptions.RunContinuationsAsynchronously);
                Send(new AliveRequest());
            }

            sign = _sign.Task;
        }

        try
        {
            await Task.WhenAny(sign, _ended.Task).WaitAsync(_aliveInterval);
            return sign.IsCompletedSuccessfully;
        }
        catch (TimeoutException)
        {
            End($"Nothing was heard from it for {_aliveInterval.TotalSeconds:0.#} s though it was asked for a sign of life", null, isAlive: false);
            return false;
        }
    }

    /// <summary>Says goodbye and closes; done within a moment even when the link is stalled.</summary>
    internal async Task CloseAsync()
    {
        End("The connection was closed", null, isAlive: true);
        await _teardown;
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
            // A connection that is being thrown away has nothing to say that matters.
        }
    }

    private SshChannel? Find(ChannelMessage message)
    {
        Volatile.Write(ref _lastHeard, Environment.TickCount64);
        return _channels.GetValueOrDefault(message.LocalChannelNumber);
    }

    private SshChannel? Remove(ChannelMessage message)
    {
        Volatile.Write(ref _lastHeard, Environment.TickCount64);
        Volatile.Write(ref _lastUsed, Environment.TickCount64);
        _channels.TryRemove(message.LocalChannelNumber, out var channel);
        return channel;
    }

    private void OnSignOfLife()
    {
        Volatile.Write(ref _lastHeard, Environment.TickCount64);
        TaskCompletionSource? sign;
        lock (_gate)
        {
            sign = _sign;
            _sign = null;
        }

        sign?.TrySetResult();
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync())
            {
                SshNet.SendMessage(_session, message);
            }
        }
        catch (Exception e)
        {
            End("The connection was lost", e, isAlive: false);
        }
    }

    /// <summary>Keeps looking for signs of life while any channel is open.</summary>
    private void Watch()
    {
        if (_aliveInterval <= TimeSpan.Zero)
        {
            return;
        }

        lock (_gate)
        {
            _watch ??= WatchAsync();
        }
    }

    private async Task WatchAsync()
    {
        while (!await IsEndedWithinAsync(_aliveInterval))
        {
            lock (_gate)
            {
                if (_channels.IsEmpty)
                {
                    _watch = null;
                    return;
                }
            }

            if (Quiet >= _aliveInterval && !await IsAliveAsync())
            {
                return;
            }
        }
    }

    private async Task CloseWhenIdleAsync(TimeSpan time)
    {
        for (var left = time; !await IsEndedWithinAsync(left);)
        {
            // Whoever wants a channel now gets it before, or finds a connection that has ended and opens another.
            lock (_gate)
            {
                left = _channels.IsEmpty ? time - TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastUsed)) : time;
                if (left <= TimeSpan.Zero)
                {
                    End("Nobody used the connection", null, isAlive: true);
                    return;
                }
            }
        }
    }

    private async Task<bool> IsEndedWithinAsync(TimeSpan time)
    {
        try
        {
            await _ended.Task.WaitAsync(time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void End(string message, Exception? exception, bool isAlive)
    {
        ConnectionEndedException cause;
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            _cause = cause = new ConnectionEndedException(message, exception);
            _outbox.Writer.TryComplete();
            _teardown = Task.Run(() => TearDownAsync(isAlive));
        }

        foreach (var number in _channels.Keys)
        {
            if (_channels.TryRemove(number, out var channel))
            {
                channel.End(cause);
            }
        }

        _ended.TrySetResult(cause);
    }

    /// <summary>Takes SSH.NET's session down, which blocks while a link is stalled; closing the socket under it ends that.</summary>
    private async Task TearDownAsync(bool isAlive)
    {
        if (!isAlive)
        {
            Quietly(_socket.Dispose);
        }

        var farewell = Task.Run(async () =>
        {
            await _sending;
            Quietly(_session.Dispose);
        });
        if (isAlive && await Task.WhenAny(farewell, Task.Delay(FarewellTime)) != farewell)
        {
            Quietly(_socket.Dispose);
        }

        await Task.WhenAny(farewell, Task.Delay(FarewellTime));
        Quietly(_socket.Dispose);
    }
}
