using System.Management.Automation;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>Shows connected clusters and how they are configured, as <c>gnt-cluster info</c> does.</summary>
[Cmdlet(VerbsCommon.Get, "GntCluster", DefaultParameterSetName = "Name")]
[OutputType(typeof(GntCluster))]
public sealed class GetGntClusterCommand : GntClusterCommand
{
    /// <summary>Names or patterns of connected clusters; without it the default cluster.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Connections, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Connection")]
    public GntConnection[]? Connection { get; set; }

    private protected override void Process()
    {
        foreach (var connection in Connection ?? Named())
        {
            WriteObject(Await(connection.GetClusterAsync));
        }
    }

    private IReadOnlyList<GntConnection> Named()
    {
        if (Name is null)
        {
            return [ConnectionFor()];
        }

        var candidates = Cluster is null ? ConnectionPool.All : [ConnectionFor()];
        var patterns = Name.Select(name => new NamePattern(name)).ToArray();
        foreach (var missing in patterns.Where(pattern => !pattern.IsWildcard && !candidates.Any(connection => pattern.IsMatch(connection.Name))))
        {
            WriteError(new GanetiException(GanetiError.ClusterNotFound, $"No connected cluster is called '{missing}'.")
            {
                Target = missing.Text,
                RecommendedAction = "Connect first: Connect-GntCluster <master or any node>.",
            });
        }

        return [.. candidates.Where(connection => patterns.Any(pattern => pattern.IsMatch(connection.Name)))];
    }
}
