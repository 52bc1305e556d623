using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Moves logical volumes from one physical volume to others of their group while they are in use. The node goes on with it when the client is gone; the same command goes on
/// watching. Stands for <c>pvmove --name</c>.
/// </summary>
[Cmdlet(VerbsCommon.Move, "LvmVolume", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LvmVolume))]
public sealed class MoveLvmVolumeCommand : LvmVolumeChangeCommand
{
    /// <summary>The physical volume that they are moved from.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string From { get; set; } = string.Empty;

    /// <summary>The physical volumes that they are moved to; without it, whatever has room.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] To { get; set; } = [];

    private protected override LvmVolumeChange ChangeOf(string node, string group, string name) =>
        new LvmMove { Node = node, Subject = $"{group}/{name}", VolumeGroup = group, Name = name, From = Path(From), To = [.. To.Select(Path)], Force = Force };

    private static string Path(string device) => device.StartsWith('/') ? device : $"/dev/{device}";
}
