using System.Globalization;

namespace Ganeti;

/// <summary>How bad a problem of a mirror is.</summary>
public enum DrbdSeverity
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>Both copies are there; something will be in the way later.</summary>
    Warning = 1,

    /// <summary>There is one good copy only, or the second can't be trusted: the next failure loses data or stops the guest.</summary>
    Error = 2,

    /// <summary>The guest stands still or has no data, or its data goes two ways.</summary>
    Critical = 3,
}

/// <summary>What can be wrong with a mirror.</summary>
public enum DrbdProblemKind
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>Both sides went on by themselves: by the generation identifiers, or by what the kernel said when they met.</summary>
    SplitBrain = 1,

    /// <summary>The two sides never were copies of each other.</summary>
    UnrelatedData = 2,

    /// <summary>Requests of the guest are not answered: pending, and nothing moves from one sample to the next.</summary>
    Stalled = 3,

    /// <summary>I/O on the device is suspended.</summary>
    IOSuspended = 4,

    /// <summary>Both sides are Primary, and no migration is under way.</summary>
    DualPrimary = 5,

    /// <summary>A Primary that has no good data, neither its own nor the other side's.</summary>
    NoData = 6,

    /// <summary>The disk has failed and is not let go.</summary>
    Failed = 7,

    /// <summary>The side has no disk.</summary>
    Diskless = 8,

    /// <summary>The side's data is inconsistent, and no resync mends it.</summary>
    Inconsistent = 9,

    /// <summary>The side's data is old, and no resync renews it.</summary>
    Outdated = 10,

    /// <summary>The side does not try to reach the other one.</summary>
    StandAlone = 11,

    /// <summary>The side tries to reach the other one in vain.</summary>
    WaitingForConnection = 12,

    /// <summary>Peer, port or volumes are not those of Ganeti's configuration.</summary>
    ConfigurationMismatch = 13,

    /// <summary>The guest's Primary is where the configuration does not have it.</summary>
    RoleMismatch = 14,

    /// <summary>What one side says of the other is not what that one says.</summary>
    SidesDisagree = 15,

    /// <summary>A guest's disk that should be ready has no minor on its node.</summary>
    MinorMissing = 16,

    /// <summary>A resync that does not get on.</summary>
    ResyncStalled = 17,

    /// <summary>A resync that crawls.</summary>
    ResyncSlow = 18,

    /// <summary>A resync that somebody has paused.</summary>
    ResyncPaused = 19,

    /// <summary>Both sides are up to date, and yet known to differ: after a verify.</summary>
    OutOfSync = 20,

    /// <summary>A minor that is no guest's.</summary>
    MinorWithoutInstance = 21,

    /// <summary>A minor of a stopped guest whose disks Ganeti holds for inactive.</summary>
    MinorLeftOver = 22,

    /// <summary>Somebody else than the guest holds the device open, so that it can't be demoted or taken down.</summary>
    HeldOpen = 23,

    /// <summary>The guest is meant to run, but Ganeti holds its disks for inactive, and its watcher passes them by.</summary>
    DisksInactive = 24,

    /// <summary>The other side's node was not reached: how it is there is not known.</summary>
    OtherSideUnknown = 25,
}

/// <summary>Something that is wrong with one side of a mirror: in plain words, with what shows it and what cures it.</summary>
public sealed class DrbdProblem
{
    /// <summary>What is wrong.</summary>
    public DrbdProblemKind Kind { get; set; }

    /// <summary>How bad it is.</summary>
    public DrbdSeverity Severity { get; set; }

    /// <summary>The side: node and minor, as <c>h1.example.com/drbd0</c>.</summary>
    public string? Id { get; set; }

    /// <summary>The side's node.</summary>
    public string? Node { get; set; }

    /// <summary>The side's minor number there.</summary>
    public int? Minor { get; set; }

    /// <summary>The guest whose disk it is, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's disks, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>What is wrong, in plain words.</summary>
    public string? Message { get; set; }

    /// <summary>What shows it: states of both sides, counters, lines of the kernel's log with their time (UTC), generation identifiers.</summary>
    public string[]? Evidence { get; set; }

    /// <summary>The command line that cures it, or null where there is none.</summary>
    public string? Remedy { get; set; }

    /// <summary>Derived: its device file on the node.</summary>
    public string? Device => Minor is { } minor ? string.Create(CultureInfo.InvariantCulture, $"/dev/drbd{minor}") : null;

    /// <summary>Kind and words.</summary>
    public override string ToString() => $"{Kind}: {Message}";
}
