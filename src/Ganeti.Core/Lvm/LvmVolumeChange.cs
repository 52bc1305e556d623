using System.Globalization;
using System.Text.RegularExpressions;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>A change of one logical volume that is there.</summary>
internal abstract partial record LvmVolumeChange : StorageChange
{
    internal required string VolumeGroup { get; init; }

    internal required string Name { get; init; }

    /// <summary>The volume that was meant, where it is known: another may have its name by now.</summary>
    internal string? Uuid { get; init; }

    internal override StorageChange Bound(NodeStorage storage) => Uuid is null ? this with { Uuid = Volume(storage)?.Uuid } : this;

    internal override string? Guest(NodeStorage storage) => Volume(storage)?.InstanceName;

    internal override GntObject? Result(NodeStorage storage) => Volume(storage);

    internal override string? Stake(NodeStorage storage) => Volume(storage) is { DiskUuid: not null } owned ? Owned(owned, "Ganeti will not find it as its configuration has it") : null;

    internal override GanetiException? Refusal(NodeStorage storage) => Volume(storage) is not { } volume
        ? Refused(GanetiError.LvmVolumeNotFound, "is not there.", $"See what there is: Get-LvmVolume {Node}.")
        : Uuid is not null && volume.Uuid != Uuid ? Wrong("is another volume than the one that was meant.", $"Look again: Get-LvmVolume {Node}.")
        : volume.IsHidden == true ? Wrong("is a part of another volume.", "Change the volume that it is a part of.") : RefusalOf(volume, storage);

    /// <summary>Why it must not be done to the volume, or null.</summary>
    protected abstract GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage);

    private protected LvmVolume? Volume(NodeStorage storage) => Volume(storage, Name);

    private protected LvmVolume? Volume(NodeStorage storage, string name) => storage.Volumes.FirstOrDefault(volume => volume.VolumeGroup == VolumeGroup && volume.Name == name);

    private protected string FullName => $"{VolumeGroup}/{Name}";

    /// <summary>What is said of a volume that Ganeti has: with the guest's name.</summary>
    private protected static string Owned(LvmVolume volume, string consequence) => volume.InstanceName is { } guest
        ? string.Create(CultureInfo.InvariantCulture, $"{volume.Id} holds the {(volume.Use is LvmVolumeUse.Meta ? "DRBD meta data" : "data")} of {guest}, disk {volume.DiskIndex}: {consequence}.")
        : $"{volume.Id} is of disk {volume.DiskUuid} in Ganeti's configuration, which is attached to no guest: {consequence}.";

    private protected GanetiException? InUse(LvmVolume volume)
    {
        if (volume.DrbdMinor is { } minor && volume.IsOpen != false)
        {
            return Refused(GanetiError.StorageInUse, string.Create(CultureInfo.InvariantCulture, $"is in use: drbd{minor} stands on it."), string.Create(CultureInfo.InvariantCulture, $"Take the side down first: Disable-DrbdDevice -Node {Node} -Minor {minor}; or only its disk away: Dismount-DrbdDisk -Node {Node} -Minor {minor}."));
        }

        return volume.IsOpen == true ? Refused(GanetiError.StorageInUse, "is open.", $"See who has it open, and what makes it let go: Get-BlockHolder {Node} {volume.Path}.") : null;
    }

    /// <summary>Why a new volume can't have that name, or null.</summary>
    private protected GanetiException? NameRefusal(NodeStorage storage, string name)
    {
        // lvm(8), "Valid names".
        if (!ValidName().IsMatch(name) || name is "." or ".." || name.Length > 126 || name.StartsWith("snapshot", StringComparison.Ordinal) || name.StartsWith("pvmove", StringComparison.Ordinal) || ReservedName().IsMatch(name))
        {
            return new GanetiException(GanetiError.ParameterInvalid, $"LVM takes no volume of the name '{name}'.") { Target = name, RecommendedAction = "Use letters, digits and + _ . -, and none of the words that LVM uses for parts of volumes (see man lvm)." };
        }

        return Volume(storage, name) is null ? null : new GanetiException(GanetiError.LvmNameInUse, $"{Node} has {VolumeGroup}/{name} already.") { Target = name, RecommendedAction = $"Choose another name; see Get-LvmVolume {Node}." };
    }

    /// <summary>Why a group can't give so much, or can't be changed at all; null when it can.</summary>
    private protected GanetiException? SpaceRefusal(NodeStorage storage, long size)
    {
        if (storage.Groups.FirstOrDefault(group => group.Name == VolumeGroup) is not { } group)
        {
            return new GanetiException(GanetiError.LvmVolumeGroupNotFound, $"{Node} has no volume group {VolumeGroup}.") { Target = VolumeGroup, RecommendedAction = $"See what there is: Get-LvmVolumeGroup {Node}." };
        }

        if (group.IsPartial)
        {
            return Wrong($"can't be: {group.Id} misses {group.MissingCount} of its physical volumes, and LVM changes nothing in it.", $"See Get-LvmPhysicalVolume {Node} -Missing; bring the disk back, or give it up.");
        }

        return size > group.Free
            ? new GanetiException(GanetiError.SpaceInsufficient, string.Create(CultureInfo.InvariantCulture, $"{group.Id} has {group.Free >> 20} MiB free, and {(size + (1 << 20) - 1) >> 20} MiB are needed.")) { Target = group, RecommendedAction = "Ask for less, or free some: Get-LvmVolume -Orphan." }
            : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();

    [GeneratedRegex(@"_(cdata|cmeta|corig|mlog|mimage|pmspare|rimage|rmeta|tdata|tmeta|vdata|vorigin|imeta|iorig|wcorig)", RegexOptions.CultureInvariant)]
    private static partial Regex ReservedName();
}

