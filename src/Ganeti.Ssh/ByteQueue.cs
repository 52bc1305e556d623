namespace Ganeti.Ssh;

/// <summary>Bytes on their way from the connection's reading thread to one reader; writing never blocks.</summary>
internal sealed class ByteQueue
{
    private readonly object _gate = new();
    private TaskCompletionSource? _waiting;
    private byte[] _bytes = new byte[4096];
    private int _start;
    private int _count;
    private bool _isComplete;

    internal void Write(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_isComplete)
            {
                return;
            }

            MakeRoom(data.Length);
            data.CopyTo(_bytes.AsSpan(_start + _count));
            _count += data.Length;
            Wake();
        }
    }

    internal void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Wake();
        }
    }

    /// <summary>Takes what is there, at least one byte; 0 when all is taken and nothing more will come.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_gate)
            {
                if (_count > 0 || _isComplete || buffer.IsEmpty)
                {
                    var length = Math.Min(_count, buffer.Length);
                    _bytes.AsSpan(_start, length).CopyTo(buffer.Span);
                    _start += length;
                    _count -= length;
                    _start = _count == 0 ? 0 : _start;
                    return length;
                }

                _waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _waiting.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Wake()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }

    private void MakeRoom(int length)
    {
        if (_start + _count + length <= _bytes.Length)
        {
            return;
        }

        var target = _count + length <= _bytes.Length ? _bytes : new byte[Math.Max(_bytes.Length * 2, _count + length)];
        Buffer.BlockCopy(_bytes, _start, target, 0, _count);
        _bytes = target;
        _start = 0;
    }
}
