using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Has nodes look for new disks, and for new sizes of those that are there. Stands for <c>echo '- - -' > /sys/class/scsi_host/hostN/scan</c>.</summary>
[Cmdlet(VerbsData.Update, "BlockDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BlockDevice))]
public sealed class UpdateBlockDeviceCommand : StorageChangeCommand
{
    /// <summary>The nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>The serial number of the disk that is to be there afterwards.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Serial { get; set; }

    private protected override void Process() => ForEach(Resolve(Node!, Tables.Nodes), node => Order(node, node.Name, node, _ => [new BlockDeviceScan { Node = node.Name!, Subject = Serial ?? "disks", Serial = Serial }]));
}