/// <summary>Makes a volume.</summary>
internal sealed record LvmCreation : LvmVolumeChange
{
    internal override bool MayBeSoAlready => false;

    internal required long Size { get; init; }

    internal string[] Tags { get; init; } = [];

    internal string[] PhysicalVolumes { get; init; } = [];

    internal override string? Missing(NodeStorage storage) => Volume(storage) is null ? "it is not there" : null;

    internal override string? Stake(NodeStorage storage) => null;

    internal override GanetiException? Refusal(NodeStorage storage) => NameRefusal(storage, Name) ?? SpaceRefusal(storage, Size) ?? PhysicalRefusal(storage);

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) => null;

    // What was there before is no file system of the new one: wiped, without asking.
    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) =>
        [new RemoteCommand("lvcreate", ["--yes", "--wipesignatures", "y", "--size", Bytes(Size), "--name", Name, .. Tags.SelectMany(tag => new[] { "--addtag", tag }), VolumeGroup, .. PhysicalVolumes])];

    private GanetiException? PhysicalRefusal(NodeStorage storage) => Array.Find(PhysicalVolumes, name => !storage.PhysicalVolumes.Any(physical => physical.VolumeGroup == VolumeGroup && physical.Name == name)) is { } strange
        ? new GanetiException(GanetiError.LvmPhysicalVolumeNotFound, $"{strange} is no physical volume of {VolumeGroup} on {Node}.") { Target = strange, RecommendedAction = $"See Get-LvmPhysicalVolume {Node}." }
        : null;
}

/// <summary>Removes a volume with its data.</summary>
internal sealed record LvmRemoval : LvmVolumeChange
{
    internal override bool MayBeSoAlready => false;

    internal override string? Missing(NodeStorage storage) => Volume(storage) is null ? null : "it is still there";

    internal override string? Stake(NodeStorage storage) => Volume(storage) is not { } volume ? null
        : volume.DiskUuid is not null ? Owned(volume, "it is lost")
        : volume.IsSnapshot ? $"{Id} is removed, a snapshot of {volume.Origin}." : $"{Id} is removed with all data.";

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [new RemoteCommand("lvremove", "--yes", FullName)];

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage)
    {
        var dependent = storage.Volumes.FirstOrDefault(other => other.VolumeGroup == VolumeGroup && ((other.Origin == Name && !other.IsThin) || other.Pool == Name));
        return InUse(volume) ?? (dependent is null ? null : Wrong($"can't go: {dependent.Name} depends on it.", $"Remove that one first: Remove-LvmVolume {Node} {dependent.FullName}."));
    }
}

/// <summary>Makes a volume larger, or smaller.</summary>
internal sealed record LvmResize : LvmVolumeChange
{
    internal required long Size { get; init; }

