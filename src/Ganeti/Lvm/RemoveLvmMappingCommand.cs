using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Removes the mappings of volumes that have a part on a lost device, so that the kernel lets the device go; the other volumes of the group are left alone. Stands for
/// <c>dmsetup remove</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "LvmMapping", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LvmVolume))]
public sealed class RemoveLvmMappingCommand : StorageChangeCommand
{
    /// <summary>Nodes on which all such mappings are removed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Of those nodes, the volume groups that are meant; names or patterns.</summary>
    [Parameter(Position = 1, ParameterSetName = "Node")]
    [ValidateNotNullOrEmpty]
    public string[]? VolumeGroup { get; set; }

    /// <summary>Volumes whose mappings are removed; one that has no part on a lost device is an error.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Lost devices whose volumes' mappings are removed.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "LvmVolume":
                ForEach(LvmVolume!, volume => Order(volume, volume.Node, volume, storage => [LvmMappingRemoval.Of(storage.Volumes.FirstOrDefault(volume.Equals) ?? volume)]));
                break;
            case "BlockDevice":
                ForEach(BlockDevice!, device => Order(device, device.Node, device, storage => Lost(storage.DeviceOf(device.Name) is { } there ? storage.VolumesOn(there) : [], storage, device.Id)));
                break;
            default:
                ForEach(Resolve(Node!, Tables.Nodes), node => Order(node, node.Name, node, storage =>
                    Lost(storage.Volumes.Where(volume => VolumeGroup is null || VolumeGroup.Any(group => new NamePattern(group).IsMatch(volume.VolumeGroup))), storage, storage.Name)));
                break;
        }
    }

    private LvmMappingRemoval[] Lost(IEnumerable<LvmVolume> volumes, NodeStorage storage, string where)
    {
        var lost = LvmMappingRemoval.InOrder(volumes.Where(volume => volume.IsPartial == true), storage).Select(LvmMappingRemoval.Of).ToArray();
        if (lost.Length == 0)
        {
            WriteWarning($"{where} has no mapping of a volume with a part on a lost device, as far as LVM and Ganeti tell; see Get-GntLeftover {storage.Name} for what neither knows.");
        }

        return lost;
    }
}
