using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Jobs that are questions: what Ganeti answers by a job only.</summary>
internal static class JobRun
{
    private const int MostQuestions = 4;

    /// <summary>Submits one operation, waits for it and gives its answer.</summary>
    /// <exception cref="GanetiException">It failed, or the master can't be reached.</exception>
    internal static async Task<object?> AskAsync(this GntJobs jobs, LuxiOpcode opcode, LuxiReason reason, CancellationToken cancellationToken)
    {
        var (id, job) = await EndAsync(jobs, opcode, reason, cancellationToken).ConfigureAwait(false);
        for (var asked = 1; job is not null && NeverBegan(job) && asked < MostQuestions; asked++)
        {
            // A question may be asked again.
            (id, job) = await EndAsync(jobs, opcode, LuxiReason.For(reason.Source.Split(':')[^1]), cancellationToken).ConfigureAwait(false);
        }

        return job switch
        {
            { Status: GntJobStatus.success } => job.Operations?[0].Result,
            { } => throw JobFailure.Of(job, null),
            null => throw new GanetiException(GanetiError.JobNotFound, $"Job {id} ({opcode.CommandLine}) is not in the queue any more.") { Target = id },
        };
    }

    private static async Task<(long Id, GntJob? Job)> EndAsync(GntJobs jobs, LuxiOpcode opcode, LuxiReason reason, CancellationToken cancellationToken)
    {
        var id = (await jobs.SubmitAsync(new JobChain(opcode), reason, cancellationToken).ConfigureAwait(false))[0];
        var end = new End();
        await jobs.WaitAsync([id], end, cancellationToken).ConfigureAwait(false);
        return (id, end.Job);
    }

    /// <summary>Whether a job failed before it did anything: a busy master may give its process up before it has answered (Ganeti's JQueue.hs, "failed to start").</summary>
    internal static bool NeverBegan(GntJob job) => job.Status == GntJobStatus.error && JobFailure.Of(job, null).Message.Contains("failed to start", StringComparison.Ordinal);

    private sealed class End : IJobObserver
    {
        internal GntJob? Job { get; private set; }

        public void Changed(GntJob job) => Job = job;

        public void Follows(long id, GntJob parent)
        {
        }

        public void Lost(long id) => Job = null;

        public void CutOff(GanetiException why)
        {
        }

        public void Reconnected()
        {
        }
    }
}
