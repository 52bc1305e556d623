using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Stops guests. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given. Stands for <c>gnt-instance shutdown</c>.</summary>
[Cmdlet(VerbsLifecycle.Stop, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class StopGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>
    /// How long a guest has for its shutdown before it is cut off; a number is seconds, 0 cuts it off at once. Ganeti's own default is two minutes.
    /// </summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Say that it should not run though its primary node is offline.</summary>
    [Parameter]
    public SwitchParameter IgnoreOfflineNode { get; set; }

    /// <summary>Stop it though it is marked offline itself (<c>gnt-instance shutdown --force</c>).</summary>
    [Parameter]
    public SwitchParameter IgnoreOfflineInstance { get; set; }

    /// <summary>Do not remember that it should be stopped: the watcher will start it again.</summary>
    [Parameter]
    public SwitchParameter NoRemember { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance) => new(
        new InstanceShutdown
        {
            InstanceName = instance.Name!,
            Timeout = Seconds(ShutdownTimeout),
            Force = OnlyIf(IgnoreOfflineInstance),
            IgnoreOfflineNodes = OnlyIf(IgnoreOfflineNode),
            NoRemember = OnlyIf(NoRemember),
        },
        Risk.Stop,
        $"{instance.Name} is stopped on {instance.PrimaryNode}.");
}
