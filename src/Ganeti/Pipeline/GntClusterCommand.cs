using System.Management.Automation;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that act on a connected cluster.</summary>
public abstract class GntClusterCommand : GntCommand
{
    /// <summary>
    /// The connected cluster to act on: a connection, a cluster, or a name. Without it an object from the pipeline is taken to the cluster that it came
    /// from, and all else to the default cluster.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNull]
    public ClusterReference? Cluster { get; set; }

    /// <summary>The connection for an object's own cluster, or for the parameter's, or the default one.</summary>
    /// <param name="source">The object that is acted on, or null where there is none.</param>
    /// <exception cref="GanetiException">There is none, or the two disagree.</exception>
    private protected GntConnection ConnectionFor(GntObject? source = null)
    {
        var connections = RunspaceConnections.Current;
        var named = Cluster is null ? null : Find(Cluster);
        if (source?.ClusterUuid is not { } uuid)
        {
            return named ?? connections.Default ?? throw new GanetiException(GanetiError.NotConnected, connections.Leased.Count == 0 && ConnectionPool.All.Count > 1
                ? "Several clusters are connected in this process, and none of them is this session's default."
                : "No cluster is connected.")
            {
                RecommendedAction = "Connect first: Connect-GntCluster <master or any node>.",
            };
        }

        if (named is not null && named.Uuid != uuid)
        {
            throw new GanetiException(GanetiError.ClusterMismatch, $"{source} belongs to cluster {source.ClusterName ?? uuid}, not to {named.Name}.")
            {
                Target = source,
                RecommendedAction = "Leave -Cluster away: an object is always taken to its own cluster.",
            };
        }

        return named ?? connections.ForUuid(uuid) ?? throw new GanetiException(GanetiError.ClusterNotConnected, $"{source} belongs to cluster {source.ClusterName ?? uuid}, which is not connected.")
        {
            Target = source,
            RecommendedAction = $"Connect to it first: Connect-GntCluster {source.ClusterName ?? "<its master>"}.",
        };
    }

    /// <summary>Refuses an object of another cluster than what is acted on; one that has a name only is the master's to judge.</summary>
    private protected static void RequireSameCluster(GntConnection connection, object subject, GntObject? other)
    {
        if (other?.ClusterUuid is { } cluster && cluster != connection.Uuid)
        {
            throw new GanetiException(GanetiError.ClusterMismatch, $"{subject} belongs to cluster {connection.Name}, and {other} to {other.ClusterName ?? cluster}.")
            {
                Target = subject,
                RecommendedAction = "Name one of the same cluster.",
            };
        }
    }

    /// <summary>
    /// The objects that references mean: those from a pipeline are taken as they are, those that have a name only are looked up.
    /// </summary>
    private protected IReadOnlyList<TRelated> Resolve<TRelated>(IEnumerable<TRelated> references, Func<GntConnection, (GntTable<TRelated> Table, GanetiError NotFound)> source)
        where TRelated : GntObject, new()
    {
        var all = references.ToArray();
        var named = all.Where(reference => reference.ClusterUuid is null).Select(reference => new NamePattern(reference.Key ?? string.Empty)).ToArray();
        var found = all.Where(reference => reference.ClusterUuid is not null).ToList();
        if (named.Length > 0)
        {
            var (table, notFound) = source(ConnectionFor());
            var (rows, errors) = Await(token => table.ReadNamedAsync(named, notFound, configurationOnly: true, [], token));
            foreach (var error in errors)
            {
                WriteError(error);
            }

            found.AddRange(rows);
        }

        return found;
    }

    /// <summary>Does something for each item; one that fails is an error, and the others go on.</summary>
    private protected void ForEach<TItem>(IEnumerable<TItem> items, Action<TItem> action)
    {
        foreach (var item in items)
        {
            try
            {
                action(item);
            }
            catch (GanetiException exception) when (!Pipeline.ErrorRecords.EndsTheCall(exception))
            {
                WriteError(exception, item);
            }
        }
    }

