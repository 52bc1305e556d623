using System.Globalization;

namespace Ganeti;

/// <summary>Who holds a block device of a node, so that it can't be taken down.</summary>
public sealed class BlockHolder : GntObject
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>The device that was asked about.</summary>
    public string? Device { get; set; }

    /// <summary>The device that is held where that is not the one asked about but one that stands on it: <c>/dev/mapper/drbd1p1</c>. Else null.</summary>
    public string? Through { get; set; }

    /// <summary>What kind of holder it is.</summary>
    public BlockHolderKind Kind { get; set; }

    /// <summary>The holder's own name: the program, the mapping, the volume, the device, the mount point.</summary>
    public string? Name { get; set; }

    /// <summary>The number of the process that has it open.</summary>
    public int? ProcessId { get; set; }

    /// <summary>The command line of that process.</summary>
    public string? Command { get; set; }

    /// <summary>Where it is mounted; a mount of another namespace is one too.</summary>
    public string? MountPoint { get; set; }

    /// <summary>The guest: the one that QEMU runs, else the one whose disk the device is.</summary>
    public string? InstanceName { get; set; }

    /// <summary>How it is made to let go: a command line for the node, or a cmdlet.</summary>
    public string? Remedy { get; set; }

    internal override string? Key => Node is null || Device is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Node}{Device}/{Kind}/{Name}/{ProcessId}/{Through}");

    /// <summary>For people: <c>process 4711 (tail)</c>.</summary>
    public override string ToString() => (Kind switch
    {
        BlockHolderKind.Process => string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} ({Name})"),
        BlockHolderKind.Qemu => string.Create(CultureInfo.InvariantCulture, $"QEMU of {InstanceName} (process {ProcessId})"),
        BlockHolderKind.Mount => $"the mount on {MountPoint}",
        BlockHolderKind.Swap => "swap",
        BlockHolderKind.Partition => $"the partition mapping {Name}",
        BlockHolderKind.LvmVolume => $"the logical volume {Name}",
        _ => $"{Kind} {Name}",
    }) + (Through is null ? string.Empty : $" on {Through}");
}

/// <summary>What kind of holder holds a block device.</summary>
public enum BlockHolderKind
{
    /// <summary>A kernel device of a kind that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>A process that has it open.</summary>
    Process = 1,

    /// <summary>A guest's QEMU.</summary>
    Qemu = 2,

    /// <summary>A mounted file system.</summary>
    Mount = 3,

    /// <summary>Swap space in use.</summary>
    Swap = 4,

    /// <summary>A mapping of one of its partitions, as <c>kpartx</c> makes them.</summary>
    Partition = 5,

    /// <summary>A logical volume on it: the volume group inside a guest's disk, as a rule.</summary>
    LvmVolume = 6,

    /// <summary>Another device-mapper device.</summary>
    DeviceMapper = 7,

    /// <summary>A DRBD minor whose volume it is.</summary>
    Drbd = 8,

    /// <summary>A loop device.</summary>
    Loop = 9,

    /// <summary>A software RAID.</summary>
    Raid = 10,
}
