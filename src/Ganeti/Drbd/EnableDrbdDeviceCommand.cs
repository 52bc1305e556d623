using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Brings sides of guests' mirrors back that are down or incomplete, by having Ganeti activate the guests' disks, and sees on both nodes that they are all there.
/// Stands for <c>gnt-instance activate-disks</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Enable, "DrbdDevice", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdDevice))]
public sealed class EnableDrbdDeviceCommand : DrbdActivateCommand
{
    private protected override string? Missing(DrbdRepair repair, DrbdDevice? side, DrbdDevice? other)
    {
        var silent = side?.PeerNode is { } peer && repair.Silent.ContainsKey(peer);
        return side is null ? "a side is not there"
            : other is null && !silent ? $"the other side of {side.Id} is not there"
            : new[] { side, other }.OfType<DrbdDevice>().FirstOrDefault(one => one.DiskState is null or DrbdDiskState.Diskless || one.ConnectionState is DrbdConnectionState.StandAlone or DrbdConnectionState.Unconfigured) is { } lacking
                ? $"{lacking.Id} is {DrbdWords.StateOf(lacking)}"
            : null;
    }

    // What is down is on no node: the configuration says what there should be.
    private protected override void Act(GntConnection connection, DrbdSelection selection)
    {
        var mirrors = Await(token => connection.Drbd.MirrorsAsync(selection.Guests, token));
        var guests = mirrors.Where(mirror => IsNamed(selection, mirror)).Select(mirror => mirror.InstanceName).ToHashSet();
        foreach (var (node, minor) in selection.Sides.Concat(selection.Nodes.SelectMany(node => selection.Minors.Select(minor => ((string?)node, (int?)minor)))))
        {
            if (!mirrors.Any(mirror => mirror.OtherSideOf(node, minor) is not null))
            {
                WriteError(new GanetiException(GanetiError.DrbdDeviceNotFound, $"Ganeti's configuration has no mirror with minor {minor} on {node}.")
                {
                    Target = $"{node}/drbd{minor}",
                    RecommendedAction = "Name the guest; Get-GntDisk shows guests' disks.",
                });
            }
        }

        var repair = new DrbdRepair(connection, MyInvocation.MyCommand.Name);
        var pairs = new List<DrbdPair>();
        ForEach(mirrors.Where(mirror => guests.Contains(mirror.InstanceName)), mirror =>
        {
            var should = mirror.Sides(connection.Identity);
            var (side, other) = Await(token => repair.ReadAsync(should, token));
            pairs.Add(side is null || other is null ? should : new DrbdPair(side, other));
        });
        Change(connection, pairs);
    }

    private static bool IsNamed(DrbdSelection selection, DrbdMirror mirror) =>
        selection.Instances.Contains(mirror.InstanceName)
        || selection.Disks.Any(disk => disk.Instance == mirror.InstanceName)
        || selection.Sides.Any(side => mirror.OtherSideOf(side.Node, side.Minor) is not null)
        || selection.Nodes.Any(node => selection.Minors.Any(minor => mirror.OtherSideOf(node, minor) is not null));
}
