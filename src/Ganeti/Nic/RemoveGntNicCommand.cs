using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Removes network cards from guests. Stands for <c>gnt-instance modify --net N:remove</c>.</summary>
[Cmdlet(VerbsCommon.Remove, "GntNic", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntJob))]
public sealed class RemoveGntNicCommand : GntNicChangeCommand
{
    /// <summary>Take it from the running guest at once. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>Take it from the running guest at once where its hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntNic> parts)
    {
        var change = new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Nics = [.. parts.OrderByDescending(part => part.Index).Select(part => InstanceSetParams.Remove(part.Uuid!))],
            Hotplug = OnlyIf(Hotplug),
            HotplugIfPossible = OnlyIf(HotplugIfPossible),
        };
        return Hotplug || HotplugIfPossible
            ? new Change(change, Risk.Stop, $"{string.Join(", ", parts)}: the card is taken from the running guest; its connections are cut.")
            : new Change(change);
    }
}
