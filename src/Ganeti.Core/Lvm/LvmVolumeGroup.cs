namespace Ganeti;

/// <summary>A volume group of a node as LVM reports it. Sizes are bytes.</summary>
public sealed class LvmVolumeGroup : GntObject
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>Its name.</summary>
    public string? Name { get; set; }

    /// <summary>LVM's UUID of it.</summary>
    public string? Uuid { get; set; }

    /// <summary>LVM's six letters (<c>vg_attr</c>).</summary>
    public string? Attributes { get; set; }

    /// <summary>Its size, what is on missing devices included, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>What is free of it, bytes; that on missing devices is counted by LVM too.</summary>
    public long? Free { get; set; }

    /// <summary>The size of an extent, bytes: volumes are multiples of it.</summary>
    public long? ExtentSize { get; set; }

    /// <summary>How many extents it has.</summary>
    public long? ExtentCount { get; set; }

    /// <summary>How many of them are free.</summary>
    public long? FreeExtentCount { get; set; }

    /// <summary>The devices that it is on; a missing one is <c>[unknown]</c>.</summary>
    public string[]? PhysicalVolumes { get; set; }

    /// <summary>How many physical volumes it should have.</summary>
    public int? PhysicalVolumeCount { get; set; }

    /// <summary>How many of them are missing.</summary>
    public int? MissingCount { get; set; }

    /// <summary>How many volumes it has.</summary>
    public int? VolumeCount { get; set; }

    /// <summary>How many of them are snapshots.</summary>
    public int? SnapshotCount { get; set; }

    /// <summary>Its tags.</summary>
    public string[]? Tags { get; set; }

    /// <summary>Derived: node and name.</summary>
    public string Id => $"{Node}/{Name}";

    /// <summary>Derived: whether a device of it is missing. It takes no changes then.</summary>
    public bool IsPartial => MissingCount > 0 || Attributes is [_, _, _, 'p', ..];

    internal override string? Key => Node is null || Name is null ? null : Id;
}
