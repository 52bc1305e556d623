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
            default:
                SelectGuests();
                break;
        }
    }

    private protected override IEnumerable<GntObject> Expand(GntInstance row) => (row.Disks ?? [])
        .Where(disk => HasWantedIndex(disk.Index) && (_uuids.Count == 0 || _uuids.Contains(disk.Uuid)));
}
