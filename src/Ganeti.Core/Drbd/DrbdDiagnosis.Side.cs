using System.Globalization;

namespace Ganeti;

/// <summary>What is wrong with one side: its connection, its disk, and what does not move.</summary>
internal sealed partial class DrbdDiagnosis
{
    private void DiagnoseConnection(DrbdSide side, DrbdSide other)
    {
        if (_case.IsBeingChanged || Has(side, DrbdProblemKind.SplitBrain) || Has(side, DrbdProblemKind.UnrelatedData) || !side.Is(device => !device.IsConnected))
        {
            return;
        }

        string?[] evidence =
        [
            side.Past.ConnectionLost is { } lost ? Told(side, lost) : null,
            side.Past.Last(DrbdLogEventKind.RequestTimeout) is { } timeout ? Told(side, timeout) : null,
            LineageWords(side, other),
        ];
        if (side.Is(device => device.ConnectionState == DrbdConnectionState.StandAlone))
        {
            Add(side, DrbdProblemKind.StandAlone, DrbdSeverity.Error, $"StandAlone: {side.Node} does not try to reach {other.Node}; {WrittenHere(side)}.", DrbdRemedy.Connect(_case, side), evidence);
        }
        else if (side.Is(device => device.ConnectionState is not (null or DrbdConnectionState.Unrecognized or DrbdConnectionState.Unconfigured)))
        {
            var (why, remedy) = WhyItWaits(side, other);
            Add(side, DrbdProblemKind.WaitingForConnection, DrbdSeverity.Error, $"{side.Node} waits for {other.Node}: {why}; {WrittenHere(side)}.", remedy, evidence);
        }
    }

    private (string Why, string? Remedy) WhyItWaits(DrbdSide side, DrbdSide other) => other switch
    {
        { IsKnown: false } when IsOffline(other.Node) => ("that node is marked offline", DrbdRemedy.Guest(_case, side, "Move-GntDisk", "Disconnect-DrbdDevice", "-Allocator hail")),
        { IsKnown: false } => ("that node was not reached", $"Get-GntNode {other.Node}"),
        { IsMissing: true } => ("there is no minor there", DrbdRemedy.Guest(_case, side, "Enable-GntDisk", "Disable-DrbdDevice")),
        { Now.ConnectionState: DrbdConnectionState.Unconfigured } => ("the minor there has no connection", DrbdRemedy.Guest(_case, side, "Enable-GntDisk", "Disable-DrbdDevice")),
        { Now.ConnectionState: DrbdConnectionState.StandAlone } => ("that side is StandAlone", DrbdRemedy.Side(other, "Connect-DrbdDevice")),
        { Now.IsConnected: true } => ("that side takes itself for connected", DrbdRemedy.Side(other, "Reset-DrbdConnection")),
        _ => (string.Create(CultureInfo.InvariantCulture, $"both try, but nothing passes between them on port {side.Now?.Port}; look at the network and for rules that were left behind"), "Get-DrbdConnectionReset"),
    };

    private bool IsOffline(string name) => _case.Situation.Nodes.Any(node => node.Name == name && node.Offline == true);

    private static string WrittenHere(DrbdSide side) => side.Now switch
    {
        { Role: DrbdRole.Primary, OutOfSync: > 0 and var bytes } => $"{ByteSize.Of(bytes)} written here are there once only",
        { Role: DrbdRole.Primary } => "what is written here is there once only",
        _ => "what is written is not copied here",
    };

    // What will happen when they meet.
    private static string? LineageWords(DrbdSide side, DrbdSide other)
    {
        if (side.Generation is not { } mine || other.Generation is not { } theirs || other.Now?.IsConnected != false)
        {
            return null;
        }

        var comparison = DrbdComparison.Of(mine, theirs, side.Now?.Role, other.Now?.Role);
        return comparison.Lineage switch
        {
            DrbdLineage.BothNew => "Generation identifiers: neither has had data yet.",
            DrbdLineage.Same => "Generation identifiers: both have the same data, nothing will be copied.",
            DrbdLineage.ThisIsNewer => $"Generation identifiers: {side.Node} is newer and will be copied to {other.Node}{(comparison.IsFull ? ", all of it" : string.Empty)}.",
            DrbdLineage.OtherIsNewer => $"Generation identifiers: {other.Node} is newer and will be copied to {side.Node}{(comparison.IsFull ? ", all of it" : string.Empty)}.",
            _ => null,
        };
    }

