namespace Ganeti;

/// <summary>Follows a mirror until both sides have the newest data.</summary>
internal sealed class DrbdSync
{
    // DRBD's own "stalled" stays for a while after a resync goes on.
    private static readonly TimeSpan StillStalled = TimeSpan.FromSeconds(15);

    private long? _left;
    private long _leftSince = Environment.TickCount64;

    /// <summary>What is waited for; null when the mirror is in sync.</summary>
    internal static string? Missing(DrbdDevice? side, DrbdDevice? other) => (side, other) switch
    {
        (null, _) => "the side is gone",
        _ when (side.IsInResync ? side : other) is { IsInResync: true } syncing => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{syncing.ReplicationStateText} {syncing.ResyncPercent:0.#} %"),
        _ when !side.IsConnected => $"{side.Id} is {side.ConnectionStateText}",
        _ when other is { IsConnected: false } => $"{other.Id} is {other.ConnectionStateText}",
        _ when side.IsDegraded => $"{side.Id} is {side.DiskStateText}/{side.PeerDiskStateText}",
        _ when other is { IsDegraded: true } => $"{other.Id} is {other.DiskStateText}/{other.PeerDiskStateText}",
        _ => null,
    };

    /// <summary>Why what is waited for can't come by itself, with what makes it come; null while it can.</summary>
    internal (string Why, string Next)? Hopeless(DrbdDevice? side, DrbdDevice? other)
    {
        if (side is null)
        {
            return ("it is gone from its node", "Bring it back: Enable-DrbdDevice.");
        }

        foreach (var one in new[] { side, other }.OfType<DrbdDevice>())
        {
            if (one.ConnectionState is DrbdConnectionState.StandAlone or DrbdConnectionState.Unconfigured)
            {
                return ($"{one.Id} is {one.ConnectionStateText}: it does not look for the other side", $"Connect-DrbdDevice {DrbdWords.Parameters(one)}; where it is split brain, Resolve-DrbdSplitBrain.");
            }

            if (one.DiskState is DrbdDiskState.Diskless or DrbdDiskState.Failed)
            {
                return ($"{one.Id} is {one.DiskStateText}", $"See whether its disk is in order, then Mount-DrbdDisk {DrbdWords.Parameters(one)}.");
            }

            if (one.IsInResync && one.ResyncSuspended?.Split(',').Contains("user") == true)
            {
                return ($"{one.Id} holds the resync back", $"Resume-DrbdResync {DrbdWords.Parameters(one)}.");
            }
        }

        var left = side.ResyncLeft ?? other?.ResyncLeft;
        if (left != _left)
        {
            (_left, _leftSince) = (left, Environment.TickCount64);
        }

        return (side.IsStalled || other?.IsStalled == true) && Environment.TickCount64 - _leftSince > StillStalled.TotalMilliseconds
            ? ("its resync is stalled: nothing of it has moved for three minutes", $"Reset-DrbdConnection {DrbdWords.Parameters(side)} gets it going when the network is at fault; a disk that hangs shows in the kernel log.")
            : null;
    }
}
