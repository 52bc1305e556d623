using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets guests' disks as Ganeti's configuration has them (<c>gnt-instance info</c>, "Disks").</summary>
[Cmdlet(VerbsCommon.Get, "GntDisk", DefaultParameterSetName = "Instance")]
[OutputType(typeof(GntDisk))]
public sealed class GetGntDiskCommand : GetGntPartCommand
{
    private readonly HashSet<string?> _uuids = [];

    /// <summary>Disks to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Sides of mirrors whose disk to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public DrbdDevice[]? DrbdDevice { get; set; }

    /// <summary>Logical volumes whose disks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolume")]
    [ValidateNotNullOrEmpty]
    public LvmVolume[]? LvmVolume { get; set; }

    /// <summary>Volume groups whose volumes' disks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmVolumeGroup")]
    [ValidateNotNullOrEmpty]
    public LvmVolumeGroup[]? LvmVolumeGroup { get; set; }

    /// <summary>Physical volumes that disks lie on.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "LvmPhysicalVolume")]
    [ValidateNotNullOrEmpty]
    public LvmPhysicalVolume[]? LvmPhysicalVolume { get; set; }

    /// <summary>Block devices that disks lie on, on one side at least.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "BlockDevice")]
    [ValidateNotNullOrEmpty]
    public BlockDevice[]? BlockDevice { get; set; }

    private protected override bool CountsSecondary => true;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Disk":
                SelectNamed(Disk!, static disk => [disk.InstanceName]);
                _uuids.UnionWith(Disk!.Select(disk => disk.Uuid));
                break;
            case "DrbdDevice":
                SelectNamed(DrbdDevice!, static side => [side.InstanceName]);
                _uuids.UnionWith(DrbdDevice!.Select(side => side.DiskUuid));
                break;
            case "LvmVolume":
                SelectVolumes(LvmVolume!);
                break;
            case "LvmVolumeGroup" or "LvmPhysicalVolume" or "BlockDevice":
                SelectVolumes(VolumesOn([.. LvmVolumeGroup ?? [], .. LvmPhysicalVolume ?? [], .. BlockDevice ?? []]));
                break;
            default:
                SelectGuests();
                break;
        }
    }

    private void SelectVolumes(IReadOnlyCollection<LvmVolume> volumes)
    {
        SelectNamed(volumes, static volume => [volume.InstanceName]);
        _uuids.UnionWith(volumes.Select(volume => volume.DiskUuid));
    }

    private protected override IEnumerable<GntObject> Expand(GntInstance row) => (row.Disks ?? [])
        .Where(disk => HasWantedIndex(disk.Index) && (_uuids.Count == 0 || _uuids.Contains(disk.Uuid)));
}
