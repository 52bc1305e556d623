namespace Ganeti;

/// <summary>The networks of a cluster.</summary>
public sealed class GntNetworks
{
    internal GntNetworks(GntConnection connection) => Table = new GntTable<GntNetwork>(connection, "network", nameof(GntNetwork.Name));

    internal GntTable<GntNetwork> Table { get; }

    /// <summary>Reads networks.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntNetwork>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly: true, cancellationToken);
}
