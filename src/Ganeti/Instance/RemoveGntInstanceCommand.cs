using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Removes guests with all data on their disks. Asks, and says which data goes; only <c>-Force</c> answers beforehand. Stands for
/// <c>gnt-instance remove</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntJob))]
public sealed class RemoveGntInstanceCommand : GntInstancesCommand
{
    /// <summary>
    /// Go on though a node does not answer or something can't be removed: the guest is forgotten, and what could not be removed stays on its node.
    /// </summary>
    [Parameter]
    public SwitchParameter IgnoreFailures { get; set; }

    /// <summary>How long a guest has for its shutdown before it is cut off; a number is seconds. Ganeti's own default is two minutes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance) => new(
        new InstanceRemove
        {
            InstanceName = instance.Name!,
            IgnoreFailures = OnlyIf(IgnoreFailures),
            ShutdownTimeout = Seconds(ShutdownTimeout),
        },
        Risk.Data,
        Loss(instance));

    private static string Loss(GntInstance instance)
    {
        var disks = instance.Disks ?? [];
        var nodes = string.Join(" and ", new[] { instance.PrimaryNode }.Concat(instance.SecondaryNodes ?? []).OfType<string>());
        var stop = instance.AdminState == GntAdminState.up ? "is stopped and removed" : "is removed";
        return disks.Length == 0
            ? $"{instance.Name} {stop}; it has no disks."
            : string.Create(CultureInfo.InvariantCulture, $"{instance.Name} {stop} with all data of its {(disks.Length == 1 ? "disk" : $"{disks.Length} disks")} ({string.Join(" + ", disks.Select(disk => Views.ViewFormat.Size(disk.Size)))}, {instance.DiskTemplateText}, on {nodes}).");
    }
}
