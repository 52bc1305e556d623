using System.Text.RegularExpressions;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Makes a volume group of whole devices.</summary>
internal sealed partial record LvmGroupCreation : StorageChange
{
    internal override bool MayBeSoAlready => false;

    internal required string Name { get; init; }

    /// <summary>Devices by path or by the kernel's name.</summary>
    internal required string[] Disks { get; init; }

    internal override string? Missing(NodeStorage storage) => storage.Groups.Any(group => group.Name == Name) ? null : "it is not there";

    internal override GntObject? Result(NodeStorage storage) => storage.Groups.FirstOrDefault(group => group.Name == Name);

    internal override string? Stake(NodeStorage storage) => Disks.Select(disk => Device(storage, disk)).FirstOrDefault(device => device?.FileSystem is not null) is { } used
        ? $"{used.Id}{(used.Serial is null ? string.Empty : $" (serial {used.Serial})")} holds {used.FileSystem}{(used.Label is null ? string.Empty : $" \"{used.Label}\"")}: what is on it is lost." : null;

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage)
    {
        var paths = Disks.Select(disk => Device(storage, disk)?.Path ?? disk).ToArray();
        return [new RemoteCommand("pvcreate", ["--yes", .. paths]), new RemoteCommand("vgcreate", [Name, .. paths])];
    }

    internal override GanetiException? Refusal(NodeStorage storage)
    {
        if (!ValidName().IsMatch(Name) || Name is "." or "..")
        {
            return new GanetiException(GanetiError.ParameterInvalid, $"LVM takes no volume group of the name '{Name}'.") { Target = Name, RecommendedAction = "Use letters, digits and + _ . -." };
        }

        if (storage.Groups.Any(group => group.Name == Name))
        {
            return new GanetiException(GanetiError.LvmNameInUse, $"{Node} has a volume group {Name} already.") { Target = Name, RecommendedAction = $"Choose another name; see Get-LvmVolumeGroup {Node}." };
        }

        return Disks.Select(disk => DiskRefusal(storage, disk)).FirstOrDefault(refusal => refusal is not null);
    }

    private GanetiException? DiskRefusal(NodeStorage storage, string disk)
    {
        if (Device(storage, disk) is not { } device)
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

    private static BlockDevice? Device(NodeStorage storage, string name) => storage.Devices.FirstOrDefault(device => device.Path == name || device.Name == name || (device.Serial is not null && device.Serial == name));

    [GeneratedRegex(@"^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
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
