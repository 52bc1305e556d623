namespace Ganeti;

/// <summary>Makes changes of what nodes store on, one at a time: held by a lease, looked at again before, and seen on the node afterwards.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="cmdlet">The cmdlet, for lease and journal.</param>
/// <param name="withSides">Whether the sides of mirrors on a node are read with its storage.</param>
internal sealed class StorageRepair(GntConnection connection, string cmdlet, bool withSides)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Reads a node's storage, with whose the volumes are.</summary>
    internal async Task<NodeStorage> ReadAsync(string node, CancellationToken cancellationToken)
    {
        var owners = connection.Lvm.OwnersAsync([], cancellationToken);
        var storage = await ReadNodeAsync(node, cancellationToken).ConfigureAwait(false);
        storage.Own(await owners.ConfigureAwait(false));
        return storage;
    }

    /// <summary>Makes a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="before">The node as the operator was asked about it.</param>
    /// <param name="view">Is told how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>The node afterwards.</returns>
    /// <exception cref="GanetiException">It was refused, or it was not seen to be made.</exception>
    internal async Task<NodeStorage> RunAsync(StorageChange change, NodeStorage before, IRepairView? view, CancellationToken cancellationToken)
    {
        var order = new RepairOrder { Cmdlet = cmdlet, Subject = change.Id, CommandLine = change.CommandLine(before), InstanceName = change.Guest(before), OtherGuests = change.OtherGuests(before), Nodes = [change.Node] };
        var session = await RepairSession.BeginAsync(connection, order, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        var now = await AgainAsync(change, before, cancellationToken).ConfigureAwait(false);
        if (change.Refusal(now) is { } refusal)
        {
            throw refusal;
        }

        foreach (var (command, line) in change.Commands(now).Zip(change.Lines(now)))
        {
            var result = await session.RunAsync(change.Node, line, command, cancellationToken).ConfigureAwait(false);
            if (result.ExitStatus != 0)
            {
                var words = RemoteText.Printable((result.ErrorText + result.OutputText).Trim().ReplaceLineEndings("; "));
                throw new GanetiException(GanetiError.StorageChangeRefused, $"{change.Id}: '{line}' was refused: {words} (exit status {(result.ExitStatus is { } status ? status : result.Signal)}).")
                {
                    Target = change.Id,
                    RecommendedAction = $"See how it is now: Get-LvmVolume {change.Node}, Get-BlockDevice {change.Node}; who holds it: Get-BlockHolder.",
                };
            }
        }

        now = await SeenAsync(change, now, view, cancellationToken).ConfigureAwait(false);
        await session.DoneAsync($"{change.Id}: {order.CommandLine}", cancellationToken).ConfigureAwait(false);
        return now;
    }

    // Whose the volumes are does not change by what the nodes do.
    private async Task<NodeStorage> AgainAsync(StorageChange change, NodeStorage before, CancellationToken cancellationToken)
    {
        var now = await ReadNodeAsync(change.Node, cancellationToken).ConfigureAwait(false);
        now.Own(before.Owners);
        LvmOwner.Inherit(before.Volumes, now.Volumes);
        return now;
    }

    private async Task<NodeStorage> ReadNodeAsync(string node, CancellationToken cancellationToken)
    {
        var sides = withSides ? connection.Drbd.GetAsync(node, cancellationToken) : null;
        var storage = await connection.Block.ReadAsync(node, withHealth: false, cancellationToken).ConfigureAwait(false);
        storage.Sides = sides is null ? [] : await sides.ConfigureAwait(false);
        return storage;
    }

    private async Task<NodeStorage> SeenAsync(StorageChange change, NodeStorage before, IRepairView? view, CancellationToken cancellationToken)
    {
        var since = Environment.TickCount64;
        double? last = null;
        while (true)
        {
            var now = await AgainAsync(change, before, cancellationToken).ConfigureAwait(false);
            if (change.Missing(now) is not { } what)
            {
                view?.Progress(change.Id, "done", 100);
                return now;
            }

            if (change.Progress(now) is { } percent)
            {
                var spent = TimeSpan.FromMilliseconds(Environment.TickCount64 - since);
                view?.Progress(change.Id, what, percent, percent > 0.5 ? spent * ((100 - percent) / percent) : null);
                // What gets on may take as long as it takes.
                (since, last) = percent == last ? (since, last) : (last is null ? since : Environment.TickCount64, percent);
            }

            if (Environment.TickCount64 - since > change.Patience.TotalMilliseconds)
            {
                throw change.Unseen() ?? new GanetiException(GanetiError.StorageChangeNotSeen, $"{change.Id}: the command ended well, and yet {what}.")
                {
                    Target = change.Id,
                    RecommendedAction = $"See how it is now: Get-LvmVolume {change.Node}, Get-BlockDevice {change.Node}.",
                };
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
