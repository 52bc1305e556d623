using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Starts guests. Stands for <c>gnt-instance startup</c>.</summary>
[Cmdlet(VerbsLifecycle.Start, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class StartGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>What to boot from, this time only, as the hypervisor names it: <c>disk</c>, <c>cdrom</c>, <c>network</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BootOrder { get; set; }

    /// <summary>
    /// The image of a CD to put in, this time only: a path on the node, or an URL. Without <c>-BootOrder</c> the guest boots from it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CdRom { get; set; }

    /// <summary>Hypervisor parameters for this start only, as a hashtable.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? HypervisorParameter { get; set; }

    /// <summary>Backend parameters for this start only, as a hashtable.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? BackendParameter { get; set; }

    /// <summary>Leave the virtual machine frozen once it is there.</summary>
    [Parameter]
    public SwitchParameter Paused { get; set; }

    /// <summary>Start it though its secondary node's side of the disks can't be made ready.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Say that it should run though its primary node is offline; it is started when the node is back.</summary>
    [Parameter]
    public SwitchParameter IgnoreOfflineNode { get; set; }

    /// <summary>Do not remember that it should run: the watcher will not start it again.</summary>
    [Parameter]
    public SwitchParameter NoRemember { get; set; }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        // Ganeti would only say that it is offline.
        if (instance.AdminState == GntAdminState.offline)
        {
            RequireNotMounted(instance);
        }

        return new(new InstanceStartup
        {
            InstanceName = instance.Name!,
            Hvparams = ForThisBoot(),
            Beparams = BackendParameter,
            StartupPaused = OnlyIf(Paused),
            Force = OnlyIf(Force),
            IgnoreOfflineNodes = OnlyIf(IgnoreOfflineNode),
            NoRemember = OnlyIf(NoRemember),
        });
    }

    private GntParameters? ForThisBoot()
    {
        var parameters = new GntParameters();
        if (CdRom is not null)
        {
            parameters["cdrom_image_path"] = CdRom;
            parameters["boot_order"] = "cdrom";
        }

        if (BootOrder is not null)
        {
            parameters["boot_order"] = BootOrder;
        }

        foreach (var (name, value) in HypervisorParameter ?? [])
        {
            parameters[name] = value;
        }

        return parameters.Count == 0 ? null : parameters;
    }
}
