using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Connects sides of mirrors that have given up on each other (StandAlone), by having Ganeti activate the guest's disks: StandAlone has forgotten addresses,
/// port and secret, and Ganeti's configuration has them. Stands for <c>gnt-instance activate-disks</c>.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "DrbdDevice", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class ConnectDrbdDeviceCommand : DrbdActivateCommand
{
    /// <summary>Try it although the kernel's log has split brain. Nothing is given up by that: DRBD cuts the two apart again if it can't resolve it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string? Missing(DrbdRepair repair, DrbdDevice? side, DrbdDevice? other) => side switch
    {
        null => "the side is gone",
        { IsConnected: true } => null,
        // Nobody there to connect to: to look for it is all that can be.
        { IsWaitingForConnection: true } when other is null && repair.Silent.ContainsKey(side.PeerNode ?? string.Empty) => null,
        _ => $"{side.Id} is {side.ConnectionStateText}",
    };

    private protected override void Check(DrbdRepair repair, DrbdPair pair)
    {
        if (pair.Side.IsWaitingForConnection && pair.Other?.IsWaitingForConnection == true)
        {
            throw new GanetiException(GanetiError.DrbdStateWrong, $"{DrbdWords.Of(pair.Side)} and {pair.Other.Id} wait for each other: both are configured, and the network between them is what fails.")
            {
                Target = pair.Side,
                RecommendedAction = $"Look for rules that were left behind (Get-DrbdConnectionReset), and at the network between {pair.Side.LocalAddress} and {pair.Side.PeerAddress}, port {pair.Side.Port}.",
            };
        }

        if (!Force && Await(token => repair.IsSplitBrainAsync(pair, token)))
        {
            throw DrbdRepair.SplitBrain(pair);
        }
    }
}
