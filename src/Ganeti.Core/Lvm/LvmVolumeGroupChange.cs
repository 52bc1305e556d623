using System.Text.RegularExpressions;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Gives whole devices to a volume group.</summary>
internal abstract record LvmGroupOfDisks : StorageChange
{
    internal override bool MayBeSoAlready => false;

    internal required string Name { get; init; }

    /// <summary>Devices by path, by the kernel's name, or by serial number.</summary>
    internal required string[] Disks { get; init; }

    // Only what was asked about is wiped; LVM refuses what it finds on another disk.
    private string[] Wiped { get; init; } = [];

    /// <summary>The program that gives them to the group.</summary>
    protected abstract string Program { get; }

    internal override GntObject? Result(NodeStorage storage) => Group(storage);

    internal override StorageChange Bound(NodeStorage storage) => this with { Wiped = [.. Used(storage).Select(device => device.Path!)] };

    internal override string? Stake(NodeStorage storage) => Used(storage) is { Length: > 0 } used
        ? $"What is on {(used.Length == 1 ? "this disk" : "these disks")} is lost: {string.Join("; ", used.Select(device => $"{device.Id}{(device.Serial is null ? string.Empty : $" (serial {device.Serial})")} holds {device.FileSystem}{(device.Label is null ? string.Empty : $" \"{device.Label}\"")}"))}." : null;

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage)
    {
        var paths = Disks.Select(disk => storage.Named(disk)?.Path ?? disk).ToLookup(Wiped.Contains);
        return
        [
            .. paths[true].Any() ? [new RemoteCommand("pvcreate", ["--yes", .. paths[true]])] : Array.Empty<RemoteCommand>(),
            .. paths[false].Any() ? [new RemoteCommand("pvcreate", [.. paths[false]])] : Array.Empty<RemoteCommand>(),
            new RemoteCommand(Program, [Name, .. Disks.Select(disk => storage.Named(disk)?.Path ?? disk)]),
        ];
    }

    internal override GanetiException? Refusal(NodeStorage storage) => GroupRefusal(storage) ?? Disks.Select(disk => DiskRefusal(storage, disk)).FirstOrDefault(refusal => refusal is not null);

    /// <summary>Why the group can't have them, or null.</summary>
    protected abstract GanetiException? GroupRefusal(NodeStorage storage);

    protected LvmVolumeGroup? Group(NodeStorage storage) => storage.Groups.FirstOrDefault(group => group.Name == Name);

    private BlockDevice[] Used(NodeStorage storage) => [.. Disks.Select(storage.Named).OfType<BlockDevice>().Where(device => device.FileSystem is not null)];

    private GanetiException? DiskRefusal(NodeStorage storage, string disk)
    {
        if (storage.Named(disk) is not { } device)
        {
            return new GanetiException(GanetiError.BlockDeviceNotFound, $"{Node} has no block device {disk}.") { Target = disk, RecommendedAction = $"See Get-BlockDevice {Node}; a new disk: Update-BlockDevice {Node}." };
        }

        if (storage.PhysicalVolumes.FirstOrDefault(physical => storage.DeviceOf(physical) == device && physical.VolumeGroup is not null) is { } used)
        {
            return new GanetiException(GanetiError.StorageInUse, $"{device.Id} is a physical volume of {used.VolumeGroup}.") { Target = device, RecommendedAction = "Name another disk." };
        }

        var busy = storage.On(device).FirstOrDefault(each => each.MountPoint is not null) ?? (device.Holders is { Length: > 0 } ? storage.On(device).First(each => each != device) : null);
        return busy is null ? null : new GanetiException(GanetiError.StorageInUse, $"{device.Id} is in use: {busy.Name} {(busy.MountPoint is { } where ? $"is mounted on {where}" : "stands on it")}.") { Target = device, RecommendedAction = $"See Get-BlockHolder {Node} {device.Path}." };
    }
}

