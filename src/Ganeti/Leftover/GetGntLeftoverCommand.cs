using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Gets what earlier work has left on nodes and nobody has any more: orphan volumes, snapshots of exports, volumes of imports, stale mappings, DRBD devices without a
/// guest, and what repairs left. Each with why it is believed to be left, and what removes it.
/// </summary>
[Cmdlet(VerbsCommon.Get, "GntLeftover")]
[OutputType(typeof(GntLeftover))]
public sealed class GetGntLeftoverCommand : GntClusterCommand
{
    private readonly Dictionary<GntConnection, HashSet<string>> _nodes = [];

    /// <summary>Nodes to look on; without it, all nodes that can have guests and are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>How old one has to be, where its age is known; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan OlderThan { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many nodes are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override void Process()
    {
        if (Node is null)
        {
            NodesOf(ConnectionFor());
            return;
        }

        ForEach(Resolve(Node, Tables.Nodes), node => NodesOf(ConnectionFor(node)).Add(node.Name!));
    }

    private protected override void End() => ForEach(_nodes, wanted =>
    {
        var (connection, nodes) = wanted;
        var leftovers = new Leftovers(connection) { OlderThan = OlderThan, ThrottleLimit = ThrottleLimit, Failed = (exception, target) => Post(() => WriteError(exception, target)) };
        WriteObject(Await(token => leftovers.FindAsync(nodes, token)), enumerateCollection: true);
    });

    private HashSet<string> NodesOf(GntConnection connection)
    {
        if (!_nodes.TryGetValue(connection, out var nodes))
        {
            _nodes.Add(connection, nodes = new(StringComparer.Ordinal));
        }

        return nodes;
    }
}
