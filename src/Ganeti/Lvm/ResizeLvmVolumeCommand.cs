using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Makes logical volumes larger or smaller. A guest's disk is made larger by <c>Resize-GntDisk</c>, on all its nodes. Stands for <c>lvextend</c> and <c>lvreduce</c>.</summary>
[Cmdlet(VerbsCommon.Resize, "LvmVolume", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LvmVolume))]
public sealed class ResizeLvmVolumeCommand : LvmVolumeChangeCommand
{
    /// <summary>The size that they are to have, bytes (<c>20GB</c>, <c>20G</c>); LVM rounds it up to whole extents.</summary>
    [Parameter(Mandatory = true)]
    [Size]
    public long Size { get; set; }

    private protected override LvmVolumeChange ChangeOf(string node, string group, string name) => new LvmResize { Node = node, Subject = $"{group}/{name}", VolumeGroup = group, Name = name, Size = Size, Force = Force };
}
