using System.Globalization;

namespace Ganeti;

/// <summary>A block device of a node, as its kernel knows it: a disk, a partition, a software RAID, what stands on them. Sizes are bytes.</summary>
/// <remarks>A value that was not there to read is null, never a zero.</remarks>
public sealed class BlockDevice : GntObject
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>The kernel's name: <c>sda</c>, <c>dm-4</c>.</summary>
    public string? Name { get; set; }

    /// <summary>Its device file.</summary>
    public string? Path { get; set; }

    /// <summary>The device's numbers, <c>8:16</c>.</summary>
    public string? DeviceNumber { get; set; }

    /// <summary>What it is.</summary>
    public BlockDeviceType? Type { get; set; }

    /// <summary>What it is, as lsblk printed it.</summary>
    public string? TypeText { get; set; }

    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>How it is, by its driver; null for what has no state of its own.</summary>
    public BlockDeviceState? State { get; set; }

    /// <summary>How it is, as sysfs has it.</summary>
    public string? StateText { get; set; }

    /// <summary>The maker's name for the kind of disk.</summary>
    public string? Model { get; set; }

    /// <summary>The maker.</summary>
    public string? Vendor { get; set; }

    /// <summary>The number on its label: what tells the disk to pull.</summary>
    public string? Serial { get; set; }

    /// <summary>The version of its firmware.</summary>
    public string? Revision { get; set; }

    /// <summary>Its world-wide name.</summary>
    public string? WorldWideName { get; set; }

    /// <summary>How it is attached: <c>sata</c>, <c>sas</c>, <c>nvme</c> …</summary>
    public string? Transport { get; set; }

    /// <summary>Its place on the SCSI bus, host:channel:target:unit.</summary>
    public string? Address { get; set; }

    /// <summary>Whether it has turning platters, as far as it says so itself.</summary>
    public bool? IsRotational { get; set; }

    /// <summary>Whether it can't be written; a Secondary of DRBD can't.</summary>
    public bool? IsReadOnly { get; set; }

    /// <summary>What it holds: a file system, <c>LVM2_member</c>, <c>linux_raid_member</c>, swap.</summary>
    public string? FileSystem { get; set; }

    /// <summary>The label of what it holds.</summary>
    public string? Label { get; set; }

    /// <summary>The UUID of what it holds; of a physical volume, LVM's.</summary>
    public string? Uuid { get; set; }

    /// <summary>Where it is mounted; <c>[SWAP]</c> for swap in use.</summary>
    public string? MountPoint { get; set; }

    /// <summary>The volume group whose physical volume it is, or null.</summary>
    public string? VolumeGroup { get; set; }

    /// <summary>The devices that it stands on, by the kernel's names: the disk of a partition, the disks of an array.</summary>
    public string[]? Parents { get; set; }

    /// <summary>The devices that stand on it, by the kernel's names.</summary>
    public string[]? Holders { get; set; }

    /// <summary>Of a software RAID: how it is.</summary>
    public BlockDeviceArray? Array { get; set; }

    /// <summary>What the disk says of itself (SMART); null where that was not asked, or there is no smartctl.</summary>
    public BlockDeviceHealth? Health { get; set; }

    /// <summary>The I/O errors in the kernel's log, oldest first; null where that was not read. The log is as long as the kernel keeps it.</summary>
    public BlockDeviceError[]? Errors { get; set; }

    /// <summary>What is wrong with it; null where that was not looked for.</summary>
    public BlockDeviceProblem[]? Problems { get; set; }

    /// <summary>Derived: node and name.</summary>
    public string Id => $"{Node}/{Name}";

    /// <summary>Derived: how many I/O errors the log has.</summary>
    public int? ErrorCount => Errors?.Length;

    /// <summary>Derived: the time of the last I/O error.</summary>
    public DateTimeOffset? LastErrorAt => Errors is { Length: > 0 } errors ? errors[^1].Time : null;

    internal override string? Key => Node is null || Name is null ? null : Id;

    /// <summary>Whether it is a disk of the machine, and not something that stands on one.</summary>
    internal bool IsDisk => Type == BlockDeviceType.disk && Parents is null or [] && DrbdMinor is null;

    /// <summary>Its number where it is a DRBD device.</summary>
    internal int? DrbdMinor => Name?.StartsWith("drbd", StringComparison.Ordinal) == true && int.TryParse(Name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? minor : null;
}

/// <summary>What a block device is, as lsblk prints it.</summary>
public enum BlockDeviceType
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>A disk; DRBD devices are printed as disks too.</summary>
    disk = 1,

    /// <summary>A partition.</summary>
    part = 2,

    /// <summary>A logical volume.</summary>
    lvm = 3,

    /// <summary>An encrypted device.</summary>
    crypt = 4,

    /// <summary>Several paths to one disk.</summary>
    mpath = 5,

    /// <summary>A loop device over a file.</summary>
    loop = 6,

    /// <summary>A CD or DVD drive.</summary>
    rom = 7,

    /// <summary>Another device-mapper device.</summary>
    dm = 8,

    /// <summary>A software RAID whose level is not known.</summary>
    md = 9,

    /// <summary>A software RAID without redundancy.</summary>
    raid0 = 10,

    /// <summary>A software mirror.</summary>
    raid1 = 11,

    /// <summary>A software RAID with one parity disk.</summary>
    raid4 = 12,

    /// <summary>A software RAID with rotating parity.</summary>
    raid5 = 13,

    /// <summary>A software RAID with two rotating parities.</summary>
    raid6 = 14,

    /// <summary>Striped software mirrors.</summary>
    raid10 = 15,

    /// <summary>A RAID of the machine's firmware.</summary>
    dmraid = 16,
}

