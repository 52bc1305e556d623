using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Takes a disk offline or away. Refused where something would die with it.</summary>
internal sealed record BlockDeviceChange : StorageChange
{
    private static readonly NodeScript Script = new("Block", "disk");

    internal required string Name { get; init; }

    /// <summary>Whether it is taken away, so that the kernel no longer knows it.</summary>
    internal bool Delete { get; init; }

    /// <summary>Its serial number: names go to other disks at a rescan. Null for a disk that has none.</summary>
    internal required string? Serial { get; init; }

    // Without a serial number a disk that is gone can't be told from a name that is wrong.
    internal override bool MayBeSoAlready => Serial is not null;

    internal override string? Missing(NodeStorage storage) => Device(storage) is not { } device ? Delete ? null : "it is not there"
        : Delete ? "it is still there" : device.State == BlockDeviceState.offline ? null : $"it is {device.StateText}";

    internal override GntObject? Result(NodeStorage storage) => Device(storage);

    // Who forces it may be after the very disk that the job hangs on.
    internal override IReadOnlyList<string> OtherGuests(NodeStorage storage) => !Force && Device(storage) is { } device
        ? [.. storage.VolumesOn(device).Select(volume => volume.InstanceName).OfType<string>().Distinct(StringComparer.Ordinal)]
        : [];

    internal override string? Stake(NodeStorage storage)
    {
        var dying = Dying(storage);
        var lost = Device(storage) is { } device ? storage.VolumesOn(device).Where(volume => volume.IsHidden != true && volume.DiskUuid is null).Select(volume => volume.FullName).ToArray() : [];
        return $"{Words(storage)} {(Delete ? "is taken away" : "goes offline")}: all I/O on it fails."
            + (dying.Count == 0 ? string.Empty : $" What dies with it: {string.Join("; ", dying)}.")
            + (lost.Length == 0 ? string.Empty : $" Volumes of no guest on it: {string.Join(", ", lost)}.");
    }

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [Script.With(Delete ? "delete" : "offline", Device(storage)!.Name!, Serial ?? string.Empty)];

    internal override IReadOnlyList<string> Lines(NodeStorage storage) =>
        [$"echo {(Delete ? "1" : "offline")} > /sys/block/{Device(storage)?.Name ?? Name}/device/{(Delete ? "delete" : "state")} # {Words(storage)}"];

    internal override GanetiException? Refusal(NodeStorage storage)
    {
        if (Device(storage) is not { } device)
        {
            return Refused(GanetiError.BlockDeviceNotFound, Serial is null ? "is not there." : $"(serial number {Serial}) is not there.", $"See Get-BlockDevice {Node}.");
        }

        if (!device.IsDisk || device.Address is null)
        {
            return Wrong($"is no SCSI or SATA disk ({device.TypeText}): the kernel has no switch to take it {(Delete ? "away" : "offline")}.", "Name the disk under it; of an array, fail and remove it with mdadm.");
        }

        if (Serial is not null && storage.DisksOf(Serial).FirstOrDefault(other => other != device) is { } twin)
        {
            return Wrong($"has the same serial number as {twin.Name}, {Serial}: which one is meant can't be made sure.", "Of a disk with several paths see multipath -ll; of others write to /sys/block/… on the node yourself.");
        }

        return Force || Dying(storage) is not { Count: > 0 } dying ? null : new GanetiException(GanetiError.BlockDeviceNeeded, $"{Words(storage)} is needed: {string.Join("; ", dying)}.")
        {
            Target = device,
            RecommendedAction = $"Bring the mirrors in sync (Get-BlockDevice -Node {Node} {Name} | Get-DrbdDevice -Problem), have those of stopped guests up (Enable-GntDisk), move plain guests away, unmount. With -Force it is done all the same, and what was named dies.",
        };
    }

