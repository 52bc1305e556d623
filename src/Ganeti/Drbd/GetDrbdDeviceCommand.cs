using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets the sides of DRBD mirrors as their nodes' kernels know them, with the guests and disks that they belong to. Stands for <c>/proc/drbd</c>, <c>drbdsetup show</c>
/// and <c>gnt-node list-drbd</c> on every node at once. With <c>-Problem</c> those that something is wrong with, and what.
/// </summary>
[Cmdlet(VerbsCommon.Get, "DrbdDevice", DefaultParameterSetName = "Node")]
[OutputType(typeof(DrbdDevice))]
public sealed class GetDrbdDeviceCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, DrbdSelection> _selections = [];
    private readonly HashSet<DrbdDevice> _written = [];

    /// <summary>Nodes whose sides to get; without it, those of all nodes that can have guests and are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Of the nodes, minor numbers; the two sides of a mirror may have different ones.</summary>
    [Parameter(ParameterSetName = "Node")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Minor { get; set; }

    /// <summary>Guests whose disks' sides to get, on both nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Disks whose sides to get, on both nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Sides to read anew, or whose other side to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes whose sides to get, those that they are the data or the meta data of.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Volume groups whose volumes' sides to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Physical volumes that sides lie on.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmPhysicalVolume")]
    [ValidateNotNullOrEmpty]
    public LvmPhysicalVolume[]? LvmPhysicalVolume { get; set; }

    /// <summary>Block devices that sides lie on.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    /// <summary>The other side: of a side that is piped in, in its place; of those on nodes, beside them.</summary>
    [Parameter(ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "DrbdDevice")]
    public SwitchParameter Peer { get; set; }

    /// <summary>
    /// Only the sides that something is wrong with, the worst first, each with what is wrong, what shows it and what cures it. Both sides of every disk are compared,
    /// with Ganeti's configuration, its running jobs and the kernels' logs, in two samples a moment apart.
    /// </summary>
    [Parameter]
    public SwitchParameter Problem { get; set; }

    /// <summary>With <c>-Problem</c>: how far apart the two samples are; a number is seconds. What has not moved between them is stalled.</summary>
    [Parameter]
    [Duration]
    public TimeSpan SampleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override void Begin()
    {
        if (SampleTime > DrbdExamination.LongestSampleTime)
        {
            Refuse("The two samples can't be more than an hour apart.", "Give -SampleTime some seconds");
        }

        RefuseTogether(Problem && Peer, "-Peer", "-Problem", "both sides are always looked at then, and the sick ones written");
    }

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
            case "DrbdDevice" when Peer:
                ForEach(DrbdDevice!, side => SelectionOf(side).PeersOf.Add(side));
                break;
            case "DrbdDevice":
                ForEach(DrbdDevice!, side => SelectionOf(side).Sides.Add((side.Node, side.Minor)));
                break;
            case "LvmVolume":
                SelectVolumes(LvmVolume!);
                break;
            case "LvmVolumeGroup" or "LvmPhysicalVolume" or "BlockDevice":
                SelectVolumes(VolumesOn([.. LvmVolumeGroup ?? [], .. LvmPhysicalVolume ?? [], .. BlockDevice ?? []]));
                break;
            case "Node" when Node is null:
                SelectionOf(null).All = true;
                break;
            default:
                ForEach(Resolve(Node!, Tables.Nodes), node => SelectionOf(node).Nodes.Add(node.Name!));
                break;
        }
    }

    private protected override void End()
    {
        foreach (var (connection, selection) in _selections)
        {
            try
            {
                if (Problem)
                {
                    WriteProblems(connection, selection);
                }
                else
                {
                    var reading = new DrbdReading(connection, selection, ThrottleLimit)
                    {
                        Found = sides => Post(() => WriteObject(sides.Where(_written.Add), enumerateCollection: true)),
                        Failed = (exception, target) => Post(() => WriteError(exception, target)),
                    };
                    Await(reading.RunAsync);
                }
            }
            catch (GanetiException exception) when (_selections.Count > 1)
            {
                // One cluster that fails does not hide the others.
                WriteError(exception, connection.Name);
            }
        }
    }

    private void SelectVolumes(IEnumerable<LvmVolume> volumes) => ForEach(volumes, volume =>
    {
        var selection = SelectionOf(volume);
        if (volume.DrbdMinor is { } minor)
        {
            selection.Sides.Add((volume.Node, minor));
        }
    });

    private void WriteProblems(GntConnection connection, DrbdSelection selection)
    {
        var examination = new DrbdExamination(connection, selection, ThrottleLimit, SampleTime) { Failed = (exception, target) => Post(() => WriteError(exception, target)) };
        var sick = Await(examination.RunAsync).SelectMany(mirror => mirror.Sides!).Where(side => side.Problems is { Length: > 0 } && selection.IsWanted(side));
        foreach (var side in sick.OrderByDescending(side => side.Problems![0].Severity).Where(_written.Add))
        {
            // Its own view: what is wrong, why, what to type next.
            var written = PSObject.AsPSObject(side);
            written.TypeNames.Insert(0, "Ganeti.DrbdDevice#Problem");
            WriteObject(written);
        }
    }

    private DrbdSelection SelectionOf(GntObject? source)
    {
        var connection = ConnectionFor(source);
        if (!_selections.TryGetValue(connection, out var selection))
        {
            _selections.Add(connection, selection = new DrbdSelection { WithPeers = Peer && DrbdDevice is null });
            selection.Minors.UnionWith(Minor ?? []);
        }

        return selection;
    }
}
