using System.Globalization;
using System.Text.RegularExpressions;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Compares the two sides of a mirror while it is in use, and what differs once more.</summary>
/// <remarks>
/// A lease is held for the beginning only: a verify takes hours, and the watcher is not to be kept quiet for so long. The kernel goes on with it whatever becomes of the client.
/// </remarks>
internal sealed partial class DrbdVerify(GntConnection connection, string cmdlet, IRepairView view)
{
    private const int Sector = 512;

    // What lies closer is checked again in one go.
    private const long Near = 1 << 20;
    private const int Spans = 32;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly NodeScript Script = new("Drbd", "verify");

    private readonly DrbdRepair _repair = new(connection, cmdlet);

    /// <summary>What speaks against a verify, or null.</summary>
    internal static GanetiException? Refusal(DrbdPair pair)
    {
        var side = pair.Side;
        var why = side.ModuleVersion?.StartsWith("8.", StringComparison.Ordinal) == false ? $"is on DRBD {side.ModuleVersion}, and verifies are begun on DRBD 8 only"
            : side.IsInVerify ? "is being verified already"
            : pair.Other is null ? "has another side that was not found, or whose node did not answer"
            : DrbdSync.Missing(side, pair.Other) is { } missing ? $"is not in sync: {missing}"
            : side.LocalAddress is null || side.PeerAddress is null || side.Port is null ? "has no addresses in drbdsetup show"
            : null;
        return why is null ? null : new GanetiException(GanetiError.DrbdStateWrong, $"{DrbdWords.Of(side)} {why}.")
        {
            Target = side,
            RecommendedAction = side.IsInVerify ? "See how far it is: Get-DrbdDevice." : $"Have it in sync first: Wait-DrbdDevice {DrbdWords.Parameters(side)}.",
        };
    }

    /// <summary>What is run on the side's node, for people.</summary>
    internal static string CommandLine(DrbdPair pair, string? algorithm) => $"{pair.Side.Node}: " +
        (Set(pair.Side, algorithm) is { Length: > 0 } set ? $"drbdsetup net-options {Address(pair.Side.LocalAddress, pair.Side)} {Address(pair.Side.PeerAddress, pair.Side)} --verify-alg={set} && " : string.Empty) +
        $"drbdsetup verify {pair.Side.Minor}";

