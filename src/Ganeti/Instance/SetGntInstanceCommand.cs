using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Changes the configuration of guests. Most of it counts from the next full restart on: <c>-Restart</c> makes it. Stands for <c>gnt-instance modify</c>.
/// </summary>
[Cmdlet(VerbsCommon.Set, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance), typeof(GntJob))]
public sealed class SetGntInstanceCommand : GntInstanceChangeCommand
{
    /// <summary>Memory (bytes; <c>1GB</c>, <c>512M</c>): the most, and without <c>-MinimumMemory</c> the least that it is given.</summary>
    [Parameter]
    [Size]
    public long? Memory { get; set; }

    /// <summary>Memory that it can be shrunk to by ballooning, bytes.</summary>
    [Parameter]
    [Size]
    public long? MinimumMemory { get; set; }

    /// <summary>Memory that the running guest is given now, bytes (ballooning).</summary>
    [Parameter]
    [Size]
    public long? RuntimeMemory { get; set; }

    /// <summary>Virtual processors.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? VCpu { get; set; }

    /// <summary>Whether the balancer counts and moves it.</summary>
    [Parameter]
    public bool? AutoBalance { get; set; }

    /// <summary>Whether it is failed over where others are migrated.</summary>
    [Parameter]
    public bool? AlwaysFailover { get; set; }

    /// <summary>How many spindles it counts as.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? SpindleUse { get; set; }

    /// <summary>Further backend parameters, as a hashtable; <c>$null</c> takes the cluster's default again.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? BackendParameter { get; set; }

    /// <summary>Hypervisor parameters, as a hashtable; <c>$null</c> takes the cluster's default again.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? HypervisorParameter { get; set; }

    /// <summary>Another OS definition, with its variant; nothing is installed.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OSCompleter))]
    [ValidateNotNullOrEmpty]
    public string? OS { get; set; }

    /// <summary>Take a variant that the OS definition does not list.</summary>
    [Parameter]
    public SwitchParameter ForceVariant { get; set; }

    /// <summary>OS parameters, as a hashtable; <c>$null</c> removes one.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? OSParameter { get; set; }

    /// <summary>OS parameters that are shown to nobody, as a hashtable; values may be secure strings.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? PrivateOSParameter { get; set; }

    /// <summary>Mark a stopped guest offline: its resources are not reserved. <c>-Offline:$false</c> takes the mark away.</summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>
    /// The node that is to be its primary, for a stopped guest whose disks are on shared storage. Only the configuration is changed.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNull]
    public GntNode? PrimaryNode { get; set; }

    /// <summary>Whether it has the network card for communication with the cluster.</summary>
    [Parameter]
    public bool? Communication { get; set; }

    /// <summary>Change it though the node's group has a policy that it does not fit.</summary>
    [Parameter]
    public SwitchParameter IgnorePolicy { get; set; }

    /// <summary>Stop the guest first and start it after, when it should run. Asks, unless <c>-Force</c> or <c>-Confirm:$false</c> is given.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>With <c>-Restart</c>: how long the guest has for its shutdown; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownTimeout { get; set; }

    /// <summary>Do not ask, and change it though there is not memory enough on its node to start it again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        if (!HasChange)
        {
            Refuse("There is nothing to change.", "Say what to change");
        }

        RefuseTogether(Offline && Restart, "-Offline", "-Restart", "what is offline can't be started");
    }

    private bool HasChange => Memory is not null || MinimumMemory is not null || RuntimeMemory is not null || VCpu is not null || AutoBalance is not null
        || AlwaysFailover is not null || SpindleUse is not null || BackendParameter is { Count: > 0 } || HypervisorParameter is { Count: > 0 } || OS is not null
        || OSParameter is { Count: > 0 } || PrivateOSParameter is { Count: > 0 } || MyInvocation.BoundParameters.ContainsKey(nameof(Offline))
        || PrimaryNode is not null || Communication is not null;

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        RequireSameCluster(connection, instance, PrimaryNode);
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Offline)) && !Offline && !Force)
        {
            RequireNotMounted(instance);
        }

        if (OS is not null)
        {
            RequireOS(connection, OS, ForceVariant, instance);
        }

        var change = new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Beparams = InstanceParameters.Backend(Memory, MinimumMemory, VCpu, AutoBalance, AlwaysFailover, SpindleUse, BackendParameter),
            Hvparams = InstanceParameters.OrDefault(HypervisorParameter),
            RuntimeMem = InstanceParameters.Mebibytes(RuntimeMemory),
            OsName = OS,
            ForceVariant = OnlyIf(ForceVariant),
            Osparams = OSParameter,
            OsparamsPrivate = PrivateOSParameter,
            Offline = MyInvocation.BoundParameters.ContainsKey(nameof(Offline)) ? (bool)Offline : null,
            Pnode = PrimaryNode?.Name,
            InstanceCommunication = Communication,
            IgnoreIpolicy = OnlyIf(IgnorePolicy),
            Force = OnlyIf(Force),
        };
        var chain = Restarting(instance, change, Restart, ShutdownTimeout);
        return chain.Opcodes.Count > 1
            ? new Change(chain, Risk.Stop, $"{instance.Name} is stopped on {instance.PrimaryNode}, changed and started again.")
            : new Change(chain);
    }
}
