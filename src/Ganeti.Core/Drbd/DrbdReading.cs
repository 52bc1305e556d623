using System.Collections.Concurrent;

namespace Ganeti;

/// <summary>Reads sides of mirrors from many nodes at once, each node asked once, and tells what is found as it arrives.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="selection">Which sides.</param>
/// <param name="throttleLimit">How many nodes are asked at once.</param>
internal sealed class DrbdReading(GntConnection connection, DrbdSelection selection, int throttleLimit)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<DrbdDevice>>>> _sides = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<DrbdDevice> _wanted = [];
    private volatile bool _isIncomplete;

    /// <summary>Takes sides that were wanted; from any thread.</summary>
    internal required Action<IReadOnlyList<DrbdDevice>> Found { get; init; }

    /// <summary>Takes what went wrong, and with what: a node, a minor, the configuration; from any thread.</summary>
    internal required Action<GanetiException, object?> Failed { get; init; }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var throttle = new SemaphoreSlim(throttleLimit);
        var configuration = ConfigurationAsync(cancellationToken);
        var nodes = await connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Offline), nameof(GntNode.VMCapable), nameof(GntNode.PrimaryIPAddress), nameof(GntNode.SecondaryIPAddress)).ConfigureAwait(false);
        var known = selection.NeedsConfiguration ? await configuration.ConfigureAwait(false) : [];
        var context = new Context(configuration, nodes, throttle);

        var asked = selection.NodesToAsk(known, nodes);
        await Task.WhenAll(asked.Where(node => MayBeAsked(node, nodes)).Select(async node =>
        {
            var sides = (await SidesOnAsync(node, context, cancellationToken).ConfigureAwait(false)).Where(side => selection.IsWanted(side)).ToArray();
            Array.ForEach(sides, _wanted.Enqueue);
            Found(sides);
        })).ConfigureAwait(false);

        if (selection.WithPeers || selection.PeersOf.Count > 0)
        {
            await FindPeersAsync(context, cancellationToken).ConfigureAwait(false);
        }

        await configuration.ConfigureAwait(false);
        SayWhichMinorsAreNot(asked);
    }

    private async Task FindPeersAsync(Context context, CancellationToken cancellationToken)
    {
        var mirrors = await context.Configuration.ConfigureAwait(false);
        var peers = new List<DrbdPeer>();
        foreach (var side in selection.PeersOf.Concat(selection.WithPeers ? _wanted : []))
        {
            if (DrbdPeer.Of(side, mirrors, context.Nodes) is { } peer)
            {
                peers.Add(peer);
            }
            else
            {
                Failed(
                    new GanetiException(GanetiError.DrbdPeerUnknown, $"Where the other side of {side.Id} is can't be known: it is no guest's, and its connection has no address.")
                    {
                        Target = side,
                        RecommendedAction = $"Look for its port on all nodes: Get-DrbdDevice | Where-Object Port -eq {(side.Port is null ? "<port>" : side.Port)}.",
                    },
                    side);
            }
        }

        await Task.WhenAll(peers.GroupBy(peer => peer.Node).Where(onNode => MayBeAsked(onNode.Key, context.Nodes)).Select(async onNode =>
            Found([.. (await SidesOnAsync(onNode.Key, context, cancellationToken).ConfigureAwait(false)).Where(side => onNode.Any(peer => peer.Is(side)))]))).ConfigureAwait(false);
    }

    private bool MayBeAsked(string node, IReadOnlyList<GntNode> nodes)
    {
        if (selection.MayBeAsked(node, nodes))
        {
            return true;
        }

        if (_sides.TryAdd(node, new Lazy<Task<IReadOnlyList<DrbdDevice>>>(() => Task.FromResult<IReadOnlyList<DrbdDevice>>([]))))
        {
            Failed(
                new GanetiException(GanetiError.NodeOffline, $"{node} is marked offline, and is not asked for its sides of the mirrors.")
                {
                    Target = node,
                    RecommendedAction = $"The sides on other nodes tell what they know of it. Get-DrbdDevice -Node {node} asks it all the same.",
                },
                node);
        }

        return false;
    }

    private Task<IReadOnlyList<DrbdDevice>> SidesOnAsync(string node, Context context, CancellationToken cancellationToken) =>
        _sides.GetOrAdd(node, name => new Lazy<Task<IReadOnlyList<DrbdDevice>>>(() => AskAsync(name, context, cancellationToken))).Value;

    // A node that fails is one error, and the others go on.
    private async Task<IReadOnlyList<DrbdDevice>> AskAsync(string node, Context context, CancellationToken cancellationToken)
    {
        await context.Throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<DrbdDevice> sides;
        try
        {
            sides = await connection.Drbd.GetAsync(node, cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception)
        {
            _isIncomplete = true;
            Failed(exception, node);
            return [];
        }
        finally
        {
            context.Throttle.Release();
        }

        DrbdMirror.Assign(await context.Configuration.ConfigureAwait(false), sides);
        foreach (var side in sides)
        {
            side.PeerNode ??= DrbdPeer.NodeAt(side.PeerAddress, context.Nodes);
        }

        return sides;
    }

    // What the kernels say is worth having without it, unless nobody can say then whom to ask.
    private async Task<IReadOnlyList<DrbdMirror>> ConfigurationAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Drbd.MirrorsAsync(selection.Guests, cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception) when (!selection.NeedsConfiguration)
        {
            Failed(
                new GanetiException(exception.Error, $"Whose disks the mirrors are is not known: {exception.Message}", exception) { Target = connection.Name, RecommendedAction = exception.RecommendedAction },
                connection.Name);
            return [];
        }
    }

    private void SayWhichMinorsAreNot(IReadOnlySet<string> asked)
    {
        // It may be on the node that did not answer.
        foreach (var minor in _isIncomplete ? [] : selection.Minors.Except(_wanted.Select(side => side.Minor ?? -1)))
        {
            Failed(
                new GanetiException(GanetiError.DrbdDeviceNotFound, $"There is no minor {minor} on {string.Join(", ", asked.Order(StringComparer.Ordinal))}.")
                {
                    Target = minor,
                    RecommendedAction = "See what there is with Get-DrbdDevice; a guest that does not run has none.",
                },
                minor);
        }
    }

    private sealed record Context(Task<IReadOnlyList<DrbdMirror>> Configuration, IReadOnlyList<GntNode> Nodes, SemaphoreSlim Throttle);
}
