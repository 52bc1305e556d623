using System.Management.Automation;
using System.Management.Automation.Host;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>
/// Moves guests to another node: by live migration, or with <c>-Failover</c> by stopping them and starting them there. All
/// are submitted as they come and waited for together. Stands for <c>gnt-instance migrate</c> and <c>gnt-instance failover</c>.
/// </summary>
[Cmdlet(VerbsCommon.Move, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class MoveGntInstanceCommand : GntJobWaitCommand
{
    private readonly List<GntInstance> _moved = [];
    private readonly Dictionary<(GntConnection, long?), GntInstance> _submitted = [];
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Names (short or full) or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Guests, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ValidateNotNullOrEmpty]
    public GntInstance[] Instance { get; set; } = [];

    /// <summary>
    /// The node to move to. A mirrored guest can go to its secondary only and needs none; a guest on shared storage goes where the
    /// allocator says when none is named.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? TargetNode { get; set; }

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
    /// Put a guest right whose migration (or failover) was broken off: finds where it runs, sets the configuration and the disks to it, moves nothing.
    /// Safe on a healthy guest.
    /// </summary>
    [Parameter]
    public SwitchParameter Cleanup { get; set; }

    /// <summary>Freeze the guest while its memory moves, instead of letting it run.</summary>
    [Parameter]
    public SwitchParameter NonLive { get; set; }

    /// <summary>
    /// With <c>-Failover</c>: go on though the other side of the disks is not up to date. What was written since is lost; asks, unless
    /// <c>-Force</c> is given.
    /// </summary>
    [Parameter]
    public SwitchParameter IgnoreConsistency { get; set; }

    /// <summary>Move though the node's group has a policy that the guest does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>With <c>-Failover</c>: how long the guest has for its shutdown; a number is seconds. Ganeti's own default is two minutes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask about stopping guests and losing data.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the job at once and do not wait for it.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Write the guest as it is after the move.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        RefuseTogether(AllowFailover && Failover, "-AllowFailover", "-Failover", "the guest is failed over in any case");
        RefuseTogether(NonLive && Failover, "-NonLive", "-Failover", "a failover moves no memory");
        RefuseTogether(IgnoreConsistency && !Failover, "-IgnoreConsistency", "a migration", "only a failover (-Failover) can do without consistent disks");
        RefuseTogether(ShutdownTimeout is not null && !Failover, "-ShutdownTimeout", "a migration", "only a failover (-Failover) stops the guest");
        RefuseTogether(TargetNode is not null && Allocator is not null, "-TargetNode", "-Allocator", "one of them chooses the node");
        RefuseTogether(Cleanup && Failover, "-Cleanup", "-Failover", "Ganeti cleans up after migrations");
        RefuseTogether(Cleanup && AllowFailover, "-Cleanup", "-AllowFailover", "a clean-up moves nothing");
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "the guest has not moved yet when the job is written");
    }

    private protected override void Process()
    {
        foreach (var instance in ParameterSetName == "Name" ? Named() : Instance)
        {
            try
            {
                Move(instance);
            }
            catch (GanetiException exception)
            {
                // One bad guest, or one cluster that is lost, does not keep the others from moving.
                WriteError(exception, instance);
            }
        }
    }

    private protected override void End()
    {
        WaitForAll();
        if (!PassThru)
        {
            return;
        }

        var after = new Dictionary<GntInstance, GntInstance>();
        ForEach(_moved.GroupBy(instance => ConnectionFor(instance)), moved =>
        {
            var names = moved.Select(instance => instance.Name!).ToHashSet(StringComparer.Ordinal);
            foreach (var instance in Await(token => moved.Key.Instances.Table.ReadExactAsync(names, configurationOnly: false, [], token)))
            {
                after[instance] = instance;
            }
        });
        foreach (var instance in _submitted.Values.Where(instance => _moved.Contains(instance)))
        {
            if (after.TryGetValue(instance, out var now))
            {
                WriteObject(now);
            }
        }
    }

    private protected override void Ended(GntConnection connection, GntJob job)
    {
        if (job.Status == GntJobStatus.success && _submitted.TryGetValue((connection, job.Id), out var instance))
        {
            _moved.Add(instance);
        }
    }

    private void Move(GntInstance instance)
    {
        var connection = ConnectionFor(instance);
        if (TargetNode?.ClusterUuid is { } cluster && cluster != connection.Uuid)
        {
            throw new GanetiException(GanetiError.ClusterMismatch, $"{instance.Name} belongs to cluster {connection.Name}, and the node {TargetNode.Name} to {TargetNode.ClusterName ?? cluster}.")
            {
                Target = instance,
                RecommendedAction = "Name a node of the guest's own cluster.",
            };
        }

        var opcode = OpcodeFor(instance);
        if (!ShouldProcess(opcode.CommandLine, $"Run '{opcode.CommandLine}'? {instance.Name} is on {instance.PrimaryNode}.", "Move-GntInstance") || !IsRiskAccepted(instance))
        {
            return;
        }

        var id = Submit(connection, opcode);
        if (NoWait)
        {
            WriteObject(Submitted(connection, id));
            return;
        }

        _submitted[(connection, id)] = instance;
        WaitFor(connection, id, instance);
    }

    private LuxiOpcode OpcodeFor(GntInstance instance) => Failover
        ? new InstanceFailover
        {
            InstanceName = instance.Name ?? string.Empty,
            TargetNode = TargetNode?.Name,
            Iallocator = Allocator,
            ShutdownTimeout = ShutdownTimeout is { } timeout ? (long)Math.Ceiling(timeout.TotalSeconds) : null,
            IgnoreConsistency = OnlyIf(IgnoreConsistency),
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        }
        : new InstanceMigrate
        {
            InstanceName = instance.Name ?? string.Empty,
            TargetNode = TargetNode?.Name,
            Iallocator = Allocator,
            Mode = NonLive ? "non-live" : null,
            Cleanup = OnlyIf(Cleanup),
            AllowFailover = OnlyIf(AllowFailover),
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        };

    private static bool? OnlyIf(bool isSet) => isSet ? true : null;

    private bool IsRiskAccepted(GntInstance instance)
    {
        var isStopped = Failover || AllowFailover || instance.AlwaysFailover == true;
        if (Force || Cleanup || !isStopped)
        {
            return true;
        }

        if (IgnoreConsistency)
        {
            return Asked($"{instance.Name} is failed over though the other side of its disks may not be up to date: what was written since is lost. Go on?", "Data may be lost", "-Force");
        }

        // -Confirm was asked for and answered, or -Confirm:$false answers beforehand.
        return MyInvocation.BoundParameters.ContainsKey("Confirm") || Asked(
            Failover ? $"{instance.Name} is stopped on {instance.PrimaryNode} and started on another node. Go on?"
            : AllowFailover ? $"When {instance.Name} can't be migrated, it is stopped on {instance.PrimaryNode} and started on another node. Go on?"
            : $"{instance.Name} is set to be failed over always: it is stopped on {instance.PrimaryNode} and started on another node. Go on?",
            "A guest is stopped",
            "-Confirm:$false or -Force");
    }

    private bool Asked(string question, string caption, string answerBeforehand)
    {
        try
        {
            return ShouldContinue(question, caption, hasSecurityImpact: false, ref _yesToAll, ref _noToAll);
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or HostException or NotImplementedException)
        {
            throw new GanetiException(GanetiError.ConfirmationImpossible, $"{question} (This host can't ask: {exception.Message})", exception)
            {
                RecommendedAction = $"Answer beforehand with {answerBeforehand}.",
            };
        }
    }

    private IReadOnlyList<GntInstance> Named()
    {
        var names = Name.Select(name => new NamePattern(name)).ToArray();
        var table = ConnectionFor().Instances.Table;
        var (rows, errors) = Await(token => table.ReadNamedAsync(names, GanetiError.InstanceNotFound, configurationOnly: true, [], token));
        foreach (var error in errors)
        {
            WriteError(error);
        }

        return rows;
    }

    private void RefuseTogether(bool areTogether, string one, string other, string why)
    {
        if (areTogether)
        {
            ThrowTerminatingError(Pipeline.ErrorRecords.From(new GanetiException(GanetiError.ParameterInvalid, $"{one} does not go with {other}: {why}.")
            {
                RecommendedAction = $"Leave one of them away; see Get-Help {MyInvocation.MyCommand.Name} -Full.",
            }));
        }
    }
}
