namespace Ganeti;

/// <summary>The node groups of a cluster.</summary>
public sealed class GntGroups
{
    internal GntGroups(GntConnection connection) => Table = new GntTable<GntGroup>(connection, "group", nameof(GntGroup.Name));

    internal GntTable<GntGroup> Table { get; }

    /// <summary>Reads node groups.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntGroup>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly: true, cancellationToken);
}
