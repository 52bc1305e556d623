using System.Globalization;

namespace Ganeti;

/// <summary>What an online verify of a mirror has found.</summary>
public sealed class DrbdVerifyResult : GntObject
{
    /// <summary>The node where it was begun.</summary>
    public string? Node { get; set; }

    /// <summary>The minor there.</summary>
    public int? Minor { get; set; }

    /// <summary>The node of the other side.</summary>
    public string? PeerNode { get; set; }

    /// <summary>The minor of the other side.</summary>
    public int? PeerMinor { get; set; }

    /// <summary>The guest whose disk it is, or null.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's disks, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>How it ended.</summary>
    public DrbdVerifyOutcome Outcome { get; set; }

    /// <summary>The algorithm that blocks were compared by.</summary>
    public string? Algorithm { get; set; }

    /// <summary>When it was begun, by this machine's clock; null when it was not.</summary>
    public DateTimeOffset? Began { get; set; }

    /// <summary>When it was over, by this machine's clock.</summary>
    public DateTimeOffset? Ended { get; set; }

    /// <summary>What was compared, bytes.</summary>
    public long? Size { get; set; }

    /// <summary>What differs, bytes: found by the verify, and found again a moment later.</summary>
    public long? Differences { get; set; }

    /// <summary>What differed once and no more a moment later, bytes: the guest was writing it.</summary>
    public long? InFlight { get; set; }

    /// <summary>Where the differences are.</summary>
    public DrbdRange[]? Ranges { get; set; }

    /// <summary>Why it was not begun or not ended.</summary>
    public string? Message { get; set; }

    /// <summary>What to do about it, or null.</summary>
    public string? Remedy { get; set; }

    /// <summary>Derived: how long it took.</summary>
    public TimeSpan? Duration => Ended - Began;

    /// <summary>Derived: bytes compared a second.</summary>
    public long? Speed => Size is { } size && Duration is { TotalSeconds: > 0 } time ? (long)(size / time.TotalSeconds) : null;

    /// <summary>Derived: node and minor.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Node}/drbd{Minor}");

    internal override string? Key => Node is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Id}/{Began?.ToUnixTimeSeconds()}");

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {Outcome}";
}

/// <summary>A stretch of a device.</summary>
public sealed class DrbdRange
{
    /// <summary>Where it begins, bytes.</summary>
    public long Start { get; set; }

    /// <summary>How long it is, bytes.</summary>
    public long Length { get; set; }

    /// <summary>Beginning and length in bytes.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}+{Length}");
}

/// <summary>How an online verify ended.</summary>
public enum DrbdVerifyOutcome
{
    /// <summary>Not known.</summary>
    Unrecognized = 0,

    /// <summary>Both sides have the same.</summary>
    Identical = 1,

    /// <summary>They differ, and did so again a moment later.</summary>
    Different = 2,

    /// <summary>It broke off: the connection was lost, or the kernel's log does not say that it was done.</summary>
    Interrupted = 3,

    /// <summary>It was not begun: the window was over.</summary>
    Skipped = 4,

    /// <summary>It was not begun: something spoke against it.</summary>
    Refused = 5,
}
