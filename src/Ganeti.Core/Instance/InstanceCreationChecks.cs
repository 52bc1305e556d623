namespace Ganeti;

/// <summary>What can be known to be wrong with creations before they are submitted. Reads what it needs of a cluster once.</summary>
internal sealed class InstanceCreationChecks
{
    private readonly Dictionary<GntConnection, GntCluster> _clusters = [];
    private readonly Dictionary<GntConnection, HashSet<string>> _names = [];

    internal async Task<GntCluster> ClusterAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        if (!_clusters.TryGetValue(connection, out var cluster))
        {
            _clusters[connection] = cluster = await connection.GetClusterAsync(cancellationToken).ConfigureAwait(false);
        }

        return cluster;
    }

    /// <summary>Checks a creation against the cluster and against those that were checked before.</summary>
    /// <exception cref="GanetiException">It can't succeed.</exception>
    internal async Task CheckAsync(GntConnection connection, InstanceCreate create, CancellationToken cancellationToken)
    {
        var cluster = await ClusterAsync(connection, cancellationToken).ConfigureAwait(false);
        Require(create, cluster.EnabledDiskTemplates, create.DiskTemplate, "disk template");
        Require(create, cluster.EnabledHypervisors, create.Hypervisor, "hypervisor");
        if (create.Pnode is null && create.Iallocator is null)
        {
            throw Refused(create, GanetiError.ParameterInvalid, "no node was named, and the cluster has no default allocator to choose one", "Name one with -Node, or an allocator with -Allocator.");
        }

        if (create.Commit == true)
        {
            return;
        }

        if (!_names.TryGetValue(connection, out var names))
        {
            var rows = await connection.Instances.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntInstance.Name)).ConfigureAwait(false);
            _names[connection] = names = rows.Select(row => row.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        }

        // Without the resolver a name is taken as it is; with it, it may be completed to one that there is.
        var meant = new NamePattern(NamePattern.Escape(create.InstanceName));
        if (names.Contains(create.InstanceName) || (create.NameCheck != false && names.FirstOrDefault(meant.IsMatch) is not null))
        {
            throw Refused(create, GanetiError.EntityExists, "there is a guest of that name already", "Choose another name; see what there is with Get-GntInstance.");
        }

        names.Add(create.InstanceName);
    }

    private static void Require(InstanceCreate create, string[]? enabled, string? wanted, string what)
    {
        if (wanted is not null && enabled is not null && !enabled.Contains(wanted, StringComparer.Ordinal))
        {
            throw Refused(create, GanetiError.InputInvalid, $"the {what} {wanted} is not enabled on the cluster", $"Enabled are: {string.Join(", ", enabled)}.");
        }
    }

    private static GanetiException Refused(InstanceCreate create, GanetiError error, string why, string next) => new(error, $"{create.InstanceName} can't be created: {why}.")
    {
        Target = create.InstanceName,
        RecommendedAction = next,
    };
}
