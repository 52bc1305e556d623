using Ganeti.Remote;

namespace Ganeti;

/// <summary>Takes a side down: the minor is gone then, its volumes keep the data.</summary>
internal sealed record DrbdDown : DrbdSideChange
{
    internal bool Force { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) => side is null ? null : $"{side.Id} is still there, {DrbdWords.StateOf(side)}";

    internal override DrbdStake? Stake(DrbdPair pair) => Other(pair) == DrbdRole.Primary
        ? new DrbdStake($"{pair.Side.InstanceName ?? pair.Other?.Id ?? "The other side"} goes on without a mirror until this side is back and in sync.", StopsGuest: false)
        : null;

    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair) => [Drbdsetup("down", pair.Side.ResourceName!)];

    protected override GanetiException? Refusal(DrbdPair pair)
    {
        var (side, other) = pair;
        if (side is { Role: DrbdRole.Primary, InstanceName: { } guest })
        {
            return Wrong(pair, $"is Primary: {guest} uses it.", $"Stop the guest (Stop-GntInstance {guest}), or when it is stopped: Disable-GntDisk {guest}.");
        }

        if (side.Role == DrbdRole.Primary && !Force)
        {
            return Wrong(pair, "is Primary, and Ganeti knows no guest of it.", $"See who uses it: Get-BlockHolder -Node {side.Node} -Device {side.Device}. When nobody does, -Force takes it down; DRBD itself refuses while it is open.");
        }

        if (other is { Role: DrbdRole.Primary, DiskState: not DrbdDiskState.UpToDate })
        {
            return Wrong(pair, $"has the only good data of {side.InstanceName ?? other.Id}: {other.Id} is Primary and {other.DiskStateText}.", $"Wait until that one is UpToDate: Wait-DrbdDevice {DrbdWords.Parameters(other)}.");
        }

        if (Other(pair) == DrbdRole.Primary && !Force)
        {
            return Wrong(pair, $"mirrors what {side.InstanceName ?? "somebody"} uses on {side.PeerNode ?? "its other side"}: that would go on without a mirror.", $"With -Force it is taken down; {(side.InstanceName is { } running ? $"Enable-DrbdDevice {running}, or Ganeti's watcher, brings it back" : "nothing brings it back by itself")}.");
        }

        return side.ResourceName is null ? Wrong(pair, "has no resource that drbdsetup show knows.", "Look at it on the node: drbdsetup show.") : null;
    }

    private static DrbdRole? Other(DrbdPair pair) => pair.Other?.Role ?? (pair.Side.IsConnected ? pair.Side.PeerRole : null);
}
