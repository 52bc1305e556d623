using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>New disks for old ones of a mirrored guest, on the same nodes or another (<c>gnt-instance replace-disks</c>).</summary>
internal sealed record InstanceReplaceDisks : InstanceOpcode
{
    /// <summary><c>replace_on_primary</c>, <c>replace_on_secondary</c>, <c>replace_auto</c> or <c>replace_new_secondary</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Places of the disks; all when empty.</summary>
    public int[]? Disks { get; init; }

    public string? RemoteNode { get; init; }

    public string? Iallocator { get; init; }

    public bool? EarlyRelease { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_REPLACE_DISKS";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "replace-disks")
        .Flag("-p", Mode == "replace_on_primary")
        .Flag("-s", Mode == "replace_on_secondary")
        .Flag("-a", Mode == "replace_auto")
        .Option("-n", RemoteNode)
        .Option("-I", Iallocator)
        .Option("--disks", Disks is { Length: > 0 } ? string.Join(',', Disks) : null)
        .Flag("--early-release", EarlyRelease)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .With(InstanceName);
}

/// <summary>A larger disk (<c>gnt-instance grow-disk</c>).</summary>
internal sealed record InstanceGrowDisk : InstanceOpcode
{
    public required int Disk { get; init; }

    /// <summary>MiB: the new size, or what is added.</summary>
    public required long Amount { get; init; }

    public bool? Absolute { get; init; }

    public bool? WaitForSync { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_GROW_DISK";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "grow-disk")
        .Flag("--absolute", Absolute)
        .Flag("--no-wait-for-sync", WaitForSync == false)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .With(InstanceName, Disk, string.Create(CultureInfo.InvariantCulture, $"{Amount}M"));
}

/// <summary>The guest's block devices made ready on its nodes (<c>gnt-instance activate-disks</c>).</summary>
internal sealed record InstanceActivateDisks : InstanceOpcode
{
    public bool? IgnoreSize { get; init; }

    public bool? WaitForSync { get; init; }

    internal override string OpId => "OP_INSTANCE_ACTIVATE_DISKS";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "activate-disks")
        .Flag("--ignore-size", IgnoreSize)
        .Flag("--wait-for-sync", WaitForSync)
        .With(InstanceName);
}

/// <summary>The guest's block devices taken down (<c>gnt-instance deactivate-disks</c>).</summary>
internal sealed record InstanceDeactivateDisks : InstanceOpcode
{
    public bool? Force { get; init; }

    internal override string OpId => "OP_INSTANCE_DEACTIVATE_DISKS";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "deactivate-disks")
        .Flag("--force", Force)
        .With(InstanceName);
}

/// <summary>Empty disks in the place of lost ones (<c>gnt-instance recreate-disks</c>).</summary>
internal sealed record InstanceRecreateDisks : InstanceOpcode
{
    /// <summary>Disks with changes: <c>[place, {size, spindles}]</c>; all when empty.</summary>
    public object[]? Disks { get; init; }

    /// <summary>The new nodes, primary first.</summary>
    public string[]? Nodes { get; init; }

    public string? Iallocator { get; init; }

    internal override string OpId => "OP_INSTANCE_RECREATE_DISKS";

    internal override GntCommandLine Command
    {
        get
        {
            var line = GntCommandLine.Of("gnt-instance", "recreate-disks");
            foreach (var disk in Disks?.Cast<object[]>() ?? [])
            {
                line.Parameters("--disk", GntCommandLine.WithUnits((GntParameters)disk[1]), Convert.ToString(disk[0], CultureInfo.InvariantCulture));
            }

            return line.Option("-n", Nodes is { Length: > 0 } ? string.Join(':', Nodes) : null)
                .Option("-I", Iallocator)
                .With(InstanceName);
        }
    }
}
