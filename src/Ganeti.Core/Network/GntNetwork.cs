using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A network that Ganeti gives guests' addresses from, as <c>gnt-network list</c> and <c>gnt-network info</c> show it.</summary>
public sealed class GntNetwork : GntObject
{
    /// <summary>Its name.</summary>
    [LuxiField("name")]
    public string? Name { get; set; }

    /// <summary>Ganeti's UUID of it.</summary>
    [LuxiField("uuid")]
    public string? Uuid { get; set; }

    /// <summary>The IPv4 subnet with its prefix length, for example <c>198.51.100.0/24</c>.</summary>
    [LuxiField("network")]
    public string? Subnet { get; set; }

    /// <summary>The IPv4 gateway, or null.</summary>
    [LuxiField("gateway")]
    public string? Gateway { get; set; }

    /// <summary>The IPv6 subnet, or null.</summary>
    [LuxiField("network6")]
    public string? SubnetV6 { get; set; }

    /// <summary>The IPv6 gateway, or null.</summary>
    [LuxiField("gateway6")]
    public string? GatewayV6 { get; set; }

    /// <summary>What its guests' MAC addresses begin with, or null for the cluster's prefix.</summary>
    [LuxiField("mac_prefix")]
    public string? MacPrefix { get; set; }

    /// <summary>Addresses that are free.</summary>
    [LuxiField("free_count")]
    public long? FreeCount { get; set; }

    /// <summary>Addresses that are taken.</summary>
    [LuxiField("reserved_count")]
    public long? ReservedCount { get; set; }

    /// <summary>Each address as one character: <c>X</c> taken, <c>.</c> free.</summary>
    [LuxiField("map")]
    public string? Map { get; set; }

    /// <summary>Addresses that Ganeti never gives out.</summary>
    [LuxiField("external_reservations")]
    public string? ExternalReservations { get; set; }

    /// <summary>Groups that it is connected to.</summary>
    [LuxiField("group_cnt")]
    public int? GroupCount { get; set; }

    /// <summary>Those groups, and how their nodes are connected.</summary>
    public GntNetworkConnection[]? Groups { get; set; }

    /// <summary>Guests with a network card in it.</summary>
    [LuxiField("inst_cnt")]
    public int? InstanceCount { get; set; }

    /// <summary>Their names.</summary>
    [LuxiField("inst_list")]
    public string[]? Instances { get; set; }

    /// <summary>Its tags.</summary>
    [LuxiField("tags")]
    public string[]? Tags { get; set; }

    /// <summary>When it was made.</summary>
    [LuxiField("ctime")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>When its configuration was last changed.</summary>
    [LuxiField("mtime")]
    public DateTimeOffset? Modified { get; set; }

    /// <summary>Counts the changes of its configuration.</summary>
    [LuxiField("serial_no")]
    public long? SerialNumber { get; set; }

    internal override string? Key => Name;

    [LuxiField("group_list")]
    internal string?[]?[]? GroupList { get; set; }

    internal override void Complete() => Groups ??= GroupList?.Select(row => new GntNetworkConnection
    {
        Group = row.At(0),
        Mode = row.At(1) is { } mode ? LuxiSetters.ToEnum<GntNicMode>(mode) : null,
        ModeText = row.At(1),
        Link = row.At(2),
        Vlan = row.At(3) is { Length: > 0 } vlan ? vlan : null,
    }).ToArray();
}

/// <summary>How the nodes of a group are connected to a network.</summary>
public sealed class GntNetworkConnection
{
    /// <summary>The group's name.</summary>
    public string? Group { get; set; }

    /// <summary>How guests' network cards are connected there.</summary>
    public GntNicMode? Mode { get; set; }

    /// <summary>The mode as Ganeti printed it.</summary>
    public string? ModeText { get; set; }

    /// <summary>What they are connected to.</summary>
    public string? Link { get; set; }

    /// <summary>The VLAN tag, or null.</summary>
    public string? Vlan { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Group} ({ModeText}, {Link})";
}
