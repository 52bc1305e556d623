using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Installs the OS anew over the disks of stopped guests: all data on them is lost. Asks; only <c>-Force</c> answers beforehand. Stands for
/// <c>gnt-instance reinstall</c>.
/// </summary>
[Cmdlet(VerbsCommon.Reset, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class ResetGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>Another OS definition, with its variant; without it the same as before.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OSCompleter))]
    [ValidateNotNullOrEmpty]
    public string? OS { get; set; }

    /// <summary>OS parameters for the installation, as a hashtable.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? OSParameter { get; set; }

    /// <summary>OS parameters that are shown to nobody, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? PrivateOSParameter { get; set; }

    /// <summary>OS parameters that not even Ganeti keeps, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? SecretOSParameter { get; set; }

    /// <summary>Take a variant that the OS definition does not list.</summary>
    [Parameter]
    public SwitchParameter ForceVariant { get; set; }

    /// <summary>Stop the guest first and start it after, when it should run.</summary>
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

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        if (instance.AdminState == GntAdminState.up && !Restart)
        {
            throw new GanetiException(GanetiError.StateWrong, $"{instance} should run, and only a stopped guest can be installed anew.")
            {
                Target = instance,
                RecommendedAction = "Stop it first (Stop-GntInstance), or let it be stopped and started again with -Restart.",
            };
        }

        if (OS is not null)
        {
            RequireOS(connection, OS, ForceVariant, instance);
        }

        var reinstall = new InstanceReinstall
        {
            InstanceName = instance.Name!,
            OsType = OS,
            Osparams = OSParameter,
            OsparamsPrivate = PrivateOSParameter,
            OsparamsSecret = SecretOSParameter,
            ForceVariant = OnlyIf(ForceVariant),
        };
        var disks = instance.Disks?.Length ?? 0;
        return new Change(
            Restarting(instance, reinstall, Restart, ShutdownTimeout),
            Risk.Data,
            string.Create(CultureInfo.InvariantCulture, $"{instance.Name} is installed anew with {OS ?? instance.OS}: all data of its {(disks == 1 ? "disk" : $"{disks} disks")} ({Views.ViewFormat.Size(instance.DiskUsage)}) is lost."));
    }
}
