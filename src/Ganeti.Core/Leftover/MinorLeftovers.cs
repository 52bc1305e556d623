using System.Globalization;

namespace Ganeti;

/// <summary>DRBD devices that are of no disk of Ganeti's configuration.</summary>
internal sealed class MinorLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind == GntLeftoverKind.DrbdMinor;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        var owned = scene.Knowledge.Owners.Where(owner => owner.Node == scene.Node).ToArray();
        var minors = owned.Select(owner => owner.DrbdMinor).OfType<int>().ToHashSet();
        var paths = owned.Select(owner => $"/dev/{owner.VolumeGroup}/{owner.Volume}").ToHashSet(StringComparer.Ordinal);
        if (scene.Knowledge.Busy.ContainsKey(scene.Node))
        {
            yield break;
        }

        // Of other names are those of drbdadm's configuration; a Primary may be in use.
        foreach (var side in scene.Sides.Where(side => side.Minor is { } minor && side.ResourceName == string.Create(CultureInfo.InvariantCulture, $"resource{minor}")
            && side.Role != DrbdRole.Primary && side.PeerRole != DrbdRole.Primary
            && !minors.Contains(minor) && !new[] { side.BackingDevice, side.MetaDevice }.Any(path => path is not null && paths.Contains(path))))
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"drbd{side.Minor}");
            if (scene.Storage.DeviceOf(name) is { Holders.Length: > 0 } or { MountPoint: not null })
            {
                continue;
            }

            var leftover = scene.Leftover(GntLeftoverKind.DrbdMinor, name, $"no disk of Ganeti's configuration has it; {side.ConnectionStateText} {side.RoleText} {side.DiskStateText}", $"drbdsetup down {side.ResourceName}");
            (leftover.Size, leftover.Uuid, leftover.Side) = (side.Size, side.BackingDevice, side);
            yield return leftover;
        }
    }

    public async Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken) =>
        await new DrbdRepair(connection, cmdlet).RunAsync(new DrbdDown(), new DrbdPair(leftover.Side!, null), cancellationToken).ConfigureAwait(false);
}
