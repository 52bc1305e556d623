using System.Management.Automation;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>
/// Moves the other side of mirrored disks to another node, or makes one side anew where it is. Stands for <c>gnt-instance replace-disks</c>.
/// </summary>
[Cmdlet(VerbsCommon.Move, "GntDisk", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntDisk), typeof(GntJob))]
public sealed class MoveGntDiskCommand : GntDiskChangeCommand
{
    /// <summary>Places of the disks among the guest's, from 0; without it all. For disks that are made anew where they are.</summary>
    [Parameter(Position = 1, ParameterSetName = "Instance")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Index { get; set; }

    /// <summary>The node to move to: the new secondary, or with <c>-Primary</c> the node that takes the place of the primary.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? TargetNode { get; set; }

    /// <summary>The allocator that chooses the new secondary, for example <c>hail</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>
    /// Move the primary's side: the guest is migrated to its secondary first (failed over when it is stopped), and stays there; then the side that
    /// it left is moved.
    /// </summary>
    [Parameter]
    public SwitchParameter Primary { get; set; }

    /// <summary>Make the primary's side anew where it is, from the secondary's.</summary>
    [Parameter]
    public SwitchParameter OnPrimary { get; set; }

    /// <summary>Make the secondary's side anew where it is, from the primary's.</summary>
    [Parameter]
    public SwitchParameter OnSecondary { get; set; }

    /// <summary>Find the broken side and make it anew where it is; nothing is done when none is broken.</summary>
    [Parameter]
    public SwitchParameter Auto { get; set; }

    /// <summary>
    /// Free the old side before the new one is in sync: quicker for other jobs, but until it is in sync there is one copy of the data only. Asks,
    /// unless <c>-Force</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter EarlyRelease { get; set; }

    /// <summary>Move though the node's group has a policy that the guest does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the disks as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassThru => PassThru;

    private protected override bool IsForced => Force;

    private protected override int[]? Places => Index;

    private protected override void Begin()
    {
        base.Begin();
        if (new bool[] { TargetNode is not null, Allocator is not null, OnPrimary, OnSecondary, Auto }.Count(isSet => isSet) != 1)
        {
            Refuse("It is not clear which side goes where.", "Give one of -TargetNode, -Allocator, -OnPrimary, -OnSecondary, -Auto");
        }

        RefuseTogether(Primary && (OnPrimary || OnSecondary || Auto), "-Primary", "-OnPrimary, -OnSecondary or -Auto", "those make a side anew where it is");
        RefuseTogether(Auto && Index is not null, "-Auto", "-Index", "it looks at all disks");
    }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntDisk> parts)
    {
        if (instance.DiskTemplate != GntDiskTemplate.drbd)
        {
            throw new GanetiException(GanetiError.StateWrong, $"The disks of {instance} have no other side ({instance.DiskTemplateText}).")
            {
                Target = instance,
                RecommendedAction = "Move the guest with its disks: Move-GntInstance -Offline; or mirror them first: Convert-GntDisk -Template drbd.",
            };
        }

        RequireSameCluster(ConnectionFor(instance), instance, TargetNode);
        var isWhole = parts.Count == instance.Disks!.Length;
        if (!isWhole && (TargetNode is not null || Allocator is not null))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"All disks of {instance} have the same secondary node; {string.Join(", ", parts)} can't go elsewhere alone.")
            {
                Target = instance,
                RecommendedAction = "Leave -Index away.",
            };
        }

        LuxiOpcode replace = new InstanceReplaceDisks
        {
            InstanceName = instance.Name!,
            Mode = OnPrimary ? "replace_on_primary" : OnSecondary ? "replace_on_secondary" : Auto ? "replace_auto" : "replace_new_secondary",
            Disks = isWhole ? null : [.. parts.Select(disk => disk.Index ?? 0)],
            RemoteNode = TargetNode?.Name,
            Iallocator = Allocator,
            EarlyRelease = OnlyIf(EarlyRelease),
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        };
        var risk = EarlyRelease ? Risk.Data : Risk.None;
        var warning = EarlyRelease ? $"The old side of {instance}'s disks is freed before the new one is in sync: until then there is one copy of the data only." : null;
        if (!Primary)
        {
            return new Change(replace, risk, warning);
        }

        LuxiOpcode away = instance.AdminState == GntAdminState.up
            ? new InstanceMigrate { InstanceName = instance.Name! }
            : new InstanceFailover { InstanceName = instance.Name! };
        return new Change(new JobChain(away).Then(replace), risk, warning);
    }
}
