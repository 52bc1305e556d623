using System.Management.Automation;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>
/// Moves guests to another node: by live migration, with <c>-Failover</c> by stopping them and starting them there, with <c>-Offline</c> by
/// copying their disks while they are stopped, with <c>-TargetGroup</c> to another node group. All are submitted as they come and waited for
/// together. Stands for <c>gnt-instance migrate</c>, <c>failover</c>, <c>move</c> and <c>change-group</c>.
/// </summary>
[Cmdlet(VerbsCommon.Move, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class MoveGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>
    /// The node to move to. A mirrored guest can go to its secondary only and needs none; a guest on shared storage goes where the
    /// allocator says when none is named.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? TargetNode { get; set; }

    /// <summary>The node groups to move to; the allocator chooses the nodes. A guest is moved by jobs of its own, which are waited for too.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [Reference(typeof(GntGroup))]
    [ValidateNotNullOrEmpty]
    public GntGroup[]? TargetGroup { get; set; }

    /// <summary>The allocator that chooses the node, for example <c>hail</c>; without it the cluster's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>Stop the guest here and start it there. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.</summary>
    [Parameter]
    public SwitchParameter Failover { get; set; }

    /// <summary>
    /// When a migration is not possible, fail over instead, which stops the guest. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter AllowFailover { get; set; }

    /// <summary>
    /// Cold move of a guest whose disks are on its node only: it is stopped, its disks are copied, it is started again if it ran. Asks about a guest
    /// that should run, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>
    /// Put a guest right whose migration (or failover) was broken off: finds where it runs, sets the configuration and the disks to it, moves nothing.
    /// Safe on a healthy guest.
    /// </summary>
    [Parameter]
    public SwitchParameter Cleanup { get; set; }

    /// <summary>Freeze the guest while its memory moves, instead of letting it run.</summary>
    [Parameter]
    public SwitchParameter NonLive { get; set; }

    /// <summary>Do not shrink the guest's memory to make it fit (ballooning).</summary>
    [Parameter]
    public SwitchParameter NoMemoryChange { get; set; }

    /// <summary>Migrate though the nodes have different versions of the hypervisor.</summary>
    [Parameter]
    public SwitchParameter IgnoreHypervisorVersion { get; set; }

    /// <summary>
    /// With <c>-Failover</c> or <c>-Offline</c>: go on though disks are not consistent. What was written since is lost; asks, unless
    /// <c>-Force</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter IgnoreConsistency { get; set; }

    /// <summary>Move though the node's group has a policy that the guest does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>
    /// With <c>-TargetGroup</c>: free the old disks before the new ones are in sync. Until they are, there is one copy of the data only.
    /// </summary>
    [Parameter]
    public SwitchParameter EarlyRelease { get; set; }

    /// <summary>With <c>-Offline</c>: how the copy is compressed on its way, for example <c>gzip</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Compress { get; set; }

    /// <summary>
    /// With <c>-Failover</c> or <c>-Offline</c>: how long the guest has for its shutdown; a number is seconds. Ganeti's own default is two minutes.
    /// </summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask about stopping guests and losing data.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private bool IsMigration => !Failover && !Offline && TargetGroup is null;

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(AllowFailover && Failover, "-AllowFailover", "-Failover", "the guest is failed over in any case");
        RefuseTogether(NonLive && Failover, "-NonLive", "-Failover", "a failover moves no memory");
        RefuseTogether(TargetNode is not null && Allocator is not null, "-TargetNode", "-Allocator", "one of them chooses the node");
        RefuseTogether(Cleanup && Failover, "-Cleanup", "-Failover", "Ganeti has a clean-up of migrations only, and it serves both");
        RefuseTogether(Cleanup && AllowFailover, "-Cleanup", "-AllowFailover", "a clean-up moves nothing");
        RefuseTogether(Offline && Failover, "-Offline", "-Failover", "the one copies the disks, the other uses their mirror");
        RefuseTogether(TargetGroup is not null && (Failover || Offline || TargetNode is not null), "-TargetGroup", "-Failover, -Offline or -TargetNode", "the allocator chooses nodes and ways");
        foreach (var (isSet, name) in new[] { (Cleanup, "-Cleanup"), (AllowFailover, "-AllowFailover"), (NonLive, "-NonLive"), (NoMemoryChange, "-NoMemoryChange"), (IgnoreHypervisorVersion, "-IgnoreHypervisorVersion") })
        {
            RefuseTogether(isSet && !IsMigration, name, Failover ? "-Failover" : Offline ? "-Offline" : "-TargetGroup", "it is for migrations");
        }

        RefuseTogether(IgnoreConsistency && !Failover && !Offline, "-IgnoreConsistency", "a migration", "only a failover (-Failover) or a cold move (-Offline) can do without consistent disks");
        RefuseTogether(ShutdownTimeout is not null && !Failover && !Offline, "-ShutdownTimeout", "a migration", "only a failover (-Failover) or a cold move (-Offline) stops the guest");
        RefuseTogether(Compress is not null && !Offline, "-Compress", "a migration", "only a cold move (-Offline) copies disks through a compressor");
        RefuseTogether(EarlyRelease && TargetGroup is null, "-EarlyRelease", "a move within the group", "only -TargetGroup replaces disks");
        if (Offline && TargetNode is null)
        {
            Refuse("A cold move needs the node to move to.", "Name it with -TargetNode");
        }
    }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        RequireSameCluster(connection, instance, TargetNode);
        foreach (var group in TargetGroup ?? [])
        {
            RequireSameCluster(connection, instance, group);
        }

        var (risk, warning) = RiskOf(instance);
        return new Change(OpcodeFor(instance.Name!), risk, warning);
    }

    private LuxiOpcode OpcodeFor(string name)
    {
        if (TargetGroup is not null)
        {
            return new InstanceChangeGroup
            {
                InstanceName = name,
                TargetGroups = Array.ConvertAll(TargetGroup, group => group.Name ?? string.Empty),
                Iallocator = Allocator,
                EarlyRelease = OnlyIf(EarlyRelease),
            };
        }

        if (Offline)
        {
            return new InstanceMove
            {
                InstanceName = name,
                TargetNode = TargetNode!.Name ?? string.Empty,
                Compress = Compress,
                ShutdownTimeout = Seconds(ShutdownTimeout),
                IgnoreConsistency = OnlyIf(IgnoreConsistency),
                IgnoreIpolicy = OnlyIf(IgnorePolicy),
            };
        }

        if (Failover)
        {
            return new InstanceFailover
            {
                InstanceName = name,
                TargetNode = TargetNode?.Name,
                Iallocator = Allocator,
                ShutdownTimeout = Seconds(ShutdownTimeout),
                IgnoreConsistency = OnlyIf(IgnoreConsistency),
                IgnoreIpolicy = OnlyIf(IgnorePolicy),
            };
        }

        return new InstanceMigrate
        {
            InstanceName = name,
            TargetNode = TargetNode?.Name,
            Iallocator = Allocator,
            Mode = NonLive ? "non-live" : null,
            Cleanup = OnlyIf(Cleanup),
            AllowFailover = OnlyIf(AllowFailover),
            AllowRuntimeChanges = NoMemoryChange ? false : null,
            IgnoreHvversions = OnlyIf(IgnoreHypervisorVersion),
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        };
    }

    private (Risk Risk, string? Warning) RiskOf(GntInstance instance)
    {
        if (IgnoreConsistency)
        {
            return (Risk.Data, Failover
                ? $"{instance.Name} is failed over though the other side of its disks may not be up to date: what was written since is lost."
                : $"{instance.Name} is copied though its disks may not be readable as a whole: what can't be read is lost.");
        }

        if (Offline)
        {
            return instance.AdminState == GntAdminState.up
                ? (Risk.Stop, $"{instance.Name} is stopped on {instance.PrimaryNode}, for as long as it takes to copy its disks ({Views.ViewFormat.Size(instance.DiskUsage)}), and started on {TargetNode}.")
                : (Risk.None, null);
        }

        return Cleanup ? (Risk.None, null)
            : Failover ? (Risk.Stop, $"{instance.Name} is stopped on {instance.PrimaryNode} and started on another node.")
            : AllowFailover ? (Risk.Stop, $"When {instance.Name} can't be migrated, it is stopped on {instance.PrimaryNode} and started on another node.")
            : TargetGroup is null && instance.AlwaysFailover == true ? (Risk.Stop, $"{instance.Name} is set to be failed over always: it is stopped on {instance.PrimaryNode} and started on another node.")
            : (Risk.None, null);
    }
}
