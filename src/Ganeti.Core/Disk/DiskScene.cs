using Ganeti.Luxi;

namespace Ganeti;

/// <summary>How it stands with a disk of a node that fails or has failed: what is on it, what is lost with it, and whose that is.</summary>
internal sealed record DiskScene
{
    // Ganeti's DRBD_META_SIZE.
    private const long Metadata = 128L << 20;

    /// <summary>The node's storage, with whose the volumes are and with the sides of mirrors.</summary>
    internal required NodeStorage Storage { get; init; }

    /// <summary>The disk; null once it is gone.</summary>
    internal BlockDevice? Device { get; init; }

    /// <summary>The volumes on it, and those with a part on a device that is gone; parts of others come last.</summary>
    internal IReadOnlyList<LvmVolume> Volumes { get; init; } = [];

    /// <summary>The volume groups that the disk is of, or that miss what is Ganeti's in them.</summary>
    internal IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The disks of guests that have lost a volume here, or are about to.</summary>
    internal IReadOnlyList<DiskLoss> Losses { get; init; } = [];

    /// <summary>Jobs that work on those guests, or wait to.</summary>
    internal IReadOnlyList<GntJob> Jobs { get; init; } = [];

    /// <summary>The most bytes a second that a resync may take by the cluster's configuration, or null.</summary>
    internal long? ResyncRate { get; init; }

    /// <summary>The volume group that Ganeti makes disks in.</summary>
    internal string? DefaultGroup { get; init; }

    /// <summary>Looks.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="node">The node.</param>
    /// <param name="device">Finds the disk that is meant; null for what is gone already.</param>
    /// <param name="before">An earlier look, for what does not change meanwhile; null for none.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <param name="withHealth">Whether the disk and the kernel's log are asked too what speaks against it.</param>
    /// <exception cref="GanetiException">The node did not tell all of it: what LVM does not tell must not be taken for lost.</exception>
    internal static async Task<DiskScene> ReadAsync(GntConnection connection, string node, Func<NodeStorage, BlockDevice?> device, DiskScene? before, CancellationToken cancellationToken, bool withHealth = false)
    {
        // Disks that are attached to no guest are somebody's too.
        var configured = ConfiguredDisk.ReadAsync(connection, [], cancellationToken);
        var cluster = before is null ? await connection.GetClusterAsync(cancellationToken).ConfigureAwait(false) : null;
        var sides = connection.Drbd.GetAsync(node, cancellationToken);
        var storage = await connection.Block.ReadAsync(node, withHealth, cancellationToken).ConfigureAwait(false);
        if (!storage.HasLvm || storage.Failed.Count > 0)
        {
            throw new GanetiException(GanetiError.StorageReportIncomplete, $"{node} did not tell all of its storage ({(storage.HasLvm ? string.Join(", ", storage.Failed) : "LVM's tools are not there")}): what is not told can't be told from what is lost.")
            {
                Target = node,
                RecommendedAction = $"Run lvs, vgs, pvs and lsblk on {node} and see what they say.",
            };
        }

        storage.Sides = await sides.ConfigureAwait(false);
        var disks = await configured.ConfigureAwait(false);
        DrbdMirror.Assign(DrbdMirror.Of(disks), storage.Sides);
        var owners = LvmOwner.Of(disks);
        storage.Own(owners);
        var names = owners.Where(owner => owner.Node == node).Select(owner => owner.InstanceName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var guests = names.Count == 0 ? [] : await connection.Instances.Table.ReadExactAsync(names, configurationOnly: false, [], cancellationToken).ConfigureAwait(false);
        var scene = Of(storage, device(storage), owners, guests);
        var jobs = await connection.Jobs.Table.ReadAsync(new JobSelection { States = [.. JobSelection.Pending, GntJobStatus.running] }.Filter, configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
        var hurt = scene.Losses.Select(loss => loss.Guest.Name!).ToHashSet(StringComparer.Ordinal);
        return scene with
        {
            Jobs = [.. jobs.Where(job => job.InstanceNames.Any(hurt.Contains) && !Array.TrueForAll(job.Operations ?? [], static operation => operation.OpId == "OP_INSTANCE_QUERY_DATA"))],
            DefaultGroup = before?.DefaultGroup ?? cluster?.VolumeGroupName,
            ResyncRate = before?.ResyncRate ?? LuxiSetters.ToLong((cluster?.DiskParameters?.GetValueOrDefault("drbd") as GntParameters)?.GetValueOrDefault("resync-rate")) << 10,
        };
    }

    /// <summary>What it means.</summary>
    internal static DiskScene Of(NodeStorage storage, BlockDevice? device, IReadOnlyList<LvmOwner> owners, IReadOnlyList<GntInstance> guests)
    {
        var volumes = (device is null ? [] : storage.VolumesOn(device)).Concat(storage.Volumes.Where(volume => volume.IsPartial == true)).DistinctBy(volume => volume.FullName).OrderBy(volume => volume.IsHidden == true).ToArray();
        var onDisk = (device is null ? [] : storage.VolumesOn(device)).Select(volume => (volume.VolumeGroup, volume.Name)).ToHashSet();
        var lost = volumes.Select(volume => (volume.VolumeGroup, volume.Name)).ToHashSet();
        var there = storage.Volumes.Select(volume => (volume.VolumeGroup, volume.Name)).ToHashSet();
        var known = guests.ToDictionary(guest => guest.Name!, StringComparer.Ordinal);
        var missing = owners.Where(owner => owner.Node == storage.Name && owner.InstanceName is not null && (lost.Contains((owner.VolumeGroup, owner.Volume)) || !there.Contains((owner.VolumeGroup, owner.Volume)))).ToArray();
        return new DiskScene
        {
            Storage = storage,
            Device = device,
            Volumes = volumes,
            Groups =
            [
                .. volumes.Select(volume => volume.VolumeGroup!)
                    .Concat(device is null ? [] : storage.PhysicalVolumesOn(device).Select(physical => physical.VolumeGroup).OfType<string>())
                    .Concat(storage.Groups.Where(group => group.IsPartial).Select(group => group.Name!))
                    .Concat(missing.Select(owner => owner.VolumeGroup)).Distinct(StringComparer.Ordinal),
            ],
            Losses =
            [
                .. from owner in missing
                   where known.ContainsKey(owner.InstanceName!)
                   group owner by (owner.InstanceName, owner.DiskIndex) into disk
                   let guest = known[disk.Key.InstanceName!]
                   let minor = disk.Select(owner => owner.DrbdMinor).FirstOrDefault(each => each is not null)
                   orderby guest.Name, disk.Key.DiskIndex
                   select new DiskLoss
                   {
                       Guest = guest,
                       Index = disk.Key.DiskIndex!.Value,
                       IsMirrored = guest.DiskTemplate == GntDiskTemplate.drbd,
                       IsOnPrimary = guest.PrimaryNode == storage.Name,
                       Size = (guest.DiskSizes.At(disk.Key.DiskIndex.Value) ?? 0) + (guest.DiskTemplate == GntDiskTemplate.drbd ? Metadata : 0),
                       Groups = [.. disk.Select(owner => owner.VolumeGroup).Distinct(StringComparer.Ordinal)],
                       IsGone = disk.Any(owner => !onDisk.Contains((owner.VolumeGroup, owner.Volume))),
                       Minor = minor,
                       Side = minor is null ? null : storage.Sides.FirstOrDefault(side => side.Minor == minor),
                   },
            ],
        };
    }
}