    /// <summary>Refuses switches that contradict each other, before anything else.</summary>
    private protected void RefuseTogether(bool areTogether, string one, string other, string why)
    {
        if (areTogether)
        {
            Refuse($"{one} does not go with {other}: {why}.", "Leave one of them away");
        }
    }

    /// <summary>Refuses parameters that make the whole call pointless.</summary>
    private protected void Refuse(string why, string next) => ThrowTerminatingError(Pipeline.ErrorRecords.From(new GanetiException(GanetiError.ParameterInvalid, why)
    {
        RecommendedAction = $"{next}; see Get-Help {MyInvocation.MyCommand.Name} -Full.",
    }));

    /// <summary>Asks nodes at the same time; one that fails is an error, and the others go on.</summary>
    /// <param name="connection">Their cluster.</param>
    /// <param name="nodes">Their names; none stands for all that are not offline.</param>
    /// <param name="read">Asks one.</param>
    private protected IReadOnlyList<TAnswer> AskNodes<TAnswer>(GntConnection connection, IReadOnlyCollection<string> nodes, Func<string, CancellationToken, Task<IReadOnlyList<TAnswer>>> read) => Await<IReadOnlyList<TAnswer>>(async token =>
    {
        var asked = nodes.Count > 0 ? nodes : (await connection.Nodes.Table.ReadOnlyAsync(null, token, nameof(GntNode.Name), nameof(GntNode.Offline)).ConfigureAwait(false)).Where(node => node.Offline == false).Select(node => node.Name!);
        var answers = await Task.WhenAll(asked.Order(StringComparer.Ordinal).Select(async node =>
        {
            try
            {
                return await read(node, token).ConfigureAwait(false);
            }
            catch (GanetiException exception)
            {
                Post(() => WriteError(exception, node));
                return [];
            }
        })).ConfigureAwait(false);
        return [.. answers.SelectMany(answer => answer)];
    });

    /// <summary>The volumes on groups, physical volumes and devices, with the guests whose they are: each node is asked once.</summary>
    private protected IReadOnlyList<LvmVolume> VolumesOn(IEnumerable<GntObject> sources)
    {
        var selections = new Dictionary<GntConnection, StorageSelection>();
        ForEach(sources, source =>
        {
            var connection = ConnectionFor(source);
            if (!selections.TryGetValue(connection, out var selection))
            {
                selections.Add(connection, selection = new StorageSelection());
            }

            selection.Add(source);
        });
        var found = new List<LvmVolume>();
        ForEach(selections, selected => Await(new StorageReading(selected.Key, selected.Value, throttleLimit: 16)
        {
            WithOwners = true,
            Found = storage => Post(() => found.AddRange(selected.Value.VolumesIn(storage))),
            Failed = (exception, target) => Post(() => WriteError(exception, target)),
        }.RunAsync));
        return found;
    }

    internal static GntConnection Find(ClusterReference reference)
    {
        var found = reference.Among([.. RunspaceConnections.Current.Leased, .. ConnectionPool.All]);
        return found.Count switch
        {
            1 => RunspaceConnections.Current.Add(found[0], makeDefault: false),
            0 => throw new GanetiException(GanetiError.ClusterNotFound, $"No connected cluster is called '{reference}'.")
            {
                Target = reference.Text,
                RecommendedAction = ConnectionPool.All is { Count: > 0 } open
                    ? $"Connected are: {string.Join(", ", open.Select(connection => connection.Name))}."
                    : "Connect first: Connect-GntCluster <master or any node>.",
            },
            _ => throw new GanetiException(GanetiError.NameAmbiguous, $"'{reference}' could be any of the clusters {string.Join(", ", found.Select(connection => connection.Name))}.")
            {
                Target = reference.Text,
                RecommendedAction = "Write the cluster's full name.",
            },
        };
    }
}
