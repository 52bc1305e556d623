using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gives a logical volume another name. Stands for <c>lvrename</c>.</summary>
[Cmdlet(VerbsCommon.Rename, "LvmVolume", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LvmVolume))]
public sealed class RenameLvmVolumeCommand : LvmVolumeChangeCommand
{
    /// <summary>The name that it is to have.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = string.Empty;

    private protected override LvmVolumeChange ChangeOf(string node, string group, string name) => new LvmRename { Node = node, Subject = $"{group}/{name}", VolumeGroup = group, Name = name, NewName = NewName, Force = Force };
}
