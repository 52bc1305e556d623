namespace Ganeti;

/// <summary>What a line of the kernel's log tells of a mirror.</summary>
internal enum DrbdLogEventKind
{
    /// <summary>Made anew on the node: what is before it may be of another disk.</summary>
    Created,

    /// <summary>This side's role changed.</summary>
    Role,

    /// <summary>The other side's role changed.</summary>
    PeerRole,

    /// <summary>The connection changed.</summary>
    Connection,

    /// <summary>This side's disk changed.</summary>
    Disk,

    /// <summary>The other side's disk changed.</summary>
    PeerDisk,

    /// <summary>This side began a generation of its own; the text is its identifiers.</summary>
    NewGeneration,

    /// <summary>The sides met: what DRBD made of their generations.</summary>
    Handshake,

    /// <summary>A split brain was seen, and the connection dropped.</summary>
    SplitBrain,

    /// <summary>A split brain was seen, and solved.</summary>
    SplitBrainSolved,

    /// <summary>The backing device failed.</summary>
    IOError,

    /// <summary>The other side did not finish a request in time (ko-count).</summary>
    RequestTimeout,

    /// <summary>The other side did not answer a ping.</summary>
    PingTimeout,

    /// <summary>A change was refused because the device is held open.</summary>
    HeldOpen,

    /// <summary>A verify found differences.</summary>
    VerifyFound,

    /// <summary>A resync began.</summary>
    ResyncBegun,

    /// <summary>A resync ended.</summary>
    ResyncDone,
}

/// <summary>One thing that the kernel's log tells of a mirror.</summary>
/// <param name="Time">When, by the node's clock; null where the line has no time that can be told.</param>
/// <param name="Kind">What it is.</param>
/// <param name="ResourceName">The resource, where the line is about one.</param>
/// <param name="Minor">The minor, where the line is about one.</param>
/// <param name="From">Of a change, the state before.</param>
/// <param name="To">Of a change, the state after.</param>
/// <param name="Text">The line without time and device.</param>
internal sealed record DrbdLogEvent(DateTimeOffset? Time, DrbdLogEventKind Kind, string? ResourceName, int? Minor, string? From, string? To, string Text);
