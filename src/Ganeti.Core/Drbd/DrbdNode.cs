using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>How much a node is asked about its mirrors.</summary>
internal enum DrbdDetail
{
    /// <summary>States, counters, configuration.</summary>
    State,

    /// <summary>Also who holds them open, the kernel's log, and the generations of the sides that talk to nobody.</summary>
    Causes,

    /// <summary>Also the generations of all sides; and the log as far back as the node keeps it, over restarts.</summary>
    Past,
}

/// <summary>All that a node says of its mirrors, in one remote call.</summary>
internal sealed class DrbdNode
{
    // Between the outputs; none of the programs prints it.
    private const char Separator = '\u001d';

    internal required string Name { get; init; }

    /// <summary>By minor number; none where DRBD's module is not loaded.</summary>
    internal required IReadOnlyList<DrbdDevice> Devices { get; init; }

    /// <summary>The kernel's log; without events where it was not asked for.</summary>
    internal DrbdKernelLog Log { get; init; } = DrbdKernelLog.Empty;

    /// <summary>Who holds which minor open.</summary>
    internal IReadOnlyList<DrbdHolder> Holders { get; init; } = [];

    /// <summary>What its clock showed; null where that was not asked for.</summary>
    internal DateTimeOffset? Clock { get; init; }

    /// <summary>
    /// /proc/drbd comes first, and without it nothing more is asked: any <c>drbdsetup</c> command would load the module. One that fails leaves its part empty.
    /// </summary>
    /// <remarks>
    /// The log is <c>dmesg</c>'s, whose times are reckoned from the clock as it is now, so that those of two nodes can be compared; the journal's reaches further back but may be
    /// large. A plain mapping holds a device without any process, only <c>holders</c> tells.
    /// </remarks>
    internal static RemoteCommand Command(DrbdDetail detail) => RemoteCommand.Script(
        """
        cat /proc/drbd 2>/dev/null || exit 0
        printf '\035'
        drbdsetup show
        printf '\035'
        drbdsetup events2 --now --statistics
        [ "$1" != State ] || exit 0
        printf '\035'
        apart='/cs:(StandAlone|WFConnection|Unconnected|Timeout|BrokenPipe|NetworkFailure|ProtocolError|TearDown|Disconnecting|WFReportParams)/!d;'
        [ "$1" != Past ] || apart=
        for minor in $(sed -E -e "$apart" -e 's/^ *([0-9]+): cs:.*/\1/' -e '/^[0-9]+$/!d' /proc/drbd); do
            printf '%s %s\n' "$minor" "$(drbdsetup get-gi "$minor" 2>/dev/null)"
        done
        printf '\035'
        date +%s.%N
        kept=
        [ "$1" != Past ] || kept=$(journalctl --quiet --no-pager --output=short-iso-precise _TRANSPORT=kernel 2>/dev/null | grep -E 'kernel: (block )?drbd')
        [ -n "$kept" ] || kept=$(dmesg --time-format=iso 2>/dev/null | grep -E '^[^ ]+ (block )?drbd')
        [ -n "$kept" ] || kept=$(journalctl --quiet --no-pager --output=short-iso-precise --dmesg 2>/dev/null | grep -E 'kernel: (block )?drbd')
        printf '%s\n' "$kept" | tail -n 20000
        printf '\035'
        for held in /sys/block/drbd*/holders/*; do
            [ ! -e "$held" ] || printf '/dev/%s\tmapping\t\t%s\n' "$(echo "$held" | cut -d/ -f4)" "$(cat "$held/dm/name" 2>/dev/null || basename "$held")"
        done
        for loop in /sys/block/loop*/loop/backing_file; do
            [ ! -e "$loop" ] || printf '%s\tloop\t\t%s\n' "$(cat "$loop")" "$(echo "$loop" | cut -d/ -f4)"
        done
        awk '$1 ~ /^\/dev\/drbd[0-9]+$/ { print $1 "\tmount\t\t" $2 }' /proc/mounts
        awk '$1 ~ /^\/dev\/drbd[0-9]+$/ { print $1 "\tswap\t\tswap" }' /proc/swaps
        find /proc/[0-9]*/fd -lname '/dev/drbd*' -printf '%h %l\n' 2>/dev/null | sort -u | while read -r held device; do
            process=${held#/proc/}
            process=${process%/fd}
            printf '%s\tprocess\t%s\t%s\n' "$device" "$process" "$(cat "/proc/$process/comm" 2>/dev/null)"
        done
        :
        """,
        detail.ToString());

    /// <summary>What the command printed on a node.</summary>
    internal static DrbdNode Read(string node, string output)
    {
        var parts = output.Split(Separator);
        var (clock, log) = parts.ElementAtOrDefault(4)?.Split('\n', 2) is [var first, .. var rest] ? (first, rest.FirstOrDefault() ?? string.Empty) : (null, string.Empty);
        var devices = DevicesOf(node, parts);
        SetGenerations(devices, parts.ElementAtOrDefault(3) ?? string.Empty);
        return new DrbdNode
        {
            Name = node,
            Devices = devices,
            Log = DrbdKernelLog.Parse(log),
            Clock = double.TryParse(clock, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e11 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null,
            Holders = [.. DrbdText.Lines(parts.ElementAtOrDefault(5) ?? string.Empty).Select(DrbdHolder.Parse).OfType<DrbdHolder>()],
        };
    }

    private static IReadOnlyList<DrbdDevice> DevicesOf(string node, string[] parts)
    {
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

    private static void SetGenerations(IReadOnlyList<DrbdDevice> devices, string text)
    {
        foreach (var line in DrbdText.Lines(text))
        {
            if (DrbdText.Words(line) is [var minor, var generation] && devices.FirstOrDefault(device => device.Minor == DrbdText.Number(minor)) is { } device)
            {
                device.Generation = DrbdGeneration.Parse(generation);
            }
        }
    }
}
