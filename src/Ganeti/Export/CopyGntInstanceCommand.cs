using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Makes a copy of a guest under another name: exports it, imports that, removes the export if it is still that one. The copy has new MAC addresses. Export and import are submitted at
/// once, as jobs that wait for each other on the master. The guest is stopped for the export, unless <c>-NoShutdown</c> is given, and started again.
/// </summary>
[Cmdlet(VerbsCommon.Copy, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob), typeof(GntPlanStep))]
public sealed class CopyGntInstanceCommand : GntExportingCommand
{
    private readonly List<GntConnection> _copied = [];
    private readonly Dictionary<GntInstance, DateTimeOffset> _imported = new(ReferenceEqualityComparer.Instance);

    /// <summary>The copy's name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = string.Empty;

    /// <summary>The copy's primary node. Without it the allocator chooses.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? Node { get; set; }

    /// <summary>The copy's secondary node, for disk template drbd.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? SecondaryNode { get; set; }

    /// <summary>The allocator that chooses the copy's nodes, for example <c>hail</c>; without it the cluster's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>How the copy's disks are stored; without it like those of the guest.</summary>
    [Parameter]
    [Choice(typeof(GntDiskTemplate))]
    public GntDiskTemplate? DiskTemplate { get; set; }

    /// <summary>The node that has the export meanwhile; without it the copy's primary node, or that of the guest.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? TransferNode { get; set; }

    /// <summary>Keep the export when the copy is made. With <c>-NoWait</c> it is kept too.</summary>
    [Parameter]
    public SwitchParameter KeepExport { get; set; }

    /// <summary>Take the name though it can't be resolved.</summary>
    [Parameter]
    public SwitchParameter NoNameCheck { get; set; }

    /// <summary>Make it though the node's group has a policy that it does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Start the copy once it is there.</summary>
    [Parameter]
    public SwitchParameter Start { get; set; }

    /// <summary>Write the steps and do nothing.</summary>
    [Parameter]
    public SwitchParameter Plan { get; set; }

