namespace Ganeti;

/// <summary>The consoles of a cluster's guests.</summary>
public sealed class GntConsoles
{
    internal GntConsoles(GntConnection connection) => Table = new GntTable<GntConsole>(connection, "instance", nameof(GntConsole.InstanceName));

    internal GntTable<GntConsole> Table { get; }

    /// <summary>Reads where consoles are; the guests' nodes are asked.</summary>
    /// <param name="names">Names of guests or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntConsole>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken) =>
        Table.ReadMatchingAsync(names, configurationOnly: false, cancellationToken);
}
