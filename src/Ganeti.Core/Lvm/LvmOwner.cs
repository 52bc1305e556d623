using Ganeti.Luxi;

namespace Ganeti;

/// <summary>Whose a volume is, by Ganeti's configuration.</summary>
/// <remarks>From the answer of <c>OP_INSTANCE_QUERY_DATA</c>: guests by name, each with its <c>disks</c>; those on DRBD have their volumes as <c>children</c>, data first, the same
/// names on both nodes (cmdlib/instance_query.py).</remarks>
internal sealed record LvmOwner
{
    private static readonly string[] Sides = ["primary", "secondary"];

    internal required string Node { get; init; }

    internal required string VolumeGroup { get; init; }

    internal required string Volume { get; init; }

    /// <summary>The guest; null for a disk that is attached to none.</summary>
    internal string? InstanceName { get; init; }

    internal int? DiskIndex { get; init; }

    internal string? DiskUuid { get; init; }

    internal LvmVolumeUse Use { get; init; }

    internal int? DrbdMinor { get; init; }

    /// <summary>The volumes in an answer; disks that are on something else are left out.</summary>
    internal static IReadOnlyList<LvmOwner> Of(object? answer) => answer is not GntParameters guests ? [] :
    [
        .. from guest in guests
           let members = guest.Value as GntParameters
           where members is not null
           let primary = members.GetValueOrDefault("pnode") as string
           from disk in (members.GetValueOrDefault("disks") as object?[] ?? []).Select((value, index) => (Members: value as GntParameters, Index: index))
           where disk.Members is not null
           from owner in OfDisk(guest.Key, disk.Index, primary, disk.Members)
           select owner,
    ];

    /// <summary>The volumes that detached.sh prints.</summary>
    internal static IReadOnlyList<LvmOwner> Lines(string text) =>
    [
        .. from line in DrbdText.Lines(text)
           let words = line.Split('\t')
           where words.Length == 5
           select new LvmOwner { DiskUuid = words[0], InstanceName = words[1].Length > 0 ? words[1] : null, Node = words[2], VolumeGroup = words[3], Volume = words[4] },
    ];

    /// <summary>Tells volumes which guest's disk they are of.</summary>
    internal static void Assign(IEnumerable<LvmOwner> owners, IEnumerable<LvmVolume> volumes)
    {
        var known = owners.DistinctBy(owner => (owner.Node, owner.VolumeGroup, owner.Volume)).ToDictionary(owner => (owner.Node, owner.VolumeGroup, owner.Volume));
        foreach (var volume in volumes)
        {
            if (volume is { Node: { } node, VolumeGroup: { } group, Name: { } name } && known.TryGetValue((node, group, name), out var owner))
            {
                (volume.InstanceName, volume.DiskIndex, volume.DiskUuid, volume.Use) = (owner.InstanceName, owner.DiskIndex, owner.DiskUuid, owner.Use == LvmVolumeUse.Unrecognized ? null : owner.Use);
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

    private static IEnumerable<LvmOwner> OfDisk(string guest, int index, string? primary, GntParameters disk)
    {
        var uuid = disk.GetValueOrDefault("uuid") as string;
        if (Logical(disk) is var (group, volume) && disk.GetValueOrDefault("dev_type") as string == "plain")
        {
            return primary is null ? [] : [new LvmOwner { Node = primary, VolumeGroup = group, Volume = volume, InstanceName = guest, DiskIndex = index, DiskUuid = uuid, Use = LvmVolumeUse.Plain }];
        }

        var info = disk.GetValueOrDefault("drbd_info") as GntParameters ?? [];
        return from side in Sides
               let node = info.GetValueOrDefault($"{side}_node") as string
               where node is not null
               from child in (disk.GetValueOrDefault("children") as object?[] ?? []).Take(2).Select((value, place) => (Volume: Logical(value as GntParameters), Place: place))
               where child.Volume.HasValue
               select new LvmOwner
               {
                   Node = node,
                   VolumeGroup = child.Volume!.Value.Group,
                   Volume = child.Volume!.Value.Name,
                   InstanceName = guest,
                   DiskIndex = index,
                   DiskUuid = uuid,
                   Use = child.Place == 0 ? LvmVolumeUse.Data : LvmVolumeUse.Meta,
                   DrbdMinor = (int?)LuxiSetters.ToLong(info.GetValueOrDefault($"{side}_minor")),
               };
    }

    private static (string Group, string Name)? Logical(GntParameters? disk) => disk?.GetValueOrDefault("logical_id") is object?[] and [string group, string name] ? (group, name) : null;
}
