using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets what is mounted of guests' disks on nodes: by whom, since when, where, and what is left of mounts whose client died. Each node is asked once.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntMount", DefaultParameterSetName = "Node")]
[OutputType(typeof(GntMount))]
public sealed class GetGntMountCommand : GntMountListCommand
{
    /// <summary>Nodes to look at; without it, all that are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Guests whose mounts to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Disks whose mounts to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Only those to which nobody lays claim: their client died before they were ready, their time is over, or only a part of them is left.</summary>
    [Parameter]
    public SwitchParameter Stale { get; set; }

    private protected override bool OnlyStale => Stale;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Instance":
                WantGuests(Instance!);
                break;
            case "Disk":
                WantDisks(Disk!);
                break;
            case "Node" when Node is not null:
                WantNodes(Node);
                break;
            default:
                WantAll();
                break;
        }
    }

    private protected override void Found(GntConnection connection, IReadOnlyList<GntMount> mounts) => WriteObject(mounts, enumerateCollection: true);
}
