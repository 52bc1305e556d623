namespace Ganeti;

/// <summary>Reads the storage of many nodes at once, each asked once, and tells of each as it answers.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="selection">What is wanted.</param>
/// <param name="throttleLimit">How many nodes are asked at once.</param>
internal sealed class StorageReading(GntConnection connection, StorageSelection selection, int throttleLimit)
{
    /// <summary>Takes a node that has answered; from any thread.</summary>
    internal required Action<NodeStorage> Found { get; init; }

    /// <summary>Takes what went wrong, and with what; from any thread.</summary>
    internal required Action<GanetiException, object?> Failed { get; init; }

    /// <summary>Whether volumes are told whose they are.</summary>
    internal bool WithOwners { get; init; }

    /// <summary>Whether SMART and the kernel's log are read too.</summary>
    internal bool WithHealth { get; init; }

    /// <summary>Whether a node did not answer, or was not asked.</summary>
    internal bool IsIncomplete => _isIncomplete;

    private volatile bool _isIncomplete;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var throttle = new SemaphoreSlim(throttleLimit);
        var owners = OwnersAsync(cancellationToken);
        var nodes = await connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Offline), nameof(GntNode.VMCapable)).ConfigureAwait(false);
        var known = selection.NeedsConfiguration ? await owners.ConfigureAwait(false) : [];
        await Task.WhenAll(selection.NodesToAsk(known, nodes).Where(node => MayBeAsked(node, nodes)).Select(async node =>
        {
            await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var storage = await connection.Block.ReadAsync(node, WithHealth, cancellationToken).ConfigureAwait(false);
                storage.Own(await owners.ConfigureAwait(false));
                if (storage.Failed.Count > 0)
                {
                    Failed(
                        new GanetiException(GanetiError.StorageReportIncomplete, $"{node} did not tell all of its storage: {string.Join(", ", storage.Failed)} failed. What the others told is there.")
                        {
                            Target = node,
                            RecommendedAction = $"Run it on {node} and see what it says; Get-BlockDevice {node} -Problem shows a disk that is failing.",
                        },
                        node);
                }

                Found(storage);
            }
            catch (GanetiException exception)
            {
                _isIncomplete = true;
                Failed(exception, node);
            }
            finally
            {
                throttle.Release();
            }
        })).ConfigureAwait(false);
        await owners.ConfigureAwait(false);
    }

    private bool MayBeAsked(string node, IReadOnlyList<GntNode> nodes)
    {
        if (selection.MayBeAsked(node, nodes))
        {
            return true;
        }

        _isIncomplete = true;
        Failed(
            new GanetiException(GanetiError.NodeOffline, $"{node} is marked offline, and is not asked for its storage.")
            {
                Target = node,
                RecommendedAction = "Named with -Node it is asked all the same.",
            },
            node);
        return false;
    }

    // What LVM says is worth having without it, unless nobody can say then whom to ask.
    private async Task<IReadOnlyList<LvmOwner>> OwnersAsync(CancellationToken cancellationToken)
    {
        if (!WithOwners && !selection.NeedsConfiguration)
        {
            return [];
        }

        try
        {
            return await connection.Lvm.OwnersAsync(selection.Guests, cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception) when (!selection.NeedsConfiguration)
        {
            Failed(
                new GanetiException(exception.Error, $"Whose the volumes are is not known: {exception.Message}", exception) { Target = connection.Name, RecommendedAction = exception.RecommendedAction },
                connection.Name);
            return [];
        }
    }
}
