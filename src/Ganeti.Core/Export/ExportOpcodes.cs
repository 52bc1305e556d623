using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A guest's disks dumped to a node (<c>gnt-backup export</c>).</summary>
internal sealed record BackupExport : InstanceOpcode
{
    public required string TargetNode { get; init; }

    /// <summary>How the dumps are compressed on their way: <c>none</c>, <c>gzip</c> …; the files are as the OS scripts write them.</summary>
    public string? Compress { get; init; }

    public bool? Shutdown { get; init; }

    /// <summary>Seconds the guest has for its shutdown.</summary>
    public long? ShutdownTimeout { get; init; }

    public bool? RemoveInstance { get; init; }

    public bool? IgnoreRemoveFailures { get; init; }

    public bool? ZeroFreeSpace { get; init; }

    public long? ZeroingTimeoutFixed { get; init; }

    public double? ZeroingTimeoutPerMib { get; init; }

    /// <summary>Whether the guest may be down until all is dumped, when its disks can't be snapshotted.</summary>
    public bool? LongSleep { get; init; }

    internal override string OpId => "OP_BACKUP_EXPORT";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-backup", "export", "-n", TargetNode)
        .Flag("--noshutdown", Shutdown == false)
        .Option("--shutdown-timeout", ShutdownTimeout)
        .Option("--transport-compression", Compress)
        .Flag("--remove-instance", RemoveInstance)
        .Flag("--ignore-remove-failures", IgnoreRemoveFailures)
        .Flag("--zero-free-space", ZeroFreeSpace)
        .Option("--zeroing-timeout-fixed", ZeroingTimeoutFixed)
        .Option("--zeroing-timeout-per-mib", ZeroingTimeoutPerMib)
        .Flag("--long-sleep", LongSleep)
        .With(InstanceName);
}

/// <summary>A guest's exports removed from all nodes (<c>gnt-backup remove</c>).</summary>
internal sealed record BackupRemove : LuxiOpcode
{
    public required string InstanceName { get; init; }

    internal override string OpId => "OP_BACKUP_REMOVE";

    internal override GntCommandLine Command => GntCommandLine.Of("gnt-backup", "remove").With(InstanceName);
}
