using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Ganeti;

/// <summary>
/// The reset of one mirror's connection: what the page does by tcp-reset rules on a port. Cut on one node, for exactly that address and port pair, then
/// watched on both until it is back and in sync.
/// </summary>
internal sealed class DrbdReset
{
    // What a cut without a hold may take: rules are taken away as soon as DRBD has noticed, which is ten seconds at most (ping-int).
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly GntConnection _connection;
    private readonly TimeSpan? _hold;

    private DrbdReset(GntConnection connection, DrbdPair pair, DrbdDevice side, DrbdResetMethod method, TimeSpan? hold, bool isMoving)
    {
        (_connection, Pair, Side, Method, _hold) = (connection, pair, side, method, hold);
        IsHealthy = isMoving && pair.Sides.All(one => one.IsConnected);
    }

    /// <summary>The cluster.</summary>
    internal GntConnection Connection => _connection;

    /// <summary>Both sides as they were read.</summary>
    internal DrbdPair Pair { get; }

    /// <summary>The side on whose node the connection is cut.</summary>
    internal DrbdDevice Side { get; }

    /// <summary>How.</summary>
    internal DrbdResetMethod Method { get; }

    /// <summary>Whether nothing speaks for a reset: both sides talk to each other, and what is pending moves.</summary>
    internal bool IsHealthy { get; }

