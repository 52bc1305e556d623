using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// The base of the cmdlets that change something by jobs: asks, submits as objects come, waits for all together at the end.
/// </summary>
public abstract class GntSubmitCommand : GntJobWaitCommand
{
    private readonly Dictionary<(GntConnection, long), Submission> _submissions = [];
    private readonly List<Submission> _inOrder = [];

    /// <summary>Write the job at once and do not wait for it.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Before or after other jobs that wait: Low, Normal, High.</summary>
    [Parameter]
    [Choice(typeof(GntJobPriority))]
    public GntJobPriority? Priority { get; set; }

    /// <summary>Let Ganeti check whether it could be done, and change nothing. What speaks against it is an error.</summary>
    [Parameter]
    public SwitchParameter DryRun { get; set; }

    /// <summary>Asks for a change, submits its jobs, and has them waited for.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="subject">What is changed: the target of errors.</param>
    /// <param name="chain">The jobs.</param>
    /// <param name="risk">What may be lost.</param>
    /// <param name="warning">What is lost, as a sentence; for the question.</param>
    /// <returns>Whether they were submitted.</returns>
    private protected bool Submit(GntConnection connection, object subject, JobChain chain, Risk risk = Risk.None, string? warning = null)
    {
        chain.With(Priority is { } priority ? (int)priority : null, DryRun ? true : null);
        if (!IsApproved(chain.ToString(), DryRun ? Risk.None : risk, warning))
        {
            return false;
        }

        SubmitApproved(connection, subject, chain);
        return true;
    }

    /// <summary>Submits the jobs of a change that was asked for before, and has them waited for.</summary>
    private protected void SubmitApproved(GntConnection connection, object subject, JobChain chain)
    {
        chain.With(Priority is { } priority ? (int)priority : null, null);
        var ids = Submit(connection, chain);
        if (NoWait)
        {
            WriteObject(Submitted(connection, ids), enumerateCollection: true);
            return;
        }

        var submission = new Submission(connection, subject, ids.Count);
        _inOrder.Add(submission);
        foreach (var id in ids)
        {
            _submissions[(connection, id)] = submission;
            WaitFor(connection, id, subject);
        }
    }

    /// <summary>What to write for <c>-PassThru</c> of the changes that have succeeded, in their order.</summary>
    private protected virtual void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
    }

    private protected override void Ended(GntConnection connection, GntJob job)
    {
        if (_submissions.TryGetValue((connection, job.Id ?? 0), out var submission) && job.Status == GntJobStatus.success)
        {
            submission.Left--;
            foreach (var follower in job.FollowingJobIds)
            {
                submission.Left++;
                _submissions[(connection, follower)] = submission;
            }

            Succeeded(submission.Subject, job);
        }
    }

    /// <summary>Called for each job that has succeeded.</summary>
    private protected virtual void Succeeded(object subject, GntJob job)
    {
    }

    /// <inheritdoc/>
    private protected override void End()
    {
        WaitForAll();
        ForEach(_inOrder.Where(submission => submission.Left == 0).GroupBy(submission => submission.Connection), changed =>
            WriteChanged(changed.Key, [.. changed.Select(submission => submission.Subject)]));
    }

    private protected static bool? OnlyIf(bool isSet) => isSet ? true : null;

    /// <summary>Whole seconds, as Ganeti counts them; never less than was asked for.</summary>
    private protected static long? Seconds(TimeSpan? duration) => duration is { } time ? (long)Math.Ceiling(time.TotalSeconds) : null;

    private sealed class Submission(GntConnection connection, object subject, int jobs)
    {
        internal GntConnection Connection { get; } = connection;

        internal object Subject { get; } = subject;

        internal int Left { get; set; } = jobs;
    }
}
