namespace Ganeti;

/// <summary>All that a diagnosis goes by. It asks nobody anything itself.</summary>
internal sealed record DrbdSituation
{
    /// <summary>The mirrors that Ganeti has; null where that is not known, and then the sides are paired by ports and addresses, and no minor is called a stranger.</summary>
    internal required IReadOnlyCollection<DrbdMirror>? Mirrors { get; init; }

    /// <summary>The cluster's nodes, with their addresses.</summary>
    internal IReadOnlyCollection<GntNode> Nodes { get; init; } = [];

    /// <summary>The guests by name, as far as the configuration has them: whether they are meant to run, whether their disks are active.</summary>
    internal IReadOnlyDictionary<string, GntInstance> Guests { get; init; } = new Dictionary<string, GntInstance>(StringComparer.Ordinal);

    /// <summary>The jobs that run.</summary>
    internal IReadOnlyCollection<GntJob> Jobs { get; init; } = [];

    /// <summary>The first sample, of the nodes that answered.</summary>
    internal required IReadOnlyCollection<DrbdNode> First { get; init; }

    /// <summary>The second sample, of the nodes that answered.</summary>
    internal required IReadOnlyCollection<DrbdNode> Second { get; init; }

    /// <summary>The mirrors with their sides, and the minors that are no guest's.</summary>
    internal IReadOnlyList<DrbdCase> Cases()
    {
        var mirrors = Mirrors ?? [];
        foreach (var node in First.Concat(Second))
        {
            DrbdMirror.Assign(mirrors, node.Devices);
            foreach (var device in node.Devices)
            {
                device.PeerNode ??= DrbdPeer.NodeAt(device.PeerAddress, Nodes);
            }
        }

        var first = First.DistinctBy(node => node.Name).ToDictionary(node => node.Name, StringComparer.Ordinal);
        var second = Second.DistinctBy(node => node.Name).ToDictionary(node => node.Name, StringComparer.Ordinal);
        DrbdSide SideOf(string name, int? minor)
        {
            var before = first.GetValueOrDefault(name);
            var now = second.GetValueOrDefault(name);
            var device = now?.Devices.FirstOrDefault(device => device.Minor == minor);
            return new DrbdSide
            {
                Node = name,
                Minor = minor,
                IsKnown = before is not null && now is not null,
                Before = before?.Devices.FirstOrDefault(device => device.Minor == minor),
                Now = device,
                Log = before?.Log ?? DrbdKernelLog.Empty,
                Past = before?.Log.PastOf(device?.ResourceName, minor) ?? DrbdPast.Unknown,
                Holders = [.. (before?.Holders ?? []).Where(holder => holder.Minor == minor)],
                Clock = before?.Clock,
            };
        }

        DrbdCase CaseOf(DrbdMirror? mirror, params DrbdSide[] sides) => new()
        {
            Situation = this,
            Mirror = mirror,
            Guest = mirror is null ? null : Guests.GetValueOrDefault(mirror.InstanceName),
            Sides = sides,
            Job = mirror is null ? null : Jobs.FirstOrDefault(job => DrbdCase.ChangesDisks(job) && job.InstanceNames.Contains(mirror.InstanceName, StringComparer.Ordinal)),
        };

        var cases = mirrors.Select(mirror => CaseOf(mirror, SideOf(mirror.Primary.Node, mirror.Primary.Minor), SideOf(mirror.Secondary.Node, mirror.Secondary.Minor))).ToList();

        var strangers = second.Values.SelectMany(node => node.Devices).Where(device => device is { InstanceName: null, Minor: not null }).ToList();
        while (strangers is [var stranger, ..])
        {
            strangers.RemoveAt(0);
            var other = strangers.Find(other => other.Port is not null && other.Port == stranger.Port && other.Node != stranger.Node && (other.PeerNode is null || other.PeerNode == stranger.Node));
            strangers.RemoveAll(device => ReferenceEquals(device, other));
            cases.Add(CaseOf(null, (other, Mirrors) switch
            {
                (not null, _) => [SideOf(stranger.Node!, stranger.Minor), SideOf(other.Node!, other.Minor)],
                (null, null) => [SideOf(stranger.Node!, stranger.Minor), new DrbdSide { Node = stranger.PeerNode ?? "the other side", Minor = null, IsKnown = stranger.PeerNode is { } peer && first.ContainsKey(peer) && second.ContainsKey(peer) }],
                _ => [SideOf(stranger.Node!, stranger.Minor)],
            }));
        }

        return cases;
    }
}

/// <summary>One mirror with both its sides, or a minor that is no guest's with the one that it talks to.</summary>
internal sealed record DrbdCase
{
    // How long a job may take over a change of connections and minors before what it left is held for wrong.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    internal required DrbdSituation Situation { get; init; }

    internal required DrbdMirror? Mirror { get; init; }

    internal required GntInstance? Guest { get; init; }

    /// <summary>The configuration's primary first.</summary>
    internal required IReadOnlyList<DrbdSide> Sides { get; init; }

    /// <summary>The job that changes the guest's disks or where it runs just now.</summary>
    internal required GntJob? Job { get; init; }

    /// <summary>Whether the guest is meant to run, or its disks to be ready without it.</summary>
    internal bool IsMeantToBeReady => IsMeantToRun || Guest is null || Guest.DisksActive == true;

    /// <summary>Whether Ganeti does not know it.</summary>
    internal bool IsStranger => Mirror is null && Situation.Mirrors is not null;

    internal bool IsMeantToRun => Guest?.AdminState == GntAdminState.up;

    /// <summary>Whether a job moves the guest between its two nodes: then both are Primary for a while.</summary>
    internal bool IsMigrating => Job is not null && IsDoing(Job, "OP_INSTANCE_MIGRATE", "OP_INSTANCE_FAILOVER", "OP_NODE_MIGRATE");

    /// <summary>Whether a job has begun so lately that what is unfinished is its work.</summary>
    internal bool IsBeingChanged => Job is { } job && (Sides.Select(side => side.Clock).OfType<DateTimeOffset?>().Max() is not { } now || job.Started is not { } started || now - started < Patience);

    internal static bool ChangesDisks(GntJob job) => job.Status is GntJobStatus.running or GntJobStatus.canceling && job.Operations?.Any(operation =>
        operation.OpId?.StartsWith("OP_INSTANCE_", StringComparison.Ordinal) == true && operation.OpId is not ("OP_INSTANCE_QUERY_DATA" or "OP_INSTANCE_CONSOLE")) == true;

    private static bool IsDoing(GntJob job, params string[] operations) => job.Operations?.Any(operation => operations.Contains(operation.OpId, StringComparer.Ordinal)) == true;

    internal DrbdSide? OtherThan(DrbdSide side) => Sides.FirstOrDefault(other => !ReferenceEquals(other, side));
}
