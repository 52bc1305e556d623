using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Restarts guests that should run; those that are stopped on purpose stay so. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given. Stands for
/// <c>gnt-instance reboot</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Restart, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class RestartGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>
    /// How: Soft inside the same virtual machine, Hard (Ganeti's default) as a new virtual machine with the values that are configured now, Full as a
    /// stop and a start of the disks too.
    /// </summary>
    [Parameter]
    [Choice(typeof(GntRestartType))]
    public GntRestartType Type { get; set; } = GntRestartType.Hard;

    /// <summary>How long a guest has for its shutdown before it is cut off; a number is seconds. Ganeti's own default is two minutes.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Start it though its secondary node's side of the disks can't be made ready.</summary>
    [Parameter]
    public SwitchParameter IgnoreSecondary { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override bool NeedsLiveState => true;

    private protected override Change? ChangeOf(GntConnection connection, GntInstance instance)
    {
        if (instance.AdminState != GntAdminState.up)
        {
            // Ganeti would start it.
            WriteWarning($"{instance} is stopped ({instance.AdminStateText}), and stays so; Start-GntInstance starts it.");
            return null;
        }

        if (instance.NeedsRestart == true && Type == GntRestartType.Soft)
        {
            WriteWarning($"{instance} runs with other values than are configured now ({RunningValues(instance)}); a soft restart does not bring them, -Type Hard does.");
        }

        var opcode = new InstanceReboot
        {
            InstanceName = instance.Name!,
            RebootType = Type switch { GntRestartType.Soft => "soft", GntRestartType.Full => "full", _ => "hard" },
            IgnoreSecondaries = OnlyIf(IgnoreSecondary),
            ShutdownTimeout = Seconds(ShutdownTimeout),
        };
        return new Change(opcode, Risk.Stop, $"{instance.Name} is restarted on {instance.PrimaryNode}.");
    }

    private static string RunningValues(GntInstance instance) =>
        $"{Views.ViewFormat.Size(instance.MemoryInUse)} and {instance.VCpuInUse} VCPU instead of {Views.ViewFormat.Size(instance.Memory)} and {instance.VCpu}";
}
