using System.Globalization;

namespace Ganeti;

/// <summary>What does not fit Ganeti's configuration, and who holds a device that should be free.</summary>
internal sealed partial class DrbdDiagnosis
{
    private void DiagnoseConfiguration(DrbdSide side, DrbdSide other)
    {
        var differences = _case.Job is null ? Differences(side, other).ToArray() : [];
        if (differences.Length > 0)
        {
            Add(side, DrbdProblemKind.ConfigurationMismatch, DrbdSeverity.Error, $"The device on {side.Node} is not set up as Ganeti has it: {string.Join("; ", differences)}.", DrbdRemedy.Guest(_case, side, "Enable-GntDisk", "Disable-DrbdDevice"));
        }

        // Once for the guest's disk, where it runs.
        if (_case is { IsMeantToRun: true, Guest.DisksActive: false, Job: null } && ReferenceEquals(side, _case.Sides[0]))
        {
            Add(side, DrbdProblemKind.DisksInactive, DrbdSeverity.Warning, $"{_case.Mirror?.InstanceName} is meant to run, but Ganeti holds its disks for inactive: its watcher will not repair their mirrors.", DrbdRemedy.Guest(_case, side, "Enable-GntDisk", "Disable-DrbdDevice"));
        }
    }

    private IEnumerable<string> Differences(DrbdSide side, DrbdSide other)
    {
        if (side.Is(device => device.Port is { } port && device.ConfiguredPort is { } configured && port != configured))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"port {side.Now!.Port} instead of {side.Now.ConfiguredPort}");
        }

        if (AddressOf(other.Node) is { } peer && side.Is(device => device.PeerAddress is { } address && address != peer))
        {
            yield return $"its peer is {RemoteText.Printable(side.Now!.PeerAddress!)}{(DrbdPeer.NodeAt(side.Now.PeerAddress, _case.Situation.Nodes) is { } node ? $" ({node})" : string.Empty)} instead of {other.Node}'s {peer}";
        }

        if (AddressOf(side.Node) is { } own && side.Is(device => device.LocalAddress is { } address && address != own))
        {
            yield return $"its own address is {RemoteText.Printable(side.Now!.LocalAddress!)} instead of {own}";
        }

        if (_case.Mirror?.BackingDevice is { } volume && side.Is(device => device.BackingDevice is { } backing && backing.StartsWith("/dev/", StringComparison.Ordinal) && !backing.StartsWith("/dev/mapper/", StringComparison.Ordinal) && !backing.StartsWith("/dev/dm-", StringComparison.Ordinal) && backing != volume))
        {
            yield return $"its volume is {RemoteText.Printable(side.Now!.BackingDevice!)} instead of {volume}";
        }
    }

    private string? AddressOf(string name) => _case.Situation.Nodes.FirstOrDefault(node => node.Name == name) is { } node ? node.SecondaryIPAddress ?? node.PrimaryIPAddress : null;

    // Only where it hurts: a guest's own process is in nobody's way, and a reader on the node beside it goes away by itself.
    private void DiagnoseHolders(DrbdSide side)
    {
        if (_case.Job is not null || _case.Mirror is null)
        {
            return;
        }

        var isElsewhere = side.Is(device => device.Role == DrbdRole.Primary) && ReferenceEquals(side, _case.Sides[1]) && !side.RunsGuest;
        var holders = side.Holders.Where(holder => !holder.IsGuest && (holder.Kind != "process" || isElsewhere || !_case.IsMeantToRun)).ToArray();
        if (holders.Length > 0)
        {
            var isMounted = _case.IsMeantToRun && holders.Any(holder => holder.Kind == "mount");
            AddHeldOpen(side, isMounted ? DrbdSeverity.Error : DrbdSeverity.Warning, holders, isMounted ? $"While {_case.Mirror?.InstanceName} writes to it, {side.Node} has its disk mounted too, which destroys a file system; and" : "So");
        }
        else if (!_case.IsMeantToRun && side.RunsGuest)
        {
            AddHeldOpen(side, DrbdSeverity.Warning, [.. side.Holders], $"Ganeti has {_case.Mirror?.InstanceName} stopped, but it runs on {side.Node}. So");
        }
    }

    private void AddHeldOpen(DrbdSide side, DrbdSeverity severity, IReadOnlyList<DrbdHolder> holders, string reason) => Add(
        side,
        DrbdProblemKind.HeldOpen,
        severity,
        $"{side.Node} holds the device open ({string.Join(", ", holders.Take(3))}{(holders.Count > 3 ? ", …" : string.Empty)}). {reason} it can't be demoted or taken down: a migration or a shutdown of the disks will fail.",
        DrbdRemedy.Side(side, "Get-BlockHolder"),
        [.. holders.Select(holder => holder.ToString()), side.Past.Last(DrbdLogEventKind.HeldOpen) is { } refused ? Told(side, refused) : null]);

    private void DiagnoseLeftOver(DrbdSide side)
    {
        if (side.Holders.Count > 0)
        {
            AddHeldOpen(side, DrbdSeverity.Warning, side.Holders, $"{_case.Mirror?.InstanceName} is stopped, and");
            return;
        }

        Add(side, DrbdProblemKind.MinorLeftOver, DrbdSeverity.Warning, $"{_case.Mirror?.InstanceName} is stopped and Ganeti holds its disks for inactive, but the minor is still there; nobody looks after it.", DrbdRemedy.Guest(_case, side, "Disable-GntDisk", "Disable-DrbdDevice"));
    }

    private void DiagnoseStranger(DrbdSide side)
    {
        // A job that makes or moves disks has minors before the configuration has them.
        if (_case.Situation.Jobs.Any(DrbdCase.ChangesDisks) || !side.Is(_ => true))
        {
            return;
        }

        Add(
            side,
            DrbdProblemKind.MinorWithoutInstance,
            DrbdSeverity.Warning,
            string.Create(CultureInfo.InvariantCulture, $"Minor {side.Minor} on {side.Node} is no guest's{(side.Holders.Count > 0 ? $", and held open ({string.Join(", ", side.Holders.Take(3))})" : string.Empty)}: Ganeti does not know it, and may want to give its number away."),
            DrbdRemedy.Side(side, side.Holders.Count > 0 ? "Get-BlockHolder" : "Disable-DrbdDevice"),
            side.Now?.BackingDevice is { } volume ? $"Its volume: {RemoteText.Printable(volume)}" : null,
            side.Now?.PeerAddress is { } peer ? string.Create(CultureInfo.InvariantCulture, $"Its peer: {RemoteText.Printable(peer)} port {side.Now.Port}") : null);
    }
}
