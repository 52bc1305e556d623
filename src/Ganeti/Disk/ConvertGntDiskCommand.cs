using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Changes how the disks of stopped guests are stored: mirrored, plain, in files … Stands for <c>gnt-instance modify -t</c>.
/// </summary>
[Cmdlet(VerbsData.Convert, "GntDisk", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class ConvertGntDiskCommand : GntInstanceChangeCommand
{
    /// <summary>How they are to be stored.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Choice(typeof(GntDiskTemplate))]
    public GntDiskTemplate Template { get; set; }

    /// <summary>The node for the other side, when they are to be mirrored.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? SecondaryNode { get; set; }

    /// <summary>The allocator that chooses that node.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Allocator { get; set; }

    /// <summary>Do not wait until the mirror is in sync.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>For external storage: <c>provider</c> and what else it wants, as a hashtable.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? ExternalParameter { get; set; }

    /// <summary>For disks in files: the driver, <c>loop</c> or <c>blktap2</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FileDriver { get; set; }

    /// <summary>For disks in files: a folder below the cluster's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FileStorageDirectory { get; set; }

    /// <summary>Convert them though the node's group has a policy that the guest does not fit then.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Stop the guest first and start it after, when it should run. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>With <c>-Restart</c>: how long the guest has for its shutdown; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(SecondaryNode is not null && Allocator is not null, "-SecondaryNode", "-Allocator", "one of them chooses the node");
        RefuseTogether(ExternalParameter is not null && Template != GntDiskTemplate.ext, "-ExternalParameter", $"-Template {Template}", "it is for external storage");
    }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        RequireSameCluster(connection, instance, SecondaryNode);
        if (instance.AdminState == GntAdminState.up && !Restart)
        {
            throw new GanetiException(GanetiError.StateWrong, $"{instance} should run, and disks can be converted of a stopped guest only.")
            {
                Target = instance,
                RecommendedAction = "Stop it first (Stop-GntInstance), or let it be stopped and started again with -Restart.",
            };
        }

        var change = new InstanceSetParams
        {
            InstanceName = instance.Name!,
            DiskTemplate = Template.ToString(),
            RemoteNode = SecondaryNode?.Name,
            Iallocator = Allocator,
            WaitForSync = Quick ? false : null,
            ExtParams = ExternalParameter,
            FileDriver = FileDriver,
            FileStorageDir = FileStorageDirectory,
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
        };
        var chain = Restarting(instance, change, Restart, ShutdownTimeout);
        return chain.Opcodes.Count > 1
            ? new Change(chain, Risk.Stop, $"{instance.Name} is stopped on {instance.PrimaryNode} until its disks ({Views.ViewFormat.Size(instance.DiskUsage)}) are converted, and started again.")
            : new Change(chain);
    }
}
