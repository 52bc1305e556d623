namespace Ganeti;

/// <summary>What one side of a mirror that is split has, and what would be lost with it: what an operator decides by.</summary>
public sealed class DrbdSplitBrainSide : GntObject
{
    /// <summary>The guest.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>The side's node.</summary>
    public string? Node { get; set; }

    /// <summary>Its minor number there.</summary>
    public int? Minor { get; set; }

    /// <summary>Whether the guest is on that node now; null when it can't be seen.</summary>
    public bool? RunsGuest { get; set; }

    /// <summary>Whether Ganeti's configuration has the guest there.</summary>
    public bool? IsConfiguredPrimary { get; set; }

    /// <summary>The side's role now.</summary>
    public DrbdRole? Role { get; set; }

    /// <summary>The state of its data.</summary>
    public DrbdDiskState? DiskState { get; set; }

    /// <summary>The state of its connection, as DRBD printed it.</summary>
    public string? ConnectionStateText { get; set; }

    /// <summary>When it last became Primary, by the node's kernel log; null when that does not reach back.</summary>
    public DateTimeOffset? PrimarySince { get; set; }

    /// <summary>When it last ceased to be Primary; null when it still is, or when the log does not reach back.</summary>
    public DateTimeOffset? PrimaryUntil { get; set; }

    /// <summary>Since when it has data of its own: when the generation began that the other side does not have. Null when the log does not reach back.</summary>
    public DateTimeOffset? ApartSince { get; set; }

    /// <summary>What was written here since, at most: what would be lost with this side, bytes.</summary>
    public long? WouldBeLost { get; set; }

    /// <summary>The generation of its data.</summary>
    public DrbdGeneration? Generation { get; set; }

    /// <summary>What DRBD's own rules say of the two sides' data, in plain words.</summary>
    public string? Judgement { get; set; }

    /// <summary>What to do next when this side is to be given up, or what heals without giving up anything.</summary>
    public string? Remedy { get; set; }

    internal override string? Key => Node is null || Minor is null ? null : $"{Node}/drbd{Minor}";
}
