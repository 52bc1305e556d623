using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Mounts a file system of a guest's disk on the guest's primary node: a partition or a logical volume inside, of a stopped guest, or with <c>-Snapshot</c> of a running one. Nothing is written to the
/// disk unless <c>-Writable</c> says so. A stopped guest is kept from starting until <c>Dismount-GntDisk</c>. Stands for <c>gnt-instance activate-disks</c>, <c>kpartx</c> and <c>mount</c>.
/// </summary>
[Cmdlet(VerbsData.Mount, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntMount))]
public sealed class MountGntDiskCommand : GntChangeCommand
{
    /// <summary>The guests.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>The disk's place among the guest's, from 0; needed where a guest has several.</summary>
    [Parameter(Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int? Index { get; set; }

    /// <summary>Disks, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Disk")]
    [ValidateNotNullOrEmpty]
    public GntDisk[]? Disk { get; set; }

    /// <summary>The partition by its number, its name or its file system's label; 0 is the whole disk. Without it, the only one with a file system.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Partition { get; set; }

    /// <summary>A logical volume inside the guest, as <c>group/name</c>. One that there is not, such as <c>?</c>, has the error name those that there are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Volume { get; set; }

    /// <summary>The folder on the node to mount it on: an empty one, or one that is made. Without it, a folder of its own in <c>/run</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidatePattern("^/[^\\t\\r\\n]+$")]
    public string? Path { get; set; }

    /// <summary>Show a snapshot of the disk, also of a guest that runs: what is on it at this moment.</summary>
    [Parameter]
    public SwitchParameter Snapshot { get; set; }

    /// <summary>The space for what the guest changes meanwhile, bytes; without it a tenth of the disk, 64 MiB at least. A snapshot whose space is full is lost.</summary>
    [Parameter]
    [Size]
    public long? SnapshotSize { get; set; }

    /// <summary>Replay the file system's journal, into the snapshot: then files are as they would be after a reset of the guest, and not as the last checkpoint has them.</summary>
    [Parameter]
    public SwitchParameter Recover { get; set; }

    /// <summary>Mount it so that it can be written to; of a stopped guest only.</summary>
    [Parameter]
    public SwitchParameter Writable { get; set; }

    /// <summary>How long it is wanted; a number is seconds. After that it is listed as stale, and stays mounted until it is undone.</summary>
    [Parameter]
    [Duration]
    public TimeSpan For { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Do not ask; and write to a file system whose journal has to be replayed first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        RefuseTogether(Writable && Snapshot, "-Writable", "-Snapshot", "what is written to a snapshot is lost with it");
        RefuseTogether(Partition is not null && Volume is not null, "-Partition", "-Volume", "a volume's group is looked for on all partitions");
        RefuseTogether(!Snapshot && (Recover || SnapshotSize is not null), "-Recover or -SnapshotSize", "a disk itself", "they are for snapshots (-Snapshot)");
    }

    private protected override void Process()
    {
        if (ParameterSetName == "Disk")
        {
            Each(Disk!, disk => Mount(ConnectionFor(disk), disk.InstanceName!, guest => guest.Disks?.FirstOrDefault(now => disk.Uuid is null ? now.Index == disk.Index : now.Uuid == disk.Uuid)
                ?? throw new GanetiException(GanetiError.PartNotFound, $"{guest} has no disk {disk.Id} (any more).") { Target = disk, RecommendedAction = $"See what it has with Get-GntDisk {guest}." }));
            return;
        }

        Each(Resolve(Instance!, Tables.Instances), guest => Mount(ConnectionFor(guest), guest.Name!, DiskOf));
    }

    private GntDisk DiskOf(GntInstance guest) => (guest.Disks ?? [], Index) switch
    {
        ([var only], null) => only,
        ([], _) => throw new GanetiException(GanetiError.PartNotFound, $"{guest} has no disk.") { Target = guest, RecommendedAction = "Name another guest." },
        (var all, null) => throw new GanetiException(GanetiError.NameAmbiguous, $"{guest} has {all.Length} disks.") { Target = guest, RecommendedAction = $"Name one with -Index, or pipe it: Get-GntDisk {guest}." },
        (var all, { } index) => Array.Find(all, disk => disk.Index == index) ?? throw new GanetiException(GanetiError.PartNotFound, $"{guest} has no disk {index}.") { Target = guest, RecommendedAction = $"See what it has with Get-GntDisk {guest}." },
    };

    private void Mount(GntConnection connection, string name, Func<GntInstance, GntDisk> which)
    {
        if (Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { name }, configurationOnly: false, [], token)) is not [var guest])
        {
            throw new GanetiException(GanetiError.InstanceNotFound, $"There is no instance '{name}' any more.") { Target = name, RecommendedAction = "See what there is with Get-GntInstance." };
        }

        var order = new MountOrder
        {
            Guest = guest,
            Disk = which(guest),
            Partition = Partition,
            Volume = Volume,
            Path = Path,
            IsWritable = Writable,
            IsSnapshot = Snapshot,
            SnapshotSize = SnapshotSize,
            Recover = Recover,
            For = For,
            Force = Force,
        };
        order.Check();
        if (IsApproved(order.CommandLine))
        {
            WriteObject(AwaitTelling(
                token => new DiskMount(connection, MyInvocation.MyCommand.Name).RunAsync(order, RepairView, token),
                $"What was begun for {order.Disk} is undone without you. Should anything be left, such as a guest that is kept offline: Get-GntMount -Stale shows it, Dismount-GntDisk -Stale undoes it."));
        }
    }
}
