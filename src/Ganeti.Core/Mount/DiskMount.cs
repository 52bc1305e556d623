using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>What somebody wants to see of a guest's disk.</summary>
internal sealed record MountOrder
{
    /// <summary>The guest as it is now, with whether it runs.</summary>
    internal required GntInstance Guest { get; init; }

    internal required GntDisk Disk { get; init; }

    /// <summary>The number, name or label of a partition; null for the only one that can be meant.</summary>
    internal string? Partition { get; init; }

    /// <summary>A logical volume inside the guest, <c>group/name</c>.</summary>
    internal string? Volume { get; init; }

    /// <summary>Where on the node; null for a place of its own.</summary>
    internal string? Path { get; init; }

    internal bool IsWritable { get; init; }

    /// <summary>Whether a snapshot of the data volume is shown.</summary>
    internal bool IsSnapshot { get; init; }

    /// <summary>Whether the journal is replayed, into the snapshot.</summary>
    internal bool Recover { get; init; }

    /// <summary>Space for what changes during a snapshot; null for a tenth of the disk.</summary>
    internal long? SnapshotSize { get; init; }

    /// <summary>How long it is wanted.</summary>
    internal TimeSpan For { get; init; }

    internal bool Force { get; init; }

    internal string Node => Guest.PrimaryNode!;

    internal long Space => SnapshotSize ?? Math.Max(64L << 20, (Disk.Size ?? 0) / 10);

    private string Access => IsWritable ? Force ? "force" : "write" : Recover ? "recover" : "read";

    /// <summary>For people, as one would type it.</summary>
    internal string CommandLine => $"{(IsSnapshot ? $"lvcreate --snapshot … && " : HoldsGuest ? $"gnt-instance modify --offline {Guest.Name} && gnt-instance activate-disks {Guest.Name} && " : string.Empty)}ssh {Node} mount -o {(IsWritable ? "rw" : "ro")} {Disk}{(Volume ?? Partition) switch { null => string.Empty, { } what => $" ({what})" }}{(Path is null ? string.Empty : $" {ShellQuote.Quote(Path)}")}";

    /// <summary>Whether the guest is kept from starting for it.</summary>
    internal bool HoldsGuest => !IsSnapshot;

    /// <summary>The arguments of <c>make</c> but for the partitions.</summary>
    internal string[] Arguments(string id) => [id, Access, Path ?? string.Empty, Volume ?? string.Empty];

    /// <summary>Refuses what can't be, or would corrupt.</summary>
    internal void Check()
    {
        if (Guest.DiskTemplate is not (GntDiskTemplate.drbd or GntDiskTemplate.plain))
        {
            throw Refusal($"is on {Guest.DiskTemplateText}; disks on DRBD and on plain volumes can be mounted", $"Export-GntInstance {Guest.Name} copies what is on it.");
        }

        if (!IsSnapshot && Guest.IsRunning != false)
        {
            throw Refusal(
                Guest.IsRunning is null ? "may be in use: its node does not say whether the guest runs" : $"is in use: {Guest.Name} runs{(IsWritable ? ", and two that write to one file system destroy it" : string.Empty)}",
                IsWritable ? $"Stop it first: Stop-GntInstance {Guest.Name}." : "See it as it is at this moment, with -Snapshot; or stop the guest first.");
        }

        if (!IsSnapshot && Guest.AdminState == GntAdminState.up)
        {
            throw Refusal($"may be in use at any moment: {Guest.Name} does not run ({Guest.StatusText}) and should, so that Ganeti's watcher starts it", $"Stop-GntInstance {Guest.Name} first; or -Snapshot.");
        }
    }

    internal GanetiException Refusal(string why, string next, GanetiError? error = null) => new(error ?? GanetiError.MountRefused, $"{Disk} {why}.") { Target = Disk, RecommendedAction = next };
}

