using System.Globalization;

namespace Ganeti;

/// <summary>One side of a mirror as it was found in two samples a moment apart.</summary>
internal sealed class DrbdSide
{
    internal required string Node { get; init; }

    internal required int? Minor { get; init; }

    /// <summary>Whether the node answered both times. Otherwise nothing is known of the side.</summary>
    internal bool IsKnown { get; init; }

    /// <summary>The first sample; null where the minor was not there.</summary>
    internal DrbdDevice? Before { get; init; }

    /// <summary>The second sample; null where the minor was not there.</summary>
    internal DrbdDevice? Now { get; init; }

    internal DrbdKernelLog Log { get; init; } = DrbdKernelLog.Empty;

    internal DrbdPast Past { get; init; } = DrbdPast.Unknown;

    internal IReadOnlyList<DrbdHolder> Holders { get; init; } = [];

    /// <summary>What the node's clock showed.</summary>
    internal DateTimeOffset? Clock { get; init; }

    internal string Id => string.Create(CultureInfo.InvariantCulture, $"{Node}/drbd{Minor}");

    /// <summary>The generation, which the first sample has.</summary>
    internal DrbdGeneration? Generation => Before?.Generation ?? Now?.Generation;

    /// <summary>Whether the node answered, and twice did not have the minor.</summary>
    internal bool IsMissing => IsKnown && Before is null && Now is null;

    internal bool RunsGuest => Holders.Any(holder => holder.IsGuest);

    /// <summary>Whether something was so in both samples: what is on its way from one state to another is no problem yet.</summary>
    internal bool Is(Func<DrbdDevice, bool> so) => Before is not null && Now is not null && so(Before) && so(Now);

    /// <summary>Whether a value was the same in both samples.</summary>
    internal bool IsStill<TValue>(Func<DrbdDevice, TValue> value) => Before is not null && Now is not null && EqualityComparer<TValue>.Default.Equals(value(Before), value(Now));

    /// <summary>The state in DRBD's own words.</summary>
    internal string Words()
    {
        if (Now is not { } now)
        {
            return $"{Id}: {(IsKnown ? "not there" : $"not known, {Node} was not reached")}";
        }

        var outOfSync = now.OutOfSync > 0 ? $" oos:{ByteSize.Of(now.OutOfSync.Value)}" : string.Empty;
        return $"{Id}: cs:{Text(now.ConnectionStateText)} ro:{Text(now.RoleText)}/{Text(now.PeerRoleText)} ds:{Text(now.DiskStateText)}/{Text(now.PeerDiskStateText)}{outOfSync}";
    }

    /// <summary>A time with how long ago that was by the node's clock.</summary>
    internal string When(DateTimeOffset? time) => time is not { } then ? "at a time that is not known" :
        string.Create(CultureInfo.InvariantCulture, $"{then.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") + (Clock is { } now && now > then ? $" ({Ago(now - then)} ago)" : string.Empty);

    private static string Text(string? text) => RemoteText.Printable(text ?? "?");

    private static string Ago(TimeSpan age) => age switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0}s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0}m"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0}d"),
    };
}
