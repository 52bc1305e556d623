using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Exports guests: has the scripts of their OS definition dump their disks to a node. Stops each while its disks are snapshotted, unless
/// <c>-NoShutdown</c> is given, and asks before. The new export takes the place of the one that there is. Stands for <c>gnt-backup export</c>.
/// </summary>
[Cmdlet(VerbsData.Export, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntExport), typeof(GntJob))]
public sealed class ExportGntInstanceCommand : GntExportingCommand
{
    /// <summary>The node to export to.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? TargetNode { get; set; }

    /// <summary>Remove the guest with all its data once it is exported. Asks, unless <c>-Force</c> is given.</summary>
    [Parameter]
    public SwitchParameter Remove { get; set; }

    /// <summary>With <c>-Remove</c>: go on though something of the guest can't be removed.</summary>
    [Parameter]
    public SwitchParameter IgnoreRemoveFailures { get; set; }

    /// <summary>
    /// Have a helper guest write zeros over what is free on the disks first, so that a dump compresses well. The guest is stopped meanwhile.
    /// </summary>
    [Parameter]
    public SwitchParameter ZeroFreeSpace { get; set; }

    /// <summary>With <c>-ZeroFreeSpace</c>: how long the zeroing may take in any case; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ZeroingTimeout { get; set; }

    /// <summary>With <c>-ZeroFreeSpace</c>: seconds more for each MiB of the disks.</summary>
    [Parameter]
    [ValidateRange(0.0, 3600.0)]
    public double? ZeroingTimeoutPerMebibyte { get; set; }

    /// <summary>Write the exports that were made.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "there is no export yet when the job is written");
        RefuseTogether(NoShutdown && Remove, "-NoShutdown", "-Remove", "what is removed is stopped");
        RefuseTogether(NoShutdown && ZeroFreeSpace, "-NoShutdown", "-ZeroFreeSpace", "the helper guest needs the disks for itself");
        RefuseTogether(IgnoreRemoveFailures && !Remove, "-IgnoreRemoveFailures", "an export alone", "it is for -Remove");
        RefuseTogether((ZeroingTimeout is not null || ZeroingTimeoutPerMebibyte is not null) && !ZeroFreeSpace, "-ZeroingTimeout", "an export alone", "it is for -ZeroFreeSpace");
    }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        var node = NodeOn(connection, instance, TargetNode!).Name!;
        RequireExportable(connection, instance, node, Remove);
        var export = new BackupExport
        {
            InstanceName = instance.Name!,
            TargetNode = node,
            Compress = Compress,
            Shutdown = NoShutdown ? false : null,
            ShutdownTimeout = Seconds(ShutdownTimeout),
            RemoveInstance = OnlyIf(Remove),
            IgnoreRemoveFailures = OnlyIf(IgnoreRemoveFailures),
            ZeroFreeSpace = OnlyIf(ZeroFreeSpace),
            ZeroingTimeoutFixed = Seconds(ZeroingTimeout),
            ZeroingTimeoutPerMib = ZeroingTimeoutPerMebibyte,
            LongSleep = OnlyIf(LongSleep),
        };
        var (risk, warning) = RiskOf(instance);
        var replaced = ExportsOf(connection, instance);
        return new Change(Exporting(instance, export), risk, replaced.Count == 0 ? warning : $"{warning} Its export on {string.Join(" and ", replaced.Select(old => old.Node))} is replaced.".TrimStart());
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (PassThru)
        {
            var names = subjects.Cast<GntInstance>().Select(instance => new NamePattern(NamePattern.Escape(instance.Name!))).ToArray();
            WriteObject(Await(token => connection.Exports.GetAsync(names, token)).Where(export => subjects.Cast<GntInstance>().Any(instance => instance.Name == export.Name)), enumerateCollection: true);
        }
    }

    private (Risk Risk, string? Warning) RiskOf(GntInstance instance)
    {
        if (Remove)
        {
            return (Risk.Data, $"{instance.Name} is stopped, and once it is exported removed with all data of its disks ({Views.ViewFormat.Size(instance.Disks?.Sum(disk => disk.Size ?? 0))}); what its export scripts leave out is lost.");
        }

        return !Stops(instance) ? (Risk.None, null) : (Risk.Stop, LongSleep || ZeroFreeSpace
            ? $"{instance.Name} is stopped on {instance.PrimaryNode} until it is exported, then started again."
            : $"{instance.Name} is stopped on {instance.PrimaryNode} while its disks are snapshotted, then started again.");
    }
}
