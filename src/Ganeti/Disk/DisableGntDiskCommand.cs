using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Takes the block devices of stopped guests' disks down on their nodes; the data stays. Stands for <c>gnt-instance deactivate-disks</c>.</summary>
[Cmdlet(VerbsLifecycle.Disable, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntJob))]
public sealed class DisableGntDiskCommand : GntDiskChangeCommand
{
    /// <summary>Do not check whether the guest runs. Its disks are taken away from it then; asks, unless <c>-Force</c> is given.</summary>
    [Parameter]
    public SwitchParameter IgnoreRunning { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override int[]? Places => null;

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        var change = new InstanceDeactivateDisks { InstanceName = instance.Name!, Force = OnlyIf(IgnoreRunning) };
        return IgnoreRunning
            ? new Change(change, Risk.Data, $"The disks of {instance} are taken down without a look whether it runs: what it writes then is lost.")
            : new Change(change);
    }
}
