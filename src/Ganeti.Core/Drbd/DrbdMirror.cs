using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A mirrored disk as Ganeti's configuration has it.</summary>
/// <remarks>From the answer of <c>OP_INSTANCE_QUERY_DATA</c>: guests by name, each with its <c>disks</c>, those on DRBD with <c>drbd_info</c> (cmdlib/instance_query.py).</remarks>
internal sealed record DrbdMirror
{
    internal required string InstanceName { get; init; }

    internal required int DiskIndex { get; init; }

    internal string? DiskUuid { get; init; }

    internal required (string Node, int Minor) Primary { get; init; }

    internal required (string Node, int Minor) Secondary { get; init; }

    internal int? Port { get; init; }

    /// <summary>The volume for the data, the same name on both nodes; null where the answer has none.</summary>
    internal string? BackingDevice { get; init; }

    /// <summary>The mirrors in an answer; what is no mirror is left out.</summary>
    internal static IReadOnlyList<DrbdMirror> Of(object? answer) => answer is not GntParameters guests ? [] :
    [
        .. from guest in guests
           where guest.Value is GntParameters
           let disks = ((GntParameters)guest.Value!).GetValueOrDefault("disks") as object?[] ?? []
           from disk in disks.Select((value, index) => Of(guest.Key, index, value as GntParameters ?? []))
           where disk is not null
           select disk,
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

    private static DrbdMirror? Of(string guest, int index, GntParameters disk) =>
        disk.GetValueOrDefault("drbd_info") is GntParameters info && Side(info, "primary") is { } primary && Side(info, "secondary") is { } secondary
            ? new DrbdMirror
            {
                InstanceName = guest,
                DiskIndex = index,
                DiskUuid = disk.GetValueOrDefault("uuid") as string,
                Primary = primary,
                Secondary = secondary,
                Port = (int?)LuxiSetters.ToLong(info.GetValueOrDefault("port")),
                BackingDevice = disk.GetValueOrDefault("children") is object?[] and [GntParameters data, ..] && data.GetValueOrDefault("logical_id") is object?[] and [string group, string volume] ? $"/dev/{group}/{volume}" : null,
            }
            : null;

    private static (string Node, int Minor)? Side(GntParameters info, string side) =>
        info.GetValueOrDefault($"{side}_node") is string node && LuxiSetters.ToLong(info.GetValueOrDefault($"{side}_minor")) is { } minor ? (node, (int)minor) : null;
}
