using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Sets how fast a side takes a resync in.</summary>
/// <remarks>
/// Since 8.4 a controller chooses the speed, between <c>c-min-rate</c> (what a resync may have while the guest writes too) and <c>c-max-rate</c>; <c>resync-rate</c> is only where it
/// begins. With <c>c-plan-ahead 0</c> there is no controller, and <c>resync-rate</c> is the speed. The side that receives decides (drbd_worker.c, drbd_rs_controller).
/// </remarks>
internal sealed record DrbdResyncRate : DrbdSideChange
{
    // linux/drbd_limits.h; what is at its default is not in drbdsetup show.
    private static readonly Dictionary<string, long> Defaults = new(StringComparer.Ordinal)
    {
        ["c-plan-ahead"] = 20,
        ["c-max-rate"] = 102400 * 1024,
        ["c-min-rate"] = 250 * 1024,
        ["resync-rate"] = 250 * 1024,
    };

    /// <summary>Bytes a second; null to leave it.</summary>
    internal long? Rate { get; init; }

    /// <summary>Bytes a second; null to leave it.</summary>
    internal long? MinimumRate { get; init; }

    /// <summary>With the controller or at a fixed speed; null to leave it.</summary>
    internal DrbdResyncController? Controller { get; init; }

    internal override string? Missing(DrbdDevice? side, DrbdDevice? other) => side is null ? "the side is not there"
        : Options(side).Where(option => Current(side, option.Name) != option.Value).Select(option => $"{side.Id} has {option.Name} {Current(side, option.Name)}, not {option.Value}").FirstOrDefault();

    internal override IReadOnlyList<RemoteCommand> Commands(DrbdPair pair) =>
        [Drbdsetup(["disk-options", Number(pair.Side), .. Options(pair.Side).Select(option => string.Create(CultureInfo.InvariantCulture, $"--{option.Name}={(option.Name == "c-plan-ahead" ? option.Value : option.Value / 1024)}"))])];

    protected override GanetiException? Refusal(DrbdPair pair) => pair.Side.DiskState is null or DrbdDiskState.Diskless
        ? Wrong(pair, $"is {DrbdWords.StateOf(pair.Side)}: these are options of its disk.", "Give it its disk first: Mount-DrbdDisk.")
        : null;

    /// <summary>Whether a side has the controller; null when its options are not known.</summary>
    internal static DrbdResyncController? ControllerOf(DrbdDevice side) => Current(side, "c-plan-ahead") == 0 ? DrbdResyncController.Fixed : DrbdResyncController.Dynamic;

    private IEnumerable<(string Name, long Value)> Options(DrbdDevice side)
    {
        var controller = Controller ?? ControllerOf(side);
        if (Controller is not null)
        {
            yield return ("c-plan-ahead", Controller == DrbdResyncController.Fixed ? 0 : Current(side, "c-plan-ahead") is > 0 and var ahead ? ahead : Defaults["c-plan-ahead"]);
        }

        if (Rate is { } rate)
        {
            yield return (controller == DrbdResyncController.Fixed ? "resync-rate" : "c-max-rate", rate);
        }

        if (MinimumRate is { } minimum)
        {
            yield return ("c-min-rate", minimum);
        }
    }

    private static long Current(DrbdDevice side, string option) => side.Options?.GetValueOrDefault(option) is long value ? value : Defaults[option];
}

/// <summary>What chooses the speed of a resync.</summary>
public enum DrbdResyncController
{
    /// <summary>A word that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>DRBD's controller, by how the connection does, up to a highest speed.</summary>
    Dynamic = 1,

    /// <summary>Nothing: one fixed speed.</summary>
    Fixed = 2,
}
