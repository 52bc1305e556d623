using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets nodes, as <c>gnt-node list</c> and <c>gnt-node info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntNode", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntNode))]
public sealed class GetGntNodeCommand : GetGntCommand<GntNode>
{
    private readonly List<GntJob> _jobs = [];

    /// <summary>Names (short or full) or patterns; without it all nodes.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Nodes to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Guests whose nodes to get: the primary and the secondaries.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Node groups whose nodes to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? Group { get; set; }

    /// <summary>Disks whose nodes to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Network cards on whose guests' node to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Nic")]
    [ValidateNotNullOrEmpty]
    public GntNic[]? Nic { get; set; }

    /// <summary>Sides of mirrors whose node to get, each its own.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes whose node to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Volume groups whose node to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Physical volumes whose node to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmPhysicalVolume")]
    [ValidateNotNullOrEmpty]
    public LvmPhysicalVolume[]? LvmPhysicalVolume { get; set; }

    /// <summary>Block devices whose node to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>Jobs whose nodes to get: those that they name, and those of the guests that they name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[]? Job { get; set; }

    /// <summary>Locks on nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Lock")]
    [ValidateNotNullOrEmpty]
    public GntLock[]? Lock { get; set; }

    /// <summary>Only nodes that have one of these tags; patterns too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Read the configuration only: memory, disk space and processors are null then, and no node is asked.</summary>
    [Parameter]
    public SwitchParameter ConfigurationOnly { get; set; }

    /// <summary>Further fields by Ganeti's own names (<c>gnt-node list-fields</c>), as extra properties.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeFieldCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Field { get; set; } = [];

    private protected override bool IsConfigurationOnly => ConfigurationOnly;

    private protected override IReadOnlyList<string> ExtraFields => Field;

    private protected override (GntTable<GntNode> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Nodes(connection);

    private protected override bool IsWanted(GntNode row) => Tag is null || row.Tags?.Any(tag => TaggedThing.IsMatch(Tag.Select(wanted => new NamePattern(wanted)), tag)) == true;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Node":
                SelectNamed(Node!, static node => [node.Name]);
                break;
            case "Instance":
                SelectNamed(Resolve(Instance!, Tables.Instances), NodesOf);
                break;
            case "Group":
                SelectOf(Resolve(Group!, Tables.Groups), static group => Luxi.LuxiFilter.Equal("group.uuid", group.Uuid!));

                break;
            case "Disk":
                SelectNamed(Disk!, static disk => [disk.PrimaryNode, .. disk.SecondaryNodes ?? []]);
                break;
            case "Nic":
                SelectNamed(Nic!, static nic => [nic.PrimaryNode]);
                break;
            case "DrbdDevice":
                SelectNamed(DrbdDevice!, static side => [side.Node]);
                break;
            case "LvmVolume":
                SelectNamed(LvmVolume!, static volume => [volume.Node]);
                break;
            case "LvmVolumeGroup":
                SelectNamed(LvmVolumeGroup!, static group => [group.Node]);
                break;
            case "LvmPhysicalVolume":
                SelectNamed(LvmPhysicalVolume!, static physical => [physical.Node]);
                break;
            case "BlockDevice":
                SelectNamed(BlockDevice!, static device => [device.Node]);
                break;
            case "Job":
                SelectWritten(Job!, static job => job.NodeNames);
                _jobs.AddRange(Job!.Where(job => job.InstanceNames.Length > 0));

                break;
            case "Lock":
                SelectNamed(Lock!, static held => held.Level is "node" or "node-res" ? [held.ObjectName] : []);
                break;
            default:
                SelectByNameOrTag(Name, Tag);
                break;
        }
    }

    private static IEnumerable<string?> NodesOf(GntInstance instance) => [instance.PrimaryNode, .. instance.SecondaryNodes ?? []];

    private protected override void End()
    {
        ForEach(_jobs.GroupBy(job => job.ClusterUuid), jobsOfCluster => SelectNamed(InstancesOf([.. jobsOfCluster]), NodesOf));
        base.End();
    }

    // Guests that jobs name may be gone by now; that is no error here.
    private IReadOnlyList<GntInstance> InstancesOf(GntJob[] jobs)
    {
        var names = jobs.SelectMany(job => job.InstanceNames).Distinct(StringComparer.Ordinal).Select(name => new NamePattern(NamePattern.Escape(name))).ToArray();
        var table = ConnectionFor(jobs[0]).Instances.Table;
        return Await(token => table.ReadNamedAsync(names, GanetiError.InstanceNotFound, configurationOnly: true, [], token)).Rows;
    }
}