/// <summary>How a disk is, by its driver (<c>/sys/block/NAME/device/state</c>; <c>-</c> is written <c>_</c>).</summary>
public enum BlockDeviceState
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>It works.</summary>
    running = 1,

    /// <summary>It works (NVMe).</summary>
    live = 2,

    /// <summary>It was given up, by the kernel or by somebody: all I/O fails.</summary>
    offline = 3,

    /// <summary>Its path was given up: all I/O fails.</summary>
    transport_offline = 4,

    /// <summary>I/O waits for its driver.</summary>
    blocked = 5,

    /// <summary>It was found and is not set up yet.</summary>
    created = 6,

    /// <summary>It was found and is not set up yet, and I/O waits.</summary>
    created_blocked = 7,

    /// <summary>It is being taken away.</summary>
    cancel = 8,

    /// <summary>It was taken away.</summary>
    deleted = 9,

    /// <summary>Only commands of its driver pass.</summary>
    quiesce = 10,

    /// <summary>All I/O waits (device-mapper).</summary>
    suspended = 11,

    /// <summary>It is dead (NVMe).</summary>
    dead = 12,

    /// <summary>It is being reset (NVMe).</summary>
    resetting = 13,

    /// <summary>Its controller is being reached again (NVMe).</summary>
    connecting = 14,
}

/// <summary>How a software RAID is (<c>/sys/block/mdN/md</c>).</summary>
public sealed class BlockDeviceArray
{
    /// <summary>The level: <c>raid1</c>.</summary>
    public string? Level { get; set; }

    /// <summary>How many disks it should have.</summary>
    public int? DiskCount { get; set; }

    /// <summary>How many of them it does not have.</summary>
    public int? MissingCount { get; set; }

    /// <summary>The kernel's word for its state: <c>clean</c>, <c>active</c>, <c>inactive</c> …</summary>
    public string? State { get; set; }

    /// <summary>What it is doing: <c>idle</c>, <c>recover</c>, <c>check</c> …</summary>
    public string? SyncAction { get; set; }

    /// <summary>As a person says it: <c>raid1 clean 2/2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Level} {State} {DiskCount - MissingCount}/{DiskCount}");
}

/// <summary>What a disk says of itself (SMART).</summary>
public sealed class BlockDeviceHealth
{
    /// <summary>Its own verdict; false means that it expects to fail.</summary>
    public bool? IsPassed { get; set; }

    /// <summary>Its temperature, degrees Celsius.</summary>
    public int? Temperature { get; set; }

    /// <summary>How long it has run.</summary>
    public TimeSpan? PowerOnTime { get; set; }

    /// <summary>Sectors that it has replaced by spare ones.</summary>
    public long? ReallocatedSectors { get; set; }

    /// <summary>Sectors that it could not read and will replace when they are written.</summary>
    public long? PendingSectors { get; set; }

    /// <summary>Sectors that it could not read in its own tests; of NVMe, its media errors.</summary>
    public long? UncorrectableSectors { get; set; }

    /// <summary>How much of the writing that it was made for is used up, percent; of NVMe only. It may be above 100.</summary>
    public double? WearPercent { get; set; }

    /// <summary>Its own verdict.</summary>
    public override string ToString() => IsPassed switch { true => "passed", false => "failing", null => "unknown" };
}

/// <summary>An I/O error in a kernel's log.</summary>
public sealed class BlockDeviceError
{
    /// <summary>When, by the node's clock; null for what is no time.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>What was tried: <c>READ</c>, <c>WRITE</c> …; null where the line does not say.</summary>
    public string? Operation { get; set; }

    /// <summary>Where, in sectors of 512 bytes.</summary>
    public long? Sector { get; set; }

    /// <summary>The kernel's words.</summary>
    public string? Text { get; set; }

    /// <summary>Time and words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time:u} {Text}");
}

/// <summary>What can be wrong with a block device.</summary>
public enum BlockDeviceProblemKind
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>It was given up: all I/O fails.</summary>
    Offline = 1,

    /// <summary>The kernel's log has I/O errors of it.</summary>
    IOError = 2,

    /// <summary>It says itself that it is about to fail.</summary>
    Failing = 3,

    /// <summary>It has sectors that it can't read.</summary>
    BadSectors = 4,

    /// <summary>A software RAID that misses disks, or does not run.</summary>
    Degraded = 5,

    /// <summary>I/O on it waits.</summary>
    Blocked = 6,

    /// <summary>A physical volume of LVM is on it that LVM does not trust, as it was missing for a time.</summary>
    NotTrusted = 7,
}

/// <summary>Something that is wrong with a block device.</summary>
public sealed class BlockDeviceProblem
{
    /// <summary>What.</summary>
    public BlockDeviceProblemKind? Kind { get; set; }

    /// <summary>In a sentence.</summary>
    public string? Message { get; set; }

    /// <summary>What to type next.</summary>
    public string? Remedy { get; set; }

    /// <summary>The sentence.</summary>
    public override string ToString() => $"{Kind}: {Message}";
}
