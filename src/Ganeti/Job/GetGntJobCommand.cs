using System.Collections.Concurrent;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets jobs, as <c>gnt-job list</c> and <c>gnt-job info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJob))]
public sealed class GetGntJobCommand : GetGntCommand<GntJob>
{
    private readonly HashSet<(string? Cluster, string Name)> _instances = [];
    private readonly HashSet<(string? Cluster, string Name)> _nodes = [];
    private readonly HashSet<long> _asked = [];
    private readonly HashSet<long> _found = [];
    private readonly ConcurrentDictionary<string, JobSelection> _selections = [];
    private bool _isTouching;

    /// <summary>Job numbers, also of archived jobs; without it all that are not archived.</summary>
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

    /// <summary>Only jobs that have yet to begin to work, or are being canceled.</summary>
    [Parameter]
    public SwitchParameter Pending { get; set; }

    /// <summary>Only jobs that have ended, well or badly.</summary>
    [Parameter]
    public SwitchParameter Finished { get; set; }

    /// <summary>Only jobs with an operation of this kind, for example <c>INSTANCE_MIGRATE</c>, or a pattern.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OperationCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Operation { get; set; }

    /// <summary>Only jobs that came in at this time or later.</summary>
    [Parameter]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only jobs that came in before this time.</summary>
    [Parameter]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only jobs that came in this long ago or later, by the master's clock; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Newer { get; set; }

    /// <summary>Only jobs that came in longer ago, by the master's clock; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Older { get; set; }

    /// <summary>Those in the archive too. The master reads all of it: that takes a while.</summary>
    [Parameter]
    public SwitchParameter Archived { get; set; }

    /// <summary>Further fields by Ganeti's own names (<c>gnt-job list-fields</c>), as extra properties.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(JobFieldCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Field { get; set; } = [];

    private protected override IReadOnlyList<string> ExtraFields => Field;

    private protected override string NameProperty => nameof(GntJob.Id);

    // By their numbers jobs are found in the archive at no cost, so whether they are there can be said too.
    private protected override (GntTable<GntJob> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Jobs(connection) with
    {
        Table = Archived || _asked.Count > 0 || ParameterSetName is "Job" or "Lock" ? connection.Jobs.WithArchive : connection.Jobs.Table,
    };

    private protected override async Task<Luxi.LuxiFilter?> PrepareAsync(GntConnection connection, CancellationToken cancellationToken)
    {
        var now = Newer is null && Older is null ? default : await connection.MasterTimeAsync(cancellationToken).ConfigureAwait(false);
        var selection = new JobSelection
        {
            States = [.. Status ?? [], .. Pending ? JobSelection.Pending : [], .. Finished ? JobSelection.Finished : []],
            Since = Latest(Since, Newer is { } newer ? Ago(newer) : null),
            Before = Earliest(Before, Older is { } older ? Ago(older) : null),
            Operations = [.. (Operation ?? []).Select(operation => new NamePattern(operation))],
        };
        _selections[connection.Uuid] = selection;
        return selection.Filter;

        DateTimeOffset Ago(TimeSpan age) => age > now - DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : now - age;
    }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Job":
                SelectIds(Job!, static job => job.Id is { } id ? [id] : []);
                break;
            case "Lock":
                SelectIds(Lock!, static held => [.. held.OwnerJobId ?? [], .. held.WaiterIds]);
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
            WriteError(new GanetiException(GanetiError.JobNotFound, $"There is no job {missing}, neither in the queue nor in the archive.")
            {
                Target = missing,
                RecommendedAction = "See what there is with Get-GntJob.",
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
        return _selections[row.ClusterUuid!].Includes(row) && (!_isTouching || Touches(row));
    }

    private static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

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
