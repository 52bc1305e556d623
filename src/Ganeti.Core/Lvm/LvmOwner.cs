namespace Ganeti;

/// <summary>Whose a volume is, by Ganeti's configuration.</summary>
internal sealed record LvmOwner
{
    internal required string Node { get; init; }

    internal required string VolumeGroup { get; init; }

    internal required string Volume { get; init; }

    /// <summary>The guest; null for a disk that is attached to none.</summary>
    internal string? InstanceName { get; init; }

    internal int? DiskIndex { get; init; }

    internal string? DiskUuid { get; init; }

    internal LvmVolumeUse Use { get; init; }

    internal int? DrbdMinor { get; init; }

    /// <summary>The volumes of disks, of a mirror those of both nodes.</summary>
    internal static IReadOnlyList<LvmOwner> Of(IEnumerable<ConfiguredDisk> disks) =>
    [
        .. from disk in disks
           from side in disk.Sides
           from volume in disk.Volumes.Take(2).Select((volume, place) => (volume.Group, volume.Name, Place: place))
           select new LvmOwner
           {
               Node = side.Node,
               VolumeGroup = volume.Group,
               Volume = volume.Name,
               InstanceName = disk.InstanceName,
               DiskIndex = disk.Index,
               DiskUuid = disk.Uuid,
               Use = !disk.IsMirrored ? LvmVolumeUse.Plain : volume.Place == 0 ? LvmVolumeUse.Data : LvmVolumeUse.Meta,
               DrbdMinor = side.Minor,
           },
    ];

    /// <summary>Tells volumes which guest's disk they are of.</summary>
    internal static void Assign(IEnumerable<LvmOwner> owners, IEnumerable<LvmVolume> volumes)
    {
        var known = owners.DistinctBy(owner => (owner.Node, owner.VolumeGroup, owner.Volume)).ToDictionary(owner => (owner.Node, owner.VolumeGroup, owner.Volume));
        foreach (var volume in volumes)
        {
            if (volume is { Node: { } node, VolumeGroup: { } group, Name: { } name } && known.TryGetValue((node, group, name), out var owner))
            {
                (volume.InstanceName, volume.DiskIndex, volume.DiskUuid, volume.Use) = (owner.InstanceName, owner.DiskIndex, owner.DiskUuid, owner.Use);
                volume.DrbdMinor ??= owner.DrbdMinor;
            }
        }
    }

    /// <summary>Tells volumes what the same ones were told before.</summary>
    internal static void Inherit(IEnumerable<LvmVolume> before, IEnumerable<LvmVolume> now)
    {
        var known = before.Where(volume => volume.DiskUuid is not null).ToDictionary(volume => volume.Uuid ?? volume.FullName);
        foreach (var volume in now)
        {
            if (known.GetValueOrDefault(volume.Uuid ?? volume.FullName) is { } same)
            {
                (volume.InstanceName, volume.DiskIndex, volume.DiskUuid, volume.Use) = (same.InstanceName, same.DiskIndex, same.DiskUuid, same.Use);
                volume.DrbdMinor ??= same.DrbdMinor;
            }
        }
    }
}
