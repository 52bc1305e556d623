using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets jobs that are not archived, as <c>gnt-job list</c> and <c>gnt-job info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJob))]
public sealed class GetGntJobCommand : GetGntCommand<GntJob>
{
    private readonly HashSet<(string? Cluster, string Name)> _instances = [];
    private readonly HashSet<(string? Cluster, string Name)> _nodes = [];
    private readonly HashSet<long> _asked = [];
    private readonly HashSet<long> _found = [];
    private bool _isTouching;

    /// <summary>Job numbers; without it all jobs.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(JobCompleter))]
    [ValidateNotNullOrEmpty]
    public long[]? Id { get; set; }

    /// <summary>Jobs to read anew.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[]? Job { get; set; }

    /// <summary>Guests whose jobs to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose jobs to get: those that name them, and those of the guests that run there.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Locks whose holders and waiters to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Lock")]
    [ValidateNotNullOrEmpty]
    public GntLock[]? Lock { get; set; }

    /// <summary>Only jobs in these states.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public GntJobStatus[]? Status { get; set; }

    private protected override (GntTable<GntJob> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Jobs(connection);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Job":
                SelectIds(Job!, static job => job.Id is { } id ? [id] : []);
                break;
            case "Lock":
                SelectIds(Lock!, static held => [.. held.OwnerJobId ?? [], .. held.Pending?.SelectMany(request => request.JobId ?? []) ?? []]);
                break;
            case "Instance":
                SelectTouching(Resolve(Instance!, Tables.Instances), static instance => [instance.Name!], static _ => []);
                break;
            case "Node":
                SelectTouching(Resolve(Node!, Tables.Nodes), static node => node.PrimaryInstances ?? [], static node => [node.Name!]);
                break;
            default:
                if (Id is null)
                {
                    SelectByName(null);
                    break;
                }

                _asked.UnionWith(Id);
                SelectWhere(GntJobs.FilterFor(Id));
                break;
        }
    }

    private protected override void End()
    {
        base.End();
        foreach (var missing in _asked.Except(_found))
        {
            WriteError(new GanetiException(GanetiError.JobNotFound, $"There is no job {missing} in the queue.")
            {
                Target = missing,
                RecommendedAction = "Archived jobs are not listed; see what there is with Get-GntJob.",
            });
        }
    }

    private protected override bool IsWanted(GntJob row)
    {
        if (!GntJobs.Exists(row))
        {
            return false;
        }

        _found.Add(row.Id ?? 0);
        return (Status is null || Status.Contains(row.Status ?? GntJobStatus.Unrecognized))
            && (!_isTouching || Touches(row));
    }

    private void SelectIds<TSource>(IEnumerable<TSource> sources, Func<TSource, IReadOnlyCollection<long>> ids)
        where TSource : GntObject => SelectOf(sources, source => ids(source) is { Count: > 0 } all ? GntJobs.FilterFor(all) : null);

    // What a job is about lies in its operations, where the master's filters do not reach.
    private void SelectTouching<TSource>(IEnumerable<TSource> sources, Func<TSource, IEnumerable<string>> instances, Func<TSource, IEnumerable<string>> nodes)
        where TSource : GntObject => SelectAllOf(sources, source =>
        {
            _isTouching = true;
            _instances.UnionWith(instances(source).SelectMany(name => Writings(source, name)));
            _nodes.UnionWith(nodes(source).SelectMany(name => Writings(source, name)));
        });

    // A job keeps a name as its submitter wrote it: whole, or cut off before a dot.
    private static IEnumerable<(string? Cluster, string Name)> Writings(GntObject source, string name)
    {
        yield return (source.ClusterUuid, name);
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return (source.ClusterUuid, name[..dot]);
        }
    }

    private bool Touches(GntJob row) => Array.Exists(row.InstanceNames, name => _instances.Contains((row.ClusterUuid, name)))
        || Array.Exists(row.NodeNames, name => _nodes.Contains((row.ClusterUuid, name)));
}
