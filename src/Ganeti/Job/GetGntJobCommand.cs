using System.Management.Automation;
using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>Gets jobs that are not archived, as <c>gnt-job list</c> and <c>gnt-job info</c> show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntJob", DefaultParameterSetName = "Id")]
[OutputType(typeof(GntJob))]
public sealed class GetGntJobCommand : GetGntCommand<GntJob>
{
    private readonly List<NamePattern> _instances = [];
    private readonly List<NamePattern> _nodes = [];
    private readonly HashSet<long> _asked = [];
    private readonly HashSet<long> _found = [];

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
                SelectTouching(Resolve(Instance!, Tables.Instances), _instances, static instance => [instance.Name]);
                break;
            case "Node":
                var nodes = Resolve(Node!, Tables.Nodes);
                SelectTouching(nodes, _nodes, static node => [node.Name]);
                _instances.AddRange(nodes.SelectMany(node => node.PrimaryInstances ?? []).Select(Literal));
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
            && ((_instances.Count == 0 && _nodes.Count == 0)
                || row.InstanceNames.Any(name => _instances.Exists(pattern => Means(pattern, name)))
                || row.NodeNames.Any(name => _nodes.Exists(pattern => Means(pattern, name))));
    }

    // A job keeps the name as its submitter wrote it, perhaps without the domain.
    private static bool Means(NamePattern full, string written) => full.IsMatch(written) || Literal(written).IsMatch(full.Text);

    private static NamePattern Literal(string name) => new(NamePattern.Escape(name));

    private void SelectIds<TSource>(IEnumerable<TSource> sources, Func<TSource, IEnumerable<long>> ids)
        where TSource : GntObject
    {
        foreach (var source in sources)
        {
            var all = ids(source).ToArray();
            SelectOf(source, all.Length == 0 ? null : GntJobs.FilterFor(all));
        }
    }

    private void SelectTouching<TSource>(IEnumerable<TSource> sources, List<NamePattern> patterns, Func<TSource, IEnumerable<string?>> names)
        where TSource : GntObject
    {
        foreach (var source in sources)
        {
            patterns.AddRange(names(source).OfType<string>().Select(Literal));
            // What a job is about lies in its operations, where the master's filters do not reach.
            SelectOf(source, LuxiFilter.GreaterOrEqual("id", 0));
        }
    }
}
