namespace Ganeti;

/// <summary>Which sides of mirrors somebody wants to see.</summary>
internal sealed class DrbdSelection
{
    /// <summary>Whether those of all nodes are meant.</summary>
    internal bool All { get; set; }

    /// <summary>Nodes by full name.</summary>
    internal HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the nodes, minors; none stands for all.</summary>
    internal HashSet<int> Minors { get; } = [];

    /// <summary>Guests by full name.</summary>
    internal HashSet<string> Instances { get; } = new(StringComparer.Ordinal);

    /// <summary>Disks of guests, by guest and UUID, or by place where the UUID is not known.</summary>
    internal HashSet<(string? Instance, string? Uuid, int? Index)> Disks { get; } = [];

    /// <summary>Sides by node and minor.</summary>
    internal HashSet<(string? Node, int? Minor)> Sides { get; } = [];

    /// <summary>Sides whose other side is meant.</summary>
    internal List<DrbdDevice> PeersOf { get; } = [];

    /// <summary>Whether the other sides of those on the nodes are meant too.</summary>
    internal bool WithPeers { get; set; }

    /// <summary>The guests that the configuration has to be asked for; empty for all.</summary>
    internal string[] Guests => All || Nodes.Count > 0 || Sides.Count > 0 || PeersOf.Count > 0
        ? []
        : [.. Instances.Concat(Disks.Select(disk => disk.Instance)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Whether only the configuration can tell which nodes are to be asked.</summary>
    internal bool NeedsConfiguration => Instances.Count > 0 || Disks.Count > 0 || PeersOf.Count > 0;

    /// <summary>The nodes that are to be asked.</summary>
    /// <param name="mirrors">What the configuration has.</param>
    /// <param name="nodes">The cluster's nodes.</param>
    internal IReadOnlySet<string> NodesToAsk(IReadOnlyCollection<DrbdMirror> mirrors, IReadOnlyCollection<GntNode> nodes)
    {
        var asked = new HashSet<string>(Nodes, StringComparer.Ordinal);
        asked.UnionWith(nodes.Where(node => All && node is { VMCapable: true, Offline: false }).Select(node => node.Name!));
        asked.UnionWith(Sides.Select(side => side.Node).OfType<string>());
        asked.UnionWith(mirrors.Where(IsOfWanted).SelectMany(mirror => new[] { mirror.Primary.Node, mirror.Secondary.Node }));
        asked.UnionWith(PeersOf.Select(side => DrbdPeer.Of(side, mirrors, nodes)?.Node).OfType<string>());
        return asked;
    }

    /// <summary>Whether it is any use to ask a node: one that is offline would be waited for in vain, but one that was named is asked all the same.</summary>
    internal bool MayBeAsked(string node, IEnumerable<GntNode> nodes) => Nodes.Contains(node) || !nodes.Any(known => known.Name == node && known.Offline == true);

    /// <summary>Whether a side that Ganeti has been asked about is meant.</summary>
    internal bool IsWanted(DrbdDevice side) =>
        ((All || Nodes.Contains(side.Node!)) && (Minors.Count == 0 || Minors.Contains(side.Minor ?? -1)))
        || Sides.Contains((side.Node, side.Minor))
        || (side.InstanceName is { } guest && (Instances.Contains(guest) || Disks.Any(disk => IsDisk(disk, guest, side.DiskUuid, side.DiskIndex))));

    private bool IsOfWanted(DrbdMirror mirror) => Instances.Contains(mirror.InstanceName) || Disks.Any(disk => IsDisk(disk, mirror.InstanceName, mirror.DiskUuid, mirror.DiskIndex));

    // By UUID, as a disk's place changes when one before it is removed.
    private static bool IsDisk((string? Instance, string? Uuid, int? Index) disk, string guest, string? uuid, int? index) =>
        disk.Instance == guest && (disk.Uuid is null ? disk.Index == index : disk.Uuid == uuid);
}
