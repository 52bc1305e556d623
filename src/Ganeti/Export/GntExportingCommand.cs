using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that export guests.</summary>
public abstract class GntExportingCommand : GntInstancesCommand
{
    private readonly Dictionary<(GntConnection, string), long> _spaceLeft = [];
    private readonly Dictionary<GntConnection, IReadOnlyList<GntExport>> _exports = [];

    /// <summary>
    /// Do not stop the guest: its disks are snapshotted while it runs. What is exported is as if its power had been cut at that moment (crash-consistent).
    /// </summary>
    [Parameter]
    public SwitchParameter NoShutdown { get; set; }

    /// <summary>How long a guest has for its shutdown before it is cut off; a number is seconds. Ganeti's own default is two minutes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>
    /// Leave the guest stopped until all is exported, when its disks can't be snapshotted (only those of templates plain, drbd and ext can).
    /// </summary>
    [Parameter]
    public SwitchParameter LongSleep { get; set; }

    /// <summary>How the dumps are compressed on their way to the node, for example <c>gzip</c>; what is stored there is as it was.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Compress { get; set; }

    /// <summary>Do not check whether the node has space for it: for dumps that are known to be far smaller than the disks.</summary>
    [Parameter]
    public SwitchParameter IgnoreSpace { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(NoShutdown && ShutdownTimeout is not null, "-NoShutdown", "-ShutdownTimeout", "the guest is not stopped");
        RefuseTogether(NoShutdown && LongSleep, "-NoShutdown", "-LongSleep", "the guest is not stopped");
    }

    /// <summary>Whether the export stops the guest.</summary>
    private protected bool Stops(GntInstance instance) => !NoShutdown && instance.AdminState == GntAdminState.up;

    /// <summary>Refuses what Ganeti would find out too late: after it has stopped the guest, or filled the node.</summary>
    private protected void RequireExportable(GntConnection connection, GntInstance instance, string node, bool isRemoved)
    {
        var canSnapshot = instance.DiskTemplate is GntDiskTemplate.plain or GntDiskTemplate.drbd or GntDiskTemplate.ext or GntDiskTemplate.diskless or null;
        if (instance.AdminState == GntAdminState.up && !isRemoved && !canSnapshot && !LongSleep)
        {
            throw new GanetiException(GanetiError.StateWrong, $"{instance} has disks that can't be snapshotted ({instance.DiskTemplateText}){(NoShutdown ? ", so that it can't be exported while it runs." : ": it would have to stay stopped until all is exported.")}")
            {
                Target = instance,
                RecommendedAction = NoShutdown ? "Leave -NoShutdown away and allow the time with -LongSleep, or stop the guest before." : "Allow that with -LongSleep, or stop the guest before.",
            };
        }

        if (NoShutdown && instance.AdminState == GntAdminState.up)
        {
            WriteWarning($"{instance} is exported while it runs: the export is as if its power had been cut (crash-consistent).");
        }

        if (!IgnoreSpace)
        {
            RequireSpace(connection, instance, node);
        }
    }

    /// <summary>Its exports that there are by now; a new one takes their place.</summary>
    private protected IReadOnlyList<GntExport> ExportsOf(GntConnection connection, GntInstance instance)
    {
        if (!_exports.TryGetValue(connection, out var exports))
        {
            _exports.Add(connection, exports = Await(connection.Exports.ListAsync).Exports);
        }

        return [.. exports.Where(export => export.Name == instance.Name)];
    }

    /// <summary>The node that a reference means, with its full name.</summary>
    private protected GntNode NodeOn(GntConnection connection, GntInstance instance, GntNode node)
    {
        RequireSameCluster(connection, instance, node);
        return node.ClusterUuid is not null ? node : Await(token => connection.Nodes.Table.ReadNamedAsync([new NamePattern(NamePattern.Escape(node.Name ?? string.Empty))], GanetiError.NodeNotFound, configurationOnly: true, [], token)) switch
        {
            { Rows: [var found] } => found,
            { Errors: [var error, ..] } => throw error,
            _ => throw new GanetiException(GanetiError.NodeNotFound, $"There is no node '{node}'."),
        };
    }

    /// <summary>The export, and for a guest that should run its start after it, whatever has become of it: Ganeti leaves it stopped when the export fails.</summary>
    private protected JobChain Exporting(GntInstance instance, BackupExport export) => Stops(instance) && export.RemoveInstance != true && !DryRun
        ? new JobChain(export).Finally(new InstanceStartup { InstanceName = instance.Name! })
        : new JobChain(export);

    // Whatever the scripts make of the disks, few make more of them.
    private void RequireSpace(GntConnection connection, GntInstance instance, string node)
    {
        var needed = instance.Disks?.Sum(disk => disk.Size ?? 0) ?? 0;
        if (!_spaceLeft.TryGetValue((connection, node), out var left))
        {
            left = Await(token => connection.Exports.FreeSpaceAsync(node, token));
        }

        if (needed > left)
        {
            throw new GanetiException(GanetiError.SpaceInsufficient, $"{node} has {Views.ViewFormat.Size(left)} left for exports, and the disks of {instance} are {Views.ViewFormat.Size(needed)}.")
            {
                Target = instance,
                RecommendedAction = "Name another node, remove exports there (Remove-GntExport), or say with -IgnoreSpace that the dumps will be smaller.",
            };
        }

        _spaceLeft[(connection, node)] = left - needed;
    }
}
