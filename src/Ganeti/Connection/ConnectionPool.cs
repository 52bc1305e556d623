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

    /// <summary>Another open connection to the same cluster as the same user, with the same rights, or null.</summary>
    internal static GntConnection? TwinOf(GntConnection connection) =>
        All.FirstOrDefault(other => other != connection && other.Uuid == connection.Uuid && other.User == connection.User && other.Sudo == connection.Sudo);

    /// <summary>Takes a lease on a connection.</summary>
    internal static void Lease(GntConnection connection, object owner)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(!connection.IsOpen, connection);
            var pooled = Open.Find(candidate => candidate.Connection == connection);
            if (pooled is null)
            {
                Open.Add(pooled = new Pooled(connection));
            }

            pooled.Owners.Add(owner);
        }
    }

    /// <summary>Closes a connection that no longer answers, whoever leases it: they find the one that takes its place by the cluster's UUID.</summary>
    internal static void Retire(GntConnection connection)
    {
        lock (Gate)
        {
            Open.RemoveAll(pooled => pooled.Connection == connection);
        }

        _ = connection.DisposeAsync().AsTask();
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
