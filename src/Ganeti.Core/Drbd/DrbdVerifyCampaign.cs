namespace Ganeti;

/// <summary>Verifies of many mirrors: as many at once as leave each node with one, and none begun after the window.</summary>
/// <param name="verify">How one is verified.</param>
/// <param name="until">When the window ends; null for never.</param>
internal sealed class DrbdVerifyCampaign(DrbdVerify verify, DateTimeOffset? until)
{
    private double _bytesPerSecond;

    /// <summary>The algorithm; null for what is set, else md5.</summary>
    internal string? Algorithm { get; init; }

    /// <summary>Told of each that begins.</summary>
    internal required Action<DrbdPair> Began { get; init; }

    /// <summary>Told of each that is over, with what went wrong.</summary>
    internal required Action<DrbdPair, DrbdVerifyResult, GanetiException?> Ended { get; init; }

    internal async Task RunAsync(IReadOnlyCollection<DrbdPair> pairs, CancellationToken cancellationToken)
    {
        var waiting = new LinkedList<DrbdPair>(pairs);
        var running = new Dictionary<Task, DrbdPair>();
        while (waiting.Count > 0 || running.Count > 0)
        {
            var busy = running.Values.SelectMany(Nodes).ToHashSet(StringComparer.Ordinal);
            for (var next = waiting.First; next is not null;)
            {
                var pair = next.Value;
                var after = next.Next;
                if (!Nodes(pair).Any(busy.Contains))
                {
                    waiting.Remove(next);
                    if (IsTooLate(pair))
                    {
                        Skip(pair);
                    }
                    else
                    {
                        busy.UnionWith(Nodes(pair));
                        running.Add(OneAsync(pair, cancellationToken), pair);
                    }
                }

                next = after;
            }

            if (running.Count > 0)
            {
                var ended = await Task.WhenAny(running.Keys).ConfigureAwait(false);
                running.Remove(ended);
                await ended.ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<string> Nodes(DrbdPair pair) => pair.Sides.Select(side => side.Node!);

    // By the speed of those before; the first has the benefit of the doubt.
    private bool IsTooLate(DrbdPair pair) => until is { } end && DateTimeOffset.Now + TimeSpan.FromSeconds(_bytesPerSecond > 0 ? (pair.Side.Size ?? 0) / _bytesPerSecond : 0) >= end;

    private void Skip(DrbdPair pair)
    {
        var result = verify.Begun(pair);
        result.Outcome = DrbdVerifyOutcome.Skipped;
        result.Message = until <= DateTimeOffset.Now ? "the window was over" : "it would not have ended within the window";
        Ended(pair, result, null);
    }

    private async Task OneAsync(DrbdPair pair, CancellationToken cancellationToken)
    {
        Began(pair);
        try
        {
            var result = await verify.RunAsync(pair, Algorithm, cancellationToken).ConfigureAwait(false);
            _bytesPerSecond = result.Speed ?? _bytesPerSecond;
            Ended(pair, result, null);
        }
        catch (GanetiException exception)
        {
            var result = verify.Begun(pair);
            result.Outcome = DrbdVerifyOutcome.Refused;
            result.Message = exception.Message;
            Ended(pair, result, exception);
        }
    }
}
