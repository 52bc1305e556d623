using Ganeti.Remote;

namespace Ganeti;

/// <summary>All that a node's kernel says of its mirrors, in one remote call.</summary>
internal static class DrbdNode
{
    // Between the outputs; none of the programs prints it.
    private const char Separator = '\u001d';

    /// <summary>
    /// /proc/drbd comes first, and without it nothing more is asked: any <c>drbdsetup</c> command would load the module. One that fails leaves its part empty.
    /// </summary>
    internal static RemoteCommand Command { get; } = RemoteCommand.Script("""
        cat /proc/drbd 2>/dev/null || exit 0
        printf '\035'
        drbdsetup show
        printf '\035'
        drbdsetup events2 --now --statistics
        :
        """);

    /// <summary>The sides on a node, from what the command printed there.</summary>
    internal static IReadOnlyList<DrbdDevice> Read(string node, string output)
    {
        var parts = output.Split(Separator);
        var proc = ProcDrbd.Parse(parts[0]);
        var volumes = DrbdsetupShow.Parse(parts.ElementAtOrDefault(1) ?? string.Empty).Volumes.Where(volume => volume.Minor is not null).DistinctBy(volume => volume.Minor).ToDictionary(volume => volume.Minor!.Value);
        var events = DrbdsetupEvents2.Parse(parts.ElementAtOrDefault(2) ?? string.Empty).Devices;
        var byMinor = events.Where(device => device.Minor is not null).DistinctBy(device => device.Minor).ToDictionary(device => device.Minor!.Value);

        // DRBD 9 has no minors in /proc/drbd.
        var devices = proc.Devices.Count > 0 ? proc.Devices : events;
        foreach (var device in devices)
        {
            device.Node = node;
            device.ModuleVersion = proc.Version;
            if (device.Minor is not { } minor)
            {
                continue;
            }

            volumes.GetValueOrDefault(minor)?.Fill(device);
            if (byMinor.GetValueOrDefault(minor) is { } other)
            {
                // The true size, where the option says what it was to be.
                device.Size = other.Size > 0 ? other.Size : device.Size;
                device.ResourceName ??= other.ResourceName;
                device.Volume ??= other.Volume;
            }
        }

        return devices;
    }
}