    internal override string? Missing(NodeStorage storage) => Volume(storage) is not { } volume ? "it is gone" : volume.Size == Rounded(storage) ? null : string.Create(CultureInfo.InvariantCulture, $"it has {volume.Size} bytes");

    internal override string? Stake(NodeStorage storage) => Volume(storage) is not { } volume ? null
        : volume.Size > Size ? $"What is at the end of {Id} is lost{(volume.InstanceName is { } guest ? $": a disk of {guest}" : string.Empty)}."
        : volume.DiskUuid is not null ? Owned(volume, "Ganeti goes on with the size of its configuration; Resize-GntDisk makes a guest's disk larger on all its nodes") : null;

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) =>
        [Volume(storage)?.Size > Size ? new RemoteCommand("lvreduce", "--force", "--size", Bytes(Size), FullName) : new RemoteCommand("lvextend", "--size", Bytes(Size), FullName)];

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) => volume.Size > Size ? InUse(volume) : SpaceRefusal(storage, Size - (volume.Size ?? 0));

    // Up to whole extents, as LVM does.
    private long Rounded(NodeStorage storage) => storage.Groups.FirstOrDefault(group => group.Name == VolumeGroup)?.ExtentSize is > 0 and var extent ? (Size + extent - 1) / extent * extent : Size;
}

/// <summary>Gives a volume another name.</summary>
internal sealed record LvmRename : LvmVolumeChange
{
    internal required string NewName { get; init; }

    internal override string? Missing(NodeStorage storage) => Volume(storage, NewName) is not null && Volume(storage) is null ? null : "it has its old name";

    internal override GntObject? Result(NodeStorage storage) => Volume(storage, NewName);

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [new RemoteCommand("lvrename", VolumeGroup, Name, NewName)];

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) => NameRefusal(storage, NewName) ?? SpaceRefusal(storage, 0);
}

/// <summary>Makes a snapshot of a volume.</summary>
internal sealed record LvmCheckpoint : LvmVolumeChange
{
    internal override bool MayBeSoAlready => false;

    internal required string SnapshotName { get; init; }

    /// <summary>The space for what changes meanwhile; null for a thin volume, which needs none.</summary>
    internal long? Size { get; init; }

    internal override string? Stake(NodeStorage storage) => null;

    internal override string? Missing(NodeStorage storage) => Volume(storage, SnapshotName) is { } made && made.Origin == Name ? null : "there is no such snapshot";

    internal override GntObject? Result(NodeStorage storage) => Volume(storage, SnapshotName);

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [Size is { } size
        ? new RemoteCommand("lvcreate", "--yes", "--snapshot", "--size", Bytes(size), "--name", SnapshotName, FullName)
        : new RemoteCommand("lvcreate", "--yes", "--snapshot", "--name", SnapshotName, FullName)];

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) =>
        volume.IsSnapshot && !volume.IsThin ? Wrong("is a snapshot itself.", "Make one of its origin.")
        : volume.IsThin == Size.HasValue ? Wrong(volume.IsThin ? "is thin: its snapshots take their blocks from the pool." : "is not thin: a snapshot needs space for what changes.", volume.IsThin ? "Leave -Size away." : "Give -Size.")
        : volume.State == LvmVolumeState.inactive && !volume.IsThin ? Wrong("is not active.", $"Activate it first: lvchange -ay {FullName}.")
        : NameRefusal(storage, SnapshotName) ?? SpaceRefusal(storage, Size ?? 0);
}

/// <summary>Moves a volume, or its part on one physical volume, to others of its group while it is in use.</summary>
internal sealed record LvmMove : LvmVolumeChange
{
    internal required string From { get; init; }

    internal string[] To { get; init; } = [];

    internal override TimeSpan Patience => TimeSpan.FromMinutes(10);

    internal override string? Stake(NodeStorage storage) => null;

    internal override string? Missing(NodeStorage storage) => Volume(storage) is not { } volume ? "it is gone"
        : Moving(storage) is not null ? "it is being moved" : volume.PhysicalVolumes?.Contains(From) == true ? $"it lies on {From}" : null;

    internal override double? Progress(NodeStorage storage) => Moving(storage)?.CopyPercent;

