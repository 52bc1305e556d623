namespace Ganeti.Connection;

/// <summary>
/// The open connections of the process. A runspace leases what it uses; the last lease that ends closes the connection.
/// </summary>
internal static class ConnectionPool
{
    private static readonly object Gate = new();
    private static readonly List<Pooled> Open = [];

    /// <summary>Everything that is open in the process.</summary>
    internal static IReadOnlyList<GntConnection> All
    {
        get
        {
            lock (Gate)
            {
                return [.. Open.Select(pooled => pooled.Connection)];
            }
        }
    }

    /// <summary>
    /// Takes a lease on an open connection. A new connection to a cluster that is open already as the same user is closed again, and the lease is
    /// on the one that was there.
    /// </summary>
    /// <returns>The connection that the lease is on.</returns>
    internal static GntConnection Lease(GntConnection connection, object owner)
    {
        Pooled pooled;
        lock (Gate)
        {
            var known = Open.Find(candidate => candidate.Connection == connection)
                ?? Open.Find(candidate => candidate.Connection.Uuid == connection.Uuid && candidate.Connection.User == connection.User && candidate.Connection.Master == connection.Master);
            if (known is null)
            {
                ObjectDisposedException.ThrowIf(!connection.IsOpen, connection);
                Open.Add(known = new Pooled(connection));
            }

            known.Owners.Add(owner);
            pooled = known;
        }

        if (pooled.Connection != connection)
        {
            _ = connection.DisposeAsync().AsTask();
        }

        return pooled.Connection;
    }

    /// <summary>Ends a lease; returns the closing of the connection when it was the last.</summary>
    internal static Task ReleaseAsync(GntConnection connection, object owner)
    {
        lock (Gate)
        {
            var pooled = Open.Find(candidate => candidate.Connection == connection);
            if (pooled is null || !pooled.Owners.Remove(owner) || pooled.Owners.Count > 0)
            {
                return Task.CompletedTask;
            }

            Open.Remove(pooled);
        }

        return connection.DisposeAsync().AsTask();
    }

    private sealed record Pooled(GntConnection Connection)
    {
        internal HashSet<object> Owners { get; } = new(ReferenceEqualityComparer.Instance);
    }
}
