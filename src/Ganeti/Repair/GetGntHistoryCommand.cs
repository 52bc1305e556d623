using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets what this module has done on nodes outside Ganeti's own jobs, from the journals that the nodes keep: who did what to which guest, how it ended,
/// and what a node undid by itself.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntHistory", DefaultParameterSetName = "Node")]
[OutputType(typeof(GntHistoryEntry))]
public sealed class GetGntHistoryCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, (HashSet<string> Nodes, HashSet<string> Guests)> _wanted = [];

    /// <summary>Nodes whose journals to read; without it, those of all nodes that are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Guests whose entries to get, from all nodes.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>Only entries of this time or later, by the nodes' clocks.</summary>
    [Parameter(ParameterSetName = "Node")]
    [Parameter(ParameterSetName = "Instance")]
    public DateTimeOffset? Since { get; set; }

    /// <summary>What is being repaired right now, by whom: the leases on the master.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "UnderWay")]
    public SwitchParameter UnderWay { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "UnderWay":
                WriteObject(Await(ConnectionFor().History.GetUnderWayAsync), enumerateCollection: true);
                break;
            case "Instance":
                ForEach(Resolve(Instance!, Tables.Instances), instance => WantedOn(ConnectionFor(instance)).Guests.Add(instance.Name!));
                break;
            case "Node" when Node is null:
                WantedOn(ConnectionFor());
                break;
            default:
                ForEach(Resolve(Node!, Tables.Nodes), node => WantedOn(ConnectionFor(node)).Nodes.Add(node.Name!));
                break;
        }
    }

    private protected override void End() => ForEach(_wanted, wanted =>
    {
        var (connection, (nodes, guests)) = wanted;
        var entries = AskNodes(connection, nodes, connection.History.GetAsync);
        WriteObject(entries.Where(entry => (guests.Count == 0 || guests.Contains(entry.InstanceName ?? string.Empty)) && !(entry.Time < Since)).OrderBy(entry => entry.Time), enumerateCollection: true);
    });

    private (HashSet<string> Nodes, HashSet<string> Guests) WantedOn(GntConnection connection)
    {
        if (!_wanted.TryGetValue(connection, out var wanted))
        {
            _wanted.Add(connection, wanted = (new(StringComparer.Ordinal), new(StringComparer.Ordinal)));
        }

        return wanted;
    }
}