/// <summary>Mounts what is on guests' disks, on their primary nodes, and undoes it: what the node does can be undone by the node, what Ganeti does is written down in a tag of the guest.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="cmdlet">The cmdlet, for leases, journals and jobs.</param>
internal sealed class DiskMount(GntConnection connection, string cmdlet)
{
    // As long as a busy node may take for the steps; then it undoes them.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Farewell = TimeSpan.FromMinutes(2);

    private static NodeScript Script => GntMounts.Script;

    /// <summary>Mounts.</summary>
    /// <exception cref="GanetiException">It was refused, or failed; nothing is left of it then, or what is left is said.</exception>
    internal async Task<GntMount> RunAsync(MountOrder order, IRepairView view, CancellationToken cancellationToken)
    {
        var repair = new RepairOrder { Cmdlet = cmdlet, Subject = order.Disk.Id, CommandLine = order.CommandLine, InstanceName = order.Guest.Name, Nodes = [order.Node] };
        var session = await RepairSession.BeginAsync(connection, repair, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        order = await AgainAsync(order, cancellationToken).ConfigureAwait(false);
        try
        {
            var mount = await MakeAsync(order, session, view, cancellationToken).ConfigureAwait(false);
            await session.DoneAsync($"{mount} is mounted on {mount.MountPoint}", cancellationToken).ConfigureAwait(false);
            return mount;
        }
        catch
        {
            using var limit = new CancellationTokenSource(Farewell);
            await UndoAsync(order, session, view, limit.Token).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Undoes one.</summary>
    /// <exception cref="GanetiException">It could not be: somebody uses it, or the node or the master was not reached.</exception>
    internal async Task RemoveAsync(GntMount mount, string commandLine, CancellationToken cancellationToken)
    {
        var repair = new RepairOrder { Cmdlet = cmdlet, Subject = mount.Id!, CommandLine = commandLine, InstanceName = mount.InstanceName, Nodes = mount.Node is null ? [] : [mount.Node] };
        var session = await RepairSession.BeginAsync(connection, repair, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        if (mount.Node is { } node)
        {
            await RemoveOnNodeAsync(mount, node, session, cancellationToken).ConfigureAwait(false);
        }

        if (mount.InstanceName is { } guest)
        {
            await ReleaseAsync(guest, mount.Id!, session, cancellationToken).ConfigureAwait(false);
        }

        await session.DoneAsync($"{mount} is undone", cancellationToken).ConfigureAwait(false);
    }

    private async Task<GntMount> MakeAsync(MountOrder order, RepairSession session, IRepairView view, CancellationToken cancellationToken)
    {
        var others = (await connection.Mounts.ReadAsync(order.Node, cancellationToken).ConfigureAwait(false)).Where(other => other.DiskUuid == order.Disk.Uuid && !other.IsSnapshot).ToArray();
        if (!order.IsSnapshot && Array.Find(others, other => order.IsWritable || other.IsReadOnly != true) is { } conflict)
        {
            throw order.Refusal($"is mounted already, {(conflict.IsReadOnly == true ? "to read" : "to write")}: {conflict.What} on {conflict.MountPoint} by {conflict.Operator}", $"Undo that first: Get-GntMount {order.Node} | Where-Object Id -eq {conflict.Id} | Dismount-GntDisk.", GanetiError.StorageInUse);
        }

        string[] opening;
        if (order.IsSnapshot)
        {
            view.Progress(order.Disk.Id, "making a snapshot");
            var origin = await OriginAsync(order, view, cancellationToken).ConfigureAwait(false);
            opening = [string.Empty, origin, order.Space.ToString(CultureInfo.InvariantCulture), order.Recover ? "rw" : "r"];
        }
        else
        {
            opening = [await HoldAsync(order, session, view, cancellationToken).ConfigureAwait(false)];
            await RequireUnheldAsync(order, opening[0], others.Length > 0, cancellationToken).ConfigureAwait(false);
        }

        view.Progress(order.Disk.Id, "looking at its partitions");
        var about = LuxiJson.ToText(new GntParameters
        {
            ["Kind"] = nameof(GntMount),
            [nameof(GntMount.InstanceName)] = order.Guest.Name,
            [nameof(GntMount.DiskIndex)] = (long?)order.Disk.Index,
            [nameof(GntMount.DiskUuid)] = order.Disk.Uuid,
            [nameof(GntMount.Operator)] = ThisOperator.Name,
            [nameof(GntMount.IsSnapshot)] = order.IsSnapshot,
        });
        var opened = await session.RunAsync(order.Node, order.IsSnapshot ? $"lvcreate --snapshot --name gntmount.{session.Id} {opening[1]}" : $"partx {opening[0]}", Script.With(["open", session.Id, Seconds(Patience), Seconds(order.For), about, .. opening]), cancellationToken).ConfigureAwait(false);
        if (opened.ExitStatus != 0)
        {
            throw Failure(order, order.IsSnapshot ? "no snapshot could be made" : "its partitions could not be read", opened);
        }

        var parts = Choose(order, MountPartition.Parse(opened.OutputText));
        view.Progress(order.Disk.Id, "mounting");
        var made = await session.RunAsync(order.Node, order.CommandLine, Script.With(["make", .. order.Arguments(session.Id), .. parts.Select(part => part.Argument)]), cancellationToken).ConfigureAwait(false);
        if (made.ExitStatus != 0)
        {
            throw Failure(order, "it could not be mounted", made);
        }

        // The node's own word that it is so; from here on it stays.
        var kept = await session.RunAsync(order.Node, $"mountpoint (mount {session.Id})", Script.With("keep", session.Id), cancellationToken).ConfigureAwait(false);
        var mount = kept.ExitStatus == 0 ? GntMounts.Parse(order.Node, kept.OutputText).FirstOrDefault(one => one.Id == session.Id) : null;
        if (mount is not { State: GntMountState.Mounted })
        {
            throw Failure(order, "it was mounted, and is not any more", kept);
        }

        mount.HoldsInstance = order.HoldsGuest;
        mount.From(connection.Identity, DateTimeOffset.Now);
        view.Progress(order.Disk.Id, "done", 100);
        return mount;
    }

    // It may have been started, or moved, while somebody was asked.
    private async Task<MountOrder> AgainAsync(MountOrder order, CancellationToken cancellationToken)
    {
        var rows = await connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { order.Guest.Name! }, configurationOnly: false, [], cancellationToken).ConfigureAwait(false);
        var now = rows is [var guest] && guest.Uuid == order.Guest.Uuid && guest.PrimaryNode == order.Guest.PrimaryNode && guest.Disks?.FirstOrDefault(disk => disk.Uuid == order.Disk.Uuid) is { } disk
            ? order with { Guest = guest, Disk = disk }
            : throw order.Refusal("has been moved, removed or made anew meanwhile", $"Look again: Get-GntDisk {order.Guest.Name}.");
        now.Check();
        return now;
    }

    private async Task<string> OriginAsync(MountOrder order, IRepairView view, CancellationToken cancellationToken)
    {
        var owners = await connection.Lvm.OwnersAsync([order.Guest.Name!], cancellationToken).ConfigureAwait(false);
        var data = owners.FirstOrDefault(owner => owner.DiskUuid == order.Disk.Uuid && owner.Node == order.Node && owner.Use is LvmVolumeUse.Data or LvmVolumeUse.Plain)
            ?? throw order.Refusal($"has no data volume on {order.Node} that Ganeti knows", $"See Get-LvmVolume {order.Node}.");
        if (order.Guest.DiskTemplate == GntDiskTemplate.drbd)
        {
            var side = (await connection.Drbd.GetAsync(order.Node, cancellationToken).ConfigureAwait(false)).FirstOrDefault(side => side.Minor == data.DrbdMinor);
            if (side is { DiskState: not DrbdDiskState.UpToDate })
            {
                throw order.Refusal($"is not good on {order.Node}: drbd{side.Minor} is {DrbdWords.StateOf(side)}, and its volume there has old data, or old and new mixed", $"Bring the mirror in sync first: Get-DrbdDevice -Instance {order.Guest.Name} -Problem.", GanetiError.StorageStateWrong);
            }

            if (side is null)
            {
                view.Warn($"{order.Disk}: its mirror is down, so that nobody knows whether the side on {order.Node} is the good one. Without -Snapshot DRBD decides.");
            }
        }

        return $"{data.VolumeGroup}/{data.Volume}";
    }

    /// <summary>Keeps the guest from starting and makes its disks ready, having written down how they were. Gives the disk's device.</summary>
    private async Task<string> HoldAsync(MountOrder order, RepairSession session, IRepairView view, CancellationToken cancellationToken)
    {
        var guest = order.Guest;
        var earlier = MountTag.Of(guest).ToArray();
        // How it was before all of them.
        var tag = earlier.Length > 0
            ? new MountTag(session.Id, Array.Exists(earlier, one => one.WasOnline), Array.Exists(earlier, one => one.WereDisksDown))
            : new MountTag(session.Id, guest.AdminState == GntAdminState.down, guest.DisksActive == false);
        view.Progress(order.Disk.Id, $"keeping {guest.Name} from starting");
        await SubmitAsync(new TagsSet { Kind = GntTagKind.instance, Name = guest.Name, Tags = [tag.Text] }, guest, session, cancellationToken).ConfigureAwait(false);
        if (guest.AdminState == GntAdminState.down)
        {
            await SubmitAsync(Marked(guest, offline: true), guest, session, cancellationToken).ConfigureAwait(false);
        }

        view.Progress(order.Disk.Id, "making it ready");
        var job = await SubmitAsync(new InstanceActivateDisks { InstanceName = guest.Name!, InstanceUuid = guest.Uuid }, guest, session, cancellationToken).ConfigureAwait(false);
        var name = string.Create(CultureInfo.InvariantCulture, $"disk/{order.Disk.Index}");
        var device = (job.Operations?[0].Result as object?[] ?? []).OfType<object?[]>().Where(row => row is [string node, string disk, string] && node == order.Node && disk == name).Select(row => (string)row[2]!).FirstOrDefault();
        return device is not null && (guest.DiskTemplate != GntDiskTemplate.drbd || device.StartsWith("/dev/drbd", StringComparison.Ordinal))
            ? device
            : throw order.Refusal($"is made ready, and job {job.Id} does not tell its device ({device ?? "none"})", $"See (Get-GntJob {job.Id}).Operations.Result.");
    }

    private async Task RequireUnheldAsync(MountOrder order, string device, bool isShared, CancellationToken cancellationToken)
    {
        var holders = await connection.Block.HoldersAsync(order.Node, device, order.Guest.Name, cancellationToken).ConfigureAwait(false);
        var holder = holders.FirstOrDefault(holder => !isShared || (holder.Through is null && holder.Name?.StartsWith("gntmount", StringComparison.Ordinal) != true));
        if (holder is not null)
        {
            throw order.Refusal($"is open already: {holder} on {order.Node}", holder.Remedy is null ? $"See Get-BlockHolder {order.Node} {device}." : $"When that is not needed any more: {holder.Remedy}.", GanetiError.StorageInUse);
        }
    }

    private static MountPartition[] Choose(MountOrder order, IReadOnlyList<MountPartition> all)
    {
        var known = string.Join("; ", all.Where(part => part.Number > 0 || all.Count == 1));
        if (order.Volume is not null)
        {
            var members = all.Where(part => part.IsVolumeGroup).ToArray();
            return members.Length > 0 ? members : throw order.Refusal($"has no volume group on it; there are: {known}", "Name a partition with -Partition.", GanetiError.PartNotFound);
        }

        if (order.Partition is { } wanted)
        {
            var named = all.Where(part => part.Number.ToString(CultureInfo.InvariantCulture) == wanted).ToArray();
            named = named.Length > 0 ? named : [.. all.Where(part => part.Label == wanted || part.Name == wanted)];
            return named.Length == 1 ? named : throw order.Refusal($"has {(named.Length == 0 ? "no" : "several")} partition '{wanted}'; there are: {known}", "Name one by its number, with -Partition.", named.Length == 0 ? GanetiError.PartNotFound : GanetiError.NameAmbiguous);
        }

        var candidates = all.Where(part => part.IsCandidate).ToArray();
        if (candidates.Length != 1)
        {
            throw order.Refusal(candidates.Length == 0 ? $"has no file system of its own; there are: {known}" : $"has several; there are: {known}", all.Any(part => part.IsVolumeGroup) ? "Name a partition with -Partition, or a volume inside with -Volume group/name (-Volume ? says which there are)." : "Name one with -Partition.", candidates.Length == 0 ? GanetiError.PartNotFound : GanetiError.NameAmbiguous);
        }

        return candidates;
    }

    // What can't be undone now is found by Get-GntMount -Stale.
    private async Task UndoAsync(MountOrder order, RepairSession session, IRepairView view, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.RunAsync(order.Node, $"undo {session.Id}", Script.With("undo", session.Id), cancellationToken).ConfigureAwait(false);
            if (result.ExitStatus == 0)
            {
                // Those that were left go on, and would undo what is undone before they end.
                await connection.Jobs.WaitAsync(session.OwnJobs, IJobObserver.Nobody, cancellationToken).ConfigureAwait(false);
                await ReleaseAsync(order.Guest.Name!, session.Id, session, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception exception) when (exception is GanetiException or OperationCanceledException or ObjectDisposedException)
        {
        }

        view.Warn($"What was begun for {order.Disk} could not be undone from here: {order.Node} does by itself what it can within minutes; the rest is done by Dismount-GntDisk -Stale.");
    }

    private async Task RemoveOnNodeAsync(GntMount mount, string node, RepairSession session, CancellationToken cancellationToken)
    {
        var result = await session.RunAsync(node, $"umount {mount.MountPoint ?? mount.Id}", Script.With("undo", mount.Id!), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            var words = Words(result);
            var holders = mount.Source is null ? [] : await HoldersAsync(mount, node, cancellationToken).ConfigureAwait(false);
            throw new GanetiException(holders.Count > 0 || words.Contains("busy", StringComparison.Ordinal) ? GanetiError.StorageInUse : GanetiError.StorageChangeRefused, $"{mount} can't be undone: {words}{(holders.Count > 0 ? $" In use by {string.Join(", ", holders)}." : string.Empty)}")
            {
                Target = mount,
                RecommendedAction = $"Whoever is in {mount.MountPoint} has to leave it (a shell, a program with a file open: fuser -vm {mount.MountPoint} on {node}); then again.",
            };
        }

        if ((await connection.Mounts.ReadAsync(node, cancellationToken).ConfigureAwait(false)).Any(one => one.Id == mount.Id))
        {
            throw new GanetiException(GanetiError.StorageChangeNotSeen, $"{mount} was undone, and {node} still has something of it.") { Target = mount, RecommendedAction = $"See Get-GntMount {node}." };
        }
    }

    private async Task<IReadOnlyList<BlockHolder>> HoldersAsync(GntMount mount, string node, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await connection.Block.HoldersAsync(node, mount.Source!, null, cancellationToken).ConfigureAwait(false)).Where(holder => holder.Kind is BlockHolderKind.Process)];
        }
        catch (GanetiException)
        {
            return [];
        }
    }

    /// <summary>Leaves the guest as it was before all mounts, when this is the last; takes this one's tag away.</summary>
    private async Task ReleaseAsync(string name, string id, RepairSession session, CancellationToken cancellationToken)
    {
        var rows = await connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { name }, configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
        if (rows is not [var guest] || MountTag.Of(guest).FirstOrDefault(tag => tag.Id == id) is not { } tag)
        {
            return;
        }

        if (MountTag.Of(guest).All(other => other.Id == id))
        {
            // Ganeti takes no disks down of one that is offline; one that was so before is so again afterwards.
            var isToGoDown = tag.WereDisksDown && guest.DisksActive == true;
            if (guest.AdminState == GntAdminState.offline && (tag.WasOnline || isToGoDown))
            {
                await SubmitAsync(Marked(guest, offline: false), guest, session, cancellationToken).ConfigureAwait(false);
                guest = await ReadAsync(guest, cancellationToken).ConfigureAwait(false);
            }

            // Whoever was quick has started it by now, and needs them.
            if (isToGoDown && guest is { DisksActive: true, AdminState: GntAdminState.down })
            {
                await SubmitAsync(new InstanceDeactivateDisks { InstanceName = name, InstanceUuid = guest.Uuid }, guest, session, cancellationToken).ConfigureAwait(false);
            }

            if (!tag.WasOnline && guest.AdminState == GntAdminState.down)
            {
                await SubmitAsync(Marked(guest, offline: true), guest, session, cancellationToken).ConfigureAwait(false);
            }
        }

        await SubmitAsync(new TagsDel { Kind = GntTagKind.instance, Name = name, Tags = [tag.Text] }, guest, session, cancellationToken).ConfigureAwait(false);
    }

    private static InstanceSetParams Marked(GntInstance guest, bool offline) => new() { InstanceName = guest.Name!, InstanceUuid = guest.Uuid, Offline = offline };

    private async Task<GntInstance> ReadAsync(GntInstance guest, CancellationToken cancellationToken) =>
        (await connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { guest.Name! }, configurationOnly: true, [], cancellationToken).ConfigureAwait(false)) is [var now] ? now : guest;

