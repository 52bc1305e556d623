using Ganeti.Remote;

namespace Ganeti;

/// <summary>Cuts a side off from the other: it is StandAlone then, and forgets address, port and secret.</summary>
internal sealed record DrbdDisconnect : DrbdSideChange
{
    internal bool Force { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) =>
        side is null or { ConnectionState: DrbdConnectionState.StandAlone or DrbdConnectionState.Unconfigured } ? null : $"{side.Id} is still {side.ConnectionStateText}";

    internal override DrbdStake? Stake(DrbdPair pair) =>
        LivesFromTheOther(pair) is { } living ? new DrbdStake($"{living.InstanceName ?? living.Id} reads and writes through this connection; it gets I/O errors.", StopsGuest: true)
        : pair.Side.IsInResync ? new DrbdStake("The resync breaks off; it goes on where it was once connected again.", StopsGuest: false)
        : null;

    /// <remarks>Always with --force: without it the command waits for an answer of the other side, 34 seconds in a stall and deaf to signals (recordings, 05d and 05e).</remarks>
    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair) =>
        [Drbdsetup("disconnect", "--force", DrbdWords.Address(pair.Side.LocalAddress, pair.Side.Port), DrbdWords.Address(pair.Side.PeerAddress, pair.Side.Port))];

    protected override GanetiException? Refusal(DrbdPair pair)
    {
        var side = pair.Side;
        if (pair.IsDualPrimary)
        {
            return new GanetiException(GanetiError.DrbdDualPrimary, $"{DrbdWords.Of(side)}: both sides are Primary. To cut them apart makes two different copies of the data: split brain.")
            {
                Target = side,
                RecommendedAction = side.InstanceName is { } moving ? $"See whether a migration runs (Get-GntInstance {moving} | Get-GntJob); one that hangs is cured by Repair-GntMigration {moving}." : $"Find out who made both Primary: Get-BlockHolder {DrbdWords.Parameters(side).Replace("-Minor ", "-Device /dev/drbd", StringComparison.Ordinal)}.",
            };
        }

        if (!Force && LivesFromTheOther(pair) is { } living)
        {
            return Wrong(pair, $"carries the data of {living.InstanceName ?? living.Id}, whose own copy on {living.Node} is {living.DiskStateText}: cut off, it would have no data.", $"Wait until it has its own again (Wait-DrbdDevice {DrbdWords.Parameters(living)}); with -Force it is cut off all the same.");
        }

        return side.LocalAddress is null || side.PeerAddress is null || side.Port is null
            ? Wrong(pair, $"is {side.ConnectionStateText}, and drbdsetup show has no addresses for its connection.", "Look at it on the node: drbdsetup show.")
            : null;
    }

    private static DrbdDevice? LivesFromTheOther(DrbdPair pair) =>
        pair.Side.IsConnected ? pair.Sides.FirstOrDefault(side => side is { Role: DrbdRole.Primary, DiskState: not DrbdDiskState.UpToDate }) : null;
}
