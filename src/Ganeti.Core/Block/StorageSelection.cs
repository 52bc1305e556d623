namespace Ganeti;

/// <summary>Whose volumes, groups, physical volumes or devices somebody wants to see.</summary>
internal sealed class StorageSelection
{
    /// <summary>Whether those of all nodes are meant.</summary>
    internal bool All { get; set; }

    /// <summary>Nodes by full name.</summary>
    internal HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Guests by full name.</summary>
    internal HashSet<string> Instances { get; } = new(StringComparer.Ordinal);

    /// <summary>Disks of guests, by guest and UUID, or by place where the UUID is not known.</summary>
    internal HashSet<(string? Instance, string? Uuid, int? Index)> Disks { get; } = [];

    /// <summary>Volumes by node and path, as DRBD has them.</summary>
    internal HashSet<(string? Node, string? Path)> Paths { get; } = [];

    /// <summary>Volumes, by node and full name.</summary>
    internal HashSet<(string? Node, string? Name)> Volumes { get; } = [];

    /// <summary>Volume groups.</summary>
    internal HashSet<(string? Node, string? Name)> Groups { get; } = [];

    /// <summary>Physical volumes, by what identifies them.</summary>
    internal HashSet<(string? Node, string? Id)> PhysicalVolumes { get; } = [];

    /// <summary>Block devices by the kernel's name.</summary>
    internal HashSet<(string? Node, string? Name)> Devices { get; } = [];

    /// <summary>Has what belongs to an object be meant too.</summary>
    internal void Add(GntObject source)
    {
        switch (source)
        {
            case GntNode node:
                Nodes.Add(node.Name!);
                break;
            case GntInstance instance:
                Instances.Add(instance.Name!);
                break;
            case GntDisk disk:
                Disks.Add((disk.InstanceName, disk.Uuid, disk.Index));
                break;
            case DrbdDevice side:
                Paths.UnionWith([(side.Node, side.BackingDevice), (side.Node, side.MetaDevice)]);
                break;
            case LvmVolume volume:
                Volumes.Add((volume.Node, volume.FullName));
                break;
            case LvmVolumeGroup group:
                Groups.Add((group.Node, group.Name));
                break;
            case LvmPhysicalVolume physical:
                PhysicalVolumes.Add((physical.Node, physical.Id));
                break;
            case BlockDevice device:
                Devices.Add((device.Node, device.Name));
                break;
            default:
                throw new ArgumentException($"Nothing lies on {source}.", nameof(source));
        }
    }

    /// <summary>Whether only the configuration can tell which nodes are to be asked.</summary>
    internal bool NeedsConfiguration => Instances.Count > 0 || Disks.Count > 0;