    private Task<GntJob> SubmitAsync(LuxiOpcode opcode, GntInstance guest, RepairSession session, CancellationToken cancellationToken) =>
        connection.Jobs.RunAsync(opcode, cmdlet, guest, session.Owns, null, cancellationToken);

    private static GanetiException Failure(MountOrder order, string what, RemoteResult result)
    {
        var words = Words(result);
        var volumes = result.OutputText.Split('\n').Select(line => line.Split('\t')).Where(line => line is ["volume", _, _, _, _, ..]).Select(line => RemoteText.Printable($"{line[1].Trim()}/{line[4]}")).ToArray();
        return result.ExitStatus switch
        {
            3 => order.Refusal($"has no volume '{order.Volume}' inside; there are: {string.Join(", ", volumes)}", "Name one with -Volume group/name.", GanetiError.PartNotFound),
            4 => order.Refusal($"can't be mounted beside what {order.Node} has: {words}", "Mount it on another machine, or rename the group there; see vgimportclone(8).", GanetiError.StorageInUse),
            5 => order.Refusal($"is a part of something that is not whole: {words}", "A volume group over several disks can't be mounted one disk at a time."),
            6 => order.Refusal($"has no file system there: {words}", "Name another partition with -Partition, or a volume inside with -Volume.", GanetiError.PartNotFound),
            7 => order.Refusal($"was not unmounted cleanly, so that to write means to replay its journal first: {words}", "Look at it without writing first; -Force replays the journal.", GanetiError.StorageStateWrong),
            8 => order.Refusal($"can't be mounted there: {words}", "Name an empty folder of the node, or one that can be made, with -Path.", GanetiError.ParameterInvalid),
            _ => RepairSession.Failure(order.Node, $"{order.Disk}: {what}", result),
        };
    }

    private static string Words(RemoteResult result) => RemoteText.Printable(result.ErrorText.Trim().ReplaceLineEndings("; "));

    private static string Seconds(TimeSpan time) => ((long)Math.Min(time.TotalSeconds, int.MaxValue)).ToString(CultureInfo.InvariantCulture);
}
