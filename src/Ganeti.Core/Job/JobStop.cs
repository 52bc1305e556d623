using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Cancels jobs that have not begun to work yet, or kills those that have. Stands for <c>gnt-job cancel</c>.</summary>
internal sealed class JobStop(bool kill) : JobOrder
{
    // A job notices within some seconds that it shall not go on waiting, and the master as soon that one was killed.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(10);

    internal override string CommandLine(long id) => GntCommandLine.Of("gnt-job", "cancel").Flag("--kill", kill).Flag("--yes-do-it", kill).With(id).ToString();

    private protected override Task<JobAnswer> TellAsync(GntConnection connection, long id, CancellationToken cancellationToken) =>
        TellAsync(connection, "CancelJob", id, kill, cancellationToken);

    private protected override async Task<IReadOnlyList<GntJob>> ReadBackAsync(GntConnection connection, IReadOnlyList<JobAnswer> answers, CancellationToken cancellationToken)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        moment.CancelAfter(Moment);
        try
        {
            await connection.Jobs.WaitAsync(answers.Where(answer => answer.IsDone).Select(answer => answer.Id), IJobObserver.Nobody, moment.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Said of those that have not ended by now.
        }

        return await base.ReadBackAsync(connection, answers, cancellationToken).ConfigureAwait(false);
    }

    private protected override GanetiException? Judge(GntJob job, JobAnswer answer) => job switch
    {
        { Status: GntJobStatus.canceled } => null,
        { IsFinished: true } => kill && answer.IsDone ? null : HasEnded(job),
        _ when answer.IsDone => new GanetiException(GanetiError.JobNotStopped, $"Job {job.Id} ({string.Join(", ", job.Summary ?? [])}) was told to end, and is still {job.StatusText}.")
        {
            Target = job,
            RecommendedAction = $"Look again with Get-GntJob {job.Id}; what stays so is ended by Stop-GntJob {job.Id} -Kill.",
        },
        _ => new GanetiException(GanetiError.JobNotStopped, $"Job {job.Id} ({string.Join(", ", job.Summary ?? [])}) is {job.StatusText} and can't be canceled: {answer.Said}.")
        {
            Target = job,
            RecommendedAction = $"Wait for it with Wait-GntJob {job.Id}. Stop-GntJob {job.Id} -Kill ends it at once, and leaves half-done what it was doing.",
        },
    };
}
