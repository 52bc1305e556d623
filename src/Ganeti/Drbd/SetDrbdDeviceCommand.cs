using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Sets how fast resyncs of mirrors go, on both sides, since the one that receives decides. It holds until the disk is activated anew. Stands for <c>drbdsetup disk-options</c>.
/// </summary>
[Cmdlet(VerbsCommon.Set, "DrbdDevice", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class SetDrbdDeviceCommand : DrbdSideChangeCommand
{
    /// <summary>How fast at most, bytes a second: <c>c-max-rate</c>, or at a fixed speed <c>resync-rate</c>.</summary>
    [Parameter]
    [Size]
    public long? ResyncRate { get; set; }

    /// <summary>What a resync may have at least while the guest writes too, bytes a second: <c>c-min-rate</c>.</summary>
    [Parameter]
    [Size]
    public long? MinimumResyncRate { get; set; }

    /// <summary>Whether DRBD's controller chooses the speed (Dynamic), or it is always the same (Fixed): <c>c-plan-ahead</c>. Without it, as it is.</summary>
    [Parameter]
    [Choice(typeof(DrbdResyncController))]
    public DrbdResyncController? ResyncController { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        if (ResyncRate is null && MinimumResyncRate is null && ResyncController is null)
        {
            Refuse("Nothing is to be set", "Say what: -ResyncRate, -MinimumResyncRate or -ResyncController");
        }
    }

    private protected override DrbdSideChange ChangeOf(DrbdPair pair) => new DrbdResyncRate { Rate = ResyncRate, MinimumRate = MinimumResyncRate, Controller = ResyncController };

    private protected override IReadOnlyList<DrbdPair> Meant(IReadOnlyList<DrbdPair> pairs) =>
        [.. DrbdPair.Mirrors(pairs).SelectMany(pair => pair.Other is { } other ? new[] { pair, new DrbdPair(other, pair.Side) } : [pair])];

    private protected override void Changed(GntConnection connection, DrbdPair pair)
    {
        if (pair.Side.InstanceName is { } guest)
        {
            WriteVerbose($"The next activation of {guest}'s disks sets what Ganeti has; for good: gnt-cluster modify -D drbd:dynamic-resync=true,c-max-rate=<KiB/s>, or gnt-group modify -D … for one group.");
        }
    }
}
