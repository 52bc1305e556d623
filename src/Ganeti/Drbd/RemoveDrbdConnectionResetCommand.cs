using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Undoes now what resets of connections have left on nodes: takes away rules, connects what was disconnected, ends the node's watchdog. DRBD connects again by
/// itself. What Reset-DrbdConnection in another session is holding down at the moment is let go too.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "DrbdConnectionReset", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveDrbdConnectionResetCommand : DrbdResetListCommand
{
    /// <summary>Those to undo, from Get-DrbdConnectionReset.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "DrbdConnectionReset")]
    [ValidateNotNullOrEmpty]
    public DrbdConnectionReset[]? DrbdConnectionReset { get; set; }

    /// <summary>Do not ask about connections whose both sides were Primary.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Process()
    {
        if (ParameterSetName == "Node")
        {
            base.Process();
            return;
        }

        Each(DrbdConnectionReset!, reset => Undo(ConnectionFor(reset), reset));
    }

    private protected override void Found(GntConnection connection, IReadOnlyList<DrbdConnectionReset> resets) => Each(resets, reset => Undo(connection, reset));

    private void Undo(GntConnection connection, DrbdConnectionReset reset)
    {
        var what = reset.Method switch
        {
            DrbdResetMethod.Nftables => $"nft delete table inet gnt_reset_{reset.Id}",
            DrbdResetMethod.Iptables => $"iptables -D … --comment gnt-reset-{reset.Id}",
            _ => $"drbdsetup connect … (minor {reset.Minor}, port {reset.Port})",
        };
        var isDual = reset.IsDualPrimary == true;
        var line = $"ssh {reset.Node} {what}";
        if (IsApproved(line, isDual ? Risk.Data : Risk.None, isDual ? $"Both sides of port {reset.Port} were Primary: let go so, they are split. Repair-GntMigration {reset.InstanceName} lets go in time." : null))
        {
            Await(token => DrbdResets.RemoveAsync(connection, reset, MyInvocation.MyCommand.Name, line, token));
        }
    }
}
