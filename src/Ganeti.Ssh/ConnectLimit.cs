namespace Ganeti.Ssh;

/// <summary>The end of an attempt to connect: its time is up, or nobody wants it any more.</summary>
internal sealed class ConnectLimit : IDisposable
{
    private readonly object _gate = new();
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _source = new();
    private readonly long _started = Environment.TickCount64;
    private TimeSpan _paused;
    private bool _isCanceled;
    private bool _isDisposed;

    internal ConnectLimit(TimeSpan timeout)
    {
        _timeout = timeout;
        Token = _source.Token;
        _source.CancelAfter(timeout);
    }

    internal CancellationToken Token { get; }

    /// <summary>Whether it was the clock that ended the attempt.</summary>
    internal bool HasTimedOut
    {
        get
        {
            lock (_gate)
            {
                return Token.IsCancellationRequested && !_isCanceled;
            }
        }
    }

    internal TimeSpan Remaining
    {
        get
        {
            var remaining = _timeout + _paused - TimeSpan.FromMilliseconds(Environment.TickCount64 - _started);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>Stops the clock while a person is asked something.</summary>
    internal T Pause<T>(Func<T> ask)
    {
        var remaining = Remaining;
        SetClock(Timeout.InfiniteTimeSpan);
        try
        {
            return ask();
        }
        finally
        {
            _paused += remaining - Remaining;
            SetClock(remaining);
        }
    }

    internal void Cancel()
    {
        lock (_gate)
        {
            if (_isDisposed || _source.IsCancellationRequested)
            {
                return;
            }

            _isCanceled = true;
        }

        // Not under the lock: what is stopped by it runs here.
        _source.Cancel();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _source.Dispose();
        }
    }

    private void SetClock(TimeSpan time)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _source.CancelAfter(time);
            }
        }
    }
}
