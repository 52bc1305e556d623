using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Removes logical volumes with their data. Asks; of a guest's volume with the guest's name; only <c>-Force</c> answers beforehand. Stands for <c>lvremove</c>.</summary>
[Cmdlet(VerbsCommon.Remove, "LvmVolume", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LvmVolume))]
public sealed class RemoveLvmVolumeCommand : LvmVolumeChangeCommand
{
    private protected override LvmVolumeChange ChangeOf(string node, string group, string name) => new LvmRemoval { Node = node, Subject = $"{group}/{name}", VolumeGroup = group, Name = name, Force = Force };
}
