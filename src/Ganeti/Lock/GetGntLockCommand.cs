using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets locks that are held or waited for, as <c>gnt-debug locks</c> shows them: who holds what, and who waits for it.</summary>
[Cmdlet(VerbsCommon.Get, "GntLock", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntLock))]
public sealed class GetGntLockCommand : GetGntCommand<GntLock>
{
    private readonly HashSet<(string? Cluster, long Id)> _jobs = [];
    private readonly HashSet<(string? Cluster, string? Level, string? Name)> _objects = [];
    private bool _isRelated;

    /// <summary>Names or patterns, for example <c>instance/*</c>; without it all that are held or waited for.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(LockCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Jobs whose locks to get, held or waited for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[]? Job { get; set; }

    /// <summary>Guests whose locks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Nodes whose locks to get.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    private protected override (GntTable<GntLock> Table, GanetiError NotFound) Source(GntConnection connection) => Tables.Locks(connection);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Job":
                SelectRelated(Job!, job => _jobs.Add((job.ClusterUuid, job.Id ?? 0)));
                break;
            case "Instance":
                SelectObjects(Resolve(Instance!, Tables.Instances), "instance");
                break;
            case "Node":
                SelectObjects(Resolve(Node!, Tables.Nodes), "node", "node-res");
                break;
            default:
                SelectByName(Name);
                break;
        }
    }

    private protected override bool IsWanted(GntLock row) => (Name is not null || row.IsInUse) && (!_isRelated || IsRelated(row));

    private bool IsRelated(GntLock row) => _objects.Contains((row.ClusterUuid, row.Level, row.ObjectName))
        || JobsOf(row).Any(job => _jobs.Contains((row.ClusterUuid, job)));

    private static IEnumerable<long> JobsOf(GntLock row) => [.. row.OwnerJobId ?? [], .. row.WaiterIds];

    private void SelectObjects<TSource>(IEnumerable<TSource> objects, params string[] levels)
        where TSource : GntObject => SelectRelated(objects, item => _objects.UnionWith(levels.Select(level => (item.ClusterUuid, (string?)level, item.Key))));

    // The master's filters can't look into who holds or waits, and the rows are few.
    private void SelectRelated<TSource>(IEnumerable<TSource> objects, Action<TSource> note)
        where TSource : GntObject
    {
        _isRelated = true;
        SelectAllOf(objects, note);
    }
}
