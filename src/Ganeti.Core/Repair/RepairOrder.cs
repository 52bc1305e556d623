namespace Ganeti;

/// <summary>What somebody is about to repair.</summary>
internal sealed record RepairOrder
{
    /// <summary>The cmdlet.</summary>
    internal required string Cmdlet { get; init; }

    /// <summary>What is touched, for people.</summary>
    internal required string Subject { get; init; }

    /// <summary>The command line that it stands for.</summary>
    internal required string CommandLine { get; init; }

    /// <summary>The guest whose disks are touched; null for what is no guest's.</summary>
    internal string? InstanceName { get; init; }

    /// <summary>Further guests that it reaches, such as all with a disk on a device: no job may be working on them either.</summary>
    internal IReadOnlyList<string> OtherGuests { get; init; } = [];

    /// <summary>The nodes that are changed: their journals tell of it.</summary>
    internal required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The job that is itself being repaired: it may hold the guest.</summary>
    internal long? JobId { get; init; }

    /// <summary>Whether Ganeti's watcher would undo what is done, and is kept quiet meanwhile.</summary>
    internal bool PausesWatcher { get; init; } = true;

    /// <summary>What a lease is for: one guest, or one device. Safe as the name of a file.</summary>
    internal string LeaseName => Uri.EscapeDataString((InstanceName ?? Subject).Replace('/', '_'));
}
