using System.Globalization;

namespace Ganeti;

/// <summary>A disk of a guest as Ganeti's configuration has it.</summary>
public sealed class GntDisk : GntObject
{
    /// <summary>The guest that it belongs to.</summary>
    public string? InstanceName { get; set; }

    /// <summary>Its place among the guest's disks, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>The name that it was given, or null; see <see cref="Id"/> for what it can be called by always.</summary>
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    public string? Uuid { get; set; }

    /// <summary>Its size, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>Spindles it counts as, with exclusive storage only.</summary>
    public int? Spindles { get; set; }

    /// <summary>How it is stored.</summary>
    public GntDiskTemplate? Template { get; set; }

    /// <summary>The template as Ganeti printed it.</summary>
    public string? TemplateText { get; set; }

    /// <summary>The node on which the guest uses it.</summary>
    public string? PrimaryNode { get; set; }

    /// <summary>The nodes that hold its other side.</summary>
    public string[]? SecondaryNodes { get; set; }

    /// <summary>Derived: guest and place, as <c>vm1.example.com/disk/0</c>.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{InstanceName}/disk/{Index}");

    internal override string? Key => InstanceName is null || Index is null ? null : Id;

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
