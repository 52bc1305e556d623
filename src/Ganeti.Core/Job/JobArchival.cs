using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Moves jobs that have ended to the archive. Stands for <c>gnt-job archive</c> and <c>gnt-job autoarchive</c>.</summary>
internal sealed class JobArchival : JobOrder
{
    // For how long the master may be busy with it before it answers.
    private const long RoundSeconds = 20;

    internal override string CommandLine(long id) => GntCommandLine.Of("gnt-job", "archive").With(id).ToString();

    /// <summary>The command line for all that have ended long ago.</summary>
    internal static string CommandLineFor(TimeSpan? age) => GntCommandLine.Of("gnt-job", "autoarchive").With(age is { } time ? Seconds(time) : "all").ToString();

    /// <summary>Archives all jobs that have ended.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="age">How long ago at least, by the master's clock; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>How many were archived.</returns>
    internal static async Task<long> ArchiveOldAsync(GntConnection connection, TimeSpan? age, CancellationToken cancellationToken)
    {
        for (var archived = 0L; ;)
        {
            var answer = await connection.Luxi.AskAsync(
                "AutoArchiveJobs",
                writer =>
                {
                    // Not the -1 of "gnt-job autoarchive all": with that Ganeti 3.0.2 archives nothing.
                    writer.WriteValue(age is { } time ? Seconds(time) : 0);
                    writer.WriteValue(RoundSeconds);
                },
                LuxiJson.ReadValue,
                cancellationToken).ConfigureAwait(false) as object?[];
            var (done, left) = (LuxiSetters.ToLong(answer.At(0)) ?? 0, LuxiSetters.ToLong(answer.At(1)) ?? 0);
            archived += done;
            if (left == 0 || done == 0)
            {
                return archived;
            }
        }
    }

    private protected override Task<JobAnswer> TellAsync(GntConnection connection, long id, CancellationToken cancellationToken) =>
        TellAsync(connection, "ArchiveJob", id, argument: null, cancellationToken);

    private protected override Task<IReadOnlyList<GntJob>> ReadBackAsync(GntConnection connection, IReadOnlyList<JobAnswer> answers, CancellationToken cancellationToken) =>
        connection.Jobs.WithArchive.ReadAsync(GntJobs.FilterFor(answers.Select(answer => answer.Id)), configurationOnly: true, [], cancellationToken);

    private protected override GanetiException? Judge(GntJob job, JobAnswer answer) => answer.IsDone || job.IsArchived == true ? null : job.IsFinished
        ? new GanetiException(GanetiError.LuxiRequestRefused, $"The master daemon did not archive job {job.Id}, and does not say why.")
        {
            Target = job,
            RecommendedAction = "Look into /var/log/ganeti/luxi-daemon.log on the master.",
        }
        : new GanetiException(GanetiError.JobNotEnded, $"Job {job.Id} ({string.Join(", ", job.Summary ?? [])}) is {job.StatusText}: only what has ended can be archived.")
        {
            Target = job,
            RecommendedAction = $"Wait for it with Wait-GntJob {job.Id}, or end it with Stop-GntJob {job.Id}.",
        };

    private static long Seconds(TimeSpan age) => (long)Math.Min(Math.Ceiling(age.TotalSeconds), int.MaxValue);
}