    // The node does it by itself; one that was broken off goes on where it was.
    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) =>
        [Moving(storage) is null ? new RemoteCommand("pvmove", ["--background", "--name", FullName, From, .. To]) : new RemoteCommand("pvmove", "--background")];

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) =>
        Moving(storage) is not null ? null
        : volume.IsPartial == true ? Wrong("has a part on a missing device.", "What is lost can't be moved; rebuild it from its mirror.")
        : volume.PhysicalVolumes?.Contains(From) != true ? Wrong($"does not lie on {From}.", $"It lies on {string.Join(", ", volume.PhysicalVolumes ?? [])}.")
        : To.Contains(From) ? Wrong($"lies on {From}, which can't be where it goes.", "Name another one with -To.")
        : SpaceRefusal(storage, volume.Segments?.Where(segment => segment.Devices?.Contains(From) == true).Sum(segment => segment.Size / Math.Max(1, segment.Stripes ?? 1)) ?? 0);

    // While it moves, its segments are on a hidden mirror.
    private LvmVolume? Moving(NodeStorage storage) => Volume(storage)?.Segments?.SelectMany(segment => segment.Devices ?? []).Where(device => device.Trim('[', ']').StartsWith("pvmove", StringComparison.Ordinal))
        .Select(device => Volume(storage, device.Trim('[', ']'))).FirstOrDefault(moving => moving is not null);
}

/// <summary>Removes the mapping of a volume with a part on a lost device, so that the device is let go; with the hidden ones that a snapshot and its origin are made of.</summary>
internal sealed record LvmMappingRemoval : LvmVolumeChange
{
    // Of dm_build_dm_name's layers those that no volume stands for in LVM's report.
    private static readonly string[] Layers = [string.Empty, "-real", "-cow"];

    internal override string? Stake(NodeStorage storage) => null;

    internal override string? Missing(NodeStorage storage) => Mapped(storage).Any() ? "it is still mapped" : null;

    internal override GanetiException? Refusal(NodeStorage storage) => Volume(storage) is { } volume ? RefusalOf(volume, storage) : base.Refusal(storage);

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) =>
        [.. Mapped(storage).Select(mapping => new RemoteCommand("dmsetup", "remove", "--retry", mapping))];

    internal static LvmMappingRemoval Of(LvmVolume volume) => new() { Node = volume.Node!, Subject = volume.FullName, VolumeGroup = volume.VolumeGroup!, Name = volume.Name! };

    /// <summary>Those of volumes that are mapped, in the order in which their mappings go: snapshots before their origins, and parts of others after what they are parts of.</summary>
    internal static IEnumerable<LvmVolume> InOrder(IEnumerable<LvmVolume> volumes, NodeStorage storage) =>
        volumes.Where(volume => Of(volume).Mapped(storage).Any()).OrderBy(volume => volume.IsHidden == true).ThenBy(volume => volume.Origin is null);

    protected override GanetiException? RefusalOf(LvmVolume volume, NodeStorage storage) =>
        volume.IsPartial != true ? Wrong("has no part on a lost device: its mapping stays.", $"See Get-LvmVolume {Node} | Where-Object IsPartial.")
        : storage.Volumes.FirstOrDefault(other => other.VolumeGroup == VolumeGroup && other.Origin == Name && !other.IsThin && other.DeviceNumber is not null) is { } snapshot ? Wrong($"is what {snapshot.Name} is a snapshot of.", $"Remove that mapping first: Get-LvmVolume {Node} {snapshot.FullName} | Remove-LvmMapping.")
        : InUse(volume);

    // dm_build_dm_name in LVM's libdm-common: hyphens in names are doubled.
    internal static string MappingOf(string group, string name) => $"{Mangled(group)}-{Mangled(name)}";

    internal static string Mangled(string name) => name.Replace("-", "--", StringComparison.Ordinal);

    private string Mapping => MappingOf(VolumeGroup, Name);

    private IEnumerable<string> Mapped(NodeStorage storage) => Layers.Select(layer => Mapping + layer)
        .Where(mapping => mapping == Mapping ? Volume(storage)?.DeviceNumber is not null : storage.Devices.Any(device => device.Path == $"/dev/mapper/{mapping}"));
}
