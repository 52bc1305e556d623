using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets guests, as <c>gnt-instance list</c> and <c>gnt-instance info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntInstance", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntInstance))]
public sealed class GetGntInstanceCommand : GetGntCommand<GntInstance>
{
    /// <summary>Names (short or full) or patterns; without it all guests.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Guests to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose guests to get: those that run there, or with <c>-Secondary</c> or <c>-Any</c> others.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Of the nodes, the guests whose disks have their other side there.</summary>
    [Parameter(ParameterSetName = "Node")]
    public SwitchParameter Secondary { get; set; }

    /// <summary>Of the nodes, the guests that run there and those whose disks have their other side there.</summary>
    [Parameter(ParameterSetName = "Node")]
    public SwitchParameter Any { get; set; }

    /// <summary>Node groups whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    /// <summary>Networks whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNullOrEmpty]
    public GntNetwork[]? Network { get; set; }

    /// <summary>Disks whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Network cards whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Nic")]
    [ValidateNotNullOrEmpty]
    public GntNic[]? Nic { get; set; }

    /// <summary>Sides of mirrors whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Volume groups whose volumes' guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Physical volumes that guests' volumes lie on.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmPhysicalVolume")]
    [ValidateNotNullOrEmpty]
    public LvmPhysicalVolume[]? LvmPhysicalVolume { get; set; }

    /// <summary>Block devices that guests' disks lie on, on one side at least: who is hurt when it dies.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>Jobs whose guests to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[]? Job { get; set; }

    /// <summary>Locks on guests.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Lock")]
    [ValidateNotNullOrEmpty]
    public GntLock[]? Lock { get; set; }

    /// <summary>Only guests that have one of these tags; patterns too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Read the configuration only: states, and memory and processors in use, are null then, and no node is asked.</summary>
    [Parameter]
    public SwitchParameter ConfigurationOnly { get; set; }

    /// <summary>Further fields by Ganeti's own names (<c>gnt-instance list-fields</c>), as extra properties.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(InstanceFieldCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Field { get; set; } = [];

    private protected override bool IsConfigurationOnly => ConfigurationOnly;

    private protected override IReadOnlyList<string> ExtraFields => Field;

    private protected override (GntTable<GntInstance> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Instances(connection);

    private protected override bool IsWanted(GntInstance row) => Tag is null || row.Tags?.Any(tag => TaggedThing.IsMatch(Tag.Select(wanted => new NamePattern(wanted)), tag)) == true;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Node":
                SelectOf(Resolve(Node!, Tables.Nodes), node => GntInstances.OnNode(node.Name!, primary: Any || !Secondary, secondary: Any || Secondary));

                break;
            case "Group":
                SelectOf(Resolve(Group!, Tables.Groups), static group => GntInstances.InGroup(group.Uuid!));

                break;
            case "Network":
                SelectNamed(Resolve(Network!, Tables.Networks), static network => network.Instances ?? []);
                break;
            case "Instance":
                SelectNamed(Instance!, static instance => [instance.Name]);
                break;
            case "Disk":
                SelectNamed(Disk!, static disk => [disk.InstanceName]);
                break;
            case "Nic":
                SelectNamed(Nic!, static nic => [nic.InstanceName]);
                break;
            case "DrbdDevice":
                SelectNamed(DrbdDevice!, static side => [side.InstanceName]);
                break;
            case "LvmVolume":
                SelectNamed(LvmVolume!, static volume => [volume.InstanceName]);
                break;
            case "LvmVolumeGroup" or "LvmPhysicalVolume" or "BlockDevice":
                SelectNamed(VolumesOn([.. LvmVolumeGroup ?? [], .. LvmPhysicalVolume ?? [], .. BlockDevice ?? []]), static volume => [volume.InstanceName]);
                break;
            case "Job":
                SelectWritten(Job!, static job => job.InstanceNames);
                break;
            case "Lock":
                SelectNamed(Lock!, static held => held.Level == "instance" ? [held.ObjectName] : []);
                break;
            default:
                SelectByNameOrTag(Name, Tag);
                break;
        }
    }
}
