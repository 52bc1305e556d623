using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Removes disks from guests, with their data unless <c>-Detach</c> is given. Asks; only <c>-Force</c> answers beforehand. Stands for
/// <c>gnt-instance modify --disk N:remove</c>.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntJob))]
public sealed class RemoveGntDiskCommand : GntDiskChangeCommand
{
    /// <summary>Places of the disks among the guest's, from 0.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[] Index { get; set; } = [];

    /// <summary>Keep the data: the disk is taken from the guest and can be attached again (<c>Add-GntDisk -Attach</c>).</summary>
    [Parameter]
    public SwitchParameter Detach { get; set; }

    /// <summary>Take it from the running guest at once.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>Take it from the running guest at once where its hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    /// <summary>Stop the guest first and start it after, when it should run.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>With <c>-Restart</c>: how long the guest has for its shutdown; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override int[] Places => Index;

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        if (instance.AdminState == GntAdminState.up && !Hotplug && !HotplugIfPossible && !Restart)
        {
            throw new GanetiException(GanetiError.StateWrong, $"{instance} should run, and {string.Join(", ", parts)} can't be taken from it meanwhile.")
            {
                Target = instance,
                RecommendedAction = "Let it be stopped and started again with -Restart, or take the disk from the running guest with -Hotplug.",
            };
        }

        var change = new InstanceSetParams
        {
            InstanceName = instance.Name!,
            // Ganeti turns all UUIDs into places before it removes the first: from the last to the first, none of them moves.
            Disks = [.. parts.OrderByDescending(disk => disk.Index).Select(disk => Detach ? InstanceSetParams.Detach(disk.Uuid!) : InstanceSetParams.Remove(disk.Uuid!))],
            Hotplug = OnlyIf(Hotplug),
            HotplugIfPossible = OnlyIf(HotplugIfPossible),
        };
        var names = string.Join(", ", parts.Select(disk => $"{disk.Id}{(disk.Name is null ? string.Empty : $" \"{disk.Name}\"")} ({Views.ViewFormat.Size(disk.Size)})"));
        var chain = Restarting(instance, change, Restart, ShutdownTimeout);
        return Detach
            ? new Change(chain, chain.Opcodes.Count > 1 ? Risk.Stop : Risk.None, $"{names} is detached; its data stays.")
            : new Change(chain, Risk.Data, $"{names} is removed with all data.");
    }
}
