using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that find what resets of connections have left on nodes.</summary>
public abstract class DrbdResetListCommand : GntChangeCommand
{
    private readonly Dictionary<GntConnection, HashSet<string>> _nodes = [];

    /// <summary>Nodes to look at; without it, all that are not offline.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [Reference(typeof(GntNode))]
    [ValidateNotNullOrEmpty]
    public GntNode[]? Node { get; set; }

    /// <summary>Takes what was found.</summary>
    private protected abstract void Found(GntConnection connection, IReadOnlyList<DrbdConnectionReset> resets);

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
        Found(connection, AskNodes(connection, nodes, (node, token) => DrbdResets.GetAsync(connection, node, token)));
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
