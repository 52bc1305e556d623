using System.Collections.Concurrent;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change mirrors on their nodes, or wait for them: reads both sides of all that were named, one call a node, before anything is done.</summary>
public abstract class DrbdChangeCommand : GntChangeCommand
{
    private readonly Dictionary<GntConnection, DrbdSelection> _selections = [];

    /// <summary>Guests, whose disks' mirrors are meant: all disks, on both nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Disks whose mirrors are meant.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Sides of mirrors, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>The node of the side that is meant.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>Its minor numbers on that node.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Node")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Minor { get; set; }

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>Changes what was named.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="pairs">Each side that was named, with its other side.</param>
    private protected abstract void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Instance":
                ForEach(Resolve(Instance!, Tables.Instances), instance => SelectionOf(instance).Instances.Add(instance.Name!));
                break;
            case "Disk":
                ForEach(Disk!, disk => SelectionOf(disk).Disks.Add((disk.InstanceName, disk.Uuid, disk.Index)));
                break;
            case "DrbdDevice":
                ForEach(DrbdDevice!, side => SelectionOf(side).Sides.Add((side.Node, side.Minor)));
                break;
            default:
                ForEach(Resolve([Node!], Tables.Nodes), node =>
                {
                    SelectionOf(node).Nodes.Add(node.Name!);
                    SelectionOf(node).Minors.UnionWith(Minor!);
                });
                break;
        }
    }

    private protected override void End() => ForEach(_selections, selected => Act(selected.Key, selected.Value));

    /// <summary>Does what is to be done on one cluster.</summary>
    private protected virtual void Act(GntConnection connection, DrbdSelection selection) => Change(connection, ReadPairs(connection, selection));

    /// <summary>Reads sides anew, with their other sides.</summary>
    private protected IReadOnlyList<DrbdPair> ReadPairs(GntConnection connection, DrbdSelection selection)
    {
        var all = new ConcurrentBag<DrbdDevice>();
        var reading = new DrbdReading(connection, selection, ThrottleLimit)
        {
            Found = sides =>
            {
                foreach (var side in sides)
                {
                    all.Add(side);
                }
            },
            // Where the other side can't be known, there is none; what that speaks against is for the checks to say.
            Failed = (exception, target) => Post(() =>
            {
                if (exception.Error == GanetiError.DrbdPeerUnknown)
                {
                    WriteVerbose(exception.Message);
                }
                else
                {
                    WriteError(exception, target);
                }
            }),
        };
        Await(reading.RunAsync);
        var known = all.Distinct().OrderBy(side => side.Node, StringComparer.Ordinal).ThenBy(side => side.Minor).ToArray();
        return DrbdPair.Of(known.Where(selection.IsWanted), known);
    }

    private DrbdSelection SelectionOf(GntObject source)
    {
        var connection = ConnectionFor(source);
        if (!_selections.TryGetValue(connection, out var selection))
        {
            _selections.Add(connection, selection = new DrbdSelection { WithPeers = true });
        }

        return selection;
    }
}
