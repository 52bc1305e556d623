using System.Diagnostics;

namespace Ganeti;

/// <summary>Watches both sides of a mirror until they are where they should be, and says why when they can't get there.</summary>
internal static class DrbdWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StandAloneFor = TimeSpan.FromSeconds(3);

    /// <summary>Both sides as they are now. A node that does not answer leaves its side out, unless it is the only one.</summary>
    internal static async Task<DrbdPair> ReadAsync(GntConnection connection, DrbdPair pair, CancellationToken cancellationToken)
    {
        // One that was not there or did not answer may by now.
        var other = pair.Other ?? (pair.Side is { PeerNode: { } peerNode, PeerMinor: { } peerMinor } own
            ? new DrbdDevice { Node = peerNode, Minor = peerMinor, PeerNode = own.Node, PeerMinor = own.Minor, InstanceName = own.InstanceName, DiskIndex = own.DiskIndex, DiskUuid = own.DiskUuid, ConfiguredPort = own.ConfiguredPort, Port = own.Port, ConfiguredRole = own.ConfiguredRole switch { DrbdRole.Primary => DrbdRole.Secondary, DrbdRole.Secondary => DrbdRole.Primary, _ => null } }
            : null);
        var readings = new[] { pair.Side, other }.OfType<DrbdDevice>().Select(async side =>
        {
            try
            {
                var found = (await connection.Drbd.GetAsync(side.Node!, cancellationToken).ConfigureAwait(false)).FirstOrDefault(now => now.Minor == side.Minor);
                found?.Inherit(side);
                return (Found: found, Failure: default(GanetiException));
            }
            catch (GanetiException exception)
            {
                return (Found: default, Failure: exception);
            }
        }).ToArray();
        var read = await Task.WhenAll(readings).ConfigureAwait(false);
        var sides = read.Select(one => one.Found).OfType<DrbdDevice>().ToArray();
        return sides switch
        {
            [var one] => new DrbdPair(one, null),
            [var one, var second, ..] => new DrbdPair(one, second),
            _ => throw read.Select(one => one.Failure).FirstOrDefault(failure => failure is not null) ?? new GanetiException(GanetiError.DrbdDeviceNotFound, $"{pair.Name} is on neither of its nodes any more.") { Target = pair.Side },
        };
    }

    /// <summary>Waits until both sides say that they are connected.</summary>
    /// <exception cref="GanetiException">They have not found each other in time, or one has given up.</exception>
    internal static async Task<DrbdPair> UntilConnectedAsync(GntConnection connection, DrbdPair pair, TimeSpan timeout, IRepairView view, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var standAlone = default(long?);
        while (true)
        {
            var now = await ReadAsync(connection, pair, cancellationToken).ConfigureAwait(false);
            if (now.Sides.Count == pair.Sides.Count && now.Sides.All(one => one.IsConnected))
            {
                return now;
            }

            view.Progress($"Connecting {pair.Name}", Describe(now));
            // For a moment it is StandAlone on the way from one configuration to the next.
            standAlone = now.Sides.Any(one => one.ConnectionState == DrbdConnectionState.StandAlone) ? standAlone ?? Stopwatch.GetTimestamp() : null;
            if (standAlone is { } gaveUp && Stopwatch.GetElapsedTime(gaveUp) > StandAloneFor)
            {
                throw new GanetiException(GanetiError.DrbdSplitBrain, $"{pair.Name} has not connected again: {Describe(now)}. A side that goes StandAlone by itself has refused the other, most often for a split brain.")
                {
                    Target = now.Side,
                    RecommendedAction = $"See why: Get-DrbdDevice -Problem. Where one side has written nothing, Move-GntInstance {pair.Side.InstanceName ?? "<guest>"} -Cleanup heals it; else Resolve-DrbdSplitBrain shows what would be lost.",
                };
            }

            if (Stopwatch.GetElapsedTime(since) > timeout)
            {
                throw new GanetiException(GanetiError.DrbdNotReconnected, $"{pair.Name} has not connected again within {timeout.TotalSeconds:0.#} seconds: {Describe(now)}.")
                {
                    Target = now.Side,
                    RecommendedAction = "Nothing is held down any more and DRBD goes on trying by itself: look at the network between the nodes, and again with Get-DrbdDevice -Problem.",
                };
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Follows a resync until both sides have the newest data.</summary>
    internal static async Task<DrbdPair> UntilInSyncAsync(GntConnection connection, DrbdPair pair, IRepairView view, CancellationToken cancellationToken)
    {
        var activity = $"Resync of {pair.Name}";
        var apart = 0;
        while (true)
        {
            var now = await ReadAsync(connection, pair, cancellationToken).ConfigureAwait(false);
            if (now.Sides.Count >= pair.Sides.Count && now.Sides.All(one => one is { IsConnected: true, IsInResync: false, DiskState: DrbdDiskState.UpToDate }))
            {
                view.Progress(activity, Describe(now), 100);
                return now;
            }

            // Between two states it may be neither for a moment.
            apart = now.Sides.Any(one => one.IsInResync) ? 0 : apart + 1;
            if (apart > 5)
            {
                throw new GanetiException(GanetiError.DrbdNotReconnected, $"{pair.Name} is not in sync, and no resync runs: {Describe(now)}.")
                {
                    Target = now.Side,
                    RecommendedAction = "See why: Get-DrbdDevice -Problem.",
                };
            }

            // The target knows its own pace best.
            var side = now.Sides.FirstOrDefault(one => one.ReplicationState == DrbdReplicationState.SyncTarget) ?? now.Side;
            view.Progress(activity, side.IsStalled ? "stalled" : Describe(now), side.ResyncPercent is { } percent ? Math.Min(percent, 99.9) : null, side.ResyncTimeLeft);
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a resync runs that nobody has paused.</summary>
    internal static bool IsSyncing(DrbdDevice side) => side.IsInResync && side.ReplicationState is not (DrbdReplicationState.PausedSyncS or DrbdReplicationState.PausedSyncT);

    /// <summary>What both sides say of themselves, for people.</summary>
    internal static string Describe(DrbdPair pair) => string.Join("; ", pair.Sides.Select(side =>
        $"{side.Node}: {side.ConnectionStateText} {side.RoleText}/{side.PeerRoleText} {side.DiskStateText}/{side.PeerDiskStateText}"));
}
