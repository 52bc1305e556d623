using Renci.SshNet.Messages.Connection;

namespace Ganeti.Ssh;

/// <summary>Takes what arrives on a channel. Called on the connection's reading thread: it must neither block nor throw.</summary>
internal interface IChannelSink
{
    void OnOutput(ReadOnlySpan<byte> data);

    void OnError(ReadOnlySpan<byte> data);

    /// <summary>Nothing more will come: the other side said so, or the channel or its connection has ended.</summary>
    void OnEnd();
}

/// <summary>The server refused to open a channel.</summary>
internal sealed class ChannelRefusedException(uint reason, string description) : Exception(description)
{
    internal const uint Prohibited = 1;

    internal uint Reason => reason;
}

/// <summary>One channel of a connection (RFC 4254, 5). Nothing here blocks.</summary>
internal sealed class SshChannel
{
    private const uint Window = int.MaxValue;
    private const uint LargestPacket = 32 * 1024;

    private readonly SshConnection _connection;
    private readonly IChannelSink _sink;
    private readonly object _gate = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<TaskCompletionSource<bool>> _answers = new();
    private TaskCompletionSource _roomToSend = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _remoteNumber;
    private uint _remotePacket;
    private long _room;
    private long _received;
    private bool _isOpen;
    private bool _isAbandoned;
    private bool _closeSent;
    private bool _isEnded;

    internal SshChannel(SshConnection connection, uint number, bool isSession, IChannelSink sink)
    {
        _connection = connection;
        _sink = sink;
        Number = number;
        IsSession = isSession;
    }

    internal uint Number { get; }

    internal SshConnection Connection => _connection;

    internal bool IsSession { get; }

    internal int? ExitStatus { get; private set; }

    internal string? ExitSignal { get; private set; }

    /// <summary>Completes when the channel has opened; fails with what prevented it.</summary>
    internal Task Opened => _opened.Task;

    /// <summary>Completes when the channel is closed; fails when its connection was lost before.</summary>
    internal Task Closed => _closed.Task;

    internal void Open(ChannelOpenInfo info) =>
        _connection.Send(new ChannelOpenMessage(Number, Window, LargestPacket, info));

    /// <summary>Makes a request; true when the server grants it, false when it does not or the channel ends before.</summary>
    internal Task<bool> RequestAsync(RequestInfo request)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isEnded || _closeSent)
            {
                return Task.FromResult(false);
            }

            _answers.Enqueue(answer);
            _connection.Send(new ChannelRequestMessage(_remoteNumber, request));
        }

        return answer.Task;
    }

    /// <summary>Hands bytes over for sending, as far as the other side has room for them.</summary>
    internal async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            Task roomToSend;
            var length = 0;
            lock (_gate)
            {
                if (_isEnded || _closeSent)
                {
                    throw new IOException("The channel is closed.");
                }

                if (_room > 0)
                {
                    length = (int)Math.Min(Math.Min(_room, _remotePacket), data.Length);
                    _room -= length;
                }

                roomToSend = _roomToSend.Task;
            }

            if (length == 0)
            {
                await roomToSend.WaitAsync(cancellationToken);
                continue;
            }

            // A copy: the caller may use its buffer again before the link has taken the bytes.
            _connection.Send(new ChannelDataMessage(_remoteNumber, data[..length].ToArray()));
            data = data[length..];
        }
    }

    internal void SendEnd()
    {
        lock (_gate)
        {
            if (_isEnded || _closeSent)
            {
                return;
            }
        }

        _connection.Send(new ChannelEofMessage(_remoteNumber));
    }

    /// <summary>Closes the channel, now or as soon as it has opened.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            if (!_isOpen || _isEnded || _closeSent)
            {
                return;
            }

            _closeSent = true;
        }

        _connection.Send(new ChannelCloseMessage(_remoteNumber));
    }

    internal void OnOpened(ChannelOpenConfirmationMessage message)
    {
        bool isAbandoned;
        lock (_gate)
        {
            _remoteNumber = message.RemoteChannelNumber;
            _remotePacket = Math.Clamp(message.MaximumPacketSize, 1, LargestPacket);
            _room = message.InitialWindowSize;
            _isOpen = true;
            isAbandoned = _isAbandoned;
            _closeSent |= isAbandoned;
        }

        if (isAbandoned)
        {
            _connection.Send(new ChannelCloseMessage(_remoteNumber));
        }

        _opened.TrySetResult();
    }

    internal void OnRefused(ChannelOpenFailureMessage message) =>
        End(new ChannelRefusedException(message.ReasonCode, message.Description));

    internal void OnRoom(uint bytes)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            _room += bytes;
            waiting = _roomToSend;
            _roomToSend = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.TrySetResult();
    }

    internal void OnOutput(ReadOnlySpan<byte> data)
    {
        _sink.OnOutput(data);
        Received(data.Length);
    }

    internal void OnError(ReadOnlySpan<byte> data)
    {
        _sink.OnError(data);
        Received(data.Length);
    }

    internal void OnRequest(ChannelRequestMessage request)
    {
        ExitStatus ??= ChannelRequests.ExitStatus(request);
        ExitSignal ??= ChannelRequests.Signal(request);
        if (ChannelRequests.WantsReply(request))
        {
            // sshd's ClientAliveInterval asks in this way whether we live, and hangs up on silence.
            _connection.Send(new ChannelFailureMessage(_remoteNumber));
        }
    }

    internal void OnAnswer(bool granted)
    {
        TaskCompletionSource<bool>? answer;
        lock (_gate)
        {
            _answers.TryDequeue(out answer);
        }

        answer?.TrySetResult(granted);
    }

    internal void OnEof() => _sink.OnEnd();

    internal void OnClosed()
    {
        bool mustAnswer;
        lock (_gate)
        {
            mustAnswer = !_closeSent;
            _closeSent = true;
        }

        if (mustAnswer)
        {
            _connection.Send(new ChannelCloseMessage(_remoteNumber));
        }

        End(null);
    }

    /// <summary>Ends the channel for good, with what ended it or null when it was closed in order.</summary>
    internal void End(Exception? cause)
    {
        TaskCompletionSource waiting;
        bool wasOpen;
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            wasOpen = _isOpen;
            waiting = _roomToSend;
        }

        if (cause is null)
        {
            _closed.TrySetResult();
            _opened.TrySetResult();
        }
        else
        {
            Fail(_closed, cause);
            Fail(_opened, cause);
        }

        waiting.TrySetResult();
        foreach (var answer in _answers)
        {
            answer.TrySetResult(false);
        }

        // One that never opened is tried again with the same sink.
        if (wasOpen)
        {
            _sink.OnEnd();
        }
    }

    private static void Fail(TaskCompletionSource task, Exception cause)
    {
        // Whether anybody awaits it or not, it must not end up as an unobserved exception.
        task.TrySetException(cause);
        _ = task.Task.Exception;
    }

    private void Received(int bytes)
    {
        _received += bytes;
        if (_received > Window / 2)
        {
            _connection.Send(new ChannelWindowAdjustMessage(_remoteNumber, (uint)_received));
            _received = 0;
        }
    }
}
