namespace Ganeti;

/// <summary>A network card of a guest as Ganeti's configuration has it.</summary>
public sealed class GntNic : GntInstancePart
{
    /// <summary>The MAC address, lower case with colons.</summary>
    public string? Mac { get; set; }

    /// <summary>The IP address that Ganeti knows for it, or null.</summary>
    public string? IPAddress { get; set; }

    /// <summary>How it is connected.</summary>
    public GntNicMode? Mode { get; set; }

    /// <summary>The mode as Ganeti printed it.</summary>
    public string? ModeText { get; set; }

    /// <summary>What it is connected to: a bridge, a routing table, a switch.</summary>
    public string? Link { get; set; }

    /// <summary>The bridge, in mode <c>bridged</c>, else null.</summary>
    public string? Bridge { get; set; }

    /// <summary>The VLAN tag as configured (Open vSwitch only), or null.</summary>
    public string? Vlan { get; set; }

    /// <summary>The name of the Ganeti network that it is in, or null.</summary>
    public string? NetworkName { get; set; }

    /// <summary>That network's UUID.</summary>
    public string? NetworkUuid { get; set; }

    /// <summary>Parameters set on the card itself, not taken from the cluster.</summary>
    public GntParameters? CustomParameters { get; set; }

    internal override string Kind => "nic";

    /// <summary>The network cards of a guest whose fields were read, or null when they were not.</summary>
    internal static GntNic[]? Of(GntInstance instance) => instance.NicMacs?.Select((mac, index) => new GntNic
    {
        ClusterUuid = instance.ClusterUuid,
        ClusterName = instance.ClusterName,
        ReadAt = instance.ReadAt,
        InstanceName = instance.Name,
        Index = index,
        Uuid = instance.NicUuids.At(index),
        Name = instance.NicNames.At(index),
        Mac = mac,
        IPAddress = instance.NicIps.At(index),
        Mode = instance.NicModes.At(index) is { } mode ? Luxi.LuxiSetters.ToEnum<GntNicMode>(mode) : null,
        ModeText = instance.NicModes.At(index),
        Link = instance.NicLinks.At(index),
        Bridge = instance.NicBridges.At(index),
        Vlan = instance.NicVlans.At(index) is { Length: > 0 } vlan ? vlan : null,
        NetworkUuid = instance.NicNetworks.At(index),
        NetworkName = instance.NicNetworkNames.At(index),
        CustomParameters = instance.CustomNicParameters.At(index) as GntParameters,
        PrimaryNode = instance.PrimaryNode,
    }).ToArray();
}

/// <summary>How a network card is connected, spelled as Ganeti prints it.</summary>
/// <remarks>The words are Ganeti's <c>NIC_MODE_*</c> constants.</remarks>
public enum GntNicMode
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>To a bridge of the node.</summary>
    bridged = 1,

    /// <summary>Routed by the node.</summary>
    routed = 2,

    /// <summary>To an Open vSwitch of the node.</summary>
    openvswitch = 3,
}

internal static class ParallelLists
{
    /// <summary>The item at a place of a list that Ganeti answers beside others, or null where it is shorter or absent.</summary>
    internal static TItem? At<TItem>(this TItem?[]? items, int index) => items is not null && index < items.Length ? items[index] : default;
}
