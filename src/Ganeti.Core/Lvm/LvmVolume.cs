using System.Globalization;

namespace Ganeti;

/// <summary>A logical volume of a node as LVM reports it, and what Ganeti knows about it. Sizes are bytes.</summary>
/// <remarks>A value that the report did not have is null, never a zero.</remarks>
public sealed class LvmVolume : GntObject
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>The volume group that it is in.</summary>
    public string? VolumeGroup { get; set; }

    /// <summary>Its name within the group; LVM prints hidden ones (images of a mirror, a pool's data) in brackets, here are none: see <see cref="IsHidden"/>.</summary>
    public string? Name { get; set; }

    /// <summary>LVM's UUID of it.</summary>
    public string? Uuid { get; set; }

    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>What its first segment is: linear, striped, snapshot …</summary>
    public LvmSegmentType? SegmentType { get; set; }

    /// <summary>What its first segment is, as LVM printed it.</summary>
    public string? SegmentTypeText { get; set; }

    /// <summary>Whether and how it is active.</summary>
    public LvmVolumeState? State { get; set; }

    /// <summary>The state's letter as LVM printed it, the fifth of <see cref="Attributes"/>.</summary>
    public string? StateText { get; set; }

    /// <summary>LVM's ten letters (<c>lv_attr</c>).</summary>
    public string? Attributes { get; set; }

    /// <summary>Whether somebody has it open, DRBD on it included; null when LVM could not tell.</summary>
    public bool? IsOpen { get; set; }

    /// <summary>Whether one of its segments is on a device that is missing.</summary>
    public bool? IsPartial { get; set; }

    /// <summary>Whether it is a part of another volume that only <c>lvs -a</c> shows.</summary>
    public bool? IsHidden { get; set; }

    /// <summary>The volume that it is a snapshot of, by name, or null.</summary>
    public string? Origin { get; set; }

    /// <summary>The thin or cache pool that it takes its blocks from, by name, or null.</summary>
    public string? Pool { get; set; }

    /// <summary>How full a snapshot, a pool or a thin volume is, 0 to 100; null for others. A snapshot that reaches 100 is lost.</summary>
    public double? DataPercent { get; set; }

    /// <summary>How full a pool's metadata is, 0 to 100.</summary>
    public double? MetadataPercent { get; set; }

    /// <summary>How far a mirror or a move is in sync, 0 to 100.</summary>
    public double? CopyPercent { get; set; }

    /// <summary>Its tags. Ganeti's own is <c>originstname+</c> and the guest's name at the time it was made.</summary>
    public string[]? Tags { get; set; }

    /// <summary>When it was made, by the node's clock.</summary>
    public DateTimeOffset? Created { get; set; }

    /// <summary>The numbers of its device, <c>253:4</c>; null while it is not active.</summary>
    public string? DeviceNumber { get; set; }

    /// <summary>Its parts, each in one piece.</summary>
    public LvmSegment[]? Segments { get; set; }

    /// <summary>The physical volumes that it lies on, those of its hidden parts and its pool included. A missing one is <c>[unknown]</c>.</summary>
    public string[]? PhysicalVolumes { get; set; }

    /// <summary>The minor of the DRBD device that stands on it, or that Ganeti's configuration puts on it; null for none.</summary>
    public int? DrbdMinor { get; set; }

    /// <summary>The guest that Ganeti's configuration has it for, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's disks, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>Ganeti's UUID of the disk that it belongs to.</summary>
    public string? DiskUuid { get; set; }

    /// <summary>What it holds of that disk.</summary>
    public LvmVolumeUse? Use { get; set; }

    /// <summary>Of an orphan (<c>Get-LvmVolume -Orphan</c>): what speaks for it being one.</summary>
    public string[]? OrphanEvidence { get; set; }

    /// <summary>Derived: group and name, as LVM's tools take it: <c>kvmvg/disk0</c>.</summary>
    public string FullName => $"{VolumeGroup}/{Name}";

    /// <summary>Derived: its device file on the node.</summary>
    public string? Path => VolumeGroup is null || Name is null ? null : $"/dev/{VolumeGroup}/{Name}";

    /// <summary>Derived: node, group and name.</summary>
    public string Id => $"{Node}/{FullName}";

    /// <summary>Derived: whether it is active, suspended or not.</summary>
    public bool IsActive => State is not (null or LvmVolumeState.inactive or LvmVolumeState.Unrecognized);

    /// <summary>Derived: whether it is a snapshot of another volume.</summary>
    public bool IsSnapshot => Origin is not null;

    /// <summary>Derived: whether it is a snapshot that overflowed: its data is lost.</summary>
    public bool IsInvalid => State is LvmVolumeState.invalid or LvmVolumeState.suspended_invalid;

    /// <summary>Derived: whether its blocks come from a thin pool.</summary>
    public bool IsThin => SegmentType == LvmSegmentType.thin;

    internal override string? Key => Node is null || VolumeGroup is null || Name is null ? null : Id;
}

/// <summary>A part of a logical volume that lies in one piece, or in one set of stripes.</summary>
public sealed class LvmSegment
{
    /// <summary>Where in the volume it begins, bytes.</summary>
    public long? Start { get; set; }

    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>What it is.</summary>
    public LvmSegmentType? Type { get; set; }

    /// <summary>What it is, as LVM printed it.</summary>
    public string? TypeText { get; set; }

    /// <summary>Over how many devices it is spread.</summary>
    public int? Stripes { get; set; }

    /// <summary>What it lies on: physical volumes, or hidden volumes of the group.</summary>
    public string[]? Devices { get; set; }

    /// <summary>On each of <see cref="Devices"/>, the extent that it begins at.</summary>
    public long[]? FirstExtents { get; set; }

    /// <summary>As LVM lists it: <c>linear /dev/sda(128)</c>.</summary>
    public override string ToString() => $"{TypeText} {string.Join(',', (Devices ?? []).Select((device, index) => string.Create(CultureInfo.InvariantCulture, $"{device}({(FirstExtents is { } first && index < first.Length ? first[index] : 0)})")))}".Trim();
}
