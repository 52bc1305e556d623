using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>What the operator wants of the repair of a failing disk.</summary>
internal sealed record DiskRepairOrder
{
    internal required string Node { get; init; }

    /// <summary>The disk as it was named; null for what is gone already.</summary>
    internal string? Name { get; init; }

    /// <summary>Its serial number, where it has one: names go to other disks at a rescan.</summary>
    internal string? Serial { get; init; }

    /// <summary>New disks for the volume group, by serial number where they have one.</summary>
    internal IReadOnlyList<string> NewDisks { get; init; } = [];

    /// <summary>Whether guests that run on the node stay, and work on over the network until their side is rebuilt.</summary>
    internal bool RunsDiskless { get; init; }

    /// <summary>Whether nothing speaks against the disk yet. Ganeti cuts the mirror for a moment when it migrates: a guest whose own disk fails then has none at all.</summary>
    internal bool IsSound { get; init; }

    /// <summary>Whether it is done though something dies by it.</summary>
    internal bool Force { get; init; }

    /// <summary>The disk that is meant, as it is now.</summary>
    internal BlockDevice? Find(NodeStorage storage) => Name is null ? null : storage.Disk(Name, Serial);

    /// <inheritdoc/>
    public override string ToString() => Name is null ? $"the lost disk of {Node}" : $"{Node}/{Name}{(Serial is null ? string.Empty : $", serial number {Serial}")}";
}

/// <summary>A step of it.</summary>
internal sealed record DiskRepairStep
{
    internal required GntRepairAction Action { get; init; }

    /// <summary>What it does, and why.</summary>
    internal required string Description { get; init; }

    internal required string CommandLine { get; init; }

    /// <summary>What has to be asked; null for nothing.</summary>
    internal string? Warning { get; init; }

    /// <summary>The guest that it is about, or null.</summary>
    internal string? InstanceName { get; init; }

    /// <summary>A change of the node's storage.</summary>
    internal StorageChange? Change { get; init; }

    /// <summary>A side that lets go of its disk.</summary>
    internal DrbdPair? Side { get; init; }

    /// <summary>A job of Ganeti's.</summary>
    internal LuxiOpcode? Job { get; init; }

    /// <summary>Jobs that are waited for.</summary>
    internal IReadOnlyList<long> Awaited { get; init; } = [];
}

/// <summary>
/// The page's procedure for a disk with I/O errors, worked out anew from what is seen: the steps that are left, in their order. What is done is no step any more, so that a repair
/// that was broken off goes on where it was.
/// </summary>
internal sealed record DiskRepairPlan
{
    /// <summary>The steps that are left.</summary>
    internal required IReadOnlyList<DiskRepairStep> Steps { get; init; }

    /// <summary>Why it can't be brought to its end as things are, once the steps before it are made; null when it can.</summary>
    internal GanetiException? Obstacle { get; init; }

    /// <summary>Works it out.</summary>
    /// <exception cref="GanetiException">The disk that was named has nothing to do with it, or there is nothing to repair.</exception>
    internal static DiskRepairPlan Of(DiskScene scene, DiskRepairOrder order)
    {
        var storage = scene.Storage;
        var steps = new List<DiskRepairStep>();
        var mirrored = scene.Losses.Where(loss => loss.IsMirrored).ToArray();
        var guests = mirrored.DistinctBy(loss => loss.Guest.Name).ToArray();
        if (scene.Jobs.Count > 0)
        {
            var ids = scene.Jobs.Select(job => job.Id ?? 0).ToArray();
            steps.Add(new DiskRepairStep { Action = GntRepairAction.WaitForJob, Description = $"Wait for {string.Join(", ", scene.Jobs.SelectMany(job => job.Summary ?? []))}", CommandLine = $"Wait-GntJob {string.Join(',', ids)}", Awaited = ids });
        }

        // Before anything is moved; but what a job is at may be just what speaks against it.
        if (steps.Count == 0 && scene.Device is { } doomed && Change(doomed, order, delete: doomed.State is BlockDeviceState.offline or BlockDeviceState.deleted).Refusal(storage) is { } refusal)
        {
            return new DiskRepairPlan { Steps = [], Obstacle = refusal };
        }

        foreach (var loss in guests.Where(loss => loss.IsOnPrimary))
        {
            var target = loss.Guest.SecondaryNodes is [var other, ..] ? other : "its other node";
            if (Migrates(scene, order, loss.Guest))
            {
                steps.Add(OfJob(GntRepairAction.MoveGuest, $"Migrate {loss.Guest.Name} to {target} while the disk still works", loss.Guest, new InstanceMigrate { InstanceName = loss.Guest.Name!, InstanceUuid = loss.Guest.Uuid }));
            }
            else if (!IsRunning(loss.Guest))
            {
                steps.Add(OfJob(GntRepairAction.MoveGuest, $"Make {target} the primary node of {loss.Guest.Name}, which is stopped: its disk here is lost", loss.Guest, new InstanceFailover { InstanceName = loss.Guest.Name!, InstanceUuid = loss.Guest.Uuid }));
            }
        }

        if (scene.Device is { State: not (BlockDeviceState.offline or BlockDeviceState.deleted) } device)
        {
            steps.Add(OfChange(GntRepairAction.DisableDevice, "Take the disk offline", Change(device, order, delete: false), storage));
        }

        foreach (var loss in mirrored.Where(loss => loss.Side is { DiskState: not DrbdDiskState.Diskless }))
        {
            var pair = new DrbdPair(loss.Side!, null);
            steps.Add(new DiskRepairStep
            {
                Action = GntRepairAction.DetachSide,
                Description = $"Have drbd{loss.Side!.Minor} ({loss}) let go of its disk",
                CommandLine = new DrbdDetach { Force = order.Force }.CommandLine(pair),
                InstanceName = loss.Guest.Name,
                Side = pair,
            });
        }

        foreach (var volume in LvmMappingRemoval.InOrder(scene.Volumes, storage))
        {
            steps.Add(OfChange(GntRepairAction.RemoveMapping, $"Remove the mapping of {volume.FullName}{Whose(volume)}", LvmMappingRemoval.Of(volume), storage));
        }

        if (scene.Device is { } gone)
        {
            steps.Add(OfChange(GntRepairAction.RemoveDevice, "Take the disk away from the kernel; then it can be pulled", Change(gone, order, delete: true), storage));
        }

        var obstacle = default(GanetiException);
        // A new disk may come when all is rebuilt already.
        var newDisks = order.NewDisks.Where(disk => storage.Named(disk)?.VolumeGroup is null).ToList();
        foreach (var name in scene.Groups.Count > 0 || order.NewDisks.Count == 0 ? scene.Groups.OrderBy(name => name != scene.DefaultGroup).ToArray() : [scene.DefaultGroup ?? throw NoGroup(order)])
        {
            obstacle ??= OfGroup(name, scene, order, newDisks, steps);
        }

        if (obstacle is null)
        {
            steps.AddRange(guests.Select(loss => Rebuild(scene, order, [.. mirrored.Where(other => other.Guest.Name == loss.Guest.Name)])));
        }

        return new DiskRepairPlan { Steps = steps, Obstacle = obstacle };
    }

