namespace Ganeti;

/// <summary>All that is seen at one moment of a guest whose migration may hang.</summary>
internal sealed record MigrationScene
{
    /// <summary>The guest, as its configuration is.</summary>
    internal required GntInstance Guest { get; init; }

    /// <summary>The job that moves it or cleans up after that, as long as it has not ended.</summary>
    internal GntJob? Job { get; init; }

    /// <summary>Whether that job was submitted by this repair.</summary>
    internal bool IsOwnJob { get; init; }

    /// <summary>Its disks' mirrors, both sides.</summary>
    internal required IReadOnlyList<DrbdPair> Disks { get; init; }

    /// <summary>Whether it is on either node.</summary>
    internal required IReadOnlyList<GuestWhereabouts> Places { get; init; }

    /// <summary>Disks, by port, whose replication has not moved for a while though something waits for it.</summary>
    internal IReadOnlySet<int> Stalled { get; init; } = new HashSet<int>();

    /// <summary>Whether something waits for a replication that has not been seen to move, and not for long enough to call it a stall.</summary>
    internal bool MayStall { get; init; }

    /// <summary>Ports that are held down by this repair.</summary>
    internal IReadOnlySet<int> Held { get; init; } = new HashSet<int>();

    /// <summary>How long nothing at all has moved: the job's log, the memory transfer, the replication.</summary>
    internal TimeSpan StillFor { get; init; }

    /// <summary>The nodes that the guest is on.</summary>
    internal IReadOnlyList<string> Locations => [.. Places.Where(place => place.IsPresent == true).Select(place => place.Node)];

    /// <summary>Whether it is known of both nodes whether the guest is there.</summary>
    internal bool IsWhereaboutsKnown => Places.All(place => place.IsPresent is not null);

    /// <summary>The one node that it is on, or null.</summary>
    internal string? RunsOn => Locations is [var only] ? only : null;

    /// <summary>The transfer of its memory, where there is one.</summary>
    internal GntMemoryTransfer? Transfer => Places.Select(place => place.Transfer).FirstOrDefault(transfer => transfer?.IsActive == true);

    /// <summary>The node whose side is to be Secondary: the one that the guest is not on.</summary>
    internal string? Demoted => RunsOn is { } node ? Disks.SelectMany(pair => pair.Sides).Select(side => side.Node).FirstOrDefault(other => other != node) : null;

    /// <summary>Held ports of which one side is Secondary by now: connected again they are not split for being both Primary.</summary>
    internal IReadOnlyCollection<int> Releasable => [.. Held.Where(port => Disks.Any(pair => pair.Side.Port == port && pair.Sides.Any(side => side.Role == DrbdRole.Secondary && (Demoted is null || side.Node == Demoted))))];

    /// <summary>Whether configuration, guest and mirrors agree and nothing is left of a migration.</summary>
    internal bool IsAllRight => Job is null && RunsOn is not null && RunsOn == Guest.PrimaryNode && IsWhereaboutsKnown
        && Disks.All(pair => pair.Other is not null && pair.Sides.All(side => side.IsConnected && (side.Role == DrbdRole.Primary) == (side.Node == RunsOn)));

    /// <summary>Whether a side has given up.</summary>
    internal bool HasStandAlone => Disks.Any(pair => pair.Sides.Any(side => side.ConnectionState == DrbdConnectionState.StandAlone));

    /// <summary>What is seen, for people.</summary>
    public override string ToString() => string.Join("; ", new[]
    {
        Job is null ? "no migration is under way" : $"job {Job.Id} ({string.Join(", ", Job.Summary ?? [])}) is {Job.StatusText}",
        $"configured on {Guest.PrimaryNode}",
        string.Join(", ", Places),
        Transfer is null ? null : $"memory: {Transfer}",
        string.Join(", ", Disks.Select(pair => $"disk {pair.Side.DiskIndex}: {DrbdWatch.Describe(pair)}{(Held.Contains(pair.Side.Port ?? 0) ? " (held down)" : Stalled.Contains(pair.Side.Port ?? 0) ? " (stalled)" : string.Empty)}")),
    }.OfType<string>());
}
