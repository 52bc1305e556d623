namespace Ganeti;

/// <summary>A step that a repair has made, and what came of it.</summary>
public sealed class GntRepairStep : GntObject
{
    /// <summary>The guest that is being repaired, or that the step is about; null where it is about a node's storage.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The node whose storage is being repaired, or null.</summary>
    public string? Node { get; set; }

    /// <summary>Its place among the steps, from 1.</summary>
    public int? Step { get; set; }

    /// <summary>What was done.</summary>
    public GntRepairAction? Action { get; set; }

    /// <summary>Why, and what was seen before.</summary>
    public string? Reason { get; set; }

    /// <summary>The command line that it stands for, or null where nothing was changed.</summary>
    public string? CommandLine { get; set; }

    /// <summary>What came of it.</summary>
    public string? Outcome { get; set; }

    /// <summary>When it was made, by this machine's clock.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>How the memory transfer went at that moment, or null where there was none.</summary>
    public GntMemoryTransfer? Transfer { get; set; }

    internal override string? Key => (InstanceName is null && Node is null) || Step is null || Time is null ? null : $"{Node ?? InstanceName}/{Time.Value.ToUnixTimeSeconds()}/{Step}";

    /// <inheritdoc/>
    public override string ToString() => $"{Step}. {Action}: {Outcome}";
}

/// <summary>What a repair can do.</summary>
public enum GntRepairAction
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>It was looked where the guest runs, what its disks' mirrors say and what the job does; nothing was changed.</summary>
    Look = 1,

    /// <summary>The replication of disks stalls: their connection is cut and held down, for both sides are Primary.</summary>
    HoldConnection = 2,

    /// <summary>The replication of disks stalls: their connection is cut, and DRBD makes a new one.</summary>
    ResetConnection = 3,

    /// <summary>The connection is let go: one side has been demoted.</summary>
    ReleaseConnection = 4,

    /// <summary>The job is waited for: it goes on, or comes to its own end.</summary>
    WaitForJob = 5,

    /// <summary>The memory transfer can't come to its end: it is cancelled on the node that the guest runs on.</summary>
    CancelTransfer = 6,

    /// <summary>The job does not come to its end: it is killed.</summary>
    KillJob = 7,

    /// <summary>The killed job does not leave the queue: Ganeti's daemons on the master are restarted.</summary>
    RestartDaemons = 8,

    /// <summary>Ganeti puts configuration and disks to where the guest runs: <c>migrate --cleanup</c>.</summary>
    Cleanup = 9,

    /// <summary>Ganeti connects what is StandAlone: <c>activate-disks</c>.</summary>
    Reconnect = 10,

    /// <summary>Everything is as it should be.</summary>
    Done = 11,

    /// <summary>A guest goes to its other node: <c>gnt-instance migrate</c>, or <c>failover</c> for one that is stopped.</summary>
    MoveGuest = 12,

    /// <summary>A disk is taken offline.</summary>
    DisableDevice = 13,

    /// <summary>A side of a mirror lets go of its disk: <c>drbdsetup detach</c>.</summary>
    DetachSide = 14,

    /// <summary>The mapping of a lost volume is removed: <c>dmsetup remove</c>.</summary>
    RemoveMapping = 15,

    /// <summary>A disk is taken away, so that it can be pulled.</summary>
    RemoveDevice = 16,

    /// <summary>A volume group gives up what is lost: <c>gnt-node repair-storage</c>.</summary>
    RepairGroup = 17,

    /// <summary>A new disk joins a volume group: <c>vgextend</c>.</summary>
    ExtendGroup = 18,

    /// <summary>A volume group is made of new disks: <c>vgcreate</c>.</summary>
    CreateGroup = 19,

    /// <summary>A guest's side of a mirror is made anew: <c>gnt-instance replace-disks</c>.</summary>
    ReplaceDisks = 20,
}
