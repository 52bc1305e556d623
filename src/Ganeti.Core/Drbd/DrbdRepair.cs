using System.Collections.Concurrent;
using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Makes changes of mirrors, one at a time: held by a lease, looked at again before, and seen on both nodes afterwards.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="cmdlet">The cmdlet, for lease and journal.</param>
internal sealed class DrbdRepair(GntConnection connection, string cmdlet)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The nodes that did not answer when they were asked for other sides.</summary>
    internal ConcurrentDictionary<string, GanetiException> Silent { get; } = new(StringComparer.Ordinal);

    /// <summary>The job that was submitted and not seen to end; 0 when there is none.</summary>
    internal long JobUnderWay { get; private set; }

    /// <summary>Makes a change on a side's node.</summary>
    /// <returns>The side afterwards; null when it is gone.</returns>
    /// <exception cref="GanetiException">It was refused, DRBD refused it, or it was not seen to be made.</exception>
    internal async Task<DrbdDevice?> RunAsync(DrbdSideChange change, DrbdPair pair, CancellationToken cancellationToken)
    {
        var session = await RepairSession.BeginAsync(connection, Order(pair, change.CommandLine(pair), [pair.Side.Node!]), cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        pair = await AgainAsync(pair, cancellationToken).ConfigureAwait(false);
        change.Check(pair);
        foreach (var command in change.Commands(pair))
        {
            var result = await session.RunAsync(pair.Side.Node!, command.ToString(), command, cancellationToken).ConfigureAwait(false);
            // "detach" and "down" end well where the module can't even be loaded; what was seen afterwards counts.
            if (result.ExitStatus != 0)
            {
                throw await RefusedAsync(change, pair, command, result, cancellationToken).ConfigureAwait(false);
            }
        }

        var (side, other) = await SeenAsync(pair, change.Missing, cancellationToken).ConfigureAwait(false);
        await session.DoneAsync(DrbdWords.StateOf(pair, side, other), cancellationToken).ConfigureAwait(false);
        return side;
    }

    /// <summary>Has Ganeti activate a guest's disks, which gives sides their volumes and connections back as the configuration has them.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="pairs">Its sides that are meant.</param>
    /// <param name="missing">What is not so yet that is to be so.</param>
    /// <param name="cancellationToken">Ends the wait at once; the job goes on.</param>
    /// <returns>The sides afterwards.</returns>
    internal async Task<IReadOnlyList<DrbdDevice>> ActivateAsync(string guest, IReadOnlyList<DrbdPair> pairs, Func<DrbdDevice?, DrbdDevice?, string?> missing, CancellationToken cancellationToken)
    {
        var opcode = new InstanceActivateDisks { InstanceName = guest };
        var order = new RepairOrder
        {
            Cmdlet = cmdlet,
            Subject = guest,
            CommandLine = opcode.CommandLine,
            InstanceName = guest,
            Nodes = [.. pairs.SelectMany(pair => pair.Sides).Select(side => side.Node!).Distinct(StringComparer.Ordinal)],
        };
        var session = await RepairSession.BeginAsync(connection, order, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        var failure = await JobAsync(opcode, cancellationToken).ConfigureAwait(false);

        var seen = new List<DrbdDevice>();
        var states = new List<string>();
        foreach (var pair in pairs)
        {
            var (side, other) = await SeenAsync(pair, missing, cancellationToken, failure).ConfigureAwait(false);
            seen.Add(side!);
            states.Add(DrbdWords.StateOf(pair, side, other));
        }

        // The job may fail for a disk that was not meant.
        if (failure is not null)
        {
            throw failure;
        }

        await session.DoneAsync(string.Join("; ", states), cancellationToken).ConfigureAwait(false);
        return seen;
    }

    /// <summary>Reads both sides anew, each node once; Ganeti is not asked again.</summary>
    /// <exception cref="GanetiException">The side's own node did not answer.</exception>
    internal async Task<(DrbdDevice? Side, DrbdDevice? Other)> ReadAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        var here = connection.Drbd.GetAsync(pair.Side.Node!, cancellationToken);
        var there = OtherAsync(pair, cancellationToken);
        var side = (await here.ConfigureAwait(false)).FirstOrDefault(device => device.Minor == pair.Side.Minor);
        var other = (await there.ConfigureAwait(false)).FirstOrDefault(device => pair.Other is { } known ? device.Minor == known.Minor
            : pair.Side.PeerMinor is { } minor ? device.Minor == minor
            : pair.Side.Port is { } port && device.Port == port);
        side?.Inherit(pair.Side);
        other?.Inherit(pair.Other);
        if (pair.Other is null && other is not null)
        {
            (other.InstanceName, other.DiskIndex, other.DiskUuid) = (pair.Side.InstanceName, pair.Side.DiskIndex, pair.Side.DiskUuid);
            (other.PeerNode, other.PeerMinor) = (pair.Side.Node, pair.Side.Minor);
        }

        return (side, other);
    }

    /// <summary>Whether the kernel has found split brain since the sides were last connected, and could not resolve it.</summary>
    internal async Task<bool> IsSplitBrainAsync(DrbdPair pair, CancellationToken cancellationToken) =>
        (await KernelSaysAsync(pair, cancellationToken).ConfigureAwait(false)).Contains("Split-Brain", StringComparison.Ordinal);

    // The last words of the kernels about why the sides do not connect.
    private async Task<string> KernelSaysAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        var said = await Task.WhenAll(pair.Sides.Where(side => !side.IsConnected).Select(async side =>
        {
            var host = await connection.OpenNodeAsync(side.Node!, cancellationToken).ConfigureAwait(false);
            var log = RemoteCommand.Script(
                """dmesg | grep -E "drbd$1: .*(Split-Brain detected but unresolved|Different .* settings|-> Connected )" | tail -n 1 | grep -v -e '-> Connected'""",
                side.Minor!.Value.ToString(CultureInfo.InvariantCulture));
            return (await GntConnection.RunAsync(host, log, cancellationToken).ConfigureAwait(false)).OutputText.Trim();
        })).ConfigureAwait(false);
        return RemoteText.Printable(string.Join("; ", said.Where(line => line.Length > 0)));
    }

    /// <summary>Split brain, and what to do about it.</summary>
    internal static GanetiException SplitBrain(DrbdPair pair) => new(GanetiError.DrbdSplitBrain, $"{DrbdWords.Of(pair.Side)}: split brain. Both sides were written while apart, and DRBD will not choose ({DrbdWords.StateOf(pair, pair.Side, pair.Other)}).")
    {
        Target = pair.Side,
        RecommendedAction = pair.Side.InstanceName is { } guest
            ? $"Choose whose data is given up: Resolve-DrbdSplitBrain {guest} shows what each side would lose. With -Force the connection is tried once more; nothing is given up by that."
            : "Choose whose data is given up, and connect that side with drbdsetup connect --discard-my-data.",
    };

    private async Task<DrbdPair> AgainAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        var (side, other) = await ReadAsync(pair, cancellationToken).ConfigureAwait(false);
        return side is null
            ? throw new GanetiException(GanetiError.DrbdDeviceNotFound, $"{DrbdWords.Of(pair.Side)} is gone.") { Target = pair.Side, RecommendedAction = "See what there is with Get-DrbdDevice." }
            : new DrbdPair(side, other);
    }

    private async Task<IReadOnlyList<DrbdDevice>> OtherAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        if ((pair.Other?.Node ?? pair.Side.PeerNode) is not { } node)
        {
            return [];
        }

        try
        {
            return await connection.Drbd.GetAsync(node, cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception)
        {
            Silent[node] = exception;
            return [];
        }
    }

    private async Task<(DrbdDevice? Side, DrbdDevice? Other)> SeenAsync(DrbdPair pair, Func<DrbdDevice?, DrbdDevice?, string?> missing, CancellationToken cancellationToken, GanetiException? cause = null)
    {
        var until = Environment.TickCount64 + (long)(cause is null ? Patience : Pause).TotalMilliseconds;
        while (true)
        {
            var (side, other) = await ReadAsync(pair, cancellationToken).ConfigureAwait(false);
            if (missing(side, other) is not { } what)
            {
                return (side, other);
            }

            if (Environment.TickCount64 > until)
            {
                var kernel = side is null ? string.Empty : await KernelSaysAsync(new DrbdPair(side, other), cancellationToken).ConfigureAwait(false);
                throw kernel.Contains("Split-Brain", StringComparison.Ordinal) ? SplitBrain(new DrbdPair(side!, other)) : NotSeen(pair, what, DrbdWords.StateOf(pair, side, other), kernel, cause);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<GanetiException?> JobAsync(LuxiOpcode opcode, CancellationToken cancellationToken)
    {
        var job = await connection.Jobs.EndAsync(opcode, cmdlet, id => JobUnderWay = id, null, cancellationToken).ConfigureAwait(false);
        JobUnderWay = 0;
        return job is { Status: not GntJobStatus.success } ? JobFailure.Of(job, null) : null;
    }

    private static GanetiException NotSeen(DrbdPair pair, string what, string seen, string kernel, GanetiException? cause)
    {
        var isDifferent = kernel.Contains("Different", StringComparison.Ordinal);
        return new GanetiException(GanetiError.DrbdChangeNotSeen, $"{DrbdWords.Of(pair.Side)}: {what}. Seen: {seen}.{(kernel.Length > 0 ? $" The kernel says: {kernel}" : string.Empty)}{(cause is null ? string.Empty : $" {cause.Message}")}", cause)
        {
            Target = pair.Side,
            RecommendedAction = isDifferent
                // What was set by hand on one side is not in Ganeti's configuration; the side that has it lost it by the attempt.
                ? "The sides had different settings, of which one was set by hand. Try once more: as a rule the attempt has brought both to the same."
                : $"See what it is now: Get-DrbdDevice {DrbdWords.Parameters(pair.Side)} -Peer.",
        };
    }

    private RepairOrder Order(DrbdPair pair, string commandLine, string[] nodes) => new()
    {
        Cmdlet = cmdlet,
        Subject = pair.Side.Id,
        CommandLine = commandLine,
        InstanceName = pair.Side.InstanceName,
        Nodes = nodes,
    };

    private async Task<GanetiException> RefusedAsync(DrbdSideChange change, DrbdPair pair, RemoteCommand command, RemoteResult result, CancellationToken cancellationToken)
    {
        var words = RemoteText.Printable((result.ErrorText + result.OutputText).Trim().ReplaceLineEndings("; "));
        if (words.Contains("(-12)", StringComparison.Ordinal))
        {
            var holders = await connection.Block.HoldersAsync(pair.Side.Node!, pair.Side.Device!, pair.Side.InstanceName, cancellationToken).ConfigureAwait(false);
            return new GanetiException(GanetiError.DrbdDeviceHeld, $"{DrbdWords.Of(pair.Side)} is held open by {(holders.Count == 0 ? "somebody who can't be found" : string.Join(", ", holders))}; nothing was changed ({words}).")
            {
                Target = pair.Side,
                RecommendedAction = $"{string.Join("; ", holders.Select(holder => holder.Remedy).OfType<string>().Distinct(StringComparer.Ordinal))}{(holders.Count == 0 ? "Look" : ". Look")} with Get-BlockHolder -Node {pair.Side.Node} -Device {pair.Side.Device}.",
            };
        }

        return change.Explain(pair, words) ?? new GanetiException(GanetiError.DrbdChangeRefused, $"{DrbdWords.Of(pair.Side)}: '{command}' was refused: {words} (exit status {(result.ExitStatus is { } status ? status : result.Signal)}).")
        {
            Target = pair.Side,
            RecommendedAction = $"See how both sides are: Get-DrbdDevice {DrbdWords.Parameters(pair.Side)} -Peer; the kernel's own reason is in its log on {pair.Side.Node}.",
        };
    }
}
