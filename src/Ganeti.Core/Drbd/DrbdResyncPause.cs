using Ganeti.Remote;

namespace Ganeti;

/// <summary>Has a side hold resyncs back, or lets them go on. What holds them back is this side's own flag, whatever the other side's is.</summary>
internal sealed record DrbdResyncPause : DrbdSideChange
{
    internal required bool IsPaused { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) => side is null ? "the side is not there"
        : IsSet(side) == IsPaused ? null
        : IsPaused ? $"{side.Id} does not hold resyncs back" : $"{side.Id} still holds resyncs back";

    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair) => [Drbdsetup(IsPaused ? "pause-sync" : "resume-sync", Number(pair.Side))];

    protected override GanetiException? Refusal(DrbdPair pair) => pair.Side.DiskState is null or DrbdDiskState.Diskless
        ? Wrong(pair, $"is {DrbdWords.StateOf(pair.Side)}: without a disk there is no resync to hold back.", $"Hold it back on the other side: {(pair.Side.PeerNode is { } peer && pair.Side.PeerMinor is { } minor ? $"-Node {peer} -Minor {minor}" : "Get-DrbdDevice -Peer")}.")
        : null;

    /// <summary>Whether a side holds resyncs back by somebody's order.</summary>
    internal static bool IsSet(DrbdDevice side) => side.ResyncSuspended?.Split(',').Contains("user") == true;
}