/// <summary>Makes a volume group of whole devices.</summary>
internal sealed partial record LvmGroupCreation : LvmGroupOfDisks
{
    private static readonly NodeScript Script = new("Lvm", "group");

    protected override string Program => "vgcreate";

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => IsAnew(storage) ? [Script.With(LvmMappingRemoval.Mangled(Name)), .. base.Commands(storage)] : base.Commands(storage);

    internal override IReadOnlyList<string> Lines(NodeStorage storage) => IsAnew(storage) ? [$"dmsetup remove {LvmMappingRemoval.Mangled(Name)}-…", .. base.Commands(storage).Select(command => command.ToString())] : base.Lines(storage);

    internal override string? Missing(NodeStorage storage) => Group(storage) is null ? "it is not there" : null;

    protected override GanetiException? GroupRefusal(NodeStorage storage) =>
        !ValidName().IsMatch(Name) || Name is "." or ".."
            ? new GanetiException(GanetiError.ParameterInvalid, $"LVM takes no volume group of the name '{Name}'.") { Target = Name, RecommendedAction = "Use letters, digits and + _ . -." }
        : Group(storage) is null ? null
        : new GanetiException(GanetiError.LvmNameInUse, $"{Node} has a volume group {Name} already.") { Target = Name, RecommendedAction = $"Choose another name; see Get-LvmVolumeGroup {Node}." };

    // There was one of the name, all of whose disks are gone: what is mapped of it keeps the name. Two hyphens are one of the name itself.
    private bool IsAnew(NodeStorage storage)
    {
        var prefix = $"/dev/mapper/{LvmMappingRemoval.Mangled(Name)}-";
        return storage.Devices.Any(device => device.Path is { } path && path.StartsWith(prefix, StringComparison.Ordinal) && !path.AsSpan(prefix.Length).StartsWith("-"));
    }

    [GeneratedRegex(@"^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}

/// <summary>Gives whole devices to a volume group that there is.</summary>
internal sealed record LvmGroupExtension : LvmGroupOfDisks
{
    protected override string Program => "vgextend";

    internal override string? Missing(NodeStorage storage) => Disks.FirstOrDefault(disk => storage.Named(disk)?.VolumeGroup != Name) is { } disk ? $"{disk} is none of its disks" : null;

    protected override GanetiException? GroupRefusal(NodeStorage storage) => Group(storage) is not { } group
        ? Refused(GanetiError.LvmVolumeGroupNotFound, "is not there.", $"See what there is: Get-LvmVolumeGroup {Node}.")
        : group.IsPartial ? Wrong($"misses {group.MissingCount} of its physical volumes.", $"See Get-LvmPhysicalVolume {Node} -Missing; Repair-GntDisk {Node} gives up what is lost.") : null;
}

/// <summary>Removes a volume group that has no volumes.</summary>
internal sealed record LvmGroupRemoval : StorageChange
{
    internal override bool MayBeSoAlready => false;

    internal required string Name { get; init; }

    internal override string? Missing(NodeStorage storage) => Group(storage) is null ? null : "it is still there";

    internal override string? Stake(NodeStorage storage) => $"{Id} is removed.";

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [new RemoteCommand("vgremove", "--yes", Name)];

    internal override GanetiException? Refusal(NodeStorage storage) => Group(storage) is not { } group
        ? Refused(GanetiError.LvmVolumeGroupNotFound, "is not there.", $"See what there is: Get-LvmVolumeGroup {Node}.")
        : group.IsPartial ? Wrong($"misses {group.MissingCount} of its physical volumes.", $"See Get-LvmPhysicalVolume {Node} -Missing.")
        : group.VolumeCount != 0 ? Wrong($"has {group.VolumeCount} volumes.", $"Remove them first: Get-LvmVolume {Node} -VolumeGroup {Name}.") : null;

    private LvmVolumeGroup? Group(NodeStorage storage) => storage.Groups.FirstOrDefault(group => group.Name == Name);
}
