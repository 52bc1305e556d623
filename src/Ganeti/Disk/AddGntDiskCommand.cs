using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gives guests another disk. Stands for <c>gnt-instance modify --disk add:…</c>.</summary>
[Cmdlet(VerbsCommon.Add, "GntDisk", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntDisk), typeof(GntJob))]
public sealed class AddGntDiskCommand : GntInstanceChangeCommand
{
    private readonly HashSet<string?> _before = [];

    /// <summary>Its size, bytes (<c>10GB</c>, <c>10G</c>).</summary>
    [Parameter]
    [Size]
    public long? Size { get; set; }

    /// <summary>A name for it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DiskName { get; set; }

    /// <summary>A block device that there is already, taken as it is; for guests on shared block devices (<c>blockdev</c>) only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Adopt { get; set; }

    /// <summary>A disk that was detached: its name or UUID.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Attach { get; set; }

    /// <summary>Its place among the guest's disks; without it behind the others.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Index { get; set; }

    /// <summary>The guest may only read it.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>The volume group that it is made in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? VolumeGroup { get; set; }

    /// <summary>The volume group that DRBD's metadata is made in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MetadataVolumeGroup { get; set; }

    /// <summary>Spindles that it counts as, with exclusive storage.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Spindles { get; set; }

    /// <summary>Further parameters of the disk, as a hashtable; those of external storage among them.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? Parameter { get; set; }

    /// <summary>Do not wait until a mirrored disk is in sync.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Give it to the running guest at once.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>Give it to the running guest at once where its hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    /// <summary>Add it though the node's group has a policy that the guest does not fit then.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        if (new[] { Size is not null, Adopt is not null, Attach is not null }.Count(isSet => isSet) != 1)
        {
            Refuse("It is not clear what disk is meant.", "Give one of -Size, -Adopt, -Attach");
        }
    }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        if (Adopt is not null && instance.DiskTemplate != GntDiskTemplate.blockdev)
        {
            throw new GanetiException(GanetiError.StateWrong, $"The disks of {instance} are {instance.DiskTemplateText}, and Ganeti adopts devices for blockdev only once a guest is there.")
            {
                Target = instance,
                RecommendedAction = "Volumes are adopted by New-GntInstance -DiskTemplate plain -Disk @{ Adopt = 'volume' }.",
            };
        }

        _before.UnionWith((instance.Disks ?? []).Select(disk => disk.Uuid));
        var disk = Attach is null
            ? new GntDiskSpecification
            {
                Size = Size,
                Name = DiskName,
                Adopt = Adopt,
                ReadOnly = ReadOnly ? true : null,
                VolumeGroup = VolumeGroup,
                MetadataVolumeGroup = MetadataVolumeGroup,
                Spindles = Spindles,
                Parameters = Parameter,
            }.ToParameters()
            // Ganeti knows a detached disk by its UUID or its name.
            : new GntParameters { [Guid.TryParse(Attach, out _) ? "uuid" : "name"] = Attach };
        return new Change(new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Disks = [Attach is null ? InstanceSetParams.Add(disk, Index) : InstanceSetParams.Attach(disk, Index)],
            WaitForSync = Quick ? false : null,
            Hotplug = OnlyIf(Hotplug),
            HotplugIfPossible = OnlyIf(HotplugIfPossible),
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        });
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects) =>
        WriteNewParts(connection, subjects, static instance => instance.Disks ?? [], _before);
}
