namespace Ganeti;

/// <summary>A side of a mirror with its other side, as both were read a moment ago.</summary>
/// <param name="Side">The side that somebody named.</param>
/// <param name="Other">The other one; null when it was not found or its node did not answer.</param>
internal sealed record DrbdPair(DrbdDevice Side, DrbdDevice? Other)
{
    /// <summary>Both sides, or the one that is known.</summary>
    internal IReadOnlyList<DrbdDevice> Sides => Other is null ? [Side] : [Side, Other];

    /// <summary>Whether both sides are Primary, by what either says of itself or of the other.</summary>
    internal bool IsDualPrimary => Side.IsDualPrimary || Other?.IsDualPrimary == true || (Side.Role == DrbdRole.Primary && Other?.Role == DrbdRole.Primary);

    /// <summary>The mirror, for people: the guest's disk where it is one.</summary>
    internal string Name => Side.InstanceName is { } guest ? $"{guest}/disk/{Side.DiskIndex}" : Side.Id;

    /// <summary>Each side that was named with its other side, which is among all that were read.</summary>
    internal static IReadOnlyList<DrbdPair> Of(IEnumerable<DrbdDevice> named, IReadOnlyCollection<DrbdDevice> all) =>
        [.. named.Select(side => new DrbdPair(side, all.FirstOrDefault(other => IsOther(side, other))))];

    /// <summary>Each mirror once, of whose two sides both may have been named.</summary>
    internal static IReadOnlyList<DrbdPair> Mirrors(IEnumerable<DrbdPair> pairs)
    {
        var seen = new HashSet<DrbdDevice>();
        return [.. pairs.Where(pair => seen.Add(pair.Side) & (pair.Other is null || seen.Add(pair.Other)))];
    }

    private static bool IsOther(DrbdDevice side, DrbdDevice other) => side.PeerNode is { } node && other.Node == node
        && (side.PeerMinor is { } minor ? other.Minor == minor : side.Port is { } port && other.Port == port);
}
