namespace Ganeti;

/// <summary>The locks that are held or waited for of a cluster.</summary>
public sealed class GntLocks
{
    internal GntLocks(GntConnection connection) => Table = new GntTable<GntLock>(connection, "lock", nameof(GntLock.Name));

    internal GntTable<GntLock> Table { get; }

    /// <summary>Reads locks that are held or waited for.</summary>
    /// <param name="names">Names or patterns; null for all.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer.</exception>
    public Task<IReadOnlyList<GntLock>> GetAsync(IReadOnlyCollection<NamePattern>? names, CancellationToken cancellationToken) =>
        Table.ReadAsync(names is null ? null : Table.FilterFor(names), configurationOnly: true, [], cancellationToken);
}