    private static GanetiException NoGroup(DiskRepairOrder order) => new(GanetiError.LvmVolumeGroupNotFound, $"Nothing is lost on {order.Node}, and Ganeti has no volume group of its own that a new disk could join.") { Target = order.Node, RecommendedAction = "vgextend, or New-LvmVolumeGroup, serve any other." };

    private static BlockDeviceChange Change(BlockDevice device, DiskRepairOrder order, bool delete) =>
        new() { Node = order.Node, Subject = device.Name!, Name = device.Name!, Serial = device.Serial, Delete = delete, Force = order.Force };

    // What a group gives up for good, and has no good copy elsewhere that is known.
    private static GanetiException? OnlyCopies(string name, DiskScene scene, DiskRepairOrder order)
    {
        string[] only =
        [
            .. scene.Losses.Where(loss => loss.Groups.Contains(name) && loss.WhyNoOther is not null).Select(loss => $"{loss}: {loss.WhyNoOther}"),
            .. scene.Volumes.Where(volume => volume.VolumeGroup == name && volume is { DiskUuid: not null, InstanceName: null }).Select(volume => $"{volume.Name}: a disk of Ganeti's that no guest has"),
        ];
        return order.Force || only.Length == 0 ? null : new GanetiException(GanetiError.BlockDeviceNeeded, $"{name} on {order.Node} would give up what has no good copy elsewhere, as far as is known: {string.Join("; ", only)}.")
        {
            Target = order.Node,
            RecommendedAction = "Put the disk back if it can still be read. Of a mirror, see how its other side is: Get-DrbdDevice -Problem; of a guest that is stopped, have it up before (Enable-GntDisk). With -Force it is given up all the same.",
        };
    }

