using System.Collections.Concurrent;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// The base of all cmdlets: runs asynchronous work while the pipeline's thread writes what it produces, stops at once on
/// Ctrl+C, and turns exceptions into error records.
/// </summary>
public abstract class GntCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private BlockingCollection<Action>? _queue;

    /// <summary>Is cancelled by Ctrl+C, <c>Select-Object -First</c> and a failure downstream.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guarded(Begin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guarded(Process);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guarded(End);

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether nothing is left to do after any error.</summary>
    private protected virtual bool EveryErrorEndsTheCall => false;

    private protected virtual void Begin()
    {
    }

    private protected virtual void Process()
    {
    }

    private protected virtual void End()
    {
    }

    /// <summary>Ends what still runs. An override says what goes on without the operator.</summary>
    private protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_stop.IsCancellationRequested)
        {
            _stop.Cancel();
        }
    }

    /// <summary>
    /// Runs asynchronous work and carries out on this thread what the work posts. Returns when the work has ended, or at once when the
    /// pipeline is stopped: work that is slow to notice is left to end by itself.
    /// </summary>
    private protected void Await(Func<CancellationToken, Task> work)
    {
        using var queue = new BlockingCollection<Action>();
        _queue = queue;
        var log = new PipelineCallLog(this, showPayloads: IsOn("Debug", "DebugPreference"), asDebug: MyInvocation.BoundParameters.ContainsKey("Debug") && !MyInvocation.BoundParameters.ContainsKey("Verbose"));
        var running = Task.Run(async () =>
        {
            CallLog.Current = log;
            try
            {
                await work(StopToken).ConfigureAwait(false);
            }
            finally
            {
                _queue = null;
                queue.CompleteAdding();
            }
        });

        try
        {
            foreach (var action in queue.GetConsumingEnumerable(StopToken))
            {
                action();
            }
        }
        catch (Exception exception)
        {
            // Nobody listens to the work any more, whether downstream has stopped or failed.
            _queue = null;
            _stop.Cancel();
            _ = running.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            if (exception is OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }

            throw;
        }

        running.GetAwaiter().GetResult();
    }

    /// <summary>Runs asynchronous work that answers one thing.</summary>
    private protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        T answer = default!;
        Await(async cancellationToken => { answer = await work(cancellationToken).ConfigureAwait(false); });
        return answer;
    }

    /// <summary>Has something done on the pipeline's thread, from any thread. What comes after the end is dropped.</summary>
    private protected void Post(Action action)
    {
        try
        {
            _queue?.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The work has ended or was left; nobody would see it.
        }
    }

    /// <summary>Writes an error and goes on.</summary>
    private protected void WriteError(Exception exception, object? target = null) => WriteError(Pipeline.ErrorRecords.From(exception, target));

    private bool IsOn(string parameter, string preference) => MyInvocation.BoundParameters.TryGetValue(parameter, out var bound)
        ? bound is SwitchParameter { IsPresent: true }
        : GetVariableValue(preference) is ActionPreference and not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (GanetiException exception)
        {
            var record = Pipeline.ErrorRecords.From(exception);
            if (EveryErrorEndsTheCall || Pipeline.ErrorRecords.EndsTheCall(exception))
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (exception is not (PipelineStoppedException or RuntimeException or HaltCommandException))
        {
            ThrowTerminatingError(Pipeline.ErrorRecords.From(exception));
        }
    }

    /// <summary>Shows remote commands and LUXI calls to the operator who asked for verbose or debug output.</summary>
    private sealed class PipelineCallLog(GntCommand command, bool showPayloads, bool asDebug) : ICallLog
    {
        public void CommandRan(string host, Remote.RemoteCommand remote, int? exitStatus, TimeSpan duration) =>
            command.Post(() => Say(RemoteText.Printable(
                $"{host}: {remote} [exit {(exitStatus is null ? "-" : exitStatus)}, {duration.TotalMilliseconds:F1} ms]")));

        public void Warn(string message) => command.Post(() => command.WriteWarning(RemoteText.Printable(message)));

        public void LuxiCalled(string method, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> reply, TimeSpan duration) =>
            command.Post(() =>
            {
                Say($"LUXI {method} [{reply.Length} bytes, {duration.TotalMilliseconds:F1} ms]");
                if (showPayloads)
                {
                    command.WriteDebug($"LUXI > {Payload(request)}");
                    command.WriteDebug($"LUXI < {Payload(reply)}");
                }
            });

        // With -Debug alone the engine asks before each verbose line.
        private void Say(string line)
        {
            if (asDebug)
            {
                command.WriteDebug(line);
            }
            else
            {
                command.WriteVerbose(line);
            }
        }

        private static string Payload(ReadOnlyMemory<byte> payload)
        {
            const int Shown = 16 * 1024;
            var text = RemoteText.Printable(Secrets.Masked(System.Text.Encoding.UTF8.GetString(payload.Span)));
            return text.Length <= Shown ? text : $"{text.AsSpan(0, Shown)}… ({text.Length} characters)";
        }
    }
}
