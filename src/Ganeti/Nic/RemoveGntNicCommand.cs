using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Removes network cards from guests. Stands for <c>gnt-instance modify --net N:remove</c>.</summary>
[Cmdlet(VerbsCommon.Remove, "GntNic", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntJob))]
public sealed class RemoveGntNicCommand : GntNicChangeCommand
{
    /// <summary>Take it from the running guest at once.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>Take it from the running guest at once where its hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntNic> parts) => new(new InstanceSetParams
    {
        InstanceName = instance.Name!,
        Nics = [.. parts.Select(part => InstanceSetParams.Remove(part.Uuid!))],
        Hotplug = OnlyIf(Hotplug),
        HotplugIfPossible = OnlyIf(HotplugIfPossible),
    });
}
