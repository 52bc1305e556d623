namespace Ganeti;

/// <summary>The tags of all that a cluster has.</summary>
public sealed class GntTags
{
    private readonly GntConnection _connection;

    internal GntTags(GntConnection connection) => _connection = connection;

    /// <summary>Reads tags, without a job.</summary>
    /// <param name="kinds">The kinds of things whose tags to read; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public async Task<IReadOnlyList<GntTag>> GetAsync(IReadOnlyCollection<GntTagKind>? kinds, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<GntTag>>[] reads =
        [
            If(GntTagKind.cluster, async () => OfCluster(await _connection.GetClusterAsync(cancellationToken).ConfigureAwait(false))),
            If(GntTagKind.nodegroup, () => ReadAsync(_connection.Groups.Table, Of)),
            If(GntTagKind.node, () => ReadAsync(_connection.Nodes.Table, Of)),
            If(GntTagKind.instance, () => ReadAsync(_connection.Instances.Table, Of)),
            If(GntTagKind.network, () => ReadAsync(_connection.Networks.Table, Of)),
        ];
        return [.. (await Task.WhenAll(reads).ConfigureAwait(false)).SelectMany(static tags => tags)];

        Task<IReadOnlyList<GntTag>> If(GntTagKind kind, Func<Task<IReadOnlyList<GntTag>>> read) =>
            kinds is null || kinds.Contains(kind) ? read() : Task.FromResult<IReadOnlyList<GntTag>>([]);

        async Task<IReadOnlyList<GntTag>> ReadAsync<T>(GntTable<T> table, Func<T, IReadOnlyList<GntTag>> tagsOf)
            where T : GntObject, new() =>
            [.. (await table.ReadOnlyAsync(null, cancellationToken, "Name", "Tags").ConfigureAwait(false)).SelectMany(tagsOf)];
    }

    internal static IReadOnlyList<GntTag> OfCluster(GntCluster cluster) => Of(cluster, GntTagKind.cluster, cluster.Name, cluster.Tags);

    internal static IReadOnlyList<GntTag> Of(GntGroup group) => Of(group, GntTagKind.nodegroup, group.Name, group.Tags);

    internal static IReadOnlyList<GntTag> Of(GntNode node) => Of(node, GntTagKind.node, node.Name, node.Tags);

    internal static IReadOnlyList<GntTag> Of(GntInstance instance) => Of(instance, GntTagKind.instance, instance.Name, instance.Tags);

    internal static IReadOnlyList<GntTag> Of(GntNetwork network) => Of(network, GntTagKind.network, network.Name, network.Tags);

    private static GntTag[] Of(GntObject tagged, GntTagKind kind, string? name, string[]? tags) => (tags ?? []).Order(StringComparer.Ordinal).Select(tag => new GntTag
    {
        ClusterUuid = tagged.ClusterUuid,
        ClusterName = tagged.ClusterName,
        ReadAt = tagged.ReadAt,
        Tag = tag,
        Kind = kind,
        ObjectName = name,
    }).ToArray();
}