    /// <summary>What would die with the disk, in words; what has a good copy elsewhere is not among it.</summary>
    internal IReadOnlyList<string> Dying(NodeStorage storage)
    {
        if (Device(storage) is not { } device)
        {
            return [];
        }

        var dying = new List<string>();
        foreach (var volume in storage.VolumesOn(device).Where(volume => volume.IsHidden != true))
        {
            var guest = volume.InstanceName is { } name ? string.Create(CultureInfo.InvariantCulture, $"{name}, disk {volume.DiskIndex}") : volume.FullName;
            if (volume.DrbdMinor is { } minor)
            {
                // A side that is Diskless has let go already.
                var side = storage.Sides.FirstOrDefault(side => side.Minor == minor);
                if (DrbdWords.WhyNoOther(minor, side) is { } why)
                {
                    dying.Add($"{guest}: {why}");
                }
            }
            else if (volume.DiskUuid is not null)
            {
                dying.Add($"{guest}: {volume.Name} has no mirror");
            }
            else if (volume.IsOpen == true && storage.DeviceOf(volume) is not { Holders.Length: > 0 } && volume.Origin is null)
            {
                dying.Add($"{volume.FullName}: somebody has it open");
            }
        }

        dying.AddRange(Needing(storage, device).Where(each => each.MountPoint is not null).Select(each => $"{each.Name}: mounted on {each.MountPoint}"));
        return [.. dying.Distinct(StringComparer.Ordinal)];
    }

    // What stands on it, but not on an array that is whole: that one goes on without it.
    private static HashSet<BlockDevice> Needing(NodeStorage storage, BlockDevice device)
    {
        var found = new HashSet<BlockDevice>();
        var open = new Stack<BlockDevice>([device]);
        while (open.TryPop(out var one))
        {
            if (found.Add(one) && (one.DrbdMinor is null || one == device))
            {
                foreach (var holder in (one.Holders ?? []).Select(storage.DeviceOf).OfType<BlockDevice>().Where(holder => holder.Array is not { MissingCount: 0, Level: "raid1" or "raid10" or "raid4" or "raid5" or "raid6" }))
                {
                    open.Push(holder);
                }
            }
        }

        return found;
    }

    private BlockDevice? Device(NodeStorage storage) => storage.Disk(Name, Serial);

    private string Words(NodeStorage storage) => Device(storage) is { } device ? $"{Id}, serial number {device.Serial ?? "unknown"}{(device.Model is null ? string.Empty : $" ({device.Model})")}" : Id;
}

/// <summary>Looks for disks that are new.</summary>
internal sealed record BlockDeviceScan : StorageChange
{
    private static readonly NodeScript Script = new("Block", "disk");

    /// <summary>The serial number of the disk that is looked for; null for whatever there is.</summary>
    internal string? Serial { get; init; }

    internal override string? Missing(NodeStorage storage) => Serial is null || Found(storage) is not null ? null : $"there is no disk with the serial number {Serial}";

    internal override GntObject? Result(NodeStorage storage) => Found(storage);

    internal override GanetiException? Refusal(NodeStorage storage) => null;

    internal override GanetiException? Unseen() => new(GanetiError.BlockDeviceNotFound, $"{Node} looked for new disks, and none with the serial number {Serial} has appeared.")
    {
        Target = Serial,
        RecommendedAction = $"See whether it is seated, and try another port: some take no new disk while the machine runs. What is there: Get-BlockDevice {Node}.",
    };

    internal override IReadOnlyList<RemoteCommand> Commands(NodeStorage storage) => [Script.With("scan")];

    internal override IReadOnlyList<string> Lines(NodeStorage storage) => ["for scan in /sys/class/scsi_host/host*/scan; do echo '- - -' > $scan; done"];

    private BlockDevice? Found(NodeStorage storage) => Serial is null ? null : storage.Devices.FirstOrDefault(device => device.IsDisk && device.Serial == Serial && device.State is not (BlockDeviceState.offline or BlockDeviceState.deleted));
}
