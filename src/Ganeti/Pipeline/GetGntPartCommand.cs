using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that get parts of guests: disks, network cards.</summary>
public abstract class GetGntPartCommand : GetGntCommand<GntInstance>
{
    /// <summary>The guests, by name (short or full), pattern, or as objects; without it all guests.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose guests' parts to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Places among the guest's parts, from 0; without it all.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Index { get; set; }

    private protected sealed override (GntTable<GntInstance> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Instances(connection);

    /// <summary>Whether the parts that a node's secondary side holds count too.</summary>
    private protected abstract bool CountsSecondary { get; }

    private protected bool HasWantedIndex(int? index) => Index is null || (index is { } place && Index.Contains(place));

    /// <summary>Selects by what all parts have in common.</summary>
    private protected void SelectGuests()
    {
        if (ParameterSetName == "Node")
        {
            SelectOf(Resolve(Node!, Tables.Nodes), node => GntInstances.OnNode(node.Name!, primary: true, secondary: CountsSecondary));
        }
        else if (Instance is null)
        {
            SelectByName(null);
        }
        else
        {
            if (Instance.Where(instance => instance.ClusterUuid is null).Select(instance => instance.Name ?? string.Empty).ToArray() is { Length: > 0 } names)
            {
                SelectByName(names);
            }

            SelectNamed(Instance.Where(instance => instance.ClusterUuid is not null), static instance => [instance.Name]);
        }
    }
}
