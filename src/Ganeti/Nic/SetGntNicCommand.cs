using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Changes network cards. Stands for <c>gnt-instance modify --net N:…</c>.</summary>
[Cmdlet(VerbsCommon.Set, "GntNic", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntNic), typeof(GntJob))]
public sealed class SetGntNicCommand : GntNicChangeCommand
{
    /// <summary>How it is connected.</summary>
    [Parameter]
    [Choice(typeof(GntNicMode))]
    public GntNicMode? Mode { get; set; }

    /// <summary>What it is connected to: a bridge, a routing table, a switch.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Link { get; set; }

    /// <summary>The Ganeti network that it is in; empty takes it out of its network.</summary>
    [Parameter]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string? Network { get; set; }

    /// <summary>Its IP address; empty takes it away, <c>pool</c> takes a free one of the network.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? IPAddress { get; set; }

    /// <summary>Its MAC address; <c>generate</c> makes a new one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mac { get; set; }

    /// <summary>Its VLAN, for Open vSwitch.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Vlan { get; set; }

    /// <summary>The name; empty takes it away.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? NewName { get; set; }

    /// <summary>Change it in the running guest at once: the card is taken out and put in again, which may cut connections. Asks, unless <c>-Force</c> is given.</summary>
    [Parameter]
    public SwitchParameter Hotplug { get; set; }

    /// <summary>The same where the guest's hypervisor can do that.</summary>
    [Parameter]
    public SwitchParameter HotplugIfPossible { get; set; }

    /// <summary>Do not check whether the address is in one of Ganeti's networks or taken there.</summary>
    [Parameter]
    public SwitchParameter NoConflictCheck { get; set; }

    /// <summary>Do not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the network cards as they are after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassThru => PassThru;

    private protected override bool IsForced => Force;

    private protected override void Begin()
    {
        base.Begin();
        if (Mode is null && Link is null && Network is null && IPAddress is null && Mac is null && Vlan is null && NewName is null)
        {
            Refuse("There is nothing to change.", "Say what to change");
        }
    }

    private protected override Change ChangeOf(GntInstance instance, IReadOnlyList<GntNic> parts)
    {
        var nic = new GntNicSpecification { Mode = Mode, Link = Link, Network = Network, IPAddress = IPAddress, Mac = Mac, Vlan = Vlan, Name = NewName };
        var change = new InstanceSetParams
        {
            InstanceName = instance.Name!,
            Nics = [.. parts.Select(part => InstanceSetParams.Modify(part.Index ?? 0, nic.ToParameters()))],
            Hotplug = OnlyIf(Hotplug),
            HotplugIfPossible = OnlyIf(HotplugIfPossible),
            ConflictsCheck = NoConflictCheck ? false : null,
        };
        return Hotplug || HotplugIfPossible
            ? new Change(change, Risk.Stop, $"{string.Join(", ", parts)}: the card is taken from the running guest and given back; its connections may be cut.")
            : new Change(change);
    }
}
