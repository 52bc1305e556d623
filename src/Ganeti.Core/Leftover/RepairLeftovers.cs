namespace Ganeti;

/// <summary>Connections of DRBD that a repair has cut, and that nothing lets go by itself.</summary>
internal sealed class ResetLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.ConnectionReset;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        foreach (var reset in scene.Resets.Where(reset => reset is { IsStray: true } or { UndoError: not null } && !scene.UnderWay.Any(repair => repair.Id is { } id && reset.Id?.StartsWith(id, StringComparison.Ordinal) == true)))
        {
            var command = reset.Method switch
            {
                DrbdResetMethod.Nftables => $"nft delete table inet gnt_reset_{reset.Id}",
                DrbdResetMethod.Iptables => $"iptables -D … --comment gnt-reset-{reset.Id}",
                _ => $"drbdsetup connect … (minor {reset.Minor}, port {reset.Port})",
            };
            var leftover = scene.Leftover(GntLeftoverKind.ConnectionReset, reset.Id!, reset.UndoError is { } error ? $"the node could not let the connection go: {error}" : "it has lost the watchdog that would let the connection go", command);
            leftover.Reset = reset;
            yield return leftover;
        }
    }

    public async Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken)
    {
        await DrbdResets.RemoveAsync(connection, leftover.Reset!, cmdlet, leftover.Command!, cancellationToken).ConfigureAwait(false);
        if ((await DrbdResets.GetAsync(connection, leftover.Node!, cancellationToken).ConfigureAwait(false)).Any(reset => reset.Id == leftover.Name))
        {
            throw new GanetiException(GanetiError.StorageChangeNotSeen, $"{leftover}: the command ended well, and yet the connection is still cut.") { Target = leftover, RecommendedAction = $"See Get-DrbdConnectionReset {leftover.Node}." };
        }
    }
}

/// <summary>What a repair has armed a node to undo, and the node could not.</summary>
internal sealed class SafeguardLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.Safeguard;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        // The node itself tries for ten minutes; cut connections have a source of their own.
        foreach (var (id, over, about, said) in scene.Said.Undos.Where(undo => undo.Over > 660 && !scene.Resets.Any(reset => reset.Id == undo.Id)))
        {
            yield return scene.Leftover(
                GntLeftoverKind.Safeguard,
                id,
                $"the node could not undo it at its deadline ({RemoteText.Printable(about)}){(said.Length > 0 ? $": {RemoteText.Printable(said)}" : string.Empty)}",
                $"sh /run/ganeti-powershell/undo/{id}/undo",
                scene.Clock - TimeSpan.FromSeconds(over));
        }
    }

    public Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) =>
        Leftovers.StepAsync(connection, leftover, NodeLeftovers.Script.With("undo", leftover.Name!), cmdlet, said => said.Undos.Exists(undo => undo.Id == leftover.Name), cancellationToken);
}

/// <summary>Leases that are over, on nodes that were the master; the master itself removes its own as it is asked for them.</summary>
internal sealed class LeaseLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.Lease;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene) => scene.Said.Leases.Select(lease =>
    {
        var repair = GntHistoryEntry.Parse(lease.About);
        return scene.Leftover(
            GntLeftoverKind.Lease,
            lease.Name,
            $"a repair that was broken off{(repair is null ? string.Empty : $": {repair.Cmdlet} by {repair.Operator}")}; its time is over",
            $"rm /run/ganeti-powershell/lease/{lease.Name}",
            scene.Clock - TimeSpan.FromSeconds(lease.Over));
    });

    public Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) =>
        Leftovers.StepAsync(connection, leftover, NodeLeftovers.Script.With("release", leftover.Name!), cmdlet, said => said.Leases.Exists(lease => lease.Name == leftover.Name), cancellationToken);
}

/// <summary>Mounts of guests' disks to which nobody lays claim any more, and what is left of such.</summary>
internal sealed class MountLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.Mount;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene) => scene.Mounts.Where(mount => mount.IsStale).Select(mount =>
    {
        var leftover = scene.Leftover(
            GntLeftoverKind.Mount,
            mount.Id!,
            $"{mount.Disk ?? mount.InstanceName ?? "a guest's disk"}{(mount.Operator is null ? string.Empty : $", mounted by {mount.Operator}")}: {(mount.State == GntMountState.Mounted ? "its time is over" : $"its client died ({mount.StateText})")}",
            "Dismount-GntDisk -Stale",
            mount.Since);
        leftover.Mount = mount;
        return leftover;
    });

    public Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) =>
        new DiskMount(connection, cmdlet).RemoveAsync(leftover.Mount!, leftover.Command!, cancellationToken);
}

/// <summary>Scratch space in its usual place: what it was for a node forgets when it is started anew.</summary>
internal sealed class ScratchLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.Scratch;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        foreach (var (folder, since, size) in scene.Said.Scratch.Where(folder => scene.Clock - folder.Since >= scene.OlderThan))
        {
            var leftover = scene.Leftover(GntLeftoverKind.Scratch, folder, "scratch space that nobody uses", $"rm -r {folder}", since);
            leftover.Size = size;
            yield return leftover;
        }
    }

    public Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) =>
        Leftovers.StepAsync(connection, leftover, NodeLeftovers.Script.With("sweep", leftover.Name!), cmdlet, said => said.Scratch.Exists(folder => folder.Folder == leftover.Name), cancellationToken);
}
