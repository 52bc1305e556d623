namespace Ganeti;

/// <summary>A disk of a guest as Ganeti's configuration has it.</summary>
public sealed class GntDisk : GntInstancePart
{
    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>Spindles it counts as, with exclusive storage only.</summary>
    public int? Spindles { get; set; }

    /// <summary>How it is stored.</summary>
    public GntDiskTemplate? Template { get; set; }

    /// <summary>The template as Ganeti printed it.</summary>
    public string? TemplateText { get; set; }

    /// <summary>The nodes that hold its other side.</summary>
    public string[]? SecondaryNodes { get; set; }

    /// <summary>The block device on the primary node that an activation has told (<c>Enable-GntDisk -PassThru</c>), else null.</summary>
    public string? Device { get; set; }

    internal override string Kind => "disk";

    /// <summary>The disks of a guest whose disk fields were read, or null when they were not.</summary>
    internal static GntDisk[]? Of(GntInstance instance) => instance.DiskUuids?.Select((uuid, index) => new GntDisk
    {
        ClusterUuid = instance.ClusterUuid,
        ClusterName = instance.ClusterName,
        ReadAt = instance.ReadAt,
        InstanceName = instance.Name,
        Index = index,
        Uuid = uuid,
        Name = instance.DiskNames.At(index),
        Size = instance.DiskSizes.At(index),
        Spindles = (int?)instance.DiskSpindles.At(index),
        Template = instance.DiskTemplate,
        TemplateText = instance.DiskTemplateText,
        PrimaryNode = instance.PrimaryNode,
        SecondaryNodes = instance.SecondaryNodes,
    }).ToArray();
}
