using Ganeti.Remote;

namespace Ganeti;

/// <summary>Mappings of device-mapper that nobody has open: partitions of guests' disks, and what lies on devices that are gone.</summary>
internal sealed class MappingLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.Mapping;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        if (scene.Knowledge.Busy.ContainsKey(scene.Node))
        {
            yield break;
        }

        var known = scene.Storage.Volumes.Select(volume => volume.Uuid?.Replace("-", string.Empty, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        // One that was made after LVM was asked is of a volume that LVM has not told of.
        foreach (var mapping in scene.Said.Mappings.Where(mapping => !mapping.IsOpen && !mapping.IsOfMount && !(mapping.Since >= scene.Storage.Clock)))
        {
            var device = scene.Storage.Devices.FirstOrDefault(device => device.DeviceNumber == mapping.DeviceNumber);
            if (device is { Holders.Length: > 0 } or { MountPoint: not null } || !(scene.Clock - mapping.Since >= scene.OlderThan) || IsOfPaths(mapping) || Reason(scene, mapping, known) is not { } reason)
            {
                continue;
            }

            var leftover = scene.Leftover(GntLeftoverKind.Mapping, mapping.Name, reason, $"dmsetup remove --retry {mapping.Name}", mapping.Since);
            (leftover.Size, leftover.Uuid, leftover.Device) = (mapping.Size, mapping.Uuid, device);
            yield return leftover;
        }
    }

    public Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) => Leftovers.StepAsync(
        connection,
        leftover,
        NodeLeftovers.Script.With("unmap", leftover.Name!, leftover.Uuid!),
        cmdlet,
        said => said.Mappings.Exists(mapping => mapping.Name == leftover.Name && mapping.Uuid == leftover.Uuid),
        cancellationToken);

    // Disks with several paths, and the machine's own partitions on them.
    private static bool IsOfPaths(DeviceMapping mapping) => mapping.Uuid.Contains("mpath-", StringComparison.Ordinal);

    private static string? Reason(LeftoverScene scene, DeviceMapping mapping, HashSet<string?> known)
    {
        if (mapping.LvmUuid is { } volume)
        {
            // What LVM could not tell all of, nobody can say of.
            return known.Contains(volume) || scene.Storage.Failed.Any(program => program.StartsWith("lvs", StringComparison.Ordinal)) || !scene.Storage.HasLvm ? null
                : $"LVM knows no such volume any more{(mapping.Gone.Count > 0 ? ", and what it lies on is gone" : string.Empty)}; nobody has it open";
        }

        if (mapping.Gone.Count > 0)
        {
            return $"the device that it lies on is gone ({string.Join(", ", mapping.Gone)}); nobody has it open";
        }

        if (!mapping.IsPartition)
        {
            return null;
        }

        var below = mapping.Devices.Select(number => scene.Storage.Devices.FirstOrDefault(device => device.DeviceNumber == number)).OfType<BlockDevice>().ToArray();
        var disk = Array.Find(below, device => device.DrbdMinor is not null || device.Type is BlockDeviceType.lvm or BlockDeviceType.loop);
        return disk is null ? null : $"a partition within {disk.Path}, mapped by kpartx; nobody has it open, and no mount has it";
    }
}
