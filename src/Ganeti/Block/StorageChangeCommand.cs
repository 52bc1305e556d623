using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change what nodes store on: reads each node before anything is done, asks, changes, and sees what has come of it.</summary>
public abstract class StorageChangeCommand : GntChangeCommand
{
    private readonly List<(GntConnection Connection, string Node, Func<NodeStorage, IEnumerable<StorageChange>> Changes, object Target)> _ordered = [];

    /// <summary>Write what was made or changed, as it is now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Whether the sides of mirrors on the node are read too.</summary>
    private protected virtual bool WithSides => false;

    /// <summary>Has changes be made on a node, once all that is named is known.</summary>
    private protected void Order(GntObject source, string? node, object target, Func<NodeStorage, IEnumerable<StorageChange>> changes) =>
        _ordered.Add((ConnectionFor(source), node!, changes, target));

    private protected sealed override void End()
    {
        foreach (var onNode in _ordered.GroupBy(order => (order.Connection, order.Node)))
        {
            var (connection, node) = onNode.Key;
            var repair = new StorageRepair(connection, MyInvocation.MyCommand.Name, WithSides);
            NodeStorage storage;
            try
            {
                storage = Await(token => repair.ReadAsync(node, token));
            }
            catch (GanetiException exception)
            {
                WriteError(exception, node);
                continue;
            }

            foreach (var order in onNode)
            {
                Each(order.Changes(storage).ToArray(), change =>
                {
                    if (Make(repair, change.Bound(storage), storage) is { } now)
                    {
                        storage = now;
                    }
                });
            }
        }
    }

    private NodeStorage? Make(StorageRepair repair, StorageChange change, NodeStorage storage)
    {
        var isSo = change is { MayBeSoAlready: true } and not BlockDeviceScan && change.Missing(storage) is null;
        if (!isSo && change.Refusal(storage) is { } refusal)
        {
            throw refusal;
        }

        var after = storage;
        if (isSo)
        {
            WriteVerbose($"{change.Id} is so already.");
        }
        else
        {
            var stake = change.Stake(storage);
            if (!IsApproved(change.CommandLine(storage), stake is null ? Risk.None : Risk.Data, stake))
            {
                return null;
            }

            after = Await(token => repair.RunAsync(change, storage, RepairView, token));
        }

        if (PassThru && change.Result(after) is { } result)
        {
            WriteObject(result);
        }

        return after;
    }
}
