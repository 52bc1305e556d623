namespace Ganeti;

/// <summary>A mirrored disk as Ganeti's configuration has it.</summary>
internal sealed record DrbdMirror
{
    internal required string InstanceName { get; init; }

    internal required int DiskIndex { get; init; }

    internal string? DiskUuid { get; init; }

    internal required (string Node, int Minor) Primary { get; init; }

    internal required (string Node, int Minor) Secondary { get; init; }

    internal int? Port { get; init; }

    /// <summary>The volume for the data, the same name on both nodes; null where the configuration has none.</summary>
    internal string? BackingDevice { get; init; }

    /// <summary>The mirrors of guests among disks.</summary>
    internal static IReadOnlyList<DrbdMirror> Of(IEnumerable<ConfiguredDisk> disks) =>
    [
        .. from disk in disks
           where disk is { IsMirrored: true, InstanceName: not null, Index: not null, Sides: [{ Minor: not null }, { Minor: not null }] }
           select new DrbdMirror
           {
               InstanceName = disk.InstanceName!,
               DiskIndex = disk.Index!.Value,
               DiskUuid = disk.Uuid,
               Primary = (disk.Sides[0].Node, disk.Sides[0].Minor!.Value),
               Secondary = (disk.Sides[1].Node, disk.Sides[1].Minor!.Value),
               Port = disk.Port,
               BackingDevice = disk.Volumes is [var (group, name), ..] ? $"/dev/{group}/{name}" : null,
           },
    ];

    /// <summary>Tells sides which guest's disk they are, by node and minor. One that is no guest's is left as it is.</summary>
    internal static void Assign(IReadOnlyCollection<DrbdMirror> mirrors, IEnumerable<DrbdDevice> devices)
    {
        var sides = mirrors.Select(mirror => (Side: mirror.Primary, mirror)).Concat(mirrors.Select(mirror => (Side: mirror.Secondary, mirror)))
            .DistinctBy(pair => pair.Side).ToDictionary(pair => pair.Side, pair => pair.mirror);
        foreach (var device in devices)
        {
            if (device is { Node: { } node, Minor: { } minor } && sides.TryGetValue((node, minor), out var mirror))
            {
                mirror.Fill(device, mirror.Primary == (node, minor));
            }
        }
    }

    /// <summary>The other side than this one; null when this one is none of its.</summary>
    internal (string Node, int Minor)? OtherSideOf(string? node, int? minor) => Primary == (node, minor) ? Secondary : Secondary == (node, minor) ? Primary : null;

    /// <summary>Both sides as they should be: where they are and whose.</summary>
    internal DrbdPair Sides(ClusterIdentity cluster)
    {
        return new DrbdPair(Side(Primary, isPrimary: true), Side(Secondary, isPrimary: false));

        DrbdDevice Side((string Node, int Minor) at, bool isPrimary)
        {
            var side = new DrbdDevice { Node = at.Node, Minor = at.Minor };
            Fill(side, isPrimary);
            side.From(cluster, DateTimeOffset.Now);
            return side;
        }
    }

    private void Fill(DrbdDevice device, bool isPrimary)
    {
        device.InstanceName = InstanceName;
        device.DiskIndex = DiskIndex;
        device.DiskUuid = DiskUuid;
        device.ConfiguredRole = isPrimary ? DrbdRole.Primary : DrbdRole.Secondary;
        (device.PeerNode, device.PeerMinor) = isPrimary ? Secondary : Primary;
        device.ConfiguredPort = Port;
        // The kernel's own, but StandAlone has forgotten it.
        device.Port ??= Port;
    }
}