    private static GanetiException? OfGroup(string name, DiskScene scene, DiskRepairOrder order, List<string> newDisks, List<DiskRepairStep> steps)
    {
        var storage = scene.Storage;
        var group = storage.Groups.FirstOrDefault(each => each.Name == name);
        var dying = scene.Device is { } device ? storage.PhysicalVolumesOn(device).ToHashSet() : [];
        var staying = storage.PhysicalVolumes.Where(physical => physical.VolumeGroup == name && physical.IsMissing != true && !dying.Contains(physical)).ToArray();
        // The first group that lacks something is given them.
        string[] given = [.. newDisks];
        newDisks.Clear();
        var mirrored = scene.Losses.Where(loss => loss.IsMirrored && loss.Groups.Contains(name)).ToArray();
        var needed = mirrored.Sum(loss => loss.Size);
        if (group is not null && staying.Length > 0)
        {
            if (group.IsPartial || dying.Any(physical => physical.VolumeGroup == name))
            {
                if (OnlyCopies(name, scene, order) is { } obstacle)
                {
                    return obstacle;
                }

                var lost = scene.Volumes.Where(volume => volume.VolumeGroup == name && volume.IsHidden != true).Select(volume => volume.Name + Whose(volume)).ToArray();
                steps.Add(new DiskRepairStep
                {
                    Action = GntRepairAction.RepairGroup,
                    Description = $"Have {name} give up what is lost",
                    CommandLine = new NodeRepairStorage { NodeName = order.Node, Name = name }.CommandLine,
                    Warning = lost.Length == 0 ? $"{name} on {order.Node} gives up its missing disk, which has no volume on it." : $"{name} on {order.Node} gives up {lost.Length} {(lost.Length == 1 ? "volume" : "volumes")} for good: {string.Join(", ", lost)}.",
                    Job = new NodeRepairStorage { NodeName = order.Node, Name = name },
                });
            }

            if (given.Length > 0)
            {
                steps.Add(OfChange(GntRepairAction.ExtendGroup, $"Give {name} the new {(given.Length == 1 ? "disk" : "disks")} {string.Join(", ", given)}", new LvmGroupExtension { Node = order.Node, Subject = name, Name = name, Disks = given, Force = order.Force }, storage));
                return null;
            }

            var free = staying.Sum(physical => physical.Free ?? 0);
            return free >= needed ? null : new GanetiException(GanetiError.DiskNotRepaired, string.Create(CultureInfo.InvariantCulture, $"{name} on {order.Node} has {ByteSize.Of(free)} free on the disks that it keeps, and {ByteSize.Of(needed)} are needed to rebuild {string.Join("; ", mirrored.AsEnumerable())}."))
            {
                Target = order.Node,
                RecommendedAction = Again(order),
            };
        }

        if (given.Length > 0)
        {
            if (OnlyCopies(name, scene, order) is { } obstacle)
            {
                return obstacle;
            }

            steps.Add(OfChange(GntRepairAction.CreateGroup, $"Make {name} anew of {string.Join(", ", given)}: no disk of it is left", new LvmGroupCreation { Node = order.Node, Subject = name, Name = name, Disks = given, Force = order.Force }, storage));
            return null;
        }

        return new GanetiException(GanetiError.DiskNotRepaired, $"No disk of {name} is left on {order.Node}; what was on it can't be rebuilt there{(mirrored.Length == 0 ? string.Empty : $": {string.Join("; ", mirrored.AsEnumerable())}")}.")
        {
            Target = order.Node,
            RecommendedAction = Again(order),
        };
    }

    private static DiskRepairStep Rebuild(DiskScene scene, DiskRepairOrder order, IReadOnlyList<DiskLoss> losses)
    {
        var guest = losses[0].Guest;
        // Those that are moved away before have their secondary node here then.
        var isPrimary = losses[0].IsOnPrimary && IsRunning(guest) && !Migrates(scene, order, guest);
        var size = losses.Sum(loss => guest.DiskSizes.At(loss.Index) ?? 0);
        var least = scene.ResyncRate is > 0 and var rate ? string.Create(CultureInfo.InvariantCulture, $", at least {Words(TimeSpan.FromSeconds((double)size / rate))} at the configured {ByteSize.Of(rate)}/s") : string.Empty;
        return OfJob(
            GntRepairAction.ReplaceDisks,
            string.Create(CultureInfo.InvariantCulture, $"Rebuild disk {string.Join(", ", losses.Select(loss => loss.Index))} of {guest.Name} here ({ByteSize.Of(size)}{least})"),
            guest,
            new InstanceReplaceDisks { InstanceName = guest.Name!, InstanceUuid = guest.Uuid, Mode = isPrimary ? "replace_on_primary" : "replace_on_secondary", Disks = [.. losses.Select(loss => loss.Index)] });
    }

    private static string Words(TimeSpan time) => time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min") : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (int)time.TotalSeconds)} s");

    private static string Again(DiskRepairOrder order) => $"Put a new disk in, have it found (Update-BlockDevice {order.Node} -Serial <its number>), and go on with Repair-GntDisk {order.Node} -NewDisk <its number>.";

    private static bool Migrates(DiskScene scene, DiskRepairOrder order, GntInstance guest) => IsRunning(guest) && order.IsSound && !order.RunsDiskless
        && scene.Storage.Sides.Where(side => side.InstanceName == guest.Name).All(side => side is { IsConnected: true, DiskState: DrbdDiskState.UpToDate, PeerDiskState: DrbdDiskState.UpToDate });

    private static bool IsRunning(GntInstance guest) => guest.IsRunning ?? guest.AdminState == GntAdminState.up;

    private static string Whose(LvmVolume volume) => volume.InstanceName is { } guest ? string.Create(CultureInfo.InvariantCulture, $" ({guest}, disk {volume.DiskIndex})") : volume.IsHidden == true ? string.Empty : " (of no guest)";

    private static DiskRepairStep OfChange(GntRepairAction action, string description, StorageChange change, NodeStorage storage) =>
        new() { Action = action, Description = description, CommandLine = change.CommandLine(storage), Warning = change.Stake(storage), Change = change };

    private static DiskRepairStep OfJob(GntRepairAction action, string description, GntInstance guest, LuxiOpcode job) =>
        new() { Action = action, Description = description, CommandLine = job.CommandLine, InstanceName = guest.Name, Job = job };
}
