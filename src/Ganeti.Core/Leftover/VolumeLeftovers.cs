using System.Text.RegularExpressions;

namespace Ganeti;

/// <summary>Volumes that nobody has any more: orphans, snapshots of exports, volumes of imports.</summary>
internal sealed partial class VolumeLeftovers : ILeftoverSource
{
    public bool Removes(GntLeftoverKind kind) => kind is GntLeftoverKind.OrphanVolume or GntLeftoverKind.ExportSnapshot or GntLeftoverKind.ImportVolume;

    public IEnumerable<GntLeftover> Find(LeftoverScene scene)
    {
        var orphans = new LvmOrphans(scene.OlderThan);
        orphans.Add(scene.Storage, scene.Storage.Volumes);
        var groups = scene.Knowledge.Owners.Select(owner => owner.VolumeGroup).Append(scene.Knowledge.VolumeGroup).ToHashSet(StringComparer.Ordinal);
        foreach (var (volume, verdict) in orphans.Judge(scene.Knowledge).Where(judged => judged.Verdict.IsOrphan && !scene.Mounts.Any(mount => mount.SnapshotVolume == judged.Volume.FullName)))
        {
            var import = volume.Tags?.FirstOrDefault(tag => tag.StartsWith(ImageImport.HalfTag, StringComparison.Ordinal) || tag.StartsWith(ImageImport.WholeTag, StringComparison.Ordinal));
            // A volume of the machine's own, in a group that Ganeti has nothing in, is nothing that it has left. Get-LvmVolume -Orphan tells of those too.
            if (import is null && !groups.Contains(volume.VolumeGroup))
            {
                continue;
            }

            if (import is not null && scene.UnderWay.Any(repair => IsOf(repair, import, volume)))
            {
                continue;
            }

            volume.OrphanEvidence = [.. verdict.Evidence];
            var kind = import is not null ? GntLeftoverKind.ImportVolume : volume.IsSnapshot && Snapshot().IsMatch(volume.Name!) ? GntLeftoverKind.ExportSnapshot : GntLeftoverKind.OrphanVolume;
            var first = kind switch
            {
                GntLeftoverKind.ImportVolume => ["an import of an image was broken off"],
                GntLeftoverKind.ExportSnapshot => ["no export is under way"],
                _ => Array.Empty<string>(),
            };
            var leftover = scene.Leftover(kind, volume.FullName, string.Join("; ", first.Concat(verdict.Evidence)), $"lvremove --yes {volume.FullName}", volume.Created);
            (leftover.Size, leftover.Uuid, leftover.Volume) = (volume.Size, volume.Uuid, volume);
            yield return leftover;
        }
    }

    public async Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken)
    {
        var volume = leftover.Volume!;
        var change = new LvmRemoval { Node = leftover.Node!, Subject = volume.FullName, VolumeGroup = volume.VolumeGroup!, Name = volume.Name!, Uuid = volume.Uuid };
        await new StorageRepair(connection, cmdlet, withSides: false).RunAsync(change, scene.Storage, null, cancellationToken).ConfigureAwait(false);
    }

    // One that is being made now, by whatever its lease tells of it.
    private static bool IsOf(GntHistoryEntry repair, string tag, LvmVolume volume) =>
        repair.Cmdlet == "Import-GntInstance" || new[] { repair.Subject, repair.Message }.Any(text => text?.Contains(tag, StringComparison.Ordinal) == true || text?.Contains(volume.Name!, StringComparison.Ordinal) == true);

    // Ganeti's name for what it exports from (lib/backend.py, BlockdevSnapshot).
    [GeneratedRegex(@"\.snap(-\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Snapshot();
}
