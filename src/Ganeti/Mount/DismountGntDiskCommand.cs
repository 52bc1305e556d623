using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Undoes what <c>Mount-GntDisk</c> has made: unmounts, takes volumes and mappings down, removes the snapshot, and leaves the guest as it was before. With <c>-Stale</c>, all to which nobody lays claim any more.
/// It can be called again as often as needed.
/// </summary>
[Cmdlet(VerbsData.Dismount, "GntDisk", DefaultParameterSetName = "Node", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class DismountGntDiskCommand : GntMountListCommand
{
    /// <summary>The guests whose mounts to undo.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>The disks whose mounts to undo.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>Those to undo, from <c>Get-GntMount</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Mount")]
    [ValidateNotNullOrEmpty]
    public GntMount[]? Mount { get; set; }

    /// <summary>With <c>-Stale</c>: the nodes to look at; without it, all that are not offline.</summary>
    [Parameter(ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Only those to which nobody lays claim: their client died before they were ready, their time is over, or only a part of them is left.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "Instance")]
    [Parameter(ParameterSetName = "Disk")]
    public SwitchParameter Stale { get; set; }

    /// <summary>Undo it without asking.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override bool OnlyStale => Stale;

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Instance":
                WantGuests(Instance!);
                break;
            case "Disk":
                WantDisks(Disk!);
                break;
            case "Mount":
                Each(Mount!, mount => Undo(ConnectionFor(mount), mount));
                break;
            default:
                // Never all: what others have mounted is theirs.
                if (!Stale)
                {
                    Refuse("-Stale:$false would undo what others have mounted", "Name guests, or pipe what Get-GntMount gives");
                }

                if (Node is null)
                {
                    WantAll();
                }
                else
                {
                    WantNodes(Node);
                }

                break;
        }
    }

    private protected override void Found(GntConnection connection, IReadOnlyList<GntMount> mounts) => Each(mounts, mount => Undo(connection, mount));

    private void Undo(GntConnection connection, GntMount mount)
    {
        var line = string.Join(" && ", new[]
        {
            mount.Node is null ? null : $"ssh {mount.Node} umount {mount.MountPoint ?? mount.Id}",
            mount.SnapshotVolume is null ? null : $"ssh {mount.Node} lvremove {mount.SnapshotVolume}",
            mount.HoldsInstance ? $"gnt-instance modify --online {mount.InstanceName}" : null,
        }.OfType<string>());
        // Somebody's, whose time is over; who is in it yet keeps it.
        var living = mount is { IsStale: true, State: GntMountState.Mounted } ? $"{mount} is mounted by {mount.Operator ?? "somebody"}, and only its time is over." : null;
        if (IsApproved(line, living is null ? Risk.None : Risk.Stop, living))
        {
            Await(token => new DiskMount(connection, MyInvocation.MyCommand.Name).RemoveAsync(mount, line, token));
        }
    }
}
