using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Which jobs are wanted by their states, their age and what they do.</summary>
internal sealed record JobSelection
{
    /// <summary>The states of jobs that have yet to come to an end (Ganeti's <c>JOBS_PENDING</c>, and running).</summary>
    internal static readonly GntJobStatus[] Pending = [GntJobStatus.queued, GntJobStatus.waiting, GntJobStatus.canceling];

    /// <summary>The states of jobs that have ended (Ganeti's <c>JOBS_FINALIZED</c>).</summary>
    internal static readonly GntJobStatus[] Finished = [GntJobStatus.canceled, GntJobStatus.success, GntJobStatus.error];

    /// <summary>These states; all when there are none.</summary>
    internal IReadOnlyCollection<GntJobStatus> States { get; init; } = [];

    /// <summary>Received at this time or later.</summary>
    internal DateTimeOffset? Since { get; init; }

    /// <summary>Received earlier.</summary>
    internal DateTimeOffset? Before { get; init; }

    /// <summary>With an operation whose id is one of these, with or without its <c>OP_</c>; all when there are none.</summary>
    internal IReadOnlyCollection<NamePattern> Operations { get; init; } = [];

    /// <summary>What of it the master can judge, so that it does not send the others; null when that is nothing.</summary>
    internal LuxiFilter? Filter
    {
        get
        {
            var filters = new List<LuxiFilter>();
            if (States.Count > 0)
            {
                filters.Add(LuxiFilter.Any(States.Select(state => LuxiFilter.Equal("status", state.ToString()))));
            }

            // The master compares whole seconds of it.
            if (Since is { } since)
            {
                filters.Add(LuxiFilter.GreaterOrEqual("received_ts", since.ToUnixTimeSeconds()));
            }

            if (Before is { } before)
            {
                filters.Add(LuxiFilter.LessOrEqual("received_ts", before.ToUnixTimeSeconds()));
            }

            return filters.Count == 0 ? null : LuxiFilter.All(filters);
        }
    }

    internal bool Includes(GntJob job) =>
        (States.Count == 0 || States.Contains(job.Status ?? GntJobStatus.Unrecognized))
        && (Since is null || job.Received >= Since)
        && (Before is null || job.Received < Before)
        && (Operations.Count == 0 || job.Operations?.Any(IsWanted) == true);

    private bool IsWanted(GntJobOperation operation) => operation.OpId is { } id
        && Operations.Any(pattern => pattern.IsMatch(id) || (id.StartsWith("OP_", StringComparison.Ordinal) && pattern.IsMatch(id[3..])));
}
