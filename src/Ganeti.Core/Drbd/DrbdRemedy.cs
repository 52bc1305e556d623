using System.Globalization;

namespace Ganeti;

/// <summary>The cmdlet lines that cure, for one side or its guest.</summary>
internal static class DrbdRemedy
{
    /// <summary>A cmdlet that takes a side.</summary>
    internal static string Side(DrbdSide side, string cmdlet) => string.Create(CultureInfo.InvariantCulture, $"Get-DrbdDevice {Quoted(side.Node)} -Minor {side.Minor} | {cmdlet}");

    /// <summary>A cmdlet that takes the guest; where the minor is no guest's, another one that takes the side.</summary>
    internal static string Guest(DrbdCase @case, DrbdSide side, string cmdlet, string sideCmdlet, string? arguments = null) => @case.Mirror is { } mirror
        ? $"{cmdlet} {Quoted(mirror.InstanceName)}{(arguments is null ? null : $" {arguments}")}"
        : Side(side, sideCmdlet);

    /// <summary>
    /// Brings the sides together again. Ganeti's own activation is the better way for a guest's disk: it knows addresses, port and secret, and takes all disks of the guest.
    /// </summary>
    internal static string Connect(DrbdCase @case, DrbdSide side) => @case.OtherThan(side) is { IsMissing: true }
        ? Guest(@case, side, "Enable-GntDisk", "Disable-DrbdDevice")
        : Side(side, "Connect-DrbdDevice");

    /// <summary>Gives one side's data up: that on which the guest does not run, and is not meant to.</summary>
    internal static string Resolve(DrbdCase @case, DrbdSide side, DrbdSide loser) => @case.Mirror is { } mirror
        ? $"Resolve-DrbdSplitBrain {Quoted(mirror.InstanceName)} -DiscardNode {Quoted(loser.Node)}"
        : Side(side, $"Resolve-DrbdSplitBrain -DiscardNode {Quoted(loser.Node)}");

    // Names of hosts need none; nothing else reaches the line as it is.
    private static string Quoted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name.Length > 0 ? name : $"'{RemoteText.Printable(name).Replace("'", "''", StringComparison.Ordinal)}'";
}
