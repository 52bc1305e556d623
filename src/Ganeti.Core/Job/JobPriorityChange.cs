using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Puts jobs before or after others. Stands for <c>gnt-job change-priority</c>. A job that waits for locks takes it over when it tries for them the
/// next time, some seconds later.
/// </summary>
internal sealed class JobPriorityChange(int priority) : JobOrder
{
    /// <summary>The numbers that mean anything to Ganeti, which itself takes any (<c>OP_PRIO_HIGHEST</c>, <c>OP_PRIO_LOWEST</c>).</summary>
    internal const int Highest = -20;

    /// <summary>See <see cref="Highest"/>.</summary>
    internal const int Lowest = 19;

    // While a job is being started the master does not know yet whom to tell.
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    internal override string CommandLine(long id) => GntCommandLine.Of("gnt-job", "change-priority").Option("--priority", Word).With(id).ToString();

    private string Word => Enum.IsDefined((GntJobPriority)priority)
        ? ((GntJobPriority)priority).ToString().ToLowerInvariant()
        : priority.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private protected override async Task<JobAnswer> TellAsync(GntConnection connection, long id, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TellAsync(connection, "ChangeJobPriority", id, priority, cancellationToken).ConfigureAwait(false);
            if (answer.IsDone || attempt == Attempts || answer.Said?.Contains("pid unknown", StringComparison.Ordinal) != true)
            {
                return answer;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private protected override GanetiException? Judge(GntJob job, JobAnswer answer) => answer.IsDone ? null : job.IsFinished ? HasEnded(job)
        : new GanetiException(GanetiError.LuxiRequestRefused, $"The priority of job {job.Id} ({job.StatusText}) could not be changed: {answer.Said}.")
        {
            Target = job,
            RecommendedAction = "Try again in a moment.",
        };
}
