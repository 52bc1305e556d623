using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The guests of a cluster.</summary>
public sealed class GntInstances
{
    internal GntInstances(GntConnection connection) => Table = new GntTable<GntInstance>(connection, "instance", nameof(GntInstance.Name))
    {
        Supplement = cancellationToken => GroupsAsync(connection, cancellationToken),
    };

    internal GntTable<GntInstance> Table { get; }

    /// <summary>Reads guests.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="configurationOnly">Read only what the master knows without asking nodes: states and use are null then.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntInstance>> GetAsync(IReadOnlyCollection<NamePattern>? names, bool configurationOnly, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly, cancellationToken);

    /// <summary>The guests on a node.</summary>
    internal static LuxiFilter OnNode(string node, bool primary, bool secondary) => (primary, secondary) switch
    {
        (true, true) => LuxiFilter.Any(OnNode(node, true, false), OnNode(node, false, true)),
        (false, true) => LuxiFilter.Contains("snodes", node),
        _ => LuxiFilter.Equal("pnode", node),
    };

    internal static LuxiFilter InGroup(string groupUuid) => LuxiFilter.Equal("pnode.group.uuid", groupUuid);

    // The master looks a guest's groups up anew for each of four fields: two thirds of the time of a thousand guests. The few nodes know them too.
    private static async Task<Action<GntInstance>> GroupsAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        var nodes = await connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Group), nameof(GntNode.GroupUuid)).ConfigureAwait(false);
        var byName = nodes.Where(node => node.Name is not null).DistinctBy(node => node.Name).ToDictionary(node => node.Name!, StringComparer.Ordinal);
        return instance =>
        {
            var primary = instance.PrimaryNode is { } name ? byName.GetValueOrDefault(name) : null;
            instance.PrimaryGroup = primary?.Group;
            instance.PrimaryGroupUuid = primary?.GroupUuid;
            if (instance.SecondaryNodes is null)
            {
                return;
            }

            var secondaries = instance.SecondaryNodes.OfType<string>().Select(byName.GetValueOrDefault).OfType<GntNode>().DistinctBy(node => node.GroupUuid).ToArray();
            instance.SecondaryGroups = Array.ConvertAll(secondaries, node => node.Group ?? string.Empty);
            instance.SecondaryGroupUuids = Array.ConvertAll(secondaries, node => node.GroupUuid ?? string.Empty);
        };
    }
}
