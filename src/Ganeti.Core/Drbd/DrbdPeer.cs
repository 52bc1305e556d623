namespace Ganeti;

/// <summary>Where the other side of a mirror is: by Ganeti's configuration, else by what the kernel has of the connection.</summary>
internal sealed record DrbdPeer(string Node, int? Minor, int? Port)
{
    /// <summary>The other side of one; null when nothing tells where it is.</summary>
    internal static DrbdPeer? Of(DrbdDevice side, IEnumerable<DrbdMirror> mirrors, IEnumerable<GntNode> nodes) =>
        mirrors.Select(mirror => mirror.OtherSideOf(side.Node, side.Minor)).FirstOrDefault(other => other is not null) is { } configured ? new DrbdPeer(configured.Node, configured.Minor, null)
        : (side.PeerNode ?? NodeAt(side.PeerAddress, nodes)) is { } node && (side.PeerMinor ?? side.Port) is not null ? new DrbdPeer(node, side.PeerMinor, side.Port)
        : null;

    /// <summary>Whether it is this one.</summary>
    internal bool Is(DrbdDevice side) => side.Node == Node && (Minor is null ? side.Port == Port : side.Minor == Minor);

    /// <summary>The node that has an address in the replication's network.</summary>
    internal static string? NodeAt(string? address, IEnumerable<GntNode> nodes) =>
        address is null ? null : nodes.FirstOrDefault(node => node.SecondaryIPAddress == address || node.PrimaryIPAddress == address)?.Name;
}
