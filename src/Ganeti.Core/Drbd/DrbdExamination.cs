using System.Collections.Concurrent;

namespace Ganeti;

/// <summary>Finds out what is wrong with mirrors: two samples from all their nodes at once, one call a node for each, and what Ganeti knows.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="selection">Which sides; the other sides are always looked at too.</param>
/// <param name="throttleLimit">How many nodes are asked at once.</param>
/// <param name="sampleTime">How far the samples are apart on each node.</param>
internal sealed class DrbdExamination(GntConnection connection, DrbdSelection selection, int throttleLimit, TimeSpan sampleTime)
{
    private readonly ConcurrentBag<DrbdNode> _first = [];
    private readonly ConcurrentBag<DrbdNode> _second = [];

    /// <summary>Nobody would want to wait longer.</summary>
    internal static TimeSpan LongestSampleTime { get; } = TimeSpan.FromHours(1);

    /// <summary>Takes what went wrong, and with what: a node, the configuration; from any thread.</summary>
    internal required Action<GanetiException, object?> Failed { get; init; }

    /// <summary>The mirrors that have a wanted side, healthy ones too, by guest and disk; minors that are no guest's come last.</summary>
    internal async Task<IReadOnlyList<GntMirror>> RunAsync(CancellationToken cancellationToken)
    {
        var configuration = ConfigurationAsync(cancellationToken);
        var guests = connection.Instances.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntInstance.Name), nameof(GntInstance.AdminState), nameof(GntInstance.DisksActive), nameof(GntInstance.PrimaryNode));
        var nodes = await connection.Nodes.Table.ReadOnlyAsync(null, cancellationToken, nameof(GntNode.Name), nameof(GntNode.Offline), nameof(GntNode.VMCapable), nameof(GntNode.PrimaryIPAddress), nameof(GntNode.SecondaryIPAddress)).ConfigureAwait(false);
        var mirrors = await configuration.ConfigureAwait(false);

        var asked = NodesToAsk(mirrors ?? [], nodes).Where(node => selection.MayBeAsked(node, nodes)).ToArray();
        using var throttle = new SemaphoreSlim(throttleLimit);
        var samples = Task.WhenAll(asked.Select(node => SampleAsync(node, throttle, cancellationToken)));
        var known = await guests.ConfigureAwait(false);
        await samples.ConfigureAwait(false);

        var situation = new DrbdSituation
        {
            Mirrors = mirrors,
            Nodes = nodes,
            Guests = known.Where(guest => guest.Name is not null).DistinctBy(guest => guest.Name).ToDictionary(guest => guest.Name!, StringComparer.Ordinal),
            Jobs = await JobsAsync(cancellationToken).ConfigureAwait(false),
            First = _first,
            Second = _second,
        };
        var found = DrbdDiagnosis.Of(situation).Where(mirror => (mirror.Sides ?? []).Any(selection.IsWanted) || (mirror.Sides is [] && IsWanted(mirror)));
        var time = DateTimeOffset.Now;
        return
        [
            .. found.Select(mirror => Signed(mirror, time))
                .OrderBy(mirror => mirror.InstanceName is null).ThenBy(mirror => mirror.InstanceName, StringComparer.Ordinal).ThenBy(mirror => mirror.DiskIndex).ThenBy(mirror => mirror.ToString(), StringComparer.Ordinal),
        ];
    }

    // A stopped guest's: there is nothing of it on the nodes.
    private bool IsWanted(GntMirror mirror) => selection.All || (mirror.InstanceName is { } guest && selection.Instances.Contains(guest));

    private GntMirror Signed(GntMirror mirror, DateTimeOffset time)
    {
        mirror.From(connection.Identity, time);
        foreach (var side in mirror.Sides ?? [])
        {
            side.From(connection.Identity, time);
        }

        return mirror;
    }

    private HashSet<string> NodesToAsk(IReadOnlyCollection<DrbdMirror> mirrors, IReadOnlyCollection<GntNode> nodes)
    {
        var asked = new HashSet<string>(selection.NodesToAsk(mirrors, nodes), StringComparer.Ordinal);
        foreach (var mirror in mirrors.Where(mirror => asked.Contains(mirror.Primary.Node) || asked.Contains(mirror.Secondary.Node)).ToArray())
        {
            if (IsOn(mirror.Primary) || IsOn(mirror.Secondary))
            {
                asked.UnionWith([mirror.Primary.Node, mirror.Secondary.Node]);
            }
        }

        return asked;
    }

    private bool IsOn((string Node, int Minor) side) => selection.Nodes.Contains(side.Node) || selection.Sides.Contains((side.Node, side.Minor));

    // A node that fails is one error, and the others go on; of its sides nothing is known then.
    private async Task SampleAsync(string node, SemaphoreSlim throttle, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(node, DrbdDetail.Causes, _first, throttle, cancellationToken).ConfigureAwait(false);
            await Task.Delay(sampleTime, cancellationToken).ConfigureAwait(false);
            await ReadAsync(node, DrbdDetail.State, _second, throttle, cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException exception)
        {
            Failed(exception, node);
        }
    }

    private async Task ReadAsync(string node, DrbdDetail detail, ConcurrentBag<DrbdNode> samples, SemaphoreSlim throttle, CancellationToken cancellationToken)
    {
        await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            samples.Add(await connection.Drbd.ExamineAsync(node, detail, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            throttle.Release();
        }
    }

    private async Task<IReadOnlyCollection<GntJob>> JobsAsync(CancellationToken cancellationToken)
    {
        var running = new JobSelection { States = [GntJobStatus.running, GntJobStatus.canceling] };
        return await connection.Jobs.Table.ReadAsync(running.Filter, configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
    }

    // Most of what can be wrong the kernels tell without it, unless nobody can say then whom to ask.
    private async Task<IReadOnlyList<DrbdMirror>?> ConfigurationAsync(CancellationToken cancellationToken)
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
            return null;
        }
    }
}