    /// <summary>Verifies a mirror.</summary>
    /// <param name="pair">Both sides; the verify is begun on the first.</param>
    /// <param name="algorithm">How blocks are compared; null for what is set, else md5.</param>
    /// <param name="cancellationToken">Ends the wait at once; the verify goes on.</param>
    internal async Task<DrbdVerifyResult> RunAsync(DrbdPair pair, string? algorithm, CancellationToken cancellationToken)
    {
        var result = Begun(pair);
        result.Algorithm = Set(pair.Side, algorithm) is { Length: > 0 } set ? set : pair.Side.Options?.GetValueOrDefault("verify-alg") as string;
        result.Began = DateTimeOffset.Now;
        var found = await PassAsync(pair, algorithm, null, cancellationToken).ConfigureAwait(false);
        result.Ended = DateTimeOffset.Now;
        result.Size = pair.Side.Size;
        if (found is null)
        {
            result.Outcome = DrbdVerifyOutcome.Interrupted;
            result.Message = "It was not seen to be done; the connection was lost, or the kernel's log has been overwritten.";
            result.Remedy = $"Get-DrbdDevice {DrbdWords.Parameters(pair.Side)} -Peer";
        }
        else
        {
            await JudgeAsync(result, pair, algorithm, found, cancellationToken).ConfigureAwait(false);
        }

        await TellAsync(pair, result, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>A result of one that has not begun.</summary>
    internal DrbdVerifyResult Begun(DrbdPair pair)
    {
        var result = new DrbdVerifyResult
        {
            Node = pair.Side.Node,
            Minor = pair.Side.Minor,
            PeerNode = pair.Other?.Node ?? pair.Side.PeerNode,
            PeerMinor = pair.Other?.Minor ?? pair.Side.PeerMinor,
            InstanceName = pair.Side.InstanceName,
            DiskIndex = pair.Side.DiskIndex,
        };
        result.From(connection.Identity, DateTimeOffset.Now);
        return result;
    }

    /// <summary>The stretches that the kernel's log calls out of sync.</summary>
    internal static IReadOnlyList<DrbdRange> Ranges(string log) =>
    [
        .. from Match match in OutOfSync().Matches(log)
           let start = DrbdText.Number(match.Groups[1].Value)
           let length = DrbdText.Number(match.Groups[2].Value)
           where start is not null && length is not null
           select new DrbdRange { Start = start.Value * Sector, Length = length.Value * Sector },
    ];

    /// <summary>The stretches to check again: near ones in one, and not too many.</summary>
    internal static IReadOnlyList<DrbdRange> Merged(IEnumerable<DrbdRange> ranges)
    {
        var merged = new List<DrbdRange>();
        foreach (var range in ranges.OrderBy(range => range.Start))
        {
            if (merged.Count > 0 && merged[^1] is var last && range.Start - (last.Start + last.Length) < Near)
            {
                last.Length = Math.Max(last.Length, range.Start + range.Length - last.Start);
            }
            else
            {
                merged.Add(new DrbdRange { Start = range.Start, Length = range.Length });
            }
        }

        return merged.Count <= Spans ? merged : [new DrbdRange { Start = merged[0].Start, Length = merged[^1].Start + merged[^1].Length - merged[0].Start }];
    }

    // Writes that were on their way while their block was compared look like differences.
    private async Task JudgeAsync(DrbdVerifyResult result, DrbdPair pair, string? algorithm, IReadOnlyList<DrbdRange> found, CancellationToken cancellationToken)
    {
        var again = new List<DrbdRange>();
        foreach (var span in Merged(found))
        {
            await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
            if (await PassAsync(await AgainAsync(pair, cancellationToken).ConfigureAwait(false), algorithm, span, cancellationToken).ConfigureAwait(false) is not { } second)
            {
                result.Message = "It broke off while differences were checked again.";
                again.Add(span);
                continue;
            }

            again.AddRange(second);
        }

        result.Ended = DateTimeOffset.Now;
        result.Ranges = [.. again];
        result.Differences = again.Sum(range => range.Length);
        result.InFlight = Math.Max(0, found.Sum(range => range.Length) - result.Differences.Value);
        result.Outcome = result.Differences > 0 ? DrbdVerifyOutcome.Different : DrbdVerifyOutcome.Identical;
        result.Remedy = result.Differences > 0 || result.InFlight > 0 ? Remedy(pair) : null;
    }

    // Connected anew, the side whose copy is not in use takes over what is marked as different.
    private static string Remedy(DrbdPair pair)
    {
        var loser = pair.Side.Role == DrbdRole.Primary && pair.Other is { } other ? other : pair.Side;
        return pair.Side.InstanceName is { } guest
            ? $"Disconnect-DrbdDevice {DrbdWords.Parameters(loser)}; Connect-DrbdDevice {guest}; Wait-DrbdDevice {guest}"
            : $"drbdsetup disconnect and connect on {loser.Node}";
    }

    private async Task<DrbdPair> AgainAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        var (side, other) = await _repair.ReadAsync(pair, cancellationToken).ConfigureAwait(false);
        return new DrbdPair(side ?? pair.Side, other);
    }

    /// <returns>What differs; null when it was not seen to be done.</returns>
    private async Task<IReadOnlyList<DrbdRange>?> PassAsync(DrbdPair pair, string? algorithm, DrbdRange? span, CancellationToken cancellationToken)
    {
        var begun = await BeginAsync(pair, algorithm, span, cancellationToken).ConfigureAwait(false);
        var found = await FollowAsync(pair, begun.Clock, cancellationToken).ConfigureAwait(false);
        await EndAsync(begun.Id, begun.Armed, cancellationToken).ConfigureAwait(false);
        return found;
    }

    private async Task<(string Id, string Clock, IReadOnlyList<DrbdDevice> Armed)> BeginAsync(DrbdPair pair, string? algorithm, DrbdRange? span, CancellationToken cancellationToken)
    {
        var order = new RepairOrder { Cmdlet = cmdlet, Subject = pair.Side.Id, CommandLine = CommandLine(pair, algorithm), InstanceName = pair.Side.InstanceName, Nodes = [pair.Side.Node!] };
        var session = await RepairSession.BeginAsync(connection, order, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        pair = await AgainAsync(pair, cancellationToken).ConfigureAwait(false);
        if (Refusal(pair) is { } refusal)
        {
            throw refusal;
        }

        var set = Set(pair.Side, algorithm);
        var sides = set.Length > 0 ? pair.Sides : [];
        foreach (var side in sides)
        {
            var armed = await session.RunAsync(side.Node!, "have the node take the algorithm away once no verify runs", OfSide("arm", session.Id, side), cancellationToken).ConfigureAwait(false);
            if (armed.ExitStatus != 0)
            {
                throw RepairSession.Failure(side.Node!, "no watchdog could be set that takes the algorithm away, so nothing was begun", armed);
            }
        }

        var command = Script.With("begin", Number(pair.Side), Address(pair.Side.LocalAddress, pair.Side), Address(pair.Side.PeerAddress, pair.Side), set, Sectors(span?.Start ?? 0), span is null ? string.Empty : Sectors(span.Start + span.Length));
        var result = await session.RunAsync(pair.Side.Node!, order.CommandLine, command, cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus == 0)
        {
            await session.DoneAsync("the verify runs", cancellationToken).ConfigureAwait(false);
            return (session.Id, result.OutputText.Trim(), sides);
        }

        await EndAsync(session.Id, sides, cancellationToken).ConfigureAwait(false);
        throw new GanetiException(GanetiError.DrbdChangeRefused, $"{DrbdWords.Of(pair.Side)}: the verify was not begun: {RemoteText.Printable(result.ErrorText.Trim().ReplaceLineEndings("; "))} (exit status {result.ExitStatus}).")
        {
            Target = pair.Side,
            RecommendedAction = "An algorithm that one of the nodes' kernels has not can't be taken: try -Algorithm md5 or sha1.",
        };
    }

    private async Task EndAsync(string id, IReadOnlyList<DrbdDevice> sides, CancellationToken cancellationToken)
    {
        foreach (var side in sides)
        {
            var host = await connection.OpenNodeAsync(side.Node!, cancellationToken).ConfigureAwait(false);
            var ended = await GntConnection.RunAsync(host, OfSide("end", id, side), cancellationToken).ConfigureAwait(false);
            if (ended.ExitStatus != 0)
            {
                view.Warn($"{side.Node} could not take the verify algorithm of {side.Device} away: {RemoteText.Printable(ended.ErrorText.Trim())}. With it on one side only the sides will not connect again.");
            }
        }
    }

    private static RemoteCommand OfSide(string what, string id, DrbdDevice side) =>
        Script.With(what, $"{id}-{side.Minor}", Number(side), Address(side.LocalAddress, side), Address(side.PeerAddress, side));

    /// <returns>What differs; null when it was not seen to be done.</returns>
    private async Task<IReadOnlyList<DrbdRange>?> FollowAsync(DrbdPair pair, string clock, CancellationToken cancellationToken)
    {
        var activity = $"Verify of {DrbdWords.Of(pair.Side)}";
        while (true)
        {
            var log = await LogAsync(pair.Side, clock, cancellationToken).ConfigureAwait(false);
            if (log.Contains("Online verify", StringComparison.Ordinal))
            {
                view.Progress(activity, "done", 100);
                return Ranges(log);
            }

            var (side, other) = await _repair.ReadAsync(pair, cancellationToken).ConfigureAwait(false);
            if (side is not { IsInVerify: true } && other is not { IsInVerify: true })
            {
                // It may have ended between the two looks.
                log = await LogAsync(pair.Side, clock, cancellationToken).ConfigureAwait(false);
                view.Progress(activity, "over", 100);
                return log.Contains("Online verify", StringComparison.Ordinal) ? Ranges(log) : null;
            }

            view.Progress(activity, $"{DrbdWords.StateOf(side)}", side?.ResyncPercent ?? other?.ResyncPercent, side?.ResyncTimeLeft ?? other?.ResyncTimeLeft);
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> LogAsync(DrbdDevice side, string clock, CancellationToken cancellationToken)
    {
        var host = await connection.OpenNodeAsync(side.Node!, cancellationToken).ConfigureAwait(false);
        return (await GntConnection.RunAsync(host, Script.With("log", Number(side), clock), cancellationToken).ConfigureAwait(false)).OutputText;
    }

    private async Task TellAsync(DrbdPair pair, DrbdVerifyResult result, CancellationToken cancellationToken)
    {
        var entry = new GntHistoryEntry
        {
            Operator = ThisOperator.Name,
            Cmdlet = cmdlet,
            InstanceName = result.InstanceName,
            Subject = result.Id,
            EventText = nameof(GntHistoryEvent.Done),
            Message = string.Create(CultureInfo.InvariantCulture, $"verify by {result.Algorithm}: {result.Outcome}, {result.Differences ?? 0} bytes differ{(result.Ranges is { Length: > 0 } ranges ? $" at {string.Join(", ", ranges.Take(20).Select(range => range.ToString()))}" : string.Empty)}, {result.InFlight ?? 0} were in flight"),
        };
        var host = await connection.OpenNodeAsync(pair.Side.Node!, cancellationToken).ConfigureAwait(false);
        await GntConnection.RunAsync(host, GntHistory.Journal.With("add", entry.ToJson()), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The algorithm that has to be set; empty when the one that is there will do.</summary>
    private static string Set(DrbdDevice side, string? algorithm) =>
        side.Options?.GetValueOrDefault("verify-alg") is string there && there.Length > 0 && (algorithm is null || algorithm == there) ? string.Empty : algorithm ?? "md5";

    private static string Address(string? address, DrbdDevice side) => DrbdWords.Address(address, side.Port);

    private static string Number(DrbdDevice side) => side.Minor!.Value.ToString(CultureInfo.InvariantCulture);

    private static string Sectors(long bytes) => (bytes / Sector).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Out of sync: start=([0-9]+), size=([0-9]+) \(sectors\)", RegexOptions.CultureInvariant)]
    private static partial Regex OutOfSync();
}