    /// <summary>Write the copy.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "there is no copy yet when the jobs are written");
        RefuseTogether(Node is not null && Allocator is not null, "-Node", "-Allocator", "one of them chooses the nodes");
        RefuseTogether(SecondaryNode is not null && Node is null, "-SecondaryNode", "an allocator", "name the primary node too");
        RefuseTogether(DryRun, "-DryRun", "a copy", "the import can't be checked before there is an export; see the steps with -Plan");
    }

    private protected override Change? ChangeOf(GntConnection connection, GntInstance instance)
    {
        RequireOne(connection, instance);
        RequireSameCluster(connection, instance, SecondaryNode);
        var via = (TransferNode ?? Node) is { } node ? NodeOn(connection, instance, node).Name! : instance.PrimaryNode!;
        RequireSameCluster(connection, instance, Node);
        RequireNodes(connection, instance);
        var (chain, steps) = StepsFor(instance, via);
        if (Plan)
        {
            var lines = chain.Opcodes.Select(opcode => opcode.CommandLine).Append(new BackupRemove { InstanceName = instance.Name! }.CommandLine);
            WriteObject(steps.Zip(lines, (step, line) => (step, line)).Select((pair, index) => new GntPlanStep { Step = index + 1, Description = pair.step, CommandLine = pair.line }), enumerateCollection: true);
            return null;
        }

        RequireExportable(connection, instance, via, isRemoved: false);
        var old = ExportsOf(connection, instance);
        var stop = Stops(instance) ? $"{instance.Name} is stopped on {instance.PrimaryNode} {(LongSleep ? "until it is exported" : "while its disks are snapshotted")}, then started again." : null;
        return old.Count == 0 ? new Change(chain, stop is null ? Risk.None : Risk.Stop, stop) : new Change(
            chain,
            Risk.Data,
            $"The export of {instance.Name} that there is on {string.Join(" and ", old.Select(export => export.Node))} is lost: Ganeti keeps one export of a guest.{(stop is null ? string.Empty : $" {stop}")}");
    }

    private protected override void Succeeded(object subject, GntJob job)
    {
        if (subject is GntInstance instance && job.Ended is { } ended && job.Operations?.Any(operation => operation.OpId == "OP_INSTANCE_CREATE") == true)
        {
            _imported[instance] = ended;
        }
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (!KeepExport)
        {
            Each(subjects.OfType<GntInstance>(), instance => RemoveExport(connection, instance));
        }

        if (PassThru)
        {
            WriteObject(Await(token => connection.Instances.Table.ReadNamedAsync([new NamePattern(NamePattern.Escape(NewName))], GanetiError.InstanceNotFound, configurationOnly: false, [], token)).Rows, enumerateCollection: true);
        }
    }

    // A wildcard may mean several.
    private void RequireOne(GntConnection connection, GntInstance instance)
    {
        if (_copied.Contains(connection))
        {
            throw new GanetiException(GanetiError.EntityExists, $"{instance} can't be copied to {NewName} too: another guest is.")
            {
                Target = instance,
                RecommendedAction = "Copy one guest a call.",
            };
        }

        if (Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string> { NewName }, configurationOnly: true, [], token)).Count > 0)
        {
            throw new GanetiException(GanetiError.EntityExists, $"There is a guest {NewName} already.") { Target = instance, RecommendedAction = "Choose another name." };
        }

        _copied.Add(connection);
    }

    // A backup that waited for the import's locks has taken its place by now, and Ganeti removes by name.
    private void RemoveExport(GntConnection connection, GntInstance instance)
    {
        var exports = Await(token => ExportSelection.ReadAsync(connection, new GntExport { Name = instance.Name }, token)).Where(export => export.Name == instance.Name).ToArray();
        if (exports.Length == 0)
        {
            return;
        }

        if (_imported.TryGetValue(instance, out var imported) && Array.TrueForAll(exports, export => export.Created <= imported))
        {
            Await(token => connection.Jobs.RunAsync(new BackupRemove { InstanceName = instance.Name! }, MyInvocation.MyCommand.Name, instance, null, null, token));
        }
        else
        {
            WriteWarning($"The export of {instance} on {string.Join(" and ", exports.Select(export => export.Node))} stays: it was made anew while the copy was made.");
        }
    }

    // Ganeti says so only when it is stopped and exported already.
    private void RequireNodes(GntConnection connection, GntInstance instance)
    {
        if ((DiskTemplate ?? instance.DiskTemplate) != GntDiskTemplate.drbd || SecondaryNode is not null || Allocator is not null)
        {
            return;
        }

        if (Node is not null)
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"The copy of {instance} is on DRBD, and only its primary node is named.") { Target = instance, RecommendedAction = "Name the other one with -SecondaryNode, or leave both to an allocator; or -DiskTemplate plain." };
        }

        if (string.IsNullOrEmpty(Await(token => connection.GetClusterAsync(token)).DefaultIAllocator))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"No node is named for the copy of {instance}, and {connection.Name} has no default allocator to choose one.") { Target = instance, RecommendedAction = "Name nodes with -Node and -SecondaryNode, or an allocator with -Allocator." };
        }
    }

    private (JobChain Chain, List<string> Steps) StepsFor(GntInstance instance, string via)
    {
        var name = instance.Name!;
        var steps = new List<string> { $"Export {name} to {via}{(Stops(instance) ? ", stopping it" : string.Empty)}" };
        var chain = Exporting(instance, new BackupExport
        {
            InstanceName = name,
            TargetNode = via,
            Compress = Compress,
            Shutdown = NoShutdown ? false : null,
            ShutdownTimeout = Seconds(ShutdownTimeout),
            LongSleep = OnlyIf(LongSleep),
        });
        if (chain.Opcodes.Count > 1)
        {
            steps.Add($"Start {name} again, whatever has become of the export");
        }

        // After the export, wherever it stands.
        chain.ThenAfter(chain.Opcodes.Count, Import(instance, via));
        steps.Add($"Import it as {NewName}");
        if (Start)
        {
            chain.Then(new InstanceStartup { InstanceName = NewName });
            steps.Add($"Start {NewName}");
        }

        if (!KeepExport)
        {
            steps.Add($"Remove the export from {via}, if it is still that one");
        }

        return (chain, steps);
    }

    private InstanceCreate Import(GntInstance instance, string via) => new InstanceCreate
    {
        InstanceName = NewName,
        Mode = "import",
        SrcNode = via,
        SrcPath = instance.Name,
        Pnode = Node?.Name,
        Snode = SecondaryNode?.Name,
        Iallocator = Allocator,
        DiskTemplate = DiskTemplate?.ToString() ?? instance.DiskTemplateText,
        Disks = [],
        Nics = ImportNics.Of(instance),
        Start = false,
        Compress = Compress,
        NameCheck = NoNameCheck ? false : null,
        IpCheck = NoNameCheck ? false : null,
        IgnoreIpolicy = OnlyIf(IgnorePolicy),
    };
}
