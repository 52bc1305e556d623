using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A volume group gives up its missing physical volumes with all that had a part on them (<c>gnt-node repair-storage</c>).</summary>
internal sealed record NodeRepairStorage : LuxiOpcode
{
    public required string NodeName { get; init; }

    /// <summary><c>lvm-vg</c>; Ganeti repairs no other kind.</summary>
    public string StorageType { get; init; } = "lvm-vg";

    public required string Name { get; init; }

    /// <summary>Also while guests of the node have faulty disks on other nodes.</summary>
    public bool? IgnoreConsistency { get; init; }

    internal override string OpId => "OP_REPAIR_NODE_STORAGE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-node", "repair-storage")
        .Flag("--ignore-consistency", IgnoreConsistency)
        .With(NodeName, StorageType, Name);
}
