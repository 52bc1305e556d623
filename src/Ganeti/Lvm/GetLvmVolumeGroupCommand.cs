using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets volume groups of nodes, and those that guests, disks, volumes and devices are in. Stands for <c>vgs</c>.</summary>
[Cmdlet(VerbsCommon.Get, "LvmVolumeGroup", DefaultParameterSetName = "Node")]
[OutputType(typeof(LvmVolumeGroup))]
public sealed class GetLvmVolumeGroupCommand : GetStorageCommand
{
    private protected override GanetiError NotFound => GanetiError.LvmVolumeGroupNotFound;

    private protected override string Noun => "volume group";

    private protected override IEnumerable<GntObject> Wanted(NodeStorage storage, StorageSelection selection) => selection.GroupsIn(storage);

    private protected override bool HasName(GntObject item, NamePattern name) => name.IsMatch(((LvmVolumeGroup)item).Name);
}