    /// <summary>The guests that the configuration has to be asked for; empty for all.</summary>
    internal string[] Guests => All || Nodes.Count + Paths.Count + Volumes.Count + Groups.Count + PhysicalVolumes.Count + Devices.Count > 0
        ? []
        : [.. Instances.Concat(Disks.Select(disk => disk.Instance)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The nodes that are to be asked.</summary>
    internal IReadOnlySet<string> NodesToAsk(IReadOnlyCollection<LvmOwner> owners, IReadOnlyCollection<GntNode> nodes)
    {
        var asked = new HashSet<string>(Nodes, StringComparer.Ordinal);
        asked.UnionWith(nodes.Where(node => All && node is { VMCapable: true, Offline: false }).Select(node => node.Name!));
        asked.UnionWith(Paths.Concat(Volumes).Concat(Groups).Concat(PhysicalVolumes).Concat(Devices).Select(named => named.Node).OfType<string>());
        asked.UnionWith(owners.Where(owner => IsWanted(owner.InstanceName, owner.DiskUuid, owner.DiskIndex)).Select(owner => owner.Node));
        return asked;
    }

    /// <summary>Whether it is any use to ask a node: one that is offline would be waited for in vain, but one that was named is asked all the same.</summary>
    internal bool MayBeAsked(string node, IEnumerable<GntNode> nodes) => Nodes.Contains(node) || !nodes.Any(known => known.Name == node && known.Offline == true);

    /// <summary>The volumes of a node that are meant, hidden ones included.</summary>
    internal IEnumerable<LvmVolume> VolumesIn(NodeStorage storage)
    {
        if (IsWhole(storage))
        {
            return storage.Volumes;
        }

        var onDevices = NamedDevices(storage).SelectMany(storage.VolumesOn).ToHashSet();
        var physical = NamedPhysicalVolumes(storage).Select(volume => (volume.VolumeGroup, volume.Name)).ToHashSet();
        return storage.Volumes.Where(volume =>
            IsNamed(volume)
            || Groups.Contains((storage.Name, volume.VolumeGroup))
            || onDevices.Contains(volume)
            || (physical.Count > 0 && volume.PhysicalVolumes?.Any(name => physical.Contains((volume.VolumeGroup, name))) == true));
    }

    /// <summary>The volume groups of a node that are meant.</summary>
    internal IEnumerable<LvmVolumeGroup> GroupsIn(NodeStorage storage)
    {
        var names = storage.Volumes.Where(IsNamed).Select(volume => volume.VolumeGroup)
            .Concat(NamedPhysicalVolumes(storage).Concat(NamedDevices(storage).SelectMany(storage.PhysicalVolumesOn)).Select(physical => physical.VolumeGroup))
            .Concat(NamedDevices(storage).SelectMany(storage.VolumesOn).Select(volume => volume.VolumeGroup)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return storage.Groups.Where(group => IsWhole(storage) || Groups.Contains((storage.Name, group.Name)) || names.Contains(group.Name!));
    }

    /// <summary>The physical volumes of a node that are meant.</summary>
    internal IEnumerable<LvmPhysicalVolume> PhysicalVolumesIn(NodeStorage storage)
    {
        if (IsWhole(storage))
        {
            return storage.PhysicalVolumes;
        }

        var found = NamedPhysicalVolumes(storage)
            .Concat(storage.Volumes.Where(IsNamed).SelectMany(storage.PhysicalVolumesOf))
            .Concat(NamedDevices(storage).SelectMany(storage.PhysicalVolumesOn)).ToHashSet();
        return storage.PhysicalVolumes.Where(physical => found.Contains(physical) || (physical.VolumeGroup is { } group && Groups.Contains((storage.Name, group))));
    }

    /// <summary>The devices of a node that are meant: of whatever else was named, the disks under it.</summary>
    internal IEnumerable<BlockDevice> DevicesIn(NodeStorage storage)
    {
        if (IsWhole(storage))
        {
            return storage.Devices;
        }

        var found = NamedDevices(storage)
            .Concat(storage.Volumes.Where(IsNamed).SelectMany(storage.DisksOf))
            .Concat(PhysicalVolumesWithoutDevices(storage).Select(storage.DeviceOf).OfType<BlockDevice>().SelectMany(storage.DisksUnder)).ToHashSet();
        return storage.Devices.Where(found.Contains);
    }

    private bool IsWhole(NodeStorage storage) => All || Nodes.Contains(storage.Name);

    private bool IsNamed(LvmVolume volume) => Volumes.Contains((volume.Node, volume.FullName)) || (volume.Path is not null && Paths.Contains((volume.Node, volume.Path))) || IsWanted(volume.InstanceName, volume.DiskUuid, volume.DiskIndex);

    private IEnumerable<BlockDevice> NamedDevices(NodeStorage storage) => Devices.Count == 0 ? [] : storage.Devices.Where(device => Devices.Contains((storage.Name, device.Name)));

    private IEnumerable<LvmPhysicalVolume> NamedPhysicalVolumes(NodeStorage storage) =>
        PhysicalVolumes.Count == 0 ? [] : storage.PhysicalVolumes.Where(physical => PhysicalVolumes.Contains((storage.Name, physical.Id)) || PhysicalVolumes.Contains((storage.Name, physical.Uuid)));

    private IEnumerable<LvmPhysicalVolume> PhysicalVolumesWithoutDevices(NodeStorage storage) =>
        NamedPhysicalVolumes(storage).Concat(storage.PhysicalVolumes.Where(physical => physical.VolumeGroup is { } group && Groups.Contains((storage.Name, group))));

    // By UUID, as a disk's place changes when one before it is removed.
    private bool IsWanted(string? guest, string? uuid, int? index) => guest is not null
        && (Instances.Contains(guest) || Disks.Any(disk => disk.Instance == guest && (disk.Uuid is null ? disk.Index == index : disk.Uuid == uuid)));
}
