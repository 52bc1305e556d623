using System.Management.Automation;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that wait for jobs, on one cluster or several.</summary>
public abstract class GntJobWaitCommand : GntChangeCommand
{
    // What a timer can count.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly Dictionary<GntConnection, JobWait> _waits = [];
    private string? _submitting;

    /// <summary>Submits jobs. When the operator leaves before the answer, it is said what may have been submitted.</summary>
    /// <returns>The jobs' numbers.</returns>
    private protected IReadOnlyList<long> Submit(GntConnection connection, JobChain chain)
    {
        var reason = LuxiReason.For(MyInvocation.MyCommand.Name);
        _submitting = $"'{chain}' may have been submitted on {connection.Name}: look with Get-GntJob for jobs whose reason has {reason.Id:D}.";
        IReadOnlyList<long> ids;
        try
        {
            ids = Await(token => connection.Jobs.SubmitAsync(chain, reason, token));
        }
        catch (GanetiException)
        {
            _submitting = null;
            throw;
        }

        _submitting = null;
        return ids;
    }

    /// <summary>Jobs that were just submitted; when they can't be read, what is known of them, so that their numbers are never lost.</summary>
    private protected IReadOnlyList<GntJob> Submitted(GntConnection connection, IReadOnlyList<long> ids)
    {
        IReadOnlyList<GntJob> jobs = [];
        try
        {
            jobs = Await(token => connection.Jobs.GetAsync(ids, token));
        }
        catch (GanetiException exception)
        {
            WriteWarning($"Submitted on {connection.Name}, but can't be read: job {string.Join(", ", ids)}. {exception.Message}");
        }

        return [.. ids.Select(id => jobs.FirstOrDefault(job => job.Id == id) ?? Bare(id))];

        GntJob Bare(long id)
        {
            var job = new GntJob { Id = id };
            job.From(connection.Identity, DateTimeOffset.Now);
            return job;
        }
    }

    /// <summary>Has a job waited for with the others.</summary>
    private protected void WaitFor(GntConnection connection, long id, object? subject = null)
    {
        if (!_waits.TryGetValue(connection, out var wait))
        {
            _waits.Add(connection, wait = new JobWait(new JobWaitView(connection, Post, this) { OnFinished = job => Ended(connection, job), OnLogged = Logged }));
        }

        wait.Add(id, subject);
    }

    /// <summary>Called on the pipeline's thread for each job that has ended, after its error when it failed.</summary>
    private protected abstract void Ended(GntConnection connection, GntJob job);

    /// <summary>Called on the pipeline's thread for each line that a job logs. Warnings become warnings, all else is information.</summary>
    private protected virtual void Logged(GntJobLogEntry entry)
    {
        var line = $"Job {entry.JobId}: {entry.Message}";
        if (entry.IsWarning)
        {
            WriteWarning(line);
        }
        else
        {
            WriteInformation(new InformationRecord(line, "Ganeti") { TimeGenerated = (entry.Time ?? DateTimeOffset.Now).LocalDateTime, Tags = { "GntJobLog" } });
        }
    }

    /// <summary>Waits for all of them together.</summary>
    /// <param name="timeout">How long at most, or null.</param>
    private protected void WaitForAll(TimeSpan? timeout = null)
    {
        Await(async stop =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (timeout is { } atMost && atMost < Longest)
            {
                // Whatever the limit, there is time for one look.
                await Task.WhenAll(_waits.Values.Select(wait => wait.LookAsync(stop))).ConfigureAwait(false);
                limit.CancelAfter(atMost);
            }

            try
            {
                await Task.WhenAll(_waits.Values.Select(wait => RunAsync(wait, limit.Token))).ConfigureAwait(false);
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
        if (_submitting is not null)
        {
            SayToHost(_submitting);
            _submitting = null;
        }

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

    // A cluster whose jobs can't be followed does not hide the others'.
    private async Task RunAsync(JobWait wait, CancellationToken cancellationToken)
    {
        try
        {
            await wait.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception)
        {
            Post(() => WriteError(exception, wait.Connection.Name));
        }
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
}
