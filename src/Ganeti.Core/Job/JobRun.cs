using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Jobs that are a part of something else: a question that Ganeti answers by a job only, a step of a repair.</summary>
internal static class JobRun
{
    private const int MostAttempts = 6;

    /// <summary>Has one operation carried out and gives its answer.</summary>
    /// <exception cref="GanetiException">It failed, or the master can't be reached.</exception>
    internal static async Task<object?> AskAsync(this GntJobs jobs, LuxiOpcode opcode, string cmdlet, CancellationToken cancellationToken) =>
        (await jobs.RunAsync(opcode, cmdlet, null, null, null, cancellationToken).ConfigureAwait(false)).Operations?[0].Result;

    /// <summary>Has one operation carried out.</summary>
    /// <param name="jobs">The queue.</param>
    /// <param name="opcode">The operation.</param>
    /// <param name="cmdlet">The cmdlet, for the job's reason.</param>
    /// <param name="subject">What it is about, for errors; null for the job.</param>
    /// <param name="submitted">Is told the number of each job as it is submitted; null for nobody.</param>
    /// <param name="end">Is told how it goes; null for nobody.</param>
    /// <param name="cancellationToken">Ends the wait at once; the job goes on.</param>
    /// <returns>The job, which has succeeded.</returns>
    /// <exception cref="GanetiException">It failed, or the master can't be reached.</exception>
    internal static async Task<GntJob> RunAsync(this GntJobs jobs, LuxiOpcode opcode, string cmdlet, object? subject, Action<long>? submitted, JobEnd? end, CancellationToken cancellationToken) =>
        await jobs.EndAsync(opcode, cmdlet, submitted, end, cancellationToken).ConfigureAwait(false) switch
        {
            { Status: GntJobStatus.success } job => job,
            { } job => throw JobFailure.Of(job, subject),
            null => throw new GanetiException(GanetiError.JobNotFound, $"The job of '{opcode.CommandLine}' is not in the queue any more.") { Target = subject, RecommendedAction = "Look in the archive: Get-GntJob with its number." },
        };

    /// <summary>Submits one operation and waits until it has ended, well or badly; submits it again where a busy master gave it up before it had done anything.</summary>
    /// <returns>The job; null when it is not in the queue any more.</returns>
    internal static async Task<GntJob?> EndAsync(this GntJobs jobs, LuxiOpcode opcode, string cmdlet, Action<long>? submitted, JobEnd? end, CancellationToken cancellationToken)
    {
        end ??= new JobEnd();
        for (var attempt = 1; ; attempt++)
        {
            var id = (await jobs.SubmitAsync(new JobChain(opcode), LuxiReason.For(cmdlet), cancellationToken).ConfigureAwait(false))[0];
            submitted?.Invoke(id);
            await jobs.WaitAsync([id], end, cancellationToken).ConfigureAwait(false);
            if (end.Job is null || !NeverBegan(end.Job) || attempt == MostAttempts)
            {
                return end.Job;
            }

            // A master that is too busy to begin it has to have a moment.
            await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a job failed before it did anything: a busy master may give its process up before it has answered (Ganeti's JQueue.hs, "failed to start").</summary>
    internal static bool NeverBegan(GntJob job) => job.Status == GntJobStatus.error && JobFailure.Of(job, null).Message.Contains("failed to start", StringComparison.Ordinal);
}
