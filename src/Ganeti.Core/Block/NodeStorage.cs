using Ganeti.Remote;

namespace Ganeti;

/// <summary>All that a node says of its storage, in one remote call, and what stands on what.</summary>
internal sealed class NodeStorage
{
    // Before each part; none of the programs prints it.
    private const char Separator = '\u001d';

    private static readonly NodeScript Script = new("Block", "storage");

    private readonly Lazy<Dictionary<string, BlockDevice>> _byName;

    private NodeStorage() => _byName = new Lazy<Dictionary<string, BlockDevice>>(() => Devices.DistinctBy(device => device.Name).ToDictionary(device => device.Name!, StringComparer.Ordinal));

    internal required string Name { get; init; }

    /// <summary>What its clock showed.</summary>
    internal DateTimeOffset? Clock { get; init; }

    /// <summary>The logical volumes, hidden ones included.</summary>
    internal IReadOnlyList<LvmVolume> Volumes { get; private set; } = [];

    internal IReadOnlyList<LvmVolumeGroup> Groups { get; init; } = [];

    internal IReadOnlyList<LvmPhysicalVolume> PhysicalVolumes { get; init; } = [];

    internal IReadOnlyList<BlockDevice> Devices { get; init; } = [];

    /// <summary>The sides of mirrors on the node, where they were asked for: on which disk may what happen.</summary>
    internal IReadOnlyList<DrbdDevice> Sides { get; set; } = [];

    /// <summary>The programs that did not do all that they should, with what they said of it: what the others say counts all the same.</summary>
    internal IReadOnlyList<string> Failed { get; init; } = [];

    /// <summary>Whether LVM's tools are there.</summary>
    internal bool HasLvm { get; init; }

    /// <summary>What Ganeti's configuration has, once that was asked.</summary>
    internal IReadOnlyList<LvmOwner> Owners { get; private set; } = [];

    /// <summary>All objects.</summary>
    internal IEnumerable<GntObject> All => [.. Volumes, .. Groups, .. PhysicalVolumes, .. Devices];

    /// <summary>The command that reads it.</summary>
    /// <param name="withHealth">Whether SMART and the kernel's log are read too.</param>
    internal static RemoteCommand Command(bool withHealth) =>
        Script.With(withHealth ? "health" : "plain", LvmReport.VolumeColumns, LvmReport.GroupColumns, LvmReport.PhysicalColumns, LsblkReport.Columns);

    /// <summary>What the command printed on a node.</summary>
    internal static NodeStorage Read(string node, string output)
    {
        var parts = output.Split(Separator).Skip(1).Select(part => part.Split('\n', 2)).Where(part => part.Length == 2).Select(part => (Head: part[0], Text: part[1])).ToArray();
        var failed = parts.Where(part => part.Head.EndsWith(" failed", StringComparison.Ordinal)).Select(part => $"{part.Head[..^" failed".Length]} (exit status {part.Text.Trim()})").ToList();
        var devices = Part("lsblk json") is { } lsblk ? LsblkReport.Read(node, lsblk) : null;
        if (devices is null)
        {
            failed.Add("lsblk");
        }

        var storage = new NodeStorage
        {
            Name = node,
            Clock = DrbdText.Number(Part("clock seconds")?.Trim()) is > 0 and < 100_000_000_000 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            HasLvm = Array.Exists(parts, part => part.Head.StartsWith("lvs ", StringComparison.Ordinal)),
            Volumes = LvmReport.Volumes(node, Rows("lvs", LvmReport.VolumeColumns)),
            Groups = LvmReport.Groups(node, Rows("vgs", LvmReport.GroupColumns)),
            PhysicalVolumes = LvmReport.PhysicalVolumes(node, Rows("pvs", LvmReport.PhysicalColumns)),
            Devices = devices ?? [],
            Failed = failed,
        };
        storage.Join();
        storage.SetSysfs(Part("sysfs lines") ?? string.Empty);
        if (Part("log lines") is { } log)
        {
            var smart = parts.Where(part => part.Head.StartsWith("smart ", StringComparison.Ordinal)).ToDictionary(part => part.Head["smart ".Length..], part => part.Text, StringComparer.Ordinal);
            storage.Examine(log, smart);
        }

        return storage;

        string? Part(string head) => Array.FindLast(parts, part => part.Head == head).Text;

        IReadOnlyList<LvmRow> Rows(string program, string columns)
        {
            if (Part($"{program} columns") is { } text)
            {
                return LvmReport.Delimited(text, columns);
            }

            if (Part($"{program} json") is not { } json)
            {
                return [];
            }

            var rows = LvmReport.Json(json);
            if (rows is null && !failed.Exists(what => what.StartsWith(program, StringComparison.Ordinal)))
            {
                failed.Add($"{program} (what it printed is no report)");
            }

            return rows ?? [];
        }
    }

