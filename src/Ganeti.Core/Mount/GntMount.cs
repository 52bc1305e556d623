using System.Globalization;

namespace Ganeti;

/// <summary>A file system of a guest's disk that <c>Mount-GntDisk</c> has mounted on a node, or what is left of one.</summary>
/// <remarks>A folder in <c>/run/ganeti-powershell/mounts</c> on the node; the volume of a snapshot has the LVM tag <c>ganeti.mount=…</c>; a guest that is kept from starting meanwhile has the tag
/// <c>ganeti-mount:…</c> in Ganeti's configuration.</remarks>
public sealed class GntMount : GntObject
{
    /// <summary>What marks it on the node, in tags and in the journals.</summary>
    public string? Id { get; set; }

    /// <summary>The node; null when only the guest's tag is left.</summary>
    public string? Node { get; set; }

    /// <summary>The guest.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>Ganeti's UUID of the disk.</summary>
    public string? DiskUuid { get; set; }

    /// <summary>The number of the partition; 0 for the whole disk, null for a volume inside the guest.</summary>
    public int? Partition { get; set; }

    /// <summary>The logical volume inside the guest, as <c>group/name</c>.</summary>
    public string? Volume { get; set; }

    /// <summary>The node's device of the disk: the mirror, the plain volume, or the snapshot.</summary>
    public string? Device { get; set; }

    /// <summary>The device that is mounted.</summary>
    public string? Source { get; set; }

    /// <summary>The kind of file system.</summary>
    public string? FileSystem { get; set; }

    /// <summary>The file system's label.</summary>
    public string? Label { get; set; }

    /// <summary>Where on the node it is mounted.</summary>
    public string? MountPoint { get; set; }

    /// <summary>The options that it is mounted with.</summary>
    public string? Options { get; set; }

    /// <summary>Whether nothing can be written through it.</summary>
    public bool? IsReadOnly { get; set; }

    /// <summary>Whether it shows a snapshot of the disk, not the disk.</summary>
    public bool IsSnapshot { get; set; }

    /// <summary>The snapshot's volume, as <c>group/name</c>.</summary>
    public string? SnapshotVolume { get; set; }

    /// <summary>How much of the snapshot's space is used, percent. A snapshot that is full is lost.</summary>
    public double? SnapshotUsed { get; set; }

    /// <summary>Whether Ganeti keeps the guest from starting for it: it is marked offline.</summary>
    public bool HoldsInstance { get; set; }

    /// <summary>Who mounted it: user and machine of the client.</summary>
    public string? Operator { get; set; }

    /// <summary>Since when, by the node's clock.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Until when its operator wants it; after that it is stale.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <summary>How it is.</summary>
    public GntMountState? State { get; set; }

    /// <summary>How it is, as the node has it.</summary>
    public string? StateText { get; set; }

    /// <summary>When the node undoes it by itself, unless its client gets ready before.</summary>
    public DateTimeOffset? UndoneAt { get; set; }

    /// <summary>What a failed undo said.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether nobody lays claim to it: its client died before it was ready, its time is over, or only a part of it is left.</summary>
    public bool IsStale { get; set; }

    /// <summary>The primary node of the guest whose tag is all that is left of it.</summary>
    internal string? InstanceNode { get; init; }

    /// <summary>Derived: the disk, as <c>vm1.example.com/disk/0</c>.</summary>
    public string? Disk => InstanceName is null || DiskIndex is null ? null : string.Create(CultureInfo.InvariantCulture, $"{InstanceName}/disk/{DiskIndex}");

    /// <summary>Derived: what of the disk, for people: <c>partition 1</c>, <c>volume vg/root</c>, <c>whole</c>.</summary>
    public string? What => Volume is not null ? $"volume {Volume}" : Partition switch { null => null, 0 => "whole", { } number => string.Create(CultureInfo.InvariantCulture, $"partition {number}") };

    internal override string? Key => Id;

    /// <summary>For people: <c>vm1.example.com/disk/0 partition 1 on h2.example.com</c>.</summary>
    public override string ToString() => string.Join(' ', new[] { Disk ?? InstanceName ?? Id, What, Node is null ? null : $"on {Node}" }.OfType<string>());
}

/// <summary>How a mount is.</summary>
public enum GntMountState
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>Being made; its node undoes it unless it gets ready.</summary>
    Making = 1,

    /// <summary>Mounted.</summary>
    Mounted = 2,

    /// <summary>Being undone, or an undo has failed.</summary>
    Undoing = 3,

    /// <summary>It was mounted, and somebody has unmounted it by hand.</summary>
    Unmounted = 4,

    /// <summary>Its node knows nothing of it any more: only the snapshot's volume or the guest's tag is left.</summary>
    Remnant = 5,
}
