using Ganeti.Remote;

namespace Ganeti.Luxi;

/// <summary>One connection to the master daemon: messages out, messages in, one at a time. No JSON.</summary>
/// <remarks>
/// A message is bytes followed by 0x03 (Ganeti's <c>lib/rpc/transport.py</c>, <c>eom</c>). While the channel is idle a read
/// is pending, so that its end is noticed when the server closes it.
/// </remarks>
internal sealed class LuxiChannel(IRemotePipe pipe) : IAsyncDisposable
{
    private const byte EndOfMessage = 3;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private Task<int>? _pendingRead;
    private bool _broken;

    /// <summary>When the last reply came, by <see cref="Environment.TickCount64"/>.</summary>
    internal long LastUsed { get; private set; } = Environment.TickCount64;

    /// <summary>What the program at the other end of the pipe has complained about.</summary>
    internal string ErrorText => pipe.ErrorText;

    /// <summary>Whether another message can be tried: nothing failed and the server has not closed it.</summary>
    internal bool IsUsable => !_broken && _pendingRead is not { IsCompleted: true };

    /// <summary>Sends a message and waits for the reply.</summary>
    /// <exception cref="EndOfStreamException">The server closed the connection before a whole reply.</exception>
    /// <exception cref="RemoteException">The connection to the host was lost.</exception>
    internal async Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        // Whatever ends this early leaves a reply on its way: the channel can't be used again.
        _broken = true;
        var framed = new byte[message.Length + 1];
        message.CopyTo(framed);
        framed[^1] = EndOfMessage;
        await pipe.WriteAsync(framed, cancellationToken).ConfigureAwait(false);

        var reply = new MemoryStream();
        while (true)
        {
            var read = _pendingRead ?? pipe.ReadAsync(_chunk, CancellationToken.None);
            _pendingRead = read;
            var count = await read.WaitAsync(cancellationToken).ConfigureAwait(false);
            _pendingRead = null;
            if (count == 0)
            {
                throw new EndOfStreamException("The master daemon closed the connection.");
            }

            reply.Write(_chunk, 0, count);
            if (_chunk[count - 1] == EndOfMessage)
            {
                break;
            }
        }

        _pendingRead = pipe.ReadAsync(_chunk, CancellationToken.None);
        LastUsed = Environment.TickCount64;
        _broken = false;
        return reply.GetBuffer().AsMemory(0, (int)reply.Length - 1);
    }

    public async ValueTask DisposeAsync()
    {
        _broken = true;
        await pipe.DisposeAsync().ConfigureAwait(false);
        if (_pendingRead is { } read)
        {
            // Its outcome is nobody's any more; observed so that it is not reported as unhandled.
            _ = read.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }
}
