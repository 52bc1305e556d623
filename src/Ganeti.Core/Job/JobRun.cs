using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Jobs that are questions: what Ganeti answers by a job only.</summary>
internal static class JobRun
{
    /// <summary>Submits one operation, waits for it and gives its answer.</summary>
    /// <exception cref="GanetiException">It failed, or the master can't be reached.</exception>
    internal static async Task<object?> AskAsync(this GntJobs jobs, LuxiOpcode opcode, LuxiReason reason, CancellationToken cancellationToken)
    {
        var id = (await jobs.SubmitAsync(new JobChain(opcode), reason, cancellationToken).ConfigureAwait(false))[0];
        var end = new End();
        await jobs.WaitAsync([id], end, cancellationToken).ConfigureAwait(false);
        return end.Job switch
        {
            { Status: GntJobStatus.success } job => job.Operations?[0].Result,
            { } job => throw JobFailure.Of(job, null),
            null => throw new GanetiException(GanetiError.JobNotFound, $"Job {id} ({opcode.CommandLine}) is not in the queue any more.") { Target = id },
        };
    }

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
