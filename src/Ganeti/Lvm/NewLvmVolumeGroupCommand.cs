using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Makes a volume group of whole disks. Asks where they hold something; only <c>-Force</c> answers beforehand. Stands for <c>pvcreate</c> and <c>vgcreate</c>.</summary>
[Cmdlet(VerbsCommon.New, "LvmVolumeGroup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LvmVolumeGroup))]
public sealed class NewLvmVolumeGroupCommand : StorageChangeCommand
{
    /// <summary>The nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Its name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>The disks or partitions that it is made of, by the kernel's name, by path, or by serial number.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateNotNullOrEmpty]
    public string[] Disk { get; set; } = [];

    /// <summary>Do not ask, also where the disks hold something.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Process() => ForEach(Resolve(Node!, Tables.Nodes), node => Order(node, node.Name, node, _ => [new LvmGroupCreation { Node = node.Name!, Subject = Name, Name = Name, Disks = Disk, Force = Force }]));
}
