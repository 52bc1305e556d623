using System.Globalization;

namespace Ganeti;

/// <summary>What is wrong with block devices, and what to do about it.</summary>
internal static class BlockDiagnosis
{
    internal static BlockDeviceProblem[] Of(BlockDevice device, LvmPhysicalVolume? physical)
    {
        var problems = new List<BlockDeviceProblem>();
        var named = $"-Node {device.Node} {device.Name}";
        var hurt = $"See who is hurt: Get-BlockDevice {named} | Get-GntInstance{(device.IsDisk ? $"; what a repair would do: Repair-GntDisk {device.Node} {device.Serial ?? device.Name} -Plan" : string.Empty)}";
        switch (device.State)
        {
            case BlockDeviceState.offline or BlockDeviceState.transport_offline or BlockDeviceState.dead or BlockDeviceState.cancel or BlockDeviceState.deleted:
                Add(BlockDeviceProblemKind.Offline, $"It is {device.StateText}: all I/O on it fails.", hurt);
                break;
            case BlockDeviceState.blocked or BlockDeviceState.suspended or BlockDeviceState.quiesce or BlockDeviceState.created_blocked:
                Add(BlockDeviceProblemKind.Blocked, $"It is {device.StateText}: I/O on it waits.", hurt);
                break;
        }

        if (device.Errors is { Length: > 0 } errors)
        {
            Add(BlockDeviceProblemKind.IOError, string.Create(CultureInfo.InvariantCulture, $"The kernel's log has {errors.Length} I/O {(errors.Length == 1 ? "error" : "errors")}, the last {(errors[^1].Time is { } at ? $"at {at.UtcDateTime:u}" : "at a time that is not known")}: {errors[^1].Text}"), hurt);
        }

        if (device.Health is { IsPassed: false })
        {
            Add(BlockDeviceProblemKind.Failing, "It says itself that it is about to fail (SMART).", hurt);
        }

        if (device.Health is { } health && (health.PendingSectors > 0 || health.UncorrectableSectors > 0))
        {
            Add(BlockDeviceProblemKind.BadSectors, string.Create(CultureInfo.InvariantCulture, $"It has sectors that it can't read: {health.PendingSectors ?? 0} pending, {health.UncorrectableSectors ?? 0} uncorrectable, {health.ReallocatedSectors ?? 0} reallocated."), hurt);
        }

        if (device.Array is { } array && (array.MissingCount > 0 || array.State is "inactive" or "clear" or "broken"))
        {
            Add(BlockDeviceProblemKind.Degraded, $"The array is not whole: {array}.", $"On {device.Node}: mdadm --detail {device.Path}");
        }

        if (physical?.IsMissing == true)
        {
            Add(BlockDeviceProblemKind.NotTrusted, $"LVM takes it for missing in {physical.VolumeGroup}, though the device is there: it was away for a time.", $"If its data is sound, on {device.Node}: vgextend --restoremissing {physical.VolumeGroup} {device.Path}");
        }

        return [.. problems];

        void Add(BlockDeviceProblemKind kind, string message, string remedy) => problems.Add(new BlockDeviceProblem { Kind = kind, Message = message, Remedy = remedy });
    }
}
