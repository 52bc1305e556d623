using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes disks away, so that the kernel no longer knows them and they can be pulled. Refused unless every mirror on them has a connected other side that is UpToDate, and
/// nothing else would die. Stands for <c>echo 1 > /sys/block/NAME/device/delete</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "BlockDevice", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BlockDevice))]
public sealed class RemoveBlockDeviceCommand : BlockDeviceChangeCommand
{
    private protected override bool Delete => true;
}
