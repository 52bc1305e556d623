using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Takes sides of mirrors down: the minor is gone then, and its volumes keep the data. What it is for is minors that no guest has any more. Stands for <c>drbdsetup down</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Disable, "DrbdDevice", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class DisableDrbdDeviceCommand : DrbdSideChangeCommand
{
    /// <summary>Take down also a Primary that is no guest's, and a mirror's other side while the guest runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdDown { Force = Force };
}
