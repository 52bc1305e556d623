using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets block devices of nodes: disks with state, model and serial number, partitions, arrays; of guests, disks and volumes the disks that they lie on. With
/// <c>-Problem</c> those that something is wrong with. Stands for <c>lsblk</c>, <c>/sys/block</c>, <c>smartctl</c>, <c>dmesg</c>.
/// </summary>
[Cmdlet(VerbsCommon.Get, "BlockDevice", DefaultParameterSetName = "Node")]
[OutputType(typeof(BlockDevice))]
public sealed class GetBlockDeviceCommand : GetStorageCommand
{
    /// <summary>Only those that something is wrong with: given up, with I/O errors in the kernel's log, failing by their own word, an array that is not whole.</summary>
    [Parameter]
    public SwitchParameter Problem { get; set; }

    /// <summary>Read SMART and the kernel's log of I/O errors too; <c>-Problem</c> does.</summary>
    [Parameter]
    public SwitchParameter Health { get; set; }

    /// <summary>Of nodes, logical volumes, mirrors and loop devices too.</summary>
    [Parameter(ParameterSetName = "Node")]
    public SwitchParameter All { get; set; }

    private protected override bool WithHealth => Health || Problem;

    private protected override string? View => Problem ? "Ganeti.BlockDevice#Problem" : null;

    private protected override GanetiError NotFound => GanetiError.BlockDeviceNotFound;

    private protected override string Noun => "block device";

    private protected override IEnumerable<GntObject> Wanted(NodeStorage storage, StorageSelection selection) => selection.DevicesIn(storage)
        .Where(device => !Problem || (device.Problems is { Length: > 0 } && !IsToldOfItsDisk(storage, device)))
        .Where(device => ParameterSetName != "Node" || All || Problem || Name is not null || IsHardware(device));

    private protected override bool HasName(GntObject item, NamePattern name) => item is BlockDevice device
        && (name.IsMatch(device.Name) || name.IsMatch(device.Path) || name.IsMatch(device.Serial));

    private protected override void Write(GntConnection connection, NodeStorage storage, IEnumerable<GntObject> items)
    {
        base.Write(connection, storage, items);
        // A disk that is gone altogether is no device any more.
        foreach (var group in Problem ? storage.Groups.Where(group => group.MissingCount > 0) : [])
        {
            WriteWarning($"{group.Id} misses {group.MissingCount} of its {group.PhysicalVolumeCount} physical volumes: Get-LvmPhysicalVolume {storage.Name} -Missing; what a repair would do: Repair-GntDisk {storage.Name} -Plan.");
        }
    }

    // Its errors are those of a disk under it, which is told then.
    private bool IsToldOfItsDisk(NodeStorage storage, BlockDevice device) => !All && !device.IsDisk && storage.DisksUnder(device).Any(disk => disk != device && disk.Problems is { Length: > 0 });

    // Not empty floppy and CD drives; nor what stands on LVM.
    private static bool IsHardware(BlockDevice device) => device.DrbdMinor is null
        && device.Type is not (BlockDeviceType.lvm or BlockDeviceType.loop or BlockDeviceType.rom or BlockDeviceType.dm)
        && device.Name?.StartsWith("fd", StringComparison.Ordinal) != true
        && device.Size > 0;
}
