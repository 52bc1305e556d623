using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Ganeti.Connection;

/// <summary>The clusters that one runspace is connected to, and which of them is its default.</summary>
internal sealed class RunspaceConnections
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceConnections> ByRunspace = [];

    private readonly List<GntConnection> _leased = [];
    private GntConnection? _default;

    private RunspaceConnections()
    {
    }

    /// <summary>Those of the runspace that the calling thread works for.</summary>
    internal static RunspaceConnections Current => ByRunspace.GetValue(Runspace.DefaultRunspace, static runspace =>
    {
        var connections = new RunspaceConnections();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            {
                _ = connections.ReleaseAllAsync();
            }
        };
        return connections;
    });

    /// <summary>What this runspace has leased, in the order of connecting.</summary>
    internal IReadOnlyList<GntConnection> Leased => _leased;

    /// <summary>
    /// The default cluster: the one connected to last. A runspace that has connected to none inherits the process's connection when
    /// exactly one is open.
    /// </summary>
    internal GntConnection? Default
    {
        get
        {
            if (_default is null && _leased.Count == 0 && ConnectionPool.All is [var only])
            {
                Add(only, makeDefault: true);
            }

            return _default;
        }
    }

    internal GntConnection Add(GntConnection connection, bool makeDefault)
    {
        var leased = ConnectionPool.Lease(connection, this);
        if (!_leased.Contains(leased))
        {
            _leased.Add(leased);
        }

        if (makeDefault)
        {
            _default = leased;
        }

        return leased;
    }

    internal Task ReleaseAsync(GntConnection connection)
    {
        _leased.Remove(connection);
        if (_default == connection)
        {
            _default = _leased.LastOrDefault();
        }

        return ConnectionPool.ReleaseAsync(connection, this);
    }

    internal Task ReleaseAllAsync() => Task.WhenAll(_leased.ToArray().Select(ReleaseAsync));

    /// <summary>The connection to the cluster that an object came from.</summary>
    internal GntConnection? ForUuid(string uuid)
    {
        if (_default?.Uuid == uuid)
        {
            return _default;
        }

        return _leased.Find(connection => connection.Uuid == uuid)
            ?? (ConnectionPool.All.FirstOrDefault(connection => connection.Uuid == uuid) is { } open ? Add(open, makeDefault: false) : null);
    }
}
