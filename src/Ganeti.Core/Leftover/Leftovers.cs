using System.Collections.Concurrent;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Finds what earlier work has left on nodes, and removes it after a second look.</summary>
/// <param name="connection">The cluster.</param>
internal sealed class Leftovers(GntConnection connection)
{
    /// <summary>All kinds of things that are looked for; a new one is added here.</summary>
    private static readonly ILeftoverSource[] Sources = [new VolumeLeftovers(), new MappingLeftovers(), new MinorLeftovers(), new ResetLeftovers(), new SafeguardLeftovers(), new LeaseLeftovers(), new MountLeftovers(), new ScratchLeftovers()];

    /// <summary>How old a thing has to be, where its age is known.</summary>
    internal TimeSpan OlderThan { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many nodes are asked at once.</summary>
    internal int ThrottleLimit { get; init; } = 16;

    /// <summary>Takes what went wrong, and with what; from any thread.</summary>
    internal Action<GanetiException, object?> Failed { get; init; } = static (_, _) => { };

    /// <summary>Those on nodes.</summary>
    /// <param name="nodes">Nodes by full name; none for all that can have guests and are not offline.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal async Task<IReadOnlyList<GntLeftover>> FindAsync(IReadOnlyCollection<string> nodes, CancellationToken cancellationToken) =>
        [.. (await LookAsync(nodes, Failed, cancellationToken).ConfigureAwait(false)).SelectMany(Of)];

    /// <summary>Removes one, if it is still there and still left.</summary>
    /// <exception cref="GanetiException">It is not any more, it was refused, or it was not seen to go.</exception>
    internal async Task RemoveAsync(GntLeftover leftover, string cmdlet, CancellationToken cancellationToken)
    {
        var scene = (await LookAsync([leftover.Node!], static (exception, _) => throw exception, cancellationToken).ConfigureAwait(false)).Single();
        var again = Of(scene).FirstOrDefault(other => other.Equals(leftover) && other.Uuid == leftover.Uuid)
            ?? throw new GanetiException(GanetiError.StorageStateWrong, $"{leftover.Node}/{leftover.Name} is no leftover any more, at a second look: it is gone, in use, another one by now, or younger than {OlderThan}.")
            {
                Target = leftover,
                RecommendedAction = $"See what there is: Get-GntLeftover {leftover.Node}. What is younger needs its -OlderThan here too.",
            };
        await Array.Find(Sources, source => source.Removes(again.Kind!.Value))!.RemoveAsync(connection, again, scene, cmdlet, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<GntLeftover> Of(LeftoverScene scene) => Sources.SelectMany(source => source.Find(scene)).Select(leftover =>
    {
        leftover.From(connection.Identity, DateTimeOffset.Now);
        return leftover;
    });

    private async Task<IReadOnlyList<LeftoverScene>> LookAsync(IReadOnlyCollection<string> nodes, Action<GanetiException, object?> failed, CancellationToken cancellationToken)
    {
        var selection = new StorageSelection { All = nodes.Count == 0 };
        selection.Nodes.UnionWith(nodes);
        var storages = new ConcurrentBag<NodeStorage>();
        await new StorageReading(connection, selection, ThrottleLimit) { Found = storages.Add, Failed = failed }.RunAsync(cancellationToken).ConfigureAwait(false);

        using var throttle = new SemaphoreSlim(ThrottleLimit);
        var read = await Task.WhenAll(storages.OrderBy(storage => storage.Name, StringComparer.Ordinal).Select(async storage =>
        {
            await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var sides = connection.Drbd.GetAsync(storage.Name, cancellationToken);
                var said = RunAsync(connection, storage.Name, NodeLeftovers.Script.With("list"), "what was left there could not be read", cancellationToken);
                var resets = DrbdResets.GetAsync(connection, storage.Name, cancellationToken);
                await Task.WhenAll(sides, said, resets).ConfigureAwait(false);
                return (Storage: storage, Sides: sides.Result, Said: NodeLeftovers.Read(said.Result.OutputText), Resets: resets.Result);
            }
            catch (GanetiException exception)
            {
                failed(exception, storage.Name);
                return default;
            }
            finally
            {
                throttle.Release();
            }
        })).ConfigureAwait(false);

        var answered = read.Where(node => node.Storage is not null).ToArray();
        var mounts = answered.Length == 0 ? [] : await connection.Mounts.GetAsync([.. answered.Select(node => node.Storage.Name)], (exception, node) => failed(exception, node), cancellationToken).ConfigureAwait(false);
        var underWay = await connection.History.GetUnderWayAsync(cancellationToken).ConfigureAwait(false);
        var knowledge = await LvmOrphans.AskAsync(connection, cancellationToken).ConfigureAwait(false);
        return
        [
            .. from node in answered
               select new LeftoverScene
               {
                   Storage = node.Storage,
                   Sides = node.Sides,
                   Said = node.Said,
                   Resets = node.Resets,
                   Mounts = [.. mounts.Where(mount => (mount.Node ?? mount.InstanceNode) == node.Storage.Name)],
                   Knowledge = knowledge,
                   UnderWay = underWay,
                   OlderThan = OlderThan,
               },
        ];
    }

    /// <summary>Runs a script on a node.</summary>
    internal static async Task<RemoteResult> RunAsync(GntConnection connection, string node, RemoteCommand command, string failure, CancellationToken cancellationToken)
    {
        var result = await GntConnection.RunAsync(await connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false), command, cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? result : throw RepairSession.Failure(node, failure, result);
    }

    /// <summary>Runs what removes something, as a step of a repair of its own, and sees with another look that it is gone.</summary>
    internal static async Task StepAsync(GntConnection connection, GntLeftover leftover, RemoteCommand command, string cmdlet, Func<NodeLeftovers, bool> isThere, CancellationToken cancellationToken)
    {
        var node = leftover.Node!;
        var session = await RepairSession.BeginAsync(connection, new RepairOrder { Cmdlet = cmdlet, Subject = leftover.ToString(), CommandLine = $"{node}: {leftover.Command}", Nodes = [node] }, cancellationToken).ConfigureAwait(false);
        await using var ending = session.ConfigureAwait(false);
        var result = await session.RunAsync(node, leftover.Command!, command, cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, $"{leftover.Name} could not be removed", result);
        }

        if (isThere(NodeLeftovers.Read((await RunAsync(connection, node, NodeLeftovers.Script.With("list"), "what was left there could not be read", cancellationToken).ConfigureAwait(false)).OutputText)))
        {
            throw new GanetiException(GanetiError.StorageChangeNotSeen, $"{leftover}: the command ended well, and yet it is still there.") { Target = leftover, RecommendedAction = $"Look at it on {node}." };
        }

        await session.DoneAsync($"{leftover}: {leftover.Command}", cancellationToken).ConfigureAwait(false);
    }
}
