namespace Ganeti;

/// <summary>A physical volume of a node as LVM reports it. Sizes are bytes.</summary>
public sealed class LvmPhysicalVolume : GntObject
{
    /// <summary>The name that LVM has for a device that it does not find.</summary>
    internal const string Unknown = "[unknown]";

    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>Its device; <c>[unknown]</c> while it is missing.</summary>
    public string? Name { get; set; }

    /// <summary>LVM's UUID of it.</summary>
    public string? Uuid { get; set; }

    /// <summary>The volume group that it is in, or null.</summary>
    public string? VolumeGroup { get; set; }

    /// <summary>LVM's three letters (<c>pv_attr</c>).</summary>
    public string? Attributes { get; set; }

    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>What is free of it, bytes.</summary>
    public long? Free { get; set; }

    /// <summary>What is in use of it, bytes.</summary>
    public long? Used { get; set; }

    /// <summary>The size of the device, bytes; 0 while it is missing.</summary>
    public long? DeviceSize { get; set; }

    /// <summary>Whether new volumes may lie on it.</summary>
    public bool? IsAllocatable { get; set; }

    /// <summary>Whether LVM does not find its device, or found it again and does not trust it yet.</summary>
    public bool? IsMissing { get; set; }

    /// <summary>Its tags.</summary>
    public string[]? Tags { get; set; }

    /// <summary>Derived: node and device; where the device is not known, LVM's UUID.</summary>
    public string Id => Name is null or Unknown ? $"{Node}/{Uuid}" : $"{Node}{Name}";

    internal override string? Key => Node is null || (Name is null or Unknown && Uuid is null) ? null : Id;
}
