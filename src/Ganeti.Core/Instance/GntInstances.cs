using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The guests of a cluster.</summary>
public sealed class GntInstances
{
    internal GntInstances(GntConnection connection) => Table = new GntTable<GntInstance>(connection, "instance", nameof(GntInstance.Name));

    internal GntTable<GntInstance> Table { get; }

    /// <summary>Reads guests.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="configurationOnly">Read only what the master knows without asking nodes: states and use are null then.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntInstance>> GetAsync(IReadOnlyCollection<NamePattern>? names, bool configurationOnly, CancellationToken cancellationToken) =>
        Table.ReadAsync(names is null ? null : Table.FilterFor(names), configurationOnly, [], cancellationToken);

    /// <summary>The guests on a node.</summary>
    internal static LuxiFilter OnNode(string node, bool primary, bool secondary) => (primary, secondary) switch
    {
        (true, true) => LuxiFilter.Any(OnNode(node, true, false), OnNode(node, false, true)),
        (false, true) => LuxiFilter.Contains("snodes", node),
        _ => LuxiFilter.Equal("pnode", node),
    };

    internal static LuxiFilter InGroup(string groupUuid) => LuxiFilter.Equal("pnode.group.uuid", groupUuid);

    internal static LuxiFilter InNetwork(string networkUuid) => LuxiFilter.Contains("nic.networks", networkUuid);
}