    /// <summary>The command line that it stands for.</summary>
    internal string CommandLine
    {
        get
        {
            var (local, peer, port) = (Side.LocalAddress, Side.PeerAddress, Side.Port);
            var cut = Method switch
            {
                DrbdResetMethod.Socket => $"ss --kill --tcp src {local} dst {peer} '( sport = :{port} or dport = :{port} )'",
                DrbdResetMethod.Nftables => $"nft add rule … saddr {peer} daddr {local} tcp sport/dport {port} reject with tcp reset",
                DrbdResetMethod.Iptables => $"iptables -I INPUT/OUTPUT -p tcp -s {peer} -d {local} --sport/--dport {port} -j REJECT --reject-with tcp-reset",
                _ => $"drbdsetup disconnect --force ipv4:{local}:{port} ipv4:{peer}:{port}; drbdsetup connect {Side.ResourceName} …",
            };
            return $"ssh {Side.Node} {cut}{(_hold is { } time ? string.Create(CultureInfo.InvariantCulture, $" for {time.TotalSeconds:0.#} s") : string.Empty)}";
        }
    }

    /// <summary>Checks whether a mirror's connection can be cut, and how; changes nothing.</summary>
    /// <exception cref="GanetiException">There is nothing to cut, or it would do harm.</exception>
    internal static async Task<DrbdReset> PrepareAsync(GntConnection connection, DrbdPair pair, DrbdResetMethod method, TimeSpan? hold, bool evenDualPrimary, CancellationToken cancellationToken)
    {
        Check(pair, evenDualPrimary);
        // Where the guest writes the stall is seen, and the sockets' data waits.
        var side = pair.Sides.Where(HasAddresses).OrderBy(one => one.Role == DrbdRole.Primary ? 0 : 1).ThenBy(one => one.IsConnected ? 0 : 1).First();
        var able = await DrbdResets.MethodsAsync(connection, side.Node!, cancellationToken).ConfigureAwait(false);
        var possible = able.Where(one => hold is null || one != DrbdResetMethod.Socket).Where(one => one != DrbdResetMethod.Disconnect || side.ModuleVersion?.StartsWith("8.4.", StringComparison.Ordinal) == true).ToArray();
        var chosen = method == DrbdResetMethod.Auto ? possible.FirstOrDefault() : method;
        if (!possible.Contains(chosen))
        {
            throw new GanetiException(GanetiError.DrbdMethodUnavailable, method == DrbdResetMethod.Auto
                ? $"{side.Node} has nothing to cut a connection with: no ss that a kernel supports, no nft, no iptables, no drbdsetup of DRBD 8.4."
                : $"{side.Node} can't cut {pair.Name} by {method}{(hold is not null && method == DrbdResetMethod.Socket ? " and hold it down" : string.Empty)}; it can by {(possible.Length == 0 ? "nothing" : string.Join(", ", possible))}.")
            {
                Target = side,
                RecommendedAction = method == DrbdResetMethod.Auto ? "Install iproute2 or nftables there." : "Leave -Method away: Auto takes the least invasive that applies.",
            };
        }

        return new DrbdReset(connection, pair, side, chosen, hold, await IsMovingAsync(connection, pair, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes the cut. Without a hold it is over when this returns; else the node ends it at the deadline, or <see cref="DrbdResets.RestoreAsync"/>.</summary>
    internal async Task<DrbdConnectionReset> CutAsync(RepairSession session, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var side = now.Sides.FirstOrDefault(one => one.Node == Side.Node) ?? Side;
        Check(now, evenDualPrimary: Pair.IsDualPrimary);
        if ((side.LocalAddress, side.PeerAddress, side.Port) != (Side.LocalAddress, Side.PeerAddress, Side.Port))
        {
            throw Wrong(now, $"{Side.Id} is not connected as it was when it was looked at", "Look again: Get-DrbdDevice.");
        }

        var reset = new DrbdConnectionReset
        {
            Node = side.Node,
            // One repair may cut several mirrors of a guest.
            Id = $"{session.Id}{side.Minor:x4}",
            Method = Method,
            Minor = side.Minor,
            Port = side.Port,
            LocalAddress = side.LocalAddress,
            PeerAddress = side.PeerAddress,
            InstanceName = side.InstanceName,
            Operator = ThisOperator.Name,
            IsDualPrimary = now.IsDualPrimary,
        };
        reset.From(_connection.Identity, DateTimeOffset.Now);
        var seconds = (int)Math.Ceiling((_hold ?? Deadline).TotalSeconds);
        var command = DrbdResets.Script.With(
            "cut", Method.ToString(), reset.Id, seconds.ToString(CultureInfo.InvariantCulture), DrbdResets.About(reset), _hold is null ? "0" : "1",
            Number(side.Minor), side.ResourceName ?? string.Empty, Address(side.LocalAddress), Address(side.PeerAddress), Number(side.Port));
        var result = await session.RunAsync(side.Node!, CommandLine, command, cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus == 3)
        {
            throw Wrong(await ReadAsync(cancellationToken).ConfigureAwait(false), "its connection has come apart by itself meanwhile, and DRBD makes a new one", $"See that it does: Wait-DrbdDevice {DrbdWords.Parameters(side)}.");
        }

        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(side.Node!, $"the connection of {Pair.Name} could not be cut by {Method}", result);
        }

        reset.Deadline = DateTimeOffset.Now.AddSeconds(seconds);
        if (_hold is null && Method is DrbdResetMethod.Nftables or DrbdResetMethod.Iptables)
        {
            var isNoticed = await IsNoticedAsync(cancellationToken).ConfigureAwait(false);
            await DrbdResets.RestoreAsync(_connection, reset, cancellationToken).ConfigureAwait(false);
            if (!isNoticed)
            {
                throw Wrong(Pair, $"DRBD has not noticed the cut within {NoticedWithin.TotalSeconds:0} seconds, and the rules are gone again", "Try another -Method.");
            }
        }

        return reset;
    }

    /// <summary>Reads both sides.</summary>
    internal Task<DrbdPair> ReadAsync(CancellationToken cancellationToken) => DrbdWatch.ReadAsync(_connection, Pair, cancellationToken);

    private static void Check(DrbdPair pair, bool evenDualPrimary)
    {
        if (pair.Sides.All(one => one.ConnectionState == DrbdConnectionState.StandAlone))
        {
            throw Wrong(pair, "there is no connection to cut, both sides are StandAlone", $"After a split brain: Resolve-DrbdSplitBrain; else Connect-DrbdDevice.");
        }

        if (!pair.Sides.Any(HasAddresses))
        {
            throw Wrong(pair, "no connection is configured", "See what there is: Get-DrbdDevice -Problem.");
        }

        if (pair is { Other: { } other, Side: var side } && HasAddresses(side) && HasAddresses(other)
            && (side.LocalAddress != other.PeerAddress || side.PeerAddress != other.LocalAddress || side.Port != other.Port))
        {
            throw Wrong(pair, $"the two sides are not connected with each other ({side.LocalAddress} to {side.PeerAddress} port {side.Port}, {other.LocalAddress} to {other.PeerAddress} port {other.Port})", "See Get-DrbdDevice -Problem; deactivating and activating the guest's disks puts it right.");
        }

        if (pair.Sides.All(one => !one.IsConnected))
        {
            throw Wrong(pair, "the two sides are not connected, they wait for each other", "Look at the network between them; a side that is StandAlone is connected again by Connect-DrbdDevice.");
        }

        if (pair.IsDualPrimary && !evenDualPrimary)
        {
            throw new GanetiException(GanetiError.DrbdDualPrimary, $"Both sides of {pair.Name} are Primary, as during a live migration: cut now, each begins a generation of its own, and when they connect again that is a split brain.")
            {
                Target = pair.Side,
                RecommendedAction = $"Repair-GntMigration {pair.Side.InstanceName} does what is needed around it. -Force cuts all the same.",
            };
        }
    }

    private static bool HasAddresses(DrbdDevice side) => side is { LocalAddress: not null, PeerAddress: not null, Port: not null };

    private static GanetiException Wrong(DrbdPair pair, string why, string next) => new(GanetiError.DrbdStateWrong, $"{pair.Name} is not reset: {why} ({DrbdWatch.Describe(pair)}).")
    {
        Target = pair.Side,
        RecommendedAction = next,
    };

    // Values from a kernel; what is no number or address never gets into a rule.
    private static string Number(int? value) => value!.Value.ToString(CultureInfo.InvariantCulture);

    private static string Address(string? text) => IPAddress.Parse(text!).ToString();

    // Pending requests alone are every busy guest's; a stall is that they do not move.
    private static async Task<bool> IsMovingAsync(GntConnection connection, DrbdPair pair, CancellationToken cancellationToken)
    {
        if (pair.Sides.All(one => one is { PeerPending: 0 or null, ApplicationPending: 0 or null, IsInVerify: false } && !DrbdWatch.IsSyncing(one)))
        {
            return true;
        }

        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(false);
        var later = await DrbdWatch.ReadAsync(connection, pair, cancellationToken).ConfigureAwait(false);
        return later.Sides.All(now => pair.Sides.FirstOrDefault(one => one.Equals(now)) is not { } before || Counters(now) != Counters(before) || (now is { PeerPending: 0, ApplicationPending: 0 } && !DrbdWatch.IsSyncing(now)));
    }

    private static (long?, long?, long?, long?, long?) Counters(DrbdDevice side) => (side.NetworkSent, side.NetworkReceived, side.DiskWritten, side.DiskRead, side.ResyncLeft);

    private async Task<bool> IsNoticedAsync(CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < NoticedWithin;)
        {
            if ((await ReadAsync(cancellationToken).ConfigureAwait(false)).Sides.Any(one => !one.IsConnected))
            {
                return true;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }
}
