namespace Ganeti;

/// <summary>What is wrong between the two sides: data that goes two ways, roles, and what they say of each other.</summary>
internal sealed partial class DrbdDiagnosis
{
    private void DiagnosePair()
    {
        var (one, other) = (_case.Sides[0], _case.Sides[1]);
        DiagnoseLineage(one, other);
        DiagnoseRoles(one, other);
        DiagnoseAgreement(one, other);
    }

    private void DiagnoseLineage(DrbdSide one, DrbdSide other)
    {
        var mine = one.Is(device => !device.IsConnected) ? one.Generation : null;
        var theirs = other.Is(device => !device.IsConnected) ? other.Generation : null;
        DrbdComparison? comparison = mine is not null && theirs is not null ? DrbdComparison.Of(mine, theirs, one.Now?.Role, other.Now?.Role) : null;

        // The log is asked only where the generations can't be: a split brain that was seen may have been mended by other hands since.
        var seen = _case.Sides.Select(side => (Side: side, side.Past.SplitBrain)).FirstOrDefault(pair => pair.SplitBrain is not null && pair.Side.Is(device => !device.IsConnected));
        if (comparison?.Lineage == DrbdLineage.SplitBrain || (comparison is null && seen.SplitBrain is not null))
        {
            AddSplitBrain(one, other, comparison);
        }
        else if (comparison?.Lineage == DrbdLineage.Unrelated)
        {
            foreach (var side in _case.Sides)
            {
                Add(side, DrbdProblemKind.UnrelatedData, DrbdSeverity.Critical, $"The data on {one.Node} and on {other.Node} have nothing in common: DRBD will refuse to connect them.", DrbdRemedy.Guest(_case, side, "Move-GntDisk", "Disable-DrbdDevice", "-OnSecondary"), [.. GenerationWords(one), .. GenerationWords(other)]);
            }
        }
    }

    private void AddSplitBrain(DrbdSide one, DrbdSide other, DrbdComparison? comparison)
    {
        // The one that is to be given up is the side that the guest neither runs on nor is meant to.
        var loser = one.RunsGuest || !other.RunsGuest ? other : one;
        var winner = ReferenceEquals(loser, one) ? other : one;

        // With at most one Primary DRBD mends it by itself where a side has written nothing (after-sb-0pri discard-zero-changes, after-sb-1pri consensus).
        var unchanged = _case.Sides.FirstOrDefault(side => side.Now is { OutOfSync: 0, Role: not DrbdRole.Primary });
        var healsItself = unchanged is not null && _case.Mirror is not null;
        var remedy = healsItself ? DrbdRemedy.Guest(_case, one, "Enable-GntDisk", string.Empty) : DrbdRemedy.Resolve(_case, one, loser);
        string?[] evidence =
        [
            comparison is { } judged ? FormattableString.Invariant($"Generation identifiers: DRBD's own rule {judged.Rule} calls it a split brain.") : null,
            .. _case.Sides.Where(side => side.Past.SplitBrain is not null).Select(side => Told(side, side.Past.SplitBrain!)),
            .. _case.Sides.SelectMany(GenerationWords),
            .. _case.Sides.SelectMany(PrimaryWords),
            healsItself ? $"{unchanged!.Node} has written nothing: an activation can heal it without discarding anything. If it does not: {DrbdRemedy.Resolve(_case, one, loser)}" : $"Discarding {loser.Node} loses what was written there alone{(loser.Now?.OutOfSync is { } lost and > 0 ? $", at most {ByteSize.Of(lost)}" : string.Empty)}; {winner.Node}'s data stays.",
        ];
        foreach (var side in _case.Sides.Where(side => side.Now is not null))
        {
            Add(side, DrbdProblemKind.SplitBrain, DrbdSeverity.Critical, $"Split brain: {one.Node} and {other.Node} each went on with data of their own. One side's changes have to be given up.", remedy, evidence);
        }
    }

    private static IEnumerable<string> GenerationWords(DrbdSide side)
    {
        if (side.Generation is { } generation)
        {
            var began = side.Log.BeginningOf(generation.Current) is { } time ? $", its own since {side.When(time)}" : string.Empty;
            yield return $"{side.Node} has generation {generation}{began}";
        }
    }

    private static IEnumerable<string> PrimaryWords(DrbdSide side)
    {
        var past = side.Past;
        yield return side switch
        {
            { RunsGuest: true } => $"{side.Node}: the guest runs here{(past.PrimarySince is { } runs ? $", Primary since {side.When(runs)}" : string.Empty)}",
            { Now.Role: DrbdRole.Primary } => past.PrimarySince is { } since ? $"{side.Node}: Primary since {side.When(since)}" : $"{side.Node}: Primary, since when is not in its log",
            _ when past.PrimaryUntil is { } until => $"{side.Node}: was Primary until {side.When(until)}",
            _ => $"{side.Node}: when it was Primary is not in its log",
        };
    }