    /// <summary>
    /// Tells volumes whose they are. Of a group that has no disk left LVM knows nothing any more, and what was mapped of it is there yet: those are volumes with a part on a lost device too.
    /// </summary>
    internal void Own(IReadOnlyList<LvmOwner> owners)
    {
        Owners = owners;
        var known = Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        var paths = Devices.Where(device => device.Type == BlockDeviceType.lvm && device.Path is not null).DistinctBy(device => device.Path).ToDictionary(device => device.Path!, StringComparer.Ordinal);
        Volumes =
        [
            .. Volumes,
            .. from owner in owners
               // What a program did not tell is not lost.
               where HasLvm && Failed.Count == 0 && owner.Node == Name && !known.Contains(owner.VolumeGroup)
               let device = paths.GetValueOrDefault($"/dev/mapper/{LvmMappingRemoval.MappingOf(owner.VolumeGroup, owner.Volume)}")
               where device is not null
               select new LvmVolume
               {
                   Node = Name,
                   VolumeGroup = owner.VolumeGroup,
                   Name = owner.Volume,
                   Size = device.Size,
                   DeviceNumber = device.DeviceNumber,
                   DrbdMinor = (device.Holders ?? []).Select(DeviceOf).FirstOrDefault(holder => holder?.DrbdMinor is not null)?.DrbdMinor,
                   // Whoever else has it open is not told, and keeps the mapping.
                   IsOpen = device.Holders is { Length: > 0 },
                   IsPartial = true,
                   ClusterUuid = device.ClusterUuid,
                   ClusterName = device.ClusterName,
                   ReadAt = device.ReadAt,
               },
        ];
        LvmOwner.Assign(owners, Volumes);
    }

    internal BlockDevice? DeviceOf(string? name) => name is null ? null : _byName.Value.GetValueOrDefault(name);

    /// <summary>The device that a person means: by the kernel's name, by path, or a disk by its serial number.</summary>
    internal BlockDevice? Named(string name) => Devices.FirstOrDefault(device => device.Name == name || device.Path == name) ?? (DisksOf(name) is [var disk] ? disk : null);

    /// <summary>The disks with a serial number: one, but for a disk with several paths, and for bridges that give the same to all.</summary>
    internal BlockDevice[] DisksOf(string serial) => [.. Devices.Where(device => device.IsDisk && device.Serial == serial)];

    /// <summary>The disk that is meant: by its serial number, where it has one, since names go to other disks at a rescan.</summary>
    internal BlockDevice? Disk(string name, string? serial) => serial is null ? DeviceOf(name) : DisksOf(serial) is { Length: > 0 } disks ? Array.Find(disks, disk => disk.Name == name) ?? disks[0] : null;

    /// <summary>The device of a physical volume; null while it is missing.</summary>
    internal BlockDevice? DeviceOf(LvmPhysicalVolume physical) =>
        Devices.FirstOrDefault(device => device.Path == physical.Name) ?? Devices.FirstOrDefault(device => device.Uuid is not null && device.Uuid == physical.Uuid);

    /// <summary>The device of a volume; null while it is not active.</summary>
    internal BlockDevice? DeviceOf(LvmVolume volume) => volume.DeviceNumber is { } number ? Devices.FirstOrDefault(device => device.DeviceNumber == number) : null;

    /// <summary>A device and all that stands on it, to whatever height.</summary>
    internal IReadOnlySet<BlockDevice> On(BlockDevice device) => Closure(device, each => each.Holders);

    /// <summary>The disks that a device stands on; a disk itself.</summary>
    internal IEnumerable<BlockDevice> DisksUnder(BlockDevice device) => Closure(device, each => each.Parents).Where(each => each.Parents is null or []);

    /// <summary>The physical volumes on a device or on what stands on it.</summary>
    internal IEnumerable<LvmPhysicalVolume> PhysicalVolumesOn(BlockDevice device)
    {
        var on = On(device);
        return PhysicalVolumes.Where(physical => DeviceOf(physical) is { } its && on.Contains(its));
    }

