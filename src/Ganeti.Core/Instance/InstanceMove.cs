using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Live migration (<c>gnt-instance migrate</c>).</summary>
internal sealed record InstanceMigrate : InstanceOpcode
{
    public string? TargetNode { get; init; }

    public string? Iallocator { get; init; }

    /// <summary><c>live</c> or <c>non-live</c>; null for the hypervisor's own default.</summary>
    public string? Mode { get; init; }

    public bool? Cleanup { get; init; }

    public bool? AllowFailover { get; init; }

    public bool? AllowRuntimeChanges { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    public bool? IgnoreHvversions { get; init; }

    internal override string OpId => "OP_INSTANCE_MIGRATE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "migrate", "-f")
        .Flag("--non-live", Mode == "non-live")
        .Flag("--cleanup", Cleanup)
        .Flag("--allow-failover", AllowFailover)
        .Flag("--no-runtime-changes", AllowRuntimeChanges == false)
        .Flag("--ignore-hvversions", IgnoreHvversions)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .Option("-n", TargetNode)
        .Option("-I", Iallocator)
        .With(InstanceName);
}

/// <summary>Stop, change of the primary node, start (<c>gnt-instance failover</c>).</summary>
internal sealed record InstanceFailover : InstanceOpcode
{
    public string? TargetNode { get; init; }

    public string? Iallocator { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    public bool? IgnoreConsistency { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_FAILOVER";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "failover", "-f")
        .Flag("--ignore-consistency", IgnoreConsistency)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .Option("--shutdown-timeout", ShutdownTimeout)
        .Option("-n", TargetNode)
        .Option("-I", Iallocator)
        .With(InstanceName);
}

/// <summary>A cold move of a guest without mirror: its disks are copied while it is stopped (<c>gnt-instance move</c>).</summary>
internal sealed record InstanceMove : InstanceOpcode
{
    public required string TargetNode { get; init; }

    /// <summary>How the copy is compressed on its way: <c>none</c>, <c>gzip</c> …</summary>
    public string? Compress { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    public bool? IgnoreConsistency { get; init; }

    public bool? IgnoreIpolicy { get; init; }

    internal override string OpId => "OP_INSTANCE_MOVE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-instance", "move", "-f")
        .Flag("--ignore-consistency", IgnoreConsistency)
        .Flag("--ignore-ipolicy", IgnoreIpolicy)
        .Option("--shutdown-timeout", ShutdownTimeout)
        .Option("--compress", Compress)
        .Option("-n", TargetNode)
        .With(InstanceName);
}

/// <summary>A move to another node group, by further jobs (<c>gnt-instance change-group</c>).</summary>
internal sealed record InstanceChangeGroup : InstanceOpcode
{
    public string? Iallocator { get; init; }

    public string[]? TargetGroups { get; init; }

    public bool? EarlyRelease { get; init; }

    internal override string OpId => "OP_INSTANCE_CHANGE_GROUP";

    internal override GntCommandLine Command
    {
        get
        {
            var line = GntCommandLine.Of("gnt-instance", "change-group").Flag("--early-release", EarlyRelease).Option("-I", Iallocator);
            foreach (var group in TargetGroups ?? [])
            {
                line.Option("--to", group);
            }

            return line.With(InstanceName);
        }
    }
}
