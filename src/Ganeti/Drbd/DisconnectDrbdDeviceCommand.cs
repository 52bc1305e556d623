using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Cuts the two sides of mirrors apart: one side becomes StandAlone, the other waits for it. Stands for <c>drbdsetup disconnect --force</c>.
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "DrbdDevice", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class DisconnectDrbdDeviceCommand : DrbdSideChangeCommand
{
    /// <summary>Cut off also what lives from the other side's data; it gets I/O errors then.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdDisconnect { Force = Force };

    private protected override IReadOnlyList<DrbdPair> Meant(IReadOnlyList<DrbdPair> pairs) => OneSideEach(pairs);

    private protected override void Changed(GntConnection connection, DrbdPair pair) => WarnOfTheWatcher(connection, pair, $"Connect-DrbdDevice {pair.Side.InstanceName}");
}
