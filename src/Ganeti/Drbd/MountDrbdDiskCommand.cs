using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gives Diskless sides of mirrors their disks back: a guest's by having Ganeti activate its disks, any other one with the volumes that are named. Stands for
/// <c>gnt-instance activate-disks</c>, or <c>drbdmeta apply-al</c> and <c>drbdsetup attach</c>.
/// </summary>
[Cmdlet(VerbsData.Mount, "DrbdDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class MountDrbdDiskCommand : DrbdActivateCommand
{
    /// <summary>For a minor that is no guest's: the volume with its data. A Diskless side has forgotten it.</summary>
    [Parameter(ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public string? BackingDevice { get; set; }

    /// <summary>For a minor that is no guest's: the volume with DRBD's own data, which belongs to exactly that other one.</summary>
    [Parameter(ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "DrbdDevice")]
    [ValidateNotNullOrEmpty]
    public string? MetaDevice { get; set; }

    /// <summary>For a minor that is no guest's: its size, where it is smaller than the volume.</summary>
    [Parameter(ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "DrbdDevice")]
    [Size]
    public long? Size { get; set; }

    private protected override string? Missing(DrbdRepair repair, DrbdDevice? side, DrbdDevice? other) =>
        side?.DiskState is null or DrbdDiskState.Diskless or DrbdDiskState.Failed or DrbdDiskState.Attaching ? $"the disk is {side?.DiskStateText ?? "not there"}" : null;

    private protected override void Check(DrbdRepair repair, DrbdPair pair)
    {
        if (BackingDevice is not null || MetaDevice is not null || Size is not null)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{DrbdWords.Of(pair.Side)}: Ganeti's configuration says which volumes a guest's disk has.")
            {
                Target = pair.Side,
                RecommendedAction = "Leave -BackingDevice, -MetaDevice and -Size away.",
            };
        }
    }

    private protected override void ChangeGuestless(GntConnection connection, DrbdPair pair)
    {
        if (BackingDevice is null || MetaDevice is null)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{DrbdWords.Of(pair.Side)} is no guest's, and Diskless it has forgotten its volumes.")
            {
                Target = pair.Side,
                RecommendedAction = "Name them: -BackingDevice /dev/… -MetaDevice /dev/…",
            };
        }

        var attach = new DrbdAttach { BackingDevice = BackingDevice, MetaDevice = MetaDevice, Size = Size };
        attach.Check(pair);
        if (IsApproved(attach.CommandLine(pair)))
        {
            Write(Await(token => new DrbdRepair(connection, MyInvocation.MyCommand.Name).RunAsync(attach, pair, token)));
        }
    }
}
