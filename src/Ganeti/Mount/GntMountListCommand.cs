using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that find what is mounted of guests' disks, and what is left of that.</summary>
public abstract class GntMountListCommand : GntChangeCommand
{
    private readonly Dictionary<GntConnection, (HashSet<string> Nodes, HashSet<string> Guests, HashSet<(string? Guest, string? Uuid, int? Index)> Disks)> _wanted = [];

    /// <summary>Whether only those are meant to which nobody lays claim.</summary>
    private protected abstract bool OnlyStale { get; }

    /// <summary>Takes what was found.</summary>
    private protected abstract void Found(GntConnection connection, IReadOnlyList<GntMount> mounts);

    private protected override void End() => ForEach(_wanted, wanted =>
    {
        var (connection, (nodes, guests, disks)) = wanted;
        var mounts = Await(token => connection.Mounts.GetAsync(nodes, (exception, node) => Post(() => WriteError(exception, node)), token));
        Found(connection, [.. mounts.Where(mount => !OnlyStale || mount.IsStale).Where(mount => nodes.Count > 0 || (guests.Count == 0 && disks.Count == 0) || guests.Contains(mount.InstanceName ?? string.Empty) || disks.Any(disk => disk.Guest == mount.InstanceName && (disk.Uuid is null ? disk.Index == mount.DiskIndex : disk.Uuid == mount.DiskUuid)))
            .OrderBy(mount => mount.InstanceName, StringComparer.Ordinal).ThenBy(mount => mount.DiskIndex).ThenBy(mount => mount.Since)]);
    });

    private protected void WantAll() => WantedOn(ConnectionFor());

    private protected void WantNodes(GntNode[] nodes) => ForEach(Resolve(nodes, Tables.Nodes), node => WantedOn(ConnectionFor(node)).Nodes.Add(node.Name!));

    private protected void WantGuests(GntInstance[] guests) => ForEach(Resolve(guests, Tables.Instances), guest => WantedOn(ConnectionFor(guest)).Guests.Add(guest.Name!));

    private protected void WantDisks(GntDisk[] disks) => ForEach(disks, disk => WantedOn(ConnectionFor(disk)).Disks.Add((disk.InstanceName, disk.Uuid, disk.Index)));

    private (HashSet<string> Nodes, HashSet<string> Guests, HashSet<(string? Guest, string? Uuid, int? Index)> Disks) WantedOn(GntConnection connection)
    {
        if (!_wanted.TryGetValue(connection, out var wanted))
        {
            _wanted.Add(connection, wanted = (new(StringComparer.Ordinal), new(StringComparer.Ordinal), []));
        }

        return wanted;
    }
}
