namespace Ganeti;

/// <summary>Something that earlier work has left on a node and that nobody has any more. Sizes are bytes.</summary>
public sealed class GntLeftover : GntObject
{
    /// <summary>The node.</summary>
    public string? Node { get; set; }

    /// <summary>What it is.</summary>
    public GntLeftoverKind? Kind { get; set; }

    /// <summary>Its name on the node: a volume's <c>group/name</c>, a mapping, <c>drbd7</c>, the mark of a repair.</summary>
    public string? Name { get; set; }

    /// <summary>What tells it from another of the same name, where there is such a thing.</summary>
    public string? Uuid { get; set; }

    /// <summary>What it occupies, bytes; null for what occupies nothing.</summary>
    public long? Size { get; set; }

    /// <summary>When it was made, or last used, by the node's clock; null where nobody knows.</summary>
    public DateTimeOffset? Created { get; set; }

    /// <summary>How long ago that was, by the node's clock.</summary>
    public TimeSpan? Age { get; set; }

    /// <summary>Why it is believed to be left.</summary>
    public string? Reason { get; set; }

    /// <summary>What removes it, as it would be typed on the node.</summary>
    public string? Command { get; set; }

    /// <summary>The volume that it is, or null.</summary>
    public LvmVolume? Volume { get; set; }

    /// <summary>The mapping's device, or null.</summary>
    public BlockDevice? Device { get; set; }

    /// <summary>The side of a mirror that it is, or null.</summary>
    public DrbdDevice? Side { get; set; }

    /// <summary>The cut that it is, or null.</summary>
    public DrbdConnectionReset? Reset { get; set; }

    /// <summary>The mount that it is, or null.</summary>
    public GntMount? Mount { get; set; }

    internal override string? Key => Node is null || Name is null ? null : $"{Node}/{Kind}/{Name}";

    /// <inheritdoc/>
    public override string ToString() => $"{Node}/{Name}";
}

/// <summary>What a leftover is.</summary>
public enum GntLeftoverKind
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>A logical volume in no disk of Ganeti's configuration.</summary>
    OrphanVolume = 1,

    /// <summary>The snapshot of a guest's volume that an export made and did not remove.</summary>
    ExportSnapshot = 2,

    /// <summary>The volume of an import of an image that was broken off.</summary>
    ImportVolume = 3,

    /// <summary>A mapping of device-mapper that nobody has open: partitions of a guest's disk, or what lies on a device that is gone.</summary>
    Mapping = 4,

    /// <summary>A DRBD device that is of no disk of Ganeti's configuration.</summary>
    DrbdMinor = 5,

    /// <summary>A connection of DRBD that a repair has cut, and that nothing lets go by itself.</summary>
    ConnectionReset = 6,

    /// <summary>What a repair has armed a node to undo and the node could not.</summary>
    Safeguard = 7,

    /// <summary>The lease of a repair, which is over.</summary>
    Lease = 8,

    /// <summary>A mount of a guest's disk to which nobody lays claim any more.</summary>
    Mount = 9,

    /// <summary>Scratch space of an import of an image, or of the trial of an export, that a node which was started anew meanwhile has yet.</summary>
    Scratch = 10,
}
