using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets physical volumes of nodes, and those that guests, disks and volumes lie on. Stands for <c>pvs</c>.</summary>
[Cmdlet(VerbsCommon.Get, "LvmPhysicalVolume", DefaultParameterSetName = "Node")]
[OutputType(typeof(LvmPhysicalVolume))]
public sealed class GetLvmPhysicalVolumeCommand : GetStorageCommand
{
    /// <summary>Only those that are missing.</summary>
    [Parameter]
    public SwitchParameter Missing { get; set; }

    private protected override GanetiError NotFound => GanetiError.LvmPhysicalVolumeNotFound;

    private protected override string Noun => "physical volume";

    private protected override IEnumerable<GntObject> Wanted(NodeStorage storage, StorageSelection selection) =>
        selection.PhysicalVolumesIn(storage).Where(physical => !Missing || physical.IsMissing == true);

    private protected override bool HasName(GntObject item, NamePattern name) => item is LvmPhysicalVolume physical
        && (name.IsMatch(physical.Name) || name.IsMatch(physical.Name?.Split('/')[^1]) || name.IsMatch(physical.Uuid));
}
