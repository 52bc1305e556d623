using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets locks that are held or waited for, as <c>gnt-debug locks</c> shows them: who holds what, and who waits for it.</summary>
[Cmdlet(VerbsCommon.Get, "GntLock", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntLock))]
public sealed class GetGntLockCommand : GetGntCommand<GntLock>
{
    private readonly HashSet<long> _jobs = [];
    private readonly HashSet<(string Level, string? Name)> _objects = [];

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
            // The master's filters can't look into who holds or waits, and the rows are few.
            case "Job":
                foreach (var job in Job!)
                {
                    _jobs.Add(job.Id ?? 0);
                    SelectOf(job, Luxi.LuxiFilter.Matches("name", "."));
                }

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

    private protected override bool IsWanted(GntLock row) =>
        (Name is not null || row.IsInUse)
        && (_jobs.Count == 0 || _jobs.Overlaps(row.OwnerJobId ?? []) || _jobs.Overlaps(row.Pending?.SelectMany(request => request.JobId ?? []) ?? []))
        && (_objects.Count == 0 || _objects.Contains((row.Level ?? string.Empty, row.ObjectName)));

    private void SelectObjects(IEnumerable<GntObject> objects, params string[] levels)
    {
        foreach (var item in objects)
        {
            _objects.UnionWith(levels.Select(level => (level, item.Key)));
            SelectOf(item, Luxi.LuxiFilter.Matches("name", "."));
        }
    }
}
