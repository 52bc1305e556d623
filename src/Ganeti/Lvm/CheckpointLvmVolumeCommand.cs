using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Makes a snapshot of a logical volume. Stands for <c>lvcreate --snapshot</c>.</summary>
[Cmdlet(VerbsData.Checkpoint, "LvmVolume", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LvmVolume))]
public sealed class CheckpointLvmVolumeCommand : LvmVolumeChangeCommand
{
    /// <summary>The snapshot's name; without it the volume's, with <c>.snap</c> behind it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SnapshotName { get; set; }

    /// <summary>The space for what changes on the volume meanwhile, bytes. A snapshot whose space is full is lost. None for thin volumes.</summary>
    [Parameter]
    [Size]
    public long? Size { get; set; }

    private protected override LvmVolumeChange ChangeOf(string node, string group, string name) =>
        new LvmCheckpoint { Node = node, Subject = $"{group}/{name}", VolumeGroup = group, Name = name, SnapshotName = SnapshotName ?? $"{name}.snap", Size = Size, Force = Force };
}