    private void DiagnoseDisk(DrbdSide side, DrbdSide other)
    {
        if (_case.IsBeingChanged || side.Is(device => device.IsInResync))
        {
            return;
        }

        string?[] evidence =
        [
            side.Past.IOError is { } error ? Told(side, error) : null,
            side.Past.DisklessSince is { } since && side.Now?.DiskState == DrbdDiskState.Diskless ? $"{side.Node} is without a disk since {side.When(since)}" : null,
            side.Now?.BackingDevice is { } volume ? $"Its volume: {RemoteText.Printable(volume)}" : null,
        ];
        var remedy = side.Past.IOError is null
            ? DrbdRemedy.Side(side, "Mount-DrbdDisk")
            : DrbdRemedy.Guest(_case, side, "Move-GntDisk", "Mount-DrbdDisk", "-Auto");
        if (side.Is(device => device is { Role: DrbdRole.Primary, DiskState: not (DrbdDiskState.UpToDate or null) } && !(device.IsConnected && device.PeerDiskState == DrbdDiskState.UpToDate)))
        {
            Add(side, DrbdProblemKind.NoData, DrbdSeverity.Critical, $"{side.Node} is Primary and has no good data: its own disk is {side.Now!.DiskStateText}, and the other side's can't be read.", side.Now.DiskState == DrbdDiskState.Diskless ? remedy : ConnectionRemedy(side), evidence);
        }
        else if (side.Is(device => device.DiskState == DrbdDiskState.Failed))
        {
            Add(side, DrbdProblemKind.Failed, DrbdSeverity.Error, $"The disk on {side.Node} has failed and is not let go.", DrbdRemedy.Side(side, "Dismount-DrbdDisk"), evidence);
        }
        else if (side.Is(device => device.DiskState == DrbdDiskState.Diskless))
        {
            Add(side, DrbdProblemKind.Diskless, DrbdSeverity.Error, $"{side.Node} has no disk{(side.Past.IOError is null ? ": it was detached" : ": it failed")}; {(side.Now!.Role == DrbdRole.Primary ? $"the guest reads and writes {other.Node}'s over the network" : $"{other.Node} has the only copy")}.", remedy, evidence);
        }
        else if (side.Is(device => device.DiskState == DrbdDiskState.Inconsistent))
        {
            var (why, cure) = side.Now!.IsConnected
                ? ($"no resync mends it, as {other.Node} is {side.Now.PeerDiskStateText}", other.Now?.DiskState == DrbdDiskState.UpToDate ? DrbdRemedy.Side(side, "Reset-DrbdConnection") : null)
                : ("a resync has to mend it", ConnectionRemedy(side));
            Add(side, DrbdProblemKind.Inconsistent, DrbdSeverity.Error, $"The data on {side.Node} is inconsistent, and {why}.", cure, evidence);
        }
        else if (side.Is(device => device.DiskState == DrbdDiskState.Outdated))
        {
            Add(side, DrbdProblemKind.Outdated, DrbdSeverity.Error, $"The data on {side.Node} is old, and no resync renews it.", side.Now!.IsConnected ? DrbdRemedy.Side(side, "Reset-DrbdConnection") : ConnectionRemedy(side), evidence);
        }
    }

    // What brings the sides together brings the data too.
    private string? ConnectionRemedy(DrbdSide side) => _problems.Find(problem => problem.Id == side.Id && problem.Kind is DrbdProblemKind.SplitBrain or DrbdProblemKind.UnrelatedData or DrbdProblemKind.StandAlone or DrbdProblemKind.WaitingForConnection) is { } apart
        ? apart.Remedy
        : DrbdRemedy.Connect(_case, side);

    private void DiagnoseProgress(DrbdSide side, DrbdSide other)
    {
        if (side.Is(device => device.IOSuspended == true))
        {
            Add(side, DrbdProblemKind.IOSuspended, DrbdSeverity.Critical, $"I/O on {side.Node} is suspended: the guest stands still.", null);
        }

        DiagnoseStall(side, other);
        if (side.Is(device => device.ReplicationState is DrbdReplicationState.SyncSource or DrbdReplicationState.SyncTarget))
        {
            DiagnoseResync(side, other);
        }
        else if (_case.Job is null && side.Is(device => device.ReplicationState is DrbdReplicationState.PausedSyncS or DrbdReplicationState.PausedSyncT && Pauses(device, "user")))
        {
            Add(side, DrbdProblemKind.ResyncPaused, DrbdSeverity.Warning, $"The resync is paused on {side.Node}; until it has ended there is one good copy only.", DrbdRemedy.Side(side, "Resume-DrbdResync"), side.Now?.OutOfSync is { } left ? $"{ByteSize.Of(left)} are still to be copied" : null);
        }
        else if (side.Is(device => device is { ReplicationState: DrbdReplicationState.Established, DiskState: DrbdDiskState.UpToDate, PeerDiskState: DrbdDiskState.UpToDate, OutOfSync: > 0 })
            && (side.Now!.Role == DrbdRole.Primary || (other.Now?.Role != DrbdRole.Primary && ReferenceEquals(side, _case.Sides[0]))))
        {
            var isPrimary = side.Now.Role == DrbdRole.Primary;
            Add(
                side,
                DrbdProblemKind.OutOfSync,
                DrbdSeverity.Error,
                $"Both sides are UpToDate, yet {ByteSize.Of(side.Now.OutOfSync!.Value)} of them are known to differ. A verify found that; writes under way give false ones, so verify again before.{(isPrimary ? " A new connection copies them from here." : string.Empty)}",
                DrbdRemedy.Side(side, isPrimary ? "Reset-DrbdConnection" : "Start-DrbdVerify"),
                side.Past.VerifyFound is { } found ? Told(side, found) : null);
        }
    }

    private static bool Pauses(DrbdDevice device, string who) => device.ResyncSuspended?.Split(',').Contains(who, StringComparer.Ordinal) == true;

    // On the Primary requests are pending and nothing moves. On the other side all is zero and still, unless its disk is what hangs.
    private void DiagnoseStall(DrbdSide side, DrbdSide other)
    {
        if (!side.Is(device => device.ApplicationPending > 0) || !side.IsStill(device => (device.NetworkSent, device.NetworkReceived)))
        {
            return;
        }

        var (before, now) = (side.Before!, side.Now!);
        var counters = string.Create(CultureInfo.InvariantCulture, $"In both samples: ap:{now.ApplicationPending} pe:{now.PeerPending} lo:{now.LocalPending}; sent {ByteSize.Of(now.NetworkSent ?? 0)}, received {ByteSize.Of(now.NetworkReceived ?? 0)}, unmoved");
        if (now.IsConnected && side.Is(device => device.PeerPending > 0) && now.PeerPending >= before.PeerPending)
        {
            var isPeersDisk = other.Is(device => device.LocalPending > 0) && other.IsStill(device => device.DiskWritten);
            Add(
                side,
                DrbdProblemKind.Stalled,
                DrbdSeverity.Critical,
                isPeersDisk ? $"The guest's requests are not answered: the disk on {other.Node} hangs." : $"The guest's requests are not answered by {other.Node}: the connection hangs though it is {now.ConnectionStateText}.",
                isPeersDisk ? DrbdRemedy.Side(other, "Dismount-DrbdDisk")
                    : _case.IsMigrating ? DrbdRemedy.Guest(_case, side, "Repair-GntMigration", "Reset-DrbdConnection")
                    : DrbdRemedy.Side(side, "Reset-DrbdConnection"),
                counters,
                isPeersDisk ? string.Create(CultureInfo.InvariantCulture, $"On {other.Node} lo:{other.Now!.LocalPending} ua:{other.Now.Unacknowledged} wait for the disk") : null);
        }
        else if (side.Is(device => device.LocalPending > 0) && now.LocalPending >= before.LocalPending && side.IsStill(device => (device.DiskWritten, device.DiskRead)))
        {
            Add(side, DrbdProblemKind.Stalled, DrbdSeverity.Critical, $"The guest's requests are not answered: the disk on {side.Node} hangs.", DrbdRemedy.Side(side, "Dismount-DrbdDisk"), counters);
        }
    }

    private void DiagnoseResync(DrbdSide side, DrbdSide other)
    {
        // Both sides count alike; the one that receives is the one that is not whole.
        if (side.Now!.ReplicationState != DrbdReplicationState.SyncTarget && other.Now is { ReplicationState: DrbdReplicationState.SyncTarget })
        {
            return;
        }

        var now = side.Now;

        // DRBD goes on calling it stalled for a while after it moves again, and begins to only after three minutes. What passes the network says nothing: a disk that hangs
        // goes on being asked.
        if (side.IsStill(device => (device.ResyncLeft, device.OutOfSync)))
        {
            var isDisk = now.LocalPending > 0 || now.Unacknowledged > 0;
            Add(
                side,
                DrbdProblemKind.ResyncStalled,
                DrbdSeverity.Error,
                $"The resync to {(now.ReplicationState == DrbdReplicationState.SyncTarget ? side.Node : other.Node)} does not get on{(isDisk ? $": the disk on {side.Node} does not answer" : string.Empty)}; until it has ended there is one good copy only.",
                isDisk ? DrbdRemedy.Side(side, "Dismount-DrbdDisk") : DrbdRemedy.Side(side, "Reset-DrbdConnection"),
                ProgressWords(now),
                now.IsStalled ? "DRBD calls it stalled: no progress for three minutes" : null);
        }
        else if (now.ResyncSpeed < CrawlingSpeed && now.ResyncTimeLeft > LongToGo)
        {
            Add(
                side,
                DrbdProblemKind.ResyncSlow,
                DrbdSeverity.Warning,
                $"The resync crawls at {ByteSize.Of(now.ResyncSpeed!.Value)} a second; {Words(now.ResyncTimeLeft!.Value)} to go.",
                DrbdRemedy.Side(side, "Set-DrbdDevice -ResyncRate 60MB"),
                ProgressWords(now));
        }
    }

    private static string Words(TimeSpan time) => time.TotalHours < 48 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days");

    private static string ProgressWords(DrbdDevice device) => string.Create(
        CultureInfo.InvariantCulture,
        $"{device.ResyncPercent:0.0} % done, {ByteSize.Of(device.ResyncLeft ?? 0)} of {ByteSize.Of(device.ResyncTotal ?? 0)} left; lo:{device.LocalPending} pe:{device.PeerPending} ua:{device.Unacknowledged}");
}
