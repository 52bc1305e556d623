namespace Ganeti;

/// <summary>What a node's log tells of one mirror since it was made there. Times are by that node's clock; null stands for "not in the log".</summary>
internal sealed class DrbdPast(IReadOnlyList<DrbdLogEvent> events)
{
    internal static DrbdPast Unknown { get; } = new([]);

    /// <summary>In the log's order.</summary>
    internal IReadOnlyList<DrbdLogEvent> Events => events;

    /// <summary>When this side last became Primary.</summary>
    internal DateTimeOffset? PrimarySince => Last(DrbdLogEventKind.Role, to: nameof(DrbdRole.Primary))?.Time;

    /// <summary>When this side last ceased to be Primary.</summary>
    internal DateTimeOffset? PrimaryUntil => Last(DrbdLogEventKind.Role, from: nameof(DrbdRole.Primary))?.Time;

    /// <summary>When the other side was last seen to become Primary, or was found so.</summary>
    internal DateTimeOffset? PeerPrimarySince => Last(DrbdLogEventKind.PeerRole, to: nameof(DrbdRole.Primary))?.Time;

    /// <summary>What the connection came to, the last time that it was lost: NetworkFailure, Timeout, Disconnecting … and when.</summary>
    internal DrbdLogEvent? ConnectionLost => Since(
        happened => happened is { Kind: DrbdLogEventKind.Connection, To: not ("Connected" or "Unconnected" or "WFConnection" or "WFReportParams" or "StandAlone") } && IsUp(happened.From!),
        events.LastOrDefault(IsConnecting));

    /// <summary>The split brain that was last seen, unless the sides have been connected or it has been solved since.</summary>
    internal DrbdLogEvent? SplitBrain => events.LastOrDefault(happened => happened.Kind is DrbdLogEventKind.SplitBrain or DrbdLogEventKind.SplitBrainSolved || IsConnecting(happened)) is { Kind: DrbdLogEventKind.SplitBrain } seen ? seen : null;

    /// <summary>The error of the backing device that was last seen, unless it has been attached since.</summary>
    internal DrbdLogEvent? IOError => Since(happened => happened.Kind == DrbdLogEventKind.IOError, Last(DrbdLogEventKind.Disk, to: nameof(DrbdDiskState.Attaching)));

    /// <summary>When this side last lost its disk, by an error or on request.</summary>
    internal DateTimeOffset? DisklessSince => Last(DrbdLogEventKind.Disk, to: nameof(DrbdDiskState.Diskless))?.Time;

    /// <summary>The differences that the last verify found, unless a resync has been done since.</summary>
    internal DrbdLogEvent? VerifyFound => Since(happened => happened.Kind == DrbdLogEventKind.VerifyFound, events.LastOrDefault(happened => happened.Kind == DrbdLogEventKind.ResyncDone));

    /// <summary>The last of a kind.</summary>
    internal DrbdLogEvent? Last(DrbdLogEventKind kind, string? from = null, string? to = null) =>
        events.LastOrDefault(happened => happened.Kind == kind && (from is null || happened.From == from) && (to is null || happened.To == to));

    // The last that is so, and not before another one.
    private DrbdLogEvent? Since(Func<DrbdLogEvent, bool> isSo, DrbdLogEvent? other)
    {
        var last = events.LastOrDefault(isSo);
        return last is not null && (other is null || IndexOf(last) > IndexOf(other)) ? last : null;
    }

    private int IndexOf(DrbdLogEvent happened) => events.TakeWhile(other => !ReferenceEquals(other, happened)).Count();

    private static bool IsConnecting(DrbdLogEvent happened) => happened is { Kind: DrbdLogEventKind.Connection, From: nameof(DrbdConnectionState.WFReportParams) } && IsUp(happened.To!);

    private static bool IsUp(string connection) => Enum.TryParse<DrbdConnectionState>(connection, out var state) && state is >= DrbdConnectionState.Connected and <= DrbdConnectionState.Behind;
}
