using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gives guests another network card. Stands for <c>gnt-instance modify --net add:…</c>.</summary>
[Cmdlet(VerbsCommon.Add, "GntNic", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntNic), typeof(GntJob))]
public sealed class AddGntNicCommand : GntInstanceChangeCommand
{
    private readonly HashSet<string?> _before = [];

    /// <summary>How it is connected.</summary>
    [Parameter]
    [Choice(typeof(GntNicMode))]
    public GntNicMode? Mode { get; set; }

    /// <summary>What it is connected to: a bridge, a routing table, a switch.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Link { get; set; }

    /// <summary>The Ganeti network that it is in; mode and link are the network's then.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [Reference(typeof(GntNetwork))]
    [ValidateNotNull]
    public GntNetwork? Network { get; set; }

    /// <summary>Its IP address; <c>pool</c> takes a free one of the network.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IPAddress { get; set; }

    /// <summary>Its MAC address; without it Ganeti makes one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mac { get; set; }

    /// <summary>Its VLAN, for Open vSwitch.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Vlan { get; set; }

    /// <summary>A name for it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NicName { get; set; }

    /// <summary>Its place among the guest's cards; without it behind the others.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Index { get; set; }

    /// <summary>Give it to the running guest at once.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>Give it to the running guest at once where its hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    /// <summary>Do not check whether the address is in one of Ganeti's networks or taken there.</summary>
    [Parameter]
    public SwitchParameter NoConflictCheck { get; set; }

    private protected override Change ChangeOf(GntConnection connection, GntInstance instance)
    {
        RequireSameCluster(connection, instance, Network);
        _before.UnionWith((instance.Nics ?? []).Select(nic => nic.Uuid));
        var nic = new GntNicSpecification { Mode = Mode, Link = Link, Network = Network?.Name, IPAddress = IPAddress, Mac = Mac, Vlan = Vlan, Name = NicName };
        return new Change(new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Nics = [InstanceSetParams.Add(nic.ToParameters(), Index)],
            Hotplug = OnlyIf(Hotplug),
            HotplugIfPossible = OnlyIf(HotplugIfPossible),
            ConflictsCheck = NoConflictCheck ? false : null,
        });
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects) =>
        WriteNewParts(connection, subjects, static instance => instance.Nics ?? [], _before);
}
