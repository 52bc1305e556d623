using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Ganeti.Connection;

/// <summary>The clusters that one runspace is connected to, and which of them is its default.</summary>
internal sealed class RunspaceConnections
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceConnections> ByRunspace = [];

    private readonly List<GntConnection> _leased = [];
    private GntConnection? _default;
    private bool _hasChosen;

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
    internal IReadOnlyList<GntConnection> Leased
    {
        get
        {
            FollowReplacements();
            return _leased;
        }
    }

    /// <summary>
    /// The default cluster: the one connected to last. A new runspace inherits the process's cluster when exactly one is connected; one
    /// that has connected or disconnected has made its choice.
    /// </summary>
    internal GntConnection? Default
    {
        get
        {
            FollowReplacements();
            if (!_hasChosen && _default is null && ConnectionPool.All is { Count: > 0 } open && open.All(connection => connection.Uuid == open[0].Uuid))
            {
                Add(open[^1], makeDefault: true);
            }

            return _default;
        }
    }

    internal GntConnection Add(GntConnection connection, bool makeDefault)
    {
        ConnectionPool.Lease(connection, this);
        if (!_leased.Contains(connection))
        {
            _leased.Add(connection);
        }

        if (makeDefault)
        {
            _hasChosen = true;
            _default = connection;
        }

        return connection;
    }

    internal Task ReleaseAsync(GntConnection connection)
    {
        _hasChosen = true;
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
        FollowReplacements();
        if (_default?.Uuid == uuid)
        {
            return _default;
        }

        return _leased.FindLast(connection => connection.Uuid == uuid)
            ?? (ConnectionPool.All.LastOrDefault(connection => connection.Uuid == uuid) is { } open ? Add(open, makeDefault: false) : null);
    }

    // Another runspace may have found that a connection no longer answers, and connected anew.
    private void FollowReplacements()
    {
        foreach (var closed in _leased.Where(connection => !connection.IsOpen).ToArray())
        {
            _leased.Remove(closed);
            var wasDefault = _default == closed;
            _default = wasDefault ? null : _default;
            if (ConnectionPool.All.LastOrDefault(connection => connection.Uuid == closed.Uuid) is { } replacement)
            {
                Add(replacement, makeDefault: wasDefault);
            }
            else if (wasDefault)
            {
                _default = _leased.LastOrDefault();
            }
        }
    }
}
