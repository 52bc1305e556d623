using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets logical volumes of nodes with the guests and disks that they are of, and those of guests, disks, mirrors, groups and devices. With <c>-Orphan</c> those that
/// nobody has any more. Stands for <c>lvs</c> on every node at once.
/// </summary>
[Cmdlet(VerbsCommon.Get, "LvmVolume", DefaultParameterSetName = "Node")]
[OutputType(typeof(LvmVolume))]
public sealed class GetLvmVolumeCommand : GetStorageCommand
{
    private readonly Dictionary<GntConnection, LvmOrphans> _orphans = [];

    /// <summary>Only those in these volume groups; names or patterns.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? VolumeGroup { get; set; }

    /// <summary>Only those that have one of these tags; patterns too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Hidden ones too, which are parts of others: <c>lvs -a</c>.</summary>
    [Parameter]
    public SwitchParameter Hidden { get; set; }

    /// <summary>
    /// Only those that nobody has any more: in no disk of Ganeti's configuration, attached or not, not reserved, not open, not young, and no job is on their node. With
    /// <c>-Verbose</c>, what keeps each of the others.
    /// </summary>
    [Parameter]
    public SwitchParameter Orphan { get; set; }

    /// <summary>With <c>-Orphan</c>: how old one has to be; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan OlderThan { get; set; } = TimeSpan.FromHours(1);

    private protected override bool WithOwners => true;

    private protected override string? View => Orphan ? "Ganeti.LvmVolume#Orphan" : null;

    private protected override GanetiError NotFound => GanetiError.LvmVolumeNotFound;

    private protected override string Noun => "logical volume";

    private protected override IEnumerable<GntObject> Wanted(NodeStorage storage, StorageSelection selection) => selection.VolumesIn(storage)
        .Where(volume => Hidden || volume.IsHidden != true || Name is not null)
        .Where(volume => VolumeGroup is null || VolumeGroup.Any(group => new NamePattern(group).IsMatch(volume.VolumeGroup)))
        .Where(volume => Tag is null || volume.Tags?.Any(tag => Tag.Any(wanted => new NamePattern(wanted).IsMatch(tag))) == true);

    private protected override bool HasName(GntObject item, NamePattern name) => item is LvmVolume volume
        && (name.IsMatch(volume.Name) || name.IsMatch(volume.FullName) || name.IsMatch(volume.Path));

    private protected override void Write(GntConnection connection, NodeStorage storage, IEnumerable<GntObject> items)
    {
        if (!Orphan)
        {
            base.Write(connection, storage, items);
            return;
        }

        if (!_orphans.TryGetValue(connection, out var orphans))
        {
            _orphans.Add(connection, orphans = new LvmOrphans(OlderThan));
        }

        orphans.Add(storage, items.Cast<LvmVolume>());
    }

    private protected override void Ended(GntConnection connection)
    {
        // What Ganeti has is asked after the nodes: what was made meanwhile has a guest then.
        if (_orphans.Remove(connection, out var orphans))
        {
            var knowledge = Await(token => LvmOrphans.AskAsync(connection, token));
            foreach (var (volume, verdict) in orphans.Judge(knowledge))
            {
                if (verdict.IsOrphan)
                {
                    volume.OrphanEvidence = [.. verdict.Evidence];
                    WriteOnce(volume);
                }
                else
                {
                    WriteVerbose($"{volume.Id} is no orphan: {string.Join("; ", verdict.Against)}.");
                }
            }
        }
    }
}
