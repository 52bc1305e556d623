using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// What the master is told to do with jobs of its queue. All of them are told at the same time, and what has become of them is read back. To tell
/// it again after a lost answer does no harm.
/// </summary>
internal abstract class JobOrder
{
    /// <summary>The <c>gnt-job …</c> command line that it stands for.</summary>
    internal abstract string CommandLine(long id);

    /// <summary>Tells the master, and finds out what has become of each job.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="ids">The jobs' numbers.</param>
    /// <param name="cancellationToken">Ends the wait at once; what the master was told by then goes on.</param>
    /// <exception cref="GanetiException">The master can't be reached.</exception>
    internal async Task<IReadOnlyList<JobOutcome>> RunAsync(GntConnection connection, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var told = await Task.WhenAll(ids.Distinct().Select(id => TellAsync(connection, id, cancellationToken))).ConfigureAwait(false);
        var jobs = await ReadBackAsync(connection, told, cancellationToken).ConfigureAwait(false);
        return [.. told.Select(answer =>
        {
            var job = jobs.FirstOrDefault(job => job.Id == answer.Id && GntJobs.Exists(job));
            return new JobOutcome(answer.Id, job, job is null ? NotFound(answer.Id) : Judge(job, answer));
        })];
    }

    /// <summary>Tells the master of one job.</summary>
    private protected abstract Task<JobAnswer> TellAsync(GntConnection connection, long id, CancellationToken cancellationToken);

    /// <summary>Why it is not as it should be, or null when it is.</summary>
    private protected abstract GanetiException? Judge(GntJob job, JobAnswer answer);

    private protected virtual Task<IReadOnlyList<GntJob>> ReadBackAsync(GntConnection connection, IReadOnlyList<JobAnswer> answers, CancellationToken cancellationToken) =>
        connection.Jobs.GetAsync([.. answers.Select(answer => answer.Id)], cancellationToken);

    /// <summary>Makes a call that answers whether it did it, mostly with a text: <c>[bool, text]</c> or <c>bool</c>.</summary>
    private protected static async Task<JobAnswer> TellAsync(GntConnection connection, string method, long id, object? argument, CancellationToken cancellationToken)
    {
        var answer = await connection.Luxi.AskAsync(
            method,
            writer =>
            {
                writer.WriteValue(id);
                if (argument is not null)
                {
                    LuxiJson.WriteValue(writer, argument);
                }
            },
            LuxiJson.ReadValue,
            cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            bool isDone => new JobAnswer(id, isDone, null),
            object?[] { Length: 2 } pair when pair[0] is bool isDone => new JobAnswer(id, isDone, LuxiSetters.ToText(pair[1])),
            _ => throw new GanetiException(GanetiError.LuxiProtocolError, $"The master daemon did not answer {method} with whether it did it."),
        };
    }

    private protected static GanetiException HasEnded(GntJob job) => new(GanetiError.JobHasEnded, $"Job {job.Id} ({string.Join(", ", job.Summary ?? [])}) has ended already: {job.StatusText}.")
    {
        Target = job,
        RecommendedAction = $"See what it did with Get-GntJob {job.Id}.",
    };

    private static GanetiException NotFound(long id) => new(GanetiError.JobNotFound, $"There is no job {id}, neither in the queue nor in the archive.")
    {
        Target = id,
        RecommendedAction = "See what there is with Get-GntJob.",
    };

    /// <summary>What the master answered.</summary>
    private protected readonly record struct JobAnswer(long Id, bool IsDone, string? Said);
}

/// <summary>What has become of a job that something was to be done with.</summary>
internal readonly record struct JobOutcome(long Id, GntJob? Job, GanetiException? Error);
