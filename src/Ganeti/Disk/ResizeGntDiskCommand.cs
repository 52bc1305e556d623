using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Makes disks larger; they can't be made smaller. The guest sees it at its next restart at the latest. Stands for <c>gnt-instance grow-disk</c>.
/// </summary>
[Cmdlet(VerbsCommon.Resize, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntDisk), typeof(GntJob))]
public sealed class ResizeGntDiskCommand : GntDiskChangeCommand
{
    /// <summary>Places of the disks among the guest's, from 0.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[] Index { get; set; } = [];

    /// <summary>The size that they are to have, bytes (<c>20GB</c>, <c>20G</c>).</summary>
    [Parameter]
    [Size]
    public long? Size { get; set; }

    /// <summary>The size that is added to them, bytes.</summary>
    [Parameter]
    [Size]
    public long? Grow { get; set; }

    /// <summary>Do not wait until the new part is in sync.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Make them larger though the node's group has a policy that the guest does not fit then.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Write the disks as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassThru => PassThru;

    private protected override int[] Places => Index;

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(Size is not null && Grow is not null, "-Size", "-Grow", "one of them says how large");
        if (Size is null && Grow is null)
        {
            Refuse("It is not said how large.", "Give -Size, or -Grow for what is added");
        }
    }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        if (Size is { } wanted && parts.FirstOrDefault(disk => disk.Size > wanted) is { } larger)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{larger} is larger than that already ({Views.ViewFormat.Size(larger.Size)}); Ganeti can't make disks smaller.")
            {
                Target = larger,
                RecommendedAction = "Copy the data to a new, smaller disk from within the guest: Add-GntDisk.",
            };
        }

        var opcodes = parts.Select(disk => new InstanceGrowDisk
        {
            InstanceName = instance.Name!,
            Disk = disk.Index ?? 0,
            Amount = InstanceParameters.Mebibytes(Size ?? Grow)!.Value,
            Absolute = OnlyIf(Size is not null),
            WaitForSync = Quick ? false : null,
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        }).ToArray();
        return new Change(JobChain.Of(opcodes));
    }
}