    /// <summary>
    /// The volumes with a part on a device. By LVM, and by what is mapped: LVM no longer knows where a device is that went offline. Where several devices of a group are missing, LVM does not tell
    /// which of them a volume was on: it counts for each.
    /// </summary>
    internal IEnumerable<LvmVolume> VolumesOn(BlockDevice device)
    {
        var numbers = On(device).Where(each => each.DeviceNumber is not null).Select(each => each.DeviceNumber!).ToHashSet(StringComparer.Ordinal);
        var physical = PhysicalVolumesOn(device).Where(each => each.VolumeGroup is not null).Select(each => (each.VolumeGroup, each.Name)).ToHashSet();
        return Volumes.Where(volume => (volume.DeviceNumber is { } number && numbers.Contains(number)) || volume.PhysicalVolumes?.Any(name => physical.Contains((volume.VolumeGroup, name))) == true);
    }

    /// <summary>The physical volumes that a volume lies on; missing ones as far as they are known to be missing from its group.</summary>
    internal IEnumerable<LvmPhysicalVolume> PhysicalVolumesOf(LvmVolume volume) =>
        PhysicalVolumes.Where(physical => physical.VolumeGroup == volume.VolumeGroup && volume.PhysicalVolumes?.Contains(physical.Name) == true);

    /// <summary>The disks that a volume lies on.</summary>
    internal IEnumerable<BlockDevice> DisksOf(LvmVolume volume) =>
        PhysicalVolumesOf(volume).Select(DeviceOf).Append(DeviceOf(volume)).OfType<BlockDevice>().SelectMany(DisksUnder)
            // Its own device, where nobody tells what it stands on.
            .Where(device => device.Type != BlockDeviceType.lvm).Distinct();

    /// <summary>The mirror, volume or file that a volume's group lies within: such a group is a guest's own, which the node sees too. Null for one on disks.</summary>
    internal BlockDevice? DiskAround(LvmVolume volume) => PhysicalVolumesOf(volume).Select(DeviceOf).OfType<BlockDevice>().SelectMany(device => Closure(device, each => each.Parents))
        .FirstOrDefault(device => device.DrbdMinor is not null || device.Type is BlockDeviceType.lvm or BlockDeviceType.loop);

    private HashSet<BlockDevice> Closure(BlockDevice device, Func<BlockDevice, string[]?> next)
    {
        var found = new HashSet<BlockDevice>(ReferenceEqualityComparer.Instance);
        var open = new Stack<BlockDevice>([device]);
        while (open.TryPop(out var one))
        {
            if (found.Add(one))
            {
                foreach (var other in (next(one) ?? []).Select(DeviceOf).OfType<BlockDevice>())
                {
                    open.Push(other);
                }
            }
        }

        return found;
    }

    // What one report knows of another's things.
    private void Join()
    {
        foreach (var group in Groups)
        {
            group.PhysicalVolumes = [.. PhysicalVolumes.Where(physical => physical.VolumeGroup == group.Name).Select(physical => physical.Name!)];
        }

        foreach (var physical in PhysicalVolumes.Where(physical => physical.VolumeGroup is not null))
        {
            if (DeviceOf(physical) is { } device)
            {
                device.VolumeGroup = physical.VolumeGroup;
            }
        }

        var minors = Devices.Where(device => device.DrbdMinor is not null).SelectMany(device => device.Parents!.Select(parent => (Number: DeviceOf(parent)?.DeviceNumber, device.DrbdMinor)))
            .Where(pair => pair.Number is not null).DistinctBy(pair => pair.Number).ToDictionary(pair => pair.Number!, pair => pair.DrbdMinor);
        foreach (var volume in Volumes.Where(volume => volume.DeviceNumber is not null))
        {
            volume.DrbdMinor = minors.GetValueOrDefault(volume.DeviceNumber!);
        }
    }

    private void SetSysfs(string text)
    {
        foreach (var words in DrbdText.Lines(text).Select(line => line.Split('\t')).Where(words => words.Length > 2))
        {
            switch (words)
            {
                case ["state", var name, var state] when DeviceOf(name) is { } device && state.Length > 0:
                    LsblkReport.SetState(device, state);
                    break;
                case ["md", var name, var level, var disks, var degraded, var state, var action] when DeviceOf(name) is { } device:
                    device.Array = new BlockDeviceArray { Level = level, DiskCount = (int?)DrbdText.Number(disks), MissingCount = (int?)DrbdText.Number(degraded), State = state, SyncAction = action.Length > 0 ? action : null };
                    break;
            }
        }
    }

    private void Examine(string log, Dictionary<string, string> smart)
    {
        var errors = KernelIOErrors.Parse(log);
        foreach (var device in Devices)
        {
            device.Errors = [.. errors[device.Name!]];
            device.Health = smart.GetValueOrDefault(device.Name!) is { } said ? SmartReport.Read(said) : null;
            device.Problems = BlockDiagnosis.Of(device, PhysicalVolumes.FirstOrDefault(physical => physical.Name == device.Path));
        }
    }
}
