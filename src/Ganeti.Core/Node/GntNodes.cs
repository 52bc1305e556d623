namespace Ganeti;

/// <summary>The nodes of a cluster.</summary>
public sealed class GntNodes
{
    internal GntNodes(GntConnection connection) => Table = new GntTable<GntNode>(connection, "node", nameof(GntNode.Name));

    internal GntTable<GntNode> Table { get; }

    /// <summary>Reads nodes.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="configurationOnly">Read only what the master knows without asking nodes: memory and disk space are null then.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntNode>> GetAsync(IReadOnlyCollection<NamePattern>? names, bool configurationOnly, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly, cancellationToken);
}
