using System.Globalization;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>One split mirror: both sides, with what tells which of them to keep.</summary>
internal sealed class DrbdSplitBrain
{
    private static readonly NodeScript Secret = new("Drbd", "secret");
    private static readonly NodeScript Rejoin = new("Drbd", "rejoin");
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromMinutes(2);

    private readonly GntConnection _connection;
    private readonly IReadOnlyDictionary<string, string> _addresses;

    private DrbdSplitBrain(GntConnection connection, DrbdPair pair, IReadOnlyList<DrbdSplitBrainSide> sides, DrbdLineage? lineage, IReadOnlyDictionary<string, string> addresses) =>
        (_connection, Pair, Sides, Lineage, _addresses) = (connection, pair, sides, lineage, addresses);

    internal DrbdPair Pair { get; }

    /// <summary>Both sides, that of Ganeti's primary first.</summary>
    internal IReadOnlyList<DrbdSplitBrainSide> Sides { get; }

    /// <summary>What the first side's data is to the other's; null when a side has none.</summary>
    internal DrbdLineage? Lineage { get; }

    /// <summary>Looks at the mirrors of one guest: one call a node for all of them, kernel logs and generations included.</summary>
    /// <returns>Those whose two sides do not talk to each other.</returns>
    internal static async Task<IReadOnlyList<DrbdSplitBrain>> LookAsync(GntConnection connection, GntInstance guest, IReadOnlyList<DrbdPair> pairs, CancellationToken cancellationToken)
    {
        var apart = pairs.Where(pair => pair.Sides.Count < 2 || !pair.Sides.All(side => side.IsConnected)).ToArray();
        var nodes = pairs.SelectMany(pair => new[] { pair.Side.Node, pair.Side.PeerNode }).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        var places = GuestWhereabouts.ReadAsync(connection, guest, nodes, cancellationToken);
        var known = connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.PrimaryIPAddress), nameof(GntNode.SecondaryIPAddress));
        var read = (await Task.WhenAll(nodes.Select(node => connection.Drbd.ExamineAsync(node, DrbdDetail.Past, cancellationToken))).ConfigureAwait(false)).ToDictionary(node => node.Name, StringComparer.Ordinal);
        var where = (await places.ConfigureAwait(false)).ToDictionary(place => place.Node, StringComparer.Ordinal);
        var addresses = (await known.ConfigureAwait(false)).Where(node => node.Name is not null).ToDictionary(node => node.Name!, node => node.SecondaryIPAddress ?? node.PrimaryIPAddress ?? string.Empty, StringComparer.Ordinal);
        return [.. apart.Select(pair => Of(connection, pair, read, where, addresses))];
    }

    /// <summary>Refuses what would be a wrong guess.</summary>
    /// <param name="loser">The node whose data is to be given up.</param>
    /// <param name="force">Whether the operator insists.</param>
    internal void Check(string loser, bool force)
    {
        if (Side(loser) is not { } lost || Sides.FirstOrDefault(side => side.Node != loser) is not { } kept)
        {
            throw Refused($"{loser} has no side of it, or the other one was not found", $"Its nodes are {string.Join(" and ", Sides.Select(side => side.Node))}.");
        }

        if (lost.RunsGuest == true)
        {
            throw Refused($"{Pair.Side.InstanceName} runs on {loser}: what it works with can't be given up under it", $"Keep this side: Resolve-DrbdSplitBrain {Pair.Side.InstanceName} -DiscardNode {kept.Node}. Or stop the guest first.");
        }

        if (kept.DiskState is DrbdDiskState.Diskless or DrbdDiskState.Failed or null)
        {
            throw Refused($"{kept.Node} has no data ({kept.DiskState}): there would be none left", $"Mount-DrbdDisk, or rebuild it from {loser}: Move-GntDisk.");
        }

        if (force)
        {
            return;
        }

        if (lost.RunsGuest is null)
        {
            throw Refused($"whether the guest runs on {loser} can't be seen", "Make sure, then -Force.");
        }

        if (lost.DiskState == DrbdDiskState.UpToDate && kept.DiskState != DrbdDiskState.UpToDate)
        {
            throw Refused($"{loser} has the only UpToDate copy; that of {kept.Node} is {kept.DiskState}", $"Give the other one up: Resolve-DrbdSplitBrain {Pair.Side.InstanceName} -DiscardNode {kept.Node}. -Force does it all the same.");
        }

        if (Lineage is not (DrbdLineage.SplitBrain or DrbdLineage.Unrelated or null))
        {
            throw Refused($"it is no split brain: {lost.Judgement}", $"Nothing has to be given up: {HealsByItself(Pair)}. -Force discards all the same.");
        }
    }

    /// <summary>What is lost, for the question.</summary>
    internal string WarningFor(string loser)
    {
        var (lost, kept) = (Side(loser)!, Sides.First(side => side.Node != loser));
        return $"{loser} loses what was written there to {Pair.Name} since {Time(lost.ApartSince)}: {ByteSize.Of(lost.WouldBeLost ?? 0)} at most (Primary {Span(lost)}). {kept.Node} keeps its {ByteSize.Of(kept.WouldBeLost ?? 0)} (Primary {Span(kept)}{(kept.RunsGuest == true ? ", the guest runs there" : string.Empty)}).";
    }

    /// <summary>The command lines, in their order.</summary>
    internal IReadOnlyList<(string Text, string Line)> Steps(string loser)
    {
        var (lost, kept) = (PairSide(loser), PairSide(Sides.First(side => side.Node != loser).Node!));
        var steps = Pair.Sides.Where(side => side.ConnectionState != DrbdConnectionState.StandAlone).Select(side => ($"{side.Node} gives its connection up", Disconnect(side))).ToList();
        if (lost.Role == DrbdRole.Primary)
        {
            steps.Add(($"{loser} becomes Secondary", $"ssh {loser} drbdsetup secondary {lost.Minor}"));
        }

        steps.Add(($"{loser} waits for the other side, ready to give its own data up", Connect(lost, discard: true)));
        steps.Add(($"{kept.Node} connects, and everything that differs is copied to {loser}", IsGanetisPrimary(kept) ? Activation().CommandLine : Connect(kept, discard: false)));
        return steps;
    }

    /// <summary>Gives one side's data up and has it copied from the other; returns once they are connected.</summary>
    /// <remarks>No side may be connected when the discarding one begins, and that one only from StandAlone: else DRBD may judge anew in the middle.</remarks>
    internal async Task<DrbdPair> DiscardAsync(RepairSession session, string loser, IRepairView view, CancellationToken cancellationToken)
    {
        var (lost, kept) = (PairSide(loser), PairSide(Sides.First(side => side.Node != loser).Node!));
        foreach (var side in Pair.Sides.Where(side => side.ConnectionState != DrbdConnectionState.StandAlone))
        {
            await StepAsync(session, side, Disconnect(side), new RemoteCommand("drbdsetup", "disconnect", "--force", Address(side.LocalAddress!, side), Address(side.PeerAddress!, side)), cancellationToken).ConfigureAwait(false);
        }

        if (lost.Role == DrbdRole.Primary)
        {
            await StepAsync(session, lost, $"ssh {loser} drbdsetup secondary {lost.Minor}", new RemoteCommand("drbdsetup", "secondary", Number(lost.Minor)), cancellationToken).ConfigureAwait(false);
        }

        await ConnectAsync(session, lost, "discard", cancellationToken).ConfigureAwait(false);
        view.Say($"{Pair.Name}: {loser} is ready to give its data up.");
        if (IsGanetisPrimary(kept))
        {
            await ActivateAsync(session, cancellationToken).ConfigureAwait(false);
        }

        var now = await DrbdWatch.ReadAsync(_connection, Pair, cancellationToken).ConfigureAwait(false);
        if (now.Sides.First(side => side.Node == kept.Node).ConnectionState == DrbdConnectionState.StandAlone)
        {
            await ConnectAsync(session, kept, "keep", cancellationToken).ConfigureAwait(false);
        }

        return await DrbdWatch.UntilConnectedAsync(_connection, Pair, FirstAnswer, view, cancellationToken).ConfigureAwait(false);
    }

    private InstanceActivateDisks Activation() => new() { InstanceName = Pair.Side.InstanceName! };

    private async Task ActivateAsync(RepairSession session, CancellationToken cancellationToken)
    {
        var id = (await _connection.Jobs.SubmitAsync(new JobChain(Activation()), Luxi.LuxiReason.For("Resolve-DrbdSplitBrain"), cancellationToken).ConfigureAwait(false))[0];
        session.Owns(id);
        await _connection.Jobs.WaitAsync([id], IJobObserver.Nobody, cancellationToken).ConfigureAwait(false);
    }

    private async Task ConnectAsync(RepairSession session, DrbdDevice side, string kind, CancellationToken cancellationToken)
    {
        var options = await GntConnection.RunAsync(_connection.MasterHost, Secret.With(side.DiskUuid ?? string.Empty), cancellationToken).ConfigureAwait(false);
        if (options.ExitStatus != 0)
        {
            throw RepairSession.Failure(_connection.Master, $"the configuration of {Pair.Name} could not be read", new RemoteResult { ExitStatus = options.ExitStatus, Error = options.Error });
        }

        var command = Rejoin.With(options.Output, kind, Number(side.Minor), side.ResourceName ?? $"resource{side.Minor}", Address(_addresses[side.Node!], side), Address(_addresses[side.PeerNode!], side));
        await StepAsync(session, side, Connect(side, kind == "discard"), command, cancellationToken).ConfigureAwait(false);
    }

    private async Task StepAsync(RepairSession session, DrbdDevice side, string line, RemoteCommand command, CancellationToken cancellationToken)
    {
        var result = await session.RunAsync(side.Node!, line, command, cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(side.Node!, $"'{line}' failed, and {Pair.Name} is left as it is; the same cmdlet goes on from there", result);
        }
    }

    private static DrbdSplitBrain Of(GntConnection connection, DrbdPair pair, Dictionary<string, DrbdNode> read, Dictionary<string, GuestWhereabouts> where, IReadOnlyDictionary<string, string> addresses)
    {
        var found = pair.Sides.Select(side => (Side: side, Node: read[side.Node!], Now: read[side.Node!].Devices.FirstOrDefault(device => device.Minor == side.Minor))).OrderBy(one => one.Side.ConfiguredRole == DrbdRole.Primary ? 0 : 1).ToArray();
        var lineage = found is [{ Now.Generation: { } mine } first, { Now.Generation: { } theirs } second] ? DrbdComparison.Of(mine, theirs, first.Now!.Role, second.Now!.Role).Lineage : default(DrbdLineage?);
        var sides = found.Select((one, index) =>
        {
            var past = one.Node.Log.PastOf(one.Now?.ResourceName, one.Side.Minor);
            var until = past.PrimaryUntil > past.PrimarySince ? past.PrimaryUntil : null;
            var side = new DrbdSplitBrainSide
            {
                InstanceName = one.Side.InstanceName,
                DiskIndex = one.Side.DiskIndex,
                Node = one.Side.Node,
                Minor = one.Side.Minor,
                RunsGuest = where.GetValueOrDefault(one.Side.Node!)?.IsPresent,
                IsConfiguredPrimary = one.Side.ConfiguredRole == DrbdRole.Primary,
                Role = one.Now?.Role,
                DiskState = one.Now?.DiskState,
                ConnectionStateText = one.Now?.ConnectionStateText,
                PrimarySince = past.PrimarySince,
                PrimaryUntil = until ?? (one.Now?.Role != DrbdRole.Primary ? past.PrimaryUntil : null),
                ApartSince = one.Node.Log.BeginningOf(one.Now?.Generation?.Current),
                WouldBeLost = one.Now?.OutOfSync,
                Generation = one.Now?.Generation,
                Judgement = Words(lineage, index == 0, found.Length > 1 ? found[1 - index].Side.Node : null),
                Remedy = lineage is DrbdLineage.SplitBrain or DrbdLineage.Unrelated or null ? $"Resolve-DrbdSplitBrain {one.Side.InstanceName} -DiscardNode {one.Side.Node}" : HealsByItself(pair),
            };
            side.From(connection.Identity, DateTimeOffset.Now);
            return side;
        }).ToArray();
        // Where one side has written nothing since, DRBD itself gives that one up when they meet (discard-zero-changes).
        if (lineage == DrbdLineage.SplitBrain && sides.Any(side => side is { WouldBeLost: 0, Role: DrbdRole.Secondary }))
        {
            Array.ForEach(sides, side => side.Remedy = HealsByItself(pair));
        }

        return new DrbdSplitBrain(connection, pair, sides, lineage, addresses);
    }

    private static string HealsByItself(DrbdPair pair) => $"Enable-GntDisk {pair.Side.InstanceName} connects them and DRBD itself takes the newer data; after a migration that was broken off: Move-GntInstance {pair.Side.InstanceName} -Cleanup";

    private static string? Words(DrbdLineage? lineage, bool isFirst, string? other) => lineage switch
    {
        null => "a side has no data to compare",
        DrbdLineage.SplitBrain => "both sides were written since they parted",
        DrbdLineage.Unrelated => "the two sides' data have nothing in common",
        DrbdLineage.Same or DrbdLineage.BothNew => "both sides have the same data",
        DrbdLineage.ThisIsNewer => isFirst ? "this side is the newer one" : $"{other} is the newer one",
        _ => isFirst ? $"{other} is the newer one" : "this side is the newer one",
    };

    private DrbdSplitBrainSide? Side(string node) => Sides.FirstOrDefault(side => side.Node == node);

    private DrbdDevice PairSide(string node) => Pair.Sides.First(side => side.Node == node);

    private static bool IsGanetisPrimary(DrbdDevice side) => side.ConfiguredRole == DrbdRole.Primary;

    private static string Disconnect(DrbdDevice side) => $"ssh {side.Node} drbdsetup disconnect --force {Address(side.LocalAddress!, side)} {Address(side.PeerAddress!, side)}";

    private string Connect(DrbdDevice side, bool discard) => $"ssh {side.Node} drbdsetup connect {side.ResourceName} {Address(_addresses[side.Node!], side)} {Address(_addresses[side.PeerNode!], side)} …{(discard ? " --discard-my-data" : string.Empty)}";

    private static string Address(string ip, DrbdDevice side) => ip.Contains(':', StringComparison.Ordinal) ? $"ipv6:[{ip}]:{Number(side.Port)}" : $"ipv4:{ip}:{Number(side.Port)}";

    private static string Number(int? value) => value!.Value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset? time) => time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : "a time that is not known";

    private static string Span(DrbdSplitBrainSide side) => side switch
    {
        { PrimarySince: null, PrimaryUntil: null } => "at a time that is not known",
        { Role: DrbdRole.Primary } => $"since {Time(side.PrimarySince)}",
        _ => $"from {Time(side.PrimarySince)} to {Time(side.PrimaryUntil)}",
    };

    private GanetiException Refused(string why, string next) => new(GanetiError.DrbdChangeRefused, $"{Pair.Name} is left alone: {why}.") { Target = Pair.Side, RecommendedAction = next };
}
