using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes disks offline: all I/O on them fails at once. Refused unless every mirror on them has a connected other side that is UpToDate, and nothing else would die. Stands for
/// <c>echo offline > /sys/block/NAME/device/state</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Disable, "BlockDevice", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BlockDevice))]
public sealed class DisableBlockDeviceCommand : BlockDeviceChangeCommand
{
    private protected override bool Delete => false;
}
