using Ganeti.Remote;

namespace Ganeti;

/// <summary>Takes a side's disk away: it is Diskless then, and works over the network from the other side's data.</summary>
internal sealed record DrbdDetach : DrbdSideChange
{
    internal bool Force { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) =>
        side is null or { DiskState: DrbdDiskState.Diskless } ? null : $"{side.Id} has still its disk, {side.DiskStateText}";

    internal override DrbdStake? Stake(DrbdPair pair) => !IsSafe(pair) && pair.Sides.FirstOrDefault(side => side.Role == DrbdRole.Primary) is { } user
        ? new DrbdStake($"There is no other good copy within reach: {user.InstanceName ?? user.Id} gets I/O errors.", StopsGuest: true)
        : null;

    // "Failed" at once, whatever the peer says; the plain one is refused for the last good copy (recordings, 08b).
    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair) =>
        [IsSafe(pair) || !Force ? Drbdsetup("detach", Number(pair.Side)) : Drbdsetup("detach", "--force", Number(pair.Side))];

    protected override GanetiException? Refusal(DrbdPair pair) => IsSafe(pair) || Force ? null : Wrong(
        pair,
        $"has the only good copy within reach ({DrbdWords.StateOf(pair, pair.Side, pair.Other)}).",
        $"Have both sides connected and UpToDate first: Get-DrbdDevice {DrbdWords.Parameters(pair.Side)} -Peer; then Wait-DrbdDevice. With -Force its disk is taken away all the same, and what uses it gets I/O errors.");

    // The side may hear of its peer what the peer no longer knows of itself.
    private static bool IsSafe(DrbdPair pair) => pair.Side.IsConnected && pair.Side.PeerDiskState == DrbdDiskState.UpToDate && pair.Other?.DiskState is null or DrbdDiskState.UpToDate;
}
