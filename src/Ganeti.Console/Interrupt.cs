using System.Runtime.InteropServices;

namespace Ganeti.Console;

/// <summary>
/// Ctrl+C and polite requests to end (SIGTERM, SIGHUP): whatever runs is stopped, the process ends in its own time.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private const int SignalStatus = 128;
    private readonly Lock gate = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly CancellationTokenSource quit = new();
    private Work? current;

    public Interrupt() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, 2, leaves: false)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, 1, leaves: true)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, 15, leaves: true)),
    ];

    /// <summary>The process is to end.</summary>
    public CancellationToken Quit => quit.Token;

    /// <summary>What runs now is being stopped: a question it asks gets no answer.</summary>
    public CancellationToken Stopping => current?.Token ?? quit.Token;

    /// <summary>The exit status of the last signal, as a shell reports it; null if there was none.</summary>
    public int? Status { get; private set; }

    /// <summary>Has the work stopped by the next signal, until disposed.</summary>
    public IDisposable Watch(Action stop)
    {
        lock (gate)
        {
            return current = new Work(this, stop, current);
        }
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        quit.Dispose();
    }

    private void Handle(PosixSignalContext context, int signal, bool leaves)
    {
        // Never the default action: a stop that takes long is still a stop, and a cmdlet's Dispose has things to say.
        context.Cancel = true;
        lock (gate)
        {
            Status = SignalStatus + signal;
            current?.Stop();
            if (leaves)
            {
                quit.Cancel();
            }
        }
    }

    private sealed class Work(Interrupt owner, Action stop, Work? outer) : IDisposable
    {
        private readonly CancellationTokenSource cancellation = new();

        public CancellationToken Token => cancellation.Token;

        public void Stop()
        {
            if (!cancellation.IsCancellationRequested)
            {
                stop();
                cancellation.Cancel();
            }
        }

        public void Dispose()
        {
            lock (owner.gate)
            {
                owner.current = outer;
                cancellation.Dispose();
            }
        }
    }
}
