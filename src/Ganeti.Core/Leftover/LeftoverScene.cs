namespace Ganeti;

/// <summary>All that is known of a node when it is decided what is left there.</summary>
internal sealed record LeftoverScene
{
    internal required NodeStorage Storage { get; init; }

    /// <summary>The sides of mirrors that the node's kernel has.</summary>
    internal required IReadOnlyList<DrbdDevice> Sides { get; init; }

    /// <summary>What it says of mappings, safeguards and leases.</summary>
    internal required NodeLeftovers Said { get; init; }

    /// <summary>What is mounted of guests' disks, or was.</summary>
    internal IReadOnlyList<GntMount> Mounts { get; init; } = [];

    /// <summary>Connections of DRBD that are cut.</summary>
    internal required IReadOnlyList<DrbdConnectionReset> Resets { get; init; }

    /// <summary>What Ganeti knows, asked after the nodes: what was made meanwhile has an owner then.</summary>
    internal required LvmKnowledge Knowledge { get; init; }

    /// <summary>The repairs that are under way.</summary>
    internal required IReadOnlyList<GntHistoryEntry> UnderWay { get; init; }

    /// <summary>How old a thing has to be, where its age is known.</summary>
    internal required TimeSpan OlderThan { get; init; }

    internal string Node => Storage.Name;

    internal DateTimeOffset? Clock => Said.Clock ?? Storage.Clock;

    internal GntLeftover Leftover(GntLeftoverKind kind, string name, string reason, string command, DateTimeOffset? created = null) =>
        new() { Node = Node, Kind = kind, Name = name, Reason = reason, Command = command, Created = created, Age = Clock - created };
}

/// <summary>One kind of thing that is left on nodes: how it is found, and how it is removed.</summary>
internal interface ILeftoverSource
{
    /// <summary>Those on a node; decides only, and asks nobody.</summary>
    IEnumerable<GntLeftover> Find(LeftoverScene scene);

    /// <summary>Whether it removes leftovers of a kind.</summary>
    bool Removes(GntLeftoverKind kind);

    /// <summary>Removes one that a second look has just confirmed, under a lease, with the journal told before, and sees that it is gone.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="leftover">It, as the second look has found it.</param>
    /// <param name="scene">That look.</param>
    /// <param name="cmdlet">The cmdlet, for lease and journal.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    Task RemoveAsync(GntConnection connection, GntLeftover leftover, LeftoverScene scene, string cmdlet, CancellationToken cancellationToken);
}