    private void DiagnoseRoles(DrbdSide one, DrbdSide other)
    {
        static bool IsPrimary(DrbdDevice device) => device.Role == DrbdRole.Primary;
        if (_case.IsMigrating)
        {
            return;
        }

        if (one.Is(IsPrimary) && other.Is(IsPrimary))
        {
            // That they are apart already is told by itself.
            if (Has(one, DrbdProblemKind.SplitBrain) || Has(one, DrbdProblemKind.UnrelatedData))
            {
                return;
            }

            foreach (var side in _case.Sides)
            {
                Add(
                    side,
                    DrbdProblemKind.DualPrimary,
                    DrbdSeverity.Critical,
                    $"Both sides are Primary, and no migration{(_case.Mirror is { } mirror ? $" of {mirror.InstanceName}" : string.Empty)} runs: {(one.Now!.IsConnected ? "whatever breaks the connection now makes a split brain" : "what both write now is a split brain")}.",
                    DrbdRemedy.Guest(_case, side, "Repair-GntMigration", "Get-BlockHolder"),
                    [.. _case.Sides.SelectMany(PrimaryWords)]);
            }
        }
        else if (_case is { Job: null, Mirror: not null } && other.Is(IsPrimary) && one.Is(device => device.Role == DrbdRole.Secondary))
        {
            Add(
                other,
                DrbdProblemKind.RoleMismatch,
                DrbdSeverity.Error,
                $"{other.Node} is Primary, but Ganeti has {_case.Mirror?.InstanceName} on {one.Node}{(other.RunsGuest ? $": the guest really runs on {other.Node}" : string.Empty)}.",
                DrbdRemedy.Guest(_case, other, "Move-GntInstance", "Get-BlockHolder", "-Cleanup"),
                [.. _case.Sides.SelectMany(PrimaryWords)]);
        }
    }

    private void DiagnoseAgreement(DrbdSide one, DrbdSide other)
    {
        if (_case.Job is not null || one.Before is null || one.Now is null || other.Before is null || other.Now is null)
        {
            return;
        }

        var before = Disagreements(one.Before, other.Before);
        var found = Disagreements(one.Now, other.Now).Intersect(before, StringComparer.Ordinal).ToArray();
        if (found.Length > 0)
        {
            // The one that is apart has that for its problem.
            foreach (var side in _case.Sides.Where(side => side.Now!.IsConnected))
            {
                Add(side, DrbdProblemKind.SidesDisagree, DrbdSeverity.Error, $"{one.Node} and {other.Node} do not say the same of each other: {string.Join("; ", found)}.", DrbdRemedy.Side(side, "Reset-DrbdConnection"));
            }
        }
    }

    private static IEnumerable<string> Disagreements(DrbdDevice one, DrbdDevice other)
    {
        if (one.IsConnected != other.IsConnected)
        {
            var (connected, apart) = one.IsConnected ? (one, other) : (other, one);
            if (apart.ConnectionState != DrbdConnectionState.Unconfigured)
            {
                yield return $"{connected.Node} is connected, {apart.Node} is {apart.ConnectionStateText}";
            }

            yield break;
        }

        if (!one.IsConnected)
        {
            yield break;
        }

        if (one.PeerRole != other.Role || other.PeerRole != one.Role)
        {
            yield return $"roles are {one.RoleText}/{one.PeerRoleText} here and {other.RoleText}/{other.PeerRoleText} there";
        }

        if (one.PeerDiskState != other.DiskState || other.PeerDiskState != one.DiskState)
        {
            yield return $"disks are {one.DiskStateText}/{one.PeerDiskStateText} here and {other.DiskStateText}/{other.PeerDiskStateText} there";
        }

        if (CounterpartOf(one.ReplicationState) is { } expected && other.ReplicationState is { } actual && expected != actual)
        {
            yield return $"the connection is {one.ConnectionStateText} here and {other.ConnectionStateText} there";
        }
    }

    private static DrbdReplicationState? CounterpartOf(DrbdReplicationState? state) => state switch
    {
        DrbdReplicationState.Established => DrbdReplicationState.Established,
        DrbdReplicationState.SyncSource => DrbdReplicationState.SyncTarget,
        DrbdReplicationState.SyncTarget => DrbdReplicationState.SyncSource,
        DrbdReplicationState.PausedSyncS => DrbdReplicationState.PausedSyncT,
        DrbdReplicationState.PausedSyncT => DrbdReplicationState.PausedSyncS,
        DrbdReplicationState.VerifyS => DrbdReplicationState.VerifyT,
        DrbdReplicationState.VerifyT => DrbdReplicationState.VerifyS,
        _ => null,
    };
}
