namespace Ganeti;

/// <summary>The locks that are held or waited for of a cluster.</summary>
public sealed class GntLocks
{
    internal GntLocks(GntConnection connection) => Table = new GntTable<GntLock>(connection, "lock", nameof(GntLock.Name))
    {
        Supplement = cancellationToken => NamesAsync(connection, cancellationToken),
        Completion = (locks, cancellationToken) => JobsAsync(connection, locks, cancellationToken),
    };

    internal GntTable<GntLock> Table { get; }

    /// <summary>Reads locks that are held or waited for.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntLock>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly: true, cancellationToken);

    // One query for the jobs of all locks.
    private static async Task JobsAsync(GntConnection connection, IReadOnlyList<GntLock> locks, CancellationToken cancellationToken)
    {
        var ids = locks.SelectMany(held => (held.OwnerJobId ?? []).Concat(held.WaiterIds)).ToHashSet();
        var jobs = ids.Count == 0 ? [] : (await connection.Jobs.Table.ReadOnlyAsync(
            GntJobs.FilterFor(ids),
            cancellationToken,
            nameof(GntJob.Id),
            nameof(GntJob.Status),
            nameof(GntJob.Summary),
            nameof(GntJob.Priority),
            nameof(GntJob.Received),
            nameof(GntJob.Started),
            nameof(GntJob.Ended),
            nameof(GntJob.RawStarts),
            nameof(GntJob.RawExecutions)).ConfigureAwait(false)).DistinctBy(job => job.Id ?? 0).ToDictionary(job => job.Id ?? 0);
        foreach (var held in locks)
        {
            held.Holders = [.. (held.OwnerJobId ?? []).Select(id => jobs.GetValueOrDefault(id)).OfType<GntJob>()];
            held.Waiters = [.. held.WaiterIds.Select(id => jobs.GetValueOrDefault(id)).OfType<GntJob>()];
        }
    }

    private static async Task<Action<GntLock>> NamesAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        var nodes = connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Uuid));
        var groups = connection.Groups.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntGroup.Name), nameof(GntGroup.Uuid));
        var networks = connection.Networks.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNetwork.Name), nameof(GntNetwork.Uuid));
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var node in await nodes.ConfigureAwait(false))
        {
            names[node.Uuid ?? string.Empty] = node.Name;
        }

        foreach (var group in await groups.ConfigureAwait(false))
        {
            names[group.Uuid ?? string.Empty] = group.Name;
        }

        foreach (var network in await networks.ConfigureAwait(false))
        {
            names[network.Uuid ?? string.Empty] = network.Name;
        }

        return held => held.ObjectName = held.ObjectName is { } id && names.TryGetValue(id, out var name) ? name : held.ObjectName;
    }
}
