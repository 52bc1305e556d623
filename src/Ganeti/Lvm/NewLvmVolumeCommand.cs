using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Makes a logical volume on each of the nodes. Stands for <c>lvcreate</c>.</summary>
[Cmdlet(VerbsCommon.New, "LvmVolume", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LvmVolume))]
public sealed class NewLvmVolumeCommand : StorageChangeCommand
{
    /// <summary>The nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Group and name: <c>kvmvg/scratch</c>.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidatePattern("^[^/]+/[^/]+$")]
    public string Name { get; set; } = string.Empty;

    /// <summary>Its size, bytes (<c>20GB</c>, <c>20G</c>); LVM rounds it up to whole extents.</summary>
    [Parameter(Mandatory = true)]
    [Size]
    public long Size { get; set; }

    /// <summary>The physical volumes that it is to lie on; without it, whatever has room.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] PhysicalVolume { get; set; } = [];

    /// <summary>Its tags.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    private protected override void Process() => ForEach(Resolve(Node!, Tables.Nodes), node => Order(node, node.Name, node, _ =>
    {
        var (group, name) = (Name.Split('/')[0], Name.Split('/')[1]);
        return [new LvmCreation { Node = node.Name!, Subject = Name, VolumeGroup = group, Name = name, Size = Size, Tags = Tag, PhysicalVolumes = [.. PhysicalVolume.Select(device => device.StartsWith('/') ? device : $"/dev/{device}")] }];
    }));
}
