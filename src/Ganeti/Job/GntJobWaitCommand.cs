using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that wait for jobs, on one cluster or several.</summary>
public abstract class GntJobWaitCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, JobWait> _waits = [];

    /// <summary>Has a job waited for with the others.</summary>
    private protected void WaitFor(GntConnection connection, long id, object? subject = null)
    {
        if (!_waits.TryGetValue(connection, out var wait))
        {
            _waits.Add(connection, wait = new JobWait(new JobWaitView(connection, Post, this) { OnFinished = job => Ended(connection, job) }));
        }

        wait.Add(id, subject);
    }

    /// <summary>Called on the pipeline's thread for each job that has ended, after its error when it failed.</summary>
    private protected abstract void Ended(GntConnection connection, GntJob job);

    /// <summary>Waits for all of them together.</summary>
    /// <param name="timeout">How long at most, or null.</param>
    private protected void WaitForAll(TimeSpan? timeout = null)
    {
        Await(async stop =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (timeout is { } atMost)
            {
                limit.CancelAfter(atMost);
            }

            try
            {
                await Task.WhenAll(_waits.Values.Select(wait => wait.RunAsync(limit.Token))).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                Post(() => WriteTimeouts(timeout!.Value));
            }
        });
        _waits.Clear();
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var (connection, wait) in _waits)
        {
            // Only left behind when the wait was broken off.
            if (wait.Unfinished is { Count: > 0 } jobs)
            {
                var ids = string.Join(',', jobs);
                SayToHost(jobs.Count == 1
                    ? $"Job {ids} on {connection.Name} goes on without you. See it with Get-GntJob {ids}, wait with Wait-GntJob {ids}."
                    : $"{jobs.Count} jobs on {connection.Name} go on without you. See them with Get-GntJob {ids}, wait with Wait-GntJob {ids}.");
            }
        }

        _waits.Clear();
    }

    private void WriteTimeouts(TimeSpan timeout)
    {
        foreach (var wait in _waits.Values)
        {
            foreach (var id in wait.Unfinished)
            {
                WriteError(new GanetiException(GanetiError.JobWaitTimeout, $"Job {id} has not ended within {timeout.TotalSeconds:0.#} seconds; it goes on.")
                {
                    Target = id,
                    RecommendedAction = $"Wait again with Wait-GntJob {id}, or see what it waits for with Get-GntJob {id} | Get-GntLock.",
                });
            }
        }
    }

    // The streams of a stopped pipeline are closed; the host is still there.
    private void SayToHost(string text)
    {
        try
        {
            Host?.UI?.WriteLine(text);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.Management.Automation.Host.HostException or NotImplementedException)
        {
            // A host without a screen.
        }
    }
}
